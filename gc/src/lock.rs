//! Object locks, and the ranks of all locks.
//!
//! | rank | lock | held while |
//! |---|---|---|
//! | 1 | an object's ([`critical`]), or two in the order of address ([`critical2`]) | its payload is written |
//! | 2 | a shard of the weak references | a weak reference is made, found or cleared |
//! | 3 | registry, orphans, reaper, heaps | their lists change |
//! | 4 | a queue of waiting threads (`lot`) | a thread goes to sleep or is woken |
//!
//! A thread that holds a lock takes only locks of higher rank. It does not poll, detach, drop a reference or run Python code.
//! Taking an object's lock is **not** a safepoint: a thread that waits for one stays attached, since holders are quick.

use crate::bytelock::{ByteLock, Parking, Woken};
use crate::header::Header;
use parking_lot::lock_api::{GuardNoSend, RawMutex};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Holds an object's lock, or nothing if the object is private.
#[must_use]
pub struct Guard<'a>(Option<&'a Header>);

/// Locks `h` unless it is private. No Python code may run while the guard lives.
#[inline(always)]
pub fn critical(h: &Header) -> Guard<'_> {
    if h.is_private() { Guard(None) } else { lock_slow(h, 0) }
}

/// Locks two objects, which may be the same, as far as they are shared.
#[inline]
pub fn critical2<'a>(a: &'a Header, b: &'a Header) -> (Guard<'a>, Guard<'a>) {
    if std::ptr::eq(a, b) {
        return (critical(a), Guard(None));
    }
    let (first, second) = if (&raw const *a).addr() < (&raw const *b).addr() {
        (a, b)
    } else {
        (b, a)
    };
    let one = critical(first);
    let two = if second.is_private() {
        Guard(None)
    } else {
        lock_slow(second, one.0.is_some() as u32)
    };
    (one, two)
}

#[inline(never)]
fn lock_slow(h: &Header, held: u32) -> Guard<'_> {
    ranks::take_object(held);
    h.lock.lock::<Lot>();
    h.touch();
    Guard(Some(h))
}

#[inline(never)]
fn unlock_slow(h: &Header) {
    let _ = h.lock.unlock::<Lot>();
    // Readers take no lock, nor does who extends a list of PENDING objects.
    h.touch_again();
    ranks::release_object();
}

impl Drop for Guard<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(h) = self.0 {
            unlock_slow(h);
        }
    }
}

/// Sleeping in the parking lot, by address.
struct Lot;

const LONG: Duration = Duration::from_millis(1);
/// Pauses between two looks at a lock, the first time and at most: of about 16 ns each.
const FEWEST: u32 = 8;
const MOST: u32 = 256;
/// Pauses after which a thread parks: they take about as long as to park and to be woken.
const ENOUGH: u32 = 1536;
/// Threads that collide again so soon after they have waited are in each other's way.
const AGAIN: Duration = Duration::from_nanos(1500);

/// How long to wait for a lock. Where threads collide again and again, each turn of waiting is long from the start: so the one that
/// goes on has the lock, and what it protects, in its cache for a while. Two threads that take turns at every operation would
/// spend their time on moving cache lines.
struct BackOff {
    next: u32,
    total: u32,
}

thread_local! {
    /// When this thread last ended a turn of waiting, and how long it is to wait after the next collision.
    static COLLIDED: Cell<(Option<Instant>, u32)> = const { Cell::new((None, FEWEST)) };
}

impl Parking for Lot {
    type Instant = Instant;
    type BackOff = BackOff;

    fn park(lock: &ByteLock, still: impl Fn() -> bool, until: Option<Instant>) -> Woken {
        crate::lot::park(std::ptr::from_ref(lock).addr(), still, until)
    }

    fn unpark_one(lock: &ByteLock, then: impl FnOnce(bool, bool) -> bool) {
        crate::lot::unpark_one(std::ptr::from_ref(lock).addr(), then);
    }

    fn collide() -> BackOff {
        let (last, pauses) = COLLIDED.get();
        let next = if last.is_some_and(|t| t.elapsed() < AGAIN) {
            (pauses * 2).min(MOST)
        } else {
            (pauses / 2).max(FEWEST)
        };
        COLLIDED.set((last, next));
        BackOff { next, total: 0 }
    }

    fn back_off(state: &mut BackOff) -> bool {
        if state.total >= ENOUGH {
            return false;
        }
        for _ in 0..state.next {
            std::hint::spin_loop();
        }
        state.total += state.next;
        state.next = (state.next * 2).min(MOST);
        COLLIDED.set((Some(Instant::now()), COLLIDED.get().1));
        true
    }

    fn waited_long(since: &mut Option<Instant>) -> bool {
        match since {
            Some(t) => t.elapsed() >= LONG,
            None => {
                *since = Some(Instant::now());
                false
            }
        }
    }
}

/// Waits after a lost exchange of a word that no lock protects, as after a collision at a lock, and for the same reason.
#[cold]
pub fn back_off() {
    Lot::back_off(&mut Lot::collide());
}

/// A lock that is held across Python code and may be given up by any thread: what `threading.Lock` is made of. It has no rank: who
/// waits for it sleeps detached.
pub struct Gate(ByteLock);

impl Gate {
    pub const fn new() -> Gate {
        Gate(ByteLock::new())
    }

    /// Takes the lock if it is free.
    #[inline(always)]
    pub fn try_lock(&self) -> bool {
        self.0.try_lock()
    }

    /// Looks for some microseconds whether the lock becomes free, and takes it then.
    pub fn spin(&self) -> bool {
        self.0.spin::<Lot>()
    }

    /// Takes the lock, asleep until it is free; false if `until` came first. The thread is detached.
    pub fn wait(&self, until: Option<Instant>) -> bool {
        self.0.wait::<Lot>(until)
    }

    /// Gives the lock up; false if it was not locked.
    #[inline(always)]
    pub fn unlock(&self) -> bool {
        self.0.unlock::<Lot>()
    }

    #[inline(always)]
    pub fn is_locked(&self) -> bool {
        self.0.is_locked()
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: one thread at a time has it: see `bytelock.rs`.
unsafe impl RawMutex for Gate {
    // What the trait asks for; it is copied, never shared.
    #[allow(clippy::declare_interior_mutable_const)]
    const INIT: Gate = Gate::new();
    type Guard = GuardNoSend;

    #[inline(always)]
    fn lock(&self) -> GuardNoSend {
        self.0.lock::<Lot>();
        GuardNoSend::new()
    }

    #[inline(always)]
    fn try_lock(&self) -> Option<GuardNoSend> {
        self.0.try_lock().then(GuardNoSend::new)
    }

    #[inline(always)]
    unsafe fn unlock(&self, _: GuardNoSend) {
        let _ = self.0.unlock::<Lot>();
    }

    fn is_locked(&self) -> bool {
        self.0.is_locked()
    }
}

/// Data under a lock of its own, held for moments: in an object as the object's lock, of rank 1, but not checked.
///
/// All that a detached thread may wait for is a lock of this module or of the standard library, which a fork can cope with: see
/// `lot`. Those of `parking_lot`, of which we use the ones for many readers, are for attached threads.
pub type Mutex<T> = parking_lot::lock_api::Mutex<Gate, T>;
pub type MutexGuard<'a, T> = parking_lot::lock_api::MutexGuard<'a, Gate, T>;
/// As [`Mutex`], for a thread that may have it already.
pub type ReentrantMutex<T> = parking_lot::lock_api::ReentrantMutex<Gate, parking_lot::RawThreadId, T>;
pub type ReentrantMutexGuard<'a, T> = parking_lot::lock_api::ReentrantMutexGuard<'a, Gate, parking_lot::RawThreadId, T>;

/// Debug builds check the ranks.
pub(crate) mod ranks {
    #[cfg(debug_assertions)]
    thread_local! {
        static OBJECTS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }

    /// Before an object's lock is taken, of which `held` may be held already.
    #[inline(always)]
    pub fn take_object(held: u32) {
        #[cfg(debug_assertions)]
        {
            assert_eq!(OBJECTS.get(), held, "an object's lock inside another's");
            OBJECTS.set(held + 1);
        }
        #[cfg(not(debug_assertions))]
        let _ = held;
    }

    #[inline(always)]
    pub fn release_object() {
        #[cfg(debug_assertions)]
        OBJECTS.set(OBJECTS.get() - 1);
    }

    /// At polls and before Python code runs.
    #[inline(always)]
    pub fn none_held() {
        #[cfg(debug_assertions)]
        assert_eq!(OBJECTS.get(), 0, "an object's lock is held at a safepoint");
    }
}
