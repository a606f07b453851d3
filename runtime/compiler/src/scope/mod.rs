//! Symbol tables: which scope every name of a module belongs to.
//!
//! [`build`] walks the tree once and notes what each scope does with each name; [`analyze`] then decides where a name
//! lives and hands out the registers of every code unit. An inlined comprehension is a scope without a unit of its
//! own: its variables live in registers of the unit around it.

mod analyze;
mod build;
mod build_expr;

use ruff_python_ast::name::Name;
use ruff_text_size::TextRange;
use std::collections::HashMap;
use std::rc::Rc;

pub(crate) use analyze::analyze;
pub(crate) use build::{build_expression, build_module};

pub(crate) type ScopeId = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    Module,
    Class,
    Function,
    Lambda,
    Generator,
    /// List, set or dict comprehension, inlined.
    Comprehension,
    /// `__annotate__`.
    Annotation,
    /// `<generic parameters of X>`.
    TypeParams,
    /// The value of a type alias, or a bound or default of a type parameter.
    TypeExpr,
}

/// Bits of what a scope does with a name.
pub(crate) mod sym {
    pub const USE: u16 = 1;
    /// Assigned, or bound in another way.
    pub const LOCAL: u16 = 2;
    pub const PARAM: u16 = 4;
    pub const GLOBAL: u16 = 8;
    pub const NONLOCAL: u16 = 16;
    pub const ANNOT: u16 = 32;
    pub const COMP_ITER: u16 = 64;
    pub const TYPE_PARAM: u16 = 128;
    /// Deleted somewhere (also by the end of an `except ... as`).
    pub const DELETED: u16 = 256;
    pub const BOUND: u16 = LOCAL | PARAM | TYPE_PARAM;
    /// An inner unit uses it.
    pub const CAPTURED: u16 = 512;
    pub const IMPORT: u16 = 1024;
}

#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    pub name: Name,
    pub flags: u16,
    pub range: TextRange,
    /// Register in the unit, once analysed.
    pub reg: Option<u16>,
}

/// Where a name lives, as seen from one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A plain local register.
    Fast(u16),
    /// A register that holds a cell.
    Cell(u16),
    /// Like `Cell`, a free variable of the unit.
    Free(u16),
    /// Declared `global`, or found to be so inside a function.
    Global,
    /// The namespace of a module or class body.
    Name,
    /// Free variable used in a class body: the namespace goes first.
    ClassFree(u16),
    /// In an annotation scope of a class: class namespace, then this cell.
    DictFree(u16),
    /// In an annotation scope of a class: class namespace, then globals.
    DictGlobal,
}

/// A deferred annotation of a module or class body.
#[derive(Clone, Debug)]
pub(crate) struct Deferred {
    /// Address of the AnnAssign node.
    pub node: usize,
    pub conditional: bool,
}

#[derive(Debug)]
pub(crate) struct Scope {
    pub kind: ScopeKind,
    pub name: Name,
    pub parent: Option<ScopeId>,
    pub children: Vec<ScopeId>,
    pub symbols: Vec<Symbol>,
    index: HashMap<Name, usize>,
    pub params: Vec<Name>,
    /// Which of them is `**kwargs`.
    pub keywords: Option<u16>,
    pub range: TextRange,
    /// Class whose names mangle here.
    pub private: Option<Name>,
    /// Name of the function whose annotations these are.
    pub owner: Option<Name>,
    /// Among the type parameters and bases of a class: its parameters, the only names that mangle.
    pub mangles: Option<Rc<[Name]>>,
    pub is_async: bool,
    pub has_yield: bool,
    /// Has `await` or an asynchronous comprehension in itself.
    pub has_await: bool,
    /// `return` with a value.
    pub has_return_value: Option<TextRange>,
    pub has_walrus: bool,
    /// Inside an annotation-like scope of a class.
    pub sees_class: bool,
    pub needs_class: bool,
    pub needs_classdict: bool,
    pub deferred: Vec<Deferred>,
    pub has_conditional: bool,
    /// A variable annotation was seen anywhere in the body.
    pub has_annotations: bool,
    /// Class body: names stored as `self.X` in its methods.
    pub static_attrs: Vec<Name>,
    /// In the iterable of a comprehension.
    pub(crate) in_comp_iter: bool,
    pub is_method: bool,
    /// How messages call a scope in which not every expression is allowed.
    pub region: &'static str,
    // ---- results
    pub free: Vec<Name>,
    pub local_names: Vec<Name>,
    pub cell_regs: Vec<u16>,
    pub free_regs: HashMap<Name, u16>,
    pub nested: bool,
}

impl Scope {
    /// A name as it is known in this scope.
    pub fn mangled(&self, name: &Name) -> Name {
        build::mangle(self.private.as_ref(), self.mangles.as_deref(), name)
    }

    pub fn symbol(&self, name: &Name) -> Option<&Symbol> {
        self.index.get(name).map(|&i| &self.symbols[i])
    }

    pub fn flags(&self, name: &Name) -> u16 {
        self.symbol(name).map_or(0, |s| s.flags)
    }

    pub fn add(&mut self, name: &Name, flags: u16, range: TextRange) -> &mut Symbol {
        let i = match self.index.get(name) {
            Some(&i) => {
                self.symbols[i].flags |= flags;
                i
            }
            None => {
                self.index.insert(name.clone(), self.symbols.len());
                self.symbols.push(Symbol {
                    name: name.clone(),
                    flags,
                    range,
                    reg: None,
                });
                self.symbols.len() - 1
            }
        };
        &mut self.symbols[i]
    }

    /// Has registers for its names (unlike modules and class bodies).
    pub fn is_function_like(&self) -> bool {
        !matches!(self.kind, ScopeKind::Module | ScopeKind::Class)
    }
}

/// Which of the scopes that one node opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Body,
    Annotations,
    TypeParams,
    Bound,
    Default,
}

#[derive(Debug, Default)]
pub(crate) struct Scopes {
    pub all: Vec<Scope>,
    pub by_node: HashMap<(usize, Part), ScopeId>,
}

/// Identity of a node while its tree is borrowed.
pub(crate) fn addr<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}
