//! `__new__` of native types: a built-in function bound to the type.

use skein_object::dict::entries;
use skein_object::error::{Result, type_error};
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc_of_class};
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, NativeBody, Ref, row, tuple};

static NEW: Row = row!(
    "__new__(cls, *args, **kwargs)",
    call,
    "Create and return new object.  See help(type) for accurate signature."
);

/// The `__new__` of a type.
pub fn make(ty: &'static Type) -> Result<Ref> {
    alloc_of_class(
        &s::NATIVE,
        ty,
        NativeBody {
            row: &NEW,
            receiver: Some(ty.object()),
            module: None,
        },
    )
}

/// The type whose `__new__` this is.
pub fn owner(found: &Ref) -> Option<&'static Type> {
    let b = found.body::<NativeBody>()?;
    if std::ptr::eq(b.row, &raw const NEW) {
        b.receiver.as_ref().and_then(Type::from_ref)
    } else {
        None
    }
}

fn call(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(ty) = Type::from_ref(a.at(0)) else {
        return Err(type_error("__new__() called with non-type 'self'"));
    };
    let args = a.rest(1);
    let Some(first) = args.first() else {
        return Err(type_error(format!("{}.__new__(): not enough arguments", ty.name())));
    };
    let Some(sub) = Type::from_ref(first) else {
        return Err(type_error(format!(
            "{}.__new__(X): X is not a type object ({})",
            ty.name(),
            first.ty().name()
        )));
    };
    if !sub.is_subtype(ty) {
        return Err(type_error(format!(
            "{}.__new__({}): {} is not a subtype of {}",
            ty.name(),
            sub.name(),
            sub.name(),
            ty.name()
        )));
    }
    // The native class nearest to the subclass must make its instances the same way.
    let mut native = sub;
    while native.has(flag::HEAP) {
        match native.base() {
            Some(b) => native = b,
            None => break,
        }
    }
    if !native.slots.new.same(&ty.slots.new) {
        return Err(type_error(format!(
            "{}.__new__({}) is not safe, use {}.__new__()",
            ty.name(),
            sub.name(),
            native.name()
        )));
    }
    let Some(new) = ty.slots.new.get() else {
        return Err(type_error(format!("cannot create '{}' instances", ty.name())));
    };
    let kwargs = entries(a.at(2));
    if kwargs.is_empty() {
        return new(cx, first, &args[1..], None);
    }
    let mut all = args[1..].to_vec();
    let mut names = Vec::with_capacity(kwargs.len());
    for (k, v) in kwargs {
        names.push(k);
        all.push(v);
    }
    new(cx, first, &all, Some(&tuple::new(names)?))
}
