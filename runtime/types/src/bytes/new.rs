//! `bytes(...)`, and what `bytearray(...)` shares with it.

use super::data::byte;
use crate::str_::{codec, index::is_index};
use skein_object::error::{Error, Result, type_error, value_error};
use skein_object::intern::names;
use skein_object::layouts::number;
use skein_object::native::{self, Row};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, Iter, buffer, convert};
use skein_object::types::Type;
use skein_object::{Args, BytesBody, Context, Ref, row, statics as s, str, tuple};

static NEW: Row = row!(
    "bytes(cls, source=b'', encoding='utf-8', errors='strict')",
    construct,
    ""
);

/// `bytes.__new__`.
pub fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if let [only] = args
        && only.is_exact(&s::BYTES)
        && class.is(&s::BYTES.object())
        && names.and_then(tuple::items).is_none_or(<[Ref]>::is_empty)
    {
        return Ok(only.clone());
    }
    native::call_with(cx, &NEW, class, args, names)
}

/// `bytes()`, `bytes(number)` and `bytes(bytes)`.
pub fn make(_: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    if !std::ptr::eq(ty, &raw const s::BYTES) {
        return None;
    }
    match args {
        [] => Some(Ok(s::empty_bytes())),
        [x] if x.is_exact(&s::BYTES) => Some(Ok(x.clone())),
        [x] => match usize::try_from(x.as_int()?) {
            Ok(n) => Some(str::zero_bytes(n)),
            Err(_) => Some(Err(negative())),
        },
        _ => None,
    }
}

#[cold]
fn negative() -> Error {
    value_error("negative count")
}

fn of_class(class: &Ref, r: Ref) -> Result<Ref> {
    match Type::from_ref(class) {
        Some(ty) if !std::ptr::eq(ty, &raw const s::BYTES) => str::bytes_of(ty, super::slice(&r)),
        _ => super::unchanged(&r),
    }
}

fn construct(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let encoding = codec::name_arg(a.opt(2), "bytes", "encoding")?;
    let errors = codec::name_arg(a.opt(3), "bytes", "errors")?;
    if let Some(text) = encoded(cx, a.opt(1), encoding.as_deref(), errors.as_deref())? {
        return of_class(a.at(0), text);
    }
    let Some(source) = a.opt(1) else {
        return of_class(a.at(0), s::empty_bytes());
    };
    if let Some(out) = protocol::call_method_opt(cx, source, names::__bytes__(), &[])? {
        if out.body::<BytesBody>().is_none() {
            return Err(type_error(format!(
                "__bytes__ returned non-bytes (type {})",
                out.ty().name()
            )));
        }
        if a.at(0).is(&s::BYTES.object()) {
            return Ok(out);
        }
        return of_class(a.at(0), out);
    }
    let data = contents(cx, source, "bytes", "bytes must be in range(0, 256)")?;
    of_class(a.at(0), str::bytes(&data)?)
}

/// The forms with a str: the encoded text, or `None` if the source is of another kind.
///
/// # Errors
/// TypeError where source and encoding do not go together; what the codec raises.
pub fn encoded(
    cx: &Context,
    source: Option<&Ref>,
    encoding: Option<&str>,
    errors: Option<&str>,
) -> Result<Option<Ref>> {
    match (source.filter(|r| str::is_str(r)), encoding, errors) {
        (Some(text), Some(_), _) => codec::encode(cx, text, encoding, errors).map(Some),
        (Some(text), None, None) => {
            // A subclass of str may have __bytes__.
            if type_of(text).lookup(names::__bytes__()).is_some() {
                return Ok(None);
            }
            Err(type_error("string argument without an encoding"))
        }
        (Some(_), None, Some(_)) => Err(type_error("string argument without an encoding")),
        (None, Some(_), _) => Err(type_error("encoding without a string argument")),
        (None, None, Some(_)) => Err(type_error("errors without a string argument")),
        (None, None, None) => Ok(None),
    }
}

/// The bytes of a count, a bytes-like object or an iterable of integers.
///
/// # Errors
/// TypeError, ValueError, OverflowError, MemoryError; what the iterator raises.
pub fn contents(cx: &Context, source: &Ref, kind: &str, range: &str) -> Result<Vec<u8>> {
    if is_index(source) {
        match convert::index(cx, source) {
            Ok(n) => return zeros(&n),
            Err(e) if e.is(&s::TYPE_ERROR) => {}
            Err(e) => return Err(e),
        }
    }
    if buffer::is_buffer(source) {
        return buffer::to_vec(cx, source);
    }
    let slots = &type_of(source).slots;
    if str::is_str(source) || (!slots.iter.is_set() && !slots.getitem.is_set()) {
        return Err(type_error(format!(
            "cannot convert '{}' object to {kind}",
            source.ty().name()
        )));
    }
    integers(cx, source, range)
}

fn zeros(n: &Ref) -> Result<Vec<u8>> {
    let Some(n) = number::int_value(n).and_then(|v| v.to_i64()) else {
        return Err(skein_object::error::overflow_error(
            "cannot fit 'int' into an index-sized integer",
        ));
    };
    let Ok(n) = usize::try_from(n) else {
        return Err(negative());
    };
    let mut out = skein_gc::alloc::vec_with(n)?;
    out.resize(n, 0);
    Ok(out)
}

/// The items of an iterable of integers in the range of a byte.
///
/// # Errors
/// TypeError, ValueError, MemoryError; what the iterator raises.
pub fn integers(cx: &Context, source: &Ref, range: &str) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut it = Iter::new(cx, source)?;
    while let Some(x) = it.next(cx)? {
        let b = byte(cx, &x, range)?;
        skein_gc::alloc::make_room(&mut out, 1)?;
        out.push(b);
    }
    Ok(out)
}
