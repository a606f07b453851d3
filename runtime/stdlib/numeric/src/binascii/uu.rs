//! Uuencoded lines.

use super::error;
use skein_object::error::Result;

pub fn decode(line: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = line.iter().copied();
    let mut left = usize::from(bytes.next().unwrap_or(0x20).wrapping_sub(0x20) & 0x3f);
    let mut out = Vec::with_capacity(left);
    let (mut acc, mut bits) = (0u32, 0u32);
    while left > 0 {
        // A line may have lost its trailing blanks.
        let v = match bytes.next() {
            None | Some(b'\n' | b'\r') => 0,
            Some(c) => {
                if !(0x20..=0x60).contains(&c) {
                    return Err(error("Illegal char"));
                }
                u32::from(c - 0x20) & 0x3f
            }
        };
        acc = acc << 6 | v;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((acc >> bits) as u8);
            acc &= (1 << bits) - 1;
            left -= 1;
        }
    }
    // What follows may only be padding.
    for c in bytes {
        if !matches!(c, b' ' | b'`' | b'\n' | b'\r') {
            return Err(error("Trailing garbage"));
        }
    }
    Ok(out)
}

pub fn encode(data: &[u8], backtick: bool) -> Result<Vec<u8>> {
    if data.len() > 45 {
        return Err(error("At most 45 bytes at once"));
    }
    let put = |v: u8| {
        if v == 0 && backtick { b'`' } else { v + 0x20 }
    };
    let mut out = vec![put(data.len() as u8)];
    for chunk in data.chunks(3) {
        let b = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let n = u32::from(b[0]) << 16 | u32::from(b[1]) << 8 | u32::from(b[2]);
        for k in 0..4 {
            out.push(put((n >> (18 - 6 * k) & 63) as u8));
        }
    }
    out.push(b'\n');
    Ok(out)
}
