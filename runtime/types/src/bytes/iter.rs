//! `bytes_iterator` and `bytearray_iterator`.

use super::data::own;
use crate::startup::{TypeDef, ready_type};
use crate::str_::iter::{TextIterBody, itself, length_hint, make, reduce_with, setstate, step};
use skein_object::error::Result;
use skein_object::native::Row;
use skein_object::object::Payload;
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, row, statics as s};

pub static BYTES_ITERATOR: Type = Type::declare(
    "bytes_iterator",
    Some(&s::OBJECT),
    <TextIterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);
pub static BYTEARRAY_ITERATOR: Type = Type::declare(
    "bytearray_iterator",
    Some(&s::OBJECT),
    <TextIterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

/// `iter(bytes)`.
pub fn iter(_: &Context, r: &Ref) -> Result<Ref> {
    make(&BYTES_ITERATOR, r)
}

/// `iter(bytearray)`.
pub fn iter_bytearray(_: &Context, r: &Ref) -> Result<Ref> {
    make(&BYTEARRAY_ITERATOR, r)
}

fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    Ok(step(it, |r, i| own(r).get(i).copied()).map(|b| Ref::small(i32::from(b))))
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    reduce_with(cx, a.at(0), s::empty_tuple())
}

static METHODS: &[Row] = &[
    row!(
        "__length_hint__(self, /)",
        length_hint,
        "Private method returning an estimate of len(list(it))."
    ),
    row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
    row!(
        "__setstate__(self, state, /)",
        setstate,
        "Set state information for unpickling."
    ),
];

fn slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

pub fn ready() -> Result<()> {
    for ty in [&BYTES_ITERATOR, &BYTEARRAY_ITERATOR] {
        ready_type(&TypeDef {
            slots,
            methods: METHODS,
            ..TypeDef::new(ty)
        })?;
    }
    Ok(())
}
