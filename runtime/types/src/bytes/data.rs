//! The bytes of receivers and arguments.

use crate::bytearray::{self, BytearrayBody, store::Store};
use crate::str_::index::Span;
use parking_lot::RecursiveRwLockReadGuard;
use skein_object::error::{Result, memory_error, value_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol::{buffer, convert};
use skein_object::{BytesBody, Context, Ref, str};
use std::borrow::Cow;
use std::ops::Deref;

/// The bytes of a receiver. While it lives, no Python code may run and no reference may be dropped.
pub enum Data<'a> {
    Slice(&'a [u8]),
    Guard(RecursiveRwLockReadGuard<'a, Store>),
}

impl Deref for Data<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Data::Slice(b) => b,
            Data::Guard(g) => g,
        }
    }
}

/// The bytes of a `bytes` or `bytearray` receiver; empty for anything else.
#[inline]
pub fn own(r: &Ref) -> Data<'_> {
    if let Some(b) = r.body::<BytesBody>() {
        return Data::Slice(b.as_slice());
    }
    match r.body::<BytearrayBody>() {
        Some(b) => Data::Guard(b.read()),
        None => Data::Slice(&[]),
    }
}

/// The bytes of a bytes-like argument: borrowed from a bytes object, else copied.
///
/// # Errors
/// TypeError "a bytes-like object is required, not 'X'"; MemoryError.
#[inline]
pub fn arg<'a>(cx: &Context, r: &'a Ref) -> Result<Cow<'a, [u8]>> {
    match r.body::<BytesBody>() {
        Some(b) => Ok(Cow::Borrowed(b.as_slice())),
        None => buffer::to_vec(cx, r).map(Cow::Owned),
    }
}

/// A new object of the kind of the receiver (`bytes` or `bytearray`, never a subclass).
///
/// # Errors
/// MemoryError.
pub fn like(r: &Ref, data: Vec<u8>) -> Result<Ref> {
    if r.body::<BytearrayBody>().is_some() {
        bytearray::new(data)
    } else {
        str::bytes(&data)
    }
}

/// As [`like`], of borrowed bytes.
///
/// # Errors
/// MemoryError.
pub fn like_slice(r: &Ref, data: &[u8]) -> Result<Ref> {
    if r.body::<BytearrayBody>().is_some() {
        bytearray::new(buffer::copy_slice(data)?)
    } else {
        str::bytes(data)
    }
}

/// What a method that changes nothing gives: a `bytes` itself, a copy of a bytearray.
///
/// # Errors
/// MemoryError.
pub fn same(r: &Ref) -> Result<Ref> {
    if r.body::<BytearrayBody>().is_some() {
        let copy = buffer::copy_slice(&own(r))?;
        bytearray::new(copy)
    } else {
        super::unchanged(r)
    }
}

/// `a + b`.
///
/// # Errors
/// MemoryError.
pub fn joined(a: &[u8], b: &[u8]) -> Result<Vec<u8>> {
    let Some(n) = a.len().checked_add(b.len()) else {
        return Err(memory_error());
    };
    let mut out = skein_gc::alloc::vec_with(n)?;
    out.extend_from_slice(a);
    out.extend_from_slice(b);
    Ok(out)
}

/// The bytes of a slice.
///
/// # Errors
/// MemoryError.
pub fn strided(data: &[u8], span: Span) -> Result<Vec<u8>> {
    let mut out = skein_gc::alloc::vec_with(span.count)?;
    let mut at = span.start;
    for _ in 0..span.count {
        out.extend(data.get(at));
        at = at.wrapping_add_signed(span.step);
    }
    Ok(out)
}

/// An integer in the range of a byte; `message` is the ValueError beyond.
///
/// # Errors
/// TypeError, ValueError.
#[inline]
pub fn byte(cx: &Context, r: &Ref, message: &str) -> Result<u8> {
    let n = match r.as_int() {
        Some(n) => Some(n),
        None => number::int_value(&convert::index(cx, r)?).and_then(|v| v.to_i64()),
    };
    match n.map(u8::try_from) {
        Some(Ok(b)) => Ok(b),
        _ => Err(value_error(message)),
    }
}

pub const BYTE_RANGE: &str = "byte must be in range(0, 256)";
