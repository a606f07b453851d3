//! `pwd` and `grp`.

use crate::structseq::{StructSeq, declare};
use crate::sys::{self, Group, User};
use skein_object::error::{Error, Result, raise};
use skein_object::native::{Args, ModuleDef, Row};
use skein_object::types::Type;
use skein_object::{Context, Ref, dict, list, number, protocol, row, statics as s, str};
use skein_stdlib_os::{arg, path};

pub static PWD: ModuleDef = ModuleDef {
    name: "pwd",
    doc: "This module provides access to the Unix password database.",
    functions: PWD_FUNCTIONS,
    init: |_, d| {
        PASSWD.ready()?;
        dict::set_str(d, "struct_passwd", STRUCT_PASSWD.object())
    },
};

pub static GRP: ModuleDef = ModuleDef {
    name: "grp",
    doc: "Access to the Unix group database.",
    functions: GRP_FUNCTIONS,
    init: |_, d| {
        GROUP.ready()?;
        dict::set_str(d, "struct_group", STRUCT_GROUP.object())
    },
};

pub static STRUCT_PASSWD: Type = declare("pwd.struct_passwd");
pub static STRUCT_GROUP: Type = declare("grp.struct_group");

static PASSWD: StructSeq = StructSeq {
    ty: &STRUCT_PASSWD,
    fields: &[
        "pw_name",
        "pw_passwd",
        "pw_uid",
        "pw_gid",
        "pw_gecos",
        "pw_dir",
        "pw_shell",
    ],
    hidden: &[],
    doc: "pwd.struct_passwd: Results from getpw*() routines.",
};

static GROUP: StructSeq = StructSeq {
    ty: &STRUCT_GROUP,
    fields: &["gr_name", "gr_passwd", "gr_gid", "gr_mem"],
    hidden: &[],
    doc: "grp.struct_group: Results from getgr*() routines.",
};

static PWD_FUNCTIONS: &[Row] = &[
    row!(
        "getpwuid(uid, /)",
        getpwuid,
        "Return the password database entry for the given numeric user ID."
    ),
    row!(
        "getpwnam(name, /)",
        getpwnam,
        "Return the password database entry for the given user name."
    ),
    row!(
        "getpwall()",
        |cx, _| {
            let all = skein_gc::mutator::detached(sys::getpwall);
            list::new(
                all.iter()
                    .map(|u| user(cx, u))
                    .collect::<Result<Vec<_>>>()?,
            )
        },
        "Return a list of all available password database entries, in arbitrary order."
    ),
];

static GRP_FUNCTIONS: &[Row] = &[
    row!(
        "getgrgid(id)",
        getgrgid,
        "Return the group database entry for the given numeric group ID."
    ),
    row!(
        "getgrnam(name)",
        getgrnam,
        "Return the group database entry for the given group name."
    ),
    row!(
        "getgrall()",
        |cx, _| {
            let all = skein_gc::mutator::detached(sys::getgrall);
            list::new(
                all.iter()
                    .map(|g| group(cx, g))
                    .collect::<Result<Vec<_>>>()?,
            )
        },
        "Return a list of all available group entries, in arbitrary order."
    ),
];

fn user(cx: &Context, u: &User) -> Result<Ref> {
    let [name, password, gecos, dir, shell] = &u.texts;
    let items = vec![
        path::decode(name)?,
        path::decode(password)?,
        number::int(i64::from(u.uid))?,
        number::int(i64::from(u.gid))?,
        path::decode(gecos)?,
        path::decode(dir)?,
        path::decode(shell)?,
    ];
    PASSWD.make(cx, items, Vec::new())
}

fn group(cx: &Context, g: &Group) -> Result<Ref> {
    let members = g
        .members
        .iter()
        .map(|m| path::decode(m))
        .collect::<Result<Vec<_>>>()?;
    let items = vec![
        path::decode(&g.name)?,
        path::decode(&g.password)?,
        number::int(i64::from(g.gid))?,
        list::new(members)?,
    ];
    GROUP.make(cx, items, Vec::new())
}

fn missing(message: String) -> Error {
    raise(&s::KEY_ERROR, message)
}

fn getpwuid(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = arg::id(cx, a.at(0), "uid");
    let found = match &id {
        Ok(id) => skein_gc::mutator::detached(|| sys::getpwuid(*id)),
        Err(e) if e.is(&s::OVERFLOW_ERROR) => None,
        Err(_) => return id.map(|_| s::none()),
    };
    match found {
        Some(u) => user(cx, &u),
        None => Err(missing(format!(
            "getpwuid(): uid not found: {}",
            str::text(&protocol::str_of(cx, a.at(0))?)
        ))),
    }
}

fn getpwnam(cx: &Context, a: Args<'_>) -> Result<Ref> {
    arg::text(a.at(0), "getpwnam", "'name'")?;
    let name = path::fs_cstring(cx, a.at(0))?;
    match skein_gc::mutator::detached(|| sys::getpwnam(&name)) {
        Some(u) => user(cx, &u),
        None => Err(missing(format!(
            "getpwnam(): name not found: {}",
            str::text(&protocol::repr(cx, a.at(0))?)
        ))),
    }
}

fn getgrgid(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = arg::id(cx, a.at(0), "gid");
    let found = match &id {
        Ok(id) => skein_gc::mutator::detached(|| sys::getgrgid(*id)),
        Err(e) if e.is(&s::OVERFLOW_ERROR) => None,
        Err(_) => return id.map(|_| s::none()),
    };
    match found {
        Some(g) => group(cx, &g),
        None => Err(missing(format!(
            "getgrgid(): gid not found: {}",
            str::text(&protocol::str_of(cx, a.at(0))?)
        ))),
    }
}

fn getgrnam(cx: &Context, a: Args<'_>) -> Result<Ref> {
    arg::text(a.at(0), "getgrnam", "'name'")?;
    let name = path::fs_cstring(cx, a.at(0))?;
    match skein_gc::mutator::detached(|| sys::getgrnam(&name)) {
        Some(g) => group(cx, &g),
        None => Err(missing(format!(
            "getgrnam(): name not found: {}",
            str::text(&protocol::repr(cx, a.at(0))?)
        ))),
    }
}
