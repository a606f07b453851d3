//! Resuming, suspending and ending a private generator without calls and atomic operations: what handlers do themselves.

use super::{DONE, GeneratorBody, RUNNING, SUSPENDED};
use crate::frame::{self, Frame, Kind};
use skein_gc::{Header, Ref, Value};
use skein_object::{Context, Object, statics as s};
use std::sync::atomic::{AtomicU64, Ordering};

/// Puts the frame of a suspended generator that is private on the stack, above the running frame `top`: what
/// [`start`](super::start) does, in the usual case, without calls and atomic operations. Null if it is not the usual case, with
/// nothing changed.
///
/// # Safety
/// `generator` is a live generator or coroutine and `top` the top frame.
#[inline(always)]
pub unsafe fn start_quick(cx: &Context, generator: u64, top: *mut Frame, send: u64, kind: Kind) -> *mut Frame {
    // SAFETY: a private object is this thread's alone, so that plain accesses to its state suffice.
    unsafe {
        let p = generator as *mut Object<GeneratorBody>;
        let g = &(*p).body;
        let saved = &*g.saved.get();
        // Relaxed: private.
        if generator & 7 != 0
            || !(*p.cast::<Header>()).is_private()
            || g.state.load(Ordering::Relaxed) > SUSPENDED
            || g.chained.load(Ordering::Relaxed) != 0
            || saved.object != 0
            || saved.resume_reg == u32::MAX && send != s::none().into_value().0
        {
            return std::ptr::null_mut();
        }
        let frame = ready(cx, p, top, send, kind);
        if !frame.is_null() {
            g.handled.previous.set(cx.handled.get());
            cx.handled.set(&raw const g.handled);
            g.state.store(RUNNING, Ordering::Relaxed);
        }
        frame
    }
}

/// Pushes the frame of a suspended generator, with all that it had saved and the value sent to it. Null if there is no room.
///
/// # Safety
/// The generator is private and suspended, `top` the top frame.
#[inline(always)]
pub(super) unsafe fn ready(
    cx: &Context,
    p: *mut Object<GeneratorBody>,
    top: *mut Frame,
    send: u64,
    kind: Kind,
) -> *mut Frame {
    // SAFETY: as in `start_quick`.
    unsafe {
        let saved = &mut *(*p).body.saved.get();
        let regs = saved.regs.as_mut_ptr();
        let frame = frame::push_generator_quick(cx, top, saved.function, &*saved.code, regs, kind);
        if frame.is_null() {
            return frame;
        }
        (*frame).globals = saved.globals;
        (*frame).builtins = saved.builtins;
        (*frame).pc = saved.pc;
        (*frame).extra = Ref::copy_of(Value(p as u64)).into_value().0;
        saved.function = 0;
        saved.delegate = None;
        if saved.resume_reg != u32::MAX {
            *regs.add(saved.resume_reg as usize) = send;
        }
        frame
    }
}

/// Takes the running generator's frame off the stack: what [`suspend`](super::suspend) does, in the usual case of a private
/// generator. False if it is not the usual case, with nothing changed.
///
/// # Safety
/// As for [`suspend`](super::suspend).
#[inline(always)]
pub unsafe fn suspend_quick(
    cx: &Context,
    frame: *mut Frame,
    pc: *const AtomicU64,
    resume_reg: usize,
    delegate: Option<(u32, u32, u32)>,
) -> bool {
    // SAFETY: as in `suspend`. Who resumed the generator holds it as well, so it stays alive.
    unsafe {
        let g = &(*((*frame).extra as *mut Object<GeneratorBody>)).body;
        if !park(frame, pc, resume_reg, delegate, SUSPENDED) {
            return false;
        }
        cx.handled.set(g.handled.previous.get());
        cx.frame.set(frame.sub(1).cast());
        frame::uncover(frame);
        true
    }
}

/// Saves the running generator's frame and gives up the frame's reference to it. False if that is not to be done quickly, with
/// nothing changed.
///
/// # Safety
/// As for [`suspend_quick`].
#[inline(always)]
pub(super) unsafe fn park(
    frame: *mut Frame,
    pc: *const AtomicU64,
    resume_reg: usize,
    delegate: Option<(u32, u32, u32)>,
    state: u8,
) -> bool {
    // SAFETY: as in `start_quick`.
    unsafe {
        let f = &mut *frame;
        let p = f.extra as *mut Object<GeneratorBody>;
        let waiting = *f.regs.add(resume_reg);
        if f.object != 0 || waiting & 7 == 0 && waiting != 0 || !skein_gc::header::decrement_quick(p.cast()) {
            return false;
        }
        let g = &(*p).body;
        let saved = &mut *g.saved.get();
        *f.regs.add(resume_reg) = 0;
        saved.pc = pc;
        saved.function = f.function;
        saved.settle();
        saved.resume_reg = resume_reg as u32;
        saved.delegate = delegate;
        f.extra = 0;
        f.function = 0;
        // Relaxed: private, as its count was.
        g.state.store(state, Ordering::Relaxed);
        true
    }
}

/// Ends the running generator, which holds nothing any more, and takes its frame off the stack: what [`finish`](super::finish)
/// and `frame::pop` do, in the usual case of a private generator that was resumed by the frame below. False if it is not the
/// usual case; registers may have been dropped then.
///
/// # Safety
/// `frame` is the top frame and of a generator kind. Registers from `live` on hold nothing.
#[inline(always)]
pub unsafe fn finish_quick(cx: &Context, frame: *mut Frame, live: usize) -> bool {
    // SAFETY: as in `suspend_quick`.
    unsafe {
        let f = &mut *frame;
        let p = f.extra as *mut Object<GeneratorBody>;
        let g = &(*p).body;
        if f.object != 0
            || f.locals != 0
            || !(*p.cast::<Header>()).is_private()
            || !matches!(g.handled.value.try_borrow().as_deref(), Ok(None))
            || !frame::clear_registers_quick(frame, (*frame).regs, live)
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
        (*p.cast::<Header>()).set_flag(skein_gc::header::flag::FINALIZED);
        cx.frame.set(frame.sub(1).cast());
        frame::uncover(frame);
        // Relaxed: private.
        g.state.store(DONE, Ordering::Relaxed);
        true
    }
}
