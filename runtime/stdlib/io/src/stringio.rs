//! `StringIO`: text in memory.

use crate::base::{self, TEXT_IO_BASE};
use crate::bytesio::{instance_dict, restore_dict};
use crate::newline::Newlines;
use crate::support::{self, bool, closed_error, usize_int};
use skein_gc::lock::{Mutex, MutexGuard};
use skein_object::error::{Result, memory_error, raise, type_error, value_error};
use skein_object::native::{self, Args, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Context, Ref, StrBody, payload, protocol, row, statics as s, str, tuple};
use skein_stdlib_os::arg::size_or_none;
use skein_text::{StrBuf, StrView};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};

/// How lines end: for reading and for writing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Newline {
    /// None: any ending, translated to `\n`.
    Universal,
    /// "": any ending, as it is.
    Any,
    Lf,
    Cr,
    CrLf,
}

impl Newline {
    /// The value of a `newline` argument.
    pub fn parse(r: &Ref, quoted: bool) -> Result<Newline> {
        if s::is_none(r) {
            return Ok(Newline::Universal);
        }
        if !str::is_str(r) {
            return Err(type_error(format!(
                "newline must be str or None, not {}",
                r.ty().name()
            )));
        }
        Ok(match str::text(r).as_str() {
            "" => Newline::Any,
            "\n" => Newline::Lf,
            "\r" => Newline::Cr,
            "\r\n" => Newline::CrLf,
            other if quoted => {
                return Err(value_error(format!("illegal newline value: '{other}'")));
            }
            other => return Err(value_error(format!("illegal newline value: {other}"))),
        })
    }

    /// Length of the line at the start of `v`, ending included; `None` if it does not end there.
    pub fn line_end(self, v: StrView<'_>) -> Option<usize> {
        let byte = |c: u8| match v {
            StrView::Latin1(b) => memchr::memchr(c, b),
            _ => v.iter().position(|x| x == u32::from(c)),
        };
        match self {
            Newline::Universal | Newline::Lf => byte(b'\n').map(|i| i + 1),
            Newline::Cr => byte(b'\r').map(|i| i + 1),
            Newline::Any => {
                let (lf, cr) = (byte(b'\n'), byte(b'\r'));
                match (lf, cr) {
                    (Some(l), Some(c)) if c + 1 == l => Some(l + 1),
                    (Some(l), Some(c)) => Some(l.min(c) + 1),
                    (Some(i), None) | (None, Some(i)) => Some(i + 1),
                    (None, None) => None,
                }
            }
            Newline::CrLf => {
                let mut from = 0;
                while let Some(i) = v.slice(from..v.len()).iter().position(|c| c == 13).map(|i| i + from) {
                    if v.get(i + 1) == Some(10) {
                        return Some(i + 2);
                    }
                    from = i + 1;
                }
                None
            }
        }
    }

    /// What `\n` is written as, where that is something else.
    pub fn written(self) -> Option<&'static str> {
        match self {
            Newline::Cr => Some("\r"),
            Newline::CrLf => Some("\r\n"),
            _ => None,
        }
    }
}

struct Inner {
    ready: bool,
    closed: bool,
    text: StrBuf,
    pos: usize,
    newline: Newline,
    decoder: Option<Newlines>,
}

pub struct StringIoBody(Mutex<Inner>);
payload!(StringIoBody, "StringIO", |_this, _v| {});

pub static STRING_IO: Type = Type::declare(
    "_io.StringIO",
    Some(&TEXT_IO_BASE),
    <StringIoBody as Payload>::LAYOUT,
    base::FLAGS,
);

static INIT: Row = row!("StringIO(self, /, initial_value='', newline='\\n')", init_row, "");

static METHODS: &[Row] = &[
    row!("close(self, /)", close, "Close the IO object."),
    row!(
        "getvalue(self, /)",
        getvalue,
        "Retrieve the entire contents of the object."
    ),
    row!(
        "read(self, size=-1, /)",
        read,
        "Read at most size characters, returned as a string."
    ),
    row!("readline(self, size=-1, /)", readline, "Read until newline or EOF."),
    row!("tell(self, /)", tell, "Tell the current file position."),
    row!("truncate(self, pos=None, /)", truncate, "Truncate size to pos."),
    row!("seek(self, pos, whence=0, /)", seek, "Change stream position."),
    row!("write(self, s, /)", write, "Write string to file."),
    row!("seekable(self, /)", yes, "Returns True if the IO object can be seeked."),
    row!("readable(self, /)", yes, "Returns True if the IO object can be read."),
    row!(
        "writable(self, /)",
        yes,
        "Returns True if the IO object can be written."
    ),
    row!("__getstate__(self, /)", getstate, ""),
    row!("__setstate__(self, state, /)", setstate, ""),
];

static GETSET: &[GetSet] = &[
    getset("closed", |_, r| {
        let g = body(r)?.lock();
        if g.ready { bool(g.closed) } else { Err(uninitialised()) }
    }),
    getset("newlines", |_, r| match open(r)?.decoder {
        Some(d) => d.seen(),
        None => Ok(s::none()),
    }),
    getset("line_buffering", |_, r| {
        drop(open(r)?);
        bool(false)
    }),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make));
    t.init.set(Some(init));
    t.next.set(Some(next));
}

fn uninitialised() -> skein_object::Error {
    value_error("I/O operation on uninitialized object")
}

fn body(r: &Ref) -> Result<&Mutex<Inner>> {
    r.body::<StringIoBody>()
        .map(|b| &b.0)
        .ok_or_else(|| type_error("a StringIO object is wanted"))
}

fn open(r: &Ref) -> Result<MutexGuard<'_, Inner>> {
    let g = body(r)?.lock();
    if !g.ready {
        return Err(uninitialised());
    }
    if g.closed { Err(closed_error()) } else { Ok(g) }
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    let ty = Type::from_ref(class).ok_or_else(|| type_error("a class is wanted"))?;
    alloc(ty, StringIoBody(Mutex::new(Inner::new())))
}

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    native::call_with(cx, &INIT, r, args, names)
}

/// What a call of the class makes: all that can be seen of it, at once.
fn make(_: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    if !std::ptr::eq(ty, &raw const STRING_IO) || args.len() > 2 {
        return None;
    }
    let mut inner = Inner::new();
    Some(match inner.begin(args.first(), args.get(1)) {
        Ok(()) => alloc(ty, StringIoBody(Mutex::new(inner))),
        Err(e) => Err(e),
    })
}

fn init_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    let mut fresh = Inner::new();
    fresh.begin(a.opt(1), a.opt(2))?;
    *body(a.at(0))?.lock() = fresh;
    Ok(s::none())
}

impl Inner {
    fn new() -> Inner {
        Inner {
            ready: false,
            closed: false,
            text: StrBuf::new(),
            pos: 0,
            newline: Newline::Lf,
            decoder: None,
        }
    }

    /// Takes the arguments of the constructor.
    fn begin(&mut self, text: Option<&Ref>, newline: Option<&Ref>) -> Result<()> {
        let newline = match newline {
            None => Newline::Lf,
            Some(n) => Newline::parse(n, true)?,
        };
        self.newline = newline;
        self.decoder =
            matches!(newline, Newline::Universal | Newline::Any).then(|| Newlines::new(newline == Newline::Universal));
        if let Some(t) = text.filter(|t| !s::is_none(t)) {
            let Some(b) = t.body::<StrBody>() else {
                return Err(type_error(format!(
                    "initial_value must be str or None, not {}",
                    t.ty().name()
                )));
            };
            self.write(b.view())?;
            self.pos = 0;
        }
        self.ready = true;
        Ok(())
    }

    fn write(&mut self, v: StrView<'_>) -> Result<()> {
        let translated;
        let mut v = v;
        if let Some(d) = &mut self.decoder {
            translated = d.decode(v.to_buf(), true);
            v = translated.view();
        }
        let expanded;
        if let Some(nl) = self.newline.written() {
            expanded = expand(v, nl);
            v = expanded.view();
        }
        if v.is_empty() {
            return Ok(());
        }
        let end = self.pos.checked_add(v.len()).ok_or_else(memory_error)?;
        let len = self.text.len();
        if self.pos >= len {
            skein_gc::alloc::fallible(|| self.text.try_reserve(end - len))?;
            if self.pos > len {
                self.text.try_fill(0, self.pos - len)?;
            }
            self.text.push_view(v);
        } else {
            // In the middle: the parts are put together anew.
            let mut out = StrBuf::try_with_capacity(len.max(end))?;
            let old = self.text.view();
            out.push_view(old.slice(0..self.pos));
            out.push_view(v);
            if end < len {
                out.push_view(old.slice(end..len));
            }
            self.text = out;
        }
        self.pos = end;
        Ok(())
    }

    fn take(&mut self, n: usize) -> Result<Ref> {
        let from = self.pos.min(self.text.len());
        let to = from.saturating_add(n).min(self.text.len());
        self.pos = self.pos.max(to);
        str::new_narrowed(self.text.view().slice(from..to))
    }

    fn line(&mut self, limit: Option<usize>) -> Result<Ref> {
        let v = self.text.view();
        let rest = v.slice(self.pos.min(v.len())..v.len());
        let mut n = self.newline.line_end(rest).unwrap_or(rest.len());
        if let Some(limit) = limit {
            n = n.min(limit);
        }
        self.take(n)
    }
}

/// `v` with `\n` replaced.
pub fn expand(v: StrView<'_>, newline: &str) -> StrBuf {
    let mut out = StrBuf::new();
    let mut start = 0;
    for (i, c) in v.iter().enumerate() {
        if c == 10 {
            out.push_view(v.slice(start..i));
            out.push_str(newline);
            start = i + 1;
        }
    }
    out.push_view(v.slice(start..v.len()));
    out
}

fn yes(_: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    bool(true)
}

fn close(_: &Context, a: Args<'_>) -> Result<Ref> {
    let mut g = body(a.at(0))?.lock();
    g.closed = true;
    g.text = StrBuf::new();
    Ok(s::none())
}

fn getvalue(_: &Context, a: Args<'_>) -> Result<Ref> {
    str::new_narrowed(open(a.at(0))?.text.view())
}

fn tell(_: &Context, a: Args<'_>) -> Result<Ref> {
    usize_int(open(a.at(0))?.pos)
}

fn read(cx: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    let n = size_or_none(cx, a.opt(1))?;
    open(a.at(0))?.take(n.unwrap_or(usize::MAX))
}

fn readline(cx: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    let n = size_or_none(cx, a.opt(1))?;
    open(a.at(0))?.line(n)
}

fn next(cx: &Context, r: &Ref) -> Result<Option<Ref>> {
    let line = if r.is_exact(&STRING_IO) {
        open(r)?.line(None)?
    } else {
        let line = support::method(cx, r, "readline", &[])?;
        if !str::is_str(&line) {
            return Err(raise(
                &s::OS_ERROR,
                format!(
                    "readline() should have returned a str object, not '{}'",
                    line.ty().name()
                ),
            ));
        }
        line
    };
    Ok(line.body::<StrBody>().is_some_and(|b| !b.is_empty()).then_some(line))
}

fn write(_: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(t) = a.at(1).body::<StrBody>() else {
        return Err(type_error(format!(
            "string argument expected, got '{}'",
            a.at(1).ty().name()
        )));
    };
    open(a.at(0))?.write(t.view())?;
    usize_int(t.len())
}

fn seek(cx: &Context, a: Args<'_>) -> Result<Ref> {
    drop(open(a.at(0))?);
    let pos = protocol::convert::to_i64(cx, a.at(1))?;
    let whence = support::whence(cx, a.opt(2))?;
    if !(0..=2).contains(&whence) {
        return Err(value_error(format!("Invalid whence ({whence}, should be 0, 1 or 2)")));
    }
    if whence == 0 && pos < 0 {
        return Err(value_error(format!("Negative seek position {pos}")));
    }
    if whence != 0 && pos != 0 {
        return Err(raise(&s::OS_ERROR, "Can't do nonzero cur-relative seeks"));
    }
    let mut g = open(a.at(0))?;
    g.pos = match whence {
        0 => pos as usize,
        1 => g.pos,
        _ => g.text.len(),
    };
    usize_int(g.pos)
}

fn truncate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let size = match a.opt_not_none(1) {
        None => open(a.at(0))?.pos,
        Some(n) => {
            drop(open(a.at(0))?);
            let n = protocol::convert::to_i64(cx, n)?;
            usize::try_from(n).map_err(|_| value_error(format!("Negative size value {n}")))?
        }
    };
    let mut g = open(a.at(0))?;
    if size < g.text.len() {
        g.text.truncate(size);
    }
    usize_int(size)
}

fn getstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (text, newline, pos) = {
        let g = open(a.at(0))?;
        let newline = match g.newline {
            Newline::Universal => s::none(),
            Newline::Any => s::empty_str(),
            Newline::Lf => str::from_str("\n")?,
            Newline::Cr => str::from_str("\r")?,
            Newline::CrLf => str::from_str("\r\n")?,
        };
        (str::new_narrowed(g.text.view())?, newline, g.pos)
    };
    tuple::new(vec![text, newline, usize_int(pos)?, instance_dict(cx, a.at(0))?])
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some([text, newline, pos, dict]) = tuple::items(a.at(1)) else {
        return Err(type_error(format!(
            "{}.__setstate__ argument should be 4-tuple, got {}",
            a.at(0).ty().short_name(),
            a.at(1).ty().short_name()
        )));
    };
    init(cx, a.at(0), &[s::empty_str(), newline.clone()], None)?;
    let Some(t) = text.body::<StrBody>() else {
        return Err(type_error(format!(
            "first item of state should be a str, got a {}",
            text.ty().name()
        )));
    };
    let pos = protocol::convert::to_i64(cx, pos)?;
    let pos = usize::try_from(pos).map_err(|_| value_error("position value cannot be negative"))?;
    {
        // As it is: the text was translated when it was written.
        let mut g = open(a.at(0))?;
        g.text = t.view().to_buf();
        g.pos = pos;
    }
    restore_dict(cx, a.at(0), dict, "fourth")?;
    Ok(s::none())
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "StringIO(initial_value='', newline='\\n')\n--\n\nText I/O implementation using an in-memory buffer.",
        ..TypeDef::new(&STRING_IO)
    })?;
    // What lies in memory needs no closing. Classes that inherit find `__del__`.
    STRING_IO.set_finalizer(None);
    Ok(())
}
