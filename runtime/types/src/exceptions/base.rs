//! `BaseException`.

use crate::startup::{GetSet, TypeDef, getset, member, ready_type};
use skein_object::error::{Result, attribute_error_plain, type_error};
use skein_object::instance::Attrs;
use skein_object::intern::names;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol;
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::types::Type;
use skein_object::{Args, Context, ExceptionBody, ListBody, Ref, Slot, dict, list, number, row, str, tuple};

/// The body of an exception.
pub fn body(r: &Ref) -> Result<&ExceptionBody> {
    r.body::<ExceptionBody>().ok_or_else(|| type_error("not an exception"))
}

/// Positional arguments and keywords of a call.
pub fn split<'a>(args: &'a [Ref], names: Option<&'a Ref>) -> (&'a [Ref], &'a [Ref], &'a [Ref]) {
    let keys = names.and_then(tuple::items).unwrap_or(&[]);
    let (positional, values) = args.split_at(args.len() - keys.len().min(args.len()));
    (positional, keys, values)
}

/// `BaseException.__new__`.
pub fn new(_: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, _, _) = split(args, names);
    make(crate::type_::attributes::class(class)?, positional)
}

/// As [`new`] and [`init`], which set the same `args`.
fn make_plain(_: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    Some(make(ty, args))
}

/// An exception with these args.
pub fn make(ty: &'static Type, args: &[Ref]) -> Result<Ref> {
    alloc(ty, ExceptionBody::new(Some(tuple::from_slice(args)?)))
}

/// `BaseException.__init__`.
pub fn init(_: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, keys, _) = split(args, names);
    if !keys.is_empty() {
        return Err(no_keywords(r));
    }
    set_args(r, positional)?;
    Ok(s::none())
}

#[cold]
pub fn no_keywords(r: &Ref) -> skein_object::Error {
    type_error(format!("{}() takes no keyword arguments", type_of(r).name()))
}

/// Sets `args`, unless `__new__` has done it.
pub fn set_args(r: &Ref, args: &[Ref]) -> Result<()> {
    let b = body(r)?;
    if let Some(old) = b.args.get()
        && tuple::items(&old) == Some(args)
    {
        return Ok(());
    }
    drop(b.args.set(r.holder(), Some(tuple::from_slice(args)?)));
    Ok(())
}

/// The `args` of an exception.
pub fn args_of(r: &Ref) -> Result<Ref> {
    Ok(body(r)?.args.get().unwrap_or_else(s::empty_tuple))
}

pub fn str_(cx: &Context, r: &Ref) -> Result<Ref> {
    let args = args_of(r)?;
    match tuple::items(&args).unwrap_or(&[]) {
        [] => Ok(s::empty_str()),
        [one] => protocol::str_of(cx, one),
        _ => protocol::str_of(cx, &args),
    }
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let args = args_of(r)?;
    let name = type_of(r).short_name();
    match tuple::items(&args).unwrap_or(&[]) {
        [one] => {
            let t = protocol::repr(cx, one)?;
            str::from_buf_parts(&[name, "("], &t, ")")
        }
        _ => {
            let t = protocol::repr(cx, &args)?;
            str::from_buf_parts(&[name], &t, "")
        }
    }
}

fn reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    reduce_with(a.at(0), args_of(a.at(0))?)
}

/// `(class, args)` or `(class, args, dict)`.
pub fn reduce_with(r: &Ref, args: Ref) -> Result<Ref> {
    let mut parts = vec![type_of(r).object(), args];
    let d = instance_dict(r)?;
    if !dict::entries(&d).is_empty() {
        parts.push(d);
    }
    tuple::new(parts)
}

/// The `__dict__`.
pub fn instance_dict(r: &Ref) -> Result<Ref> {
    match r.header().and_then(|h| Attrs::of(h, type_of(r)).map(|a| (h, a))) {
        Some((h, a)) => a.dict(h),
        None => dict::new(),
    }
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if s::is_none(a.at(1)) {
        return Ok(s::none());
    }
    if !a.at(1).is_instance(&s::DICT) {
        return Err(type_error("state is not a dictionary"));
    }
    for (k, v) in dict::entries(a.at(1)) {
        protocol::setattr(cx, a.at(0), &k, &v)?;
    }
    Ok(s::none())
}

fn with_traceback(cx: &Context, a: Args<'_>) -> Result<Ref> {
    set_traceback(cx, a.at(0), Some(a.at(1)))?;
    Ok(a.at(0).clone())
}

fn add_note(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (r, note) = (a.at(0), a.at(1));
    if !str::is_str(note) {
        return Err(type_error(format!(
            "add_note() argument must be str, not {}",
            note.ty().name()
        )));
    }
    let notes = match protocol::getattr_opt(cx, r, names::__notes__())? {
        Some(n) => n,
        None => {
            let l = list::new(Vec::new())?;
            protocol::setattr(cx, r, names::__notes__(), &l)?;
            l
        }
    };
    if notes.body::<ListBody>().is_none() {
        return Err(type_error("Cannot add note: __notes__ is not a list"));
    }
    list::push(&notes, note.clone())?;
    Ok(s::none())
}

fn args(_: &Context, r: &Ref) -> Result<Ref> {
    args_of(r)
}

fn set_args_attr(cx: &Context, r: &Ref, value: Option<&Ref>) -> Result<()> {
    let Some(v) = value else {
        return Err(type_error("args may not be deleted"));
    };
    let t = if v.is_exact(&s::TUPLE) {
        v.clone()
    } else {
        tuple::new(protocol::collect(cx, v)?)?
    };
    drop(body(r)?.args.set(r.holder(), Some(t)));
    Ok(())
}

fn slot_or_none(slot: &Slot) -> Ref {
    slot.get().unwrap_or_else(s::none)
}

fn traceback(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(slot_or_none(&body(r)?.traceback))
}

pub fn set_traceback(_: &Context, r: &Ref, value: Option<&Ref>) -> Result<()> {
    let Some(v) = value else {
        return Err(type_error("__traceback__ may not be deleted"));
    };
    if !s::is_none(v) && !v.is_instance(&s::TRACEBACK) {
        return Err(type_error("__traceback__ must be a traceback or None"));
    }
    let v = Some(v.clone()).filter(|v| !s::is_none(v));
    drop(body(r)?.traceback.set(r.holder(), v));
    Ok(())
}

fn context(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(slot_or_none(&body(r)?.context))
}

fn set_context(_: &Context, r: &Ref, value: Option<&Ref>) -> Result<()> {
    let Some(v) = value else {
        return Err(type_error("__context__ may not be deleted"));
    };
    if !s::is_none(v) && !v.is_instance(&s::BASE_EXCEPTION) {
        return Err(type_error(
            "exception context must be None or derive from BaseException",
        ));
    }
    let v = Some(v.clone()).filter(|v| !s::is_none(v));
    drop(body(r)?.context.set(r.holder(), v));
    Ok(())
}

fn cause(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(slot_or_none(&body(r)?.cause))
}

fn set_cause(_: &Context, r: &Ref, value: Option<&Ref>) -> Result<()> {
    let Some(v) = value else {
        return Err(type_error("__cause__ may not be deleted"));
    };
    if !s::is_none(v) && !v.is_instance(&s::BASE_EXCEPTION) {
        return Err(type_error("exception cause must be None or derive from BaseException"));
    }
    let b = body(r)?;
    b.set_suppress(true);
    let v = Some(v.clone()).filter(|v| !s::is_none(v));
    drop(b.cause.set(r.holder(), v));
    Ok(())
}

fn suppress(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(number::bool(body(r)?.suppresses()))
}

fn set_suppress(_: &Context, r: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        None => Err(type_error("can't delete numeric/char attribute")),
        Some(v) if v.is_exact(&s::BOOL) => {
            body(r)?.set_suppress(v.is(&s::true_()));
            Ok(())
        }
        Some(_) => Err(type_error("attribute value type must be bool")),
    }
}

static METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce, ""),
    row!("__setstate__(self, state, /)", setstate, ""),
    row!(
        "with_traceback(self, object, /)",
        with_traceback,
        "Set self.__traceback__ to tb and return self."
    ),
    row!("add_note(self, object, /)", add_note, "Add a note to the exception"),
];

static GETSET: &[GetSet] = &[
    member("__suppress_context__", suppress).setter(set_suppress),
    getset("args", args).setter(set_args_attr),
    getset("__traceback__", traceback).setter(set_traceback),
    getset("__context__", context)
        .setter(set_context)
        .doc("exception context"),
    getset("__cause__", cause).setter(set_cause).doc("exception cause"),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make_plain));
    t.init.set(Some(init));
    t.str.set(Some(str_));
    t.repr.set(Some(repr));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        ..super::def(&s::BASE_EXCEPTION)
    })
}

/// A special field for reading from Python: None where it was never set.
pub fn field(r: &Ref, i: usize) -> Result<Ref> {
    Ok(body(r)?.field(i).unwrap_or_else(s::none))
}

/// Sets a special field from Python.
pub fn set_field(r: &Ref, i: usize, value: Option<&Ref>) -> Result<()> {
    body(r)?.set_field(r.holder(), i, value.cloned());
    Ok(())
}

/// Getter and setter of a special field.
#[macro_export]
macro_rules! exception_field {
    ($name:literal, $index:expr) => {
        $crate::startup::member($name, |_, r| $crate::exceptions::base::field(r, $index))
            .setter(|_, r, v| $crate::exceptions::base::set_field(r, $index, v))
    };
}

/// An AttributeError with a plain text.
pub fn missing(name: &str) -> skein_object::Error {
    attribute_error_plain(name.to_owned())
}
