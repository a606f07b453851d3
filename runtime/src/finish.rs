//! The end of the process: threads, modules.
//!
//! Threads that are no daemons are waited for; the others stand still for ever at their next poll. Then modules are
//! emptied, in CPython's order, so that the finalisers of what they hold run.

use skein_object::object::RefExt;
use skein_object::{Context, Ref, dict, intern, protocol, statics as s, str};
use skein_stdlib_core::weakref;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long the end waits for daemon threads to come to a poll.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// How long it waits for a module to die that nobody seems to have: some ticks of the reaper.
const GRACE: Duration = Duration::from_millis(8);

/// The `warnings` module, or None if it is not needed, since modules have been emptied: what is finalised then may warn, as CPython's native
/// warnings do to the end.
static WARNINGS: OnceLock<Ref> = OnceLock::new();

/// See [`WARNINGS`]; nothing before that.
pub fn warnings() -> Option<&'static Ref> {
    WARNINGS.get()
}

/// Keeps the `warnings` module. Where nobody has imported it, it only knows more than `warn` does if there are options.
fn keep_warnings(cx: &Context, sys: &Ref) {
    let loaded = crate::import::loaded(cx, "warnings").filter(|m| !s::is_none(m));
    let options = dict::get_name(sys, &intern::name("warnoptions"));
    let module = match loaded {
        None if options.is_some_and(|o| protocol::is_true(cx, &o).unwrap_or(false)) => {
            crate::import::import_module(cx, "warnings").ok()
        }
        loaded => loaded,
    };
    let _ = WARNINGS.set(module.unwrap_or_else(s::none));
}

/// Waits for all threads that are no daemons, after what `threading` does at its end.
pub fn join_threads(cx: &Context) {
    if let Some(threading) = crate::import::loaded(cx, "threading").filter(|m| !s::is_none(m))
        && let Err(e) =
            protocol::getattr_str(cx, &threading, "_shutdown").and_then(|shutdown| protocol::call0(cx, &shutdown))
    {
        crate::report::unraisable(cx, e, Some("Exception ignored on threading shutdown"), &threading);
    }
    crate::threads::wait_for_all(cx);
    #[cfg(feature = "verify")]
    crate::audit::check();
}

fn module_dict(module: &Ref) -> Option<Ref> {
    module.body::<skein_object::ModuleBody>().and_then(|m| m.dict.get())
}

/// Sets names to None: those with one underscore first, then the others but `__builtins__`.
fn clear_dict(d: &Ref) {
    for private in [true, false] {
        for (k, v) in dict::entries(d) {
            if !str::is_str(&k) || s::is_none(&v) {
                continue;
            }
            let name = str::text(&k);
            let is_private = name.starts_with('_') && !name.starts_with("__");
            if is_private == private && name != "__builtins__" {
                // What cannot be stored stays.
                let _ = dict::set_name(d, &k, s::none());
            }
        }
    }
}

/// Runs the finalisers of the values of a dict that nothing else holds, as long as all its names are there.
fn finalize_values(d: &Ref) {
    for (_, v) in dict::entries(d) {
        let Some(h) = v.header() else { continue };
        // One reference is the dict's, one is ours.
        if let Some(finalizer) = h.class().finalize.get()
            && h.references_held() <= 2
            && h.set_flag(skein_gc::header::flag::FINALIZED)
        {
            finalizer(&v);
        }
    }
    // The others may lie in cycles.
    let is_left = |v: &Ref| {
        v.header()
            .is_some_and(|h| h.class().finalize.get().is_some() && !h.has_flag(skein_gc::header::flag::FINALIZED))
    };
    if dict::entries(d).iter().any(|(_, v)| is_left(v)) {
        skein_gc::cycle::collect_from(d);
    }
}

/// Whether nobody has a module any more. Where there have been threads it dies a little later than its last reference.
fn is_dead(weak: &Ref) -> bool {
    let end = Instant::now() + GRACE;
    while weakref::target(weak).is_some() {
        if skein_gc::publish::is_alone() || Instant::now() >= end {
            return false;
        }
        skein_gc::mutator::detached(|| std::thread::sleep(GRACE / 16));
        skein_gc::mutator::poll();
    }
    true
}

/// Empties all modules. `sys`, `builtins` and what warns keep what finalisers that run later may need.
pub fn clear_modules(cx: &Context) {
    let Some(sys) = crate::import::loaded(cx, "sys").as_ref().and_then(module_dict) else {
        return;
    };
    keep_warnings(cx, &sys);
    for name in [
        "path",
        "argv",
        "ps1",
        "ps2",
        "last_exc",
        "last_type",
        "last_value",
        "last_traceback",
        "path_hooks",
        "path_importer_cache",
        "meta_path",
        "__interactivehook__",
    ] {
        if dict::get_name(&sys, &intern::name(name)).is_some() {
            let _ = dict::set_str(&sys, name, s::none());
        }
    }
    for name in ["stdin", "stdout", "stderr"] {
        if let Some(f) = dict::get_name(&sys, &intern::name(&format!("__{name}__"))) {
            let _ = dict::set_str(&sys, name, f);
        }
    }
    let modules = crate::import::modules();
    let list: Vec<(String, Ref)> = dict::entries(&modules)
        .into_iter()
        .filter(|(k, m)| str::is_str(k) && module_dict(m).is_some())
        .map(|(k, m)| (str::text(&k), m))
        .collect();
    // A module's dict outlives it where functions refer to it.
    let mut watched = Vec::new();
    for (name, module) in list {
        if !matches!(name.as_str(), "sys" | "builtins" | "warnings" | "_py_warnings")
            && let Ok(weak) = weakref::create(&weakref::REF, &module, None)
            && let Some(d) = module_dict(&module)
        {
            watched.push((name.clone(), weak, d));
        }
        let _ = dict::set_str(&modules, &name, s::none());
    }
    let _ = protocol::call_method(cx, &modules, &intern::name("clear"), &[]);
    skein_gc::cycle::collect_with(skein_gc::cycle::Sweep::Never);
    // The program's own names first, if nobody has the module: what they hold may need the library's.
    for (name, weak, d) in &watched {
        if name == "__main__" && is_dead(weak) {
            finalize_values(d);
            clear_dict(d);
            skein_gc::cycle::collect_with(skein_gc::cycle::Sweep::Never);
        }
    }
    while let Some((_, weak, d)) = watched.pop() {
        clear_dict(&d);
        drop((weak, d));
    }
    skein_gc::cycle::collect_with(skein_gc::cycle::Sweep::Never);
}
