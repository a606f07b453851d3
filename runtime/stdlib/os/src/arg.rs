//! Arguments as C types.

use skein_object::error::{Result, overflow_error, type_error, value_error};
use skein_object::number::{self, IntValue};
use skein_object::object::RefExt;
use skein_object::{Context, Ref, protocol, statics as s, str};

/// A C int.
pub fn int(cx: &Context, r: &Ref) -> Result<i32> {
    match as_i64(cx, r)?.map(i32::try_from) {
        Some(Ok(n)) => Ok(n),
        _ => Err(overflow_error("Python int too large to convert to C int")),
    }
}

/// An int that fits in 64 bits, or `None` for a larger one.
pub fn as_i64(cx: &Context, r: &Ref) -> Result<Option<i64>> {
    if let Some(n) = r.as_int() {
        return Ok(Some(n));
    }
    let i = protocol::index(cx, r)?;
    Ok(number::int_value(&i).and_then(|v| v.to_i64()))
}

/// A C long (also off_t and ssize_t).
pub fn long(cx: &Context, r: &Ref) -> Result<i64> {
    as_i64(cx, r)?.ok_or_else(|| overflow_error("Python int too large to convert to C long"))
}

/// A C unsigned int.
pub fn uint(cx: &Context, r: &Ref) -> Result<u32> {
    match as_i64(cx, r)? {
        Some(n) if n < 0 => Err(value_error("value must be positive")),
        Some(n) => u32::try_from(n).map_err(|_| overflow_error("Python int too large for C unsigned int")),
        None => Err(overflow_error("Python int too large for C unsigned int")),
    }
}

/// An int as an unsigned 64-bit number, modulo.
pub fn mask64(cx: &Context, r: &Ref) -> Result<u64> {
    let i = protocol::index(cx, r)?;
    Ok(match number::int_value(&i) {
        Some(IntValue::Small(n)) => n as u64,
        Some(v) => {
            let digits = v.to_big().to_signed_bytes_le();
            let fill = if v.is_negative() { 0xff } else { 0 };
            let mut b = [fill; 8];
            for (to, from) in b.iter_mut().zip(digits) {
                *to = from;
            }
            u64::from_le_bytes(b)
        }
        None => 0,
    })
}

/// uid_t and gid_t: -1 means "no change".
pub fn id(cx: &Context, r: &Ref, what: &str) -> Result<u32> {
    if number::int_value(r).is_none() && !r.ty().slots.index.is_set() {
        return Err(type_error(format!("{what} should be integer, not {}", r.ty().name())));
    }
    match as_i64(cx, r)? {
        Some(-1) => Ok(u32::MAX),
        Some(n) if n < 0 => Err(overflow_error(format!("{what} is less than minimum"))),
        Some(n) => u32::try_from(n).map_err(|_| overflow_error(format!("{what} is greater than maximum"))),
        None => Err(overflow_error(format!("{what} is greater than maximum"))),
    }
}

/// A size that may be None or negative: `None` then.
pub fn size_or_none(cx: &Context, r: Option<&Ref>) -> Result<Option<usize>> {
    match r {
        None => Ok(None),
        Some(r) if s::is_none(r) => Ok(None),
        Some(r) => {
            if number::int_value(r).is_none() && !r.ty().slots.index.is_set() {
                return Err(type_error(format!(
                    "argument should be integer or None, not '{}'",
                    r.ty().name()
                )));
            }
            Ok(usize::try_from(protocol::convert::to_i64(cx, r)?).ok())
        }
    }
}

/// A truth value with a default.
pub fn flag(cx: &Context, r: Option<&Ref>, default: bool) -> Result<bool> {
    r.map_or(Ok(default), |r| protocol::is_true(cx, r))
}

/// Something with a file descriptor: an int or an object with `fileno()`.
pub fn fileno(cx: &Context, r: &Ref) -> Result<i32> {
    let fd = if number::int_value(r).is_some() {
        int(cx, r)?
    } else {
        let Some(f) = protocol::getattr_opt(cx, r, &skein_object::intern::name("fileno"))? else {
            return Err(type_error("argument must be an int, or have a fileno() method."));
        };
        let n = protocol::call0(cx, &f)?;
        if number::int_value(&n).is_none() {
            return Err(type_error("fileno() returned a non-integer"));
        }
        int(cx, &n)?
    };
    if fd < 0 {
        return Err(value_error(format!(
            "file descriptor cannot be a negative integer ({fd})"
        )));
    }
    Ok(fd)
}

/// The text of a str argument of a function.
pub fn text(r: &Ref, function: &str, name: &str) -> Result<String> {
    if str::is_str(r) {
        return Ok(str::text(r));
    }
    Err(type_error(format!(
        "{function}() argument {name} must be str, not {}",
        if s::is_none(r) { "None" } else { r.ty().name() }
    )))
}
