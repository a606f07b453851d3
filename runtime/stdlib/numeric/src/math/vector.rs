//! `hypot` and `dist`: square roots of sums of squares, exact to the last bit or nearly.

use skein_object::error::{Result, value_error};
use skein_object::layouts::number;
use skein_object::protocol::convert::to_f64;
use skein_object::{Args, Context, Ref, protocol};

/// Squares are summed in two floats, after scaling by a power of two; one correction step follows the root.
fn norm(v: &[f64]) -> f64 {
    let mut max = 0f64;
    let mut nan = false;
    for x in v {
        if x.is_infinite() {
            return f64::INFINITY;
        }
        nan |= x.is_nan();
        max = max.max(x.abs());
    }
    if nan {
        return f64::NAN;
    }
    if max == 0.0 || v.len() <= 1 {
        return max;
    }
    let (_, e) = libm::frexp(max);
    let (mut hi, mut lo) = (0f64, 0f64);
    for x in v {
        let x = libm::ldexp(x.abs(), -e);
        let p = x * x;
        let rest = x.mul_add(x, -p);
        let sum = hi + p;
        // Two-sum: what the addition lost.
        let t = sum - hi;
        lo += (hi - (sum - t)) + (p - t) + rest;
        hi = sum;
    }
    let h = (hi + lo).sqrt();
    let left = (-h).mul_add(h, hi) + lo;
    libm::ldexp(h + left / (2.0 * h), e)
}

pub fn hypot(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let v: Result<Vec<f64>> = a.rest(0).iter().map(|x| to_f64(cx, x)).collect();
    number::float(norm(&v?))
}

pub fn dist(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = protocol::collect(cx, a.at(0))?;
    let q = protocol::collect(cx, a.at(1))?;
    if p.len() != q.len() {
        return Err(value_error("both points must have the same number of dimensions"));
    }
    let v: Result<Vec<f64>> = p
        .iter()
        .zip(&q)
        .map(|(x, y)| Ok(to_f64(cx, x)? - to_f64(cx, y)?))
        .collect();
    number::float(norm(&v?))
}
