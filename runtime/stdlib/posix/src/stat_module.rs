//! `_stat`.

use crate::{add_ints, ints};
use skein_object::error::Result;
use skein_object::native::{Args, ModuleDef, Row};
use skein_object::{Context, Ref, number, row, str};
use skein_stdlib_os::arg;

pub static STAT: ModuleDef = ModuleDef {
    name: "_stat",
    doc: "S_IFMT_: file type bits",
    functions: FUNCTIONS,
    init,
};

macro_rules! kinds {
    ($($name:literal $kind:expr),*) => {
        static FUNCTIONS: &[Row] = &[
            $(row!(concat!($name, "(mode, /)"), |cx, a| is_kind(cx, a, $kind), ""),)*
            row!("S_IMODE(mode, /)", |cx, a| number::int(mode(cx, a)? & 0o7777), "Return the portion of the file's mode that can be set by os.chmod()."),
            row!("S_IFMT(mode, /)", |cx, a| number::int(mode(cx, a)? & i64::from(libc::S_IFMT)), "Return the portion of the file's mode that describes the file type."),
            row!("filemode(mode, /)", filemode, "Convert a file's mode to a string of the form '-rwxrwxrwx'"),
        ];
    };
}

kinds!(
    "S_ISDIR" libc::S_IFDIR, "S_ISCHR" libc::S_IFCHR, "S_ISBLK" libc::S_IFBLK, "S_ISREG" libc::S_IFREG, "S_ISFIFO" libc::S_IFIFO,
    "S_ISLNK" libc::S_IFLNK, "S_ISSOCK" libc::S_IFSOCK, "S_ISDOOR" 1, "S_ISPORT" 1, "S_ISWHT" 1
);

fn mode(cx: &Context, a: Args<'_>) -> Result<i64> {
    arg::uint(cx, a.at(0)).map(i64::from)
}

fn is_kind(cx: &Context, a: Args<'_>, kind: u32) -> Result<Ref> {
    Ok(number::bool(
        mode(cx, a)? & i64::from(libc::S_IFMT) == i64::from(kind),
    ))
}

fn filemode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let m = mode(cx, a)? as u32;
    let mut out = String::with_capacity(10);
    out.push(match m & libc::S_IFMT {
        libc::S_IFREG => '-',
        libc::S_IFDIR => 'd',
        libc::S_IFLNK => 'l',
        libc::S_IFBLK => 'b',
        libc::S_IFCHR => 'c',
        libc::S_IFIFO => 'p',
        libc::S_IFSOCK => 's',
        _ => '?',
    });
    for (shift, special, both, only) in [
        (6, 0o4000, 's', 'S'),
        (3, 0o2000, 's', 'S'),
        (0, 0o1000, 't', 'T'),
    ] {
        let bits = m >> shift & 7;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        out.push(match (m & special != 0, bits & 1 != 0) {
            (true, true) => both,
            (true, false) => only,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    str::from_str(&out)
}

fn init(_: &Context, d: &Ref) -> Result<()> {
    add_ints(
        d,
        ints![
            S_IFDIR, S_IFCHR, S_IFBLK, S_IFREG, S_IFIFO, S_IFLNK, S_IFSOCK, S_ISUID, S_ISGID,
            S_ISVTX, S_IRWXU, S_IRUSR, S_IWUSR, S_IXUSR, S_IRWXG, S_IRGRP, S_IWGRP, S_IXGRP,
            S_IRWXO, S_IROTH, S_IWOTH, S_IXOTH
        ],
    )?;
    let rest: &[(&str, i64)] = &[
        ("S_IFDOOR", 0),
        ("S_IFPORT", 0),
        ("S_IFWHT", 0),
        ("S_ENFMT", 0o2000),
        ("S_IREAD", 0o400),
        ("S_IWRITE", 0o200),
        ("S_IEXEC", 0o100),
        ("UF_SETTABLE", 0xffff),
        ("UF_NODUMP", 1),
        ("UF_IMMUTABLE", 2),
        ("UF_APPEND", 4),
        ("UF_OPAQUE", 8),
        ("UF_NOUNLINK", 16),
        ("UF_COMPRESSED", 32),
        ("UF_TRACKED", 64),
        ("UF_DATAVAULT", 128),
        ("UF_HIDDEN", 0x8000),
        ("SF_SETTABLE", 0x3fff_0000),
        ("SF_ARCHIVED", 0x1_0000),
        ("SF_IMMUTABLE", 0x2_0000),
        ("SF_APPEND", 0x4_0000),
        ("SF_NOUNLINK", 0x10_0000),
        ("SF_SNAPSHOT", 0x20_0000),
        ("SF_FIRMLINK", 0x80_0000),
        ("SF_DATALESS", 0x4000_0000),
        ("SF_RESTRICTED", 0x8_0000),
        ("SF_SUPPORTED", 0x9f_0000),
        ("SF_SYNTHETIC", 0xc000_0000),
        ("ST_MODE", 0),
        ("ST_INO", 1),
        ("ST_DEV", 2),
        ("ST_NLINK", 3),
        ("ST_UID", 4),
        ("ST_GID", 5),
        ("ST_SIZE", 6),
        ("ST_ATIME", 7),
        ("ST_MTIME", 8),
        ("ST_CTIME", 9),
    ];
    add_ints(d, rest)
}
