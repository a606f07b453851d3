//! What Python code may learn of collections: `gc.callbacks`, and the debugging flags of `gc.set_debug`.

use crate::value::Ref;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A moment of a collection on a thread that runs Python code.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    Start { generation: usize },
    Stop { generation: usize, collected: usize },
}

static OBSERVER: AtomicPtr<()> = AtomicPtr::new(null_mut());
static SCRUTINY: AtomicPtr<()> = AtomicPtr::new(null_mut());

/// `observer` is told of each collection but those of the collector's thread. It may run Python code; errors are its own affair.
pub fn set_observer(observer: fn(Event)) {
    // Release pairs with the acquire in `tell`.
    OBSERVER.store(observer as *mut (), Ordering::Release);
}

/// `scrutiny` is shown what is garbage after its finalisers have run, on a thread that runs Python code, and says whether it stays.
/// `None`: nobody wants to see it.
pub fn set_scrutiny(scrutiny: Option<fn(&[Ref]) -> bool>) {
    // Release pairs with the acquire in `scrutinise`.
    SCRUTINY.store(scrutiny.map_or(null_mut(), |f| f as *mut ()), Ordering::Release);
}

fn tell(event: Event) {
    // Acquire pairs with the release in `set_observer`.
    let observer = OBSERVER.load(Ordering::Acquire);
    if !observer.is_null() {
        // SAFETY: only `set_observer` writes it.
        unsafe { std::mem::transmute::<*mut (), fn(Event)>(observer)(event) };
    }
}

/// Runs a collection of a generation.
pub(super) fn around(generation: usize, collect: impl FnOnce() -> usize) -> usize {
    tell(Event::Start { generation });
    let collected = collect();
    tell(Event::Stop { generation, collected });
    collected
}

/// Whether somebody wants to see what is garbage.
pub(super) fn is_scrutinised() -> bool {
    // Relaxed: a hint.
    !SCRUTINY.load(Ordering::Relaxed).is_null()
}

/// Shows what is garbage to who wants to see it; whether it stays.
pub(super) fn scrutinise(garbage: &[Ref]) -> bool {
    // Acquire pairs with the release in `set_scrutiny`.
    let scrutiny = SCRUTINY.load(Ordering::Acquire);
    if scrutiny.is_null() || garbage.is_empty() {
        return false;
    }
    // SAFETY: only `set_scrutiny` writes it.
    unsafe { std::mem::transmute::<*mut (), fn(&[Ref]) -> bool>(scrutiny)(garbage) }
}
