//! What tells the reaper that there is something to do.
//!
//! A signal is **up** from when a thread raises it, which also wakes the reaper, until the reaper takes it. Who finds it up need not
//! raise it, and writes nothing: so threads that drop something all the time do not wake the reaper for each of it.
//!
//! All is relaxed, so that a thread may find a signal up that has been taken. It is safe none the less, if whoever took it asks that
//! thread for a handshake afterwards, and the thread, as long as it has something, looks again at each handshake: then it follows the
//! taking. Model: `tests/loom/signals.rs`.

use crate::sync::{AtomicU8, Ordering};

#[derive(Debug)]
pub struct Signal(AtomicU8);

impl Signal {
    #[cfg(not(loom))]
    #[allow(clippy::new_without_default)] // Made in statics.
    pub const fn new() -> Signal {
        Signal(AtomicU8::new(0))
    }

    #[cfg(loom)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Signal {
        Signal(AtomicU8::new(0))
    }

    /// Whether it was up a moment ago.
    #[inline(always)]
    pub fn is_up(&self) -> bool {
        // Relaxed, here and below: see the head.
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Raises it. The reaper is to be woken then.
    pub fn raise(&self) {
        self.0.store(1, Ordering::Relaxed);
    }

    /// Lowers it; whether it was up. One thread takes it, so that what is raised in between the two steps is taken, too.
    pub fn take(&self) -> bool {
        let up = self.is_up();
        if up {
            self.0.store(0, Ordering::Relaxed);
        }
        up
    }
}
