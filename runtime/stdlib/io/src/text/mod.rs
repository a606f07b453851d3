//! `TextIOWrapper`: characters over a buffered stream.
//!
//! Rooms: `setup` (construction, `reconfigure`), `write`, `read`, `place` (`seek` and `tell`), `below` (what it asks of
//! the stream under it).
//!
//! Reading keeps the decoded text of the last chunk and, where the stream can seek, a **snapshot**: the decoder's state
//! before that chunk, and the bytes that were decoded since. `tell` replays them to find how many bytes the characters
//! that the program has got are worth. Writing collects encoded bytes in `pending`.

pub mod below;
mod place;
mod read;
mod setup;
mod write;

use crate::base::{self, TEXT_IO_BASE};
use crate::codec::{Decoder, Encoder};
use crate::fileio::{InRepr, joined, qualified};
use crate::newline::Newlines;
use crate::stringio::Newline;
use crate::support::{self, bool, chain, closed_error, method, usize_int};
use skein_object::error::{Result, attribute_error_plain, runtime_error, type_error, value_error};
use skein_object::native::{self, Args, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Context, Ref, Slot, intern, number, payload, protocol, row, statics as s, str};
use skein_stdlib_os::{OwnedGuard, OwnedMutex, arg};
use skein_text::{StrBuf, StrView};
use skein_types::startup::{GetSet, TypeDef, getset, member, ready_type};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};

pub use setup::make_over;

/// Life of a wrapper, in [`TextBody::life`].
mod life {
    pub const NEW: u8 = 0;
    pub const READY: u8 = 1;
    pub const DETACHED: u8 = 2;
}

pub struct TextBody {
    /// The buffered stream.
    pub buffer: Slot,
    encoding: Slot,
    errors: Slot,
    /// Python codec objects, where the codec is no native one: kept here for the collector, used through `State`.
    codecs: [Slot; 2],
    /// Read by any thread without the lock; changes with it held. Relaxed: what it guards is behind the lock.
    life: AtomicU8,
    pub finalizing: AtomicBool,
    state: OwnedMutex<State>,
}
payload!(TextBody, "TextIOWrapper", |this, v| {
    v.slot(&this.buffer);
    v.slot(&this.encoding);
    v.slot(&this.errors);
    v.slot(&this.codecs[0]);
    v.slot(&this.codecs[1]);
});

/// Guarded by the object's lock.
struct State {
    decoder: Option<Decoder>,
    encoder: Option<Encoder>,
    /// Newline decoding of what is read, if there is any.
    newlines: Option<Newlines>,
    newline: Newline,
    line_buffering: bool,
    write_through: bool,
    has_read1: bool,
    seekable: bool,
    /// False while the object is iterated over.
    telling: bool,
    /// The encoder writes ASCII as it is.
    plain_ascii: bool,
    chunk: usize,
    pending: Vec<u8>,
    decoded: StrBuf,
    used: usize,
    snapshot: Option<(i64, Vec<u8>)>,
    /// Bytes for each character in the last chunk.
    ratio: f64,
}

impl State {
    fn new() -> State {
        State {
            decoder: None,
            encoder: None,
            newlines: None,
            newline: Newline::Universal,
            line_buffering: false,
            write_through: false,
            has_read1: false,
            seekable: false,
            telling: false,
            plain_ascii: false,
            chunk: 8192,
            pending: Vec::new(),
            decoded: StrBuf::new(),
            used: 0,
            snapshot: None,
            ratio: 0.0,
        }
    }

    /// Decoded characters that the program has not got.
    fn ahead(&self) -> StrView<'_> {
        let v = self.decoded.view();
        v.slice(self.used.min(v.len())..v.len())
    }

    fn forget_decoded(&mut self) {
        self.decoded = StrBuf::new();
        self.used = 0;
    }
}

pub static TEXT_IO_WRAPPER: Type = Type::declare(
    "_io.TextIOWrapper",
    Some(&TEXT_IO_BASE),
    <TextBody as Payload>::LAYOUT,
    base::FLAGS,
);

static METHODS: &[Row] = &[
    row!("detach(self, /)", detach, ""),
    row!(
        "reconfigure(self, /, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)",
        setup::reconfigure,
        "Reconfigure the text stream with new parameters."
    ),
    row!("write(self, text, /)", write::write_row, ""),
    row!("read(self, size=-1, /)", read::read_row, ""),
    row!("readline(self, size=-1, /)", read::readline_row, ""),
    row!("flush(self, /)", flush_row, ""),
    row!("close(self, /)", close, ""),
    row!("fileno(self, /)", |cx, a| to_buffer(cx, a, "fileno"), ""),
    row!("seekable(self, /)", |cx, a| to_buffer(cx, a, "seekable"), ""),
    row!("readable(self, /)", |cx, a| to_buffer(cx, a, "readable"), ""),
    row!("writable(self, /)", |cx, a| to_buffer(cx, a, "writable"), ""),
    row!("isatty(self, /)", |cx, a| to_buffer(cx, a, "isatty"), ""),
    row!(
        "seek(self, cookie, whence=os.SEEK_SET, /)",
        place::seek,
        "Set the stream position, and return the new stream position."
    ),
    row!(
        "tell(self, /)",
        place::tell_row,
        "Return the stream position as an opaque number."
    ),
    row!("truncate(self, pos=None, /)", truncate, ""),
    row!("__getstate__(self, /)", support::no_pickle, ""),
];

static GETSET: &[GetSet] = &[
    member("encoding", |_, r| Ok(body(r)?.encoding.get().unwrap_or_else(s::none))),
    member("line_buffering", |cx, r| bool(lock(cx, r)?.line_buffering)),
    member("write_through", |cx, r| bool(lock(cx, r)?.write_through)),
    member("_finalizing", |_, r| bool(body(r)?.finalizing.load(Relaxed))).setter(|cx, r, v| {
        body(r)?.finalizing.store(arg::flag(cx, v, false)?, Relaxed);
        Ok(())
    }),
    getset("name", |cx, r| protocol::getattr_str(cx, &buffer_of(r)?, "name")),
    getset("closed", |cx, r| bool(below::is_closed(cx, &buffer_of(r)?)?)),
    getset("newlines", |cx, r| {
        buffer_of(r)?;
        match lock(cx, r)?.newlines {
            Some(n) => n.seen(),
            None => Ok(s::none()),
        }
    }),
    getset("errors", |_, r| {
        buffer_of(r)?;
        Ok(body(r)?.errors.get().unwrap_or_else(s::none))
    }),
    getset("_CHUNK_SIZE", |cx, r| {
        buffer_of(r)?;
        usize_int(lock(cx, r)?.chunk)
    })
    .setter(set_chunk),
    getset("buffer", |_, r| buffer_of(r)),
];

fn set_chunk(cx: &Context, r: &Ref, v: Option<&Ref>) -> Result<()> {
    let v = v.ok_or_else(|| attribute_error_plain("cannot delete attribute"))?;
    let n = protocol::to_index_i64(cx, v)?;
    let n = usize::try_from(n).ok().filter(|n| *n > 0);
    lock(cx, r)?.chunk = n.ok_or_else(|| value_error("a strictly positive integer is required"))?;
    Ok(())
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(|cx, r, args, names| {
        native::call_with(cx, &setup::INIT, r, args, names)
    }));
    t.repr.set(Some(repr));
    t.next.set(Some(read::next));
}

fn body(r: &Ref) -> Result<&TextBody> {
    r.body::<TextBody>()
        .ok_or_else(|| type_error("a TextIOWrapper object is wanted"))
}

/// The stream below a wrapper that is in use.
fn buffer_of(r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    match (b.life.load(Relaxed), b.buffer.get()) {
        (life::READY, Some(buffer)) => Ok(buffer),
        (life::DETACHED, _) => Err(value_error("underlying buffer has been detached")),
        _ => Err(value_error("I/O operation on uninitialized object")),
    }
}

/// The stream below a wrapper that is open.
fn open_buffer(cx: &Context, r: &Ref) -> Result<Ref> {
    let buffer = buffer_of(r)?;
    if below::is_closed(cx, &buffer)? {
        return Err(closed_error());
    }
    Ok(buffer)
}

fn lock<'a>(cx: &Context, r: &'a Ref) -> Result<OwnedGuard<'a, State>> {
    body(r)?.state.lock(cx).ok_or_else(|| support::reentrant(cx, r))
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    make(Type::from_ref(class).ok_or_else(|| type_error("a class is wanted"))?)
}

fn make(ty: &'static Type) -> Result<Ref> {
    alloc(
        ty,
        TextBody {
            buffer: Slot::empty(),
            encoding: Slot::empty(),
            errors: Slot::empty(),
            codecs: [Slot::empty(), Slot::empty()],
            life: AtomicU8::new(life::NEW),
            finalizing: AtomicBool::new(false),
            state: OwnedMutex::new(State::new()),
        },
    )
}

fn to_buffer(cx: &Context, a: Args<'_>, name: &str) -> Result<Ref> {
    method(cx, &buffer_of(a.at(0))?, name, &[])
}

fn detach(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    buffer_of(a.at(0))?;
    method(cx, a.at(0), "flush", &[])?;
    b.life.store(life::DETACHED, Relaxed);
    b.buffer
        .set(a.at(0).holder(), None)
        .ok_or_else(|| value_error("underlying buffer has been detached"))
}

fn flush_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    flush(cx, a.at(0))
}

/// `flush()`.
pub fn flush(cx: &Context, r: &Ref) -> Result<Ref> {
    let buffer = open_buffer(cx, r)?;
    {
        let mut g = lock(cx, r)?;
        g.telling = g.seekable;
        g.write_pending(cx, &buffer)?;
    }
    below::flush(cx, &buffer)
}

fn close(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let buffer = buffer_of(r)?;
    if below::is_closed(cx, &buffer)? {
        return Ok(s::none());
    }
    if body(r)?.finalizing.load(Relaxed) {
        crate::buffered::warn_through(cx, &buffer, r)?;
    }
    let flushed = method(cx, r, "flush", &[]).map(drop);
    chain(flushed, method(cx, &buffer, "close", &[]))
}

fn truncate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let buffer = buffer_of(a.at(0))?;
    method(cx, a.at(0), "flush", &[])?;
    let pos = a.opt(1).cloned().unwrap_or_else(s::none);
    method(cx, &buffer, "truncate", &[pos])
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    if b.life.load(Relaxed) == life::NEW {
        return Err(value_error("I/O operation on uninitialized object"));
    }
    let Some(_inside) = InRepr::enter(cx, r) else {
        return Err(runtime_error(format!(
            "reentrant call inside {}.__repr__",
            r.ty().name()
        )));
    };
    let mut text = joined(&format!("<{}", qualified(cx, r)?), &s::empty_str(), "")?;
    for name in ["name", "mode"] {
        match protocol::getattr(cx, r, &intern::name(name)) {
            Ok(v) => {
                let v = joined(&format!(" {name}="), &protocol::repr(cx, &v)?, "")?;
                text = append(&text, &v)?;
            }
            Err(e) if e.is(&s::ATTRIBUTE_ERROR) || e.is(&s::VALUE_ERROR) => {}
            Err(e) => return Err(e),
        }
    }
    let encoding = b.encoding.get().unwrap_or_else(s::none);
    let tail = joined(" encoding=", &protocol::repr(cx, &encoding)?, ">")?;
    append(&text, &tail)
}

fn append(a: &Ref, b: &Ref) -> Result<Ref> {
    let mut out = StrBuf::new();
    for part in [a, b] {
        if let Some(t) = part.body::<skein_object::StrBody>() {
            out.push_view(t.view());
        }
    }
    str::from_buf(out)
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "TextIOWrapper(buffer, encoding=None, errors=None, newline=None,\n              line_buffering=False, write_through=False)\n--\n\nCharacter and line based layer over a BufferedIOBase object, buffer.",
        ..TypeDef::new(&TEXT_IO_WRAPPER)
    })
}

/// An int object of a position.
fn position(n: i64) -> Result<Ref> {
    number::int(n)
}
