//! Object locks, and the ranks of all locks.
//!
//! | rank | lock | held while |
//! |---|---|---|
//! | 1 | an object's ([`critical`]), or two in the order of address ([`critical2`]) | its payload is written |
//! | 2 | a shard of the weak references | a weak reference is made, found or cleared |
//! | 3 | registry, orphans, reaper, heaps | their lists change |
//!
//! A thread that holds a lock takes only locks of higher rank. It does not poll, detach, drop a reference or run Python code.
//! Taking an object's lock is **not** a safepoint: a thread that waits for one stays attached, since holders are quick.

use crate::bytelock::{ByteLock, Parking};
use crate::header::Header;
use parking_lot_core::{DEFAULT_PARK_TOKEN, UnparkToken};
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
    h.lock.unlock::<Lot>();
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

const HAND_OVER: UnparkToken = UnparkToken(1);
const LONG: Duration = Duration::from_millis(1);

impl Parking for Lot {
    type Instant = Instant;
    const SPINS: u32 = 60;

    fn park(lock: &ByteLock, still: impl Fn() -> bool) -> bool {
        let key = std::ptr::from_ref(lock).addr();
        // SAFETY: the key is the address of a lock that we are about to take; the closures do not panic and do not call into
        // the parking lot.
        let result = unsafe { parking_lot_core::park(key, still, || (), |_, _| (), DEFAULT_PARK_TOKEN, None) };
        matches!(result, parking_lot_core::ParkResult::Unparked(HAND_OVER))
    }

    fn unpark_one(lock: &ByteLock, then: impl FnOnce(bool, bool) -> bool) {
        let key = std::ptr::from_ref(lock).addr();
        // SAFETY: as above.
        unsafe {
            parking_lot_core::unpark_one(key, |result| {
                if then(result.unparked_threads != 0, result.have_more_threads) {
                    HAND_OVER
                } else {
                    UnparkToken(0)
                }
            });
        }
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
