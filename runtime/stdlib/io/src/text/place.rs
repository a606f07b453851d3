//! `seek` and `tell`.
//!
//! A position is an int of five fields: where the stream below is to seek, the decoder's flags there, how many bytes to
//! feed it, how many characters of their text to skip, and whether it must be told of the end. Mostly only the first is
//! not zero.

use super::{State, below, buffer_of, lock, open_buffer, position};
use crate::support::{integer, method, unsupported};
use num_bigint::{BigInt, Sign};
use skein_object::error::{Result, raise, value_error};
use skein_object::native::Args;
use skein_object::{Context, Ref, number, protocol, statics as s};

#[derive(Default)]
struct Cookie {
    start: u64,
    flags: i32,
    feed: u32,
    skip: u32,
    at_end: bool,
}

impl Cookie {
    fn pack(&self) -> Result<Ref> {
        if self.flags == 0 && self.feed == 0 && self.skip == 0 && !self.at_end {
            return position(self.start as i64);
        }
        let mut b = Vec::with_capacity(21);
        b.extend_from_slice(&self.start.to_le_bytes());
        b.extend_from_slice(&self.flags.to_le_bytes());
        b.extend_from_slice(&self.feed.to_le_bytes());
        b.extend_from_slice(&self.skip.to_le_bytes());
        b.push(u8::from(self.at_end));
        number::big(BigInt::from_bytes_le(Sign::Plus, &b))
    }

    fn unpack(cx: &Context, r: &Ref) -> Result<Cookie> {
        let i = protocol::index(cx, r)?;
        let Some(v) = number::int_value(&i) else {
            return Ok(Cookie::default());
        };
        let mut b = v.to_big().magnitude().to_bytes_le();
        if b.len() > 21 {
            return Err(skein_object::error::overflow_error("int too big to convert"));
        }
        b.resize(21, 0);
        let word = |at: usize| u32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]]);
        Ok(Cookie {
            start: u64::from(word(0)) | u64::from(word(4)) << 32,
            flags: word(8) as i32,
            feed: word(12),
            skip: word(16),
            at_end: b[20] != 0,
        })
    }
}

fn os_error(text: &str) -> skein_object::Error {
    raise(&s::OS_ERROR, text)
}

pub fn tell_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    tell(cx, a.at(0))
}

fn tell(cx: &Context, r: &Ref) -> Result<Ref> {
    let buffer = open_buffer(cx, r)?;
    {
        let mut g = lock(cx, r)?;
        if !g.seekable {
            return Err(unsupported("underlying stream is not seekable"));
        }
        if !g.telling {
            return Err(os_error("telling position disabled by next() call"));
        }
        g.write_pending(cx, &buffer)?;
    }
    method(cx, r, "flush", &[])?;
    let at = method(cx, &buffer, "tell", &[])?;
    let mut g = lock(cx, r)?;
    let Some((flags, input)) = g.snapshot.clone().filter(|_| g.decoder.is_some()) else {
        return Ok(at);
    };
    let mut cookie = Cookie {
        start: integer(cx, &at)?.saturating_sub(input.len() as i64).max(0) as u64,
        flags: flags as i32,
        ..Cookie::default()
    };
    if g.used == 0 {
        return cookie.pack();
    }
    let (rest, now) = g.decoder_state(cx)?;
    let seen = g.newlines;
    let found = g.replay(cx, flags, &input, &mut cookie);
    // Back to what the decoder was, seen newlines included.
    if seen.is_some() {
        g.newlines = seen;
    }
    g.set_decoder_state(cx, &rest, now)?;
    found?;
    cookie.pack()
}

impl State {
    /// Finds the last byte position before the `used` characters where the decoder holds nothing back, and what is left
    /// to feed and skip from there.
    fn replay(&mut self, cx: &Context, flags: i64, input: &[u8], cookie: &mut Cookie) -> Result<()> {
        let mut wanted = self.used;
        // A guess by the average of the chunk, moved back until it fits.
        let mut from = ((self.ratio * wanted as f64) as usize).min(input.len());
        let mut step = 1;
        loop {
            self.set_decoder_state(cx, &[], flags)?;
            if from == 0 {
                break;
            }
            let n = self.decode(cx, &input[..from], false)?.len();
            if n <= wanted {
                let (rest, f) = self.decoder_state(cx)?;
                if rest.is_empty() {
                    cookie.flags = f as i32;
                    wanted -= n;
                    break;
                }
                from -= rest.len().min(from);
                step = 1;
            } else {
                from -= step.min(from);
                step *= 2;
            }
        }
        cookie.start += from as u64;
        if wanted == 0 {
            return Ok(());
        }
        let (mut fed, mut decoded) = (0, 0);
        for b in &input[from..] {
            fed += 1;
            decoded += self.decode(cx, std::slice::from_ref(b), false)?.len();
            let (rest, f) = self.decoder_state(cx)?;
            if rest.is_empty() && decoded <= wanted {
                cookie.start += fed as u64;
                wanted -= decoded;
                cookie.flags = f as i32;
                (fed, decoded) = (0, 0);
            }
            if decoded >= wanted {
                break;
            }
        }
        if decoded < wanted {
            decoded += self.decode(cx, &[], true)?.len();
            cookie.at_end = true;
            if decoded < wanted {
                return Err(os_error("can't reconstruct logical file position"));
            }
        }
        cookie.feed = fed;
        cookie.skip = u32::try_from(wanted).unwrap_or(u32::MAX);
        Ok(())
    }
}

pub fn seek(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let buffer = open_buffer(cx, r)?;
    let whence = crate::support::whence(cx, a.opt(2))?;
    if !lock(cx, r)?.seekable {
        return Err(unsupported("underlying stream is not seekable"));
    }
    let mut target = a.at(1).clone();
    let zero = number::int_value(&target).is_some_and(|v| v.is_zero());
    match whence {
        0 => {}
        1 if !zero => return Err(unsupported("can't do nonzero cur-relative seeks")),
        1 => target = tell(cx, r)?,
        2 if !zero => return Err(unsupported("can't do nonzero end-relative seeks")),
        2 => return seek_end(cx, r, &buffer),
        w => {
            return Err(value_error(format!("invalid whence ({w}, should be 0, 1 or 2)")));
        }
    }
    let index = protocol::index(cx, &target)?;
    if number::int_value(&index).is_some_and(|v| v.is_negative()) {
        let text = skein_object::str::text(&protocol::repr(cx, &target)?);
        return Err(value_error(format!("negative seek position {text}")));
    }
    method(cx, r, "flush", &[])?;
    let cookie = Cookie::unpack(cx, &index)?;
    method(cx, &buffer, "seek", &[position(cookie.start as i64)?])?;
    let mut g = lock(cx, r)?;
    g.forget_decoded();
    g.snapshot = None;
    if g.decoder.is_some() {
        if cookie.start == 0 && cookie.flags == 0 {
            g.reset_decoder(cx)?;
        } else {
            g.set_decoder_state(cx, &[], i64::from(cookie.flags))?;
        }
    }
    if cookie.skip > 0 {
        let data = below::chunk(cx, &buffer, cookie.feed as usize, false)?;
        let text = g.decode(cx, &data, cookie.at_end)?;
        g.snapshot = Some((i64::from(cookie.flags), data));
        if text.len() < cookie.skip as usize {
            return Err(os_error("can't restore logical file position"));
        }
        g.decoded = text;
        g.used = cookie.skip as usize;
    } else {
        g.snapshot = Some((i64::from(cookie.flags), Vec::new()));
    }
    if let Some(e) = &mut g.encoder {
        e.restart(cx, cookie.start == 0 && cookie.flags == 0)?;
    }
    Ok(target)
}

fn seek_end(cx: &Context, r: &Ref, buffer: &Ref) -> Result<Ref> {
    buffer_of(r)?;
    method(cx, r, "flush", &[])?;
    let mut g = lock(cx, r)?;
    g.forget_decoded();
    g.snapshot = None;
    g.reset_decoder(cx)?;
    let at = method(cx, buffer, "seek", &[Ref::small(0), Ref::small(2)])?;
    let start = number::int_value(&at).is_some_and(|v| v.is_zero());
    if let Some(e) = &mut g.encoder {
        e.restart(cx, start)?;
    }
    Ok(at)
}
