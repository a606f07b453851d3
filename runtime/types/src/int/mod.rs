//! `int`.
//!
//! Rooms: `value` (operands), `arith` (operators), `new` (construction), `methods`.

pub mod arith;
pub mod methods;
pub mod new;
pub mod value;

use crate::startup::{TypeDef, ready_type};
use skein_object::error::Result;
use skein_object::slots::{Binary, BinaryOp, CompareOp, Slots};
use skein_object::{Context, Ref, number, statics as s, str};
use value::Int;

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    match Int::of(r) {
        Some(Int::Small(n)) => str::from_ascii(itoa(n, &mut [0; 20])),
        Some(Int::Big(b)) => str::from_str(&skein_text::number::int_format::big(b, 10, new::max_str_digits())?),
        None => Err(crate::iterators::support::wrong("int", r)),
    }
}

/// Decimal digits of a number.
pub(crate) fn itoa(n: i64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut rest = n.unsigned_abs();
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    &buffer[at..]
}

fn hash(_: &Context, r: &Ref) -> Result<i64> {
    Ok(match Int::of(r) {
        Some(Int::Small(n)) => number::hash_int(n),
        Some(Int::Big(b)) => number::hash_big(b),
        None => 0,
    })
}

fn compare(_: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    Ok(match Int::pair(a, b) {
        Some((x, y)) => number::bool(op.holds(x.order(y))),
        None => s::not_implemented(),
    })
}

fn truth(_: &Context, r: &Ref) -> Result<bool> {
    Ok(!Int::of(r).is_some_and(Int::is_zero))
}

fn to_float(_: &Context, r: &Ref) -> Result<Ref> {
    number::float(skein_object::protocol::convert::int_to_f64(r)?)
}

fn slots(t: &Slots) {
    t.repr.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
    t.bool.set(Some(truth));
    t.new.set(Some(new::new));
    t.make.set(Some(new::make));
    t.neg.set(Some(arith::neg));
    t.pos.set(Some(arith::exact));
    t.abs.set(Some(arith::abs));
    t.invert.set(Some(arith::invert));
    t.int.set(Some(arith::exact));
    t.index.set(Some(arith::exact));
    t.float.set(Some(to_float));
    t.pow3.set(Some(arith::pow_mod));
    for (op, f) in [
        (BinaryOp::Add, arith::add as Binary),
        (BinaryOp::Sub, arith::sub),
        (BinaryOp::Mul, arith::mul),
        (BinaryOp::TrueDiv, arith::true_div),
        (BinaryOp::FloorDiv, arith::floor_div),
        (BinaryOp::Mod, arith::modulo),
        (BinaryOp::Pow, arith::pow),
        (BinaryOp::LShift, arith::lshift),
        (BinaryOp::RShift, arith::rshift),
        (BinaryOp::And, arith::and),
        (BinaryOp::Or, arith::or),
        (BinaryOp::Xor, arith::xor),
    ] {
        t.binary[op as usize].set(Some(f));
    }
}

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: methods::METHODS,
        getset: methods::GETSET,
        doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nConvert a number or string to an integer, or return 0 if no arguments\nare given.  If x is a number, return x.__int__().  For floating-point\nnumbers, this truncates towards zero.\n\nIf x is not a number or if base is given, then x must be a string,\nbytes, or bytearray instance representing an integer literal in the\ngiven base.  The literal can be preceded by '+' or '-' and be surrounded\nby whitespace.  The base defaults to 10.  Valid bases are 0 and 2-36.\nBase 0 means to interpret the base from the string as an integer literal.\n>>> int('0b100', base=0)\n4",
        ..TypeDef::new(&s::INT)
    })
}
