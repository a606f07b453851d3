//! The table behind set and frozenset.

#![allow(unsafe_code)]

use crate::table::{Glance, Spot, Stored, Table};
use crate::{KeyEq, OutOfMemory};
use skein_gc::{Header, Ref, Value, Visitor};

/// Insertion-ordered set; the head of the crate has the rules.
pub struct Set(Table<2>);

impl Default for Set {
    fn default() -> Set {
        Set::new()
    }
}

impl Set {
    pub const fn new() -> Set {
        Set(Table::new())
    }

    pub fn with_capacity(entries: usize) -> Result<Set, OutOfMemory> {
        Table::with_capacity(entries).map(Set)
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Changes whenever a key comes or goes or the table is rebuilt.
    #[inline(always)]
    pub fn changes(&self) -> u64 {
        self.0.changes()
    }

    #[inline]
    pub fn contains<K: KeyEq>(&self, _holder: &Header, hash: u64, key: &Ref, eq: &mut K) -> Result<bool, K::Error> {
        match self.0.glance(hash, key) {
            Glance::Found(_) => Ok(true),
            Glance::Absent => Ok(false),
            Glance::Unknown => Ok(self.0.search(hash, key, eq)?.is_some()),
        }
    }

    /// The stored key that equals `key`.
    pub fn get<K: KeyEq>(&self, _holder: &Header, hash: u64, key: &Ref, eq: &mut K) -> Result<Option<Ref>, K::Error> {
        // SAFETY: just loaded, and not null.
        Ok(self.0.search(hash, key, eq)?.map(|(_, v)| unsafe { Ref::copy_of(v) }))
    }

    /// Adds a key; false if an equal one was there, which then stays.
    pub fn insert<K: KeyEq>(&self, holder: &Header, hash: u64, key: Ref, eq: &mut K) -> Result<bool, K::Error> {
        if holder.is_private() {
            let block = self.0.block();
            match Table::<2>::spot(block, hash, &key) {
                Spot::Free(slot) => {
                    self.0.append_at(block, slot, hash, key.into_value(), Value::NULL);
                    return Ok(true);
                }
                Spot::Entry(_) => return Ok(false),
                Spot::Full | Spot::Unknown => {}
            }
        }
        let will = Stored {
            absent: [key.word(), Value::NULL],
            present: Value::NULL,
        };
        let place = self.0.locate(holder, hash, &key, will, eq)?;
        if place.entry.is_some() {
            // The lock is free before `key` is dropped.
            drop(place.guard);
            return Ok(false);
        }
        self.0.append(place, holder, hash, key.word(), Value::NULL)?;
        // The table owns it now.
        key.into_value();
        Ok(true)
    }

    /// Deletes a key and gives the stored one back.
    pub fn remove<K: KeyEq>(&self, holder: &Header, hash: u64, key: &Ref, eq: &mut K) -> Result<Option<Ref>, K::Error> {
        let place = self.0.locate(holder, hash, key, Stored::NOTHING, eq)?;
        Ok(self.take_out(place))
    }

    fn take_out(&self, place: crate::table::Place<'_, 2>) -> Option<Ref> {
        let i = place.entry?;
        let (key, _) = self.0.erase(place, i);
        // SAFETY: a live entry owned it, and has been deleted.
        Some(unsafe { Ref::from_value(Value(key)) })
    }

    /// Takes the oldest key out.
    pub fn pop(&self, holder: &Header) -> Option<Ref> {
        use std::sync::atomic::Ordering;
        self.take_out(self.0.pick(holder, |block| {
            let i = block.live_from(0)?;
            // Relaxed: we are the writer, and what is skipped is deleted.
            block.head().first.store(i, Ordering::Relaxed);
            Some(i)
        }))
    }

    /// Adds every key of `other`. Stops at the first error, with what was added until then.
    pub fn extend_from<K: KeyEq>(&self, holder: &Header, other: &Set, eq: &mut K) -> Result<(), K::Error> {
        let (mine, its) = (self.len(), other.len());
        if mine < its {
            self.reserve(holder, its - mine)?;
        }
        let mut pos = 0;
        while let Some((key, hash)) = other.next(&mut pos) {
            self.insert(holder, hash, key, eq)?;
        }
        Ok(())
    }

    /// A new set of the keys of `self` for which membership in `other` is `wanted`: intersection or difference.
    pub fn filtered<K: KeyEq>(
        &self,
        other: &Set,
        other_holder: &Header,
        wanted: bool,
        eq: &mut K,
    ) -> Result<Set, K::Error> {
        let out = Set::new();
        let mut pos = 0;
        while let Some((key, hash)) = self.next(&mut pos) {
            if other.contains(other_holder, hash, &key, eq)? == wanted {
                out.push_new(hash, key)?;
            }
        }
        Ok(out)
    }

    /// Appends a key that is known to be absent, to a set that is not in an object yet.
    pub fn push_new(&self, hash: u64, key: Ref) -> Result<(), OutOfMemory> {
        self.0.append_private(hash, key.word(), Value::NULL)?;
        // The table owns it now.
        key.into_value();
        Ok(())
    }

    /// Whether every key of `self` is in `other`.
    pub fn is_subset<K: KeyEq>(&self, other: &Set, other_holder: &Header, eq: &mut K) -> Result<bool, K::Error> {
        let mut pos = 0;
        while let Some((key, hash)) = self.next(&mut pos) {
            if !other.contains(other_holder, hash, &key, eq)? {
                return Ok(false);
            }
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

    /// A copy of one moment, for an object that is being made.
    pub fn copy(&self, holder: &Header) -> Result<Set, OutOfMemory> {
        self.0.copy(holder).map(Set)
    }

    /// Replaces the contents.
    pub fn replace(&self, holder: &Header, new: Set) {
        self.0.install(holder, new.0);
    }

    /// Replaces the contents unless they have changed since `changes` was `before`; false if they have.
    pub fn replace_if(&self, holder: &Header, new: Set, before: u64) -> bool {
        self.0.install_if(holder, new.0, |table| table.changes() == before)
    }

    /// Key and hash of the first entry at or after `pos`, which moves behind it; 0 starts. Safe against any change
    /// meanwhile; after a rebuild keys may be skipped or come again.
    #[inline]
    pub fn next(&self, pos: &mut usize) -> Option<(Ref, u64)> {
        let (hash, key, _) = self.0.next(pos)?;
        // SAFETY: just loaded, and not null.
        Some((unsafe { Ref::copy_of(key) }, hash))
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
