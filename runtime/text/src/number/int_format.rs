//! Integers to text in any base.

use super::{Int, short};
use crate::error::{Result, TextError};
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::Zero;

/// The digits of `n` in `base` (2 to 36), lower case, with `-` and no prefix. `max_digits` limits
/// decimal text of big integers; 0 is no limit.
pub fn to_string(n: &Int, base: u32, max_digits: usize) -> Result<String> {
    match n {
        Int::Small(n) => Ok(small(*n, base)),
        Int::Big(n) => big(n, base, max_digits),
    }
}

/// As [`to_string`], of a machine integer.
pub fn small(n: i64, base: u32) -> String {
    if !matches!(base, 2 | 8 | 10 | 16) {
        return BigInt::from(n).to_str_radix(base.clamp(2, 36));
    }
    let mut room = short::EMPTY;
    let digits = short::digits(n.unsigned_abs(), base, false, &mut room);
    let mut out = String::with_capacity(digits.len() + 1);
    if n < 0 {
        out.push('-');
    }
    out.push_str(short::as_str(digits));
    out
}

/// As [`to_string`], of a big integer.
pub fn big(n: &BigInt, base: u32, max_digits: usize) -> Result<String> {
    if base.is_power_of_two() || base != 10 {
        return Ok(n.to_str_radix(base.clamp(2, 36)));
    }
    let bits = n.bits();
    // A number of `bits` bits has at least (bits - 1) * log10(2) digits.
    let at_least = (bits.saturating_sub(1) as f64 * std::f64::consts::LOG10_2) as usize;
    if max_digits > 0 && at_least > max_digits {
        return Err(limit(max_digits));
    }
    let mut out = String::new();
    if n.sign() == Sign::Minus {
        out.push('-');
    }
    decimal(n.magnitude(), &mut out);
    let digits = out.len() - usize::from(n.sign() == Sign::Minus);
    if max_digits > 0 && digits > max_digits {
        return Err(limit(max_digits));
    }
    Ok(out)
}

fn limit(max_digits: usize) -> TextError {
    TextError::value(format!(
        "Exceeds the limit ({max_digits} digits) for integer string conversion; use \
         sys.set_int_max_str_digits() to increase the limit"
    ))
}

fn decimal(n: &BigUint, out: &mut String) {
    if n.is_zero() {
        out.push('0');
        return;
    }
    out.push_str(&n.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_and_limit() {
        assert_eq!(small(-255, 16), "-ff");
        assert_eq!(small(i64::MIN, 2), format!("-1{}", "0".repeat(63)));
        let n = BigInt::from(10).pow(4300);
        assert_eq!(
            big(&n, 10, 4300).unwrap_err().message,
            "Exceeds the limit (4300 digits) for integer string conversion; use \
             sys.set_int_max_str_digits() to increase the limit"
        );
        assert_eq!(big(&(n - 1), 10, 4300).unwrap(), "9".repeat(4300));
        assert_eq!(big(&-(BigInt::from(1) << 64u32), 16, 1).unwrap(), "-10000000000000000");
    }
}
