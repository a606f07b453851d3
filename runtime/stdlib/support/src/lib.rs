//! What native modules share: binding of constructor arguments, small conversions, entries of a module's dict.
//!
//! Knows no module. Everything here is a few lines that each module would otherwise write again.

use skein_object::context::hooks;
use skein_object::error::{Result, overflow_error, type_error};
use skein_object::layouts::number;
use skein_object::native;
use skein_object::object::RefExt;
use skein_object::{Context, Payload, Ref, Row, Type, dict, intern, protocol, statics as s, str};
use skein_types::startup::{TypeDef, ready_type};

/// Calls a row with the class (or the object) in front of the arguments: for `new` and `init` slots.
///
/// # Errors
/// TypeError for arguments that do not fit; what the row raises.
pub fn bind(cx: &Context, row: &'static Row, first: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    native::call_with(cx, row, first, args, names)
}

/// The type behind the class argument of a `new` slot.
///
/// # Errors
/// TypeError if it is no class.
pub fn class_of(class: &Ref) -> Result<&'static Type> {
    Type::from_ref(class).ok_or_else(|| type_error(format!("X is not a type object ('{}')", class.ty().name())))
}

/// The body of a receiver.
///
/// # Errors
/// TypeError if it has another layout.
#[inline]
pub fn body<T: Payload>(r: &Ref) -> Result<&T> {
    r.body::<T>().ok_or_else(|| wrong(T::LAYOUT.name, r))
}

/// A receiver of the wrong type.
#[cold]
pub fn wrong(expected: &str, r: &Ref) -> skein_object::Error {
    type_error(format!(
        "descriptor requires a '{expected}' object but received a '{}'",
        r.ty().name()
    ))
}

/// `iter(self)` of an iterator.
///
/// # Errors
/// None.
pub fn itself(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(r.clone())
}

/// Completes a type, and adds it to a module's dict under its short name.
///
/// # Errors
/// MemoryError.
pub fn add_type(module: &Ref, def: &TypeDef) -> Result<()> {
    ready_once(def)?;
    dict::set_str(module, def.ty.short_name(), def.ty.object())
}

/// Completes a type that a module does not show.
///
/// # Errors
/// MemoryError.
pub fn ready_once(def: &TypeDef) -> Result<()> {
    if !def.ty.has(skein_object::types::flag::READY) {
        ready_type(def)?;
    }
    Ok(())
}

/// Imports a module.
///
/// # Errors
/// What the import raises.
pub fn import(cx: &Context, module: &str) -> Result<Ref> {
    let none = s::none();
    // A non-empty fromlist gives the submodule itself.
    let from = skein_object::tuple::new(vec![str::from_str("*")?])?;
    (hooks().import)(cx, &intern::name(module), &none, None, &from, &Ref::small(0))
}

/// `module.name`, imported.
///
/// # Errors
/// What the import raises; AttributeError.
pub fn import_attr(cx: &Context, module: &str, name: &str) -> Result<Ref> {
    protocol::getattr_str(cx, &import(cx, module)?, name)
}

/// Guards a `repr` against objects that contain themselves: `None` inside.
pub struct ReprGuard<'a>(&'a Context);

pub fn enter_repr<'a>(cx: &'a Context, r: &Ref) -> Option<ReprGuard<'a>> {
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

/// An index-sized int argument.
///
/// # Errors
/// TypeError; OverflowError "Python int too large to convert to C ssize_t".
pub fn ssize(cx: &Context, r: &Ref) -> Result<i64> {
    protocol::convert::to_i64(cx, r)
}

/// A C int argument.
///
/// # Errors
/// TypeError; OverflowError "Python int too large to convert to C int".
pub fn c_int(cx: &Context, r: &Ref) -> Result<i32> {
    let i = protocol::index(cx, r)?;
    match number::int_value(&i).map(|v| (v.to_i64(), v.is_negative())) {
        Some((Some(n), _)) if i32::try_from(n).is_ok() => Ok(n as i32),
        Some((Some(n), _)) if n < 0 => Err(overflow_error("signed integer is less than minimum")),
        Some((Some(_), _)) => Err(overflow_error("signed integer is greater than maximum")),
        _ => Err(overflow_error("Python int too large to convert to C long")),
    }
}

/// A flag argument with a default.
///
/// # Errors
/// What the truth test raises.
pub fn flag(cx: &Context, r: Option<&Ref>, default: bool) -> Result<bool> {
    match r {
        Some(r) => protocol::is_true(cx, r),
        None => Ok(default),
    }
}

/// The full text of a str; surrogates are replaced. For messages and names.
pub fn text(r: &Ref) -> String {
    str::text(r)
}

/// `repr(r)` as a Rust text.
///
/// # Errors
/// What `__repr__` raises.
pub fn repr_text(cx: &Context, r: &Ref) -> Result<String> {
    Ok(str::text(&protocol::repr(cx, r)?))
}

/// Whether `names` names no keyword.
pub fn no_keywords(names: Option<&Ref>) -> bool {
    names.and_then(skein_object::tuple::items).is_none_or(<[Ref]>::is_empty)
}

/// Splits the arguments of a call into positional ones, and keywords as pairs.
pub fn split_keywords<'a>(args: &'a [Ref], names: Option<&'a Ref>) -> (&'a [Ref], &'a [Ref], &'a [Ref]) {
    let names = names.and_then(skein_object::tuple::items).unwrap_or(&[]);
    let cut = args.len().saturating_sub(names.len());
    let (positional, values) = args.split_at(cut);
    (positional, names, values)
}

/// A tuple of several references.
///
/// # Errors
/// MemoryError.
pub fn pack<const N: usize>(items: [Ref; N]) -> Result<Ref> {
    skein_object::tuple::from_iter_of(&s::TUPLE, N, items.into_iter())
}

/// `repr` of a class for messages: module and qualified name.
pub fn full_name(ty: &'static Type) -> String {
    skein_types::type_::attributes::full_name(ty)
}
