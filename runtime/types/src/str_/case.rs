//! Changes of case.

use super::view;
use skein_object::error::Result;
use skein_object::{Args, Context, Ref, str};
use skein_text::str::case as text;
use skein_text::{StrBuf, StrView};

macro_rules! mappings {
    ($($name:ident)*) => {$(
        pub fn $name(_: &Context, a: Args<'_>) -> Result<Ref> {
            str::from_buf(text::$name(view(a.at(0))?))
        }
    )*};
}
mappings! { capitalize casefold swapcase title }

pub fn lower(_: &Context, a: Args<'_>) -> Result<Ref> {
    ascii_or(a.at(0), u8::to_ascii_lowercase, text::lower)
}

pub fn upper(_: &Context, a: Args<'_>) -> Result<Ref> {
    ascii_or(a.at(0), u8::to_ascii_uppercase, text::upper)
}

/// An ASCII text byte by byte, into the new str; any other by its algorithm.
#[inline(always)]
fn ascii_or(r: &Ref, byte: impl Fn(&u8) -> u8, other: fn(StrView<'_>) -> StrBuf) -> Result<Ref> {
    match super::body(r)?.as_ascii() {
        Some(t) => str::map_ascii(t.as_bytes(), byte),
        None => str::from_buf(other(view(r)?)),
    }
}
