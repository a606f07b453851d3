//! `BufferedRWPair`: a reader and a writer as one object.

use super::{BUFFERED_READER, BUFFERED_WRITER, make_over};
use crate::base::{self, BUFFERED_IO_BASE};
use crate::support::{bool, chain, method, says};
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{self, Args, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Context, Ref, Slot, payload, protocol, row, statics as s};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};

pub struct PairBody {
    reader: Slot,
    writer: Slot,
}
payload!(PairBody, "BufferedRWPair", |this, v| {
    v.slot(&this.reader);
    v.slot(&this.writer);
});

pub static BUFFERED_RW_PAIR: Type = Type::declare(
    "_io.BufferedRWPair",
    Some(&BUFFERED_IO_BASE),
    <PairBody as Payload>::LAYOUT,
    base::FLAGS,
);

static INIT: Row = row!(
    "BufferedRWPair(self, reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)",
    init_row,
    ""
);

static METHODS: &[Row] = &[
    row!("read(self, size=-1, /)", |cx, a| to_reader(cx, a, "read"), ""),
    row!("peek(self, size=0, /)", |cx, a| to_reader(cx, a, "peek"), ""),
    row!("read1(self, size=-1, /)", |cx, a| to_reader(cx, a, "read1"), ""),
    row!("readinto(self, buffer, /)", |cx, a| to_reader(cx, a, "readinto"), ""),
    row!("readinto1(self, buffer, /)", |cx, a| to_reader(cx, a, "readinto1"), ""),
    row!("write(self, b, /)", |cx, a| to_writer(cx, a, "write"), ""),
    row!("flush(self, /)", |cx, a| to_writer(cx, a, "flush"), ""),
    row!("readable(self, /)", |cx, a| to_reader(cx, a, "readable"), ""),
    row!("writable(self, /)", |cx, a| to_writer(cx, a, "writable"), ""),
    row!("close(self, /)", close, ""),
    row!("isatty(self, /)", isatty, ""),
];

static GETSET: &[GetSet] = &[getset("closed", |cx, r| {
    protocol::getattr_str(cx, &writer(r)?, "closed")
})];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
}

fn uninitialised() -> skein_object::Error {
    value_error("I/O operation on uninitialized object")
}

fn body(r: &Ref) -> Result<&PairBody> {
    r.body::<PairBody>()
        .ok_or_else(|| type_error("a BufferedRWPair object is wanted"))
}

fn reader(r: &Ref) -> Result<Ref> {
    body(r)?.reader.get().ok_or_else(uninitialised)
}

fn writer(r: &Ref) -> Result<Ref> {
    body(r)?.writer.get().ok_or_else(uninitialised)
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    let ty = Type::from_ref(class).ok_or_else(|| type_error("a class is wanted"))?;
    alloc(
        ty,
        PairBody {
            reader: Slot::empty(),
            writer: Slot::empty(),
        },
    )
}

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    native::call_with(cx, &INIT, r, args, names)
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    base::check_readable(cx, a.at(1))?;
    base::check_writable(cx, a.at(2))?;
    let size = match a.opt(3) {
        None => crate::DEFAULT_BUFFER_SIZE as i64,
        Some(n) => protocol::convert::to_i64(cx, n)?,
    };
    let size = usize::try_from(size).ok().filter(|n| *n > 0);
    let size = size.ok_or_else(|| value_error("buffer size must be strictly positive"))?;
    let reader = make_over(cx, &BUFFERED_READER, a.at(1), size)?;
    let writer = make_over(cx, &BUFFERED_WRITER, a.at(2), size)?;
    let b = body(a.at(0))?;
    drop(b.reader.set(a.at(0).holder(), Some(reader)));
    drop(b.writer.set(a.at(0).holder(), Some(writer)));
    Ok(s::none())
}

fn rest(a: Args<'_>) -> Vec<Ref> {
    (1..a.len()).filter_map(|i| a.opt(i).cloned()).collect()
}

fn to_reader(cx: &Context, a: Args<'_>, name: &str) -> Result<Ref> {
    method(cx, &reader(a.at(0))?, name, &rest(a))
}

fn to_writer(cx: &Context, a: Args<'_>, name: &str) -> Result<Ref> {
    method(cx, &writer(a.at(0))?, name, &rest(a))
}

fn close(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let written = writer(a.at(0)).and_then(|w| method(cx, &w, "close", &[])).map(drop);
    let read = reader(a.at(0)).and_then(|r| method(cx, &r, "close", &[]));
    chain(written, read)?;
    Ok(s::none())
}

fn isatty(cx: &Context, a: Args<'_>) -> Result<Ref> {
    bool(says(cx, &writer(a.at(0))?, "isatty")? || says(cx, &reader(a.at(0))?, "isatty")?)
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "BufferedRWPair(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)\n--\n\nA buffered reader and writer object together.",
        ..TypeDef::new(&BUFFERED_RW_PAIR)
    })
}
