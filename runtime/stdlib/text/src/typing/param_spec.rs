//! `P.args` and `P.kwargs`.

use super::params::{self, PARAM_SPEC};
use skein_object::error::{Result, type_error};
use skein_object::layouts::{number, str};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{CompareOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::{bind, body, class_of};
use skein_types::startup::{GetSet, TypeDef, member};

pub struct PartBody(Ref);
payload!(PartBody, "typing.ParamSpecArgs", |this, v| { v.reference(&this.0) });

static ARGS: Type = Type::declare(
    "typing.ParamSpecArgs",
    Some(&s::OBJECT),
    <PartBody as Payload>::LAYOUT,
    flag::WEAKREFABLE,
);
static KWARGS: Type = Type::declare(
    "typing.ParamSpecKwargs",
    Some(&s::OBJECT),
    <PartBody as Payload>::LAYOUT,
    flag::WEAKREFABLE,
);

pub fn args_of(p: &Ref) -> Result<Ref> {
    alloc(&ARGS, PartBody(p.clone()))
}

pub fn kwargs_of(p: &Ref) -> Result<Ref> {
    alloc(&KWARGS, PartBody(p.clone()))
}

static NEW: Row = row!("__new__(cls, origin)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW, class, args, names)
}

fn new_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(class_of(a.at(0))?, PartBody(a.at(1).clone()))
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let origin = &body::<PartBody>(r)?.0;
    let part = if r.is_exact(&ARGS) { "args" } else { "kwargs" };
    let name = if origin.is_exact(&PARAM_SPEC) {
        params::of(origin)?.name.clone()
    } else {
        protocol::repr(cx, origin)?
    };
    str::from_str(&format!("{}.{part}", str::text(&name)))
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<PartBody>(), b.body::<PartBody>()) else {
        return Ok(s::not_implemented());
    };
    if !std::ptr::eq(a.ty(), b.ty()) || !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(s::not_implemented());
    }
    let same = protocol::equal(cx, &x.0, &y.0)?;
    Ok(number::bool(same == (op == CompareOp::Eq)))
}

fn origin(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body::<PartBody>(r)?.0.clone())
}

fn mro_entries(_: &Context, a: Args<'_>) -> Result<Ref> {
    Err(type_error(format!(
        "Cannot subclass an instance of {}",
        a.at(0).ty().short_name()
    )))
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.repr.set(Some(repr));
    t.compare.set(Some(compare));
}

static METHODS: &[Row] = &[row!("__mro_entries__(self, bases, /)", mro_entries, "")];
static GETSET: &[GetSet] = &[member("__origin__", origin)];

pub static ARGS_DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    getset: GETSET,
    doc: "The args for a ParamSpec object.",
    ..TypeDef::new(&ARGS)
};
pub static KWARGS_DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    getset: GETSET,
    doc: "The kwargs for a ParamSpec object.",
    ..TypeDef::new(&KWARGS)
};
