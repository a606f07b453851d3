//! Native modules about the language itself: `marshal`, `_ast`, `_opcode`, `_symtable`, `_tokenize`, `_suggestions`,
//! `faulthandler`.
//!
//! Knows how trees and code units look as Python objects; parsing and compiling are `skein_compiler`'s.

pub mod ast;
pub mod errors;
pub mod faulthandler;
pub mod marshal;
pub mod opcode;
pub mod suggestions;
pub mod symtable;
pub mod tokenize;

use skein_object::native::ModuleDef;
use skein_stdlib_support as support;

pub static MODULES: &[&ModuleDef] = &[
    &ast::MODULE,
    &faulthandler::MODULE,
    &marshal::MODULE,
    &opcode::MODULE,
    &suggestions::MODULE,
    &symtable::MODULE,
    &tokenize::MODULE,
];
