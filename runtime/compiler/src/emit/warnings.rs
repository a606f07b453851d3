//! SyntaxWarnings about expressions and statements.

use super::Compiler;
use super::expr::type_name;
use ruff_python_ast::{self as ast, CmpOp, Expr, Stmt};
use ruff_text_size::Ranged;

impl<'a> Compiler<'a> {
    pub fn compare_warnings(&mut self, c: &'a ast::ExprCompare) {
        let literal = |e: &Expr| -> Option<&'static str> {
            match e {
                Expr::NumberLiteral(n) => Some(match n.value {
                    ast::Number::Int(_) => "int",
                    ast::Number::Float(_) => "float",
                    ast::Number::Complex { .. } => "complex",
                }),
                Expr::StringLiteral(_) => Some("str"),
                Expr::BytesLiteral(_) => Some("bytes"),
                Expr::Tuple(t) if t.elts.iter().all(Expr::is_literal_expr) => Some("tuple"),
                _ => None,
            }
        };
        let mut left = &*c.left;
        for (op, right) in c.ops.iter().zip(&c.comparators) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot)
                && let Some(kind) = literal(left).or_else(|| literal(right))
            {
                let (a, b) = if *op == CmpOp::Is {
                    ("is", "==")
                } else {
                    ("is not", "!=")
                };
                self.warn(c.range, format!("\"{a}\" with '{kind}' literal. Did you mean \"{b}\"?"));
                return;
            }
            left = right;
        }
    }

    pub fn subscript_warnings(&mut self, s: &'a ast::ExprSubscript) {
        let what = type_name(&s.value);
        let subscriptable = matches!(
            &*s.value,
            Expr::StringLiteral(_)
                | Expr::BytesLiteral(_)
                | Expr::FString(_)
                | Expr::List(_)
                | Expr::Tuple(_)
                | Expr::ListComp(_)
                | Expr::Dict(_)
                | Expr::DictComp(_)
        );
        match what {
            Some(t) if !subscriptable => {
                self.warn(
                    s.range,
                    format!("'{t}' object is not subscriptable; perhaps you missed a comma?"),
                );
            }
            Some(t) if !matches!(&*s.value, Expr::Dict(_) | Expr::DictComp(_)) => {
                let bad = match &*s.slice {
                    Expr::Slice(_) => None,
                    Expr::NumberLiteral(n) if matches!(n.value, ast::Number::Int(_)) => None,
                    Expr::BooleanLiteral(_) => None,
                    e => type_name(e),
                };
                if let Some(i) = bad {
                    self.warn(
                        s.range,
                        format!("{t} indices must be integers or slices, not {i}; perhaps you missed a comma?"),
                    );
                }
            }
            _ => {}
        }
    }

    /// Leaving a `finally` block early swallows exceptions.
    pub fn finally_warnings(&mut self, body: &'a [Stmt], in_loop: bool) {
        for s in body {
            let word = match s {
                Stmt::Return(_) => "return",
                Stmt::Break(_) if !in_loop => "break",
                Stmt::Continue(_) if !in_loop => "continue",
                _ => "",
            };
            if !word.is_empty() {
                self.warn(s.range(), format!("'{word}' in a 'finally' block"));
            }
            match s {
                Stmt::If(i) => {
                    self.finally_warnings(&i.body, in_loop);
                    for c in &i.elif_else_clauses {
                        self.finally_warnings(&c.body, in_loop);
                    }
                }
                Stmt::For(f) => {
                    self.finally_warnings(&f.body, true);
                    self.finally_warnings(&f.orelse, in_loop);
                }
                Stmt::While(w) => {
                    self.finally_warnings(&w.body, true);
                    self.finally_warnings(&w.orelse, in_loop);
                }
                Stmt::With(w) => self.finally_warnings(&w.body, in_loop),
                Stmt::Try(t) => {
                    self.finally_warnings(&t.body, in_loop);
                    for h in &t.handlers {
                        let ast::ExceptHandler::ExceptHandler(h) = h;
                        self.finally_warnings(&h.body, in_loop);
                    }
                    self.finally_warnings(&t.orelse, in_loop);
                }
                Stmt::Match(m) => {
                    for c in &m.cases {
                        self.finally_warnings(&c.body, in_loop);
                    }
                }
                _ => {}
            }
        }
    }
}
