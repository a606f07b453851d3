//! The words of a scan ([`Word`]): one for each cell of the heap and each large object, found by its address.

use crate::alloc::Span;
use crate::rounds::{OUTSIDE, Word};
use std::collections::HashMap;

/// Where the words of a page begin.
#[derive(Clone, Copy)]
struct Place {
    key: usize,
    span: u32,
    first: usize,
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
    /// What `between` gives.
    pub fn new<E>(spans: Vec<Span>, mut between: impl FnMut() -> Result<(), E>) -> Result<Words, E> {
        /// Words that are written at once.
        const PIECE: usize = 1 << 15;
        const EMPTY: Place = Place {
            key: 0,
            span: 0,
            first: 0,
        };
        let mut places = vec![EMPTY; (spans.len() * 2 + 1).next_power_of_two()];
        let mut firsts = Vec::with_capacity(spans.len());
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
            firsts.push(first);
            first += span.ready as usize;
        }
        let mut words = Vec::with_capacity(first);
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

    /// The word at an address, unless there is none; it may be OUTSIDE.
    #[inline(always)]
    pub fn word(&self, address: usize) -> Option<&Word> {
        let (key, offset) = Span::split(address);
        let mut at = Self::hash(key, self.places.len());
        loop {
            let place = &self.places[at];
            if place.key == key {
                let span = &self.spans[place.span as usize];
                let number = span.number(offset);
                return (number < span.ready).then(|| &self.words[place.first + number as usize]);
            }
            if place.key == 0 {
                return self.of_large(address);
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
pub struct Found([(usize, u32); FOUND]);

const FOUND: usize = if cfg!(miri) { 2 } else { 64 };

impl Found {
    pub fn new() -> Found {
        Found([(0, 0); FOUND])
    }

    #[inline(always)]
    pub fn add(&mut self, address: usize, words: &Words) {
        let entry = &mut self.0[address.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32 & (FOUND - 1)];
        if entry.0 == address {
            entry.1 += 1;
            return;
        }
        let (last, n) = std::mem::replace(entry, (address, 1));
        Self::subtract(last, n, words);
    }

    /// Subtracts what is left.
    pub fn end(&mut self, words: &Words) {
        for (address, n) in std::mem::replace(&mut self.0, [(0, 0); FOUND]) {
            Self::subtract(address, n, words);
        }
    }

    #[inline(always)]
    fn subtract(address: usize, n: u32, words: &Words) {
        if n != 0
            && let Some(word) = words.word(address)
        {
            word.subtract(n, false);
        }
    }
}
