//! `int(text, base)`.

use super::Int;
use super::float_parse::{numeric_ascii, trim};
use crate::error::{Result, TextError};
use crate::view::StrView;
use num_bigint::{BigInt, BigUint, Sign};

/// `int(str, base)`. `max_digits` is the limit for bases that are not powers of two; 0 is none.
pub fn parse_int(s: StrView<'_>, base: u32, max_digits: usize) -> Result<Int> {
    let parsed = match s {
        StrView::Latin1(b) if b.is_ascii() => parse_ascii(trim(b, true), base, max_digits),
        _ => parse_ascii(trim(&numeric_ascii(s), true), base, max_digits),
    };
    parsed?.ok_or_else(|| invalid(base, &crate::str::repr::repr(s).view().to_utf8_lossy()))
}

/// `int(bytes, base)`.
pub fn parse_int_bytes(b: &[u8], base: u32, max_digits: usize) -> Result<Int> {
    parse_ascii(trim(b, false), base, max_digits)?.ok_or_else(|| invalid(base, &crate::bytes::repr::repr(b)))
}

fn invalid(base: u32, shown: &str) -> TextError {
    let shown: String = shown.chars().take(200).collect();
    TextError::value(format!("invalid literal for int() with base {base}: {shown}"))
}

/// Refuses a base that `int` refuses.
pub fn check_base(base: i64) -> Result<u32> {
    match base {
        0 | 2..=36 => Ok(base as u32),
        _ => Err(TextError::value("int() base must be >= 2 and <= 36, or 0")),
    }
}

/// Reads an integer with nothing around it. `Ok(None)` is bad syntax, an error the digit limit.
pub fn parse_ascii(b: &[u8], base: u32, max_digits: usize) -> Result<Option<Int>> {
    if base == 10
        && let Some(n) = short_decimal(b)
    {
        return Ok(Some(Int::Small(n)));
    }
    let (negative, body) = match b {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, b),
    };
    let prefix = match body {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let (radix, body, zero_only) = match base {
        0 if prefix != 0 => (prefix, &body[2..], false),
        0 => (10, body, body.first() == Some(&b'0')),
        _ if prefix == base => (base, &body[2..], false),
        _ => (base, body, false),
    };
    let body = if prefix == radix && body.len() > 1 {
        body.strip_prefix(b"_").unwrap_or(body)
    } else {
        body
    };
    let Some(digits) = digit_values(body, radix) else {
        return Ok(None);
    };
    if zero_only && digits.iter().any(|&d| d != 0) {
        return Ok(None);
    }
    Ok(Some(from_digits(negative, &digits, radix, max_digits)?))
}

/// The usual case: an optional sign and up to 18 digits, nothing else.
fn short_decimal(b: &[u8]) -> Option<i64> {
    let digits = match b {
        [b'-' | b'+', rest @ ..] => rest,
        _ => b,
    };
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n = digits.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0'));
    Some(if b[0] == b'-' { -n } else { n })
}

/// The digit values; `None` when there is none, or an odd character or underscore.
fn digit_values(body: &[u8], radix: u32) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut after_digit = false;
    for &c in body {
        if c == b'_' {
            if !after_digit {
                return None;
            }
            after_digit = false;
        } else {
            out.push(char::from(c).to_digit(radix)? as u8);
            after_digit = true;
        }
    }
    after_digit.then_some(out)
}

fn from_digits(negative: bool, digits: &[u8], radix: u32, max_digits: usize) -> Result<Int> {
    if let Some(small) = small(digits, radix) {
        return Ok(Int::Small(if negative { -small } else { small }));
    }
    if !radix.is_power_of_two() && max_digits > 0 && digits.len() > max_digits {
        return Err(TextError::value(format!(
            "Exceeds the limit ({max_digits} digits) for integer string conversion: value has \
             {} digits; use sys.set_int_max_str_digits() to increase the limit",
            digits.len()
        )));
    }
    let magnitude = if radix.is_power_of_two() {
        BigUint::from_radix_be(digits, radix).unwrap_or_default()
    } else {
        halves(digits, radix, &mut Vec::new())
    };
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    Ok(Int::from_big(BigInt::from_biguint(sign, magnitude)))
}

fn small(digits: &[u8], radix: u32) -> Option<i64> {
    if digits.len() > 64 {
        return None;
    }
    digits
        .iter()
        .try_fold(0i64, |n, &d| n.checked_mul(i64::from(radix))?.checked_add(i64::from(d)))
}

/// Digits converted directly; below this the quadratic method wins.
const LEAF: usize = 400;

/// Divide and conquer: the low part has `LEAF << k` digits, and `powers[k]` is the base to that.
fn halves(digits: &[u8], radix: u32, powers: &mut Vec<BigUint>) -> BigUint {
    if digits.len() <= LEAF {
        return BigUint::from_radix_be(digits, radix).unwrap_or_default();
    }
    let k = (digits.len() - 1).div_ceil(LEAF).ilog2() as usize;
    let k = if LEAF << k >= digits.len() { k - 1 } else { k };
    while powers.len() <= k {
        let next = match powers.last() {
            Some(p) => p * p,
            None => BigUint::from(radix).pow(LEAF as u32),
        };
        powers.push(next);
    }
    let (high, low) = digits.split_at(digits.len() - (LEAF << k));
    let high = halves(high, radix, powers);
    let low = halves(low, radix, powers);
    high * &powers[k] + low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::StrBuf;

    #[test]
    fn ints_as_cpython() {
        let p = |s: &str, base| parse_int(StrBuf::from(s).view(), base, 4300);
        for (s, base, want) in [
            (" 1_000\n", 10, 1000),
            ("-0x_ff", 0, -255),
            ("0b101", 0, 5),
            ("0b1", 16, 0xb1),
            ("0o17", 8, 15),
            ("0_0", 0, 0),
            ("-0", 0, 0),
            ("z", 36, 35),
            ("\u{663}\u{664}", 10, 34),
            ("012", 10, 12),
            ("-9223372036854775808", 10, i64::MIN),
        ] {
            assert_eq!(p(s, base), Ok(Int::Small(want)), "{s}");
        }
        for (s, base) in [
            ("", 10),
            ("012", 0),
            ("_1", 10),
            ("1_", 10),
            ("1__2", 10),
            ("0x", 16),
            ("0x_", 16),
            ("- 1", 10),
            ("2", 2),
            ("1.0", 10),
            ("0_x1", 0),
            ("0x__1", 0),
            ("+-1", 10),
        ] {
            assert!(p(s, base).is_err(), "{s}");
        }
        assert_eq!(
            p("a\u{20ac}", 0).unwrap_err().message,
            "invalid literal for int() with base 0: 'a\u{20ac}'"
        );
    }

    #[test]
    fn big_ints_and_the_limit() {
        let s = "1".repeat(4301);
        let v = StrView::Latin1(s.as_bytes());
        assert_eq!(
            parse_int(v, 10, 4300).unwrap_err().message,
            "Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; \
             use sys.set_int_max_str_digits() to increase the limit"
        );
        let Int::Big(n) = parse_int(v, 10, 0).unwrap() else {
            panic!()
        };
        assert_eq!(n.to_string(), s);
        for len in [399, 400, 401, 800, 801, 1201, 3333] {
            let s: String = (0..len).map(|i| char::from(b'1' + (i * 7 % 9) as u8)).collect();
            let Int::Big(n) = parse_int(StrView::Latin1(s.as_bytes()), 10, 0).unwrap() else {
                panic!()
            };
            assert_eq!(n.to_string(), s);
        }
    }
}
