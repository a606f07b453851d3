//! The words of a scan ([`Word`]): one for each cell of the heap and each large object, found by its address.

use crate::alloc::{Span, number_of};
use crate::rounds::{OUTSIDE, Word};
use std::collections::HashMap;

/// Where the words of a page are.
#[derive(Clone, Copy)]
struct Place {
    key: usize,
    /// Of the first cell.
    first: usize,
    ready: u32,
    /// For the number of a cell.
    reciprocal: u32,
}

const EMPTY: Place = Place {
    key: 0,
    first: 0,
    ready: 0,
    reciprocal: 0,
};

/// The page in which an address was looked up last: many references in a row are to neighbours, or to the same object.
pub struct Near(Place);

impl Near {
    pub fn new() -> Near {
        Near(EMPTY)
    }
}

/// All of them.
pub struct Words {
    pub spans: Vec<Span>,
    /// Of each span, where its words begin.
    first: Vec<usize>,
    /// Open addressing by the key of the span; key 0 is empty.
    places: Vec<Place>,
    pub words: Vec<Word>,
    pub large: HashMap<usize, Word>,
}

impl Words {
    /// Words of which each is OUTSIDE. There may be many: `between` is called now and then meanwhile.
    ///
    /// # Errors
    /// What `between` gives; what `no_room` gives, if there is no memory for them.
    pub fn new<E>(
        spans: Vec<Span>,
        no_room: impl Fn() -> E,
        mut between: impl FnMut() -> Result<(), E>,
    ) -> Result<Words, E> {
        /// Words that are written at once.
        const PIECE: usize = 1 << 15;
        let (mut places, mut firsts) = (Vec::new(), Vec::new());
        let n = (spans.len() * 2 + 1).next_power_of_two();
        if places.try_reserve_exact(n).is_err() || firsts.try_reserve_exact(spans.len()).is_err() {
            return Err(no_room());
        }
        places.resize(n, EMPTY);
        let mut first = 0;
        for span in &spans {
            let mut at = Self::hash(span.key(), places.len());
            while places[at].key != 0 {
                at = (at + 1) & (places.len() - 1);
            }
            places[at] = Place {
                key: span.key(),
                first,
                ready: span.ready,
                reciprocal: span.reciprocal(),
            };
            firsts.push(first);
            first += span.ready as usize;
        }
        let mut words = Vec::new();
        if words.try_reserve_exact(first).is_err() {
            return Err(no_room());
        }
        while words.len() < first {
            let n = PIECE.min(first - words.len());
            words.extend((0..n).map(|_| Word::new(OUTSIDE)));
            between()?;
        }
        Ok(Words {
            spans,
            first: firsts,
            places,
            words,
            large: HashMap::new(),
        })
    }

    /// The words of a span's cells.
    pub fn of_span(&self, i: usize) -> &[Word] {
        &self.words[self.first[i]..][..self.spans[i].ready as usize]
    }

    #[inline(always)]
    fn hash(key: usize, len: usize) -> usize {
        (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) & (len - 1)
    }

    /// The word at an address, unless there is none; it may be OUTSIDE. `near` is for this thread's next look.
    #[inline(always)]
    pub fn word(&self, address: usize, near: &mut Near) -> Option<&Word> {
        let (key, offset) = Span::split(address);
        if near.0.key != key {
            match self.place(key) {
                Some(place) => near.0 = place,
                None => return self.of_large(address),
            }
        }
        let place = &near.0;
        let number = number_of(offset, place.reciprocal);
        (number < place.ready as usize).then(|| &self.words[place.first + number])
    }

    #[inline]
    fn place(&self, key: usize) -> Option<Place> {
        let mut at = Self::hash(key, self.places.len());
        loop {
            let place = self.places[at];
            if place.key == key || place.key == 0 {
                return (place.key != 0).then_some(place);
            }
            at = (at + 1) & (self.places.len() - 1);
        }
    }

    /// Out of line, so that the usual way saves no registers.
    #[cold]
    #[inline(never)]
    fn of_large(&self, address: usize) -> Option<&Word> {
        self.large.get(&address)
    }
}

/// References that a scanner has found and not subtracted yet, by address. What many objects refer to is so written by all scanners now
/// and then, not at each reference.
pub struct Found {
    some: [(usize, u32); FOUND],
    near: Near,
}

const FOUND: usize = if cfg!(miri) { 2 } else { 64 };

impl Found {
    pub fn new() -> Found {
        Found {
            some: [(0, 0); FOUND],
            near: Near::new(),
        }
    }

    #[inline(always)]
    pub fn add(&mut self, address: usize, words: &Words) {
        let entry = &mut self.some[address.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32 & (FOUND - 1)];
        if entry.0 == address {
            entry.1 += 1;
            return;
        }
        let (last, n) = std::mem::replace(entry, (address, 1));
        self.subtract(last, n, words);
    }

    /// Subtracts what is left.
    pub fn end(&mut self, words: &Words) {
        for (address, n) in std::mem::replace(&mut self.some, [(0, 0); FOUND]) {
            self.subtract(address, n, words);
        }
    }

    #[inline(always)]
    fn subtract(&mut self, address: usize, n: u32, words: &Words) {
        if n != 0
            && let Some(word) = words.word(address, &mut self.near)
        {
            word.subtract(n, false);
        }
    }
}
