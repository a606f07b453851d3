//! memoryview.cast.

use super::view::{Order, View};
use super::{body, derive, format};
use crate::str_::codec;
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::list::{self, ListBody};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, str, tuple};
use std::borrow::Cow;

const MAX_NDIM: usize = 64;

fn dimensions(items: &[Ref]) -> Result<Vec<usize>> {
    let mut total = 1usize;
    let mut out = Vec::with_capacity(items.len());
    for i in items {
        let Some(v) = number::int_value(i) else {
            return Err(type_error("memoryview.cast(): elements of shape must be integers"));
        };
        let n = match v.to_i64() {
            Some(n) if n > 0 => n as usize,
            _ => {
                return Err(value_error("memoryview.cast(): elements of shape must be integers > 0"));
            }
        };
        total = match total.checked_mul(n) {
            Some(t) if t <= isize::MAX as usize => t,
            _ => {
                return Err(value_error("memoryview.cast(): product(shape) > SSIZE_MAX"));
            }
        };
        out.push(n);
    }
    Ok(out)
}

/// The view as a vector of items of another format.
fn flattened(v: &View, wanted: &str) -> Result<View> {
    let bad = |which: &str| {
        value_error(format!(
            "memoryview: {which} format must be a native single character format prefixed with an optional '@'"
        ))
    };
    let to = format::native(wanted).ok_or_else(|| bad("destination"))?;
    let from = format::native(&v.format).ok_or_else(|| bad("source"))?;
    let size = format::size(to).unwrap_or(1);
    if !format::is_byte(from) && !format::is_byte(to) {
        return Err(type_error("memoryview: cannot cast between two non-byte formats"));
    }
    if !v.nbytes().is_multiple_of(size) {
        return Err(type_error("memoryview: length is not a multiple of itemsize"));
    }
    Ok(View {
        format: Cow::Owned(wanted.to_owned()),
        itemsize: size,
        offset: v.offset,
        shape: vec![v.nbytes() / size],
        strides: vec![size as isize],
        readonly: v.readonly,
    })
}

pub fn cast(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    if !str::is_str(a.at(1)) {
        return Err(type_error(format!(
            "cast() argument 'format' must be str, not {}",
            a.at(1).ty().name()
        )));
    }
    let wanted = codec::utf8_of(cx, a.at(1))?;
    if !b.view.is_contiguous(Order::C) {
        return Err(type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let shape: Option<Vec<Ref>> = match a.opt(2) {
        None => None,
        Some(r) => match (tuple::items(r), r.body::<ListBody>()) {
            (Some(items), _) => Some(items.to_vec()),
            (_, Some(l)) => Some(list::snapshot(l)),
            _ => return Err(type_error("shape must be a list or a tuple")),
        },
    };
    if (shape.is_some() || b.view.ndim() != 1) && b.view.items() == 0 {
        return Err(type_error(
            "memoryview: cannot cast view with zeros in shape or strides",
        ));
    }
    if let Some(items) = &shape {
        if items.len() > MAX_NDIM {
            return Err(value_error("memoryview: number of dimensions must not exceed 64"));
        }
        if b.view.ndim() != 1 && items.len() != 1 {
            return Err(type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
        }
    }
    let mut out = flattened(&b.view, &wanted)?;
    if let Some(items) = &shape {
        let total = out.nbytes();
        out.shape = dimensions(items)?;
        if out.items().checked_mul(out.itemsize) != Some(total) {
            return Err(type_error("memoryview: product(shape) * itemsize != buffer size"));
        }
        out.strides = View::packed_strides(&out.shape, out.itemsize, Order::C);
    }
    derive(a.at(0), out)
}
