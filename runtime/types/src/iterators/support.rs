//! What the rooms of containers and numbers share.

use skein_object::error::{Result, type_error};
use skein_object::native;
use skein_object::object::RefExt;
use skein_object::{Context, Ref, Row, Type, protocol, statics as s, tuple};

/// Calls a row with the class (or the object) in front of the arguments: for `new` and `init` slots.
pub(crate) fn bind(cx: &Context, row: &'static Row, first: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    native::call_with(cx, row, first, args, names)
}

/// As [`bind`] for the `new` of an immutable type: a subclass with its own `__init__` may take keywords.
pub(crate) fn bind_new(
    cx: &Context,
    row: &'static Row,
    base: &'static Type,
    class: &Ref,
    args: &[Ref],
    names: Option<&Ref>,
) -> Result<Ref> {
    let ty = class_of(class)?;
    let keywords = names.and_then(tuple::items).map_or(0, <[Ref]>::len);
    if keywords > 0 && !std::ptr::eq(ty, base) && !ty.slots.init.same(&base.slots.init) {
        let positional = args.len().saturating_sub(keywords);
        return bind(cx, row, class, args.get(..positional).unwrap_or(&[]), None);
    }
    bind(cx, row, class, args, names)
}

/// The type behind the class argument of a `new` slot.
pub(crate) fn class_of(class: &Ref) -> Result<&'static Type> {
    Type::from_ref(class).ok_or_else(|| type_error(format!("X is not a type object ('{}')", class.ty().name())))
}

/// A receiver of the wrong type, which the binder should have refused.
#[cold]
pub(crate) fn wrong(expected: &str, r: &Ref) -> skein_object::Error {
    type_error(format!(
        "descriptor requires a '{expected}' object but received a '{}'",
        r.ty().name()
    ))
}

/// A function of the `builtins` module.
pub(crate) fn builtin(cx: &Context, name: &str) -> Result<Ref> {
    protocol::getattr_str(cx, &crate::builtins::module()?, name)
}

/// `(iter, (object,), state)` or `(iter, (object,))`: how iterators pickle.
pub(crate) fn reduce_iter(cx: &Context, function: &str, object: Ref, state: Option<Ref>) -> Result<Ref> {
    let f = builtin(cx, function)?;
    let args = tuple::new(vec![object])?;
    let mut items = vec![f, args];
    items.extend(state);
    tuple::new(items)
}

/// `iter(self)` of an iterator.
pub(crate) fn itself(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(r.clone())
}

/// An optional slice bound of `index(value, start, stop)`.
///
/// # Errors
/// TypeError "slice indices must be integers or have an __index__ method".
pub(crate) fn bound(cx: &Context, r: Option<&Ref>, default: i64) -> Result<i64> {
    match r {
        None => Ok(default),
        Some(r) if r.value().is_int() || r.ty().slots.index.is_set() => protocol::convert::index_clamped(cx, r),
        Some(_) => Err(type_error("slice indices must be integers or have an __index__ method")),
    }
}

/// A bound that counts from the end if negative, cut to `0..=len`.
pub(crate) fn clamp(i: i64, len: usize) -> usize {
    if i < 0 {
        let back = usize::try_from(i.unsigned_abs()).unwrap_or(usize::MAX);
        len.saturating_sub(back)
    } else {
        usize::try_from(i).unwrap_or(usize::MAX).min(len)
    }
}

/// Guards a `repr` against objects that contain themselves: `None` inside.
pub(crate) struct ReprGuard<'a>(&'a Context);

pub(crate) fn enter_repr<'a>(cx: &'a Context, r: &Ref) -> Option<ReprGuard<'a>> {
    let id = r.value().0;
    let mut list = cx.in_repr.borrow_mut();
    if list.contains(&id) {
        return None;
    }
    list.push(id);
    Some(ReprGuard(cx))
}

impl Drop for ReprGuard<'_> {
    fn drop(&mut self) {
        self.0.in_repr.borrow_mut().pop();
    }
}

/// A count for repetition: an index-sized int.
///
/// # Errors
/// OverflowError "cannot fit 'int' into an index-sized integer".
pub(crate) fn repeat_count(cx: &Context, r: &Ref) -> Result<usize> {
    let i = protocol::index(cx, r)?;
    match skein_object::number::int_value(&i).and_then(|v| v.to_i64()) {
        Some(n) => Ok(usize::try_from(n).unwrap_or(0)),
        None => Err(skein_object::error::overflow_error(format!(
            "cannot fit '{}' into an index-sized integer",
            r.ty().name()
        ))),
    }
}

/// What a sequence, on the left, does with an operand that is no sequence of its kind: the other side's operator comes first, unless
/// that is one of a sequence, too, which would ask back. What is on the left of a sequence has been asked before.
pub fn reflected(
    cx: &Context,
    op: skein_object::slots::BinaryOp,
    own: &'static Type,
    a: &Ref,
    b: &Ref,
) -> Result<Option<Ref>> {
    let slot = &b.ty().slots.binary[op as usize];
    let sequences = [
        own,
        &s::LIST,
        &s::TUPLE,
        &s::STR,
        &s::BYTES,
        &crate::bytearray::BYTEARRAY,
    ];
    if !a.is_instance(own) || sequences.iter().any(|t| slot.same(&t.slots.binary[op as usize])) {
        return Ok(None);
    }
    match slot.get() {
        Some(f) => {
            let r = f(cx, a, b)?;
            Ok(if r.is(&s::not_implemented()) { None } else { Some(r) })
        }
        None => Ok(None),
    }
}

/// "can't multiply sequence by non-int of type 'X'".
#[cold]
pub(crate) fn bad_repeat(r: &Ref) -> skein_object::Error {
    type_error(format!(
        "can't multiply sequence by non-int of type '{}'",
        r.ty().name()
    ))
}

/// The length of what repetition gives.
///
/// # Errors
/// MemoryError.
pub(crate) fn repeated_len(len: usize, count: usize) -> Result<usize> {
    len.checked_mul(count)
        .filter(|n| *n <= 1 << 40)
        .ok_or_else(skein_object::error::memory_error)
}
