//! Making functions.

use crate::frame::Frame;
use crate::operands::Operands;
use crate::ops::word_ref;
use crate::regs::Regs;
use skein_bytecode::code::flags::{HAS_DOCSTRING, OPTIMIZED};
use skein_gc::{Ref, Slot};
use skein_object::error::system_error;
use skein_object::intern::names;
use skein_object::object::{RefExt, alloc, alloc_deferred};
use skein_object::{CodeBody, Context, FunctionBody, Result, dict, statics as s};

/// A function of a code object. `deferred`: never counted, for functions of modules and classes.
///
/// # Errors
/// MemoryError.
pub fn make(_: &Context, code: &Ref, globals: &Ref, builtins: &Ref, deferred: bool) -> Result<Ref> {
    let Some(c) = code.body::<CodeBody>() else {
        return Err(system_error("not a code object"));
    };
    let doc = if c.unit.flags & HAS_DOCSTRING != 0 {
        c.consts.first().cloned()
    } else {
        None
    };
    let body = FunctionBody {
        code: Slot::new(code.clone()),
        globals: globals.clone(),
        builtins: builtins.clone(),
        name: Slot::new(c.name.clone()),
        qualname: Slot::new(c.qualname.clone()),
        defaults: Slot::empty(),
        kwdefaults: Slot::empty(),
        closure: Slot::empty(),
        doc: Slot::from_option(doc),
        module: Slot::from_option(dict::get_name(globals, names::__name__())),
        annotate: Slot::empty(),
        annotations: Slot::empty(),
        type_params: Slot::empty(),
    };
    if deferred {
        alloc_deferred(&s::FUNCTION, body)
    } else {
        alloc(&s::FUNCTION, body)
    }
}

pub unsafe fn make_function(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let code = (*frame).code();
    let deferred = code.unit.flags & OPTIMIZED == 0;
    let f = make(
        cx,
        &code.consts[ins.bx() as usize],
        word_ref(&(*frame).globals),
        word_ref(&(*frame).builtins),
        deferred,
    )?;
    regs.set(ins.a(), f);
    Ok(())
}

pub unsafe fn make_genexpr(frame: *mut Frame, regs: Regs, ins: Operands, code: usize) -> Result<()> {
    let Some(code) = (*frame).code().consts.get(code) else {
        return Err(system_error("no such constant"));
    };
    let g = crate::generator::expression(frame, code, regs, ins.b(), ins.c())?;
    regs.set(ins.a(), g);
    Ok(())
}

pub unsafe fn set_attribute(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let function = regs.get(ins.a());
    let value = regs.read(ins.b(), ins.flags() & skein_bytecode::instr::CONSUME_B != 0);
    let Some(f) = function.body::<FunctionBody>() else {
        return Err(system_error("not a function"));
    };
    let slot = match ins.c() {
        0 => &f.defaults,
        1 => &f.kwdefaults,
        2 => &f.closure,
        3 => &f.annotate,
        _ => &f.type_params,
    };
    drop(slot.set(function.holder(), Some(value)));
    Ok(())
}
