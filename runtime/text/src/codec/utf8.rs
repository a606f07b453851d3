//! UTF-8.

use super::{CodecError, DecodeHook, Decoded, EncodeHook, Encoded, Fault, decode_error, encode_error, is_surrogate};
use crate::view::{StrBuf, StrView, push_wtf8};

const NAME: &str = "utf-8";

/// One sequence: its code point and length, or what is wrong with it.
enum Sequence {
    Char(u32, usize),
    Bad(usize, &'static str),
    Truncated,
}

fn sequence(s: &[u8]) -> Sequence {
    const START: &str = "invalid start byte";
    const CONTINUATION: &str = "invalid continuation byte";
    let (len, low, high) = match s[0] {
        b @ 0..=0x7F => return Sequence::Char(u32::from(b), 1),
        0xC2..=0xDF => (2, 0x80, 0xBF),
        0xE0 => (3, 0xA0, 0xBF),
        0xED => (3, 0x80, 0x9F),
        0xE1..=0xEF => (3, 0x80, 0xBF),
        0xF0 => (4, 0x90, 0xBF),
        0xF4 => (4, 0x80, 0x8F),
        0xF1..=0xF3 => (4, 0x80, 0xBF),
        _ => return Sequence::Bad(1, START),
    };
    let mut c = u32::from(s[0]) & (0x7F >> len);
    for k in 1..len {
        let Some(&b) = s.get(k) else {
            return Sequence::Truncated;
        };
        let fits = if k == 1 {
            (low..=high).contains(&b)
        } else {
            b & 0xC0 == 0x80
        };
        if !fits {
            return Sequence::Bad(k, CONTINUATION);
        }
        c = c << 6 | u32::from(b & 0x3F);
    }
    Sequence::Char(c, len)
}

/// Decodes UTF-8.
pub fn decode<E>(input: &[u8], last: bool, hook: DecodeHook<'_, E>) -> Decoded<E> {
    if input.is_ascii() {
        return Ok((StrBuf::Latin1(input.to_vec()), input.len()));
    }
    let mut out = StrBuf::new();
    out.reserve_hint(input.len());
    let mut at = 0;
    while at < input.len() {
        if input[at] < 0x80 {
            let run = input[at..].iter().take_while(|b| **b < 0x80).count();
            out.push_ascii(&input[at..at + run]);
            at += run;
            continue;
        }
        let (len, reason) = match sequence(&input[at..]) {
            Sequence::Char(c, len) => {
                out.push(c);
                at += len;
                continue;
            }
            Sequence::Bad(len, reason) => (len, reason),
            Sequence::Truncated if last => (input.len() - at, "unexpected end of data"),
            Sequence::Truncated => break,
        };
        let e = CodecError {
            encoding: NAME,
            start: at,
            end: at + len,
            reason,
        };
        at = decode_error(&mut out, input, e, hook)?;
    }
    Ok((out, at))
}

/// Encodes as UTF-8.
pub fn encode<E: From<Fault>>(text: StrView<'_>, hook: EncodeHook<'_, E>) -> Encoded<E> {
    if let StrView::Latin1(s) = text
        && s.is_ascii()
    {
        return Ok(s.to_vec());
    }
    // A long text must not grow on the way, which could fail.
    let most = match text {
        StrView::Latin1(s) => s.len() + s.len() / 2,
        _ if text.len() < 1 << 20 => text.len() + text.len() / 2,
        StrView::Ucs2(s) => 3 * s.len(),
        StrView::Ucs4(s) => 4 * s.len(),
    };
    let mut out = super::room::<E>(most)?;
    let mut at = 0;
    while let Some(c) = text.get(at) {
        if !is_surrogate(c) {
            push_wtf8(&mut out, c);
            at += 1;
            continue;
        }
        let run = text
            .slice(at..text.len())
            .iter()
            .take_while(|&c| is_surrogate(c))
            .count();
        let e = CodecError {
            encoding: NAME,
            start: at,
            end: at + run,
            reason: "surrogates not allowed",
        };
        at = encode_error(&mut out, text, e, hook, 1, super::latin::push_ascii)?;
    }
    Ok(out)
}
