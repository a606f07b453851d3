//! The functions of `_operator`.

use super::digest::compare_digest;
use skein_object::error::{Result, overflow_error, type_error, value_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol::compare::rich_compare;
use skein_object::protocol::number::{binary, inplace, unary};
use skein_object::protocol::{self, Iter, is_true};
use skein_object::slots::{BinaryOp, CompareOp};
use skein_object::types::flag;
use skein_object::{Args, Context, Ref, Row, dict, row, statics as s, str, tuple};
use skein_stdlib_support::ssize;

pub static FUNCTIONS: &[Row] = &[
    row!("truth(a, /)", truth, "Return True if a is true, False otherwise."),
    row!("not_(a, /)", not_, "Same as not a."),
    row!("is_(a, b, /)", is_, "Same as a is b."),
    row!("is_not(a, b, /)", is_not, "Same as a is not b."),
    row!("is_none(a, /)", is_none, "Same as a is None."),
    row!("is_not_none(a, /)", is_not_none, "Same as a is not None."),
    row!("index(a, /)", index, "Same as a.__index__()"),
    row!("pos(a, /)", pos, "Same as +a."),
    row!("neg(a, /)", neg, "Same as -a."),
    row!("invert(a, /)", invert, "Same as ~a."),
    row!("inv(a, /)", invert, "Same as ~a."),
    row!("abs(a, /)", abs, "Same as abs(a)."),
    row!("concat(a, b, /)", concat, "Same as a + b, for a and b sequences."),
    row!("iconcat(a, b, /)", iconcat, "Same as a += b, for a and b sequences."),
    row!(
        "contains(a, b, /)",
        contains,
        "Same as b in a (note reversed operands)."
    ),
    row!("indexOf(a, b, /)", index_of, "Return the first index of b in a."),
    row!(
        "countOf(a, b, /)",
        count_of,
        "Return the number of items in a which are, or which equal, b."
    ),
    row!("getitem(a, b, /)", getitem, "Same as a[b]."),
    row!("setitem(a, b, c, /)", setitem, "Same as a[b] = c."),
    row!("delitem(a, b, /)", delitem, "Same as del a[b]."),
    row!(
        "length_hint(obj, default=0, /)",
        length_hint,
        "Return an estimate of the number of items in obj.\n\nThis is useful for presizing containers when building from an iterable.\n\nIf the object supports len(), the result will be exact.\nOtherwise, it may over- or under-estimate by an arbitrary amount."
    ),
    row!("call(obj, /, *args, **kwargs)", call, "Same as obj(*args, **kwargs)."),
    row!(
        "_compare_digest(a, b, /)",
        compare_digest,
        "Return 'a == b'.\n\nThis function uses an approach designed to prevent\ntiming analysis, making it appropriate for cryptography.\n\na and b must both be of the same type: either str (ASCII only),\nor any bytes-like object.\n\nNote: If a and b are of different lengths, or if an error occurs,\na timing attack could theoretically reveal information about the\ntypes and lengths of a and b--but not their values."
    ),
    row!("add(a, b, /)", add, "Same as a + b."),
    row!("sub(a, b, /)", sub, "Same as a - b."),
    row!("mul(a, b, /)", mul, "Same as a * b."),
    row!("matmul(a, b, /)", matmul, "Same as a @ b."),
    row!("floordiv(a, b, /)", floordiv, "Same as a // b."),
    row!("truediv(a, b, /)", truediv, "Same as a / b."),
    row!("mod(a, b, /)", mod_, "Same as a % b."),
    row!("lshift(a, b, /)", lshift, "Same as a << b."),
    row!("rshift(a, b, /)", rshift, "Same as a >> b."),
    row!("and_(a, b, /)", and_, "Same as a & b."),
    row!("xor(a, b, /)", xor, "Same as a ^ b."),
    row!("or_(a, b, /)", or_, "Same as a | b."),
    row!("pow(a, b, /)", pow, "Same as a ** b."),
    row!("iadd(a, b, /)", iadd, "Same as a += b."),
    row!("isub(a, b, /)", isub, "Same as a -= b."),
    row!("imul(a, b, /)", imul, "Same as a *= b."),
    row!("imatmul(a, b, /)", imatmul, "Same as a @= b."),
    row!("ifloordiv(a, b, /)", ifloordiv, "Same as a //= b."),
    row!("itruediv(a, b, /)", itruediv, "Same as a /= b."),
    row!("imod(a, b, /)", imod, "Same as a %= b."),
    row!("ilshift(a, b, /)", ilshift, "Same as a <<= b."),
    row!("irshift(a, b, /)", irshift, "Same as a >>= b."),
    row!("iand(a, b, /)", iand, "Same as a &= b."),
    row!("ixor(a, b, /)", ixor, "Same as a ^= b."),
    row!("ior(a, b, /)", ior, "Same as a |= b."),
    row!("ipow(a, b, /)", ipow, "Same as a **= b."),
    row!("lt(a, b, /)", lt, "Same as a < b."),
    row!("le(a, b, /)", le, "Same as a <= b."),
    row!("eq(a, b, /)", eq, "Same as a == b."),
    row!("ne(a, b, /)", ne, "Same as a != b."),
    row!("gt(a, b, /)", gt, "Same as a > b."),
    row!("ge(a, b, /)", ge, "Same as a >= b."),
];

macro_rules! binary_functions {
    ($f:ident: $($name:ident $op:ident),* $(,)?) => {$(
        fn $name(cx: &Context, a: Args<'_>) -> Result<Ref> {
            $f(cx, BinaryOp::$op, a.at(0), a.at(1))
        }
    )*};
}
binary_functions!(binary: add Add, sub Sub, mul Mul, matmul MatMul, floordiv FloorDiv, truediv TrueDiv, mod_ Mod, lshift LShift, rshift RShift, and_ And, xor Xor, or_ Or, pow Pow);
binary_functions!(inplace: iadd Add, isub Sub, imul Mul, imatmul MatMul, ifloordiv FloorDiv, itruediv TrueDiv, imod Mod, ilshift LShift, irshift RShift, iand And, ixor Xor, ior Or, ipow Pow);

macro_rules! compare_functions {
    ($($name:ident $op:ident),*) => {$(
        fn $name(cx: &Context, a: Args<'_>) -> Result<Ref> {
            rich_compare(cx, a.at(0), a.at(1), CompareOp::$op)
        }
    )*};
}
compare_functions!(lt Lt, le Le, eq Eq, ne Ne, gt Gt, ge Ge);

fn truth(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(is_true(cx, a.at(0))?))
}

fn not_(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(!is_true(cx, a.at(0))?))
}

fn is_(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(a.at(0).is(a.at(1))))
}

fn is_not(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(!a.at(0).is(a.at(1))))
}

fn is_none(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(s::is_none(a.at(0))))
}

fn is_not_none(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(!s::is_none(a.at(0))))
}

fn index(cx: &Context, a: Args<'_>) -> Result<Ref> {
    protocol::index(cx, a.at(0))
}

fn pos(cx: &Context, a: Args<'_>) -> Result<Ref> {
    unary(cx, a.at(0), a.at(0).ty().slots.pos.get(), "unary +")
}

fn neg(cx: &Context, a: Args<'_>) -> Result<Ref> {
    unary(cx, a.at(0), a.at(0).ty().slots.neg.get(), "unary -")
}

fn invert(cx: &Context, a: Args<'_>) -> Result<Ref> {
    unary(cx, a.at(0), a.at(0).ty().slots.invert.get(), "unary ~")
}

fn abs(cx: &Context, a: Args<'_>) -> Result<Ref> {
    unary(cx, a.at(0), a.at(0).ty().slots.abs.get(), "abs()")
}

/// Whether the object is a sequence, so that `+` joins.
fn is_sequence(r: &Ref) -> bool {
    let ty = r.ty();
    ty.slots.getitem.is_set() && !ty.has(flag::MAPPING)
}

fn no_sequence(r: &Ref) -> skein_object::Error {
    type_error(format!("'{}' object can't be concatenated", r.ty().name()))
}

fn concat(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if !is_sequence(a.at(0)) {
        return Err(no_sequence(a.at(0)));
    }
    binary(cx, BinaryOp::Add, a.at(0), a.at(1))
}

fn iconcat(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if !is_sequence(a.at(0)) {
        return Err(no_sequence(a.at(0)));
    }
    inplace(cx, BinaryOp::Add, a.at(0), a.at(1))
}

fn contains(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(protocol::contains(cx, a.at(0), a.at(1))?))
}

fn items(cx: &Context, r: &Ref) -> Result<Iter> {
    Iter::new(cx, r).map_err(|e| {
        if e.is(&s::TYPE_ERROR) && !r.ty().slots.iter.is_set() {
            type_error(format!("argument of type '{}' is not iterable", r.ty().name()))
        } else {
            e
        }
    })
}

fn index_of(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut it = items(cx, a.at(0))?;
    let mut i = 0i64;
    while let Some(x) = it.next(cx)? {
        if protocol::equal(cx, &x, a.at(1))? {
            return number::int(i);
        }
        i = i
            .checked_add(1)
            .ok_or_else(|| overflow_error("index exceeds C integer size"))?;
    }
    Err(value_error("sequence.index(x): x not in sequence"))
}

fn count_of(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut it = items(cx, a.at(0))?;
    let mut n = 0i64;
    while let Some(x) = it.next(cx)? {
        n += i64::from(protocol::equal(cx, &x, a.at(1))?);
    }
    number::int(n)
}

fn getitem(cx: &Context, a: Args<'_>) -> Result<Ref> {
    protocol::getitem(cx, a.at(0), a.at(1))
}

fn setitem(cx: &Context, a: Args<'_>) -> Result<Ref> {
    protocol::setitem(cx, a.at(0), a.at(1), a.at(2))?;
    Ok(s::none())
}

fn delitem(cx: &Context, a: Args<'_>) -> Result<Ref> {
    protocol::delitem(cx, a.at(0), a.at(1))?;
    Ok(s::none())
}

fn length_hint(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let default = match a.opt(1) {
        Some(d) => ssize(cx, d)?,
        None => 0,
    };
    // A hint that no object gives stands for the default, which may be negative.
    match protocol::len_hint(cx, a.at(0), usize::MAX)? {
        usize::MAX => number::int(default),
        n => number::int_from_usize(n),
    }
}

fn call(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut all = a.rest(1).to_vec();
    let mut names = Vec::new();
    for (k, v) in dict::entries(a.at(2)) {
        if !str::is_str(&k) {
            return Err(type_error("keywords must be strings"));
        }
        names.push(k);
        all.push(v);
    }
    if names.is_empty() {
        return protocol::call(cx, a.at(0), &all);
    }
    protocol::call_kw(cx, a.at(0), &all, Some(&tuple::new(names)?))
}
