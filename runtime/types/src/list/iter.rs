//! Iterators over lists.

use super::body;
use crate::iterators::support::{itself, reduce_iter, wrong};
use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, type_error};
use skein_object::iter::{LIST_ITERATOR, LIST_REVERSE_ITERATOR, ListIterBody, ListReverseIterBody};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::{Args, Context, Ref, Row, Slot, list, number, protocol, row, statics as s};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

// All accesses to positions are Relaxed: a position is only a number that every use checks.
const ORDER: Ordering = Ordering::Relaxed;

pub fn iter(_: &Context, r: &Ref) -> Result<Ref> {
    alloc(
        &LIST_ITERATOR,
        ListIterBody {
            sequence: Slot::new(r.clone()),
            index: AtomicUsize::new(0),
        },
    )
}

pub fn reversed(r: &Ref) -> Result<Ref> {
    let last = body(r)?.len() as i64 - 1;
    alloc(
        &LIST_REVERSE_ITERATOR,
        ListReverseIterBody {
            sequence: Slot::new(r.clone()),
            index: AtomicI64::new(last),
        },
    )
}

fn forward(r: &Ref) -> Result<&ListIterBody> {
    r.body::<ListIterBody>().ok_or_else(|| wrong("list_iterator", r))
}

fn backward(r: &Ref) -> Result<&ListReverseIterBody> {
    r.body::<ListReverseIterBody>()
        .ok_or_else(|| wrong("list_reverseiterator", r))
}

pub fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = forward(it)?;
    let item = b.advance();
    if item.is_none() && !b.sequence.is_null() {
        drop(b.sequence.set(it.holder(), None));
    }
    Ok(item)
}

fn next_back(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = backward(it)?;
    let Some(sequence) = b.sequence.get() else {
        return Ok(None);
    };
    let i = b.index.load(ORDER);
    match usize::try_from(i).ok().map(|i| body(&sequence).map(|b| b.get(i))) {
        Some(Ok(Some(x))) => {
            b.index.store(i - 1, ORDER);
            Ok(Some(x))
        }
        _ => {
            b.index.store(-1, ORDER);
            drop(b.sequence.set(it.holder(), None));
            Ok(None)
        }
    }
}

fn hint(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = forward(a.at(0))?;
    let left = match b.sequence.get() {
        Some(x) => body(&x)?.len().saturating_sub(b.index.load(ORDER)),
        None => 0,
    };
    number::int_from_usize(left)
}

fn hint_back(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = backward(a.at(0))?;
    let left = match b.sequence.get() {
        Some(x) => {
            let left = b.index.load(ORDER) + 1;
            if body(&x)?.len() as i64 >= left { left } else { 0 }
        }
        None => 0,
    };
    number::int(left)
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = forward(a.at(0))?;
    match b.sequence.get() {
        Some(x) => {
            let i = number::int_from_usize(b.index.load(ORDER))?;
            reduce_iter(cx, "iter", x, Some(i))
        }
        None => reduce_iter(cx, "iter", list::new(Vec::new())?, None),
    }
}

fn reduce_back(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = backward(a.at(0))?;
    match b.sequence.get() {
        Some(x) => {
            let i = number::int(b.index.load(ORDER))?;
            reduce_iter(cx, "reversed", x, Some(i))
        }
        None => reduce_iter(cx, "reversed", list::new(Vec::new())?, None),
    }
}

/// The state argument of `__setstate__`.
pub(crate) fn state(cx: &Context, r: &Ref) -> Result<i64> {
    if number::int_value(r).is_none() {
        return Err(type_error("an integer is required"));
    }
    protocol::convert::to_i64(cx, r)
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = state(cx, a.at(1))?;
    let b = forward(a.at(0))?;
    if let Some(x) = b.sequence.get() {
        let len = body(&x)?.len();
        b.index.store(usize::try_from(i).unwrap_or(0).min(len), ORDER);
    }
    Ok(s::none())
}

fn setstate_back(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = state(cx, a.at(1))?;
    let b = backward(a.at(0))?;
    if let Some(x) = b.sequence.get() {
        let last = body(&x)?.len() as i64 - 1;
        b.index.store(i.max(-1).min(last), ORDER);
    }
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

static REVERSE_METHODS: &[Row] = &[
    row!("__length_hint__(self, /)", hint_back, HINT),
    row!("__reduce__(self, /)", reduce_back, REDUCE),
    row!("__setstate__(self, object, /)", setstate_back, STATE),
];

fn slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

fn reverse_slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next_back));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        ..TypeDef::new(&LIST_ITERATOR)
    })?;
    ready_type(&TypeDef {
        slots: reverse_slots,
        methods: REVERSE_METHODS,
        ..TypeDef::new(&LIST_REVERSE_ITERATOR)
    })
}
