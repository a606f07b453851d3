//! Errors, checks and conversions that all layers use.

use skein_object::error::{Error, Result, raise, type_error, value_error};
use skein_object::exception::ExceptionBody;
use skein_object::object::{Payload, RefExt};
use skein_object::protocol::{self, buffer};
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, intern, number, statics as s, str};
use skein_types::startup::{TypeDef, ready_type};

pub static UNSUPPORTED_OPERATION: Type = Type::declare(
    "io.UnsupportedOperation",
    Some(&s::OS_ERROR),
    <ExceptionBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

static UNSUPPORTED_BASES: [&Type; 2] = [&s::OS_ERROR, &s::VALUE_ERROR];

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        bases: &UNSUPPORTED_BASES,
        ..TypeDef::new(&UNSUPPORTED_OPERATION)
    })
}

#[cold]
pub fn unsupported(message: &str) -> Error {
    raise(&UNSUPPORTED_OPERATION, message)
}

#[cold]
pub fn closed_error() -> Error {
    value_error("I/O operation on closed file.")
}

/// "reentrant call inside <repr>".
#[cold]
pub fn reentrant(cx: &Context, object: &Ref) -> Error {
    let text = protocol::repr(cx, object).map_or_else(|_| object.ty().name().to_owned(), |r| str::text(&r));
    skein_object::error::runtime_error(format!("reentrant call inside {text}"))
}

/// `object.name(*args)`.
pub fn method(cx: &Context, object: &Ref, name: &str, args: &[Ref]) -> Result<Ref> {
    protocol::call_method(cx, object, &intern::name(name), args)
}

/// `object.closed`.
pub fn is_closed(cx: &Context, object: &Ref) -> Result<bool> {
    let v = protocol::getattr_str(cx, object, "closed")?;
    protocol::is_true(cx, &v)
}

/// The length of a writable buffer argument of `readinto`.
pub fn writable_len(cx: &Context, r: &Ref, message: &str) -> Result<usize> {
    if buffer::is_buffer(r) && buffer::is_writable(cx, r)? {
        return buffer::byte_len(cx, r);
    }
    Err(type_error(format!("{message}, not {}", r.ty().name())))
}

/// Copies `data` to the front of a writable buffer.
pub fn fill(cx: &Context, r: &Ref, data: &[u8]) -> Result<()> {
    buffer::with_bytes_mut(cx, r, |b| {
        let n = b.len().min(data.len());
        b[..n].copy_from_slice(&data[..n]);
    })
}

/// The bytes of a buffer argument. A bytes object is used in place, anything else is copied.
pub fn data_of<'a>(cx: &Context, r: &'a Ref) -> Result<std::borrow::Cow<'a, [u8]>> {
    match r.body::<skein_object::BytesBody>() {
        Some(b) => Ok(std::borrow::Cow::Borrowed(b.as_slice())),
        None => buffer::to_vec(cx, r).map(std::borrow::Cow::Owned),
    }
}

/// A truth value of a method's result.
pub fn says(cx: &Context, object: &Ref, name: &str) -> Result<bool> {
    let r = method(cx, object, name, &[])?;
    protocol::is_true(cx, &r)
}

/// An int result as a position or count.
pub fn integer(cx: &Context, r: &Ref) -> Result<i64> {
    skein_stdlib_os::arg::long(cx, r)
}

/// Keeps the first error: that of the operation, with the error of the cleanup as the one that is raised, and the
/// operation's as its context.
pub fn chain<T>(first: Result<()>, second: Result<T>) -> Result<T> {
    match (first, second) {
        (Ok(()), r) => r,
        (Err(e), Ok(_)) => Err(e),
        (Err(e), Err(late)) => {
            skein_object::exception::set_context(&late.0, &e.0);
            Err(late)
        }
    }
}

/// A whence or offset argument.
pub fn whence(cx: &Context, r: Option<&Ref>) -> Result<i32> {
    r.map_or(Ok(0), |r| skein_stdlib_os::arg::int(cx, r))
}

pub fn int(n: i64) -> Result<Ref> {
    number::int(n)
}

pub fn usize_int(n: usize) -> Result<Ref> {
    number::int_from_usize(n)
}

pub fn bool(b: bool) -> Result<Ref> {
    Ok(number::bool(b))
}

/// "cannot pickle 'X' instances".
pub fn no_pickle(_: &Context, a: skein_object::Args<'_>) -> Result<Ref> {
    Err(type_error(format!("cannot pickle '{}' instances", a.at(0).ty().name())))
}

/// The bytes of a bytes object that a layer below has given.
pub fn bytes_result<'a>(r: &'a Ref, what: &str) -> Result<&'a [u8]> {
    r.body::<skein_object::BytesBody>()
        .map(skein_object::BytesBody::as_slice)
        .ok_or_else(|| type_error(format!("{what} should return bytes, not '{}'", r.ty().name())))
}
