//! Memory of objects and of buffers.
//!
//! Objects of up to 512 bytes lie in **cells** of one size, in steps of 8 bytes, in 64 KiB **pages** (`page.rs`). A page
//! belongs to the heap of one thread (`heap.rs`), which allocates from it and frees into it without atomic operations;
//! other threads free into the page's own `foreign` list. Larger objects come from the system, and are in a registry
//! (`large.rs`). So all objects can be enumerated: [`each_object`].
//!
//! A free cell begins with an odd word, the next free cell's address plus one; an object begins with its class, which is even,
//! and which is written last of its header: a collector may look at any cell at any time.
//!
//! Buffers of collections come from mimalloc (`system.rs`), those of half a megabyte and more from mappings of their own (`blocks.rs`).
//! Where there are none, what cannot do without gets some from a reserve (`reserve.rs`).

use crate::class::Class;
use crate::header::Header;
use crate::lock::Mutex;
#[cfg(not(any(miri, tsan)))]
use std::alloc::Layout;
use std::collections::TryReserveError;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicIsize, Ordering};

#[cfg(not(any(miri, tsan)))]
mod blocks;
mod heap;
mod large;
mod page;
#[cfg(not(any(miri, tsan)))]
mod reserve;
mod system;

pub use heap::{Usage, abandon, usage};
pub(crate) use heap::{
    count_growth_anew, each_own_page, each_young_page, grown, has_grown, take_young_pages, this, tidy, trim,
};
pub(crate) use page::{PAGE, Page, Scan, Span, forget_reaper, has_many_empty, number_of, purge_idle, sweep_abandoned};
#[cfg(not(any(miri, tsan)))]
pub use reserve::fallible;
pub(crate) use system::{begin, collect, has_started};

/// Bytes of the largest object that lies in a page.
pub const LARGEST_CELL: usize = 512;
/// Sizes of cells are multiples of it, and so are the addresses of objects: values need three low bits.
const UNIT: usize = 8;
const SIZES: usize = LARGEST_CELL / UNIT + 1;

/// Memory for an object of `size` bytes (header included), 8-byte aligned, with the header written and the rest
/// zeroed. `None` if the system has no more.
#[inline(always)]
pub fn allocate(class: &'static Class, size: usize) -> Option<*mut Header> {
    let p = allocate_unzeroed(class, size)?;
    // SAFETY: fresh memory of that size, which is rounded up to 8 bytes.
    unsafe {
        let body = p.cast::<u8>().add(size_of::<Header>());
        let bytes = size - size_of::<Header>();
        if bytes <= 128 {
            // Word by word: the compiler makes a call of plain stores, which takes longer than the few words of most objects.
            for i in 0..bytes.div_ceil(8) {
                body.cast::<u64>().add(i).write_volatile(0);
            }
        } else {
            body.write_bytes(0, bytes);
        }
    }
    Some(p)
}

/// As [`allocate`], with nothing behind the header initialised. The caller writes all of it before the next poll.
#[inline(always)]
pub fn allocate_unzeroed(class: &'static Class, size: usize) -> Option<*mut Header> {
    debug_assert!(size >= size_of::<Header>());
    if size > LARGEST_CELL || cfg!(miri) {
        return large::allocate(class, size);
    }
    let p = heap::take_cell(size.div_ceil(UNIT));
    if p.is_null() {
        return None;
    }
    // SAFETY: a fresh cell, large and aligned enough for a header.
    unsafe { Header::begin(p, class) };
    Some(p)
}

/// As [`allocate_unzeroed`] for an object that is never freed. They lie together: what all threads read is not to be in one cache line
/// with what one of them writes.
pub fn allocate_forever(class: &'static Class, size: usize) -> Option<*mut Header> {
    /// Free memory at the end of the latest chunk.
    struct Rest(*mut u8, usize);
    // SAFETY: the memory is that of whoever holds the lock.
    unsafe impl Send for Rest {}
    static REST: Mutex<Rest> = Mutex::new(Rest(std::ptr::null_mut(), 0));
    const CHUNK: usize = 1 << 15;
    if size > CHUNK / 8 || cfg!(miri) {
        return allocate_unzeroed(class, size);
    }
    let size = size.next_multiple_of(UNIT);
    let mut rest = REST.lock();
    if rest.1 < size {
        *rest = Rest(allocate_buffer(CHUNK)?.as_ptr(), CHUNK);
    }
    let p = rest.0;
    // SAFETY: there is as much left.
    rest.0 = unsafe { p.add(size) };
    rest.1 -= size;
    drop(rest);
    // SAFETY: fresh memory, large and aligned enough for a header.
    unsafe { Header::begin(p.cast(), class) };
    Some(p.cast())
}

/// Gives an object's memory back.
///
/// # Safety
/// `object` came from [`allocate`], owns nothing any more, and is not used again.
#[inline(always)]
pub unsafe fn free(object: *mut Header) {
    // SAFETY: by the caller's promise.
    unsafe {
        if (*object).has_flag(crate::header::flag::LARGE) {
            large::free(object);
        } else {
            heap::give_cell(object);
        }
    }
}

/// Bytes of an object's own memory, buffers not included.
///
/// # Safety
/// `object` came from [`allocate`] and is not freed.
pub(crate) unsafe fn object_bytes(object: *const Header) -> usize {
    // SAFETY: by the caller's promise.
    unsafe {
        if (*object).has_flag(crate::header::flag::LARGE) {
            large::bytes(object)
        } else {
            TYPICAL
        }
    }
}

/// What an object in a cell is taken to weigh.
const TYPICAL: usize = 64;

/// Calls `f` with every object in the process. No other thread is attached, and `f` does not allocate or free objects.
pub(crate) fn each_object(mut f: impl FnMut(&Header)) {
    page::each_page(|page| page.each_object(&mut f));
    large::each(&mut f);
}

/// Calls `f` with every object of this thread's pages, and every large one, which may be another's. As for
/// [`Page::each_object`], it looks at no more than count and owner of what is not private.
pub(crate) fn each_own_object(mut f: impl FnMut(&Header)) {
    each_own_page(|page| page.each_object(&mut f));
    large::each(&mut f);
}

/// As [`each_own_object`], for the pages where objects were allocated since the last collection.
pub(crate) fn each_young_object(mut f: impl FnMut(&Header)) {
    each_young_page(|page| page.each_object(&mut f));
}

/// Pages that hold objects, and as many as big buffers and large objects would fill.
pub(crate) fn pages() -> usize {
    page::pages() + big_bytes() / page::PAGE
}

pub(crate) fn each_large(mut f: impl FnMut(&Header)) {
    large::each(&mut f);
}

/// The allocator of buffers, as what Rust's own collections allocate from, and with a reserve for them (`reserve.rs`).
pub struct Allocator;

// SAFETY: mimalloc aligns to 16 bytes what takes 16 bytes or more; other alignments are asked for.
#[cfg(not(any(miri, tsan)))]
unsafe impl std::alloc::GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let p = if layout.align() <= 16 {
            system::allocate(layout.size())
        } else {
            system::allocate_aligned(layout.size(), layout.align())
        };
        if p.is_null() {
            return system::allocate_reserved(layout.size(), layout.align());
        }
        p
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // What comes from the system is zero, and is not touched before it is used.
        let p = system::allocate_zeroed(layout.size(), layout.align());
        if p.is_null() {
            return reserved_zeroed(layout);
        }
        p
    }

    #[inline]
    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        // SAFETY: by the caller's promise, it came from `alloc`.
        unsafe { system::free(p) }
        if layout.size() >= HUGE {
            heap::freed_big(layout.size());
        }
    }

    #[inline]
    unsafe fn realloc(&self, p: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.size() >= HUGE {
            heap::freed_big(layout.size());
        }
        let new = if layout.align() <= 16 {
            // SAFETY: by the caller's promise.
            unsafe { system::resize(p, size) }
        } else {
            let new = system::allocate_aligned(size, layout.align());
            if !new.is_null() {
                // SAFETY: both blocks hold that much, and the old one is the caller's.
                unsafe {
                    std::ptr::copy_nonoverlapping(p, new, layout.size().min(size));
                    system::free(p);
                }
            }
            new
        };
        if new.is_null() {
            // SAFETY: by the caller's promise; the block is where it was.
            return unsafe { system::resize_reserved(p, size, layout.align()) };
        }
        new
    }
}

#[cfg(not(any(miri, tsan)))]
#[cold]
fn reserved_zeroed(layout: Layout) -> *mut u8 {
    let p = system::allocate_reserved(layout.size(), layout.align());
    if !p.is_null() {
        // SAFETY: a block of that size, and the caller's alone.
        unsafe { p.write_bytes(0, layout.size()) };
    }
    p
}

/// Memory for a table or buffer, 16-byte aligned, not initialised. `None` if the system has no more.
#[inline]
pub fn allocate_buffer(bytes: usize) -> Option<NonNull<u8>> {
    let p = NonNull::new(system::allocate(bytes))?;
    if bytes >= ROOMY {
        // SAFETY: allocated just now.
        buffer_came(unsafe { system::size(p.as_ptr()) });
    }
    Some(p)
}

/// Moves a buffer to one of another size, with as much of its contents as fits. On failure the old one stays valid.
///
/// # Safety
/// `buffer` came from [`allocate_buffer`] or this function, and nobody else uses it.
#[inline]
pub unsafe fn resize_buffer(buffer: NonNull<u8>, bytes: usize) -> Option<NonNull<u8>> {
    // SAFETY: as the caller's.
    let before = unsafe { system::size(buffer.as_ptr()) };
    // SAFETY: as the caller's.
    let p = NonNull::new(unsafe { system::resize(buffer.as_ptr(), bytes) })?;
    if before >= ROOMY || bytes >= ROOMY {
        buffer_went(before);
        // SAFETY: allocated just now.
        buffer_came(unsafe { system::size(p.as_ptr()) });
    }
    Some(p)
}

/// # Safety
/// `buffer` came from [`allocate_buffer`] or [`resize_buffer`] and is not used again.
#[inline]
pub unsafe fn free_buffer(buffer: NonNull<u8>) {
    // SAFETY: as the caller's.
    let bytes = unsafe { system::free_sized(buffer.as_ptr()) };
    if bytes >= ROOMY {
        buffer_went(bytes);
    }
}

/// Calls `f`, which allocates and can do without.
#[cfg(any(miri, tsan))]
pub fn fallible<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// An empty vector with room for `n` items; none of it comes from the reserve.
///
/// # Errors
/// There is not so much memory.
pub fn vec_with<T>(n: usize) -> Result<Vec<T>, TryReserveError> {
    let mut v = Vec::new();
    fallible(|| v.try_reserve_exact(n))?;
    Ok(v)
}

/// Makes room for so many items more; none of it comes from the reserve.
///
/// # Errors
/// There is not so much memory.
pub fn make_room<T>(v: &mut Vec<T>, more: usize) -> Result<(), TryReserveError> {
    fallible(|| v.try_reserve(more))
}

/// Up to so much the reserve gives to who allocates through the global allocator.
#[cfg(not(any(miri, tsan)))]
pub(crate) const RESERVED: usize = reserve::MOST;
#[cfg(any(miri, tsan))]
pub(crate) const RESERVED: usize = usize::MAX;

/// Whether so much memory is to be had now, for who could not cope with getting less. It is asked for and given back, so nobody else is kept from it:
/// no more than a good guess.
pub fn has_room(bytes: usize) -> bool {
    #[cfg(not(any(miri, tsan)))]
    if blocks::can_map(bytes) {
        return true;
    }
    let p = system::allocate(bytes);
    if p.is_null() {
        return false;
    }
    // SAFETY: allocated just now.
    unsafe { system::free(p) };
    true
}

/// Whether there is memory for a thread of the standard library's, which ends the process if there is enough for the thread and too little for what
/// else it gives it (a stack on which to report that the stack has overflowed).
pub(crate) fn can_start_thread() -> bool {
    #[cfg(not(any(miri, tsan)))]
    return blocks::can_map(4 << 20);
    #[cfg(any(miri, tsan))]
    true
}

/// From this size on buffers count towards the next collection.
const BIG: usize = 16 << 10;
/// Whoever asks for less does not get a block of [`BIG`] bytes: mimalloc rounds up by a quarter at most.
const ROOMY: usize = 12 << 10;

/// In cache lines of its own, and in those that come along with them.
#[repr(align(128))]
struct Apart<T>(T);

/// Parts of what all threads write, so that few write to the same: by the thread's slot.
const SHARDS: usize = 16;

fn shard() -> usize {
    crate::mutator::current_slot() as usize % SHARDS
}

/// From this size on it is noted that a block of Rust's own collections is freed, so that the memory is given back.
#[cfg(not(any(miri, tsan)))]
const HUGE: usize = 64 << 10;

/// Bytes of all big buffers and large objects: the sum of these, some of which may be negative.
static BIG_BYTES: [Apart<AtomicIsize>; SHARDS] = [const { Apart(AtomicIsize::new(0)) }; SHARDS];

fn note_big(bytes: isize) {
    // Relaxed: a number.
    BIG_BYTES[shard()].0.fetch_add(bytes, Ordering::Relaxed);
}

fn big_bytes() -> usize {
    let sum: isize = BIG_BYTES.iter().map(|n| n.0.load(Ordering::Relaxed)).sum();
    sum.max(0).cast_unsigned()
}

/// A block of so many bytes has come.
#[cold]
fn buffer_came(bytes: usize) {
    if bytes >= BIG {
        note_big(bytes.cast_signed());
        // A collection looks at objects, of which a quarter of the bytes is enough to be worth while.
        heap::grown_by(bytes / 4);
    }
}

#[cold]
fn buffer_went(bytes: usize) {
    if bytes >= BIG {
        note_big(-bytes.cast_signed());
        heap::shrunk_by(bytes / 4);
        heap::freed_big(bytes);
    }
}

/// Gives blocks back to the system that were free during a whole period. Gives whether there are more. By the reaper.
pub(crate) fn purge_blocks() -> bool {
    #[cfg(not(any(miri, tsan)))]
    return blocks::purge_idle();
    #[cfg(any(miri, tsan))]
    false
}

/// Locks that threads take which are not registered, held across a fork. Nothing big is allocated or freed meanwhile.
pub(crate) fn lock_for_fork() -> impl Sized {
    #[cfg(not(any(miri, tsan)))]
    return blocks::lock_for_fork();
}

/// Size of a buffer, or a little more.
///
/// # Safety
/// `buffer` came from [`allocate_buffer`] or [`resize_buffer`] and has not been freed.
pub unsafe fn buffer_bytes(buffer: NonNull<u8>) -> usize {
    // SAFETY: as the caller's.
    unsafe { system::size(buffer.as_ptr()) }
}
