//! Calls beyond the plain call of a Python function.

use crate::cache::{self, Found};
use crate::call::{bind, code_of, enter, parameters};
use crate::frame::{self, Frame, Kind};
use crate::handlers::body_at;
use crate::ops::Called;
use crate::regs::{Regs, release, settle, share, share_if};
use crate::run::Done;
use skein_bytecode::Instr;
use skein_bytecode::code::flags::{VARARGS, VARKEYWORDS};
use skein_gc::{Ref, Value};
use skein_object::error::{recursion_error, system_error, type_error};
use skein_object::intern::names;
use skein_object::native;
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol::{self, call as pcall};
use skein_object::range::RANGE;
use skein_object::types::flag;
use skein_object::{
    BoundMethodBody, CodeBody, Context, DictBody, FunctionBody, MethodDescriptorBody, NativeBody, Result, Type, dict,
    statics as s, str, tuple,
};
use std::mem::ManuallyDrop;
use std::sync::atomic::AtomicU64;

/// Calls register b with the `n` arguments from register `first` on, after a poll where one is asked for.
#[inline(never)]
pub unsafe fn call_polled(cx: &Context, regs: Regs, ins: Instr, first: usize, n: usize, site: &AtomicU64) -> Done {
    if skein_gc::poll_word() != 0
        && let Err(e) = (skein_object::context::hooks().poll)(cx)
    {
        return Done::error(e);
    }
    Done::from(call(cx, regs, ins, first, n, site))
}

#[inline(always)]
unsafe fn call(cx: &Context, regs: Regs, ins: Instr, first: usize, n: usize, site: &AtomicU64) -> Result<Called> {
    let (f, dst) = (ins.b(), ins.a());
    let frame = frame::top(cx);
    let callee = regs.get(f);
    let ty = type_of(callee);
    if std::ptr::eq(ty, &raw const s::METHOD_DESCRIPTOR_TYPE)
        && let Some(d) = callee.body::<MethodDescriptorBody>()
    {
        let args = regs.slice(first, n);
        check_receiver(d, args)?;
        if let Some(peek) = d.row.peek
            && n >= d.row.shape.required
            && n <= d.row.shape.args
        {
            let found = share_if(peek(args));
            if found != 0 {
                // The callee's register holds it until the arguments have been dropped, which may poll.
                regs.set_bits(f, found);
                for i in first..first + n {
                    regs.kill(i);
                }
                regs.set_bits(dst, regs.clear(f));
                return Ok(Called::Done);
            }
        }
        let r = native::call(cx, d.row, args, None)?;
        return finish(regs, f, first, n, dst, r);
    }
    if std::ptr::eq(ty, &raw const s::NATIVE)
        && let Some(b) = callee.body::<NativeBody>()
    {
        let row = b.row;
        if let Some(receiver) = &b.receiver {
            // The register in front of the arguments is the callable's own or an empty one.
            let receiver = receiver.clone();
            regs.kill(f);
            regs.set(first - 1, receiver);
            let r = native::call(cx, row, regs.slice(first - 1, n + 1), None)?;
            return finish(regs, f, first - 1, n + 1, dst, r);
        }
        let r = if row.shape.module {
            protocol::call(cx, callee, regs.slice(first, n))?
        } else {
            native::call(cx, row, regs.slice(first, n), None)?
        };
        return finish(regs, f, first, n, dst, r);
    }
    if std::ptr::eq(ty, &raw const s::FUNCTION) {
        let function = regs.clear(f);
        return python(cx, frame, regs, function, first, n, None, dst);
    }
    if std::ptr::eq(ty, &raw const s::METHOD)
        && let Some(m) = callee.body::<BoundMethodBody>()
        && m.function.is_exact(&s::FUNCTION)
    {
        let (function, receiver) = (share(m.function.word().0), share(m.receiver.word().0));
        // The register in front of the arguments is the callable's own or an empty one.
        let method = regs.clear(f);
        *regs.0.add(first - 1) = receiver;
        if method & 7 != 0 || skein_gc::header::decrement_quick(method as *mut skein_gc::Header) {
            return python(cx, frame, regs, function, first - 1, n + 1, None, dst);
        }
        // Dropping it may poll.
        let function = settle(function);
        release(method);
        return python(cx, frame, regs, function, first - 1, n + 1, None, dst);
    }
    if ty.slots.call.same(&s::TYPE.slots.call)
        && let Some(class) = Type::from_ref(callee)
        && class.has(flag::HEAP)
        && let Some(init) = python_init(class, ty, site)
        && let Some(fb) = init.body::<FunctionBody>()
        && let Some(code) = code_of(fb)
        && code.simple
        && !code.is_generator
        && (code.args as usize == n + 1 || fill_defaults(fb, code, regs.0.add(first - 1), n + 1))
    {
        let args = code.args as usize;
        let instance = alloc(class, ())?;
        let extra = instance.clone();
        let callee = regs.clear(f);
        let before = std::mem::replace(&mut *regs.0.add(first - 1), instance.into_value().0);
        let init = share(init.word().0);
        // On an error the unwinder drops the window.
        let new = match frame::push(cx, init, code, regs.0.add(first - 1), args, Kind::Init) {
            Ok(new) => new,
            Err(e) => {
                release(init);
                release(callee);
                release(before);
                return Err(e);
            }
        };
        (*new).globals = fb.globals.value().0;
        (*new).builtins = fb.builtins.value().0;
        (*new).extra = extra.into_value().0;
        (*new).dst = regs.0.add(dst);
        // Last, since it may poll: the class is held by its instance.
        release(callee);
        release(before);
        return Ok(Called::Pushed);
    }
    if n == 1
        && callee.is(&RANGE.object())
        && let Some(stop) = regs.get(first).as_int()
    {
        let r = skein_object::range::small(0, stop, 1)?;
        return finish(regs, f, first, n, dst, r);
    }
    let r = protocol::call(cx, callee, regs.slice(first, n))?;
    finish(regs, f, first, n, dst, r)
}

/// The Python `__init__` of a class whose instances are plain and made by object's `__new__`.
///
/// Not counted: the class holds it, and so does the site.
unsafe fn python_init(class: &'static Type, meta: &'static Type, site: &AtomicU64) -> Option<ManuallyDrop<Ref>> {
    let word = cache::load(site);
    if cache::kind(word) == cache::RECORD {
        let r = cache::record(word);
        if r.found == Found::Init && cache::same_version(class, r.version) && cache::same_version(meta, r.new_shape) {
            return Some(ManuallyDrop::new(Ref::from_value(r.value)));
        }
    }
    let version = class.version();
    if class.has(flag::ABSTRACT)
        || !class.slots.new.same(&s::OBJECT.slots.new)
        || !class.slots.call.is_set() && !std::ptr::eq(class.layout(), s::OBJECT.layout())
        || !std::ptr::eq(class.layout(), s::OBJECT.layout())
    {
        return None;
    }
    let init = class.peek(names::__init__())?;
    if !init.is_exact(&s::FUNCTION) {
        return None;
    }
    cache::store_record(
        site,
        Found::Init,
        0,
        version,
        Some(Ref::clone(&init)),
        0,
        meta.version(),
    );
    Some(init)
}

/// Pushes the frame of a Python function above `frame`, if it takes just `n` arguments: gives the window, where the caller writes
/// them at once; null if there is nothing pushed. The result goes to `dst`.
///
/// # Safety
/// `frame` is the top frame, with `pc` saved, and `dst` one of its registers; `f` is a live function.
pub unsafe fn push_function(cx: &Context, frame: *mut Frame, f: Value, n: usize, dst: *mut u64) -> *mut u64 {
    let fb: &FunctionBody = body_at(f.0);
    let Some(code) = code_of(fb).filter(|c| c.simple && c.args as usize == n) else {
        return std::ptr::null_mut();
    };
    let window = (*frame).regs.add((*frame).code().nregs as usize);
    let f = share(f.0);
    let new = frame::push_quick(cx, frame, f, code, window, n, Kind::Call);
    if new.is_null() {
        release(f);
        return std::ptr::null_mut();
    }
    (*new).pc = code.words.as_ptr();
    (*new).globals = fb.globals.value().0;
    (*new).builtins = fb.builtins.value().0;
    (*new).dst = dst;
    window
}

/// Drops callable and arguments and writes the result.
unsafe fn finish(regs: Regs, f: usize, first: usize, n: usize, dst: usize, r: Ref) -> Result<Called> {
    for i in first..first + n {
        regs.kill(i);
    }
    regs.kill(f);
    regs.set(dst, r);
    Ok(Called::Done)
}

/// A method descriptor is called with an object of its type.
///
/// # Errors
/// TypeError as CPython's.
pub fn check_receiver(d: &MethodDescriptorBody, args: &[Ref]) -> Result<()> {
    match args.first() {
        Some(r) if type_of(r).is_subtype(d.owner) => Ok(()),
        Some(r) => Err(type_error(format!(
            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
            d.row.name(),
            d.owner.name(),
            r.ty().name()
        ))),
        None => Err(type_error(format!(
            "unbound method {}.{}() needs an argument",
            d.owner.name(),
            d.row.name()
        ))),
    }
}

/// Writes the defaults of the parameters behind the first `given` ones, which lie at `window`, if all of those have one; else
/// does nothing and gives false. It drops nothing: the registers may lie above the frame's, where nobody looks through them.
///
/// # Safety
/// The registers behind those given are free.
unsafe fn fill_defaults(f: &FunctionBody, code: &CodeBody, window: *mut u64, given: usize) -> bool {
    let args = code.args as usize;
    if given >= args {
        return false;
    }
    let Some(defaults) = f.defaults.peek() else {
        return false;
    };
    let Some(defaults) = tuple::items(&defaults) else {
        return false;
    };
    if given + defaults.len() < args {
        return false;
    }
    let free = window.add(given);
    if (0..args - given).any(|i| *free.add(i) & 7 == 0 && *free.add(i) != 0) {
        return false;
    }
    for (i, d) in defaults[defaults.len() - (args - given)..].iter().enumerate() {
        *free.add(i) = share(d.word().0);
    }
    true
}

/// Calls a Python function, given as a register's bits, which move, and whose arguments need binding: they are moved to a
/// window above the frame's. There is no poll before all that is in the new frame's registers.
#[allow(clippy::too_many_arguments)]
unsafe fn python(
    cx: &Context,
    frame: *mut Frame,
    regs: Regs,
    function: u64,
    first: usize,
    n: usize,
    names: Option<&Ref>,
    dst: usize,
) -> Result<Called> {
    let f: &FunctionBody = body_at(function);
    let Some(code) = code_of(f) else {
        release(function);
        return Err(system_error("function without code"));
    };
    let window = (*frame).regs.add((*frame).code().nregs as usize);
    if window.add(code.nregs as usize) > cx.registers_limit.get() {
        release(function);
        return Err(recursion_error("maximum recursion depth exceeded"));
    }
    if names.is_none() && code.simple && fill_defaults(f, code, regs.0.add(first), n) {
        // Nothing but the last arguments are left out: the window begins at those given.
        enter(cx, function, f, code, regs.0.add(first), code.args as usize, Kind::Call)?;
        (*frame::top(cx)).dst = regs.0.add(dst);
        return Ok(Called::Pushed);
    }
    if names.is_none() && !code.simple && code.unit.kwonly_args == 0 && n >= code.unit.args as usize {
        // `*args` and `**kwargs` take the places of the arguments beyond the named ones.
        let args = code.unit.args as usize;
        let given = regs.0.add(first);
        let mut next = given.add(args);
        if code.unit.flags & VARARGS != 0 {
            let rest = tuple::from_iter_of(
                &s::TUPLE,
                n - args,
                (args..n).map(|i| Ref::from_value(Value(settle(std::mem::replace(&mut *given.add(i), 0))))),
            );
            let rest = match rest {
                Ok(rest) => rest,
                Err(e) => {
                    release(function);
                    return Err(e);
                }
            };
            *next = rest.into_value().0;
            next = next.add(1);
        }
        if n == args || code.unit.flags & VARARGS != 0 {
            if code.unit.flags & VARKEYWORDS != 0 {
                match dict::new() {
                    Ok(d) => *next = d.into_value().0,
                    Err(e) => {
                        release(function);
                        return Err(e);
                    }
                }
            }
            enter(cx, function, f, code, given, parameters(code), Kind::Call)?;
            (*frame::top(cx)).dst = regs.0.add(dst);
            return Ok(Called::Pushed);
        }
    }
    if let Err(e) = bind(cx, f, code, regs.0.add(first), n, names, window) {
        release(function);
        return Err(e);
    }
    enter(cx, function, f, code, window, parameters(code), Kind::Call)?;
    (*frame::top(cx)).dst = regs.0.add(dst);
    Ok(Called::Pushed)
}

/// Calls with keywords: the last arguments are named by the tuple constant `names`.
#[inline(never)]
pub unsafe fn call_kw(
    cx: &Context,
    frame: *mut Frame,
    regs: Regs,
    ins: Instr,
    first: usize,
    n: usize,
    names: usize,
) -> Done {
    Done::from(call_kw_inner(cx, frame, regs, ins, first, n, names))
}

#[inline(always)]
unsafe fn call_kw_inner(
    cx: &Context,
    frame: *mut Frame,
    regs: Regs,
    ins: Instr,
    first: usize,
    n: usize,
    names: usize,
) -> Result<Called> {
    let (f, dst) = (ins.b(), ins.a());
    let names = &(*frame).code().consts[names];
    let callee = regs.get(f);
    if callee.is_exact(&s::FUNCTION) {
        let function = regs.clear(f);
        return python(cx, frame, regs, function, first, n, Some(names), dst);
    }
    let r = protocol::call_kw(cx, callee, regs.slice(first, n), Some(names))?;
    finish(regs, f, first, n, dst, r)
}

/// `f(*args, **kwargs)`.
#[inline(never)]
pub unsafe fn call_ex(cx: &Context, frame: *mut Frame, regs: Regs, ins: Instr) -> Done {
    Done::from(call_ex_inner(cx, frame, regs, ins))
}

#[inline(always)]
unsafe fn call_ex_inner(cx: &Context, frame: *mut Frame, regs: Regs, ins: Instr) -> Result<Called> {
    let w = ins.b();
    let callee = regs.get(w).clone();
    let args = regs.get(w + 1);
    let mut all: Vec<Ref> = if let Some(items) = tuple::items(args).filter(|_| args.is_exact(&s::TUPLE)) {
        items.to_vec()
    } else {
        let iterable = type_of(args).slots.iter.is_set() || type_of(args).slots.getitem.is_set();
        if !iterable {
            return Err(type_error(format!(
                "{} argument after * must be an iterable, not {}",
                pcall::describe(cx, &callee),
                args.ty().name()
            )));
        }
        protocol::collect(cx, args)?
    };
    let mut names = None;
    if ins.c() == 1 {
        let kwargs = regs.get(w + 2);
        let merged;
        let kwargs = if kwargs.body::<DictBody>().is_some() {
            kwargs
        } else {
            merged = dict::new()?;
            crate::ops::build::merge_keywords(cx, &merged, kwargs, &callee)?;
            &merged
        };
        let entries = dict::entries(kwargs);
        if !entries.is_empty() {
            let mut keys = Vec::with_capacity(entries.len());
            for (k, v) in entries {
                if !str::is_str(&k) {
                    return Err(type_error("keywords must be strings"));
                }
                keys.push(k);
                all.push(v);
            }
            names = Some(tuple::new(keys)?);
        }
    }
    for i in 0..2 + ins.c() {
        regs.kill(w + i);
    }
    if callee.is_exact(&s::FUNCTION) {
        let Some(f) = callee.body::<FunctionBody>() else {
            return Err(system_error("not a function"));
        };
        let Some(code) = code_of(f) else {
            return Err(system_error("function without code"));
        };
        let window = (*frame).regs.add((*frame).code().nregs as usize);
        let copy = window.add(code.nregs as usize);
        if copy.add(all.len()) > cx.registers_limit.get() {
            return Err(recursion_error("maximum recursion depth exceeded"));
        }
        let n = all.len();
        for (i, a) in all.into_iter().enumerate() {
            *copy.add(i) = a.into_value().0;
        }
        bind(cx, f, code, copy, n, names.as_ref(), window)?;
        enter(
            cx,
            share(callee.word().0),
            f,
            code,
            window,
            parameters(code),
            Kind::Call,
        )?;
        (*frame::top(cx)).dst = regs.0.add(ins.a());
        return Ok(Called::Pushed);
    }
    let r = protocol::call_kw(cx, &callee, &all, names.as_ref())?;
    regs.set(ins.a(), r);
    let _ = Value::NULL;
    Ok(Called::Done)
}
