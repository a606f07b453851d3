//! Cutting bytes apart; the pieces are ranges.

use super::is_space;
use crate::str::split::{self as cut, Ends, Pieces};
use std::ops::Range;

fn space(c: u32) -> bool {
    is_space(c as u8)
}

pub fn split_whitespace(b: &[u8], max: usize) -> Pieces {
    cut::split_whitespace_units(b, max, space)
}

pub fn rsplit_whitespace(b: &[u8], max: usize) -> Pieces {
    cut::rsplit_whitespace_units(b, max, space)
}

/// The separator must not be empty ("empty separator").
pub fn split(b: &[u8], sep: &[u8], max: usize) -> Pieces {
    cut::split_units(b, sep, max)
}

pub fn rsplit(b: &[u8], sep: &[u8], max: usize) -> Pieces {
    cut::rsplit_units(b, sep, max)
}

/// Lines end at `\n`, `\r` and `\r\n` only.
pub fn splitlines(b: &[u8], keepends: bool) -> Pieces {
    cut::splitlines_units(b, keepends, |c| matches!(c, 0x0A | 0x0D))
}

pub fn strip_whitespace(b: &[u8], ends: Ends) -> Range<usize> {
    cut::strip_units(b, ends, space)
}

pub fn strip_chars(b: &[u8], chars: &[u8], ends: Ends) -> Range<usize> {
    let mut set = [false; 256];
    chars.iter().for_each(|c| set[usize::from(*c)] = true);
    cut::strip_units(b, ends, |c| set[c as usize & 0xFF])
}
