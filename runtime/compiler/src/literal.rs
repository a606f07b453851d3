//! Values of literals.

use num_bigint::{BigInt, Sign};
use ruff_python_ast::{ExprStringLiteral, Number, StringLiteral};
use ruff_text_size::Ranged;
use skein_bytecode::Const;

/// Parses decimal digits, or digits with a prefix 0x, 0o or 0b, with an optional minus sign.
pub(crate) fn parse_big(s: &str) -> Option<BigInt> {
    let (neg, s) = match s.strip_prefix('-') {
        Some(r) => (true, r),
        None => (false, s),
    };
    let lower = s.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        _ => (10, &lower[..]),
    };
    let digits: Vec<u8> = digits.bytes().filter(|&b| b != b'_').collect();
    let v = BigInt::parse_bytes(&digits, radix)?;
    Some(if neg && v.sign() != Sign::NoSign { -v } else { v })
}

pub(crate) fn number(n: &Number) -> Option<Const> {
    Some(match n {
        Number::Int(i) => match i.as_i64() {
            Some(v) if v < 1 << 62 => Const::Int(v),
            _ => {
                let text = i.to_string();
                let plain: String = text.chars().filter(|&c| c != '_').collect();
                let lower = plain.to_ascii_lowercase();
                if lower.starts_with("0o") || lower.starts_with("0b") {
                    crate::fold::int_const(&parse_big(&lower)?)
                } else {
                    Const::BigInt(lower.into())
                }
            }
        },
        Number::Float(f) => Const::Float(*f),
        Number::Complex { real, imag } => Const::Complex(*real, *imag),
    })
}

/// The value of a string literal as WTF-8. The parser cannot represent lone surrogates: such literals are decoded again.
pub(crate) fn string(s: &ExprStringLiteral, source: &str) -> Box<[u8]> {
    let mut out = Vec::new();
    for part in &s.value {
        string_part(part, source, &mut out);
    }
    out.into()
}

pub(crate) fn string_part(part: &StringLiteral, source: &str, out: &mut Vec<u8>) {
    if part.value.contains('\u{FFFD}') && !part.flags.prefix().is_raw() {
        let r = part.content_range();
        if let Some(text) = source.get(r.start().to_usize()..r.end().to_usize())
            && decode_escapes(text, out, false)
        {
            return;
        }
    }
    out.extend(part.value.as_bytes());
}

pub(crate) fn literal_element(
    e: &ruff_python_ast::InterpolatedStringLiteralElement,
    source: &str,
    raw: bool,
    out: &mut Vec<u8>,
) {
    if e.value.contains('\u{FFFD}') && !raw {
        let r = e.range();
        if let Some(text) = source.get(r.start().to_usize()..r.end().to_usize())
            && decode_escapes(text, out, true)
        {
            return;
        }
    }
    out.extend(e.value.as_bytes());
}

fn push_code_point(c: u32, out: &mut Vec<u8>) {
    match char::from_u32(c) {
        Some(ch) => {
            let mut buf = [0; 4];
            out.extend(ch.encode_utf8(&mut buf).as_bytes());
        }
        None => out.extend([
            0xE0 | (c >> 12) as u8,
            0x80 | (c >> 6 & 0x3F) as u8,
            0x80 | (c & 0x3F) as u8,
        ]),
    }
}

/// Decodes the text between the quotes. False (with `out` unchanged) if it holds something only the parser can decode.
fn decode_escapes(text: &str, out: &mut Vec<u8>, braces: bool) -> bool {
    let start = out.len();
    let mut it = text.chars().peekable();
    while let Some(c) = it.next() {
        if c == '\r' {
            if it.peek() == Some(&'\n') {
                it.next();
            }
            out.push(b'\n');
            continue;
        }
        if braces && (c == '{' || c == '}') && it.peek() == Some(&c) {
            it.next();
        }
        if c != '\\' {
            push_code_point(c as u32, out);
            continue;
        }
        let Some(e) = it.next() else { break };
        let digits = match e {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            'N' => {
                out.truncate(start);
                return false;
            }
            _ => 0,
        };
        if digits > 0 {
            let mut v = 0;
            for _ in 0..digits {
                match it.next().and_then(|c| c.to_digit(16)) {
                    Some(d) => v = v << 4 | d,
                    None => {
                        out.truncate(start);
                        return false;
                    }
                }
            }
            if v > 0x10FFFF {
                out.truncate(start);
                return false;
            }
            push_code_point(v, out);
            continue;
        }
        match e {
            '\n' => {}
            '\r' => {
                if it.peek() == Some(&'\n') {
                    it.next();
                }
            }
            '\\' | '\'' | '"' => out.push(e as u8),
            'a' => out.push(7),
            'b' => out.push(8),
            'f' => out.push(12),
            'n' => out.push(10),
            'r' => out.push(13),
            't' => out.push(9),
            'v' => out.push(11),
            '0'..='7' => {
                let mut v = e.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    match it.peek().and_then(|c| c.to_digit(8)) {
                        Some(d) => {
                            v = v << 3 | d;
                            it.next();
                        }
                        None => break,
                    }
                }
                push_code_point(v, out);
            }
            other => {
                out.push(b'\\');
                push_code_point(other as u32, out);
            }
        }
    }
    true
}
