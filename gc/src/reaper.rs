//! The reaper: a thread of its own that makes others look after what is pending, frees what is much, and gives memory back.
//!
//! * While anything is pending it asks all attached threads every millisecond for a handshake (`reclaim.rs`).
//! * It frees what is in long lists of dropped objects ([`give`]), in pieces of [`PATIENCE`] between two safepoints; so no thread of the
//!   program stands still because of what it, or another, has dropped. Where it does not keep up, those wait who drop more
//!   ([`wait_for_room`]). It runs no Python code: finalisers and callbacks it leaves to the others, who look for them once more before
//!   all of them wait (`mutator::waiting`). When they do, it takes over what they have left of the rest.
//! * After that, and when pages have become empty, it **tends** the memory, once in every [`PERIOD`]: threads give up the pages that
//!   others have emptied, those of exited threads go to the pool, and what was in the pool during a whole period goes back to the
//!   system, as does what mimalloc keeps of buffers (`alloc`). So no thread of the program does that, and a program
//!   that allocates and frees in turns keeps what it needs.
//!
//! | word (`signal.rs`) | raised by | taken by |
//! |---|---|---|
//! | `ACTIVE` | any thread, which looks at it before | the reaper, once in a tick |
//! | `UNTENDED` | as `ACTIVE` | the reaper, once in a period |
//! | `HASTE` | any thread | the reaper |
//!
//! To `BACKLOG` adds who gives a list, and the reaper subtracts; who drops something reads it.
//!
//! It sleeps when nothing has happened for a while.

use crate::alloc;
use crate::lock::{Mutex, MutexGuard};
use crate::mutator::{self, request};
use crate::pace;
use crate::reclaim::{self, Batch};
use crate::registry::{request_others, trim_some};
use crate::signal::Signal;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(1);
/// Ticks without activity after which there are no more.
const IDLE: u32 = 3;
/// How long memory is left alone that nobody uses.
const PERIOD: Duration = Duration::from_millis(100);
/// Periods for which memory is tended after something has happened: pages that are given up in one are idle in the next,
/// and mimalloc waits for a delay of its own, ten times what `alloc::system` asks for.
const PERIODS: u32 = 13;
/// Periods without growth after which a heap has settled. Less than `PERIODS`, so that a program which becomes quiet comes to it.
const SETTLED: u32 = 10;

/// The thread, once it has been started.
static REAPER: Mutex<Option<Thread>> = Mutex::new(None);
/// Something has been added or is still there since the last tick.
static ACTIVE: Signal = Signal::new();
/// There may be memory to be given back.
static UNTENDED: Signal = Signal::new();
/// Memory is to be given back at once.
static HASTE: Signal = Signal::new();
/// Held while the reaper uses locks of `alloc`, or has lists in hand that it has not freed any of: it is not registered then, so a fork does
/// not wait for it otherwise.
static AT_WORK: Mutex<()> = Mutex::new(());

/// Makes sure that there will be a handshake soon.
pub(crate) fn keep_ticking() {
    // If the reaper takes it at this moment, it has a tick before it that follows what we have added; and while lists are not empty
    // each handshake calls here again.
    if !ACTIVE.is_up() {
        wake(&ACTIVE);
    }
}

/// Makes sure that memory which is not needed any more is given back after a while.
pub(crate) fn tend() {
    if !UNTENDED.is_up() {
        wake(&UNTENDED);
    }
}

/// Makes sure that memory which is not needed now is given back at once, if it is much.
pub(crate) fn tend_now() {
    if alloc::has_many_empty() || UNTENDED.is_up() || REAPER.lock().is_some() {
        wake(&HASTE);
    }
}

/// Raises a signal and wakes the reaper; false if there is none.
#[cold]
fn wake(signal: &Signal) -> bool {
    let mut reaper = REAPER.lock();
    signal.raise();
    match &*reaper {
        Some(thread) => thread.unpark(),
        None => {
            let builder = std::thread::Builder::new().name("skein-reaper".into());
            // Without the thread, rounds happen when somebody is in a hurry, or attaches; memory is not given back.
            if crate::alloc::can_start_thread() {
                *reaper = builder.spawn(run).ok().map(|h| h.thread().clone());
            }
        }
    }
    reaper.is_some()
}

// ---- garbage -----------------------------------------------------------------------------------------------------

/// Long lists of what was dropped, in the order in which they came.
static LISTS: Mutex<VecDeque<Batch>> = Mutex::new(VecDeque::new());
/// What they weigh.
static BACKLOG: AtomicUsize = AtomicUsize::new(0);

/// How many lists others than the reaper have given.
static GIVEN: AtomicUsize = AtomicUsize::new(0);

/// See [`GIVEN`].
pub(crate) fn given() -> usize {
    // Relaxed: a number.
    GIVEN.load(Ordering::Relaxed)
}

/// Bytes of dropped memory that is not freed yet, from which on those wait who drop more.
const MOST_BACKLOG: usize = 64 << 20;
/// Of how many more bytes each of them waits.
const INSTALMENT: usize = 1 << 20;
/// How long the reaper goes on without a poll.
const PATIENCE: Duration = Duration::from_micros(200);
/// How long it waits for a grace period before it looks again.
const LOOK: Duration = Duration::from_micros(100);

/// Takes a list over, to free what is dead in it.
pub(crate) fn give(batch: Batch) {
    // Relaxed: a number.
    BACKLOG.fetch_add(batch.bytes(), Ordering::Relaxed);
    if reclaim::runs_python() {
        GIVEN.fetch_add(1, Ordering::Relaxed);
    }
    LISTS.lock().push_back(batch);
    if !wake(&ACTIVE) {
        // There is no reaper: everybody does it.
        BACKLOG.store(0, Ordering::Relaxed);
        let lists = std::mem::take(&mut *LISTS.lock());
        lists.into_iter().for_each(reclaim::orphan);
    }
}

/// Where more was dropped than the reaper gets done, waits a little, detached, if `has_dropped` says that this thread has
/// dropped more than so many bytes since it last waited. At a poll.
pub(crate) fn wait_for_room(has_dropped: impl FnOnce(usize) -> bool) {
    let excess = BACKLOG.load(Ordering::Relaxed).saturating_sub(MOST_BACKLOG);
    if excess > 0 && has_dropped(INSTALMENT) {
        // In proportion to what is too much, so that it stays about twice as much at most.
        let wait = (excess / (MOST_BACKLOG / 32)).clamp(1, 32);
        mutator::detached(|| std::thread::sleep(TICK * wait as u32));
    }
}

/// Frees a piece of the lists; false if there is nothing to be done at the moment. The thread is attached.
fn free_some() -> bool {
    let take = |fresh: bool| {
        let mut lists = LISTS.lock();
        let i = lists.iter().position(|b| b.is_fresh() == fresh)?;
        lists.remove(i)
    };
    let until = Instant::now() + PATIENCE;
    let mut batch = match take(false) {
        Some(mut batch) if batch.is_ripe() => {
            if batch.bury(Some(until)) {
                BACKLOG.fetch_sub(batch.bytes(), Ordering::Relaxed);
            } else {
                LISTS.lock().push_front(batch);
            }
            // What they alone referred to.
            if let Some(more) = reclaim::take_fresh() {
                give(more);
            }
            return true;
        }
        unripe => {
            let fresh = take(true);
            if let Some(batch) = unripe {
                LISTS.lock().push_front(batch);
            }
            match fresh {
                Some(batch) => batch,
                None => return false,
            }
        }
    };
    let before = batch.bytes();
    let begun = batch.extend_some(until);
    BACKLOG.fetch_add(batch.bytes() - before, Ordering::Relaxed);
    LISTS.lock().push_back(batch);
    if begun {
        request_others(request::HANDSHAKE);
    }
    true
}

/// Whether there are lists to be freed.
pub(crate) fn is_behind() -> bool {
    BACKLOG.load(Ordering::Relaxed) != 0
}

fn has_lists() -> bool {
    !LISTS.lock().is_empty()
}

/// Takes over what nobody else takes care of, since all wait.
fn take_orphans() {
    let _at_work = AT_WORK.lock();
    let orphans = reclaim::take_plain_orphans();
    // Relaxed: a number.
    BACKLOG.fetch_add(orphans.iter().map(Batch::bytes).sum(), Ordering::Relaxed);
    LISTS.lock().extend(orphans);
}

/// Frees what can be freed at the moment; in pieces, with `tick` and a safepoint after each.
fn free(mut tick: impl FnMut()) {
    if mutator::current_slot() == mutator::UNREGISTERED {
        reclaim::run_no_python();
        if mutator::enter().is_err() {
            return;
        }
    } else {
        mutator::attach();
    }
    while free_some() {
        mutator::pass_quietly();
        tick();
        if pace::is_due() {
            mutator::detached(pace::rest_if_due);
        }
    }
    mutator::detach();
}

// ---- the thread --------------------------------------------------------------------------------------------------

fn run() {
    pace::begin();
    alloc::has_started();
    let mut idle = 0;
    // Periods that are still to be tended, and when the next one ends.
    let (mut round, mut periods) = (0u32, 0);
    // The most pages since the heap has last settled, or shrunk by much, and for how many periods there were not more.
    let (mut most, mut settled) = (0, 0);
    let mut end = Instant::now();
    // Not in haste before that: a program may collect again and again.
    let mut hasten = end;
    let mut ticked = end;
    loop {
        let busy = has_lists();
        if busy {
            free(|| {
                if ticked.elapsed() >= TICK {
                    ticked = Instant::now();
                    request_others(request::HANDSHAKE);
                }
            });
        }
        idle = if ACTIVE.take() || busy { 0 } else { idle + 1 };
        if idle == IDLE {
            take_orphans();
        }
        let wanted = HASTE.take();
        let haste = wanted && Instant::now() >= hasten;
        if UNTENDED.take() || idle == 0 || wanted {
            if periods == 0 {
                end = Instant::now() + PERIOD;
            }
            periods = PERIODS;
        }
        if periods > 0 && (haste || Instant::now() >= end) {
            round = round.wrapping_add(1).max(1);
            // Whoever has left something there since was told that it is known: see `alloc::purge_idle`.
            periods = if tend_once(round, haste) { PERIODS } else { periods - 1 };
            end = Instant::now() + PERIOD;
            if haste {
                hasten = end;
            }
            let pages = alloc::pages();
            if pages > most || pages < most / 8 * 7 {
                (most, settled) = (pages, 0);
            } else {
                settled += 1;
            }
            if settled == SETTLED || periods == 0 {
                (most, settled) = (pages, 0);
                crate::cycle::wake_when_settled(periods == 0);
            }
        }
        if has_lists() {
            std::thread::sleep(LOOK);
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                request_others(request::HANDSHAKE);
            }
        } else if idle <= IDLE {
            std::thread::sleep(TICK);
            ticked = Instant::now();
            request_others(request::HANDSHAKE);
        } else if periods > 0 {
            std::thread::park_timeout(end.saturating_duration_since(Instant::now()));
        } else {
            std::thread::park();
        }
        pace::woke_up();
    }
}

/// Gives memory back that was not needed in the last period; `all`: that is not needed now. Gives whether there is more.
fn tend_once(round: u32, all: bool) -> bool {
    // Those that are attached do it at a poll, meanwhile.
    while !trim_some(round) {
        std::thread::yield_now();
        pace::rest_if_due();
    }
    let mut more = alloc::purge_blocks();
    let _at_work = AT_WORK.lock();
    alloc::sweep_abandoned();
    more |= alloc::purge_idle(all);
    // Not more than is due, haste or not: mimalloc gives all of it back in one go, and who collects again and again needs the same blocks
    // again at once.
    alloc::collect();
    more
}

/// All locks of this file, held across a fork, and the reaper's part in others.
pub(crate) struct Locked {
    reaper: MutexGuard<'static, Option<Thread>>,
    _lists: MutexGuard<'static, VecDeque<Batch>>,
    _at_work: MutexGuard<'static, ()>,
}

pub(crate) fn lock_for_fork() -> Locked {
    let at_work = AT_WORK.lock();
    Locked {
        reaper: REAPER.lock(),
        _lists: LISTS.lock(),
        _at_work: at_work,
    }
}

impl Locked {
    pub fn reset_in_child(&mut self) {
        *self.reaper = None;
        for signal in [&ACTIVE, &UNTENDED, &HASTE] {
            signal.take();
        }
        alloc::forget_reaper();
    }
}
