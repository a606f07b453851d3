//! Numbers that do not fit in a tagged value.

use crate::error::Result;
use crate::object::{RefExt, alloc};
use crate::payload;
use crate::statics as s;
use crate::types::Type;
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;
use skein_gc::Ref;

/// An int beyond 63 bits, or any int of a subclass.
pub struct BigIntBody(pub BigInt);
payload!(BigIntBody, "int", |_this, _v| {});

/// A float outside the tagged window, or of a subclass.
pub struct FloatBody(pub f64);
payload!(FloatBody, "float", |_this, _v| {});

pub struct ComplexBody {
    pub real: f64,
    pub imag: f64,
}
payload!(ComplexBody, "complex", |_this, _v| {});

/// Body of True and False; they are ints whose value is in the body.
pub struct BoolBody(pub bool);
payload!(BoolBody, "bool", |_this, _v| {});

/// The integer value of an int, bool or int subclass.
pub enum IntValue<'a> {
    Small(i64),
    Big(&'a BigInt),
}

impl IntValue<'_> {
    pub fn to_big(&self) -> BigInt {
        match self {
            IntValue::Small(n) => BigInt::from(*n),
            IntValue::Big(b) => (*b).clone(),
        }
    }

    pub fn to_i64(&self) -> Option<i64> {
        match self {
            IntValue::Small(n) => Some(*n),
            IntValue::Big(b) => b.to_i64(),
        }
    }

    pub fn is_negative(&self) -> bool {
        match self {
            IntValue::Small(n) => *n < 0,
            IntValue::Big(b) => b.sign() == Sign::Minus,
        }
    }

    pub fn is_zero(&self) -> bool {
        matches!(self, IntValue::Small(0)) || matches!(self, IntValue::Big(b) if b.sign() == Sign::NoSign)
    }
}

/// The value of an int (of any class); `None` for other types.
#[inline]
pub fn int_value(r: &Ref) -> Option<IntValue<'_>> {
    if let Some(n) = r.as_int() {
        return Some(IntValue::Small(n));
    }
    if let Some(b) = r.body::<BigIntBody>() {
        return Some(IntValue::Big(&b.0));
    }
    r.body::<BoolBody>().map(|b| IntValue::Small(b.0 as i64))
}

/// The value of a float of any class; `None` for other types.
#[inline]
pub fn float_value(r: &Ref) -> Option<f64> {
    if let Some(x) = r.value().as_float() {
        return Some(x);
    }
    r.body::<FloatBody>().map(|b| b.0)
}

/// An int.
#[inline]
pub fn int(n: i64) -> Result<Ref> {
    match Ref::int(n) {
        Some(r) => Ok(r),
        None => alloc(&s::INT, BigIntBody(BigInt::from(n))),
    }
}

pub fn int_from_usize(n: usize) -> Result<Ref> {
    match i64::try_from(n) {
        Ok(n) => int(n),
        Err(_) => big(BigInt::from(n)),
    }
}

/// The machine word that a big integer is, if it is one.
#[inline]
pub fn word(n: &BigInt) -> Option<i64> {
    match n.magnitude().iter_u64_digits().len() {
        0 | 1 => n.to_i64(),
        _ => None,
    }
}

/// An int, tagged if it fits.
pub fn big(n: BigInt) -> Result<Ref> {
    if let Some(r) = word(&n).and_then(Ref::int) {
        return Ok(r);
    }
    alloc(&s::INT, BigIntBody(n))
}

/// An int of a subclass.
pub fn int_of(ty: &'static Type, n: BigInt) -> Result<Ref> {
    if std::ptr::eq(ty, &raw const s::INT) {
        big(n)
    } else {
        alloc(ty, BigIntBody(n))
    }
}

/// A float.
#[inline]
pub fn float(x: f64) -> Result<Ref> {
    match Ref::float(x) {
        Some(r) => Ok(r),
        None => alloc(&s::FLOAT, FloatBody(x)),
    }
}

pub fn complex(real: f64, imag: f64) -> Result<Ref> {
    alloc(&s::COMPLEX, ComplexBody { real, imag })
}

/// The bool object.
#[inline(always)]
pub fn bool(b: bool) -> Ref {
    if b { s::true_() } else { s::false_() }
}

const HASH_MODULUS: i64 = (1 << 61) - 1;

/// hash() of an int that fits in 64 bits: the value modulo 2**61 - 1 with its sign, and -2 for -1.
#[inline]
pub fn hash_int(n: i64) -> i64 {
    let m = if n.unsigned_abs() < HASH_MODULUS as u64 {
        n
    } else {
        let r = (n.unsigned_abs() % HASH_MODULUS as u64) as i64;
        if n < 0 { -r } else { r }
    };
    if m == -1 { -2 } else { m }
}

pub fn hash_big(n: &BigInt) -> i64 {
    let r = (n.magnitude() % (HASH_MODULUS as u64)).to_i64().unwrap_or(0);
    let m = if n.sign() == Sign::Minus { -r } else { r };
    if m == -1 { -2 } else { m }
}

/// hash() of a float, equal to that of the int of the same value; `identity` is the hash of a NaN.
pub fn hash_float(x: f64, identity: u64) -> i64 {
    if x.is_infinite() {
        return if x > 0.0 { 314_159 } else { -314_159 };
    }
    if x.is_nan() {
        return hash_pointer(identity);
    }
    if x.fract() == 0.0 && x.abs() < 9e18 {
        return hash_int(x as i64);
    }
    let bits = x.abs().to_bits();
    let exponent = (bits >> 52) as i64;
    let (mantissa, e) = if exponent == 0 {
        (bits, -1074)
    } else {
        (bits & ((1 << 52) - 1) | 1 << 52, exponent - 1075)
    };
    // mantissa * 2**e modulo 2**61 - 1: multiplication by a power of two is a rotation of 61 bits.
    let e = e.rem_euclid(61) as u32;
    let m = mantissa % HASH_MODULUS as u64;
    let r = ((m << e) & HASH_MODULUS as u64) | (m >> (61 - e));
    let r = (r % HASH_MODULUS as u64) as i64;
    let r = if x < 0.0 { -r } else { r };
    if r == -1 { -2 } else { r }
}

/// Hash of an identity.
#[inline]
pub fn hash_pointer(bits: u64) -> i64 {
    let h = bits.rotate_right(4) as i64;
    if h == -1 { -2 } else { h }
}
