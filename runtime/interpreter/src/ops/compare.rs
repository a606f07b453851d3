//! Comparison and membership.

use crate::frame::Frame;
use crate::operands::Operands;
use crate::regs::Regs;
use crate::run::Test;
use skein_gc::Ref;
use skein_object::layouts::number;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::compare as p;
use skein_object::slots::CompareOp;
use skein_object::{Context, Result, StrBody, statics as s};

/// `==` or `!=` of two str, or of objects that compare by identity.
#[inline(always)]
fn equality(a: &Ref, b: &Ref, op: CompareOp) -> Option<bool> {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return None;
    }
    let equal = if a.is_exact(&s::STR) && b.is_exact(&s::STR) {
        let (x, y) = (a.body::<StrBody>()?, b.body::<StrBody>()?);
        a.is(b) || x.equals(y)
    } else {
        let plain = &s::OBJECT.slots.compare;
        if !type_of(a).slots.compare.same(plain) || !type_of(b).slots.compare.same(plain) {
            return None;
        }
        a.is(b)
    };
    Some(equal == (op == CompareOp::Eq))
}

#[inline(never)]
pub unsafe fn compare(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands, op: CompareOp) -> Result<()> {
    let (a, b) = (regs.get(ins.b()), regs.get(ins.c()));
    let r = match equality(a, b, op) {
        Some(holds) => number::bool(holds),
        None => p::rich_compare(cx, a, b, op)?,
    };
    regs.set(ins.a(), r);
    regs.consume(ins);
    Ok(())
}

/// Compare-and-jump: operands a and b.
#[inline(never)]
pub unsafe fn test(cx: &Context, regs: Regs, ins: Operands, op: CompareOp) -> Test {
    let (a, b) = (regs.get(ins.a()), regs.get(ins.b()));
    let holds = match equality(a, b, op) {
        Some(holds) => Ok(holds),
        None => p::compare_bool(cx, a, b, op),
    };
    if holds.is_ok() {
        regs.consume(ins);
    }
    Test::from(holds)
}

#[inline(never)]
pub unsafe fn test_immediate(cx: &Context, regs: Regs, ins: Operands, op: CompareOp) -> Test {
    let holds = p::compare_bool(cx, regs.get(ins.a()), &Ref::small(ins.imm_b() as i32), op);
    if holds.is_ok() && ins.flags() & skein_bytecode::instr::CONSUME_A != 0 {
        regs.kill(ins.a());
    }
    Test::from(holds)
}

#[inline(never)]
pub unsafe fn contains(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands, sense: bool) -> Result<()> {
    let r = p::contains(cx, regs.get(ins.c()), regs.get(ins.b()))?;
    regs.set(ins.a(), number::bool(r == sense));
    regs.consume(ins);
    Ok(())
}

#[inline(never)]
pub unsafe fn test_contains(cx: &Context, regs: Regs, ins: Operands) -> Test {
    let r = p::contains(cx, regs.get(ins.b()), regs.get(ins.a()));
    if r.is_ok() {
        regs.consume(ins);
    }
    Test::from(r)
}
