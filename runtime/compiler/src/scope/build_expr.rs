//! First pass: expressions, targets and comprehensions.

use super::build::Builder;
use super::{Part, ScopeKind, addr, sym};
use crate::error::{Error, ErrorKind, Res, syntax};
use ruff_python_ast::name::Name;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange, TextSize};

impl Builder {
    pub fn opt(&mut self, e: Option<&Expr>) -> Res<()> {
        e.map_or(Ok(()), |e| self.expr(e))
    }

    /// An assignment or deletion target.
    pub fn target(&mut self, t: &Expr, delete: bool) -> Res<()> {
        match t {
            Expr::Name(n) => {
                let f = if delete { sym::DELETED } else { 0 };
                self.bind(&n.id, sym::LOCAL | f, n.range);
                Ok(())
            }
            Expr::Tuple(t) => t.elts.iter().try_for_each(|e| self.target(e, delete)),
            Expr::List(t) => t.elts.iter().try_for_each(|e| self.target(e, delete)),
            Expr::Starred(s) => self.target(&s.value, delete),
            Expr::Attribute(a) => {
                if !delete {
                    self.note_static_attribute(a);
                }
                self.expr(&a.value)
            }
            e => self.expr(e),
        }
    }

    /// `self.X = ...` in a method goes to `__static_attributes__` of the class.
    fn note_static_attribute(&mut self, a: &ast::ExprAttribute) {
        let Expr::Name(n) = &*a.value else { return };
        let unit = self.scopes.unit_of(self.cur);
        let s = &self.scopes.all[unit];
        if s.kind != ScopeKind::Function || n.id.as_str() != "self" {
            return;
        }
        let mut at = s.parent;
        while let Some(p) = at {
            if self.scopes.all[p].kind == ScopeKind::Class {
                let attr = a.attr.id.clone();
                let list = &mut self.scopes.all[p].static_attrs;
                if !list.contains(&attr) {
                    list.push(attr);
                }
                return;
            }
            at = self.scopes.all[p].parent;
        }
    }

    pub fn expr(&mut self, e: &Expr) -> Res<()> {
        crate::stack::with(64 * 1024, 1024 * 1024, || self.expr_inner(e))?
    }

    fn check_scope(&mut self, what: &str, range: TextRange) -> Res<()> {
        let s = self.here();
        let place = s.region;
        if place.is_empty() {
            return Ok(());
        }
        syntax(range, format!("{what} cannot be used within {place}"))
    }

    fn expr_inner(&mut self, e: &Expr) -> Res<()> {
        match e {
            Expr::BoolOp(b) => b.values.iter().try_for_each(|e| self.expr(e)),
            Expr::Named(n) => self.named(n),
            Expr::BinOp(b) => {
                self.expr(&b.left)?;
                self.expr(&b.right)
            }
            Expr::UnaryOp(u) => self.expr(&u.operand),
            Expr::Lambda(l) => {
                if let Some(p) = &l.parameters {
                    self.defaults(p)?;
                }
                self.enter(ScopeKind::Lambda, Name::new_static("<lambda>"), l, Part::Body, l.range);
                if let Some(p) = &l.parameters {
                    self.parameters(p)?;
                }
                self.expr(&l.body)?;
                self.leave();
                Ok(())
            }
            Expr::If(i) => {
                self.expr(&i.test)?;
                self.expr(&i.body)?;
                self.expr(&i.orelse)
            }
            Expr::Dict(d) => {
                for i in &d.items {
                    self.opt(i.key.as_ref())?;
                    self.expr(&i.value)?;
                }
                Ok(())
            }
            Expr::Set(s) => s.elts.iter().try_for_each(|e| self.expr(e)),
            Expr::ListComp(c) => self.comp(c, c.range, &c.generators, &[&c.elt], "<listcomp>"),
            Expr::SetComp(c) => self.comp(c, c.range, &c.generators, &[&c.elt], "<setcomp>"),
            Expr::DictComp(c) => match &c.key {
                Some(k) => self.comp(c, c.range, &c.generators, &[k, &c.value], "<dictcomp>"),
                // The stars.
                None => syntax(
                    TextRange::at(c.start() + TextSize::new(1), TextSize::new(2)),
                    "dict unpacking cannot be used in dict comprehension",
                ),
            },
            Expr::Generator(c) => self.comp(c, c.range, &c.generators, &[&c.elt], "<genexpr>"),
            Expr::Await(a) => {
                self.check_scope("await expression", a.range)?;
                self.here().has_await = true;
                self.expr(&a.value)
            }
            Expr::Yield(y) => {
                self.opt(y.value.as_deref())?;
                self.yielding(y.range)
            }
            Expr::YieldFrom(y) => {
                self.expr(&y.value)?;
                self.yielding(y.range)
            }
            Expr::Compare(c) => {
                self.expr(&c.left)?;
                c.comparators.iter().try_for_each(|e| self.expr(e))
            }
            Expr::Call(c) => {
                self.expr(&c.func)?;
                c.arguments.args.iter().try_for_each(|e| self.expr(e))?;
                c.arguments.keywords.iter().try_for_each(|k| self.expr(&k.value))
            }
            Expr::FString(f) => self.interpolated(f.range, f.value.elements()),
            Expr::TString(f) => self.interpolated(f.range, f.value.elements()),
            Expr::Attribute(a) => self.expr(&a.value),
            Expr::Subscript(s) => {
                self.expr(&s.value)?;
                self.expr(&s.slice)
            }
            Expr::Starred(s) => self.expr(&s.value),
            Expr::Name(n) => {
                self.bind(&n.id, sym::USE, n.range);
                if n.id.as_str() == "super" {
                    let unit = self.scopes.unit_of(self.cur);
                    if matches!(
                        self.scopes.all[unit].kind,
                        ScopeKind::Function | ScopeKind::Lambda | ScopeKind::Generator
                    ) {
                        self.here().add(&Name::new_static("__class__"), sym::USE, n.range);
                    }
                }
                Ok(())
            }
            Expr::List(l) => l.elts.iter().try_for_each(|e| self.expr(e)),
            Expr::Tuple(t) => t.elts.iter().try_for_each(|e| self.expr(e)),
            Expr::Slice(s) => {
                self.opt(s.lower.as_deref())?;
                self.opt(s.upper.as_deref())?;
                self.opt(s.step.as_deref())
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => Ok(()),
            Expr::IpyEscapeCommand(e) => syntax(e.range, "invalid syntax"),
        }
    }

    fn interpolated<'e>(
        &mut self,
        range: TextRange,
        mut elements: impl Iterator<Item = &'e ast::InterpolatedStringElement>,
    ) -> Res<()> {
        /// CPython's tokenizer knows no deeper nesting.
        const MOST: u32 = 149;
        if self.strings >= MOST {
            return Err(Error::new(ErrorKind::Syntax, range, "too many nested f-strings").in_tokenizer());
        }
        self.strings += 1;
        elements.try_for_each(|e| self.fstring_element(e, 0))?;
        self.strings -= 1;
        Ok(())
    }

    /// `depth` counts the format specifiers around the element.
    fn fstring_element(&mut self, e: &ast::InterpolatedStringElement, depth: u32) -> Res<()> {
        if let ast::InterpolatedStringElement::Interpolation(i) = e {
            self.expr(&i.expression)?;
            if let Some(spec) = &i.format_spec {
                for e in &spec.elements {
                    if depth == 2 && !e.is_literal() {
                        return syntax(e.range(), "f-string: expressions nested too deeply");
                    }
                    self.fstring_element(e, depth + 1)?;
                }
            }
        }
        Ok(())
    }

    fn yielding(&mut self, range: TextRange) -> Res<()> {
        self.check_scope("yield expression", range)?;
        let s = self.here();
        if matches!(s.kind, ScopeKind::Generator | ScopeKind::Comprehension) {
            let what = match s.name.as_str() {
                "<listcomp>" => "list comprehension",
                "<setcomp>" => "set comprehension",
                "<dictcomp>" => "dict comprehension",
                _ => "generator expression",
            };
            return syntax(range, format!("'yield' inside {what}"));
        }
        s.has_yield = true;
        Ok(())
    }

    fn named(&mut self, n: &ast::ExprNamed) -> Res<()> {
        let Expr::Name(t) = &*n.target else {
            return syntax(n.range, "cannot use assignment expressions here");
        };
        self.check_scope("named expression", n.range)?;
        let is_comp = |k| matches!(k, ScopeKind::Generator | ScopeKind::Comprehension);
        let unit = self.scopes.unit_of(self.cur);
        self.scopes.all[unit].has_walrus = true;
        if is_comp(self.here().kind) {
            if self.here().in_comp_iter {
                return syntax(
                    n.range,
                    "assignment expression cannot be used in a comprehension iterable expression",
                );
            }
            let name = self.mangled(&t.id);
            let mut at = self.cur;
            loop {
                let s = &self.scopes.all[at];
                if !is_comp(s.kind) {
                    break;
                }
                if s.flags(&name) & sym::COMP_ITER != 0 {
                    return syntax(
                        t.range,
                        format!(
                            "assignment expression cannot rebind comprehension iteration variable '{}'",
                            t.id
                        ),
                    );
                }
                if s.in_comp_iter {
                    return syntax(
                        n.range,
                        "assignment expression cannot be used in a comprehension iterable expression",
                    );
                }
                match s.parent {
                    Some(p) => at = p,
                    None => break,
                }
            }
            match self.scopes.all[at].kind {
                ScopeKind::Class => {
                    return syntax(
                        n.range,
                        "assignment expression within a comprehension cannot be used in a class body",
                    );
                }
                ScopeKind::Annotation | ScopeKind::TypeExpr | ScopeKind::TypeParams => {
                    return syntax(
                        n.range,
                        "assignment expression within a comprehension cannot be used within an annotation",
                    );
                }
                _ => {}
            }
            let outer = &mut self.scopes.all[at];
            let global = outer.kind == ScopeKind::Module || outer.flags(&name) & sym::GLOBAL != 0;
            outer.add(
                &name,
                if outer.kind == ScopeKind::Module {
                    sym::LOCAL
                } else if global {
                    sym::GLOBAL
                } else {
                    sym::LOCAL
                },
                t.range,
            );
            let flag = if global { sym::GLOBAL } else { sym::NONLOCAL };
            let mut c = self.cur;
            while c != at {
                self.scopes.all[c].add(&name, flag, t.range);
                match self.scopes.all[c].parent {
                    Some(p) => c = p,
                    None => break,
                }
            }
        } else {
            self.bind(&t.id, sym::LOCAL, t.range);
        }
        self.expr(&n.value)
    }

    fn comp<T>(
        &mut self,
        node: &T,
        range: TextRange,
        generators: &[ast::Comprehension],
        elts: &[&Expr],
        name: &'static str,
    ) -> Res<()> {
        let Some((first, rest)) = generators.split_first() else {
            return syntax(range, "invalid syntax");
        };
        let in_iter = std::mem::replace(&mut self.here().in_comp_iter, true);
        let is_comp = matches!(self.here().kind, ScopeKind::Generator | ScopeKind::Comprehension);
        if !is_comp {
            self.here().in_comp_iter = in_iter;
        }
        self.walk_first_iter(&first.iter)?;
        self.here().in_comp_iter = in_iter;
        if let Some(Expr::Starred(s)) = elts.iter().find(|e| e.is_starred_expr()) {
            return syntax(s.range, "iterable unpacking cannot be used in comprehension");
        }
        let generator = name == "<genexpr>";
        let kind = if generator {
            ScopeKind::Generator
        } else {
            ScopeKind::Comprehension
        };
        debug_assert!(addr(node) != 0);
        self.enter(kind, Name::new_static(name), node, Part::Body, range);
        if generator {
            let zero = Name::new_static(".0");
            self.here().add(&zero, sym::PARAM | sym::LOCAL, range);
            self.here().params.push(zero);
            self.here().has_yield = true;
        }
        if first.is_async {
            self.here().has_await = true;
        }
        self.comp_target(&first.target)?;
        for i in &first.ifs {
            self.expr(i)?;
        }
        for g in rest {
            if g.is_async {
                self.here().has_await = true;
            }
            self.comp_target(&g.target)?;
            let was = std::mem::replace(&mut self.here().in_comp_iter, true);
            self.expr(&g.iter)?;
            self.here().in_comp_iter = was;
            for i in &g.ifs {
                self.expr(i)?;
            }
        }
        for e in elts {
            self.expr(e)?;
        }
        let has_await = self.here().has_await;
        if generator && has_await {
            self.here().is_async = true;
        }
        self.leave();
        if has_await && !generator {
            self.here().has_await = true;
        }
        Ok(())
    }

    /// The outermost iterable belongs to the scope around, but may not hold a walrus.
    fn walk_first_iter(&mut self, e: &Expr) -> Res<()> {
        if let Some(r) = find_named(e) {
            return syntax(
                r,
                "assignment expression cannot be used in a comprehension iterable expression",
            );
        }
        self.expr(e)
    }

    fn comp_target(&mut self, t: &Expr) -> Res<()> {
        match t {
            Expr::Name(n) => {
                let name = self.mangled(&n.id);
                if self.here().flags(&name) & (sym::GLOBAL | sym::NONLOCAL) != 0 {
                    return syntax(
                        n.range,
                        format!(
                            "comprehension inner loop cannot rebind assignment expression target '{}'",
                            n.id
                        ),
                    );
                }
                self.bind(&n.id, sym::LOCAL | sym::COMP_ITER, n.range);
                Ok(())
            }
            Expr::Tuple(t) => t.elts.iter().try_for_each(|e| self.comp_target(e)),
            Expr::List(t) => t.elts.iter().try_for_each(|e| self.comp_target(e)),
            Expr::Starred(s) => self.comp_target(&s.value),
            e => self.target(e, false),
        }
    }
}

/// The first assignment expression that `e` would run in its own scope.
fn find_named(e: &Expr) -> Option<TextRange> {
    use ruff_python_ast::visitor::{Visitor, walk_expr};
    struct Find(Option<TextRange>);
    impl<'a> Visitor<'a> for Find {
        fn visit_expr(&mut self, e: &'a Expr) {
            match e {
                Expr::Named(n) if self.0.is_none() => self.0 = Some(n.range()),
                e if self.0.is_none() => walk_expr(self, e),
                _ => {}
            }
        }
    }
    let mut f = Find(None);
    f.visit_expr(e);
    f.0
}

/// The first asynchronous list, set or dict comprehension in an expression.
pub(super) fn find_async(e: &Expr) -> Option<TextRange> {
    use ruff_python_ast::visitor::{Visitor, walk_expr};
    struct Find(Option<TextRange>);
    impl<'a> Visitor<'a> for Find {
        fn visit_expr(&mut self, e: &'a Expr) {
            let generators = match e {
                Expr::ListComp(c) => &c.generators,
                Expr::SetComp(c) => &c.generators,
                Expr::DictComp(c) => &c.generators,
                _ => return walk_expr(self, e),
            };
            if self.0.is_none() && generators.iter().any(|g| g.is_async) {
                self.0 = Some(e.range());
            }
            walk_expr(self, e);
        }
    }
    let mut f = Find(None);
    f.visit_expr(e);
    f.0
}
