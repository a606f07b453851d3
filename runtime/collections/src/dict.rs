//! The table behind dict, and behind every namespace.

#![allow(unsafe_code)]

use crate::table::{Glance, Spot, Stored, Table, new_version};
use crate::{KeyEq, OutOfMemory};
use skein_gc::lock::critical;
use skein_gc::{Header, Ref, Value, Visitor};
use std::sync::atomic::Ordering;

/// Insertion-ordered map; the head of the crate has the rules.
pub struct Dict(Table<3>);

/// Where a key is, for an inline cache: `entry` holds as long as `keys_version` is `version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `None`: the key is absent.
    pub entry: Option<u32>,
    /// Zero: not to be cached.
    pub version: u32,
}

impl Default for Dict {
    fn default() -> Dict {
        Dict::new()
    }
}

/// Counts what was loaded from a table just now.
///
/// # Safety
/// `v` is not null, and this thread has not polled since it was loaded, or holds the holder's lock.
#[inline(always)]
unsafe fn counted(v: Value) -> Ref {
    // SAFETY: as the caller's: what is dropped meanwhile is freed only after this thread has polled.
    unsafe { Ref::copy_of(v) }
}

impl Dict {
    pub const fn new() -> Dict {
        Dict(Table::new())
    }

    pub fn with_capacity(entries: usize) -> Result<Dict, OutOfMemory> {
        Table::with_capacity(entries).map(Dict)
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Number of places that a position of [`next_back`](Self::next_back) counts.
    pub fn places(&self) -> usize {
        self.0.places()
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Changes whenever a key comes or goes or the table is rebuilt; not when a value is replaced.
    #[inline(always)]
    pub fn changes(&self) -> u64 {
        self.0.changes()
    }

    /// The value of a key.
    #[inline(always)]
    pub fn get<K: KeyEq>(&self, _holder: &Header, hash: u64, key: &Ref, eq: &mut K) -> Result<Option<Ref>, K::Error> {
        match self.0.glance(hash, key) {
            // SAFETY: just loaded, and not null.
            Glance::Found(v) => Ok(Some(unsafe { counted(v) })),
            Glance::Absent => Ok(None),
            Glance::Unknown => self.get_slow(hash, key, eq),
        }
    }

    /// The value of a key, by an equality that runs no Python code; unowned: valid until the next poll of this thread. Null if
    /// there is none.
    #[inline(always)]
    pub fn peek<K: KeyEq>(&self, hash: u64, key: &Ref, eq: &mut K) -> Value {
        self.peek_or(hash, key, eq, Value::NULL)
    }

    /// As [`Dict::peek`], with `absent` where no key has that hash.
    #[inline(always)]
    pub fn peek_or<K: KeyEq>(&self, hash: u64, key: &Ref, eq: &mut K, absent: Value) -> Value {
        const { assert!(K::PURE) };
        match self.0.glance(hash, key) {
            Glance::Found(v) => v,
            Glance::Absent => absent,
            Glance::Unknown => match self.0.search(hash, key, eq) {
                Ok(Some((_, v))) => v,
                _ => Value::NULL,
            },
        }
    }

    #[cold]
    #[inline(never)]
    fn get_slow<K: KeyEq>(&self, hash: u64, key: &Ref, eq: &mut K) -> Result<Option<Ref>, K::Error> {
        let found = self.0.search(hash, key, eq)?;
        // SAFETY: just loaded, and not null.
        Ok(found.map(|(_, v)| unsafe { counted(v) }))
    }

    /// The value of a key among keys of which equal ones are identical, such as interned strings.
    #[inline(always)]
    pub fn get_identical(&self, hash: u64, key: &Ref) -> Option<Ref> {
        let v = self.0.search_identical(hash, key);
        if v.is_null() {
            return None;
        }
        // SAFETY: just loaded.
        Some(unsafe { counted(v) })
    }

    /// Number of a key's entry. It holds as long as `changes` stays the same.
    #[inline]
    pub fn find<K: KeyEq>(&self, _holder: &Header, hash: u64, key: &Ref, eq: &mut K) -> Result<Option<u32>, K::Error> {
        Ok(self.0.search(hash, key, eq)?.map(|(i, _)| i))
    }

    /// The stored key that equals `key`.
    pub fn stored_key<K: KeyEq>(
        &self,
        holder: &Header,
        hash: u64,
        key: &Ref,
        eq: &mut K,
    ) -> Result<Option<Ref>, K::Error> {
        let place = self.0.locate(holder, hash, key, Stored::NOTHING, eq)?;
        let key = place.entry.map(|i| {
            // SAFETY: a live entry of the locked table, so its key is not null.
            unsafe { counted(Value(place.block.word(i, 1).load(Ordering::Relaxed))) }
        });
        drop(place.guard);
        Ok(key)
    }

    /// Number of the present layout of keys; 0 if none was assigned. It is unique in the process, and is lost when a key
    /// is added or deleted or the table is rebuilt; not when a value is replaced.
    #[inline(always)]
    pub fn keys_version(&self) -> u32 {
        // Relaxed: a layout is vouched for by `value_if`, which reads the version in the block that it uses.
        self.0.block().head().version.load(Ordering::Relaxed)
    }

    /// Assigns a number to the present layout of keys if it has none. 0 if it cannot have one.
    pub fn assign_keys_version(&self, holder: &Header) -> u32 {
        let guard = critical(holder);
        let block = self.0.block();
        if block.is_empty_static() {
            return 0;
        }
        // Relaxed: written by the writer alone.
        let mut version = block.head().version.load(Ordering::Relaxed);
        if version == 0 {
            version = new_version();
            block.head().version.store(version, Ordering::Relaxed);
        }
        drop(guard);
        version
    }

    /// What an inline cache wants to know of a key: entry and version of one moment.
    pub fn cacheable<K: KeyEq>(&self, holder: &Header, hash: u64, key: &Ref, eq: &mut K) -> Result<Entry, K::Error> {
        let place = self.0.locate(holder, hash, key, Stored::NOTHING, eq)?;
        let mut version = 0;
        if !place.block.is_empty_static() {
            let word = &place.block.head().version;
            // Relaxed: written under the lock, which we hold.
            version = word.load(Ordering::Relaxed);
            if version == 0 {
                version = new_version();
                word.store(version, Ordering::Relaxed);
            }
        }
        let entry = place.entry;
        drop(place.guard);
        Ok(Entry { entry, version })
    }

    /// The value of an entry, if the layout of keys is still `version`.
    #[inline(always)]
    pub fn value_if(&self, version: u32, entry: u32) -> Option<Ref> {
        let v = self.peek_if(version, entry);
        if v.is_null() {
            return None;
        }
        // SAFETY: just loaded.
        Some(unsafe { counted(v) })
    }

    /// As [`Dict::value_if`], unowned: valid until the next poll of this thread. Null if there is none.
    #[inline(always)]
    pub fn peek_if(&self, version: u32, entry: u32) -> Value {
        let block = self.0.block();
        // Relaxed: entries never move inside a block, so the version only has to be of the same block as the value.
        if block.head().version.load(Ordering::Relaxed) != version || version == 0 {
            return Value::NULL;
        }
        debug_assert!(entry < block.used());
        // SAFETY: the version was given for an appended entry of this very block.
        // Acquire pairs with the release of who stored the value.
        Value(unsafe { block.last_word(entry) }.load(Ordering::Acquire))
    }

    /// The value of an entry, if there is such an entry and it is not deleted. Which key it has is for the caller to
    /// know: see [`Dict::value_if`].
    #[inline(always)]
    pub fn value_at(&self, entry: u32) -> Option<Ref> {
        let block = self.0.block();
        if entry >= block.used() {
            return None;
        }
        // SAFETY: appended. Acquire pairs with the release of who stored the value.
        let v = Value(unsafe { block.last_word(entry) }.load(Ordering::Acquire));
        if v.is_null() {
            return None;
        }
        // SAFETY: just loaded.
        Some(unsafe { counted(v) })
    }

    /// Replaces the value of an entry if the layout of keys is still `version`. The old value, or the new one back.
    #[inline(always)]
    pub fn set_at(&self, holder: &Header, entry: u32, version: u32, value: Ref) -> Result<Option<Ref>, Ref> {
        let guard = Table::<3>::enter(holder, [value.word(), Value::NULL]);
        let block = self.0.block();
        // Relaxed: written by the writer alone, and that is us.
        if block.head().version.load(Ordering::Relaxed) != version || version == 0 {
            return Err(value);
        }
        // SAFETY: the version was given for an appended entry of this very block.
        let old = unsafe { Self::exchange(holder, block, entry, value) };
        drop(guard);
        Ok(Some(old))
    }

    /// A copy for an object that is being made, of a dict that nobody changes any more.
    ///
    /// # Safety
    /// Its keys and values are immortal, and nothing has been deleted from it.
    pub unsafe fn copy_immortal(&self) -> Result<Dict, OutOfMemory> {
        // SAFETY: as the caller's.
        unsafe { self.0.copy_immortal() }.map(Dict)
    }

    /// Replaces the values of the first entries of a private dict, and drops the old ones: for who knows the entries, as of a
    /// copy, and that no drop of a value runs code. Ends with the first entry that is not there, or for which `next` has nothing.
    pub fn fill(&self, holder: &Header, mut next: impl FnMut(u32) -> Option<Ref>) {
        let block = self.0.block();
        if !holder.is_private() {
            return;
        }
        for i in 0..block.used() {
            // SAFETY: appended. Relaxed: the owner alone reads and writes.
            let word = unsafe { block.last_word(i) };
            let old = word.load(Ordering::Relaxed);
            if old == 0 {
                return;
            }
            let Some(value) = next(i) else { return };
            word.store(value.into_value().0, Ordering::Relaxed);
            // SAFETY: the entry owned it, and has another now.
            drop(unsafe { Ref::from_value(Value(old)) });
        }
    }

    /// # Safety
    /// The entry is live, and the caller is the writer; `value` has been published if the holder is shared.
    #[inline(always)]
    unsafe fn exchange(holder: &Header, block: crate::block::Block<3>, entry: u32, value: Ref) -> Ref {
        let bits = value.into_value().0;
        // SAFETY: as the caller's. The bits taken out carry the reference that the entry owned.
        unsafe {
            let word = block.last_word(entry);
            let old = if holder.is_private() {
                // Relaxed: the owner alone reads and writes.
                let old = word.load(Ordering::Relaxed);
                word.store(bits, Ordering::Relaxed);
                old
            } else {
                let edit = block.head().edits.begin();
                // Release pairs with the acquire of readers, acquire with the release of who stored the old one.
                let old = word.swap(bits, Ordering::AcqRel);
                drop(edit);
                old
            };
            Ref::from_value(Value(old))
        }
    }

    /// Sets the value of a key, and gives back the old one. The key that is stored first stays.
    pub fn insert<K: KeyEq>(
        &self,
        holder: &Header,
        hash: u64,
        key: Ref,
        value: Ref,
        eq: &mut K,
    ) -> Result<Option<Ref>, K::Error> {
        if holder.is_private() {
            let block = self.0.block();
            match Table::<3>::spot(block, hash, &key) {
                Spot::Free(slot) => {
                    self.0
                        .append_at(block, slot, hash, key.into_value(), value.into_value());
                    return Ok(None);
                }
                Spot::Full => {
                    self.0.append_grown(holder, hash, key.word(), value.word())?;
                    // The table owns them now.
                    key.into_value();
                    value.into_value();
                    return Ok(None);
                }
                // SAFETY: the key of a deleted entry is null, so this one is live; the owner is the writer.
                Spot::Entry(i) => return Ok(Some(unsafe { Self::exchange(holder, block, i, value) })),
                Spot::Unknown => {}
            }
        }
        self.insert_slow(holder, hash, key, value, eq)
    }

    #[inline(never)]
    fn insert_slow<K: KeyEq>(
        &self,
        holder: &Header,
        hash: u64,
        key: Ref,
        value: Ref,
        eq: &mut K,
    ) -> Result<Option<Ref>, K::Error> {
        let will = Stored {
            absent: [key.word(), value.word()],
            present: value.word(),
        };
        let place = self.0.locate(holder, hash, &key, will, eq)?;
        match place.entry {
            Some(i) => {
                // SAFETY: found under the lock, so it is live.
                let old = unsafe { Self::exchange(holder, place.block, i, value) };
                drop(place.guard);
                Ok(Some(old))
            }
            None => {
                self.append(place, holder, hash, key, value)?;
                Ok(None)
            }
        }
    }

    fn append(
        &self,
        place: crate::table::Place<'_, 3>,
        holder: &Header,
        hash: u64,
        key: Ref,
        value: Ref,
    ) -> Result<(), OutOfMemory> {
        self.0.append(place, holder, hash, key.word(), value.word())?;
        // The table owns them now.
        key.into_value();
        value.into_value();
        Ok(())
    }

    /// The value of a key, which is set to `value` first if the key is absent; and whether it was.
    pub fn get_or_insert<K: KeyEq>(
        &self,
        holder: &Header,
        hash: u64,
        key: Ref,
        value: Ref,
        eq: &mut K,
    ) -> Result<(Ref, bool), K::Error> {
        if holder.is_private() {
            let block = self.0.block();
            match Table::<3>::spot(block, hash, &key) {
                Spot::Free(slot) => {
                    let out = value.clone();
                    self.0
                        .append_at(block, slot, hash, key.into_value(), value.into_value());
                    return Ok((out, true));
                }
                Spot::Full => {
                    let out = value.clone();
                    self.0.append_grown(holder, hash, key.word(), value.word())?;
                    // The table owns them now.
                    key.into_value();
                    value.into_value();
                    return Ok((out, true));
                }
                Spot::Entry(i) => {
                    // SAFETY: the key of a deleted entry is null, so this one is live. Relaxed: the owner alone writes.
                    return Ok((
                        unsafe { counted(Value(block.last_word(i).load(Ordering::Relaxed))) },
                        false,
                    ));
                }
                Spot::Unknown => {}
            }
        }
        let will = Stored {
            absent: [key.word(), value.word()],
            present: Value::NULL,
        };
        let place = self.0.locate(holder, hash, &key, will, eq)?;
        match place.entry {
            Some(i) => {
                // SAFETY: found under the lock, so the entry is live.
                let found = unsafe { counted(Value(place.block.last_word(i).load(Ordering::Acquire))) };
                drop(place.guard);
                Ok((found, false))
            }
            None => {
                let out = value.clone();
                self.append(place, holder, hash, key, value)?;
                Ok((out, true))
            }
        }
    }

    /// Deletes a key; gives back the stored key and its value.
    pub fn remove<K: KeyEq>(
        &self,
        holder: &Header,
        hash: u64,
        key: &Ref,
        eq: &mut K,
    ) -> Result<Option<(Ref, Ref)>, K::Error> {
        let place = self.0.locate(holder, hash, key, Stored::NOTHING, eq)?;
        Ok(self.take_out(place))
    }

    /// Deletes a key if its value is this very object.
    pub fn remove_if<K: KeyEq>(
        &self,
        holder: &Header,
        hash: u64,
        key: &Ref,
        value: &Ref,
        eq: &mut K,
    ) -> Result<Option<(Ref, Ref)>, K::Error> {
        let mut place = self.0.locate(holder, hash, key, Stored::NOTHING, eq)?;
        place.entry = place.entry.filter(|i| place.block.entry(*i).2 == value.value().0);
        Ok(self.take_out(place))
    }

    fn take_out(&self, place: crate::table::Place<'_, 3>) -> Option<(Ref, Ref)> {
        let i = place.entry?;
        let (key, value) = self.0.erase(place, i);
        // SAFETY: a live entry owned both, and has been deleted.
        unsafe { Some((Ref::from_value(Value(key)), Ref::from_value(Value(value)))) }
    }

    /// Takes the newest entry out.
    pub fn pop_last(&self, holder: &Header) -> Option<(Ref, Ref)> {
        self.take_out(self.0.pick(holder, |block| {
            // Relaxed: we are the writer.
            let i = block.live_before(block.head().last.load(Ordering::Relaxed))?;
            block.head().last.store(i + 1, Ordering::Relaxed);
            Some(i)
        }))
    }

    /// Takes the oldest entry out.
    pub fn pop_first(&self, holder: &Header) -> Option<(Ref, Ref)> {
        self.take_out(self.0.pick(holder, |block| {
            let i = block.live_from(0)?;
            // Relaxed: we are the writer, and what is skipped is deleted.
            block.head().first.store(i, Ordering::Relaxed);
            Some(i)
        }))
    }

    /// Moves a key to the end of the order, or to its beginning, which takes time for each key; false if it is absent.
    pub fn move_to_end<K: KeyEq>(
        &self,
        holder: &Header,
        hash: u64,
        key: &Ref,
        last: bool,
        eq: &mut K,
    ) -> Result<bool, K::Error> {
        let place = self.0.locate(holder, hash, key, Stored::NOTHING, eq)?;
        let Some(i) = place.entry else {
            return Ok(false);
        };
        let block = place.block;
        let there = if last {
            block.live_before(block.head().last.load(Ordering::Relaxed))
        } else {
            block.live_from(0)
        };
        // Relaxed above: a hint of the writer's.
        if there != Some(i) {
            self.0.move_entry(place, holder, i, last)?;
        }
        Ok(true)
    }

    /// Makes room for `extra` more keys.
    pub fn reserve(&self, holder: &Header, extra: usize) -> Result<(), OutOfMemory> {
        self.0.reserve(holder, extra)
    }

    pub fn clear(&self, holder: &Header) {
        self.0.install(holder, Table::new());
    }

    /// Takes the whole contents out.
    pub fn take(&self, holder: &Header) -> Dict {
        Dict(self.0.take(holder))
    }

    /// A copy of one moment, for an object that is being made.
    pub fn copy(&self, holder: &Header) -> Result<Dict, OutOfMemory> {
        self.0.copy(holder).map(Dict)
    }

    /// Replaces the contents by a copy of `other`'s.
    pub fn copy_from(&self, holder: &Header, other: &Dict, other_holder: &Header) -> Result<(), OutOfMemory> {
        let copy = other.0.copy(other_holder)?;
        self.0.install(holder, copy);
        Ok(())
    }

    /// A copy of `other`'s contents for those of a dict that has none; false if it has some.
    pub fn copy_from_if_empty(
        &self,
        holder: &Header,
        other: &Dict,
        other_holder: &Header,
    ) -> Result<bool, OutOfMemory> {
        let copy = other.0.copy(other_holder)?;
        Ok(self.0.install_if(holder, copy, |table| table.len() == 0))
    }

    /// Replaces the contents.
    pub fn replace(&self, holder: &Header, new: Dict) {
        self.0.install(holder, new.0);
    }

    /// Key, value and hash of the first entry at or after `pos`, which moves behind it; 0 starts. Safe against any change
    /// meanwhile; after a rebuild entries may be skipped or come again.
    #[inline]
    pub fn next(&self, pos: &mut usize) -> Option<(Ref, Ref, u64)> {
        let (hash, key, value) = self.0.next(pos)?;
        // SAFETY: just loaded, and not null.
        unsafe { Some((counted(key), counted(value), hash)) }
    }

    /// As [`Dict::next`], key and value not counted: count what is kept before the next poll.
    #[inline(always)]
    pub fn next_uncounted(&self, pos: &mut usize) -> Option<(Value, Value)> {
        self.0.next(pos).map(|(_, key, value)| (key, value))
    }

    /// As `next`, backwards; `usize::MAX` starts.
    pub fn next_back(&self, pos: &mut usize) -> Option<(Ref, Ref, u64)> {
        let (hash, key, value) = self.0.next_back(pos)?;
        // SAFETY: just loaded, and not null.
        unsafe { Some((counted(key), counted(value), hash)) }
    }

    /// Visits keys and values without counting them; or empties the collection, if that is what the visitor is for.
    pub fn trace(&self, visitor: &mut Visitor<'_>) {
        match visitor.clearing() {
            Some(holder) => self.clear(holder),
            None => self.0.trace(visitor),
        }
    }

    pub fn is_valid(&self) -> bool {
        self.0.is_valid()
    }
}
