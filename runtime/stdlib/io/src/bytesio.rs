//! `BytesIO`: bytes in memory.

use crate::base::{self, BUFFERED_IO_BASE};
use crate::support::{self, bool, closed_error, fill, int, usize_int, writable_len};
use skein_gc::lock::{Mutex, MutexGuard};
use skein_object::error::{Result, buffer_error, type_error, value_error};
use skein_object::native::{self, Args, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol::buffer::{self, Exporter, Info};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, list, number, payload, protocol, row, statics as s, str, tuple};
use skein_stdlib_os::arg::size_or_none;
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};

/// The bytes; the lock is held for copying only.
#[derive(Default)]
struct Inner {
    data: Vec<u8>,
    pos: usize,
    closed: bool,
    /// Live views: the size must not change.
    exports: usize,
}

pub struct BytesIoBody(Mutex<Inner>);
payload!(BytesIoBody, "BytesIO", |_this, _v| {});

/// What `getbuffer` makes a memoryview of.
pub struct BytesIoBufferBody {
    source: Ref,
}
payload!(BytesIoBufferBody, "_BytesIOBuffer", |this, v| {
    v.reference(&this.source)
});

pub static BYTES_IO: Type = Type::declare(
    "_io.BytesIO",
    Some(&BUFFERED_IO_BASE),
    <BytesIoBody as Payload>::LAYOUT,
    base::FLAGS,
);

pub static BYTES_IO_BUFFER: Type = Type::declare(
    "_io._BytesIOBuffer",
    Some(&s::OBJECT),
    <BytesIoBufferBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

static INIT: Row = row!("BytesIO(self, /, initial_bytes=b'')", init_row, "");

static METHODS: &[Row] = &[
    row!("readable(self, /)", yes, "Returns True if the IO object can be read."),
    row!("seekable(self, /)", yes, "Returns True if the IO object can be seeked."),
    row!(
        "writable(self, /)",
        yes,
        "Returns True if the IO object can be written."
    ),
    row!("close(self, /)", close, "Disable all I/O operations."),
    row!("flush(self, /)", flush, "Does nothing."),
    row!("isatty(self, /)", isatty, "Always returns False."),
    row!("tell(self, /)", tell, "Current file position, an integer."),
    row!("write(self, b, /)", write, "Write bytes to file."),
    row!("writelines(self, lines, /)", writelines, "Write lines to the file."),
    row!(
        "read1(self, size=-1, /)",
        read,
        "Read at most size bytes, returned as a bytes object."
    ),
    row!("readinto(self, buffer, /)", readinto, "Read bytes into buffer."),
    row!(
        "readline(self, size=-1, /)",
        readline,
        "Next line from the file, as a bytes object."
    ),
    row!(
        "readlines(self, size=None, /)",
        readlines,
        "List of bytes objects, each a line from the file."
    ),
    row!(
        "read(self, size=-1, /)",
        read,
        "Read at most size bytes, returned as a bytes object."
    ),
    row!(
        "getbuffer(self, /)",
        getbuffer,
        "Get a read-write view over the contents of the BytesIO object."
    ),
    row!(
        "getvalue(self, /)",
        getvalue,
        "Retrieve the entire contents of the BytesIO object."
    ),
    row!("seek(self, pos, whence=0, /)", seek, "Change stream position."),
    row!(
        "truncate(self, size=None, /)",
        truncate,
        "Truncate the file to at most size bytes."
    ),
    row!("__getstate__(self, /)", getstate, ""),
    row!("__setstate__(self, object, /)", setstate, ""),
    row!("__sizeof__(self, /)", sizeof, ""),
];

static GETSET: &[GetSet] = &[getset("closed", |_, r| bool(body(r)?.lock().closed)).doc("True if the file is closed.")];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make));
    t.init.set(Some(init));
    t.iter.set(Some(iter));
    t.next.set(Some(next));
}

fn body(r: &Ref) -> Result<&Mutex<Inner>> {
    r.body::<BytesIoBody>()
        .map(|b| &b.0)
        .ok_or_else(|| type_error("a BytesIO object is wanted"))
}

/// The contents, if the file is open.
fn open(r: &Ref) -> Result<MutexGuard<'_, Inner>> {
    let g = body(r)?.lock();
    if g.closed { Err(closed_error()) } else { Ok(g) }
}

impl Inner {
    fn resizable(&self) -> Result<()> {
        if self.exports > 0 {
            return Err(buffer_error("Existing exports of data: object cannot be re-sized"));
        }
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        self.data.get(self.pos..).unwrap_or(&[])
    }

    fn take(&mut self, n: usize) -> &[u8] {
        let from = self.pos.min(self.data.len());
        let n = n.min(self.data.len() - from);
        self.pos += n;
        &self.data[from..from + n]
    }

    fn line(&self, limit: Option<usize>) -> usize {
        let rest = self.rest();
        let rest = &rest[..limit.map_or(rest.len(), |n| n.min(rest.len()))];
        memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1)
    }

    fn write(&mut self, b: &[u8]) -> Result<()> {
        if b.is_empty() {
            return Ok(());
        }
        let end = self
            .pos
            .checked_add(b.len())
            .ok_or_else(skein_object::error::memory_error)?;
        if end > self.data.len() {
            let more = end - self.data.len();
            skein_gc::alloc::make_room(&mut self.data, more)?;
            self.data.resize(end, 0);
        }
        self.data[self.pos..end].copy_from_slice(b);
        self.pos = end;
        Ok(())
    }
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    let ty = Type::from_ref(class).ok_or_else(|| type_error("a class is wanted"))?;
    alloc(ty, BytesIoBody(Mutex::new(Inner::default())))
}

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    native::call_with(cx, &INIT, r, args, names)
}

fn initial(cx: &Context, data: Option<&Ref>) -> Result<Vec<u8>> {
    match data.filter(|b| !s::is_none(b)) {
        Some(b) => buffer::to_vec(cx, b),
        None => Ok(Vec::new()),
    }
}

/// What a call of the class makes.
fn make(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    if !std::ptr::eq(ty, &raw const BYTES_IO) || args.len() > 1 {
        return None;
    }
    Some(initial(cx, args.first()).and_then(|data| {
        let inner = Inner {
            data,
            ..Inner::default()
        };
        alloc(ty, BytesIoBody(Mutex::new(inner)))
    }))
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = initial(cx, a.opt(1))?;
    let mut g = body(a.at(0))?.lock();
    g.resizable()?;
    g.data = data;
    g.pos = 0;
    Ok(s::none())
}

fn yes(_: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    bool(true)
}

fn isatty(_: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    bool(false)
}

fn flush(_: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    Ok(s::none())
}

fn close(_: &Context, a: Args<'_>) -> Result<Ref> {
    let mut g = body(a.at(0))?.lock();
    g.resizable()?;
    g.closed = true;
    g.data = Vec::new();
    Ok(s::none())
}

fn tell(_: &Context, a: Args<'_>) -> Result<Ref> {
    usize_int(open(a.at(0))?.pos)
}

fn write_object(cx: &Context, r: &Ref, data: &Ref) -> Result<usize> {
    {
        let g = open(r)?;
        g.resizable()?;
    }
    let data = support::data_of(cx, data)?;
    let mut g = open(r)?;
    g.resizable()?;
    g.write(&data)?;
    Ok(data.len())
}

fn write(cx: &Context, a: Args<'_>) -> Result<Ref> {
    usize_int(write_object(cx, a.at(0), a.at(1))?)
}

fn writelines(cx: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    let mut it = protocol::Iter::new(cx, a.at(1))?;
    while let Some(line) = it.next(cx)? {
        write_object(cx, a.at(0), &line)?;
    }
    Ok(s::none())
}

fn read(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(size) = a.opt(1) else {
        return str::bytes(open(a.at(0))?.take(usize::MAX));
    };
    drop(open(a.at(0))?);
    let n = size_or_none(cx, Some(size))?;
    str::bytes(open(a.at(0))?.take(n.unwrap_or(usize::MAX)))
}

fn readinto(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = writable_len(cx, a.at(1), "readinto() argument must be read-write bytes-like object")?;
    let data = open(a.at(0))?.take(n).to_vec();
    fill(cx, a.at(1), &data)?;
    usize_int(data.len())
}

fn readline(cx: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    let limit = size_or_none(cx, a.opt(1))?;
    let mut g = open(a.at(0))?;
    let n = g.line(limit);
    str::bytes(g.take(n))
}

fn next_line(r: &Ref) -> Result<Option<Ref>> {
    let mut g = open(r)?;
    let n = g.line(None);
    if n == 0 {
        return Ok(None);
    }
    str::bytes(g.take(n)).map(Some)
}

fn readlines(cx: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    let hint = size_or_none(cx, a.opt(1))?.filter(|n| *n > 0);
    let (mut out, mut total) = (Vec::new(), 0);
    while let Some(line) = next_line(a.at(0))? {
        total += line.body::<skein_object::BytesBody>().map_or(0, |b| b.len());
        out.push(line);
        if hint.is_some_and(|h| total >= h) {
            break;
        }
    }
    list::new(out)
}

fn getvalue(_: &Context, a: Args<'_>) -> Result<Ref> {
    str::bytes(&open(a.at(0))?.data)
}

fn getbuffer(cx: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    let b = alloc(
        &BYTES_IO_BUFFER,
        BytesIoBufferBody {
            source: a.at(0).clone(),
        },
    )?;
    base::view_of(cx, &b)
}

fn seek(cx: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    let pos = protocol::convert::to_i64(cx, a.at(1))?;
    let whence = support::whence(cx, a.opt(2))?;
    let mut g = open(a.at(0))?;
    let at = match whence {
        0 if pos < 0 => return Err(value_error(format!("negative seek value {pos}"))),
        0 => Some(pos),
        1 => pos.checked_add(g.pos as i64),
        2 => pos.checked_add(g.data.len() as i64),
        w => {
            return Err(value_error(format!("invalid whence ({w}, should be 0, 1 or 2)")));
        }
    };
    let at = at.ok_or_else(|| skein_object::error::overflow_error("new position too large"))?;
    g.pos = at.max(0) as usize;
    usize_int(g.pos)
}

fn truncate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    open(a.at(0))?.resizable()?;
    let size = match a.opt_not_none(1) {
        None => open(a.at(0))?.pos,
        Some(n) => {
            let n = protocol::convert::to_i64(cx, n)?;
            usize::try_from(n).map_err(|_| value_error(format!("negative size value {n}")))?
        }
    };
    let mut g = open(a.at(0))?;
    g.resizable()?;
    g.data.truncate(size);
    usize_int(size)
}

fn getstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (data, pos) = {
        let g = open(a.at(0))?;
        (str::bytes(&g.data)?, g.pos)
    };
    tuple::new(vec![data, usize_int(pos)?, instance_dict(cx, a.at(0))?])
}

/// A copy of the instance's `__dict__`, or None if it is empty.
pub fn instance_dict(cx: &Context, r: &Ref) -> Result<Ref> {
    match protocol::getattr_opt(cx, r, skein_object::intern::names::__dict__())? {
        Some(d) if protocol::len(cx, &d)? > 0 => support::method(cx, &d, "copy", &[]),
        _ => Ok(s::none()),
    }
}

/// Puts the third part of a pickled state back.
pub fn restore_dict(cx: &Context, r: &Ref, d: &Ref, what: &str) -> Result<()> {
    if s::is_none(d) {
        return Ok(());
    }
    if !d.is_instance(&s::DICT) {
        return Err(type_error(format!(
            "{what} item of state should be a dict, got a {}",
            d.ty().name()
        )));
    }
    let own = protocol::getattr(cx, r, skein_object::intern::names::__dict__())?;
    support::method(cx, &own, "update", std::slice::from_ref(d)).map(drop)
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some([data, pos, dict]) = tuple::items(a.at(1)) else {
        return Err(type_error(format!(
            "{}.__setstate__ argument should be 3-tuple, got {}",
            a.at(0).ty().short_name(),
            a.at(1).ty().short_name()
        )));
    };
    let data = buffer::to_vec(cx, data)?;
    if number::int_value(pos).is_none() {
        return Err(type_error(format!(
            "second item of state must be an integer, got {}",
            pos.ty().short_name()
        )));
    }
    let pos = protocol::convert::to_i64(cx, pos)?;
    let pos = usize::try_from(pos).map_err(|_| value_error("position value cannot be negative"))?;
    {
        let mut g = open(a.at(0))?;
        g.resizable()?;
        g.data = data;
        g.pos = pos;
    }
    restore_dict(cx, a.at(0), dict, "third")?;
    Ok(s::none())
}

fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    let own = std::mem::size_of::<BytesIoBody>() + 16;
    int((own + body(a.at(0))?.lock().data.capacity()) as i64)
}

fn iter(_: &Context, r: &Ref) -> Result<Ref> {
    drop(open(r)?);
    Ok(r.clone())
}

fn next(cx: &Context, r: &Ref) -> Result<Option<Ref>> {
    if r.is_exact(&BYTES_IO) {
        return next_line(r);
    }
    let line = support::method(cx, r, "readline", &[])?;
    Ok((protocol::len(cx, &line)? > 0).then_some(line))
}

fn source(r: &Ref) -> Result<&Mutex<Inner>> {
    let b = r
        .body::<BytesIoBufferBody>()
        .ok_or_else(|| type_error("a _BytesIOBuffer object is wanted"))?;
    body(&b.source)
}

static EXPORTER: Exporter = Exporter {
    layout: <BytesIoBufferBody as Payload>::LAYOUT,
    read: |r, f| {
        f(&source(r)?.lock().data);
        Ok(())
    },
    write: |r, f| {
        f(&mut source(r)?.lock().data);
        Ok(())
    },
    copy: |r| buffer::copy_slice(&source(r)?.lock().data),
    info: |r| Ok(Info::bytes(source(r)?.lock().data.len(), false)),
    acquire: |r| {
        source(r)?.lock().exports += 1;
        Ok(())
    },
    release: |r| {
        if let Ok(m) = source(r) {
            let mut g = m.lock();
            g.exports = g.exports.saturating_sub(1);
        }
    },
};

pub fn ready() -> Result<()> {
    buffer::register(&EXPORTER);
    ready_type(&TypeDef::new(&BYTES_IO_BUFFER))?;
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "BytesIO(initial_bytes=b'')\n--\n\nBuffered I/O implementation using an in-memory bytes buffer.",
        ..TypeDef::new(&BYTES_IO)
    })?;
    // What lies in memory needs no closing. Classes that inherit find `__del__`.
    BYTES_IO.set_finalizer(None);
    Ok(())
}
