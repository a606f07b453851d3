//! Methods of classes.

use super::attributes::class;
use crate::object::merge_class;
use skein_object::error::Result;
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::protocol::compare;
use skein_object::slots::BinaryOp;
use skein_object::types::c3;
use skein_object::{Args, Context, Ref, dict, list, row};

fn mro(_: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = class(a.at(0))?;
    let mro = if ty.bases().is_empty() {
        vec![ty]
    } else {
        c3(ty, ty.bases())?
    };
    list::new(mro.iter().map(|t| t.object()).collect())
}

fn subclasses(_: &Context, a: Args<'_>) -> Result<Ref> {
    list::new(class(a.at(0))?.subclasses().iter().map(|t| t.object()).collect())
}

fn prepare(_: &Context, _: Args<'_>) -> Result<Ref> {
    dict::new()
}

fn instancecheck(cx: &Context, a: Args<'_>) -> Result<Ref> {
    compare::object_is_instance(cx, a.at(1), a.at(0)).map(number::bool)
}

fn subclasscheck(cx: &Context, a: Args<'_>) -> Result<Ref> {
    compare::object_is_subclass(cx, a.at(1), a.at(0)).map(number::bool)
}

fn dir(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let names = dict::new()?;
    merge_class(cx, &names, a.at(0))?;
    list::new(dict::entries(&names).into_iter().map(|(k, _)| k).collect())
}

fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    class(a.at(0))?;
    number::int_from_usize(std::mem::size_of::<skein_object::Type>())
}

pub(super) static METHODS: &[Row] = &[
    row!("mro(self, /)", mro, "Return a type's method resolution order."),
    row!(
        "__subclasses__(self, /)",
        subclasses,
        "Return a list of immediate subclasses."
    ),
    row!(class "__prepare__(cls, name=None, bases=None, /, **kwds)", prepare, "Create the namespace for the class statement"),
    row!(
        "__instancecheck__(self, instance, /)",
        instancecheck,
        "Check if an object is an instance."
    ),
    row!(
        "__subclasscheck__(self, subclass, /)",
        subclasscheck,
        "Check if a class is a subclass."
    ),
    row!("__dir__(self, /)", dir, "Specialized __dir__ implementation for types."),
    row!(
        "__sizeof__(self, /)",
        sizeof,
        "Return memory consumption of the type object."
    ),
];

/// Index of `|`.
pub const OR: usize = BinaryOp::Or as usize;
