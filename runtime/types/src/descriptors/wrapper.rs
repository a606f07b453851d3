//! `wrapper_descriptor` and `method-wrapper`: slot functions of native types as methods.

use crate::startup::GetSet;
use crate::startup::{TypeDef, getset, ready_type};
use crate::type_::dunder::{self, Dunder, How, Native, SlotId};
use skein_gc::uncounted::edge;
use skein_object::error::{Result, stop_iteration, type_error};
use skein_object::layouts::number;
use skein_object::object::{Payload, RefExt, alloc, alloc_of_class, type_of};
use skein_object::slots::{CompareOp, Slots};
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Context, MethodDescriptorBody, Ref, payload, str, tuple};

/// A slot function of `owner` as a method.
pub struct WrapperBody {
    pub dunder: &'static Dunder,
    pub owner: &'static Type,
    pub function: Native,
}
payload!(WrapperBody, "wrapper_descriptor", |this, v| {
    v.value(edge(this.owner.header()));
});

/// A wrapper bound to an object.
pub struct MethodWrapperBody {
    pub wrapper: Ref,
    pub receiver: Ref,
}
payload!(MethodWrapperBody, "method-wrapper", |this, v| {
    v.reference(&this.wrapper);
    v.reference(&this.receiver);
});

pub static WRAPPER_DESCRIPTOR: Type = Type::declare(
    "wrapper_descriptor",
    Some(&s::OBJECT),
    <WrapperBody as Payload>::LAYOUT,
    flag::METHOD_DESCRIPTOR | flag::NO_NEW,
);

pub static METHOD_WRAPPER: Type = Type::declare(
    "method-wrapper",
    Some(&s::OBJECT),
    <MethodWrapperBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

/// The wrapper of a slot function.
pub fn make(dunder: &'static Dunder, owner: &'static Type, function: Native) -> Result<Ref> {
    alloc_of_class(
        &WRAPPER_DESCRIPTOR,
        owner,
        WrapperBody {
            dunder,
            owner,
            function,
        },
    )
}

/// The native function behind a class attribute, if it is the wrapper of this very slot and fits the type.
pub fn native_of(found: &Ref, ty: &'static Type, slot: SlotId) -> Option<Native> {
    if let Some(w) = found.body::<WrapperBody>() {
        return (w.dunder.slot == slot && ty.is_subtype(w.owner)).then_some(w.function);
    }
    // A native type may also give the method as a row, beside the slot.
    let d = found.body::<MethodDescriptorBody>()?;
    if ty.is_subtype(d.owner) && dunder::rows_of(slot).any(|i| dunder::DUNDERS[i].name == d.row.name()) {
        return dunder::slot_of(d.owner, slot);
    }
    None
}

/// The type whose wrapper this is.
pub fn owner_of(found: &Ref) -> Option<&'static Type> {
    found.body::<WrapperBody>().map(|w| w.owner)
}

fn check_count(args: &[Ref], min: usize, max: usize) -> Result<()> {
    let n = args.len();
    if n >= min && n <= max {
        return Ok(());
    }
    let plural = |k: usize| if k == 1 { "" } else { "s" };
    Err(type_error(if min == max {
        format!("expected {min} argument{}, got {n}", plural(min))
    } else if (min, max) == (1, 2) {
        format!("expected 1 or 2 arguments, got {n}")
    } else if n < min {
        format!("expected at least {min} argument{}, got {n}", plural(min))
    } else {
        format!("expected at most {max} argument{}, got {n}", plural(max))
    }))
}

/// Concatenation and repetition of sequences raise where numbers say NotImplemented.
fn refuse_in_sequence(w: &WrapperBody, receiver: &Ref, other: &Ref, r: Ref) -> Result<Ref> {
    use skein_object::slots::BinaryOp;
    if !r.is(&s::not_implemented()) {
        return Ok(r);
    }
    let message = match w.dunder.name {
        "__add__" | "__iadd__" => skein_object::protocol::number::sequence_message(BinaryOp::Add, receiver, other),
        "__mul__" | "__rmul__" | "__imul__" => {
            skein_object::protocol::number::sequence_message(BinaryOp::Mul, receiver, other)
                .map(|_| format!("'{}' object cannot be interpreted as an integer", other.ty().name()))
        }
        _ => None,
    };
    message.map_or(Ok(r), |m| Err(type_error(m)))
}

/// Calls the method: `args` without the receiver.
pub fn invoke(cx: &Context, w: &WrapperBody, receiver: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let d = w.dunder;
    match (d.how, w.function) {
        (How::Call, Native::Call(f)) => return f(cx, receiver, args, names),
        (How::Init, Native::Call(f)) => {
            f(cx, receiver, args, names)?;
            return Ok(s::none());
        }
        _ => {}
    }
    if names.is_some_and(|n| tuple::items(n).is_some_and(|i| !i.is_empty())) {
        return Err(type_error(format!("wrapper {}() takes no keyword arguments", d.name)));
    }
    let none = |()| s::none();
    let exactly = |n| check_count(args, n, n);
    match (d.how, w.function) {
        (How::Unary, Native::Unary(f)) => {
            exactly(0)?;
            f(cx, receiver)
        }
        (How::Hash, Native::Hash(f)) => {
            exactly(0)?;
            number::int(f(cx, receiver)?)
        }
        (How::GetAttr | How::GetItem | How::Left, Native::Binary(f)) => {
            exactly(1)?;
            let r = f(cx, receiver, &args[0])?;
            refuse_in_sequence(w, receiver, &args[0], r)
        }
        (How::Right, Native::Binary(f)) => {
            exactly(1)?;
            let r = f(cx, &args[0], receiver)?;
            refuse_in_sequence(w, receiver, &args[0], r)
        }
        (How::Pow | How::RightPow, Native::Binary(f)) => {
            check_count(args, 1, 2)?;
            let (a, b) = if d.how == How::Pow {
                (receiver, &args[0])
            } else {
                (&args[0], receiver)
            };
            match args.get(1).filter(|m| !s::is_none(m)) {
                Some(m) => match w.owner.slots.pow3.get() {
                    Some(g) => g(cx, a, b, m),
                    None => Ok(s::not_implemented()),
                },
                None => f(cx, a, b),
            }
        }
        (How::SetAttr, Native::Set(f)) => {
            exactly(2)?;
            hack_check(w, receiver)?;
            f(cx, receiver, &args[0], Some(&args[1])).map(none)
        }
        (How::DelAttr, Native::Set(f)) => {
            exactly(1)?;
            hack_check(w, receiver)?;
            f(cx, receiver, &args[0], None).map(none)
        }
        (How::SetItem | How::Set, Native::Set(f)) => {
            exactly(2)?;
            f(cx, receiver, &args[0], Some(&args[1])).map(none)
        }
        (How::DelItem | How::Delete, Native::Set(f)) => {
            exactly(1)?;
            f(cx, receiver, &args[0], None).map(none)
        }
        (How::Compare(op), Native::Compare(f)) => {
            exactly(1)?;
            f(cx, receiver, &args[0], op)
        }
        (How::Next, Native::Next(f)) => {
            exactly(0)?;
            f(cx, receiver)?.ok_or_else(|| stop_iteration(None))
        }
        (How::Get, Native::DescrGet(f)) => {
            check_count(args, 1, 2)?;
            let object = args.first().filter(|r| !s::is_none(r));
            let class = args.get(1).filter(|r| !s::is_none(r));
            if object.is_none() && class.is_none() {
                return Err(type_error("__get__(None, None) is invalid"));
            }
            f(cx, receiver, object, class)
        }
        (How::Bool, Native::Truth(f)) => {
            exactly(0)?;
            Ok(number::bool(f(cx, receiver)?))
        }
        (How::Len, Native::Length(f)) => {
            exactly(0)?;
            number::int_from_usize(f(cx, receiver)?)
        }
        (How::Contains, Native::Contains(f)) => {
            exactly(1)?;
            Ok(number::bool(f(cx, receiver, &args[0])?))
        }
        _ => Err(skein_object::error::system_error("a wrapper of another slot")),
    }
}

/// `object.__setattr__(SomeClass, ...)` must not get around `type.__setattr__`.
fn hack_check(w: &WrapperBody, receiver: &Ref) -> Result<()> {
    let ty = type_of(receiver);
    let mut native = Some(ty);
    while let Some(t) = native.filter(|t| t.has(flag::HEAP)) {
        native = t.base();
    }
    if let Some(t) = native
        && !std::ptr::eq(t, w.owner)
        && !t.slots.setattr.same(&w.owner.slots.setattr)
    {
        return Err(type_error(format!(
            "can't apply this {} to {} object",
            w.dunder.name,
            ty.name()
        )));
    }
    Ok(())
}

fn call_descriptor(cx: &Context, d: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let Some(w) = d.body::<WrapperBody>() else {
        return Err(type_error("not a wrapper"));
    };
    let n = names.and_then(tuple::items).map_or(0, <[Ref]>::len);
    if args.len() <= n {
        return Err(type_error(format!(
            "descriptor '{}' of '{}' object needs an argument",
            w.dunder.name,
            w.owner.name()
        )));
    }
    if !args[0].is_instance(w.owner) {
        return Err(type_error(format!(
            "descriptor '{}' requires a '{}' object but received a '{}'",
            w.dunder.name,
            w.owner.name(),
            args[0].ty().name()
        )));
    }
    invoke(cx, w, &args[0], &args[1..], names)
}

fn get_descriptor(_: &Context, d: &Ref, object: Option<&Ref>, _class: Option<&Ref>) -> Result<Ref> {
    let (Some(o), Some(w)) = (object, d.body::<WrapperBody>()) else {
        return Ok(d.clone());
    };
    super::check_receiver(w.dunder.name, w.owner, o)?;
    alloc(
        &METHOD_WRAPPER,
        MethodWrapperBody {
            wrapper: d.clone(),
            receiver: o.clone(),
        },
    )
}

fn repr_descriptor(_: &Context, d: &Ref) -> Result<Ref> {
    let w = body(d)?;
    str::from_str(&format!(
        "<slot wrapper '{}' of '{}' objects>",
        w.dunder.name,
        w.owner.name()
    ))
}

fn call_method(cx: &Context, m: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    match m.body::<MethodWrapperBody>() {
        Some(b) => invoke(cx, body(&b.wrapper)?, &b.receiver, args, names),
        None => Err(type_error("not a method-wrapper")),
    }
}

fn repr_method(_: &Context, m: &Ref) -> Result<Ref> {
    let Some(b) = m.body::<MethodWrapperBody>() else {
        return Err(type_error("not a method-wrapper"));
    };
    str::from_str(&format!(
        "<method-wrapper '{}' of {} object at {:#x}>",
        body(&b.wrapper)?.dunder.name,
        b.receiver.ty().name(),
        super::address(&b.receiver)
    ))
}

fn compare_method(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<MethodWrapperBody>(), b.body::<MethodWrapperBody>()) else {
        return Ok(s::not_implemented());
    };
    let _ = cx;
    let same = x.wrapper.is(&y.wrapper) && x.receiver.is(&y.receiver);
    Ok(match op {
        CompareOp::Eq => number::bool(same),
        CompareOp::Ne => number::bool(!same),
        _ => s::not_implemented(),
    })
}

fn hash_method(_: &Context, a: &Ref) -> Result<i64> {
    let b = a.body::<MethodWrapperBody>();
    Ok(b.map_or(0, |b| {
        let h = number::hash_pointer(b.receiver.value().0) ^ number::hash_pointer(b.wrapper.value().0).rotate_left(7);
        if h == -1 { -2 } else { h }
    }))
}

fn body(r: &Ref) -> Result<&WrapperBody> {
    r.body::<WrapperBody>()
        .or_else(|| {
            r.body::<MethodWrapperBody>()
                .and_then(|m| m.wrapper.body::<WrapperBody>())
        })
        .ok_or_else(|| type_error("not a wrapper"))
}

fn name(_: &Context, r: &Ref) -> Result<Ref> {
    str::from_str(body(r)?.dunder.name)
}

fn qualname(_: &Context, r: &Ref) -> Result<Ref> {
    let w = body(r)?;
    str::from_str(&format!("{}.{}", w.owner.short_name(), w.dunder.name))
}

fn doc(_: &Context, r: &Ref) -> Result<Ref> {
    str::from_str(body(r)?.dunder.doc)
}

fn text_signature(_: &Context, r: &Ref) -> Result<Ref> {
    str::from_str(body(r)?.dunder.signature)
}

fn objclass(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.owner.object())
}

fn receiver(_: &Context, r: &Ref) -> Result<Ref> {
    match r.body::<MethodWrapperBody>() {
        Some(b) => Ok(b.receiver.clone()),
        None => Ok(s::none()),
    }
}

static GETSET: &[GetSet] = &[
    getset("__name__", name),
    getset("__qualname__", qualname),
    getset("__doc__", doc),
    getset("__text_signature__", text_signature),
    getset("__objclass__", objclass),
];

static METHOD_GETSET: &[GetSet] = &[
    getset("__name__", name),
    getset("__qualname__", qualname),
    getset("__doc__", doc),
    getset("__text_signature__", text_signature),
    getset("__objclass__", objclass),
    getset("__self__", receiver),
];

fn descriptor_slots(t: &Slots) {
    t.call.set(Some(call_descriptor));
    t.descr_get.set(Some(get_descriptor));
    t.repr.set(Some(repr_descriptor));
}

fn method_slots(t: &Slots) {
    t.call.set(Some(call_method));
    t.repr.set(Some(repr_method));
    t.compare.set(Some(compare_method));
    t.hash.set(Some(hash_method));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots: descriptor_slots,
        getset: GETSET,
        ..TypeDef::new(&WRAPPER_DESCRIPTOR)
    })?;
    ready_type(&TypeDef {
        slots: method_slots,
        getset: METHOD_GETSET,
        ..TypeDef::new(&METHOD_WRAPPER)
    })
}
