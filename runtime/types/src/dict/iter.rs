//! Iterators over dicts and their views.

use super::body;
use crate::iterators::support::{itself, reduce_iter, wrong};
use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, runtime_error};
use skein_object::iter::{
    DICT_ITEM_ITERATOR, DICT_KEY_ITERATOR, DICT_REVERSE_ITEM_ITERATOR, DICT_REVERSE_KEY_ITERATOR,
    DICT_REVERSE_VALUE_ITERATOR, DICT_VALUE_ITERATOR, DictIterBody, DictPart, Step,
};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{Pair, Slots};
use skein_object::{Args, Context, Ref, Row, Slot, Type, list, number, row, tuple};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

// All accesses to positions are Relaxed: a position is only a number that every use checks.
const ORDER: Ordering = Ordering::Relaxed;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Back,
}

/// An iterator over a dict.
pub fn make(d: &Ref, part: DictPart, direction: Direction) -> Result<Ref> {
    let table = body(d)?;
    let len = table.len() as i64;
    let backwards = direction == Direction::Back;
    let ty: &'static Type = match (part, backwards) {
        (DictPart::Keys, false) => &DICT_KEY_ITERATOR,
        (DictPart::Values, false) => &DICT_VALUE_ITERATOR,
        (DictPart::Items, false) => &DICT_ITEM_ITERATOR,
        (DictPart::Keys, true) => &DICT_REVERSE_KEY_ITERATOR,
        (DictPart::Values, true) => &DICT_REVERSE_VALUE_ITERATOR,
        (DictPart::Items, true) => &DICT_REVERSE_ITEM_ITERATOR,
    };
    alloc(
        ty,
        DictIterBody {
            dict: Slot::new(d.clone()),
            position: AtomicUsize::new(if backwards { table.places() } else { 0 }),
            length: AtomicI64::new(len),
            left: AtomicI64::new(len),
            part,
            backwards,
        },
    )
}

/// `iter(d)`.
pub fn keys(_: &Context, d: &Ref) -> Result<Ref> {
    make(d, DictPart::Keys, Direction::Forward)
}

/// A pair of key and value.
pub(crate) fn pair(k: Ref, v: Ref) -> Result<Ref> {
    tuple::pair(k, v)
}

fn state(it: &Ref) -> Result<&DictIterBody> {
    it.body::<DictIterBody>().ok_or_else(|| wrong("dict_keyiterator", it))
}

/// The entry before, of a backward iterator.
fn step_back(b: &DictIterBody) -> Result<Step<(Ref, Ref)>> {
    let Some(d) = b.dict.get() else {
        return Ok(Step::End);
    };
    let table = body(&d)?;
    if b.length.load(ORDER) != table.len() as i64 {
        // From now on no length is right.
        b.length.store(-1, ORDER);
        return Ok(Step::Resized);
    }
    let mut pos = b.position.load(ORDER);
    // The places from which it counts back are gone if the dict was cleared.
    if pos > table.places() {
        return Ok(Step::End);
    }
    let Some((k, v, _)) = table.next_back(&mut pos) else {
        return Ok(Step::End);
    };
    let left = b.left.load(ORDER);
    if left <= 0 {
        b.length.store(-1, ORDER);
        return Ok(Step::Replaced);
    }
    b.left.store(left - 1, ORDER);
    b.position.store(pos, ORDER);
    Ok(Step::Item((k, v)))
}

/// What a step has given; an iterator at its end lets go of its dict.
#[inline]
fn given<T>(it: &Ref, b: &DictIterBody, step: Step<T>) -> Result<Option<T>> {
    match step {
        Step::Item(x) => Ok(Some(x)),
        Step::End => {
            if !b.dict.is_null() {
                drop(b.dict.set(it.holder(), None));
            }
            Ok(None)
        }
        Step::Resized => Err(runtime_error("dictionary changed size during iteration")),
        Step::Replaced => Err(runtime_error("dictionary keys changed during iteration")),
    }
}

#[inline]
fn next_entry(it: &Ref) -> Result<Option<(Ref, Ref)>> {
    let b = state(it)?;
    let step = if b.backwards { step_back(b)? } else { b.advance_pair() };
    given(it, b, step)
}

pub fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = state(it)?;
    if b.part == DictPart::Items {
        return next_entry(it)?.map(|(k, v)| pair(k, v)).transpose();
    }
    if b.backwards {
        let keys = b.part == DictPart::Keys;
        return Ok(next_entry(it)?.map(|(k, v)| if keys { k } else { v }));
    }
    given(it, b, b.advance_one())
}

/// The next key and value, of an iterator over items.
fn next_pair(_: &Context, it: &Ref) -> Result<Pair> {
    Ok(match next_entry(it)? {
        Some((k, v)) => Pair::Items(k, v),
        None => Pair::End,
    })
}

fn hint(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = state(a.at(0))?;
    let left = match b.dict.get() {
        Some(d) if body(&d)?.len() as i64 == b.length.load(ORDER) => b.left.load(ORDER).max(0),
        _ => 0,
    };
    number::int(left)
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = state(a.at(0))?;
    let mut rest = Vec::new();
    if let Some(d) = b.dict.get() {
        let copy = alloc(
            a.at(0).ty(),
            DictIterBody {
                dict: Slot::new(d),
                position: AtomicUsize::new(b.position.load(ORDER)),
                length: AtomicI64::new(b.length.load(ORDER)),
                left: AtomicI64::new(b.left.load(ORDER)),
                part: b.part,
                backwards: b.backwards,
            },
        )?;
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
    for ty in [
        &DICT_KEY_ITERATOR,
        &DICT_VALUE_ITERATOR,
        &DICT_ITEM_ITERATOR,
        &DICT_REVERSE_KEY_ITERATOR,
        &DICT_REVERSE_VALUE_ITERATOR,
        &DICT_REVERSE_ITEM_ITERATOR,
    ] {
        ready_type(&TypeDef {
            slots,
            methods: METHODS,
            ..TypeDef::new(ty)
        })?;
    }
    for ty in [&DICT_ITEM_ITERATOR, &DICT_REVERSE_ITEM_ITERATOR] {
        ty.slots.next_pair.set(Some(next_pair));
    }
    Ok(())
}
