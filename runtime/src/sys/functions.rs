//! Functions of `sys`.

use skein_interpreter::trace;
use skein_object::context::{self, RECURSION_LIMIT};
use skein_object::error::{Error, Result, overflow_error, raise_args, type_error, value_error};
use skein_object::layouts::{number, str as string};
use skein_object::native::Row;
use skein_object::object::{RefExt, type_of};
use skein_object::{
    Args, Context, ExceptionBody, Ref, StrBody, TupleBody, dict, intern, protocol, row, statics as s, str, tuple,
};
use std::sync::atomic::{AtomicU64, Ordering};

pub static FUNCTIONS: &[Row] = &[
    row!(
        "_getframe(depth=0, /)",
        getframe,
        "Return a frame object from the call stack."
    ),
    row!(
        "_getframemodulename(depth=0)",
        getframemodulename,
        "Return the name of the module for a calling frame."
    ),
    row!(
        "_is_gil_enabled()",
        |_, _| Ok(s::false_()),
        "Return True if the GIL is currently enabled."
    ),
    row!(
        "_is_interned(string, /)",
        |_, a| Ok(number::bool(
            a.at(0).body::<StrBody>().is_some_and(StrBody::is_interned)
        )),
        "Return True if the given string is \"interned\"."
    ),
    row!(
        "_is_immortal(op, /)",
        |_, a| Ok(number::bool(a.at(0).header().is_none_or(|h| h.is_immortal()))),
        "Return True if the given object is \"immortal\" per PEP 683."
    ),
    row!(
        "_clear_type_cache()",
        |_, _| Ok(s::none()),
        "Clear the internal type lookup cache."
    ),
    row!(
        "_clear_internal_caches()",
        |_, _| Ok(s::none()),
        "Clear all internal performance-related caches."
    ),
    row!(
        "_current_frames()",
        current_frames,
        "Return a dict mapping each thread's thread id to its current stack frame."
    ),
    row!(
        "_get_cpu_count_config()",
        |_, _| Ok(Ref::small(-1)),
        "Private function for getting PyConfig.cpu_count"
    ),
    row!(
        "_current_exceptions()",
        current_exceptions,
        "Return a dict mapping each thread's identifier to its current raised exception."
    ),
    row!(
        "_clear_type_descriptors(type, /)",
        clear_type_descriptors,
        "Private function for clearing certain descriptors from a type's dictionary"
    ),
    row!(
        "_settraceallthreads(function, /)",
        |cx, a| {
            trace::set_all(cx, trace::request::TRACE, Some(a.at(0)).filter(|f| !s::is_none(f)));
            Ok(s::none())
        },
        "Set the global debug tracing function in all running threads."
    ),
    row!(
        "_setprofileallthreads(function, /)",
        |cx, a| {
            trace::set_all(cx, trace::request::PROFILE, Some(a.at(0)).filter(|f| !s::is_none(f)));
            Ok(s::none())
        },
        "Set the profiling function in all running threads."
    ),
    row!(
        "_debugmallocstats()",
        |_, _| Ok(s::none()),
        "Print debug info to stderr about the state of the allocator."
    ),
    row!(
        "addaudithook(hook)",
        |_, _| Ok(s::none()),
        "Adds a new audit hook callback."
    ),
    row!(
        "audit(event, /, *args)",
        |_, _| Ok(s::none()),
        "Passes the event to any hooks that are attached."
    ),
    row!(
        "breakpointhook(*args, **kws)",
        breakpointhook,
        "This hook function is called by built-in breakpoint()."
    ),
    row!(
        "call_tracing(func, args, /)",
        |cx, a| { trace::traced(|| protocol::call(cx, a.at(0), tuple::items(a.at(1)).unwrap_or(&[]))) },
        "Call func(*args), while tracing is enabled."
    ),
    row!(
        "displayhook(object, /)",
        displayhook,
        "Print an object to sys.stdout and also save it in builtins._"
    ),
    row!(
        "exc_info()",
        exc_info,
        "Return current exception information: (type, value, traceback)."
    ),
    row!(
        "excepthook(exctype, value, traceback, /)",
        excepthook,
        "Handle an exception by displaying it with a traceback on sys.stderr."
    ),
    row!(
        "exception()",
        |cx, _| Ok(cx.handled_exception().unwrap_or_else(s::none)),
        "Return the current exception."
    ),
    row!(
        "exit(status=None, /)",
        exit,
        "Exit the interpreter by raising SystemExit(status)."
    ),
    row!(
        "get_asyncgen_hooks()",
        get_asyncgen_hooks,
        "Return the installed asynchronous generators hooks."
    ),
    row!(
        "set_asyncgen_hooks(firstiter=None, finalizer=None)",
        set_asyncgen_hooks,
        "Set a finalizer for async generators objects."
    ),
    row!(
        "get_coroutine_origin_tracking_depth()",
        |cx, _| number::int(cx.coroutine_origin_depth.get() as i64),
        "Check status of origin tracking for coroutine objects in this thread."
    ),
    row!(
        "set_coroutine_origin_tracking_depth(depth)",
        set_origin_depth,
        "Enable or disable origin tracking for coroutine objects in this thread."
    ),
    row!(
        "get_int_max_str_digits()",
        |_, _| number::int(skein_types::int::new::MAX_STR_DIGITS.load(Ordering::Relaxed) as i64),
        "Return the maximum string digits limit for non-binary int<->str conversions."
    ),
    row!(
        "set_int_max_str_digits(maxdigits)",
        set_int_max_str_digits,
        "Set the maximum string digits limit for non-binary int<->str conversions."
    ),
    row!(
        "getallocatedblocks()",
        |_, _| Ok(Ref::small(0)),
        "Return the number of memory blocks currently allocated."
    ),
    row!(
        "getdefaultencoding()",
        |_, _| string::from_str("utf-8"),
        "Return the current default encoding used by the Unicode implementation."
    ),
    row!(
        "getfilesystemencoding()",
        |_, _| string::from_str("utf-8"),
        "Return the encoding used to convert Unicode filenames to OS filenames."
    ),
    row!(
        "getfilesystemencodeerrors()",
        |_, _| string::from_str("surrogateescape"),
        "Return the error mode used for Unicode to OS filename conversion."
    ),
    row!(
        "getprofile()",
        |cx, _| Ok(cx.profile.borrow().clone().unwrap_or_else(s::none)),
        "Return the profiling function set with sys.setprofile."
    ),
    row!(
        "setprofile(function, /)",
        |cx, a| set_hook(cx, &cx.profile, a.at(0)),
        "Set the profiling function."
    ),
    row!(
        "gettrace()",
        |cx, _| Ok(cx.trace.borrow().clone().unwrap_or_else(s::none)),
        "Return the global debug tracing function set with sys.settrace."
    ),
    row!(
        "settrace(function, /)",
        |cx, a| set_hook(cx, &cx.trace, a.at(0)),
        "Set the global debug tracing function."
    ),
    row!(
        "getrecursionlimit()",
        |_, _| number::int(context::recursion_limit() as i64),
        "Return the current value of the recursion limit."
    ),
    row!(
        "setrecursionlimit(limit, /)",
        setrecursionlimit,
        "Set the maximum depth of the Python interpreter stack to n."
    ),
    row!(
        "getrefcount(object, /)",
        |_, a| number::int(a.at(0).header().map_or(1 << 30, |h| if h.is_immortal() {
            1 << 30
        } else {
            h.references_held() as i64
        })),
        "Return the reference count of object."
    ),
    row!(
        "getsizeof(object, default=None)",
        getsizeof,
        "getsizeof(object [, default]) -> int\n\nReturn the size of object in bytes."
    ),
    row!(
        "getswitchinterval()",
        |_, _| number::float(f64::from_bits(SWITCH_INTERVAL.load(Ordering::Relaxed))),
        "Return the current thread switch interval."
    ),
    row!(
        "setswitchinterval(interval, /)",
        setswitchinterval,
        "Set the ideal thread switching delay inside the Python interpreter."
    ),
    row!(
        "getunicodeinternedsize()",
        |_, _| Ok(Ref::small(0)),
        "Return the number of elements of the unicode interned dictionary"
    ),
    row!("intern(string, /)", sys_intern, "``Intern'' the given string."),
    row!(
        "is_finalizing()",
        |_, _| Ok(number::bool(crate::start::is_finalizing())),
        "Return True if Python is exiting."
    ),
    row!(
        "is_stack_trampoline_active()",
        |_, _| Ok(s::false_()),
        "Return *True* if a stack profiler trampoline is active."
    ),
    row!(
        "unraisablehook(unraisable, /)",
        unraisablehook,
        "Handle an unraisable exception."
    ),
    row!(
        "setdlopenflags(flags, /)",
        |_, _| Ok(s::none()),
        "Set the flags used by the interpreter for dlopen calls."
    ),
    row!(
        "getdlopenflags()",
        |_, _| Ok(Ref::small(2)),
        "Return the current value of the flags that are used for dlopen calls."
    ),
];

fn frame(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let depth = a.opt(0).map_or(Ok(0), |d| protocol::convert::to_i64(cx, d))?.max(0) as usize;
    (context::hooks().frame_object)(cx, depth).ok_or_else(|| value_error("call stack is not deep enough"))
}

fn getframe(cx: &Context, a: Args<'_>) -> Result<Ref> {
    frame(cx, a)
}

fn getframemodulename(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Ok(f) = frame(cx, a) else { return Ok(s::none()) };
    let globals = protocol::getattr_str(cx, &f, "f_globals")?;
    Ok(dict::get_name(&globals, intern::names::__name__()).unwrap_or_else(s::none))
}

fn current_frames(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let d = dict::new()?;
    if let Some(f) = (context::hooks().frame_object)(cx, 0) {
        protocol::setitem(cx, &d, &number::int(cx.ident.get() as i64)?, &f)?;
    }
    let _ = a;
    Ok(d)
}

fn clear_type_descriptors(_: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(ty) = skein_object::Type::from_ref(a.at(0)) else {
        return Err(type_error("argument must be a type"));
    };
    if !ty.has(skein_object::types::flag::HEAP) {
        return Err(type_error("argument is immutable"));
    }
    ty.delete_own(intern::names::__dict__());
    ty.delete_own(intern::names::__weakref__());
    Ok(s::none())
}

fn current_exceptions(cx: &Context, _: Args<'_>) -> Result<Ref> {
    let d = dict::new()?;
    let e = cx.handled_exception().unwrap_or_else(s::none);
    protocol::setitem(cx, &d, &number::int(cx.ident.get() as i64)?, &e)?;
    Ok(d)
}

fn breakpointhook(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let wanted = match std::env::var("PYTHONBREAKPOINT") {
        Ok(name) if !name.is_empty() && !environment_ignored(cx) => name,
        _ => "pdb.set_trace".to_owned(),
    };
    if wanted == "0" {
        return Ok(s::none());
    }
    let f = match wanted.rsplit_once('.') {
        Some(("", _)) => None,
        Some((module, attribute)) => breakpoint_function(cx, module, attribute)?,
        None => breakpoint_function(cx, "builtins", &wanted)?,
    };
    let Some(f) = f else {
        let text = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{wanted}\"");
        (context::hooks().warn)(cx, &s::RUNTIME_WARNING, &text, 1)?;
        return Ok(s::none());
    };
    let (values, names) = skein_types::type_::generic::keywords_of(a.at(1))?;
    let mut all = a.rest(0).to_vec();
    all.extend(values);
    protocol::call_kw(cx, &f, &all, names.as_ref())
}

/// `None` if there is no such module or attribute.
fn breakpoint_function(cx: &Context, module: &str, attribute: &str) -> Result<Option<Ref>> {
    let found = crate::import::import_module(cx, module).and_then(|m| protocol::getattr_str(cx, &m, attribute));
    match found {
        Ok(f) => Ok(Some(f)),
        Err(e) if e.is(&s::IMPORT_ERROR) || e.is(&s::ATTRIBUTE_ERROR) => Ok(None),
        Err(e) => Err(e),
    }
}

fn environment_ignored(cx: &Context) -> bool {
    context::sys_attr(&intern::name("flags"))
        .and_then(|f| protocol::getattr_str(cx, &f, "ignore_environment").ok())
        .is_some_and(|f| f.as_int() != Some(0))
}

fn displayhook(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let v = a.at(0);
    if s::is_none(v) {
        return Ok(s::none());
    }
    let builtins = crate::start::builtins_dict();
    dict::set_str(&builtins, "_", s::none())?;
    let Some(out) = context::sys_attr(&intern::name("stdout")).filter(|o| !s::is_none(o)) else {
        return Err(skein_object::error::runtime_error("lost sys.stdout"));
    };
    let text = protocol::repr(cx, v)?;
    let write = protocol::getattr(cx, &out, intern::names::write())?;
    match protocol::call1(cx, &write, &text) {
        Err(e) if e.is(&s::UNICODE_ENCODE_ERROR) => {
            // What the stream cannot encode is written with backslashes.
            let encoding = protocol::getattr_str(cx, &out, "encoding")?;
            let arguments = [encoding.clone(), str::from_str("backslashreplace")?];
            let bytes = protocol::call_method(cx, &text, &intern::name("encode"), &arguments)?;
            let plain = protocol::call_method(
                cx,
                &bytes,
                &intern::name("decode"),
                &[encoding, str::from_str("strict")?],
            )?;
            protocol::call1(cx, &write, &plain)?;
        }
        r => drop(r?),
    }
    protocol::call1(cx, &write, &str::from_str("\n")?)?;
    dict::set_str(&builtins, "_", v.clone())?;
    Ok(s::none())
}

fn exc_info(cx: &Context, _: Args<'_>) -> Result<Ref> {
    match cx.handled_exception() {
        Some(e) => {
            let tb = e
                .body::<ExceptionBody>()
                .and_then(|b| b.traceback.get())
                .unwrap_or_else(s::none);
            tuple::new(vec![e.ty().object(), e, tb])
        }
        None => tuple::new(vec![s::none(), s::none(), s::none()]),
    }
}

fn excepthook(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let e = a.at(1).clone();
    if let Some(b) = e.body::<ExceptionBody>()
        && b.traceback.is_null()
        && !s::is_none(a.at(2))
    {
        drop(b.traceback.set(e.holder(), Some(a.at(2).clone())));
    }
    crate::report::print(cx, &Error(e));
    Ok(s::none())
}

fn exit(_: &Context, a: Args<'_>) -> Result<Ref> {
    let args = match a.opt_not_none(0) {
        Some(v) => match tuple::items(v).filter(|_| v.is_exact(&s::TUPLE)) {
            Some(items) => items.to_vec(),
            None => vec![v.clone()],
        },
        None => Vec::new(),
    };
    let code = match args.as_slice() {
        [] => s::none(),
        [one] => one.clone(),
        many => tuple::from_slice(many)?,
    };
    let e = raise_args(&s::SYSTEM_EXIT, args);
    skein_object::layouts::exception::set_field(&e.0, skein_object::layouts::exception::EXIT_CODE, code);
    Err(e)
}

fn get_asyncgen_hooks(cx: &Context, _: Args<'_>) -> Result<Ref> {
    let (a, b) = cx.async_gen_hooks.borrow().clone();
    super::asyncgen_hooks::new(vec![a.unwrap_or_else(s::none), b.unwrap_or_else(s::none)])
}

fn set_asyncgen_hooks(cx: &Context, a: Args<'_>) -> Result<Ref> {
    for (i, what) in ["firstiter", "finalizer"].iter().enumerate() {
        if let Some(h) = a.opt_not_none(i)
            && !protocol::is_callable(h)
        {
            return Err(type_error(format!("callable {what} expected, got {}", h.ty().name())));
        }
    }
    // Replaced as a whole: dropping the old ones may run code that uses them.
    let (mut first, mut finalizer) = cx.async_gen_hooks.borrow().clone();
    if let Some(f) = a.opt(0) {
        first = Some(f.clone()).filter(|f| !s::is_none(f));
    }
    if let Some(f) = a.opt(1) {
        finalizer = Some(f.clone()).filter(|f| !s::is_none(f));
    }
    drop(cx.async_gen_hooks.replace((first, finalizer)));
    Ok(s::none())
}

fn set_origin_depth(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = protocol::convert::to_i64(cx, a.at(0))?;
    let n = u32::try_from(n).map_err(|_| value_error("depth must be >= 0"))?;
    cx.coroutine_origin_depth.set(n);
    Ok(s::none())
}

fn set_int_max_str_digits(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = protocol::convert::to_i64(cx, a.at(0))?;
    if n != 0 && n < 640 {
        return Err(value_error("maxdigits must be 0 or larger than 640"));
    }
    skein_types::int::new::MAX_STR_DIGITS.store(n as usize, Ordering::Relaxed);
    Ok(s::none())
}

fn set_hook(cx: &Context, cell: &std::cell::RefCell<Option<Ref>>, f: &Ref) -> Result<Ref> {
    let old = cell.replace(Some(f.clone()).filter(|f| !s::is_none(f)));
    trace::update(cx);
    drop(old);
    Ok(s::none())
}

fn setrecursionlimit(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = protocol::convert::to_i64(cx, a.at(0))?;
    if n < 1 {
        return Err(value_error("recursion limit must be greater or equal than 1"));
    }
    let Ok(n) = u32::try_from(n).map(|n| n.min(i32::MAX as u32)) else {
        return Err(overflow_error("Python int too large to convert to C int"));
    };
    let depth = skein_interpreter::frame::depth(cx);
    if depth >= n as usize {
        return Err(skein_object::error::recursion_error(format!(
            "cannot set the recursion limit to {n} at the recursion depth {depth}: the limit is too low"
        )));
    }
    // Relaxed: a limit, nothing hangs on its order. Each thread has it in terms of its own stack.
    RECURSION_LIMIT.store(n, Ordering::Relaxed);
    trace::update(cx);
    trace::update_others();
    Ok(s::none())
}

fn getsizeof(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    match protocol::call_method_opt(cx, r, intern::names::__sizeof__(), &[]) {
        Ok(Some(n)) if number::int_value(&n).is_some() => Ok(n),
        Ok(_) | Err(_) if a.opt(1).is_some() => Ok(a.at(1).clone()),
        Ok(_) => {
            let tail = r.body::<TupleBody>().map_or(0, |t| 8 * t.items().len());
            number::int_from_usize(type_of(r).instance_size(tail))
        }
        Err(e) => Err(e),
    }
}

static SWITCH_INTERVAL: AtomicU64 = AtomicU64::new(0x3f74_7ae1_47ae_147b);

fn setswitchinterval(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let x = protocol::convert::to_f64(cx, a.at(0))?;
    if x <= 0.0 {
        return Err(value_error("switch interval must be strictly positive"));
    }
    SWITCH_INTERVAL.store(x.to_bits(), Ordering::Relaxed);
    Ok(s::none())
}

fn sys_intern(_: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    if !r.is_exact(&s::STR) {
        return Err(type_error(if str::is_str(r) {
            format!("can't intern {}", r.ty().name())
        } else {
            format!("intern() argument must be str, not {}", r.ty().name())
        }));
    }
    Ok(intern::intern(r))
}

fn unraisablehook(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let items = tuple::items(a.at(0)).unwrap_or(&[]);
    let get = |i: usize| items.get(i).filter(|v| !s::is_none(v));
    let message = get(3).map(str::text);
    if let Some(e) = get(1) {
        let none = s::none();
        crate::report::ignored(cx, message.as_deref(), get(4).unwrap_or(&none), &Error(e.clone()));
    }
    Ok(s::none())
}
