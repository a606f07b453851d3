//! The abstract bases: `_IOBase`, `_RawIOBase`, `_BufferedIOBase`, `_TextIOBase`.

use crate::support::{bool, bytes_result, closed_error, fill, is_closed, method, says, unsupported, writable_len};
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{Args, Row};
use skein_object::object::{Payload, RefExt};
use skein_object::protocol::{self, buffer};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, intern, list, number, row, statics as s, str};
use skein_stdlib_os::arg::size_or_none;
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};
use std::sync::OnceLock;

pub const FLAGS: u32 = flag::BASETYPE | flag::HAS_DICT | flag::WEAKREFABLE;

macro_rules! bases {
    ($($id:ident $name:literal $base:expr;)*) => {$(
        pub static $id: Type = Type::declare($name, Some($base), <() as Payload>::LAYOUT, FLAGS);
    )*};
}

bases! {
    IO_BASE "_io._IOBase" &s::OBJECT;
    RAW_IO_BASE "_io._RawIOBase" &IO_BASE;
    BUFFERED_IO_BASE "_io._BufferedIOBase" &IO_BASE;
    TEXT_IO_BASE "_io._TextIOBase" &IO_BASE;
}

/// Set in the instance when `_IOBase.close` has run.
fn closed_mark() -> &'static Ref {
    static MARK: OnceLock<Ref> = OnceLock::new();
    MARK.get_or_init(|| intern::name("__IOBase_closed"))
}

fn slots(t: &Slots) {
    t.new.copy_from(&s::OBJECT.slots.new);
    t.iter.set(Some(iter));
    t.next.set(Some(next));
}

fn base_slots(t: &Slots) {
    t.new.copy_from(&s::OBJECT.slots.new);
}

static METHODS: &[Row] = &[
    row!("__del__(self, /)", del, ""),
    row!(
        "seek(self, offset, whence=os.SEEK_SET, /)",
        no_seek,
        "Change the stream position to the given byte offset."
    ),
    row!("tell(self, /)", tell, "Return current stream position."),
    row!(
        "truncate(self, size=None, /)",
        no_truncate,
        "Truncate file to size bytes."
    ),
    row!("flush(self, /)", flush, "Flush write buffers, if applicable."),
    row!("close(self, /)", close, "Flush and close the IO object."),
    row!("seekable(self, /)", no, "Return whether object supports random access."),
    row!("readable(self, /)", no, "Return whether object was opened for reading."),
    row!("writable(self, /)", no, "Return whether object was opened for writing."),
    row!("_checkClosed(self, /)", check_closed_row, ""),
    row!("_checkSeekable(self, /)", check_seekable_row, ""),
    row!("_checkReadable(self, /)", check_readable_row, ""),
    row!("_checkWritable(self, /)", check_writable_row, ""),
    row!(
        "fileno(self, /)",
        no_fileno,
        "Return underlying file descriptor if one exists."
    ),
    row!(
        "isatty(self, /)",
        isatty,
        "Return whether this is an 'interactive' stream."
    ),
    row!("__enter__(self, /)", enter, ""),
    row!("__exit__(self, /, *args)", exit, ""),
    row!(
        "readline(self, size=-1, /)",
        readline,
        "Read and return a line from the stream."
    ),
    row!(
        "readlines(self, hint=-1, /)",
        readlines,
        "Return a list of lines from the stream."
    ),
    row!(
        "writelines(self, lines, /)",
        writelines,
        "Write a list of lines to stream."
    ),
];

static GETSET: &[GetSet] = &[getset("closed", closed)];

static RAW: &[Row] = &[
    row!("read(self, size=-1, /)", raw_read, ""),
    row!(
        "readall(self, /)",
        raw_readall,
        "Read until EOF, using multiple read() call."
    ),
    row!("readinto(self, buffer, /)", raw_not_implemented, ""),
    row!("write(self, b, /)", raw_not_implemented, ""),
];

static BUFFERED: &[Row] = &[
    row!(
        "detach(self, /)",
        no_detach,
        "Disconnect this buffer from its underlying raw stream and return it."
    ),
    row!("read(self, size=-1, /)", no_read, "Read and return up to n bytes."),
    row!(
        "read1(self, size=-1, /)",
        no_read1,
        "Read and return up to size bytes, with at most one read() call to the underlying raw stream."
    ),
    row!("readinto(self, buffer, /)", buffered_readinto, ""),
    row!("readinto1(self, buffer, /)", buffered_readinto1, ""),
    row!("write(self, b, /)", no_write, "Write buffer b to the IO stream."),
];

static TEXT: &[Row] = &[
    row!(
        "detach(self, /)",
        no_detach,
        "Separate the underlying buffer from the TextIOBase and return it."
    ),
    row!(
        "read(self, size=-1, /)",
        no_read,
        "Read at most size characters from stream."
    ),
    row!("readline(self, size=-1, /)", no_readline, "Read until newline or EOF."),
    row!("write(self, s, /)", no_write, "Write string s to stream."),
];

static TEXT_GETSET: &[GetSet] = &[
    getset("encoding", nothing),
    getset("newlines", nothing),
    getset("errors", nothing),
];

fn nothing(_: &Context, _: &Ref) -> Result<Ref> {
    Ok(s::none())
}

macro_rules! unsupported_rows {
    ($($f:ident $name:literal;)*) => {$(
        fn $f(_: &Context, _: Args<'_>) -> Result<Ref> {
            Err(unsupported($name))
        }
    )*};
}

unsupported_rows! {
    no_seek "seek";
    no_truncate "truncate";
    no_fileno "fileno";
    no_detach "detach";
    no_read "read";
    no_read1 "read1";
    no_readline "readline";
    no_write "write";
}

fn raw_not_implemented(_: &Context, _: Args<'_>) -> Result<Ref> {
    Err(skein_object::error::raise_args(&s::NOT_IMPLEMENTED_ERROR, Vec::new()))
}

fn no(_: &Context, _: Args<'_>) -> Result<Ref> {
    bool(false)
}

/// Finaliser of native streams: `close()`, its errors going nowhere but to the unraisable hook.
pub fn finalize(object: &Ref) {
    let Some(cx) = Context::try_current() else {
        return;
    };
    if let Err(e) = finalize_in(cx, object) {
        (skein_object::context::hooks().unraisable)(cx, e, Some("Exception ignored while finalizing file"), object);
    }
}

fn finalize_in(cx: &Context, object: &Ref) -> Result<()> {
    match is_closed(cx, object) {
        Ok(false) => {
            mark_finalizing(object);
            method(cx, object, "close", &[]).map(drop)
        }
        // An object whose `closed` does not work was never completed.
        _ => Ok(()),
    }
}

/// Lets `close` know that nobody has closed the file, for the ResourceWarning.
fn mark_finalizing(object: &Ref) {
    // Relaxed: read by this thread.
    let flag = if let Some(b) = object.body::<crate::fileio::FileBody>() {
        &b.finalizing
    } else if let Some(b) = object.body::<crate::buffered::BufferedBody>() {
        &b.finalizing
    } else if let Some(b) = object.body::<crate::text::TextBody>() {
        &b.finalizing
    } else {
        return;
    };
    flag.store(true, std::sync::atomic::Ordering::Relaxed);
}

fn del(cx: &Context, a: Args<'_>) -> Result<Ref> {
    finalize_in(cx, a.at(0))?;
    Ok(s::none())
}

fn closed(cx: &Context, r: &Ref) -> Result<Ref> {
    bool(protocol::getattr_opt(cx, r, closed_mark())?.is_some())
}

/// ValueError if `closed` is true.
pub fn check_closed(cx: &Context, r: &Ref) -> Result<()> {
    if is_closed(cx, r)? {
        return Err(closed_error());
    }
    Ok(())
}

pub fn check_seekable(cx: &Context, r: &Ref) -> Result<()> {
    if says(cx, r, "seekable")? {
        return Ok(());
    }
    Err(unsupported("File or stream is not seekable."))
}

pub fn check_readable(cx: &Context, r: &Ref) -> Result<()> {
    if says(cx, r, "readable")? {
        return Ok(());
    }
    Err(unsupported("File or stream is not readable."))
}

pub fn check_writable(cx: &Context, r: &Ref) -> Result<()> {
    if says(cx, r, "writable")? {
        return Ok(());
    }
    Err(unsupported("File or stream is not writable."))
}

fn check_closed_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_closed(cx, a.at(0))?;
    Ok(s::none())
}

fn check_seekable_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_seekable(cx, a.at(0))?;
    Ok(s::true_())
}

fn check_readable_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_readable(cx, a.at(0))?;
    Ok(s::true_())
}

fn check_writable_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_writable(cx, a.at(0))?;
    Ok(s::true_())
}

fn tell(cx: &Context, a: Args<'_>) -> Result<Ref> {
    method(cx, a.at(0), "seek", &[Ref::small(0), Ref::small(1)])
}

fn flush(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if protocol::getattr_opt(cx, a.at(0), closed_mark())?.is_some() {
        return Err(closed_error());
    }
    Ok(s::none())
}

fn close(cx: &Context, a: Args<'_>) -> Result<Ref> {
    close_base(cx, a.at(0))?;
    Ok(s::none())
}

/// `_IOBase.close`: flushes, once.
pub fn close_base(cx: &Context, r: &Ref) -> Result<()> {
    let mark = closed_mark();
    if protocol::getattr_opt(cx, r, mark)?.is_some() {
        return Ok(());
    }
    let flushed = method(cx, r, "flush", &[]).map(drop);
    crate::support::chain(flushed, protocol::setattr(cx, r, mark, &s::true_()))
}

fn isatty(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_closed(cx, a.at(0))?;
    bool(false)
}

fn enter(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_closed(cx, a.at(0))?;
    Ok(a.at(0).clone())
}

fn exit(cx: &Context, a: Args<'_>) -> Result<Ref> {
    method(cx, a.at(0), "close", &[])
}

fn iter(cx: &Context, r: &Ref) -> Result<Ref> {
    check_closed(cx, r)?;
    Ok(r.clone())
}

fn next(cx: &Context, r: &Ref) -> Result<Option<Ref>> {
    let line = method(cx, r, "readline", &[])?;
    Ok((protocol::len(cx, &line)? > 0).then_some(line))
}

/// `_IOBase.readline`: by `peek` where there is one, else byte by byte.
fn readline(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let limit = size_or_none(cx, a.opt(1))?;
    let peek = protocol::getattr_opt(cx, r, &intern::name("peek"))?;
    let mut out: Vec<u8> = Vec::new();
    while limit.is_none_or(|n| out.len() < n) {
        let mut want = 1;
        if let Some(peek) = &peek {
            let ahead = protocol::call1(cx, peek, &Ref::small(1))?;
            let Some(b) = ahead.body::<skein_object::BytesBody>() else {
                return Err(skein_object::error::raise(
                    &s::OS_ERROR,
                    format!(
                        "peek() should have returned a bytes object, not '{}'",
                        ahead.ty().name()
                    ),
                ));
            };
            let b = b.as_slice();
            if !b.is_empty() {
                let room = limit.map_or(b.len(), |n| (n - out.len()).min(b.len()));
                want = memchr(&b[..room]).map_or(room, |i| i + 1);
            }
        }
        let piece = method(cx, r, "read", &[crate::support::usize_int(want)?])?;
        let Some(b) = piece.body::<skein_object::BytesBody>() else {
            return Err(skein_object::error::raise(
                &s::OS_ERROR,
                format!(
                    "read() should have returned a bytes object, not '{}'",
                    piece.ty().name()
                ),
            ));
        };
        let b = b.as_slice();
        skein_gc::alloc::make_room(&mut out, b.len())?;
        out.extend_from_slice(b);
        if b.is_empty() || out.last() == Some(&b'\n') {
            break;
        }
    }
    str::bytes(&out)
}

fn memchr(b: &[u8]) -> Option<usize> {
    b.iter().position(|c| *c == b'\n')
}

fn readlines(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let out = list::new(Vec::new())?;
    let hint = size_or_none(cx, a.opt(1))?.filter(|n| *n > 0);
    let (mut it, mut total) = (protocol::Iter::new(cx, a.at(0))?, 0usize);
    while let Some(line) = it.next(cx)? {
        if let Some(h) = hint {
            let n = protocol::len(cx, &line)?;
            list::push(&out, line)?;
            total = total.saturating_add(n);
            if total >= h {
                break;
            }
        } else {
            list::push(&out, line)?;
        }
    }
    Ok(out)
}

fn writelines(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_closed(cx, a.at(0))?;
    let mut it = protocol::Iter::new(cx, a.at(1))?;
    while let Some(line) = it.next(cx)? {
        method(cx, a.at(0), "write", &[line])?;
    }
    Ok(s::none())
}

/// A new bytearray of `n` zero bytes.
pub fn new_bytearray(cx: &Context, n: usize) -> Result<Ref> {
    skein_stdlib_os::import::call(cx, "builtins", "bytearray", &[crate::support::usize_int(n)?])
}

/// `memoryview(r)`.
pub fn view_of(cx: &Context, r: &Ref) -> Result<Ref> {
    skein_stdlib_os::import::call(cx, "builtins", "memoryview", std::slice::from_ref(r))
}

fn raw_read(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let n = match a.opt(1) {
        None => -1,
        Some(n) => protocol::convert::to_i64(cx, n)?,
    };
    let Ok(n) = usize::try_from(n) else {
        return method(cx, r, "readall", &[]);
    };
    let b = new_bytearray(cx, n)?;
    let got = method(cx, r, "readinto", std::slice::from_ref(&b))?;
    if s::is_none(&got) {
        return Ok(got);
    }
    let count = crate::support::integer(cx, &got)?;
    match usize::try_from(count) {
        Ok(k) if k <= n => buffer::with_bytes(cx, &b, |d| str::bytes(&d[..k.min(d.len())]))?,
        _ => Err(value_error(format!(
            "readinto returned {count} outside buffer size {n}"
        ))),
    }
}

fn raw_readall(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut out = Vec::new();
    let size = crate::support::usize_int(crate::DEFAULT_BUFFER_SIZE)?;
    loop {
        let piece = method(cx, a.at(0), "read", std::slice::from_ref(&size))?;
        if s::is_none(&piece) {
            if out.is_empty() {
                return Ok(piece);
            }
            break;
        }
        let b = bytes_result(&piece, "read()").map_err(|_| type_error("read() should return bytes"))?;
        if b.is_empty() {
            break;
        }
        skein_gc::alloc::make_room(&mut out, b.len())?;
        out.extend_from_slice(b);
    }
    str::bytes(&out)
}

fn buffered_readinto(cx: &Context, a: Args<'_>) -> Result<Ref> {
    readinto_by(cx, a, "read", "readinto")
}

fn buffered_readinto1(cx: &Context, a: Args<'_>) -> Result<Ref> {
    readinto_by(cx, a, "read1", "readinto1")
}

fn readinto_by(cx: &Context, a: Args<'_>, read: &str, name: &str) -> Result<Ref> {
    let n = writable_len(
        cx,
        a.at(1),
        &format!("{name}() argument must be read-write bytes-like object"),
    )?;
    let data = method(cx, a.at(0), read, &[crate::support::usize_int(n)?])?;
    let b = bytes_result(&data, "read()").map_err(|_| type_error("read() should return bytes"))?;
    if b.len() > n {
        return Err(value_error(format!(
            "read() returned too much data: {n} bytes requested, {} returned",
            b.len()
        )));
    }
    fill(cx, a.at(1), b)?;
    number::int_from_usize(b.len())
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "The abstract base class for all I/O classes.",
        ..TypeDef::new(&IO_BASE)
    })?;
    IO_BASE.set_finalizer(Some(finalize));
    ready_type(&TypeDef {
        slots: base_slots,
        methods: RAW,
        doc: "Base class for raw binary I/O.",
        ..TypeDef::new(&RAW_IO_BASE)
    })?;
    ready_type(&TypeDef {
        slots: base_slots,
        methods: BUFFERED,
        doc: "Base class for buffered IO objects.",
        ..TypeDef::new(&BUFFERED_IO_BASE)
    })?;
    ready_type(&TypeDef {
        slots: base_slots,
        methods: TEXT,
        getset: TEXT_GETSET,
        doc: "Base class for text I/O.",
        ..TypeDef::new(&TEXT_IO_BASE)
    })
}
