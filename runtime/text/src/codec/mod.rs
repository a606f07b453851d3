//! Codecs between `str` and bytes.
//!
//! Every codec reports malformed input to a hook: the caller's own handler, or a [`Policy`] (one of
//! Python's named error handlers). The hook answers with a replacement and the position to resume at.
//! Decoders take `last`: when false, an incomplete tail is left over and the count of consumed bytes
//! says so.

pub mod charmap;
pub mod escape;
pub mod latin;
pub mod name;
pub mod policy;
pub mod utf16;
pub mod utf32;
pub mod utf7;
pub mod utf8;

#[cfg(test)]
mod tests;

pub use policy::Policy;

use crate::error::{ErrorKind, TextError};
use crate::view::{StrBuf, StrView};

/// The fields of a `UnicodeDecodeError` or `UnicodeEncodeError`, the object aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecError {
    pub encoding: &'static str,
    pub start: usize,
    pub end: usize,
    pub reason: &'static str,
}

/// Why a codec stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Decode(CodecError),
    Encode(CodecError),
    Text(TextError),
}

impl From<TextError> for Fault {
    fn from(e: TextError) -> Fault {
        Fault::Text(e)
    }
}

/// An empty buffer for so many bytes, or `MemoryError`.
fn room<E: From<Fault>>(bytes: usize) -> std::result::Result<Vec<u8>, E> {
    let mut out = Vec::new();
    match out.try_reserve(bytes) {
        Ok(()) => Ok(out),
        Err(e) => Err(Fault::from(TextError::from(e)).into()),
    }
}

/// What an encoding error handler may answer with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    Text(StrBuf),
    Bytes(Vec<u8>),
}

/// Asked about malformed bytes: the replacement, and the byte position to resume at.
pub type DecodeHook<'h, E> = &'h mut dyn FnMut(CodecError, &[u8]) -> std::result::Result<(StrBuf, usize), E>;

/// Asked about text that cannot be encoded: the replacement, and the index to resume at.
pub type EncodeHook<'h, E> = &'h mut dyn FnMut(CodecError, StrView<'_>) -> std::result::Result<(Replacement, usize), E>;

/// Text, and how many bytes it was decoded from.
pub type Decoded<E> = std::result::Result<(StrBuf, usize), E>;
pub type Encoded<E> = std::result::Result<Vec<u8>, E>;

/// The order of bytes in UTF-16 and UTF-32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Decoding looks for a byte order mark; encoding writes one. Otherwise little-endian.
    Native,
    Little,
    Big,
}

/// A handler's new position, negative counting from the end, as CPython checks it.
pub fn check_position(position: i64, len: usize) -> Result<usize, TextError> {
    let n = i64::try_from(len).unwrap_or(i64::MAX);
    let at = if position < 0 {
        position.saturating_add(n)
    } else {
        position
    };
    match usize::try_from(at) {
        Ok(at) if at <= len => Ok(at),
        _ => Err(TextError::new(
            ErrorKind::Index,
            format!("position {position} from error handler out of bounds"),
        )),
    }
}

/// Asks the hook about `input[start..end]`, appends its answer, returns where to resume.
fn decode_error<E>(
    out: &mut StrBuf,
    input: &[u8],
    error: CodecError,
    hook: DecodeHook<'_, E>,
) -> std::result::Result<usize, E> {
    let (text, at) = hook(error, input)?;
    out.push_view(text.view());
    Ok(at.min(input.len()))
}

/// Asks the hook about `text[start..end]` and encodes its answer with `encode`, which says whether
/// it could. Returns where to resume.
fn encode_error<E: From<Fault>>(
    out: &mut Vec<u8>,
    text: StrView<'_>,
    error: CodecError,
    hook: EncodeHook<'_, E>,
    unit: usize,
    encode: impl Fn(u32, &mut Vec<u8>) -> bool,
) -> std::result::Result<usize, E> {
    let (replacement, at) = hook(error.clone(), text)?;
    let fits = match replacement {
        Replacement::Bytes(b) => {
            out.extend_from_slice(&b);
            b.len().is_multiple_of(unit)
        }
        Replacement::Text(t) => t.view().iter().all(|c| encode(c, out)),
    };
    if fits {
        Ok(at.min(text.len()))
    } else {
        Err(E::from(Fault::Encode(error)))
    }
}

pub(crate) fn is_surrogate(c: u32) -> bool {
    (0xD800..0xE000).contains(&c)
}

/// `str(UnicodeDecodeError)`.
pub fn decode_message(e: &CodecError, encoding: &str, reason: &str, object: &[u8]) -> String {
    match object.get(e.start) {
        Some(b) if e.end == e.start + 1 => format!(
            "'{encoding}' codec can't decode byte 0x{b:02x} in position {}: {reason}",
            e.start
        ),
        _ => format!(
            "'{encoding}' codec can't decode bytes in position {}-{}: {reason}",
            e.start,
            e.end.saturating_sub(1)
        ),
    }
}

/// `str(UnicodeEncodeError)`.
pub fn encode_message(e: &CodecError, encoding: &str, reason: &str, object: StrView<'_>) -> String {
    match object.get(e.start) {
        Some(c) if e.end == e.start + 1 => {
            let mut shown = StrBuf::new();
            crate::str::repr::push_escape(&mut shown, c);
            format!(
                "'{encoding}' codec can't encode character '{}' in position {}: {reason}",
                shown.view().to_utf8_lossy(),
                e.start
            )
        }
        _ => format!(
            "'{encoding}' codec can't encode characters in position {}-{}: {reason}",
            e.start,
            e.end.saturating_sub(1)
        ),
    }
}
