//! Arithmetic: tagged ints, then tagged floats (ints mixed in), then the slots of the types.

use super::Machine;
use crate::frame::Frame;
use crate::ops;
use crate::regs::Regs;
use crate::run::Leave;
use skein_gc::Value;
use skein_object::Context;
use skein_object::layouts::number;
use skein_object::slots::BinaryOp;
use std::sync::atomic::AtomicU64;

/// A number in a register as a float, if it is a tagged float or an int that is exact as one.
#[inline(always)]
pub fn as_f64(bits: u64) -> Option<f64> {
    let v = Value(bits);
    if v.is_float() {
        Some(v.as_float_unchecked())
    } else if v.is_int() && v.as_int_unchecked().unsigned_abs() <= 1 << 53 {
        Some(v.as_int_unchecked() as f64)
    } else {
        None
    }
}

impl Machine<'_> {
    /// Writes a float and goes on; one that is not tagged takes an object.
    #[inline(always)]
    unsafe fn float_next(self, x: f64) -> Leave {
        match Value::float(x) {
            Some(v) => self.set_next(self.ins.a(), v.0),
            None => boxed_float(self.pc, self.regs, self.frame, self.cx, x),
        }
    }
}

/// A float object as owned bits; an error with bit 1 set.
#[inline(never)]
fn float_object(x: f64) -> u64 {
    match number::float(x) {
        Ok(r) => r.into_value().0,
        Err(e) => e.0.into_value().0 | 2,
    }
}

#[cold]
#[inline(never)]
unsafe fn boxed_float(pc: *const AtomicU64, regs: Regs, frame: *mut Frame, cx: &Context, x: f64) -> Leave {
    let m = Machine::new(pc, 1, regs, frame, cx);
    m.save();
    let r = float_object(x);
    if r & 2 != 0 {
        return m.raise_word(r & !2);
    }
    m.set_next(m.ins.a(), r)
}

/// `operator!(Name => operation, operator)`: calls an operation that may push a frame, and goes on.
macro_rules! operator {
    ($(#[$attribute:meta])* $name:ident => $f:path, $op:expr) => {
        handler!($(#[$attribute])* $name |m| {
            m.save();
            m.after_call($f(m.cx, m.frame, m.regs, m.ins, $op))
        });
    };
}

/// Rows of binary operators: name, slow twin, operation of `ops::arith`, slot, int case, float case.
macro_rules! arith {
    ($($name:ident $slow:ident $f:ident $op:ident |$x:ident, $y:ident| $int:expr, |$p:ident, $q:ident| $float:expr;)*) => {$(
        handler!($name |m| {
            let ($x, $y) = (m.regs.raw(m.ins.b()), m.regs.raw(m.ins.c()));
            if $x & $y & 1 == 1 {
                if let Some(r) = $int {
                    return m.set_next(m.ins.a(), r);
                }
                return m.to($slow);
            }
            // Both floats: the usual case.
            if $x & 3 == 2 && $y & 3 == 2 {
                let ($p, $q) = (Value($x).as_float_unchecked(), Value($y).as_float_unchecked());
                return m.float_next($float);
            }
            if ($x & 3 == 2 || $y & 3 == 2)
                && let (Some($p), Some($q)) = (as_f64($x), as_f64($y))
            {
                return m.float_next($float);
            }
            m.to($slow)
        });
        operator!(#[inline(never)] $slow => ops::operator::$f, BinaryOp::$op);
    )*};
}

arith! {
    Add slow_Add binary Add
        |x, y| (x as i64 - 1).checked_add(y as i64).map(|r| r as u64), |p, q| p + q;
    IAdd slow_IAdd inplace Add
        |x, y| (x as i64 - 1).checked_add(y as i64).map(|r| r as u64), |p, q| p + q;
    Sub slow_Sub binary Sub
        |x, y| (x as i64).checked_sub(y as i64).map(|r| r as u64 | 1), |p, q| p - q;
    ISub slow_ISub inplace Sub
        |x, y| (x as i64).checked_sub(y as i64).map(|r| r as u64 | 1), |p, q| p - q;
    Mul slow_Mul binary Mul
        |x, y| (x as i64 >> 1).checked_mul(y as i64 - 1).map(|r| r as u64 | 1), |p, q| p * q;
    IMul slow_IMul inplace Mul
        |x, y| (x as i64 >> 1).checked_mul(y as i64 - 1).map(|r| r as u64 | 1), |p, q| p * q;
}

macro_rules! division {
    ($($name:ident $slow:ident $f:ident;)*) => {$(
        handler!($name |m| {
            if let (Some(p), Some(q)) = (as_f64(m.regs.raw(m.ins.b())), as_f64(m.regs.raw(m.ins.c())))
                && q != 0.0
            {
                return m.float_next(p / q);
            }
            m.to($slow)
        });
        operator!(#[inline(never)] $slow => ops::operator::$f, BinaryOp::TrueDiv);
    )*};
}

division! {
    TrueDiv slow_TrueDiv binary;
    ITrueDiv slow_ITrueDiv inplace;
}

/// Rows of operators whose fast case is ints alone.
macro_rules! int_only {
    ($($name:ident $slow:ident $f:ident $op:ident |$x:ident, $y:ident| $int:expr;)*) => {$(
        handler!($name |m| {
            let ($x, $y) = (m.regs.raw(m.ins.b()), m.regs.raw(m.ins.c()));
            if $x & $y & 1 == 1
                && let Some(r) = $int
            {
                return m.set_next(m.ins.a(), r);
            }
            m.to($slow)
        });
        operator!(#[inline(never)] $slow => ops::operator::$f, BinaryOp::$op);
    )*};
}

int_only! {
    FloorDiv slow_FloorDiv binary FloorDiv |x, y| ops::arith::floor_div(x, y);
    IFloorDiv slow_IFloorDiv inplace FloorDiv |x, y| ops::arith::floor_div(x, y);
    Mod slow_Mod binary Mod |x, y| ops::arith::modulo(x, y);
    IMod slow_IMod inplace Mod |x, y| ops::arith::modulo(x, y);
    LShift slow_LShift binary LShift |x, y| ops::arith::shift_left(x, Value(y).as_int_unchecked());
    ILShift slow_ILShift inplace LShift |x, y| ops::arith::shift_left(x, Value(y).as_int_unchecked());
    RShift slow_RShift binary RShift |x, y| ops::arith::shift_right(x, Value(y).as_int_unchecked());
    IRShift slow_IRShift inplace RShift |x, y| ops::arith::shift_right(x, Value(y).as_int_unchecked());
    And slow_And binary And |x, y| Some(x & y);
    IAnd slow_IAnd inplace And |x, y| Some(x & y);
    Or slow_Or binary Or |x, y| Some(x | y);
    IOr slow_IOr inplace Or |x, y| Some(x | y);
    Xor slow_Xor binary Xor |x, y| Some((x ^ y) | 1);
    IXor slow_IXor inplace Xor |x, y| Some((x ^ y) | 1);
}

operator!(Pow => ops::operator::binary, BinaryOp::Pow);
operator!(IPow => ops::operator::inplace, BinaryOp::Pow);
operator!(MatMul => ops::operator::binary, BinaryOp::MatMul);
operator!(IMatMul => ops::operator::inplace, BinaryOp::MatMul);

/// Rows of operators with a small int in the instruction, for ints and floats.
macro_rules! immediate {
    ($($name:ident $slow:ident $f:ident $op:ident |$x:ident, $n:ident| $int:expr, |$p:ident| $float:expr;)*) => {$(
        handler!($name |m| {
            let $x = m.regs.raw(m.ins.b());
            let $n = m.ins.imm_c();
            if $x & 1 == 1 {
                if let Some(r) = $int {
                    return m.set_next(m.ins.a(), r);
                }
            } else if $x & 3 == 2 {
                let $p = Value($x).as_float_unchecked();
                return m.float_next($float);
            }
            m.to($slow)
        });
        operator!(#[inline(never)] $slow => ops::operator::$f, BinaryOp::$op);
    )*};
}

immediate! {
    AddI slow_AddI immediate Add |x, n| (x as i64).checked_add(n << 1).map(|r| r as u64), |p| p + n as f64;
    SubI slow_SubI immediate Sub |x, n| (x as i64).checked_sub(n << 1).map(|r| r as u64), |p| p - n as f64;
    IAddI slow_IAddI inplace_immediate Add |x, n| (x as i64).checked_add(n << 1).map(|r| r as u64), |p| p + n as f64;
    ISubI slow_ISubI inplace_immediate Sub |x, n| (x as i64).checked_sub(n << 1).map(|r| r as u64), |p| p - n as f64;
    MulI slow_MulI immediate Mul |x, n| (x as i64 - 1).checked_mul(n).map(|r| r as u64 | 1), |p| p * n as f64;
}

/// The same for ints alone.
macro_rules! immediate_int {
    ($($name:ident $slow:ident $op:ident |$x:ident, $n:ident| $int:expr;)*) => {$(
        handler!($name |m| {
            let $x = m.regs.raw(m.ins.b());
            let $n = m.ins.imm_c();
            if $x & 1 == 1
                && let Some(r) = $int
            {
                return m.set_next(m.ins.a(), r);
            }
            m.to($slow)
        });
        operator!(#[inline(never)] $slow => ops::operator::immediate, BinaryOp::$op);
    )*};
}

immediate_int! {
    FloorDivI slow_FloorDivI FloorDiv |x, n| ops::arith::floor_div(x, Value::small(n as i32).0);
    ModI slow_ModI Mod |x, n| ops::arith::modulo(x, Value::small(n as i32).0);
    AndI slow_AndI And |x, n| Some(x & Value::small(n as i32).0);
    LShiftI slow_LShiftI LShift |x, n| ops::arith::shift_left(x, n);
    RShiftI slow_RShiftI RShift |x, n| ops::arith::shift_right(x, n);
}

handler! {
    Neg |m| {
        let x = m.regs.raw(m.ins.b());
        if x & 1 == 1
            && let Some(v) = Value::int(-Value(x).as_int_unchecked())
        {
            return m.set_next(m.ins.a(), v.0);
        }
        if x & 3 == 2 {
            return m.float_next(-Value(x).as_float_unchecked());
        }
        m.to(slow_Neg)
    }
}
slow! { #[inline(never)] slow_Neg => ops::arith::neg }
slow! { Pos => ops::arith::pos }

handler! {
    Invert |m| {
        let x = m.regs.raw(m.ins.b());
        if x & 1 == 1 {
            return m.set_next(m.ins.a(), !x | 1);
        }
        m.to(slow_Invert)
    }
}
slow! { #[inline(never)] slow_Invert => ops::arith::invert }
