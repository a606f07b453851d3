//! Grace periods: when has every thread passed a poll?
//!
//! A global **epoch** counts up. A thread that wants a grace period advances it, and waits until every attached thread has
//! *seen* the new number, which it says at its polls, when it has looked through its registers (`uncounted.rs`). Nobody is
//! stopped: each answers when it comes by.
//!
//! A detached thread does not come by. It holds nothing but registers, so whoever waits looks through those in its place,
//! and **holds** the thread meanwhile: it cannot attach.
//!
//! | word | written by | read by |
//! |---|---|---|
//! | `Epochs::now` | any thread | polling threads |
//! | `Quiet::seen` | its thread, at polls; who holds it | whoever waits for a grace period |
//! | `Quiet::state` | its thread: DETACHED to ATTACHED and back; another one: DETACHED to HELD and back | whoever waits for a grace period, or for the world to stop |

use crate::sync::{AtomicU32, AtomicU64, Ordering, fence};

pub struct Epochs {
    now: AtomicU64,
}

/// What a thread says about itself.
pub struct Quiet {
    seen: AtomicU64,
    state: AtomicU32,
}

const DETACHED: u32 = 0;
const ATTACHED: u32 = 1;
/// Detached, and another thread looks through its registers.
const HELD: u32 = 2;

impl Epochs {
    #[cfg(not(loom))]
    pub const fn new() -> Epochs {
        Epochs { now: AtomicU64::new(1) }
    }

    #[cfg(loom)]
    pub fn new() -> Epochs {
        Epochs { now: AtomicU64::new(1) }
    }

    /// Starts a grace period, for what this thread has made unreachable before the call. It has passed when all threads
    /// have seen the result.
    pub fn advance(&self) -> u64 {
        // Release pairs with the acquire in `now`: who sees the number sees what was unlinked, and made PENDING, before.
        self.now.fetch_add(1, Ordering::AcqRel) + 1
    }

    fn now(&self) -> u64 {
        // Acquire pairs with the release in `advance`.
        self.now.load(Ordering::Acquire)
    }
}

impl Quiet {
    #[cfg(not(loom))]
    pub const fn new() -> Quiet {
        Quiet {
            seen: AtomicU64::new(0),
            state: AtomicU32::new(DETACHED),
        }
    }

    #[cfg(loom)]
    pub fn new() -> Quiet {
        Quiet {
            seen: AtomicU64::new(0),
            state: AtomicU32::new(DETACHED),
        }
    }

    /// This thread holds no unowned pointers now, but in registers, which `look` looks through.
    pub fn poll(&self, epochs: &Epochs, look: impl FnOnce()) {
        let now = epochs.now();
        // Relaxed: nobody else writes it while the thread is attached. Nothing has become PENDING in between that waits for
        // more than was seen then.
        if self.seen.load(Ordering::Relaxed) == now {
            return;
        }
        look();
        // Release pairs with the acquire in `has_seen`: counts that this thread took come before what waits for it.
        self.seen.store(now, Ordering::Release);
    }

    /// Begins to hold unowned pointers. What became PENDING meanwhile has to wait for a poll: registers may hold it.
    pub fn attach(&self) {
        // Acquire pairs with the release in `has_seen`: registers are as that thread left them, and all that it had unlinked
        // is seen unlinked. A failure is rare: somebody holds us, which lasts as long as a look.
        while self
            .state
            .compare_exchange_weak(DETACHED, ATTACHED, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            relax();
        }
        // Pairs with the fences in `registry::alone` and `stop_the_world`: either that thread sees us attached, or we see
        // what it did before.
        fence(Ordering::SeqCst);
    }

    /// Holds no unowned pointers but in registers until `attach`.
    pub fn detach(&self) {
        // Release pairs with the acquire in `has_seen` and `is_attached`.
        self.state.store(DETACHED, Ordering::Release);
    }

    pub fn is_attached(&self) -> bool {
        // Acquire pairs with the release in `detach`.
        self.state.load(Ordering::Acquire) == ATTACHED
    }

    /// Runs `f` while the thread is detached and cannot attach; false if it is attached, or held by another one.
    pub fn hold(&self, f: impl FnOnce()) -> bool {
        // Acquire and release as in `has_seen`.
        if self
            .state
            .compare_exchange(DETACHED, HELD, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            return false;
        }
        f();
        self.state.store(DETACHED, Ordering::Release);
        true
    }

    /// Whether the thread's registers have been looked through since `epoch` was given by `advance`. Those of a detached
    /// thread are now, by `look`.
    pub fn has_seen(&self, epochs: &Epochs, epoch: u64, look: impl FnOnce()) -> bool {
        // Acquire pairs with the release in `poll` and below.
        if self.seen.load(Ordering::Acquire) >= epoch {
            return true;
        }
        // Acquire pairs with the release in `detach`, and with the one below of whoever held it before.
        if self
            .state
            .compare_exchange(DETACHED, HELD, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            return false;
        }
        let now = epochs.now();
        look();
        // Release as in `poll`.
        self.seen.store(now, Ordering::Release);
        // Release pairs with the acquire in `attach`.
        self.state.store(DETACHED, Ordering::Release);
        true
    }
}

#[cfg(not(loom))]
fn relax() {
    std::thread::yield_now();
}

#[cfg(loom)]
fn relax() {
    loom::thread::yield_now();
}

impl Default for Epochs {
    fn default() -> Self {
        Self::new()
    }
}

impl Default for Quiet {
    fn default() -> Self {
        Self::new()
    }
}
