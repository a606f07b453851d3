//! `iter(callable, sentinel)`, and the iterator over objects that have `__getitem__` only.

use super::support::{itself, reduce_iter, wrong};
use crate::startup::{TypeDef, ready_type};
use skein_object::error::Result;
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol::iterate::{SEQUENCE_ITERATOR, SequenceIterBody, sequence_next};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Row, Slot, number, payload, protocol, row, statics as s, tuple};
use std::sync::atomic::Ordering;

pub struct CallableIterBody {
    /// Both null at the end.
    pub callable: Slot,
    pub sentinel: Slot,
}
payload!(CallableIterBody, "callable_iterator", |this, v| {
    v.slot(&this.callable);
    v.slot(&this.sentinel);
});

pub static CALLABLE_ITERATOR: Type = Type::declare(
    "callable_iterator",
    Some(&s::OBJECT),
    <CallableIterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

/// `iter(callable, sentinel)`; the caller has checked that it is callable.
pub fn make(callable: &Ref, sentinel: &Ref) -> Result<Ref> {
    alloc(
        &CALLABLE_ITERATOR,
        CallableIterBody {
            callable: Slot::new(callable.clone()),
            sentinel: Slot::new(sentinel.clone()),
        },
    )
}

fn body(r: &Ref) -> Result<&CallableIterBody> {
    r.body::<CallableIterBody>()
        .ok_or_else(|| wrong("callable_iterator", r))
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body(it)?;
    let (Some(callable), Some(sentinel)) = (b.callable.get(), b.sentinel.get()) else {
        return Ok(None);
    };
    match protocol::call0(cx, &callable) {
        Ok(x) => {
            // The call may have brought the iterator to its end.
            if b.sentinel.is_null() {
                return Ok(None);
            }
            if !protocol::equal(cx, &sentinel, &x)? {
                return Ok(Some(x));
            }
        }
        Err(e) if e.is(&s::STOP_ITERATION) => {}
        Err(e) => return Err(e),
    }
    drop(b.callable.set(it.holder(), None));
    drop(b.sentinel.set(it.holder(), None));
    Ok(None)
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    match (b.callable.get(), b.sentinel.get()) {
        (Some(callable), Some(sentinel)) => {
            let f = super::support::builtin(cx, "iter")?;
            tuple::new(vec![f, tuple::new(vec![callable, sentinel])?])
        }
        _ => reduce_iter(cx, "iter", s::empty_tuple(), None),
    }
}

static METHODS: &[Row] = &[row!(
    "__reduce__(self, /)",
    reduce,
    "Return state information for pickling."
)];

fn slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

fn sequence_body(r: &Ref) -> Result<&SequenceIterBody> {
    r.body::<SequenceIterBody>().ok_or_else(|| wrong("iterator", r))
}

fn sequence_hint(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = sequence_body(a.at(0))?;
    match b.sequence.get() {
        Some(x) if x.ty().slots.len.is_set() => {
            let left = protocol::len(cx, &x)? as i64 - b.index.load(Ordering::Relaxed);
            number::int(left.max(0))
        }
        Some(_) => Ok(s::not_implemented()),
        None => Ok(Ref::small(0)),
    }
}

fn sequence_reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = sequence_body(a.at(0))?;
    match b.sequence.get() {
        Some(x) => {
            let i = number::int(b.index.load(Ordering::Relaxed))?;
            reduce_iter(cx, "iter", x, Some(i))
        }
        None => reduce_iter(cx, "iter", s::empty_tuple(), None),
    }
}

fn sequence_setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = crate::list::iter::state(cx, a.at(1))?;
    let b = sequence_body(a.at(0))?;
    if !b.sequence.is_null() {
        b.index.store(i.max(0), Ordering::Relaxed);
    }
    Ok(s::none())
}

static SEQUENCE_METHODS: &[Row] = &[
    row!(
        "__length_hint__(self, /)",
        sequence_hint,
        "Private method returning an estimate of len(list(it))."
    ),
    row!(
        "__reduce__(self, /)",
        sequence_reduce,
        "Return state information for pickling."
    ),
    row!(
        "__setstate__(self, object, /)",
        sequence_setstate,
        "Set state information for unpickling."
    ),
];

fn sequence_slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(sequence_next));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        ..TypeDef::new(&CALLABLE_ITERATOR)
    })?;
    ready_type(&TypeDef {
        slots: sequence_slots,
        methods: SEQUENCE_METHODS,
        ..TypeDef::new(&SEQUENCE_ITERATOR)
    })
}
