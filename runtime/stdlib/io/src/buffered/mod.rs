//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`: bytes with a buffer over a raw stream.
//!
//! One body for the three: what was read ahead ([`Inner::ahead`]) and what waits to be written (`pending`). At most one
//! of them is not empty: [`Inner::leave_reading`] and [`Inner::flush_pending`] switch over.

pub mod pair;
pub mod raw;
mod read;
mod shared;
mod write;

use crate::base::{self, BUFFERED_IO_BASE};
use crate::support::{self, unsupported};
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{self, Args, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Context, Ref, Slot, payload, protocol, row, statics as s};
use skein_stdlib_os::{OwnedGuard, OwnedMutex};
use skein_types::startup::{TypeDef, ready_type};
use std::sync::atomic::AtomicBool;

pub use read::{read_all_native, read1_native};
pub use shared::{flush, warn_through};
pub use write::write_native;

pub struct BufferedBody {
    /// Null before `__init__` and after `detach`.
    pub raw: Slot,
    inner: OwnedMutex<Inner>,
    pub finalizing: AtomicBool,
}
payload!(BufferedBody, "Buffered", |this, v| { v.slot(&this.raw) });

/// The buffers. Guarded by the object's lock.
pub struct Inner {
    detached: bool,
    readable: bool,
    writable: bool,
    size: usize,
    /// What was read from the raw stream; the program has got the first `used` bytes.
    input: Vec<u8>,
    used: usize,
    pending: Vec<u8>,
    /// Position of the raw stream; -1: not known.
    raw_pos: i64,
}

macro_rules! types {
    ($($id:ident $name:literal;)*) => {$(
        pub static $id: Type = Type::declare(
            $name,
            Some(&BUFFERED_IO_BASE),
            <BufferedBody as Payload>::LAYOUT,
            base::FLAGS,
        );
    )*};
}

types! {
    BUFFERED_READER "_io.BufferedReader";
    BUFFERED_WRITER "_io.BufferedWriter";
    BUFFERED_RANDOM "_io.BufferedRandom";
}

static READER_INIT: Row = row!(
    "BufferedReader(self, /, raw, buffer_size=DEFAULT_BUFFER_SIZE)",
    |cx, a| init_as(cx, a, true, false),
    ""
);
static WRITER_INIT: Row = row!(
    "BufferedWriter(self, /, raw, buffer_size=DEFAULT_BUFFER_SIZE)",
    |cx, a| init_as(cx, a, false, true),
    ""
);
static RANDOM_INIT: Row = row!(
    "BufferedRandom(self, /, raw, buffer_size=DEFAULT_BUFFER_SIZE)",
    |cx, a| init_as(cx, a, true, true),
    ""
);

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    let ty = Type::from_ref(class).ok_or_else(|| type_error("a class is wanted"))?;
    make(ty)
}

fn make(ty: &'static Type) -> Result<Ref> {
    alloc(
        ty,
        BufferedBody {
            raw: Slot::empty(),
            inner: OwnedMutex::new(Inner {
                detached: false,
                readable: false,
                writable: false,
                size: 0,
                input: Vec::new(),
                used: 0,
                pending: Vec::new(),
                raw_pos: -1,
            }),
            finalizing: AtomicBool::new(false),
        },
    )
}

/// A buffer of one of the three classes over a raw stream.
pub fn make_over(cx: &Context, ty: &'static Type, raw: &Ref, size: usize) -> Result<Ref> {
    let r = make(ty)?;
    let random = std::ptr::eq(ty, &raw const BUFFERED_RANDOM);
    let reader = std::ptr::eq(ty, &raw const BUFFERED_READER);
    initialise(cx, &r, raw, size, reader || random, !reader)?;
    Ok(r)
}

fn init_as(cx: &Context, a: Args<'_>, readable: bool, writable: bool) -> Result<Ref> {
    let size = match a.opt(2) {
        None => crate::DEFAULT_BUFFER_SIZE as i64,
        Some(n) => protocol::convert::to_i64(cx, n)?,
    };
    let raw = a.at(1);
    if readable && writable {
        base::check_seekable(cx, raw)?;
    }
    if readable {
        base::check_readable(cx, raw)?;
    }
    if writable {
        base::check_writable(cx, raw)?;
    }
    let size = usize::try_from(size).ok().filter(|n| *n > 0);
    let size = size.ok_or_else(|| value_error("buffer size must be strictly positive"))?;
    initialise(cx, a.at(0), raw, size, readable, writable)?;
    Ok(s::none())
}

fn initialise(cx: &Context, r: &Ref, raw: &Ref, size: usize, readable: bool, writable: bool) -> Result<()> {
    let b = body(r)?;
    let mut g = b.inner.lock(cx).ok_or_else(|| support::reentrant(cx, r))?;
    g.detached = false;
    g.readable = readable;
    g.writable = writable;
    g.size = size;
    g.input = Vec::new();
    g.used = 0;
    g.pending = Vec::new();
    // As CPython, which finds out now; a stream that cannot tell is not seekable.
    g.raw_pos = raw::tell(cx, raw).unwrap_or(-1);
    drop(g);
    drop(b.raw.set(r.holder(), Some(raw.clone())));
    Ok(())
}

pub fn body(r: &Ref) -> Result<&BufferedBody> {
    r.body::<BufferedBody>()
        .ok_or_else(|| type_error("a buffered object is wanted"))
}

impl BufferedBody {
    /// The raw stream of an object that is in use.
    pub fn raw(&self, cx: &Context) -> Result<Ref> {
        match self.raw.get() {
            Some(r) => Ok(r),
            None if self.inner.try_lock(cx).is_some_and(|g| g.detached) => {
                Err(value_error("raw stream has been detached"))
            }
            None => Err(value_error("I/O operation on uninitialized object")),
        }
    }

    /// The lock of a buffer, for as long as an operation of it takes.
    fn lock<'a>(&'a self, cx: &Context, r: &Ref) -> Result<OwnedGuard<'a, Inner>> {
        self.inner.lock(cx).ok_or_else(|| support::reentrant(cx, r))
    }
}

/// The raw stream of an open object.
fn open_raw(cx: &Context, r: &Ref, what: &str) -> Result<Ref> {
    let raw = body(r)?.raw(cx)?;
    if raw::is_closed(cx, &raw)? {
        return Err(value_error(format!("{what} of closed file")));
    }
    Ok(raw)
}

impl Inner {
    /// Bytes that were read and not given out.
    fn ahead(&self) -> &[u8] {
        self.input.get(self.used..).unwrap_or(&[])
    }

    fn forget_input(&mut self) {
        self.input.clear();
        self.used = 0;
    }

    /// Takes at most `n` bytes that were read ahead.
    fn take(&mut self, n: usize) -> &[u8] {
        let from = self.used.min(self.input.len());
        let n = n.min(self.input.len() - from);
        self.used = from + n;
        &self.input[from..from + n]
    }

    /// Puts the raw stream where the program thinks it is.
    fn leave_reading(&mut self, cx: &Context, raw: &Ref) -> Result<()> {
        let n = self.ahead().len();
        if n > 0 {
            self.seek_raw(cx, raw, -(n as i64), libc::SEEK_CUR)?;
        }
        self.forget_input();
        Ok(())
    }

    fn seek_raw(&mut self, cx: &Context, raw: &Ref, offset: i64, whence: i32) -> Result<i64> {
        self.raw_pos = -1;
        let at = raw::seek(cx, raw, offset, whence)?;
        self.raw_pos = at;
        Ok(at)
    }

    fn tell_raw(&mut self, cx: &Context, raw: &Ref) -> Result<i64> {
        self.raw_pos = -1;
        let at = raw::tell(cx, raw)?;
        self.raw_pos = at;
        Ok(at)
    }

    fn moved(&mut self, n: usize) {
        if self.raw_pos >= 0 {
            self.raw_pos += n as i64;
        }
    }

    /// Reads from the raw stream into the empty read-ahead buffer; `None` if it would block.
    fn fill(&mut self, cx: &Context, raw: &Ref) -> Result<Option<usize>> {
        self.forget_input();
        let size = self.size;
        if self.input.capacity() < size {
            skein_gc::alloc::make_room(&mut self.input, size)?;
        }
        let n = raw::read(cx, raw, &mut self.input, size)?;
        self.moved(n.unwrap_or(0));
        Ok(n)
    }
}

fn check_writable(g: &Inner, what: &str) -> Result<()> {
    if g.writable {
        return Ok(());
    }
    Err(unsupported(what))
}

fn reader_slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(|cx, r, args, names| {
        native::call_with(cx, &READER_INIT, r, args, names)
    }));
    t.repr.set(Some(shared::repr));
    t.next.set(Some(read::next));
}

fn writer_slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(|cx, r, args, names| {
        native::call_with(cx, &WRITER_INIT, r, args, names)
    }));
    t.repr.set(Some(shared::repr));
}

fn random_slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(|cx, r, args, names| {
        native::call_with(cx, &RANDOM_INIT, r, args, names)
    }));
    t.repr.set(Some(shared::repr));
    t.next.set(Some(read::next));
}

pub fn ready() -> Result<()> {
    let getset = shared::GETSET;
    ready_type(&TypeDef {
        slots: reader_slots,
        methods: read::READER,
        getset,
        doc: "BufferedReader(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nCreate a new buffered reader using the given readable raw IO object.",
        ..TypeDef::new(&BUFFERED_READER)
    })?;
    native::add_methods(&BUFFERED_READER, shared::METHODS)?;
    ready_type(&TypeDef {
        slots: writer_slots,
        methods: write::METHODS,
        getset,
        doc: "BufferedWriter(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffer for a writeable sequential RawIO object.",
        ..TypeDef::new(&BUFFERED_WRITER)
    })?;
    native::add_methods(&BUFFERED_WRITER, shared::METHODS)?;
    ready_type(&TypeDef {
        slots: random_slots,
        methods: read::METHODS,
        getset,
        doc: "BufferedRandom(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffered interface to random access streams.",
        ..TypeDef::new(&BUFFERED_RANDOM)
    })?;
    native::add_methods(&BUFFERED_RANDOM, shared::METHODS)?;
    native::add_methods(&BUFFERED_RANDOM, write::METHODS)?;
    pair::ready()
}
