//! The string representation: a borrowed view of one of three fixed widths, and an owned builder.
//!
//! *Invariant*: a Python `str` is stored canonically, in the narrowest kind that holds all its code
//! points. A view cut out of a wider string may be non-canonical; every algorithm of this crate
//! accepts such views and every `StrBuf::finish` result is canonical.

mod buf;
mod unit;
mod utf8;
pub(crate) use utf8::push_wtf8;

pub use buf::StrBuf;
pub use unit::Unit;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

/// The code points of a Python string, surrogates allowed.
#[derive(Clone, Copy, Debug)]
pub enum StrView<'a> {
    Latin1(&'a [u8]),
    Ucs2(&'a [u16]),
    Ucs4(&'a [u32]),
}

/// Runs one expression for whichever width a view has.
macro_rules! each_kind {
    ($view:expr, $s:ident => $body:expr) => {
        match $view {
            $crate::view::StrView::Latin1($s) => $body,
            $crate::view::StrView::Ucs2($s) => $body,
            #[allow(clippy::useless_conversion)]
            $crate::view::StrView::Ucs4($s) => $body,
        }
    };
}
pub(crate) use each_kind;

impl<'a> StrView<'a> {
    pub const EMPTY: StrView<'static> = StrView::Latin1(&[]);

    /// The length in code points.
    #[inline]
    pub fn len(self) -> usize {
        each_kind!(self, s => s.len())
    }

    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The bytes one code point takes: 1, 2 or 4.
    #[inline]
    pub fn width(self) -> usize {
        match self {
            StrView::Latin1(_) => 1,
            StrView::Ucs2(_) => 2,
            StrView::Ucs4(_) => 4,
        }
    }

    /// A view of an ASCII (or Latin-1 compatible) Rust string; `None` beyond ASCII.
    pub fn from_ascii(s: &'a str) -> Option<StrView<'a>> {
        s.is_ascii().then_some(StrView::Latin1(s.as_bytes()))
    }

    #[inline]
    pub fn get(self, i: usize) -> Option<u32> {
        each_kind!(self, s => s.get(i).map(|&c| u32::from(c)))
    }

    /// The code point at `i`; 0 out of range.
    #[inline]
    pub(crate) fn at(self, i: usize) -> u32 {
        self.get(i).unwrap_or(0)
    }

    /// The code points `range`, clamped to the view. The result may be non-canonical.
    #[inline]
    pub fn slice(self, range: Range<usize>) -> StrView<'a> {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        match self {
            StrView::Latin1(s) => StrView::Latin1(&s[start..end]),
            StrView::Ucs2(s) => StrView::Ucs2(&s[start..end]),
            StrView::Ucs4(s) => StrView::Ucs4(&s[start..end]),
        }
    }

    /// `count` code points from `start`, `step` apart (`step` may be negative). Indices outside the
    /// view end the slice.
    pub fn step_slice(self, start: usize, step: isize, count: usize) -> StrBuf {
        if step == 1 {
            return self.slice(start..start.saturating_add(count)).to_buf();
        }
        let mut out = StrBuf::new();
        let mut i = start;
        for k in 0..count {
            let Some(c) = self.get(i) else { break };
            if k == 0 && c < 128 {
                out.reserve_hint(count.min(self.len()));
            }
            out.push(c);
            match i.checked_add_signed(step) {
                Some(n) => i = n,
                None => break,
            }
        }
        out
    }

    #[inline]
    pub fn iter(self) -> Iter<'a> {
        Iter {
            view: self,
            front: 0,
            back: self.len(),
        }
    }

    pub fn is_ascii(self) -> bool {
        match self {
            StrView::Latin1(s) => s.is_ascii(),
            _ => self.iter().all(|c| c < 128),
        }
    }

    /// The largest code point, 0 when empty.
    pub fn max_char(self) -> u32 {
        each_kind!(self, s => s.iter().copied().max().map_or(0, u32::from))
    }

    /// Whether no narrower kind would hold this text.
    pub fn is_canonical(self) -> bool {
        match self {
            StrView::Latin1(_) => true,
            StrView::Ucs2(s) => s.iter().any(|&c| c > 0xFF),
            StrView::Ucs4(s) => s.iter().any(|&c| c > 0xFFFF),
        }
    }

    /// An owned, canonical copy.
    pub fn to_buf(self) -> StrBuf {
        match self {
            StrView::Latin1(s) => StrBuf::Latin1(s.to_vec()),
            StrView::Ucs2(s) => {
                if s.iter().all(|&c| c <= 0xFF) {
                    StrBuf::Latin1(s.iter().map(|&c| c as u8).collect())
                } else {
                    StrBuf::Ucs2(s.to_vec())
                }
            }
            StrView::Ucs4(s) => match s.iter().copied().max().unwrap_or(0) {
                0..=0xFF => StrBuf::Latin1(s.iter().map(|&c| c as u8).collect()),
                0x100..=0xFFFF => StrBuf::Ucs2(s.iter().map(|&c| c as u16).collect()),
                _ => StrBuf::Ucs4(s.to_vec()),
            },
        }
    }

    /// The same text in units of `T`; `None` when some code point does not fit.
    pub fn units<T: Unit>(self) -> Option<Cow<'a, [T]>> {
        if let Some(s) = T::borrow(self) {
            return Some(Cow::Borrowed(s));
        }
        self.iter().map(T::from_u32).collect::<Option<Vec<T>>>().map(Cow::Owned)
    }

    /// Equality by code points, whatever the widths.
    #[inline]
    pub fn equals(self, other: StrView<'_>) -> bool {
        match (self, other) {
            (StrView::Latin1(a), StrView::Latin1(b)) => a == b,
            (StrView::Ucs2(a), StrView::Ucs2(b)) => a == b,
            (StrView::Ucs4(a), StrView::Ucs4(b)) => a == b,
            (a, b) => a.len() == b.len() && a.iter().eq(b.iter()),
        }
    }

    /// Order by code points.
    pub fn compare(self, other: StrView<'_>) -> Ordering {
        match (self, other) {
            (StrView::Latin1(a), StrView::Latin1(b)) => a.cmp(b),
            (StrView::Ucs2(a), StrView::Ucs2(b)) => a.cmp(b),
            (StrView::Ucs4(a), StrView::Ucs4(b)) => a.cmp(b),
            (a, b) => a.iter().cmp(b.iter()),
        }
    }

    /// Equality with a Rust string.
    pub fn eq_str(self, other: &str) -> bool {
        match self {
            StrView::Latin1(s) if s.is_ascii() => s == other.as_bytes(),
            _ => self.iter().eq(other.chars().map(u32::from)),
        }
    }
}

impl PartialEq for StrView<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.equals(*other)
    }
}
impl Eq for StrView<'_> {}
impl PartialOrd for StrView<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for StrView<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(*other)
    }
}

/// The code points of a view, from either end.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    view: StrView<'a>,
    front: usize,
    back: usize,
}

impl Iterator for Iter<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.front >= self.back {
            return None;
        }
        let c = self.view.get(self.front);
        self.front += 1;
        c
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let n = self.back - self.front;
        (n, Some(n))
    }
}

impl DoubleEndedIterator for Iter<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<u32> {
        if self.front >= self.back {
            return None;
        }
        self.back -= 1;
        self.view.get(self.back)
    }
}

impl ExactSizeIterator for Iter<'_> {}
