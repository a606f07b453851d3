//! Iterators that are built-in types of their own: enumerate, zip, map, filter, reversed, and those that `iter` makes.
//!
//! Iterators over one container live in its room. `support` is what the rooms of containers and numbers share.

pub mod callable;
pub mod enumerate;
pub mod filter;
pub mod reversed;
pub(crate) mod support;
pub mod zip;

pub use support::reflected;

use skein_object::error::Result;

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    enumerate::ready()?;
    zip::ready()?;
    filter::ready()?;
    reversed::ready()?;
    callable::ready()
}
