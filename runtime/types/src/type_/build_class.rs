//! `__build_class__`: what a class statement calls.

use super::create;
use skein_object::error::{Result, runtime_error, type_error};
use skein_object::intern::names;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, call, call_kw, getattr_opt};
use skein_object::statics as s;
use skein_object::types::Type;
use skein_object::{Args, CellBody, Context, FunctionBody, Ref, dict, str, tuple};

/// Replaces bases that are no classes by what their `__mro_entries__` gives; `None` if there are none.
pub fn resolve_bases(cx: &Context, bases: &[Ref]) -> Result<Option<Vec<Ref>>> {
    let mut out: Option<Vec<Ref>> = None;
    for (i, b) in bases.iter().enumerate() {
        if Type::from_ref(b).is_none()
            && let Some(f) = getattr_opt(cx, b, names::__mro_entries__())?
        {
            let entries = call(cx, &f, &[tuple::from_slice(bases)?])?;
            let Some(items) = tuple::items(&entries) else {
                return Err(type_error("__mro_entries__ must return a tuple"));
            };
            out.get_or_insert_with(|| bases[..i].to_vec()).extend_from_slice(items);
        } else if let Some(o) = &mut out {
            o.push(b.clone());
        }
    }
    Ok(out)
}

/// The row function: `__build_class__(func, name, /, *bases, **kwds)`.
pub fn build_class(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let keywords = dict::entries(a.at(3));
    build(cx, a.at(0), a.at(1), a.rest(2), &keywords)
}

/// Runs a class body and makes the class.
///
/// # Errors
/// As CPython's.
pub fn build(cx: &Context, func: &Ref, name: &Ref, original: &[Ref], keywords: &[(Ref, Ref)]) -> Result<Ref> {
    let Some(body) = func.body::<FunctionBody>() else {
        return Err(type_error("__build_class__: func must be a function"));
    };
    if !str::is_str(name) {
        return Err(type_error("__build_class__: name is not a string"));
    }
    let resolved = resolve_bases(cx, original)?;
    let bases = resolved.as_deref().unwrap_or(original);
    let mut meta = None;
    let mut values = Vec::new();
    let mut keys = Vec::new();
    for (k, v) in keywords {
        if str::text(k) == "metaclass" {
            meta = Some(v.clone());
        } else {
            keys.push(k.clone());
            values.push(v.clone());
        }
    }
    let meta = meta.unwrap_or_else(|| match bases.first() {
        Some(b) => type_of(b).object(),
        None => s::TYPE.object(),
    });
    let meta = match Type::from_ref(&meta) {
        Some(m) => create::metaclass(m, bases)?.object(),
        None => meta,
    };
    let keys = if keys.is_empty() { None } else { Some(tuple::new(keys)?) };
    let plain = meta.is(&s::TYPE.object());
    let bases_tuple = tuple::from_slice(bases)?;
    let namespace = if plain {
        dict::new()?
    } else {
        prepare(cx, &meta, name, &bases_tuple, &values, keys.as_ref())?
    };
    let Some(code) = body.code.get() else {
        return Err(type_error("__build_class__: func must be a function"));
    };
    let cell =
        (skein_object::context::hooks().run_code)(cx, &code, &body.globals, &namespace, body.closure.get().as_ref())?;
    if resolved.is_some() {
        protocol::setitem(cx, &namespace, names::__orig_bases__(), &tuple::from_slice(original)?)?;
    }
    let class = if plain {
        create::create(cx, &s::TYPE, name, bases, &namespace, (&values, keys.as_ref()))?
    } else {
        let mut args = vec![name.clone(), bases_tuple, namespace];
        args.extend(values);
        call_kw(cx, &meta, &args, keys.as_ref())?
    };
    check_cell(cx, &cell, &class, name)?;
    Ok(class)
}

fn prepare(cx: &Context, meta: &Ref, name: &Ref, bases: &Ref, values: &[Ref], keys: Option<&Ref>) -> Result<Ref> {
    let Some(f) = getattr_opt(cx, meta, names::__prepare__())? else {
        return dict::new();
    };
    let mut args = vec![name.clone(), bases.clone()];
    args.extend_from_slice(values);
    let ns = call_kw(cx, &f, &args, keys)?;
    if ns.ty().slots.getitem.is_set() {
        return Ok(ns);
    }
    let shown = match Type::from_ref(meta) {
        Some(m) => m.name().to_owned(),
        None => "<metaclass>".to_owned(),
    };
    Err(type_error(format!(
        "{shown}.__prepare__() must return a mapping, not {}",
        ns.ty().name()
    )))
}

/// The `__class__` cell must hold the class now.
fn check_cell(cx: &Context, cell: &Ref, class: &Ref, name: &Ref) -> Result<()> {
    let Some(b) = cell.body::<CellBody>() else {
        return Ok(());
    };
    if Type::from_ref(class).is_none() {
        return Ok(());
    }
    let text = |r: &Ref| protocol::repr(cx, r).map_or_else(|_| String::new(), |t| str::text(&t));
    match b.0.get() {
        Some(c) if c.is(class) => Ok(()),
        None => Err(runtime_error(format!(
            "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?",
            text(name),
            text(class)
        ))),
        Some(c) => Err(type_error(format!(
            "__class__ set to {} defining {} as {}",
            text(&c),
            text(name),
            text(class)
        ))),
    }
}
