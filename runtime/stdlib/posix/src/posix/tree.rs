//! Directories, links, names, permissions and times of files.

use super::args::{dir_fd, done, named, nofollow, path, path_or_fd};
use crate::sys;
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{Args, Row};
use skein_object::object::RefExt;
use skein_object::{Context, Ref, protocol, row, statics as s, str, tuple};
use skein_stdlib_os::error::errno_of;
use skein_stdlib_os::path::{self as paths, Path};
use skein_stdlib_os::{arg, os_error_two, retry};
use std::io;

pub static FUNCTIONS: &[Row] = &[
    row!(
        "mkdir(path, mode=511, *, dir_fd=None)",
        mkdir,
        "Create a directory."
    ),
    row!(
        "rmdir(path, *, dir_fd=None)",
        |cx, a| unlink_as(cx, a, "rmdir", libc::AT_REMOVEDIR),
        "Remove a directory."
    ),
    row!(
        "unlink(path, *, dir_fd=None)",
        |cx, a| unlink_as(cx, a, "unlink", 0),
        "Remove a file (same as remove())."
    ),
    row!(
        "remove(path, *, dir_fd=None)",
        |cx, a| unlink_as(cx, a, "remove", 0),
        "Remove a file (same as unlink())."
    ),
    row!(
        "rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        |cx, a| rename(cx, a, "rename"),
        "Rename a file or directory."
    ),
    row!(
        "replace(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        |cx, a| rename(cx, a, "replace"),
        "Rename a file or directory, overwriting the destination."
    ),
    row!(
        "link(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)",
        link,
        "Create a hard link to a file."
    ),
    row!(
        "symlink(src, dst, target_is_directory=False, *, dir_fd=None)",
        symlink,
        "Create a symbolic link pointing to src named dst."
    ),
    row!(
        "readlink(path, *, dir_fd=None)",
        readlink,
        "Return a string representing the path to which the symbolic link points."
    ),
    row!(
        "chmod(path, mode, *, dir_fd=None, follow_symlinks=True)",
        chmod,
        "Change the access permissions of a file."
    ),
    row!(
        "chown(path, uid, gid, *, dir_fd=None, follow_symlinks=True)",
        chown,
        "Change the owner and group id of path to the numeric uid and gid."
    ),
    row!("lchown(path, uid, gid)", lchown, ""),
    row!(
        "utime(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True)",
        utime,
        "Set the access and modified time of path."
    ),
    row!(
        "mkfifo(path, mode=438, *, dir_fd=None)",
        |cx, a| {
            let (p, m, d) = (
                path(cx, a, 0, "mkfifo")?,
                mode_or(cx, a, 1, 0o666)?,
                dir_fd(cx, a, 2)?,
            );
            done(retry(cx, || sys::mkfifoat(d, p.c(), m))?, &p)
        },
        ""
    ),
    row!(
        "mknod(path, mode=384, device=0, *, dir_fd=None)",
        |cx, a| {
            let (p, m, d) = (
                path(cx, a, 0, "mknod")?,
                mode_or(cx, a, 1, 0o600)?,
                dir_fd(cx, a, 3)?,
            );
            let dev = match a.opt(2) {
                Some(n) => arg::mask64(cx, n)?,
                None => 0,
            };
            done(retry(cx, || sys::mknodat(d, p.c(), m, dev))?, &p)
        },
        ""
    ),
    row!(
        "chdir(path)",
        |cx, a| {
            let p = path_or_fd(cx, a, 0, "chdir")?;
            done(
                retry(cx, || match p.fd {
                    Some(fd) => sys::fchdir(fd),
                    None => sys::chdir(p.c()),
                })?,
                &p,
            )
        },
        "Change the current working directory to the specified path."
    ),
    row!(
        "chroot(path)",
        |cx, a| {
            let p = path(cx, a, 0, "chroot")?;
            done(sys::chroot(p.c()), &p)
        },
        ""
    ),
    row!(
        "getcwd()",
        |_, _| paths::decode(&cwd()?),
        "Return a unicode string representing the current working directory."
    ),
    row!(
        "getcwdb()",
        |_, _| str::bytes(&cwd()?),
        "Return a bytes string representing the current working directory."
    ),
];

fn cwd() -> Result<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    match std::env::current_dir() {
        Ok(p) => Ok(p.into_os_string().into_vec()),
        Err(e) => Err(skein_stdlib_os::error::from_io(&e)),
    }
}

fn mode_or(cx: &Context, a: Args<'_>, i: usize, default: u32) -> Result<u32> {
    a.opt(i)
        .map_or(Ok(default), |m| Ok(arg::int(cx, m)? as u32))
}

fn mkdir(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (p, mode, dir) = (
        path(cx, a, 0, "mkdir")?,
        mode_or(cx, a, 1, 0o777)?,
        dir_fd(cx, a, 2)?,
    );
    done(retry(cx, || sys::mkdirat(dir, p.c(), mode))?, &p)
}

fn unlink_as(cx: &Context, a: Args<'_>, function: &str, flags: i32) -> Result<Ref> {
    let (p, dir) = (path(cx, a, 0, function)?, dir_fd(cx, a, 1)?);
    done(retry(cx, || sys::unlinkat(dir, p.c(), flags))?, &p)
}

/// The result of a call with two paths.
fn done2(r: io::Result<i64>, p: &Path, q: &Path) -> Result<Ref> {
    match r {
        Ok(_) => Ok(s::none()),
        Err(e) => Err(os_error_two(
            errno_of(&e),
            p.object.as_ref(),
            q.object.as_ref(),
        )),
    }
}

fn rename(cx: &Context, a: Args<'_>, function: &str) -> Result<Ref> {
    let (p, q) = (
        named(cx, a, 0, function, "src")?,
        named(cx, a, 1, function, "dst")?,
    );
    let (d, e) = (dir_fd(cx, a, 2)?, dir_fd(cx, a, 3)?);
    done2(retry(cx, || sys::renameat(d, p.c(), e, q.c()))?, &p, &q)
}

fn link(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (p, q) = (
        named(cx, a, 0, "link", "src")?,
        named(cx, a, 1, "link", "dst")?,
    );
    let (d, e) = (dir_fd(cx, a, 2)?, dir_fd(cx, a, 3)?);
    let flags = match a.opt(4) {
        Some(f) if protocol::is_true(cx, f)? => libc::AT_SYMLINK_FOLLOW,
        _ => 0,
    };
    done2(
        retry(cx, || sys::linkat(d, p.c(), e, q.c(), flags))?,
        &p,
        &q,
    )
}

fn symlink(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (p, q) = (
        named(cx, a, 0, "symlink", "src")?,
        named(cx, a, 1, "symlink", "dst")?,
    );
    let d = dir_fd(cx, a, 3)?;
    done2(retry(cx, || sys::symlinkat(p.c(), d, q.c()))?, &p, &q)
}

fn readlink(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (p, d) = (path(cx, a, 0, "readlink")?, dir_fd(cx, a, 1)?);
    let target = retry(cx, || sys::readlinkat(d, p.c()))?.map_err(|e| p.error(&e))?;
    p.result(&target)
}

fn chmod(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (p, mode) = (
        path_or_fd(cx, a, 0, "chmod")?,
        arg::int(cx, a.at(1))? as u32,
    );
    let (dir, flags) = (dir_fd(cx, a, 2)?, nofollow(cx, a, 3)?);
    done(
        retry(cx, || match p.fd {
            Some(fd) => sys::fchmod(fd, mode),
            None => sys::fchmodat(dir, p.c(), mode, flags),
        })?,
        &p,
    )
}

fn chown(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = path_or_fd(cx, a, 0, "chown")?;
    let (u, g) = (arg::id(cx, a.at(1), "uid")?, arg::id(cx, a.at(2), "gid")?);
    let (dir, flags) = (dir_fd(cx, a, 3)?, nofollow(cx, a, 4)?);
    done(
        retry(cx, || match p.fd {
            Some(fd) => sys::fchown(fd, u, g),
            None => sys::fchownat(dir, p.c(), u, g, flags),
        })?,
        &p,
    )
}

fn lchown(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = path(cx, a, 0, "lchown")?;
    let (u, g) = (arg::id(cx, a.at(1), "uid")?, arg::id(cx, a.at(2), "gid")?);
    let flags = libc::AT_SYMLINK_NOFOLLOW;
    done(
        retry(cx, || sys::fchownat(libc::AT_FDCWD, p.c(), u, g, flags))?,
        &p,
    )
}

fn utime(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = path_or_fd(cx, a, 0, "utime")?;
    let (times, ns) = (a.opt_not_none(1), a.opt(2));
    if times.is_some() && ns.is_some() {
        return Err(value_error(
            "utime: you may specify either 'times' or 'ns' but not both",
        ));
    }
    let stamp = match (times, ns) {
        (Some(t), _) => match tuple::items(t) {
            Some([x, y]) => Some([crate::time::timespec(cx, x)?, crate::time::timespec(cx, y)?]),
            _ => {
                return Err(type_error(
                    "utime: 'times' must be either a tuple of two ints or None",
                ));
            }
        },
        (None, Some(t)) => match tuple::items(t).filter(|_| t.is_instance(&s::TUPLE)) {
            Some([x, y]) => Some([from_ns(cx, x)?, from_ns(cx, y)?]),
            _ => return Err(type_error("utime: 'ns' must be a tuple of two ints")),
        },
        (None, None) => None,
    };
    let (dir, flags) = (dir_fd(cx, a, 3)?, nofollow(cx, a, 4)?);
    done(
        retry(cx, || match p.fd {
            Some(fd) => sys::utimensat(fd, None, stamp, 0),
            None => sys::utimensat(dir, Some(p.c()), stamp, flags),
        })?,
        &p,
    )
}

fn from_ns(cx: &Context, r: &Ref) -> Result<libc::timespec> {
    let n = arg::long(cx, r)?;
    Ok(libc::timespec {
        tv_sec: n.div_euclid(1_000_000_000),
        tv_nsec: n.rem_euclid(1_000_000_000),
    })
}
