//! A lock that is held across calls of Python code, and knows which thread holds it.
//!
//! Who waits for it is detached, so the holder may run anything, and be stopped. Not for data that the collector traces.

use skein_gc::lock::{Mutex, MutexGuard};
use skein_object::Context;
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct OwnedMutex<T> {
    /// Address of the holder's context; 0: free. Written by the holder, under the lock.
    owner: AtomicUsize,
    inner: Mutex<T>,
}

pub struct OwnedGuard<'a, T> {
    owner: &'a AtomicUsize,
    guard: MutexGuard<'a, T>,
}

impl<T> OwnedMutex<T> {
    pub const fn new(value: T) -> OwnedMutex<T> {
        OwnedMutex {
            owner: AtomicUsize::new(0),
            inner: Mutex::new(value),
        }
    }

    /// Takes the lock; `None` if this thread holds it already.
    #[inline]
    pub fn lock<'a>(&'a self, cx: &Context) -> Option<OwnedGuard<'a, T>> {
        let me = std::ptr::from_ref(cx).addr();
        let guard = match self.inner.try_lock() {
            Some(g) => g,
            // Relaxed: the value can be this thread's own only if this thread wrote it.
            None if self.owner.load(Ordering::Relaxed) == me => return None,
            None => skein_gc::mutator::detached(|| self.inner.lock()),
        };
        self.owner.store(me, Ordering::Relaxed);
        Some(OwnedGuard {
            owner: &self.owner,
            guard,
        })
    }

    /// Takes the lock if it is free.
    pub fn try_lock<'a>(&'a self, cx: &Context) -> Option<OwnedGuard<'a, T>> {
        let guard = self.inner.try_lock()?;
        self.owner.store(std::ptr::from_ref(cx).addr(), Ordering::Relaxed);
        Some(OwnedGuard {
            owner: &self.owner,
            guard,
        })
    }
}

impl<T> Drop for OwnedGuard<'_, T> {
    fn drop(&mut self) {
        self.owner.store(0, Ordering::Relaxed);
    }
}

impl<T> std::ops::Deref for OwnedGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> std::ops::DerefMut for OwnedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}
