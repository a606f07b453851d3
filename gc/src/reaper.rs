//! The reaper: a thread of its own that makes others look after what is pending, and gives memory back.
//!
//! * While anything is pending it asks all attached threads every millisecond for a handshake (`reclaim.rs`).
//! * After that, and when pages have become empty, it **tends** the memory, once in every [`PERIOD`]: threads give up the pages that
//!   others have emptied, those of exited threads go to the pool, and what was in the pool during a whole period goes back to the
//!   system, as does what mimalloc keeps of buffers (`alloc`). So no thread of the program does that, and a program
//!   that allocates and frees in turns keeps what it needs.
//!
//! | word | written by | read by |
//! |---|---|---|
//! | `ACTIVE` | any thread sets it; the reaper clears it, once in a tick | any thread |
//! | `UNTENDED` | as `ACTIVE`, once in a period | the reaper |
//! | `HASTE` | any thread sets it, the reaper clears it | the reaper |
//!
//! It sleeps when nothing has happened for a while.

use crate::alloc;
use crate::mutator::request;
use crate::registry::{request_others, trim_some};
use parking_lot::{Mutex, MutexGuard};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(1);
/// Ticks without activity after which there are no more.
const IDLE: u32 = 3;
/// How long memory is left alone that nobody uses.
const PERIOD: Duration = Duration::from_millis(100);
/// Periods for which memory is tended after something has happened: pages that are given up in one are idle in the next,
/// and mimalloc waits for a delay of its own.
const PERIODS: u32 = 5;

/// The thread, once it has been started.
static REAPER: Mutex<Option<Thread>> = Mutex::new(None);
/// Something has been added or is still there since the last tick.
static ACTIVE: AtomicBool = AtomicBool::new(false);
/// There may be memory to be given back.
static UNTENDED: AtomicBool = AtomicBool::new(false);
/// Memory is to be given back at once.
static HASTE: AtomicBool = AtomicBool::new(false);
/// Held while the reaper uses locks of `alloc`: it is not registered, so a fork does not wait for it otherwise.
static AT_WORK: Mutex<()> = Mutex::new(());

/// Makes sure that there will be a handshake soon.
pub(crate) fn keep_ticking() {
    // Relaxed: if the reaper clears it at this moment, it has a tick before it that follows what we have added; and
    // while lists are not empty each handshake calls here again.
    if !ACTIVE.load(Ordering::Relaxed) {
        wake(&ACTIVE);
    }
}

/// Makes sure that memory which is not needed any more is given back after a while.
pub(crate) fn tend() {
    // Relaxed: as in `keep_ticking`.
    if !UNTENDED.load(Ordering::Relaxed) {
        wake(&UNTENDED);
    }
}

/// Makes sure that memory which is not needed now is given back at once, if it is much.
pub(crate) fn tend_now() {
    if alloc::has_many_empty() || UNTENDED.load(Ordering::Relaxed) || REAPER.lock().is_some() {
        wake(&HASTE);
    }
}

#[cold]
fn wake(word: &AtomicBool) {
    let mut reaper = REAPER.lock();
    // Relaxed: unparking orders it.
    word.store(true, Ordering::Relaxed);
    match &*reaper {
        Some(thread) => thread.unpark(),
        None => {
            let builder = std::thread::Builder::new().name("skein-reaper".into());
            // Without the thread, rounds happen when somebody is in a hurry, or attaches; memory is not given back.
            *reaper = builder.spawn(run).ok().map(|h| h.thread().clone());
        }
    }
}

fn run() {
    let mut idle = 0;
    // Periods that are still to be tended, and when the next one ends.
    let (mut round, mut periods) = (0u32, 0);
    let mut end = Instant::now();
    // Not in haste before that: a program may collect again and again.
    let mut hasten = end;
    loop {
        // Relaxed: hints, see `keep_ticking`.
        idle = if ACTIVE.swap(false, Ordering::Relaxed) {
            0
        } else {
            idle + 1
        };
        let wanted = HASTE.swap(false, Ordering::Relaxed);
        let haste = wanted && Instant::now() >= hasten;
        if UNTENDED.swap(false, Ordering::Relaxed) || idle == 0 || wanted {
            if periods == 0 {
                end = Instant::now() + PERIOD;
            }
            periods = PERIODS;
        }
        if periods > 0 && (haste || Instant::now() >= end) {
            round = round.wrapping_add(1).max(1);
            tend_once(round, haste);
            periods -= 1;
            end = Instant::now() + PERIOD;
            if haste {
                hasten = end;
            }
        }
        if idle <= IDLE {
            std::thread::sleep(TICK);
            request_others(request::HANDSHAKE);
        } else if periods > 0 {
            std::thread::park_timeout(end.saturating_duration_since(Instant::now()));
        } else {
            std::thread::park();
        }
    }
}

/// Gives memory back that was not needed in the last period; `all`: that is not needed now.
fn tend_once(round: u32, all: bool) {
    // Those that are attached do it at a poll, meanwhile.
    while !trim_some(round) {
        std::thread::yield_now();
    }
    let _at_work = AT_WORK.lock();
    alloc::sweep_abandoned();
    if alloc::purge_idle(all) {
        // Relaxed: for this thread.
        UNTENDED.store(true, Ordering::Relaxed);
    }
    alloc::collect(all);
}

/// All locks of this file, held across a fork, and the reaper's part in others.
pub(crate) struct Locked {
    reaper: MutexGuard<'static, Option<Thread>>,
    _at_work: MutexGuard<'static, ()>,
}

pub(crate) fn lock_for_fork() -> Locked {
    let at_work = AT_WORK.lock();
    Locked {
        reaper: REAPER.lock(),
        _at_work: at_work,
    }
}

impl Locked {
    pub fn reset_in_child(&mut self) {
        *self.reaper = None;
        for word in [&ACTIVE, &UNTENDED, &HASTE] {
            // Relaxed: only one thread exists.
            word.store(false, Ordering::Relaxed);
        }
        alloc::forget_reaper();
    }
}
