//! with statements.

use super::Compiler;
use crate::error::Res;
use crate::unit::{Block, Reg};
use ruff_python_ast as ast;
use ruff_text_size::Ranged;
use skein_bytecode::Op;

impl<'a> Compiler<'a> {
    pub fn with(&mut self, w: &'a ast::StmtWith) -> Res<()> {
        if w.is_async {
            self.check_async(w.range, "async with")?;
        }
        self.with_item(w, 0)
    }

    /// Calls the exit method in the window `w` with three times None; the result is dropped.
    pub fn call_exit(&mut self, w: Reg, is_async: bool) {
        let n = self.u.alloc_n(3);
        for i in 0..3 {
            self.u.emit(Op::LoadNone, n + i, 0, 0);
        }
        self.u.emit(Op::CallMethod, w, w, 3);
        self.u.top = w + 1;
        if is_async {
            self.u.emit(Op::GetAwaitable, w, w, 2);
            self.await_loop(w);
        }
        self.u.emit(Op::Kill, w, 0, 0);
        self.u.top = w;
    }

    fn with_item(&mut self, w: &'a ast::StmtWith, index: usize) -> Res<()> {
        let Some(item) = w.items.get(index) else {
            return self.body(&w.body);
        };
        let base = self.u.top;
        let range = item.context_expr.range();
        let exit = self.u.alloc_n(2);
        let o = self.expr(&item.context_expr, None)?;
        self.at(range);
        let (enter_id, exit_id) = if w.is_async { (2, 3) } else { (0, 1) };
        let e = exit + 2;
        if self.u.is_temp(o) {
            let c = self.u.alloc();
            self.u.emit(Op::Copy, c, o, 0);
            self.u.emit(Op::LoadSpecial, exit, c, exit_id);
        } else {
            self.u.emit(Op::LoadSpecial, exit, o, exit_id);
        }
        self.u.top = e;
        self.u.alloc_n(2);
        self.u.emit(Op::LoadSpecial, e, o, enter_id);
        self.u.emit(Op::CallMethod, e, e, 0);
        self.u.top = e + 1;
        if w.is_async {
            self.u.emit(Op::GetAwaitable, e, e, 1);
            self.await_loop(e);
        }
        self.u.top = e;
        let p = self.u.protect();
        self.u.top = e + 1;
        self.push_block(
            Block::With {
                protect: p,
                exit,
                is_async: w.is_async,
                range,
            },
            w.range,
        )?;
        match &item.optional_vars {
            Some(t) => self.store(t, e)?,
            None => self.u.emit(Op::Kill, e, 0, 0),
        }
        self.u.top = e;
        self.deeper(range, |c| c.with_item(w, index + 1))?;
        self.pop_block();
        self.u.end_protect(p);
        let end = self.u.label();
        self.at(range);
        self.call_exit(exit, w.is_async);
        self.u.jump_over_handler(end);
        // The exceptional way.
        self.u.top = e;
        let exc = self.u.bind_handler(p);
        let prev = self.u.alloc();
        self.at(range);
        self.u.emit(Op::PushExc, prev, exc, 0);
        let cleanup = self.u.protect();
        let t = self.u.alloc();
        if w.is_async {
            self.u.emit(Op::WithExceptAsync, t, exit, exc);
            self.u.emit(Op::GetAwaitable, t, t, 2);
            self.await_loop(t);
        } else {
            self.u.emit(Op::WithExcept, t, exit, exc);
        }
        let swallow = self.u.label();
        self.u.jump(Op::JumpIf, t, swallow);
        self.u.end_protect(cleanup);
        let pos = self.u.pos;
        self.no_position();
        self.u.emit(Op::PopExc, prev, 0, 0);
        self.u.emit(Op::Reraise, exc, 0, 0);
        self.u.pos = pos;
        self.u.bind(swallow);
        self.u.emit(Op::PopExc, prev, 0, 0);
        self.u.emit(Op::Kill, exc, 0, 0);
        self.u.emit(Op::KillRange, exit, 2, 0);
        self.u.jump(Op::Jump, 0, end);
        self.cleanup_handler(cleanup, prev);
        self.u.top = base;
        self.u.bind(end);
        Ok(())
    }
}
