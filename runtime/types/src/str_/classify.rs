//! The `is*` methods.

use super::{body, view};
use skein_object::error::Result;
use skein_object::layouts::number;
use skein_object::{Args, Context, Ref};
use skein_text::str::classify as text;

macro_rules! predicates {
    ($($name:ident)*) => {$(
        pub fn $name(_: &Context, a: Args<'_>) -> Result<Ref> {
            Ok(number::bool(text::$name(view(a.at(0))?)))
        }
    )*};
}
predicates! {
    islower isupper istitle isspace isdecimal isdigit isnumeric isalpha isalnum isidentifier isprintable
}

pub fn isascii(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(body(a.at(0))?.is_ascii()))
}
