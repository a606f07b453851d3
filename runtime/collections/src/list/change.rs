//! Several places at once, for operations that read without a lock first.

use super::List;
use crate::OutOfMemory;
use skein_gc::lock::critical;
use skein_gc::publish::publish;
use skein_gc::{Header, Ref};
use std::mem::ManuallyDrop;

impl List {
    /// Lets `f` put the elements into another order under the lock, where it neither polls nor runs Python code. False, with nothing done,
    /// if `f` has changed nothing and says so.
    pub fn rearrange(&self, holder: &Header, f: impl FnOnce(&mut Vec<Ref>) -> bool) -> Result<bool, OutOfMemory> {
        let guard = critical(holder);
        let buffer = self.buffer();
        let len = buffer.len();
        let mut all = ManuallyDrop::new(skein_gc::alloc::vec_with(len)?);
        // SAFETY: below the length; the list owns them, so the vector does not drop them.
        all.extend((0..len).map(|i| unsafe { Ref::from_value(buffer.load(i)) }));
        let done = f(&mut all);
        debug_assert_eq!(all.len(), len);
        if done {
            let edit = buffer.edit(holder);
            for (i, r) in all.iter().enumerate().take(len) {
                // SAFETY: below the length, and we are the writer; each reference is there once, as before.
                unsafe { buffer.store(i, r.word()) };
            }
            drop(edit);
        }
        drop(guard);
        // The memory alone.
        // SAFETY: nothing is left in it.
        unsafe { all.set_len(0) };
        ManuallyDrop::into_inner(all);
        Ok(done)
    }

    /// Compares and changes in one step: if there are `len` elements, and those at the places of `seen` are (still) these, the
    /// elements of `new` take their places, all below `new_len`, and the length becomes `new_len`: one less, as many, or one more, which
    /// `new` has then. Gives what was replaced, for dropping; `None` if the list is not as it was seen.
    pub fn change_if(
        &self,
        holder: &Header,
        len: usize,
        seen: &[(usize, Ref)],
        new: Vec<(usize, Ref)>,
        new_len: usize,
    ) -> Result<Option<Vec<Ref>>, OutOfMemory> {
        let more = new.iter().filter(|(i, _)| *i >= len).count();
        if new.iter().any(|(i, _)| *i >= new_len) || new_len.abs_diff(len) > 1 || more != usize::from(new_len > len) {
            debug_assert!(false, "not a change that can be made");
            return Ok(None);
        }
        let mut old = skein_gc::alloc::vec_with(new.len() + 1)?;
        if !holder.is_private() {
            new.iter().for_each(|(_, r)| publish(r.value()));
        }
        let guard = critical(holder);
        let buffer = self.buffer();
        // SAFETY: below the length.
        let is_seen = |(i, r): &(usize, Ref)| *i < len && unsafe { buffer.load(*i) } == r.value();
        if buffer.len() != len || !seen.iter().all(is_seen) {
            return Ok(None);
        }
        let buffer = self.room_for(holder, new_len.saturating_sub(len))?;
        let edit = buffer.edit(holder);
        for (i, r) in new {
            // SAFETY: below the new length, for which there is room, and we are the writer. What was below the old one is taken out;
            // behind it was nothing.
            unsafe {
                if i < len {
                    old.push(Ref::from_value(buffer.load(i)));
                }
                buffer.store(i, r.into_value());
            }
        }
        if new_len > len {
            buffer.set_len(new_len);
        } else if new_len < len {
            old.push(Self::take_last(holder, buffer, new_len));
        }
        drop(edit);
        if new_len < len {
            // Afterwards: it may free the buffer.
            self.shrink(holder);
        }
        drop(guard);
        Ok(Some(old))
    }
}
