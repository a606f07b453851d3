//! UTF-16.

use super::{
    ByteOrder, CodecError, DecodeHook, Decoded, EncodeHook, Encoded, Fault, decode_error, encode_error, is_surrogate,
};
use crate::view::{StrBuf, StrView};

/// The byte order a decoder settles on, and the length of the mark it skips.
pub fn detect(input: &[u8], order: ByteOrder) -> (ByteOrder, usize) {
    match (order, input) {
        (ByteOrder::Native, [0xFF, 0xFE, ..]) => (ByteOrder::Little, 2),
        (ByteOrder::Native, [0xFE, 0xFF, ..]) => (ByteOrder::Big, 2),
        _ => (order, 0),
    }
}

/// Decodes UTF-16; see [`detect`] for the byte order that a stateful caller keeps.
pub fn decode<E>(input: &[u8], order: ByteOrder, last: bool, hook: DecodeHook<'_, E>) -> Decoded<E> {
    let (order, mut at) = detect(input, order);
    let big = order == ByteOrder::Big;
    let encoding = if big { "utf-16-be" } else { "utf-16-le" };
    let unit = |at: usize| match input.get(at..at + 2) {
        Some(&[a, b]) if big => Some(u32::from(u16::from_be_bytes([a, b]))),
        Some(&[a, b]) => Some(u32::from(u16::from_le_bytes([a, b]))),
        _ => None,
    };
    let mut out = StrBuf::new();
    out.reserve_hint(input.len() / 2);
    while at < input.len() {
        let (end, reason) = match (unit(at), unit(at + 2)) {
            (Some(c), _) if !is_surrogate(c) => {
                out.push(c);
                at += 2;
                continue;
            }
            (Some(h @ 0xD800..0xDC00), Some(l @ 0xDC00..0xE000)) => {
                out.push(0x1_0000 + ((h & 0x3FF) << 10 | l & 0x3FF));
                at += 4;
                continue;
            }
            (Some(0xD800..0xDC00), Some(_)) => (at + 2, "illegal UTF-16 surrogate"),
            (Some(0xD800..0xDC00), None) if last => (input.len(), "unexpected end of data"),
            (Some(0xDC00..), _) => (at + 2, "illegal encoding"),
            _ if !last => break,
            _ => (input.len(), "truncated data"),
        };
        let e = CodecError {
            encoding,
            start: at,
            end,
            reason,
        };
        at = decode_error(&mut out, input, e, hook)?;
    }
    Ok((out, at))
}

/// Encodes as UTF-16; `Native` writes a byte order mark first.
pub fn encode<E: From<Fault>>(text: StrView<'_>, order: ByteOrder, hook: EncodeHook<'_, E>) -> Encoded<E> {
    let encoding = match order {
        ByteOrder::Native => "utf-16",
        ByteOrder::Little => "utf-16-le",
        ByteOrder::Big => "utf-16-be",
    };
    let put = |c: u32, out: &mut Vec<u8>| match order {
        ByteOrder::Big => out.extend_from_slice(&(c as u16).to_be_bytes()),
        _ => out.extend_from_slice(&(c as u16).to_le_bytes()),
    };
    let mut out = super::room::<E>(2 * text.len() + 2)?;
    if order == ByteOrder::Native {
        put(0xFEFF, &mut out);
    }
    let mut at = 0;
    while let Some(c) = text.get(at) {
        if is_surrogate(c) {
            let reason = "surrogates not allowed";
            let e = CodecError {
                encoding,
                start: at,
                end: at + 1,
                reason,
            };
            at = encode_error(&mut out, text, e, hook, 2, |c, out| {
                put(c, out);
                c < 0x80
            })?;
            continue;
        }
        if c > 0xFFFF {
            put(0xD800 + ((c - 0x1_0000) >> 10), &mut out);
            put(0xDC00 | c & 0x3FF, &mut out);
        } else {
            put(c, &mut out);
        }
        at += 1;
    }
    Ok(out)
}
