//! `_signal`.
//!
//! The C handler sets a flag for the signal and asks the main thread for a poll; Python handlers run in [`run_handlers`],
//! which the embedding calls from the main thread's poll. A signal that another thread gets is sent on to the main thread,
//! so that what the main thread waits for is interrupted.

use crate::structseq::{StructSeq, declare};
use crate::{add_ints, ints, sys};
use skein_gc::lock::Mutex;
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{Args, ModuleDef, Row};
use skein_object::object::Payload;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, dict, number, protocol, row, set, statics as s, tuple};
use skein_stdlib_os::{arg, blocking};
use skein_types::startup::{TypeDef, ready_type};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU16, AtomicU64, Ordering};

pub static SIGNAL: ModuleDef = ModuleDef {
    name: "_signal",
    doc: "This module provides mechanisms to use signal handlers in Python.",
    functions: FUNCTIONS,
    init,
};

/// Bit of the poll word that a signal sets.
pub const REQUEST: u32 = skein_gc::mutator::request::INTERPRETER;

const COUNT: usize = 65;

/// Signals that have come and whose handlers have not run. Set by the C handler, cleared by the main thread; all orders are
/// SeqCst, since handlers run between any two instructions and nothing here is hot.
static TRIPPED: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
static ANY: AtomicBool = AtomicBool::new(false);
/// `set_wakeup_fd`; -1: none.
static WAKEUP: AtomicI32 = AtomicI32::new(-1);
static WARN_ON_FULL: AtomicBool = AtomicBool::new(true);
/// The main thread, as pthread_t; 0 before the module is made.
static MAIN: AtomicU64 = AtomicU64::new(0);
/// Its slot in the register of threads.
static MAIN_SLOT: AtomicU16 = AtomicU16::new(1);
/// What Python code has installed.
static HANDLERS: Mutex<Vec<Option<Ref>>> = Mutex::new(Vec::new());
static DEFAULT_INT: OnceLock<Ref> = OnceLock::new();

pub static ITIMER_ERROR: Type = Type::declare(
    "signal.itimer_error",
    Some(&s::OS_ERROR),
    <skein_object::ExceptionBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

pub static STRUCT_SIGINFO: Type = declare("signal.struct_siginfo");
static SIGINFO: StructSeq = StructSeq {
    ty: &STRUCT_SIGINFO,
    fields: &[
        "si_signo",
        "si_code",
        "si_errno",
        "si_pid",
        "si_uid",
        "si_status",
        "si_band",
    ],
    hidden: &[],
    doc: "struct_siginfo: Result from sigwaitinfo or sigtimedwait.",
};

/// The C handler: nothing but atomics and async-signal-safe calls.
extern "C" fn handle(sig: libc::c_int) {
    let main = MAIN.load(Ordering::SeqCst);
    if main != 0 && main != sys::thread_self() {
        let _ = sys::pthread_kill(main, sig);
        return;
    }
    if let Some(t) = TRIPPED.get(sig as usize) {
        t.store(true, Ordering::SeqCst);
    }
    ANY.store(true, Ordering::SeqCst);
    skein_gc::mutator::request_self(REQUEST);
    let fd = WAKEUP.load(Ordering::SeqCst);
    if fd >= 0 {
        let _ = sys::write(fd, &[sig as u8], None);
    }
}

/// Acts as if a signal had come; nothing happens if Python code does not handle it.
pub fn simulate(sig: i32) {
    let handled = HANDLERS.lock().get(sig as usize).cloned().flatten();
    if !handled.is_some_and(|h| protocol::is_callable(&h)) {
        return;
    }
    if let Some(t) = TRIPPED.get(sig as usize) {
        t.store(true, Ordering::SeqCst);
    }
    ANY.store(true, Ordering::SeqCst);
    skein_gc::registry::request_slot(MAIN_SLOT.load(Ordering::SeqCst), REQUEST);
    let fd = WAKEUP.load(Ordering::SeqCst);
    if fd >= 0 {
        let _ = sys::write(fd, &[sig as u8], None);
    }
}

/// Says that the current thread is the main thread, to which signals go.
pub fn set_main_thread() {
    MAIN_SLOT.store(skein_gc::mutator::current_slot(), Ordering::SeqCst);
    MAIN.store(sys::thread_self(), Ordering::SeqCst);
}

/// To be called when the current thread may have got another slot.
pub fn note_slot() {
    if is_main() {
        MAIN_SLOT.store(skein_gc::mutator::current_slot(), Ordering::SeqCst);
    }
}

fn is_main() -> bool {
    MAIN.load(Ordering::SeqCst) == sys::thread_self()
}

/// Runs the handlers of signals that have come. Does nothing but in the main thread.
///
/// # Errors
/// What a handler raises; the signals after it wait for the next poll.
pub fn run_handlers(cx: &Context) -> Result<()> {
    if !is_main() {
        return Ok(());
    }
    skein_gc::mutator::clear_requests(REQUEST);
    if !ANY.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    for (sig, tripped) in TRIPPED.iter().enumerate().skip(1) {
        if !tripped.swap(false, Ordering::SeqCst) {
            continue;
        }
        let handler = HANDLERS.lock().get(sig).cloned().flatten();
        // Before somebody imports `signal`, there is no handler object.
        if handler.is_none() && sig == libc::SIGINT as usize && sys::disposition(libc::SIGINT) == handler_address() {
            ANY.store(true, Ordering::SeqCst);
            skein_gc::mutator::request_self(REQUEST);
            return Err(skein_object::error::raise_args(&s::KEYBOARD_INTERRUPT, Vec::new()));
        }
        let Some(f) = handler.filter(protocol::is_callable) else {
            continue;
        };
        let frame = (skein_object::context::hooks().frame_object)(cx, 0).unwrap_or_else(s::none);
        if let Err(e) = protocol::call(cx, &f, &[Ref::small(sig as i32), frame]) {
            ANY.store(true, Ordering::SeqCst);
            skein_gc::mutator::request_self(REQUEST);
            return Err(e);
        }
    }
    Ok(())
}

/// `signal.signal(SIGINT, signal.default_int_handler)`, as start-up does it, unless SIGINT is ignored; and ignores SIGPIPE.
pub fn install_defaults() {
    let _ = sys::install(libc::SIGPIPE, libc::SIG_IGN);
    let _ = sys::install(libc::SIGXFSZ, libc::SIG_IGN);
    if sys::disposition(libc::SIGINT) == libc::SIG_DFL {
        let _ = sys::install(libc::SIGINT, handler_address());
    }
}

fn handler_address() -> usize {
    handle as extern "C" fn(libc::c_int) as usize
}

static FUNCTIONS: &[Row] = &[
    row!(
        "default_int_handler(signalnum, frame, /)",
        |_, _| Err(skein_object::error::raise_args(&s::KEYBOARD_INTERRUPT, Vec::new())),
        "The default handler for SIGINT installed by Python."
    ),
    row!(
        "signal(signalnum, handler, /)",
        signal,
        "Set the action for the given signal."
    ),
    row!(
        "getsignal(signalnum, /)",
        getsignal,
        "Return the current action for the given signal."
    ),
    row!(
        "raise_signal(signalnum, /)",
        |cx, a| {
            let n = arg::int(cx, a.at(0))?;
            sys::raise(n).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
            (skein_object::context::hooks().poll)(cx)?;
            Ok(s::none())
        },
        "Send a signal to the executing process."
    ),
    row!(
        "strsignal(signalnum, /)",
        |cx, a| {
            let n = number_arg(cx, a.at(0))?;
            match sys::strsignal(n) {
                Some(t) if !t.starts_with(b"Unknown signal") => skein_stdlib_os::path::decode(&t),
                _ => Ok(s::none()),
            }
        },
        "Return the system description of the given signal."
    ),
    row!(
        "set_wakeup_fd(fd, /, *, warn_on_full_buffer=True)",
        set_wakeup_fd,
        "Sets the fd to be written to (with the signal number) when a signal comes in."
    ),
    row!(
        "siginterrupt(signalnum, flag, /)",
        |cx, a| {
            let n = number_arg(cx, a.at(0))?;
            sys::siginterrupt(n, arg::int(cx, a.at(1))? != 0).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
            Ok(s::none())
        },
        ""
    ),
    row!(
        "alarm(seconds, /)",
        |cx, a| number::int(sys::alarm(arg::int(cx, a.at(0))? as u32).unwrap_or(0)),
        "Arrange for SIGALRM to arrive after the given number of seconds."
    ),
    row!("setitimer(which, seconds, interval=0.0, /)", setitimer, ""),
    row!(
        "getitimer(which, /)",
        |cx, a| timer(sys::getitimer(arg::int(cx, a.at(0))?)),
        ""
    ),
    row!(
        "pause()",
        |cx, _| {
            let _ = skein_gc::mutator::waiting(sys::pause);
            (skein_object::context::hooks().poll)(cx)?;
            Ok(s::none())
        },
        "Wait until a signal arrives."
    ),
    row!(
        "pthread_kill(thread_id, signalnum, /)",
        |cx, a| {
            let (t, n) = (arg::mask64(cx, a.at(0))?, arg::int(cx, a.at(1))?);
            sys::pthread_kill(t, n).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
            (skein_object::context::hooks().poll)(cx)?;
            Ok(s::none())
        },
        "Send a signal to a thread."
    ),
    row!(
        "pthread_sigmask(how, mask, /)",
        |cx, a| {
            let (how, list) = (arg::int(cx, a.at(0))?, signals(cx, a.at(1))?);
            let old = sys::sigmask(how, Some(&sys::sigset(&list))).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
            (skein_object::context::hooks().poll)(cx)?;
            numbers(cx, sys::sigset_list(&old))
        },
        "Fetch and/or change the signal mask of the calling thread."
    ),
    row!(
        "sigpending()",
        |cx, _| {
            let p = sys::sigpending().map_err(|e| skein_stdlib_os::error::from_io(&e))?;
            numbers(cx, sys::sigset_list(&p))
        },
        ""
    ),
    row!(
        "sigwait(sigset, /)",
        |cx, a| {
            let list = sys::sigset(&signals(cx, a.at(0))?);
            let info = blocking(cx, || sys::sigtimedwait(&list, None))?;
            number::int(i64::from(info.si_signo))
        },
        "Wait for a signal."
    ),
    row!(
        "sigwaitinfo(sigset, /)",
        |cx, a| {
            let list = sys::sigset(&signals(cx, a.at(0))?);
            siginfo(cx, &blocking(cx, || sys::sigtimedwait(&list, None))?)
        },
        ""
    ),
    row!(
        "sigtimedwait(sigset, timeout, /)",
        |cx, a| {
            let list = sys::sigset(&signals(cx, a.at(0))?);
            let t = crate::time::timespec(cx, a.at(1))?;
            if t.tv_sec < 0 {
                return Err(value_error("timeout must be non-negative"));
            }
            match skein_stdlib_os::retry(cx, || sys::sigtimedwait(&list, Some(t)))? {
                Ok(i) => siginfo(cx, &i),
                Err(e) if e.raw_os_error() == Some(libc::EAGAIN) => Ok(s::none()),
                Err(e) => Err(skein_stdlib_os::error::from_io(&e)),
            }
        },
        ""
    ),
    row!(
        "valid_signals()",
        |cx, _| {
            let (low, high) = sys::realtime_signals();
            numbers(cx, (1..32).chain(low..=high).collect())
        },
        "Return a set of valid signal numbers on this platform."
    ),
];

fn siginfo(cx: &Context, i: &libc::siginfo_t) -> Result<Ref> {
    let (pid, uid, status) = sys::siginfo_child(i);
    let items = [i.si_signo, i.si_code, i.si_errno, pid, uid as i32, status, 0];
    SIGINFO.make(cx, items.into_iter().map(Ref::small).collect(), Vec::new())
}

fn numbers(cx: &Context, list: Vec<i32>) -> Result<Ref> {
    let out = set::new()?;
    for n in list {
        set::add(cx, &out, Ref::small(n))?;
    }
    Ok(out)
}

fn signals(cx: &Context, r: &Ref) -> Result<Vec<i32>> {
    let mut out = Vec::new();
    for n in protocol::collect(cx, r)? {
        match arg::as_i64(cx, &n)? {
            Some(n) if (1..COUNT as i64).contains(&n) => out.push(n as i32),
            Some(n) => {
                return Err(value_error(format!(
                    "signal number {n} out of range [1; {}]",
                    COUNT - 1
                )));
            }
            None => return Err(value_error("signal number out of range")),
        }
    }
    Ok(out)
}

fn number_arg(cx: &Context, r: &Ref) -> Result<i32> {
    match arg::int(cx, r)? {
        n if (1..COUNT as i32).contains(&n) => Ok(n),
        _ => Err(value_error("signal number out of range")),
    }
}

/// SIG_DFL or SIG_IGN, which are ints.
fn constant(r: &Ref) -> Option<usize> {
    match number::int_value(r)?.to_i64()? {
        0 => Some(libc::SIG_DFL),
        1 => Some(libc::SIG_IGN),
        _ => None,
    }
}

fn signal(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = arg::int(cx, a.at(0))?;
    if !is_main() {
        return Err(value_error("signal only works in main thread of the main interpreter"));
    }
    if !(1..COUNT as i32).contains(&n) {
        return Err(value_error("signal number out of range"));
    }
    let (address, handler) = if protocol::is_callable(a.at(1)) {
        (handler_address(), a.at(1).clone())
    } else {
        match constant(a.at(1)) {
            Some(c) => (c, number::int(c as i64)?),
            None => {
                return Err(type_error(
                    "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object",
                ));
            }
        }
    };
    (skein_object::context::hooks().poll)(cx)?;
    let before = current(n)?;
    sys::install(n, address).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    skein_gc::publish::publish(handler.value());
    let old = {
        let mut g = HANDLERS.lock();
        if g.len() < COUNT {
            g.resize(COUNT, None);
        }
        g[n as usize].replace(handler)
    };
    drop(old);
    Ok(before)
}

/// The handler now: what was installed here, else what the process came with.
fn current(n: i32) -> Result<Ref> {
    if let Some(f) = HANDLERS.lock().get(n as usize).cloned().flatten() {
        return Ok(f);
    }
    match sys::disposition(n) {
        c @ (libc::SIG_DFL | libc::SIG_IGN) => number::int(c as i64),
        h if h == handler_address() && n == libc::SIGINT => Ok(DEFAULT_INT.get().cloned().unwrap_or_else(s::none)),
        _ => Ok(s::none()),
    }
}

fn getsignal(cx: &Context, a: Args<'_>) -> Result<Ref> {
    current(number_arg(cx, a.at(0))?)
}

fn set_wakeup_fd(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = arg::int(cx, a.at(0))?;
    let warn = arg::flag(cx, a.opt(1), true)?;
    if !is_main() {
        return Err(value_error(
            "set_wakeup_fd only works in main thread of the main interpreter",
        ));
    }
    if fd >= 0 {
        sys::fstat(fd).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
        let flags = sys::fcntl(fd, libc::F_GETFL, 0).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
        if flags & i64::from(libc::O_NONBLOCK) == 0 {
            return Err(value_error(format!("the fd {fd} must be in non-blocking mode")));
        }
    }
    WARN_ON_FULL.store(warn, Ordering::SeqCst);
    number::int(i64::from(WAKEUP.swap(fd.max(-1), Ordering::SeqCst)))
}

fn timeval(x: f64) -> libc::timeval {
    libc::timeval {
        tv_sec: x.trunc() as i64,
        tv_usec: (x.fract() * 1e6).ceil() as i64,
    }
}

fn setitimer(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let which = arg::int(cx, a.at(0))?;
    let value = protocol::convert::to_f64(cx, a.at(1))?;
    let interval = a.opt(2).map_or(Ok(0.0), |x| protocol::convert::to_f64(cx, x))?;
    timer(sys::setitimer(
        which,
        libc::itimerval {
            it_interval: timeval(interval),
            it_value: timeval(value),
        },
    ))
}

fn timer(r: std::io::Result<libc::itimerval>) -> Result<Ref> {
    let v = r.map_err(|e| {
        let n = skein_stdlib_os::error::errno_of(&e);
        skein_stdlib_os::error::of_class(&ITIMER_ERROR, n, &skein_stdlib_os::error::strerror(n), None, None)
    })?;
    let seconds = |t: libc::timeval| number::float(t.tv_sec as f64 + t.tv_usec as f64 / 1e6);
    tuple::new(vec![seconds(v.it_value)?, seconds(v.it_interval)?])
}

static NUMBERS: &[(&str, i64)] = ints![
    SIGHUP,
    SIGINT,
    SIGQUIT,
    SIGILL,
    SIGTRAP,
    SIGIOT,
    SIGABRT,
    SIGFPE,
    SIGKILL,
    SIGBUS,
    SIGSEGV,
    SIGSYS,
    SIGPIPE,
    SIGALRM,
    SIGTERM,
    SIGUSR1,
    SIGUSR2,
    SIGCHLD,
    SIGPWR,
    SIGIO,
    SIGURG,
    SIGWINCH,
    SIGPOLL,
    SIGSTOP,
    SIGTSTP,
    SIGCONT,
    SIGTTIN,
    SIGTTOU,
    SIGVTALRM,
    SIGPROF,
    SIGXCPU,
    SIGXFSZ,
    SIGSTKFLT,
    SIG_DFL,
    SIG_IGN,
    SIG_BLOCK,
    SIG_UNBLOCK,
    SIG_SETMASK,
    ITIMER_REAL,
    ITIMER_VIRTUAL,
    ITIMER_PROF,
];

fn init(_: &Context, d: &Ref) -> Result<()> {
    SIGINFO.ready()?;
    if !ITIMER_ERROR.has(flag::READY) {
        ready_type(&TypeDef::new(&ITIMER_ERROR))?;
    }
    if MAIN.load(Ordering::SeqCst) == 0 {
        set_main_thread();
    }
    add_ints(d, NUMBERS)?;
    let (low, high) = sys::realtime_signals();
    add_ints(
        d,
        &[
            ("SIGCLD", i64::from(libc::SIGCHLD)),
            ("SIGRTMIN", i64::from(low)),
            ("SIGRTMAX", i64::from(high)),
            ("NSIG", COUNT as i64),
        ],
    )?;
    if let Some(f) = dict::get_name(d, &skein_object::intern::name("default_int_handler")) {
        let _ = DEFAULT_INT.set(f.clone());
        if sys::disposition(libc::SIGINT) == handler_address() {
            let mut g = HANDLERS.lock();
            if g.len() < COUNT {
                g.resize(COUNT, None);
            }
            g[libc::SIGINT as usize].get_or_insert(f);
        }
    }
    dict::set_str(d, "ItimerError", ITIMER_ERROR.object())?;
    dict::set_str(d, "struct_siginfo", STRUCT_SIGINFO.object())
}
