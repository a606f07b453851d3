//! What of the shared objects looks like garbage: trial deletion over all of them, while other threads go on.
//!
//! As in `trial.rs`: each shared container gets a word with its references, each edge between two of them is subtracted,
//! and what has some left, and all that it reaches, is alive. But nothing stands still meanwhile, so the answer may be wrong both ways.
//! An object wrongly taken for alive is found the next time; one wrongly taken for garbage is found out by `confirm.rs`.
//! (The design's marking from roots would want the registers of all threads; this wants the counts alone, and traces each
//! object at most twice.)
//!
//! What has to hold is that no freed memory is taken for an object. The scan goes from cell to cell and keeps nothing but addresses
//! of cells from one safepoint to the next; whenever it comes to a cell it asks anew whether that holds a shared object that is alive
//! ([`Header::is_shared_and_alive`]), which is then not freed before the next safepoint. The targets of edges are never
//! looked at: their words are found by address.

use super::{Aborted, Safepoints, trace};
use crate::alloc::{self, Scan, Span};
use crate::header::{Header, flag};
use crate::registry;
use std::collections::HashMap;

/// Word of what is not in the scope.
pub(super) const OUTSIDE: u32 = u32::MAX;
/// Word of what is known to be alive.
pub(super) const ALIVE: u32 = 1 << 30;
/// Objects traced between two safepoints.
const STRIDE: usize = 256;

/// The threads that are there no more, whose objects are shared.
pub(super) struct Owners {
    exited: Box<[u64; 1 << 10]>,
    generation: usize,
}

impl Owners {
    pub fn now() -> Owners {
        let mut exited = Box::new([0; 1 << 10]);
        let generation = registry::each_exited(|slot| exited[slot as usize / 64] |= 1 << (slot % 64));
        Owners { exited, generation }
    }

    /// To be called after each safepoint: slots may have been given to new threads.
    fn refresh(&mut self) {
        if self.generation != registry::generation() {
            *self = Owners::now();
        }
    }

    #[inline(always)]
    pub fn are_gone(&self, owner: u16) -> bool {
        owner == 0 || self.exited[owner as usize / 64] >> (owner % 64) & 1 != 0
    }
}

/// Where the words of a page begin.
#[derive(Clone, Copy)]
struct Place {
    key: usize,
    span: u32,
    first: usize,
}

/// The words of all shared containers, by address.
pub(super) struct Words {
    pub spans: Vec<Span>,
    /// Open addressing by the key of the span; key 0 is empty.
    places: Vec<Place>,
    pub words: Vec<u32>,
    pub large: HashMap<usize, u32>,
}

impl Words {
    pub fn new(spans: Vec<Span>) -> Words {
        const EMPTY: Place = Place {
            key: 0,
            span: 0,
            first: 0,
        };
        let mut places = vec![EMPTY; (spans.len() * 2 + 1).next_power_of_two()];
        let mut first = 0;
        for (i, span) in spans.iter().enumerate() {
            let mut at = Self::hash(span.key(), places.len());
            while places[at].key != 0 {
                at = (at + 1) & (places.len() - 1);
            }
            places[at] = Place {
                key: span.key(),
                span: i as u32,
                first,
            };
            first += span.ready as usize;
        }
        Words {
            spans,
            places,
            words: vec![OUTSIDE; first],
            large: HashMap::new(),
        }
    }

    #[inline(always)]
    fn hash(key: usize, len: usize) -> usize {
        (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) & (len - 1)
    }

    /// The word at an address, unless what lies there is outside.
    #[inline(always)]
    pub fn word(&mut self, address: usize) -> Option<&mut u32> {
        let (key, offset) = Span::split(address);
        let mut at = Self::hash(key, self.places.len());
        let word = loop {
            let place = self.places[at];
            if place.key == key {
                let span = &self.spans[place.span as usize];
                let number = span.number(offset);
                if number >= span.ready {
                    return None;
                }
                break &mut self.words[place.first + number as usize];
            }
            if place.key == 0 {
                break self.large.get_mut(&address)?;
            }
            at = (at + 1) & (self.places.len() - 1);
        };
        (*word != OUTSIDE).then_some(word)
    }
}

/// The shared objects that look like garbage. They may be anything at all when the caller has passed a safepoint: see
/// [`Suspects::is_alive`].
pub(super) struct Suspects {
    pub cells: Vec<*const Header>,
    owners: Owners,
    /// Keeps the memory of cells what it is.
    _scan: Scan,
}

impl Suspects {
    /// Whether a cell of `cells` holds a shared container that is alive, until the next safepoint.
    pub fn is_alive(&mut self, cell: *const Header) -> bool {
        self.owners.refresh();
        is_alive(cell, &self.owners)
    }
}

fn is_alive(cell: *const Header, owners: &Owners) -> bool {
    // SAFETY: a cell, or a large object that was shared; the scan holds their memory.
    unsafe { Header::is_shared_and_alive(cell, |owner| owners.are_gone(owner)) && (*cell).class().is_container() }
}

struct Scanner<'a> {
    words: Words,
    owners: Owners,
    large: Vec<*const Header>,
    /// Traced since the last safepoint.
    traced: usize,
    safepoints: &'a mut Safepoints,
}

impl Scanner<'_> {
    fn safepoint(&mut self) -> Result<(), Aborted> {
        self.traced = 0;
        self.safepoints.pass()?;
        self.owners.refresh();
        Ok(())
    }

    /// Calls `f` with each cell and its word's place in `words`.
    fn each_cell(
        &mut self,
        mut f: impl FnMut(&mut Self, *const Header, usize) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let mut place = 0;
        for i in 0..self.words.spans.len() {
            let span = self.words.spans[i];
            for number in 0..span.ready {
                f(self, span.at(number), place + number as usize)?;
            }
            place += span.ready as usize;
            self.safepoint()?;
        }
        Ok(())
    }

    /// Visits the addresses of what an object refers to, if the cell holds a shared one.
    fn trace(&mut self, cell: *const Header, f: &mut dyn FnMut(&mut Words, usize)) -> Result<(), Aborted> {
        if is_alive(cell, &self.owners) {
            let words = &mut self.words;
            // SAFETY: alive until the next safepoint.
            trace(unsafe { &*cell }, &mut |v| {
                if v.is_counted() {
                    f(words, v.pointer().addr());
                }
            });
        }
        self.traced += 1;
        if self.traced >= STRIDE {
            self.safepoint()?;
        }
        Ok(())
    }

    /// Gives each shared container its references.
    fn count(&mut self) -> Result<(), Aborted> {
        self.each_cell(|s, cell, place| {
            // SAFETY: as in `trace`.
            if is_alive(cell, &s.owners) && unsafe { !(*cell).has_flag(flag::FROZEN) } {
                // SAFETY: as in `trace`.
                s.words.words[place] = unsafe { (*cell).references() }.min(ALIVE - 1);
            }
            Ok(())
        })?;
        let (words, large, owners) = (&mut self.words, &mut self.large, &self.owners);
        // Those that are shared now keep their memory, since the scan has begun.
        alloc::each_large(|h| {
            if is_alive(h, owners) && !h.has_flag(flag::FROZEN) {
                large.push(h);
                words
                    .large
                    .insert((&raw const *h).addr(), h.references().min(ALIVE - 1));
            }
        });
        self.safepoint()
    }

    /// Subtracts what the containers refer to.
    fn subtract(&mut self) -> Result<(), Aborted> {
        let mut subtract = |words: &mut Words, to: usize| {
            if let Some(word) = words.word(to) {
                *word = word.saturating_sub(1);
            }
        };
        self.each_cell(|s, cell, place| {
            if s.words.words[place] == OUTSIDE {
                return Ok(());
            }
            s.trace(cell, &mut subtract)
        })?;
        for cell in self.large.clone() {
            self.trace(cell, &mut subtract)?;
        }
        Ok(())
    }

    /// What has references left is alive, and all that it reaches.
    fn spread(&mut self) -> Result<(), Aborted> {
        let mut work = Vec::new();
        self.each_cell(|s, cell, place| {
            if (1..ALIVE).contains(&s.words.words[place]) {
                s.words.words[place] = ALIVE;
                work.push(cell);
                s.drain(&mut work)?;
            }
            Ok(())
        })?;
        for cell in self.large.clone() {
            if let Some(word) = self.words.large.get_mut(&cell.addr())
                && (1..ALIVE).contains(word)
            {
                *word = ALIVE;
                work.push(cell);
                self.drain(&mut work)?;
            }
        }
        Ok(())
    }

    fn drain(&mut self, work: &mut Vec<*const Header>) -> Result<(), Aborted> {
        while let Some(cell) = work.pop() {
            self.trace(cell, &mut |words, to| {
                if let Some(word) = words.word(to)
                    && *word < ALIVE
                {
                    *word = ALIVE;
                    work.push(std::ptr::with_exposed_provenance(to));
                }
            })?;
        }
        Ok(())
    }
}

/// Looks at all shared objects.
pub(super) fn suspects(safepoints: &mut Safepoints) -> Result<Suspects, Aborted> {
    let (scan, spans) = Scan::begin();
    let mut s = Scanner {
        words: Words::new(spans),
        owners: Owners::now(),
        large: Vec::new(),
        traced: 0,
        safepoints,
    };
    s.count()?;
    s.subtract()?;
    s.spread()?;
    let mut cells = Vec::new();
    s.each_cell(|s, cell, place| {
        if s.words.words[place] < ALIVE {
            cells.push(cell);
        }
        Ok(())
    })?;
    cells.extend(
        s.large
            .iter()
            .filter(|c| s.words.large.get(&c.addr()).is_some_and(|w| *w < ALIVE)),
    );
    Ok(Suspects {
        cells,
        owners: s.owners,
        _scan: scan,
    })
}

/// Calls `f` with each shared container, alive when it is called, and safepoints in between.
pub(super) fn each_shared(safepoints: &mut Safepoints, mut f: impl FnMut(&Header)) -> Result<(), Aborted> {
    let (_scan, spans) = Scan::begin();
    let mut s = Scanner {
        words: Words::new(spans),
        owners: Owners::now(),
        large: Vec::new(),
        traced: 0,
        safepoints,
    };
    s.each_cell(|s, cell, _| {
        if is_alive(cell, &s.owners) {
            // SAFETY: alive until the next safepoint.
            f(unsafe { &*cell });
        }
        Ok(())
    })?;
    let owners = &s.owners;
    alloc::each_large(|h| {
        if is_alive(h, owners) {
            f(h);
        }
    });
    Ok(())
}
