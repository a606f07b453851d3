//! Functions of paths that `posixpath` takes from here.

use super::stat::mode_of;
use skein_object::error::{Result, type_error};
use skein_object::native::{Args, Row};
use skein_object::object::RefExt;
use skein_object::{BytesBody, Context, Ref, StrBody, number, row, str, tuple};
use skein_stdlib_os::path;

pub static FUNCTIONS: &[Row] = &[
    row!(
        "fspath(path)",
        |cx, a| path::fspath(cx, a.at(0)),
        "Return the file system path representation of the object."
    ),
    row!(
        "_path_normpath(path)",
        normpath,
        "Normalize path, eliminating double slashes, etc."
    ),
    row!(
        "_path_splitroot_ex(path, /)",
        splitroot,
        "Split a pathname into drive, root and tail."
    ),
    row!(
        "_path_isdir(path, /)",
        |cx, a| kind(cx, a, Some(libc::S_IFDIR), true),
        "Return true if the pathname refers to an existing directory."
    ),
    row!(
        "_path_isfile(path, /)",
        |cx, a| kind(cx, a, Some(libc::S_IFREG), true),
        "Test whether a path is a regular file"
    ),
    row!(
        "_path_islink(path, /)",
        |cx, a| kind(cx, a, Some(libc::S_IFLNK), false),
        "Test whether a path is a symbolic link"
    ),
    row!(
        "_path_exists(path, /)",
        |cx, a| kind(cx, a, None, true),
        "Test whether a path exists.  Returns False for broken symbolic links."
    ),
    row!(
        "_path_lexists(path, /)",
        |cx, a| kind(cx, a, None, false),
        "Test whether a path exists."
    ),
];

fn kind(cx: &Context, a: Args<'_>, want: Option<u32>, follow: bool) -> Result<Ref> {
    let mode = mode_of(cx, a, follow)?;
    Ok(number::bool(match want {
        None => mode.is_some(),
        Some(k) => mode.is_some_and(|m| m & libc::S_IFMT == k),
    }))
}

/// Code points of a str or bytes path.
fn units(r: &Ref) -> Result<(Vec<u32>, bool)> {
    if let Some(t) = r.body::<StrBody>() {
        return Ok((t.view().iter().collect(), false));
    }
    if let Some(b) = r.body::<BytesBody>() {
        return Ok((b.as_slice().iter().map(|c| u32::from(*c)).collect(), true));
    }
    Err(type_error(format!(
        "expected str, bytes or os.PathLike object, not {}",
        r.ty().name()
    )))
}

fn make(units: &[u32], bytes: bool) -> Result<Ref> {
    if bytes {
        return str::bytes(&units.iter().map(|c| *c as u8).collect::<Vec<_>>());
    }
    str::from_buf(units.iter().copied().collect())
}

const SLASH: u32 = b'/' as u32;
const DOT: u32 = b'.' as u32;

/// Number of slashes that make the root.
fn root_len(p: &[u32]) -> usize {
    match p.iter().take_while(|c| **c == SLASH).count() {
        2 => 2,
        n => n.min(1),
    }
}

fn normpath(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = path::fspath(cx, a.at(0))?;
    let (p, bytes) = units(&r)?;
    let root = root_len(&p);
    let mut parts: Vec<&[u32]> = Vec::new();
    for part in p.split(|c| *c == SLASH) {
        match part {
            [] | [DOT] => {}
            [DOT, DOT] => match parts.last() {
                Some([DOT, DOT]) => parts.push(part),
                Some(_) => {
                    parts.pop();
                }
                None if root > 0 => {}
                None => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let mut out = vec![SLASH; root];
    out.extend(parts.join(&SLASH));
    if out.is_empty() {
        out.push(DOT);
    }
    make(&out, bytes)
}

fn splitroot(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = path::fspath(cx, a.at(0))?;
    let (p, bytes) = units(&r)?;
    let root = root_len(&p);
    tuple::new(vec![
        make(&[], bytes)?,
        make(&p[..root], bytes)?,
        make(&p[root..], bytes)?,
    ])
}
