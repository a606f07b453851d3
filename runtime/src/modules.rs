//! The native modules, by name.

use skein_object::error::Result;
use skein_object::native::{ModuleDef, make_module};
use skein_object::{Context, Ref};

/// Tables of the crates that have native modules.
static TABLES: &[&[&ModuleDef]] = &[
    OWN,
    skein_stdlib_core::MODULES,
    skein_stdlib_codecs::MODULES,
    skein_stdlib_compress::MODULES,
    skein_stdlib_containers::MODULES,
    skein_stdlib_functional::MODULES,
    skein_stdlib_hashes::MODULES,
    skein_stdlib_io::MODULES,
    skein_stdlib_language::MODULES,
    skein_stdlib_net::MODULES,
    skein_stdlib_numeric::MODULES,
    skein_stdlib_posix::MODULES,
    skein_stdlib_text::MODULES,
];

/// Modules of this crate.
static OWN: &[&ModuleDef] = &[
    &crate::import::IMP,
    &crate::internals::INTERNALS,
    &crate::library::SKEIN,
    &crate::threads::THREAD,
];

fn find(name: &str) -> Option<&'static ModuleDef> {
    TABLES.iter().flat_map(|t| t.iter()).find(|d| d.name == name).copied()
}

/// Whether there is a native module of that name.
pub fn is_native(name: &str) -> bool {
    matches!(name, "sys" | "builtins") || find(name).is_some()
}

/// Names of all native modules, sorted.
pub fn names() -> Vec<&'static str> {
    let mut out: Vec<&str> = TABLES
        .iter()
        .flat_map(|t| t.iter())
        .map(|d| d.name)
        .chain(["sys", "builtins"])
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Makes a native module; `None` if there is none of that name.
///
/// # Errors
/// What its initialisation raises.
pub fn create(cx: &Context, name: &str) -> Result<Option<Ref>> {
    find(name).map(|d| make_module(cx, d)).transpose()
}

/// Calls the callback of a weak reference whose object has died.
pub fn call_weakref_callback(cx: &Context, weakref: &Ref) {
    skein_stdlib_core::weakref::run_callback(cx, weakref);
}

/// Runs Python signal handlers; only in the main thread.
///
/// # Errors
/// What a handler raises.
pub fn run_signal_handlers(cx: &Context) -> Result<()> {
    skein_stdlib_posix::signal::run_handlers(cx)
}

/// Makes `sys.stdin`, `sys.stdout` and `sys.stderr`.
///
/// # Errors
/// What `_io` raises.
pub fn install_streams(cx: &Context, config: &crate::start::Config) -> Result<()> {
    use skein_object::{dict, protocol};
    use skein_stdlib_io::stdio::{Options, stdio};
    let sys = crate::import::dict_of(&crate::import::import_module(cx, "sys")?);
    for (fd, name) in [(0, "stdin"), (1, "stdout"), (2, "stderr")] {
        let options = Options {
            encoding: "utf-8",
            errors: if fd == 2 { "backslashreplace" } else { "strict" },
            unbuffered: config.unbuffered,
            line_buffering: fd == 2,
        };
        let f = if crate::descriptors::was_closed(fd) {
            skein_object::statics::none()
        } else {
            stdio(cx, fd, fd != 0, options)?
        };
        dict::set_str(&sys, &format!("__{name}__"), f.clone())?;
        dict::set_str(&sys, name, f)?;
    }
    let io = crate::import::import_module(cx, "_io")?;
    let open = protocol::getattr_str(cx, &io, "open")?;
    dict::set_str(&crate::start::builtins_dict(), "open", open)
}

/// Runs what `atexit` has registered.
pub fn run_exit_functions(cx: &Context) {
    skein_stdlib_core::atexit::run(cx);
}

/// Acts as if a signal had come.
pub fn simulate_signal(number: i32) {
    skein_stdlib_posix::signal::simulate(number);
}
