//! Methods of sets and frozensets.

use super::{add, body, is_set, ops, wanted};
use crate::type_::generic_alias::class_getitem;
use skein_object::dict::ObjectEq;
use skein_object::error::{Result, key_error};
use skein_object::intern::names;
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, Row, list, number, protocol, row, statics as s, str, tuple};

macro_rules! common_rows {
    ($($extra:expr,)*) => {
        &[
            row!("difference(self, /, *others)", difference, "Return a new set with elements in the set that are not in the others."),
            row!("intersection(self, /, *others)", intersection, "Return a new set with elements common to the set and all others."),
            row!("isdisjoint(self, other, /)", |cx, a| Ok(number::bool(ops::is_disjoint(cx, a.at(0), a.at(1))?)), "Return True if two sets have a null intersection."),
            row!("issubset(self, other, /)", |cx, a| Ok(number::bool(ops::is_subset(cx, a.at(0), a.at(1))?)), "Report whether another set contains this set."),
            row!("issuperset(self, other, /)", |cx, a| Ok(number::bool(ops::is_superset(cx, a.at(0), a.at(1))?)), "Report whether this set contains another set."),
            row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
            row!("__sizeof__(self, /)", sizeof, "S.__sizeof__() -> size of S in memory, in bytes."),
            row!("symmetric_difference(self, other, /)", |cx, a| ops::symmetric_difference(cx, a.at(0), a.at(1)), "Return a new set with elements in either the set or other but not both."),
            row!("union(self, /, *others)", union, "Return a new set with elements from the set and all others."),
            $($extra,)*
        ]
    };
}

pub static METHODS: &[Row] = common_rows![
    row!(
        "add(self, object, /)",
        add_row,
        "Add an element to a set.\n\nThis has no effect if the element is already present."
    ),
    row!("clear(self, /)", clear, "Remove all elements from this set."),
    row!(
        "copy(self, /)",
        |_, a| ops::copy(a.at(0)),
        "Return a shallow copy of a set."
    ),
    row!(
        "discard(self, object, /)",
        discard,
        "Remove an element from a set if it is a member.\n\nUnlike set.remove(), the discard() method does not raise\nan exception when an element is missing from the set."
    ),
    row!(
        "difference_update(self, /, *others)",
        difference_update,
        "Update the set, removing elements found in others."
    ),
    row!(
        "intersection_update(self, /, *others)",
        intersection_update,
        "Update the set, keeping only elements found in it and all others."
    ),
    row!(
        "pop(self, /)",
        pop,
        "Remove and return an arbitrary set element.\n\nRaises KeyError if the set is empty."
    ),
    row!(
        "remove(self, object, /)",
        remove,
        "Remove an element from a set; it must be a member.\n\nIf the element is not a member, raise a KeyError."
    ),
    row!(
        "symmetric_difference_update(self, other, /)",
        symmetric_difference_update,
        "Update the set, keeping only elements found in either set, but not in both."
    ),
    row!(
        "update(self, /, *others)",
        update,
        "Update the set, adding elements from all others."
    )
    .quick(update_quick),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "sets are generic over the type of their elements"),
];

pub static FROZEN_METHODS: &[Row] = common_rows![
    row!("copy(self, /)", copy_frozen, "Return a shallow copy of a set."),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "frozensets are generic over the type of their elements"),
];

fn add_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    add(cx, a.at(0), a.at(1))?;
    Ok(s::none())
}

fn clear(_: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?.clear(a.at(0).holder());
    Ok(s::none())
}

fn copy_frozen(_: &Context, a: Args<'_>) -> Result<Ref> {
    if a.at(0).is_exact(&s::FROZENSET) {
        return Ok(a.at(0).clone());
    }
    ops::copy(a.at(0))
}

/// Takes an element out; whether it was there.
fn take(cx: &Context, set: &Ref, x: &Ref) -> Result<bool> {
    let (x, hash) = wanted(cx, x)?;
    let old = body(set)?.remove(set.holder(), hash, &x, &mut ObjectEq(cx))?;
    Ok(old.is_some())
}

fn discard(cx: &Context, a: Args<'_>) -> Result<Ref> {
    take(cx, a.at(0), a.at(1))?;
    Ok(s::none())
}

fn remove(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if take(cx, a.at(0), a.at(1))? {
        Ok(s::none())
    } else {
        Err(key_error(a.at(1)))
    }
}

fn pop(_: &Context, a: Args<'_>) -> Result<Ref> {
    match body(a.at(0))?.pop(a.at(0).holder()) {
        Some(x) => Ok(x),
        None => Err(key_error(&str::from_str("pop from an empty set")?)),
    }
}

fn update(cx: &Context, a: Args<'_>) -> Result<Ref> {
    for other in a.rest(1) {
        ops::update(cx, a.at(0), other)?;
    }
    Ok(s::none())
}

/// [`update`] with one other.
fn update_quick(cx: &Context, args: &[Ref]) -> Option<Result<Ref>> {
    let [set, other] = args else { return None };
    Some(ops::update(cx, set, other).map(|()| s::none()))
}

fn union(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let out = ops::copy(a.at(0))?;
    for other in a.rest(1) {
        ops::update(cx, &out, other)?;
    }
    Ok(out)
}

fn intersection(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut out = match a.rest(1) {
        [] => ops::copy(a.at(0))?,
        [first, ..] => ops::intersection(cx, a.at(0), first)?,
    };
    for other in a.rest(1).iter().skip(1) {
        out = ops::intersection(cx, &out, other)?;
    }
    Ok(out)
}

fn intersection_update(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if let [one] = a.rest(1)
        && is_set(one)
    {
        ops::intersection_update(cx, a.at(0), one)?;
        return Ok(s::none());
    }
    let before = body(a.at(0))?.changes();
    let new = intersection(cx, a)?;
    ops::take_over(cx, a.at(0), before, &new, body(&new)?, true)?;
    Ok(s::none())
}

fn difference(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut out = match a.rest(1) {
        [] => ops::copy(a.at(0))?,
        [first, ..] => ops::difference(cx, a.at(0), first)?,
    };
    for other in a.rest(1).iter().skip(1) {
        out = ops::difference(cx, &out, other)?;
    }
    Ok(out)
}

fn difference_update(cx: &Context, a: Args<'_>) -> Result<Ref> {
    for other in a.rest(1) {
        ops::difference_update(cx, a.at(0), other)?;
    }
    Ok(s::none())
}

fn symmetric_difference_update(cx: &Context, a: Args<'_>) -> Result<Ref> {
    ops::symmetric_difference_update(cx, a.at(0), a.at(1))?;
    Ok(s::none())
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let items = list::new(protocol::collect(cx, a.at(0))?)?;
    let state = protocol::call_method(cx, a.at(0), names::__getstate__(), &[])?;
    tuple::new(vec![a.at(0).ty().object(), tuple::new(vec![items])?, state])
}

fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    let n = body(a.at(0))?.len();
    let table = if n < 5 { 0 } else { 16 * (n * 5 / 3).next_power_of_two() };
    number::int_from_usize(200 + table)
}
