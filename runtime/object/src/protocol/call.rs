//! Calls.

use crate::context::Context;
use crate::error::{Result, type_error};
use crate::layouts::str;
use crate::object::{RefExt, type_of};
use crate::protocol::attribute::{self, bind};
use crate::types::flag;
use skein_gc::Ref;

/// Calls with positional arguments.
///
/// # Errors
/// TypeError if the object is not callable; what the call raises.
#[inline]
pub fn call(cx: &Context, callable: &Ref, args: &[Ref]) -> Result<Ref> {
    call_kw(cx, callable, args, None)
}

pub fn call0(cx: &Context, callable: &Ref) -> Result<Ref> {
    call_kw(cx, callable, &[], None)
}

pub fn call1(cx: &Context, callable: &Ref, arg: &Ref) -> Result<Ref> {
    call_kw(cx, callable, std::slice::from_ref(arg), None)
}

/// Calls with keywords: the last arguments are named by the tuple `names`.
///
/// # Errors
/// As [`call`].
#[inline]
pub fn call_kw(cx: &Context, callable: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    match type_of(callable).slots.call.get() {
        Some(f) => {
            cx.check_stack()?;
            f(cx, callable, args, names)
        }
        None => Err(type_error(format!("'{}' object is not callable", callable.ty().name()))),
    }
}

/// `object.name(*args)`, without making a bound method where the attribute is a plain function of the class.
///
/// # Errors
/// AttributeError; what the call raises.
pub fn call_method(cx: &Context, object: &Ref, name: &Ref, args: &[Ref]) -> Result<Ref> {
    let ty = type_of(object);
    if ty.has(flag::PLAIN_GETATTR)
        && ty.attrs_offset() == 0
        && let Some(f) = ty.lookup(name)
        && type_of(&f).has(flag::METHOD_DESCRIPTOR)
    {
        return call_with_receiver(cx, &f, object, args);
    }
    let f = attribute::getattr(cx, object, name)?;
    call(cx, &f, args)
}

/// As [`call_kw`], with `front` in front of the arguments.
///
/// # Errors
/// As [`call`].
pub fn call_joined(cx: &Context, callable: &Ref, front: &[Ref], args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    /// Most arguments that take no memory.
    const FEW: usize = 8;
    let total = front.len() + args.len();
    let all = front.iter().chain(args);
    if front.is_empty() {
        call_kw(cx, callable, args, names)
    } else if total <= FEW {
        let mut words = [0; FEW];
        for (word, r) in words.iter_mut().zip(all) {
            *word = r.word().0;
        }
        // SAFETY: a Ref is a word, and as many have been written; they are not counted for that: the borrows outlive the call.
        call_kw(
            cx,
            callable,
            unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), total) },
            names,
        )
    } else {
        call_kw(cx, callable, &all.cloned().collect::<Vec<_>>(), names)
    }
}

/// A special method, looked up on the type: `None` if the type has none.
///
/// # Errors
/// What the call raises.
pub fn call_method_opt(cx: &Context, object: &Ref, name: &Ref, args: &[Ref]) -> Result<Option<Ref>> {
    let ty = type_of(object);
    let Some(f) = ty.lookup(name) else {
        return Ok(None);
    };
    if type_of(&f).has(flag::METHOD_DESCRIPTOR) {
        return call_with_receiver(cx, &f, object, args).map(Some);
    }
    let f = bind(cx, f, object, ty)?;
    call(cx, &f, args).map(Some)
}

/// Calls an unbound function with the receiver in front.
pub fn call_with_receiver(cx: &Context, f: &Ref, receiver: &Ref, args: &[Ref]) -> Result<Ref> {
    crate::native::with_first(receiver, args, |all| call(cx, f, all))
}

/// Text of a callable for messages: `name()`.
pub fn describe(cx: &Context, callable: &Ref) -> String {
    match attribute::getattr_opt(cx, callable, crate::intern::names::__qualname__()) {
        Ok(Some(n)) if str::is_str(&n) => {
            let name = str::text(&n);
            match attribute::getattr_opt(cx, callable, crate::intern::names::__module__()) {
                Ok(Some(m)) if str::is_str(&m) && str::text(&m) != "builtins" => {
                    format!("{}.{name}()", str::text(&m))
                }
                _ => format!("{name}()"),
            }
        }
        _ => str::text(&crate::protocol::convert::str_of(cx, callable).unwrap_or_else(|_| crate::statics::empty_str())),
    }
}
