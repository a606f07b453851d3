//! Calls of classes: `__new__`, then `__init__`.

use skein_object::error::{Result, type_error};
use skein_object::object::type_of;
use skein_object::statics as s;
use skein_object::types::Type;
use skein_object::{Context, Ref, tuple};

/// `type.__call__`.
pub fn call(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let Some(ty) = Type::from_ref(class) else {
        return Err(type_error("type.__call__ wants a class"));
    };
    if std::ptr::eq(ty, &raw const s::TYPE) {
        let n = names.and_then(tuple::items).map_or(0, <[Ref]>::len);
        if args.len() == 1 && n == 0 {
            return Ok(type_of(&args[0]).object());
        }
        if args.len() - n != 3 {
            return Err(type_error("type() takes 1 or 3 arguments"));
        }
    }
    construct(cx, ty, class, args, names)
}

/// `type(x)`.
pub fn make(_: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    match args {
        [x] if std::ptr::eq(ty, &raw const s::TYPE) => Some(Ok(type_of(x).object())),
        _ => None,
    }
}

/// Makes an instance.
#[inline]
pub fn construct(cx: &Context, ty: &'static Type, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if names.is_none()
        && let Some(make) = ty.slots.make.get()
        && let Some(done) = make(cx, ty, args)
    {
        return done;
    }
    let Some(new) = ty.slots.new.get() else {
        return Err(type_error(format!("cannot create '{}' instances", ty.name())));
    };
    let object = new(cx, class, args, names)?;
    let made = type_of(&object);
    if !std::ptr::eq(made, ty) && !made.is_subtype(ty) {
        return Ok(object);
    }
    if let Some(init) = made.slots.init.get() {
        init(cx, &object, args, names)?;
    }
    Ok(object)
}
