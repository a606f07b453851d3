//! Native modules of containers: `_collections`, `array`, `_heapq`, `_bisect`, `_queue`.
//!
//! A container of this crate keeps its items behind a mutex of its own. Under it no Python code runs and nothing is
//! dropped or allocated on the Python heap; what goes in is published before, as invariant P of `skein-gc` wants.

mod array;
mod bisect;
mod collections;
mod heapq;
mod queue;

use skein_object::native::ModuleDef;

pub static MODULES: &[&ModuleDef] = &[
    &collections::MODULE,
    &array::MODULE,
    &heapq::MODULE,
    &bisect::MODULE,
    &queue::MODULE,
];
