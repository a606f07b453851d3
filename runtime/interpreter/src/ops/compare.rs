//! Comparison and membership.

use crate::frame::Frame;
use crate::regs::Regs;
use crate::run::Test;
use skein_bytecode::Instr;
use skein_gc::Ref;
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol::compare as p;
use skein_object::slots::CompareOp;
use skein_object::{Context, Result, StrBody, statics as s};

#[inline(never)]
pub unsafe fn compare(cx: &Context, _: *mut Frame, regs: Regs, ins: Instr, op: CompareOp) -> Result<()> {
    let r = p::rich_compare(cx, regs.get(ins.b()), regs.get(ins.c()), op)?;
    regs.set(ins.a(), r);
    regs.consume(ins);
    Ok(())
}

/// Compare-and-jump: operands a and b.
#[inline(never)]
pub unsafe fn test(cx: &Context, regs: Regs, ins: Instr, op: CompareOp) -> Test {
    let (a, b) = (regs.get(ins.a()), regs.get(ins.b()));
    let holds = if matches!(op, CompareOp::Eq | CompareOp::Ne)
        && a.is_exact(&s::STR)
        && b.is_exact(&s::STR)
        && let (Some(x), Some(y)) = (a.body::<StrBody>(), b.body::<StrBody>())
    {
        Ok((a.is(b) || x.equals(y)) == (op == CompareOp::Eq))
    } else {
        p::compare_bool(cx, a, b, op)
    };
    if holds.is_ok() {
        regs.consume(ins);
    }
    Test::from(holds)
}

#[inline(never)]
pub unsafe fn test_immediate(cx: &Context, regs: Regs, ins: Instr, op: CompareOp) -> Test {
    let holds = p::compare_bool(cx, regs.get(ins.a()), &Ref::small(ins.imm_b() as i32), op);
    if holds.is_ok() && ins.flags() & skein_bytecode::instr::CONSUME_A != 0 {
        regs.kill(ins.a());
    }
    Test::from(holds)
}

#[inline(never)]
pub unsafe fn contains(cx: &Context, _: *mut Frame, regs: Regs, ins: Instr, sense: bool) -> Result<()> {
    let r = p::contains(cx, regs.get(ins.c()), regs.get(ins.b()))?;
    regs.set(ins.a(), number::bool(r == sense));
    regs.consume(ins);
    Ok(())
}

#[inline(never)]
pub unsafe fn test_contains(cx: &Context, regs: Regs, ins: Instr) -> Test {
    let r = p::contains(cx, regs.get(ins.b()), regs.get(ins.a()));
    if r.is_ok() {
        regs.consume(ins);
    }
    Test::from(r)
}
