//! Methods and attributes of floats.

use super::arith::{divmod, exact};
use crate::int::new::from_float;
use crate::iterators::support::{class_of, wrong};
use crate::startup::{GetSet, getset};
use skein_object::error::{Result, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, Row, StrBody, number, protocol, row, statics as s, str, tuple};
use skein_text::format as text;
use skein_text::number::short::EMPTY;
use skein_text::number::{exact as conversion, float_hex, round as rounding};

pub static METHODS: &[Row] = &[
    row!(class "from_number(cls, number, /)", from_number, "Convert real number to a floating-point number."),
    row!(
        "conjugate(self, /)",
        same,
        "Return self, the complex conjugate of any float."
    ),
    row!(
        "__trunc__(self, /)",
        trunc,
        "Return the Integral closest to x between 0 and x."
    ),
    row!("__floor__(self, /)", floor, "Return the floor as an Integral."),
    row!("__ceil__(self, /)", ceil, "Return the ceiling as an Integral."),
    row!(
        "__round__(self, ndigits=None, /)",
        round,
        "Return the Integral closest to x, rounding half toward even.\n\nWhen an argument is passed, work like built-in round(x, ndigits)."
    ),
    row!(
        "as_integer_ratio(self, /)",
        as_integer_ratio,
        "Return a pair of integers, whose ratio is exactly equal to the original float.\n\nThe ratio is in lowest terms and has a positive denominator.  Raise\nOverflowError on infinities and a ValueError on NaNs.\n\n>>> (10.0).as_integer_ratio()\n(10, 1)\n>>> (0.0).as_integer_ratio()\n(0, 1)\n>>> (-.25).as_integer_ratio()\n(-1, 4)"
    ),
    row!(class "fromhex(cls, string, /)", fromhex, "Create a floating-point number from a hexadecimal string.\n\n>>> float.fromhex('0x1.ffffp10')\n2047.984375\n>>> float.fromhex('-0x1p-1074')\n-5e-324"),
    row!(
        "hex(self, /)",
        hex,
        "Return a hexadecimal representation of a floating-point number.\n\n>>> (-0.1).hex()\n'-0x1.999999999999ap-4'\n>>> 3.14159.hex()\n'0x1.921f9f01b866ep+1'"
    ),
    row!(
        "is_integer(self, /)",
        is_integer,
        "Return True if the float is an integer."
    ),
    row!("__getnewargs__(self, /)", getnewargs, ""),
    row!(class "__getformat__(cls, typestr, /)", getformat, "You probably don't want to use this function.\n\n  typestr\n    Must be 'double' or 'float'.\n\nIt exists mainly to be used in Python's test suite.\n\nThis function returns whichever of 'unknown', 'IEEE, big-endian' or 'IEEE,\nlittle-endian' best describes the format of floating-point numbers used by the\nC type named by typestr."),
    row!(
        "__format__(self, format_spec, /)",
        format,
        "Formats the float according to format_spec."
    ),
    row!(
        "__divmod__(self, value, /)",
        |cx, a| divmod(cx, a.at(0), a.at(1)),
        "Return divmod(self, value)."
    ),
    row!(
        "__rdivmod__(self, value, /)",
        |cx, a| divmod(cx, a.at(1), a.at(0)),
        "Return divmod(value, self)."
    ),
];

pub static GETSET: &[GetSet] = &[
    getset("real", exact).doc("the real part of a complex number"),
    getset("imag", zero).doc("the imaginary part of a complex number"),
];

fn zero(_: &Context, _: &Ref) -> Result<Ref> {
    number::float(0.0)
}

fn value(a: Args<'_>) -> Result<f64> {
    number::float_value(a.at(0)).ok_or_else(|| wrong("float", a.at(0)))
}

/// A float of a class: exact, or what calling the class gives.
fn of_class(cx: &Context, class: &Ref, x: f64) -> Result<Ref> {
    let r = number::float(x)?;
    if std::ptr::eq(class_of(class)?, &raw const s::FLOAT) {
        Ok(r)
    } else {
        protocol::call1(cx, class, &r)
    }
}

fn from_number(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if a.at(1).is_exact(&s::FLOAT) && a.at(0).is(&s::FLOAT.object()) {
        return Ok(a.at(1).clone());
    }
    of_class(cx, a.at(0), protocol::convert::to_f64(cx, a.at(1))?)
}

fn same(cx: &Context, a: Args<'_>) -> Result<Ref> {
    exact(cx, a.at(0))
}

fn trunc(_: &Context, a: Args<'_>) -> Result<Ref> {
    from_float(value(a)?)
}

fn floor(_: &Context, a: Args<'_>) -> Result<Ref> {
    from_float(value(a)?.floor())
}

fn ceil(_: &Context, a: Args<'_>) -> Result<Ref> {
    from_float(value(a)?.ceil())
}

/// `float.__round__`.
pub fn round(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let x = value(a)?;
    let Some(digits) = a.opt_not_none(1) else {
        return from_float(x.round_ties_even());
    };
    let digits = protocol::convert::index_clamped(cx, digits)?;
    // Less than half a unit of the last digit kept, even if the power of ten is a little off.
    if digits < 0 && x.abs() < 0.4 * 10f64.powi((-digits.max(-400)) as i32) {
        return number::float(0.0f64.copysign(x));
    }
    number::float(rounding::round_float(x, digits)?)
}

fn as_integer_ratio(_: &Context, a: Args<'_>) -> Result<Ref> {
    let (n, d) = conversion::as_integer_ratio(value(a)?)?;
    tuple::new(vec![number::big(n)?, number::big(d)?])
}

fn fromhex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(b) = a.at(1).body::<StrBody>() else {
        return Err(type_error("bad argument type for built-in operation"));
    };
    let digits = b.to_lossy();
    of_class(cx, a.at(0), float_hex::from_hex(digits.as_bytes())?)
}

fn hex(_: &Context, a: Args<'_>) -> Result<Ref> {
    str::from_str(&float_hex::to_hex(value(a)?))
}

fn is_integer(_: &Context, a: Args<'_>) -> Result<Ref> {
    let x = value(a)?;
    Ok(number::bool(x.is_finite() && x.fract() == 0.0))
}

fn getnewargs(cx: &Context, a: Args<'_>) -> Result<Ref> {
    tuple::new(vec![exact(cx, a.at(0))?])
}

fn getformat(_: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(b) = a.at(1).body::<StrBody>() else {
        return Err(type_error(format!(
            "__getformat__() argument must be str, not {}",
            a.at(1).ty().name()
        )));
    };
    if b.view().eq_str("double") || b.view().eq_str("float") {
        return str::from_str(if cfg!(target_endian = "little") {
            "IEEE, little-endian"
        } else {
            "IEEE, big-endian"
        });
    }
    Err(value_error("__getformat__() argument 1 must be 'double' or 'float'"))
}

fn format(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let spec = a.at(1).body::<StrBody>().ok_or_else(|| {
        type_error(format!(
            "__format__() argument must be str, not {}",
            a.at(1).ty().name()
        ))
    })?;
    if spec.is_empty() && !a.at(0).is_exact(&s::FLOAT) {
        return protocol::str_of(cx, a.at(0));
    }
    let (x, name) = (value(a)?, a.at(0).ty().name());
    if spec.is_empty() {
        return str::from_buf(text::format_float(x, spec.view(), name)?);
    }
    let spec = text::float_spec(spec.view(), name)?;
    if let Some(laid) = text::laid::float(x, &spec, &mut text::Head::default(), &mut { EMPTY }) {
        return str::laid_out(&laid);
    }
    str::from_buf(text::format_float_by(x, &spec, name)?)
}
