//! Stacks for recursion: nested syntax is walked recursively, deeper than the thread's own stack goes.
//!
//! They are `stacker`'s, which the parser asks, too, and which panics where there is no memory for one. Here that is an error: whether there is
//! some is found out before. If another thread has taken it then, the panic ends here.
#![allow(unsafe_code)]

use crate::error::{Error, ErrorKind};
use ruff_text_size::TextRange;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// There is no memory for a stack.
#[derive(Debug)]
pub struct NoStack;

impl From<NoStack> for Error {
    fn from(_: NoStack) -> Error {
        Error::new(ErrorKind::Memory, TextRange::default(), "")
    }
}

/// Calls `f` on a stack of which `least` bytes are left: this one, or another one of `bytes`.
///
/// # Errors
/// There is no memory for that; `f` was not called.
#[inline(always)]
pub fn with<R>(least: usize, bytes: usize, f: impl FnOnce() -> R) -> Result<R, NoStack> {
    if stacker::remaining_stack().is_some_and(|n| n >= least) {
        return Ok(f());
    }
    let mut f = Some(f);
    let mut out = None;
    on_another(bytes, &mut || out = f.take().map(|f| f()))?;
    // It was called, since there is no error.
    out.ok_or(NoStack)
}

#[cold]
#[inline(never)]
fn on_another(bytes: usize, f: &mut dyn FnMut()) -> Result<(), NoStack> {
    if !can_map(bytes.checked_add(SPARE).ok_or(NoStack)?) {
        return Err(NoStack);
    }
    let mut called = false;
    let grown = catch_unwind(AssertUnwindSafe(|| {
        stacker::grow(bytes, || {
            called = true;
            f();
        });
    }));
    match grown {
        Err(panic) if called => resume_unwind(panic),
        Err(_) => Err(NoStack),
        Ok(()) => Ok(()),
    }
}

/// What is needed beside a stack.
const SPARE: usize = 64 << 10;

/// Whether the system gives so much memory.
fn can_map(bytes: usize) -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
    // SAFETY: a new mapping, which takes no other's place; given back before anybody knows of it.
    unsafe {
        let p = libc::mmap(std::ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0);
        p != libc::MAP_FAILED && libc::munmap(p, bytes) == 0
    }
}
