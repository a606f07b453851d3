//! Calls.

use super::Machine;
use super::plain::body_at;
use crate::call::code_of;
use crate::frame::{self, Frame, Kind};
use crate::regs::{Regs, release, release_object, settle, share, share_if};
use crate::run::{Past, Twin};
use crate::{cache, generator, in_place, ops};
use skein_gc::{Class, Header, Value};
use skein_object::native::Known;
use skein_object::object::{Payload, alloc};
use skein_object::{
    Args, CodeBody, Context, FunctionBody, ListBody, MethodDescriptorBody, NativeBody, Object, Type, statics as s,
};

/// The class of a live object.
#[inline(always)]
pub unsafe fn class_of(bits: u64) -> *const Type {
    (*((bits & !7) as *const Header)).class() as *const Class as *const Type
}

/// Whether a register holds a class whose metaclass is `type`, so that a call of it is no more than `new` and `init`.
#[inline(always)]
unsafe fn is_plain_class(bits: u64) -> bool {
    bits & 3 == 0 && bits != 0 && std::ptr::eq(class_of(bits), &raw const s::TYPE)
}

/// A new instance without attributes as owned bits; 0 if there is no memory.
#[inline(never)]
fn new_instance(ty: &'static Type) -> u64 {
    match alloc(ty, ()) {
        Ok(r) => r.into_value().0,
        Err(_) => 0,
    }
}

/// Whether a value is of the type `owner`, which has a native method for it, or of a class that inherits from it.
#[inline(always)]
unsafe fn receives(owner: &Type, receiver: u64) -> bool {
    if receiver & 3 == 0 {
        let class = &*class_of(receiver);
        std::ptr::eq(class, owner) || inherits(class, owner)
    } else {
        let number: &Type = if receiver & 1 == 1 { &s::INT } else { &s::FLOAT };
        std::ptr::eq(number, owner)
    }
}

#[inline(never)]
fn inherits(class: &Type, owner: &Type) -> bool {
    class.is_subtype(owner)
}

/// Whether a value is a Python function.
#[inline(always)]
unsafe fn is_function(bits: u64) -> bool {
    bits & 3 == 0 && std::ptr::eq(class_of(bits), &raw const s::FUNCTION)
}

/// A handler's second half, with the code of what is called.
type Enter = unsafe fn(Past, Regs, *mut Frame, &Context, &CodeBody) -> super::Leave;

macro_rules! entry {
    ($name:ident |$m:ident, $code:ident| $body:expr) => {
        #[inline(never)]
        unsafe fn $name(pc: Past, regs: Regs, frame: *mut Frame, cx: &Context, $code: &CodeBody) -> super::Leave {
            let $m = Machine::new(pc.pc(), 2, regs, frame, cx);
            $body
        }
    };
}

impl Machine<'_> {
    /// Goes on in a Python function's frame that was pushed just now; the result goes to `dst`.
    #[inline(always)]
    pub unsafe fn enter_function(
        self,
        new: *mut Frame,
        f: &FunctionBody,
        code: &CodeBody,
        dst: *mut u64,
    ) -> super::Leave {
        (*new).globals = f.globals.word().0;
        (*new).builtins = f.builtins.word().0;
        (*new).dst = dst;
        Machine::new(code.words.as_ptr(), 0, Regs((*new).regs), new, self.cx).next()
    }

    /// The first argument register of a method's call, and the number of arguments: with the receiver, unless its register is empty.
    #[inline(always)]
    unsafe fn method_arguments(self) -> (usize, usize) {
        let receiver = (self.regs.raw(self.ins.b() + 1) != 0) as usize;
        (self.ins.b() + 2 - receiver, self.ins.c() + receiver)
    }

    /// Where a callee's window begins whose arguments lie from register `first` on.
    #[inline(always)]
    unsafe fn window(self, first: usize) -> *mut u64 {
        if (*self.frame).kind.is_generator() {
            (*self.frame).free
        } else {
            self.regs.0.add(first)
        }
    }

    /// Moves the arguments to the window, once the callee's frame is pushed, unless they are there.
    #[inline(always)]
    unsafe fn move_arguments(self, window: *mut u64, first: usize, n: usize) {
        if (*self.frame).kind.is_generator() {
            frame::copy_registers(self.regs.0.add(first), window, n);
            frame::clear_registers(self.regs.0.add(first), n);
        }
    }

    /// Calls register `f` with the `n` arguments from register `first` on, if it is a native function or a method of a native type
    /// that takes just these.
    #[inline(always)]
    unsafe fn call_native(self, f: usize, first: usize, n: usize, slow: Twin) -> super::Leave {
        let callee = self.regs.raw(f);
        if callee & 3 == 0 && skein_gc::poll_word() == 0 {
            let class = class_of(callee);
            let row = if std::ptr::eq(class, &raw const s::METHOD_DESCRIPTOR_TYPE) {
                let d: &MethodDescriptorBody = body_at(callee);
                if n == 0 || !receives(d.owner, self.regs.raw(first)) {
                    return self.past(slow);
                }
                d.row
            } else if std::ptr::eq(class, &raw const s::NATIVE) {
                let b: &NativeBody = body_at(callee);
                if b.receiver.is_some() || b.row.shape.module {
                    return self.call_bound(f, first, n, slow);
                }
                b.row
            } else {
                return self.past(slow);
            };
            if let Some(peek) = row.peek
                && n >= row.shape.required
                && n <= row.shape.args
            {
                let found = share_if(peek(self.regs.slice(first, n)));
                if found != 0 {
                    return self.peeked_next(found, first, n);
                }
            }
            let done = if row.shape.takes(n) {
                self.save();
                Some((row.function)(self.cx, Args::all(self.regs.slice(first, n))))
            } else if let Some(quick) = row.quick {
                self.save();
                quick(self.cx, self.regs.slice(first, n))
            } else {
                None
            };
            if let Some(done) = done {
                return match done {
                    Ok(r) => {
                        self.regs.drop_window(first, n);
                        let r = r.into_value().0;
                        self.set_consume_next(self.ins.a(), r, f, true)
                    }
                    Err(e) => self.raise(e),
                };
            }
        }
        self.past(slow)
    }

    /// Ends a call whose result was found without one: bits for a register. The `n` arguments lie from register `first` on; the callee
    /// holds what was found.
    #[inline(always)]
    unsafe fn peeked_next(self, found: u64, first: usize, n: usize) -> super::Leave {
        self.save();
        // The callee's register holds it until the arguments have been dropped, which may poll.
        let callee = std::mem::replace(&mut *self.regs.0.add(self.ins.b()), found);
        self.regs.drop_window(first, n);
        release(callee);
        self.set_next(self.ins.a(), self.regs.clear(self.ins.b()))
    }

    /// Calls the method of a native object that is bound in register `f`, with the `n` arguments from register `first` on, if it
    /// takes just these.
    #[inline(always)]
    unsafe fn call_bound(self, f: usize, first: usize, n: usize, slow: Twin) -> super::Leave {
        let callee = self.regs.raw(f);
        let b: &NativeBody = body_at(callee);
        let row = b.row;
        let Some(receiver) = b.receiver.as_ref().filter(|_| row.shape.takes(n + 1)) else {
            return self.past(slow);
        };
        self.save();
        // The register in front of the arguments is the callable's own or an empty one.
        let receiver = share(receiver.word().0);
        *self.regs.0.add(f) = 0;
        *self.regs.0.add(first - 1) = receiver;
        release(callee);
        match (row.function)(self.cx, Args::all(self.regs.slice(first - 1, n + 1))) {
            Ok(r) => {
                self.regs.drop_window(first - 1, n + 1);
                self.set_next(self.ins.a(), r.into_value().0)
            }
            Err(e) => self.raise(e),
        }
    }

    /// Makes an object of the class in register b by its `make` slot, if it has one, with the `n` arguments from register `first` on.
    #[inline(always)]
    unsafe fn make(self, first: usize, n: usize, other: Twin) -> super::Leave {
        let class = &*((self.regs.raw(self.ins.b()) & !7) as *const Type);
        if let Some(make) = class.slots.make.get()
            && skein_gc::poll_word() == 0
        {
            self.save();
            if let Some(done) = make(self.cx, class, self.regs.slice(first, n)) {
                return match done {
                    Ok(r) => {
                        self.regs.drop_window(first, n);
                        self.set_consume_next(self.ins.a(), r.into_value().0, self.ins.b(), true)
                    }
                    Err(e) => self.raise(e),
                };
            }
        }
        self.past(other)
    }

    /// Makes an instance of the class in register `f`, if the site knows its `__init__` and that takes just the `n` arguments
    /// from register `first` on.
    #[inline(always)]
    unsafe fn instantiate(self, f: usize, first: usize, n: usize, slow: Twin) -> super::Leave {
        let class = self.regs.raw(f);
        let word = cache::load(self.site());
        if class & 3 == 0 && cache::kind(word) == cache::RECORD && skein_gc::poll_word() == 0 {
            let r = cache::record(word);
            if r.found == cache::Found::New {
                return self.call_new(f, first, n, slow);
            }
            // The metaclass's version says that it is a class.
            if r.found != cache::Found::Init || !cache::same_version(&*class_of(class), r.new_shape) {
                return self.past(slow);
            }
            let ty = &*((class & !7) as *const Type);
            let fb: &FunctionBody = body_at(r.value.0);
            if cache::same_version(ty, r.version)
                && let Some(code) = code_of(fb)
                && code.simple
                && !code.is_generator
                && code.args as usize == n + 1
            {
                let instance = new_instance(ty);
                if instance == 0 {
                    return self.past(slow);
                }
                // The register in front of the arguments is the class's own or an empty one.
                let mut window = self.regs.0.add(first - 1);
                let given = window;
                let (before, init) = (*window, share(r.word));
                *window = instance;
                if (*self.frame).kind.is_generator() {
                    window = frame::move_up(self.frame, window, n + 1);
                }
                let new = frame::push_quick(self.cx, self.frame, init, code, window, n + 1, Kind::Init);
                if new.is_null() {
                    if window != given {
                        frame::move_down(window, given, n + 1);
                    }
                    *given = before;
                    release_object(instance);
                    release(init);
                    return self.past(slow);
                }
                self.save();
                if f != first - 1 {
                    *self.regs.0.add(f) = 0;
                }
                (*new).extra = share(instance);
                (*new).globals = fb.globals.word().0;
                (*new).builtins = fb.builtins.word().0;
                (*new).dst = self.regs.0.add(self.ins.a());
                // The class is held by its instance.
                release(class);
                return Machine::new(code.words.as_ptr(), 0, Regs(window), new, self.cx).next();
            }
        }
        self.past(slow)
    }

    /// Calls the `__new__` in Python of the class in register `f`, if the site knows it, with the `n` arguments from register
    /// `first` on. They stay where they are, see [`Kind::New`].
    #[inline(always)]
    unsafe fn call_new(self, f: usize, first: usize, n: usize, slow: Twin) -> super::Leave {
        let class = self.regs.raw(f);
        let r = cache::record(cache::load(self.site()));
        // As in `instantiate`.
        if r.found != cache::Found::New
            || !cache::same_version(&*class_of(class), r.new_shape)
            || !cache::same_version(&*((class & !7) as *const Type), r.version)
        {
            return self.past(slow);
        }
        let fb: &FunctionBody = body_at(r.value.0);
        let Some(code) = code_of(fb) else {
            return self.past(slow);
        };
        let argc = code.args as usize;
        let defaults = in_place::items_of(&fb.defaults);
        if code.is_generator || !code.form.positional || n + 1 > argc || n + 1 + defaults.len() < argc {
            return self.past(slow);
        }
        let window = frame::end(self.frame);
        let function = share(r.word);
        let new = frame::push_quick(self.cx, self.frame, function, code, window, 0, Kind::New);
        if new.is_null() {
            release(function);
            return self.past(slow);
        }
        *window = share(class);
        for i in 0..n {
            *window.add(1 + i) = share(self.regs.raw(first + i));
        }
        in_place::fill(window, n + 1, argc, defaults);
        in_place::write_stars(window, code);
        (*new).index = (first as u32) << 16 | n as u32;
        self.save();
        self.enter_function(new, fb, code, self.regs.0.add(self.ins.a()))
    }

    /// Calls the callable operand with the `n` arguments behind it, if it is a Python function that takes just these: `enter` does the
    /// second half. `bind` calls other Python functions and those that a generator calls, whose arguments have to be moved. Two halves and
    /// a way of its own for generators, since together they want more registers than a handler has without saving any.
    #[inline(always)]
    unsafe fn call(self, n: usize, enter: Enter, bind: Twin, slow: Twin) -> super::Leave {
        let callee = self.regs.raw(self.ins.b());
        if is_function(callee) {
            let fb: &FunctionBody = body_at(callee);
            if skein_gc::poll_word() == 0
                && let Some(code) = code_of(fb)
                && code.form.takes as usize == n
                && !(*self.frame).kind.is_generator()
            {
                return enter(Past::of(self.pc), self.regs, self.frame, self.cx, code);
            }
            return self.past(bind);
        }
        self.past(slow)
    }

    /// The second half of [`Machine::call`]. `n` is read when it is wanted, which takes one machine register less.
    #[inline(always)]
    unsafe fn enter_call(self, code: &CodeBody, n: impl FnOnce() -> usize, bind: Twin) -> super::Leave {
        self.save();
        let callee = self.regs.0.add(self.ins.b());
        let new = frame::push_call(self.cx, self.frame, code, callee, n);
        if new.is_null() {
            // As it was saved: so the machine register is free for the other way.
            let pc = (&raw const (*self.frame).pc).read_volatile();
            return bind(Past::of(pc), self.regs, self.frame, self.cx);
        }
        let fb: &FunctionBody = body_at((*new).function);
        self.enter_function(new, fb, code, self.regs.0.add(self.ins.a()))
    }

    /// As [`Machine::call`], for a function that a generator calls; `bind` is for other functions.
    #[inline(always)]
    unsafe fn call_moved(self, f: usize, first: usize, n: usize, bind: Twin) -> super::Leave {
        let callee = self.regs.raw(f);
        let fb: &FunctionBody = body_at(callee);
        if (*self.frame).kind.is_generator()
            && skein_gc::poll_word() == 0
            && let Some(code) = code_of(fb)
            && code.form.takes as usize == n
        {
            let window = self.window(first);
            let new = frame::push_quick(self.cx, self.frame, callee, code, window, n, Kind::Call);
            if !new.is_null() {
                self.move_arguments(window, first, n);
                self.save();
                *self.regs.0.add(f) = 0;
                return self.enter_function(new, fb, code, self.regs.0.add(self.ins.a()));
            }
        }
        self.past(bind)
    }

    /// Calls the Python function in register `f` with the `n` arguments from register `first` on, if its other parameters have
    /// defaults, or take the rest of the arguments, which is nothing; and makes the generator of one that takes just these.
    #[inline(always)]
    unsafe fn call_filled(self, f: usize, first: usize, n: usize, slow: Twin) -> super::Leave {
        let callee = self.regs.raw(f);
        let fb: &FunctionBody = body_at(callee);
        let Some(code) = code_of(fb) else {
            return self.past(slow);
        };
        let argc = code.args as usize;
        if skein_gc::poll_word() != 0 || !code.form.positional || n > argc {
            return self.past(slow);
        }
        if code.form.starts != 0 && n == argc {
            // A thread that watches sees every frame.
            if self.cx.frame_limit.get().is_null() || self.cx.coroutine_origin_depth.get() != 0 {
                return self.past(slow);
            }
            self.save();
            let g = make_generator(self.regs.0.add(f), self.regs.0.add(first), n);
            if g & 2 != 0 {
                // The bit marks an error.
                return self.raise_word(g & !2);
            }
            return self.set_next(self.ins.a(), g);
        }
        let defaults = in_place::items_of(&fb.defaults);
        if n + defaults.len() < argc {
            return self.past(slow);
        }
        let window = self.window(first);
        let new = frame::push_quick(self.cx, self.frame, callee, code, window, n, Kind::Call);
        if new.is_null() {
            return self.past(slow);
        }
        self.move_arguments(window, first, n);
        in_place::fill(window, n, argc, defaults);
        in_place::write_stars(window, code);
        self.save();
        *self.regs.0.add(f) = 0;
        self.enter_function(new, fb, code, self.regs.0.add(self.ins.a()))
    }
}

/// The generator of a call of the function in the register `f` with the `n` arguments at `first`, as bits; an error with bit 1 set.
#[inline(never)]
unsafe fn make_generator(f: *mut u64, first: *mut u64, n: usize) -> u64 {
    match generator::of_call(f, first, n) {
        Ok(g) => g.into_value().0,
        Err(e) => e.0.into_value().0 | 2,
    }
}

handler! {
    Call |m| {
        m.pc = m.pc.add(1);
        m.call(m.ins.c(), enter_Call, moved_Call, native_Call)
    }
}

entry! {
    enter_Call |m, code| m.enter_call(code, || m.ins.c(), moved_Call)
}

twin! {
    moved_Call |m| m.call_moved(m.ins.b(), m.ins.b() + 1, m.ins.c(), bind_Call)
}

twin! {
    bind_Call |m| m.call_filled(m.ins.b(), m.ins.b() + 1, m.ins.c(), function_Call)
}

twin! {
    function_Call |m| {
        m.save();
        m.after_call(ops::call::call_function(m.cx, m.frame, m.regs, m.ins, m.ins.b() + 1, m.ins.c()))
    }
}

twin! {
    native_Call |m| {
        let callee = m.regs.raw(m.ins.b());
        if callee & 3 == 0 && std::ptr::eq(class_of(callee), &raw const s::NATIVE) {
            let b: &NativeBody = body_at(callee);
            if b.receiver.is_none()
                && !b.row.shape.module
                && b.row.shape.takes(m.ins.c())
                && skein_gc::poll_word() == 0
            {
                return m.past(if b.row.peek.is_some() { peek_Call } else { builtin_Call });
            }
        } else if is_plain_class(callee) {
            return m.past(make_Call);
        }
        m.past(row_Call)
    }
}

// As `builtin_Call`, where the result may be found without a call.
twin! {
    peek_Call |m| {
        let b: &NativeBody = body_at(m.regs.raw(m.ins.b()));
        if let Some(peek) = b.row.peek {
            let found = share_if(peek(m.regs.slice(m.ins.b() + 1, m.ins.c())));
            if found != 0 {
                return m.peeked_next(found, m.ins.b() + 1, m.ins.c());
            }
        }
        m.past(builtin_Call)
    }
}

// A native function that takes just these arguments: as `method_CallMethod`.
twin! {
    builtin_Call |m| {
        let b: &NativeBody = body_at(m.regs.raw(m.ins.b()));
        m.save();
        match (b.row.function)(m.cx, Args::all(m.regs.slice(m.ins.b() + 1, m.ins.c()))) {
            Ok(r) => {
                m.regs.drop_window(m.ins.b() + 1, m.ins.c());
                m.set_consume_next(m.ins.a(), r.into_value().0, m.ins.b(), true)
            }
            Err(e) => m.raise(e),
        }
    }
}

twin! {
    row_Call |m| m.call_native(m.ins.b(), m.ins.b() + 1, m.ins.c(), class_Call)
}

twin! {
    make_Call |m| m.make(m.ins.b() + 1, m.ins.c(), class_Call)
}

twin! {
    class_Call |m| m.instantiate(m.ins.b(), m.ins.b() + 1, m.ins.c(), slow_Call)
}

twin! {
    slow_Call |m| {
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
}

handler! {
    CallMethod |m| {
        m.pc = m.pc.add(1);
        if m.regs.raw(m.ins.b() + 1) != 0 {
            m.call(m.ins.c() + 1, enter_CallMethod, moved_CallMethod, native_CallMethod)
        } else {
            m.past(unbound_CallMethod)
        }
    }
}

entry! {
    enter_CallMethod |m, code| m.enter_call(code, || m.ins.c() + 1, moved_CallMethod)
}

// What was found where a method could have been: it goes to the empty register of the receiver, just before its arguments.
twin! {
    unbound_CallMethod |m| {
        let callee = m.regs.0.add(m.ins.b());
        if !is_function(*callee) {
            return m.past(native_CallMethod);
        }
        if skein_gc::poll_word() == 0
            && !(*m.frame).kind.is_generator()
            && let Some(code) = code_of(body_at(*callee))
            && code.form.takes as usize == m.ins.c()
        {
            *callee.add(1) = std::mem::replace(&mut *callee, 0);
            m.save();
            let new = frame::push_call(m.cx, m.frame, code, callee.add(1), || m.ins.c());
            if !new.is_null() {
                let fb: &FunctionBody = body_at((*new).function);
                return m.enter_function(new, fb, code, m.regs.0.add(m.ins.a()));
            }
            *callee = std::mem::replace(&mut *callee.add(1), 0);
        }
        m.past(moved_CallMethod)
    }
}

twin! {
    moved_CallMethod |m| {
        let (first, n) = m.method_arguments();
        m.call_moved(m.ins.b(), first, n, bind_CallMethod)
    }
}

twin! {
    bind_CallMethod |m| {
        let (first, n) = m.method_arguments();
        m.call_filled(m.ins.b(), first, n, function_CallMethod)
    }
}

twin! {
    function_CallMethod |m| {
        m.save();
        let (first, n) = m.method_arguments();
        m.after_call(ops::call::call_function(m.cx, m.frame, m.regs, m.ins, first, n))
    }
}

// `list.append` of a private list that has room.
twin! {
    append_CallMethod |m| {
        let w = m.ins.b();
        let list = m.regs.raw(w + 1);
        if list & 3 == 0
            && list != 0
            // Of a list or of a subclass.
            && std::ptr::eq((*class_of(list)).layout(), ListBody::LAYOUT)
            && skein_gc::poll_word() == 0
        {
            let p = (list & !7) as *mut Object<ListBody>;
            let items = &(*p).body.0;
            if items.has_private_room(&*p.cast()) || items.make_private_room(&*p.cast()) {
                items.private_push(&*p.cast(), Value(settle(m.regs.clear(w + 2))));
                let callee = m.regs.clear(w);
                *m.regs.0.add(w + 1) = 0;
                let old = std::mem::replace(&mut *m.regs.0.add(m.ins.a()), s::none().into_value().0);
                // The descriptor is the type's, which is never counted.
                if callee & 7 != 0 {
                    return m.drop_both_next(old, list);
                }
                m.save();
                release_object(callee);
                return m.drop_both_next(old, list);
            }
        }
        m.past(row_CallMethod)
    }
}

twin! {
    native_CallMethod |m| {
        let w = m.ins.b();
        let callee = m.regs.raw(w);
        if callee & 3 == 0 && std::ptr::eq(class_of(callee), &raw const s::METHOD_DESCRIPTOR_TYPE) {
            let d: &MethodDescriptorBody = body_at(callee);
            let receiver = m.regs.raw(w + 1);
            if m.ins.c() == 1 && d.row.known == Some(Known::Append) {
                return m.past(append_CallMethod);
            }
            if receiver & 3 == 0
                && receiver != 0
                && std::ptr::eq(class_of(receiver), d.owner)
                && d.row.shape.takes(m.ins.c() + 1)
                && skein_gc::poll_word() == 0
            {
                return m.past(if d.row.peek.is_some() {
                    peek_CallMethod
                } else {
                    method_CallMethod
                });
            }
        } else if is_plain_class(callee) && m.regs.raw(w + 1) == 0 {
            return m.past(make_CallMethod);
        }
        m.past(row_CallMethod)
    }
}

// As `method_CallMethod`, where the result may be found without a call.
twin! {
    peek_CallMethod |m| {
        let d: &MethodDescriptorBody = body_at(m.regs.raw(m.ins.b()));
        if let Some(peek) = d.row.peek {
            let found = share_if(peek(m.regs.slice(m.ins.b() + 1, m.ins.c() + 1)));
            if found != 0 {
                return m.peeked_next(found, m.ins.b() + 1, m.ins.c() + 1);
            }
        }
        m.past(method_CallMethod)
    }
}

// A method of a native type on an object of just that type, which takes just these arguments: what `call_native` does where there is
// nothing to choose, and so to keep.
twin! {
    method_CallMethod |m| {
        let d: &MethodDescriptorBody = body_at(m.regs.raw(m.ins.b()));
        m.save();
        let arguments = m.regs.slice(m.ins.b() + 1, m.ins.c() + 1);
        match (d.row.function)(m.cx, Args::all(arguments)) {
            Ok(r) => {
                m.regs.drop_window(m.ins.b() + 1, m.ins.c() + 1);
                m.set_consume_next(m.ins.a(), r.into_value().0, m.ins.b(), true)
            }
            Err(e) => m.raise(e),
        }
    }
}

twin! {
    row_CallMethod |m| {
        let (first, n) = m.method_arguments();
        m.call_native(m.ins.b(), first, n, class_CallMethod)
    }
}

// A class that was found where a method could have been.
twin! {
    make_CallMethod |m| m.make(m.ins.b() + 2, m.ins.c(), class_CallMethod)
}

twin! {
    class_CallMethod |m| {
        let (first, n) = m.method_arguments();
        m.instantiate(m.ins.b(), first, n, slow_CallMethod)
    }
}

twin! {
    slow_CallMethod |m| {
        m.save();
        let (first, n) = m.method_arguments();
        m.after_call(ops::call::call_polled(m.cx, m.regs, m.ins, first, n, m.site()))
    }
}

handler! {
    CallKw |m| {
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
}

handler! {
    CallMethodKw |m| {
        let names = m.extra() as u32 as usize;
        m.save();
        let (first, n) = m.method_arguments();
        m.after_call(ops::call::call_kw(m.cx, m.frame, m.regs, m.ins, first, n, names))
    }
}

handler! {
    CallEx |m| {
        m.save();
        m.after_call(ops::call::call_ex(m.cx, m.frame, m.regs, m.ins))
    }
}

handler! {
    JNotBuiltin |m| {
        let label = m.extra();
        if !ops::call::is_builtin(m.regs.raw(m.ins.a()), m.ins.b()) {
            m.goto(label);
        }
        m.next()
    }
}
