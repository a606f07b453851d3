//! UnicodeDecodeError, UnicodeEncodeError and UnicodeTranslateError as native code raises and reads them.

use skein_object::error::{Error, Result, type_error};
use skein_object::layouts::exception::{
    self, UNICODE_ENCODING, UNICODE_END, UNICODE_OBJECT, UNICODE_REASON, UNICODE_START,
};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::types::Type;
use skein_object::{Ref, StrBody, statics as s, str};

fn build(ty: &'static Type, encoding: &str, object: &Ref, start: usize, end: usize, reason: &str) -> Result<Error> {
    let (encoding, reason) = (str::from_str(encoding)?, str::from_str(reason)?);
    let (start, end) = (number::int_from_usize(start)?, number::int_from_usize(end)?);
    let args = vec![
        encoding.clone(),
        object.clone(),
        start.clone(),
        end.clone(),
        reason.clone(),
    ];
    let e = exception::instantiate(ty, args);
    for (field, value) in [
        (UNICODE_ENCODING, encoding),
        (UNICODE_OBJECT, object.clone()),
        (UNICODE_START, start),
        (UNICODE_END, end),
        (UNICODE_REASON, reason),
    ] {
        exception::set_field(&e.0, field, value);
    }
    Ok(e)
}

/// UnicodeDecodeError about `object[start..end]`, a bytes object.
#[cold]
pub fn decode_error(encoding: &str, object: &Ref, start: usize, end: usize, reason: &str) -> Error {
    build(&s::UNICODE_DECODE_ERROR, encoding, object, start, end, reason).unwrap_or_else(|e| e)
}

/// UnicodeEncodeError about `object[start..end]`, a str.
#[cold]
pub fn encode_error(encoding: &str, object: &Ref, start: usize, end: usize, reason: &str) -> Error {
    build(&s::UNICODE_ENCODE_ERROR, encoding, object, start, end, reason).unwrap_or_else(|e| e)
}

/// The fields of a unicode error that a handler was given.
pub struct Fields {
    /// Empty for a translate error.
    pub encoding: String,
    pub object: Ref,
    pub start: usize,
    pub end: usize,
}

/// Reads the fields, with start and end brought into the object.
///
/// # Errors
/// TypeError if a field is missing or of a wrong type.
pub fn fields(e: &Ref, len_of: impl Fn(&Ref) -> Option<usize>) -> Result<Fields> {
    let get =
        |i: usize, name: &str| exception::field(e, i).ok_or_else(|| type_error(format!("{name} attribute not set")));
    let object = get(UNICODE_OBJECT, "object")?;
    let Some(len) = len_of(&object) else {
        return Err(type_error(if e.is_instance(&s::UNICODE_DECODE_ERROR) {
            "object attribute must be bytes"
        } else {
            "object attribute must be unicode"
        }));
    };
    let at = |i: usize, name: &str| -> Result<i64> {
        let r = get(i, name)?;
        Ok(number::int_value(&r).and_then(|v| v.to_i64()).unwrap_or(0))
    };
    let n = len as i64;
    let start = at(UNICODE_START, "start")?.clamp(0, (n - 1).max(0)) as usize;
    let end = at(UNICODE_END, "end")?.max(1).min(n).max(0) as usize;
    let encoding = exception::field(e, UNICODE_ENCODING)
        .and_then(|r| r.body::<StrBody>().map(StrBody::to_lossy))
        .unwrap_or_default();
    Ok(Fields {
        encoding,
        object,
        start,
        end: end.max(start.min(len)),
    })
}
