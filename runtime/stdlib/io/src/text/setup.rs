//! Construction and `reconfigure`.

use super::{State, TEXT_IO_WRAPPER, body, buffer_of, life, lock, make};
use crate::codec::{self, Decoder, Encoder, Native};
use crate::newline::Newlines;
use crate::stringio::Newline;
use crate::support::{method, says, unsupported};
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{Args, Row};
use skein_object::object::RefExt;
use skein_object::{Context, Ref, intern, protocol, row, statics as s, str};
use skein_stdlib_os::arg;
use std::sync::atomic::Ordering::Relaxed;

pub static INIT: Row = row!(
    "TextIOWrapper(self, /, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)",
    init_row,
    ""
);

/// The name of the encoding of the locale.
const LOCALE: &str = "UTF-8";

fn text_or_none<'a>(a: Args<'a>, i: usize, name: &str) -> Result<Option<&'a Ref>> {
    match a.opt_not_none(i) {
        Some(r) if !str::is_str(r) => Err(type_error(format!(
            "TextIOWrapper() argument '{name}' must be str or None, not {}",
            r.ty().name()
        ))),
        Some(r) if str::text(r).contains('\0') => Err(value_error("embedded null character")),
        r => Ok(r),
    }
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let encoding = text_or_none(a, 2, "encoding")?;
    let errors = text_or_none(a, 3, "errors")?;
    let newline = a.opt(4).cloned().unwrap_or_else(s::none);
    if !s::is_none(&newline) && !str::is_str(&newline) {
        return Err(type_error(format!(
            "TextIOWrapper() argument 'newline' must be str or None, not {}",
            newline.ty().name()
        )));
    }
    let newline = Newline::parse(&newline, false)?;
    let line = arg::flag(cx, a.opt(5), false)?;
    let through = arg::flag(cx, a.opt(6), false)?;
    initialise(cx, a.at(0), a.at(1), encoding, errors, newline, line, through)?;
    Ok(s::none())
}

/// A new wrapper over a buffered stream.
pub fn make_over(
    cx: &Context,
    buffer: &Ref,
    encoding: Option<&Ref>,
    errors: Option<&Ref>,
    newline: Newline,
    line_buffering: bool,
    write_through: bool,
) -> Result<Ref> {
    let r = make(&TEXT_IO_WRAPPER)?;
    initialise(cx, &r, buffer, encoding, errors, newline, line_buffering, write_through)?;
    Ok(r)
}

#[allow(clippy::too_many_arguments)]
fn initialise(
    cx: &Context,
    r: &Ref,
    buffer: &Ref,
    encoding: Option<&Ref>,
    errors: Option<&Ref>,
    newline: Newline,
    line_buffering: bool,
    write_through: bool,
) -> Result<()> {
    let b = body(r)?;
    b.life.store(life::NEW, Relaxed);
    let encoding = match encoding {
        Some(e) if str::text(e) != "locale" => e.clone(),
        _ => str::from_str(LOCALE)?,
    };
    let errors = match errors {
        Some(e) => e.clone(),
        None => str::from_str("strict")?,
    };
    let mut state = State::new();
    state.newline = newline;
    state.line_buffering = line_buffering;
    state.write_through = write_through;
    set_codec(cx, r, &mut state, buffer, &encoding, &errors)?;
    let seekable = says(cx, buffer, "seekable")?;
    state.seekable = seekable;
    state.telling = seekable;
    state.has_read1 = protocol::getattr_opt(cx, buffer, &intern::name("read1"))?.is_some();
    if seekable && state.encoder.is_some() {
        let at = method(cx, buffer, "tell", &[])?;
        if !skein_object::number::int_value(&at).is_some_and(|v| v.is_zero())
            && let Some(e) = &mut state.encoder
        {
            e.restart(cx, false)?;
        }
    }
    let mut g = lock(cx, r)?;
    *g = state;
    drop(g);
    for (slot, value) in [
        (&b.encoding, encoding),
        (&b.errors, errors),
        (&b.buffer, buffer.clone()),
    ] {
        drop(slot.set(r.holder(), Some(value)));
    }
    b.life.store(life::READY, Relaxed);
    Ok(())
}

/// Sets decoder, encoder and newline decoding.
fn set_codec(cx: &Context, r: &Ref, state: &mut State, buffer: &Ref, encoding: &Ref, errors: &Ref) -> Result<()> {
    let b = body(r)?;
    let native = Native::find(&str::text(encoding), &str::text(errors));
    let info = match native {
        Some(_) => None,
        None => Some(codec::lookup(cx, encoding)?),
    };
    let readable = says(cx, buffer, "readable")?;
    let writable = says(cx, buffer, "writable")?;
    state.decoder = match (native, &info) {
        _ if !readable => None,
        (Some(n), _) => Some(Decoder::native(n)),
        (None, Some(info)) => {
            let d = codec::incremental(cx, info, "incrementaldecoder", errors)?;
            drop(b.codecs[0].set(r.holder(), Some(d.clone())));
            Some(Decoder::Python(d))
        }
        (None, None) => None,
    };
    state.encoder = match (native, &info) {
        _ if !writable => None,
        (Some(native), _) => Some(Encoder::Native { native, start: true }),
        (None, Some(info)) => {
            let e = codec::incremental(cx, info, "incrementalencoder", errors)?;
            drop(b.codecs[1].set(r.holder(), Some(e.clone())));
            Some(Encoder::Python(e))
        }
        (None, None) => None,
    };
    state.plain_ascii = native.is_some_and(|n| n.keeps_ascii());
    state.newlines = (readable && matches!(state.newline, Newline::Universal | Newline::Any))
        .then(|| Newlines::new(state.newline == Newline::Universal));
    Ok(())
}

pub fn reconfigure(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let buffer = buffer_of(r)?;
    let check = |i: usize, name: &str| match a.opt_not_none(i) {
        Some(v) if !str::is_str(v) => Err(type_error(format!(
            "reconfigure() argument '{name}' must be str or None, not {}",
            v.ty().name()
        ))),
        v => Ok(v.cloned()),
    };
    let (mut encoding, mut errors) = (check(1, "encoding")?, check(2, "errors")?);
    let newline = a.opt(3);
    {
        let g = lock(cx, r)?;
        if (g.used > 0 || !g.decoded.is_empty()) && (encoding.is_some() || errors.is_some() || newline.is_some()) {
            return Err(unsupported(
                "It is not possible to set the encoding or newline of stream after the first read",
            ));
        }
    }
    let new_newline = newline.map(|n| Newline::parse(n, false)).transpose()?;
    let (line, through) = {
        let g = lock(cx, r)?;
        (g.line_buffering, g.write_through)
    };
    let line = match a.opt_not_none(4) {
        Some(v) => protocol::is_true(cx, v)?,
        None => line,
    };
    let through = match a.opt_not_none(5) {
        Some(v) => protocol::is_true(cx, v)?,
        None => through,
    };
    method(cx, r, "flush", &[])?;
    let b = body(r)?;
    let mut g = lock(cx, r)?;
    if encoding.is_some() || errors.is_some() || new_newline.is_some() {
        if errors.is_none() {
            errors = if encoding.is_some() {
                Some(str::from_str("strict")?)
            } else {
                b.errors.get()
            };
        }
        encoding = match encoding {
            Some(e) if str::text(&e) == "locale" => Some(str::from_str(LOCALE)?),
            None => b.encoding.get(),
            e => e,
        };
        let (Some(e), Some(h)) = (encoding, errors) else {
            return Err(value_error("I/O operation on uninitialized object"));
        };
        let mut state = State::new();
        state.newline = new_newline.unwrap_or(g.newline);
        set_codec(cx, r, &mut state, &buffer, &e, &h)?;
        let start = matches!(&g.encoder, Some(Encoder::Native { start: true, .. }));
        g.newline = state.newline;
        g.decoder = state.decoder;
        g.encoder = state.encoder;
        g.newlines = state.newlines;
        g.plain_ascii = state.plain_ascii;
        if !start && let Some(e) = &mut g.encoder {
            e.restart(cx, false)?;
        }
        drop(b.encoding.set(r.holder(), Some(e)));
        drop(b.errors.set(r.holder(), Some(h)));
    }
    g.line_buffering = line;
    g.write_through = through;
    Ok(s::none())
}
