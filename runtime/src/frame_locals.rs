//! `FrameLocalsProxy`: `f_locals` of a function's frame, which reads and writes its variables (PEP 667).
//!
//! Names that are no variables of the function live in a dict beside it. Variables of a suspended generator are those of
//! the suspension: what is written is seen by readers of the frame at once, and by the generator when it goes on.

use skein_interpreter::frame_object::{self as f, FRAME, FrameBody};
use skein_object::error::{Result, key_error, system_error, type_error, value_error};
use skein_object::intern;
use skein_object::native::Row;
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol::{self, call_method, compare};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, dict, list, payload, row, statics as s, str, tuple};
use skein_types::startup::{TypeDef, ready_type};

/// The frame object.
struct LocalsBody(Ref);
payload!(LocalsBody, "FrameLocalsProxy", |this, v| { v.reference(&this.0) });

static PROXY: Type = Type::declare(
    "FrameLocalsProxy",
    Some(&s::OBJECT),
    <LocalsBody as Payload>::LAYOUT,
    flag::MAPPING,
);

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        ..TypeDef::new(&PROXY)
    })
}

/// `f_locals` of a frame object.
///
/// # Errors
/// MemoryError.
pub fn of(frame: &Ref) -> Result<Ref> {
    alloc(&PROXY, LocalsBody(frame.clone()))
}

fn frame_of(p: &Ref) -> Result<(&Ref, &FrameBody)> {
    let frame = &p
        .body::<LocalsBody>()
        .ok_or_else(|| system_error("not a FrameLocalsProxy"))?
        .0;
    frame
        .body::<FrameBody>()
        .map(|b| (frame, b))
        .ok_or_else(|| system_error("not a frame"))
}

fn new(_: &Context, _: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if names.is_some_and(|n| tuple::items(n).is_some_and(|n| !n.is_empty())) {
        return Err(type_error("FrameLocalsProxy takes no keyword arguments"));
    }
    let [frame] = args else {
        return Err(type_error(format!(
            "FrameLocalsProxy expected 1 argument, got {}",
            args.len()
        )));
    };
    if !frame.is_exact(&FRAME) {
        return Err(type_error(format!("expect frame, not {}", frame.ty().name())));
    }
    of(frame)
}

/// Names of variables that can be seen; others are the compiler's.
fn visible(name: &Ref) -> bool {
    let text = str::text(name);
    !text.starts_with('.') || text == ".0"
}

/// The variable that a key names: the one that is bound if several have the name.
fn find(cx: &Context, frame: &Ref, b: &FrameBody, key: &Ref) -> Result<Option<usize>> {
    let hash = protocol::hash(cx, key)?;
    let Some(code) = f::code_of(b) else { return Ok(None) };
    let mut first = None;
    for (i, name) in code.local_names.iter().enumerate() {
        if !visible(name) || protocol::hash(cx, name)? != hash || !compare::equal(cx, key, name)? {
            continue;
        }
        if f::variable(frame, b, i).is_some() {
            return Ok(Some(i));
        }
        first = first.or(Some(i));
    }
    Ok(first)
}

/// All entries: variables in order, then the others.
fn entries(p: &Ref) -> Result<Vec<(Ref, Ref)>> {
    let (frame, b) = frame_of(p)?;
    let mut out: Vec<(Ref, Ref)> = Vec::new();
    if let Some(code) = f::code_of(b) {
        for (i, name) in code.local_names.iter().enumerate() {
            if visible(name)
                && !out.iter().any(|(n, _)| n.is(name))
                && let Some(v) = f::variable(frame, b, i)
            {
                out.push((name.clone(), v));
            }
        }
    }
    if let Some(extra) = b.if_watched().and_then(|w| w.extra.get()) {
        out.extend(dict::entries(&extra));
    }
    Ok(out)
}

fn to_dict(cx: &Context, p: &Ref) -> Result<Ref> {
    let d = dict::new()?;
    for (k, v) in entries(p)? {
        protocol::setitem(cx, &d, &k, &v)?;
    }
    Ok(d)
}

fn lookup(cx: &Context, p: &Ref, key: &Ref) -> Result<Option<Ref>> {
    let (frame, b) = frame_of(p)?;
    if let Some(i) = find(cx, frame, b, key)?
        && let Some(v) = f::variable(frame, b, i)
    {
        return Ok(Some(v));
    }
    match b.if_watched().and_then(|w| w.extra.get()) {
        Some(extra) if compare::contains(cx, &extra, key)? => protocol::getitem(cx, &extra, key).map(Some),
        _ => Ok(None),
    }
}

fn getitem(cx: &Context, p: &Ref, key: &Ref) -> Result<Ref> {
    lookup(cx, p, key)?.ok_or_else(|| key_error(key))
}

fn store(cx: &Context, p: &Ref, key: &Ref, value: Option<&Ref>) -> Result<()> {
    let Some(value) = value else {
        return remove(cx, p, key).map(drop);
    };
    let (frame, b) = frame_of(p)?;
    if let Some(i) = find(cx, frame, b, key)? {
        return f::set_variable(frame, b, i, value.clone());
    }
    let extra = match b.if_watched().and_then(|w| w.extra.get()) {
        Some(d) => d,
        None => {
            let d = dict::new()?;
            drop(b.watched().extra.set(frame.holder(), Some(d.clone())));
            d
        }
    };
    protocol::setitem(cx, &extra, key, value)
}

/// Takes an entry out; variables stay.
fn remove(cx: &Context, p: &Ref, key: &Ref) -> Result<Ref> {
    let (frame, b) = frame_of(p)?;
    if find(cx, frame, b, key)?.is_some() {
        return Err(value_error("cannot remove local variables from FrameLocalsProxy"));
    }
    let Some(extra) = b.if_watched().and_then(|w| w.extra.get()) else {
        return Err(key_error(key));
    };
    let v = protocol::getitem(cx, &extra, key)?;
    protocol::delitem(cx, &extra, key)?;
    Ok(v)
}

/// Stores the entries of a mapping.
fn update_from(cx: &Context, p: &Ref, other: &Ref) -> Result<bool> {
    let pairs = if other.is_exact(&PROXY) {
        entries(other)?
    } else if other.is_instance(&s::DICT) {
        dict::entries(other)
    } else {
        return Ok(false);
    };
    for (k, v) in pairs {
        store(cx, p, &k, Some(&v))?;
    }
    Ok(true)
}

fn list_of(p: &Ref, pick: impl Fn((Ref, Ref)) -> Result<Ref>) -> Result<Ref> {
    list::new(entries(p)?.into_iter().map(pick).collect::<Result<_>>()?)
}

fn keys(p: &Ref) -> Result<Ref> {
    list_of(p, |(k, _)| Ok(k))
}

fn rich_compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(s::not_implemented());
    }
    if b.is_exact(&PROXY) {
        let same = frame_of(a)?.0.is(frame_of(b)?.0);
        return Ok(skein_object::layouts::number::bool(same == matches!(op, CompareOp::Eq)));
    }
    if !b.is_instance(&s::DICT) {
        return Ok(s::not_implemented());
    }
    protocol::rich_compare(cx, &to_dict(cx, a)?, b, op)
}

fn repr(cx: &Context, p: &Ref) -> Result<Ref> {
    let id = p.value().0;
    if cx.in_repr.borrow().contains(&id) {
        return str::from_str("{...}");
    }
    cx.in_repr.borrow_mut().push(id);
    let r = to_dict(cx, p).and_then(|d| protocol::repr(cx, &d));
    cx.in_repr.borrow_mut().retain(|i| *i != id);
    r
}

/// `a | b` gives a dict.
fn or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let mapping = |r: &Ref| r.is_exact(&PROXY) || r.is_instance(&s::DICT);
    if !mapping(a) || !mapping(b) {
        return Ok(s::not_implemented());
    }
    let side = |r: &Ref| {
        if r.is_exact(&PROXY) {
            to_dict(cx, r)
        } else {
            Ok(r.clone())
        }
    };
    protocol::number::binary(cx, BinaryOp::Or, &side(a)?, &side(b)?)
}

fn ior(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if update_from(cx, a, b)? {
        Ok(a.clone())
    } else {
        Ok(s::not_implemented())
    }
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.getitem.set(Some(getitem));
    t.setitem.set(Some(store));
    t.len.set(Some(|_, p| Ok(entries(p)?.len())));
    t.contains.set(Some(|cx, p, key| Ok(lookup(cx, p, key)?.is_some())));
    t.iter.set(Some(|cx, p| protocol::iter(cx, &keys(p)?)));
    t.repr.set(Some(repr));
    t.hash.set(None);
    t.compare.set(Some(rich_compare));
    t.binary[BinaryOp::Or as usize].set(Some(or));
    t.inplace[BinaryOp::Or as usize].set(Some(ior));
}

fn get(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(lookup(cx, a.at(0), a.at(1))?.unwrap_or_else(|| a.opt(2).cloned().unwrap_or_else(s::none)))
}

fn setdefault(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if let Some(v) = lookup(cx, a.at(0), a.at(1))? {
        return Ok(v);
    }
    let v = a.opt(2).cloned().unwrap_or_else(s::none);
    store(cx, a.at(0), a.at(1), Some(&v))?;
    Ok(v)
}

fn pop(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match (remove(cx, a.at(0), a.at(1)), a.opt(2)) {
        (Err(e), Some(default)) if e.is(&s::KEY_ERROR) => Ok(default.clone()),
        (r, _) => r,
    }
}

fn update(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if update_from(cx, a.at(0), a.at(1))? {
        Ok(s::none())
    } else {
        Err(type_error("update() argument must be dict or another FrameLocalsProxy"))
    }
}

fn reversed(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let k = keys(a.at(0))?;
    call_method(cx, &k, &intern::name("reverse"), &[])?;
    Ok(k)
}

fn no_pickle(_: &Context, a: Args<'_>) -> Result<Ref> {
    Err(type_error(format!("cannot pickle '{}' object", a.at(0).ty().name())))
}

static METHODS: &[Row] = &[
    row!("get(self, key, default=None, /)", get, ""),
    row!("setdefault(self, key, default=None, /)", setdefault, ""),
    row!("pop(self, key, default=<unrepresentable>, /)", pop, ""),
    row!("update(self, other, /)", update, ""),
    row!("keys(self, /)", |_, a| keys(a.at(0)), ""),
    row!("values(self, /)", |_, a| list_of(a.at(0), |(_, v)| Ok(v)), ""),
    row!(
        "items(self, /)",
        |_, a| list_of(a.at(0), |(k, v)| tuple::new(vec![k, v])),
        ""
    ),
    row!("copy(self, /)", |cx, a| to_dict(cx, a.at(0)), ""),
    row!("__reversed__(self, /)", reversed, ""),
    row!("__reduce__(self, /)", no_pickle, ""),
    row!("__reduce_ex__(self, protocol, /)", no_pickle, ""),
];
