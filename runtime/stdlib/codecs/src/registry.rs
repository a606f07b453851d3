//! Registration and lookup.

use crate::support::name;
use skein_object::error::Result;
use skein_object::layouts::number;
use skein_object::{Args, Context, Ref, statics as s};
use skein_types::str_::codec::name_arg;
use skein_types::str_::registry as codecs;

pub fn register(_: &Context, a: Args<'_>) -> Result<Ref> {
    codecs::register(a.at(0))?;
    Ok(s::none())
}

pub fn unregister(cx: &Context, a: Args<'_>) -> Result<Ref> {
    codecs::unregister(cx, a.at(0))?;
    Ok(s::none())
}

pub fn lookup(cx: &Context, a: Args<'_>) -> Result<Ref> {
    codecs::lookup(cx, &name(cx, a.at(0), "lookup() argument")?)
}

pub fn encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let encoding = name_arg(a.opt(1), "encode", "encoding")?;
    let errors = name_arg(a.opt(2), "encode", "errors")?;
    codecs::encode(cx, a.at(0), encoding.as_deref().unwrap_or("utf-8"), errors.as_deref())
}

pub fn decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let encoding = name_arg(a.opt(1), "decode", "encoding")?;
    let errors = name_arg(a.opt(2), "decode", "errors")?;
    codecs::decode(cx, a.at(0), encoding.as_deref().unwrap_or("utf-8"), errors.as_deref())
}

pub fn register_error(cx: &Context, a: Args<'_>) -> Result<Ref> {
    name(cx, a.at(0), "register_error() argument 1")?;
    codecs::register_error(a.at(0), a.at(1))?;
    Ok(s::none())
}

pub fn unregister_error(cx: &Context, a: Args<'_>) -> Result<Ref> {
    name(cx, a.at(0), "_unregister_error() argument")?;
    codecs::unregister_error(a.at(0)).map(number::bool)
}

pub fn lookup_error(cx: &Context, a: Args<'_>) -> Result<Ref> {
    codecs::lookup_error(cx, &name(cx, a.at(0), "lookup_error() argument")?)
}
