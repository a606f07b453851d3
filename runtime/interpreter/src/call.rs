//! Calls of Python functions: binding of arguments, entry from native code.

use crate::frame::{self, Kind};
use crate::in_place::{self, Bound};
use crate::regs::{release, settle, share};
use crate::run;
use skein_bytecode::code::flags::{VARARGS, VARKEYWORDS};
use skein_gc::{Ref, Value};
use skein_object::error::{system_error, type_error};
use skein_object::object::RefExt;
use skein_object::protocol::compare;
use skein_object::{CodeBody, Context, FunctionBody, Result, dict, str, tuple};

/// The code body of a function.
#[inline(always)]
pub fn code_of(f: &FunctionBody) -> Option<&CodeBody> {
    let v = f.code.load();
    // The collector clears it. It holds nothing else, so this is the one test.
    if v.0 == 0 {
        return None;
    }
    // SAFETY: a function's code slot holds a code object, whose header is followed by the body; code objects are
    // deferred, so it outlives this borrow of the function.
    Some(unsafe { &(*(v.pointer() as *const skein_object::Object<CodeBody>)).body })
}

/// Calls a Python function from native code: the `call` slot of functions.
///
/// # Errors
/// TypeError for arguments that do not fit; RecursionError; what the function raises.
pub fn call_function(cx: &Context, function: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    cx.check_stack()?;
    let Some(f) = function.body::<FunctionBody>() else {
        return Err(system_error("not a function"));
    };
    let Some(code) = code_of(f) else {
        return Err(system_error("function without code"));
    };
    let window = frame::free_registers(cx);
    // SAFETY: the window lies above every frame and is checked against the limit before it is written.
    unsafe {
        if window.add(args.len() + code.nregs as usize) > cx.registers_limit.get() {
            return Err(skein_object::error::recursion_error("maximum recursion depth exceeded"));
        }
        for (i, a) in args.iter().enumerate() {
            *window.add(i) = share(a.word().0);
        }
        if !(code.simple && names.is_none() && args.len() == code.args as usize) {
            match in_place::bind(f, code, window, args.len(), names.and_then(tuple::items).unwrap_or(&[])) {
                Bound::Yes => {}
                Bound::No => {
                    // Arguments are moved into the window from a copy above it.
                    let copy = window.add(code.nregs as usize);
                    for i in (0..args.len()).rev() {
                        *copy.add(i) = std::mem::replace(&mut *window.add(i), 0);
                    }
                    bind(cx, f, code, copy, args.len(), names, window)?;
                }
                Bound::Error(e) => return Err(e),
            }
        }
        let given = parameters(code);
        enter(cx, share(function.word().0), f, code, window, given, Kind::Entry)?;
        run::run(cx)
    }
}

/// Number of registers that hold parameters.
#[inline(always)]
pub fn parameters(code: &CodeBody) -> usize {
    if code.simple {
        code.args as usize
    } else {
        let u = &code.unit;
        (u.args + u.kwonly_args) as usize + (u.flags & VARARGS != 0) as usize + (u.flags & VARKEYWORDS != 0) as usize
    }
}

/// Pushes the frame of a function, given as a register's bits, which move, and whose parameters are written at `window`.
///
/// # Errors
/// RecursionError; the function and the window are dropped then.
///
/// # Safety
/// `window` holds `given` registers and lies at the end of the running frame's window or above it. This thread has not polled
/// since function or arguments were taken from registers.
pub unsafe fn enter(
    cx: &Context,
    bits: u64,
    f: &FunctionBody,
    code: &CodeBody,
    window: *mut u64,
    given: usize,
    kind: Kind,
) -> Result<()> {
    // SAFETY: by the caller's promise; globals and builtins live as long as the function does.
    unsafe {
        match frame::push(cx, bits, code, window, given, kind) {
            Ok(frame) => {
                (*frame).globals = f.globals.word().0;
                (*frame).builtins = f.builtins.word().0;
                Ok(())
            }
            Err(e) => {
                release(bits);
                frame::drop_registers(window, given);
                Err(e)
            }
        }
    }
}

/// Runs a code object (module, class body, eval) in a namespace. It gets no arguments.
///
/// # Errors
/// What the code raises.
pub fn run_code(
    cx: &Context,
    code: &Ref,
    globals: &Ref,
    builtins: &Ref,
    locals: Option<&Ref>,
    closure: Option<&Ref>,
) -> Result<Ref> {
    cx.check_stack()?;
    let Some(body) = code.body::<CodeBody>() else {
        return Err(system_error("not a code object"));
    };
    // A function is made for the frame: it owns globals and closure.
    let function = crate::ops::function::make(cx, code, globals, builtins, false)?;
    let Some(f) = function.body::<FunctionBody>() else {
        return Err(system_error("not a function"));
    };
    if let Some(c) = closure {
        drop(f.closure.set(function.holder(), Some(c.clone())));
    }
    if parameters(body) > 0 {
        // That of a function, which has no use for the namespace.
        return call_function(cx, &function, &[], None);
    }
    let window = frame::free_registers(cx);
    // SAFETY: the window lies above every frame; `push` checks the limit.
    unsafe {
        enter(cx, share(function.word().0), f, body, window, 0, Kind::Entry)?;
        let top = frame::top(cx);
        (*top).locals = match locals {
            Some(l) => l.clone().into_value().0,
            None => 0,
        };
        run::run(cx)
    }
}

/// Binds arguments to parameters.
///
/// `args` are `total` owned registers, moved from in any case; the last ones are keywords named by the tuple `names`.
/// `window` receives the parameters. It belongs to no frame yet, and there is no poll until it does.
///
/// # Errors
/// TypeError in CPython's words; all arguments are dropped then.
///
/// # Safety
/// `args` and `window` do not overlap; the window has room for the parameters.
pub unsafe fn bind(
    cx: &Context,
    f: &FunctionBody,
    code: &CodeBody,
    args: *mut u64,
    total: usize,
    names: Option<&Ref>,
    window: *mut u64,
) -> Result<()> {
    let n = parameters(code);
    // SAFETY: by the caller's promise; every moved argument is nulled, so that each is dropped once.
    unsafe {
        for i in 0..n {
            *window.add(i) = 0;
        }
        let r = bind_inner(cx, f, code, args, total, names, window);
        frame::drop_registers(args, total);
        if r.is_err() {
            frame::drop_registers(window, n);
        }
        r
    }
}

unsafe fn bind_inner(
    cx: &Context,
    f: &FunctionBody,
    code: &CodeBody,
    args: *mut u64,
    total: usize,
    names: Option<&Ref>,
    window: *mut u64,
) -> Result<()> {
    let unit = &code.unit;
    let names = names.and_then(tuple::items).unwrap_or(&[]);
    let positional = total - names.len();
    let (argc, kwonly, posonly) = (
        unit.args as usize,
        unit.kwonly_args as usize,
        unit.posonly_args as usize,
    );
    let named = argc + kwonly;
    let varargs = unit.flags & VARARGS != 0;
    let varkw = unit.flags & VARKEYWORDS != 0;
    // SAFETY: registers are in range; each argument is taken at most once and nulled.
    unsafe {
        let take = |i: usize| std::mem::replace(&mut *args.add(i), 0);
        for i in 0..positional.min(argc) {
            *window.add(i) = take(i);
        }
        if varargs {
            let extra = positional.saturating_sub(argc);
            let t = tuple::from_iter_of(
                &skein_object::statics::TUPLE,
                extra,
                (0..extra).map(|i| Ref::from_value(Value(settle(take(argc + i))))),
            )?;
            *window.add(named) = t.into_value().0;
        }
        let kwdict = if varkw {
            let d = dict::new()?;
            *window.add(named + varargs as usize) = d.clone().into_value().0;
            Some(d)
        } else {
            None
        };
        let mut posonly_as_kw: Vec<String> = Vec::new();
        for (k, name) in names.iter().enumerate() {
            let found = code.local_names[posonly..named]
                .iter()
                .position(|p| p.is(name))
                .or_else(|| code.local_names[posonly..named].iter().position(|p| same_text(p, name)));
            match (found, &kwdict) {
                (Some(i), _) => {
                    let slot = window.add(posonly + i);
                    if *slot != 0 {
                        return Err(type_error(format!(
                            "{}() got multiple values for argument '{}'",
                            qualname(f),
                            str::text(name)
                        )));
                    }
                    *slot = take(positional + k);
                }
                (None, Some(d)) => {
                    let v = Ref::from_value(Value(settle(take(positional + k))));
                    dict::set_name(d, name, v)?;
                }
                (None, None) => {
                    if code.local_names[..posonly].iter().any(|p| same_text(p, name)) {
                        posonly_as_kw.push(str::text(name));
                        continue;
                    }
                    return Err(unexpected_keyword(f, code, posonly, named, name));
                }
            }
        }
        if !posonly_as_kw.is_empty() {
            return Err(type_error(format!(
                "{}() got some positional-only arguments passed as keyword arguments: '{}'",
                qualname(f),
                posonly_as_kw.join(", ")
            )));
        }
        if positional > argc && !varargs {
            return Err(too_many(f, code, positional, window));
        }
        if positional < argc {
            let defaults = f.defaults.peek();
            let defaults = defaults.as_deref().and_then(tuple::items).unwrap_or(&[]);
            let first = argc - defaults.len().min(argc);
            let missing: Vec<usize> = (positional..first).filter(|i| *window.add(*i) == 0).collect();
            if !missing.is_empty() {
                return Err(missing_arguments(f, code, &missing, "positional"));
            }
            for i in first.max(positional)..argc {
                if *window.add(i) == 0 {
                    *window.add(i) = share(defaults[defaults.len() - (argc - i)].word().0);
                }
            }
        }
        if kwonly > 0 {
            let kwdefaults = f.kwdefaults.get();
            let mut missing = Vec::new();
            for i in argc..named {
                if *window.add(i) == 0 {
                    let v = kwdefaults
                        .as_ref()
                        .and_then(|d| dict::get_name(d, &code.local_names[i]));
                    match v {
                        Some(v) => *window.add(i) = v.into_value().0,
                        None => missing.push(i),
                    }
                }
            }
            if !missing.is_empty() {
                return Err(missing_arguments(f, code, &missing, "keyword-only"));
            }
        }
    }
    let _ = cx;
    Ok(())
}

fn same_text(a: &Ref, b: &Ref) -> bool {
    match (a.body::<skein_object::StrBody>(), b.body::<skein_object::StrBody>()) {
        (Some(a), Some(b)) => a.view() == b.view(),
        _ => false,
    }
}

fn qualname(f: &FunctionBody) -> String {
    f.qualname.get().map_or_else(String::new, |q| str::text(&q))
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

#[cold]
fn unexpected_keyword(
    f: &FunctionBody,
    code: &CodeBody,
    posonly: usize,
    named: usize,
    name: &Ref,
) -> skein_object::Error {
    let text = str::text(name);
    let candidates: Vec<String> = code.local_names[posonly..named].iter().map(str::text).collect();
    let hint = match skein_object::suggest::closest(&text, candidates.iter().map(String::as_str)) {
        Some(s) => format!(". Did you mean '{s}'?"),
        None => String::new(),
    };
    type_error(format!(
        "{}() got an unexpected keyword argument '{text}'{hint}",
        qualname(f)
    ))
}

#[cold]
unsafe fn too_many(f: &FunctionBody, code: &CodeBody, given: usize, window: *mut u64) -> skein_object::Error {
    let (argc, kwonly) = (code.unit.args as usize, code.unit.kwonly_args as usize);
    let defaults = f
        .defaults
        .get()
        .and_then(|d| tuple::items(&d).map(<[Ref]>::len))
        .unwrap_or(0);
    // SAFETY: the parameters' registers are written or null.
    let kw_given = (argc..argc + kwonly)
        .filter(|i| unsafe { *window.add(*i) } != 0)
        .count();
    let (takes, s) = if defaults > 0 {
        (format!("from {} to {argc}", argc - defaults.min(argc)), "s")
    } else {
        (format!("{argc}"), plural(argc))
    };
    let given = if kw_given > 0 {
        format!(
            "{given} positional argument{} (and {kw_given} keyword-only argument{}) were",
            plural(given),
            plural(kw_given)
        )
    } else {
        format!("{given} {}", if given == 1 { "was" } else { "were" })
    };
    type_error(format!(
        "{}() takes {takes} positional argument{s} but {given} given",
        qualname(f)
    ))
}

#[cold]
fn missing_arguments(f: &FunctionBody, code: &CodeBody, missing: &[usize], what: &str) -> skein_object::Error {
    let names: Vec<String> = missing
        .iter()
        .map(|i| format!("'{}'", str::text(&code.local_names[*i])))
        .collect();
    let list = match names.as_slice() {
        [a] => a.clone(),
        [a, b] => format!("{a} and {b}"),
        [init @ .., last] => format!("{}, and {last}", init.join(", ")),
        [] => String::new(),
    };
    type_error(format!(
        "{}() missing {} required {what} argument{}: {list}",
        qualname(f),
        names.len(),
        plural(names.len())
    ))
}

/// Whether a value is true, for native code of this crate.
pub fn truth(cx: &Context, r: &Ref) -> Result<bool> {
    compare::is_true(cx, r)
}
