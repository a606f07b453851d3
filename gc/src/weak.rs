//! Weak references.

use crate::header::Header;

/// Clears all weak references to `h`, which is about to be destroyed.
pub(crate) fn clear(_h: &Header) {}
