//! Exact and correctly rounded conversions between `BigInt` and `f64`.

use crate::error::{ErrorKind, Result, TextError};
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{One, ToPrimitive, Zero};

/// `q * 2**e` rounded half to even; `None` on overflow. The lowest bit of `q` may be sticky
/// (standing for nonzero bits below) provided `q` has at least 55 bits or `e <= -1076`.
pub(crate) fn scale(q: u64, e: i64) -> Option<f64> {
    if q == 0 {
        return Some(0.0);
    }
    let bits = i64::from(64 - q.leading_zeros());
    let top = bits.checked_add(e)?;
    if top > 1024 {
        return None;
    }
    if top < -1075 {
        return Some(0.0);
    }
    let mut lsb = (top - 53).max(-1074);
    let drop = lsb - e;
    let mut m = if drop <= 0 {
        q << -drop
    } else if drop >= 64 {
        0
    } else {
        let kept = q >> drop;
        let rest = q & ((1 << drop) - 1);
        let half = 1u64 << (drop - 1);
        kept + u64::from(rest > half || (rest == half && kept & 1 == 1))
    };
    if m == 1 << 53 {
        m >>= 1;
        lsb += 1;
    }
    if lsb > 971 {
        return None;
    }
    let biased = if m >> 52 == 0 { 0 } else { (lsb + 1075) as u64 };
    Some(f64::from_bits(biased << 52 | m & ((1 << 52) - 1)))
}

/// The top 64 bits of `n` (the lowest sticky) and the power of two they are scaled by.
fn top_bits(n: &BigUint) -> (u64, i64) {
    let bits = n.bits();
    if bits <= 64 {
        return (n.to_u64().unwrap_or(0), 0);
    }
    let drop = bits - 64;
    let head = (n >> drop).to_u64().unwrap_or(0);
    let sticky = n.trailing_zeros().is_some_and(|z| z < drop);
    (head | u64::from(sticky), i64::try_from(drop).unwrap_or(i64::MAX))
}

fn signed(x: f64, negative: bool) -> f64 {
    if negative { -x } else { x }
}

/// `float(n)`, rounded half to even.
pub fn big_to_f64(n: &BigInt) -> Result<f64> {
    let (q, e) = top_bits(n.magnitude());
    scale(q, e)
        .map(|x| signed(x, n.sign() == Sign::Minus))
        .ok_or_else(|| TextError::overflow("int too large to convert to float"))
}

/// The integer part of `x`, exactly.
pub fn f64_to_big(x: f64) -> Result<BigInt> {
    if x.is_nan() {
        return Err(TextError::value("cannot convert float NaN to integer"));
    }
    if x.is_infinite() {
        return Err(TextError::overflow("cannot convert float infinity to integer"));
    }
    let (m, e) = mantissa(x.trunc());
    let n = BigInt::from(m);
    let n = if e >= 0 { n << e as u64 } else { n >> e.unsigned_abs() };
    Ok(if x < 0.0 { -n } else { n })
}

/// `|x| == m * 2**e` with an integer `m`, for finite `x`.
pub(crate) fn mantissa(x: f64) -> (u64, i64) {
    let bits = x.to_bits();
    let biased = (bits >> 52 & 0x7FF) as i64;
    let frac = bits & ((1 << 52) - 1);
    if biased == 0 {
        (frac, -1074)
    } else {
        (frac | 1 << 52, biased - 1075)
    }
}

/// `float.as_integer_ratio`.
pub fn as_integer_ratio(x: f64) -> Result<(BigInt, BigInt)> {
    if x.is_nan() {
        return Err(TextError::value("cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(TextError::overflow("cannot convert Infinity to integer ratio"));
    }
    let (mut m, mut e) = mantissa(x);
    if m == 0 {
        return Ok((BigInt::zero(), BigInt::one()));
    }
    let z = m.trailing_zeros();
    m >>= z;
    e += i64::from(z);
    let n = if x < 0.0 { -BigInt::from(m) } else { BigInt::from(m) };
    Ok(if e >= 0 {
        (n << e as u64, BigInt::one())
    } else {
        (n, BigInt::one() << e.unsigned_abs())
    })
}

/// `a / b` of integers, correctly rounded.
pub fn true_divide(a: &BigInt, b: &BigInt) -> Result<f64> {
    if b.is_zero() {
        return Err(TextError::new(ErrorKind::ZeroDivision, "division by zero"));
    }
    let negative = (a.sign() == Sign::Minus) != (b.sign() == Sign::Minus);
    if a.is_zero() {
        return Ok(signed(0.0, negative));
    }
    let too_large = || TextError::overflow("integer division result too large for a float");
    let (a, b) = (a.magnitude(), b.magnitude());
    let d = i64::try_from(a.bits()).unwrap_or(i64::MAX) - i64::try_from(b.bits()).unwrap_or(i64::MAX);
    if d > 1024 {
        return Err(too_large());
    }
    if d < -1080 {
        return Ok(signed(0.0, negative));
    }
    let e = (d - 60).max(-1140);
    let (num, den) = if e <= 0 {
        (a << e.unsigned_abs(), b.clone())
    } else {
        (a.clone(), b << e as u64)
    };
    let q = &num / &den;
    let inexact = &q * &den != num;
    let q = q.to_u64().unwrap_or(u64::MAX) | u64::from(inexact);
    scale(q, e).map(|x| signed(x, negative)).ok_or_else(too_large)
}

/// How `x` compares with `n`, exactly; `None` for NaN.
pub fn compare_f64_big(x: f64, n: &BigInt) -> Option<std::cmp::Ordering> {
    use std::cmp::Ordering;
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Greater } else { Ordering::Less });
    }
    let whole = f64_to_big(x).ok()?;
    Some(
        whole
            .cmp(n)
            .then_with(|| x.fract().partial_cmp(&0.0).unwrap_or(Ordering::Equal)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big(s: &str) -> BigInt {
        s.parse().unwrap()
    }

    #[test]
    fn big_to_float_rounds_half_even() {
        for (n, want) in [
            ("9007199254740993", 9007199254740992.0),
            ("9007199254740995", 9007199254740996.0),
            ("18014398509481985", 18014398509481984.0),
            ("18014398509481987", 18014398509481988.0),
            ("-36893488147419103233", -36893488147419103232.0),
            ("36893488147419107329", 36893488147419111424.0),
        ] {
            assert_eq!(big_to_f64(&big(n)).unwrap(), want, "{n}");
        }
        let max = (BigInt::one() << 1024u32) - (BigInt::one() << 970u32);
        assert!(big_to_f64(&max).is_err());
        assert_eq!(big_to_f64(&(max - 1)).unwrap(), f64::MAX);
    }

    #[test]
    fn float_to_big_is_exact() {
        assert_eq!(f64_to_big(-1e23).unwrap(), big("-99999999999999991611392"));
        assert_eq!(f64_to_big(-3.99).unwrap(), big("-3"));
        assert_eq!(f64_to_big(1e-300).unwrap(), big("0"));
        assert!(f64_to_big(f64::NAN).is_err());
        let (n, d) = as_integer_ratio(-0.75).unwrap();
        assert_eq!((n, d), (big("-3"), big("4")));
    }

    #[test]
    fn division() {
        let p = |k: u32| BigInt::one() << k;
        assert_eq!(true_divide(&big("1"), &big("3")).unwrap(), 1.0 / 3.0);
        assert_eq!(true_divide(&big("-7"), &big("2")).unwrap(), -3.5);
        assert_eq!(true_divide(&p(2000), &p(1999)).unwrap(), 2.0);
        assert_eq!(true_divide(&p(0), &p(1074)).unwrap(), f64::from_bits(1));
        assert_eq!(true_divide(&p(0), &p(1075)).unwrap(), 0.0);
        assert_eq!(true_divide(&big("3"), &p(1076)).unwrap(), f64::from_bits(1));
        assert_eq!(true_divide(&big("3"), &p(1075)).unwrap(), f64::from_bits(2));
        assert!(true_divide(&p(1024), &p(0)).is_err());
        assert_eq!(true_divide(&(p(2200) + 1), &p(1200)).unwrap(), 2f64.powi(1000));
    }
}
