//! `cmp_to_key`.

use skein_gc::Slot;
use skein_object::error::{Result, type_error};
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::{self, compare::rich_compare};
use skein_object::slots::{CompareOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, row, statics as s, str};
use skein_stdlib_support::{bind, body};
use skein_types::startup::{GetSet, TypeDef, getset};

pub struct KeyBody {
    cmp: Ref,
    /// Null in what `cmp_to_key` gives.
    object: Slot,
}
payload!(KeyBody, "functools.KeyWrapper", |this, v| {
    v.reference(&this.cmp);
    v.slot(&this.object);
});

static KEY: Type = Type::declare(
    "functools.KeyWrapper",
    Some(&s::OBJECT),
    <KeyBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn cmp_to_key(_: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(
        &KEY,
        KeyBody {
            cmp: a.at(0).clone(),
            object: Slot::empty(),
        },
    )
}

static CALL: Row = row!("K(self, obj)", call_row, "");

fn call(cx: &Context, k: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &CALL, k, args, names)
}

fn call_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(
        &KEY,
        KeyBody {
            cmp: body::<KeyBody>(a.at(0))?.cmp.clone(),
            object: Slot::new(a.at(1).clone()),
        },
    )
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<KeyBody>(), b.body::<KeyBody>()) else {
        return Err(type_error("other argument must be K instance"));
    };
    let (Some(p), Some(q)) = (x.object.get(), y.object.get()) else {
        return Err(skein_object::error::attribute_error_plain("object"));
    };
    let r = protocol::call(cx, &x.cmp, &[p, q])?;
    rich_compare(cx, &r, &Ref::small(0), op)
}

fn object(_: &Context, k: &Ref) -> Result<Ref> {
    Ok(body::<KeyBody>(k)?.object.get().unwrap_or_else(s::none))
}

fn set_object(_: &Context, k: &Ref, value: Option<&Ref>) -> Result<()> {
    drop(body::<KeyBody>(k)?.object.set(k.holder(), value.cloned()));
    Ok(())
}

fn slots(t: &Slots) {
    t.call.set(Some(call));
    t.compare.set(Some(compare));
}

static GETSET: &[GetSet] = &[
    getset("obj", object)
        .setter(set_object)
        .doc("Value wrapped by a key function."),
    getset("__text_signature__", |_, _| str::from_str("(obj)")),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    getset: GETSET,
    ..TypeDef::new(&KEY)
};
