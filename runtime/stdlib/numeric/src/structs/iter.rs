//! The iterator of `iter_unpack`.

use super::functions::of;
use super::item;
use skein_gc::Slot;
use skein_object::error::Result;
use skein_object::layouts::number;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::buffer;
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, row, statics as s};
use skein_stdlib_support::{body, itself};
use skein_types::startup::TypeDef;
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct UnpackIterBody {
    structure: Ref,
    /// Null at the end.
    buffer: Slot,
    position: AtomicUsize,
}
payload!(UnpackIterBody, "_struct.unpack_iterator", |this, v| {
    v.reference(&this.structure);
    v.slot(&this.buffer);
});

static UNPACK_ITERATOR: Type = Type::declare(
    "_struct.unpack_iterator",
    Some(&s::OBJECT),
    <UnpackIterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn make(structure: &Ref, buffer: &Ref) -> Result<Ref> {
    alloc(
        &UNPACK_ITERATOR,
        UnpackIterBody {
            structure: structure.clone(),
            buffer: Slot::new(buffer.clone()),
            position: AtomicUsize::new(0),
        },
    )
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<UnpackIterBody>(it)?;
    let Some(data) = b.buffer.get() else {
        return Ok(None);
    };
    let held = of(&b.structure)?;
    let format = held.format()?;
    // Relaxed: a position; the slice is checked.
    let at = b.position.load(Ordering::Relaxed);
    let bytes = buffer::with_bytes(cx, &data, |d| d.get(at..at + format.size).map(<[u8]>::to_vec))?;
    match bytes {
        Some(bytes) => {
            b.position.store(at + format.size, Ordering::Relaxed);
            item::unpack(format, &bytes).map(Some)
        }
        None => {
            drop(b.buffer.set(it.holder(), None));
            Ok(None)
        }
    }
}

fn length_hint(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<UnpackIterBody>(a.at(0))?;
    let Some(data) = b.buffer.get() else {
        return Ok(Ref::small(0));
    };
    let size = of(&b.structure)?.format()?.size.max(1);
    let left = buffer::byte_len(cx, &data)?.saturating_sub(b.position.load(Ordering::Relaxed));
    number::int_from_usize(left / size)
}

fn slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

static METHODS: &[Row] = &[row!("__length_hint__(self, /)", length_hint, "")];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    ..TypeDef::new(&UNPACK_ITERATOR)
};
