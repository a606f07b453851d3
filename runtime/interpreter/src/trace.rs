//! `sys.settrace`, `sys.setprofile` and `sys.monitoring`: a second, slow way of running, which costs nothing while nobody
//! watches.
//!
//! A thread that watches (its functions, or what some tool of `sys.monitoring` wants to hear everywhere) has the end of its
//! frame stack set to null, so that every frame that is pushed fails the check of the stack's end that is there anyway, and
//! comes to [`admit`]. That marks the code: each instruction's opcode is replaced by [`TRACED`], whose handler tells what
//! happens (`events`) and then runs the original instruction, which the code unit still has. Operands stay in the marked
//! word, for instructions look at those of the frame below. Code is unmarked when it runs while no thread watches. Code that
//! a tool has events of its own for is marked at once.
//!
//! What is told, in CPython's order: `call` at the first instruction, or the one behind a yield; `line` when an instruction
//! belongs to another line than the last one, or lies before it; `return` at a return or yield; `exception` and `return`
//! from `unwind`. Which way a branch went, and what a native function returned, shows at the frame's next instruction.

mod events;

pub use events::{handled, raised, stopped_by, unwound};

use crate::frame::{self, Frame};
use crate::frame_object;
use crate::{monitor, operands};
use skein_bytecode::{Instr, Op};
use skein_gc::Ref;
use skein_gc::lock::Mutex;
use skein_object::error::{Error, recursion_error};
use skein_object::{CodeBody, Context, Result};
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// The opcode of marked instructions; no row of the table has it.
pub const TRACED: u8 = 255;

/// Threads that watch. Relaxed: only whether marks are taken away hangs on it.
static WATCHERS: AtomicUsize = AtomicUsize::new(0);

/// Requests to a thread: what it watches has changed; it is to have the trace function, or the profile function, of [`ALL`].
pub mod request {
    use skein_gc::mutator::request::INTERPRETER;
    pub const WATCH: u32 = INTERPRETER << 2;
    pub const TRACE: u32 = INTERPRETER << 3;
    pub const PROFILE: u32 = INTERPRETER << 4;
}

/// The last functions for all threads: `sys._settraceallthreads`, `sys._setprofileallthreads`.
static ALL: Mutex<[Option<Ref>; 2]> = Mutex::new([const { None }; 2]);

/// A call of something else than a Python function, while it runs.
struct Native {
    frame: *mut Frame,
    code: *const CodeBody,
    at: usize,
    callee: Ref,
    /// Its first argument, or `sys.monitoring.MISSING`.
    first: Ref,
    /// What the profiler was told.
    profiled: Option<Ref>,
}

/// What a trace function is told of, as far as it decides whether its frame may go on elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Call,
    /// A line, an instruction, a jump, a yield.
    Line,
    Other,
}

struct State {
    /// The frame and the moment that trace functions are told of.
    moment: Cell<(*mut Frame, Moment)>,
    /// A trace function runs: it is not traced itself.
    busy: Cell<bool>,
    native: RefCell<Vec<Native>>,
    /// A generator has returned a value to this frame without an exception.
    stopped: RefCell<Option<(*mut Frame, Ref)>>,
}

thread_local! {
    static STATE: State = const {
        State {
            moment: Cell::new((std::ptr::null_mut(), Moment::Other)),
            busy: Cell::new(false),
            native: RefCell::new(Vec::new()),
            stopped: RefCell::new(None),
        }
    };
}

/// Whether this thread watches.
#[inline]
fn watches(cx: &Context) -> bool {
    cx.frame_limit.get().is_null()
}

/// To be called when the thread's trace or profile function was set or taken away, or the events of `sys.monitoring`; and when
/// the thread begins.
pub fn update(cx: &Context) {
    watch(
        cx,
        cx.trace.borrow().is_some() || cx.profile.borrow().is_some() || monitor::everywhere(),
    );
}

/// The thread ends: it watches no more. Its functions have been dropped.
pub fn leave(cx: &Context) {
    watch(cx, false);
}

/// Asks other threads for [`update`].
pub fn update_others() {
    skein_gc::registry::request_everywhere(request::WATCH);
}

/// Sets the trace or profile function of all threads, of the others at their next poll.
pub fn set_all(cx: &Context, bits: u32, f: Option<&Ref>) {
    if let Some(f) = f {
        skein_gc::publish::publish(f.value());
    }
    let old = std::mem::replace(&mut ALL.lock()[usize::from(bits == request::PROFILE)], f.cloned());
    drop(old);
    skein_gc::registry::request_everywhere(bits);
    answer(cx, bits);
}

/// Does what was requested of this thread.
pub fn answer(cx: &Context, bits: u32) {
    for (i, (bit, cell)) in [(request::TRACE, &cx.trace), (request::PROFILE, &cx.profile)]
        .iter()
        .enumerate()
    {
        if bits & bit != 0 {
            let f = ALL.lock()[i].clone();
            drop(cell.replace(f));
        }
    }
    if bits & (request::WATCH | request::TRACE | request::PROFILE) != 0 {
        update(cx);
    }
}

fn watch(cx: &Context, wanted: bool) {
    if wanted == watches(cx) {
        if !wanted {
            // The recursion limit may be what has changed.
            cx.frame_limit.set(frame::limit(cx));
        }
        return;
    }
    if wanted {
        cx.frame_limit.set(std::ptr::null_mut());
        WATCHERS.fetch_add(1, Ordering::Relaxed);
    } else {
        cx.frame_limit.set(frame::limit(cx));
        WATCHERS.fetch_sub(1, Ordering::Relaxed);
    }
    if !wanted {
        let held = STATE.with(|t| (t.native.take(), t.stopped.take()));
        drop(held);
    }
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

/// A frame does not pass the check of the stack's ends: whether that is because this thread watches, then its code is marked; or
/// because another thread has raised the recursion limit.
#[cold]
#[inline(never)]
pub fn admit(cx: &Context, code: &CodeBody, frame: *mut Frame, fits: bool) -> bool {
    if !fits || frame.cast() > frame::limit(cx) {
        return false;
    }
    if !watches(cx) {
        cx.frame_limit.set(frame::limit(cx));
        return true;
    }
    STATE.with(|t| {
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

/// The opcode at an index.
fn opcode_at(code: &CodeBody, at: usize) -> &AtomicU8 {
    // SAFETY: a word of this code.
    unsafe { operands::opcode(&raw const code.words[at]) }
}

/// Marks the instructions of a code object.
pub fn mark(code: &CodeBody) {
    if is_marked(code) {
        return;
    }
    // Backwards: whoever sees the first instruction marked sees all marked. Release pairs with nothing but itself: both forms are
    // valid.
    let all: Vec<usize> = starts(code).collect();
    for at in all.into_iter().rev() {
        opcode_at(code, at).store(TRACED, Ordering::Release);
    }
}

#[cold]
#[inline(never)]
fn unmark(code: &CodeBody) {
    for at in starts(code) {
        opcode_at(code, at).store(code.unit.words[at] as u8, Ordering::Release);
    }
}

fn is_marked(code: &CodeBody) -> bool {
    // Relaxed: see `mark`.
    !code.words.is_empty() && opcode_at(code, 0).load(Ordering::Relaxed) == TRACED
}

/// Whether the instruction at `at` is the one that a generator goes on with.
fn resumes(code: &CodeBody, at: usize) -> bool {
    let before = |n: usize, ops: &[Op]| {
        at >= n
            && opcode_at(code, at - n).load(Ordering::Relaxed) == TRACED
            && Op::from_u8(code.unit.words[at - n] as u8).is_some_and(|op| ops.contains(&op) && op.words() == n)
    };
    before(1, &[Op::Yield, Op::ReturnGenerator]) || before(2, &[Op::YieldFrom])
}

/// Called by the handler of marked instructions before the instruction at `at` runs. The original opcode; `None` if the frame
/// goes on elsewhere.
///
/// # Errors
/// What a trace function raises; tracing is off then.
///
/// # Safety
/// `frame` is the top frame, with `pc` saved.
pub unsafe fn before(cx: &Context, frame: *mut Frame) -> (Option<u8>, Result<()>) {
    // SAFETY: by the caller's promise.
    unsafe {
        let code = (*frame).code();
        let at = (*frame).lasti();
        let word = code.unit.words[at];
        if watches(cx) || monitor::is_local(code) {
            if STATE.with(|t| t.busy.get()) {
                return (Some(word as u8), Ok(()));
            }
            let r = events::step(cx, frame, code, at, Instr(word));
            let jumped = frame_object::take_jump((*frame).object);
            return (jumped.is_none().then_some(word as u8), r);
        }
        if WATCHERS.load(Ordering::Relaxed) == 0 {
            unmark(code);
        }
        (Some(word as u8), Ok(()))
    }
}

/// What the running trace function has been told of; nothing if none runs.
pub fn moment() -> Option<(*mut Frame, Moment)> {
    STATE.with(|t| t.busy.get().then(|| t.moment.get()))
}

fn at_moment(frame: *mut Frame, moment: Moment) {
    STATE.with(|t| t.moment.set((frame, moment)));
}

/// Runs something untraced: a trace function, a callback.
pub fn quietly<R>(run: impl FnOnce() -> R) -> R {
    STATE.with(|t| t.busy.set(true));
    let r = run();
    STATE.with(|t| t.busy.set(false));
    r
}

/// The error of a frame that does not fit.
pub fn too_deep() -> Error {
    recursion_error("maximum recursion depth exceeded")
}
