//! The operating system as Python's modules show it: `posix`, `errno`, `time`, `_signal`, `select`, `fcntl` and their like.
//!
//! libc is called in [`sys`] only (and, between fork and exec, in `spawn`). Calls that may block run detached and are repeated after signals
//! (`skein_stdlib_os::retry`).

pub mod errno;
pub mod fcntl;
pub mod locale;
pub mod posix;
pub mod resource;
pub mod select;
pub mod signal;
mod spawn;
pub mod stat_module;
pub mod structseq;
pub mod subprocess;
mod sys;
pub mod time;
pub mod users;

use skein_object::error::Result;
use skein_object::native::{ModuleDef, Row, module_function};
use skein_object::{Ref, dict, intern, number};

pub static MODULES: &[&ModuleDef] = &[
    &posix::POSIX,
    &errno::ERRNO,
    &time::TIME,
    &signal::SIGNAL,
    &select::SELECT,
    &fcntl::FCNTL,
    &resource::RESOURCE,
    &users::PWD,
    &users::GRP,
    &subprocess::POSIX_SUBPROCESS,
    &stat_module::STAT,
    &locale::LOCALE,
];

/// Adds functions from several tables to a module's dict.
fn add_rows(d: &Ref, module: &str, tables: &[&'static [Row]]) -> Result<()> {
    let name = intern::name(module);
    for row in tables.iter().copied().flatten() {
        dict::set_str(d, row.name(), module_function(row, &name)?)?;
    }
    Ok(())
}

/// Adds int constants to a module's dict.
fn add_ints(d: &Ref, list: &[(&str, i64)]) -> Result<()> {
    for (name, n) in list {
        dict::set_str(d, name, number::int(*n)?)?;
    }
    Ok(())
}

/// `ints!(A, B)`: names and values of libc constants.
macro_rules! ints {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), libc::$name as i64)),*] };
}
pub(crate) use ints;
