//! Functions on numbers, characters, identity and hashes.

use num_bigint::BigInt;
use skein_object::error::{Result, type_error, value_error};
use skein_object::intern::names;
use skein_object::number::IntValue;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, call, call_method_opt, index};
use skein_object::slots::BinaryOp;
use skein_object::statics as s;
use skein_object::{Args, BytesBody, Context, Ref, StrBody, intern, number, str, tuple};
use skein_text::number::short;

pub fn abs(cx: &Context, a: Args<'_>) -> Result<Ref> {
    protocol::number::unary(cx, a.at(0), type_of(a.at(0)).slots.abs.get(), "abs()")
}

fn in_base(cx: &Context, r: &Ref, base: u32, prefix: &str) -> Result<Ref> {
    let i = index(cx, r)?;
    let n = match number::int_value(&i) {
        Some(IntValue::Small(n)) => {
            return str::latin1(short::prefixed(n, base, &mut { short::EMPTY }), true);
        }
        n => n.map_or_else(BigInt::default, |v| v.to_big()),
    };
    let digits = n.magnitude().to_str_radix(base);
    let sign = if n.sign() == num_bigint::Sign::Minus { "-" } else { "" };
    str::from_str(&format!("{sign}{prefix}{digits}"))
}

pub fn bin(cx: &Context, a: Args<'_>) -> Result<Ref> {
    in_base(cx, a.at(0), 2, "0b")
}
pub fn oct(cx: &Context, a: Args<'_>) -> Result<Ref> {
    in_base(cx, a.at(0), 8, "0o")
}
pub fn hex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    in_base(cx, a.at(0), 16, "0x")
}

pub fn chr(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = index(cx, a.at(0))?;
    match number::int_value(&i).and_then(|v| v.to_i64()) {
        Some(n @ 0..=0x10_ffff) => str::from_char(n as u32),
        _ => Err(value_error("chr() arg not in range(0x110000)")),
    }
}

pub fn ord(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let n = if let Some(b) = r.body::<StrBody>() {
        if b.len() == 1
            && let Some(c) = b.view().iter().next()
        {
            return number::int(c as i64);
        }
        b.len()
    } else if let Some(b) = r.body::<BytesBody>() {
        if let [c] = b.as_slice() {
            return number::int(*c as i64);
        }
        b.len()
    } else if r.ty().name() == "bytearray" {
        let n = protocol::len(cx, r)?;
        if n == 1 {
            return protocol::getitem(cx, r, &Ref::small(0));
        }
        n
    } else {
        return Err(type_error(format!(
            "ord() expected string of length 1, but {} found",
            r.ty().name()
        )));
    };
    Err(type_error(format!(
        "ord() expected a character, but string of length {n} found"
    )))
}

pub fn divmod(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (x, y) = (a.at(0), a.at(1));
    if x.as_int().is_some() && y.as_int().is_some() {
        return crate::int::arith::divmod(cx, x, y);
    }
    if x.is_exact(&s::FLOAT) && y.is_exact(&s::FLOAT) {
        return crate::float::arith::divmod(cx, x, y);
    }
    let (tx, ty) = (type_of(x), type_of(y));
    let left = intern::name("__divmod__");
    let right = names::__rdivmod__();
    let try_one = |o: &Ref, name: &Ref, arg: &Ref| -> Result<Option<Ref>> {
        Ok(call_method_opt(cx, o, name, std::slice::from_ref(arg))?.filter(|r| !r.is(&s::not_implemented())))
    };
    let differ = !std::ptr::eq(tx, ty);
    let mut tried = false;
    if differ && ty.is_subtype(tx) && ty.lookup(right) != tx.lookup(right) {
        tried = true;
        if let Some(r) = try_one(y, right, x)? {
            return Ok(r);
        }
    }
    if let Some(r) = try_one(x, &left, y)? {
        return Ok(r);
    }
    if differ
        && !tried
        && let Some(r) = try_one(y, right, x)?
    {
        return Ok(r);
    }
    Err(type_error(format!(
        "unsupported operand type(s) for divmod(): '{}' and '{}'",
        tx.name(),
        ty.name()
    )))
}

/// `pow(base, exp, mod)`.
pub fn pow(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (base, exp) = (a.at(0), a.at(1));
    let Some(m) = a.opt_not_none(2) else {
        return protocol::number::binary(cx, BinaryOp::Pow, base, exp);
    };
    power(cx, base, exp, m)
}

/// `pow(base, exp, m)` of three operands.
///
/// # Errors
/// TypeError; what the operands raise.
pub fn power(cx: &Context, base: &Ref, exp: &Ref, m: &Ref) -> Result<Ref> {
    let mut seen = Vec::new();
    for side in [base, exp, m] {
        if let Some(f) = type_of(side).slots.pow3.get()
            && !seen.contains(&(f as usize))
        {
            seen.push(f as usize);
            let r = f(cx, base, exp, m)?;
            if !r.is(&s::not_implemented()) {
                return Ok(r);
            }
        }
    }
    Err(type_error(format!(
        "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
        base.ty().name(),
        exp.ty().name(),
        m.ty().name()
    )))
}

pub fn round(cx: &Context, a: Args<'_>) -> Result<Ref> {
    // What these two types have for a method cannot be changed.
    if a.at(0).is_exact(&s::FLOAT) {
        return crate::float::methods::round(cx, a);
    }
    if a.at(0).is_exact(&s::INT) {
        return crate::int::methods::round(cx, a);
    }
    let Some(f) = protocol::attribute::special(cx, a.at(0), names::__round__())? else {
        return Err(type_error(format!(
            "type {} doesn't define __round__ method",
            a.at(0).ty().name()
        )));
    };
    match a.opt_not_none(1) {
        Some(n) => call(cx, &f, std::slice::from_ref(n)),
        None => call(cx, &f, &[]),
    }
}

pub fn hash(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::int(protocol::hash(cx, a.at(0))?)
}

/// `id(obj)`: the address; for tagged numbers, a number that no address equals.
pub fn id(_: &Context, a: Args<'_>) -> Result<Ref> {
    let bits = crate::descriptors::address(a.at(0));
    number::big(BigInt::from(bits))
}

/// `(a, b)`.
pub fn pair(a: Ref, b: Ref) -> Result<Ref> {
    tuple::new(vec![a, b])
}
