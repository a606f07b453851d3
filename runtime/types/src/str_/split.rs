//! split, partition, splitlines.

use super::edit::limit;
use super::{body, list_from, list_of, unchanged, view};
use skein_object::error::{Result, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, StrBody, protocol, statics as s, str, tuple};
use skein_text::StrView;
use skein_text::search::{find_units, rfind_units};
use skein_text::str::split as text;
use std::ops::Range;

fn pieces(r: &Ref, cuts: &[Range<usize>]) -> Result<Ref> {
    let b = body(r)?;
    if let [all] = cuts
        && all.len() == b.len()
    {
        return list_of(cuts, |_| unchanged(r));
    }
    match b.as_ascii() {
        Some(t) => list_of(cuts, |c| str::latin1(&t.as_bytes()[c.start..c.end], true)),
        None => list_of(cuts, |c| str::cut(b, c.start, c.end)),
    }
}

type Spaces = fn(StrView<'_>, usize) -> text::Pieces;
type At = fn(StrView<'_>, StrView<'_>, usize) -> text::Pieces;

fn split_with(cx: &Context, a: Args<'_>, spaces: Spaces, at: At) -> Result<Ref> {
    let max = limit(cx, a.opt(2))?;
    let v = view(a.at(0))?;
    let cuts = match a.opt_not_none(1) {
        None => spaces(v, max),
        Some(sep) => match sep.body::<StrBody>() {
            Some(b) if b.is_empty() => return Err(value_error("empty separator")),
            Some(b) => at(v, b.view(), max),
            None => {
                return Err(type_error(format!("must be str or None, not {}", sep.ty().name())));
            }
        },
    };
    pieces(a.at(0), &cuts)
}

/// An ASCII text cut at the first `max` places of a character.
fn split_at_char(r: &Ref, text: &[u8], sep: u8, max: usize) -> Result<Ref> {
    let places = text::count_char(text, sep).min(max);
    if places == 0 {
        return list_from(1, || unchanged(r));
    }
    let (mut rest, mut left) = (text, places);
    list_from(places + 1, || {
        let piece;
        (piece, rest) = match (left > 0).then(|| text::find_char(rest, sep)).flatten() {
            Some(i) => (&rest[..i], &rest[i + 1..]),
            None => (rest, &[][..]),
        };
        left = left.saturating_sub(1);
        str::latin1(piece, true)
    })
}

/// The words of an ASCII text.
fn split_words(r: &Ref, text: &[u8]) -> Result<Ref> {
    let mut words = 0;
    let mut before = true;
    for c in text {
        let space = is_ascii_space(*c);
        words += usize::from(before && !space);
        before = space;
    }
    let mut rest = text;
    list_from(words, || {
        let start = rest.iter().position(|c| !is_ascii_space(*c)).unwrap_or(0);
        let word = &rest[start..];
        let len = word.iter().position(|c| is_ascii_space(*c)).unwrap_or(word.len());
        rest = &word[len..];
        if len == text.len() {
            return unchanged(r);
        }
        str::latin1(&word[..len], true)
    })
}

#[inline(always)]
fn is_ascii_space(c: u8) -> bool {
    matches!(c, b' ' | 0x09..=0x0D | 0x1C..=0x1F)
}

pub fn split(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if let Some(t) = body(a.at(0))?.as_ascii() {
        match a.opt_not_none(1) {
            None if a.opt(2).is_none() => return split_words(a.at(0), t.as_bytes()),
            Some(sep) => {
                if let Some([sep]) = sep.body::<StrBody>().and_then(StrBody::as_ascii).map(|t| t.as_bytes()) {
                    return split_at_char(a.at(0), t.as_bytes(), *sep, limit(cx, a.opt(2))?);
                }
            }
            None => {}
        }
    }
    split_with(cx, a, text::split_whitespace, text::split)
}

pub fn rsplit(cx: &Context, a: Args<'_>) -> Result<Ref> {
    split_with(cx, a, text::rsplit_whitespace, text::rsplit)
}

/// Whether an ASCII character ends a line.
#[inline(always)]
fn is_ascii_break(c: u8) -> bool {
    matches!(c, 0x0A..=0x0D | 0x1C..=0x1E)
}

/// The lines of an ASCII text, with their ends if `keep`.
fn ascii_lines(r: &Ref, text: &[u8], keep: bool) -> Result<Ref> {
    let (mut lines, mut last) = (0, b'\n');
    for c in text {
        lines += usize::from(is_ascii_break(*c) && !(*c == b'\n' && last == b'\r'));
        last = *c;
    }
    lines += usize::from(!text.is_empty() && !is_ascii_break(last));
    let mut rest = text;
    list_from(lines, || {
        let len = rest.iter().position(|c| is_ascii_break(*c)).unwrap_or(rest.len());
        let end = match &rest[len..] {
            [] => 0,
            [b'\r', b'\n', ..] => 2,
            _ => 1,
        };
        let line = &rest[..if keep { len + end } else { len }];
        rest = &rest[len + end..];
        if line.len() == text.len() {
            return unchanged(r);
        }
        str::latin1(line, true)
    })
}

pub fn splitlines(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let keep = match a.opt(1) {
        Some(r) => protocol::is_true(cx, r)?,
        None => false,
    };
    match body(a.at(0))?.as_ascii() {
        Some(t) => ascii_lines(a.at(0), t.as_bytes(), keep),
        None => pieces(a.at(0), &text::splitlines(view(a.at(0))?, keep)),
    }
}

#[inline]
fn separator<'a>(a: Args<'a>) -> Result<&'a StrBody> {
    match a.at(1).body::<StrBody>() {
        Some(b) if b.is_empty() => Err(value_error("empty separator")),
        Some(b) => Ok(b),
        None => Err(type_error(format!("must be str, not {}", a.at(1).ty().name()))),
    }
}

/// Cuts a str at `at` into what is before the separator, that itself, and what is behind it.
fn parts(r: &Ref, sep: &Ref, at: usize) -> Result<Ref> {
    let (b, behind) = (body(r)?, at + body(sep)?.len());
    let (first, last) = match b.as_ascii().map(|t| t.as_bytes()) {
        Some(t) => (str::latin1(&t[..at], true)?, str::latin1(&t[behind..], true)?),
        None => (str::cut(b, 0, at)?, str::cut(b, behind, b.len())?),
    };
    three([first, unchanged(sep)?, last])
}

fn three(items: [Ref; 3]) -> Result<Ref> {
    tuple::from_iter_of(&s::TUPLE, 3, items.into_iter())
}

pub fn partition(_: &Context, a: Args<'_>) -> Result<Ref> {
    let (b, sep) = (body(a.at(0))?, separator(a)?);
    let found = match (b.view(), sep.view()) {
        (StrView::Latin1(t), StrView::Latin1(p)) => find_units(t, p),
        (t, p) => text::partition(t, p),
    };
    match found {
        Some(i) => parts(a.at(0), a.at(1), i),
        None => three([unchanged(a.at(0))?, s::empty_str(), s::empty_str()]),
    }
}

pub fn rpartition(_: &Context, a: Args<'_>) -> Result<Ref> {
    let (b, sep) = (body(a.at(0))?, separator(a)?);
    let found = match (b.view(), sep.view()) {
        (StrView::Latin1(t), StrView::Latin1(p)) => rfind_units(t, p),
        (t, p) => text::rpartition(t, p),
    };
    match found {
        Some(i) => parts(a.at(0), a.at(1), i),
        None => three([s::empty_str(), s::empty_str(), unchanged(a.at(0))?]),
    }
}
