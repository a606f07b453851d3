//! Arguments and results of codec functions.

use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol;
use skein_object::{Args, BytesBody, Context, Ref, StrBody, statics as s, str, tuple};
use skein_text::codec::{CodecError, Replacement};
use skein_text::{StrBuf, StrView};
use skein_types::str_::codec::{as_bytes, utf8_of};
use skein_types::str_::handler::{Handler, Outcome, raised};

/// Places of the arguments.
pub const DATA: usize = 0;
pub const ERRORS: usize = 1;

/// A name argument: text without null characters.
///
/// # Errors
/// TypeError, ValueError.
pub fn name(cx: &Context, r: &Ref, what: &str) -> Result<String> {
    if !str::is_str(r) {
        let shown = if s::is_none(r) { "None" } else { r.ty().name() };
        return Err(type_error(format!("{what} must be str, not {shown}")));
    }
    let text = utf8_of(cx, r)?;
    if text.contains('\0') {
        return Err(value_error("embedded null character"));
    }
    Ok(text)
}

/// The errors argument of a codec function: a str or None.
///
/// # Errors
/// TypeError.
pub fn errors(cx: &Context, a: Args<'_>, function: &str) -> Result<Option<String>> {
    match a.opt_not_none(ERRORS) {
        None => Ok(None),
        Some(r) if str::is_str(r) => name(cx, r, "").map(Some),
        Some(r) => Err(type_error(format!(
            "{function}() argument 2 must be str or None, not {}",
            r.ty().name()
        ))),
    }
}

/// A truth argument; `default` if it is left out.
///
/// # Errors
/// What `__bool__` raises.
pub fn truth(cx: &Context, a: Args<'_>, i: usize, default: bool) -> Result<bool> {
    a.opt(i).map_or(Ok(default), |r| protocol::is_true(cx, r))
}

/// The text to encode.
///
/// # Errors
/// TypeError.
pub fn text<'a>(a: Args<'a>, function: &str) -> Result<&'a StrBody> {
    let r = a.at(DATA);
    r.body::<StrBody>().ok_or_else(|| {
        type_error(format!(
            "{function}() argument 1 must be str, not {}",
            if s::is_none(r) { "None" } else { r.ty().name() }
        ))
    })
}

/// `(value, n)`.
///
/// # Errors
/// MemoryError.
pub fn pair(value: Ref, n: usize) -> Result<Ref> {
    tuple::new(vec![value, number::int_from_usize(n)?])
}

pub type DecodeHook<'h> = &'h mut dyn FnMut(CodecError, &[u8]) -> Outcome<(StrBuf, usize)>;
pub type EncodeHook<'h> = &'h mut dyn FnMut(CodecError, StrView<'_>) -> Outcome<(Replacement, usize)>;

/// Decodes a bytes object: text and bytes used.
///
/// # Errors
/// What the codec complains of.
pub fn decode_bytes(
    cx: &Context,
    data: &Ref,
    errors: Option<&str>,
    codec: impl FnOnce(&[u8], DecodeHook<'_>) -> Outcome<(StrBuf, usize)>,
) -> Result<(Ref, usize)> {
    let mut handler = Handler::new(cx, errors, data);
    let input = data.body::<BytesBody>().map_or(&[][..], BytesBody::as_slice);
    let out = codec(input, &mut |e, b| handler.decode(e, b));
    let (text, used) = out.map_err(|e| raised(e, data))?;
    Ok((str::from_buf(text)?, used))
}

/// A decoding function of the module.
///
/// # Errors
/// TypeError; what the codec complains of.
pub fn decode(
    cx: &Context,
    a: Args<'_>,
    function: &str,
    codec: impl FnOnce(&[u8], DecodeHook<'_>) -> Outcome<(StrBuf, usize)>,
) -> Result<Ref> {
    let errors = errors(cx, a, function)?;
    let data = as_bytes(cx, a.at(DATA))?;
    let (text, used) = decode_bytes(cx, &data, errors.as_deref(), codec)?;
    pair(text, used)
}

/// An encoding function of the module.
///
/// # Errors
/// TypeError; what the codec complains of.
pub fn encode(
    cx: &Context,
    a: Args<'_>,
    function: &str,
    codec: impl FnOnce(StrView<'_>, EncodeHook<'_>) -> Outcome<Vec<u8>>,
) -> Result<Ref> {
    let body = text(a, function)?;
    let errors = errors(cx, a, function)?;
    let mut handler = Handler::new(cx, errors.as_deref(), a.at(DATA));
    let out = codec(body.view(), &mut |e, t| handler.encode(e, t));
    let bytes = out.map_err(|e| raised(e, a.at(DATA)))?;
    pair(str::bytes(&bytes)?, body.len())
}

/// The bytes of an argument that may be a str (then its UTF-8) or bytes-like.
///
/// # Errors
/// TypeError.
pub fn text_or_bytes(cx: &Context, r: &Ref) -> Result<Ref> {
    if str::is_str(r) {
        str::bytes(utf8_of(cx, r)?.as_bytes())
    } else {
        as_bytes(cx, r)
    }
}
