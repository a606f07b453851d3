//! Process, user and group numbers.

use super::args::{int, nothing};
use crate::sys;
use skein_object::error::Result;
use skein_object::native::{Args, Row};
use skein_object::{Context, Ref, list, number, protocol, row, tuple};
use skein_stdlib_os::{arg, path};

pub static FUNCTIONS: &[Row] = &[
    row!(
        "getpid()",
        |_, _| int(sys::getpid()),
        "Return the current process id."
    ),
    row!(
        "getppid()",
        |_, _| int(sys::getppid()),
        "Return the parent's process id."
    ),
    row!(
        "getuid()",
        |_, _| int(sys::getuid()),
        "Return the current process's user id."
    ),
    row!(
        "geteuid()",
        |_, _| int(sys::geteuid()),
        "Return the current process's effective user id."
    ),
    row!(
        "getgid()",
        |_, _| int(sys::getgid()),
        "Return the current process's group id."
    ),
    row!(
        "getegid()",
        |_, _| int(sys::getegid()),
        "Return the current process's effective group id."
    ),
    row!("getpgrp()", |_, _| int(sys::getpgid(0)), ""),
    row!(
        "getpgid(pid)",
        |cx, a| int(sys::getpgid(arg::int(cx, a.at(0))?)),
        ""
    ),
    row!(
        "getsid(pid, /)",
        |cx, a| int(sys::getsid(arg::int(cx, a.at(0))?)),
        ""
    ),
    row!("setsid()", |_, _| nothing(sys::setsid()), ""),
    row!(
        "setpgid(pid, pgrp, /)",
        |cx, a| nothing(sys::setpgid(arg::int(cx, a.at(0))?, arg::int(cx, a.at(1))?)),
        ""
    ),
    row!("setpgrp()", |_, _| nothing(sys::setpgid(0, 0)), ""),
    row!(
        "setuid(uid, /)",
        |cx, a| nothing(sys::setuid(arg::id(cx, a.at(0), "uid")?)),
        ""
    ),
    row!(
        "seteuid(euid, /)",
        |cx, a| nothing(sys::seteuid(arg::id(cx, a.at(0), "uid")?)),
        ""
    ),
    row!(
        "setgid(gid, /)",
        |cx, a| nothing(sys::setgid(arg::id(cx, a.at(0), "gid")?)),
        ""
    ),
    row!(
        "setegid(egid, /)",
        |cx, a| nothing(sys::setegid(arg::id(cx, a.at(0), "gid")?)),
        ""
    ),
    row!(
        "setreuid(ruid, euid, /)",
        |cx, a| nothing(sys::setreuid(
            arg::id(cx, a.at(0), "uid")?,
            arg::id(cx, a.at(1), "uid")?
        )),
        ""
    ),
    row!(
        "setregid(rgid, egid, /)",
        |cx, a| nothing(sys::setregid(
            arg::id(cx, a.at(0), "gid")?,
            arg::id(cx, a.at(1), "gid")?
        )),
        ""
    ),
    row!(
        "setresuid(ruid, euid, suid, /)",
        |cx, a| nothing(sys::setresuid(
            arg::id(cx, a.at(0), "uid")?,
            arg::id(cx, a.at(1), "uid")?,
            arg::id(cx, a.at(2), "uid")?
        )),
        ""
    ),
    row!(
        "setresgid(rgid, egid, sgid, /)",
        |cx, a| nothing(sys::setresgid(
            arg::id(cx, a.at(0), "gid")?,
            arg::id(cx, a.at(1), "gid")?,
            arg::id(cx, a.at(2), "gid")?
        )),
        ""
    ),
    row!("getresuid()", |_, _| triple(true), ""),
    row!("getresgid()", |_, _| triple(false), ""),
    row!(
        "getgroups()",
        |_, _| {
            let g = sys::getgroups().map_err(|e| skein_stdlib_os::error::from_io(&e))?;
            list::new(
                g.into_iter()
                    .map(|n| number::int(i64::from(n)))
                    .collect::<Result<Vec<_>>>()?,
            )
        },
        "Return list of supplemental group IDs for the process."
    ),
    row!(
        "setgroups(groups, /)",
        |cx, a| {
            let mut g = Vec::new();
            for n in protocol::collect(cx, a.at(0))? {
                g.push(arg::id(cx, &n, "gid")?);
            }
            nothing(sys::setgroups(&g))
        },
        ""
    ),
    row!(
        "initgroups(username, gid, /)",
        |cx, a| {
            let name = path::fs_cstring(cx, a.at(0))?;
            nothing(sys::initgroups(&name, arg::id(cx, a.at(1), "gid")?))
        },
        ""
    ),
    row!("getlogin()", getlogin, ""),
];

fn triple(user: bool) -> Result<Ref> {
    let v = sys::getres(user).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    tuple::new(
        v.into_iter()
            .map(|n| number::int(i64::from(n)))
            .collect::<Result<Vec<_>>>()?,
    )
}

fn getlogin(_: &Context, _: Args<'_>) -> Result<Ref> {
    let uid = sys::getuid().unwrap_or(0) as u32;
    match sys::getpwuid(uid) {
        Some(u) if sys::isatty(0).is_ok_and(|n| n == 1) => path::decode(&u.texts[0]),
        _ => Err(skein_stdlib_os::os_error(libc::ENXIO)),
    }
}
