//! `cmath`.

use skein_object::error::{Result, overflow_error, value_error};
use skein_object::intern::names;
use skein_object::layouts::{ComplexBody, number};
use skein_object::native::ModuleDef;
use skein_object::object::RefExt;
use skein_object::protocol::convert::to_f64;
use skein_object::{Args, Context, Ref, Row, dict, protocol, row};
use skein_stdlib_support::pack;
use std::f64::consts::{LN_2, LN_10, PI, TAU};

pub static MODULE: ModuleDef = ModuleDef {
    name: "cmath",
    doc: "This module provides access to mathematical functions for complex\nnumbers.",
    functions: FUNCTIONS,
    init,
};

fn init(_: &Context, module: &Ref) -> Result<()> {
    for (name, x) in [
        ("pi", PI),
        ("e", std::f64::consts::E),
        ("tau", TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        dict::set_str(module, name, number::float(x)?)?;
    }
    dict::set_str(module, "infj", number::complex(0.0, f64::INFINITY)?)?;
    dict::set_str(module, "nanj", number::complex(0.0, f64::NAN)?)
}

#[derive(Clone, Copy)]
struct C(f64, f64);

impl C {
    fn is_finite(self) -> bool {
        self.0.is_finite() && self.1.is_finite()
    }

    fn is_nan(self) -> bool {
        self.0.is_nan() || self.1.is_nan()
    }

    fn is_infinite(self) -> bool {
        self.0.is_infinite() || self.1.is_infinite()
    }

    /// Times i, and times -i.
    fn left(self) -> C {
        C(-self.1, self.0)
    }

    fn right(self) -> C {
        C(self.1, -self.0)
    }
}

fn arg(cx: &Context, r: &Ref) -> Result<C> {
    if let Some(c) = r.body::<ComplexBody>() {
        return Ok(C(c.real, c.imag));
    }
    if number::float_value(r).is_none()
        && number::int_value(r).is_none()
        && let Some(v) = protocol::call_method_opt(cx, r, names::__complex__(), &[])?
    {
        return match v.body::<ComplexBody>() {
            Some(c) => Ok(C(c.real, c.imag)),
            None => Err(skein_object::error::type_error(format!(
                "{}.__complex__() must return a complex, not {}",
                r.ty().name(),
                v.ty().name()
            ))),
        };
    }
    Ok(C(to_f64(cx, r)?, 0.0))
}

#[cold]
fn domain() -> skein_object::Error {
    value_error("math domain error")
}

/// A function of one complex number. A NaN out of a number without one is a domain error; infinity out of a finite one, an
/// overflow.
fn one(cx: &Context, a: Args<'_>, f: fn(C) -> C) -> Result<Ref> {
    let z = arg(cx, a.at(0))?;
    let r = f(z);
    if z.is_finite() {
        if r.is_nan() {
            return Err(domain());
        }
        if r.is_infinite() {
            return Err(overflow_error("math range error"));
        }
    }
    number::complex(r.0, r.1)
}

fn sqrt_(z: C) -> C {
    let C(x, y) = z;
    if x == 0.0 && y == 0.0 {
        return C(0.0, y);
    }
    if y.is_infinite() {
        return C(f64::INFINITY, y);
    }
    if x.is_infinite() {
        return if x > 0.0 {
            C(x, if y.is_nan() { y } else { 0f64.copysign(y) })
        } else {
            C(if y.is_nan() { y } else { 0.0 }, f64::INFINITY.copysign(y))
        };
    }
    // Scaled, so that neither the squares nor the sum leave the range.
    let (ax, ay) = (x.abs() / 8.0, y.abs());
    let s = if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        let ax = libm::ldexp(x.abs(), 54);
        libm::ldexp((ax + ax.hypot(libm::ldexp(ay, 54))).sqrt(), -27) / 2f64.sqrt()
    } else {
        2.0 * (ax + ax.hypot(ay / 8.0)).sqrt()
    };
    let d = ay / (2.0 * s);
    if x >= 0.0 {
        C(s, d.copysign(y))
    } else {
        C(d, s.copysign(y))
    }
}

fn log_(z: C) -> C {
    let C(x, y) = z;
    let angle = y.atan2(x);
    if x.is_infinite() || y.is_infinite() {
        return C(f64::INFINITY, angle);
    }
    let (ax, ay) = (x.abs(), y.abs());
    let size = if ax > f64::MAX / 4.0 || ay > f64::MAX / 4.0 {
        (ax / 2.0).hypot(ay / 2.0).ln() + LN_2
    } else if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        libm::ldexp(ax, 53).hypot(libm::ldexp(ay, 53)).ln() - 53.0 * LN_2
    } else {
        let h = ax.hypot(ay);
        if (0.71..=1.73).contains(&h) {
            let (big, small) = if ax > ay { (ax, ay) } else { (ay, ax) };
            ((big - 1.0) * (big + 1.0) + small * small).ln_1p() / 2.0
        } else {
            h.ln()
        }
    };
    C(size, angle)
}

fn exp_(z: C) -> C {
    let C(x, y) = z;
    if y == 0.0 {
        return C(x.exp(), y);
    }
    if x.is_infinite() && !y.is_finite() {
        return if x > 0.0 { C(x, f64::NAN) } else { C(0.0, 0.0) };
    }
    if x == f64::NEG_INFINITY {
        return C(0f64.copysign(y.cos()), 0f64.copysign(y.sin()));
    }
    if x > 708.0 && x.is_finite() {
        let l = (x - 1.0).exp();
        return C(l * y.cos() * std::f64::consts::E, l * y.sin() * std::f64::consts::E);
    }
    let l = x.exp();
    C(l * y.cos(), l * y.sin())
}

fn cosh_(z: C) -> C {
    let C(x, y) = z;
    if x.is_infinite() && y == 0.0 {
        return C(f64::INFINITY, y * x.signum());
    }
    if x.is_infinite() && !y.is_finite() {
        return C(f64::INFINITY, f64::NAN);
    }
    C(y.cos() * x.cosh(), y.sin() * x.sinh())
}

fn sinh_(z: C) -> C {
    let C(x, y) = z;
    if y == 0.0 {
        return C(x.sinh(), y);
    }
    if x.is_infinite() && !y.is_finite() {
        return C(x, f64::NAN);
    }
    C(y.cos() * x.sinh(), y.sin() * x.cosh())
}

fn tanh_(z: C) -> C {
    let C(x, y) = z;
    if x.abs() > 350.0 {
        let im = if y.is_finite() {
            4.0 * y.sin() * y.cos() * (-2.0 * x.abs()).exp()
        } else {
            0.0
        };
        return C(1f64.copysign(x), im);
    }
    let (tx, ty) = (x.tanh(), y.tan());
    let cx = 1.0 / x.cosh();
    let d = 1.0 + tx * ty * tx * ty;
    C(tx * (1.0 + ty * ty) / d, ty / d * cx * cx)
}

fn acos_(z: C) -> C {
    if z.is_infinite() {
        let angle = z.1.abs().atan2(z.0);
        return C(angle, f64::INFINITY.copysign(-z.1));
    }
    if z.0.abs() > f64::MAX / 4.0 || z.1.abs() > f64::MAX / 4.0 {
        let size = (z.0 / 2.0).hypot(z.1 / 2.0).ln() + LN_2 * 2.0;
        return C(z.1.abs().atan2(z.0), -size.copysign(z.1));
    }
    let s1 = sqrt_(C(1.0 - z.0, -z.1));
    let s2 = sqrt_(C(1.0 + z.0, z.1));
    C(2.0 * s1.0.atan2(s2.0), libm::asinh(s2.0 * s1.1 - s2.1 * s1.0))
}

fn acosh_(z: C) -> C {
    if z.is_infinite() {
        return C(f64::INFINITY, z.1.atan2(z.0));
    }
    if z.0.abs() > f64::MAX / 4.0 || z.1.abs() > f64::MAX / 4.0 {
        return C((z.0 / 2.0).hypot(z.1 / 2.0).ln() + LN_2 * 2.0, z.1.atan2(z.0));
    }
    let s1 = sqrt_(C(z.0 - 1.0, z.1));
    let s2 = sqrt_(C(z.0 + 1.0, z.1));
    C(libm::asinh(s1.0 * s2.0 + s1.1 * s2.1), 2.0 * s1.1.atan2(s2.0))
}

fn asinh_(z: C) -> C {
    if z.is_infinite() {
        return C(f64::INFINITY.copysign(z.0), z.1.atan2(z.0.abs()));
    }
    if z.0.abs() > f64::MAX / 4.0 || z.1.abs() > f64::MAX / 4.0 {
        let size = (z.0 / 2.0).hypot(z.1 / 2.0).ln() + LN_2 * 2.0;
        return C(size.copysign(z.0), z.1.atan2(z.0.abs()));
    }
    let s1 = sqrt_(C(1.0 + z.1, -z.0));
    let s2 = sqrt_(C(1.0 - z.1, z.0));
    C(
        libm::asinh(s1.0 * s2.1 - s2.0 * s1.1),
        z.1.atan2(s1.0 * s2.0 - s1.1 * s2.1),
    )
}

fn atanh_(z: C) -> C {
    if z.0 < 0.0 || z.0 == 0.0 && z.0.is_sign_negative() {
        let C(x, y) = atanh_(C(-z.0, -z.1));
        return C(-x, -y);
    }
    let ay = z.1.abs();
    if z.is_infinite() {
        return C(0.0, -(PI / 2.0).copysign(-z.1));
    }
    if z.0 == 1.0 && ay == 0.0 {
        // The pole.
        return C(f64::NAN, f64::NAN);
    }
    let big = f64::MAX.sqrt() / 2.0;
    if z.0 > big || ay > big {
        let h = (z.0 / 2.0).hypot(z.1 / 2.0);
        return C(z.0 / 4.0 / h / h, -(PI / 2.0).copysign(-z.1));
    }
    if z.0 == 1.0 {
        return C(
            -(ay.sqrt() / ay.hypot(2.0).sqrt()).ln(),
            (2f64.atan2(-ay) / 2.0).copysign(z.1),
        );
    }
    C(
        (4.0 * z.0 / ((1.0 - z.0) * (1.0 - z.0) + ay * ay)).ln_1p() / 4.0,
        -(-2.0 * z.1).atan2((1.0 - z.0) * (1.0 + z.0) - ay * ay) / 2.0,
    )
}

macro_rules! ones {
    ($($name:ident |$z:ident| $f:expr;)*) => {$(
        fn $name(cx: &Context, a: Args<'_>) -> Result<Ref> {
            one(cx, a, |$z| $f)
        }
    )*};
}

ones! {
    acos |z| acos_(z);
    acosh |z| acosh_(z);
    asin |z| asinh_(z.left()).right();
    asinh |z| asinh_(z);
    atan |z| atanh_(z.left()).right();
    atanh |z| atanh_(z);
    cos |z| cosh_(z.left());
    cosh |z| cosh_(z);
    exp |z| exp_(z);
    sin |z| sinh_(z.left()).right();
    sinh |z| sinh_(z);
    sqrt |z| sqrt_(z);
    tan |z| tanh_(z.left()).right();
    tanh |z| tanh_(z);
}

fn checked_log(z: C) -> Result<C> {
    if z.0 == 0.0 && z.1 == 0.0 {
        return Err(domain());
    }
    Ok(log_(z))
}

fn log(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let z = checked_log(arg(cx, a.at(0))?)?;
    let Some(base) = a.opt(1) else {
        return number::complex(z.0, z.1);
    };
    let b = checked_log(arg(cx, base)?)?;
    let quotient = skein_object::protocol::number::binary(
        cx,
        skein_object::slots::BinaryOp::TrueDiv,
        &number::complex(z.0, z.1)?,
        &number::complex(b.0, b.1)?,
    )?;
    Ok(quotient)
}

fn log10(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let z = checked_log(arg(cx, a.at(0))?)?;
    number::complex(z.0 / LN_10, z.1 / LN_10)
}

fn phase(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let z = arg(cx, a.at(0))?;
    number::float(z.1.atan2(z.0))
}

fn polar(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let z = arg(cx, a.at(0))?;
    let r = z.0.hypot(z.1);
    if r.is_infinite() && z.is_finite() {
        return Err(overflow_error("math range error"));
    }
    pack([number::float(r)?, number::float(z.1.atan2(z.0))?])
}

fn rect(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (r, phi) = (to_f64(cx, a.at(0))?, to_f64(cx, a.at(1))?);
    if phi.is_infinite() && r != 0.0 && !r.is_nan() {
        return Err(domain());
    }
    let z = if phi == 0.0 {
        C(r, r * phi)
    } else if r == 0.0 {
        C(0.0, 0.0)
    } else {
        C(r * phi.cos(), r * phi.sin())
    };
    number::complex(z.0, z.1)
}

fn isfinite(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(arg(cx, a.at(0))?.is_finite()))
}

fn isnan(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(arg(cx, a.at(0))?.is_nan()))
}

fn isinf(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(arg(cx, a.at(0))?.is_infinite()))
}

fn isclose(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let or = |r: Option<&Ref>, default: f64| r.map_or(Ok(default), |r| to_f64(cx, r));
    let (x, y) = (arg(cx, a.at(0))?, arg(cx, a.at(1))?);
    let (relative, absolute) = (or(a.opt(2), 1e-9)?, or(a.opt(3), 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(value_error("tolerances must be non-negative"));
    }
    let close = x.0 == y.0 && x.1 == y.1
        || !x.is_infinite() && !y.is_infinite() && {
            let difference = (x.0 - y.0).hypot(x.1 - y.1);
            difference <= relative * y.0.hypot(y.1) || difference <= relative * x.0.hypot(x.1) || difference <= absolute
        };
    Ok(number::bool(close))
}

static FUNCTIONS: &[Row] = &[
    row!("acos(z, /)", acos, "Return the arc cosine of z."),
    row!("acosh(z, /)", acosh, "Return the inverse hyperbolic cosine of z."),
    row!("asin(z, /)", asin, "Return the arc sine of z."),
    row!("asinh(z, /)", asinh, "Return the inverse hyperbolic sine of z."),
    row!("atan(z, /)", atan, "Return the arc tangent of z."),
    row!("atanh(z, /)", atanh, "Return the inverse hyperbolic tangent of z."),
    row!("cos(z, /)", cos, "Return the cosine of z."),
    row!("cosh(z, /)", cosh, "Return the hyperbolic cosine of z."),
    row!("exp(z, /)", exp, "Return the exponential value e**z."),
    row!(
        "isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)",
        isclose,
        "Determine whether two complex numbers are close in value."
    ),
    row!(
        "isfinite(z, /)",
        isfinite,
        "Return True if both the real and imaginary parts of z are finite, else False."
    ),
    row!(
        "isinf(z, /)",
        isinf,
        "Checks if the real or imaginary part of z is infinite."
    ),
    row!(
        "isnan(z, /)",
        isnan,
        "Checks if the real or imaginary part of z not a number (NaN)."
    ),
    row!(
        "log(z, base=<unrepresentable>, /)",
        log,
        "log(z[, base]) -> the logarithm of z to the given base.\n\nIf the base is not specified, returns the natural logarithm (base e) of z."
    ),
    row!("log10(z, /)", log10, "Return the base-10 logarithm of z."),
    row!(
        "phase(z, /)",
        phase,
        "Return argument, also known as the phase angle, of a complex."
    ),
    row!(
        "polar(z, /)",
        polar,
        "Convert a complex from rectangular coordinates to polar coordinates.\n\nr is the distance from 0 and phi the phase angle."
    ),
    row!(
        "rect(r, phi, /)",
        rect,
        "Convert from polar coordinates to rectangular coordinates."
    ),
    row!("sin(z, /)", sin, "Return the sine of z."),
    row!("sinh(z, /)", sinh, "Return the hyperbolic sine of z."),
    row!("sqrt(z, /)", sqrt, "Return the square root of z."),
    row!("tan(z, /)", tan, "Return the tangent of z."),
    row!("tanh(z, /)", tanh, "Return the hyperbolic tangent of z."),
];
