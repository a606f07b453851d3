//! `sys.stdin`, `sys.stdout`, `sys.stderr`.

use crate::buffered::{self, BUFFERED_READER, BUFFERED_WRITER};
use crate::stringio::Newline;
use crate::{fileio, sys, text};
use skein_object::error::Result;
use skein_object::{Context, Ref, intern, protocol, statics as s, str};

/// How a standard stream is made.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    pub encoding: &'a str,
    pub errors: &'a str,
    /// `-u`: nothing is kept back.
    pub unbuffered: bool,
    /// Lines are written at once though the stream is no terminal (stderr).
    pub line_buffering: bool,
}

/// A standard stream over a file descriptor; None if the descriptor is not open.
///
/// # Errors
/// MemoryError; what the codec lookup raises for encodings that are not native.
pub fn stdio(cx: &Context, fd: i32, write: bool, options: Options<'_>) -> Result<Ref> {
    crate::ready()?;
    if sys::fstat(fd).is_err() {
        return Ok(s::none());
    }
    let mode = if write { "w" } else { "r" };
    let raw = fileio::open_new(cx, &Ref::small(fd), mode, false, None)?;
    let name = match fd {
        0 => "<stdin>",
        1 => "<stdout>",
        2 => "<stderr>",
        _ => "<file>",
    };
    protocol::setattr(cx, &raw, &intern::name("name"), &str::from_str(name)?)?;
    let ty = if write { &BUFFERED_WRITER } else { &BUFFERED_READER };
    let buffer = if write && options.unbuffered {
        raw.clone()
    } else {
        buffered::make_over(cx, ty, &raw, crate::DEFAULT_BUFFER_SIZE)?
    };
    let line = options.line_buffering || fileio::is_tty_at_open(&raw)?;
    let wrapper = text::make_over(
        cx,
        &buffer,
        Some(&str::from_str(options.encoding)?),
        Some(&str::from_str(options.errors)?),
        if write { Newline::Lf } else { Newline::Universal },
        line && !options.unbuffered,
        write && options.unbuffered,
    )?;
    protocol::setattr(cx, &wrapper, &intern::name("mode"), &str::from_str(mode)?)?;
    Ok(wrapper)
}
