//! Expressions.

use super::Compiler;
use crate::error::{Res, syntax};
use crate::literal;
use crate::scope::{Part, ScopeKind};
use crate::unit::Reg;
use ruff_python_ast::{self as ast, CmpOp, Expr, Operator, UnaryOp};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::code::flags;
use skein_bytecode::{Const, Op};

pub(crate) fn binary_op(op: Operator, in_place: bool) -> Op {
    match (op, in_place) {
        (Operator::Add, false) => Op::Add,
        (Operator::Sub, false) => Op::Sub,
        (Operator::Mult, false) => Op::Mul,
        (Operator::MatMult, false) => Op::MatMul,
        (Operator::Div, false) => Op::TrueDiv,
        (Operator::Mod, false) => Op::Mod,
        (Operator::Pow, false) => Op::Pow,
        (Operator::LShift, false) => Op::LShift,
        (Operator::RShift, false) => Op::RShift,
        (Operator::BitOr, false) => Op::Or,
        (Operator::BitXor, false) => Op::Xor,
        (Operator::BitAnd, false) => Op::And,
        (Operator::FloorDiv, false) => Op::FloorDiv,
        (Operator::Add, true) => Op::IAdd,
        (Operator::Sub, true) => Op::ISub,
        (Operator::Mult, true) => Op::IMul,
        (Operator::MatMult, true) => Op::IMatMul,
        (Operator::Div, true) => Op::ITrueDiv,
        (Operator::Mod, true) => Op::IMod,
        (Operator::Pow, true) => Op::IPow,
        (Operator::LShift, true) => Op::ILShift,
        (Operator::RShift, true) => Op::IRShift,
        (Operator::BitOr, true) => Op::IOr,
        (Operator::BitXor, true) => Op::IXor,
        (Operator::BitAnd, true) => Op::IAnd,
        (Operator::FloorDiv, true) => Op::IFloorDiv,
    }
}

/// The form with a small int on the right, if there is one for `n`.
fn immediate_op(op: Operator, n: i64) -> Option<Op> {
    Some(match op {
        Operator::Add => Op::AddI,
        Operator::Sub => Op::SubI,
        Operator::Mult => Op::MulI,
        Operator::FloorDiv if n != 0 => Op::FloorDivI,
        Operator::Mod if n != 0 => Op::ModI,
        Operator::BitAnd => Op::AndI,
        Operator::LShift if n >= 0 => Op::LShiftI,
        Operator::RShift if n >= 0 => Op::RShiftI,
        _ => return None,
    })
}

pub(crate) fn compare_op(op: CmpOp) -> Op {
    match op {
        CmpOp::Eq => Op::Eq,
        CmpOp::NotEq => Op::Ne,
        CmpOp::Lt => Op::Lt,
        CmpOp::LtE => Op::Le,
        CmpOp::Gt => Op::Gt,
        CmpOp::GtE => Op::Ge,
        CmpOp::Is => Op::Is,
        CmpOp::IsNot => Op::IsNot,
        CmpOp::In => Op::In,
        CmpOp::NotIn => Op::NotIn,
    }
}

impl<'a> Compiler<'a> {
    pub fn small_int(&self, e: &Expr) -> Option<i64> {
        match e {
            Expr::NumberLiteral(_) | Expr::UnaryOp(_) | Expr::BinOp(_) => match self.fold(e) {
                Some(Const::Int(i)) if i16::try_from(i).is_ok() => Some(i),
                _ => None,
            },
            _ => None,
        }
    }

    /// Evaluates `e` into `want`, or to wherever it is cheapest. A result that is no plain local is the temporary that
    /// was at the top.
    pub fn expr(&mut self, e: &'a Expr, want: Option<Reg>) -> Res<Reg> {
        if let Expr::Name(n) = e {
            if n.id.as_str() == "__debug__" {
                let c = if self.optimize == 0 { Const::True } else { Const::False };
                let d = self.dst(want);
                self.at(n.range);
                self.load_const(c, d);
                return Ok(d);
            }
            let name = self.mangled(&n.id);
            return Ok(self.load_mangled(&name, n.range, want));
        }
        self.deeper(e.range(), |c| c.expr_inner(e, want))
    }

    fn expr_inner(&mut self, e: &'a Expr, want: Option<Reg>) -> Res<Reg> {
        if let Some(c) = self.fold(e) {
            let d = self.dst(want);
            self.at(e.range());
            self.load_const(c, d);
            return Ok(d);
        }
        let base = self.u.top;
        match e {
            Expr::BinOp(b) => self.binary(b, want),
            Expr::UnaryOp(u) => {
                let r = self.expr(&u.operand, None)?;
                self.u.top = base;
                let d = self.dst(want);
                self.at(u.range);
                let op = match u.op {
                    UnaryOp::Invert => Op::Invert,
                    UnaryOp::Not => Op::Not,
                    UnaryOp::UAdd => Op::Pos,
                    UnaryOp::USub => Op::Neg,
                };
                self.u.emit(op, d, r, 0);
                Ok(d)
            }
            Expr::BoolOp(b) => self.bool_op(b, want),
            Expr::Named(n) => self.named(n, want),
            Expr::If(i) => {
                let d = self.dst(want);
                let otherwise = self.u.label();
                let end = self.u.label();
                self.jump_if(&i.test, false, otherwise)?;
                self.expr(&i.body, Some(d))?;
                self.no_position_jump(end);
                self.u.bind(otherwise);
                self.expr(&i.orelse, Some(d))?;
                self.u.bind(end);
                Ok(d)
            }
            Expr::Compare(c) => self.compare(c, want),
            Expr::Call(c) => self.call(c, want),
            Expr::Attribute(a) => self.attribute(a, want),
            Expr::Subscript(s) => self.subscript(s, want),
            Expr::Lambda(l) => self.lambda(l, want),
            Expr::List(l) => self.list(&l.elts, l.range, want, Op::BuildList),
            Expr::Tuple(t) => self.list(&t.elts, t.range, want, Op::BuildTuple),
            Expr::Set(s) => self.list(&s.elts, s.range, want, Op::BuildSet),
            Expr::Dict(d) => self.dict(d, want),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehension(e, want)
            }
            Expr::Await(a) => {
                self.check_await(a.range)?;
                let r = self.temp(&a.value)?;
                self.at(a.range);
                self.u.emit(Op::GetAwaitable, r, r, 0);
                self.await_loop(r);
                self.finish_temp(r, want)
            }
            Expr::Yield(y) => self.yield_(y, want),
            Expr::YieldFrom(y) => {
                self.check_yield(y.range, "yield from")?;
                if self.u.flags & (flags::COROUTINE | flags::ASYNC_GENERATOR) != 0 {
                    return syntax(y.range, "'yield from' inside async function");
                }
                let r = self.temp(&y.value)?;
                self.at(y.range);
                self.u.emit(Op::GetYieldFromIter, r, r, 0);
                self.await_loop(r);
                self.finish_temp(r, want)
            }
            Expr::FString(f) => self.fstring(f, want),
            Expr::TString(t) => self.tstring(t, want),
            Expr::Starred(s) => syntax(s.range, "can't use starred expression here"),
            Expr::Slice(s) => {
                if let Some(c) = self.fold_slice(s) {
                    let d = self.dst(want);
                    self.at(s.range);
                    self.load_const(c, d);
                    return Ok(d);
                }
                let mut n = 2;
                self.part(s.lower.as_deref(), s.range)?;
                self.part(s.upper.as_deref(), s.range)?;
                if s.step.is_some() {
                    n = 3;
                    self.part(s.step.as_deref(), s.range)?;
                }
                self.u.top = base;
                let d = self.dst(want);
                self.at(s.range);
                self.u.emit(Op::BuildSlice, d, base, n);
                Ok(d)
            }
            e => {
                // A literal that has no value as a constant: an int beyond all limits.
                syntax(e.range(), "invalid syntax")
            }
        }
    }

    /// Moves the temporary at the top to where it is wanted.
    pub fn finish_temp(&mut self, t: Reg, want: Option<Reg>) -> Res<Reg> {
        match want {
            Some(d) if d != t => {
                self.u.emit(Op::Move, d, t, 0);
                self.u.top = t;
                Ok(d)
            }
            _ => {
                self.u.top = t + 1;
                Ok(t)
            }
        }
    }

    pub fn no_position_jump(&mut self, l: crate::unit::Label) {
        self.u.jump(Op::Jump, 0, l);
    }

    /// A bound of a slice as a new temporary.
    pub fn part(&mut self, e: Option<&'a Expr>, range: TextRange) -> Res<Reg> {
        match e {
            Some(e) => self.temp(e),
            None => {
                let t = self.u.alloc();
                self.at(range);
                self.u.emit(Op::LoadNone, t, 0, 0);
                Ok(t)
            }
        }
    }

    fn binary(&mut self, b: &'a ast::ExprBinOp, want: Option<Reg>) -> Res<Reg> {
        let base = self.u.top;
        if b.op == Operator::Mod
            && let Some(r) = self.percent_format(b, want)?
        {
            return Ok(r);
        }
        let l = self.operand(&b.left, &[&b.right])?;
        if let Some(n) = self.small_int(&b.right)
            && let Some(op) = immediate_op(b.op, n)
        {
            self.u.top = base;
            let d = self.dst(want);
            self.at(b.range);
            self.u.emit(op, d, l, n as i16 as u16);
            return Ok(d);
        }
        let r = self.expr(&b.right, None)?;
        self.u.top = base;
        let d = self.dst(want);
        self.at(b.range);
        self.u.emit(binary_op(b.op, false), d, l, r);
        Ok(d)
    }

    fn bool_op(&mut self, b: &'a ast::ExprBoolOp, want: Option<Reg>) -> Res<Reg> {
        // The result may be written before the last value is evaluated, so it must not be a local.
        let base = self.u.top;
        let d = match want {
            Some(d) if self.u.is_temp(d) => d,
            _ => self.u.alloc(),
        };
        let end = self.u.label();
        let op = match b.op {
            ast::BoolOp::And => Op::JumpIfFalseOrPop,
            ast::BoolOp::Or => Op::JumpIfTrueOrPop,
        };
        let Some((last, init)) = b.values.split_last() else {
            return syntax(b.range, "invalid syntax");
        };
        for v in init {
            self.expr(v, Some(d))?;
            self.at(b.range);
            self.u.jump(op, d, end);
        }
        self.expr(last, Some(d))?;
        self.u.bind(end);
        match want {
            Some(w) if w != d => {
                self.at(b.range);
                self.u.emit(Op::Move, w, d, 0);
                self.u.top = base;
                Ok(w)
            }
            _ => Ok(d),
        }
    }

    fn named(&mut self, n: &'a ast::ExprNamed, want: Option<Reg>) -> Res<Reg> {
        let Expr::Name(t) = &*n.target else {
            return syntax(n.target.range(), "cannot use assignment expressions here");
        };
        self.forbidden(&t.id, t.range, "assign to")?;
        if let Some(r) = self.fast(&n.target) {
            self.expr(&n.value, Some(r))?;
            self.mark_bound(r);
            return match want {
                Some(d) if d != r => {
                    self.at(n.range);
                    self.u.emit(Op::Move, d, r, 0);
                    Ok(d)
                }
                _ => Ok(r),
            };
        }
        let d = self.dst(want);
        self.expr(&n.value, Some(d))?;
        let t2 = self.u.alloc();
        self.at(n.range);
        self.u.emit(Op::Copy, t2, d, 0);
        self.store_name(&t.id, t.range, t2)?;
        self.u.top = t2;
        Ok(d)
    }

    /// `a < b < c` as a value.
    fn compare(&mut self, c: &'a ast::ExprCompare, want: Option<Reg>) -> Res<Reg> {
        self.compare_warnings(c);
        let base = self.u.top;
        if let ([op], [right]) = (&*c.ops, &*c.comparators) {
            let l = self.operand(&c.left, &[right])?;
            let r = self.comparand(*op, right)?;
            self.u.top = base;
            let d = self.dst(want);
            self.at(c.range);
            self.u.emit(compare_op(*op), d, l, r);
            return Ok(d);
        }
        // d := each link; a false one ends it.
        let d = match want {
            Some(d) if self.u.is_temp(d) => d,
            _ => self.u.alloc(),
        };
        let start = self.u.top;
        let end = self.u.label();
        let cleanup = self.u.label();
        let mut l = self.operand(&c.left, &c.comparators.iter().collect::<Vec<_>>())?;
        let mut dirty = false;
        let n = c.ops.len();
        for (i, (op, right)) in c.ops.iter().zip(&c.comparators).enumerate() {
            let last = i + 1 == n;
            if last {
                let r = self.comparand(*op, right)?;
                self.u.top = start;
                self.at(c.range);
                self.u.emit(compare_op(*op), d, l, r);
                break;
            }
            let later: Vec<_> = c.comparators[i + 1..].iter().collect();
            // The middle value is needed twice; it stays in the first register after d.
            let mid = self.operand(right, &later)?;
            self.at(c.range);
            if self.u.is_temp(mid) {
                let copy = self.u.alloc();
                self.u.emit(Op::Copy, copy, mid, 0);
                self.u.emit(compare_op(*op), d, l, copy);
                if mid != start {
                    self.u.emit(Op::Move, start, mid, 0);
                }
                l = start;
                self.u.top = start + 1;
                dirty = true;
                self.u.jump(Op::JumpIfFalseOrPop, d, cleanup);
            } else {
                self.u.emit(compare_op(*op), d, l, mid);
                self.u.top = start;
                l = mid;
                self.u.jump(Op::JumpIfFalseOrPop, d, end);
            }
        }
        if dirty {
            self.u.jump(Op::Jump, 0, end);
            self.u.bind(cleanup);
            self.u.emit(Op::Kill, start, 0, 0);
        }
        self.u.bind(end);
        self.u.top = start;
        match want {
            Some(w) if w != d => {
                self.u.emit(Op::Move, w, d, 0);
                self.u.top = base;
                Ok(w)
            }
            _ => Ok(d),
        }
    }

    /// The right side of a comparison; displays of constants on the right of `in` are constants.
    pub fn comparand(&mut self, op: CmpOp, e: &'a Expr) -> Res<Reg> {
        if matches!(op, CmpOp::In | CmpOp::NotIn) {
            let (elts, set) = match e {
                Expr::List(l) => (&l.elts, false),
                Expr::Set(s) => (&s.elts, true),
                _ => return self.expr(e, None),
            };
            if let Some(items) = self.fold_all(elts) {
                let c = if set {
                    Const::FrozenSet(items)
                } else {
                    Const::Tuple(items)
                };
                let t = self.u.alloc();
                self.at(e.range());
                self.load_const(c, t);
                return Ok(t);
            }
        }
        self.expr(e, None)
    }

    pub fn fold_all(&self, elts: &[Expr]) -> Option<Vec<Const>> {
        elts.iter().map(|e| self.fold(e)).collect()
    }

    fn attribute(&mut self, a: &'a ast::ExprAttribute, want: Option<Reg>) -> Res<Reg> {
        if let Some(r) = self.super_attr(a, want)? {
            return Ok(r);
        }
        let base = self.u.top;
        let o = self.expr(&a.value, None)?;
        self.u.top = base;
        let d = self.dst(want);
        let name = self.mangled(&a.attr.id);
        let n = self.u.name16(&name);
        self.at(self.attribute_range(a));
        self.u.emit(Op::LoadAttr, d, o, n);
        Ok(d)
    }

    fn subscript(&mut self, s: &'a ast::ExprSubscript, want: Option<Reg>) -> Res<Reg> {
        self.subscript_warnings(s);
        let base = self.u.top;
        let o = self.operand(&s.value, &[&s.slice])?;
        if let Some(n) = self.small_int(&s.slice) {
            self.u.top = base;
            let d = self.dst(want);
            self.at(s.range);
            self.u.emit(Op::LoadSubscrI, d, o, n as i16 as u16);
            return Ok(d);
        }
        if let Expr::Slice(sl) = &*s.slice
            && sl.step.is_none()
            && self.fold_slice(sl).is_none()
        {
            let w = self.part(sl.lower.as_deref(), s.range)?;
            self.part(sl.upper.as_deref(), s.range)?;
            self.u.top = base;
            let d = self.dst(want);
            self.at(s.range);
            self.u.emit(Op::LoadSlice, d, o, w);
            return Ok(d);
        }
        let i = self.index_expr(&s.slice)?;
        self.u.top = base;
        let d = self.dst(want);
        self.at(s.range);
        self.u.emit(Op::LoadSubscr, d, o, i);
        Ok(d)
    }

    /// What stands between brackets; a starred item there makes a tuple.
    pub fn index_expr(&mut self, e: &'a Expr) -> Res<Reg> {
        if let Expr::Starred(_) = e {
            return self.list(std::slice::from_ref(e), e.range(), None, Op::BuildTuple);
        }
        self.expr(e, None)
    }

    /// A list, tuple or set display.
    pub fn list(&mut self, elts: &'a [Expr], range: TextRange, want: Option<Reg>, build: Op) -> Res<Reg> {
        let base = self.u.top;
        let starred = elts.iter().any(Expr::is_starred_expr);
        if !starred
            && elts.len() >= 3
            && build != Op::BuildTuple
            && let Some(items) = self.fold_all(elts)
        {
            // An empty display that a constant fills.
            let t = self.u.alloc();
            self.at(range);
            self.u.emit(build, t, t, 0);
            let k = self.u.alloc();
            let (c, op) = if build == Op::BuildList {
                (Const::Tuple(items), Op::ListExtend)
            } else {
                (Const::FrozenSet(items), Op::SetUpdate)
            };
            self.load_const(c, k);
            self.u.emit(op, t, k, 0);
            return self.finish_temp(t, want);
        }
        if !starred && elts.len() <= 200 {
            for e in elts {
                self.temp(e)?;
            }
            self.u.top = base;
            let d = self.dst(want);
            self.at(range);
            self.u.emit(build, d, base, elts.len() as u16);
            return Ok(d);
        }
        let (first, append, extend) = match build {
            Op::BuildSet => (Op::BuildSet, Op::SetAdd, Op::SetUpdate),
            _ => (Op::BuildList, Op::ListAppend, Op::ListExtend),
        };
        let t = self.u.alloc();
        let head = elts.iter().take(100).take_while(|e| !e.is_starred_expr()).count();
        let w = self.u.top;
        for e in &elts[..head] {
            self.temp(e)?;
        }
        self.at(range);
        self.u.emit(first, t, w, head as u16);
        self.u.top = w;
        for e in &elts[head..] {
            match e {
                Expr::Starred(s) => {
                    let r = self.expr(&s.value, None)?;
                    self.at(range);
                    self.u.emit(extend, t, r, 0);
                }
                e => {
                    let r = self.expr(e, None)?;
                    self.at(range);
                    self.u.emit(append, t, r, 0);
                }
            }
            self.u.top = w;
        }
        if build == Op::BuildTuple {
            self.u.emit(Op::ListToTuple, t, t, 0);
        }
        self.finish_temp(t, want)
    }

    fn dict(&mut self, d: &'a ast::ExprDict, want: Option<Reg>) -> Res<Reg> {
        let base = self.u.top;
        let plain = d.items.iter().all(|i| i.key.is_some());
        if plain && d.items.len() <= 100 {
            for i in &d.items {
                if let Some(k) = &i.key {
                    self.temp(k)?;
                    self.temp(&i.value)?;
                }
            }
            self.u.top = base;
            let r = self.dst(want);
            self.at(d.range);
            self.u.emit(Op::BuildMap, r, base, d.items.len() as u16);
            return Ok(r);
        }
        let t = self.u.alloc();
        let head = d.items.iter().take(50).take_while(|i| i.key.is_some()).count();
        let w = self.u.top;
        for i in &d.items[..head] {
            if let Some(k) = &i.key {
                self.temp(k)?;
                self.temp(&i.value)?;
            }
        }
        self.at(d.range);
        self.u.emit(Op::BuildMap, t, w, head as u16);
        self.u.top = w;
        for i in &d.items[head..] {
            match &i.key {
                Some(k) => {
                    let kr = self.operand(k, &[&i.value])?;
                    let v = self.expr(&i.value, None)?;
                    self.at(d.range);
                    self.u.emit(Op::MapAdd, t, kr, v);
                }
                None => {
                    let v = self.expr(&i.value, None)?;
                    self.at(d.range);
                    self.u.emit(Op::DictUpdate, t, v, 0);
                }
            }
            self.u.top = w;
        }
        self.finish_temp(t, want)
    }

    /// Delegates to the iterator in `r` until it returns; its value is left in `r`.
    pub fn await_loop(&mut self, r: Reg) {
        let s = self.u.alloc();
        let head = self.u.label();
        let done = self.u.label();
        self.u.emit(Op::LoadNone, s, 0, 0);
        if !self.u.reachable {
            self.u.top = r + 1;
            return;
        }
        self.u.bind_loop(head);
        self.u.emit_to(Op::Send, s, r, s, done);
        self.u.emit_to(Op::YieldFrom, s, s, r, done);
        self.u.jump(Op::JumpBack, 0, head);
        self.u.bind(done);
        self.u.emit(Op::Move, r, s, 0);
        self.u.top = r + 1;
    }

    pub fn check_yield(&self, range: TextRange, what: &str) -> Res<()> {
        let kind = self.scopes.all[self.u.inner].kind;
        if !matches!(kind, ScopeKind::Function | ScopeKind::Lambda) {
            return syntax(range, format!("'{what}' outside function"));
        }
        Ok(())
    }

    pub fn check_await(&self, range: TextRange) -> Res<()> {
        let s = &self.scopes.all[self.u.scope];
        if s.is_async || (self.top_level_await && s.kind == ScopeKind::Module) {
            return Ok(());
        }
        if s.is_function_like() {
            return syntax(range, "'await' outside async function");
        }
        syntax(range, "'await' outside function")
    }

    fn yield_(&mut self, y: &'a ast::ExprYield, want: Option<Reg>) -> Res<Reg> {
        self.check_yield(y.range, "yield")?;
        let base = self.u.top;
        let r = match &y.value {
            Some(v) => self.expr(v, None)?,
            None => {
                let t = self.u.alloc();
                self.at(y.range);
                self.u.emit(Op::LoadNone, t, 0, 0);
                t
            }
        };
        self.u.top = base;
        self.at(y.range);
        let v = self.wrap_yield(r);
        let d = self.dst(want);
        self.u.emit(Op::Yield, d, v, 0);
        Ok(d)
    }

    /// In an asynchronous generator wraps the value to be yielded.
    pub fn wrap_yield(&mut self, r: Reg) -> Reg {
        if self.u.flags & flags::ASYNC_GENERATOR == 0 {
            return r;
        }
        let t = self.u.alloc();
        self.u.emit(
            Op::Intrinsic1,
            t,
            r,
            skein_bytecode::table::Intrinsic1::AsyncGenWrap as u16,
        );
        self.u.top = t;
        t
    }

    fn lambda(&mut self, l: &'a ast::ExprLambda, want: Option<Reg>) -> Res<Reg> {
        let scope = self.scope_of(l, Part::Body)?;
        let d = match want {
            Some(d) if self.u.is_temp(d) => d,
            _ => self.u.alloc(),
        };
        let base = self.u.top;
        let defaults = match &l.parameters {
            Some(p) => self.defaults(p)?,
            None => [None, None],
        };
        self.enter(scope, l.range)?;
        let args = self.signature(l.parameters.as_deref());
        let parent = self.scopes.all[scope].parent;
        if parent.is_some_and(|p| self.scopes.all[p].kind == ScopeKind::Class) {
            self.u.flags |= flags::METHOD;
        }
        self.at(l.body.range());
        let r = self.expr(&l.body, None)?;
        self.at(l.body.range());
        self.u.emit(Op::Return, r, 0, 0);
        let code = self.leave(l.range, args)?;
        self.at(l.range);
        self.make_function(code, scope, d)?;
        for (i, r) in defaults.into_iter().enumerate() {
            if let Some(r) = r {
                self.u.emit(Op::SetFuncAttr, d, r, i as u16);
            }
        }
        self.u.top = base;
        match want {
            Some(w) if w != d => {
                self.u.emit(Op::Move, w, d, 0);
                self.u.top = d;
                Ok(w)
            }
            _ => Ok(d),
        }
    }
}

/// The type of a value that is plain from its syntax.
pub(crate) fn type_name(e: &Expr) -> Option<&'static str> {
    Some(match e {
        Expr::Tuple(_) => "tuple",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        Expr::FString(_) | Expr::StringLiteral(_) => "str",
        Expr::TString(_) => "string.templatelib.Template",
        Expr::BytesLiteral(_) => "bytes",
        Expr::NumberLiteral(n) => match literal::number(&n.value)? {
            Const::Float(_) => "float",
            Const::Complex(..) => "complex",
            _ => "int",
        },
        Expr::BooleanLiteral(_) => "bool",
        Expr::NoneLiteral(_) => "NoneType",
        Expr::EllipsisLiteral(_) => "ellipsis",
        _ => return None,
    })
}
