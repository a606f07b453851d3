//! `lock` and `RLock`.
//!
//! A waiting thread is detached, so it holds up no handshake. The main thread wakes up now and then to run signal
//! handlers.

use super::timeout;
use skein_gc::lock::Gate;
use skein_object::context::hooks;
use skein_object::error::{Result, runtime_error, system_error, value_error};
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::{Args, Context, Payload, Ref, Type, payload, protocol, row, statics as s, str, tuple, types::flag};
use skein_types::startup::{TypeDef, ready_type};
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A lock that any thread may release.
struct RawLock {
    gate: Gate,
    /// Slot of the thread that took it last, and how often to go to sleep at once because waiting for a moment was in vain. Hints,
    /// written by who takes the lock and who waits for it.
    holder: AtomicU16,
    vain: AtomicU8,
}

/// Waits without a look in between, after one look was in vain: the lock is held for long, or its holder does not run.
const MOST_VAIN: u8 = 3;

// Relaxed throughout: hints.
impl RawLock {
    const fn new() -> RawLock {
        RawLock {
            gate: Gate::new(),
            holder: AtomicU16::new(0),
            vain: AtomicU8::new(0),
        }
    }

    fn try_lock(&self) -> bool {
        let got = self.gate.try_lock();
        if got {
            self.holder.store(skein_gc::current_slot(), Ordering::Relaxed);
        }
        got
    }

    /// Takes the lock if it becomes free in a moment.
    #[cold]
    fn lock_soon(&self) -> bool {
        let me = skein_gc::current_slot();
        // Who waits for a lock that it took itself, as conditions do, waits for long.
        if self.holder.load(Ordering::Relaxed) == me {
            return false;
        }
        let vain = self.vain.load(Ordering::Relaxed);
        if vain > 0 {
            self.vain.store(vain - 1, Ordering::Relaxed);
            return false;
        }
        let got = self.gate.spin();
        if got {
            self.holder.store(me, Ordering::Relaxed);
        } else {
            self.vain.store(MOST_VAIN, Ordering::Relaxed);
        }
        got
    }

    /// Waits until `end` at most; false if the lock was not had by then. The thread is detached.
    fn lock_until(&self, end: Option<Instant>) -> bool {
        let got = self.gate.wait(end);
        if got {
            self.holder.store(skein_gc::current_slot(), Ordering::Relaxed);
        }
        got
    }
}

struct LockBody(RawLock);
payload!(LockBody, "lock", |_this, _v| {});

struct RLockBody {
    mutex: RawLock,
    /// Identifier of the owner; 0: none. Only the owner writes its own identifier here.
    owner: AtomicU64,
    /// Levels; only the owner reads and writes it.
    count: AtomicU64,
}
payload!(RLockBody, "RLock", |_this, _v| {});

pub static LOCK: Type = Type::declare(
    "_thread.lock",
    Some(&s::OBJECT),
    <LockBody as Payload>::LAYOUT,
    flag::WEAKREFABLE | flag::IMMUTABLE,
);
pub static RLOCK: Type = Type::declare(
    "_thread.RLock",
    Some(&s::OBJECT),
    <RLockBody as Payload>::LAYOUT,
    flag::WEAKREFABLE | flag::BASETYPE,
);

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots: lock_slots,
        methods: LOCK_METHODS,
        ..TypeDef::new(&LOCK)
    })?;
    ready_type(&TypeDef {
        slots: rlock_slots,
        methods: RLOCK_METHODS,
        ..TypeDef::new(&RLOCK)
    })
}

/// A new lock.
///
/// # Errors
/// MemoryError.
pub fn new_lock() -> Result<Ref> {
    alloc(&LOCK, LockBody(RawLock::new()))
}

fn lock_slots(t: &Slots) {
    t.new.set(Some(|_, _, args, _| {
        if args.is_empty() {
            new_lock()
        } else {
            Err(skein_object::error::type_error("lock() takes no arguments"))
        }
    }));
    t.repr.set(Some(|_, r| {
        let state = if body(r)?.0.gate.is_locked() {
            "locked"
        } else {
            "unlocked"
        };
        str::from_str(&format!("<{state} {} object at {:#x}>", r.ty().name(), r.value().0))
    }));
}

fn body(r: &Ref) -> Result<&LockBody> {
    r.body::<LockBody>().ok_or_else(|| system_error("not a lock"))
}

/// How long the main thread waits before it looks for signals.
const SLICE: Duration = Duration::from_millis(50);

/// Takes a mutex; false when the timeout passes first.
fn acquire_raw(cx: &Context, m: &RawLock, limit: Option<Duration>) -> Result<bool> {
    if m.try_lock() {
        return Ok(true);
    }
    if limit.is_some_and(|l| l.is_zero()) {
        return Ok(false);
    }
    if m.lock_soon() {
        return Ok(true);
    }
    let until = limit.and_then(|l| Instant::now().checked_add(l));
    let main = cx.ident.get() == super::MAIN.load(Ordering::Relaxed);
    loop {
        let left = until.map(|u| u.saturating_duration_since(Instant::now()));
        let wait = match (left, main) {
            (None, false) => None,
            (None, true) => Some(SLICE),
            (Some(l), false) => Some(l),
            (Some(l), true) => Some(l.min(SLICE)),
        };
        let end = wait.and_then(|w| Instant::now().checked_add(w));
        let got = skein_gc::mutator::waiting(|| m.lock_until(end));
        if got {
            return Ok(true);
        }
        if left.is_some_and(|l| l <= SLICE.min(wait.unwrap_or(SLICE))) && until.is_some_and(|u| Instant::now() >= u) {
            return Ok(false);
        }
        if skein_gc::poll_word() != 0 {
            (hooks().poll)(cx)?;
        }
    }
}

fn blocking(cx: &Context, a: &Args<'_>) -> Result<bool> {
    a.opt(1).map_or(Ok(true), |b| protocol::is_true(cx, b))
}

fn acquire(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let limit = timeout(cx, blocking(cx, &a)?, a.opt(2))?;
    Ok(number::bool(acquire_raw(cx, &body(a.at(0))?.0, limit)?))
}

fn release(_: &Context, a: Args<'_>) -> Result<Ref> {
    if body(a.at(0))?.0.gate.unlock() {
        Ok(s::none())
    } else {
        Err(runtime_error("release unlocked lock"))
    }
}

fn enter(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(acquire_raw(cx, &body(a.at(0))?.0, None)?))
}

fn reinit(_: &Context, a: Args<'_>) -> Result<Ref> {
    // In the child of a fork no other thread is left that could hold it.
    body(a.at(0))?.0.gate.unlock();
    Ok(s::none())
}

static LOCK_METHODS: &[Row] = &[
    row!("acquire(self, blocking=True, timeout=-1)", acquire, "Lock the lock."),
    row!(
        "acquire_lock(self, blocking=True, timeout=-1)",
        acquire,
        "An obsolete synonym of acquire()."
    ),
    row!(
        "release(self, /)",
        release,
        "Release the lock, allowing another thread that is blocked waiting for\nthe lock to acquire the lock."
    ),
    row!("release_lock(self, /)", release, "An obsolete synonym of release()."),
    row!(
        "locked(self, /)",
        |_, a| Ok(number::bool(body(a.at(0))?.0.gate.is_locked())),
        "Return whether the lock is in the locked state."
    ),
    row!(
        "locked_lock(self, /)",
        |_, a| Ok(number::bool(body(a.at(0))?.0.gate.is_locked())),
        "An obsolete synonym of locked()."
    ),
    row!("__enter__(self, /)", enter, "Lock the lock."),
    row!("__exit__(self, /, *exc_info)", release, "Release the lock.")
        .quick(|cx, args| Some(release(cx, Args::all(args)))),
    row!("_at_fork_reinit(self, /)", reinit, ""),
];

fn rbody(r: &Ref) -> Result<&RLockBody> {
    r.body::<RLockBody>().ok_or_else(|| system_error("not an RLock"))
}

fn rlock_slots(t: &Slots) {
    t.new.set(Some(|_, class, _, _| {
        let ty = Type::from_ref(class).ok_or_else(|| system_error("not a class"))?;
        alloc(
            ty,
            RLockBody {
                mutex: RawLock::new(),
                owner: AtomicU64::new(0),
                count: AtomicU64::new(0),
            },
        )
    }));
    t.repr.set(Some(|_, r| {
        let b = rbody(r)?;
        let state = if b.mutex.gate.is_locked() { "locked" } else { "unlocked" };
        str::from_str(&format!(
            "<{state} {} object owner={} count={} at {:#x}>",
            r.ty().name(),
            b.owner.load(Ordering::Relaxed),
            b.count.load(Ordering::Relaxed),
            r.value().0
        ))
    }));
}

/// Whether the current thread owns the lock. Relaxed: it alone writes its identifier.
fn owned(cx: &Context, b: &RLockBody) -> bool {
    b.owner.load(Ordering::Relaxed) == cx.ident.get()
}

fn racquire_raw(cx: &Context, b: &RLockBody, limit: Option<Duration>) -> Result<bool> {
    if owned(cx, b) {
        b.count.fetch_add(1, Ordering::Relaxed);
        return Ok(true);
    }
    if !acquire_raw(cx, &b.mutex, limit)? {
        return Ok(false);
    }
    b.owner.store(cx.ident.get(), Ordering::Relaxed);
    b.count.store(1, Ordering::Relaxed);
    Ok(true)
}

fn racquire(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let limit = timeout(cx, blocking(cx, &a)?, a.opt(2))?;
    Ok(number::bool(racquire_raw(cx, rbody(a.at(0))?, limit)?))
}

fn unlock(b: &RLockBody) {
    b.owner.store(0, Ordering::Relaxed);
    b.count.store(0, Ordering::Relaxed);
    b.mutex.gate.unlock();
}

fn rrelease(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = rbody(a.at(0))?;
    if !owned(cx, b) {
        return Err(runtime_error("cannot release un-acquired lock"));
    }
    if b.count.fetch_sub(1, Ordering::Relaxed) == 1 {
        unlock(b);
    }
    Ok(s::none())
}

fn release_save(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = rbody(a.at(0))?;
    if !owned(cx, b) {
        return Err(runtime_error("cannot release un-acquired lock"));
    }
    let state = tuple::new(vec![
        number::int(b.count.load(Ordering::Relaxed) as i64)?,
        number::int(b.owner.load(Ordering::Relaxed) as i64)?,
    ])?;
    unlock(b);
    Ok(state)
}

fn acquire_restore(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = rbody(a.at(0))?;
    let Some([count, owner, ..]) = tuple::items(a.at(1)) else {
        return Err(value_error("a saved state is wanted"));
    };
    acquire_raw(cx, &b.mutex, None)?;
    b.owner.store(owner.as_int().unwrap_or(0) as u64, Ordering::Relaxed);
    b.count.store(count.as_int().unwrap_or(1) as u64, Ordering::Relaxed);
    Ok(s::none())
}

static RLOCK_METHODS: &[Row] = &[
    row!("acquire(self, blocking=True, timeout=-1)", racquire, "Lock the lock."),
    row!("release(self, /)", rrelease, "Release the lock."),
    row!(
        "locked(self, /)",
        |_, a| Ok(number::bool(rbody(a.at(0))?.mutex.gate.is_locked())),
        "Return whether this object is locked."
    ),
    row!(
        "_is_owned(self, /)",
        |cx, a| Ok(number::bool(owned(cx, rbody(a.at(0))?))),
        "For internal use by `threading.Condition`."
    ),
    row!(
        "_release_save(self, /)",
        release_save,
        "For internal use by `threading.Condition`."
    ),
    row!(
        "_acquire_restore(self, state, /)",
        acquire_restore,
        "For internal use by `threading.Condition`."
    ),
    row!(
        "_recursion_count(self, /)",
        |cx, a| {
            let b = rbody(a.at(0))?;
            number::int(if owned(cx, b) {
                b.count.load(Ordering::Relaxed) as i64
            } else {
                0
            })
        },
        "For internal use by reentrancy checks."
    ),
    row!(
        "__enter__(self, /)",
        |cx, a| Ok(number::bool(racquire_raw(cx, rbody(a.at(0))?, None)?)),
        "Lock the lock."
    ),
    row!("__exit__(self, /, *exc_info)", rrelease, "Release the lock.")
        .quick(|cx, args| Some(rrelease(cx, Args::all(args)))),
    row!(
        "_at_fork_reinit(self, /)",
        |_, a| {
            let b = rbody(a.at(0))?;
            if b.mutex.gate.is_locked() {
                unlock(b);
            }
            Ok(s::none())
        },
        ""
    ),
];
