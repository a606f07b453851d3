//! Arguments and results of the functions of `posix`.

use skein_object::error::{Result, type_error};
use skein_object::native::Args;
use skein_object::object::RefExt;
use skein_object::{Context, Ref, number, statics as s};
use skein_stdlib_os::arg;
use skein_stdlib_os::path::{Accept, PATH, PATH_OR_FD, Path};
use std::io;

/// A path argument called `path`.
pub fn path(cx: &Context, a: Args<'_>, i: usize, function: &str) -> Result<Path> {
    Path::new(cx, a.opt(i), function, "path", PATH)
}

pub fn path_or_fd(cx: &Context, a: Args<'_>, i: usize, function: &str) -> Result<Path> {
    Path::new(cx, a.opt(i), function, "path", PATH_OR_FD)
}

pub fn named(cx: &Context, a: Args<'_>, i: usize, function: &str, name: &str) -> Result<Path> {
    Path::new(cx, a.opt(i), function, name, PATH)
}

/// A path, a descriptor, or None for the current directory.
pub fn any_path(cx: &Context, a: Args<'_>, i: usize, function: &str) -> Result<Path> {
    Path::new(
        cx,
        a.opt(i),
        function,
        "path",
        Accept {
            none: true,
            fd: true,
        },
    )
}

/// A `dir_fd` argument.
pub fn dir_fd(cx: &Context, a: Args<'_>, i: usize) -> Result<i32> {
    match a.opt_not_none(i) {
        None => Ok(libc::AT_FDCWD),
        Some(r) => {
            if number::int_value(r).is_none() && !r.ty().slots.index.is_set() {
                return Err(type_error(format!(
                    "argument should be integer or None, not {}",
                    r.ty().short_name()
                )));
            }
            arg::int(cx, r)
        }
    }
}

/// `AT_SYMLINK_NOFOLLOW` if the argument is false.
pub fn nofollow(cx: &Context, a: Args<'_>, i: usize) -> Result<i32> {
    Ok(if arg::flag(cx, a.opt(i), true)? {
        0
    } else {
        libc::AT_SYMLINK_NOFOLLOW
    })
}

/// The result of a call that gives nothing; its error names the path.
pub fn done<T>(r: io::Result<T>, p: &Path) -> Result<Ref> {
    match r {
        Ok(_) => Ok(s::none()),
        Err(e) => Err(p.error(&e)),
    }
}

/// Likewise, without a path.
pub fn nothing<T>(r: io::Result<T>) -> Result<Ref> {
    match r {
        Ok(_) => Ok(s::none()),
        Err(e) => Err(skein_stdlib_os::error::from_io(&e)),
    }
}

/// An int result.
pub fn int(r: io::Result<i64>) -> Result<Ref> {
    number::int(r.map_err(|e| skein_stdlib_os::error::from_io(&e))?)
}
