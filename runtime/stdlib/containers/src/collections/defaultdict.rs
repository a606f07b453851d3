//! `defaultdict`: a dict whose first slot field is the factory.

use skein_gc::Slot;
use skein_object::error::{Result, key_error, type_error};
use skein_object::layouts::dict::DictBody;
use skein_object::object::{Payload, RefExt, slot_fields};
use skein_object::protocol::{self, is_callable};
use skein_object::slots::{BinaryOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Row, dict, intern, row, statics as s, str};
use skein_stdlib_support::{enter_repr, pack, repr_text, split_keywords};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};
use skein_types::type_::generic_alias::class_getitem;

pub static DEFAULTDICT: Type = Type::declare(
    "collections.defaultdict",
    Some(&s::DICT),
    <DictBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::MAPPING,
);

/// The field of the factory.
fn factory_slot(d: &Ref) -> Option<&Slot> {
    slot_fields(d.header()?, d.ty()).first()
}

fn factory(d: &Ref) -> Option<Ref> {
    factory_slot(d).and_then(Slot::get).filter(|f| !s::is_none(f))
}

fn set_factory(d: &Ref, f: Option<Ref>) {
    if let Some(slot) = factory_slot(d) {
        drop(slot.set(d.holder(), f));
    }
}

fn init(cx: &Context, d: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, _, _) = split_keywords(args, names);
    let mut rest = args;
    let mut f = None;
    if let Some(first) = positional.first() {
        if !s::is_none(first) {
            if !is_callable(first) {
                return Err(type_error("first argument must be callable or None"));
            }
            f = Some(first.clone());
        }
        rest = &args[1..];
    }
    set_factory(d, f);
    match s::DICT.slots.init.get() {
        Some(init) => init(cx, d, rest, names),
        None => Ok(s::none()),
    }
}

fn missing(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (d, key) = (a.at(0), a.at(1));
    let Some(f) = factory(d) else {
        return Err(key_error(key));
    };
    let value = protocol::call0(cx, &f)?;
    if let (true, Some(b)) = (d.is_exact(&DEFAULTDICT), d.body::<DictBody>()) {
        // Of two threads that miss the same key at once, both get the value that was stored first.
        let hash = protocol::compare::table_hash(cx, key)?;
        let (value, _) =
            b.0.get_or_insert(d.holder(), hash, key.clone(), value, &mut dict::ObjectEq(cx))?;
        return Ok(value);
    }
    protocol::setitem(cx, d, key, &value)?;
    Ok(value)
}

/// A new one of the same class, from the factory and a mapping.
fn again(cx: &Context, d: &Ref, from: &Ref) -> Result<Ref> {
    let f = factory(d).unwrap_or_else(s::none);
    protocol::call(cx, &d.ty().object(), &[f, from.clone()])
}

fn copy(cx: &Context, a: Args<'_>) -> Result<Ref> {
    again(cx, a.at(0), a.at(0))
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let d = a.at(0);
    let args = match factory(d) {
        Some(f) => pack([f])?,
        None => s::empty_tuple(),
    };
    let items = protocol::call_method(cx, d, &intern::name("items"), &[])?;
    let it = protocol::iter(cx, &items)?;
    pack([d.ty().object(), args, s::none(), s::none(), it])
}

fn repr(cx: &Context, d: &Ref) -> Result<Ref> {
    let base = match s::DICT.slots.repr.get() {
        Some(f) => f(cx, d)?,
        None => s::empty_str(),
    };
    let f = match factory(d) {
        None => "None".to_owned(),
        Some(f) => match enter_repr(cx, &f) {
            None => "...".to_owned(),
            Some(_guard) => repr_text(cx, &f)?,
        },
    };
    let mut out = skein_text::StrBuf::new();
    out.push_str(d.ty().short_name());
    out.push_str("(");
    out.push_str(&f);
    out.push_str(", ");
    if let Some(b) = base.body::<skein_object::StrBody>() {
        out.push_view(b.view());
    }
    out.push_str(")");
    str::from_buf(out)
}

fn or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let mine = if a.is_instance(&DEFAULTDICT) { a } else { b };
    if !a.is_instance(&s::DICT) || !b.is_instance(&s::DICT) {
        return Ok(s::not_implemented());
    }
    let out = again(cx, mine, a)?;
    protocol::call_method(cx, &out, &intern::name("update"), std::slice::from_ref(b))?;
    Ok(out)
}

fn default_factory(_: &Context, d: &Ref) -> Result<Ref> {
    Ok(factory(d).unwrap_or_else(s::none))
}

fn set_default_factory(_: &Context, d: &Ref, value: Option<&Ref>) -> Result<()> {
    set_factory(d, value.cloned());
    Ok(())
}

fn slots(t: &Slots) {
    t.init.set(Some(init));
    t.repr.set(Some(repr));
    t.binary[BinaryOp::Or as usize].set(Some(or));
}

static METHODS: &[Row] = &[
    row!(
        "__missing__(self, key, /)",
        missing,
        "__missing__(key) # Called by __getitem__ for missing key; pseudo-code:\n  if self.default_factory is None: raise KeyError((key,))\n  self[key] = value = self.default_factory()\n  return value\n"
    ),
    row!("copy(self, /)", copy, "D.copy() -> a shallow copy of D."),
    row!("__copy__(self, /)", copy, "D.copy() -> a shallow copy of D."),
    row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];
static GETSET: &[GetSet] = &[getset("default_factory", default_factory)
    .setter(set_default_factory)
    .doc("Factory for default value called by __missing__().")];

/// Completes the type. One slot field behind the dict's body holds the factory.
pub fn ready(module: &Ref) -> Result<()> {
    if !DEFAULTDICT.has(flag::READY) {
        ready_type(&TypeDef {
            slots,
            methods: METHODS,
            getset: GETSET,
            doc: "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\nThe default factory is called without arguments to produce\na new value when a key is not present, in __getitem__ only.\nA defaultdict compares equal to a dict with the same items.\nAll remaining arguments are treated the same as if they were\npassed to the dict constructor, including keyword arguments.\n",
            ..TypeDef::new(&DEFAULTDICT)
        })?;
        DEFAULTDICT.set_instance_layout(&DEFAULTDICT, 1, false, 0);
    }
    dict::set_str(module, "defaultdict", DEFAULTDICT.object())
}
