//! A lock in one byte. Who waits looks a few times, less and less often, then parks. A lock that is given up is free for whoever
//! comes first, which is mostly who is running; who has waited for long gets it handed over.
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
/// Looks at a lock in one turn of waiting: long enough to meet the moment between two short uses.
const LOOKS: u32 = 8;

pub struct ByteLock(AtomicU8);

/// How waiters sleep: in `lot`, or a model of it under loom.
pub trait Parking {
    type Instant: Copy;
    /// How long one waits between two looks at a lock.
    type BackOff;
    /// Sleeps until woken, or until a moment, if `still` holds.
    fn park(lock: &ByteLock, still: impl Fn() -> bool, until: Option<Self::Instant>) -> Woken;
    /// Wakes one waiter. `then` is called first, while no other waiter can come or go, with whether there is one to wake and
    /// whether more remain; it says whether the lock is handed over.
    fn unpark_one(lock: &ByteLock, then: impl FnOnce(bool, bool) -> bool);
    /// A thread has found a lock taken.
    fn collide() -> Self::BackOff;
    /// Waits a little before the next look at the lock; false if it is time to park.
    fn back_off(state: &mut Self::BackOff) -> bool;
    /// Whether a wait that began at `since` is long. `None` begins.
    fn waited_long(since: &mut Option<Self::Instant>) -> bool;
}

/// Why a parked thread goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The lock may be free.
    Look,
    /// The lock is this thread's.
    HandedOver,
    TimedOut,
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
        if !self.spin::<P>() {
            self.wait::<P>(None);
        }
    }

    /// Takes the lock if it is free.
    #[inline(always)]
    pub fn try_lock(&self) -> bool {
        let mut state = 0;
        loop {
            // Acquire pairs with the release in `unlock`.
            match self
                .0
                .compare_exchange(state, state | LOCKED, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) if now & LOCKED != 0 => return false,
                // Somebody is being woken, and has not come yet.
                Err(now) => state = now,
            }
        }
    }

    /// Looks a few times whether the lock becomes free, and takes it then.
    pub fn spin<P: Parking>(&self) -> bool {
        let mut state = P::collide();
        while P::back_off(&mut state) {
            for _ in 0..LOOKS {
                // Read first: a failing exchange would take the cache line away from the holder.
                if !self.is_locked() && self.try_lock() {
                    return true;
                }
                std::hint::spin_loop();
            }
        }
        false
    }

    /// Takes the lock, asleep until it is free; false if `until` came first.
    pub fn wait<P: Parking>(&self, until: Option<P::Instant>) -> bool {
        let mut since = None;
        loop {
            if self.try_lock() {
                return true;
            }
            let state = self.0.load(Ordering::Relaxed);
            let long = P::waited_long(&mut since);
            let wanted = state | PARKED | if long { STARVING } else { 0 };
            // Relaxed: the bits order nothing; parking has a lock of its own.
            if state & LOCKED == 0
                || state != wanted
                    && self
                        .0
                        .compare_exchange(state, wanted, Ordering::Relaxed, Ordering::Relaxed)
                        .is_err()
            {
                continue;
            }
            let parked = || self.0.load(Ordering::Relaxed) & (LOCKED | PARKED) == LOCKED | PARKED;
            match P::park(self, parked, until) {
                Woken::Look => {
                    if self.spin::<P>() {
                        return true;
                    }
                }
                Woken::HandedOver => {
                    // Acquire pairs with the release of the one who handed over.
                    self.0.load(Ordering::Acquire);
                    return true;
                }
                // PARKED may be left behind: the next one who unlocks finds nobody, and clears it.
                Woken::TimedOut => return self.try_lock(),
            }
        }
    }

    /// Gives the lock up; false if it was not locked.
    #[inline(always)]
    pub fn unlock<P: Parking>(&self) -> bool {
        // Release pairs with the acquire in `lock`.
        self.0
            .compare_exchange(LOCKED, 0, Ordering::Release, Ordering::Relaxed)
            .is_ok()
            || self.unlock_slow::<P>()
    }

    #[cold]
    #[inline(never)]
    fn unlock_slow<P: Parking>(&self) -> bool {
        let mut was_locked = true;
        P::unpark_one(self, |somebody, more| {
            let mut state = self.0.load(Ordering::Relaxed);
            loop {
                if state & LOCKED == 0 {
                    was_locked = false;
                    return false;
                }
                let hand_over = somebody && state & STARVING != 0;
                let next = if hand_over { LOCKED } else { 0 } | if more { PARKED } else { 0 };
                // An exchange and not a store: waiters set bits at the same time. A waiter that has not parked yet, and
                // whose bits are lost here, finds that before it sleeps.
                // Release pairs with the acquire in `lock`, `try_lock` and `wait`.
                match self
                    .0
                    .compare_exchange_weak(state, next, Ordering::Release, Ordering::Relaxed)
                {
                    Ok(_) => return hand_over,
                    Err(now) => state = now,
                }
            }
        });
        was_locked
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
