//! Changes of case and the `is*` methods.

use super::data::{like, own};
use skein_object::error::Result;
use skein_object::layouts::number;
use skein_object::{Args, Context, Ref};
use skein_text::bytes::case as text;

macro_rules! predicates {
    ($($name:ident)*) => {$(
        pub fn $name(_: &Context, a: Args<'_>) -> Result<Ref> {
            Ok(number::bool(text::$name(&own(a.at(0)))))
        }
    )*};
}
predicates! { isalpha isdigit isalnum isspace islower isupper istitle }

pub fn isascii(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(own(a.at(0)).is_ascii()))
}

macro_rules! mappings {
    ($($name:ident)*) => {$(
        pub fn $name(_: &Context, a: Args<'_>) -> Result<Ref> {
            let out = text::$name(&own(a.at(0)));
            like(a.at(0), out)
        }
    )*};
}
mappings! { lower upper swapcase capitalize title }
