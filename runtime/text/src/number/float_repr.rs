//! Floats to decimal text: `repr` and the `e`, `f`, `g` presentations.

use super::short;
use crate::error::{Result, TextError};
use std::fmt::Write;

/// A presentation of a float, in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatStyle {
    /// The shortest text that reads back the same.
    Repr,
    /// One digit, a point, `precision` digits, an exponent.
    Exponent,
    /// `precision` digits after the point.
    Fixed,
    /// `precision` significant digits, fixed or with an exponent, trailing zeros dropped.
    General,
}

/// Fraction digits beyond which every `f64` continues with zeros.
const MAX_DIGITS: usize = 1100;

/// `repr(x)`.
pub fn repr(x: f64) -> String {
    let mut out = String::with_capacity(24);
    let magnitude = x.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        // Rust's `Debug` writes these exactly as Python does, in one pass.
        let _ = write!(out, "{x:?}");
        if out.len() > 16
            && let Some(point) = out.find('.')
            && is_tie(x, (out.len() - point) as i64 - 1)
        {
            let digits = out.len() - point - 1;
            out.clear();
            let _ = write!(out, "{x:.digits$}");
        }
        return out;
    }
    layout_repr(x, true, &mut out);
    out
}

/// Whether a float lies halfway between two numbers of so many digits after the point. Of two texts that are as short and as near,
/// Rust takes the greater one, Python the even one.
fn is_tie(x: f64, digits: i64) -> bool {
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let mantissa = bits & ((1 << 52) - 1) | u64::from(exponent != 0) << 52;
    // As many digits after the point as bits.
    digits >= 0 && 1075 - exponent.max(1) - i64::from(mantissa.trailing_zeros()) == digits + 1
}

fn layout_repr(x: f64, dot0: bool, out: &mut String) {
    if push_special(x, out) {
        return;
    }
    let (mut digits, exponent) = split_exponent(&format!("{x:e}"));
    let after = digits.len() - 1;
    if is_tie(x, after as i64 - i64::from(exponent)) {
        digits = split_exponent(&format!("{x:.after$e}")).0;
    }
    push_sign(x, out);
    lay_out(&digits, exponent, !(-4..16).contains(&exponent), dot0, out);
}

fn push_sign(x: f64, out: &mut String) {
    if x.is_sign_negative() {
        out.push('-');
    }
}

/// Writes `nan`, `inf` or `-inf`.
fn push_special(x: f64, out: &mut String) -> bool {
    if x.is_nan() {
        out.push_str("nan");
    } else if x.is_infinite() {
        out.push_str(if x < 0.0 { "-inf" } else { "inf" });
    } else {
        return false;
    }
    true
}

/// The digits (no point, no sign) and the decimal exponent of Rust's `d.ddde±x`.
pub(crate) fn split_exponent(s: &str) -> (String, i32) {
    let (mantissa, exponent) = s.split_once('e').unwrap_or((s, "0"));
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
    (digits, exponent.parse().unwrap_or(0))
}

fn push_exponent(exponent: i32, out: &mut String) {
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
}

fn lay_out(digits: &str, exponent: i32, scientific: bool, dot0: bool, out: &mut String) {
    if scientific {
        let (head, tail) = digits.split_at(1);
        out.push_str(head);
        if !tail.is_empty() {
            out.push('.');
            out.push_str(tail);
        }
        push_exponent(exponent, out);
    } else if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-1 - exponent) as usize));
        out.push_str(digits);
    } else {
        let whole = exponent as usize + 1;
        if digits.len() > whole {
            out.push_str(&digits[..whole]);
            out.push('.');
            out.push_str(&digits[whole..]);
        } else {
            out.push_str(digits);
            out.extend(std::iter::repeat_n('0', whole - digits.len()));
            if dot0 {
                out.push_str(".0");
            }
        }
    }
}

/// What CPython's `PyOS_double_to_string` writes: a leading `-` only, lower case.
///
/// `alternate` keeps the point (and, for `General`, trailing zeros); `dot0` writes `.0` after a
/// whole number that has no exponent. A huge precision is an error.
pub fn format(x: f64, style: FloatStyle, precision: usize, alternate: bool, dot0: bool) -> Result<String> {
    let mut out = String::new();
    if push_special(x, &mut out) {
        return Ok(out);
    }
    // The digits before the point count against the same limit.
    if precision > i32::MAX as usize - 400 {
        return Err(TextError::value("precision too big"));
    }
    let near = precision.min(MAX_DIGITS);
    match style {
        FloatStyle::Repr => {
            layout_repr(x, dot0, &mut out);
            if alternate && !out.contains('.') {
                insert_point(&mut out);
            }
        }
        FloatStyle::Fixed => {
            if let Some(digits) = short::fixed(x, precision, None, &mut { short::EMPTY }) {
                out.reserve(digits.len() + 2);
                push_sign(x, &mut out);
                out.push_str(short::as_str(digits));
            } else {
                let _ = write!(out, "{x:.near$}");
            }
            push_zeros(&mut out, precision - near)?;
            if precision == 0 && (alternate || dot0) {
                out.push('.');
                if dot0 {
                    out.push('0');
                }
            }
        }
        FloatStyle::Exponent => {
            let s = format!("{x:.near$e}");
            let (mantissa, exponent) = s.split_once('e').unwrap_or((&s, "0"));
            out.push_str(mantissa);
            push_zeros(&mut out, precision - near)?;
            if precision == 0 && alternate {
                out.push('.');
            }
            push_exponent(exponent.parse().unwrap_or(0), &mut out);
        }
        FloatStyle::General => general(x, precision.max(1), alternate, dot0, &mut out)?,
    }
    Ok(out)
}

fn general(x: f64, precision: usize, alternate: bool, dot0: bool, out: &mut String) -> Result<()> {
    let near = precision.min(MAX_DIGITS) - 1;
    let (mut digits, exponent) = split_exponent(&format!("{x:.near$e}"));
    let limit = i64::try_from(precision).unwrap_or(i64::MAX) - i64::from(dot0);
    let scientific = exponent < -4 || i64::from(exponent) >= limit;
    if alternate {
        push_zeros(&mut digits, precision - 1 - near)?;
    } else {
        let kept = digits.trim_end_matches('0').len().max(1);
        digits.truncate(kept);
    }
    push_sign(x, out);
    out.try_reserve(digits.len() + 8)?;
    let from = out.len();
    lay_out(&digits, exponent, scientific, dot0, out);
    if alternate && !out[from..].contains('.') {
        insert_point(out);
    }
    Ok(())
}

fn insert_point(out: &mut String) {
    let at = out.find('e').unwrap_or(out.len());
    out.insert(at, '.');
}

fn push_zeros(out: &mut String, n: usize) -> Result<()> {
    out.try_reserve(n)?;
    out.extend(std::iter::repeat_n('0', n));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reprs_as_cpython() {
        for (x, want) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1e16, "1e+16"),
            (9999999999999998.0, "9999999999999998.0"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (1e15, "1000000000000000.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (-1e-300, "-1e-300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (-f64::NAN, "nan"),
        ] {
            assert_eq!(repr(x), want);
        }
    }

    #[test]
    fn halfway_between_two_reprs() {
        for (exact, want) in [
            ("-20.4466094970703125", "-20.446609497070312"),
            ("275433263752740.125", "275433263752740.12"),
            ("275433263752740.375", "275433263752740.38"),
            ("0.00000977516174316406250", "9.775161743164062e-06"),
        ] {
            assert_eq!(repr(exact.parse().unwrap()), want);
        }
    }

    #[test]
    fn styles_as_cpython() {
        use FloatStyle::*;
        for (x, style, p, alt, dot0, want) in [
            (2.5, Fixed, 0, false, false, "2"),
            (3.5, Fixed, 0, false, false, "4"),
            (0.125, Fixed, 2, false, false, "0.12"),
            (-0.0001, Fixed, 2, false, false, "-0.00"),
            (1.0, Fixed, 0, true, false, "1."),
            (1234.5, Exponent, 2, false, false, "1.23e+03"),
            (5.0, Exponent, 0, true, false, "5.e+00"),
            (0.0, Exponent, 3, false, false, "0.000e+00"),
            (100000.0, General, 6, false, false, "100000"),
            (1000000.0, General, 6, false, false, "1e+06"),
            (0.0001, General, 6, false, false, "0.0001"),
            (0.00001, General, 6, false, false, "1e-05"),
            (1.0, General, 6, true, false, "1.00000"),
            (1e10, General, 3, true, false, "1.00e+10"),
            (1e10, General, 1, true, false, "1.e+10"),
            (0.0, General, 6, false, false, "0"),
            (100.0, General, 3, false, true, "1e+02"),
            (10.0, General, 3, false, true, "10.0"),
        ] {
            assert_eq!(format(x, style, p, alt, dot0).unwrap(), want, "{x} {style:?} {p}");
        }
        assert_eq!(format(0.1, Fixed, 70_000, false, false).unwrap().len(), 70_002);
        assert!(format(0.1, Fixed, usize::MAX >> 1, false, false).is_err());
    }
}
