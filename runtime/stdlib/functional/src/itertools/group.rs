//! `groupby`.

use super::iterator;
use skein_gc::Slot;
use skein_object::error::{Result, type_error};
use skein_object::object::{RefExt, alloc};
use skein_object::{Args, Context, Ref, payload, protocol, statics as s};
use skein_stdlib_support::{body, class_of, pack};

pub struct GroupByBody {
    it: Ref,
    key_function: Option<Ref>,
    /// Key of the group being given out, and key and value of the item read last.
    target: Slot,
    key: Slot,
    value: Slot,
    /// The newest group: older ones are over.
    group: Slot,
}
payload!(GroupByBody, "itertools.groupby", |this, v| {
    v.reference(&this.it);
    v.option(&this.key_function);
    v.slot(&this.target);
    v.slot(&this.key);
    v.slot(&this.value);
    v.slot(&this.group);
});

iterator!(GROUPBY GROUPBY_DEF "itertools.groupby" GroupByBody, "groupby(cls, iterable, key=None)", new, next,
    "make an iterator that returns consecutive keys and groups from the iterable\n\n  iterable\n    Elements to divide into groups according to the key function.\n  key\n    A function for computing the group category for each element.\n    If the key function is not specified or is None, the element itself\n    is used for grouping.", &[]);

fn new(cx: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(
        class_of(a.at(0))?,
        GroupByBody {
            it: protocol::iter(cx, a.at(1))?,
            key_function: a.opt_not_none(2).cloned(),
            target: Slot::empty(),
            key: Slot::empty(),
            value: Slot::empty(),
            group: Slot::empty(),
        },
    )
}

/// Reads one item; false at the end.
fn step(cx: &Context, g: &Ref) -> Result<bool> {
    let b = body::<GroupByBody>(g)?;
    let Some(value) = protocol::next(cx, &b.it)? else {
        return Ok(false);
    };
    let key = match &b.key_function {
        None => value.clone(),
        Some(f) => protocol::call1(cx, f, &value)?,
    };
    drop(b.value.set(g.holder(), Some(value)));
    drop(b.key.set(g.holder(), Some(key)));
    Ok(true)
}

fn next(cx: &Context, g: &Ref) -> Result<Option<Ref>> {
    let b = body::<GroupByBody>(g)?;
    drop(b.group.set(g.holder(), None));
    // Skips to the next key.
    let key = loop {
        match (b.key.get(), b.target.get()) {
            (None, _) => {}
            (Some(key), None) => break key,
            (Some(key), Some(target)) => {
                if !protocol::equal(cx, &target, &key)? {
                    break key;
                }
            }
        }
        if !step(cx, g)? {
            return Ok(None);
        }
    };
    drop(b.target.set(g.holder(), Some(key.clone())));
    let group = make_group(&GROUPER, g, &key)?;
    // Kept weakly in spirit: a number would do, but the reference also keeps its identity from being used again.
    let mark = body::<GrouperBody>(&group)?.mark.clone();
    drop(b.group.set(g.holder(), Some(mark)));
    pack([key, group]).map(Some)
}

pub struct GrouperBody {
    parent: Ref,
    target: Ref,
    /// An object of its own: the group is current while the parent has the same.
    mark: Ref,
}
payload!(GrouperBody, "itertools._grouper", |this, v| {
    v.reference(&this.parent);
    v.reference(&this.target);
    v.reference(&this.mark);
});

iterator!(GROUPER GROUPER_DEF "itertools._grouper" GrouperBody, "_grouper(cls, parent, tgtkey, /)", new_group, next_in_group, "", &[]);

fn make_group(ty: &'static skein_object::Type, parent: &Ref, target: &Ref) -> Result<Ref> {
    alloc(
        ty,
        GrouperBody {
            parent: parent.clone(),
            target: target.clone(),
            mark: alloc(&s::OBJECT, ())?,
        },
    )
}

fn new_group(_: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(parent) = a.at(1).body::<GroupByBody>() else {
        return Err(type_error(format!(
            "_grouper() argument 1 must be itertools.groupby, not {}",
            a.at(1).ty().name()
        )));
    };
    let g = make_group(class_of(a.at(0))?, a.at(1), a.at(2))?;
    let mark = body::<GrouperBody>(&g)?.mark.clone();
    drop(parent.group.set(a.at(1).holder(), Some(mark)));
    Ok(g)
}

fn next_in_group(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let g = body::<GrouperBody>(it)?;
    let b = body::<GroupByBody>(&g.parent)?;
    if b.group.get().is_none_or(|m| !m.is(&g.mark)) {
        return Ok(None);
    }
    if b.value.is_null() && !step(cx, &g.parent)? {
        return Ok(None);
    }
    let Some(key) = b.key.get() else {
        return Ok(None);
    };
    if !protocol::equal(cx, &g.target, &key)? {
        return Ok(None);
    }
    let value = b.value.set(g.parent.holder(), None);
    drop(b.key.set(g.parent.holder(), None));
    Ok(value)
}
