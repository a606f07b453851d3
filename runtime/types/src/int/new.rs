//! `int(x, base)`.

use super::value::from_text;
use crate::iterators::support::class_of;
use num_bigint::BigInt;
use skein_object::error::{Result, type_error};
use skein_object::number::{self, IntValue};
use skein_object::object::RefExt;
use skein_object::{BytesBody, Context, Ref, StrBody, Type, protocol, statics as s, str, tuple};
use skein_text::number::int_parse;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `sys.set_int_max_str_digits()`; 0: no limit.
pub static MAX_STR_DIGITS: AtomicUsize = AtomicUsize::new(4300);

pub fn max_str_digits() -> usize {
    // Relaxed: a limit, nothing hangs on its order.
    MAX_STR_DIGITS.load(Ordering::Relaxed)
}

/// The `new` slot.
pub fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let ty = class_of(class)?;
    let keywords = names.and_then(tuple::items).unwrap_or(&[]);
    if args.len() > 2 {
        return Err(type_error(format!(
            "int expected at most 2 arguments, got {}",
            args.len()
        )));
    }
    let positional = args.len() - keywords.len().min(args.len());
    let (positional, named) = args.split_at(positional);
    let mut base = positional.get(1);
    for (name, value) in keywords.iter().zip(named) {
        let text = str::text(name);
        if text != "base" {
            return Err(type_error(format!("int() got an unexpected keyword argument '{text}'")));
        }
        if base.is_some() {
            return Err(type_error("argument for int() given by name ('base') and position (2)"));
        }
        base = Some(value);
    }
    let value = match (positional.first(), base) {
        (None, None) => Ref::small(0),
        (None, Some(_)) => return Err(type_error("int() missing string argument")),
        (Some(x), None) => convert(cx, x)?,
        (Some(x), Some(base)) => with_base(cx, x, base)?,
    };
    of_class(ty, value)
}

/// `int()` and `int(x)`.
pub fn make(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    if !std::ptr::eq(ty, &raw const s::INT) {
        return None;
    }
    match args {
        [] => Some(Ok(Ref::small(0))),
        [x] => Some(convert(cx, x)),
        _ => None,
    }
}

/// An int of exact type as one of `ty`.
pub fn of_class(ty: &'static Type, value: Ref) -> Result<Ref> {
    if std::ptr::eq(ty, &raw const s::INT) {
        return Ok(value);
    }
    match number::int_value(&value) {
        Some(v) => number::int_of(ty, v.to_big()),
        None => Ok(value),
    }
}

fn with_base(cx: &Context, x: &Ref, base: &Ref) -> Result<Ref> {
    // Any base beyond an i64 is as wrong as -1.
    let base = protocol::convert::index_clamped(cx, base)?;
    let base = int_parse::check_base(base)?;
    let bytes;
    let is_text = x.body::<BytesBody>().is_some() || x.is_instance(&crate::bytearray::BYTEARRAY);
    let x = match is_text.then(|| bytes_like(cx, x)).transpose()?.flatten() {
        Some(b) => {
            bytes = str::bytes(&b)?;
            &bytes
        }
        None => x,
    };
    match text(x, base)? {
        Some(r) => Ok(r),
        None => Err(type_error("int() can't convert non-string with explicit base")),
    }
}

/// The int that a str or bytes-like object spells.
fn text(x: &Ref, base: u32) -> Result<Option<Ref>> {
    if let Some(b) = x.body::<StrBody>() {
        return from_text(int_parse::parse_int(b.view(), base, max_str_digits())?).map(Some);
    }
    if let Some(b) = x.body::<BytesBody>() {
        let n = int_parse::parse_int_bytes(b.as_slice(), base, max_str_digits())?;
        return from_text(n).map(Some);
    }
    Ok(None)
}

/// `int(x)`: an int of exact type.
pub fn convert(cx: &Context, x: &Ref) -> Result<Ref> {
    if x.value().is_int() {
        return Ok(x.clone());
    }
    if let Some(v) = number::float_value(x).filter(|_| x.is_exact(&s::FLOAT)) {
        return from_float(v);
    }
    let slots = &x.ty().slots;
    if let Some(f) = slots.int.get() {
        let r = f(cx, x)?;
        if number::int_value(&r).is_none() {
            return Err(type_error(format!("__int__ returned non-int (type {})", r.ty().name())));
        }
        if !r.is_exact(&s::INT) {
            warn_subclass(cx, "__int__", "int", &r)?;
        }
        return super::arith::exact(cx, &r);
    }
    if slots.index.is_set() {
        let r = protocol::index(cx, x)?;
        return super::arith::exact(cx, &r);
    }
    if let Some(r) = text(x, 10)? {
        return Ok(r);
    }
    if let Some(bytes) = bytes_like(cx, x)? {
        let n = int_parse::parse_int_bytes(&bytes, 10, max_str_digits())?;
        return from_text(n);
    }
    Err(type_error(format!(
        "int() argument must be a string, a bytes-like object or a real number, not '{}'",
        x.ty().name()
    )))
}

/// DeprecationWarning for a conversion method that gave an instance of a strict subclass.
#[cold]
pub(crate) fn warn_subclass(cx: &Context, method: &str, wanted: &str, r: &Ref) -> Result<()> {
    (skein_object::context::hooks().warn)(
        cx,
        &s::DEPRECATION_WARNING,
        &format!(
            "{method} returned non-{wanted} (type {}).  The ability to return an instance of a strict subclass of \
             {wanted} is deprecated, and may be removed in a future version of Python.",
            r.ty().name()
        ),
        1,
    )
}

/// The int part of a float.
///
/// # Errors
/// ValueError for NaN, OverflowError for infinities.
pub fn from_float(x: f64) -> Result<Ref> {
    // Every float below 2**62 has an int part that fits.
    if x.abs() < 4.6e18 {
        return number::int(x as i64);
    }
    number::big(skein_text::number::exact::f64_to_big(x)?)
}

/// The bytes of a bytes-like object; `None` for other types.
pub fn bytes_like(cx: &Context, x: &Ref) -> Result<Option<Vec<u8>>> {
    if let Some(b) = x.body::<BytesBody>() {
        return Ok(Some(b.as_slice().to_vec()));
    }
    if protocol::buffer::is_buffer(x) {
        return protocol::buffer::to_vec(cx, x).map(Some);
    }
    Ok(None)
}

/// `value` as a big integer.
pub fn to_big(r: &Ref) -> BigInt {
    match number::int_value(r) {
        Some(IntValue::Small(n)) => BigInt::from(n),
        Some(IntValue::Big(b)) => b.clone(),
        None => BigInt::default(),
    }
}
