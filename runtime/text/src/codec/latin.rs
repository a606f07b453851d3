//! ASCII and Latin-1.

use super::{CodecError, DecodeHook, Decoded, EncodeHook, Encoded, Fault, decode_error, encode_error};
use crate::view::{StrBuf, StrView};

pub(super) fn push_ascii(c: u32, out: &mut Vec<u8>) -> bool {
    out.push(c as u8);
    c < 0x80
}

fn push_latin1(c: u32, out: &mut Vec<u8>) -> bool {
    out.push(c as u8);
    c <= 0xFF
}

/// Decodes ASCII.
pub fn decode_ascii<E>(input: &[u8], hook: DecodeHook<'_, E>) -> Decoded<E> {
    if input.is_ascii() {
        return Ok((StrBuf::Latin1(input.to_vec()), input.len()));
    }
    let mut out = StrBuf::new();
    let mut at = 0;
    while let Some(&b) = input.get(at) {
        if b < 0x80 {
            out.push(u32::from(b));
            at += 1;
            continue;
        }
        let reason = "ordinal not in range(128)";
        let e = CodecError {
            encoding: "ascii",
            start: at,
            end: at + 1,
            reason,
        };
        at = decode_error(&mut out, input, e, hook)?;
    }
    Ok((out, at))
}

/// Decodes Latin-1, which cannot fail.
pub fn decode_latin1(input: &[u8]) -> StrBuf {
    StrBuf::Latin1(input.to_vec())
}

/// Encodes as ASCII.
pub fn encode_ascii<E: From<Fault>>(text: StrView<'_>, hook: EncodeHook<'_, E>) -> Encoded<E> {
    match text {
        StrView::Latin1(s) if s.is_ascii() => Ok(s.to_vec()),
        _ => encode_narrow(text, hook, 0x7F, "ascii", "ordinal not in range(128)", push_ascii),
    }
}

/// Encodes as Latin-1.
pub fn encode_latin1<E: From<Fault>>(text: StrView<'_>, hook: EncodeHook<'_, E>) -> Encoded<E> {
    match text {
        StrView::Latin1(s) => Ok(s.to_vec()),
        _ => encode_narrow(text, hook, 0xFF, "latin-1", "ordinal not in range(256)", push_latin1),
    }
}

fn encode_narrow<E: From<Fault>>(
    text: StrView<'_>,
    hook: EncodeHook<'_, E>,
    max: u32,
    encoding: &'static str,
    reason: &'static str,
    push: fn(u32, &mut Vec<u8>) -> bool,
) -> Encoded<E> {
    let mut out = super::room::<E>(text.len())?;
    let mut at = 0;
    while let Some(c) = text.get(at) {
        if c <= max {
            out.push(c as u8);
            at += 1;
            continue;
        }
        let run = text.slice(at..text.len()).iter().take_while(|c| *c > max).count();
        let e = CodecError {
            encoding,
            start: at,
            end: at + run,
            reason,
        };
        at = encode_error(&mut out, text, e, hook, 1, push)?;
    }
    Ok(out)
}
