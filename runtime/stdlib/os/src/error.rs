//! OSError and its subclasses from an errno.

use skein_object::error::Error;
use skein_object::exception::{self, OS_ERRNO, OS_FILENAME, OS_FILENAME2, OS_STRERROR};
use skein_object::statics as s;
use skein_object::types::Type;
use skein_object::{Ref, str};

/// The class for an errno, as `OSError.__new__` picks it.
pub fn class_for(errno: i32) -> &'static Type {
    match errno {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => &s::BLOCKING_IO_ERROR,
        libc::EPIPE | libc::ESHUTDOWN => &s::BROKEN_PIPE_ERROR,
        libc::ECHILD => &s::CHILD_PROCESS_ERROR,
        libc::ECONNABORTED => &s::CONNECTION_ABORTED_ERROR,
        libc::ECONNREFUSED => &s::CONNECTION_REFUSED_ERROR,
        libc::ECONNRESET => &s::CONNECTION_RESET_ERROR,
        libc::EEXIST => &s::FILE_EXISTS_ERROR,
        libc::ENOENT => &s::FILE_NOT_FOUND_ERROR,
        libc::EISDIR => &s::IS_A_DIRECTORY_ERROR,
        libc::ENOTDIR => &s::NOT_A_DIRECTORY_ERROR,
        libc::EINTR => &s::INTERRUPTED_ERROR,
        libc::EACCES | libc::EPERM => &s::PERMISSION_ERROR,
        libc::ESRCH => &s::PROCESS_LOOKUP_ERROR,
        libc::ETIMEDOUT => &s::TIMEOUT_ERROR,
        _ => &s::OS_ERROR,
    }
}

/// The C library's text for an errno.
pub fn strerror(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    match text.rfind(" (os error ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// `OSError(errno, strerror(errno))`.
#[cold]
pub fn os_error(errno: i32) -> Error {
    os_error_two(errno, None, None)
}

/// `OSError(errno, strerror(errno), filename)`.
#[cold]
pub fn os_error_for(errno: i32, filename: Option<&Ref>) -> Error {
    os_error_two(errno, filename, None)
}

/// `OSError(errno, strerror(errno), filename, None, filename2)`.
#[cold]
pub fn os_error_two(errno: i32, filename: Option<&Ref>, filename2: Option<&Ref>) -> Error {
    of_class(class_for(errno), errno, &strerror(errno), filename, filename2)
}

/// An OSError of a class, with errno and text.
#[cold]
pub fn of_class(ty: &'static Type, errno: i32, text: &str, filename: Option<&Ref>, filename2: Option<&Ref>) -> Error {
    let text = match str::from_str(text) {
        Ok(t) => t,
        Err(e) => return e,
    };
    let number = Ref::small(errno);
    let e = exception::instantiate(ty, vec![number.clone(), text.clone()]);
    exception::set_field(&e.0, OS_ERRNO, number);
    exception::set_field(&e.0, OS_STRERROR, text);
    if let Some(f) = filename {
        exception::set_field(&e.0, OS_FILENAME, f.clone());
    }
    if let Some(f) = filename2 {
        exception::set_field(&e.0, OS_FILENAME2, f.clone());
    }
    e
}

/// The exception of a failed standard-library call.
#[cold]
pub fn from_io(e: &std::io::Error) -> Error {
    os_error(errno_of(e))
}

/// The errno of a failed standard-library call.
pub fn errno_of(e: &std::io::Error) -> i32 {
    e.raw_os_error().unwrap_or(libc::EIO)
}

/// Errno of the last failed libc call of this thread.
pub fn last_errno() -> i32 {
    errno_of(&std::io::Error::last_os_error())
}
