//! Iterator over an array.

use super::{convert, of};
use skein_gc::Slot;
use skein_object::error::Result;
use skein_object::layouts::number;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::{body, import_attr, itself, pack};
use skein_types::startup::TypeDef;
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct ArrayIterBody {
    array: Slot,
    index: AtomicUsize,
}
payload!(ArrayIterBody, "array.arrayiterator", |this, v| { v.slot(&this.array) });

static ARRAY_ITERATOR: Type = Type::declare(
    "array.arrayiterator",
    Some(&s::OBJECT),
    <ArrayIterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn iter(_: &Context, array: &Ref) -> Result<Ref> {
    alloc(
        &ARRAY_ITERATOR,
        ArrayIterBody {
            array: Slot::new(array.clone()),
            index: AtomicUsize::new(0),
        },
    )
}

fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<ArrayIterBody>(it)?;
    let Some(array) = b.array.get() else {
        return Ok(None);
    };
    // Relaxed: two threads on one iterator may get an item twice.
    let i = b.index.load(Ordering::Relaxed);
    let a = of(&array)?;
    match a.get(i) {
        Some(bytes) => {
            b.index.store(i + 1, Ordering::Relaxed);
            convert::decode(a.code, bytes).map(Some)
        }
        None => {
            drop(b.array.set(it.holder(), None));
            Ok(None)
        }
    }
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<ArrayIterBody>(a.at(0))?;
    let f = import_attr(cx, "builtins", "iter")?;
    match b.array.get() {
        Some(array) => pack([
            f,
            pack([array])?,
            number::int_from_usize(b.index.load(Ordering::Relaxed))?,
        ]),
        None => pack([f, pack([s::empty_tuple()])?]),
    }
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<ArrayIterBody>(a.at(0))?;
    let i = protocol::convert::index_clamped(cx, a.at(1))?;
    if let Some(array) = b.array.get() {
        let n = of(&array)?.len();
        b.index.store(usize::try_from(i).unwrap_or(0).min(n), Ordering::Relaxed);
    }
    Ok(s::none())
}

fn slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

static METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
    row!(
        "__setstate__(self, state, /)",
        setstate,
        "Set state information for unpickling."
    ),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    ..TypeDef::new(&ARRAY_ITERATOR)
};
