//! Class definitions.

use super::Compiler;
use super::function::docstring;
use crate::error::Res;
use crate::scope::{Part, ScopeId};
use crate::unit::Reg;
use ruff_python_ast::name::Name;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::table::Intrinsic1;
use skein_bytecode::{Code, Const, Op};
use std::sync::Arc;

impl<'a> Compiler<'a> {
    pub fn class_def(&mut self, c: &'a ast::StmtClassDef) -> Res<()> {
        let base = self.u.top;
        let range = self.definition_range(c.range, &c.decorator_list);
        let first = c.decorator_list.first().map_or(range, |d| d.range);
        self.decorators(&c.decorator_list)?;
        let w = self.u.top;
        match &c.type_params {
            None => {
                self.build_class(c, range, first, None)?;
            }
            Some(tp) => {
                let f = self.u.alloc();
                let scope = self.scope_of(c, Part::TypeParams)?;
                self.enter(scope, first)?;
                let t = self.type_params(tp)?;
                self.at(range);
                self.store_mangled(&Name::new_static(".type_params"), t);
                self.u.top = t;
                let r = self.build_class(c, range, first, Some(()))?;
                self.at(range);
                self.u.emit(Op::Return, r, 0, 0);
                let code = self.leave(range, [0; 3])?;
                self.at(range);
                self.make_function(code, scope, f)?;
                self.u.emit(Op::Call, f, f, 0);
            }
        }
        self.u.top = w + 1;
        let r = self.decorate(&c.decorator_list, w);
        self.store_name(&c.name.id, range, r)?;
        self.u.top = base;
        Ok(())
    }

    /// `__build_class__(body, name, *bases, **keywords)` in a new temporary.
    fn build_class(
        &mut self,
        c: &'a ast::StmtClassDef,
        range: TextRange,
        first: TextRange,
        generic: Option<()>,
    ) -> Res<Reg> {
        let w = self.u.alloc_n(3);
        let (code, scope) = self.class_body(c, range, first)?;
        self.at(range);
        self.u.emit(Op::LoadBuildClass, w, 0, 0);
        self.make_function(code, scope, w + 1)?;
        self.load_str(&c.name.id, w + 2);
        let base_name = Name::new_static(".generic_base");
        if generic.is_some() {
            let t = self.u.alloc();
            self.load_mangled(&Name::new_static(".type_params"), range, Some(t));
            self.u.emit(Op::Intrinsic1, t, t, Intrinsic1::SubscriptGeneric as u16);
            self.store_mangled(&base_name, t);
            self.u.top = t;
        }
        let args = c.arguments.as_deref();
        if let Some(a) = args {
            self.check_arguments(a)?;
        }
        let starred = args.is_some_and(|a| {
            a.args.iter().any(Expr::is_starred_expr)
                || a.keywords.iter().any(|k| k.arg.is_none())
                || a.args.len() + a.keywords.len() > 200
        });
        if starred && let Some(a) = args {
            return self.class_call_ex(w, a, range, generic.map(|()| base_name));
        }
        let mut n = 2;
        let mut kw = None;
        let mut nkw = 0;
        if let Some(a) = args {
            for e in &a.args {
                self.temp(e)?;
                n += 1;
            }
        }
        if generic.is_some() {
            let t = self.u.alloc();
            self.load_mangled(&base_name, range, Some(t));
            n += 1;
        }
        if let Some(a) = args {
            let mut names = Vec::new();
            for k in &a.keywords {
                self.temp(&k.value)?;
                n += 1;
                if let Some(name) = &k.arg {
                    let name = self.mangled(&name.id);
                    names.push(Const::Str(name.as_bytes().into()));
                }
            }
            nkw = names.len() as u32;
            if !names.is_empty() {
                kw = Some(self.u.constant(Const::Tuple(names)));
            }
        }
        self.at(range);
        self.call_window(w, w, n, kw, nkw);
        self.u.top = w + 1;
        Ok(w)
    }

    /// The call when bases or keywords are starred: everything goes through a list.
    fn class_call_ex(&mut self, w: Reg, a: &'a ast::Arguments, range: TextRange, generic: Option<Name>) -> Res<Reg> {
        // r[w] callee; the body and the name become the head of the list.
        let body = w + 1;
        self.at(range);
        self.u.emit(Op::BuildList, body, body, 2);
        self.u.top = body + 1;
        for e in &a.args {
            match e {
                Expr::Starred(s) => {
                    let r = self.expr(&s.value, None)?;
                    self.at(range);
                    self.u.emit(Op::ListExtend, body, r, 0);
                }
                e => {
                    let r = self.expr(e, None)?;
                    self.at(range);
                    self.u.emit(Op::ListAppend, body, r, 0);
                }
            }
            self.u.top = body + 1;
        }
        if let Some(g) = generic {
            let r = self.load_mangled(&g, range, None);
            self.u.emit(Op::ListAppend, body, r, 0);
            self.u.top = body + 1;
        }
        self.u.emit(Op::ListToTuple, body, body, 0);
        let kw = if a.keywords.is_empty() {
            false
        } else {
            let d = self.u.alloc();
            self.u.emit(Op::BuildMap, d, d, 0);
            for k in &a.keywords {
                match &k.arg {
                    Some(n) => {
                        let m = self.u.alloc();
                        let name = self.mangled(&n.id);
                        self.at(k.range);
                        self.load_str(&name, m);
                        self.temp(&k.value)?;
                        self.u.emit(Op::BuildMap, m, m, 1);
                        self.u.emit(Op::DictMerge, d, m, w);
                    }
                    None => {
                        let r = self.expr(&k.value, None)?;
                        self.at(k.range);
                        self.u.emit(Op::DictMerge, d, r, w);
                    }
                }
                self.u.top = d + 1;
            }
            true
        };
        self.at(range);
        self.u.emit(Op::CallEx, w, w, u16::from(kw));
        self.u.top = w + 1;
        Ok(w)
    }

    /// Binds a name in the namespace of the body.
    pub fn store_in_class(&mut self, name: &'static str, r: Reg) {
        let n = self.u.name(&Name::new_static(name));
        self.u.emit_x(Op::StoreName, r, n);
    }

    fn class_body(
        &mut self,
        c: &'a ast::StmtClassDef,
        range: TextRange,
        first: TextRange,
    ) -> Res<(Arc<Code>, ScopeId)> {
        let scope = self.scope_of(c, Part::Body)?;
        self.enter(scope, first)?;
        let line = self.u.first_line;
        self.at(first);
        let t = self.u.alloc();
        let store = |s: &mut Self, name: &'static str| {
            s.store_in_class(name, t);
        };
        let n = self.u.name(&Name::new_static("__name__"));
        self.u.emit_x(Op::LoadName, t, n);
        store(self, "__module__");
        let qualname = self.u.qualname.clone();
        self.load_str(&qualname, t);
        store(self, "__qualname__");
        self.load_const(Const::Int(line as i64), t);
        store(self, "__firstlineno__");
        let s: &'a crate::scope::Scope = &self.scopes.all[scope];
        if c.type_params.is_some() {
            self.load_mangled(&Name::new_static(".type_params"), range, Some(t));
            store(self, "__type_params__");
        }
        if s.needs_classdict
            && let Some(r) = s.symbol(&Name::new_static("__classdict__")).and_then(|x| x.reg)
        {
            self.u.emit(Op::LoadLocals, t, 0, 0);
            self.u.emit(Op::StoreDeref, t, r, 0);
        }
        if s.has_conditional
            && let Some(r) = s
                .symbol(&Name::new_static("__conditional_annotations__"))
                .and_then(|x| x.reg)
        {
            self.u.emit(Op::BuildSet, t, t, 0);
            self.u.emit(Op::StoreDeref, t, r, 0);
        }
        self.u.top = t;
        if self.future_annotations && s.has_annotations {
            self.u.emit(Op::SetupAnnotations, 0, 0, 0);
        }
        let mut body: &'a [Stmt] = &c.body;
        if let Some(doc) = docstring(body) {
            if self.optimize < 2 {
                let text = self.clean_docstring(doc);
                self.at(doc.range());
                let t = self.u.alloc();
                self.load_const(text, t);
                self.store_in_class("__doc__", t);
                self.u.top = t;
            }
            body = &body[1..];
        }
        self.body(body)?;
        self.u.keep_position();
        let end = self.u.pos;
        self.at(range);
        self.deferred_annotations(scope, &c.body, range)?;
        let t = self.u.alloc();
        let mut attrs: Vec<&str> = s.static_attrs.iter().map(|n| n.as_str()).collect();
        attrs.sort_unstable();
        let attrs = attrs.into_iter().map(|n| Const::Str(n.as_bytes().into())).collect();
        self.u.pos = end;
        self.load_const(Const::Tuple(attrs), t);
        self.store_in_class("__static_attributes__", t);
        let cell = |n: &'static str| s.symbol(&Name::new_static(n)).and_then(|x| x.reg);
        if s.needs_classdict
            && let Some(r) = cell("__classdict__")
        {
            self.u.emit(Op::Copy, t, r, 0);
            self.store_in_class("__classdictcell__", t);
        }
        match cell("__class__").filter(|_| s.needs_class) {
            Some(r) => {
                self.u.emit(Op::Copy, t, r, 0);
                self.store_in_class("__classcell__", t);
                self.u.emit(Op::Return, r, 0, 0);
            }
            None => self.u.emit(Op::ReturnNone, 0, 0, 0),
        }
        self.u.top = t;
        let code = self.leave(range, [0; 3])?;
        Ok((code, scope))
    }
}
