//! The count word of an object: all its bits, and all its transitions.
//!
//! | bits | meaning |
//! |---|---|
//! | 31 | IMMORTAL: neither counted nor freed; a count that overflows gets here and stays |
//! | 2..31 | references from heap slots, registers and native code |
//! | 1 | DIRTY: was counted again after it became PENDING |
//! | 0 | PENDING: on a list of shared objects that fell to zero |
//!
//! | references | DIRTY | PENDING | state of a shared object |
//! |---|---|---|---|
//! | n | - | - | alive |
//! | 0 | - | - | for a moment, between a decrement and the setting of PENDING |
//! | 0 | - | yes | on a list; nobody has counted it since |
//! | n | ? | yes | on a list, but counted again; leaves it at the next round |
//! | 0 | yes | yes | on a list, was counted again and fell to zero again; waits for another round |
//! | n | - | yes | or: watched, because nothing but other such objects seems to refer to it: `reclaim.rs`, `cycle/confirm.rs` |
//! | 0 | yes | - | DEAD: belongs to the thread that finalises it |
//!
//! # Why a round is safe
//!
//! A reader loads a pointer from a shared slot, then counts it; it does not poll between the two. PENDING is set only by
//! a compare-and-swap from a count of exactly zero: at that moment no slot refers to the object. So whoever counts it
//! later has loaded it before, without having polled since, or got it from someone who did; and each such count sees
//! PENDING and sets DIRTY *before* the reference can be stored anywhere or given up. Hence: if every attached thread has
//! polled since PENDING was set (or last cleared of DIRTY), the count is zero and DIRTY is clear, then nobody has the
//! pointer. If DIRTY is set, some thread may have loaded it from a slot that held it for a while: another round.
//!
//! Of a watched object DIRTY also says that somebody was about to change what it refers to ([`Count::touch`]).
//!
//! A decrement to zero that meets PENDING leaves the word alone (DIRTY is set already, by the increment that came before),
//! and does not touch the object again. A decrement to zero without PENDING touches it once more, to set PENDING: this
//! thread has not polled in between, so no round can have ended.

use crate::preserve::preserving;
use crate::sync::{AtomicU32, Ordering};

pub const ONE: u32 = 4;
pub const PENDING: u32 = 1;
pub const DIRTY: u32 = 2;
pub const IMMORTAL: u32 = 1 << 31;
const BITS: u32 = PENDING | DIRTY;
/// No references, and claimed for finalisation.
pub const DEAD: u32 = DIRTY;

pub struct Count(AtomicU32);

/// What a decrement leaves behind.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub enum Left {
    /// Somebody else takes care, or there are references left. The object may be gone.
    Nothing,
    /// The object is PENDING now, and this thread puts it on its list.
    Zero,
}

/// Answer to a claim at the end of a round.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// DEAD now; the caller finalises it.
    Dead,
    /// Still PENDING; needs another round.
    Again,
    /// Has references again, and left the list.
    Alive,
}

#[cold]
#[inline(never)]
extern "C" fn set_dirty(count: &Count) {
    let word = &count.0;
    let mut n = word.load(Ordering::Relaxed);
    // If PENDING is gone, the object left the list because of the reference that we hold, and DIRTY must not be set.
    while n & PENDING != 0 {
        // Relaxed: the bit only has to come before this thread's later writes to the same word.
        match word.compare_exchange_weak(n, n | DIRTY, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return,
            Err(now) => n = now,
        }
    }
}

preserving! {
    fn set_dirty_preserving(count: &Count) = set_dirty
}

impl Count {
    #[cfg(not(loom))]
    pub const fn new(word: u32) -> Count {
        Count(AtomicU32::new(word))
    }

    #[cfg(loom)]
    pub fn new(word: u32) -> Count {
        Count(AtomicU32::new(word))
    }

    /// The word, for what needs no order: tests of IMMORTAL, which never goes away, and reports.
    #[inline(always)]
    pub fn peek(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Writes the word of an object that only this thread can reach.
    #[inline(always)]
    pub fn set_private(&self, word: u32) {
        // Relaxed: nobody else looks; publication orders it.
        self.0.store(word, Ordering::Relaxed);
    }

    #[inline(always)]
    pub fn increment_shared(&self) {
        self.increment_shared_by(1);
    }

    /// `n` more references at once (`credit.rs`).
    #[inline(always)]
    pub fn increment_shared_by(&self, n: u32) {
        // Relaxed: a new reference is made from an existing one or from a slot, whose load ordered the object's contents.
        let before = self.0.fetch_add(n * ONE, Ordering::Relaxed);
        if before & PENDING != 0 {
            set_dirty_preserving(self);
        }
    }

    /// Sets DIRTY if the object is watched or PENDING: it is about to be changed.
    #[cold]
    pub fn touch(&self) {
        set_dirty(self);
    }

    /// Takes a reference unless the object is dead: for weak references. `gate` is called, once, before the word of a watched object
    /// is changed: until then it may become DEAD together with others.
    pub fn try_increment<G>(&self, gate: impl FnOnce() -> G) -> bool {
        let mut gate = Some(gate);
        let mut _held = None;
        let mut n = self.0.load(Ordering::Relaxed);
        loop {
            if n & IMMORTAL != 0 {
                return true;
            }
            if n == DEAD {
                return false;
            }
            if n & PENDING != 0
                && let Some(gate) = gate.take()
            {
                _held = Some(gate());
                n = self.0.load(Ordering::Relaxed);
                continue;
            }
            let dirty = if n & PENDING != 0 { DIRTY } else { 0 };
            // Acquire pairs with the release of `decrement_shared` and `revive`: the object is seen as they left it.
            match self
                .0
                .compare_exchange_weak(n, (n + ONE) | dirty, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) => n = now,
            }
        }
    }

    #[inline(always)]
    pub fn decrement_shared(&self) -> Left {
        self.decrement_shared_by(1)
    }

    /// `n` references fewer.
    #[inline(always)]
    pub fn decrement_shared_by(&self, n: u32) -> Left {
        // Release pairs with the acquire in `claim`: what this thread did to the object comes before its finalisation.
        let before = self.0.fetch_sub(n * ONE, Ordering::Release);
        if before & !BITS != n * ONE || before & PENDING != 0 {
            return Left::Nothing;
        }
        self.make_pending()
    }

    #[cold]
    fn make_pending(&self) -> Left {
        // Acquire pairs with the release of every decrement before: the slots that those threads emptied are seen empty by
        // whoever sees the epoch that this thread starts next. (Without it loom finds a reader that is past that epoch and
        // still reads the pointer.) On failure somebody else has counted the object, or has made it PENDING.
        match self
            .0
            .compare_exchange(0, PENDING, Ordering::Acquire, Ordering::Relaxed)
        {
            Ok(_) => Left::Zero,
            Err(_) => Left::Nothing,
        }
    }

    /// Decides on a PENDING object at the end of a round.
    pub fn claim(&self) -> Claim {
        let mut n = self.0.load(Ordering::Relaxed);
        loop {
            let (to, answer) = match n {
                PENDING => (DEAD, Claim::Dead),
                n if n & !BITS == 0 => (PENDING, Claim::Again),
                n => (n & !BITS, Claim::Alive),
            };
            // Acquire pairs with the release of every decrement: they all head the release sequence of this word.
            match self
                .0
                .compare_exchange_weak(n, to, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return answer,
                Err(now) => n = now,
            }
        }
    }

    /// Makes an object PENDING that has one reference, if that is its whole word.
    pub fn watch(&self) -> bool {
        // Acquire as in `make_pending`.
        self.0
            .compare_exchange(ONE, ONE | PENDING, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Ends what `watch` began, where the object cannot be claimed.
    pub fn unwatch(&self) -> Claim {
        let mut n = self.0.load(Ordering::Relaxed);
        loop {
            // Fallen to zero meanwhile: those who saw it before may still have it, so it needs a round of its own.
            let (to, answer) = if n & !BITS == 0 {
                (PENDING, Claim::Again)
            } else {
                (n & !BITS, Claim::Alive)
            };
            // Acquire as in `make_pending`: another round may follow.
            match self
                .0
                .compare_exchange_weak(n, to, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return answer,
                Err(now) => n = now,
            }
        }
    }

    /// Makes an object PENDING that has any references, if it is neither PENDING nor DIRTY.
    pub fn watch_any(&self) -> bool {
        let mut n = self.0.load(Ordering::Relaxed);
        loop {
            if n < ONE || n & (IMMORTAL | BITS) != 0 {
                return false;
            }
            // Acquire as in `make_pending`.
            match self
                .0
                .compare_exchange_weak(n, n | PENDING, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) => n = now,
            }
        }
    }

    /// The references of a watched object, if nobody has counted or touched it since it is watched and not all of them are gone.
    pub fn watched(&self) -> Option<u32> {
        // Acquire pairs with the release of decrements.
        let n = self.0.load(Ordering::Acquire);
        (n >= ONE && n & (IMMORTAL | BITS) == PENDING).then_some(n / ONE)
    }

    /// Makes a watched object DEAD, if its references are still so many and it was not touched.
    pub fn condemn(&self, references: u32) -> bool {
        // Acquire as in `claim`.
        self.0
            .compare_exchange((references * ONE) | PENDING, DEAD, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Makes an object DEAD that has one reference, which is the caller's, and was not watched since.
    pub fn claim_last(&self) -> bool {
        // Acquire as in `claim`.
        self.0
            .compare_exchange(ONE, DEAD, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Gives a DEAD object references: one for its finaliser, or all that it had.
    pub fn revive(&self, references: u32) {
        // Release pairs with the acquire in `try_increment`, for what the caller has done to the object.
        self.0.store(references * ONE, Ordering::Release);
    }
}
