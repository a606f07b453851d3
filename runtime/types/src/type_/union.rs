//! `typing.Union`: `int | str`.

use super::generic_alias::{self, GENERIC_ALIAS};
use crate::object::import_attr;
use crate::startup::{GetSet, TypeDef, getset, member, ready_type};
use skein_object::error::{Result, type_error};
use skein_object::intern;
use skein_object::native::Row;
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol::{self, call};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Slot, number, payload, row, str, tuple};

pub struct UnionBody {
    /// Tuple of members, each once.
    pub args: Ref,
    parameters: Slot,
}
payload!(UnionBody, "Union", |this, v| {
    v.reference(&this.args);
    v.slot(&this.parameters);
});

pub static UNION: Type = Type::declare(
    "typing.Union",
    Some(&s::OBJECT),
    <UnionBody as Payload>::LAYOUT,
    flag::WEAKREFABLE,
);

fn body(r: &Ref) -> Result<&UnionBody> {
    r.body::<UnionBody>().ok_or_else(|| type_error("not a Union"))
}

/// The members of a union.
pub fn members(r: &Ref) -> Option<&[Ref]> {
    r.body::<UnionBody>().and_then(|b| tuple::items(&b.args))
}

fn unionable(r: &Ref) -> bool {
    s::is_none(r)
        || Type::from_ref(r).is_some()
        || r.is_instance(&GENERIC_ALIAS)
        || r.is_exact(&UNION)
        || r.ty().name() == "typing.TypeAliasType"
}

/// `a | b` of types.
pub fn or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if !unionable(a) || !unionable(b) {
        return Ok(s::not_implemented());
    }
    from_items(cx, &[a.clone(), b.clone()])
}

/// The union of some types: nested unions are flattened, None becomes its type, a single member stands for itself.
///
/// # Errors
/// What comparisons of the members raise.
pub fn from_items(cx: &Context, list: &[Ref]) -> Result<Ref> {
    let mut out: Vec<Ref> = Vec::new();
    let mut work: Vec<Ref> = Vec::new();
    for i in list {
        match members(i) {
            Some(m) => work.extend_from_slice(m),
            None if s::is_none(i) => work.push(s::NONE_TYPE.object()),
            None => work.push(i.clone()),
        }
    }
    'next: for w in work {
        for o in &out {
            if protocol::equal(cx, o, &w)? {
                continue 'next;
            }
        }
        out.push(w);
    }
    if out.len() == 1 {
        return Ok(out.swap_remove(0));
    }
    alloc(
        &UNION,
        UnionBody {
            args: tuple::new(out)?,
            parameters: Slot::empty(),
        },
    )
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let parts: Result<Vec<String>> = members(r)
        .unwrap_or(&[])
        .iter()
        .map(|i| {
            if i.is(&s::NONE_TYPE.object()) {
                Ok("None".to_owned())
            } else {
                generic_alias::item_repr(cx, i)
            }
        })
        .collect();
    str::from_str(&parts?.join(" | "))
}

fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    let mut h: i64 = 0x5bd1_e995;
    for m in members(r).unwrap_or(&[]) {
        let one = protocol::hash(cx, m)?;
        h = h.wrapping_add((one ^ one.rotate_left(17)).wrapping_mul(0x9e37_79b9));
    }
    Ok(if h == -1 { -2 } else { h })
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (members(a), members(b)) else {
        return Ok(s::not_implemented());
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(s::not_implemented());
    }
    let mut same = x.len() == y.len();
    for i in x {
        let mut found = false;
        for j in y {
            if protocol::equal(cx, i, j)? {
                found = true;
                break;
            }
        }
        same &= found;
    }
    Ok(number::bool(same == (op == CompareOp::Eq)))
}

fn parameters(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    if let Some(p) = b.parameters.get() {
        return Ok(p);
    }
    let p = tuple::new(generic_alias::parameters_of(cx, members(r).unwrap_or(&[]))?)?;
    drop(b.parameters.set(r.holder(), Some(p.clone())));
    Ok(p)
}

fn getitem(cx: &Context, r: &Ref, item: &Ref) -> Result<Ref> {
    let params = parameters(cx, r)?;
    let args = generic_alias::substitute(
        cx,
        r,
        members(r).unwrap_or(&[]),
        tuple::items(&params).unwrap_or(&[]),
        item,
    )?;
    from_items(cx, &args)
}

fn class_getitem(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let item = a.at(1);
    let one = [item.clone()];
    let list = tuple::items(item).unwrap_or(&one);
    if list.is_empty() {
        return Err(type_error("Cannot take a Union of no types."));
    }
    let mut checked = Vec::with_capacity(list.len());
    let mut check = None;
    for i in list {
        if unionable(i) {
            checked.push(i.clone());
            continue;
        }
        let f = match &check {
            Some(f) => f,
            None => check.insert(import_attr(cx, "typing", "_type_check")?),
        };
        let message = str::from_str("Union[arg, ...]: each arg must be a type.")?;
        checked.push(call(cx, f, &[i.clone(), message])?);
    }
    from_items(cx, &checked)
}

fn instancecheck(cx: &Context, a: Args<'_>) -> Result<Ref> {
    for m in members(a.at(0)).unwrap_or(&[]) {
        if protocol::compare::is_instance(cx, a.at(1), m)? {
            return Ok(s::true_());
        }
    }
    Ok(s::false_())
}

fn subclasscheck(cx: &Context, a: Args<'_>) -> Result<Ref> {
    for m in members(a.at(0)).unwrap_or(&[]) {
        if protocol::compare::is_subclass(cx, a.at(1), m)? {
            return Ok(s::true_());
        }
    }
    Ok(s::false_())
}

fn mro_entries(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Err(type_error(format!(
        "Cannot subclass {}",
        str::text(&protocol::repr(cx, a.at(0))?)
    )))
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let f = import_attr(cx, "operator", "getitem")?;
    let args = body(a.at(0))?.args.clone();
    tuple::new(vec![f, tuple::new(vec![UNION.object(), args])?])
}

fn args(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.args.clone())
}
fn name(_: &Context, _: &Ref) -> Result<Ref> {
    Ok(intern::name("Union"))
}
fn origin(_: &Context, _: &Ref) -> Result<Ref> {
    Ok(UNION.object())
}

static METHODS: &[Row] = &[
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
    row!("__mro_entries__(self, bases, /)", mro_entries, ""),
    row!("__instancecheck__(self, instance, /)", instancecheck, ""),
    row!("__subclasscheck__(self, subclass, /)", subclasscheck, ""),
    row!("__reduce__(self, /)", reduce, ""),
];

static GETSET: &[GetSet] = &[
    member("__args__", args),
    getset("__name__", name).doc("Name of the type"),
    getset("__qualname__", name).doc("Qualified name of the type"),
    getset("__origin__", origin).doc("Always returns the type"),
    getset("__parameters__", parameters).doc("Type variables in the types.UnionType."),
];

fn slots(t: &Slots) {
    t.repr.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
    t.getitem.set(Some(getitem));
    // With type variables it has an item for every index: as a sequence it would never end.
    t.iter.set(Some(|_, r| {
        Err(type_error(format!("'{}' object is not iterable", r.ty().name())))
    }));
    t.binary[BinaryOp::Or as usize].set(Some(or));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "Represent a union type\n\nE.g. for int | str",
        hide: &["__iter__"],
        ..TypeDef::new(&UNION)
    })
}
