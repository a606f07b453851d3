//! Subscripts: integers and slices, for every sequence of characters or bytes.

use super::view;
use skein_object::code::SliceBody;
use skein_object::error::{Result, index_error, overflow_error, type_error, value_error};
use skein_object::layouts::number::{self, IntValue};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::convert;
use skein_object::{Context, Ref, Value, statics as s, str};
use skein_text::StrView;

/// A slice applied to a sequence: `count` items from `start`, `step` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub step: isize,
    pub count: usize,
}

impl Span {
    /// The span with a positive step that covers the same items.
    pub fn ascending(self) -> Span {
        if self.step > 0 || self.count == 0 {
            return Span {
                step: self.step.max(1),
                ..self
            };
        }
        let back = self.step.unsigned_abs() * (self.count - 1);
        Span {
            start: self.start - back,
            step: self.step.saturating_neg(),
            count: self.count,
        }
    }
}

/// Start, stop and step of a slice, before they meet a length.
#[derive(Clone, Copy, Debug)]
pub struct Unpacked {
    start: i64,
    stop: i64,
    step: i64,
}

/// A bound of a slice; None is `default`.
///
/// # Errors
/// TypeError; what `__index__` raises.
#[inline]
pub fn bound(cx: &Context, r: &Ref, default: i64) -> Result<i64> {
    if s::is_none(r) {
        return Ok(default);
    }
    match r.as_int() {
        Some(n) => Ok(n),
        None => bound_slow(cx, r),
    }
}

#[cold]
fn bound_slow(cx: &Context, r: &Ref) -> Result<i64> {
    if number::int_value(r).is_none() && !type_of(r).slots.index.is_set() {
        return Err(type_error(
            "slice indices must be integers or None or have an __index__ method",
        ));
    }
    convert::index_clamped(cx, r)
}

/// The members of a slice, if `key` is one. Runs `__index__` methods: read the length of a mutable sequence afterwards.
///
/// # Errors
/// TypeError; ValueError "slice step cannot be zero".
pub fn unpack(cx: &Context, key: &Ref) -> Result<Option<Unpacked>> {
    let Some(b) = key.body::<SliceBody>() else {
        return Ok(None);
    };
    let step = bound(cx, &b.step, 1)?;
    if step == 0 {
        return Err(value_error("slice step cannot be zero"));
    }
    let step = step.max(-i64::MAX);
    let (first, last) = if step < 0 { (i64::MAX, i64::MIN) } else { (0, i64::MAX) };
    let start = bound(cx, &b.start, first)?;
    let stop = bound(cx, &b.stop, last)?;
    Ok(Some(Unpacked { start, stop, step }))
}

impl Unpacked {
    /// The slice of a sequence of `len` items.
    pub fn span(self, len: usize) -> Span {
        let n = len as i64;
        let (low, high) = if self.step < 0 { (-1, n - 1) } else { (0, n) };
        let clamp = |x: i64| {
            if x < 0 {
                x.saturating_add(n).max(low)
            } else {
                x.min(high)
            }
        };
        let (start, stop) = (clamp(self.start), clamp(self.stop));
        let count = if self.step < 0 && stop < start {
            (start - stop - 1) / -self.step + 1
        } else if self.step > 0 && start < stop {
            (stop - start - 1) / self.step + 1
        } else {
            0
        };
        Span {
            start: start.max(0) as usize,
            step: self.step as isize,
            count: count as usize,
        }
    }
}

/// The position that an index means in a sequence of `len` items.
pub fn position(i: i64, len: usize) -> Option<usize> {
    let at = if i < 0 { i + len as i64 } else { i };
    usize::try_from(at).ok().filter(|at| *at < len)
}

/// Whether `r` can be used as an integer.
pub fn is_index(r: &Ref) -> bool {
    number::int_value(r).is_some() || type_of(r).slots.index.is_set()
}

/// How often `times` repeats a sequence: negative counts as 0; `None` if it is no integer.
///
/// # Errors
/// OverflowError; what `__index__` raises.
pub fn repetitions(cx: &Context, times: &Ref) -> Result<Option<usize>> {
    if let Some(n) = times.as_int() {
        return Ok(Some(n.max(0) as usize));
    }
    if !is_index(times) {
        return Ok(None);
    }
    let i = convert::index(cx, times)?;
    match number::int_value(&i).and_then(|v: IntValue<'_>| v.to_i64()) {
        Some(n) => Ok(Some(n.max(0) as usize)),
        None => Err(overflow_error(format!(
            "cannot fit '{}' into an index-sized integer",
            times.ty().name()
        ))),
    }
}

/// An argument that is a C int.
///
/// # Errors
/// TypeError; OverflowError.
pub fn c_int(cx: &Context, r: &Ref) -> Result<i32> {
    let i = convert::index(cx, r)?;
    match number::int_value(&i).and_then(|v| v.to_i64()).map(i32::try_from) {
        Some(Ok(n)) => Ok(n),
        _ => Err(overflow_error("Python int too large to convert to C int")),
    }
}

/// `str[key]`.
pub fn getitem(cx: &Context, r: &Ref, key: &Ref) -> Result<Ref> {
    let b = super::body(r)?;
    let v = b.view();
    if let Some(i) = key.as_int() {
        return character(v, i);
    }
    if is_index(key) {
        return character(v, convert::to_index_i64(cx, key)?);
    }
    let Some(slice) = unpack(cx, key)? else {
        return Err(type_error(format!(
            "string indices must be integers, not '{}'",
            key.ty().name()
        )));
    };
    let span = slice.span(v.len());
    if span.step != 1 {
        if let Some(t) = b.as_ascii() {
            return str::step_latin1(t.as_bytes(), span.start, span.step, span.count, true);
        }
        return str::from_buf(v.step_slice(span.start, span.step, span.count));
    }
    if span.count == v.len() && r.is_exact(&s::STR) {
        return Ok(r.clone());
    }
    str::cut(b, span.start, span.start + span.count)
}

/// `r[start..end]` of a str as a str.
///
/// # Errors
/// MemoryError.
pub fn cut(r: &Ref, start: usize, end: usize) -> Result<Ref> {
    str::cut(super::body(r)?, start, end)
}

/// Characters that are kept.
pub fn peek_item(r: &Ref, i: i64) -> Value {
    let Ok(v) = view(r) else {
        return Value::NULL;
    };
    match position(i, v.len()).and_then(|at| v.get(at)).map(u8::try_from) {
        Some(Ok(c)) => str::single(c).value(),
        _ => Value::NULL,
    }
}

fn character(v: StrView<'_>, i: i64) -> Result<Ref> {
    match position(i, v.len()).and_then(|at| v.get(at)) {
        Some(c) => str::from_char(c),
        None => Err(index_error("string index out of range")),
    }
}
