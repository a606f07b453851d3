//! Functions and what belongs to them: methods, `super`, modules, cells, code, and the small singletons.

pub mod attributes;
pub mod cell;
pub mod code;
pub mod method;
pub mod module;
pub mod singletons;
pub mod super_;

pub use super_::{super_lookup, super_method};

use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Result, type_error, value_error};
use skein_object::intern::names;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::{
    Args, BoundMethodBody, CodeBody, Context, FunctionBody, ModuleBody, Ref, Slot, dict, row, str, tuple,
};

/// The body of a function.
pub fn body(r: &Ref) -> Result<&FunctionBody> {
    r.body::<FunctionBody>().ok_or_else(|| type_error("not a function"))
}

fn call(cx: &Context, f: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    (skein_object::context::hooks().call_function)(cx, f, args, names)
}

fn get(_: &Context, f: &Ref, object: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    match object {
        Some(o) => alloc(&s::METHOD, BoundMethodBody::of(f, o)),
        None => Ok(f.clone()),
    }
}

fn repr(_: &Context, f: &Ref) -> Result<Ref> {
    let q = body(f)?.qualname.get().map_or_else(String::new, |q| str::text(&q));
    str::from_str(&format!("<function {q} at {:#x}>", crate::descriptors::address(f)))
}

/// The builtins dict that code with these globals uses.
pub fn builtins_of(globals: &Ref) -> Result<Ref> {
    match dict::get_name(globals, names::__builtins__()) {
        Some(b) if b.is_instance(&s::DICT) => Ok(b),
        Some(b) => match b.body::<ModuleBody>().and_then(|m| m.dict.get()) {
            Some(d) => Ok(d),
            None => dict::new(),
        },
        None => {
            let m = crate::builtins::module()?;
            match m.body::<ModuleBody>().and_then(|m| m.dict.get()) {
                Some(d) => Ok(d),
                None => dict::new(),
            }
        }
    }
}

/// A function object.
///
/// # Errors
/// MemoryError.
pub fn make(code: &Ref, globals: &Ref, builtins: &Ref) -> Result<Ref> {
    let Some(c) = code.body::<CodeBody>() else {
        return Err(type_error("a function needs a code object"));
    };
    let doc = match c.consts.first() {
        Some(d) if c.unit.flags & skein_bytecode::code::flags::HAS_DOCSTRING != 0 && str::is_str(d) => d.clone(),
        _ => s::none(),
    };
    alloc(
        &s::FUNCTION,
        FunctionBody {
            code: Slot::new(code.clone()),
            globals: globals.clone(),
            builtins: builtins.clone(),
            name: Slot::new(c.name.clone()),
            qualname: Slot::new(c.qualname.clone()),
            defaults: Slot::empty(),
            kwdefaults: Slot::empty(),
            closure: Slot::empty(),
            doc: Slot::new(doc),
            module: Slot::from_option(dict::get_name(globals, names::__name__())),
            annotate: Slot::empty(),
            annotations: Slot::empty(),
            type_params: Slot::empty(),
        },
    )
}

static NEW: Row = row!(
    "function(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
    new_row,
    ""
);

fn new(cx: &Context, _: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    skein_object::native::call(cx, &NEW, args, names)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let code = a.at(0);
    let Some(c) = code.body::<CodeBody>() else {
        return Err(type_error(format!(
            "function() argument 'code' must be code, not {}",
            code.ty().name()
        )));
    };
    if !a.at(1).is_instance(&s::DICT) {
        return Err(type_error(format!(
            "function() argument 'globals' must be dict, not {}",
            a.at(1).ty().name()
        )));
    }
    if let Some(n) = a.opt_not_none(2)
        && !str::is_str(n)
    {
        return Err(type_error("arg 3 (name) must be None or string"));
    }
    if let Some(d) = a.opt_not_none(3)
        && tuple::items(d).is_none()
    {
        return Err(type_error("arg 4 (defaults) must be None or tuple"));
    }
    let free = c.unit.nfree as usize;
    match a.opt_not_none(4) {
        None if free > 0 => return Err(type_error("arg 5 (closure) must be tuple")),
        None => {}
        Some(t) => {
            let Some(items) = tuple::items(t) else {
                return Err(type_error("arg 5 (closure) must be None or tuple"));
            };
            if items.len() != free {
                return Err(value_error(format!(
                    "{} requires closure of length {free}, not {}",
                    str::text(&c.name),
                    items.len()
                )));
            }
            for i in items {
                if !i.is_instance(&s::CELL) {
                    return Err(type_error(format!(
                        "arg 5 (closure) expected cell, found {}",
                        i.ty().name()
                    )));
                }
            }
        }
    }
    if let Some(d) = a.opt_not_none(5)
        && !d.is_instance(&s::DICT)
    {
        return Err(type_error("arg 6 (kwdefaults) must be None or dict"));
    }
    // Globals that name no builtins: those of the caller.
    let builtins = if dict::get_name(a.at(1), names::__builtins__()).is_none()
        && let Some(frame) = (skein_object::context::hooks().frame_object)(cx, 0)
    {
        skein_object::protocol::getattr_str(cx, &frame, "f_builtins")?
    } else {
        builtins_of(a.at(1))?
    };
    let f = make(code, a.at(1), &builtins)?;
    let (b, h) = (body(&f)?, f.holder());
    if let Some(n) = a.opt_not_none(2) {
        drop(b.name.set(h, Some(n.clone())));
        drop(b.qualname.set(h, Some(n.clone())));
    }
    drop(b.defaults.set(h, a.opt_not_none(3).cloned()));
    drop(b.closure.set(h, a.opt_not_none(4).cloned()));
    drop(b.kwdefaults.set(h, a.opt_not_none(5).cloned()));
    Ok(f)
}

fn slots(t: &Slots) {
    t.call.set(Some(call));
    t.descr_get.set(Some(get));
    t.repr.set(Some(repr));
    t.new.set(Some(new));
}

/// Completes the types of this room.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        getset: attributes::GETSET,
        doc: "Create a function object.",
        ..TypeDef::new(&s::FUNCTION)
    })?;
    method::ready()?;
    super_::ready()?;
    module::ready()?;
    cell::ready()?;
    code::ready()?;
    singletons::ready()
}
