//! `object`: what every object can do.

pub mod dict_attr;
pub mod new_wrapper;
pub mod reduce;

use crate::startup::{GetSet, TypeDef, getset, ready_type};
use skein_object::error::{Result, attribute_error_plain, type_error};
use skein_object::instance::Attrs;
use skein_object::intern::{self, names};
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol::attribute::{generic_getattr, generic_setattr};
use skein_object::protocol::{self, getattr_opt};
use skein_object::slots::{CompareOp, Slots};
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, dict, list, row, str, tuple};

/// `object.__new__`.
pub fn new(cx: &Context, class: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    let Some(ty) = Type::from_ref(class) else {
        return Err(type_error("object.__new__(X): X is not a type object"));
    };
    if !args.is_empty() || kw.is_some_and(|k| tuple::items(k).is_some_and(|i| !i.is_empty())) {
        if !ty.slots.new.same(&s::OBJECT.slots.new) {
            return Err(type_error(
                "object.__new__() takes exactly one argument (the type to instantiate)",
            ));
        }
        if ty.slots.init.same(&s::OBJECT.slots.init) {
            return Err(type_error(format!("{}() takes no arguments", ty.name())));
        }
    }
    if ty.has(flag::ABSTRACT) {
        return Err(abstract_error(cx, ty));
    }
    alloc(ty, ())
}

/// An instance of a class without an `__init__` or `__new__` of its own.
fn make(_: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    (args.is_empty() && !ty.has(flag::ABSTRACT)).then(|| alloc(ty, ()))
}

#[cold]
fn abstract_error(cx: &Context, ty: &'static Type) -> skein_object::Error {
    let names = ty
        .own(names::__abstractmethods__())
        .and_then(|a| protocol::collect(cx, &a).ok())
        .unwrap_or_default();
    let mut names: Vec<String> = names.iter().map(str::text).collect();
    names.sort();
    let plural = if names.len() == 1 { "" } else { "s" };
    let list = names.iter().map(|n| format!("'{n}'")).collect::<Vec<_>>().join(", ");
    type_error(format!(
        "Can't instantiate abstract class {} without an implementation for abstract method{plural} {list}",
        ty.name()
    ))
}

/// `object.__init__`.
pub fn init(_: &Context, object: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    if !args.is_empty() || kw.is_some_and(|k| tuple::items(k).is_some_and(|i| !i.is_empty())) {
        let ty = type_of(object);
        if !ty.slots.init.same(&s::OBJECT.slots.init) {
            return Err(type_error(
                "object.__init__() takes exactly one argument (the instance to initialize)",
            ));
        }
        if ty.slots.new.same(&s::OBJECT.slots.new) {
            return Err(type_error(format!(
                "{}.__init__() takes exactly one argument (the instance to initialize)",
                ty.name()
            )));
        }
    }
    Ok(s::none())
}

fn repr(_: &Context, object: &Ref) -> Result<Ref> {
    let ty = type_of(object);
    let q = crate::type_::attributes::qualname_text(ty);
    let at = crate::descriptors::address(object);
    match crate::type_::attributes::module_text(ty) {
        Some(m) if m != "builtins" => str::from_str(&format!("<{m}.{q} object at {at:#x}>")),
        _ => str::from_str(&format!("<{q} object at {at:#x}>")),
    }
}

fn str_(cx: &Context, object: &Ref) -> Result<Ref> {
    protocol::repr(cx, object)
}

fn hash(_: &Context, object: &Ref) -> Result<i64> {
    Ok(number::hash_pointer(object.value().0))
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    match op {
        CompareOp::Eq if a.is(b) => Ok(s::true_()),
        CompareOp::Ne => {
            let Some(f) = type_of(a).slots.compare.get() else {
                return Ok(s::not_implemented());
            };
            let r = f(cx, a, b, CompareOp::Eq)?;
            if r.is(&s::not_implemented()) {
                return Ok(r);
            }
            Ok(number::bool(!protocol::is_true(cx, &r)?))
        }
        _ => Ok(s::not_implemented()),
    }
}

fn class(_: &Context, object: &Ref) -> Result<Ref> {
    Ok(type_of(object).object())
}

fn set_class(_: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let Some(value) = value else {
        return Err(type_error("can't delete __class__ attribute"));
    };
    let Some(new) = Type::from_ref(value) else {
        return Err(type_error(format!(
            "__class__ must be set to a class, not '{}' object",
            value.ty().name()
        )));
    };
    let old = type_of(object);
    let modules = old.is_subtype(&s::MODULE) && new.is_subtype(&s::MODULE);
    if !modules && (!old.has(flag::HEAP) || !new.has(flag::HEAP)) {
        return Err(type_error(
            "__class__ assignment only supported for mutable types or ModuleType subclasses",
        ));
    }
    let solid = |mut t: &'static Type| {
        while let Some(b) = t.base() {
            if b.slot_count() != t.slot_count() || !std::ptr::eq(b.layout(), t.layout()) {
                break;
            }
            t = b;
        }
        t
    };
    let same_slots = old.slot_count() == new.slot_count()
        && (std::ptr::eq(solid(old), solid(new)) || slot_names(old) == slot_names(new));
    if !std::ptr::eq(old.layout(), new.layout()) || !same_slots || (old.attrs_offset() != new.attrs_offset()) {
        return Err(type_error(format!(
            "__class__ assignment: '{}' object layout differs from '{}'",
            new.name(),
            old.name()
        )));
    }
    let Some(h) = object.header() else {
        return Ok(());
    };
    if let Some(attrs) = Attrs::of(h, old) {
        // Shapes belong to one class: from here on the attributes live in a dict.
        attrs.dict(h)?;
    }
    h.set_class(new.class());
    Ok(())
}

/// Names of all `__slots__` fields of a type, in order of the classes.
fn slot_names(ty: &'static Type) -> Vec<u64> {
    let mut out = Vec::new();
    for t in ty.mro() {
        let mut own = Vec::new();
        let mut pos = 0;
        while let Some((k, v, _)) = t.dict.next(&mut pos) {
            if let Some((_, i)) = crate::descriptors::getset::slot_field(&v) {
                own.push((i, k.value().0));
            }
        }
        own.sort_unstable();
        out.extend(own.into_iter().map(|(_, k)| k));
    }
    out
}

fn format(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match a.at(1).body::<skein_object::StrBody>() {
        None => Err(type_error(format!(
            "__format__() argument must be str, not {}",
            a.at(1).ty().name()
        ))),
        Some(b) if b.is_empty() => protocol::str_of(cx, a.at(0)),
        Some(_) => Err(type_error(format!(
            "unsupported format string passed to {}.__format__",
            a.at(0).ty().name()
        ))),
    }
}

/// Adds the names of a class and its bases to a dict.
pub fn merge_class(cx: &Context, into: &Ref, class: &Ref) -> Result<()> {
    cx.check_stack()?;
    if let Some(d) = getattr_opt(cx, class, names::__dict__())? {
        for k in protocol::collect(cx, &d)? {
            protocol::setitem(cx, into, &k, &s::none())?;
        }
    }
    if let Some(bases) = getattr_opt(cx, class, names::__bases__())?
        && !protocol::is_callable(&bases)
    {
        for b in protocol::collect(cx, &bases)? {
            merge_class(cx, into, &b)?;
        }
    }
    Ok(())
}

fn dir(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let names = dict::new()?;
    if let Some(d) = getattr_opt(cx, a.at(0), names::__dict__())?
        && d.is_instance(&s::DICT)
    {
        for (k, _) in dict::entries(&d) {
            protocol::setitem(cx, &names, &k, &s::none())?;
        }
    }
    if let Some(c) = getattr_opt(cx, a.at(0), names::__class__())? {
        merge_class(cx, &names, &c)?;
    }
    list::new(dict::entries(&names).into_iter().map(|(k, _)| k).collect())
}

fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    number::int_from_usize(type_of(a.at(0)).instance_size(0))
}

fn init_subclass(_: &Context, a: Args<'_>) -> Result<Ref> {
    let name = Type::from_ref(a.at(0)).map_or("object", |t| t.name());
    if !a.rest(1).is_empty() {
        return Err(type_error(format!(
            "{name}.__init_subclass__() takes no arguments ({} given)",
            a.rest(1).len()
        )));
    }
    if !dict::entries(a.at(2)).is_empty() {
        return Err(type_error(format!(
            "{name}.__init_subclass__() takes no keyword arguments"
        )));
    }
    Ok(s::none())
}

fn subclasshook(_: &Context, _: Args<'_>) -> Result<Ref> {
    Ok(s::not_implemented())
}

static METHODS: &[Row] = &[
    row!(
        "__format__(self, format_spec, /)",
        format,
        "Default object formatter.\n\nReturn str(self) if format_spec is empty. Raise TypeError otherwise."
    ),
    row!("__dir__(self, /)", dir, "Default dir() implementation."),
    row!("__sizeof__(self, /)", sizeof, "Size of object in memory, in bytes."),
    row!(
        "__reduce_ex__(self, protocol, /)",
        reduce::reduce_ex,
        "Helper for pickle."
    ),
    row!("__reduce__(self, /)", reduce::reduce, "Helper for pickle."),
    row!("__getstate__(self, /)", reduce::getstate, "Helper for pickle."),
    row!(class "__init_subclass__(cls, *args, **kwargs)", init_subclass, "This method is called when a class is subclassed.\n\nThe default implementation does nothing. It may be\noverridden to extend subclasses."),
    row!(class "__subclasshook__(cls, *args)", subclasshook, "Abstract classes can override this to customize issubclass().\n\nThis is invoked early on by abc.ABCMeta.__subclasscheck__().\nIt should return True, False or NotImplemented.  If it returns\nNotImplemented, the normal algorithm is used.  Otherwise, it\noverrides the normal algorithm (and the outcome is cached)."),
];

static GETSET: &[GetSet] = &[getset("__class__", class).setter(set_class).doc("the object's class")];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make));
    t.init.set(Some(init));
    t.repr.set(Some(repr));
    t.str.set(Some(str_));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
    t.getattr.set(Some(generic_getattr));
    t.setattr.set(Some(generic_setattr));
}

/// Completes `object`.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "The base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
        ..TypeDef::new(&s::OBJECT)
    })
}

/// An attribute of a module that is imported when it is needed.
pub fn import_attr(cx: &Context, module: &str, name: &str) -> Result<Ref> {
    let none = s::none();
    let from = tuple::new(vec![intern::name(name)])?;
    let m = (skein_object::context::hooks().import)(cx, &intern::name(module), &none, None, &from, &Ref::small(0))?;
    protocol::getattr(cx, &m, &intern::name(name))
}

/// An AttributeError with a plain message.
pub fn no_such(message: &str) -> skein_object::Error {
    attribute_error_plain(message)
}
