//! Tests of the collections, on objects of a minimal class.

mod objects;

mod dict;
mod list;
mod races;
mod set;
