//! Inline caches: one 64-bit word behind the instruction, shared by all threads.
//!
//! | low 4 bits | meaning |
//! |---|---|
//! | 0 | empty |
//! | `SLOT` | bits 63..32 shape, 31..16 epoch, 15..4 offset of the attribute's slot in words |
//! | `RECORD` | bits 63..4 address of an immutable [`Record`] |
//! | `GLOBAL` | bits 63..32 version of the globals' keys, 31..4 entry |
//! | `MEGA` | too many misses: always the generic way, and the word is seldom written again |
//!
//! A word is loaded and stored whole. Relaxed order suffices for packed words, since they are checked against the object;
//! a record's address is stored with release and loaded with acquire.
//!
//! The epoch is a global number that changes when a class that has instances gets a data descriptor or an attribute hook: only
//! then could a slot be shadowed, so that a slot access need not look at the class at all.

use crate::frame;
use skein_gc::{Ref, Value};
use skein_object::types::EPOCH_OFF;
use skein_object::{Context, Type};
use std::sync::atomic::{AtomicU64, Ordering};

pub const SLOT: u64 = 1;
pub const RECORD: u64 = 2;
pub const GLOBAL: u64 = 3;
pub const MEGA: u64 = 4;
const KIND: u64 = 15;
/// Misses after which a site is left alone.
const MAX_MISSES: u64 = 24;

/// What a record says about an attribute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// A function of the class: to be called with the object in front. No shape of the class has an attribute of its name.
    Method,
    /// A class attribute that needs no binding.
    Plain,
    // Of a class that is asked itself, `shape` is `u32::MAX` and `new_shape` the version of its metaclass.
    /// Store: a new attribute at `offset`, after which the shape is `new_shape`.
    Transition,
    /// A data descriptor: `value`.
    Getter,
    /// A property whose getter is the Python function `value`, which takes one argument.
    Property,
    /// A classmethod around the Python function `value`.
    ClassMethod,
    /// Item `offset` of a tuple, of a class that has a named tuple's field there.
    TupleItem,
    /// A `__slots__` field that lies `offset` bytes behind the start of the object.
    Member,
    /// Instantiation: `value` is the class's Python `__init__`, `new_shape` the version of the metaclass.
    Init,
    /// Instantiation: `value` is the Python function of the class's `__new__`, `new_shape` the version of the metaclass. The class has
    /// no `__init__` but object's.
    New,
    /// Subscription: `value` is the class's Python `__getitem__`, which takes two arguments.
    Getitem,
    /// Item assignment: `value` is the class's Python `__setitem__`, which takes three arguments and returns None.
    Setitem,
    /// Of no use.
    Nothing,
    /// A builtin at entry `offset` of the builtins; `shape` and `version` are the keys' versions of globals and builtins.
    Builtin,
}

/// An immutable cache record, which lives as long as the code that has the site.
#[repr(align(16))]
pub struct Record {
    /// Shape that the object must have; 0: it has no inline attributes.
    pub shape: u32,
    /// Version of the class.
    pub version: u32,
    /// Not counted: the class holds it, or what it has for the name does, as long as it has that version.
    pub value: Value,
    /// `value`, for a register: as `share` makes it of what is deferred.
    pub word: u64,
    pub found: Found,
    pub offset: u32,
    pub new_shape: u32,
}

#[inline(always)]
pub fn load(word: &AtomicU64) -> u64 {
    // Acquire pairs with the release in `store_record`; free on x86.
    word.load(Ordering::Acquire)
}

#[inline(always)]
pub fn kind(word: u64) -> u64 {
    word & KIND
}

/// The packed word of a slot access in an epoch, as `SLOT_EPOCH` has it.
pub fn slot_word(shape: u32, epoch: u64, offset: usize) -> Option<u64> {
    let words = offset / 8;
    if words > 0xfff || shape == 0 || epoch >= EPOCH_OFF {
        return None;
    }
    Some((shape as u64) << 32 | (words as u64) << 4 | epoch)
}

/// Byte offset of the slot that a word names for objects of a shape, which is 0 if they have none, in an epoch.
#[inline(always)]
pub fn slot_of(word: u64, shape: u32, epoch: u64) -> Option<usize> {
    // What remains is the offset in words, which rotates to the bottom, and the kind less SLOT, which rotates to the top: one
    // comparison tells whether all is as wanted. No slot word has shape 0.
    let words = (word ^ (shape as u64) << 32).wrapping_sub(epoch).rotate_right(4);
    if words <= 0xfff { Some(words as usize * 8) } else { None }
}

/// What fits nothing.
static NOTHING: Record = Record {
    shape: u32::MAX,
    version: u32::MAX,
    value: Value::NULL,
    word: 0,
    found: Found::Nothing,
    offset: 0,
    new_shape: u32::MAX,
};

/// The record of a RECORD word; one that fits nothing of any other, which a site may have become since it was looked at last.
///
/// # Safety
/// The word is that of a site.
#[inline(always)]
pub unsafe fn record<'a>(word: u64) -> &'a Record {
    if kind(word) != RECORD {
        return &NOTHING;
    }
    // SAFETY: records live as long as the code does. The kind comes off by subtraction, which goes into the loads' addresses.
    unsafe { &*std::ptr::with_exposed_provenance(word.wrapping_sub(RECORD) as usize) }
}

/// Stores a packed word, unless the site has missed too often.
#[cold]
#[inline(never)]
pub fn store(word: &AtomicU64, new: u64) {
    let old = word.load(Ordering::Relaxed);
    if kind(old) != 0 && kind(old) != GLOBAL && !allow(word, old) {
        return;
    }
    // Relaxed: see the head.
    word.store(new, Ordering::Relaxed);
}

/// Gives a site that was left alone another chance.
#[cold]
#[inline(never)]
pub fn restore(word: &AtomicU64, new: u64) {
    // Relaxed: see the head.
    word.store(new, Ordering::Relaxed);
}

/// Sites that were respecialised, by address: a rough count without room in the packed word.
fn allow(word: &AtomicU64, old: u64) -> bool {
    const TABLE: usize = 1024;
    static MISSES: [std::sync::atomic::AtomicU8; TABLE] = [const { std::sync::atomic::AtomicU8::new(0) }; TABLE];
    if kind(old) == MEGA {
        return false;
    }
    let cell = &MISSES[(word as *const AtomicU64 as usize / 8) % TABLE];
    // Relaxed, and lost updates do not matter: it only bounds how often code is written.
    let n = cell.load(Ordering::Relaxed);
    if n as u64 >= MAX_MISSES {
        cell.store(0, Ordering::Relaxed);
        word.store(MEGA, Ordering::Relaxed);
        return false;
    }
    cell.store(n + 1, Ordering::Relaxed);
    true
}

/// Makes a record and stores its address. The site is one of the code that runs, which has the record from then on.
pub fn store_record(
    word: &AtomicU64,
    found: Found,
    shape: u32,
    version: u32,
    value: Option<&Ref>,
    offset: u32,
    new_shape: u32,
) {
    let old = word.load(Ordering::Relaxed);
    if kind(old) != 0 && !allow(word, old) {
        return;
    }
    let frame = frame::top(Context::current());
    if !frame::is_real(frame) {
        return;
    }
    // SAFETY: the top frame.
    let code = unsafe { (*frame).code() };
    if !code.words.as_ptr_range().contains(&std::ptr::from_ref(word)) {
        debug_assert!(false, "a site of code that does not run");
        return;
    }
    if let Some(v) = value {
        skein_gc::publish::publish(v.value());
    }
    let r = Box::new(Record {
        shape,
        version,
        value: value.map_or(Value::NULL, Ref::value),
        word: value.map_or(0, register_word),
        found,
        offset,
        new_shape,
    });
    let address = (&raw const *r).expose_provenance() as u64;
    code.records.lock().push(r);
    // Release pairs with the acquire in `load`.
    word.store(address | RECORD, Ordering::Release);
}

/// A value as unowned bits for `share`, which has less to do for what is deferred.
pub fn register_word(v: &Ref) -> u64 {
    match v.header() {
        Some(h) if h.is_deferred() => skein_gc::uncounted::edge(h).0,
        _ => v.value().0,
    }
}

/// Version check of a class.
#[inline(always)]
pub fn same_version(ty: &Type, version: u32) -> bool {
    ty.current_version() == version
}
