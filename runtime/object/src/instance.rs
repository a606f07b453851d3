//! Inline attributes of instances, and shapes.
//!
//! A shape names the attributes of an instance in order of creation: attribute i lies in inline slot i. Shapes form a
//! tree for each class; a transition adds one name. An instance whose attributes do not fit its slots, whose
//! attributes are deleted, or whose `__dict__` was asked for keeps them in a dict from then on (shape [`DICT`]).
//!
//! Words and who writes them:
//! * `shape`: the owner of a private instance; else under the object's lock. Readers load it, then the slot; a slot that
//!   has moved to the dict meanwhile is null, and the reader takes the locked path.
//! * shapes themselves are immutable but for the transition table, which has its own lock. They are freed with their class; their
//!   numbers are never used again.

use crate::error::Result;
use crate::layouts::dict::{self, DictBody};
use crate::object::{RefExt, type_of};
use crate::types::Type;
use parking_lot::RwLock;
use skein_gc::lock::Mutex;
use skein_gc::{Header, Ref, Slot, Value, Visitor, lock};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// Shape number of an instance that keeps its attributes in a dict.
pub const DICT: u32 = 1;

/// One shape.
pub struct Shape {
    pub id: u32,
    pub ty: &'static Type,
    pub parent: Option<&'static Shape>,
    /// Name of the last attribute; absent in the root.
    pub name: Option<Ref>,
    /// Number of attributes.
    pub count: u16,
    transitions: Mutex<Vec<(u64, &'static Shape)>>,
    /// How often an instance of this shape was asked for its `__dict__`, until there is a template.
    asked: AtomicU32,
    /// A dict with the names as keys in their order, to be copied.
    template: OnceLock<Ref>,
}

/// Shapes by number, in chunks that never move.
static CHUNKS: [AtomicPtr<Chunk>; 1 << 16] = [const { AtomicPtr::new(std::ptr::null_mut()) }; 1 << 16];
const CHUNK: usize = 1024;
type Chunk = [AtomicPtr<Shape>; CHUNK];
static NEXT: Mutex<u32> = Mutex::new(2);
/// Guards the making of root shapes.
static ROOTS: RwLock<()> = RwLock::new(());

/// Header flag: the attributes part lies right behind the header, so that caches find the shape without the class.
pub const INSTANCE: u8 = skein_gc::header::flag::CLASS_A;

/// Most attributes that are kept inline.
pub const MAX_INLINE: u16 = 40;

impl Shape {
    /// The shape with a number that came from a `shape` field; `None` for no shape and for [`DICT`].
    #[inline]
    pub fn get(id: u32) -> Option<&'static Shape> {
        if id < 2 {
            return None;
        }
        // Acquire pairs with the release in `make`.
        let chunk = CHUNKS.get(id as usize / CHUNK)?.load(Ordering::Acquire);
        if chunk.is_null() {
            return None;
        }
        // SAFETY: chunks are leaked, shapes live as long as their class; a non-null pointer is a complete one.
        unsafe { (&(*chunk))[id as usize % CHUNK].load(Ordering::Acquire).as_ref() }
    }

    fn make(ty: &'static Type, parent: Option<&'static Shape>, name: Option<Ref>) -> Option<&'static Shape> {
        let mut next = NEXT.lock();
        let id = *next;
        let chunk_cell = CHUNKS.get(id as usize / CHUNK)?;
        let mut chunk = chunk_cell.load(Ordering::Acquire);
        if chunk.is_null() {
            chunk = Box::leak(Box::new([const { AtomicPtr::new(std::ptr::null_mut()) }; CHUNK]));
            chunk_cell.store(chunk, Ordering::Release);
        }
        let shape = Box::leak(Box::new(Shape {
            id,
            ty,
            parent,
            count: parent.map_or(0, |p| p.count) + name.is_some() as u16,
            name,
            transitions: Mutex::new(Vec::new()),
            asked: AtomicU32::new(0),
            template: OnceLock::new(),
        }));
        // SAFETY: chunks are leaked.
        unsafe { (&(*chunk))[id as usize % CHUNK].store(shape, Ordering::Release) };
        *next += 1;
        Some(shape)
    }

    /// The shape of an instance of `ty` without attributes; `None` if shapes have run out.
    pub fn root(ty: &'static Type) -> Option<&'static Shape> {
        // Acquire pairs with the release below.
        let id = ty.root_shape.load(Ordering::Acquire);
        if id != 0 {
            return Shape::get(id);
        }
        let _g = ROOTS.write();
        let id = ty.root_shape.load(Ordering::Acquire);
        if id != 0 {
            return Shape::get(id);
        }
        let shape = Shape::make(ty, None, None)?;
        ty.root_shape.store(shape.id, Ordering::Release);
        Some(shape)
    }

    /// Slot of `name` (interned).
    #[inline]
    pub fn find(&'static self, name: &Ref) -> Option<u16> {
        let mut s = self;
        loop {
            match &s.name {
                Some(n) if n.is(name) => return Some(s.count - 1),
                Some(_) => {}
                None => return None,
            }
            s = s.parent?;
        }
    }

    /// The shape with one more attribute; `None` if there can be no more shapes below this one.
    pub fn with(&'static self, name: &Ref) -> Option<&'static Shape> {
        /// A class whose instances differ in more ways than this is better off with dicts.
        const MAX_TRANSITIONS: usize = 64;
        let mut t = self.transitions.lock();
        if let Some((_, s)) = t.iter().find(|(n, _)| *n == name.word().0) {
            return Some(s);
        }
        if t.len() >= MAX_TRANSITIONS {
            return None;
        }
        let s = Shape::make(self.ty, Some(self), Some(name.clone()))?;
        t.push((name.word().0, s));
        drop(t);
        // Caches of methods rely on it that no shape has their name; see `names_nowhere`.
        if self.ty.lookup(name).is_some() {
            self.ty.invalidate();
        }
        Some(s)
    }

    /// Whether no shape below this one has an attribute `name` so far. The class gets a new version when one comes to have it, if
    /// the class has an attribute of that name itself: who takes the class's version, and then asks here, may rely on the
    /// answer for as long as the version holds. False also where there are too many shapes to look.
    pub fn names_nowhere(&'static self, name: &Ref) -> bool {
        const MOST: usize = 256;
        let mut work = vec![self];
        let mut seen = 0;
        while let Some(shape) = work.pop() {
            seen += 1;
            if seen > MOST || shape.name.as_ref().is_some_and(|n| n.is(name)) {
                return false;
            }
            work.extend(shape.transitions.lock().iter().map(|t| t.1));
        }
        true
    }

    /// A private dict with the names as keys, and nothing of interest as values; `None` for a shape that seldom needs one.
    ///
    /// # Errors
    /// MemoryError.
    fn keys(&'static self) -> Result<Option<Ref>> {
        const SELDOM: u32 = 4;
        let template = match self.template.get() {
            Some(t) => t,
            None => {
                // Relaxed: only a number.
                if self.asked.fetch_add(1, Ordering::Relaxed) < SELDOM {
                    return Ok(None);
                }
                let d = dict::new()?;
                for name in self.names() {
                    if !name.header().is_some_and(Header::is_immortal) {
                        return Ok(None);
                    }
                    dict::set_name(&d, &name, crate::statics::none())?;
                }
                skein_gc::publish::publish(d.value());
                self.template.get_or_init(|| d)
            }
        };
        let Some(b) = template.body::<DictBody>() else {
            return Ok(None);
        };
        // SAFETY: only templates of immortal names are kept, with None as values; nobody changes them.
        let copy = unsafe { b.0.copy_immortal() }?;
        crate::object::alloc(&crate::statics::DICT, DictBody(copy)).map(Some)
    }

    /// Names in order of creation.
    pub fn names(&'static self) -> Vec<Ref> {
        let mut out = Vec::with_capacity(self.count as usize);
        let mut s = Some(self);
        while let Some(shape) = s {
            out.extend(shape.name.clone());
            s = shape.parent;
        }
        out.reverse();
        out
    }
}

/// Frees all shapes of a class, given the number of its root.
///
/// # Safety
/// Nothing refers to the class or has one of its shapes.
pub(crate) unsafe fn free_shapes(root: u32) {
    let mut work: Vec<u32> = Vec::new();
    work.push(root);
    while let Some(id) = work.pop() {
        let Some(shape) = Shape::get(id) else { continue };
        work.extend(shape.transitions.lock().iter().map(|t| t.1.id));
        let chunk = CHUNKS[id as usize / CHUNK].load(Ordering::Acquire);
        // SAFETY: chunks are leaked, shapes are made as boxes, and this one is not used again.
        unsafe {
            (&(*chunk))[id as usize % CHUNK].store(std::ptr::null_mut(), Ordering::Relaxed);
            drop(Box::from_raw(std::ptr::from_ref(shape).cast_mut()));
        }
    }
}

/// The attributes part of an instance.
#[repr(C)]
pub struct Attrs {
    pub shape: AtomicU32,
    /// Number of inline slots behind this struct; constant.
    capacity: AtomicU32,
    /// The dict, when the shape is [`DICT`].
    dict: Slot,
}

impl Attrs {
    /// Bytes of a part with `capacity` inline slots.
    pub const fn size(capacity: u16) -> usize {
        std::mem::size_of::<Attrs>() + 8 * capacity as usize
    }

    /// The attributes of an object of type `ty`.
    #[inline(always)]
    pub fn of<'a>(h: &'a Header, ty: &Type) -> Option<&'a Attrs> {
        let mut offset = ty.attrs_offset();
        if offset == 0 {
            return None;
        }
        if offset == crate::types::BEHIND_TAIL {
            offset = Attrs::behind_tail(h, ty);
        }
        // SAFETY: the class reserves the part at this offset.
        Some(unsafe { &*((h as *const Header as *const u8).add(offset) as *const Attrs) })
    }

    #[cold]
    fn behind_tail(h: &Header, ty: &Type) -> usize {
        let layout = ty.layout();
        // SAFETY: the object has this layout.
        let tail = layout.tail_size.map_or(0, |f| unsafe { f(h) });
        (std::mem::size_of::<Header>() + layout.body_size + tail + 7) & !7
    }

    /// Initialises the part of a new object whose memory is zeroed, and was asked for with room for `inline` attributes.
    #[inline]
    pub fn init(h: &Header, ty: &'static Type, inline: u16) {
        let Some(attrs) = Attrs::of(h, ty) else {
            return;
        };
        let root = ty.root_shape.load(Ordering::Relaxed);
        let root = if root != 0 {
            root
        } else {
            Shape::root(ty).map_or(0, |s| s.id)
        };
        attrs.capacity.store(u32::from(inline), Ordering::Relaxed);
        attrs.shape.store(root, Ordering::Relaxed);
        if ty.attrs_offset() == std::mem::size_of::<Header>() {
            h.set_flag(INSTANCE);
        }
    }

    #[inline(always)]
    pub fn shape_id(&self) -> u32 {
        // Acquire pairs with the release of whoever changed the shape: the slot behind it is written.
        self.shape.load(Ordering::Acquire)
    }

    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.capacity.load(Ordering::Relaxed) as usize
    }

    /// Inline slot `i`.
    ///
    /// # Safety
    /// `i` is below the capacity; a slot number found in a shape that this instance has had is.
    #[inline(always)]
    pub unsafe fn slot(&self, i: usize) -> &Slot {
        debug_assert!(i < self.capacity());
        // SAFETY: the slots lie behind the struct.
        unsafe { &*((self as *const Attrs).add(1) as *const Slot).add(i) }
    }

    fn slots(&self) -> &[Slot] {
        // SAFETY: the slots lie behind the struct and are zeroed or written.
        unsafe { std::slice::from_raw_parts((self as *const Attrs).add(1) as *const Slot, self.capacity()) }
    }

    pub fn trace(&self, v: &mut Visitor<'_>) {
        v.slot(&self.dict);
        for s in self.slots() {
            v.slot(s);
        }
    }

    /// Drops everything, of an instance that nobody can reach.
    ///
    /// # Safety
    /// The part is not used again but by a collector that traces it, for which dropped slots are empty.
    pub unsafe fn destroy(&self) {
        // SAFETY: nobody else uses the slots, which are zeroed or written; each is emptied before what it held is dropped.
        unsafe {
            let slots = (std::ptr::from_ref(self).cast_mut()).add(1).cast::<Slot>();
            for i in 0..self.capacity() {
                std::ptr::drop_in_place(slots.add(i));
            }
            std::ptr::drop_in_place((&raw const self.dict).cast_mut());
        }
    }

    /// The attribute `name` (interned).
    pub fn get(&self, h: &Header, name: &Ref) -> Result<Option<Ref>> {
        let id = self.shape_id();
        if id != DICT {
            let Some(i) = Shape::get(id).and_then(|s| s.find(name)) else {
                return Ok(None);
            };
            // SAFETY: found in the instance's shape.
            if let Some(v) = unsafe { self.slot(i as usize) }.get() {
                return Ok(Some(v));
            }
            // Moved to the dict between the two loads, under the lock.
            drop(lock::critical(h));
            if self.shape_id() != DICT {
                return Ok(None);
            }
        }
        match self.dict.get() {
            Some(d) => Ok(dict::get_name(&d, name)),
            None => Ok(None),
        }
    }

    /// Sets the attribute `name` (interned).
    ///
    /// # Errors
    /// MemoryError.
    pub fn set(&self, h: &Header, name: &Ref, value: Ref) -> Result<()> {
        // Not under the lock, where `Slot::set` would do it.
        skein_gc::publish::publish_like(h, value.value());
        while let id = self.shape_id()
            && let Some(shape) = Shape::get(id)
        {
            // What comes next is found out before the lock is taken, since a new shape may take the locks of its class.
            let fits = (shape.count as usize) < self.capacity();
            let (i, next) = match shape.find(name) {
                Some(i) => (i, Some(shape)),
                None if fits => (shape.count, shape.with(name)),
                None => (shape.count, None),
            };
            let Some(next) = next else {
                if !fits {
                    // Later instances get more room.
                    let ty = crate::object::type_of_header(h);
                    let room = (self.capacity() as u16 * 2).clamp(4, MAX_INLINE);
                    if ty.inline_slots.load(Ordering::Relaxed) < room {
                        ty.inline_slots.store(room, Ordering::Relaxed);
                    }
                }
                break;
            };
            let g = lock::critical(h);
            if self.shape_id() != id {
                // Another thread has added an attribute.
                continue;
            }
            // SAFETY: below the capacity, or found in the instance's shape.
            let old = unsafe { self.slot(i as usize) }.set(h, Some(value));
            if next.id != id {
                // Release pairs with the acquire in `shape_id`: the slot is written before the shape says so.
                self.shape.store(next.id, Ordering::Release);
                debug_assert!(old.is_none());
            }
            drop(g);
            drop(old);
            return Ok(());
        }
        let d = self.dict(h)?;
        dict::set_name(&d, name, value)
    }

    /// Deletes the attribute; false if there is none.
    ///
    /// # Errors
    /// MemoryError.
    pub fn delete(&self, h: &Header, name: &Ref) -> Result<bool> {
        if self.get(h, name)?.is_none() {
            return Ok(false);
        }
        let d = self.dict(h)?;
        Ok(dict::delete_name(&d, name))
    }

    /// The `__dict__`: from now on the attributes live there.
    ///
    /// # Errors
    /// MemoryError.
    pub fn dict(&self, h: &Header) -> Result<Ref> {
        if self.shape_id() == DICT
            && let Some(d) = self.dict.get()
        {
            return Ok(d);
        }
        // Private while it is filled, so that its lock is not taken inside the instance's.
        let keys = match Shape::get(self.shape_id()) {
            Some(shape) => shape.keys()?.map(|d| (shape, d)),
            None => None,
        };
        let mut d = match &keys {
            Some((_, d)) => d.clone(),
            None => dict::new()?,
        };
        let mut moved = Vec::new();
        {
            let _g = lock::critical(h);
            let id = self.shape_id();
            if id == DICT
                && let Some(d) = self.dict.get()
            {
                return Ok(d);
            }
            if let Some((shape, _)) = keys
                && shape.id == id
                && let Some(b) = d.body::<DictBody>()
                && (0..shape.count as usize).all(|i| {
                    // SAFETY: below the count of the instance's shape.
                    !unsafe { self.slot(i) }.is_null()
                })
            {
                if h.is_private() {
                    // Nobody else reads the slots: the references move.
                    b.0.fill(d.holder(), |i| {
                        // SAFETY: the dict has as many entries as the shape has names.
                        unsafe { self.slot(i as usize) }.set(h, None)
                    });
                    drop(self.dict.set(h, Some(d.clone())));
                    // Relaxed: the owner alone reads a private instance.
                    self.shape.store(DICT, Ordering::Relaxed);
                    return Ok(d);
                }
                b.0.fill(d.holder(), |i| {
                    // SAFETY: as above.
                    unsafe { self.slot(i as usize) }.get()
                });
            } else if let Some(shape) = Shape::get(id) {
                if keys.is_some() {
                    d = dict::new()?;
                }
                for (i, name) in shape.names().into_iter().enumerate() {
                    // SAFETY: below the count of the instance's shape.
                    let slot = unsafe { self.slot(i) };
                    if let Some(v) = slot.get() {
                        dict::set_name(&d, &name, v)?;
                    }
                }
            }
            skein_gc::publish::publish_like(h, d.value());
            drop(self.dict.set(h, Some(d.clone())));
            // Release: a reader that sees DICT sees the dict. Slots are emptied afterwards, so that a reader that still
            // goes by the old shape finds either the value or null.
            self.shape.store(DICT, Ordering::Release);
            for s in self.slots() {
                if !s.is_null() {
                    moved.extend(s.set(h, None));
                }
            }
        }
        drop(moved);
        Ok(d)
    }

    /// The dict if the attributes live in one.
    pub fn dict_if_any(&self) -> Option<Ref> {
        if self.shape_id() == DICT { self.dict.get() } else { None }
    }

    /// Replaces the `__dict__`.
    pub fn set_dict(&self, h: &Header, d: Ref) {
        let mut moved = Vec::new();
        {
            let _g = lock::critical(h);
            moved.extend(self.dict.set(h, Some(d)));
            self.shape.store(DICT, Ordering::Release);
            for s in self.slots() {
                if !s.is_null() {
                    moved.extend(s.set(h, None));
                }
            }
        }
        drop(moved);
    }
}

/// The attribute `name` of an instance, where it takes no call to find it; unowned, and valid until the next poll of this
/// thread. Null: there is none, or it takes more.
pub fn peek(object: &Ref, name: &Ref) -> Value {
    let ty = type_of(object);
    if !ty.has(crate::types::flag::PLAIN_GETATTR)
        || !name.is_exact(&crate::statics::STR)
        || Type::from_ref(object).is_some()
    {
        return Value::NULL;
    }
    // Only interned strings are found by identity.
    let name = &crate::intern::intern(name);
    let Some(h) = object.header() else {
        return Value::NULL;
    };
    // SAFETY: there is no poll before the caller's next one, and nothing is dropped.
    let found = unsafe { ty.peek(name) };
    let (get, set) = found.as_deref().map_or((false, false), |f| {
        let slots = &type_of(f).slots;
        (slots.descr_get.is_set(), slots.descr_set.is_set())
    });
    if set {
        return Value::NULL;
    }
    if let Some(attrs) = Attrs::of(h, ty) {
        let id = attrs.shape_id();
        let Some(shape) = Shape::get(id).filter(|_| id != DICT) else {
            return Value::NULL;
        };
        if let Some(i) = shape.find(name) {
            // SAFETY: found in the instance's shape.
            return unsafe { attrs.slot(i as usize) }.load();
        }
    }
    match found {
        Some(f) if !get => f.word(),
        _ => Value::NULL,
    }
}
