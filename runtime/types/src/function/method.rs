//! `method`: a callable bound to an object.

use crate::startup::{GetSet, TypeDef, member, ready_type};
use skein_object::error::{Result, type_error};
use skein_object::intern::{self, names};
use skein_object::layouts::number;
use skein_object::native::{Row, with_first};
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol::attribute::{generic_getattr, lookup_attr};
use skein_object::protocol::{self, call_kw, getattr_opt, is_callable};
use skein_object::slots::{CompareOp, Slots};
use skein_object::statics as s;
use skein_object::{Args, BoundMethodBody, Context, Ref, row, str, tuple};

fn body(r: &Ref) -> Result<&BoundMethodBody> {
    r.body::<BoundMethodBody>().ok_or_else(|| type_error("not a method"))
}

/// A bound method.
pub fn make(function: Ref, receiver: Ref) -> Result<Ref> {
    alloc(&s::METHOD, BoundMethodBody::new(function, receiver))
}

fn call(cx: &Context, m: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let b = body(m)?;
    with_first(b.receiver(), args, |all| call_kw(cx, b.function(), all, names))
}

/// Attributes of the method type, then those of the function.
fn getattr(cx: &Context, m: &Ref, name: &Ref) -> Result<Ref> {
    let ty = type_of(m);
    if str::is_str(name) {
        let name = &intern::intern(name);
        if ty.lookup(name).is_some()
            && let Some(v) = lookup_attr(cx, m, ty, name)?
        {
            return Ok(v);
        }
        return protocol::getattr(cx, body(m)?.function(), name);
    }
    generic_getattr(cx, m, name)
}

fn repr(cx: &Context, m: &Ref) -> Result<Ref> {
    let b = body(m)?;
    let name = match getattr_opt(cx, b.function(), names::__qualname__())? {
        Some(n) if str::is_str(&n) => str::text(&n),
        _ => match getattr_opt(cx, b.function(), names::__name__())? {
            Some(n) if str::is_str(&n) => str::text(&n),
            _ => "?".to_owned(),
        },
    };
    let r = protocol::repr(cx, b.receiver())?;
    str::from_str(&format!("<bound method {name} of {}>", str::text(&r)))
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<BoundMethodBody>(), b.body::<BoundMethodBody>()) else {
        return Ok(s::not_implemented());
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(s::not_implemented());
    }
    let same = x.receiver().is(y.receiver()) && protocol::equal(cx, x.function(), y.function())?;
    Ok(number::bool(same == (op == CompareOp::Eq)))
}

fn hash(cx: &Context, m: &Ref) -> Result<i64> {
    let b = body(m)?;
    let h = number::hash_pointer(b.receiver().value().0) ^ protocol::hash(cx, b.function())?;
    Ok(if h == -1 { -2 } else { h })
}

fn get(_: &Context, m: &Ref, _: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    Ok(m.clone())
}

static NEW: Row = row!("method(function, instance, /)", new_row, "");

fn new(cx: &Context, _: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    skein_object::native::call(cx, &NEW, args, names)
}

fn new_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    if !is_callable(a.at(0)) {
        return Err(type_error("first argument must be callable"));
    }
    if s::is_none(a.at(1)) {
        return Err(type_error("instance must not be None"));
    }
    make(a.at(0).clone(), a.at(1).clone())
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let name = protocol::getattr(cx, b.function(), names::__name__())?;
    crate::descriptors::reduce_by_getattr(cx, b.receiver(), &name)
}

fn func(_: &Context, m: &Ref) -> Result<Ref> {
    Ok(body(m)?.function().clone())
}

fn receiver(_: &Context, m: &Ref) -> Result<Ref> {
    Ok(body(m)?.receiver().clone())
}

fn doc(cx: &Context, m: &Ref) -> Result<Ref> {
    Ok(getattr_opt(cx, body(m)?.function(), names::__doc__())?.unwrap_or_else(s::none))
}

static METHODS: &[Row] = &[row!("__reduce__(self, /)", reduce, "Helper for pickle.")];

static GETSET: &[GetSet] = &[
    member("__func__", func),
    member("__self__", receiver),
    member("__doc__", doc),
];

fn slots(t: &Slots) {
    t.call.set(Some(call));
    t.getattr.set(Some(getattr));
    t.repr.set(Some(repr));
    t.compare.set(Some(compare));
    t.hash.set(Some(hash));
    t.descr_get.set(Some(get));
    t.new.set(Some(new));
}

pub fn ready() -> Result<()> {
    let _ = tuple::items;
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "method(function, instance, /)\n--\n\nCreate a bound instance method object.",
        ..TypeDef::new(&s::METHOD)
    })
}
