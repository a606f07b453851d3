//! `reversed`.

use super::support::{class_of, itself, wrong};
use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, type_error};
use skein_object::intern::names;
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Row, Slot, number, payload, protocol, row, statics as s, tuple};
use std::sync::atomic::{AtomicI64, Ordering};

// All accesses to positions are Relaxed: a position is only a number that every use checks.
const ORDER: Ordering = Ordering::Relaxed;

pub struct ReversedBody {
    /// The sequence, or null at the end.
    pub sequence: Slot,
    /// Next index.
    pub index: AtomicI64,
}
payload!(ReversedBody, "reversed", |this, v| { v.slot(&this.sequence) });

pub static REVERSED: Type = Type::declare(
    "reversed",
    Some(&s::OBJECT),
    <ReversedBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if names.and_then(tuple::items).is_some_and(|n| !n.is_empty()) {
        return Err(type_error("reversed() takes no keyword arguments"));
    }
    match args {
        [sequence] => over(cx, class_of(class)?, sequence),
        _ => Err(type_error(format!("reversed expected 1 argument, got {}", args.len()))),
    }
}

fn make(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    match args {
        // What is given need not be of the class, nor be initialized.
        [sequence] if std::ptr::eq(ty, &raw const REVERSED) => Some(over(cx, ty, sequence)),
        _ => None,
    }
}

fn over(cx: &Context, ty: &'static Type, sequence: &Ref) -> Result<Ref> {
    let not_reversible = || type_error(format!("'{}' object is not reversible", sequence.ty().name()));
    if sequence.is_exact(&s::LIST) {
        return crate::list::iter::reversed(sequence);
    }
    if let Some(f) = sequence.ty().lookup(names::__reversed__()) {
        if s::is_none(&f) {
            return Err(not_reversible());
        }
        let bound = protocol::attribute::bind(cx, f, sequence, sequence.ty())?;
        return protocol::call0(cx, &bound);
    }
    if !sequence.ty().slots.getitem.is_set() || sequence.is_instance(&s::DICT) {
        return Err(not_reversible());
    }
    let len = protocol::len(cx, sequence)? as i64;
    alloc(
        ty,
        ReversedBody {
            sequence: Slot::new(sequence.clone()),
            index: AtomicI64::new(len - 1),
        },
    )
}

fn body(r: &Ref) -> Result<&ReversedBody> {
    r.body::<ReversedBody>().ok_or_else(|| wrong("reversed", r))
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body(it)?;
    let Some(sequence) = b.sequence.get() else {
        return Ok(None);
    };
    let i = b.index.load(ORDER);
    let mut result = Ok(None);
    if i >= 0 {
        match protocol::getitem(cx, &sequence, &number::int(i)?) {
            Ok(x) => {
                b.index.store(i - 1, ORDER);
                return Ok(Some(x));
            }
            Err(e) if e.is(&s::INDEX_ERROR) || e.is(&s::STOP_ITERATION) => {}
            Err(e) => result = Err(e),
        }
    }
    // Any error ends it.
    b.index.store(-1, ORDER);
    drop(b.sequence.set(it.holder(), None));
    result
}

fn hint(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let Some(sequence) = b.sequence.get() else {
        return Ok(Ref::small(0));
    };
    let left = b.index.load(ORDER) + 1;
    let len = protocol::len(cx, &sequence)? as i64;
    number::int(if len < left { 0 } else { left })
}

fn reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let ty = a.at(0).ty().object();
    match b.sequence.get() {
        Some(x) => tuple::new(vec![ty, tuple::new(vec![x])?, number::int(b.index.load(ORDER))?]),
        None => tuple::new(vec![ty, tuple::new(vec![s::empty_tuple()])?]),
    }
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = crate::list::iter::state(cx, a.at(1))?;
    let b = body(a.at(0))?;
    if let Some(x) = b.sequence.get() {
        let last = protocol::len(cx, &x)? as i64 - 1;
        b.index.store(i.max(-1).min(last), ORDER);
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
    t.new.set(Some(new));
    t.make.set(Some(make));
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        doc: "reversed(object, /)\n--\n\nReturn a reverse iterator over the values of the given sequence.",
        ..TypeDef::new(&REVERSED)
    })
}
