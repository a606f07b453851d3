//! join, replace, padding, stripping.

use super::index::{c_int, cut};
use super::search::text_arg;
use super::{unchanged, view};
use skein_object::error::{Result, memory_error, type_error};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, convert};
use skein_object::{Args, Context, Ref, StrBody, statics as s, str, tuple};
use skein_text::StrView;
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
    let mut views = Vec::new();
    if views.try_reserve_exact(items.len()).is_err() {
        return Err(memory_error());
    }
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
            let n = convert::to_i64(cx, r)?;
            Ok(usize::try_from(n).unwrap_or(usize::MAX))
        }
    }
}

pub fn replace(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (old, new) = (text_arg(a, 1, "replace")?, text_arg(a, 2, "replace")?);
    let max = limit(cx, a.opt(3))?;
    match text::replace(view(a.at(0))?, old, new, max)? {
        Some(out) => str::from_buf(out),
        None => unchanged(a.at(0)),
    }
}

type Pad = fn(StrView<'_>, usize, u32) -> skein_text::Result<skein_text::StrBuf>;

fn pad(cx: &Context, a: Args<'_>, how: Pad) -> Result<Ref> {
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
    let v = view(a.at(0))?;
    match usize::try_from(width) {
        Ok(w) if w > v.len() => str::from_buf(how(v, w, fill)?),
        _ => unchanged(a.at(0)),
    }
}

pub fn center(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pad(cx, a, text::center)
}

pub fn ljust(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pad(cx, a, text::ljust)
}

pub fn rjust(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pad(cx, a, text::rjust)
}

pub fn zfill(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let width = convert::to_i64(cx, a.at(1))?;
    let v = view(a.at(0))?;
    match usize::try_from(width) {
        Ok(w) if w > v.len() => str::from_buf(text::zfill(v, w)?),
        _ => unchanged(a.at(0)),
    }
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
