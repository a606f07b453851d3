//! The Unicode character database, version 16.0, as CPython 3.14 has it.

#[rustfmt::skip]
mod decomp;
pub mod chars;
pub mod data;
pub mod names;
pub mod normalize;
#[rustfmt::skip]
mod tables;

pub use tables::UNICODE_VERSION;
