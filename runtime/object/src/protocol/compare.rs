//! Comparison, hashing, truth.

use crate::context::Context;
use crate::error::{Result, type_error};
use crate::intern::names;
use crate::layouts::number::{self, BoolBody};
use crate::layouts::str::StrBody;
use crate::object::{RefExt, type_of};
use crate::slots::CompareOp;
use crate::statics as s;
use skein_gc::{Ref, Value};

/// `a op b` for any operator: the result object.
///
/// # Errors
/// TypeError if neither side supports an ordering; what the methods raise.
pub fn rich_compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
        return Ok(number::bool(op.holds(x.cmp(&y))));
    }
    cx.check_stack()?;
    let (ta, tb) = (type_of(a), type_of(b));
    let mut tried_right = false;
    if !std::ptr::eq(ta, tb)
        && tb.is_subtype(ta)
        && let Some(f) = tb.slots.compare.get()
    {
        tried_right = true;
        let r = f(cx, b, a, op.swapped())?;
        if !r.is(&s::not_implemented()) {
            return Ok(r);
        }
    }
    if let Some(f) = ta.slots.compare.get() {
        let r = f(cx, a, b, op)?;
        if !r.is(&s::not_implemented()) {
            return Ok(r);
        }
    }
    if !tried_right && let Some(f) = tb.slots.compare.get() {
        let r = f(cx, b, a, op.swapped())?;
        if !r.is(&s::not_implemented()) {
            return Ok(r);
        }
    }
    match op {
        CompareOp::Eq => Ok(number::bool(a.is(b))),
        CompareOp::Ne => Ok(number::bool(!a.is(b))),
        _ => Err(type_error(format!(
            "'{}' not supported between instances of '{}' and '{}'",
            op.symbol(),
            ta.name(),
            tb.name()
        ))),
    }
}

/// Whether `a is b or a == b`: equality as containers use it.
#[inline]
pub fn equal(cx: &Context, a: &Ref, b: &Ref) -> Result<bool> {
    if a.is(b) {
        return Ok(true);
    }
    if a.value().is_int() && b.value().is_int() {
        return Ok(false);
    }
    if a.is_exact(&s::STR)
        && b.is_exact(&s::STR)
        && let (Some(x), Some(y)) = (a.body::<StrBody>(), b.body::<StrBody>())
    {
        return Ok(x.equals(y));
    }
    // Of classes that inherit from tuple (named tuples) likewise, unless they compare in a way of their own.
    if let (Some(x), Some(y)) = (a.body::<crate::TupleBody>(), b.body::<crate::TupleBody>())
        && type_of(a).slots.compare.same(&s::TUPLE.slots.compare)
        && type_of(b).slots.compare.same(&s::TUPLE.slots.compare)
    {
        return equal_items(cx, x.items(), y.items());
    }
    let r = rich_compare(cx, a, b, CompareOp::Eq)?;
    is_true(cx, &r)
}

/// Equality of tuples, item by item.
fn equal_items(cx: &Context, x: &[Ref], y: &[Ref]) -> Result<bool> {
    if x.len() != y.len() {
        return Ok(false);
    }
    cx.check_stack()?;
    for (p, q) in x.iter().zip(y) {
        if !equal(cx, p, q)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `bool(a op b)`.
pub fn compare_bool(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<bool> {
    let r = rich_compare(cx, a, b, op)?;
    is_true(cx, &r)
}

/// Truth value.
///
/// # Errors
/// What `__bool__` and `__len__` raise.
#[inline]
pub fn is_true(cx: &Context, r: &Ref) -> Result<bool> {
    if let Some(b) = r.body::<BoolBody>() {
        return Ok(b.0);
    }
    if let Some(n) = r.as_int() {
        return Ok(n != 0);
    }
    if s::is_none(r) {
        return Ok(false);
    }
    let slots = &type_of(r).slots;
    if let Some(f) = slots.bool.get() {
        return f(cx, r);
    }
    if let Some(f) = slots.len.get() {
        return Ok(f(cx, r)? != 0);
    }
    Ok(true)
}

/// `hash(r)`.
///
/// # Errors
/// TypeError "unhashable type: 'X'"; what `__hash__` raises.
#[inline]
pub fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    if let Some(n) = r.as_int() {
        return Ok(number::hash_int(n));
    }
    if r.is_exact(&s::STR)
        && let Some(b) = r.body::<StrBody>()
    {
        return Ok(b.hash());
    }
    match type_of(r).slots.hash.get() {
        Some(f) => f(cx, r),
        None => Err(unhashable(r)),
    }
}

/// The hash of a key for a table: that of [`hash`], or what [`skein_collections::fold`] makes of it.
///
/// # Errors
/// As [`hash`].
#[inline]
pub fn table_hash(cx: &Context, r: &Ref) -> Result<u64> {
    if let Some(n) = r.as_int() {
        return Ok(number::hash_int(n) as u64);
    }
    if r.is_exact(&s::STR)
        && let Some(b) = r.body::<StrBody>()
    {
        return Ok(b.hash() as u64);
    }
    // Of a class that inherits from tuple (a named tuple) likewise, unless it has a `__hash__` of its own.
    if let Some(b) = r.body::<crate::TupleBody>()
        && type_of(r).slots.hash.same(&s::TUPLE.slots.hash)
    {
        if let Some(h) = b.known_hash() {
            return Ok(h);
        }
        let h = hash(cx, r)? as u64;
        b.remember_hash(h);
        return Ok(h);
    }
    hash(cx, r).map(|h| h as u64)
}

/// The error of a table for a key whose hash failed with `e`: what it was to be used as is said before the reason.
#[cold]
pub fn cannot_use(cx: &Context, key: &Ref, e: crate::Error, what: &str) -> crate::Error {
    if !e.0.is_exact(&s::TYPE_ERROR) {
        return e;
    }
    match crate::protocol::convert::str_of(cx, &e.0) {
        Ok(text) => type_error(format!(
            "cannot use '{}' as {what} ({})",
            key.ty().name(),
            crate::layouts::str::text(&text)
        )),
        Err(e) => e,
    }
}

#[cold]
fn unhashable(r: &Ref) -> crate::Error {
    type_error(format!("unhashable type: '{}'", r.ty().name()))
}

/// `item in container`.
///
/// # Errors
/// TypeError if it is no container; what the methods raise.
pub fn contains(cx: &Context, container: &Ref, item: &Ref) -> Result<bool> {
    let ty = type_of(container);
    if let Some(f) = ty.slots.contains.get() {
        return f(cx, container, item);
    }
    // A class may say `__contains__ = None`; its generic slot reports that. Others are searched by iteration.
    let it = if ty.slots.iter.is_set() || ty.slots.getitem.is_set() {
        crate::protocol::iterate::iter(cx, container)?
    } else {
        return Err(type_error(format!(
            "argument of type '{}' is not a container or iterable",
            ty.name()
        )));
    };
    while let Some(x) = crate::protocol::iterate::next(cx, &it)? {
        if equal(cx, &x, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `isinstance(object, class_or_tuple)`.
///
/// # Errors
/// TypeError; what `__instancecheck__` raises.
pub fn is_instance(cx: &Context, object: &Ref, class: &Ref) -> Result<bool> {
    if class.word().is(skein_gc::Value::of(object.ty().header())) {
        return Ok(true);
    }
    if let Some(t) = crate::Type::from_ref(class)
        && has_plain_check(type_of(class))
    {
        return plain_is_instance(cx, object, t);
    }
    if let Some(items) = crate::layouts::tuple::items(class).filter(|_| class.is_exact(&s::TUPLE)) {
        cx.check_stack()?;
        for c in items {
            if is_instance(cx, object, c)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(r) =
        crate::protocol::call_method_opt(cx, class, names::__instancecheck__(), std::slice::from_ref(object))?
    {
        return is_true(cx, &r);
    }
    object_is_instance(cx, object, class)
}

/// `isinstance(object, class_or_tuple)` where the types tell, as one of the two; null where it takes more.
pub fn peek_instance(object: &Ref, class: &Ref) -> Value {
    let ty = type_of(object);
    let one = |class: &Ref| -> Option<bool> {
        let t = crate::Type::from_ref(class)?;
        // A metaclass may have a say.
        if !has_plain_check(type_of(class)) {
            return None;
        }
        if ty.is_subtype(t) {
            return Some(true);
        }
        has_plain_class(ty).then_some(false)
    };
    let holds = if std::ptr::eq(type_of(class), &raw const s::TUPLE) {
        let items = crate::layouts::tuple::items(class).unwrap_or(&[]);
        let mut holds = Some(false);
        for class in items {
            match one(class) {
                Some(false) => {}
                other => {
                    holds = other;
                    break;
                }
            }
        }
        holds
    } else {
        one(class)
    };
    match holds {
        Some(true) => s::true_().value(),
        Some(false) => s::false_().value(),
        None => Value::NULL,
    }
}

/// Whether a metaclass leaves it to `type` which objects are instances of its classes.
#[inline]
fn has_plain_check(meta: &'static crate::Type) -> bool {
    std::ptr::eq(meta, &raw const s::TYPE) || meta.inherits(names::__instancecheck__(), &s::TYPE)
}

/// Whether `__class__` of the type's objects is their type.
fn has_plain_class(ty: &'static crate::Type) -> bool {
    ty.has(crate::types::flag::PLAIN_GETATTR)
        && (!ty.has(crate::types::flag::HEAP) || ty.inherits(names::__class__(), &s::OBJECT))
}

/// `type.__instancecheck__`.
pub fn object_is_instance(cx: &Context, object: &Ref, class: &Ref) -> Result<bool> {
    if let Some(t) = crate::Type::from_ref(class) {
        return plain_is_instance(cx, object, t);
    }
    check_bases(
        cx,
        class,
        "isinstance() arg 2 must be a type, a tuple of types, or a union",
    )?;
    match crate::protocol::getattr_opt(cx, object, names::__class__())? {
        Some(c) => abstract_subclass(cx, &c, class),
        None => Ok(false),
    }
}

fn plain_is_instance(cx: &Context, object: &Ref, t: &'static crate::Type) -> Result<bool> {
    if type_of(object).is_subtype(t) {
        return Ok(true);
    }
    // An object may claim another class (mocks, proxies).
    if has_plain_class(type_of(object)) {
        return Ok(false);
    }
    Ok(crate::protocol::getattr_opt(cx, object, names::__class__())?
        .is_some_and(|c| crate::Type::from_ref(&c).is_some_and(|c| c.is_subtype(t))))
}

/// `issubclass(class, class_or_tuple)`.
///
/// # Errors
/// TypeError; what `__subclasscheck__` raises.
pub fn is_subclass(cx: &Context, class: &Ref, of: &Ref) -> Result<bool> {
    if std::ptr::eq(type_of(of), &raw const s::TYPE) {
        if class.is(of) {
            return Ok(true);
        }
        return object_is_subclass(cx, class, of);
    }
    if let Some(items) = crate::layouts::tuple::items(of).filter(|_| of.is_exact(&s::TUPLE)) {
        cx.check_stack()?;
        for c in items {
            if is_subclass(cx, class, c)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(r) = crate::protocol::call_method_opt(cx, of, names::__subclasscheck__(), std::slice::from_ref(class))?
    {
        return is_true(cx, &r);
    }
    object_is_subclass(cx, class, of)
}

/// `type.__subclasscheck__`.
pub fn object_is_subclass(cx: &Context, class: &Ref, of: &Ref) -> Result<bool> {
    if let (Some(a), Some(b)) = (crate::Type::from_ref(class), crate::Type::from_ref(of)) {
        return Ok(a.is_subtype(b));
    }
    check_bases(cx, class, "issubclass() arg 1 must be a class")?;
    check_bases(
        cx,
        of,
        "issubclass() arg 2 must be a class, a tuple of classes, or a union",
    )?;
    abstract_subclass(cx, class, of)
}

fn check_bases(cx: &Context, class: &Ref, message: &str) -> Result<()> {
    if crate::Type::from_ref(class).is_some() {
        return Ok(());
    }
    match crate::protocol::getattr_opt(cx, class, names::__bases__())? {
        Some(b) if crate::layouts::tuple::items(&b).is_some() => Ok(()),
        _ => Err(type_error(message)),
    }
}

fn abstract_subclass(cx: &Context, class: &Ref, of: &Ref) -> Result<bool> {
    cx.check_stack()?;
    if class.is(of) {
        return Ok(true);
    }
    let Some(bases) = crate::protocol::getattr_opt(cx, class, names::__bases__())? else {
        return Ok(false);
    };
    for b in crate::layouts::tuple::items(&bases).unwrap_or(&[]) {
        if abstract_subclass(cx, b, of)? {
            return Ok(true);
        }
    }
    Ok(false)
}
