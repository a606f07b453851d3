//! UTF-32.

use super::{
    ByteOrder, CodecError, DecodeHook, Decoded, EncodeHook, Encoded, Fault, decode_error, encode_error, is_surrogate,
};
use crate::view::{StrBuf, StrView};

/// The byte order a decoder settles on, and the length of the mark it skips.
pub fn detect(input: &[u8], order: ByteOrder) -> (ByteOrder, usize) {
    match (order, input) {
        (ByteOrder::Native, [0xFF, 0xFE, 0, 0, ..]) => (ByteOrder::Little, 4),
        (ByteOrder::Native, [0, 0, 0xFE, 0xFF, ..]) => (ByteOrder::Big, 4),
        _ => (order, 0),
    }
}

/// Decodes UTF-32.
pub fn decode<E>(input: &[u8], order: ByteOrder, last: bool, hook: DecodeHook<'_, E>) -> Decoded<E> {
    let (order, mut at) = detect(input, order);
    let big = order == ByteOrder::Big;
    let encoding = if big { "utf-32-be" } else { "utf-32-le" };
    let mut out = StrBuf::new();
    out.reserve_hint(input.len() / 4);
    while at < input.len() {
        let c = match input.get(at..at + 4) {
            Some(&[a, b, c, d]) if big => Some(u32::from_be_bytes([a, b, c, d])),
            Some(&[a, b, c, d]) => Some(u32::from_le_bytes([a, b, c, d])),
            _ => None,
        };
        let (end, reason) = match c {
            None if !last => break,
            None => (input.len(), "truncated data"),
            Some(c) if is_surrogate(c) => (at + 4, "code point in surrogate code point range(0xd800, 0xe000)"),
            Some(0x11_0000..) => (at + 4, "code point not in range(0x110000)"),
            Some(c) => {
                out.push(c);
                at += 4;
                continue;
            }
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

/// Encodes as UTF-32; `Native` writes a byte order mark first.
pub fn encode<E: From<Fault>>(text: StrView<'_>, order: ByteOrder, hook: EncodeHook<'_, E>) -> Encoded<E> {
    let encoding = match order {
        ByteOrder::Native => "utf-32",
        ByteOrder::Little => "utf-32-le",
        ByteOrder::Big => "utf-32-be",
    };
    let put = |c: u32, out: &mut Vec<u8>| match order {
        ByteOrder::Big => out.extend_from_slice(&c.to_be_bytes()),
        _ => out.extend_from_slice(&c.to_le_bytes()),
    };
    let mut out = super::room::<E>(4 * text.len() + 4)?;
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
            at = encode_error(&mut out, text, e, hook, 4, |c, out| {
                put(c, out);
                c < 0x80
            })?;
            continue;
        }
        put(c, &mut out);
        at += 1;
    }
    Ok(out)
}
