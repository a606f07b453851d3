//! Second pass: from the tree and the resolved scopes to registers and instruction words.
//!
//! An expression is evaluated *into a wanted register* or, if none is wanted, to wherever it is cheapest: a plain local
//! stays in its own register, everything else goes to the temporary at the top. Temporaries are a stack; a construct
//! leaves `top` as it found it, plus its result.

mod annotations;
mod assign;
mod call;
mod class;
mod comprehension;
mod condition;
mod control;
mod except;
mod expr;
mod function;
mod patterns;
mod stmt;
mod strings;
mod warnings;
mod with;

pub(crate) use strings::interpolation_source;

pub(crate) use assign::describe;
pub(crate) use function::docstring;

use crate::error::{Error, Res, Warning, syntax};
use crate::scope::{Part, Place, ScopeId, ScopeKind, Scopes, addr, sym};
use crate::source::Source;
use crate::unit::{Reg, Unit};
use ruff_python_ast::Expr;
use ruff_python_ast::name::Name;
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::code::flags;
use skein_bytecode::{Code, Const, Op};
use std::sync::Arc;

pub(crate) struct Compiler<'a> {
    pub src: &'a Source<'a>,
    pub scopes: &'a Scopes,
    pub filename: Arc<str>,
    pub optimize: u8,
    pub interactive: bool,
    pub future_annotations: bool,
    pub top_level_await: bool,
    pub u: Unit<'a>,
    pub outer: Vec<Unit<'a>>,
    pub warnings: Vec<Warning>,
    pub depth: u32,
    /// Range of the call whose only argument is the generator expression that comes next.
    pub bare_generator: Option<TextRange>,
}

/// Deepest nesting of expressions and statements.
const MAX_DEPTH: u32 = 10_000;

impl<'a> Compiler<'a> {
    // ---- units

    pub fn scope_of<T>(&self, node: &T, part: Part) -> Res<ScopeId> {
        match self.scopes.by_node.get(&(addr(node), part)) {
            Some(&id) => Ok(id),
            None => Err(Error::new(
                crate::error::ErrorKind::Syntax,
                TextRange::default(),
                "internal error: a scope is missing",
            )),
        }
    }

    pub fn mangled(&self, n: &Name) -> Name {
        self.scopes.all[self.u.inner].mangled(n)
    }

    fn child_qualname(&self, scope: ScopeId) -> String {
        let s = &self.scopes.all[scope];
        let of_function = s.owner.as_ref().map(|f| format!("{f}.{}", s.name));
        let name = of_function.as_deref().unwrap_or(s.name.as_str());
        if self.outer.is_empty() && self.u.scope == 0 {
            return name.to_string();
        }
        let mut parent = self.u.scope;
        let mut qual = self.u.qualname.as_str();
        if self.scopes.all[parent].kind == ScopeKind::TypeParams {
            match self.outer.last() {
                Some(o) => {
                    if self.outer.len() == 1 {
                        return name.to_string();
                    }
                    parent = o.scope;
                    qual = o.qualname.as_str();
                }
                None => return name.to_string(),
            }
        }
        let p = &self.scopes.all[parent];
        if matches!(s.kind, ScopeKind::Function | ScopeKind::Class) {
            let mangled = p.mangled(&s.name);
            if p.flags(&mangled) & sym::GLOBAL != 0 {
                return name.to_string();
            }
        }
        match p.kind {
            ScopeKind::Module => name.to_string(),
            ScopeKind::Class => format!("{qual}.{name}"),
            _ => format!("{qual}.<locals>.{name}"),
        }
    }

    pub fn enter(&mut self, scope: ScopeId, first: TextRange) -> Res<()> {
        let s = &self.scopes.all[scope];
        let qualname = self.child_qualname(scope);
        let line = self.src.line_col(first.start().to_u32()).0;
        let mut u = Unit::new(scope, s.local_names.len() as u16, qualname, line);
        self.prepare(&mut u);
        let old = std::mem::replace(&mut self.u, u);
        self.outer.push(old);
        self.prologue();
        Ok(())
    }

    /// Facts about a unit that follow from its scopes.
    pub fn prepare(&self, u: &mut Unit<'a>) {
        let s = &self.scopes.all[u.scope];
        for p in 0..s.params.len() {
            u.bound.add(p as u16);
        }
        if let Some(r) = s.keywords
            && !s.cell_regs.contains(&r)
        {
            u.keywords = Some(r);
            u.bound.remove(r);
        }
        let mut stack = vec![u.scope];
        while let Some(id) = stack.pop() {
            let c = &self.scopes.all[id];
            let comp = c.kind == ScopeKind::Comprehension;
            for x in &c.symbols {
                if let Some(r) = x.reg
                    && (comp || x.flags & sym::DELETED != 0)
                {
                    u.deletable.add(r);
                }
            }
            for &k in &c.children {
                // A walrus in a comprehension, or `nonlocal` with `del` in an inner function, goes through cells.
                if self.scopes.all[k].kind == ScopeKind::Comprehension {
                    stack.push(k);
                }
            }
        }
        let mut f = 0;
        if s.is_function_like() {
            f |= flags::OPTIMIZED | flags::NEWLOCALS;
            if s.nested {
                f |= flags::NESTED;
            }
            let generator = s.has_yield;
            f |= match (s.is_async, generator) {
                (true, true) => flags::ASYNC_GENERATOR,
                (true, false) => flags::COROUTINE,
                (false, true) => flags::GENERATOR,
                (false, false) => 0,
            };
        }
        if self.future_annotations {
            f |= flags::FUTURE_ANNOTATIONS;
        }
        u.flags = f;
    }

    /// MakeCell, CopyFree, ReturnGenerator.
    pub fn prologue(&mut self) {
        let s: &'a crate::scope::Scope = &self.scopes.all[self.u.scope];
        let in_comp = |r: u16| {
            // Cells of inlined comprehensions are made where the comprehension starts.
            !s.symbols.iter().any(|x| x.reg == Some(r))
        };
        for &r in &s.cell_regs {
            if !in_comp(r) {
                if s.keywords == Some(r) {
                    self.u.emit(Op::OwnKeywords, r, 0, 0);
                }
                self.u.emit(Op::MakeCell, r, 0, 0);
            }
        }
        if !s.free.is_empty() {
            let first = s.local_names.len() - s.free.len();
            self.u.emit(Op::CopyFree, first as u16, s.free.len() as u16, 0);
        }
        let generator = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
        if self.u.flags & generator != 0 {
            self.u.emit(Op::ReturnGenerator, 0, 0, 0);
        }
    }

    /// Ends the unit and goes back to the one around it.
    pub fn leave(&mut self, range: TextRange, args: [u32; 3]) -> Res<Arc<Code>> {
        let Some(old) = self.outer.pop() else {
            return syntax(range, "internal error: no unit");
        };
        let u = std::mem::replace(&mut self.u, old);
        self.code(u, range, args).map(Arc::new)
    }

    pub fn code(&self, mut u: Unit<'a>, range: TextRange, args: [u32; 3]) -> Res<Code> {
        let s = &self.scopes.all[u.scope];
        u.return_at_end();
        let (qualname, unit_flags, first_line) = (std::mem::take(&mut u.qualname), u.flags, u.first_line);
        let f = u.finish(range)?;
        let mut local_names: Vec<Box<str>> = s.local_names.iter().map(|n| n.as_str().into()).collect();
        if s.kind == ScopeKind::Annotation
            && let Some(first) = local_names.first_mut()
        {
            *first = "format".into();
        }
        Ok(Code {
            name: s.name.as_str().into(),
            qualname: qualname.into(),
            filename: self.filename.clone(),
            first_line,
            flags: unit_flags,
            posonly_args: args[0],
            args: args[1],
            kwonly_args: args[2],
            nlocals: s.local_names.len() as u32,
            nregs: f.nregs,
            local_names,
            cell_regs: s.cell_regs.iter().map(|&r| r as u32).collect(),
            nfree: s.free.len() as u32,
            names: f.names,
            consts: f.consts,
            words: f.words,
            handlers: f.handlers,
            positions: f.positions,
        })
    }

    /// A function object of `code` in a register, with its closure.
    pub fn make_function(&mut self, code: Arc<Code>, scope: ScopeId, dst: Reg) -> Res<()> {
        let k = self.u.constant(Const::Code(code));
        self.u.emit_x(Op::MakeFunction, dst, k);
        self.closure(scope, dst)
    }

    pub fn closure(&mut self, scope: ScopeId, dst: Reg) -> Res<()> {
        let scopes: &'a Scopes = self.scopes;
        let free = &scopes.all[scope].free;
        if free.is_empty() {
            return Ok(());
        }
        let base = self.u.top;
        self.closure_cells(scope)?;
        self.u.emit(Op::BuildTuple, base, base, free.len() as u16);
        self.u.emit(Op::SetFuncAttr, dst, base, 2);
        self.u.top = base;
        Ok(())
    }

    /// Pushes the cells that a scope's code takes.
    pub fn closure_cells(&mut self, scope: ScopeId) -> Res<()> {
        let scopes: &'a Scopes = self.scopes;
        for name in &scopes.all[scope].free {
            let t = self.u.alloc();
            match scopes.cell_of(self.u.inner, name) {
                Some(r) => self.u.emit(Op::Copy, t, r, 0),
                None => {
                    return syntax(scopes.all[scope].range, format!("internal error: no cell for '{name}'"));
                }
            }
        }
        Ok(())
    }

    // ---- small helpers

    /// The position of what is emitted next.
    pub fn at(&mut self, r: TextRange) {
        self.u.pos = self.src.position(r);
    }

    pub fn no_position(&mut self) {
        self.u.pos = skein_bytecode::Position::default();
    }

    pub fn dst(&mut self, want: Option<Reg>) -> Reg {
        match want {
            Some(r) => r,
            None => self.u.alloc(),
        }
    }

    pub fn load_const(&mut self, c: Const, dst: Reg) {
        match c {
            Const::None => self.u.emit(Op::LoadNone, dst, 0, 0),
            Const::True => self.u.emit(Op::LoadTrue, dst, 0, 0),
            Const::False => self.u.emit(Op::LoadFalse, dst, 0, 0),
            Const::Int(i) if i32::try_from(i).is_ok() => self.u.emit_x(Op::LoadInt, dst, i as i32 as u32),
            c => {
                let k = self.u.constant(c);
                self.u.emit_x(Op::LoadConst, dst, k);
            }
        }
    }

    pub fn load_str(&mut self, s: &str, dst: Reg) {
        self.load_const(Const::Str(s.as_bytes().into()), dst);
    }

    /// Gives up a result that nobody wants.
    pub fn discard(&mut self, r: Reg) {
        if self.u.is_temp(r) {
            self.u.emit(Op::Kill, r, 0, 0);
            if self.u.top == r + 1 {
                self.u.top = r;
            }
        }
    }

    /// A recursion step that cannot overflow the stack.
    pub fn deeper<T>(&mut self, range: TextRange, f: impl FnOnce(&mut Self) -> Res<T>) -> Res<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::new(
                crate::error::ErrorKind::Recursion,
                range,
                "maximum recursion depth exceeded during compilation",
            ));
        }
        self.depth += 1;
        let r = crate::stack::with(128 * 1024, 2 * 1024 * 1024, || f(self));
        self.depth -= 1;
        r?
    }

    pub fn warn(&mut self, range: TextRange, message: impl Into<String>) {
        let p = self.src.position(range);
        let w = Warning {
            message: message.into(),
            error: None,
            line: p.line,
            col: self.src.chars(p.line, p.col) + 1,
            end_line: p.end_line,
            end_col: self.src.chars(p.end_line, p.end_col) + 1,
            text: None,
        };
        // Bodies of `finally` are compiled more than once.
        if !self.warnings.contains(&w) {
            self.warnings.push(w);
        }
    }

    // ---- names

    pub fn place(&self, name: &Name) -> Place {
        self.scopes.place(self.u.inner, name)
    }

    /// Reads a name whose mangling is done.
    pub fn load_mangled(&mut self, name: &Name, range: TextRange, want: Option<Reg>) -> Reg {
        self.at(range);
        match self.place(name) {
            Place::Fast(r) => {
                if !self.u.bound.has(r) {
                    let keywords = self.u.keywords == Some(r);
                    if keywords {
                        self.u.emit(Op::OwnKeywords, r, 0, 0);
                    }
                    if !keywords || self.u.deletable.has(r) {
                        self.u.emit(Op::CheckBound, r, 0, 0);
                    }
                    if self.u.reachable {
                        self.u.bound.add(r);
                    }
                }
                match want {
                    Some(d) if d != r => {
                        self.u.emit(Op::Move, d, r, 0);
                        d
                    }
                    _ => r,
                }
            }
            Place::Cell(r) | Place::Free(r) => {
                let d = self.dst(want);
                self.u.emit(Op::LoadDeref, d, r, 0);
                d
            }
            Place::Global => {
                let d = self.dst(want);
                let n = self.u.name(name);
                self.u.emit_x(Op::LoadGlobal, d, n);
                d
            }
            Place::Name => {
                let d = self.dst(want);
                let n = self.u.name(name);
                self.u.emit_x(Op::LoadName, d, n);
                d
            }
            Place::ClassFree(r) => {
                let t = self.u.alloc();
                self.u.emit(Op::LoadLocals, t, 0, 0);
                self.u.top = t;
                let d = self.dst(want);
                self.u.emit(Op::LoadClassDeref, d, t, r);
                d
            }
            p @ (Place::DictFree(_) | Place::DictGlobal) => {
                let t = self.u.alloc();
                self.load_mangled(&Name::new_static("__classdict__"), range, Some(t));
                self.u.top = t;
                let d = self.dst(want);
                if let Place::DictFree(r) = p {
                    self.u.emit(Op::LoadClassDeref, d, t, r);
                } else {
                    let n = self.u.name16(name);
                    self.u.emit(Op::LoadDictOrGlobal, d, t, n);
                }
                d
            }
        }
    }

    /// The register of a name that is a plain local, if it is one.
    pub fn fast(&self, e: &Expr) -> Option<Reg> {
        let Expr::Name(n) = e else { return None };
        match self.place(&self.mangled(&n.id)) {
            Place::Fast(r) => Some(r),
            _ => None,
        }
    }

    /// Writes a register to a name whose mangling is done; a temporary is consumed.
    pub fn store_mangled(&mut self, name: &Name, r: Reg) {
        match self.place(name) {
            Place::Fast(d) => {
                if d != r {
                    self.u.emit(Op::Move, d, r, 0);
                }
                self.mark_bound(d);
            }
            Place::Cell(c) | Place::Free(c) | Place::ClassFree(c) | Place::DictFree(c) => {
                self.u.emit(Op::StoreDeref, r, c, 0)
            }
            Place::Global | Place::DictGlobal => {
                let n = self.u.name(name);
                self.u.emit_x(Op::StoreGlobal, r, n);
            }
            Place::Name => {
                let n = self.u.name(name);
                self.u.emit_x(Op::StoreName, r, n);
            }
        }
    }

    pub fn mark_bound(&mut self, r: Reg) {
        if self.u.reachable {
            self.u.bound.add(r);
        }
    }

    pub fn store_name(&mut self, name: &Name, range: TextRange, r: Reg) -> Res<()> {
        self.forbidden(name, range, "assign to")?;
        let name = self.mangled(name);
        self.at(range);
        self.store_mangled(&name, r);
        Ok(())
    }

    pub fn delete_mangled(&mut self, name: &Name) {
        match self.place(name) {
            Place::Fast(r) => {
                let op = if self.u.bound.has(r) { Op::Kill } else { Op::DelLocal };
                self.u.emit(op, r, 0, 0);
                self.u.bound.remove(r);
            }
            Place::Cell(c) | Place::Free(c) | Place::ClassFree(c) | Place::DictFree(c) => {
                self.u.emit(Op::DelDeref, c, 0, 0)
            }
            Place::Global | Place::DictGlobal => {
                let n = self.u.name(name);
                self.u.emit_x(Op::DelGlobal, 0, n);
            }
            Place::Name => {
                let n = self.u.name(name);
                self.u.emit_x(Op::DelName, 0, n);
            }
        }
    }

    /// `__debug__` cannot be bound.
    pub fn forbidden(&self, name: &Name, range: TextRange, what: &str) -> Res<()> {
        if name.as_str() == "__debug__" {
            return syntax(range, format!("cannot {what} __debug__"));
        }
        Ok(())
    }

    /// Evaluates to a new temporary at the top.
    pub fn temp(&mut self, e: &'a Expr) -> Res<Reg> {
        let t = self.u.alloc();
        self.expr(e, Some(t))?;
        debug_assert_eq!(self.u.top, t + 1);
        Ok(t)
    }

    /// Evaluates to wherever it is cheapest. The result must not change while `later` is evaluated.
    pub fn operand(&mut self, e: &'a Expr, later: &[&'a Expr]) -> Res<Reg> {
        let base = self.u.top;
        let r = self.expr(e, None)?;
        if !self.u.is_temp(r) && self.scopes.all[self.u.scope].has_walrus && later.iter().any(|l| rebinds(l)) {
            self.u.top = base;
            let t = self.u.alloc();
            self.at(e.range());
            self.u.emit(Op::Move, t, r, 0);
            return Ok(t);
        }
        Ok(r)
    }

    pub fn is_function_unit(&self) -> bool {
        self.scopes.all[self.u.scope].is_function_like()
    }
}

/// Whether the expression holds an assignment expression.
pub(crate) fn rebinds(e: &Expr) -> bool {
    use ruff_python_ast::visitor::{Visitor, walk_expr};
    struct Find(bool);
    impl<'a> Visitor<'a> for Find {
        fn visit_expr(&mut self, e: &'a Expr) {
            match e {
                Expr::Named(_) => self.0 = true,
                Expr::Lambda(_) => {}
                e if !self.0 => walk_expr(self, e),
                _ => {}
            }
        }
    }
    let mut f = Find(false);
    f.visit_expr(e);
    f.0
}
