//! split, partition, splitlines.

use super::data::{Data, arg, like_slice, own, same};
use crate::bytearray::{self, BytearrayBody};
use crate::str_::edit::limit;
use crate::str_::list_of;
use skein_object::error::{Result, value_error};
use skein_object::object::RefExt;
use skein_object::protocol::{self, buffer};
use skein_object::{Args, Context, Ref, list, statics as s, str, tuple};
use skein_text::bytes::split as text;
use skein_text::str::split::Pieces;
use std::borrow::Cow;

/// The pieces as a list of objects of the receiver's kind. A bytearray is copied first, so that it may change meanwhile.
fn pieces(r: &Ref, find: impl FnOnce(&[u8]) -> Pieces) -> Result<Ref> {
    let whole = match own(r) {
        Data::Slice(b) => Cow::Borrowed(b),
        Data::Guard(g) => Cow::Owned(buffer::copy_slice(&g)?),
    };
    let cuts = find(&whole);
    if let [all] = &*cuts
        && all.len() == whole.len()
    {
        return list::new(vec![same(r)?]);
    }
    list_of(&cuts, |c| like_slice(r, whole.get(c.clone()).unwrap_or(&[])))
}

type Spaces = fn(&[u8], usize) -> Pieces;
type At = fn(&[u8], &[u8], usize) -> Pieces;

fn split_with(cx: &Context, a: Args<'_>, spaces: Spaces, at: At) -> Result<Ref> {
    let _hold = bytearray::Hold::of(a.at(0));
    let max = limit(cx, a.opt(2))?;
    match a.opt_not_none(1) {
        None => pieces(a.at(0), |b| spaces(b, max)),
        Some(sep) => {
            let sep = arg(cx, sep)?;
            if sep.is_empty() {
                return Err(value_error("empty separator"));
            }
            pieces(a.at(0), |b| at(b, &sep, max))
        }
    }
}

pub fn split(cx: &Context, a: Args<'_>) -> Result<Ref> {
    split_with(cx, a, text::split_whitespace, text::split)
}

pub fn rsplit(cx: &Context, a: Args<'_>) -> Result<Ref> {
    split_with(cx, a, text::rsplit_whitespace, text::rsplit)
}

pub fn splitlines(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let keep = match a.opt(1) {
        Some(r) => protocol::is_true(cx, r)?,
        None => false,
    };
    pieces(a.at(0), |b| text::splitlines(b, keep))
}

type Find = fn(&[u8], &[u8], usize, usize) -> Option<usize>;

fn cut(cx: &Context, a: Args<'_>, find: Find, whole_first: bool) -> Result<Ref> {
    let sep = arg(cx, a.at(1))?;
    if sep.is_empty() {
        return Err(value_error("empty separator"));
    }
    let mutable = a.at(0).body::<BytearrayBody>().is_some();
    let empty = || {
        if mutable {
            bytearray::new(Vec::new())
        } else {
            Ok(s::empty_bytes())
        }
    };
    let whole = match own(a.at(0)) {
        Data::Slice(b) => Cow::Borrowed(b),
        Data::Guard(g) => Cow::Owned(buffer::copy_slice(&g)?),
    };
    let items = match find(&whole, &sep, 0, whole.len()) {
        Some(i) => {
            let middle = if mutable {
                bytearray::new(sep.to_vec())?
            } else if a.at(1).is_exact(&s::BYTES) {
                a.at(1).clone()
            } else {
                str::bytes(&sep)?
            };
            vec![
                like_slice(a.at(0), whole.get(..i).unwrap_or(&[]))?,
                middle,
                like_slice(a.at(0), whole.get(i + sep.len()..).unwrap_or(&[]))?,
            ]
        }
        None if whole_first => vec![same(a.at(0))?, empty()?, empty()?],
        None => vec![empty()?, empty()?, same(a.at(0))?],
    };
    tuple::new(items)
}

pub fn partition(cx: &Context, a: Args<'_>) -> Result<Ref> {
    cut(cx, a, skein_text::bytes::find, true)
}

pub fn rpartition(cx: &Context, a: Args<'_>) -> Result<Ref> {
    cut(cx, a, skein_text::bytes::rfind, false)
}
