//! The threads at work on a scan: how many, how they share it, how they end.
//!
//! A scan has three **rounds**, each of many **parts**: pages, and large objects. Every scanner takes the next part that nobody has
//! taken, and begins the next round when all parts of one are finished. So it does not matter when a helper starts, nor whether it does.
//!
//! The words of which it consists are in `rounds.rs`; beside them there is [`Quit`]: written by who ends early, read by all at their safepoints.
//!
//! # Helpers
//!
//! A helper is registered like any thread, and passes safepoints of its own: what it has found alive is not freed before. It runs no Python
//! code. The leader has the turn, and gives it up when its helpers are gone, so that a fork finds none.

use super::super::background::{self, Safepoints};
use crate::{mutator, reclaim, registry};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Pages for each scanner that there are at least: for fewer it is not worth while to start a thread.
const PAGES_EACH: usize = if cfg!(miri) { 1 } else { 128 };
/// The most scanners.
const MOST: usize = 8;
/// How long to sleep between two looks at what other scanners do.
const LOOK: Duration = Duration::from_micros(50);
/// Looks before the first sleep.
const LOOKS: u32 = 20;

/// Waiting for other scanners: attached, but for moments, and with safepoints in between.
#[derive(Default)]
pub struct Pause(u32);

impl Pause {
    pub fn make(&mut self) {
        self.0 += 1;
        if self.0 < LOOKS {
            std::thread::yield_now();
        } else {
            std::thread::sleep(LOOK);
        }
    }
}

/// Whether the scan is to end before its time.
pub struct Quit(AtomicBool);

impl Quit {
    pub fn new() -> Quit {
        Quit(AtomicBool::new(false))
    }

    pub fn is_set(&self) -> bool {
        // Relaxed: a request.
        self.0.load(Ordering::Relaxed)
    }

    /// Runs a scanner; if it ends early, so do the others, which would wait for its parts for ever.
    fn unless_done<E>(&self, scan: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        struct Guard<'a>(&'a Quit);
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                // Relaxed: as in `is_set`.
                self.0.0.store(true, Ordering::Relaxed);
            }
        }
        let guard = Guard(self);
        scan()?;
        std::mem::forget(guard);
        Ok(())
    }
}

/// Set for tests: so many scanners, however few pages there are.
static FORCED: AtomicUsize = AtomicUsize::new(0);
/// Parts and batches that helpers have taken, for tests.
static HELPED: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// For tests: from now on scans have so many threads, however small the heap is; 0: as many as are good.
pub fn set_scanners(n: usize) {
    // Relaxed: a switch.
    FORCED.store(n, Ordering::Relaxed);
}

/// For tests: how many parts of scans were taken by helpers, and how many batches.
pub fn helped() -> [usize; 2] {
    // Relaxed: numbers.
    std::array::from_fn(|i| HELPED[i].load(Ordering::Relaxed))
}

pub fn note_helped(taken: [usize; 2]) {
    for (sum, n) in HELPED.iter().zip(taken) {
        // Relaxed: numbers.
        sum.fetch_add(n, Ordering::Relaxed);
    }
}

fn cores() -> usize {
    static CORES: AtomicUsize = AtomicUsize::new(0);
    // Relaxed: a number. Kept, since asking the system means reading files.
    match CORES.load(Ordering::Relaxed) {
        0 => {
            let n = std::thread::available_parallelism().map_or(1, usize::from);
            CORES.store(n, Ordering::Relaxed);
            n
        }
        n => n,
    }
}

/// How many helpers a scan of so many pages is to have: as many as there are cores that no attached thread needs.
pub fn helpers(pages: usize) -> usize {
    if background::ends() {
        // A thread that would attach now waits for ever.
        return 0;
    }
    // Relaxed: a switch.
    let forced = FORCED.load(Ordering::Relaxed);
    if forced != 0 {
        return forced - 1;
    }
    let most = (pages / PAGES_EACH).min(MOST);
    if most < 2 {
        return 0;
    }
    let cores = if cfg!(miri) { MOST } else { cores() };
    // The leader is one of those that are attached.
    let idle = cores.saturating_sub(registry::attached());
    idle.min(most - 1)
}

/// Runs `lead` here, at a safepoint, and `help` on so many other threads; as many as the system has. They are gone when it returns.
pub fn scan<E>(
    helpers: usize,
    quit: &Quit,
    help: impl Fn(&mut Safepoints) -> Result<(), E> + Sync,
    lead: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    std::thread::scope(|scope| {
        let run = || {
            reclaim::run_no_python();
            if mutator::enter().is_err() {
                return;
            }
            let _ = quit.unless_done(|| help(&mut Safepoints::of_helper()));
            mutator::leave();
        };
        let threads: Vec<_> = (0..helpers)
            .map_while(|_| {
                let builder = std::thread::Builder::new().name("skein-scanner".into());
                let can = crate::alloc::can_start_thread();
                can.then(|| builder.spawn_scoped(scope, run).ok()).flatten()
            })
            .collect();
        let result = quit.unless_done(lead);
        // Until the threads are gone, not only their work: see the head. Detached, since they may want to stop the world to register.
        let panicked = mutator::detached(|| threads.into_iter().filter_map(|t| t.join().err()).next_back());
        if let Some(panic) = panicked {
            std::panic::resume_unwind(panic);
        }
        result
    })
}
