//! The room of `str`.
//!
//! `new` (constructor), `index` (subscripts, slices), `iter`, then the methods by kind: `search`, `classify`, `case`, `edit`,
//! `split`, `translate`, `template` (str.format), `percent` (`%`); `codec`, `handler`, `registry` and `unicode_error` are
//! encoding and decoding with their error handlers and the codec registry.

pub mod case;
pub mod classify;
pub mod codec;
pub mod edit;
pub mod handler;
pub mod index;
pub mod iter;
pub mod methods;
pub mod new;
pub mod percent;
pub mod registry;
pub mod search;
pub mod special;
pub mod split;
pub mod template;
pub mod translate;
pub mod unicode_error;

use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, overflow_error, type_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::statics as s;
use skein_object::{Context, Ref, StrBody, str};
use skein_text::StrView;
use skein_text::str::{edit as text_edit, repr as text_repr};

/// The body of a receiver.
///
/// # Errors
/// TypeError if it is no str, which the callers have excluded.
#[inline]
pub fn body(r: &Ref) -> Result<&StrBody> {
    match r.body::<StrBody>() {
        Some(b) => Ok(b),
        None => Err(type_error(format!("expected str, got {}", r.ty().name()))),
    }
}

/// The characters of a receiver.
#[inline]
pub fn view(r: &Ref) -> Result<StrView<'_>> {
    body(r).map(StrBody::view)
}

/// The str itself if its class is exactly `str`, else a copy of that class.
#[inline]
pub fn unchanged(r: &Ref) -> Result<Ref> {
    if r.is_exact(&s::STR) {
        Ok(r.clone())
    } else {
        str::new(view(r)?)
    }
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    if let StrView::Latin1(c) = b.view()
        && c.iter()
            .all(|c| matches!(c, 0x20..=0x7e) && !matches!(c, b'\\' | b'\''))
    {
        return str::join_latin1(&[], &[b"'", c, b"'"], true);
    }
    str::from_buf(text_repr::try_repr(b.view())?)
}

fn str_(_: &Context, r: &Ref) -> Result<Ref> {
    unchanged(r)
}

fn hash(_: &Context, r: &Ref) -> Result<i64> {
    body(r).map(StrBody::hash)
}

fn compare(_: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<StrBody>(), b.body::<StrBody>()) else {
        return Ok(s::not_implemented());
    };
    Ok(number::bool(match op {
        CompareOp::Eq => a.is(b) || x.equals(y),
        CompareOp::Ne => !a.is(b) && !x.equals(y),
        _ => op.holds(x.view().compare(y.view())),
    }))
}

fn len(_: &Context, r: &Ref) -> Result<usize> {
    body(r).map(StrBody::len)
}

fn contains(_: &Context, r: &Ref, item: &Ref) -> Result<bool> {
    match item.body::<StrBody>() {
        Some(n) => Ok(skein_text::search::contains(view(r)?, n.view())),
        None => Err(type_error(format!(
            "'in <string>' requires string as left operand, not {}",
            item.ty().name()
        ))),
    }
}

/// `a + b` of two strings.
///
/// # Errors
/// MemoryError.
pub fn concat(a: &Ref, b: &Ref) -> Result<Ref> {
    let (x, y) = (body(a)?, body(b)?);
    if x.is_empty() {
        return unchanged(b);
    }
    if y.is_empty() {
        return unchanged(a);
    }
    if let (StrView::Latin1(p), StrView::Latin1(q)) = (x.view(), y.view()) {
        return str::join_latin1(&[], &[p, q], x.is_ascii() && y.is_ascii());
    }
    str::from_buf(text_edit::concat(x.view(), y.view())?)
}

fn add(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if str::is_str(a) && str::is_str(b) {
        concat(a, b)
    } else {
        Ok(s::not_implemented())
    }
}

fn mul(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let (text, times) = if str::is_str(a) { (a, b) } else { (b, a) };
    let Some(n) = index::repetitions(cx, times)? else {
        return Ok(s::not_implemented());
    };
    let b = body(text)?;
    let v = b.view();
    if n == 0 || v.is_empty() {
        return Ok(s::empty_str());
    }
    if n == 1 {
        return unchanged(text);
    }
    match v.len().checked_mul(n) {
        Some(total) if total <= isize::MAX as usize => {}
        _ => return Err(overflow_error("repeated string is too long")),
    }
    match v {
        StrView::Latin1(c) => str::repeat_latin1(c, n, b.is_ascii()),
        _ => str::from_buf(text_edit::repeat(v, n)?),
    }
}

fn modulo(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if str::is_str(a) {
        percent::format(cx, a, b)
    } else {
        Ok(s::not_implemented())
    }
}

/// A list of what is made of each item.
///
/// # Errors
/// What making one raises; MemoryError.
pub fn list_of<T>(items: &[T], mut make: impl FnMut(&T) -> Result<Ref>) -> Result<Ref> {
    let mut items = items.iter();
    list_from(items.len(), || match items.next() {
        Some(i) => make(i),
        None => Ok(s::none()),
    })
}

/// A list of `n` items.
///
/// # Errors
/// What making one raises; MemoryError.
#[inline]
pub fn list_from(n: usize, mut make: impl FnMut() -> Result<Ref>) -> Result<Ref> {
    let mut failed = None;
    let made = (0..n).map(|_| {
        make().unwrap_or_else(|e| {
            failed.get_or_insert(e);
            s::none()
        })
    });
    let out = skein_object::list::from_exact(n, made)?;
    match failed {
        None => Ok(out),
        Some(e) => Err(e),
    }
}

fn slots(t: &Slots) {
    t.new.set(Some(new::new));
    t.make.set(Some(new::make));
    t.repr.set(Some(repr));
    t.str.set(Some(str_));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
    t.len.set(Some(len));
    t.getitem.set(Some(index::getitem));
    t.peek_item.set(Some(index::peek_item));
    t.contains.set(Some(contains));
    t.iter.set(Some(iter::iter));
    t.binary[BinaryOp::Add as usize].set(Some(add));
    t.binary[BinaryOp::Mul as usize].set(Some(mul));
    t.binary[BinaryOp::Mod as usize].set(Some(modulo));
}

/// Completes `str` and its iterators.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: methods::METHODS,
        doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nCreate a new string object from the given object. If encoding or\nerrors is specified, then the object must expose a data buffer\nthat will be decoded using the given encoding and error handler.\nOtherwise, returns the result of object.__str__() (if defined)\nor repr(object).\nencoding defaults to 'utf-8'.\nerrors defaults to 'strict'.",
        hide: &["__radd__"],
        ..TypeDef::new(&s::STR)
    })?;
    iter::ready()
}
