//! Raised exceptions, and constructors for those that native code raises.

use crate::layouts::exception;
use crate::statics as s;
use crate::types::Type;
use skein_gc::Ref;
use std::collections::TryReserveError;

/// An exception on its way up. Dropping it discards the exception.
#[derive(Debug)]
pub struct Error(pub Ref);

impl From<skein_collections::OutOfMemory> for Error {
    fn from(_: skein_collections::OutOfMemory) -> Error {
        memory_error()
    }
}

impl From<TryReserveError> for Error {
    fn from(_: TryReserveError) -> Error {
        memory_error()
    }
}

impl From<skein_text::TextError> for Error {
    fn from(e: skein_text::TextError) -> Error {
        use skein_text::ErrorKind as K;
        let ty: &'static Type = match e.kind {
            K::Value => &s::VALUE_ERROR,
            K::Type => &s::TYPE_ERROR,
            K::Overflow => &s::OVERFLOW_ERROR,
            K::Memory => return memory_error(),
            K::Index => &s::INDEX_ERROR,
            K::Key => &s::KEY_ERROR,
            K::ZeroDivision => &s::ZERO_DIVISION_ERROR,
            K::Lookup => &s::LOOKUP_ERROR,
        };
        raise(ty, e.message)
    }
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether the exception is an instance of `ty`.
    pub fn is(&self, ty: &'static Type) -> bool {
        use crate::object::RefExt;
        self.0.is_instance(ty)
    }
}

/// An exception of class `ty` with one message argument.
#[cold]
#[inline(never)]
pub fn raise(ty: &'static Type, message: impl Into<String>) -> Error {
    let text: String = message.into();
    match crate::layouts::str::from_str(&text) {
        Ok(arg) => exception::instantiate_one(ty, arg),
        Err(e) => e,
    }
}

/// An exception of class `ty` with the given arguments. Only for classes whose `__init__` does no more than keep args.
#[cold]
pub fn raise_args(ty: &'static Type, args: Vec<Ref>) -> Error {
    exception::instantiate(ty, args)
}

/// The preallocated MemoryError, which needs no memory.
#[cold]
pub fn memory_error() -> Error {
    exception::preallocated_memory_error()
}

macro_rules! raisers {
    ($($f:ident $ty:ident;)*) => {$(
        #[cold]
        #[inline(never)]
        pub fn $f(message: impl Into<String>) -> Error {
            raise(&s::$ty, message)
        }
    )*};
}

raisers! {
    type_error TYPE_ERROR;
    value_error VALUE_ERROR;
    index_error INDEX_ERROR;
    attribute_error_plain ATTRIBUTE_ERROR;
    name_error_plain NAME_ERROR;
    overflow_error OVERFLOW_ERROR;
    zero_division_error ZERO_DIVISION_ERROR;
    runtime_error RUNTIME_ERROR;
    recursion_error RECURSION_ERROR;
    system_error SYSTEM_ERROR;
    import_error_plain IMPORT_ERROR;
    not_implemented_error NOT_IMPLEMENTED_ERROR;
    buffer_error BUFFER_ERROR;
    lookup_error LOOKUP_ERROR;
    assertion_error ASSERTION_ERROR;
    eof_error EOF_ERROR;
}

/// KeyError with the key as its argument.
#[cold]
pub fn key_error(key: &Ref) -> Error {
    exception::instantiate_one(&s::KEY_ERROR, key.clone())
}

/// AttributeError with `name` and `obj` set, so that tracebacks can suggest a name.
#[cold]
pub fn attribute_error(object: &Ref, name: &Ref, message: String) -> Error {
    let e = attribute_error_plain(message);
    exception::set_field(&e.0, exception::ATTRIBUTE_NAME, name.clone());
    exception::set_field(&e.0, exception::ATTRIBUTE_OBJ, object.clone());
    e
}

/// NameError with `name` set.
#[cold]
pub fn name_error(ty: &'static Type, name: &Ref, message: String) -> Error {
    let e = raise(ty, message);
    exception::set_field(&e.0, exception::NAME_NAME, name.clone());
    e
}

/// StopIteration with a value.
#[cold]
pub fn stop_iteration(value: Option<Ref>) -> Error {
    match value {
        Some(value) => exception::instantiate_one(&s::STOP_ITERATION, value),
        None => exception::instantiate(&s::STOP_ITERATION, Vec::new()),
    }
}
