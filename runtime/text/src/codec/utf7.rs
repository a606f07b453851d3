//! UTF-7.

use super::{CodecError, DecodeHook, Decoded, decode_error};
use crate::view::{StrBuf, StrView};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(b: u8) -> Option<u32> {
    ALPHABET.iter().position(|a| *a == b).map(|i| i as u32)
}

/// Whether the decoder takes a byte as itself.
fn is_plain(b: u8) -> bool {
    b < 0x80 && b != b'+'
}

/// Whether the encoder writes a code point as itself.
fn is_direct(c: u32) -> bool {
    matches!(c, 0x09 | 0x0A | 0x0D | 0x20..=0x7D) && c != 0x2B && c != 0x5C
}

/// A base-64 section under way.
struct Shift {
    /// Where its `+` is, and how much text there was before it.
    start: usize,
    text: usize,
    buffer: u32,
    bits: u32,
    high: Option<u32>,
}

impl Shift {
    fn feed(&mut self, value: u32, out: &mut StrBuf) {
        self.buffer = self.buffer << 6 | value;
        self.bits += 6;
        if self.bits < 16 {
            return;
        }
        self.bits -= 16;
        let c = self.buffer >> self.bits & 0xFFFF;
        self.buffer &= (1 << self.bits) - 1;
        if let Some(high) = self.high.take() {
            if let 0xDC00..0xE000 = c {
                out.push(0x1_0000 + ((high & 0x3FF) << 10 | c & 0x3FF));
                return;
            }
            out.push(high);
        }
        match c {
            0xD800..0xDC00 => self.high = Some(c),
            _ => out.push(c),
        }
    }

    fn leftover(&self) -> Option<&'static str> {
        if self.bits >= 6 {
            Some("partial character in shift sequence")
        } else if self.bits > 0 && self.buffer != 0 {
            Some("non-zero padding bits in shift sequence")
        } else {
            None
        }
    }
}

/// Decodes UTF-7.
pub fn decode<E>(input: &[u8], last: bool, hook: DecodeHook<'_, E>) -> Decoded<E> {
    let mut out = StrBuf::new();
    let mut shift: Option<Shift> = None;
    let mut at = 0;
    loop {
        let Some(&b) = input.get(at) else {
            let Some(s) = shift.take() else {
                return Ok((out.finish(), at));
            };
            if !last {
                out.truncate(s.text);
                return Ok((out.finish(), s.start));
            }
            if s.high.is_some() || s.leftover().is_some() {
                let reason = "unterminated shift sequence";
                let e = CodecError {
                    encoding: "utf7",
                    start: s.start,
                    end: at,
                    reason,
                };
                at = decode_error(&mut out, input, e, hook)?;
            }
            continue;
        };
        let (start, reason) = match (&mut shift, base64(b)) {
            (Some(s), Some(value)) => {
                s.feed(value, &mut out);
                at += 1;
                continue;
            }
            (Some(s), None) => {
                let (start, leftover, high) = (s.start, s.leftover(), s.high);
                shift = None;
                match leftover {
                    Some(reason) => (start, reason),
                    None => {
                        if let Some(high) = high.filter(|_| is_plain(b)) {
                            out.push(high);
                        }
                        at += usize::from(b == b'-');
                        continue;
                    }
                }
            }
            (None, _) if b == b'+' => match input.get(at + 1) {
                Some(b'-') => {
                    out.push(u32::from(b'+'));
                    at += 2;
                    continue;
                }
                Some(&next) if base64(next).is_none() => {
                    at += 1;
                    (at - 1, "ill-formed sequence")
                }
                _ => {
                    shift = Some(Shift {
                        start: at,
                        text: out.len(),
                        buffer: 0,
                        bits: 0,
                        high: None,
                    });
                    at += 1;
                    continue;
                }
            },
            (None, _) if is_plain(b) => {
                out.push(u32::from(b));
                at += 1;
                continue;
            }
            (None, _) => (at, "unexpected special character"),
        };
        let e = CodecError {
            encoding: "utf7",
            start,
            end: at + 1,
            reason,
        };
        at = decode_error(&mut out, input, e, hook)?;
    }
}

/// Encodes as UTF-7, which cannot fail.
pub fn encode(text: StrView<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let (mut buffer, mut bits, mut shifted) = (0u32, 0u32, false);
    for c in text.iter() {
        if is_direct(c) {
            if shifted {
                flush(&mut out, &mut buffer, &mut bits);
                shifted = false;
                if base64(c as u8).is_some() || c == u32::from(b'-') {
                    out.push(b'-');
                }
            }
            out.push(c as u8);
            continue;
        }
        if !shifted {
            if c == u32::from(b'+') {
                out.extend_from_slice(b"+-");
                continue;
            }
            out.push(b'+');
            shifted = true;
        }
        let mut unit = |u: u32| {
            buffer = buffer << 16 | u;
            bits += 16;
            while bits >= 6 {
                bits -= 6;
                out.push(ALPHABET[(buffer >> bits & 63) as usize]);
            }
            buffer &= (1 << bits) - 1;
        };
        if c > 0xFFFF {
            unit(0xD800 + ((c - 0x1_0000) >> 10));
            unit(0xDC00 | c & 0x3FF);
        } else {
            unit(c);
        }
    }
    flush(&mut out, &mut buffer, &mut bits);
    if shifted {
        out.push(b'-');
    }
    out
}

fn flush(out: &mut Vec<u8>, buffer: &mut u32, bits: &mut u32) {
    if *bits > 0 {
        out.push(ALPHABET[(*buffer << (6 - *bits) & 63) as usize]);
    }
    (*buffer, *bits) = (0, 0);
}
