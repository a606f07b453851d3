//! Type objects.

use crate::error::Result;
use crate::instance::Attrs;
use crate::intern::names;
use crate::object::{Layout, RefExt, type_of};
use crate::slots::Slots;
use skein_collections::Dict;
use skein_gc::lock::{Mutex, ReentrantMutex, ReentrantMutexGuard};
use skein_gc::uncounted::edge;
use skein_gc::{Class, Header, Ref, Value, Visitor};
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicPtr, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Type flags.
pub mod flag {
    /// Made by a class statement or `type()`: its dict may change.
    pub const HEAP: u32 = 1;
    /// May be a base class.
    pub const BASETYPE: u32 = 2;
    /// Instances have inline attributes and a `__dict__`.
    pub const HAS_DICT: u32 = 4;
    /// Instances can be weakly referenced.
    pub const WEAKREFABLE: u32 = 8;
    /// Instances are deferred (`skein_gc::cycle`): classes and code.
    pub const DEFERRED: u32 = 16;
    /// `isinstance` patterns of PEP 634.
    pub const SEQUENCE: u32 = 32;
    pub const MAPPING: u32 = 64;
    /// Has abstract methods: cannot be instantiated.
    pub const ABSTRACT: u32 = 128;
    /// Calling the instance as a method binds it: functions and method descriptors.
    pub const METHOD_DESCRIPTOR: u32 = 256;
    /// Attributes of the type cannot be set from Python.
    pub const IMMUTABLE: u32 = 512;
    /// Cannot be called to make instances.
    pub const NO_NEW: u32 = 1024;
    /// The slots are set up.
    pub const READY: u32 = 2048;
    /// The class pattern matches the subject itself (int, str, ...).
    pub const MATCH_SELF: u32 = 4096;
    /// `__getattribute__` is object's, so attribute caches may be used.
    pub const PLAIN_GETATTR: u32 = 8192;
    /// `__setattr__` and `__delattr__` are object's.
    pub const PLAIN_SETATTR: u32 = 16384;
}

/// Attributes offset of types whose instances have a variable tail: the attributes lie behind it.
pub const BEHIND_TAIL: usize = 0xffff;

/// A type object.
#[repr(C)]
pub struct Type {
    class: Class,
    pub slots: Slots,
    name: AtomicPtr<Box<str>>,
    static_name: &'static str,
    static_base: Option<&'static Type>,
    layout: AtomicPtr<Layout>,
    flags: AtomicU32,
    /// Unique number of the current state of the MRO's dicts; 0: not assigned. Caches key on it.
    version: AtomicU32,
    /// Shape of an instance without attributes.
    pub(crate) root_shape: AtomicU32,
    /// Inline attribute slots of a new instance.
    pub(crate) inline_slots: AtomicU16,
    slot_count: AtomicU16,
    slots_offset: AtomicU16,
    attrs_offset: AtomicU16,
    base: AtomicPtr<Type>,
    mro: AtomicPtr<Box<[&'static Type]>>,
    bases: AtomicPtr<Box<[&'static Type]>>,
    /// Own attributes.
    pub dict: Dict,
    /// Attributes of the whole MRO as looked up so far; emptied when the version changes.
    cache: Dict,
    subclasses: Mutex<Vec<&'static Type>>,
    /// Classes that are no subclasses but have this one in their MRO, which a metaclass has made up.
    dependents: Mutex<Vec<&'static Type>>,
    /// `__qualname__` of a heap type, where it is not the name.
    pub qualname: skein_gc::Slot,
    /// Word for the types crate (memory of `__abstractmethods__` caches and the like).
    pub extra: AtomicUsize,
}

// SAFETY: every field is atomic, locked, or written before publication.
unsafe impl Sync for Type {}
// SAFETY: as for Sync.
unsafe impl Send for Type {}

/// Serialises changes to the class graph and versions.
static GRAPH: ReentrantMutex<()> = ReentrantMutex::new(());

/// While the guard lives no other thread changes the attributes of classes, or what follows from them.
pub fn hold_classes() -> ReentrantMutexGuard<'static, ()> {
    GRAPH.lock()
}

/// Number of times that a class with instances got a data descriptor or an attribute hook. Inline caches of slots are valid
/// for one value; at [`EPOCH_OFF`] they are not made any more. It stands here as in a cache's word, from bit 16 on, above the 1
/// that says that the word is of a slot: so a cache takes it off with one subtraction.
pub static SLOT_EPOCH: AtomicU64 = AtomicU64::new(1);
pub const EPOCH_STEP: u64 = 1 << 16;
pub const EPOCH_OFF: u64 = 0xffff * EPOCH_STEP;
static NEXT_VERSION: AtomicU32 = AtomicU32::new(1);

impl Type {
    /// A static type; `ready()` completes it at start-up.
    pub const fn declare(name: &'static str, base: Option<&'static Type>, layout: &'static Layout, flags: u32) -> Type {
        Type {
            class: Class::new(Header::immortal(&raw const crate::statics::TYPE as *const Class)),
            slots: Slots::new(),
            name: AtomicPtr::new(std::ptr::null_mut()),
            static_name: name,
            static_base: base,
            layout: AtomicPtr::new(layout as *const Layout as *mut Layout),
            flags: AtomicU32::new(flags),
            version: AtomicU32::new(0),
            root_shape: AtomicU32::new(0),
            inline_slots: AtomicU16::new(0),
            slot_count: AtomicU16::new(0),
            slots_offset: AtomicU16::new(0),
            attrs_offset: AtomicU16::new(0),
            base: AtomicPtr::new(std::ptr::null_mut()),
            mro: AtomicPtr::new(std::ptr::null_mut()),
            bases: AtomicPtr::new(std::ptr::null_mut()),
            dict: Dict::new(),
            cache: Dict::new(),
            subclasses: Mutex::new(Vec::new()),
            dependents: Mutex::new(Vec::new()),
            qualname: skein_gc::Slot::empty(),
            extra: AtomicUsize::new(0),
        }
    }

    /// A new heap type of metaclass `meta`, with a reference to it. It is deferred: alive while it is reachable, and its memory is
    /// there for one sweep longer at least, so that `'static` is right for whoever has a reference to it, or has an object of the
    /// class, or does not poll.
    ///
    /// # Errors
    /// MemoryError.
    pub fn new_heap(meta: &'static Type, name: &str, base: &'static Type, flags: u32) -> Result<(Ref, &'static Type)> {
        const HEAD: usize = std::mem::size_of::<Header>();
        static RITES: std::sync::Once = std::sync::Once::new();
        RITES.call_once(|| skein_gc::cycle::at_burial(forget_dead));
        let ty = ManuallyDrop::new(Type::declare("", Some(base), base.layout(), flags | flag::HEAP));
        ty.rename(name);
        let Some(p) = skein_gc::alloc::allocate_unzeroed(meta.class(), std::mem::size_of::<Type>()) else {
            return Err(crate::error::memory_error());
        };
        // SAFETY: the memory is large enough, and its header is written; the rest is moved there.
        let ty: &'static Type = unsafe {
            let rest = (&raw const *ty).cast::<u8>().add(HEAD);
            std::ptr::copy_nonoverlapping(rest, p.cast::<u8>().add(HEAD), std::mem::size_of::<Type>() - HEAD);
            &*p.cast::<Type>()
        };
        ty.header().make_deferred();
        // SAFETY: the reference that a new object has.
        Ok((unsafe { Ref::from_value(Value::of(ty.header())) }, ty))
    }

    /// Whether no sweep has found the class dead.
    pub fn is_alive(&self) -> bool {
        self.header().is_immortal() || self.header().is_deferred()
    }

    #[inline(always)]
    pub fn class(&'static self) -> &'static Class {
        &self.class
    }

    #[inline(always)]
    pub fn header(&self) -> &Header {
        &self.class.header
    }

    /// The type as a value.
    #[inline(always)]
    pub fn object(&'static self) -> Ref {
        Ref::of(&self.class.header)
    }

    /// The type as a value that is not counted: for a call during which an object of the class keeps it.
    #[inline(always)]
    pub fn borrowed(&'static self) -> ManuallyDrop<Ref> {
        // SAFETY: not null, and not dropped.
        ManuallyDrop::new(unsafe { Ref::from_value(edge(&self.class.header)) })
    }

    /// The type behind a value, if it is one.
    #[inline]
    pub fn from_ref(r: &Ref) -> Option<&'static Type> {
        let h = r.header()?;
        if std::ptr::eq(type_of(r).layout(), &TYPE_LAYOUT) {
            // SAFETY: the layout says that it is a Type; see `new_heap`.
            Some(unsafe { &*(h as *const Header as *const Type) })
        } else {
            None
        }
    }

    pub fn name(&self) -> &str {
        // SAFETY: null or a leaked name. Acquire pairs with the release in `rename`.
        unsafe { self.name.load(Ordering::Acquire).as_ref() }.map_or(self.static_name, |n| n)
    }

    /// The last part of the name.
    pub fn short_name(&self) -> &str {
        let n = self.name();
        if self.has(flag::HEAP) {
            n
        } else {
            n.rsplit('.').next().unwrap_or(n)
        }
    }

    #[inline(always)]
    pub fn has(&self, bit: u32) -> bool {
        // Relaxed: flags change under GRAPH; a reader that races with the change may see either.
        self.flags.load(Ordering::Relaxed) & bit != 0
    }

    pub fn set_flag(&self, bit: u32, on: bool) {
        if on {
            self.flags.fetch_or(bit, Ordering::Relaxed);
        } else {
            self.flags.fetch_and(!bit, Ordering::Relaxed);
        }
    }

    #[inline(always)]
    pub fn layout(&self) -> &'static Layout {
        // SAFETY: always a layout static.
        unsafe { &*self.layout.load(Ordering::Relaxed) }
    }

    pub fn base(&self) -> Option<&'static Type> {
        // SAFETY: null or a type, which this one keeps alive. Acquire pairs with the release in `set_bases`.
        unsafe { self.base.load(Ordering::Acquire).as_ref() }
    }

    /// Method resolution order, this type first.
    #[inline]
    pub fn mro(&self) -> &'static [&'static Type] {
        // SAFETY: null before `ready`, else a leaked box. Acquire pairs with the release in `set_mro`.
        unsafe { self.mro.load(Ordering::Acquire).as_ref() }.map_or(&[], |b| b)
    }

    pub fn bases(&self) -> &'static [&'static Type] {
        // SAFETY: as for `mro`.
        unsafe { self.bases.load(Ordering::Acquire).as_ref() }.map_or(&[], |b| b)
    }

    /// Replaces the MRO; old ones are leaked, since readers may still walk them.
    pub fn set_mro(&self, mro: Vec<&'static Type>) {
        self.mro
            .store(Box::leak(Box::new(mro.into_boxed_slice())), Ordering::Release);
    }

    pub fn set_bases(&'static self, bases: Vec<&'static Type>, best: &'static Type) {
        let _g = GRAPH.lock();
        self.move_subclass(self.bases(), &bases);
        self.put_bases(bases, best);
    }

    /// Takes the class off the lists of its old bases and puts it on those of the new ones.
    pub fn move_subclass(&'static self, old: &[&'static Type], new: &[&'static Type]) {
        let _g = GRAPH.lock();
        for b in old {
            b.subclasses.lock().retain(|t| !std::ptr::eq(*t, self));
        }
        for b in new {
            b.subclasses.lock().push(self);
        }
    }

    /// Replaces the bases alone; their lists of subclasses stay as they are.
    pub fn put_bases(&'static self, bases: Vec<&'static Type>, best: &'static Type) {
        self.bases
            .store(Box::leak(Box::new(bases.into_boxed_slice())), Ordering::Release);
        self.base.store(best as *const Type as *mut Type, Ordering::Release);
    }

    /// To be called when the MRO has changed: classes in it that are no bases, direct or not, have to know whose caches
    /// depend on them.
    pub fn note_dependence(&'static self) {
        let mut known: Vec<&'static Type> = vec![self];
        let mut next = 0;
        while let Some(t) = known.get(next).copied() {
            next += 1;
            for b in t.bases() {
                if !known.iter().any(|k| std::ptr::eq(*k, *b)) {
                    known.push(b);
                }
            }
        }
        for t in self.mro() {
            if !known.iter().any(|k| std::ptr::eq(*k, *t)) {
                let mut dependents = t.dependents.lock();
                if !dependents.iter().any(|d| std::ptr::eq(*d, self)) {
                    dependents.push(self);
                }
            }
        }
    }

    /// Subclasses, and other classes whose MRO holds this one; `seen` keeps circles from being walked for ever.
    pub fn heirs(&self, seen: &mut Vec<*const Type>) -> Vec<&'static Type> {
        let mut out = self.subclasses.lock().clone();
        for t in self.dependents.lock().iter() {
            let p: *const Type = *t;
            if !seen.contains(&p) {
                seen.push(p);
                out.push(t);
            }
        }
        out
    }

    pub fn subclasses(&self) -> Vec<&'static Type> {
        self.subclasses.lock().clone()
    }

    #[inline]
    pub fn is_subtype(&self, other: &Type) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        self.mro().iter().any(|t| std::ptr::eq(*t, other))
    }

    pub fn slot_count(&self) -> usize {
        self.slot_count.load(Ordering::Relaxed) as usize
    }

    pub fn slots_offset(&self) -> usize {
        self.slots_offset.load(Ordering::Relaxed) as usize
    }

    /// Offset of the inline attributes; 0: none.
    #[inline(always)]
    pub fn attrs_offset(&self) -> usize {
        self.attrs_offset.load(Ordering::Relaxed) as usize
    }

    #[inline(always)]
    pub fn has_extras(&self) -> bool {
        self.attrs_offset() != 0 || self.slot_count() != 0
    }

    #[inline(always)]
    pub fn deferred_instances(&self) -> bool {
        self.has(flag::DEFERRED)
    }

    /// Bytes of a new instance whose variable tail takes `tail` bytes.
    #[inline]
    pub fn instance_size(&self, tail: usize) -> usize {
        self.instance_size_with(tail, self.inline_room())
    }

    #[inline(always)]
    fn inline_room(&self) -> u16 {
        self.inline_slots.load(Ordering::Relaxed)
    }

    /// How many attributes new instances have room for, if they have extras at all. Another thread may make that more at any time: who
    /// makes an instance asks once.
    #[inline(always)]
    pub fn extra_room(&self) -> Option<u16> {
        self.has_extras().then(|| self.inline_room())
    }

    /// As [`instance_size`](Type::instance_size), of one with room for `inline` attributes.
    #[inline]
    pub fn instance_size_with(&self, tail: usize, inline: u16) -> usize {
        let end = if self.attrs_offset() == BEHIND_TAIL {
            std::mem::size_of::<Header>() + self.layout().body_size + Attrs::size(inline)
        } else if self.attrs_offset() != 0 {
            self.attrs_offset() + Attrs::size(inline)
        } else if self.slot_count() != 0 {
            self.slots_offset() + 8 * self.slot_count()
        } else {
            std::mem::size_of::<Header>() + self.layout().body_size
        };
        end + tail
    }

    /// Sets where slot fields and attributes lie: behind the base's.
    pub fn set_instance_layout(&'static self, base: &'static Type, new_slots: usize, with_dict: bool, inline: u16) {
        let body_end = (std::mem::size_of::<Header>() + base.layout().body_size + 7) & !7;
        let slots = base.slot_count() + new_slots;
        self.layout
            .store(base.layout() as *const Layout as *mut Layout, Ordering::Relaxed);
        self.slot_count.store(slots as u16, Ordering::Relaxed);
        self.slots_offset.store(body_end as u16, Ordering::Relaxed);
        let dict = with_dict || base.has(flag::HAS_DICT);
        self.set_flag(flag::HAS_DICT, dict);
        let offset = match (dict, base.layout().tail_size) {
            (false, _) => 0,
            (true, None) => body_end + 8 * slots,
            (true, Some(_)) => BEHIND_TAIL,
        };
        self.attrs_offset.store(offset as u16, Ordering::Relaxed);
        self.inline_slots.store(inline, Ordering::Relaxed);
        let layout = self.layout();
        self.class.trace.set(layout.trace);
        self.class.destroy.set(layout.destroy);
    }

    /// Version for caches, assigned on demand.
    pub fn version(&self) -> u32 {
        // Acquire pairs with the release below: what the version stands for is seen.
        let v = self.version.load(Ordering::Acquire);
        if v != 0 {
            return v;
        }
        let _g = GRAPH.lock();
        let v = self.version.load(Ordering::Relaxed);
        if v != 0 {
            return v;
        }
        // Relaxed: uniqueness is all that counts. Wrap-around would need 4 billion class changes.
        let v = NEXT_VERSION.fetch_add(1, Ordering::Relaxed);
        self.version.store(v, Ordering::Release);
        v
    }

    /// The version if one is assigned, else 0: for cache checks.
    #[inline(always)]
    pub fn current_version(&self) -> u32 {
        self.version.load(Ordering::Acquire)
    }

    /// The attribute that the MRO gives for `name` (interned), without binding.
    #[inline]
    pub fn lookup(&'static self, name: &Ref) -> Option<Ref> {
        let version = self.current_version();
        let key = name.word().0;
        let (v, n, bits) = LOOKUPS.with(|c| c[lookup_place(version, key)].get());
        if v == version && n == key && v != 0 {
            // SAFETY: a class of this version holds it (see LOOKUPS); null says that there is none.
            return (bits != 0).then(|| unsafe { Ref::copy_of(Value(bits)) });
        }
        self.lookup_missed(name)
    }

    /// As [`Type::lookup`], without counting what it gives.
    ///
    /// # Safety
    /// This thread does not poll, and drops nothing, while the result is used.
    #[inline]
    pub unsafe fn peek(&'static self, name: &Ref) -> Option<ManuallyDrop<Ref>> {
        let version = self.current_version();
        let key = name.word().0;
        let (v, n, bits) = LOOKUPS.with(|c| c[lookup_place(version, key)].get());
        if v == version && n == key && v != 0 {
            // SAFETY: as in `lookup`; it is not dropped.
            return (bits != 0).then(|| ManuallyDrop::new(unsafe { Ref::from_value(Value(bits)) }));
        }
        let found = self.lookup_missed(name)?.value();
        // SAFETY: the class held it when it was found: it is private and still there, or shared and lives until the next poll.
        Some(ManuallyDrop::new(unsafe { Ref::from_value(found) }))
    }

    /// Whether `name` is the same here as in `other`.
    pub fn inherits(&'static self, name: &Ref, other: &'static Type) -> bool {
        // SAFETY: neither is used across a poll.
        unsafe { self.peek(name).as_deref() == other.peek(name).as_deref() }
    }

    #[inline(never)]
    fn lookup_missed(&'static self, name: &Ref) -> Option<Ref> {
        let version = self.version();
        let found = match crate::dict::get_interned(&self.cache, self.header(), name) {
            Some(v) if v.is(&crate::statics::not_implemented()) => self.lookup_slow(name),
            Some(v) => Some(v),
            None => self.lookup_slow(name),
        };
        // Only what is immortal keeps its address; interned names are.
        if name.header().is_some_and(Header::is_uncounted) && self.current_version() == version {
            let bits = found.as_ref().map_or(0, |f| f.value().0);
            let key = name.word().0;
            LOOKUPS.with(|c| c[lookup_place(version, key)].set((version, key, bits)));
        }
        found
    }

    #[inline(never)]
    fn lookup_slow(&'static self, name: &Ref) -> Option<Ref> {
        let version = self.version();
        for t in self.mro() {
            if let Some(v) = crate::dict::get_interned(&t.dict, t.header(), name) {
                let _g = GRAPH.lock();
                // A change since then has reset the version, and the entry must not enter the emptied cache.
                if self.version.load(Ordering::Relaxed) == version && !v.is(&crate::statics::not_implemented()) {
                    crate::dict::set_interned(&self.cache, self.header(), name, v.clone());
                }
                return Some(v);
            }
        }
        None
    }

    /// Own attribute.
    pub fn own(&'static self, name: &Ref) -> Option<Ref> {
        crate::dict::get_interned(&self.dict, self.header(), name)
    }

    /// Gives a type that is being set up an attribute.
    pub fn define(&'static self, name: &Ref, value: Ref) {
        drop(crate::dict::set_interned(&self.dict, self.header(), name, value));
        if self.current_version() != 0 || !self.subclasses.lock().is_empty() {
            self.invalidate();
        }
    }

    /// Sets an own attribute without any hook, and invalidates caches.
    pub fn set_own(&'static self, name: &Ref, value: Ref) {
        let old;
        let hook = type_of(&value).slots.descr_set.is_set()
            || [
                names::__getattribute__(),
                names::__getattr__(),
                names::__setattr__(),
                names::__delattr__(),
            ]
            .iter()
            .any(|n| n.is(name));
        if hook {
            self.shadow_slots();
        }
        {
            let _g = GRAPH.lock();
            old = crate::dict::set_interned(&self.dict, self.header(), name, value);
            self.invalidate();
        }
        drop(old);
    }

    /// A data descriptor or attribute hook comes to a class: inline slots of its instances may be shadowed from now on.
    fn shadow_slots(&'static self) {
        let mut seen = Vec::new();
        let mut work = vec![self];
        while let Some(t) = work.pop() {
            if t.root_shape.load(Ordering::Relaxed) != 0 {
                // SeqCst, though rare: caches made before must not match any more.
                let _ = SLOT_EPOCH.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |e| {
                    (e < EPOCH_OFF).then_some(e + EPOCH_STEP)
                });
                return;
            }
            work.extend(t.heirs(&mut seen));
        }
    }

    /// Deletes an own attribute; false if there is none.
    pub fn delete_own(&'static self, name: &Ref) -> bool {
        let old;
        {
            let _g = GRAPH.lock();
            old = crate::dict::remove_interned(&self.dict, self.header(), name);
            self.invalidate();
        }
        old.is_some()
    }

    /// Forgets versions and cached lookups of this type and its subclasses.
    pub fn invalidate(&'static self) {
        let _g = GRAPH.lock();
        let mut seen = Vec::new();
        let mut work = vec![self];
        while let Some(t) = work.pop() {
            t.version.store(0, Ordering::Release);
            if !t.cache.is_empty() {
                t.cache.clear(t.header());
            }
            work.extend(t.heirs(&mut seen));
        }
    }

    /// Sets the finaliser hook according to `__del__`.
    pub fn set_finalizer(&self, f: Option<fn(&Ref)>) {
        self.class.finalize.set(f);
    }

    pub fn static_base(&self) -> Option<&'static Type> {
        self.static_base
    }

    pub fn rename(&self, name: &str) {
        // Old names are leaked, since readers may still hold them.
        self.name.store(Box::leak(Box::new(name.into())), Ordering::Release);
    }
}

const LOOKUP_PLACES: usize = 2048;

thread_local! {
    /// What this thread has looked up of late: version of the class, name, and the value or null, unowned. Direct-mapped. As long
    /// as a class has that version, it or one of its bases holds the value; when a class changes, its version goes first, and the
    /// value is freed after the next poll of this thread at the earliest.
    static LOOKUPS: [Cell<(u32, u64, u64)>; LOOKUP_PLACES] = const { [const { Cell::new((0, 0, 0)) }; LOOKUP_PLACES] };
}

#[inline(always)]
fn lookup_place(version: u32, name: u64) -> usize {
    ((name >> 5) as usize ^ (version as usize).wrapping_mul(0x9e37)) % LOOKUP_PLACES
}

unsafe fn trace_type(h: *const Header, v: &mut Visitor<'_>) {
    // SAFETY: only called for types.
    let ty = unsafe { &*(h as *const Type) };
    ty.dict.trace(v);
    ty.cache.trace(v);
    v.slot(&ty.qualname);
    // A class does not count its bases.
    for t in ty.mro().iter().chain(ty.bases()).copied().chain(ty.base()) {
        v.value(edge(t.header()));
    }
}

/// Sweeps alone find that a class is dead. Objects of it may still be there, on their way out: so the memory stays.
unsafe fn destroy_type(h: *mut Header) {
    // SAFETY: only called for types, which nobody uses any more but as the class of dead objects.
    unsafe {
        let ty = &*(h as *const Type);
        ty.dict.clear(ty.header());
        ty.cache.clear(ty.header());
        drop(ty.qualname.set(ty.header(), None));
        skein_gc::cycle::bury(h, free_type);
    }
}

/// Gives back the memory of a class that `destroy_type` has emptied.
unsafe fn free_type(h: *mut Header) {
    // SAFETY: nothing refers to the class, so nothing has its shapes, name, MRO and bases; each of these was made as a box.
    unsafe {
        let ty = h.cast::<Type>();
        crate::instance::free_shapes((*ty).root_shape.load(Ordering::Relaxed));
        for list in [&(*ty).mro, &(*ty).bases] {
            let list = list.load(Ordering::Relaxed);
            if !list.is_null() {
                drop(Box::from_raw(list));
            }
        }
        let name = (*ty).name.load(Ordering::Relaxed);
        if !name.is_null() {
            drop(Box::from_raw(name));
        }
        std::ptr::drop_in_place(&raw mut (*ty).dict);
        std::ptr::drop_in_place(&raw mut (*ty).cache);
        std::ptr::drop_in_place(&raw mut (*ty).subclasses);
        std::ptr::drop_in_place(&raw mut (*ty).dependents);
        skein_gc::alloc::free(h);
    }
}

/// Takes classes that a sweep has found dead off the lists of those that stay.
fn forget_dead(dead: &[&Header]) {
    let mut seen = std::collections::HashSet::new();
    for h in dead {
        let ty = crate::object::type_of_header(h);
        if !std::ptr::eq(ty.layout(), &TYPE_LAYOUT) {
            continue;
        }
        // SAFETY: the layout says that it is a Type, which the sweep holds.
        let class = unsafe { &*std::ptr::from_ref::<Header>(h).cast::<Type>() };
        for t in class.bases().iter().chain(class.mro()) {
            if t.is_alive() && seen.insert(std::ptr::from_ref::<Type>(t)) {
                t.subclasses.lock().retain(|s| s.is_alive());
                t.dependents.lock().retain(|s| s.is_alive());
            }
        }
    }
}

/// Layout of type objects; a metaclass has the same.
pub static TYPE_LAYOUT: Layout = Layout {
    name: "type",
    body_size: std::mem::size_of::<Type>() - std::mem::size_of::<Header>(),
    trace: trace_type,
    destroy: destroy_type,
    tail_size: None,
};

/// Linearises the bases (C3).
///
/// # Errors
/// TypeError as CPython's, if there is no consistent order.
pub fn c3(ty: &'static Type, bases: &[&'static Type]) -> Result<Vec<&'static Type>> {
    let mut lists: Vec<Vec<&'static Type>> = bases.iter().map(|b| b.mro().to_vec()).collect();
    lists.push(bases.to_vec());
    let mut out = vec![ty];
    loop {
        lists.retain(|l| !l.is_empty());
        if lists.is_empty() {
            return Ok(out);
        }
        let candidate = lists
            .iter()
            .map(|l| l[0])
            .find(|c| !lists.iter().any(|l| l[1..].iter().any(|t| std::ptr::eq(*t, *c))));
        let Some(c) = candidate else {
            let mut names: Vec<&str> = Vec::new();
            for l in &lists {
                if !names.contains(&l[0].short_name()) {
                    names.push(l[0].short_name());
                }
            }
            return Err(crate::error::type_error(format!(
                "Cannot create a consistent method resolution order (MRO) for bases {}",
                names.join(", ")
            )));
        };
        out.push(c);
        for l in &mut lists {
            if std::ptr::eq(l[0], c) {
                l.remove(0);
            }
        }
    }
}

/// Whether the type of `r` is exactly `t`: shorthand for native code.
pub fn exact(r: &Ref, t: &'static Type) -> bool {
    r.is_exact(t)
}
