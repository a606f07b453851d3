//! The generic object: header, native body, `__slots__` fields, inline attributes.
//!
//! ```text
//! | header 16 | body T | slot fields 8 each | attrs (instance.rs) |
//! ```
//! Where the last two begin is a property of the class. A body with a variable tail (tuple) has neither in its exact
//! class; in a subclass they lie behind the tail.

use crate::error::{Result, memory_error};
use crate::instance::Attrs;
use crate::types::Type;
use skein_gc::{Header, Ref, Slot, Value, Visitor};

/// How to walk and destroy a native body. One static for each body type: its address identifies the layout.
pub struct Layout {
    pub name: &'static str,
    pub body_size: usize,
    pub trace: unsafe fn(*const Header, &mut Visitor<'_>),
    pub destroy: unsafe fn(*mut Header),
    /// Bytes of the variable tail.
    pub tail_size: Option<unsafe fn(*const Header) -> usize>,
}

/// The native part of an object.
///
/// # Safety
/// `trace` must visit every reference that dropping the body drops, and nothing else.
pub unsafe trait Payload: Sized + 'static {
    /// The layout static; see [`payload!`](crate::payload).
    const LAYOUT: &'static Layout;

    fn trace(&self, visitor: &mut Visitor<'_>);
}

/// `payload!(Body, "name", |self, v| { v.slot(&self.field) })`: makes `Body` a [`Payload`].
#[macro_export]
macro_rules! payload {
    ($body:ty, $name:literal, |$this:ident, $v:ident| $trace:block) => {
        const _: () = {
            static LAYOUT: $crate::object::Layout = $crate::object::Layout {
                name: $name,
                body_size: std::mem::size_of::<$body>(),
                trace: $crate::object::trace_object::<$body>,
                destroy: $crate::object::destroy_object::<$body>,
                tail_size: None,
            };
            // SAFETY: the trace block visits each owned reference, as the macro's user promises.
            #[allow(unsafe_code)]
            unsafe impl $crate::object::Payload for $body {
                const LAYOUT: &'static $crate::object::Layout = &LAYOUT;
                #[allow(unused_variables)]
                fn trace(&self, $v: &mut $crate::Visitor<'_>) {
                    let $this = self;
                    $trace
                }
            }
        };
    };
}

/// An object whose body is `T`.
#[repr(C)]
pub struct Object<T> {
    pub header: Header,
    pub body: T,
}

impl<T> Object<T> {
    /// The header in front of a body.
    ///
    /// # Safety
    /// The body lies in an object.
    #[inline(always)]
    pub unsafe fn header_of(body: &T) -> &Header {
        // By its exposed address, as values have it: `body` covers itself alone.
        let at = std::ptr::from_ref(body).addr() - std::mem::offset_of!(Object<T>, body);
        // SAFETY: by the caller's promise; it lives as long as the body.
        unsafe { &*std::ptr::with_exposed_provenance(at) }
    }
}

payload!((), "object", |_this, _v| {});

/// Walks body, slot fields and attributes.
///
/// # Safety
/// `h` is a live object of layout `T`.
pub unsafe fn trace_object<T: Payload>(h: *const Header, v: &mut Visitor<'_>) {
    // SAFETY: by the caller's promise.
    let object = unsafe { &*(h as *const Object<T>) };
    object.body.trace(v);
    let ty = type_of_header(&object.header);
    for slot in slot_fields(&object.header, ty) {
        v.slot(slot);
    }
    if let Some(attrs) = Attrs::of(&object.header, ty) {
        attrs.trace(v);
    }
}

/// Drops body, slot fields and attributes, and frees the memory.
///
/// # Safety
/// `h` is an object of layout `T` that nobody can reach.
pub unsafe fn destroy_object<T: Payload>(h: *mut Header) {
    // SAFETY: by the caller's promise.
    unsafe {
        let ty = type_of_header(&*h);
        if ty.has_extras() {
            destroy_extras(&*h, ty);
        }
        std::ptr::drop_in_place(&raw mut (*(h as *mut Object<T>)).body);
        skein_gc::alloc::free(h);
    }
}

/// Drops slot fields and attributes. Once for all layouts.
///
/// # Safety
/// As for [`destroy_object`].
#[inline(never)]
unsafe fn destroy_extras(h: &Header, ty: &'static Type) {
    // SAFETY: by the caller's promise.
    unsafe {
        for slot in slot_fields(h, ty) {
            // Emptied before what it held is dropped.
            std::ptr::drop_in_place(std::ptr::from_ref(slot).cast_mut());
        }
        if let Some(attrs) = Attrs::of(h, ty) {
            attrs.destroy();
        }
    }
}

/// The `__slots__` fields of an object.
pub fn slot_fields<'a>(h: &'a Header, ty: &Type) -> &'a [Slot] {
    let n = ty.slot_count();
    if n == 0 {
        return &[];
    }
    // SAFETY: the class reserves this many slots there, zeroed at allocation.
    unsafe {
        std::slice::from_raw_parts(
            (h as *const Header as *const u8).add(ty.slots_offset()) as *const Slot,
            n,
        )
    }
}

/// The type of a heap object.
#[inline(always)]
pub fn type_of_header(h: &Header) -> &'static Type {
    // SAFETY: every class is the first field of a Type (`Type` is repr(C)).
    unsafe { &*(h.class() as *const skein_gc::Class as *const Type) }
}

/// The type of any value.
#[inline(always)]
pub fn type_of(r: &Ref) -> &'static Type {
    match r.header() {
        Some(h) => type_of_header(h),
        None if r.value().is_int() => &crate::statics::INT,
        None => &crate::statics::FLOAT,
    }
}

/// A new object with the given body: private to this thread, one reference.
///
/// # Errors
/// MemoryError.
#[inline]
pub fn alloc<T: Payload>(ty: &'static Type, body: T) -> Result<Ref> {
    // SAFETY: the body is written.
    unsafe { alloc_in_place(ty, |p| std::ptr::write(p, body)) }
}

/// As [`alloc`], but the body is written where it will lie: for large ones, which would be copied.
///
/// # Errors
/// MemoryError.
///
/// # Safety
/// `init` makes what its argument points to a valid body, and does not poll.
#[inline(always)]
pub unsafe fn alloc_in_place<T: Payload>(ty: &'static Type, init: impl FnOnce(*mut T)) -> Result<Ref> {
    debug_assert!(
        std::ptr::eq(ty.layout(), T::LAYOUT),
        "{} is no {}",
        ty.name(),
        T::LAYOUT.name
    );
    // What cells are aligned to.
    const { assert!(std::mem::align_of::<Object<T>>() <= std::mem::align_of::<Header>()) };
    let extras = ty.extra_room();
    let p = if let Some(inline) = extras {
        skein_gc::alloc::allocate(ty.class(), ty.instance_size_with(0, inline))
    } else {
        // Nothing but header and body, which is written whole.
        skein_gc::alloc::allocate_unzeroed(ty.class(), std::mem::size_of::<Object<T>>())
    };
    let Some(p) = p else {
        return Err(memory_error());
    };
    // SAFETY: the memory holds at least header and body; the header is written, the body is not.
    unsafe {
        init(&raw mut (*(p as *mut Object<T>)).body);
        let h = &*p;
        if let Some(inline) = extras {
            Attrs::init(h, ty, inline);
        }
        if ty.deferred_instances() {
            h.make_deferred();
        }
        Ok(Ref::from_value(Value::of(h)))
    }
}

/// Like [`alloc`] for an object that registers do not count, and that a sweep frees (`skein_gc::cycle`): a function of a module or
/// class body, a descriptor of a class.
///
/// # Errors
/// MemoryError.
pub fn alloc_deferred<T: Payload>(ty: &'static Type, body: T) -> Result<Ref> {
    let r = alloc(ty, body)?;
    if let Some(h) = r.header() {
        h.make_deferred();
    }
    Ok(r)
}

/// Like [`alloc`] for an object that is never freed.
///
/// # Errors
/// MemoryError.
pub fn alloc_immortal<T: Payload>(ty: &'static Type, body: T) -> Result<Ref> {
    let v = alloc(ty, body)?.into_value();
    // SAFETY: the object was made just now and is alive; no other reference to it exists.
    let h = unsafe { &*v.pointer() };
    h.make_immortal();
    Ok(Ref::of(h))
}

/// Like [`alloc`] for an object in the dict of a class, which it names without counting it: of a native class it is immortal.
///
/// # Errors
/// MemoryError.
pub fn alloc_of_class<T: Payload>(ty: &'static Type, owner: &'static Type, body: T) -> Result<Ref> {
    if owner.has(crate::types::flag::HEAP) {
        alloc_deferred(ty, body)
    } else {
        alloc_immortal(ty, body)
    }
}

/// Typed access to references.
pub trait RefExt {
    /// The body, if the object has that layout (its class or a subclass).
    fn body<T: Payload>(&self) -> Option<&T>;
    /// The type of the value.
    fn ty(&self) -> &'static Type;
    /// Whether the type is exactly `ty`.
    fn is_exact(&self, ty: &'static Type) -> bool;
    /// Whether the type is `ty` or inherits from it (the MRO decides).
    fn is_instance(&self, ty: &'static Type) -> bool;
    /// The header of a heap object; for tagged numbers, a static one that no code changes.
    fn holder(&self) -> &Header;
}

static NUMBER: Header = Header::immortal(&raw const crate::statics::INT as *const skein_gc::Class);

impl RefExt for Ref {
    #[inline(always)]
    fn body<T: Payload>(&self) -> Option<&T> {
        let h = self.header()?;
        if std::ptr::eq(type_of_header(h).layout(), T::LAYOUT) {
            // SAFETY: the layout matches.
            Some(unsafe { &(*(h as *const Header as *const Object<T>)).body })
        } else {
            None
        }
    }

    #[inline(always)]
    fn ty(&self) -> &'static Type {
        type_of(self)
    }

    #[inline(always)]
    fn is_exact(&self, ty: &'static Type) -> bool {
        std::ptr::eq(type_of(self), ty)
    }

    #[inline]
    fn is_instance(&self, ty: &'static Type) -> bool {
        type_of(self).is_subtype(ty)
    }

    #[inline]
    fn holder(&self) -> &Header {
        self.header().unwrap_or(&NUMBER)
    }
}
