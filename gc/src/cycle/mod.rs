//! Garbage cycles.
//!
//! | whose | found by | how |
//! |---|---|---|
//! | a thread's private objects | the thread itself, at its polls | `trial.rs`: nobody else is involved |
//! | shared objects | the **collector**, a thread of its own, or whoever calls [`collect`] | `scan.rs` guesses, with the help of idle cores, `confirm.rs` makes sure; no thread is stopped |
//! | deferred objects, and what they reach | whoever calls [`collect`], or has made many | `sweep.rs`, with the world stopped |
//!
//! `bury.rs` finalises and frees what they find. Objects that are PENDING, dead or immortal are outside every scope.
//!
//! # When
//!
//! Private collections happen at polls, when the heap of the thread has grown by a sixty-fourth to an eighth; of the whole private heap
//! when it has grown by half since the last one; or as often as `gc.set_threshold` says. So the cost of each object is bounded, and what lives long is
//! looked at only as often as the heap doubles. Growth is counted in cells, taken or not; large buffers count too, with a quarter of their bytes. The collector is woken when there are twice as many pages as after its last
//! collection, and some more; or when the heap has settled, or the program has become quiet, and there are an eighth more; threads that fill pages faster than it can look at them wait for it (`background.rs`).

use crate::alloc;
use crate::class::Visitor;
use crate::header::{Header, flag};
use crate::value::{Ref, Value};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

mod background;
mod bury;
mod confirm;
mod observe;
mod scan;
mod sweep;
mod trial;

pub use observe::{Event, set_observer, set_scrutiny};
pub use sweep::{Rites, at_burial, bury};
#[doc(hidden)]
pub use {
    background::each_suspect,
    scan::{helped, set_scanners},
};

pub(crate) use background::{Turn, end, has_funerals, lock_for_fork, wake_when_settled};
pub(crate) use confirm::{gate, reading, touched};
pub(crate) use sweep::note_deferred;

use background::Safepoints;
use bury::Funeral;
use trial::Scope;

thread_local! {
    static BUSY: Cell<bool> = const { Cell::new(false) };
    /// Objects after the last collection of the whole private heap.
    static LIVE: Cell<usize> = const { Cell::new(0) };
    /// Objects after the last collection of any kind.
    static OBJECTS: Cell<usize> = const { Cell::new(0) };
}

/// Whether polls collect by themselves (`gc.enable`).
static ENABLED: AtomicBool = AtomicBool::new(true);
/// After how many new objects at most a thread's young objects are collected, as far as the program has said so; 0: never.
static THRESHOLD: AtomicUsize = AtomicUsize::new(usize::MAX);
/// Whether there has been a second thread.
static MANY_THREADS: AtomicBool = AtomicBool::new(false);
/// For `gc.get_stats`, by kind: of young private objects, of all private ones, of all.
static COLLECTIONS: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];
static COLLECTED: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];
/// The kind of collections of all objects.
const ALL: usize = 2;

/// By how many objects a heap grows before it is worth a look at all of it.
const FULL_AT_LEAST: usize = 1 << 16;
/// By how many objects a heap grows before it is worth a collection: with their buffers they mostly fit into the cache of a core. Programs, and
/// tests of CPython, count on one within 10,000 containers.
pub(crate) const FIRST_COLLECTION: usize = 5_000;

/// A collection of shared objects is to end before its time.
struct Aborted;

/// Counters of collections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub collections: usize,
    /// Objects that were garbage.
    pub collected: usize,
}

/// Of a thread's young private objects, of all of its private objects, and of all objects.
pub fn stats() -> [Stats; 3] {
    std::array::from_fn(|kind| Stats {
        // Relaxed: numbers for show.
        collections: COLLECTIONS[kind].load(Ordering::Relaxed),
        collected: COLLECTED[kind].load(Ordering::Relaxed),
    })
}

fn note(kind: usize, found: usize) {
    // Relaxed: as above.
    COLLECTIONS[kind].fetch_add(1, Ordering::Relaxed);
    COLLECTED[kind].fetch_add(found, Ordering::Relaxed);
}

pub fn set_enabled(enabled: bool) {
    // Relaxed: a switch.
    ENABLED.store(enabled, Ordering::Relaxed);
}

pub fn is_enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// After how many new objects at most, about, a thread's young ones are collected at a poll; 0: never. By default it is the growth of the
/// heap alone that counts. This thread goes by it at once, others from their next collection on.
pub fn set_threshold(objects: Option<usize>) {
    // Relaxed: a number.
    THRESHOLD.store(objects.unwrap_or(usize::MAX), Ordering::Relaxed);
    alloc::count_growth_anew(until_next(LIVE.get(), 1));
}

/// Whether polls collect at all.
fn is_on() -> bool {
    // Relaxed: as above.
    is_enabled() && THRESHOLD.load(Ordering::Relaxed) != 0
}

/// By how many cells a thread's heap grows until its next collection, with so many that live. `holes`: by how many times its growth the last
/// one had to look at. What is collected soon is in the caches still; but where the new objects lie between many old ones, each collection
/// looks at all of these, and where there are many pages, at each for a moment.
fn until_next(live: usize, holes: usize) -> usize {
    // Relaxed: as above.
    match THRESHOLD.load(Ordering::Relaxed) {
        0 => FULL_AT_LEAST,
        most => {
            let least = (live / 64).max(FIRST_COLLECTION);
            least.saturating_mul(holes).min(live / 8).max(least).min(most)
        }
    }
}

pub(crate) fn note_many_threads() {
    MANY_THREADS.store(true, Ordering::Relaxed);
}

fn has_many_threads() -> bool {
    // Relaxed: written before the second thread touches any object.
    MANY_THREADS.load(Ordering::Relaxed)
}

/// Whether this thread is in a collection, whose finalisers may poll.
pub(crate) fn is_busy() -> bool {
    BUSY.get()
}

/// Runs `f` unless this thread is in a collection already, whose finalisers have brought it here.
fn once<R>(f: impl FnOnce() -> R) -> Option<R> {
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            BUSY.set(false);
        }
    }
    if BUSY.replace(true) {
        return None;
    }
    let _done = Done;
    Some(f())
}

/// Collects this thread's private objects and the shared ones; gives the number of objects that were garbage. To be called
/// at a safepoint. Other threads go on; what is private to them they collect themselves.
pub fn collect() -> usize {
    collect_with(Sweep::Unnoticed)
}

/// Whether a collection sweeps deferred objects (`sweep.rs`), for which all threads stand still.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// For the end of the process, when most that are there will never be needed again and are not worth the look.
    Never,
    /// Where no other thread runs Python code, or a sweep is due anyway.
    Unnoticed,
    Always,
}

/// As [`collect`].
pub fn collect_with(sweep: Sweep) -> usize {
    let found = once(|| {
        observe::around(2, || {
            // A sweep finds the private garbage, too.
            let sweeps = sweep == Sweep::Always || sweep == Sweep::Unnoticed && sweep::may_stop();
            let mut found = if sweeps { 0 } else { find_private(Scope::Private) };
            // That notes itself.
            let shared = if has_many_threads() {
                background::collect_here()
            } else {
                0
            };
            if sweeps {
                found += sweep::sweep(&HashMap::new());
                count_anew(Scope::Private, 1);
            }
            // Relaxed: numbers for show.
            COLLECTIONS[ALL].fetch_add(!has_many_threads() as usize, Ordering::Relaxed);
            COLLECTED[ALL].fetch_add(found, Ordering::Relaxed);
            found + shared
        })
    });
    if sweep != Sweep::Never {
        crate::reaper::tend_now();
    }
    found.unwrap_or(0)
}

/// Finds and frees what nothing reaches, deferred objects among it, as if the program's own objects alone referred to `root`, whatever native
/// code still holds it; gives the number of objects that were garbage.
pub fn collect_from(root: &Ref) -> usize {
    let held = root.header().map(|h| (std::ptr::from_ref(h).addr(), u32::MAX));
    once(|| sweep::sweep(&held.into_iter().collect())).unwrap_or(0)
}

/// As [`collect`], of the younger `generation`s: this thread's young private objects (0), all of its private objects (1).
pub fn collect_generation(generation: usize) -> usize {
    match generation {
        0 => once(|| observe::around(0, || collect_private(Scope::Young))).unwrap_or(0),
        1 => once(|| observe::around(1, || collect_private(Scope::Private))).unwrap_or(0),
        _ => collect(),
    }
}

/// Collects the young among this thread's private objects.
pub fn collect_young() -> usize {
    once(|| collect_private(Scope::Young)).unwrap_or(0)
}

/// A collection that allocation has asked for, or a funeral that wants Python code, at a poll.
pub(crate) fn step() {
    once(|| {
        background::run_some_funeral();
        if sweep::is_due() && is_on() && sweep::step() {
            return;
        }
        if !alloc::has_grown() {
            return;
        }
        if !is_on() {
            // Asked again after a while, in case it is enabled by then.
            alloc::count_growth_anew(FULL_AT_LEAST);
            return;
        }
        if has_many_threads() {
            background::wake_if_due();
        }
        // About; without a look at each page.
        let live = OBJECTS.get() + alloc::grown();
        if live > LIVE.get() + (LIVE.get() / 2).max(FULL_AT_LEAST) {
            observe::around(2, || collect_private(Scope::Private));
        } else {
            observe::around(0, || collect_private(Scope::Young));
        }
    });
}

fn collect_private(scope: Scope) -> usize {
    let found = find_private(scope);
    note(scope as usize, found);
    found
}

/// Finds and frees private garbage; gives the number of objects.
fn find_private(scope: Scope) -> usize {
    let grown = alloc::grown();
    let (garbage, looked) = trial::garbage(scope);
    let due = clear_cells(&garbage);
    let found = Funeral::of(garbage, due).bury_private();
    // A look at all says nothing of the next one.
    let holes = if scope == Scope::Young {
        looked / grown.max(1)
    } else {
        1
    };
    count_anew(scope, holes);
    found
}

/// Counts the growth of this thread's heap from now on, after a collection.
fn count_anew(scope: Scope, holes: usize) {
    let live = alloc::usage().objects;
    OBJECTS.set(live);
    if scope == Scope::Private {
        LIVE.set(live);
    }
    alloc::count_growth_anew(until_next(live, holes));
}

/// Clears the weak references to garbage; gives those weakrefs that are not garbage and whose callbacks are due.
fn clear_cells(garbage: &[Ref]) -> Vec<Ref> {
    let weak = |r: &&Ref| r.header().is_some_and(|h| h.has_flag(flag::WEAK));
    if !garbage.iter().any(|r| weak(&r)) {
        return Vec::new();
    }
    let dead: std::collections::HashSet<u64> = garbage.iter().map(|r| r.value().0).collect();
    let mut due = Vec::new();
    for h in garbage.iter().filter(weak).filter_map(Ref::header) {
        let weakrefs = crate::weak::clear_cell(h);
        // References to garbage weakrefs may be dropped here: `garbage` holds them too.
        due.extend(weakrefs.into_iter().filter(|w| !dead.contains(&w.value().0)));
    }
    due
}

/// By how many the objects of this thread's heap have grown since its last collection.
pub fn young_objects() -> usize {
    alloc::usage().objects.saturating_sub(OBJECTS.get())
}

/// Calls `f` with a new reference to each live container: this thread's, and the shared ones (`gc.get_objects`).
pub fn objects(mut f: impl FnMut(Ref)) {
    let mut found = Vec::new();
    each_container(|h| found.push(Ref::of(h)));
    found.into_iter().for_each(&mut f);
}

/// Calls `f` with a new reference to each container of this thread's in pages where objects were allocated since its last collection.
pub fn young(mut f: impl FnMut(Ref)) {
    let mut found = Vec::new();
    alloc::each_young_object(|h| {
        if trial::is_container(h) {
            found.push(Ref::of(h));
        }
    });
    found.into_iter().for_each(&mut f);
}

/// `f` does not allocate or free objects.
fn each_container(mut f: impl FnMut(&Header)) {
    alloc::each_own_object(|h| {
        if trial::is_container(h) {
            f(h);
        }
    });
    if has_many_threads() {
        background::each_shared(f);
    }
}

/// From now on no collection looks at the containers that are there (`gc.freeze`); or they do again.
pub fn freeze(freeze: bool) {
    each_container(|h| {
        if freeze {
            h.set_flag(flag::FROZEN);
        } else {
            h.clear_flag(flag::FROZEN);
        }
    });
}

/// How many containers no collection looks at.
pub fn frozen() -> usize {
    let mut n = 0;
    each_container(|h| n += h.has_flag(flag::FROZEN) as usize);
    n
}

/// Calls `f` with each reference that an object owns.
fn trace(h: &Header, f: &mut dyn FnMut(Value)) {
    // SAFETY: an object of its class, alive by the borrow.
    unsafe { (h.class().trace.get())(h, &mut Visitor::new(f)) };
}
