//! Moves, constants, names.

use crate::regs::share;
use crate::{cache, ops};
use skein_bytecode::instr::CONSUME_B;
use skein_gc::Value;
use skein_object::{CellBody, DictBody, Object, statics as s};

/// Body of an object known to have it.
#[inline(always)]
pub unsafe fn body_at<'a, T>(bits: u64) -> &'a T {
    &(*((bits & !7) as *const Object<T>)).body
}

handler! {
    Nop |m| m.next()
}

handler! {
    Move |m| {
        let v = m.regs.raw(m.ins.b());
        if m.consumes(CONSUME_B) {
            *m.regs.0.add(m.ins.b()) = 0;
            m.set_next(m.ins.a(), v)
        } else {
            m.set_next(m.ins.a(), share(v))
        }
    }
}

handler! {
    Copy |m| m.set_next(m.ins.a(), share(m.regs.raw(m.ins.b())))
}

handler! {
    Kill |m| m.set_next(m.ins.a(), 0)
}

handler! {
    KillRange |m| {
        m.save();
        for i in 0..m.ins.b() {
            m.regs.kill(m.ins.a() + i);
        }
        m.next()
    }
}

handler! {
    LoadConst |m| {
        let c = (*m.frame).code().consts.get_unchecked(m.ins.bx() as usize).word().0;
        m.set_next(m.ins.a(), share(c))
    }
}

handler! {
    LoadInt |m| m.set_next(m.ins.a(), Value::small(m.ins.bx() as i32).0)
}
handler! {
    LoadNone |m| m.set_next(m.ins.a(), s::none().into_value().0)
}
handler! {
    LoadTrue |m| m.set_next(m.ins.a(), s::true_().into_value().0)
}
handler! {
    LoadFalse |m| m.set_next(m.ins.a(), s::false_().into_value().0)
}
handler! {
    LoadAssertionError |m| m.set_next(m.ins.a(), s::ASSERTION_ERROR.object().into_value().0)
}

handler! {
    CheckBound |m| {
        if m.regs.raw(m.ins.a()) == 0 {
            return m.to(unbound_a);
        }
        m.next()
    }
}

handler! {
    OwnKeywords |m| {
        if m.regs.raw(m.ins.a()) == s::no_keywords().into_value().0 {
            return m.to(new_OwnKeywords);
        }
        m.next()
    }
}
slow! { #[inline(never)] new_OwnKeywords => ops::build::own_keywords }

handler! {
    DelLocal |m| {
        if m.regs.raw(m.ins.a()) == 0 {
            return m.to(unbound_a);
        }
        m.set_next(m.ins.a(), 0)
    }
}

handler! {
    #[cold] #[inline(never)] unbound_a |m| m.raise(ops::name::unbound(m.frame, m.ins.a()))
}
handler! {
    #[cold] #[inline(never)] unbound_b |m| m.raise(ops::name::unbound(m.frame, m.ins.b()))
}

handler! {
    LoadGlobal |m| {
        let word = m.cache();
        let mut hit = 0;
        if cache::kind(word) == cache::GLOBAL {
            let d: &DictBody = body_at((*m.frame).globals);
            hit = d.0.peek_if((word >> 32) as u32, (word as u32) >> 4).0;
        } else if cache::kind(word) == cache::RECORD {
            let r = cache::record(word);
            let g: &DictBody = body_at((*m.frame).globals);
            if g.0.keys_version() == r.shape {
                let b: &DictBody = body_at((*m.frame).builtins);
                hit = b.0.peek_if(r.version, r.offset).0;
            }
        }
        if hit == 0 {
            return m.past(slow_LoadGlobal);
        }
        m.set_next(m.ins.a(), share(hit))
    }
}

twin! {
    #[cold] slow_LoadGlobal |m| {
        m.save();
        m.after(ops::name::load_global(m.cx, m.frame, m.regs, m.ins, m.site()))
    }
}

handler! {
    LoadName |m| {
        let word = m.cache();
        let mut hit = 0;
        if cache::kind(word) == cache::GLOBAL && ((*m.frame).locals == 0 || (*m.frame).locals == (*m.frame).globals) {
            let d: &DictBody = body_at((*m.frame).globals);
            hit = d.0.peek_if((word >> 32) as u32, (word as u32) >> 4).0;
        }
        if hit == 0 {
            return m.past(slow_LoadName);
        }
        m.set_next(m.ins.a(), share(hit))
    }
}

twin! {
    slow_LoadName |m| {
        m.save();
        m.after(ops::name::load_name(m.cx, m.frame, m.regs, m.ins, m.site()))
    }
}

handler! {
    LoadDeref |m| {
        let cell: &CellBody = body_at(m.regs.raw(m.ins.b()));
        match cell.0.load().0 {
            0 => m.to(unbound_b),
            v => m.set_next(m.ins.a(), share(v)),
        }
    }
}
