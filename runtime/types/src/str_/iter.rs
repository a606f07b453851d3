//! `str_iterator` and `str_ascii_iterator`.

use super::view;
use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, type_error};
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Slot, StrBody, payload, row, statics as s, str, tuple};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Body of an iterator over characters or bytes.
pub struct TextIterBody {
    /// Empty at the end.
    pub text: Slot,
    /// Relaxed everywhere: two threads on one iterator may see items twice, never a wrong memory.
    pub index: AtomicUsize,
}
payload!(TextIterBody, "text_iterator", |this, v| { v.slot(&this.text) });

pub static STR_ITERATOR: Type = Type::declare(
    "str_iterator",
    Some(&s::OBJECT),
    <TextIterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);
pub static STR_ASCII_ITERATOR: Type = Type::declare(
    "str_ascii_iterator",
    Some(&s::OBJECT),
    <TextIterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

/// An iterator of class `ty` over `text`.
pub fn make(ty: &'static Type, text: &Ref) -> Result<Ref> {
    alloc(
        ty,
        TextIterBody {
            text: Slot::new(text.clone()),
            index: AtomicUsize::new(0),
        },
    )
}

/// `iter(str)`.
pub fn iter(_: &Context, r: &Ref) -> Result<Ref> {
    let ascii = r.body::<StrBody>().is_some_and(StrBody::is_ascii);
    make(if ascii { &STR_ASCII_ITERATOR } else { &STR_ITERATOR }, r)
}

/// The next place of an iterator, or `None` when `item` has none there; then the text is let go.
pub fn step<T>(it: &Ref, item: impl FnOnce(&Ref, usize) -> Option<T>) -> Option<T> {
    let b = it.body::<TextIterBody>()?;
    let text = b.text.get()?;
    let i = b.index.load(Ordering::Relaxed);
    match item(&text, i) {
        Some(x) => {
            b.index.store(i + 1, Ordering::Relaxed);
            Some(x)
        }
        None => {
            drop(b.text.set(it.holder(), None));
            None
        }
    }
}

fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    step(it, |text, i| view(text).ok()?.get(i))
        .map(str::from_char)
        .transpose()
}

/// `iter(iterator)`.
pub fn itself(_: &Context, it: &Ref) -> Result<Ref> {
    Ok(it.clone())
}

/// The place of an iterator, and its text unless it is at the end.
pub fn state(it: &Ref) -> (usize, Option<Ref>) {
    match it.body::<TextIterBody>() {
        Some(b) => (b.index.load(Ordering::Relaxed), b.text.get()),
        None => (0, None),
    }
}

/// `__length_hint__`.
pub fn length_hint(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (i, text) = state(a.at(0));
    let n = match text {
        Some(t) => skein_object::protocol::len(cx, &t)?.saturating_sub(i),
        None => 0,
    };
    number::int_from_usize(n)
}

/// `__reduce__`, with what an exhausted iterator iterates.
pub fn reduce_with(cx: &Context, it: &Ref, empty: Ref) -> Result<Ref> {
    let make = crate::object::import_attr(cx, "builtins", "iter")?;
    match state(it) {
        (i, Some(text)) => tuple::new(vec![make, tuple::new(vec![text])?, number::int_from_usize(i)?]),
        (_, None) => tuple::new(vec![make, tuple::new(vec![empty])?]),
    }
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    reduce_with(cx, a.at(0), s::empty_str())
}

/// `__setstate__`.
pub fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if number::int_value(a.at(1)).is_none() {
        return Err(type_error("an integer is required"));
    }
    let i = skein_object::protocol::convert::to_i64(cx, a.at(1))?.max(0) as usize;
    if let Some(b) = a.at(0).body::<TextIterBody>()
        && let Some(text) = b.text.get()
    {
        let n = skein_object::protocol::len(cx, &text)?;
        b.index.store(i.min(n), Ordering::Relaxed);
    }
    Ok(s::none())
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
    for ty in [&STR_ITERATOR, &STR_ASCII_ITERATOR] {
        ready_type(&TypeDef {
            slots,
            methods: METHODS,
            ..TypeDef::new(ty)
        })?;
    }
    Ok(())
}
