//! Substring search over units of any width. Everything here is linear in the worst case.

use crate::view::{StrView, Unit, each_kind};
use std::borrow::Cow;

/// `start` and `end` as Python's `find` family reads them: negative counts from the end, `end` is
/// clamped. `start` may end up beyond `end` (or the text), which means *no match, not even of ""*.
pub fn adjust_indices(start: i64, end: i64, len: usize) -> (usize, usize) {
    let n = i64::try_from(len).unwrap_or(i64::MAX);
    let from_end = |i: i64| if i < 0 { (i + n).max(0) } else { i };
    (from_end(start) as usize, from_end(end.min(n)) as usize)
}

/// Whether there is a null among bytes, which are few.
pub fn has_null(bytes: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let any = |w: u64| w.wrapping_sub(ONES) & !w & (ONES << 7) != 0;
    let mut chunks = bytes.chunks_exact(8);
    let mut found = false;
    for c in &mut chunks {
        let mut w = [0; 8];
        w.copy_from_slice(c);
        found |= any(u64::from_ne_bytes(w));
    }
    found || chunks.remainder().contains(&0)
}

/// In texts of at most this many bytes looking for the needle's first byte is cheaper than preparing a better search.
const SHORT: usize = 128;

/// The first occurrence of a needle of two bytes or more that is no longer than `hay`.
fn find_bytes(hay: &[u8], needle: &[u8]) -> Option<usize> {
    if hay.len() > SHORT {
        return memchr::memmem::find(hay, needle);
    }
    let (first, rest) = needle.split_first()?;
    let places = &hay[..=hay.len() - needle.len()];
    let mut i = 0;
    while let Some(next) = memchr::memchr(*first, places.get(i..)?) {
        i += next + 1;
        if hay[i..].starts_with(rest) {
            return Some(i - 1);
        }
    }
    None
}

/// As [`find_bytes`], the last one.
fn rfind_bytes(hay: &[u8], needle: &[u8]) -> Option<usize> {
    if hay.len() > SHORT {
        return memchr::memmem::rfind(hay, needle);
    }
    let (first, rest) = needle.split_first()?;
    let mut places = &hay[..=hay.len() - needle.len()];
    while let Some(i) = memchr::memrchr(*first, places) {
        if hay[i + 1..].starts_with(rest) {
            return Some(i);
        }
        places = &places[..i];
    }
    None
}

/// The first occurrence of `needle`, as a unit index.
pub fn find_units<T: Unit>(hay: &[T], needle: &[T]) -> Option<usize> {
    match needle {
        [] => Some(0),
        _ if needle.len() > hay.len() => None,
        [one] => T::find_unit(hay, *one),
        _ => match (T::view(hay), T::view(needle)) {
            (StrView::Latin1(h), StrView::Latin1(n)) => find_bytes(h, n),
            _ => find_wide(hay, needle, &mut None),
        },
    }
}

/// The last occurrence of `needle`.
pub fn rfind_units<T: Unit>(hay: &[T], needle: &[T]) -> Option<usize> {
    match needle {
        [] => Some(hay.len()),
        _ if needle.len() > hay.len() => None,
        [one] => T::rfind_unit(hay, *one),
        _ => {
            if let (StrView::Latin1(h), StrView::Latin1(n)) = (T::view(hay), T::view(needle)) {
                return rfind_bytes(h, n);
            }
            let r: Vec<T> = needle.iter().rev().copied().collect();
            let h: Vec<T> = hay.iter().rev().copied().collect();
            find_wide(&h, &r, &mut None).map(|i| hay.len() - i - needle.len())
        }
    }
}

/// A needle prepared for repeated searches.
pub struct Finder<'n, T> {
    needle: &'n [T],
    /// Made for the first text that is long enough.
    bytes: std::cell::OnceCell<memchr::memmem::Finder<'n>>,
    failure: std::cell::RefCell<Option<Vec<usize>>>,
}

impl<'n, T: Unit> Finder<'n, T> {
    pub fn new(needle: &'n [T]) -> Finder<'n, T> {
        Finder {
            needle,
            bytes: std::cell::OnceCell::new(),
            failure: std::cell::RefCell::new(None),
        }
    }

    pub fn find(&self, hay: &[T]) -> Option<usize> {
        match self.needle {
            [] => Some(0),
            [one] => T::find_unit(hay, *one),
            _ if self.needle.len() > hay.len() => None,
            _ => match (T::view(self.needle), T::view(hay)) {
                (StrView::Latin1(n), StrView::Latin1(h)) if h.len() <= SHORT => find_bytes(h, n),
                (StrView::Latin1(n), StrView::Latin1(h)) => {
                    self.bytes.get_or_init(|| memchr::memmem::Finder::new(n)).find(h)
                }
                _ => find_wide(hay, self.needle, &mut self.failure.borrow_mut()),
            },
        }
    }

    /// Every non-overlapping occurrence, left to right. The needle must not be empty.
    pub fn find_all<'h>(&self, hay: &'h [T]) -> impl Iterator<Item = usize> + use<'_, 'n, 'h, T> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let i = at + self.find(hay.get(at..)?)?;
            at = i + self.needle.len().max(1);
            Some(i)
        })
    }
}

/// Naive search from candidates of the first unit; after too many wasted comparisons, KMP.
fn find_wide<T: Unit>(hay: &[T], needle: &[T], failure: &mut Option<Vec<usize>>) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let last = hay.len().checked_sub(needle.len())?;
    let mut wasted = 0usize;
    let mut i = 0;
    while i <= last {
        i += T::find_unit(&hay[i..=last], *first)?;
        let same = hay[i + 1..].iter().zip(rest).take_while(|(a, b)| a == b).count();
        if same == rest.len() {
            return Some(i);
        }
        i += 1;
        wasted += same;
        if wasted > 64 + 4 * i {
            let table = failure.get_or_insert_with(|| failure_table(needle));
            return kmp(&hay[i..], needle, table).map(|k| k + i);
        }
    }
    None
}

fn failure_table<T: Unit>(needle: &[T]) -> Vec<usize> {
    let mut table = vec![0; needle.len()];
    let mut k = 0;
    for i in 1..needle.len() {
        while k > 0 && needle[i] != needle[k] {
            k = table[k - 1];
        }
        if needle[i] == needle[k] {
            k += 1;
        }
        table[i] = k;
    }
    table
}

fn kmp<T: Unit>(hay: &[T], needle: &[T], table: &[usize]) -> Option<usize> {
    let mut k = 0;
    for (i, &u) in hay.iter().enumerate() {
        while k > 0 && u != needle[k] {
            k = table[k - 1];
        }
        if u == needle[k] {
            k += 1;
        }
        if k == needle.len() {
            return Some(i + 1 - k);
        }
    }
    None
}

/// Runs `body` with both views in the units of the haystack; `absent` when the needle cannot fit.
macro_rules! in_units_of {
    ($hay:expr, $needle:expr, ($h:ident, $n:ident) => $body:expr, $absent:expr) => {
        each_kind!($hay, $h => match same_units($h, $needle) {
            Some(n) => { let $n: &[_] = &n; $body }
            None => $absent,
        })
    };
}

fn same_units<'n, T: Unit>(_: &[T], needle: StrView<'n>) -> Option<Cow<'n, [T]>> {
    needle.units::<T>()
}

fn window(hay: StrView<'_>, start: usize, end: usize) -> Option<StrView<'_>> {
    (start <= end && end <= hay.len()).then(|| hay.slice(start..end))
}

/// `str.find` within `start..end` (see [`adjust_indices`]); the index counts from the start of `hay`.
pub fn find(hay: StrView<'_>, needle: StrView<'_>, start: usize, end: usize) -> Option<usize> {
    let w = window(hay, start, end)?;
    if let (StrView::Latin1(h), StrView::Latin1(n)) = (w, needle) {
        return find_units(h, n).map(|i| i + start);
    }
    in_units_of!(w, needle, (h, n) => find_units(h, n), None).map(|i| i + start)
}

pub fn rfind(hay: StrView<'_>, needle: StrView<'_>, start: usize, end: usize) -> Option<usize> {
    let w = window(hay, start, end)?;
    if let (StrView::Latin1(h), StrView::Latin1(n)) = (w, needle) {
        return rfind_units(h, n).map(|i| i + start);
    }
    in_units_of!(w, needle, (h, n) => rfind_units(h, n), None).map(|i| i + start)
}

/// `str.count`: non-overlapping occurrences in `start..end`.
pub fn count(hay: StrView<'_>, needle: StrView<'_>, start: usize, end: usize) -> usize {
    let Some(w) = window(hay, start, end) else {
        return 0;
    };
    if needle.is_empty() {
        return w.len() + 1;
    }
    if let (StrView::Latin1(h), StrView::Latin1(n)) = (w, needle) {
        return count_units(h, n);
    }
    in_units_of!(w, needle, (h, n) => count_units(h, n), 0)
}

pub fn count_units<T: Unit>(hay: &[T], needle: &[T]) -> usize {
    match needle {
        [] => hay.len() + 1,
        [one] => match (T::view(hay), T::view(needle)) {
            (StrView::Latin1(h), StrView::Latin1(n)) if h.len() > 32 => memchr::memchr_iter(n[0], h).count(),
            _ => hay.iter().filter(|u| *u == one).count(),
        },
        _ => Finder::new(needle).find_all(hay).count(),
    }
}

/// `needle in hay`.
pub fn contains(hay: StrView<'_>, needle: StrView<'_>) -> bool {
    find(hay, needle, 0, hay.len()).is_some()
}

/// `str.startswith` of one prefix in `start..end`.
pub fn starts_with(hay: StrView<'_>, prefix: StrView<'_>, start: usize, end: usize) -> bool {
    window(hay, start, end).is_some_and(|w| w.len() >= prefix.len() && w.slice(0..prefix.len()).equals(prefix))
}

/// `str.endswith` of one suffix in `start..end`.
pub fn ends_with(hay: StrView<'_>, suffix: StrView<'_>, start: usize, end: usize) -> bool {
    window(hay, start, end)
        .is_some_and(|w| w.len() >= suffix.len() && w.slice(w.len() - suffix.len()..w.len()).equals(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::StrBuf;

    #[test]
    fn every_width_agrees_with_a_naive_search() {
        let texts = ["", "a", "abab", "aaaaaaaaab", "abcabcabd", "xaabaaabaab", "aab"];
        for pad in ["", "é", "\u{20ac}", "\u{1f600}"] {
            for h in texts {
                for n in texts {
                    let h: StrBuf = format!("{h}{pad}").as_str().into();
                    let n: StrBuf = n.into();
                    let (hv, nv) = (h.view(), n.view());
                    let hc: Vec<u32> = hv.iter().collect();
                    let nc: Vec<u32> = nv.iter().collect();
                    let hits: Vec<usize> = (0..=hc.len()).filter(|&i| hc[i..].starts_with(&nc)).collect();
                    assert_eq!(find(hv, nv, 0, hv.len()), hits.first().copied());
                    assert_eq!(rfind(hv, nv, 0, hv.len()), hits.last().copied());
                }
            }
        }
    }

    #[test]
    fn short_and_long_byte_searches_agree() {
        for len in [0usize, 5, 40, 120, 130, 300] {
            let mut hay: Vec<u8> = (0..len).map(|i| b"aab"[i * 7 % 3]).collect();
            hay.extend_from_slice(b"abxabx");
            for needle in [&b"ab"[..], b"abx", b"xa", b"bx", b"aabaab", b"xx", b"abxabx"] {
                let hits: Vec<usize> = (0..hay.len()).filter(|&i| hay[i..].starts_with(needle)).collect();
                assert_eq!(find_units(&hay, needle), hits.first().copied());
                assert_eq!(rfind_units(&hay, needle), hits.last().copied());
            }
        }
    }

    #[test]
    fn long_wide_search_falls_back_to_kmp() {
        let mut h: Vec<u16> = vec![0x100; 20_000];
        h.push(0x101);
        let mut n: Vec<u16> = vec![0x100; 5_000];
        n.push(0x101);
        assert_eq!(find_units(&h, &n), Some(15_000));
        assert_eq!(rfind_units(&h, &n), Some(15_000));
    }

    #[test]
    fn nulls() {
        for n in 0..40 {
            let mut b = vec![1u8; n];
            assert!(!has_null(&b));
            for i in 0..n {
                b[i] = 0;
                assert!(has_null(&b));
                b[i] = 0x80 | i as u8;
                assert!(!has_null(&b));
            }
        }
    }

    #[test]
    fn empty_needles_and_bounds() {
        let h = StrView::Latin1(b"abc");
        let e = StrView::EMPTY;
        assert_eq!(find(h, e, 3, 3), Some(3));
        assert_eq!(find(h, e, 4, 3), None);
        assert_eq!(rfind(h, e, 0, 3), Some(3));
        assert_eq!(count(h, e, 0, 3), 4);
        assert_eq!(adjust_indices(-2, i64::MAX, 3), (1, 3));
        assert_eq!(adjust_indices(9, -9, 3), (9, 0));
        assert!(!starts_with(h, e, 4, 3));
    }
}
