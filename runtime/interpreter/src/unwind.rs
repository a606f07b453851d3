//! Unwinding: exception handlers, tracebacks, and the returns that are not plain calls.

use crate::frame::{self, Frame, Kind};
use crate::regs::{Regs, release};
use crate::{frame_object, generator, trace};
use skein_gc::{Ref, Slot, Value};
use skein_object::error::{Error, type_error};
use skein_object::layouts::exception::{self, TracebackBody};
use skein_object::object::{RefExt, alloc};
use skein_object::{Context, ExceptionBody, Result, statics as s};

/// Finds the handler of an exception, popping frames without one. `fresh`: the exception was raised here, not re-raised:
/// it gets a context and a traceback entry of this frame.
///
/// # Errors
/// The exception itself, when it leaves the frame through which the loop was entered; that frame is popped.
pub fn unwind(cx: &Context, error: Error, fresh: bool) -> Result<()> {
    let mut error = error;
    let mut fresh = fresh;
    if fresh
        && let Some(b) = error.0.body::<ExceptionBody>()
        && b.context.is_null()
        && let Some(handled) = cx.handled_exception()
    {
        exception::set_context(&error.0, &handled);
    }
    loop {
        let top = frame::top(cx);
        // SAFETY: the loop ends at the entry frame, so there is a real frame on top.
        let f = unsafe { &mut *top };
        let at = f.lasti();
        if fresh {
            add_traceback(cx, top, &error, at);
        }
        // SAFETY: the top frame, whose `pc` is saved.
        error = unsafe { trace::raised(cx, top, error, fresh) };
        fresh = true;
        // SAFETY: the frame keeps its code alive.
        let code = unsafe { f.code() };
        // A cleanup that raises again has no line of its own.
        let has_line = code.unit.positions.get(at).is_some_and(|p| p.line != 0);
        let at = at as u32;
        if let Some(h) = code.unit.handlers.iter().find(|h| h.start <= at && at < h.end) {
            if has_line {
                frame_object::set_raised_at(f.object, at);
            }
            let regs = Regs(f.regs);
            // SAFETY: the verifier checks handlers: registers and target are in range.
            unsafe {
                frame::drop_registers(f.regs.add(h.exc_reg as usize), code.nregs as usize - h.exc_reg as usize);
                regs.set(h.exc_reg as usize, error.0);
                f.pc = code.words.as_ptr().add(h.target as usize);
                let told = trace::handled(cx, top, h.target as usize, regs.get(h.exc_reg as usize));
                if let Err(e) = told {
                    // Raised at the handler's first instruction.
                    f.pc = f.pc.add(1);
                    error = e;
                    continue;
                }
            }
            return Ok(());
        }
        // The frame ends where the exception came from.
        if !has_line && let Some(raised) = frame_object::raised_at(f.object) {
            // SAFETY: an index of this code's instructions.
            f.pc = unsafe { code.words.as_ptr().add(raised as usize + 1) };
        }
        let kind = f.kind;
        // SAFETY: `top` is the top frame.
        unsafe {
            error = trace::unwound(cx, top, error);
            if kind.is_generator() {
                generator::finish(cx, top);
                let g = &*(&raw const f.extra as *const Ref);
                error = generator::leaving(g, error);
            }
            frame::pop(cx, top);
        }
        if matches!(kind, Kind::Entry | Kind::GenEntry) {
            return Err(error);
        }
    }
}

/// Puts an entry for a frame in front of the exception's traceback.
fn add_traceback(cx: &Context, top: *mut Frame, error: &Error, at: usize) {
    let Some(b) = error.0.body::<ExceptionBody>() else {
        return;
    };
    // SAFETY: the top frame of this thread.
    let Ok(frame) = (unsafe { frame_object::of(cx, top) }) else {
        return;
    };
    // SAFETY: the frame keeps its code alive.
    let line = frame_object::line_of(unsafe { (*top).code() }, at);
    let entry = TracebackBody {
        next: Slot::from_option(b.traceback.get()),
        frame,
        lasti: 2 * at as u32 + 2,
        lineno: line,
    };
    // Without memory the entry is left out; the exception goes on.
    if let Ok(t) = alloc(&s::TRACEBACK, entry) {
        drop(b.traceback.set(error.0.holder(), Some(t)));
    }
}

/// What to do after a frame returned.
pub enum Returned {
    /// Go on in the frame below.
    Below,
    /// Leave the machine with the value.
    Leave(Ref),
    /// Raise in the frame below: TypeError from an `__init__` that returned something.
    Error(Error),
}

/// A frame that is no plain call returns `value`.
///
/// # Safety
/// `top` is the top frame.
pub unsafe fn returned(cx: &Context, top: *mut Frame, value: Ref, kind: Kind) -> Returned {
    // SAFETY: by the caller's promise.
    unsafe {
        let f = &mut *top;
        match kind {
            Kind::GenEntry => {
                generator::finish(cx, top);
                frame::pop(cx, top);
                Returned::Leave(value)
            }
            Kind::Init => {
                let dst = f.dst;
                let instance = std::mem::take(&mut f.extra);
                frame::pop(cx, top);
                if !s::is_none(&value) {
                    release(instance);
                    return Returned::Error(type_error(format!(
                        "__init__() should return None, not '{}'",
                        value.ty().name()
                    )));
                }
                release(std::mem::replace(&mut *dst, instance));
                Returned::Below
            }
            Kind::New => {
                let dst = f.dst;
                let (first, n) = crate::ops::call::new_arguments(top);
                frame::pop(cx, top);
                let regs = Regs((*frame::top(cx)).regs);
                // See `new_return`.
                let at = first - 1 - (regs.raw(first - 1) == 0) as usize;
                if let Err(e) = crate::ops::call::initialize(cx, regs.get(at), &value, regs.slice(first, n)) {
                    return Returned::Error(e);
                }
                regs.drop_window(at, first - at + n);
                release(std::mem::replace(&mut *dst, value.into_value().0));
                Returned::Below
            }
            Kind::Operator => {
                frame::pop(cx, top);
                match crate::ops::operator::finish(cx, frame::top(cx), value) {
                    Ok(()) => Returned::Below,
                    Err(e) => Returned::Error(e),
                }
            }
            Kind::GenFor | Kind::GenSend => {
                let dst = f.dst;
                generator::finish(cx, top);
                frame::pop(cx, top);
                // The instruction that resumed the generator: two words, of which the second is the label.
                let below = &mut *frame::top(cx);
                let label = (*below.pc.sub(1)).load(std::sync::atomic::Ordering::Relaxed);
                let ins = crate::operands::Operands::at(below.pc.sub(2));
                let regs = Regs(below.regs);
                regs.kill(ins.b());
                if kind == Kind::GenSend {
                    release(std::mem::replace(&mut *dst, value.into_value().0));
                }
                below.pc = below.code().words.as_ptr().add(label as usize);
                Returned::Below
            }
            Kind::Call | Kind::Entry => {
                // Handled in the loop.
                debug_assert!(false);
                let _ = Value::NULL;
                Returned::Leave(value)
            }
        }
    }
}
