//! The room of `bytearray`.

use skein_object::error::Result;
use skein_object::object::Payload;
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::payload;
pub struct BytearrayBody(u8);
payload!(BytearrayBody, "bytearray", |_this, _v| {});
pub static BYTEARRAY: Type = Type::declare("bytearray", Some(&s::OBJECT), <BytearrayBody as Payload>::LAYOUT, flag::BASETYPE | flag::MATCH_SELF);

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    Ok(())
}
