//! Iterators over tuples.

use crate::iterators::support::{itself, reduce_iter, wrong};
use crate::list::iter::state;
use crate::startup::{TypeDef, ready_type};
use skein_object::error::Result;
use skein_object::iter::{TUPLE_ITERATOR, TupleIterBody};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::{Args, Context, Ref, Row, Slot, number, row, statics as s, tuple};
use std::sync::atomic::{AtomicUsize, Ordering};

// All accesses to positions are Relaxed: a position is only a number that every use checks.
const ORDER: Ordering = Ordering::Relaxed;

pub fn iter(_: &Context, r: &Ref) -> Result<Ref> {
    alloc(
        &TUPLE_ITERATOR,
        TupleIterBody {
            sequence: Slot::new(r.clone()),
            index: AtomicUsize::new(0),
        },
    )
}

fn body(r: &Ref) -> Result<&TupleIterBody> {
    r.body::<TupleIterBody>().ok_or_else(|| wrong("tuple_iterator", r))
}

pub fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body(it)?;
    let Some(sequence) = b.sequence.get() else {
        return Ok(None);
    };
    let i = b.index.load(ORDER);
    match tuple::items(&sequence).and_then(|items| items.get(i)) {
        Some(x) => {
            b.index.store(i + 1, ORDER);
            Ok(Some(x.clone()))
        }
        None => {
            drop(b.sequence.set(it.holder(), None));
            Ok(None)
        }
    }
}

fn hint(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let len = b.sequence.get().and_then(|x| tuple::items(&x).map(<[Ref]>::len));
    number::int_from_usize(len.unwrap_or(0).saturating_sub(b.index.load(ORDER)))
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    match b.sequence.get() {
        Some(x) => {
            let i = number::int_from_usize(b.index.load(ORDER))?;
            reduce_iter(cx, "iter", x, Some(i))
        }
        None => reduce_iter(cx, "iter", s::empty_tuple(), None),
    }
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = state(cx, a.at(1))?;
    let b = body(a.at(0))?;
    if let Some(x) = b.sequence.get() {
        let len = tuple::items(&x).map_or(0, <[Ref]>::len);
        b.index.store(usize::try_from(i).unwrap_or(0).min(len), ORDER);
    }
    Ok(s::none())
}

static METHODS: &[Row] = &[
    row!(
        "__length_hint__(self, /)",
        hint,
        "Private method returning an estimate of len(list(it))."
    ),
    row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
    row!(
        "__setstate__(self, object, /)",
        setstate,
        "Set state information for unpickling."
    ),
];

fn slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        ..TypeDef::new(&TUPLE_ITERATOR)
    })
}
