//! The syntax tree as CPython's `ast` shows it, without Python objects: nodes with a class name and named fields.
//!
//! [`parse_tree`] makes it from source text, [`compile_tree`] compiles one that may have been written by hand.
//! Who calls sees to it that a tree to be compiled has the classes and field types of the `ast` module.

mod back;
mod back_expr;
mod back_pattern;
mod build;
mod build_expr;
mod build_parts;
mod build_strings;
mod marks;
pub mod symbols;
pub mod tokens;

use crate::error::{Error, ErrorKind, Res};
use crate::place::place_error;
use crate::source::Source;
use crate::{Compiled, Mode, Options, SyntaxError, limits, parse, stack};
use ruff_python_ast as ast;
use ruff_python_parser::Mode as ParseMode;
use ruff_text_size::TextRange;
use skein_bytecode::{Const, Position};
use std::cell::Cell;

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// The field is None.
    None,
    Int(i64),
    /// An identifier or string: UTF-8.
    Text(String),
    Const(Const),
    List(Vec<Field>),
    Node(Box<Node>),
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The class, as in `ast`.
    pub kind: &'static str,
    /// In the order of `_fields`.
    pub fields: Vec<(&'static str, Field)>,
    pub position: Option<Position>,
}

impl Node {
    pub fn new(kind: &'static str, position: Option<Position>, fields: Vec<(&'static str, Field)>) -> Node {
        Node { kind, fields, position }
    }

    /// A field; absent ones are None.
    pub fn get(&self, name: &str) -> &Field {
        static NONE: Field = Field::None;
        self.fields.iter().find(|(n, _)| *n == name).map_or(&NONE, |(_, f)| f)
    }
}

impl From<Node> for Field {
    fn from(n: Node) -> Field {
        Field::Node(Box::new(n))
    }
}

impl From<Option<Node>> for Field {
    fn from(n: Option<Node>) -> Field {
        n.map_or(Field::None, Field::from)
    }
}

impl From<&str> for Field {
    fn from(s: &str) -> Field {
        Field::Text(s.to_owned())
    }
}

impl<T: Into<Field>> FromIterator<T> for Field {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Field {
        Field::List(items.into_iter().map(Into::into).collect())
    }
}

/// Parses source text. The tree is dropped by recursion, so `f` sees it on a stack that is deep enough.
///
/// # Errors
/// What is no Python.
pub fn parse_tree<R>(source: &str, filename: &str, mode: Mode, f: impl FnOnce(&Node) -> R) -> Result<R, SyntaxError> {
    let src = Source::new(source);
    let checked = limits::stack_for(source).and_then(|s| limits::indentation(source).map(|()| s));
    let stack = checked.map_err(|e| place_error(&src, filename, e))?;
    stack::with(stack, stack, || {
        let incomplete = Cell::new(false);
        let parsed = parse(
            source,
            if mode == Mode::Eval {
                ParseMode::Expression
            } else {
                ParseMode::Module
            },
            &incomplete,
        );
        let built = parsed.and_then(|p| {
            let tree = p.into_syntax();
            if let (Mode::Single, ast::Mod::Module(m)) = (mode, &tree) {
                crate::single_statement(&m.body, &src)?;
            }
            Ok(build::Builder { src: &src }.module(&tree, mode))
        });
        match built {
            Ok(node) => Ok(f(&node)),
            Err(e) => {
                let mut e = place_error(&src, filename, e);
                e.incomplete_input = incomplete.get();
                Err(e)
            }
        }
    })
    .unwrap_or_else(|e| Err(place_error(&src, filename, e.into())))
}

/// Depth of a tree, to know how much stack walking it takes.
fn depth(f: &Field) -> usize {
    // An explicit stack: the tree may be deeper than the native one.
    let (mut deepest, mut todo) = (0, vec![(f, 1)]);
    while let Some((f, d)) = todo.pop() {
        deepest = deepest.max(d);
        match f {
            Field::List(l) => todo.extend(l.iter().map(|f| (f, d + 1))),
            Field::Node(n) => todo.extend(n.fields.iter().map(|(_, f)| (f, d + 1))),
            _ => {}
        }
    }
    deepest
}

/// Compiles a tree whose root is Module, Interactive or Expression.
///
/// # Errors
/// ErrorKind::Value for a tree that no source text gives; what the compiler finds.
pub fn compile_tree(root: &Node, filename: &str, options: &Options) -> Result<Compiled, SyntaxError> {
    let deep = root.fields.iter().map(|(_, f)| depth(f)).max().unwrap_or(0);
    // Every level of nodes costs a few frames of the emitter.
    let stack = (1 << 20) + deep * 4096;
    stack::with(stack, stack, || {
        let mut back = back::Back::new();
        let tree = back.module(root);
        let src = back.marks.source();
        tree.and_then(|t| crate::compile_syntax(&src, &t, filename, options, Vec::new()))
            .map_err(|e| {
                let mut e = place_error(&src, filename, e);
                e.text = None;
                e
            })
    })
    .unwrap_or_else(|e| Err(place_error(&Source::new(""), filename, e.into())))
}

/// A tree that no source text gives.
fn malformed<T>(message: impl Into<String>) -> Res<T> {
    Err(Error::new(ErrorKind::Value, TextRange::default(), message))
}
