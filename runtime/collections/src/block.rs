//! The memory block of a hash table.
//!
//! ```text
//! | head, 32 bytes | entries: capacity x WORDS x u64 | index: (mask + 1) x (u8, u16 or u32) |
//! ```
//!
//! An entry is `[hash, key]` in a set and `[hash, key, value]` in a dict; its last word is null once it is deleted. Entries
//! are appended and never move or come back to life; an index slot is written once, from empty to the number of an
//! entry. So whatever a reader without a lock finds in a block stays true of it, but for values being replaced and entries
//! being deleted. A table that is full gets a new block.
//!
//! | field | written | read |
//! |---|---|---|
//! | `mask`, `capacity` | at creation | by all |
//! | `used`, `live`, `version`, `first`, `last` | by the owner of a private holder, or under the holder's lock | by all |
//! | `edits` | by the writer of a shared holder, around each change of an entry | by who copies without the lock |
//! | entry | hash and key before it is appended; key and value set to null, value replaced by the writer | by all |
//! | index slot | by the writer, when its entry is complete | by all |

#![allow(unsafe_code)]

use crate::OutOfMemory;
use skein_gc::alloc::{allocate_buffer, free_buffer};
use skein_gc::edits::Edits;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

/// First part of a block.
#[repr(C, align(8))]
pub(crate) struct Head {
    /// Number of index slots, a power of two, less one.
    mask: u32,
    capacity: u32,
    /// Entries appended so far.
    pub used: AtomicU32,
    /// Entries not deleted.
    pub live: AtomicU32,
    /// See `Dict::keys_version`.
    pub version: AtomicU32,
    /// All entries before this one are deleted.
    pub first: AtomicU32,
    /// All entries from this one on are deleted.
    pub last: AtomicU32,
    pub edits: Edits,
}

const HEAD: usize = size_of::<Head>();
const SMALLEST: usize = 8;
const LARGEST: usize = 1 << 30;

/// The block of all empty tables. Never written: its capacity is zero.
#[repr(C)]
struct Empty {
    head: Head,
    index: [AtomicU8; 8],
}

static EMPTY: Empty = Empty {
    head: Head {
        mask: 0,
        capacity: 0,
        used: AtomicU32::new(0),
        live: AtomicU32::new(0),
        version: AtomicU32::new(0),
        first: AtomicU32::new(0),
        last: AtomicU32::new(0),
        edits: Edits::new(),
    },
    index: [const { AtomicU8::new(u8::MAX) }; 8],
};

pub(crate) const fn empty_head() -> *mut Head {
    &raw const EMPTY as *mut Head
}

/// Entries that an index of `slots` slots serves.
const fn usable(slots: usize) -> usize {
    slots / 3 * 2 + (slots % 3) * 2 / 3
}

/// A block that is known to be there: see [`Block::new`].
pub(crate) struct Block<const WORDS: usize>(NonNull<Head>, PhantomData<[u64; WORDS]>);

impl<const WORDS: usize> Clone for Block<WORDS> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<const WORDS: usize> Copy for Block<WORDS> {}

pub(crate) const KEY: usize = 1;

impl<const WORDS: usize> Block<WORDS> {
    /// # Safety
    /// `head` begins a block made by [`Block::allocate`] with the same `WORDS`, or is [`empty_head`]. It stays allocated
    /// while the result is used: its holder is private and unchanged, or is locked, or this thread does not poll.
    #[inline(always)]
    pub unsafe fn new(head: *mut Head) -> Self {
        // SAFETY: not null by the caller's promise.
        Block(unsafe { NonNull::new_unchecked(head) }, PhantomData)
    }

    /// An empty block with room for at least `wanted` entries.
    pub fn allocate(wanted: usize) -> Result<Self, OutOfMemory> {
        if wanted <= const { usable(SMALLEST) } {
            return Self::with_slots(SMALLEST);
        }
        let mut slots = SMALLEST;
        while usable(slots) < wanted {
            slots *= 2;
            if slots > LARGEST {
                return Err(OutOfMemory);
            }
        }
        Self::with_slots(slots)
    }

    /// Inlined, since nearly all are of the smallest size, of which the rest can be computed beforehand.
    #[inline(always)]
    fn with_slots(slots: usize) -> Result<Self, OutOfMemory> {
        let capacity = usable(slots);
        let width = width_of(slots - 1);
        let entries = capacity * WORDS * 8;
        let p = allocate_buffer(HEAD + entries + slots * width).ok_or(OutOfMemory)?;
        let head = p.cast::<Head>();
        // SAFETY: the new buffer is large enough for the head, and for the index behind the entries; it is ours alone.
        unsafe {
            head.write(Head {
                mask: (slots - 1) as u32,
                capacity: capacity as u32,
                used: AtomicU32::new(0),
                live: AtomicU32::new(0),
                version: AtomicU32::new(0),
                first: AtomicU32::new(0),
                last: AtomicU32::new(0),
                edits: Edits::new(),
            });
            let index = p.as_ptr().add(HEAD + entries);
            if slots == SMALLEST {
                // One store. Entries are multiples of 8 bytes, so the index is aligned.
                index.cast::<u64>().write(u64::MAX);
            } else {
                index.write_bytes(0xff, slots * width);
            }
        }
        Ok(Block(head, PhantomData))
    }

    /// Gives the memory back; the references in it are not touched.
    ///
    /// # Safety
    /// The block is not used again by anyone.
    pub unsafe fn free(self) {
        if !self.is_empty_static() {
            // SAFETY: came from `allocate_buffer`, by the promise of `new`.
            unsafe { free_buffer(self.0.cast()) }
        }
    }

    pub fn is_empty_static(self) -> bool {
        self.head().capacity == 0
    }

    pub fn as_ptr(self) -> *mut Head {
        self.0.as_ptr()
    }

    pub fn pointer(self) -> NonNull<Head> {
        self.0
    }

    #[inline(always)]
    pub fn head<'a>(self) -> &'a Head {
        // SAFETY: allocated while `self` is used, by the promise of `new`.
        unsafe { self.0.as_ref() }
    }

    #[inline(always)]
    pub fn mask(self) -> usize {
        self.head().mask as usize
    }

    #[inline(always)]
    pub fn capacity(self) -> u32 {
        self.head().capacity
    }

    #[inline(always)]
    pub fn used(self) -> u32 {
        // Acquire pairs with the release in `append`: entries below are complete.
        self.head().used.load(Ordering::Acquire)
    }

    /// Whether another entry fits.
    #[inline]
    pub fn has_room(self) -> bool {
        self.used() < self.capacity()
    }

    /// A word of an entry.
    ///
    /// # Safety
    /// `i` is less than the capacity, and a word is only loaded if the entry was appended.
    #[inline(always)]
    pub unsafe fn word<'a>(self, i: u32, word: usize) -> &'a AtomicU64 {
        debug_assert!(i < self.capacity() && word < WORDS);
        // SAFETY: inside the block by the caller's promise; entries are 8-byte aligned behind the head.
        unsafe {
            &*self
                .0
                .as_ptr()
                .byte_add(HEAD)
                .cast::<AtomicU64>()
                .add(i as usize * WORDS + word)
        }
    }

    /// The word that is null if the entry is deleted: the value of a dict, the key of a set.
    ///
    /// # Safety
    /// As for [`Block::word`].
    #[inline(always)]
    pub unsafe fn last_word<'a>(self, i: u32) -> &'a AtomicU64 {
        // SAFETY: as the caller's.
        unsafe { self.word(i, WORDS - 1) }
    }

    #[inline(always)]
    fn index(self) -> *mut u8 {
        let entries = self.capacity() as usize * WORDS * 8;
        // SAFETY: the index follows the entries in the same allocation.
        unsafe { self.0.as_ptr().cast::<u8>().add(HEAD + entries) }
    }

    /// The entry that an index slot refers to. `slot` is taken modulo the number of slots.
    #[inline(always)]
    pub fn entry_of(self, slot: usize) -> Option<u32> {
        let mask = self.mask();
        let slot = slot & mask;
        let index = self.index();
        // Acquire pairs with the release in `append`: the entry is complete.
        // SAFETY: `slot` is within the index, whose width follows from the mask.
        unsafe {
            if mask <= 0xff {
                let n = (*index.cast::<AtomicU8>().add(slot)).load(Ordering::Acquire);
                if n == u8::MAX { None } else { Some(n.into()) }
            } else if mask <= 0xffff {
                let n = (*index.cast::<AtomicU16>().add(slot)).load(Ordering::Acquire);
                if n == u16::MAX { None } else { Some(n.into()) }
            } else {
                let n = (*index.cast::<AtomicU32>().add(slot)).load(Ordering::Acquire);
                if n == u32::MAX { None } else { Some(n) }
            }
        }
    }

    /// Appends an entry. The caller is the writer, has checked `has_room`, and no live entry has the key.
    /// Takes over the references in `key` and `rest` (the value of a dict; ignored in a set).
    pub fn append(self, hash: u64, key: u64, rest: u64) -> u32 {
        let mut probe = Probe::new(hash);
        while self.entry_of(probe.slot).is_some() {
            probe.advance();
        }
        self.append_at(probe.slot, hash, key, rest)
    }

    /// As `append`, at the free index slot where a search for the key ended.
    #[inline(always)]
    pub fn append_at(self, slot: usize, hash: u64, key: u64, rest: u64) -> u32 {
        let head = self.head();
        // Relaxed: written by the writer alone.
        let i = head.used.load(Ordering::Relaxed);
        debug_assert!(i < head.capacity);
        // SAFETY: there is room. Relaxed: the release of the index slot and of `used` below publish the entry.
        unsafe {
            self.word(i, 0).store(hash, Ordering::Relaxed);
            self.word(i, KEY).store(key, Ordering::Relaxed);
            if WORDS > 2 {
                self.last_word(i).store(rest, Ordering::Relaxed);
            }
        }
        self.write_index(slot, i);
        // Release pairs with the acquire in `used`.
        head.used.store(i + 1, Ordering::Release);
        // Relaxed: hints and counts, read without meaning for other memory.
        head.last.store(i + 1, Ordering::Relaxed);
        head.live
            .store(head.live.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        i
    }

    #[inline(always)]
    fn write_index(self, slot: usize, i: u32) {
        let mask = self.mask();
        let slot = slot & mask;
        let index = self.index();
        // Release pairs with the acquire in `entry_of`.
        // SAFETY: as in `entry_of`; the number of an entry fits, since capacities are below the number of slots.
        unsafe {
            if mask <= 0xff {
                (*index.cast::<AtomicU8>().add(slot)).store(i as u8, Ordering::Release);
            } else if mask <= 0xffff {
                (*index.cast::<AtomicU16>().add(slot)).store(i as u16, Ordering::Release);
            } else {
                (*index.cast::<AtomicU32>().add(slot)).store(i, Ordering::Release);
            }
        }
    }

    /// Deletes a live entry; the caller is the writer and gets its key and its last word (the same in a set).
    pub fn erase(self, i: u32) -> (u64, u64) {
        // SAFETY: live entries have been appended.
        // AcqRel: the value is seen whole by the one who takes it; a reader that misses it sees why.
        let (last, key) = unsafe {
            let last = self.last_word(i).swap(0, Ordering::AcqRel);
            let key = if WORDS > 2 {
                self.word(i, KEY).swap(0, Ordering::AcqRel)
            } else {
                last
            };
            (last, key)
        };
        let head = self.head();
        // Relaxed: hints and counts, written by the writer alone.
        head.live
            .store(head.live.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
        if head.first.load(Ordering::Relaxed) == i {
            head.first.store(i + 1, Ordering::Relaxed);
        }
        if head.last.load(Ordering::Relaxed) == i + 1 {
            head.last.store(i, Ordering::Relaxed);
        }
        (key, last)
    }

    /// First live entry at or after `i`.
    pub fn live_from(self, i: u32) -> Option<u32> {
        // Relaxed: entries before `first` are deleted for good.
        let mut i = i.max(self.head().first.load(Ordering::Relaxed));
        let used = self.used();
        while i < used {
            // SAFETY: appended. Relaxed: only tested for null.
            if unsafe { self.last_word(i) }.load(Ordering::Relaxed) != 0 {
                return Some(i);
            }
            i += 1;
        }
        None
    }

    /// Last live entry before `i`.
    pub fn live_before(self, i: u32) -> Option<u32> {
        let mut i = i.min(self.used());
        while i > 0 {
            i -= 1;
            // SAFETY: appended. Relaxed: only tested for null.
            if unsafe { self.last_word(i) }.load(Ordering::Relaxed) != 0 {
                return Some(i);
            }
        }
        None
    }

    /// A block with the live entries of this one, and room for `extra` more and for growth. The references belong to
    /// whoever retires one of the two.
    pub fn rebuilt(self, extra: usize) -> Result<Self, OutOfMemory> {
        self.reordered(extra, None)
    }

    /// As `rebuilt`, with a live entry in front of the others.
    pub fn reordered(self, extra: usize, first: Option<u32>) -> Result<Self, OutOfMemory> {
        let live = self.head().live.load(Ordering::Relaxed) as usize;
        // Half as many again: with nothing deleted the size doubles, with much deleted it stays or shrinks.
        let new = Self::allocate(live + (live / 2).max(extra))?;
        if live == 0 {
            return Ok(new);
        }
        if let Some(i) = first {
            let (hash, key, last) = self.entry(i);
            new.append(hash, key, last);
        }
        let mut next = 0;
        while let Some(i) = self.live_from(next) {
            if Some(i) != first {
                let (hash, key, last) = self.entry(i);
                new.append(hash, key, last);
            }
            next = i + 1;
        }
        Ok(new)
    }

    /// Hash, key and last word of a live entry, for the writer.
    #[inline(always)]
    pub fn entry(self, i: u32) -> (u64, u64, u64) {
        // SAFETY: live entries were appended. Relaxed: the writer alone changes them.
        unsafe {
            (
                self.word(i, 0).load(Ordering::Relaxed),
                self.word(i, KEY).load(Ordering::Relaxed),
                self.last_word(i).load(Ordering::Relaxed),
            )
        }
    }

    /// Whether nothing in it is deleted, and the room is not too large for what there is.
    pub fn is_packed(self) -> bool {
        // Relaxed: asked by the writer.
        let live = self.head().live.load(Ordering::Relaxed);
        live == self.used() && live >= self.capacity() / 3
    }

    /// A block with the same entries in the same places. The references belong to whoever retires one of the two.
    pub fn duplicate(self) -> Result<Self, OutOfMemory> {
        let from = self.head();
        let slots = self.mask() + 1;
        let entries = self.capacity() as usize * WORDS * 8;
        let index = slots * width_of(self.mask());
        let p = allocate_buffer(HEAD + entries + index).ok_or(OutOfMemory)?;
        let head = p.cast::<Head>();
        let used = self.used();
        // Relaxed: asked by the writer.
        let copy = |n: &AtomicU32| AtomicU32::new(n.load(Ordering::Relaxed));
        // SAFETY: a block of the same size, which is ours alone. The old one is its writer's, who is copying it: it does not change.
        unsafe {
            head.write(Head {
                mask: from.mask,
                capacity: from.capacity,
                used: AtomicU32::new(used),
                live: copy(&from.live),
                version: AtomicU32::new(0),
                first: copy(&from.first),
                last: copy(&from.last),
                edits: Edits::new(),
            });
            let (old, new) = (self.0.as_ptr().cast::<u8>(), p.as_ptr());
            std::ptr::copy_nonoverlapping(old.add(HEAD), new.add(HEAD), used as usize * WORDS * 8);
            std::ptr::copy_nonoverlapping(old.add(HEAD + entries), new.add(HEAD + entries), index);
        }
        Ok(Block(head, PhantomData))
    }

    /// As `duplicate`, by who has no lock; `None` if the block is not packed, or if it was changed meanwhile. It may have been replaced: then
    /// the copy is of the moment before. The copied references are not counted: that is to be done before this thread polls.
    pub fn copy_moment(self) -> Result<Option<Self>, OutOfMemory> {
        let from = self.head();
        let Some(seen) = from.edits.seen() else {
            return Ok(None);
        };
        if self.is_empty_static() || !self.is_packed() {
            return Ok(None);
        }
        let used = self.used();
        let mask = self.mask();
        let (slots, width) = (mask + 1, width_of(mask));
        let entries = self.capacity() as usize * WORDS * 8;
        let p = allocate_buffer(HEAD + entries + slots * width).ok_or(OutOfMemory)?;
        let new = Block::<WORDS>(p.cast::<Head>(), PhantomData);
        // SAFETY: a block of the same size, which is ours alone; the words of the old one are atomics, and those of the first `used`
        // entries have been written. Acquire pairs with the release of who stored a value; the index is of no use unless nothing has
        // changed, which is seen below.
        unsafe {
            new.0.write(Head {
                mask: from.mask,
                capacity: from.capacity,
                used: AtomicU32::new(used),
                live: AtomicU32::new(used),
                version: AtomicU32::new(0),
                first: AtomicU32::new(0),
                last: AtomicU32::new(used),
                edits: Edits::new(),
            });
            for i in 0..used {
                for word in 0..WORDS {
                    let bits = self.word(i, word).load(Ordering::Acquire);
                    new.word(i, word).as_ptr().write(bits);
                }
            }
            let (old, new) = (self.index(), new.index());
            for slot in 0..slots {
                match width {
                    1 => *new.add(slot) = (*old.cast::<AtomicU8>().add(slot)).load(Ordering::Relaxed),
                    2 => {
                        *new.cast::<u16>().add(slot) = (*old.cast::<AtomicU16>().add(slot)).load(Ordering::Relaxed);
                    }
                    _ => {
                        *new.cast::<u32>().add(slot) = (*old.cast::<AtomicU32>().add(slot)).load(Ordering::Relaxed);
                    }
                }
            }
        }
        if !from.edits.same(seen) {
            // SAFETY: nobody else knows it, and nothing in it has been counted.
            unsafe { new.free() };
            return Ok(None);
        }
        Ok(Some(new))
    }

    pub fn is_valid(self) -> bool {
        let h = self.head();
        let live = (0..self.used())
            // SAFETY: appended.
            .filter(|&i| unsafe { self.last_word(i) }.load(Ordering::Relaxed) != 0)
            .count();
        live == h.live.load(Ordering::Relaxed) as usize
            && self.used() <= h.capacity
            && h.last.load(Ordering::Relaxed) <= self.used()
    }
}

/// Bytes of an index slot.
const fn width_of(mask: usize) -> usize {
    if mask <= 0xff {
        1
    } else if mask <= 0xffff {
        2
    } else {
        4
    }
}

/// The order in which index slots are visited: the low bits of the hash first, so that consecutive ints lie side by side;
/// then higher bits come in, so that hashes that are equal in the low ones part.
pub(crate) struct Probe {
    pub slot: usize,
    rest: u64,
}

impl Probe {
    #[inline(always)]
    pub fn new(hash: u64) -> Probe {
        Probe {
            slot: hash as usize,
            rest: hash,
        }
    }

    #[inline(always)]
    pub fn advance(&mut self) {
        self.rest >>= 5;
        // Multiplier 5 and increment 1 visit all slots of a power of two once the rest has run out.
        self.slot = self
            .slot
            .wrapping_mul(5)
            .wrapping_add(self.rest as usize)
            .wrapping_add(1);
    }
}
