//! Copies of elements from one list to another.

use super::{Buffer, List};
use crate::OutOfMemory;
use skein_gc::lock::critical;
use skein_gc::{Header, Ref, Value, many};
use std::sync::atomic::AtomicPtr;

impl List {
    /// A copy of one moment, for an object that is being made.
    pub fn copy(&self, holder: &Header) -> Result<List, OutOfMemory> {
        self.copy_range(holder, 0, usize::MAX)
    }

    /// A list of copies of references, which are those of fields, or owned ones.
    ///
    /// # Safety
    /// Their words are canonical.
    pub unsafe fn of_refs(items: &[Ref]) -> Result<List, OutOfMemory> {
        // SAFETY: by the caller's promise; a Ref is a word.
        unsafe { List::of_slots(items.as_ptr().cast(), items.len()) }
    }

    /// A list of new references to what `count` slots of a private list hold.
    ///
    /// # Safety
    /// They hold live, canonical values.
    #[inline]
    unsafe fn of_slots(from: *const u64, count: usize) -> Result<List, OutOfMemory> {
        if count == 0 {
            return Ok(List::new());
        }
        // SAFETY: as the caller's.
        unsafe { List::of_some_slots(from, count) }
    }

    /// # Safety
    /// As for `of_slots`, and there is at least one.
    #[inline(never)]
    unsafe fn of_some_slots(from: *const u64, count: usize) -> Result<List, OutOfMemory> {
        let buffer = Buffer::allocate(count)?;
        // SAFETY: by the caller's promise; the capacity is `count`.
        unsafe { many::copy(from, buffer.slots(), count) };
        buffer.set_len(count);
        Ok(List {
            head: AtomicPtr::new(buffer.0.as_ptr()),
        })
    }

    /// A copy of up to `count` elements from `start` on, of one moment, for an object that is being made.
    pub fn copy_range(&self, holder: &Header, start: usize, count: usize) -> Result<List, OutOfMemory> {
        let (items, len) = self.private_items(holder);
        if !items.is_null() {
            let start = start.min(len);
            // SAFETY: below the length of a private list.
            return unsafe { List::of_slots(items.add(start), count.min(len - start)) };
        }
        let new = List::new();
        new.append_moment(self, holder, start, count)?;
        Ok(new)
    }

    /// The elements of one moment, up to `count` from `start` on, of a list that other threads may be changing, as counted words.
    /// `room` gives space for so many words.
    pub(super) fn copy_moment(
        &self,
        holder: &Header,
        start: usize,
        count: usize,
        mut room: impl FnMut(usize) -> Result<*mut u64, OutOfMemory>,
    ) -> Result<usize, OutOfMemory> {
        let clip = |buffer: Buffer| count.min(buffer.len().saturating_sub(start));
        let buffer = self.buffer();
        let mut expected = clip(buffer);
        let to = room(expected)?;
        // Without the lock, which would be a shared write and would make readers wait for each other.
        if let Some(seen) = buffer.head().edits.seen()
            && clip(buffer) == expected
        {
            let mut whole = true;
            for k in 0..expected {
                // SAFETY: below the length; there is room for as many.
                unsafe {
                    let word = buffer.load(start + k).0;
                    whole &= word != 0;
                    *to.add(k) = word;
                }
            }
            if whole && buffer.head().edits.same(seen) {
                // SAFETY: elements of one moment, which live until this thread polls.
                unsafe { many::count(to, expected) };
                return Ok(expected);
            }
        }
        // Whether the list is longer by then is seen under the lock, under which nothing is allocated.
        loop {
            let to = room(expected)?;
            let guard = critical(holder);
            let buffer = self.buffer();
            let n = clip(buffer);
            if n > expected {
                drop(guard);
                expected = n;
                continue;
            }
            for k in 0..n {
                // SAFETY: below the length of a locked or private list, which holds it; there is room for as many.
                unsafe { *to.add(k) = buffer.load(start + k).0 };
            }
            // SAFETY: written just now; the list holds them.
            unsafe { many::count(to, n) };
            drop(guard);
            return Ok(n);
        }
    }

    /// Copies of `count` elements of a private list from `start` on, `step` apart, for an object that is being made; `None` if it is
    /// shared or has no such elements.
    pub fn copy_stepped(
        &self,
        holder: &Header,
        start: usize,
        step: isize,
        count: usize,
    ) -> Result<Option<List>, OutOfMemory> {
        let (items, len) = self.private_items(holder);
        let last = (count as isize - 1)
            .checked_mul(step)
            .and_then(|d| d.checked_add(start as isize));
        if items.is_null() || count == 0 || start >= len || last.is_none_or(|l| l < 0 || l as usize >= len) {
            return Ok(None);
        }
        List::from_exact(
            count,
            (0..count).map(|i| {
                // SAFETY: between the first and the last element, which lie below the length.
                unsafe {
                    let at = start.wrapping_add_signed(step.wrapping_mul(i as isize));
                    Ref::copy_of(Value(*items.add(at)))
                }
            }),
        )
        .map(Some)
    }

    /// The elements of this list and of another, for an object that is being made.
    pub fn concat(&self, holder: &Header, other: &List, other_holder: &Header) -> Result<List, OutOfMemory> {
        let ((x, n), (y, m)) = (self.private_items(holder), other.private_items(other_holder));
        if !x.is_null() && !y.is_null() {
            if n + m == 0 {
                return Ok(List::new());
            }
            let buffer = Buffer::allocate(n + m)?;
            // SAFETY: below the lengths of private lists; there is room for both.
            unsafe {
                many::copy(x, buffer.slots(), n);
                many::copy(y, buffer.slots().add(n), m);
            }
            buffer.set_len(n + m);
            return Ok(List {
                head: AtomicPtr::new(buffer.0.as_ptr()),
            });
        }
        // Each list is locked for itself. If the other one changes in between, what is there then is taken.
        let new = List::with_capacity(self.len().checked_add(other.len()).ok_or(OutOfMemory)?)?;
        new.append_moment(self, holder, 0, usize::MAX)?;
        new.append_moment(other, other_holder, 0, usize::MAX)?;
        Ok(new)
    }

    /// Appends copies of up to `count` elements of `other` from `start` on, of one moment, to a list that is being made.
    fn append_moment(
        &self,
        other: &List,
        other_holder: &Header,
        start: usize,
        count: usize,
    ) -> Result<(), OutOfMemory> {
        let len = self.len();
        let n = other.copy_moment(other_holder, start, count, |n| {
            if n > self.capacity() - len {
                self.put(self.buffer().resize(len.checked_add(n).ok_or(OutOfMemory)?)?);
            }
            // SAFETY: within the capacity.
            Ok(unsafe { self.buffer().slots().add(len) })
        })?;
        if n > 0 {
            self.buffer().set_len(len + n);
        }
        Ok(())
    }

    /// As `replace_range` with copies of the elements of another list, for two private lists; false, with nothing done, if they
    /// are not private or the same. What is replaced is dropped at the end.
    pub fn assign_range(
        &self,
        holder: &Header,
        start: usize,
        count: usize,
        source: &List,
        source_holder: &Header,
    ) -> Result<bool, OutOfMemory> {
        if !holder.is_private() || !source_holder.is_private() || std::ptr::eq(self, source) {
            return Ok(false);
        }
        let (len, n) = (self.len(), source.len());
        let start = start.min(len);
        let count = count.min(len - start);
        let buffer = if n > count {
            self.room_for(holder, n - count)?
        } else {
            self.buffer()
        };
        let mut dying: Vec<Ref> = Vec::new();
        for i in start..start + count {
            // SAFETY: below the length; the slot is overwritten or moved over below.
            unsafe {
                let v = buffer.load(i);
                if v.is_counted() && !skein_gc::header::decrement_quick(v.pointer()) {
                    dying.push(Ref::from_value(v));
                }
            }
        }
        if n > count {
            Self::open_gap(holder, buffer, start + count, n - count);
        } else {
            Self::close_gap(holder, buffer, start + n, count - n);
        }
        if n > 0 {
            // SAFETY: both ranges lie below the lengths; what was there has been given up or has moved.
            unsafe { many::copy(source.buffer().slots(), buffer.slots().add(start), n) };
        }
        self.shrink(holder);
        drop(dying);
        Ok(true)
    }
}
