//! Between views and UTF-8: strict, WTF-8 (surrogates kept as three bytes) and lossy.

use super::{StrBuf, StrView};

/// Appends the generalized UTF-8 form of a code point, surrogates included.
#[inline]
pub(crate) fn push_wtf8(out: &mut Vec<u8>, c: u32) {
    match c {
        0..=0x7F => out.push(c as u8),
        0x80..=0x7FF => out.extend_from_slice(&[0xC0 | (c >> 6) as u8, 0x80 | (c & 0x3F) as u8]),
        0x800..=0xFFFF => out.extend_from_slice(&[
            0xE0 | (c >> 12) as u8,
            0x80 | (c >> 6 & 0x3F) as u8,
            0x80 | (c & 0x3F) as u8,
        ]),
        _ => out.extend_from_slice(&[
            0xF0 | (c >> 18) as u8,
            0x80 | (c >> 12 & 0x3F) as u8,
            0x80 | (c >> 6 & 0x3F) as u8,
            0x80 | (c & 0x3F) as u8,
        ]),
    }
}

impl StrView<'_> {
    /// UTF-8 text, or `None` when there is a surrogate.
    pub fn to_utf8(self) -> Option<String> {
        if let StrView::Latin1(s) = self
            && s.is_ascii()
        {
            return String::from_utf8(s.to_vec()).ok();
        }
        let mut out = String::with_capacity(self.len() + self.len() / 2);
        for c in self.iter() {
            out.push(char::from_u32(c)?);
        }
        Some(out)
    }

    /// UTF-8 text with U+FFFD for each surrogate.
    pub fn to_utf8_lossy(self) -> String {
        self.iter()
            .map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    }

    /// UTF-8 bytes in which a surrogate takes three bytes; loses nothing.
    pub fn to_wtf8(self) -> Vec<u8> {
        if let StrView::Latin1(s) = self
            && s.is_ascii()
        {
            return s.to_vec();
        }
        let mut out = Vec::with_capacity(self.len() + self.len() / 2);
        self.iter().for_each(|c| push_wtf8(&mut out, c));
        out
    }
}

impl StrBuf {
    /// Decodes WTF-8: UTF-8 that may encode surrogates. `None` for any other malformed byte.
    pub fn from_wtf8(bytes: &[u8]) -> Option<StrBuf> {
        if bytes.is_ascii() {
            return Some(StrBuf::Latin1(bytes.to_vec()));
        }
        let mut out = StrBuf::new();
        let mut rest = bytes;
        while let [b, tail @ ..] = rest {
            let (extra, lead, min) = match b {
                0..=0x7F => (0, u32::from(*b), 0),
                0xC2..=0xDF => (1, u32::from(b & 0x1F), 0x80),
                0xE0..=0xEF => (2, u32::from(b & 0x0F), 0x800),
                0xF0..=0xF4 => (3, u32::from(b & 0x07), 0x1_0000),
                _ => return None,
            };
            let mut c = lead;
            for &t in tail.get(..extra)? {
                if t & 0xC0 != 0x80 {
                    return None;
                }
                c = c << 6 | u32::from(t & 0x3F);
            }
            if c < min || c > 0x10_FFFF {
                return None;
            }
            out.push(c);
            rest = &tail[extra..];
        }
        Some(out)
    }
}
