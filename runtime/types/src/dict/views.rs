//! Views of dicts: keys, values, items.

use super::iter::{self, Direction, pair};
use super::{body, get_opt};
use crate::iterators::support::{enter_repr, wrong};
use crate::list::push_repr;
use crate::set;
use crate::startup::{GetSet, TypeDef, getset, ready_type};
use skein_object::error::Result;
use skein_object::iter::{DICT_ITEMS, DICT_KEYS, DICT_VALUES, DictPart, DictViewBody};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{Binary, BinaryOp, CompareOp, Slots};
use skein_object::{Args, Context, Ref, Row, Type, number, protocol, row, statics as s, str, tuple};
use skein_text::StrBuf;

/// A view of a dict.
pub fn make(ty: &'static Type, d: &Ref) -> Result<Ref> {
    body(d)?;
    alloc(ty, DictViewBody { dict: d.clone() })
}

/// The dict of a view.
pub fn dict(r: &Ref) -> Result<&Ref> {
    match r.body::<DictViewBody>() {
        Some(b) => Ok(&b.dict),
        None => Err(wrong("dict_keys", r)),
    }
}

/// What a view of this or a derived type shows.
pub fn part(r: &Ref) -> DictPart {
    if r.is_exact(&DICT_KEYS) || r.is_instance(&DICT_KEYS) {
        DictPart::Keys
    } else if r.is_exact(&DICT_VALUES) || r.is_instance(&DICT_VALUES) {
        DictPart::Values
    } else {
        DictPart::Items
    }
}

/// Whether the object is a view that behaves like a set.
pub fn is_set_like(r: &Ref) -> bool {
    r.body::<DictViewBody>().is_some() && part(r) != DictPart::Values
}

fn length(_: &Context, r: &Ref) -> Result<usize> {
    Ok(body(dict(r)?)?.len())
}

fn iter(_: &Context, r: &Ref) -> Result<Ref> {
    iter::make(dict(r)?, part(r), Direction::Forward)
}

fn reversed(_: &Context, a: Args<'_>) -> Result<Ref> {
    iter::make(dict(a.at(0))?, part(a.at(0)), Direction::Back)
}

fn contains(cx: &Context, r: &Ref, item: &Ref) -> Result<bool> {
    let d = dict(r)?;
    match part(r) {
        DictPart::Keys => Ok(get_opt(cx, d, item)?.is_some()),
        _ => {
            let Some([k, v]) = tuple::items(item) else {
                return Ok(false);
            };
            match get_opt(cx, d, k)? {
                Some(found) => protocol::equal(cx, &found, v),
                None => Ok(false),
            }
        }
    }
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let Some(_guard) = enter_repr(cx, r) else {
        return str::from_str("...");
    };
    let b = body(dict(r)?)?;
    let mut out = StrBuf::from(r.ty().name());
    out.push_str("([");
    let mut pos = 0;
    let mut first = true;
    while let Some((k, v, _)) = b.next(&mut pos) {
        if !first {
            out.push_str(", ");
        }
        first = false;
        let item = match part(r) {
            DictPart::Keys => k,
            DictPart::Values => v,
            DictPart::Items => pair(k, v)?,
        };
        push_repr(cx, &mut out, &item)?;
    }
    out.push_str("])");
    str::from_buf(out)
}

/// Whether all items of `a` are in `b`.
fn all_in(cx: &Context, a: &Ref, b: &Ref) -> Result<bool> {
    let mut it = protocol::Iter::new(cx, a)?;
    while let Some(x) = it.next(cx)? {
        if !protocol::contains(cx, b, &x)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let sets = |r: &Ref| set::body(r).is_ok() || is_set_like(r);
    if !sets(a) || !sets(b) {
        return Ok(s::not_implemented());
    }
    let (x, y) = (protocol::len(cx, a)?, protocol::len(cx, b)?);
    Ok(number::bool(match op {
        CompareOp::Eq => x == y && all_in(cx, a, b)?,
        CompareOp::Ne => !(x == y && all_in(cx, a, b)?),
        CompareOp::Lt => x < y && all_in(cx, a, b)?,
        CompareOp::Le => x <= y && all_in(cx, a, b)?,
        CompareOp::Gt => x > y && all_in(cx, b, a)?,
        CompareOp::Ge => x >= y && all_in(cx, b, a)?,
    }))
}

fn or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let out = set::from_iterable(cx, &s::SET, a)?;
    set::ops::update(cx, &out, b)?;
    Ok(out)
}

fn sub(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let out = set::from_iterable(cx, &s::SET, a)?;
    set::ops::difference_update(cx, &out, b)?;
    Ok(out)
}

/// The items in which two dicts differ. Equal ones are not hashed: their values may be unhashable.
fn different_items(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let out = set::empty(&s::SET)?;
    for (x, y, both) in [(a, b, true), (b, a, false)] {
        for (k, v) in skein_object::dict::entries(x) {
            let other = super::get_opt(cx, y, &k)?;
            if let Some(w) = &other
                && protocol::equal(cx, &v, w)?
            {
                continue;
            }
            set::add(cx, &out, &pair(k.clone(), v)?)?;
            if let Some(w) = other.filter(|_| both) {
                set::add(cx, &out, &pair(k, w)?)?;
            }
        }
    }
    Ok(out)
}

fn xor(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if a.is_exact(&DICT_ITEMS) && b.is_exact(&DICT_ITEMS) {
        return different_items(cx, dict(a)?, dict(b)?);
    }
    let out = set::from_iterable(cx, &s::SET, a)?;
    set::ops::symmetric_difference_update(cx, &out, b)?;
    Ok(out)
}

fn and(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let (mut view, mut other) = if is_set_like(a) { (a, b) } else { (b, a) };
    if is_set_like(other) && protocol::len(cx, other)? > protocol::len(cx, view)? {
        std::mem::swap(&mut view, &mut other);
    }
    let out = set::empty(&s::SET)?;
    let mut it = protocol::Iter::new(cx, other)?;
    while let Some(x) = it.next(cx)? {
        if contains(cx, view, &x)? {
            set::add(cx, &out, &x)?;
        }
    }
    Ok(out)
}

fn isdisjoint(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (view, other) = (a.at(0), a.at(1));
    let mut it = protocol::Iter::new(cx, other)?;
    while let Some(x) = it.next(cx)? {
        if contains(cx, view, &x)? {
            return Ok(number::bool(false));
        }
    }
    Ok(number::bool(true))
}

fn mapping(_: &Context, r: &Ref) -> Result<Ref> {
    crate::descriptors::proxy::of_mapping(dict(r)?.clone())
}

static METHODS: &[Row] = &[
    row!(
        "isdisjoint(self, object, /)",
        isdisjoint,
        "Return True if the view and the given iterable have a null intersection."
    ),
    row!(
        "__reversed__(self, /)",
        reversed,
        "Return a reverse iterator over the dict keys."
    ),
];

static VALUES_METHODS: &[Row] = &[row!(
    "__reversed__(self, /)",
    reversed,
    "Return a reverse iterator over the dict values."
)];

static GETSET: &[GetSet] = &[getset("mapping", mapping).doc("dictionary that this view refers to")];

fn slots(t: &Slots) {
    values_slots(t);
    t.contains.set(Some(contains));
    t.compare.set(Some(compare));
    for (op, f) in [
        (BinaryOp::Sub, sub as Binary),
        (BinaryOp::And, and),
        (BinaryOp::Or, or),
        (BinaryOp::Xor, xor),
    ] {
        t.binary[op as usize].set(Some(f));
    }
}

fn values_slots(t: &Slots) {
    t.repr.set(Some(repr));
    t.iter.set(Some(iter));
    t.len.set(Some(length));
}

pub fn ready() -> Result<()> {
    for ty in [&DICT_KEYS, &DICT_ITEMS] {
        ready_type(&TypeDef {
            slots,
            methods: METHODS,
            getset: GETSET,
            ..TypeDef::new(ty)
        })?;
    }
    ready_type(&TypeDef {
        slots: values_slots,
        methods: VALUES_METHODS,
        getset: GETSET,
        ..TypeDef::new(&DICT_VALUES)
    })
}
