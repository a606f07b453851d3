//! The tables and buffers behind dicts, sets and lists.
//!
//! | type | holds | Python type |
//! |---|---|---|
//! | [`Dict`] | insertion-ordered table of key and value | dict, namespaces |
//! | [`Set`] | insertion-ordered table of keys | set, frozenset |
//! | [`List`] | growing array | list |
//!
//! Each is embedded in an object, its **holder**, and owns one block of memory behind an atomic pointer. What all have
//! in common:
//!
//! * Nothing is allocated while the collection is empty.
//! * A private holder is read and written plainly. A shared one is written under its lock and read without one: a reader
//!   loads the block once, and works on that block until it has counted what it found. It does not poll meanwhile, so a
//!   block that is replaced, and references that are dropped, stay valid for it (`skein_gc::reclaim`).
//! * References that an operation displaces are handed back, or dropped after the lock is released: dropping runs Python code.
//! * Nothing here panics. A failed allocation is [`OutOfMemory`].
//!
//! Deliberately absent: hashing, equality, exceptions, anything of Python. Equality comes in through [`KeyEq`].

mod block;
mod dict;
mod list;
mod set;
mod table;

pub use dict::{Dict, Entry};
pub use list::{List, Taken, place::place};
pub use set::Set;

use skein_gc::Ref;
use std::collections::TryReserveError;

/// The system has no memory left, or the collection would pass its largest size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

impl From<TryReserveError> for OutOfMemory {
    fn from(_: TryReserveError) -> OutOfMemory {
        OutOfMemory
    }
}

/// What tables make of a hash: 32 bits, never zero. Folding twice is folding once, so that who keeps a folded hash may pass it
/// for the hash.
#[inline(always)]
pub const fn fold(hash: u64) -> u64 {
    let folded = (hash ^ hash >> 32) & 0xffff_ffff;
    if folded == 0 { 1 << 31 } else { folded }
}

/// Equality of keys that are not identical and have the same hash.
pub trait KeyEq {
    type Error: From<OutOfMemory>;

    /// Whether `eq` runs no Python code and does not poll. It may then be called under the holder's lock, with a `stored`
    /// that is not counted. Otherwise no lock is held while it runs, `stored` is counted, and the search is checked and
    /// if needed repeated afterwards.
    const PURE: bool;

    fn eq(&mut self, stored: &Ref, wanted: &Ref) -> Result<bool, Self::Error>;
}

/// Keys of which equal ones are identical.
pub struct ByIdentity;

impl KeyEq for ByIdentity {
    type Error = OutOfMemory;
    const PURE: bool = true;

    #[inline(always)]
    fn eq(&mut self, _: &Ref, _: &Ref) -> Result<bool, OutOfMemory> {
        Ok(false)
    }
}
