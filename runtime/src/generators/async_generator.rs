//! Async generators (PEP 525): `asend`, `athrow`, `aclose` and the awaitables that they give.

use super::{
    body, check_signature, code, delegate, ended, exception_of, frame, get_name, get_qualname, ignored, repr, set_name,
    set_qualname, suspended, untouched,
};
use skein_interpreter::generator::{self as g, ASYNC_GENERATOR};
use skein_interpreter::ops::intrinsic::WrappedBody;
use skein_object::context::{Outcome, Resume};
use skein_object::error::{Error, raise_args, runtime_error, stop_iteration, system_error};
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::{
    Args, Context, Payload, Ref, Result, Slot, Type, payload, protocol, row, statics as s, str, tuple, types::flag,
};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};
use std::sync::atomic::{AtomicU8, Ordering};

const INIT: u8 = 0;
const ITER: u8 = 1;
const CLOSED: u8 = 2;

/// What an awaitable of an async generator is to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Send,
    Throw,
    Close,
}

/// Body of the awaitables.
struct StepBody {
    generator: Ref,
    action: Action,
    /// Value to send, or the arguments of `athrow`.
    value: Slot,
    state: AtomicU8,
}
payload!(StepBody, "async_generator_step", |this, v| {
    v.reference(&this.generator);
    v.slot(&this.value);
});

static ASEND: Type = Type::declare(
    "async_generator_asend",
    Some(&s::OBJECT),
    <StepBody as Payload>::LAYOUT,
    flag::NO_NEW,
);
static ATHROW: Type = Type::declare(
    "async_generator_athrow",
    Some(&s::OBJECT),
    <StepBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub(super) fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: FIELDS,
        ..TypeDef::new(&ASYNC_GENERATOR)
    })?;
    ASYNC_GENERATOR.set_finalizer(Some(g::finalize));
    for ty in [&ASEND, &ATHROW] {
        ready_type(&TypeDef {
            slots: step_slots,
            methods: STEP_METHODS,
            ..TypeDef::new(ty)
        })?;
        ty.set_finalizer(Some(finalize_step));
    }
    Ok(())
}

/// Warns of an awaitable that was never awaited.
fn finalize_step(r: &Ref) {
    let (Some(cx), Ok(b)) = (Context::try_current(), step_body(r)) else {
        return;
    };
    if b.state.swap(CLOSED, Ordering::AcqRel) != INIT {
        return;
    }
    let method = match b.action {
        Action::Send => "asend",
        Action::Throw => "athrow",
        Action::Close => "aclose",
    };
    let name = get_qualname(cx, &b.generator).map_or_else(|_| String::new(), |q| str::text(&q));
    let message = format!("coroutine method '{method}' of '{name}' was never awaited");
    if let Err(e) = (skein_object::context::hooks().warn)(cx, &s::RUNTIME_WARNING, &message, 1) {
        ignored(cx, e, r);
    }
}

fn slots(t: &Slots) {
    t.aiter.set(Some(|_, r| Ok(r.clone())));
    t.anext.set(Some(|cx, r| step(cx, r, Action::Send, None)));
    t.repr.set(Some(repr));
}

/// Calls the first-iteration hook once and remembers the finaliser.
fn init_hooks(cx: &Context, generator: &Ref) -> Result<()> {
    let b = body(generator)?;
    if b.hooks_done.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    let (first, finalizer) = cx.async_gen_hooks.borrow().clone();
    drop(b.finalizer.set(generator.holder(), finalizer));
    if let Some(f) = first {
        protocol::call1(cx, &f, generator)?;
    }
    Ok(())
}

fn step(cx: &Context, generator: &Ref, action: Action, value: Option<Ref>) -> Result<Ref> {
    init_hooks(cx, generator)?;
    alloc(
        if action == Action::Send { &ASEND } else { &ATHROW },
        StepBody {
            generator: generator.clone(),
            action,
            value: Slot::from_option(value),
            state: AtomicU8::new(INIT),
        },
    )
}

static METHODS: &[Row] = &[
    row!(
        "asend(self, value, /)",
        |cx, a| step(cx, a.at(0), Action::Send, Some(a.at(1).clone())),
        "asend(v) -> send 'v' in generator."
    ),
    row!(
        "athrow(self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)",
        |cx, a: Args<'_>| {
            check_signature(cx, &a, 1, "athrow")?;
            let rest = (1..4).map_while(|i| a.opt(i).cloned()).collect();
            step(cx, a.at(0), Action::Throw, Some(tuple::new(rest)?))
        },
        "athrow(value)\nathrow(type[,value[,tb]])\n\nraise exception in generator.\nthe (type, val, tb) signature is deprecated, \nand may be removed in a future version of Python."
    ),
    row!(
        "aclose(self, /)",
        |cx, a| step(cx, a.at(0), Action::Close, None),
        "aclose() -> raise GeneratorExit inside generator."
    ),
];

static FIELDS: &[GetSet] = &[
    getset("__name__", get_name)
        .setter(set_name)
        .doc("name of the async generator"),
    getset("__qualname__", get_qualname)
        .setter(set_qualname)
        .doc("qualified name of the async generator"),
    getset("ag_running", |_, r| {
        Ok(skein_object::layouts::number::bool(
            body(r)?.async_running.load(Ordering::Acquire),
        ))
    }),
    getset("ag_suspended", suspended),
    getset("ag_code", code),
    getset("ag_frame", frame),
    getset("ag_await", delegate),
];

fn step_body(r: &Ref) -> Result<&StepBody> {
    r.body::<StepBody>()
        .ok_or_else(|| system_error("not an awaitable of an async generator"))
}

fn step_slots(t: &Slots) {
    t.iter.set(Some(|_, r| Ok(r.clone())));
    t.await_.set(Some(|_, r| Ok(r.clone())));
    t.next.set(Some(|cx, r| send(cx, r, &s::none()).map(Some)));
}

static STEP_METHODS: &[Row] = &[
    row!(
        "send(self, value, /)",
        |cx, a| send(cx, a.at(0), a.at(1)),
        "send(value) -> send 'value' into generator."
    ),
    row!(
        "throw(self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)",
        throw,
        "Raises an exception in the generator."
    ),
    row!(
        "close(self, /)",
        close,
        "close() -> raise GeneratorExit inside generator."
    ),
];

fn stop_async() -> Error {
    raise_args(&s::STOP_ASYNC_ITERATION, Vec::new())
}

/// What the generator did, as the awaiting coroutine sees it.
fn unwrap(b: &StepBody, r: Result<Outcome>) -> Result<Ref> {
    let gen_body = body(&b.generator)?;
    let done = || {
        gen_body.async_running.store(false, Ordering::Release);
        b.state.store(CLOSED, Ordering::Release);
    };
    match r {
        Ok(Outcome::Yield(v)) => match v.body::<WrappedBody>() {
            Some(w) => {
                done();
                if b.action == Action::Close {
                    return Err(runtime_error("async generator ignored GeneratorExit"));
                }
                Err(stop_iteration(w.0.get()))
            }
            None => Ok(v),
        },
        Ok(Outcome::Return(_)) => {
            done();
            gen_body.closed.store(true, Ordering::Release);
            if b.action == Action::Close {
                Err(stop_iteration(None))
            } else {
                Err(stop_async())
            }
        }
        Err(e) => {
            done();
            let ends = e.is(&s::STOP_ASYNC_ITERATION) || e.is(&s::GENERATOR_EXIT);
            if ends {
                gen_body.closed.store(true, Ordering::Release);
                if b.action == Action::Close {
                    return Err(stop_iteration(None));
                }
            }
            Err(e)
        }
    }
}

fn busy(b: &StepBody) -> Error {
    runtime_error(match b.action {
        Action::Send => "anext(): asynchronous generator is already running",
        Action::Throw => "athrow(): asynchronous generator is already running",
        Action::Close => "aclose(): asynchronous generator is already running",
    })
}

fn reused(b: &StepBody) -> Error {
    runtime_error(if b.action == Action::Send {
        "cannot reuse already awaited __anext__()/asend()"
    } else {
        "cannot reuse already awaited aclose()/athrow()"
    })
}

fn send(cx: &Context, r: &Ref, value: &Ref) -> Result<Ref> {
    let b = step_body(r)?;
    let gen_body = body(&b.generator)?;
    match b.state.load(Ordering::Acquire) {
        CLOSED => Err(reused(b)),
        ITER => unwrap(b, g::resume(cx, &b.generator, Resume::Send(value.clone()))),
        _ => {
            if gen_body.async_running.load(Ordering::Acquire) {
                b.state.store(CLOSED, Ordering::Release);
                return Err(busy(b));
            }
            if b.action != Action::Send {
                if gen_body.closed.load(Ordering::Acquire) || ended(gen_body) {
                    b.state.store(CLOSED, Ordering::Release);
                    return Err(if b.action == Action::Close {
                        stop_iteration(None)
                    } else {
                        stop_async()
                    });
                }
                if !s::is_none(value) {
                    return Err(runtime_error("can't send non-None value to a just-started coroutine"));
                }
            }
            b.state.store(ITER, Ordering::Release);
            gen_body.async_running.store(true, Ordering::Release);
            let how = match b.action {
                Action::Send => {
                    let v = if s::is_none(value) {
                        b.value.get().unwrap_or_else(s::none)
                    } else {
                        value.clone()
                    };
                    Resume::Send(v)
                }
                Action::Throw => {
                    let given = b.value.get();
                    let given = given.as_ref().and_then(tuple::items).unwrap_or(&[]);
                    match exception_of(cx, &Args::all(&[given, &[s::none(), s::none()]].concat()), 0) {
                        Ok(e) => Resume::Throw(e),
                        Err(e) => return unwrap(b, Err(e)),
                    }
                }
                Action::Close => {
                    gen_body.closed.store(true, Ordering::Release);
                    if untouched(gen_body) {
                        g::close(cx, &b.generator, gen_body)?;
                        gen_body.async_running.store(false, Ordering::Release);
                        b.state.store(CLOSED, Ordering::Release);
                        return Err(stop_iteration(None));
                    }
                    Resume::Throw(raise_args(&s::GENERATOR_EXIT, Vec::new()))
                }
            };
            unwrap(b, g::resume(cx, &b.generator, how))
        }
    }
}

fn throw(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = step_body(a.at(0))?;
    let gen_body = body(&b.generator)?;
    match b.state.load(Ordering::Acquire) {
        CLOSED => return Err(reused(b)),
        INIT => {
            if gen_body.async_running.load(Ordering::Acquire) {
                b.state.store(CLOSED, Ordering::Release);
                return Err(busy(b));
            }
            b.state.store(ITER, Ordering::Release);
            gen_body.async_running.store(true, Ordering::Release);
        }
        _ => {}
    }
    match check_signature(cx, &a, 1, "throw").and_then(|()| exception_of(cx, &a, 1)) {
        Ok(e) => unwrap(b, g::resume(cx, &b.generator, Resume::Throw(e))),
        Err(e) => unwrap(b, Err(e)),
    }
}

fn close(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = step_body(a.at(0))?;
    if b.state.load(Ordering::Acquire) != ITER {
        b.state.store(CLOSED, Ordering::Release);
        return Ok(s::none());
    }
    let exit = raise_args(&s::GENERATOR_EXIT, Vec::new());
    match unwrap(b, g::resume(cx, &b.generator, Resume::Throw(exit))) {
        Ok(_) => Err(runtime_error("coroutine ignored GeneratorExit")),
        Err(e) if e.is(&s::STOP_ITERATION) || e.is(&s::STOP_ASYNC_ITERATION) || e.is(&s::GENERATOR_EXIT) => {
            Ok(s::none())
        }
        Err(e) => Err(e),
    }
}
