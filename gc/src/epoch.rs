//! Grace periods: when has every thread passed a poll?
//!
//! A global **epoch** counts up. A thread that wants a grace period advances it, and waits until every attached thread has
//! *seen* the new number, which it says at its polls. Nobody is stopped: each answers when it comes by. A detached thread
//! holds no unowned pointers and counts as having answered.
//!
//! | word | written by | read by |
//! |---|---|---|
//! | `Epochs::now` | any thread | polling threads |
//! | `Quiet::seen` | its thread, at polls and when attaching | whoever waits for a grace period |
//! | `Quiet::attached` | its thread | whoever waits for a grace period, or for the world to stop |

use crate::sync::{AtomicU32, AtomicU64, Ordering, fence};

pub struct Epochs {
    now: AtomicU64,
}

/// What a thread says about itself.
pub struct Quiet {
    seen: AtomicU64,
    attached: AtomicU32,
}

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
        // Release pairs with the acquire in `Quiet::poll` and `attach`: who sees the number sees what was unlinked before.
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
            attached: AtomicU32::new(0),
        }
    }

    #[cfg(loom)]
    pub fn new() -> Quiet {
        Quiet {
            seen: AtomicU64::new(0),
            attached: AtomicU32::new(0),
        }
    }

    /// This thread holds no unowned pointers now.
    pub fn poll(&self, epochs: &Epochs) {
        let now = epochs.now();
        // Release pairs with the acquire in `has_seen`: counts that this thread took come before what waits for it.
        self.seen.store(now, Ordering::Release);
    }

    /// Begins to hold unowned pointers.
    pub fn attach(&self, epochs: &Epochs) {
        // Relaxed: ordered by the fence.
        self.attached.store(1, Ordering::Relaxed);
        // Pairs with the fence in `has_seen`: either that thread sees us attached, or we see all that it has unlinked.
        fence(Ordering::SeqCst);
        self.seen.store(epochs.now(), Ordering::Release);
    }

    /// Holds no unowned pointers until `attach`.
    pub fn detach(&self) {
        // Release pairs with the acquire in `has_seen`.
        self.attached.store(0, Ordering::Release);
    }

    pub fn is_attached(&self) -> bool {
        // Acquire pairs with the release in `detach`.
        self.attached.load(Ordering::Acquire) != 0
    }

    /// Whether the thread has passed a poll since `epoch` was given by `advance`, or is detached.
    pub fn has_seen(&self, epoch: u64) -> bool {
        // Pairs with the fence in `attach`.
        fence(Ordering::SeqCst);
        // Acquire pairs with the release in `poll` and `attach`.
        !self.is_attached() || self.seen.load(Ordering::Acquire) >= epoch
    }
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
