//! Copies of one moment without a lock, by a sequence number.
//!
//! A writer, who has the lock, makes the number odd, changes words, and makes it even again. A reader takes an even number,
//! copies words, and has a copy of one moment if the number is still the same. What it has copied are words of objects that
//! live until its thread polls, so it counts them when it knows that the copy is good.
//!
//! Source: H.-J. Boehm, "Can Seqlocks Get Along With Programming Language Memory Models?" (MSPC 2012). The words are
//! atomics. `gc/tests/loom/edits.rs` walks through the orderings.

use crate::sync::{AtomicU32, Ordering, fence};

/// The number. To deceive, just 2^31 edits, or a multiple, would have to be made during one copy; that would then be of words of several
/// moments, each of which was there.
pub struct Edits(AtomicU32);

/// Changes that are being made; until it is dropped.
pub struct Editing<'a>(&'a Edits, u32);

impl Default for Edits {
    fn default() -> Edits {
        Edits::new()
    }
}

impl Edits {
    #[cfg(not(loom))]
    pub const fn new() -> Edits {
        Edits(AtomicU32::new(0))
    }

    #[cfg(loom)]
    pub fn new() -> Edits {
        Edits(AtomicU32::new(0))
    }

    /// The caller is the writer. Edits may lie within each other.
    #[inline(always)]
    pub fn begin(&self) -> Editing<'_> {
        // Relaxed: written by the writer alone.
        let before = self.0.load(Ordering::Relaxed);
        self.0.store(before | 1, Ordering::Relaxed);
        // Pairs with the fence in `same`: who copies a word that is changed from here on sees the odd number, or a later one.
        fence(Ordering::Release);
        Editing(self, before)
    }

    /// The number before a copy; `None` while there are changes.
    #[inline(always)]
    pub fn seen(&self) -> Option<u32> {
        // Acquire pairs with the release of `Editing`: the copy has all changes that this number knows of.
        let n = self.0.load(Ordering::Acquire);
        (n & 1 == 0).then_some(n)
    }

    /// Whether nothing has changed since the number was `seen`, after the words have been copied.
    #[inline(always)]
    pub fn same(&self, seen: u32) -> bool {
        // Pairs with the fence in `begin`.
        fence(Ordering::Acquire);
        self.0.load(Ordering::Relaxed) == seen
    }
}

impl Drop for Editing<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // An edit within another one leaves the number odd. Release pairs with the acquire in `seen`.
        let after = self.1.wrapping_add(2 * u32::from(self.1 & 1 == 0));
        self.0.0.store(after, Ordering::Release);
    }
}
