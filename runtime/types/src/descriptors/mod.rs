//! Descriptors: what lies in class dicts and decides how an attribute is read and written.

pub mod getset;
pub mod method_descriptor;
pub mod property;
pub mod proxy;
pub mod wrapped;
pub mod wrapper;

use skein_object::error::{Error, Result, type_error};
use skein_object::object::RefExt;
use skein_object::protocol;
use skein_object::types::Type;
use skein_object::{Context, Ref, intern, tuple};

/// The object must be an instance of the descriptor's class.
#[inline]
pub fn check_receiver(name: &str, owner: &'static Type, object: &Ref) -> Result<()> {
    if object.is_instance(owner) {
        return Ok(());
    }
    Err(wrong_receiver(name, owner, object))
}

#[cold]
fn wrong_receiver(name: &str, owner: &'static Type, object: &Ref) -> Error {
    type_error(format!(
        "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
        owner.name(),
        object.ty().name()
    ))
}

/// Address of an object, for repr and `id`.
pub fn address(r: &Ref) -> u64 {
    match r.header() {
        Some(h) => h as *const skein_object::Header as u64,
        None => r.value().0,
    }
}

/// `(getattr, (object, name))`.
pub fn reduce_by_getattr(cx: &Context, object: &Ref, name: &Ref) -> Result<Ref> {
    let builtins = crate::builtins::module()?;
    let f = protocol::getattr(cx, &builtins, &intern::name("getattr"))?;
    tuple::new(vec![f, tuple::new(vec![object.clone(), name.clone()])?])
}

/// Completes the descriptor types.
pub fn ready() -> Result<()> {
    wrapper::ready()?;
    getset::ready()?;
    method_descriptor::ready()?;
    property::ready()?;
    wrapped::ready()?;
    proxy::ready()
}

/// What a descriptor of exactly the classes `property`, `classmethod`, `staticmethod` wraps.
pub fn unwrap(r: &Ref) -> skein_object::context::Unwrapped {
    use skein_object::context::Unwrapped;
    if r.is_exact(&property::PROPERTY) {
        if let Some(f) = r.body::<property::PropertyBody>().and_then(|b| b.get.get()) {
            return Unwrapped::Property(f);
        }
    } else if let Some(f) = r.body::<wrapped::WrappedBody>().and_then(|b| b.0.get()) {
        if r.is_exact(&wrapped::CLASS_METHOD) {
            return Unwrapped::ClassMethod(f);
        }
        if r.is_exact(&wrapped::STATIC_METHOD) {
            return Unwrapped::StaticMethod(f);
        }
    }
    Unwrapped::Other
}
