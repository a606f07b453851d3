//! Collections of shared objects: whose turn it is, the collector's thread, when it is woken.
//!
//! There is one collection of shared objects at a time, of whoever has the [`Turn`]: the collector, or a thread that has called
//! `gc.collect`. It ends early where another thread wants to fork, or to end the process.
//!
//! The collector is registered like any thread, but runs no Python code: garbage with finalisers or callbacks becomes a
//! **funeral**, which threads at their polls run in small pieces and then give back.

use super::bury::Funeral;
use super::{Aborted, confirm, has_many_threads, is_on, note, once, scan};
use crate::alloc;
use crate::header::Header;
use crate::lock::{Mutex, MutexGuard};
use crate::mutator::{self, request};
use crate::pace;
use crate::registry;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Somebody has the turn.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// How many want the one who has it to give it up soon.
static IMPATIENT: AtomicU32 = AtomicU32::new(0);
/// Pages after the last collection.
static PAGES: AtomicUsize = AtomicUsize::new(0);
/// A collection is wanted though the heap has not grown by enough.
static ANYWAY: AtomicBool = AtomicBool::new(false);
/// Pages after the last such collection.
static SETTLED_PAGES: AtomicUsize = AtomicUsize::new(0);
/// How many times that the heap settles are passed over before the next such collection, since the last ones have found little.
static IN_VAIN: AtomicUsize = AtomicUsize::new(0);
/// How many have been. Written by the reaper.
static PASSED_OVER: AtomicUsize = AtomicUsize::new(0);
/// The most: about a minute.
const MOST_PASSED_OVER: usize = 63;
/// A collection is wanted, or on.
static WANTED: AtomicBool = AtomicBool::new(false);
static COLLECTOR: Mutex<Option<Thread>> = Mutex::new(None);
/// Garbage whose callbacks and finalisers are to be run.
static FUNERALS: Mutex<Vec<Funeral>> = Mutex::new(Vec::new());
/// Garbage whose callbacks and finalisers have run.
static RUN: Mutex<Vec<Funeral>> = Mutex::new(Vec::new());
/// Length of `FUNERALS`, for a look without the lock.
static WAITING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// This thread ends the process, and has the turn for good.
    static ENDS: Cell<bool> = const { Cell::new(false) };
}

/// Pages by which the process must at least grow between two collections of shared objects.
const MANY_PAGES: usize = 512;
/// How long to sleep between two looks at something. Nobody parks: see `registry::LOOK`.
const LOOK: Duration = Duration::from_micros(50);
/// How long a thread waits at a poll for a collector that it has outrun, for each eighth by which it has.
const ASSIST: Duration = Duration::from_millis(2);
/// The most of these.
const MOST_ASSIST: usize = 16;
/// How long the collector waits for the reaper to free what it has found.
const PATIENCE: Duration = Duration::from_millis(100);

/// The places of a collection where others may go on: see [`Safepoints::pass`].
pub(super) struct Safepoints(());

impl Safepoints {
    /// Those of a thread that helps the one that has the turn, and is gone when that gives it up.
    pub fn of_helper() -> Safepoints {
        Safepoints(())
    }

    /// Answers handshakes, and stands still if that is wanted. What is shared may be freed meanwhile.
    pub fn pass(&mut self) -> Result<(), Aborted> {
        self.pass_anyway();
        // Relaxed: a request.
        if IMPATIENT.load(Ordering::Relaxed) != 0 {
            return Err(Aborted);
        }
        Ok(())
    }

    /// As `pass`, where the work cannot be left half done.
    pub fn pass_anyway(&mut self) {
        mutator::pass_quietly();
        if pace::is_due() {
            mutator::detached(pace::rest_if_due);
        }
    }
}

/// The right to collect shared objects.
pub(crate) struct Turn {
    safepoints: Safepoints,
    /// It ends with this.
    ends: bool,
}

impl Turn {
    /// Waits for the turn, at a safepoint. `impatient`: whoever has it is to hurry.
    pub fn take(impatient: bool) -> Turn {
        let ends = !ENDS.get();
        // Relaxed: a request.
        IMPATIENT.fetch_add((impatient && ends) as u32, Ordering::Relaxed);
        // Acquire pairs with the release in `drop`.
        while ends && TAKEN.swap(true, Ordering::Acquire) {
            mutator::detached(|| std::thread::sleep(LOOK));
        }
        IMPATIENT.fetch_sub((impatient && ends) as u32, Ordering::Relaxed);
        Turn {
            safepoints: Safepoints(()),
            ends,
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.ends {
            TAKEN.store(false, Ordering::Release);
        }
    }
}

/// Finds shared garbage.
fn find(turn: &mut Turn) -> Result<Funeral, Aborted> {
    let mut suspects = scan::suspects(&mut turn.safepoints)?;
    let cells = std::mem::take(&mut suspects.cells);
    let confirmed = confirm::suspects(&cells, |cell| suspects.is_alive(cell), &mut turn.safepoints)?;
    Ok(Funeral::of(confirmed.garbage, confirmed.due))
}

fn finished(found: usize) {
    // Relaxed: for `wake_if_due`.
    PAGES.store(alloc::pages(), Ordering::Relaxed);
    note(2, found);
}

/// Collects shared objects on this thread, at a safepoint; gives the number of objects that were garbage.
pub(super) fn collect_here() -> usize {
    let mut turn = Turn::take(false);
    let funeral = find(&mut turn);
    drop(turn);
    let Ok(mut funeral) = funeral else { return 0 };
    let found = funeral.garbage.len();
    while funeral.run_some() {}
    // On abort the rest is found the next time.
    let _ = funeral.bury_shared(&mut Turn::take(false).safepoints);
    finished(found);
    found
}

/// Calls `f` with each shared container.
pub(super) fn each_shared(f: impl FnMut(&Header)) {
    let mut turn = Turn::take(false);
    let _ = scan::each_shared(&mut turn.safepoints, f);
}

/// For tests: calls `f` with each shared container that looks like garbage; false if the scan has ended early.
pub fn each_suspect(mut f: impl FnMut(&Header)) -> bool {
    let mut turn = Turn::take(false);
    let Ok(mut suspects) = scan::suspects(&mut turn.safepoints) else {
        return false;
    };
    for cell in std::mem::take(&mut suspects.cells) {
        if suspects.is_alive(cell) {
            // SAFETY: alive until the next safepoint.
            f(unsafe { &*cell });
        }
    }
    true
}

// ---- funerals ----------------------------------------------------------------------------------------------------

/// Whether there is Python code to be run for the collector.
pub(crate) fn has_funerals() -> bool {
    // Relaxed: a hint.
    WAITING.load(Ordering::Relaxed) != 0
}

/// Runs some callbacks and finalisers of what the collector has found.
pub(super) fn run_some_funeral() {
    if !has_funerals() {
        return;
    }
    let taken = FUNERALS.lock().pop();
    let Some(mut funeral) = taken else { return };
    if funeral.run_some() {
        let mut funerals = FUNERALS.lock();
        funerals.push(funeral);
        drop(funerals);
        mutator::request_self(request::COLLECT);
        return;
    }
    RUN.lock().push(funeral);
    WAITING.fetch_sub(1, Ordering::Relaxed);
    wake();
}

// ---- the collector -----------------------------------------------------------------------------------------------

/// Pages that call for a collection.
fn limit() -> usize {
    // Relaxed: a number.
    PAGES.load(Ordering::Relaxed) * 2 + MANY_PAGES
}

fn is_due() -> bool {
    alloc::pages() > limit()
}

/// Wakes the collector if the heap has grown by enough; waits a little if it has grown by far too much, in proportion to that.
pub(super) fn wake_if_due() {
    let (pages, limit) = (alloc::pages(), limit());
    if pages <= limit {
        return;
    }
    wake();
    let enough = limit + limit / 2;
    if pages > enough {
        let eighths = ((pages - enough) / (limit / 8) + 1).min(MOST_ASSIST);
        mutator::detached(|| std::thread::sleep(ASSIST * eighths as u32));
    }
}

/// Has the collector look for what a burst has left, when the heap has not grown for a while: the growth that would call for a collection may
/// not come for long. Where such collections find little, or the heap has not grown since the last one, it is done less often, unless it
/// has and the program has become quiet. By the reaper.
pub(crate) fn wake_when_settled(quiet: bool) {
    /// Pages of growth for which that is worth while.
    const BURST: usize = 64;
    // Relaxed, here and below: numbers. Collections in the middle of the burst do not count: what they have found alive may be dead now.
    let now = alloc::pages();
    let before = SETTLED_PAGES.fetch_min(now, Ordering::Relaxed);
    if !has_many_threads() || !is_on() {
        return;
    }
    let wait = match now > before + before / 8 + BURST {
        true if quiet => 0,
        true => IN_VAIN.load(Ordering::Relaxed),
        // What was alive then may be dead.
        false => MOST_PASSED_OVER,
    };
    let passed = PASSED_OVER.load(Ordering::Relaxed);
    if passed < wait {
        PASSED_OVER.store(passed + 1, Ordering::Relaxed);
        return;
    }
    PASSED_OVER.store(0, Ordering::Relaxed);
    // Relaxed: a request, seen by who is woken.
    ANYWAY.store(true, Ordering::Relaxed);
    wake();
}

fn wake() {
    // Relaxed: unparking orders it.
    if WANTED.swap(true, Ordering::Relaxed) {
        return;
    }
    let mut collector = COLLECTOR.lock();
    match &*collector {
        Some(thread) => thread.unpark(),
        None => {
            let builder = std::thread::Builder::new().name("skein-collector".into());
            // Without the thread, shared cycles wait for `gc.collect`.
            if crate::alloc::can_start_thread() {
                *collector = builder.spawn(run).ok().map(|h| h.thread().clone());
            }
        }
    }
}

fn run() {
    crate::reclaim::run_no_python();
    pace::begin();
    if mutator::enter().is_err() {
        return;
    }
    loop {
        // Who wakes us from now on wants another cycle, if it is due by then.
        WANTED.store(false, Ordering::Relaxed);
        once(cycle);
        mutator::detached(|| {
            while !WANTED.load(Ordering::Relaxed) {
                std::thread::park();
            }
            pace::woke_up();
        });
    }
}

/// A collection by the collector.
fn cycle() {
    let mut turn = Turn::take(false);
    let run = std::mem::take(&mut *RUN.lock());
    for funeral in run {
        let _ = funeral.bury_shared(&mut turn.safepoints);
    }
    let (begin, mut full) = (alloc::pages(), 0);
    let (mut found, mut gone) = (false, 0);
    let before = crate::reclaim::let_go();
    // Relaxed: as where it is set.
    let anyway = ANYWAY.swap(false, Ordering::Relaxed);
    if (anyway || is_due())
        && let Ok(funeral) = find(&mut turn)
    {
        found = true;
        full = alloc::pages();
        finished(funeral.garbage.len());
        if funeral.wants_python() {
            FUNERALS.lock().push(funeral);
            WAITING.fetch_add(1, Ordering::Relaxed);
            registry::request_others(request::COLLECT);
        } else {
            gone = funeral.bytes();
            let _ = funeral.bury_shared(&mut turn.safepoints);
        }
    }
    crate::reclaim::finish_own(|| turn.safepoints.pass_anyway());
    let end = Instant::now() + PATIENCE;
    while crate::reaper::is_behind() && Instant::now() < end {
        std::thread::sleep(LOOK);
        turn.safepoints.pass_anyway();
    }
    // Relaxed: for `wake_if_due`.
    let (now, last) = (alloc::pages(), PAGES.load(Ordering::Relaxed));
    let left = if found {
        // What has come since the beginning, garbage or not, counts as growth. What was freed shows in pages that have become empty,
        // but not while others fill pages as fast, or where the reaper is late: so what was dropped counts, too.
        gone += crate::reclaim::let_go() - before;
        let freed = full.saturating_sub(now).max(gone / alloc::PAGE);
        begin.saturating_sub(freed)
    } else {
        now.min(last)
    };
    PAGES.store(left, Ordering::Relaxed);
    if anyway {
        SETTLED_PAGES.store(now, Ordering::Relaxed);
        let little = gone / alloc::PAGE < begin / 16;
        let before = IN_VAIN.load(Ordering::Relaxed);
        IN_VAIN.store(
            if little {
                (before * 2 + 1).min(MOST_PASSED_OVER)
            } else {
                0
            },
            Ordering::Relaxed,
        );
    }
}

// ---- fork and the end --------------------------------------------------------------------------------------------

/// All locks of the collections of shared objects, held across a fork.
pub(crate) struct Locked {
    _turn: Turn,
    collector: MutexGuard<'static, Option<Thread>>,
    _funerals: MutexGuard<'static, Vec<Funeral>>,
    _run: MutexGuard<'static, Vec<Funeral>>,
}

/// To be called with the turn, and with the world stopped.
pub(crate) fn lock_for_fork(turn: Turn) -> Locked {
    Locked {
        _turn: turn,
        collector: COLLECTOR.lock(),
        _funerals: FUNERALS.lock(),
        _run: RUN.lock(),
    }
}

impl Locked {
    pub fn reset_in_child(&mut self) {
        *self.collector = None;
        WANTED.store(false, Ordering::Relaxed);
    }
}

/// Whether this thread ends the process.
pub(super) fn ends() -> bool {
    ENDS.get()
}

/// This thread ends the process: others have had their last turn, and who has it gives it up.
pub(crate) fn end() {
    let mut turn = Turn::take(true);
    turn.ends = false;
    ENDS.set(true);
}
