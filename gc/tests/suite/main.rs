//! Tests of the collector on objects of a minimal class.

mod nodes;

mod collector;
mod cycles;
mod many;
mod memory;
mod reclaim;
mod scanners;
mod sweep;
mod threads;
#[cfg(feature = "verify")]
mod verify;
mod weak;
