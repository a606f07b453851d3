//! The buffer behind list.
//!
//! ```text
//! | capacity: u64 | len: AtomicU64 | edits: AtomicU32 | slots: capacity x AtomicU64 |
//! ```
//!
//! Length and slots are in one buffer, so that a reader who has loaded the buffer sees a length that is true of it: every
//! slot below it has been written. When a shared list shrinks, the length falls first and the slots are set to null; a
//! reader with the old length meets null, which means "out of range", or an old element. When elements move inside the
//! buffer, slot by slot, a reader sees at each place the old element or the new one.
//!
//! Who wants the elements of one moment copies them without the lock, and looks whether `edits` is what it was: it is odd
//! while a writer changes what is below the length, and then another number ([`skein_gc::edits`]).

#![allow(unsafe_code)]

mod change;
mod copy;
pub(crate) mod place;
mod whole;

pub use whole::Taken;

use crate::OutOfMemory;
use skein_gc::alloc::{allocate_buffer, free_buffer, resize_buffer};
use skein_gc::edits::{Editing, Edits};
use skein_gc::lock::critical;
use skein_gc::publish::publish;
use skein_gc::reclaim::retire_buffer;
use skein_gc::{Header, Ref, Value, Visitor, many};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

#[repr(C)]
struct Head {
    capacity: usize,
    /// Written by the owner of a private holder or under the lock, read by all.
    len: AtomicUsize,
    edits: Edits,
}

const HEAD: usize = size_of::<Head>();
const MOST: usize = isize::MAX as usize / 16;

/// The buffer of all empty lists. Never written: its capacity is zero.
static EMPTY: Head = Head {
    capacity: 0,
    len: AtomicUsize::new(0),
    edits: Edits::new(),
};

const fn empty_head() -> *mut Head {
    &raw const EMPTY as *mut Head
}

/// A buffer that is known to be there.
#[derive(Clone, Copy)]
struct Buffer(NonNull<Head>);

impl Buffer {
    /// # Safety
    /// `head` begins a buffer made by `allocate`, or is `empty_head`, and stays allocated while the result is used: the
    /// holder is private and unchanged, or locked, or this thread does not poll.
    #[inline(always)]
    unsafe fn new(head: *mut Head) -> Buffer {
        // SAFETY: not null by the caller's promise.
        Buffer(unsafe { NonNull::new_unchecked(head) })
    }

    fn allocate(capacity: usize) -> Result<Buffer, OutOfMemory> {
        if capacity > MOST {
            return Err(OutOfMemory);
        }
        let head = allocate_buffer(HEAD + capacity * 8).ok_or(OutOfMemory)?.cast::<Head>();
        // SAFETY: large enough, and ours alone.
        unsafe {
            head.write(Head {
                capacity,
                len: AtomicUsize::new(0),
                edits: Edits::new(),
            });
        }
        Ok(Buffer(head))
    }

    /// Grows a buffer that only the caller knows.
    fn resize(self, capacity: usize) -> Result<Buffer, OutOfMemory> {
        if self.capacity() == 0 {
            return Buffer::allocate(capacity);
        }
        if capacity > MOST {
            return Err(OutOfMemory);
        }
        // SAFETY: made by `allocate`, and nobody else uses it.
        let head = unsafe { resize_buffer(self.0.cast(), HEAD + capacity * 8) }
            .ok_or(OutOfMemory)?
            .cast::<Head>();
        // SAFETY: ours alone, and the head was moved along.
        unsafe { (&raw mut (*head.as_ptr()).capacity).write(capacity) };
        Ok(Buffer(head))
    }

    /// # Safety
    /// Nobody uses the buffer again.
    unsafe fn free(self) {
        if self.capacity() != 0 {
            // SAFETY: made by `allocate`.
            unsafe { free_buffer(self.0.cast()) }
        }
    }

    #[inline(always)]
    fn head<'a>(self) -> &'a Head {
        // SAFETY: allocated while `self` is used, by the promise of `new`.
        unsafe { self.0.as_ref() }
    }

    #[inline(always)]
    fn capacity(self) -> usize {
        self.head().capacity
    }

    #[inline(always)]
    fn len(self) -> usize {
        // Acquire pairs with the release in `set_len`: the slots below are written.
        self.head().len.load(Ordering::Acquire)
    }

    #[inline(always)]
    fn set_len(self, len: usize) {
        debug_assert!(len <= self.capacity());
        // Release pairs with the acquire in `len`.
        self.head().len.store(len, Ordering::Release);
    }

    /// Announces, as the writer, changes of what is below the length; they are over when the result is dropped, before the lock is.
    #[inline(always)]
    fn edit<'a>(self, holder: &Header) -> Option<Editing<'a>> {
        // Nobody reads a private list meanwhile.
        (!holder.is_private()).then(|| self.head().edits.begin())
    }

    /// # Safety
    /// `i` is less than the capacity, and the slot has been written before it is read.
    #[inline(always)]
    unsafe fn slot<'a>(self, i: usize) -> &'a AtomicU64 {
        debug_assert!(i < self.capacity());
        // SAFETY: within the buffer.
        unsafe { &*self.0.as_ptr().byte_add(HEAD).cast::<AtomicU64>().add(i) }
    }

    /// # Safety
    /// `i` is less than a length that was loaded from this buffer.
    #[inline(always)]
    unsafe fn load(self, i: usize) -> Value {
        // SAFETY: written, by the caller's promise. Acquire pairs with the release in `store`.
        Value(unsafe { self.slot(i) }.load(Ordering::Acquire))
    }

    /// # Safety
    /// `i` is less than the capacity, the caller is the writer, and takes care of the reference that is overwritten.
    #[inline(always)]
    unsafe fn store(self, i: usize, v: Value) {
        // SAFETY: by the caller's promise. Release pairs with the acquire in `load`.
        unsafe { self.slot(i) }.store(v.0, Ordering::Release);
    }
}

impl Buffer {
    /// First slot; for private lists, whose slots are plain memory of their owner.
    fn slots(self) -> *mut u64 {
        // The slots follow the head.
        self.0.as_ptr().wrapping_byte_add(HEAD).cast::<u64>()
    }

    /// Moves slots inside a private list's buffer.
    ///
    /// # Safety
    /// Both ranges lie within the capacity, and no other thread knows the buffer.
    unsafe fn move_plain(self, from: usize, to: usize, count: usize) {
        // SAFETY: by the caller's promise; the slots follow the head.
        unsafe {
            let slots = self.slots();
            std::ptr::copy(slots.add(from), slots.add(to), count);
        }
    }
}

/// Capacity for a list that grows to `len`: an eighth more, in steps of four; a half more where the list is so large that
/// moving it costs page faults, and what is not used yet costs none.
fn grown(len: usize) -> usize {
    let more = if len < 1 << 15 { len >> 3 } else { len >> 1 };
    len.saturating_add(more).saturating_add(6) & !3
}

/// Growing array of references; the head of the crate has the rules.
pub struct List {
    /// Written by the owner of a private holder or under the lock; read by all.
    head: AtomicPtr<Head>,
}

impl Default for List {
    fn default() -> List {
        List::new()
    }
}

impl List {
    pub const fn new() -> List {
        List {
            head: AtomicPtr::new(empty_head()),
        }
    }

    pub fn with_capacity(capacity: usize) -> Result<List, OutOfMemory> {
        let list = List::new();
        if capacity > 0 {
            let buffer = Buffer::allocate(capacity)?;
            // Relaxed: the list is published with its object.
            list.head.store(buffer.0.as_ptr(), Ordering::Relaxed);
        }
        Ok(list)
    }

    pub fn from_vec(items: Vec<Ref>) -> Result<List, OutOfMemory> {
        let list = List::with_capacity(items.len())?;
        let buffer = list.buffer();
        let len = items.len();
        for (i, item) in items.into_iter().enumerate() {
            // SAFETY: the capacity is `len`, and the new slots hold nothing yet.
            unsafe { buffer.store(i, item.into_value()) };
        }
        if len > 0 {
            buffer.set_len(len);
        }
        Ok(list)
    }

    /// A list of exactly `len` items that the iterator gives.
    #[inline]
    pub fn from_exact(len: usize, items: impl Iterator<Item = Ref>) -> Result<List, OutOfMemory> {
        let list = List::with_capacity(len)?;
        if len > 0 {
            let buffer = list.buffer();
            let mut n = 0;
            for item in items.take(len) {
                // SAFETY: the capacity is `len`, and the new slots hold nothing yet.
                unsafe { buffer.store(n, item.into_value()) };
                n += 1;
            }
            debug_assert_eq!(n, len);
            buffer.set_len(n);
        }
        Ok(list)
    }

    /// The current buffer; not to be used across a poll, nor across an unlock by a writer.
    #[inline(always)]
    fn buffer(&self) -> Buffer {
        // Acquire pairs with the release in `put`: the buffer is seen whole.
        // SAFETY: the field always holds a valid buffer, which is retired and not freed when it is replaced.
        unsafe { Buffer::new(self.head.load(Ordering::Acquire)) }
    }

    fn put(&self, buffer: Buffer) {
        // Release pairs with the acquire in `buffer`.
        self.head.store(buffer.0.as_ptr(), Ordering::Release);
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.buffer().len()
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn capacity(&self) -> usize {
        self.buffer().capacity()
    }

    /// The element at `i`, or `None` if that is out of range.
    #[inline(always)]
    pub fn get(&self, i: usize) -> Option<Ref> {
        let v = self.peek(i);
        if v.is_null() {
            return None;
        }
        // SAFETY: just loaded: what is dropped meanwhile is freed only after this thread has polled.
        Some(unsafe { Ref::copy_of(v) })
    }

    /// Place and value of the first element from `from` on for which `stop` holds; unowned: valid until the next poll of this thread.
    #[inline(always)]
    pub fn scan(&self, from: usize, mut stop: impl FnMut(Value) -> bool) -> Option<(usize, Value)> {
        let buffer = self.buffer();
        // SAFETY: below the length of this buffer, which is not freed before this thread polls.
        (from..buffer.len()).find_map(|i| Some((i, unsafe { buffer.load(i) })).filter(|(_, v)| stop(*v)))
    }

    /// The element at `i`, unowned: valid until the next poll of this thread. Null if `i` is out of range.
    #[inline(always)]
    pub fn peek(&self, i: usize) -> Value {
        let buffer = self.buffer();
        if i >= buffer.len() {
            return Value::NULL;
        }
        // SAFETY: below the length of this buffer.
        unsafe { buffer.load(i) }
    }

    /// Replaces the element at `i` and gives the old one back; or gives `value` back if `i` is out of range.
    #[inline(always)]
    pub fn set(&self, holder: &Header, i: usize, value: Ref) -> Result<Ref, Ref> {
        self.set_where(holder, value, |len| (i < len).then_some(i))
    }

    /// As `set`, at the place, below the length, that `choose` gives for the length.
    #[inline(always)]
    fn set_where(&self, holder: &Header, value: Ref, choose: impl FnOnce(usize) -> Option<usize>) -> Result<Ref, Ref> {
        if !holder.is_private() {
            publish(value.value());
        }
        let guard = critical(holder);
        let buffer = self.buffer();
        let Some(i) = choose(buffer.len()) else {
            drop(guard);
            return Err(value);
        };
        let edit = buffer.edit(holder);
        // SAFETY: below the length, and we are the writer; the old reference is taken out.
        let old = unsafe {
            let old = buffer.load(i);
            buffer.store(i, value.into_value());
            Ref::from_value(old)
        };
        drop((edit, guard));
        Ok(old)
    }

    /// The slot at `i` of a private list, for its owner to exchange the reference there before anything else is done with the
    /// list; null if the list is shared, or `i` is out of range.
    #[inline(always)]
    pub fn private_slot(&self, holder: &Header, i: usize) -> *mut u64 {
        let buffer = self.buffer();
        if !holder.is_private() || i >= buffer.len() {
            return std::ptr::null_mut();
        }
        // SAFETY: below the length.
        unsafe { buffer.slot(i) }.as_ptr()
    }

    /// The slots of a private list, and how many hold an item; for a shared list an impossible length. Valid until the list is
    /// changed or this thread polls.
    #[inline(always)]
    pub fn private_items(&self, holder: &Header) -> (*const u64, usize) {
        if !holder.is_private() {
            return (std::ptr::null(), usize::MAX);
        }
        let buffer = self.buffer();
        (buffer.slots(), buffer.len())
    }

    /// The elements of a private list.
    ///
    /// # Safety
    /// As long as the slice is used the list is not changed, and this thread neither polls nor runs Python code.
    #[inline(always)]
    pub unsafe fn private_slice(&self, holder: &Header) -> Option<&[Ref]> {
        let (items, len) = self.private_items(holder);
        // SAFETY: that many slots hold an element each, by the caller's promise for as long; a Ref is a word.
        (!items.is_null()).then(|| unsafe { std::slice::from_raw_parts(items.cast(), len) })
    }

    /// Whether [`List::private_push`] would append.
    #[inline(always)]
    pub fn has_private_room(&self, holder: &Header) -> bool {
        let buffer = self.buffer();
        holder.is_private() && buffer.len() < buffer.capacity()
    }

    /// Makes room for one more in a private list; false, with nothing done, if it is shared or there is no memory.
    #[inline(never)]
    pub fn make_private_room(&self, holder: &Header) -> bool {
        holder.is_private() && self.room_for(holder, 1).is_ok()
    }

    /// Appends to a private list that has room; false, with nothing done, if it is not one. The value's count moves.
    #[inline(always)]
    pub fn private_push(&self, holder: &Header, value: Value) -> bool {
        let buffer = self.buffer();
        let len = buffer.len();
        if !holder.is_private() || len >= buffer.capacity() {
            return false;
        }
        // SAFETY: below the capacity, and empty.
        unsafe { buffer.store(len, value) };
        buffer.set_len(len + 1);
        true
    }

    #[inline(always)]
    pub fn push(&self, holder: &Header, value: Ref) -> Result<(), OutOfMemory> {
        if self.private_push(holder, value.value()) {
            std::mem::forget(value);
            return Ok(());
        }
        self.push_slow(holder, value)
    }

    #[inline(never)]
    fn push_slow(&self, holder: &Header, value: Ref) -> Result<(), OutOfMemory> {
        if !holder.is_private() {
            publish(value.value());
        }
        let guard = critical(holder);
        let len = self.len();
        let buffer = self.room_for(holder, 1)?;
        // SAFETY: there is room for one more.
        unsafe { buffer.store(len, value.into_value()) };
        buffer.set_len(len + 1);
        drop(guard);
        Ok(())
    }

    /// A buffer with room for `extra` more elements. The caller is the writer.
    fn room_for(&self, holder: &Header, extra: usize) -> Result<Buffer, OutOfMemory> {
        let buffer = self.buffer();
        let len = buffer.len();
        let wanted = len.checked_add(extra).ok_or(OutOfMemory)?;
        if wanted <= buffer.capacity() {
            return Ok(buffer);
        }
        let capacity = if len == 0 { wanted.max(4) } else { grown(wanted) };
        self.change_capacity(holder, capacity)
    }

    /// Moves the elements to a buffer of another capacity, not less than the length.
    fn change_capacity(&self, holder: &Header, capacity: usize) -> Result<Buffer, OutOfMemory> {
        let old = self.buffer();
        if holder.is_private() {
            let new = old.resize(capacity)?;
            self.put(new);
            return Ok(new);
        }
        let new = Buffer::allocate(capacity)?;
        let len = old.len();
        for i in 0..len {
            // SAFETY: below both lengths; the references move with their bits.
            unsafe { new.store(i, old.load(i)) };
        }
        new.set_len(len);
        self.put(new);
        Self::release(holder, old);
        Ok(new)
    }

    /// Frees a buffer that was replaced and whose references have been taken.
    fn release(holder: &Header, old: Buffer) {
        if old.capacity() == 0 {
        } else if holder.is_private() {
            // SAFETY: nobody else can have seen it.
            unsafe { old.free() }
        } else {
            // SAFETY: those who still see it do not poll before they are done with it.
            unsafe { retire_buffer(old.0.cast()) }
        }
    }

    /// Gives memory back when the list has become much shorter. Failure does no harm.
    fn shrink(&self, holder: &Header) {
        let buffer = self.buffer();
        let len = buffer.len();
        if buffer.capacity() >= 16 && len < buffer.capacity() / 4 {
            let _ = self.change_capacity(holder, grown(len));
        }
    }

    pub fn reserve(&self, holder: &Header, extra: usize) -> Result<(), OutOfMemory> {
        let guard = critical(holder);
        let out = self.room_for(holder, extra).map(|_| ());
        drop(guard);
        out
    }

    /// Takes the last element out.
    #[inline]
    pub fn pop(&self, holder: &Header) -> Option<Ref> {
        let guard = critical(holder);
        let out = self.pop_locked(holder);
        drop(guard);
        out
    }

    #[inline]
    fn pop_locked(&self, holder: &Header) -> Option<Ref> {
        let buffer = self.buffer();
        let last = buffer.len().checked_sub(1)?;
        let out = Self::take_last(holder, buffer, last);
        if last < buffer.capacity() / 4 {
            self.shrink(holder);
        }
        Some(out)
    }

    /// Takes the last element, which is at `last`, out of the buffer.
    #[inline(always)]
    fn take_last(holder: &Header, buffer: Buffer, last: usize) -> Ref {
        let edit = buffer.edit(holder);
        buffer.set_len(last);
        // SAFETY: was below the length; the reference is taken out, and readers with the old length see null.
        let out = unsafe {
            let v = buffer.load(last);
            buffer.store(last, Value::NULL);
            Ref::from_value(v)
        };
        drop(edit);
        out
    }

    /// Moves the elements behind a gap forward. Those in the gap have been taken.
    fn close_gap(holder: &Header, buffer: Buffer, start: usize, count: usize) {
        if count == 0 {
            return;
        }
        let len = buffer.len();
        if holder.is_private() {
            // SAFETY: both ranges lie below the length; nobody else looks.
            unsafe { buffer.move_plain(start + count, start, len - start - count) };
            buffer.set_len(len - count);
            return;
        }
        let edit = buffer.edit(holder);
        for i in start + count..len {
            // SAFETY: below the length; each reference moves with its bits.
            unsafe { buffer.store(i - count, buffer.load(i)) };
        }
        buffer.set_len(len - count);
        for i in len - count..len {
            // SAFETY: below the capacity; these references have moved or were taken.
            unsafe { buffer.store(i, Value::NULL) };
        }
        drop(edit);
    }

    /// Moves the elements from `start` on back by `count`; the buffer has room. What the gap holds is to be overwritten
    /// without being dropped, as part of the same edit.
    fn open_gap(holder: &Header, buffer: Buffer, start: usize, count: usize) {
        let len = buffer.len();
        if holder.is_private() {
            // SAFETY: there is room; nobody else looks, and the caller fills the gap at once.
            unsafe { buffer.move_plain(start, start + count, len - start) };
            buffer.set_len(len + count);
            return;
        }
        // Written from the end, so that every slot below the new length has something before the length grows.
        for i in (start..len).rev() {
            // SAFETY: there is room.
            unsafe { buffer.store(i + count, buffer.load(i)) };
        }
        for i in len..start + count {
            // SAFETY: there is room; a gap at the end has slots that were never written.
            unsafe { buffer.store(i, Value::NULL) };
        }
        buffer.set_len(len + count);
    }

    /// Takes `count` elements out from `start` on, as many as there are.
    pub fn remove_range(&self, holder: &Header, start: usize, count: usize) -> Result<Vec<Ref>, OutOfMemory> {
        self.replace_range(holder, start, count, Vec::new())
    }

    /// Replaces `count` elements from `start` on, as many as there are, and gives them back.
    pub fn replace_range(
        &self,
        holder: &Header,
        start: usize,
        count: usize,
        with: Vec<Ref>,
    ) -> Result<Vec<Ref>, OutOfMemory> {
        if !holder.is_private() {
            with.iter().for_each(|v| publish(v.value()));
        }
        let guard = critical(holder);
        let buffer = self.buffer();
        let len = buffer.len();
        let start = start.min(len);
        let count = count.min(len - start);
        let mut out = Vec::new();
        if skein_gc::alloc::fallible(|| out.try_reserve_exact(count)).is_err() {
            drop(guard);
            return Err(OutOfMemory);
        }
        let buffer = if with.len() > count {
            match self.room_for(holder, with.len() - count) {
                Ok(buffer) => buffer,
                Err(e) => {
                    drop(guard);
                    return Err(e);
                }
            }
        } else {
            buffer
        };
        for i in start..start + count {
            // SAFETY: below the length; the slot is overwritten or moved over below.
            out.push(unsafe { Ref::from_value(buffer.load(i)) });
        }
        let edit = buffer.edit(holder);
        if with.len() > count {
            Self::open_gap(holder, buffer, start + count, with.len() - count);
        } else {
            Self::close_gap(holder, buffer, start + with.len(), count - with.len());
        }
        for (i, v) in with.into_iter().enumerate() {
            // SAFETY: below the length; what was there is in `out` or has moved.
            unsafe { buffer.store(start + i, v.into_value()) };
        }
        drop(edit);
        self.shrink(holder);
        drop(guard);
        Ok(out)
    }

    /// Appends all of `items`; on failure they are dropped.
    pub fn extend(&self, holder: &Header, items: Vec<Ref>) -> Result<(), OutOfMemory> {
        self.replace_range(holder, usize::MAX, 0, items).map(drop)
    }

    /// Appends the elements of another list, or of this one.
    pub fn extend_from(&self, holder: &Header, other: &List, other_holder: &Header) -> Result<(), OutOfMemory> {
        if holder.is_private() && other_holder.is_private() {
            let count = other.len();
            let (buffer, len) = (self.room_for(holder, count)?, self.len());
            // SAFETY: both are this thread's alone, there is room for as many behind the elements, and `other`, which may be this
            // list, is asked for its buffer after the growth.
            unsafe { many::copy(other.buffer().slots(), buffer.slots().add(len), count) };
            if count > 0 {
                buffer.set_len(len + count);
            }
            return Ok(());
        }
        let items = other.snapshot(other_holder)?;
        self.extend(holder, items)
    }

    /// The elements of one moment.
    pub fn snapshot(&self, holder: &Header) -> Result<Vec<Ref>, OutOfMemory> {
        self.snapshot_range(holder, 0, usize::MAX)
    }

    /// Up to `count` elements from `start` on, of one moment.
    pub fn snapshot_range(&self, holder: &Header, start: usize, count: usize) -> Result<Vec<Ref>, OutOfMemory> {
        let mut out = Vec::<Ref>::new();
        let (items, len) = self.private_items(holder);
        let n = if items.is_null() {
            self.copy_moment(holder, start, count, |n| {
                out = skein_gc::alloc::vec_with(n)?;
                Ok(out.as_mut_ptr().cast())
            })?
        } else {
            let start = start.min(len);
            let n = count.min(len - start);
            out = skein_gc::alloc::vec_with(n)?;
            // SAFETY: below the length of a private list; the vector has room, and a Ref is a word.
            unsafe { many::copy(items.add(start), out.as_mut_ptr().cast(), n) };
            n
        };
        // SAFETY: as many have been written.
        unsafe { out.set_len(n) };
        Ok(out)
    }

    pub fn reverse(&self, holder: &Header) {
        let guard = critical(holder);
        let buffer = self.buffer();
        let len = buffer.len();
        let edit = buffer.edit(holder);
        for i in 0..len / 2 {
            // SAFETY: below the length; the two references change places.
            unsafe {
                let (a, b) = (buffer.load(i), buffer.load(len - 1 - i));
                buffer.store(i, b);
                buffer.store(len - 1 - i, a);
            }
        }
        drop((edit, guard));
    }

    /// Visits the elements without counting them; the caller does not poll meanwhile, and the list is private or locked,
    /// or the visitor bears to see a list that changes. Empties the list, if that is what the visitor is for.
    pub fn trace(&self, visitor: &mut Visitor<'_>) {
        if let Some(holder) = visitor.clearing() {
            return self.clear(holder);
        }
        let buffer = self.buffer();
        if !visitor.note_storage(buffer.capacity() * 8) {
            return;
        }
        for i in 0..buffer.len() {
            // SAFETY: below the length of this buffer.
            visitor.value(unsafe { buffer.load(i) });
        }
    }

    pub fn is_valid(&self) -> bool {
        let b = self.buffer();
        // SAFETY: below the length.
        b.len() <= b.capacity() && (0..b.len()).all(|i| !unsafe { b.load(i) }.is_null())
    }
}

impl Drop for List {
    fn drop(&mut self) {
        let buffer = self.buffer();
        // SAFETY: the list owns the references, and nobody can reach the list any more.
        unsafe { many::give_up::<HEAD>(buffer.0.as_ptr().cast(), buffer.len()) };
        // SAFETY: no reader is left: a shared object is freed a grace period after it became unreachable.
        unsafe { buffer.free() };
    }
}
