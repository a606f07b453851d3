//! The owned builder, which widens on demand.

use super::{StrView, each_kind};
use crate::error::Result;

/// An owned string under construction. Pushing widens it when needed, so a buffer built only by
/// pushing is canonical; after shrinking (`truncate`) call [`StrBuf::finish`].
#[derive(Clone, Debug)]
pub enum StrBuf {
    Latin1(Vec<u8>),
    Ucs2(Vec<u16>),
    Ucs4(Vec<u32>),
}

impl Default for StrBuf {
    fn default() -> Self {
        StrBuf::new()
    }
}

impl StrBuf {
    pub const fn new() -> StrBuf {
        StrBuf::Latin1(Vec::new())
    }

    /// An empty buffer for `capacity` code points; a huge capacity is a `MemoryError`.
    pub fn try_with_capacity(capacity: usize) -> Result<StrBuf> {
        let mut v = Vec::new();
        v.try_reserve_exact(capacity)?;
        Ok(StrBuf::Latin1(v))
    }

    /// Room for `extra` more code points at the present width, or `MemoryError`.
    pub fn try_reserve(&mut self, extra: usize) -> Result<()> {
        match self {
            StrBuf::Latin1(v) => v.try_reserve(extra)?,
            StrBuf::Ucs2(v) => v.try_reserve(extra)?,
            StrBuf::Ucs4(v) => v.try_reserve(extra)?,
        }
        Ok(())
    }

    /// Room if it can be had; a hint only.
    pub(crate) fn reserve_hint(&mut self, extra: usize) {
        let _ = self.try_reserve(extra);
    }

    #[inline]
    pub fn view(&self) -> StrView<'_> {
        match self {
            StrBuf::Latin1(v) => StrView::Latin1(v),
            StrBuf::Ucs2(v) => StrView::Ucs2(v),
            StrBuf::Ucs4(v) => StrView::Ucs4(v),
        }
    }

    pub fn len(&self) -> usize {
        self.view().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub fn push(&mut self, c: u32) {
        match self {
            StrBuf::Latin1(v) if c <= 0xFF => v.push(c as u8),
            StrBuf::Ucs2(v) if c <= 0xFFFF => v.push(c as u16),
            StrBuf::Ucs4(v) => v.push(c),
            _ => self.push_wider(c),
        }
    }

    #[cold]
    fn push_wider(&mut self, c: u32) {
        self.widen(c);
        self.push(c);
    }

    /// Makes the buffer wide enough for `c`.
    pub fn widen(&mut self, c: u32) {
        *self = match (std::mem::take(self), c) {
            (StrBuf::Latin1(v), 0x100..=0xFFFF) => {
                let mut w = Vec::with_capacity(v.capacity());
                w.extend(v.iter().map(|&u| u16::from(u)));
                StrBuf::Ucs2(w)
            }
            (StrBuf::Latin1(v), 0x1_0000..) => {
                let mut w = Vec::with_capacity(v.capacity());
                w.extend(v.iter().map(|&u| u32::from(u)));
                StrBuf::Ucs4(w)
            }
            (StrBuf::Ucs2(v), 0x1_0000..) => {
                let mut w = Vec::with_capacity(v.capacity());
                w.extend(v.iter().map(|&u| u32::from(u)));
                StrBuf::Ucs4(w)
            }
            (same, _) => same,
        };
    }

    /// `n` copies of `c`; a huge `n` is a `MemoryError`.
    pub fn try_fill(&mut self, c: u32, n: usize) -> Result<()> {
        if n == 0 {
            return Ok(());
        }
        self.widen(c);
        self.try_reserve(n)?;
        match self {
            StrBuf::Latin1(v) => v.resize(v.len() + n, c as u8),
            StrBuf::Ucs2(v) => v.resize(v.len() + n, c as u16),
            StrBuf::Ucs4(v) => v.resize(v.len() + n, c),
        }
        Ok(())
    }

    pub fn push_view(&mut self, view: StrView<'_>) {
        match (&mut *self, view) {
            (StrBuf::Latin1(v), StrView::Latin1(s)) => v.extend_from_slice(s),
            (StrBuf::Ucs2(v), StrView::Latin1(s)) => v.extend(s.iter().map(|&u| u16::from(u))),
            (StrBuf::Ucs4(v), StrView::Latin1(s)) => v.extend(s.iter().map(|&u| u32::from(u))),
            (StrBuf::Ucs2(v), StrView::Ucs2(s)) => v.extend_from_slice(s),
            (StrBuf::Ucs4(v), StrView::Ucs2(s)) => v.extend(s.iter().map(|&u| u32::from(u))),
            (StrBuf::Ucs4(v), StrView::Ucs4(s)) => v.extend_from_slice(s),
            _ => {
                self.widen(view.max_char());
                each_kind!(view, s => s.iter().for_each(|&u| self.push(u32::from(u))));
            }
        }
    }

    pub fn push_str(&mut self, s: &str) {
        if s.is_ascii() {
            self.push_ascii(s.as_bytes());
        } else {
            s.chars().for_each(|c| self.push(u32::from(c)));
        }
    }

    /// Appends ASCII (or Latin-1) bytes, one code point each.
    #[inline]
    pub fn push_ascii(&mut self, s: &[u8]) {
        self.push_view(StrView::Latin1(s));
    }

    pub fn truncate(&mut self, len: usize) {
        match self {
            StrBuf::Latin1(v) => v.truncate(len),
            StrBuf::Ucs2(v) => v.truncate(len),
            StrBuf::Ucs4(v) => v.truncate(len),
        }
    }

    /// Narrows to the canonical kind.
    pub fn finish(self) -> StrBuf {
        if self.view().is_canonical() {
            self
        } else {
            self.view().to_buf()
        }
    }
}

impl From<&str> for StrBuf {
    fn from(s: &str) -> StrBuf {
        let mut b = StrBuf::new();
        b.push_str(s);
        b
    }
}

impl From<String> for StrBuf {
    fn from(s: String) -> StrBuf {
        if s.is_ascii() {
            StrBuf::Latin1(s.into_bytes())
        } else {
            StrBuf::from(s.as_str())
        }
    }
}

impl From<char> for StrBuf {
    fn from(c: char) -> StrBuf {
        let mut b = StrBuf::new();
        b.push(u32::from(c));
        b
    }
}

impl FromIterator<u32> for StrBuf {
    fn from_iter<I: IntoIterator<Item = u32>>(iter: I) -> StrBuf {
        let mut b = StrBuf::new();
        b.extend(iter);
        b
    }
}

impl Extend<u32> for StrBuf {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, iter: I) {
        let iter = iter.into_iter();
        self.reserve_hint(iter.size_hint().0);
        iter.for_each(|c| self.push(c));
    }
}

impl PartialEq for StrBuf {
    fn eq(&self, other: &StrBuf) -> bool {
        self.view().equals(other.view())
    }
}
impl Eq for StrBuf {}

impl PartialEq<&str> for StrBuf {
    fn eq(&self, other: &&str) -> bool {
        self.view().eq_str(other)
    }
}
