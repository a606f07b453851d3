//! Attributes of classes.

use super::update;
use crate::descriptors::proxy;
use crate::startup::{GetSet, getset};
use skein_object::error::{Error, Result, attribute_error, attribute_error_plain, type_error, value_error};
use skein_object::intern::{self, names};
use skein_object::layouts::number;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, call, is_callable};
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, dict, str, tuple};

/// The class behind a reference that must be one.
pub fn class(r: &Ref) -> Result<&'static Type> {
    Type::from_ref(r).ok_or_else(|| type_error(format!("a class is wanted, not '{}' object", r.ty().name())))
}

/// Binds a class attribute for access through the class.
fn bind(cx: &Context, found: Ref, class: &Ref) -> Result<Ref> {
    match type_of(&found).slots.descr_get.get() {
        Some(get) => get(cx, &found, None, Some(class)),
        None => Ok(found),
    }
}

/// `type.__getattribute__` without the error.
pub fn getattr_opt(cx: &Context, object: &Ref, name: &Ref) -> Result<Option<Ref>> {
    let ty = class(object)?;
    let meta = type_of(object);
    let name = &intern::intern(name);
    let of_meta = meta.lookup(name);
    if let Some(m) = &of_meta {
        let mt = type_of(m);
        if mt.slots.descr_set.is_set()
            && let Some(get) = mt.slots.descr_get.get()
        {
            return get(cx, m, Some(object), Some(&meta.object())).map(Some);
        }
    }
    if let Some(found) = ty.lookup(name) {
        return bind(cx, found, object).map(Some);
    }
    match of_meta {
        Some(m) => match type_of(&m).slots.descr_get.get() {
            Some(get) => get(cx, &m, Some(object), Some(&meta.object())).map(Some),
            None => Ok(Some(m)),
        },
        None => Ok(None),
    }
}

/// `type.__getattribute__`.
pub fn getattr(cx: &Context, object: &Ref, name: &Ref) -> Result<Ref> {
    if !str::is_str(name) {
        return Err(type_error(format!(
            "attribute name must be string, not '{}'",
            name.ty().name()
        )));
    }
    match getattr_opt(cx, object, name)? {
        Some(v) => Ok(v),
        None => Err(no_attribute(object, name)),
    }
}

#[cold]
fn no_attribute(object: &Ref, name: &Ref) -> Error {
    let t = Type::from_ref(object).map_or("?", |t| t.name());
    attribute_error(
        object,
        name,
        format!("type object '{t}' has no attribute '{}'", str::text(name)),
    )
}

/// `type.__setattr__` and `type.__delattr__`.
pub fn setattr(cx: &Context, object: &Ref, name: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = class(object)?;
    if !str::is_str(name) {
        return Err(type_error(format!(
            "attribute name must be string, not '{}'",
            name.ty().name()
        )));
    }
    if ty.has(flag::IMMUTABLE) {
        return Err(type_error(format!(
            "cannot set '{}' attribute of immutable type '{}'",
            str::text(name),
            ty.name()
        )));
    }
    let name = &intern::intern(name);
    let meta = type_of(object);
    if let Some(m) = meta.lookup(name)
        && let Some(set) = type_of(&m).slots.descr_set.get()
    {
        return set(cx, &m, object, value);
    }
    match value {
        Some(v) => ty.set_own(name, v.clone()),
        None => {
            if !ty.delete_own(name) {
                return Err(no_attribute(object, name));
            }
        }
    }
    update::after_setattr(ty, name);
    Ok(())
}

fn check_mutable(ty: &'static Type, name: &str, value: Option<&Ref>) -> Result<()> {
    if !ty.has(flag::HEAP) || ty.has(flag::IMMUTABLE) {
        return Err(type_error(format!(
            "cannot set '{name}' attribute of immutable type '{}'",
            ty.name()
        )));
    }
    if value.is_none() {
        return Err(type_error(format!(
            "cannot delete '{name}' attribute of immutable type '{}'",
            ty.name()
        )));
    }
    Ok(())
}

/// `__qualname__` of a class, as text.
pub fn qualname_text(ty: &'static Type) -> String {
    match ty.qualname.get() {
        Some(q) => str::text(&q),
        None => ty.short_name().to_owned(),
    }
}

/// `__module__` of a class, if it is a str.
pub fn module_text(ty: &'static Type) -> Option<String> {
    match ty.own(names::__module__()) {
        Some(m) if str::is_str(&m) => Some(str::text(&m)),
        _ if ty.has(flag::HEAP) => None,
        _ => Some("builtins".to_owned()),
    }
}

/// `module.qualname`, without `builtins.`.
pub fn full_name(ty: &'static Type) -> String {
    let q = qualname_text(ty);
    match module_text(ty) {
        Some(m) if m != "builtins" => format!("{m}.{q}"),
        _ => q,
    }
}

pub fn repr(_: &Context, object: &Ref) -> Result<Ref> {
    str::from_str(&format!("<class '{}'>", full_name(class(object)?)))
}

fn name(_: &Context, object: &Ref) -> Result<Ref> {
    Ok(intern::name(class(object)?.short_name()))
}

fn set_name(cx: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = class(object)?;
    check_mutable(ty, "__name__", value)?;
    let Some(v) = value else { return Ok(()) };
    if !str::is_str(v) {
        return Err(type_error(format!(
            "can only assign string to {}.__name__, not '{}'",
            ty.name(),
            v.ty().name()
        )));
    }
    let text = super::create::encodable(cx, v)?;
    if text.contains('\0') {
        return Err(value_error("type name must not contain null characters"));
    }
    if ty.qualname.get().is_none() {
        // It follows the name only as long as nobody changes that.
        set_qualname(cx, object, Some(&str::from_str(ty.short_name())?))?;
    }
    ty.rename(&text);
    Ok(())
}

/// `__qualname__` of a class.
pub fn qualname(_: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    match ty.qualname.get() {
        Some(q) => Ok(q),
        None => Ok(intern::name(ty.short_name())),
    }
}

fn set_qualname(_: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = class(object)?;
    check_mutable(ty, "__qualname__", value)?;
    let Some(v) = value else { return Ok(()) };
    if !str::is_str(v) {
        return Err(type_error(format!(
            "can only assign string to {}.__qualname__, not '{}'",
            ty.name(),
            v.ty().name()
        )));
    }
    drop(ty.qualname.set(ty.header(), Some(v.clone())));
    Ok(())
}

fn module(_: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    match ty.own(names::__module__()) {
        Some(m) if ty.has(flag::HEAP) || str::is_str(&m) => Ok(m),
        None if ty.has(flag::HEAP) => Err(no_attribute(object, names::__module__())),
        // A native type whose instances have a `__module__` of their own.
        _ => match ty.name().rsplit_once('.') {
            Some((module, _)) => Ok(intern::name(module)),
            None => Ok(names::builtins().clone()),
        },
    }
}

fn set_module(_: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = class(object)?;
    check_mutable(ty, "__module__", value)?;
    if let Some(v) = value {
        ty.set_own(names::__module__(), v.clone());
        ty.delete_own(&intern::name("__firstlineno__"));
    }
    Ok(())
}

/// The signature line of a native doc, and the rest.
fn split_doc(doc: &str) -> (Option<&str>, &str) {
    match doc.split_once("\n--\n\n") {
        Some((signature, rest)) => (signature.find('(').map(|i| &signature[i..]), rest),
        None => (None, doc),
    }
}

fn doc(cx: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    match ty.own(names::__doc__()) {
        Some(d) if !ty.has(flag::HEAP) && str::is_str(&d) => str::from_str(split_doc(&str::text(&d)).1),
        Some(_) if !ty.has(flag::HEAP) => match crate::startup::doc_of(ty) {
            Some(d) => str::from_str(split_doc(d).1),
            None => Ok(s::none()),
        },
        Some(d) => bind(cx, d, object),
        None => Ok(s::none()),
    }
}

fn set_doc(_: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = class(object)?;
    check_mutable(ty, "__doc__", value)?;
    if let Some(v) = value {
        ty.set_own(names::__doc__(), v.clone());
    }
    Ok(())
}

fn text_signature(_: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    match ty.own(names::__doc__()) {
        Some(d) if !ty.has(flag::HEAP) && str::is_str(&d) => match split_doc(&str::text(&d)).0 {
            Some(signature) => str::from_str(signature),
            None => Ok(s::none()),
        },
        _ => match crate::startup::doc_of(ty).and_then(|d| split_doc(d).0) {
            Some(signature) => str::from_str(signature),
            None => Ok(s::none()),
        },
    }
}

/// A tuple of classes.
pub fn type_tuple(list: &[&'static Type]) -> Result<Ref> {
    tuple::new(list.iter().map(|t| t.object()).collect())
}

fn bases(_: &Context, object: &Ref) -> Result<Ref> {
    type_tuple(class(object)?.bases())
}

fn base(_: &Context, object: &Ref) -> Result<Ref> {
    Ok(class(object)?.base().map_or_else(s::none, |b| b.object()))
}

fn mro(_: &Context, object: &Ref) -> Result<Ref> {
    type_tuple(class(object)?.mro())
}

fn dict_(_: &Context, object: &Ref) -> Result<Ref> {
    proxy::of_type(class(object)?)
}

fn abstract_methods(_: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    match ty.own(names::__abstractmethods__()) {
        Some(v) if !std::ptr::eq(ty, &raw const s::TYPE) => Ok(v),
        _ => Err(missing("__abstractmethods__")),
    }
}

fn set_abstract_methods(cx: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = class(object)?;
    let name = names::__abstractmethods__();
    match value {
        Some(v) => {
            let on = protocol::is_true(cx, v)?;
            ty.set_own(name, v.clone());
            ty.set_flag(flag::ABSTRACT, on);
        }
        None => {
            if !ty.delete_own(name) {
                return Err(missing("__abstractmethods__"));
            }
            ty.set_flag(flag::ABSTRACT, false);
        }
    }
    Ok(())
}

fn annotate(cx: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    if !ty.has(flag::HEAP) {
        return Err(no_attribute(object, names::__annotate__()));
    }
    match ty
        .own(names::__annotate__())
        .or_else(|| ty.own(names::__annotate_func__()))
    {
        Some(f) => bind(cx, f, object),
        None => Ok(s::none()),
    }
}

fn set_annotate(_: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = class(object)?;
    let Some(v) = value else {
        return Err(type_error("cannot delete __annotate__ attribute"));
    };
    if !ty.has(flag::HEAP) || ty.has(flag::IMMUTABLE) {
        return Err(type_error(format!(
            "cannot set '__annotate__' attribute of immutable type '{}'",
            ty.name()
        )));
    }
    if !s::is_none(v) && !is_callable(v) {
        return Err(type_error("__annotate__ must be callable or None"));
    }
    ty.set_own(names::__annotate_func__(), v.clone());
    if !s::is_none(v) {
        ty.delete_own(names::__annotations_cache__());
    }
    Ok(())
}

/// Calls an annotate function for values.
pub fn evaluate(cx: &Context, annotate: &Ref) -> Result<Ref> {
    let d = call(cx, annotate, &[Ref::small(1)])?;
    if d.is_instance(&s::DICT) {
        Ok(d)
    } else {
        Err(type_error(format!(
            "__annotate__ returned non-dict of type '{}'",
            d.ty().name()
        )))
    }
}

fn annotations(cx: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    if !ty.has(flag::HEAP) {
        return Err(no_attribute(object, names::__annotations__()));
    }
    if let Some(a) = ty
        .own(names::__annotations__())
        .or_else(|| ty.own(names::__annotations_cache__()))
    {
        return bind(cx, a, object);
    }
    let f = annotate(cx, object)?;
    let d = if is_callable(&f) {
        evaluate(cx, &f)?
    } else {
        dict::new()?
    };
    ty.set_own(names::__annotations_cache__(), d.clone());
    Ok(d)
}

fn set_annotations(_: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = class(object)?;
    if !ty.has(flag::HEAP) || ty.has(flag::IMMUTABLE) {
        return Err(type_error(format!(
            "cannot set '__annotations__' attribute of immutable type '{}'",
            ty.name()
        )));
    }
    let plain = names::__annotations__();
    let cache = names::__annotations_cache__();
    match value {
        Some(v) => {
            let name = if ty.own(plain).is_some() { plain } else { cache };
            ty.set_own(name, v.clone());
        }
        None => {
            let a = ty.own(plain).is_some() && ty.delete_own(plain);
            let b = ty.own(cache).is_some() && ty.delete_own(cache);
            if !a && !b {
                return Err(no_attribute(object, plain));
            }
        }
    }
    ty.delete_own(names::__annotate_func__());
    ty.delete_own(names::__annotate__());
    Ok(())
}

fn type_params(_: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    // In `type` itself there is the descriptor.
    let own = ty.own(names::__type_params__()).filter(|_| ty.has(flag::HEAP));
    Ok(own.unwrap_or_else(s::empty_tuple))
}

fn set_type_params(_: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = class(object)?;
    check_mutable(ty, "__type_params__", value)?;
    if let Some(v) = value {
        ty.set_own(names::__type_params__(), v.clone());
    }
    Ok(())
}

fn basicsize(_: &Context, object: &Ref) -> Result<Ref> {
    number::int_from_usize(class(object)?.instance_size(0))
}

fn itemsize(_: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    // As if an int were an array of digits of `sys.int_info`.
    let digits = ty.layout().name == s::INT.layout().name;
    Ok(Ref::small(match super::fields::variable(ty) {
        true if digits => 4,
        true => 8,
        false => 0,
    }))
}

/// CPython's `tp_flags` as far as Python code looks at them.
fn flags(_: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    let mut n: i64 = 1 << 12;
    for (ours, theirs) in [
        (flag::SEQUENCE, 1 << 5),
        (flag::MAPPING, 1 << 6),
        (flag::IMMUTABLE, 1 << 8),
        (flag::HEAP, 1 << 9),
        (flag::BASETYPE, 1 << 10),
        (flag::METHOD_DESCRIPTOR, 1 << 17),
        (flag::ABSTRACT, 1 << 20),
        (flag::MATCH_SELF, 1 << 22),
        (flag::NO_NEW, 1 << 7),
    ] {
        if ty.has(ours) {
            n |= theirs;
        }
    }
    if ty.has(flag::HEAP) {
        if ty.has(flag::WEAKREFABLE) {
            n |= 1 << 3;
        }
        if ty.has(flag::HAS_DICT) {
            n |= 1 << 4;
            if ty.layout().tail_size.is_none() {
                n |= 1 << 2;
            }
        }
    }
    // Made like classes of Python in CPython, which pickling goes by.
    if ty.name().starts_with("typing.") && ty.name() != "typing.Union" {
        n |= 1 << 9;
    }
    let families: [(&'static Type, i64); 8] = [
        (&s::INT, 1 << 24),
        (&s::LIST, 1 << 25),
        (&s::TUPLE, 1 << 26),
        (&s::BYTES, 1 << 27),
        (&s::STR, 1 << 28),
        (&s::DICT, 1 << 29),
        (&s::BASE_EXCEPTION, 1 << 30),
        (&s::TYPE, 1 << 31),
    ];
    for (base, bit) in families {
        if ty.is_subtype(base) {
            n |= bit;
        }
    }
    number::int(n)
}

fn dictoffset(_: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    Ok(Ref::small(if ty.has(flag::HAS_DICT) { -1 } else { 0 }))
}

fn weakrefoffset(_: &Context, object: &Ref) -> Result<Ref> {
    let ty = class(object)?;
    Ok(Ref::small(if ty.has(flag::WEAKREFABLE) { 16 } else { 0 }))
}

pub(super) static GETSET: &[GetSet] = &[
    getset("__name__", name).setter(set_name),
    getset("__qualname__", qualname).setter(set_qualname),
    getset("__module__", module).setter(set_module),
    getset("__doc__", doc).setter(set_doc),
    getset("__text_signature__", text_signature),
    getset("__bases__", bases).setter(super::create::set_bases),
    getset("__base__", base),
    getset("__mro__", mro),
    getset("__dict__", dict_),
    getset("__abstractmethods__", abstract_methods).setter(set_abstract_methods),
    getset("__annotations__", annotations).setter(set_annotations),
    getset("__annotate__", annotate).setter(set_annotate),
    getset("__type_params__", type_params).setter(set_type_params),
    getset("__basicsize__", basicsize),
    getset("__itemsize__", itemsize),
    getset("__flags__", flags),
    getset("__dictoffset__", dictoffset),
    getset("__weakrefoffset__", weakrefoffset),
];

/// An AttributeError that names a class.
pub fn missing(name: &str) -> Error {
    attribute_error_plain(name.to_owned())
}
