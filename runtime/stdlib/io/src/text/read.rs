//! Reading.

use super::{State, TEXT_IO_WRAPPER, below, lock, open_buffer};
use crate::support::{self, unsupported};
use skein_object::error::{Result, raise};
use skein_object::native::Args;
use skein_object::object::RefExt;
use skein_object::{Context, Ref, StrBody, statics as s, str};
use skein_stdlib_os::arg::size_or_none;
use skein_text::StrBuf;

impl State {
    pub(super) fn decode(&mut self, cx: &Context, data: &[u8], last: bool) -> Result<StrBuf> {
        let Some(d) = &mut self.decoder else {
            return Err(unsupported("not readable"));
        };
        let text = d.decode(cx, data, last)?;
        Ok(match &mut self.newlines {
            Some(n) => n.decode(text, last),
            None => text,
        })
    }

    pub(super) fn reset_decoder(&mut self, cx: &Context) -> Result<()> {
        if let Some(n) = &mut self.newlines {
            n.reset();
        }
        match &mut self.decoder {
            Some(d) => d.reset(cx),
            None => Ok(()),
        }
    }

    /// The decoder's state; the pending `\r` is the lowest bit where newlines are decoded.
    pub(super) fn decoder_state(&self, cx: &Context) -> Result<(Vec<u8>, i64)> {
        let Some(d) = &self.decoder else {
            return Ok((Vec::new(), 0));
        };
        let (rest, flags) = d.getstate(cx)?;
        Ok(match &self.newlines {
            Some(n) => (rest, flags << 1 | i64::from(n.pending_cr)),
            None => (rest, flags),
        })
    }

    pub(super) fn set_decoder_state(&mut self, cx: &Context, rest: &[u8], flags: i64) -> Result<()> {
        let Some(d) = &mut self.decoder else {
            return Ok(());
        };
        match &mut self.newlines {
            Some(n) => {
                n.pending_cr = flags & 1 != 0;
                d.setstate(cx, rest, flags >> 1)
            }
            None => d.setstate(cx, rest, flags),
        }
    }

    /// Decodes one more chunk into the empty `decoded`; false at the end.
    fn read_chunk(&mut self, cx: &Context, buffer: &Ref, hint: usize) -> Result<bool> {
        if self.decoder.is_none() {
            return Err(unsupported("not readable"));
        }
        let before = if self.telling {
            Some(self.decoder_state(cx)?)
        } else {
            None
        };
        let hint = (hint as f64 * self.ratio.max(1.0)) as usize;
        let data = below::chunk(cx, buffer, self.chunk.max(hint), self.has_read1)?;
        let end = data.is_empty();
        self.forget_decoded();
        let text = self.decode(cx, &data, end)?;
        self.ratio = if text.is_empty() {
            0.0
        } else {
            data.len() as f64 / text.len() as f64
        };
        let more = !end || !text.is_empty();
        self.decoded = text;
        if let Some((mut rest, flags)) = before {
            rest.extend_from_slice(&data);
            self.snapshot = Some((flags, rest));
        }
        Ok(more)
    }

    fn take(&mut self, n: usize, out: &mut StrBuf) {
        let v = self.ahead();
        let n = n.min(v.len());
        if n == 0 {
            return;
        }
        if out.is_empty() && n == self.decoded.len() {
            *out = std::mem::take(&mut self.decoded);
            // The length stays known for `tell` through `used`; the text itself is not needed any more.
            self.used = n;
            return;
        }
        out.push_view(v.slice(0..n));
        self.used += n;
    }
}

pub fn read_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    super::buffer_of(a.at(0))?;
    let n = size_or_none(cx, a.opt(1))?;
    let r = a.at(0);
    let buffer = open_buffer(cx, r)?;
    let mut g = lock(cx, r)?;
    if g.decoder.is_none() {
        return Err(unsupported("not readable"));
    }
    g.write_pending(cx, &buffer)?;
    let mut out = StrBuf::new();
    match n {
        None => {
            let data = below::all(cx, &buffer)?;
            let bytes = support::bytes_result(&data, "read()")?;
            let text = g.decode(cx, bytes, true)?;
            if g.ahead().is_empty() {
                out = text;
            } else {
                out.push_view(g.ahead());
                out.push_view(text.view());
            }
            g.forget_decoded();
            g.snapshot = None;
        }
        Some(n) => loop {
            let missing = n - out.len();
            g.take(missing, &mut out);
            if out.len() >= n || !g.read_chunk(cx, &buffer, n - out.len())? {
                break;
            }
        },
    }
    str::from_buf(out)
}

pub fn readline_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    super::buffer_of(a.at(0))?;
    let limit = match a.opt(1) {
        Some(n) => usize::try_from(skein_object::protocol::convert::to_i64(cx, n)?).ok(),
        None => None,
    };
    readline(cx, a.at(0), limit)
}

fn readline(cx: &Context, r: &Ref, limit: Option<usize>) -> Result<Ref> {
    let buffer = open_buffer(cx, r)?;
    let mut g = lock(cx, r)?;
    g.write_pending(cx, &buffer)?;
    let newline = g.newline;
    let mut line = StrBuf::new();
    loop {
        let ahead = g.ahead();
        let len = ahead.len();
        // A line whose "\r\n" is split between two chunks is found in the joined text.
        let split = newline == crate::stringio::Newline::CrLf
            && line.view().get(line.len().wrapping_sub(1)) == Some(13)
            && ahead.get(0) == Some(10);
        let end = if split { Some(1) } else { newline.line_end(ahead) };
        let mut n = end.unwrap_or(len);
        let mut done = end.is_some();
        if let Some(limit) = limit
            && line.len() + n >= limit
        {
            n = limit - line.len();
            done = true;
        }
        if done && line.is_empty() {
            let text = str::new_narrowed(ahead.slice(0..n))?;
            g.used += n;
            return Ok(text);
        }
        line.push_view(ahead.slice(0..n));
        g.used += n;
        if done || !g.read_chunk(cx, &buffer, 0)? {
            break;
        }
    }
    if line.is_empty() && g.decoded.is_empty() {
        g.snapshot = None;
        g.used = 0;
    }
    str::from_buf(line)
}

pub fn next(cx: &Context, r: &Ref) -> Result<Option<Ref>> {
    super::buffer_of(r)?;
    lock(cx, r)?.telling = false;
    let line = if r.is_exact(&TEXT_IO_WRAPPER) {
        readline(cx, r, None)?
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
    if line.body::<StrBody>().is_some_and(|b| !b.is_empty()) {
        return Ok(Some(line));
    }
    let mut g = lock(cx, r)?;
    g.snapshot = None;
    g.telling = g.seekable;
    Ok(None)
}
