//! Attribute access.

use crate::context::Context;
use crate::error::{Error, Result, attribute_error, type_error};
use crate::instance::Attrs;
use crate::intern::{self, names};
use crate::layouts::method::MethodDescriptorBody;
use crate::layouts::str;
use crate::object::{RefExt, type_of};
use crate::slots::Binary;
use crate::statics as s;
use crate::types::{Type, flag};
use skein_gc::Ref;
use std::sync::OnceLock;

/// `getattr(object, name)`; `name` must be a str.
///
/// # Errors
/// AttributeError, and what descriptors raise.
#[inline]
pub fn getattr(cx: &Context, object: &Ref, name: &Ref) -> Result<Ref> {
    // Descriptors of native types ask what they wrap.
    cx.check_stack()?;
    let r = match type_of(object).slots.getattr.get() {
        Some(f) => f(cx, object, name),
        None => generic_getattr(cx, object, name),
    };
    r.map_err(|e| with_context(e, object, name))
}

/// An AttributeError that Python code has raised without saying of what gets to know the object and the name.
#[cold]
fn with_context(e: Error, object: &Ref, name: &Ref) -> Error {
    use crate::layouts::exception as x;
    if e.is(&s::ATTRIBUTE_ERROR)
        && let Some(b) = e.0.body::<crate::ExceptionBody>()
        && b.field(x::ATTRIBUTE_NAME).is_none()
        && b.field(x::ATTRIBUTE_OBJ).is_none()
    {
        b.set_field(e.0.holder(), x::ATTRIBUTE_NAME, Some(name.clone()));
        b.set_field(e.0.holder(), x::ATTRIBUTE_OBJ, Some(object.clone()));
    }
    e
}

pub fn getattr_str(cx: &Context, object: &Ref, name: &str) -> Result<Ref> {
    getattr(cx, object, &intern::name(name))
}

/// The same lookup as a `getattr` slot's, without the error.
pub type Quiet = fn(&Context, &Ref, &Ref) -> Result<Option<Ref>>;

/// Slot functions that have a quiet form: those of `type` and `module`. Set once at start-up.
pub static QUIET: OnceLock<[(Binary, Quiet); 2]> = OnceLock::new();

/// `None` instead of AttributeError.
pub fn getattr_opt(cx: &Context, object: &Ref, name: &Ref) -> Result<Option<Ref>> {
    cx.check_stack()?;
    let ty = type_of(object);
    if ty.has(flag::PLAIN_GETATTR) {
        return match lookup_attr(cx, object, ty, name) {
            Err(e) if e.is(&s::ATTRIBUTE_ERROR) => Ok(None),
            r => r,
        };
    }
    if let (Some(f), Some(list)) = (ty.slots.getattr.get(), QUIET.get())
        && let Some((_, quiet)) = list.iter().find(|(g, _)| *g as usize == f as usize)
    {
        return match quiet(cx, object, name) {
            Err(e) if e.is(&s::ATTRIBUTE_ERROR) => Ok(None),
            r => r,
        };
    }
    match getattr(cx, object, name) {
        Ok(v) => Ok(Some(v)),
        Err(e) if e.is(&s::ATTRIBUTE_ERROR) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Whether [`getattr_opt`] would find something; methods are not bound for it.
///
/// # Errors
/// What descriptors and `__getattr__` raise.
pub fn has_attr(cx: &Context, object: &Ref, name: &Ref) -> Result<bool> {
    let ty = type_of(object);
    if ty.has(flag::PLAIN_GETATTR) {
        let name = &intern::intern(name);
        // SAFETY: nothing polls and nothing is dropped while it is used.
        let found = unsafe { ty.peek(name) };
        match found.as_deref() {
            None => {
                return match object.header().map(|h| (h, Attrs::of(h, ty))) {
                    Some((h, Some(attrs))) => Ok(attrs.get(h, name)?.is_some()),
                    _ => Ok(false),
                };
            }
            Some(f) if binds_surely(f, object) => return Ok(true),
            Some(_) => {}
        }
    }
    Ok(getattr_opt(cx, object, name)?.is_some())
}

/// Whether what a class has under a name has no `__get__`, or one that cannot fail for `object`, and runs no code.
fn binds_surely(found: &Ref, object: &Ref) -> bool {
    let ty = type_of(found);
    if std::ptr::eq(ty, &raw const s::FUNCTION) || !ty.slots.descr_get.is_set() {
        return true;
    }
    std::ptr::eq(ty, &raw const s::METHOD_DESCRIPTOR_TYPE)
        && found
            .body::<MethodDescriptorBody>()
            .is_some_and(|b| object.is_instance(b.owner))
}

/// `setattr(object, name, value)`.
///
/// # Errors
/// AttributeError, TypeError, and what descriptors raise.
#[inline]
pub fn setattr(cx: &Context, object: &Ref, name: &Ref, value: &Ref) -> Result<()> {
    match type_of(object).slots.setattr.get() {
        Some(f) => f(cx, object, name, Some(value)),
        None => generic_setattr(cx, object, name, Some(value)),
    }
}

pub fn delattr(cx: &Context, object: &Ref, name: &Ref) -> Result<()> {
    match type_of(object).slots.setattr.get() {
        Some(f) => f(cx, object, name, None),
        None => generic_setattr(cx, object, name, None),
    }
}

/// Binds what a type lookup found: calls its `__get__`, if it has one.
#[inline]
pub fn bind(cx: &Context, found: Ref, object: &Ref, ty: &'static Type) -> Result<Ref> {
    match type_of(&found).slots.descr_get.get() {
        Some(get) => get(cx, &found, Some(object), Some(&*ty.borrowed())),
        None => Ok(found),
    }
}

/// A special method of an object, bound; looked up on the type only.
pub fn special(cx: &Context, object: &Ref, name: &Ref) -> Result<Option<Ref>> {
    let ty = type_of(object);
    match ty.lookup(name) {
        Some(f) => bind(cx, f, object, ty).map(Some),
        None => Ok(None),
    }
}

/// The lookup of `object.__getattribute__` without the error.
pub fn lookup_attr(cx: &Context, object: &Ref, ty: &'static Type, name: &Ref) -> Result<Option<Ref>> {
    let name = &intern::intern(name);
    let found = ty.lookup(name);
    let mut getter = None;
    if let Some(f) = &found {
        let ft = type_of(f);
        getter = ft.slots.descr_get.get();
        if let Some(get) = getter
            && ft.slots.descr_set.is_set()
        {
            // What a native object shows may be an attribute of an object that it wraps, and so on, up to itself.
            cx.check_stack()?;
            return get(cx, f, Some(object), Some(&*ty.borrowed())).map(Some);
        }
    }
    if let Some(h) = object.header()
        && let Some(attrs) = Attrs::of(h, ty)
        && let Some(v) = attrs.get(h, name)?
    {
        return Ok(Some(v));
    }
    match (found, getter) {
        (Some(f), Some(get)) => get(cx, &f, Some(object), Some(&*ty.borrowed())).map(Some),
        (found, _) => Ok(found),
    }
}

/// `object.__getattribute__`.
///
/// # Errors
/// AttributeError.
pub fn generic_getattr(cx: &Context, object: &Ref, name: &Ref) -> Result<Ref> {
    let ty = type_of(object);
    if !str::is_str(name) {
        return Err(type_error(format!(
            "attribute name must be string, not '{}'",
            name.ty().name()
        )));
    }
    match lookup_attr(cx, object, ty, name)? {
        Some(v) => Ok(v),
        None => Err(no_attribute(object, name)),
    }
}

/// "'X' object has no attribute 'y'".
#[cold]
pub fn no_attribute(object: &Ref, name: &Ref) -> Error {
    attribute_error(
        object,
        name,
        format!("'{}' object has no attribute '{}'", object.ty().name(), str::text(name)),
    )
}

/// `object.__setattr__` and `object.__delattr__`.
///
/// # Errors
/// AttributeError, TypeError.
pub fn generic_setattr(cx: &Context, object: &Ref, name: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = type_of(object);
    if !str::is_str(name) {
        return Err(type_error(format!(
            "attribute name must be string, not '{}'",
            name.ty().name()
        )));
    }
    let name = &intern::intern(name);
    let found = ty.lookup(name);
    if let Some(f) = &found
        && let Some(set) = type_of(f).slots.descr_set.get()
    {
        // As in `lookup_attr`.
        cx.check_stack()?;
        return set(cx, f, object, value);
    }
    if let Some(h) = object.header()
        && let Some(attrs) = Attrs::of(h, ty)
    {
        return match value {
            Some(v) => attrs.set(h, name, v.clone()),
            None if attrs.delete(h, name)? => Ok(()),
            None => Err(no_attribute(object, name)),
        };
    }
    let (t, n) = (ty.name(), str::text(name));
    Err(attribute_error(
        object,
        name,
        if found.is_some() {
            format!("'{t}' object attribute '{n}' is read-only")
        } else {
            format!("'{t}' object has no attribute '{n}' and no __dict__ for setting new attributes")
        },
    ))
}

/// `__name__` of a class or function for messages.
pub fn display_name(cx: &Context, callable: &Ref) -> String {
    if let Some(t) = Type::from_ref(callable) {
        return t.short_name().to_owned();
    }
    match getattr_opt(cx, callable, names::__qualname__()) {
        Ok(Some(n)) => str::text(&n),
        _ => format!("{} object", callable.ty().name()),
    }
}
