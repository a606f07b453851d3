//! `itemgetter` and `attrgetter`.

use skein_object::error::{Result, type_error};
use skein_object::intern;
use skein_object::layouts::{str, tuple};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::{body, class_of, no_keywords, pack, repr_text};
use skein_types::startup::{GetSet, TypeDef, getset};

/// `__text_signature__` of objects that are called with one argument.
pub fn one_argument_signature(_: &Context, _: &Ref) -> Result<Ref> {
    str::from_str("(obj, /)")
}

pub static SIGNATURE: &[GetSet] = &[getset("__text_signature__", one_argument_signature)];

/// The one argument of a getter's call.
fn subject<'a>(name: &str, args: &'a [Ref], names: Option<&Ref>) -> Result<&'a Ref> {
    if !no_keywords(names) {
        return Err(type_error(format!("{name}() takes no keyword arguments")));
    }
    match args {
        [one] => Ok(one),
        _ => Err(type_error(format!("{name} expected 1 argument, got {}", args.len()))),
    }
}

fn wanted(name: &str, args: &[Ref], names: Option<&Ref>) -> Result<()> {
    if !no_keywords(names) {
        return Err(type_error(format!("{name}() takes no keyword arguments")));
    }
    if args.is_empty() {
        return Err(type_error(format!("{name} expected 1 argument, got 0")));
    }
    Ok(())
}

fn repr_of(cx: &Context, r: &Ref, args: &[Ref]) -> Result<Ref> {
    let parts: Result<Vec<String>> = args.iter().map(|x| repr_text(cx, x)).collect();
    str::from_str(&format!(
        "{}({})",
        skein_stdlib_support::full_name(r.ty()),
        parts?.join(", ")
    ))
}

pub struct ItemGetterBody {
    /// Tuple of the keys.
    keys: Ref,
}
payload!(ItemGetterBody, "operator.itemgetter", |this, v| {
    v.reference(&this.keys)
});

static ITEM: Type = Type::declare(
    "operator.itemgetter",
    Some(&s::OBJECT),
    <ItemGetterBody as Payload>::LAYOUT,
    skein_object::types::flag::BASETYPE,
);

fn new_item(_: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    wanted("itemgetter", args, names)?;
    alloc(
        class_of(class)?,
        ItemGetterBody {
            keys: tuple::from_slice(args)?,
        },
    )
}

fn call_item(cx: &Context, g: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let o = subject("itemgetter", args, names)?;
    match tuple::items(&body::<ItemGetterBody>(g)?.keys).unwrap_or(&[]) {
        [key] => protocol::getitem(cx, o, key),
        keys => {
            let items: Result<Vec<Ref>> = keys.iter().map(|k| protocol::getitem(cx, o, k)).collect();
            tuple::new(items?)
        }
    }
}

fn repr_item(cx: &Context, g: &Ref) -> Result<Ref> {
    repr_of(cx, g, tuple::items(&body::<ItemGetterBody>(g)?.keys).unwrap_or(&[]))
}

fn reduce_item(_: &Context, a: Args<'_>) -> Result<Ref> {
    pack([a.at(0).ty().object(), body::<ItemGetterBody>(a.at(0))?.keys.clone()])
}

fn item_slots(t: &Slots) {
    t.new.set(Some(new_item));
    t.call.set(Some(call_item));
    t.repr.set(Some(repr_item));
}

pub static ITEM_DEF: TypeDef = TypeDef {
    slots: item_slots,
    methods: &[row!(
        "__reduce__(self, /)",
        reduce_item,
        "Return state information for pickling"
    )],
    doc: "itemgetter(item, /, *items)\n--\n\nReturn a callable object that fetches the given item(s) from its operand.\n\nAfter f = itemgetter(2), the call f(r) returns r[2].\nAfter g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])",
    getset: SIGNATURE,
    ..TypeDef::new(&ITEM)
};

pub struct AttrGetterBody {
    /// Tuple of the names as given.
    names: Ref,
    /// Each cut at its dots, interned.
    paths: Vec<Vec<Ref>>,
}
payload!(AttrGetterBody, "operator.attrgetter", |this, v| {
    v.reference(&this.names);
    for r in this.paths.iter().flatten() {
        v.reference(r);
    }
});

static ATTR: Type = Type::declare(
    "operator.attrgetter",
    Some(&s::OBJECT),
    <AttrGetterBody as Payload>::LAYOUT,
    skein_object::types::flag::BASETYPE,
);

fn new_attr(_: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    wanted("attrgetter", args, names)?;
    let mut paths = Vec::with_capacity(args.len());
    for a in args {
        if !str::is_str(a) {
            return Err(type_error("attribute name must be a string"));
        }
        paths.push(str::text(a).split('.').map(intern::name).collect());
    }
    alloc(
        class_of(class)?,
        AttrGetterBody {
            names: tuple::from_slice(args)?,
            paths,
        },
    )
}

fn follow(cx: &Context, o: &Ref, path: &[Ref]) -> Result<Ref> {
    let mut at = o.clone();
    for name in path {
        at = protocol::getattr(cx, &at, name)?;
    }
    Ok(at)
}

fn call_attr(cx: &Context, g: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let o = subject("attrgetter", args, names)?;
    match body::<AttrGetterBody>(g)?.paths.as_slice() {
        [path] => follow(cx, o, path),
        paths => {
            let items: Result<Vec<Ref>> = paths.iter().map(|p| follow(cx, o, p)).collect();
            tuple::new(items?)
        }
    }
}

fn repr_attr(cx: &Context, g: &Ref) -> Result<Ref> {
    repr_of(cx, g, tuple::items(&body::<AttrGetterBody>(g)?.names).unwrap_or(&[]))
}

fn reduce_attr(_: &Context, a: Args<'_>) -> Result<Ref> {
    pack([a.at(0).ty().object(), body::<AttrGetterBody>(a.at(0))?.names.clone()])
}

fn attr_slots(t: &Slots) {
    t.new.set(Some(new_attr));
    t.call.set(Some(call_attr));
    t.repr.set(Some(repr_attr));
}

static ATTR_METHODS: &[Row] = &[row!(
    "__reduce__(self, /)",
    reduce_attr,
    "Return state information for pickling"
)];

pub static ATTR_DEF: TypeDef = TypeDef {
    slots: attr_slots,
    methods: ATTR_METHODS,
    doc: "attrgetter(attr, /, *attrs)\n--\n\nReturn a callable object that fetches the given attribute(s) from its operand.\n\nAfter f = attrgetter('name'), the call f(r) returns r.name.\nAfter g = attrgetter('name', 'date'), the call g(r) returns (r.name, r.date).\nAfter h = attrgetter('name.first', 'name.last'), the call h(r) returns\n(r.name.first, r.name.last).",
    getset: SIGNATURE,
    ..TypeDef::new(&ATTR)
};
