//! Making generators: from the frame of a function that is one, and from a generator expression without any frame.
#![allow(unsafe_op_in_unsafe_fn)]

use super::{ASYNC_GENERATOR, COROUTINE, CREATED, GENERATOR, GeneratorBody, Registers, Saved, header_of};
use crate::frame::{self, Frame};
use crate::regs::{Regs, settle};
use skein_gc::{Ref, Slot, Value};
use skein_object::context::HandledItem;
use skein_object::error::system_error;
use skein_object::object::{RefExt, alloc_in_place};
use skein_object::{CodeBody, Context, FunctionBody, Result, Type, statics as s};
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
    use skein_bytecode::code::flags::{ASYNC_GENERATOR as ASYNC, COROUTINE as CORO};
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
        let function = &*(&raw const f.function as *const Ref);
        let fb = function.body::<FunctionBody>();
        // A function that has been given another name than its code's.
        let other = |own: &Slot, code: &Ref| {
            // Not counted where it is the usual one: other threads may be making generators of the function.
            if own.load().is(code.value()) {
                Slot::empty()
            } else {
                Slot::from_option(own.get())
            }
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
        let (regs, held) = (f.regs, f.function);
        let r = object_of(ty, f, code, pc, [name, qualname, origin], |saved| {
            saved.function = held;
            saved.object = object;
            saved.regs.fill(regs, n);
            saved.settle();
        });
        if r.is_ok() {
            f.function = s::none().into_value().0;
        } else {
            crate::regs::release(object);
        }
        r
    }
}

/// A generator that has not begun, of the function around `frame` or the frame's own; its registers are for `fill` to write.
/// `slots` are name, qualname and origin. All is written in place, since the body is large.
#[inline(always)]
fn object_of(
    ty: &'static Type,
    frame: &Frame,
    code: &CodeBody,
    pc: *const AtomicU64,
    slots: [Slot; 3],
    fill: impl FnOnce(&mut Saved),
) -> Result<Ref> {
    let [name, qualname, origin] = slots;
    // SAFETY: every field is written. The caller's code is alive, and its header lies in front of it.
    unsafe {
        alloc_in_place(ty, |p: *mut GeneratorBody| {
            macro_rules! write {
                ($($field:ident: $value:expr,)*) => {
                    $((&raw mut (*p).$field).write($value);)*
                    // A field that is left out does not compile.
                    let _ = |g: GeneratorBody| { let GeneratorBody { saved: _, $($field: _),* } = &g; };
                };
            }
            let saved = (&raw mut (*p).saved).cast::<Saved>();
            Registers::begin(&raw mut (*saved).regs);
            (&raw mut (*saved).code).write(code);
            (&raw mut (*saved).pc).write(pc);
            (&raw mut (*saved).function).write(0);
            (&raw mut (*saved).globals).write(frame.globals);
            (&raw mut (*saved).builtins).write(frame.builtins);
            (&raw mut (*saved).object).write(0);
            (&raw mut (*saved).resume_reg).write(u32::MAX);
            (&raw mut (*saved).delegate).write(None);
            fill(&mut *saved);
            write! {
                state: AtomicU8::new(CREATED),
                chained: AtomicU32::new(0),
                root: AtomicPtr::new(std::ptr::null_mut()),
                chain: UnsafeCell::new(None),
                handled: HandledItem::new(),
                code: Ref::of(&*header_of(code)),
                name: name,
                qualname: qualname,
                hooks_done: AtomicBool::new(false),
                closed: AtomicBool::new(false),
                async_running: AtomicBool::new(false),
                finalizer: Slot::empty(),
                origin: origin,
            }
        })
    }
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
    let pc = code.words.as_ptr().add(at);
    object_of(
        &GENERATOR,
        f,
        code,
        pc,
        [Slot::empty(), Slot::empty(), Slot::empty()],
        |saved| {
            saved.function = Ref::copy_of_word(Value(f.function)).into_value().0;
            saved.regs.clear(code.nregs as usize);
            let p = saved.regs.as_mut_ptr();
            *p = settle(regs.clear(first));
            for i in 0..cells {
                *p.add(to + i) = settle(regs.clear(first + 1 + i));
            }
        },
    )
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
