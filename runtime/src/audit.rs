//! The auditor of builds with the feature `verify`: recounts the stopped heap at polls, a few times a second, and ends the
//! process at the first fault.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(150);

/// When the heap was checked last, in milliseconds since the first poll.
static LAST: AtomicU64 = AtomicU64::new(0);
static BEGIN: OnceLock<Instant> = OnceLock::new();

/// To be called at polls.
pub fn poll() {
    let now = BEGIN.get_or_init(Instant::now).elapsed().as_millis() as u64;
    // Relaxed: it only chooses the one thread whose turn it is.
    let last = LAST.load(Ordering::Relaxed);
    if now - last.min(now) >= EVERY.as_millis() as u64
        && LAST
            .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    {
        check();
    }
}

/// Checks the heap. The thread is at a safepoint.
pub fn check() {
    let faults = skein_gc::verify::verify();
    if faults.is_empty() {
        return;
    }
    eprintln!("the heap is not sound: {} faults", faults.len());
    for fault in faults.iter().take(20) {
        eprintln!("  {fault}");
    }
    std::process::abort();
}
