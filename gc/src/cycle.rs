//! Garbage cycles, by trial deletion.
//!
//! 1. Choose a **scope**: this thread's private containers in pages where objects were allocated since the last time
//!    (young), or all of them, or, with the world stopped, all containers but those that are private to other threads.
//! 2. Give each object in it a word: its references. Trace all of them and subtract each edge that stays inside. What is
//!    left are references from outside: registers, native code, objects that are not in the scope.
//! 3. What has some, and all that it reaches, is alive. The rest is garbage: hold one reference to each.
//! 4. Clear the cells of weak references to garbage, run the callbacks of weakrefs that are not garbage themselves, run
//!    finalisers (PEP 442). Any of these can bring garbage back to life: if one ran, do step 2 again for the garbage alone,
//!    and let go what has references from outside or was published.
//! 5. Clear the rest: each slot is emptied (`Visitor::clearing`), which breaks the cycles; then drop the references of step 3.
//!
//! Registers count private objects, and with the world stopped they are made to count the shared ones (`uncounted.rs`), so
//! nothing but objects is scanned. Step 2 needs no other thread where the scope is private: nobody
//! else can change its objects. Objects that are PENDING, dead or immortal are outside every scope.
//!
//! Private collections happen at polls, when the heap of the thread has grown by an eighth; of the whole private heap
//! when it has grown by half since the last one. So the cost of each byte is bounded, and what lives long is
//! looked at only as often as the heap doubles.

use crate::alloc::{self, Page};
use crate::class::Visitor;
use crate::header::{Header, flag};
use crate::registry;
use crate::value::{Ref, Value};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

thread_local! {
    static BUSY: Cell<bool> = const { Cell::new(false) };
    /// Live bytes after the last collection of the whole private heap.
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

/// Whether polls collect by themselves (`gc.enable`).
static ENABLED: AtomicBool = AtomicBool::new(true);
/// Whether there has been a second thread.
static MANY_THREADS: AtomicBool = AtomicBool::new(false);
/// Pages of the process after the last collection of everything.
static PAGES: AtomicUsize = AtomicUsize::new(0);
/// For `gc.get_stats`.
static STATS: [AtomicUsize; 4] = [const { AtomicUsize::new(0) }; 4];

/// Pages by which the process must at least grow between two collections of everything.
const MANY_PAGES: usize = 512;
const FULL_AT_LEAST: usize = 4 << 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Scope {
    Young,
    Private,
    World,
}

/// Counters of collections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub young: usize,
    pub private: usize,
    pub world: usize,
    /// Objects found to be garbage.
    pub collected: usize,
}

pub fn stats() -> Stats {
    let n = |i: usize| STATS[i].load(Ordering::Relaxed);
    Stats {
        young: n(0),
        private: n(1),
        world: n(2),
        collected: n(3),
    }
}

pub fn set_enabled(enabled: bool) {
    ENABLED.store(enabled, Ordering::Relaxed);
}

pub fn is_enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

pub(crate) fn note_many_threads() {
    MANY_THREADS.store(true, Ordering::Relaxed);
}

/// Whether this thread is in a collection, whose finalisers may poll.
pub(crate) fn is_busy() -> bool {
    BUSY.get()
}

/// Collects everything; gives the number of objects that were garbage. To be called at a safepoint.
pub fn collect() -> usize {
    if MANY_THREADS.load(Ordering::Relaxed) {
        collect_scope(Scope::World)
    } else {
        collect_scope(Scope::Private)
    }
}

/// Collects the young among this thread's private objects.
pub fn collect_young() -> usize {
    collect_scope(Scope::Young)
}

/// A collection that allocation has asked for, at a poll.
pub(crate) fn step() {
    if !is_enabled() {
        // Asked again after a while, in case it is enabled by then.
        alloc::count_growth_anew(FULL_AT_LEAST);
        return;
    }
    if MANY_THREADS.load(Ordering::Relaxed) {
        let pages = alloc::pages();
        if pages > PAGES.load(Ordering::Relaxed) * 2 + MANY_PAGES {
            collect_scope(Scope::World);
            return;
        }
    }
    let live = alloc::usage().bytes;
    if live > LIVE.get() + (LIVE.get() / 2).max(FULL_AT_LEAST) {
        collect_scope(Scope::Private);
    } else {
        collect_scope(Scope::Young);
    }
}

/// Calls `f` with a new reference to each live container: this thread's, and the shared ones where there are threads
/// (`gc.get_objects`).
pub fn objects(mut f: impl FnMut(Ref)) {
    let find = || {
        let mut found = Vec::new();
        let others = registry::slots_of_others();
        alloc::each_object(|h| {
            if is_candidate(h, Scope::World, &others) {
                found.push(Ref::of(h));
            }
        });
        found
    };
    let found = if MANY_THREADS.load(Ordering::Relaxed) {
        registry::stop_the_world(find)
    } else {
        find()
    };
    found.into_iter().for_each(&mut f);
}

fn is_candidate(h: &Header, scope: Scope, others: &HashSet<u16>) -> bool {
    // The class is looked at last: what is not private may be freed at this moment, outside a stopped world.
    // Count bits: neither PENDING nor DIRTY, DEAD or immortal.
    let word = h.count.peek();
    word >= crate::count::ONE
        && word & (crate::count::IMMORTAL | crate::count::PENDING | crate::count::DIRTY) == 0
        && match scope {
            // Relaxed: the world is stopped.
            Scope::World => !others.contains(&h.owner.load(Ordering::Relaxed)),
            _ => h.is_private(),
        }
        && h.class().is_container()
}

// ---- trial deletion ----------------------------------------------------------------------------------------------

/// Word of what is not in the scope.
const OUTSIDE: u32 = u32::MAX;
/// Word of what is known to be alive.
const ALIVE: u32 = 1 << 30;

struct Trial {
    scope: Scope,
    /// Slots of other threads, where that matters.
    others: HashSet<u16>,
    pages: Vec<(*const Page, Box<[u32]>)>,
    large: HashMap<usize, u32>,
    objects: Vec<*const Header>,
}

impl Trial {
    fn begin(scope: Scope) -> Trial {
        let mut trial = Trial {
            scope,
            others: match scope {
                Scope::World => registry::slots_of_others(),
                _ => HashSet::new(),
            },
            pages: Vec::new(),
            large: HashMap::new(),
            objects: Vec::new(),
        };
        match scope {
            Scope::Young => alloc::take_young_pages(|page| trial.add_page(page)),
            Scope::Private => {
                alloc::take_young_pages(|_| ());
                alloc::each_own_page(|page| trial.add_page(page));
            }
            Scope::World => alloc::each_page(|page| trial.add_page(page)),
        }
        alloc::each_large(|h| {
            if is_candidate(h, scope, &trial.others) {
                trial.objects.push(h);
                trial.large.insert((&raw const *h).addr(), h.references());
            }
        });
        trial
    }

    fn add_page(&mut self, page: &Page) {
        let mut marks = vec![OUTSIDE; page.ready.get() as usize].into_boxed_slice();
        page.each_object(&mut |h| {
            if is_candidate(h, self.scope, &self.others) {
                marks[page.number(h)] = h.references();
                self.objects.push(h);
            }
        });
        page.marks.set(marks.as_mut_ptr());
        self.pages.push((page, marks));
    }

    /// The word of an object, unless it is outside.
    fn word(&mut self, v: Value) -> Option<&mut u32> {
        if !v.is_counted() {
            return None;
        }
        // SAFETY: an edge of a live object, and nobody can change it meanwhile.
        let h = unsafe { &*v.pointer() };
        if self.scope != Scope::World && !h.is_private() {
            return None;
        }
        let word = if h.has_flag(flag::LARGE) {
            self.large.get_mut(&v.pointer().addr())?
        } else {
            // SAFETY: a private object that is not large lies in a page of ours, any object does in a stopped world. The
            // words are there as long as `marks` is set, and no other reference to them is used.
            unsafe {
                let page = &*Page::of(v.pointer());
                let marks = page.marks.get();
                if marks.is_null() {
                    return None;
                }
                &mut *marks.add(page.number(h))
            }
        };
        (*word != OUTSIDE).then_some(word)
    }

    fn trace(h: *const Header, visit: &mut dyn FnMut(Value)) {
        // SAFETY: live objects of the scope; nobody changes them meanwhile.
        unsafe { ((*h).class().trace.get())(h, &mut Visitor::new(visit)) };
    }

    /// Steps 2 and 3: what is garbage.
    fn garbage(&mut self) -> Vec<*const Header> {
        let objects = std::mem::take(&mut self.objects);
        for &h in &objects {
            Self::trace(h, &mut |v| {
                if let Some(word) = self.word(v) {
                    debug_assert!(*word > 0, "more references than counted");
                    *word = word.saturating_sub(1);
                }
            });
        }
        let value = |h: *const Header| Value(h.addr() as u64);
        let mut work: Vec<*const Header> = Vec::new();
        for &h in &objects {
            if let Some(word) = self.word(value(h))
                && *word > 0
                && *word < ALIVE
            {
                *word = ALIVE;
                work.push(h);
            }
            while let Some(h) = work.pop() {
                Self::trace(h, &mut |v| {
                    if let Some(word) = self.word(v)
                        && *word < ALIVE
                    {
                        *word = ALIVE;
                        work.push(v.pointer());
                    }
                });
            }
        }
        let mut garbage = objects;
        garbage.retain(|&h| self.word(value(h)).is_some_and(|w| *w < ALIVE));
        garbage
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        for (page, _) in &self.pages {
            // SAFETY: no page is given back while it has marks.
            unsafe { (**page).marks.set(null_mut()) };
        }
    }
}

// ---- finalisation ------------------------------------------------------------------------------------------------

fn collect_scope(scope: Scope) -> usize {
    if BUSY.replace(true) {
        return 0;
    }
    let find = || {
        let mut trial = Trial::begin(scope);
        let garbage = trial.garbage();
        garbage
            .into_iter()
            // SAFETY: alive, since references to it are in other garbage.
            .map(|h| Ref::of(unsafe { &*h }))
            .collect::<Vec<Ref>>()
    };
    let garbage = match scope {
        // The cells are cleared while the world stands still: after that nobody but us can reach the garbage.
        Scope::World => registry::stop_the_world(|| {
            registry::count_all_registers();
            let garbage = find();
            let due = clear_cells(&garbage);
            (garbage, due)
        }),
        _ => {
            let garbage = find();
            let due = clear_cells(&garbage);
            (garbage, due)
        }
    };
    let found = bury(scope, garbage.0, garbage.1);
    let live = alloc::usage().bytes;
    match scope {
        Scope::Young => {}
        Scope::Private => LIVE.set(live),
        Scope::World => {
            LIVE.set(live);
            PAGES.store(alloc::pages(), Ordering::Relaxed);
        }
    }
    alloc::count_growth_anew(live / 8);
    STATS[scope as usize].fetch_add(1, Ordering::Relaxed);
    STATS[3].fetch_add(found, Ordering::Relaxed);
    BUSY.set(false);
    found
}

/// Clears the weak references to garbage; gives those weakrefs whose callbacks are due.
fn clear_cells(garbage: &[Ref]) -> Vec<Ref> {
    let mut due = Vec::new();
    if garbage.is_empty() {
        return due;
    }
    let dead: HashSet<u64> = garbage.iter().map(|r| r.value().0).collect();
    for h in garbage.iter().filter_map(Ref::header) {
        if h.has_flag(flag::WEAK) {
            let weakrefs = crate::weak::clear_cell(h);
            // References to garbage weakrefs may be dropped here: `garbage` holds them too.
            due.extend(weakrefs.into_iter().filter(|w| !dead.contains(&w.value().0)));
        }
    }
    due
}

/// Steps 4 and 5.
fn bury(scope: Scope, mut garbage: Vec<Ref>, due: Vec<Ref>) -> usize {
    let found = garbage.len();
    let mut python = !due.is_empty();
    crate::weak::run_callbacks(due);
    for r in &garbage {
        if let Some(h) = r.header()
            && let Some(finalizer) = h.class().finalize.get()
            && h.set_flag(flag::FINALIZED)
        {
            python = true;
            finalizer(r);
        }
    }
    if python {
        // What came back to life is dropped with the world running again.
        let split = || split_resurrected(scope, garbage);
        let (dead, alive) = if scope == Scope::World {
            registry::stop_the_world(|| {
                registry::count_all_registers();
                split()
            })
        } else {
            split()
        };
        garbage = dead;
        drop(alive);
    }
    for r in &garbage {
        let Some(h) = r.header() else { continue };
        let mut shed = Vec::new();
        match h.class().clear.get() {
            // SAFETY: alive and of this class; unreachable for everybody else.
            Some(clear) => unsafe { clear(h) },
            // SAFETY: as above.
            None => unsafe { (h.class().trace.get())(h, &mut Visitor::clearer(h, &mut shed)) },
        }
        drop(shed);
    }
    drop(garbage);
    found
}

/// Splits former garbage into what still is, and what has references from outside.
fn split_resurrected(scope: Scope, garbage: Vec<Ref>) -> (Vec<Ref>, Vec<Ref>) {
    // One reference to each is in `garbage`.
    let mut words: HashMap<u64, u32> = garbage
        .iter()
        .filter_map(|r| Some((r.value().0, r.header()?.references() - 1)))
        .collect();
    for h in garbage.iter().filter_map(Ref::header) {
        Trial::trace(h, &mut |v| {
            if let Some(word) = words.get_mut(&v.0) {
                *word = word.saturating_sub(1);
            }
        });
    }
    let mut work: Vec<*const Header> = Vec::new();
    for h in garbage.iter().filter_map(Ref::header) {
        let published = scope != Scope::World && !h.is_private();
        if let Some(word) = words.get_mut(&Value::of(h).0)
            && *word < ALIVE
            && (*word > 0 || published)
        {
            *word = ALIVE;
            work.push(h);
        }
    }
    while let Some(h) = work.pop() {
        Trial::trace(h, &mut |v| {
            if let Some(word) = words.get_mut(&v.0)
                && *word < ALIVE
            {
                *word = ALIVE;
                work.push(v.pointer());
            }
        });
    }
    garbage
        .into_iter()
        .partition(|r| words.get(&r.value().0).is_none_or(|w| *w < ALIVE))
}
