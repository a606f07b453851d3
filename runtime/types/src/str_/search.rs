//! find, index, count, startswith and their like.

use super::index::{bound, cut};
use super::{unchanged, view};
use skein_object::error::{Error, Result, type_error, value_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, StrBody, statics as s, tuple};
use skein_text::{StrView, search};

/// The arguments `start` and `end` at `i`, for a text of `len`.
///
/// # Errors
/// TypeError; what `__index__` raises.
pub fn range(cx: &Context, a: Args<'_>, i: usize) -> Result<(i64, i64)> {
    let start = a.opt(i).map_or(Ok(0), |r| bound(cx, r, 0))?;
    let end = a.opt(i + 1).map_or(Ok(i64::MAX), |r| bound(cx, r, i64::MAX))?;
    Ok((start, end))
}

/// A str argument, by its number.
#[inline]
pub fn text_arg<'a>(a: Args<'a>, i: usize, method: &str) -> Result<StrView<'a>> {
    match a.at(i).body::<StrBody>() {
        Some(b) => Ok(b.view()),
        None => Err(no_text(a, i, method)),
    }
}

#[cold]
fn no_text(a: Args<'_>, i: usize, method: &str) -> Error {
    type_error(format!(
        "{method}() argument {i} must be str, not {}",
        if s::is_none(a.at(i)) {
            "None"
        } else {
            a.at(i).ty().name()
        }
    ))
}

#[inline]
fn locate(
    cx: &Context,
    a: Args<'_>,
    method: &str,
    how: impl Fn(StrView<'_>, StrView<'_>, usize, usize) -> Option<usize>,
) -> Result<Option<usize>> {
    let needle = text_arg(a, 1, method)?;
    let hay = view(a.at(0))?;
    let (start, end) = if a.opt(2).is_none() && a.opt(3).is_none() {
        (0, hay.len())
    } else {
        let (start, end) = range(cx, a, 2)?;
        search::adjust_indices(start, end, hay.len())
    };
    Ok(how(hay, needle, start, end))
}

fn or_minus_one(found: Option<usize>) -> Result<Ref> {
    match found {
        Some(i) => number::int_from_usize(i),
        None => Ok(Ref::small(-1)),
    }
}

fn or_error(found: Option<usize>) -> Result<Ref> {
    match found {
        Some(i) => number::int_from_usize(i),
        None => Err(value_error("substring not found")),
    }
}

pub fn find(cx: &Context, a: Args<'_>) -> Result<Ref> {
    or_minus_one(locate(cx, a, "find", search::find)?)
}

pub fn rfind(cx: &Context, a: Args<'_>) -> Result<Ref> {
    or_minus_one(locate(cx, a, "rfind", search::rfind)?)
}

pub fn index(cx: &Context, a: Args<'_>) -> Result<Ref> {
    or_error(locate(cx, a, "index", search::find)?)
}

pub fn rindex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    or_error(locate(cx, a, "rindex", search::rfind)?)
}

pub fn count(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = locate(cx, a, "count", |h, n, s, e| Some(search::count(h, n, s, e)))?;
    number::int_from_usize(n.unwrap_or(0))
}

type Affix = fn(StrView<'_>, StrView<'_>, usize, usize) -> bool;

fn affix(cx: &Context, a: Args<'_>, method: &str, test: Affix) -> Result<Ref> {
    let hay = view(a.at(0))?;
    let (start, end) = range(cx, a, 2)?;
    let (start, end) = search::adjust_indices(start, end, hay.len());
    if let Some(b) = a.at(1).body::<StrBody>() {
        return Ok(number::bool(test(hay, b.view(), start, end)));
    }
    let Some(items) = tuple::items(a.at(1)) else {
        return Err(type_error(format!(
            "{method} first arg must be str or a tuple of str, not {}",
            a.at(1).ty().name()
        )));
    };
    for item in items {
        let Some(b) = item.body::<StrBody>() else {
            return Err(type_error(format!(
                "tuple for {method} must only contain str, not {}",
                item.ty().name()
            )));
        };
        if test(hay, b.view(), start, end) {
            return Ok(number::bool(true));
        }
    }
    Ok(number::bool(false))
}

pub fn startswith(cx: &Context, a: Args<'_>) -> Result<Ref> {
    affix(cx, a, "startswith", search::starts_with)
}

pub fn endswith(cx: &Context, a: Args<'_>) -> Result<Ref> {
    affix(cx, a, "endswith", search::ends_with)
}

fn affix_arg<'a>(a: Args<'a>, method: &str) -> Result<StrView<'a>> {
    match a.at(1).body::<StrBody>() {
        Some(b) => Ok(b.view()),
        None => Err(type_error(format!(
            "{method}() argument must be str, not {}",
            a.at(1).ty().name()
        ))),
    }
}

pub fn removeprefix(_: &Context, a: Args<'_>) -> Result<Ref> {
    let (text, fix) = (view(a.at(0))?, affix_arg(a, "removeprefix")?);
    if !fix.is_empty() && search::starts_with(text, fix, 0, text.len()) {
        cut(a.at(0), fix.len(), text.len())
    } else {
        unchanged(a.at(0))
    }
}

pub fn removesuffix(_: &Context, a: Args<'_>) -> Result<Ref> {
    let (text, fix) = (view(a.at(0))?, affix_arg(a, "removesuffix")?);
    if !fix.is_empty() && search::ends_with(text, fix, 0, text.len()) {
        cut(a.at(0), 0, text.len() - fix.len())
    } else {
        unchanged(a.at(0))
    }
}
