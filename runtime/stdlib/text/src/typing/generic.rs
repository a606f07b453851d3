//! `Generic`.

use skein_object::error::{Result, type_error};
use skein_object::layouts::{dict, str, tuple};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, protocol, row, statics as s};
use skein_stdlib_support::import_attr;
use skein_types::startup::TypeDef;

static GENERIC: Type = Type::declare(
    "typing.Generic",
    Some(&s::OBJECT),
    <() as Payload>::LAYOUT,
    flag::BASETYPE,
);

/// Calls a function of `typing` with the class in front.
fn in_python(cx: &Context, function: &str, a: Args<'_>) -> Result<Ref> {
    let f = import_attr(cx, "typing", function)?;
    let mut all = vec![a.at(0).clone()];
    all.extend_from_slice(a.rest(1));
    let mut names = Vec::new();
    for (k, v) in dict::entries(a.at(2)) {
        if !str::is_str(&k) {
            return Err(type_error("keywords must be strings"));
        }
        names.push(k);
        all.push(v);
    }
    if names.is_empty() {
        return protocol::call(cx, &f, &all);
    }
    protocol::call_kw(cx, &f, &all, Some(&tuple::new(names)?))
}

fn class_getitem(cx: &Context, a: Args<'_>) -> Result<Ref> {
    in_python(cx, "_generic_class_getitem", a)
}

fn init_subclass(cx: &Context, a: Args<'_>) -> Result<Ref> {
    in_python(cx, "_generic_init_subclass", a)
}

fn slots(t: &Slots) {
    t.new.set(s::OBJECT.slots.new.get());
}

static METHODS: &[Row] = &[
    row!(class "__class_getitem__(cls, *args, **kwargs)", class_getitem, "Parameterizes a generic class."),
    row!(class "__init_subclass__(cls, *args, **kwargs)", init_subclass, "Function to initialize subclasses."),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    hide: &["__new__"],
    methods: METHODS,
    doc: "Abstract base class for generic types.\n\nOn Python 3.12 and newer, generic classes implicitly inherit from\nGeneric when they declare a parameter list after the class's name::\n\n    class Mapping[KT, VT]:\n        def __getitem__(self, key: KT) -> VT:\n            ...\n            # Etc.",
    ..TypeDef::new(&GENERIC)
};
