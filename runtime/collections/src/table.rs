//! What dict and set share: finding, appending and deleting under the rules of the crate's head.
//!
//! A search that must ask Python whether two keys are equal cannot hold the lock while it asks. `changes` counts every
//! appended or deleted entry and every new block; if it moved while Python ran, the search starts again.

#![allow(unsafe_code)]

use crate::block::{Block, Head, KEY, Probe, empty_head};
use crate::{KeyEq, OutOfMemory};
use skein_gc::lock::{Guard, critical};
use skein_gc::publish::publish;
use skein_gc::reclaim::retire_buffer;
use skein_gc::{Header, Ref, Value, Visitor};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

pub(crate) struct Table<const WORDS: usize> {
    /// Written by the owner of a private holder or under the lock; read by all.
    head: AtomicPtr<Head>,
    /// As `head`. Counts what would make the number of an entry, or an answer "absent", wrong.
    changes: AtomicU64,
}

/// What the probe sequence of a hash meets next.
enum Step {
    /// The index slot is free.
    Absent,
    /// The key itself.
    Same(u32),
    /// A key with the same hash.
    Candidate(u32, Value),
}

/// What a search without equality knows of a key.
pub(crate) enum Glance {
    Absent,
    Found(Value),
    /// There is a key with the same hash.
    Unknown,
}

#[inline(always)]
fn step<const W: usize>(probe: &mut Probe, block: Block<W>, hash: u64, key: Value) -> Step {
    loop {
        let Some(i) = block.entry_of(probe.slot) else {
            return Step::Absent;
        };
        probe.advance();
        // SAFETY: the index refers to appended entries.
        // Relaxed: the acquire of the index slot covers hash and key; all that happens to a key later is deletion.
        let (stored_hash, stored) = unsafe {
            (
                block.word(i, 0).load(Ordering::Relaxed),
                Value(block.word(i, KEY).load(Ordering::Relaxed)),
            )
        };
        if stored == key {
            return Step::Same(i);
        }
        if stored_hash == hash && !stored.is_null() {
            return Step::Candidate(i, stored);
        }
    }
}

/// An owned reference from the bits of a word that owned it.
///
/// # Safety
/// The word has given the reference up.
#[inline(always)]
unsafe fn owned(bits: u64) -> Ref {
    // SAFETY: by the caller's promise; live entries hold no nulls.
    unsafe { Ref::from_value(Value(bits)) }
}

/// Where a key is, or would be, in the table of a private holder.
pub(crate) enum Spot {
    /// The entry of the key itself.
    Entry(u32),
    /// No entry has the key's hash, and another fits; its index slot.
    Free(usize),
    /// No entry has the key's hash, and no other fits.
    Full,
    /// It takes an equality.
    Unknown,
}

/// What a writer is going to store, which has to be published before the lock is taken.
#[derive(Clone, Copy)]
pub(crate) struct Stored {
    /// Where the key is absent.
    pub absent: [Value; 2],
    /// Where it is there.
    pub present: Value,
}

impl Stored {
    pub const NOTHING: Stored = Stored {
        absent: [Value::NULL, Value::NULL],
        present: Value::NULL,
    };
}

/// Where the search for a key ended, with the lock held.
pub(crate) struct Place<'h, const W: usize> {
    /// Held to keep the rest true.
    pub guard: Guard<'h>,
    pub block: Block<W>,
    pub entry: Option<u32>,
}

impl<const W: usize> Table<W> {
    pub const fn new() -> Self {
        Table {
            head: AtomicPtr::new(empty_head()),
            changes: AtomicU64::new(0),
        }
    }

    pub fn with_capacity(entries: usize) -> Result<Self, OutOfMemory> {
        let table = Self::new();
        if entries > 0 {
            let block = Block::<W>::allocate(entries)?;
            table.head.store(block.as_ptr(), Ordering::Relaxed);
        }
        Ok(table)
    }

    /// The current block; not to be used across a poll, nor across an unlock by a writer.
    #[inline(always)]
    pub fn block(&self) -> Block<W> {
        // Acquire pairs with the release in `replace_block`: the block is seen whole.
        // SAFETY: the field always holds a valid block, which is retired and not freed when it is replaced.
        unsafe { Block::new(self.head.load(Ordering::Acquire)) }
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        // Relaxed: a number.
        self.block().head().live.load(Ordering::Relaxed) as usize
    }

    #[inline(always)]
    pub fn changes(&self) -> u64 {
        // Acquire pairs with the release in `changed`: who sees a change counted sees it made.
        self.changes.load(Ordering::Acquire)
    }

    fn changed(&self) {
        // Relaxed load: written by the writer alone. Release pairs with the acquire in `changes`.
        let n = self.changes.load(Ordering::Relaxed);
        self.changes.store(n.wrapping_add(1), Ordering::Release);
    }

    /// Searches without a lock and without asking for equality.
    #[inline(always)]
    pub fn glance(&self, hash: u64, key: &Ref) -> Glance {
        let hash = crate::fold(hash);
        let block = self.block();
        let mut probe = Probe::new(hash);
        match step(&mut probe, block, hash, key.value()) {
            Step::Absent => Glance::Absent,
            Step::Same(i) => {
                // SAFETY: the index refers to appended entries. Acquire pairs with the release of who stored the value.
                let v = Value(unsafe { block.last_word(i) }.load(Ordering::Acquire));
                if v.is_null() { Glance::Unknown } else { Glance::Found(v) }
            }
            Step::Candidate(..) => Glance::Unknown,
        }
    }

    /// The last word of a key among keys of which equal ones are identical, or null. Without a lock; not counted.
    #[inline(always)]
    pub fn search_identical(&self, hash: u64, key: &Ref) -> Value {
        let hash = crate::fold(hash);
        let block = self.block();
        let mut probe = Probe::new(hash);
        loop {
            let Some(i) = block.entry_of(probe.slot) else {
                return Value::NULL;
            };
            // SAFETY: the index refers to appended entries. Relaxed: as in `step`.
            if unsafe { block.word(i, KEY) }.load(Ordering::Relaxed) == key.value().0 {
                // SAFETY: as above. Acquire pairs with the release of who stored the value.
                let v = Value(unsafe { block.last_word(i) }.load(Ordering::Acquire));
                if !v.is_null() {
                    return v;
                }
            }
            probe.advance();
        }
    }

    /// Entry and last word of a key, without a lock. The word is not counted: count it before the next poll.
    #[inline(never)]
    pub fn search<K: KeyEq>(&self, hash: u64, key: &Ref, eq: &mut K) -> Result<Option<(u32, Value)>, K::Error> {
        let hash = crate::fold(hash);
        'again: loop {
            let changes = self.changes();
            let block = self.block();
            let mut probe = Probe::new(hash);
            loop {
                let i = match step(&mut probe, block, hash, key.value()) {
                    Step::Absent => return Ok(None),
                    Step::Same(i) => i,
                    Step::Candidate(i, stored) => {
                        let equal = Self::ask(stored, key, eq)?;
                        // The block may be gone if the equality polled: then its replacement was counted.
                        if !K::PURE && self.changes() != changes {
                            continue 'again;
                        }
                        if !equal {
                            continue;
                        }
                        i
                    }
                };
                // SAFETY: the index refers to appended entries. Acquire pairs with the release of who stored the value.
                let v = Value(unsafe { block.last_word(i) }.load(Ordering::Acquire));
                // Null: deleted, and perhaps appended again further on.
                if !v.is_null() {
                    return Ok(Some((i, v)));
                }
            }
        }
    }

    /// Asks whether two keys are equal; `stored` has just been loaded.
    fn ask<K: KeyEq>(stored: Value, key: &Ref, eq: &mut K) -> Result<bool, K::Error> {
        if K::PURE {
            // SAFETY: the key lives until this thread polls, which a pure equality does not; it is not dropped here.
            let stored = ManuallyDrop::new(unsafe { Ref::from_value(stored) });
            eq.eq(&stored, key)
        } else {
            // SAFETY: alive until this thread polls, which it has not done since the load.
            let stored = unsafe { Ref::copy_of(stored) };
            eq.eq(&stored, key)
        }
    }

    /// Searches for a key as the owner of a private holder, without asking for equality.
    #[inline(always)]
    pub fn spot(block: Block<W>, hash: u64, key: &Ref) -> Spot {
        let hash = crate::fold(hash);
        let mut probe = Probe::new(hash);
        match step(&mut probe, block, hash, key.value()) {
            Step::Absent if block.has_room() => Spot::Free(probe.slot),
            Step::Absent => Spot::Full,
            Step::Same(i) => Spot::Entry(i),
            Step::Candidate(..) => Spot::Unknown,
        }
    }

    /// Appends at a free spot, as the owner of a private holder. The references pass to the table.
    #[inline(always)]
    pub fn append_at(&self, block: Block<W>, slot: usize, hash: u64, key: Value, last: Value) {
        // Relaxed: the owner alone reads and writes.
        block.head().version.store(0, Ordering::Relaxed);
        block.append_at(slot, crate::fold(hash), key.0, last.0);
        self.changed();
    }

    /// Makes room and appends, as the owner of a private holder. On failure the references stay the caller's.
    #[inline(never)]
    pub fn append_grown(&self, holder: &Header, hash: u64, key: Value, last: Value) -> Result<(), OutOfMemory> {
        let new = self.block().rebuilt(1)?;
        self.replace_block(holder, new);
        new.append(crate::fold(hash), key.0, last.0);
        Ok(())
    }

    /// Locks the holder if it is shared, having published what the caller is about to store.
    #[inline(always)]
    pub fn enter<'h>(holder: &'h Header, stored: [Value; 2]) -> Guard<'h> {
        if !holder.is_private() {
            publish(stored[0]);
            publish(stored[1]);
        }
        critical(holder)
    }

    /// Searches for `key` as a writer, who is going to store `will`.
    #[inline]
    pub fn locate<'h, K: KeyEq>(
        &self,
        holder: &'h Header,
        hash: u64,
        key: &Ref,
        will: Stored,
        eq: &mut K,
    ) -> Result<Place<'h, W>, K::Error> {
        let hash = crate::fold(hash);
        if !holder.is_private()
            && let Some(place) = self.locate_shared(holder, hash, key, will, eq)?
        {
            return Ok(place);
        }
        'again: loop {
            let mut guard = Self::enter(holder, will.absent);
            let block = self.block();
            let mut probe = Probe::new(hash);
            loop {
                let entry = match step(&mut probe, block, hash, key.value()) {
                    Step::Absent => None,
                    Step::Same(i) => Some(i),
                    Step::Candidate(i, candidate) => {
                        let equal = if K::PURE {
                            Self::ask(candidate, key, eq)?
                        } else {
                            let changes = self.changes();
                            // SAFETY: an entry of the table holds it, and we hold the lock.
                            let candidate = unsafe { Ref::copy_of(candidate) };
                            drop(guard);
                            let equal = eq.eq(&candidate, key);
                            drop(candidate);
                            let equal = equal?;
                            guard = Self::enter(holder, will.absent);
                            if self.changes() != changes {
                                continue 'again;
                            }
                            equal
                        };
                        if !equal {
                            continue;
                        }
                        Some(i)
                    }
                };
                return Ok(Place { guard, block, entry });
            }
        }
    }

    /// As `locate` for a shared holder: searches as a reader does, so that the lock is held for the writing alone, and publishes what
    /// is really stored. `None`: somebody changed the table meanwhile.
    #[inline(never)]
    fn locate_shared<'h, K: KeyEq>(
        &self,
        holder: &'h Header,
        hash: u64,
        key: &Ref,
        will: Stored,
        eq: &mut K,
    ) -> Result<Option<Place<'h, W>>, K::Error> {
        let changes = self.changes();
        let block = self.block();
        let mut probe = Probe::new(hash);
        let entry = loop {
            match step(&mut probe, block, hash, key.value()) {
                Step::Absent => break None,
                Step::Same(i) => break Some(i),
                Step::Candidate(i, stored) => {
                    let equal = Self::ask(stored, key, eq)?;
                    // The block may be gone if the equality polled.
                    if !K::PURE && self.changes() != changes {
                        return Ok(None);
                    }
                    if equal {
                        break Some(i);
                    }
                }
            }
        };
        let guard = match entry {
            Some(_) => Self::enter(holder, [will.present, Value::NULL]),
            None => Self::enter(holder, will.absent),
        };
        // Writers count a change before they unlock: what was found without the lock is still so.
        if self.changes() != changes {
            return Ok(None);
        }
        Ok(Some(Place { guard, block, entry }))
    }

    /// Appends an entry for a key that `locate` did not find. The references pass to the table; on failure they stay the
    /// caller's.
    pub fn append(
        &self,
        place: Place<'_, W>,
        holder: &Header,
        hash: u64,
        key: Value,
        last: Value,
    ) -> Result<u32, OutOfMemory> {
        let hash = crate::fold(hash);
        let mut block = place.block;
        if !block.has_room() {
            let new = block.rebuilt(1)?;
            self.replace_block(holder, new);
            block = new;
        }
        // Relaxed: who relies on a version loads it before the value it vouches for; see `Dict::value_if`.
        block.head().version.store(0, Ordering::Relaxed);
        let edit = block.head().edits.begin();
        let i = block.append(hash, key.0, last.0);
        drop(edit);
        self.changed();
        drop(place.guard);
        Ok(i)
    }

    /// Appends to a table that is not part of an object yet; no equal key is in it. On failure the references stay the
    /// caller's.
    pub fn append_private(&self, hash: u64, key: Value, last: Value) -> Result<(), OutOfMemory> {
        let hash = crate::fold(hash);
        let mut block = self.block();
        if !block.has_room() {
            let new = block.rebuilt(1)?;
            // Relaxed: nobody else knows the table.
            self.head.store(new.as_ptr(), Ordering::Relaxed);
            // SAFETY: replaced, and nobody else can have seen it.
            unsafe { block.free() };
            block = new;
        }
        block.append(hash, key.0, last.0);
        Ok(())
    }

    /// Deletes an entry; gives back key and last word.
    pub fn erase(&self, place: Place<'_, W>, i: u32) -> (u64, u64) {
        let block = place.block;
        block.head().version.store(0, Ordering::Relaxed);
        let edit = block.head().edits.begin();
        let out = block.erase(i);
        drop(edit);
        self.changed();
        drop(place.guard);
        out
    }

    /// Moves a live entry behind all others, or in front of them. Who searches for its key meanwhile finds it in one of the two places.
    pub fn move_entry(&self, place: Place<'_, W>, holder: &Header, i: u32, last: bool) -> Result<(), OutOfMemory> {
        let mut block = place.block;
        if !last {
            let new = block.reordered(1, Some(i))?;
            self.replace_block(holder, new);
            return Ok(());
        }
        let (hash, key, word) = block.entry(i);
        let mut i = i;
        if !block.has_room() {
            let new = block.rebuilt(1)?;
            self.replace_block(holder, new);
            block = new;
            let mut probe = Probe::new(hash);
            i = loop {
                match step(&mut probe, block, hash, Value(key)) {
                    Step::Same(i) => break i,
                    Step::Candidate(..) => {}
                    // It was there in the old block, whose entries the new one has.
                    Step::Absent => return Ok(()),
                }
            };
        }
        // Relaxed: as in `append`.
        block.head().version.store(0, Ordering::Relaxed);
        let edit = block.head().edits.begin();
        block.append(hash, key, word);
        // The references in it are the new entry's now.
        block.erase(i);
        drop(edit);
        self.changed();
        drop(place.guard);
        Ok(())
    }

    /// Puts in a new block, which has taken over the references of the old one. The caller is the writer.
    fn replace_block(&self, holder: &Header, new: Block<W>) {
        let old = self.block();
        // Release pairs with the acquire in `block`.
        self.head.store(new.as_ptr(), Ordering::Release);
        // Counted after the store and before the old block is retired: see `search`.
        self.changed();
        Self::release_block(holder, old);
    }

    fn release_block(holder: &Header, old: Block<W>) {
        if old.is_empty_static() {
        } else if holder.is_private() {
            // SAFETY: replaced, and nobody else can have seen it.
            unsafe { old.free() }
        } else {
            // SAFETY: replaced; those who still see it do not poll before they are done with it.
            unsafe { retire_buffer(old.pointer().cast()) }
        }
    }

    /// Makes room for `extra` more entries.
    pub fn reserve(&self, holder: &Header, extra: usize) -> Result<(), OutOfMemory> {
        let guard = critical(holder);
        let block = self.block();
        let room = (block.capacity() - block.used()) as usize;
        if room < extra {
            let new = block.rebuilt(extra)?;
            self.replace_block(holder, new);
        }
        drop(guard);
        Ok(())
    }

    /// The lock of the holder, and the entry that `choose` picks.
    pub fn pick<'h>(&self, holder: &'h Header, choose: impl FnOnce(Block<W>) -> Option<u32>) -> Place<'h, W> {
        let guard = critical(holder);
        let block = self.block();
        Place {
            guard,
            block,
            entry: choose(block),
        }
    }

    /// A table with the same entries, for an object that is being made.
    pub fn copy(&self, holder: &Header) -> Result<Self, OutOfMemory> {
        // Without the lock, which would be a shared write and would make readers wait for each other.
        if !holder.is_private()
            && let Some(new) = self.block().copy_moment()?
        {
            // SAFETY: copied just now, and so alive until this thread polls.
            return Ok(unsafe { Self::of_copy(new) });
        }
        let guard = critical(holder);
        let old = self.block();
        if old.head().live.load(Ordering::Relaxed) == 0 {
            return Ok(Self::new());
        }
        let new = if old.is_packed() {
            old.duplicate()?
        } else {
            old.rebuilt(0)?
        };
        // SAFETY: the locked or private old table holds what is in it.
        let table = unsafe { Self::of_copy(new) };
        drop(guard);
        Ok(table)
    }

    /// A table of a copied block, whose references are counted.
    ///
    /// # Safety
    /// They are of live objects, the block is the caller's alone, and nothing in it is deleted.
    unsafe fn of_copy(new: Block<W>) -> Self {
        for i in 0..new.used() {
            for word in KEY..W {
                // SAFETY: appended, not deleted, and alive by the caller's promise.
                let r = unsafe { Ref::copy_in_line(Value(new.word(i, word).load(Ordering::Relaxed))) };
                // The new block owns the count.
                r.into_value();
            }
        }
        Table {
            head: AtomicPtr::new(new.as_ptr()),
            changes: AtomicU64::new(0),
        }
    }

    /// A table with the same entries in the same places, for an object that is being made; of one that nobody changes any more.
    ///
    /// # Safety
    /// What the entries refer to is immortal, and nothing has been deleted.
    pub unsafe fn copy_immortal(&self) -> Result<Self, OutOfMemory> {
        let block = self.block();
        if block.is_empty_static() {
            return Ok(Self::new());
        }
        Ok(Table {
            head: AtomicPtr::new(block.duplicate()?.as_ptr()),
            changes: AtomicU64::new(0),
        })
    }

    /// Replaces the contents by those of `new`; the old ones are dropped when the lock is free again.
    pub fn install(&self, holder: &Header, new: Self) {
        self.install_if(holder, new, |_| true);
    }

    /// As `install`, if `wanted` says so, which is asked under the lock.
    pub fn install_if(&self, holder: &Header, new: Self, wanted: impl FnOnce(&Self) -> bool) -> bool {
        let given = ManuallyDrop::new(new);
        let new = given.block();
        if !holder.is_private() {
            let mut next = 0;
            while let Some(i) = new.live_from(next) {
                for word in KEY..W {
                    // SAFETY: appended. Relaxed: ours alone.
                    publish(Value(unsafe { new.word(i, word) }.load(Ordering::Relaxed)));
                }
                next = i + 1;
            }
        }
        let guard = critical(holder);
        if !wanted(self) {
            drop(guard);
            drop(ManuallyDrop::into_inner(given));
            return false;
        }
        let old = self.block();
        // Release pairs with the acquire in `block`.
        self.head.store(new.as_ptr(), Ordering::Release);
        self.changed();
        drop(guard);
        // SAFETY: taken out above, so its references are ours.
        unsafe { Self::drop_references(old) };
        Self::release_block(holder, old);
        true
    }

    /// Takes the whole contents out.
    pub fn take(&self, holder: &Header) -> Self {
        let guard = critical(holder);
        let old = self.block();
        // Release pairs with the acquire in `block`.
        self.head.store(empty_head(), Ordering::Release);
        self.changed();
        drop(guard);
        if holder.is_private() || old.is_empty_static() {
            return Table {
                head: AtomicPtr::new(old.as_ptr()),
                changes: AtomicU64::new(0),
            };
        }
        // Readers may still be in the old block, so it cannot become another table's; its references can.
        match old.rebuilt(0) {
            Ok(new) => {
                Self::release_block(holder, old);
                Table {
                    head: AtomicPtr::new(new.as_ptr()),
                    changes: AtomicU64::new(0),
                }
            }
            Err(OutOfMemory) => {
                // SAFETY: taken out above.
                unsafe { Self::drop_references(old) };
                Self::release_block(holder, old);
                Self::new()
            }
        }
    }

    /// Next live entry at or after `pos`, which moves behind it. Not counted: count them before the next poll.
    #[inline]
    pub fn next(&self, pos: &mut usize) -> Option<(u64, Value, Value)> {
        let block = self.block();
        loop {
            let i = block.live_from(u32::try_from(*pos).ok()?)?;
            *pos = i as usize + 1;
            if let Some(entry) = Self::entry(block, i) {
                return Some(entry);
            }
        }
    }

    /// Number of entries, with those that were deleted since the table was last rebuilt.
    pub fn places(&self) -> usize {
        self.block().used() as usize
    }

    /// Last live entry before `pos`, which moves to it. `usize::MAX` starts at the end.
    pub fn next_back(&self, pos: &mut usize) -> Option<(u64, Value, Value)> {
        let block = self.block();
        loop {
            let i = block.live_before(u32::try_from(*pos).unwrap_or(u32::MAX))?;
            *pos = i as usize;
            if let Some(entry) = Self::entry(block, i) {
                return Some(entry);
            }
        }
    }

    #[inline(always)]
    fn entry(block: Block<W>, i: u32) -> Option<(u64, Value, Value)> {
        // SAFETY: `live_from` and `live_before` give appended entries. Acquire pairs with the release of who stored the
        // value; the key was there before the entry was.
        let (hash, key, last) = unsafe {
            (
                block.word(i, 0).load(Ordering::Relaxed),
                Value(block.word(i, KEY).load(Ordering::Acquire)),
                Value(block.last_word(i).load(Ordering::Acquire)),
            )
        };
        (!key.is_null() && !last.is_null()).then_some((hash, key, last))
    }

    pub fn trace(&self, visitor: &mut Visitor<'_>) {
        // The index, of a byte to four for each slot, is left out.
        if !visitor.note_storage(self.block().capacity() as usize * W * 8) {
            return;
        }
        let mut pos = 0;
        while let Some((_, key, last)) = self.next(&mut pos) {
            visitor.value(key);
            if W > 2 {
                visitor.value(last);
            }
        }
    }

    /// # Safety
    /// The references of the block are the caller's to drop, and it does so once.
    unsafe fn drop_references(block: Block<W>) {
        // Entries before the first live one are deleted as others are.
        for i in 0..block.used() {
            // SAFETY: appended. The bits stay for readers; the reference behind them goes. Live entries hold no null, and nobody
            // writes to the block any more.
            unsafe {
                if block.last_word(i).load(Ordering::Acquire) != 0 {
                    (KEY..W).for_each(|word| owned(block.word(i, word).load(Ordering::Acquire)).drop_in_line());
                }
            }
        }
    }

    pub fn is_valid(&self) -> bool {
        self.block().is_valid()
    }
}

impl<const W: usize> Drop for Table<W> {
    fn drop(&mut self) {
        let block = self.block();
        if !block.is_empty_static() {
            // Dropping a reference may run Python code, but none that can reach this table.
            // SAFETY: the table owns the references, and nobody can reach it any more. Its object was freed a grace period
            // after it became unreachable, so no reader is left in the block.
            unsafe {
                Self::drop_references(block);
                block.free();
            }
        }
    }
}

/// Numbers for `Dict::keys_version`; zero once they have run out.
pub(crate) fn new_version() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    // Relaxed: only uniqueness matters.
    NEXT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
        (n != 0).then(|| n.wrapping_add(1))
    })
    .unwrap_or(0)
}
