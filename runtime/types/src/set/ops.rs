//! Operations of sets with other sets, dicts and iterables.

use super::{base_of, body, contains, from_iterable, hash_element, is_set, make};
use skein_collections::{ByIdentity, Dict, Set};
use skein_object::dict::ObjectEq;
use skein_object::error::Result;
use skein_object::object::RefExt;
use skein_object::{Context, DictBody, Ref, SetBody, Type, protocol, statics as s};

/// What a shared set has now, if it has changed since its `changes` was `before`: who walks it meanwhile may miss elements that are there
/// all the time.
fn moved(r: &Ref, set: &Set, before: u64) -> Result<Option<Set>> {
    if r.holder().is_private() || set.changes() == before {
        return Ok(None);
    }
    Ok(Some(set.copy(r.holder())?))
}

/// Calls `f` with each key of a dict and its hash; again, with those of one moment, if another thread has changed it meanwhile.
fn each_key(r: &Ref, table: &Dict, mut f: impl FnMut(Ref, u64) -> Result<()>) -> Result<()> {
    let before = table.changes();
    let mut pos = 0;
    while let Some((k, _, hash)) = table.next(&mut pos) {
        f(k, hash)?;
    }
    if !r.holder().is_private() && table.changes() != before {
        let now = table.copy(r.holder())?;
        let mut pos = 0;
        while let Some((k, _, hash)) = now.next(&mut pos) {
            f(k, hash)?;
        }
    }
    Ok(())
}

/// Adds all items of an iterable.
pub fn update(cx: &Context, set: &Ref, other: &Ref) -> Result<()> {
    let b = body(set)?;
    if set.is(other) {
        return Ok(());
    }
    if let Some(o) = other.body::<SetBody>() {
        let before = o.set.changes();
        b.extend_from(set.holder(), &o.set, &mut ObjectEq(cx))?;
        if let Some(now) = moved(other, &o.set, before)? {
            b.extend_from(set.holder(), &now, &mut ObjectEq(cx))?;
        }
        return Ok(());
    }
    if other.is_exact(&s::DICT)
        && let Some(d) = other.body::<DictBody>()
    {
        return each_key(other, &d.0, |k, hash| {
            b.insert(set.holder(), hash, k, &mut ObjectEq(cx))?;
            Ok(())
        });
    }
    if let Some(items) = protocol::iterate::at_once(other)? {
        for x in items {
            let hash = hash_element(cx, &x)?;
            b.insert(set.holder(), hash, x, &mut ObjectEq(cx))?;
        }
        return Ok(());
    }
    // Of a list or tuple most items are new, mostly.
    if b.is_empty() && (other.is_exact(&s::LIST) || other.is_exact(&s::TUPLE)) {
        let n = protocol::len(cx, other)?;
        if n > 8 {
            b.reserve(set.holder(), n.min(1 << 16))?;
        }
    }
    let mut it = protocol::Iter::new(cx, other)?;
    while let Some(x) = it.next(cx)? {
        let hash = hash_element(cx, &x)?;
        b.insert(set.holder(), hash, x, &mut ObjectEq(cx))?;
    }
    Ok(())
}

pub fn union(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let out = copy(a)?;
    update(cx, &out, b)?;
    Ok(out)
}

/// A copy, of the exact base type.
pub fn copy(r: &Ref) -> Result<Ref> {
    make(base_of(r), body(r)?.copy(r.holder())?)
}

/// The elements of `from` that are in `other`, or that are not.
fn filtered(cx: &Context, from: &Ref, other: &Ref, wanted: bool, ty: &'static Type) -> Result<Ref> {
    let (x, o) = (body(from)?, body(other)?);
    let before = x.changes();
    let out = x.filtered(o, other.holder(), wanted, &mut ObjectEq(cx))?;
    if let Some(now) = moved(from, x, before)? {
        return make(ty, now.filtered(o, other.holder(), wanted, &mut ObjectEq(cx))?);
    }
    let out = make(ty, out)?;
    if x.changes() == before {
        return Ok(out);
    }
    // The set changed while keys were compared: an element may have been met twice.
    let clean = super::empty(ty)?;
    body(&clean)?.extend_from(clean.holder(), body(&out)?, &mut ObjectEq(cx))?;
    Ok(clean)
}

pub fn intersection(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let x = body(a)?;
    let ty = base_of(a);
    if let Some(o) = b.body::<SetBody>() {
        // The elements come from the smaller set, and from the second one if both are equally large.
        return if o.set.len() > x.len() {
            filtered(cx, a, b, true, ty)
        } else {
            filtered(cx, b, a, true, ty)
        };
    }
    let out = super::empty(ty)?;
    let table = body(&out)?;
    let mut it = protocol::Iter::new(cx, b)?;
    while let Some(k) = it.next(cx)? {
        let hash = protocol::compare::table_hash(cx, &k)?;
        if x.contains(a.holder(), hash, &k, &mut ObjectEq(cx))? {
            table.insert(out.holder(), hash, k, &mut ObjectEq(cx))?;
            // There can be no more: what follows is not asked for, and need not have an end.
            if table.len() >= x.len() {
                break;
            }
        }
    }
    Ok(out)
}

/// Puts the elements of `new`, which nobody else knows, into `set`: those of the elements it had when its `changes` was `before` for
/// which membership in `other` is `wanted`. What other threads have added to a shared set since stays there, if it is wanted.
pub fn take_over(cx: &Context, set: &Ref, before: u64, new: &Ref, other: &Set, wanted: bool) -> Result<()> {
    let x = body(set)?;
    let h = set.holder();
    let copy = body(new)?.copy(new.holder())?;
    if h.is_private() {
        x.replace(h, copy);
        return Ok(());
    }
    if x.replace_if(h, copy, before) {
        return Ok(());
    }
    // Element by element, of those of one moment: what comes later comes after this operation.
    let now = x.copy(h)?;
    let mut pos = 0;
    while let Some((k, hash)) = now.next(&mut pos) {
        if other.contains(h, hash, &k, &mut ObjectEq(cx))? != wanted {
            drop(x.remove(h, hash, &k, &mut ByIdentity)?);
        }
    }
    Ok(())
}

/// `b` is a set.
pub fn intersection_update(cx: &Context, a: &Ref, b: &Ref) -> Result<()> {
    let before = body(a)?.changes();
    let new = intersection(cx, a, b)?;
    take_over(cx, a, before, &new, body(b)?, true)
}

pub fn difference(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if is_set(b) {
        return filtered(cx, a, b, false, base_of(a));
    }
    let out = copy(a)?;
    difference_update(cx, &out, b)?;
    Ok(out)
}

pub fn difference_update(cx: &Context, a: &Ref, b: &Ref) -> Result<()> {
    let x = body(a)?;
    if a.is(b) {
        x.clear(a.holder());
        return Ok(());
    }
    if let Some(o) = b.body::<SetBody>() {
        // Few elements against many: look for the few.
        if o.set.len() >> 3 > x.len() {
            let before = x.changes();
            let new = filtered(cx, a, b, false, base_of(a))?;
            return take_over(cx, a, before, &new, &o.set, false);
        }
        let remove_all = |o: &Set| -> Result<()> {
            let mut pos = 0;
            while let Some((k, hash)) = o.next(&mut pos) {
                drop(x.remove(a.holder(), hash, &k, &mut ObjectEq(cx))?);
            }
            Ok(())
        };
        let before = o.set.changes();
        remove_all(&o.set)?;
        if let Some(now) = moved(b, &o.set, before)? {
            remove_all(&now)?;
        }
        return Ok(());
    }
    if let Some(d) = b.body::<DictBody>().filter(|_| b.is_exact(&s::DICT)) {
        return each_key(b, &d.0, |k, hash| {
            drop(x.remove(a.holder(), hash, &k, &mut ObjectEq(cx))?);
            Ok(())
        });
    }
    if let Some(items) = protocol::iterate::at_once(b)? {
        for k in items {
            let hash = hash_element(cx, &k)?;
            drop(x.remove(a.holder(), hash, &k, &mut ObjectEq(cx))?);
        }
        return Ok(());
    }
    let mut it = protocol::Iter::new(cx, b)?;
    while let Some(k) = it.next(cx)? {
        let hash = hash_element(cx, &k)?;
        drop(x.remove(a.holder(), hash, &k, &mut ObjectEq(cx))?);
    }
    Ok(())
}

/// Removes from `a` what `b` has, and adds what only `b` has.
pub fn symmetric_difference_update(cx: &Context, a: &Ref, b: &Ref) -> Result<()> {
    let x = body(a)?;
    if a.is(b) {
        x.clear(a.holder());
        return Ok(());
    }
    // The other side as a set of its own: items that come twice count once, and `b` may change meanwhile.
    let other = from_iterable(cx, &s::SET, b)?;
    let o = body(&other)?;
    let mut pos = 0;
    while let Some((k, hash)) = o.next(&mut pos) {
        if x.remove(a.holder(), hash, &k, &mut ObjectEq(cx))?.is_none() {
            x.insert(a.holder(), hash, k, &mut ObjectEq(cx))?;
        }
    }
    Ok(())
}

pub fn symmetric_difference(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let out = from_iterable(cx, base_of(a), b)?;
    symmetric_difference_update(cx, &out, a)?;
    Ok(out)
}

pub fn is_subset(cx: &Context, a: &Ref, b: &Ref) -> Result<bool> {
    let x = body(a)?;
    match b.body::<SetBody>() {
        Some(o) => {
            let before = x.changes();
            let is = x.len() <= o.set.len() && x.is_subset(&o.set, b.holder(), &mut ObjectEq(cx))?;
            match moved(a, x, before)? {
                Some(now) => now.is_subset(&o.set, b.holder(), &mut ObjectEq(cx)),
                None => Ok(is),
            }
        }
        None => {
            let both = intersection(cx, a, b)?;
            Ok(body(&both)?.len() == x.len())
        }
    }
}

pub fn is_superset(cx: &Context, a: &Ref, b: &Ref) -> Result<bool> {
    if is_set(b) {
        return is_subset(cx, b, a);
    }
    let mut it = protocol::Iter::new(cx, b)?;
    while let Some(k) = it.next(cx)? {
        if !contains(cx, a, &k)? {
            return Ok(false);
        }
    }
    Ok(true)
}

pub fn is_disjoint(cx: &Context, a: &Ref, b: &Ref) -> Result<bool> {
    let x = body(a)?;
    if let Some(o) = b.body::<SetBody>() {
        if a.is(b) {
            return Ok(x.is_empty());
        }
        let (few, many, holder) = if o.set.len() > x.len() {
            (x, &o.set, b)
        } else {
            (&o.set, x, a)
        };
        let apart = |few: &Set| -> Result<bool> {
            let mut pos = 0;
            while let Some((k, hash)) = few.next(&mut pos) {
                if many.contains(holder.holder(), hash, &k, &mut ObjectEq(cx))? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        let before = few.changes();
        let of_few = if std::ptr::eq(few, x) { a } else { b };
        return match (apart(few)?, moved(of_few, few, before)?) {
            (true, Some(now)) => apart(&now),
            (result, _) => Ok(result),
        };
    }
    let mut it = protocol::Iter::new(cx, b)?;
    while let Some(k) = it.next(cx)? {
        let hash = hash_element(cx, &k)?;
        if x.contains(a.holder(), hash, &k, &mut ObjectEq(cx))? {
            return Ok(false);
        }
    }
    Ok(true)
}
