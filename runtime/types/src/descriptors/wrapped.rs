//! `classmethod` and `staticmethod`.

use super::property::{is_abstract, set_plain};
use crate::startup::{GetSet, TypeDef, getset, member, ready_type};
use skein_object::error::{Result, runtime_error, type_error};
use skein_object::intern::names;
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::object::{Payload, RefExt, alloc, type_of};
use skein_object::protocol::{self, call_kw, getattr_opt};
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Args, BoundMethodBody, Context, Ref, Slot, payload, row, str};

/// The wrapped callable.
pub struct WrappedBody(pub Slot);
payload!(WrappedBody, "classmethod", |this, v| { v.slot(&this.0) });

pub static CLASS_METHOD: Type = Type::declare(
    "classmethod",
    Some(&s::OBJECT),
    <WrappedBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

pub static STATIC_METHOD: Type = Type::declare(
    "staticmethod",
    Some(&s::OBJECT),
    <WrappedBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

/// A classmethod or staticmethod around `f`, without its attributes: for what class creation wraps implicitly.
pub fn wrap(ty: &'static Type, f: Ref) -> Result<Ref> {
    alloc(ty, WrappedBody(Slot::new(f)))
}

/// The callable in a staticmethod of the exact class.
pub fn static_function(r: &Ref) -> Option<Ref> {
    if r.is_exact(&STATIC_METHOD) {
        r.body::<WrappedBody>()?.0.get()
    } else {
        None
    }
}

fn callable(r: &Ref) -> Result<Ref> {
    match r.body::<WrappedBody>().and_then(|b| b.0.get()) {
        Some(f) => Ok(f),
        None => Err(runtime_error(format!("uninitialized {} object", r.ty().name()))),
    }
}

fn new(_: &Context, class: &Ref, _args: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    match Type::from_ref(class) {
        Some(ty) => alloc(ty, WrappedBody(Slot::new(s::none()))),
        None => Err(type_error("__new__ wants a class")),
    }
}

static INIT_CLASS: Row = row!("classmethod(self, function, /)", init_row, "");
static INIT_STATIC: Row = row!("staticmethod(self, function, /)", init_row, "");

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (w, f) = (a.at(0), a.at(1));
    if let Some(b) = w.body::<WrappedBody>() {
        // Inline caches refer to what is wrapped without counting it, as long as the class has the wrapper.
        std::mem::forget(b.0.set(w.holder(), Some(f.clone())));
    }
    for name in [
        names::__module__(),
        names::__name__(),
        names::__qualname__(),
        names::__doc__(),
    ] {
        if let Some(v) = getattr_opt(cx, f, name)? {
            set_plain(w, name, v)?;
        }
    }
    Ok(s::none())
}

fn init_with(cx: &Context, row: &'static Row, w: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    skein_object::native::call_with(cx, row, w, args, kw)
}

fn init_class(cx: &Context, w: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    init_with(cx, &INIT_CLASS, w, args, kw)
}

fn init_static(cx: &Context, w: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    init_with(cx, &INIT_STATIC, w, args, kw)
}

fn get_class(_: &Context, w: &Ref, object: Option<&Ref>, class: Option<&Ref>) -> Result<Ref> {
    let receiver = match (class, object) {
        (Some(c), _) => c.clone(),
        (None, Some(o)) => type_of(o).object(),
        (None, None) => s::none(),
    };
    alloc(&s::METHOD, BoundMethodBody::new(callable(w)?, receiver))
}

fn get_static(_: &Context, w: &Ref, _: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    callable(w)
}

fn call_static(cx: &Context, w: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    call_kw(cx, &callable(w)?, args, kw)
}

fn repr(cx: &Context, w: &Ref) -> Result<Ref> {
    let f = protocol::repr(cx, &callable(w)?)?;
    let kind = if w.is_instance(&CLASS_METHOD) {
        "classmethod"
    } else {
        "staticmethod"
    };
    str::from_str(&format!("<{kind}({})>", str::text(&f)))
}

fn func(_: &Context, w: &Ref) -> Result<Ref> {
    callable(w)
}

fn abstract_(cx: &Context, w: &Ref) -> Result<Ref> {
    Ok(number::bool(is_abstract(cx, &callable(w)?)?))
}

fn annotations(cx: &Context, w: &Ref) -> Result<Ref> {
    protocol::getattr(cx, &callable(w)?, names::__annotations__())
}

fn annotate(cx: &Context, w: &Ref) -> Result<Ref> {
    protocol::getattr(cx, &callable(w)?, names::__annotate__())
}

fn set_annotations(cx: &Context, w: &Ref, v: Option<&Ref>) -> Result<()> {
    match v {
        Some(v) => protocol::setattr(cx, &callable(w)?, names::__annotations__(), v),
        None => protocol::delattr(cx, &callable(w)?, names::__annotations__()),
    }
}

fn set_annotate(cx: &Context, w: &Ref, v: Option<&Ref>) -> Result<()> {
    match v {
        Some(v) => protocol::setattr(cx, &callable(w)?, names::__annotate__(), v),
        None => protocol::delattr(cx, &callable(w)?, names::__annotate__()),
    }
}

static GETSET: &[GetSet] = &[
    member("__func__", func),
    member("__wrapped__", func),
    getset("__isabstractmethod__", abstract_),
    getset("__annotations__", annotations).setter(set_annotations),
    getset("__annotate__", annotate).setter(set_annotate),
];

static METHODS: &[Row] = &[row!(
    class "__class_getitem__(cls, object, /)",
    crate::type_::generic_alias::class_getitem,
    "See PEP 585"
)];

fn class_slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init_class));
    t.descr_get.set(Some(get_class));
    t.repr.set(Some(repr));
}

fn static_slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init_static));
    t.descr_get.set(Some(get_static));
    t.call.set(Some(call_static));
    t.repr.set(Some(repr));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots: class_slots,
        getset: GETSET,
        methods: METHODS,
        doc: "classmethod(function, /)\n--\n\nConvert a function to be a class method.\n\nA class method receives the class as implicit first argument,\njust like an instance method receives the instance.\nTo declare a class method, use this idiom:\n\n  class C:\n      @classmethod\n      def f(cls, arg1, arg2, argN):\n          ...\n\nIt can be called either on the class (e.g. C.f()) or on an instance\n(e.g. C().f()).  The instance is ignored except for its class.\nIf a class method is called for a derived class, the derived class\nobject is passed as the implied first argument.\n\nClass methods are different than C++ or Java static methods.\nIf you want those, see the staticmethod builtin.",
        ..TypeDef::new(&CLASS_METHOD)
    })?;
    ready_type(&TypeDef {
        slots: static_slots,
        getset: GETSET,
        methods: METHODS,
        doc: "staticmethod(function, /)\n--\n\nConvert a function to be a static method.\n\nA static method does not receive an implicit first argument.\nTo declare a static method, use this idiom:\n\n     class C:\n         @staticmethod\n         def f(arg1, arg2, argN):\n             ...\n\nIt can be called either on the class (e.g. C.f()) or on an instance\n(e.g. C().f()). Both the class and the instance are ignored, and\nneither is passed implicitly as the first argument to the method.\n\nStatic methods in Python are similar to those found in Java or C++.\nFor a more advanced concept, see the classmethod builtin.",
        ..TypeDef::new(&STATIC_METHOD)
    })
}
