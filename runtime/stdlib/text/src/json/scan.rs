//! The lexical part: strings and numbers.

use skein_text::{StrBuf, StrView};

/// Message and position.
pub type Fault = (String, i64);

fn hex4(text: StrView<'_>, at: usize) -> Option<u32> {
    let mut n = 0;
    for i in at..at + 4 {
        n = n << 4 | char::from_u32(text.get(i)?)?.to_digit(16)?;
    }
    Some(n)
}

/// The string whose first character is at `begin`, and the place behind its closing quote.
pub fn string(text: StrView<'_>, begin: usize, strict: bool) -> Result<(StrBuf, usize), Fault> {
    let unterminated = || ("Unterminated string starting at".to_owned(), begin as i64 - 1);
    let mut out = StrBuf::new();
    let mut at = begin;
    loop {
        // A run without escapes is copied as it is.
        let start = at;
        let stop = loop {
            match text.get(at) {
                None => return Err(unterminated()),
                Some(c @ (0x22 | 0x5c)) => break c,
                Some(0..=0x1f) if strict => {
                    return Err(("Invalid control character at".to_owned(), at as i64));
                }
                Some(_) => at += 1,
            }
        };
        if at > start {
            out.push_view(text.slice(start..at));
        }
        at += 1;
        if stop == 0x22 {
            return Ok((out, at));
        }
        let Some(c) = text.get(at) else {
            return Err(unterminated());
        };
        at += 1;
        let plain = match u8::try_from(c).unwrap_or(0) {
            b'"' => b'"',
            b'\\' => b'\\',
            b'/' => b'/',
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let bad = || ("Invalid \\uXXXX escape".to_owned(), at as i64 - 1);
                let mut u = hex4(text, at).ok_or_else(bad)?;
                at += 4;
                if (0xd800..0xdc00).contains(&u)
                    && text.get(at) == Some(0x5c)
                    && text.get(at + 1) == Some(u32::from(b'u'))
                    && let Some(low) = hex4(text, at + 2)
                    && (0xdc00..0xe000).contains(&low)
                {
                    u = 0x1_0000 + ((u & 0x3ff) << 10 | low & 0x3ff);
                    at += 6;
                }
                out.push(u);
                continue;
            }
            _ => return Err(("Invalid \\escape".to_owned(), at as i64 - 2)),
        };
        out.push(u32::from(plain));
    }
}

/// The end of the number at `start`, and whether it is a float; `None` if there is no number.
pub fn number(text: StrView<'_>, start: usize) -> Option<(usize, bool)> {
    let digit = |i| matches!(text.get(i), Some(0x30..=0x39));
    let run = |mut i| {
        while digit(i) {
            i += 1;
        }
        i
    };
    let mut at = start;
    if text.get(at) == Some(u32::from(b'-')) {
        at += 1;
    }
    at = match text.get(at)? {
        0x30 => at + 1,
        0x31..=0x39 => run(at),
        _ => return None,
    };
    let mut float = false;
    if text.get(at) == Some(u32::from(b'.')) && digit(at + 1) {
        float = true;
        at = run(at + 1);
    }
    if matches!(text.get(at), Some(0x65 | 0x45)) {
        let mut e = at + 1;
        if matches!(text.get(e), Some(0x2b | 0x2d)) {
            e += 1;
        }
        if digit(e) {
            float = true;
            at = run(e);
        }
    }
    Some((at, float))
}
