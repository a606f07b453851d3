//! Subscription.

use crate::frame::{self, Kind};
use crate::regs::{release, share};
use crate::run::read_bits;
use crate::{cache, ops};
use skein_bytecode::instr::{CONSUME_A, CONSUME_B, CONSUME_C};
use skein_gc::Value;
use skein_object::{ListBody, Object, statics as s};

impl super::Machine<'_> {
    /// Nulls the operands b and c that are temporaries, and gives what they held.
    #[inline(always)]
    unsafe fn take_operands(self) -> (u64, u64) {
        let object = if self.consumes(CONSUME_B) {
            self.regs.clear(self.ins.b())
        } else {
            0
        };
        let key = if self.consumes(CONSUME_C) {
            self.regs.clear(self.ins.c())
        } else {
            0
        };
        (object, key)
    }
}

handler! {
    LoadSubscr |m| {
        m.pc = m.pc.add(1);
        let (v, i) = (m.regs.raw(m.ins.b()), m.regs.raw(m.ins.c()));
        if v & 3 == 0 && i & 1 == 1 {
            let found = ops::item::index_fast(v, Value(i).as_int_unchecked());
            if found != 0 {
                if m.consumes(CONSUME_C) {
                    *m.regs.0.add(m.ins.c()) = 0;
                }
                return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
            }
        }
        if v & 3 == 0 && cache::kind(cache::load(m.site())) == cache::RECORD {
            return m.past(python_LoadSubscr);
        }
        m.past(slow_LoadSubscr)
    }
}

// A `__getitem__` in Python.
twin! {
    python_LoadSubscr |m| {
        let r = cache::record(cache::load(m.site()));
        if let Some((f, code)) = ops::item::method_hit(m.regs.raw(m.ins.b()), r, cache::Found::Getitem, 2)
            && skein_gc::poll_word() == 0
        {
            let window = frame::end(m.frame);
            let function = share(r.word);
            let new = frame::push_quick(m.cx, m.frame, function, code, window, 2, Kind::Call);
            if !new.is_null() {
                m.save();
                *window = read_bits(m.regs, m.ins.b(), m.consumes(CONSUME_B));
                *window.add(1) = read_bits(m.regs, m.ins.c(), m.consumes(CONSUME_C));
                return m.enter_function(new, f, code, m.regs.0.add(m.ins.a()));
            }
            release(function);
        }
        m.past(slow_LoadSubscr)
    }
}

twin! {
    slow_LoadSubscr |m| {
        let v = m.regs.raw(m.ins.b());
        if v & 3 != 0 || !(*super::call::class_of(v)).slots.getitem.same(&s::DICT.slots.getitem) {
            return m.past(native_LoadSubscr);
        }
        let found = ops::item::peek(m.regs, m.ins.b(), m.ins.c());
        if found != 0 {
            let (object, key) = m.take_operands();
            let old = std::mem::replace(&mut *m.regs.0.add(m.ins.a()), found);
            if key & 7 == 0 && key != 0 {
                m.save();
                crate::regs::release_object(key);
            }
            return m.drop_both_next(old, object);
        }
        m.past(other_LoadSubscr)
    }
}

// An item of a native type that is found at once.
twin! {
    native_LoadSubscr |m| {
        let i = m.regs.raw(m.ins.c());
        if i & 1 == 1 {
            m.save();
            let found = ops::item::peek_item(m.regs.get(m.ins.b()), Value(i).as_int_unchecked());
            if found != 0 {
                if m.consumes(CONSUME_C) {
                    *m.regs.0.add(m.ins.c()) = 0;
                }
                return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
            }
        }
        m.past(other_LoadSubscr)
    }
}

twin! {
    other_LoadSubscr |m| {
        m.save();
        m.after_call(ops::item::load(m.cx, m.frame, m.regs, m.ins, m.site()))
    }
}

handler! {
    LoadSubscrI |m| {
        let v = m.regs.raw(m.ins.b());
        if v & 3 == 0 {
            let found = ops::item::index_fast(v, m.ins.imm_c());
            if found != 0 {
                return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
            }
        }
        m.to(native_LoadSubscrI)
    }
}

handler! {
    #[inline(never)] native_LoadSubscrI |m| {
        m.save();
        let found = ops::item::peek_item(m.regs.get(m.ins.b()), m.ins.imm_c());
        if found != 0 {
            return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
        }
        m.to(slow_LoadSubscrI)
    }
}
slow! { #[inline(never)] slow_LoadSubscrI => ops::item::load_immediate }

handler! {
    StoreSubscr |m| {
        m.pc = m.pc.add(1);
        let (v, i) = (m.regs.raw(m.ins.a()), m.regs.raw(m.ins.b()));
        if v & 3 == 0 && i & 1 == 1 {
            let slot = ops::item::store_slot(v, Value(i).as_int_unchecked());
            if !slot.is_null() {
                let new = crate::run::read_owned(m.regs, m.ins.c(), m.consumes(CONSUME_C));
                let old = std::mem::replace(&mut *slot, new);
                let object = if m.consumes(CONSUME_A) {
                    m.regs.clear(m.ins.a())
                } else {
                    0
                };
                return m.drop_both_next(old, object);
            }
        }
        if v & 3 == 0 && cache::kind(cache::load(m.site())) == cache::RECORD {
            return m.past(python_StoreSubscr);
        }
        m.past(native_StoreSubscr)
    }
}

// A number for an item of a native type.
twin! {
    native_StoreSubscr |m| {
        let (i, new) = (m.regs.raw(m.ins.b()), m.regs.raw(m.ins.c()));
        m.save();
        if i & 1 == 1
            && new & 3 != 0
            && ops::item::poke_item(m.regs.get(m.ins.a()), Value(i).as_int_unchecked(), Value(new))
        {
            if m.consumes(CONSUME_B) {
                *m.regs.0.add(m.ins.b()) = 0;
            }
            if m.consumes(CONSUME_C) {
                *m.regs.0.add(m.ins.c()) = 0;
            }
            let object = if m.consumes(CONSUME_A) {
                m.regs.clear(m.ins.a())
            } else {
                0
            };
            return m.drop_next(object);
        }
        m.past(slow_StoreSubscr)
    }
}

// A `__setitem__` in Python that returns nothing.
twin! {
    python_StoreSubscr |m| {
        let r = cache::record(cache::load(m.site()));
        if let Some((f, code)) = ops::item::method_hit(m.regs.raw(m.ins.a()), r, cache::Found::Setitem, 3)
            && code.returns_none
            && skein_gc::poll_word() == 0
        {
            let window = frame::end(m.frame);
            let function = share(r.word);
            let new = frame::push_quick(m.cx, m.frame, function, code, window, 3, Kind::Call);
            if !new.is_null() {
                m.save();
                *window = read_bits(m.regs, m.ins.a(), m.consumes(CONSUME_A));
                *window.add(1) = read_bits(m.regs, m.ins.b(), m.consumes(CONSUME_B));
                *window.add(2) = read_bits(m.regs, m.ins.c(), m.consumes(CONSUME_C));
                // None, which needs no count, goes where the window was.
                return m.enter_function(new, f, code, window);
            }
            release(function);
        }
        m.past(slow_StoreSubscr)
    }
}

twin! {
    slow_StoreSubscr |m| {
        m.save();
        m.after(ops::item::store(m.cx, m.regs, m.ins, m.site()))
    }
}

handler! {
    ListAppend |m| {
        // The list is the display's or the comprehension's own, and an exact one.
        let list = m.regs.raw(m.ins.a());
        let p = (list & !7) as *mut Object<ListBody>;
        let list = &(*p).body.0;
        if list.has_private_room(&*p.cast()) {
            let item = crate::run::read_owned(m.regs, m.ins.b(), m.consumes(CONSUME_B));
            list.private_push(&*p.cast(), Value(item));
            return m.next();
        }
        m.to(slow_ListAppend)
    }
}
handler! {
    #[inline(never)] slow_ListAppend |m| {
        let p = (m.regs.raw(m.ins.a()) & !7) as *mut Object<ListBody>;
        if (*p).body.0.make_private_room(&*p.cast()) {
            return m.to(ListAppend);
        }
        m.to(shared_ListAppend)
    }
}
slow! { #[inline(never)] shared_ListAppend => ops::build::list_append }

slow! { DelSubscr => ops::item::delete }
slow! { BuildSlice => ops::item::build_slice }
handler! {
    LoadSlice |m| {
        let w = m.ins.c();
        m.save();
        let found = ops::item::slice_quick(m.regs.raw(m.ins.b()), m.regs.raw(w), m.regs.raw(w + 1));
        if found != 0 {
            // Such bounds need no dropping.
            *m.regs.0.add(w) = 0;
            *m.regs.0.add(w + 1) = 0;
            return m.set_consume_next(m.ins.a(), found, m.ins.b(), m.consumes(CONSUME_B));
        }
        m.to(slow_LoadSlice)
    }
}
slow! { #[inline(never)] slow_LoadSlice => ops::item::load_slice }
slow! { StoreSlice => ops::item::store_slice }
