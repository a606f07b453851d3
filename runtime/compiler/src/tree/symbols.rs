//! Symbol tables with CPython's numbers, for `symtable`.

use crate::place::place_error;
use crate::scope::{self, Place, Scope, ScopeId, ScopeKind, Scopes, sym};
use crate::source::Source;
use crate::{Mode, SyntaxError, limits, parse, stack};
use ruff_python_ast as ast;
use ruff_python_parser::Mode as ParseMode;
use std::cell::Cell;

/// A symbol table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// `_symtable.TYPE_*`.
    pub kind: u8,
    pub name: String,
    pub line: u32,
    /// Names and CPython's `DEF_*` bits, with the scope from bit 12 on.
    pub symbols: Vec<(String, u32)>,
    pub varnames: Vec<String>,
    pub nested: bool,
    pub children: Vec<Table>,
}

/// The symbol table of a source text.
///
/// # Errors
/// What is no Python.
pub fn symbol_table(source: &str, filename: &str, mode: Mode) -> Result<Table, SyntaxError> {
    let src = Source::new(source);
    let checked = limits::stack_for(source).and_then(|s| limits::indentation(source).map(|()| s));
    let stack = checked.map_err(|e| place_error(&src, filename, e))?;
    stack::with(stack, stack, || {
        let parse_mode = match mode {
            Mode::Eval => ParseMode::Expression,
            _ => ParseMode::Module,
        };
        let built = parse(source, parse_mode, &Cell::new(false)).and_then(|p| {
            let tree = p.into_syntax();
            let mut scopes = match &tree {
                ast::Mod::Module(m) => scope::build_module(&m.body, m.range, crate::future_annotations(&m.body)?)?,
                ast::Mod::Expression(e) => scope::build_expression(&e.body)?,
            };
            scope::analyze(&mut scopes)?;
            Ok(table(&scopes, 0, &src))
        });
        built.map_err(|e| place_error(&src, filename, e))
    })
    .unwrap_or_else(|e| Err(place_error(&src, filename, e.into())))
}

fn bits(scopes: &Scopes, id: ScopeId, name: &ast::name::Name, flags: u16) -> u32 {
    let mut out = 0;
    for (ours, theirs) in [
        (sym::GLOBAL, 1),
        (sym::LOCAL, 2),
        (sym::PARAM, 4),
        (sym::NONLOCAL, 8),
        (sym::USE, 16),
        (sym::IMPORT, 128),
        (sym::ANNOT, 256),
        (sym::COMP_ITER, 512),
        (sym::TYPE_PARAM, 1024),
    ] {
        if flags & ours != 0 {
            out |= theirs;
        }
    }
    // CPython keeps imports apart from assignments.
    if flags & sym::IMPORT != 0 {
        out &= !2;
    }
    let place = match scopes.place(id, name) {
        Place::Fast(_) => 1,
        Place::Cell(_) => 5,
        Place::Free(_) | Place::ClassFree(_) | Place::DictFree(_) => 4,
        Place::Global if flags & sym::GLOBAL != 0 => 2,
        Place::Name if flags & sym::BOUND != 0 => 1,
        Place::Global | Place::Name | Place::DictGlobal => 3,
    };
    out | place << 12
}

fn name(s: &Scope) -> String {
    let text = s.name.as_str();
    match s.kind {
        ScopeKind::Module => "top".to_owned(),
        ScopeKind::TypeParams => {
            let inner = text.strip_prefix("<generic parameters of ").unwrap_or(text);
            inner.trim_end_matches('>').to_owned()
        }
        _ => text.trim_matches(['<', '>']).to_owned(),
    }
}

/// Symbols and children of a scope; inlined comprehensions belong to the scope around them.
fn collect(scopes: &Scopes, id: ScopeId, src: &Source<'_>, out: &mut Table) {
    let Some(s) = scopes.all.get(id) else { return };
    for symbol in &s.symbols {
        let text = symbol.name.as_str();
        if out.symbols.iter().all(|(n, _)| n != text) {
            out.symbols
                .push((text.to_owned(), bits(scopes, id, &symbol.name, symbol.flags)));
        }
    }
    for &c in &s.children {
        match scopes.all.get(c) {
            Some(inner) if inner.kind == ScopeKind::Comprehension => collect(scopes, c, src, out),
            _ => out.children.push(table(scopes, c, src)),
        }
    }
}

fn table(scopes: &Scopes, id: ScopeId, src: &Source<'_>) -> Table {
    let Some(s) = scopes.all.get(id) else {
        return Table::default();
    };
    let mut out = Table {
        kind: match s.kind {
            ScopeKind::Function | ScopeKind::Lambda | ScopeKind::Generator | ScopeKind::Comprehension => 0,
            ScopeKind::Class => 1,
            ScopeKind::Module => 2,
            ScopeKind::Annotation => 3,
            ScopeKind::TypeExpr => 4,
            ScopeKind::TypeParams => 5,
        },
        name: name(s),
        line: if s.kind == ScopeKind::Module {
            0
        } else {
            src.position(s.range).line
        },
        varnames: s.params.iter().map(|p| p.as_str().to_owned()).collect(),
        nested: s.nested,
        ..Table::default()
    };
    collect(scopes, id, src, &mut out);
    out
}
