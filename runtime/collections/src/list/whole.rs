//! The contents as a whole: taken out, put back, exchanged.

use super::{Buffer, List, empty_head};
use crate::OutOfMemory;
use skein_gc::lock::critical;
use skein_gc::publish::publish;
use skein_gc::{Header, Ref};
use std::mem::ManuallyDrop;
use std::sync::atomic::AtomicPtr;

/// What `take_all` took out of a list, and room for as much, so that there is always memory to put it back.
pub struct Taken {
    /// As many as were taken.
    pub items: Vec<Ref>,
    room: List,
}

impl List {
    /// Empties the list; the elements are dropped when the lock is free again.
    pub fn clear(&self, holder: &Header) {
        drop(self.exchange(holder, List::new()));
    }

    /// Takes all elements out, leaving the list empty (`sort`).
    pub fn take_all(&self, holder: &Header) -> Result<Taken, OutOfMemory> {
        let guard = critical(holder);
        let old = self.buffer();
        let len = old.len();
        let mut items = skein_gc::alloc::vec_with(len)?;
        // Readers of a shared list may still be in its buffer; that of a private one is the room.
        let private = holder.is_private();
        let other = if private {
            List::new()
        } else {
            List::with_capacity(len)?
        };
        self.put(Self::nothing());
        // SAFETY: below the length; the buffer is not the list's any more, so the references are ours.
        items.extend((0..len).map(|i| unsafe { Ref::from_value(old.load(i)) }));
        let room = if private && old.capacity() > 0 {
            old.set_len(0);
            List {
                head: AtomicPtr::new(old.0.as_ptr()),
            }
        } else {
            Self::release(holder, old);
            other
        };
        drop(guard);
        Ok(Taken { items, room })
    }

    fn nothing() -> Buffer {
        // SAFETY: the empty head is static.
        unsafe { Buffer::new(empty_head()) }
    }

    /// Puts elements back that `take_all` gave. What was added meanwhile is given back: if it is not empty, the list was
    /// changed while it was being sorted. If the list is shared, others may have added that: it stays, behind what is put back,
    /// if there is memory for both.
    pub fn put_back(&self, holder: &Header, taken: Taken) -> List {
        let Taken { items, room } = taken;
        let mut buffer = room.buffer();
        let len = items.len().min(buffer.capacity());
        for (i, item) in items.into_iter().take(len).enumerate() {
            // SAFETY: below the capacity, and the slots hold nothing.
            unsafe { buffer.store(i, item.into_value()) };
        }
        if len > 0 {
            buffer.set_len(len);
        }
        if holder.is_private() {
            return self.exchange(holder, room);
        }
        for i in 0..len {
            // SAFETY: below the length.
            publish(unsafe { buffer.load(i) });
        }
        let guard = critical(holder);
        let old = self.buffer();
        let added = old.len();
        if len + added > buffer.capacity() {
            match buffer.resize(len + added) {
                Ok(larger) => buffer = larger,
                Err(OutOfMemory) => {
                    drop(guard);
                    return self.exchange(holder, room);
                }
            }
        }
        for i in 0..added {
            // SAFETY: there is room; the references move with their bits.
            unsafe { buffer.store(len + i, old.load(i)) };
        }
        if added > 0 {
            buffer.set_len(len + added);
        }
        // The buffer is the list's now, and that of the room may have been freed.
        std::mem::forget(room);
        self.put(buffer);
        Self::release(holder, old);
        drop(guard);
        List::new()
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
