//! `round`, correctly rounded half to even on the exact decimal value.

use super::float_repr::split_exponent;
use super::short;
use crate::error::{Result, TextError};
use num_bigint::{BigInt, Sign};
use num_traits::{One, Zero};

/// `round(x, ndigits)` of a float.
pub fn round_float(x: f64, ndigits: i64) -> Result<f64> {
    if !x.is_finite() || x == 0.0 || ndigits > 323 {
        return Ok(x);
    }
    if ndigits < -308 {
        return Ok(0.0 * x);
    }
    if let Some(r) = usize::try_from(ndigits).ok().and_then(|n| short::round(x, n)) {
        return Ok(r);
    }
    let text = if ndigits >= 0 {
        format!("{x:.*}", ndigits as usize)
    } else {
        let (_, exponent) = split_exponent(&format!("{:e}", x.abs()));
        let exact = format!("{:.1100e}", x.abs());
        let (digits, exponent) = match split_exponent(&exact) {
            (d, e) if e == exponent => (d, e),
            _ => return Ok(x),
        };
        let keep = i64::from(exponent) + 1 + ndigits;
        match keep {
            1.. => format!("{x:.*e}", keep as usize - 1),
            // Up only beyond exactly one half: 5 followed by something, or more.
            0 if digits.as_bytes() > half(digits.len()).as_slice() => {
                format!("{}1e{}", if x < 0.0 { "-" } else { "" }, -ndigits)
            }
            _ => return Ok(0.0 * x),
        }
    };
    let r: f64 = text.parse().unwrap_or(x);
    if r.is_finite() {
        Ok(r)
    } else {
        Err(TextError::overflow("rounded value too large to represent"))
    }
}

fn half(len: usize) -> Vec<u8> {
    let mut h = vec![b'0'; len];
    h[0] = b'5';
    h
}

/// `round(n, -digits)` of an integer: to the nearest multiple of `10**digits`, ties to even.
pub fn round_int(n: &BigInt, digits: u64) -> BigInt {
    // 10**digits exceeds twice |n| once digits passes the bit length.
    if digits > n.bits().saturating_add(2) {
        return BigInt::zero();
    }
    let Ok(digits) = u32::try_from(digits) else {
        return BigInt::zero();
    };
    let unit = BigInt::from(10).pow(digits);
    let mut q = n / &unit;
    let rest = n - &q * &unit;
    let twice = BigInt::from_biguint(Sign::Plus, rest.magnitude() << 1u32);
    if twice > unit || (twice == unit && q.bit(0)) {
        q += if n.sign() == Sign::Minus {
            -BigInt::one()
        } else {
            BigInt::one()
        };
    }
    q * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_as_cpython() {
        for (x, n, want) in [
            (2.675, 2, 2.67),
            (0.5, 0, 0.0),
            (2.5, 0, 2.0),
            (-0.125, 2, -0.12),
            (25.0, -1, 20.0),
            (35.0, -1, 40.0),
            (25.000001, -1, 30.0),
            (5.0, -1, 0.0),
            (5.1, -1, 10.0),
            (-6.0, -1, -10.0),
            (4.0, -2, 0.0),
            (1234567.0, -3, 1235000.0),
            (1e300, -400, 0.0),
            (1.1, 400, 1.1),
            (150.0, -2, 200.0),
            (99.9, -2, 100.0),
        ] {
            assert_eq!(round_float(x, n).unwrap(), want, "round({x}, {n})");
        }
        assert!(round_float(f64::MAX, -308).is_err());
        assert!(round_float(-0.4, 0).unwrap().is_sign_negative());
    }

    #[test]
    fn rounding_ints() {
        for (n, d, want) in [
            (25, 1, 20),
            (35, 1, 40),
            (-25, 1, -20),
            (-26, 1, -30),
            (5, 99, 0),
            (51, 2, 100),
            (50, 2, 0),
        ] {
            assert_eq!(round_int(&BigInt::from(n), d), BigInt::from(want), "{n} {d}");
        }
    }
}
