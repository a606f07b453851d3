//! Where threads sleep that wait for a lock: queues by address, in a table of a fixed size.
//!
//! The idea is that of WebKit's `ParkingLot` and of `parking_lot_core`. The table is our own for one reason: a process that
//! forks must hold all of it ([`hold`]). Detached threads wait for locks too, and do not stop for a fork; a child that is made while one
//! of them is inside a table that nobody can take hold of waits for ever at the first lock it gives up.

use crate::bytelock::Woken;
use std::cell::Cell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A sleeping thread, on its own stack. All of it is used with the lock of its queue held.
struct Waiter {
    key: usize,
    next: Cell<*const Waiter>,
    /// Whether it was woken, and whether what it waits for was handed over.
    woken: Cell<Option<bool>>,
    wake: Condvar,
}

struct Queue {
    first: *const Waiter,
    last: *const Waiter,
}

// SAFETY: waiters are used by whoever holds the queue's lock alone, and leave the queue before they end.
unsafe impl Send for Queue {}

#[repr(align(64))]
struct Bucket(Mutex<Queue>);

const BITS: u32 = 7;

static TABLE: [Bucket; 1 << BITS] = [const {
    Bucket(Mutex::new(Queue {
        first: std::ptr::null(),
        last: std::ptr::null(),
    }))
}; 1 << BITS];

type Guard = MutexGuard<'static, Queue>;

fn queue_of(key: usize) -> Guard {
    // Fibonacci hashing: addresses differ in the middle.
    let hash = (key as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS);
    // Nothing panics while a queue is locked.
    TABLE[hash as usize].0.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Queue {
    fn push(&mut self, w: &Waiter) {
        if self.last.is_null() {
            self.first = w;
        } else {
            // SAFETY: what is in the queue lives.
            unsafe { (*self.last).next.set(w) };
        }
        self.last = w;
    }

    /// The waiter that has waited longest at `key`, and whether there are others.
    fn find(&self, key: usize) -> (Option<*const Waiter>, bool) {
        let mut found = None;
        let mut at = self.first;
        while !at.is_null() {
            // SAFETY: as above.
            let w = unsafe { &*at };
            if w.key == key {
                if found.is_some() {
                    return (found, true);
                }
                found = Some(at);
            }
            at = w.next.get();
        }
        (found, false)
    }

    fn remove(&mut self, gone: *const Waiter) {
        let mut before: *const Waiter = std::ptr::null();
        let mut at = self.first;
        while !at.is_null() {
            // SAFETY: as above.
            let next = unsafe { (*at).next.get() };
            if std::ptr::eq(at, gone) {
                if before.is_null() {
                    self.first = next;
                } else {
                    // SAFETY: as above.
                    unsafe { (*before).next.set(next) };
                }
                if next.is_null() {
                    self.last = before;
                }
                return;
            }
            before = at;
            at = next;
        }
    }
}

/// Sleeps at `key` until woken, or until a moment, if `still` holds, which is asked while nobody can be woken there.
pub(crate) fn park(key: usize, still: impl Fn() -> bool, until: Option<Instant>) -> Woken {
    let waiter = Waiter {
        key,
        next: Cell::new(std::ptr::null()),
        woken: Cell::new(None),
        wake: Condvar::new(),
    };
    let mut queue = queue_of(key);
    if !still() {
        return Woken::Look;
    }
    queue.push(&waiter);
    loop {
        // It leaves the queue before it ends: who woke it took it out.
        match waiter.woken.get() {
            Some(true) => return Woken::HandedOver,
            Some(false) => return Woken::Look,
            None => {}
        }
        queue = match until {
            None => waiter.wake.wait(queue).unwrap_or_else(PoisonError::into_inner),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    queue.remove(&waiter);
                    return Woken::TimedOut;
                }
                let woken = waiter.wake.wait_timeout(queue, left);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
        };
    }
}

/// Wakes who has waited longest at `key`. `then` is called first, while nobody comes or goes there, with whether there is one
/// to wake and whether others remain; it says whether what is waited for is handed over.
pub(crate) fn unpark_one(key: usize, then: impl FnOnce(bool, bool) -> bool) {
    let mut queue = queue_of(key);
    let (found, more) = queue.find(key);
    let hand_over = then(found.is_some(), more);
    if let Some(w) = found {
        queue.remove(w);
        // SAFETY: it cannot end before we give up the queue's lock, which it needs to see that it was woken.
        let w = unsafe { &*w };
        w.woken.set(Some(hand_over));
        w.wake.notify_one();
    }
}

/// The whole table, held across a fork.
pub(crate) struct Held(Vec<Guard>);

/// Nobody waits for a lock while it holds one of the table's: so they are taken last.
pub(crate) fn hold() -> Held {
    Held(
        TABLE
            .iter()
            .map(|b| b.0.lock().unwrap_or_else(PoisonError::into_inner))
            .collect(),
    )
}

impl Held {
    /// In the child, where none of the waiters are: the one thread there runs.
    pub fn reset_in_child(&mut self) {
        for queue in &mut self.0 {
            queue.first = std::ptr::null();
            queue.last = std::ptr::null();
        }
    }
}
