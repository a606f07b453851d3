//! Annotations: evaluated lazily by `__annotate__` functions, or kept as strings.

use super::Compiler;
use crate::error::Res;
use crate::scope::{Part, ScopeId, ScopeKind, addr};
use crate::unit::Reg;
use ruff_python_ast::name::Name;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::{Const, Op};
use std::collections::HashMap;

impl<'a> Compiler<'a> {
    /// The annotations of a function in a new temporary, and which function attribute takes them.
    pub fn function_annotations(&mut self, f: &'a ast::StmtFunctionDef) -> Res<Option<(Reg, u16)>> {
        let p = &f.parameters;
        let mut list: Vec<(Name, &'a Expr)> = p
            .posonlyargs
            .iter()
            .chain(&p.args)
            .map(|p| &p.parameter)
            .chain(p.vararg.as_deref())
            .chain(p.kwonlyargs.iter().map(|p| &p.parameter))
            .chain(p.kwarg.as_deref())
            .filter_map(|p| p.annotation.as_deref().map(|a| (self.mangled(&p.name.id), a)))
            .collect();
        if let Some(r) = &f.returns {
            list.push((Name::new_static("return"), r));
        }
        if list.is_empty() {
            return Ok(None);
        }
        let range = self.definition_range(f.range, &f.decorator_list);
        let t = self.u.alloc();
        let scope = self.scope_of(f, Part::Annotations)?;
        self.enter(scope, range)?;
        self.check_format(range);
        let base = self.u.top;
        let n = list.len();
        for (name, e) in list {
            let k = self.u.alloc();
            self.at(range);
            self.load_str(&name, k);
            if self.future_annotations {
                let text = crate::unparse::unparse(e, self.src.text)?;
                let v = self.u.alloc();
                self.load_const(Const::Str(text.into()), v);
            } else {
                self.annotation(e)?;
            }
        }
        self.at(range);
        self.u.emit(Op::BuildMap, base, base, n as u16);
        self.u.emit(Op::Return, base, 0, 0);
        let code = self.leave(range, [1, 1, 0])?;
        self.at(range);
        self.make_function(code, scope, t)?;
        self.u.top = t + 1;
        Ok(Some((t, 3)))
    }

    /// The value of an annotation in a new temporary.
    fn annotation(&mut self, e: &'a Expr) -> Res<Reg> {
        match e {
            Expr::Starred(s) => {
                // `*args: *Ts`
                let v = self.temp(&s.value)?;
                self.at(e.range());
                let one = self.u.alloc();
                self.u.emit(Op::UnpackSeq, v, one, 1);
                self.u.emit(Op::Move, v, one, 0);
                self.u.top = v + 1;
                Ok(v)
            }
            e => self.temp(e),
        }
    }

    pub fn ann_assign(&mut self, a: &'a ast::StmtAnnAssign) -> Res<()> {
        let base = self.u.top;
        if let Some(v) = &a.value {
            self.assign_expr(&a.target, v)?;
        }
        let kind = self.scopes.all[self.u.scope].kind;
        let body = matches!(kind, ScopeKind::Module | ScopeKind::Class);
        match &*a.target {
            Expr::Name(n) => {
                self.forbidden(&n.id, n.range, "assign to")?;
                if a.simple && body {
                    self.note_annotation(a, &n.id)?;
                }
            }
            Expr::Attribute(t) if a.value.is_none() => {
                self.forbidden(&t.attr.id, t.range, "assign to")?;
                let r = self.expr(&t.value, None)?;
                self.discard(r);
            }
            Expr::Subscript(t) if a.value.is_none() => {
                let r = self.expr(&t.value, None)?;
                self.discard(r);
                self.u.top = base;
                if let Expr::Slice(s) = &*t.slice {
                    for e in [&s.lower, &s.upper, &s.step].into_iter().flatten() {
                        let r = self.expr(e, None)?;
                        self.discard(r);
                        self.u.top = base;
                    }
                } else {
                    let r = self.index_expr(&t.slice)?;
                    self.discard(r);
                }
            }
            _ => {}
        }
        self.u.top = base;
        Ok(())
    }

    fn note_annotation(&mut self, a: &'a ast::StmtAnnAssign, name: &Name) -> Res<()> {
        let base = self.u.top;
        let mangled = self.mangled(name);
        self.at(a.range);
        if self.future_annotations {
            let text = crate::unparse::unparse(&a.annotation, self.src.text)?;
            let v = self.u.alloc();
            self.load_const(Const::Str(text.into()), v);
            let d = self.load_mangled(&Name::new_static("__annotations__"), a.range, None);
            let k = self.u.alloc();
            self.load_str(&mangled, k);
            self.u.emit(Op::StoreSubscr, d, k, v);
            self.u.top = base;
            return Ok(());
        }
        let s = &self.scopes.all[self.u.scope];
        let node = addr(a);
        let Some(index) = s.deferred.iter().position(|d| d.node == node) else {
            return Ok(());
        };
        if !s.deferred[index].conditional {
            return Ok(());
        }
        let set = Name::new_static("__conditional_annotations__");
        let d = self.u.alloc();
        if s.kind == ScopeKind::Class {
            if let Some(r) = s.symbol(&set).and_then(|x| x.reg) {
                self.u.emit(Op::LoadDeref, d, r, 0);
            }
        } else {
            let n = self.u.name(&set);
            self.u.emit_x(Op::LoadName, d, n);
        }
        let i = self.u.alloc();
        self.load_const(Const::Int(index as i64), i);
        self.u.emit(Op::SetAdd, d, i, 0);
        self.u.emit(Op::Kill, d, 0, 0);
        self.u.top = base;
        Ok(())
    }

    /// Makes the `__annotate__` function of a module or class body and binds it.
    pub fn deferred_annotations(&mut self, owner: ScopeId, body: &'a [Stmt], range: TextRange) -> Res<()> {
        let s = &self.scopes.all[owner];
        if self.future_annotations || s.deferred.is_empty() {
            return Ok(());
        }
        let Some(&scope) = self.scopes.by_node.get(&(owner, Part::Annotations)) else {
            return Ok(());
        };
        let deferred = s.deferred.clone();
        let is_class = s.kind == ScopeKind::Class;
        let mut nodes = HashMap::new();
        collect(body, &mut nodes);
        let f = self.u.alloc();
        let uses_set = s.has_conditional;
        let scopes: &'a crate::scope::Scopes = self.scopes;
        let around = &scopes.all[owner];
        let line = self.u.first_line;
        self.enter(scope, range)?;
        self.u.first_line = line;
        if !is_class {
            // CPython: module annotations are on line 1.
            self.u.first_line = 1;
        }
        self.check_format(range);
        let d = self.u.alloc();
        self.at(range);
        self.u.emit(Op::BuildMap, d, d, 0);
        let set = Name::new_static("__conditional_annotations__");
        for (i, item) in deferred.iter().enumerate() {
            let Some(a) = nodes.get(&item.node) else {
                continue;
            };
            let Expr::Name(n) = &*a.target else { continue };
            let base = self.u.top;
            let skip = self.u.label();
            if item.conditional && uses_set {
                let k = self.u.alloc();
                self.at(a.range);
                self.load_const(Const::Int(i as i64), k);
                let c = if is_class {
                    self.load_mangled(&set, a.range, None)
                } else {
                    let c = self.u.alloc();
                    let n = self.u.name(&set);
                    self.u.emit_x(Op::LoadGlobal, c, n);
                    c
                };
                self.u.emit_to(Op::JIn, k, c, 0, skip);
                self.u.top = base;
            }
            let k = self.u.alloc();
            self.at(a.range);
            let name = around.mangled(&n.id);
            self.load_str(&name, k);
            let v = self.annotation(&a.annotation)?;
            self.at(range);
            self.u.emit(Op::MapAdd, d, k, v);
            self.u.top = base;
            self.u.bind(skip);
        }
        self.at(range);
        self.u.emit(Op::Return, d, 0, 0);
        let code = self.leave(range, [1, 1, 0])?;
        self.at(range);
        self.make_function(code, scope, f)?;
        let name = if is_class { "__annotate_func__" } else { "__annotate__" };
        self.store_in_class(name, f);
        self.u.top = f;
        Ok(())
    }
}

/// The annotated assignments of a body by their address, those in nested blocks too.
fn collect<'a>(body: &'a [Stmt], out: &mut HashMap<usize, &'a ast::StmtAnnAssign>) {
    for s in body {
        match s {
            Stmt::AnnAssign(a) => {
                out.insert(addr(a), a);
            }
            Stmt::If(i) => {
                collect(&i.body, out);
                for c in &i.elif_else_clauses {
                    collect(&c.body, out);
                }
            }
            Stmt::For(f) => {
                collect(&f.body, out);
                collect(&f.orelse, out);
            }
            Stmt::While(w) => {
                collect(&w.body, out);
                collect(&w.orelse, out);
            }
            Stmt::With(w) => collect(&w.body, out),
            Stmt::Try(t) => {
                collect(&t.body, out);
                for h in &t.handlers {
                    let ast::ExceptHandler::ExceptHandler(h) = h;
                    collect(&h.body, out);
                }
                collect(&t.orelse, out);
                collect(&t.finalbody, out);
            }
            Stmt::Match(m) => {
                for c in &m.cases {
                    collect(&c.body, out);
                }
            }
            _ => {}
        }
    }
}
