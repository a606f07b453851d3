//! Formats: byte order, items, offsets.

use super::error;
use skein_object::error::Result;

/// One kind of value at one place, `count` times.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub code: u8,
    /// Bytes of one.
    pub size: usize,
    /// Values for numbers, bytes for `s` and `p`.
    pub count: usize,
    pub offset: usize,
}

pub struct Format {
    pub items: Vec<Item>,
    pub size: usize,
    /// Values that are packed or unpacked.
    pub values: usize,
    pub big_endian: bool,
}

fn size_of(code: u8, native: bool) -> Option<usize> {
    Some(match code {
        b'x' | b'b' | b'B' | b'c' | b's' | b'p' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' => {
            if native {
                8
            } else {
                4
            }
        }
        b'q' | b'Q' | b'd' | b'F' => 8,
        b'D' => 16,
        b'n' | b'N' | b'P' if native => 8,
        _ => return None,
    })
}

/// Alignment with native sizes.
fn align_of(code: u8, size: usize) -> usize {
    match code {
        b's' | b'p' | b'x' => 1,
        b'F' => 4,
        b'D' => 8,
        _ => size,
    }
}

impl Format {
    pub fn parse(text: &[u8]) -> Result<Format> {
        let (mut native, mut aligned, mut big_endian) = (true, true, cfg!(target_endian = "big"));
        let mut rest = text;
        if let Some(c) = text.first() {
            let known = match c {
                b'@' => true,
                b'=' => {
                    (native, aligned) = (false, false);
                    true
                }
                b'<' => {
                    (native, aligned, big_endian) = (false, false, false);
                    true
                }
                b'>' | b'!' => {
                    (native, aligned, big_endian) = (false, false, true);
                    true
                }
                _ => false,
            };
            if known {
                rest = &text[1..];
            }
        }
        let too_long = || error("total struct size too long");
        let mut f = Format {
            items: Vec::new(),
            size: 0,
            values: 0,
            big_endian,
        };
        let mut chars = rest.iter().copied().peekable();
        while let Some(c) = chars.next() {
            if c.is_ascii_whitespace() || c == 0x0b {
                continue;
            }
            let (mut code, mut count) = (c, 1usize);
            if c.is_ascii_digit() {
                count = usize::from(c - b'0');
                while let Some(d) = chars.peek().filter(|d| d.is_ascii_digit()) {
                    count = count
                        .checked_mul(10)
                        .and_then(|n| n.checked_add(usize::from(d - b'0')))
                        .filter(|n| *n <= i64::MAX as usize)
                        .ok_or_else(too_long)?;
                    chars.next();
                }
                code = match chars.next() {
                    Some(c) => c,
                    None => return Err(error("repeat count given without format specifier")),
                };
            }
            if code == 0 {
                return Err(error("embedded null character"));
            }
            let Some(size) = size_of(code, native) else {
                return Err(error("bad char in struct format"));
            };
            if aligned {
                let a = align_of(code, size);
                f.size = f.size.checked_add(a - 1).map(|n| n / a * a).ok_or_else(too_long)?;
            }
            let bytes = count.checked_mul(size).ok_or_else(too_long)?;
            let offset = f.size;
            f.size = f
                .size
                .checked_add(bytes)
                .filter(|n| *n <= i64::MAX as usize)
                .ok_or_else(too_long)?;
            match code {
                b'x' => continue,
                b's' | b'p' => f.values += 1,
                _ => f.values += count,
            }
            if count > 0 || matches!(code, b's' | b'p') {
                f.items.push(Item {
                    code,
                    size,
                    count,
                    offset,
                });
            }
        }
        Ok(f)
    }
}
