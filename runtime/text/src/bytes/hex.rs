//! `bytes.hex` and `bytes.fromhex`.

use super::is_space;
use crate::error::{Result, TextError};
use crate::view::StrView;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The separator of `hex`, checked.
pub fn separator(sep: StrView<'_>) -> Result<u8> {
    if sep.len() != 1 {
        return Err(TextError::value("sep must be length 1."));
    }
    match sep.get(0) {
        Some(c @ 0..=0x7F) => Ok(c as u8),
        _ => Err(TextError::value("sep must be ASCII.")),
    }
}

/// `b.hex(sep, per)`: a separator every `per` bytes, counted from the right when positive, from the
/// left when negative.
pub fn hex(b: &[u8], sep: Option<u8>, per: i64) -> Result<String> {
    let group = usize::try_from(per.unsigned_abs()).unwrap_or(usize::MAX);
    let mut out = String::new();
    let separators = if sep.is_some() && group > 0 { b.len() / group } else { 0 };
    out.try_reserve(b.len().saturating_mul(2).saturating_add(separators))?;
    for (i, c) in b.iter().enumerate() {
        if let Some(sep) = sep
            && i > 0
            && group > 0
        {
            let at = if per > 0 { b.len() - i } else { i };
            if at % group == 0 {
                out.push(char::from(sep));
            }
        }
        out.push(char::from(DIGITS[usize::from(c >> 4)]));
        out.push(char::from(DIGITS[usize::from(c & 15)]));
    }
    Ok(out)
}

/// `bytes.fromhex(text)`; whitespace may stand between bytes.
pub fn from_hex(text: StrView<'_>) -> Result<Vec<u8>> {
    let bad = |at: usize| {
        Err(TextError::value(format!(
            "non-hexadecimal number found in fromhex() arg at position {at}"
        )))
    };
    let digit = |at: usize| text.get(at).and_then(char::from_u32).and_then(|c| c.to_digit(16));
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while let Some(c) = text.get(at) {
        if c < 0x80 && is_space(c as u8) {
            at += 1;
            continue;
        }
        let Some(high) = digit(at) else {
            return bad(at);
        };
        if text.get(at + 1).is_none() {
            return Err(TextError::value(
                "fromhex() arg must contain an even number of hexadecimal digits",
            ));
        }
        let Some(low) = digit(at + 1) else {
            return bad(at + 1);
        };
        out.push((high << 4 | low) as u8);
        at += 2;
    }
    Ok(out)
}
