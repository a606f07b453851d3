//! `_thread._local`: attributes of which each thread has its own.
//!
//! | object | where the attributes of a thread are |
//! |---|---|
//! | private: its thread alone knows it | in the object, so that a collector sees a cycle through them |
//! | shared | in the thread's context, where they stay private (`skein_object::local`) |
//!
//! So what leads back to a shared object from a thread's attributes of it keeps it until the thread ends.
//!
//! When an object is published they move. Where all objects become shared at once, with the start of the first thread, they move when
//! that one thread asks for them.
#![allow(unsafe_code)]

use skein_gc::Header;
use skein_object::error::{Result, attribute_error, system_error, type_error};
use skein_object::intern::{self, names};
use skein_object::layouts::dict as d;
use skein_object::local::Life;
use skein_object::object::{Object, RefExt, alloc, type_of};
use skein_object::protocol::attribute;
use skein_object::slots::Slots;
use skein_object::{Context, Payload, Ref, Slot, Type, payload, protocol, statics as s, str, types::flag};
use skein_types::startup::{TypeDef, ready_type};
use std::sync::Arc;

struct LocalBody {
    life: Life,
    /// The dict of the thread that has made it, until it moves.
    first: Slot,
    /// The context of that thread.
    maker: u64,
    args: Slot,
    names: Slot,
}
payload!(LocalBody, "_local", |this, v| {
    v.slot(&this.args);
    v.slot(&this.names);
    match Context::try_current() {
        Some(cx) if v.publishes() && this.maker == cx.serial => drop(this.settle(cx)),
        _ => v.slot(&this.first),
    }
});

impl Drop for LocalBody {
    fn drop(&mut self) {
        self.life.end();
        let own = Context::try_current().and_then(|cx| cx.locals.try_borrow_mut().ok()?.remove(&self.life));
        drop(own);
        if Arc::strong_count(&self.life) > 1 {
            skein_gc::registry::request_everywhere(crate::hooks::request::LOCALS);
        }
    }
}

impl LocalBody {
    fn header(&self) -> &Header {
        // SAFETY: bodies of this type lie in objects.
        unsafe { Object::header_of(self) }
    }

    /// Moves the dict of the thread that has made the object to its context, if this is that thread; gives what is to be dropped.
    fn settle(&self, cx: &Context) -> Vec<Ref> {
        if self.maker != cx.serial {
            return Vec::new();
        }
        match self.first.set(self.header(), None) {
            Some(dict) => cx.locals.borrow_mut().insert(&self.life, dict),
            None => Vec::new(),
        }
    }

    fn dict(&self, cx: &Context) -> Option<Ref> {
        if self.header().is_private() {
            return self.first.get();
        }
        if !self.first.is_null() {
            drop(self.settle(cx));
        }
        cx.locals.borrow().get(&self.life).cloned()
    }

    fn set_dict(&self, cx: &Context, dict: Option<Ref>) {
        if self.header().is_private() {
            drop(self.first.set(self.header(), dict));
            return;
        }
        // Dropped when the borrow is over.
        let _dropped = match dict {
            Some(dict) => cx.locals.borrow_mut().insert(&self.life, dict),
            None => cx.locals.borrow_mut().remove(&self.life).into_iter().collect(),
        };
    }
}

/// Gives up this thread's attributes of objects that are dead.
pub fn forget_dead(cx: &Context) {
    let dead = cx.locals.borrow_mut().take_dead();
    drop(dead);
}

pub static LOCAL: Type = Type::declare(
    "_thread._local",
    Some(&s::OBJECT),
    <LocalBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::WEAKREFABLE,
);

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
    // The creating thread's `__init__` is called by the class.
    let cx = Context::current();
    alloc(
        ty,
        LocalBody {
            life: Life::default(),
            first: Slot::new(d::new()?),
            maker: cx.serial,
            args: Slot::new(skein_object::tuple::from_slice(args)?),
            names: Slot::from_option(kw.cloned()),
        },
    )
}

/// The current thread's dict; a new one is initialised by the class's `__init__`.
fn dict_of(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    if let Some(d) = b.dict(cx) {
        return Ok(d);
    }
    let fresh = d::new()?;
    b.set_dict(cx, Some(fresh.clone()));
    if let Some(init) = type_of(r).slots.init.get()
        && type_of(r).lookup(names::__init__()) != s::OBJECT.lookup(names::__init__())
    {
        let args = b.args.get().unwrap_or_else(s::empty_tuple);
        let args = skein_object::tuple::items(&args).unwrap_or(&[]);
        if let Err(e) = init(cx, r, args, b.names.get().as_ref()) {
            b.set_dict(cx, None);
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
