//! The storage units: what an algorithm generic over the width may ask of one.

use super::StrView;

/// A code unit: `u8`, `u16` or `u32`, each holding one code point.
pub trait Unit: Copy + Eq + Ord + Into<u32> + 'static {
    fn from_u32(c: u32) -> Option<Self>;
    fn view(units: &[Self]) -> StrView<'_>;
    /// The units of a view of exactly this width.
    fn borrow(view: StrView<'_>) -> Option<&[Self]>;
    fn find_unit(hay: &[Self], unit: Self) -> Option<usize> {
        hay.iter().position(|&u| u == unit)
    }
    fn rfind_unit(hay: &[Self], unit: Self) -> Option<usize> {
        hay.iter().rposition(|&u| u == unit)
    }
}

impl Unit for u8 {
    #[inline]
    fn from_u32(c: u32) -> Option<u8> {
        u8::try_from(c).ok()
    }
    fn view(units: &[u8]) -> StrView<'_> {
        StrView::Latin1(units)
    }
    #[inline]
    fn borrow(view: StrView<'_>) -> Option<&[u8]> {
        match view {
            StrView::Latin1(s) => Some(s),
            _ => None,
        }
    }
    #[inline]
    fn find_unit(hay: &[u8], unit: u8) -> Option<usize> {
        // A few are looked at sooner than a better search begins.
        if hay.len() <= 12 {
            return hay.iter().position(|u| *u == unit);
        }
        memchr::memchr(unit, hay)
    }
    #[inline]
    fn rfind_unit(hay: &[u8], unit: u8) -> Option<usize> {
        if hay.len() <= 12 {
            return hay.iter().rposition(|u| *u == unit);
        }
        memchr::memrchr(unit, hay)
    }
}

impl Unit for u16 {
    #[inline]
    fn from_u32(c: u32) -> Option<u16> {
        u16::try_from(c).ok()
    }
    fn view(units: &[u16]) -> StrView<'_> {
        StrView::Ucs2(units)
    }
    #[inline]
    fn borrow(view: StrView<'_>) -> Option<&[u16]> {
        match view {
            StrView::Ucs2(s) => Some(s),
            _ => None,
        }
    }
}

impl Unit for u32 {
    #[inline]
    fn from_u32(c: u32) -> Option<u32> {
        Some(c)
    }
    fn view(units: &[u32]) -> StrView<'_> {
        StrView::Ucs4(units)
    }
    #[inline]
    fn borrow(view: StrView<'_>) -> Option<&[u32]> {
        match view {
            StrView::Ucs4(s) => Some(s),
            _ => None,
        }
    }
}
