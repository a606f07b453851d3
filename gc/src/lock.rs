//! The one-byte object lock.

use crate::header::Header;
use std::sync::atomic::Ordering;

/// Holds an object's lock, or nothing if the object is private.
#[must_use]
pub struct Guard<'a>(Option<&'a Header>);

/// Locks `h` unless it is private. No Python code may run while the guard lives.
#[inline(always)]
pub fn critical(h: &Header) -> Guard<'_> {
    if h.is_private() {
        Guard(None)
    } else {
        lock_slow(h)
    }
}

#[inline(never)]
fn lock_slow(h: &Header) -> Guard<'_> {
    // Acquire pairs with the release in `drop`.
    while h
        .lock
        .compare_exchange_weak(0, 1, Ordering::Acquire, Ordering::Relaxed)
        .is_err()
    {
        std::thread::yield_now();
    }
    Guard(Some(h))
}

impl Drop for Guard<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(h) = self.0 {
            h.lock.store(0, Ordering::Release);
        }
    }
}
