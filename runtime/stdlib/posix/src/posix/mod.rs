//! `posix`.
//!
//! Rooms: `args` (paths, directory descriptors), `stat`, `descriptors`, `tree` (directories and names), `scan`, `paths` (pure path functions),
//! `process`, `identity`, `system`, `constants`.

mod args;
mod constants;
mod descriptors;
mod identity;
mod paths;
mod process;
mod scan;
mod stat;
mod system;
mod tree;

pub use process::{ForkHooks, after_fork_in_child, set_fork_hooks};

use crate::add_rows;
use skein_object::error::Result;
use skein_object::native::ModuleDef;
use skein_object::{Context, Ref, dict, list, statics as s, str};

pub static POSIX: ModuleDef = ModuleDef {
    name: "posix",
    doc: "This module provides access to operating system functionality that is\nstandardized by the C Standard and the POSIX standard (a thinly\ndisguised Unix interface).  Refer to the library manual and\ncorresponding Unix manual entries for more information on calls.",
    functions: &[],
    init,
};

/// What `os.py` derives `supports_dir_fd` and the like from.
static HAVE: &[&str] = &[
    "HAVE_FACCESSAT",
    "HAVE_FCHDIR",
    "HAVE_FCHMOD",
    "HAVE_FCHMODAT",
    "HAVE_FCHOWN",
    "HAVE_FCHOWNAT",
    "HAVE_FDOPENDIR",
    "HAVE_FEXECVE",
    "HAVE_FPATHCONF",
    "HAVE_FSTATAT",
    "HAVE_FSTATVFS",
    "HAVE_FTRUNCATE",
    "HAVE_FUTIMENS",
    "HAVE_LINKAT",
    "HAVE_LCHOWN",
    "HAVE_LSTAT",
    "HAVE_LUTIMES",
    "HAVE_MEMFD_CREATE",
    "HAVE_MKDIRAT",
    "HAVE_MKFIFOAT",
    "HAVE_MKNODAT",
    "HAVE_OPENAT",
    "HAVE_READLINKAT",
    "HAVE_RENAMEAT",
    "HAVE_SYMLINKAT",
    "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT",
];

fn init(cx: &Context, d: &Ref) -> Result<()> {
    stat::ready()?;
    scan::ready()?;
    process::ready()?;
    system::ready()?;
    add_rows(
        d,
        "posix",
        &[
            stat::FUNCTIONS,
            descriptors::FUNCTIONS,
            tree::FUNCTIONS,
            scan::FUNCTIONS,
            paths::FUNCTIONS,
            process::FUNCTIONS,
            identity::FUNCTIONS,
            system::FUNCTIONS,
        ],
    )?;
    constants::add(cx, d)?;
    for (name, ty) in [
        ("stat_result", &stat::STAT_RESULT),
        ("statvfs_result", &stat::STATVFS_RESULT),
        ("DirEntry", &scan::DIR_ENTRY),
        ("waitid_result", &process::WAITID_RESULT),
        ("sched_param", &process::SCHED_PARAM),
        ("terminal_size", &system::TERMINAL_SIZE),
        ("times_result", &system::TIMES_RESULT),
        ("uname_result", &system::UNAME_RESULT),
    ] {
        dict::set_str(d, name, ty.object())?;
    }
    dict::set_str(d, "error", s::OS_ERROR.object())?;
    dict::set_str(d, "environ", system::environment(cx)?)?;
    let have = HAVE.iter().map(|n| str::from_str(n)).collect::<Result<Vec<_>>>()?;
    dict::set_str(d, "_have_functions", list::new(have)?)
}
