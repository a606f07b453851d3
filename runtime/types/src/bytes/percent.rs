//! `template % arguments` of bytes.

use super::data::own;
use crate::bytearray::BytearrayBody;
use crate::str_::percent::{Arguments, push_number, text_int};
use skein_object::error::{Result, overflow_error, type_error};
use skein_object::intern::names;
use skein_object::layouts::number;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, buffer, convert};
use skein_object::{BytesBody, Context, Ref, StrBody, str};
use skein_text::format::percent::{Conversion, Layout, NOT_ALL_BYTES, Parser, Piece, push_char, push_text};
use skein_text::number::Int;
use skein_text::{StrBuf, StrView};

fn character(cx: &Context, v: &Ref) -> Result<u8> {
    let wrong = |what: &str| {
        type_error(format!(
            "%c requires an integer in range(256) or a single byte, not {what}"
        ))
    };
    if v.body::<BytesBody>().is_some() || v.body::<BytearrayBody>().is_some() {
        let data = own(v);
        if let [one] = &*data {
            return Ok(*one);
        }
        let n = data.len();
        drop(data);
        return Err(wrong(&format!("a {} object of length {n}", v.ty().name())));
    }
    if number::int_value(v).is_none() && !type_of(v).slots.index.is_set() {
        return Err(wrong(&crate::type_::attributes::full_name(v.ty())));
    }
    match text_int(&convert::index(cx, v)?) {
        Some(Int::Small(n @ 0..=255)) => Ok(n as u8),
        _ => Err(overflow_error("%c arg not in range(256)")),
    }
}

/// The bytes that `%b` and `%s` show.
fn shown(cx: &Context, v: &Ref) -> Result<Vec<u8>> {
    if v.body::<BytesBody>().is_some() && v.is_exact(&skein_object::statics::BYTES) {
        return buffer::copy_slice(super::slice(v));
    }
    if v.body::<BytearrayBody>().is_none()
        && let Some(out) = protocol::call_method_opt(cx, v, names::__bytes__(), &[])?
    {
        return match out.body::<BytesBody>() {
            Some(b) => buffer::copy_slice(b.as_slice()),
            None => Err(type_error(format!(
                "__bytes__ returned non-bytes (type {})",
                out.ty().name()
            ))),
        };
    }
    if buffer::is_buffer(v) {
        return buffer::to_vec(cx, v);
    }
    Err(type_error(format!(
        "%b requires a bytes-like object, or an object that implements __bytes__, not '{}'",
        v.ty().name()
    )))
}

fn push(cx: &Context, out: &mut StrBuf, v: &Ref, c: &Conversion, layout: &Layout) -> Result<()> {
    match char::from_u32(layout.kind) {
        Some('s' | 'b') => push_text(out, StrView::Latin1(&shown(cx, v)?), layout)?,
        Some('a' | 'r') => {
            let text = protocol::ascii(cx, v)?;
            let text = text.body::<StrBody>().map_or(StrView::EMPTY, StrBody::view);
            push_text(out, text, layout)?;
        }
        Some('c') => push_char(out, u32::from(character(cx, v)?), layout)?,
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G')
            if number::float_value(v).is_none()
                && number::int_value(v).is_none()
                && !type_of(v).slots.float.is_set()
                && !type_of(v).slots.index.is_set() =>
        {
            return Err(type_error(format!("float argument required, not {}", v.ty().name())));
        }
        _ if push_number(cx, out, v, layout)? => {}
        _ => return Err(c.unsupported().into()),
    }
    Ok(())
}

/// `template % args`.
///
/// # Errors
/// TypeError, ValueError, OverflowError, KeyError; what the conversions raise.
pub fn format(cx: &Context, template: &[u8], args: &Ref) -> Result<Vec<u8>> {
    cx.check_stack()?;
    let text_like = str::is_str(args) || args.body::<BytesBody>().is_some() || args.body::<BytearrayBody>().is_some();
    let mut arguments = Arguments::new(args, text_like);
    let mut out = StrBuf::new();
    for piece in Parser::of_bytes(template).with_mapping(arguments.are_mapping()) {
        match piece? {
            Piece::Literal(r) => out.push_ascii(template.get(r).unwrap_or(&[])),
            Piece::Conversion(c) => {
                if let Some(key) = &c.key {
                    let key = str::bytes(template.get(key.clone()).unwrap_or(&[]))?;
                    arguments.select(cx, &key)?;
                }
                if c.is_percent {
                    out.push(u32::from(b'%'));
                    continue;
                }
                let layout = arguments.layout(cx, &c)?;
                let v = arguments.take()?;
                push(cx, &mut out, &v, &c, &layout)?;
            }
        }
    }
    if arguments.left_over() {
        return Err(type_error(NOT_ALL_BYTES));
    }
    Ok(match out {
        StrBuf::Latin1(v) => v,
        // Nothing above appends a character beyond 255.
        _ => Vec::new(),
    })
}
