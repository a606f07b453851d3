//! Blocking system calls: detached, and repeated when a signal interrupts them.

use skein_object::context::{Context, hooks};
use skein_object::error::Result;
use std::io;

/// Runs a call that may block. When a signal interrupts it, Python's handlers run, and it is repeated unless they raise.
/// The outer result is what a handler raised.
pub fn retry<R>(cx: &Context, mut call: impl FnMut() -> io::Result<R>) -> Result<io::Result<R>> {
    loop {
        match skein_gc::mutator::waiting(&mut call) {
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => (hooks().poll)(cx)?,
            r => return Ok(r),
        }
    }
}

/// As [`retry`], with the errno as an exception.
pub fn blocking<R>(cx: &Context, call: impl FnMut() -> io::Result<R>) -> Result<R> {
    retry(cx, call)?.map_err(|e| crate::error::from_io(&e))
}
