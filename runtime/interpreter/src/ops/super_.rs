//! Attributes by way of `super()`.

use crate::cache::{self, Found};
use crate::frame::Frame;
use crate::operands::Operands;
use crate::ops::name_at;
use crate::regs::{Regs, share};
use skein_gc::Ref;
use skein_object::context::{Unwrapped, hooks};
use skein_object::intern::names;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol;
use skein_object::types::flag;
use skein_object::{Context, Result, Type, statics as s};
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

/// The static type `super`, once it has been seen.
static SUPER: AtomicPtr<Type> = AtomicPtr::new(std::ptr::null_mut());

fn is_super(r: &Ref) -> bool {
    let Some(t) = Type::from_ref(r) else {
        return false;
    };
    let p = t as *const Type as *mut Type;
    // Relaxed: only compared.
    let known = SUPER.load(Ordering::Relaxed);
    if !known.is_null() {
        return known == p;
    }
    let yes = !t.has(flag::HEAP) && t.name() == "super";
    if yes {
        SUPER.store(p, Ordering::Relaxed);
    }
    yes
}

/// What `super(class, receiver)` finds for `name` beyond `class` in the MRO, unbound, and the class where the search starts.
fn super_lookup(class: &Ref, receiver: &Ref, name: &Ref) -> Option<(Ref, &'static Type)> {
    let class = Type::from_ref(class)?;
    let start = match Type::from_ref(receiver) {
        Some(t) if t.is_subtype(class) => t,
        _ => receiver.ty(),
    };
    let at = start.mro().iter().position(|t| std::ptr::eq(*t, class))?;
    start.mro()[at + 1..]
        .iter()
        .find_map(|t| t.own(name))
        .map(|f| (f, start))
}

pub unsafe fn load_super_attr(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let w = ins.b();
    let name = name_at(frame, ins.c());
    let r = super_object(cx, regs, w).and_then(|o| protocol::getattr(cx, &o, name))?;
    for i in 0..3 {
        regs.kill(w + i);
    }
    regs.set(ins.a(), r);
    Ok(())
}

unsafe fn super_object(cx: &Context, regs: Regs, w: usize) -> Result<Ref> {
    protocol::call(cx, regs.get(w), regs.slice(w + 1, 2))
}

/// What `super(class, receiver)` finds for a receiver that is a class, where that needs no binding but by passing the receiver, and
/// whether it is passed; the site remembers it.
unsafe fn super_of_class(
    class: &Ref,
    c: &'static Type,
    receiver: &Ref,
    rt: &'static Type,
    name: &Ref,
    site: &AtomicU64,
) -> Option<(Ref, bool)> {
    let word = cache::load(site);
    if cache::kind(word) == cache::RECORD {
        let r = cache::record(word);
        if cache::same_version(rt, r.version) && cache::same_version(c, r.new_shape) {
            match r.found {
                Found::Plain => return Some((Ref::copy_of(r.value), false)),
                Found::ClassMethod => return Some((Ref::copy_of(r.value), true)),
                _ => {}
            }
        }
    }
    let (version, class_version) = (rt.version(), c.version());
    if !rt.is_subtype(c) {
        return None;
    }
    let (f, _) = super_lookup(class, receiver, name)?;
    if !type_of(&f).slots.descr_get.is_set() {
        cache::store_record(site, Found::Plain, 0, version, Some(&f), 0, class_version);
        return Some((f, false));
    }
    match (hooks().unwrap)(&f) {
        Unwrapped::ClassMethod(function) if function.is_exact(&s::FUNCTION) => {
            cache::store_record(site, Found::ClassMethod, 0, version, Some(&function), 0, class_version);
            Some((function, true))
        }
        _ => None,
    }
}

pub unsafe fn load_super_method(
    cx: &Context,
    frame: *mut Frame,
    regs: Regs,
    ins: Operands,
    site: &AtomicU64,
) -> Result<()> {
    let w = ins.a();
    let name = name_at(frame, ins.c());
    let (callable, class, receiver) = (regs.get(w), regs.get(w + 1), regs.get(w + 2));
    if is_super(callable)
        && !names::__class__().is(name)
        && let Some(c) = Type::from_ref(class)
        && Type::from_ref(receiver).is_none()
    {
        let rt = receiver.ty();
        let word = cache::load(site);
        let mut method = None;
        if cache::kind(word) == cache::RECORD {
            let r = cache::record(word);
            if r.found == Found::Method && cache::same_version(rt, r.version) && cache::same_version(c, r.new_shape) {
                method = Some(r.word);
            }
        }
        if method.is_none() {
            let (version, class_version) = (rt.version(), c.version());
            if rt.is_subtype(c)
                && let Some((f, _)) = super_lookup(class, receiver, name)
                && type_of(&f).has(flag::METHOD_DESCRIPTOR)
            {
                cache::store_record(site, Found::Method, 0, version, Some(&f), 0, class_version);
                // The class holds it.
                method = Some(cache::register_word(&f));
            }
        }
        if let Some(f) = method {
            let f = share(f);
            let receiver = regs.clear(w + 2);
            regs.set_bits(w + 1, receiver);
            regs.set_bits(w, f);
            return Ok(());
        }
    }
    // `super().__new__(cls)`, `super().from_something()`: the receiver is a class.
    if is_super(callable)
        && !names::__class__().is(name)
        && let (Some(c), Some(rt)) = (Type::from_ref(class), Type::from_ref(receiver))
        && let Some((f, passed)) = super_of_class(class, c, receiver, rt, name, site)
    {
        let receiver = regs.take(w + 2);
        regs.kill(w + 1);
        if passed {
            regs.set(w + 1, receiver);
        }
        regs.set(w, f);
        return Ok(());
    }
    let o = super_object(cx, regs, w)?;
    let f = protocol::getattr(cx, &o, name)?;
    regs.kill(w + 2);
    regs.kill(w + 1);
    regs.set(w, f);
    Ok(())
}
