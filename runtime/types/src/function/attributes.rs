//! Attributes of functions.

use super::body;
use crate::startup::{GetSet, getset, member};
use skein_object::error::{Result, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::protocol::is_callable;
use skein_object::statics as s;
use skein_object::{CodeBody, Context, FunctionBody, Ref, Slot, dict, str, tuple};

fn or_none(slot: &Slot) -> Ref {
    slot.get().unwrap_or_else(s::none)
}

fn put(f: &Ref, slot: impl Fn(&FunctionBody) -> &Slot, value: Option<Ref>) -> Result<()> {
    drop(slot(body(f)?).set(f.holder(), value));
    Ok(())
}

fn not_none(value: Option<&Ref>) -> Option<Ref> {
    value.filter(|v| !s::is_none(v)).cloned()
}

fn code(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(or_none(&body(f)?.code))
}

fn set_code(cx: &Context, f: &Ref, value: Option<&Ref>) -> Result<()> {
    let Some(c) = value.and_then(|v| v.body::<CodeBody>()) else {
        return Err(type_error("__code__ must be set to a code object"));
    };
    let b = body(f)?;
    let cells = b.closure.get().map_or(0, |t| tuple::items(&t).map_or(0, <[Ref]>::len));
    if c.unit.nfree as usize != cells {
        return Err(value_error(format!(
            "{}() requires a code object with {cells} free vars, not {}",
            str::text(&or_none(&b.name)),
            c.unit.nfree
        )));
    }
    const KINDS: u32 = 0x20 | 0x80 | 0x200; // generator, coroutine, asynchronous generator
    let flags = |r: &Ref| r.body::<CodeBody>().map_or(0, |c| c.unit.flags & KINDS);
    if b.code.get().is_some_and(|old| flags(&old) != c.unit.flags & KINDS) {
        (skein_object::context::hooks().warn)(
            cx,
            &s::DEPRECATION_WARNING,
            "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)",
            1,
        )?;
    }
    put(f, |b| &b.code, value.cloned())
}

fn globals(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(body(f)?.globals.clone())
}

fn builtins(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(body(f)?.builtins.clone())
}

fn closure(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(or_none(&body(f)?.closure))
}

fn defaults(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(or_none(&body(f)?.defaults))
}

fn set_defaults(_: &Context, f: &Ref, value: Option<&Ref>) -> Result<()> {
    let value = not_none(value);
    if value.as_ref().is_some_and(|v| tuple::items(v).is_none()) {
        return Err(type_error("__defaults__ must be set to a tuple object"));
    }
    put(f, |b| &b.defaults, value)
}

fn kwdefaults(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(or_none(&body(f)?.kwdefaults))
}

fn set_kwdefaults(_: &Context, f: &Ref, value: Option<&Ref>) -> Result<()> {
    let value = not_none(value);
    if value.as_ref().is_some_and(|v| !v.is_instance(&s::DICT)) {
        return Err(type_error("__kwdefaults__ must be set to a dict object"));
    }
    put(f, |b| &b.kwdefaults, value)
}

fn name(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(or_none(&body(f)?.name))
}

fn set_name(_: &Context, f: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        Some(v) if str::is_str(v) => put(f, |b| &b.name, Some(v.clone())),
        _ => Err(type_error("__name__ must be set to a string object")),
    }
}

fn qualname(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(or_none(&body(f)?.qualname))
}

fn set_qualname(_: &Context, f: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        Some(v) if str::is_str(v) => put(f, |b| &b.qualname, Some(v.clone())),
        _ => Err(type_error("__qualname__ must be set to a string object")),
    }
}

fn doc(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(or_none(&body(f)?.doc))
}

fn set_doc(_: &Context, f: &Ref, value: Option<&Ref>) -> Result<()> {
    put(f, |b| &b.doc, value.cloned())
}

fn module(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(or_none(&body(f)?.module))
}

fn set_module(_: &Context, f: &Ref, value: Option<&Ref>) -> Result<()> {
    put(f, |b| &b.module, value.cloned())
}

fn annotate(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(or_none(&body(f)?.annotate))
}

fn set_annotate(_: &Context, f: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        None => Err(type_error("__annotate__ cannot be deleted")),
        Some(v) if s::is_none(v) => put(f, |b| &b.annotate, None),
        Some(v) if is_callable(v) => {
            put(f, |b| &b.annotate, Some(v.clone()))?;
            put(f, |b| &b.annotations, None)
        }
        Some(_) => Err(type_error("__annotate__ must be callable or None")),
    }
}

fn annotations(cx: &Context, f: &Ref) -> Result<Ref> {
    let b = body(f)?;
    if let Some(a) = b.annotations.get() {
        // CPython keeps a flat tuple until it is asked for; compilers may store one here.
        if let Some(items) = tuple::items(&a) {
            let d = dict::new()?;
            for pair in items.chunks_exact(2) {
                dict::set_name(&d, &pair[0], pair[1].clone())?;
            }
            put(f, |b| &b.annotations, Some(d.clone()))?;
            return Ok(d);
        }
        return Ok(a);
    }
    let d = match b.annotate.get() {
        Some(g) => crate::type_::attributes::evaluate(cx, &g)?,
        None => dict::new()?,
    };
    put(f, |b| &b.annotations, Some(d.clone()))?;
    Ok(d)
}

fn set_annotations(_: &Context, f: &Ref, value: Option<&Ref>) -> Result<()> {
    let value = not_none(value);
    if value.as_ref().is_some_and(|v| !v.is_instance(&s::DICT)) {
        return Err(type_error("__annotations__ must be set to a dict object"));
    }
    put(f, |b| &b.annotations, value)?;
    put(f, |b| &b.annotate, None)
}

fn type_params(_: &Context, f: &Ref) -> Result<Ref> {
    Ok(body(f)?.type_params.get().unwrap_or_else(s::empty_tuple))
}

fn set_type_params(_: &Context, f: &Ref, value: Option<&Ref>) -> Result<()> {
    match value {
        Some(v) if tuple::items(v).is_some() => put(f, |b| &b.type_params, Some(v.clone())),
        _ => Err(type_error("__type_params__ must be set to a tuple")),
    }
}

pub(super) static GETSET: &[GetSet] = &[
    getset("__code__", code).setter(set_code),
    getset("__defaults__", defaults).setter(set_defaults),
    getset("__kwdefaults__", kwdefaults).setter(set_kwdefaults),
    getset("__annotations__", annotations).setter(set_annotations),
    getset("__annotate__", annotate).setter(set_annotate),
    getset("__name__", name).setter(set_name),
    getset("__qualname__", qualname).setter(set_qualname),
    getset("__type_params__", type_params).setter(set_type_params),
    member("__closure__", closure),
    member("__doc__", doc).setter(set_doc),
    member("__globals__", globals),
    member("__module__", module).setter(set_module),
    member("__builtins__", builtins),
];
