//! `types.GenericAlias`: `list[int]`.

use super::union;
use crate::startup::{GetSet, TypeDef, getset, member, ready_type};
use skein_object::error::{Result, type_error};
use skein_object::intern::{self, names};
use skein_object::native::Row;
use skein_object::object::{Payload, RefExt, alloc, type_of};
use skein_object::protocol::attribute::generic_getattr;
use skein_object::protocol::{self, call, call_kw, getattr_opt};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, ListBody, Ref, Slot, list, number, payload, row, str, tuple};

pub struct AliasBody {
    pub origin: Ref,
    /// Tuple.
    pub args: Ref,
    /// Tuple, made when it is asked for.
    parameters: Slot,
    pub starred: bool,
}
payload!(AliasBody, "GenericAlias", |this, v| {
    v.reference(&this.origin);
    v.reference(&this.args);
    v.slot(&this.parameters);
});

pub static GENERIC_ALIAS: Type = Type::declare(
    "types.GenericAlias",
    Some(&s::OBJECT),
    <AliasBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::WEAKREFABLE,
);

/// `__class_getitem__` of generic native classes.
pub fn class_getitem(_: &Context, a: Args<'_>) -> Result<Ref> {
    make(a.at(0), a.at(1))
}

/// `origin[args]`: anything but a tuple is the single argument.
///
/// # Errors
/// MemoryError.
pub fn make(origin: &Ref, args: &Ref) -> Result<Ref> {
    make_of(&GENERIC_ALIAS, origin, args, false)
}

fn make_of(ty: &'static Type, origin: &Ref, args: &Ref, starred: bool) -> Result<Ref> {
    let args = if tuple::items(args).is_some() {
        args.clone()
    } else {
        tuple::new(vec![args.clone()])?
    };
    alloc(
        ty,
        AliasBody {
            origin: origin.clone(),
            args,
            parameters: Slot::empty(),
            starred,
        },
    )
}

fn body(r: &Ref) -> Result<&AliasBody> {
    r.body::<AliasBody>().ok_or_else(|| type_error("not a GenericAlias"))
}

fn items(args: &Ref) -> &[Ref] {
    tuple::items(args).unwrap_or(&[])
}

fn attr(cx: &Context, r: &Ref, name: &str) -> Result<Option<Ref>> {
    getattr_opt(cx, r, &intern::name(name))
}

/// The type parameters in some arguments, each once.
///
/// # Errors
/// What attributes raise.
pub fn parameters_of(cx: &Context, args: &[Ref]) -> Result<Vec<Ref>> {
    let mut out: Vec<Ref> = Vec::new();
    let add = |p: &Ref, out: &mut Vec<Ref>| -> Result<()> {
        for o in out.iter() {
            if protocol::equal(cx, o, p)? {
                return Ok(());
            }
        }
        out.push(p.clone());
        Ok(())
    };
    for a in args {
        if Type::from_ref(a).is_some() {
            continue;
        }
        if getattr_opt(cx, a, names::__typing_subst__())?.is_some() {
            add(a, &mut out)?;
            continue;
        }
        let nested = if let Some(inner) = tuple::items(a) {
            parameters_of(cx, inner)?
        } else if let Some(l) = a.body::<ListBody>() {
            parameters_of(cx, &list::snapshot(l))?
        } else {
            match getattr_opt(cx, a, names::__parameters__())? {
                Some(p) => items(&p).to_vec(),
                None => Vec::new(),
            }
        };
        for p in &nested {
            add(p, &mut out)?;
        }
    }
    Ok(out)
}

fn index_of(params: &[Ref], p: &Ref) -> Option<usize> {
    params.iter().position(|x| x.is(p))
}

/// Replaces the parameters inside an argument that is itself generic.
fn substitute_nested(cx: &Context, object: &Ref, params: &[Ref], given: &[Ref]) -> Result<Ref> {
    let Some(sub) = getattr_opt(cx, object, names::__parameters__())? else {
        return Ok(object.clone());
    };
    let sub = items(&sub);
    if sub.is_empty() {
        return Ok(object.clone());
    }
    let mut args = Vec::new();
    for p in sub {
        match index_of(params, p) {
            Some(i) => {
                if p.ty().slots.iter.is_set() && tuple::items(&given[i]).is_some() {
                    args.extend_from_slice(items(&given[i]));
                } else {
                    args.push(given[i].clone());
                }
            }
            None => args.push(p.clone()),
        }
    }
    protocol::getitem(cx, object, &tuple::new(args)?)
}

/// Items with unpacked tuples flattened.
fn unpack(cx: &Context, item: &Ref) -> Result<Vec<Ref>> {
    let one = [item.clone()];
    let list = tuple::items(item).unwrap_or(&one);
    let mut out = Vec::with_capacity(list.len());
    for x in list {
        if Type::from_ref(x).is_none()
            && let Some(sub) = getattr_opt(cx, x, names::__typing_unpacked_tuple_args__())?
            && let Some(sub) = tuple::items(&sub)
            && !sub.last().is_some_and(|l| l.is(&s::ellipsis()))
        {
            out.extend_from_slice(sub);
            continue;
        }
        out.push(x.clone());
    }
    Ok(out)
}

/// The arguments with the parameters replaced by `item`.
///
/// # Errors
/// TypeError where they do not fit.
pub fn substitute(cx: &Context, alias: &Ref, args: &[Ref], params: &[Ref], item: &Ref) -> Result<Vec<Ref>> {
    let shown = |r: &Ref| protocol::repr(cx, r).map(|t| str::text(&t));
    if params.is_empty() {
        return Err(type_error(format!("{} is not a generic class", shown(alias)?)));
    }
    let mut given = unpack(cx, item)?;
    for p in params {
        if let Some(prepare) = getattr_opt(cx, p, names::__typing_prepare_subst__())?
            && !s::is_none(&prepare)
        {
            let r = call(cx, &prepare, &[alias.clone(), tuple::from_slice(&given)?])?;
            given = match tuple::items(&r) {
                Some(i) => i.to_vec(),
                None => vec![r],
            };
        }
    }
    if given.len() != params.len() {
        return Err(type_error(format!(
            "Too {} arguments for {}; actual {}, expected {}",
            if given.len() > params.len() { "many" } else { "few" },
            shown(alias)?,
            given.len(),
            params.len()
        )));
    }
    substitute_list(cx, args, params, &given)
}

fn substitute_list(cx: &Context, args: &[Ref], params: &[Ref], given: &[Ref]) -> Result<Vec<Ref>> {
    let mut out = Vec::with_capacity(args.len());
    for a in args {
        if Type::from_ref(a).is_some() {
            out.push(a.clone());
            continue;
        }
        if let Some(inner) = tuple::items(a) {
            out.push(tuple::new(substitute_list(cx, inner, params, given)?)?);
            continue;
        }
        if let Some(l) = a.body::<ListBody>() {
            out.push(list::new(substitute_list(cx, &list::snapshot(l), params, given)?)?);
            continue;
        }
        let unpacked = match attr(cx, a, "__typing_is_unpacked_typevartuple__")? {
            Some(v) => protocol::is_true(cx, &v)?,
            None => false,
        };
        let new = match getattr_opt(cx, a, names::__typing_subst__())? {
            Some(subst) => match index_of(params, a) {
                Some(i) => call(cx, &subst, std::slice::from_ref(&given[i]))?,
                None => a.clone(),
            },
            None => substitute_nested(cx, a, params, given)?,
        };
        match tuple::items(&new) {
            Some(many) if unpacked => out.extend_from_slice(many),
            _ => out.push(new),
        }
    }
    Ok(out)
}

/// How a type shows inside brackets.
///
/// # Errors
/// What attributes raise.
pub fn item_repr(cx: &Context, r: &Ref) -> Result<String> {
    cx.check_stack()?;
    if r.is(&s::ellipsis()) {
        return Ok("...".to_owned());
    }
    let plain = |r: &Ref| protocol::repr(cx, r).map(|t| str::text(&t));
    if Type::from_ref(r).is_none() {
        if let Some(l) = r.body::<ListBody>() {
            let parts: Result<Vec<String>> = list::snapshot(l).iter().map(|i| item_repr(cx, i)).collect();
            return Ok(format!("[{}]", parts?.join(", ")));
        }
        if getattr_opt(cx, r, names::__origin__())?.is_some() && getattr_opt(cx, r, names::__args__())?.is_some() {
            return plain(r);
        }
    }
    let Some(q) = getattr_opt(cx, r, names::__qualname__())? else {
        return plain(r);
    };
    match getattr_opt(cx, r, names::__module__())? {
        Some(m) if !s::is_none(&m) => {
            let (m, q) = (str::text(&m), str::text(&q));
            Ok(if m == "builtins" { q } else { format!("{m}.{q}") })
        }
        _ => plain(r),
    }
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let origin = item_repr(cx, &b.origin)?;
    let parts: Result<Vec<String>> = items(&b.args).iter().map(|i| item_repr(cx, i)).collect();
    let parts = parts?;
    let inner = if parts.is_empty() {
        "()".to_owned()
    } else {
        parts.join(", ")
    };
    let star = if b.starred { "*" } else { "" };
    str::from_str(&format!("{star}{origin}[{inner}]"))
}

fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    let b = body(r)?;
    let h = protocol::hash(cx, &b.origin)? ^ protocol::hash(cx, &b.args)?;
    Ok(if h == -1 { -2 } else { h })
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<AliasBody>(), b.body::<AliasBody>()) else {
        return Ok(s::not_implemented());
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(s::not_implemented());
    }
    let same =
        x.starred == y.starred && protocol::equal(cx, &x.origin, &y.origin)? && protocol::equal(cx, &x.args, &y.args)?;
    Ok(number::bool(same == (op == CompareOp::Eq)))
}

fn call_alias(cx: &Context, r: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    let object = call_kw(cx, &body(r)?.origin, args, kw)?;
    match protocol::setattr(cx, &object, &intern::name("__orig_class__"), r) {
        Err(e) if e.is(&s::ATTRIBUTE_ERROR) || e.is(&s::TYPE_ERROR) => {}
        other => other?,
    }
    Ok(object)
}

fn getattr(cx: &Context, r: &Ref, name: &Ref) -> Result<Ref> {
    let own = [
        "__class__",
        "__origin__",
        "__args__",
        "__unpacked__",
        "__parameters__",
        "__typing_unpacked_tuple_args__",
        "__mro_entries__",
        "__reduce_ex__",
        "__reduce__",
    ];
    let text = str::text(name);
    if str::is_str(name)
        && !own.contains(&text.as_str())
        && !["__bases__", "__copy__", "__deepcopy__"].contains(&text.as_str())
    {
        return protocol::getattr(cx, &body(r)?.origin, name);
    }
    generic_getattr(cx, r, name)
}

fn getitem(cx: &Context, r: &Ref, item: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let params = parameters(cx, r)?;
    let args = substitute(cx, r, items(&b.args), items(&params), item)?;
    make_of(type_of(r), &b.origin, &tuple::new(args)?, b.starred)
}

fn iter(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let starred = make_of(&GENERIC_ALIAS, &b.origin, &b.args, true)?;
    protocol::iter(cx, &tuple::new(vec![starred])?)
}

static NEW: Row = row!("GenericAlias(cls, origin, args, /)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    let mut all = vec![class.clone()];
    all.extend_from_slice(args);
    skein_object::native::call(cx, &NEW, &all, kw)
}

fn new_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    make_of(super::attributes::class(a.at(0))?, a.at(1), a.at(2), false)
}

fn mro_entries(_: &Context, a: Args<'_>) -> Result<Ref> {
    tuple::new(vec![body(a.at(0))?.origin.clone()])
}

fn instancecheck(_: &Context, _: Args<'_>) -> Result<Ref> {
    Err(type_error("isinstance() argument 2 cannot be a parameterized generic"))
}

fn subclasscheck(_: &Context, _: Args<'_>) -> Result<Ref> {
    Err(type_error("issubclass() argument 2 cannot be a parameterized generic"))
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    if b.starred {
        let plain = make(&b.origin, &b.args)?;
        let next = protocol::getattr(cx, &crate::builtins::module()?, &intern::name("next"))?;
        let it = protocol::iter(cx, &plain)?;
        return tuple::new(vec![next, tuple::new(vec![it])?]);
    }
    tuple::new(vec![
        GENERIC_ALIAS.object(),
        tuple::new(vec![b.origin.clone(), b.args.clone()])?,
    ])
}

fn dir(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let origin = &body(a.at(0))?.origin;
    let f = protocol::getattr(cx, &crate::builtins::module()?, &intern::name("dir"))?;
    let l = call(cx, &f, std::slice::from_ref(origin))?;
    let mut found = protocol::collect(cx, &l)?;
    for n in [
        "__origin__",
        "__args__",
        "__unpacked__",
        "__parameters__",
        "__typing_unpacked_tuple_args__",
        "__mro_entries__",
        "__reduce_ex__",
        "__reduce__",
    ] {
        if !found.iter().any(|f| str::text(f) == n) {
            found.push(intern::name(n));
        }
    }
    list::new(found)
}

fn origin(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.origin.clone())
}
fn args(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.args.clone())
}
fn unpacked(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(number::bool(body(r)?.starred))
}
fn parameters(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    if let Some(p) = b.parameters.get() {
        return Ok(p);
    }
    let p = tuple::new(parameters_of(cx, items(&b.args))?)?;
    drop(b.parameters.set(r.holder(), Some(p.clone())));
    Ok(p)
}
fn unpacked_args(_: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    Ok(if b.starred && b.origin.is(&s::TUPLE.object()) {
        b.args.clone()
    } else {
        s::none()
    })
}

static METHODS: &[Row] = &[
    row!("__mro_entries__(self, bases, /)", mro_entries, ""),
    row!("__instancecheck__(self, instance, /)", instancecheck, ""),
    row!("__subclasscheck__(self, subclass, /)", subclasscheck, ""),
    row!("__reduce__(self, /)", reduce, ""),
    row!("__dir__(self, /)", dir, ""),
];

static GETSET: &[GetSet] = &[
    member("__origin__", origin),
    member("__args__", args),
    member("__unpacked__", unpacked),
    getset("__parameters__", parameters).doc("Type variables in the GenericAlias."),
    getset("__typing_unpacked_tuple_args__", unpacked_args),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.repr.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
    t.call.set(Some(call_alias));
    t.getattr.set(Some(getattr));
    t.getitem.set(Some(getitem));
    t.iter.set(Some(iter));
    t.binary[BinaryOp::Or as usize].set(Some(union::or));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "GenericAlias(origin, args, /)\n--\n\nRepresent a PEP 585 generic type\n\nE.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).",
        ..TypeDef::new(&GENERIC_ALIAS)
    })
}
