//! `dict`.
//!
//! Rooms: `update` (merging), `methods`, `views`, `iter`. Lookups go through the table's lock-free reads; no lock is held
//! while keys are compared.

pub mod iter;
pub mod methods;
pub mod update;
pub mod views;

use crate::iterators::support::{class_of, enter_repr, wrong};
use crate::list::push_repr;
use crate::startup::{TypeDef, ready_type};
use skein_collections::Dict;
use skein_object::dict::ObjectEq;
use skein_object::error::{Error, Result, key_error};
use skein_object::intern::names;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::types::Type;
use skein_object::{Context, DictBody, Ref, Value, number, protocol, statics as s, str};
use skein_text::StrBuf;

/// The table of a dict of any class.
pub fn body(r: &Ref) -> Result<&Dict> {
    match r.body::<DictBody>() {
        Some(b) => Ok(&b.0),
        None => Err(wrong("dict", r)),
    }
}

/// The hash of a key.
///
/// # Errors
/// TypeError "cannot use 'X' as a dict key (...)"; what `__hash__` raises.
#[inline]
pub fn hash_key(cx: &Context, key: &Ref) -> Result<u64> {
    match protocol::compare::table_hash(cx, key) {
        Ok(h) => Ok(h),
        Err(e) => Err(unhashable(cx, key, e, "a dict key")),
    }
}

/// The error for a key that has no hash.
#[cold]
pub(crate) fn unhashable(cx: &Context, key: &Ref, e: Error, what: &str) -> Error {
    protocol::compare::cannot_use(cx, key, e, what)
}

/// The value of a key, if there is one.
///
/// # Errors
/// What `__hash__` and `__eq__` raise.
#[inline]
pub fn get_opt(cx: &Context, d: &Ref, key: &Ref) -> Result<Option<Ref>> {
    let hash = hash_key(cx, key)?;
    body(d)?.get(d.holder(), hash, key, &mut ObjectEq(cx))
}

/// `d[key] = value`, without hooks of subclasses.
///
/// # Errors
/// What `__hash__` and `__eq__` raise; MemoryError.
#[inline]
pub fn set(cx: &Context, d: &Ref, key: &Ref, value: &Ref) -> Result<()> {
    let hash = hash_key(cx, key)?;
    let old = body(d)?.insert(d.holder(), hash, key.clone(), value.clone(), &mut ObjectEq(cx))?;
    drop(old);
    Ok(())
}

/// Takes a key out.
pub fn remove(cx: &Context, d: &Ref, key: &Ref) -> Result<Option<Ref>> {
    let hash = hash_key(cx, key)?;
    let old = body(d)?.remove(d.holder(), hash, key, &mut ObjectEq(cx))?;
    Ok(old.map(|(_, v)| v))
}

fn getitem(cx: &Context, d: &Ref, key: &Ref) -> Result<Ref> {
    if let Some(v) = get_opt(cx, d, key)? {
        return Ok(v);
    }
    if !d.is_exact(&s::DICT)
        && let Some(v) = protocol::call_method_opt(cx, d, names::__missing__(), std::slice::from_ref(key))?
    {
        return Ok(v);
    }
    Err(key_error(key))
}

fn setitem(cx: &Context, d: &Ref, key: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        Some(v) => set(cx, d, key, v),
        None => match remove(cx, d, key)? {
            Some(_) => Ok(()),
            None => Err(key_error(key)),
        },
    }
}

/// Stands for what a dict does not have; no object lies there.
const ABSENT: Value = Value(8);

fn contains(cx: &Context, d: &Ref, key: &Ref) -> Result<bool> {
    match skein_object::dict::peek_or(d, key, ABSENT) {
        Value::NULL => Ok(get_opt(cx, d, key)?.is_some()),
        found => Ok(found != ABSENT),
    }
}

fn length(_: &Context, d: &Ref) -> Result<usize> {
    Ok(body(d)?.len())
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    alloc(class_of(class)?, DictBody(Dict::new()))
}

/// `dict()` and a copy of a dict.
fn make(_: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    if !std::ptr::eq(ty, &raw const s::DICT) {
        return None;
    }
    match args {
        [] => Some(skein_object::dict::new()),
        [x] if x.is_exact(&s::DICT) => Some(copy(x)),
        _ => None,
    }
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    if b.is_empty() {
        return str::from_str("{}");
    }
    let Some(_guard) = enter_repr(cx, r) else {
        return str::from_str("{...}");
    };
    let mut out = StrBuf::from("{");
    let mut pos = 0;
    let mut first = true;
    while let Some((k, v, _)) = b.next(&mut pos) {
        if !first {
            out.push_str(", ");
        }
        first = false;
        push_repr(cx, &mut out, &k)?;
        out.push_str(": ");
        push_repr(cx, &mut out, &v)?;
    }
    out.push_str("}");
    str::from_buf(out)
}

/// Whether two dicts have the same keys with equal values.
fn equal(cx: &Context, a: &Ref, b: &Ref) -> Result<bool> {
    let (x, y) = (body(a)?, body(b)?);
    if x.len() != y.len() {
        return Ok(false);
    }
    let mut pos = 0;
    while let Some((k, v, hash)) = x.next(&mut pos) {
        match y.get(b.holder(), hash, &k, &mut ObjectEq(cx))? {
            Some(w) if protocol::equal(cx, &v, &w)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    if body(a).is_err() || body(b).is_err() {
        return Ok(s::not_implemented());
    }
    Ok(match op {
        CompareOp::Eq => number::bool(equal(cx, a, b)?),
        CompareOp::Ne => number::bool(!equal(cx, a, b)?),
        _ => s::not_implemented(),
    })
}

/// A dict of exact type with the same entries.
pub fn copy(d: &Ref) -> Result<Ref> {
    let copy = body(d)?.copy(d.holder())?;
    alloc(&s::DICT, DictBody(copy))
}

fn or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if a.body::<DictBody>().is_none() || b.body::<DictBody>().is_none() {
        return Ok(s::not_implemented());
    }
    let out = copy(a)?;
    update::update(cx, &out, b)?;
    Ok(out)
}

fn inplace_or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    update::update(cx, a, b)?;
    Ok(a.clone())
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make));
    t.init.set(Some(update::init));
    t.repr.set(Some(repr));
    t.compare.set(Some(compare));
    t.iter.set(Some(iter::keys));
    t.len.set(Some(length));
    t.getitem.set(Some(getitem));
    t.setitem.set(Some(setitem));
    t.contains.set(Some(contains));
    t.binary[BinaryOp::Or as usize].set(Some(or));
    t.inplace[BinaryOp::Or as usize].set(Some(inplace_or));
}

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: methods::METHODS,
        doc: "dict() -> new empty dictionary\ndict(mapping) -> new dictionary initialized from a mapping object's\n    (key, value) pairs\ndict(iterable) -> new dictionary initialized as if via:\n    d = {}\n    for k, v in iterable:\n        d[k] = v\ndict(**kwargs) -> new dictionary initialized with the name=value pairs\n    in the keyword argument list.  For example:  dict(one=1, two=2)",
        ..TypeDef::new(&s::DICT)
    })?;
    views::ready()?;
    iter::ready()
}
