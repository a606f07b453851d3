//! Iterators over a deque, in both directions. They fail once the deque has changed.

use super::deque::{DEQUE, of};
use skein_gc::Slot;
use skein_object::error::{Result, runtime_error, type_error};
use skein_object::layouts::number;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Args, Context, Payload, Ref, Row, payload, row, statics as s};
use skein_stdlib_support::{bind, body, class_of, itself, pack, ssize};
use skein_types::startup::TypeDef;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub struct DequeIterBody {
    /// The deque, or null at the end.
    deque: Slot,
    state: AtomicU64,
    /// Items given so far, and their number when the iteration began.
    index: AtomicUsize,
    len: AtomicUsize,
}
payload!(DequeIterBody, "collections._deque_iterator", |this, v| {
    v.slot(&this.deque)
});

static FORWARD: Type = Type::declare(
    "collections._deque_iterator",
    Some(&s::OBJECT),
    <DequeIterBody as Payload>::LAYOUT,
    0,
);
static BACKWARD: Type = Type::declare(
    "collections._deque_reverse_iterator",
    Some(&s::OBJECT),
    <DequeIterBody as Payload>::LAYOUT,
    0,
);

fn start(ty: &'static Type, d: &Ref, index: usize) -> Result<Ref> {
    let b = of(d)?;
    let len = b.len();
    alloc(
        ty,
        DequeIterBody {
            deque: Slot::new(d.clone()),
            state: AtomicU64::new(b.state()),
            index: AtomicUsize::new(index.min(len)),
            len: AtomicUsize::new(len),
        },
    )
}

pub fn make(d: &Ref, backwards: bool) -> Result<Ref> {
    start(if backwards { &BACKWARD } else { &FORWARD }, d, 0)
}

pub fn iter(_: &Context, d: &Ref) -> Result<Ref> {
    make(d, false)
}

fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<DequeIterBody>(it)?;
    let Some(d) = b.deque.get() else {
        return Ok(None);
    };
    // Relaxed: two threads on one iterator may get an item twice; every access checks its index.
    let i = b.index.load(Ordering::Relaxed);
    let len = b.len.load(Ordering::Relaxed);
    let at = if it.is_exact(&BACKWARD) {
        len.wrapping_sub(i + 1)
    } else {
        i
    };
    if i >= len && of(&d)?.state() == b.state.load(Ordering::Relaxed) {
        drop(b.deque.set(it.holder(), None));
        return Ok(None);
    }
    match of(&d)?.get_if(at, b.state.load(Ordering::Relaxed)) {
        Err(()) => {
            b.index.store(len, Ordering::Relaxed);
            Err(runtime_error("deque mutated during iteration"))
        }
        Ok(Some(x)) => {
            b.index.store(i + 1, Ordering::Relaxed);
            Ok(Some(x))
        }
        Ok(None) => {
            drop(b.deque.set(it.holder(), None));
            Ok(None)
        }
    }
}

fn length_hint(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<DequeIterBody>(a.at(0))?;
    let left = match b.deque.get() {
        Some(_) => b
            .len
            .load(Ordering::Relaxed)
            .saturating_sub(b.index.load(Ordering::Relaxed)),
        None => 0,
    };
    number::int_from_usize(left)
}

fn reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    let it = a.at(0);
    let b = body::<DequeIterBody>(it)?;
    let d = match b.deque.get() {
        Some(d) => d,
        None => super::deque::make(&DEQUE, Vec::new(), None)?,
    };
    let i = number::int_from_usize(b.index.load(Ordering::Relaxed))?;
    pack([it.ty().object(), pack([d, i])?])
}

static NEW: Row = row!("_deque_iterator(cls, deque, index=0, /)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW, class, args, names)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if !a.at(1).is_instance(&DEQUE) {
        return Err(type_error(format!(
            "argument 1 must be collections.deque, not {}",
            a.at(1).ty().name()
        )));
    }
    let i = match a.opt(2) {
        Some(i) => ssize(cx, i)?.max(0) as usize,
        None => 0,
    };
    start(class_of(a.at(0))?, a.at(1), i)
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

static METHODS: &[Row] = &[
    row!(
        "__length_hint__(self, /)",
        length_hint,
        "Private method returning an estimate of len(list(it))."
    ),
    row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
];

pub static FORWARD_DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    ..TypeDef::new(&FORWARD)
};
pub static BACKWARD_DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    ..TypeDef::new(&BACKWARD)
};
