//! File descriptors.

use super::args::{dir_fd, int, nothing, path, path_or_fd};
use crate::sys;
use skein_object::error::{Result, type_error};
use skein_object::native::{Args, Row};
use skein_object::protocol::buffer;
use skein_object::{Context, Ref, number, protocol, row, statics as s, str, tuple};
use skein_stdlib_os::{arg, blocking, path as paths, retry};

pub static FUNCTIONS: &[Row] = &[
    row!(
        "open(path, flags, mode=511, *, dir_fd=None)",
        open,
        "Open a file for low level IO.  Returns a file descriptor (integer)."
    ),
    row!("close(fd)", close, "Close a file descriptor."),
    row!("closerange(fd_low, fd_high, /)", closerange, ""),
    row!(
        "dup(fd, /)",
        |cx, a| {
            let fd = arg::int(cx, a.at(0))?;
            int(sys::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0))
        },
        "Return a duplicate of a file descriptor."
    ),
    row!(
        "dup2(fd, fd2, inheritable=True)",
        dup2,
        "Duplicate file descriptor."
    ),
    row!(
        "read(fd, length, /)",
        |cx, a| read(cx, a, None),
        "Read from a file descriptor.  Returns a bytes object."
    ),
    row!(
        "pread(fd, length, offset, /)",
        |cx, a| read(cx, a, Some(arg::long(cx, a.at(2))?)),
        ""
    ),
    row!("readinto(fd, buffer, /)", readinto, ""),
    row!(
        "write(fd, data, /)",
        |cx, a| write(cx, a, None),
        "Write a bytes object to a file descriptor."
    ),
    row!(
        "pwrite(fd, buffer, offset, /)",
        |cx, a| write(cx, a, Some(arg::long(cx, a.at(2))?)),
        ""
    ),
    row!("writev(fd, buffers, /)", writev, ""),
    row!(
        "lseek(fd, position, whence, /)",
        |cx, a| {
            let (fd, at, whence) = (
                arg::int(cx, a.at(0))?,
                arg::long(cx, a.at(1))?,
                arg::int(cx, a.at(2))?,
            );
            int(sys::lseek(fd, at, whence))
        },
        "Set the position of a file descriptor.  Return the new position."
    ),
    row!(
        "pipe()",
        |_, _| pair(sys::pipe2(libc::O_CLOEXEC)),
        "Create a pipe."
    ),
    row!(
        "pipe2(flags, /)",
        |cx, a| pair(sys::pipe2(arg::int(cx, a.at(0))?)),
        "Create a pipe with flags set atomically."
    ),
    row!(
        "isatty(fd, /)",
        |cx, a| Ok(number::bool(
            sys::isatty(arg::int(cx, a.at(0))?).is_ok_and(|n| n == 1)
        )),
        ""
    ),
    row!(
        "fsync(fd)",
        |cx, a| on_fd(cx, a, sys::fsync),
        "Force write of fd to disk."
    ),
    row!("fdatasync(fd)", |cx, a| on_fd(cx, a, sys::fdatasync), ""),
    row!(
        "ftruncate(fd, length, /)",
        |cx, a| {
            let (fd, n) = (arg::int(cx, a.at(0))?, arg::long(cx, a.at(1))?);
            blocking(cx, || sys::ftruncate(fd, n))?;
            Ok(s::none())
        },
        ""
    ),
    row!(
        "truncate(path, length)",
        truncate,
        "Truncate a file, specified by path, to a specific length."
    ),
    row!(
        "get_inheritable(fd, /)",
        |cx, a| {
            let n = sys::fcntl(arg::int(cx, a.at(0))?, libc::F_GETFD, 0)
                .map_err(|e| skein_stdlib_os::error::from_io(&e))?;
            Ok(number::bool(n & i64::from(libc::FD_CLOEXEC) == 0))
        },
        ""
    ),
    row!("set_inheritable(fd, inheritable, /)", set_inheritable, ""),
    row!(
        "get_blocking(fd, /)",
        |cx, a| {
            let n = sys::fcntl(arg::int(cx, a.at(0))?, libc::F_GETFL, 0)
                .map_err(|e| skein_stdlib_os::error::from_io(&e))?;
            Ok(number::bool(n & i64::from(libc::O_NONBLOCK) == 0))
        },
        ""
    ),
    row!("set_blocking(fd, blocking, /)", set_blocking, ""),
    row!(
        "fchdir(fd)",
        |cx, a| {
            let fd = arg::fileno(cx, a.at(0))?;
            nothing(sys::fchdir(fd))
        },
        ""
    ),
    row!(
        "fchmod(fd, mode)",
        |cx, a| {
            let (fd, m) = (arg::int(cx, a.at(0))?, arg::int(cx, a.at(1))? as u32);
            nothing(sys::fchmod(fd, m))
        },
        ""
    ),
    row!(
        "fchown(fd, uid, gid)",
        |cx, a| {
            let fd = arg::int(cx, a.at(0))?;
            nothing(sys::fchown(
                fd,
                arg::id(cx, a.at(1), "uid")?,
                arg::id(cx, a.at(2), "gid")?,
            ))
        },
        ""
    ),
    row!(
        "ttyname(fd, /)",
        |cx, a| match sys::ttyname(arg::int(cx, a.at(0))?) {
            Ok(b) => paths::decode(&b),
            Err(e) => Err(skein_stdlib_os::error::from_io(&e)),
        },
        ""
    ),
    row!(
        "posix_fadvise(fd, offset, length, advice, /)",
        |cx, a| {
            let r = sys::posix_fadvise(
                arg::int(cx, a.at(0))?,
                arg::long(cx, a.at(1))?,
                arg::long(cx, a.at(2))?,
                arg::int(cx, a.at(3))?,
            );
            result_code(r)
        },
        ""
    ),
    row!(
        "posix_fallocate(fd, offset, length, /)",
        |cx, a| {
            let r = sys::posix_fallocate(
                arg::int(cx, a.at(0))?,
                arg::long(cx, a.at(1))?,
                arg::long(cx, a.at(2))?,
            );
            result_code(r)
        },
        ""
    ),
    row!(
        "memfd_create(name, flags=1)",
        |cx, a| {
            let name = paths::fs_cstring(cx, a.at(0))?;
            let flags = match a.opt(1) {
                Some(f) => arg::uint(cx, f)?,
                None => libc::MFD_CLOEXEC,
            };
            int(sys::memfd_create(&name, flags))
        },
        ""
    ),
    row!(
        "eventfd(initval, flags=524288)",
        |cx, a| {
            let flags = match a.opt(1) {
                Some(f) => arg::int(cx, f)?,
                None => libc::EFD_CLOEXEC,
            };
            int(sys::eventfd(arg::uint(cx, a.at(0))?, flags))
        },
        ""
    ),
    row!(
        "tcgetpgrp(fd, /)",
        |cx, a| int(sys::tcgetpgrp(arg::int(cx, a.at(0))?)),
        ""
    ),
    row!(
        "tcsetpgrp(fd, pgid, /)",
        |cx, a| nothing(sys::tcsetpgrp(
            arg::int(cx, a.at(0))?,
            arg::int(cx, a.at(1))?
        )),
        ""
    ),
    row!(
        "device_encoding(fd)",
        |cx, a| {
            let tty = sys::isatty(arg::int(cx, a.at(0))?).is_ok_and(|n| n == 1);
            if tty {
                str::from_str("UTF-8")
            } else {
                Ok(s::none())
            }
        },
        ""
    ),
];

/// Functions that give an errno in place of setting it.
fn result_code(r: std::io::Result<i64>) -> Result<Ref> {
    match r {
        Ok(0) => Ok(s::none()),
        Ok(e) => Err(skein_stdlib_os::os_error(e as i32)),
        Err(e) => Err(skein_stdlib_os::error::from_io(&e)),
    }
}

fn pair(r: std::io::Result<[i32; 2]>) -> Result<Ref> {
    let [x, y] = r.map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    tuple::new(vec![Ref::small(x), Ref::small(y)])
}

fn on_fd(cx: &Context, a: Args<'_>, f: fn(i32) -> std::io::Result<i64>) -> Result<Ref> {
    let fd = arg::fileno(cx, a.at(0))?;
    blocking(cx, || f(fd))?;
    Ok(s::none())
}

fn open(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = path(cx, a, 0, "open")?;
    let flags = arg::int(cx, a.at(1))? | libc::O_CLOEXEC;
    let mode = match a.opt(2) {
        Some(m) => arg::int(cx, m)? as u32,
        None => 0o777,
    };
    let dir = dir_fd(cx, a, 3)?;
    let fd = retry(cx, || sys::openat(dir, p.c(), flags, mode))?.map_err(|e| p.error(&e))?;
    number::int(fd)
}

fn close(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = arg::int(cx, a.at(0))?;
    // Not repeated: after EINTR the descriptor is gone.
    match skein_gc::mutator::detached(|| sys::close(fd)) {
        Err(e) if e.raw_os_error() != Some(libc::EINTR) => Err(skein_stdlib_os::error::from_io(&e)),
        _ => Ok(s::none()),
    }
}

fn closerange(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (low, high) = (arg::int(cx, a.at(0))?.max(0), arg::int(cx, a.at(1))?);
    skein_gc::mutator::detached(|| {
        for fd in low..high.min(1 << 20) {
            let _ = sys::close(fd);
        }
    });
    Ok(s::none())
}

fn dup2(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (fd, to) = (arg::int(cx, a.at(0))?, arg::int(cx, a.at(1))?);
    let flags = if arg::flag(cx, a.opt(2), true)? {
        0
    } else {
        libc::O_CLOEXEC
    };
    if fd == to {
        return int(sys::fcntl(fd, libc::F_GETFD, 0).map(|_| i64::from(fd)));
    }
    number::int(blocking(cx, || sys::dup3(fd, to, flags))?)
}

fn read(cx: &Context, a: Args<'_>, offset: Option<i64>) -> Result<Ref> {
    let fd = arg::int(cx, a.at(0))?;
    let n = protocol::convert::to_i64(cx, a.at(1))?;
    let Ok(n) = usize::try_from(n) else {
        return Err(skein_stdlib_os::os_error(libc::EINVAL));
    };
    let mut out = Vec::new();
    if out.try_reserve_exact(n.min(0x7fff_f000)).is_err() {
        return Err(skein_object::error::memory_error());
    }
    blocking(cx, || sys::read(fd, &mut out, n, offset))?;
    str::bytes(&out)
}

fn readinto(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = arg::int(cx, a.at(0))?;
    if !buffer::is_buffer(a.at(1)) || !buffer::is_writable(cx, a.at(1))? {
        return Err(type_error(
            "readinto() argument 2 must be read-write bytes-like object",
        ));
    }
    let n = buffer::byte_len(cx, a.at(1))?;
    let mut out = Vec::with_capacity(n.min(0x7fff_f000));
    blocking(cx, || sys::read(fd, &mut out, n, None))?;
    buffer::with_bytes_mut(cx, a.at(1), |b| {
        let n = b.len().min(out.len());
        b[..n].copy_from_slice(&out[..n]);
    })?;
    number::int_from_usize(out.len())
}

fn write(cx: &Context, a: Args<'_>, offset: Option<i64>) -> Result<Ref> {
    let fd = arg::int(cx, a.at(0))?;
    let data = buffer::to_vec(cx, a.at(1))?;
    number::int(blocking(cx, || sys::write(fd, &data, offset))?)
}

fn writev(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = arg::int(cx, a.at(0))?;
    let mut data = Vec::new();
    for b in protocol::collect(cx, a.at(1))? {
        data.extend_from_slice(&buffer::to_vec(cx, &b)?);
    }
    number::int(blocking(cx, || sys::write(fd, &data, None))?)
}

fn truncate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = path_or_fd(cx, a, 0, "truncate")?;
    let n = arg::long(cx, a.at(1))?;
    retry(cx, || match p.fd {
        Some(fd) => sys::ftruncate(fd, n),
        None => sys::truncate(p.c(), n),
    })?
    .map_err(|e| p.error(&e))?;
    Ok(s::none())
}

fn set_inheritable(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = arg::int(cx, a.at(0))?;
    let on = arg::int(cx, a.at(1))? != 0;
    let now = sys::fcntl(fd, libc::F_GETFD, 0).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    let bit = i64::from(libc::FD_CLOEXEC);
    nothing(sys::fcntl(
        fd,
        libc::F_SETFD,
        if on { now & !bit } else { now | bit },
    ))
}

fn set_blocking(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = arg::int(cx, a.at(0))?;
    let on = protocol::is_true(cx, a.at(1))?;
    let now = sys::fcntl(fd, libc::F_GETFL, 0).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    let bit = i64::from(libc::O_NONBLOCK);
    nothing(sys::fcntl(
        fd,
        libc::F_SETFL,
        if on { now & !bit } else { now | bit },
    ))
}
