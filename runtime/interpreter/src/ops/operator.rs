//! Binary operators on anything: a method in Python is called by a frame, all else by the slots of the types.
//!
//! The operands of such a frame stay in their registers until it returns, since NotImplemented means to ask the other one.

use crate::call::code_of;
use crate::frame::{self, Frame, Kind};
use crate::operands::Operands;
use crate::regs::{Regs, release, settle, share};
use crate::run::Done;
use skein_bytecode::instr::{CONSUME_B, CONSUME_C};
use skein_bytecode::{Instr, Op};
use skein_gc::{Ref, Value};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::number;
use skein_object::slots::BinaryOp;
use skein_object::types::flag;
use skein_object::{Context, FunctionBody, Result, statics as s, str};

/// The four forms of an operator instruction: whether it is in place, and whether its right operand is in the instruction.
macro_rules! forms {
    ($($name:ident $inplace:literal $immediate:literal;)*) => {$(
        #[cold]
        #[inline(never)]
        pub unsafe fn $name(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands, op: BinaryOp) -> Done {
            apply(cx, frame, regs, ins, op, $inplace, $immediate)
        }
    )*};
}

forms! {
    binary false false;
    inplace true false;
    immediate false true;
    inplace_immediate true true;
}

#[inline(always)]
unsafe fn apply(
    cx: &Context,
    frame: *mut Frame,
    regs: Regs,
    ins: Operands,
    op: BinaryOp,
    inplace: bool,
    immediate: bool,
) -> Done {
    if op == BinaryOp::Add && !immediate && ins.a() == ins.b() && ins.b() != ins.c() {
        // The left operand is about to be overwritten with the sum: if nobody else has it, it can become the sum.
        match str::append(regs.get_mut(ins.b()), regs.get(ins.c())) {
            Ok(false) => {}
            Ok(true) => {
                if ins.flags() & CONSUME_C != 0 {
                    release(regs.clear(ins.c()));
                }
                return Done::WRITTEN;
            }
            Err(e) => return Done::error(e),
        }
    }
    let small;
    let a = regs.get(ins.b());
    let b = if immediate {
        small = Ref::small(ins.imm_c() as i32);
        &small
    } else {
        regs.get(ins.c())
    };
    if push(cx, frame, regs, ins, op, a, b, inplace) {
        return Done::PUSHED;
    }
    let r = if inplace {
        number::inplace(cx, op, a, b)
    } else {
        number::binary(cx, op, a, b)
    };
    written(r, regs, ins, immediate)
}

unsafe fn written(r: Result<Ref>, regs: Regs, ins: Operands, immediate: bool) -> Done {
    match r {
        Ok(r) => {
            set(regs, ins, r, immediate);
            Done::WRITTEN
        }
        Err(e) => Done::error(e),
    }
}

/// Writes the result and drops operands that are temporaries.
unsafe fn set(regs: Regs, ins: Operands, r: Ref, immediate: bool) {
    // Before the result is written, which may be where an operand was.
    let b = if ins.flags() & CONSUME_B != 0 {
        regs.clear(ins.b())
    } else {
        0
    };
    let c = if !immediate && ins.flags() & CONSUME_C != 0 {
        regs.clear(ins.c())
    } else {
        0
    };
    regs.set(ins.a(), r);
    release(b);
    release(c);
}

/// Pushes the frame of the left operand's method in Python, if that is what is to be called first; or of the right operand's, if
/// the left one is of a native type that does not know it.
#[allow(clippy::too_many_arguments)]
unsafe fn push(
    cx: &Context,
    frame: *mut Frame,
    regs: Regs,
    ins: Operands,
    op: BinaryOp,
    a: &Ref,
    b: &Ref,
    inplace: bool,
) -> bool {
    let (ta, tb) = (type_of(a), type_of(b));
    if !ta.has(flag::HEAP)
        || inplace && ta.slots.inplace[op as usize].is_set()
        || !ta.slots.binary[op as usize].is_set()
        || !std::ptr::eq(ta, tb) && tb.is_subtype(ta)
    {
        return false;
    }
    let Some(f) = ta.lookup(number::method_names(op).0) else {
        return false;
    };
    if !f.is_exact(&s::FUNCTION) {
        return false;
    }
    let Some(fb) = f.body::<FunctionBody>() else {
        return false;
    };
    let Some(code) = code_of(fb).filter(|c| c.simple && c.args == 2 && !c.is_generator) else {
        return false;
    };
    let window = frame::end(frame);
    let new = frame::push_quick(cx, frame, f.value().0, code, window, 2, Kind::Operator);
    if new.is_null() {
        return false;
    }
    *window = share(a.word().0);
    *window.add(1) = share(b.word().0);
    (*new).pc = code.words.as_ptr();
    (*new).globals = fb.globals.value().0;
    (*new).builtins = fb.builtins.value().0;
    (*new).dst = regs.0.add(ins.a());
    // The frame owns the function now.
    std::mem::forget(f);
    true
}

/// The operator of an instruction, whether it is in place, and whether its right operand is in the instruction.
fn operator(op: Op) -> Option<(BinaryOp, bool, bool)> {
    use BinaryOp as B;
    Some(match op {
        Op::Add => (B::Add, false, false),
        Op::Sub => (B::Sub, false, false),
        Op::Mul => (B::Mul, false, false),
        Op::TrueDiv => (B::TrueDiv, false, false),
        Op::FloorDiv => (B::FloorDiv, false, false),
        Op::Mod => (B::Mod, false, false),
        Op::Pow => (B::Pow, false, false),
        Op::LShift => (B::LShift, false, false),
        Op::RShift => (B::RShift, false, false),
        Op::And => (B::And, false, false),
        Op::Or => (B::Or, false, false),
        Op::Xor => (B::Xor, false, false),
        Op::MatMul => (B::MatMul, false, false),
        Op::IAdd => (B::Add, true, false),
        Op::ISub => (B::Sub, true, false),
        Op::IMul => (B::Mul, true, false),
        Op::ITrueDiv => (B::TrueDiv, true, false),
        Op::IFloorDiv => (B::FloorDiv, true, false),
        Op::IMod => (B::Mod, true, false),
        Op::IPow => (B::Pow, true, false),
        Op::ILShift => (B::LShift, true, false),
        Op::IRShift => (B::RShift, true, false),
        Op::IAnd => (B::And, true, false),
        Op::IOr => (B::Or, true, false),
        Op::IXor => (B::Xor, true, false),
        Op::IMatMul => (B::MatMul, true, false),
        Op::AddI => (B::Add, false, true),
        Op::SubI => (B::Sub, false, true),
        Op::MulI => (B::Mul, false, true),
        Op::FloorDivI => (B::FloorDiv, false, true),
        Op::ModI => (B::Mod, false, true),
        Op::AndI => (B::And, false, true),
        Op::LShiftI => (B::LShift, false, true),
        Op::RShiftI => (B::RShift, false, true),
        Op::IAddI => (B::Add, true, true),
        Op::ISubI => (B::Sub, true, true),
        _ => return None,
    })
}

/// Ends the instruction of the frame `below`, the top one now, whose operator's method has returned `value`.
///
/// # Errors
/// TypeError if neither operand knows the operator; what the other operand's method raises.
///
/// # Safety
/// The instruction is one that pushes frames of kind Operator.
pub unsafe fn finish(cx: &Context, below: *mut Frame, value: Ref) -> Result<()> {
    let regs = Regs((*below).regs);
    // As compiled: the word that runs may be one of tracing.
    let word = &(*below).code().unit.words[(*below).lasti()];
    let ins = Operands::compiled(word);
    let Some((op, inplace, immediate)) = Instr(*word).op().and_then(operator) else {
        return Err(skein_object::error::system_error("return to no operator"));
    };
    let value = if value.is(&s::not_implemented()) {
        let small;
        let b = if immediate {
            small = Ref::small(ins.imm_c() as i32);
            &small
        } else {
            regs.get(ins.c())
        };
        number::binary_reflected(cx, op, regs.get(ins.b()), b, inplace)?
    } else {
        value
    };
    set(regs, ins, value, immediate);
    Ok(())
}

/// [`finish`] for a register's bits; gives 0 or an owned error.
///
/// # Safety
/// As for `finish`.
#[inline(never)]
pub unsafe fn finished(cx: &Context, below: *mut Frame, value: u64) -> u64 {
    match finish(cx, below, Ref::from_value(Value(settle(value)))) {
        Ok(()) => 0,
        Err(e) => e.0.into_value().0,
    }
}
