//! `type`: classes, their creation, attributes and calls; the slots of heap classes.

pub mod attributes;
pub mod build_class;
pub mod call;
pub mod create;
pub mod dunder;
pub mod fields;
pub mod generic;
pub mod generic_alias;
pub mod methods;
pub mod namespace;
pub mod union;
pub mod update;

use crate::startup::{TypeDef, ready_type};
use skein_object::error::Result;
use skein_object::slots::Slots;
use skein_object::statics as s;

fn slots(t: &Slots) {
    t.new.set(Some(create::new));
    t.make.set(Some(call::make));
    t.init.set(Some(create::init));
    t.call.set(Some(call::call));
    t.getattr.set(Some(attributes::getattr));
    t.setattr.set(Some(attributes::setattr));
    t.repr.set(Some(attributes::repr));
    t.binary[skein_object::slots::BinaryOp::Or as usize].set(Some(union::or));
}

/// Completes `type`.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: methods::METHODS,
        getset: attributes::GETSET,
        doc: "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
        ..TypeDef::new(&s::TYPE)
    })?;
    generic_alias::ready()?;
    union::ready()?;
    namespace::ready()
}
