//! Length and subscription.

use crate::context::Context;
use crate::error::{Result, type_error};
use crate::intern::names;
use crate::layouts::number;
use crate::object::{RefExt, type_of};
use crate::statics as s;
use skein_gc::Ref;

/// `type[key]`: set once at start-up.
pub static TYPE_ITEM: std::sync::OnceLock<crate::slots::Binary> = std::sync::OnceLock::new();

/// `object[key]`.
///
/// # Errors
/// TypeError if it is not subscriptable; what the method raises.
pub fn getitem(cx: &Context, object: &Ref, key: &Ref) -> Result<Ref> {
    if let Some(f) = type_of(object).slots.getitem.get() {
        return f(cx, object, key);
    }
    if crate::Type::from_ref(object).is_some() {
        if object.is(&s::TYPE.object())
            && let Some(f) = TYPE_ITEM.get()
        {
            return f(cx, object, key);
        }
        if let Some(f) = crate::protocol::getattr_opt(cx, object, names::__class_getitem__())? {
            return crate::protocol::call1(cx, &f, key);
        }
        let name = crate::Type::from_ref(object).map_or("?", |t| t.name());
        return Err(type_error(format!("type '{name}' is not subscriptable")));
    }
    Err(type_error(format!(
        "'{}' object is not subscriptable",
        object.ty().name()
    )))
}

/// `object[key] = value`.
pub fn setitem(cx: &Context, object: &Ref, key: &Ref, value: &Ref) -> Result<()> {
    match type_of(object).slots.setitem.get() {
        Some(f) => f(cx, object, key, Some(value)),
        None => Err(type_error(format!(
            "'{}' object does not support item assignment",
            object.ty().name()
        ))),
    }
}

/// `del object[key]`.
pub fn delitem(cx: &Context, object: &Ref, key: &Ref) -> Result<()> {
    match type_of(object).slots.setitem.get() {
        Some(f) => f(cx, object, key, None),
        None => Err(type_error(format!(
            "'{}' object doesn't support item deletion",
            object.ty().name()
        ))),
    }
}

/// `len(object)`.
///
/// # Errors
/// TypeError "object of type 'X' has no len()".
pub fn len(cx: &Context, object: &Ref) -> Result<usize> {
    match type_of(object).slots.len.get() {
        Some(f) => f(cx, object),
        None => Err(type_error(format!(
            "object of type '{}' has no len()",
            object.ty().name()
        ))),
    }
}

/// `operator.length_hint(object, default)`.
pub fn len_hint(cx: &Context, object: &Ref, default: usize) -> Result<usize> {
    if type_of(object).slots.len.is_set() {
        match len(cx, object) {
            Err(e) if e.is(&s::TYPE_ERROR) => {}
            r => return r,
        }
    }
    let hint = match crate::protocol::call_method_opt(cx, object, names::__length_hint__(), &[]) {
        Ok(Some(h)) => h,
        Ok(None) => return Ok(default),
        Err(e) if e.is(&s::TYPE_ERROR) => return Ok(default),
        Err(e) => return Err(e),
    };
    if hint.is(&s::not_implemented()) {
        return Ok(default);
    }
    match number::int_value(&hint).map(|v| v.to_i64()) {
        Some(Some(n)) if n >= 0 => Ok(n as usize),
        Some(_) => Err(crate::error::value_error("__length_hint__() should return >= 0")),
        None => Err(type_error(format!(
            "__length_hint__ must be an integer, not {}",
            hint.ty().name()
        ))),
    }
}
