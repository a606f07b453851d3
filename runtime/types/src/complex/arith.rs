//! Arithmetic of complex numbers. As in CPython 3.14, a real operand stays real: `inf * 1j` has no NaN in it.

use skein_object::error::{Result, overflow_error, value_error, zero_division_error};
use skein_object::number::{self, ComplexBody};
use skein_object::object::RefExt;
use skein_object::slots::CompareOp;
use skein_object::{Context, Ref, statics as s};

/// Real and imaginary part.
pub type Pair = (f64, f64);

/// An operand.
#[derive(Clone, Copy)]
enum Number {
    Real(f64),
    Complex(Pair),
}
use Number::{Complex, Real};

impl Number {
    fn pair(self) -> Pair {
        match self {
            Real(x) => (x, 0.0),
            Complex(z) => z,
        }
    }
}

/// The value of a complex of any class.
pub fn value(r: &Ref) -> Option<Pair> {
    r.body::<ComplexBody>().map(|b| (b.real, b.imag))
}

fn operands(a: &Ref, b: &Ref) -> Result<Option<(Number, Number)>> {
    let one = |r: &Ref| -> Result<Option<Number>> {
        match value(r) {
            Some(z) => Ok(Some(Complex(z))),
            None => Ok(crate::float::arith::operand(r)?.map(Real)),
        }
    };
    Ok(match (one(a)?, one(b)?) {
        (Some(x), Some(y)) => Some((x, y)),
        _ => None,
    })
}

fn object(z: Pair) -> Result<Ref> {
    number::complex(z.0, z.1)
}

pub fn add(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match operands(a, b)? {
        None => Ok(s::not_implemented()),
        Some((Complex(x), Real(y)) | (Real(y), Complex(x))) => object((x.0 + y, x.1)),
        Some((x, y)) => {
            let (x, y) = (x.pair(), y.pair());
            object((x.0 + y.0, x.1 + y.1))
        }
    }
}

pub fn sub(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match operands(a, b)? {
        None => Ok(s::not_implemented()),
        Some((Complex(x), Real(y))) => object((x.0 - y, x.1)),
        Some((Real(x), Complex(y))) => object((x - y.0, -y.1)),
        Some((x, y)) => {
            let (x, y) = (x.pair(), y.pair());
            object((x.0 - y.0, x.1 - y.1))
        }
    }
}

pub fn mul(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match operands(a, b)? {
        None => Ok(s::not_implemented()),
        Some((Complex(x), Real(y)) | (Real(y), Complex(x))) => object((x.0 * y, x.1 * y)),
        Some((x, y)) => object(product(x.pair(), y.pair())),
    }
}

/// 1 or 0 with the sign of the infinity or number.
fn boxed(x: f64) -> f64 {
    (if x.is_infinite() { 1.0f64 } else { 0.0 }).copysign(x)
}

fn zero_nan(x: f64) -> f64 {
    if x.is_nan() { 0.0f64.copysign(x) } else { x }
}

/// Product; infinities that came out as NaN are recovered (C11 annex G.5.1).
pub fn product((mut a, mut b): Pair, (mut c, mut d): Pair) -> Pair {
    let (ac, bd, ad, bc) = (a * c, b * d, a * d, b * c);
    let r = (ac - bd, ad + bc);
    if !(r.0.is_nan() && r.1.is_nan()) {
        return r;
    }
    let mut again = false;
    if a.is_infinite() || b.is_infinite() {
        (a, b, c, d) = (boxed(a), boxed(b), zero_nan(c), zero_nan(d));
        again = true;
    }
    if c.is_infinite() || d.is_infinite() {
        (a, b, c, d) = (zero_nan(a), zero_nan(b), boxed(c), boxed(d));
        again = true;
    }
    if !again && [ac, bd, ad, bc].iter().any(|x| x.is_infinite()) {
        (a, b, c, d) = (zero_nan(a), zero_nan(b), zero_nan(c), zero_nan(d));
        again = true;
    }
    if again {
        return (f64::INFINITY * (a * c - b * d), f64::INFINITY * (a * d + b * c));
    }
    r
}

/// Quotient; `None` if the divisor is zero.
pub fn quotient(a: Pair, b: Pair) -> Option<Pair> {
    let (re, im) = (b.0.abs(), b.1.abs());
    let r = if re >= im {
        if re == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let denominator = b.0 + b.1 * ratio;
        ((a.0 + a.1 * ratio) / denominator, (a.1 - a.0 * ratio) / denominator)
    } else if im >= re {
        let ratio = b.0 / b.1;
        let denominator = b.0 * ratio + b.1;
        ((a.0 * ratio + a.1) / denominator, (a.1 * ratio - a.0) / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if !(r.0.is_nan() && r.1.is_nan()) {
        return Some(r);
    }
    let finite = |z: Pair| z.0.is_finite() && z.1.is_finite();
    let infinite = |z: Pair| z.0.is_infinite() || z.1.is_infinite();
    if infinite(a) && finite(b) {
        let (x, y) = (boxed(a.0), boxed(a.1));
        return Some((f64::INFINITY * (x * b.0 + y * b.1), f64::INFINITY * (y * b.0 - x * b.1)));
    }
    if infinite(b) && finite(a) {
        let (x, y) = (boxed(b.0), boxed(b.1));
        return Some((0.0 * (a.0 * x + a.1 * y), 0.0 * (a.1 * x - a.0 * y)));
    }
    Some(r)
}

fn real_by_complex(a: f64, b: Pair) -> Option<Pair> {
    let (re, im) = (b.0.abs(), b.1.abs());
    let r = if re >= im {
        if re == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let denominator = b.0 + b.1 * ratio;
        (a / denominator, (-a * ratio) / denominator)
    } else if im >= re {
        let ratio = b.0 / b.1;
        let denominator = b.0 * ratio + b.1;
        ((a * ratio) / denominator, -a / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if r.0.is_nan() && r.1.is_nan() && a.is_finite() && (re.is_infinite() || im.is_infinite()) {
        return Some((0.0 * (a * boxed(b.0)), 0.0 * (-a * boxed(b.1))));
    }
    Some(r)
}

pub fn true_div(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let r = match operands(a, b)? {
        None => return Ok(s::not_implemented()),
        Some((_, Real(0.0))) => None,
        Some((Complex(x), Real(y))) => Some((x.0 / y, x.1 / y)),
        Some((Real(x), Complex(y))) => real_by_complex(x, y),
        Some((x, y)) => quotient(x.pair(), y.pair()),
    };
    match r {
        Some(z) => object(z),
        None => Err(zero_division_error("division by zero")),
    }
}

fn small_power(x: Pair, n: u32) -> Pair {
    if n == 0 {
        return (1.0, 0.0);
    }
    let (mut p, mut r, n) = (x, x, n - 1);
    let mut mask = 1;
    while n >= mask {
        if n & mask != 0 {
            r = product(r, p);
        }
        mask <<= 1;
        if n >= mask {
            p = product(p, p);
        }
    }
    r
}

/// `a ** b`; `None`: zero to a negative or complex power.
fn power(a: Pair, b: Pair) -> Option<Pair> {
    if b.1 == 0.0 && b.0 == b.0.floor() && b.0.abs() <= 100.0 {
        let n = b.0 as i32;
        return if n >= 0 {
            Some(small_power(a, n as u32))
        } else {
            quotient((1.0, 0.0), small_power(a, n.unsigned_abs()))
        };
    }
    if b == (0.0, 0.0) {
        return Some((1.0, 0.0));
    }
    if a == (0.0, 0.0) {
        return if b.1 != 0.0 || b.0 < 0.0 {
            None
        } else {
            Some((0.0, 0.0))
        };
    }
    let size = a.0.hypot(a.1);
    let mut len = size.powf(b.0);
    let angle = a.1.atan2(a.0);
    let mut phase = angle * b.0;
    if b.1 != 0.0 {
        len *= (-angle * b.1).exp();
        phase += b.1 * size.ln();
    }
    if phase.is_infinite() {
        // A domain error of C's cos, which CPython reports so.
        return None;
    }
    Some((len * phase.cos(), len * phase.sin()))
}

pub fn pow(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some((x, y)) = operands(a, b)? else {
        return Ok(s::not_implemented());
    };
    match power(x.pair(), y.pair()) {
        None => Err(zero_division_error("zero to a negative or complex power")),
        Some(z) if z.0.is_infinite() || z.1.is_infinite() => Err(overflow_error("complex exponentiation")),
        Some(z) => object(z),
    }
}

pub fn pow_mod(cx: &Context, a: &Ref, b: &Ref, m: &Ref) -> Result<Ref> {
    if s::is_none(m) {
        return pow(cx, a, b);
    }
    Err(value_error("complex modulo"))
}

pub fn neg(_: &Context, r: &Ref) -> Result<Ref> {
    let z = expect(r)?;
    object((-z.0, -z.1))
}

/// A complex of exact type.
pub fn exact(_: &Context, r: &Ref) -> Result<Ref> {
    if r.is_exact(&s::COMPLEX) {
        return Ok(r.clone());
    }
    object(expect(r)?)
}

pub fn abs(_: &Context, r: &Ref) -> Result<Ref> {
    let z = expect(r)?;
    let size = z.0.hypot(z.1);
    if size.is_infinite() && z.0.is_finite() && z.1.is_finite() {
        return Err(overflow_error("absolute value too large"));
    }
    number::float(size)
}

pub fn expect(r: &Ref) -> Result<Pair> {
    value(r).ok_or_else(|| crate::iterators::support::wrong("complex", r))
}

pub fn compare(_: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let wanted = match op {
        CompareOp::Eq => true,
        CompareOp::Ne => false,
        _ => return Ok(s::not_implemented()),
    };
    let (z, other) = match value(a) {
        Some(z) => (z, b),
        None => (expect(b)?, a),
    };
    let equal = if let Some(w) = value(other) {
        z == w
    } else {
        match crate::float::arith::order(z.0, other) {
            Some(o) => z.1 == 0.0 && o == Some(std::cmp::Ordering::Equal),
            None => return Ok(s::not_implemented()),
        }
    };
    Ok(number::bool(equal == wanted))
}
