//! The room of `set`.

use skein_object::error::Result;

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    Ok(())
}
