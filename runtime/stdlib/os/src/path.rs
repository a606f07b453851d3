//! Paths: `os.fspath`, and str to bytes in the file system encoding (UTF-8 with surrogateescape).

use crate::arg;
use skein_object::error::{Error, Result, type_error, value_error};
use skein_object::exception;
use skein_object::object::RefExt;
use skein_object::str::{BytesBody, StrBody};
use skein_object::{Context, Ref, intern, number, protocol, statics as s, str};
use skein_text::StrView;
use skein_text::codec::{Fault, Policy, utf8};
use std::ffi::{CStr, CString};

/// The exception for a codec's fault.
pub fn fault(f: Fault, encoding: &str, object: impl FnOnce() -> Result<Ref>) -> Error {
    let (ty, e) = match f {
        Fault::Text(e) => return e.into(),
        Fault::Decode(e) => (&s::UNICODE_DECODE_ERROR, e),
        Fault::Encode(e) => (&s::UNICODE_ENCODE_ERROR, e),
    };
    let make = || {
        Ok([
            str::from_str(encoding)?,
            object()?,
            number::int_from_usize(e.start)?,
            number::int_from_usize(e.end)?,
            str::from_str(e.reason)?,
        ])
    };
    match make() {
        Ok(args) => {
            let error = exception::instantiate(ty, args.to_vec());
            for (i, a) in args.into_iter().enumerate() {
                exception::set_field(&error.0, exception::UNICODE_ENCODING + i, a);
            }
            error
        }
        Err(e) => e,
    }
}

/// Text in the file system encoding.
pub fn encode_str(text: &Ref) -> Result<Vec<u8>> {
    let Some(b) = text.body::<StrBody>() else {
        return Err(type_error("str is wanted"));
    };
    if let Some(a) = b.as_ascii() {
        return Ok(a.as_bytes().to_vec());
    }
    encode_view(b.view()).map_err(|f| fault(f, "utf-8", || Ok(text.clone())))
}

fn encode_view(v: StrView<'_>) -> std::result::Result<Vec<u8>, Fault> {
    utf8::encode(v, &mut Policy::SurrogateEscape.encoder())
}

/// Bytes from the operating system as text.
pub fn decode(bytes: &[u8]) -> Result<Ref> {
    if bytes.is_ascii() {
        return str::from_ascii(bytes);
    }
    match utf8::decode(bytes, true, &mut Policy::SurrogateEscape.decoder()) {
        Ok((text, _)) => str::from_buf(text),
        Err(f) => Err(fault(f, "utf-8", || str::bytes(bytes))),
    }
}

/// `os.fspath(r)`: a str or bytes object.
pub fn fspath(cx: &Context, r: &Ref) -> Result<Ref> {
    fspath_opt(cx, r)?.ok_or_else(|| {
        type_error(format!(
            "expected str, bytes or os.PathLike object, not {}",
            r.ty().short_name()
        ))
    })
}

/// As [`fspath`], with `None` for an object that is no path.
pub fn fspath_opt(cx: &Context, r: &Ref) -> Result<Option<Ref>> {
    if str::is_str(r) || r.body::<BytesBody>().is_some() {
        return Ok(Some(r.clone()));
    }
    let Some(p) = protocol::call_method_opt(cx, r, &intern::name("__fspath__"), &[])? else {
        return Ok(None);
    };
    if str::is_str(&p) || p.body::<BytesBody>().is_some() {
        return Ok(Some(p));
    }
    Err(type_error(format!(
        "expected {}.__fspath__() to return str or bytes, not {}",
        r.ty().short_name(),
        p.ty().short_name()
    )))
}

/// The bytes of a str or bytes path.
pub fn to_bytes(p: &Ref) -> Result<Vec<u8>> {
    match p.body::<BytesBody>() {
        Some(b) => Ok(b.as_slice().to_vec()),
        None => encode_str(p),
    }
}

/// `os.fsencode`, and no null byte in it: for `open` and the like.
pub fn fs_cstring(cx: &Context, r: &Ref) -> Result<CString> {
    let p = fspath(cx, r)?;
    CString::new(to_bytes(&p)?).map_err(|_| value_error("embedded null byte"))
}

/// A path argument of `posix`.
#[derive(Clone)]
pub struct Path {
    /// As given, for `OSError.filename`.
    pub object: Option<Ref>,
    pub name: CString,
    /// Whether results are to be bytes.
    pub bytes: bool,
    /// A file descriptor in place of a path.
    pub fd: Option<i32>,
}

/// What a path argument may be.
#[derive(Clone, Copy, Default)]
pub struct Accept {
    pub none: bool,
    pub fd: bool,
}

pub const PATH: Accept = Accept { none: false, fd: false };
pub const PATH_OR_FD: Accept = Accept { none: false, fd: true };

impl Path {
    /// Reads an argument, with CPython's messages.
    ///
    /// # Errors
    /// TypeError; ValueError for an embedded null character; UnicodeEncodeError.
    pub fn new(cx: &Context, r: Option<&Ref>, function: &str, name: &str, accept: Accept) -> Result<Path> {
        let Some(r) = r.filter(|r| !(accept.none && s::is_none(r))) else {
            return Ok(Path {
                object: None,
                name: c".".to_owned(),
                bytes: false,
                fd: None,
            });
        };
        if let Some(p) = if str::is_str(r) {
            Some(r.clone())
        } else if accept.fd && number::int_value(r).is_some() {
            None
        } else {
            fspath_opt(cx, r)?
        } {
            let name = CString::new(to_bytes(&p)?)
                .map_err(|_| value_error(format!("{function}: embedded null character in {name}")))?;
            return Ok(Path {
                object: Some(r.clone()),
                name,
                bytes: !str::is_str(&p),
                fd: None,
            });
        }
        if accept.fd && (r.ty().slots.index.is_set() || number::int_value(r).is_some()) {
            return Ok(Path {
                object: Some(r.clone()),
                name: CString::default(),
                bytes: false,
                fd: Some(arg::int(cx, r)?),
            });
        }
        let what = match (accept.fd, accept.none) {
            (true, true) => "string, bytes, os.PathLike, integer or None",
            (true, false) => "string, bytes, os.PathLike or integer",
            (false, true) => "string, bytes, os.PathLike or None",
            (false, false) => "string, bytes or os.PathLike",
        };
        Err(type_error(format!(
            "{function}: {name} should be {what}, not {}",
            r.ty().short_name()
        )))
    }

    pub fn c(&self) -> &CStr {
        &self.name
    }

    /// A name as str, or as bytes if the path was given so.
    pub fn result(&self, name: &[u8]) -> Result<Ref> {
        if self.bytes { str::bytes(name) } else { decode(name) }
    }

    /// The OSError of a failed call on this path.
    pub fn error(&self, e: &std::io::Error) -> Error {
        crate::os_error_for(crate::error::errno_of(e), self.object.as_ref())
    }
}
