//! `float`.

pub mod arith;
pub mod methods;

use crate::int::new::bytes_like;
use crate::iterators::support::{bind_new, class_of, wrong};
use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, type_error};
use skein_object::number::FloatBody;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{Binary, BinaryOp, Slots};
use skein_object::types::Type;
use skein_object::{Args, BytesBody, Context, Ref, Row, StrBody, number, protocol, row, statics as s, str};
use skein_text::number::{float_parse, float_repr};

static NEW: Row = row!("float(cls, x=0, /)", make, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind_new(cx, &NEW, &s::FLOAT, class, args, names)
}

fn make(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = class_of(a.at(0))?;
    match a.opt(1) {
        Some(x) if std::ptr::eq(ty, &raw const s::FLOAT) => exact(cx, x),
        Some(x) => alloc(ty, FloatBody(convert(cx, x)?)),
        None => alloc(ty, FloatBody(0.0)),
    }
}

/// `float(x)`.
fn exact(cx: &Context, x: &Ref) -> Result<Ref> {
    if x.is_exact(&s::FLOAT) {
        return Ok(x.clone());
    }
    number::float(convert(cx, x)?)
}

fn make_exact(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    match args {
        [x] if std::ptr::eq(ty, &raw const s::FLOAT) => Some(exact(cx, x)),
        _ => None,
    }
}

/// The value of `float(x)`.
pub fn convert(cx: &Context, x: &Ref) -> Result<f64> {
    if let Some(v) = number::float_value(x).filter(|_| x.is_exact(&s::FLOAT)) {
        return Ok(v);
    }
    if let Some(f) = x.ty().slots.float.get().filter(|_| !x.value().is_int()) {
        return protocol::convert::by_float_slot(cx, x, f);
    }
    if let Some(b) = x.body::<StrBody>() {
        return Ok(float_parse::parse_float(b.view())?);
    }
    let slots = &x.ty().slots;
    if slots.float.is_set() || slots.index.is_set() {
        return protocol::convert::to_f64(cx, x);
    }
    if let Some(b) = x.body::<BytesBody>() {
        return Ok(float_parse::parse_float_bytes(b.as_slice())?);
    }
    if let Some(b) = bytes_like(cx, x)? {
        return Ok(float_parse::parse_float_bytes(&b)?);
    }
    Err(type_error(format!(
        "float() argument must be a string or a real number, not '{}'",
        x.ty().name()
    )))
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    match number::float_value(r) {
        Some(x) => str::from_ascii(float_repr::repr(x).as_bytes()),
        None => Err(wrong("float", r)),
    }
}

fn hash(_: &Context, r: &Ref) -> Result<i64> {
    Ok(number::float_value(r).map_or(0, |x| number::hash_float(x, r.value().0)))
}

fn truth(_: &Context, r: &Ref) -> Result<bool> {
    Ok(number::float_value(r) != Some(0.0))
}

fn slots(t: &Slots) {
    t.repr.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(arith::compare));
    t.bool.set(Some(truth));
    t.new.set(Some(new));
    t.make.set(Some(make_exact));
    t.neg.set(Some(arith::neg));
    t.pos.set(Some(arith::exact));
    t.abs.set(Some(arith::abs));
    t.int.set(Some(arith::to_int));
    t.float.set(Some(arith::exact));
    t.pow3.set(Some(arith::pow_mod));
    for (op, f) in [
        (BinaryOp::Add, arith::add as Binary),
        (BinaryOp::Sub, arith::sub),
        (BinaryOp::Mul, arith::mul),
        (BinaryOp::TrueDiv, arith::true_div),
        (BinaryOp::FloorDiv, arith::floor_div),
        (BinaryOp::Mod, arith::modulo),
        (BinaryOp::Pow, arith::pow),
    ] {
        t.binary[op as usize].set(Some(f));
    }
}

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: methods::METHODS,
        getset: methods::GETSET,
        doc: "float(x=0, /)\n--\n\nConvert a string or number to a floating-point number, if possible.",
        ..TypeDef::new(&s::FLOAT)
    })
}
