//! The room of `bytes`, and the methods that it shares with `bytearray`.
//!
//! `data` reaches the bytes of receivers and arguments. The methods are written once, for both types: `search`, `case`,
//! `edit`, `split`, `special`, `percent`. Arguments that are no `bytes` are copied first, the receiver's lock is taken last:
//! no lock is held while Python code runs.

pub mod case;
pub mod data;
pub mod edit;
pub mod iter;
pub mod methods;
pub mod new;
pub mod percent;
pub mod search;
pub mod special;
pub mod split;

use crate::startup::{TypeDef, ready_type};
use crate::str_::index::{self, is_index, position};
use skein_object::error::{Result, index_error, overflow_error, type_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol::{buffer, convert};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::statics as s;
use skein_object::{BytesBody, Context, Ref, Value, str};

/// The bytes of a bytes object; empty for anything else.
#[inline]
pub fn slice(r: &Ref) -> &[u8] {
    r.body::<BytesBody>().map_or(&[], BytesBody::as_slice)
}

/// The object itself if its class is exactly `bytes`, else a copy of that class.
pub fn unchanged(r: &Ref) -> Result<Ref> {
    if r.is_exact(&s::BYTES) {
        Ok(r.clone())
    } else {
        str::bytes(slice(r))
    }
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    str::from_str(&skein_text::bytes::repr::repr(slice(r)))
}

fn hash(_: &Context, r: &Ref) -> Result<i64> {
    Ok(r.body::<BytesBody>().map_or(0, BytesBody::hash))
}

fn compare(_: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<BytesBody>(), b.body::<BytesBody>()) else {
        return Ok(s::not_implemented());
    };
    Ok(number::bool(match op {
        CompareOp::Eq => a.is(b) || x.as_slice() == y.as_slice(),
        CompareOp::Ne => !a.is(b) && x.as_slice() != y.as_slice(),
        _ => op.holds(x.as_slice().cmp(y.as_slice())),
    }))
}

fn len(_: &Context, r: &Ref) -> Result<usize> {
    Ok(slice(r).len())
}

fn getitem(cx: &Context, r: &Ref, key: &Ref) -> Result<Ref> {
    let data = slice(r);
    if is_index(key) {
        let i = match key.as_int() {
            Some(i) => i,
            None => convert::to_index_i64(cx, key)?,
        };
        return match position(i, data.len()).and_then(|at| data.get(at)) {
            Some(b) => Ok(Ref::small(i32::from(*b))),
            None => Err(index_error("index out of range")),
        };
    }
    let Some(slice) = index::unpack(cx, key)? else {
        return Err(type_error(format!(
            "byte indices must be integers or slices, not {}",
            key.ty().name()
        )));
    };
    let span = slice.span(data.len());
    if span.step == 1 {
        if span.count == data.len() && r.is_exact(&s::BYTES) {
            return Ok(r.clone());
        }
        return str::bytes(data.get(span.start..span.start + span.count).unwrap_or(&[]));
    }
    str::bytes(&data::strided(data, span)?)
}

fn peek_item(r: &Ref, i: i64) -> Value {
    let data = slice(r);
    match position(i, data.len()).and_then(|at| data.get(at)) {
        Some(b) => Value::small(i32::from(*b)),
        None => Value::NULL,
    }
}

fn contains(cx: &Context, r: &Ref, item: &Ref) -> Result<bool> {
    search::contains(cx, r, item)
}

fn add(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some(x) = a.body::<BytesBody>() else {
        return Ok(s::not_implemented());
    };
    if !buffer::is_buffer(b) {
        return Ok(s::not_implemented());
    }
    if x.is_empty() && b.is_exact(&s::BYTES) {
        return Ok(b.clone());
    }
    let y = data::arg(cx, b)?;
    if y.is_empty() && a.is_exact(&s::BYTES) {
        return Ok(a.clone());
    }
    str::join_bytes(x.as_slice(), &y)
}

fn mul(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let (r, times) = match a.body::<BytesBody>() {
        Some(_) => (a, b),
        None => (b, a),
    };
    let Some(n) = index::repetitions(cx, times)? else {
        return Ok(s::not_implemented());
    };
    let data = slice(r);
    if n == 1 || (data.is_empty() && n > 0) {
        return unchanged(r);
    }
    match data.len().checked_mul(n) {
        Some(total) if total <= isize::MAX as usize => {}
        _ => return Err(overflow_error("repeated bytes are too long")),
    }
    str::repeat_bytes(data, n)
}

fn modulo(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match a.body::<BytesBody>() {
        Some(t) => str::bytes(&percent::format(cx, t.as_slice(), b)?),
        None => Ok(s::not_implemented()),
    }
}

fn slots(t: &Slots) {
    t.new.set(Some(new::new));
    t.make.set(Some(new::make));
    t.repr.set(Some(repr));
    t.str.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
    t.len.set(Some(len));
    t.getitem.set(Some(getitem));
    t.peek_item.set(Some(peek_item));
    t.contains.set(Some(contains));
    t.iter.set(Some(iter::iter));
    t.binary[BinaryOp::Add as usize].set(Some(add));
    t.binary[BinaryOp::Mul as usize].set(Some(mul));
    t.binary[BinaryOp::Mod as usize].set(Some(modulo));
}

/// Completes `bytes` and the iterators of bytes.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: methods::METHODS,
        doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\nbytes(int) -> bytes object of size given by the parameter initialized with null bytes\nbytes() -> empty bytes object\n\nConstruct an immutable array of bytes from:\n  - an iterable yielding integers in range(256)\n  - a text string encoded using the specified encoding\n  - any object implementing the buffer API.\n  - an integer",
        hide: &["__radd__"],
        ..TypeDef::new(&s::BYTES)
    })?;
    iter::ready()
}
