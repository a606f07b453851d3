//! Deferred objects: classes, code objects, functions of modules and classes.
//!
//! Programs read them all the time and seldom make any. So they are shared from birth, hence not counted by registers; nor
//! by the headers of instances, nor by some fields of objects that live shortly (`uncounted::traced`). All other references to them
//! are counted, and one more, which belongs to the sweep: so counting does not free them.
//!
//! A **sweep** looks at the whole heap while the world stands still, by trial deletion as in `trial.rs`, with that reference taken
//! off and with the references that are not counted as edges and roots. What comes out dead is garbage, whether deferred or not. Its
//! weak references are cleared and its deferred objects **condemned**: the sweep gives up its reference to them. When
//! finalisers have run, a second look finds out what they have brought back, which is **reprieved**.
//!
//! The memory of a class must outlive that of its instances, in whatever order they go. So a class that is destroyed leaves
//! it in the **graveyard** ([`bury`]), from where a later sweep frees it that finds no object of the class.
//!
//! # When
//!
//! When `gc.collect` is called and no other thread runs Python code, and at a poll or in `gc.collect` when as many deferred objects have been made since the last sweep as lived then, or a
//! sixteenth as many as there were objects in all, or [`AT_LEAST`]: whatever is most. A sweep traces every container twice, some
//! 50 to 100 ns for an object, so one that is made pays for sixteen at most. This is the one pause that grows with the heap: programs whose threads make classes
//! without end have it, once for a sixteenth of the heap.

use super::background::Turn;
use super::bury::Funeral;
use super::scan::{ALIVE, Near, OUTSIDE, Owners, Word, Words};
use super::{has_many_threads, observe, trace};
use crate::alloc::{self, Scan};
use crate::count::{DEAD, DIRTY, IMMORTAL, ONE, PENDING};
use crate::header::{Header, flag};
use crate::lock::Mutex;
use crate::mutator::{current_slot, request, request_self};
use crate::registry;
use crate::value::Ref;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Deferred objects to be made between two sweeps.
const AT_LEAST: usize = if cfg!(miri) { 1 << 20 } else { 10_000 };
/// Word of an object that is being destroyed, or lies in the graveyard.
const GONE: u32 = OUTSIDE - 1;
/// As GONE, and something refers to it.
const NEEDED: u32 = OUTSIDE - 2;

/// Deferred objects made since the last sweep.
static FRESH: AtomicUsize = AtomicUsize::new(0);
/// How many are to be made until the next one.
static ENOUGH: AtomicUsize = AtomicUsize::new(AT_LEAST);

/// A deferred object has been made.
pub(crate) fn note_deferred() {
    // Relaxed: numbers.
    let n = FRESH.fetch_add(1, Ordering::Relaxed) + 1;
    if n >= ENOUGH.load(Ordering::Relaxed) && n.is_multiple_of(64) {
        request_self(request::COLLECT);
    }
}

pub(super) fn is_due() -> bool {
    FRESH.load(Ordering::Relaxed) >= ENOUGH.load(Ordering::Relaxed)
}

/// Whether a collection that the program asks for is to sweep: while others run Python code, which would stand still for
/// a time that grows with the heap, only if a sweep is due anyway.
pub(super) fn may_stop() -> bool {
    registry::python_threads() <= 1 || is_due()
}

// ---- the graveyard -----------------------------------------------------------------------------------------------

struct Grave {
    object: *mut Header,
    free: unsafe fn(*mut Header),
}

// SAFETY: destroyed, and nobody's until it is taken out of the graveyard.
unsafe impl Send for Grave {}

static GRAVEYARD: Mutex<Vec<Grave>> = Mutex::new(Vec::new());

/// Keeps the memory of an object that has been destroyed until nothing refers to it as its class any more; then calls `free`.
///
/// # Safety
/// `object` came from `alloc::allocate`, its word is DEAD, and nobody uses it but as the class of an object. `free` gives
/// its memory back, and drops no object that Python code can observe.
pub unsafe fn bury(object: *mut Header, free: unsafe fn(*mut Header)) {
    GRAVEYARD.lock().push(Grave { object, free });
}

// ---- last rites --------------------------------------------------------------------------------------------------

/// To be called, while the world stands still, when deferred objects have been found dead for good, with all of them.
pub type Rites = fn(&[&Header]);

static RITES: Mutex<Vec<Rites>> = Mutex::new(Vec::new());

/// Has `rites` called at the end of each sweep with dead deferred objects, for whoever has their addresses without a
/// reference: it forgets those that are not [deferred](Header::is_deferred) any more. It does not touch counts or drop objects.
pub fn at_burial(rites: Rites) {
    let mut all = RITES.lock();
    if !all.iter().any(|r| std::ptr::fn_addr_eq(*r, rites)) {
        all.push(rites);
    }
}

fn hold_rites<'a>(dead: impl Iterator<Item = &'a Ref>) {
    let dead: Vec<&Header> = dead.filter_map(Ref::header).collect();
    if !dead.is_empty() {
        let all = RITES.lock().clone();
        for rites in all {
            rites(&dead);
        }
    }
}

// ---- marking -----------------------------------------------------------------------------------------------------

/// A look at the whole heap, while the world stands still.
struct Look {
    words: Words,
    large: Vec<*const Header>,
    work: Vec<*const Header>,
    near: Near,
    /// The class marked last.
    class: usize,
    objects: usize,
    deferred: usize,
    _scan: Scan,
}

impl Look {
    /// `held`: references that the caller has and that do not count, by address. `None` if there is no memory for it.
    fn begin(held: &HashMap<usize, u32>) -> Option<Look> {
        let (scan, spans) = Scan::begin();
        // The world stands still, so there is nothing to be done in between.
        let words = Words::new(spans, || (), || Ok(())).ok()?;
        let mut look = Look {
            words,
            large: Vec::new(),
            work: Vec::new(),
            near: Near::new(),
            class: 0,
            objects: 0,
            deferred: 0,
            _scan: scan,
        };
        look.count(held);
        look.subtract();
        look.spread();
        Some(look)
    }

    /// The word that an object begins with; what is alive for certain goes to `work`.
    fn first_word(&mut self, h: &Header, owners: &Owners, held: &HashMap<usize, u32>) -> u32 {
        let n = h.count.peek();
        if n == DEAD {
            return GONE;
        }
        self.objects += 1;
        let deferred = h.is_deferred();
        self.deferred += deferred as usize;
        let ours = h.owner() == current_slot() || owners.are_gone(h.owner());
        if n < ONE || n & (IMMORTAL | PENDING | DIRTY) != 0 || !ours || h.has_flag(flag::FROZEN) {
            self.work.push(h);
            return ALIVE;
        }
        let held = if held.is_empty() {
            0
        } else {
            held.get(&(&raw const *h).addr()).copied().unwrap_or(0)
        };
        h.references().min(ALIVE - 1).saturating_sub(deferred as u32 + held)
    }

    fn count(&mut self, held: &HashMap<usize, u32>) {
        let owners = Owners::now();
        let mut place = 0;
        for i in 0..self.words.spans.len() {
            let span = self.words.spans[i];
            for number in 0..span.ready {
                let cell = span.at(number);
                // SAFETY: a cell of a page. An object in it stays, since nobody else runs.
                if unsafe { Header::is_object(cell) } {
                    // SAFETY: as above.
                    let word = self.first_word(unsafe { &*cell }, &owners, held);
                    self.words.words[place].set(word);
                }
                place += 1;
            }
        }
        let mut large = Vec::new();
        alloc::each_large(|h| large.push(std::ptr::from_ref(h)));
        for &h in &large {
            // SAFETY: an object, which stays, since nobody else runs.
            let word = self.first_word(unsafe { &*h }, &owners, held);
            self.words.large.insert(h.addr(), Word::new(word));
        }
        self.large = large;
    }

    /// Calls `f` with each object and its word.
    fn each(&mut self, mut f: impl FnMut(&mut Look, &Header, u32)) {
        let mut place = 0;
        for i in 0..self.words.spans.len() {
            let span = self.words.spans[i];
            for number in 0..span.ready {
                let word = self.words.words[place].get();
                if word != OUTSIDE {
                    // SAFETY: an object, which stays, since nobody else runs.
                    f(self, unsafe { &*span.at(number) }, word);
                }
                place += 1;
            }
        }
        for i in 0..self.large.len() {
            let h = self.large[i];
            let word = self.words.large.get(&h.addr()).map_or(OUTSIDE, Word::get);
            if word != OUTSIDE {
                // SAFETY: as above.
                f(self, unsafe { &*h }, word);
            }
        }
    }

    fn subtract(&mut self) {
        let mut near = Near::new();
        self.each(|look, h, word| {
            if word < ALIVE && h.class().is_container() {
                trace(h, &mut |v| {
                    if v.is_counted()
                        && let Some(word) = look.words.word(v.pointer().addr(), &mut near)
                    {
                        word.subtract(1, true);
                    }
                });
            }
        });
        // What is alive for certain keeps what it refers to: that is not subtracted.
    }

    fn mark(&mut self, address: usize) {
        mark(&self.words, &mut self.work, &mut self.near, address);
    }

    fn mark_class(&mut self, h: &Header) {
        let class = std::ptr::from_ref(h.class()).addr();
        if class != self.class {
            self.class = class;
            self.mark(class);
        }
    }

    fn spread(&mut self) {
        let (words, work, near) = (&self.words, &mut self.work, &mut self.near);
        registry::each_root(&mut |v| {
            if v.is_pointer() {
                mark(words, work, near, v.pointer().addr());
            }
        });
        self.drain();
        self.each(|look, h, word| {
            if word == GONE || word == NEEDED {
                look.mark_class(h);
            } else if (1..ALIVE).contains(&word) {
                look.mark(std::ptr::from_ref(h).addr());
            }
            look.drain();
        });
    }

    fn drain(&mut self) {
        while let Some(h) = self.work.pop() {
            // SAFETY: an object of the heap, which stays, since nobody else runs.
            let h = unsafe { &*h };
            self.mark_class(h);
            if h.class().is_container() {
                let (words, work, near) = (&self.words, &mut self.work, &mut self.near);
                trace(h, &mut |v| {
                    if v.is_pointer() {
                        mark(words, work, near, v.pointer().addr());
                    }
                });
            }
        }
    }

    fn is_dead(&self, h: &Header) -> bool {
        self.words
            .word(std::ptr::from_ref(h).addr(), &mut Near::new())
            .is_some_and(Word::is_suspect)
    }

    /// What is dead, with a new reference to each; but not what dies by counting when the rest does, unobserved.
    fn garbage(&mut self) -> Vec<Ref> {
        let mut out = Vec::new();
        self.each(|_, h, word| {
            if word < ALIVE
                && (h.class().is_container()
                    || h.is_deferred()
                    || h.class().finalize.get().is_some()
                    || h.has_flag(flag::WEAK))
            {
                out.push(Ref::of(h));
            }
        });
        out
    }

    /// Takes out of the graveyard what nothing refers to.
    fn exhume(&mut self) -> Vec<Grave> {
        let mut graveyard = GRAVEYARD.lock();
        if graveyard.is_empty() {
            return Vec::new();
        }
        // Garbage has its class, too.
        let mut near = Near::new();
        self.each(|look, h, word| {
            if word < ALIVE
                && let Some(word) = look.words.word(std::ptr::from_ref(h.class()).addr(), &mut near)
                && word.get() == GONE
            {
                word.set(NEEDED);
            }
        });
        let (out, stay) = std::mem::take(&mut *graveyard).into_iter().partition(|g| {
            self.words
                .word(g.object.addr(), &mut near)
                .is_some_and(|w| w.get() == GONE)
        });
        *graveyard = stay;
        out
    }
}

fn mark(words: &Words, work: &mut Vec<*const Header>, near: &mut Near, address: usize) {
    let Some(word) = words.word(address, near) else { return };
    if word.mark(true) {
        work.push(std::ptr::with_exposed_provenance(address));
    } else if word.get() == GONE {
        word.set(NEEDED);
    }
}

// ---- the sweep ---------------------------------------------------------------------------------------------------

/// Frees what nothing reaches, deferred objects among it; gives the number of objects that were garbage. To be called at a safepoint.
/// `held`: as in [`Look::begin`].
pub(super) fn sweep(held: &HashMap<usize, u32>) -> usize {
    // There is no going back while the world stands still: there must be room for the lists of what is found.
    let bytes = alloc::pages() * (alloc::PAGE / 8);
    if bytes > alloc::RESERVED && !alloc::has_room(bytes) {
        return 0;
    }
    // What is pending holds what it refers to.
    crate::reclaim::step();
    let mut turn = has_many_threads().then(|| Turn::take(false));
    crate::credit::settle_all();
    let mut condemned: Vec<Ref> = Vec::new();
    let mut graves = Vec::new();
    let mut funeral = registry::stop_the_world(|| {
        let Some(mut look) = Look::begin(held) else {
            return Funeral::of(Vec::new(), Vec::new());
        };
        graves = look.exhume();
        let garbage = look.garbage();
        // Relaxed: numbers.
        FRESH.store(0, Ordering::Relaxed);
        ENOUGH.store(AT_LEAST.max(look.deferred).max(look.objects / 16), Ordering::Relaxed);
        drop(look);
        let due = super::clear_cells(&garbage);
        for r in &garbage {
            if let Some(h) = r.header()
                && h.is_deferred()
            {
                h.condemn();
                condemned.push(r.clone());
            }
        }
        let funeral = Funeral::of(garbage, due);
        if !funeral.wants_python() {
            hold_rites(condemned.iter());
        }
        funeral
    });
    for g in graves {
        // SAFETY: nothing refers to it, and it is nobody's but ours.
        unsafe { (g.free)(g.object) };
    }
    if funeral.garbage.is_empty() {
        return 0;
    }
    let mut alive = Vec::new();
    if funeral.wants_python() {
        drop(turn.take());
        while funeral.run_some() {}
        (turn, alive) = look_again(&mut funeral.garbage, &mut condemned);
        funeral.has_looked();
    }
    drop(condemned);
    let found = funeral.garbage.len();
    // With the turn, so that nobody who enumerates objects finds one that is empty.
    funeral.empty_all();
    drop(turn);
    // Last, since it may run Python code.
    drop(alive);
    found
}

/// Python code has run: splits off what it has brought back to life, which it gives, and reprieves the deferred among it. Gives the
/// turn, too, for the burial of the rest.
fn look_again(garbage: &mut Vec<Ref>, condemned: &mut Vec<Ref>) -> (Option<Turn>, Vec<Ref>) {
    let turn = has_many_threads().then(|| Turn::take(false));
    crate::credit::settle_all();
    let mut alive = Vec::new();
    registry::stop_the_world(|| {
        let mut held = HashMap::new();
        for h in garbage.iter().chain(condemned.iter()).filter_map(Ref::header) {
            *held.entry(std::ptr::from_ref(h).addr()).or_insert(0) += 1;
        }
        let Some(look) = Look::begin(&held) else {
            // Who knows: all of it lives.
            alive = std::mem::take(garbage);
            for h in condemned.iter().filter_map(Ref::header) {
                h.reprieve();
            }
            alive.append(condemned);
            return;
        };
        let split = |list: &mut Vec<Ref>| {
            let (dead, back): (Vec<Ref>, Vec<Ref>) = std::mem::take(list)
                .into_iter()
                .partition(|r| r.header().is_some_and(|h| look.is_dead(h)));
            *list = dead;
            back
        };
        alive = split(garbage);
        let back = split(condemned);
        for h in back.iter().filter_map(Ref::header) {
            h.reprieve();
        }
        alive.extend(back);
        drop(look);
        // Weakrefs that finalisers have made of garbage are cleared without a call, as CPython does.
        alive.extend(super::clear_cells(garbage));
        hold_rites(condemned.iter());
    });
    (turn, alive)
}

/// Sweeps at a poll; whether it did.
pub(super) fn step() -> bool {
    if !is_due() {
        return false;
    }
    observe::around(2, || {
        let found = sweep(&HashMap::new());
        super::note(super::ALL, found);
        found
    });
    true
}
