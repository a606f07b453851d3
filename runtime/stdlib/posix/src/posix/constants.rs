//! Constants of `posix`.

use crate::{add_ints, ints};
use skein_object::error::Result;
use skein_object::{Context, Ref, dict, number};

static NUMBERS: &[(&str, i64)] = ints![
    F_OK,
    R_OK,
    W_OK,
    X_OK,
    O_RDONLY,
    O_WRONLY,
    O_RDWR,
    O_NDELAY,
    O_NONBLOCK,
    O_APPEND,
    O_DSYNC,
    O_RSYNC,
    O_SYNC,
    O_NOCTTY,
    O_CREAT,
    O_EXCL,
    O_TRUNC,
    O_LARGEFILE,
    O_PATH,
    O_TMPFILE,
    O_CLOEXEC,
    O_ASYNC,
    O_DIRECT,
    O_DIRECTORY,
    O_NOFOLLOW,
    O_NOATIME,
    O_ACCMODE,
    WNOHANG,
    WCONTINUED,
    WUNTRACED,
    WEXITED,
    WNOWAIT,
    WSTOPPED,
    P_PID,
    P_PGID,
    P_ALL,
    P_PIDFD,
    CLD_EXITED,
    CLD_KILLED,
    CLD_DUMPED,
    CLD_TRAPPED,
    CLD_STOPPED,
    CLD_CONTINUED,
    PRIO_PROCESS,
    PRIO_PGRP,
    PRIO_USER,
    F_LOCK,
    F_TLOCK,
    F_ULOCK,
    F_TEST,
    RTLD_LAZY,
    RTLD_NOW,
    RTLD_GLOBAL,
    RTLD_LOCAL,
    RTLD_NODELETE,
    RTLD_NOLOAD,
    RTLD_DEEPBIND,
    GRND_RANDOM,
    GRND_NONBLOCK,
    MFD_CLOEXEC,
    MFD_ALLOW_SEALING,
    EFD_CLOEXEC,
    EFD_NONBLOCK,
    EFD_SEMAPHORE,
    SCHED_OTHER,
    SCHED_FIFO,
    SCHED_RR,
    SCHED_BATCH,
    SCHED_IDLE,
    SCHED_RESET_ON_FORK,
    POSIX_FADV_NORMAL,
    POSIX_FADV_SEQUENTIAL,
    POSIX_FADV_RANDOM,
    POSIX_FADV_NOREUSE,
    POSIX_FADV_WILLNEED,
    POSIX_FADV_DONTNEED,
    SEEK_DATA,
    SEEK_HOLE,
    ST_RDONLY,
    ST_NOSUID,
    ST_NODEV,
    ST_NOEXEC,
    ST_SYNCHRONOUS,
    ST_MANDLOCK,
    ST_NOATIME,
    ST_NODIRATIME,
    ST_RELATIME,
    SPLICE_F_MOVE,
    SPLICE_F_NONBLOCK,
    SPLICE_F_MORE,
    TMP_MAX,
    XATTR_CREATE,
    XATTR_REPLACE,
];

static OTHERS: &[(&str, i64)] = &[
    ("O_FSYNC", libc::O_SYNC as i64),
    ("ST_APPEND", 256),
    ("ST_WRITE", 128),
    ("SCHED_NORMAL", 0),
    ("SCHED_DEADLINE", 6),
    ("NGROUPS_MAX", 65536),
    ("XATTR_SIZE_MAX", 65536),
    ("PIDFD_NONBLOCK", libc::O_NONBLOCK as i64),
    ("POSIX_SPAWN_OPEN", 0),
    ("POSIX_SPAWN_CLOSE", 1),
    ("POSIX_SPAWN_DUP2", 2),
    ("POSIX_SPAWN_CLOSEFROM", 3),
    ("EX_OK", 0),
    ("EX_USAGE", 64),
    ("EX_DATAERR", 65),
    ("EX_NOINPUT", 66),
    ("EX_NOUSER", 67),
    ("EX_NOHOST", 68),
    ("EX_UNAVAILABLE", 69),
    ("EX_SOFTWARE", 70),
    ("EX_OSERR", 71),
    ("EX_OSFILE", 72),
    ("EX_CANTCREAT", 73),
    ("EX_IOERR", 74),
    ("EX_TEMPFAIL", 75),
    ("EX_PROTOCOL", 76),
    ("EX_NOPERM", 77),
    ("EX_CONFIG", 78),
];

macro_rules! conf {
    ($prefix:literal, $($name:ident $value:ident),* $(,)?) => {
        &[$((concat!($prefix, stringify!($name)), libc::$value as i64)),*]
    };
}

pub static SYSCONF: &[(&str, i64)] = conf![
    "SC_", ARG_MAX _SC_ARG_MAX, CHILD_MAX _SC_CHILD_MAX, CLK_TCK _SC_CLK_TCK, NGROUPS_MAX _SC_NGROUPS_MAX, OPEN_MAX _SC_OPEN_MAX,
    JOB_CONTROL _SC_JOB_CONTROL, SAVED_IDS _SC_SAVED_IDS, VERSION _SC_VERSION, PAGESIZE _SC_PAGESIZE, PAGE_SIZE _SC_PAGESIZE,
    NPROCESSORS_CONF _SC_NPROCESSORS_CONF, NPROCESSORS_ONLN _SC_NPROCESSORS_ONLN, PHYS_PAGES _SC_PHYS_PAGES,
    AVPHYS_PAGES _SC_AVPHYS_PAGES, IOV_MAX _SC_IOV_MAX, HOST_NAME_MAX _SC_HOST_NAME_MAX, LINE_MAX _SC_LINE_MAX,
    SEM_NSEMS_MAX _SC_SEM_NSEMS_MAX, SEM_VALUE_MAX _SC_SEM_VALUE_MAX, SIGQUEUE_MAX _SC_SIGQUEUE_MAX, TIMER_MAX _SC_TIMER_MAX,
    TTY_NAME_MAX _SC_TTY_NAME_MAX, TZNAME_MAX _SC_TZNAME_MAX, RTSIG_MAX _SC_RTSIG_MAX, STREAM_MAX _SC_STREAM_MAX,
    SYMLOOP_MAX _SC_SYMLOOP_MAX, LOGIN_NAME_MAX _SC_LOGIN_NAME_MAX, GETPW_R_SIZE_MAX _SC_GETPW_R_SIZE_MAX,
    GETGR_R_SIZE_MAX _SC_GETGR_R_SIZE_MAX, THREADS _SC_THREADS, MONOTONIC_CLOCK _SC_MONOTONIC_CLOCK,
];

pub static PATHCONF: &[(&str, i64)] = conf![
    "PC_", LINK_MAX _PC_LINK_MAX, MAX_CANON _PC_MAX_CANON, MAX_INPUT _PC_MAX_INPUT, NAME_MAX _PC_NAME_MAX, PATH_MAX _PC_PATH_MAX,
    PIPE_BUF _PC_PIPE_BUF, CHOWN_RESTRICTED _PC_CHOWN_RESTRICTED, NO_TRUNC _PC_NO_TRUNC, VDISABLE _PC_VDISABLE,
    SYNC_IO _PC_SYNC_IO, ASYNC_IO _PC_ASYNC_IO, PRIO_IO _PC_PRIO_IO, FILESIZEBITS _PC_FILESIZEBITS,
];

fn names(table: &[(&str, i64)]) -> Result<Ref> {
    let d = dict::new()?;
    for (name, n) in table {
        dict::set_str(&d, name, number::int(*n)?)?;
    }
    Ok(d)
}

pub fn add(_: &Context, d: &Ref) -> Result<()> {
    add_ints(d, NUMBERS)?;
    add_ints(d, OTHERS)?;
    dict::set_str(d, "sysconf_names", names(SYSCONF)?)?;
    dict::set_str(d, "pathconf_names", names(PATHCONF)?)?;
    dict::set_str(d, "confstr_names", dict::new()?)
}
