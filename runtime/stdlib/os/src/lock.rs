//! A lock that is held across calls of Python code, and knows which thread holds it.
//!
//! Who waits for it is detached, so the holder may run anything, and be stopped. Not for data that the collector traces.
//!
//! As a holder may run anything, it may come to wait for another such lock: a text object's holder for that of the buffer below, and
//! the buffer's, whose raw file is written in Python, for the text object's. Who would close such a circle does not wait, but is
//! told that the lock cannot be had, as if it held it already.

use skein_gc::lock::{Mutex, MutexGuard};
use skein_object::Context;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct OwnedMutex<T> {
    /// Address of the holder's context; 0: free. Written by the holder, under the lock.
    owner: Arc<AtomicUsize>,
    inner: Mutex<T>,
}

/// A thread that waits for a lock.
struct Waiter {
    thread: usize,
    /// Who has it now.
    owner: Arc<AtomicUsize>,
    /// Of the child of a fork the others are gone.
    process: u32,
}

/// Held for moments, by attached threads, so not in the middle of a fork.
static WAITERS: Mutex<Vec<Waiter>> = Mutex::new(Vec::new());

/// Enters a thread that is about to wait; false if it would wait for itself. It has written the owner of each lock that it has before
/// it comes here: of the threads in a circle, the one that comes last sees all of them.
fn enter(thread: usize, owner: &Arc<AtomicUsize>) -> bool {
    let process = std::process::id();
    let mut waiters = WAITERS.lock();
    waiters.retain(|w| w.process == process);
    // Relaxed: see above; the lock of the list orders what matters.
    let mut next = owner.load(Ordering::Relaxed);
    for _ in 0..=waiters.len() {
        if next == thread {
            return false;
        }
        match waiters.iter().find(|w| w.thread == next) {
            Some(w) => next = w.owner.load(Ordering::Relaxed),
            None => break,
        }
    }
    waiters.push(Waiter {
        thread,
        owner: owner.clone(),
        process,
    });
    true
}

fn leave(thread: usize) {
    WAITERS.lock().retain(|w| w.thread != thread);
}

pub struct OwnedGuard<'a, T> {
    owner: &'a AtomicUsize,
    guard: MutexGuard<'a, T>,
}

impl<T> OwnedMutex<T> {
    pub fn new(value: T) -> OwnedMutex<T> {
        OwnedMutex {
            owner: Arc::new(AtomicUsize::new(0)),
            inner: Mutex::new(value),
        }
    }

    /// Takes the lock; `None` if this thread holds it already, or its holder waits for this thread.
    #[inline]
    pub fn lock<'a>(&'a self, cx: &Context) -> Option<OwnedGuard<'a, T>> {
        let me = std::ptr::from_ref(cx).addr();
        let guard = match self.inner.try_lock() {
            Some(g) => g,
            // Relaxed: the value can be this thread's own only if this thread wrote it.
            None if self.owner.load(Ordering::Relaxed) == me => return None,
            None => self.wait(me)?,
        };
        self.owner.store(me, Ordering::Relaxed);
        Some(OwnedGuard {
            owner: &self.owner,
            guard,
        })
    }

    #[cold]
    fn wait(&self, me: usize) -> Option<MutexGuard<'_, T>> {
        if !enter(me, &self.owner) {
            return None;
        }
        let guard = skein_gc::mutator::detached(|| self.inner.lock());
        leave(me);
        Some(guard)
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
