//! Writing.

use super::shared::to_raw;
use super::{Inner, body, check_writable, raw};
use crate::support::{data_of, usize_int};
use skein_object::error::{Error, Result, value_error};
use skein_object::exception;
use skein_object::native::{Args, Row};
use skein_object::{Context, Ref, number, row, statics as s};

pub static METHODS: &[Row] = &[
    row!("writable(self, /)", |cx, a| to_raw(cx, a, "writable"), ""),
    row!(
        "write(self, buffer, /)",
        write,
        "Write the given buffer to the IO stream."
    ),
];

/// BlockingIOError with the number of bytes that were taken.
#[cold]
fn would_block(written: usize) -> Error {
    let e = skein_stdlib_os::error::of_class(
        &s::BLOCKING_IO_ERROR,
        libc::EAGAIN,
        "write could not complete without blocking",
        None,
        None,
    );
    if let Ok(n) = number::int_from_usize(written) {
        exception::set_field(&e.0, exception::OS_WRITTEN, n);
    }
    e
}

impl Inner {
    /// Writes all that waits.
    pub(super) fn flush_pending(&mut self, cx: &Context, raw: &Ref) -> Result<()> {
        if self.push_out(cx, raw)? {
            Ok(())
        } else {
            Err(would_block(0))
        }
    }

    /// Writes what waits; false if the stream would block before all is written.
    fn push_out(&mut self, cx: &Context, raw: &Ref) -> Result<bool> {
        let mut done = 0;
        let result = loop {
            if done == self.pending.len() {
                break Ok(true);
            }
            match raw::write(cx, raw, &self.pending[done..]) {
                Ok(Some(n)) => {
                    done += n;
                    self.moved(n);
                }
                Ok(None) => break Ok(false),
                Err(e) => break Err(e),
            }
        };
        self.pending.drain(..done);
        result
    }

    /// Takes all of `data`, or raises BlockingIOError.
    pub(super) fn write(&mut self, cx: &Context, raw: &Ref, data: &[u8]) -> Result<()> {
        if self.readable {
            self.leave_reading(cx, raw)?;
        }
        if self.pending.len() + data.len() <= self.size {
            return self.keep(data);
        }
        let mut rest = data;
        if !self.push_out(cx, raw)? {
            return self.keep_some(data, rest);
        }
        while rest.len() > self.size {
            match raw::write(cx, raw, rest)? {
                Some(n) => {
                    self.moved(n);
                    rest = &rest[n.min(rest.len())..];
                }
                None => return self.keep_some(data, rest),
            }
        }
        self.keep(rest)
    }

    fn keep(&mut self, data: &[u8]) -> Result<()> {
        if self.pending.capacity() < self.pending.len() + data.len() {
            // Small outputs keep small buffers.
            let want = (2 * self.pending.capacity()).clamp(8192.min(self.size), self.size);
            let more = want.saturating_sub(self.pending.len()).max(data.len());
            skein_gc::alloc::make_room(&mut self.pending, more)?;
        }
        self.pending.extend_from_slice(data);
        Ok(())
    }

    /// The stream would block: keeps as much as the buffer holds, and reports the rest.
    fn keep_some(&mut self, data: &[u8], rest: &[u8]) -> Result<()> {
        let room = self.size.saturating_sub(self.pending.len());
        let n = room.min(rest.len());
        self.keep(&rest[..n])?;
        if n == rest.len() {
            return Ok(());
        }
        Err(would_block(data.len() - rest.len() + n))
    }
}

/// Writes bytes to a buffered object.
pub fn write_native(cx: &Context, r: &Ref, data: &[u8]) -> Result<()> {
    let b = body(r)?;
    let raw = b.raw(cx)?;
    let mut g = b.lock(cx, r)?;
    check_writable(&g, "write")?;
    if raw::is_closed(cx, &raw)? {
        return Err(value_error("write to closed file"));
    }
    g.write(cx, &raw, data)
}

fn write(cx: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?.raw(cx)?;
    let data = data_of(cx, a.at(1))?;
    write_native(cx, a.at(0), &data)?;
    usize_int(data.len())
}
