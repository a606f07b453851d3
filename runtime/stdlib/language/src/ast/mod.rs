//! `_ast`: the node classes, and the way between nodes and the compiler's trees.

mod base;
mod classes;
mod from_object;
mod table;
mod to_object;

use crate::errors::syntax_error;
use crate::support::import;
use classes::classes;
use skein_compiler::tree::{compile_tree, parse_tree};
use skein_compiler::{Compiled, Mode, Options, SyntaxError};
use skein_gc::Ref;
use skein_object::error::{Error, Result, type_error};
use skein_object::native::ModuleDef;
use skein_object::object::RefExt;
use skein_object::{Context, dict};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_ast",
    doc: "",
    functions: &[],
    init: |cx, d| {
        for (name, value) in [
            ("PyCF_ONLY_AST", PYCF_ONLY_AST),
            ("PyCF_TYPE_COMMENTS", 0x1000),
            ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
            ("PyCF_OPTIMIZED_AST", PYCF_OPTIMIZED_AST),
        ] {
            dict::set_str(d, name, Ref::small(value as i32))?;
        }
        classes::install(cx, d)
    },
};

/// Flag of `compile()`: give the tree.
pub const PYCF_ONLY_AST: u32 = 0x400;
/// Flag of `compile()`: give the tree as the optimiser leaves it.
pub const PYCF_OPTIMIZED_AST: u32 = 0x8000 | PYCF_ONLY_AST;

/// Whether an object is an `ast.AST`.
pub fn is_tree(r: &Ref) -> bool {
    r.is_instance(&base::AST)
}

/// The tree of a source text as nodes; `raise` makes the exception of a compiler error.
///
/// # Errors
/// SyntaxError; MemoryError.
pub fn parse_to_ast(
    cx: &Context,
    text: &str,
    filename: &str,
    mode: Mode,
    raise: impl Fn(SyntaxError) -> Error,
) -> Result<Ref> {
    let all = loaded(cx)?;
    parse_tree(text, filename, mode, |tree| to_object::node(cx, all, tree)).map_err(raise)?
}

/// Checks that a node is the root that a mode of `compile()` wants.
///
/// # Errors
/// TypeError.
pub fn check_root(cx: &Context, root: &Ref, mode: Mode) -> Result<()> {
    let all = loaded(cx)?;
    let want = match mode {
        Mode::Exec => "Module",
        Mode::Eval => "Expression",
        Mode::Single => "Interactive",
    };
    match all.find(root) {
        Some(c) if c.name == want => Ok(()),
        _ => Err(type_error(format!(
            "expected {want} node, got {}",
            root.ty().short_name()
        ))),
    }
}

/// Compiles nodes.
///
/// # Errors
/// TypeError and ValueError for what is no tree; SyntaxError.
pub fn compile_ast(cx: &Context, root: &Ref, filename: &str, options: &Options) -> Result<Compiled> {
    check_root(cx, root, options.mode)?;
    let tree = from_object::node(cx, loaded(cx)?, root)?;
    compile_tree(&tree, filename, options).map_err(syntax_error)
}

fn loaded(cx: &Context) -> Result<&'static classes::Classes> {
    if let Some(c) = classes() {
        return Ok(c);
    }
    import(cx, "_ast")?;
    classes().ok_or_else(|| skein_object::error::system_error("_ast is not initialised"))
}
