//! What trace functions and the tools of `sys.monitoring` are told of the instructions and exceptions of a frame.

use super::{Moment, Native, STATE, at_moment, is_marked, quietly, resumes, update, watches};
use crate::frame::{self, Frame, Kind};
use crate::frame_object::{self, FrameBody, NOWHERE};
use crate::monitor::{self, event, offset};
use crate::regs::Regs;
use skein_bytecode::instr::SILENT;
use skein_bytecode::{Instr, Op, flow};
use skein_gc::Ref;
use skein_object::error::Error;
use skein_object::intern;
use skein_object::layouts::exception;
use skein_object::object::RefExt;
use skein_object::{
    BoundMethodBody, CodeBody, Context, ExceptionBody, FunctionBody, ListBody, MethodDescriptorBody, NativeBody,
    Result, list, protocol, statics as s, tuple,
};
use std::sync::atomic::Ordering;

/// Who is told: the thread's functions, and the tools.
struct Watch<'a> {
    cx: &'a Context,
    frame: Ref,
    code: &'a CodeBody,
}

impl Watch<'_> {
    fn body(&self) -> Option<&FrameBody> {
        self.frame.body::<FrameBody>()
    }

    fn call(&self, f: &Ref, event: &str, arg: Ref) -> Result<Ref> {
        quietly(|| protocol::call(self.cx, f, &[self.frame.clone(), intern::name(event), arg]))
    }

    fn fire(&self, at: usize, event: u8, args: &[Ref]) -> Result<()> {
        monitor::fire(self.cx, self.code, at, event, args)
    }

    /// Tells of an event whose arguments are the offset and perhaps one more.
    fn fire_at(&self, at: usize, event: u8, arg: Option<&Ref>) -> Result<()> {
        if monitor::wanted(self.code) & 1 << event == 0 {
            return Ok(());
        }
        match arg {
            Some(a) => self.fire(at, event, &[offset(at)?, a.clone()]),
            None => self.fire(at, event, &[offset(at)?]),
        }
    }

    /// Tells the frame's own trace function, or that of the thread.
    fn trace(&self, event: &str, arg: impl FnOnce() -> Result<Ref>) -> Result<()> {
        let global = self.cx.trace.borrow().clone();
        let Some(global) = global else { return Ok(()) };
        let Some(b) = self.body() else { return Ok(()) };
        let f = match event {
            "call" => global,
            _ => match b.watched().trace.get() {
                Some(f) => f,
                None => return Ok(()),
            },
        };
        match self.call(&f, event, arg()?) {
            Ok(next) if s::is_none(&next) => Ok(()),
            Ok(next) => {
                drop(b.watched().trace.set(self.frame.holder(), Some(next)));
                Ok(())
            }
            Err(e) => {
                drop(b.watched().trace.set(self.frame.holder(), None));
                drop(self.cx.trace.replace(None));
                update(self.cx);
                Err(e)
            }
        }
    }

    fn profile(&self, event: &str, arg: impl FnOnce() -> Result<Ref>) -> Result<()> {
        let f = self.cx.profile.borrow().clone();
        let Some(f) = f else { return Ok(()) };
        match self.call(&f, event, arg()?) {
            Ok(_) => Ok(()),
            Err(e) => {
                drop(self.cx.profile.replace(None));
                update(self.cx);
                Err(e)
            }
        }
    }

    /// The native function that the frame has called has ended.
    fn native_end(&self, frame: *mut Frame, event: u8) -> Result<()> {
        // Frames above this one are gone.
        let (ended, gone) = STATE.with(|t| {
            let mut list = t.native.borrow_mut();
            let n = list.iter().rposition(|n| n.frame <= frame).map_or(0, |i| i + 1);
            let gone = list.split_off(n);
            let ended = list.pop_if(|n| n.frame == frame && std::ptr::eq(n.code, self.code));
            (ended, gone)
        });
        drop(gone);
        let Some(n) = ended else { return Ok(()) };
        self.shown_at(frame, n.at, || {
            self.fire(n.at, event, &[offset(n.at)?, n.callee, n.first])?;
            let Some(f) = n.profiled else { return Ok(()) };
            let returned = event == event::C_RETURN;
            self.profile(if returned { "c_return" } else { "c_exception" }, || Ok(f))
        })
    }

    /// Tells of something that an earlier instruction has done, which the frame shows as the one that runs meanwhile.
    fn shown_at(&self, frame: *mut Frame, at: usize, tell: impl FnOnce() -> Result<()>) -> Result<()> {
        // SAFETY: the top frame; an index of its code. A function that is told may have made it go on elsewhere.
        unsafe {
            let (pc, shown) = ((*frame).pc, self.code.words.as_ptr().add(at + 1));
            (*frame).pc = shown;
            let r = tell();
            if (*frame).pc == shown {
                (*frame).pc = pc;
            }
            r
        }
    }

    /// The frame goes on behind a branch.
    fn branched(&self, frame: *mut Frame, b: &FrameBody, at: usize) -> Result<()> {
        // Relaxed, here and below: read and written by the thread that runs the frame.
        let from = b.watched().branch.swap(NOWHERE, Ordering::Relaxed);
        if from == NOWHERE {
            return Ok(());
        }
        let Some(branch) = flow::branch(&self.code.unit.words, from as usize) else {
            return Ok(());
        };
        let event = match at {
            _ if at == branch.left => event::BRANCH_LEFT,
            _ if at == branch.right => event::BRANCH_RIGHT,
            _ => return Ok(()),
        };
        let to = offset(at)?;
        self.shown_at(frame, from as usize, || self.fire_at(from as usize, event, Some(&to)))
    }

    /// A generator that the frame has resumed has returned.
    fn stopped(&self, frame: *mut Frame, at: usize) -> Result<()> {
        let value = STATE.with(|t| {
            let mut stopped = t.stopped.borrow_mut();
            match &*stopped {
                Some((f, _)) if *f == frame => stopped.take(),
                _ => None,
            }
        });
        let Some((_, value)) = value else { return Ok(()) };
        let value = [value];
        let args: &[Ref] = if s::is_none(&value[0]) { &[] } else { &value };
        let error = protocol::call(self.cx, &s::STOP_ITERATION.object(), args)?;
        self.shown_at(frame, at, || {
            self.fire_at(at, event::STOP_ITERATION, Some(&error))?;
            self.trace("exception", || {
                tuple::new(vec![s::STOP_ITERATION.object(), error, s::none()])
            })
        })
    }
}

/// # Safety
/// As for [`before`].
pub(super) unsafe fn step(cx: &Context, frame: *mut Frame, code: &CodeBody, at: usize, ins: Instr) -> Result<()> {
    // SAFETY: by the caller's promise.
    unsafe {
        let w = Watch {
            cx,
            frame: frame_object::of(cx, frame)?,
            code,
        };
        let Some(b) = w.body() else { return Ok(()) };
        at_moment(frame, Moment::Other);
        w.native_end(frame, event::C_RETURN)?;
        let last = b.watched().last.load(Ordering::Relaxed);
        if last != NOWHERE {
            w.stopped(frame, last as usize)?;
            at_moment(frame, Moment::Line);
            w.branched(frame, b, at)?;
            if jumps(b) {
                return Ok(());
            }
        }
        let begins = if code.is_generator {
            b.watched().yielded.swap(false, Ordering::Relaxed) || last == NOWHERE && resumes(code, at)
        } else {
            at == 0 && last == NOWHERE
        };
        if code.is_generator && last == NOWHERE && !begins {
            // The instructions that make the generator belong to its caller's call.
            return Ok(());
        }
        if begins {
            at_moment(frame, Moment::Call);
            called(&w, frame, b, at)?;
        }
        at_moment(frame, Moment::Line);
        line(&w, b, at, begins)?;
        if jumps(b) {
            return Ok(());
        }
        w.fire_at(at, event::INSTRUCTION, None)?;
        if b.watched().trace_opcodes.load(Ordering::Relaxed) {
            w.trace("opcode", || Ok(s::none()))?;
        }
        if jumps(b) {
            return Ok(());
        }
        let regs = Regs((*frame).regs);
        let Some(op) = ins.op() else { return Ok(()) };
        match op {
            Op::Return => returns(&w, frame, at, regs.get(ins.a())),
            Op::ReturnNone => returns(&w, frame, at, &s::none()),
            Op::Yield | Op::YieldFrom => {
                b.watched().yielded.store(true, Ordering::Relaxed);
                let value = regs.get(ins.b());
                w.fire_at(at, event::PY_YIELD, Some(value))?;
                left(&w, value)
            }
            Op::Call | Op::CallKw | Op::CallEx | Op::CallMethod | Op::CallMethodKw => {
                if cx.profile.borrow().is_some() || monitor::wanted(code) & 1 << event::CALL != 0 {
                    calls(&w, frame, at, regs, ins)?;
                }
                Ok(())
            }
            Op::Jump if ins.flags() & SILENT != 0 => Ok(()),
            Op::Jump | Op::JumpBack => w.fire_at(at, event::JUMP, Some(&offset(ins.bx() as usize)?)),
            _ => {
                if flow::branch(&code.unit.words, at).is_some() {
                    b.watched().branch.store(at as u32, Ordering::Relaxed);
                }
                Ok(())
            }
        }
    }
}

/// Whether a trace function has made the frame go on elsewhere.
fn jumps(b: &FrameBody) -> bool {
    b.watched().jump.load(Ordering::Relaxed) != NOWHERE
}

fn left(w: &Watch<'_>, value: &Ref) -> Result<()> {
    w.trace("return", || Ok(value.clone()))?;
    w.profile("return", || Ok(value.clone()))
}

/// The frame returns.
///
/// # Safety
/// `frame` is the top frame.
unsafe fn returns(w: &Watch<'_>, frame: *mut Frame, at: usize, value: &Ref) -> Result<()> {
    at_moment(frame, Moment::Other);
    w.fire_at(at, event::PY_RETURN, Some(value))?;
    left(w, value)?;
    // SAFETY: below a frame of such a kind lies the one that has resumed it.
    unsafe {
        if matches!((*frame).kind, Kind::GenFor | Kind::GenSend) {
            let old = STATE.with(|t| t.stopped.replace(Some((frame.sub(1), value.clone()))));
            drop(old);
        }
    }
    Ok(())
}

/// A frame begins to run, or goes on: it seems to be at its first line, or at the yield.
///
/// # Safety
/// As for [`before`].
unsafe fn called(w: &Watch<'_>, frame: *mut Frame, b: &FrameBody, at: usize) -> Result<()> {
    // SAFETY: by the caller's promise; one word back is still in the code, or before its first, where `lasti` stays 0.
    unsafe {
        let (code, pc) = (w.code, (*frame).pc);
        let first = !code.is_generator || at > 0 && code.unit.words[at - 1] as u8 == Op::ReturnGenerator as u8;
        w.fire_at(at, if first { event::PY_START } else { event::PY_RESUME }, None)?;
        if first {
            b.watched().line.store(code.first_line, Ordering::Relaxed);
        } else {
            (*frame).pc = pc.sub(1);
        }
        let r = w
            .trace("call", || Ok(s::none()))
            .and_then(|()| w.profile("call", || Ok(s::none())));
        b.watched().line.store(0, Ordering::Relaxed);
        (*frame).pc = pc;
        r
    }
}

fn line(w: &Watch<'_>, b: &FrameBody, at: usize, begins: bool) -> Result<()> {
    let of = |at: usize| w.code.unit.positions.get(at).map_or(0, |p| p.line);
    let here = of(at);
    if here == 0 {
        return Ok(());
    }
    let last = b.watched().last.swap(at as u32, Ordering::Relaxed);
    let news = if last == NOWHERE {
        // Watched from now on, perhaps in the middle of a line.
        begins || at == 0 || of(at - 1) != here
    } else {
        at as u32 <= last || of(last as usize) != here
    };
    if !news {
        return Ok(());
    }
    if monitor::wanted(w.code) & 1 << event::LINE != 0 {
        w.fire(at, event::LINE, &[skein_object::number::int(here as i64)?])?;
    }
    if b.watched().trace_lines.load(Ordering::Relaxed) {
        w.trace("line", || Ok(s::none()))?;
    }
    Ok(())
}

/// Tells of a call: the tools of any, the profiler of one of a native function.
///
/// # Safety
/// The operands are those of a call in the running frame.
unsafe fn calls(w: &Watch<'_>, frame: *mut Frame, at: usize, regs: Regs, ins: Instr) -> Result<()> {
    // SAFETY: by the caller's promise.
    unsafe {
        at_moment(frame, Moment::Other);
        let Some(op) = ins.op() else { return Ok(()) };
        let callee = regs.get(ins.b());
        let method = matches!(op, Op::CallMethod | Op::CallMethodKw);
        let receiver = (method && regs.raw(ins.b() + 1) != 0).then(|| regs.get(ins.b() + 1).clone());
        let mut first = match &receiver {
            Some(r) => Some(r.clone()),
            None if op == Op::CallEx => {
                let args = regs.get(ins.b() + 1);
                let items = tuple::items(args).map(<[Ref]>::to_vec);
                items
                    .or_else(|| args.body::<ListBody>().map(list::snapshot))
                    .and_then(|i| i.into_iter().next())
            }
            None if ins.c() > 0 => Some(regs.get(ins.b() + 1 + usize::from(method)).clone()),
            None => None,
        };
        let mut function = callee.clone();
        if let Some(m) = callee.body::<BoundMethodBody>() {
            first = Some(m.receiver().clone());
            function = m.function().clone();
        }
        let python = function.body::<FunctionBody>().is_some();
        let first = match first {
            Some(f) => f,
            None => monitor::MISSING.get().cloned().unwrap_or_else(s::none),
        };
        w.fire(at, event::CALL, &[offset(at)?, function.clone(), first.clone()])?;
        if python {
            return Ok(());
        }
        let bound = callee.body::<BoundMethodBody>().map(|m| m.function().clone());
        let callee = bound.as_ref().unwrap_or(callee);
        let profiled = if w.cx.profile.borrow().is_none() {
            None
        } else if callee.body::<NativeBody>().is_some() {
            Some(callee.clone())
        } else if let Some(d) = callee.body::<MethodDescriptorBody>() {
            Some(match &receiver {
                Some(r) => protocol::getattr_str(w.cx, r, d.row.name())?,
                None => callee.clone(),
            })
        } else {
            None
        };
        if let Some(f) = &profiled {
            w.profile("c_call", || Ok(f.clone()))?;
        }
        let native = Native {
            frame,
            code: w.code,
            at,
            callee: function,
            first,
            profiled: profiled.filter(|_| w.cx.profile.borrow().is_some()),
        };
        STATE.with(|t| t.native.borrow_mut().push(native));
        Ok(())
    }
}

/// Whether exceptions in the top frame are told of.
#[inline(always)]
unsafe fn watched<'a>(cx: &'a Context, frame: *mut Frame) -> Option<Watch<'a>> {
    // SAFETY: by the callers' promise; the frame keeps its code alive as long as it runs.
    unsafe {
        if watches(cx) || monitor::is_local((*frame).code()) {
            watch_of(cx, frame)
        } else {
            None
        }
    }
}

/// [`watched`] where something is.
///
/// # Safety
/// As for `watched`.
#[cold]
#[inline(never)]
unsafe fn watch_of<'a>(cx: &'a Context, frame: *mut Frame) -> Option<Watch<'a>> {
    // SAFETY: as there.
    unsafe {
        let code = (*frame).code();
        if !is_marked(code) || STATE.with(|t| t.busy.get()) {
            return None;
        }
        at_moment(frame, Moment::Other);
        let frame = frame_object::of(cx, frame).ok()?;
        Some(Watch { cx, frame, code })
    }
}

/// An exception is raised in the top frame, or comes to it from one that it called. The exception that goes on.
///
/// # Safety
/// `frame` is the top frame, with `pc` saved.
pub unsafe fn raised(cx: &Context, frame: *mut Frame, error: Error, fresh: bool) -> Error {
    // SAFETY: by the caller's promise.
    unsafe {
        let Some(w) = watched(cx, frame) else { return error };
        let at = (*frame).lasti();
        if let Err(e) = w.native_end(frame, event::C_RAISE) {
            return e;
        }
        let Some(b) = w.body() else { return error };
        b.watched().branch.store(NOWHERE, Ordering::Relaxed);
        let told = if fresh {
            tell_raised(&w, b, at, &error)
        } else {
            w.fire_at(at, event::RERAISE, Some(&error.0))
        };
        match told {
            Ok(()) => error,
            Err(e) => {
                exception::set_context(&e.0, &error.0);
                e
            }
        }
    }
}

fn tell_raised(w: &Watch<'_>, b: &FrameBody, at: usize, error: &Error) -> Result<()> {
    if w.code.is_generator
        && matches!(
            Op::from_u8(w.code.unit.words[at] as u8),
            Some(Op::Yield | Op::YieldFrom)
        )
    {
        // Thrown into the generator.
        b.watched().yielded.store(false, Ordering::Relaxed);
        w.fire_at(at, event::PY_THROW, Some(&error.0))?;
        w.trace("call", || Ok(s::none()))
            .and_then(|()| w.profile("call", || Ok(s::none())))?;
    }
    b.watched().last.store(at as u32, Ordering::Relaxed);
    w.fire_at(at, event::RAISE, Some(&error.0))?;
    w.trace("exception", || exception_arguments(error))
}

/// An iterator has ended an iteration of the top frame with StopIteration, which ForIter or Send take for its end.
///
/// # Errors
/// What a trace function raises.
#[cold]
#[inline(never)]
pub fn stopped_by(cx: &Context, error: &Error) -> Result<()> {
    let frame = frame::top(cx);
    // SAFETY: those instructions have saved `pc`, behind their second word.
    unsafe {
        let Some(w) = watched(cx, frame) else { return Ok(()) };
        let at = (*frame).lasti().saturating_sub(1);
        w.native_end(frame, event::C_RAISE)?;
        w.fire_at(at, event::RAISE, Some(&error.0))?;
        w.trace("exception", || exception_arguments(error))
    }
}

fn exception_arguments(error: &Error) -> Result<Ref> {
    let tb = error.0.body::<ExceptionBody>().and_then(|b| b.traceback.get());
    tuple::new(vec![error.0.ty().object(), error.0.clone(), tb.unwrap_or_else(s::none)])
}

/// A handler of the top frame takes the exception.
///
/// # Errors
/// What a callback raises: the exception that goes on from the handler's first instruction.
///
/// # Safety
/// `frame` is the top frame, and goes on at `at`.
pub unsafe fn handled(cx: &Context, frame: *mut Frame, at: usize, error: &Ref) -> Result<()> {
    // SAFETY: by the caller's promise.
    match unsafe { watched(cx, frame) } {
        Some(w) => w.fire_at(at, event::EXCEPTION_HANDLED, Some(error)),
        None => Ok(()),
    }
}

/// An exception leaves the top frame. The exception that goes on.
///
/// # Safety
/// As for [`raised`].
pub unsafe fn unwound(cx: &Context, frame: *mut Frame, error: Error) -> Error {
    // SAFETY: by the caller's promise.
    unsafe {
        let Some(w) = watched(cx, frame) else { return error };
        let told = w.fire_at((*frame).lasti(), event::PY_UNWIND, Some(&error.0));
        match told.and_then(|()| left(&w, &s::none())) {
            Ok(()) => error,
            Err(e) => e,
        }
    }
}
