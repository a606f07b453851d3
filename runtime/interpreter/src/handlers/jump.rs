//! Jumps, comparisons, truth.

use super::arith::as_f64;
use super::{Leave, Machine};
use crate::ops;
use crate::run::Test;
use skein_bytecode::instr::{CONSUME_A, CONSUME_B, CONSUME_C};
use skein_gc::{Ref, Value};
use skein_object::layouts::number;
use skein_object::slots::CompareOp;
use skein_object::{Context, statics as s};

handler! {
    Jump |m| {
        m.goto(m.ins.bx() as u64);
        m.next()
    }
}

handler! {
    JumpBack |m| {
        if skein_gc::poll_word() != 0 {
            return m.to(poll_JumpBack);
        }
        m.goto(m.ins.bx() as u64);
        m.next()
    }
}

// What the poll raises is raised at the jump, which lies inside the loop's handlers.
handler! {
    #[cold] #[inline(never)] poll_JumpBack |m| {
        m.save();
        if let Err(e) = (skein_object::context::hooks().poll)(m.cx) {
            return m.raise(e);
        }
        m.goto(m.ins.bx() as u64);
        m.next()
    }
}

/// Truth of a value without Python code, where that is possible.
#[inline(always)]
fn quick_truth(v: u64) -> Option<bool> {
    if v == s::true_().word().0 {
        Some(true)
    } else if v == s::false_().word().0 || v == s::none().word().0 {
        Some(false)
    } else if v & 1 == 1 {
        Some(v != 1)
    } else {
        None
    }
}

/// Truth of any value, in one word.
#[inline(never)]
unsafe fn truth(cx: &Context, r: &Ref) -> Test {
    Test::from(crate::call::truth(cx, r))
}

macro_rules! conditional {
    ($($name:ident $slow:ident $sense:literal;)*) => {$(
        handler!($name |m| {
            let v = m.regs.raw(m.ins.a());
            let Some(t) = quick_truth(v) else {
                return m.to($slow);
            };
            // What has a quick truth needs no dropping.
            if m.ins.flags() != 0 {
                *m.regs.0.add(m.ins.a()) = 0;
            }
            if t == $sense {
                m.goto(m.ins.bx() as u64);
            }
            m.next()
        });
        handler!(#[inline(never)] $slow |m| {
            m.save();
            let t = truth(m.cx, m.regs.get(m.ins.a()));
            if t.0 > 1 {
                return m.raise_word(t.0);
            }
            let old = m.regs.raw(m.ins.a());
            if (t.0 != 0) == $sense {
                m.goto(m.ins.bx() as u64);
            }
            if m.ins.flags() != 0 {
                *m.regs.0.add(m.ins.a()) = 0;
                return m.drop_next(old);
            }
            m.next()
        });
    )*};
}

conditional! {
    JumpIf slow_JumpIf true;
    JumpIfNot slow_JumpIfNot false;
}

macro_rules! or_pop {
    ($($name:ident $slow:ident $sense:literal;)*) => {$(
        handler!($name |m| {
            let v = m.regs.raw(m.ins.a());
            let Some(t) = quick_truth(v) else {
                return m.to($slow);
            };
            if t == $sense {
                m.goto(m.ins.bx() as u64);
            } else {
                *m.regs.0.add(m.ins.a()) = 0;
            }
            m.next()
        });
        handler!(#[inline(never)] $slow |m| {
            m.save();
            let t = truth(m.cx, m.regs.get(m.ins.a()));
            if t.0 > 1 {
                return m.raise_word(t.0);
            }
            if (t.0 != 0) == $sense {
                m.goto(m.ins.bx() as u64);
                return m.next();
            }
            let old = std::mem::replace(&mut *m.regs.0.add(m.ins.a()), 0);
            m.drop_next(old)
        });
    )*};
}

or_pop! {
    JumpIfTrueOrPop slow_JumpIfTrueOrPop true;
    JumpIfFalseOrPop slow_JumpIfFalseOrPop false;
}

macro_rules! none_test {
    ($($name:ident $sense:literal;)*) => {$(
        handler!($name |m| {
            let v = m.regs.raw(m.ins.a());
            if (v == s::none().into_value().0) == $sense {
                m.goto(m.ins.bx() as u64);
            }
            if m.ins.flags() != 0 {
                *m.regs.0.add(m.ins.a()) = 0;
                return m.drop_next(v);
            }
            m.next()
        });
    )*};
}

none_test! {
    JumpIfNone true;
    JumpIfNotNone false;
}

macro_rules! compare {
    ($($name:ident $slow:ident $rel:tt;)*) => {$(
        handler!($name |m| {
            let (x, y) = (m.regs.raw(m.ins.b()), m.regs.raw(m.ins.c()));
            if x & y & 1 == 1 {
                return m.set_next(m.ins.a(), number::bool((x as i64) $rel (y as i64)).into_value().0);
            }
            if let (Some(p), Some(q)) = (as_f64(x), as_f64(y)) {
                return m.set_next(m.ins.a(), number::bool(p $rel q).into_value().0);
            }
            m.to($slow)
        });
        slow!(#[inline(never)] $slow => ops::compare::compare, CompareOp::$name);
    )*};
}

compare! {
    Lt slow_Lt <;
    Le slow_Le <=;
    Eq slow_Eq ==;
    Ne slow_Ne !=;
    Gt slow_Gt >;
    Ge slow_Ge >=;
}

impl Machine<'_> {
    /// Jumps to the label behind the instruction if the answer is what the instruction wants.
    #[inline(always)]
    unsafe fn branch(mut self, holds: bool) -> Leave {
        let label = self.extra();
        if holds == (self.ins.c() != 0) {
            self.goto(label);
        }
        self.next()
    }
}

/// A comparison that may run Python code, and the jump.
macro_rules! slow_branch {
    ($slow:ident $test:path, $op:ident) => {
        handler! {
            #[inline(never)] $slow |m| {
                let label = m.extra();
                m.save();
                let holds = $test(m.cx, m.regs, m.ins, CompareOp::$op);
                m.jump_after(holds, label)
            }
        }
    };
}

macro_rules! compare_jump {
    ($($name:ident $slow:ident $op:ident $rel:tt;)*) => {$(
        handler!($name |m| {
            let (x, y) = (m.regs.raw(m.ins.a()), m.regs.raw(m.ins.b()));
            let holds = if x & y & 1 == 1 {
                (x as i64) $rel (y as i64)
            } else if let (Some(p), Some(q)) = (as_f64(x), as_f64(y)) {
                p $rel q
            } else {
                return m.to($slow);
            };
            m.branch(holds)
        });
        slow_branch!($slow ops::compare::test, $op);
    )*};
}

compare_jump! {
    JLt slow_JLt Lt <;
    JLe slow_JLe Le <=;
    JEq slow_JEq Eq ==;
    JNe slow_JNe Ne !=;
    JGt slow_JGt Gt >;
    JGe slow_JGe Ge >=;
}

macro_rules! compare_jump_immediate {
    ($($name:ident $slow:ident $op:ident $rel:tt;)*) => {$(
        handler!($name |m| {
            let x = m.regs.raw(m.ins.a());
            let holds = if x & 1 == 1 {
                Value(x).as_int_unchecked() $rel m.ins.imm_b()
            } else if x & 3 == 2 {
                Value(x).as_float_unchecked() $rel (m.ins.imm_b() as f64)
            } else {
                return m.to($slow);
            };
            m.branch(holds)
        });
        slow_branch!($slow ops::compare::test_immediate, $op);
    )*};
}

compare_jump_immediate! {
    JLtI slow_JLtI Lt <;
    JLeI slow_JLeI Le <=;
    JEqI slow_JEqI Eq ==;
    JNeI slow_JNeI Ne !=;
    JGtI slow_JGtI Gt >;
    JGeI slow_JGeI Ge >=;
}

handler! {
    JIs |m| {
        let same = Value(m.regs.raw(m.ins.a())).is(Value(m.regs.raw(m.ins.b())));
        let label = m.extra();
        if same == (m.ins.c() != 0) {
            m.goto(label);
        }
        let x = if m.consumes(CONSUME_A) {
            m.regs.clear(m.ins.a())
        } else {
            0
        };
        let y = if m.consumes(CONSUME_B) {
            m.regs.clear(m.ins.b())
        } else {
            0
        };
        m.drop_both_next(x, y)
    }
}

handler! {
    JIn |m| {
        let label = m.extra();
        m.save();
        let holds = ops::compare::test_contains(m.cx, m.regs, m.ins);
        m.jump_after(holds, label)
    }
}

macro_rules! identity {
    ($($name:ident $sense:literal;)*) => {$(
        handler!($name |m| {
            let same = Value(m.regs.raw(m.ins.b())).is(Value(m.regs.raw(m.ins.c())));
            let x = if m.consumes(CONSUME_B) { m.regs.clear(m.ins.b()) } else { 0 };
            let y = if m.consumes(CONSUME_C) { m.regs.clear(m.ins.c()) } else { 0 };
            m.regs.set_bits(m.ins.a(), number::bool(same == $sense).into_value().0);
            m.drop_both_next(x, y)
        });
    )*};
}

identity! {
    Is true;
    IsNot false;
}

slow! { In => ops::compare::contains, true }
slow! { NotIn => ops::compare::contains, false }

macro_rules! to_bool {
    ($($name:ident $slow:ident $sense:literal;)*) => {$(
        handler!($name |m| {
            let Some(t) = quick_truth(m.regs.raw(m.ins.b())) else {
                return m.to($slow);
            };
            if m.consumes(CONSUME_B) {
                *m.regs.0.add(m.ins.b()) = 0;
            }
            m.set_next(m.ins.a(), number::bool(t == $sense).into_value().0)
        });
        handler!(#[inline(never)] $slow |m| {
            m.save();
            let t = truth(m.cx, m.regs.get(m.ins.b()));
            if t.0 > 1 {
                return m.raise_word(t.0);
            }
            m.regs.consume(m.ins);
            m.set_next(m.ins.a(), number::bool((t.0 != 0) == $sense).into_value().0)
        });
    )*};
}

to_bool! {
    ToBool slow_ToBool true;
    Not slow_Not false;
}
