//! Slot functions of classes that define the special method in Python: each looks the method up on the type and calls it.

use super::dunder::{Native, SlotId};
use crate::descriptors::wrapper;
use skein_object::error::{Error, Result, attribute_error_plain, overflow_error, type_error, value_error};
use skein_object::intern::names;
use skein_object::layouts::number;
use skein_object::native::with_first;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::attribute::{bind, lookup_attr, no_attribute};
use skein_object::protocol::call::call_with_receiver;
use skein_object::protocol::{call, call_kw, index, is_true};
use skein_object::slots::{BINARY, Binary, CompareOp};
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, intern, tuple};
use std::sync::OnceLock;

/// Calls a special method found on the type.
fn call_found(cx: &Context, f: Ref, object: &Ref, ty: &'static Type, args: &[Ref]) -> Result<Ref> {
    if type_of(&f).has(flag::METHOD_DESCRIPTOR) {
        return call_with_receiver(cx, &f, object, args);
    }
    let f = bind(cx, f, object, ty)?;
    call(cx, &f, args)
}

/// Calls a special method that the type has.
fn special(cx: &Context, object: &Ref, name: &Ref, args: &[Ref]) -> Result<Ref> {
    let ty = type_of(object);
    match ty.lookup(name) {
        Some(f) => call_found(cx, f, object, ty, args),
        None => Err(attribute_error_plain(skein_object::str::text(name))),
    }
}

macro_rules! unaries {
    ($($f:ident $name:ident;)*) => {$(
        fn $f(cx: &Context, a: &Ref) -> Result<Ref> {
            special(cx, a, names::$name(), &[])
        }
    )*};
}
unaries! {
    repr __repr__;
    str __str__;
    neg __neg__;
    pos __pos__;
    invert __invert__;
    abs __abs__;
    int __int__;
    float __float__;
    index_ __index__;
    await_ __await__;
    aiter __aiter__;
    anext __anext__;
}

fn iter(cx: &Context, a: &Ref) -> Result<Ref> {
    let ty = type_of(a);
    match ty.lookup(names::__iter__()) {
        Some(f) if !s::is_none(&f) => call_found(cx, f, a, ty, &[]),
        _ => Err(type_error(format!("'{}' object is not iterable", ty.name()))),
    }
}

fn next(cx: &Context, a: &Ref) -> Result<Option<Ref>> {
    match special(cx, a, names::__next__(), &[]) {
        Ok(v) => Ok(Some(v)),
        Err(e) if e.is(&s::STOP_ITERATION) => Ok(None),
        Err(e) => Err(e),
    }
}

fn hash(cx: &Context, a: &Ref) -> Result<i64> {
    let ty = type_of(a);
    match ty.lookup(names::__hash__()) {
        Some(f) if !s::is_none(&f) => {
            let r = call_found(cx, f, a, ty, &[])?;
            match number::int_value(&r) {
                Some(number::IntValue::Small(-1)) => Ok(-2),
                Some(number::IntValue::Small(n)) => Ok(n),
                Some(number::IntValue::Big(b)) => Ok(match number::IntValue::Big(b).to_i64() {
                    Some(-1) => -2,
                    Some(n) => n,
                    None => number::hash_big(b),
                }),
                None => Err(type_error("__hash__ method should return an integer")),
            }
        }
        _ => Err(type_error(format!("unhashable type: '{}'", ty.name()))),
    }
}

/// Prepends the receiver and calls.
fn call_prepended(cx: &Context, f: &Ref, receiver: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    with_first(receiver, args, |all| call_kw(cx, f, all, names))
}

fn special_kw(cx: &Context, object: &Ref, name: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let ty = type_of(object);
    let Some(f) = ty.lookup(name) else {
        return Err(attribute_error_plain(skein_object::str::text(name)));
    };
    if type_of(&f).has(flag::METHOD_DESCRIPTOR) {
        return call_prepended(cx, &f, object, args, names);
    }
    let f = bind(cx, f, object, ty)?;
    call_kw(cx, &f, args, names)
}

fn call_slot(cx: &Context, a: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    special_kw(cx, a, names::__call__(), args, kw)
}

fn init(cx: &Context, a: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    let r = special_kw(cx, a, names::__init__(), args, kw)?;
    if s::is_none(&r) {
        Ok(r)
    } else {
        Err(type_error(format!(
            "__init__() should return None, not '{}'",
            r.ty().name()
        )))
    }
}

fn new(cx: &Context, class: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    let Some(ty) = Type::from_ref(class) else {
        return Err(type_error("__new__ wants a class"));
    };
    let Some(f) = ty.lookup(names::__new__()) else {
        return Err(attribute_error_plain("__new__"));
    };
    let f = match type_of(&f).slots.descr_get.get() {
        Some(get) => get(cx, &f, None, Some(class))?,
        None => f,
    };
    call_prepended(cx, &f, class, args, kw)
}

/// `__getattribute__`, then `__getattr__`.
fn getattr(cx: &Context, a: &Ref, name: &Ref) -> Result<Ref> {
    let ty = type_of(a);
    let hook = ty.lookup(names::__getattr__());
    let get = ty.lookup(names::__getattribute__());
    let plain = get.as_ref().and_then(|g| wrapper::native_of(g, ty, SlotId::GetAttr));
    let found = match (plain, get) {
        (Some(f), _) if Some(f.address()) == object_getattr() => {
            if !skein_object::str::is_str(name) {
                return Err(type_error(format!(
                    "attribute name must be string, not '{}'",
                    name.ty().name()
                )));
            }
            match lookup_attr(cx, a, ty, name) {
                Ok(Some(v)) => return Ok(v),
                Ok(None) => match hook {
                    Some(h) => return call_found(cx, h, a, ty, std::slice::from_ref(name)),
                    None => return Err(no_attribute(a, name)),
                },
                Err(e) => Err(e),
            }
        }
        (Some(Native::Binary(f)), _) => f(cx, a, name),
        (_, Some(g)) => call_found(cx, g, a, ty, std::slice::from_ref(name)),
        (_, None) => Err(no_attribute(a, name)),
    };
    match (found, hook) {
        (Err(e), Some(h)) if e.is(&s::ATTRIBUTE_ERROR) => {
            drop(e);
            call_found(cx, h, a, ty, std::slice::from_ref(name))
        }
        (r, _) => r,
    }
}

fn object_getattr() -> Option<usize> {
    s::OBJECT.slots.getattr.get().map(|f| f as usize)
}

fn setattr(cx: &Context, a: &Ref, name: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        Some(v) => special(cx, a, names::__setattr__(), &[name.clone(), v.clone()]),
        None => special(cx, a, names::__delattr__(), std::slice::from_ref(name)),
    }
    .map(drop)
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let ty = type_of(a);
    let name = match op {
        CompareOp::Lt => names::__lt__(),
        CompareOp::Le => names::__le__(),
        CompareOp::Eq => names::__eq__(),
        CompareOp::Ne => names::__ne__(),
        CompareOp::Gt => names::__gt__(),
        CompareOp::Ge => names::__ge__(),
    };
    match ty.lookup(name) {
        Some(f) => match wrapper::native_of(&f, ty, SlotId::Compare) {
            Some(Native::Compare(f)) => f(cx, a, b, op),
            _ => call_found(cx, f, a, ty, std::slice::from_ref(b)),
        },
        None => Ok(s::not_implemented()),
    }
}

fn descr_get(cx: &Context, d: &Ref, object: Option<&Ref>, class: Option<&Ref>) -> Result<Ref> {
    let args = [
        object.cloned().unwrap_or_else(s::none),
        class.cloned().unwrap_or_else(s::none),
    ];
    special(cx, d, names::__get__(), &args)
}

fn descr_set(cx: &Context, d: &Ref, object: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        Some(v) => special(cx, d, names::__set__(), &[object.clone(), v.clone()]),
        None => special(cx, d, names::__delete__(), std::slice::from_ref(object)),
    }
    .map(drop)
}

fn bool_(cx: &Context, a: &Ref) -> Result<bool> {
    let r = special(cx, a, names::__bool__(), &[])?;
    if r.is(&s::true_()) {
        Ok(true)
    } else if r.is(&s::false_()) {
        Ok(false)
    } else {
        Err(type_error(format!(
            "__bool__ should return bool, returned {}",
            r.ty().name()
        )))
    }
}

fn len(cx: &Context, a: &Ref) -> Result<usize> {
    let r = special(cx, a, names::__len__(), &[])?;
    let r = index(cx, &r)?;
    match number::int_value(&r) {
        Some(v) if v.is_negative() => Err(value_error("__len__() should return >= 0")),
        Some(v) => match v.to_i64() {
            Some(n) => Ok(n as usize),
            None => Err(overflow_error("cannot fit 'int' into an index-sized integer")),
        },
        None => Ok(0),
    }
}

fn getitem(cx: &Context, a: &Ref, key: &Ref) -> Result<Ref> {
    special(cx, a, names::__getitem__(), std::slice::from_ref(key))
}

fn setitem(cx: &Context, a: &Ref, key: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        Some(v) => special(cx, a, names::__setitem__(), &[key.clone(), v.clone()]),
        None => special(cx, a, names::__delitem__(), std::slice::from_ref(key)),
    }
    .map(drop)
}

fn contains(cx: &Context, a: &Ref, item: &Ref) -> Result<bool> {
    let ty = type_of(a);
    match ty.lookup(names::__contains__()) {
        Some(f) if !s::is_none(&f) => {
            let r = call_found(cx, f, a, ty, std::slice::from_ref(item))?;
            is_true(cx, &r)
        }
        _ => Err(type_error(format!("'{}' object is not a container", ty.name()))),
    }
}

/// Interned names of the binary operators: method, reflected, in-place.
fn operator_names(i: usize) -> &'static [Ref; 3] {
    static NAMES: OnceLock<Vec<[Ref; 3]>> = OnceLock::new();
    &NAMES.get_or_init(|| {
        BINARY
            .iter()
            .map(|(_, _, m, r, i)| [intern::name(m), intern::name(r), intern::name(i)])
            .collect()
    })[i]
}

fn method_or_not_implemented(cx: &Context, a: &Ref, name: &Ref, b: &Ref) -> Result<Ref> {
    let ty = type_of(a);
    match ty.lookup(name) {
        Some(f) => call_found(cx, f, a, ty, std::slice::from_ref(b)),
        None => Ok(s::not_implemented()),
    }
}

/// Whether the subclass gives the reflected method a meaning of its own.
fn overrides(sub: &'static Type, base: &'static Type, name: &Ref) -> bool {
    match (sub.lookup(name), base.lookup(name)) {
        (Some(a), Some(b)) => !a.is(&b),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn binary<const I: usize>(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let this = Some(binary::<I> as Binary as usize);
    let (ta, tb) = (type_of(a), type_of(b));
    let address = |t: &Type| t.slots.binary[I].get().map(|f| f as usize);
    let same = std::ptr::eq(ta, tb);
    let mut right = !same && address(tb) == this;
    let [name, reflected, _] = operator_names(I);
    if address(ta) == this {
        if right && tb.is_subtype(ta) && overrides(tb, ta, reflected) {
            let r = method_or_not_implemented(cx, b, reflected, a)?;
            if !r.is(&s::not_implemented()) {
                return Ok(r);
            }
            right = false;
        }
        let r = method_or_not_implemented(cx, a, name, b)?;
        if !r.is(&s::not_implemented()) || same {
            return Ok(r);
        }
    }
    if right {
        return method_or_not_implemented(cx, b, reflected, a);
    }
    Ok(s::not_implemented())
}

fn inplace<const I: usize>(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    method_or_not_implemented(cx, a, &operator_names(I)[2], b)
}

fn pow3(cx: &Context, a: &Ref, b: &Ref, m: &Ref) -> Result<Ref> {
    let ty = type_of(a);
    if let Some(f) = ty.lookup(names::__pow__()) {
        let r = call_found(cx, f, a, ty, &[b.clone(), m.clone()])?;
        if !r.is(&s::not_implemented()) {
            return Ok(r);
        }
    }
    let tb = type_of(b);
    match tb.lookup(names::__rpow__()) {
        Some(f) if tb.has(flag::HEAP) => call_found(cx, f, b, tb, &[a.clone(), m.clone()]),
        _ => Ok(s::not_implemented()),
    }
}

/// The generic function of a slot.
pub fn function(slot: SlotId) -> Native {
    macro_rules! tables {
        ($($i:literal)*) => {
            const LEFT: [Binary; 13] = [$(binary::<$i>,)*];
            const INPLACE: [Binary; 13] = [$(inplace::<$i>,)*];
        };
    }
    tables!(0 1 2 3 4 5 6 7 8 9 10 11 12);
    match slot {
        SlotId::Repr => Native::Unary(repr),
        SlotId::Str => Native::Unary(str),
        SlotId::Hash => Native::Hash(hash),
        SlotId::Call => Native::Call(call_slot),
        SlotId::GetAttr => Native::Binary(getattr),
        SlotId::SetAttr => Native::Set(setattr),
        SlotId::Compare => Native::Compare(compare),
        SlotId::Iter => Native::Unary(iter),
        SlotId::Next => Native::Next(next),
        SlotId::DescrGet => Native::DescrGet(descr_get),
        SlotId::DescrSet => Native::Set(descr_set),
        SlotId::New => Native::Call(new),
        SlotId::Init => Native::Call(init),
        SlotId::Bool => Native::Truth(bool_),
        SlotId::Len => Native::Length(len),
        SlotId::GetItem => Native::Binary(getitem),
        SlotId::SetItem => Native::Set(setitem),
        SlotId::Contains => Native::Contains(contains),
        SlotId::Neg => Native::Unary(neg),
        SlotId::Pos => Native::Unary(pos),
        SlotId::Invert => Native::Unary(invert),
        SlotId::Abs => Native::Unary(abs),
        SlotId::Int => Native::Unary(int),
        SlotId::Float => Native::Unary(float),
        SlotId::Index => Native::Unary(index_),
        SlotId::Pow3 => Native::Ternary(pow3),
        SlotId::Await => Native::Unary(await_),
        SlotId::AIter => Native::Unary(aiter),
        SlotId::ANext => Native::Unary(anext),
        SlotId::Binary(i) => Native::Binary(LEFT[i as usize]),
        SlotId::Inplace(i) => Native::Binary(INPLACE[i as usize]),
    }
}

/// Runs `__del__`. Its errors go to the unraisable hook.
pub fn finalize(object: &Ref) {
    skein_object::finalize::nested(object, call_del);
}

fn call_del(object: &Ref) {
    let Some(cx) = Context::try_current() else {
        return;
    };
    let ty = type_of(object);
    let Some(f) = ty.lookup(names::__del__()) else {
        return;
    };
    if let Err(e) = call_found(cx, f.clone(), object, ty, &[]) {
        report(cx, e, &f);
    }
}

fn report(cx: &Context, e: Error, f: &Ref) {
    (skein_object::context::hooks().unraisable)(cx, e, Some("Exception ignored while calling deallocator"), f);
}

/// Keyword names and values of a dict, as call arguments.
pub fn keywords_of(kwargs: &Ref) -> Result<(Vec<Ref>, Option<Ref>)> {
    let entries = skein_object::dict::entries(kwargs);
    if entries.is_empty() {
        return Ok((Vec::new(), None));
    }
    let (names, values): (Vec<Ref>, Vec<Ref>) = entries.into_iter().unzip();
    Ok((values, Some(tuple::new(names)?)))
}
