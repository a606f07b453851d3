//! Attributes.

use super::{Leave, Machine};
use crate::frame::{self, Kind};
use crate::regs::share;
use crate::run::{read_bits, read_owned};
use crate::{cache, ops};
use skein_bytecode::instr::{CONSUME_A, CONSUME_B};
use skein_gc::Header;
use skein_object::instance::DICT;
use skein_object::object::type_of_header;

impl Machine<'_> {
    /// Writes what LoadMethod has found, bits for registers, drops the object it was found in if that is a temporary, and goes on.
    #[inline(always)]
    unsafe fn set_method_next(self, function: u64, receiver: u64) -> Leave {
        let object = if self.consumes(CONSUME_B) {
            self.regs.clear(self.ins.b())
        } else {
            0
        };
        let p = self.regs.0.add(self.ins.a());
        let (old, other) = (*p, *p.add(1));
        *p = function;
        *p.add(1) = receiver;
        if old & 7 == 0 && old != 0 {
            self.save();
            crate::regs::release_object(old);
        }
        self.drop_both_next(object, other)
    }
}

handler! {
    LoadAttr |m| {
        let v = m.regs.raw(m.ins.b());
        let (word, _) = m.cache();
        if v & 3 == 0 {
            let found = ops::attr::slot_hit(v, word);
            if found != 0 {
                let found = share(found);
                return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
            }
        }
        m.to(record_LoadAttr)
    }
}

// What is not in an inline slot: fields of `__slots__`, attributes of classes and modules.
handler! {
    #[inline(never)] record_LoadAttr |m| {
        let v = m.regs.raw(m.ins.b());
        if v & 3 != 0 {
            return m.to(slow_LoadAttr);
        }
        let word = cache::load(m.site());
        let found = if cache::kind(word) == cache::RECORD {
            let r = cache::record(word);
            match r.found {
                cache::Found::Property => return m.to(property_LoadAttr),
                cache::Found::Getter => return m.to(getter_LoadAttr),
                _ => ops::attr::record_hit(v, r),
            }
        } else if cache::kind(word) == cache::GLOBAL {
            ops::attr::module_hit(v, word)
        } else {
            0
        };
        if found != 0 {
            return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
        }
        m.to(seen_LoadAttr)
    }
}

// A property in Python.
handler! {
    #[inline(never)] property_LoadAttr |m| {
        let v = m.regs.raw(m.ins.b());
        let r = cache::record(cache::load(m.site()));
        // It is asked again what it takes, since the function's code may have been exchanged.
        if let Some((f, code)) = ops::item::method_hit(v, r, cache::Found::Property, 1)
            && skein_gc::poll_word() == 0
        {
            let window = frame::end(m.frame);
            let function = share(r.word);
            let new = frame::push_quick(m.cx, m.frame, function, code, window, 1, Kind::Call);
            if !new.is_null() {
                m.save();
                *window = read_bits(m.regs, m.ins.b(), m.consumes(CONSUME_B));
                return m.enter_function(new, f, code, m.regs.0.add(m.ins.a()));
            }
            crate::regs::release(function);
        }
        m.to(seen_LoadAttr)
    }
}

// A native data descriptor.
handler! {
    #[inline(never)] getter_LoadAttr |m| {
        let v = m.regs.raw(m.ins.b());
        let r = cache::record(cache::load(m.site()));
        // The site may have another record by now.
        if r.found == cache::Found::Getter && cache::same_version(type_of_header(&*((v & !7) as *const Header)), r.version) {
            m.save();
            return m.after(ops::attr::load_getter(m.cx, m.regs, m.ins, r));
        }
        m.to(seen_LoadAttr)
    }
}

// Sites that see more than one shape.
handler! {
    #[inline(never)] seen_LoadAttr |m| {
        let v = m.regs.raw(m.ins.b());
        let word = ops::attr::seen_slot(v, ops::name_at(m.frame, m.ins.c()));
        let found = ops::attr::slot_hit(v, word);
        if found != 0 {
            // The site may see this shape alone from now on: what it saw at first, while objects were being built, does not tell.
            if cache::kind(cache::load(m.site())) != cache::MEGA {
                cache::store(m.site(), word);
            } else if ops::attr::retry() {
                cache::restore(m.site(), word);
            }
            let found = share(found);
            return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
        }
        m.to(slow_LoadAttr)
    }
}

handler! {
    #[inline(never)] slow_LoadAttr |m| {
        m.save();
        m.after_call(ops::attr::load(m.cx, m.frame, m.regs, m.ins, m.site()))
    }
}

handler! {
    StoreAttr |m| {
        let v = m.regs.raw(m.ins.a());
        let (word, _) = m.cache();
        if v & 3 == 0 {
            let slot = ops::attr::store_slot(v, word);
            if !slot.is_null() {
                let new = read_owned(m.regs, m.ins.b(), m.consumes(CONSUME_B));
                let old = std::mem::replace(&mut *slot, new);
                let object = if m.consumes(CONSUME_A) {
                    m.regs.clear(m.ins.a())
                } else {
                    0
                };
                return m.drop_both_next(old, object);
            }
        }
        m.to(record_StoreAttr)
    }
}

// New attributes, and fields of `__slots__`.
handler! {
    #[inline(never)] record_StoreAttr |m| {
        let v = m.regs.raw(m.ins.a());
        if v & 3 != 0 {
            return m.to(slow_StoreAttr);
        }
        // Fits nothing if the word is none of a record.
        let r = cache::record(cache::load(m.site()));
        let h = &*((v & !7) as *const Header);
        let slot = if r.found == cache::Found::Member {
            ops::attr::member_slot(v, r)
        } else {
            ops::attr::new_slot(h, r)
        };
        // Of a shared object, a field is exchanged and an attribute added elsewhere.
        if slot.is_null() || !h.is_private() {
            return m.to(seen_StoreAttr);
        }
        let new = read_owned(m.regs, m.ins.b(), m.consumes(CONSUME_B));
        let old = std::mem::replace(&mut *slot.cast_mut().cast::<u64>(), new);
        if r.found != cache::Found::Member {
            ops::attr::set_shape(h, r.new_shape);
        }
        let object = if m.consumes(CONSUME_A) { m.regs.clear(m.ins.a()) } else { 0 };
        m.drop_both_next(old, object)
    }
}

// Sites that see more than one shape.
handler! {
    #[inline(never)] seen_StoreAttr |m| {
        let v = m.regs.raw(m.ins.a());
        // What loads remember says nothing of a class's `__setattr__`.
        if ops::attr::stores_plainly(v) {
            let name = ops::name_at(m.frame, m.ins.c());
            let word = ops::attr::seen_slot(v, name);
            let mut slot = ops::attr::store_slot(v, word);
            let mut shape = 0;
            if slot.is_null() {
                (slot, shape) = ops::attr::seen_transition(v, name);
            } else if cache::kind(cache::load(m.site())) != cache::MEGA {
                // The site may see this shape alone from now on.
                cache::store(m.site(), word);
            } else if ops::attr::retry() {
                cache::restore(m.site(), word);
            }
            if !slot.is_null() {
                let new = read_owned(m.regs, m.ins.b(), m.consumes(CONSUME_B));
                let old = std::mem::replace(&mut *slot, new);
                if shape != 0 {
                    ops::attr::set_shape(&*((v & !7) as *const Header), shape);
                }
                let object = if m.consumes(CONSUME_A) { m.regs.clear(m.ins.a()) } else { 0 };
                return m.drop_both_next(old, object);
            }
        }
        m.to(slow_StoreAttr)
    }
}

handler! {
    #[inline(never)] slow_StoreAttr |m| {
        m.save();
        m.after(ops::attr::store(m.cx, m.regs, m.ins, m.frame, m.site()))
    }
}

slow! { DelAttr => ops::attr::delete }

handler! {
    LoadMethod |m| {
        let v = m.regs.raw(m.ins.b());
        let (word, _) = m.cache();
        if v & 3 == 0 && cache::kind(word) == cache::RECORD {
            let r = cache::record(word);
            let h = &*((v & !7) as *const Header);
            if cache::same_version(type_of_header(h), r.version)
                && r.found == cache::Found::Method
                && ops::attr::shape_of(h) != DICT
            {
                let function = share(r.word);
                // First, since one of the two registers written may be the receiver's own.
                let receiver = read_bits(m.regs, m.ins.b(), m.consumes(CONSUME_B));
                let p = m.regs.0.add(m.ins.a());
                let (old, other) = (*p, *p.add(1));
                *p = function;
                *p.add(1) = receiver;
                return m.drop_both_next(old, other);
            }
        }
        m.to(record_LoadMethod)
    }
}

// Functions of modules and classes.
handler! {
    #[inline(never)] record_LoadMethod |m| {
        let v = m.regs.raw(m.ins.b());
        let word = cache::load(m.site());
        if v & 3 != 0 {
            return m.to(seen_LoadMethod);
        }
        let mut found = 0;
        if cache::kind(word) == cache::GLOBAL {
            found = ops::attr::module_hit(v, word);
        } else if cache::kind(word) == cache::RECORD {
            let r = cache::record(word);
            if r.found == cache::Found::ClassMethod {
                let (f, class) = ops::attr::class_method_hit(v, r);
                if f != 0 {
                    let (f, class) = (share(f), share(class));
                    return m.set_method_next(f, class);
                }
            } else if r.found != cache::Found::Method {
                found = ops::attr::record_hit(v, r);
            }
        }
        if found != 0 {
            return m.set_method_next(found, 0);
        }
        m.to(seen_LoadMethod)
    }
}

// Sites that see more than one class.
handler! {
    #[inline(never)] seen_LoadMethod |m| {
        let v = m.regs.raw(m.ins.b());
        // Another site is to have a record of its own, although the method has been seen elsewhere.
        if v & 3 == 0 && cache::kind(cache::load(m.site())) == cache::MEGA {
            let f = ops::attr::seen_method(v, ops::name_at(m.frame, m.ins.c()));
            if f != 0 {
                let f = share(f);
                let p = m.regs.0.add(m.ins.a());
                let receiver = read_bits(m.regs, m.ins.b(), m.consumes(CONSUME_B));
                let (old, other) = (*p, *p.add(1));
                *p = f;
                *p.add(1) = receiver;
                return m.drop_both_next(old, other);
            }
        }
        m.to(slow_LoadMethod)
    }
}

handler! {
    #[inline(never)] slow_LoadMethod |m| {
        m.save();
        m.after(ops::attr::load_method(m.cx, m.frame, m.regs, m.ins, m.site()))
    }
}

slow! { LoadSuperAttr cache => ops::super_::load_super_attr }

handler! {
    LoadSuperMethod |m| {
        m.pc = m.pc.add(1);
        m.save();
        m.after(ops::super_::load_super_method(m.cx, m.frame, m.regs, m.ins, m.site()))
    }
}

slow! { LoadSpecial => ops::attr::load_special }
