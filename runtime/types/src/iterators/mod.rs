//! The room of `iterators`.

pub(crate) mod support;

use skein_object::error::Result;

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    Ok(())
}
