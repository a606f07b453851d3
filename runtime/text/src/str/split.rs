//! Cutting strings apart. Pieces are returned as ranges of code-point indices, so that the caller
//! slices and narrows (or shares the whole string) as it likes.

use super::classify::{is_linebreak, is_space};
use crate::search::{Finder, rfind_units};
use crate::view::{StrView, Unit, each_kind};
use std::ops::{Deref, DerefMut, Range};

/// Pieces that need no memory of their own.
const FEW: usize = 10;

/// Where a string is cut.
#[derive(Clone, Debug)]
pub struct Pieces {
    few: [Range<usize>; FEW],
    /// How many of `few` there are, until they move to `many`.
    len: usize,
    many: Vec<Range<usize>>,
}

impl Pieces {
    #[inline]
    fn new() -> Pieces {
        Pieces {
            few: [const { 0..0 }; FEW],
            len: 0,
            many: Vec::new(),
        }
    }

    #[inline]
    fn push(&mut self, piece: Range<usize>) {
        match self.few.get_mut(self.len) {
            Some(place) if self.many.is_empty() => {
                *place = piece;
                self.len += 1;
            }
            _ => self.push_many(piece),
        }
    }

    #[inline(never)]
    fn push_many(&mut self, piece: Range<usize>) {
        if self.many.is_empty() {
            self.many.extend(self.few.iter().cloned());
        }
        self.many.push(piece);
    }
}

impl Deref for Pieces {
    type Target = [Range<usize>];

    #[inline]
    fn deref(&self) -> &[Range<usize>] {
        if self.many.is_empty() {
            &self.few[..self.len]
        } else {
            &self.many
        }
    }
}

impl DerefMut for Pieces {
    fn deref_mut(&mut self) -> &mut [Range<usize>] {
        if self.many.is_empty() {
            &mut self.few[..self.len]
        } else {
            &mut self.many
        }
    }
}

impl FromIterator<Range<usize>> for Pieces {
    fn from_iter<I: IntoIterator<Item = Range<usize>>>(iter: I) -> Pieces {
        let mut out = Pieces::new();
        iter.into_iter().for_each(|p| out.push(p));
        out
    }
}

/// `str.split(None, maxsplit)`; `max` of `usize::MAX` is no limit.
pub fn split_whitespace(s: StrView<'_>, max: usize) -> Pieces {
    each_kind!(s, u => split_whitespace_units(u, max, is_space))
}

/// `str.rsplit(None, maxsplit)`.
pub fn rsplit_whitespace(s: StrView<'_>, max: usize) -> Pieces {
    each_kind!(s, u => rsplit_whitespace_units(u, max, is_space))
}

pub(crate) fn split_whitespace_units<T: Unit>(s: &[T], mut max: usize, space: impl Fn(u32) -> bool) -> Pieces {
    let mut out = Pieces::new();
    let mut i = 0;
    let is = |i: usize| space(s[i].into());
    loop {
        while i < s.len() && is(i) {
            i += 1;
        }
        if i == s.len() {
            return out;
        }
        let start = i;
        if max == 0 {
            out.push(start..s.len());
            return out;
        }
        max -= 1;
        while i < s.len() && !is(i) {
            i += 1;
        }
        out.push(start..i);
    }
}

pub(crate) fn rsplit_whitespace_units<T: Unit>(s: &[T], mut max: usize, space: impl Fn(u32) -> bool) -> Pieces {
    let mut out = Pieces::new();
    let mut i = s.len();
    let is = |i: usize| space(s[i].into());
    loop {
        while i > 0 && is(i - 1) {
            i -= 1;
        }
        if i == 0 {
            break;
        }
        let end = i;
        if max == 0 {
            out.push(0..end);
            break;
        }
        max -= 1;
        while i > 0 && !is(i - 1) {
            i -= 1;
        }
        out.push(i..end);
    }
    out.reverse();
    out
}

/// `str.split(sep, maxsplit)`. The caller has refused an empty separator ("empty separator").
pub fn split(s: StrView<'_>, sep: StrView<'_>, max: usize) -> Pieces {
    if let (StrView::Latin1(s), StrView::Latin1(sep)) = (s, sep) {
        return split_units(s, sep, max);
    }
    each_kind!(s, u => match sep.units() {
        Some(sep) => split_units(u, &sep, max),
        None => std::iter::once(0..u.len()).collect(),
    })
}

/// How often a byte is in a text.
#[inline]
pub fn count_char(s: &[u8], c: u8) -> usize {
    crate::search::count_units(s, &[c])
}

/// Where a byte is first.
#[inline]
pub fn find_char(s: &[u8], c: u8) -> Option<usize> {
    u8::find_unit(s, c)
}

/// `str.rsplit(sep, maxsplit)`.
pub fn rsplit(s: StrView<'_>, sep: StrView<'_>, max: usize) -> Pieces {
    each_kind!(s, u => match sep.units() {
        Some(sep) => rsplit_units(u, &sep, max),
        None => std::iter::once(0..u.len()).collect(),
    })
}

pub(crate) fn split_units<T: Unit>(s: &[T], sep: &[T], max: usize) -> Pieces {
    let mut out = Pieces::new();
    let mut start = 0;
    if let [one] = sep {
        while out.len() < max
            && let Some(i) = T::find_unit(&s[start..], *one)
        {
            out.push(start..start + i);
            start += i + 1;
        }
    } else if !sep.is_empty() {
        for i in Finder::new(sep).find_all(s).take(max) {
            out.push(start..i);
            start = i + sep.len();
        }
    }
    out.push(start..s.len());
    out
}

pub(crate) fn rsplit_units<T: Unit>(s: &[T], sep: &[T], max: usize) -> Pieces {
    let mut out = Pieces::new();
    let mut end = s.len();
    if sep.len() <= 1 {
        while out.len() < max && !sep.is_empty() {
            let Some(i) = rfind_units(&s[..end], sep) else {
                break;
            };
            out.push(i + sep.len()..end);
            end = i;
        }
    } else {
        // Non-overlapping matches from the right: search the mirrored text.
        let hay: Vec<T> = s.iter().rev().copied().collect();
        let needle: Vec<T> = sep.iter().rev().copied().collect();
        for k in Finder::new(&needle).find_all(&hay).take(max) {
            let i = s.len() - k - sep.len();
            out.push(i + sep.len()..end);
            end = i;
        }
    }
    out.push(0..end);
    out.reverse();
    out
}

/// `str.splitlines`.
pub fn splitlines(s: StrView<'_>, keepends: bool) -> Pieces {
    each_kind!(s, u => splitlines_units(u, keepends, is_linebreak))
}

pub(crate) fn splitlines_units<T: Unit>(s: &[T], keepends: bool, breaks: impl Fn(u32) -> bool) -> Pieces {
    let mut out = Pieces::new();
    let mut i = 0;
    while i < s.len() {
        let start = i;
        while i < s.len() && !breaks(s[i].into()) {
            i += 1;
        }
        let mut eol = i;
        if i < s.len() {
            let crlf = s[i].into() == 0x0D && s.get(i + 1).is_some_and(|&c| c.into() == 0x0A);
            i += 1 + usize::from(crlf);
            if keepends {
                eol = i;
            }
        }
        out.push(start..eol);
    }
    out
}

/// `str.partition`: where the separator starts; the pieces are `0..i`, `i..i+sep`, the rest.
pub fn partition(s: StrView<'_>, sep: StrView<'_>) -> Option<usize> {
    crate::search::find(s, sep, 0, s.len())
}

/// `str.rpartition`.
pub fn rpartition(s: StrView<'_>, sep: StrView<'_>) -> Option<usize> {
    crate::search::rfind(s, sep, 0, s.len())
}

/// Which ends a strip touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    Both,
    Left,
    Right,
}

pub(crate) fn strip_units<T: Unit>(s: &[T], ends: Ends, strips: impl Fn(u32) -> bool) -> Range<usize> {
    let (mut start, mut end) = (0, s.len());
    if ends != Ends::Right {
        while start < end && strips(s[start].into()) {
            start += 1;
        }
    }
    if ends != Ends::Left {
        while end > start && strips(s[end - 1].into()) {
            end -= 1;
        }
    }
    start..end
}

/// `str.strip()` and its sisters: the range that stays.
pub fn strip_whitespace(s: StrView<'_>, ends: Ends) -> Range<usize> {
    each_kind!(s, u => strip_units(u, ends, is_space))
}

/// `str.strip(chars)` and its sisters.
pub fn strip_chars(s: StrView<'_>, chars: StrView<'_>, ends: Ends) -> Range<usize> {
    let mut low = [false; 256];
    let mut high = Vec::new();
    for c in chars.iter() {
        match low.get_mut(c as usize) {
            Some(slot) => *slot = true,
            None => high.push(c),
        }
    }
    each_kind!(s, u => strip_units(u, ends, |c| match low.get(c as usize) {
        Some(&hit) => hit,
        None => high.contains(&c),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::StrBuf;

    fn show(s: &str, p: Pieces) -> String {
        let b = StrBuf::from(s);
        p.iter()
            .map(|r| b.view().slice(r.clone()).to_utf8_lossy())
            .collect::<Vec<_>>()
            .join("|")
    }

    #[test]
    fn splitting_as_cpython() {
        let ws = |s: &str, m| show(s, split_whitespace(StrBuf::from(s).view(), m));
        assert_eq!(ws("  a b  c ", usize::MAX), "a|b|c");
        assert_eq!(ws("  a b  c ", 1), "a|b  c ");
        assert_eq!(ws(" a\u{2003}b\u{1680}c", usize::MAX), "a|b|c");
        let rws = |s: &str, m| show(s, rsplit_whitespace(StrBuf::from(s).view(), m));
        assert_eq!(rws("  a b  c ", 1), "  a b|c");
        assert_eq!(rws(" ", 1), "");
        let sp = |s: &str, p: &str, m| show(s, split(StrBuf::from(s).view(), StrBuf::from(p).view(), m));
        assert_eq!(sp("a,b,,c", ",", usize::MAX), "a|b||c");
        assert_eq!(sp("a,b,,c", ",", 1), "a|b,,c");
        assert_eq!(sp("aXXbXXX", "XX", 9), "a|b|X");
        assert_eq!(sp("abc", "\u{20ac}", 9), "abc");
        let rsp = |s: &str, p: &str, m| show(s, rsplit(StrBuf::from(s).view(), StrBuf::from(p).view(), m));
        assert_eq!(rsp("aXXbXXX", "XX", 9), "a|bX|");
        assert_eq!(rsp("a,b,c", ",", 1), "a,b|c");
        assert_eq!(
            show(
                "a\r\nb\rc\u{85}d\n",
                splitlines(StrBuf::from("a\r\nb\rc\u{85}d\n").view(), false)
            ),
            "a|b|c|d"
        );
    }

    #[test]
    fn stripping() {
        let s = StrBuf::from("xxab\u{20ac}x");
        assert_eq!(
            strip_chars(s.view(), StrBuf::from("x\u{20ac}").view(), Ends::Both),
            2..4
        );
        assert_eq!(strip_chars(s.view(), StrBuf::from("x").view(), Ends::Left), 2..6);
        assert_eq!(strip_whitespace(StrView::Latin1(b" \x1c a\x85"), Ends::Both), 3..4);
    }
}
