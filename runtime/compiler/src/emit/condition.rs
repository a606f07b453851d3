//! Conditions: expressions that only decide where to go on.

use super::Compiler;
use crate::error::Res;
use crate::fold::truth;
use crate::unit::Label;
use ruff_python_ast::{BoolOp, CmpOp, Expr, UnaryOp};
use ruff_text_size::Ranged;
use skein_bytecode::Op;

fn jump_op(op: CmpOp) -> Option<(Op, Option<Op>)> {
    Some(match op {
        CmpOp::Lt => (Op::JLt, Some(Op::JLtI)),
        CmpOp::LtE => (Op::JLe, Some(Op::JLeI)),
        CmpOp::Eq => (Op::JEq, Some(Op::JEqI)),
        CmpOp::NotEq => (Op::JNe, Some(Op::JNeI)),
        CmpOp::Gt => (Op::JGt, Some(Op::JGtI)),
        CmpOp::GtE => (Op::JGe, Some(Op::JGeI)),
        CmpOp::Is | CmpOp::IsNot => (Op::JIs, None),
        CmpOp::In | CmpOp::NotIn => (Op::JIn, None),
    })
}

impl<'a> Compiler<'a> {
    /// The truth of `e` if it is known now.
    pub fn known_truth(&self, e: &Expr) -> Option<bool> {
        self.fold(e).map(|c| truth(&c))
    }

    /// Goes to `label` if the truth of `e` is `cond`; otherwise goes on behind.
    pub fn jump_if(&mut self, e: &'a Expr, cond: bool, label: Label) -> Res<()> {
        self.deeper(e.range(), |c| c.jump_if_inner(e, cond, label))
    }

    fn jump_if_inner(&mut self, e: &'a Expr, cond: bool, label: Label) -> Res<()> {
        if let Some(t) = self.known_truth(e) {
            self.at(e.range());
            if t == cond {
                self.u.jump(Op::Jump, 0, label);
            } else {
                self.u.note_line();
            }
            return Ok(());
        }
        match e {
            Expr::UnaryOp(u) if u.op == UnaryOp::Not => self.jump_if(&u.operand, !cond, label),
            Expr::BoolOp(b) => {
                let Some((last, init)) = b.values.split_last() else {
                    return Ok(());
                };
                // `or` jumps early when true, `and` when false.
                if (b.op == BoolOp::Or) == cond {
                    for v in &b.values {
                        self.jump_if(v, cond, label)?;
                    }
                } else {
                    let over = self.u.label();
                    for v in init {
                        self.jump_if(v, !cond, over)?;
                    }
                    self.jump_if(last, cond, label)?;
                    self.u.bind(over);
                }
                Ok(())
            }
            Expr::If(i) => {
                let otherwise = self.u.label();
                let end = self.u.label();
                self.jump_if(&i.test, false, otherwise)?;
                self.jump_if(&i.body, cond, label)?;
                self.u.jump(Op::Jump, 0, end);
                self.u.bind(otherwise);
                self.jump_if(&i.orelse, cond, label)?;
                self.u.bind(end);
                Ok(())
            }
            Expr::Compare(c) if c.ops.len() == 1 => {
                let base = self.u.top;
                let op = c.ops[0];
                let right = &c.comparators[0];
                let Some((jump, imm)) = jump_op(op) else {
                    return Ok(());
                };
                let negated = matches!(op, CmpOp::IsNot | CmpOp::NotIn);
                let l = self.operand(&c.left, &[right])?;
                if right.is_none_literal_expr() && matches!(op, CmpOp::Is | CmpOp::IsNot) {
                    self.u.top = base;
                    self.at(c.range);
                    let op = if cond != negated {
                        Op::JumpIfNone
                    } else {
                        Op::JumpIfNotNone
                    };
                    self.u.jump(op, l, label);
                    return Ok(());
                }
                if let (Some(imm), Some(n)) = (imm, self.small_int(right)) {
                    self.u.top = base;
                    self.at(c.range);
                    self.u.emit_to(imm, l, n as i16 as u16, u16::from(cond), label);
                    return Ok(());
                }
                if matches!(op, CmpOp::Is | CmpOp::IsNot) {
                    self.compare_warnings(c);
                }
                let r = self.comparand(op, right)?;
                self.u.top = base;
                self.at(c.range);
                self.u.emit_to(jump, l, r, u16::from(cond != negated), label);
                Ok(())
            }
            Expr::Compare(c) => {
                let start = self.u.top;
                let n = c.ops.len();
                let cleanup = self.u.label();
                let over = self.u.label();
                // Where a false link leads.
                let no = if cond { over } else { label };
                let mut l = self.operand(&c.left, &c.comparators.iter().collect::<Vec<_>>())?;
                let mut dirty = false;
                for (i, (op, right)) in c.ops.iter().zip(&c.comparators).enumerate() {
                    let Some((jump, _)) = jump_op(*op) else {
                        return Ok(());
                    };
                    let negated = matches!(op, CmpOp::IsNot | CmpOp::NotIn);
                    if i + 1 == n {
                        let r = self.comparand(*op, right)?;
                        self.u.top = start;
                        self.at(c.range);
                        self.u.emit_to(jump, l, r, u16::from(cond != negated), label);
                        break;
                    }
                    let later: Vec<_> = c.comparators[i + 1..].iter().collect();
                    let mid = self.operand(right, &later)?;
                    self.at(c.range);
                    if self.u.is_temp(mid) {
                        let copy = self.u.alloc();
                        self.u.emit(Op::Copy, copy, mid, 0);
                        if mid != start {
                            // The left side is consumed by the jump, so the middle value has to move behind it.
                            let t = self.u.alloc();
                            self.u.emit(crate::emit::expr::compare_op(*op), t, l, copy);
                            self.u.emit(Op::Move, start, mid, 0);
                            self.u.jump(Op::JumpIfNot, t, cleanup);
                        } else {
                            self.u.emit_to(jump, l, copy, u16::from(negated), cleanup);
                        }
                        l = start;
                        self.u.top = start + 1;
                        dirty = true;
                    } else {
                        self.u.emit_to(jump, l, mid, u16::from(negated), no);
                        self.u.top = start;
                        l = mid;
                    }
                }
                if dirty {
                    self.u.jump(Op::Jump, 0, over);
                    self.u.bind(cleanup);
                    self.u.emit(Op::Kill, start, 0, 0);
                    if !cond {
                        self.u.jump(Op::Jump, 0, label);
                    }
                }
                self.u.bind(over);
                self.u.top = start;
                Ok(())
            }
            e => {
                let base = self.u.top;
                let r = self.expr(e, None)?;
                self.u.top = base;
                self.at(e.range());
                let op = if cond { Op::JumpIf } else { Op::JumpIfNot };
                self.u.jump(op, r, label);
                Ok(())
            }
        }
    }
}
