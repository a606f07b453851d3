//! `zip` and `map`: several iterators in step.

use super::support::{bind, class_of, itself, wrong};
use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, type_error, value_error};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::{Pair, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Row, number, payload, protocol, row, statics as s, tuple};
use std::sync::atomic::{AtomicBool, Ordering};

/// The iterators that are walked in step: one or two, mostly.
pub enum Iterators {
    One([Ref; 1]),
    Two([Ref; 2]),
    More(Box<[Ref]>),
}

impl Iterators {
    fn over(cx: &Context, iterables: &[Ref]) -> Result<Iterators> {
        Ok(match iterables {
            [x] => Iterators::One([protocol::iter(cx, x)?]),
            [x, y] => Iterators::Two([protocol::iter(cx, x)?, protocol::iter(cx, y)?]),
            _ => Iterators::More(iterables.iter().map(|x| protocol::iter(cx, x)).collect::<Result<_>>()?),
        })
    }
}

impl std::ops::Deref for Iterators {
    type Target = [Ref];

    #[inline]
    fn deref(&self) -> &[Ref] {
        match self {
            Iterators::One(x) => x,
            Iterators::Two(x) => x,
            Iterators::More(x) => x,
        }
    }
}

/// Body of a zip or map.
pub struct StepBody {
    /// What map calls.
    pub function: Option<Ref>,
    pub iterators: Iterators,
    /// Only `__setstate__` changes it.
    pub strict: AtomicBool,
}
payload!(StepBody, "zip", |this, v| {
    v.option(&this.function);
    for it in this.iterators.iter() {
        v.reference(it);
    }
});

pub static ZIP: Type = Type::declare("zip", Some(&s::OBJECT), <StepBody as Payload>::LAYOUT, flag::BASETYPE);
pub static MAP: Type = Type::declare("map", Some(&s::OBJECT), <StepBody as Payload>::LAYOUT, flag::BASETYPE);

static NEW_ZIP: Row = row!("zip(cls, /, *iterables, strict=False)", zip_row, "");
static NEW_MAP: Row = row!("map(cls, /, *args, strict=False)", map_row, "");

fn new_zip(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW_ZIP, class, args, names)
}

fn new_map(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW_MAP, class, args, names)
}

fn over(cx: &Context, ty: &'static Type, function: Option<&Ref>, iterables: &[Ref], strict: bool) -> Result<Ref> {
    let iterators = Iterators::over(cx, iterables)?;
    alloc(
        ty,
        StepBody {
            function: function.cloned(),
            iterators,
            strict: AtomicBool::new(strict),
        },
    )
}

fn zip_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let strict = is_strict(cx, a)?;
    over(cx, class_of(a.at(0))?, None, a.rest(2), strict)
}

fn make_zip(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    Some(over(cx, ty, None, args, false))
}

fn is_strict(cx: &Context, a: Args<'_>) -> Result<bool> {
    a.opt(1).map_or(Ok(false), |r| protocol::is_true(cx, r))
}

fn make_map(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    match args {
        [function, iterables @ ..] if !iterables.is_empty() => Some(over(cx, ty, Some(function), iterables, false)),
        _ => None,
    }
}

fn map_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match a.rest(2) {
        [function, iterables @ ..] if !iterables.is_empty() => {
            let strict = is_strict(cx, a)?;
            over(cx, class_of(a.at(0))?, Some(function), iterables, strict)
        }
        _ => Err(type_error("map() must have at least two arguments.")),
    }
}

fn body(r: &Ref) -> Result<&StepBody> {
    r.body::<StepBody>().ok_or_else(|| wrong("zip", r))
}

impl StepBody {
    fn is_strict(&self) -> bool {
        // Relaxed: a flag without data.
        self.strict.load(Ordering::Relaxed)
    }

    fn name(&self) -> &'static str {
        if self.function.is_some() { "map" } else { "zip" }
    }

    /// One item of each iterator; `None` when one has ended.
    fn step(&self, cx: &Context) -> Result<Option<Vec<Ref>>> {
        let mut items = Vec::with_capacity(self.iterators.len());
        for it in self.iterators.iter() {
            match protocol::next(cx, it)? {
                Some(x) => items.push(x),
                None => return self.ended(cx, items.len()).map(|()| None),
            }
        }
        Ok(Some(items))
    }

    /// Checks that the other iterators have ended too, now that iterator `i` has.
    #[cold]
    fn ended(&self, cx: &Context, i: usize) -> Result<()> {
        if !self.is_strict() {
            return Ok(());
        }
        let uneven = |i: usize, how: &str| {
            let others = if i == 1 {
                "argument 1".to_owned()
            } else {
                format!("arguments 1-{i}")
            };
            value_error(format!("{}() argument {} is {how} than {others}", self.name(), i + 1))
        };
        if i > 0 {
            return Err(uneven(i, "shorter"));
        }
        for (i, it) in self.iterators.iter().enumerate().skip(1) {
            if protocol::next(cx, it)?.is_some() {
                return Err(uneven(i, "longer"));
            }
        }
        Ok(())
    }
}

fn zip_pair(cx: &Context, it: &Ref) -> Result<Pair> {
    let b = body(it)?;
    let [first, second] = &*b.iterators else {
        return Ok(Pair::None);
    };
    let Some(x) = protocol::next(cx, first)? else {
        return b.ended(cx, 0).map(|()| Pair::End);
    };
    let Some(y) = protocol::next(cx, second)? else {
        return b.ended(cx, 1).map(|()| Pair::End);
    };
    Ok(Pair::Items(x, y))
}

fn zip_next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    match zip_pair(cx, it)? {
        Pair::Items(x, y) => return tuple::pair(x, y).map(Some),
        Pair::End => return Ok(None),
        Pair::None => {}
    }
    let b = body(it)?;
    if b.iterators.is_empty() {
        return Ok(None);
    }
    match b.step(cx)? {
        Some(items) => tuple::new(items).map(Some),
        None => Ok(None),
    }
}

fn map_next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body(it)?;
    let Some(function) = &b.function else {
        return Ok(None);
    };
    if let [only] = &*b.iterators {
        return match protocol::next(cx, only)? {
            Some(x) => protocol::call1(cx, function, &x).map(Some),
            None => Ok(None),
        };
    }
    match b.step(cx)? {
        Some(items) => protocol::call(cx, function, &items).map(Some),
        None => Ok(None),
    }
}

fn reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let args = b.function.iter().chain(b.iterators.iter()).cloned().collect();
    let mut parts = vec![a.at(0).ty().object(), tuple::new(args)?];
    if b.is_strict() {
        parts.push(number::bool(true));
    }
    tuple::new(parts)
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let strict = protocol::is_true(cx, a.at(1))?;
    body(a.at(0))?.strict.store(strict, Ordering::Relaxed);
    Ok(s::none())
}

static METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
    row!(
        "__setstate__(self, object, /)",
        setstate,
        "Set state information for unpickling."
    ),
];

fn zip_slots(t: &Slots) {
    t.new.set(Some(new_zip));
    t.make.set(Some(make_zip));
    t.iter.set(Some(itself));
    t.next.set(Some(zip_next));
    t.next_pair.set(Some(zip_pair));
}

fn map_slots(t: &Slots) {
    t.new.set(Some(new_map));
    t.make.set(Some(make_map));
    t.iter.set(Some(itself));
    t.next.set(Some(map_next));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots: zip_slots,
        methods: METHODS,
        doc: "zip(*iterables, strict=False)\n--\n\nThe zip object yields n-length tuples, where n is the number of\niterables passed as positional arguments to zip().  The i-th element\nin every tuple comes from the i-th iterable argument to zip().  This\ncontinues until the shortest argument is exhausted.\n\nIf strict is true and one of the arguments is exhausted before the\nothers, raise a ValueError.\n\n   >>> list(zip('abcdefg', range(3), range(4)))\n   [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]",
        ..TypeDef::new(&ZIP)
    })?;
    ready_type(&TypeDef {
        slots: map_slots,
        methods: METHODS,
        doc: "map(function, iterable, /, *iterables, strict=False)\n--\n\nMake an iterator that computes the function using arguments from\neach of the iterables.  Stops when the shortest iterable is exhausted.\n\nIf strict is true and one of the arguments is exhausted before the\nothers, raise a ValueError.",
        ..TypeDef::new(&MAP)
    })
}
