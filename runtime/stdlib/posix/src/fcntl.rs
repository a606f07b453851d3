//! `fcntl`.

use crate::{add_ints, ints, sys};
use skein_object::error::{Result, value_error};
use skein_object::native::{Args, ModuleDef, Row};
use skein_object::protocol::buffer;
use skein_object::{Context, Ref, number, row, statics as s, str};
use skein_stdlib_os::path::encode_str;
use skein_stdlib_os::{arg, retry};

pub static FCNTL: ModuleDef = ModuleDef {
    name: "fcntl",
    doc: "This module performs file control and I/O control on file\ndescriptors.",
    functions: FUNCTIONS,
    init,
};

static FUNCTIONS: &[Row] = &[
    row!(
        "fcntl(fd, cmd, arg=0, /)",
        fcntl,
        "Perform the operation cmd on file descriptor fd."
    ),
    row!(
        "ioctl(fd, request, arg=0, mutate_flag=True, /)",
        ioctl,
        "Perform the operation request on file descriptor fd."
    ),
    row!(
        "flock(fd, operation, /)",
        |cx, a| {
            let (fd, op) = (arg::fileno(cx, a.at(0))?, arg::int(cx, a.at(1))?);
            skein_stdlib_os::blocking(cx, || sys::flock(fd, op))?;
            Ok(s::none())
        },
        "Perform the lock operation on file descriptor fd."
    ),
    row!(
        "lockf(fd, cmd, len=0, start=0, whence=0, /)",
        lockf,
        "A wrapper around the fcntl() locking calls."
    ),
];

fn fcntl(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (fd, op) = (arg::fileno(cx, a.at(0))?, arg::int(cx, a.at(1))?);
    if let Some(r) = a.opt(2)
        && (str::is_str(r) || buffer::is_buffer(r))
    {
        let mut data = if str::is_str(r) {
            encode_str(r)?
        } else {
            buffer::to_vec(cx, r)?
        };
        if data.len() > 1024 {
            return Err(value_error("fcntl argument 3 is too long"));
        }
        let n = data.len();
        data.resize(1025, 0);
        retry(cx, || sys::fcntl_bytes(fd, op, &mut data))?
            .map_err(|e| skein_stdlib_os::error::from_io(&e))?;
        return str::bytes(&data[..n]);
    }
    let n = a.opt(2).map_or(Ok(0), |r| arg::int(cx, r))?;
    number::int(skein_stdlib_os::blocking(cx, || {
        sys::fcntl(fd, op, i64::from(n))
    })?)
}

fn ioctl(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (fd, op) = (
        arg::fileno(cx, a.at(0))?,
        arg::mask64(cx, a.at(1))? & 0xffff_ffff,
    );
    if let Some(r) = a.opt(2)
        && (str::is_str(r) || buffer::is_buffer(r))
    {
        let writable =
            !str::is_str(r) && buffer::is_writable(cx, r)? && arg::flag(cx, a.opt(3), true)?;
        let mut data = if str::is_str(r) {
            encode_str(r)?
        } else {
            buffer::to_vec(cx, r)?
        };
        let n = data.len();
        if n > 1024 && !writable {
            return Err(value_error("ioctl argument 3 is too long"));
        }
        data.resize(n.max(1024) + 1, 0);
        let result = retry(cx, || sys::ioctl_bytes(fd, op, &mut data))?
            .map_err(|e| skein_stdlib_os::error::from_io(&e))?;
        if !writable {
            return str::bytes(&data[..n]);
        }
        buffer::with_bytes_mut(cx, r, |b| {
            let n = n.min(b.len());
            b[..n].copy_from_slice(&data[..n]);
        })?;
        return number::int(result);
    }
    let n = a.opt(2).map_or(Ok(0), |r| arg::long(cx, r))?;
    number::int(skein_stdlib_os::blocking(cx, || sys::ioctl(fd, op, n))?)
}

fn lockf(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (fd, op) = (arg::fileno(cx, a.at(0))?, arg::int(cx, a.at(1))?);
    let kind = match op {
        n if n & libc::LOCK_UN != 0 => libc::F_UNLCK,
        n if n & libc::LOCK_SH != 0 => libc::F_RDLCK,
        n if n & libc::LOCK_EX != 0 => libc::F_WRLCK,
        _ => return Err(value_error("unrecognized lockf argument")),
    };
    let part = |i: usize| a.opt(i).map_or(Ok(0), |r| arg::long(cx, r));
    let (len, start, whence) = (part(2)?, part(3)?, part(4)?);
    let wait = op & libc::LOCK_NB == 0;
    // struct flock: type and whence as shorts, then start, length and process number.
    let mut lock = [0u8; 32];
    lock[0..2].copy_from_slice(&(kind as i16).to_ne_bytes());
    lock[2..4].copy_from_slice(&(whence as i16).to_ne_bytes());
    lock[8..16].copy_from_slice(&start.to_ne_bytes());
    lock[16..24].copy_from_slice(&len.to_ne_bytes());
    let op = if wait { libc::F_SETLKW } else { libc::F_SETLK };
    skein_stdlib_os::blocking(cx, || sys::fcntl_bytes(fd, op, &mut lock))?;
    Ok(s::none())
}

fn init(_: &Context, d: &Ref) -> Result<()> {
    add_ints(
        d,
        ints![
            LOCK_SH,
            LOCK_EX,
            LOCK_NB,
            LOCK_UN,
            F_DUPFD,
            F_DUPFD_CLOEXEC,
            F_GETFD,
            F_SETFD,
            F_GETFL,
            F_SETFL,
            F_GETLK,
            F_SETLK,
            F_SETLKW,
            F_OFD_GETLK,
            F_OFD_SETLK,
            F_OFD_SETLKW,
            F_GETOWN,
            F_SETOWN,
            F_RDLCK,
            F_WRLCK,
            F_UNLCK,
            FD_CLOEXEC,
            F_SETLEASE,
            F_GETLEASE,
            F_NOTIFY,
            F_SETPIPE_SZ,
            F_GETPIPE_SZ,
            F_ADD_SEALS,
            F_GET_SEALS,
            F_SEAL_SEAL,
            F_SEAL_SHRINK,
            F_SEAL_GROW,
            F_SEAL_WRITE,
            FIONBIO,
            FIOCLEX,
            FIONCLEX
        ],
    )?;
    add_ints(
        d,
        &[
            ("FASYNC", i64::from(libc::O_ASYNC)),
            ("F_GETSIG", 11),
            ("F_SETSIG", 10),
            ("F_GETLK64", i64::from(libc::F_GETLK)),
            ("F_SETLK64", i64::from(libc::F_SETLK)),
            ("F_SETLKW64", i64::from(libc::F_SETLKW)),
            ("F_SHLCK", 8),
            ("F_EXLCK", 4),
        ],
    )
}
