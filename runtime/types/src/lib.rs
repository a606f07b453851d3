//! The built-in types: behaviour for the layouts of `skein-object`, one room per type.
//!
//! Every room has `pub fn ready() -> Result<()>`, called once at start-up by `startup::ready` after
//! the statics have their bases: it declares slots, rows and getsets with `startup::ready_type`.
//!
//! This crate does not know the interpreter: Python functions are called through the hooks in
//! `skein_object::context`.

pub mod startup;
pub mod type_;
pub mod object;
pub mod descriptors;
pub mod function;
pub mod exceptions;
pub mod int;
pub mod float;
pub mod bool_;
pub mod complex;
pub mod list;
pub mod tuple;
pub mod dict;
pub mod set;
pub mod range;
pub mod slice;
pub mod iterators;
pub mod str_;
pub mod bytes;
pub mod bytearray;
pub mod memoryview;
pub mod builtins;
