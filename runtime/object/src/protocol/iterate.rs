//! Iteration.

use crate::context::Context;
use crate::error::{Result, type_error};
use crate::layouts::list::ListBody;
use crate::layouts::tuple;
use crate::object::{RefExt, alloc, type_of};
use crate::payload;
use crate::statics as s;
use crate::types::Type;
use skein_gc::{Ref, Slot};
use std::sync::atomic::{AtomicI64, Ordering};

/// `iter(object)`.
///
/// # Errors
/// TypeError "'X' object is not iterable".
pub fn iter(cx: &Context, object: &Ref) -> Result<Ref> {
    let ty = type_of(object);
    if let Some(f) = ty.slots.iter.get() {
        let it = f(cx, object)?;
        if type_of(&it).slots.next.is_set() {
            return Ok(it);
        }
        return Err(type_error(format!(
            "iter() returned non-iterator of type '{}'",
            it.ty().name()
        )));
    }
    if ty.slots.getitem.is_set() && !ty.is_subtype(&s::DICT) {
        return alloc(
            &SEQUENCE_ITERATOR,
            SequenceIterBody {
                sequence: Slot::new(object.clone()),
                index: AtomicI64::new(0),
            },
        );
    }
    Err(type_error(format!("'{}' object is not iterable", ty.name())))
}

/// The next item of an iterator; `None` at its end.
///
/// # Errors
/// What the iterator raises, but StopIteration.
#[inline]
pub fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    // Iterators over iterators, any number of them.
    cx.check_stack()?;
    match type_of(it).slots.next.get() {
        // A generator that returns a value ends with the exception, which carries it.
        Some(f) => match f(cx, it) {
            Err(e) if e.is(&s::STOP_ITERATION) => Ok(None),
            r => r,
        },
        None => Err(type_error(format!("'{}' object is not an iterator", it.ty().name()))),
    }
}

/// A native loop over any iterable. Lists and tuples of exact type are walked without an iterator object.
pub enum Iter {
    Tuple(Ref, usize),
    List(Ref, usize),
    Any(Ref),
}

impl Iter {
    /// # Errors
    /// As [`iter`].
    pub fn new(cx: &Context, object: &Ref) -> Result<Iter> {
        if object.is_exact(&s::LIST) {
            Ok(Iter::List(object.clone(), 0))
        } else if object.is_exact(&s::TUPLE) {
            Ok(Iter::Tuple(object.clone(), 0))
        } else {
            iter(cx, object).map(Iter::Any)
        }
    }

    /// The next item.
    ///
    /// # Errors
    /// What the iterator raises.
    #[inline]
    pub fn next(&mut self, cx: &Context) -> Result<Option<Ref>> {
        match self {
            Iter::Tuple(t, i) => {
                *i += 1;
                Ok(tuple::items(t).and_then(|items| items.get(*i - 1)).cloned())
            }
            Iter::List(l, i) => {
                *i += 1;
                Ok(l.body::<ListBody>().and_then(|b| b.0.get(*i - 1)))
            }
            Iter::Any(it) => next(cx, it),
        }
    }
}

/// All items of an iterable.
///
/// # Errors
/// As [`iter`]; what the iterator raises; MemoryError.
pub fn collect(cx: &Context, object: &Ref) -> Result<Vec<Ref>> {
    if object.is_exact(&s::TUPLE)
        && let Some(items) = tuple::items(object)
    {
        return Ok(items.to_vec());
    }
    if object.is_exact(&s::LIST)
        && let Some(b) = object.body::<ListBody>()
    {
        return Ok(b.0.snapshot(object.holder())?);
    }
    if let Some(items) = rest_reversed(object)? {
        return Ok(items);
    }
    let mut out = Vec::new();
    let mut it = Iter::new(cx, object)?;
    while let Some(x) = it.next(cx)? {
        if out.len() == out.capacity() && out.try_reserve(out.len().max(8)).is_err() {
            return Err(crate::error::memory_error());
        }
        out.push(x);
    }
    Ok(out)
}

/// What is left of a backward iterator over an exact list, which is at its end then.
fn rest_reversed(it: &Ref) -> Result<Option<Vec<Ref>>> {
    use crate::layouts::iter::{LIST_REVERSE_ITERATOR, ListReverseIterBody};
    if !it.is_exact(&LIST_REVERSE_ITERATOR) {
        return Ok(None);
    }
    let Some((b, list)) = it
        .body::<ListReverseIterBody>()
        .and_then(|b| Some((b, b.sequence.get()?)))
    else {
        return Ok(None);
    };
    let Some(items) = list.body::<ListBody>() else {
        return Ok(None);
    };
    // Relaxed: a position is only a number that every use checks.
    let n = usize::try_from(b.index.load(Ordering::Relaxed) + 1).unwrap_or(0);
    if n > items.0.len() {
        // The list has become shorter: there is nothing left.
        return Ok(None);
    }
    let mut out = items.0.snapshot_range(list.holder(), 0, n)?;
    out.reverse();
    b.index.store(-1, Ordering::Relaxed);
    drop(b.sequence.set(it.holder(), None));
    Ok(Some(out))
}

/// Iterator over an object with `__getitem__` only.
pub struct SequenceIterBody {
    pub sequence: Slot,
    pub index: AtomicI64,
}
payload!(SequenceIterBody, "iterator", |this, v| { v.slot(&this.sequence) });

pub static SEQUENCE_ITERATOR: Type = Type::declare(
    "iterator",
    Some(&s::OBJECT),
    <SequenceIterBody as crate::object::Payload>::LAYOUT,
    crate::types::flag::NO_NEW,
);

/// `__next__` of [`SEQUENCE_ITERATOR`].
pub fn sequence_next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let Some(b) = it.body::<SequenceIterBody>() else {
        return Ok(None);
    };
    let Some(sequence) = b.sequence.get() else {
        return Ok(None);
    };
    // Relaxed: two threads on one iterator may see items twice, never a wrong memory.
    let i = b.index.load(Ordering::Relaxed);
    match crate::protocol::getitem(cx, &sequence, &crate::layouts::number::int(i)?) {
        Ok(v) => {
            b.index.store(i.saturating_add(1), Ordering::Relaxed);
            Ok(Some(v))
        }
        Err(e) if e.is(&s::INDEX_ERROR) || e.is(&s::STOP_ITERATION) => {
            drop(b.sequence.set(it.holder(), None));
            Ok(None)
        }
        Err(e) => Err(e),
    }
}
