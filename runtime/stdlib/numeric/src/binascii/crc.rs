//! Checksums.

/// Tables for eight bytes at a time: `TABLES[k][b]` is the remainder of `b` followed by `k` zero bytes.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut t = [[0u32; 256]; 8];
    let mut i = 0;
    while i < 256 {
        let mut c = i as u32;
        let mut k = 0;
        while k < 8 {
            c = if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 };
            k += 1;
        }
        t[0][i] = c;
        i += 1;
    }
    let mut k = 1;
    while k < 8 {
        let mut i = 0;
        while i < 256 {
            let c = t[k - 1][i];
            t[k][i] = c >> 8 ^ t[0][(c & 255) as usize];
            i += 1;
        }
        k += 1;
    }
    t
}

pub fn crc32(data: &[u8], start: u32) -> u32 {
    let mut c = !start;
    let mut chunks = data.chunks_exact(8);
    for b in &mut chunks {
        let low = c ^ u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        c = TABLES[7][(low & 255) as usize]
            ^ TABLES[6][(low >> 8 & 255) as usize]
            ^ TABLES[5][(low >> 16 & 255) as usize]
            ^ TABLES[4][(low >> 24) as usize]
            ^ TABLES[3][b[4] as usize]
            ^ TABLES[2][b[5] as usize]
            ^ TABLES[1][b[6] as usize]
            ^ TABLES[0][b[7] as usize];
    }
    for b in chunks.remainder() {
        c = c >> 8 ^ TABLES[0][((c ^ u32::from(*b)) & 255) as usize];
    }
    !c
}

/// CRC-CCITT, most significant bit first.
pub fn crc_hqx(data: &[u8], start: u16) -> u16 {
    let mut c = start;
    for b in data {
        c ^= u16::from(*b) << 8;
        for _ in 0..8 {
            c = if c & 0x8000 != 0 { c << 1 ^ 0x1021 } else { c << 1 };
        }
    }
    c
}
