//! Iterators over sets.

use super::body;
use crate::iterators::support::{itself, reduce_iter, wrong};
use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, runtime_error};
use skein_object::iter::{SET_ITERATOR, SetIterBody, Step};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::{Args, Context, Ref, Row, Slot, list, number, row};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

// All accesses to positions are Relaxed: a position is only a number that every use checks.
const ORDER: Ordering = Ordering::Relaxed;

fn make(set: Ref, position: usize, length: i64, left: i64) -> Result<Ref> {
    alloc(
        &SET_ITERATOR,
        SetIterBody {
            set: Slot::new(set),
            position: AtomicUsize::new(position),
            length: AtomicI64::new(length),
            left: AtomicI64::new(left),
        },
    )
}

pub fn iter(_: &Context, r: &Ref) -> Result<Ref> {
    let len = body(r)?.len() as i64;
    make(r.clone(), 0, len, len)
}

fn state(it: &Ref) -> Result<&SetIterBody> {
    it.body::<SetIterBody>().ok_or_else(|| wrong("set_iterator", it))
}

pub fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = state(it)?;
    match b.advance() {
        Step::Item(x) => Ok(Some(x)),
        Step::End => {
            if !b.set.is_null() {
                drop(b.set.set(it.holder(), None));
            }
            Ok(None)
        }
        _ => Err(runtime_error("Set changed size during iteration")),
    }
}

fn hint(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = state(a.at(0))?;
    let left = match b.set.get() {
        Some(set) if body(&set)?.len() as i64 == b.length.load(ORDER) => b.left.load(ORDER).max(0),
        _ => 0,
    };
    number::int(left)
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = state(a.at(0))?;
    let mut rest = Vec::new();
    if let Some(set) = b.set.get() {
        let copy = make(set, b.position.load(ORDER), b.length.load(ORDER), b.left.load(ORDER))?;
        while let Some(x) = next(cx, &copy)? {
            rest.push(x);
        }
    }
    reduce_iter(cx, "iter", list::new(rest)?, None)
}

static METHODS: &[Row] = &[
    row!(
        "__length_hint__(self, /)",
        hint,
        "Private method returning an estimate of len(list(it))."
    ),
    row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
];

fn slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        ..TypeDef::new(&SET_ITERATOR)
    })
}
