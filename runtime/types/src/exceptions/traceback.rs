//! `traceback`.

use crate::startup::{GetSet, TypeDef, getset, member, ready_type};
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::exception::TracebackBody;
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::convert;
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::{Args, Context, Ref, Slot, list, row};

fn body(r: &Ref) -> Result<&TracebackBody> {
    r.body::<TracebackBody>().ok_or_else(|| type_error("not a traceback"))
}

static NEW: Row = row!("traceback(tb_next, tb_frame, tb_lasti, tb_lineno)", new_row, "");

fn new(cx: &Context, _: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    skein_object::native::call(cx, &NEW, args, names)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if a.at(1).ty().name() != "frame" {
        return Err(type_error(format!(
            "traceback() argument 'tb_frame' must be frame, not {}",
            a.at(1).ty().name()
        )));
    }
    if !s::is_none(a.at(0)) && !a.at(0).is_instance(&s::TRACEBACK) {
        return Err(type_error(format!(
            "expected traceback object or None, got '{}'",
            a.at(0).ty().name()
        )));
    }
    let lasti = convert::to_i64(cx, a.at(2))?;
    let lineno = convert::to_i64(cx, a.at(3))?;
    alloc(
        &s::TRACEBACK,
        TracebackBody {
            next: Slot::from_option(a.opt_not_none(0).cloned()),
            frame: a.at(1).clone(),
            lasti: lasti.max(0) as u32,
            lineno: lineno.max(0) as u32,
        },
    )
}

fn next(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.next.get().unwrap_or_else(s::none))
}

fn set_next(_: &Context, r: &Ref, value: Option<&Ref>) -> Result<()> {
    let Some(v) = value else {
        return Err(type_error("can't delete tb_next attribute"));
    };
    if s::is_none(v) {
        drop(body(r)?.next.set(r.holder(), None));
        return Ok(());
    }
    if !v.is_instance(&s::TRACEBACK) {
        return Err(type_error(format!(
            "expected traceback object or None, got '{}'",
            v.ty().name()
        )));
    }
    let mut at = Some(v.clone());
    while let Some(t) = at {
        if t.is(r) {
            return Err(value_error("traceback loop detected"));
        }
        at = body(&t)?.next.get();
    }
    drop(body(r)?.next.set(r.holder(), Some(v.clone())));
    Ok(())
}

fn frame(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.frame.clone())
}

/// Two for each instruction word, where the interpreter made it: see `function::code`.
fn lasti(_: &Context, r: &Ref) -> Result<Ref> {
    number::int(body(r)?.lasti as i64)
}

fn lineno(_: &Context, r: &Ref) -> Result<Ref> {
    match body(r)?.lineno {
        0 => Ok(s::none()),
        n => number::int(n as i64),
    }
}

fn dir(_: &Context, _: Args<'_>) -> Result<Ref> {
    list::new(
        ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"]
            .iter()
            .map(|n| skein_object::intern::name(n))
            .collect(),
    )
}

static METHODS: &[Row] = &[row!("__dir__(self, /)", dir, "")];

static GETSET: &[GetSet] = &[
    getset("tb_next", next).setter(set_next),
    member("tb_frame", frame),
    member("tb_lasti", lasti),
    getset("tb_lineno", lineno),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "Create a new traceback object.",
        ..TypeDef::new(&s::TRACEBACK)
    })
}
