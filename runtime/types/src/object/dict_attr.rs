//! `__dict__` and `__weakref__` of instances.

use crate::startup::{GetSet, getset};
use skein_object::error::{Result, attribute_error_plain, type_error};
use skein_object::instance::Attrs;
use skein_object::intern::names;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol;
use skein_object::statics as s;
use skein_object::types::flag;
use skein_object::{Context, Ref, dict};

fn get(cx: &Context, object: &Ref) -> Result<Ref> {
    match object
        .header()
        .and_then(|h| Attrs::of(h, type_of(object)).map(|a| (h, a)))
    {
        Some((h, attrs)) => attrs.dict(h),
        // Modules and classes keep theirs elsewhere, even where a class in Python comes first among the bases.
        None if let Some(found) = native_dict(object) => protocol::attribute::bind(cx, found, object, type_of(object)),
        None => Err(attribute_error_plain("This object has no __dict__")),
    }
}

/// The `__dict__` that a native class of the object has.
fn native_dict(object: &Ref) -> Option<Ref> {
    let native = type_of(object).mro().iter().filter(|t| !t.has(flag::HEAP));
    native.map(|t| t.own(names::__dict__())).find_map(|d| d)
}

fn set(_: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let Some((h, attrs)) = object
        .header()
        .and_then(|h| Attrs::of(h, type_of(object)).map(|a| (h, a)))
    else {
        return Err(attribute_error_plain("This object has no __dict__"));
    };
    let mut native = type_of(object);
    while let (true, Some(b)) = (native.has(flag::HEAP), native.base()) {
        native = b;
    }
    match value {
        // Functions and exceptions have one in any case.
        None if native.has(flag::HAS_DICT) => return Err(type_error("cannot delete __dict__")),
        None => attrs.set_dict(h, dict::new()?),
        Some(d) if d.is_instance(&s::DICT) => attrs.set_dict(h, d.clone()),
        Some(d) => {
            return Err(type_error(format!(
                "__dict__ must be set to a dictionary, not a '{}'",
                d.ty().name()
            )));
        }
    }
    Ok(())
}

fn set_native(cx: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        None => Err(type_error("cannot delete __dict__")),
        value => set(cx, object, value),
    }
}

/// `__dict__` of native types whose instances have attributes.
pub static NATIVE_DICT: GetSet = getset("__dict__", get).setter(set_native);

/// `__dict__` of classes whose instances have attributes.
pub static DICT: GetSet = getset("__dict__", get)
    .setter(set)
    .doc("dictionary for instance variables");

/// The first of the object's weak references.
fn weakref(_: &Context, object: &Ref) -> Result<Ref> {
    let first = object
        .header()
        .and_then(|h| skein_gc::weak::weakrefs(h).into_iter().next());
    Ok(first.unwrap_or_else(s::none))
}

/// `__weakref__`.
pub static WEAKREF: GetSet = getset("__weakref__", weakref).doc("list of weak references to the object");
