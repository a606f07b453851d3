//! Start-up: completes the static types.
//!
//! A room, or a native module in another crate, declares a type and completes it so:
//!
//! ```ignore
//! pub static POINT: Type = Type::declare("geometry.Point", Some(&s::OBJECT), <PointBody as Payload>::LAYOUT, flag::BASETYPE);
//!
//! fn slots(t: &Slots) {
//!     t.repr.set(Some(repr));
//!     t.new.set(Some(new));                    // fn(cx, class, args, names) -> Result<Ref>
//! }
//! static METHODS: &[Row] = &[row!("norm(self, /)", norm, "Distance from the origin.")];
//! static GETSET: &[GetSet] = &[
//!     member("x", |_, p| number::float(body(p)?.x)),
//!     getset("label", label).setter(set_label).doc("A text."),
//! ];
//! ready_type(&TypeDef { slots, methods: METHODS, getset: GETSET, doc: "A point.", ..TypeDef::new(&POINT) })?;
//! ```
//!
//! `ready_type` sets bases, MRO and instance layout, fills the slots, adds method descriptors, getset descriptors,
//! `__doc__`, and a wrapper descriptor for every special method of a slot that `slots` has set (`__add__`, `__len__`, ...);
//! then it inherits the base's slots. The base must be ready before. A type that sets no `new` and has a layout of its own
//! cannot be instantiated from Python. `hide` names wrappers that the type does not have in CPython (`list.__radd__`).

use crate::descriptors::getset as descriptor;
use crate::type_::update;
use skein_object::error::Result;
use skein_object::intern::{self, names};
use skein_object::native::{self, Row};
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::str;
use skein_object::types::{Type, flag};

pub use descriptor::{GetSet, getset, member};

/// Declaration of a native type.
pub struct TypeDef {
    pub ty: &'static Type,
    /// All bases; empty: the static base alone.
    pub bases: &'static [&'static Type],
    pub slots: fn(&Slots),
    pub methods: &'static [Row],
    pub getset: &'static [GetSet],
    /// May begin with CPython's signature line: `"list(iterable=(), /)\n--\n\n..."`. Empty: None.
    pub doc: &'static str,
    /// Special methods that are not to be made though their slot is set.
    pub hide: &'static [&'static str],
}

fn no_slots(_: &Slots) {}

impl TypeDef {
    pub const fn new(ty: &'static Type) -> TypeDef {
        TypeDef {
            ty,
            bases: &[],
            slots: no_slots,
            methods: &[],
            getset: &[],
            doc: "",
            hide: &[],
        }
    }
}

/// Sets bases, MRO and instance layout of a static type.
fn link(ty: &'static Type, bases: &'static [&'static Type]) -> Result<()> {
    if !ty.mro().is_empty() {
        return Ok(());
    }
    let base = ty.static_base();
    let list: Vec<&'static Type> = match (bases, base) {
        ([], Some(b)) => vec![b],
        (list, _) => list.to_vec(),
    };
    if let Some(b) = base {
        ty.set_mro(skein_object::types::c3(ty, &list)?);
        ty.set_bases(list, b);
    } else {
        ty.set_mro(vec![ty]);
    }
    let own = ty.layout();
    // The layout of a static type is its own, not the base's.
    let with_dict = ty.has(flag::HAS_DICT) || base.is_some_and(|b| b.has(flag::HAS_DICT));
    ty.set_instance_layout(ty, 0, with_dict, 0);
    debug_assert!(std::ptr::eq(own, ty.layout()));
    Ok(())
}

/// Docs of types whose `__doc__` is an attribute of their instances.
static DOCS: skein_gc::lock::Mutex<Vec<(usize, &'static str)>> = skein_gc::lock::Mutex::new(Vec::new());

/// The doc of a native type whose dict has a descriptor in the place of its doc.
pub fn doc_of(ty: &'static Type) -> Option<&'static str> {
    let address = ty as *const Type as usize;
    let docs = DOCS.lock();
    docs.iter().find(|(a, _)| *a == address).map(|(_, d)| *d)
}

/// Completes a static type: see the head of the file.
///
/// # Errors
/// MemoryError.
pub fn ready_type(def: &TypeDef) -> Result<()> {
    let ty = def.ty;
    link(ty, def.bases)?;
    (def.slots)(&ty.slots);
    let _ = ty.dict.reserve(
        ty.header(),
        def.methods.len() + def.getset.len() + update::count_wrappers(ty) + 2,
    );
    native::add_methods(ty, def.methods)?;
    for row in def.getset {
        descriptor::add(ty, row)?;
    }
    let set = |name: &skein_object::Ref, value| {
        ty.define(name, value);
    };
    if ty.own(names::__doc__()).is_some() && !def.doc.is_empty() {
        DOCS.lock().push((ty as *const Type as usize, def.doc));
    }
    if ty.own(names::__doc__()).is_none() {
        set(
            names::__doc__(),
            if def.doc.is_empty() {
                s::none()
            } else {
                str::from_str(def.doc)?
            },
        );
    }
    if let Some((module, _)) = ty.name().rsplit_once('.')
        && ty.own(names::__module__()).is_none()
    {
        set(names::__module__(), intern::name(module));
    }
    update::add_wrappers(ty, def.hide)?;
    if let Some(base) = ty.static_base() {
        debug_assert!(base.has(flag::READY), "{} before {}", ty.name(), base.name());
        if ty.has(flag::HAS_DICT) && !base.has(flag::HAS_DICT) && ty.own(names::__dict__()).is_none() {
            descriptor::add(ty, &crate::object::dict_attr::NATIVE_DICT)?;
        }
        let own_new = ty.slots.new.is_set();
        ty.slots.inherit(&base.slots);
        let foreign = std::ptr::eq(base, &raw const s::OBJECT) || !std::ptr::eq(base.layout(), ty.layout());
        if ty.has(flag::NO_NEW) || (!own_new && foreign) {
            ty.slots.new.set(None);
        }
        if !ty.slots.make.is_set() {
            ty.slots.settle_make(&base.slots);
        }
        if base.class().finalize.get().is_some() && ty.class().finalize.get().is_none() {
            ty.set_finalizer(base.class().finalize.get());
        }
        for f in [flag::SEQUENCE, flag::MAPPING, flag::MATCH_SELF] {
            if base.has(f) {
                ty.set_flag(f, true);
            }
        }
    }
    update::update_flags(ty);
    ty.set_flag(flag::IMMUTABLE | flag::READY, true);
    Ok(())
}

/// Completes all types. To be called once, with a context entered.
///
/// # Errors
/// MemoryError.
pub fn ready() -> Result<()> {
    for ty in s::ALL {
        if std::ptr::eq(*ty, &raw const s::EXCEPTION_GROUP) {
            static BASES: [&Type; 2] = [&s::BASE_EXCEPTION_GROUP, &s::EXCEPTION];
            link(ty, &BASES)?;
        } else {
            link(ty, &[])?;
        }
    }
    crate::object::ready()?;
    crate::type_::ready()?;
    crate::descriptors::ready()?;
    crate::function::ready()?;
    crate::int::ready()?;
    crate::bool_::ready()?;
    crate::float::ready()?;
    crate::complex::ready()?;
    crate::str_::ready()?;
    crate::bytes::ready()?;
    crate::bytearray::ready()?;
    crate::memoryview::ready()?;
    crate::tuple::ready()?;
    crate::list::ready()?;
    crate::dict::ready()?;
    crate::set::ready()?;
    crate::range::ready()?;
    crate::slice::ready()?;
    crate::iterators::ready()?;
    crate::exceptions::ready()?;
    crate::builtins::ready()?;
    for ty in s::ALL {
        if !ty.has(flag::READY) {
            ready_type(&TypeDef::new(ty))?;
        }
    }
    for ty in [
        &native::CLASS_METHOD_DESCRIPTOR,
        &skein_object::protocol::iterate::SEQUENCE_ITERATOR,
    ] {
        if !ty.has(flag::READY) {
            ready_type(&TypeDef::new(ty))?;
        }
    }
    let _ = skein_object::protocol::attribute::QUIET.set([
        (crate::type_::attributes::getattr, crate::type_::attributes::getattr_opt),
        (crate::function::module::getattr, crate::function::module::getattr_opt),
    ]);
    let _ = skein_object::protocol::item::TYPE_ITEM.set(|_, class, key| crate::type_::generic_alias::make(class, key));
    skein_object::layouts::exception::preallocate();
    Ok(())
}
