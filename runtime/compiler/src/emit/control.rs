//! Loops, and every way to leave a block early.

use super::Compiler;
use crate::error::{Res, syntax};
use crate::scope::ScopeKind;
use crate::unit::{Block, Label, ProtectId, Reg};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::Op;
use skein_bytecode::code::flags;

/// CPython's limit of blocks inside each other.
const MAX_BLOCKS: usize = 20;

impl<'a> Compiler<'a> {
    pub fn push_block(&mut self, b: Block<'a>, range: TextRange) -> Res<()> {
        if self.u.blocks.len() >= MAX_BLOCKS {
            return syntax(range, "too many statically nested blocks");
        }
        self.u.blocks.push(b);
        Ok(())
    }

    pub fn pop_block(&mut self) {
        self.u.blocks.pop();
    }

    pub fn while_(&mut self, w: &'a ast::StmtWhile) -> Res<()> {
        let head = self.u.label();
        let otherwise = self.u.label();
        let end = self.u.label();
        let endless = self.known_truth(&w.test) == Some(true);
        if endless {
            self.at(w.test.range());
            self.u.note_line();
        }
        self.u.bind_loop(head);
        if !endless {
            self.jump_if(&w.test, false, otherwise)?;
        }
        self.push_block(
            Block::Loop {
                brk: end,
                cont: head,
                iter: None,
                head: endless.then(|| w.test.range()),
            },
            w.range,
        )?;
        self.body(&w.body)?;
        self.pop_block();
        // The jump is all that a loop without a condition has at its head.
        if endless {
            self.at(w.test.range());
        } else {
            self.u.keep_position();
        }
        self.u.jump(Op::JumpBack, 0, head);
        self.u.bind(otherwise);
        self.body(&w.orelse)?;
        self.u.bind(end);
        Ok(())
    }

    /// Advances the iterator and stores what it gives, or goes to `done`.
    pub fn for_iter(&mut self, target: &'a Expr, it: Reg, done: Label, range: TextRange) -> Res<()> {
        self.at(range);
        if let (Some(r), Expr::Name(n)) = (self.fast(target), target) {
            self.forbidden(&n.id, n.range, "assign to")?;
            self.u.emit_to(Op::ForIter, r, it, 0, done);
            self.mark_bound(r);
            return Ok(());
        }
        let t = self.u.alloc();
        self.u.emit_to(Op::ForIter, t, it, 0, done);
        self.store_top_target(target, None)
    }

    pub fn for_(&mut self, f: &'a ast::StmtFor) -> Res<()> {
        let base = self.u.top;
        let range = f.iter.range();
        if f.is_async {
            self.check_async(f.range, "async for")?;
        }
        let source = self.expr(&f.iter, None)?;
        self.u.top = base;
        let it = self.u.alloc();
        self.at(range);
        let op = if f.is_async { Op::GetAIter } else { Op::GetIter };
        self.u.emit(op, it, source, 0);
        let head = self.u.label();
        let otherwise = self.u.label();
        let end = self.u.label();
        self.u.bind_loop(head);
        let entered = self.u.reachable;
        let mut protect = None;
        self.push_block(
            Block::Loop {
                brk: end,
                cont: head,
                iter: Some(it),
                head: None,
            },
            f.range,
        )?;
        if f.is_async {
            protect = Some(self.async_next(it, range));
            self.store_top_target(&f.target, None)?;
        } else {
            self.for_iter(&f.target, it, otherwise, range)?;
        }
        self.body(&f.body)?;
        self.pop_block();
        self.u.keep_position();
        self.u.jump(Op::JumpBack, 0, head);
        if let Some(p) = protect {
            self.at(range);
            self.end_async_for(p, it, otherwise, entered);
        }
        self.u.bind(otherwise);
        self.u.top = base;
        self.body(&f.orelse)?;
        self.u.bind(end);
        Ok(())
    }

    pub fn check_async(&self, range: TextRange, what: &str) -> Res<()> {
        let s = &self.scopes.all[self.u.scope];
        if s.is_async || (self.top_level_await && s.kind == ScopeKind::Module) {
            return Ok(());
        }
        if s.is_function_like() {
            return syntax(range, format!("'{what}' outside async function"));
        }
        syntax(range, format!("'{what}' outside async function"))
    }

    /// Awaits the next item of an asynchronous iterator; it is left in a new temporary.
    pub fn async_next(&mut self, it: Reg, range: TextRange) -> ProtectId {
        let p = self.u.protect();
        let t = self.u.alloc();
        self.at(range);
        self.u.emit(Op::GetANext, t, it, 0);
        self.u.emit(Op::GetAwaitable, t, t, 0);
        self.await_loop(t);
        self.u.suspend(p);
        p
    }

    /// The end of the items; goes on behind.
    pub fn end_async_for(&mut self, p: ProtectId, it: Reg, _done: Label, _entered: bool) {
        self.u.end_protect(p);
        self.u.top = self.u.protect_reg(p);
        let exc = self.u.bind_handler(p);
        self.u.emit(Op::EndAsyncFor, exc, it, 0);
        self.u.top = exc;
    }

    // ---- leaving

    /// Writes the code that leaves the blocks above `depth`, then what `last` emits; the blocks stay for what follows.
    pub fn unwind(&mut self, depth: usize, value: Option<Reg>, last: impl FnOnce(&mut Self)) -> Res<()> {
        let mut left = Vec::new();
        while self.u.blocks.len() > depth {
            let Some(b) = self.u.blocks.pop() else { break };
            left.push(b.clone());
            self.leave_block(b, value)?;
        }
        last(self);
        for b in left.into_iter().rev() {
            match &b {
                Block::Try { protect }
                | Block::Finally { protect, .. }
                | Block::FinallyEnd { protect, .. }
                | Block::With { protect, .. } => self.u.resume(*protect),
                Block::Handler { protect, name, .. } => {
                    self.u.resume(*protect);
                    if let Some((_, p, _)) = name {
                        self.u.resume(*p);
                    }
                }
                Block::Loop { .. } | Block::StarHandler | Block::Value(_) => {}
            }
            self.u.blocks.push(b);
        }
        Ok(())
    }

    fn leave_block(&mut self, b: Block<'a>, value: Option<Reg>) -> Res<()> {
        match b {
            Block::Loop { iter, .. } => {
                // A frame that ends drops its registers anyway; only code that still runs could see the iterator alive.
                let more = self
                    .u
                    .blocks
                    .iter()
                    .any(|b| !matches!(b, Block::Loop { .. } | Block::Try { .. }));
                if let (Some(r), true) = (iter, more) {
                    self.u.emit(Op::Kill, r, 0, 0);
                }
            }
            Block::Try { protect } => self.u.suspend(protect),
            Block::Finally { protect, body } => {
                self.u.suspend(protect);
                let pos = self.u.pos;
                if let Some(v) = value {
                    self.u.blocks.push(Block::Value(v));
                }
                self.body(body)?;
                if value.is_some() {
                    self.u.blocks.pop();
                }
                self.u.pos = pos;
            }
            Block::FinallyEnd { protect, exc, prev } => {
                self.u.suspend(protect);
                self.u.emit(Op::PopExc, prev, 0, 0);
                self.u.emit(Op::Kill, exc, 0, 0);
            }
            Block::Handler {
                protect,
                exc,
                prev,
                name,
            } => {
                if let Some((_, p, _)) = name {
                    self.u.suspend(p);
                }
                self.u.suspend(protect);
                self.u.emit(Op::PopExc, prev, 0, 0);
                self.u.emit(Op::Kill, exc, 0, 0);
                if let Some((n, _, range)) = name {
                    self.forget_name(n, range)?;
                }
            }
            Block::StarHandler => {}
            Block::Value(r) => self.u.emit(Op::Kill, r, 0, 0),
            Block::With {
                protect,
                exit,
                is_async,
                range,
            } => {
                self.u.suspend(protect);
                let pos = self.u.pos;
                let top = self.u.top;
                self.at(range);
                let w = if value.is_some() {
                    let w = self.u.alloc_n(2);
                    self.u.emit(Op::Move, w, exit, 0);
                    self.u.emit(Op::Move, w + 1, exit + 1, 0);
                    w
                } else {
                    self.u.top = exit + 2;
                    exit
                };
                self.call_exit(w, is_async);
                self.u.top = top;
                self.u.pos = pos;
            }
        }
        Ok(())
    }

    pub fn return_(&mut self, r: &'a ast::StmtReturn) -> Res<()> {
        let kind = self.scopes.all[self.u.scope].kind;
        if !matches!(kind, ScopeKind::Function) {
            return syntax(r.range, "'return' outside function");
        }
        if let Some(v) = &r.value {
            if self.u.flags & flags::ASYNC_GENERATOR != 0 {
                return syntax(r.range, "'return' with value in async generator");
            }
            let _ = v;
        }
        self.check_star(0, r.range)?;
        let base = self.u.top;
        let busy = self
            .u
            .blocks
            .iter()
            .any(|b| !matches!(b, Block::Loop { .. } | Block::Try { .. }));
        let constant = match &r.value {
            Some(v) => self.fold(v),
            None => Some(skein_bytecode::Const::None),
        };
        // Behind what runs when blocks are left.
        let runs = self
            .u
            .blocks
            .iter()
            .any(|b| matches!(b, Block::Finally { .. } | Block::With { .. }));
        match (constant, &r.value) {
            (Some(c), _) => {
                self.at(r.range);
                let range = r.range;
                if runs {
                    self.u.note_line();
                }
                self.unwind(0, None, |s| {
                    if runs {
                        s.u.keep_position();
                    } else {
                        s.at(range);
                    }
                    if c == skein_bytecode::Const::None {
                        s.u.emit(Op::ReturnNone, 0, 0, 0);
                    } else {
                        let t = s.u.alloc();
                        s.load_const(c, t);
                        s.u.emit(Op::Return, t, 0, 0);
                    }
                })?;
            }
            (None, Some(v)) => {
                let t = if busy { self.temp(v)? } else { self.expr(v, None)? };
                self.at(r.range);
                self.unwind(0, Some(t), |s| {
                    if runs {
                        s.u.keep_position();
                    }
                    s.u.emit(Op::Return, t, 0, 0);
                })?;
            }
            (None, None) => {}
        }
        self.u.top = base;
        Ok(())
    }

    /// `break`, `continue` and `return` may not leave an `except*` block.
    fn check_star(&self, depth: usize, range: TextRange) -> Res<()> {
        if self.u.blocks[depth..].iter().any(|b| matches!(b, Block::StarHandler)) {
            return syntax(
                range,
                "'break', 'continue' and 'return' cannot appear in an except* block",
            );
        }
        Ok(())
    }

    pub fn break_(&mut self, range: TextRange, is_continue: bool) -> Res<()> {
        let found = self.u.blocks.iter().rposition(|b| matches!(b, Block::Loop { .. }));
        let Some(depth) = found else {
            self.check_star(0, range)?;
            return syntax(
                range,
                if is_continue {
                    "'continue' not properly in loop"
                } else {
                    "'break' outside loop"
                },
            );
        };
        self.check_star(depth, range)?;
        let Block::Loop { brk, cont, iter, head } = self.u.blocks[depth].clone() else {
            return Ok(());
        };
        self.at(range);
        self.u.note_line();
        let runs = self.u.blocks[depth..]
            .iter()
            .any(|b| matches!(b, Block::Finally { .. } | Block::With { .. }));
        self.unwind(depth + 1, None, |s| {
            if runs {
                s.u.keep_position();
            } else {
                s.at(range);
            }
            if is_continue {
                if let Some(head) = head {
                    s.at(head);
                }
                s.u.jump(Op::JumpBack, 0, cont);
            } else {
                if let Some(it) = iter {
                    s.u.emit(Op::Kill, it, 0, 0);
                }
                s.u.jump(Op::Jump, 0, brk);
            }
        })
    }
}
