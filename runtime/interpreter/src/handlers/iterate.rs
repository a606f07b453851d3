//! Iteration and delegation.

use super::Machine;
use crate::frame::{Frame, Kind};
use crate::generator::{self, COROUTINE, GENERATOR};
use crate::ops;
use crate::ops::iter::Step;
use skein_bytecode::instr::{CONSUME_A, CONSUME_B, CONSUME_C};
use skein_object::statics as s;

slow! { GetIter => ops::iter::get_iter }

handler! {
    ForIter |m| {
        let item = ops::iter::for_iter_fast(m.regs.raw(m.ins.b()));
        if item != 0 {
            m.pc = m.pc.add(1);
            return m.set_next(m.ins.a(), item);
        }
        m.to(resume_ForIter)
    }
}

// The iterator is no list, tuple or range: a generator that is resumed without ado, or anything else.
handler! {
    #[inline(never)] resume_ForIter |m| {
        let it = m.regs.raw(m.ins.b());
        if it & 7 == 0 && std::ptr::eq(super::call::class_of(it), &raw const GENERATOR) {
            let none = s::none().into_value().0;
            let new = generator::start_quick(m.cx, it, m.frame, none, Kind::GenFor);
            if !new.is_null() {
                m.pc = m.pc.add(1);
                m.save();
                return m.enter(new);
            }
        }
        m.to(chain_ForIter)
    }
}

handler! {
    #[inline(never)] chain_ForIter |m| {
        let it = m.regs.raw(m.ins.b());
        if it & 7 == 0 && std::ptr::eq(super::call::class_of(it), &raw const GENERATOR) {
            let none = s::none().into_value().0;
            let new = m.resume_chain(it, none, Kind::GenFor);
            if !new.is_null() {
                return Machine::of(new, m.cx).next();
            }
        }
        m.to(slow_ForIter)
    }
}

handler! {
    #[inline(never)] slow_ForIter |m| {
        let label = m.extra();
        m.save();
        let step = ops::iter::for_iter(m.cx, m.regs, m.ins);
        m.after_step(step, label)
    }
}

/// Most values that UnpackSeq replaces without a detour.
const FEW: usize = 4;

handler! {
    UnpackSeq |m| {
        let (v, w, n) = (m.regs.raw(m.ins.a()), m.ins.b(), m.ins.c());
        if v & 3 == 0 {
            let (items, len) = ops::iter::items_fast(v);
            if len == n {
                let held = if m.consumes(CONSUME_A) {
                    m.regs.clear(m.ins.a())
                } else {
                    0
                };
                // What the window held is dropped when all items are written: that may run code that changes them.
                let mut old = [0; FEW];
                let free = (0..n).all(|i| {
                    let old = m.regs.raw(w + i);
                    old & 7 != 0 || old == 0
                });
                if free || n <= FEW {
                    for i in 0..n {
                        let p = m.regs.0.add(w + i);
                        if let Some(old) = old.get_mut(i)
                            && !free
                        {
                            *old = *p;
                        }
                        *p = crate::regs::share(*items.add(i));
                    }
                    if !free {
                        m.save();
                        for v in old {
                            if v & 7 == 0 && v != 0 && !skein_gc::header::decrement_quick(v as *mut skein_gc::Header) {
                                crate::regs::release_object(v);
                            }
                        }
                    }
                    return m.drop_next(held);
                }
                if held != 0 {
                    *m.regs.0.add(m.ins.a()) = held;
                }
            }
        }
        m.to(slow_UnpackSeq)
    }
}
slow! { #[inline(never)] slow_UnpackSeq => ops::iter::unpack_sequence }

handler! {
    UnpackEx |m| {
        let counts = m.extra();
        m.save();
        m.after(ops::iter::unpack_ex(m.cx, m.frame, m.regs, m.ins, counts))
    }
}

slow! { GetYieldFromIter => ops::iter::yield_from_iter }

handler! {
    GetAwaitable |m| {
        // A coroutine that has not begun stands for itself.
        let v = m.regs.raw(m.ins.b());
        if v & 3 == 0
            && std::ptr::eq(super::call::class_of(v), &raw const COROUTINE)
            && generator::is_new(super::body_at(v))
        {
            if m.ins.a() == m.ins.b() {
                return m.next();
            }
            if m.consumes(CONSUME_B) {
                *m.regs.0.add(m.ins.b()) = 0;
                return m.set_next(m.ins.a(), v);
            }
        }
        m.to(slow_GetAwaitable)
    }
}
slow! { #[inline(never)] slow_GetAwaitable => ops::iter::awaitable }

slow! { GetAIter => ops::iter::async_iter }
slow! { GetANext => ops::iter::async_next }

handler! {
    Send |m| {
        let it = m.regs.raw(m.ins.b());
        if it & 7 == 0 {
            let class = super::call::class_of(it);
            // A value that is a temporary is moved; another goes the long way.
            let sent = m.regs.raw(m.ins.c());
            if (std::ptr::eq(class, &raw const GENERATOR) || std::ptr::eq(class, &raw const COROUTINE))
                && (m.consumes(CONSUME_C) || sent & 7 != 0)
            {
                let new = generator::start_quick(m.cx, it, m.frame, sent, Kind::GenSend);
                if !new.is_null() {
                    if m.consumes(CONSUME_C) {
                        *m.regs.0.add(m.ins.c()) = 0;
                    }
                    m.pc = m.pc.add(1);
                    m.save();
                    return m.enter(new);
                }
            }
        }
        m.to(chain_Send)
    }
}

handler! {
    #[inline(never)] chain_Send |m| {
        let it = m.regs.raw(m.ins.b());
        let sent = m.regs.raw(m.ins.c());
        if it & 7 == 0 && (m.consumes(CONSUME_C) || sent & 7 != 0) {
            let class = super::call::class_of(it);
            if std::ptr::eq(class, &raw const GENERATOR) || std::ptr::eq(class, &raw const COROUTINE) {
                let new = m.resume_chain(it, sent, Kind::GenSend);
                if !new.is_null() {
                    if m.consumes(CONSUME_C) {
                        *m.regs.0.add(m.ins.c()) = 0;
                    }
                    return Machine::of(new, m.cx).next();
                }
            }
        }
        m.to(slow_Send)
    }
}

handler! {
    #[inline(never)] slow_Send |m| {
        let label = m.extra();
        m.save();
        let step = ops::iter::send(m.cx, m.regs, m.ins);
        m.after_step(step, label)
    }
}

impl Machine<'_> {
    /// Puts the frames of a suspended chain above this one; null if the generator has none.
    #[inline(always)]
    unsafe fn resume_chain(self, generator: u64, send: u64, kind: Kind) -> *mut Frame {
        // Saved behind the label. It does no harm if nothing is pushed: the slow way saves as well.
        (*self.frame).pc = self.pc.add(1);
        let dst = self.regs.0.add(self.ins.a());
        generator::resume_chain(self.cx, generator, self.frame, send, kind, dst)
    }

    /// Goes on in a generator's frame that was pushed above this one; what it yields goes to operand a.
    #[inline(always)]
    unsafe fn enter(self, new: *mut Frame) -> super::Leave {
        (*new).dst = self.regs.0.add(self.ins.a());
        Machine::of(new, self.cx).next()
    }

    /// After a step of an iteration: its end jumps.
    #[inline(always)]
    unsafe fn after_step(mut self, step: Step, label: u64) -> super::Leave {
        match step {
            Step::ITEM => self.next(),
            Step::PUSHED => self.next_frame(),
            Step::PAIR => {
                self.pc = self.pc.add(1);
                self.next()
            }
            Step::END => {
                self.goto(label);
                self.next()
            }
            e => self.raise_word(e.0),
        }
    }

    /// After a test: jumps to `label` if the answer is what the instruction wants.
    #[inline(always)]
    pub unsafe fn jump_after(mut self, holds: crate::run::Test, label: u64) -> super::Leave {
        if holds.0 > 1 {
            return self.raise_word(holds.0);
        }
        if holds.0 == (self.ins.c() != 0) as u64 {
            self.goto(label);
        }
        self.next()
    }
}
