//! `super`.

use crate::startup::{GetSet, TypeDef, member, ready_type};
use skein_object::error::{Result, attribute_error, runtime_error, type_error};
use skein_object::intern::{self, names};
use skein_object::native::Row;
use skein_object::object::{Payload, RefExt, alloc, type_of};
use skein_object::protocol::attribute::generic_getattr;
use skein_object::protocol::getattr_opt;
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Slot, payload, row, str};
use std::sync::OnceLock;

/// The class after which the search begins, the object, and the class whose MRO is searched.
pub struct SuperBody {
    pub this: Slot,
    pub object: Slot,
    pub object_type: Slot,
}
payload!(SuperBody, "super", |this, v| {
    v.slot(&this.this);
    v.slot(&this.object);
    v.slot(&this.object_type);
});

pub static SUPER: Type = Type::declare(
    "super",
    Some(&s::OBJECT),
    <SuperBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

/// What the interpreter supplies for `super()` without arguments: `__class__` and the first argument of the caller.
pub static CALLER: OnceLock<fn(&Context) -> Result<(Ref, Ref)>> = OnceLock::new();

/// The class whose MRO is searched.
fn check(cx: &Context, this: &'static Type, object: &Ref) -> Result<&'static Type> {
    if let Some(t) = Type::from_ref(object)
        && t.is_subtype(this)
    {
        return Ok(t);
    }
    let t = type_of(object);
    if t.is_subtype(this) {
        return Ok(t);
    }
    if let Some(c) = getattr_opt(cx, object, names::__class__())?
        && let Some(c) = Type::from_ref(&c)
        && c.is_subtype(this)
    {
        return Ok(c);
    }
    let of = match Type::from_ref(object) {
        Some(t) => format!("type {}", t.name()),
        None => format!("instance of {}", t.name()),
    };
    Err(type_error(format!(
        "super(type, obj): obj ({of}) is not an instance or subtype of type ({}).",
        this.name()
    )))
}

/// What the MRO of `start` gives behind `this`, unbound.
fn find(this: &'static Type, start: &'static Type, name: &Ref) -> Option<Ref> {
    start
        .mro()
        .iter()
        .skip_while(|t| !std::ptr::eq(**t, this))
        .skip(1)
        .find_map(|t| t.own(name))
}

fn bind(cx: &Context, found: Ref, object: &Ref, start: &'static Type) -> Result<Ref> {
    match type_of(&found).slots.descr_get.get() {
        Some(get) => {
            let start = start.object();
            let object = if object.is(&start) { None } else { Some(object) };
            get(cx, &found, object, Some(&start))
        }
        None => Ok(found),
    }
}

#[cold]
fn missing(object: &Ref, name: &Ref) -> skein_object::Error {
    attribute_error(
        object,
        name,
        format!("'super' object has no attribute '{}'", str::text(name)),
    )
}

/// `super(this, object).name`, without a super object.
///
/// # Errors
/// TypeError, AttributeError; what descriptors raise.
pub fn super_lookup(cx: &Context, this: &'static Type, object: &Ref, name: &Ref) -> Result<Ref> {
    let start = check(cx, this, object)?;
    let name = &intern::intern(name);
    if !name.is(names::__class__())
        && let Some(found) = find(this, start, name)
    {
        return bind(cx, found, object, start);
    }
    let proxy = make(cx, this, object)?;
    generic_getattr(cx, &proxy, name)
}

/// The method `super(this, object).name` for a call: `(function, true)` to be called with `object` in front, or
/// `(bound, false)`.
///
/// # Errors
/// As [`super_lookup`].
pub fn super_method(cx: &Context, this: &'static Type, object: &Ref, name: &Ref) -> Result<(Ref, bool)> {
    let start = check(cx, this, object)?;
    let name = &intern::intern(name);
    if !name.is(names::__class__())
        && let Some(found) = find(this, start, name)
    {
        if type_of(&found).has(flag::METHOD_DESCRIPTOR) && !object.is(&start.object()) {
            return Ok((found, true));
        }
        return bind(cx, found, object, start).map(|f| (f, false));
    }
    super_lookup(cx, this, object, name).map(|f| (f, false))
}

/// `super(this, object)`.
pub fn make(cx: &Context, this: &'static Type, object: &Ref) -> Result<Ref> {
    let start = check(cx, this, object)?;
    alloc(
        &SUPER,
        SuperBody {
            this: Slot::new(this.object()),
            object: Slot::new(object.clone()),
            object_type: Slot::new(start.object()),
        },
    )
}

fn body(r: &Ref) -> Result<&SuperBody> {
    r.body::<SuperBody>().ok_or_else(|| type_error("not a super object"))
}

fn class_in(slot: &Slot) -> Option<&'static Type> {
    slot.get().as_ref().and_then(Type::from_ref)
}

fn getattr(cx: &Context, r: &Ref, name: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let name = &intern::intern(name);
    if let (Some(this), Some(object), Some(start)) = (class_in(&b.this), b.object.get(), class_in(&b.object_type))
        && !name.is(names::__class__())
        && let Some(found) = find(this, start, name)
    {
        return bind(cx, found, &object, start);
    }
    match generic_getattr(cx, r, name) {
        Err(e) if e.is(&s::ATTRIBUTE_ERROR) => Err(missing(r, name)),
        v => v,
    }
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    alloc(
        crate::type_::attributes::class(class)?,
        SuperBody {
            this: Slot::empty(),
            object: Slot::empty(),
            object_type: Slot::empty(),
        },
    )
}

static INIT: Row = row!("super(self, type=None, object_or_type=None, /)", init_row, "");

fn init(cx: &Context, r: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    let mut all = vec![r.clone()];
    all.extend_from_slice(args);
    skein_object::native::call(cx, &INIT, &all, kw)
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let (class, object) = match a.opt(1) {
        Some(c) => (c.clone(), a.opt_not_none(2).cloned()),
        None => match CALLER.get() {
            Some(f) => {
                let (c, o) = f(cx)?;
                if Type::from_ref(&c).is_none() {
                    return Err(runtime_error(format!(
                        "super(): __class__ is not a type ({})",
                        c.ty().name()
                    )));
                }
                (c, Some(o))
            }
            None => return Err(runtime_error("super(): no arguments")),
        },
    };
    let Some(this) = Type::from_ref(&class) else {
        return Err(type_error(format!(
            "super() argument 1 must be a type, not {}",
            class.ty().name()
        )));
    };
    let b = body(r)?;
    let h = r.holder();
    drop(b.this.set(h, Some(class.clone())));
    if let Some(o) = object {
        let start = check(cx, this, &o)?;
        drop(b.object.set(h, Some(o)));
        drop(b.object_type.set(h, Some(start.object())));
    }
    Ok(s::none())
}

fn get(cx: &Context, r: &Ref, object: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    let b = body(r)?;
    let (Some(o), None) = (object.filter(|o| !s::is_none(o)), b.object.get()) else {
        return Ok(r.clone());
    };
    if !r.is_exact(&SUPER) {
        let this = b.this.get().unwrap_or_else(s::none);
        return skein_object::protocol::call(cx, &r.ty().object(), &[this, o.clone()]);
    }
    match class_in(&b.this) {
        Some(this) => make(cx, this, o),
        None => Ok(r.clone()),
    }
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let name = |s: &Slot| class_in(s).map_or("NULL".to_owned(), |t| t.name().to_owned());
    str::from_str(&if b.object_type.is_null() {
        format!("<super: <class '{}'>, NULL>", name(&b.this))
    } else {
        format!(
            "<super: <class '{}'>, <{} object>>",
            name(&b.this),
            name(&b.object_type)
        )
    })
}

fn this_class(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.this.get().unwrap_or_else(s::none))
}
fn self_(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.object.get().unwrap_or_else(s::none))
}
fn self_class(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.object_type.get().unwrap_or_else(s::none))
}

static GETSET: &[GetSet] = &[
    member("__thisclass__", this_class),
    member("__self__", self_),
    member("__self_class__", self_class),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
    t.getattr.set(Some(getattr));
    t.descr_get.set(Some(get));
    t.repr.set(Some(repr));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        getset: GETSET,
        doc: "super() -> same as super(__class__, <first argument>)\nsuper(type) -> unbound super object\nsuper(type, obj) -> bound super object; requires isinstance(obj, type)\nsuper(type, type2) -> bound super object; requires issubclass(type2, type)",
        ..TypeDef::new(&SUPER)
    })
}
