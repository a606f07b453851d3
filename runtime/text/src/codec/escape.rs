//! `unicode_escape` and `raw_unicode_escape`.

use super::{CodecError, DecodeHook, Decoded, decode_error};
use crate::str::repr::push_escape;
use crate::unicode::names;
use crate::view::{StrBuf, StrView};

/// What an escape turned out to be.
enum Escape {
    /// A code point and where the escape ends.
    Char(u32, usize),
    /// Several code points (a named sequence never occurs) or none (a line continuation).
    Nothing(usize),
    /// Not an escape: the backslash stands, and the character after it.
    Unknown(usize),
    Bad(usize, &'static str),
    /// The input ends within the escape.
    Truncated(usize, &'static str),
}

fn hex(input: &[u8], from: usize, count: usize, reason: &'static str) -> Escape {
    let mut c = 0u32;
    for k in 0..count {
        let Some(&b) = input.get(from + k) else {
            return Escape::Truncated(from + k, reason);
        };
        let Some(d) = char::from(b).to_digit(16) else {
            return Escape::Bad(from + k, reason);
        };
        c = c << 4 | d;
    }
    if c > 0x10_FFFF {
        return Escape::Bad(from + count, "illegal Unicode character");
    }
    Escape::Char(c, from + count)
}

/// The escape whose backslash is at `at`.
fn escape(input: &[u8], at: usize) -> Escape {
    let Some(&c) = input.get(at + 1) else {
        return Escape::Truncated(at + 1, "\\ at end of string");
    };
    let simple = match c {
        b'\n' => return Escape::Nothing(at + 2),
        b'\\' | b'\'' | b'"' => c,
        b'a' => 7,
        b'b' => 8,
        b't' => 9,
        b'n' => 10,
        b'v' => 11,
        b'f' => 12,
        b'r' => 13,
        b'0'..=b'7' => {
            let digits = input[at + 1..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
            let (mut value, mut end) = (0, at + 1);
            for d in digits {
                value = value * 8 + u32::from(d - b'0');
                end += 1;
            }
            return Escape::Char(value, end);
        }
        b'x' => return hex(input, at + 2, 2, "truncated \\xXX escape"),
        b'u' => return hex(input, at + 2, 4, "truncated \\uXXXX escape"),
        b'U' => return hex(input, at + 2, 8, "truncated \\UXXXXXXXX escape"),
        b'N' => return named(input, at),
        _ => return Escape::Unknown(at + 2),
    };
    Escape::Char(u32::from(simple), at + 2)
}

fn named(input: &[u8], at: usize) -> Escape {
    const MALFORMED: &str = "malformed \\N character escape";
    let from = at + 3;
    match input.get(at + 2) {
        None => return Escape::Truncated(input.len(), MALFORMED),
        Some(b'{') => {}
        Some(_) => return Escape::Bad(at + 2, MALFORMED),
    }
    let Some(len) = memchr::memchr(b'}', &input[from..]) else {
        return Escape::Truncated(input.len(), MALFORMED);
    };
    if len == 0 {
        return Escape::Bad(from, MALFORMED);
    }
    let end = from + len + 1;
    match std::str::from_utf8(&input[from..from + len])
        .ok()
        .and_then(names::lookup_char)
    {
        Some(c) => Escape::Char(c, end),
        None => Escape::Bad(end, "unknown Unicode character name"),
    }
}

/// The first escape that means nothing, which Python warns about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEscape {
    /// Where its backslash is.
    pub at: usize,
    /// The octal value beyond 0o377, or else `None`.
    pub octal: Option<u32>,
}

/// Decodes `unicode_escape`; also reports the first invalid escape.
pub fn decode_unicode_escape<E>(
    input: &[u8],
    last: bool,
    hook: DecodeHook<'_, E>,
) -> Result<(StrBuf, usize, Option<InvalidEscape>), E> {
    let mut out = StrBuf::new();
    let mut invalid = None;
    let mut at = 0;
    while let Some(&b) = input.get(at) {
        if b != b'\\' {
            let run = memchr::memchr(b'\\', &input[at..]).unwrap_or(input.len() - at);
            out.push_ascii(&input[at..at + run]);
            at += run;
            continue;
        }
        let (end, reason) = match escape(input, at) {
            Escape::Char(c, end) => {
                if c > 0xFF && matches!(input.get(at + 1), Some(b'0'..=b'7')) && invalid.is_none() {
                    invalid = Some(InvalidEscape { at, octal: Some(c) });
                }
                out.push(c);
                at = end;
                continue;
            }
            Escape::Nothing(end) => {
                at = end;
                continue;
            }
            Escape::Unknown(end) => {
                invalid.get_or_insert(InvalidEscape { at, octal: None });
                out.push_ascii(&input[at..end]);
                at = end;
                continue;
            }
            Escape::Truncated(..) if !last => break,
            Escape::Bad(end, reason) | Escape::Truncated(end, reason) => (end, reason),
        };
        let e = CodecError {
            encoding: "unicodeescape",
            start: at,
            end,
            reason,
        };
        at = decode_error(&mut out, input, e, hook)?;
    }
    Ok((out, at, invalid))
}

/// Decodes `raw_unicode_escape`.
pub fn decode_raw_unicode_escape<E>(input: &[u8], last: bool, hook: DecodeHook<'_, E>) -> Decoded<E> {
    let mut out = StrBuf::new();
    let mut at = 0;
    while let Some(&b) = input.get(at) {
        let next = input.get(at + 1).copied();
        let found = match (b, next) {
            (b'\\', None) if !last => break,
            (b'\\', Some(b'u')) => hex(input, at + 2, 4, "truncated \\uXXXX escape"),
            (b'\\', Some(b'U')) => hex(input, at + 2, 8, "truncated \\UXXXXXXXX escape"),
            (b'\\', Some(c)) => {
                out.push_ascii(&[b, c]);
                at += 2;
                continue;
            }
            _ => {
                out.push(u32::from(b));
                at += 1;
                continue;
            }
        };
        let (end, reason) = match found {
            Escape::Char(c, end) => {
                out.push(c);
                at = end;
                continue;
            }
            Escape::Truncated(..) if !last => break,
            Escape::Bad(end, "illegal Unicode character") => (end, "\\Uxxxxxxxx out of range"),
            Escape::Bad(end, reason) | Escape::Truncated(end, reason) => (end, reason),
            Escape::Nothing(end) | Escape::Unknown(end) => (end, ""),
        };
        let e = CodecError {
            encoding: "rawunicodeescape",
            start: at,
            end,
            reason,
        };
        at = decode_error(&mut out, input, e, hook)?;
    }
    Ok((out, at))
}

fn into_bytes(out: StrBuf) -> Vec<u8> {
    match out {
        StrBuf::Latin1(v) => v,
        _ => Vec::new(),
    }
}

/// Encodes as `unicode_escape`.
pub fn encode_unicode_escape(text: StrView<'_>) -> Vec<u8> {
    let mut out = StrBuf::new();
    for c in text.iter() {
        match c {
            0x09 => out.push_ascii(b"\\t"),
            0x0A => out.push_ascii(b"\\n"),
            0x0D => out.push_ascii(b"\\r"),
            0x5C => out.push_ascii(b"\\\\"),
            0x20..=0x7E => out.push(c),
            _ => push_escape(&mut out, c),
        }
    }
    into_bytes(out)
}

/// Encodes as `raw_unicode_escape`.
pub fn encode_raw_unicode_escape(text: StrView<'_>) -> Vec<u8> {
    let mut out = StrBuf::new();
    for c in text.iter() {
        if c <= 0xFF {
            out.push(c)
        } else {
            push_escape(&mut out, c)
        }
    }
    into_bytes(out)
}
