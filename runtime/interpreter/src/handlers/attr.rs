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
use std::sync::atomic::AtomicU64;

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
        let word = m.extra();
        if v & 3 == 0 {
            let found = ops::attr::slot_hit(v, word);
            if found != 0 {
                let found = share(found);
                return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
            }
        }
        m.past(record_LoadAttr)
    }
}

// What is not in an inline slot. Ways of their own, since what they have in common would save machine registers for all.
twin! {
    record_LoadAttr |m| {
        let v = m.regs.raw(m.ins.b());
        if v & 3 != 0 {
            return m.past(slow_LoadAttr);
        }
        let word = cache::load(m.site());
        if cache::kind(word) == cache::RECORD {
            match cache::record(word).found {
                cache::Found::Plain => return m.past(plain_LoadAttr),
                cache::Found::Member | cache::Found::TupleItem => return m.past(field_LoadAttr),
                cache::Found::Property => return m.past(property_LoadAttr),
                cache::Found::Getter => return m.past(getter_LoadAttr),
                _ => {}
            }
        } else if cache::kind(word) == cache::GLOBAL {
            return m.past(module_LoadAttr);
        }
        m.past(seen_LoadAttr)
    }
}

/// The ways of `record_LoadAttr`: name, what is found there for an object and a site's word, as bits for a register.
macro_rules! found {
    ($($(#[doc = $doc:literal])* $name:ident |$v:ident, $word:ident| $found:expr;)*) => {$(
        twin! {
            $(#[doc = $doc])* $name |m| {
                let ($v, $word) = (m.regs.raw(m.ins.b()), cache::load(m.site()));
                let found = $found;
                if found != 0 {
                    return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
                }
                m.past(seen_LoadAttr)
            }
        }
    )*};
}

found! {
    /// An attribute of a class, that was asked itself or by an instance.
    plain_LoadAttr |v, word| ops::attr::plain_hit(v, cache::record(word));
    /// A field of `__slots__` or of a named tuple.
    field_LoadAttr |v, word| ops::attr::field_hit(v, cache::record(word));
    module_LoadAttr |v, word| ops::attr::module_hit(v, word);
}

// A property in Python.
twin! {
    property_LoadAttr |m| {
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
        m.past(seen_LoadAttr)
    }
}

// A native data descriptor.
twin! {
    getter_LoadAttr |m| {
        let v = m.regs.raw(m.ins.b());
        let r = cache::record(cache::load(m.site()));
        // The site may have another record by now.
        if r.found == cache::Found::Getter && cache::same_version(type_of_header(&*((v & !7) as *const Header)), r.version) {
            m.save();
            return m.after(ops::attr::load_getter(m.cx, m.regs, m.ins, r));
        }
        m.past(seen_LoadAttr)
    }
}

// Sites that see more than one shape.
twin! {
    seen_LoadAttr |m| {
        let found = ops::attr::seen_hit(m.regs.raw(m.ins.b()), ops::name_at(m.frame, m.ins.c()));
        if found == 0 {
            return m.past(slow_LoadAttr);
        }
        if learns(m.site()) {
            return m.past(learn_LoadAttr);
        }
        m.set_consume_next(m.ins.a(), share(found), m.ins.b(), m.consumes(CONSUME_B))
    }
}

/// Whether a site is to be told of what the thread remembers: it may see this shape alone from now on, as what it saw at first, while
/// objects were being built, does not tell.
#[inline(always)]
unsafe fn learns(site: &AtomicU64) -> bool {
    cache::kind(cache::load(site)) != cache::MEGA || ops::attr::retry()
}

unsafe fn learn(site: &AtomicU64, word: u64) {
    if cache::kind(cache::load(site)) != cache::MEGA {
        cache::store(site, word);
    } else {
        cache::restore(site, word);
    }
}

twin! {
    #[cold] learn_LoadAttr |m| {
        let v = m.regs.raw(m.ins.b());
        let word = ops::attr::seen_slot(v, ops::name_at(m.frame, m.ins.c()));
        let found = ops::attr::slot_hit(v, word);
        if found == 0 {
            return m.past(slow_LoadAttr);
        }
        learn(m.site(), word);
        m.set_consume_next(m.ins.a(), share(found), m.ins.b(), m.consumes(CONSUME_B))
    }
}

twin! {
    slow_LoadAttr |m| {
        m.save();
        m.after_call(ops::attr::load(m.cx, m.frame, m.regs, m.ins, m.site()))
    }
}

handler! {
    StoreAttr |m| {
        let v = m.regs.raw(m.ins.a());
        let word = m.extra();
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
        m.past(record_StoreAttr)
    }
}

// New attributes, and fields of `__slots__`.
twin! {
    record_StoreAttr |m| {
        let v = m.regs.raw(m.ins.a());
        if v & 3 != 0 {
            return m.past(slow_StoreAttr);
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
            return m.past(seen_StoreAttr);
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
twin! {
    seen_StoreAttr |m| {
        let v = m.regs.raw(m.ins.a());
        // What loads remember says nothing of a class's `__setattr__`.
        if !ops::attr::stores_plainly(v) {
            return m.past(slow_StoreAttr);
        }
        let (slot, shape) = ops::attr::seen_store(v, ops::name_at(m.frame, m.ins.c()));
        if slot.is_null() {
            return m.past(slow_StoreAttr);
        }
        if shape == 0 && learns(m.site()) {
            return m.past(learn_StoreAttr);
        }
        let new = read_owned(m.regs, m.ins.b(), m.consumes(CONSUME_B));
        let old = std::mem::replace(&mut *slot, new);
        if shape != 0 {
            ops::attr::set_shape(&*((v & !7) as *const Header), shape);
        }
        let object = if m.consumes(CONSUME_A) { m.regs.clear(m.ins.a()) } else { 0 };
        m.drop_both_next(old, object)
    }
}

twin! {
    #[cold] learn_StoreAttr |m| {
        let v = m.regs.raw(m.ins.a());
        let word = ops::attr::seen_slot(v, ops::name_at(m.frame, m.ins.c()));
        let slot = ops::attr::store_slot(v, word);
        if slot.is_null() {
            return m.past(slow_StoreAttr);
        }
        learn(m.site(), word);
        let new = read_owned(m.regs, m.ins.b(), m.consumes(CONSUME_B));
        let old = std::mem::replace(&mut *slot, new);
        let object = if m.consumes(CONSUME_A) { m.regs.clear(m.ins.a()) } else { 0 };
        m.drop_both_next(old, object)
    }
}

twin! {
    slow_StoreAttr |m| {
        m.save();
        m.after(ops::attr::store(m.cx, m.regs, m.ins, m.frame, m.site()))
    }
}

slow! { DelAttr => ops::attr::delete }

handler! {
    LoadMethod |m| {
        let v = m.regs.raw(m.ins.b());
        let word = m.cache();
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
        m.past(record_LoadMethod)
    }
}

// Functions of modules and classes. Ways of their own, as for `record_LoadAttr`.
twin! {
    record_LoadMethod |m| {
        let v = m.regs.raw(m.ins.b());
        let word = cache::load(m.site());
        if v & 3 == 0 {
            if cache::kind(word) == cache::SLOT {
                return m.past(slot_LoadMethod);
            }
            if cache::kind(word) == cache::GLOBAL {
                return m.past(module_LoadMethod);
            }
            if cache::kind(word) == cache::RECORD {
                match cache::record(word).found {
                    cache::Found::Plain => return m.past(plain_LoadMethod),
                    cache::Found::ClassMethod => return m.past(class_LoadMethod),
                    cache::Found::Member | cache::Found::TupleItem => return m.past(field_LoadMethod),
                    _ => {}
                }
            }
        }
        m.past(seen_LoadMethod)
    }
}

// A function that the instance holds itself.
twin! {
    slot_LoadMethod |m| {
        let found = ops::attr::slot_hit(m.regs.raw(m.ins.b()), cache::load(m.site()));
        if found != 0 {
            return m.set_method_next(share(found), 0);
        }
        m.past(seen_LoadMethod)
    }
}

twin! {
    class_LoadMethod |m| {
        let (f, class) = ops::attr::class_method_hit(m.regs.raw(m.ins.b()), cache::record(cache::load(m.site())));
        if f != 0 {
            let (f, class) = (share(f), share(class));
            return m.set_method_next(f, class);
        }
        m.past(seen_LoadMethod)
    }
}

/// The ways of `record_LoadMethod` that find no method: as in [`found`].
macro_rules! found_function {
    ($($name:ident |$v:ident, $word:ident| $found:expr;)*) => {$(
        twin! {
            $name |m| {
                let ($v, $word) = (m.regs.raw(m.ins.b()), cache::load(m.site()));
                let found = $found;
                if found != 0 {
                    return m.set_method_next(found, 0);
                }
                m.past(seen_LoadMethod)
            }
        }
    )*};
}

found_function! {
    module_LoadMethod |v, word| ops::attr::module_hit(v, word);
    plain_LoadMethod |v, word| ops::attr::plain_hit(v, cache::record(word));
    field_LoadMethod |v, word| ops::attr::field_hit(v, cache::record(word));
}

// Sites that see more than one class.
twin! {
    seen_LoadMethod |m| {
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
            // What an instance holds itself.
            let found = ops::attr::seen_hit(v, ops::name_at(m.frame, m.ins.c()));
            if found != 0 {
                return m.set_method_next(share(found), 0);
            }
        }
        m.past(slow_LoadMethod)
    }
}

twin! {
    slow_LoadMethod |m| {
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
