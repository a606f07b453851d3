//! Generators, coroutines and async generators: suspended frames.
//!
//! The frame's registers lie in the object, also while it runs: resuming copies nothing but a frame record. Calls from a
//! generator move their arguments to the register stack. The `state` word decides who may run it:
//!
//! | state | meaning | next |
//! |---|---|---|
//! | CREATED | not started | RUNNING |
//! | SUSPENDED | at a yield | RUNNING, CHAINED |
//! | RUNNING | on some thread's stack, whose frame record is the valid one | SUSPENDED, CHAINED, DONE |
//! | CHAINED | resumed by `yield from` or `await` of another, with which it runs or is suspended: see `chain` | SUSPENDED, RUNNING, DONE |
//! | DONE | finished; holds nothing | |
//!
//! Only the thread that won the transition to RUNNING touches `saved` and the registers. A collector that walks over a shared one
//! which does not run sets LOOKED meanwhile: transitions wait for it (`look`).

mod chain;
mod create;
mod look;
mod quick;
mod registers;

pub use chain::{Delegate, cut, cut_around, resume_chain, suspend_chain, unchain};
pub use create::{create, expression, of_call};
pub use quick::{finish_quick, start_quick, suspend_quick};
pub use registers::Registers;

use look::{Look, take, word};

use crate::frame::{self, Frame, Kind};
use crate::regs::{release, settle_traced};
use crate::run::{self, Exit};
use skein_gc::{Header, Ref, Slot, Value};
use skein_object::context::{HandledItem, Outcome, Resume};
use skein_object::error::{Error, raise, runtime_error, type_error, value_error};
use skein_object::layouts::exception;
use skein_object::object::RefExt;
use skein_object::types::flag;
use skein_object::{CodeBody, Context, Object, Payload, Result, Type, payload, statics as s};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};

pub const CREATED: u8 = 0;
pub const SUSPENDED: u8 = 1;
pub const RUNNING: u8 = 2;
pub const DONE: u8 = 3;
pub const CHAINED: u8 = 4;
/// Added to CREATED or SUSPENDED.
const LOOKED: u8 = 0x80;

/// What is kept of a suspended frame.
pub struct Saved {
    pub regs: Registers,
    /// Kept alive by the generator's `code`.
    pub code: *const CodeBody,
    pub pc: *const AtomicU64,
    pub function: u64,
    /// Borrowed from the function: globals and builtins.
    pub globals: u64,
    pub builtins: u64,
    pub object: u64,
    /// Register that receives the sent value; `u32::MAX` before the first start.
    pub resume_reg: u32,
    /// At a YieldFrom: registers of the delegate and of its result, and where to go when it is finished.
    pub delegate: Option<(u32, u32, u32)>,
}

/// Body of a generator, coroutine or async generator.
pub struct GeneratorBody {
    state: AtomicU8,
    /// Of the root of a suspended chain: how many frames it keeps.
    chained: AtomicU32,
    /// If CHAINED: the chain's root.
    root: AtomicPtr<Header>,
    /// What a root keeps; for whoever may touch `saved`.
    chain: UnsafeCell<Option<Box<chain::Chain>>>,
    pub saved: UnsafeCell<Saved>,
    pub handled: HandledItem,
    /// Not counted (`uncounted::traced`).
    pub code: Ref,
    /// Null: the code's.
    pub name: Slot,
    pub qualname: Slot,
    /// Async generators: hooks were called; closed; an `asend` is running.
    pub hooks_done: AtomicBool,
    pub closed: AtomicBool,
    pub async_running: AtomicBool,
    pub finalizer: Slot,
    /// Coroutines: `cr_origin`.
    pub origin: Slot,
}

payload!(GeneratorBody, "generator", |this, v| {
    v.value(this.code.word());
    v.slot(&this.name);
    v.slot(&this.qualname);
    v.slot(&this.finalizer);
    v.slot(&this.origin);
    let Some(_look) = Look::at(this) else {
        // What it holds is published when it is suspended; until then it must be so by itself.
        if v.publishes() {
            if let Some(cx) = Context::try_current() {
                cut(cx);
            }
            v.value(this.handled_word());
        }
        return;
    };
    // SAFETY: not running, and it does not begin to.
    unsafe {
        let saved = this.saved.get();
        v.value(word(&raw const (*saved).function));
        v.value(word(&raw const (*saved).object));
        let regs = (*saved).regs.as_slice();
        for r in regs {
            v.value(word(r));
        }
        // Acquire pairs with the release in `chain`.
        let chained = this.chained.load(Ordering::Acquire);
        if chained != 0
            && let Some(chain) = &*this.chain.get()
        {
            chain.each(chained as usize, |x| v.value(x));
        }
    }
    v.value(this.handled_word());
});

impl Drop for GeneratorBody {
    fn drop(&mut self) {
        // One that is finished has given up all.
        if *self.state.get_mut() == DONE && self.saved.get_mut().function == 0 {
            debug_assert!(
                self.saved
                    .get_mut()
                    .regs
                    .as_slice()
                    .iter()
                    .all(|r| *r & 7 != 0 || *r == 0)
            );
            return;
        }
        unchain(self);
        self.saved.get_mut().release();
    }
}

impl GeneratorBody {
    /// The state of the generator by itself: not CHAINED.
    pub fn state(&self) -> u8 {
        unchain(self);
        // Acquire pairs with the release of the suspension.
        self.state.load(Ordering::Acquire) & !LOOKED
    }

    /// Makes a transition, which gives `saved` to this thread; the state if it is another.
    fn claim(&self, from: u8, to: u8) -> std::result::Result<(), u8> {
        loop {
            // Acquire pairs with the release of the thread that suspended it: the saved registers are seen.
            match self
                .state
                .compare_exchange(from, to, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => {
                    self.header().touch();
                    return Ok(());
                }
                Err(now) if now == from | LOOKED => std::thread::yield_now(),
                Err(now) => return Err(now & !LOOKED),
            }
        }
    }

    fn header(&self) -> &Header {
        // SAFETY: bodies of this type lie in objects.
        unsafe { Object::header_of(self) }
    }
}

impl Saved {
    /// Counts what was moved here from registers, but for what is deferred: nobody looks through these (`skein_gc::uncounted`).
    ///
    /// # Safety
    /// The words were in a frame's registers until now.
    #[inline(always)]
    unsafe fn settle(&mut self) {
        if !skein_gc::publish::is_alone() {
            // SAFETY: by the caller's promise.
            unsafe { self.settle_all() };
        }
    }

    #[inline(never)]
    unsafe fn settle_all(&mut self) {
        let (p, n) = (self.regs.as_mut_ptr(), self.regs.len());
        // SAFETY: by the caller's promise; as many registers are written.
        unsafe {
            for i in 0..n {
                *p.add(i) = settle_traced(*p.add(i));
            }
            self.function = settle_traced(self.function);
        }
    }

    /// Drops everything the suspended frame holds.
    fn release(&mut self) {
        // In place, each taken out first: what dies may run code that looks at the generator.
        let (p, n) = (self.regs.as_mut_ptr(), self.regs.len());
        // SAFETY: as many registers are written, and the fields are there; this thread alone writes them.
        unsafe {
            for i in 0..n {
                release(take(p.add(i)));
            }
            release(take(&raw mut self.function));
            if self.object != 0 {
                crate::frame_object::end(self.object);
            }
            release(take(&raw mut self.object));
        }
        self.delegate = None;
    }
}

macro_rules! types {
    ($($id:ident $name:literal;)*) => {$(
        pub static $id: Type = Type::declare(
            $name,
            Some(&s::OBJECT),
            <GeneratorBody as Payload>::LAYOUT,
            flag::WEAKREFABLE | flag::NO_NEW,
        );
    )*};
}

types! {
    GENERATOR "generator";
    COROUTINE "coroutine";
    ASYNC_GENERATOR "async_generator";
}

/// The body behind a reference known to be a generator.
pub fn body(r: &Ref) -> Option<&GeneratorBody> {
    r.body::<GeneratorBody>()
}

/// Whether a generator has not begun.
#[inline(always)]
pub fn is_new(g: &GeneratorBody) -> bool {
    // Relaxed: such a one has nothing yet that who started it could have written.
    g.state.load(Ordering::Relaxed) == CREATED
}

/// Puts a generator's frame on the stack. The sent value goes to the register that waits for it.
///
/// # Errors
/// ValueError if it is running, TypeError for a value sent to a new one, RecursionError; `Ok(false)` if it is done.
///
pub fn start(cx: &Context, generator: &Ref, g: &GeneratorBody, send: Option<Ref>, kind: Kind) -> Result<bool> {
    let mut state = g.state();
    loop {
        match state {
            DONE => return Ok(false),
            CREATED | SUSPENDED => {}
            _ => return Err(already_running(generator)),
        }
        if state == CREATED
            && let Some(v) = &send
            && !s::is_none(v)
        {
            return Err(type_error(format!(
                "can't send non-None value to a just-started {}",
                generator.ty().name().replace('_', " ")
            )));
        }
        match g.claim(state, RUNNING) {
            Ok(()) => break,
            Err(now) => state = now,
        }
    }
    // SAFETY: we won the transition, so `saved` is ours until the next one.
    unsafe {
        let saved = &mut *g.saved.get();
        if saved.function == 0 {
            g.state.store(DONE, Ordering::Release);
            return Ok(false);
        }
        let code = &g.code.body::<CodeBody>();
        let Some(code) = code else {
            g.state.store(DONE, Ordering::Release);
            return Ok(false);
        };
        let regs = saved.regs.as_mut_ptr();
        let frame = match frame::push_generator(cx, saved.function, code, regs, kind) {
            Ok(f) => f,
            Err(e) => {
                g.state.store(state, Ordering::Release);
                return Err(e);
            }
        };
        (*frame).globals = saved.globals;
        (*frame).builtins = saved.builtins;
        (*frame).pc = saved.pc;
        (*frame).extra = generator.clone().into_value().0;
        (*frame).object = std::mem::take(&mut saved.object);
        if (*frame).object != 0 {
            crate::frame_object::attach((*frame).object, frame);
        }
        saved.function = 0;
        saved.delegate = None;
        if saved.resume_reg != u32::MAX {
            let v = send.unwrap_or_else(s::none);
            *regs.add(saved.resume_reg as usize) = v.into_value().0;
        }
        g.handled.previous.set(cx.handled.get());
        cx.handled.set(&raw const g.handled);
        Ok(true)
    }
}

#[cold]
fn already_running(generator: &Ref) -> Error {
    value_error(format!(
        "{} already executing",
        generator
            .ty()
            .name()
            .replace('_', " ")
            .replace("async generator", "asynchronous generator")
    ))
}

/// Takes the running generator's frame off the stack and saves it: Yield.
///
/// # Safety
/// `frame` is the top frame and of a generator kind; `pc` is behind the yielding instruction.
#[inline]
pub unsafe fn suspend(
    cx: &Context,
    frame: *mut Frame,
    pc: *const AtomicU64,
    resume_reg: usize,
    delegate: Option<(u32, u32, u32)>,
) {
    // SAFETY: by the caller's promise: `extra` is the generator, whose `saved` is ours while it runs.
    unsafe {
        let f = &mut *frame;
        let generator = Ref::from_value(Value(std::mem::take(&mut f.extra)));
        let Some(g) = body(&generator) else { return };
        let saved = &mut *g.saved.get();
        // The waiting register holds nothing while the frame is suspended.
        let waiting = f.regs.add(resume_reg);
        release(std::mem::replace(&mut *waiting, 0));
        // First, since it may run Python code: until then the frame keeps the function.
        saved.object = std::mem::take(&mut f.object);
        if saved.object != 0 {
            crate::frame_object::suspend(saved.object);
        }
        saved.pc = pc;
        saved.function = std::mem::take(&mut f.function);
        saved.settle();
        saved.resume_reg = resume_reg as u32;
        saved.delegate = delegate;
        cx.handled.set(g.handled.previous.get());
        if let Some(h) = generator.header()
            && !h.is_private()
        {
            for r in saved.regs.as_slice() {
                skein_gc::publish::publish(Value(*r));
            }
            skein_gc::publish::publish(Value(saved.function));
            skein_gc::publish::publish(Value(saved.object));
            skein_gc::publish::publish(g.handled_word());
        }
        cx.frame.set(frame.sub(1).cast());
        frame::uncover(frame);
        // Release pairs with the acquire in `start`.
        g.state.store(SUSPENDED, Ordering::Release);
    }
}

/// Ends the running generator: its frame is about to be popped.
///
/// # Safety
/// `frame` is the top frame and of a generator kind.
pub unsafe fn finish(cx: &Context, frame: *mut Frame) {
    // SAFETY: as for `suspend`.
    unsafe {
        let generator = &*(&raw const (*frame).extra as *const Ref);
        if let Some(g) = body(generator) {
            // Before anything is dropped: what runs then may write over the record once it is off the stack.
            frame::uncover(frame);
            cx.handled.set(g.handled.previous.get());
            drop(g.handled.value.take());
            g.state.store(DONE, Ordering::Release);
            // There is nothing left for the finaliser to do.
            if let Some(h) = generator.header() {
                h.set_flag(skein_gc::header::flag::FINALIZED);
            }
        }
    }
}

/// An exception that leaves a generator's frame: StopIteration may not (PEP 479).
pub fn leaving(generator: &Ref, e: Error) -> Error {
    let is_async = generator.is_exact(&ASYNC_GENERATOR);
    let what = if generator.is_exact(&COROUTINE) {
        "coroutine"
    } else if is_async {
        "async generator"
    } else {
        "generator"
    };
    let kind = if e.is(&s::STOP_ITERATION) {
        "StopIteration"
    } else if is_async && e.is(&s::STOP_ASYNC_ITERATION) {
        "StopAsyncIteration"
    } else {
        return e;
    };
    let new = runtime_error(format!("{what} raised {kind}"));
    if let Some(b) = new.0.body::<skein_object::ExceptionBody>() {
        let h = new.0.holder();
        drop(b.cause.set(h, Some(e.0.clone())));
        drop(b.context.set(h, Some(e.0.clone())));
        b.set_suppress(true);
    }
    new
}

/// Resumes a generator from native code.
///
/// # Errors
/// What the generator raises; ValueError, TypeError as [`start`].
pub fn resume(cx: &Context, generator: &Ref, how: Resume) -> Result<Outcome> {
    cx.check_stack()?;
    let Some(g) = body(generator) else {
        return Err(type_error("a generator is wanted"));
    };
    match how {
        Resume::Send(value) => {
            let bits = value.value().0;
            let top = frame::top(cx);
            if frame::is_real(top) {
                // SAFETY: the value moves to the generator on success. The frame below has saved its state.
                let new = unsafe {
                    let p = generator.value().0;
                    let new = start_quick(cx, p, top, bits, Kind::GenEntry);
                    if new.is_null() && g.chained.load(Ordering::Relaxed) != 0 {
                        resume_chain(cx, p, top, bits, Kind::GenEntry, std::ptr::null_mut())
                    } else {
                        new
                    }
                };
                if !new.is_null() {
                    std::mem::forget(value);
                    return outcome(run_generator(cx));
                }
            }
            let started = start(cx, generator, g, Some(value), Kind::GenEntry)?;
            if !started {
                return if generator.is_exact(&COROUTINE) {
                    Err(runtime_error("cannot reuse already awaited coroutine"))
                } else if generator.is_exact(&ASYNC_GENERATOR) {
                    Err(raise_plain(&s::STOP_ASYNC_ITERATION))
                } else {
                    Ok(Outcome::Return(s::none()))
                };
            }
            outcome(run_generator(cx))
        }
        Resume::Throw(e) => throw(cx, generator, g, e),
    }
}

fn raise_plain(ty: &'static Type) -> Error {
    skein_object::error::raise_args(ty, Vec::new())
}

fn run_generator(cx: &Context) -> Result<Exit> {
    // SAFETY: a GenEntry frame was just pushed.
    unsafe { run::run_exit(cx, None) }
}

fn outcome(exit: Result<Exit>) -> Result<Outcome> {
    exit.map(|e| match e {
        Exit::Return(v) => Outcome::Return(v),
        Exit::Yield(v) => Outcome::Yield(v),
    })
}

fn throw(cx: &Context, generator: &Ref, g: &GeneratorBody, e: Error) -> Result<Outcome> {
    let delegate = take_delegate(g);
    if let Some((iterator, result_reg, label)) = delegate {
        match throw_into(cx, &iterator, e) {
            Ok(Some(v)) => {
                put_back(g);
                return Ok(Outcome::Yield(v));
            }
            Ok(None) => return Err(runtime_error("delegate gave nothing")),
            Err(e) => {
                put_back(g);
                if !start(cx, generator, g, Some(s::none()), Kind::GenEntry)? {
                    return Err(e);
                }
                if e.is(&s::STOP_ITERATION) {
                    let value = exception::field(&e.0, exception::STOP_VALUE).unwrap_or_else(s::none);
                    // SAFETY: the frame was just pushed; the registers are those of the YieldFrom.
                    unsafe {
                        let f = &mut *frame::top(cx);
                        let regs = crate::regs::Regs(f.regs);
                        regs.set(result_reg as usize, value);
                        f.pc = f.code().words.as_ptr().add(label as usize);
                    }
                    return outcome(run_generator(cx));
                }
                // SAFETY: as above.
                return outcome(unsafe { run::run_exit(cx, Some(e)) });
            }
        }
    }
    if g.state() == CREATED {
        // Nothing runs: the generator is finished, and the exception comes back, with the generator's frame in its trace.
        if start(cx, generator, g, None, Kind::GenEntry)? {
            // SAFETY: the frame was just pushed.
            return outcome(unsafe { run::run_exit(cx, Some(e)) });
        }
        return Err(e);
    }
    if !start(cx, generator, g, None, Kind::GenEntry)? {
        if generator.is_exact(&COROUTINE) {
            return Err(runtime_error("cannot reuse already awaited coroutine"));
        }
        return Err(e);
    }
    // SAFETY: the frame was just pushed.
    outcome(unsafe { run::run_exit(cx, Some(e)) })
}

/// At a YieldFrom: marks the generator running and gives the delegate.
fn take_delegate(g: &GeneratorBody) -> Option<(Ref, u32, u32)> {
    unchain(g);
    g.claim(SUSPENDED, RUNNING).ok()?;
    // SAFETY: we won the transition.
    let found = unsafe {
        let saved = &*g.saved.get();
        saved.delegate.and_then(|(reg, result, label)| {
            let bits = *saved.regs.as_slice().get(reg as usize)?;
            if bits == 0 {
                None
            } else {
                Some((frame::borrow(bits), result, label))
            }
        })
    };
    if found.is_none() {
        put_back(g);
    }
    found
}

fn put_back(g: &GeneratorBody) {
    g.state.store(SUSPENDED, Ordering::Release);
}

/// Throws into the iterator that a generator delegates to.
fn throw_into(cx: &Context, iterator: &Ref, e: Error) -> Result<Option<Ref>> {
    use skein_object::intern::names;
    use skein_object::protocol::{call, getattr_opt};
    if e.is(&s::GENERATOR_EXIT) {
        close_any(cx, iterator)?;
        return Err(e);
    }
    if let Some(g) = body(iterator) {
        return match throw(cx, iterator, g, e)? {
            Outcome::Yield(v) => Ok(Some(v)),
            Outcome::Return(v) => Err(skein_object::error::stop_iteration(Some(v))),
        };
    }
    match getattr_opt(cx, iterator, names::throw())? {
        Some(f) => call(cx, &f, std::slice::from_ref(&e.0)).map(Some),
        None => Err(e),
    }
}

/// `close()` of a generator or of any object that has one.
///
/// # Errors
/// What it raises.
pub fn close_any(cx: &Context, iterator: &Ref) -> Result<()> {
    use skein_object::intern::names;
    if let Some(g) = body(iterator) {
        return close(cx, iterator, g).map(drop);
    }
    match skein_object::protocol::getattr_opt(cx, iterator, names::close()) {
        Ok(Some(f)) => skein_object::protocol::call0(cx, &f).map(drop),
        Ok(None) => Ok(()),
        Err(e) => {
            ignored(cx, e, iterator);
            Ok(())
        }
    }
}

/// Closes a generator that is suspended at a yield which no handler covers: nothing would see GeneratorExit, so it need not
/// be raised. False if it is not such a one.
fn close_quietly(g: &GeneratorBody) -> bool {
    unchain(g);
    if g.claim(SUSPENDED, RUNNING).is_err() {
        return false;
    }
    // SAFETY: we won the transition. The code outlives the generator.
    let saved = unsafe { &mut *g.saved.get() };
    // SAFETY: as above.
    let code = unsafe { &*saved.code };
    let at = ((saved.pc as usize - code.words.as_ptr() as usize) / 8).saturating_sub(1) as u32;
    let covered = code.unit.handlers.iter().any(|h| h.start <= at && at < h.end);
    if covered || saved.delegate.is_some() || saved.object != 0 {
        put_back(g);
        return false;
    }
    g.state.store(DONE, Ordering::Release);
    saved.release();
    true
}

/// Reports what closing has raised where nobody can catch it.
fn ignored(cx: &Context, e: Error, what: &Ref) {
    let shown = skein_object::protocol::repr(cx, what);
    let shown = shown.map_or_else(|_| String::new(), |r| skein_object::str::text(&r));
    let message = format!("Exception ignored while closing generator {shown}");
    (skein_object::context::hooks().unraisable)(cx, e, Some(&message), &s::none());
}

/// `generator.close()`: its return value, or None.
///
/// # Errors
/// RuntimeError if it yields; what it raises.
pub fn close(cx: &Context, generator: &Ref, g: &GeneratorBody) -> Result<Ref> {
    let state = g.state();
    if state == DONE {
        return Ok(s::none());
    }
    if state == CREATED && g.claim(CREATED, DONE).is_ok() {
        // SAFETY: DONE is final, so nobody else touches `saved`.
        unsafe { (*g.saved.get()).release() };
        return Ok(s::none());
    }
    if state == SUSPENDED && close_quietly(g) {
        return Ok(s::none());
    }
    let exit = raise(&s::GENERATOR_EXIT, "");
    if let Some(b) = exit.0.body::<skein_object::ExceptionBody>() {
        drop(b.args.set(exit.0.holder(), Some(s::empty_tuple())));
    }
    match resume(cx, generator, Resume::Throw(exit)) {
        Ok(Outcome::Yield(_)) => Err(runtime_error(format!(
            "{} ignored GeneratorExit",
            generator.ty().name().replace("async_generator", "async generator")
        ))),
        Ok(Outcome::Return(v)) => Ok(v),
        Err(e) if e.is(&s::GENERATOR_EXIT) => Ok(s::none()),
        Err(e) if e.is(&s::STOP_ITERATION) => Ok(exception::field(&e.0, exception::STOP_VALUE).unwrap_or_else(s::none)),
        Err(e) => Err(e),
    }
}

/// `next(generator)` for the `next` slot.
///
/// # Errors
/// What the generator raises.
pub fn next(cx: &Context, generator: &Ref) -> Result<Option<Ref>> {
    match resume(cx, generator, Resume::Send(s::none()))? {
        Outcome::Yield(v) => Ok(Some(v)),
        Outcome::Return(v) if s::is_none(&v) => Ok(None),
        Outcome::Return(v) => Err(skein_object::error::stop_iteration(Some(v))),
    }
}

/// Finaliser: closes a suspended generator.
pub fn finalize(generator: &Ref) {
    skein_object::finalize::nested(generator, close_at_end);
}

fn close_at_end(generator: &Ref) {
    let Some(cx) = Context::try_current() else {
        return;
    };
    let Some(g) = body(generator) else { return };
    let state = g.state();
    if state == DONE {
        return;
    }
    if generator.is_exact(&ASYNC_GENERATOR)
        && state != CREATED
        && let Some(f) = g.finalizer.get()
    {
        if let Err(e) = skein_object::protocol::call1(cx, &f, generator) {
            (skein_object::context::hooks().unraisable)(
                cx,
                e,
                Some("Exception ignored while finalizing async generator"),
                generator,
            );
        }
        return;
    }
    // An exception that is being handled elsewhere is not this generator's business.
    if let Err(e) = close(cx, generator, g) {
        ignored(cx, e, generator);
    }
}

/// The iterator that a suspended generator delegates to.
pub fn delegate(g: &GeneratorBody) -> Option<Ref> {
    let (d, _, _) = take_delegate(g)?;
    put_back(g);
    Some(d)
}

/// The generator's frame object; `None` when it has ended.
///
/// # Errors
/// MemoryError.
pub fn frame_of(cx: &Context, generator: &Ref) -> Result<Option<Ref>> {
    let Some(g) = body(generator) else {
        return Ok(None);
    };
    let state = g.state();
    match state {
        RUNNING | CHAINED => {
            // The frame is on a stack: this thread's, or nobody's business.
            let mut f = frame::top(cx);
            while frame::is_real(f) {
                // SAFETY: real frames of this thread.
                unsafe {
                    if (*f).extra == generator.value().0 {
                        return crate::frame_object::of(cx, f).map(Some);
                    }
                    f = f.sub(1);
                }
            }
            Ok(None)
        }
        CREATED | SUSPENDED => {
            if g.claim(state, RUNNING).is_err() {
                return Ok(None);
            }
            // SAFETY: we won the transition.
            let r = unsafe { crate::frame_object::of_suspended(generator, g, &mut *g.saved.get()) };
            g.state.store(state, Ordering::Release);
            r.map(Some)
        }
        _ => Ok(None),
    }
}
