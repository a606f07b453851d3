//! `method_descriptor`, `classmethod_descriptor` and `builtin_function_or_method`: native rows as objects.

use super::check_receiver;
use crate::startup::{GetSet, TypeDef, getset, ready_type};
use skein_object::error::{Result, type_error};
use skein_object::layouts::number;
use skein_object::native::{self, CLASS_METHOD_DESCRIPTOR, Row};
use skein_object::object::{RefExt, type_of};
use skein_object::slots::{CompareOp, Slots};
use skein_object::statics as s;
use skein_object::types::Type;
use skein_object::{Args, Context, MethodDescriptorBody, NativeBody, Ref, row, str, tuple};

fn body(r: &Ref) -> Result<&MethodDescriptorBody> {
    r.body::<MethodDescriptorBody>()
        .ok_or_else(|| type_error("not a method_descriptor"))
}

fn native(r: &Ref) -> Result<&NativeBody> {
    r.body::<NativeBody>()
        .ok_or_else(|| type_error("not a builtin_function_or_method"))
}

fn call_descriptor(cx: &Context, d: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let b = body(d)?;
    let n = names.and_then(tuple::items).map_or(0, <[Ref]>::len);
    match args.first() {
        Some(receiver) if args.len() > n => check_receiver(b.row.name(), b.owner, receiver)?,
        _ => {
            return Err(type_error(format!(
                "unbound method {}.{}() needs an argument",
                b.owner.short_name(),
                b.row.name()
            )));
        }
    }
    native::call(cx, b.row, args, names)
}

fn get_descriptor(_: &Context, d: &Ref, object: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    let b = body(d)?;
    match object {
        Some(o) => {
            check_receiver(b.row.name(), b.owner, o)?;
            native::bound(b.row, o.clone())
        }
        None => Ok(d.clone()),
    }
}

fn call_class(cx: &Context, d: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let b = body(d)?;
    match args.first().and_then(Type::from_ref) {
        Some(t) if t.is_subtype(b.owner) => native::call(cx, b.row, args, names),
        Some(t) => Err(type_error(format!(
            "descriptor '{}' requires a subtype of '{}' but received '{}'",
            b.row.name(),
            b.owner.name(),
            t.name()
        ))),
        None => Err(type_error(format!(
            "descriptor '{}' for type '{}' needs a type, not a '{}' as arg 2",
            b.row.name(),
            b.owner.name(),
            args.first().map_or("NoneType", |a| a.ty().name())
        ))),
    }
}

fn get_class(_: &Context, d: &Ref, object: Option<&Ref>, class: Option<&Ref>) -> Result<Ref> {
    let b = body(d)?;
    let receiver = match (class, object) {
        (Some(c), _) => c.clone(),
        (None, Some(o)) => o.ty().object(),
        (None, None) => {
            return Err(type_error(format!(
                "descriptor '{}' for type '{}' needs either an object or a type",
                b.row.name(),
                b.owner.name()
            )));
        }
    };
    match Type::from_ref(&receiver) {
        Some(t) if t.is_subtype(b.owner) => native::bound(b.row, receiver),
        Some(t) => Err(type_error(format!(
            "descriptor '{}' requires a subtype of '{}' but received '{}'",
            b.row.name(),
            b.owner.name(),
            t.name()
        ))),
        None => Err(type_error(format!(
            "descriptor '{}' for type '{}' needs a type, not a '{}' as arg 2",
            b.row.name(),
            b.owner.name(),
            receiver.ty().name()
        ))),
    }
}

fn repr_descriptor(_: &Context, d: &Ref) -> Result<Ref> {
    let b = body(d)?;
    str::from_str(&format!("<method '{}' of '{}' objects>", b.row.name(), b.owner.name()))
}

/// Calls a native function object.
pub fn call_native(cx: &Context, f: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let b = native(f)?;
    match &b.receiver {
        Some(r) => native::call_with(cx, b.row, r, args, names),
        None if b.row.shape.module => {
            let module = b.module.clone().unwrap_or_else(s::none);
            native::call_with(cx, b.row, &module, args, names)
        }
        None => native::call(cx, b.row, args, names),
    }
}

fn repr_native(_: &Context, f: &Ref) -> Result<Ref> {
    let b = native(f)?;
    str::from_str(&match &b.receiver {
        Some(r) => format!(
            "<built-in method {} of {} object at {:#x}>",
            b.row.name(),
            r.ty().name(),
            super::address(r)
        ),
        None => format!("<built-in function {}>", b.row.name()),
    })
}

fn compare_native(_: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<NativeBody>(), b.body::<NativeBody>()) else {
        return Ok(s::not_implemented());
    };
    let same = std::ptr::eq(x.row, y.row) && x.receiver == y.receiver;
    Ok(match op {
        CompareOp::Eq => number::bool(same),
        CompareOp::Ne => number::bool(!same),
        _ => s::not_implemented(),
    })
}

fn hash_native(_: &Context, a: &Ref) -> Result<i64> {
    let b = native(a)?;
    let r = b.receiver.as_ref().map_or(0, |r| r.value().0);
    let h = number::hash_pointer(r).rotate_left(3) ^ number::hash_pointer(b.row as *const Row as u64);
    Ok(if h == -1 { -2 } else { h })
}

fn row_of(r: &Ref) -> Option<&'static Row> {
    r.body::<MethodDescriptorBody>()
        .map(|b| b.row)
        .or_else(|| r.body::<NativeBody>().map(|b| b.row))
}

fn name(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(skein_object::intern::name(row_of(r).map_or("?", |row| row.name())))
}

fn qualname(cx: &Context, r: &Ref) -> Result<Ref> {
    let n = row_of(r).map_or("?", |row| row.name());
    let owner = match (r.body::<MethodDescriptorBody>(), r.body::<NativeBody>()) {
        (Some(b), _) => b.owner,
        (_, Some(b)) => match &b.receiver {
            Some(r) if !r.is_instance(&s::MODULE) => Type::from_ref(r).unwrap_or_else(|| type_of(r)),
            _ => return str::from_str(n),
        },
        _ => return str::from_str(n),
    };
    let q = crate::type_::attributes::qualname(cx, &owner.object())?;
    str::from_str(&format!("{}.{n}", str::text(&q)))
}

fn doc(_: &Context, r: &Ref) -> Result<Ref> {
    match row_of(r) {
        Some(row) if !row.doc.is_empty() => str::from_str(row.doc),
        _ => Ok(s::none()),
    }
}

fn text_signature(_: &Context, r: &Ref) -> Result<Ref> {
    match row_of(r) {
        Some(row) => {
            let t = row.text_signature();
            let of_module = r
                .body::<NativeBody>()
                .is_some_and(|b| b.receiver.is_none() && b.module.is_some());
            str::from_str(&match t.strip_prefix('(') {
                Some(")") if of_module => "($module, /)".to_owned(),
                Some(rest) if of_module && !t.starts_with("($") => format!("($module, {rest}"),
                _ => t,
            })
        }
        None => Ok(s::none()),
    }
}

fn objclass(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.owner.object())
}

/// The receiver; the module of a module's function.
fn receiver(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = native(r)?;
    if let Some(r) = &b.receiver {
        return Ok(r.clone());
    }
    if let Some(name) = &b.module
        && let Some(modules) = skein_object::context::sys_attr(&skein_object::intern::name("modules"))
        && skein_object::protocol::contains(cx, &modules, name)?
    {
        return skein_object::protocol::getitem(cx, &modules, name);
    }
    Ok(s::none())
}

fn module(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(native(r)?.module.clone().unwrap_or_else(s::none))
}

fn reduce_descriptor(cx: &Context, a: Args<'_>) -> Result<Ref> {
    super::reduce_by_getattr(cx, &objclass(cx, a.at(0))?, &name(cx, a.at(0))?)
}

fn reduce_native(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = name(cx, a.at(0))?;
    match &native(a.at(0))?.receiver {
        Some(r) if !r.is_instance(&s::MODULE) => super::reduce_by_getattr(cx, r, &n),
        _ => Ok(n),
    }
}

static DESCRIPTOR_METHODS: &[Row] = &[row!("__reduce__(self, /)", reduce_descriptor, "")];
static NATIVE_METHODS: &[Row] = &[row!("__reduce__(self, /)", reduce_native, "")];

static DESCRIPTOR_GETSET: &[GetSet] = &[
    getset("__name__", name),
    getset("__qualname__", qualname),
    getset("__doc__", doc),
    getset("__text_signature__", text_signature),
    getset("__objclass__", objclass),
];

static NATIVE_GETSET: &[GetSet] = &[
    getset("__name__", name),
    getset("__qualname__", qualname),
    getset("__doc__", doc),
    getset("__text_signature__", text_signature),
    getset("__self__", receiver),
    getset("__module__", module),
];

fn descriptor_slots(t: &Slots) {
    t.call.set(Some(call_descriptor));
    t.descr_get.set(Some(get_descriptor));
    t.repr.set(Some(repr_descriptor));
}

fn class_slots(t: &Slots) {
    t.call.set(Some(call_class));
    t.descr_get.set(Some(get_class));
    t.repr.set(Some(repr_descriptor));
}

fn native_slots(t: &Slots) {
    t.call.set(Some(call_native));
    t.repr.set(Some(repr_native));
    t.compare.set(Some(compare_native));
    t.hash.set(Some(hash_native));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots: descriptor_slots,
        methods: DESCRIPTOR_METHODS,
        getset: DESCRIPTOR_GETSET,
        ..TypeDef::new(&s::METHOD_DESCRIPTOR_TYPE)
    })?;
    ready_type(&TypeDef {
        slots: class_slots,
        methods: DESCRIPTOR_METHODS,
        getset: DESCRIPTOR_GETSET,
        ..TypeDef::new(&CLASS_METHOD_DESCRIPTOR)
    })?;
    ready_type(&TypeDef {
        slots: native_slots,
        methods: NATIVE_METHODS,
        getset: NATIVE_GETSET,
        ..TypeDef::new(&s::NATIVE)
    })
}
