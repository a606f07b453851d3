//! Making generators: from the frame of a function that is one, and from a generator expression without any frame.
#![allow(unsafe_op_in_unsafe_fn)]

use super::{ASYNC_GENERATOR, COROUTINE, CREATED, GENERATOR, GeneratorBody, Registers, Saved};
use crate::call::code_of;
use crate::frame::{self, Frame};
use crate::handlers::body_at;
use crate::regs::{Regs, settle_traced, share};
use skein_gc::uncounted::edge;
use skein_gc::{Ref, Slot};
use skein_object::context::HandledItem;
use skein_object::error::system_error;
use skein_object::object::{Object, RefExt, alloc_in_place};
use skein_object::{CodeBody, Context, FunctionBody, Result, Type, statics as s, tuple};
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
    // SAFETY: by the caller's promise; registers and the function move into the generator.
    unsafe {
        let f = &mut *frame;
        let code = f.code();
        let n = code.nregs as usize;
        let ty = type_of_code(code);
        let function = &*(&raw const f.function as *const Ref);
        let (name, qualname) = match function.body::<FunctionBody>() {
            Some(b) => names_of(b, code),
            None => (Slot::empty(), Slot::empty()),
        };
        let object = std::mem::take(&mut f.object);
        if object != 0 {
            crate::frame_object::suspend(object);
        }
        let origin = if std::ptr::eq(ty, &COROUTINE) && cx.coroutine_origin_depth.get() > 0 {
            Slot::new(origin_of(frame, cx.coroutine_origin_depth.get())?)
        } else {
            Slot::empty()
        };
        let (regs, held) = (f.regs, f.function);
        let r = object_of(
            ty,
            (f.globals, f.builtins),
            code,
            pc,
            [name, qualname, origin],
            |saved| {
                saved.function = held;
                saved.object = object;
                saved.regs.fill(regs, n);
                saved.settle();
            },
        );
        if r.is_ok() {
            f.function = s::none().into_value().0;
        } else {
            crate::regs::release(object);
        }
        r
    }
}

/// What the code of a generator function makes.
fn type_of_code(code: &CodeBody) -> &'static Type {
    use skein_bytecode::code::flags::{ASYNC_GENERATOR as ASYNC, COROUTINE as CORO};
    match code.unit.flags {
        flags if flags & CORO != 0 => &COROUTINE,
        flags if flags & ASYNC != 0 => &ASYNC_GENERATOR,
        _ => &GENERATOR,
    }
}

/// The names of a function that has been given others than its code's.
#[inline(always)]
fn names_of(f: &FunctionBody, code: &CodeBody) -> (Slot, Slot) {
    let other = |own: &Slot, code: &Ref| {
        // Not counted where it is the usual one: other threads may be making generators of the function.
        if own.load().is(code.value()) {
            Slot::empty()
        } else {
            Slot::from_option(own.get())
        }
    };
    (other(&f.name, &code.name), other(&f.qualname, &code.qualname))
}

/// The generator of a call of the function in the register `f` with the `n` arguments at `first`, which all move. What Call and
/// ReturnGenerator do, without a frame.
///
/// # Errors
/// MemoryError, with nothing moved.
///
/// # Safety
/// The function's code says that its generators can be made so (`Form::starts`), and it takes `n` arguments.
pub unsafe fn of_call(f: *mut u64, first: *mut u64, n: usize) -> Result<Ref> {
    // SAFETY: by the caller's promise; the registers are bound, and the words behind the prologue are instructions.
    unsafe {
        let fb: &FunctionBody = body_at(*f);
        let Some(code) = code_of(fb) else {
            return Err(system_error("function without code"));
        };
        let (name, qualname) = names_of(fb, code);
        let pc = code.words.as_ptr().add(code.form.starts as usize);
        let around = (fb.globals.value().0, fb.builtins.value().0);
        object_of(
            type_of_code(code),
            around,
            code,
            pc,
            [name, qualname, Slot::empty()],
            |saved| {
                saved.regs.clear(code.nregs as usize);
                let p = saved.regs.as_mut_ptr();
                for i in 0..n {
                    *p.add(i) = settle_traced(std::mem::take(&mut *first.add(i)));
                }
                if code.form.starts > 1 {
                    let cells = fb.closure.get();
                    let cells = cells.as_ref().and_then(tuple::items).unwrap_or(&[]);
                    // As CopyFree does.
                    let to = (code.nlocals - code.unit.nfree) as usize;
                    for (i, c) in cells.iter().enumerate().take(code.unit.nfree as usize) {
                        *p.add(to + i) = c.clone().into_value().0;
                    }
                }
                saved.function = settle_traced(std::mem::take(&mut *f));
            },
        )
    }
}

/// A generator that has not begun; `around` are globals and builtins, its registers are for `fill` to write. `slots` are name, qualname and origin. All is written in place, since the body is large.
#[inline(always)]
fn object_of(
    ty: &'static Type,
    around: (u64, u64),
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
            (&raw mut (*saved).globals).write(around.0);
            (&raw mut (*saved).builtins).write(around.1);
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
                code: Ref::from_value(edge(Object::header_of(code))),
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
        (f.globals, f.builtins),
        code,
        pc,
        [Slot::empty(), Slot::empty(), Slot::empty()],
        |saved| {
            saved.function = settle_traced(share(f.function));
            saved.regs.clear(code.nregs as usize);
            let p = saved.regs.as_mut_ptr();
            *p = settle_traced(regs.clear(first));
            for i in 0..cells {
                *p.add(to + i) = settle_traced(regs.clear(first + 1 + i));
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
