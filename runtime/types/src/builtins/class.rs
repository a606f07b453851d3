//! `isinstance`, `issubclass`, `callable`.

use skein_object::error::Result;
use skein_object::protocol::{compare, is_callable};
use skein_object::{Args, Context, Ref, number};

pub fn isinstance(cx: &Context, a: Args<'_>) -> Result<Ref> {
    compare::is_instance(cx, a.at(0), a.at(1)).map(number::bool)
}

pub fn issubclass(cx: &Context, a: Args<'_>) -> Result<Ref> {
    compare::is_subclass(cx, a.at(0), a.at(1)).map(number::bool)
}

pub fn callable(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(is_callable(a.at(0))))
}
