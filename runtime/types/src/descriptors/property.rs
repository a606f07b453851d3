//! `property`.

use crate::startup::{GetSet, TypeDef, getset, member, ready_type};
use skein_object::error::{Result, attribute_error_plain, type_error};
use skein_object::instance::Attrs;
use skein_object::intern::names;
use skein_object::native::Row;
use skein_object::object::{Payload, RefExt, alloc, type_of};
use skein_object::protocol::{self, call, getattr_opt, is_true};
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Slot, number, payload, row, str};
use std::sync::atomic::{AtomicBool, Ordering};

pub struct PropertyBody {
    pub get: Slot,
    pub set: Slot,
    pub delete: Slot,
    doc: Slot,
    name: Slot,
    /// The doc came from the getter.
    getter_doc: AtomicBool,
}
payload!(PropertyBody, "property", |this, v| {
    for s in [&this.get, &this.set, &this.delete, &this.doc, &this.name] {
        v.slot(s);
    }
});

pub static PROPERTY: Type = Type::declare(
    "property",
    Some(&s::OBJECT),
    <PropertyBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

fn body(r: &Ref) -> Result<&PropertyBody> {
    r.body::<PropertyBody>().ok_or_else(|| type_error("not a property"))
}

fn new(_: &Context, class: &Ref, _args: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    let Some(ty) = Type::from_ref(class) else {
        return Err(type_error("property.__new__ wants a class"));
    };
    alloc(
        ty,
        PropertyBody {
            get: Slot::empty(),
            set: Slot::empty(),
            delete: Slot::empty(),
            doc: Slot::empty(),
            name: Slot::empty(),
            getter_doc: AtomicBool::new(false),
        },
    )
}

static INIT: Row = row!(
    "property(self, /, fget=None, fset=None, fdel=None, doc=None)",
    init_row,
    ""
);

fn init(cx: &Context, p: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    skein_object::native::call_with(cx, &INIT, p, args, kw)
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = a.at(0);
    let b = body(p)?;
    let h = p.holder();
    let value = |i| a.opt_not_none(i).cloned();
    // Inline caches refer to a getter without counting it, as long as the class has the property.
    std::mem::forget(b.get.set(h, value(1)));
    drop(b.set.set(h, value(2)));
    drop(b.delete.set(h, value(3)));
    drop(b.name.set(h, None));
    let mut doc = value(4);
    // Relaxed: a flag without data.
    b.getter_doc.store(false, Ordering::Relaxed);
    if doc.is_none()
        && let Some(g) = value(1)
    {
        doc = getattr_opt(cx, &g, names::__doc__())?.filter(|d| !s::is_none(d));
        b.getter_doc.store(doc.is_some(), Ordering::Relaxed);
    }
    if p.is_exact(&PROPERTY) {
        drop(b.doc.set(h, doc));
    } else {
        let doc = doc.unwrap_or_else(s::none);
        match protocol::setattr(cx, p, names::__doc__(), &doc) {
            // A doc that was given is dropped where the instance has no room for it; one of the getter is not.
            Err(e) if e.is(&s::ATTRIBUTE_ERROR) && !b.getter_doc.load(Ordering::Relaxed) => {}
            r => r?,
        }
    }
    Ok(s::none())
}

fn name_of(cx: &Context, p: &Ref) -> Result<Option<Ref>> {
    let b = body(p)?;
    if let Some(n) = b.name.get() {
        return Ok(Some(n));
    }
    match b.get.get() {
        Some(g) => getattr_opt(cx, &g, names::__name__()),
        None => Ok(None),
    }
}

#[cold]
fn missing(cx: &Context, p: &Ref, object: &Ref, what: &str) -> skein_object::Error {
    let class = crate::type_::attributes::qualname(cx, &type_of(object).object())
        .map_or_else(|_| String::new(), |q| str::text(&q));
    let name = match name_of(cx, p) {
        Ok(Some(n)) => protocol::repr(cx, &n).map_or_else(|_| String::new(), |r| format!(" {}", str::text(&r))),
        _ => String::new(),
    };
    attribute_error_plain(format!("property{name} of '{class}' object has no {what}"))
}

fn get(cx: &Context, p: &Ref, object: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    let Some(o) = object else {
        return Ok(p.clone());
    };
    match body(p)?.get.get() {
        Some(f) => call(cx, &f, std::slice::from_ref(o)),
        None => Err(missing(cx, p, o, "getter")),
    }
}

fn set(cx: &Context, p: &Ref, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let b = body(p)?;
    match value {
        Some(v) => match b.set.get() {
            Some(f) => call(cx, &f, &[object.clone(), v.clone()]).map(drop),
            None => Err(missing(cx, p, object, "setter")),
        },
        None => match b.delete.get() {
            Some(f) => call(cx, &f, std::slice::from_ref(object)).map(drop),
            None => Err(missing(cx, p, object, "deleter")),
        },
    }
}

/// A copy with one function replaced.
fn copy(cx: &Context, p: &Ref, which: usize, f: &Ref) -> Result<Ref> {
    let b = body(p)?;
    let old = |slot: &Slot| slot.get().unwrap_or_else(s::none);
    let mut parts = [old(&b.get), old(&b.set), old(&b.delete), s::none()];
    if !s::is_none(f) {
        parts[which] = f.clone();
    }
    if !b.getter_doc.load(Ordering::Relaxed) || s::is_none(&parts[0]) {
        parts[3] = old(&b.doc);
    }
    let fresh = call(cx, &p.ty().object(), &parts)?;
    if let Some(n) = b.name.get()
        && let Some(fb) = fresh.body::<PropertyBody>()
    {
        drop(fb.name.set(fresh.holder(), Some(n)));
    }
    Ok(fresh)
}

fn getter(cx: &Context, a: Args<'_>) -> Result<Ref> {
    copy(cx, a.at(0), 0, a.at(1))
}
fn setter(cx: &Context, a: Args<'_>) -> Result<Ref> {
    copy(cx, a.at(0), 1, a.at(1))
}
fn deleter(cx: &Context, a: Args<'_>) -> Result<Ref> {
    copy(cx, a.at(0), 2, a.at(1))
}

fn set_name(_: &Context, a: Args<'_>) -> Result<Ref> {
    let p = a.at(0);
    let [_, name] = a.rest(1) else {
        return Err(type_error(format!(
            "__set_name__() takes 2 positional arguments but {} were given",
            a.rest(1).len()
        )));
    };
    drop(body(p)?.name.set(p.holder(), Some(name.clone())));
    Ok(s::none())
}

static METHODS: &[Row] = &[
    row!(
        "getter(self, object, /)",
        getter,
        "Descriptor to obtain a copy of the property with a different getter."
    ),
    row!(
        "setter(self, object, /)",
        setter,
        "Descriptor to obtain a copy of the property with a different setter."
    ),
    row!(
        "deleter(self, object, /)",
        deleter,
        "Descriptor to obtain a copy of the property with a different deleter."
    ),
    row!(
        "__set_name__(self, /, *args)",
        set_name,
        "Method to set name of a property."
    ),
];

fn fget(_: &Context, p: &Ref) -> Result<Ref> {
    Ok(body(p)?.get.get().unwrap_or_else(s::none))
}
fn fset(_: &Context, p: &Ref) -> Result<Ref> {
    Ok(body(p)?.set.get().unwrap_or_else(s::none))
}
fn fdel(_: &Context, p: &Ref) -> Result<Ref> {
    Ok(body(p)?.delete.get().unwrap_or_else(s::none))
}
fn doc(_: &Context, p: &Ref) -> Result<Ref> {
    Ok(body(p)?.doc.get().unwrap_or_else(s::none))
}
fn set_doc(_: &Context, p: &Ref, v: Option<&Ref>) -> Result<()> {
    drop(body(p)?.doc.set(p.holder(), v.cloned()));
    Ok(())
}
fn name(cx: &Context, p: &Ref) -> Result<Ref> {
    match name_of(cx, p)? {
        Some(n) => Ok(n),
        None => Err(attribute_error_plain("'property' object has no attribute '__name__'")),
    }
}
fn set_name_attr(_: &Context, p: &Ref, v: Option<&Ref>) -> Result<()> {
    drop(body(p)?.name.set(p.holder(), v.cloned()));
    Ok(())
}
fn abstract_(cx: &Context, p: &Ref) -> Result<Ref> {
    let b = body(p)?;
    for f in [b.get.get(), b.set.get(), b.delete.get()].into_iter().flatten() {
        if is_abstract(cx, &f)? {
            return Ok(s::true_());
        }
    }
    Ok(s::false_())
}

/// `__isabstractmethod__` of an object, false if it has none.
pub fn is_abstract(cx: &Context, f: &Ref) -> Result<bool> {
    match getattr_opt(cx, f, names::__isabstractmethod__())? {
        Some(v) => is_true(cx, &v),
        None => Ok(false),
    }
}

static GETSET: &[GetSet] = &[
    member("fget", fget),
    member("fset", fset),
    member("fdel", fdel),
    member("__doc__", doc).setter(set_doc),
    getset("__name__", name).setter(set_name_attr),
    getset("__isabstractmethod__", abstract_),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
    t.descr_get.set(Some(get));
    t.descr_set.set(Some(set));
}

/// Attributes of an instance with inline attributes, set without hooks.
pub(super) fn set_plain(object: &Ref, name: &Ref, value: Ref) -> Result<()> {
    match object.header() {
        Some(h) => match Attrs::of(h, type_of(object)) {
            Some(attrs) => attrs.set(h, name, value),
            None => Ok(()),
        },
        None => Ok(()),
    }
}

pub fn ready() -> Result<()> {
    let _ = number::bool(true);
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "property(fget=None, fset=None, fdel=None, doc=None)\n--\n\nProperty attribute.\n\n  fget\n    function to be used for getting an attribute value\n  fset\n    function to be used for setting an attribute value\n  fdel\n    function to be used for del'ing an attribute\n  doc\n    docstring\n\nTypical use is to define a managed attribute x:\n\nclass C(object):\n    def getx(self): return self._x\n    def setx(self, value): self._x = value\n    def delx(self): del self._x\n    x = property(getx, setx, delx, \"I'm the 'x' property.\")\n\nDecorators make defining new properties or modifying existing ones easy:\n\nclass C(object):\n    @property\n    def x(self):\n        \"I am the 'x' property.\"\n        return self._x\n    @x.setter\n    def x(self, value):\n        self._x = value\n    @x.deleter\n    def x(self):\n        del self._x",
        ..TypeDef::new(&PROPERTY)
    })
}
