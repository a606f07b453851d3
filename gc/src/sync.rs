//! Atomics and locks: the standard ones and our own, or loom's in the models of `tests/loom`.

#[cfg(not(loom))]
pub use crate::lock::Mutex;
#[cfg(not(loom))]
pub use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};

/// Loom's, with the interface of our own.
#[cfg(loom)]
pub struct Mutex<T>(loom::sync::Mutex<T>);

#[cfg(loom)]
impl<T> Mutex<T> {
    pub fn new(value: T) -> Mutex<T> {
        Mutex(loom::sync::Mutex::new(value))
    }

    pub fn lock(&self) -> loom::sync::MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A full fence, right after an atomic exchange by this thread, or by one that this thread has synchronised with since: on x86 such an exchange is
/// one itself, so there it costs nothing (Linux: `smp_mb__after_atomic`).
#[cfg(not(loom))]
#[inline(always)]
pub fn fence_after_exchange() {
    if cfg!(all(target_arch = "x86_64", not(miri))) {
        std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}
