//! Memory for when there is none: what Rust's own collections get where the system gives no more.
//!
//! An object or a buffer that cannot be had is a MemoryError where it is asked for. A `Vec` that cannot grow ends the process: most of the
//! Rust below (parser, compiler, collector, text being formatted) could not go on, and asks for little at a time. So what the global
//! allocator ([`Allocator`](super::Allocator)) is not given, it takes from here, and the thread raises MemoryError at its next poll
//! ([`request::EXHAUSTED`]): by then it has given most of it back.
//!
//! - **Where.** A region of the program's own zeroed data. It is there when the process is, whatever limits are set later, and
//!   takes no memory before it is used.
//! - **Who.** Requests of up to [`MOST`] bytes that come through the global allocator, as long as [`SHARE`] times as much is left: so what is
//!   big leaves much to what is small. Objects and buffers do not come that way, so the heap of a program that has filled its memory
//!   does not fill this, too. Nor is what objects own to, a `bytearray`'s bytes: who can raise MemoryError says so ([`fallible`]). A
//!   mere `try_reserve` does come here, and so fails later than it might, which the poll makes good.
//! - **Who not.** What asks for as much as a program likes must use `try_reserve` still: beyond [`MOST`] nothing has changed.
//! - **How.** Grains of [`GRAIN`] bytes, a bit for each; the first gap that fits. Blocks can grow in place, since what is asked for at
//!   such times are often the same few vectors. There is nothing clever in it: it is rarely used, and then for moments.
//! - **What it costs.** Nothing where there is memory. Allocating, it is behind a null pointer. Freeing, a block must be told from mimalloc's:
//!   like the mappings of `blocks.rs` it begins [`HEAD`] bytes behind a multiple of [`GRAIN`], for which the same comparison looks that
//!   was there before for them, with another mask. Few blocks of mimalloc begin at such an address, and of those a second look tells.
//!
//! What outlives its request (code that was compiled just then) keeps its grains. If all are taken, the process ends as it would have without.

use super::blocks::HEAD;
use crate::mutator::{request, request_self};
use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes in all.
const BYTES: usize = 64 << 20;
/// The largest request that is served.
pub const MOST: usize = 4 << 20;
/// How many times a request must be left.
const SHARE: usize = 8;
/// Blocks begin [`HEAD`] bytes behind a multiple of it.
pub const GRAIN: usize = 2 << 10;
const GRAINS: usize = BYTES / GRAIN;
/// What the addresses of blocks are multiples of.
const ALIGNMENT: usize = HEAD;

#[repr(C, align(2048))]
struct Region(UnsafeCell<[MaybeUninit<u8>; BYTES]>);

const _: () = assert!(align_of::<Region>() == GRAIN && HEAD.is_power_of_two() && GRAIN > HEAD);

// SAFETY: a grain is used by who has taken it out of `TAKEN`.
unsafe impl Sync for Region {}

static REGION: Region = Region(UnsafeCell::new([MaybeUninit::uninit(); BYTES]));

/// Before a block.
#[repr(C)]
struct Head {
    grains: usize,
    /// What was asked for.
    bytes: usize,
}

const _: () = assert!(size_of::<Head>() <= HEAD);

/// A bit for each grain that is in use. There is no lock: who is here may be anywhere, under all of them, or on both sides of a fork.
///
/// Acquire where a grain is taken pairs with the release where it was given back: what its last user has read and written there comes before.
/// Relaxed elsewhere: a guess, which taking checks.
static TAKEN: [AtomicU64; GRAINS / 64] = [const { AtomicU64::new(0) }; GRAINS / 64];

/// The words that so many grains have bits in, and these bits.
fn words(first: usize, n: usize) -> impl Iterator<Item = (&'static AtomicU64, u64)> {
    let end = first + n;
    (first / 64..end.div_ceil(64)).map(move |i| {
        let from = first.max(i * 64) % 64;
        let to = end.min(i * 64 + 64) - i * 64;
        let bits = u64::MAX >> (64 - to) & u64::MAX << from;
        (&TAKEN[i], bits)
    })
}

/// Takes these grains if all of them are there and free.
fn take(first: usize, n: usize) -> bool {
    if first + n > GRAINS {
        return false;
    }
    let add = |old: u64, bits: u64| (old & bits == 0).then_some(old | bits);
    for (i, (word, bits)) in words(first, n).enumerate() {
        if word
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, |old| add(old, bits))
            .is_err()
        {
            for (word, bits) in words(first, n).take(i) {
                word.fetch_and(!bits, Ordering::Release);
            }
            return false;
        }
    }
    true
}

/// Grains that are free.
fn left() -> usize {
    TAKEN
        .iter()
        .map(|w| w.load(Ordering::Relaxed).count_zeros() as usize)
        .sum()
}

fn give_back(first: usize, n: usize) {
    for (word, bits) in words(first, n) {
        word.fetch_and(!bits, Ordering::Release);
    }
}

/// Takes so many grains in a row, the first ones that are found; gives the first of them.
fn find(n: usize) -> Option<usize> {
    let (mut first, mut at) = (0, 0);
    while at < GRAINS {
        let word = TAKEN[at / 64].load(Ordering::Relaxed);
        if at % 64 == 0 && word == u64::MAX {
            at += 64;
            first = at;
            continue;
        }
        if word >> (at % 64) & 1 != 0 {
            first = at + 1;
        } else if at + 1 - first == n {
            if take(first, n) {
                return Some(first);
            }
            // Another thread was here.
            first = at + 1;
        }
        at += 1;
    }
    None
}

thread_local! {
    /// This thread can do without.
    static FALLIBLE: Cell<bool> = const { Cell::new(false) };
}

/// Calls `f`, which allocates and can do without: nothing comes from the reserve.
#[inline]
pub fn fallible<R>(f: impl FnOnce() -> R) -> R {
    let before = FALLIBLE.replace(true);
    let out = f();
    FALLIBLE.set(before);
    out
}

fn start() -> *mut u8 {
    REGION.0.get().cast()
}

fn grains(bytes: usize) -> usize {
    (HEAD + bytes).div_ceil(GRAIN)
}

/// Whether an address is in the region.
#[inline]
pub fn has(p: *const u8) -> bool {
    p.addr().wrapping_sub(start().addr()) < BYTES
}

/// A block of so many bytes, not initialised; null if it is more than is given here, or nothing is left.
#[cold]
#[inline(never)]
pub fn allocate(bytes: usize, alignment: usize) -> *mut u8 {
    if bytes > MOST || alignment > ALIGNMENT || FALLIBLE.get() {
        return null_mut();
    }
    let n = grains(bytes);
    if n > 1 && n * SHARE > left() {
        return null_mut();
    }
    let Some(first) = find(n) else { return null_mut() };
    request_self(request::EXHAUSTED);
    // SAFETY: these grains are nobody else's, and lie in the region.
    unsafe {
        let p = start().add(first * GRAIN);
        p.cast::<Head>().write(Head { grains: n, bytes });
        p.add(HEAD)
    }
}

/// # Safety
/// The block is one of ours, and the caller's.
unsafe fn head(p: *mut u8) -> *mut Head {
    start().wrapping_add(p.addr() - HEAD - start().addr()).cast()
}

fn first_grain(p: *mut u8) -> usize {
    (p.addr() - HEAD - start().addr()) / GRAIN
}

/// Bytes of a block.
///
/// # Safety
/// [`has`] it, and it was not freed.
pub unsafe fn size(p: *mut u8) -> usize {
    // SAFETY: by the caller's promise.
    unsafe { (*head(p)).bytes }
}

/// Makes a block longer or shorter where it is; false if there is no room.
///
/// # Safety
/// [`has`] it, and it is the caller's.
pub unsafe fn resize_in_place(p: *mut u8, bytes: usize) -> bool {
    if bytes > MOST || FALLIBLE.get() {
        return false;
    }
    // SAFETY: by the caller's promise.
    let head = unsafe { &mut *head(p) };
    let (n, end) = (grains(bytes), first_grain(p) + head.grains);
    if n > head.grains {
        if !take(end, n - head.grains) {
            return false;
        }
        request_self(request::EXHAUSTED);
    } else if n < head.grains {
        give_back(end - (head.grains - n), head.grains - n);
    }
    *head = Head { grains: n, bytes };
    true
}

/// Gives a block back; gives its size.
///
/// # Safety
/// [`has`] it, and nobody uses it any more.
pub unsafe fn free(p: *mut u8) -> usize {
    // SAFETY: by the caller's promise.
    let Head { grains, bytes } = unsafe { head(p).read() };
    give_back(first_grain(p), grains);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks keep what is in them, grow where there is room, and leave nothing behind. The tests share the region: they take less than half of it
    /// together.
    #[test]
    fn blocks() {
        for bytes in [1, 100, GRAIN - HEAD, GRAIN, 70 * GRAIN, MOST] {
            let p = allocate(bytes, 16);
            assert!(has(p) && p.addr() % GRAIN == HEAD);
            // SAFETY: of that size, and ours.
            unsafe {
                assert_eq!(size(p), bytes);
                p.write_bytes(7, bytes);
                if resize_in_place(p, bytes + GRAIN) {
                    assert_eq!(size(p), bytes + GRAIN);
                }
                assert!(std::slice::from_raw_parts(p, bytes).iter().all(|&b| b == 7));
                assert!(resize_in_place(p, 1));
                assert_eq!(free(p), 1);
            }
        }
        assert!(allocate(MOST + 1, 16).is_null() && allocate(1, 2 * ALIGNMENT).is_null());
        assert!(!has(std::ptr::null()) && !has(start().wrapping_sub(1)) && !has(start().wrapping_add(BYTES)));
    }

    #[test]
    fn many_threads() {
        std::thread::scope(|scope| {
            for t in 0..4_u8 {
                scope.spawn(move || {
                    let mut blocks = Vec::new();
                    for i in 0..4000 {
                        let bytes = i * 37 % (5 * GRAIN) + 1;
                        let p = allocate(bytes, 16);
                        // SAFETY: of that size, and ours.
                        unsafe { p.write_bytes(t, bytes) };
                        blocks.push((p, bytes));
                        if blocks.len() > 20 {
                            let (p, bytes) = blocks.swap_remove(i % 20);
                            // SAFETY: as above.
                            unsafe {
                                assert!(std::slice::from_raw_parts(p, bytes).iter().all(|&b| b == t));
                                free(p);
                            }
                        }
                    }
                    for (p, _) in blocks {
                        // SAFETY: as above.
                        unsafe { free(p) };
                    }
                });
            }
        });
    }
}
