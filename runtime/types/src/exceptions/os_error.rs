//! OSError: the errno decides the class.

use super::base::{self, args_of, body, split};
use crate::exception_field;
use crate::startup::{GetSet, TypeDef, getset};
use skein_object::error::{Error, Result, attribute_error_plain};
use skein_object::layouts::exception as fields;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol;
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::types::Type;
use skein_object::{Args, Context, ExceptionBody, Ref, number, row, str, tuple};

/// The class for an errno, as on Linux.
pub fn class_of(errno: i64) -> &'static Type {
    match errno {
        11 | 114 | 115 => &s::BLOCKING_IO_ERROR,
        32 | 108 => &s::BROKEN_PIPE_ERROR,
        10 => &s::CHILD_PROCESS_ERROR,
        103 => &s::CONNECTION_ABORTED_ERROR,
        111 => &s::CONNECTION_REFUSED_ERROR,
        104 => &s::CONNECTION_RESET_ERROR,
        17 => &s::FILE_EXISTS_ERROR,
        2 => &s::FILE_NOT_FOUND_ERROR,
        21 => &s::IS_A_DIRECTORY_ERROR,
        20 => &s::NOT_A_DIRECTORY_ERROR,
        4 => &s::INTERRUPTED_ERROR,
        13 | 1 => &s::PERMISSION_ERROR,
        3 => &s::PROCESS_LOOKUP_ERROR,
        110 => &s::TIMEOUT_ERROR,
        _ => &s::OS_ERROR,
    }
}

/// An OSError of the class that fits the errno, for native code.
#[cold]
pub fn from_errno(errno: i32, message: &str, filename: Option<&Ref>) -> Error {
    let make = || -> Result<Ref> {
        let mut args = vec![number::int(errno as i64)?, str::from_str(message)?];
        args.extend(filename.cloned());
        let r = alloc(class_of(errno as i64), ExceptionBody::new(None))?;
        fill(&r, &args, None)?;
        Ok(r)
    };
    match make() {
        Ok(r) => Error(r),
        Err(e) => e,
    }
}

/// An OSError of a Rust I/O error.
#[cold]
pub fn from_io(e: &std::io::Error, filename: Option<&Ref>) -> Error {
    match e.raw_os_error() {
        Some(n) => {
            let text = e.to_string();
            let text = text.split(" (os error").next().unwrap_or(&text);
            from_errno(n, text, filename)
        }
        None => skein_object::error::raise(&s::OS_ERROR, e.to_string()),
    }
}

/// Whether `__init__` reads the arguments: a class that overrides it but not `__new__`.
fn init_reads(ty: &'static Type) -> bool {
    ty.slots.new.same(&s::OS_ERROR.slots.new) && !ty.slots.init.same(&s::OS_ERROR.slots.init)
}

/// Reads the arguments into the fields.
fn fill(r: &Ref, args: &[Ref], cx: Option<&Context>) -> Result<()> {
    let b = body(r)?;
    let h = r.holder();
    let mut kept = args;
    if (2..=5).contains(&args.len()) {
        b.set_field(h, fields::OS_ERRNO, Some(args[0].clone()));
        b.set_field(h, fields::OS_STRERROR, Some(args[1].clone()));
        if let Some(name) = args.get(2).filter(|n| !s::is_none(n)) {
            if r.is_instance(&s::BLOCKING_IO_ERROR)
                && let Some(cx) = cx
                && name.ty().slots.index.is_set()
            {
                let n = protocol::convert::to_i64(cx, name)?;
                b.set_field(h, fields::OS_WRITTEN, Some(number::int(n)?));
            } else {
                b.set_field(h, fields::OS_FILENAME, Some(name.clone()));
                if let Some(second) = args.get(4) {
                    b.set_field(h, fields::OS_FILENAME2, Some(second.clone()));
                }
                kept = &args[..2];
            }
        }
    }
    base::set_args(r, kept)
}

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let mut ty = crate::type_::attributes::class(class)?;
    let (positional, keys, _) = split(args, names);
    if init_reads(ty) {
        return base::make(ty, &[]);
    }
    if !keys.is_empty() {
        return Err(skein_object::error::type_error(format!(
            "{}() takes no keyword arguments",
            ty.name()
        )));
    }
    if std::ptr::eq(ty, &raw const s::OS_ERROR)
        && (2..=5).contains(&positional.len())
        && let Some(n) = number::int_value(&positional[0]).and_then(|v| v.to_i64())
    {
        ty = class_of(n);
    }
    let r = alloc(ty, ExceptionBody::new(None))?;
    fill(&r, positional, Some(cx))?;
    Ok(r)
}

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if init_reads(r.ty()) {
        let (positional, keys, _) = split(args, names);
        if !keys.is_empty() {
            return Err(base::no_keywords(r));
        }
        fill(r, positional, Some(cx))?;
    }
    Ok(s::none())
}

fn str_(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let text = |v: Option<Ref>| -> Result<String> {
        let v = v.unwrap_or_else(s::none);
        Ok(str::text(&protocol::str_of(cx, &v)?))
    };
    let errno = b.field(fields::OS_ERRNO);
    let strerror = b.field(fields::OS_STRERROR);
    if let Some(f) = b.field(fields::OS_FILENAME) {
        let f = protocol::repr(cx, &f)?;
        let head = format!("[Errno {}] {}: ", text(errno)?, text(strerror)?);
        return match b.field(fields::OS_FILENAME2).filter(|f| !s::is_none(f)) {
            Some(g) => {
                let g = protocol::repr(cx, &g)?;
                str::from_buf_parts(&[&head, &str::text(&f), " -> "], &g, "")
            }
            None => str::from_buf_parts(&[&head], &f, ""),
        };
    }
    if errno.is_some() && strerror.is_some() {
        return str::from_str(&format!("[Errno {}] {}", text(errno)?, text(strerror)?));
    }
    base::str_(cx, r)
}

fn reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let b = body(r)?;
    let args = args_of(r)?;
    let mut items = tuple::items(&args).unwrap_or(&[]).to_vec();
    if items.len() == 2
        && let Some(f) = b.field(fields::OS_FILENAME)
    {
        items.push(f);
        if let Some(g) = b.field(fields::OS_FILENAME2) {
            items.push(s::none());
            items.push(g);
        }
    }
    base::reduce_with(r, tuple::new(items)?)
}

fn written(_: &Context, r: &Ref) -> Result<Ref> {
    body(r)?
        .field(fields::OS_WRITTEN)
        .ok_or_else(|| attribute_error_plain("characters_written"))
}

fn set_written(cx: &Context, r: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        Some(v) => {
            let n = number::int(protocol::convert::to_i64(cx, v)?)?;
            base::set_field(r, fields::OS_WRITTEN, Some(&n))
        }
        None => {
            written(cx, r)?;
            base::set_field(r, fields::OS_WRITTEN, None)
        }
    }
}

static GETSET: &[GetSet] = &[
    exception_field!("errno", fields::OS_ERRNO).doc("POSIX exception code"),
    exception_field!("strerror", fields::OS_STRERROR).doc("exception strerror"),
    exception_field!("filename", fields::OS_FILENAME).doc("exception filename"),
    exception_field!("filename2", fields::OS_FILENAME2).doc("second exception filename"),
    getset("characters_written", written).setter(set_written),
];

static METHODS: &[Row] = &[row!("__reduce__(self, /)", reduce, "")];

pub(super) fn define(d: &mut TypeDef) {
    if d.ty.name() == "OSError" {
        d.slots = |t: &Slots| {
            t.new.set(Some(new));
            t.init.set(Some(init));
            t.str.set(Some(str_));
        };
        d.getset = GETSET;
        d.methods = METHODS;
    }
}
