//! Error handlers of encodings: the named ones, and those that `codecs.register_error` adds.

use super::registry;
use super::unicode_error::{decode_error, encode_error, fields};
use skein_object::error::{Error, Result, type_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol::{self, convert};
use skein_object::{BytesBody, Context, Ref, StrBody, statics as s, str, tuple};
use skein_text::codec::{CodecError, Fault, Policy, Replacement, check_position};
use skein_text::{StrBuf, StrView, TextError};

/// Why a codec stopped: its own complaint, or what a handler raised.
pub enum Stop {
    Fault(Fault),
    Raised(Error),
}

/// The result of a codec that asks handlers.
pub type Outcome<T> = std::result::Result<T, Stop>;

impl From<Fault> for Stop {
    fn from(f: Fault) -> Stop {
        Stop::Fault(f)
    }
}

impl From<TextError> for Stop {
    fn from(e: TextError) -> Stop {
        Stop::Fault(Fault::Text(e))
    }
}

impl From<Error> for Stop {
    fn from(e: Error) -> Stop {
        Stop::Raised(e)
    }
}

/// The exception of a stop; `object` is what was being decoded or encoded, `encoding` the codec's name unless the codec
/// itself knows better.
pub fn raised(stop: Stop, object: &Ref) -> Error {
    match stop {
        Stop::Raised(e) => e,
        Stop::Fault(Fault::Decode(e)) => decode_error(e.encoding, object, e.start, e.end, e.reason),
        Stop::Fault(Fault::Encode(e)) => encode_error(e.encoding, object, e.start, e.end, e.reason),
        Stop::Fault(Fault::Text(e)) => e.into(),
    }
}

/// A handler by name; looked up at the first error only.
pub struct Handler<'a> {
    cx: &'a Context,
    name: Option<&'a str>,
    object: &'a Ref,
    policy: Option<Policy>,
    callback: Option<Ref>,
}

/// The handlers that codecs know without asking the registry.
fn known(name: Option<&str>) -> Option<Policy> {
    match name {
        None => Some(Policy::Strict),
        Some(n) => Policy::from_name(n),
    }
}

impl<'a> Handler<'a> {
    /// `object` is the str or bytes object that exceptions are to show.
    pub fn new(cx: &'a Context, name: Option<&'a str>, object: &'a Ref) -> Handler<'a> {
        Handler {
            cx,
            name,
            object,
            policy: known(name),
            callback: None,
        }
    }

    fn callback(&mut self) -> Result<Ref> {
        if let Some(f) = &self.callback {
            return Ok(f.clone());
        }
        let f = registry::lookup_error(self.cx, self.name.unwrap_or("strict"))?;
        self.callback = Some(f.clone());
        Ok(f)
    }

    /// Calls the handler: its replacement and position.
    fn ask(&mut self, error: Error, wrong: &str) -> Result<(Ref, i64)> {
        let f = self.callback()?;
        let out = protocol::call1(self.cx, &f, &error.0)?;
        match tuple::items(&out) {
            Some([text, at]) if number::int_value(at).is_some() => Ok((text.clone(), convert::to_i64(self.cx, at)?)),
            _ => Err(type_error(wrong)),
        }
    }

    /// The hook of decoders.
    pub fn decode(&mut self, e: CodecError, input: &[u8]) -> Outcome<(StrBuf, usize)> {
        if let Some(p) = self.policy {
            return Ok(p.on_decode(e, input)?);
        }
        const WRONG: &str = "decoding error handler must return (str, int) tuple";
        let error = decode_error(e.encoding, self.object, e.start, e.end, e.reason);
        let (text, at) = self.ask(error, WRONG)?;
        let Some(b) = text.body::<StrBody>() else {
            return Err(Stop::Raised(type_error(WRONG)));
        };
        Ok((b.view().to_buf(), check_position(at, input.len())?))
    }

    /// The hook of encoders.
    pub fn encode(&mut self, e: CodecError, text: StrView<'_>) -> Outcome<(Replacement, usize)> {
        if let Some(p) = self.policy {
            return Ok(p.encoder()(e, text)?);
        }
        const WRONG: &str = "encoding error handler must return (str/bytes, int) tuple";
        let error = encode_error(e.encoding, self.object, e.start, e.end, e.reason);
        let (out, at) = self.ask(error, WRONG)?;
        let at = check_position(at, text.len())?;
        if let Some(b) = out.body::<StrBody>() {
            return Ok((Replacement::Text(b.view().to_buf()), at));
        }
        match out.body::<BytesBody>() {
            Some(b) => Ok((Replacement::Bytes(b.as_slice().to_vec()), at)),
            None => Err(Stop::Raised(type_error(WRONG))),
        }
    }
}

fn static_encoding(name: &str) -> &'static str {
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    match plain.as_str() {
        "utf8" | "cputf8" | "cp65001" => "utf-8",
        "utf16" | "utf16le" => "utf-16-le",
        "utf16be" => "utf-16-be",
        "utf32" | "utf32le" => "utf-32-le",
        "utf32be" => "utf-32-be",
        _ => "",
    }
}

/// What the function behind `codecs.lookup_error(name)` does with an exception, for the handlers that every interpreter
/// has: `codecs.strict_errors` and its like.
///
/// # Errors
/// TypeError for an exception that the handler does not know; the exception itself.
pub fn apply(policy: Policy, exception: &Ref) -> Result<Ref> {
    let again = || Error(exception.clone());
    let unknown = || {
        type_error(format!(
            "don't know how to handle {} in error callback",
            exception.ty().name()
        ))
    };
    if policy == Policy::Strict {
        return Err(if exception.is_instance(&s::BASE_EXCEPTION) {
            again()
        } else {
            type_error("codec must pass exception instance")
        });
    }
    let pair = |text: Ref, at: usize| tuple::new(vec![text, number::int_from_usize(at)?]);
    if exception.is_instance(&s::UNICODE_DECODE_ERROR) {
        if matches!(policy, Policy::XmlCharRefReplace | Policy::NameReplace) {
            return Err(unknown());
        }
        let f = fields(exception, |o| o.body::<BytesBody>().map(BytesBody::len))?;
        let e = CodecError {
            encoding: static_encoding(&f.encoding),
            start: f.start,
            end: f.end,
            reason: "",
        };
        let input = f.object.body::<BytesBody>().map_or(&[][..], BytesBody::as_slice);
        return match policy.on_decode(e, input) {
            Ok((text, at)) => pair(str::from_buf(text)?, at),
            Err(Fault::Text(e)) => Err(e.into()),
            Err(_) => Err(again()),
        };
    }
    let translate = exception.is_instance(&s::UNICODE_TRANSLATE_ERROR);
    if !translate && !exception.is_instance(&s::UNICODE_ENCODE_ERROR) {
        return Err(unknown());
    }
    if translate && !matches!(policy, Policy::Ignore | Policy::Replace | Policy::BackslashReplace) {
        return Err(unknown());
    }
    let f = fields(exception, |o| o.body::<StrBody>().map(StrBody::len))?;
    let text = f.object.body::<StrBody>().map_or(StrView::EMPTY, StrBody::view);
    if translate && policy == Policy::Replace {
        let mut out = StrBuf::new();
        out.try_fill(0xfffd, f.end - f.start)?;
        return pair(str::from_buf(out)?, f.end);
    }
    let e = CodecError {
        encoding: static_encoding(&f.encoding),
        start: f.start,
        end: f.end,
        reason: "",
    };
    match policy.on_encode(e, text) {
        Ok((Replacement::Text(t), at)) => pair(str::from_buf(t)?, at),
        Ok((Replacement::Bytes(b), at)) => pair(str::bytes(&b)?, at),
        Err(Fault::Text(e)) => Err(e.into()),
        Err(_) => Err(again()),
    }
}
