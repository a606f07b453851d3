//! `marshal`: CPython's format, but code objects are Skein's (type `c`, length, bytes of `skein_bytecode::marshal`).

mod read;
mod write;

use read::{Input, Reader};
use skein_gc::Ref;
use skein_object::error::{Result, type_error};
use skein_object::native::{ModuleDef, Row};
use skein_object::object::RefExt;
use skein_object::{Args, BytesBody, Context, dict, protocol, row, statics as s, str};
use skein_stdlib_support as support;
use write::Writer;

pub static MODULE: ModuleDef = ModuleDef {
    name: "marshal",
    doc: "This module contains functions that can read and write Python values in\na binary format.",
    functions: FUNCTIONS,
    init: |_, d| dict::set_str(d, "version", Ref::small(VERSION as i32)),
};

const VERSION: i64 = 5;
/// Nesting that is written and read.
const MAX_DEPTH: u32 = 2000;
/// Bit of a type byte: the object gets the next reference number.
const FLAG_REF: u8 = 0x80;

static FUNCTIONS: &[Row] = &[
    row!(
        "dump(value, file, version=5, /, *, allow_code=True)",
        dump,
        "Write the value on the open file."
    ),
    row!(
        "load(file, /, *, allow_code=True)",
        load,
        "Read one value from the open file and return it."
    ),
    row!(
        "dumps(value, version=5, /, *, allow_code=True)",
        dumps,
        "Return the bytes object that would be written to a file by dump(value, file)."
    ),
    row!(
        "loads(bytes, /, *, allow_code=True)",
        loads,
        "Convert the bytes-like object to a value."
    ),
];

fn encode(cx: &Context, value: &Ref, version: Option<&Ref>, allow: Option<&Ref>) -> Result<Ref> {
    let version = version.map_or(Ok(VERSION), |v| protocol::convert::to_i64(cx, v))?;
    let mut w = Writer::new(version, support::flag(cx, allow, true)?);
    w.object(cx, value, 0)?;
    str::bytes(&w.out)
}

fn dumps(cx: &Context, a: Args<'_>) -> Result<Ref> {
    encode(cx, a.at(0), a.opt(1), a.opt(2))
}

fn dump(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = encode(cx, a.at(0), a.opt(2), a.opt(3))?;
    let write = protocol::getattr_str(cx, a.at(1), "write")?;
    protocol::call1(cx, &write, &data)
}

fn loads(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = protocol::buffer::to_vec(cx, a.at(0))?;
    Reader::new(Input::bytes(data), support::flag(cx, a.opt(1), true)?).value(cx)
}

fn load(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let read = protocol::getattr_str(cx, a.at(0), "read")?;
    // An empty read tells a text file before anything is consumed.
    let probe = protocol::call1(cx, &read, &Ref::small(0))?;
    if probe.body::<BytesBody>().is_none() && !probe.is_instance(&s::BYTES) {
        return Err(type_error(format!(
            "file.read() returned not bytes but {}",
            probe.ty().name()
        )));
    }
    Reader::new(Input::file(read), support::flag(cx, a.opt(1), true)?).value(cx)
}
