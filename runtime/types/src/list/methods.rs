//! Methods of lists.

use super::item::copy;
use super::{body, extend, iter, sort};
use crate::iterators::support::{bound, clamp};
use crate::type_::generic_alias::class_getitem;
use skein_collections::List;
use skein_object::error::{Result, index_error, value_error};
use skein_object::native::Known;
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, Row, number, protocol, row, statics as s};

pub static METHODS: &[Row] = &[
    row!(
        "__reversed__(self, /)",
        |_, a| iter::reversed(a.at(0)),
        "Return a reverse iterator over the list."
    ),
    row!(
        "__sizeof__(self, /)",
        sizeof,
        "Return the size of the list in memory, in bytes."
    ),
    row!("clear(self, /)", clear, "Remove all items from list."),
    row!(
        "copy(self, /)",
        |_, a| copy(a.at(0)),
        "Return a shallow copy of the list."
    ),
    row!(
        "append(self, object, /)",
        append,
        "Append object to the end of the list."
    )
    .known(Known::Append),
    row!("insert(self, index, object, /)", insert, "Insert object before index."),
    row!(
        "extend(self, iterable, /)",
        extend_row,
        "Extend list by appending elements from the iterable."
    ),
    row!(
        "pop(self, index=-1, /)",
        pop,
        "Remove and return item at index (default last).\n\nRaises IndexError if list is empty or index is out of range."
    ),
    row!(
        "remove(self, value, /)",
        remove,
        "Remove first occurrence of value.\n\nRaises ValueError if the value is not present."
    ),
    row!(
        "index(self, value, start=0, stop=sys.maxsize, /)",
        index,
        "Return first index of value.\n\nRaises ValueError if the value is not present."
    ),
    row!("count(self, value, /)", count, "Return number of occurrences of value."),
    row!("reverse(self, /)", reverse, "Reverse *IN PLACE*."),
    row!(
        "sort(self, /, *, key=None, reverse=False)",
        sort_row,
        "Sort the list in ascending order and return None.\n\nThe sort is in-place (i.e. the list itself is modified) and stable (i.e. the\norder of two equal elements is maintained).\n\nIf a key function is given, apply it once to each list item and sort them,\nascending or descending, according to their function values.\n\nThe reverse flag can be set to sort in descending order."
    ),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "lists are generic over the type of their contents"),
];

fn append(_: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?.push(a.at(0).holder(), a.at(1).clone())?;
    Ok(s::none())
}

fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    number::int_from_usize(40 + 8 * body(a.at(0))?.capacity())
}

fn clear(_: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?.clear(a.at(0).holder());
    Ok(s::none())
}

fn insert(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = protocol::convert::to_i64(cx, a.at(1))?;
    body(a.at(0))?.insert(a.at(0).holder(), i, a.at(2).clone())?;
    Ok(s::none())
}

fn extend_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    extend(cx, a.at(0), a.at(1))?;
    Ok(s::none())
}

fn pop(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let h = a.at(0).holder();
    let b = body(a.at(0))?;
    let popped = match a.opt(1) {
        None => b.pop(h),
        Some(i) => {
            let popped = match protocol::convert::to_i64(cx, i)? {
                -1 => b.pop(h),
                i => b.remove(h, i),
            };
            if popped.is_none() && !b.is_empty() {
                return Err(index_error("pop index out of range"));
            }
            popped
        }
    };
    popped.ok_or_else(|| index_error("pop from empty list"))
}

fn remove(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let h = a.at(0).holder();
    let mut i = 0;
    while let Some(x) = b.get(i) {
        if !protocol::equal(cx, &x, a.at(1))? {
            i += 1;
            continue;
        }
        if h.is_private() {
            drop(b.remove(h, i as i64));
            return Ok(s::none());
        }
        if b.remove_if(h, i, &x).is_some() {
            return Ok(s::none());
        }
        break;
    }
    // Others that have gone meanwhile may have moved it to where it is not looked for any more.
    if !h.is_private() && remove_shared(cx, b, a)? {
        return Ok(s::none());
    }
    Err(value_error("list.remove(x): x not in list"))
}

/// Removes an item from a list that other threads change: one that was there at some moment, and still is. False if there was none.
#[cold]
fn remove_shared(cx: &Context, b: &List, a: Args<'_>) -> Result<bool> {
    const TRIES: usize = 1000;
    let h = a.at(0).holder();
    'again: for _ in 0..TRIES {
        for x in b.snapshot(h)? {
            if protocol::equal(cx, &x, a.at(1))? {
                if b.remove_element(h, &x).is_some() {
                    return Ok(true);
                }
                // Another thread has taken it.
                continue 'again;
            }
        }
        return Ok(false);
    }
    Ok(false)
}

fn index(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let start = bound(cx, a.opt(2), 0)?;
    let stop = bound(cx, a.opt(3), i64::MAX)?;
    let b = body(a.at(0))?;
    // The list may grow meanwhile.
    let mut i = clamp(start, b.len());
    let stop = if stop < 0 { clamp(stop, b.len()) } else { stop as usize };
    while i < stop
        && let Some(x) = b.get(i)
    {
        if protocol::equal(cx, &x, a.at(1))? {
            return number::int_from_usize(i);
        }
        i += 1;
    }
    Err(value_error("list.index(x): x not in list"))
}

fn count(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let (mut i, mut n) = (0, 0);
    while let Some(x) = b.get(i) {
        if protocol::equal(cx, &x, a.at(1))? {
            n += 1;
        }
        i += 1;
    }
    number::int_from_usize(n)
}

fn reverse(_: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?.reverse(a.at(0).holder());
    Ok(s::none())
}

fn sort_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let reverse = match a.opt(2) {
        Some(r) => protocol::is_true(cx, r)?,
        None => false,
    };
    sort::sort(cx, a.at(0), a.opt_not_none(1), reverse)?;
    Ok(s::none())
}
