//! `None`, `Ellipsis`, `NotImplemented`.

use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, type_error};
use skein_object::native::Row;
use skein_object::slots::{CompareOp, Slots};
use skein_object::statics as s;
use skein_object::types::Type;
use skein_object::{Args, Context, Ref, number, row, str, tuple};

fn no_arguments(ty: &Type, args: &[Ref], names: Option<&Ref>) -> Result<()> {
    let n = args.len() + names.and_then(tuple::items).map_or(0, <[Ref]>::len);
    if n == 0 {
        Ok(())
    } else {
        Err(type_error(format!("{} takes no arguments", ty.name())))
    }
}

fn none_new(_: &Context, _: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    no_arguments(&s::NONE_TYPE, args, names).map(|()| s::none())
}
fn none_repr(_: &Context, _: &Ref) -> Result<Ref> {
    str::from_str("None")
}
fn none_bool(_: &Context, _: &Ref) -> Result<bool> {
    Ok(false)
}
fn none_hash(_: &Context, _: &Ref) -> Result<i64> {
    Ok(0xfca8_6420)
}
fn none_compare(_: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    Ok(match op {
        CompareOp::Eq if a.is(b) => s::true_(),
        CompareOp::Ne if a.is(b) => s::false_(),
        _ => s::not_implemented(),
    })
}

fn none_slots(t: &Slots) {
    t.new.set(Some(none_new));
    t.repr.set(Some(none_repr));
    t.bool.set(Some(none_bool));
    t.hash.set(Some(none_hash));
    t.compare.set(Some(none_compare));
}

fn ellipsis_new(_: &Context, _: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    no_arguments(&s::ELLIPSIS_TYPE, args, names).map(|()| s::ellipsis())
}
fn ellipsis_repr(_: &Context, _: &Ref) -> Result<Ref> {
    str::from_str("Ellipsis")
}
fn ellipsis_slots(t: &Slots) {
    t.new.set(Some(ellipsis_new));
    t.repr.set(Some(ellipsis_repr));
}

fn ni_new(_: &Context, _: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    no_arguments(&s::NOT_IMPLEMENTED_TYPE, args, names).map(|()| s::not_implemented())
}
fn ni_repr(_: &Context, _: &Ref) -> Result<Ref> {
    str::from_str("NotImplemented")
}
fn ni_bool(_: &Context, _: &Ref) -> Result<bool> {
    Err(type_error("NotImplemented should not be used in a boolean context"))
}
fn ni_slots(t: &Slots) {
    t.new.set(Some(ni_new));
    t.repr.set(Some(ni_repr));
    t.bool.set(Some(ni_bool));
}

fn reduce_ellipsis(_: &Context, _: Args<'_>) -> Result<Ref> {
    str::from_str("Ellipsis")
}
fn reduce_ni(_: &Context, _: Args<'_>) -> Result<Ref> {
    str::from_str("NotImplemented")
}

static ELLIPSIS_METHODS: &[Row] = &[row!("__reduce__(self, /)", reduce_ellipsis, "")];
static NI_METHODS: &[Row] = &[row!("__reduce__(self, /)", reduce_ni, "")];

pub fn ready() -> Result<()> {
    let _ = number::bool(true);
    ready_type(&TypeDef {
        slots: none_slots,
        doc: "The type of the None singleton.",
        ..TypeDef::new(&s::NONE_TYPE)
    })?;
    ready_type(&TypeDef {
        slots: ellipsis_slots,
        methods: ELLIPSIS_METHODS,
        doc: "The type of the Ellipsis singleton.",
        ..TypeDef::new(&s::ELLIPSIS_TYPE)
    })?;
    ready_type(&TypeDef {
        slots: ni_slots,
        methods: NI_METHODS,
        doc: "The type of the NotImplemented singleton.",
        ..TypeDef::new(&s::NOT_IMPLEMENTED_TYPE)
    })
}
