//! `TypeAliasType`.

use super::evaluator::{Lazy, caller_module};
use skein_object::error::{Result, type_error};
use skein_object::intern::names;
use skein_object::layouts::{str, tuple};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{BinaryOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::{bind, body, class_of, import_attr};
use skein_types::startup::{GetSet, TypeDef, getset, member};
use skein_types::type_::{generic_alias, union};

pub struct AliasBody {
    name: Ref,
    /// Tuple.
    params: Ref,
    value: Lazy,
    module: Ref,
}
payload!(AliasBody, "typing.TypeAliasType", |this, v| {
    v.reference(&this.name);
    v.reference(&this.params);
    v.slot(&this.value.value);
    v.slot(&this.value.evaluate);
    v.reference(&this.module);
});

static ALIAS: Type = Type::declare(
    "typing.TypeAliasType",
    Some(&s::OBJECT),
    <AliasBody as Payload>::LAYOUT,
    flag::WEAKREFABLE,
);

static NEW: Row = row!("typealias(cls, name, value, *, type_params=())", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW, class, args, names)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if !str::is_str(a.at(1)) {
        return Err(type_error(format!(
            "typealias() argument 'name' must be str, not {}",
            a.at(1).ty().name()
        )));
    }
    let params = match a.opt(3) {
        None => s::empty_tuple(),
        Some(p) if tuple::items(p).is_some() => p.clone(),
        Some(_) => return Err(type_error("type_params must be a tuple")),
    };
    let mut default_seen = false;
    for p in tuple::items(&params).unwrap_or(&[]) {
        if p.body::<super::params::ParamBody>().is_none() {
            return Err(type_error(format!(
                "Expected a type param, got {}",
                skein_stdlib_support::repr_text(cx, p)?
            )));
        }
        let has = protocol::call_method(cx, p, &skein_object::intern::name("has_default"), &[])?;
        if protocol::is_true(cx, &has)? {
            default_seen = true;
        } else if default_seen {
            return Err(type_error(format!(
                "non-default type parameter '{}' follows default type parameter",
                skein_stdlib_support::repr_text(cx, p)?
            )));
        }
    }
    alloc(
        class_of(a.at(0))?,
        AliasBody {
            name: a.at(1).clone(),
            params,
            value: Lazy::new(Some(a.at(2).clone()), None),
            module: caller_module(cx),
        },
    )
}

/// Private: an alias of a `type` statement, whose value is evaluated when it is wanted.
fn from_evaluator(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let module = protocol::getattr_opt(cx, a.at(2), names::__module__())?;
    alloc(
        &ALIAS,
        AliasBody {
            name: a.at(0).clone(),
            params: a.at(1).clone(),
            value: Lazy::new(None, Some(a.at(2).clone())),
            module: module.unwrap_or_else(|| caller_module(cx)),
        },
    )
}

fn of(r: &Ref) -> Result<&AliasBody> {
    body::<AliasBody>(r)
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.name.clone())
}

fn or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    union::from_items(cx, &[a.clone(), b.clone()])
}

fn getitem(_: &Context, r: &Ref, key: &Ref) -> Result<Ref> {
    if tuple::items(&of(r)?.params).is_none_or(<[Ref]>::is_empty) {
        return Err(type_error("Only generic type aliases are subscriptable"));
    }
    generic_alias::make(r, key)
}

fn unpacked(cx: &Context, r: &Ref) -> Result<Ref> {
    let unpack = import_attr(cx, "typing", "Unpack")?;
    protocol::getitem(cx, &unpack, r)
}

fn iter(cx: &Context, r: &Ref) -> Result<Ref> {
    protocol::iter(cx, &tuple::new(vec![unpacked(cx, r)?])?)
}

fn name(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.name.clone())
}

fn type_params(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.params.clone())
}

/// As `type_params`, with type variable tuples unpacked.
fn parameters(cx: &Context, r: &Ref) -> Result<Ref> {
    let mut out = Vec::new();
    for p in tuple::items(&of(r)?.params).unwrap_or(&[]) {
        if p.is_exact(&super::params::TYPE_VAR_TUPLE) {
            out.push(unpacked(cx, p)?);
        } else {
            out.push(p.clone());
        }
    }
    tuple::new(out)
}

fn value(cx: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.value.get(cx, r)?.unwrap_or_else(s::none))
}

fn evaluate_value(_: &Context, r: &Ref) -> Result<Ref> {
    of(r)?.value.evaluator()
}

fn module(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.module.clone())
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    name(cx, a.at(0))
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.repr.set(Some(repr));
    t.getitem.set(Some(getitem));
    t.iter.set(Some(iter));
    t.binary[BinaryOp::Or as usize].set(Some(or));
}

static METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce, ""),
    row!(static "_from_evaluator(name, type_params, evaluate, /)", from_evaluator, ""),
];
static GETSET: &[GetSet] = &[
    member("__name__", name),
    getset("__parameters__", parameters),
    getset("__type_params__", type_params),
    getset("__value__", value),
    getset("evaluate_value", evaluate_value),
    getset("__module__", module),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    getset: GETSET,
    doc: "Type alias.\n\nType aliases are created through the type statement::\n\n    type Alias = int",
    ..TypeDef::new(&ALIAS)
};
