//! Arithmetic of floats. Each function takes its operands in source order and gives NotImplemented where one is neither
//! float nor int.

use crate::int::value::Int;
use skein_object::error::{Result, raise_args, type_error, zero_division_error};
use skein_object::object::RefExt;
use skein_object::slots::CompareOp;
use skein_object::{Context, Ref, number, protocol, statics as s, str};
use std::cmp::Ordering;

/// The operand as a float; `None` for other types.
///
/// # Errors
/// OverflowError "int too large to convert to float".
#[inline]
pub fn operand(r: &Ref) -> Result<Option<f64>> {
    if let Some(x) = number::float_value(r) {
        return Ok(Some(x));
    }
    if let Some(n) = r.as_int() {
        return Ok(Some(n as f64));
    }
    if number::int_value(r).is_some() {
        return protocol::convert::int_to_f64(r).map(Some);
    }
    Ok(None)
}

fn pair(a: &Ref, b: &Ref) -> Result<Option<(f64, f64)>> {
    match (operand(a)?, operand(b)?) {
        (Some(x), Some(y)) => Ok(Some((x, y))),
        _ => Ok(None),
    }
}

macro_rules! simple {
    ($name:ident, $op:tt) => {
        pub fn $name(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
            match pair(a, b)? {
                Some((x, y)) => number::float(x $op y),
                None => Ok(s::not_implemented()),
            }
        }
    };
}
simple!(add, +);
simple!(sub, -);
simple!(mul, *);

#[cold]
fn division_by_zero() -> skein_object::Error {
    zero_division_error("division by zero")
}

pub fn true_div(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match pair(a, b)? {
        Some((_, 0.0)) => Err(division_by_zero()),
        Some((x, y)) => number::float(x / y),
        None => Ok(s::not_implemented()),
    }
}

/// Quotient and remainder as CPython's `divmod`; the divisor is not zero.
pub fn floor_parts(x: f64, y: f64) -> (f64, f64) {
    let mut m = x % y;
    let mut d = (x - m) / y;
    if m != 0.0 {
        if (y < 0.0) != (m < 0.0) {
            m += y;
            d -= 1.0;
        }
    } else {
        m = 0.0f64.copysign(y);
    }
    let q = if d != 0.0 {
        let q = d.floor();
        if d - q > 0.5 { q + 1.0 } else { q }
    } else {
        0.0f64.copysign(x / y)
    };
    (q, m)
}

pub fn floor_div(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match pair(a, b)? {
        Some((_, 0.0)) => Err(division_by_zero()),
        Some((x, y)) => number::float(floor_parts(x, y).0),
        None => Ok(s::not_implemented()),
    }
}

pub fn modulo(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match pair(a, b)? {
        Some((_, 0.0)) => Err(division_by_zero()),
        Some((x, y)) => number::float(floor_parts(x, y).1),
        None => Ok(s::not_implemented()),
    }
}

pub fn divmod(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match pair(a, b)? {
        Some((_, 0.0)) => Err(division_by_zero()),
        Some((x, y)) => {
            let (q, r) = floor_parts(x, y);
            skein_object::tuple::pair(number::float(q)?, number::float(r)?)
        }
        None => Ok(s::not_implemented()),
    }
}

/// OverflowError with errno and text, as C's `pow` reports it.
#[cold]
pub fn range_error() -> skein_object::Error {
    match str::from_str("Numerical result out of range") {
        Ok(text) => raise_args(&s::OVERFLOW_ERROR, vec![Ref::small(34), text]),
        Err(e) => e,
    }
}

pub fn pow(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some((x, y)) = pair(a, b)? else {
        return Ok(s::not_implemented());
    };
    if x == 0.0 && y < 0.0 && y.is_finite() {
        return Err(zero_division_error("zero to a negative power"));
    }
    if x < 0.0 && x.is_finite() && y.is_finite() && y != y.floor() {
        let (x, y) = (number::complex(x, 0.0)?, number::complex(y, 0.0)?);
        return crate::complex::arith::pow(cx, &x, &y);
    }
    let r = x.powf(y);
    if r.is_infinite() && x.is_finite() && y.is_finite() {
        return Err(range_error());
    }
    number::float(r)
}

/// `pow(a, b, m)`: floats know no modulus.
pub fn pow_mod(cx: &Context, a: &Ref, b: &Ref, m: &Ref) -> Result<Ref> {
    if s::is_none(m) {
        return pow(cx, a, b);
    }
    Err(type_error(
        "pow() 3rd argument not allowed unless all arguments are integers",
    ))
}

/// How a float compares with a number, exactly; `None` inside for NaN, outside for other types.
pub fn order(x: f64, other: &Ref) -> Option<Option<Ordering>> {
    if let Some(y) = number::float_value(other) {
        return Some(x.partial_cmp(&y));
    }
    Some(match Int::of(other)? {
        Int::Small(n) if n.unsigned_abs() <= 1 << 53 => x.partial_cmp(&(n as f64)),
        n => skein_text::number::exact::compare_f64_big(x, n.big().as_ref()),
    })
}

pub fn compare(_: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let ordering = match (number::float_value(a), number::float_value(b)) {
        (Some(x), _) => order(x, b),
        (None, Some(y)) => order(y, a).map(|o| o.map(Ordering::reverse)),
        _ => None,
    };
    Ok(match ordering {
        None => s::not_implemented(),
        Some(Some(o)) => number::bool(op.holds(o)),
        Some(None) => number::bool(op == CompareOp::Ne),
    })
}

fn value(r: &Ref) -> Result<f64> {
    number::float_value(r).ok_or_else(|| crate::iterators::support::wrong("float", r))
}

pub fn neg(_: &Context, r: &Ref) -> Result<Ref> {
    number::float(-value(r)?)
}

pub fn abs(_: &Context, r: &Ref) -> Result<Ref> {
    number::float(value(r)?.abs())
}

/// A float of exact type: `+x`, `float(x)`, `x.real`.
pub fn exact(_: &Context, r: &Ref) -> Result<Ref> {
    if r.is_exact(&s::FLOAT) {
        return Ok(r.clone());
    }
    number::float(value(r)?)
}

pub fn to_int(_: &Context, r: &Ref) -> Result<Ref> {
    crate::int::new::from_float(value(r)?)
}
