//! Processes: fork, exec, wait, kill, spawn, scheduling.

use super::args::{int, nothing, path_or_fd};
use crate::spawn::{self, Action, Plan};
use crate::structseq::{StructSeq, declare};
use crate::sys;
use skein_gc::lock::Mutex;
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{Args, Row};
use skein_object::object::RefExt;
use skein_object::types::Type;
use skein_object::{Context, Ref, dict, number, protocol, row, set, statics as s, tuple};
use skein_stdlib_os::path::{self as paths, Path};
use skein_stdlib_os::{arg, blocking};
use std::ffi::CString;
use std::sync::OnceLock;

pub static WAITID_RESULT: Type = declare("posix.waitid_result");
pub static SCHED_PARAM: Type = declare("posix.sched_param");

static WAITID: StructSeq = StructSeq {
    ty: &WAITID_RESULT,
    fields: &["si_pid", "si_uid", "si_signo", "si_status", "si_code"],
    hidden: &[],
    doc: "waitid_result: Result from waitid.",
};

static SCHED: StructSeq = StructSeq {
    ty: &SCHED_PARAM,
    fields: &["sched_priority"],
    hidden: &[],
    doc: "Currently has only one field: sched_priority",
};

pub fn ready() -> Result<()> {
    WAITID.ready()?;
    SCHED.ready()
}

macro_rules! status {
    ($name:literal, $f:path) => {
        row!(
            concat!($name, "(status)"),
            |cx, a| Ok(number::bool($f(arg::int(cx, a.at(0))?))),
            ""
        )
    };
}

macro_rules! status_int {
    ($name:literal, $f:path) => {
        row!(
            concat!($name, "(status)"),
            |cx, a| number::int(i64::from($f(arg::int(cx, a.at(0))?))),
            ""
        )
    };
}

pub static FUNCTIONS: &[Row] = &[
    row!("fork()", fork, "Fork a child process."),
    row!(
        "_exit(status)",
        |cx, a| sys::exit_now(arg::int(cx, a.at(0))?),
        "Exit to the system with specified status, without normal exit processing."
    ),
    row!(
        "abort()",
        |_, _| std::process::abort(),
        "Abort the interpreter immediately."
    ),
    row!(
        "execv(path, argv, /)",
        |cx, a| exec(cx, a, false),
        "Execute an executable path with arguments, replacing current process."
    ),
    row!("execve(path, argv, env)", |cx, a| exec(cx, a, true), ""),
    row!(
        "wait()",
        |cx, _| wait(cx, -1, 0),
        "Wait for completion of a child process."
    ),
    row!(
        "waitpid(pid, options, /)",
        |cx, a| wait(cx, arg::int(cx, a.at(0))?, arg::int(cx, a.at(1))?),
        "Wait for completion of a given child process."
    ),
    row!("wait3(options)", |cx, a| wait4(cx, -1, arg::int(cx, a.at(0))?), ""),
    row!(
        "wait4(pid, options)",
        |cx, a| wait4(cx, arg::int(cx, a.at(0))?, arg::int(cx, a.at(1))?),
        ""
    ),
    row!("waitid(idtype, id, options, /)", waitid, ""),
    row!(
        "waitstatus_to_exitcode(status)",
        exitcode,
        "Convert a wait status to an exit code."
    ),
    status!("WIFEXITED", libc::WIFEXITED),
    status!("WIFSIGNALED", libc::WIFSIGNALED),
    status!("WIFSTOPPED", libc::WIFSTOPPED),
    status!("WIFCONTINUED", libc::WIFCONTINUED),
    status!("WCOREDUMP", libc::WCOREDUMP),
    status_int!("WEXITSTATUS", libc::WEXITSTATUS),
    status_int!("WTERMSIG", libc::WTERMSIG),
    status_int!("WSTOPSIG", libc::WSTOPSIG),
    row!(
        "kill(pid, signal, /)",
        |cx, a| {
            let r = sys::kill(arg::int(cx, a.at(0))?, arg::int(cx, a.at(1))?);
            let done = nothing(r)?;
            // A signal to this process is handled before the call returns, as in CPython.
            (skein_object::context::hooks().poll)(cx)?;
            Ok(done)
        },
        "Kill a process with a signal."
    ),
    row!(
        "killpg(pgid, signal, /)",
        |cx, a| nothing(sys::killpg(arg::int(cx, a.at(0))?, arg::int(cx, a.at(1))?)),
        ""
    ),
    row!(
        "system(command)",
        |cx, a| {
            let c = paths::fs_cstring(cx, a.at(0))?;
            int(skein_gc::mutator::detached(|| sys::system(&c)))
        },
        "Execute the command in a subshell."
    ),
    row!(
        "register_at_fork(*, before=None, after_in_child=None, after_in_parent=None)",
        register_at_fork,
        "Register callables to be called when forking a new process."
    ),
    row!(
        "posix_spawn(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)",
        |cx, a| posix_spawn(cx, a, false),
        "Execute the program specified by path in a new process."
    ),
    row!(
        "posix_spawnp(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)",
        |cx, a| posix_spawn(cx, a, true),
        ""
    ),
    row!(
        "sched_yield()",
        |_, _| {
            skein_gc::mutator::detached(sys::sched_yield)
                .map_or_else(|e| Err(skein_stdlib_os::error::from_io(&e)), |_| Ok(s::none()))
        },
        "Voluntarily relinquish the CPU."
    ),
    row!(
        "sched_getaffinity(pid, /)",
        |cx, a| {
            let cpus = sys::affinity(arg::int(cx, a.at(0))?).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
            let out = set::new()?;
            for c in cpus {
                set::add(cx, &out, number::int_from_usize(c)?)?;
            }
            Ok(out)
        },
        "Return the affinity of the process identified by pid."
    ),
    row!(
        "sched_setaffinity(pid, mask, /)",
        |cx, a| {
            let mut cpus = Vec::new();
            for c in protocol::collect(cx, a.at(1))? {
                cpus.push(usize::try_from(arg::long(cx, &c)?).map_err(|_| value_error("negative CPU number"))?);
            }
            nothing(sys::set_affinity(arg::int(cx, a.at(0))?, &cpus))
        },
        ""
    ),
    row!(
        "sched_get_priority_max(policy)",
        |cx, a| int(sys::sched_get_priority_max(arg::int(cx, a.at(0))?)),
        ""
    ),
    row!(
        "sched_get_priority_min(policy)",
        |cx, a| int(sys::sched_get_priority_min(arg::int(cx, a.at(0))?)),
        ""
    ),
    row!(
        "sched_getscheduler(pid, /)",
        |cx, a| int(sys::sched_getscheduler(arg::int(cx, a.at(0))?)),
        ""
    ),
];

/// What the embedding does about a fork.
pub struct ForkHooks {
    /// Takes the locks that are held across Python code; other threads run meanwhile.
    pub before: fn(),
    /// Calls what forks, with the embedding's locks held that threads take without being attached.
    pub around: fn(&mut dyn FnMut() -> i32) -> i32,
    /// Gives up what `before` took, in the parent and in the child.
    pub after: fn(),
    /// In the child, before any Python code: forgets other threads.
    pub in_child: fn(),
}

static FORK_HOOKS: OnceLock<ForkHooks> = OnceLock::new();

/// Sets what is done about a fork, once.
pub fn set_fork_hooks(hooks: ForkHooks) {
    let _ = FORK_HOOKS.set(hooks);
}

/// Functions of `register_at_fork`: before, in the child, in the parent.
static HOOKS: Mutex<[Vec<Ref>; 3]> = Mutex::new([Vec::new(), Vec::new(), Vec::new()]);

fn register_at_fork(_: &Context, a: Args<'_>) -> Result<Ref> {
    if (0..3).all(|i| a.opt(i).is_none()) {
        return Err(type_error("At least one argument is required."));
    }
    for i in 0..3 {
        if let Some(f) = a.opt(i)
            && !protocol::is_callable(f)
        {
            let name = ["before", "after_in_child", "after_in_parent"][i];
            return Err(type_error(format!("'{name}' must be callable, not {}", f.ty().name())));
        }
    }
    for i in 0..3 {
        if let Some(f) = a.opt(i) {
            // Any thread may fork.
            skein_gc::publish::publish(f.value());
            HOOKS.lock()[i].push(f.clone());
        }
    }
    Ok(s::none())
}

fn run_hooks(cx: &Context, which: usize) {
    let list = HOOKS.lock()[which].clone();
    let call = |f: &Ref| {
        if let Err(e) = protocol::call0(cx, f) {
            let shown =
                protocol::repr(cx, f).map_or_else(|_| "<object repr() failed>".into(), |t| skein_object::str::text(&t));
            let message = format!("Exception ignored in atfork callback {shown}");
            (skein_object::context::hooks().unraisable)(cx, e, Some(&message), &s::none());
        }
    };
    if which == 0 {
        list.iter().rev().for_each(call);
    } else {
        list.iter().for_each(call);
    }
}

/// To be called in the child of any fork that goes on to run Python code.
pub fn after_fork_in_child(cx: &Context) {
    if let Some(hooks) = FORK_HOOKS.get() {
        (hooks.in_child)();
    }
    run_hooks(cx, 1);
}

/// The hooks before a fork.
pub fn before_fork(cx: &Context) {
    run_hooks(cx, 0);
}

/// The hooks in the parent after a fork.
pub fn after_fork_in_parent(cx: &Context) {
    run_hooks(cx, 2);
}

fn fork(cx: &Context, _: Args<'_>) -> Result<Ref> {
    before_fork(cx);
    // Other threads stand still meanwhile, so that no lock is held in the child by a thread that is not there.
    let mut failed = None;
    let mut fork = || match sys::fork() {
        Ok(pid) => pid as i32,
        Err(e) => {
            failed = Some(e);
            -1
        }
    };
    let pid = match FORK_HOOKS.get() {
        Some(hooks) => {
            (hooks.before)();
            let pid = skein_gc::registry::fork(|| (hooks.around)(&mut fork));
            (hooks.after)();
            pid
        }
        None => skein_gc::registry::fork(fork),
    };
    let r = failed.map_or(Ok(i64::from(pid)), Err);
    if matches!(r, Ok(0)) {
        after_fork_in_child(cx);
    } else {
        after_fork_in_parent(cx);
        if r.is_ok() && skein_gc::registry::python_threads() > 1 {
            let text = format!(
                "This process (pid={}) is multi-threaded, use of fork() may lead to deadlocks in the child.",
                std::process::id()
            );
            (skein_object::context::hooks().warn)(cx, &s::DEPRECATION_WARNING, &text, 1)?;
        }
    }
    int(r)
}

/// A list of program arguments.
pub fn strings(cx: &Context, r: &Ref, what: &str) -> Result<Vec<CString>> {
    if !r.is_instance(&s::LIST) && !r.is_instance(&s::TUPLE) {
        return Err(type_error(format!("{what} must be a tuple or list")));
    }
    let mut out = Vec::new();
    for item in protocol::collect(cx, r)? {
        out.push(paths::fs_cstring(cx, &item)?);
    }
    Ok(out)
}

/// An environment mapping as `name=value` strings.
pub fn environment(cx: &Context, r: &Ref, function: &str) -> Result<Vec<CString>> {
    let entries = if r.is_instance(&s::DICT) {
        dict::entries(r)
    } else {
        let Some(items) = protocol::getattr_opt(cx, r, skein_object::intern::names::items())? else {
            return Err(type_error(format!("{function}: environment must be a mapping object")));
        };
        let items = protocol::call0(cx, &items)?;
        let mut out = Vec::new();
        for pair in protocol::collect(cx, &items)? {
            match tuple::items(&pair) {
                Some([k, v]) => out.push((k.clone(), v.clone())),
                _ => return Err(type_error("env.items() must give pairs")),
            }
        }
        out
    };
    let mut out = Vec::with_capacity(entries.len());
    for (k, v) in entries {
        let (name, value) = (paths::fs_cstring(cx, &k)?, paths::fs_cstring(cx, &v)?);
        if name.is_empty() || name.as_bytes()[1..].contains(&b'=') {
            return Err(value_error("illegal environment variable name"));
        }
        let mut line = name.into_bytes();
        line.push(b'=');
        line.extend_from_slice(value.as_bytes());
        out.push(CString::new(line).unwrap_or_default());
    }
    Ok(out)
}

/// This process's environment.
fn inherited() -> Vec<CString> {
    sys::environ()
        .into_iter()
        .filter_map(|e| CString::new(e).ok())
        .collect()
}

fn exec(cx: &Context, a: Args<'_>, env: bool) -> Result<Ref> {
    let name = if env { "execve" } else { "execv" };
    let p = path_or_fd(cx, a, 0, name)?;
    let argv = strings(cx, a.at(1), &format!("{name}() arg 2"))?;
    if argv.is_empty() {
        return Err(value_error(format!("{name}() arg 2 must not be empty")));
    }
    if argv[0].is_empty() {
        return Err(value_error(format!("{name}() arg 2 first element cannot be empty")));
    }
    let env = if env {
        environment(cx, a.at(2), "execve")?
    } else {
        inherited()
    };
    let e = match p.fd {
        Some(fd) => {
            let by_fd = CString::new(format!("/proc/self/fd/{fd}")).unwrap_or_default();
            sys::execve(&by_fd, &argv, &env)
        }
        None => sys::execve(p.c(), &argv, &env),
    };
    Err(p.error(&e))
}

fn wait(cx: &Context, pid: i32, options: i32) -> Result<Ref> {
    let (pid, status, _) = blocking(cx, || sys::waitpid(pid, options))?;
    tuple::new(vec![Ref::small(pid), Ref::small(status)])
}

fn wait4(cx: &Context, pid: i32, options: i32) -> Result<Ref> {
    let (pid, status, usage) = blocking(cx, || sys::waitpid(pid, options))?;
    tuple::new(vec![
        Ref::small(pid),
        Ref::small(status),
        crate::resource::usage(cx, &usage)?,
    ])
}

fn waitid(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (kind, id, options) = (arg::int(cx, a.at(0))?, arg::int(cx, a.at(1))?, arg::int(cx, a.at(2))?);
    let info = blocking(cx, || sys::waitid(kind as u32, id as u32, options))?;
    let (pid, uid, status) = sys::siginfo_child(&info);
    if pid == 0 {
        return Ok(s::none());
    }
    let items = [
        i64::from(pid),
        i64::from(uid),
        i64::from(info.si_signo),
        i64::from(status),
        i64::from(info.si_code),
    ];
    WAITID.make(
        cx,
        items.into_iter().map(number::int).collect::<Result<Vec<_>>>()?,
        Vec::new(),
    )
}

fn exitcode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let st = arg::int(cx, a.at(0))?;
    if libc::WIFEXITED(st) {
        return number::int(i64::from(libc::WEXITSTATUS(st)));
    }
    if libc::WIFSIGNALED(st) {
        return number::int(-i64::from(libc::WTERMSIG(st)));
    }
    if libc::WIFSTOPPED(st) {
        return Err(value_error(format!(
            "process stopped by delivery of signal {}",
            libc::WSTOPSIG(st)
        )));
    }
    Err(value_error(format!("invalid wait status: {st}")))
}

fn posix_spawn(cx: &Context, a: Args<'_>, search: bool) -> Result<Ref> {
    let name = if search { "posix_spawnp" } else { "posix_spawn" };
    let p = Path::new(cx, a.opt(0), name, "path", paths::PATH)?;
    let argv = strings(cx, a.at(1), &format!("{name}: argv"))?;
    if argv.is_empty() {
        return Err(value_error(format!("{name}: argv must not be empty")));
    }
    let env = if s::is_none(a.at(2)) {
        inherited()
    } else {
        environment(cx, a.at(2), name)?
    };
    let mut actions = Vec::new();
    if let Some(list) = a.opt_not_none(3) {
        for item in protocol::collect(cx, list)? {
            actions.push(action(cx, &item)?);
        }
    }
    let signals = |i: usize| -> Result<Vec<i32>> {
        let Some(list) = a.opt(i) else {
            return Ok(Vec::new());
        };
        protocol::collect(cx, list)?.iter().map(|n| arg::int(cx, n)).collect()
    };
    let mut programs = vec![p.name.clone()];
    if search && !p.name.as_bytes().contains(&b'/') {
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/bin:/usr/bin".into());
        programs = std::env::split_paths(&path)
            .filter_map(|d| {
                use std::os::unix::ffi::OsStrExt;
                let mut full = d.as_os_str().as_bytes().to_vec();
                full.push(b'/');
                full.extend_from_slice(p.name.as_bytes());
                CString::new(full).ok()
            })
            .collect();
    }
    let plan = Plan {
        programs,
        argv,
        env: Some(env),
        actions,
        pgid: a.opt_not_none(4).map(|n| arg::int(cx, n)).transpose()?,
        reset_ids: arg::flag(cx, a.opt(5), false)?,
        setsid: arg::flag(cx, a.opt(6), false)?,
        mask: a.opt(7).map(|_| signals(7)).transpose()?,
        default_signals: signals(8)?,
        ..Plan::default()
    };
    match spawn::spawn(&plan) {
        Ok(pid) => number::int(i64::from(pid)),
        Err(e) => Err(p.error(&e)),
    }
}

fn action(cx: &Context, item: &Ref) -> Result<Action> {
    let wrong = || type_error("Each file_actions element must be a non-empty tuple");
    let items = tuple::items(item).filter(|i| !i.is_empty()).ok_or_else(wrong)?;
    match (arg::int(cx, &items[0])?, &items[1..]) {
        (0, [fd, path, flags, mode]) => Ok(Action::Open {
            fd: arg::int(cx, fd)?,
            path: paths::fs_cstring(cx, path)?,
            flags: arg::int(cx, flags)?,
            mode: arg::int(cx, mode)? as u32,
        }),
        (1, [fd]) => Ok(Action::Close(arg::int(cx, fd)?)),
        (2, [from, to]) => Ok(Action::Dup(arg::int(cx, from)?, arg::int(cx, to)?)),
        (3, [from]) => Ok(Action::CloseFrom(arg::int(cx, from)?)),
        (0..=3, _) => Err(type_error("A file_actions element has a wrong number of items")),
        _ => Err(type_error("Unknown file_actions identifier")),
    }
}
