//! hex, fromhex, decode, and the methods with underscores.

use super::data::{arg, own};
use super::{slice, unchanged};
use crate::str_::{codec, index::c_int};
use skein_object::error::{Result, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::protocol::{self, buffer};
use skein_object::{Args, BytesBody, Context, Ref, StrBody, str, tuple};
use skein_text::StrView;
use skein_text::bytes::hex as text;

/// The arguments `sep` and `bytes_per_sep` of `hex`, at 1 and 2.
///
/// # Errors
/// TypeError, ValueError.
pub fn hex_args(cx: &Context, a: Args<'_>) -> Result<(Option<u8>, i64)> {
    let per = a.opt(2).map_or(Ok(1), |r| c_int(cx, r))?;
    let Some(sep) = a.opt(1) else {
        return Ok((None, i64::from(per)));
    };
    if protocol::len(cx, sep)? != 1 {
        return Err(value_error("sep must be length 1."));
    }
    let sep = if let Some(b) = sep.body::<StrBody>() {
        text::separator(b.view())?
    } else if let Some(b) = sep.body::<BytesBody>() {
        b.as_slice().first().copied().unwrap_or(b' ')
    } else {
        return Err(type_error("sep must be str or bytes."));
    };
    if sep > 127 {
        return Err(value_error("sep must be ASCII."));
    }
    Ok((Some(sep), i64::from(per)))
}

pub fn hex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (sep, per) = {
        let _hold = crate::bytearray::Hold::of(a.at(0));
        hex_args(cx, a)?
    };
    if let (None, Some(b)) = (sep, a.at(0).body::<BytesBody>()) {
        return str::hex(b.as_slice());
    }
    let out = text::hex(&own(a.at(0)), sep, per)?;
    str::from_ascii(out.as_bytes())
}

pub fn fromhex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = if let Some(b) = a.at(1).body::<StrBody>() {
        text::from_hex(b.view())?
    } else if buffer::is_buffer(a.at(1)) {
        text::from_hex(StrView::Latin1(&arg(cx, a.at(1))?))?
    } else {
        return Err(type_error(format!(
            "fromhex() argument must be str or bytes-like, not {}",
            a.at(1).ty().name()
        )));
    };
    let plain = str::bytes(&data)?;
    if a.at(0).is(&skein_object::statics::BYTES.object()) {
        return Ok(plain);
    }
    protocol::call1(cx, a.at(0), &plain)
}

pub fn decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let encoding = codec::name_arg(a.opt(1), "decode", "encoding")?;
    let errors = codec::name_arg(a.opt(2), "decode", "errors")?;
    codec::decode(cx, a.at(0), encoding.as_deref(), errors.as_deref())
}

pub fn getnewargs(_: &Context, a: Args<'_>) -> Result<Ref> {
    tuple::new(vec![unchanged(a.at(0))?])
}

pub fn bytes_(_: &Context, a: Args<'_>) -> Result<Ref> {
    debug_assert!(a.at(0).body::<BytesBody>().is_some() || slice(a.at(0)).is_empty());
    unchanged(a.at(0))
}

/// `__buffer__(flags)`.
pub fn buffer(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let flags = c_int(cx, a.at(1))?;
    crate::memoryview::from_flags(cx, a.at(0), flags)
}
