//! `tuple`: length and items, inline.

use crate::error::{Result, memory_error};
use crate::layouts::list::ListBody;
use crate::object::{Layout, Object, Payload, RefExt};
use crate::statics as s;
use crate::types::Type;
use skein_collections::fold;
use skein_gc::{Header, Ref, Slot, Value, Visitor, many};
use std::sync::atomic::{AtomicU32, Ordering};

/// Body of a tuple; the items follow it. They do not change once the tuple can be seen by others.
#[repr(C)]
pub struct TupleBody {
    len: u32,
    /// The hash as tables use it, see [`fold`], once it has been asked for; 0 before. Written by whoever computes it first, with
    /// the value that everybody else would write.
    hash: AtomicU32,
}

unsafe fn tail_size(h: *const Header) -> usize {
    // SAFETY: called for tuples.
    unsafe { 8 * (&raw const (*(h as *const Object<TupleBody>)).body.len).read() as usize }
}

unsafe fn destroy(h: *mut Header) {
    // SAFETY: called for a dead tuple: the items are owned by it.
    unsafe {
        let body = &(*(h as *mut Object<TupleBody>)).body;
        many::give_up::<{ std::mem::size_of::<Object<TupleBody>>() }>(h.cast(), body.len as usize);
        crate::object::destroy_object::<TupleBody>(h);
    }
}

static LAYOUT: Layout = Layout {
    name: "tuple",
    body_size: std::mem::size_of::<TupleBody>(),
    trace: crate::object::trace_object::<TupleBody>,
    destroy,
    tail_size: Some(tail_size),
};

// SAFETY: the items are all that the tuple owns, and `destroy` drops them.
unsafe impl Payload for TupleBody {
    const LAYOUT: &'static Layout = &LAYOUT;

    fn trace(&self, v: &mut Visitor<'_>) {
        for item in self.items() {
            v.reference(item);
        }
    }
}

impl TupleBody {
    #[inline(always)]
    fn base(&self) -> *const Ref {
        (self as *const TupleBody).wrapping_add(1) as *const Ref
    }

    /// What tables take for the tuple's hash, if it is known.
    #[inline(always)]
    pub fn known_hash(&self) -> Option<u64> {
        // Relaxed: the number is all there is.
        match self.hash.load(Ordering::Relaxed) {
            0 => None,
            h => Some(h as u64),
        }
    }

    /// Remembers the hash for tables.
    pub fn remember_hash(&self, hash: u64) {
        self.hash.store(fold(hash) as u32, Ordering::Relaxed);
    }

    #[inline(always)]
    pub fn items(&self) -> &[Ref] {
        // SAFETY: `len` initialised items follow the body.
        unsafe { std::slice::from_raw_parts(self.base(), self.len as usize) }
    }
}

/// A tuple of a class: the items are taken from the iterator, which must give exactly `len`.
///
/// Instances of subclasses with a `__dict__` have their attributes in front of nothing: they keep the items in the tail,
/// and the attributes part lies between body and tail only for those; see `Type::instance_size`.
pub fn from_iter_of(ty: &'static Type, len: usize, items: impl Iterator<Item = Ref>) -> Result<Ref> {
    if len == 0 && std::ptr::eq(ty, &raw const s::TUPLE) {
        return Ok(s::empty_tuple());
    }
    allocate(ty, len, items)
}

/// A tuple of the items of `n` pairs.
///
/// # Errors
/// MemoryError.
pub fn of_pairs(n: usize, mut next: impl FnMut() -> (Ref, Ref)) -> Result<Ref> {
    if n == 0 {
        return Ok(s::empty_tuple());
    }
    allocate_with(&s::TUPLE, n.saturating_mul(2), |base| {
        for i in 0..n {
            let (a, b) = next();
            // SAFETY: there is room for all pairs.
            unsafe {
                base.add(2 * i).write(a);
                base.add(2 * i + 1).write(b);
            }
        }
    })
}

fn allocate(ty: &'static Type, len: usize, items: impl Iterator<Item = Ref>) -> Result<Ref> {
    allocate_with(ty, len, |base| {
        let mut n = 0;
        // SAFETY: there is room for `len` items.
        unsafe {
            for item in items.take(len) {
                base.add(n).write(item);
                n += 1;
            }
            debug_assert_eq!(n, len);
            for i in n..len {
                base.add(i).write(s::none());
            }
        }
    })
}

/// A tuple whose `len` items, which are not initialised, `fill` writes.
#[inline(always)]
fn allocate_with(ty: &'static Type, len: usize, fill: impl FnOnce(*mut Ref)) -> Result<Ref> {
    // More would take 32 GiB.
    let Ok(len_word) = u32::try_from(len) else {
        return Err(memory_error());
    };
    let extras = ty.extra_room();
    let p = if let Some(inline) = extras {
        skein_gc::alloc::allocate(ty.class(), ty.instance_size_with(8 * len, inline))
    } else {
        // Nothing but header, body and items, which are written whole.
        skein_gc::alloc::allocate_unzeroed(ty.class(), std::mem::size_of::<Object<TupleBody>>() + 8 * len)
    };
    let Some(p) = p else {
        return Err(memory_error());
    };
    // SAFETY: header is written, memory holds `len` items behind the body, which are all written.
    unsafe {
        let body = &raw mut (*(p as *mut Object<TupleBody>)).body;
        body.write(TupleBody {
            len: len_word,
            hash: AtomicU32::new(0),
        });
        fill((*body).base() as *mut Ref);
        if let Some(inline) = extras {
            crate::instance::Attrs::init(&*p, ty, inline);
        }
        Ok(Ref::from_value(Value::of(&*p)))
    }
}

/// A tuple of the values of `n` registers, at least one, which are taken out; as owned bits, or 0, with nothing done, if there is
/// no memory.
///
/// # Safety
/// `registers` points to `n` bound registers of this thread.
#[inline(never)]
pub unsafe fn of_registers(registers: *mut u64, n: u16) -> u64 {
    let n = n as usize;
    let size = std::mem::size_of::<Object<TupleBody>>() + 8 * n;
    let Some(p) = skein_gc::alloc::allocate_unzeroed(s::TUPLE.class(), size) else {
        return 0;
    };
    // SAFETY: header is written, memory holds body and `n` items, all of which are written; an exact tuple has nothing else.
    unsafe {
        let body = &raw mut (*(p as *mut Object<TupleBody>)).body;
        body.write(TupleBody {
            len: n as u32,
            hash: AtomicU32::new(0),
        });
        let base = (*body).base() as *mut u64;
        for i in 0..n {
            let bits = std::mem::replace(&mut *registers.add(i), 0);
            base.add(i).write(skein_gc::uncounted::settle(bits));
        }
    }
    p as u64
}

pub fn new(items: Vec<Ref>) -> Result<Ref> {
    from_iter_of(&s::TUPLE, items.len(), items.into_iter())
}

/// A tuple of one.
pub fn single(item: Ref) -> Result<Ref> {
    allocate(&s::TUPLE, 1, std::iter::once(item))
}

/// A tuple of two.
pub fn pair(a: Ref, b: Ref) -> Result<Ref> {
    from_iter_of(&s::TUPLE, 2, [a, b].into_iter())
}

/// A tuple of the items of a list of any class, of one moment.
///
/// # Errors
/// MemoryError; TypeError if it is no list.
pub fn from_list(list: &Ref) -> Result<Ref> {
    let Some(b) = list.body::<ListBody>() else {
        return Err(crate::error::type_error("a list is wanted"));
    };
    // SAFETY: making a tuple neither polls nor runs Python code.
    match unsafe { b.0.private_slice(list.holder()) } {
        // SAFETY: elements of a list.
        Some(items) => unsafe { of_fields([items]) },
        None => new(b.0.snapshot(list.holder())?),
    }
}

pub fn from_slice(items: &[Ref]) -> Result<Ref> {
    from_iter_of(&s::TUPLE, items.len(), items.iter().cloned())
}

/// A tuple of the items of two tuples.
///
/// # Errors
/// MemoryError.
pub fn concat(a: &TupleBody, b: &TupleBody) -> Result<Ref> {
    // SAFETY: items of tuples.
    unsafe { of_fields([a.items(), b.items()]) }
}

/// A tuple of `count` items of a tuple from `start` on, or of as many as there are.
///
/// # Errors
/// MemoryError.
pub fn slice(t: &TupleBody, start: usize, count: usize) -> Result<Ref> {
    let rest = t.items().get(start..).unwrap_or(&[]);
    // SAFETY: items of a tuple.
    unsafe { of_fields([&rest[..count.min(rest.len())]]) }
}

/// A tuple of the items of a few slices.
///
/// # Safety
/// The references are those of fields, or owned: their words are canonical.
#[inline(always)]
unsafe fn of_fields<const N: usize>(parts: [&[Ref]; N]) -> Result<Ref> {
    // Of slices of words: the sum is no larger than the address space.
    let len = parts.iter().map(|p| p.len()).sum();
    if len == 0 {
        return Ok(s::empty_tuple());
    }
    allocate_with(&s::TUPLE, len, |mut to| {
        for part in parts {
            // SAFETY: canonical by the caller's promise; there is room for all, with nothing in it yet.
            unsafe {
                many::copy_refs(part, to);
                to = to.add(part.len());
            }
        }
    })
}

/// The items of a tuple of any class.
#[inline]
pub fn items(r: &Ref) -> Option<&[Ref]> {
    r.body::<TupleBody>().map(TupleBody::items)
}

pub(crate) fn make_empty() -> Ref {
    match allocate(&s::TUPLE, 0, std::iter::empty()) {
        Ok(r) => {
            if let Some(h) = r.header() {
                h.make_immortal();
                return Ref::of(h);
            }
            r
        }
        Err(_) => std::process::abort(),
    }
}

/// A slot that holds a tuple, as a slice copy.
pub fn slot_items(slot: &Slot) -> Vec<Ref> {
    slot.get()
        .and_then(|t| items(&t).map(<[Ref]>::to_vec))
        .unwrap_or_default()
}
