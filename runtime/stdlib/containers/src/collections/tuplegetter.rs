//! `_tuplegetter`: the properties of named tuples.

use skein_gc::Slot;
use skein_object::error::{Result, attribute_error_plain, index_error, type_error};
use skein_object::layouts::method::{TUPLE_GETTER, TupleGetterBody};
use skein_object::layouts::{number, tuple};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::{Args, Context, Ref, Row, row, statics as s, str};
use skein_stdlib_support::{bind, body, class_of, pack, repr_text, ssize};
use skein_types::startup::{GetSet, TypeDef, getset};

static NEW: Row = row!("_tuplegetter(cls, index, doc, /)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW, class, args, names)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let index = ssize(cx, a.at(1))?;
    alloc(
        class_of(a.at(0))?,
        TupleGetterBody {
            index,
            doc: Slot::new(a.at(2).clone()),
        },
    )
}

fn get(_: &Context, d: &Ref, object: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    let Some(o) = object.filter(|o| !s::is_none(o)) else {
        return Ok(d.clone());
    };
    let b = body::<TupleGetterBody>(d)?;
    match tuple::items(o) {
        Some(items) => usize::try_from(b.index)
            .ok()
            .and_then(|i| items.get(i))
            .cloned()
            .ok_or_else(|| index_error("tuple index out of range")),
        None => Err(type_error(format!(
            "descriptor for index '{}' for tuple subclasses doesn't apply to '{}' object",
            b.index,
            o.ty().name()
        ))),
    }
}

fn set(_: &Context, _: &Ref, _: &Ref, value: Option<&Ref>) -> Result<()> {
    Err(attribute_error_plain(if value.is_some() {
        "can't set attribute"
    } else {
        "can't delete attribute"
    }))
}

fn doc(_: &Context, d: &Ref) -> Result<Ref> {
    Ok(body::<TupleGetterBody>(d)?.doc.get().unwrap_or_else(s::none))
}

fn set_doc(_: &Context, d: &Ref, value: Option<&Ref>) -> Result<()> {
    drop(body::<TupleGetterBody>(d)?.doc.set(d.holder(), value.cloned()));
    Ok(())
}

fn repr(cx: &Context, d: &Ref) -> Result<Ref> {
    let i = body::<TupleGetterBody>(d)?.index;
    str::from_str(&format!("_tuplegetter({i}, {})", repr_text(cx, &doc(cx, d)?)?))
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<TupleGetterBody>(a.at(0))?;
    pack([a.at(0).ty().object(), pack([number::int(b.index)?, doc(cx, a.at(0))?])?])
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.descr_get.set(Some(get));
    t.descr_set.set(Some(set));
    t.repr.set(Some(repr));
}

static METHODS: &[Row] = &[row!("__reduce__(self, /)", reduce, "")];
static GETSET: &[GetSet] = &[getset("__doc__", doc).setter(set_doc)];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    getset: GETSET,
    ..TypeDef::new(&TUPLE_GETTER)
};
