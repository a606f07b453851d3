//! `partial`: its body, construction and call.

use skein_gc::Slot;
use skein_object::error::{Result, type_error};
use skein_object::layouts::{DictBody, dict, str, tuple};
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::{self, is_callable};
use skein_object::{Context, Ref, payload, statics as s};
use skein_stdlib_support::{body, class_of, split_keywords};
use std::sync::OnceLock;

use super::partial_type::{PARTIAL, PLACEHOLDER_TYPE};

pub struct PartialBody {
    pub function: Slot,
    /// Tuple.
    pub args: Slot,
    /// Dict.
    pub keywords: Slot,
}
payload!(PartialBody, "functools.partial", |this, v| {
    v.slot(&this.function);
    v.slot(&this.args);
    v.slot(&this.keywords);
});

/// `functools.Placeholder`.
pub fn placeholder() -> Result<Ref> {
    static PLACEHOLDER: OnceLock<Ref> = OnceLock::new();
    if let Some(r) = PLACEHOLDER.get() {
        return Ok(r.clone());
    }
    let fresh = skein_object::object::alloc_immortal(&PLACEHOLDER_TYPE, ())?;
    skein_gc::publish::publish(fresh.value());
    Ok(PLACEHOLDER.get_or_init(|| fresh).clone())
}

fn is_placeholder(r: &Ref) -> bool {
    r.is_exact(&PLACEHOLDER_TYPE)
}

pub struct Parts {
    pub function: Ref,
    pub args: Ref,
    pub keywords: Ref,
}

/// What a partial holds.
///
/// # Errors
/// TypeError if the collector has emptied it.
#[inline]
pub fn parts(p: &Ref) -> Result<Parts> {
    let b = body::<PartialBody>(p)?;
    match (b.function.get(), b.args.get(), b.keywords.get()) {
        (Some(function), Some(args), Some(keywords)) => Ok(Parts {
            function,
            args,
            keywords,
        }),
        _ => Err(type_error("partial object was cleared")),
    }
}

/// Puts new arguments in the places that placeholders keep, and the rest behind. `None`: too few.
fn fill(stored: &[Ref], new: &[Ref]) -> Option<Vec<Ref>> {
    let mut new = new.iter();
    let mut out = Vec::with_capacity(stored.len() + new.len());
    for x in stored {
        out.push(if is_placeholder(x) {
            new.next()?.clone()
        } else {
            x.clone()
        });
    }
    out.extend(new.cloned());
    Some(out)
}

/// As `fill`, for a partial of a partial: placeholders without an argument stay.
fn fill_some(stored: &[Ref], new: &[Ref]) -> Vec<Ref> {
    let mut new = new.iter();
    let mut out: Vec<Ref> = stored
        .iter()
        .map(|x| {
            if is_placeholder(x) {
                new.next().unwrap_or(x).clone()
            } else {
                x.clone()
            }
        })
        .collect();
    out.extend(new.cloned());
    out
}

pub fn new(_: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, keywords, values) = split_keywords(args, names);
    let Some((function, rest)) = positional.split_first() else {
        return Err(type_error("type 'partial' takes at least one argument"));
    };
    if !is_callable(function) {
        return Err(type_error("the first argument must be callable"));
    }
    if rest.last().is_some_and(is_placeholder) {
        return Err(type_error("trailing Placeholders are not allowed"));
    }
    if values.iter().any(is_placeholder) {
        return Err(type_error("Placeholder cannot be passed as a keyword argument"));
    }
    let kw = dict::new()?;
    let mut function = function.clone();
    let mut all = rest.to_vec();
    // A plain partial of a partial is made flat.
    if function.ty().slots.call.same(&PARTIAL.slots.call)
        && has_no_attributes(&function)
        && let Ok(inner) = parts(&function)
    {
        all = fill_some(tuple::items(&inner.args).unwrap_or(&[]), rest);
        for (k, v) in dict::entries(&inner.keywords) {
            dict::set_name(&kw, &k, v)?;
        }
        function = inner.function;
    }
    for (k, v) in keywords.iter().zip(values) {
        dict::set_name(&kw, k, v.clone())?;
    }
    alloc(
        class_of(class)?,
        PartialBody {
            function: Slot::new(function),
            args: Slot::new(tuple::new(all)?),
            keywords: Slot::new(kw),
        },
    )
}

fn has_no_attributes(p: &Ref) -> bool {
    let Some(h) = p.header() else { return true };
    match skein_object::instance::Attrs::of(h, p.ty()) {
        Some(attrs) => {
            attrs.dict_if_any().is_none()
                && skein_object::instance::Shape::get(attrs.shape_id()).is_none_or(|shape| shape.names().is_empty())
        }
        None => true,
    }
}

pub fn call(cx: &Context, p: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let Parts {
        function,
        args: stored,
        keywords,
    } = parts(p)?;
    let stored = tuple::items(&stored).unwrap_or(&[]);
    let plain = keywords.body::<DictBody>().is_some_and(|d| d.0.is_empty());
    if plain && !stored.iter().any(is_placeholder) {
        return protocol::call::call_joined(cx, &function, stored, args, names);
    }
    let (positional, new_names, new_values) = split_keywords(args, names);
    let Some(mut all) = fill(stored, positional) else {
        let wanted = stored.iter().filter(|x| is_placeholder(x)).count();
        return Err(type_error(format!(
            "missing positional arguments in 'partial' call; expected at least {wanted}, got {}",
            positional.len()
        )));
    };
    if plain {
        all.extend_from_slice(new_values);
        return protocol::call_kw(cx, &function, &all, names);
    }
    let entries = dict::entries(&keywords);
    if new_names.is_empty() && entries.iter().all(|(k, _)| str::is_str(k)) {
        let names = tuple::from_iter_of(&s::TUPLE, entries.len(), entries.iter().map(|(k, _)| k.clone()))?;
        all.extend(entries.into_iter().map(|(_, v)| v));
        return protocol::call_kw(cx, &function, &all, Some(&names));
    }
    // Stored keywords first; those given now take their places.
    let mut kw: Vec<(Ref, Ref)> = Vec::with_capacity(entries.len() + new_names.len());
    for (k, v) in entries {
        if !str::is_str(&k) {
            return Err(type_error("keywords must be strings"));
        }
        kw.push((k, v));
    }
    for (k, v) in new_names.iter().zip(new_values) {
        let text = str::text(k);
        match kw.iter_mut().find(|(n, _)| n.is(k) || str::text(n) == text) {
            Some(place) => place.1 = v.clone(),
            None => kw.push((k.clone(), v.clone())),
        }
    }
    let mut names = Vec::with_capacity(kw.len());
    for (k, v) in kw {
        names.push(k);
        all.push(v);
    }
    protocol::call_kw(cx, &function, &all, Some(&tuple::new(names)?))
}

/// `__setstate__`: `(function, args, keywords, dict)`.
pub fn set_state(cx: &Context, p: &Ref, state: &Ref) -> Result<()> {
    let bad = || type_error("invalid partial state");
    let Some([function, args, keywords, attributes]) = tuple::items(state) else {
        return Err(bad());
    };
    let Some(items) = tuple::items(args) else {
        return Err(bad());
    };
    let no_keywords = s::is_none(keywords);
    if !is_callable(function) || (!no_keywords && !keywords.is_instance(&s::DICT)) {
        return Err(bad());
    }
    if items.last().is_some_and(is_placeholder) {
        return Err(type_error("trailing Placeholders are not allowed"));
    }
    let kw = if keywords.is_exact(&s::DICT) {
        keywords.clone()
    } else {
        let kw = dict::new()?;
        if !no_keywords {
            for (k, v) in dict::entries(keywords) {
                dict::set_name(&kw, &k, v)?;
            }
        }
        kw
    };
    let b = body::<PartialBody>(p)?;
    let h = p.holder();
    drop(b.function.set(h, Some(function.clone())));
    drop(b.args.set(
        h,
        Some(if args.is_exact(&s::TUPLE) {
            args.clone()
        } else {
            tuple::from_slice(items)?
        }),
    ));
    drop(b.keywords.set(h, Some(kw)));
    let attributes = if s::is_none(attributes) {
        dict::new()?
    } else {
        attributes.clone()
    };
    protocol::setattr(cx, p, &skein_object::intern::name("__dict__"), &attributes)
}
