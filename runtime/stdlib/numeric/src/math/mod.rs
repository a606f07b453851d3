//! `math`.

mod float;
mod integer;
mod sums;
mod vector;

use skein_object::error::{Result, overflow_error, type_error, value_error};
use skein_object::intern::names;
use skein_object::layouts::number;
use skein_object::native::ModuleDef;
use skein_object::object::RefExt;
use skein_object::protocol::convert::{int_to_f64, to_f64};
use skein_object::{Args, Context, Ref, Row, dict, protocol, row, statics as s};

pub static MODULE: ModuleDef = ModuleDef {
    name: "math",
    doc: "This module provides access to the mathematical functions\ndefined by the C standard.",
    functions: FUNCTIONS,
    init,
};

fn init(_: &Context, module: &Ref) -> Result<()> {
    for (name, x) in [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        dict::set_str(module, name, number::float(x)?)?;
    }
    Ok(())
}

#[cold]
fn domain() -> skein_object::Error {
    value_error("math domain error")
}

#[cold]
fn range() -> skein_object::Error {
    overflow_error("math range error")
}

/// "expected ..., got x".
#[cold]
fn expected(cx: &Context, what: &str, x: f64) -> skein_object::Error {
    match number::float(x).and_then(|r| protocol::repr(cx, &r)) {
        Ok(r) => value_error(format!("expected {what}, got {}", skein_object::str::text(&r))),
        Err(e) => e,
    }
}

/// A function of one float. A NaN out of a number is a domain error, an infinity out of a finite one an overflow.
fn one(cx: &Context, a: Args<'_>, f: fn(f64) -> f64, overflows: bool, what: &str) -> Result<Ref> {
    let x = to_f64(cx, a.at(0))?;
    let r = f(x);
    if r.is_nan() && !x.is_nan() || r.is_infinite() && x.is_finite() && !overflows {
        return Err(if what.is_empty() {
            domain()
        } else {
            expected(cx, what, x)
        });
    }
    if r.is_infinite() && x.is_finite() {
        return Err(range());
    }
    number::float(r)
}

macro_rules! ones {
    ($($name:ident $f:expr, $overflows:literal, $what:literal;)*) => {$(
        fn $name(cx: &Context, a: Args<'_>) -> Result<Ref> {
            one(cx, a, $f, $overflows, $what)
        }
    )*};
}

ones! {
    acos f64::acos, false, "a number in range from -1 up to 1";
    acosh libm::acosh, false, "argument value not less than 1";
    asin f64::asin, false, "a number in range from -1 up to 1";
    asinh libm::asinh, false, "";
    atan f64::atan, false, "";
    atanh libm::atanh, false, "a number between -1 and 1";
    cbrt f64::cbrt, false, "";
    cos f64::cos, false, "a finite input";
    cosh f64::cosh, true, "";
    erf libm::erf, false, "";
    erfc libm::erfc, false, "";
    exp f64::exp, true, "";
    exp2 f64::exp2, true, "";
    expm1 f64::exp_m1, true, "";
    fabs f64::abs, false, "";
    log1p f64::ln_1p, false, "argument value > -1";
    sin f64::sin, false, "a finite input";
    sinh f64::sinh, true, "";
    sqrt f64::sqrt, false, "a nonnegative input";
    tan f64::tan, false, "a finite input";
    tanh f64::tanh, false, "";
    degrees |x| x * (180.0 / std::f64::consts::PI), true, "";
    radians |x| x * (std::f64::consts::PI / 180.0), false, "";
}

const POLE: &str = "a noninteger or positive integer";

fn gamma(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let x = to_f64(cx, a.at(0))?;
    if x == f64::NEG_INFINITY || x <= 0.0 && x.is_finite() && x.fract() == 0.0 {
        return Err(expected(cx, POLE, x));
    }
    // Small whole numbers are exact.
    if x.fract() == 0.0 && (1.0..=23.0).contains(&x) {
        let mut r = 1.0;
        let mut k = 2.0;
        while k < x {
            r *= k;
            k += 1.0;
        }
        return number::float(r);
    }
    let r = libm::tgamma(x);
    if r.is_infinite() && x.is_finite() {
        return Err(range());
    }
    number::float(r)
}

fn lgamma(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let x = to_f64(cx, a.at(0))?;
    if x.is_infinite() {
        return number::float(f64::INFINITY);
    }
    if x <= 0.0 && x.fract() == 0.0 {
        return Err(expected(cx, POLE, x));
    }
    let r = libm::lgamma(x);
    if r.is_infinite() && x.is_finite() {
        return Err(range());
    }
    number::float(r)
}

/// The logarithm of a float or of an int of any size.
fn logarithm(cx: &Context, r: &Ref, f: fn(f64) -> f64, of_two: f64) -> Result<f64> {
    if let Some(v) = number::int_value(r) {
        if v.is_negative() || v.is_zero() {
            return Err(value_error("expected a positive input"));
        }
        if let Ok(x) = int_to_f64(r) {
            return Ok(f(x));
        }
        // n is m * 2**shift with m in reach.
        let n = v.to_big();
        let shift = n.bits().saturating_sub(64);
        let top = number::big(n >> shift)?;
        return Ok(f(int_to_f64(&top)?) + of_two * shift as f64);
    }
    let x = to_f64(cx, r)?;
    if x <= 0.0 {
        return Err(expected(cx, "a positive input", x));
    }
    Ok(f(x))
}

fn log(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let x = logarithm(cx, a.at(0), f64::ln, std::f64::consts::LN_2)?;
    let Some(base) = a.opt(1) else {
        return number::float(x);
    };
    let base = logarithm(cx, base, f64::ln, std::f64::consts::LN_2)?;
    if base == 0.0 {
        return Err(skein_object::error::zero_division_error("division by zero"));
    }
    number::float(x / base)
}

fn log2(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::float(logarithm(cx, a.at(0), f64::log2, 1.0)?)
}

fn log10(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::float(logarithm(cx, a.at(0), f64::log10, std::f64::consts::LOG10_2)?)
}

/// `floor`, `ceil`: the special method, or the rounding of the float.
fn rounded(cx: &Context, r: &Ref, method: &Ref, f: fn(f64) -> f64) -> Result<Ref> {
    if !r.is_exact(&s::FLOAT) {
        if r.value().is_int() {
            return Ok(r.clone());
        }
        if let Some(v) = protocol::call_method_opt(cx, r, method, &[])? {
            return Ok(v);
        }
    }
    let x = f(to_f64(cx, r)?);
    // Below 2**62 all whole numbers are tagged ints.
    if x.abs() < (1i64 << 62) as f64 {
        return number::int(x as i64);
    }
    number::big(skein_text::number::exact::f64_to_big(x)?)
}

fn floor(cx: &Context, a: Args<'_>) -> Result<Ref> {
    rounded(cx, a.at(0), names::__floor__(), f64::floor)
}

fn ceil(cx: &Context, a: Args<'_>) -> Result<Ref> {
    rounded(cx, a.at(0), names::__ceil__(), f64::ceil)
}

fn trunc(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    if r.is_exact(&s::FLOAT) {
        return rounded(cx, r, names::__trunc__(), f64::trunc);
    }
    match protocol::call_method_opt(cx, r, names::__trunc__(), &[])? {
        Some(v) => Ok(v),
        None => Err(type_error(format!(
            "type {} doesn't define __trunc__ method",
            r.ty().name()
        ))),
    }
}

static FUNCTIONS: &[Row] = &[
    row!(
        "acos(x, /)",
        acos,
        "Return the arc cosine (measured in radians) of x.\n\nThe result is between 0 and pi."
    ),
    row!("acosh(x, /)", acosh, "Return the inverse hyperbolic cosine of x."),
    row!(
        "asin(x, /)",
        asin,
        "Return the arc sine (measured in radians) of x.\n\nThe result is between -pi/2 and pi/2."
    ),
    row!("asinh(x, /)", asinh, "Return the inverse hyperbolic sine of x."),
    row!(
        "atan(x, /)",
        atan,
        "Return the arc tangent (measured in radians) of x.\n\nThe result is between -pi/2 and pi/2."
    ),
    row!(
        "atan2(y, x, /)",
        float::atan2,
        "Return the arc tangent (measured in radians) of y/x.\n\nUnlike atan(y/x), the signs of both x and y are considered."
    ),
    row!("atanh(x, /)", atanh, "Return the inverse hyperbolic tangent of x."),
    row!("cbrt(x, /)", cbrt, "Return the cube root of x."),
    row!(
        "ceil(x, /)",
        ceil,
        "Return the ceiling of x as an Integral.\n\nThis is the smallest integer >= x."
    ),
    row!(
        "copysign(x, y, /)",
        float::copysign,
        "Return a float with the magnitude (absolute value) of x but the sign of y.\n\nOn platforms that support signed zeros, copysign(1.0, -0.0)\nreturns -1.0.\n"
    ),
    row!("cos(x, /)", cos, "Return the cosine of x (measured in radians)."),
    row!("cosh(x, /)", cosh, "Return the hyperbolic cosine of x."),
    row!("degrees(x, /)", degrees, "Convert angle x from radians to degrees."),
    row!(
        "dist(p, q, /)",
        vector::dist,
        "Return the Euclidean distance between two points p and q.\n\nThe points should be specified as sequences (or iterables) of\ncoordinates.  Both inputs must have the same dimension.\n\nRoughly equivalent to:\n    sqrt(sum((px - qx) ** 2.0 for px, qx in zip(p, q)))"
    ),
    row!("erf(x, /)", erf, "Error function at x."),
    row!("erfc(x, /)", erfc, "Complementary error function at x."),
    row!("exp(x, /)", exp, "Return e raised to the power of x."),
    row!("exp2(x, /)", exp2, "Return 2 raised to the power of x."),
    row!(
        "expm1(x, /)",
        expm1,
        "Return exp(x)-1.\n\nThis function avoids the loss of precision involved in the direct evaluation of exp(x)-1 for small x."
    ),
    row!("fabs(x, /)", fabs, "Return the absolute value of the float x."),
    row!("factorial(n, /)", integer::factorial, "Find n!."),
    row!(
        "floor(x, /)",
        floor,
        "Return the floor of x as an Integral.\n\nThis is the largest integer <= x."
    ),
    row!(
        "fma(x, y, z, /)",
        float::fma,
        "Fused multiply-add operation.\n\nCompute (x * y) + z with a single round."
    ),
    row!(
        "fmod(x, y, /)",
        float::fmod,
        "Return fmod(x, y), according to platform C.\n\nx % y may differ."
    ),
    row!(
        "frexp(x, /)",
        float::frexp,
        "Return the mantissa and exponent of x, as pair (m, e).\n\nm is a float and e is an int, such that x = m * 2.**e.\nIf x is 0, m and e are both 0.  Else 0.5 <= abs(m) < 1.0."
    ),
    row!(
        "fsum(seq, /)",
        sums::fsum,
        "Return an accurate floating-point sum of values in the iterable seq.\n\nAssumes IEEE-754 floating-point arithmetic."
    ),
    row!("gamma(x, /)", gamma, "Gamma function at x."),
    row!("gcd(*integers)", integer::gcd, "Greatest Common Divisor.").quick(integer::gcd_of_two),
    row!(
        "hypot(*coordinates)",
        vector::hypot,
        "Multidimensional Euclidean distance from the origin to a point.\n\nRoughly equivalent to:\n    sqrt(sum(x**2 for x in coordinates))\n\nFor a two dimensional point (x, y), gives the hypotenuse\nusing the Pythagorean theorem:  sqrt(x*x + y*y).\n\nFor example, the hypotenuse of a 3/4/5 right triangle is:\n\n    >>> hypot(3.0, 4.0)\n    5.0\n"
    ),
    row!(
        "isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)",
        float::isclose,
        "Determine whether two floating-point numbers are close in value.\n\n  rel_tol\n    maximum difference for being considered \"close\", relative to the\n    magnitude of the input values\n  abs_tol\n    maximum difference for being considered \"close\", regardless of the\n    magnitude of the input values\n\nReturn True if a is close in value to b, and False otherwise.\n\nFor the values to be considered close, the difference between them\nmust be smaller than at least one of the tolerances.\n\n-inf, inf and NaN behave similarly to the IEEE 754 Standard.  That\nis, NaN is not close to anything, even itself.  inf and -inf are\nonly close to themselves."
    ),
    row!(
        "isfinite(x, /)",
        float::isfinite,
        "Return True if x is neither an infinity nor a NaN, and False otherwise."
    ),
    row!(
        "isinf(x, /)",
        float::isinf,
        "Return True if x is a positive or negative infinity, and False otherwise."
    ),
    row!(
        "isnan(x, /)",
        float::isnan,
        "Return True if x is a NaN (not a number), and False otherwise."
    ),
    row!(
        "isqrt(n, /)",
        integer::isqrt,
        "Return the integer part of the square root of the input."
    ),
    row!("lcm(*integers)", integer::lcm, "Least Common Multiple."),
    row!(
        "ldexp(x, i, /)",
        float::ldexp,
        "Return x * (2**i).\n\nThis is essentially the inverse of frexp()."
    ),
    row!(
        "lgamma(x, /)",
        lgamma,
        "Natural logarithm of absolute value of Gamma function at x."
    ),
    row!(
        "log(x, base=math.e, /)",
        log,
        "log(x, [base=math.e])\nReturn the logarithm of x to the given base.\n\nIf the base is not specified, returns the natural logarithm (base e) of x."
    ),
    row!(
        "log1p(x, /)",
        log1p,
        "Return the natural logarithm of 1+x (base e).\n\nThe result is computed in a way which is accurate for x near zero."
    ),
    row!("log10(x, /)", log10, "Return the base 10 logarithm of x."),
    row!("log2(x, /)", log2, "Return the base 2 logarithm of x."),
    row!(
        "modf(x, /)",
        float::modf,
        "Return the fractional and integer parts of x.\n\nBoth results carry the sign of x and are floats."
    ),
    row!(
        "nextafter(x, y, /, *, steps=None)",
        float::nextafter,
        "Return the floating-point value the given number of steps after x towards y.\n\nIf steps is not specified or is None, it defaults to 1.\n\nRaises a TypeError, if x or y is not a double, or if steps is not an integer.\nRaises ValueError if steps is negative."
    ),
    row!(
        "perm(n, k=None, /)",
        integer::perm,
        "Number of ways to choose k items from n items without repetition and with order.\n\nEvaluates to n! / (n - k)! when k <= n and evaluates\nto zero when k > n.\n\nIf k is not specified or is None, then k defaults to n\nand the function returns n!.\n\nRaises TypeError if either of the arguments are not integers.\nRaises ValueError if either of the arguments are negative."
    ),
    row!(
        "comb(n, k, /)",
        integer::comb,
        "Number of ways to choose k items from n items without repetition and without order.\n\nEvaluates to n! / (k! * (n - k)!) when k <= n and evaluates\nto zero when k > n.\n\nAlso called the binomial coefficient because it is equivalent\nto the coefficient of k-th term in polynomial expansion of the\nexpression (1 + x)**n.\n\nRaises TypeError if either of the arguments are not integers.\nRaises ValueError if either of the arguments are negative."
    ),
    row!("pow(x, y, /)", float::pow, "Return x**y (x to the power of y)."),
    row!(
        "prod(iterable, /, *, start=1)",
        sums::prod,
        "Calculate the product of all the elements in the input iterable.\n\nThe default start value for the product is 1.\n\nWhen the iterable is empty, return the start value.  This function is\nintended specifically for use with numeric values and may reject\nnon-numeric types."
    ),
    row!("radians(x, /)", radians, "Convert angle x from degrees to radians."),
    row!(
        "remainder(x, y, /)",
        float::remainder,
        "Difference between x and the closest integer multiple of y.\n\nReturn x - n*y where n*y is the closest integer multiple of y.\nIn the case where x is exactly halfway between two multiples of\ny, the nearest even value of n is used. The result is always exact."
    ),
    row!("sin(x, /)", sin, "Return the sine of x (measured in radians)."),
    row!("sinh(x, /)", sinh, "Return the hyperbolic sine of x."),
    row!("sqrt(x, /)", sqrt, "Return the square root of x."),
    row!(
        "sumprod(p, q, /)",
        sums::sumprod,
        "Return the sum of products of values from two iterables p and q.\n\nRoughly equivalent to:\n\n    sum(itertools.starmap(operator.mul, zip(p, q, strict=True)))\n\nFor float and mixed int/float inputs, the intermediate products\nand sums are computed with extended precision."
    ),
    row!("tan(x, /)", tan, "Return the tangent of x (measured in radians)."),
    row!("tanh(x, /)", tanh, "Return the hyperbolic tangent of x."),
    row!(
        "trunc(x, /)",
        trunc,
        "Truncates the Real x to the nearest Integral toward 0.\n\nUses the __trunc__ magic method."
    ),
    row!(
        "ulp(x, /)",
        float::ulp,
        "Return the value of the least significant bit of the float x."
    ),
];
