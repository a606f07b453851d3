//! Rests of the threads that the program knows nothing of.
//!
//! The reaper and the collector work beside the threads of the program. Where all cores are busy the system lets whoever runs go on
//! until the next tick of its timer or longer (Linux: 4 to 8 ms, seen with `perf sched`), and for so long a thread of the program
//! stands still whenever one of ours has something to do. So ours work in pieces of [`PIECE`], and rest after each: the core goes back
//! to whom it was taken from. Where a core is idle that costs them a tenth of their time.

use std::cell::Cell;
use std::time::{Duration, Instant};

const PIECE: Duration = Duration::from_micros(400);
const REST: Duration = Duration::from_micros(40);

thread_local! {
    /// When this thread last rested, if it is one that does.
    static RESTED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// This thread rests from now on.
pub(crate) fn begin() {
    RESTED.set(Some(Instant::now()));
    #[cfg(all(target_os = "linux", not(miri)))]
    // SAFETY: a plain call, that makes the end of a sleep more exact: by default it may come 50 us late.
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1 as libc::c_ulong);
    }
}

/// Whether a piece is done.
pub(crate) fn is_due() -> bool {
    RESTED.get().is_some_and(|t| t.elapsed() >= PIECE)
}

/// Rests, if a piece is done. The thread is detached, and holds no lock that a thread of the program takes.
pub(crate) fn rest_if_due() {
    if is_due() {
        std::thread::sleep(REST);
        woke_up();
    }
}

/// The thread has slept.
pub(crate) fn woke_up() {
    if RESTED.get().is_some() {
        RESTED.set(Some(Instant::now()));
    }
}
