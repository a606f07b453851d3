//! `list`.

use crate::error::Result;
use crate::layouts::tuple::TupleBody;
use crate::object::{RefExt, alloc};
use crate::payload;
use crate::statics as s;
use skein_collections::List;
use skein_gc::{Header, Ref, Value};

/// Body of a list.
pub struct ListBody(pub List);
payload!(ListBody, "list", |this, v| { this.0.trace(v) });

pub fn new(items: Vec<Ref>) -> Result<Ref> {
    of_list(List::from_vec(items)?)
}

/// A list of exactly `len` items that the iterator gives.
pub fn from_exact(len: usize, items: impl Iterator<Item = Ref>) -> Result<Ref> {
    of_list(List::from_exact(len, items)?)
}

/// An empty list with room for `capacity` items.
pub fn with_capacity(capacity: usize) -> Result<Ref> {
    of_list(List::with_capacity(capacity)?)
}

/// A list object of a list.
pub fn of_list(l: List) -> Result<Ref> {
    alloc(&s::LIST, ListBody(l))
}

/// A list of the items of a tuple.
///
/// # Errors
/// MemoryError.
pub fn of_tuple(t: &TupleBody) -> Result<Ref> {
    // SAFETY: the words of a tuple's items are canonical.
    of_list(unsafe { List::of_refs(t.items())? })
}

/// A new list of up to `count` items of a list, from `start` on.
pub fn slice(holder: &Header, b: &ListBody, start: usize, count: usize) -> Result<Ref> {
    of_list(b.0.copy_range(holder, start, count)?)
}

/// A new list of the items of a list `count` times over.
///
/// # Errors
/// MemoryError.
pub fn repeat(holder: &Header, b: &ListBody, count: usize) -> Result<Ref> {
    let repeated = |items: &[Ref]| {
        let len = items.len().checked_mul(count).filter(|n| *n <= 1 << 40);
        let len = len.ok_or_else(crate::error::memory_error)?;
        match items {
            [item] => from_exact(len, std::iter::repeat_n(item, len).cloned()),
            _ => from_exact(len, items.iter().cycle().take(len).cloned()),
        }
    };
    // SAFETY: making a list neither polls nor runs Python code.
    match unsafe { b.0.private_slice(holder) } {
        Some(items) => repeated(items),
        None => repeated(&b.0.snapshot(holder)?),
    }
}

/// Sorts a list that is private and holds nothing but tagged ints; false, with nothing done, if it is no such list.
pub fn sort_ints(list: &Ref, reverse: bool) -> bool {
    let (Some(b), Some(h)) = (list.body::<ListBody>(), list.header()) else {
        return false;
    };
    let (items, len) = b.0.private_items(h);
    if items.is_null() {
        return false;
    }
    // SAFETY: that many slots of a private list, which its owner alone reads and writes, hold an item each; nothing in here uses the
    // list otherwise. A Value is a word.
    let items = unsafe { std::slice::from_raw_parts_mut(items.cast_mut().cast::<Value>(), len) };
    if !items.iter().all(|v| v.is_int()) {
        return false;
    }
    items.sort_unstable_by_key(|v| v.as_int_unchecked());
    if reverse {
        items.reverse();
    }
    true
}

/// Item `i` of a list of any class; `None` if there is none.
pub fn get(list: &Ref, i: usize) -> Option<Ref> {
    list.body::<ListBody>()?.0.get(i)
}

/// A snapshot of a list's items.
pub fn snapshot(b: &ListBody) -> Vec<Ref> {
    let n = b.0.len();
    let mut out = Vec::with_capacity(n);
    let mut i = 0;
    while let Some(x) = b.0.get(i) {
        out.push(x);
        i += 1;
    }
    out
}

/// Appends to a list of any class.
#[inline]
pub fn push(list: &Ref, item: Ref) -> Result<()> {
    match (list.body::<ListBody>(), list.header()) {
        (Some(b), Some(h)) => Ok(b.0.push(h, item)?),
        _ => Err(crate::error::system_error("append to what is no list")),
    }
}
