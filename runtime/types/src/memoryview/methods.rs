//! The methods and attributes of `memoryview`.

use super::cast::cast;
use super::view::Order;
use super::{Hold, MemoryViewBody, body, derive, from_flags, len, release as release_view};
use crate::bytes::special::hex_args;
use crate::startup::{GetSet, getset};
use crate::str_::index::c_int;
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::object::RefExt;
use skein_object::protocol::{self, convert};
use skein_object::{Args, Context, Ref, StrBody, list, row, statics as s, str, tuple};

pub static METHODS: &[Row] = &[
    row!(
        "release(self, /)",
        release,
        "Release the underlying buffer exposed by the memoryview object."
    ),
    row!(
        "tobytes(self, /, order='C')",
        tobytes,
        "Return the data in the buffer as a byte string.\n\nOrder can be {'C', 'F', 'A'}.  When order is 'C' or 'F', the data of\nthe original array is converted to C or Fortran order.  For\ncontiguous views, 'A' returns an exact copy of the physical memory.\nIn particular, in-memory Fortran order is preserved.  For\nnon-contiguous views, the data is converted to C first.  order=None\nis the same as order='C'."
    ),
    row!(
        "hex(self, /, sep=<unrepresentable>, bytes_per_sep=1)",
        hex,
        "Return the data in the buffer as a str of hexadecimal numbers.\n\n  sep\n    An optional single character or byte to separate hex bytes.\n  bytes_per_sep\n    How many bytes between separators.  Positive values count from\n    the right, negative values count from the left.\n\nExample:\n>>> value = memoryview(b'\\xb9\\x01\\xef')\n>>> value.hex()\n'b901ef'\n>>> value.hex(':')\n'b9:01:ef'\n>>> value.hex(':', 2)\n'b9:01ef'\n>>> value.hex(':', -2)\n'b901:ef'"
    ),
    row!(
        "tolist(self, /)",
        tolist,
        "Return the data in the buffer as a list of elements."
    ),
    row!(
        "cast(self, /, format, shape=<unrepresentable>)",
        cast,
        "Cast a memoryview to a new format or shape."
    ),
    row!(
        "toreadonly(self, /)",
        toreadonly,
        "Return a readonly version of the memoryview."
    ),
    row!(class "_from_flags(cls, /, object, flags)", _from_flags, "Create a new memoryview object which references the given object."),
    row!(
        "count(self, value, /)",
        count,
        "Count the number of occurrences of a value."
    ),
    row!(
        "index(self, value, start=0, stop=sys.maxsize, /)",
        index,
        "Return the index of the first occurrence of a value.\n\nRaises ValueError if the value is not present."
    ),
    row!("__enter__(self, /)", enter, ""),
    row!(
        "__exit__(self, /, *exc_info)",
        exit,
        "Release the underlying buffer exposed by the memoryview object."
    ),
    row!(class "__class_getitem__(cls, object, /)", crate::type_::generic_alias::class_getitem, "memoryviews are generic over the type of their underlying data"),
    row!(
        "__buffer__(self, flags, /)",
        buffer,
        "Return a buffer object that exposes the underlying memory of the object."
    ),
    row!(
        "__release_buffer__(self, buffer, /)",
        release_buffer,
        "Release the buffer object that exposes the underlying memory of the object."
    ),
    row!("__reduce__(self, /)", reduce, "Helper for pickle."),
    row!("__reduce_ex__(self, protocol, /)", reduce, "Helper for pickle."),
];

pub static GETSET: &[GetSet] = &[
    getset("obj", obj).doc("The underlying object of the memoryview."),
    getset("nbytes", nbytes)
        .doc("The amount of space in bytes that the array would use in\n a contiguous representation."),
    getset("readonly", readonly).doc("A bool indicating whether the memory is read only."),
    getset("itemsize", itemsize).doc("The size in bytes of each element of the memoryview."),
    getset("format", format)
        .doc("A string containing the format (in struct module style)\n for each element in the view."),
    getset("ndim", ndim)
        .doc("An integer indicating how many dimensions of a multi-dimensional\n array the memory represents."),
    getset("shape", shape).doc("A tuple of ndim integers giving the shape of the memory\n as an N-dimensional array."),
    getset("strides", strides).doc(
        "A tuple of ndim integers giving the size in bytes to access\n each element for each dimension of the array.",
    ),
    getset("suboffsets", suboffsets).doc("A tuple of integers used internally for PIL-style arrays."),
    getset("c_contiguous", c_contiguous).doc("A bool indicating whether the memory is C contiguous."),
    getset("f_contiguous", f_contiguous).doc("A bool indicating whether the memory is Fortran contiguous."),
    getset("contiguous", contiguous).doc("A bool indicating whether the memory is contiguous."),
];

fn obj(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.shown.get().unwrap_or_else(s::none))
}

fn nbytes(_: &Context, r: &Ref) -> Result<Ref> {
    number::int_from_usize(body(r)?.view.nbytes())
}

fn readonly(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(number::bool(body(r)?.view.readonly))
}

fn itemsize(_: &Context, r: &Ref) -> Result<Ref> {
    number::int_from_usize(body(r)?.view.itemsize)
}

fn format(_: &Context, r: &Ref) -> Result<Ref> {
    str::from_str(&body(r)?.view.format)
}

fn ndim(_: &Context, r: &Ref) -> Result<Ref> {
    number::int_from_usize(body(r)?.view.ndim())
}

fn shape(_: &Context, r: &Ref) -> Result<Ref> {
    let shape = &body(r)?.view.shape;
    tuple::new(
        shape
            .iter()
            .map(|n| number::int_from_usize(*n))
            .collect::<Result<_>>()?,
    )
}

fn strides(_: &Context, r: &Ref) -> Result<Ref> {
    let strides = &body(r)?.view.strides;
    tuple::new(strides.iter().map(|n| number::int(*n as i64)).collect::<Result<_>>()?)
}

fn suboffsets(_: &Context, r: &Ref) -> Result<Ref> {
    body(r)?;
    Ok(s::empty_tuple())
}

fn c_contiguous(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(number::bool(body(r)?.view.is_contiguous(Order::C)))
}

fn f_contiguous(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(number::bool(body(r)?.view.is_contiguous(Order::Fortran)))
}

fn contiguous(_: &Context, r: &Ref) -> Result<Ref> {
    let v = &body(r)?.view;
    Ok(number::bool(
        v.is_contiguous(Order::C) || v.is_contiguous(Order::Fortran),
    ))
}

fn release(_: &Context, a: Args<'_>) -> Result<Ref> {
    release_view(a.at(0))?;
    Ok(s::none())
}

fn enter(_: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?;
    Ok(a.at(0).clone())
}

fn exit(cx: &Context, a: Args<'_>) -> Result<Ref> {
    release(cx, a)
}

fn tobytes(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let order = match a.opt_not_none(1) {
        None => Order::C,
        Some(r) => match r.body::<StrBody>() {
            None => {
                return Err(type_error(format!(
                    "tobytes() argument 'order' must be str or None, not {}",
                    r.ty().name()
                )));
            }
            Some(t) if t.view().eq_str("C") => Order::C,
            Some(t) if t.view().eq_str("F") => Order::Fortran,
            Some(t) if t.view().eq_str("A") => {
                if b.view.is_contiguous(Order::Fortran) && !b.view.is_contiguous(Order::C) {
                    Order::Fortran
                } else {
                    Order::C
                }
            }
            Some(_) => return Err(value_error("order must be 'C', 'F' or 'A'")),
        },
    };
    str::bytes(&b.gather(order)?)
}

fn hex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (sep, per) = {
        let _hold = Hold::new(body(a.at(0))?);
        hex_args(cx, a)?
    };
    let data = body(a.at(0))?.gather(Order::C)?;
    let out = skein_text::bytes::hex::hex(&data, sep, per)?;
    str::from_ascii(out.as_bytes())
}

/// The items of dimension `d` on: `bytes` holds exactly them, packed.
fn nested(b: &MemoryViewBody, c: u8, d: usize, bytes: &[u8]) -> Result<Ref> {
    let Some(n) = b.view.shape.get(d).copied() else {
        return super::format::unpack(c, bytes);
    };
    let size = bytes.len().checked_div(n).unwrap_or(0);
    let mut out = Vec::with_capacity(n);
    for i in 0..n {
        out.push(nested(b, c, d + 1, bytes.get(i * size..(i + 1) * size).unwrap_or(&[]))?);
    }
    list::new(out)
}

fn tolist(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let c = b.native()?;
    nested(b, c, 0, &b.gather(Order::C)?)
}

fn toreadonly(_: &Context, a: Args<'_>) -> Result<Ref> {
    let mut view = body(a.at(0))?.view.clone();
    view.readonly = true;
    derive(a.at(0), view)
}

fn _from_flags(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let flags = c_int(cx, a.at(2))?;
    from_flags(cx, a.at(1), flags)
}

fn buffer(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let flags = c_int(cx, a.at(1))?;
    from_flags(cx, a.at(0), flags)
}

fn release_buffer(cx: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?;
    super::release_of(cx, a.at(1), &obj(cx, a.at(0))?)?;
    Ok(s::none())
}

fn reduce(_: &Context, _: Args<'_>) -> Result<Ref> {
    Err(type_error("cannot pickle memoryview objects"))
}

fn count(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut n = 0;
    let mut it = protocol::Iter::new(cx, a.at(0))?;
    while let Some(x) = it.next(cx)? {
        if protocol::equal(cx, &x, a.at(1))? {
            n += 1;
        }
    }
    number::int_from_usize(n)
}

fn index(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = len(cx, a.at(0))? as i64;
    let at = |i: usize, default: i64| -> Result<i64> {
        let i = a.opt(i).map_or(Ok(default), |r| convert::index_clamped(cx, r))?;
        Ok(if i < 0 { i.saturating_add(n).max(0) } else { i.min(n) })
    };
    let (start, stop) = (at(2, 0)?, at(3, i64::MAX)?);
    let c = body(a.at(0))?.native()?;
    debug_assert!(super::format::size(c).is_some());
    for i in start..stop {
        let b = body(a.at(0))?;
        let Ok(place) = b.view.locate(&[i]) else {
            break;
        };
        let x = super::index::item(b, place)?;
        if protocol::equal(cx, &x, a.at(1))? {
            return number::int(i);
        }
    }
    Err(value_error("memoryview.index(x): x not found"))
}
