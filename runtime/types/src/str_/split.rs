//! split, partition, splitlines.

use super::edit::limit;
use super::index::cut;
use super::{list_of, unchanged, view};
use skein_object::error::{Result, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, StrBody, protocol, statics as s, tuple};
use skein_text::StrView;
use skein_text::str::split as text;
use std::ops::Range;

fn pieces(r: &Ref, cuts: &[Range<usize>]) -> Result<Ref> {
    if let [all] = cuts
        && all.len() == view(r)?.len()
    {
        return skein_object::list::new(vec![unchanged(r)?]);
    }
    list_of(cuts, |c| cut(r, c.start, c.end))
}

type Spaces = fn(StrView<'_>, usize) -> text::Pieces;
type At = fn(StrView<'_>, StrView<'_>, usize) -> text::Pieces;

fn split_with(cx: &Context, a: Args<'_>, spaces: Spaces, at: At) -> Result<Ref> {
    let max = limit(cx, a.opt(2))?;
    let v = view(a.at(0))?;
    let cuts = match a.opt_not_none(1) {
        None => spaces(v, max),
        Some(sep) => match sep.body::<StrBody>() {
            Some(b) if b.is_empty() => return Err(value_error("empty separator")),
            Some(b) => at(v, b.view(), max),
            None => {
                return Err(type_error(format!("must be str or None, not {}", sep.ty().name())));
            }
        },
    };
    pieces(a.at(0), &cuts)
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
    pieces(a.at(0), &text::splitlines(view(a.at(0))?, keep))
}

fn separator<'a>(a: Args<'a>) -> Result<&'a StrBody> {
    match a.at(1).body::<StrBody>() {
        Some(b) if b.is_empty() => Err(value_error("empty separator")),
        Some(b) => Ok(b),
        None => Err(type_error(format!("must be str, not {}", a.at(1).ty().name()))),
    }
}

pub fn partition(_: &Context, a: Args<'_>) -> Result<Ref> {
    let (v, sep) = (view(a.at(0))?, separator(a)?);
    tuple::new(match text::partition(v, sep.view()) {
        Some(i) => vec![
            cut(a.at(0), 0, i)?,
            unchanged(a.at(1))?,
            cut(a.at(0), i + sep.len(), v.len())?,
        ],
        None => vec![unchanged(a.at(0))?, s::empty_str(), s::empty_str()],
    })
}

pub fn rpartition(_: &Context, a: Args<'_>) -> Result<Ref> {
    let (v, sep) = (view(a.at(0))?, separator(a)?);
    tuple::new(match text::rpartition(v, sep.view()) {
        Some(i) => vec![
            cut(a.at(0), 0, i)?,
            unchanged(a.at(1))?,
            cut(a.at(0), i + sep.len(), v.len())?,
        ],
        None => vec![s::empty_str(), s::empty_str(), unchanged(a.at(0))?],
    })
}
