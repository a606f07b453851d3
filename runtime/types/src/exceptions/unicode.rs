//! UnicodeEncodeError, UnicodeDecodeError, UnicodeTranslateError.

use super::base::{self, body};
use crate::exception_field;
use crate::startup::{GetSet, TypeDef, member};
use skein_object::error::{Error, Result, type_error};
use skein_object::layouts::exception as fields;
use skein_object::object::RefExt;
use skein_object::protocol;
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::types::Type;
use skein_object::{BytesBody, Context, Ref, StrBody, number, str};

/// A UnicodeEncodeError, for native code.
#[cold]
pub fn encode_error(encoding: &str, object: &Ref, start: usize, end: usize, reason: &str) -> Error {
    native(&s::UNICODE_ENCODE_ERROR, Some(encoding), object, start, end, reason)
}

/// A UnicodeDecodeError, for native code.
#[cold]
pub fn decode_error(encoding: &str, object: &Ref, start: usize, end: usize, reason: &str) -> Error {
    native(&s::UNICODE_DECODE_ERROR, Some(encoding), object, start, end, reason)
}

fn native(ty: &'static Type, encoding: Option<&str>, object: &Ref, start: usize, end: usize, reason: &str) -> Error {
    let make = || -> Result<Ref> {
        let mut args = Vec::new();
        if let Some(e) = encoding {
            args.push(str::from_str(e)?);
        }
        args.push(object.clone());
        args.push(number::int_from_usize(start)?);
        args.push(number::int_from_usize(end)?);
        args.push(str::from_str(reason)?);
        let r = base::make(ty, &args)?;
        let first = if encoding.is_some() { 0 } else { 1 };
        for (i, v) in args.into_iter().enumerate() {
            body(&r)?.set_field(r.holder(), i + first, Some(v));
        }
        Ok(r)
    };
    match make() {
        Ok(r) => Error(r),
        Err(e) => e,
    }
}

fn init_with(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>, encoding: bool, bytes: bool) -> Result<Ref> {
    base::init(cx, r, args, names)?;
    let wanted = if encoding { 5 } else { 4 };
    if args.len() != wanted {
        return Err(type_error(format!(
            "function takes exactly {wanted} arguments ({} given)",
            args.len()
        )));
    }
    let first = if encoding { 0 } else { 1 };
    let mut values = Vec::with_capacity(5);
    for (i, a) in args.iter().enumerate() {
        let place = i + first;
        let v = match place {
            fields::UNICODE_START | fields::UNICODE_END => number::int(protocol::convert::to_i64(cx, a)?)?,
            fields::UNICODE_OBJECT if bytes => {
                if a.body::<BytesBody>().is_some() {
                    a.clone()
                } else if ["bytearray", "memoryview", "array.array"].contains(&a.ty().name()) {
                    protocol::call(cx, &s::BYTES.object(), std::slice::from_ref(a))?
                } else {
                    return Err(type_error(format!(
                        "a bytes-like object is required, not '{}'",
                        a.ty().name()
                    )));
                }
            }
            _ if str::is_str(a) => a.clone(),
            _ => {
                return Err(type_error(format!(
                    "argument {} must be str, not {}",
                    i + 1,
                    a.ty().name()
                )));
            }
        };
        values.push((place, v));
    }
    for (place, v) in values {
        body(r)?.set_field(r.holder(), place, Some(v));
    }
    Ok(s::none())
}

fn encode_init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    init_with(cx, r, args, names, true, false)
}
fn decode_init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    init_with(cx, r, args, names, true, true)
}
fn translate_init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    init_with(cx, r, args, names, false, false)
}

fn text(cx: &Context, r: &Ref, i: usize) -> Result<String> {
    match body(r)?.field(i) {
        Some(v) => Ok(str::text(&protocol::str_of(cx, &v)?)),
        None => Ok(String::new()),
    }
}

fn number_of(r: &Ref, i: usize) -> Result<i64> {
    Ok(body(r)?
        .field(i)
        .and_then(|v| number::int_value(&v).and_then(|v| v.to_i64()))
        .unwrap_or(0))
}

/// Start and end within the object, as CPython adjusts them for messages.
fn range(r: &Ref, len: usize) -> Result<(i64, i64)> {
    let n = len as i64;
    let start = number_of(r, fields::UNICODE_START)?.clamp(0, (n - 1).max(0));
    let end = number_of(r, fields::UNICODE_END)?.clamp(1.min(n), n.max(1));
    Ok((start, end))
}

fn character(c: u32) -> String {
    match c {
        0..=0xff => format!("\\x{c:02x}"),
        0x100..=0xffff => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

fn char_at(object: &Ref, i: i64) -> Option<u32> {
    object.body::<StrBody>().and_then(|b| b.view().iter().nth(i as usize))
}

fn text_message(cx: &Context, r: &Ref, what: &str) -> Result<Ref> {
    let Some(object) = body(r)?.field(fields::UNICODE_OBJECT) else {
        return Ok(s::empty_str());
    };
    let len = object.body::<StrBody>().map_or(0, StrBody::len);
    let (start, end) = range(r, len)?;
    let reason = text(cx, r, fields::UNICODE_REASON)?;
    str::from_str(&match char_at(&object, start) {
        Some(c) if end == start + 1 => format!("{what} character '{}' in position {start}: {reason}", character(c)),
        _ => format!("{what} characters in position {start}-{}: {reason}", end - 1),
    })
}

fn encode_str(cx: &Context, r: &Ref) -> Result<Ref> {
    let e = text(cx, r, fields::UNICODE_ENCODING)?;
    text_message(cx, r, &format!("'{e}' codec can't encode"))
}

fn translate_str(cx: &Context, r: &Ref) -> Result<Ref> {
    text_message(cx, r, "can't translate")
}

fn decode_str(cx: &Context, r: &Ref) -> Result<Ref> {
    let Some(object) = body(r)?.field(fields::UNICODE_OBJECT) else {
        return Ok(s::empty_str());
    };
    let data = object.body::<BytesBody>().map_or(&[][..], |b| b.as_slice());
    let (start, end) = range(r, data.len())?;
    let e = text(cx, r, fields::UNICODE_ENCODING)?;
    let reason = text(cx, r, fields::UNICODE_REASON)?;
    str::from_str(&match data.get(start as usize) {
        Some(c) if end == start + 1 => {
            format!("'{e}' codec can't decode byte 0x{c:02x} in position {start}: {reason}")
        }
        _ => format!(
            "'{e}' codec can't decode bytes in position {start}-{}: {reason}",
            end - 1
        ),
    })
}

fn set_number(cx: &Context, r: &Ref, i: usize, value: Option<&Ref>) -> Result<()> {
    match value {
        Some(v) => {
            let n = number::int(protocol::convert::to_i64(cx, v)?)?;
            base::set_field(r, i, Some(&n))
        }
        None => Err(type_error("can't delete numeric/char attribute")),
    }
}

static GETSET: &[GetSet] = &[
    exception_field!("encoding", fields::UNICODE_ENCODING).doc("exception encoding"),
    exception_field!("object", fields::UNICODE_OBJECT).doc("exception object"),
    member("start", |_, r| number::int(number_of(r, fields::UNICODE_START)?))
        .setter(|cx, r, v| set_number(cx, r, fields::UNICODE_START, v))
        .doc("exception start"),
    member("end", |_, r| number::int(number_of(r, fields::UNICODE_END)?))
        .setter(|cx, r, v| set_number(cx, r, fields::UNICODE_END, v))
        .doc("exception end"),
    exception_field!("reason", fields::UNICODE_REASON).doc("exception reason"),
];

pub(super) fn define(d: &mut TypeDef) {
    d.slots = match d.ty.name() {
        "UnicodeEncodeError" => |t: &Slots| {
            t.init.set(Some(encode_init));
            t.str.set(Some(encode_str));
        },
        "UnicodeDecodeError" => |t: &Slots| {
            t.init.set(Some(decode_init));
            t.str.set(Some(decode_str));
        },
        "UnicodeTranslateError" => |t: &Slots| {
            t.init.set(Some(translate_init));
            t.str.set(Some(translate_str));
        },
        _ => return,
    };
    d.getset = GETSET;
}
