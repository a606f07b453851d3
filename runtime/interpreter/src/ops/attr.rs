//! Attributes: hits and misses of the inline caches.

use crate::cache::{self, Found};
use crate::call::code_of;
use crate::frame::Frame;
use crate::operands::Operands;
use crate::ops::call::push_function;
use crate::ops::name_at;
use crate::ops::seen::{Transition, seen};
pub use crate::ops::seen::{retry, seen_hit, seen_method, seen_slot, seen_store};
use crate::regs::{Regs, release, share, share_if};
use crate::run::{Done, read_bits};
use skein_bytecode::instr::{CONSUME_A, CONSUME_B};
use skein_gc::uncounted::edge;
use skein_gc::{Header, Ref, Slot, Value};
use skein_object::context::{Unwrapped, hooks};
use skein_object::error::type_error;
use skein_object::instance::{Attrs, DICT, INSTANCE, Shape};
use skein_object::intern::names;
use skein_object::layouts::method::{MEMBER_DESCRIPTOR, SlotMemberBody, TUPLE_GETTER, TupleGetterBody};
use skein_object::object::{RefExt, type_of, type_of_header};
use skein_object::protocol::{self, attribute};
use skein_object::types::{SLOT_EPOCH, flag};
use skein_object::{
    Context, DictBody, FunctionBody, ModuleBody, Object, Result, StrBody, TupleBody, Type, dict, statics as s, str,
};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Shape of an object whose attributes lie behind the header; 0 for others.
#[inline(always)]
pub fn shape_of(h: &Header) -> u32 {
    if h.has_flag(INSTANCE) {
        // SAFETY: the flag says that an `Attrs`, which begins with the shape, lies behind the header.
        unsafe { (*((h as *const Header).add(1) as *const AtomicU32)).load(Ordering::Acquire) }
    } else {
        0
    }
}

#[inline(always)]
pub(super) fn epoch() -> u64 {
    // Relaxed: a thread that has not yet seen a new epoch acts as if it had come before the change.
    SLOT_EPOCH.load(Ordering::Relaxed)
}

/// Bits of the attribute that a slot word caches, unowned; 0 on a miss.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn slot_hit(v: u64, word: u64) -> u64 {
    let Some(offset) = cache::slot_of(word, shape_of(&*((v & !7) as *const Header)), epoch()) else {
        return 0;
    };
    // The shape has the slot, so it lies in the object.
    let slot = &*((v & !7) as *const u8).add(offset).cast::<Slot>();
    slot.load().0
}

/// The slot of a private object that a cache word names; null if it does not, or the object is shared.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn store_slot(v: u64, word: u64) -> *mut u64 {
    let h = &*((v & !7) as *const Header);
    // A shared object's slots are stored under its lock, so that none is lost when they move to a dict.
    match cache::slot_of(word, shape_of(h), epoch()) {
        Some(offset) if h.is_private() => ((v & !7) as *mut u8).add(offset).cast::<u64>(),
        _ => std::ptr::null_mut(),
    }
}

/// Stores into the slot of a shared object that a cache word names; false, with nothing done, if it names none.
unsafe fn store_shared(h: &Header, word: u64, value: &Ref) -> bool {
    if cache::kind(word) != cache::SLOT || h.is_private() {
        return false;
    }
    skein_gc::publish::publish(value.value());
    let guard = skein_gc::lock::critical(h);
    let Some(offset) = cache::slot_of(word, shape_of(h), epoch()) else {
        return false;
    };
    let slot = &*(h as *const Header).cast::<u8>().add(offset).cast::<Slot>();
    let old = slot.set(h, Some(value.clone()));
    drop(guard);
    drop(old);
    true
}

/// The slot of a new attribute of a private object, as a record says; null if it does not fit the object.
///
/// # Safety
/// The object is private; the slot is written, and then the shape, before anything else is done with it.
#[inline(always)]
pub unsafe fn new_slot(h: &Header, r: &cache::Record) -> *const Slot {
    if r.found != Found::Transition
        || r.shape != shape_of(h)
        || r.shape == 0
        || !cache::same_version(type_of_header(h), r.version)
    {
        return std::ptr::null();
    }
    let attrs = &*((h as *const Header).add(1) as *const Attrs);
    if attrs.capacity() <= r.offset as usize {
        return std::ptr::null();
    }
    attrs.slot(r.offset as usize)
}

/// Gives an instance another shape.
///
/// # Safety
/// It has inline attributes, and the slots that the shape names are written.
#[inline(always)]
pub unsafe fn set_shape(h: &Header, shape: u32) {
    let attrs = &*((h as *const Header).add(1) as *const Attrs);
    // Release pairs with the acquire in `shape_of`, once the object is shared.
    attrs.shape.store(shape, Ordering::Release);
}

/// Whether the class of an object stores attributes as objects do.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn stores_plainly(v: u64) -> bool {
    type_of_header(&*((v & !7) as *const Header)).has(flag::PLAIN_SETATTR)
}

/// The value of an attribute of a module that a cache word of kind GLOBAL names, as bits for a register; 0 on a miss, or for another
/// word, which a site may have become since it was looked at last.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn module_hit(v: u64, word: u64) -> u64 {
    let p = (v & !7) as *const Header;
    if cache::kind(word) != cache::GLOBAL || !std::ptr::eq(type_of_header(&*p), &raw const s::MODULE) {
        return 0;
    }
    let d = (*(p as *const Object<ModuleBody>)).body.dict.load();
    if d.is_null() {
        return 0;
    }
    // A module's dict is a dict.
    let b = &(*(d.pointer() as *const Object<DictBody>)).body;
    share_if(b.0.peek_if((word >> 32) as u32, (word as u32) >> 4))
}

fn attrs_base() -> usize {
    std::mem::size_of::<Header>() + std::mem::size_of::<Attrs>()
}

/// Remembers a slot of an instance at a site.
fn cache_slot(site: &AtomicU64, shape: u32, index: u16, name: &Ref) {
    if let Some(word) = cache::slot_word(shape, epoch(), attrs_base() + 8 * index as usize) {
        cache::store(site, word);
        seen().put_slot(shape, name.word().0, word);
    }
}

/// Pushes the frame of a property's getter: true if it was pushed.
unsafe fn push_getter(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands, r: &cache::Record) -> bool {
    let object = regs.get(ins.b());
    if !cache::same_version(type_of(object), r.version) {
        return false;
    }
    // It is asked again what it takes, since the function's code may have been exchanged.
    let window = push_function(cx, frame, r.value, 1, regs.0.add(ins.a()));
    if window.is_null() {
        return false;
    }
    *window = read_bits(regs, ins.b(), ins.flags() & CONSUME_B != 0);
    true
}

/// Pushes the frame of a `__get__` in Python, if that is how the class of r[b] gives `name`: true if it was pushed.
unsafe fn push_get(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands, name: &Ref) -> bool {
    let object = regs.get(ins.b());
    let ty = type_of(object);
    if !ty.has(flag::PLAIN_GETATTR) || Type::from_ref(object).is_some() {
        return false;
    }
    let Some(descriptor) = ty.peek(name) else {
        return false;
    };
    let kind = type_of(&descriptor);
    if !kind.has(flag::HEAP) || !kind.slots.descr_get.is_set() {
        return false;
    }
    if !kind.slots.descr_set.is_set() && !object.header().is_some_and(|h| lacks(h, ty, name)) {
        return false;
    }
    let Some(f) = kind.peek(names::__get__()) else {
        return false;
    };
    if !f.is_exact(&s::FUNCTION) {
        return false;
    }
    let window = push_function(cx, frame, f.word(), 3, regs.0.add(ins.a()));
    if window.is_null() {
        return false;
    }
    *window = share(descriptor.word().0);
    *window.add(1) = read_bits(regs, ins.b(), ins.flags() & CONSUME_B != 0);
    *window.add(2) = ty.object().into_value().0;
    true
}

/// Whether an object of class `ty` has no attribute `name` of its own, as far as its shape tells.
fn lacks(h: &Header, ty: &Type, name: &Ref) -> bool {
    let shape = shape_of(h);
    if shape == 0 {
        return ty.attrs_offset() == 0;
    }
    Shape::get(shape).is_some_and(|s| s.find(name).is_none())
}

/// What a class has for `name`, where that is also what the attribute of r[b] is, at a site that sees too many classes; as bits
/// for a register; 0 if it takes more to find it.
unsafe fn class_value(regs: Regs, ins: Operands, name: &Ref) -> u64 {
    let object = regs.get(ins.b());
    let ty = type_of(object);
    if !ty.has(flag::PLAIN_GETATTR) || Type::from_ref(object).is_some() {
        return 0;
    }
    match (ty.peek(name), object.header()) {
        (Some(f), Some(h)) if !type_of(&f).slots.descr_get.is_set() && lacks(h, ty, name) => share(f.word().0),
        _ => 0,
    }
}

/// LoadAttr beyond the slot hit.
#[inline(never)]
pub unsafe fn load(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands, site: &AtomicU64) -> Done {
    let word = cache::load(site);
    if cache::kind(word) == cache::RECORD {
        let r = cache::record(word);
        if r.found == Found::Property && push_getter(cx, frame, regs, ins, r) {
            return Done::PUSHED;
        }
    }
    let object = regs.get(ins.b());
    let name = name_at(frame, ins.c());
    if cache::kind(word) == cache::MEGA {
        let found = class_value(regs, ins, name);
        if found != 0 {
            let object = if ins.flags() & CONSUME_B != 0 {
                regs.clear(ins.b())
            } else {
                0
            };
            regs.set_bits(ins.a(), found);
            release(object);
            return Done::WRITTEN;
        }
    }
    if push_get(cx, frame, regs, ins, name) {
        return Done::PUSHED;
    }
    match load_cached(cx, object, name, site) {
        Ok(v) => {
            regs.set(ins.a(), v);
            regs.consume_b(ins);
            Done::WRITTEN
        }
        Err(e) => Done::error(e),
    }
}

/// LoadAttr of a data descriptor that the site remembers.
#[inline(never)]
pub unsafe fn load_getter(cx: &Context, regs: Regs, ins: Operands, r: &cache::Record) -> Result<()> {
    let object = regs.get(ins.b());
    let v = attribute::bind(cx, Ref::copy_of(r.value), object, type_of(object))?;
    regs.set(ins.a(), v);
    regs.consume_b(ins);
    Ok(())
}

/// `object.name` of an instance whose attributes are in a dict.
unsafe fn dict_attr(cx: &Context, object: &Ref, h: &Header, ty: &'static Type, name: &Ref) -> Result<Ref> {
    let found = ty.lookup(name);
    if found.as_ref().is_none_or(|f| !type_of(f).slots.descr_set.is_set()) {
        let attrs = &*((h as *const Header).add(1) as *const Attrs);
        if let Some(v) = attrs.get(h, name)? {
            return Ok(v);
        }
        if let Some(f) = found {
            return if type_of(&f).slots.descr_get.is_set() {
                attribute::bind(cx, f, object, ty)
            } else {
                Ok(f)
            };
        }
    }
    protocol::getattr(cx, object, name)
}

/// `object.name`, with the site's cache looked at and updated.
unsafe fn load_cached(cx: &Context, object: &Ref, name: &Ref, site: &AtomicU64) -> Result<Ref> {
    let word = cache::load(site);
    let ty = type_of(object);
    let Some(h) = object.header() else {
        return protocol::getattr(cx, object, name);
    };
    if shape_of(h) == DICT && ty.has(flag::PLAIN_GETATTR) {
        return dict_attr(cx, object, h, ty, name);
    }
    if cache::kind(word) == cache::RECORD {
        let r = cache::record(word);
        if r.found == Found::Plain {
            if r.shape == u32::MAX {
                if let Some(t) = Type::from_ref(object)
                    && cache::same_version(t, r.version)
                    && cache::same_version(ty, r.new_shape)
                {
                    return Ok(Ref::copy_of(r.value));
                }
            } else if r.shape == shape_of(h) && cache::same_version(ty, r.version) {
                return Ok(Ref::copy_of(r.value));
            }
        } else if r.found == Found::Getter && cache::same_version(ty, r.version) {
            let descriptor = Ref::copy_of(r.value);
            return attribute::bind(cx, descriptor, object, ty);
        }
    } else if cache::kind(word) == cache::GLOBAL
        && let Some(m) = object.body::<ModuleBody>()
        && let Some(d) = m.dict.get()
        && let Some(b) = d.body::<DictBody>()
        && let Some(v) = b.0.value_if((word >> 32) as u32, (word as u32) >> 4)
    {
        return Ok(v);
    }
    if object.is_exact(&s::MODULE) {
        if let Some(m) = object.body::<ModuleBody>()
            && let Some(d) = m.dict.get()
            && let Some(b) = d.body::<DictBody>()
            && s::MODULE.lookup(name).is_none()
        {
            let hash = name.body::<StrBody>().map_or(0, StrBody::hash) as u64;
            if let Ok(e) = b.0.cacheable(d.holder(), hash, name, &mut dict::StrEq)
                && let Some(i) = e.entry
                && e.version != 0
                && i < 1 << 28
            {
                cache::store(site, (e.version as u64) << 32 | (i as u64) << 4 | cache::GLOBAL);
                if let Some(v) = b.0.value_if(e.version, i) {
                    return Ok(v);
                }
            }
        }
        return protocol::getattr(cx, object, name);
    }
    if let Some(t) = Type::from_ref(object) {
        // The metaclass looks attributes up as `type` does, and has none of that name itself.
        if ty.slots.getattr.same(&s::TYPE.slots.getattr)
            && cache::kind(word) != cache::MEGA
            && ty.lookup(name).is_none()
        {
            let (version, meta) = (t.version(), ty.version());
            if let Some(v) = t.lookup(name).map(without_static)
                && (!type_of(&v).slots.descr_get.is_set()
                    || v.is_exact(&s::FUNCTION)
                    || v.is_exact(&s::METHOD_DESCRIPTOR_TYPE))
            {
                cache::store_record(site, Found::Plain, u32::MAX, version, Some(&v), 0, meta);
                return Ok(v);
            }
        }
        return protocol::getattr(cx, object, name);
    }
    if !ty.has(flag::PLAIN_GETATTR) {
        return protocol::getattr(cx, object, name);
    }
    let shape = shape_of(h);
    let version = ty.version();
    let mut found = ty.lookup(name);
    let mut bound = false;
    if let Some(f) = &found
        && let Unwrapped::StaticMethod(inner) = (hooks().unwrap)(f)
    {
        // What a static method wraps is bound to nothing.
        (found, bound) = (Some(inner), true);
    }
    let (has_get, has_set) = found.as_ref().filter(|_| !bound).map_or((false, false), |f| {
        (type_of(f).slots.descr_get.is_set(), type_of(f).slots.descr_set.is_set())
    });
    if bound {
        // No other kind.
    } else if let Some(f) = &found
        && let Some(offset) = member_offset(f, ty)
    {
        cache::store_record(site, Found::Member, 0, version, None, offset, 0);
    } else if let Some(f) = &found
        && f.is_exact(&TUPLE_GETTER)
        && let Some(b) = f.body::<TupleGetterBody>()
        && b.index >= 0
        && object.body::<TupleBody>().is_some()
    {
        // An index beyond the items misses, and the descriptor raises.
        cache::store_record(
            site,
            Found::TupleItem,
            0,
            version,
            None,
            b.index.min(i64::from(u32::MAX)) as u32,
            0,
        );
        return attribute::bind(cx, f.clone(), object, ty);
    } else if let Some(f) = &found
        && let Unwrapped::Property(getter) = (hooks().unwrap)(f)
        && getter.is_exact(&s::FUNCTION)
        && getter
            .body::<FunctionBody>()
            .and_then(code_of)
            .is_some_and(|c| c.simple && c.args == 1)
    {
        cache::store_record(site, Found::Property, 0, version, Some(&getter), 0, 0);
        return attribute::bind(cx, f.clone(), object, ty);
    } else if let Some(f) = &found
        && let Some(h) = object.header()
        && lacks(h, ty, name)
        && let Unwrapped::StaticMethod(function) = (hooks().unwrap)(f)
    {
        cache::store_record(site, Found::Plain, shape, version, Some(&function), 0, 0);
        return Ok(function);
    } else if let Some(f) = &found
        && has_get
        && has_set
    {
        cache::store_record(site, Found::Getter, 0, version, Some(f), 0, 0);
        return attribute::bind(cx, f.clone(), object, ty);
    }
    if shape > DICT
        && let Some(shape_ref) = Shape::get(shape)
    {
        if let Some(i) = shape_ref.find(name) {
            let attrs = &*((h as *const Header).add(1) as *const Attrs);
            if let Some(v) = attrs.slot(i as usize).get() {
                cache_slot(site, shape, i, name);
                return Ok(v);
            }
        } else if let Some(f) = &found
            && !has_get
        {
            cache::store_record(site, Found::Plain, shape, version, Some(f), 0, 0);
            return Ok(f.clone());
        }
    } else if shape == 0
        && ty.attrs_offset() == 0
        && let Some(f) = &found
        && !has_get
    {
        cache::store_record(site, Found::Plain, 0, version, Some(f), 0, 0);
        return Ok(f.clone());
    }
    protocol::getattr(cx, object, name)
}

/// What a static method wraps; anything else as it is.
fn without_static(f: Ref) -> Ref {
    match (hooks().unwrap)(&f) {
        Unwrapped::StaticMethod(inner) => inner,
        _ => f,
    }
}

/// Where a `__slots__` field lies in objects of class `ty`, if `descriptor` is that of one.
fn member_offset(descriptor: &Ref, ty: &Type) -> Option<u32> {
    if !descriptor.is_exact(&MEMBER_DESCRIPTOR) {
        return None;
    }
    let b = descriptor.body::<SlotMemberBody>()?;
    (ty.is_subtype(b.owner) && b.index < ty.slot_count()).then(|| (ty.slots_offset() + 8 * b.index) as u32)
}

/// The `__slots__` field of an object that a record names; null if it does not.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn member_slot(v: u64, r: &cache::Record) -> *const Slot {
    let h = &*((v & !7) as *const Header);
    if r.found != Found::Member || !cache::same_version(type_of_header(h), r.version) {
        return std::ptr::null();
    }
    ((v & !7) as *const u8).add(r.offset as usize).cast()
}

/// The field of `__slots__` or of a named tuple that a record names, as bits for a register; 0 on a miss.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn field_hit(v: u64, r: &cache::Record) -> u64 {
    if r.found == Found::Member {
        let slot = member_slot(v, r);
        return if slot.is_null() { 0 } else { share_if((*slot).load()) };
    }
    let h = &*((v & !7) as *const Header);
    if r.found != Found::TupleItem || !cache::same_version(type_of_header(h), r.version) {
        return 0;
    }
    // The class has had the layout of a tuple since it was made.
    let items = (*(h as *const Header as *const Object<TupleBody>)).body.items();
    items.get(r.offset as usize).map_or(0, |x| share(x.word().0))
}

/// The attribute of a class that a record names, as bits for a register; 0 on a miss.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn plain_hit(v: u64, r: &cache::Record) -> u64 {
    let h = &*((v & !7) as *const Header);
    let ty = type_of_header(h);
    if r.found != Found::Plain {
        return 0;
    }
    if r.shape == u32::MAX {
        // Asked of the class itself; the metaclass's version says that it is one.
        if !cache::same_version(ty, r.new_shape)
            || !cache::same_version(&*(h as *const Header as *const Type), r.version)
        {
            return 0;
        }
    } else if r.shape != shape_of(h) || !cache::same_version(ty, r.version) {
        return 0;
    }
    share(r.word)
}

/// StoreAttr beyond the hit.
#[inline(never)]
pub unsafe fn store(cx: &Context, regs: Regs, ins: Operands, frame: *mut Frame, site: &AtomicU64) -> Result<()> {
    let object = regs.get(ins.a());
    let name = name_at(frame, ins.c());
    let ty = type_of(object);
    let value = regs.get(ins.b());
    if let Some(h) = object.header()
        && store_shared(h, cache::load(site), value)
    {
        regs.consume(ins);
        return Ok(());
    }
    if ty.has(flag::PLAIN_SETATTR)
        && ty.slot_count() != 0
        && let Some(offset) = ty.lookup(name).and_then(|f| member_offset(&f, ty))
    {
        cache::store_record(site, Found::Member, 0, ty.version(), None, offset, 0);
    } else if ty.has(flag::PLAIN_SETATTR)
        && let Some(h) = object.header()
        && h.has_flag(INSTANCE)
    {
        let version = ty.version();
        let before = shape_of(h);
        let shadowed = ty.lookup(name).is_some_and(|f| type_of(&f).slots.descr_set.is_set());
        if !shadowed && before > DICT {
            let attrs = &*((h as *const Header).add(1) as *const Attrs);
            attrs.set(h, name, value.clone())?;
            let after = shape_of(h);
            if after > DICT
                && let Some(i) = Shape::get(after).and_then(|s| s.find(name))
            {
                if before == after {
                    cache_slot(site, after, i, name);
                } else {
                    cache::store_record(site, Found::Transition, before, version, None, i as u32, after);
                    if version != 0 {
                        seen().put_transition(Transition {
                            name: name.word().0,
                            shape: before,
                            version,
                            new_shape: after,
                            slot: i as u32,
                        });
                    }
                }
            }
            regs.consume(ins);
            return Ok(());
        }
    }
    protocol::setattr(cx, object, name, value)?;
    regs.consume(ins);
    Ok(())
}

pub unsafe fn delete(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    protocol::delattr(cx, regs.get(ins.a()), name_at(frame, ins.c()))?;
    if ins.flags() & CONSUME_A != 0 {
        regs.kill(ins.a());
    }
    Ok(())
}

/// LoadMethod beyond the hit.
#[inline(never)]
pub unsafe fn load_method(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands, site: &AtomicU64) -> Result<()> {
    let object = regs.get(ins.b());
    let name = name_at(frame, ins.c());
    let ty = type_of(object);
    if ty.has(flag::PLAIN_GETATTR) && Type::from_ref(object).is_none() && !object.is_exact(&s::MODULE) {
        let version = ty.version();
        if let Some(f) = ty.lookup(name)
            && type_of(&f).has(flag::METHOD_DESCRIPTOR)
        {
            let mut shadow = None;
            let mut cachable = true;
            if let Some(h) = object.header() {
                if let Some(attrs) = Attrs::of(h, ty) {
                    let shape = shape_of(h);
                    shadow = attrs.get(h, name)?;
                    cachable = shape > DICT && Shape::root(ty).is_some_and(|s| s.names_nowhere(name));
                }
            } else {
                cachable = false;
            }
            match shadow {
                None => {
                    if cachable {
                        cache::store_record(site, Found::Method, 0, version, Some(&f), 0, 0);
                        seen().put_method(version, name.word().0, cache::register_word(&f));
                    }
                    let receiver = regs.read(ins.b(), ins.flags() & CONSUME_B != 0);
                    regs.set(ins.a() + 1, receiver);
                    regs.set(ins.a(), f);
                }
                Some(v) => {
                    regs.consume_b(ins);
                    regs.kill(ins.a() + 1);
                    regs.set(ins.a(), v);
                }
            }
            return Ok(());
        }
    }
    if let Some(f) = class_method(object, ty, name, site) {
        let class = if Type::from_ref(object).is_some() {
            object.clone()
        } else {
            ty.object()
        };
        regs.consume_b(ins);
        regs.set(ins.a() + 1, class);
        regs.set(ins.a(), f);
        return Ok(());
    }
    let v = load_cached(cx, object, name, site)?;
    regs.consume_b(ins);
    regs.kill(ins.a() + 1);
    regs.set(ins.a(), v);
    Ok(())
}

/// The Python function in the classmethod that `name` is for a class or for an instance without attributes of
/// its own by that name; the site remembers it.
unsafe fn class_method(object: &Ref, ty: &'static Type, name: &Ref, site: &AtomicU64) -> Option<Ref> {
    let (class, shape) = match Type::from_ref(object) {
        Some(c) if ty.slots.getattr.same(&s::TYPE.slots.getattr) && ty.lookup(name).is_none() => (c, u32::MAX),
        Some(_) => return None,
        None if ty.has(flag::PLAIN_GETATTR) => (ty, shape_of(object.header()?)),
        None => return None,
    };
    let version = class.version();
    let Unwrapped::ClassMethod(f) = (hooks().unwrap)(&class.lookup(name)?) else {
        return None;
    };
    if !f.is_exact(&s::FUNCTION) {
        return None;
    }
    if shape != u32::MAX {
        let known = Shape::get(shape).is_some_and(|s| s.find(name).is_none());
        let none = shape == 0 && ty.attrs_offset() == 0;
        if !(known || none) {
            return None;
        }
    }
    let meta = if shape == u32::MAX { ty.version() } else { 0 };
    cache::store_record(site, Found::ClassMethod, shape, version, Some(&f), 0, meta);
    Some(f)
}

/// The function and class of a remembered classmethod as unowned bits; 0 for the function on a miss.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn class_method_hit(v: u64, r: &cache::Record) -> (u64, u64) {
    let h = &*((v & !7) as *const Header);
    let ty = type_of_header(h);
    if r.found != Found::ClassMethod {
        return (0, 0);
    }
    if r.shape == u32::MAX {
        if cache::same_version(ty, r.new_shape) && cache::same_version(&*(h as *const Header as *const Type), r.version)
        {
            return (r.word, v);
        }
    } else if r.shape == shape_of(h) && cache::same_version(ty, r.version) {
        return (r.word, edge(ty.header()).0);
    }
    (0, 0)
}

/// Names and messages of the special methods that LoadSpecial knows.
fn special(which: usize) -> (&'static Ref, &'static str, &'static str) {
    match which {
        0 => (
            names::__enter__(),
            "the context manager protocol",
            "asynchronous context manager protocol",
        ),
        1 => (
            names::__exit__(),
            "the context manager protocol",
            "asynchronous context manager protocol",
        ),
        2 => (
            names::__aenter__(),
            "the asynchronous context manager protocol",
            "context manager protocol",
        ),
        _ => (
            names::__aexit__(),
            "the asynchronous context manager protocol",
            "context manager protocol",
        ),
    }
}

pub unsafe fn load_special(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let object = regs.get(ins.b());
    let (name, protocol_name, other) = special(ins.c());
    let ty = type_of(object);
    let Some(f) = ty.lookup(name) else {
        let (pair, keyword) = if ins.c() < 2 {
            ([names::__aenter__(), names::__aexit__()], "async with")
        } else {
            ([names::__enter__(), names::__exit__()], "with")
        };
        let hint = if pair.iter().all(|n| ty.lookup(n).is_some()) {
            format!(" but it supports the {other}. Did you mean to use '{keyword}'?")
        } else {
            String::new()
        };
        return Err(type_error(format!(
            "'{}' object does not support {protocol_name} (missed {} method){hint}",
            ty.name(),
            str::text(name)
        )));
    };
    if type_of(&f).has(flag::METHOD_DESCRIPTOR) {
        let receiver = regs.read(ins.b(), ins.flags() & CONSUME_B != 0);
        regs.set(ins.a() + 1, receiver);
        regs.set(ins.a(), f);
    } else {
        let bound = attribute::bind(cx, f, object, ty)?;
        regs.consume_b(ins);
        regs.kill(ins.a() + 1);
        regs.set(ins.a(), bound);
    }
    let _ = Value::NULL;
    Ok(())
}
