//! `Struct` and the functions of the module, which make one and remember it.

use super::format::Format;
use super::{error, item, iter};
use skein_gc::Slot;
use skein_object::error::{Result, runtime_error, type_error};
use skein_object::layouts::{BytesBody, DictBody, StrBody, dict, number, str};
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::buffer;
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, intern, payload, protocol, row, statics as s};
use skein_stdlib_support::{bind, body, class_of, ssize};
use skein_types::startup::{GetSet, TypeDef, member};
use std::sync::OnceLock;

/// What `__init__` makes of a format. Never changed.
pub struct ParsedBody {
    format: Format,
    text: Ref,
}
payload!(ParsedBody, "_struct._Format", |this, v| { v.reference(&this.text) });

static PARSED: Type = Type::declare(
    "_struct._Format",
    Some(&s::OBJECT),
    <ParsedBody as Payload>::LAYOUT,
    flag::NO_NEW,
);
pub static PARSED_DEF: TypeDef = TypeDef::new(&PARSED);

/// Holds a [`ParsedBody`] object; empty before `__init__`.
pub struct StructBody(Slot);
payload!(StructBody, "_struct.Struct", |this, v| { v.slot(&this.0) });

/// The format of a struct, as it was when it was asked for.
pub struct Held(Ref);

impl Held {
    fn parsed(&self) -> Result<&ParsedBody> {
        body::<ParsedBody>(&self.0)
    }

    pub fn format(&self) -> Result<&Format> {
        Ok(&self.parsed()?.format)
    }
}

static STRUCT: Type = Type::declare(
    "_struct.Struct",
    Some(&s::OBJECT),
    <StructBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::WEAKREFABLE,
);

fn format_bytes(cx: &Context, r: &Ref) -> Result<Vec<u8>> {
    if let Some(b) = r.body::<BytesBody>() {
        return Ok(b.as_slice().to_vec());
    }
    let Some(b) = r.body::<StrBody>() else {
        return Err(type_error(format!(
            "Struct() argument 1 must be a str or bytes object, not {}",
            r.ty().name()
        )));
    };
    match b.as_ascii() {
        Some(t) => Ok(t.as_bytes().to_vec()),
        None => {
            let encoded = protocol::call_method(cx, r, &intern::name("encode"), &[str::from_str("ascii")?])?;
            encoded
                .body::<BytesBody>()
                .map(|b| b.as_slice().to_vec())
                .ok_or_else(|| error("bad char in struct format"))
        }
    }
}

fn parse(text: &[u8]) -> Result<Ref> {
    let format = Format::parse(text)?;
    let text = str::from_str(&String::from_utf8_lossy(text))?;
    alloc(&PARSED, ParsedBody { format, text })
}

const CACHE_SIZE: usize = 100;

/// Structs of recent formats, by their texts: a dict that all threads share.
fn cache() -> Result<&'static Ref> {
    static CACHE: OnceLock<Ref> = OnceLock::new();
    if let Some(d) = CACHE.get() {
        return Ok(d);
    }
    let fresh = dict::new()?;
    skein_gc::publish::publish(fresh.value());
    Ok(CACHE.get_or_init(|| fresh))
}

fn cached(cx: &Context, format: &Ref) -> Result<Ref> {
    if format.is_exact(&s::STR)
        && let Some(found) = dict::get_name(cache()?, format)
    {
        return Ok(found);
    }
    cached_slow(cx, format)
}

#[inline(never)]
fn cached_slow(cx: &Context, format: &Ref) -> Result<Ref> {
    if format.is_instance(&STRUCT) {
        return Ok(format.clone());
    }
    let text = format_bytes(cx, format)?;
    let key = if format.is_exact(&s::STR) {
        format.clone()
    } else {
        str::from_str(&String::from_utf8_lossy(&text))?
    };
    if let Some(found) = dict::get_name(cache()?, &key) {
        return Ok(found);
    }
    let fresh = alloc(&STRUCT, StructBody(Slot::new(parse(&text)?)))?;
    if let Some(b) = cache()?.body::<DictBody>().filter(|b| b.0.len() >= CACHE_SIZE) {
        b.0.clear(cache()?.holder());
    }
    dict::set_name(cache()?, &key, fresh.clone())?;
    Ok(fresh)
}

static INIT: Row = row!("Struct(self, /, format)", init_row, "");

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    alloc(class_of(class)?, StructBody(Slot::empty()))
}

fn init(cx: &Context, st: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &INIT, st, args, names)
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let parsed = parse(&format_bytes(cx, a.at(1))?)?;
    drop(body::<StructBody>(a.at(0))?.0.set(a.at(0).holder(), Some(parsed)));
    Ok(s::none())
}

/// # Errors
/// RuntimeError before `__init__`.
pub fn of(r: &Ref) -> Result<Held> {
    match body::<StructBody>(r)?.0.get() {
        Some(parsed) => Ok(Held(parsed)),
        None => Err(runtime_error("Struct object is not initialized")),
    }
}

/// Most bytes that are packed without memory of their own.
const FEW: usize = 64;

/// Packs the values, for `done`.
fn packed(
    cx: &Context,
    f: &Format,
    values: &[Ref],
    what: &str,
    done: impl FnOnce(&[u8]) -> Result<Ref>,
) -> Result<Ref> {
    if values.len() != f.values {
        return Err(error(format!(
            "{what} expected {} items for packing (got {})",
            f.values,
            values.len()
        )));
    }
    if f.size <= FEW {
        let mut out = [0; FEW];
        let out = &mut out[..f.size];
        item::pack(cx, f, values, out)?;
        return done(out);
    }
    let mut out = skein_gc::alloc::vec_with(f.size)?;
    out.resize(f.size, 0);
    item::pack(cx, f, values, &mut out)?;
    done(&out)
}

fn do_pack(cx: &Context, st: &Ref, values: &[Ref]) -> Result<Ref> {
    packed(cx, of(st)?.format()?, values, "pack", str::bytes)
}

/// Where `size` bytes at `offset` begin in a buffer of `len`.
fn place(offset: i64, size: usize, len: usize, packing: bool) -> Result<usize> {
    let (verb, from) = if packing {
        ("packing", "pack_into")
    } else {
        ("unpacking", "unpack_from")
    };
    let mut at = offset;
    if offset < 0 {
        if offset.unsigned_abs() as usize > len {
            return Err(error(format!("offset {offset} out of range for {len}-byte buffer")));
        }
        if (offset.unsigned_abs() as usize) < size {
            return Err(error(if packing {
                format!("no space to pack {size} bytes at offset {offset}")
            } else {
                format!("not enough data to unpack {size} bytes at offset {offset}")
            }));
        }
        at += len as i64;
    }
    let at = at as usize;
    if len < at || len - at < size {
        return Err(error(format!(
            "{from} requires a buffer of at least {} bytes for {verb} {size} bytes at offset {at} (actual buffer size is {len})",
            at.saturating_add(size)
        )));
    }
    Ok(at)
}

fn do_pack_into(cx: &Context, st: &Ref, args: &[Ref]) -> Result<Ref> {
    let Some(target) = args.first() else {
        return Err(error("pack_into expected buffer argument"));
    };
    let Some(offset) = args.get(1) else {
        return Err(error("pack_into expected offset argument"));
    };
    let held = of(st)?;
    let f = held.format()?;
    if args.len() - 2 != f.values {
        return Err(error(format!(
            "pack_into expected {} items for packing (got {})",
            f.values,
            args.len() - 2
        )));
    }
    let refuse = || {
        type_error(format!(
            "argument must be read-write bytes-like object, not {}",
            target.ty().name()
        ))
    };
    if !buffer::is_buffer(target) || !buffer::is_writable(cx, target)? {
        return Err(refuse());
    }
    let offset = ssize(cx, offset)?;
    // What is not contiguous cannot be written to either.
    let len =
        buffer::with_bytes(cx, target, <[u8]>::len).map_err(|e| if e.is(&s::BUFFER_ERROR) { refuse() } else { e })?;
    place(offset, f.size, len, true)?;
    packed(cx, f, &args[2..], "pack_into", |data| {
        // Again: packing may have run Python code.
        let at = place(offset, f.size, buffer::byte_len(cx, target)?, true)?;
        let done = buffer::with_bytes_mut(cx, target, |out| match out.get_mut(at..at + data.len()) {
            Some(place) => {
                place.copy_from_slice(data);
                true
            }
            None => false,
        })?;
        if done {
            Ok(s::none())
        } else {
            Err(error("buffer has changed its size"))
        }
    })
}

fn do_unpack(cx: &Context, st: &Ref, data: &Ref) -> Result<Ref> {
    let held = of(st)?;
    let f = held.format()?;
    if let Some(b) = data.body::<BytesBody>() {
        if b.len() != f.size {
            return Err(error(format!("unpack requires a buffer of {} bytes", f.size)));
        }
        return item::unpack(f, b.as_slice());
    }
    let data = buffer::to_vec(cx, data)?;
    if data.len() != f.size {
        return Err(error(format!("unpack requires a buffer of {} bytes", f.size)));
    }
    item::unpack(f, &data)
}

fn do_unpack_from(cx: &Context, st: &Ref, data: &Ref, offset: Option<&Ref>) -> Result<Ref> {
    let held = of(st)?;
    let f = held.format()?;
    let offset = match offset {
        Some(o) => ssize(cx, o)?,
        None => 0,
    };
    let at = place(offset, f.size, buffer::byte_len(cx, data)?, false)?;
    let part = buffer::with_bytes(cx, data, |d| d.get(at..at + f.size).map(<[u8]>::to_vec))?;
    item::unpack(f, &part.ok_or_else(|| error("buffer has changed its size"))?)
}

fn do_iter_unpack(cx: &Context, st: &Ref, data: &Ref) -> Result<Ref> {
    let held = of(st)?;
    let f = held.format()?;
    if f.size == 0 {
        return Err(error("cannot iteratively unpack with a struct of length 0"));
    }
    if !buffer::byte_len(cx, data)?.is_multiple_of(f.size) {
        return Err(error(format!(
            "iterative unpacking requires a buffer of a multiple of {} bytes",
            f.size
        )));
    }
    iter::make(st, data)
}

fn pack(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pack_all(cx, a.rest(0))
}

fn pack_all(cx: &Context, args: &[Ref]) -> Result<Ref> {
    match args {
        [] => Err(type_error("missing format argument")),
        [f, values @ ..] => do_pack(cx, &cached(cx, f)?, values),
    }
}

fn pack_into(cx: &Context, a: Args<'_>) -> Result<Ref> {
    pack_into_all(cx, a.rest(0))
}

fn pack_into_all(cx: &Context, args: &[Ref]) -> Result<Ref> {
    match args {
        [] => Err(type_error("missing format argument")),
        [f, rest @ ..] => do_pack_into(cx, &cached(cx, f)?, rest),
    }
}

fn unpack(cx: &Context, a: Args<'_>) -> Result<Ref> {
    do_unpack(cx, &cached(cx, a.at(0))?, a.at(1))
}

fn unpack_from(cx: &Context, a: Args<'_>) -> Result<Ref> {
    do_unpack_from(cx, &cached(cx, a.at(0))?, a.at(1), a.opt(2))
}

fn iter_unpack(cx: &Context, a: Args<'_>) -> Result<Ref> {
    do_iter_unpack(cx, &cached(cx, a.at(0))?, a.at(1))
}

fn calcsize(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::int_from_usize(of(&cached(cx, a.at(0))?)?.format()?.size)
}

fn clear_cache(_: &Context, _: Args<'_>) -> Result<Ref> {
    if let Some(b) = cache()?.body::<DictBody>() {
        b.0.clear(cache()?.holder());
    }
    Ok(s::none())
}

pub static FUNCTIONS: &[Row] = &[
    row!("_clearcache()", clear_cache, "Clear the internal cache."),
    row!(
        "calcsize(format, /)",
        calcsize,
        "Return size in bytes of the struct described by the format string."
    ),
    row!(
        "iter_unpack(format, buffer, /)",
        iter_unpack,
        "Return an iterator yielding tuples unpacked from the given bytes.\n\nThe bytes are unpacked according to the format string, like\na repeated invocation of unpack_from().\n\nRequires that the bytes length be a multiple of the format struct size."
    ),
    row!(
        "pack(*args)",
        pack,
        "pack(format, v1, v2, ...) -> bytes\n\nReturn a bytes object containing the values v1, v2, ... packed according\nto the format string.  See help(struct) for more on format strings."
    )
    .quick(|cx, args| Some(pack_all(cx, args))),
    row!(
        "pack_into(*args)",
        pack_into,
        "pack_into(format, buffer, offset, v1, v2, ...)\n\nPack the values v1, v2, ... according to the format string and write\nthe packed bytes into the writable buffer buf starting at offset.  Note\nthat the offset is a required argument.  See help(struct) for more\non format strings."
    )
    .quick(|cx, args| Some(pack_into_all(cx, args))),
    row!(
        "unpack(format, buffer, /)",
        unpack,
        "Return a tuple containing values unpacked according to the format string.\n\nThe buffer's size in bytes must be calcsize(format).\n\nSee help(struct) for more on format strings."
    ),
    row!(
        "unpack_from(format, /, buffer, offset=0)",
        unpack_from,
        "Return a tuple containing values unpacked according to the format string.\n\nThe buffer's size, minus offset, must be at least calcsize(format).\n\nSee help(struct) for more on format strings."
    ),
];

fn m_pack(cx: &Context, a: Args<'_>) -> Result<Ref> {
    do_pack(cx, a.at(0), a.rest(1))
}

fn m_pack_into(cx: &Context, a: Args<'_>) -> Result<Ref> {
    do_pack_into(cx, a.at(0), a.rest(1))
}

fn m_unpack(cx: &Context, a: Args<'_>) -> Result<Ref> {
    do_unpack(cx, a.at(0), a.at(1))
}

fn m_unpack_from(cx: &Context, a: Args<'_>) -> Result<Ref> {
    do_unpack_from(cx, a.at(0), a.at(1), a.opt(2))
}

fn m_iter_unpack(cx: &Context, a: Args<'_>) -> Result<Ref> {
    do_iter_unpack(cx, a.at(0), a.at(1))
}

static METHODS: &[Row] = &[
    row!(
        "__sizeof__(self, /)",
        sizeof,
        "S.__sizeof__() -> size of S in memory, in bytes"
    ),
    row!(
        "iter_unpack(self, buffer, /)",
        m_iter_unpack,
        "Return an iterator yielding tuples.\n\nTuples are unpacked from the given bytes source, like a repeated\ninvocation of unpack_from().\n\nRequires that the bytes length be a multiple of the struct size."
    ),
    row!(
        "pack(self, *values)",
        m_pack,
        "S.pack(v1, v2, ...) -> bytes\n\nReturn a bytes object containing values v1, v2, ... packed according\nto the format string S.format.  See help(struct) for more on format\nstrings."
    )
    .quick(|cx, args| args.split_first().map(|(st, values)| do_pack(cx, st, values))),
    row!(
        "pack_into(self, *values)",
        m_pack_into,
        "S.pack_into(buffer, offset, v1, v2, ...)\n\nPack the values v1, v2, ... according to the format string S.format\nand write the packed bytes into the writable buffer buf starting at\noffset.  Note that the offset is a required argument.  See\nhelp(struct) for more on format strings."
    )
    .quick(|cx, args| args.split_first().map(|(st, values)| do_pack_into(cx, st, values))),
    row!(
        "unpack(self, buffer, /)",
        m_unpack,
        "Return a tuple containing unpacked values.\n\nUnpack according to the format string Struct.format. The buffer's size\nin bytes must be Struct.size.\n\nSee help(struct) for more on format strings."
    ),
    row!(
        "unpack_from(self, /, buffer, offset=0)",
        m_unpack_from,
        "Return a tuple containing unpacked values.\n\nValues are unpacked according to the format string Struct.format.\n\nThe buffer's size in bytes, starting at position offset, must be\nat least Struct.size.\n\nSee help(struct) for more on format strings."
    ),
];

fn text(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.parsed()?.text.clone())
}

fn size(_: &Context, r: &Ref) -> Result<Ref> {
    match of(r) {
        Ok(held) => number::int_from_usize(held.format()?.size),
        Err(_) => Ok(Ref::small(-1)),
    }
}

fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    of(a.at(0))?;
    number::int_from_usize(a.at(0).ty().instance_size(0))
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let t = protocol::repr(cx, &text(cx, r)?)?;
    str::from_str(&format!("{}({})", r.ty().short_name(), str::text(&t)))
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
    t.repr.set(Some(repr));
}

static GETSET: &[GetSet] = &[
    member("format", text).doc("struct format string"),
    member("size", size).doc("struct size in bytes"),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    getset: GETSET,
    doc: "Struct(fmt) --> compiled struct object",
    ..TypeDef::new(&STRUCT)
};
