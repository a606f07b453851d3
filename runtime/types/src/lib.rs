//! The built-in types: behaviour for the layouts of `skein-object`, one room per type.
//!
//! Every room has `pub fn ready() -> Result<()>`, called once at start-up by `startup::ready` after
//! the statics have their bases: it declares slots, rows and getsets with `startup::ready_type`.
//!
//! This crate does not know the interpreter: Python functions are called through the hooks in
//! `skein_object::context`.

pub mod bool_;
pub mod builtins;
pub mod bytearray;
pub mod bytes;
pub mod complex;
pub mod descriptors;
pub mod dict;
pub mod exceptions;
pub mod float;
pub mod function;
pub mod int;
pub mod iterators;
pub mod list;
pub mod memoryview;
pub mod object;
pub mod range;
pub mod set;
pub mod slice;
pub mod startup;
pub mod str_;
pub mod tuple;
pub mod type_;
