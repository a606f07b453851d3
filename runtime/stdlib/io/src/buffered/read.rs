//! Reading.

use super::shared::to_raw;
use super::{BUFFERED_RANDOM, BUFFERED_READER, Inner, body, open_raw, raw};
use crate::support::{self, bytes_result, fill, method, usize_int, writable_len};
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{Args, Row};
use skein_object::object::RefExt;
use skein_object::{Context, Ref, intern, protocol, row, statics as s, str};
use skein_stdlib_os::OwnedGuard;
use skein_stdlib_os::arg::size_or_none;

/// For `BufferedReader`.
pub static READER: &[Row] = METHODS;

pub static METHODS: &[Row] = &[
    row!("readable(self, /)", |cx, a| to_raw(cx, a, "readable"), ""),
    row!("read(self, size=-1, /)", read, ""),
    row!("peek(self, size=0, /)", peek, ""),
    row!("read1(self, size=-1, /)", read1, ""),
    row!("readinto(self, buffer, /)", readinto, ""),
    row!("readinto1(self, buffer, /)", readinto1, ""),
    row!("readline(self, size=-1, /)", readline_row, ""),
];

/// Locks for reading: nothing waits to be written.
fn start<'a>(cx: &Context, r: &'a Ref, what: &str) -> Result<(Ref, OwnedGuard<'a, Inner>)> {
    let raw = open_raw(cx, r, what)?;
    let mut g = body(r)?.lock(cx, r)?;
    if !g.pending.is_empty() {
        g.flush_pending(cx, &raw)?;
    }
    Ok((raw, g))
}

fn read(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    body(r)?.raw(cx)?;
    if let Some(n) = a.opt_not_none(1)
        && size_or_none(cx, Some(n))?.is_none()
        && protocol::convert::to_i64(cx, n)? != -1
    {
        return Err(value_error("read length must be non-negative or -1"));
    }
    let n = size_or_none(cx, a.opt(1))?;
    let (raw, mut g) = start(cx, r, "read")?;
    let Some(n) = n else {
        return read_all(cx, &raw, &mut g);
    };
    if n <= g.ahead().len() {
        return str::bytes(g.take(n));
    }
    match read_exactly(cx, &raw, &mut g, n)? {
        Some(v) => str::bytes(&v),
        None => Ok(s::none()),
    }
}

/// `n` bytes, or fewer at the end of the stream or where it would block; `None` if it would block at once.
fn read_exactly(cx: &Context, raw: &Ref, g: &mut Inner, n: usize) -> Result<Option<Vec<u8>>> {
    let mut out = skein_gc::alloc::vec_with(n.min(g.ahead().len().max(1 << 20)))?;
    out.extend_from_slice(g.take(n));
    while out.len() < n {
        let missing = n - out.len();
        let got = if missing >= g.size {
            // Whole buffers need not pass through ours.
            let got = raw::read(cx, raw, &mut out, missing - missing % g.size)?;
            g.moved(got.unwrap_or(0));
            got
        } else {
            let got = g.fill(cx, raw)?;
            out.extend_from_slice(g.take(missing));
            got
        };
        match got {
            Some(0) => break,
            Some(_) => {}
            None if out.is_empty() => return Ok(None),
            None => break,
        }
    }
    Ok(Some(out))
}

fn read_all(cx: &Context, raw: &Ref, g: &mut Inner) -> Result<Ref> {
    let mut out = Vec::new();
    let n = g.ahead().len();
    skein_gc::alloc::make_room(&mut out, n)?;
    out.extend_from_slice(g.take(n));
    g.forget_input();
    g.raw_pos = -1;
    if let Some(f) = protocol::getattr_opt(cx, raw, &intern::name("readall"))? {
        let rest = protocol::call0(cx, &f)?;
        if s::is_none(&rest) {
            return if out.is_empty() { Ok(rest) } else { str::bytes(&out) };
        }
        let b = bytes_result(&rest, "readall()").map_err(|_| type_error("readall() should return bytes"))?;
        if out.is_empty() && rest.is_exact(&s::BYTES) {
            return Ok(rest.clone());
        }
        skein_gc::alloc::make_room(&mut out, b.len())?;
        out.extend_from_slice(b);
        return str::bytes(&out);
    }
    loop {
        let piece = method(cx, raw, "read", &[])?;
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

/// All the rest of an exact native reader.
pub fn read_all_native(cx: &Context, r: &Ref) -> Result<Ref> {
    let (raw, mut g) = start(cx, r, "read")?;
    read_all(cx, &raw, &mut g)
}

fn peek(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let (raw, mut g) = start(cx, r, "peek")?;
    if g.ahead().is_empty() {
        g.fill(cx, &raw)?;
    }
    str::bytes(g.ahead())
}

/// What is read ahead, else what one read gives: at most `n` bytes.
fn one_read(cx: &Context, raw: &Ref, g: &mut Inner, n: usize) -> Result<Vec<u8>> {
    if !g.ahead().is_empty() {
        return Ok(g.take(n).to_vec());
    }
    g.forget_input();
    let mut out = skein_gc::alloc::vec_with(n)?;
    let got = raw::read(cx, raw, &mut out, n)?;
    g.moved(got.unwrap_or(0));
    Ok(out)
}

/// `read1(n)` of an exact native reader.
pub fn read1_native(cx: &Context, r: &Ref, n: usize) -> Result<Vec<u8>> {
    let (raw, mut g) = start(cx, r, "read")?;
    one_read(cx, &raw, &mut g, n)
}

fn read1(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    body(r)?.raw(cx)?;
    let n = match a.opt(1) {
        Some(n) => usize::try_from(protocol::convert::to_i64(cx, n)?).ok(),
        None => None,
    };
    let (raw, mut g) = start(cx, r, "read")?;
    let n = n.unwrap_or(g.size);
    if n == 0 {
        return Ok(s::empty_bytes());
    }
    str::bytes(&one_read(cx, &raw, &mut g, n)?)
}

fn readinto(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    body(r)?.raw(cx)?;
    let n = writable_len(cx, a.at(1), "readinto() argument must be read-write bytes-like object")?;
    let (raw, mut g) = start(cx, r, "readinto")?;
    let data = read_exactly(cx, &raw, &mut g, n)?;
    drop(g);
    match data {
        Some(d) => {
            fill(cx, a.at(1), &d)?;
            usize_int(d.len())
        }
        None => Ok(s::none()),
    }
}

fn readinto1(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    body(r)?.raw(cx)?;
    let n = writable_len(cx, a.at(1), "readinto1() argument must be read-write bytes-like object")?;
    if n == 0 {
        return Ok(Ref::small(0));
    }
    let (raw, mut g) = start(cx, r, "readinto")?;
    let data = one_read(cx, &raw, &mut g, n)?;
    drop(g);
    fill(cx, a.at(1), &data)?;
    usize_int(data.len())
}

fn readline_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?.raw(cx)?;
    let limit = size_or_none(cx, a.opt(1))?;
    readline(cx, a.at(0), limit)
}

fn readline(cx: &Context, r: &Ref, limit: Option<usize>) -> Result<Ref> {
    let (raw, mut g) = start(cx, r, "readline")?;
    let mut out: Vec<u8> = Vec::new();
    loop {
        let room = limit.map_or(usize::MAX, |n| n - out.len());
        let ahead = g.ahead();
        let ahead = &ahead[..ahead.len().min(room)];
        let end = memchr::memchr(b'\n', ahead).map(|i| i + 1);
        let n = end.unwrap_or(ahead.len());
        if out.is_empty() && (end.is_some() || n == room) {
            return str::bytes(g.take(n));
        }
        skein_gc::alloc::make_room(&mut out, n)?;
        out.extend_from_slice(g.take(n));
        if end.is_some() || n == room {
            break;
        }
        match g.fill(cx, &raw)? {
            Some(n) if n > 0 => {}
            _ => break,
        }
    }
    str::bytes(&out)
}

pub fn next(cx: &Context, r: &Ref) -> Result<Option<Ref>> {
    let line = if r.is_exact(&BUFFERED_READER) || r.is_exact(&BUFFERED_RANDOM) {
        readline(cx, r, None)?
    } else {
        let line = support::method(cx, r, "readline", &[])?;
        if line.body::<skein_object::BytesBody>().is_none() {
            return Err(skein_object::error::raise(
                &s::OS_ERROR,
                format!(
                    "readline() should have returned a bytes object, not '{}'",
                    line.ty().name()
                ),
            ));
        }
        line
    };
    Ok((line.body::<skein_object::BytesBody>().is_some_and(|b| !b.is_empty())).then_some(line))
}
