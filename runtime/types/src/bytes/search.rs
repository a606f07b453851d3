//! find, index, count, startswith and their like.

use super::data::{BYTE_RANGE, arg, byte, like_slice, own, same};
use crate::bytearray::Hold;
use crate::str_::index::is_index;
use crate::str_::search::range;
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol::buffer;
use skein_object::{Args, Context, Ref, tuple};
use skein_text::bytes as text;
use skein_text::search::adjust_indices;
use std::borrow::Cow;

/// What to search for: bytes, or an integer for one byte.
fn needle<'a>(cx: &Context, r: &'a Ref) -> Result<Cow<'a, [u8]>> {
    if buffer::is_buffer(r) {
        return arg(cx, r);
    }
    if is_index(r) {
        return Ok(Cow::Owned(vec![byte(cx, r, BYTE_RANGE)?]));
    }
    Err(type_error(format!(
        "argument should be integer or bytes-like object, not '{}'",
        r.ty().name()
    )))
}

/// `item in r`.
///
/// # Errors
/// TypeError, ValueError.
pub fn contains(cx: &Context, r: &Ref, item: &Ref) -> Result<bool> {
    let _hold = Hold::of(r);
    let n = if is_index(item) {
        Cow::Owned(vec![byte(cx, item, BYTE_RANGE)?])
    } else {
        arg(cx, item)?
    };
    Ok(text::contains(&own(r), &n))
}

type Find = fn(&[u8], &[u8], usize, usize) -> Option<usize>;

fn locate(cx: &Context, a: Args<'_>, how: Find) -> Result<Option<usize>> {
    let _hold = Hold::of(a.at(0));
    let (start, end) = range(cx, a, 2)?;
    let n = needle(cx, a.at(1))?;
    let hay = own(a.at(0));
    let (start, end) = adjust_indices(start, end, hay.len());
    Ok(how(&hay, &n, start, end))
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
        None => Err(value_error("subsection not found")),
    }
}

pub fn find(cx: &Context, a: Args<'_>) -> Result<Ref> {
    or_minus_one(locate(cx, a, text::find)?)
}

pub fn rfind(cx: &Context, a: Args<'_>) -> Result<Ref> {
    or_minus_one(locate(cx, a, text::rfind)?)
}

pub fn index(cx: &Context, a: Args<'_>) -> Result<Ref> {
    or_error(locate(cx, a, text::find)?)
}

pub fn rindex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    or_error(locate(cx, a, text::rfind)?)
}

pub fn count(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let _hold = Hold::of(a.at(0));
    let n = locate(cx, a, |h, n, s, e| Some(text::count(h, n, s, e)))?;
    number::int_from_usize(n.unwrap_or(0))
}

type Affix = fn(&[u8], &[u8], usize, usize) -> bool;

fn affix(cx: &Context, a: Args<'_>, method: &str, test: Affix) -> Result<Ref> {
    let (start, end) = range(cx, a, 2)?;
    let fits = |r: &Ref| -> Result<bool> {
        let n = arg(cx, r)?;
        let hay = own(a.at(0));
        let (start, end) = adjust_indices(start, end, hay.len());
        Ok(test(&hay, &n, start, end))
    };
    if let Some(items) = tuple::items(a.at(1)) {
        for item in items {
            if fits(item)? {
                return Ok(number::bool(true));
            }
        }
        return Ok(number::bool(false));
    }
    if !buffer::is_buffer(a.at(1)) {
        return Err(type_error(format!(
            "{method} first arg must be bytes or a tuple of bytes, not {}",
            a.at(1).ty().name()
        )));
    }
    Ok(number::bool(fits(a.at(1))?))
}

pub fn startswith(cx: &Context, a: Args<'_>) -> Result<Ref> {
    affix(cx, a, "startswith", text::starts_with)
}

pub fn endswith(cx: &Context, a: Args<'_>) -> Result<Ref> {
    affix(cx, a, "endswith", text::ends_with)
}

pub fn removeprefix(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fix = arg(cx, a.at(1))?;
    {
        let hay = own(a.at(0));
        if !fix.is_empty()
            && let Some(rest) = hay.strip_prefix(&*fix)
        {
            return like_slice(a.at(0), rest);
        }
    }
    same(a.at(0))
}

pub fn removesuffix(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fix = arg(cx, a.at(1))?;
    {
        let hay = own(a.at(0));
        if !fix.is_empty()
            && let Some(rest) = hay.strip_suffix(&*fix)
        {
            return like_slice(a.at(0), rest);
        }
    }
    same(a.at(0))
}
