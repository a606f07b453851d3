//! `resource`.

use crate::structseq::{StructSeq, declare};
use crate::{add_ints, ints, sys};
use skein_object::error::{Result, value_error};
use skein_object::native::{Args, ModuleDef, Row};
use skein_object::types::Type;
use skein_object::{Context, Ref, dict, number, protocol, row, statics as s, tuple};
use skein_stdlib_os::arg;

pub static RESOURCE: ModuleDef = ModuleDef {
    name: "resource",
    doc: "",
    functions: FUNCTIONS,
    init,
};

pub static STRUCT_RUSAGE: Type = declare("resource.struct_rusage");
static RUSAGE: StructSeq = StructSeq {
    ty: &STRUCT_RUSAGE,
    fields: &[
        "ru_utime",
        "ru_stime",
        "ru_maxrss",
        "ru_ixrss",
        "ru_idrss",
        "ru_isrss",
        "ru_minflt",
        "ru_majflt",
        "ru_nswap",
        "ru_inblock",
        "ru_oublock",
        "ru_msgsnd",
        "ru_msgrcv",
        "ru_nsignals",
        "ru_nvcsw",
        "ru_nivcsw",
    ],
    hidden: &[],
    doc: "struct_rusage: Result from getrusage.",
};

static FUNCTIONS: &[Row] = &[
    row!(
        "getrusage(who, /)",
        |cx, a| {
            let who = arg::int(cx, a.at(0))?;
            match sys::getrusage(who) {
                Ok(u) => usage(cx, &u),
                Err(e) if e.raw_os_error() == Some(libc::EINVAL) => {
                    Err(value_error("invalid who parameter"))
                }
                Err(e) => Err(skein_stdlib_os::error::from_io(&e)),
            }
        },
        ""
    ),
    row!(
        "getrlimit(resource, /)",
        |cx, a| limits(sys::getrlimit(which(cx, a.at(0))?)),
        ""
    ),
    row!("setrlimit(resource, limits, /)", setrlimit, ""),
    row!(
        "getpagesize()",
        |_, _| number::int(sys::conf(libc::_SC_PAGESIZE, None, None).unwrap_or(4096)),
        ""
    ),
];

/// `struct_rusage` of a C structure.
pub fn usage(cx: &Context, u: &libc::rusage) -> Result<Ref> {
    RUSAGE.ready()?;
    let seconds = |t: libc::timeval| number::float(t.tv_sec as f64 + t.tv_usec as f64 * 1e-6);
    let mut items = vec![seconds(u.ru_utime)?, seconds(u.ru_stime)?];
    for n in [
        u.ru_maxrss,
        u.ru_ixrss,
        u.ru_idrss,
        u.ru_isrss,
        u.ru_minflt,
        u.ru_majflt,
        u.ru_nswap,
        u.ru_inblock,
        u.ru_oublock,
        u.ru_msgsnd,
        u.ru_msgrcv,
        u.ru_nsignals,
        u.ru_nvcsw,
        u.ru_nivcsw,
    ] {
        items.push(number::int(n)?);
    }
    RUSAGE.make(cx, items, Vec::new())
}

fn which(cx: &Context, r: &Ref) -> Result<u32> {
    match arg::int(cx, r)? {
        n if (0..16).contains(&n) => Ok(n as u32),
        _ => Err(value_error("invalid resource specified")),
    }
}

fn limits(r: std::io::Result<libc::rlimit>) -> Result<Ref> {
    let l = r.map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    tuple::new(vec![
        number::int(l.rlim_cur as i64)?,
        number::int(l.rlim_max as i64)?,
    ])
}

fn setrlimit(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let which = which(cx, a.at(0))?;
    let pair = protocol::collect(cx, a.at(1))?;
    let [soft, hard] = &pair[..] else {
        return Err(value_error("expected a tuple of 2 integers"));
    };
    match sys::setrlimit(which, arg::mask64(cx, soft)?, arg::mask64(cx, hard)?) {
        Ok(()) => Ok(s::none()),
        Err(e) => match e.raw_os_error() {
            Some(libc::EINVAL) => Err(value_error("current limit exceeds maximum limit")),
            Some(libc::EPERM) => Err(value_error("not allowed to raise maximum limit")),
            _ => Err(skein_stdlib_os::error::from_io(&e)),
        },
    }
}

fn init(_: &Context, d: &Ref) -> Result<()> {
    RUSAGE.ready()?;
    add_ints(
        d,
        ints![
            RLIMIT_CPU,
            RLIMIT_FSIZE,
            RLIMIT_DATA,
            RLIMIT_STACK,
            RLIMIT_CORE,
            RLIMIT_NOFILE,
            RLIMIT_AS,
            RLIMIT_RSS,
            RLIMIT_NPROC,
            RLIMIT_MEMLOCK,
            RLIMIT_MSGQUEUE,
            RLIMIT_NICE,
            RLIMIT_RTPRIO,
            RLIMIT_RTTIME,
            RLIMIT_SIGPENDING,
            RUSAGE_SELF,
            RUSAGE_CHILDREN,
            RUSAGE_THREAD
        ],
    )?;
    add_ints(
        d,
        &[
            ("RLIMIT_OFILE", i64::from(libc::RLIMIT_NOFILE)),
            ("RLIM_INFINITY", -1),
        ],
    )?;
    dict::set_str(d, "error", s::OS_ERROR.object())?;
    dict::set_str(d, "struct_rusage", STRUCT_RUSAGE.object())
}
