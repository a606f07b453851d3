//! Publication: making an object and all that it reaches shared (invariant P).

use crate::class::Visitor;
use crate::header::flag;
use crate::value::Value;
use std::sync::atomic::{AtomicBool, Ordering};

/// The process has one thread and has said so: nothing needs to be published yet. The first thread start makes all that
/// exists shared at once (`registry::make_everything_shared`).
static ALONE: AtomicBool = AtomicBool::new(false);

/// Says that the calling thread is the only one that touches objects, until `make_everything_shared` is called. Objects
/// then stay private, although they are stored in static ones.
pub fn set_alone(alone: bool) {
    // Relaxed: read by the thread that writes it; others are started after it was cleared.
    ALONE.store(alone, Ordering::Relaxed);
}

/// Whether the process has one thread and has said so: then no register holds an uncounted reference.
#[inline(always)]
pub fn is_alone() -> bool {
    // Relaxed: see `set_alone`.
    ALONE.load(Ordering::Relaxed)
}

/// Makes the object behind `v` shared, and everything private that it reaches. No native recursion.
#[inline(always)]
pub fn publish(v: Value) {
    // SAFETY: the caller holds a reference to `v`.
    if let Some(h) = unsafe { v.header() }
        && h.is_private()
    {
        publish_slow(v);
    }
}

#[cold]
#[inline(never)]
fn publish_slow(v: Value) {
    // Relaxed: see `set_alone`.
    if ALONE.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: the caller holds a reference to `v`.
    if let Some(h) = unsafe { v.header() }
        && !h.class().is_container()
        && !h.has_flag(flag::WEAK)
    {
        // Release: as below.
        h.owner.store(0, Ordering::Release);
        return;
    }
    // Most objects reach nothing private but by a word or two: no memory is asked for before there is something to remember.
    let mut work = Vec::new();
    let mut next = Some(v);
    while let Some(v) = next {
        // SAFETY: reachable from the root that the caller holds, and private objects do not change meanwhile.
        if let Some(h) = unsafe { v.header() }
            && h.is_private()
        {
            // Release pairs with the acquire in `is_shared_and_alive`: a collector may find the object before anybody stores it.
            h.owner.store(0, Ordering::Release);
            let mut visit = |child: Value| {
                // SAFETY: children of a live object are alive.
                if let Some(c) = unsafe { child.header() }
                    && c.is_private()
                {
                    work.push(child);
                }
            };
            // SAFETY: the object is alive and of this class.
            unsafe { (h.class().trace.get())(h, &mut Visitor::publishing(&mut visit)) };
            if h.has_flag(flag::WEAK) {
                crate::weak::each(h, &mut visit);
            }
        }
        next = work.pop();
    }
}

/// Publishes `v`, which is about to be stored in `holder`, if that is shared.
pub fn publish_like(holder: &crate::header::Header, v: Value) {
    if !holder.is_private() {
        holder.touch();
        publish(v);
    }
}
