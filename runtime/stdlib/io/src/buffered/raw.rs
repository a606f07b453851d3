//! What a buffer asks of its raw stream: native for an exact `FileIO`, else through methods.

use crate::base::{new_bytearray, view_of};
use crate::fileio::{FILE_IO, FileBody};
use crate::support::{self, method};
use skein_object::error::{Error, Result, raise};
use skein_object::object::RefExt;
use skein_object::protocol::buffer;
use skein_object::{Context, Ref, number, statics as s, str};
use std::sync::atomic::Ordering::Relaxed;

fn file(raw: &Ref) -> Option<&FileBody> {
    if raw.is_exact(&FILE_IO) {
        raw.body::<FileBody>()
    } else {
        None
    }
}

pub fn is_closed(cx: &Context, raw: &Ref) -> Result<bool> {
    match file(raw) {
        Some(f) => Ok(f.fd.load(Relaxed) < 0),
        None => support::is_closed(cx, raw),
    }
}

fn os_error(message: String) -> Error {
    raise(&s::OS_ERROR, message)
}

/// A count that a raw method gave; it must not exceed `max`.
fn count(cx: &Context, r: &Ref, max: usize, what: &str) -> Result<usize> {
    if number::int_value(r).is_none() && !r.ty().slots.index.is_set() {
        return Err(os_error(format!("raw {what} failed")));
    }
    let n = support::integer(cx, r)?;
    match usize::try_from(n) {
        Ok(k) if k <= max => Ok(k),
        _ => Err(os_error(format!(
            "raw {what} returned invalid length {n} (should have been between 0 and {max})"
        ))),
    }
}

/// Appends at most `max` bytes to `out`; `None` if the stream would block.
pub fn read(cx: &Context, raw: &Ref, out: &mut Vec<u8>, max: usize) -> Result<Option<usize>> {
    if out.capacity() - out.len() < max {
        skein_gc::alloc::make_room(out, max)?;
    }
    if let Some(f) = file(raw) {
        return f.read_onto(cx, out, max);
    }
    let array = new_bytearray(cx, max)?;
    let view = view_of(cx, &array)?;
    let got = method(cx, raw, "readinto", std::slice::from_ref(&view));
    // The stream may have kept the view: it must not see the memory afterwards.
    method(cx, &view, "release", &[])?;
    let got = got?;
    if s::is_none(&got) {
        return Ok(None);
    }
    let n = count(cx, &got, max, "readinto()")?;
    buffer::with_bytes(cx, &array, |b| out.extend_from_slice(&b[..n.min(b.len())]))?;
    Ok(Some(n))
}

/// Writes some of `data`; `None` if the stream would block.
pub fn write(cx: &Context, raw: &Ref, data: &[u8]) -> Result<Option<usize>> {
    if let Some(f) = file(raw) {
        return f.write_bytes(cx, data);
    }
    let got = method(cx, raw, "write", &[str::bytes(data)?])?;
    if s::is_none(&got) {
        return Ok(None);
    }
    count(cx, &got, data.len(), "write()").map(Some)
}

fn position(cx: &Context, r: &Ref) -> Result<i64> {
    let n = support::integer(cx, r)?;
    if n < 0 {
        return Err(os_error(format!("Raw stream returned invalid position {n}")));
    }
    Ok(n)
}

pub fn seek(cx: &Context, raw: &Ref, offset: i64, whence: i32) -> Result<i64> {
    if let Some(f) = file(raw) {
        return f.seek_to(cx, offset, whence);
    }
    let r = method(cx, raw, "seek", &[support::int(offset)?, Ref::small(whence)])?;
    position(cx, &r)
}

pub fn tell(cx: &Context, raw: &Ref) -> Result<i64> {
    if let Some(f) = file(raw) {
        return f.seek_to(cx, 0, libc::SEEK_CUR);
    }
    position(cx, &method(cx, raw, "tell", &[])?)
}

/// ValueError-like refusal if the raw stream cannot seek.
pub fn check_seekable(cx: &Context, raw: &Ref) -> Result<()> {
    if let Some(f) = file(raw) {
        if f.is_seekable()? {
            return Ok(());
        }
        return Err(support::unsupported("File or stream is not seekable."));
    }
    crate::base::check_seekable(cx, raw)
}
