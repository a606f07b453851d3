//! `cell`.

use crate::startup::{GetSet, TypeDef, getset, ready_type};
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol;
use skein_object::slots::{CompareOp, Slots};
use skein_object::statics as s;
use skein_object::{Args, CellBody, Context, Ref, Slot, number, row, str};

fn body(r: &Ref) -> Result<&CellBody> {
    r.body::<CellBody>().ok_or_else(|| type_error("not a cell"))
}

fn contents(_: &Context, c: &Ref) -> Result<Ref> {
    body(c)?.0.get().ok_or_else(|| value_error("cell is empty"))
}

fn set_contents(_: &Context, c: &Ref, value: Option<&Ref>) -> Result<()> {
    drop(body(c)?.0.set(c.holder(), value.cloned()));
    Ok(())
}

static NEW: Row = row!("cell(contents=None, /)", new_row, "");

fn new(cx: &Context, _: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    skein_object::native::call(cx, &NEW, args, names)
}

fn new_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(&s::CELL, CellBody(Slot::from_option(a.opt(0).cloned())))
}

fn repr(_: &Context, c: &Ref) -> Result<Ref> {
    let at = crate::descriptors::address(c);
    str::from_str(&match body(c)?.0.get() {
        Some(v) => format!(
            "<cell at {at:#x}: {} object at {:#x}>",
            v.ty().name(),
            crate::descriptors::address(&v)
        ),
        None => format!("<cell at {at:#x}: empty>"),
    })
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<CellBody>(), b.body::<CellBody>()) else {
        return Ok(s::not_implemented());
    };
    match (x.0.get(), y.0.get()) {
        (Some(x), Some(y)) => protocol::rich_compare(cx, &x, &y, op),
        (x, y) => Ok(number::bool(op.holds(x.is_some().cmp(&y.is_some())))),
    }
}

static GETSET: &[GetSet] = &[getset("cell_contents", contents).setter(set_contents)];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.repr.set(Some(repr));
    t.compare.set(Some(compare));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        getset: GETSET,
        doc: "cell([contents])\n--\n\nCreate a new cell object.\n\n  contents\n    the contents of the cell. If not specified, the cell will be empty,\n    and further attempts to access its cell_contents attribute will\n    raise a ValueError.",
        ..TypeDef::new(&s::CELL)
    })
}
