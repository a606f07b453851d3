//! `float(text)`.

use crate::error::{Result, TextError};
use crate::unicode::chars::{is_space, to_decimal};
use crate::view::StrView;

/// The ASCII text that number parsers read: spaces and decimal digits of any script replaced by
/// ASCII ones, whatever else by `?`.
pub(crate) fn numeric_ascii(s: StrView<'_>) -> Vec<u8> {
    s.iter()
        .map(|c| match c {
            0..=0x7F => c as u8,
            _ if is_space(c) => b' ',
            _ => to_decimal(c).map_or(b'?', |d| b'0' + d as u8),
        })
        .collect()
}

/// ASCII whitespace for numbers; the separators 0x1C-0x1F count in `str` only.
pub(crate) fn trim(mut b: &[u8], separators: bool) -> &[u8] {
    let space = |c: &u8| matches!(c, 0x09..=0x0D | 0x20) || separators && matches!(c, 0x1C..=0x1F);
    while let [first, rest @ ..] = b
        && space(first)
    {
        b = rest;
    }
    while let [rest @ .., last] = b
        && space(last)
    {
        b = rest;
    }
    b
}

/// Whether there is memory for copies of a very long text, and for a message that shows it.
fn room(len: usize) -> Result<()> {
    if len > 1 << 20 {
        Vec::<u8>::new().try_reserve(len.saturating_mul(4))?;
    }
    Ok(())
}

/// `float(str)`.
pub fn parse_float(s: StrView<'_>) -> Result<f64> {
    room(s.len())?;
    let parsed = match s {
        StrView::Latin1(b) if b.is_ascii() => parse_trimmed(trim(b, true)),
        _ => parse_trimmed(trim(&numeric_ascii(s), true)),
    };
    parsed.ok_or_else(|| {
        let shown = crate::str::repr::repr(s).view().to_utf8_lossy();
        TextError::value(format!("could not convert string to float: {shown}"))
    })
}

/// `float(bytes)`.
pub fn parse_float_bytes(b: &[u8]) -> Result<f64> {
    room(b.len())?;
    parse_trimmed(trim(b, false)).ok_or_else(|| {
        let shown = crate::bytes::repr::repr(b);
        TextError::value(format!("could not convert string to float: {shown}"))
    })
}

/// Reads a float with nothing around it; underscores may stand between digits.
pub fn parse_trimmed(b: &[u8]) -> Option<f64> {
    let body = b.strip_prefix(b"-").or_else(|| b.strip_prefix(b"+")).unwrap_or(b);
    let word = [&b"inf"[..], b"infinity", b"nan"]
        .iter()
        .any(|w| body.eq_ignore_ascii_case(w));
    if word {
        return std::str::from_utf8(b).ok()?.parse().ok();
    }
    let mut text = String::with_capacity(b.len());
    let mut rest = b;
    let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    let mut previous = None;
    let (mut point, mut exponent, mut digits) = (false, false, false);
    while let [c, tail @ ..] = rest {
        match c {
            b'0'..=b'9' => {
                digits = true;
                text.push(char::from(*c));
            }
            b'_' if digit(previous) && digit(tail.first()) => {}
            b'+' | b'-' if matches!(previous, None | Some(b'e' | b'E')) => {
                text.push(char::from(*c));
            }
            b'.' if !point && !exponent => {
                point = true;
                text.push('.');
            }
            b'e' | b'E' if digits && !exponent => {
                exponent = true;
                digits = false;
                text.push('e');
            }
            _ => return None,
        }
        previous = Some(c);
        rest = tail;
    }
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::StrBuf;

    #[test]
    fn floats_as_cpython() {
        let f = |s: &str| parse_float(StrBuf::from(s).view());
        for (s, want) in [
            (" 1_0.5_0 ", 10.5),
            ("1e1_0", 1e10),
            (".5", 0.5),
            ("5.", 5.0),
            ("-INFinity", f64::NEG_INFINITY),
            ("\u{661}\u{662}.\u{665}\u{2003}", 12.5),
            ("1e400", f64::INFINITY),
            ("2.2250738585072011e-308", 2.225073858507201e-308),
            ("\x1c1", 1.0),
        ] {
            assert_eq!(f(s).unwrap(), want, "{s}");
        }
        for bad in [
            "", " ", "_1", "1_", "1__0", "1_.0", "1._0", "1e_5", "e5", ".", "1e", "++1", "1 2", "0x1", "na", "1.e.5",
            ".e5",
        ] {
            assert!(f(bad).is_err(), "{bad}");
        }
        assert_eq!(
            f("a'").unwrap_err().message,
            "could not convert string to float: \"a'\""
        );
        assert!(parse_float_bytes(b"\x1c1").is_err());
    }
}
