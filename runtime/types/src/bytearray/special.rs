//! fromhex, pickling, sizes.

use super::{BYTEARRAY, body};
use skein_object::error::Result;
use skein_object::intern::names;
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol::{self, buffer, convert};
use skein_object::{Args, BytesBody, Context, Ref, intern, statics as s, str, tuple};
use skein_text::StrView;

pub fn fromhex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let plain = crate::bytes::special::fromhex(cx, Args::all(&[s::BYTES.object(), a.at(1).clone()]))?;
    if a.at(0).is(&BYTEARRAY.object()) {
        return super::new(buffer::to_vec(cx, &plain)?);
    }
    protocol::call1(cx, a.at(0), &plain)
}

pub fn alloc_(_: &Context, a: Args<'_>) -> Result<Ref> {
    // With the byte behind the last one that CPython counts too.
    let n = body(a.at(0))?.read().allocated() + 1;
    number::int_from_usize(n)
}

pub fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    let n = body(a.at(0))?.read().allocated();
    number::int_from_usize(56 + n)
}

fn reduced(cx: &Context, r: &Ref, protocol_number: i64) -> Result<Ref> {
    let state = protocol::call_method(cx, r, &intern::name("__getstate__"), &[])?;
    let bytes = str::bytes(&buffer::to_vec(cx, r)?)?;
    let args = if protocol_number < 3 {
        let data = bytes.body::<BytesBody>().map_or(&[][..], BytesBody::as_slice);
        tuple::new(vec![str::new(StrView::Latin1(data))?, intern::name("latin-1")])?
    } else {
        tuple::new(vec![bytes])?
    };
    let class = protocol::getattr(cx, r, names::__class__())?;
    tuple::new(vec![class, args, state])
}

pub fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    reduced(cx, a.at(0), 2)
}

pub fn reduce_ex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = a.opt(1).map_or(Ok(0), |r| convert::to_i64(cx, r))?;
    reduced(cx, a.at(0), n)
}

/// `__release_buffer__(buffer)`.
pub fn release_buffer(cx: &Context, a: Args<'_>) -> Result<Ref> {
    crate::memoryview::release_of(cx, a.at(1), a.at(0))?;
    Ok(s::none())
}
