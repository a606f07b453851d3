//! `_posixsubprocess`.

use crate::spawn::{self, Plan};
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{Args, ModuleDef, Row};
use skein_object::{Context, Ref, number, protocol, row, statics as s};
use skein_stdlib_os::{arg, path};

pub static POSIX_SUBPROCESS: ModuleDef = ModuleDef {
    name: "_posixsubprocess",
    doc: "A POSIX helper for the subprocess module.",
    functions: FUNCTIONS,
    init: |_, _| Ok(()),
};

static FUNCTIONS: &[Row] = &[row!(
    "fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /)",
    fork_exec,
    "Spawn a fresh new child process."
)];

fn cstrings(cx: &Context, r: &Ref) -> Result<Vec<std::ffi::CString>> {
    protocol::collect(cx, r)?
        .iter()
        .map(|x| path::fs_cstring(cx, x))
        .collect()
}

fn fork_exec(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = |i: usize| arg::int(cx, a.at(i));
    if !s::is_none(a.at(21)) {
        return Err(skein_object::error::runtime_error(
            "preexec_fn is not supported",
        ));
    }
    let close_fds = protocol::is_true(cx, a.at(2))?;
    let errpipe_write = fd(13)?;
    if close_fds && errpipe_write < 3 {
        return Err(value_error("errpipe_write must be >= 3"));
    }
    let mut inherit = Vec::new();
    for n in protocol::collect(cx, a.at(3))? {
        inherit.push(arg::int(cx, &n)?);
    }
    if inherit.windows(2).any(|w| w[0] >= w[1]) || inherit.first().is_some_and(|n| *n < 0) {
        return Err(value_error("bad value(s) in fds_to_keep"));
    }
    let groups = if s::is_none(a.at(18)) {
        None
    } else {
        let mut g = Vec::new();
        for n in protocol::collect(cx, a.at(18))? {
            g.push(arg::id(cx, &n, "gid")?);
        }
        Some(g)
    };
    let env = if s::is_none(a.at(5)) {
        None
    } else {
        Some(cstrings(cx, a.at(5))?)
    };
    let argv = cstrings(cx, a.at(0))?;
    if argv.is_empty() {
        return Err(type_error("args must not be empty"));
    }
    let keep_only = close_fds.then(|| inherit.clone());
    let umask = arg::int(cx, a.at(20))?;
    let pgid = arg::int(cx, a.at(16))?;
    let plan = Plan {
        programs: cstrings(cx, a.at(1))?,
        argv,
        env,
        stdio: Some([fd(6)?, fd(9)?, fd(11)?]),
        keep_only,
        inherit: inherit
            .into_iter()
            .filter(|n| *n != errpipe_write)
            .collect(),
        cwd: if s::is_none(a.at(4)) {
            None
        } else {
            Some(path::fs_cstring(cx, a.at(4))?)
        },
        restore_signals: protocol::is_true(cx, a.at(14))?,
        setsid: protocol::is_true(cx, a.at(15))?,
        pgid: (pgid >= 0).then_some(pgid),
        gid: if s::is_none(a.at(17)) {
            None
        } else {
            Some(arg::id(cx, a.at(17), "gid")?)
        },
        groups,
        uid: if s::is_none(a.at(19)) {
            None
        } else {
            Some(arg::id(cx, a.at(19), "uid")?)
        },
        umask: (umask >= 0).then_some(umask as u32),
        report: Some(errpipe_write),
        ..Plan::default()
    };
    match spawn::spawn(&plan) {
        Ok(pid) => number::int(i64::from(pid)),
        Err(e) => Err(skein_stdlib_os::error::from_io(&e)),
    }
}
