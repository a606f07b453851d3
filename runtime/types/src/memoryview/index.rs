//! Subscripts of a memoryview.

use super::view::{Order, View};
use super::{MemoryViewBody, Parent, body, format, of};
use crate::str_::index::{Unpacked, is_index, unpack};
use skein_object::code::SliceBody;
use skein_object::error::{Error, Result, index_error, raise, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::protocol::{buffer, convert};
use skein_object::{Context, Ref, statics as s, tuple};

#[cold]
fn not_implemented(message: &str) -> Error {
    raise(&s::NOT_IMPLEMENTED_ERROR, message)
}

#[cold]
fn bad_key() -> Error {
    type_error("memoryview: invalid slice key")
}

/// The object of the item that begins at `at`.
///
/// # Errors
/// NotImplementedError for formats that views cannot read; ValueError if the view is released.
pub fn item(b: &MemoryViewBody, at: usize) -> Result<Ref> {
    let c = b.native()?;
    let n = b.view.itemsize.min(8);
    let raw = b.read(|bytes| {
        let mut raw = [0; 8];
        if let (Some(to), Some(from)) = (raw.get_mut(..n), bytes.get(at..at + n)) {
            to.copy_from_slice(from);
        }
        raw
    })?;
    format::unpack(c, raw.get(..n).unwrap_or(&raw))
}

fn locate(b: &MemoryViewBody, indices: &[i64]) -> Result<usize> {
    b.view
        .locate(indices)
        .map_err(|d| index_error(format!("index out of bounds on dimension {d}")))
}

/// The view with its first dimension sliced.
fn sliced(v: &View, slice: Unpacked) -> View {
    let mut out = v.clone();
    if let (Some(n), Some(stride)) = (out.shape.first_mut(), out.strides.first_mut()) {
        let span = slice.span(*n);
        if span.count > 0 {
            out.offset = out
                .offset
                .wrapping_add_signed((span.start as isize).wrapping_mul(*stride));
        }
        *n = span.count;
        *stride = stride.wrapping_mul(span.step);
    }
    out
}

/// What a key means.
enum Key {
    /// All of a view without dimensions.
    Whole,
    Item(usize),
    Slice(Unpacked),
}

fn interpret(cx: &Context, b: &MemoryViewBody, key: &Ref, one: &str) -> Result<Key> {
    let ndim = b.view.ndim();
    if ndim == 0 {
        if key.is(&s::ellipsis()) {
            return Ok(Key::Whole);
        }
        return match tuple::items(key) {
            Some([]) => Ok(Key::Item(b.view.offset)),
            _ => Err(type_error("invalid indexing of 0-dim memory")),
        };
    }
    if is_index(key) {
        let i = convert::to_index_i64(cx, key)?;
        if ndim > 1 {
            return Err(not_implemented(one));
        }
        return Ok(Key::Item(locate(b, &[i])?));
    }
    if let Some(slice) = unpack(cx, key)? {
        return Ok(Key::Slice(slice));
    }
    let Some(items) = tuple::items(key) else {
        return Err(bad_key());
    };
    if items.iter().all(is_index) {
        if items.len() > ndim {
            return Err(type_error(format!(
                "cannot index {ndim}-dimension view with {}-element tuple",
                items.len()
            )));
        }
        if items.len() < ndim {
            return Err(not_implemented("sub-views are not implemented"));
        }
        let indices: Vec<i64> = items
            .iter()
            .map(|i| convert::to_index_i64(cx, i))
            .collect::<Result<_>>()?;
        return Ok(Key::Item(locate(b, &indices)?));
    }
    if items.iter().all(|i| i.body::<SliceBody>().is_some()) {
        return Err(not_implemented("multi-dimensional slicing is not implemented"));
    }
    Err(bad_key())
}

/// `view[key]`.
pub fn getitem(cx: &Context, r: &Ref, key: &Ref) -> Result<Ref> {
    let b = body(r)?;
    b.native().map(drop).or_else(|e| {
        // A slice needs no readable format.
        if key.body::<SliceBody>().is_some() {
            Ok(())
        } else {
            Err(e)
        }
    })?;
    // The key's `__index__` may release the view: a slice of it is made all the same.
    let parent = Parent::of(b)?;
    let one = "multi-dimensional sub-views are not implemented";
    match interpret(cx, b, key, one)? {
        Key::Whole => Ok(r.clone()),
        Key::Item(at) => item(b, at),
        Key::Slice(slice) => parent.derive(sliced(&b.view, slice)),
    }
}

/// `view[key] = value`.
pub fn setitem(cx: &Context, r: &Ref, key: &Ref, value: Option<&Ref>) -> Result<()> {
    let b = body(r)?;
    if b.view.readonly {
        return Err(type_error("cannot modify read-only memory"));
    }
    let Some(value) = value else {
        return Err(type_error("cannot delete memory"));
    };
    let at = match interpret(cx, b, key, "sub-views are not implemented")? {
        Key::Item(at) => at,
        Key::Whole => b.view.offset,
        Key::Slice(_) if b.view.ndim() > 1 => {
            return Err(not_implemented(
                "memoryview slice assignments are currently restricted to ndim = 1",
            ));
        }
        Key::Slice(slice) => return assign(cx, b, &sliced(&b.view, slice), value),
    };
    let c = b.native()?;
    let packed = format::pack(cx, &b.view.format, c, value)?;
    let n = b.view.itemsize.min(8);
    // The conversion may have run Python code that released the view: `write` looks again.
    b.write(|bytes| {
        if let (Some(to), Some(from)) = (bytes.get_mut(at..at + n), packed.get(..n)) {
            to.copy_from_slice(from);
        }
    })
}

fn assign(cx: &Context, b: &MemoryViewBody, to: &View, value: &Ref) -> Result<()> {
    if !buffer::is_buffer(value) {
        return Err(buffer::not_bytes_like(value));
    }
    let source = of(cx, value)?;
    let from = body(&source)?;
    let plain = |f: &str| f.strip_prefix('@').unwrap_or(f).to_owned();
    if plain(&from.view.format) != plain(&to.format) || from.view.itemsize != to.itemsize || from.view.shape != to.shape
    {
        return Err(value_error(
            "memoryview assignment: lvalue and rvalue have different structures",
        ));
    }
    let items = from.gather(Order::C)?;
    b.write(|bytes| to.scatter(bytes, &items))
}
