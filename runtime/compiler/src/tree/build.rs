//! From the parser's tree: modules and statements.

use super::{Field, Node};
use crate::Mode;
use crate::source::Source;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

pub(super) struct Builder<'a> {
    pub src: &'a Source<'a>,
}

/// `node!(self, "Name", range; field: value, ...)`
macro_rules! node {
    ($this:expr, $kind:expr, $range:expr $(; $($field:ident: $value:expr),*)?) => {
        $crate::tree::Node::new(
            $kind,
            Some($this.src.position($range)),
            vec![$($((stringify!($field).trim_start_matches("r#"), $crate::tree::Field::from($value)),)*)?],
        )
    };
}
pub(super) use node;

impl Builder<'_> {
    pub fn module(&self, m: &ast::Mod, mode: Mode) -> Node {
        match (m, mode) {
            (ast::Mod::Expression(e), _) => Node::new("Expression", None, vec![("body", self.expr(&e.body).into())]),
            (ast::Mod::Module(m), Mode::Single) => Node::new("Interactive", None, vec![("body", self.body(&m.body))]),
            (ast::Mod::Module(m), _) => Node::new(
                "Module",
                None,
                vec![("body", self.body(&m.body)), ("type_ignores", Field::List(Vec::new()))],
            ),
        }
    }

    pub fn body(&self, body: &[Stmt]) -> Field {
        body.iter().map(|s| self.stmt(s)).collect()
    }

    pub fn exprs(&self, list: &[Expr]) -> Field {
        list.iter().map(|e| self.expr(e)).collect()
    }

    pub fn opt(&self, e: Option<&Expr>) -> Field {
        e.map(|e| self.expr(e)).into()
    }

    /// The range of a definition from its `def`, `class` or `async` on.
    fn definition(&self, range: TextRange, name: TextRange, word: &str, is_async: bool) -> TextRange {
        let text = self.src.text.get(..name.start().to_usize()).unwrap_or("");
        let mut at = text.rfind(word);
        if is_async {
            at = at.and_then(|i| text.get(..i)?.rfind("async"));
        }
        let start = at.and_then(|i| TextSize::try_from(i).ok());
        let start = start.unwrap_or(range.start()).clamp(range.start(), range.end());
        TextRange::new(start, range.end())
    }

    fn decorators(&self, list: &[ast::Decorator]) -> Field {
        list.iter().map(|d| self.expr(&d.expression)).collect()
    }

    pub fn stmt(&self, s: &Stmt) -> Node {
        let r = s.range();
        match s {
            Stmt::FunctionDef(f) => {
                let kind = if f.is_async { "AsyncFunctionDef" } else { "FunctionDef" };
                let r = self.definition(r, f.name.range, "def", f.is_async);
                node!(self, kind, r;
                    name: f.name.as_str(), args: self.parameters(&f.parameters), body: self.body(&f.body),
                    decorator_list: self.decorators(&f.decorator_list), returns: self.opt(f.returns.as_deref()),
                    type_comment: Field::None, type_params: self.type_params(f.type_params.as_deref()))
            }
            Stmt::ClassDef(c) => {
                let r = self.definition(r, c.name.range, "class", false);
                let (bases, keywords) = match &c.arguments {
                    Some(a) => (self.exprs(&a.args), self.keywords(&a.keywords)),
                    None => (Field::List(Vec::new()), Field::List(Vec::new())),
                };
                node!(self, "ClassDef", r;
                    name: c.name.as_str(), bases: bases, keywords: keywords, body: self.body(&c.body),
                    decorator_list: self.decorators(&c.decorator_list),
                    type_params: self.type_params(c.type_params.as_deref()))
            }
            Stmt::Return(x) => node!(self, "Return", r; value: self.opt(x.value.as_deref())),
            Stmt::Delete(x) => node!(self, "Delete", r; targets: self.exprs(&x.targets)),
            Stmt::TypeAlias(x) => node!(self, "TypeAlias", r;
                name: self.expr(&x.name), type_params: self.type_params(x.type_params.as_deref()),
                value: self.expr(&x.value)),
            Stmt::Assign(x) => node!(self, "Assign", r;
                targets: self.exprs(&x.targets), value: self.expr(&x.value), type_comment: Field::None),
            Stmt::AugAssign(x) => node!(self, "AugAssign", r;
                target: self.expr(&x.target), op: super::build_expr::operator(x.op), value: self.expr(&x.value)),
            Stmt::AnnAssign(x) => node!(self, "AnnAssign", r;
                target: self.expr(&x.target), annotation: self.expr(&x.annotation),
                value: self.opt(x.value.as_deref()), simple: Field::Int(x.simple as i64)),
            Stmt::For(x) => node!(self, if x.is_async { "AsyncFor" } else { "For" }, r;
                target: self.expr(&x.target), iter: self.expr(&x.iter), body: self.body(&x.body),
                orelse: self.body(&x.orelse), type_comment: Field::None),
            Stmt::While(x) => node!(self, "While", r;
                test: self.expr(&x.test), body: self.body(&x.body), orelse: self.body(&x.orelse)),
            Stmt::If(x) => node!(self, "If", r;
                test: self.expr(&x.test), body: self.body(&x.body),
                orelse: self.elifs(&x.elif_else_clauses, r.end())),
            Stmt::With(x) => node!(self, if x.is_async { "AsyncWith" } else { "With" }, r;
                items: x.items.iter().map(|i| self.with_item(i)).collect::<Field>(), body: self.body(&x.body),
                type_comment: Field::None),
            Stmt::Match(x) => node!(self, "Match", r;
                subject: self.expr(&x.subject),
                cases: x.cases.iter().map(|c| self.case(c)).collect::<Field>()),
            Stmt::Raise(x) => node!(self, "Raise", r;
                exc: self.opt(x.exc.as_deref()), cause: self.opt(x.cause.as_deref())),
            Stmt::Try(x) => node!(self, if x.is_star { "TryStar" } else { "Try" }, r;
                body: self.body(&x.body),
                handlers: x.handlers.iter().map(|h| self.handler(h)).collect::<Field>(),
                orelse: self.body(&x.orelse), finalbody: self.body(&x.finalbody)),
            Stmt::Assert(x) => {
                node!(self, "Assert", r; test: self.expr(&x.test), msg: self.opt(x.msg.as_deref()))
            }
            Stmt::Import(x) => node!(self, "Import", r; names: self.aliases(&x.names)),
            Stmt::ImportFrom(x) => node!(self, "ImportFrom", r;
                module: x.module.as_ref().map_or(Field::None, |m| m.as_str().into()),
                names: self.aliases(&x.names), level: Field::Int(x.level as i64)),
            Stmt::Global(x) => {
                node!(self, "Global", r; names: x.names.iter().map(|n| n.as_str()).collect::<Field>())
            }
            Stmt::Nonlocal(x) => {
                node!(self, "Nonlocal", r; names: x.names.iter().map(|n| n.as_str()).collect::<Field>())
            }
            Stmt::Expr(x) => node!(self, "Expr", r; value: self.expr(&x.value)),
            Stmt::Break(_) => node!(self, "Break", r),
            Stmt::Continue(_) => node!(self, "Continue", r),
            // The parser gives no escape commands in this mode.
            Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => node!(self, "Pass", r),
        }
    }

    /// `elif` is an If in the `orelse`.
    fn elifs(&self, clauses: &[ast::ElifElseClause], end: TextSize) -> Field {
        let Some((first, rest)) = clauses.split_first() else {
            return Field::List(Vec::new());
        };
        match &first.test {
            None => self.body(&first.body),
            Some(test) => {
                let r = TextRange::new(first.range.start().min(end), end);
                let node = node!(self, "If", r;
                    test: self.expr(test), body: self.body(&first.body), orelse: self.elifs(rest, end));
                Field::List(vec![node.into()])
            }
        }
    }
}
