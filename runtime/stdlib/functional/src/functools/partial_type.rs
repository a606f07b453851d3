//! The types of `partial` and `Placeholder`.

use super::partial::{self, PartialBody, parts, placeholder};
use skein_object::error::{Result, type_error};
use skein_object::intern;
use skein_object::layouts::{dict, str, tuple};
use skein_object::object::RefExt;
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, protocol, row, statics as s};
use skein_stdlib_support::{enter_repr, full_name, pack, repr_text};
use skein_types::startup::{GetSet, TypeDef, member};
use skein_types::type_::generic_alias::class_getitem;

pub static PARTIAL: Type = Type::declare(
    "functools.partial",
    Some(&s::OBJECT),
    <PartialBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT | flag::WEAKREFABLE,
);

pub static PLACEHOLDER_TYPE: Type = Type::declare(
    "functools._PlaceholderType",
    Some(&s::OBJECT),
    <() as Payload>::LAYOUT,
    0,
);

fn repr(cx: &Context, p: &Ref) -> Result<Ref> {
    let Some(_guard) = enter_repr(cx, p) else {
        return str::from_str("...");
    };
    let x = parts(p)?;
    let mut out = format!("{}({}", full_name(p.ty()), repr_text(cx, &x.function)?);
    for a in tuple::items(&x.args).unwrap_or(&[]) {
        out.push_str(", ");
        out.push_str(&repr_text(cx, a)?);
    }
    for (k, v) in dict::entries(&x.keywords) {
        out.push_str(&format!(
            ", {}={}",
            str::text(&protocol::str_of(cx, &k)?),
            repr_text(cx, &v)?
        ));
    }
    out.push(')');
    str::from_str(&out)
}

fn get(_: &Context, p: &Ref, object: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    match object.filter(|o| !s::is_none(o)) {
        Some(o) => skein_types::function::method::make(p.clone(), o.clone()),
        None => Ok(p.clone()),
    }
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = a.at(0);
    let x = parts(p)?;
    let attributes = match protocol::getattr_opt(cx, p, &intern::name("__dict__"))? {
        Some(d) if protocol::is_true(cx, &d)? => d,
        _ => s::none(),
    };
    pack([
        p.ty().object(),
        pack([x.function.clone()])?,
        pack([x.function, x.args, x.keywords, attributes])?,
    ])
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    partial::set_state(cx, a.at(0), a.at(1))?;
    Ok(s::none())
}

fn function(_: &Context, p: &Ref) -> Result<Ref> {
    Ok(parts(p)?.function)
}

fn args(_: &Context, p: &Ref) -> Result<Ref> {
    Ok(parts(p)?.args)
}

fn keywords(_: &Context, p: &Ref) -> Result<Ref> {
    Ok(parts(p)?.keywords)
}

fn slots(t: &Slots) {
    t.new.set(Some(partial::new));
    t.call.set(Some(partial::call));
    t.repr.set(Some(repr));
    t.descr_get.set(Some(get));
}

static METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce, ""),
    row!("__setstate__(self, state, /)", setstate, ""),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];

static GETSET: &[GetSet] = &[
    member("func", function).doc("function object to use in future partial calls"),
    member("args", args).doc("tuple of arguments to future partial calls"),
    member("keywords", keywords).doc("dictionary of keyword arguments to future partial calls"),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    getset: GETSET,
    doc: "Create a new function with partial application of the given arguments and keywords.",
    ..TypeDef::new(&PARTIAL)
};

fn placeholder_new(_: &Context, _: &Ref, args: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    if !args.is_empty() {
        return Err(type_error("PlaceholderType takes no arguments"));
    }
    placeholder()
}

fn placeholder_repr(_: &Context, _: &Ref) -> Result<Ref> {
    str::from_str("Placeholder")
}

fn placeholder_reduce(cx: &Context, _: Args<'_>) -> Result<Ref> {
    placeholder_repr(cx, &s::none())
}

fn placeholder_slots(t: &Slots) {
    t.new.set(Some(placeholder_new));
    t.repr.set(Some(placeholder_repr));
}

static PLACEHOLDER_METHODS: &[Row] = &[row!("__reduce__(self, /)", placeholder_reduce, "")];

pub static PLACEHOLDER_DEF: TypeDef = TypeDef {
    slots: placeholder_slots,
    methods: PLACEHOLDER_METHODS,
    doc: "The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments.",
    ..TypeDef::new(&PLACEHOLDER_TYPE)
};
