//! Objects: layouts of the core types, type objects and their slots, protocols, native method rows, thread context.
//!
//! Does not know how Python code is executed: what needs that goes through [`context::Hooks`].
//!
//! Rooms: `object` (the generic object and its layout), `types` (type objects), `slots`, `instance` (shapes and inline
//! attributes), `guarded` (data under a lock where it is shared), `finalize` (finalisers inside of finalisers), `native` (method rows), `layouts` (bodies of core types), `protocol` (call, attribute, iterate,
//! compare, arithmetic), `error`, `intern`, `context`.

// Layouts and raw operations: every block says why it is sound.
#![allow(unsafe_code)]

pub mod context;
pub mod error;
pub mod finalize;
pub mod guarded;
pub mod instance;
pub mod intern;
pub mod layouts;
pub mod local;
pub mod native;
pub mod object;
pub mod protocol;
mod row_names;
pub mod slots;
pub mod statics;
pub mod suggest;
pub mod types;

pub use context::Context;
pub use error::{Error, Result};
pub use layouts::*;
pub use native::{Args, Row};
pub use object::{Object, Payload};
pub use skein_gc::{Header, Ref, Slot, Value, Visitor};
pub use types::Type;
