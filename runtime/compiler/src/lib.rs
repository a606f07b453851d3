//! From Python source text to code units.
//!
//! The parser is ruff's. [`scope`] makes symbol tables from the tree, [`emit`] writes registers and instruction words
//! into a [`unit`]. This crate knows neither Python objects nor how instructions run.
#![deny(unsafe_code)]
#![allow(clippy::collapsible_if)]

mod decode;
mod diagnose;
mod emit;
mod error;
mod fold;
mod limits;
mod literal;
mod place;
mod scope;
mod source;
mod stack;
pub mod tree;
mod unit;
mod unparse;
mod warnings;

pub use decode::{declared_encoding, decode_source};
pub use error::{ErrorKind, SyntaxError, Warning};

use error::Res;
use place::place_error;
use ruff_python_ast::{self as ast, Expr, PythonVersion, Stmt};
use ruff_python_parser::{Mode as ParseMode, ParseOptions, Parsed};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::{Code, Const, Op};
use source::Source;
use std::cell::Cell;
use std::sync::Arc;
use unit::Unit;

/// What the source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A module.
    Exec,
    /// One expression, whose value is returned.
    Eval,
    /// One statement of the interactive prompt.
    Single,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub mode: Mode,
    /// 0, 1 (no asserts) or 2 (no docstrings either).
    pub optimize: u8,
    /// As if the source began with `from __future__ import annotations`.
    pub future_annotations: bool,
    pub top_level_await: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            mode: Mode::Exec,
            optimize: 0,
            future_annotations: false,
            top_level_await: false,
        }
    }
}

/// A code unit and the warnings that came up.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub code: Arc<Code>,
    pub warnings: Vec<Warning>,
}

/// Compiles source text. Warnings are dropped.
pub fn compile(source: &str, filename: &str, options: &Options) -> Result<Arc<Code>, SyntaxError> {
    compile_with_warnings(source, filename, options).map(|c| c.code)
}

/// Compiles source text.
pub fn compile_with_warnings(source: &str, filename: &str, options: &Options) -> Result<Compiled, SyntaxError> {
    if source.contains('\0') {
        return Err(SyntaxError {
            kind: ErrorKind::Syntax,
            message: "source code string cannot contain null bytes".into(),
            filename: filename.into(),
            line: 0,
            col: 0,
            end_line: 0,
            end_col: 0,
            text: None,
            of_compiler: false,
            incomplete_input: false,
        });
    }
    let checked = limits::stack_for(source).and_then(|s| limits::indentation(source).map(|()| s));
    let stack = match checked {
        Ok(s) => s,
        Err(e) => return Err(place_error(&Source::new(source), filename, e)),
    };
    // Nested syntax is walked recursively, by the parser and when the tree is dropped too.
    stack::with(stack, stack, || {
        let src = Source::new(source);
        let incomplete = Cell::new(false);
        compile_source(&src, filename, options, &incomplete).map_err(|e| {
            let mut e = place_error(&src, filename, e);
            e.incomplete_input = incomplete.get();
            e
        })
    })
    .unwrap_or_else(|e| Err(place_error(&Source::new(source), filename, e.into())))
}

fn parse(text: &str, mode: ParseMode, incomplete: &Cell<bool>) -> Res<Parsed<ast::Mod>> {
    let options = ParseOptions::from(mode).with_target_version(PythonVersion::PY314);
    match ruff_python_parser::parse(text, options) {
        Ok(parsed) => Ok(parsed),
        Err(e) => {
            let d = diagnose::diagnose(text, &e);
            incomplete.set(d.incomplete);
            Err(d.error)
        }
    }
}

fn compile_source(src: &Source<'_>, filename: &str, options: &Options, incomplete: &Cell<bool>) -> Res<Compiled> {
    let parsed = parse(
        src.text,
        if options.mode == Mode::Eval {
            ParseMode::Expression
        } else {
            ParseMode::Module
        },
        incomplete,
    )?;
    let mut warnings = Vec::new();
    warnings::escapes(src, parsed.tokens(), &mut warnings);
    let tree = parsed.into_syntax();
    if let (Mode::Single, ast::Mod::Module(m)) = (options.mode, &tree) {
        single_statement(&m.body, src)?;
    }
    compile_syntax(src, &tree, filename, options, warnings)
}

/// Compiles a tree whose ranges are places of `src`.
fn compile_syntax(
    src: &Source<'_>,
    tree: &ast::Mod,
    filename: &str,
    options: &Options,
    warnings: Vec<Warning>,
) -> Res<Compiled> {
    let future = options.future_annotations
        || match tree {
            ast::Mod::Module(m) => future_annotations(&m.body)?,
            ast::Mod::Expression(_) => false,
        };
    let mut scopes = match tree {
        ast::Mod::Module(m) => scope::build_module(&m.body, m.range, future)?,
        ast::Mod::Expression(e) => scope::build_expression(&e.body)?,
    };
    scope::analyze(&mut scopes)?;
    let nlocals = scopes.all[0].local_names.len() as u16;
    let mut c = emit::Compiler {
        src,
        scopes: &scopes,
        filename: filename.into(),
        optimize: options.optimize,
        interactive: options.mode == Mode::Single,
        future_annotations: future,
        top_level_await: options.top_level_await,
        u: Unit::new(0, nlocals, "<module>".into(), 1),
        outer: Vec::new(),
        warnings,
        depth: 0,
        bare_generator: None,
    };
    let mut u = Unit::new(0, nlocals, "<module>".into(), 1);
    c.prepare(&mut u);
    c.u = u;
    let (range, code) = match tree {
        ast::Mod::Module(m) => {
            c.module(&m.body, m.range)?;
            (m.range, ())
        }
        ast::Mod::Expression(e) => {
            c.eval(&e.body)?;
            (e.range, ())
        }
    };
    let () = code;
    let u = std::mem::replace(&mut c.u, Unit::new(0, 0, String::new(), 1));
    let code = c.code(u, range, [0; 3])?;
    let mut warnings = c.warnings;
    warnings.sort_by_key(|w| (w.line, w.col));
    Ok(Compiled {
        code: Arc::new(code),
        warnings,
    })
}

/// The prompt takes one compound statement, or simple ones on one line.
fn single_statement(body: &[Stmt], src: &Source<'_>) -> Res<()> {
    let (Some(first), Some(last)) = (body.first(), body.last()) else {
        return Ok(());
    };
    let compound = matches!(
        first,
        Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::With(_)
            | Stmt::Match(_)
            | Stmt::Try(_)
    );
    let between = src
        .text
        .get(first.range().end().to_usize()..last.range().start().to_usize())
        .unwrap_or("");
    if body.len() > 1 && (compound || between.contains(['\n', '\r'])) {
        return error::syntax(
            TextRange::empty(first.range().end()),
            "multiple statements found while compiling a single statement",
        );
    }
    Ok(())
}

/// Checks `from __future__` imports; whether annotations are strings.
fn future_annotations(body: &[Stmt]) -> Res<bool> {
    const KNOWN: &[&str] = &[
        "nested_scopes",
        "generators",
        "division",
        "absolute_import",
        "with_statement",
        "print_function",
        "unicode_literals",
        "barry_as_FLUFL",
        "generator_stop",
        "annotations",
    ];
    let mut found = false;
    for (i, s) in body.iter().enumerate() {
        match s {
            Stmt::Expr(e) if i == 0 && e.value.is_string_literal_expr() => {}
            Stmt::ImportFrom(f) if f.level == 0 && f.module.as_ref().is_some_and(|m| m == "__future__") => {
                for a in &f.names {
                    match a.name.as_str() {
                        "annotations" => found = true,
                        "braces" => return error::syntax(a.range, "not a chance"),
                        n if KNOWN.contains(&n) => {}
                        n => {
                            return error::syntax(a.range, format!("future feature {n} is not defined"));
                        }
                    }
                }
            }
            _ => break,
        }
    }
    Ok(found)
}

impl<'a> emit::Compiler<'a> {
    fn module(&mut self, body: &'a [Stmt], range: TextRange) -> Res<()> {
        self.prologue();
        if self.top_level_await && self.scopes.all[0].has_await {
            self.u.flags |= skein_bytecode::code::flags::COROUTINE;
            self.u.emit(Op::ReturnGenerator, 0, 0, 0);
        }
        let s = &self.scopes.all[0];
        let start = TextRange::empty(range.start());
        self.at(start);
        if self.future_annotations && s.has_annotations {
            self.u.emit(Op::SetupAnnotations, 0, 0, 0);
        }
        if s.has_conditional {
            let t = self.u.alloc();
            self.u.emit(Op::BuildSet, t, t, 0);
            self.store_in_class("__conditional_annotations__", t);
            self.u.top = t;
        }
        self.deferred_annotations(0, body, start)?;
        let mut rest = body;
        if !self.interactive
            && let Some(doc) = emit::docstring(body)
        {
            if self.optimize < 2 {
                let text = self.clean_docstring(doc);
                self.at(doc.range());
                let t = self.u.alloc();
                self.load_const(text, t);
                self.store_in_class("__doc__", t);
                self.u.top = t;
            }
            rest = &body[1..];
        }
        self.check_future(body)?;
        self.body(rest)
    }

    /// `from __future__` may only stand at the beginning.
    fn check_future(&self, body: &[Stmt]) -> Res<()> {
        let mut head = true;
        for (i, s) in body.iter().enumerate() {
            match s {
                Stmt::Expr(e) if i == 0 && e.value.is_string_literal_expr() => {}
                Stmt::ImportFrom(f) if f.level == 0 && f.module.as_ref().is_some_and(|m| m == "__future__") => {
                    if !head {
                        return error::syntax(
                            f.range,
                            "from __future__ imports must occur at the beginning of the file",
                        );
                    }
                }
                _ => head = false,
            }
        }
        Ok(())
    }

    fn eval(&mut self, e: &'a Expr) -> Res<()> {
        self.prologue();
        if self.top_level_await && self.scopes.all[0].has_await {
            self.u.flags |= skein_bytecode::code::flags::COROUTINE;
            self.u.emit(Op::ReturnGenerator, 0, 0, 0);
        }
        let r = self.expr(e, None)?;
        self.at(e.range());
        if let Some(Const::None) = self.fold(e) {
            self.u.emit(Op::Kill, r, 0, 0);
            self.u.emit(Op::ReturnNone, 0, 0, 0);
        } else {
            self.u.emit(Op::Return, r, 0, 0);
        }
        Ok(())
    }
}
