//! What a text layer asks of the stream under it: native for exact native buffers, else through methods.

use crate::buffered::{self, BUFFERED_RANDOM, BUFFERED_READER, BUFFERED_WRITER};
use crate::support::{self, bytes_result, method, usize_int};
use skein_object::error::{Result, type_error};
use skein_object::object::RefExt;
use skein_object::{Context, Ref, statics as s, str};

fn is_reader(buffer: &Ref) -> bool {
    buffer.is_exact(&BUFFERED_READER) || buffer.is_exact(&BUFFERED_RANDOM)
}

fn is_writer(buffer: &Ref) -> bool {
    buffer.is_exact(&BUFFERED_WRITER) || buffer.is_exact(&BUFFERED_RANDOM)
}

pub fn is_closed(cx: &Context, buffer: &Ref) -> Result<bool> {
    if (is_writer(buffer) || is_reader(buffer))
        && let Ok(b) = buffered::body(buffer)
    {
        return buffered::raw::is_closed(cx, &b.raw(cx)?);
    }
    support::is_closed(cx, buffer)
}

pub fn write(cx: &Context, buffer: &Ref, data: &[u8]) -> Result<()> {
    if is_writer(buffer) {
        return buffered::write_native(cx, buffer, data);
    }
    method(cx, buffer, "write", &[str::bytes(data)?]).map(drop)
}

pub fn flush(cx: &Context, buffer: &Ref) -> Result<Ref> {
    if is_writer(buffer) {
        return buffered::flush(cx, buffer);
    }
    method(cx, buffer, "flush", &[])
}

/// A chunk of about `n` bytes; empty at the end.
pub fn chunk(cx: &Context, buffer: &Ref, n: usize, read1: bool) -> Result<Vec<u8>> {
    if is_reader(buffer) {
        return buffered::read1_native(cx, buffer, n);
    }
    let name = if read1 { "read1" } else { "read" };
    let data = method(cx, buffer, name, &[usize_int(n)?])?;
    if let Some(b) = data.body::<skein_object::BytesBody>() {
        return Ok(b.as_slice().to_vec());
    }
    if skein_object::protocol::buffer::is_buffer(&data) {
        return skein_object::protocol::buffer::to_vec(cx, &data);
    }
    Err(type_error(format!(
        "underlying {name}() should have returned a bytes-like object, not '{}'",
        data.ty().name()
    )))
}

/// All that is left.
pub fn all(cx: &Context, buffer: &Ref) -> Result<Ref> {
    let data = if is_reader(buffer) {
        buffered::read_all_native(cx, buffer)?
    } else {
        method(cx, buffer, "read", &[])?
    };
    if s::is_none(&data) {
        return Err(skein_object::error::raise(&s::BLOCKING_IO_ERROR, "Read returned None."));
    }
    bytes_result(&data, "read()")?;
    Ok(data)
}
