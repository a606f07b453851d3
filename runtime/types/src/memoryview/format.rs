//! Items of native formats: bytes to objects and back.

use skein_object::error::{Error, Result, raise, type_error, value_error};
use skein_object::layouts::number::{self, IntValue};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, convert};
use skein_object::{BytesBody, Context, Ref, statics as s, str};

/// The character of a native one-character format, with or without `@`.
pub fn native(format: &str) -> Option<u8> {
    let f = format.strip_prefix('@').unwrap_or(format);
    match f.as_bytes() {
        [c] if size(*c).is_some() => Some(*c),
        _ => None,
    }
}

/// Bytes of an item.
pub fn size(c: u8) -> Option<usize> {
    Some(match c {
        b'?' | b'c' | b'b' | b'B' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'd' | b'P' => 8,
        _ => return None,
    })
}

/// Whether items of the format are single bytes that casts go through.
pub fn is_byte(c: u8) -> bool {
    matches!(c, b'b' | b'B' | b'c')
}

/// NotImplementedError for a format that views cannot read.
#[cold]
pub fn unsupported(format: &str) -> Error {
    raise(
        &s::NOT_IMPLEMENTED_ERROR,
        format!("memoryview: format {format} not supported"),
    )
}

fn word<const N: usize>(b: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(b) {
        *to = *from;
    }
    out
}

/// The value of a half-precision float.
pub fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 31);
    let fraction = f64::from(bits & 0x3ff);
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        e => (1024.0 + fraction) * 2f64.powi(e - 25),
    }
}

/// The half-precision float nearest to `x`; `None` on overflow.
pub fn half_from_f64(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    let a = x.abs();
    if a.is_nan() {
        return Some(sign | 0x7e00);
    }
    if a.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // Scaled so that the unit is that of the result, then rounded half to even.
    let exponent = ((a.to_bits() >> 52) as i32 - 1023).max(-14);
    let units = (a * 2f64.powi(10 - exponent)).round_ties_even();
    let bits = ((exponent + 15) as u32) << 10;
    // `units` has 11 bits, of which the top one adds 1 to the exponent; subnormals lack it.
    let out = bits.wrapping_sub(1 << 10).wrapping_add(units as u32);
    if exponent > 15 || out >= 0x7c00 {
        None
    } else {
        Some(sign | out as u16)
    }
}

/// The object of an item.
///
/// # Errors
/// MemoryError.
#[inline]
pub fn unpack(c: u8, b: &[u8]) -> Result<Ref> {
    let first = b.first().copied().unwrap_or(0);
    match c {
        b'B' => Ok(Ref::small(i32::from(first))),
        b'b' => Ok(Ref::small(i32::from(first as i8))),
        b'c' => str::bytes(&[first]),
        b'?' => Ok(number::bool(first != 0)),
        b'h' => number::int(i16::from_ne_bytes(word(b)).into()),
        b'H' => number::int(u16::from_ne_bytes(word(b)).into()),
        b'i' => number::int(i32::from_ne_bytes(word(b)).into()),
        b'I' => number::int(u32::from_ne_bytes(word(b)).into()),
        b'l' | b'q' | b'n' => number::int(i64::from_ne_bytes(word(b))),
        b'L' | b'Q' | b'N' | b'P' => number::int_from_usize(usize::from_ne_bytes(word(b))),
        b'f' => number::float(f32::from_ne_bytes(word(b)).into()),
        b'd' => number::float(f64::from_ne_bytes(word(b))),
        b'e' => number::float(half_to_f64(u16::from_ne_bytes(word(b)))),
        _ => Err(unsupported(&char::from(c).to_string())),
    }
}

/// The bytes of an item; only the first [`size`] count.
///
/// # Errors
/// TypeError "memoryview: invalid type for format 'X'", ValueError "invalid value"; what conversions raise.
pub fn pack(cx: &Context, format: &str, c: u8, v: &Ref) -> Result<[u8; 8]> {
    let wrong_type = || type_error(format!("memoryview: invalid type for format '{format}'"));
    let wrong_value = || value_error(format!("memoryview: invalid value for format '{format}'"));
    let checked = |e: Error| {
        if e.is(&s::TYPE_ERROR) {
            wrong_type()
        } else if e.is(&s::OVERFLOW_ERROR) || e.is(&s::VALUE_ERROR) {
            wrong_value()
        } else {
            e
        }
    };
    let mut out = [0; 8];
    match c {
        b'c' => match v.body::<BytesBody>().map(BytesBody::as_slice) {
            Some([one]) => out[0] = *one,
            Some(_) => return Err(wrong_value()),
            None => return Err(wrong_type()),
        },
        b'?' => out[0] = u8::from(protocol::is_true(cx, v)?),
        b'f' | b'd' | b'e' => {
            let x = convert::to_f64(cx, v).map_err(checked)?;
            match c {
                b'f' => out[..4].copy_from_slice(&(x as f32).to_ne_bytes()),
                b'd' => out = x.to_ne_bytes(),
                _ => match half_from_f64(x) {
                    Some(h) => out[..2].copy_from_slice(&h.to_ne_bytes()),
                    None => return Err(wrong_value()),
                },
            }
        }
        _ => {
            if number::int_value(v).is_none() && !type_of(v).slots.index.is_set() {
                return Err(wrong_type());
            }
            let i = convert::index(cx, v).map_err(checked)?;
            let n: i128 = match number::int_value(&i) {
                Some(IntValue::Small(n)) => n.into(),
                Some(IntValue::Big(b)) => i128::try_from(b).map_err(|_| wrong_value())?,
                None => return Err(wrong_type()),
            };
            let bits = 8 * size(c).unwrap_or(1) as u32;
            let signed = matches!(c, b'b' | b'h' | b'i' | b'l' | b'q' | b'n');
            let (low, high) = if signed {
                (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
            } else {
                (0, (1i128 << bits) - 1)
            };
            if n < low || n > high {
                return Err(wrong_value());
            }
            out = (n as u64).to_ne_bytes();
        }
    }
    Ok(out)
}
