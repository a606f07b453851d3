//! Imports: `__import__`, `sys.modules`, and `_imp`, on which importlib is built.

use skein_object::error::{Error, Result, key_error, raise, type_error, value_error};
use skein_object::intern::{self, names};
use skein_object::layouts::{exception, number};
use skein_object::native::{ModuleDef, Row};
use skein_object::object::{RefExt, alloc};
use skein_object::{Args, Context, ModuleBody, Ref, Slot, StrBody, dict, protocol, row, statics as s, str, tuple};
use std::cell::Cell;
use std::sync::{Once, OnceLock};
use std::time::{Duration, Instant};

static MODULES: OnceLock<Ref> = OnceLock::new();
/// `importlib._bootstrap`, once it is set up.
static BOOTSTRAP: OnceLock<Ref> = OnceLock::new();

/// `sys.modules`.
pub fn modules() -> Ref {
    MODULES
        .get_or_init(|| dict::new().unwrap_or_else(|_| std::process::abort()))
        .clone()
}

/// A module that is loaded.
pub fn loaded(_: &Context, name: &str) -> Option<Ref> {
    dict::get_name(&modules(), &intern::name(name)).filter(|m| !s::is_none(m))
}

/// A new module object with the given name.
///
/// # Errors
/// MemoryError.
pub fn new_module(name: &str) -> Result<Ref> {
    let d = dict::new()?;
    dict::set_str(&d, "__name__", intern::name(name))?;
    for key in ["__doc__", "__package__", "__loader__", "__spec__"] {
        dict::set_str(&d, key, s::none())?;
    }
    alloc(&s::MODULE, ModuleBody { dict: Slot::new(d) })
}

/// The dict of a module object.
pub fn dict_of(module: &Ref) -> Ref {
    module
        .body::<ModuleBody>()
        .and_then(|m| m.dict.get())
        .unwrap_or_else(modules)
}

/// Before importlib is there: a native module, or library code run in a bare module.
fn load_plain(cx: &Context, name: &str) -> Result<Ref> {
    if let Some(m) = loaded(cx, name) {
        return Ok(m);
    }
    if let Some(m) = crate::modules::create(cx, name)? {
        dict::set_str(&modules(), name, m.clone())?;
        return Ok(m);
    }
    match crate::library::load(name)? {
        Some(code) => run_as_module(cx, name, name, &code),
        None => Err(not_found(name)),
    }
}

/// Runs code as the module `name`, registered as `key`.
///
/// # Errors
/// What the code raises.
pub fn run_as_module(cx: &Context, name: &str, key: &str, code: &Ref) -> Result<Ref> {
    let m = new_module(name)?;
    dict::set_str(&modules(), key, m.clone())?;
    let d = dict_of(&m);
    let builtins = crate::hooks::builtins_of(cx, &d)?;
    skein_interpreter::run_code(cx, code, &d, &builtins, None, None)?;
    Ok(m)
}

fn not_found(name: &str) -> Error {
    let e = raise(&s::MODULE_NOT_FOUND_ERROR, format!("No module named '{name}'"));
    exception::set_field(&e.0, exception::IMPORT_NAME, intern::name(name));
    e
}

/// Installs importlib.
///
/// # Errors
/// What its modules raise.
pub fn install_importlib(cx: &Context, sys: &Ref) -> Result<()> {
    let Some(code) = crate::library::load("importlib._bootstrap")? else {
        return Err(not_found("importlib._bootstrap"));
    };
    let imp = load_plain(cx, "_imp")?;
    let b = run_as_module(cx, "_frozen_importlib", "_frozen_importlib", &code)?;
    // What FrozenImporter takes the module's origin from.
    dict::set_str(&dict_of(&b), "__origname__", str::from_str("importlib._bootstrap")?)?;
    let install = protocol::getattr_str(cx, &b, "_install")?;
    protocol::call(cx, &install, &[sys.clone(), imp])?;
    skein_gc::publish::publish(b.value());
    let _ = BOOTSTRAP.set(b.clone());
    let external = protocol::getattr_str(cx, &b, "_install_external_importers")?;
    protocol::call0(cx, &external)?;
    import_module(cx, "_skein_importlib_bootstrap")?;
    Ok(())
}

/// `importlib.import_module(name)` for absolute names: the module itself, not its top package.
///
/// # Errors
/// ImportError; what the module raises.
pub fn import_module(cx: &Context, name: &str) -> Result<Ref> {
    let name = intern::name(name);
    find_and_load(cx, &name)
}

fn find_and_load(cx: &Context, name: &Ref) -> Result<Ref> {
    if let Some(m) = dict::get_name(&modules(), name) {
        if s::is_none(&m) {
            let e = raise(
                &s::MODULE_NOT_FOUND_ERROR,
                format!("import of {} halted; None in sys.modules", str::text(name)),
            );
            exception::set_field(&e.0, exception::IMPORT_NAME, name.clone());
            return Err(e);
        }
        if let Some(b) = BOOTSTRAP.get()
            && initializing(cx, &m)
        {
            let wait = protocol::getattr_str(cx, b, "_lock_unlock_module")?;
            protocol::call1(cx, &wait, name)?;
        }
        if crate::start::import_time() == 2 {
            time_line(
                "cached",
                "cached    ",
                &format!("{}{}", "  ".repeat(DEPTH.get()), str::text(name)),
            );
        }
        return Ok(m);
    }
    match BOOTSTRAP.get() {
        Some(b) => {
            let load = protocol::getattr_str(cx, b, "_find_and_load")?;
            let import = match dict::get_name(&crate::start::builtins_dict(), names::__import__()) {
                Some(i) => i,
                None => return Err(raise(&s::IMPORT_ERROR, "__import__ not found")),
            };
            let loaded = match crate::start::import_time() {
                0 => protocol::call(cx, &load, &[name.clone(), import]),
                _ => timed(name, || protocol::call(cx, &load, &[name.clone(), import])),
            };
            match loaded {
                Ok(m) => Ok(m),
                Err(e) => {
                    trim(&e);
                    Err(e)
                }
            }
        }
        None => load_plain(cx, &str::text(name)),
    }
}

thread_local! {
    /// Imports that run, and the time that those inside of the innermost took.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static INSIDE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// A line of `-X importtime`.
fn time_line(own: &str, all: &str, name: &str) {
    static HEADER: Once = Once::new();
    // Nobody sees what cannot be written.
    HEADER.call_once(|| eprintln!("import time: self [us] | cumulative | imported package"));
    eprintln!("import time: {own:>9} | {all:>10} | {name}");
}

/// Runs an import and tells how long it took.
fn timed(name: &Ref, load: impl FnOnce() -> Result<Ref>) -> Result<Ref> {
    let depth = DEPTH.get();
    DEPTH.set(depth + 1);
    let before = INSIDE.replace(Duration::ZERO);
    let start = Instant::now();
    let r = load();
    let all = start.elapsed();
    let own = all.saturating_sub(INSIDE.replace(before + all));
    DEPTH.set(depth);
    if r.is_ok() {
        let name = format!("{}{}", "  ".repeat(depth), str::text(name));
        time_line(&own.as_micros().to_string(), &all.as_micros().to_string(), &name);
    }
    r
}

/// Takes importlib's own frames out of a traceback, as CPython does.
fn trim(e: &Error) {
    use skein_object::ExceptionBody;
    use skein_object::layouts::exception::TracebackBody;
    let Some(b) = e.0.body::<ExceptionBody>() else { return };
    let always = e.is(&s::IMPORT_ERROR);
    let library = |tb: &TracebackBody| {
        let code = tb
            .frame
            .body::<skein_interpreter::frame_object::FrameBody>()
            .map(|f| f.code.clone());
        let Some(code) = code else { return (false, false) };
        let Some(c) = code.body::<skein_object::CodeBody>() else {
            return (false, false);
        };
        let file = str::text(&c.filename);
        let ours = file.ends_with("/importlib/_bootstrap.py")
            || file.ends_with("/importlib/_bootstrap_external.py")
            || file.ends_with("/_skein_importlib_bootstrap.py");
        (ours, str::text(&c.name) == "_call_with_frames_removed")
    };
    // Chunks of importlib frames are dropped: all of them for ImportError, else those that end in the marker function.
    let mut list = Vec::new();
    let mut at = b.traceback.get();
    while let Some(t) = at {
        at = t.body::<TracebackBody>().and_then(|b| b.next.get());
        list.push(t);
    }
    let mut keep = Vec::new();
    let mut chunk: Vec<Ref> = Vec::new();
    let mut marked = false;
    for t in list {
        let Some(body) = t.body::<TracebackBody>() else {
            continue;
        };
        let (ours, marker) = library(body);
        if ours {
            marked |= marker;
            chunk.push(t);
        } else {
            if !(always || marked) {
                keep.append(&mut chunk);
            }
            chunk.clear();
            marked = false;
            keep.push(t);
        }
    }
    if !(always || marked) {
        keep.append(&mut chunk);
    }
    let mut next: Option<Ref> = None;
    for t in keep.into_iter().rev() {
        if let Some(body) = t.body::<TracebackBody>() {
            drop(body.next.set(t.holder(), next.take()));
        }
        next = Some(t);
    }
    drop(b.traceback.set(e.0.holder(), next));
}

fn initializing(cx: &Context, module: &Ref) -> bool {
    let Some(spec) = dict::get_name(&dict_of(module), names::__spec__()).filter(|x| !s::is_none(x)) else {
        return false;
    };
    static NAME: OnceLock<Ref> = OnceLock::new();
    let name = NAME.get_or_init(|| intern::name("_initializing"));
    matches!(protocol::getattr_opt(cx, &spec, name), Ok(Some(v)) if protocol::is_true(cx, &v).unwrap_or(false))
}

/// The package that a relative import starts from.
fn package_of(cx: &Context, globals: &Ref) -> Result<String> {
    let text = |k: &Ref| dict::get_name(globals, k).filter(|v| !s::is_none(v));
    if let Some(p) = text(names::__package__()) {
        if !str::is_str(&p) {
            return Err(type_error("package must be a string"));
        }
        return Ok(str::text(&p));
    }
    if let Some(spec) = text(names::__spec__())
        && let Some(p) = protocol::getattr_opt(cx, &spec, &intern::name("parent"))?
        && str::is_str(&p)
    {
        return Ok(str::text(&p));
    }
    let Some(name) = text(names::__name__()) else {
        return Err(key_error(&str::from_str("'__name__' not in globals")?));
    };
    let name = str::text(&name);
    if dict::get_name(globals, names::__path__()).is_some() {
        return Ok(name);
    }
    Ok(name.rsplit_once('.').map_or_else(String::new, |(p, _)| p.to_owned()))
}

/// `__import__(name, globals, locals, fromlist, level)`.
///
/// # Errors
/// ImportError, TypeError, ValueError; what the module raises.
pub fn import(cx: &Context, name: &Ref, globals: &Ref, _: Option<&Ref>, fromlist: &Ref, level: &Ref) -> Result<Ref> {
    if !str::is_str(name) {
        return Err(type_error("module name must be a string"));
    }
    let level = level.as_int().unwrap_or(0);
    if level < 0 {
        return Err(value_error("level must be >= 0"));
    }
    let absolute = if level > 0 {
        let text = str::text(name);
        let package = package_of(cx, globals)?;
        if package.is_empty() {
            return Err(raise(
                &s::IMPORT_ERROR,
                "attempted relative import with no known parent package",
            ));
        }
        let mut base = package.as_str();
        for _ in 1..level {
            match base.rsplit_once('.') {
                Some((b, _)) => base = b,
                None => {
                    return Err(raise(
                        &s::IMPORT_ERROR,
                        "attempted relative import beyond top-level package",
                    ));
                }
            }
        }
        intern::name(&if text.is_empty() {
            base.to_owned()
        } else {
            format!("{base}.{text}")
        })
    } else {
        if name.body::<StrBody>().is_some_and(StrBody::is_empty) {
            return Err(value_error("Empty module name"));
        }
        intern::intern(name)
    };
    let module = find_and_load(cx, &absolute)?;
    if protocol::is_true(cx, fromlist)? {
        if protocol::getattr_opt(cx, &module, names::__path__())?.is_some()
            && let Some(b) = BOOTSTRAP.get()
            && missing_submodule(cx, &module, fromlist)?
        {
            let handle = protocol::getattr_str(cx, b, "_handle_fromlist")?;
            let import = dict::get_name(&crate::start::builtins_dict(), names::__import__()).unwrap_or_else(s::none);
            return protocol::call(cx, &handle, &[module, fromlist.clone(), import]);
        }
        return Ok(module);
    }
    let plain = |b: &StrBody| b.as_ascii().is_some_and(|t| !t.contains('.'));
    if level == 0 && absolute.body::<StrBody>().is_some_and(plain) {
        return Ok(module);
    }
    let (full, text) = (str::text(&absolute), str::text(name));
    if level == 0 {
        return match full.split_once('.') {
            Some((top, _)) => find_and_load(cx, &intern::name(top)),
            None => Ok(module),
        };
    }
    if text.is_empty() {
        return Ok(module);
    }
    match text.split_once('.') {
        Some((front, _)) => {
            let cut = full.len() - (text.len() - front.len());
            match dict::get_name(&modules(), &intern::name(full.get(..cut).unwrap_or(&full))) {
                Some(m) => Ok(m),
                None => Err(key_error(&absolute)),
            }
        }
        None => Ok(module),
    }
}

/// Whether importlib has to look at the names: one is `*`, no string, or not an attribute yet.
fn missing_submodule(cx: &Context, module: &Ref, fromlist: &Ref) -> Result<bool> {
    let Some(items) = tuple::items(fromlist) else {
        return Ok(true);
    };
    for n in items {
        if !str::is_str(n) || is_star(n) || protocol::getattr_opt(cx, module, n)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_star(name: &Ref) -> bool {
    name.body::<StrBody>().and_then(StrBody::as_ascii) == Some("*")
}

/// `_imp`: what importlib's Python code asks of the interpreter.
pub static IMP: ModuleDef = ModuleDef {
    name: "_imp",
    doc: "(Extremely) low-level import machinery bits as used by importlib.",
    functions: FUNCTIONS,
    init: |_, d| {
        dict::set_str(d, "check_hash_based_pycs", str::from_str("default")?)?;
        // "SK" and the version of the code format: no pyc file of another interpreter has it.
        // The upper half is a line end, as CPython's; the lower one tells compiled files of another compiler.
        let number = (skein_library::FINGERPRINT >> 32) as u16;
        dict::set_str(d, "pyc_magic_number_token", Ref::small(0x0a0d_0000 | i32::from(number)))
    },
};

static IMPORT_LOCK: skein_gc::lock::ReentrantMutex<()> = skein_gc::lock::ReentrantMutex::new(());

/// Takes the import lock, once more if this thread has it. A fork takes it too, as CPython's does: the child has no use for a lock whose
/// holder is not there.
pub fn take_lock() {
    // Its holder runs Python code, and so may stand still until this thread does.
    match IMPORT_LOCK.try_lock() {
        Some(guard) => std::mem::forget(guard),
        None => skein_gc::mutator::detached(|| std::mem::forget(IMPORT_LOCK.lock())),
    }
}

/// Gives up what [`take_lock`] took.
pub fn give_up_lock() {
    let held = crate::threads::release_import_lock(&IMPORT_LOCK);
    debug_assert!(held);
}

/// Modules that are made from library code while importlib is not complete: name, and name in the library.
static FROZEN: &[(&str, &str)] = &[
    ("_frozen_importlib", "importlib._bootstrap"),
    ("_frozen_importlib_external", "importlib._bootstrap_external"),
    ("_skein_importlib_bootstrap", "_skein_importlib_bootstrap"),
    ("zipimport", "zipimport"),
];

fn frozen(name: &str) -> Option<&'static str> {
    FROZEN.iter().find(|(n, _)| *n == name).map(|(_, l)| *l)
}

static FUNCTIONS: &[Row] = &[
    row!(
        "acquire_lock()",
        |_, _| {
            take_lock();
            Ok(s::none())
        },
        "Acquires the interpreter's import lock for the current thread."
    ),
    row!("release_lock()", release_lock, "Release the interpreter's import lock."),
    row!(
        "lock_held()",
        |_, _| Ok(number::bool(IMPORT_LOCK.is_locked())),
        "Return True if the import lock is currently held."
    ),
    row!(
        "is_builtin(name, /)",
        |_, a| Ok(Ref::small(crate::modules::is_native(&str::text(a.at(0))) as i32)),
        "Returns True if the module name corresponds to a built-in module."
    ),
    row!(
        "is_frozen(name, /)",
        |_, a| Ok(number::bool(frozen(&str::text(a.at(0))).is_some())),
        "Returns True if the module name corresponds to a frozen module."
    ),
    row!(
        "is_frozen_package(name, /)",
        |_, _| Ok(s::false_()),
        "Returns True if the module name is of a frozen package."
    ),
    row!(
        "find_frozen(name, /, *, withdata=False)",
        find_frozen,
        "Return info about the corresponding frozen module (if there is one) or None."
    ),
    row!(
        "get_frozen_object(name, data=None, /)",
        get_frozen_object,
        "Create a code object for a frozen module."
    ),
    row!("create_builtin(spec, /)", create_builtin, "Create an extension module."),
    row!(
        "exec_builtin(mod, /)",
        |_, _| Ok(Ref::small(0)),
        "Initialize a built-in module."
    ),
    row!(
        "extension_suffixes()",
        |_, _| skein_object::list::new(Vec::new()),
        "Returns the list of file suffixes used to identify extension modules."
    ),
    row!(
        "_fix_co_filename(code, path, /)",
        |_, _| Ok(s::none()),
        "Changes code.co_filename to specify the passed-in path."
    ),
    row!("source_hash(key, source)", source_hash, ""),
    row!(
        "_override_frozen_modules_for_tests(override, /)",
        |_, _| Ok(s::none()),
        "(internal-only) Override PyConfig.use_frozen_modules."
    ),
    row!(
        "_override_multi_interp_extensions_check(override, /)",
        |_, _| Ok(Ref::small(0)),
        "(internal-only)"
    ),
    row!(
        "_frozen_module_names()",
        |_, _| skein_object::list::new(Vec::new()),
        "(internal-only)"
    ),
];

fn release_lock(_: &Context, _: Args<'_>) -> Result<Ref> {
    if crate::threads::release_import_lock(&IMPORT_LOCK) {
        Ok(s::none())
    } else {
        Err(skein_object::error::runtime_error("not holding the import lock"))
    }
}

fn find_frozen(_: &Context, a: Args<'_>) -> Result<Ref> {
    match frozen(&str::text(a.at(0))) {
        Some(origin) => tuple::new(vec![s::none(), s::false_(), str::from_str(origin)?]),
        None => Ok(s::none()),
    }
}

fn get_frozen_object(_: &Context, a: Args<'_>) -> Result<Ref> {
    let name = str::text(a.at(0));
    match frozen(&name).map(crate::library::load).transpose()?.flatten() {
        Some(code) => Ok(code),
        None => Err(raise(&s::IMPORT_ERROR, format!("No such frozen object named {name}"))),
    }
}

fn create_builtin(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let name = protocol::getattr_str(cx, a.at(0), "name")?;
    let text = str::text(&name);
    if let Some(m) = loaded(cx, &text) {
        return Ok(m);
    }
    match crate::modules::create(cx, &text)? {
        Some(m) => Ok(m),
        None => Err(not_found(&text)),
    }
}

/// SipHash is not needed for correctness here: the hash only has to change with the source.
fn source_hash(_: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(b) = a.at(1).body::<skein_object::BytesBody>() else {
        return Err(type_error("a bytes-like object is required"));
    };
    let mut h: u64 = 0xcbf2_9ce4_8422_2325 ^ a.at(0).as_int().unwrap_or(0) as u64;
    for c in b.as_slice() {
        h = (h ^ *c as u64).wrapping_mul(0x100_0000_01b3);
    }
    str::bytes(&h.to_le_bytes())
}
