//! `complex(text)`.

use super::float_parse::{numeric_ascii, parse_trimmed, trim};
use crate::error::{Result, TextError};
use crate::view::StrView;

fn malformed() -> TextError {
    TextError::value("complex() arg is a malformed string")
}

/// Real and imaginary part.
pub fn parse_complex(s: StrView<'_>) -> Result<(f64, f64)> {
    let text = numeric_ascii(s);
    let Some(plain) = without_underscores(&text) else {
        let shown = crate::str::repr::repr(s).view().to_utf8_lossy();
        return Err(TextError::value(format!(
            "could not convert string to complex: {shown}"
        )));
    };
    let mut b = trim(&plain, true);
    if let [b'(', rest @ ..] = b {
        b = rest.strip_suffix(b")").ok_or_else(malformed)?;
        b = trim(b, true);
    }
    parts(b).ok_or_else(malformed)
}

/// Drops underscores between digits; `None` when one is elsewhere.
fn without_underscores(b: &[u8]) -> Option<Vec<u8>> {
    let digit = |i: Option<usize>| i.and_then(|i| b.get(i)).is_some_and(u8::is_ascii_digit);
    let mut out = Vec::with_capacity(b.len());
    for (i, c) in b.iter().enumerate() {
        if *c != b'_' {
            out.push(*c);
        } else if !digit(i.checked_sub(1)) || !digit(i.checked_add(1)) {
            return None;
        }
    }
    Some(out)
}

fn parts(b: &[u8]) -> Option<(f64, f64)> {
    let is_j = |b: &[u8]| matches!(b, [b'j' | b'J']);
    let n = float_prefix(b);
    if n == 0 {
        return Some((0.0, bare_unit(b)?));
    }
    let x = parse_trimmed(&b[..n])?;
    let rest = &b[n..];
    match rest {
        [] => Some((x, 0.0)),
        _ if is_j(rest) => Some((0.0, x)),
        [b'+' | b'-', ..] => match float_prefix(rest) {
            0 => Some((x, bare_unit(rest)?)),
            m if is_j(&rest[m..]) => Some((x, parse_trimmed(&rest[..m])?)),
            _ => None,
        },
        _ => None,
    }
}

/// `j`, `+j` or `-j`.
fn bare_unit(b: &[u8]) -> Option<f64> {
    match b {
        [b'j' | b'J'] | [b'+', b'j' | b'J'] => Some(1.0),
        [b'-', b'j' | b'J'] => Some(-1.0),
        _ => None,
    }
}

/// The length of the longest float at the start.
fn float_prefix(b: &[u8]) -> usize {
    let sign = usize::from(matches!(b.first(), Some(b'+' | b'-')));
    let body = &b[sign..];
    for word in [&b"infinity"[..], b"inf", b"nan"] {
        if body.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word)) {
            return sign + word.len();
        }
    }
    let run = |from: usize| body.iter().skip(from).take_while(|c| c.is_ascii_digit()).count();
    let whole = run(0);
    let mut end = whole;
    if body.get(end) == Some(&b'.') {
        let fraction = run(end + 1);
        if whole + fraction == 0 {
            return 0;
        }
        end += 1 + fraction;
    }
    if end == 0 {
        return 0;
    }
    if let Some(b'e' | b'E') = body.get(end) {
        let signed = usize::from(matches!(body.get(end + 1), Some(b'+' | b'-')));
        let digits = run(end + 1 + signed);
        if digits > 0 {
            end += 1 + signed + digits;
        }
    }
    sign + end
}
