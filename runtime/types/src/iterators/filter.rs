//! `filter`.

use super::support::{bind_new, class_of, itself, wrong};
use crate::startup::{TypeDef, ready_type};
use skein_object::error::Result;
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Row, payload, protocol, row, statics as s, tuple};

pub struct FilterBody {
    pub function: Ref,
    pub iterator: Ref,
}
payload!(FilterBody, "filter", |this, v| {
    v.reference(&this.function);
    v.reference(&this.iterator);
});

pub static FILTER: Type = Type::declare(
    "filter",
    Some(&s::OBJECT),
    <FilterBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

static NEW: Row = row!("filter(cls, function, iterable, /)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind_new(cx, &NEW, &FILTER, class, args, names)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    over(cx, class_of(a.at(0))?, a.at(1), a.at(2))
}

fn make(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    match args {
        [function, iterable] => Some(over(cx, ty, function, iterable)),
        _ => None,
    }
}

fn over(cx: &Context, ty: &'static Type, function: &Ref, iterable: &Ref) -> Result<Ref> {
    let iterator = protocol::iter(cx, iterable)?;
    alloc(
        ty,
        FilterBody {
            function: function.clone(),
            iterator,
        },
    )
}

fn body(r: &Ref) -> Result<&FilterBody> {
    r.body::<FilterBody>().ok_or_else(|| wrong("filter", r))
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body(it)?;
    let plain = s::is_none(&b.function) || b.function.is(&s::BOOL.object());
    while let Some(x) = protocol::next(cx, &b.iterator)? {
        let keep = if plain {
            protocol::is_true(cx, &x)?
        } else {
            let r = protocol::call1(cx, &b.function, &x)?;
            protocol::is_true(cx, &r)?
        };
        if keep {
            return Ok(Some(x));
        }
    }
    Ok(None)
}

fn reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let args = tuple::new(vec![b.function.clone(), b.iterator.clone()])?;
    tuple::new(vec![a.at(0).ty().object(), args])
}

static METHODS: &[Row] = &[row!(
    "__reduce__(self, /)",
    reduce,
    "Return state information for pickling."
)];

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
        doc: "filter(function, iterable, /)\n--\n\nReturn an iterator yielding those items of iterable for which\nfunction(item) is true.  If function is None, return the items that\nare true.",
        ..TypeDef::new(&FILTER)
    })
}
