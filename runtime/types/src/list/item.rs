//! Indexing and slices of lists.

use super::body;
use crate::slice::{self, Bounds};
use skein_collections::place;
use skein_object::error::{Result, index_error, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::{Context, Ref, list, protocol, statics as s};

#[cold]
pub(crate) fn bad_index(kind: &str, key: &Ref) -> skein_object::Error {
    type_error(format!(
        "{kind} indices must be integers or slices, not {}",
        key.ty().name()
    ))
}

pub fn get(cx: &Context, r: &Ref, key: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let i = match key.as_int() {
        Some(i) => i,
        None if key.ty().slots.index.is_set() => protocol::to_index_i64(cx, key)?,
        None => return get_slice(cx, r, key),
    };
    // Again if another thread has made the list shorter in between.
    while let Some(i) = place(i, b.len()) {
        if let Some(x) = b.get(i) {
            return Ok(x);
        }
    }
    Err(index_error("list index out of range"))
}

fn get_slice(cx: &Context, r: &Ref, key: &Ref) -> Result<Ref> {
    let Some(k) = slice::body(key) else {
        return Err(bad_index("list", key));
    };
    let bounds = Bounds::of(cx, k)?;
    let b = body(r)?;
    let picked = bounds.fit(b.len());
    if picked.step == 1 {
        return list::of_list(b.copy_range(r.holder(), picked.start, picked.count)?);
    }
    if let Some(l) = b.copy_stepped(r.holder(), picked.start, picked.step as isize, picked.count)? {
        return list::of_list(l);
    }
    let mut items = skein_gc::alloc::vec_with(picked.count)?;
    items.extend(picked.indices().map_while(|i| b.get(i)));
    list::new(items)
}

pub fn set(cx: &Context, r: &Ref, key: &Ref, value: Option<&Ref>) -> Result<()> {
    let b = body(r)?;
    let i = match key.as_int() {
        Some(i) => i,
        None if key.ty().slots.index.is_set() => protocol::to_index_i64(cx, key)?,
        None => {
            return match value {
                Some(v) => set_slice(cx, r, key, v),
                None => delete_slice(cx, r, key),
            };
        }
    };
    let old = match value {
        Some(v) => b.replace_at(r.holder(), i, v.clone()).ok(),
        None => b.remove(r.holder(), i),
    };
    match old {
        Some(_) => Ok(()),
        None => Err(index_error("list assignment index out of range")),
    }
}

fn set_slice(cx: &Context, r: &Ref, key: &Ref, value: &Ref) -> Result<()> {
    let Some(k) = slice::body(key) else {
        return Err(bad_index("list", key));
    };
    let bounds = Bounds::of(cx, k)?;
    if !value.ty().slots.iter.is_set() && !value.ty().slots.getitem.is_set() {
        return Err(type_error("must assign iterable to extended slice"));
    }
    let b = body(r)?;
    if value.is_exact(&s::LIST) {
        let picked = bounds.fit(b.len());
        if picked.step == 1 && b.assign_range(r.holder(), picked.start, picked.count, body(value)?, value.holder())? {
            return Ok(());
        }
    }
    let items = protocol::collect(cx, value)?;
    let picked = bounds.fit(b.len());
    if picked.step == 1 {
        drop(b.replace_range(r.holder(), picked.start, picked.count, items)?);
        return Ok(());
    }
    if items.len() != picked.count {
        return Err(value_error(format!(
            "attempt to assign sequence of size {} to extended slice of size {}",
            items.len(),
            picked.count
        )));
    }
    let mut old = skein_gc::alloc::vec_with(items.len())?;
    for (i, item) in picked.indices().zip(items) {
        // Another thread may have made the list shorter: the item is dropped then.
        old.push(b.set(r.holder(), i, item));
    }
    drop(old);
    Ok(())
}

fn delete_slice(cx: &Context, r: &Ref, key: &Ref) -> Result<()> {
    let Some(k) = slice::body(key) else {
        return Err(bad_index("list", key));
    };
    let bounds = Bounds::of(cx, k)?;
    let b = body(r)?;
    let picked = bounds.fit(b.len());
    if picked.count == 0 {
        return Ok(());
    }
    if picked.step == 1 {
        drop(b.remove_range(r.holder(), picked.start, picked.count)?);
        return Ok(());
    }
    let step = picked.step.unsigned_abs() as usize;
    let first = if picked.step > 0 {
        picked.start
    } else {
        picked.start.saturating_sub(step.saturating_mul(picked.count - 1))
    };
    drop(b.remove_stepped(r.holder(), first, step, picked.count)?);
    Ok(())
}

/// The new list of a list's items.
pub fn copy(r: &Ref) -> Result<Ref> {
    let copy = body(r)?.copy(r.holder())?;
    skein_object::object::alloc(&s::LIST, skein_object::ListBody(copy))
}
