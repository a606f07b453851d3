//! `_thread._local`: attributes of which each thread has its own.

use skein_object::error::{Result, attribute_error, system_error, type_error};
use skein_object::intern::{self, names};
use skein_object::layouts::dict as d;
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol::attribute;
use skein_object::slots::Slots;
use skein_object::{Context, Payload, Ref, Slot, Type, payload, protocol, statics as s, str, types::flag};
use skein_types::startup::{TypeDef, ready_type};
use std::sync::atomic::{AtomicUsize, Ordering};

struct LocalBody {
    /// Number that threads know the object by. Never used again, so that a dead object's data is not another's.
    id: usize,
    args: Slot,
    names: Slot,
}
payload!(LocalBody, "_local", |this, v| {
    v.slot(&this.args);
    v.slot(&this.names);
});

pub static LOCAL: Type = Type::declare(
    "_thread._local",
    Some(&s::OBJECT),
    <LocalBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::WEAKREFABLE,
);

static NEXT: AtomicUsize = AtomicUsize::new(1);

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        ..TypeDef::new(&LOCAL)
    })
}

fn body(r: &Ref) -> Result<&LocalBody> {
    r.body::<LocalBody>()
        .ok_or_else(|| system_error("not thread-local data"))
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.getattr.set(Some(getattr));
    t.setattr.set(Some(setattr));
}

fn new(_: &Context, class: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    let ty = Type::from_ref(class).ok_or_else(|| system_error("not a class"))?;
    if (!args.is_empty() || kw.is_some()) && ty.lookup(names::__init__()) == s::OBJECT.lookup(names::__init__()) {
        return Err(type_error("Initialization arguments are not supported"));
    }
    let r = alloc(
        ty,
        LocalBody {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            args: Slot::new(skein_object::tuple::from_slice(args)?),
            names: Slot::from_option(kw.cloned()),
        },
    )?;
    // The creating thread's `__init__` is called by the class.
    let cx = Context::current();
    cx.locals.borrow_mut().push((body(&r)?.id, d::new()?));
    Ok(r)
}

/// The current thread's dict; a new one is initialised by the class's `__init__`.
fn dict_of(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let found = cx
        .locals
        .borrow()
        .iter()
        .find(|(id, _)| *id == b.id)
        .map(|(_, d)| d.clone());
    if let Some(d) = found {
        return Ok(d);
    }
    let fresh = d::new()?;
    cx.locals.borrow_mut().push((b.id, fresh.clone()));
    if let Some(init) = type_of(r).slots.init.get()
        && type_of(r).lookup(names::__init__()) != s::OBJECT.lookup(names::__init__())
    {
        let args = b.args.get().unwrap_or_else(s::empty_tuple);
        let args = skein_object::tuple::items(&args).unwrap_or(&[]);
        if let Err(e) = init(cx, r, args, b.names.get().as_ref()) {
            cx.locals.borrow_mut().retain(|(id, _)| *id != b.id);
            return Err(e);
        }
    }
    Ok(fresh)
}

fn getattr(cx: &Context, r: &Ref, name: &Ref) -> Result<Ref> {
    let name = &intern::intern(name);
    let dict = dict_of(cx, r)?;
    if names::__dict__().is(name) {
        return Ok(dict);
    }
    let ty = type_of(r);
    let found = ty.lookup(name);
    if let Some(f) = &found
        && type_of(f).slots.descr_set.is_set()
    {
        return attribute::bind(cx, f.clone(), r, ty);
    }
    if let Some(v) = d::get_name(&dict, name) {
        return Ok(v);
    }
    match found {
        Some(f) => attribute::bind(cx, f, r, ty),
        None => match ty.lookup(names::__getattr__()) {
            Some(f) => {
                let f = attribute::bind(cx, f, r, ty)?;
                protocol::call1(cx, &f, name)
            }
            None => Err(attribute::no_attribute(r, name)),
        },
    }
}

fn setattr(cx: &Context, r: &Ref, name: &Ref, value: Option<&Ref>) -> Result<()> {
    let name = &intern::intern(name);
    let dict = dict_of(cx, r)?;
    if names::__dict__().is(name) {
        return Err(attribute_error(
            r,
            name,
            format!("'{}' object attribute '__dict__' is read-only", r.ty().name()),
        ));
    }
    if let Some(f) = type_of(r).lookup(name)
        && let Some(set) = type_of(&f).slots.descr_set.get()
    {
        return set(cx, &f, r, value);
    }
    match value {
        Some(v) => d::set_name(&dict, name, v.clone()),
        None if d::delete_name(&dict, name) => Ok(()),
        None => Err(attribute_error(
            r,
            name,
            format!("'{}' object has no attribute '{}'", r.ty().name(), str::text(name)),
        )),
    }
}
