//! What all three buffered classes have.

use super::raw;
use super::{body, open_raw};
use crate::fileio::{InRepr, joined, qualified};
use crate::support::{self, chain, int, method, unsupported};
use skein_object::error::{Result, runtime_error, value_error};
use skein_object::native::{Args, Row};
use skein_object::object::RefExt;
use skein_object::{Context, Ref, intern, protocol, row, statics as s, str};
use skein_stdlib_os::arg;
use skein_types::startup::{GetSet, getset, member};
use std::sync::atomic::Ordering::Relaxed;

pub static METHODS: &[Row] = &[
    row!("detach(self, /)", detach, ""),
    row!("flush(self, /)", flush_row, ""),
    row!("close(self, /)", close, ""),
    row!("seekable(self, /)", |cx, a| to_raw(cx, a, "seekable"), ""),
    row!("fileno(self, /)", |cx, a| to_raw(cx, a, "fileno"), ""),
    row!("isatty(self, /)", |cx, a| to_raw(cx, a, "isatty"), ""),
    row!("_dealloc_warn(self, source, /)", dealloc_warn, ""),
    row!("seek(self, target, whence=0, /)", seek_row, ""),
    row!("tell(self, /)", tell_row, ""),
    row!("truncate(self, pos=None, /)", truncate, ""),
    row!("__sizeof__(self, /)", sizeof, ""),
    row!("__getstate__(self, /)", support::no_pickle, ""),
];

pub static GETSET: &[GetSet] = &[
    member("raw", |_, r| Ok(body(r)?.raw.get().unwrap_or_else(s::none))),
    member("_finalizing", |_, r| support::bool(body(r)?.finalizing.load(Relaxed))).setter(|cx, r, v| {
        body(r)?.finalizing.store(arg::flag(cx, v, false)?, Relaxed);
        Ok(())
    }),
    getset("closed", |cx, r| support::bool(raw::is_closed(cx, &body(r)?.raw(cx)?)?)),
    getset("name", |cx, r| protocol::getattr_str(cx, &body(r)?.raw(cx)?, "name")),
    getset("mode", |cx, r| protocol::getattr_str(cx, &body(r)?.raw(cx)?, "mode")),
];

/// Hands a call without arguments on to the raw stream.
pub fn to_raw(cx: &Context, a: Args<'_>, name: &str) -> Result<Ref> {
    method(cx, &body(a.at(0))?.raw(cx)?, name, &[])
}

fn dealloc_warn(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(raw) = body(a.at(0))?.raw.get() else {
        return Ok(s::none());
    };
    warn_through(cx, &raw, a.at(1))?;
    Ok(s::none())
}

/// `raw._dealloc_warn(source)`, where it exists.
pub fn warn_through(cx: &Context, raw: &Ref, source: &Ref) -> Result<()> {
    if let Some(f) = protocol::getattr_opt(cx, raw, &intern::name("_dealloc_warn"))? {
        protocol::call1(cx, &f, source)?;
    }
    Ok(())
}

fn detach(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    b.raw(cx)?;
    method(cx, a.at(0), "flush", &[])?;
    let mut g = b.lock(cx, a.at(0))?;
    g.detached = true;
    let raw = b.raw.set(a.at(0).holder(), None);
    drop(g);
    raw.ok_or_else(|| value_error("raw stream has been detached"))
}

fn flush_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    flush(cx, a.at(0))
}

/// `flush()`.
pub fn flush(cx: &Context, r: &Ref) -> Result<Ref> {
    let raw = open_raw(cx, r, "flush")?;
    let mut g = body(r)?.lock(cx, r)?;
    if !g.writable {
        drop(g);
        return method(cx, &raw, "flush", &[]);
    }
    g.flush_pending(cx, &raw)?;
    if g.readable {
        g.leave_reading(cx, &raw)?;
    }
    Ok(s::none())
}

fn close(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let b = body(r)?;
    let raw = b.raw(cx)?;
    if raw::is_closed(cx, &raw)? {
        return Ok(s::none());
    }
    if b.finalizing.load(Relaxed) {
        warn_through(cx, &raw, r)?;
    }
    let flushed = method(cx, r, "flush", &[]).map(drop);
    let closed = method(cx, &raw, "close", &[]);
    let mut g = b.lock(cx, r)?;
    g.input = Vec::new();
    g.used = 0;
    g.pending = Vec::new();
    drop(g);
    chain(flushed, closed)
}

fn tell_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let raw = body(a.at(0))?.raw(cx)?;
    let mut g = body(a.at(0))?.lock(cx, a.at(0))?;
    let at = g.tell_raw(cx, &raw)?;
    int((at - g.ahead().len() as i64 + g.pending.len() as i64).max(0))
}

fn seek_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let whence = support::whence(cx, a.opt(2))?;
    if !(0..=4).contains(&whence) {
        return Err(value_error(format!("whence value {whence} unsupported")));
    }
    let raw = open_raw(cx, r, "seek")?;
    raw::check_seekable(cx, &raw)?;
    let mut target = arg::long(cx, a.at(1))?;
    let mut g = body(r)?.lock(cx, r)?;
    if whence <= 1 && g.readable && !g.ahead().is_empty() {
        // Perhaps the place is in the buffer.
        let end = if g.raw_pos >= 0 {
            g.raw_pos
        } else {
            g.tell_raw(cx, &raw)?
        };
        let start = end - g.input.len() as i64;
        let here = start + g.used as i64;
        let wanted = if whence == 0 {
            target
        } else {
            here.saturating_add(target)
        };
        if (start..=end).contains(&wanted) && wanted >= 0 {
            g.used = (wanted - start) as usize;
            return int(wanted);
        }
    }
    g.flush_pending(cx, &raw)?;
    if whence == 1 {
        target = target.saturating_sub(g.ahead().len() as i64);
    }
    let at = g.seek_raw(cx, &raw, target, whence)?;
    g.forget_input();
    int(at)
}

fn truncate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let raw = body(r)?.raw(cx)?;
    let mut g = body(r)?.lock(cx, r)?;
    if !g.writable {
        return Err(unsupported("truncate"));
    }
    if raw::is_closed(cx, &raw)? {
        return Err(value_error("truncate of closed file"));
    }
    g.flush_pending(cx, &raw)?;
    if g.readable {
        g.leave_reading(cx, &raw)?;
    }
    let pos = match a.opt_not_none(1) {
        Some(p) => p.clone(),
        None => int(g.tell_raw(cx, &raw)?)?,
    };
    method(cx, &raw, "truncate", &[pos])
}

fn sizeof(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let g = body(a.at(0))?.lock(cx, a.at(0))?;
    int((std::mem::size_of::<super::BufferedBody>() + 16 + g.size) as i64)
}

/// `<_io.BufferedReader name='x'>`.
pub fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let full = qualified(cx, r)?;
    // Errors of a stream that was not completed, and a stream without a name, give the short form.
    let name = match protocol::getattr_str(cx, r, "name") {
        Ok(n) => n,
        Err(e) if e.is(&s::ATTRIBUTE_ERROR) || e.is(&s::VALUE_ERROR) => {
            return str::from_str(&format!("<{full}>"));
        }
        Err(e) => return Err(e),
    };
    let Some(_inside) = InRepr::enter(cx, r) else {
        return Err(runtime_error(format!(
            "reentrant call inside {}.__repr__",
            r.ty().name()
        )));
    };
    joined(&format!("<{full} name="), &protocol::repr(cx, &name)?, ">")
}
