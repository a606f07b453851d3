//! Encoding a str, decoding bytes: the codecs of the text crate by name, the codec registry for the rest.

use super::handler::{Handler, Outcome, raised};
use super::{body, registry, view};
use skein_object::error::{Result, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::protocol::buffer;
use skein_object::{BytesBody, Context, Ref, StrBody, statics as s, str};
use skein_text::codec::name::{Builtin, builtin};
use skein_text::codec::{ByteOrder, latin, utf8, utf16, utf32};
use skein_text::{StrBuf, StrView};
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

/// `-X dev`: names of error handlers are looked up even where nothing goes wrong.
pub static CHECK_ERRORS: AtomicBool = AtomicBool::new(false);

fn check_errors(cx: &Context, errors: Option<&str>) -> Result<()> {
    match errors {
        // Relaxed: set before any Python code runs.
        Some(name) if CHECK_ERRORS.load(Ordering::Relaxed) => registry::lookup_error(cx, name).map(drop),
        _ => Ok(()),
    }
}

/// An encoding or error handler name among the arguments of `function`.
///
/// # Errors
/// TypeError if it is no str; ValueError if it has a null character.
pub fn name_arg<'a>(r: Option<&'a Ref>, function: &str, what: &str) -> Result<Option<Cow<'a, str>>> {
    let Some(r) = r else { return Ok(None) };
    let Some(b) = r.body::<StrBody>() else {
        return Err(type_error(format!(
            "{function}() argument '{what}' must be str, not {}",
            if s::is_none(r) { "None" } else { r.ty().name() }
        )));
    };
    let name = match b.as_ascii() {
        Some(t) => Cow::Borrowed(t),
        None => Cow::Owned(match b.view().to_utf8() {
            Some(t) => t,
            // A surrogate cannot be in a name: complain as the UTF-8 codec does.
            None => {
                let cx = Context::current();
                encode_builtin(cx, r, Builtin::Utf8, None)?;
                String::new()
            }
        }),
    };
    if skein_text::search::has_null(name.as_bytes()) {
        return Err(value_error("embedded null character"));
    }
    Ok(Some(name))
}

/// Encodes a str; `None` means UTF-8 and "strict".
///
/// # Errors
/// UnicodeEncodeError; LookupError for an unknown encoding or handler; what handlers and codecs raise.
pub fn encode(cx: &Context, text: &Ref, encoding: Option<&str>, errors: Option<&str>) -> Result<Ref> {
    check_errors(cx, errors)?;
    match encoding.map_or(Some(Builtin::Utf8), builtin) {
        Some(b) => encode_builtin(cx, text, b, errors),
        None => registry::encode_text(cx, text, encoding.unwrap_or("utf-8"), errors),
    }
}

/// Encodes with a codec of the text crate.
///
/// # Errors
/// As [`encode`].
pub fn encode_builtin(cx: &Context, text: &Ref, codec: Builtin, errors: Option<&str>) -> Result<Ref> {
    let b = body(text)?;
    let v = b.view();
    match (codec, v) {
        (Builtin::Utf8 | Builtin::Ascii, StrView::Latin1(c)) if b.is_ascii() => {
            return str::bytes(c);
        }
        (Builtin::Latin1, StrView::Latin1(c)) => return str::bytes(c),
        _ => {}
    }
    let mut handler = Handler::new(cx, errors, text);
    let mut hook = |e, t: StrView<'_>| handler.encode(e, t);
    let out: Outcome<Vec<u8>> = match codec {
        Builtin::Utf8 => utf8::encode(v, &mut hook),
        Builtin::Ascii => latin::encode_ascii(v, &mut hook),
        Builtin::Latin1 => latin::encode_latin1(v, &mut hook),
        Builtin::Utf16 => utf16::encode(v, ByteOrder::Native, &mut hook),
        Builtin::Utf16Le => utf16::encode(v, ByteOrder::Little, &mut hook),
        Builtin::Utf16Be => utf16::encode(v, ByteOrder::Big, &mut hook),
        Builtin::Utf32 => utf32::encode(v, ByteOrder::Native, &mut hook),
        Builtin::Utf32Le => utf32::encode(v, ByteOrder::Little, &mut hook),
        Builtin::Utf32Be => utf32::encode(v, ByteOrder::Big, &mut hook),
    };
    str::bytes(&out.map_err(|e| raised(e, text))?)
}

/// Decodes a bytes-like object; `None` means UTF-8 and "strict".
///
/// # Errors
/// UnicodeDecodeError; LookupError for an unknown encoding or handler; what handlers and codecs raise.
pub fn decode(cx: &Context, data: &Ref, encoding: Option<&str>, errors: Option<&str>) -> Result<Ref> {
    check_errors(cx, errors)?;
    match encoding.map_or(Some(Builtin::Utf8), builtin) {
        Some(b) => decode_builtin(cx, data, b, errors),
        None => registry::decode_text(cx, data, encoding.unwrap_or("utf-8"), errors),
    }
}

/// A bytes object with the bytes of a bytes-like one.
///
/// # Errors
/// TypeError, MemoryError.
pub fn as_bytes(cx: &Context, data: &Ref) -> Result<Ref> {
    if data.body::<BytesBody>().is_some() {
        Ok(data.clone())
    } else {
        str::bytes(&buffer::to_vec(cx, data)?)
    }
}

/// Decodes with a codec of the text crate.
///
/// # Errors
/// As [`decode`].
pub fn decode_builtin(cx: &Context, data: &Ref, codec: Builtin, errors: Option<&str>) -> Result<Ref> {
    if data.body::<BytesBody>().is_some() {
        return decode_bytes(cx, data, codec, errors, true).map(|(text, _)| text);
    }
    let data = as_bytes(cx, data)?;
    decode_bytes(cx, &data, codec, errors, true).map(|(text, _)| text)
}

/// Decodes a bytes object: the text, and how many bytes were used, which are all of them if `last`.
///
/// # Errors
/// As [`decode`].
pub fn decode_bytes(
    cx: &Context,
    data: &Ref,
    codec: Builtin,
    errors: Option<&str>,
    last: bool,
) -> Result<(Ref, usize)> {
    let input = data.body::<BytesBody>().map_or(&[][..], BytesBody::as_slice);
    match codec {
        Builtin::Utf8 | Builtin::Ascii if input.is_ascii() => {
            return Ok((ascii(input)?, input.len()));
        }
        Builtin::Latin1 => return Ok((str::new(StrView::Latin1(input))?, input.len())),
        _ => {}
    }
    let mut handler = Handler::new(cx, errors, data);
    let mut hook = |e, b: &[u8]| handler.decode(e, b);
    let out: Outcome<(StrBuf, usize)> = match codec {
        Builtin::Utf8 => utf8::decode(input, last, &mut hook),
        Builtin::Ascii => latin::decode_ascii(input, &mut hook),
        Builtin::Latin1 => Ok((latin::decode_latin1(input), input.len())),
        Builtin::Utf16 => utf16::decode(input, ByteOrder::Native, last, &mut hook),
        Builtin::Utf16Le => utf16::decode(input, ByteOrder::Little, last, &mut hook),
        Builtin::Utf16Be => utf16::decode(input, ByteOrder::Big, last, &mut hook),
        Builtin::Utf32 => utf32::decode(input, ByteOrder::Native, last, &mut hook),
        Builtin::Utf32Le => utf32::decode(input, ByteOrder::Little, last, &mut hook),
        Builtin::Utf32Be => utf32::decode(input, ByteOrder::Big, last, &mut hook),
    };
    let (text, used) = out.map_err(|e| raised(e, data))?;
    Ok((str::from_buf(text)?, used))
}

/// A str of bytes known to be ASCII.
fn ascii(input: &[u8]) -> Result<Ref> {
    str::latin1(input, true)
}

/// The UTF-8 form of a str.
///
/// # Errors
/// UnicodeEncodeError where it has surrogates; TypeError if it is no str.
pub fn utf8_of(cx: &Context, text: &Ref) -> Result<String> {
    match view(text)?.to_utf8() {
        Some(t) => Ok(t),
        None => {
            encode_builtin(cx, text, Builtin::Utf8, None)?;
            Ok(String::new())
        }
    }
}
