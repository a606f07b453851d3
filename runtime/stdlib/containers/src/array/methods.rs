//! Methods of `array`.

use super::{ARRAY, convert, make, of};
use skein_object::error::{Result, eof_error, index_error, memory_error, type_error, value_error};
use skein_object::layouts::{ListBody, StrBody, list, number, str};
use skein_object::object::RefExt;
use skein_object::protocol::{self, Iter, buffer, compare};
use skein_object::{Args, Context, Ref, Row, intern, row, statics as s};
use skein_stdlib_support::{import_attr, pack, ssize};
use skein_types::startup::{GetSet, getset};
use skein_types::type_::generic_alias::class_getitem;

pub static METHODS: &[Row] = &[
    row!(
        "append(self, v, /)",
        append,
        "Append new value v to the end of the array."
    ),
    row!(
        "buffer_info(self, /)",
        buffer_info,
        "Return a tuple (address, length) giving the current memory address and the length in items of the buffer used to hold array's contents.\n\nThe length should be multiplied by the itemsize attribute to calculate\nthe buffer length in bytes."
    ),
    row!(
        "byteswap(self, /)",
        byteswap,
        "Byteswap all items of the array.\n\nIf the items in the array are not 1, 2, 4, or 8 bytes in size, RuntimeError is\nraised."
    ),
    row!("clear(self, /)", clear, "Remove all items from the array."),
    row!("__copy__(self, /)", copy, "Return a copy of the array."),
    row!("__deepcopy__(self, unused, /)", copy, "Return a copy of the array."),
    row!(
        "count(self, v, /)",
        count,
        "Return number of occurrences of v in the array."
    ),
    row!(
        "extend(self, bb, /)",
        extend_method,
        "Append items to the end of the array."
    ),
    row!(
        "fromfile(self, f, n, /)",
        fromfile,
        "Read n objects from the file object f and append them to the end of the array."
    ),
    row!("fromlist(self, list, /)", fromlist, "Append items to array from list."),
    row!(
        "frombytes(self, buffer, /)",
        frombytes,
        "Appends items from the string, interpreting it as an array of machine values, as if it had been read from a file using the fromfile() method."
    ),
    row!(
        "fromunicode(self, ustr, /)",
        fromunicode,
        "Extends this array with data from the unicode string ustr.\n\nThe array must be a unicode type array; otherwise a ValueError is raised.\nUse array.frombytes(ustr.encode(...)) to append Unicode data to an array of\nsome other type."
    ),
    row!(
        "index(self, v, start=0, stop=sys.maxsize, /)",
        index,
        "Return index of first occurrence of v in the array.\n\nRaise ValueError if the value is not present."
    ),
    row!(
        "insert(self, i, v, /)",
        insert,
        "Insert a new item v into the array before position i."
    ),
    row!(
        "pop(self, i=-1, /)",
        pop,
        "Return the i-th element and delete it from the array.\n\ni defaults to -1."
    ),
    row!(
        "__reduce_ex__(self, value, /)",
        reduce_ex,
        "Return state information for pickling."
    ),
    row!(
        "remove(self, v, /)",
        remove,
        "Remove the first occurrence of v in the array."
    ),
    row!(
        "reverse(self, /)",
        reverse,
        "Reverse the order of the items in the array."
    ),
    row!(
        "tofile(self, f, /)",
        tofile,
        "Write all items (as machine values) to the file object f."
    ),
    row!(
        "tolist(self, /)",
        tolist,
        "Convert array to an ordinary list with the same items."
    ),
    row!(
        "tobytes(self, /)",
        tobytes,
        "Convert the array to an array of machine values and return the bytes representation."
    ),
    row!(
        "tounicode(self, /)",
        tounicode,
        "Extends this array with data from the unicode string ustr.\n\nConvert the array to a unicode string.  The array must be a unicode type array;\notherwise a ValueError is raised.  Use array.tobytes().decode() to obtain a\nunicode string from an array of some other type."
    ),
    row!("__sizeof__(self, /)", sizeof, "Size of the array in memory, in bytes."),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];

pub static GETSET: &[GetSet] = &[
    getset("typecode", typecode).doc("the typecode character used to create the array"),
    getset("itemsize", itemsize).doc("the size, in bytes, of one array item"),
];

fn typecode(_: &Context, a: &Ref) -> Result<Ref> {
    Ok(str::single(of(a)?.code.0))
}

fn itemsize(_: &Context, a: &Ref) -> Result<Ref> {
    number::int_from_usize(of(a)?.item_size())
}

fn append(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = of(a.at(0))?;
    let item = convert::encode(cx, b.code, a.at(1))?;
    b.append(&item[..b.item_size()])?;
    Ok(s::none())
}

fn buffer_info(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = of(a.at(0))?;
    let at = b.edit(false, |d| d.as_ptr() as usize)?;
    pack([number::int_from_usize(at)?, number::int_from_usize(b.len())?])
}

fn byteswap(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = of(a.at(0))?;
    let size = b.item_size();
    b.edit(false, |d| d.chunks_exact_mut(size).for_each(<[u8]>::reverse))?;
    Ok(s::none())
}

fn clear(_: &Context, a: Args<'_>) -> Result<Ref> {
    of(a.at(0))?.edit(true, Vec::clear)?;
    Ok(s::none())
}

fn copy(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = of(a.at(0))?;
    make(&ARRAY, b.code, b.bytes()?)
}

/// The first item from `start` on that equals `v`.
fn find(cx: &Context, array: &Ref, v: &Ref, start: usize, stop: usize) -> Result<Option<usize>> {
    let b = of(array)?;
    let mut i = start;
    while i < stop {
        let Some(bytes) = b.get(i) else { break };
        if compare::equal(cx, &convert::decode(b.code, bytes)?, v)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

pub fn contains(cx: &Context, array: &Ref, v: &Ref) -> Result<bool> {
    Ok(find(cx, array, v, 0, usize::MAX)?.is_some())
}

fn count(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (mut n, mut from) = (0i64, 0);
    while let Some(i) = find(cx, a.at(0), a.at(1), from, usize::MAX)? {
        n += 1;
        from = i + 1;
    }
    number::int(n)
}

fn index(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let len = of(a.at(0))?.len() as i64;
    let bound = |r: Option<&Ref>, default: i64| -> Result<usize> {
        let i = match r {
            Some(r) => protocol::convert::index_clamped(cx, r)?,
            None => default,
        };
        Ok(if i < 0 {
            i.saturating_add(len).max(0) as usize
        } else {
            i as usize
        })
    };
    let (start, stop) = (bound(a.opt(2), 0)?, bound(a.opt(3), i64::MAX)?);
    match find(cx, a.at(0), a.at(1), start, stop)? {
        Some(i) => number::int_from_usize(i),
        None => Err(value_error("array.index(x): x not in array")),
    }
}

fn remove_at(array: &Ref, i: usize) -> Result<()> {
    let b = of(array)?;
    let size = b.item_size();
    b.edit(true, |d| {
        if let Some(at) = i.checked_mul(size)
            && at + size <= d.len()
        {
            d.drain(at..at + size);
        }
    })
}

fn remove(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match find(cx, a.at(0), a.at(1), 0, usize::MAX)? {
        Some(i) => {
            remove_at(a.at(0), i)?;
            Ok(s::none())
        }
        None => Err(value_error("array.remove(x): x not in array")),
    }
}

fn pop(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = match a.opt(1) {
        Some(i) => ssize(cx, i)?,
        None => -1,
    };
    let b = of(a.at(0))?;
    if b.len() == 0 {
        return Err(index_error("pop from empty array"));
    }
    let out_of_range = || index_error("pop index out of range");
    b.at(i).ok_or_else(out_of_range)?;
    let size = b.item_size();
    // Found and taken out under one lock: another thread may have changed the array since.
    let item = b.edit(true, |d| {
        let len = (d.len() / size) as i64;
        let at = usize::try_from(if i < 0 { i + len } else { i })
            .ok()?
            .checked_mul(size)?;
        let mut item = [0; 8];
        item[..size].copy_from_slice(d.get(at..at.checked_add(size)?)?);
        d.drain(at..at + size);
        Some(item)
    })?;
    convert::decode(b.code, item.ok_or_else(out_of_range)?)
}

fn insert(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = ssize(cx, a.at(1))?;
    let b = of(a.at(0))?;
    let item = convert::encode(cx, b.code, a.at(2))?;
    let size = b.item_size();
    b.edit(true, |d| -> Result<()> {
        let len = (d.len() / size) as i64;
        let at = if i < 0 { (i + len).max(0) } else { i.min(len) } as usize * size;
        skein_gc::alloc::make_room(d, size)?;
        d.splice(at..at, item[..size].iter().copied());
        Ok(())
    })??;
    Ok(s::none())
}

fn reverse(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = of(a.at(0))?;
    let size = b.item_size();
    b.edit(false, |d| {
        d.reverse();
        d.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    })?;
    Ok(s::none())
}

/// Appends the items of an array of the same kind, or of any iterable.
pub fn extend(cx: &Context, array: &Ref, from: &Ref) -> Result<()> {
    let b = of(array)?;
    if let Ok(other) = of(from) {
        if other.code != b.code {
            return Err(type_error("can only extend with array of same kind"));
        }
        return b.append(&other.bytes()?);
    }
    let mut it = Iter::new(cx, from)?;
    while let Some(x) = it.next(cx)? {
        let item = convert::encode(cx, b.code, &x)?;
        b.append(&item[..b.item_size()])?;
    }
    Ok(())
}

fn extend_method(cx: &Context, a: Args<'_>) -> Result<Ref> {
    extend(cx, a.at(0), a.at(1))?;
    Ok(s::none())
}

fn fromlist(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(l) = a.at(1).body::<ListBody>() else {
        return Err(type_error("arg must be list"));
    };
    let b = of(a.at(0))?;
    let mut bytes = Vec::new();
    for x in list::snapshot(l) {
        bytes.extend_from_slice(&convert::encode(cx, b.code, &x)?[..b.item_size()]);
    }
    b.append(&bytes)?;
    Ok(s::none())
}

pub fn append_bytes(array: &Ref, bytes: &[u8]) -> Result<()> {
    let b = of(array)?;
    if !bytes.len().is_multiple_of(b.item_size()) {
        return Err(value_error("bytes length not a multiple of item size"));
    }
    b.append(bytes)
}

fn frombytes(cx: &Context, a: Args<'_>) -> Result<Ref> {
    append_bytes(a.at(0), &buffer::to_vec(cx, a.at(1))?)?;
    Ok(s::none())
}

fn fromfile(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = ssize(cx, a.at(2))?;
    let Ok(n) = usize::try_from(n) else {
        return Err(value_error("negative count"));
    };
    let Some(want) = n.checked_mul(of(a.at(0))?.item_size()).filter(|w| *w < 1 << 60) else {
        return Err(memory_error());
    };
    let data = protocol::call_method(cx, a.at(1), &intern::name("read"), &[number::int_from_usize(want)?])?;
    if data.body::<skein_object::layouts::BytesBody>().is_none() {
        return Err(type_error("read() didn't return bytes"));
    }
    let bytes = buffer::to_vec(cx, &data)?;
    append_bytes(a.at(0), &bytes)?;
    if bytes.len() < want {
        return Err(eof_error("read() didn't return enough bytes"));
    }
    Ok(s::none())
}

fn tofile(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let bytes = of(a.at(0))?.bytes()?;
    for chunk in bytes.chunks(64 * 1024) {
        let chunk = str::bytes(chunk)?;
        protocol::call_method(cx, a.at(1), &intern::name("write"), &[chunk])?;
    }
    Ok(s::none())
}

pub fn append_text(array: &Ref, text: &StrBody) -> Result<()> {
    let mut bytes = skein_gc::alloc::vec_with(text.len().saturating_mul(4))?;
    for c in text.view().iter() {
        bytes.extend_from_slice(&c.to_ne_bytes());
    }
    of(array)?.append(&bytes)
}

fn fromunicode(_: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(text) = a.at(1).body::<StrBody>() else {
        return Err(type_error(format!(
            "fromunicode() argument must be str, not {}",
            a.at(1).ty().name()
        )));
    };
    if !of(a.at(0))?.code.is_text() {
        return Err(value_error(
            "fromunicode() may only be called on unicode type arrays ('u' or 'w')",
        ));
    }
    append_text(a.at(0), text)?;
    Ok(s::none())
}

/// The text of an array of characters.
pub fn text(array: &Ref) -> Result<Ref> {
    let mut out = skein_text::StrBuf::new();
    for c in of(array)?.bytes()?.chunks_exact(4) {
        let c = u32::from_ne_bytes([c[0], c[1], c[2], c[3]]);
        if c > 0x10_ffff {
            return Err(value_error(format!(
                "character U+{c:x} is not in range [U+0000; U+10ffff]"
            )));
        }
        out.push(c);
    }
    str::from_buf(out)
}

fn tounicode(_: &Context, a: Args<'_>) -> Result<Ref> {
    if !of(a.at(0))?.code.is_text() {
        return Err(value_error(
            "tounicode() may only be called on unicode type arrays ('u' or 'w')",
        ));
    }
    text(a.at(0))
}

pub fn list_of(array: &Ref) -> Result<Ref> {
    let b = of(array)?;
    let size = b.item_size();
    let bytes = b.bytes()?;
    let mut out = skein_gc::alloc::vec_with(bytes.len() / size)?;
    for chunk in bytes.chunks_exact(size) {
        let mut item = [0; 8];
        item[..size].copy_from_slice(chunk);
        out.push(convert::decode(b.code, item)?);
    }
    list::new(out)
}

fn tolist(_: &Context, a: Args<'_>) -> Result<Ref> {
    list_of(a.at(0))
}

fn tobytes(_: &Context, a: Args<'_>) -> Result<Ref> {
    str::bytes(&of(a.at(0))?.bytes()?)
}

fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = of(a.at(0))?;
    number::int_from_usize(80 + b.edit(false, |d| d.capacity())?)
}

fn reduce_ex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let array = a.at(0);
    let b = of(array)?;
    let protocol_number = ssize(cx, a.at(1))?;
    let state = protocol::getattr_opt(cx, array, &intern::name("__dict__"))?.unwrap_or_else(s::none);
    let class = array.ty().object();
    if protocol_number < 3 {
        return pack([class, pack([str::single(b.code.0), list_of(array)?])?, state]);
    }
    let f = import_attr(cx, "array", "_array_reconstructor")?;
    let args = pack([
        class,
        str::single(b.code.0),
        number::int(b.code.machine_format())?,
        str::bytes(&b.bytes()?)?,
    ])?;
    pack([f, args, state])
}
