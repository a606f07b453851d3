//! join, replace, padding, stripping, translate.

use super::data::{arg, like, like_slice, own, same};
use crate::bytearray::BytearrayBody;
use crate::str_::edit::{joinable, limit};
use crate::str_::index::c_int;
use skein_object::error::{Result, runtime_error, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::protocol::{buffer, convert};
use skein_object::{Args, BytesBody, Context, ListBody, Ref, statics as s, str};
use skein_text::bytes::{edit as text, split};
use skein_text::str::split::Ends;

pub fn join(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let _hold = crate::bytearray::Hold::of(a.at(0));
    let items = joinable(cx, a.at(1))?;
    if let [only] = items.as_slice()
        && only.is_exact(&s::BYTES)
    {
        return like_slice(a.at(0), super::slice(only));
    }
    let mut parts = skein_gc::alloc::vec_with(items.len())?;
    for (i, item) in items.iter().enumerate() {
        if !buffer::is_buffer(item) {
            return Err(type_error(format!(
                "sequence item {i}: expected a bytes-like object, {} found",
                item.ty().name()
            )));
        }
        parts.push(arg(cx, item)?);
        if a.at(1).body::<ListBody>().is_some_and(|l| l.0.len() != items.len()) {
            return Err(runtime_error("sequence changed size during iteration"));
        }
    }
    let slices: Vec<&[u8]> = parts.iter().map(|p| &**p).collect();
    let out = text::join(&own(a.at(0)), &slices)?;
    like(a.at(0), out)
}

pub fn replace(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (old, new) = (arg(cx, a.at(1))?, arg(cx, a.at(2))?);
    let max = limit(cx, a.opt(3))?;
    let out = text::replace(&own(a.at(0)), &old, &new, max)?;
    match out {
        Some(out) => like(a.at(0), out),
        None => same(a.at(0)),
    }
}

fn fill(a: Args<'_>, method: &str) -> Result<u8> {
    let Some(f) = a.opt(2) else {
        return Ok(b' ');
    };
    if f.body::<BytesBody>().is_none() && f.body::<BytearrayBody>().is_none() {
        return Err(type_error(format!(
            "{method}() argument 2 must be a byte string of length 1, not {}",
            f.ty().name()
        )));
    }
    let data = own(f);
    if let [one] = &*data {
        return Ok(*one);
    }
    let n = data.len();
    drop(data);
    Err(type_error(format!(
        "{method}(): argument 2 must be a byte string of length 1, not a {} object of length {n}",
        f.ty().name()
    )))
}

type Pad = fn(&[u8], usize, u8) -> skein_text::Result<Vec<u8>>;

fn pad(cx: &Context, a: Args<'_>, method: &str, how: Pad) -> Result<Ref> {
    let width = convert::to_i64(cx, a.at(1))?;
    let fill = fill(a, method)?;
    let out = {
        let data = own(a.at(0));
        match usize::try_from(width) {
            Ok(w) if w > data.len() => Some(how(&data, w, fill)?),
            _ => None,
        }
    };
    match out {
        Some(out) => like(a.at(0), out),
        None => same(a.at(0)),
    }
}

pub fn center(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pad(cx, a, "center", text::center)
}

pub fn ljust(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pad(cx, a, "ljust", text::ljust)
}

pub fn rjust(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pad(cx, a, "rjust", text::rjust)
}

pub fn zfill(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let width = convert::to_i64(cx, a.at(1))?;
    let out = {
        let data = own(a.at(0));
        match usize::try_from(width) {
            Ok(w) if w > data.len() => Some(text::zfill(&data, w)?),
            _ => None,
        }
    };
    match out {
        Some(out) => like(a.at(0), out),
        None => same(a.at(0)),
    }
}

pub fn expandtabs(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let size = a.opt(1).map_or(Ok(8), |r| c_int(cx, r))?;
    let out = text::expandtabs(&own(a.at(0)), i64::from(size))?;
    like(a.at(0), out)
}

fn strip_ends(cx: &Context, a: Args<'_>, ends: Ends) -> Result<Ref> {
    let chars = a.opt_not_none(1).map(|c| arg(cx, c)).transpose()?;
    {
        let data = own(a.at(0));
        let kept = match chars {
            None => split::strip_whitespace(&data, ends),
            Some(c) => split::strip_chars(&data, &c, ends),
        };
        if kept.len() != data.len() {
            return like_slice(a.at(0), data.get(kept).unwrap_or(&[]));
        }
    }
    same(a.at(0))
}

pub fn strip(cx: &Context, a: Args<'_>) -> Result<Ref> {
    strip_ends(cx, a, Ends::Both)
}

pub fn lstrip(cx: &Context, a: Args<'_>) -> Result<Ref> {
    strip_ends(cx, a, Ends::Left)
}

pub fn rstrip(cx: &Context, a: Args<'_>) -> Result<Ref> {
    strip_ends(cx, a, Ends::Right)
}

pub fn translate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let table = a.opt_not_none(1).map(|t| arg(cx, t)).transpose()?;
    let table: Option<&[u8; 256]> = match table.as_deref() {
        None => None,
        Some(t) => match t.try_into() {
            Ok(t) => Some(t),
            Err(_) => {
                return Err(value_error("translation table must be 256 characters long"));
            }
        },
    };
    let delete = a.opt(2).map(|d| arg(cx, d)).transpose()?;
    let delete = delete.as_deref().unwrap_or(&[]);
    let (out, changed) = {
        let data = own(a.at(0));
        let out = text::translate(&data, table, delete);
        let changed = out != *data;
        (out, changed)
    };
    if changed { like(a.at(0), out) } else { same(a.at(0)) }
}

pub fn maketrans(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (from, to) = (arg(cx, a.at(0))?, arg(cx, a.at(1))?);
    if from.len() != to.len() {
        return Err(value_error("maketrans arguments must have same length"));
    }
    let mut table: Vec<u8> = (0..=255).collect();
    for (f, t) in from.iter().zip(to.iter()) {
        if let Some(place) = table.get_mut(usize::from(*f)) {
            *place = *t;
        }
    }
    str::bytes(&table)
}
