//! Calls.

use super::Machine;
use super::plain::body_at;
use crate::call::code_of;
use crate::frame::{self, Kind};
use crate::ops;
use crate::regs::Regs;
use crate::run::Handler;
use skein_gc::{Class, Header};
use skein_object::{FunctionBody, Type, statics as s};

/// The class of a live object.
#[inline(always)]
pub unsafe fn class_of(bits: u64) -> *const Type {
    (*((bits & !15) as *const Header)).class() as *const Class as *const Type
}

impl Machine<'_> {
    /// Calls register `f` with the `n` arguments from register `first` on, if it is a Python function that takes just these.
    #[inline(always)]
    unsafe fn call(self, f: usize, first: usize, n: usize, slow: Handler) -> super::Leave {
        let callee = self.regs.raw(f);
        if callee & 3 == 0 && std::ptr::eq(class_of(callee), &raw const s::FUNCTION) && skein_gc::poll_word() == 0 {
            let fb: &FunctionBody = body_at(callee);
            if let Some(code) = code_of(fb)
                && code.simple
                && code.args as usize == n
            {
                let new = frame::push_quick(self.cx, self.frame, callee, code, self.regs.0.add(first), n, Kind::Call);
                if !new.is_null() {
                    self.save();
                    *self.regs.0.add(f) = 0;
                    (*new).globals = fb.globals.value().0;
                    (*new).builtins = fb.builtins.value().0;
                    (*new).dst = self.regs.0.add(self.ins.a());
                    return Machine {
                        pc: code.words.as_ptr(),
                        regs: Regs(self.regs.0.add(first)),
                        ins: self.ins,
                        frame: new,
                        cx: self.cx,
                    }
                    .next();
                }
            }
        }
        self.to(slow)
    }
}

handler!(
    Call | m | {
        m.pc = m.pc.add(1);
        m.call(m.ins.b(), m.ins.b() + 1, m.ins.c(), slow_Call)
    }
);

handler!(
    #[inline(never)]
    slow_Call
        | m
        | {
            m.save();
            m.after_call(ops::call::call_polled(
                m.cx,
                m.regs,
                m.ins,
                m.ins.b() + 1,
                m.ins.c(),
                m.site(),
            ))
        }
);

handler!(
    CallMethod | m | {
        m.pc = m.pc.add(1);
        if m.regs.raw(m.ins.b() + 1) != 0 {
            m.call(m.ins.b(), m.ins.b() + 1, m.ins.c() + 1, slow_CallMethod)
        } else {
            m.call(m.ins.b(), m.ins.b() + 2, m.ins.c(), slow_CallMethod)
        }
    }
);

handler!(
    #[inline(never)]
    slow_CallMethod
        | m
        | {
            m.save();
            let receiver = (m.regs.raw(m.ins.b() + 1) != 0) as usize;
            let (first, n) = (m.ins.b() + 2 - receiver, m.ins.c() + receiver);
            m.after_call(ops::call::call_polled(m.cx, m.regs, m.ins, first, n, m.site()))
        }
);

handler!(
    CallKw | m | {
        let names = m.extra() as u32 as usize;
        m.save();
        m.after_call(ops::call::call_kw(
            m.cx,
            m.frame,
            m.regs,
            m.ins,
            m.ins.b() + 1,
            m.ins.c(),
            names,
        ))
    }
);

handler!(
    CallMethodKw | m | {
        let names = m.extra() as u32 as usize;
        m.save();
        let receiver = (m.regs.raw(m.ins.b() + 1) != 0) as usize;
        let (first, n) = (m.ins.b() + 2 - receiver, m.ins.c() + receiver);
        m.after_call(ops::call::call_kw(m.cx, m.frame, m.regs, m.ins, first, n, names))
    }
);

handler!(
    CallEx | m | {
        m.save();
        m.after_call(ops::call::call_ex(m.cx, m.frame, m.regs, m.ins))
    }
);
