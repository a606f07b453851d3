//! `mappingproxy`: a read-only view of a mapping, or of the dict of a class.

use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, key_error, type_error};
use skein_object::intern;
use skein_object::layouts::dict::ObjectEq;
use skein_object::native::Row;
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol::{self, call_method};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::statics as s;
use skein_object::types::Type;
use skein_object::{Args, Context, DictBody, Ref, payload, row, str};

/// The mapping; a type stands for its dict.
pub struct ProxyBody(pub Ref);
payload!(ProxyBody, "mappingproxy", |this, v| { v.reference(&this.0) });

pub static MAPPING_PROXY: Type = Type::declare(
    "mappingproxy",
    Some(&s::OBJECT),
    <ProxyBody as Payload>::LAYOUT,
    skein_object::types::flag::MAPPING,
);

/// `type.__dict__`.
pub fn of_type(ty: &'static Type) -> Result<Ref> {
    alloc(&MAPPING_PROXY, ProxyBody(ty.object()))
}

pub fn of_mapping(mapping: Ref) -> Result<Ref> {
    alloc(&MAPPING_PROXY, ProxyBody(mapping))
}

fn target(r: &Ref) -> Result<&Ref> {
    r.body::<ProxyBody>()
        .map(|b| &b.0)
        .ok_or_else(|| type_error("not a mappingproxy"))
}

/// A dict with the entries of a type's dict.
pub fn type_dict(ty: &'static Type) -> Result<Ref> {
    alloc(&s::DICT, DictBody(ty.dict.copy(ty.header())?))
}

/// The mapping itself, or a copy of a type's dict.
fn mapping(r: &Ref) -> Result<Ref> {
    let m = target(r)?;
    match Type::from_ref(m) {
        Some(t) => type_dict(t),
        None => Ok(m.clone()),
    }
}

fn new(cx: &Context, _class: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    static NEW: Row = row!("mappingproxy(mapping)", new_row, "");
    skein_object::native::call(cx, &NEW, args, kw)
}

fn new_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    let m = a.at(0);
    let slots = &m.ty().slots;
    if !slots.getitem.is_set() || Type::from_ref(m).is_some() || m.is_instance(&s::LIST) || m.is_instance(&s::TUPLE) {
        return Err(type_error(format!(
            "mappingproxy() argument must be a mapping, not {}",
            m.ty().name()
        )));
    }
    of_mapping(m.clone())
}

fn getitem(cx: &Context, p: &Ref, key: &Ref) -> Result<Ref> {
    let m = target(p)?;
    match Type::from_ref(m) {
        Some(t) => {
            let hash = protocol::compare::table_hash(cx, key)?;
            match t.dict.get(t.header(), hash, key, &mut ObjectEq(cx))? {
                Some(v) => Ok(v),
                None => Err(key_error(key)),
            }
        }
        None => protocol::getitem(cx, m, key),
    }
}

fn len(cx: &Context, p: &Ref) -> Result<usize> {
    let m = target(p)?;
    match Type::from_ref(m) {
        Some(t) => Ok(t.dict.len()),
        None => protocol::len(cx, m),
    }
}

fn contains(cx: &Context, p: &Ref, key: &Ref) -> Result<bool> {
    let m = target(p)?;
    match Type::from_ref(m) {
        Some(t) => {
            let hash = protocol::compare::table_hash(cx, key)?;
            Ok(t.dict.get(t.header(), hash, key, &mut ObjectEq(cx))?.is_some())
        }
        None => protocol::contains(cx, m, key),
    }
}

fn iter(cx: &Context, p: &Ref) -> Result<Ref> {
    protocol::iter(cx, &mapping(p)?)
}

fn repr(cx: &Context, p: &Ref) -> Result<Ref> {
    let r = protocol::repr(cx, &mapping(p)?)?;
    str::from_str(&format!("mappingproxy({})", str::text(&r)))
}

fn str_(cx: &Context, p: &Ref) -> Result<Ref> {
    protocol::str_of(cx, &mapping(p)?)
}

fn hash(cx: &Context, p: &Ref) -> Result<i64> {
    protocol::hash(cx, &mapping(p)?)
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let b = if b.body::<ProxyBody>().is_some() {
        mapping(b)?
    } else {
        b.clone()
    };
    protocol::rich_compare(cx, &mapping(a)?, &b, op)
}

fn or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let side = |r: &Ref| {
        if r.body::<ProxyBody>().is_some() {
            mapping(r)
        } else {
            Ok(r.clone())
        }
    };
    protocol::number::binary(cx, BinaryOp::Or, &side(a)?, &side(b)?)
}

fn ior(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    Err(type_error(format!(
        "'|=' is not supported by {}; use '|' instead",
        if a.body::<ProxyBody>().is_some() { a } else { b }.ty().name()
    )))
}

fn method(cx: &Context, a: Args<'_>, name: &str) -> Result<Ref> {
    call_method(cx, &mapping(a.at(0))?, &intern::name(name), &[])
}

fn keys(cx: &Context, a: Args<'_>) -> Result<Ref> {
    method(cx, a, "keys")
}
fn values(cx: &Context, a: Args<'_>) -> Result<Ref> {
    method(cx, a, "values")
}
fn items(cx: &Context, a: Args<'_>) -> Result<Ref> {
    method(cx, a, "items")
}
fn copy(cx: &Context, a: Args<'_>) -> Result<Ref> {
    method(cx, a, "copy")
}
fn reversed(cx: &Context, a: Args<'_>) -> Result<Ref> {
    method(cx, a, "__reversed__")
}

fn get(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let m = target(a.at(0))?;
    let default = a.opt(2).cloned().unwrap_or_else(s::none);
    if Type::from_ref(m).is_some() {
        return match getitem(cx, a.at(0), a.at(1)) {
            Err(e) if e.is(&s::KEY_ERROR) => Ok(default),
            r => r,
        };
    }
    call_method(cx, m, &intern::name("get"), &[a.at(1).clone(), default])
}

static METHODS: &[Row] = &[
    row!(
        "get(self, key, default=None, /)",
        get,
        "Return the value for key if key is in the mapping, else default."
    ),
    row!("keys(self, /)", keys, "a set-like object providing a view on D's keys"),
    row!("values(self, /)", values, "an object providing a view on D's values"),
    row!(
        "items(self, /)",
        items,
        "a set-like object providing a view on D's items"
    ),
    row!("copy(self, /)", copy, "a shallow copy of D"),
    row!(
        "__reversed__(self, /)",
        reversed,
        "Return a reverse iterator over the dict keys."
    ),
    row!(class "__class_getitem__(cls, object, /)", crate::type_::generic_alias::class_getitem, "See PEP 585"),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.getitem.set(Some(getitem));
    t.len.set(Some(len));
    t.contains.set(Some(contains));
    t.iter.set(Some(iter));
    t.repr.set(Some(repr));
    t.str.set(Some(str_));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
    t.binary[BinaryOp::Or as usize].set(Some(or));
    t.inplace[BinaryOp::Or as usize].set(Some(ior));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        doc: "mappingproxy(mapping)\n--\n\nRead-only proxy of a mapping.",
        ..TypeDef::new(&MAPPING_PROXY)
    })
}
