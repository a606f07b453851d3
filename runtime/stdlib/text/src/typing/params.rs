//! `TypeVar`, `ParamSpec`, `TypeVarTuple`: one body, three types.

use super::evaluator::{Lazy, caller_module, is_no_default, no_default};
use super::param_spec;
use super::substitution as sub;
use skein_object::error::{Result, type_error, value_error};
use skein_object::intern;
use skein_object::layouts::{number, str, tuple};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{BinaryOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::{bind, body, class_of, flag as truth, import_attr};
use skein_types::startup::{GetSet, TypeDef, getset, member};

pub struct ParamBody {
    pub name: Ref,
    pub bound: Lazy,
    pub constraints: Lazy,
    pub default: Lazy,
    covariant: bool,
    contravariant: bool,
    infer: bool,
}
payload!(ParamBody, "typing.TypeVar", |this, v| {
    v.reference(&this.name);
    for lazy in [&this.bound, &this.constraints, &this.default] {
        v.slot(&lazy.value);
        v.slot(&lazy.evaluate);
    }
});

const FLAGS: u32 = flag::HAS_DICT | flag::WEAKREFABLE;
pub static TYPE_VAR: Type = Type::declare(
    "typing.TypeVar",
    Some(&s::OBJECT),
    <ParamBody as Payload>::LAYOUT,
    FLAGS,
);
pub static PARAM_SPEC: Type = Type::declare(
    "typing.ParamSpec",
    Some(&s::OBJECT),
    <ParamBody as Payload>::LAYOUT,
    FLAGS,
);
pub static TYPE_VAR_TUPLE: Type = Type::declare(
    "typing.TypeVarTuple",
    Some(&s::OBJECT),
    <ParamBody as Payload>::LAYOUT,
    FLAGS,
);

pub fn of(r: &Ref) -> Result<&ParamBody> {
    body::<ParamBody>(r)
}

static NEW_TYPE_VAR: Row = row!(
    "typevar(cls, name, *constraints, bound=None, default=NoDefault, covariant=False, contravariant=False, infer_variance=False, _evaluate_bound=None, _evaluate_constraints=None)",
    new_type_var_row,
    ""
);
static NEW_PARAM_SPEC: Row = row!(
    "paramspec(cls, name, *, bound=None, default=NoDefault, covariant=False, contravariant=False, infer_variance=False)",
    new_param_spec_row,
    ""
);
static NEW_TYPE_VAR_TUPLE: Row = row!(
    "typevartuple(cls, name, *, default=NoDefault)",
    new_type_var_tuple_row,
    ""
);

fn new_type_var(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW_TYPE_VAR, class, args, names)
}

fn new_param_spec(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW_PARAM_SPEC, class, args, names)
}

fn new_type_var_tuple(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW_TYPE_VAR_TUPLE, class, args, names)
}

fn name_of(r: &Ref, what: &str) -> Result<Ref> {
    if str::is_str(r) {
        return Ok(r.clone());
    }
    Err(type_error(format!(
        "{what}() argument 'name' must be str, not {}",
        r.ty().name()
    )))
}

/// Sets `__module__` of a new parameter.
fn placed(cx: &Context, r: Ref) -> Result<Ref> {
    let module = caller_module(cx);
    if !s::is_none(&module) {
        protocol::setattr(cx, &r, intern::names::__module__(), &module)?;
    }
    Ok(r)
}

fn variance(cx: &Context, a: Args<'_>, first: usize) -> Result<(bool, bool, bool)> {
    let co = truth(cx, a.opt(first), false)?;
    let contra = truth(cx, a.opt(first + 1), false)?;
    let infer = truth(cx, a.opt(first + 2), false)?;
    if co && contra {
        return Err(value_error("Bivariant types are not supported."));
    }
    if infer && (co || contra) {
        return Err(value_error("Variance cannot be specified with infer_variance."));
    }
    Ok((co, contra, infer))
}

/// A bound as given: None stays, strings become forward references.
fn checked_bound(cx: &Context, r: Option<&Ref>) -> Result<Option<Ref>> {
    let Some(r) = r else { return Ok(None) };
    let check = import_attr(cx, "typing", "_type_check")?;
    let message = str::from_str("Bound must be a type.")?;
    protocol::call(cx, &check, &[r.clone(), message]).map(Some)
}

fn new_type_var_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    // Positional: class, name; keyword-only: bound, default, covariant, contravariant, infer, two evaluators; then the rest.
    let name = name_of(a.at(1), "typevar")?;
    let (covariant, contravariant, infer) = variance(cx, a, 4)?;
    let constraints = a.rest(9);
    let bound = checked_bound(cx, a.opt_not_none(2))?;
    if constraints.len() == 1 {
        return Err(type_error("A single constraint is not allowed"));
    }
    if !constraints.is_empty() && bound.is_some() {
        return Err(type_error("Constraints cannot be combined with bound=..."));
    }
    let constraints = match constraints {
        [] => None,
        items => {
            let check = import_attr(cx, "typing", "_type_check")?;
            let message = str::from_str("TypeVar(name, constraint, ...): constraints must be types.")?;
            let checked: Result<Vec<Ref>> = items
                .iter()
                .map(|c| protocol::call(cx, &check, &[c.clone(), message.clone()]))
                .collect();
            Some(tuple::new(checked?)?)
        }
    };
    let r = alloc(
        class_of(a.at(0))?,
        ParamBody {
            name,
            bound: Lazy::new(bound, a.opt_not_none(7).cloned()),
            constraints: Lazy::new(constraints, a.opt_not_none(8).cloned()),
            default: Lazy::new(a.opt(3).cloned(), None),
            covariant,
            contravariant,
            infer,
        },
    )?;
    placed(cx, r)
}

fn new_param_spec_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let name = name_of(a.at(1), "paramspec")?;
    let (covariant, contravariant, infer) = variance(cx, a, 4)?;
    let bound = checked_bound(cx, a.opt_not_none(2))?;
    let r = alloc(
        class_of(a.at(0))?,
        ParamBody {
            name,
            bound: Lazy::new(bound, None),
            constraints: Lazy::new(None, None),
            default: Lazy::new(a.opt(3).cloned(), None),
            covariant,
            contravariant,
            infer,
        },
    )?;
    placed(cx, r)
}

fn new_type_var_tuple_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = alloc(
        class_of(a.at(0))?,
        ParamBody {
            name: name_of(a.at(1), "typevartuple")?,
            bound: Lazy::new(None, None),
            constraints: Lazy::new(None, None),
            default: Lazy::new(a.opt(2).cloned(), None),
            covariant: false,
            contravariant: false,
            infer: true,
        },
    )?;
    placed(cx, r)
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    let b = of(r)?;
    let sign = if b.infer {
        ""
    } else if b.covariant {
        "+"
    } else if b.contravariant {
        "-"
    } else {
        "~"
    };
    str::from_str(&format!("{sign}{}", str::text(&b.name)))
}

fn or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    skein_types::type_::union::from_items(cx, &[a.clone(), b.clone()])
}

fn iter_tuple(cx: &Context, r: &Ref) -> Result<Ref> {
    let unpack = import_attr(cx, "typing", "Unpack")?;
    let one = protocol::getitem(cx, &unpack, r)?;
    protocol::iter(cx, &tuple::new(vec![one])?)
}

fn name(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.name.clone())
}

fn bound(cx: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.bound.get(cx, r)?.unwrap_or_else(s::none))
}

fn constraints(cx: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.constraints.get(cx, r)?.unwrap_or_else(s::empty_tuple))
}

pub fn default(cx: &Context, r: &Ref) -> Result<Ref> {
    match of(r)?.default.get(cx, r)? {
        Some(v) => Ok(v),
        None => no_default(),
    }
}

fn covariant(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(number::bool(of(r)?.covariant))
}

fn contravariant(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(number::bool(of(r)?.contravariant))
}

fn infer(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(number::bool(of(r)?.infer))
}

fn evaluate_bound(_: &Context, r: &Ref) -> Result<Ref> {
    of(r)?.bound.evaluator()
}

fn evaluate_constraints(_: &Context, r: &Ref) -> Result<Ref> {
    of(r)?.constraints.evaluator()
}

fn evaluate_default(_: &Context, r: &Ref) -> Result<Ref> {
    of(r)?.default.evaluator()
}

fn has_default(_: &Context, a: Args<'_>) -> Result<Ref> {
    let d = &of(a.at(0))?.default;
    let given = d.value.get().is_some_and(|v| !is_no_default(&v));
    Ok(number::bool(!d.evaluate.is_null() || given))
}

/// Private: how the interpreter gives a default that is evaluated when it is wanted.
fn set_default_evaluator(_: &Context, a: Args<'_>) -> Result<Ref> {
    let d = &of(a.at(0))?.default;
    let h = a.at(0).holder();
    drop(d.value.set(h, None));
    drop(d.evaluate.set(h, Some(a.at(1).clone())));
    Ok(s::none())
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    name(cx, a.at(0))
}

fn mro_entries(_: &Context, a: Args<'_>) -> Result<Ref> {
    Err(type_error(format!(
        "Cannot subclass an instance of {}",
        a.at(0).ty().short_name()
    )))
}

fn args(_: &Context, r: &Ref) -> Result<Ref> {
    param_spec::args_of(r)
}

fn kwargs(_: &Context, r: &Ref) -> Result<Ref> {
    param_spec::kwargs_of(r)
}

fn common(t: &Slots) {
    t.repr.set(Some(repr));
    t.binary[BinaryOp::Or as usize].set(Some(or));
}

fn type_var_slots(t: &Slots) {
    common(t);
    t.new.set(Some(new_type_var));
}

fn param_spec_slots(t: &Slots) {
    common(t);
    t.new.set(Some(new_param_spec));
}

fn type_var_tuple_slots(t: &Slots) {
    t.repr.set(Some(repr));
    t.new.set(Some(new_type_var_tuple));
    t.iter.set(Some(iter_tuple));
}

macro_rules! methods {
    ($subst:path, $prepare:path) => {
        &[
            row!("__typing_subst__(self, arg, /)", $subst, ""),
            row!("__typing_prepare_subst__(self, alias, args, /)", $prepare, ""),
            row!("__reduce__(self, /)", reduce, ""),
            row!("__mro_entries__(self, bases, /)", mro_entries, ""),
            row!("has_default(self, /)", has_default, ""),
            row!("_set_default_evaluator(self, evaluate, /)", set_default_evaluator, ""),
        ]
    };
}

static VAR_METHODS: &[Row] = methods!(sub::type_var, sub::prepare_type_var);
static SPEC_METHODS: &[Row] = methods!(sub::param_spec, sub::prepare_param_spec);
static TUPLE_METHODS: &[Row] = methods!(sub::type_var_tuple, sub::prepare_type_var_tuple);

static VAR_GETSET: &[GetSet] = &[
    member("__name__", name),
    member("__covariant__", covariant),
    member("__contravariant__", contravariant),
    member("__infer_variance__", infer),
    getset("__bound__", bound),
    getset("__constraints__", constraints),
    getset("__default__", default),
    getset("evaluate_bound", evaluate_bound),
    getset("evaluate_constraints", evaluate_constraints),
    getset("evaluate_default", evaluate_default),
];
static SPEC_GETSET: &[GetSet] = &[
    member("__name__", name),
    member("__bound__", bound),
    member("__covariant__", covariant),
    member("__contravariant__", contravariant),
    member("__infer_variance__", infer),
    getset("args", args).doc("Represents positional arguments."),
    getset("kwargs", kwargs).doc("Represents keyword arguments."),
    getset("__default__", default),
    getset("evaluate_default", evaluate_default),
];
static TUPLE_GETSET: &[GetSet] = &[
    member("__name__", name),
    getset("__default__", default),
    getset("evaluate_default", evaluate_default),
];

pub static TYPE_VAR_DEF: TypeDef = TypeDef {
    slots: type_var_slots,
    methods: VAR_METHODS,
    getset: VAR_GETSET,
    doc: "Type variable.\n\nThe preferred way to construct a type variable is via the dedicated\nsyntax for generic functions, classes, and type aliases.",
    ..TypeDef::new(&TYPE_VAR)
};
pub static PARAM_SPEC_DEF: TypeDef = TypeDef {
    slots: param_spec_slots,
    methods: SPEC_METHODS,
    getset: SPEC_GETSET,
    doc: "Parameter specification variable.",
    ..TypeDef::new(&PARAM_SPEC)
};
pub static TYPE_VAR_TUPLE_DEF: TypeDef = TypeDef {
    slots: type_var_tuple_slots,
    methods: TUPLE_METHODS,
    getset: TUPLE_GETSET,
    doc: "Type variable tuple. A specialized form of type variable that enables\nvariadic generics.",
    ..TypeDef::new(&TYPE_VAR_TUPLE)
};
