//! Base64.

use super::error;
use skein_object::error::Result;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn value(c: u8) -> Option<u8> {
    match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

pub fn encode(data: &[u8], newline: bool) -> Result<Vec<u8>> {
    let mut out = skein_gc::alloc::vec_with(data.len().div_ceil(3) * 4 + 1)?;
    for chunk in data.chunks(3) {
        let b = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let n = u32::from(b[0]) << 16 | u32::from(b[1]) << 8 | u32::from(b[2]);
        for k in 0..4 {
            out.push(if k <= chunk.len() {
                ALPHABET[(n >> (18 - 6 * k) & 63) as usize]
            } else {
                b'='
            });
        }
    }
    if newline {
        out.push(b'\n');
    }
    Ok(out)
}

pub fn decode(data: &[u8], strict: bool) -> Result<Vec<u8>> {
    let mut out = skein_gc::alloc::vec_with(data.len().div_ceil(4) * 3)?;
    if strict && data.first() == Some(&b'=') {
        return Err(error("Leading padding not allowed"));
    }
    let (mut quad, mut left, mut pads) = (0usize, 0u8, 0usize);
    let mut started_padding = false;
    for (i, &c) in data.iter().enumerate() {
        if c == b'=' {
            started_padding = true;
            if strict && quad == 0 {
                return Err(error("Excess padding not allowed"));
            }
            pads += 1;
            if quad >= 2 && quad + pads >= 4 {
                // A complete group.
                if strict && i + 1 < data.len() {
                    let next = data[i + 1];
                    return Err(error(if next == b'=' {
                        "Excess padding not allowed"
                    } else {
                        "Excess data after padding"
                    }));
                }
                return Ok(out);
            }
            continue;
        }
        let Some(v) = value(c) else {
            if strict {
                return Err(error("Only base64 data is allowed"));
            }
            continue;
        };
        if strict && started_padding {
            return Err(error("Discontinuous padding not allowed"));
        }
        pads = 0;
        match quad {
            0 => left = v,
            1 => {
                out.push(left << 2 | v >> 4);
                left = v & 0x0f;
            }
            2 => {
                out.push(left << 4 | v >> 2);
                left = v & 0x03;
            }
            _ => out.push(left << 6 | v),
        }
        quad = (quad + 1) % 4;
    }
    match quad {
        0 => Ok(out),
        1 => Err(error(format!(
            "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
            out.len() / 3 * 4 + 1
        ))),
        _ => Err(error("Incorrect padding")),
    }
}
