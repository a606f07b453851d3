//! Threads and their handles.

use super::{cannot_start, spawn, stack_bytes, thread_ident};
use skein_gc::lock::Mutex;
use skein_interpreter::frame::Stacks;
use skein_interpreter::trace;
use skein_object::error::{Result, runtime_error, type_error};
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::{Args, Context, Payload, Ref, Type, payload, protocol, row, statics as s, str, types::flag};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{self, Arc, Condvar, PoisonError, Weak};
use std::time::{Duration, Instant};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Starting,
    Running,
    Done,
    /// It could not be started: who waits for the start says so.
    Failed,
}

struct Shared {
    state: sync::Mutex<(State, u64)>,
    changed: Condvar,
}

impl Shared {
    fn state(&self) -> sync::MutexGuard<'_, (State, u64)> {
        // Nothing panics that holds it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct HandleBody(Arc<Shared>);
payload!(HandleBody, "_ThreadHandle", |_this, _v| {});

pub static HANDLE: Type = Type::declare(
    "_thread._ThreadHandle",
    Some(&s::OBJECT),
    <HandleBody as Payload>::LAYOUT,
    flag::WEAKREFABLE,
);

/// Threads that the end of the process waits for.
static WAITED: Mutex<Vec<Arc<Shared>>> = Mutex::new(Vec::new());
static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// Handles of threads that have not ended, those of threads that were not started here among them.
static STARTED: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

fn note(h: &Arc<Shared>) {
    let mut started = STARTED.lock();
    started.retain(|t| t.strong_count() > 0);
    started.push(Arc::downgrade(h));
}

fn forget(h: &Arc<Shared>) {
    STARTED.lock().retain(|t| !std::ptr::eq(t.as_ptr(), Arc::as_ptr(h)));
}

/// Number of threads besides the main one.
pub fn running() -> usize {
    RUNNING.load(Ordering::Acquire)
}

/// Calls `fork` with the locks held that a thread takes when it ends or waits for another, which it does detached.
pub fn across_fork(fork: &mut dyn FnMut() -> i32) -> i32 {
    let _waited = WAITED.lock();
    let started = STARTED.lock();
    let handles: Vec<Arc<Shared>> = started.iter().filter_map(Weak::upgrade).collect();
    let _states: Vec<_> = handles.iter().map(|h| h.state()).collect();
    fork()
}

/// The child of a fork: all threads but the current one have ended.
pub fn after_fork(cx: &Context, was_main: bool) {
    let gone = std::mem::take(&mut *STARTED.lock());
    for h in gone.iter().filter_map(Weak::upgrade) {
        let mut s = h.state();
        if s.1 == cx.ident.get() {
            drop(s);
            STARTED.lock().push(Arc::downgrade(&h));
        } else {
            s.0 = State::Done;
        }
    }
    // Relaxed: there is one thread, which counts until it ends if it was counted before.
    RUNNING.store(usize::from(!was_main), Ordering::Relaxed);
    WAITED.lock().clear();
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: FIELDS,
        ..TypeDef::new(&HANDLE)
    })
}

fn slots(t: &Slots) {
    t.new.set(Some(|_, _, _, _| new(false)));
    t.repr.set(Some(|_, r| {
        str::from_str(&format!("<_ThreadHandle object: ident={}>", ident(r)))
    }));
}

/// A handle without a thread.
///
/// # Errors
/// MemoryError.
pub fn new(_detached: bool) -> Result<Ref> {
    let shared = Shared {
        state: sync::Mutex::new((State::New, 0)),
        changed: Condvar::new(),
    };
    alloc(&HANDLE, HandleBody(Arc::new(shared)))
}

fn shared(r: &Ref) -> Result<&Arc<Shared>> {
    r.body::<HandleBody>()
        .map(|b| &b.0)
        .ok_or_else(|| type_error("handle must be a _ThreadHandle"))
}

/// Identifier of the handle's thread; 0 before it runs.
pub fn ident(r: &Ref) -> u64 {
    shared(r).map_or(0, |h| h.state().1)
}

/// What a new thread gets; all of it has been published.
struct Work {
    function: Ref,
    args: Vec<Ref>,
    names: Option<Ref>,
}

/// Starts a thread that calls `function`.
///
/// # Errors
/// RuntimeError if the system has no more threads.
pub fn start(cx: &Context, handle: &Ref, function: Ref, args: Vec<Ref>, names: Option<Ref>) -> Result<()> {
    let h = shared(handle)?.clone();
    {
        let mut s = h.state();
        if s.0 != State::New {
            return Err(runtime_error("thread already started"));
        }
        s.0 = State::Starting;
    }
    // Before the process has a second thread nothing is shared; from now on everything that exists is.
    if skein_gc::registry::threads() <= 1 {
        skein_interpreter::generator::cut(cx);
        if skein_gc::registry::make_everything_shared().is_err() {
            return Err(cannot_start());
        }
    }
    skein_stdlib_posix::signal::note_slot();
    skein_gc::publish::publish(function.value());
    for a in args.iter().chain(names.iter()) {
        skein_gc::publish::publish(a.value());
    }
    let context = cx.contextvars.borrow().clone();
    if let Some(c) = &context {
        skein_gc::publish::publish(c.value());
    }
    // Stays here until the thread can do it: what is dropped is dropped by a thread that runs.
    let work = Arc::new(sync::Mutex::new(Some(Work { function, args, names })));
    if crate::start::is_finalizing() {
        h.state().0 = State::Done;
        return Err(skein_object::error::raise(
            &s::PYTHON_FINALIZATION_ERROR,
            "can't create new thread at interpreter shutdown",
        ));
    }
    RUNNING.fetch_add(1, Ordering::AcqRel);
    note(&h);
    let (theirs, parcel) = (h.clone(), work.clone());
    if !spawn::spawn(stack_bytes(), Box::new(move || body(theirs, parcel))) {
        RUNNING.fetch_sub(1, Ordering::AcqRel);
        forget(&h);
        h.state().0 = State::Done;
        return Err(cannot_start());
    }
    // The identifier is known when the thread runs.
    skein_gc::mutator::detached(|| {
        let mut s = h.state();
        while s.0 == State::Starting {
            s = h.changed.wait(s).unwrap_or_else(PoisonError::into_inner);
        }
    });
    let mut s = h.state();
    if s.0 == State::Failed {
        s.0 = State::Done;
        h.changed.notify_all();
        return Err(cannot_start());
    }
    Ok(())
}

fn set_state(shared: &Shared, state: State, ident: Option<u64>) {
    let mut s = shared.state();
    s.0 = state;
    if let Some(i) = ident {
        s.1 = i;
    }
    shared.changed.notify_all();
}

/// The new thread.
fn body(shared: Arc<Shared>, parcel: Arc<sync::Mutex<Option<Work>>>) {
    if skein_gc::mutator::enter().is_err() {
        drop(parcel);
        ended(&shared, State::Failed);
        return;
    }
    let cx = Context::enter();
    cx.ident.set(thread_ident());
    let mut end = State::Failed;
    let take = || parcel.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Ok(stacks) = Stacks::install(cx, false)
        && let Some(work) = take()
    {
        end = State::Done;
        set_state(&shared, State::Running, Some(cx.ident.get()));
        trace::update(cx);
        let Work { function, args, names } = work;
        let r = protocol::call_kw(cx, &function, &args, names.as_ref());
        drop(args);
        drop(names);
        if let Err(e) = r
            && !e.is(&s::SYSTEM_EXIT)
        {
            (skein_object::context::hooks().unraisable)(
                cx,
                e,
                Some("Exception ignored in thread started by"),
                &function,
            );
        }
        drop(function);
        // What the thread has dropped dies now if nobody else holds it, and not when some other thread comes by.
        let _ = skein_gc::mutator::poll();
        release_context(cx);
        drop(stacks);
    }
    let last = super::is_main(cx);
    // SAFETY: its own; with the stacks the frames and the roots are gone, and it is not named again.
    #[allow(unsafe_code)]
    unsafe {
        Context::leave(cx);
    }
    skein_gc::mutator::leave();
    drop(parcel);
    ended(&shared, end);
    if last {
        // The child of a fork in this thread: it ends with its threads, and not all of them run Python code.
        while running() > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::process::exit(0);
    }
}

fn ended(shared: &Arc<Shared>, state: State) {
    RUNNING.fetch_sub(1, Ordering::AcqRel);
    forget(shared);
    WAITED.lock().retain(|w| !Arc::ptr_eq(w, shared));
    set_state(shared, state, None);
}

/// How often finalisers may put something into the context of a thread that ends.
const ROUNDS: usize = 100;

/// Drops what the thread's context still holds. What finalisers put there meanwhile goes as well; what never ends is left to leak, as
/// nothing can run once the context is gone.
fn release_context(cx: &Context) {
    // Taken out before they are dropped: finalisers may use them.
    let held = || {
        !cx.locals.borrow().is_empty()
            || [&cx.async_exc, &cx.contextvars, &cx.trace, &cx.profile]
                .iter()
                .any(|cell| cell.borrow().is_some())
            || matches!(&*cx.async_gen_hooks.borrow(), (Some(_), _) | (_, Some(_)))
    };
    for _ in 0..ROUNDS {
        drop(cx.locals.take());
        drop(cx.swap_handled(None));
        drop(cx.async_exc.take());
        drop(cx.contextvars.take());
        drop(cx.trace.take());
        drop(cx.profile.take());
        drop(cx.async_gen_hooks.take());
        if !held() {
            break;
        }
    }
    trace::leave(cx);
    std::mem::forget((cx.locals.take(), cx.async_exc.take(), cx.contextvars.take()));
    std::mem::forget((cx.trace.take(), cx.profile.take(), cx.async_gen_hooks.take()));
}

/// `start_joinable_thread(function, handle=None, daemon=True)`.
///
/// # Errors
/// TypeError, RuntimeError.
pub fn start_joinable(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let function = a.at(0).clone();
    if !protocol::is_callable(&function) {
        return Err(type_error("thread function must be callable"));
    }
    let handle = match a.opt_not_none(1) {
        Some(h) => {
            shared(h)?;
            h.clone()
        }
        None => new(false)?,
    };
    let daemon = a.opt(2).map_or(Ok(true), |d| protocol::is_true(cx, d))?;
    if !daemon {
        WAITED.lock().push(shared(&handle)?.clone());
    }
    match start(cx, &handle, function, Vec::new(), None) {
        Ok(()) => Ok(handle),
        Err(e) => {
            let h = shared(&handle)?;
            WAITED.lock().retain(|w| !Arc::ptr_eq(w, h));
            Err(e)
        }
    }
}

/// `_make_thread_handle(ident)`: of a thread that was not started here.
///
/// # Errors
/// TypeError.
pub fn make_handle(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = protocol::convert::to_i64(cx, a.at(0))?;
    let r = new(true)?;
    let h = shared(&r)?;
    *h.state() = (State::Running, id as u64);
    note(h);
    Ok(r)
}

/// Waits for a thread to end; false when the timeout passes first. Wakes up now and then for signals.
fn wait(cx: &Context, h: &Shared, limit: Option<Duration>) -> Result<bool> {
    const SLICE: Duration = Duration::from_millis(50);
    let until = limit.and_then(|l| Instant::now().checked_add(l));
    loop {
        let done = skein_gc::mutator::waiting(|| {
            let mut s = h.state();
            if s.0 != State::Done {
                let left = until.map_or(SLICE, |u| u.saturating_duration_since(Instant::now()).min(SLICE));
                s = h
                    .changed
                    .wait_timeout(s, left)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
            }
            s.0 == State::Done
        });
        if done {
            return Ok(true);
        }
        if until.is_some_and(|u| Instant::now() >= u) {
            return Ok(false);
        }
        if skein_gc::poll_word() != 0 {
            (skein_object::context::hooks().poll)(cx)?;
        }
    }
}

fn join(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let h = shared(a.at(0))?.clone();
    let limit = match a.opt_not_none(1) {
        Some(t) => {
            let x = protocol::convert::to_f64(cx, t)?;
            if x < 0.0 {
                None
            } else {
                Some(Duration::from_secs_f64(x.min(super::TIMEOUT_MAX)))
            }
        }
        None => None,
    };
    let (state, id) = *h.state();
    if state == State::New {
        return Err(runtime_error("thread not started"));
    }
    if state != State::Done && id == cx.ident.get() {
        return Err(runtime_error("Cannot join current thread"));
    }
    if state != State::Done && crate::start::is_finalizing() {
        return Err(skein_object::error::raise(
            &s::PYTHON_FINALIZATION_ERROR,
            "cannot join thread at interpreter shutdown",
        ));
    }
    wait(cx, &h, limit)?;
    Ok(s::none())
}

static METHODS: &[Row] = &[
    row!("join(self, timeout=None, /)", join, "Waits for the thread."),
    row!(
        "is_done(self, /)",
        |_, a| Ok(number::bool(shared(a.at(0))?.state().0 == State::Done)),
        "Whether the thread has ended."
    ),
    row!(
        "_set_done(self, /)",
        |_, a| {
            let h = shared(a.at(0))?;
            if h.state().0 == State::New {
                return Err(runtime_error("thread not started"));
            }
            set_state(h, State::Done, None);
            Ok(s::none())
        },
        "Marks the thread as ended."
    ),
];

static FIELDS: &[GetSet] = &[getset("ident", |_, r| number::int(ident(r) as i64))];

/// Waits for all threads that are no daemons.
pub fn wait_for_all(cx: &Context) {
    loop {
        let next = WAITED.lock().iter().find(|h| h.state().1 != cx.ident.get()).cloned();
        let Some(h) = next else { return };
        if wait(cx, &h, None).is_err() {
            // A signal handler raised: the process ends without waiting any longer.
            return;
        }
        WAITED.lock().retain(|w| !Arc::ptr_eq(w, &h));
    }
}
