//! The module `sys`.

pub mod functions;
mod monitoring;
pub mod structseq;

use crate::start::Config;
use crate::structseq;
use skein_object::error::{Error, Result};
use skein_object::layouts::number;
use skein_object::native::module_function;
use skein_object::object::{RefExt, alloc};
use skein_object::{Context, ExceptionBody, ModuleBody, Ref, Slot, dict, intern, list, statics as s, str, tuple};

structseq!(version_info VERSION_INFO "sys.version_info" 0 major 1 minor 2 micro 3 releaselevel 4 serial);
structseq!(flags FLAGS "sys.flags" 0 debug 1 inspect 2 interactive 3 optimize 4 dont_write_bytecode 5 no_user_site 6 no_site
    7 ignore_environment 8 verbose 9 bytes_warning 10 quiet 11 hash_randomization 12 isolated 13 dev_mode 14 utf8_mode
    15 warn_default_encoding 16 safe_path 17 int_max_str_digits 18 gil 19 thread_inherit_context 20 context_aware_warnings);
structseq!(float_info FLOAT_INFO "sys.float_info" 0 max 1 max_exp 2 max_10_exp 3 min 4 min_exp 5 min_10_exp 6 dig 7 mant_dig
    8 epsilon 9 radix 10 rounds);
structseq!(int_info INT_INFO "sys.int_info" 0 bits_per_digit 1 sizeof_digit 2 default_max_str_digits 3 str_digits_check_threshold);
structseq!(hash_info HASH_INFO "sys.hash_info" 0 width 1 modulus 2 inf 3 nan 4 imag 5 algorithm 6 hash_bits 7 seed_bits 8 cutoff);
structseq!(thread_info THREAD_INFO "sys.thread_info" 0 name 1 lock 2 version);
structseq!(unraisable UNRAISABLE "sys.UnraisableHookArgs" 0 exc_type 1 exc_value 2 exc_traceback 3 err_msg 4 object);
structseq!(asyncgen_hooks ASYNCGEN_HOOKS "sys.asyncgen_hooks" 0 firstiter 1 finalizer);

/// Completes the types.
///
/// # Errors
/// MemoryError.
pub fn ready() -> Result<()> {
    version_info::ready()?;
    flags::ready()?;
    float_info::ready()?;
    int_info::ready()?;
    hash_info::ready()?;
    thread_info::ready()?;
    unraisable::ready()?;
    asyncgen_hooks::ready()
}

/// The version of the language: CPython's, whose library is embedded.
pub const VERSION: (i32, i32, i32) = (3, 14, 0);

fn text(t: &str) -> Result<Ref> {
    str::from_str(t)
}

fn version_tuple() -> Result<Ref> {
    version_info::new(vec![
        Ref::small(VERSION.0),
        Ref::small(VERSION.1),
        Ref::small(VERSION.2),
        text("final")?,
        Ref::small(0),
    ])
}

/// `sys.version`.
pub fn version_text() -> String {
    format!(
        "{}.{}.{} (Skein {}) [free-threading build, Rust]",
        VERSION.0,
        VERSION.1,
        VERSION.2,
        env!("CARGO_PKG_VERSION")
    )
}

/// Makes the module.
///
/// # Errors
/// MemoryError.
pub fn create(cx: &Context, config: &Config) -> Result<Ref> {
    let d = dict::new()?;
    let set = |k: &str, v: Ref| dict::set_str(&d, k, v);
    let name = intern::name("sys");
    set("__name__", name.clone())?;
    set(
        "__doc__",
        text(
            "This module provides access to some objects used or maintained by the\ninterpreter and to functions that interact strongly with the interpreter.",
        )?,
    )?;
    for k in ["__package__", "__loader__", "__spec__"] {
        set(k, s::none())?;
    }
    for row in functions::FUNCTIONS {
        set(row.name(), module_function(row, &name)?)?;
    }
    for k in ["displayhook", "excepthook", "breakpointhook", "unraisablehook"] {
        if let Some(f) = dict::get_name(&d, &intern::name(k)) {
            set(&format!("__{k}__"), f)?;
        }
    }
    set("modules", crate::import::modules())?;
    for k in ["path_hooks", "meta_path"] {
        set(k, list::new(Vec::new())?)?;
    }
    set("path", strings(&config.module_path())?)?;
    set("path_importer_cache", dict::new()?)?;
    set("argv", arguments(&config.argv)?)?;
    set("orig_argv", arguments(&config.orig_argv)?)?;
    set("warnoptions", strings(&config.warn_options)?)?;
    let options = dict::new()?;
    for x in &config.x_options {
        match x.split_once('=') {
            Some((k, v)) => dict::set_str(&options, k, text(v)?)?,
            None => dict::set_str(&options, x, s::true_())?,
        }
    }
    set("_xoptions", options)?;
    set("version", text(&version_text())?)?;
    set("version_info", version_tuple()?)?;
    set("hexversion", number::int(0x030e_00f0)?)?;
    set("api_version", Ref::small(1013))?;
    set(
        "copyright",
        text("Copyright (c) the Skein authors. The library: Copyright (c) 2001 Python Software Foundation.")?,
    )?;
    set("platform", text("linux")?)?;
    set(
        "byteorder",
        text(if cfg!(target_endian = "little") {
            "little"
        } else {
            "big"
        })?,
    )?;
    set("maxsize", number::int(i64::MAX)?)?;
    set("maxunicode", Ref::small(0x10_ffff))?;
    set("float_repr_style", text("short")?)?;
    set("abiflags", text("t")?)?;
    set("platlibdir", text("lib")?)?;
    set("executable", text(&config.executable)?)?;
    set("_base_executable", text(&config.executable)?)?;
    let prefix = config.prefix();
    for k in ["prefix", "exec_prefix", "base_prefix", "base_exec_prefix"] {
        set(k, text(&prefix)?)?;
    }
    set("_stdlib_dir", text(crate::library::root())?)?;
    set("_framework", text("")?)?;
    let prefix = match &config.pycache_prefix {
        Some(p) => text(p)?,
        None => s::none(),
    };
    set("pycache_prefix", prefix)?;
    set("dont_write_bytecode", number::bool(config.dont_write_bytecode))?;
    set("_git", tuple::new(vec![text("Skein")?, text("")?, text("")?])?)?;
    set(
        "builtin_module_names",
        tuple::new(crate::modules::names().into_iter().map(text).collect::<Result<_>>()?)?,
    )?;
    let mut library: Vec<&str> = skein_library::modules()
        .iter()
        .map(|m| m.name)
        .filter(|n| !n.contains('.'))
        .collect();
    library.extend(crate::modules::names());
    library.sort_unstable();
    library.dedup();
    let names = library.into_iter().map(text).collect::<Result<_>>()?;
    set("stdlib_module_names", skein_object::layouts::set::frozen(names)?)?;
    set("flags", config_flags(config)?)?;
    set("float_info", float_tuple()?)?;
    set(
        "int_info",
        int_info::new(vec![Ref::small(30), Ref::small(4), Ref::small(4300), Ref::small(640)])?,
    )?;
    set("hash_info", hash_tuple()?)?;
    set(
        "thread_info",
        thread_info::new(vec![text("pthread")?, text("futex")?, s::none()])?,
    )?;
    set("implementation", implementation(cx)?)?;
    for (name, module) in monitoring::modules(cx)? {
        set(name, module)?;
    }
    alloc(&s::MODULE, ModuleBody { dict: Slot::new(d) })
}

fn arguments(of: &[std::ffi::OsString]) -> Result<Ref> {
    use std::os::unix::ffi::OsStrExt;
    let decoded = of.iter().map(|a| skein_stdlib_os::path::decode(a.as_bytes()));
    list::new(decoded.collect::<Result<_>>()?)
}

fn strings(list_of: &[String]) -> Result<Ref> {
    list::new(list_of.iter().map(|t| text(t)).collect::<Result<_>>()?)
}

fn config_flags(c: &Config) -> Result<Ref> {
    let int = |b: bool| Ref::small(b as i32);
    flags::new(vec![
        int(c.debug),
        int(c.inspect),
        int(c.interactive),
        Ref::small(c.optimize as i32),
        int(c.dont_write_bytecode),
        int(c.no_user_site),
        int(c.no_site),
        int(c.ignore_environment),
        Ref::small(c.verbose as i32),
        Ref::small(c.bytes_warning as i32),
        int(c.quiet),
        int(c.hash_seed != Some(0)),
        int(c.isolated),
        number::bool(c.dev_mode),
        Ref::small(1),
        int(false),
        number::bool(c.safe_path),
        Ref::small(c.int_max_str_digits.unwrap_or(4300)),
        Ref::small(0),
        Ref::small(1),
        Ref::small(1),
    ])
}

fn float_tuple() -> Result<Ref> {
    float_info::new(vec![
        number::float(f64::MAX)?,
        Ref::small(f64::MAX_EXP),
        Ref::small(f64::MAX_10_EXP),
        number::float(f64::MIN_POSITIVE)?,
        Ref::small(f64::MIN_EXP),
        Ref::small(f64::MIN_10_EXP),
        Ref::small(f64::DIGITS as i32),
        Ref::small(f64::MANTISSA_DIGITS as i32),
        number::float(f64::EPSILON)?,
        Ref::small(2),
        Ref::small(1),
    ])
}

fn hash_tuple() -> Result<Ref> {
    hash_info::new(vec![
        Ref::small(64),
        number::int((1 << 61) - 1)?,
        Ref::small(314_159),
        Ref::small(0),
        Ref::small(1_000_003),
        text("foldmul")?,
        Ref::small(64),
        Ref::small(64),
        Ref::small(0),
    ])
}

fn implementation(cx: &Context) -> Result<Ref> {
    let d = dict::new()?;
    dict::set_str(&d, "name", text("skein")?)?;
    dict::set_str(&d, "cache_tag", text("skein-314")?)?;
    dict::set_str(&d, "version", version_tuple()?)?;
    dict::set_str(&d, "hexversion", number::int(0x030e_00f0)?)?;
    dict::set_str(&d, "_multiarch", text("x86_64-linux-gnu")?)?;
    dict::set_str(&d, "supports_isolated_interpreters", s::false_())?;
    namespace(cx, &d)
}

/// A `types.SimpleNamespace` with the dict's entries.
fn namespace(cx: &Context, d: &Ref) -> Result<Ref> {
    let ns = skein_object::protocol::call0(cx, &skein_types::type_::namespace::NAMESPACE.object())?;
    for (k, v) in dict::entries(d) {
        skein_object::protocol::setattr(cx, &ns, &k, &v)?;
    }
    Ok(ns)
}

/// The argument of `sys.unraisablehook`.
///
/// # Errors
/// MemoryError.
pub fn unraisable_args(e: &Error, message: Option<&str>, object: &Ref) -> Result<Ref> {
    let tb =
        e.0.body::<ExceptionBody>()
            .and_then(|b| b.traceback.get())
            .unwrap_or_else(s::none);
    let message = match message {
        Some(m) => text(m)?,
        None => s::none(),
    };
    unraisable::new(vec![e.0.ty().object(), e.0.clone(), tb, message, object.clone()])
}
