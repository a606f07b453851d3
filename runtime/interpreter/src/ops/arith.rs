//! Arithmetic on one operand, and on tagged ints. Binary operators on anything are in `operator`.

use crate::frame::Frame;
use crate::operands::Operands;
use crate::regs::Regs;
use skein_gc::Value;
use skein_object::object::type_of;
use skein_object::protocol::number;
use skein_object::{Context, Result};

macro_rules! unary {
    ($($f:ident $slot:ident $symbol:literal;)*) => {$(
        #[cold]
        #[inline(never)]
        pub unsafe fn $f(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
            let x = regs.get(ins.b());
            let r = number::unary(cx, x, type_of(x).slots.$slot.get(), $symbol)?;
            regs.set(ins.a(), r);
            regs.consume_b(ins);
            Ok(())
        }
    )*};
}
unary! {
    neg neg "unary -";
    pos pos "unary +";
    invert invert "unary ~";
}

/// `x // y` of tagged ints, if it is one.
#[inline(always)]
pub fn floor_div(x: u64, y: u64) -> Option<u64> {
    let (a, b) = (Value(x).as_int_unchecked(), Value(y).as_int_unchecked());
    if b == 0 {
        return None;
    }
    let q = a / b;
    let q = if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q };
    Value::int(q).map(|v| v.0)
}

/// `x % y` of tagged ints, with the sign of y.
#[inline(always)]
pub fn modulo(x: u64, y: u64) -> Option<u64> {
    let (a, b) = (Value(x).as_int_unchecked(), Value(y).as_int_unchecked());
    if b == 0 {
        return None;
    }
    let r = a % b;
    let r = if r != 0 && (r < 0) != (b < 0) { r + b } else { r };
    Value::int(r).map(|v| v.0)
}

/// `x << n`, if it fits.
#[inline(always)]
pub fn shift_left(x: u64, n: i64) -> Option<u64> {
    if !(0..62).contains(&n) {
        return None;
    }
    let a = Value(x).as_int_unchecked();
    let r = a << n;
    if r >> n == a { Value::int(r).map(|v| v.0) } else { None }
}

/// `x >> n`.
#[inline(always)]
pub fn shift_right(x: u64, n: i64) -> Option<u64> {
    if n < 0 {
        return None;
    }
    Value::int(Value(x).as_int_unchecked() >> n.min(63)).map(|v| v.0)
}
