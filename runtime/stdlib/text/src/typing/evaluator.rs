//! Lazy evaluation: values that are known, functions that give them, and `NoDefault`.

use skein_gc::Slot;
use skein_object::context::hooks;
use skein_object::error::{Result, type_error};
use skein_object::layouts::{dict, str, tuple};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::{bind, body, import_attr, repr_text};
use skein_types::startup::TypeDef;
use std::sync::OnceLock;

static NO_DEFAULT: Type = Type::declare("NoDefaultType", Some(&s::OBJECT), <() as Payload>::LAYOUT, 0);

/// `typing.NoDefault`.
pub fn no_default() -> Result<Ref> {
    static VALUE: OnceLock<Ref> = OnceLock::new();
    if let Some(v) = VALUE.get() {
        return Ok(v.clone());
    }
    let fresh = skein_object::object::alloc_immortal(&NO_DEFAULT, ())?;
    skein_gc::publish::publish(fresh.value());
    Ok(VALUE.get_or_init(|| fresh).clone())
}

pub fn is_no_default(r: &Ref) -> bool {
    r.is_exact(&NO_DEFAULT)
}

fn new_no_default(_: &Context, _: &Ref, args: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    if !args.is_empty() {
        return Err(type_error("NoDefaultType takes no arguments"));
    }
    no_default()
}

fn repr_no_default(_: &Context, _: &Ref) -> Result<Ref> {
    str::from_str("typing.NoDefault")
}

fn reduce_no_default(_: &Context, _: Args<'_>) -> Result<Ref> {
    str::from_str("NoDefault")
}

fn no_default_slots(t: &Slots) {
    t.new.set(Some(new_no_default));
    t.repr.set(Some(repr_no_default));
}

pub static NO_DEFAULT_DEF: TypeDef = TypeDef {
    slots: no_default_slots,
    methods: &[row!("__reduce__(self, /)", reduce_no_default, "")],
    doc: "The type of the NoDefault singleton.",
    ..TypeDef::new(&NO_DEFAULT)
};

/// A function that gives a known value.
pub struct ConstBody(Ref);
payload!(ConstBody, "_typing._ConstEvaluator", |this, v| { v.reference(&this.0) });

static CONST: Type = Type::declare(
    "_typing._ConstEvaluator",
    Some(&s::OBJECT),
    <ConstBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn constant(value: &Ref) -> Result<Ref> {
    alloc(&CONST, ConstBody(value.clone()))
}

static CALL: Row = row!("__call__(self, format)", call_row, "");

fn call(cx: &Context, e: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &CALL, e, args, names)
}

fn call_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let value = &body::<ConstBody>(a.at(0))?.0;
    // 4 is annotationlib.Format.STRING.
    if skein_stdlib_support::c_int(cx, a.at(1))? != 4 {
        return Ok(value.clone());
    }
    let type_repr = import_attr(cx, "annotationlib", "type_repr")?;
    match tuple::items(value) {
        Some(items) => {
            let mut parts = Vec::new();
            for x in items {
                parts.push(str::text(&protocol::call1(cx, &type_repr, x)?));
            }
            let comma = if parts.len() == 1 { "," } else { "" };
            str::from_str(&format!("({}{comma})", parts.join(", ")))
        }
        None => protocol::call1(cx, &type_repr, value),
    }
}

fn repr(cx: &Context, e: &Ref) -> Result<Ref> {
    let v = repr_text(cx, &body::<ConstBody>(e)?.0)?;
    str::from_str(&format!("<constevaluator {v}>"))
}

fn slots(t: &Slots) {
    t.call.set(Some(call));
    t.repr.set(Some(repr));
}

pub static DEF: TypeDef = TypeDef {
    slots,
    ..TypeDef::new(&CONST)
};

/// A value, or the function that gives it when it is first asked for.
pub struct Lazy {
    pub value: Slot,
    pub evaluate: Slot,
}

impl Lazy {
    pub fn new(value: Option<Ref>, evaluate: Option<Ref>) -> Lazy {
        Lazy {
            value: Slot::from_option(value),
            evaluate: Slot::from_option(evaluate),
        }
    }

    /// The value; `None` if there is neither. Two threads may both evaluate; the first result is kept.
    pub fn get(&self, cx: &Context, holder: &Ref) -> Result<Option<Ref>> {
        if let Some(v) = self.value.get() {
            return Ok(Some(v));
        }
        let Some(f) = self.evaluate.get() else {
            return Ok(None);
        };
        // 1 is annotationlib.Format.VALUE.
        let v = protocol::call1(cx, &f, &Ref::small(1))?;
        if let Some(first) = self.value.get() {
            return Ok(Some(first));
        }
        drop(self.value.set(holder.holder(), Some(v.clone())));
        Ok(Some(v))
    }

    /// The function, or one made of the value.
    pub fn evaluator(&self) -> Result<Ref> {
        match (self.evaluate.get(), self.value.get()) {
            (Some(f), _) => Ok(f),
            (None, Some(v)) => constant(&v),
            (None, None) => Ok(s::none()),
        }
    }
}

/// `__name__` of the module whose code runs now; None if there is none.
pub fn caller_module(cx: &Context) -> Ref {
    (hooks().globals)(cx)
        .and_then(|g| dict::get_name(&g, skein_object::intern::names::__name__()))
        .unwrap_or_else(s::none)
}
