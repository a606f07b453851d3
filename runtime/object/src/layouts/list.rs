//! `list`.

use crate::error::Result;
use crate::object::{RefExt, alloc};
use crate::payload;
use crate::statics as s;
use skein_collections::List;
use skein_gc::{Header, Ref};

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

/// A new list of up to `count` items of a list, from `start` on.
pub fn slice(holder: &Header, b: &ListBody, start: usize, count: usize) -> Result<Ref> {
    of_list(b.0.copy_range(holder, start, count)?)
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
