//! The Unicode character database, version 16.0, as CPython 3.14 has it.

#[rustfmt::skip]
mod alias_table;
#[rustfmt::skip]
mod decomp;
pub mod chars;
pub mod data;
pub mod names;
pub mod normalize;
mod runs;
#[rustfmt::skip]
mod db_table;
#[rustfmt::skip]
mod type_table;

pub use db_table::UNICODE_VERSION;

#[cfg(test)]
mod tests;
