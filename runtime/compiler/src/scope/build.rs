//! First pass: what every scope does with every name. Statements and functions.

use super::{Deferred, Part, Scope, ScopeId, ScopeKind, Scopes, addr, sym};
use crate::error::{Res, syntax};
use ruff_python_ast::name::Name;
use ruff_python_ast::{self as ast, Expr, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::HashMap;

/// Applies the mangling of private names inside a class.
pub(crate) fn mangle(private: Option<&Name>, only: Option<&[Name]>, name: &Name) -> Name {
    let Some(class) = private.filter(|_| only.is_none_or(|o| o.contains(name))) else {
        return name.clone();
    };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return name.clone();
    }
    let stripped = class.trim_start_matches('_');
    if stripped.is_empty() {
        return name.clone();
    }
    Name::from(format!("_{stripped}{name}"))
}

pub(super) struct Builder {
    pub scopes: Scopes,
    pub cur: ScopeId,
    pub private: Option<Name>,
    pub mangles: Option<std::rc::Rc<[Name]>>,
    /// Interpolated strings around the current expression.
    pub strings: u32,
    pub future_annotations: bool,
    /// Depth of conditional blocks in a module or class body.
    pub conditional: u32,
}

pub(crate) fn build_module(body: &[Stmt], range: TextRange, future: bool) -> Res<Scopes> {
    let mut b = Builder::new(range, future);
    b.body(body)?;
    Ok(b.scopes)
}

pub(crate) fn build_expression(e: &Expr) -> Res<Scopes> {
    let mut b = Builder::new(e.range(), false);
    b.expr(e)?;
    Ok(b.scopes)
}

impl Builder {
    fn new(range: TextRange, future_annotations: bool) -> Builder {
        let mut b = Builder {
            scopes: Scopes::default(),
            cur: 0,
            private: None,
            mangles: None,
            strings: 0,
            future_annotations,
            conditional: 0,
        };
        b.scopes
            .all
            .push(b.new_scope(ScopeKind::Module, Name::new_static("<module>"), None, range));
        b
    }

    fn new_scope(&self, kind: ScopeKind, name: Name, parent: Option<ScopeId>, range: TextRange) -> Scope {
        Scope {
            kind,
            name,
            parent,
            children: Vec::new(),
            symbols: Vec::new(),
            index: HashMap::new(),
            params: Vec::new(),
            keywords: None,
            range,
            private: self.private.clone(),
            mangles: self.mangles.clone(),
            owner: None,
            is_async: false,
            has_yield: false,
            has_await: false,
            has_return_value: None,
            has_walrus: false,
            sees_class: false,
            needs_class: false,
            needs_classdict: false,
            deferred: Vec::new(),
            has_conditional: false,
            has_annotations: false,
            static_attrs: Vec::new(),
            in_comp_iter: false,
            is_method: false,
            region: match kind {
                ScopeKind::Annotation => "an annotation",
                ScopeKind::TypeExpr => "a type alias",
                ScopeKind::TypeParams => "the definition of a generic",
                _ => "",
            },
            free: Vec::new(),
            local_names: Vec::new(),
            cell_regs: Vec::new(),
            free_regs: HashMap::new(),
            nested: false,
        }
    }

    pub fn enter<T>(&mut self, kind: ScopeKind, name: Name, node: &T, part: Part, range: TextRange) -> ScopeId {
        let id = self.scopes.all.len();
        let scope = self.new_scope(kind, name, Some(self.cur), range);
        self.scopes.all.push(scope);
        self.scopes.all[self.cur].children.push(id);
        self.scopes.by_node.insert((addr(node), part), id);
        self.cur = id;
        id
    }

    pub fn leave(&mut self) {
        if let Some(p) = self.scopes.all[self.cur].parent {
            self.cur = p;
        }
    }

    pub fn here(&mut self) -> &mut Scope {
        &mut self.scopes.all[self.cur]
    }

    pub fn mangled(&self, name: &Name) -> Name {
        mangle(self.private.as_ref(), self.mangles.as_deref(), name)
    }

    pub fn bind(&mut self, name: &Name, flags: u16, range: TextRange) {
        let name = self.mangled(name);
        self.here().add(&name, flags, range);
    }

    pub fn body(&mut self, body: &[Stmt]) -> Res<()> {
        for s in body {
            self.stmt(s)?;
        }
        Ok(())
    }

    fn block(&mut self, body: &[Stmt]) -> Res<()> {
        self.conditional += 1;
        let r = self.body(body);
        self.conditional = self.conditional.saturating_sub(1);
        r
    }

    fn param(&mut self, p: &ast::Parameter) -> Res<()> {
        let name = self.mangled(&p.name.id);
        if name == "__debug__" {
            return syntax(p.range, "cannot assign to __debug__");
        }
        if self.here().flags(&name) & sym::PARAM != 0 {
            return syntax(
                p.name.range,
                format!("duplicate argument '{}' in function definition", p.name.id),
            );
        }
        self.here().add(&name, sym::PARAM | sym::LOCAL, p.name.range);
        self.here().params.push(name);
        Ok(())
    }

    pub fn parameters(&mut self, p: &ast::Parameters) -> Res<()> {
        for a in p.iter_non_variadic_params() {
            self.param(&a.parameter)?;
        }
        if let Some(v) = &p.vararg {
            self.param(v)?;
        }
        if let Some(v) = &p.kwarg {
            self.here().keywords = Some(self.here().params.len() as u16);
            self.param(v)?;
        }
        Ok(())
    }

    pub fn defaults(&mut self, p: &ast::Parameters) -> Res<()> {
        for a in p.iter_non_variadic_params() {
            if let Some(d) = &a.default {
                self.expr(d)?;
            }
        }
        Ok(())
    }

    /// Opens an annotation-like scope with its hidden parameter.
    pub fn enter_annotation<T>(&mut self, kind: ScopeKind, name: Name, node: &T, part: Part, range: TextRange) {
        let class = self.class_visible();
        self.enter(kind, name, node, part, range);
        let format = Name::new_static(".format");
        self.here().add(&format, sym::PARAM | sym::LOCAL, range);
        self.here().params.push(format);
        self.see_class(class, range);
    }

    pub fn class_visible(&self) -> bool {
        let s = &self.scopes.all[self.cur];
        s.kind == ScopeKind::Class || s.sees_class
    }

    pub fn see_class(&mut self, class: bool, range: TextRange) {
        if class {
            self.here().sees_class = true;
            self.here().add(&Name::new_static("__classdict__"), sym::USE, range);
        }
    }

    fn function(&mut self, f: &ast::StmtFunctionDef) -> Res<()> {
        for d in &f.decorator_list {
            self.expr(&d.expression)?;
        }
        self.bind(&f.name.id, sym::LOCAL, f.name.range);
        self.defaults(&f.parameters)?;
        let is_method = self.scopes.all[self.cur].kind == ScopeKind::Class || (self.scopes.all[self.cur].sees_class);
        if let Some(tp) = &f.type_params {
            let class = self.class_visible();
            let name = Name::from(format!("<generic parameters of {}>", f.name.id));
            self.enter(ScopeKind::TypeParams, name, f, Part::TypeParams, tp.range);
            self.see_class(class, tp.range);
            for (has, name) in [
                (
                    f.parameters
                        .posonlyargs
                        .iter()
                        .chain(&f.parameters.args)
                        .any(|a| a.default.is_some()),
                    ".defaults",
                ),
                (
                    f.parameters.kwonlyargs.iter().any(|a| a.default.is_some()),
                    ".kwdefaults",
                ),
            ] {
                if has {
                    let name = Name::new_static(name);
                    self.here().add(&name, sym::PARAM | sym::LOCAL, tp.range);
                    self.here().params.push(name);
                }
            }
            self.type_params(tp)?;
        }
        let has = f.returns.is_some() || f.parameters.iter().any(|p| p.annotation().is_some());
        if has {
            self.enter_annotation(
                ScopeKind::Annotation,
                Name::new_static("__annotate__"),
                f,
                Part::Annotations,
                f.range,
            );
            self.here().owner = Some(f.name.id.clone());
            for p in f
                .parameters
                .posonlyargs
                .iter()
                .chain(&f.parameters.args)
                .map(|p| &p.parameter)
                .chain(f.parameters.vararg.as_deref())
                .chain(f.parameters.kwonlyargs.iter().map(|p| &p.parameter))
                .chain(f.parameters.kwarg.as_deref())
            {
                if let (Some(a), false) = (&p.annotation, self.future_annotations) {
                    self.annotation_expr(a)?;
                }
            }
            if let (Some(r), false) = (&f.returns, self.future_annotations) {
                self.annotation_expr(r)?;
            }
            self.leave();
        }
        self.enter(ScopeKind::Function, f.name.id.clone(), f, Part::Body, f.range);
        self.here().is_async = f.is_async;
        self.here().is_method = is_method;
        self.parameters(&f.parameters)?;
        let saved = std::mem::take(&mut self.conditional);
        self.body(&f.body)?;
        self.conditional = saved;
        let s = self.here();
        if s.is_async
            && s.has_yield
            && let Some(r) = s.has_return_value
        {
            return syntax(r, "'return' with value in async generator");
        }
        self.leave();
        if f.type_params.is_some() {
            self.leave();
        }
        Ok(())
    }

    fn annotation_expr(&mut self, e: &Expr) -> Res<()> {
        if let Expr::Starred(s) = e {
            return self.expr(&s.value);
        }
        self.expr(e)
    }

    pub fn type_params(&mut self, tp: &ast::TypeParams) -> Res<()> {
        for p in &tp.type_params {
            match p {
                ast::TypeParam::TypeVar(t) => {
                    let region = "a TypeVar default";
                    self.type_param_name(&t.name)?;
                    if let Some(b) = &t.bound {
                        self.enter_annotation(ScopeKind::TypeExpr, t.name.id.clone(), t, Part::Bound, b.range());
                        self.here().region = if b.is_tuple_expr() {
                            "a TypeVar constraint"
                        } else {
                            "a TypeVar bound"
                        };
                        self.expr(b)?;
                        self.leave();
                    }
                    self.type_default(&t.name, t, t.default.as_deref(), region)?;
                }
                ast::TypeParam::TypeVarTuple(t) => {
                    let region = "a TypeVarTuple default";
                    self.type_param_name(&t.name)?;
                    self.type_default(&t.name, t, t.default.as_deref(), region)?;
                }
                ast::TypeParam::ParamSpec(t) => {
                    let region = "a ParamSpec default";
                    self.type_param_name(&t.name)?;
                    self.type_default(&t.name, t, t.default.as_deref(), region)?;
                }
            }
        }
        Ok(())
    }

    fn type_param_name(&mut self, name: &ast::Identifier) -> Res<()> {
        let mangled = self.mangled(&name.id);
        if mangled == "__debug__" {
            return syntax(name.range, "cannot assign to __debug__");
        }
        if self.here().flags(&mangled) & sym::TYPE_PARAM != 0 {
            return syntax(name.range, format!("duplicate type parameter '{}'", name.id));
        }
        self.here().add(&mangled, sym::TYPE_PARAM | sym::LOCAL, name.range);
        Ok(())
    }

    fn type_default<T>(&mut self, name: &ast::Identifier, node: &T, d: Option<&Expr>, region: &'static str) -> Res<()> {
        if let Some(d) = d {
            self.enter_annotation(ScopeKind::TypeExpr, name.id.clone(), node, Part::Default, d.range());
            self.here().region = region;
            self.annotation_expr(d)?;
            self.leave();
        }
        Ok(())
    }

    fn class(&mut self, c: &ast::StmtClassDef) -> Res<()> {
        for d in &c.decorator_list {
            self.expr(&d.expression)?;
        }
        self.bind(&c.name.id, sym::LOCAL, c.name.range);
        let saved_private = self.private.clone();
        let saved_mangles = self.mangles.clone();
        if let Some(tp) = &c.type_params {
            let class = self.class_visible();
            let name = Name::from(format!("<generic parameters of {}>", c.name.id));
            self.enter(ScopeKind::TypeParams, name, c, Part::TypeParams, tp.range);
            self.see_class(class, tp.range);
            self.private = Some(c.name.id.clone());
            self.mangles = Some(tp.type_params.iter().map(|p| p.name().id.clone()).collect());
            self.here().private = self.private.clone();
            self.here().mangles = self.mangles.clone();
            self.here().add(&Name::new_static(".type_params"), sym::LOCAL, tp.range);
            self.type_params(tp)?;
            self.here()
                .add(&Name::new_static(".generic_base"), sym::LOCAL, tp.range);
        }
        if let Some(a) = &c.arguments {
            for e in &a.args {
                self.expr(e)?;
            }
            for k in &a.keywords {
                self.expr(&k.value)?;
            }
        }
        self.private = Some(c.name.id.clone());
        self.mangles = None;
        self.enter(ScopeKind::Class, c.name.id.clone(), c, Part::Body, c.range);
        if c.type_params.is_some() {
            let n = Name::new_static("__type_params__");
            self.here().add(&n, sym::LOCAL, c.range);
            self.here().add(&Name::new_static(".type_params"), sym::USE, c.range);
        }
        let saved = std::mem::take(&mut self.conditional);
        self.body(&c.body)?;
        self.conditional = saved;
        self.leave();
        self.private = saved_private;
        self.mangles = saved_mangles;
        if c.type_params.is_some() {
            self.leave();
        }
        Ok(())
    }

    fn stmt(&mut self, s: &Stmt) -> Res<()> {
        match s {
            Stmt::FunctionDef(f) => self.function(f),
            Stmt::ClassDef(c) => self.class(c),
            Stmt::Return(r) => {
                if let Some(v) = &r.value {
                    self.here().has_return_value = Some(r.range);
                    self.expr(v)?;
                }
                Ok(())
            }
            Stmt::Delete(d) => {
                for t in &d.targets {
                    self.target(t, true)?;
                }
                Ok(())
            }
            Stmt::TypeAlias(t) => {
                let Expr::Name(n) = &*t.name else {
                    return syntax(t.range, "invalid syntax");
                };
                if n.id.as_str() == "__debug__" {
                    return syntax(n.range, "cannot assign to __debug__");
                }
                self.bind(&n.id, sym::LOCAL, n.range);
                if let Some(tp) = &t.type_params {
                    let class = self.class_visible();
                    let name = Name::from(format!("<generic parameters of {}>", n.id));
                    self.enter(ScopeKind::TypeParams, name, t, Part::TypeParams, tp.range);
                    self.see_class(class, tp.range);
                    self.type_params(tp)?;
                }
                self.enter_annotation(ScopeKind::TypeExpr, n.id.clone(), t, Part::Body, t.value.range());
                self.expr(&t.value)?;
                self.leave();
                if t.type_params.is_some() {
                    self.leave();
                }
                Ok(())
            }
            Stmt::Assign(a) => {
                self.expr(&a.value)?;
                for t in &a.targets {
                    self.target(t, false)?;
                }
                Ok(())
            }
            Stmt::AugAssign(a) => {
                if let Expr::Name(n) = &*a.target {
                    self.bind(&n.id, sym::USE, n.range);
                }
                self.target(&a.target, false)?;
                self.expr(&a.value)
            }
            Stmt::AnnAssign(a) => self.ann_assign(a),
            Stmt::For(f) => {
                self.expr(&f.iter)?;
                self.conditional += 1;
                if f.is_async {
                    self.here().has_await = true;
                }
                self.target(&f.target, false)?;
                self.body(&f.body)?;
                self.body(&f.orelse)?;
                self.conditional = self.conditional.saturating_sub(1);
                Ok(())
            }
            Stmt::While(w) => {
                self.expr(&w.test)?;
                self.block(&w.body)?;
                self.block(&w.orelse)
            }
            Stmt::If(i) => {
                self.expr(&i.test)?;
                self.block(&i.body)?;
                for c in &i.elif_else_clauses {
                    if let Some(t) = &c.test {
                        self.expr(t)?;
                    }
                    self.block(&c.body)?;
                }
                Ok(())
            }
            Stmt::With(w) => {
                if w.is_async {
                    self.here().has_await = true;
                }
                self.conditional += 1;
                for i in &w.items {
                    self.expr(&i.context_expr)?;
                    if let Some(v) = &i.optional_vars {
                        self.target(v, false)?;
                    }
                }
                self.body(&w.body)?;
                self.conditional = self.conditional.saturating_sub(1);
                Ok(())
            }
            Stmt::Match(m) => {
                self.expr(&m.subject)?;
                for c in &m.cases {
                    self.pattern(&c.pattern)?;
                    if let Some(g) = &c.guard {
                        self.expr(g)?;
                    }
                    self.block(&c.body)?;
                }
                Ok(())
            }
            Stmt::Raise(r) => {
                for e in [&r.exc, &r.cause].into_iter().flatten() {
                    self.expr(e)?;
                }
                Ok(())
            }
            Stmt::Try(t) => {
                self.block(&t.body)?;
                for h in &t.handlers {
                    let ast::ExceptHandler::ExceptHandler(h) = h;
                    if let Some(e) = &h.type_ {
                        self.expr(e)?;
                    }
                    if let Some(n) = &h.name {
                        self.bind(&n.id, sym::LOCAL | sym::DELETED, n.range);
                    }
                    self.block(&h.body)?;
                }
                self.block(&t.orelse)?;
                self.block(&t.finalbody)
            }
            Stmt::Assert(a) => {
                self.expr(&a.test)?;
                if let Some(m) = &a.msg {
                    self.expr(m)?;
                }
                Ok(())
            }
            Stmt::Import(i) => {
                for a in &i.names {
                    match &a.asname {
                        Some(n) => self.bind(&n.id, sym::LOCAL | sym::IMPORT, a.range),
                        None => {
                            let top = a.name.split('.').next().unwrap_or("");
                            self.bind(&Name::from(top), sym::LOCAL | sym::IMPORT, a.range);
                        }
                    }
                }
                Ok(())
            }
            Stmt::ImportFrom(i) => {
                for a in &i.names {
                    if a.name.as_str() == "*" {
                        if self.here().kind != ScopeKind::Module {
                            return syntax(a.range, "import * only allowed at module level");
                        }
                        continue;
                    }
                    let n = a.asname.as_ref().unwrap_or(&a.name);
                    self.bind(&n.id, sym::LOCAL | sym::IMPORT, a.range);
                }
                Ok(())
            }
            Stmt::Global(g) => self.declare(&g.names, g.range, sym::GLOBAL),
            Stmt::Nonlocal(g) => {
                if self.here().kind == ScopeKind::Module {
                    return syntax(g.range, "nonlocal declaration not allowed at module level");
                }
                self.declare(&g.names, g.range, sym::NONLOCAL)
            }
            Stmt::Expr(e) => self.expr(&e.value),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) => Ok(()),
            Stmt::IpyEscapeCommand(e) => syntax(e.range, "invalid syntax"),
        }
    }

    fn declare(&mut self, names: &[ast::Identifier], range: TextRange, flag: u16) -> Res<()> {
        let word = if flag == sym::GLOBAL { "global" } else { "nonlocal" };
        for n in names {
            let name = self.mangled(&n.id);
            let f = self.here().flags(&name);
            if f & sym::PARAM != 0 {
                return syntax(range, format!("name '{}' is parameter and {word}", n.id));
            }
            if f & sym::ANNOT != 0 {
                return syntax(range, format!("annotated name '{}' can't be {word}", n.id));
            }
            if f & sym::LOCAL != 0 && f & (sym::GLOBAL | sym::NONLOCAL) == 0 {
                return syntax(
                    range,
                    format!("name '{}' is assigned to before {word} declaration", n.id),
                );
            }
            if f & sym::USE != 0 && f & (sym::GLOBAL | sym::NONLOCAL) == 0 {
                return syntax(range, format!("name '{}' is used prior to {word} declaration", n.id));
            }
            if (f | flag) & (sym::GLOBAL | sym::NONLOCAL) == sym::GLOBAL | sym::NONLOCAL {
                let first = self.here().symbol(&name).map_or(range, |s| s.range);
                return syntax(first, format!("name '{}' is nonlocal and global", n.id));
            }
            self.here().add(&name, flag, range);
            // A global name is one of the module's, too, and so its own code must not look into another namespace.
            if flag == sym::GLOBAL && self.scopes.all.first().is_some_and(|m| m.kind == ScopeKind::Module) {
                self.scopes.all[0].add(&name, sym::GLOBAL, range);
            }
        }
        Ok(())
    }

    fn ann_assign(&mut self, a: &ast::StmtAnnAssign) -> Res<()> {
        if let Expr::Name(n) = &*a.target {
            let name = self.mangled(&n.id);
            let f = self.here().flags(&name);
            if a.simple && f & (sym::GLOBAL | sym::NONLOCAL) != 0 && self.here().kind != ScopeKind::Module {
                let word = if f & sym::GLOBAL != 0 { "global" } else { "nonlocal" };
                return syntax(a.range, format!("annotated name '{}' can't be {word}", n.id));
            }
            if a.simple {
                self.bind(&n.id, sym::ANNOT | sym::LOCAL, n.range);
            } else if a.value.is_some() {
                self.bind(&n.id, sym::LOCAL, n.range);
            }
        } else {
            self.target(&a.target, false)?;
        }
        let kind = self.here().kind;
        self.here().has_annotations = true;
        let body = matches!(kind, ScopeKind::Module | ScopeKind::Class);
        let simple = a.simple && a.target.is_name_expr();
        if !self.future_annotations {
            if body && simple {
                let conditional = kind == ScopeKind::Module || self.conditional > 0;
                let node = addr(a);
                let first = self.here().deferred.is_empty();
                let range = self.scopes.all[self.cur].range;
                self.here().deferred.push(Deferred { node, conditional });
                if conditional {
                    self.here().has_conditional = true;
                    if kind == ScopeKind::Module {
                        let n = Name::new_static("__conditional_annotations__");
                        self.here().add(&n, sym::LOCAL, range);
                    }
                }
                // All annotations of the body share one scope.
                let owner = self.cur;
                if first {
                    let class = kind == ScopeKind::Class;
                    let id = self.enter(
                        ScopeKind::Annotation,
                        Name::new_static("__annotate__"),
                        a,
                        Part::Annotations,
                        range,
                    );
                    let format = Name::new_static(".format");
                    self.here().add(&format, sym::PARAM | sym::LOCAL, range);
                    self.here().params.push(format);
                    self.see_class(class, range);
                    self.scopes.by_node.insert((owner, Part::Annotations), id);
                } else if let Some(&id) = self.scopes.by_node.get(&(owner, Part::Annotations)) {
                    self.cur = id;
                }
                if conditional && kind == ScopeKind::Class {
                    let n = Name::new_static("__conditional_annotations__");
                    self.here().add(&n, sym::USE, range);
                }
                self.expr(&a.annotation)?;
                self.cur = owner;
            } else {
                // Never evaluated, but its scopes must exist for error checks.
                self.enter_annotation(
                    ScopeKind::Annotation,
                    Name::new_static("__annotate__"),
                    a,
                    Part::Annotations,
                    a.annotation.range(),
                );
                if let Some(r) = super::build_expr::find_async(&a.annotation) {
                    return syntax(r, "asynchronous comprehension outside of an asynchronous function");
                }
                self.expr(&a.annotation)?;
                self.leave();
            }
        }
        if let Some(v) = &a.value {
            self.expr(v)?;
        }
        Ok(())
    }

    fn pattern(&mut self, p: &Pattern) -> Res<()> {
        match p {
            Pattern::MatchValue(v) => self.expr(&v.value),
            Pattern::MatchSingleton(_) => Ok(()),
            Pattern::MatchSequence(s) => s.patterns.iter().try_for_each(|p| self.pattern(p)),
            Pattern::MatchMapping(m) => {
                for k in &m.keys {
                    self.expr(k)?;
                }
                for p in &m.patterns {
                    self.pattern(p)?;
                }
                if let Some(r) = &m.rest {
                    self.bind(&r.id, sym::LOCAL, r.range);
                }
                Ok(())
            }
            Pattern::MatchClass(c) => {
                self.expr(&c.cls)?;
                for p in &c.arguments.patterns {
                    self.pattern(p)?;
                }
                for k in &c.arguments.keywords {
                    self.pattern(&k.pattern)?;
                }
                Ok(())
            }
            Pattern::MatchStar(s) => {
                if let Some(n) = &s.name {
                    self.bind(&n.id, sym::LOCAL, n.range);
                }
                Ok(())
            }
            Pattern::MatchAs(a) => {
                if let Some(p) = &a.pattern {
                    self.pattern(p)?;
                }
                if let Some(n) = &a.name {
                    self.bind(&n.id, sym::LOCAL, n.range);
                }
                Ok(())
            }
            Pattern::MatchOr(o) => o.patterns.iter().try_for_each(|p| self.pattern(p)),
        }
    }
}
