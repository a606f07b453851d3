//! Incremental codecs of text files: native ones, and objects of the `codecs` module.

use crate::support::method;
use skein_object::error::{Result, type_error};
use skein_object::object::RefExt;
use skein_object::{Context, Ref, StrBody, number, protocol, str, tuple};
use skein_stdlib_os::path::fault;
use skein_stdlib_os::{arg, import};
use skein_text::codec::name::{Builtin, builtin};
use skein_text::codec::{ByteOrder, Fault, Policy, latin, utf8, utf16, utf32};
use skein_text::{StrBuf, StrView};

/// A native codec with one of the named error handlers.
#[derive(Clone, Copy)]
pub struct Native {
    codec: Builtin,
    policy: Policy,
}

impl Native {
    /// `None`: the encoding or the handler needs the `codecs` module.
    pub fn find(encoding: &str, errors: &str) -> Option<Native> {
        Some(Native {
            codec: builtin(encoding)?,
            policy: Policy::from_name(errors)?,
        })
    }

    /// Whether bytes and characters correspond one to one, so that no state is kept.
    pub fn is_simple(&self) -> bool {
        matches!(self.codec, Builtin::Ascii | Builtin::Latin1)
    }

    /// Whether ASCII text is its own encoding.
    pub fn keeps_ascii(&self) -> bool {
        matches!(self.codec, Builtin::Ascii | Builtin::Latin1 | Builtin::Utf8)
    }

    fn name(&self) -> &'static str {
        match self.codec {
            Builtin::Utf8 => "utf-8",
            Builtin::Ascii => "ascii",
            Builtin::Latin1 => "latin-1",
            Builtin::Utf16 => "utf-16",
            Builtin::Utf16Le => "utf-16-le",
            Builtin::Utf16Be => "utf-16-be",
            Builtin::Utf32 => "utf-32",
            Builtin::Utf32Le => "utf-32-le",
            Builtin::Utf32Be => "utf-32-be",
        }
    }

    /// Encodes; `start`: a byte order mark may come first.
    pub fn encode(&self, text: &Ref, view: StrView<'_>, start: bool) -> Result<Vec<u8>> {
        let hook = &mut self.policy.encoder();
        let native = if start { ByteOrder::Native } else { ByteOrder::Little };
        let r: std::result::Result<Vec<u8>, Fault> = match self.codec {
            Builtin::Utf8 => utf8::encode(view, hook),
            Builtin::Ascii => latin::encode_ascii(view, hook),
            Builtin::Latin1 => latin::encode_latin1(view, hook),
            Builtin::Utf16 => utf16::encode(view, native, hook),
            Builtin::Utf16Le => utf16::encode(view, ByteOrder::Little, hook),
            Builtin::Utf16Be => utf16::encode(view, ByteOrder::Big, hook),
            Builtin::Utf32 => utf32::encode(view, native, hook),
            Builtin::Utf32Le => utf32::encode(view, ByteOrder::Little, hook),
            Builtin::Utf32Be => utf32::encode(view, ByteOrder::Big, hook),
        };
        r.map_err(|f| {
            let name = match &f {
                Fault::Encode(e) => e.encoding,
                _ => self.name(),
            };
            fault(f, name, || Ok(text.clone()))
        })
    }
}

/// A native decoder with the bytes that it could not decode yet.
pub struct NativeDecoder {
    native: Native,
    rest: Vec<u8>,
    /// Byte order of a UTF-16 or UTF-32 text, once its mark was seen.
    order: Option<ByteOrder>,
}

impl NativeDecoder {
    fn decode(&mut self, input: &[u8], last: bool) -> Result<StrBuf> {
        let mut joined;
        let data = if self.rest.is_empty() {
            input
        } else {
            joined = std::mem::take(&mut self.rest);
            joined.extend_from_slice(input);
            &joined
        };
        let hook = &mut self.native.policy.decoder();
        let codec = self.native.codec;
        let wide = match codec {
            Builtin::Utf16 | Builtin::Utf32 => match self.order {
                Some(o) => o,
                None => {
                    let (unit, short) = if codec == Builtin::Utf16 { (2, false) } else { (4, true) };
                    if data.len() < unit && !last {
                        self.rest = data.to_vec();
                        return Ok(StrBuf::new());
                    }
                    let (order, _) = if short {
                        utf32::detect(data, ByteOrder::Native)
                    } else {
                        utf16::detect(data, ByteOrder::Native)
                    };
                    // The decoder skips the mark itself, for this piece.
                    self.order = Some(if order == ByteOrder::Native {
                        ByteOrder::Little
                    } else {
                        order
                    });
                    ByteOrder::Native
                }
            },
            Builtin::Utf16Be | Builtin::Utf32Be => ByteOrder::Big,
            _ => ByteOrder::Little,
        };
        let decoded: std::result::Result<(StrBuf, usize), Fault> = match codec {
            Builtin::Utf8 => utf8::decode(data, last, hook),
            Builtin::Ascii => latin::decode_ascii(data, hook),
            Builtin::Latin1 => Ok((latin::decode_latin1(data), data.len())),
            Builtin::Utf16 | Builtin::Utf16Le | Builtin::Utf16Be => utf16::decode(data, wide, last, hook),
            _ => utf32::decode(data, wide, last, hook),
        };
        match decoded {
            Ok((text, used)) => {
                self.rest = data.get(used..).unwrap_or(&[]).to_vec();
                Ok(text)
            }
            Err(f) => {
                let name = match &f {
                    Fault::Decode(e) => e.encoding,
                    _ => self.native.name(),
                };
                Err(fault(f, name, || str::bytes(data)))
            }
        }
    }

    /// As `codecs.IncrementalDecoder.getstate()`.
    fn flags(&self) -> i64 {
        match (self.native.codec, self.order) {
            (Builtin::Utf16 | Builtin::Utf32, None) => 2,
            (Builtin::Utf16 | Builtin::Utf32, Some(ByteOrder::Big)) => 1,
            _ => 0,
        }
    }
}

/// An incremental decoder.
pub enum Decoder {
    Native(NativeDecoder),
    Python(Ref),
}

impl Decoder {
    pub fn native(native: Native) -> Decoder {
        Decoder::Native(NativeDecoder {
            native,
            rest: Vec::new(),
            order: None,
        })
    }

    pub fn decode(&mut self, cx: &Context, input: &[u8], last: bool) -> Result<StrBuf> {
        match self {
            Decoder::Native(d) => d.decode(input, last),
            Decoder::Python(d) => {
                let text = method(cx, d, "decode", &[str::bytes(input)?, number::bool(last)])?;
                match text.body::<StrBody>() {
                    Some(t) => Ok(t.view().to_buf()),
                    None => Err(type_error(format!(
                        "decoder should return a string result, not '{}'",
                        text.ty().name()
                    ))),
                }
            }
        }
    }

    pub fn getstate(&self, cx: &Context) -> Result<(Vec<u8>, i64)> {
        match self {
            Decoder::Native(d) => Ok((d.rest.clone(), d.flags())),
            Decoder::Python(d) => {
                let state = method(cx, d, "getstate", &[])?;
                let Some([bytes, flags]) = tuple::items(&state) else {
                    return Err(type_error("illegal decoder state"));
                };
                let Some(b) = bytes.body::<skein_object::BytesBody>() else {
                    return Err(type_error(format!(
                        "illegal decoder state: the first item should be a bytes object, not '{}'",
                        bytes.ty().name()
                    )));
                };
                Ok((b.as_slice().to_vec(), arg::long(cx, flags)?))
            }
        }
    }

    pub fn setstate(&mut self, cx: &Context, rest: &[u8], flags: i64) -> Result<()> {
        match self {
            Decoder::Native(d) => {
                d.rest = rest.to_vec();
                d.order = match flags {
                    2 => None,
                    1 => Some(ByteOrder::Big),
                    _ => Some(ByteOrder::Little),
                };
                Ok(())
            }
            Decoder::Python(d) => {
                let state = tuple::new(vec![str::bytes(rest)?, number::int(flags)?])?;
                method(cx, d, "setstate", &[state]).map(drop)
            }
        }
    }

    pub fn reset(&mut self, cx: &Context) -> Result<()> {
        match self {
            Decoder::Native(d) => {
                d.rest.clear();
                d.order = None;
                Ok(())
            }
            Decoder::Python(d) => method(cx, d, "reset", &[]).map(drop),
        }
    }
}

/// An incremental encoder.
pub enum Encoder {
    Native { native: Native, start: bool },
    Python(Ref),
}

impl Encoder {
    pub fn encode(&mut self, cx: &Context, text: &Ref, view: StrView<'_>, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Encoder::Native { native, start } => {
                let b = native.encode(text, view, *start)?;
                *start = false;
                skein_gc::alloc::make_room(out, b.len())?;
                out.extend_from_slice(&b);
                Ok(())
            }
            Encoder::Python(e) => {
                let b = method(cx, e, "encode", &[str::new_narrowed(view)?])?;
                let Some(b) = b.body::<skein_object::BytesBody>() else {
                    return Err(type_error(format!(
                        "encoder should return a bytes object, not '{}'",
                        b.ty().name()
                    )));
                };
                skein_gc::alloc::make_room(out, b.len())?;
                out.extend_from_slice(b.as_slice());
                Ok(())
            }
        }
    }

    /// The stream was moved to its start, or elsewhere.
    pub fn restart(&mut self, cx: &Context, at_start: bool) -> Result<()> {
        match self {
            Encoder::Native { start, .. } => {
                *start = at_start;
                Ok(())
            }
            Encoder::Python(e) if at_start => method(cx, e, "reset", &[]).map(drop),
            Encoder::Python(e) => method(cx, e, "setstate", &[Ref::small(2)]).map(drop),
        }
    }
}

/// Looks a codec up, and checks that it is a text encoding.
pub fn lookup(cx: &Context, encoding: &Ref) -> Result<Ref> {
    let info = import::call(cx, "codecs", "lookup", std::slice::from_ref(encoding))?;
    if let Some(text) = protocol::getattr_opt(cx, &info, &skein_object::intern::name("_is_text_encoding"))?
        && !protocol::is_true(cx, &text)?
    {
        return Err(skein_object::error::lookup_error(format!(
            "'{}' is not a text encoding",
            str::text(encoding)
        )));
    }
    Ok(info)
}

/// `info.incrementaldecoder(errors)` or `info.incrementalencoder(errors)`.
pub fn incremental(cx: &Context, info: &Ref, which: &str, errors: &Ref) -> Result<Ref> {
    let f = protocol::getattr_str(cx, info, which)?;
    protocol::call1(cx, &f, errors)
}
