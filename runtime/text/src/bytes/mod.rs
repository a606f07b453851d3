//! The algorithms behind the methods of `bytes` and `bytearray`.

pub mod repr;
