//! Iterators over ranges.

use super::{big, body, make_parts, small_of};
use crate::iterators::support::{itself, reduce_iter, wrong};
use crate::startup::{TypeDef, ready_type};
use num_bigint::BigInt;
use num_traits::Zero;
use skein_object::error::{Result, type_error};
use skein_object::object::{RefExt, alloc};
use skein_object::range::{LONG_RANGE_ITERATOR, LongRangeIterBody, RANGE_ITERATOR, SmallRange};
use skein_object::slots::Slots;
use skein_object::{Args, Context, RangeIterBody, Ref, Row, Slot, number, row, statics as s};
use std::sync::atomic::Ordering;

fn over_small(r: SmallRange) -> Result<Ref> {
    alloc(&RANGE_ITERATOR, RangeIterBody::new(r))
}

fn over_big(start: BigInt, step: BigInt, length: BigInt) -> Result<Ref> {
    alloc(
        &LONG_RANGE_ITERATOR,
        LongRangeIterBody {
            start: number::big(start)?,
            step: number::big(step)?,
            length: number::big(length)?,
            index: Slot::new(Ref::small(0)),
        },
    )
}

pub fn iter(_: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    match b.small {
        Some(r) => over_small(r),
        None => over_big(big(&b.start), big(&b.step), big(&b.length)),
    }
}

pub fn reversed(r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let (start, step, length) = (big(&b.start), big(&b.step), big(&b.length));
    let last = &start + (&length - 1) * &step;
    let before = &start - &step;
    let step = -step;
    if length.is_zero() {
        return over_small(SmallRange::new(0, 0, 1));
    }
    match small_of(&last, &before, &step) {
        Some(r) => over_small(r),
        None => over_big(last, step, length),
    }
}

fn small(it: &Ref) -> Result<&RangeIterBody> {
    it.body::<RangeIterBody>().ok_or_else(|| wrong("range_iterator", it))
}

fn long(it: &Ref) -> Result<&LongRangeIterBody> {
    it.body::<LongRangeIterBody>()
        .ok_or_else(|| wrong("longrange_iterator", it))
}

pub fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    match small(it)?.advance() {
        Some(n) => number::int(n).map(Some),
        None => Ok(None),
    }
}

fn index_of(b: &LongRangeIterBody) -> BigInt {
    b.index.get().map(|i| big(&i)).unwrap_or_default()
}

fn long_next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = long(it)?;
    let i = index_of(b);
    if i >= big(&b.length) {
        return Ok(None);
    }
    let item = big(&b.start) + &i * big(&b.step);
    drop(b.index.set(it.holder(), Some(number::big(i + 1)?)));
    number::big(item).map(Some)
}

fn hint(_: &Context, a: Args<'_>) -> Result<Ref> {
    number::int(small(a.at(0))?.remaining())
}

fn long_hint(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = long(a.at(0))?;
    number::big(big(&b.length) - index_of(b))
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = small(a.at(0))?;
    // Relaxed: the number is all there is.
    let (next, left) = (b.next.load(Ordering::Relaxed), b.remaining());
    let (next, step) = (BigInt::from(next), BigInt::from(b.step));
    let stop = &next + &step * left;
    reduce_iter(cx, "iter", make_parts(next, stop, step)?, Some(s::none()))
}

fn long_reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = long(a.at(0))?;
    let (start, step, length) = (big(&b.start), big(&b.step), big(&b.length));
    let first = &start + index_of(b) * &step;
    let stop = start + length * &step;
    reduce_iter(cx, "iter", make_parts(first, stop, step)?, Some(s::none()))
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = small(a.at(0))?;
    let n = crate::list::iter::state(cx, a.at(1))?.clamp(0, b.remaining());
    let next = b.next.load(Ordering::Relaxed);
    b.next
        .store(next.wrapping_add(n.wrapping_mul(b.step)), Ordering::Relaxed);
    Ok(s::none())
}

fn long_setstate(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = long(a.at(0))?;
    if number::int_value(a.at(1)).is_none() {
        return Err(type_error(format!("state must be an int, not {}", a.at(1).ty().name())));
    }
    let n = big(a.at(1)).max(BigInt::zero()).min(big(&b.length));
    drop(b.index.set(a.at(0).holder(), Some(number::big(n)?)));
    Ok(s::none())
}

const HINT: &str = "Private method returning an estimate of len(list(it)).";
const REDUCE: &str = "Return state information for pickling.";
const STATE: &str = "Set state information for unpickling.";

static METHODS: &[Row] = &[
    row!("__length_hint__(self, /)", hint, HINT),
    row!("__reduce__(self, /)", reduce, REDUCE),
    row!("__setstate__(self, object, /)", setstate, STATE),
];

static LONG_METHODS: &[Row] = &[
    row!("__length_hint__(self, /)", long_hint, HINT),
    row!("__reduce__(self, /)", long_reduce, REDUCE),
    row!("__setstate__(self, object, /)", long_setstate, STATE),
];

fn slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

fn long_slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(long_next));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        ..TypeDef::new(&RANGE_ITERATOR)
    })?;
    ready_type(&TypeDef {
        slots: long_slots,
        methods: LONG_METHODS,
        ..TypeDef::new(&LONG_RANGE_ITERATOR)
    })
}
