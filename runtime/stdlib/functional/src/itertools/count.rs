//! `count` and `repeat`.

use super::iterator;
use skein_gc::Slot;
use skein_gc::lock::{self, Mutex};
use skein_gc::value::INT_MAX;
use skein_object::error::{Result, type_error};
use skein_object::layouts::number;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::number::binary;
use skein_object::slots::{BinaryOp, Slots};
use skein_object::types::Type;
use skein_object::{Args, Context, Payload, Ref, Row, payload, row, statics as s, str};
use skein_stdlib_support::{body, class_of, itself, repr_text, ssize};
use skein_types::startup::TypeDef;
use std::sync::atomic::{AtomicI64, Ordering};

pub struct CountBody {
    /// The next number where it and the step are small; `i64::MAX`: `long` is used.
    small: AtomicI64,
    small_step: i64,
    long: Slot,
    /// Held where `long` is written.
    writing: Mutex<()>,
    step: Ref,
}
payload!(CountBody, "itertools.count", |this, v| {
    v.slot(&this.long);
    v.reference(&this.step);
});

pub static COUNT: Type = Type::declare(
    "itertools.count",
    Some(&s::OBJECT),
    <CountBody as Payload>::LAYOUT,
    skein_object::types::flag::BASETYPE,
);

const LONG: i64 = i64::MAX;
/// Smaller steps cannot leave the range of `small` before `long` takes over.
const LARGE_STEP: i64 = 1 << 32;

fn is_number(r: &Ref) -> bool {
    let t = &r.ty().slots;
    t.int.is_set() || t.float.is_set() || t.index.is_set() || r.is_instance(&s::COMPLEX)
}

static NEW_COUNT: Row = row!("count(cls, start=0, step=1)", new_count, "");

fn construct_count(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    super::construct(cx, &NEW_COUNT, &COUNT, class, args, names)
}

fn new_count(_: &Context, a: Args<'_>) -> Result<Ref> {
    let start = a.opt(1).cloned().unwrap_or_else(|| Ref::small(0));
    let step = a.opt(2).cloned().unwrap_or_else(|| Ref::small(1));
    if !is_number(&start) || !is_number(&step) {
        return Err(type_error("a number is required"));
    }
    let (small, small_step) = match (start.as_int(), step.as_int()) {
        (Some(n), Some(step)) if step.abs() < LARGE_STEP => (n, step),
        _ => (LONG, 0),
    };
    alloc(
        class_of(a.at(0))?,
        CountBody {
            small: AtomicI64::new(small),
            small_step,
            long: Slot::new(start),
            writing: Mutex::new(()),
            step,
        },
    )
}

/// The next number while numbers are small; none once `long` has taken over.
#[inline]
fn next_small(b: &CountBody) -> Option<i64> {
    // Acquire pairs with the release in `go_over`: who sees that `long` is used sees what is in it. Else the numbers stand for
    // themselves, and the exchange gives each caller another one.
    let mut now = b.small.load(Ordering::Acquire);
    while now.abs() < INT_MAX {
        let next = now + b.small_step;
        match b
            .small
            .compare_exchange_weak(now, next, Ordering::Relaxed, Ordering::Acquire)
        {
            Ok(_) => return Some(now),
            Err(_) => lock::back_off(),
        }
        now = b.small.load(Ordering::Acquire);
    }
    None
}

/// From small numbers to `long`, where that has not happened yet.
fn go_over(b: &CountBody, it: &Ref) -> Result<()> {
    let _writing = b.writing.lock();
    let last = b.small.load(Ordering::Relaxed);
    if last != LONG {
        drop(b.long.set(it.holder(), Some(number::int(last)?)));
        b.small.store(LONG, Ordering::Release);
    }
    Ok(())
}

fn next_count(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<CountBody>(it)?;
    if let Some(n) = next_small(b) {
        return number::int(n).map(Some);
    }
    go_over(b, it)?;
    loop {
        let Some(now) = b.long.get() else {
            return Ok(None);
        };
        // Without the lock: it can be Python code.
        let next = binary(cx, BinaryOp::Add, &now, &b.step)?;
        let writing = b.writing.lock();
        // `now` is alive, so that another number has another address.
        if b.long.load().0 == now.value().0 {
            let old = b.long.set(it.holder(), Some(next));
            drop(writing);
            drop(old);
            return Ok(Some(now));
        }
    }
}

fn repr_count(cx: &Context, it: &Ref) -> Result<Ref> {
    let b = body::<CountBody>(it)?;
    let name = it.ty().short_name();
    let n = b.small.load(Ordering::Relaxed);
    let now = match n {
        LONG => repr_text(cx, &b.long.get().unwrap_or_else(s::none))?,
        n => n.to_string(),
    };
    if b.step.as_int() == Some(1) {
        return str::from_str(&format!("{name}({now})"));
    }
    str::from_str(&format!("{name}({now}, {})", repr_text(cx, &b.step)?))
}

fn count_slots(t: &Slots) {
    t.new.set(Some(construct_count));
    t.iter.set(Some(itself));
    t.next.set(Some(next_count));
    t.repr.set(Some(repr_count));
}

pub static COUNT_DEF: TypeDef = TypeDef {
    slots: count_slots,
    doc: "Return a count object whose .__next__() method returns consecutive values.\n\nEquivalent to:\n    def count(firstval=0, step=1):\n        x = firstval\n        while 1:\n            yield x\n            x += step",
    ..TypeDef::new(&COUNT)
};

pub struct RepeatBody {
    item: Ref,
    /// Items left; negative: without end.
    left: AtomicI64,
}
payload!(RepeatBody, "itertools.repeat", |this, v| { v.reference(&this.item) });

iterator!(REPEAT REPEAT_PLAIN "itertools.repeat" RepeatBody, "repeat(cls, object, times=None)", new_repeat, next_repeat, "", &[]);

fn new_repeat(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let left = match a.opt(2) {
        Some(n) => ssize(cx, n)?.max(0),
        None => -1,
    };
    alloc(
        class_of(a.at(0))?,
        RepeatBody {
            item: a.at(1).clone(),
            left: AtomicI64::new(left),
        },
    )
}

fn next_repeat(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<RepeatBody>(it)?;
    // Relaxed: a counter of its own.
    let left = b.left.load(Ordering::Relaxed);
    if left == 0 {
        return Ok(None);
    }
    if left > 0 {
        b.left.store(left - 1, Ordering::Relaxed);
    }
    Ok(Some(b.item.clone()))
}

fn repr_repeat(cx: &Context, it: &Ref) -> Result<Ref> {
    let b = body::<RepeatBody>(it)?;
    let (name, item) = (it.ty().short_name(), repr_text(cx, &b.item)?);
    match b.left.load(Ordering::Relaxed) {
        n if n < 0 => str::from_str(&format!("{name}({item})")),
        n => str::from_str(&format!("{name}({item}, {n})")),
    }
}

fn repeat_hint(_: &Context, a: Args<'_>) -> Result<Ref> {
    match body::<RepeatBody>(a.at(0))?.left.load(Ordering::Relaxed) {
        n if n < 0 => Err(type_error("len() of unsized object")),
        n => number::int(n),
    }
}

static REPEAT_METHODS: &[Row] = &[row!(
    "__length_hint__(self, /)",
    repeat_hint,
    "Private method returning an estimate of len(list(it))."
)];

fn repeat_slots(t: &Slots) {
    (REPEAT_PLAIN.slots)(t);
    t.repr.set(Some(repr_repeat));
}

pub static REPEAT_DEF: TypeDef = TypeDef {
    slots: repeat_slots,
    methods: REPEAT_METHODS,
    doc: "repeat(object [,times]) -> create an iterator which returns the object\nfor the specified number of times.  If not specified, returns the object\nendlessly.",
    ..TypeDef::new(&REPEAT)
};
