//! `anext_awaitable`: `anext(iterator, default)`.

use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Error, Result, stop_iteration, type_error};
use skein_object::intern::names;
use skein_object::native::Row;
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol::{self, call_method};
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, payload, row};

pub struct AnextBody {
    awaitable: Ref,
    default: Ref,
}
payload!(AnextBody, "anext_awaitable", |this, v| {
    v.reference(&this.awaitable);
    v.reference(&this.default);
});

pub static ANEXT_AWAITABLE: Type = Type::declare(
    "anext_awaitable",
    Some(&s::OBJECT),
    <AnextBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn make(awaitable: &Ref, default: &Ref) -> Result<Ref> {
    alloc(
        &ANEXT_AWAITABLE,
        AnextBody {
            awaitable: awaitable.clone(),
            default: default.clone(),
        },
    )
}

fn body(r: &Ref) -> Result<&AnextBody> {
    r.body::<AnextBody>()
        .ok_or_else(|| type_error("not an anext_awaitable"))
}

/// The iterator that the awaitable gives.
fn inner(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let wrong = || type_error(format!("'{}' object can't be awaited", b.awaitable.ty().name()));
    if let Some(f) = b.awaitable.ty().slots.await_.get() {
        let it = f(cx, &b.awaitable)?;
        if !it.ty().slots.next.is_set() {
            return Err(type_error(format!(
                "__await__() returned non-iterator of type '{}'",
                it.ty().name()
            )));
        }
        return Ok(it);
    }
    // A generator that `types.coroutine` has marked.
    let Some(code) = protocol::getattr_opt(cx, &b.awaitable, &skein_object::intern::name("gi_code"))? else {
        return Err(wrong());
    };
    match code.body::<skein_object::CodeBody>() {
        Some(c) if c.unit.flags & 0x100 != 0 => Ok(b.awaitable.clone()),
        _ => Err(wrong()),
    }
}

/// StopAsyncIteration becomes the default.
fn finish<T>(r: &Ref, out: Result<T>) -> Result<T> {
    match out {
        Err(e) if e.is(&s::STOP_ASYNC_ITERATION) => Err::<T, Error>(stop_iteration(Some(body(r)?.default.clone()))),
        out => out,
    }
}

fn itself(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(r.clone())
}

fn next(cx: &Context, r: &Ref) -> Result<Option<Ref>> {
    let it = inner(cx, r)?;
    let out = match it.ty().slots.next.get() {
        Some(f) => f(cx, &it),
        None => protocol::next(cx, &it),
    };
    finish(r, out)
}

fn forward(cx: &Context, a: Args<'_>, name: &Ref, args: &[Ref]) -> Result<Ref> {
    let it = inner(cx, a.at(0))?;
    finish(a.at(0), call_method(cx, &it, name, args))
}

fn send(cx: &Context, a: Args<'_>) -> Result<Ref> {
    forward(cx, a, names::send(), std::slice::from_ref(a.at(1)))
}
fn throw(cx: &Context, a: Args<'_>) -> Result<Ref> {
    forward(cx, a, names::throw(), a.rest(1))
}
fn close(cx: &Context, a: Args<'_>) -> Result<Ref> {
    forward(cx, a, names::close(), &[])
}

static METHODS: &[Row] = &[
    row!(
        "send(self, arg, /)",
        send,
        "send(arg) -> send 'arg' into the wrapped iterator,\nreturn next yielded value or raise StopIteration."
    ),
    row!(
        "throw(self, *args)",
        throw,
        "throw(value)\nthrow(typ[,val[,tb]])\n\nraise exception in the wrapped iterator, return next yielded value\nor raise StopIteration."
    ),
    row!(
        "close(self, /)",
        close,
        "close() -> raise GeneratorExit inside generator."
    ),
];

fn slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.await_.set(Some(itself));
    t.next.set(Some(next));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        ..TypeDef::new(&ANEXT_AWAITABLE)
    })
}
