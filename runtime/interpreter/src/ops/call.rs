//! Calls beyond the plain call of a Python function.

use crate::cache::{self, Found};
use crate::call::{bind, code_of, enter, parameters};
use crate::frame::{self, Frame, Kind};
use crate::handlers::body_at;
use crate::in_place::{self, Bound};
use crate::operands::Operands;
use crate::ops::{Called, word_ref};
use crate::regs::{Regs, release, share, share_if};
use crate::run::Done;
use skein_bytecode::Builtin;
use skein_gc::{Ref, Value};
use skein_object::context::{Unwrapped, hooks};
use skein_object::error::{recursion_error, system_error, type_error};
use skein_object::intern::names;
use skein_object::native::{self, Known};
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol::{self, call as pcall};
use skein_object::types::flag;
use skein_object::{
    BoundMethodBody, Context, DictBody, FunctionBody, MethodDescriptorBody, NativeBody, Result, Type, dict,
    statics as s, str, tuple,
};
use std::mem::ManuallyDrop;
use std::sync::atomic::AtomicU64;

/// Calls register b with the `n` arguments from register `first` on, after a poll where one is asked for.
#[inline(never)]
pub unsafe fn call_polled(cx: &Context, regs: Regs, ins: Operands, first: usize, n: usize, site: &AtomicU64) -> Done {
    if skein_gc::poll_word() != 0
        && let Err(e) = (skein_object::context::hooks().poll)(cx)
    {
        return Done::error(e);
    }
    Done::from(call(cx, regs, ins, first, n, site))
}

#[inline(always)]
unsafe fn call(cx: &Context, regs: Regs, ins: Operands, first: usize, n: usize, site: &AtomicU64) -> Result<Called> {
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
    let is_native_class =
        std::ptr::eq(ty, &raw const s::TYPE) && Type::from_ref(callee).is_some_and(|c| !c.has(flag::HEAP));
    if !is_native_class && let Some(r) = pushed(cx, regs, f, first, n, &[], dst, Some(site))? {
        return Ok(r);
    }
    if !is_native_class
        && n < 1 << 16
        && first < 1 << 16
        && let Some(class) = Type::from_ref(callee)
        && class.has(flag::HEAP)
    {
        // For the next time.
        note_new(class, ty, site);
    }
    let r = protocol::call(cx, callee, regs.slice(first, n))?;
    finish(regs, f, first, n, dst, r)
}

/// The Python `__init__` of a class whose instances are plain and made by object's `__new__`.
///
/// Not counted: the class holds it, as long as it has that version.
unsafe fn python_init(
    class: &'static Type,
    meta: &'static Type,
    site: Option<&AtomicU64>,
) -> Option<ManuallyDrop<Ref>> {
    let word = site.map_or(0, cache::load);
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
    if let Some(site) = site {
        cache::store_record(site, Found::Init, 0, version, Some(&*init), 0, meta.version());
    }
    Some(init)
}

/// Where the arguments of the call lie whose class's `__new__` runs in a frame of kind New, and how many they are.
///
/// # Safety
/// The frame's record is as it was.
#[inline(always)]
pub unsafe fn new_arguments(frame: *const Frame) -> (usize, usize) {
    let index = (*frame).index;
    ((index >> 16) as usize, (index & 0xffff) as usize)
}

/// Calls the `__init__` of what a class's `__new__` has given, if that is an instance of the class.
///
/// # Errors
/// What it raises.
pub fn initialize(cx: &Context, class: &Ref, object: &Ref, args: &[Ref]) -> Result<()> {
    let made = type_of(object);
    if let Some(class) = Type::from_ref(class)
        && (std::ptr::eq(made, class) || made.is_subtype(class))
        && let Some(init) = made.slots.init.get()
    {
        init(cx, object, args, None)?;
    }
    Ok(())
}

/// Remembers the `__new__` in Python of a class that has no `__init__` but object's.
unsafe fn note_new(class: &'static Type, meta: &'static Type, site: &AtomicU64) {
    let r = cache::record(cache::load(site));
    if r.found == Found::New && cache::same_version(class, r.version) && cache::same_version(meta, r.new_shape) {
        // It does not fit this call.
        return;
    }
    let (version, meta_version) = (class.version(), meta.version());
    if !meta.slots.call.same(&s::TYPE.slots.call) || !class.slots.init.same(&s::OBJECT.slots.init) {
        return;
    }
    let Some(new) = class.lookup(names::__new__()) else {
        return;
    };
    if let Unwrapped::StaticMethod(f) = (hooks().unwrap)(&new)
        && f.is_exact(&s::FUNCTION)
        && let Some(code) = f.body::<FunctionBody>().and_then(code_of)
        && code.form.positional
        && !code.is_generator
    {
        cache::store_record(site, Found::New, 0, version, Some(&f), 0, meta_version);
    }
}

/// Pushes the frame that a call of register `f` runs in, where that is no plain function: see [`push_callee`]. `None` if there is none.
#[allow(clippy::too_many_arguments)]
unsafe fn pushed(
    cx: &Context,
    regs: Regs,
    f: usize,
    first: usize,
    n: usize,
    names: &[Ref],
    dst: usize,
    site: Option<&AtomicU64>,
) -> Result<Option<Called>> {
    // The register in front of the arguments is the callable's own or an empty one.
    let callee = regs.clear(f);
    let frame = frame::top(cx);
    let mut args = regs.0.add(first);
    let moved = (*frame).kind.is_generator();
    if moved {
        args = frame::move_up(frame, args.sub(1), n + 1).add(1);
    }
    match push_callee(cx, word_ref(&callee), args, n, names, regs.0.add(dst), site) {
        Ok(true) => {
            // Last, since it may poll.
            release(callee);
            Ok(Some(Called::Pushed))
        }
        Ok(false) => {
            if moved {
                frame::move_down(args, regs.0.add(first), n);
            }
            *regs.0.add(f) = callee;
            Ok(None)
        }
        Err(e) => {
            release(callee);
            if moved {
                crate::frame::drop_registers(args.sub(1), n + 1);
            }
            Err(e)
        }
    }
}

/// Pushes the frame of a Python function, of a method in Python, or of the `__init__` in Python of a class whose instances are plain.
/// The `n` arguments begin at `args`, the last ones are keywords with these `names`. False, and nothing done, if the callable is
/// no such thing or its arguments are unusual. On an error the arguments are dropped or still in their registers.
///
/// # Safety
/// The arguments lie in the window of the running frame or above it; the register in front of them is empty, and those behind are free.
unsafe fn push_callee(
    cx: &Context,
    callee: &Ref,
    args: *mut u64,
    n: usize,
    names: &[Ref],
    dst: *mut u64,
    site: Option<&AtomicU64>,
) -> Result<bool> {
    let ty = type_of(callee);
    let (function, front, kind) = if std::ptr::eq(ty, &raw const s::FUNCTION) {
        (share(callee.word().0), 0, Kind::Call)
    } else if std::ptr::eq(ty, &raw const s::METHOD)
        && let Some(m) = callee.body::<BoundMethodBody>()
        && m.function().is_exact(&s::FUNCTION)
    {
        (share(m.function().word().0), share(m.receiver().word().0), Kind::Call)
    } else if ty.slots.call.same(&s::TYPE.slots.call)
        && let Some(class) = Type::from_ref(callee)
        && class.has(flag::HEAP)
        && let Some(init) = python_init(class, ty, site)
        && let Some(code) = init.body::<FunctionBody>().and_then(code_of)
        && !code.is_generator
        // An object with a finaliser is not made before it is clear that the arguments fit.
        && (class.class().finalize.get().is_none() || code.simple && names.is_empty() && code.args as usize == n + 1)
    {
        (share(init.word().0), alloc(class, ())?.into_value().0, Kind::Init)
    } else {
        return Ok(false);
    };
    let fb: &FunctionBody = body_at(function);
    let front_given = (front != 0) as usize;
    let window = args.sub(front_given);
    let undo = || {
        release(function);
        release(front);
    };
    let Some(code) = code_of(fb) else {
        undo();
        return Ok(false);
    };
    if window.add(code.nregs as usize + n + 1) > cx.registers_limit.get() {
        undo();
        return Ok(false);
    }
    let extra = if kind == Kind::Init { share(front) } else { 0 };
    if front != 0 {
        *window = front;
    }
    match in_place::bind(fb, code, window, n + front_given, names) {
        Bound::Yes => {}
        Bound::No => {
            if front != 0 {
                *window = 0;
            }
            release(extra);
            undo();
            return Ok(false);
        }
        Bound::Error(e) => {
            release(extra);
            release(function);
            return Err(e);
        }
    }
    if let Err(e) = enter(cx, function, fb, code, window, parameters(code), kind) {
        release(extra);
        return Err(e);
    }
    let new = frame::top(cx);
    (*new).extra = extra;
    (*new).dst = dst;
    Ok(true)
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
    let window = frame::end(frame);
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

/// Whether a value is the builtin with this number.
///
/// # Safety
/// The value is alive.
pub unsafe fn is_builtin(bits: u64, number: usize) -> bool {
    let class = |ty: &'static Type| ty.object().value().0 == bits;
    let known = match Builtin::from_u16(number as u16) {
        Some(Builtin::Any) => Known::Any,
        Some(Builtin::All) => Known::All,
        Some(Builtin::List) => return class(&s::LIST),
        Some(Builtin::Tuple) => return class(&s::TUPLE),
        Some(Builtin::Set) => return class(&s::SET),
        None => return false,
    };
    let r = std::mem::ManuallyDrop::new(Ref::from_value(Value(bits)));
    r.body::<NativeBody>().is_some_and(|b| b.row.known == Some(known))
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

/// Calls a Python function, given as a register's bits, which move, and whose arguments need binding. There is no poll before all
/// that is in the new frame's registers.
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
    let (mut given, mut window) = (regs.0.add(first), frame::end(frame));
    if window.add(code.nregs as usize + n) > cx.registers_limit.get() {
        release(function);
        return Err(recursion_error("maximum recursion depth exceeded"));
    }
    if (*frame).kind.is_generator() {
        given = frame::move_up(frame, given, n);
        window = given.add(n);
    }
    match in_place::bind(f, code, given, n, names.and_then(tuple::items).unwrap_or(&[])) {
        Bound::Yes => window = given,
        Bound::No => {
            if let Err(e) = bind(cx, f, code, given, n, names, window) {
                release(function);
                return Err(e);
            }
        }
        Bound::Error(e) => {
            release(function);
            return Err(e);
        }
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
    ins: Operands,
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
    ins: Operands,
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
    if callee.is_exact(&s::METHOD_DESCRIPTOR_TYPE)
        && n > tuple::items(names).map_or(0, <[Ref]>::len)
        && let Some(d) = callee.body::<MethodDescriptorBody>()
    {
        let args = regs.slice(first, n);
        check_receiver(d, args)?;
        let r = native::call(cx, d.row, args, Some(names))?;
        return finish(regs, f, first, n, dst, r);
    }
    if let Some(r) = pushed(cx, regs, f, first, n, tuple::items(names).unwrap_or(&[]), dst, None)? {
        return Ok(r);
    }
    let r = protocol::call_kw(cx, callee, regs.slice(first, n), Some(names))?;
    finish(regs, f, first, n, dst, r)
}

/// Calls the Python function in register `f`, which is no case for `Machine::call`.
#[inline(never)]
pub unsafe fn call_function(
    cx: &Context,
    frame: *mut Frame,
    regs: Regs,
    ins: Operands,
    first: usize,
    n: usize,
) -> Done {
    if skein_gc::poll_word() != 0
        && let Err(e) = (skein_object::context::hooks().poll)(cx)
    {
        return Done::error(e);
    }
    let function = regs.clear(ins.b());
    Done::from(python(cx, frame, regs, function, first, n, None, ins.a()))
}

/// `f(*args, **kwargs)`.
#[inline(never)]
pub unsafe fn call_ex(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Done {
    Done::from(call_ex_inner(cx, frame, regs, ins))
}

#[inline(always)]
unsafe fn call_ex_inner(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<Called> {
    let w = ins.b();
    let callee = regs.get(w).clone();
    let args = regs.get(w + 1);
    let direct = tuple::items(args).filter(|_| args.is_exact(&s::TUPLE));
    let mut kwargs = None;
    if ins.c() == 1 {
        let given = regs.get(w + 2);
        // What collects the arguments may change the dict.
        let d = if given.is_exact(&s::DICT) && direct.is_some() {
            given.clone()
        } else {
            let merged = dict::new()?;
            crate::ops::build::merge_keywords(cx, &merged, given, &callee)?;
            merged
        };
        kwargs = d.body::<DictBody>().is_some_and(|b| !b.0.is_empty()).then_some(d);
    }
    let collected;
    let items: &[Ref] = if let Some(items) = direct {
        items
    } else {
        let iterable = type_of(args).slots.iter.is_set() || type_of(args).slots.getitem.is_set();
        if !iterable {
            return Err(type_error(format!(
                "{} argument after * must be an iterable, not {}",
                pcall::describe(cx, &callee),
                args.ty().name()
            )));
        }
        collected = protocol::collect(cx, args)?;
        &collected
    };
    if let Some(r) = spread(cx, frame, regs, ins, &callee, items, kwargs.as_ref())? {
        return Ok(r);
    }
    let mut names = None;
    let mut all = Vec::new();
    let mut args = items;
    if let Some(kwargs) = kwargs {
        all.extend_from_slice(items);
        let mut keys = Vec::new();
        for (k, v) in dict::entries(&kwargs) {
            if !str::is_str(&k) {
                return Err(type_error("keywords must be strings"));
            }
            keys.push(k);
            all.push(v);
        }
        names = Some(tuple::new(keys)?);
        args = &all;
    }
    if callee.is_exact(&s::FUNCTION) {
        let Some(f) = callee.body::<FunctionBody>() else {
            return Err(system_error("not a function"));
        };
        let Some(code) = code_of(f) else {
            return Err(system_error("function without code"));
        };
        let window = frame::end(frame);
        let copy = window.add(code.nregs as usize);
        if copy.add(args.len()) > cx.registers_limit.get() {
            return Err(recursion_error("maximum recursion depth exceeded"));
        }
        let n = args.len();
        for (i, a) in args.iter().enumerate() {
            *copy.add(i) = share(a.word().0);
        }
        // What is dropped here may run code that uses the registers above the frame.
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
        let new = frame::top(cx);
        (*new).dst = regs.0.add(ins.a());
        for i in 0..2 + ins.c() {
            regs.kill(w + i);
        }
        return Ok(Called::Pushed);
    }
    let r = protocol::call_kw(cx, &callee, args, names.as_ref())?;
    for i in 0..2 + ins.c() {
        regs.kill(w + i);
    }
    regs.set(ins.a(), r);
    Ok(Called::Done)
}

/// Spreads arguments and keywords above the frame, for a callable that [`push_callee`] knows.
#[allow(clippy::too_many_arguments)]
unsafe fn spread(
    cx: &Context,
    frame: *mut Frame,
    regs: Regs,
    ins: Operands,
    callee: &Ref,
    items: &[Ref],
    kwargs: Option<&Ref>,
) -> Result<Option<Called>> {
    let ty = type_of(callee);
    let known = std::ptr::eq(ty, &raw const s::FUNCTION)
        || std::ptr::eq(ty, &raw const s::METHOD)
        || ty.slots.call.same(&s::TYPE.slots.call);
    let table = kwargs.and_then(|d| d.body::<DictBody>());
    let keywords = table.map_or(0, |t| t.0.len());
    // One register in front is left free.
    let args = frame::end(frame).add(1);
    if !known || keywords > in_place::FEW || args.add(items.len() + in_place::FEW) > cx.registers_limit.get() {
        return Ok(None);
    }
    let mut n = 0;
    let mut names: [Ref; in_place::FEW] = std::array::from_fn(|_| Ref::small(0));
    *args.sub(1) = 0;
    for item in items {
        *args.add(n) = share(item.word().0);
        n += 1;
    }
    let (mut given, mut position) = (0, 0);
    if let Some(t) = table {
        while given < keywords
            && let Some((key, value, _)) = t.0.next(&mut position)
        {
            *args.add(n) = value.into_value().0;
            n += 1;
            names[given] = key;
            given += 1;
        }
    }
    let names = &names[..given];
    if in_place::all_strings(names) && push_callee(cx, callee, args, n, names, regs.0.add(ins.a()), None)? {
        // What dies now runs above the new frame.
        for i in 0..2 + ins.c() {
            regs.kill(ins.b() + i);
        }
        return Ok(Some(Called::Pushed));
    }
    // Moved first, since what dies may run code that uses the registers above the frame.
    let moved: Vec<u64> = (0..n).map(|i| std::mem::replace(&mut *args.add(i), 0)).collect();
    moved.into_iter().for_each(release);
    Ok(None)
}
