//! `_thread`: threads, locks, thread-local data.

use skein_object::error::Result;
use skein_object::native::{ModuleDef, Row};
use skein_object::{Context, Ref, dict, row, statics as s};

pub static THREAD: ModuleDef = ModuleDef {
    name: "_thread",
    doc: "This module provides primitive operations to write multi-threaded programs.",
    functions: FUNCTIONS,
    init,
};

fn init(_: &Context, d: &Ref) -> Result<()> {
    dict::set_str(d, "error", s::RUNTIME_ERROR.object())
}

static FUNCTIONS: &[Row] =
    &[row!("get_ident()", |cx, _| skein_object::layouts::number::int(cx.ident.get() as i64), "Identify of the current thread.")];

/// Releases one level of a reentrant lock whose guard was forgotten.
pub fn release_import_lock(lock: &parking_lot::ReentrantMutex<()>) {
    debug_assert!(lock.is_owned_by_current_thread());
    // SAFETY: the current thread owns the lock through a guard that was forgotten.
    #[allow(unsafe_code)]
    unsafe {
        lock.force_unlock();
    }
}

/// Waits for all threads that are no daemons.
pub fn wait_for_all(_cx: &Context) {}
