//! `sys.settrace` and `sys.setprofile`: a second, slow way of running, which costs nothing while nobody watches.
//!
//! A thread that watches has the end of its frame stack set to null, so that every frame that is pushed fails the check of
//! the stack's end that is there anyway, and comes to [`admit`]. That marks the code: each instruction's opcode is replaced
//! by [`TRACED`], whose handler tells what happens and then runs the original instruction, which the code unit still has.
//! Operands stay in the marked word, for instructions look at those of the frame below. Code is unmarked when it runs while
//! no thread watches.
//!
//! What is told, in CPython's order: `call` at the first instruction, or the one behind a yield; `line` when an instruction
//! belongs to another line than the last one, or lies before it; `return` at a return or yield; `exception` and `return`
//! from `unwind`.

use crate::frame::{self, Frame};
use crate::frame_object::{self, FrameBody, NOWHERE};
use crate::regs::Regs;
use skein_bytecode::{Instr, Op};
use skein_gc::Ref;
use skein_object::error::{Error, recursion_error};
use skein_object::intern;
use skein_object::layouts::exception;
use skein_object::object::RefExt;
use skein_object::{
    CodeBody, Context, ExceptionBody, MethodDescriptorBody, NativeBody, Result, protocol, statics as s, tuple,
};
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The opcode of marked instructions; no row of the table has it.
pub const TRACED: u8 = 255;

/// Threads that watch. Relaxed: only whether marks are taken away hangs on it.
static WATCHERS: AtomicUsize = AtomicUsize::new(0);

struct State {
    /// The real end of the frame stack, while the thread watches.
    limit: Cell<*mut u8>,
    /// A trace function runs: it is not traced itself.
    busy: Cell<bool>,
    /// Native functions that run, with the frames that called them; for the profiler.
    native: RefCell<Vec<(*mut Frame, Ref)>>,
}

thread_local! {
    static STATE: State = const {
        State {
            limit: Cell::new(std::ptr::null_mut()),
            busy: Cell::new(false),
            native: RefCell::new(Vec::new()),
        }
    };
}

/// Whether this thread watches.
#[inline]
fn watches(cx: &Context) -> bool {
    cx.frame_limit.get().is_null()
}

/// To be called when the thread's trace or profile function was set or taken away.
pub fn update(cx: &Context) {
    let wanted = cx.trace.borrow().is_some() || cx.profile.borrow().is_some();
    if wanted == watches(cx) {
        return;
    }
    STATE.with(|t| {
        if wanted {
            t.limit.set(cx.frame_limit.replace(std::ptr::null_mut()));
            WATCHERS.fetch_add(1, Ordering::Relaxed);
        } else {
            cx.frame_limit.set(t.limit.replace(std::ptr::null_mut()));
            WATCHERS.fetch_sub(1, Ordering::Relaxed);
            drop(t.native.take());
        }
    });
    if wanted {
        crate::generator::cut(cx);
        // The frames that run already: the profiler hears of their ends.
        let mut f = frame::top(cx);
        while frame::is_real(f) {
            // SAFETY: a frame of this thread keeps its code; below it lies a frame or the bottom mark.
            unsafe {
                mark((*f).code());
                f = f.sub(1);
            }
        }
    }
}

/// Runs a function with tracing on, though a trace function runs: `sys.call_tracing`.
///
/// # Errors
/// What the function raises.
pub fn traced<R>(run: impl FnOnce() -> Result<R>) -> Result<R> {
    let busy = STATE.with(|t| t.busy.replace(false));
    let r = run();
    STATE.with(|t| t.busy.set(busy));
    r
}

/// A frame does not pass the check of the stack's ends: whether that is because this thread watches. Then its code is marked.
#[cold]
#[inline(never)]
pub fn admit(cx: &Context, code: &CodeBody, frame: *mut Frame, fits: bool) -> bool {
    if !watches(cx) || !fits {
        return false;
    }
    STATE.with(|t| {
        if frame.cast() > t.limit.get() {
            return false;
        }
        if !t.busy.get() {
            mark(code);
        }
        true
    })
}

/// The starts of instructions, with their opcodes.
fn starts(code: &CodeBody) -> impl Iterator<Item = usize> {
    let words = &code.unit.words;
    let mut at = 0;
    std::iter::from_fn(move || {
        let here = at;
        let op = Op::from_u8(*words.get(here)? as u8)?;
        at += op.words();
        Some(here)
    })
}

/// Marks the instructions of a code object.
pub fn mark(code: &CodeBody) {
    if is_marked(code) {
        return;
    }
    // Backwards: whoever sees the first instruction marked sees all marked. Release pairs with nothing but itself: a word is
    // whole, and both forms are valid.
    let all: Vec<usize> = starts(code).collect();
    for at in all.into_iter().rev() {
        code.words[at].store(code.unit.words[at] & !0xff | TRACED as u64, Ordering::Release);
    }
}

#[cold]
#[inline(never)]
fn unmark(code: &CodeBody) {
    for at in starts(code) {
        code.words[at].store(code.unit.words[at], Ordering::Release);
    }
}

fn is_marked(code: &CodeBody) -> bool {
    // Relaxed: see `mark`.
    code.words
        .first()
        .is_some_and(|w| w.load(Ordering::Relaxed) as u8 == TRACED)
}

/// Whether the instruction at `at` is the one that a generator goes on with.
fn resumes(code: &CodeBody, at: usize) -> bool {
    let before = |n: usize, ops: &[Op]| {
        at >= n
            && code.words[at - n].load(Ordering::Relaxed) as u8 == TRACED
            && Op::from_u8(code.unit.words[at - n] as u8).is_some_and(|op| ops.contains(&op) && op.words() == n)
    };
    before(1, &[Op::Yield, Op::ReturnGenerator]) || before(2, &[Op::YieldFrom])
}

/// Called by the handler of marked instructions before the instruction at `at` runs. The original word.
///
/// # Errors
/// What a trace function raises; tracing is off then.
///
/// # Safety
/// `frame` is the top frame, with `pc` saved.
pub unsafe fn before(cx: &Context, frame: *mut Frame) -> (u64, Result<()>) {
    // SAFETY: by the caller's promise.
    unsafe {
        let code = (*frame).code();
        let at = (*frame).lasti();
        let word = code.unit.words[at];
        if watches(cx) {
            if STATE.with(|t| t.busy.get()) {
                return (word, Ok(()));
            }
            return (word, step(cx, frame, code, at, Instr(word)));
        }
        if WATCHERS.load(Ordering::Relaxed) == 0 {
            unmark(code);
        }
        (word, Ok(()))
    }
}

/// The functions that are told.
struct Watch<'a> {
    cx: &'a Context,
    frame: Ref,
}

impl Watch<'_> {
    fn body(&self) -> Option<&FrameBody> {
        self.frame.body::<FrameBody>()
    }

    fn call(&self, f: &Ref, event: &str, arg: Ref) -> Result<Ref> {
        STATE.with(|t| t.busy.set(true));
        let r = protocol::call(self.cx, f, &[self.frame.clone(), intern::name(event), arg]);
        STATE.with(|t| t.busy.set(false));
        r
    }

    /// Tells the frame's own trace function, or that of the thread.
    fn trace(&self, event: &str, arg: impl FnOnce() -> Result<Ref>) -> Result<()> {
        let global = self.cx.trace.borrow().clone();
        let Some(global) = global else { return Ok(()) };
        let Some(b) = self.body() else { return Ok(()) };
        let f = match event {
            "call" => global,
            _ => match b.trace.get() {
                Some(f) => f,
                None => return Ok(()),
            },
        };
        match self.call(&f, event, arg()?) {
            Ok(next) if s::is_none(&next) => Ok(()),
            Ok(next) => {
                drop(b.trace.set(self.frame.holder(), Some(next)));
                Ok(())
            }
            Err(e) => {
                drop(b.trace.set(self.frame.holder(), None));
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
    fn native_end(&self, frame: *mut Frame, event: &str) -> Result<()> {
        let ended = STATE.with(|t| {
            let mut list = t.native.borrow_mut();
            match list.last() {
                Some((f, _)) if *f == frame => list.pop(),
                _ => None,
            }
        });
        match ended {
            Some((_, f)) => self.profile(event, || Ok(f)),
            None => Ok(()),
        }
    }
}

/// # Safety
/// As for [`before`].
unsafe fn step(cx: &Context, frame: *mut Frame, code: &CodeBody, at: usize, ins: Instr) -> Result<()> {
    // SAFETY: by the caller's promise.
    unsafe {
        let w = Watch {
            cx,
            frame: frame_object::of(cx, frame)?,
        };
        let Some(b) = w.body() else { return Ok(()) };
        w.native_end(frame, "c_return")?;
        let last = b.last.load(Ordering::Relaxed);
        let begins = if code.is_generator {
            b.yielded.swap(false, Ordering::Relaxed) || last == NOWHERE && resumes(code, at)
        } else {
            at == 0 && last == NOWHERE
        };
        if code.is_generator && last == NOWHERE && !begins {
            // The instructions that make the generator belong to its caller's call.
            return Ok(());
        }
        if begins {
            called(&w, frame, b, code, at)?;
        }
        line(&w, b, code, at, ins)?;
        if b.trace_opcodes.load(Ordering::Relaxed) {
            w.trace("opcode", || Ok(s::none()))?;
        }
        let regs = Regs((*frame).regs);
        match ins.op() {
            Some(Op::Return) => left(&w, regs.get(ins.a())),
            Some(Op::ReturnNone) => left(&w, &s::none()),
            Some(Op::Yield | Op::YieldFrom) => {
                b.yielded.store(true, Ordering::Relaxed);
                left(&w, regs.get(ins.b()))
            }
            Some(Op::Call | Op::CallKw | Op::CallEx | Op::CallMethod | Op::CallMethodKw)
                if cx.profile.borrow().is_some() =>
            {
                native_call(&w, frame, regs, ins)
            }
            _ => Ok(()),
        }
    }
}

fn left(w: &Watch<'_>, value: &Ref) -> Result<()> {
    w.trace("return", || Ok(value.clone()))?;
    w.profile("return", || Ok(value.clone()))
}

/// A frame begins to run, or goes on: it seems to be at its first line, or at the yield.
///
/// # Safety
/// As for [`before`].
unsafe fn called(w: &Watch<'_>, frame: *mut Frame, b: &FrameBody, code: &CodeBody, at: usize) -> Result<()> {
    // SAFETY: by the caller's promise; one word back is still in the code, or before its first, where `lasti` stays 0.
    unsafe {
        let pc = (*frame).pc;
        let first = !code.is_generator || at > 0 && code.unit.words[at - 1] as u8 == Op::ReturnGenerator as u8;
        if first {
            b.line.store(code.first_line, Ordering::Relaxed);
        } else {
            (*frame).pc = pc.sub(1);
        }
        let r = w
            .trace("call", || Ok(s::none()))
            .and_then(|()| w.profile("call", || Ok(s::none())));
        b.line.store(0, Ordering::Relaxed);
        (*frame).pc = pc;
        r
    }
}

fn line(w: &Watch<'_>, b: &FrameBody, code: &CodeBody, at: usize, ins: Instr) -> Result<()> {
    let of = |at: usize| code.unit.positions.get(at).map_or(0, |p| p.line);
    let here = of(at);
    if here == 0 {
        return Ok(());
    }
    // A jump belongs to where it goes, unless that is itself.
    if matches!(ins.op(), Some(Op::Jump | Op::JumpBack)) && ins.bx() as usize != at {
        return Ok(());
    }
    let last = b.last.swap(at as u32, Ordering::Relaxed);
    let news = last == NOWHERE || at as u32 <= last || of(last as usize) != here;
    if news && b.trace_lines.load(Ordering::Relaxed) {
        return w.trace("line", || Ok(s::none()));
    }
    Ok(())
}

/// Tells the profiler of a call of a native function.
///
/// # Safety
/// The operands are those of a call in the running frame.
unsafe fn native_call(w: &Watch<'_>, frame: *mut Frame, regs: Regs, ins: Instr) -> Result<()> {
    // SAFETY: by the caller's promise.
    unsafe {
        let callee = regs.get(ins.b());
        let f = if callee.body::<NativeBody>().is_some() {
            callee.clone()
        } else if let Some(d) = callee.body::<MethodDescriptorBody>() {
            let method = matches!(ins.op(), Some(Op::CallMethod | Op::CallMethodKw)) && regs.raw(ins.b() + 1) != 0;
            if method {
                let receiver = regs.get(ins.b() + 1).clone();
                protocol::getattr_str(w.cx, &receiver, d.row.name())?
            } else {
                callee.clone()
            }
        } else {
            return Ok(());
        };
        w.profile("c_call", || Ok(f.clone()))?;
        if w.cx.profile.borrow().is_some() {
            STATE.with(|t| t.native.borrow_mut().push((frame, f)));
        }
        Ok(())
    }
}

/// An exception is raised in the top frame, or comes to it from one that it called. The exception that goes on.
///
/// # Safety
/// `frame` is the top frame, with `pc` saved.
pub unsafe fn raised(cx: &Context, frame: *mut Frame, error: Error, fresh: bool) -> Error {
    // SAFETY: by the caller's promise.
    unsafe {
        let code = (*frame).code();
        if !watches(cx) || !is_marked(code) || STATE.with(|t| t.busy.get()) {
            return error;
        }
        let Ok(object) = frame_object::of(cx, frame) else {
            return error;
        };
        let w = Watch { cx, frame: object };
        if let Err(e) = w.native_end(frame, "c_exception") {
            return e;
        }
        if !fresh {
            return error;
        }
        let Some(b) = w.body() else { return error };
        let at = (*frame).lasti();
        if code.is_generator && matches!(Op::from_u8(code.unit.words[at] as u8), Some(Op::Yield | Op::YieldFrom)) {
            // Thrown into the generator.
            b.yielded.store(false, Ordering::Relaxed);
            if let Err(e) = w
                .trace("call", || Ok(s::none()))
                .and_then(|()| w.profile("call", || Ok(s::none())))
            {
                return e;
            }
        }
        b.last.store(at as u32, Ordering::Relaxed);
        let told = w.trace("exception", || {
            let tb = error.0.body::<ExceptionBody>().and_then(|b| b.traceback.get());
            tuple::new(vec![error.0.ty().object(), error.0.clone(), tb.unwrap_or_else(s::none)])
        });
        match told {
            Ok(()) => error,
            Err(e) => {
                exception::set_context(&e.0, &error.0);
                e
            }
        }
    }
}

/// An exception leaves the top frame. The exception that goes on.
///
/// # Safety
/// As for [`raised`].
pub unsafe fn unwound(cx: &Context, frame: *mut Frame, error: Error) -> Error {
    // SAFETY: by the caller's promise.
    unsafe {
        if !watches(cx) || !is_marked((*frame).code()) || STATE.with(|t| t.busy.get()) {
            return error;
        }
        let Ok(object) = frame_object::of(cx, frame) else {
            return error;
        };
        match left(&Watch { cx, frame: object }, &s::none()) {
            Ok(()) => error,
            Err(e) => e,
        }
    }
}

/// The error of a frame that does not fit.
pub fn too_deep() -> Error {
    recursion_error("maximum recursion depth exceeded")
}
