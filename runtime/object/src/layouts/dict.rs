//! `dict`, and its use with interned string keys.

use crate::error::{Error, Result, memory_error};
use crate::layouts::str::StrBody;
use crate::layouts::tuple::TupleBody;
use crate::object::{RefExt, alloc, type_of};
use crate::payload;
use crate::statics as s;
use skein_collections::{Dict, KeyEq};
use skein_gc::{Header, Ref, Value};

/// Body of a dict.
pub struct DictBody(pub Dict);
payload!(DictBody, "dict", |this, v| { this.0.trace(v) });

pub fn new() -> Result<Ref> {
    alloc(&s::DICT, DictBody(Dict::new()))
}

/// A dict with room for some entries.
///
/// # Errors
/// MemoryError.
pub fn with_capacity(entries: usize) -> Result<Ref> {
    alloc(&s::DICT, DictBody(Dict::with_capacity(entries)?))
}

/// Equality of string keys; keys that are no strings differ from every string.
pub struct StrEq;

impl KeyEq for StrEq {
    type Error = skein_collections::OutOfMemory;
    const PURE: bool = true;

    #[inline]
    fn eq(&mut self, stored: &Ref, wanted: &Ref) -> std::result::Result<bool, Self::Error> {
        Ok(match (stored.body::<StrBody>(), wanted.body::<StrBody>()) {
            (Some(a), Some(b)) => a.equals(b),
            _ => false,
        })
    }
}

#[inline]
fn hash_of(name: &Ref) -> u64 {
    name.body::<StrBody>().map_or(0, StrBody::hash) as u64
}

/// `dict[name]` for a table whose keys are strings (or cannot equal one).
#[inline]
pub fn get_interned(d: &Dict, holder: &Header, name: &Ref) -> Option<Ref> {
    if d.is_empty() {
        return None;
    }
    d.get(holder, hash_of(name), name, &mut StrEq).ok().flatten()
}

/// Sets; gives the old value. Out of memory is reported by the next allocation that can raise; the entry is lost then.
pub fn set_interned(d: &Dict, holder: &Header, name: &Ref, value: Ref) -> Option<Ref> {
    d.insert(holder, hash_of(name), name.clone(), value, &mut StrEq)
        .ok()
        .flatten()
}

pub fn remove_interned(d: &Dict, holder: &Header, name: &Ref) -> Option<(Ref, Ref)> {
    d.remove(holder, hash_of(name), name, &mut StrEq).ok().flatten()
}

/// `d[name]` for a dict object and a str without Python code running; `None` if it is missing.
#[inline]
pub fn get_name(d: &Ref, name: &Ref) -> Option<Ref> {
    let b = d.body::<DictBody>()?;
    get_interned(&b.0, d.holder(), name)
}

/// Equality that knows nothing but identity: small ints are equal if identical, and what else equals one is not found.
struct Same;

impl KeyEq for Same {
    type Error = skein_collections::OutOfMemory;
    const PURE: bool = true;

    #[inline]
    fn eq(&mut self, _: &Ref, _: &Ref) -> std::result::Result<bool, Self::Error> {
        // An error: it is for those to find who may run Python code.
        Err(skein_collections::OutOfMemory)
    }
}

/// Equality of tuples as far as their items are identical, strings, small ints, or such tuples.
struct TupleEq;

impl KeyEq for TupleEq {
    type Error = skein_collections::OutOfMemory;
    const PURE: bool = true;

    #[inline]
    fn eq(&mut self, a: &Ref, b: &Ref) -> std::result::Result<bool, Self::Error> {
        // Else as in `Same`.
        equal_without_code(a, b, 8).ok_or(skein_collections::OutOfMemory)
    }
}

/// Whether two values are equal, where that takes no Python code, and tuples are not nested deeper than `depth`.
fn equal_without_code(a: &Ref, b: &Ref, depth: u32) -> Option<bool> {
    if a.is(b) {
        return Some(true);
    }
    if a.as_int().is_some() && b.as_int().is_some() {
        return Some(false);
    }
    if a.is_exact(&s::STR) && b.is_exact(&s::STR) {
        return Some(a.body::<StrBody>()?.equals(b.body::<StrBody>()?));
    }
    let (x, y) = (plain_tuple(a)?, plain_tuple(b)?);
    if x.len() != y.len() {
        return Some(false);
    }
    for (p, q) in x.iter().zip(y) {
        if !equal_without_code(p, q, depth.checked_sub(1)?)? {
            return Some(false);
        }
    }
    Some(true)
}

/// The items of a tuple, or of an object of a class that inherits from it (a named tuple) and compares and hashes likewise.
#[inline]
fn plain_tuple(r: &Ref) -> Option<&[Ref]> {
    let b = r.body::<TupleBody>()?;
    let slots = &type_of(r).slots;
    let plain = slots.compare.same(&s::TUPLE.slots.compare) && slots.hash.same(&s::TUPLE.slots.hash);
    plain.then(|| b.items())
}

/// `d[key]` of a dict, or of an object of a subclass without a `__getitem__` of its own, for a str, a small int, or a tuple that has
/// been a key before, if that takes no Python code; unowned, and valid until the next poll of this thread. Null: it is missing, or
/// not found in this way.
#[inline(always)]
pub fn peek(d: &Ref, key: &Ref) -> Value {
    peek_or(d, key, Value::NULL)
}

/// As [`peek`], with `absent` where it is known that the key is missing.
#[inline(always)]
pub fn peek_or(d: &Ref, key: &Ref, absent: Value) -> Value {
    if !d.is_exact(&s::DICT) && !type_of(d).slots.getitem.same(&s::DICT.slots.getitem) {
        return Value::NULL;
    }
    let Some(b) = d.body::<DictBody>() else {
        return Value::NULL;
    };
    if let Some(n) = key.as_int() {
        return b
            .0
            .peek_or(crate::layouts::number::hash_int(n) as u64, key, &mut Same, absent);
    }
    if !key.is_exact(&s::STR) || b.0.is_empty() {
        if let Some(hash) = key.body::<TupleBody>().and_then(TupleBody::known_hash)
            && plain_tuple(key).is_some()
        {
            return b.0.peek_or(hash, key, &mut TupleEq, absent);
        }
        return Value::NULL;
    }
    b.0.peek_or(hash_of(key), key, &mut StrEq, absent)
}

/// `d[name] = value` for a str key.
///
/// # Errors
/// MemoryError.
pub fn set_name(d: &Ref, name: &Ref, value: Ref) -> Result<()> {
    let Some(b) = d.body::<DictBody>() else {
        return Err(crate::error::system_error("not a dict"));
    };
    match b.0.insert(d.holder(), hash_of(name), name.clone(), value, &mut StrEq) {
        Ok(old) => {
            drop(old);
            Ok(())
        }
        Err(_) => Err(memory_error()),
    }
}

pub fn set_str(d: &Ref, name: &str, value: Ref) -> Result<()> {
    set_name(d, &crate::intern::name(name), value)
}

/// Deletes; false if it is missing.
pub fn delete_name(d: &Ref, name: &Ref) -> bool {
    d.body::<DictBody>()
        .is_some_and(|b| remove_interned(&b.0, d.holder(), name).is_some())
}

/// Entries in order, as a snapshot.
pub fn entries(d: &Ref) -> Vec<(Ref, Ref)> {
    fn all(table: &Dict) -> Vec<(Ref, Ref)> {
        let mut out = Vec::with_capacity(table.len());
        let mut pos = 0;
        while let Some((k, v, _)) = table.next(&mut pos) {
            out.push((k, v));
        }
        out
    }
    let Some(b) = d.body::<DictBody>() else {
        return Vec::new();
    };
    let before = b.0.changes();
    let out = all(&b.0);
    // Another thread that adds and deletes may have moved what was not seen yet.
    if b.0.changes() != before
        && !d.holder().is_private()
        && let Ok(copy) = b.0.copy(d.holder())
    {
        return all(&copy);
    }
    out
}

/// Key equality by `==`, which may run Python code.
pub struct ObjectEq<'a>(pub &'a crate::Context);

impl KeyEq for ObjectEq<'_> {
    type Error = Error;
    const PURE: bool = false;

    fn eq(&mut self, stored: &Ref, wanted: &Ref) -> Result<bool> {
        crate::protocol::compare::equal(self.0, stored, wanted)
    }
}

/// Whether keys of this kind never run Python code when they are compared with each other.
#[inline]
pub fn is_str_key(key: &Ref) -> bool {
    key.is_exact(&s::STR)
}
