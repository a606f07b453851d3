//! Type codes and machine formats of `array`.

use skein_object::Ref;
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::{StrBody, number, str};
use skein_object::object::RefExt;

pub const ALL: &str = "bBuwhHiIlLqQfd";

/// A type code: one of [`ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code(pub u8);

impl Code {
    pub fn new(c: u32) -> Option<Code> {
        u8::try_from(c).ok().filter(|c| ALL.as_bytes().contains(c)).map(Code)
    }

    pub fn size(self) -> usize {
        match self.0 {
            b'b' | b'B' => 1,
            b'h' | b'H' => 2,
            b'i' | b'I' | b'f' | b'u' | b'w' => 4,
            _ => 8,
        }
    }

    pub fn is_text(self) -> bool {
        matches!(self.0, b'u' | b'w')
    }

    pub fn char(self) -> char {
        self.0 as char
    }

    /// As `memoryview.format`.
    pub fn format(self) -> &'static str {
        match self.0 {
            b'b' => "b",
            b'B' => "B",
            b'u' | b'w' => "w",
            b'h' => "h",
            b'H' => "H",
            b'i' => "i",
            b'I' => "I",
            b'l' => "l",
            b'L' => "L",
            b'q' => "q",
            b'Q' => "Q",
            b'f' => "f",
            _ => "d",
        }
    }

    /// Number of the machine format for pickles: little-endian ones.
    pub fn machine_format(self) -> i64 {
        match self.0 {
            b'b' => 1,
            b'B' => 0,
            b'H' => 2,
            b'h' => 4,
            b'I' => 6,
            b'i' => 8,
            b'L' | b'Q' => 10,
            b'l' | b'q' => 12,
            b'f' => 14,
            b'd' => 16,
            _ => 20,
        }
    }
}

/// The code that an argument names.
pub fn of_argument(r: &Ref, what: &str) -> Result<Code> {
    let c = match r.body::<StrBody>() {
        Some(b) if b.len() == 1 => b.view().get(0).unwrap_or(0),
        Some(b) => {
            return Err(type_error(format!(
                "{what} must be a unicode character, not a string of length {}",
                b.len()
            )));
        }
        None => {
            return Err(type_error(format!(
                "{what} must be a unicode character, not {}",
                r.ty().name()
            )));
        }
    };
    Code::new(c).ok_or_else(|| value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)"))
}

/// The numbered formats of pickled arrays: 0 to 21.
#[derive(Clone, Copy)]
pub struct MachineFormat(u8);

impl MachineFormat {
    pub fn new(n: i32) -> Option<MachineFormat> {
        u8::try_from(n).ok().filter(|n| *n <= 21).map(MachineFormat)
    }

    pub fn size(self) -> usize {
        match self.0 {
            0 | 1 => 1,
            2..=5 => 2,
            6..=9 => 4,
            10..=13 => 8,
            14 | 15 => 4,
            16 | 17 => 8,
            18 | 19 => 2,
            _ => 4,
        }
    }

    /// The value of one item, as a Python object.
    pub fn decode(self, bytes: &[u8]) -> Result<Ref> {
        let mut b = [0u8; 8];
        let n = bytes.len().min(8);
        b[..n].copy_from_slice(&bytes[..n]);
        if self.0 >= 2 && self.0 % 2 == 1 {
            b[..n].reverse();
        }
        let u = u64::from_le_bytes(b);
        match self.0 {
            0 | 2 | 3 | 6 | 7 => number::int(u as i64),
            10 | 11 => number::big(num_bigint::BigInt::from(u)),
            1 => number::int(i64::from(u as i8)),
            4 | 5 => number::int(i64::from(u as i16)),
            8 | 9 => number::int(i64::from(u as i32)),
            12 | 13 => number::int(u as i64),
            14 | 15 => number::float(f64::from(f32::from_bits(u as u32))),
            16 | 17 => number::float(f64::from_bits(u)),
            _ => str::from_char((u as u32).min(0x10_ffff)),
        }
    }
}
