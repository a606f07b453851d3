//! Methods and attributes of ints.

use super::arith::{self, exact};
use super::new::{bytes_like, max_str_digits, of_class};
use super::value::Int;
use crate::iterators::support::{class_of, wrong};
use crate::startup::{GetSet, getset};
use num_bigint::{BigInt, Sign};
use skein_object::error::{Result, overflow_error, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::{Args, BytesBody, Context, Ref, Row, StrBody, number, protocol, row, statics as s, str, tuple};
use skein_text::format as text;
use skein_text::number::short::EMPTY;

pub static METHODS: &[Row] = &[
    row!(
        "conjugate(self, /)",
        same,
        "Returns self, the complex conjugate of any int."
    ),
    row!(
        "bit_length(self, /)",
        bit_length,
        "Number of bits necessary to represent self in binary.\n\n>>> bin(37)\n'0b100101'\n>>> (37).bit_length()\n6"
    ),
    row!(
        "bit_count(self, /)",
        bit_count,
        "Number of ones in the binary representation of the absolute value of self.\n\nAlso known as the population count.\n\n>>> bin(13)\n'0b1101'\n>>> (13).bit_count()\n3"
    ),
    row!(
        "to_bytes(self, /, length=1, byteorder='big', *, signed=False)",
        to_bytes,
        "Return an array of bytes representing an integer.\n\n  length\n    Length of bytes object to use.  An OverflowError is raised if the\n    integer is not representable with the given number of bytes.  Default\n    is length 1.\n  byteorder\n    The byte order used to represent the integer.  If byteorder is 'big',\n    the most significant byte is at the beginning of the byte array.  If\n    byteorder is 'little', the most significant byte is at the end of the\n    byte array.  To request the native byte order of the host system, use\n    sys.byteorder as the byte order value.  Default is to use 'big'.\n  signed\n    Determines whether two's complement is used to represent the integer.\n    If signed is False and a negative integer is given, an OverflowError\n    is raised."
    ),
    row!(class "from_bytes(cls, /, bytes, byteorder='big', *, signed=False)", from_bytes, "Return the integer represented by the given array of bytes.\n\n  bytes\n    Holds the array of bytes to convert.  The argument must either\n    support the buffer protocol or be an iterable object producing bytes.\n    Bytes and bytearray are examples of built-in objects that support the\n    buffer protocol.\n  byteorder\n    The byte order used to represent the integer.  If byteorder is 'big',\n    the most significant byte is at the beginning of the byte array.  If\n    byteorder is 'little', the most significant byte is at the end of the\n    byte array.  To request the native byte order of the host system, use\n    sys.byteorder as the byte order value.  Default is to use 'big'.\n  signed\n    Indicates whether two's complement is used to represent the integer."),
    row!(
        "as_integer_ratio(self, /)",
        as_integer_ratio,
        "Return a pair of integers, whose ratio is equal to the original int.\n\nThe ratio is in lowest terms and has a positive denominator.\n\n>>> (10).as_integer_ratio()\n(10, 1)\n>>> (-10).as_integer_ratio()\n(-10, 1)\n>>> (0).as_integer_ratio()\n(0, 1)"
    ),
    row!(
        "is_integer(self, /)",
        is_integer,
        "Returns True. Exists for duck type compatibility with float.is_integer."
    ),
    row!("__trunc__(self, /)", same, "Truncating an Integral returns itself."),
    row!("__floor__(self, /)", same, "Flooring an Integral returns itself."),
    row!("__ceil__(self, /)", same, "Ceiling of an Integral returns itself."),
    row!(
        "__round__(self, ndigits=None, /)",
        round,
        "Rounding an Integral returns itself.\n\nRounding with an ndigits argument also returns an integer."
    ),
    row!("__getnewargs__(self, /)", getnewargs, ""),
    row!(
        "__format__(self, format_spec, /)",
        format,
        "Convert to a string according to format_spec."
    ),
    row!("__sizeof__(self, /)", sizeof, "Returns size in memory, in bytes."),
    row!("__divmod__(self, value, /)", divmod, "Return divmod(self, value)."),
    row!("__rdivmod__(self, value, /)", rdivmod, "Return divmod(value, self)."),
];

pub static GETSET: &[GetSet] = &[
    getset("real", exact).doc("the real part of a complex number"),
    getset("imag", zero).doc("the imaginary part of a complex number"),
    getset("numerator", exact).doc("the numerator of a rational number in lowest terms"),
    getset("denominator", one).doc("the denominator of a rational number in lowest terms"),
];

fn zero(_: &Context, _: &Ref) -> Result<Ref> {
    Ok(Ref::small(0))
}

fn one(_: &Context, _: &Ref) -> Result<Ref> {
    Ok(Ref::small(1))
}

#[inline]
fn value<'a>(a: Args<'a>) -> Result<Int<'a>> {
    Int::of(a.at(0)).ok_or_else(|| wrong("int", a.at(0)))
}

fn same(cx: &Context, a: Args<'_>) -> Result<Ref> {
    exact(cx, a.at(0))
}

fn divmod(cx: &Context, a: Args<'_>) -> Result<Ref> {
    arith::divmod(cx, a.at(0), a.at(1))
}

fn rdivmod(cx: &Context, a: Args<'_>) -> Result<Ref> {
    arith::divmod(cx, a.at(1), a.at(0))
}

fn bit_length(_: &Context, a: Args<'_>) -> Result<Ref> {
    number::int(value(a)?.bits() as i64)
}

fn bit_count(_: &Context, a: Args<'_>) -> Result<Ref> {
    number::int(match value(a)? {
        Int::Small(n) => i64::from(n.unsigned_abs().count_ones()),
        Int::Big(b) => b.magnitude().count_ones() as i64,
    })
}

fn is_integer(_: &Context, _: Args<'_>) -> Result<Ref> {
    Ok(number::bool(true))
}

fn as_integer_ratio(cx: &Context, a: Args<'_>) -> Result<Ref> {
    tuple::new(vec![exact(cx, a.at(0))?, Ref::small(1)])
}

fn getnewargs(cx: &Context, a: Args<'_>) -> Result<Ref> {
    tuple::new(vec![exact(cx, a.at(0))?])
}

fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    let digits = value(a)?.bits().div_ceil(30).max(1);
    number::int_from_usize(a.at(0).ty().instance_size(0) + 4 * digits as usize)
}

fn format(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let spec = a.at(1).body::<StrBody>().ok_or_else(|| {
        type_error(format!(
            "__format__() argument must be str, not {}",
            a.at(1).ty().name()
        ))
    })?;
    if spec.is_empty() && !a.at(0).is_exact(&s::INT) {
        return protocol::str_of(cx, a.at(0));
    }
    let (n, name) = (value(a)?, a.at(0).ty().name());
    if spec.is_empty() {
        return str::from_buf(text::format_int(&n.to_text(), spec.view(), name, max_str_digits())?);
    }
    let spec = text::int_spec(spec.view(), name)?;
    if let Int::Small(n) = n
        && let Some(laid) = text::laid::int(n, &spec, &mut text::Head::default(), &mut { EMPTY })
    {
        return str::laid_out(&laid);
    }
    str::from_buf(text::format_int_by(&n.to_text(), &spec, name, max_str_digits())?)
}

/// `int.__round__`.
pub fn round(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(digits) = a.opt_not_none(1) else {
        return exact(cx, a.at(0));
    };
    let digits = protocol::index(cx, digits)?;
    let digits = Int::of(&digits).unwrap_or(Int::Small(0));
    if !digits.is_negative() {
        return exact(cx, a.at(0));
    }
    let n = match digits {
        Int::Small(n) => n.unsigned_abs(),
        Int::Big(_) => u64::MAX,
    };
    number::big(skein_text::number::round::round_int(value(a)?.big().as_ref(), n))
}

/// True for big-endian.
fn byte_order(r: Option<&Ref>, function: &str) -> Result<bool> {
    let Some(r) = r else { return Ok(true) };
    let b = r.body::<StrBody>().ok_or_else(|| {
        type_error(format!(
            "{function}() argument 'byteorder' must be str, not {}",
            r.ty().name()
        ))
    })?;
    match b.as_ascii() {
        Some("big") => Ok(true),
        Some("little") => Ok(false),
        _ => Err(value_error("byteorder must be either 'little' or 'big'")),
    }
}

fn flag(cx: &Context, r: Option<&Ref>) -> Result<bool> {
    r.map_or(Ok(false), |r| protocol::is_true(cx, r))
}

fn to_bytes(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let length = match a.opt(1) {
        Some(r) => match r.as_int() {
            Some(n) => n,
            None => protocol::convert::to_i64(cx, r)?,
        },
        None => 1,
    };
    let big_endian = byte_order(a.opt(2), "to_bytes")?;
    let signed = flag(cx, a.opt(3))?;
    let Ok(length) = usize::try_from(length) else {
        return Err(value_error("length argument must be non-negative"));
    };
    let n = value(a)?;
    if n.is_negative() && !signed {
        return Err(overflow_error("can't convert negative int to unsigned"));
    }
    if let Int::Small(n) = n
        && (1..=8).contains(&length)
    {
        return small_to_bytes(n, length, big_endian, signed);
    }
    let mut bytes = match n {
        Int::Small(0) => Vec::new(),
        Int::Small(n) => n.to_le_bytes().to_vec(),
        Int::Big(b) => b.to_signed_bytes_le(),
    };
    let filler = if n.is_negative() { 0xff } else { 0 };
    // Bytes that only repeat the sign go, as long as the sign bit stays where it is wanted.
    while let [rest @ .., last] = bytes.as_slice() {
        let needed = signed && rest.last().map_or(filler, |b| b & 0x80) & 0x80 != filler & 0x80;
        if *last != filler || bytes.len() <= length || needed {
            break;
        }
        bytes.pop();
    }
    let sign_ok = !signed || bytes.last().is_none_or(|b| b & 0x80 == filler & 0x80);
    if bytes.len() > length || (bytes.len() == length && !sign_ok) || (length == 0 && !n.is_zero()) {
        return Err(overflow_error("int too big to convert"));
    }
    let more = length - bytes.len();
    skein_gc::alloc::make_room(&mut bytes, more)?;
    bytes.resize(length, filler);
    if big_endian {
        bytes.reverse();
    }
    str::bytes(&bytes)
}

/// One to eight bytes of an int that is not negative, unless `signed`.
fn small_to_bytes(n: i64, length: usize, big_endian: bool, signed: bool) -> Result<Ref> {
    let bits = 8 * length as u32;
    // Those above the sign, or above the number, must repeat it.
    let above = if signed {
        n >> (bits - 1)
    } else {
        n.checked_shr(bits).unwrap_or(0)
    };
    if above != 0 && above != -1 {
        return Err(overflow_error("int too big to convert"));
    }
    let mut room = n.to_le_bytes();
    let bytes = &mut room[..length];
    if big_endian {
        bytes.reverse();
    }
    str::bytes(bytes)
}

/// The number that up to eight bytes spell, if it is a machine word.
fn small_from_bytes(bytes: &[u8], big_endian: bool, signed: bool) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    let add = |n: u64, b: &u8| n << 8 | u64::from(*b);
    let n = if big_endian {
        bytes.iter().fold(0, add)
    } else {
        bytes.iter().rev().fold(0, add)
    };
    let unused = 64 - 8 * bytes.len() as u32;
    if signed {
        Some((n << unused) as i64 >> unused)
    } else {
        i64::try_from(n).ok()
    }
}

fn from_bytes(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let big_endian = byte_order(a.opt(2), "from_bytes")?;
    let signed = flag(cx, a.opt(3))?;
    let given;
    let bytes = match a.at(1).body::<BytesBody>().filter(|_| a.at(1).is_exact(&s::BYTES)) {
        Some(b) => b.as_slice(),
        None => {
            given = byte_values(cx, a.at(1))?;
            &given
        }
    };
    let value = match small_from_bytes(bytes, big_endian, signed) {
        Some(n) => number::int(n)?,
        None => number::big(match (big_endian, signed) {
            (true, true) => BigInt::from_signed_bytes_be(bytes),
            (true, false) => BigInt::from_bytes_be(Sign::Plus, bytes),
            (false, true) => BigInt::from_signed_bytes_le(bytes),
            (false, false) => BigInt::from_bytes_le(Sign::Plus, bytes),
        })?,
    };
    let ty = class_of(a.at(0))?;
    if std::ptr::eq(ty, &raw const s::INT) {
        return of_class(ty, value);
    }
    protocol::call1(cx, a.at(0), &value)
}

/// What `bytes(x)` gives for the argument of `from_bytes`.
fn byte_values(cx: &Context, x: &Ref) -> Result<Vec<u8>> {
    if let Some(f) = protocol::call_method_opt(cx, x, skein_object::intern::names::__bytes__(), &[])?
        && let Some(b) = bytes_like(cx, &f)?
    {
        return Ok(b);
    }
    if let Some(b) = bytes_like(cx, x)? {
        return Ok(b);
    }
    if str::is_str(x) || !(x.ty().slots.iter.is_set() || x.ty().slots.getitem.is_set()) {
        return Err(type_error(format!(
            "cannot convert '{}' object to bytes",
            x.ty().name()
        )));
    }
    let mut out = Vec::new();
    let mut it = protocol::Iter::new(cx, x)?;
    while let Some(item) = it.next(cx)? {
        let i = protocol::index(cx, &item)?;
        let byte = number::int_value(&i)
            .and_then(|v| v.to_i64())
            .and_then(|n| u8::try_from(n).ok());
        out.push(byte.ok_or_else(|| value_error("bytes must be in range(0, 256)"))?);
    }
    Ok(out)
}
