//! Returns, yields and exceptions.

use super::{Leave, Machine};
use crate::frame::{self, Frame, Kind};
use crate::generator::Delegate;
use crate::operands::{self, Operands};
use crate::regs::{Regs, release, settle};
use crate::run::{read_bits, read_owned};
use crate::unwind::Returned;
use crate::{generator, ops, unwind};
use skein_bytecode::Op;
use skein_bytecode::instr::{CONSUME_A, CONSUME_B};
use skein_gc::{Ref, Value};
use skein_object::object::type_of;
use skein_object::{Context, Error, statics as s};
use std::sync::atomic::{AtomicU64, Ordering};

impl Machine<'_> {
    /// Raises the error that a word holds.
    #[inline(always)]
    pub unsafe fn raise_word(self, error: u64) -> Leave {
        self.raise(Error(Ref::from_value(Value(error))))
    }

    /// Takes a frame that holds nothing any more off the stack, and gives a register's bits to the frame below.
    #[inline(always)]
    unsafe fn give_next(self, value: u64) -> Leave {
        let (below, dst) = (self.frame.sub(1), (*self.frame).dst);
        self.cx.frame.set(below.cast());
        let old = std::mem::replace(&mut *dst, value);
        Machine::of(below, self.cx).drop_next(old)
    }

    /// Whether the frame is of kind Call and holds nothing but its registers and its function.
    #[inline(always)]
    unsafe fn is_plain(self) -> bool {
        let f = &*self.frame;
        (f.kind as u64 - Kind::Call as u64) | f.object | f.locals | f.extra == 0
    }

    /// Returns a register's bits from a plain frame.
    #[inline(always)]
    unsafe fn return_bits(self, value: u64) -> Leave {
        // The frame's registers are those of the machine, which is one thing less to keep.
        if frame::clear_registers_quick(self.frame, self.regs.0, self.ins.b())
            && frame::release_quick((*self.frame).function)
        {
            return self.give_next(value);
        }
        self.with(slow_return, value)
    }

    /// How many registers may hold something at the return that `pc` stands behind.
    #[inline(always)]
    unsafe fn live(self) -> usize {
        let word = self.pc.sub(1);
        let op = operands::current(word);
        if op == Op::Return as usize || op == Op::ReturnNone as usize {
            Operands::at(word).b()
        } else {
            // Traced.
            (*(*self.frame).code).nregs as usize
        }
    }
}

// Return of a value to native code, or from an `__init__` that a class has called.
finisher! {
    init_return |m, value| {
        match (*m.frame).kind {
            Kind::Init => {}
            Kind::Entry if frame::clear_quick(m.frame, m.live()) => {
                m.cx.frame.set(m.frame.sub(1).cast());
                return m.leave(Leave::RETURN, Ref::from_value(Value(settle(value))));
            }
            Kind::Operator if frame::clear_quick(m.frame, m.live()) => return m.with(operator_return, value),
            Kind::New if value & 3 == 0 => return m.with(new_return, value),
            _ => return m.with(generator_return, value),
        }
        if value == s::none().into_value().0 {
            let instance = std::mem::take(&mut (*m.frame).extra);
            if frame::clear_quick(m.frame, m.live()) {
                return m.give_next(instance);
            }
            (*m.frame).extra = instance;
        }
        m.with(slow_return, value)
    }
}

// Return of a value from the special method of an operator; the frame holds nothing any more.
finisher! {
    operator_return |m, value| {
        let below = m.frame.sub(1);
        m.cx.frame.set(below.cast());
        let e = ops::operator::finished(m.cx, below, value);
        let n = Machine::of(below, m.cx);
        if e != 0 {
            return n.raise_word(e);
        }
        n.next()
    }
}

// Return of a value from a class's `__new__`, where that is an instance of just that class:
// it has no `__init__` to be called.
finisher! {
    new_return |m, value| {
        let below = m.frame.sub(1);
        let (first, n) = ops::call::new_arguments(m.frame);
        let regs = Regs((*below).regs);
        // The class is in front of the arguments, or in front of the empty register of a method's receiver.
        let at = first - 1 - (regs.raw(first - 1) == 0) as usize;
        let made = super::call::class_of(value);
        if made as u64 != regs.raw(at) & !7
            || !(*made).slots.init.same(&s::OBJECT.slots.init)
            || !frame::clear_quick(m.frame, m.live())
        {
            return m.with(slow_return, value);
        }
        let dst = (*m.frame).dst;
        m.cx.frame.set(below.cast());
        // What is dropped may poll.
        let value = settle(value);
        let m = Machine::of(below, m.cx);
        regs.drop_window(at, first - at + n);
        let old = std::mem::replace(&mut *dst, value);
        m.drop_next(old)
    }
}

// Return of a value from a generator that the frame below has resumed.
finisher! {
    generator_return |m, value| {
        let kind = (*m.frame).kind;
        let dst = (*m.frame).dst;
        if matches!(kind, Kind::GenFor | Kind::GenSend)
            && (kind == Kind::GenSend || value & 7 != 0)
            && generator::finish_quick(m.cx, m.frame, m.live())
        {
            let below = m.frame.sub(1);
            // The instruction that resumed the generator: two words, of which the second is the label.
            let at = (*below).pc;
            let label = (*at.sub(1)).load(Ordering::Relaxed);
            let resumed = Operands::at(at.sub(2));
            let mut n = Machine::of(below, m.cx);
            n.goto(label);
            let generator = n.regs.clear(resumed.b());
            let old = if kind == Kind::GenSend {
                std::mem::replace(&mut *dst, value)
            } else {
                0
            };
            return n.drop_both_next(old, generator);
        }
        m.with(slow_return, value)
    }
}

handler! {
    Return |m| {
        if !m.is_plain() {
            return m.to(other_Return);
        }
        m.return_bits(m.regs.clear(m.ins.a()))
    }
}

handler! {
    #[inline(never)] other_Return |m| {
        // A local is moved as well, since its register dies with the frame; unless a frame object will show it.
        let moved = m.consumes(CONSUME_A) || (*m.frame).object == 0;
        m.with(init_return, read_bits(m.regs, m.ins.a(), moved))
    }
}

handler! {
    ReturnNone |m| {
        if !m.is_plain() {
            return m.with(init_return, s::none().into_value().0);
        }
        m.return_bits(s::none().into_value().0)
    }
}

// Return of a value.
finisher! {
    slow_return |m, value| {
        m.save();
        // What is dropped with the frame may poll.
        let value = settle(value);
        match (*m.frame).kind {
            Kind::Call => {
                let dst = (*m.frame).dst;
                frame::pop_live(m.cx, m.frame, m.live());
                let old = std::mem::replace(&mut *dst, value);
                release(old);
                m.next_frame()
            }
            Kind::Entry => {
                frame::pop(m.cx, m.frame);
                m.leave(Leave::RETURN, Ref::from_value(Value(value)))
            }
            kind => match unwind::returned(m.cx, m.frame, Ref::from_value(Value(value)), kind) {
                Returned::Below => m.next_frame(),
                Returned::Leave(value) => m.leave(Leave::RETURN, value),
                Returned::Error(e) => {
                    // It is raised in the frame below.
                    let below = frame::top(m.cx);
                    Machine::of(below, m.cx).raise(e)
                }
            },
        }
    }
}

handler! {
    ReturnGenerator |m| {
        m.save();
        let g = create_generator(m.cx, m.frame, m.pc);
        if g & 2 != 0 {
            // The bit marks an error, whose frame is still there.
            return m.raise_word(g & !2);
        }
        if (*m.frame).kind == Kind::Call && (*m.frame).locals | (*m.frame).extra == 0 {
            // Registers, function and frame object are the generator's now.
            return m.give_next(g);
        }
        frame::pop(m.cx, m.frame);
        m.leave(Leave::RETURN, Ref::from_value(Value(g)))
    }
}

/// The generator of the running frame as bits; an error with bit 1 set.
#[inline(never)]
unsafe fn create_generator(cx: &Context, frame: *mut Frame, pc: *const AtomicU64) -> u64 {
    match generator::create(cx, frame, pc) {
        Ok(g) => g.into_value().0,
        Err(e) => e.0.into_value().0 | 2,
    }
}

handler! {
    Yield |m| m.yield_quick(None, |m| m.to(chain_Yield), |m| m.to(slow_Yield))
}

handler! {
    #[inline(never)] slow_Yield |m| {
        let value = read_owned(m.regs, m.ins.b(), m.consumes(CONSUME_B));
        m.yield_bits(value, None)
    }
}

handler! {
    YieldFrom |m| {
        let label = m.extra() as u32;
        let delegate = Some((m.ins.c() as u32, m.ins.b() as u32, label));
        m.yield_quick(delegate, |m| m.past(chain_YieldFrom), |m| m.past(slow_YieldFrom))
    }
}

twin! {
    slow_YieldFrom |m| {
        let label = (*m.pc.sub(1)).load(Ordering::Relaxed) as u32;
        let value = read_owned(m.regs, m.ins.b(), m.consumes(CONSUME_B));
        m.yield_bits(value, Some((m.ins.c() as u32, m.ins.b() as u32, label)))
    }
}

impl Machine<'_> {
    /// Yields operand b without calling anything, where that is possible; else `slow` does it, or `chain` in a chain of generators.
    #[inline(always)]
    unsafe fn yield_quick(
        self,
        delegate: Option<(u32, u32, u32)>,
        chain: impl FnOnce(Self) -> Leave,
        slow: impl FnOnce(Self) -> Leave,
    ) -> Leave {
        if (*self.frame).index != 0 {
            return chain(self);
        }
        let v = self.regs.raw(self.ins.b());
        let consume = self.consumes(CONSUME_B);
        let (dst, entry) = ((*self.frame).dst, (*self.frame).kind == Kind::GenEntry);
        if consume || v & 7 != 0 {
            if consume {
                *self.regs.0.add(self.ins.b()) = 0;
            }
            if generator::suspend_quick(self.cx, self.frame, self.pc, self.ins.a(), delegate) {
                if entry {
                    return self.leave(Leave::YIELD, Ref::from_value(Value(settle(v))));
                }
                let old = std::mem::replace(&mut *dst, v);
                let below = self.frame.sub(1);
                return Machine::of(below, self.cx).drop_next(old);
            }
            if consume {
                *self.regs.0.add(self.ins.b()) = v;
            }
        }
        slow(self)
    }
}

// A yield in a chain of generators: the value goes to who resumed the outermost one.
handler! {
    #[inline(never)] chain_Yield |m| m.yield_chain(Delegate::NONE, |m| m.to(slow_Yield))
}

twin! {
    chain_YieldFrom |m| {
        let label = (*m.pc.sub(1)).load(Ordering::Relaxed) as u32;
        m.yield_chain(Delegate::new(m.ins.c(), m.ins.b(), label), |m| m.past(slow_YieldFrom))
    }
}

impl Machine<'_> {
    #[inline(always)]
    unsafe fn yield_chain(self, delegate: Delegate, slow: impl FnOnce(Self) -> Leave) -> Leave {
        let p = self.regs.0.add(self.ins.b());
        let v = *p;
        let consume = self.consumes(CONSUME_B);
        if consume || v & 7 != 0 {
            // The value is read first, since another thread could have the registers when they are saved.
            if consume {
                *p = 0;
            }
            let root = generator::suspend_chain(self.cx, self.frame, self.pc, self.ins.a(), delegate);
            if !root.is_null() {
                if (*root).kind == Kind::GenEntry {
                    return self.leave(Leave::YIELD, Ref::from_value(Value(settle(v))));
                }
                let old = std::mem::replace(&mut *(*root).dst, v);
                return Machine::of(root.sub(1), self.cx).drop_next(old);
            }
            if consume {
                *p = v;
            }
        }
        slow(self)
    }
}

impl Machine<'_> {
    /// Suspends the running generator and gives owned bits to who resumed it.
    #[inline(always)]
    unsafe fn yield_bits(self, value: u64, delegate: Option<(u32, u32, u32)>) -> Leave {
        self.save();
        let (kind, dst) = ((*self.frame).kind, (*self.frame).dst);
        generator::suspend(self.cx, self.frame, self.pc, self.ins.a(), delegate);
        if kind == Kind::GenEntry {
            return self.leave(Leave::YIELD, Ref::from_value(Value(value)));
        }
        let old = std::mem::replace(&mut *dst, value);
        let below = self.frame.sub(1);
        Machine::of(below, self.cx).drop_next(old)
    }
}

handler! {
    EndAsyncFor |m| {
        m.save();
        let e = m.regs.take(m.ins.a());
        if type_of(&e).is_subtype(&s::STOP_ASYNC_ITERATION) {
            drop(e);
            m.regs.kill(m.ins.b());
            return m.next();
        }
        m.reraise(Error(e))
    }
}

handler! {
    Raise |m| {
        m.save();
        let e = ops::exception::raise(m.cx, m.regs, m.ins);
        // A bare raise goes on with the traceback as it is.
        if m.ins.a() != 0 { m.raise(e) } else { m.reraise(e) }
    }
}

handler! {
    Reraise |m| {
        let e = read_owned(m.regs, m.ins.a(), m.consumes(CONSUME_A));
        m.reraise(Error(Ref::from_value(Value(e))))
    }
}

slow! { PushExc => ops::exception::push }
slow! { PopExc => ops::exception::pop }
slow! { ExcMatch => ops::exception::matches }

handler! {
    JNotExcMatch |m| {
        let label = m.extra();
        m.save();
        let holds = ops::exception::test(m.cx, m.regs, m.ins);
        if holds.0 > 1 {
            return m.raise_word(holds.0);
        }
        if holds.0 == 0 {
            m.goto(label);
        }
        m.next()
    }
}

slow! { EgMatch => ops::exception::group_match }
slow! { PrepReraiseStar => ops::exception::prepare_reraise_star }
slow! { WithExcept => ops::exception::with_except, true }
slow! { WithExceptAsync => ops::exception::with_except, false }
