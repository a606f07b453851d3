//! Slots of `array`: construction, items and slices, comparison, concatenation.

use super::methods::{self, append_bytes, append_text, contains, extend};
use super::typecode::of_argument;
use super::{ARRAY, Array, convert, make, of};
use skein_object::error::{Result, index_error, memory_error, overflow_error, type_error, value_error};
use skein_object::layouts::code::SliceBody;
use skein_object::layouts::{BytesBody, StrBody, number, str};
use skein_object::object::RefExt;
use skein_object::protocol::{self, buffer, compare, convert::index_clamped};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::{Args, Context, Ref, Row, Value, row, statics as s};
use skein_stdlib_support::{bind, class_of, repr_text, split_keywords};
use skein_types::iterators::reflected;

static NEW: Row = row!("array(cls, typecode, initializer=None, /)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, keywords, _) = split_keywords(args, names);
    if !keywords.is_empty() {
        if class.is(&ARRAY.object()) {
            return Err(type_error("array.array() takes no keyword arguments"));
        }
        // A subclass may take keywords in its own __init__.
        return bind(cx, &NEW, class, positional, None);
    }
    if args.is_empty() {
        return Err(type_error("array() takes at least 1 argument (0 given)"));
    }
    bind(cx, &NEW, class, args, None)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let code = of_argument(a.at(1), "array() argument 1")?;
    if code.0 == b'u' {
        (skein_object::context::hooks().warn)(
            cx,
            &s::DEPRECATION_WARNING,
            "The 'u' type code is deprecated and will be removed in Python 3.16",
            1,
        )?;
    }
    let array = make(class_of(a.at(0))?, code, Vec::new())?;
    let Some(from) = a.opt(2).filter(|r| !s::is_none(r)) else {
        return Ok(array);
    };
    if let Some(text) = from.body::<StrBody>() {
        if !code.is_text() {
            return Err(type_error(format!(
                "cannot use a str to initialize an array with typecode '{}'",
                code.char()
            )));
        }
        append_text(&array, text)?;
    } else if let Some(other) = Array::get_from(from) {
        if other.code.is_text() && !code.is_text() {
            return Err(type_error(format!(
                "cannot use a unicode array to initialize an array with typecode '{}'",
                code.char()
            )));
        }
        if other.code == code {
            append_bytes(&array, &other.bytes()?)?;
        } else {
            for x in protocol::collect(cx, &methods::list_of(from)?)? {
                let item = convert::encode(cx, code, &x)?;
                of(&array)?.append(&item[..code.size()])?;
            }
        }
    } else if from.body::<BytesBody>().is_some() || from.ty().name() == "bytearray" {
        append_bytes(&array, &buffer::to_vec(cx, from)?)?;
    } else {
        extend(cx, &array, from)?;
    }
    Ok(array)
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = of(r)?;
    let name = r.ty().short_name();
    if b.len() == 0 {
        return str::from_str(&format!("{name}('{}')", b.code.char()));
    }
    let inner = if b.code.is_text() {
        methods::text(r)?
    } else {
        methods::list_of(r)?
    };
    str::from_str(&format!("{name}('{}', {})", b.code.char(), repr_text(cx, &inner)?))
}

fn compare_(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (Array::get_from(a), Array::get_from(b)) else {
        return Ok(s::not_implemented());
    };
    if x.len() != y.len() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(number::bool(op == CompareOp::Ne));
    }
    let mut i = 0;
    while let (Some(p), Some(q)) = (x.get(i), y.get(i)) {
        i += 1;
        if x.code == y.code && p == q && !matches!(x.code.0, b'f' | b'd') {
            continue;
        }
        let (p, q) = (convert::decode(x.code, p)?, convert::decode(y.code, q)?);
        if !compare::compare_bool(cx, &p, &q, CompareOp::Eq)? {
            return match op {
                CompareOp::Eq => Ok(s::false_()),
                CompareOp::Ne => Ok(s::true_()),
                _ => compare::rich_compare(cx, &p, &q, op),
            };
        }
    }
    Ok(number::bool(op.holds(x.len().cmp(&y.len()))))
}

/// Start, step and number of the items of a slice.
fn slice_range(cx: &Context, slice: &SliceBody, len: usize) -> Result<(i64, i64, usize)> {
    let len = len as i64;
    let bound = |r: &Ref, default: i64, low: i64, high: i64| -> Result<i64> {
        if s::is_none(r) {
            return Ok(default);
        }
        if !r.value().is_int() && !r.ty().slots.index.is_set() {
            return Err(type_error(
                "slice indices must be integers or None or have an __index__ method",
            ));
        }
        let i = index_clamped(cx, r)?;
        let i = if i < 0 { i.saturating_add(len) } else { i };
        Ok(i.clamp(low, high))
    };
    let step = if s::is_none(&slice.step) {
        1
    } else {
        index_clamped(cx, &slice.step)?.max(-i64::MAX)
    };
    if step == 0 {
        return Err(value_error("slice step cannot be zero"));
    }
    let (start, stop) = if step > 0 {
        (bound(&slice.start, 0, 0, len)?, bound(&slice.stop, len, 0, len)?)
    } else {
        (
            bound(&slice.start, len - 1, -1, len - 1)?,
            bound(&slice.stop, -1, -1, len - 1)?,
        )
    };
    let count = if step > 0 && start < stop {
        (stop - start - 1) / step + 1
    } else if step < 0 && stop < start {
        (start - stop - 1) / -step + 1
    } else {
        0
    };
    Ok((start, step, count as usize))
}

fn bad_index() -> skein_object::Error {
    type_error("array indices must be integers")
}

fn place(cx: &Context, b: Array<'_>, key: &Ref, message: &str) -> Result<usize> {
    let i = match key.as_int() {
        Some(i) => i,
        None => protocol::to_index_i64(cx, key)?,
    };
    let n = b.len();
    let i = if i < 0 { i + n as i64 } else { i };
    usize::try_from(i)
        .ok()
        .filter(|i| *i < n)
        .ok_or_else(|| index_error(message))
}

fn is_index(key: &Ref) -> bool {
    key.as_int().is_some() || number::int_value(key).is_some() || key.ty().slots.index.is_set()
}

fn getitem(cx: &Context, array: &Ref, key: &Ref) -> Result<Ref> {
    let b = of(array)?;
    if is_index(key) {
        let i = match key.as_int() {
            Some(i) => i,
            None => protocol::to_index_i64(cx, key)?,
        };
        return match b.at(i) {
            Some(bytes) => convert::decode(b.code, bytes),
            None => Err(index_error("array index out of range")),
        };
    }
    let Some(slice) = key.body::<SliceBody>() else {
        return Err(bad_index());
    };
    let data = b.bytes()?;
    let size = b.item_size();
    let (start, step, count) = slice_range(cx, slice, data.len() / size)?;
    let mut out = skein_gc::alloc::vec_with(count * size)?;
    for k in 0..count as i64 {
        let at = (start + k * step) as usize * size;
        out.extend_from_slice(data.get(at..at + size).unwrap_or(&[]));
    }
    make(&ARRAY, b.code, out)
}

/// Items that are numbers, but for the largest.
fn peek_item(array: &Ref, i: i64) -> Value {
    match Array::get_from(array) {
        Some(b) => b.at(i).map_or(Value::NULL, |item| convert::peek(b.code, item)),
        None => Value::NULL,
    }
}

fn poke_item(array: &Ref, i: i64, value: Value) -> bool {
    match Array::get_from(array) {
        Some(b) => convert::of_number(b.code, value).is_some_and(|item| b.put(i, item)),
        None => false,
    }
}

fn setitem(cx: &Context, array: &Ref, key: &Ref, value: Option<&Ref>) -> Result<()> {
    let b = of(array)?;
    let size = b.item_size();
    if is_index(key) {
        let i = place(cx, b, key, "array assignment index out of range")?;
        return match value {
            Some(v) => {
                let item = convert::encode(cx, b.code, v)?;
                if b.set(i, item) {
                    Ok(())
                } else {
                    Err(index_error("array assignment index out of range"))
                }
            }
            None => b.edit(true, |d| {
                if (i + 1) * size <= d.len() {
                    d.drain(i * size..(i + 1) * size);
                }
            }),
        };
    }
    let Some(slice) = key.body::<SliceBody>() else {
        return Err(bad_index());
    };
    let new = match value {
        None => Vec::new(),
        Some(v) => match Array::get_from(v) {
            Some(other) if other.code == b.code => other.bytes()?,
            Some(_) => return Err(type_error("bad argument type for built-in operation")),
            None => {
                return Err(type_error(format!(
                    "can only assign array (not \"{}\") to array slice",
                    v.ty().name()
                )));
            }
        },
    };
    let (start, step, count) = slice_range(cx, slice, b.len())?;
    if step == 1 {
        let resize = new.len() != count * size;
        return b.edit(resize, |d| {
            let from = (start.max(0) as usize * size).min(d.len());
            let to = (from + count * size).min(d.len());
            skein_gc::alloc::make_room(d, new.len())?;
            d.splice(from..to, new);
            Ok(())
        })?;
    }
    if value.is_none() {
        return b.edit(count > 0, |d| {
            let mut at: Vec<usize> = (0..count as i64).map(|k| (start + k * step) as usize * size).collect();
            at.sort_unstable();
            for i in at.into_iter().rev() {
                if i + size <= d.len() {
                    d.drain(i..i + size);
                }
            }
        });
    }
    if new.len() != count * size {
        return Err(value_error(format!(
            "attempt to assign array of size {} to extended slice of size {count}",
            new.len() / size
        )));
    }
    b.edit(false, |d| {
        for (k, item) in new.chunks_exact(size).enumerate() {
            let at = (start + k as i64 * step) as usize * size;
            if let Some(place) = d.get_mut(at..at + size) {
                place.copy_from_slice(item);
            }
        }
    })
}

fn len(_: &Context, array: &Ref) -> Result<usize> {
    Ok(of(array)?.len())
}

fn add(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some(x) = Array::get_from(a) else {
        return Ok(s::not_implemented());
    };
    let Some(y) = Array::get_from(b) else {
        if let Some(r) = reflected(cx, BinaryOp::Add, &ARRAY, a, b)? {
            return Ok(r);
        }
        return Err(type_error(format!(
            "can only append array (not \"{}\") to array",
            b.ty().name()
        )));
    };
    if x.code != y.code {
        return Err(type_error("bad argument type for built-in operation"));
    }
    let out = make(&ARRAY, x.code, x.bytes()?)?;
    of(&out)?.append(&y.bytes()?)?;
    Ok(out)
}

fn iadd(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if Array::get_from(b).is_none() {
        return Err(type_error(format!(
            "can only extend with array (not \"{}\")",
            b.ty().name()
        )));
    }
    extend(cx, a, b)?;
    Ok(a.clone())
}

/// How often an array is to be repeated.
fn repetitions(cx: &Context, n: &Ref) -> Result<usize> {
    if !is_index(n) {
        return Err(type_error(format!(
            "can't multiply sequence by non-int of type '{}'",
            n.ty().name()
        )));
    }
    let i = protocol::index(cx, n)?;
    let Some(n) = number::int_value(&i).and_then(|v| v.to_i64()) else {
        return Err(overflow_error(format!(
            "cannot fit '{}' into an index-sized integer",
            n.ty().name()
        )));
    };
    Ok(usize::try_from(n).unwrap_or(0))
}

fn repeated(data: &[u8], times: usize) -> Result<Vec<u8>> {
    let Some(total) = data.len().checked_mul(times).filter(|t| *t < 1 << 46) else {
        return Err(memory_error());
    };
    let mut out = skein_gc::alloc::vec_with(total)?;
    if !data.is_empty() {
        for _ in 0..times {
            out.extend_from_slice(data);
        }
    }
    Ok(out)
}

fn mul(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let (array, n) = if Array::get_from(a).is_some() { (a, b) } else { (b, a) };
    let times = repetitions(cx, n)?;
    let b = of(array)?;
    make(&ARRAY, b.code, repeated(&b.bytes()?, times)?)
}

fn imul(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let times = repetitions(cx, b)?;
    // As one step for other threads.
    of(a)?.edit(true, |d| -> Result<()> {
        *d = repeated(d, times)?;
        Ok(())
    })??;
    Ok(a.clone())
}

pub fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.repr.set(Some(repr));
    t.compare.set(Some(compare_));
    t.getitem.set(Some(getitem));
    t.setitem.set(Some(setitem));
    t.peek_item.set(Some(peek_item));
    t.poke_item.set(Some(poke_item));
    t.len.set(Some(len));
    t.contains.set(Some(contains));
    t.iter.set(Some(super::iter::iter));
    t.binary[BinaryOp::Add as usize].set(Some(add));
    t.inplace[BinaryOp::Add as usize].set(Some(iadd));
    t.binary[BinaryOp::Mul as usize].set(Some(mul));
    t.inplace[BinaryOp::Mul as usize].set(Some(imul));
}
