//! Elements that come or go at a place that is found under the lock: it may count from the end, or be where certain elements are.

use super::{Buffer, List};
use crate::OutOfMemory;
use skein_gc::lock::critical;
use skein_gc::publish::publish;
use skein_gc::{Header, Ref, Value};

/// The place of an index that may count from the end; `None` if it is out of range.
#[inline]
pub fn place(i: i64, len: usize) -> Option<usize> {
    let i = if i < 0 { i.checked_add(len as i64)? } else { i };
    usize::try_from(i).ok().filter(|i| *i < len)
}

/// Whether an element, or none, is at `i`.
fn is_at(buffer: Buffer, i: usize, element: Option<&Ref>) -> bool {
    match element {
        None => i >= buffer.len(),
        // SAFETY: below the length.
        Some(r) => i < buffer.len() && unsafe { buffer.load(i) } == r.value(),
    }
}

impl List {
    /// Takes the element at `i`, which may count from the end, out, and closes the gap.
    pub fn remove(&self, holder: &Header, i: i64) -> Option<Ref> {
        self.take_out(holder, |buffer| place(i, buffer.len()))
    }

    /// Takes the element at `i` out if it is this one.
    pub fn remove_if(&self, holder: &Header, i: usize, element: &Ref) -> Option<Ref> {
        self.take_out(holder, |buffer| is_at(buffer, i, Some(element)).then_some(i))
    }

    /// Takes the first place out that has this element.
    pub fn remove_element(&self, holder: &Header, element: &Ref) -> Option<Ref> {
        self.take_out(holder, |buffer| {
            (0..buffer.len()).find(|i| is_at(buffer, *i, Some(element)))
        })
    }

    /// Takes the element out whose place, below the length, `choose` gives.
    fn take_out(&self, holder: &Header, choose: impl FnOnce(Buffer) -> Option<usize>) -> Option<Ref> {
        let guard = critical(holder);
        let buffer = self.buffer();
        let i = choose(buffer)?;
        // SAFETY: below the length.
        let out = unsafe { buffer.load(i) };
        Self::close_gap(holder, buffer, i, 1);
        self.shrink(holder);
        drop(guard);
        // SAFETY: the list gave this reference up.
        Some(unsafe { Ref::from_value(out) })
    }

    /// Takes `count` elements out, each `step` behind the one before, from `first` on; as many as there are.
    pub fn remove_stepped(
        &self,
        holder: &Header,
        first: usize,
        step: usize,
        count: usize,
    ) -> Result<Vec<Ref>, OutOfMemory> {
        let mut out = skein_gc::alloc::vec_with(count)?;
        let guard = critical(holder);
        let buffer = self.buffer();
        let len = buffer.len();
        let edit = buffer.edit(holder);
        let mut to = first;
        for from in first..len {
            // SAFETY: below the length, and we are the writer: each reference is taken out, or moves forward.
            unsafe {
                let element = buffer.load(from);
                if out.len() < count && (from - first).is_multiple_of(step) {
                    out.push(Ref::from_value(element));
                } else {
                    buffer.store(to, element);
                    to += 1;
                }
            }
        }
        if to < len {
            buffer.set_len(to);
            for i in to..len {
                // SAFETY: below the capacity; these references have moved or were taken.
                unsafe { buffer.store(i, Value::NULL) };
            }
        }
        drop(edit);
        self.shrink(holder);
        drop(guard);
        Ok(out)
    }

    /// Replaces the element at `i`, which may count from the end, and gives the old one back; or gives `value` back if there is none.
    pub fn replace_at(&self, holder: &Header, i: i64, value: Ref) -> Result<Ref, Ref> {
        self.set_where(holder, value, |len| place(i, len))
    }

    /// Puts an element before the one at `i`, which may count from the end, or at an end.
    pub fn insert(&self, holder: &Header, i: i64, value: Ref) -> Result<(), OutOfMemory> {
        let done = self.put_in(holder, value, |buffer| {
            let len = buffer.len() as i64;
            let i = if i < 0 { i.saturating_add(len).max(0) } else { i };
            Some(i.min(len) as usize)
        })?;
        debug_assert!(done);
        Ok(())
    }

    /// Puts an element at `i` if it comes between these two there: behind `before`, where `i` is not 0, and in front of `after`, or at
    /// the end. False if the list is not so.
    pub fn insert_between(
        &self,
        holder: &Header,
        i: usize,
        before: Option<&Ref>,
        after: Option<&Ref>,
        value: Ref,
    ) -> Result<bool, OutOfMemory> {
        self.put_in(holder, value, |buffer| {
            let fits = i <= buffer.len() && (i == 0 || is_at(buffer, i - 1, before)) && is_at(buffer, i, after);
            fits.then_some(i)
        })
    }

    /// Puts an element where `choose` says, which is at most the length; false if it says nothing.
    fn put_in(
        &self,
        holder: &Header,
        value: Ref,
        choose: impl FnOnce(Buffer) -> Option<usize>,
    ) -> Result<bool, OutOfMemory> {
        if !holder.is_private() {
            publish(value.value());
        }
        let guard = critical(holder);
        let Some(i) = choose(self.buffer()) else {
            // The lock is free before `value` is dropped.
            drop(guard);
            return Ok(false);
        };
        let buffer = match self.room_for(holder, 1) {
            Ok(buffer) => buffer,
            Err(e) => {
                drop(guard);
                return Err(e);
            }
        };
        let edit = buffer.edit(holder);
        Self::open_gap(holder, buffer, i, 1);
        // SAFETY: below the length, and what was there has moved.
        unsafe { buffer.store(i, value.into_value()) };
        drop((edit, guard));
        Ok(true)
    }
}
