//! join, replace, padding, stripping.

use super::index::{c_int, cut};
use super::search::text_arg;
use super::{unchanged, view};
use skein_object::error::{Result, type_error};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, convert};
use skein_object::{Args, Context, Ref, StrBody, statics as s, str, tuple};
use skein_text::StrView;
use skein_text::format::Laid;
use skein_text::search::{Finder, find_units};
use skein_text::str::edit as text;
use skein_text::str::split::{Ends, strip_chars, strip_whitespace};

/// `sep.join(items)`.
pub fn join(cx: &Context, a: Args<'_>) -> Result<Ref> {
    join_with(cx, a.at(0), a.at(1))
}

/// The items of what `join` was given.
///
/// # Errors
/// TypeError "can only join an iterable"; what the iterator raises.
pub fn joinable(cx: &Context, iterable: &Ref) -> Result<Vec<Ref>> {
    let slots = &type_of(iterable).slots;
    if !slots.iter.is_set() && !slots.getitem.is_set() {
        return Err(type_error("can only join an iterable"));
    }
    protocol::collect(cx, iterable)
}

/// `sep.join(iterable)` of strings.
///
/// # Errors
/// TypeError; what the iterator raises; MemoryError.
pub fn join_with(cx: &Context, sep: &Ref, iterable: &Ref) -> Result<Ref> {
    if iterable.is_exact(&s::TUPLE)
        && let Some(items) = tuple::items(iterable)
    {
        return join_items(sep, items);
    }
    if iterable.is_exact(&s::LIST)
        && let Some(done) = str::join_list(super::body(sep)?, iterable)
    {
        return done;
    }
    let items = joinable(cx, iterable)?;
    join_items(sep, &items)
}

/// `sep.join(items)`.
///
/// # Errors
/// TypeError if one is no str; MemoryError.
pub fn join_items(sep: &Ref, items: &[Ref]) -> Result<Ref> {
    if let [only] = items
        && only.is_exact(&s::STR)
    {
        return Ok(only.clone());
    }
    let between = super::body(sep)?;
    if let Some(done) = str::join_narrow(between, items) {
        return done;
    }
    if let Some(i) = items.iter().position(|item| !str::is_str(item)) {
        return Err(not_str(i, &items[i]));
    }
    let mut views = skein_gc::alloc::vec_with(items.len())?;
    for item in items {
        views.push(view(item)?);
    }
    str::from_buf(text::join(between.view(), &views)?)
}

#[cold]
fn not_str(i: usize, item: &Ref) -> skein_object::Error {
    type_error(format!(
        "sequence item {i}: expected str instance, {} found",
        item.ty().name()
    ))
}

/// A count argument of which negative means no limit.
///
/// # Errors
/// TypeError, OverflowError.
pub fn limit(cx: &Context, r: Option<&Ref>) -> Result<usize> {
    match r {
        None => Ok(usize::MAX),
        Some(r) => {
            let n = match r.as_int() {
                Some(n) => n,
                None => convert::to_i64(cx, r)?,
            };
            Ok(usize::try_from(n).unwrap_or(usize::MAX))
        }
    }
}

/// Places that are replaced without memory for a list of them.
const FEW: usize = 16;

/// Appends to the parts of a text, which move to `many` when they are no longer few.
fn push_part<'a>(few: &mut [&'a [u8]; FEW], many: &mut Vec<&'a [u8]>, n: usize, part: &'a [u8]) -> Result<()> {
    if let Some(place) = few.get_mut(n) {
        *place = part;
        return Ok(());
    }
    let wanted = if n == FEW { 2 * FEW } else { 1 };
    skein_gc::alloc::make_room(many, wanted)?;
    if n == FEW {
        many.extend_from_slice(few);
    }
    many.push(part);
    Ok(())
}

/// `text.replace(old, new, max)` of ASCII texts, where `old` is not empty: what is between the places, joined by `new`. `None` if there
/// is nothing to replace.
fn replace_ascii(text: &[u8], old: &[u8], new: &[u8], max: usize) -> Result<Option<Ref>> {
    if let ([old], [new]) = (old, new)
        && max >= text.len()
    {
        if find_units(text, std::slice::from_ref(old)).is_none() {
            return Ok(None);
        }
        return str::map_ascii(text, |c| if c == old { *new } else { *c }).map(Some);
    }
    let (mut few, mut many) = ([&[][..]; FEW], Vec::new());
    let (mut n, mut rest) = (0, text);
    let finder = Finder::new(old);
    while n < max
        && let Some(i) = finder.find(rest)
    {
        push_part(&mut few, &mut many, n, &rest[..i])?;
        rest = &rest[i + old.len()..];
        n += 1;
    }
    if n == 0 {
        return Ok(None);
    }
    push_part(&mut few, &mut many, n, rest)?;
    let parts = if n < FEW { &few[..=n] } else { &many[..] };
    str::join_latin1(new, parts, true).map(Some)
}

pub fn replace(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (old, new) = (text_arg(a, 1, "replace")?, text_arg(a, 2, "replace")?);
    let max = limit(cx, a.opt(3))?;
    let b = super::body(a.at(0))?;
    if let (Some(text), StrView::Latin1(old), StrView::Latin1(new)) = (b.as_ascii(), old, new)
        && !old.is_empty()
        && new.is_ascii()
    {
        return match replace_ascii(text.as_bytes(), old, new, max)? {
            Some(out) => Ok(out),
            None => unchanged(a.at(0)),
        };
    }
    match text::replace(b.view(), old, new, max)? {
        Some(out) => str::from_buf(out),
        None => unchanged(a.at(0)),
    }
}

/// How much of the slack comes left, in a width.
type Left = fn(usize, usize) -> usize;

fn pad(cx: &Context, a: Args<'_>, left: Left) -> Result<Ref> {
    let width = convert::to_i64(cx, a.at(1))?;
    let fill = match a.opt(2) {
        None => u32::from(b' '),
        Some(f) => {
            let Some(b) = f.body::<StrBody>() else {
                return Err(type_error(format!(
                    "The fill character must be a unicode character, not {}",
                    f.ty().name()
                )));
            };
            match (b.len(), b.view().get(0)) {
                (1, Some(c)) => c,
                _ => {
                    return Err(type_error("The fill character must be exactly one character long"));
                }
            }
        }
    };
    let b = super::body(a.at(0))?;
    let width = match usize::try_from(width) {
        Ok(w) if w > b.len() => w,
        _ => return unchanged(a.at(0)),
    };
    let slack = width - b.len();
    let left = left(slack, width);
    match (b.view(), u8::try_from(fill)) {
        (StrView::Latin1(body), Ok(fill)) => str::laid_out(&Laid {
            fill,
            left,
            body,
            right: slack - left,
            ascii: b.is_ascii(),
            ..Laid::default()
        }),
        (v, _) => str::from_buf(text::pad(v, left, slack - left, fill)?),
    }
}

pub fn center(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pad(cx, a, text::center_left)
}

pub fn ljust(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pad(cx, a, |_, _| 0)
}

pub fn rjust(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pad(cx, a, |slack, _| slack)
}

pub fn zfill(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let width = convert::to_i64(cx, a.at(1))?;
    let b = super::body(a.at(0))?;
    let width = match usize::try_from(width) {
        Ok(w) if w > b.len() => w,
        _ => return unchanged(a.at(0)),
    };
    let StrView::Latin1(c) = b.view() else {
        return str::from_buf(text::zfill(b.view(), width)?);
    };
    let sign = usize::from(matches!(c.first(), Some(b'+' | b'-')));
    let (head, body) = c.split_at(sign);
    str::laid_out(&Laid {
        fill: b'0',
        head,
        inner: width - b.len(),
        body,
        ascii: b.is_ascii(),
        ..Laid::default()
    })
}

pub fn expandtabs(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let size = a.opt(1).map_or(Ok(8), |r| c_int(cx, r))?;
    str::from_buf(text::expandtabs(view(a.at(0))?, i64::from(size))?)
}

fn strip_ends(a: Args<'_>, method: &str, ends: Ends) -> Result<Ref> {
    let v = view(a.at(0))?;
    let kept = match a.opt_not_none(1) {
        None => strip_whitespace(v, ends),
        Some(chars) => match chars.body::<StrBody>() {
            Some(b) => strip_chars(v, b.view(), ends),
            None => {
                return Err(type_error(format!("{method} arg must be None or str")));
            }
        },
    };
    if kept.len() == v.len() {
        unchanged(a.at(0))
    } else {
        cut(a.at(0), kept.start, kept.end)
    }
}

pub fn strip(_: &Context, a: Args<'_>) -> Result<Ref> {
    strip_ends(a, "strip", Ends::Both)
}

pub fn lstrip(_: &Context, a: Args<'_>) -> Result<Ref> {
    strip_ends(a, "lstrip", Ends::Left)
}

pub fn rstrip(_: &Context, a: Args<'_>) -> Result<Ref> {
    strip_ends(a, "rstrip", Ends::Right)
}
