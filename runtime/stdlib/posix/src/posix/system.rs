//! The machine and the process's surroundings: environment, configuration, times, random bytes.

use super::args::path_or_fd;
use crate::structseq::{StructSeq, declare};
use crate::sys;
use skein_object::error::{Result, raise, type_error, value_error};
use skein_object::native::{Args, Row};
use skein_object::types::Type;
use skein_object::{Context, Ref, dict, number, protocol, row, statics as s, str, tuple};
use skein_stdlib_os::{arg, path, retry};
use std::ffi::CString;

pub static TERMINAL_SIZE: Type = declare("os.terminal_size");
pub static TIMES_RESULT: Type = declare("posix.times_result");
pub static UNAME_RESULT: Type = declare("posix.uname_result");

static TERMINAL: StructSeq = StructSeq {
    ty: &TERMINAL_SIZE,
    fields: &["columns", "lines"],
    hidden: &[],
    doc: "A tuple of (columns, lines) for holding terminal window size",
};
static TIMES: StructSeq = StructSeq {
    ty: &TIMES_RESULT,
    fields: &[
        "user",
        "system",
        "children_user",
        "children_system",
        "elapsed",
    ],
    hidden: &[],
    doc: "times_result: Result from os.times().",
};
static UNAME: StructSeq = StructSeq {
    ty: &UNAME_RESULT,
    fields: &["sysname", "nodename", "release", "version", "machine"],
    hidden: &[],
    doc: "uname_result: Result from os.uname().",
};

pub fn ready() -> Result<()> {
    TERMINAL.ready()?;
    TIMES.ready()?;
    UNAME.ready()
}

pub static FUNCTIONS: &[Row] = &[
    row!(
        "_create_environ()",
        |cx, _| environment(cx),
        "Create the environment dictionary."
    ),
    row!(
        "putenv(name, value, /)",
        putenv,
        "Change or add an environment variable."
    ),
    row!(
        "unsetenv(name, /)",
        unsetenv,
        "Delete an environment variable."
    ),
    row!(
        "strerror(code, /)",
        |cx, a| str::from_str(&skein_stdlib_os::error::strerror(arg::int(cx, a.at(0))?)),
        "Translate an error code to a message string."
    ),
    row!(
        "urandom(size, /)",
        urandom,
        "Return a bytes object containing random bytes suitable for cryptographic use."
    ),
    row!(
        "getrandom(size, flags=0)",
        getrandom,
        "Obtain a series of random bytes."
    ),
    row!(
        "cpu_count()",
        |_, _| match sys::conf(libc::_SC_NPROCESSORS_ONLN, None, None) {
            Ok(n) if n > 0 => number::int(n),
            _ => Ok(s::none()),
        },
        "Return the number of logical CPUs in the system."
    ),
    row!(
        "get_terminal_size(fd=1, /)",
        terminal_size,
        "Return the size of the terminal window as (columns, lines)."
    ),
    row!(
        "uname()",
        uname,
        "Return an object identifying the current operating system."
    ),
    row!(
        "times()",
        times,
        "Return a collection containing process timing information."
    ),
    row!(
        "getloadavg()",
        |_, _| match sys::getloadavg() {
            Some(v) => tuple::new(
                v.into_iter()
                    .map(number::float)
                    .collect::<Result<Vec<_>>>()?
            ),
            None => Err(raise(&s::OS_ERROR, "Load averages are unobtainable")),
        },
        "Return average recent system load information."
    ),
    row!(
        "sysconf(name, /)",
        |cx, a| {
            let name = conf_name(cx, a.at(0), super::constants::SYSCONF)?;
            conf(sys::conf(name, None, None))
        },
        "Return an integer-valued system configuration variable."
    ),
    row!(
        "pathconf(path, name)",
        |cx, a| {
            let p = path_or_fd(cx, a, 0, "pathconf")?;
            let name = conf_name(cx, a.at(1), super::constants::PATHCONF)?;
            match sys::conf(name, Some(p.c()), p.fd) {
                Err(e) => Err(p.error(&e)),
                r => conf(r),
            }
        },
        ""
    ),
    row!(
        "fpathconf(fd, name, /)",
        |cx, a| {
            let fd = arg::fileno(cx, a.at(0))?;
            conf(sys::conf(
                conf_name(cx, a.at(1), super::constants::PATHCONF)?,
                None,
                Some(fd),
            ))
        },
        ""
    ),
    row!("ctermid()", |_, _| str::from_str("/dev/tty"), ""),
    row!("sync()", |_, _| Ok(s::none()), ""),
    row!("_inputhook()", |_, _| Ok(s::none()), ""),
    row!("_is_inputhook_installed()", |_, _| Ok(s::false_()), ""),
];

/// `posix.environ`: bytes to bytes.
pub fn environment(cx: &Context) -> Result<Ref> {
    let d = dict::new()?;
    for line in sys::environ() {
        let Some(at) = line.iter().skip(1).position(|c| *c == b'=').map(|i| i + 1) else {
            continue;
        };
        let (k, v) = (str::bytes(&line[..at])?, str::bytes(&line[at + 1..])?);
        if !protocol::contains(cx, &d, &k)? {
            protocol::setitem(cx, &d, &k, &v)?;
        }
    }
    Ok(d)
}

fn putenv(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (k, v) = (
        path::fs_cstring(cx, a.at(0))?,
        path::fs_cstring(cx, a.at(1))?,
    );
    if k.as_bytes().contains(&b'=') {
        return Err(value_error("illegal environment variable name"));
    }
    change(&k, Some(&v))
}

fn unsetenv(cx: &Context, a: Args<'_>) -> Result<Ref> {
    change(&path::fs_cstring(cx, a.at(0))?, None)
}

fn change(k: &CString, v: Option<&CString>) -> Result<Ref> {
    match sys::setenv(k, v.map(CString::as_c_str)) {
        Ok(()) => Ok(s::none()),
        Err(e) => Err(skein_stdlib_os::error::from_io(&e)),
    }
}

/// Random bytes; EINTR and short results are repeated where `all` is asked for.
fn random(cx: &Context, n: usize, flags: u32, all: bool) -> Result<Ref> {
    let mut out = Vec::new();
    if out.try_reserve_exact(n).is_err() {
        return Err(skein_object::error::memory_error());
    }
    out.resize(n, 0);
    let mut done = 0;
    while done < n {
        match retry(cx, || sys::getrandom(&mut out[done..], flags))? {
            Ok(k) => done += k,
            Err(e) => return Err(skein_stdlib_os::error::from_io(&e)),
        }
        if !all {
            break;
        }
    }
    str::bytes(&out[..done])
}

fn urandom(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = protocol::convert::to_i64(cx, a.at(0))?;
    let n = usize::try_from(n).map_err(|_| value_error("negative argument not allowed"))?;
    random(cx, n, 0, true)
}

fn getrandom(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = protocol::convert::to_i64(cx, a.at(0))?;
    let n = usize::try_from(n).map_err(|_| skein_stdlib_os::os_error(libc::EINVAL))?;
    let flags = a.opt(1).map_or(Ok(0), |f| arg::int(cx, f))?;
    random(cx, n, flags as u32, false)
}

fn terminal_size(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = a.opt(0).map_or(Ok(1), |f| arg::int(cx, f))?;
    let w = sys::winsize(fd).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    TERMINAL.make(
        cx,
        vec![
            Ref::small(i32::from(w.ws_col)),
            Ref::small(i32::from(w.ws_row)),
        ],
        Vec::new(),
    )
}

fn uname(cx: &Context, _: Args<'_>) -> Result<Ref> {
    let u = sys::uname().map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    let text = |f: &[libc::c_char]| {
        let b: Vec<u8> = f.iter().map(|c| *c as u8).take_while(|c| *c != 0).collect();
        path::decode(&b)
    };
    UNAME.make(
        cx,
        vec![
            text(&u.sysname)?,
            text(&u.nodename)?,
            text(&u.release)?,
            text(&u.version)?,
            text(&u.machine)?,
        ],
        Vec::new(),
    )
}

fn times(cx: &Context, _: Args<'_>) -> Result<Ref> {
    let (t, elapsed) = sys::times().map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    let tick = sys::conf(libc::_SC_CLK_TCK, None, None)
        .unwrap_or(100)
        .max(1) as f64;
    let items = [
        t.tms_utime,
        t.tms_stime,
        t.tms_cutime,
        t.tms_cstime,
        elapsed,
    ];
    let items = items.into_iter().map(|n| number::float(n as f64 / tick));
    TIMES.make(cx, items.collect::<Result<Vec<_>>>()?, Vec::new())
}

fn conf_name(cx: &Context, r: &Ref, table: &[(&str, i64)]) -> Result<i32> {
    if number::int_value(r).is_some() {
        return arg::int(cx, r);
    }
    if !str::is_str(r) {
        return Err(type_error(
            "configuration names must be strings or integers",
        ));
    }
    let name = str::text(r);
    table
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, v)| *v as i32)
        .ok_or_else(|| value_error("unrecognized configuration name"))
}

fn conf(r: std::io::Result<i64>) -> Result<Ref> {
    number::int(r.map_err(|e| skein_stdlib_os::error::from_io(&e))?)
}
