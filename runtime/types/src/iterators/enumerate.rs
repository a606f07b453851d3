//! `enumerate`.

use super::support::{bind, class_of, itself, wrong};
use crate::int::arith;
use crate::startup::{TypeDef, ready_type};
use crate::type_::generic_alias::class_getitem;
use skein_object::error::{Result, type_error};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::{Pair, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Row, Slot, payload, protocol, row, statics as s, tuple};

pub struct EnumerateBody {
    pub iterator: Ref,
    /// The next count, an int.
    pub count: Slot,
}
payload!(EnumerateBody, "enumerate", |this, v| {
    v.reference(&this.iterator);
    v.slot(&this.count);
});

pub static ENUMERATE: Type = Type::declare(
    "enumerate",
    Some(&s::OBJECT),
    <EnumerateBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

static NEW: Row = row!("enumerate(cls, iterable, start=0)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    match args.len() {
        0 => Err(type_error("enumerate() missing required argument 'iterable'")),
        1 | 2 => bind(cx, &NEW, class, args, names),
        n => Err(type_error(format!("enumerate() takes at most 2 arguments ({n} given)"))),
    }
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    over(cx, class_of(a.at(0))?, a.at(1), a.opt(2))
}

fn make(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    match args {
        [iterable] => Some(over(cx, ty, iterable, None)),
        [iterable, start] => Some(over(cx, ty, iterable, Some(start))),
        _ => None,
    }
}

fn over(cx: &Context, ty: &'static Type, iterable: &Ref, start: Option<&Ref>) -> Result<Ref> {
    let start = match start {
        Some(n) => arith::exact(cx, &protocol::index(cx, n)?)?,
        None => Ref::small(0),
    };
    let iterator = protocol::iter(cx, iterable)?;
    alloc(
        ty,
        EnumerateBody {
            iterator,
            count: Slot::new(start),
        },
    )
}

fn body(r: &Ref) -> Result<&EnumerateBody> {
    r.body::<EnumerateBody>().ok_or_else(|| wrong("enumerate", r))
}

fn count(b: &EnumerateBody) -> Ref {
    b.count.get().unwrap_or_else(|| Ref::small(0))
}

fn next_pair(cx: &Context, it: &Ref) -> Result<Pair> {
    let b = body(it)?;
    let Some(item) = protocol::next(cx, &b.iterator)? else {
        return Ok(Pair::End);
    };
    let n = count(b);
    let after = match n.as_int().and_then(|i| Ref::int(i + 1)) {
        Some(r) => r,
        None => arith::add(cx, &n, &Ref::small(1))?,
    };
    drop(b.count.set(it.holder(), Some(after)));
    Ok(Pair::Items(n, item))
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    match next_pair(cx, it)? {
        Pair::Items(n, item) => tuple::pair(n, item).map(Some),
        _ => Ok(None),
    }
}

fn reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let args = tuple::new(vec![b.iterator.clone(), count(b)])?;
    tuple::new(vec![a.at(0).ty().object(), args])
}

static METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "'enumerate' objects are generic over the type of their values"),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make));
    t.iter.set(Some(itself));
    t.next.set(Some(next));
    t.next_pair.set(Some(next_pair));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        doc: "enumerate(iterable, start=0)\n--\n\nReturn an enumerate object.\n\n  iterable\n    an object supporting iteration\n\nThe enumerate object yields pairs containing a count (from start, which\ndefaults to zero) and a value yielded by the iterable argument.\n\nenumerate is useful for obtaining an indexed list:\n    (0, seq[0]), (1, seq[1]), (2, seq[2]), ...",
        ..TypeDef::new(&ENUMERATE)
    })
}
