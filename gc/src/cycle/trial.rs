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
use crate::rounds::{OUTSIDE, Word};
use crate::value::{Ref, Value};
use std::collections::{HashMap, TryReserveError};
use std::ptr::null;

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

#[derive(Default)]
struct Trial {
    pages: Vec<*const Page>,
    /// Words of all pages, one after the other.
    words: Vec<Word>,
    large: HashMap<usize, Word>,
    objects: Vec<*const Header>,
}

/// What of this thread's objects is garbage: a new reference to each. And in how many cells it was looked for.
pub(super) fn garbage(scope: Scope) -> (Vec<Ref>, usize) {
    let mut trial = Trial::begin(scope);
    let found = trial.garbage();
    let mut garbage = Vec::new();
    // Where there is no memory for it, none is found.
    if garbage.try_reserve_exact(found.len()).is_ok() {
        // SAFETY: alive, since references to it are in other garbage.
        garbage.extend(found.into_iter().map(|h| Ref::of(unsafe { &*h })));
    }
    (garbage, trial.words.len())
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
                trial.large.insert((&raw const *h).addr(), Word::of(h.references()));
            }
        });
        trial
    }

    /// Gives the objects of all pages their words. At once, since it is much memory, of which nothing is to stay.
    fn add_pages(&mut self) {
        // SAFETY: pages of this thread, none of which is given back meanwhile.
        let pages = || self.pages.iter().map(|&page| unsafe { &*page });
        let cells = pages().map(|p| p.ready() as usize).sum();
        let used = pages().map(|p| p.used() as usize).sum();
        if self.words.try_reserve_exact(cells).is_err() || self.objects.try_reserve_exact(used).is_err() {
            // No words, so all that these pages hold is outside: there is no memory to look for garbage.
            self.pages.clear();
            return;
        }
        self.words.extend((0..cells).map(|_| Word::new(OUTSIDE)));
        let mut rest = self.words.as_slice();
        for &page in &self.pages {
            // SAFETY: as above.
            let page = unsafe { &*page };
            let words = rest.split_off(..page.ready() as usize).unwrap_or_default();
            page.each_object(&mut |h| {
                if is_candidate(h) {
                    words[page.number(h)].begin(h.references());
                    self.objects.push(h);
                }
            });
            page.words.set(words.as_ptr());
        }
    }

    /// The word of an object, if there is one. Private objects are there, so they may be asked what they are: unlike in `scan/words.rs`, where
    /// all that is known of an object is its address.
    fn word(&self, v: Value) -> Option<&Word> {
        if !v.is_counted() {
            return None;
        }
        // SAFETY: an edge of a live object, and nobody can change it meanwhile.
        let h = unsafe { &*v.pointer() };
        if !h.is_private() {
            return None;
        }
        if h.has_flag(flag::LARGE) {
            return self.large.get(&v.pointer().addr());
        }
        // SAFETY: a private object that is not large lies in a page of ours, of which each ready cell has a word, if any has; they are there
        // as long as `words` of the page is set.
        unsafe {
            let page = &*Page::of(v.pointer());
            let words = page.words.get();
            (!words.is_null()).then(|| &*words.add(page.number(h)))
        }
    }

    fn garbage(&mut self) -> Vec<*const Header> {
        let mut objects = std::mem::take(&mut self.objects);
        // SAFETY: live objects of the scope; nobody changes them meanwhile.
        let all = objects.iter().map(|&h| unsafe { &*h });
        if judge(all, |v| self.word(v), |_, word| word.is_root(), true).is_err() {
            return Vec::new();
        }
        objects.retain(|&h| self.word(Value(h.addr() as u64)).is_some_and(Word::is_suspect));
        objects
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        for &page in &self.pages {
            // SAFETY: no page is given back while it has words.
            unsafe { (*page).words.set(null()) };
        }
    }
}

/// Steps 2 and 3, for objects whose words say how many references each has. `exact`: nobody changes what they refer to meanwhile.
///
/// # Errors
/// There was no memory for it, and the words say nothing.
fn judge<'a>(
    objects: impl Iterator<Item = &'a Header> + Clone,
    word: impl Fn(Value) -> Option<&'a Word>,
    is_root: impl Fn(&Header, &Word) -> bool,
    exact: bool,
) -> Result<(), TryReserveError> {
    for h in objects.clone() {
        trace(h, &mut |v| {
            if let Some(word) = word(v) {
                debug_assert!(!exact || word.get() > 0, "more references than counted");
                word.subtract(1, true);
            }
        });
    }
    let mut work: Vec<*const Header> = Vec::new();
    let mut room = Ok(());
    for h in objects {
        if let Some(word) = word(Value::of(h))
            && is_root(h, word)
            && word.mark(true)
        {
            work.try_reserve(1)?;
            work.push(h);
        }
        while let Some(h) = work.pop() {
            // SAFETY: one of the objects, or another that has a word: alive.
            let h = unsafe { &*h };
            trace(h, &mut |v| {
                if let Some(word) = word(v)
                    && word.mark(true)
                {
                    if work.len() == work.capacity() && room.is_ok() {
                        room = work.try_reserve(1);
                    }
                    if room.is_ok() {
                        work.push(v.pointer());
                    }
                }
            });
            room.clone()?;
        }
    }
    Ok(())
}

/// Splits former garbage into what still is, and what has references from outside or was published.
///
/// Where there is no memory to find out, all of it counts as the latter.
pub(super) fn split_resurrected(mut garbage: Vec<Ref>) -> (Vec<Ref>, Vec<Ref>) {
    let mut words: HashMap<u64, Word> = HashMap::new();
    if words.try_reserve(garbage.len()).is_err() {
        return (Vec::new(), garbage);
    }
    // One reference to each is in `garbage`, which so holds all that has a word.
    words.extend(
        garbage
            .iter()
            .filter_map(|r| Some((r.value().0, Word::of(r.header()?.references() - 1)))),
    );
    let judged = judge(
        garbage.iter().filter_map(Ref::header),
        |v| words.get(&v.0),
        |h, word| word.is_root() || !h.is_private(),
        false,
    );
    let is_alive = |r: &Ref| !words.get(&r.value().0).is_none_or(Word::is_suspect);
    let alive = garbage.iter().filter(|r| is_alive(r)).count();
    let mut resurrected = Vec::new();
    if judged.is_err() || resurrected.try_reserve_exact(alive).is_err() {
        return (Vec::new(), garbage);
    }
    resurrected.extend(garbage.extract_if(.., |r| is_alive(r)));
    (garbage, resurrected)
}
