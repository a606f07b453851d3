//! Changes of case.

use super::view;
use skein_object::error::Result;
use skein_object::{Args, Context, Ref, str};
use skein_text::str::case as text;
use skein_text::{StrBuf, StrView};

pub fn casefold(_: &Context, a: Args<'_>) -> Result<Ref> {
    ascii_or(a.at(0), u8::to_ascii_lowercase, text::casefold)
}

pub fn swapcase(_: &Context, a: Args<'_>) -> Result<Ref> {
    let swap = |c: &u8| if c.is_ascii_alphabetic() { c ^ 0x20 } else { *c };
    ascii_or(a.at(0), swap, text::swapcase)
}

pub fn capitalize(_: &Context, a: Args<'_>) -> Result<Ref> {
    let mut first = true;
    let map = |c: &u8| match std::mem::take(&mut first) {
        true => c.to_ascii_uppercase(),
        false => c.to_ascii_lowercase(),
    };
    ascii_or(a.at(0), map, text::capitalize)
}

pub fn title(_: &Context, a: Args<'_>) -> Result<Ref> {
    let mut inside = false;
    let map = |c: &u8| match std::mem::replace(&mut inside, c.is_ascii_alphabetic()) {
        true => c.to_ascii_lowercase(),
        false => c.to_ascii_uppercase(),
    };
    ascii_or(a.at(0), map, text::title)
}

pub fn lower(_: &Context, a: Args<'_>) -> Result<Ref> {
    ascii_or(a.at(0), u8::to_ascii_lowercase, text::lower)
}

pub fn upper(_: &Context, a: Args<'_>) -> Result<Ref> {
    ascii_or(a.at(0), u8::to_ascii_uppercase, text::upper)
}

/// An ASCII text byte by byte, into the new str; any other by its algorithm.
#[inline(always)]
fn ascii_or(r: &Ref, byte: impl FnMut(&u8) -> u8, other: fn(StrView<'_>) -> StrBuf) -> Result<Ref> {
    match super::body(r)?.as_ascii() {
        Some(t) => str::map_ascii(t.as_bytes(), byte),
        None => str::from_buf(other(view(r)?)),
    }
}
