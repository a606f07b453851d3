//! `_thread`: threads, locks, thread-local data.

mod handle;
mod local;
mod locks;
mod spawn;

use crate::structseq;
use skein_object::context;
use skein_object::error::{Error, Result, overflow_error, runtime_error, type_error, value_error};
use skein_object::intern::{self, names};
use skein_object::layouts::number;
use skein_object::native::{ModuleDef, Row};
use skein_object::object::RefExt;
use skein_object::{Args, Context, ExceptionBody, Ref, dict, protocol, row, statics as s, str, tuple};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub use handle::wait_for_all;
pub use local::forget_dead as forget_dead_locals;

structseq!(except_hook_args EXCEPT_HOOK_ARGS "_thread._ExceptHookArgs" 0 exc_type 1 exc_value 2 exc_traceback 3 thread);

/// Completes the types.
///
/// # Errors
/// MemoryError.
pub fn ready() -> Result<()> {
    except_hook_args::ready()?;
    except_hook_args::EXCEPT_HOOK_ARGS.slots.new.set(Some(|cx, _, args, _| {
        let items = args.first().map_or(Ok(Vec::new()), |a| protocol::collect(cx, a))?;
        if items.len() != 4 {
            return Err(type_error(format!(
                "_thread._ExceptHookArgs() takes a 4-sequence ({}-sequence given)",
                items.len()
            )));
        }
        except_hook_args::new(items)
    }));
    except_hook_args::EXCEPT_HOOK_ARGS.set_flag(skein_object::types::flag::NO_NEW, false);
    skein_stdlib_posix::posix::set_fork_hooks(skein_stdlib_posix::posix::ForkHooks {
        before: crate::import::take_lock,
        around: handle::across_fork,
        after: crate::import::give_up_lock,
        in_child: after_fork,
    });
    locks::ready()?;
    local::ready()?;
    handle::ready()
}

pub static THREAD: ModuleDef = ModuleDef {
    name: "_thread",
    doc: "This module provides primitive operations to write multi-threaded programs.\nThe 'threading' module provides a more convenient interface.",
    functions: FUNCTIONS,
    init,
};

/// Longest timeout that locks accept, in seconds.
pub const TIMEOUT_MAX: f64 = 9_223_372_036.0;

fn init(_: &Context, d: &Ref) -> Result<()> {
    dict::set_str(d, "error", s::RUNTIME_ERROR.object())?;
    dict::set_str(d, "LockType", locks::LOCK.object())?;
    dict::set_str(d, "lock", locks::LOCK.object())?;
    dict::set_str(d, "RLock", locks::RLOCK.object())?;
    dict::set_str(d, "_local", local::LOCAL.object())?;
    dict::set_str(d, "_ThreadHandle", handle::HANDLE.object())?;
    dict::set_str(d, "_ExceptHookArgs", except_hook_args::EXCEPT_HOOK_ARGS.object())?;
    dict::set_str(d, "TIMEOUT_MAX", number::float(TIMEOUT_MAX)?)
}

static FUNCTIONS: &[Row] = &[
    row!(
        "start_new_thread(function, args, kwargs=None, /)",
        start_new_thread,
        "Start a new thread and return its identifier."
    ),
    row!(
        "start_new(function, args, kwargs=None, /)",
        start_new_thread,
        "An obsolete synonym of start_new_thread()."
    ),
    row!(
        "start_joinable_thread(function, handle=None, daemon=True)",
        handle::start_joinable,
        "*For internal use only*: start a new thread."
    ),
    row!(
        "daemon_threads_allowed()",
        |_, _| Ok(s::true_()),
        "Return True if daemon threads are allowed in the current interpreter."
    ),
    row!("allocate_lock()", |_, _| locks::new_lock(), "Create a new lock object."),
    row!(
        "allocate()",
        |_, _| locks::new_lock(),
        "An obsolete synonym of allocate_lock()."
    ),
    row!(
        "get_ident()",
        |cx, _| number::int(cx.ident.get() as i64),
        "Return a non-zero integer that uniquely identifies the current thread."
    ),
    row!(
        "get_native_id()",
        |_, _| number::int(native_id()),
        "Return a non-negative integer identifying the thread as reported by the OS (kernel)."
    ),
    row!(
        "_get_main_thread_ident()",
        |_, _| number::int(MAIN.load(Ordering::Relaxed) as i64),
        "Internal only. Return a non-zero integer that uniquely identifies the main thread."
    ),
    row!(
        "_is_main_interpreter()",
        |_, _| Ok(s::true_()),
        "Return True if the current interpreter is the main Python interpreter."
    ),
    row!(
        "_count()",
        |_, _| number::int(handle::running() as i64),
        "Return the number of currently running Python threads, excluding the main thread."
    ),
    row!(
        "_shutdown()",
        |cx, _| {
            handle::wait_for_all(cx);
            Ok(s::none())
        },
        "Wait for all non-daemon threads (other than the calling thread) to stop."
    ),
    row!(
        "_make_thread_handle(ident, /)",
        handle::make_handle,
        "Internal only. Make a thread handle for threads not spawned by the _thread or threading module."
    ),
    row!(
        "stack_size(size=0, /)",
        stack_size,
        "Return the thread stack size used when creating new threads."
    ),
    row!(
        "exit()",
        |_, _| Err(skein_object::error::raise_args(&s::SYSTEM_EXIT, Vec::new())),
        "This is synonymous to ``raise SystemExit''."
    ),
    row!(
        "exit_thread()",
        |_, _| Err(skein_object::error::raise_args(&s::SYSTEM_EXIT, Vec::new())),
        "An obsolete synonym of exit()."
    ),
    row!(
        "interrupt_main(signum=2, /)",
        interrupt_main,
        "Simulate the arrival of the given signal in the main thread."
    ),
    row!("set_name(name)", set_name, "Set the name of the current thread."),
    row!(
        "_excepthook(args, /)",
        excepthook,
        "Handle uncaught Thread.run() exception."
    ),
];

static MAIN: AtomicU64 = AtomicU64::new(0);
static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);
/// Stack of a thread when none was asked for. Only touched pages take memory. ThreadSanitizer has room for 65,536 nested calls.
const DEFAULT_STACK: usize = if cfg!(tsan) { 2 << 20 } else { 16 << 20 };

/// Notes the main thread.
pub fn set_main(cx: &Context) {
    cx.ident.set(thread_ident());
    MAIN.store(cx.ident.get(), Ordering::Relaxed);
}

/// Whether the context is that of the main thread.
fn is_main(cx: &Context) -> bool {
    // Relaxed: only the thread itself, or the parent of a fork before it, writes its own identifier there.
    cx.ident.get() == MAIN.load(Ordering::Relaxed)
}

/// The child of a fork: the current thread is the main thread, and no other is left.
fn after_fork() {
    let cx = Context::current();
    let was_main = is_main(cx);
    set_main(cx);
    skein_stdlib_posix::signal::set_main_thread();
    handle::after_fork(cx, was_main);
}

/// Identifier of the calling thread: its pthread handle.
fn thread_ident() -> u64 {
    // SAFETY: a plain query of the current thread.
    #[allow(unsafe_code)]
    unsafe {
        libc::pthread_self() as u64
    }
}

fn native_id() -> i64 {
    // SAFETY: a plain query of the current thread.
    #[allow(unsafe_code)]
    unsafe {
        libc::gettid() as i64
    }
}

fn stack_bytes() -> usize {
    match STACK_SIZE.load(Ordering::Relaxed) {
        0 => DEFAULT_STACK,
        n => n,
    }
}

fn stack_size(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let old = STACK_SIZE.load(Ordering::Relaxed);
    if let Some(n) = a.opt(0) {
        let n = protocol::convert::to_i64(cx, n)?;
        if n < 0 {
            return Err(value_error("size must be 0 or a positive value"));
        }
        if n != 0 && n < 32768 {
            return Err(value_error(format!("size not valid: {n} bytes")));
        }
        STACK_SIZE.store(n as usize, Ordering::Relaxed);
    }
    number::int(old as i64)
}

fn start_new_thread(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if !protocol::is_callable(a.at(0)) {
        return Err(type_error("first arg must be callable"));
    }
    let Some(args) = tuple::items(a.at(1)) else {
        return Err(type_error("2nd arg must be a tuple"));
    };
    let mut all = args.to_vec();
    let mut names = None;
    if let Some(kw) = a.opt_not_none(2) {
        if kw.body::<skein_object::DictBody>().is_none() {
            return Err(type_error("optional 3rd arg must be a dictionary"));
        }
        let entries = dict::entries(kw);
        names = Some(tuple::new(entries.iter().map(|(k, _)| k.clone()).collect())?);
        all.extend(entries.into_iter().map(|(_, v)| v));
    }
    let h = handle::new(true)?;
    handle::start(cx, &h, a.at(0).clone(), all, names)?;
    number::int(handle::ident(&h) as i64)
}

fn interrupt_main(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = match a.opt(0) {
        Some(n) => protocol::convert::to_i64(cx, n)?,
        None => 2,
    };
    if !(1..=64).contains(&n) {
        return Err(value_error("signal number out of range"));
    }
    crate::modules::simulate_signal(n as i32);
    // At once in the main thread itself.
    (skein_object::context::hooks().poll)(cx)?;
    Ok(s::none())
}

fn set_name(_: &Context, a: Args<'_>) -> Result<Ref> {
    let name: Vec<u8> = str::text(a.at(0))
        .bytes()
        .filter(|b| *b != 0)
        .take(15)
        .chain([0])
        .collect();
    // SAFETY: a terminated string of at most 16 bytes, for the current thread.
    #[allow(unsafe_code)]
    unsafe {
        libc::pthread_setname_np(libc::pthread_self(), name.as_ptr().cast());
    }
    Ok(s::none())
}

fn excepthook(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(items) = tuple::items(a.at(0)) else {
        return Err(type_error("_thread._excepthook argument type must be ExceptHookArgs"));
    };
    let get = |i: usize| items.get(i).filter(|v| !s::is_none(v));
    if let Some(t) = get(0).and_then(skein_object::Type::from_ref)
        && t.is_subtype(&s::SYSTEM_EXIT)
    {
        return Ok(s::none());
    }
    let name = match get(3) {
        Some(t) => str::text(&protocol::str_of(cx, &protocol::getattr_str(cx, t, "name")?)?),
        None => cx.ident.get().to_string(),
    };
    if context::sys_attr(&intern::name("stderr")).is_some_and(|f| s::is_none(&f)) {
        // The thread remembers the one that was there when it was made.
        let Some(file) = get(3)
            .and_then(|t| protocol::getattr_str(cx, t, "_stderr").ok())
            .filter(|f| !s::is_none(f))
        else {
            return Ok(s::none());
        };
        protocol::call_method(
            cx,
            &file,
            names::write(),
            &[str::from_str(&format!("Exception in thread {name}:\n"))?],
        )?;
        if let Some(e) = get(1) {
            let none = s::none();
            let print = protocol::getattr_str(cx, &crate::import::import_module(cx, "traceback")?, "print_exception")?;
            let class = get(0).unwrap_or(&none);
            protocol::call(
                cx,
                &print,
                &[
                    class.clone(),
                    e.clone(),
                    get(2).cloned().unwrap_or_else(s::none),
                    none.clone(),
                    file.clone(),
                ],
            )?;
        }
        return protocol::call_method(cx, &file, names::flush(), &[]);
    }
    crate::start::write_stderr(cx, &format!("Exception in thread {name}:\n"));
    if let Some(e) = get(1) {
        if let Some(b) = e.body::<ExceptionBody>()
            && b.traceback.is_null()
        {
            drop(b.traceback.set(e.holder(), get(2).cloned()));
        }
        crate::report::print(cx, &Error(e.clone()));
    }
    Ok(s::none())
}

/// A timeout argument in seconds; `None`: wait for ever.
///
/// # Errors
/// ValueError, OverflowError, TypeError as CPython's.
pub(crate) fn timeout(cx: &Context, blocking: bool, t: Option<&Ref>) -> Result<Option<std::time::Duration>> {
    let Some(t) = t else {
        return Ok(if blocking {
            None
        } else {
            Some(std::time::Duration::ZERO)
        });
    };
    let x = protocol::convert::to_f64(cx, t)?;
    if !blocking && x != -1.0 {
        return Err(value_error("can't specify a timeout for a non-blocking call"));
    }
    if !blocking {
        return Ok(Some(std::time::Duration::ZERO));
    }
    if x == -1.0 {
        return Ok(None);
    }
    if x.is_nan() {
        return Err(value_error("Invalid value NaN (not a number)"));
    }
    if x < 0.0 {
        return Err(value_error("timeout value must be a non-negative number"));
    }
    if x > TIMEOUT_MAX {
        return Err(overflow_error("timeout value is too large"));
    }
    Ok(Some(std::time::Duration::from_secs_f64(x)))
}

/// Releases one level of a reentrant lock whose guard was forgotten; false if the current thread does not have it.
pub fn release_import_lock(lock: &skein_gc::lock::ReentrantMutex<()>) -> bool {
    if !lock.is_owned_by_current_thread() {
        return false;
    }
    // SAFETY: the current thread owns the lock through a guard that was forgotten.
    #[allow(unsafe_code)]
    unsafe {
        lock.force_unlock();
    }
    true
}

/// RuntimeError of a thread that cannot be started.
fn cannot_start() -> Error {
    runtime_error("can't start new thread")
}
