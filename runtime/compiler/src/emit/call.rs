//! Calls.

use super::Compiler;
use crate::error::{Res, syntax};
use crate::scope::{Part, Place, ScopeKind};
use crate::unit::Reg;
use ruff_python_ast::name::Name;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange, TextSize};
use skein_bytecode::{Builtin, Const, Op};

/// From this many arguments on they are passed as a built tuple.
const MAX_ARGS: usize = 200;

impl<'a> Compiler<'a> {
    pub fn check_arguments(&mut self, a: &'a ast::Arguments) -> Res<()> {
        let mut seen: Vec<&str> = Vec::new();
        for k in &a.keywords {
            if let Some(n) = &k.arg {
                self.forbidden(&n.id, k.range, "assign to")?;
                if seen.contains(&n.as_str()) {
                    return syntax(k.range, format!("keyword argument repeated: {}", n.as_str()));
                }
                seen.push(n.as_str());
            }
        }
        Ok(())
    }

    fn simple_arguments(a: &ast::Arguments) -> bool {
        a.args.len() + a.keywords.len() <= MAX_ARGS
            && !a.args.iter().any(Expr::is_starred_expr)
            && a.keywords.iter().all(|k| k.arg.is_some())
    }

    /// Pushes positional and keyword arguments as consecutive temporaries; gives the constant of names.
    fn push_arguments(&mut self, a: &'a ast::Arguments) -> Res<Option<u32>> {
        for e in &a.args {
            if let (Expr::Generator(g), true) = (e, a.args.len() == 1 && a.keywords.is_empty()) {
                if !g.parenthesized {
                    self.bare_generator = Some(a.range);
                }
            }
            self.temp(e)?;
        }
        if a.keywords.is_empty() {
            return Ok(None);
        }
        let mut names = Vec::new();
        for k in &a.keywords {
            self.temp(&k.value)?;
            if let Some(n) = &k.arg {
                // Names of arguments are not mangled.
                names.push(Const::Str(n.id.as_bytes().into()));
            }
        }
        Ok(Some(self.u.constant(Const::Tuple(names))))
    }

    pub fn call(&mut self, c: &'a ast::ExprCall, want: Option<Reg>) -> Res<Reg> {
        self.check_arguments(&c.arguments)?;
        self.call_warning(c);
        let a = &c.arguments;
        let base = self.u.top;
        if let (Expr::Attribute(m), true) = (&*c.func, Self::simple_arguments(a)) {
            let w = base;
            // The caret of a method call is at the name.
            let here = TextRange::new(m.attr.range.start().max(m.value.range().end()), c.range().end());
            let attr_range = self.attribute_range(m);
            if self.super_method(m)? {
                self.u.top = w + 2;
            } else {
                let o = self.expr(&m.value, None)?;
                self.u.top = base;
                self.u.alloc_n(2);
                let name = self.mangled(&m.attr.id);
                let n = self.u.name16(&name);
                self.at(attr_range);
                self.u.emit(Op::LoadMethod, w, o, n);
            }
            let kw = self.push_arguments(a)?;
            let n = (a.args.len() + a.keywords.len()) as u16;
            self.u.top = base;
            let d = self.dst(want);
            self.at(self.method_call_range(m, c.range(), here));
            match kw {
                None => self.u.emit(Op::CallMethod, d, w, n),
                Some(k) => self.u.emit_pair(Op::CallMethodKw, d, w, n, k, a.keywords.len() as u32),
            }
            return Ok(d);
        }
        if let Some(builtin) = self.builtin_of_generator(c) {
            return self.generator_loop(c, builtin, want);
        }
        let w = self.temp(&c.func)?;
        if Self::simple_arguments(a) {
            let kw = self.push_arguments(a)?;
            let n = (a.args.len() + a.keywords.len()) as u16;
            self.u.top = base;
            let d = self.dst(want);
            self.at(c.range());
            self.call_window(d, w, n, kw, a.keywords.len() as u32);
            return Ok(d);
        }
        let kw = self.push_star_arguments(w, a, c.range(), None)?;
        self.u.top = base;
        let d = self.dst(want);
        self.at(c.range());
        self.u.emit(Op::CallEx, d, w, u16::from(kw));
        Ok(d)
    }

    /// `any`, `all`, `list`, `tuple` or `set` of a generator expression, by name.
    fn builtin_of_generator(&self, c: &'a ast::ExprCall) -> Option<Builtin> {
        let (Expr::Name(f), [Expr::Generator(e)]) = (&*c.func, &*c.arguments.args) else {
            return None;
        };
        let builtin = match f.id.as_str() {
            "any" => Builtin::Any,
            "all" => Builtin::All,
            "list" => Builtin::List,
            "tuple" => Builtin::Tuple,
            "set" => Builtin::Set,
            _ => return None,
        };
        let scope = self.scope_of(e, Part::Body).ok()?;
        (c.arguments.keywords.is_empty() && !self.scopes.all[scope].has_await).then_some(builtin)
    }

    /// A call of a builtin with a generator expression. If the name is that of the builtin, the generator is resumed by a loop
    /// here, which takes no native recursion.
    fn generator_loop(&mut self, c: &'a ast::ExprCall, builtin: Builtin, want: Option<Reg>) -> Res<Reg> {
        let base = self.u.top;
        let w = self.temp(&c.func)?;
        self.push_arguments(&c.arguments)?;
        let it = w + 1;
        self.u.top = it + 1;
        let (other, done) = (self.u.label(), self.u.label());
        // As CPython 3.14 shows what is raised inside.
        let place = match builtin {
            Builtin::Any | Builtin::All | Builtin::Tuple => c.func.range(),
            Builtin::List | Builtin::Set => c.range(),
        };
        self.at(place);
        self.u.emit_to(Op::JNotBuiltin, w, builtin as u16, 0, other);
        let (head, end, hit) = (self.u.label(), self.u.label(), self.u.label());
        let x = self.u.alloc();
        match builtin {
            Builtin::Any | Builtin::All => self.u.emit(Op::Kill, w, 0, 0),
            Builtin::List | Builtin::Tuple => self.u.emit(Op::BuildList, w, x, 0),
            Builtin::Set => self.u.emit(Op::BuildSet, w, x, 0),
        }
        self.u.bind_loop(head);
        self.u.emit_to(Op::ForIter, x, it, 0, end);
        match builtin {
            Builtin::Any => self.u.jump(Op::JumpIf, x, hit),
            Builtin::All => self.u.jump(Op::JumpIfNot, x, hit),
            Builtin::List | Builtin::Tuple => self.u.emit(Op::ListAppend, w, x, 0),
            Builtin::Set => self.u.emit(Op::SetAdd, w, x, 0),
        }
        self.u.jump(Op::JumpBack, 0, head);
        self.at(c.range());
        self.u.top = base;
        let d = self.dst(want);
        let answer = |found: bool| {
            if found == (builtin == Builtin::Any) {
                Op::LoadTrue
            } else {
                Op::LoadFalse
            }
        };
        if matches!(builtin, Builtin::Any | Builtin::All) {
            self.u.bind(hit);
            self.u.emit(Op::Kill, it, 0, 0);
            self.u.emit(answer(true), d, 0, 0);
            self.u.jump(Op::Jump, 0, done);
            self.u.bind(end);
            self.u.emit(answer(false), d, 0, 0);
        } else {
            self.u.bind(end);
            match builtin {
                Builtin::Tuple => self.u.emit(Op::ListToTuple, d, w, 0),
                _ if d != w => self.u.emit(Op::Move, d, w, 0),
                _ => {}
            }
        }
        self.u.jump(Op::Jump, 0, done);
        self.u.bind(other);
        self.u.emit(Op::Call, d, w, 1);
        self.u.bind(done);
        Ok(d)
    }

    /// Where an attribute is read: its name alone if it stands on another line than the start.
    pub fn attribute_range(&self, a: &ast::ExprAttribute) -> TextRange {
        let (l1, _) = self.src.line_col(a.range.start().to_u32());
        let (l2, _) = self.src.line_col(a.range.end().to_u32());
        if l1 == l2 { a.range } else { a.attr.range }
    }

    fn method_call_range(&self, m: &ast::ExprAttribute, call: TextRange, here: TextRange) -> TextRange {
        // CPython moves the start to the line of the attribute where the call spans lines.
        let (l1, _) = self.src.line_col(m.value.range().start().to_u32());
        let (l2, _) = self.src.line_col(m.attr.range.start().to_u32());
        if l1 == l2 { call } else { here }
    }

    pub fn call_window(&mut self, d: Reg, w: Reg, n: u16, kw: Option<u32>, nkw: u32) {
        match kw {
            None => self.u.emit(Op::Call, d, w, n),
            Some(k) => self.u.emit_pair(Op::CallKw, d, w, n, k, nkw),
        }
    }

    /// Pushes a tuple of the positional arguments and, if there are any, a dict of the others.
    /// `generic` is a last positional argument in a register (bases of a generic class).
    pub fn push_star_arguments(
        &mut self,
        callee: Reg,
        a: &'a ast::Arguments,
        range: TextRange,
        generic: Option<Reg>,
    ) -> Res<bool> {
        let t = self.u.alloc();
        match (&*a.args, generic) {
            ([Expr::Starred(s)], None) => {
                self.expr(&s.value, Some(t))?;
            }
            (args, None) if self.fold_all(args).is_some() => {
                let items = self.fold_all(args).unwrap_or_default();
                self.at(range);
                self.load_const(Const::Tuple(items), t);
            }
            (args, generic) => {
                let w = self.u.top;
                let head = args.iter().take(100).take_while(|e| !e.is_starred_expr()).count();
                for e in &args[..head] {
                    self.temp(e)?;
                }
                self.at(range);
                self.u.emit(Op::BuildList, t, w, head as u16);
                self.u.top = w;
                for e in &args[head..] {
                    match e {
                        Expr::Starred(s) => {
                            let r = self.expr(&s.value, None)?;
                            self.at(range);
                            self.u.emit(Op::ListExtend, t, r, 0);
                        }
                        e => {
                            let r = self.expr(e, None)?;
                            self.at(range);
                            self.u.emit(Op::ListAppend, t, r, 0);
                        }
                    }
                    self.u.top = w;
                }
                if let Some(g) = generic {
                    self.u.emit(Op::ListAppend, t, g, 0);
                }
                self.u.emit(Op::ListToTuple, t, t, 0);
            }
        }
        if a.keywords.is_empty() {
            return Ok(false);
        }
        let d = self.u.alloc();
        let w = self.u.top;
        if let [ast::Keyword { arg: None, value, .. }] = &*a.keywords {
            // CallEx takes any mapping, and copies it.
            match self.keywords_in_place(value) {
                Some(r) => self.u.emit(Op::Move, d, r, 0),
                None => {
                    self.expr(value, Some(d))?;
                }
            }
            self.u.top = w;
            return Ok(true);
        }
        let mut built = false;
        let mut pending: Vec<&'a ast::Keyword> = Vec::new();
        for k in a.keywords.iter().map(Some).chain([None]) {
            if let Some(k) = k.filter(|k| k.arg.is_some()) {
                pending.push(k);
                if pending.len() < 50 {
                    continue;
                }
            }
            if !pending.is_empty() || (!built && k.is_some()) {
                for p in &pending {
                    let key = self.u.alloc();
                    self.at(p.range);
                    if let Some(n) = &p.arg {
                        self.load_str(&n.id, key);
                    }
                    self.temp(&p.value)?;
                }
                self.at(range);
                let n = pending.len() as u16;
                if built {
                    self.u.emit(Op::BuildMap, w, w, n);
                    self.u.emit(Op::DictMerge, d, w, callee);
                } else {
                    self.u.emit(Op::BuildMap, d, w, n);
                    built = true;
                }
                self.u.top = w;
                pending.clear();
            }
            if let Some(k) = k.filter(|k| k.arg.is_none()) {
                let r = match self.keywords_in_place(&k.value) {
                    Some(r) => r,
                    None => self.expr(&k.value, None)?,
                };
                self.at(range);
                self.u.emit(Op::DictMerge, d, r, callee);
                self.u.top = w;
            }
        }
        Ok(true)
    }

    /// The register of the `**kwargs` parameter, if `e` is that: where it is passed on as keywords, what stands for an empty dict
    /// will do.
    fn keywords_in_place(&mut self, e: &'a Expr) -> Option<Reg> {
        let r = self.fast(e).filter(|r| self.u.keywords == Some(*r))?;
        if self.u.deletable.has(r) {
            return None;
        }
        self.at(e.range());
        Some(r)
    }

    // ---- super

    /// Pushes `super`, class and self as three temporaries if `e` is a call of the builtin that can be cut short.
    fn push_super(&mut self, e: &'a Expr) -> Res<bool> {
        let Expr::Call(c) = e else { return Ok(false) };
        let Expr::Name(n) = &*c.func else {
            return Ok(false);
        };
        if n.id.as_str() != "super" || !c.arguments.keywords.is_empty() {
            return Ok(false);
        }
        if self.place(&n.id) != Place::Global || !self.is_function_unit() {
            return Ok(false);
        }
        let unit = &self.scopes.all[self.u.scope];
        match &*c.arguments.args {
            [] => {
                if unit.kind != ScopeKind::Function || self.u.positional == 0 {
                    return Ok(false);
                }
                let class = Name::new_static("__class__");
                if !unit.free.contains(&class) {
                    return Ok(false);
                }
                let first = unit.params[0].clone();
                // Not a parameter but *args: no self.
                let t = self.u.alloc_n(3);
                self.load_mangled(&n.id, n.range, Some(t));
                self.at(c.range());
                let Some(&r) = unit.free_regs.get(&class) else {
                    return Ok(false);
                };
                self.u.emit(Op::LoadDeref, t + 1, r, 0);
                // The first argument, even inside a comprehension that hides its name.
                let range = c.range();
                let inner = std::mem::replace(&mut self.u.inner, self.u.scope);
                self.load_mangled(&first, range, Some(t + 2));
                self.u.inner = inner;
                Ok(true)
            }
            [a, b] if !a.is_starred_expr() && !b.is_starred_expr() => {
                let t = self.u.alloc();
                self.load_mangled(&n.id, n.range, Some(t));
                self.temp(a)?;
                self.temp(b)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    pub fn super_attr(&mut self, a: &'a ast::ExprAttribute, want: Option<Reg>) -> Res<Option<Reg>> {
        let base = self.u.top;
        if !self.push_super(&a.value)? {
            return Ok(None);
        }
        self.u.top = base;
        let d = self.dst(want);
        let name = self.mangled(&a.attr.id);
        let n = self.u.name16(&name);
        self.at(a.range);
        self.u.emit(Op::LoadSuperAttr, d, base, n);
        Ok(Some(d))
    }

    fn super_method(&mut self, a: &'a ast::ExprAttribute) -> Res<bool> {
        let base = self.u.top;
        if !self.push_super(&a.value)? {
            return Ok(false);
        }
        let name = self.mangled(&a.attr.id);
        let n = self.u.name16(&name);
        self.at(a.range);
        self.u.emit(Op::LoadSuperMethod, base, 0, n);
        Ok(true)
    }

    fn call_warning(&mut self, c: &'a ast::ExprCall) {
        let callable = matches!(&*c.func, Expr::Lambda(_));
        if let (Some(t), false) = (super::expr::type_name(&c.func), callable) {
            self.warn(
                c.range(),
                format!("'{t}' object is not callable; perhaps you missed a comma?"),
            );
        }
    }

    /// A range from one offset to another.
    pub fn span(a: TextSize, b: TextSize) -> TextRange {
        TextRange::new(a.min(b), b.max(a))
    }
}
