//! Methods that change a bytearray.

use super::{body, new};
use crate::bytes::data::{BYTE_RANGE, byte};
use crate::bytes::new::integers;
use crate::str_::index::position;
use skein_object::error::{Result, index_error, type_error, value_error};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{buffer, convert};
use skein_object::{Args, Context, Ref, statics as s, str};

pub fn append(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = byte(cx, a.at(1), BYTE_RANGE)?;
    body(a.at(0))?.edit().resizable()?.push(b)?;
    Ok(s::none())
}

pub fn clear(_: &Context, a: Args<'_>) -> Result<Ref> {
    let mut edit = body(a.at(0))?.edit();
    let n = edit.bytes().len();
    edit.splice(0..n, &[])?;
    Ok(s::none())
}

pub fn copy(_: &Context, a: Args<'_>) -> Result<Ref> {
    let bytes = buffer::copy_slice(&body(a.at(0))?.read())?;
    new(bytes)
}

pub fn extend(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let more = a.at(1);
    let end = body(a.at(0))?.read().len();
    let bytes = if buffer::is_buffer(more) {
        buffer::to_vec(cx, more)?
    } else {
        let slots = &type_of(more).slots;
        if !slots.iter.is_set() && !slots.getitem.is_set() {
            return Err(type_error(format!("can't extend bytearray with {}", more.ty().name())));
        }
        if str::is_str(more) && skein_object::protocol::len(cx, more)? > 0 {
            return Err(type_error("expected iterable of integers; got: 'str'"));
        }
        integers(cx, more, BYTE_RANGE)?
    };
    let mut edit = body(a.at(0))?.edit();
    // Where the end was, if asking for the bytes made it longer.
    let n = edit.bytes().len().min(end);
    edit.splice(n..n, &bytes)?;
    Ok(s::none())
}

pub fn insert(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = convert::to_i64(cx, a.at(1))?;
    let b = byte(cx, a.at(2), BYTE_RANGE)?;
    let mut edit = body(a.at(0))?.edit();
    let n = edit.bytes().len() as i64;
    let at = if i < 0 { (i + n).max(0) } else { i.min(n) } as usize;
    edit.splice(at..at, &[b])?;
    Ok(s::none())
}

pub fn pop(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = a.opt(1).map_or(Ok(-1), |r| convert::to_i64(cx, r))?;
    let mut edit = body(a.at(0))?.edit();
    let n = edit.bytes().len();
    let Some(at) = position(i, n) else {
        drop(edit);
        return Err(index_error(if n == 0 {
            "pop from empty bytearray"
        } else {
            "pop index out of range"
        }));
    };
    let b = edit.resizable()?.remove(at).unwrap_or(0);
    Ok(Ref::small(i32::from(b)))
}

pub fn remove(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = byte(cx, a.at(1), BYTE_RANGE)?;
    let mut edit = body(a.at(0))?.edit();
    match edit.bytes().iter().position(|x| *x == b) {
        Some(at) => {
            edit.splice(at..at + 1, &[])?;
            Ok(s::none())
        }
        None => {
            drop(edit);
            Err(value_error("value not found in bytearray"))
        }
    }
}

pub fn resize(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = convert::to_i64(cx, a.at(1))?;
    let Ok(n) = usize::try_from(n) else {
        return Err(value_error(format!("Can only resize to positive sizes, got {n}")));
    };
    let mut edit = body(a.at(0))?.edit();
    if edit.bytes().len() != n {
        edit.resizable()?.resize(n, 0)?;
    }
    Ok(s::none())
}

pub fn reverse(_: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?.edit().bytes().reverse();
    Ok(s::none())
}
