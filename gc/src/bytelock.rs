//! A lock in one byte: spins a little, then parks.
//!
//! | bit | meaning |
//! |---|---|
//! | 0 | LOCKED |
//! | 1 | PARKED: somebody may be parked; the one who unlocks wakes a waiter |
//! | 2 | STARVING: a waiter has waited for long; the one who unlocks hands the lock over, still locked, to the waiter it wakes |
//!
//! All bits clear is free. The holder alone clears LOCKED; waiters alone set PARKED and STARVING, and only while LOCKED is set.

use crate::sync::{AtomicU8, Ordering};

const LOCKED: u8 = 1;
const PARKED: u8 = 2;
const STARVING: u8 = 4;

pub struct ByteLock(AtomicU8);

/// How waiters sleep: `parking_lot_core`, or a model of it under loom.
pub trait Parking {
    /// Sleeps until woken, if `still` holds; true if the lock was handed over.
    fn park(lock: &ByteLock, still: impl Fn() -> bool) -> bool;
    /// Wakes one waiter. `then` is called first, while no other waiter can come or go, with whether there is one to wake and
    /// whether more remain; it says whether the lock is handed over.
    fn unpark_one(lock: &ByteLock, then: impl FnOnce(bool, bool) -> bool);
    /// How often to look before parking.
    const SPINS: u32;
    /// Whether a wait that began at `since` is long. `None` begins.
    fn waited_long(since: &mut Option<Self::Instant>) -> bool;
    type Instant;
}

impl ByteLock {
    #[cfg(not(loom))]
    pub const fn new() -> ByteLock {
        ByteLock(AtomicU8::new(0))
    }

    #[cfg(loom)]
    pub fn new() -> ByteLock {
        ByteLock(AtomicU8::new(0))
    }

    #[inline(always)]
    pub fn lock<P: Parking>(&self) {
        // Acquire pairs with the release in `unlock`.
        if self
            .0
            .compare_exchange(0, LOCKED, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            self.lock_slow::<P>();
        }
    }

    #[cold]
    #[inline(never)]
    fn lock_slow<P: Parking>(&self) {
        let mut spins = 0;
        let mut since = None;
        loop {
            let state = self.0.load(Ordering::Relaxed);
            if state & LOCKED == 0 {
                // Acquire pairs with the release in `unlock`.
                if self
                    .0
                    .compare_exchange(state, state | LOCKED, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
                {
                    return;
                }
                continue;
            }
            if spins < P::SPINS {
                spins += 1;
                std::hint::spin_loop();
                continue;
            }
            let long = P::waited_long(&mut since);
            let wanted = state | PARKED | if long { STARVING } else { 0 };
            // Relaxed: the bits order nothing; parking has a lock of its own.
            if state != wanted
                && self
                    .0
                    .compare_exchange(state, wanted, Ordering::Relaxed, Ordering::Relaxed)
                    .is_err()
            {
                continue;
            }
            let handed_over = P::park(self, || {
                self.0.load(Ordering::Relaxed) & (LOCKED | PARKED) == LOCKED | PARKED
            });
            if handed_over {
                // Acquire pairs with the release of the one who handed over.
                self.0.load(Ordering::Acquire);
                return;
            }
        }
    }

    #[inline(always)]
    pub fn unlock<P: Parking>(&self) {
        // Release pairs with the acquire in `lock`.
        if self
            .0
            .compare_exchange(LOCKED, 0, Ordering::Release, Ordering::Relaxed)
            .is_err()
        {
            self.unlock_slow::<P>();
        }
    }

    #[cold]
    #[inline(never)]
    fn unlock_slow<P: Parking>(&self) {
        P::unpark_one(self, |somebody, more| {
            let mut state = self.0.load(Ordering::Relaxed);
            loop {
                let hand_over = somebody && state & STARVING != 0;
                let next = if hand_over { LOCKED } else { 0 } | if more { PARKED } else { 0 };
                // An exchange and not a store: waiters set bits at the same time. A waiter that has not parked yet, and
                // whose bits are lost here, finds that before it sleeps.
                // Release pairs with the acquire in `lock` and `lock_slow`.
                match self
                    .0
                    .compare_exchange_weak(state, next, Ordering::Release, Ordering::Relaxed)
                {
                    Ok(_) => return hand_over,
                    Err(now) => state = now,
                }
            }
        });
    }

    pub fn is_locked(&self) -> bool {
        self.0.load(Ordering::Relaxed) & LOCKED != 0
    }
}

impl Default for ByteLock {
    fn default() -> Self {
        Self::new()
    }
}
