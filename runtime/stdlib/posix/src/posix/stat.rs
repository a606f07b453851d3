//! `stat` and its family.

use super::args::{any_path, dir_fd, int, nofollow, path, path_or_fd};
use crate::structseq::{StructSeq, declare_hidden};
use crate::sys;
use skein_object::error::{Result, value_error};
use skein_object::native::{Args, Row};
use skein_object::types::Type;
use skein_object::{Context, Ref, number, row};
use skein_stdlib_os::path::Path;
use skein_stdlib_os::{arg, retry};

pub static STAT_RESULT: Type = declare_hidden("os.stat_result");
pub static STATVFS_RESULT: Type = declare_hidden("os.statvfs_result");

static STAT: StructSeq = StructSeq {
    ty: &STAT_RESULT,
    fields: &[
        "st_mode",
        "st_ino",
        "st_dev",
        "st_nlink",
        "st_uid",
        "st_gid",
        "st_size",
        "-st_atime",
        "-st_mtime",
        "-st_ctime",
    ],
    hidden: &[
        "st_atime",
        "st_mtime",
        "st_ctime",
        "st_atime_ns",
        "st_mtime_ns",
        "st_ctime_ns",
        "st_blksize",
        "st_blocks",
        "st_rdev",
    ],
    doc: "stat_result: Result from stat, fstat, or lstat.\n\nThis object may be accessed either as a tuple of\n  (mode, ino, dev, nlink, uid, gid, size, atime, mtime, ctime)\nor via the attributes st_mode, st_ino, st_dev, st_nlink, and so on.\n\nPosix/windows: If your platform supports st_blksize, st_blocks, st_rdev,\nor st_flags, they are available as attributes only.\n\nSee os.stat for more information.",
};

static STATVFS: StructSeq = StructSeq {
    ty: &STATVFS_RESULT,
    fields: &[
        "f_bsize",
        "f_frsize",
        "f_blocks",
        "f_bfree",
        "f_bavail",
        "f_files",
        "f_ffree",
        "f_favail",
        "f_flag",
        "f_namemax",
    ],
    hidden: &["f_fsid"],
    doc: "statvfs_result: Result from statvfs or fstatvfs.",
};

pub fn ready() -> Result<()> {
    STAT.ready()?;
    STATVFS.ready()
}

pub static FUNCTIONS: &[Row] = &[
    row!(
        "stat(path, *, dir_fd=None, follow_symlinks=True)",
        stat_row,
        "Perform a stat system call on the given path."
    ),
    row!(
        "lstat(path, *, dir_fd=None)",
        lstat,
        "Perform a stat system call on the given path, without following symbolic links."
    ),
    row!(
        "fstat(fd)",
        fstat,
        "Perform a stat system call on the given file descriptor."
    ),
    row!(
        "statvfs(path)",
        statvfs,
        "Perform a statvfs system call on the given path."
    ),
    row!(
        "fstatvfs(fd)",
        |cx, a| statvfs_result(cx, sys::fstatvfs(arg::int(cx, a.at(0))?)),
        ""
    ),
    row!(
        "access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)",
        access,
        "Use the real uid/gid to test for access to a path."
    ),
    row!(
        "umask(mask, /)",
        |cx, a| int(sys::umask(arg::int(cx, a.at(0))? as u32)),
        "Set the current numeric umask and return the previous umask."
    ),
    row!(
        "major(device, /)",
        |cx, a| number::int(i64::from(libc::major(arg::mask64(cx, a.at(0))?))),
        ""
    ),
    row!(
        "minor(device, /)",
        |cx, a| number::int(i64::from(libc::minor(arg::mask64(cx, a.at(0))?))),
        ""
    ),
    row!(
        "makedev(major, minor, /)",
        |cx, a| number::big(libc::makedev(arg::mask64(cx, a.at(0))? as u32, arg::mask64(cx, a.at(1))? as u32).into()),
        ""
    ),
];

fn unsigned(n: u64) -> Result<Ref> {
    match i64::try_from(n) {
        Ok(n) => number::int(n),
        Err(_) => number::big(n.into()),
    }
}

/// `os.stat_result` of a C structure.
pub fn result(cx: &Context, st: &libc::stat) -> Result<Ref> {
    let seconds = [st.st_atime, st.st_mtime, st.st_ctime];
    let nanos = [st.st_atime_nsec, st.st_mtime_nsec, st.st_ctime_nsec];
    let mut items = vec![
        number::int(i64::from(st.st_mode))?,
        unsigned(st.st_ino)?,
        unsigned(st.st_dev)?,
        unsigned(st.st_nlink)?,
        number::int(i64::from(st.st_uid))?,
        number::int(i64::from(st.st_gid))?,
        number::int(st.st_size)?,
    ];
    for t in seconds {
        items.push(number::int(t)?);
    }
    let mut hidden = Vec::with_capacity(9);
    for (t, n) in seconds.iter().zip(nanos) {
        hidden.push(number::float(*t as f64 + 1e-9 * n as f64)?);
    }
    for (t, n) in seconds.iter().zip(nanos) {
        hidden.push(match t.checked_mul(1_000_000_000).and_then(|t| t.checked_add(n)) {
            Some(n) => number::int(n)?,
            None => number::big(num_bigint::BigInt::from(*t) * 1_000_000_000 + n)?,
        });
    }
    hidden.push(number::int(st.st_blksize)?);
    hidden.push(number::int(st.st_blocks)?);
    hidden.push(unsigned(st.st_rdev)?);
    STAT.make(cx, items, hidden)
}

fn stat_path(cx: &Context, p: &Path, dir: i32, flags: i32) -> Result<Ref> {
    let st = retry(cx, || match p.fd {
        Some(fd) => sys::fstat(fd),
        None => sys::fstatat(dir, p.c(), flags),
    })?;
    result(cx, &st.map_err(|e| p.error(&e))?)
}

fn stat_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = path_or_fd(cx, a, 0, "stat")?;
    let (dir, flags) = (dir_fd(cx, a, 1)?, nofollow(cx, a, 2)?);
    if p.fd.is_some() && dir != libc::AT_FDCWD {
        return Err(value_error("stat: can't specify dir_fd without matching path"));
    }
    if p.fd.is_some() && flags != 0 {
        return Err(value_error("stat: cannot use fd and follow_symlinks together"));
    }
    stat_path(cx, &p, dir, flags)
}

fn lstat(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = path(cx, a, 0, "lstat")?;
    stat_path(cx, &p, dir_fd(cx, a, 1)?, libc::AT_SYMLINK_NOFOLLOW)
}

fn fstat(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = arg::int(cx, a.at(0))?;
    let st = skein_stdlib_os::blocking(cx, || sys::fstat(fd))?;
    result(cx, &st)
}

fn statvfs(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = path_or_fd(cx, a, 0, "statvfs")?;
    let r = retry(cx, || match p.fd {
        Some(fd) => sys::fstatvfs(fd),
        None => sys::statvfs(p.c()),
    })?;
    match r {
        Err(e) => Err(p.error(&e)),
        r => statvfs_result(cx, r),
    }
}

fn statvfs_result(cx: &Context, st: std::io::Result<libc::statvfs>) -> Result<Ref> {
    let st = st.map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    let mut items = Vec::new();
    for n in [
        st.f_bsize,
        st.f_frsize,
        st.f_blocks,
        st.f_bfree,
        st.f_bavail,
        st.f_files,
        st.f_ffree,
        st.f_favail,
        st.f_flag,
        st.f_namemax,
    ] {
        items.push(unsigned(n)?);
    }
    STATVFS.make(cx, items, vec![unsigned(st.f_fsid)?])
}

fn access(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = path(cx, a, 0, "access")?;
    let mode = arg::int(cx, a.at(1))?;
    let dir = dir_fd(cx, a, 2)?;
    let mut flags = nofollow(cx, a, 4)?;
    if arg::flag(cx, a.opt(3), false)? {
        flags |= libc::AT_EACCESS;
    }
    let ok = skein_gc::mutator::detached(|| {
        if dir == libc::AT_FDCWD && flags == 0 {
            sys::access(p.c(), mode).is_ok()
        } else {
            sys::faccessat(dir, p.c(), mode, flags).is_ok()
        }
    });
    Ok(number::bool(ok))
}

/// Whether the path or descriptor exists, and its mode.
pub fn mode_of(cx: &Context, a: Args<'_>, follow: bool) -> Result<Option<u32>> {
    let p = match any_path(cx, a, 0, "stat") {
        Ok(p) if a.opt_not_none(0).is_some() => p,
        Ok(_) => return Ok(None),
        Err(e) if e.is(&skein_object::statics::VALUE_ERROR) => return Ok(None),
        Err(e) => return Err(e),
    };
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let st = skein_gc::mutator::detached(|| match p.fd {
        Some(fd) => sys::fstat(fd),
        None => sys::fstatat(libc::AT_FDCWD, p.c(), flags),
    });
    Ok(st.ok().map(|st| st.st_mode))
}
