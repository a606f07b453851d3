//! Escape notations: unicode_escape, raw_unicode_escape, and that of bytes literals.

use crate::support::{self, DATA, decode_bytes, encode, errors, pair, text_or_bytes, truth};
use skein_object::context::hooks;
use skein_object::error::{Result, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::{Args, BytesBody, Context, Ref, statics as s, str};
use skein_text::codec::escape;
use std::fmt::Write;

pub fn unicode_escape_encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    encode(cx, a, "unicode_escape_encode", |t, _| {
        Ok(escape::encode_unicode_escape(t))
    })
}

pub fn raw_unicode_escape_encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    encode(cx, a, "raw_unicode_escape_encode", |t, _| {
        Ok(escape::encode_raw_unicode_escape(t))
    })
}

fn warn(cx: &Context, prefix: &str, octal: bool, shown: &str) -> Result<()> {
    let kind = if octal { "octal " } else { "" };
    (hooks().warn)(
        cx,
        &s::DEPRECATION_WARNING,
        &format!(
            "{prefix}\"\\{shown}\" is an invalid {kind}escape sequence. Such sequences will not work in the future. "
        ),
        1,
    )
}

pub fn unicode_escape_decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let errors = errors(cx, a, "unicode_escape_decode")?;
    let last = truth(cx, a, 2, true)?;
    let data = text_or_bytes(cx, a.at(DATA))?;
    let mut invalid = None;
    let (text, used) = decode_bytes(cx, &data, errors.as_deref(), |b, h| {
        let (text, used, bad) = escape::decode_unicode_escape(b, last, h)?;
        invalid = bad.map(|bad| {
            let shown = match bad.octal {
                Some(n) => format!("{n:o}"),
                None => b
                    .get(bad.at + 1)
                    .map_or_else(String::new, |c| char::from(*c).to_string()),
            };
            (bad.octal.is_some(), shown)
        });
        Ok((text, used))
    })?;
    if let Some((octal, shown)) = invalid {
        warn(cx, "", octal, &shown)?;
    }
    pair(text, used)
}

pub fn raw_unicode_escape_decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let errors = errors(cx, a, "raw_unicode_escape_decode")?;
    let last = truth(cx, a, 2, true)?;
    let data = text_or_bytes(cx, a.at(DATA))?;
    let (text, used) = decode_bytes(cx, &data, errors.as_deref(), |b, h| {
        escape::decode_raw_unicode_escape(b, last, h)
    })?;
    pair(text, used)
}

pub fn escape_encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    support::errors(cx, a, "escape_encode")?;
    let Some(data) = a.at(DATA).body::<BytesBody>() else {
        return Err(type_error(format!(
            "escape_encode() argument 1 must be bytes, not {}",
            a.at(DATA).ty().name()
        )));
    };
    let mut out = String::new();
    for &c in data.as_slice() {
        match c {
            b'\\' | b'\'' => {
                out.push('\\');
                out.push(char::from(c));
            }
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            0x20..=0x7e => out.push(char::from(c)),
            _ => {
                let _ = write!(out, "\\x{c:02x}");
            }
        }
    }
    pair(str::bytes(out.as_bytes())?, data.len())
}

/// What a bytes escape is; `at` is that of the backslash.
enum Piece {
    Byte(u8, usize),
    Nothing(usize),
    /// Octal beyond 0o377: the low byte, and the value.
    TooBig(u8, u32, usize),
    Unknown(usize),
    BadHex,
}

fn piece(input: &[u8], at: usize) -> Option<Piece> {
    let c = *input.get(at + 1)?;
    let simple = match c {
        b'\n' => return Some(Piece::Nothing(at + 2)),
        b'\\' | b'\'' | b'"' => c,
        b'a' => 7,
        b'b' => 8,
        b't' => 9,
        b'n' => 10,
        b'v' => 11,
        b'f' => 12,
        b'r' => 13,
        b'0'..=b'7' => {
            let digits: Vec<u32> = input
                .iter()
                .skip(at + 1)
                .take(3)
                .map_while(|d| char::from(*d).to_digit(8))
                .collect();
            let n = digits.iter().fold(0, |n, d| n * 8 + d);
            let end = at + 1 + digits.len();
            return Some(match u8::try_from(n) {
                Ok(b) => Piece::Byte(b, end),
                Err(_) => Piece::TooBig(n as u8, n, end),
            });
        }
        b'x' => {
            let digit = |i: usize| input.get(i).and_then(|d| char::from(*d).to_digit(16));
            return Some(match (digit(at + 2), digit(at + 3)) {
                (Some(h), Some(l)) => Piece::Byte((h << 4 | l) as u8, at + 4),
                _ => Piece::BadHex,
            });
        }
        _ => return Some(Piece::Unknown(at + 1)),
    };
    Some(Piece::Byte(simple, at + 2))
}

pub fn escape_decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let errors = errors(cx, a, "escape_decode")?;
    let data = text_or_bytes(cx, a.at(DATA))?;
    let input = data.body::<BytesBody>().map_or(&[][..], BytesBody::as_slice);
    let (mut out, mut at) = (Vec::new(), 0);
    let mut invalid: Option<(bool, String)> = None;
    while let Some(&c) = input.get(at) {
        if c != b'\\' {
            out.push(c);
            at += 1;
            continue;
        }
        match piece(input, at) {
            None => return Err(value_error("Trailing \\ in string")),
            Some(Piece::Byte(b, end)) => {
                out.push(b);
                at = end;
            }
            Some(Piece::Nothing(end)) => at = end,
            Some(Piece::TooBig(b, n, end)) => {
                out.push(b);
                at = end;
                invalid.get_or_insert((true, format!("{n:o}")));
            }
            Some(Piece::Unknown(end)) => {
                out.push(b'\\');
                at = end;
                let shown = input.get(end).map_or(' ', |c| char::from(*c));
                invalid.get_or_insert((false, shown.to_string()));
            }
            Some(Piece::BadHex) => {
                match errors.as_deref() {
                    None | Some("strict") => {
                        return Err(value_error(format!("invalid \\x escape at position {at}")));
                    }
                    Some("replace") => out.push(b'?'),
                    Some("ignore") => {}
                    Some(other) => {
                        return Err(value_error(format!(
                            "decoding error; unknown error handling code: {other}"
                        )));
                    }
                }
                // One digit that is good goes with the escape.
                let digit = input.get(at + 2).is_some_and(u8::is_ascii_hexdigit);
                at += 2 + usize::from(digit);
            }
        }
    }
    if let Some((octal, shown)) = invalid {
        warn(cx, "b", octal, &shown)?;
    }
    pair(str::bytes(&out)?, input.len())
}
