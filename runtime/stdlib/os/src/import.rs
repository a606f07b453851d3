//! Python modules that native code uses.

use skein_object::context::{Context, hooks};
use skein_object::error::Result;
use skein_object::types::Type;
use skein_object::{Ref, dict, intern, protocol, tuple};

/// `import name`, and the module itself even for a dotted name.
pub fn module(cx: &Context, name: &str) -> Result<Ref> {
    let globals = dict::new()?;
    let from = tuple::from_slice(&[intern::name("__name__")])?;
    (hooks().import)(cx, &intern::name(name), &globals, None, &from, &Ref::small(0))
}

/// `module.attribute`.
pub fn attribute(cx: &Context, name: &str, attribute: &str) -> Result<Ref> {
    protocol::getattr_str(cx, &module(cx, name)?, attribute)
}

/// `module.attribute(*args)`.
pub fn call(cx: &Context, name: &str, function: &str, args: &[Ref]) -> Result<Ref> {
    protocol::call(cx, &attribute(cx, name, function)?, args)
}

/// `warnings.warn(message, category)`.
pub fn warn(cx: &Context, category: &'static Type, message: &str) -> Result<()> {
    (hooks().warn)(cx, category, message, 1)
}

/// `sys.audit(event, *args)`, where a `sys` module exists and has hooks.
pub fn audit(_: &Context, _: &str, _: &[Ref]) -> Result<()> {
    Ok(())
}
