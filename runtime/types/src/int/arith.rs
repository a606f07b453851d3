//! Arithmetic of ints. Each function takes its operands in source order and gives NotImplemented unless both are ints.

use super::value::{Int, check_size};
use num_bigint::BigInt;
use num_integer_floor::{div_floor, mod_floor};
use num_traits::{One, Signed, Zero};
use skein_object::error::{Result, memory_error, overflow_error, type_error, value_error, zero_division_error};
use skein_object::number;
use skein_object::{Context, Ref, statics as s};

/// Floor division of big integers: num-bigint truncates.
mod num_integer_floor {
    use num_bigint::BigInt;
    use num_traits::{Signed, Zero};

    fn adjust(r: &BigInt, b: &BigInt) -> bool {
        !r.is_zero() && r.is_negative() != b.is_negative()
    }

    pub fn both(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
        let q = a / b;
        let r = a - &q * b;
        if adjust(&r, b) { (q - 1, r + b) } else { (q, r) }
    }

    pub fn div_floor(a: &BigInt, b: &BigInt) -> BigInt {
        both(a, b).0
    }

    pub fn mod_floor(a: &BigInt, b: &BigInt) -> BigInt {
        let r = a % b;
        if adjust(&r, b) { r + b } else { r }
    }
}
pub use num_integer_floor::both as div_mod_floor;

/// An object of a 128-bit number.
fn wide(n: i128) -> Result<Ref> {
    match i64::try_from(n) {
        Ok(n) => number::int(n),
        Err(_) => number::big(BigInt::from(n)),
    }
}

pub fn add(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
        // Tagged ints have 63 bits: the sum has 64.
        return number::int(x.wrapping_add(y));
    }
    match Int::pair(a, b) {
        None => Ok(s::not_implemented()),
        Some((Int::Small(x), Int::Small(y))) => wide(x as i128 + y as i128),
        Some((Int::Small(x), Int::Big(y)) | (Int::Big(y), Int::Small(x))) => number::big(y + x),
        Some((x, y)) => number::big(x.big().as_ref() + y.big().as_ref()),
    }
}

pub fn sub(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
        return number::int(x.wrapping_sub(y));
    }
    match Int::pair(a, b) {
        None => Ok(s::not_implemented()),
        Some((Int::Small(x), Int::Small(y))) => wide(x as i128 - y as i128),
        Some((Int::Small(x), Int::Big(y))) => number::big(x - y),
        Some((Int::Big(x), Int::Small(y))) => number::big(x - y),
        Some((x, y)) => number::big(x.big().as_ref() - y.big().as_ref()),
    }
}

pub fn mul(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match Int::pair(a, b) {
        None => Ok(s::not_implemented()),
        Some((Int::Small(x), Int::Small(y))) => match x.checked_mul(y) {
            Some(n) => number::int(n),
            None => wide(x as i128 * y as i128),
        },
        Some((x, y)) => {
            check_size(x.bits() + y.bits())?;
            number::big(match (x, y) {
                (Int::Small(x), Int::Big(y)) | (Int::Big(y), Int::Small(x)) => y * x,
                (x, y) => x.big().as_ref() * y.big().as_ref(),
            })
        }
    }
}

#[cold]
fn division_by_zero() -> skein_object::Error {
    zero_division_error("division by zero")
}

/// Floor division of machine words; `None` on overflow (the least by -1).
pub fn small_floor_div(x: i64, y: i64) -> Option<i64> {
    let q = x.checked_div(y)?;
    let r = x.wrapping_sub(q.wrapping_mul(y));
    Some(if r != 0 && (r < 0) != (y < 0) { q - 1 } else { q })
}

/// The remainder with the sign of the divisor, which is not zero.
pub fn small_floor_mod(x: i64, y: i64) -> i64 {
    let r = x.checked_rem(y).unwrap_or(0);
    if r != 0 && (r < 0) != (y < 0) { r + y } else { r }
}

pub fn floor_div(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match Int::pair(a, b) {
        None => Ok(s::not_implemented()),
        Some((_, y)) if y.is_zero() => Err(division_by_zero()),
        Some((Int::Small(x), Int::Small(y))) => match small_floor_div(x, y) {
            Some(n) => number::int(n),
            None => wide(-(x as i128)),
        },
        Some((x, y)) => number::big(div_floor(x.big().as_ref(), y.big().as_ref())),
    }
}

pub fn modulo(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match Int::pair(a, b) {
        None => Ok(s::not_implemented()),
        Some((_, y)) if y.is_zero() => Err(division_by_zero()),
        Some((Int::Small(x), Int::Small(y))) => number::int(small_floor_mod(x, y)),
        Some((x, y)) => number::big(mod_floor(x.big().as_ref(), y.big().as_ref())),
    }
}

/// `divmod(a, b)` as a pair of objects.
pub fn divmod(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match Int::pair(a, b) {
        None => Ok(s::not_implemented()),
        Some((_, y)) if y.is_zero() => Err(division_by_zero()),
        Some((Int::Small(_), Int::Small(_))) => skein_object::tuple::pair(floor_div(cx, a, b)?, modulo(cx, a, b)?),
        Some((x, y)) => {
            let (q, r) = div_mod_floor(x.big().as_ref(), y.big().as_ref());
            skein_object::tuple::pair(number::big(q)?, number::big(r)?)
        }
    }
}

pub fn true_div(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    /// Ints up to this are floats.
    const EXACT: u64 = 1 << 53;
    match Int::pair(a, b) {
        None => Ok(s::not_implemented()),
        Some((_, y)) if y.is_zero() => Err(division_by_zero()),
        Some((Int::Small(x), Int::Small(y))) if x.unsigned_abs() <= EXACT && y.unsigned_abs() <= EXACT => {
            number::float(x as f64 / y as f64)
        }
        Some((x, y)) => number::float(skein_text::number::exact::true_divide(
            x.big().as_ref(),
            y.big().as_ref(),
        )?),
    }
}

/// `a ** b` of ints; a negative exponent gives a float.
pub fn pow(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some((x, y)) = Int::pair(a, b) else {
        return Ok(s::not_implemented());
    };
    if y.is_negative() {
        let x = number::float(skein_object::protocol::convert::int_to_f64(a)?)?;
        let y = number::float(skein_object::protocol::convert::int_to_f64(b)?)?;
        return crate::float::arith::pow(cx, &x, &y);
    }
    match (x, y) {
        (_, Int::Small(0)) => Ok(Ref::small(1)),
        (Int::Small(n @ (0 | 1)), _) => number::int(n),
        (Int::Small(-1), y) => {
            let odd = match y {
                Int::Small(n) => n & 1 == 1,
                Int::Big(b) => b.bit(0),
            };
            Ok(Ref::small(if odd { -1 } else { 1 }))
        }
        (_, Int::Big(_)) => Err(memory_error()),
        (x, Int::Small(e)) => {
            if let (Int::Small(n), Ok(e)) = (x, u32::try_from(e))
                && let Some(n) = n.checked_pow(e)
            {
                return number::int(n);
            }
            // (bits - 1) * e is a lower bound of the size.
            let size = (x.bits() - 1).checked_mul(e as u64);
            check_size(size.unwrap_or(u64::MAX))?;
            let Ok(e) = u32::try_from(e) else {
                return Err(memory_error());
            };
            let base = x.big();
            // Powers of two are shifts.
            if let Some(z) = base.trailing_zeros()
                && z + 1 == base.bits()
            {
                let n = BigInt::one() << (z * u64::from(e));
                return number::big(if x.is_negative() && e & 1 == 1 { -n } else { n });
            }
            number::big(base.pow(e))
        }
    }
}

/// `pow(a, b, m)`.
pub fn pow_mod(cx: &Context, a: &Ref, b: &Ref, m: &Ref) -> Result<Ref> {
    if s::is_none(m) {
        return pow(cx, a, b);
    }
    let (Some((x, y)), Some(m)) = (Int::pair(a, b), Int::of(m)) else {
        return Ok(s::not_implemented());
    };
    if m.is_zero() {
        return Err(value_error("pow() 3rd argument cannot be 0"));
    }
    if let (Int::Small(x), Int::Small(y), Int::Small(m)) = (&x, &y, &m)
        && *y >= 0
    {
        return number::int(small_pow_mod(*x, *y as u64, *m));
    }
    let m = m.big();
    let modulus = m.abs();
    if modulus.is_one() {
        return Ok(Ref::small(0));
    }
    let (base, exponent) = if y.is_negative() {
        let Some(inverse) = x.big().modinv(&modulus) else {
            return Err(value_error("base is not invertible for the given modulus"));
        };
        (inverse, -y.big().into_owned())
    } else {
        (mod_floor(x.big().as_ref(), &modulus), y.big().into_owned())
    };
    let r = base.modpow(&exponent, &modulus);
    number::big(if m.is_negative() && !r.is_zero() {
        r + m.as_ref()
    } else {
        r
    })
}

/// `x ** y % m`, with the sign of `m`, which is not 0.
fn small_pow_mod(x: i64, mut y: u64, m: i64) -> i64 {
    let modulus = u128::from(m.unsigned_abs());
    let mut base = i128::from(x).rem_euclid(modulus as i128) as u128;
    let mut r = 1 % modulus;
    while y != 0 {
        if y & 1 == 1 {
            r = r * base % modulus;
        }
        base = base * base % modulus;
        y >>= 1;
    }
    // What is below the modulus fits.
    if m < 0 && r != 0 {
        (r as i128 + i128::from(m)) as i64
    } else {
        r as i64
    }
}

fn shift_count(y: Int<'_>) -> Result<()> {
    if y.is_negative() {
        return Err(value_error("negative shift count"));
    }
    Ok(())
}

pub fn lshift(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some((x, y)) = Int::pair(a, b) else {
        return Ok(s::not_implemented());
    };
    shift_count(y)?;
    if x.is_zero() {
        return Ok(Ref::small(0));
    }
    let Int::Small(count) = y else {
        return Err(overflow_error("too many digits in integer"));
    };
    if let Int::Small(n) = x
        && count < 63
        && x.bits() + (count as u64) < 63
    {
        return number::int(n << count);
    }
    check_size(x.bits().saturating_add(count as u64))?;
    number::big(x.big().as_ref() << count as u64)
}

pub fn rshift(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some((x, y)) = Int::pair(a, b) else {
        return Ok(s::not_implemented());
    };
    shift_count(y)?;
    let gone = Ref::small(if x.is_negative() { -1 } else { 0 });
    match (x, y) {
        (_, Int::Big(_)) => Ok(gone),
        (Int::Small(n), Int::Small(c)) => number::int(n >> c.min(63)),
        (Int::Big(n), Int::Small(c)) => {
            if c as u64 > n.bits() {
                return Ok(gone);
            }
            number::big(n >> c as u64)
        }
    }
}

macro_rules! bitwise {
    ($name:ident, $op:tt) => {
        pub fn $name(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
            match Int::pair(a, b) {
                None => Ok(s::not_implemented()),
                Some((Int::Small(x), Int::Small(y))) => number::int(x $op y),
                Some((x, y)) => number::big(x.big().as_ref() $op y.big().as_ref()),
            }
        }
    };
}
bitwise!(and_any, &);
bitwise!(or, |);
bitwise!(xor, ^);

pub fn and(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if let Some((x, y)) = Int::pair(a, b) {
        // Masks of a machine word are frequent, and need the lowest digit only.
        let masked = match (x.as_mask(), y.as_mask()) {
            (Some(mask), _) => Some(mask & y.low_word()),
            (_, Some(mask)) => Some(mask & x.low_word()),
            _ => None,
        };
        if let Some(n) = masked {
            return match i64::try_from(n) {
                Ok(n) => number::int(n),
                Err(_) => number::big(BigInt::from(n)),
            };
        }
    }
    and_any(cx, a, b)
}

fn not_int(r: &Ref) -> skein_object::Error {
    use skein_object::object::RefExt;
    type_error(format!("an int is wanted, not '{}'", r.ty().name()))
}

pub fn neg(_: &Context, a: &Ref) -> Result<Ref> {
    match Int::of(a).ok_or_else(|| not_int(a))? {
        Int::Small(n) => wide(-(n as i128)),
        Int::Big(b) => number::big(-b),
    }
}

pub fn invert(_: &Context, a: &Ref) -> Result<Ref> {
    match Int::of(a).ok_or_else(|| not_int(a))? {
        Int::Small(n) => number::int(!n),
        Int::Big(b) => number::big(!b),
    }
}

pub fn abs(_: &Context, a: &Ref) -> Result<Ref> {
    match Int::of(a).ok_or_else(|| not_int(a))? {
        Int::Small(n) => wide((n as i128).abs()),
        Int::Big(b) => number::big(b.abs()),
    }
}

/// The int itself, as one of exact type: `+a`, `int(a)`, `a.real`.
pub fn exact(_: &Context, a: &Ref) -> Result<Ref> {
    if a.value().is_int() || skein_object::types::exact(a, &s::INT) {
        return Ok(a.clone());
    }
    match Int::of(a).ok_or_else(|| not_int(a))? {
        Int::Small(n) => number::int(n),
        Int::Big(b) => number::big(b.clone()),
    }
}
