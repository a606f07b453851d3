//! Data of an object that is changed as a whole: under a lock once the object is shared, without one while it is private.

use skein_gc::Header;
use skein_gc::lock::{Mutex, MutexGuard};
use std::cell::{Cell, UnsafeCell};
use std::ops::{Deref, DerefMut};

/// `T` inside an object. While a guard lives nothing is published, polled or called that may do either: a private object
/// stays so.
pub struct Guarded<T> {
    /// Taken only while the object is shared.
    lock: Mutex<()>,
    /// Whether the owner of a private object has a guard.
    busy: Cell<bool>,
    data: UnsafeCell<T>,
}

// SAFETY: `busy` and, without the lock, `data` are touched by the owner of a private object alone; else `data` is under the lock.
unsafe impl<T: Send> Sync for Guarded<T> {}

impl<T> Guarded<T> {
    pub const fn new(data: T) -> Guarded<T> {
        Guarded {
            lock: Mutex::new(()),
            busy: Cell::new(false),
            data: UnsafeCell::new(data),
        }
    }

    /// Access to the data. `holder` is the header of the object whose body the data is part of.
    ///
    /// # Panics
    /// If this thread has a guard of a private object's data already, where a shared one would dead-lock: a mistake of native
    /// code that no Python code can bring about.
    #[inline(always)]
    pub fn lock<'a>(&'a self, holder: &Header) -> Guard<'a, T> {
        let shared = if holder.is_private() {
            assert!(!self.busy.replace(true), "data locked twice");
            None
        } else {
            let guard = self.lock.lock();
            holder.touch();
            Some(guard)
        };
        Guard { of: self, shared }
    }

    /// The data of an object that is being destroyed.
    pub fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }
}

/// Access to [`Guarded`] data.
pub struct Guard<'a, T> {
    of: &'a Guarded<T>,
    /// The lock, of a shared object.
    shared: Option<MutexGuard<'a, ()>>,
}

impl<T> Drop for Guard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.shared.is_none() {
            self.of.busy.set(false);
        }
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: one guard at a time: of the owner's by `busy`, of all threads' by the lock.
        unsafe { &*self.of.data.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { &mut *self.of.data.get() }
    }
}
