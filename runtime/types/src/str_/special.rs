//! encode, and the methods with underscores.

use super::{body, codec, template, view};
use skein_object::error::{Result, type_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, StrBody, statics as s, str, tuple};

pub fn encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let encoding = codec::name_arg(a.opt(1), "encode", "encoding")?;
    let errors = codec::name_arg(a.opt(2), "encode", "errors")?;
    codec::encode(cx, a.at(0), encoding.as_deref(), errors.as_deref())
}

pub fn format_(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match a.at(1).body::<StrBody>() {
        // A subclass may have its own __str__.
        Some(b) if b.is_empty() => skein_object::protocol::str_of(cx, a.at(0)),
        Some(b) => template::format_str(a.at(0), b),
        None => Err(type_error(format!(
            "__format__() argument must be str, not {}",
            a.at(1).ty().name()
        ))),
    }
}

pub fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let (head, width) = if b.is_ascii() { (40, 1) } else { (56, b.view().width()) };
    number::int_from_usize(head + (b.len() + 1).saturating_mul(width))
}

pub fn getnewargs(_: &Context, a: Args<'_>) -> Result<Ref> {
    // A copy, as CPython's.
    tuple::new(vec![str::new_of(&s::STR, view(a.at(0))?)?])
}
