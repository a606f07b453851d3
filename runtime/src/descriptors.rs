//! Which of the standard descriptors were open when the process began.
//!
//! Rust's own start-up opens `/dev/null` in the place of those that are closed, so this has to be looked at before it.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU8, Ordering};

/// A bit for each closed one. Relaxed: written before there is a second thread.
static CLOSED: AtomicU8 = AtomicU8::new(0);

extern "C" fn look() {
    for fd in 0..3 {
        // SAFETY: a query of a descriptor, which changes nothing.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
            CLOSED.fetch_or(1 << fd, Ordering::Relaxed);
        }
    }
}

// SAFETY: the section holds pointers to functions without needs, which the loader calls before `main`.
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;

/// Whether the descriptor was closed when the process began.
pub fn was_closed(fd: i32) -> bool {
    CLOSED.load(Ordering::Relaxed) & 1 << fd != 0
}
