//! `complex`.

pub mod arith;
mod parse;

use crate::iterators::support::{bind_new, class_of};
use crate::startup::{GetSet, TypeDef, member, ready_type};
use arith::expect;
use skein_object::error::{Error, Result, type_error, value_error};
use skein_object::number::{self, ComplexBody};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{Binary, BinaryOp, Slots};
use skein_object::types::Type;
use skein_object::{Args, Context, Ref, Row, StrBody, intern, protocol, row, statics as s, str, tuple};
use skein_text::format::apply::{complex_repr, format_complex};

static NEW: Row = row!("complex(cls, real=0, imag=0)", make, "");

/// With names even a single argument is a part, not a number to convert.
static NEW_PARTS: Row = row!("complex(cls, real=0, imag=0)", make_parts, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let named = names.and_then(tuple::items).is_some_and(|n| !n.is_empty());
    let row = if named { &NEW_PARTS } else { &NEW };
    bind_new(cx, row, &s::COMPLEX, class, args, names)
}

fn of_class(ty: &'static Type, z: arith::Pair) -> Result<Ref> {
    alloc(ty, ComplexBody { real: z.0, imag: z.1 })
}

fn make(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = class_of(a.at(0))?;
    match (a.opt(1), a.opt(2)) {
        (None, None) => of_class(ty, (0.0, 0.0)),
        (Some(r), None) => {
            if r.is_exact(&s::COMPLEX) && std::ptr::eq(ty, &raw const s::COMPLEX) {
                return Ok(r.clone());
            }
            if let Some(b) = r.body::<StrBody>() {
                return of_class(ty, from_text(b)?);
            }
            match convert(cx, r)? {
                Some(z) => of_class(ty, z),
                None => Err(type_error(format!(
                    "complex() argument must be a string or a number, not {}",
                    r.ty().name()
                ))),
            }
        }
        _ => make_parts(cx, a),
    }
}

fn make_parts(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = class_of(a.at(0))?;
    let or_zero = |r: Option<&Ref>, which: &str| r.map_or(Ok((0.0, None)), |r| part(cx, r, which));
    let (mut re, from_real) = or_zero(a.opt(1), "real")?;
    let (mut im, from_imag) = or_zero(a.opt(2), "imag")?;
    // Only a complex argument has another part: adding a zero would lose the sign of -0.0.
    if let Some(x) = from_imag {
        re -= x;
    }
    if let Some(x) = from_real {
        im += x;
    }
    of_class(ty, (re, im))
}

/// The real part of an argument, and the imaginary one if it is complex.
fn part(cx: &Context, r: &Ref, which: &str) -> Result<(f64, Option<f64>)> {
    let refuse = || -> Error {
        type_error(format!(
            "complex() argument '{which}' must be a real number, not {}",
            r.ty().name()
        ))
    };
    if let Some(z) = arith::value(r) {
        warn_part(cx, r, which)?;
        return Ok((z.0, Some(z.1)));
    }
    if str::is_str(r) {
        return Err(refuse());
    }
    if which == "real" {
        if let Some(x) = real(cx, r)? {
            return Ok((x, None));
        }
        let z = convert(cx, r)?.ok_or_else(refuse)?;
        warn_part(cx, r, which)?;
        return Ok((z.0, Some(z.1)));
    }
    real(cx, r)?.map(|x| (x, None)).ok_or_else(refuse)
}

#[cold]
fn warn_part(cx: &Context, r: &Ref, which: &str) -> Result<()> {
    let name = r.ty().name();
    let text = format!("complex() argument '{which}' must be a real number, not {name}");
    (skein_object::context::hooks().warn)(cx, &s::DEPRECATION_WARNING, &text, 1)
}

fn real(cx: &Context, r: &Ref) -> Result<Option<f64>> {
    let slots = &r.ty().slots;
    if slots.float.is_set() || slots.index.is_set() {
        return protocol::convert::to_f64(cx, r).map(Some);
    }
    Ok(None)
}

/// The number that an object is or converts to; `None` if it is none.
///
/// # Errors
/// What `__complex__`, `__float__` and `__index__` raise.
pub fn convert(cx: &Context, r: &Ref) -> Result<Option<arith::Pair>> {
    if r.is_exact(&s::COMPLEX) {
        return Ok(arith::value(r));
    }
    if let Some(z) = protocol::call_method_opt(cx, r, intern::names::__complex__(), &[])? {
        return match arith::value(&z) {
            Some(v) => {
                if !z.is_exact(&s::COMPLEX) {
                    crate::int::new::warn_subclass(cx, "__complex__", "complex", &z)?;
                }
                Ok(Some(v))
            }
            None => Err(type_error(format!(
                "__complex__ returned non-complex (type {})",
                z.ty().name()
            ))),
        };
    }
    if let Some(z) = arith::value(r) {
        return Ok(Some(z));
    }
    Ok(real(cx, r)?.map(|x| (x, 0.0)))
}

fn from_text(b: &StrBody) -> Result<arith::Pair> {
    use skein_text::unicode::chars::{is_space, to_decimal};
    let text: Vec<u8> = b
        .view()
        .iter()
        .map(|c| match c {
            0..=0x7f => c as u8,
            _ if is_space(c) => b' ',
            _ => to_decimal(c).map_or(b'?', |d| b'0' + d as u8),
        })
        .collect();
    parse::parse(&text).ok_or_else(|| value_error("complex() arg is a malformed string"))
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    let (re, im) = expect(r)?;
    str::from_str(&complex_repr(re, im))
}

fn hash(_: &Context, r: &Ref) -> Result<i64> {
    let (re, im) = expect(r)?;
    let h =
        number::hash_float(re, r.value().0).wrapping_add(number::hash_float(im, r.value().0).wrapping_mul(1_000_003));
    Ok(if h == -1 { -2 } else { h })
}

fn truth(_: &Context, r: &Ref) -> Result<bool> {
    Ok(expect(r)? != (0.0, 0.0))
}

static METHODS: &[Row] = &[
    row!(class "from_number(cls, number, /)", from_number, "Convert number to a complex floating-point number."),
    row!(
        "conjugate(self, /)",
        conjugate,
        "Return the complex conjugate of its argument. (3-4j).conjugate() == 3+4j."
    ),
    row!(
        "__complex__(self, /)",
        |cx, a| arith::exact(cx, a.at(0)),
        "Convert this value to exact type complex."
    ),
    row!("__getnewargs__(self, /)", getnewargs, ""),
    row!(
        "__format__(self, format_spec, /)",
        format,
        "Convert to a string according to format_spec."
    ),
];

static GETSET: &[GetSet] = &[
    member("real", |_, r| number::float(expect(r)?.0)).doc("the real part of a complex number"),
    member("imag", |_, r| number::float(expect(r)?.1)).doc("the imaginary part of a complex number"),
];

fn from_number(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = class_of(a.at(0))?;
    if a.at(1).is_exact(&s::COMPLEX) && std::ptr::eq(ty, &raw const s::COMPLEX) {
        return Ok(a.at(1).clone());
    }
    let z = match convert(cx, a.at(1))? {
        Some(z) => number::complex(z.0, z.1)?,
        None => {
            return Err(type_error(format!("must be real number, not {}", a.at(1).ty().name())));
        }
    };
    if std::ptr::eq(ty, &raw const s::COMPLEX) {
        Ok(z)
    } else {
        protocol::call1(cx, a.at(0), &z)
    }
}

fn conjugate(_: &Context, a: Args<'_>) -> Result<Ref> {
    let (re, im) = expect(a.at(0))?;
    number::complex(re, -im)
}

fn getnewargs(_: &Context, a: Args<'_>) -> Result<Ref> {
    let (re, im) = expect(a.at(0))?;
    tuple::new(vec![number::float(re)?, number::float(im)?])
}

fn format(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (re, im) = expect(a.at(0))?;
    let spec = a.at(1).body::<StrBody>().ok_or_else(|| {
        type_error(format!(
            "__format__() argument must be str, not {}",
            a.at(1).ty().name()
        ))
    })?;
    if spec.is_empty() {
        return protocol::str_of(cx, a.at(0));
    }
    str::from_buf(format_complex(re, im, spec.view(), a.at(0).ty().name())?)
}

fn slots(t: &Slots) {
    t.repr.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(arith::compare));
    t.bool.set(Some(truth));
    t.new.set(Some(new));
    t.neg.set(Some(arith::neg));
    t.pos.set(Some(arith::exact));
    t.abs.set(Some(arith::abs));
    t.pow3.set(Some(arith::pow_mod));
    for (op, f) in [
        (BinaryOp::Add, arith::add as Binary),
        (BinaryOp::Sub, arith::sub),
        (BinaryOp::Mul, arith::mul),
        (BinaryOp::TrueDiv, arith::true_div),
        (BinaryOp::Pow, arith::pow),
    ] {
        t.binary[op as usize].set(Some(f));
    }
}

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "complex(real=0, imag=0)\n--\n\nCreate a complex number from a string or numbers.\n\nIf a string is given, parse it as a complex number.\nIf a single number is given, convert it to a complex number.\nIf the 'real' or 'imag' arguments are given, create a complex number\nwith the specified real and imaginary components.",
        ..TypeDef::new(&s::COMPLEX)
    })
}
