//! Single values of a format.

use super::error;
use super::format::{Format, Item};
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use skein_object::error::{Result, overflow_error};
use skein_object::layouts::{BytesBody, ComplexBody, number, str};
use skein_object::object::RefExt;
use skein_object::protocol::{self, buffer, convert::to_f64};
use skein_object::{Context, Ref, statics as s};

/// Whether the code stands for an int, and its sign.
fn integer(code: u8) -> Option<bool> {
    match code {
        b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => Some(true),
        b'B' | b'H' | b'I' | b'L' | b'Q' | b'N' | b'P' => Some(false),
        _ => None,
    }
}

/// A double rounded to the half-precision pattern; `None`: too large.
fn half(x: f64) -> Option<u16> {
    let sign = ((x.to_bits() >> 48) & 0x8000) as u16;
    if x.is_nan() {
        return Some(sign | 0x7e00);
    }
    if x.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let a = x.abs();
    if a == 0.0 {
        return Some(sign);
    }
    let exponent = ((a.to_bits() >> 52) as i32 - 1023).max(-14);
    // The value in units of the last place of its exponent, to even.
    let unit = f64::from_bits(((exponent - 10 + 1023) as u64) << 52);
    let n = (a / unit).round_ties_even() as u32;
    let bits = if n >= 0x400 {
        (((exponent + 15) as u32) << 10) + (n - 0x400)
    } else {
        n
    };
    if bits >= 0x7c00 {
        return None;
    }
    Some(sign | bits as u16)
}

fn from_half(h: u16) -> f64 {
    let sign = if h & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (e, m) = (i32::from(h >> 10 & 0x1f), f64::from(h & 0x3ff));
    sign * match e {
        0 => m * 2f64.powi(-24),
        31 if m == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + m / 1024.0) * 2f64.powi(e - 15),
    }
}

/// Writes `bytes`, given in little-endian order.
fn write(out: &mut [u8], bytes: &[u8], big_endian: bool) {
    if let Some(out) = out.get_mut(..bytes.len()) {
        out.copy_from_slice(bytes);
        if big_endian {
            out.reverse();
        }
    }
}

fn range(item: &Item, signed: bool) -> skein_object::Error {
    let bits = item.size * 8;
    let (low, high): (BigInt, BigInt) = if signed {
        let half = BigInt::from(1) << (bits - 1);
        (-half.clone(), half - 1)
    } else {
        (BigInt::from(0), (BigInt::from(1) << bits) - 1)
    };
    error(format!(
        "'{}' format requires {low} <= number <= {high}",
        item.code as char
    ))
}

fn pack_int(cx: &Context, item: &Item, signed: bool, v: &Ref, big: bool, out: &mut [u8]) -> Result<()> {
    // Of a small int, what has no place shows no bits but its sign.
    if let Some(n) = v.as_int()
        && let over = n >> (8 * item.size as u32 - u32::from(signed)).min(63)
        && (over == 0 || signed && over == -1)
    {
        write(out, &n.to_le_bytes()[..item.size], big);
        return Ok(());
    }
    let index = if number::int_value(v).is_some() || v.ty().slots.index.is_set() {
        protocol::index(cx, v)?
    } else {
        return Err(error("required argument is not an integer"));
    };
    let Some(n) = number::int_value(&index) else {
        return Err(error("required argument is not an integer"));
    };
    let wide = match n.to_i64() {
        Some(n) => i128::from(n),
        None => n.to_big().to_i128().ok_or_else(|| range(item, signed))?,
    };
    let bits = item.size as u32 * 8;
    // An address may be negative: it wraps.
    let (low, high) = if signed || item.code == b'P' {
        (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
    } else {
        (0, (1i128 << bits) - 1)
    };
    let high = if item.code == b'P' { (1i128 << bits) - 1 } else { high };
    if wide < low || wide > high {
        if item.code == b'P' {
            return Err(overflow_error("int too large to convert"));
        }
        return Err(range(item, signed));
    }
    write(out, &wide.to_le_bytes()[..item.size], big);
    Ok(())
}

fn real(cx: &Context, v: &Ref) -> Result<f64> {
    to_f64(cx, v).map_err(|e| {
        if e.is(&s::TYPE_ERROR) {
            error("required argument is not a float")
        } else {
            e
        }
    })
}

fn pack_float(x: f64, code: u8, big: bool, out: &mut [u8]) -> Result<()> {
    match code {
        b'e' => match half(x) {
            Some(h) => write(out, &h.to_le_bytes(), big),
            None => return Err(overflow_error("float too large to pack with e format")),
        },
        b'f' => {
            let y = x as f32;
            if y.is_infinite() && x.is_finite() {
                return Err(overflow_error("float too large to pack with f format"));
            }
            write(out, &y.to_le_bytes(), big);
        }
        _ => write(out, &x.to_le_bytes(), big),
    }
    Ok(())
}

/// The two parts of a complex argument.
fn complex_parts(cx: &Context, v: &Ref) -> Result<(f64, f64)> {
    if let Some(c) = v.body::<ComplexBody>() {
        return Ok((c.real, c.imag));
    }
    let name = skein_object::intern::names::__complex__();
    if let Some(r) = protocol::call_method_opt(cx, v, name, &[])?
        && let Some(c) = r.body::<ComplexBody>()
    {
        return Ok((c.real, c.imag));
    }
    match to_f64(cx, v) {
        Ok(x) => Ok((x, 0.0)),
        Err(e) if e.is(&s::TYPE_ERROR) => Err(error("required argument is not a complex")),
        Err(e) => Err(e),
    }
}

/// Writes one value.
fn pack_one(cx: &Context, f: &Format, item: &Item, v: &Ref, out: &mut [u8]) -> Result<()> {
    if let Some(signed) = integer(item.code) {
        return pack_int(cx, item, signed, v, f.big_endian, out);
    }
    match item.code {
        b'?' => write(out, &[u8::from(protocol::is_true(cx, v)?)], false),
        b'c' => match v.body::<BytesBody>().map(BytesBody::as_slice) {
            Some([b]) => write(out, &[*b], false),
            _ => {
                return Err(error("char format requires a bytes object of length 1"));
            }
        },
        b'F' => {
            let (re, im) = complex_parts(cx, v)?;
            let (left, right) = out.split_at_mut(4);
            pack_float(re, b'f', f.big_endian, left)?;
            pack_float(im, b'f', f.big_endian, right)?;
        }
        b'D' => {
            let (re, im) = complex_parts(cx, v)?;
            let (left, right) = out.split_at_mut(8);
            pack_float(re, b'd', f.big_endian, left)?;
            pack_float(im, b'd', f.big_endian, right)?;
        }
        code => return pack_float(real(cx, v)?, code, f.big_endian, out),
    }
    Ok(())
}

/// Packs all values; `out` is zeroed and of the format's size.
pub fn pack(cx: &Context, f: &Format, values: &[Ref], out: &mut [u8]) -> Result<()> {
    let mut values = values.iter();
    let mut next = || values.next().ok_or_else(|| error("too few values"));
    for item in &f.items {
        if matches!(item.code, b's' | b'p') {
            let v = next()?;
            let is_bytes = v.body::<BytesBody>().is_some() || v.ty().layout().name == "bytearray";
            if !is_bytes {
                return Err(error(format!(
                    "argument for '{}' must be a bytes object",
                    item.code as char
                )));
            }
            let data = buffer::to_vec(cx, v)?;
            let place = out
                .get_mut(item.offset..item.offset + item.count)
                .ok_or_else(|| error("size"))?;
            if item.code == b's' {
                let n = data.len().min(place.len());
                place[..n].copy_from_slice(&data[..n]);
            } else if let Some((first, rest)) = place.split_first_mut() {
                let n = data.len().min(rest.len());
                rest[..n].copy_from_slice(&data[..n]);
                *first = n.min(255) as u8;
            }
            continue;
        }
        for k in 0..item.count {
            let at = item.offset + k * item.size;
            let place = out.get_mut(at..at + item.size).ok_or_else(|| error("size"))?;
            pack_one(cx, f, item, next()?, place)?;
        }
    }
    Ok(())
}

fn little(bytes: &[u8], big_endian: bool) -> [u8; 8] {
    let mut b = [0u8; 8];
    let n = bytes.len().min(8);
    b[..n].copy_from_slice(&bytes[..n]);
    if big_endian {
        b[..n].reverse();
    }
    b
}

fn unpack_float(bytes: &[u8], code: u8, big: bool) -> f64 {
    let u = u64::from_le_bytes(little(bytes, big));
    match code {
        b'e' => from_half(u as u16),
        b'f' => f64::from(f32::from_bits(u as u32)),
        _ => f64::from_bits(u),
    }
}

fn unpack_one(f: &Format, item: &Item, bytes: &[u8]) -> Result<Ref> {
    let big = f.big_endian;
    if let Some(signed) = integer(item.code) {
        let u = u64::from_le_bytes(little(bytes, big));
        if signed {
            let shift = 64 - 8 * item.size as u32;
            return number::int(((u << shift) as i64) >> shift);
        }
        return match i64::try_from(u) {
            Ok(n) => number::int(n),
            Err(_) => number::big(BigInt::from(u)),
        };
    }
    match item.code {
        b'?' => Ok(number::bool(bytes.first() != Some(&0))),
        b'c' => str::bytes(bytes),
        b'F' => number::complex(
            unpack_float(&bytes[..4], b'f', big),
            unpack_float(&bytes[4..], b'f', big),
        ),
        b'D' => number::complex(
            unpack_float(&bytes[..8], b'd', big),
            unpack_float(&bytes[8..], b'd', big),
        ),
        code => number::float(unpack_float(bytes, code, big)),
    }
}

/// The values of `data`, which has the format's size.
pub fn unpack(f: &Format, data: &[u8]) -> Result<Ref> {
    if let [item] = &f.items[..]
        && item.count == 1
        && !matches!(item.code, b's' | b'p')
        && let Some(bytes) = data.get(item.offset..item.offset + item.size)
    {
        return skein_object::tuple::single(unpack_one(f, item, bytes)?);
    }
    let mut out = skein_gc::alloc::vec_with(f.values)?;
    for item in &f.items {
        let short = || error("size");
        match item.code {
            b's' => {
                let place = data.get(item.offset..item.offset + item.count);
                out.push(str::bytes(place.ok_or_else(short)?)?);
            }
            b'p' => {
                let place = data.get(item.offset..item.offset + item.count).ok_or_else(short)?;
                out.push(match place.split_first() {
                    Some((n, rest)) => str::bytes(&rest[..usize::from(*n).min(rest.len())])?,
                    None => s::empty_bytes(),
                });
            }
            _ => {
                for k in 0..item.count {
                    let at = item.offset + k * item.size;
                    let bytes = data.get(at..at + item.size).ok_or_else(short)?;
                    out.push(unpack_one(f, item, bytes)?);
                }
            }
        }
    }
    skein_object::tuple::new(out)
}
