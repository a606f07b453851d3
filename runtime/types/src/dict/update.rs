//! `dict(...)`, `dict.update` and what else merges into a dict.

use super::{body, set};
use crate::iterators::support::bind;
use skein_object::dict::ObjectEq;
use skein_object::error::{Result, runtime_error, type_error, value_error};
use skein_object::intern::names;
use skein_object::object::RefExt;
use skein_object::{Args, Context, DictBody, Ref, Row, dict, list, protocol, row, statics as s, str, tuple};

static INIT: Row = row!("dict(self, object=(), /, **kwargs)", update_row, "");

pub fn init(cx: &Context, d: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let keys = names.and_then(tuple::items).unwrap_or(&[]);
    let (positional, values) = args.split_at(args.len() - keys.len().min(args.len()));
    if positional.len() > 1 || !keys.iter().all(|k| k.is_exact(&s::STR)) {
        return bind(cx, &INIT, d, args, names);
    }
    if let [x] = positional {
        update(cx, d, x)?;
    }
    for (k, v) in keys.iter().zip(values) {
        dict::set_name(d, k, v.clone())?;
    }
    Ok(s::none())
}

/// [`update_row`] without keywords.
pub fn update_quick(cx: &Context, args: &[Ref]) -> Option<Result<Ref>> {
    let [d, x] = args else { return None };
    Some(update(cx, d, x).map(|()| s::none()))
}

/// `update(self, object=(), /, **kwargs)`.
pub fn update_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if let Some(x) = a.opt(1) {
        update(cx, a.at(0), x)?;
    }
    if let Some(keywords) = a.opt(2) {
        update(cx, a.at(0), keywords)?;
    }
    Ok(s::none())
}

/// Merges a mapping or an iterable of pairs into a dict.
///
/// # Errors
/// TypeError, ValueError for what is neither; what the other object's methods raise.
pub fn update(cx: &Context, d: &Ref, x: &Ref) -> Result<()> {
    if x.body::<DictBody>().is_some() && x.ty().slots.iter.same(&s::DICT.slots.iter) {
        return merge_dict(cx, d, x);
    }
    match protocol::getattr_opt(cx, x, names::keys())? {
        Some(keys) => merge_mapping(cx, d, x, &keys),
        None => merge_pairs(cx, d, x),
    }
}

fn merge_dict(cx: &Context, d: &Ref, x: &Ref) -> Result<()> {
    if d.is(x) {
        return Ok(());
    }
    let (into, from) = (body(d)?, body(x)?);
    if from.is_empty() {
        return Ok(());
    }
    // Still empty when the copy is put in: another thread may have set a key meanwhile.
    if into.is_empty() && into.copy_from_if_empty(d.holder(), from, x.holder())? {
        return Ok(());
    }
    if !x.holder().is_private() {
        // Those of one moment: other threads may be changing it.
        for (k, v) in dict::entries(x) {
            set(cx, d, &k, &v)?;
        }
        return Ok(());
    }
    let len = from.len();
    let mut pos = 0;
    while let Some((k, v, hash)) = from.next(&mut pos) {
        drop(into.insert(d.holder(), hash, k, v, &mut ObjectEq(cx))?);
        if from.len() != len {
            return Err(runtime_error("dict mutated during update"));
        }
    }
    Ok(())
}

fn merge_mapping(cx: &Context, d: &Ref, x: &Ref, keys: &Ref) -> Result<()> {
    let keys = protocol::call0(cx, keys)?;
    let slots = &keys.ty().slots;
    if !slots.iter.is_set() && !slots.getitem.is_set() {
        return Err(type_error(format!(
            "{}.keys() returned a non-iterable (type {})",
            x.ty().name(),
            keys.ty().name()
        )));
    }
    let mut it = protocol::Iter::new(cx, &keys)?;
    while let Some(k) = it.next(cx)? {
        let v = protocol::getitem(cx, x, &k)?;
        set(cx, d, &k, &v)?;
    }
    Ok(())
}

fn merge_pairs(cx: &Context, d: &Ref, x: &Ref) -> Result<()> {
    let mut it = protocol::Iter::new(cx, x)?;
    let mut i = 0;
    while let Some(item) = it.next(cx)? {
        if let Some([k, v]) = tuple::items(&item).filter(|_| item.is_exact(&s::TUPLE)) {
            set(cx, d, k, v)?;
            i += 1;
            continue;
        }
        let pair = match protocol::collect(cx, &item) {
            Ok(pair) => pair,
            Err(e) if e.is(&s::TYPE_ERROR) => {
                let slots = &item.ty().slots;
                let e = if slots.iter.is_set() || slots.getitem.is_set() {
                    e
                } else {
                    type_error("object is not iterable")
                };
                let note = str::from_str(&format!(
                    "Cannot convert dictionary update sequence element #{i} to a sequence"
                ))?;
                let notes = list::new(vec![note])?;
                protocol::setattr(cx, &e.0, names::__notes__(), &notes)?;
                return Err(e);
            }
            Err(e) => return Err(e),
        };
        let [k, v] = pair.as_slice() else {
            return Err(value_error(format!(
                "dictionary update sequence element #{i} has length {}; 2 is required",
                pair.len()
            )));
        };
        set(cx, d, k, v)?;
        i += 1;
    }
    Ok(())
}
