//! `float.hex` and `float.fromhex`.

use super::exact::{mantissa, scale};
use super::float_parse::trim;
use crate::error::{Result, TextError};

/// `x.hex()`.
pub fn to_hex(x: f64) -> String {
    if !x.is_finite() {
        return super::float_repr::repr(x);
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (m, e) = mantissa(x);
    format!("{sign}0x{}.{:013x}p{:+}", m >> 52, m & ((1 << 52) - 1), e + 52)
}

fn invalid() -> TextError {
    TextError::value("invalid hexadecimal floating-point string")
}

/// `float.fromhex(text)`; the caller gives ASCII text (anything else is invalid).
pub fn from_hex(text: &[u8]) -> Result<f64> {
    let s = trim(text, false);
    let (negative, body) = match s {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, s),
    };
    let x = if body.eq_ignore_ascii_case(b"inf") || body.eq_ignore_ascii_case(b"infinity") {
        f64::INFINITY
    } else if body.eq_ignore_ascii_case(b"nan") {
        f64::NAN
    } else {
        magnitude(body)?
    };
    Ok(if negative { -x } else { x })
}

fn magnitude(body: &[u8]) -> Result<f64> {
    let body = match body {
        [b'0', b'x' | b'X', rest @ ..] => rest,
        _ => body,
    };
    let (mut q, mut scale_bits, mut digits) = (0u64, 0i64, 0usize);
    let mut point = false;
    let mut rest = body;
    while let [c, tail @ ..] = rest {
        match char::from(*c).to_digit(16) {
            Some(d) => {
                digits += 1;
                if q >> 60 == 0 {
                    q = q << 4 | u64::from(d);
                    scale_bits -= if point { 4 } else { 0 };
                } else {
                    q |= u64::from(d != 0);
                    scale_bits += if point { 0 } else { 4 };
                }
            }
            None if *c == b'.' && !point => point = true,
            None => break,
        }
        rest = tail;
    }
    if digits == 0 {
        return Err(invalid());
    }
    let mut exponent = 0i64;
    if let [b'p' | b'P', tail @ ..] = rest {
        let (negative, tail) = match tail {
            [b'-', t @ ..] => (true, t),
            [b'+', t @ ..] => (false, t),
            _ => (false, tail),
        };
        let run = tail.iter().take_while(|d| d.is_ascii_digit()).count();
        if run == 0 {
            return Err(invalid());
        }
        for d in &tail[..run] {
            exponent = exponent.saturating_mul(10).saturating_add(i64::from(d - b'0'));
        }
        exponent = exponent.min(i64::MAX / 4);
        if negative {
            exponent = -exponent;
        }
        rest = &tail[run..];
    }
    // Overflow is noticed before trailing characters are.
    let x = scale(q, scale_bits.saturating_add(exponent))
        .ok_or_else(|| TextError::overflow("hexadecimal value too large to represent as a float"))?;
    if rest.is_empty() { Ok(x) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        for (x, want) in [
            (1.0, "0x1.0000000000000p+0"),
            (-0.1, "-0x1.999999999999ap-4"),
            (5e-324, "0x0.0000000000001p-1022"),
            (-0.0, "-0x0.0p+0"),
            (f64::MAX, "0x1.fffffffffffffp+1023"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(to_hex(x), want);
            assert_eq!(from_hex(want.as_bytes()).unwrap().to_bits(), x.to_bits());
        }
    }

    #[test]
    fn reading() {
        for (s, want) in [
            (" 0X.8P1\n", 1.0),
            ("ff", 255.0),
            ("1.", 1.0),
            ("0x1.00000000000008p0", 1.0),
            ("0x1.000000000000080000001p0", 1.0000000000000002),
            ("0x1.00000000000018p0", 1.0000000000000004),
            ("0x0.0000000000000000000000000000001p124", 1.0),
            ("0x1p-1075", 0.0),
            ("0x1.8p-1075", 5e-324),
            ("0x1p-99999999999999999999", 0.0),
        ] {
            assert_eq!(from_hex(s.as_bytes()).unwrap(), want, "{s}");
        }
        for bad in ["", ".", "0x", "p1", "1p", "1p+", "1..2", "g", "1 2"] {
            assert!(from_hex(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(from_hex(b"0x1p1024").is_err());
        assert!(from_hex(b"0x1.fffffffffffff8p1023").is_err());
    }
}
