//! The module `builtins`.

use skein_object::Ref;
use skein_object::error::{Result, system_error};

/// The module object.
pub fn module() -> Result<Ref> {
    Err(system_error("builtins"))
}

pub fn ready() -> Result<()> {
    Ok(())
}
