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
//! The table of a thread serves some thousand objects at a time. To look an object up is to look at one entry, which copies and drops
//! of many references (`many.rs`) do in line; further entries take a call. With 100 objects of two threads that takes some 1.6 ns for a
//! reference, where an atomic operation takes 2.5 if no other thread has the object, and 7 if one has. What a thread counts only
//! a few times between two ticks gains nothing: credits are taken and given back by such operations.
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

const ENTRIES: usize = 4096;
/// Entries among which an object's is: those whose numbers differ in the lowest bits alone, and so lie side by side.
const WAYS: usize = 4;
/// Entries in a cache line.
const LINE: usize = 8;
/// References counted at once.
const AHEAD: u64 = 64;
/// Credits from which half is given back.
const MOST: u64 = 4096;

/// Low part of an entry: 0, or the number of credits and one.
const LOW: u64 = 0xffff;

/// An object that this thread has counted since its last poll: address, LOW; or zero. The entry of an object that may have credits is
/// **rich**, with or without some; another one is poor.
type Entry = Cell<u64>;

#[repr(align(64))]
struct Table {
    entries: [Entry; ENTRIES],
    /// Bits of the lines that are not all zero.
    used: [Cell<u64>; ENTRIES / LINE / 64],
}

thread_local! {
    static TABLE: Table = const {
        Table {
            entries: [const { Cell::new(0) }; ENTRIES],
            used: [const { Cell::new(0) }; ENTRIES / LINE / 64],
        }
    };
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

fn is_rich(entry: u64) -> bool {
    entry & LOW != 0
}

fn credits(entry: u64) -> u64 {
    (entry & LOW).saturating_sub(1)
}

#[inline(always)]
fn table<'a>() -> &'a Table {
    let table = TABLE.with(std::ptr::from_ref);
    // SAFETY: this thread's own, which lives as long as the thread; the borrow stays within this file and on this thread.
    unsafe { &*table }
}

/// Where an object's entry is first looked for. The numbers of entries grow with addresses, by 0.618 for 16 bytes, and begin again behind
/// the last one. So objects that lie side by side, as those that were made one after the other, have entries of their own side by
/// side, and few lines of the cache serve many; what lies elsewhere is as likely to be here as there.
#[inline(always)]
fn place_of(h: &Header) -> usize {
    let place = ((&raw const *h).addr() as u64).wrapping_mul(0x9E37_79B9_7F4A);
    (place >> (64 - ENTRIES.trailing_zeros())) as usize
}

/// Where an object's entry may be, the likeliest first.
#[inline(always)]
fn ways<'a>(h: &Header) -> impl Iterator<Item = &'a Entry> {
    let place = place_of(h);
    (0..WAYS).map(move |way| &table().entries[place ^ way])
}

#[inline(always)]
fn rich_entry<'a>(h: &Header) -> Option<&'a Entry> {
    ways(h).find(|e| e.get().wrapping_sub(poor(h) + 1) < LOW)
}

/// Takes a credit for a new reference.
#[inline(always)]
fn pay(h: &Header) -> bool {
    match rich_entry(h) {
        Some(e) if credits(e.get()) > 0 && h.count.peek() & PENDING == 0 => {
            e.set(e.get() - 1);
            true
        }
        _ => false,
    }
}

/// As [`pay`], if the credits are where they are first looked for.
#[inline(always)]
fn pay_at_once(h: &Header) -> bool {
    let e = &table().entries[place_of(h)];
    // One comparison: the same object, and at least one credit.
    let can = e.get().wrapping_sub(poor(h) + 2) < LOW - 1 && h.count.peek() & PENDING == 0;
    if can {
        e.set(e.get() - 1);
    }
    can
}

/// Gives back `n` credits of an entry.
fn settle(e: &Entry, n: u64) {
    if n == 0 {
        return;
    }
    e.set(e.get() - n);
    let object = object(e.get());
    // SAFETY: the credits hold it until the decrement, after which it is not touched unless it is ours to put on the list.
    unsafe {
        let count = &raw const (*object).count;
        if (*count).peek() & IMMORTAL == 0 && (*count).decrement_shared_by(n as u32) == Left::Zero {
            crate::reclaim::zero_shared(object);
        }
    }
}

/// The entry to put credits into, for an object that has been counted before.
fn note<'a>(h: &Header) -> Option<&'a Entry> {
    if let Some(e) = rich_entry(h) {
        return Some(e);
    }
    let mut free = None;
    for e in ways(h) {
        if e.get() == poor(h) {
            if h.class().finalize.get().is_some() {
                return None;
            }
            crate::reaper::keep_ticking();
            let first = &table().entries[place_of(h)];
            let e = if is_rich(first.get()) {
                e
            } else {
                e.swap(first);
                first
            };
            e.set(poor(h) + 1);
            return Some(e);
        }
        // The first vacant one, else a poor one.
        match free {
            None if !is_rich(e.get()) => free = Some(e),
            Some(f) if f.get() != 0 && e.get() == 0 => free = Some(e),
            _ => {}
        }
    }
    if let Some(e) = free
        && current_slot() != UNREGISTERED
    {
        e.set(poor(h));
        let line = place_of(h) / LINE;
        let used = &table().used[line / 64];
        used.set(used.get() | 1 << (line % 64));
        ANY.set(true);
    }
    None
}

/// One more reference to a shared object.
#[inline(always)]
pub(crate) fn increment(h: &Header) {
    if seems_alone() {
        increment_alone(h);
    } else {
        increment_preserving(h);
    }
}

/// As [`increment`], for loops: what is most often done is in line.
#[inline(always)]
pub(crate) fn increment_in_line(h: &Header) {
    if seems_alone() {
        increment_alone(h);
    } else if !pay_at_once(h) {
        increment_preserving(h);
    }
}

#[inline(always)]
fn increment_alone(h: &Header) {
    if h.count.peek() & IMMORTAL == 0 {
        h.count.increment_shared();
    }
}

// Nearly always the credits are at the first or the second place.
preserving! {
    fn increment_preserving(h: &Header) = increment_among_others, first (std::ptr::from_ref(table())) [
        "push rdx",
        // See `place_of`.
        "movabs rdx, 0x9E3779B97F4A",
        "imul rdx, rax",
        "shr rdx, 52",
        "lea rdx, [rcx + 8 * rdx]",
        // `pay` at one of them.
        "mov rcx, [rdx]",
        "shr rcx, 16",
        "cmp rcx, rax",
        "je 3f",
        "xor rdx, 8",
        "mov rcx, [rdx]",
        "shr rcx, 16",
        "cmp rcx, rax",
        "jne 2f",
        "3:",
        // LOW, which is at most MOST and one.
        "cmp word ptr [rdx], 2",
        "jl 2f",
        // PENDING.
        "test byte ptr [rax + 8], 1",
        "jne 2f",
        "dec qword ptr [rdx]",
        "pop rdx",
        "ret",
        "2:",
        "pop rdx",
    ]
}

// What the assembly above takes for granted.
const _: () = assert!(
    ENTRIES == 1 << (64 - 52)
        && size_of::<Entry>() == 8
        && std::mem::offset_of!(Table, entries) == 0
        && align_of::<Table>() >= 16
        && LOW == 0xffff
        && MOST + AHEAD < LOW / 2
        && PENDING == 1
        && std::mem::offset_of!(Header, count) == 8
);

#[inline(never)]
extern "C" fn increment_among_others(h: &Header) {
    if pay(h) || h.count.peek() & IMMORTAL != 0 {
        return;
    }
    match note(h) {
        Some(e) => {
            h.count.increment_shared_by(AHEAD as u32);
            e.set(e.get() + AHEAD - 1);
        }
        None => h.count.increment_shared(),
    }
}

/// As [`increment`], unless the object is dead.
pub(crate) fn try_increment(h: &Header) -> bool {
    if seems_alone() {
        return h.count.try_increment(crate::cycle::gate);
    }
    if pay(h) {
        return true;
    }
    if !h.count.try_increment(crate::cycle::gate) {
        return false;
    }
    if h.count.peek() & (IMMORTAL | PENDING) == 0
        && let Some(e) = note(h)
    {
        h.count.increment_shared_by(AHEAD as u32);
        e.set(e.get() + AHEAD);
    }
    true
}

/// Keeps a reference to a shared object that is given up as a credit; false if it must be taken off the count.
#[inline(always)]
pub(crate) fn deposit(h: &Header) -> bool {
    if seems_alone() {
        return false;
    }
    match rich_entry(h) {
        Some(e) if h.count.peek() & (PENDING | IMMORTAL) == 0 => {
            e.set(e.get() + 1);
            if credits(e.get()) >= MOST {
                settle(e, MOST / 2);
            }
            true
        }
        _ => false,
    }
}

/// As [`deposit`], for loops: only if the entry is where it is first looked for, and has not too many credits.
#[inline(always)]
pub(crate) fn deposit_at_once(h: &Header) -> bool {
    if seems_alone() {
        return false;
    }
    let e = &table().entries[place_of(h)];
    // One comparison: the same object, and a rich entry with less than MOST - 1.
    let can = e.get().wrapping_sub(poor(h) + 1) < MOST - 1 && h.count.peek() & (PENDING | IMMORTAL) == 0;
    if can {
        e.set(e.get() + 1);
    }
    can
}

/// Credits that this thread has of an object.
pub(crate) fn of(h: &Header) -> u32 {
    rich_entry(h).map_or(0, |e| credits(e.get()) as u32)
}

/// Gives back all credits of this thread and forgets what it has counted.
pub(crate) fn settle_all() {
    if ANY.replace(false) {
        for (lines, used) in table().entries.chunks(LINE * 64).zip(&table().used) {
            let mut rest = used.replace(0);
            while rest != 0 {
                let line = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                for e in &lines[line * LINE..][..LINE] {
                    settle(e, credits(e.get()));
                    e.set(0);
                }
            }
        }
    }
}
