//! Statements.

use super::Compiler;
use crate::error::{Res, syntax};
use crate::scope::ScopeKind;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;
use skein_bytecode::Op;
use skein_bytecode::table::Intrinsic1;

impl<'a> Compiler<'a> {
    pub fn body(&mut self, body: &'a [Stmt]) -> Res<()> {
        for s in body {
            self.stmt(s)?;
        }
        Ok(())
    }

    pub fn stmt(&mut self, s: &'a Stmt) -> Res<()> {
        self.deeper(s.range(), |c| c.stmt_inner(s))
    }

    fn stmt_inner(&mut self, s: &'a Stmt) -> Res<()> {
        match s {
            Stmt::FunctionDef(f) => self.function_def(f),
            Stmt::ClassDef(c) => self.class_def(c),
            Stmt::Return(r) => self.return_(r),
            Stmt::Delete(d) => {
                for t in &d.targets {
                    self.delete(t)?;
                }
                Ok(())
            }
            Stmt::TypeAlias(t) => self.type_alias(t),
            Stmt::Assign(a) => self.assign(a),
            Stmt::AugAssign(a) => self.aug_assign(a),
            Stmt::AnnAssign(a) => self.ann_assign(a),
            Stmt::For(f) => self.for_(f),
            Stmt::While(w) => self.while_(w),
            Stmt::If(i) => self.if_(i),
            Stmt::With(w) => self.with(w),
            Stmt::Match(m) => self.match_(m),
            Stmt::Raise(r) => self.raise(r),
            Stmt::Try(t) => self.try_(t),
            Stmt::Assert(a) => self.assert(a),
            Stmt::Import(i) => self.import(i),
            Stmt::ImportFrom(i) => self.import_from(i),
            Stmt::Global(_) | Stmt::Nonlocal(_) => Ok(()),
            Stmt::Pass(p) => {
                self.at(p.range);
                self.u.note_line();
                Ok(())
            }
            Stmt::Expr(e) => self.expr_stmt(&e.value),
            Stmt::Break(b) => self.break_(b.range, false),
            Stmt::Continue(c) => self.break_(c.range, true),
            Stmt::IpyEscapeCommand(i) => syntax(i.range, "invalid syntax"),
        }
    }

    fn expr_stmt(&mut self, e: &'a Expr) -> Res<()> {
        let base = self.u.top;
        if self.interactive && self.scopes.all[self.u.scope].kind == ScopeKind::Module && self.outer.is_empty() {
            let r = self.temp(e)?;
            self.at(e.range());
            self.u.emit(Op::Intrinsic1, r, r, Intrinsic1::Print as u16);
            self.discard(r);
            self.u.top = base;
            return Ok(());
        }
        if self.fold(e).is_some() {
            self.at(e.range());
            self.u.note_line();
            return Ok(());
        }
        let r = self.expr(e, None)?;
        self.at(e.range());
        if self.u.is_temp(r) {
            self.u.emit(Op::Kill, r, 0, 0);
        } else {
            self.u.note_line();
        }
        self.u.top = base;
        Ok(())
    }

    fn if_(&mut self, i: &'a ast::StmtIf) -> Res<()> {
        let end = self.u.label();
        let mut next = self.u.label();
        self.jump_if(&i.test, false, next)?;
        self.body(&i.body)?;
        let n = i.elif_else_clauses.len();
        for (k, c) in i.elif_else_clauses.iter().enumerate() {
            self.u.keep_position();
            self.u.jump(Op::Jump, 0, end);
            self.u.bind(next);
            next = self.u.label();
            if let Some(t) = &c.test {
                self.jump_if(t, false, next)?;
            }
            self.body(&c.body)?;
            let _ = (k, n);
        }
        self.u.bind(next);
        self.u.bind(end);
        Ok(())
    }
}
