//! The record of a thread that runs Python code.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

/// Per-thread state of the collector.
pub struct Mutator {
    /// Number that marks this thread's private objects; never 0.
    slot: Cell<u16>,
    /// Requests to this thread, read at polls: see [`request`].
    poll: AtomicU32,
}

/// Bits of the poll word. The collector owns the low half, the interpreter the high half.
pub mod request {
    /// Answer a handshake.
    pub const HANDSHAKE: u32 = 1;
    /// First bit that the interpreter may use.
    pub const INTERPRETER: u32 = 1 << 16;
}

thread_local! {
    static SLOT: Cell<u16> = const { Cell::new(0) };
    static CURRENT: Mutator = const { Mutator { slot: Cell::new(0), poll: AtomicU32::new(0) } };
}

/// Slot of the current thread; 0 if it is not registered.
#[inline(always)]
pub fn current_slot() -> u16 {
    SLOT.with(Cell::get)
}

/// The current thread's requests: non-zero means that a poll has work.
#[inline(always)]
pub fn poll_word() -> u32 {
    // Relaxed: a request is a hint; the work itself synchronises.
    CURRENT.with(|m| m.poll.load(Ordering::Relaxed))
}

/// Registers the current thread.
pub fn register(slot: u16) {
    SLOT.with(|s| s.set(slot));
    CURRENT.with(|m| m.slot.set(slot));
}

/// No slot is left: too many threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyThreads;

/// Registers the current thread under a slot of its own.
pub fn enter() -> Result<(), TooManyThreads> {
    use std::sync::atomic::AtomicU16;
    static NEXT: AtomicU16 = AtomicU16::new(2);
    // Relaxed: only uniqueness matters.
    let slot = NEXT
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_add(1))
        .map_err(|_| TooManyThreads)?;
    register(slot);
    Ok(())
}
