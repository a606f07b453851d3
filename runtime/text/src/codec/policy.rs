//! Python's named error handlers.

use super::{CodecError, Fault, Replacement, is_surrogate};
use crate::error::TextError;
use crate::str::repr::push_escape;
use crate::unicode::names;
use crate::view::{StrBuf, StrView};

/// A named error handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    Strict,
    Ignore,
    Replace,
    SurrogateEscape,
    SurrogatePass,
    BackslashReplace,
    XmlCharRefReplace,
    NameReplace,
}

/// The standard encodings `surrogatepass` knows, by code unit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Utf {
    Utf8,
    Utf16 { big: bool },
    Utf32 { big: bool },
}

fn standard_encoding(name: &str) -> Option<Utf> {
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    Some(match plain.as_str() {
        "utf8" | "cputf8" => Utf::Utf8,
        "utf16" | "utf16le" => Utf::Utf16 { big: false },
        "utf16be" => Utf::Utf16 { big: true },
        "utf32" | "utf32le" => Utf::Utf32 { big: false },
        "utf32be" => Utf::Utf32 { big: true },
        _ => return None,
    })
}

impl Policy {
    pub fn from_name(name: &str) -> Option<Policy> {
        Some(match name {
            "strict" => Policy::Strict,
            "ignore" => Policy::Ignore,
            "replace" => Policy::Replace,
            "surrogateescape" => Policy::SurrogateEscape,
            "surrogatepass" => Policy::SurrogatePass,
            "backslashreplace" => Policy::BackslashReplace,
            "xmlcharrefreplace" => Policy::XmlCharRefReplace,
            "namereplace" => Policy::NameReplace,
            _ => return None,
        })
    }

    /// A hook for the decoders.
    pub fn decoder(self) -> impl FnMut(CodecError, &[u8]) -> Result<(StrBuf, usize), Fault> {
        move |e, input| self.on_decode(e, input)
    }

    /// A hook for the encoders.
    pub fn encoder(self) -> impl FnMut(CodecError, StrView<'_>) -> Result<(Replacement, usize), Fault> {
        move |mut e, text| {
            if self == Policy::SurrogateEscape {
                // The codecs take what can be escaped and complain of the rest only.
                let run = text.slice(e.start..e.end);
                let n = run.iter().take_while(|c| (0xDC80..0xDD00).contains(c)).count();
                if n > 0 {
                    e.end = e.start + n;
                }
            }
            self.on_encode(e, text)
        }
    }

    /// What `codecs.lookup_error(name)` does with a `UnicodeDecodeError`.
    pub fn on_decode(self, e: CodecError, input: &[u8]) -> Result<(StrBuf, usize), Fault> {
        let end = e.end.min(input.len());
        let bad = input.get(e.start..end).unwrap_or(&[]);
        match self {
            Policy::Strict => Err(Fault::Decode(e)),
            Policy::Ignore => Ok((StrBuf::new(), end)),
            Policy::Replace => Ok(([0xFFFD].into_iter().collect(), end)),
            Policy::BackslashReplace => {
                let mut out = StrBuf::new();
                bad.iter().for_each(|&b| push_escape(&mut out, u32::from(b)));
                Ok((out, end))
            }
            Policy::SurrogateEscape => {
                let out: Vec<u32> = bad
                    .iter()
                    .take(4)
                    .take_while(|b| **b >= 0x80)
                    .map(|b| 0xDC00 + u32::from(*b))
                    .collect();
                if out.is_empty() {
                    return Err(Fault::Decode(e));
                }
                let at = e.start + out.len();
                Ok((out.into_iter().collect(), at))
            }
            Policy::SurrogatePass => {
                let tail = input.get(e.start..).unwrap_or(&[]);
                match standard_encoding(e.encoding).and_then(|u| passed(u, tail)) {
                    Some((c, n)) => Ok(([c].into_iter().collect(), e.start + n)),
                    None => Err(Fault::Decode(e)),
                }
            }
            Policy::XmlCharRefReplace | Policy::NameReplace => Err(Fault::Text(TextError::type_error(
                "don't know how to handle UnicodeDecodeError in error callback",
            ))),
        }
    }

    /// What `codecs.lookup_error(name)` does with a `UnicodeEncodeError`.
    pub fn on_encode(self, e: CodecError, text: StrView<'_>) -> Result<(Replacement, usize), Fault> {
        let bad = text.slice(e.start..e.end);
        let end = e.end.min(text.len());
        let mut out = StrBuf::new();
        match self {
            Policy::Strict => return Err(Fault::Encode(e)),
            Policy::Ignore => {}
            Policy::Replace => out.try_fill(u32::from(b'?'), bad.len())?,
            Policy::BackslashReplace => bad.iter().for_each(|c| push_escape(&mut out, c)),
            Policy::XmlCharRefReplace => bad.iter().for_each(|c| out.push_str(&format!("&#{c};"))),
            Policy::NameReplace => bad.iter().for_each(|c| match names::name(c) {
                Some(n) => out.push_str(&format!("\\N{{{n}}}")),
                None => push_escape(&mut out, c),
            }),
            Policy::SurrogateEscape => {
                if !bad.iter().all(|c| (0xDC80..0xDD00).contains(&c)) {
                    return Err(Fault::Encode(e));
                }
                let bytes = bad.iter().map(|c| (c - 0xDC00) as u8).collect();
                return Ok((Replacement::Bytes(bytes), end));
            }
            Policy::SurrogatePass => {
                let Some(utf) = standard_encoding(e.encoding) else {
                    return Err(Fault::Encode(e));
                };
                if !bad.iter().all(is_surrogate) {
                    return Err(Fault::Encode(e));
                }
                let mut bytes = Vec::new();
                bad.iter().for_each(|c| push_unit(utf, c, &mut bytes));
                return Ok((Replacement::Bytes(bytes), end));
            }
        }
        Ok((Replacement::Text(out), end))
    }
}

fn push_unit(utf: Utf, c: u32, out: &mut Vec<u8>) {
    match utf {
        Utf::Utf8 => crate::view::push_wtf8(out, c),
        Utf::Utf16 { big: false } => out.extend_from_slice(&(c as u16).to_le_bytes()),
        Utf::Utf16 { big: true } => out.extend_from_slice(&(c as u16).to_be_bytes()),
        Utf::Utf32 { big: false } => out.extend_from_slice(&c.to_le_bytes()),
        Utf::Utf32 { big: true } => out.extend_from_slice(&c.to_be_bytes()),
    }
}

/// A surrogate at the start of `tail`, and its length in bytes.
fn passed(utf: Utf, tail: &[u8]) -> Option<(u32, usize)> {
    let (c, n) = match (utf, tail) {
        (Utf::Utf8, [0xED, b @ 0xA0..=0xBF, c @ 0x80..=0xBF, ..]) => {
            (0xD000 | u32::from(b & 0x3F) << 6 | u32::from(c & 0x3F), 3)
        }
        (Utf::Utf16 { big: false }, [a, b, ..]) => (u32::from(u16::from_le_bytes([*a, *b])), 2),
        (Utf::Utf16 { big: true }, [a, b, ..]) => (u32::from(u16::from_be_bytes([*a, *b])), 2),
        (Utf::Utf32 { big: false }, [a, b, c, d, ..]) => (u32::from_le_bytes([*a, *b, *c, *d]), 4),
        (Utf::Utf32 { big: true }, [a, b, c, d, ..]) => (u32::from_be_bytes([*a, *b, *c, *d]), 4),
        _ => return None,
    };
    is_surrogate(c).then_some((c, n))
}
