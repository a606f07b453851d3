//! Assignment and deletion.

use super::Compiler;
use super::expr::binary_op;
use crate::error::{Res, syntax};
use crate::unit::{ProtectId, Reg};
use ruff_python_ast::{self as ast, Expr, Operator};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::Op;

impl<'a> Compiler<'a> {
    pub fn assign(&mut self, a: &'a ast::StmtAssign) -> Res<()> {
        if let [target] = &a.targets[..] {
            return self.assign_expr(target, &a.value);
        }
        let base = self.u.top;
        let v = self.expr(&a.value, None)?;
        for (i, t) in a.targets.iter().enumerate() {
            let last = i + 1 == a.targets.len();
            if let (false, true, Some(r)) = (last, self.u.is_temp(v), self.fast(t)) {
                self.at(t.range());
                self.u.emit(Op::Copy, r, v, 0);
                self.mark_bound(r);
            } else if !last && self.u.is_temp(v) {
                let c = self.u.alloc();
                self.at(a.value.range());
                self.u.emit(Op::Copy, c, v, 0);
                self.store(t, c)?;
                self.u.top = v + 1;
            } else {
                self.store(t, v)?;
            }
        }
        self.u.top = base;
        Ok(())
    }

    /// `target = value`
    pub fn assign_expr(&mut self, target: &'a Expr, value: &'a Expr) -> Res<()> {
        let base = self.u.top;
        if let Expr::Name(n) = target {
            self.forbidden(&n.id, n.range, "assign to")?;
        }
        if let Some(r) = self.fast(target) {
            self.expr(value, Some(r))?;
            self.mark_bound(r);
            return Ok(());
        }
        if self.swap(target, value)? {
            return Ok(());
        }
        let v = self.operand(value, &[target])?;
        self.store(target, v)?;
        self.u.top = base;
        Ok(())
    }

    /// `a, b = x, y` without a tuple.
    fn swap(&mut self, target: &'a Expr, value: &'a Expr) -> Res<bool> {
        let elts = |e: &'a Expr| match e {
            Expr::Tuple(t) => Some(&t.elts),
            Expr::List(t) => Some(&t.elts),
            _ => None,
        };
        let (Some(ts), Expr::Tuple(v)) = (elts(target), value) else {
            return Ok(false);
        };
        let vs = &v.elts;
        if ts.len() != vs.len() || !(1..=16).contains(&ts.len()) || ts.iter().chain(vs).any(Expr::is_starred_expr) {
            return Ok(false);
        }
        let base = self.u.top;
        let regs: Vec<Option<Reg>> = ts.iter().map(|t| self.fast(t)).collect();
        let distinct = regs
            .iter()
            .enumerate()
            .all(|(i, r)| r.is_some() && !regs[..i].contains(r));
        let n = vs.len();
        let direct = distinct && !vs.iter().any(super::rebinds);
        let mut from = Vec::new();
        for (i, v) in vs.iter().enumerate() {
            if direct && i + 1 == n {
                // The last value can go straight to its target, for nothing else is read any more.
                self.expr(v, regs[i])?;
                break;
            }
            // A local that no target changes is read in place.
            let plain = self.fast(v).is_some_and(|r| !regs.contains(&Some(r)));
            if direct && plain {
                from.push(self.expr(v, None)?);
            } else {
                from.push(self.temp(v)?);
            }
        }
        for (t, r) in ts.iter().zip(&from) {
            self.store(t, *r)?;
        }
        if direct {
            for r in regs.into_iter().flatten() {
                self.mark_bound(r);
            }
        }
        self.u.top = base;
        Ok(true)
    }

    /// Stores a register to a target. A temporary is consumed.
    pub fn store(&mut self, target: &'a Expr, r: Reg) -> Res<()> {
        let base = self.u.top;
        match target {
            Expr::Name(n) => self.store_name(&n.id, n.range, r)?,
            Expr::Attribute(a) => {
                self.forbidden(&a.attr.id, a.range, "assign to")?;
                let o = self.expr(&a.value, None)?;
                let name = self.mangled(&a.attr.id);
                let n = self.u.name16(&name);
                self.at(a.range);
                self.u.emit(Op::StoreAttr, o, r, n);
            }
            Expr::Subscript(s) => {
                let o = self.operand(&s.value, &[&s.slice])?;
                if let Expr::Slice(sl) = &*s.slice
                    && sl.step.is_none()
                    && self.fold_slice(sl).is_none()
                {
                    let w = self.part(sl.lower.as_deref(), s.range)?;
                    self.part(sl.upper.as_deref(), s.range)?;
                    self.at(s.range);
                    self.u.emit(Op::StoreSlice, o, r, w);
                    self.u.top = base;
                    return Ok(());
                }
                let i = self.index_expr(&s.slice)?;
                self.at(s.range);
                self.u.emit(Op::StoreSubscr, o, i, r);
            }
            Expr::Tuple(t) => self.unpack(&t.elts, t.range, r)?,
            Expr::List(t) => self.unpack(&t.elts, t.range, r)?,
            Expr::Starred(s) => {
                return syntax(s.range, "starred assignment target must be in a list or tuple");
            }
            e => return syntax(e.range(), format!("cannot assign to {}", describe(e))),
        }
        self.u.top = base;
        Ok(())
    }

    fn unpack(&mut self, elts: &'a [Expr], range: TextRange, r: Reg) -> Res<()> {
        let n = elts.len();
        if n > 60_000 {
            return syntax(range, "too many expressions in star-unpacking assignment");
        }
        let star = elts.iter().position(Expr::is_starred_expr);
        if elts.iter().filter(|e| e.is_starred_expr()).count() > 1 {
            return syntax(range, "multiple starred expressions in assignment");
        }
        if star.is_none()
            && let Some(w) = self.consecutive_locals(elts)
        {
            for e in elts {
                if let Expr::Name(n) = e {
                    self.forbidden(&n.id, n.range, "assign to")?;
                }
            }
            self.at(range);
            self.u.emit(Op::UnpackSeq, r, w, n as u16);
            for i in 0..n as u16 {
                self.mark_bound(w + i);
            }
            return Ok(());
        }
        let w = self.u.alloc_n(n as u16);
        self.at(range);
        match star {
            None => self.u.emit(Op::UnpackSeq, r, w, n as u16),
            Some(i) => {
                if i >= 256 {
                    return syntax(range, "too many expressions in star-unpacking assignment");
                }
                self.u.emit_pair(Op::UnpackEx, r, w, 0, i as u32, (n - i - 1) as u32);
            }
        }
        for (i, e) in elts.iter().enumerate() {
            let e = match e {
                Expr::Starred(s) => &*s.value,
                e => e,
            };
            self.store(e, w + i as u16)?;
        }
        Ok(())
    }

    /// The first register of targets that are plain locals in consecutive registers: they can be written without a detour.
    fn consecutive_locals(&self, elts: &[Expr]) -> Option<Reg> {
        let first = self.fast(elts.first()?)?;
        elts.iter()
            .zip(first..)
            .all(|(e, r)| self.fast(e) == Some(r))
            .then_some(first)
    }

    /// Stores the value on the top of the temporaries, which is given up.
    pub fn store_top_target(&mut self, target: &'a Expr, protect: Option<ProtectId>) -> Res<()> {
        let _ = protect;
        let t = self.u.top - 1;
        self.store(target, t)?;
        self.u.top = t;
        Ok(())
    }

    pub fn aug_assign(&mut self, a: &'a ast::StmtAugAssign) -> Res<()> {
        let base = self.u.top;
        match &*a.target {
            Expr::Name(n) => {
                self.forbidden(&n.id, n.range, "assign to")?;
                let name = self.mangled(&n.id);
                if let Some(r) = self.fast(&a.target) {
                    let l = self.operand(&a.target, &[&a.value])?;
                    self.in_place(a, r, l)?;
                    self.mark_bound(r);
                } else {
                    let l = self.load_mangled(&name, n.range, None);
                    self.in_place(a, l, l)?;
                    self.at(n.range);
                    self.store_mangled(&name, l);
                }
            }
            Expr::Attribute(at) => {
                self.forbidden(&at.attr.id, at.range, "assign to")?;
                let o = self.operand(&at.value, &[&a.value])?;
                let v = self.u.alloc();
                let name = self.mangled(&at.attr.id);
                let n = self.u.name16(&name);
                self.at(at.range);
                if self.u.is_temp(o) {
                    self.u.emit(Op::Copy, v, o, 0);
                    self.u.emit(Op::LoadAttr, v, v, n);
                } else {
                    self.u.emit(Op::LoadAttr, v, o, n);
                }
                self.in_place(a, v, v)?;
                self.at(at.range);
                self.u.emit(Op::StoreAttr, o, v, n);
            }
            Expr::Subscript(s) => {
                let o = self.operand(&s.value, &[&s.slice, &a.value])?;
                let i = match &*s.slice {
                    Expr::Starred(_) => self.index_expr(&s.slice)?,
                    slice => self.operand(slice, &[&a.value])?,
                };
                let v = self.u.alloc();
                self.at(s.range);
                let oc = self.keep_copy(o);
                let ic = self.keep_copy(i);
                self.u.emit(Op::LoadSubscr, v, oc, ic);
                self.u.top = v + 1;
                self.in_place(a, v, v)?;
                self.at(s.range);
                self.u.emit(Op::StoreSubscr, o, i, v);
            }
            e => {
                return syntax(
                    e.range(),
                    format!("'{}' is an illegal expression for augmented assignment", describe(e)),
                );
            }
        }
        self.u.top = base;
        Ok(())
    }

    /// A copy of a temporary that can be consumed; locals stay.
    pub fn keep_copy(&mut self, r: Reg) -> Reg {
        if !self.u.is_temp(r) {
            return r;
        }
        let c = self.u.alloc();
        self.u.emit(Op::Copy, c, r, 0);
        c
    }

    /// d := l op= value
    fn in_place(&mut self, a: &'a ast::StmtAugAssign, d: Reg, l: Reg) -> Res<()> {
        let base = self.u.top;
        if let Some(n) = self.small_int(&a.value) {
            let op = match a.op {
                Operator::Add => Some(Op::IAddI),
                Operator::Sub => Some(Op::ISubI),
                _ => None,
            };
            if let Some(op) = op {
                self.at(a.range);
                self.u.emit(op, d, l, n as i16 as u16);
                return Ok(());
            }
        }
        let r = self.expr(&a.value, None)?;
        self.at(a.range);
        self.u.emit(binary_op(a.op, true), d, l, r);
        self.u.top = base;
        Ok(())
    }

    pub fn delete(&mut self, target: &'a Expr) -> Res<()> {
        let base = self.u.top;
        match target {
            Expr::Name(n) => {
                self.forbidden(&n.id, n.range, "delete")?;
                let name = self.mangled(&n.id);
                self.at(n.range);
                self.delete_mangled(&name);
            }
            Expr::Attribute(a) => {
                self.forbidden(&a.attr.id, a.range, "delete")?;
                let o = self.expr(&a.value, None)?;
                let name = self.mangled(&a.attr.id);
                let n = self.u.name16(&name);
                self.at(a.range);
                self.u.emit(Op::DelAttr, o, 0, n);
            }
            Expr::Subscript(s) => {
                let o = self.operand(&s.value, &[&s.slice])?;
                let i = self.index_expr(&s.slice)?;
                self.at(s.range);
                self.u.emit(Op::DelSubscr, o, i, 0);
            }
            Expr::Tuple(t) => {
                for e in &t.elts {
                    self.delete(e)?;
                }
            }
            Expr::List(t) => {
                for e in &t.elts {
                    self.delete(e)?;
                }
            }
            e => return syntax(e.range(), format!("cannot delete {}", describe(e))),
        }
        self.u.top = base;
        Ok(())
    }
}

/// CPython's words for an expression that cannot be a target.
pub(crate) fn describe(e: &Expr) -> &'static str {
    match e {
        Expr::Attribute(_) => "attribute",
        Expr::Subscript(_) => "subscript",
        Expr::Starred(_) => "starred",
        Expr::Name(_) => "name",
        Expr::List(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Lambda(_) => "lambda",
        Expr::Call(_) => "function call",
        Expr::BoolOp(_) | Expr::BinOp(_) | Expr::UnaryOp(_) => "expression",
        Expr::Generator(_) => "generator expression",
        Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
        Expr::Await(_) => "await expression",
        Expr::ListComp(_) => "list comprehension",
        Expr::SetComp(_) => "set comprehension",
        Expr::DictComp(_) => "dict comprehension",
        Expr::Dict(_) => "dict literal",
        Expr::Set(_) => "set display",
        Expr::FString(_) => "f-string expression",
        Expr::TString(_) => "t-string expression",
        Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::NumberLiteral(_) => "literal",
        Expr::BooleanLiteral(b) => {
            if b.value {
                "True"
            } else {
                "False"
            }
        }
        Expr::NoneLiteral(_) => "None",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::Compare(_) => "comparison",
        Expr::If(_) => "conditional expression",
        Expr::Named(_) => "named expression",
        Expr::Slice(_) => "slice",
        Expr::IpyEscapeCommand(_) => "expression",
    }
}
