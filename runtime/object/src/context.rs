//! The context of a thread that runs Python code, and the up-calls to the parts that this crate does not know.

use crate::error::{Error, Result, recursion_error};
use crate::local::Locals;
use skein_gc::Ref;
use std::cell::{Cell, RefCell};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// One level of "the exception being handled": a thread's base level, or that of a running generator.
pub struct HandledItem {
    pub value: RefCell<Option<Ref>>,
    pub previous: Cell<*const HandledItem>,
}

impl HandledItem {
    pub const fn new() -> HandledItem {
        HandledItem {
            value: RefCell::new(None),
            previous: Cell::new(std::ptr::null()),
        }
    }
}

impl Default for HandledItem {
    fn default() -> HandledItem {
        HandledItem::new()
    }
}

/// State of a thread. Only its own thread uses it; a reference to it is the proof that the thread is attached.
pub struct Context {
    /// Top of the interpreter's frame stack (the interpreter's `Frame`).
    pub frame: Cell<*mut u8>,
    /// Bottom of the frame stack, and the last record that it has room for.
    pub frames: Cell<*mut u8>,
    pub frames_end: Cell<*mut u8>,
    /// The last record that a frame may take: that of the recursion limit, or of the stack; null while the thread watches what
    /// runs.
    pub frame_limit: Cell<*mut u8>,
    /// First free register of the register stack, where native code that calls Python code builds windows.
    pub registers: Cell<*mut u64>,
    pub registers_limit: Cell<*mut u64>,
    /// Native stack address below which nothing may recurse.
    pub stack_limit: Cell<usize>,
    pub handled_base: HandledItem,
    pub handled: Cell<*const HandledItem>,
    /// What the interpreter was left with: an owned value or error; 0 while it runs.
    pub exit: Cell<u64>,
    /// `_thread.get_ident()`.
    pub ident: Cell<u64>,
    /// An exception that another thread asked for (`PyThreadState_SetAsyncExc`).
    pub async_exc: RefCell<Option<Ref>>,
    /// Current `contextvars.Context`.
    pub contextvars: RefCell<Option<Ref>>,
    /// `sys.settrace` and `sys.setprofile` functions.
    pub trace: RefCell<Option<Ref>>,
    pub profile: RefCell<Option<Ref>>,
    /// Objects in the middle of a `repr`, by identity.
    pub in_repr: RefCell<Vec<u64>>,
    pub locals: RefCell<Locals>,
    /// A number that no other context ever has.
    pub serial: u64,
    pub async_gen_hooks: RefCell<(Option<Ref>, Option<Ref>)>,
    pub coroutine_origin_depth: Cell<u32>,
}

/// `sys.setrecursionlimit`.
pub static RECURSION_LIMIT: AtomicU32 = AtomicU32::new(1000);

static NEXT: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static CURRENT: Cell<*const Context> = const { Cell::new(std::ptr::null()) };
}

impl Context {
    /// A context for the current thread, entered until the process ends or [`leave`](Context::leave).
    pub fn enter() -> &'static Context {
        let cx: &'static Context = Box::leak(Box::new(Context {
            frame: Cell::new(std::ptr::null_mut()),
            frames: Cell::new(std::ptr::null_mut()),
            frames_end: Cell::new(std::ptr::null_mut()),
            frame_limit: Cell::new(std::ptr::null_mut()),
            registers: Cell::new(std::ptr::null_mut()),
            registers_limit: Cell::new(std::ptr::null_mut()),
            stack_limit: Cell::new(native_stack_limit()),
            handled_base: HandledItem::new(),
            handled: Cell::new(std::ptr::null()),
            exit: Cell::new(0),
            ident: Cell::new(0),
            async_exc: RefCell::new(None),
            contextvars: RefCell::new(None),
            trace: RefCell::new(None),
            profile: RefCell::new(None),
            in_repr: RefCell::new(Vec::new()),
            locals: RefCell::default(),
            // Relaxed: a number.
            serial: NEXT.fetch_add(1, Ordering::Relaxed),
            async_gen_hooks: RefCell::new((None, None)),
            coroutine_origin_depth: Cell::new(0),
        }));
        cx.handled.set(&raw const cx.handled_base);
        CURRENT.set(cx);
        cx
    }

    /// Takes the context off the current thread, and frees it; `current()` must not be called any more.
    ///
    /// # Safety
    /// It is the current thread's, which has left all frames, has no roots any more, and does not use it again.
    pub unsafe fn leave(cx: *const Context) {
        CURRENT.set(std::ptr::null());
        // SAFETY: from the box in `enter`; nobody else uses a context, and its thread does not any more.
        drop(unsafe { Box::from_raw(cx.cast_mut()) });
    }

    /// The current thread's context.
    ///
    /// # Panics
    /// If the thread never entered one, which only native code that starts threads itself could do.
    #[inline]
    pub fn current() -> &'static Context {
        let p = CURRENT.get();
        assert!(!p.is_null(), "thread without a context");
        // SAFETY: it lives until `leave`.
        unsafe { &*p }
    }

    pub fn try_current() -> Option<&'static Context> {
        // SAFETY: null, or it lives until `leave`.
        unsafe { CURRENT.get().as_ref() }
    }

    /// Guards native recursion: to be called by everything that can call itself through Python objects.
    ///
    /// # Errors
    /// RecursionError when the native stack runs low.
    #[inline(always)]
    pub fn check_stack(&self) -> Result<()> {
        let here = 0u8;
        if (&raw const here as usize) < self.stack_limit.get() {
            Err(stack_overflow())
        } else {
            Ok(())
        }
    }

    /// The exception being handled: `sys.exception()`.
    pub fn handled_exception(&self) -> Option<Ref> {
        let mut item = self.handled.get();
        while !item.is_null() {
            // SAFETY: items are the base level or belong to generators that run now.
            let i = unsafe { &*item };
            if let Some(e) = i.value.borrow().as_ref() {
                return Some(e.clone());
            }
            item = i.previous.get();
        }
        None
    }

    /// Replaces the exception handled on the innermost level and gives the previous one.
    pub fn swap_handled(&self, new: Option<Ref>) -> Option<Ref> {
        // SAFETY: the innermost item is alive while it is installed.
        let item = unsafe { &*self.handled.get() };
        std::mem::replace(&mut *item.value.borrow_mut(), new)
    }
}

#[cold]
#[inline(never)]
fn stack_overflow() -> Error {
    recursion_error("maximum recursion depth exceeded")
}

/// Lowest address that native code of this thread may use, with a reserve for handlers.
fn native_stack_limit() -> usize {
    const RESERVE: usize = 256 * 1024;
    /// What is left of the smallest stack, where it is not known what there is.
    const LITTLE: usize = 16 << 10;
    let here = 0u8;
    let here = (&raw const here).addr();
    // SAFETY: plain libc queries on the current thread; `attr` is initialised by the first call.
    let (start, size) = unsafe {
        let mut attr: libc::pthread_attr_t = std::mem::zeroed();
        let (mut address, mut size) = (std::ptr::null_mut(), 0usize);
        if libc::pthread_getattr_np(libc::pthread_self(), &raw mut attr) != 0 {
            // There was no memory for the answer.
            return here - LITTLE;
        }
        libc::pthread_attr_getstack(&raw const attr, &raw mut address, &raw mut size);
        libc::pthread_attr_destroy(&raw mut attr);
        (address.addr(), size)
    };
    let start = reach(start, here);
    start + RESERVE.min(size.min(here.saturating_sub(start)) / 4)
}

/// Makes the stack of the process's first thread as long as it may become, which others are from the start; gives where it begins. The
/// system would else make it longer when it is used, and end the process if there was no room then (`RLIMIT_AS`). No memory comes with it
/// but one page.
#[cfg(target_os = "linux")]
fn reach(start: usize, here: usize) -> usize {
    /// As much of it as is used, where there is no limit.
    const MOST: usize = 64 << 20;
    const LEAST: usize = 128 << 10;
    const PAGE: usize = 4096;
    // SAFETY: plain queries.
    if unsafe { libc::gettid() != libc::getpid() } {
        return start;
    }
    let mut bytes = here.saturating_sub(start + PAGE).min(MOST);
    while bytes >= LEAST {
        let lowest = here - bytes;
        // Written by the system, which says so if it cannot be: a store of our own would be the end.
        // SAFETY: one byte between the stack's end and its limit, where nothing is yet.
        if unsafe { libc::getrandom(std::ptr::without_provenance_mut(lowest), 1, 0) } == 1 {
            return lowest / PAGE * PAGE;
        }
        bytes /= 2;
    }
    // Not a matter of memory: nothing would run in less. A system that does not do this (valgrind) makes stacks longer by other means.
    start
}

#[cfg(not(target_os = "linux"))]
fn reach(start: usize, _: usize) -> usize {
    start
}

/// What other crates supply. Set once at start-up.
pub struct Hooks {
    /// Calls a Python function: callable, arguments, keyword names.
    pub call_function: crate::slots::Call,
    /// Work asked for at a poll (signals, asynchronous exceptions, handshakes, finalisers).
    pub poll: fn(&Context) -> Result<()>,
    /// `__import__(name, globals, locals, fromlist, level)`.
    pub import: fn(&Context, &Ref, &Ref, Option<&Ref>, &Ref, &Ref) -> Result<Ref>,
    /// `warnings.warn(message, category)`.
    pub warn: fn(&Context, &'static crate::types::Type, &str, u32) -> Result<()>,
    /// compile(source, filename, mode, flags, dont_inherit, optimize).
    pub compile: fn(&Context, &Ref, &Ref, &str, u32, bool, i32) -> Result<Ref>,
    /// Runs a code object in globals and locals, with an optional closure.
    pub run_code: fn(&Context, &Ref, &Ref, &Ref, Option<&Ref>) -> Result<Ref>,
    /// Globals of the innermost Python frame.
    pub globals: fn(&Context) -> Option<Ref>,
    /// `locals()` of the innermost Python frame.
    pub locals: fn(&Context) -> Result<Ref>,
    /// Resumes a generator-like object with a value or an exception: `Ok(Yielded)`, `Ok(Returned)`, or an error.
    pub resume: fn(&Context, &Ref, Resume) -> Result<Outcome>,
    /// The frame object of the n-th Python frame from the top.
    pub frame_object: fn(&Context, usize) -> Option<Ref>,
    /// What a descriptor wraps.
    pub unwrap: fn(&Ref) -> Unwrapped,
    /// Reports an exception that cannot be raised (`sys.unraisablehook`).
    pub unraisable: fn(&Context, Error, Option<&str>, &Ref),
}

/// What a descriptor of the standard kinds does, as far as caches want to know it.
pub enum Unwrapped {
    /// A property: its getter.
    Property(Ref),
    ClassMethod(Ref),
    StaticMethod(Ref),
    Other,
}

/// What a generator is resumed with.
pub enum Resume {
    Send(Ref),
    Throw(Error),
}

/// How a resumed generator stops.
pub enum Outcome {
    Yield(Ref),
    Return(Ref),
}

static HOOKS: OnceLock<Hooks> = OnceLock::new();

/// Installs the up-calls.
pub fn set_hooks(hooks: Hooks) {
    let _ = HOOKS.set(hooks);
}

/// The up-calls.
///
/// # Panics
/// Before start-up has installed them: a programming error of the embedding.
#[inline]
pub fn hooks() -> &'static Hooks {
    HOOKS.get().expect("hooks are installed at start-up")
}

/// `sys.getrecursionlimit()`.
#[inline]
pub fn recursion_limit() -> u32 {
    // Relaxed: a limit, nothing hangs on its order.
    RECURSION_LIMIT.load(Ordering::Relaxed)
}

static SYS_DICT: OnceLock<Ref> = OnceLock::new();

/// Registers the dict of the module `sys`, once it exists.
pub fn set_sys_dict(dict: Ref) {
    skein_gc::publish::publish(dict.value());
    let _ = SYS_DICT.set(dict);
}

/// An attribute of the module `sys`; `None` before the module exists or if it has none of that name.
pub fn sys_attr(name: &Ref) -> Option<Ref> {
    crate::layouts::dict::get_name(SYS_DICT.get()?, name)
}
