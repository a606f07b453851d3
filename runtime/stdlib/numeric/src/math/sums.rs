//! `fsum`, `prod`, `sumprod`.

use skein_object::error::{Result, overflow_error, value_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol::convert::to_f64;
use skein_object::protocol::number::binary;
use skein_object::protocol::{self, Iter};
use skein_object::slots::BinaryOp;
use skein_object::{Args, Context, Ref, statics as s};

/// A sum of floats without error: parts that do not overlap, smallest first (Shewchuk).
#[derive(Default)]
pub struct Partials(Vec<f64>);

impl Partials {
    pub fn add(&mut self, mut x: f64) {
        let mut kept = 0;
        for i in 0..self.0.len() {
            let mut y = self.0[i];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let hi = x + y;
            let lo = y - (hi - x);
            if lo != 0.0 {
                self.0[kept] = lo;
                kept += 1;
            }
            x = hi;
        }
        self.0.truncate(kept);
        if x != 0.0 {
            self.0.push(x);
        }
    }

    /// The nearest float, ties to even.
    pub fn total(&self) -> f64 {
        let mut parts = self.0.iter().rev();
        let Some(first) = parts.next() else {
            return 0.0;
        };
        let mut hi = *first;
        let mut lo = 0.0;
        for y in parts.by_ref() {
            let x = hi;
            hi = x + y;
            lo = y - (hi - x);
            if lo != 0.0 {
                break;
            }
        }
        // Half an ulp off: the next part decides.
        if let Some(next) = parts.next()
            && ((lo < 0.0 && *next < 0.0) || (lo > 0.0 && *next > 0.0))
        {
            let y = lo * 2.0;
            let x = hi + y;
            if y == x - hi {
                hi = x;
            }
        }
        hi
    }

    fn overflowed(&self) -> bool {
        self.0.iter().any(|x| !x.is_finite())
    }
}

pub fn fsum(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut it = Iter::new(cx, a.at(0))?;
    let mut sum = Partials::default();
    let (mut special, mut infinities) = (0f64, 0f64);
    let mut has_special = false;
    while let Some(r) = it.next(cx)? {
        let x = to_f64(cx, &r)?;
        if x.is_finite() {
            sum.add(x);
            if sum.overflowed() {
                return Err(overflow_error("intermediate overflow in fsum"));
            }
        } else {
            has_special = true;
            if x.is_infinite() {
                infinities += x;
            }
            special += x;
        }
    }
    if has_special {
        if infinities.is_nan() {
            return Err(value_error("-inf + inf in fsum"));
        }
        return number::float(special);
    }
    number::float(sum.total())
}

pub fn prod(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut it = Iter::new(cx, a.at(0))?;
    let mut total = a.opt(1).cloned().unwrap_or_else(|| Ref::small(1));
    while let Some(x) = it.next(cx)? {
        let small = match (total.as_int(), x.as_int()) {
            (Some(p), Some(q)) => p.checked_mul(q).and_then(Ref::int),
            _ => match (total.value().as_float(), x.value().as_float()) {
                (Some(p), Some(q)) => Some(number::float(p * q)?),
                _ => None,
            },
        };
        total = match small {
            Some(r) => r,
            None => binary(cx, BinaryOp::Mul, &total, &x)?,
        };
    }
    Ok(total)
}

/// A float, or an int that becomes one.
fn plain(cx: &Context, r: &Ref) -> Option<f64> {
    if r.is_exact(&s::FLOAT) {
        return number::float_value(r);
    }
    if r.is_exact(&s::INT) || r.is_exact(&s::BOOL) {
        return to_f64(cx, r).ok();
    }
    None
}

pub fn sumprod(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut p = protocol::iter(cx, a.at(0)).map(Iter::Any)?;
    let mut q = protocol::iter(cx, a.at(1)).map(Iter::Any)?;
    let mut total = Ref::small(0);
    let mut floats = Partials::default();
    let mut in_floats = false;
    loop {
        let (x, y) = match (p.next(cx)?, q.next(cx)?) {
            (Some(x), Some(y)) => (x, y),
            (None, None) => break,
            _ => return Err(value_error("Inputs are not the same length")),
        };
        let any_float = x.is_exact(&s::FLOAT) || y.is_exact(&s::FLOAT);
        if any_float && let (Some(f), Some(g)) = (plain(cx, &x), plain(cx, &y)) {
            let hi = f * g;
            if hi.is_finite() && hi.abs() < 1e300 {
                in_floats = true;
                floats.add(hi);
                floats.add(f.mul_add(g, -hi));
                continue;
            }
        }
        if in_floats {
            let so_far = number::float(floats.total())?;
            total = binary(cx, BinaryOp::Add, &total, &so_far)?;
            floats = Partials::default();
            in_floats = false;
        }
        let product = binary(cx, BinaryOp::Mul, &x, &y)?;
        total = binary(cx, BinaryOp::Add, &total, &product)?;
    }
    if in_floats {
        let so_far = number::float(floats.total())?;
        total = binary(cx, BinaryOp::Add, &total, &so_far)?;
    }
    Ok(total)
}
