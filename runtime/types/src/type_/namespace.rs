//! `types.SimpleNamespace`.

use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, type_error};
use skein_object::instance::Attrs;
use skein_object::intern::names;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol::{self, call};
use skein_object::slots::{CompareOp, Slots};
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, dict, payload, row, str, tuple};

pub struct NamespaceBody;
payload!(NamespaceBody, "SimpleNamespace", |_this, _v| {});

pub static NAMESPACE: Type = Type::declare(
    "types.SimpleNamespace",
    Some(&s::OBJECT),
    <NamespaceBody as skein_object::object::Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

/// An empty namespace.
pub fn make() -> Result<Ref> {
    alloc(&NAMESPACE, NamespaceBody)
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    alloc(super::attributes::class(class)?, NamespaceBody)
}

/// The dict of a namespace.
fn dict_of(r: &Ref) -> Result<Ref> {
    match r.header().and_then(|h| Attrs::of(h, type_of(r)).map(|a| (h, a))) {
        Some((h, a)) => a.dict(h),
        None => Err(type_error("not a namespace")),
    }
}

fn init(cx: &Context, r: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    let keys = kw.and_then(tuple::items).unwrap_or(&[]);
    let positional = args.len() - keys.len();
    if positional > 1 {
        return Err(type_error(format!(
            "{} expected at most 1 argument, got {positional}",
            type_of(r).short_name()
        )));
    }
    let d = dict_of(r)?;
    if let Some(first) = args.first().filter(|_| positional == 1) {
        let source = if first.is_instance(&s::DICT) {
            first.clone()
        } else {
            call(cx, &s::DICT.object(), std::slice::from_ref(first))?
        };
        for (k, v) in dict::entries(&source) {
            if !str::is_str(&k) {
                return Err(type_error(format!("keywords must be strings, not '{}'", k.ty().name())));
            }
            dict::set_name(&d, &k, v)?;
        }
    }
    for (k, v) in keys.iter().zip(&args[positional..]) {
        dict::set_name(&d, k, v.clone())?;
    }
    Ok(s::none())
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let name = if r.is_exact(&NAMESPACE) {
        "namespace"
    } else {
        type_of(r).name()
    };
    let key = r.value().0;
    if cx.in_repr.borrow().contains(&key) {
        return str::from_str(&format!("{name}(...)"));
    }
    cx.in_repr.borrow_mut().push(key);
    let mut parts = Vec::new();
    let mut result = Ok(());
    for (k, v) in dict::entries(&dict_of(r)?) {
        if !str::is_str(&k) {
            continue;
        }
        match protocol::repr(cx, &v) {
            Ok(t) => parts.push(format!("{}={}", str::text(&k), str::text(&t))),
            Err(e) => {
                result = Err(e);
                break;
            }
        }
    }
    cx.in_repr.borrow_mut().retain(|k| *k != key);
    result?;
    str::from_str(&format!("{name}({})", parts.join(", ")))
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    if !a.is_instance(&NAMESPACE) || !b.is_instance(&NAMESPACE) {
        return Ok(s::not_implemented());
    }
    protocol::rich_compare(cx, &dict_of(a)?, &dict_of(b)?, op)
}

fn reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    tuple::new(vec![type_of(a.at(0)).object(), s::empty_tuple(), dict_of(a.at(0))?])
}

fn replace(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fresh = call(cx, &type_of(a.at(0)).object(), &[])?;
    let d = protocol::getattr(cx, &fresh, names::__dict__())?;
    for source in [dict_of(a.at(0))?, a.at(1).clone()] {
        for (k, v) in dict::entries(&source) {
            protocol::setitem(cx, &d, &k, &v)?;
        }
    }
    Ok(fresh)
}

static METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce, "Return state information for pickling"),
    row!(
        "__replace__(self, /, **changes)",
        replace,
        "Return a copy of the namespace object with new values for the specified attributes."
    ),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
    t.repr.set(Some(repr));
    t.compare.set(Some(compare));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        doc: "SimpleNamespace(mapping_or_iterable=(), /, **kwargs)\n--\n\nA simple attribute-based namespace.",
        ..TypeDef::new(&NAMESPACE)
    })
}
