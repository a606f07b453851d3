//! Comprehensions, inlined, and generator expressions.

use super::Compiler;
use crate::error::{Res, syntax};
use crate::scope::{Part, ScopeId, ScopeKind, sym};
use crate::unit::Reg;
use ruff_python_ast::{Comprehension, Expr};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::{Const, Op};

/// What is done with each element.
#[derive(Clone, Copy)]
enum Sink<'a> {
    List(Reg, &'a Expr),
    Set(Reg, &'a Expr),
    Dict(Reg, &'a Expr, &'a Expr),
    Yield(&'a Expr),
}

impl<'a> Compiler<'a> {
    pub fn comprehension(&mut self, e: &'a Expr, want: Option<Reg>) -> Res<Reg> {
        let (scope, generators): (ScopeId, &'a [Comprehension]) = match e {
            Expr::ListComp(c) => (self.scope_of(c, Part::Body)?, &c.generators),
            Expr::SetComp(c) => (self.scope_of(c, Part::Body)?, &c.generators),
            Expr::DictComp(c) => (self.scope_of(c, Part::Body)?, &c.generators),
            Expr::Generator(c) => (self.scope_of(c, Part::Body)?, &c.generators),
            e => return syntax(e.range(), "invalid syntax"),
        };
        let Some(first) = generators.first() else {
            return syntax(e.range(), "invalid syntax");
        };
        let s = &self.scopes.all[scope];
        let is_async = s.has_await && generators.iter().any(|g| g.is_async);
        if is_async && !s.is_async {
            let unit = &self.scopes.all[self.u.scope];
            let allowed = unit.is_async || (unit.kind == ScopeKind::Module && self.top_level_await);
            if !allowed {
                return syntax(
                    e.range(),
                    "asynchronous comprehension outside of an asynchronous function",
                );
            }
        }
        if let Expr::Generator(g) = e {
            let range = self.bare_generator.take().unwrap_or(g.range);
            return self.generator(scope, generators, &g.elt, range, want);
        }
        let d = match want {
            Some(d) if self.u.is_temp(d) => d,
            _ => self.u.alloc(),
        };
        let base = self.u.top;
        let source = self.expr(&first.iter, None)?;
        self.u.top = base;
        let it = self.u.alloc();
        self.at(first.iter.range());
        let op = if first.is_async { Op::GetAIter } else { Op::GetIter };
        self.u.emit(op, it, source, 0);
        self.at(e.range());
        let (build, sink) = match e {
            Expr::ListComp(c) => (Op::BuildList, Sink::List(d, &c.elt)),
            Expr::SetComp(c) => (Op::BuildSet, Sink::Set(d, &c.elt)),
            Expr::DictComp(c) => match &c.key {
                Some(k) => (Op::BuildMap, Sink::Dict(d, k, &c.value)),
                None => return syntax(c.range, "invalid syntax"),
            },
            e => return syntax(e.range(), "invalid syntax"),
        };
        self.u.emit(build, d, self.u.top, 0);
        let outer = std::mem::replace(&mut self.u.inner, scope);
        // Its variables are fresh, and go away at the end.
        let regs: Vec<(Reg, bool)> = self.scopes.all[scope]
            .symbols
            .iter()
            .filter_map(|s| s.reg.map(|r| (r, s.flags & sym::CAPTURED != 0)))
            .collect();
        for &(r, cell) in &regs {
            self.u.bound.remove(r);
            if cell {
                self.u.emit(Op::MakeCell, r, 0, 0);
            }
        }
        let guarded = !self.u.blocks.is_empty() && !regs.is_empty();
        let protect = guarded.then(|| self.u.protect());
        self.comp_loop(generators, 0, Some(it), sink, e.range())?;
        if let Some(p) = protect {
            self.u.end_protect(p);
        }
        self.at(e.range());
        for &(r, _) in &regs {
            self.u.emit(Op::Kill, r, 0, 0);
            self.u.bound.remove(r);
        }
        self.u.top = it;
        if let Some(p) = protect {
            // An exception that something in this function may handle must not leave the variables behind.
            let end = self.u.label();
            self.u.jump(Op::Jump, 0, end);
            let saved = self.u.top;
            self.u.top = self.u.protect_reg(p);
            let exc = self.u.bind_handler(p);
            for &(r, _) in &regs {
                self.u.emit(Op::Kill, r, 0, 0);
            }
            self.u.emit(Op::Reraise, exc, 0, 0);
            self.u.top = saved;
            self.u.bind(end);
        }
        self.u.inner = outer;
        match want {
            Some(w) if w != d => {
                self.u.emit(Op::Move, w, d, 0);
                self.u.top = d;
                Ok(w)
            }
            _ => Ok(d),
        }
    }

    fn generator(
        &mut self,
        scope: ScopeId,
        generators: &'a [Comprehension],
        elt: &'a Expr,
        range: TextRange,
        want: Option<Reg>,
    ) -> Res<Reg> {
        let w = self.u.alloc();
        self.enter(scope, range)?;
        self.at(range);
        self.comp_loop(generators, 0, None, Sink::Yield(elt), range)?;
        let code = self.leave(range, [0, 1, 0])?;
        self.at(range);
        let k = self.u.constant(Const::Code(code.clone()));
        let cells = self.scopes.all[scope].free.len();
        if code.expression_start(cells).is_some() {
            // The iterator, then the cells.
            let it = self.expr(&generators[0].iter, None)?;
            self.u.top = w + 1;
            self.at(generators[0].iter.range());
            self.u.emit(Op::GetIter, w, it, 0);
            self.at(range);
            self.closure_cells(scope)?;
            self.u.top = w;
            let d = self.dst(want);
            self.u.emit_pair(Op::MakeGenexpr, d, w, cells as u16, k, 0);
            return Ok(d);
        }
        self.make_function(code, scope, w)?;
        let it = self.temp(&generators[0].iter)?;
        self.at(generators[0].iter.range());
        let op = if generators[0].is_async {
            Op::GetAIter
        } else {
            Op::GetIter
        };
        self.u.emit(op, it, it, 0);
        self.u.top = w;
        let d = self.dst(want);
        self.at(range);
        self.u.emit(Op::Call, d, w, 1);
        Ok(d)
    }

    /// One `for` clause and what is inside. The iterator of the first clause is given, or in the parameter.
    fn comp_loop(
        &mut self,
        generators: &'a [Comprehension],
        index: usize,
        iter: Option<Reg>,
        sink: Sink<'a>,
        range: TextRange,
    ) -> Res<()> {
        let g = &generators[index];
        let base = self.u.top;
        // `for y in [value]` only assigns.
        if index > 0
            && !g.is_async
            && let Some(value) = single(&g.iter)
        {
            self.assign_expr(&g.target, value)?;
            let skip = self.u.label();
            for i in &g.ifs {
                self.jump_if(i, false, skip)?;
            }
            self.comp_body(generators, index, sink, range)?;
            self.u.bind(skip);
            self.u.top = base;
            return Ok(());
        }
        let it = match iter {
            Some(it) => it,
            // The hidden parameter of a generator expression.
            None if index == 0 => 0,
            None => {
                let it = self.temp(&g.iter)?;
                self.at(g.iter.range());
                let op = if g.is_async { Op::GetAIter } else { Op::GetIter };
                self.u.emit(op, it, it, 0);
                it
            }
        };
        let head = self.u.label();
        let done = self.u.label();
        self.u.bind_loop(head);
        let entered = self.u.reachable;
        let mut protect = None;
        if g.is_async {
            protect = Some(self.async_next(it, range));
            let p = protect;
            self.store_top_target(&g.target, p)?;
        } else {
            self.for_iter(&g.target, it, done, g.iter.range())?;
        }
        let next = self.u.label();
        for i in &g.ifs {
            self.jump_if(i, false, next)?;
        }
        self.comp_body(generators, index, sink, range)?;
        self.u.bind(next);
        self.at(range);
        self.u.jump(Op::JumpBack, 0, head);
        if let Some(p) = protect {
            self.end_async_for(p, it, done, entered);
        }
        self.u.bind(done);
        self.u.top = base;
        Ok(())
    }

    fn comp_body(
        &mut self,
        generators: &'a [Comprehension],
        index: usize,
        sink: Sink<'a>,
        range: TextRange,
    ) -> Res<()> {
        if index + 1 < generators.len() {
            return self.deeper(range, |c| c.comp_loop(generators, index + 1, None, sink, range));
        }
        let base = self.u.top;
        match sink {
            Sink::List(d, e) => {
                let r = self.expr(e, None)?;
                self.at(e.range());
                self.u.emit(Op::ListAppend, d, r, 0);
            }
            Sink::Set(d, e) => {
                let r = self.expr(e, None)?;
                self.at(e.range());
                self.u.emit(Op::SetAdd, d, r, 0);
            }
            Sink::Dict(d, k, v) => {
                let kr = self.operand(k, &[v])?;
                let vr = self.expr(v, None)?;
                self.at(Self::span(k.range().start(), v.range().end()));
                self.u.emit(Op::MapAdd, d, kr, vr);
            }
            Sink::Yield(e) => {
                let r = self.expr(e, None)?;
                self.u.top = base;
                self.at(e.range());
                let r = self.wrap_yield(r);
                let t = self.u.alloc();
                self.u.emit(Op::Yield, t, r, 0);
                self.u.emit(Op::Kill, t, 0, 0);
            }
        }
        self.u.top = base;
        Ok(())
    }
}

/// The one element of a list or tuple display.
fn single(e: &Expr) -> Option<&Expr> {
    let elts = match e {
        Expr::List(l) => &l.elts,
        Expr::Tuple(t) => &t.elts,
        _ => return None,
    };
    match &elts[..] {
        [x] if !x.is_starred_expr() => Some(x),
        _ => None,
    }
}
