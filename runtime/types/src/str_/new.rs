//! `str(object)` and `str(bytes, encoding, errors)`.

use super::codec;
use skein_object::error::{Result, type_error};
use skein_object::native::{self, Row};
use skein_object::object::RefExt;
use skein_object::protocol::{self, buffer};
use skein_object::types::Type;
use skein_object::{Args, Context, Ref, row, statics as s, str, tuple};

static NEW: Row = row!("str(cls, object='', encoding='utf-8', errors='strict')", construct, "");

/// `str.__new__`.
pub fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let keywords = names.and_then(tuple::items).map_or(0, <[Ref]>::len);
    if keywords == 0 && args.len() <= 1 {
        let Some(object) = args.first() else {
            return of_class(class, s::empty_str());
        };
        return of_class(class, protocol::str_of(cx, object)?);
    }
    if args.len().saturating_sub(keywords) > 3 {
        return Err(type_error(format!(
            "str expected at most 3 arguments, got {}",
            args.len() - keywords
        )));
    }
    if args.len() > 3 {
        return Err(type_error(format!(
            "str() takes at most 3 arguments ({} given)",
            args.len()
        )));
    }
    native::call_with(cx, &NEW, class, args, names)
}

/// `str()` and `str(x)`.
pub fn make(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    if !std::ptr::eq(ty, &raw const s::STR) {
        return None;
    }
    match args {
        [] => Some(Ok(s::empty_str())),
        [x] => Some(protocol::str_of(cx, x)),
        _ => None,
    }
}

fn of_class(class: &Ref, text: Ref) -> Result<Ref> {
    match Type::from_ref(class) {
        Some(ty) if !std::ptr::eq(ty, &raw const s::STR) => str::new_of(ty, super::view(&text)?),
        _ => Ok(text),
    }
}

fn construct(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let encoding = codec::name_arg(a.opt(2), "str", "encoding")?;
    let errors = codec::name_arg(a.opt(3), "str", "errors")?;
    let Some(object) = a.opt(1) else {
        return of_class(a.at(0), s::empty_str());
    };
    let text = if encoding.is_none() && errors.is_none() {
        protocol::str_of(cx, object)?
    } else if str::is_str(object) {
        return Err(type_error("decoding str is not supported"));
    } else if !buffer::is_buffer(object) {
        return Err(type_error(format!(
            "decoding to str: need a bytes-like object, {} found",
            object.ty().name()
        )));
    } else {
        codec::decode(cx, object, encoding.as_deref(), errors.as_deref())?
    };
    of_class(a.at(0), text)
}
