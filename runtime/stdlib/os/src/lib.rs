//! What the native modules that talk to the operating system share: OSError from errno, interrupted calls, paths,
//! arguments, a lock that knows its owner.
//!
//! Knows no module of Python's; the calls into libc are the modules' own.

pub mod arg;
pub mod error;
pub mod import;
pub mod lock;
pub mod path;
pub mod retry;

pub use error::{os_error, os_error_for, os_error_two};
pub use lock::{OwnedGuard, OwnedMutex};
pub use retry::{blocking, retry};
