//! try statements.

use super::Compiler;
use crate::error::{Res, syntax};
use crate::unit::Block;
use ruff_python_ast::name::Name;
use ruff_python_ast::{self as ast, ExceptHandler};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::{Const, Op};

impl<'a> Compiler<'a> {
    pub fn try_(&mut self, t: &'a ast::StmtTry) -> Res<()> {
        self.at(t.range);
        let line = self.u.pos.line;
        if t.body.first().is_none_or(|s| self.src.position(s.range()).line != line) {
            self.u.note_line();
        }
        if t.finalbody.is_empty() {
            return self.try_except(t);
        }
        self.finally_warnings(&t.finalbody, false);
        let end = self.u.label();
        let p = self.u.protect();
        self.push_block(
            Block::Finally {
                protect: p,
                body: &t.finalbody,
            },
            t.range,
        )?;
        if t.handlers.is_empty() {
            self.body(&t.body)?;
            self.body(&t.orelse)?;
        } else {
            self.try_except(t)?;
        }
        self.pop_block();
        self.u.end_protect(p);
        self.body(&t.finalbody)?;
        self.u.jump_over_handler(end);
        // The same for an exception.
        let base = self.u.top;
        self.no_position();
        let exc = self.u.bind_handler(p);
        let prev = self.u.alloc();
        self.u.emit(Op::PushExc, prev, exc, 0);
        let cleanup = self.u.protect();
        self.push_block(
            Block::FinallyEnd {
                protect: cleanup,
                exc,
                prev,
            },
            t.range,
        )?;
        self.body(&t.finalbody)?;
        self.pop_block();
        self.u.end_protect(cleanup);
        // The frame ends at the last statement.
        self.u.keep_position();
        self.u.emit(Op::PopExc, prev, 0, 0);
        self.u.emit(Op::Reraise, exc, 0, 0);
        self.cleanup_handler(cleanup, prev);
        self.u.top = base;
        self.u.bind(end);
        Ok(())
    }

    /// An exception in a handler: the handled exception is restored, then it goes on.
    pub fn cleanup_handler(&mut self, cleanup: crate::unit::ProtectId, prev: u16) {
        self.u.top = prev + 1;
        self.no_position();
        let exc = self.u.bind_handler(cleanup);
        self.u.emit(Op::PopExc, prev, 0, 0);
        self.u.emit(Op::Reraise, exc, 0, 0);
    }

    fn try_except(&mut self, t: &'a ast::StmtTry) -> Res<()> {
        let end = self.u.label();
        let p = self.u.protect();
        self.push_block(Block::Try { protect: p }, t.range)?;
        self.body(&t.body)?;
        self.pop_block();
        self.u.end_protect(p);
        self.body(&t.orelse)?;
        self.u.jump_over_handler(end);
        let base = self.u.top;
        self.no_position();
        let exc = self.u.bind_handler(p);
        let prev = self.u.alloc();
        self.u.emit(Op::PushExc, prev, exc, 0);
        let cleanup = self.u.protect();
        if t.is_star {
            self.star_handlers(t, exc, prev, cleanup, end)?;
        } else {
            self.handlers(t, exc, prev, cleanup, end)?;
        }
        self.cleanup_handler(cleanup, prev);
        self.u.top = base;
        self.u.bind(end);
        Ok(())
    }

    /// `name = None; del name`
    pub fn forget_name(&mut self, name: &Name, range: TextRange) -> Res<()> {
        let name = self.mangled(name);
        let pos = self.u.pos;
        let _ = range;
        if let crate::scope::Place::Fast(r) = self.place(&name) {
            // Nothing can see the None.
            self.u.emit(Op::Kill, r, 0, 0);
            self.u.bound.remove(r);
        } else {
            let t = self.u.alloc();
            self.u.emit(Op::LoadNone, t, 0, 0);
            self.store_mangled(&name, t);
            self.u.top = t;
            self.delete_mangled(&name);
        }
        self.u.pos = pos;
        Ok(())
    }

    fn handlers(
        &mut self,
        t: &'a ast::StmtTry,
        exc: u16,
        prev: u16,
        cleanup: crate::unit::ProtectId,
        end: crate::unit::Label,
    ) -> Res<()> {
        let base = self.u.top;
        let mut caught_all = false;
        for (i, h) in t.handlers.iter().enumerate() {
            let ExceptHandler::ExceptHandler(h) = h;
            let next = self.u.label();
            match &h.type_ {
                Some(e) => {
                    let r = self.expr(e, None)?;
                    self.at(e.range());
                    self.u.emit_to(Op::JNotExcMatch, exc, r, 0, next);
                    self.u.top = base;
                }
                None if i + 1 < t.handlers.len() => {
                    return syntax(h.range, "default 'except:' must be last");
                }
                None => {
                    caught_all = true;
                    self.at(h.range);
                    self.u.note_line();
                }
            }
            let mut inner = None;
            if let Some(n) = &h.name {
                self.forbidden(&n.id, h.range, "assign to")?;
                let c = self.u.alloc();
                self.at(n.range);
                self.u.emit(Op::Copy, c, exc, 0);
                self.store_name(&n.id, n.range, c)?;
                self.u.top = base;
                inner = Some((&n.id, self.u.protect(), n.range));
            }
            self.push_block(
                Block::Handler {
                    protect: cleanup,
                    exc,
                    prev,
                    name: inner,
                },
                h.range,
            )?;
            self.body(&h.body)?;
            self.pop_block();
            if let Some((_, p, _)) = inner {
                self.u.end_protect(p);
            }
            self.u.suspend(cleanup);
            self.no_position();
            self.u.emit(Op::PopExc, prev, 0, 0);
            self.u.emit(Op::Kill, exc, 0, 0);
            if let Some((n, _, r)) = inner {
                self.forget_name(n, r)?;
            }
            self.u.jump(Op::Jump, 0, end);
            self.u.resume(cleanup);
            if let Some((n, p, r)) = inner {
                // The name goes away on an exception too.
                let e = self.u.bind_handler(p);
                self.forget_name(n, r)?;
                self.u.emit(Op::Reraise, e, 0, 0);
                self.u.top = base;
            }
            self.u.bind(next);
        }
        let _ = caught_all;
        self.u.end_protect(cleanup);
        self.no_position();
        // The frame ends at the clause that was tried last.
        if let Some(ExceptHandler::ExceptHandler(last)) = t.handlers.last()
            && let Some(type_) = &last.type_
        {
            self.at(type_.range());
        }
        self.u.emit(Op::PopExc, prev, 0, 0);
        self.u.emit(Op::Reraise, exc, 0, 0);
        Ok(())
    }

    fn star_handlers(
        &mut self,
        t: &'a ast::StmtTry,
        exc: u16,
        prev: u16,
        cleanup: crate::unit::ProtectId,
        end: crate::unit::Label,
    ) -> Res<()> {
        let orig = self.u.alloc();
        let list = self.u.alloc();
        let rest = self.u.alloc();
        self.u.emit(Op::Copy, orig, exc, 0);
        self.u.emit(Op::BuildList, list, list, 0);
        self.u.emit(Op::Copy, rest, exc, 0);
        for h in &t.handlers {
            let ExceptHandler::ExceptHandler(h) = h;
            let Some(e) = &h.type_ else {
                return syntax(h.range, "expected one or more exception types");
            };
            let next = self.u.label();
            let no_match = self.u.label();
            let found = self.u.alloc();
            let r = self.expr(e, None)?;
            self.at(e.range());
            self.u.emit(Op::EgMatch, rest, rest, r);
            self.u.top = found + 1;
            let c = self.u.alloc();
            self.u.emit(Op::Copy, c, found, 0);
            self.u.jump(Op::JumpIfNone, c, no_match);
            let saved = c;
            self.u.emit(Op::PushExc, saved, found, 0);
            if let Some(n) = &h.name {
                let v = self.u.alloc();
                self.at(n.range);
                self.u.emit(Op::Copy, v, found, 0);
                self.store_name(&n.id, n.range, v)?;
                self.u.top = saved + 1;
            }
            let p = self.u.protect();
            self.push_block(Block::StarHandler, h.range)?;
            self.body(&h.body)?;
            self.pop_block();
            self.u.end_protect(p);
            self.no_position();
            self.u.emit(Op::PopExc, saved, 0, 0);
            self.u.emit(Op::Kill, found, 0, 0);
            if let Some(n) = &h.name {
                self.forget_name(&n.id, n.range)?;
            }
            self.u.jump(Op::Jump, 0, next);
            let raised = self.u.bind_handler(p);
            if let Some(n) = &h.name {
                self.forget_name(&n.id, n.range)?;
            }
            self.u.emit(Op::ListAppend, list, raised, 0);
            self.u.emit(Op::PopExc, saved, 0, 0);
            self.u.emit(Op::Kill, found, 0, 0);
            self.u.jump(Op::Jump, 0, next);
            self.u.bind(no_match);
            self.u.emit(Op::Kill, found, 0, 0);
            self.u.top = found;
            self.u.bind(next);
        }
        self.no_position();
        self.u.emit(Op::ListAppend, list, rest, 0);
        self.u.emit(Op::PrepReraiseStar, orig, orig, list);
        self.u.end_protect(cleanup);
        let raise = self.u.label();
        self.u.emit(Op::PopExc, prev, 0, 0);
        self.u.emit(Op::Copy, list, orig, 0);
        self.u.jump(Op::JumpIfNotNone, list, raise);
        self.u.emit(Op::Kill, orig, 0, 0);
        self.u.emit(Op::Kill, exc, 0, 0);
        self.u.jump(Op::Jump, 0, end);
        self.u.bind(raise);
        self.u.emit(Op::Reraise, orig, 0, 0);
        Ok(())
    }

    pub fn raise(&mut self, r: &'a ast::StmtRaise) -> Res<()> {
        let base = self.u.top;
        match (&r.exc, &r.cause) {
            (None, _) => {
                self.at(r.range);
                self.u.emit(Op::Raise, 0, 0, 0);
            }
            (Some(e), None) => {
                let v = self.expr(e, None)?;
                self.at(r.range);
                self.u.emit(Op::Raise, 1, v, 0);
            }
            (Some(e), Some(c)) => {
                let v = self.operand(e, &[c])?;
                let c = self.expr(c, None)?;
                self.at(r.range);
                self.u.emit(Op::Raise, 2, v, c);
            }
        }
        self.u.top = base;
        Ok(())
    }

    pub fn assert(&mut self, a: &'a ast::StmtAssert) -> Res<()> {
        if let ast::Expr::Tuple(t) = &*a.test
            && !t.elts.is_empty()
        {
            self.warn(a.range, "assertion is always true, perhaps remove parentheses?");
        }
        if self.optimize > 0 {
            // Errors in it are errors all the same.
            let reachable = std::mem::replace(&mut self.u.reachable, false);
            let base = self.u.top;
            self.expr(&a.test, None)?;
            self.u.top = base;
            if let Some(m) = &a.msg {
                self.expr(m, None)?;
            }
            self.u.top = base;
            self.u.reachable = reachable;
            return Ok(());
        }
        let end = self.u.label();
        self.jump_if(&a.test, true, end)?;
        let w = self.u.alloc();
        self.at(a.test.range());
        self.u.emit(Op::LoadAssertionError, w, 0, 0);
        if let Some(m) = &a.msg {
            self.temp(m)?;
            self.at(a.range);
            self.u.emit(Op::Call, w, w, 1);
        }
        self.at(a.test.range());
        self.u.emit(Op::Raise, 1, w, 0);
        self.u.top = w;
        self.u.bind(end);
        Ok(())
    }

    pub fn import(&mut self, i: &'a ast::StmtImport) -> Res<()> {
        for a in &i.names {
            let bound = a.asname.as_ref().unwrap_or(&a.name);
            self.forbidden(&bound.id, a.range, "assign to")?;
            let base = self.u.top;
            let level = self.u.alloc_n(2);
            self.at(i.range);
            self.load_const(Const::Int(0), level);
            self.load_const(Const::None, level + 1);
            let n = self.u.name16(&a.name.id);
            self.u.emit(Op::ImportName, level, level, n);
            self.u.top = level + 1;
            match &a.asname {
                None => {
                    let top = Name::from(a.name.split('.').next().unwrap_or(""));
                    self.store_name(&top, i.range, level)?;
                }
                Some(asname) => {
                    // `import a.b.c as d` binds c.
                    for part in a.name.split('.').skip(1) {
                        let t = self.u.alloc();
                        let n = self.u.name16(&Name::from(part));
                        self.u.emit(Op::ImportFrom, t, level, n);
                        self.u.emit(Op::Move, level, t, 0);
                        self.u.top = level + 1;
                    }
                    self.store_name(&asname.id, i.range, level)?;
                }
            }
            self.u.top = base;
        }
        Ok(())
    }

    pub fn import_from(&mut self, i: &'a ast::StmtImportFrom) -> Res<()> {
        let base = self.u.top;
        let level = self.u.alloc_n(2);
        self.at(i.range);
        self.load_const(Const::Int(i.level as i64), level);
        let names = i.names.iter().map(|a| Const::Str(a.name.as_bytes().into())).collect();
        self.load_const(Const::Tuple(names), level + 1);
        let module = match &i.module {
            Some(m) => m.id.clone(),
            None => Name::new_static(""),
        };
        let n = self.u.name16(&module);
        self.u.emit(Op::ImportName, level, level, n);
        self.u.top = level + 1;
        for a in &i.names {
            if a.name.as_str() == "*" {
                self.u.emit(Op::ImportStar, level, 0, 0);
                self.u.top = base;
                return Ok(());
            }
            let t = self.u.alloc();
            self.at(i.range);
            let n = self.u.name16(&a.name.id);
            self.u.emit(Op::ImportFrom, t, level, n);
            let target = a.asname.as_ref().unwrap_or(&a.name);
            self.forbidden(&target.id, a.range, "assign to")?;
            self.store_name(&target.id, i.range, t)?;
            self.u.top = t;
        }
        self.u.emit(Op::Kill, level, 0, 0);
        self.u.top = base;
        Ok(())
    }
}
