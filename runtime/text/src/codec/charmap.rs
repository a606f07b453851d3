//! Table-driven codecs. The mapping is a function, so that the caller may keep a string or a `dict`.

use super::{CodecError, DecodeHook, Decoded, EncodeHook, Encoded, Fault, Replacement, decode_error};
use crate::view::{StrBuf, StrView};

const NAME: &str = "charmap";
const UNDEFINED: &str = "character maps to <undefined>";

/// What a byte decodes to; `None` is undefined.
pub type ByteMap<'m, E> = &'m mut dyn FnMut(u8) -> Result<Option<StrBuf>, E>;
/// What a code point encodes to; `None` is undefined.
pub type CharMap<'m, E> = &'m mut dyn FnMut(u32) -> Result<Option<Vec<u8>>, E>;

/// Decodes with a table given as a string: U+FFFE, or a byte beyond its end, is undefined.
pub fn decode_table<E>(input: &[u8], table: StrView<'_>, hook: DecodeHook<'_, E>) -> Decoded<E> {
    decode(
        input,
        &mut |b| {
            let c = table.get(usize::from(b)).filter(|c| *c != 0xFFFE);
            Ok(c.map(|c| [c].into_iter().collect()))
        },
        hook,
    )
}

/// Decodes with any mapping.
pub fn decode<E>(input: &[u8], map: ByteMap<'_, E>, hook: DecodeHook<'_, E>) -> Decoded<E> {
    let mut out = StrBuf::new();
    let mut at = 0;
    while let Some(&b) = input.get(at) {
        if let Some(text) = map(b)? {
            out.push_view(text.view());
            at += 1;
            continue;
        }
        let e = CodecError {
            encoding: NAME,
            start: at,
            end: at + 1,
            reason: UNDEFINED,
        };
        at = decode_error(&mut out, input, e, hook)?;
    }
    Ok((out, at))
}

/// Encodes with any mapping.
pub fn encode<E: From<Fault>>(text: StrView<'_>, map: CharMap<'_, E>, hook: EncodeHook<'_, E>) -> Encoded<E> {
    let mut out = super::room::<E>(text.len())?;
    let mut at = 0;
    while let Some(c) = text.get(at) {
        if let Some(bytes) = map(c)? {
            out.extend_from_slice(&bytes);
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while let Some(c) = text.get(end)
            && map(c)?.is_none()
        {
            end += 1;
        }
        let e = CodecError {
            encoding: NAME,
            start: at,
            end,
            reason: UNDEFINED,
        };
        let (replacement, next) = hook(e.clone(), text)?;
        match replacement {
            Replacement::Bytes(b) => out.extend_from_slice(&b),
            Replacement::Text(t) => {
                for c in t.view().iter() {
                    match map(c)? {
                        Some(bytes) => out.extend_from_slice(&bytes),
                        None => return Err(E::from(Fault::Encode(e))),
                    }
                }
            }
        }
        at = next.min(text.len());
    }
    Ok(out)
}
