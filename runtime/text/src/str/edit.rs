//! Building strings from strings: replace, join, repeat, pad, tabs, translate.

use crate::error::{Result, TextError};
use crate::search::{Finder, find_units};
use crate::view::{StrBuf, StrView, Unit, each_kind};

fn too_long(what: &str) -> TextError {
    TextError::overflow(what)
}

/// `str.replace(old, new, max)`; `None` when nothing changes, so the caller keeps the original.
pub fn replace(s: StrView<'_>, old: StrView<'_>, new: StrView<'_>, max: usize) -> Result<Option<StrBuf>> {
    if max == 0 || old.equals(new) {
        return Ok(None);
    }
    if let (StrView::Latin1(s), StrView::Latin1(old)) = (s, old) {
        return replace_units(s, old, new, max);
    }
    each_kind!(s, u => match old.units() {
        Some(old) => replace_units(u, &old, new, max),
        None => Ok(None),
    })
}

fn replace_units<T: Unit>(s: &[T], old: &[T], new: StrView<'_>, max: usize) -> Result<Option<StrBuf>> {
    // Most texts have nothing to replace.
    let Some(first) = find_units(s, old) else {
        return Ok(None);
    };
    let hits: Vec<usize> = if old.is_empty() {
        (0..=s.len()).take(max).collect()
    } else {
        let next = first + old.len();
        let finder = Finder::new(old);
        let others = finder.find_all(&s[next..]).map(|i| next + i);
        std::iter::once(first).chain(others).take(max).collect()
    };
    let kept = s.len() - hits.len() * old.len();
    let size = new.len().checked_mul(hits.len()).and_then(|n| n.checked_add(kept));
    let size = size.filter(|n| *n <= isize::MAX as usize);
    let size = size.ok_or_else(|| too_long("replace string is too long"))?;
    let mut out = StrBuf::new();
    out.widen(new.max_char().max(T::view(s).max_char()));
    out.try_reserve(size)?;
    let mut at = 0;
    for i in hits {
        out.push_view(T::view(&s[at..i]));
        out.push_view(new);
        at = i + old.len();
    }
    out.push_view(T::view(&s[at..]));
    Ok(Some(out.finish()))
}

/// `sep.join(items)`.
pub fn join(sep: StrView<'_>, items: &[StrView<'_>]) -> Result<StrBuf> {
    let mut size = sep.len().checked_mul(items.len().saturating_sub(1));
    let mut widest = if items.len() > 1 { sep } else { StrView::EMPTY };
    for item in items {
        size = size.and_then(|n| n.checked_add(item.len()));
        if item.width() > widest.width() {
            widest = *item;
        }
    }
    let size = size.filter(|n| *n <= isize::MAX as usize);
    let size = size.ok_or_else(|| too_long("join() result is too long for a Python string"))?;
    let mut out = StrBuf::new();
    out.widen(match widest {
        StrView::Latin1(_) => 0,
        StrView::Ucs2(_) => 0xFFFF,
        StrView::Ucs4(_) => 0x10_FFFF,
    });
    out.try_reserve(size)?;
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_view(sep);
        }
        out.push_view(*item);
    }
    Ok(out.finish())
}

/// `s + t`.
pub fn concat(a: StrView<'_>, b: StrView<'_>) -> Result<StrBuf> {
    join(StrView::EMPTY, &[a, b])
}

/// `s * n`.
pub fn repeat(s: StrView<'_>, n: usize) -> Result<StrBuf> {
    let size = s.len().checked_mul(n).filter(|n| *n <= isize::MAX as usize);
    let size = size.ok_or_else(|| too_long("repeated string is too long"))?;
    let mut out = StrBuf::new();
    if s.len() == 1 {
        out.try_fill(s.at(0), n)?;
        return Ok(out);
    }
    out.widen(s.max_char());
    out.try_reserve(size)?;
    for _ in 0..n {
        out.push_view(s);
    }
    Ok(out)
}

/// `left` fills, the text, `right` fills.
pub fn pad(s: StrView<'_>, left: usize, right: usize, fill: u32) -> Result<StrBuf> {
    let mut out = StrBuf::new();
    out.widen(s.max_char());
    out.try_reserve(s.len().saturating_add(left).saturating_add(right))?;
    out.try_fill(fill, left)?;
    out.push_view(s);
    out.try_fill(fill, right)?;
    Ok(out.finish())
}

/// How much of the slack of `str.center` comes left; what is odd leans as CPython's does.
pub fn center_left(slack: usize, width: usize) -> usize {
    slack / 2 + (slack & width & 1)
}

/// `str.center`.
pub fn center(s: StrView<'_>, width: usize, fill: u32) -> Result<StrBuf> {
    let slack = width.saturating_sub(s.len());
    let left = center_left(slack, width);
    pad(s, left, slack - left, fill)
}

pub fn ljust(s: StrView<'_>, width: usize, fill: u32) -> Result<StrBuf> {
    pad(s, 0, width.saturating_sub(s.len()), fill)
}

pub fn rjust(s: StrView<'_>, width: usize, fill: u32) -> Result<StrBuf> {
    pad(s, width.saturating_sub(s.len()), 0, fill)
}

pub fn zfill(s: StrView<'_>, width: usize) -> Result<StrBuf> {
    let zeros = width.saturating_sub(s.len());
    let sign = usize::from(matches!(s.get(0), Some(0x2B | 0x2D)));
    let mut out = s.slice(0..sign).to_buf();
    out.try_fill(u32::from(b'0'), zeros)?;
    out.push_view(s.slice(sign..s.len()));
    Ok(out.finish())
}

/// `str.expandtabs`; a tab size below 1 drops the tabs.
pub fn expandtabs(s: StrView<'_>, tabsize: i64) -> Result<StrBuf> {
    let tab = u64::try_from(tabsize).unwrap_or(0);
    let mut out = StrBuf::new();
    let mut column = 0u64;
    for c in s.iter() {
        match c {
            0x09 if tab > 0 => {
                let n = tab - column % tab;
                let fits = (out.len() as u64).checked_add(n).is_some_and(|n| n <= i64::MAX as u64);
                if !fits {
                    return Err(too_long("new string is too long"));
                }
                out.try_fill(0x20, n as usize)?;
                column += n;
            }
            0x09 => {}
            _ => {
                out.push(c);
                column = if matches!(c, 0x0A | 0x0D) { 0 } else { column + 1 };
            }
        }
    }
    Ok(out)
}

/// What a translation table says of one code point.
pub enum Translated<'t> {
    /// Not in the table.
    Keep,
    /// `None`.
    Delete,
    Char(u32),
    Text(StrView<'t>),
}

/// `str.translate`; `table` is asked once per code point and appends through its answer.
pub fn translate<E: From<TextError>>(
    s: StrView<'_>,
    mut table: impl FnMut(u32, &mut dyn FnMut(Translated<'_>)) -> Result<(), E>,
) -> Result<StrBuf, E> {
    let mut out = StrBuf::new();
    out.reserve_hint(s.len());
    let mut room = Ok(());
    for c in s.iter() {
        table(c, &mut |t| match t {
            Translated::Keep => out.push(c),
            Translated::Delete => {}
            Translated::Char(c) => out.push(c),
            Translated::Text(t) => {
                room = out.try_reserve(t.len());
                if room.is_ok() {
                    out.push_view(t);
                }
            }
        })?;
        std::mem::replace(&mut room, Ok(()))?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn b(s: &str) -> StrBuf {
        s.into()
    }

    #[test]
    fn replacing() {
        let r = |s: &str, o: &str, n: &str, m| {
            replace(b(s).view(), b(o).view(), b(n).view(), m)
                .unwrap()
                .map(|x| x.view().to_utf8_lossy())
        };
        assert_eq!(r("abcabc", "b", "\u{20ac}", usize::MAX).as_deref(), Some("a€ca€c"));
        assert_eq!(r("a€c€", "€", "e", usize::MAX).as_deref(), Some("aece"));
        assert_eq!(r("abc", "", "-", usize::MAX).as_deref(), Some("-a-b-c-"));
        assert_eq!(r("abc", "", "-", 2).as_deref(), Some("-a-bc"));
        assert_eq!(r("abc", "€", "x", 9), None);
        let out = replace(b("a€").view(), b("€").view(), b("é").view(), 9)
            .unwrap()
            .unwrap();
        assert!(matches!(out, StrBuf::Latin1(_)));
    }

    #[test]
    fn padding() {
        let v = StrView::Latin1(b"abc");
        assert_eq!(center(v, 6, 0x2A).unwrap(), "*abc**");
        assert_eq!(center(StrView::Latin1(b"ab"), 5, 0x2A).unwrap(), "**ab*");
        assert_eq!(zfill(StrView::Latin1(b"-7"), 4).unwrap(), "-007");
        assert_eq!(expandtabs(StrView::Latin1(b"a\tb\n\tc"), 4).unwrap(), "a   b\n    c");
        assert!(ljust(v, usize::MAX, 0x20).is_err());
        assert!(repeat(v, usize::MAX).is_err());
        assert_eq!(join(b("€").view(), &[v, v]).unwrap(), "abc€abc");
    }
}
