//! Native modules about the language itself: `marshal`, `_ast`, `_opcode`, `_symtable`, `_tokenize`, `_suggestions`,
//! `faulthandler`.
//!
//! Knows how trees and code units look as Python objects; parsing and compiling are `skein_compiler`'s.
#![forbid(unsafe_code)]

pub mod marshal;

use skein_object::native::ModuleDef;

pub static MODULES: &[&ModuleDef] = &[&marshal::MODULE];
