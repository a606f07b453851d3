//! Functions of `math` on ints.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use skein_object::error::{Result, overflow_error, value_error};
use skein_object::layouts::number;
use skein_object::{Args, Context, Ref, protocol};

fn big(cx: &Context, r: &Ref) -> Result<BigInt> {
    let i = protocol::index(cx, r)?;
    Ok(number::int_value(&i).map_or_else(BigInt::zero, |v| v.to_big()))
}

pub fn gcd(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut total = BigInt::zero();
    for r in a.rest(0) {
        let n = big(cx, r)?;
        if !total.is_one() {
            total = match (total.to_u64(), n.magnitude().to_u64()) {
                (Some(x), Some(y)) => BigInt::from(x.gcd(&y)),
                _ => total.gcd(&n).abs(),
            };
        }
    }
    number::big(total)
}

/// `gcd(a, b)` of small ints.
pub fn gcd_of_two(_: &Context, args: &[Ref]) -> Option<Result<Ref>> {
    let [a, b] = args else { return None };
    let g = a.as_int()?.unsigned_abs().gcd(&b.as_int()?.unsigned_abs());
    // At most 2**62, the size of the smallest small int.
    Some(number::int(g as i64))
}

pub fn lcm(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut total = BigInt::one();
    for r in a.rest(0) {
        let n = big(cx, r)?;
        total = if total.is_zero() || n.is_zero() {
            BigInt::zero()
        } else {
            total.lcm(&n).abs()
        };
    }
    number::big(total)
}

pub fn isqrt(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = big(cx, a.at(0))?;
    if n.is_negative() {
        return Err(value_error("isqrt() argument must be nonnegative"));
    }
    number::big(n.sqrt())
}

/// The product of `from..=to`, by halves.
fn product(from: u64, to: u64) -> BigUint {
    if from > to {
        return BigUint::one();
    }
    if to - from < 16 {
        let mut r = BigUint::one();
        let mut small = 1u64;
        for k in from..=to {
            match small.checked_mul(k) {
                Some(n) => small = n,
                None => {
                    r *= small;
                    small = k;
                }
            }
        }
        return r * small;
    }
    let middle = from + (to - from) / 2;
    product(from, middle) * product(middle + 1, to)
}

pub fn factorial(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = big(cx, a.at(0))?;
    if n.is_negative() {
        return Err(value_error("factorial() not defined for negative values"));
    }
    match n.to_i64() {
        Some(n) if n < 1 << 33 => number::big(product(2, n as u64).into()),
        Some(_) => Err(skein_object::error::memory_error()),
        None => Err(overflow_error(format!(
            "factorial() argument should not exceed {}",
            i64::MAX
        ))),
    }
}

fn not_negative(n: &BigInt, name: &str) -> Result<()> {
    if n.is_negative() {
        return Err(value_error(format!("{name} must be a non-negative integer")));
    }
    Ok(())
}

/// n * (n - 1) * ... of `k` factors.
fn falling(n: &BigInt, k: u64) -> BigUint {
    if let Some(top) = n.to_u64() {
        return product(top - k + 1, top);
    }
    let mut r = BigUint::one();
    for i in 0..k {
        r *= (n - i).magnitude();
    }
    r
}

pub fn perm(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(k) = a.opt_not_none(1) else {
        return factorial(cx, a);
    };
    let (n, k) = (big(cx, a.at(0))?, big(cx, k)?);
    not_negative(&n, "n")?;
    not_negative(&k, "k")?;
    if k > n {
        return Ok(Ref::small(0));
    }
    match k.to_i64() {
        Some(k) => number::big(falling(&n, k as u64).into()),
        None => Err(overflow_error(format!("k must not exceed {}", i64::MAX))),
    }
}

pub fn comb(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (n, k) = (big(cx, a.at(0))?, big(cx, a.at(1))?);
    not_negative(&n, "n")?;
    not_negative(&k, "k")?;
    if k > n {
        return Ok(Ref::small(0));
    }
    let other = &n - &k;
    let k = k.min(other);
    match k.to_i64() {
        Some(0) => Ok(Ref::small(1)),
        Some(k) => number::big((falling(&n, k as u64) / product(2, k as u64)).into()),
        None => Err(overflow_error(format!("min(n - k, k) must not exceed {}", i64::MAX))),
    }
}
