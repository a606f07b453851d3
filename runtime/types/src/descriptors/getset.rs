//! `getset_descriptor` and `member_descriptor`: computed attributes of native types, and `__slots__` fields.

use crate::startup::{TypeDef, ready_type};
use skein_gc::uncounted::edge;
use skein_object::error::{Result, attribute_error, attribute_error_plain, type_error};
pub use skein_object::layouts::method::{MEMBER_DESCRIPTOR, SlotMemberBody};
use skein_object::object::{Payload, RefExt, alloc_of_class, slot_fields, type_of};
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, intern, payload, str};

/// Reads an attribute.
pub type Getter = fn(&Context, &Ref) -> Result<Ref>;
/// Sets, or deletes with `None`.
pub type Setter = fn(&Context, &Ref, Option<&Ref>) -> Result<()>;

/// A computed attribute of a native type.
#[derive(Clone, Copy)]
pub struct GetSet {
    pub name: &'static str,
    pub get: Getter,
    pub set: Option<Setter>,
    pub doc: &'static str,
    /// Shows as a member descriptor.
    pub member: bool,
}

/// A read-only computed attribute.
pub const fn getset(name: &'static str, get: Getter) -> GetSet {
    GetSet {
        name,
        get,
        set: None,
        doc: "",
        member: false,
    }
}

/// A read-only field.
pub const fn member(name: &'static str, get: Getter) -> GetSet {
    GetSet {
        name,
        get,
        set: None,
        doc: "",
        member: true,
    }
}

impl GetSet {
    pub const fn setter(self, set: Setter) -> GetSet {
        GetSet { set: Some(set), ..self }
    }

    pub const fn doc(self, doc: &'static str) -> GetSet {
        GetSet { doc, ..self }
    }
}

/// A row of a type.
pub struct GetSetBody {
    pub row: &'static GetSet,
    pub owner: &'static Type,
}
payload!(GetSetBody, "getset_descriptor", |this, v| {
    v.value(edge(this.owner.header()));
});

pub static GETSET_DESCRIPTOR: Type = Type::declare(
    "getset_descriptor",
    Some(&s::OBJECT),
    <GetSetBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

/// Adds a row to a type.
pub fn add(ty: &'static Type, row: &'static GetSet) -> Result<()> {
    let value = descriptor(ty, row)?;
    ty.define(&intern::name(row.name), value);
    Ok(())
}

/// The descriptor of a row.
pub fn descriptor(ty: &'static Type, row: &'static GetSet) -> Result<Ref> {
    if row.member {
        let body = SlotMemberBody {
            name: intern::name(row.name),
            index: usize::MAX,
            native: Some(row),
            owner: ty,
        };
        return alloc_of_class(&MEMBER_DESCRIPTOR, ty, body);
    }
    alloc_of_class(&GETSET_DESCRIPTOR, ty, GetSetBody { row, owner: ty })
}

/// The descriptor of a `__slots__` field.
pub fn slot_member(ty: &'static Type, name: &Ref, index: usize) -> Result<Ref> {
    alloc_of_class(
        &MEMBER_DESCRIPTOR,
        ty,
        SlotMemberBody {
            name: intern::intern(name),
            index,
            native: None,
            owner: ty,
        },
    )
}

/// Owner and field number of a `__slots__` descriptor: for caches.
pub fn slot_field(descriptor: &Ref) -> Option<(&'static Type, usize)> {
    descriptor
        .body::<SlotMemberBody>()
        .filter(|b| b.native.is_none())
        .map(|b| (b.owner, b.index))
}

fn body(r: &Ref) -> Result<&GetSetBody> {
    r.body::<GetSetBody>()
        .ok_or_else(|| type_error("not a getset_descriptor"))
}

fn get(cx: &Context, d: &Ref, object: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    let Some(o) = object else {
        return Ok(d.clone());
    };
    let b = body(d)?;
    super::check_receiver(b.row.name, b.owner, o)?;
    (b.row.get)(cx, o)
}

fn set(cx: &Context, d: &Ref, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let b = body(d)?;
    super::check_receiver(b.row.name, b.owner, object)?;
    match b.row.set {
        Some(f) => f(cx, object, value),
        None => Err(attribute_error(
            object,
            &intern::name(b.row.name),
            format!(
                "attribute '{}' of '{}' objects is not writable",
                b.row.name,
                b.owner.name()
            ),
        )),
    }
}

fn repr(_: &Context, d: &Ref) -> Result<Ref> {
    let b = body(d)?;
    str::from_str(&format!("<attribute '{}' of '{}' objects>", b.row.name, b.owner.name()))
}

fn slot_body(r: &Ref) -> Result<&SlotMemberBody> {
    r.body::<SlotMemberBody>()
        .ok_or_else(|| type_error("not a member_descriptor"))
}

fn native(b: &SlotMemberBody) -> Option<&'static GetSet> {
    b.native?.downcast_ref::<GetSet>()
}

fn field<'a>(b: &SlotMemberBody, object: &'a Ref) -> Result<&'a skein_object::Slot> {
    if !type_of(object).is_subtype(b.owner) {
        super::check_receiver(&str::text(&b.name), b.owner, object)?;
    }
    object
        .header()
        .and_then(|h| slot_fields(h, type_of(object)).get(b.index))
        .ok_or_else(|| type_error("no such field"))
}

fn get_slot(cx: &Context, d: &Ref, object: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    let Some(o) = object else {
        return Ok(d.clone());
    };
    let b = slot_body(d)?;
    if let Some(row) = native(b) {
        super::check_receiver(row.name, b.owner, o)?;
        return (row.get)(cx, o);
    }
    match field(b, o)?.get() {
        Some(v) => Ok(v),
        None => Err(skein_object::protocol::attribute::no_attribute(o, &b.name)),
    }
}

fn set_slot(cx: &Context, d: &Ref, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let b = slot_body(d)?;
    if let Some(row) = native(b) {
        super::check_receiver(row.name, b.owner, object)?;
        return match row.set {
            Some(f) => f(cx, object, value),
            None => Err(attribute_error_plain("readonly attribute")),
        };
    }
    let slot = field(b, object)?;
    let old = slot.set(object.holder(), value.cloned());
    if value.is_none() && old.is_none() {
        return Err(skein_object::protocol::attribute::no_attribute(object, &b.name));
    }
    Ok(())
}

fn repr_slot(_: &Context, d: &Ref) -> Result<Ref> {
    let b = slot_body(d)?;
    str::from_str(&format!(
        "<member '{}' of '{}' objects>",
        str::text(&b.name),
        b.owner.name()
    ))
}

fn parts(r: &Ref) -> Option<(String, &'static Type, &'static str)> {
    if let Some(b) = r.body::<GetSetBody>() {
        return Some((b.row.name.to_owned(), b.owner, b.row.doc));
    }
    let b = r.body::<SlotMemberBody>()?;
    Some((str::text(&b.name), b.owner, native(b).map_or("", |row| row.doc)))
}

fn name(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(intern::name(&parts(r).map_or(String::new(), |p| p.0)))
}

fn qualname(cx: &Context, r: &Ref) -> Result<Ref> {
    let Some((name, owner, _)) = parts(r) else {
        return Ok(s::none());
    };
    let q = crate::type_::attributes::qualname(cx, &owner.object())?;
    str::from_str(&format!("{}.{name}", str::text(&q)))
}

fn doc(_: &Context, r: &Ref) -> Result<Ref> {
    match parts(r) {
        Some((_, _, d)) if !d.is_empty() => str::from_str(d),
        _ => Ok(s::none()),
    }
}

fn objclass(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(parts(r).map_or_else(s::none, |p| p.1.object()))
}

static GETSET: &[GetSet] = &[
    getset("__name__", name),
    getset("__qualname__", qualname),
    getset("__doc__", doc),
    getset("__objclass__", objclass),
];

fn slots(t: &Slots) {
    t.descr_get.set(Some(get));
    t.descr_set.set(Some(set));
    t.repr.set(Some(repr));
}

fn member_slots(t: &Slots) {
    t.descr_get.set(Some(get_slot));
    t.descr_set.set(Some(set_slot));
    t.repr.set(Some(repr_slot));
}

static METHODS: &[skein_object::Row] = &[skein_object::row!("__reduce__(self, /)", reduce, "")];

fn reduce(cx: &Context, a: skein_object::Args<'_>) -> Result<Ref> {
    super::reduce_by_getattr(cx, &objclass(cx, a.at(0))?, &name(cx, a.at(0))?)
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        getset: GETSET,
        methods: METHODS,
        ..TypeDef::new(&GETSET_DESCRIPTOR)
    })?;
    ready_type(&TypeDef {
        slots: member_slots,
        getset: GETSET,
        methods: METHODS,
        ..TypeDef::new(&MEMBER_DESCRIPTOR)
    })
}
