//! `ast.AST`: construction, `repr`, pickling, `copy.replace`.

use super::classes::classes;
use skein_gc::Ref;
use skein_object::context::hooks;
use skein_object::error::{Result, type_error};
use skein_object::object::RefExt;
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{
    Args, Context, ListBody, Payload, Row, dict, intern, list, protocol, row, statics as s, str, tuple,
};
use skein_stdlib_support::{pack, repr_text, split_keywords};
use skein_types::startup::TypeDef;

pub static AST: Type = Type::declare(
    "ast.AST",
    Some(&s::OBJECT),
    <() as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
    t.repr.set(Some(repr));
}

static METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce, "Helper for pickle."),
    row!(
        "__replace__(self, /, **fields)",
        replace,
        "Return a copy of the AST node with new values for the specified fields."
    ),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    ..TypeDef::new(&AST)
};

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    skein_object::object::alloc(skein_stdlib_support::class_of(class)?, ())
}

/// A tuple of names of the node's class.
fn names_of(cx: &Context, node: &Ref, attribute: &str) -> Result<Vec<Ref>> {
    match protocol::getattr_opt(cx, &node.ty().object(), &intern::name(attribute))? {
        Some(t) => protocol::collect(cx, &t),
        None => Ok(Vec::new()),
    }
}

fn has(cx: &Context, list: &[Ref], name: &Ref) -> Result<bool> {
    for n in list {
        if protocol::equal(cx, n, name)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn deprecated(cx: &Context, message: &str) -> Result<()> {
    (hooks().warn)(cx, &s::DEPRECATION_WARNING, message, 1)
}

fn init(cx: &Context, node: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, keys, values) = split_keywords(args, names);
    let class = node.ty().short_name();
    let fields = names_of(cx, node, "_fields")?;
    if positional.len() > fields.len() {
        return Err(type_error(format!(
            "{class} constructor takes at most {} positional argument{}",
            fields.len(),
            if fields.len() == 1 { "" } else { "s" }
        )));
    }
    for (name, value) in fields.iter().zip(positional) {
        protocol::setattr(cx, node, name, value)?;
    }
    let (given, mut rest) = (&fields[..positional.len()], fields[positional.len()..].to_vec());
    for (name, value) in keys.iter().zip(values) {
        if has(cx, given, name)? {
            return Err(type_error(format!(
                "{class} got multiple values for argument {}",
                repr_text(cx, name)?
            )));
        }
        if has(cx, &rest, name)? {
            rest.retain(|r| str::text(r) != str::text(name));
        } else if !has(cx, &names_of(cx, node, "_attributes")?, name)? {
            deprecated(
                cx,
                &format!(
                    "{class}.__init__ got an unexpected keyword argument {}. Support for arbitrary keyword arguments is \
                     deprecated and will be removed in Python 3.15.",
                    repr_text(cx, name)?
                ),
            )?;
        }
        protocol::setattr(cx, node, name, value)?;
    }
    if !rest.is_empty() {
        defaults(cx, node, &rest)?;
    }
    Ok(s::none())
}

/// Fields that the caller has left out: optional ones are found in the class, lists are empty, contexts are Load.
fn defaults(cx: &Context, node: &Ref, rest: &[Ref]) -> Result<()> {
    let class = node.ty().short_name();
    let Some(types) = protocol::getattr_opt(cx, &node.ty().object(), &intern::name("_field_types"))? else {
        return Ok(());
    };
    let load = classes().and_then(|c| Some((c.get("expr_context")?, c.get("Load")?)));
    for name in rest {
        if !protocol::contains(cx, &types, name)? {
            deprecated(
                cx,
                &format!(
                    "Field {} is missing from {class}._field_types. This will become an error in Python 3.15.",
                    repr_text(cx, name)?
                ),
            )?;
            continue;
        }
        let ty = protocol::getitem(cx, &types, name)?;
        match ty.ty().short_name() {
            "Union" => {}
            "GenericAlias" => protocol::setattr(cx, node, name, &list::new(Vec::new())?)?,
            _ => match &load {
                Some((context, load)) if ty.is(&context.object) => {
                    if let Some(single) = &load.single {
                        protocol::setattr(cx, node, name, single)?;
                    }
                }
                _ => deprecated(
                    cx,
                    &format!(
                        "{class}.__init__ missing 1 required positional argument: {}. This will become an error in \
                         Python 3.15.",
                        repr_text(cx, name)?
                    ),
                )?,
            },
        }
    }
    Ok(())
}

fn repr(cx: &Context, node: &Ref) -> Result<Ref> {
    str::from_str(&show(cx, node, 3)?)
}

/// `repr` down to a depth; of long lists the first and last items.
fn show(cx: &Context, r: &Ref, depth: u32) -> Result<String> {
    cx.check_stack()?;
    if let Some(b) = r.body::<ListBody>() {
        return shorten(cx, &list::snapshot(b), depth, ["[", "]"]);
    }
    if r.is_exact(&s::TUPLE)
        && let Some(items) = tuple::items(r)
    {
        return shorten(cx, items, depth, ["(", if items.len() == 1 { ",)" } else { ")" }]);
    }
    if !r.is_instance(&AST) {
        return repr_text(cx, r);
    }
    let class = r.ty().short_name();
    if depth == 0 {
        return Ok(format!("{class}(...)"));
    }
    let mut parts = Vec::new();
    for name in names_of(cx, r, "_fields")? {
        let value = protocol::getattr(cx, r, &name)?;
        parts.push(format!("{}={}", str::text(&name), show(cx, &value, depth - 1)?));
    }
    Ok(format!("{class}({})", parts.join(", ")))
}

fn shorten(cx: &Context, items: &[Ref], depth: u32, marks: [&str; 2]) -> Result<String> {
    let inner = match items {
        [] => String::new(),
        [one] => show(cx, one, depth)?,
        [first, .., last] => {
            let gap = if items.len() > 2 { ", ..." } else { "" };
            format!("{}{gap}, {}", show(cx, first, depth)?, show(cx, last, depth)?)
        }
    };
    Ok(format!("{}{inner}{}", marks[0], marks[1]))
}

fn own_dict(cx: &Context, node: &Ref) -> Result<Option<Ref>> {
    protocol::getattr_opt(cx, node, &intern::name("__dict__"))
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let node = a.at(0);
    let class = node.ty().object();
    let Some(d) = own_dict(cx, node)? else {
        return pack([class, s::empty_tuple()]);
    };
    // Placeholders for the leading fields, so that construction does not complain; the state sets them.
    let mut present = 0;
    for name in names_of(cx, node, "_fields")? {
        if !protocol::contains(cx, &d, &name)? {
            break;
        }
        present += 1;
    }
    let args = tuple::new((0..present).map(|_| s::none()).collect())?;
    let copy = dict::new()?;
    for (k, v) in dict::entries(&d) {
        protocol::setitem(cx, &copy, &k, &v)?;
    }
    pack([class, args, copy])
}

fn replace(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let node = a.at(0);
    let class = node.ty().short_name();
    let fields = names_of(cx, node, "_fields")?;
    let mut expected = fields.clone();
    expected.extend(names_of(cx, node, "_attributes")?);
    let mut all: Vec<(Ref, Ref)> = own_dict(cx, node)?.map(|d| dict::entries(&d)).unwrap_or_default();
    let changes = a.opt(1).map(dict::entries).unwrap_or_default();
    for (k, v) in changes {
        if !has(cx, &expected, &k)? {
            return Err(type_error(format!(
                "{class}.__replace__ got an unexpected keyword argument {}.",
                repr_text(cx, &k)?
            )));
        }
        all.retain(|(old, _)| str::text(old) != str::text(&k));
        all.push((k, v));
    }
    let mut missing = Vec::new();
    for f in &fields {
        let given = all.iter().any(|(k, _)| str::text(k) == str::text(f));
        if !given && protocol::getattr_opt(cx, &node.ty().object(), f)?.is_none() {
            missing.push(repr_text(cx, f)?);
        }
    }
    if !missing.is_empty() {
        return Err(type_error(format!(
            "{class}.__replace__ missing {} keyword argument{}: {}.",
            missing.len(),
            if missing.len() == 1 { "" } else { "s" },
            missing.join(", ")
        )));
    }
    let names = tuple::new(all.iter().map(|(k, _)| k.clone()).collect())?;
    let values: Vec<Ref> = all.into_iter().map(|(_, v)| v).collect();
    protocol::call_kw(cx, &node.ty().object(), &values, Some(&names))
}
