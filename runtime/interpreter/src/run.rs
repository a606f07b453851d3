//! The machine: how one instruction follows another. What the opcodes do is in `handlers` and `ops`.
//!
//! Every opcode has a handler, a small function that gets the machine's state in its arguments, which the calling
//! convention puts into registers, and ends by calling the handler of the next instruction. That call is the last
//! thing it does and has the same arguments, so that an optimising compiler makes it a jump: the state never leaves the
//! registers, each handler has an indirect jump of its own for the processor to predict, and a handler that calls
//! nothing needs no stack frame. (Measured: as one `match` in a loop, the compiler kept `pc` and the register base on the
//! stack and merged the tails of the arms; a loop of float arithmetic took 8 cycles an instruction.)
//!
//! The language does not promise that the call becomes a jump. It does if no local variable's address has escaped in the
//! handler, which is why what is slow lies in functions of its own that return plain words ([`Done`], [`Step`]), and
//! are themselves reached by such a last call. Builds with debug assertions return to a loop instead after each instruction, and those for
//! ThreadSanitizer, whose calls at each function's end leave no call the last one.
//! `tests/python/interpreter/native_stack.py` runs every hot opcode often enough to overflow the native stack if one handler missed.
//!
//! # Invariants that make the raw accesses sound
//! * Code comes from the compiler (or passed the verifier): operands lie in the window, `Src` and `Keep` registers are
//!   bound, jumps go to instruction starts, and each code ends in a terminator.
//! * The window of the running frame is written by this thread only, and native code that runs meanwhile uses
//!   registers above it.
//! * State is reloaded from the top frame after every push and pop.
//! * `pc` is saved in the frame before anything that can look at the frame: Python code, native code, finalisers.
#![allow(unsafe_op_in_unsafe_fn, clippy::missing_safety_doc)]

use crate::frame::{self, Frame};
use crate::handlers::{self, finisher};
use crate::operands::{self, Operands};
use crate::ops::Called;
use crate::regs::{Regs, release, settle, share};
use crate::unwind;
use skein_gc::header::decrement_quick;
use skein_gc::{Header, Ref, Value};
use skein_object::{Context, Error, Result};
use std::hint::cold_path;
use std::sync::atomic::{AtomicU64, Ordering};

/// How the machine was left.
pub enum Exit {
    Return(Ref),
    Yield(Ref),
}

/// Why the last handler came back. What it leaves behind is in `Context::exit`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Leave(u64);

impl Leave {
    pub const RETURN: Leave = Leave(0);
    pub const YIELD: Leave = Leave(1);
    pub const ERROR: Leave = Leave(2);
    /// To the loop of [`run_exit`]: the next instruction is that of the top frame. See the head for when.
    const GO: Leave = Leave(3);
}

/// A handler. `pc` is the word behind the instruction's first one.
pub type Handler = unsafe fn(pc: *const AtomicU64, regs: Regs, frame: *mut Frame, cx: &Context) -> Leave;

/// What goes on with an instruction of two words in place of its handler.
pub type Twin = unsafe fn(pc: Past, regs: Regs, frame: *mut Frame, cx: &Context) -> Leave;

/// `pc` of an instruction of two words, as its handler had it: one machine register less to keep than if it were moved on
/// where a handler begins.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Past(*const AtomicU64);

impl Past {
    /// # Safety
    /// `pc` has passed the second word.
    #[inline(always)]
    pub unsafe fn of(pc: *const AtomicU64) -> Past {
        Past(pc.sub(1))
    }

    /// Behind both words.
    #[inline(always)]
    pub fn pc(self) -> *const AtomicU64 {
        self.0.wrapping_add(1)
    }
}

/// What goes on with a value, which it owns, in place of a handler. `pc` is behind the instruction.
pub type Finisher = unsafe fn(pc: *const AtomicU64, regs: Regs, frame: *mut Frame, cx: &Context, value: u64) -> Leave;

/// The state of the machine inside a handler: the arguments of [`Handler`], and the instruction, whose place follows from `pc`.
#[derive(Clone, Copy)]
pub struct Machine<'a> {
    pub pc: *const AtomicU64,
    pub regs: Regs,
    pub ins: Operands,
    pub frame: *mut Frame,
    pub cx: &'a Context,
}

/// How an operation ended, in one word: 0 if the result is written, 1 if a frame was pushed, else an owned error.
#[must_use]
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Done(pub u64);

impl Done {
    pub const WRITTEN: Done = Done(0);
    pub const PUSHED: Done = Done(1);

    pub fn error(e: Error) -> Done {
        Done(e.0.into_value().0)
    }
}

impl From<Result<Called>> for Done {
    #[inline(always)]
    fn from(r: Result<Called>) -> Done {
        match r {
            Ok(Called::Done) => Done::WRITTEN,
            Ok(Called::Pushed) => Done::PUSHED,
            Err(e) => Done::error(e),
        }
    }
}

/// A test's answer in one word: 0, 1, or an owned error.
#[must_use]
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Test(pub u64);

impl From<Result<bool>> for Test {
    #[inline(always)]
    fn from(r: Result<bool>) -> Test {
        match r {
            Ok(b) => Test(b as u64),
            Err(e) => Test(e.0.into_value().0),
        }
    }
}

/// An error from its word.
///
/// # Safety
/// The word is an owned error.
#[inline(always)]
unsafe fn error_of(bits: u64) -> Error {
    Error(Ref::from_value(Value(bits)))
}

/// The handler of an opcode, as [`operands::current`] gives it.
///
/// # Safety
/// It is a byte.
#[inline(always)]
unsafe fn handler_of(opcode: usize) -> Handler {
    // By the caller's promise: the table has a row for every byte.
    *handlers::TABLE.get_unchecked(opcode)
}

// Safety of all: as for handlers, see the head.
impl<'a> Machine<'a> {
    /// The state of a handler whose instruction is the `words` words before `pc`.
    #[inline(always)]
    pub unsafe fn new(
        pc: *const AtomicU64,
        words: usize,
        regs: Regs,
        frame: *mut Frame,
        cx: &'a Context,
    ) -> Machine<'a> {
        Machine {
            pc,
            regs,
            ins: Operands::at(pc.sub(words)),
            frame,
            cx,
        }
    }

    /// The state in which a frame goes on. Its instruction is the next one, which no handler looks at before it runs.
    #[inline(always)]
    pub unsafe fn of(frame: *mut Frame, cx: &'a Context) -> Machine<'a> {
        Machine::new((*frame).pc, 0, Regs((*frame).regs), frame, cx)
    }

    /// Goes on with the next instruction.
    #[inline(always)]
    pub unsafe fn next(self) -> Leave {
        if cfg!(any(debug_assertions, tsan)) {
            self.save();
            return Leave::GO;
        }
        let handler = handler_of(operands::current(self.pc));
        handler(self.pc.add(1), self.regs, self.frame, self.cx)
    }

    /// Goes on in the top frame, which another one has become.
    #[inline(always)]
    pub unsafe fn next_frame(self) -> Leave {
        Machine::of(frame::top(self.cx), self.cx).next()
    }

    /// Calls another handler in place of this one, before `pc` has passed a second word.
    #[inline(always)]
    pub unsafe fn to(self, handler: Handler) -> Leave {
        handler(self.pc, self.regs, self.frame, self.cx)
    }

    /// Goes on in a twin, once `pc` has passed the second word.
    #[inline(always)]
    pub unsafe fn past(self, twin: Twin) -> Leave {
        twin(Past::of(self.pc), self.regs, self.frame, self.cx)
    }

    /// Goes on with a value, once `pc` is behind the instruction.
    #[inline(always)]
    pub unsafe fn with(self, finisher: Finisher, value: u64) -> Leave {
        finisher(self.pc, self.regs, self.frame, self.cx, value)
    }

    #[inline(always)]
    pub unsafe fn save(&self) {
        (*self.frame).pc = self.pc;
    }

    /// Passes over the second word of the instruction, and gives it.
    #[inline(always)]
    pub unsafe fn extra(&mut self) -> u64 {
        let word = (*self.pc).load(Ordering::Relaxed);
        self.pc = self.pc.add(1);
        word
    }

    /// Passes over the cache word, and gives it.
    #[inline(always)]
    pub unsafe fn cache(&mut self) -> u64 {
        let site = self.pc;
        self.pc = site.add(1);
        crate::cache::load(&*site)
    }

    /// The cache word behind the instruction, once `pc` has passed it.
    #[inline(always)]
    pub unsafe fn site(&self) -> &'a AtomicU64 {
        &*self.pc.sub(1)
    }

    #[inline(always)]
    pub unsafe fn goto(&mut self, label: u64) {
        self.pc = (*(*self.frame).code).words.as_ptr().add(label as u32 as usize);
    }

    /// Whether an operand's flag says that it is a temporary.
    #[inline(always)]
    pub fn consumes(&self, flag: u8) -> bool {
        self.ins.flags() & flag != 0
    }

    /// Writes a register, drops what it held, and goes on.
    #[inline(always)]
    pub unsafe fn set_next(self, i: usize, bits: u64) -> Leave {
        let p = self.regs.0.add(i);
        let old = *p;
        *p = bits;
        self.drop_next(old)
    }

    /// Drops a reference and goes on.
    #[inline(always)]
    pub unsafe fn drop_next(self, old: u64) -> Leave {
        // Most often there was a number, or nothing. Two tests that are jumped over: joined they take twice as many instructions.
        if old & 7 == 0 {
            cold_path();
            if old != 0 && !decrement_quick(old as *mut Header) {
                return self.with(drop_object, old);
            }
        }
        self.next()
    }

    /// Writes register `i`, clears register `consumed` (a temporary that was read) if `consume`, and goes on.
    #[inline(always)]
    pub unsafe fn set_consume_next(self, i: usize, bits: u64, consumed: usize, consume: bool) -> Leave {
        let used = if consume { self.regs.clear(consumed) } else { 0 };
        let p = self.regs.0.add(i);
        let old = *p;
        *p = bits;
        self.drop_both_next(old, used)
    }

    /// Drops two references and goes on.
    #[inline(always)]
    pub unsafe fn drop_both_next(self, old: u64, other: u64) -> Leave {
        if other & 7 == 0 {
            cold_path();
            if other != 0 && !decrement_quick(other as *mut Header) {
                return drop_two(self.pc, self.regs, self.frame, self.cx, old, other);
            }
        }
        self.drop_next(old)
    }

    /// Raises an exception here.
    #[cold]
    #[inline(always)]
    pub unsafe fn raise(self, e: Error) -> Leave {
        self.with(raise_fresh, e.0.into_value().0)
    }

    /// Goes on raising an exception that has been raised before.
    #[inline(always)]
    pub unsafe fn reraise(self, e: Error) -> Leave {
        self.with(raise_again, e.0.into_value().0)
    }

    /// After an operation of `ops`.
    #[inline(always)]
    pub unsafe fn after(self, r: Result<()>) -> Leave {
        match r {
            Ok(()) => self.next(),
            Err(e) => self.raise(e),
        }
    }

    /// After an operation that may have pushed a frame.
    #[inline(always)]
    pub unsafe fn after_call(self, r: Done) -> Leave {
        match r.0 {
            0 => self.next(),
            1 => self.next_frame(),
            e => self.with(raise_fresh, e),
        }
    }

    #[inline(always)]
    unsafe fn unwind(self, error: u64, fresh: bool) -> Leave {
        self.save();
        match unwind_to_handler(self.cx, error, fresh) {
            0 => self.next_frame(),
            e => self.leave(Leave::ERROR, error_of(e).0),
        }
    }

    /// Leaves the machine.
    #[inline(always)]
    pub unsafe fn leave(self, how: Leave, value: Ref) -> Leave {
        self.cx.exit.set(value.into_value().0);
        how
    }
}

// Drops an object and goes on. A function of its own, so that the handlers that end in it call nothing.
finisher! {
    drop_object |m, object| {
        m.save();
        release(object);
        m.next()
    }
}

#[inline(never)]
unsafe fn drop_two(pc: *const AtomicU64, regs: Regs, frame: *mut Frame, cx: &Context, old: u64, other: u64) -> Leave {
    let m = Machine::new(pc, 0, regs, frame, cx);
    m.save();
    release(other);
    release(old);
    m.next()
}

finisher! { #[cold] raise_fresh |m, error| m.unwind(error, true) }
finisher! { #[cold] raise_again |m, error| m.unwind(error, false) }

/// 0 if there is a handler, else the error.
#[cold]
#[inline(never)]
unsafe fn unwind_to_handler(cx: &Context, error: u64, fresh: bool) -> u64 {
    match unwind::unwind(cx, error_of(error), fresh) {
        Ok(()) => 0,
        Err(e) => e.0.into_value().0,
    }
}

/// Runs the top frame, which is an Entry, until it returns.
///
/// # Errors
/// What the frame raises.
///
/// # Safety
/// The top frame is complete and of kind Entry.
pub unsafe fn run(cx: &Context) -> Result<Ref> {
    match run_exit(cx, None)? {
        Exit::Return(v) | Exit::Yield(v) => Ok(v),
    }
}

/// Runs the top frame, beginning with an exception if one is given.
///
/// # Errors
/// What the frame raises.
///
/// # Safety
/// The top frame is complete and of kind Entry or GenEntry.
pub unsafe fn run_exit(cx: &Context, pending: Option<Error>) -> Result<Exit> {
    if let Some(e) = pending {
        unwind::unwind(cx, e, true)?;
    }
    loop {
        let frame = frame::top(cx);
        let pc = (*frame).pc;
        let leave = handler_of(operands::current(pc))(pc.add(1), Regs((*frame).regs), frame, cx);
        if leave == Leave::GO {
            continue;
        }
        let value = Ref::from_value(Value(cx.exit.replace(0)));
        return match leave {
            Leave::RETURN => Ok(Exit::Return(value)),
            Leave::YIELD => Ok(Exit::Yield(value)),
            _ => Err(Error(value)),
        };
    }
}

/// A register's value for another register, moved out if it is a temporary.
///
/// # Safety
/// The register is in the window and bound. The value is written to the other one before anything is dropped or polled.
#[inline(always)]
pub unsafe fn read_bits(regs: Regs, i: usize, consume: bool) -> u64 {
    let v = regs.raw(i);
    if consume {
        *regs.0.add(i) = 0;
        v
    } else {
        share(v)
    }
}

/// A register's value for a field, as owned bits, moved out if it is a temporary.
///
/// # Safety
/// The register is in the window and bound.
#[inline(always)]
pub unsafe fn read_owned(regs: Regs, i: usize, consume: bool) -> u64 {
    let v = regs.raw(i);
    if consume {
        *regs.0.add(i) = 0;
        settle(v)
    } else {
        Ref::copy_of_word(Value(v)).into_value().0
    }
}
