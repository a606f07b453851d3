//! Functions of `math` on floats: parts, neighbours, remainders, powers.

use super::{domain, range};
use skein_object::error::{Result, overflow_error, type_error, value_error};
use skein_object::layouts::number::{self, IntValue};
use skein_object::protocol::convert::to_f64;
use skein_object::{Args, Context, Ref, protocol};
use skein_stdlib_support::pack;

pub fn atan2(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::float(to_f64(cx, a.at(0))?.atan2(to_f64(cx, a.at(1))?))
}

pub fn copysign(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::float(to_f64(cx, a.at(0))?.copysign(to_f64(cx, a.at(1))?))
}

pub fn fma(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (x, y, z) = (to_f64(cx, a.at(0))?, to_f64(cx, a.at(1))?, to_f64(cx, a.at(2))?);
    let r = x.mul_add(y, z);
    if r.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(value_error("invalid operation in fma"));
    }
    if r.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(overflow_error("overflow in fma"));
    }
    number::float(r)
}

pub fn fmod(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (x, y) = (to_f64(cx, a.at(0))?, to_f64(cx, a.at(1))?);
    if y.is_infinite() && x.is_finite() {
        return number::float(x);
    }
    let r = x % y;
    if r.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(domain());
    }
    number::float(r)
}

pub fn remainder(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (x, y) = (to_f64(cx, a.at(0))?, to_f64(cx, a.at(1))?);
    if x.is_nan() || y.is_nan() {
        return number::float(f64::NAN);
    }
    if x.is_infinite() || y == 0.0 {
        return Err(domain());
    }
    if y.is_infinite() {
        return number::float(x);
    }
    number::float(libm::remainder(x, y))
}

pub fn pow(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (x, y) = (to_f64(cx, a.at(0))?, to_f64(cx, a.at(1))?);
    let r = x.powf(y);
    if x.is_finite() && y.is_finite() {
        if r.is_nan() {
            return Err(domain());
        }
        if r.is_infinite() {
            return Err(if x == 0.0 { domain() } else { range() });
        }
    }
    number::float(r)
}

pub fn frexp(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let x = to_f64(cx, a.at(0))?;
    let (m, e) = if x == 0.0 || !x.is_finite() {
        (x, 0)
    } else {
        libm::frexp(x)
    };
    pack([number::float(m)?, number::int(i64::from(e))?])
}

pub fn ldexp(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let x = to_f64(cx, a.at(0))?;
    let e = match number::int_value(a.at(1)) {
        None => {
            return Err(type_error("Expected an int as second argument to ldexp."));
        }
        Some(IntValue::Small(n)) => n,
        Some(v) if v.is_negative() => i64::MIN,
        Some(_) => i64::MAX,
    };
    if x == 0.0 || !x.is_finite() {
        return number::float(x);
    }
    let r = libm::ldexp(x, e.clamp(-5000, 5000) as i32);
    if r.is_infinite() {
        return Err(range());
    }
    number::float(r)
}

pub fn modf(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let x = to_f64(cx, a.at(0))?;
    let (fraction, whole) = if x.is_infinite() {
        (0f64.copysign(x), x)
    } else {
        ((x - x.trunc()).copysign(x), x.trunc())
    };
    pack([number::float(fraction)?, number::float(whole)?])
}

pub fn isfinite(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(to_f64(cx, a.at(0))?.is_finite()))
}

pub fn isinf(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(to_f64(cx, a.at(0))?.is_infinite()))
}

pub fn isnan(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(to_f64(cx, a.at(0))?.is_nan()))
}

pub fn isclose(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let or = |r: Option<&Ref>, default: f64| r.map_or(Ok(default), |r| to_f64(cx, r));
    let (x, y) = (to_f64(cx, a.at(0))?, to_f64(cx, a.at(1))?);
    let (relative, absolute) = (or(a.opt(2), 1e-9)?, or(a.opt(3), 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(value_error("tolerances must be non-negative"));
    }
    let close = x == y
        || !x.is_infinite() && !y.is_infinite() && {
            let difference = (y - x).abs();
            difference <= (relative * y).abs() || difference <= (relative * x).abs() || difference <= absolute
        };
    Ok(number::bool(close))
}

pub fn ulp(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let x = to_f64(cx, a.at(0))?.abs();
    if !x.is_finite() {
        return number::float(x);
    }
    let up = x.next_up();
    number::float(if up.is_infinite() { x - x.next_down() } else { up - x })
}

/// Numbers the floats in their order, the two zeros alike.
fn rank(x: f64) -> i64 {
    let bits = x.to_bits() as i64;
    if bits < 0 { i64::MIN - bits } else { bits }
}

pub fn nextafter(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (x, y) = (to_f64(cx, a.at(0))?, to_f64(cx, a.at(1))?);
    let steps = match a.opt_not_none(2) {
        None => 1,
        Some(n) => {
            let i = protocol::index(cx, n)?;
            match number::int_value(&i) {
                Some(v) if v.is_negative() => {
                    return Err(value_error("steps must be a non-negative integer"));
                }
                Some(v) => v.to_i64().map_or(u64::MAX, |n| n as u64),
                None => 0,
            }
        }
    };
    if steps == 0 {
        return number::float(x);
    }
    if x.is_nan() || y.is_nan() {
        return number::float(if x.is_nan() { x } else { y });
    }
    if x == y {
        return number::float(y);
    }
    let (from, to) = (i128::from(rank(x)), i128::from(rank(y)));
    let left = (to - from).unsigned_abs();
    if u128::from(steps) >= left {
        // Without a number of steps, zero takes the sign of the side it is reached from, as in C.
        let single = a.opt_not_none(2).is_none();
        return number::float(if single && y == 0.0 { y.copysign(x) } else { y });
    }
    let at = if to > from {
        from + i128::from(steps)
    } else {
        from - i128::from(steps)
    };
    let r = if at == 0 {
        // Zero takes the sign of the side it is reached from.
        0f64.copysign(x)
    } else if at > 0 {
        f64::from_bits(at as u64)
    } else {
        -f64::from_bits((-at) as u64)
    };
    number::float(r)
}
