//! `types.GenericAlias`.

use skein_object::error::Result;
use skein_object::{Args, Context, Ref};

/// `__class_getitem__` of generic native classes.
pub fn class_getitem(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(a.at(0).clone())
}

pub fn ready() -> Result<()> {
    Ok(())
}
