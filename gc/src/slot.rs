//! A reference field of an object, and the one helper that writes it.

use crate::header::Header;
use crate::publish::publish;
use crate::value::{Ref, Value};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU64, Ordering};

/// A field that holds an owned reference or null.
#[repr(transparent)]
pub struct Slot(AtomicU64);

impl Slot {
    pub const fn empty() -> Slot {
        Slot(AtomicU64::new(0))
    }

    /// A field of an object under construction.
    pub fn new(value: Ref) -> Slot {
        Slot(AtomicU64::new(value.into_value().0))
    }

    pub fn from_option(value: Option<Ref>) -> Slot {
        Slot(AtomicU64::new(value.map_or(0, |r| r.into_value().0)))
    }

    /// The bits, unowned: valid until the next poll of this thread.
    #[inline(always)]
    pub fn load(&self) -> Value {
        // Acquire pairs with the release in `set`: the object behind the pointer is seen whole.
        Value(self.0.load(Ordering::Acquire))
    }

    /// A new reference to what the field holds.
    #[inline(always)]
    pub fn get(&self) -> Option<Ref> {
        let v = self.load();
        if v.is_null() {
            None
        } else {
            // SAFETY: if another thread drops the last reference now, the object is freed only after this thread's next
            // poll, and there is none between the load and the increment.
            Some(unsafe { Ref::copy_of(v) })
        }
    }

    /// What the field holds, without counting it.
    ///
    /// # Safety
    /// This thread does not poll while the result is used.
    #[inline(always)]
    pub unsafe fn peek(&self) -> Option<ManuallyDrop<Ref>> {
        let v = self.load();
        // SAFETY: not null, and not dropped; the object lives until this thread polls.
        (!v.is_null()).then(|| ManuallyDrop::new(unsafe { Ref::from_value(v) }))
    }

    #[inline(always)]
    pub fn is_null(&self) -> bool {
        self.load().is_null()
    }

    /// Stores `new` and gives the old reference back; the caller drops it when it holds no lock. Publishes `new` first if
    /// `holder` is shared. Needs no lock of its own: concurrent calls each get a different old reference.
    #[inline(always)]
    pub fn set(&self, holder: &Header, new: Option<Ref>) -> Option<Ref> {
        let bits = new.map_or(0, |r| r.into_value().0);
        let old = if holder.is_private() {
            // Relaxed: the owner alone reads and writes a private object.
            let old = self.0.load(Ordering::Relaxed);
            self.0.store(bits, Ordering::Relaxed);
            old
        } else {
            publish(Value(bits));
            holder.touch();
            // Release pairs with the acquire in `load`; acquire with the release of whoever stored the old one.
            let old = self.0.swap(bits, Ordering::AcqRel);
            holder.touch_again();
            old
        };
        if old == 0 {
            None
        } else {
            // SAFETY: the field owned the old reference and it has just been taken out.
            Some(unsafe { Ref::from_value(Value(old)) })
        }
    }

    /// Takes the reference out of an object that is being destroyed.
    pub fn take_dead(&mut self) -> Option<Ref> {
        let old = std::mem::take(self.0.get_mut());
        if old == 0 {
            None
        } else {
            // SAFETY: the field owned the reference and is empty now.
            Some(unsafe { Ref::from_value(Value(old)) })
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        drop(self.take_dead());
    }
}
