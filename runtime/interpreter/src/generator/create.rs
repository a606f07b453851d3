//! Making generators: from the frame of a function that is one, and from a generator expression without any frame.
#![allow(unsafe_op_in_unsafe_fn)]

use super::{ASYNC_GENERATOR, COROUTINE, CREATED, GENERATOR, GeneratorBody, Registers, Saved, header_of};
use crate::frame::{self, Frame};
use crate::regs::{Regs, settle};
use skein_gc::{Ref, Slot, Value};
use skein_object::context::HandledItem;
use skein_object::error::system_error;
use skein_object::object::{RefExt, alloc};
use skein_object::{CodeBody, Context, FunctionBody, Object, Result, Type, statics as s};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64};

/// Makes the generator of the running frame, which is popped: ReturnGenerator.
///
/// # Errors
/// MemoryError.
///
/// # Safety
/// `frame` is the top frame and its registers are written.
pub unsafe fn create(cx: &Context, frame: *mut Frame, pc: *const AtomicU64) -> Result<Ref> {
    use skein_bytecode::code::flags::{ASYNC_GENERATOR as ASYNC, COROUTINE as CORO, ITERABLE_COROUTINE};
    // SAFETY: by the caller's promise; registers and the function move into the generator.
    unsafe {
        let f = &mut *frame;
        let code = f.code();
        let n = code.nregs as usize;
        let flags = code.unit.flags;
        let ty: &'static Type = match () {
            _ if flags & CORO != 0 => &COROUTINE,
            _ if flags & ASYNC != 0 => &ASYNC_GENERATOR,
            _ => &GENERATOR,
        };
        let _ = ITERABLE_COROUTINE;
        let function = &*(&raw const f.function as *const Ref);
        let fb = function.body::<FunctionBody>();
        // A function that has been given another name than its code's.
        let other = |own: &Slot, code: &Ref| match own.get() {
            Some(n) if !n.is(code) => Slot::new(n),
            _ => Slot::empty(),
        };
        let (name, qualname) = match fb {
            Some(b) => (other(&b.name, &code.name), other(&b.qualname, &code.qualname)),
            None => (Slot::empty(), Slot::empty()),
        };
        let object = std::mem::take(&mut f.object);
        if object != 0 {
            crate::frame_object::suspend(object);
        }
        let origin = if flags & CORO != 0 && cx.coroutine_origin_depth.get() > 0 {
            Slot::new(origin_of(frame, cx.coroutine_origin_depth.get())?)
        } else {
            Slot::empty()
        };
        let saved = Saved {
            regs: Registers::default(),
            code: f.code,
            pc,
            function: std::mem::replace(&mut f.function, s::none().into_value().0),
            globals: f.globals,
            builtins: f.builtins,
            object,
            resume_reg: u32::MAX,
            delegate: None,
        };
        let r = object_of(ty, code, saved, [name, qualname, origin])?;
        // Behind the allocation, so that they are copied once; and on an error they are still the frame's.
        let g = &(*(r.value().pointer() as *mut Object<GeneratorBody>)).body;
        (*g.saved.get()).regs.fill(f.regs, n);
        (*g.saved.get()).settle();
        Ok(r)
    }
}

/// A generator without registers yet; `slots` are name, qualname and origin.
#[inline(always)]
fn object_of(ty: &'static Type, code: &CodeBody, saved: Saved, slots: [Slot; 3]) -> Result<Ref> {
    let [name, qualname, origin] = slots;
    alloc(
        ty,
        GeneratorBody {
            state: AtomicU8::new(CREATED),
            chained: AtomicU32::new(0),
            root: AtomicPtr::new(std::ptr::null_mut()),
            chain: UnsafeCell::new(None),
            saved: UnsafeCell::new(saved),
            handled: HandledItem::new(),
            // SAFETY: the caller's code is alive, and its header lies in front of it.
            code: Ref::of(unsafe { &*header_of(code) }),
            name,
            qualname,
            hooks_done: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            async_running: AtomicBool::new(false),
            finalizer: Slot::empty(),
            origin,
        },
    )
}

/// The generator of an expression: MakeGenexpr. It holds the function around the expression, whose globals and builtins it uses.
///
/// # Errors
/// MemoryError; SystemError if the code is none of such an expression.
///
/// # Safety
/// `frame` is the top frame; its register `first` holds the iterator, and the `cells` behind it the cells.
pub unsafe fn expression(frame: *mut Frame, code: &Ref, regs: Regs, first: usize, cells: usize) -> Result<Ref> {
    let Some(code) = code.body::<CodeBody>() else {
        return Err(system_error("not a code object"));
    };
    // It is asked again, since the constants of a code object can be exchanged.
    let Some((to, at)) = code.unit.expression_start(cells) else {
        return Err(system_error("not the code of a generator expression"));
    };
    let f = &*frame;
    let saved = Saved {
        regs: Registers::default(),
        code,
        pc: code.words.as_ptr().add(at),
        function: Ref::copy_of_word(Value(f.function)).into_value().0,
        globals: f.globals,
        builtins: f.builtins,
        object: 0,
        resume_reg: u32::MAX,
        delegate: None,
    };
    let r = object_of(&GENERATOR, code, saved, [Slot::empty(), Slot::empty(), Slot::empty()])?;
    let g = &(*(r.value().pointer() as *mut Object<GeneratorBody>)).body;
    let registers = &mut (*g.saved.get()).regs;
    registers.clear(code.nregs as usize);
    let p = registers.as_mut_ptr();
    *p = settle(regs.clear(first));
    for i in 0..cells {
        *p.add(to + i) = settle(regs.clear(first + 1 + i));
    }
    Ok(r)
}

/// `cr_origin` of a coroutine: file, line and function of the frames below the one that makes it.
///
/// # Safety
/// `frame` is a real frame of this thread's stack.
#[cold]
unsafe fn origin_of(frame: *mut Frame, depth: u32) -> Result<Ref> {
    use skein_object::{number, tuple};
    let mut out = Vec::new();
    // SAFETY: below a real frame lies a frame or the bottom mark.
    unsafe {
        let mut f = frame.sub(1);
        while out.len() < depth as usize && frame::is_real(f) {
            let code = (*f).code();
            let line = crate::frame_object::line_of(code, (*f).lasti());
            out.push(tuple::new(vec![
                code.filename.clone(),
                number::int(line as i64)?,
                code.name.clone(),
            ])?);
            f = f.sub(1);
        }
    }
    tuple::new(out)
}
