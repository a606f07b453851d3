//! The algorithms behind the methods of `bytes` and `bytearray`.
//!
//! What `bytes` shares with `str` (search, replace, padding) is the same code over Latin-1.

pub mod case;
pub mod edit;
pub mod hex;
pub mod repr;
pub mod split;

/// Whitespace for `bytes` methods.
#[inline]
pub fn is_space(b: u8) -> bool {
    matches!(b, 0x09..=0x0D | 0x20)
}

pub use search::{contains, count, ends_with, find, rfind, starts_with};

mod search {
    use crate::search::{count_units, find_units, rfind_units};

    fn window(hay: &[u8], start: usize, end: usize) -> Option<&[u8]> {
        hay.get(start..end)
    }

    /// `bytes.find` within `start..end` (see [`crate::search::adjust_indices`]).
    pub fn find(hay: &[u8], needle: &[u8], start: usize, end: usize) -> Option<usize> {
        find_units(window(hay, start, end)?, needle).map(|i| i + start)
    }

    pub fn rfind(hay: &[u8], needle: &[u8], start: usize, end: usize) -> Option<usize> {
        rfind_units(window(hay, start, end)?, needle).map(|i| i + start)
    }

    pub fn count(hay: &[u8], needle: &[u8], start: usize, end: usize) -> usize {
        window(hay, start, end).map_or(0, |w| count_units(w, needle))
    }

    pub fn contains(hay: &[u8], needle: &[u8]) -> bool {
        find_units(hay, needle).is_some()
    }

    pub fn starts_with(hay: &[u8], prefix: &[u8], start: usize, end: usize) -> bool {
        window(hay, start, end).is_some_and(|w| w.starts_with(prefix))
    }

    pub fn ends_with(hay: &[u8], suffix: &[u8], start: usize, end: usize) -> bool {
        window(hay, start, end).is_some_and(|w| w.ends_with(suffix))
    }
}
