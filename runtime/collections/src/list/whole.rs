//! The contents as a whole: taken out, put back, exchanged.

use super::{Buffer, List, empty_head};
use crate::OutOfMemory;
use skein_gc::lock::critical;
use skein_gc::publish::publish;
use skein_gc::{Header, Ref};
use std::mem::ManuallyDrop;
use std::sync::atomic::AtomicPtr;

impl List {
    /// Empties the list; the elements are dropped when the lock is free again.
    pub fn clear(&self, holder: &Header) {
        drop(self.exchange(holder, List::new()));
    }

    /// Takes all elements out, leaving the list empty (`sort`).
    pub fn take_all(&self, holder: &Header) -> Result<Vec<Ref>, OutOfMemory> {
        let guard = critical(holder);
        let old = self.buffer();
        let mut out = Vec::new();
        if out.try_reserve_exact(old.len()).is_err() {
            return Err(OutOfMemory);
        }
        self.put(Self::nothing());
        for i in 0..old.len() {
            // SAFETY: below the length; the buffer is not the list's any more, so the references are ours.
            out.push(unsafe { Ref::from_value(old.load(i)) });
        }
        Self::release(holder, old);
        drop(guard);
        Ok(out)
    }

    fn nothing() -> Buffer {
        // SAFETY: the empty head is static.
        unsafe { Buffer::new(empty_head()) }
    }

    /// Puts elements back that `take_all` gave. What was added meanwhile is given back: if it is not empty, the list was
    /// changed while it was being sorted. If the list is shared, others may have added that: it stays, behind what is put back.
    pub fn put_back(&self, holder: &Header, items: Vec<Ref>) -> Result<List, OutOfMemory> {
        if !holder.is_private() {
            return self.replace_range(holder, 0, 0, items).map(|_| List::new());
        }
        let new = List::from_vec(items)?;
        Ok(self.exchange(holder, new))
    }

    /// Replaces the contents and gives the old ones back, for dropping.
    pub fn exchange(&self, holder: &Header, new: List) -> List {
        let new = ManuallyDrop::new(new).buffer();
        let private = holder.is_private();
        if !private {
            for i in 0..new.len() {
                // SAFETY: below the length.
                publish(unsafe { new.load(i) });
            }
        }
        let guard = critical(holder);
        let old = self.buffer();
        self.put(new);
        drop(guard);
        if private || old.capacity() == 0 {
            return List {
                head: AtomicPtr::new(old.0.as_ptr()),
            };
        }
        // Readers may still be in the old buffer, so it is retired, and its references go elsewhere.
        let len = old.len();
        let gone = List::with_capacity(len);
        for i in 0..len {
            // SAFETY: taken out above, so the references are ours. The new list has room for all, and nothing in it yet.
            unsafe {
                match &gone {
                    Ok(gone) => gone.buffer().store(i, old.load(i)),
                    Err(OutOfMemory) => drop(Ref::from_value(old.load(i))),
                }
            }
        }
        Self::release(holder, old);
        match gone {
            Ok(gone) => {
                if len > 0 {
                    gone.buffer().set_len(len);
                }
                gone
            }
            Err(OutOfMemory) => List::new(),
        }
    }
}
