//! `listdir`, `scandir` and `DirEntry`.

use super::args::any_path;
use super::stat;
use crate::sys::{self, Dir};
use skein_gc::lock::Mutex;
use skein_object::error::{Result, type_error};
use skein_object::native::{Args, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, Slot, list, number, payload, protocol, row, statics as s, str};
use skein_stdlib_os::path::Path;
use skein_stdlib_os::{arg, retry};
use skein_types::startup::{GetSet, TypeDef, member, ready_type};
use std::ffi::CString;

pub static FUNCTIONS: &[Row] = &[
    row!(
        "listdir(path=None)",
        listdir,
        "Return a list containing the names of the files in the directory."
    ),
    row!(
        "scandir(path=None)",
        scandir,
        "Return an iterator of DirEntry objects for given path."
    ),
];

fn open(cx: &Context, p: &Path) -> Result<Dir> {
    retry(cx, || match p.fd {
        Some(fd) => Dir::of_fd(fd),
        None => Dir::open(p.c()),
    })?
    .map_err(|e| p.error(&e))
}

fn listdir(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = any_path(cx, a, 0, "listdir")?;
    let mut dir = open(cx, &p)?;
    let names = skein_gc::mutator::detached(move || {
        let mut names = Vec::new();
        loop {
            match dir.next() {
                Ok(Some((name, ..))) => names.push(name),
                Ok(None) => return Ok(names),
                Err(e) => return Err(e),
            }
        }
    })
    .map_err(|e| p.error(&e))?;
    list::new(names.iter().map(|n| p.result(n)).collect::<Result<Vec<_>>>()?)
}

pub struct ScanBody {
    dir: Mutex<Option<Dir>>,
    /// The path as given, for errors.
    path: Slot,
    prefix: Vec<u8>,
    bytes: bool,
    fd: Option<i32>,
}
payload!(ScanBody, "ScandirIterator", |this, v| { v.slot(&this.path) });

pub static SCANDIR_ITERATOR: Type = Type::declare(
    "posix.ScandirIterator",
    Some(&s::OBJECT),
    <ScanBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub struct EntryBody {
    name: Ref,
    path: Ref,
    full: CString,
    /// Directory that a name is relative to, if `scandir` was given a descriptor.
    dir_fd: i32,
    kind: u8,
    inode: u64,
    /// Results of `stat()`, of the link and of what it points to.
    stat: Slot,
    lstat: Slot,
}
payload!(EntryBody, "DirEntry", |this, v| {
    v.reference(&this.name);
    v.reference(&this.path);
    v.slot(&this.stat);
    v.slot(&this.lstat);
});

pub static DIR_ENTRY: Type = Type::declare(
    "posix.DirEntry",
    Some(&s::OBJECT),
    <EntryBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

static ITERATOR_METHODS: &[Row] = &[
    row!("__enter__(self, /)", |_, a| Ok(a.at(0).clone()), ""),
    row!("__exit__(self, /, *args)", close, ""),
    row!("close(self, /)", close, ""),
];

static ENTRY_METHODS: &[Row] = &[
    row!(
        "is_dir(self, /, *, follow_symlinks=True)",
        |cx, a| is_kind(cx, a, libc::S_IFDIR),
        "Return True if the entry is a directory; cached per entry."
    ),
    row!(
        "is_file(self, /, *, follow_symlinks=True)",
        |cx, a| is_kind(cx, a, libc::S_IFREG),
        "Return True if the entry is a file; cached per entry."
    ),
    row!(
        "is_symlink(self, /)",
        is_symlink,
        "Return True if the entry is a symbolic link; cached per entry."
    ),
    row!(
        "is_junction(self, /)",
        |_, _| Ok(s::false_()),
        "Return True if the entry is a junction; cached per entry."
    ),
    row!(
        "stat(self, /, *, follow_symlinks=True)",
        entry_stat,
        "Return stat_result object for the entry; cached per entry."
    ),
    row!(
        "inode(self, /)",
        |_, a| number::big(entry(a.at(0))?.inode.into()),
        "Return inode of the entry; cached per entry."
    ),
    row!(
        "__fspath__(self, /)",
        |_, a| Ok(entry(a.at(0))?.path.clone()),
        "Returns the path for the entry."
    ),
    row!(class "__class_getitem__(cls, item, /)", |cx, a| skein_stdlib_os::import::call(cx, "types", "GenericAlias", &[a.at(0).clone(), a.at(1).clone()]), ""),
];

static ENTRY_GETSET: &[GetSet] = &[
    member("name", |_, r| Ok(entry(r)?.name.clone()))
        .doc("the entry's base filename, relative to scandir() \"path\" argument"),
    member("path", |_, r| Ok(entry(r)?.path.clone()))
        .doc("the entry's full path name; equivalent to os.path.join(scandir_path, entry.name)"),
];

fn entry(r: &Ref) -> Result<&EntryBody> {
    r.body::<EntryBody>()
        .ok_or_else(|| type_error("a DirEntry object is wanted"))
}

fn scan(r: &Ref) -> Result<&ScanBody> {
    r.body::<ScanBody>()
        .ok_or_else(|| type_error("a scandir iterator is wanted"))
}

fn scandir(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = any_path(cx, a, 0, "scandir")?;
    let dir = open(cx, &p)?;
    let mut prefix = p.name.as_bytes().to_vec();
    if p.fd.is_some() {
        prefix.clear();
    } else if p.object.is_none() {
        prefix = b"./".to_vec();
    } else if prefix.last().is_some_and(|c| *c != b'/') {
        prefix.push(b'/');
    }
    alloc(
        &SCANDIR_ITERATOR,
        ScanBody {
            dir: Mutex::new(Some(dir)),
            path: Slot::from_option(p.object.clone()),
            prefix,
            bytes: p.bytes,
            fd: p.fd,
        },
    )
}

fn close(_: &Context, a: Args<'_>) -> Result<Ref> {
    let dir = scan(a.at(0))?.dir.lock().take();
    drop(dir);
    Ok(s::none())
}

fn next(_: &Context, r: &Ref) -> Result<Option<Ref>> {
    let b = scan(r)?;
    // Entries come from a buffer of the C library mostly, so the thread stays attached.
    let got = {
        let mut g = b.dir.lock();
        let Some(dir) = g.as_mut() else {
            return Ok(None);
        };
        let got = dir.next();
        if !matches!(got, Ok(Some(_))) {
            *g = None;
        }
        got
    };
    let (name, kind, inode) = match got {
        Ok(Some(e)) => e,
        Ok(None) => return Ok(None),
        Err(e) => {
            return Err(skein_stdlib_os::os_error_for(
                skein_stdlib_os::error::errno_of(&e),
                b.path.get().as_ref(),
            ));
        }
    };
    let mut full = b.prefix.clone();
    full.extend_from_slice(&name);
    let make = |x: &[u8]| {
        if b.bytes {
            str::bytes(x)
        } else {
            skein_stdlib_os::path::decode(x)
        }
    };
    let name = make(&name)?;
    alloc(
        &DIR_ENTRY,
        EntryBody {
            path: if b.fd.is_some() { name.clone() } else { make(&full)? },
            name,
            full: CString::new(full).unwrap_or_default(),
            dir_fd: b.fd.unwrap_or(libc::AT_FDCWD),
            kind,
            inode,
            stat: Slot::empty(),
            lstat: Slot::empty(),
        },
    )
    .map(Some)
}

fn fetch(cx: &Context, b: &EntryBody, follow: bool) -> Result<Ref> {
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let st = retry(cx, || sys::fstatat(b.dir_fd, &b.full, flags))?
        .map_err(|e| skein_stdlib_os::os_error_for(skein_stdlib_os::error::errno_of(&e), Some(&b.path)))?;
    stat::result(cx, &st)
}

fn stat_of(cx: &Context, r: &Ref, follow: bool) -> Result<Ref> {
    let b = entry(r)?;
    let follow = follow && b.kind != libc::DT_DIR && b.kind != libc::DT_REG;
    let slot = if follow { &b.stat } else { &b.lstat };
    if let Some(st) = slot.get() {
        return Ok(st);
    }
    let st = fetch(cx, b, follow)?;
    drop(slot.set(r.holder(), Some(st.clone())));
    Ok(st)
}

fn entry_stat(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let follow = arg::flag(cx, a.opt(1), true)?;
    stat_of(cx, a.at(0), follow)
}

fn mode_is(cx: &Context, r: &Ref, follow: bool, kind: u32) -> Result<bool> {
    let st = match stat_of(cx, r, follow) {
        Ok(st) => st,
        Err(e) if e.is(&s::FILE_NOT_FOUND_ERROR) => return Ok(false),
        Err(e) => return Err(e),
    };
    let mode = skein_object::tuple::items(&st)
        .and_then(|i| i.first())
        .and_then(Ref::as_int);
    Ok(mode.is_some_and(|m| m as u32 & libc::S_IFMT == kind))
}

fn is_kind(cx: &Context, a: Args<'_>, kind: u32) -> Result<Ref> {
    let follow = arg::flag(cx, a.opt(1), true)?;
    let b = entry(a.at(0))?;
    let known = match b.kind {
        libc::DT_UNKNOWN => None,
        libc::DT_LNK if follow => None,
        libc::DT_DIR => Some(kind == libc::S_IFDIR),
        libc::DT_REG => Some(kind == libc::S_IFREG),
        _ => Some(false),
    };
    Ok(number::bool(match known {
        Some(k) => k,
        None => mode_is(cx, a.at(0), follow, kind)?,
    }))
}

fn is_symlink(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(match entry(a.at(0))?.kind {
        libc::DT_UNKNOWN => mode_is(cx, a.at(0), false, libc::S_IFLNK)?,
        k => k == libc::DT_LNK,
    }))
}

fn iterator_slots(t: &Slots) {
    t.iter.set(Some(|_, r| Ok(r.clone())));
    t.next.set(Some(next));
}

fn entry_slots(t: &Slots) {
    t.repr.set(Some(|cx, r| {
        let name = protocol::repr(cx, &entry(r)?.name)?;
        let mut out = skein_text::StrBuf::from("<DirEntry ");
        if let Some(b) = name.body::<skein_object::StrBody>() {
            out.push_view(b.view());
        }
        out.push_str(">");
        str::from_buf(out)
    }));
}

/// Unclosed iterators warn, as files do.
fn finalize(r: &Ref) {
    let (Ok(b), Some(cx)) = (scan(r), Context::try_current()) else {
        return;
    };
    if b.dir.lock().take().is_some()
        && let Ok(text) = protocol::repr(cx, r)
        && let Err(e) = skein_stdlib_os::import::warn(
            cx,
            &s::RESOURCE_WARNING,
            &format!("unclosed scandir iterator {}", str::text(&text)),
        )
    {
        (skein_object::context::hooks().unraisable)(cx, e, None, r);
    }
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots: iterator_slots,
        methods: ITERATOR_METHODS,
        ..TypeDef::new(&SCANDIR_ITERATOR)
    })?;
    SCANDIR_ITERATOR.set_finalizer(Some(finalize));
    ready_type(&TypeDef {
        slots: entry_slots,
        methods: ENTRY_METHODS,
        getset: ENTRY_GETSET,
        ..TypeDef::new(&DIR_ENTRY)
    })
}
