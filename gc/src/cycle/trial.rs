//! Trial deletion over this thread's private containers.
//!
//! 1. Choose a **scope**: the containers in pages where objects were allocated since the last time (young), or all of them.
//! 2. Give each object in it a word: its references. Trace all of them and subtract each edge that stays inside. What is
//!    left are references from outside: registers, native code, objects that are not in the scope.
//! 3. What has some, and all that it reaches, is alive. The rest is garbage.
//!
//! Registers count private objects, so nothing but objects is scanned. No other thread is needed: nobody else can change
//! these objects.

use super::trace;
use crate::alloc::{self, Page};
use crate::count::{DIRTY, IMMORTAL, ONE, PENDING};
use crate::header::{Header, flag};
use crate::value::{Ref, Value};
use std::collections::HashMap;
use std::ptr::null_mut;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    Young,
    Private,
}

/// Whether an object is in the scope of collections.
fn is_candidate(h: &Header) -> bool {
    is_container(h) && !h.has_flag(flag::FROZEN)
}

/// Whether an object is a container of this thread's.
pub(super) fn is_container(h: &Header) -> bool {
    // The class is looked at last: what is not private may be freed at this moment.
    let word = h.count.peek();
    word >= ONE && word & (IMMORTAL | PENDING | DIRTY) == 0 && h.is_private() && h.class().is_container()
}

/// Word of what is not in the scope.
const OUTSIDE: u32 = u32::MAX;
/// Word of what is known to be alive.
const ALIVE: u32 = 1 << 30;

#[derive(Default)]
struct Trial {
    pages: Vec<*const Page>,
    /// Words of all pages, one after the other.
    marks: Vec<u32>,
    large: HashMap<usize, u32>,
    objects: Vec<*const Header>,
}

/// What of this thread's objects is garbage: a new reference to each. And in how many bytes of pages it was looked for.
pub(super) fn garbage(scope: Scope) -> (Vec<Ref>, usize) {
    let mut trial = Trial::begin(scope);
    let garbage = trial.garbage();
    let garbage = garbage
        .into_iter()
        // SAFETY: alive, since references to it are in other garbage.
        .map(|h| Ref::of(unsafe { &*h }))
        .collect();
    (garbage, trial.pages.len() * alloc::PAGE)
}

impl Trial {
    fn begin(scope: Scope) -> Trial {
        let mut trial = Trial::default();
        let add = |page: &Page| trial.pages.push(page);
        match scope {
            Scope::Young => alloc::take_young_pages(add),
            Scope::Private => {
                alloc::take_young_pages(|_| ());
                alloc::each_own_page(add);
            }
        }
        trial.add_pages();
        alloc::each_large(|h| {
            if is_candidate(h) {
                trial.objects.push(h);
                trial.large.insert((&raw const *h).addr(), h.references());
            }
        });
        trial
    }

    /// Gives the objects of all pages their words. At once, since it is much memory, of which nothing is to stay.
    fn add_pages(&mut self) {
        // SAFETY: pages of this thread, none of which is given back meanwhile.
        let pages = || self.pages.iter().map(|&page| unsafe { &*page });
        let cells = pages().map(|p| p.ready() as usize).sum();
        let used = pages().map(|p| p.used.get() as usize).sum();
        if self.marks.try_reserve_exact(cells).is_err() || self.objects.try_reserve_exact(used).is_err() {
            // No words, so all that these pages hold is outside: there is no memory to look for garbage.
            self.pages.clear();
            return;
        }
        self.marks.resize(cells, OUTSIDE);
        let mut rest = self.marks.as_mut_slice();
        for &page in &self.pages {
            // SAFETY: as above.
            let page = unsafe { &*page };
            let marks = rest.split_off_mut(..page.ready() as usize).unwrap_or_default();
            page.each_object(&mut |h| {
                if is_candidate(h) {
                    marks[page.number(h)] = h.references();
                    self.objects.push(h);
                }
            });
            page.marks.set(marks.as_mut_ptr());
        }
    }

    /// The word of an object, unless it is outside.
    fn word(&mut self, v: Value) -> Option<&mut u32> {
        if !v.is_counted() {
            return None;
        }
        // SAFETY: an edge of a live object, and nobody can change it meanwhile.
        let h = unsafe { &*v.pointer() };
        if !h.is_private() {
            return None;
        }
        let word = if h.has_flag(flag::LARGE) {
            self.large.get_mut(&v.pointer().addr())?
        } else {
            // SAFETY: a private object that is not large lies in a page of ours. The words are there as long as `marks` is set,
            // and no other reference to them is used.
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

    /// Steps 2 and 3.
    fn garbage(&mut self) -> Vec<*const Header> {
        let objects = std::mem::take(&mut self.objects);
        for &h in &objects {
            // SAFETY: live objects of the scope; nobody changes them meanwhile.
            let h = unsafe { &*h };
            trace(h, &mut |v| {
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
                // SAFETY: as above.
                let h = unsafe { &*h };
                trace(h, &mut |v| {
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
        for &page in &self.pages {
            // SAFETY: no page is given back while it has marks.
            unsafe { (*page).marks.set(null_mut()) };
        }
    }
}

/// Splits former garbage into what still is, and what has references from outside or was published.
pub(super) fn split_resurrected(garbage: Vec<Ref>) -> (Vec<Ref>, Vec<Ref>) {
    // One reference to each is in `garbage`.
    let mut words: HashMap<u64, u32> = garbage
        .iter()
        .filter_map(|r| Some((r.value().0, r.header()?.references() - 1)))
        .collect();
    for h in garbage.iter().filter_map(Ref::header) {
        trace(h, &mut |v| {
            if let Some(word) = words.get_mut(&v.0) {
                *word = word.saturating_sub(1);
            }
        });
    }
    let mut work: Vec<*const Header> = Vec::new();
    for h in garbage.iter().filter_map(Ref::header) {
        if let Some(word) = words.get_mut(&Value::of(h).0)
            && *word < ALIVE
            && (*word > 0 || !h.is_private())
        {
            *word = ALIVE;
            work.push(h);
        }
    }
    while let Some(h) = work.pop() {
        // SAFETY: `garbage` holds it.
        let h = unsafe { &*h };
        trace(h, &mut |v| {
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
