//! The algorithms behind the methods of `str`.

pub mod case;
pub mod classify;
pub mod edit;
pub mod repr;
pub mod split;
