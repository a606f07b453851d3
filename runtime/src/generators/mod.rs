//! What Python sees of generators, coroutines and async generators.

mod async_generator;

use skein_interpreter::generator::{self as g, COROUTINE, CREATED, DONE, GENERATOR, GeneratorBody, RUNNING, SUSPENDED};
use skein_interpreter::ops::intrinsic::WRAPPED;
use skein_object::context::{Outcome, Resume};
use skein_object::error::{Error, stop_iteration, system_error, type_error};
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::{
    Args, CodeBody, Context, ExceptionBody, Payload, Ref, Result, Slot, Type, payload, protocol, row, statics as s,
    str, types::flag,
};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};

/// Completes the types.
///
/// # Errors
/// MemoryError.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots: generator_slots,
        methods: METHODS,
        getset: GENERATOR_FIELDS,
        ..TypeDef::new(&GENERATOR)
    })?;
    GENERATOR.set_finalizer(Some(g::finalize));
    ready_type(&TypeDef {
        slots: coroutine_slots,
        methods: COROUTINE_METHODS,
        getset: COROUTINE_FIELDS,
        ..TypeDef::new(&COROUTINE)
    })?;
    COROUTINE.set_finalizer(Some(finalize_coroutine));
    ready_type(&TypeDef {
        slots: wrapper_slots,
        methods: WRAPPER_METHODS,
        ..TypeDef::new(&COROUTINE_WRAPPER)
    })?;
    ready_type(&TypeDef::new(&WRAPPED))?;
    async_generator::ready()
}

/// Warns of a coroutine that was never awaited, and closes it.
fn finalize_coroutine(coroutine: &Ref) {
    if let (Some(cx), Some(b)) = (Context::try_current(), g::body(coroutine))
        && untouched(b)
        && let Err(e) = warn_unawaited(cx, coroutine, b)
    {
        ignored(cx, e, coroutine);
    }
    g::finalize(coroutine);
}

/// Reports what went wrong when something was finalised.
pub(crate) fn ignored(cx: &Context, e: Error, coroutine: &Ref) {
    let message = format!("Exception ignored while finalizing coroutine {}", shown(cx, coroutine));
    (skein_object::context::hooks().unraisable)(cx, e, Some(&message), &s::none());
}

pub(crate) fn shown(cx: &Context, r: &Ref) -> String {
    protocol::repr(cx, r).map_or_else(|_| String::new(), |t| str::text(&t))
}

fn warn_unawaited(cx: &Context, coroutine: &Ref, b: &GeneratorBody) -> Result<()> {
    // The library's function knows about origins.
    if let Some(warnings) = crate::import::loaded(cx, "warnings")
        && let Some(f) = protocol::getattr_opt(cx, &warnings, &skein_object::intern::name("_warn_unawaited_coroutine"))?
    {
        match protocol::call1(cx, &f, coroutine) {
            Ok(_) => return Ok(()),
            Err(e) => ignored(cx, e, coroutine),
        }
    }
    let name = str::text(&qualname(b));
    (skein_object::context::hooks().warn)(
        cx,
        &s::RUNTIME_WARNING,
        &format!("coroutine '{name}' was never awaited"),
        1,
    )
}

pub(crate) fn body(r: &Ref) -> Result<&GeneratorBody> {
    g::body(r).ok_or_else(|| system_error("not a generator"))
}

fn qualname(b: &GeneratorBody) -> Ref {
    let code = || b.code.body::<CodeBody>().map(|c| c.qualname.clone());
    b.qualname.get().or_else(code).unwrap_or_else(s::none)
}

fn identity(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(r.clone())
}

pub(crate) fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    let name = str::text(&qualname(body(r)?));
    str::from_str(&format!("<{} object {name} at {:#x}>", r.ty().name(), r.value().0))
}

fn generator_slots(t: &Slots) {
    t.iter.set(Some(identity));
    t.next.set(Some(g::next));
    t.repr.set(Some(repr));
}

fn coroutine_slots(t: &Slots) {
    t.await_.set(Some(|_, r| {
        alloc(&COROUTINE_WRAPPER, WrapperBody(Slot::new(r.clone())))
    }));
    t.repr.set(Some(repr));
}

/// Result of a resumption as `send` gives it.
pub(crate) fn finish(outcome: Outcome) -> Result<Ref> {
    match outcome {
        Outcome::Yield(v) => Ok(v),
        Outcome::Return(v) if s::is_none(&v) => Err(stop_iteration(None)),
        Outcome::Return(v) => Err(stop_iteration(Some(v))),
    }
}

fn send(cx: &Context, a: Args<'_>) -> Result<Ref> {
    finish(g::resume(cx, a.at(0), Resume::Send(a.at(1).clone()))?)
}

/// The exception of a `throw` call: class or instance, value, traceback.
pub(crate) fn exception_of(cx: &Context, a: &Args<'_>, first: usize) -> Result<Error> {
    let (typ, value, traceback) = (a.at(first), a.opt_not_none(first + 1), a.opt_not_none(first + 2));
    let e = if let Some(t) = Type::from_ref(typ)
        && t.is_subtype(&s::BASE_EXCEPTION)
    {
        match value {
            Some(v) if v.is_instance(t) => v.clone(),
            value => {
                let made = match value.map(|v| (v, skein_object::tuple::items(v))) {
                    Some((_, Some(items))) => protocol::call(cx, typ, items),
                    Some((v, None)) => protocol::call1(cx, typ, v),
                    None => protocol::call0(cx, typ),
                };
                match made.and_then(|e| checked(cx, typ, e)) {
                    Ok(e) => e,
                    // What goes wrong here is what is thrown.
                    Err(e) => return Ok(e),
                }
            }
        }
    } else if typ.is_instance(&s::BASE_EXCEPTION) {
        if value.is_some() {
            return Err(type_error("instance exception may not have a separate value"));
        }
        typ.clone()
    } else {
        return Err(type_error(format!(
            "exceptions must be classes or instances deriving from BaseException, not {}",
            typ.ty().name()
        )));
    };
    if let Some(t) = traceback {
        if !t.is_exact(&s::TRACEBACK) {
            return Err(type_error("throw() third argument must be a traceback object"));
        }
        if let Some(b) = e.body::<ExceptionBody>() {
            drop(b.traceback.set(e.holder(), Some(t.clone())));
        }
    }
    Ok(Error(e))
}

/// Checks what an exception class has made.
fn checked(cx: &Context, class: &Ref, e: Ref) -> Result<Ref> {
    if e.is_instance(&s::BASE_EXCEPTION) {
        return Ok(e);
    }
    Err(type_error(format!(
        "calling {} should have returned an instance of BaseException, not {}",
        shown(cx, class),
        shown(cx, &e.ty().object())
    )))
}

/// Warns where `throw` is called with more than one argument.
pub(crate) fn check_signature(cx: &Context, a: &Args<'_>, first: usize, method: &str) -> Result<()> {
    if a.opt(first + 1).is_none() && a.opt(first + 2).is_none() {
        return Ok(());
    }
    (skein_object::context::hooks().warn)(
        cx,
        &s::DEPRECATION_WARNING,
        &format!("the (type, exc, tb) signature of {method}() is deprecated, use the single-arg signature instead."),
        1,
    )
}

fn throw(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_signature(cx, &a, 1, "throw")?;
    let e = exception_of(cx, &a, 1)?;
    finish(g::resume(cx, a.at(0), Resume::Throw(e))?)
}

fn close(cx: &Context, a: Args<'_>) -> Result<Ref> {
    g::close(cx, a.at(0), body(a.at(0))?)
}

static METHODS: &[Row] = &[
    row!(
        "send(self, value, /)",
        send,
        "send(value) -> send 'value' into generator,\nreturn next yielded value or raise StopIteration."
    ),
    row!(
        "throw(self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)",
        throw,
        "throw(value)\nthrow(type[,value[,tb]])\n\nRaise exception in generator, return next yielded value or raise\nStopIteration.\nthe (type, val, tb) signature is deprecated, \nand may be removed in a future version of Python."
    ),
    row!(
        "close(self, /)",
        close,
        "close() -> raise GeneratorExit inside generator."
    ),
];

static COROUTINE_METHODS: &[Row] = &[
    row!(
        "send(self, arg, /)",
        send,
        "send(arg) -> send 'arg' into coroutine,\nreturn next iterated value or raise StopIteration."
    ),
    row!(
        "throw(self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)",
        throw,
        "throw(value)\nthrow(type[,value[,traceback]])\n\nRaise exception in coroutine, return next iterated value or raise\nStopIteration.\nthe (type, val, tb) signature is deprecated, \nand may be removed in a future version of Python."
    ),
    row!(
        "close(self, /)",
        close,
        "close() -> raise GeneratorExit inside coroutine."
    ),
];

pub(crate) fn get_name(_: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let code = || b.code.body::<CodeBody>().map(|c| c.name.clone());
    Ok(b.name.get().or_else(code).unwrap_or_else(s::none))
}

pub(crate) fn set_name(_: &Context, r: &Ref, v: Option<&Ref>) -> Result<()> {
    match v {
        Some(v) if str::is_str(v) => {
            drop(body(r)?.name.set(r.holder(), Some(v.clone())));
            Ok(())
        }
        _ => Err(type_error("__name__ must be set to a string object")),
    }
}

pub(crate) fn get_qualname(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(qualname(body(r)?))
}

pub(crate) fn set_qualname(_: &Context, r: &Ref, v: Option<&Ref>) -> Result<()> {
    match v {
        Some(v) if str::is_str(v) => {
            drop(body(r)?.qualname.set(r.holder(), Some(v.clone())));
            Ok(())
        }
        _ => Err(type_error("__qualname__ must be set to a string object")),
    }
}

pub(crate) fn running(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(number::bool(body(r)?.state() == RUNNING))
}

pub(crate) fn suspended(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(number::bool(body(r)?.state() == SUSPENDED))
}

pub(crate) fn code(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.code.clone())
}

pub(crate) fn frame(cx: &Context, r: &Ref) -> Result<Ref> {
    Ok(g::frame_of(cx, r)?.unwrap_or_else(s::none))
}

pub(crate) fn delegate(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(g::delegate(body(r)?).unwrap_or_else(s::none))
}

static GENERATOR_FIELDS: &[GetSet] = &[
    getset("__name__", get_name)
        .setter(set_name)
        .doc("name of the generator"),
    getset("__qualname__", get_qualname)
        .setter(set_qualname)
        .doc("qualified name of the generator"),
    getset("gi_running", running),
    getset("gi_suspended", suspended),
    getset("gi_code", code),
    getset("gi_frame", frame),
    getset("gi_yieldfrom", delegate),
];

fn origin(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.origin.get().unwrap_or_else(s::none))
}

static COROUTINE_FIELDS: &[GetSet] = &[
    getset("__name__", get_name)
        .setter(set_name)
        .doc("name of the coroutine"),
    getset("__qualname__", get_qualname)
        .setter(set_qualname)
        .doc("qualified name of the coroutine"),
    getset("cr_running", running),
    getset("cr_suspended", suspended),
    getset("cr_code", code),
    getset("cr_frame", frame),
    getset("cr_await", delegate),
    getset("cr_origin", origin),
];

/// What `coroutine.__await__()` gives: an iterator over the coroutine.
struct WrapperBody(Slot);
payload!(WrapperBody, "coroutine_wrapper", |this, v| { v.slot(&this.0) });

static COROUTINE_WRAPPER: Type = Type::declare(
    "coroutine_wrapper",
    Some(&s::OBJECT),
    <WrapperBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

fn wrapped(r: &Ref) -> Result<Ref> {
    r.body::<WrapperBody>()
        .and_then(|b| b.0.get())
        .ok_or_else(|| system_error("empty coroutine wrapper"))
}

fn wrapper_slots(t: &Slots) {
    t.iter.set(Some(identity));
    t.next.set(Some(|cx, r| g::next(cx, &wrapped(r)?)));
}

static WRAPPER_METHODS: &[Row] = &[
    row!(
        "send(self, value, /)",
        |cx, a| finish(g::resume(cx, &wrapped(a.at(0))?, Resume::Send(a.at(1).clone()))?),
        "Sends a value."
    ),
    row!(
        "throw(self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)",
        |cx, a| {
            check_signature(cx, &a, 1, "throw")?;
            let e = exception_of(cx, &a, 1)?;
            finish(g::resume(cx, &wrapped(a.at(0))?, Resume::Throw(e))?)
        },
        "Throws an exception."
    ),
    row!(
        "close(self, /)",
        |cx, a| {
            let c = wrapped(a.at(0))?;
            g::close(cx, &c, body(&c)?)
        },
        "Closes the coroutine."
    ),
];

/// Whether the generator never ran, and whether it has ended.
pub(crate) fn untouched(b: &GeneratorBody) -> bool {
    b.state() == CREATED
}

pub(crate) fn ended(b: &GeneratorBody) -> bool {
    b.state() == DONE
}
