//! References counted ahead: a thread that counts the same shared objects again and again writes to them seldom.
//!
//! A thread keeps **credits**: references to a shared object that its count word includes and that nobody holds yet. A new
//! reference is paid from them, and one that is given up goes back to them, without an atomic operation. So the count word
//! is at least the number of references, and exact where no thread has credits.
//!
//! An object gets credits when a thread counts it for the second time while it is in the table of the thread: what is counted
//! once costs as much as ever. A thread gives all its credits back at every poll that has a request and when it detaches
//! ([`settle_all`]), hence at least every millisecond while it has any (`reaper::keep_ticking`); so an object dies that much
//! later at most, and while the world is stopped all counts are exact but for this thread's.
//!
//! # Why that is safe
//!
//! * A count that is too high keeps an object alive for longer, no more: while a thread has a credit of it, it does not fall to
//!   zero. An entry without credits is but an address; if the object there is another one by now, nothing is wrong.
//! * Who counts an object that is watched (`count.rs`) has to make it DIRTY. So a PENDING object is counted the usual way, and
//!   given up the usual way. `reclaim.rs` sets PENDING on a word of one reference; if that is our credit, it passes to a holder
//!   as an owned reference passes from hand to hand. `cycle/confirm.rs` sets it on any word, and then waits until each thread
//!   has passed a poll: from there on all see it. Credits that are left count as references from outside, so the object stays.
//!
//! Objects with a finaliser get none, so that it runs as soon as possible. A thread with which no other one is attached neither
//! takes nor uses any: it disturbs nobody.

use crate::count::{IMMORTAL, Left, PENDING};
use crate::header::Header;
use crate::mutator::{UNREGISTERED, current_slot};
use crate::preserve::preserving;
use crate::registry::seems_alone;
use std::cell::Cell;

/// Entries of a set of the table.
const WAYS: usize = 4;
const SETS: usize = 256;
/// References counted at once.
const AHEAD: u32 = 64;
/// Credits from which half is given back.
const MOST: u32 = 4096;

/// Number of credits.
const CREDITS: u64 = 0x7fff;
/// The object may have credits.
const RICH: u64 = 0x8000;

/// An object that this thread has counted since its last poll: address, RICH, CREDITS; or zero.
type Entry = Cell<u64>;

#[repr(align(64))]
struct Table([[Entry; WAYS]; SETS]);

thread_local! {
    static TABLE: Table = const { Table([const { [const { Cell::new(0) }; WAYS] }; SETS]) };
    /// Whether the table has entries.
    static ANY: Cell<bool> = const { Cell::new(false) };
}

#[inline(always)]
fn poor(h: &Header) -> u64 {
    ((&raw const *h).addr() as u64) << 16
}

fn object(entry: u64) -> *mut Header {
    (entry >> 16) as *mut Header
}

#[inline(always)]
fn table<'a>() -> &'a Table {
    let table = TABLE.with(std::ptr::from_ref);
    // SAFETY: this thread's own, which lives as long as the thread; the borrow stays within this file and on this thread.
    unsafe { &*table }
}

/// Where an object's entry is, if it has one.
#[inline(always)]
fn set_of<'a>(h: &Header) -> &'a [Entry; WAYS] {
    let place = ((&raw const *h).addr() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - SETS.trailing_zeros());
    &table().0[place as usize]
}

#[inline(always)]
fn rich_entry<'a>(set: &'a [Entry; WAYS], h: &Header) -> Option<&'a Entry> {
    let wanted = (poor(h) | RICH) >> 15;
    set.iter().find(|e| e.get() >> 15 == wanted)
}

/// Takes a credit for a new reference.
#[inline(always)]
fn pay(set: &[Entry; WAYS], h: &Header) -> bool {
    match rich_entry(set, h) {
        Some(e) if e.get() & CREDITS != 0 && h.count.peek() & PENDING == 0 => {
            e.set(e.get() - 1);
            true
        }
        _ => false,
    }
}

/// Gives back `n` credits of an entry.
fn settle(e: &Entry, n: u32) {
    if n == 0 {
        return;
    }
    e.set(e.get() - n as u64);
    let object = object(e.get());
    // SAFETY: the credits hold it until the decrement, after which it is not touched unless it is ours to put on the list.
    unsafe {
        let count = &raw const (*object).count;
        if (*count).peek() & IMMORTAL == 0 && (*count).decrement_shared_by(n) == Left::Zero {
            crate::reclaim::zero_shared(object);
        }
    }
}

/// The entry to put credits into, for an object that has been counted before.
fn note<'a>(set: &'a [Entry; WAYS], h: &Header) -> Option<&'a Entry> {
    if let Some(e) = rich_entry(set, h) {
        return Some(e);
    }
    let mut free = None;
    for e in set {
        if e.get() == poor(h) {
            if h.class().finalize.get().is_some() {
                return None;
            }
            e.set(poor(h) | RICH);
            crate::reaper::keep_ticking();
            return Some(e);
        }
        // The first vacant one, else a poor one.
        match free {
            None if e.get() & RICH == 0 => free = Some(e),
            Some(f) if f.get() != 0 && e.get() == 0 => free = Some(e),
            _ => {}
        }
    }
    if let Some(e) = free
        && current_slot() != UNREGISTERED
    {
        e.set(poor(h));
        ANY.set(true);
    }
    None
}

/// One more reference to a shared object.
#[inline(always)]
pub(crate) fn increment(h: &Header) {
    if seems_alone() {
        if h.count.peek() & IMMORTAL == 0 {
            h.count.increment_shared();
        }
    } else {
        increment_preserving(h);
    }
}

// Nearly always the credits are in the first two entries of a set.
preserving! {
    fn increment_preserving(h: &Header) = increment_among_others, first (std::ptr::from_ref(table())) [
        "push rdx",
        "push rsi",
        // The set of the object: see `set_of`.
        "movabs rdx, 0x9E3779B97F4A7C15",
        "imul rdx, rax",
        "shr rdx, 56",
        "shl edx, 5",
        "add rdx, rcx",
        // `pay` with one of them.
        "mov rcx, [rdx]",
        "shr rcx, 15",
        "lea rsi, [2 * rax + 1]",
        "cmp rcx, rsi",
        "je 3f",
        "mov rcx, [rdx + 8]",
        "add rdx, 8",
        "shr rcx, 15",
        "cmp rcx, rsi",
        "jne 2f",
        "3:",
        "test word ptr [rdx], 0x7fff",
        "je 2f",
        // PENDING.
        "test byte ptr [rax + 8], 1",
        "jne 2f",
        "dec qword ptr [rdx]",
        "pop rsi",
        "pop rdx",
        "ret",
        "2:",
        "pop rsi",
        "pop rdx",
    ]
}

// What the assembly above takes for granted.
const _: () = assert!(
    SETS == 256
        && size_of::<[Entry; WAYS]>() == 32
        && CREDITS == 0x7fff
        && RICH == CREDITS + 1
        && PENDING == 1
        && std::mem::offset_of!(Header, count) == 8
);

#[inline(never)]
extern "C" fn increment_among_others(h: &Header) {
    let set = set_of(h);
    if pay(set, h) || h.count.peek() & IMMORTAL != 0 {
        return;
    }
    match note(set, h) {
        Some(e) => {
            h.count.increment_shared_by(AHEAD);
            e.set(e.get() + AHEAD as u64 - 1);
        }
        None => h.count.increment_shared(),
    }
}

/// As [`increment`], unless the object is dead.
pub(crate) fn try_increment(h: &Header) -> bool {
    if seems_alone() {
        return h.count.try_increment(crate::cycle::gate);
    }
    let set = set_of(h);
    if pay(set, h) {
        return true;
    }
    if !h.count.try_increment(crate::cycle::gate) {
        return false;
    }
    if h.count.peek() & (IMMORTAL | PENDING) == 0
        && let Some(e) = note(set, h)
    {
        h.count.increment_shared_by(AHEAD);
        e.set(e.get() + AHEAD as u64);
    }
    true
}

/// Keeps a reference to a shared object that is given up as a credit; false if it must be taken off the count.
#[inline(always)]
pub(crate) fn deposit(h: &Header) -> bool {
    if seems_alone() {
        return false;
    }
    match rich_entry(set_of(h), h) {
        Some(e) if h.count.peek() & (PENDING | IMMORTAL) == 0 => {
            e.set(e.get() + 1);
            if e.get() & CREDITS >= MOST as u64 {
                settle(e, MOST / 2);
            }
            true
        }
        _ => false,
    }
}

/// Credits that this thread has of an object.
pub(crate) fn of(h: &Header) -> u32 {
    rich_entry(set_of(h), h).map_or(0, |e| (e.get() & CREDITS) as u32)
}

/// Gives back all credits of this thread and forgets what it has counted.
pub(crate) fn settle_all() {
    if ANY.replace(false) {
        for e in table().0.as_flattened() {
            settle(e, (e.get() & CREDITS) as u32);
            e.set(0);
        }
    }
}
