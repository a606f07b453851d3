//! Attributes.

use crate::regs::retain;
use crate::run::read_bits;
use crate::{cache, ops};
use skein_bytecode::instr::{CONSUME_A, CONSUME_B};
use skein_gc::Header;
use skein_object::object::type_of_header;

handler!(LoadAttr |m| {
    let v = m.regs.raw(m.ins.b());
    let (word, _) = m.cache();
    if v & 3 == 0 && cache::kind(word) == cache::SLOT {
        let found = ops::attr::slot_hit(v, word);
        if found != 0 {
            let found = retain(found);
            return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
        }
    }
    m.to(slow_LoadAttr)
});

handler!(#[inline(never)] slow_LoadAttr |m| {
    m.save();
    m.after_call(ops::attr::load(m.cx, m.frame, m.regs, m.ins, m.site()))
});

handler!(StoreAttr |m| {
    let v = m.regs.raw(m.ins.a());
    let (word, _) = m.cache();
    if v & 3 == 0 {
        let slot = ops::attr::store_slot(v, word);
        if !slot.is_null() {
            let new = read_bits(m.regs, m.ins.b(), m.consumes(CONSUME_B));
            let old = std::mem::replace(&mut *slot, new);
            let object = if m.consumes(CONSUME_A) { m.regs.clear(m.ins.a()) } else { 0 };
            return m.drop_both_next(old, object);
        }
    }
    m.to(slow_StoreAttr)
});

handler!(#[inline(never)] slow_StoreAttr |m| {
    let v = m.regs.raw(m.ins.a());
    m.save();
    if v & 3 == 0 && ops::attr::store_transition(v, cache::load(m.site()), m.regs, m.ins) {
        if m.consumes(CONSUME_A) {
            m.regs.kill(m.ins.a());
        }
        return m.next();
    }
    m.after(ops::attr::store(m.cx, m.regs, m.ins, m.frame, m.site()))
});

slow!(DelAttr => ops::attr::delete);

handler!(LoadMethod |m| {
    let v = m.regs.raw(m.ins.b());
    let (word, _) = m.cache();
    if v & 3 == 0 && cache::kind(word) == cache::RECORD {
        let r = cache::record(word);
        let h = &*((v & !15) as *const Header);
        if cache::same_version(type_of_header(h), r.version)
            && r.found == cache::Found::Method
            && ops::attr::shape_of(h) == r.shape
        {
            let p = m.regs.0.add(m.ins.a());
            // First, since one of the two registers written may be the receiver's own.
            let receiver = read_bits(m.regs, m.ins.b(), m.consumes(CONSUME_B));
            let (old, other) = (*p, *p.add(1));
            *p.add(1) = receiver;
            *p = retain(r.value.0);
            return m.drop_both_next(old, other);
        }
    }
    m.to(slow_LoadMethod)
});

handler!(#[inline(never)] slow_LoadMethod |m| {
    m.save();
    m.after(ops::attr::load_method(m.cx, m.frame, m.regs, m.ins, m.site()))
});

slow!(LoadSuperAttr cache => ops::attr::load_super_attr);

handler!(LoadSuperMethod |m| {
    m.pc = m.pc.add(1);
    m.save();
    m.after(ops::attr::load_super_method(m.cx, m.frame, m.regs, m.ins, m.site()))
});

slow!(LoadSpecial => ops::attr::load_special);
