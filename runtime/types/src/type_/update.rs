//! The slots of heap classes, from what their MRO says.

use super::dunder::{self, DUNDERS, How, Native, SlotId};
use super::generic;
use crate::descriptors::wrapper;
use crate::object::new_wrapper;
use skein_object::Ref;
use skein_object::intern::names;
use skein_object::statics as s;
use skein_object::types::{Type, flag, hold_classes};

/// The native class nearest to a class.
fn native(ty: &'static Type) -> &'static Type {
    let mut t = ty;
    while t.has(flag::HEAP) {
        match t.base() {
            Some(b) => t = b,
            None => break,
        }
    }
    t
}

/// What the slot of a class is to be.
fn wanted(ty: &'static Type, slot: SlotId) -> Option<Native> {
    match slot {
        SlotId::New => {
            let found = ty.lookup(names::__new__())?;
            if let Some(t) = new_wrapper::owner(&found)
                && ty.is_subtype(t)
                && (std::ptr::eq(t.layout(), ty.layout()) || native(ty).slots.new.same(&t.slots.new))
            {
                return dunder::slot_of(t, SlotId::New);
            }
            Some(generic::function(slot))
        }
        SlotId::GetAttr => {
            let get = ty.lookup(names::__getattribute__());
            if ty.lookup(names::__getattr__()).is_none()
                && let Some(f) = get.and_then(|g| wrapper::native_of(&g, ty, slot))
            {
                return Some(f);
            }
            Some(generic::function(slot))
        }
        SlotId::Pow3 => {
            let found = ty.lookup(names::__pow__())?;
            match wrapper::owner_of(&found) {
                Some(t) if ty.is_subtype(t) => dunder::slot_of(t, slot),
                _ => Some(generic::function(slot)),
            }
        }
        _ => {
            let mut native: Option<Native> = None;
            let mut any = false;
            for i in dunder::rows_of(slot) {
                let Some(found) = ty.lookup(dunder::name_of(i)) else {
                    continue;
                };
                if slot == SlotId::Hash && s::is_none(&found) {
                    return None;
                }
                match (wrapper::native_of(&found, ty, slot), native) {
                    (Some(f), None) if !any => native = Some(f),
                    (Some(f), Some(g)) if f.address() == g.address() => {}
                    _ => return Some(generic::function(slot)),
                }
                any = true;
            }
            native
        }
    }
}

/// Computes the slots that an own attribute `name` decides.
pub fn update_name(ty: &'static Type, name: &Ref) {
    let (slots, n) = dunder::slots_of(name);
    for slot in &slots[..n] {
        dunder::set(&ty.slots, *slot, wanted(ty, *slot));
    }
}

/// Computes all slots.
pub fn update_all(ty: &'static Type) {
    // As in `after_setattr`.
    let _held = hold_classes();
    for slot in dunder::all_slots() {
        dunder::set(&ty.slots, slot, wanted(ty, slot));
    }
    update_flags(ty);
}

/// Flags and hooks that follow from slots and MRO.
pub fn update_flags(ty: &'static Type) {
    let object = &s::OBJECT.slots;
    ty.set_flag(flag::PLAIN_GETATTR, ty.slots.getattr.same(&object.getattr));
    ty.set_flag(flag::PLAIN_SETATTR, ty.slots.setattr.same(&object.setattr));
    if ty.has(flag::HEAP) {
        if ty.lookup(names::__del__()).is_some() {
            ty.set_finalizer(Some(generic::finalize));
        } else if let Some(b) = ty.base() {
            ty.set_finalizer(b.class().finalize.get());
        }
        if let Some(b) = ty.base() {
            ty.slots.settle_make(&b.slots);
        }
    }
}

/// After `ty.name` was set or deleted: slots of the type and of the subclasses that do not override it.
pub fn after_setattr(ty: &'static Type, name: &Ref) {
    let special = dunder::find(name).is_some();
    if !special && !name.is(names::__del__()) {
        return;
    }
    // Who looks last at the attributes writes last to the slots.
    let _held = hold_classes();
    let mut seen = Vec::new();
    let mut work = vec![ty];
    while let Some(t) = work.pop() {
        if t.has(flag::HEAP) {
            if special {
                update_name(t, name);
            }
            update_flags(t);
        }
        work.extend(t.heirs(&mut seen));
    }
}

/// Sets the slots of a new class: the base's, and those that its own attributes decide.
pub fn inherit(ty: &'static Type, own: &[Ref]) {
    let Some(base) = ty.base() else { return };
    let single = ty.mro().len() == base.mro().len() + 1;
    if !single {
        update_all(ty);
        return;
    }
    ty.slots.inherit(&base.slots);
    for name in own {
        update_name(ty, name);
    }
    update_flags(ty);
}

/// About how many wrapper descriptors a native type gets.
pub fn count_wrappers(ty: &'static Type) -> usize {
    DUNDERS
        .iter()
        .filter(|d| dunder::get(&ty.slots, d.slot).is_some())
        .count()
}

/// Adds wrapper descriptors for the slots that a native type sets itself; to be called before it inherits slots.
pub fn add_wrappers(ty: &'static Type, hide: &[&str]) -> skein_object::Result<()> {
    for (i, d) in DUNDERS.iter().enumerate() {
        if d.how == How::GetAttrHook {
            continue;
        }
        let Some(f) = dunder::get(&ty.slots, d.slot) else {
            continue;
        };
        let name = dunder::name_of(i);
        if ty.own(name).is_some() || hide.contains(&d.name) {
            continue;
        }
        let value = if d.how == How::New {
            new_wrapper::make(ty)?
        } else {
            wrapper::make(d, ty, f)?
        };
        ty.define(name, value);
    }
    if ty.slots.compare.is_set() && !ty.slots.hash.is_set() && ty.own(names::__hash__()).is_none() {
        ty.define(names::__hash__(), s::none());
    }
    Ok(())
}
