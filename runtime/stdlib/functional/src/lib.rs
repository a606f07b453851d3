//! Native modules of iteration and functions: `itertools`, `_functools`, `_operator`.
//!
//! Iterators of this crate keep their state in slots and atomics. Two threads on one iterator may get an item twice or out
//! of order, as in CPython; memory stays sound, since every index is checked and every slot may be empty.

mod functools;
mod itertools;
mod operator;

use skein_object::native::ModuleDef;

pub static MODULES: &[&ModuleDef] = &[&itertools::MODULE, &functools::MODULE, &operator::MODULE];
