//! Subscripts of a bytearray.

use super::{BytearrayBody, Edit, body, new};
use crate::bytes::data::{BYTE_RANGE, byte, strided};
use crate::bytes::new::contents;
use crate::str_::index::{Span, is_index, position, unpack};
use skein_object::error::{Result, index_error, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::protocol::{buffer, convert};
use skein_object::{Context, Ref, Value, str};

const OUT_OF_RANGE: &str = "bytearray index out of range";

fn not_an_index(key: &Ref) -> skein_object::Error {
    type_error(format!(
        "bytearray indices must be integers or slices, not {}",
        key.ty().name()
    ))
}

pub fn getitem(cx: &Context, r: &Ref, key: &Ref) -> Result<Ref> {
    if is_index(key) {
        let i = convert::to_index_i64(cx, key)?;
        let found = {
            let own = body(r)?.read();
            position(i, own.len()).and_then(|at| own.get(at).copied())
        };
        return match found {
            Some(b) => Ok(Ref::small(i32::from(b))),
            None => Err(index_error(OUT_OF_RANGE)),
        };
    }
    let Some(slice) = unpack(cx, key)? else {
        return Err(not_an_index(key));
    };
    let copy = {
        let own = body(r)?.read();
        let span = slice.span(own.len());
        if span.step == 1 {
            buffer::copy_slice(own.get(span.start..span.start + span.count).unwrap_or(&[]))?
        } else {
            strided(&own, span)?
        }
    };
    new(copy)
}

pub fn peek_item(r: &Ref, i: i64) -> Value {
    let Some(b) = r.body::<BytearrayBody>() else {
        return Value::NULL;
    };
    let own = b.read();
    match position(i, own.len()).and_then(|at| own.get(at)) {
        Some(b) => Value::small(i32::from(*b)),
        None => Value::NULL,
    }
}

pub fn poke_item(r: &Ref, i: i64, value: Value) -> bool {
    let (Some(b), Some(Ok(v))) = (r.body::<BytearrayBody>(), value.as_int().map(u8::try_from)) else {
        return false;
    };
    let mut edit = b.edit();
    let bytes = edit.bytes();
    match position(i, bytes.len()).and_then(|at| bytes.get_mut(at)) {
        Some(place) => {
            *place = v;
            true
        }
        None => false,
    }
}

/// What a slice is to hold from now on.
fn replacement(cx: &Context, value: &Ref) -> Result<Vec<u8>> {
    if buffer::is_buffer(value) {
        return buffer::to_vec(cx, value);
    }
    if str::is_str(value) || is_index(value) || skein_object::layouts::number::float_value(value).is_some() {
        return Err(type_error(
            "can assign only bytes, buffers, or iterables of ints in range(0, 256)",
        ));
    }
    contents(cx, value, "bytearray", BYTE_RANGE)
}

fn assign(edit: &mut Edit<'_>, span: Span, with: Option<&[u8]>) -> Result<()> {
    if span.step == 1 {
        return edit.splice(span.start..span.start + span.count, with.unwrap_or(&[]));
    }
    match with {
        None | Some([]) if span.count == 0 => Ok(()),
        None | Some([]) => {
            let span = span.ascending();
            let step = span.step.unsigned_abs();
            let last = span.start + step * (span.count - 1);
            edit.resizable()?
                .retain_indices(|i| i < span.start || i > last || !(i - span.start).is_multiple_of(step));
            Ok(())
        }
        Some(with) if with.len() != span.count => Err(value_error(format!(
            "attempt to assign bytes of size {} to extended slice of size {}",
            with.len(),
            span.count
        ))),
        Some(with) => {
            let mut at = span.start;
            for b in with {
                if let Some(place) = edit.bytes().get_mut(at) {
                    *place = *b;
                }
                at = at.wrapping_add_signed(span.step);
            }
            Ok(())
        }
    }
}

/// `r[key] = value`, or `del r[key]`.
pub fn setitem(cx: &Context, r: &Ref, key: &Ref, value: Option<&Ref>) -> Result<()> {
    let b: &BytearrayBody = body(r)?;
    if is_index(key) {
        let i = convert::to_index_i64(cx, key)?;
        let value = value.map(|v| byte(cx, v, BYTE_RANGE)).transpose();
        let mut edit = b.edit();
        let Some(at) = position(i, edit.bytes().len()) else {
            drop(edit);
            return Err(index_error(OUT_OF_RANGE));
        };
        return match value? {
            Some(v) => {
                if let Some(place) = edit.bytes().get_mut(at) {
                    *place = v;
                }
                Ok(())
            }
            None => edit.splice(at..at + 1, &[]),
        };
    }
    let Some(slice) = unpack(cx, key)? else {
        return Err(not_an_index(key));
    };
    let with = value.map(|v| replacement(cx, v)).transpose()?;
    let mut edit = b.edit();
    let span = slice.span(edit.bytes().len());
    assign(&mut edit, span, with.as_deref())
}
