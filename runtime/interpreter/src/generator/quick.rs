//! Resuming, suspending and ending a private generator without calls and atomic operations: what handlers do themselves.

use super::{DONE, GeneratorBody, RUNNING, SUSPENDED};
use crate::frame::{self, Frame, Kind};
use skein_gc::{Header, Ref, Value};
use skein_object::{Context, Object, statics as s};
use std::sync::atomic::{AtomicU64, Ordering};

/// Puts the frame of a suspended generator that is private on the stack, above the running frame `top`: what [`start`] does, in
/// the usual case, without calls and atomic operations. Null if it is not the usual case, with nothing changed.
///
/// # Safety
/// `generator` is a live generator or coroutine and `top` the top frame.
#[inline(always)]
pub unsafe fn start_quick(cx: &Context, generator: u64, top: *mut Frame, send: u64, kind: Kind) -> *mut Frame {
    // SAFETY: a private object is this thread's alone, so that plain accesses to its state suffice.
    unsafe {
        let p = generator as *mut Object<GeneratorBody>;
        let g = &(*p).body;
        let saved = &mut *g.saved.get();
        // Relaxed: private.
        if generator & 7 != 0
            || !(*p.cast::<Header>()).is_private()
            || g.state.load(Ordering::Relaxed) > SUSPENDED
            || saved.object != 0
            || saved.resume_reg == u32::MAX && send != s::none().into_value().0
        {
            return std::ptr::null_mut();
        }
        let window = (*top).regs.add((*(*top).code).nregs as usize);
        let n = saved.regs.len();
        let frame = frame::push_quick(cx, top, saved.function, &*saved.code, window, n, kind);
        if frame.is_null() {
            return frame;
        }
        frame::copy_registers(saved.regs.as_ptr(), window, n);
        (*frame).globals = saved.globals;
        (*frame).builtins = saved.builtins;
        (*frame).pc = saved.pc;
        (*frame).extra = Ref::copy_of(Value(generator)).into_value().0;
        saved.function = 0;
        saved.delegate = None;
        if saved.resume_reg != u32::MAX {
            *window.add(saved.resume_reg as usize) = send;
        }
        g.handled.previous.set(cx.handled.get());
        cx.handled.set(&raw const g.handled);
        g.state.store(RUNNING, Ordering::Relaxed);
        frame
    }
}

/// Takes the running generator's frame off the stack: what [`suspend`] does, in the usual case of a private generator. False if it is not the usual case, with nothing changed.
///
/// # Safety
/// As for [`suspend`].
#[inline(always)]
pub unsafe fn suspend_quick(
    cx: &Context,
    frame: *mut Frame,
    pc: *const AtomicU64,
    resume_reg: usize,
    delegate: Option<(u32, u32, u32)>,
) -> bool {
    // SAFETY: as in `suspend` and `start_quick`.
    unsafe {
        let f = &mut *frame;
        let generator = f.extra;
        let p = generator as *mut Object<GeneratorBody>;
        let waiting = *f.regs.add(resume_reg);
        if f.object != 0
            || waiting & 7 == 0 && waiting != 0
            // Who resumed it holds it as well, so it stays alive.
            || !skein_gc::header::decrement_quick(p.cast())
        {
            return false;
        }
        let g = &(*p).body;
        let saved = &mut *g.saved.get();
        f.extra = 0;
        *f.regs.add(resume_reg) = 0;
        let n = saved.regs.len();
        frame::copy_registers(f.regs, saved.regs.as_mut_ptr(), n);
        frame::clear_registers(f.regs, n);
        saved.pc = pc;
        saved.function = f.function;
        saved.settle();
        saved.resume_reg = resume_reg as u32;
        saved.delegate = delegate;
        f.function = 0;
        cx.handled.set(g.handled.previous.get());
        cx.frame.set(frame.sub(1).cast());
        cx.depth.set(cx.depth.get() - 1);
        // Relaxed: private, as its count was.
        g.state.store(SUSPENDED, Ordering::Relaxed);
        true
    }
}

/// Ends the running generator, which holds nothing any more, and takes its frame off the stack: what [`finish`] and `frame::pop` do,
/// in the usual case of a private generator that was resumed by the frame below. False if it is not the usual case; registers
/// may have been dropped then.
///
/// # Safety
/// `frame` is the top frame and of a generator kind.
#[inline(always)]
pub unsafe fn finish_quick(cx: &Context, frame: *mut Frame) -> bool {
    // SAFETY: as in `suspend_quick`.
    unsafe {
        let f = &mut *frame;
        let p = f.extra as *mut Object<GeneratorBody>;
        let g = &(*p).body;
        if f.object != 0
            || f.locals != 0
            || !(*p.cast::<Header>()).is_private()
            || !matches!(g.handled.value.try_borrow().as_deref(), Ok(None))
            || !frame::clear_registers_quick(frame)
            || f.function & 7 == 0 && !skein_gc::header::decrement_quick(f.function as *mut Header)
        {
            return false;
        }
        // The frame below holds the generator, so it stays alive; if not, the count is left to `pop`.
        f.function = s::none().into_value().0;
        if !skein_gc::header::decrement_quick(p.cast()) {
            return false;
        }
        f.extra = 0;
        cx.handled.set(g.handled.previous.get());
        (*g.saved.get()).regs.forget();
        (*p.cast::<Header>()).set_flag(skein_gc::header::flag::FINALIZED);
        cx.frame.set(frame.sub(1).cast());
        cx.depth.set(cx.depth.get() - 1);
        // Relaxed: private.
        g.state.store(DONE, Ordering::Relaxed);
        true
    }
}
