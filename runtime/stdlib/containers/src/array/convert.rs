//! Items of arrays from and to Python objects.

use super::typecode::Code;
use num_traits::ToPrimitive;
use skein_object::error::{Result, overflow_error, type_error};
use skein_object::layouts::number::{self, IntValue};
use skein_object::layouts::{StrBody, str};
use skein_object::object::RefExt;
use skein_object::protocol::{self, convert::to_f64};
use skein_object::{Context, Ref, Value};

/// The object of an item's bytes.
pub fn decode(code: Code, b: [u8; 8]) -> Result<Ref> {
    let u = u64::from_ne_bytes(b);
    // The bytes lie at the front, so narrower numbers are read from there.
    let u32_ = u32::from_ne_bytes([b[0], b[1], b[2], b[3]]);
    let u16_ = u16::from_ne_bytes([b[0], b[1]]);
    match code.0 {
        b'b' => number::int(i64::from(b[0] as i8)),
        b'B' => number::int(i64::from(b[0])),
        b'h' => number::int(i64::from(u16_ as i16)),
        b'H' => number::int(i64::from(u16_)),
        b'i' => number::int(i64::from(u32_ as i32)),
        b'I' => number::int(i64::from(u32_)),
        b'l' | b'q' => number::int(u as i64),
        b'L' | b'Q' => number::big(u.into()),
        b'f' => number::float(f64::from(f32::from_bits(u32_))),
        b'd' => number::float(f64::from_bits(u)),
        _ => {
            if u32_ > 0x10_ffff {
                return Err(skein_object::error::value_error(format!(
                    "character U+{u32_:x} is not in range [U+0000; U+10ffff]"
                )));
            }
            str::from_char(u32_)
        }
    }
}

/// What [`decode`] gives, if it is a tagged number; else null.
#[inline]
pub fn peek(code: Code, b: [u8; 8]) -> Value {
    let u = u64::from_ne_bytes(b);
    let u32_ = u32::from_ne_bytes([b[0], b[1], b[2], b[3]]);
    let u16_ = u16::from_ne_bytes([b[0], b[1]]);
    let n = match code.0 {
        b'd' => return Value::float(f64::from_bits(u)).unwrap_or(Value::NULL),
        b'f' => return Value::float(f64::from(f32::from_bits(u32_))).unwrap_or(Value::NULL),
        b'b' => i64::from(b[0] as i8),
        b'B' => i64::from(b[0]),
        b'h' => i64::from(u16_ as i16),
        b'H' => i64::from(u16_),
        b'i' => i64::from(u32_ as i32),
        b'I' => i64::from(u32_),
        b'l' | b'q' => u as i64,
        _ => return Value::NULL,
    };
    Value::int(n).unwrap_or(Value::NULL)
}

/// What [`encode`] gives for a tagged number that fits the item.
#[inline]
pub fn of_number(code: Code, v: Value) -> Option<[u8; 8]> {
    if matches!(code.0, b'd' | b'f') {
        let x = v.as_float().or_else(|| v.as_int().map(|n| n as f64))?;
        return Some(if code.0 == b'd' {
            x.to_ne_bytes()
        } else {
            out((x as f32).to_ne_bytes())
        });
    }
    let n = v.as_int()?;
    Some(match code.0 {
        b'b' => out(i8::try_from(n).ok()?.to_ne_bytes()),
        b'B' => out(u8::try_from(n).ok()?.to_ne_bytes()),
        b'h' => out(i16::try_from(n).ok()?.to_ne_bytes()),
        b'H' => out(u16::try_from(n).ok()?.to_ne_bytes()),
        b'i' => out(i32::try_from(n).ok()?.to_ne_bytes()),
        b'I' => out(u32::try_from(n).ok()?.to_ne_bytes()),
        b'l' | b'q' => n.to_ne_bytes(),
        _ => return None,
    })
}

fn out<const N: usize>(b: [u8; N]) -> [u8; 8] {
    let mut o = [0; 8];
    o[..N].copy_from_slice(&b);
    o
}

/// An int between limits, or an OverflowError that names the C type.
fn limited(cx: &Context, r: &Ref, min: i64, max: i64, name: &str) -> Result<i64> {
    let i = protocol::index(cx, r)?;
    let Some(n) = number::int_value(&i).and_then(|v| v.to_i64()) else {
        return Err(overflow_error("Python int too large to convert to C long"));
    };
    if n < min {
        Err(overflow_error(format!("{name} is less than minimum")))
    } else if n > max {
        Err(overflow_error(format!("{name} is greater than maximum")))
    } else {
        Ok(n)
    }
}

/// The bytes of an item.
pub fn encode(cx: &Context, code: Code, r: &Ref) -> Result<[u8; 8]> {
    Ok(match code.0 {
        b'b' => out((limited(cx, r, -128, 127, "signed char")? as i8).to_ne_bytes()),
        b'B' => out([limited(cx, r, 0, 255, "unsigned byte integer")? as u8]),
        b'h' => out((limited(cx, r, -0x8000, 0x7fff, "signed short integer")? as i16).to_ne_bytes()),
        b'H' => out((limited(cx, r, 0, 0xffff, "unsigned short")? as u16).to_ne_bytes()),
        b'i' => out((limited(cx, r, i64::from(i32::MIN), i64::from(i32::MAX), "signed integer")? as i32).to_ne_bytes()),
        b'I' => {
            let i = protocol::index(cx, r)?;
            let n = unsigned(&i, "can't convert negative value to unsigned int")?;
            match u32::try_from(n) {
                Ok(n) => out(n.to_ne_bytes()),
                Err(_) => return Err(overflow_error("unsigned int is greater than maximum")),
            }
        }
        b'l' | b'q' => {
            let i = protocol::index(cx, r)?;
            match number::int_value(&i).and_then(|v| v.to_i64()) {
                Some(n) => n.to_ne_bytes(),
                None if code.0 == b'l' => {
                    return Err(overflow_error("Python int too large to convert to C long"));
                }
                None => return Err(overflow_error("int too big to convert")),
            }
        }
        b'L' | b'Q' => {
            let i = protocol::index(cx, r)?;
            let negative = if code.0 == b'L' {
                "can't convert negative value to unsigned int"
            } else {
                "can't convert negative int to unsigned"
            };
            unsigned(&i, negative)?.to_ne_bytes()
        }
        b'f' => out((to_f64(cx, r)? as f32).to_ne_bytes()),
        b'd' => to_f64(cx, r)?.to_ne_bytes(),
        _ => match r.body::<StrBody>() {
            Some(b) if b.len() == 1 => out(b.view().get(0).unwrap_or(0).to_ne_bytes()),
            Some(b) => {
                return Err(type_error(format!(
                    "array item must be a unicode character, not a string of length {}",
                    b.len()
                )));
            }
            None => {
                return Err(type_error(format!(
                    "array item must be a unicode character, not {}",
                    r.ty().name()
                )));
            }
        },
    })
}

fn unsigned(i: &Ref, negative: &str) -> Result<u64> {
    match number::int_value(i) {
        Some(v) if v.is_negative() => Err(overflow_error(negative)),
        Some(IntValue::Small(n)) => Ok(n as u64),
        Some(IntValue::Big(b)) => b.to_u64().ok_or_else(|| overflow_error("int too big to convert")),
        None => Err(type_error("an integer is required")),
    }
}
