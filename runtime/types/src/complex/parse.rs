//! `complex(text)`.

use skein_text::number::float_parse::parse_trimmed;

/// Length of the float that begins the text; 0 if none does.
fn float_length(b: &[u8]) -> usize {
    let sign = usize::from(matches!(b.first(), Some(b'+' | b'-')));
    let body = b.get(sign..).unwrap_or(&[]);
    for word in [&b"infinity"[..], b"inf", b"nan"] {
        if body.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word)) {
            return sign + word.len();
        }
    }
    let run = |from: usize| {
        body.iter()
            .skip(from)
            .take_while(|c| c.is_ascii_digit() || **c == b'_')
            .count()
    };
    let whole = run(0);
    let mut end = whole;
    let mut digits = whole;
    if body.get(end) == Some(&b'.') {
        let fraction = run(end + 1);
        digits += fraction;
        end += 1 + fraction;
    }
    if digits == 0 {
        return 0;
    }
    if matches!(body.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(body.get(end + 1), Some(b'+' | b'-')));
        let exponent = run(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    sign + end
}

fn trim(mut b: &[u8]) -> &[u8] {
    let space = |c: &u8| matches!(c, 0x09..=0x0D | 0x1C..=0x20);
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

/// Reads a complex number; `None` is bad syntax. Characters beyond ASCII have been replaced already.
pub fn parse(text: &[u8]) -> Option<(f64, f64)> {
    let mut b = trim(text);
    if let [b'(', inner @ .., b')'] = b {
        b = trim(inner);
    }
    let unit = |b: &[u8]| matches!(b, [b'j' | b'J']);
    let n = float_length(b);
    if n == 0 {
        return match b {
            [b'+', rest @ ..] if unit(rest) => Some((0.0, 1.0)),
            [b'-', rest @ ..] if unit(rest) => Some((0.0, -1.0)),
            rest if unit(rest) => Some((0.0, 1.0)),
            _ => None,
        };
    }
    let (head, rest) = b.split_at(n);
    let x = parse_trimmed(head)?;
    if rest.is_empty() {
        return Some((x, 0.0));
    }
    if unit(rest) {
        return Some((0.0, x));
    }
    if !matches!(rest.first(), Some(b'+' | b'-')) {
        return None;
    }
    let n = float_length(rest);
    let (y, rest) = if n == 0 {
        let y = if rest.first() == Some(&b'-') { -1.0 } else { 1.0 };
        (y, rest.get(1..)?)
    } else {
        let (number, rest) = rest.split_at(n);
        (parse_trimmed(number)?, rest)
    };
    unit(rest).then_some((x, y))
}
