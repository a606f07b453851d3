//! Conversions: repr, str, format, index.

use crate::context::Context;
use crate::error::{Result, overflow_error, type_error};
use crate::intern::names;
use crate::layouts::number::{self, IntValue};
use crate::layouts::str::{self, StrBody};
use crate::object::{RefExt, type_of};
use crate::statics as s;
use skein_gc::Ref;

/// `repr(r)`.
///
/// # Errors
/// What `__repr__` raises; TypeError if it gives no str.
pub fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    cx.check_stack()?;
    let ty = type_of(r);
    let out = match ty.slots.repr.get() {
        Some(f) => f(cx, r)?,
        None => return str::from_str(&format!("<{} object at {:#x}>", ty.name(), r.value().0)),
    };
    if str::is_str(&out) {
        Ok(out)
    } else {
        Err(type_error(format!(
            "__repr__ returned non-string (type {})",
            out.ty().name()
        )))
    }
}

/// `str(r)`.
///
/// # Errors
/// What `__str__` raises; TypeError if it gives no str.
pub fn str_of(cx: &Context, r: &Ref) -> Result<Ref> {
    if r.is_exact(&s::STR) {
        return Ok(r.clone());
    }
    let Some(f) = type_of(r).slots.str.get() else {
        return repr(cx, r);
    };
    cx.check_stack()?;
    let out = f(cx, r)?;
    if str::is_str(&out) {
        Ok(out)
    } else {
        Err(type_error(format!(
            "__str__ returned non-string (type {})",
            out.ty().name()
        )))
    }
}

/// `ascii(r)`.
pub fn ascii(cx: &Context, r: &Ref) -> Result<Ref> {
    let out = repr(cx, r)?;
    match out.body::<StrBody>() {
        Some(b) if !b.is_ascii() => str::from_buf(skein_text::str::repr::escape_non_ascii(b.view())),
        _ => Ok(out),
    }
}

/// `format(r, spec)`.
///
/// # Errors
/// What `__format__` raises; TypeError if it gives no str.
pub fn format(cx: &Context, r: &Ref, spec: &Ref) -> Result<Ref> {
    if r.is_exact(&s::STR) && spec.body::<StrBody>().is_some_and(StrBody::is_empty) {
        return Ok(r.clone());
    }
    if spec.body::<StrBody>().is_some_and(StrBody::is_empty) && r.value().is_int() {
        return str_of(cx, r);
    }
    match crate::protocol::call_method_opt(cx, r, names::__format__(), std::slice::from_ref(spec))? {
        Some(out) if str::is_str(&out) => Ok(out),
        Some(out) => Err(type_error(format!(
            "__format__ must return a str, not {}",
            out.ty().name()
        ))),
        None => Err(type_error(format!("Type {} doesn't define __format__", r.ty().name()))),
    }
}

/// `operator.index(r)`: an int of any class.
///
/// # Errors
/// TypeError "'X' object cannot be interpreted as an integer".
pub fn index(cx: &Context, r: &Ref) -> Result<Ref> {
    if number::int_value(r).is_some() {
        return Ok(r.clone());
    }
    match type_of(r).slots.index.get() {
        Some(f) => {
            let out = f(cx, r)?;
            if number::int_value(&out).is_some() {
                if !out.is_exact(&s::INT) {
                    let said = format!("__index__ returned non-int (type {})", out.ty().name());
                    warn_subclass(cx, &said, "int")?;
                }
                Ok(out)
            } else {
                Err(type_error(format!(
                    "__index__ returned non-int (type {})",
                    out.ty().name()
                )))
            }
        }
        None => Err(type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            r.ty().name()
        ))),
    }
}

#[cold]
fn warn_subclass(cx: &Context, said: &str, wanted: &str) -> Result<()> {
    (crate::context::hooks().warn)(
        cx,
        &s::DEPRECATION_WARNING,
        &format!(
            "{said}.  The ability to return an instance of a strict subclass of {wanted} is deprecated, and may be \
             removed in a future version of Python.",
        ),
        1,
    )
}

/// An index as an i64, clamped to its range where it is larger (slices).
pub fn index_clamped(cx: &Context, r: &Ref) -> Result<i64> {
    let i = index(cx, r)?;
    Ok(match number::int_value(&i) {
        Some(IntValue::Small(n)) => n,
        Some(v) => v.to_i64().unwrap_or(if v.is_negative() { i64::MIN } else { i64::MAX }),
        None => 0,
    })
}

/// An index as an i64.
///
/// # Errors
/// TypeError; IndexError or OverflowError ("cannot fit 'int' into an index-sized integer").
pub fn to_index_i64(cx: &Context, r: &Ref) -> Result<i64> {
    let i = index(cx, r)?;
    match number::int_value(&i).and_then(|v| v.to_i64()) {
        Some(n) => Ok(n),
        None => Err(crate::error::raise(
            &s::INDEX_ERROR,
            format!("cannot fit '{}' into an index-sized integer", r.ty().name()),
        )),
    }
}

/// An int argument as an i64.
///
/// # Errors
/// TypeError; OverflowError "Python int too large to convert to C int".
pub fn to_i64(cx: &Context, r: &Ref) -> Result<i64> {
    let i = index(cx, r)?;
    match number::int_value(&i).and_then(|v| v.to_i64()) {
        Some(n) => Ok(n),
        None => Err(overflow_error("Python int too large to convert to C ssize_t")),
    }
}

/// A size: an int that is not negative.
///
/// # Errors
/// TypeError, OverflowError, ValueError.
pub fn to_usize(cx: &Context, r: &Ref) -> Result<usize> {
    let n = to_i64(cx, r)?;
    usize::try_from(n).map_err(|_| crate::error::value_error("value must not be negative"))
}

/// A float argument: float, int, or `__float__`/`__index__`.
///
/// # Errors
/// TypeError "must be real number, not X"; OverflowError.
pub fn to_f64(cx: &Context, r: &Ref) -> Result<f64> {
    if let Some(x) = number::float_value(r) {
        return Ok(x);
    }
    if let Some(n) = r.as_int() {
        return Ok(n as f64);
    }
    let slots = &type_of(r).slots;
    if let Some(f) = slots.float.get() {
        return by_float_slot(cx, r, f);
    }
    if slots.index.is_set() {
        let i = index(cx, r)?;
        return int_to_f64(&i);
    }
    Err(type_error(format!("must be real number, not {}", r.ty().name())))
}

/// What `__float__` gives.
///
/// # Errors
/// What it raises; TypeError if it is no float.
pub fn by_float_slot(cx: &Context, r: &Ref, f: crate::slots::Unary) -> Result<f64> {
    let out = f(cx, r)?;
    let said = || {
        format!(
            "{}.__float__ returned non-float (type {})",
            r.ty().name(),
            out.ty().name()
        )
    };
    let Some(x) = number::float_value(&out) else {
        return Err(type_error(said()));
    };
    if !out.is_exact(&s::FLOAT) {
        warn_subclass(cx, &said(), "float")?;
    }
    Ok(x)
}

/// The nearest float of an int.
///
/// # Errors
/// OverflowError "int too large to convert to float".
pub fn int_to_f64(r: &Ref) -> Result<f64> {
    use num_traits::ToPrimitive;
    match number::int_value(r) {
        Some(IntValue::Small(n)) => Ok(n as f64),
        Some(IntValue::Big(b)) => match b.to_f64() {
            Some(x) if x.is_finite() => Ok(x),
            _ => Err(overflow_error("int too large to convert to float")),
        },
        None => Err(type_error("an int is wanted")),
    }
}

/// The text of a str argument.
///
/// # Errors
/// TypeError "f() argument must be str, not X".
pub fn str_arg<'a>(r: &'a Ref, what: &str) -> Result<&'a StrBody> {
    r.body::<StrBody>()
        .ok_or_else(|| type_error(format!("{what} must be str, not {}", r.ty().name())))
}

pub fn is_callable(r: &Ref) -> bool {
    type_of(r).slots.call.is_set()
}
