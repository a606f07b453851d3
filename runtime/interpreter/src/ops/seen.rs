//! What a thread remembers of attributes beside the inline caches: for sites that see many classes.

use super::attr::{epoch, shape_of};
use crate::cache;
use skein_gc::{Header, Ref, Slot};
use skein_object::instance::{Attrs, DICT};
use skein_object::object::type_of_header;
use std::cell::Cell;

/// What a thread remembers of (shape, name) and (class version, name): for sites that see too many classes for an inline
/// cache. An entry is checked whole, so a stale one only misses.
pub(super) struct Megamorphic {
    /// Counts accesses at sites that are left alone.
    visits: Cell<u32>,
    /// Name, and the slot word.
    slots: Sets<(u64, u64)>,
    /// Name, class version, and the function, which the class holds while it has that version.
    methods: Sets<(u64, u32, u64)>,
    /// What the first store of an attribute does.
    transitions: Sets<Transition>,
}

/// Sets of two entries, of which the second is what was first before: two that belong in the same set do not drive each other out.
type Sets<T> = [[Cell<T>; 2]; SETS];

fn put<T: Copy + PartialEq>(set: &[Cell<T>; 2], entry: T) {
    let first = set[0].replace(entry);
    if first != entry {
        set[1].set(first);
    }
}

impl Megamorphic {
    pub(super) fn put_slot(&self, shape: u32, name: u64, word: u64) {
        put(&self.slots[place(shape, name)], (name, word));
    }

    pub(super) fn put_method(&self, version: u32, name: u64, function: u64) {
        put(&self.methods[place(version, name)], (name, version, function));
    }

    pub(super) fn put_transition(&self, t: Transition) {
        put(&self.transitions[place(t.shape, t.name)], t);
    }

    /// Where the slot of an attribute lies in objects of a shape, and the word of a site that says so.
    #[inline(always)]
    fn slot(&self, shape: u32, name: u64) -> Option<(usize, u64)> {
        self.slots[place(shape, name)].iter().find_map(|e| {
            let (n, word) = e.get();
            if n != name {
                return None;
            }
            cache::slot_of(word, shape, epoch()).map(|offset| (offset, word))
        })
    }
}

/// An instance of this shape, of a class of this version, gets `name` at a slot, and a new shape.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Transition {
    pub name: u64,
    pub shape: u32,
    pub version: u32,
    pub new_shape: u32,
    pub slot: u32,
}

impl Transition {
    const NONE: Transition = Transition {
        name: 0,
        shape: 0,
        version: 0,
        new_shape: 0,
        slot: 0,
    };
}

const SETS: usize = 256;

thread_local! {
    static SEEN: Megamorphic = const {
        Megamorphic {
            visits: Cell::new(0),
            slots: [const { [const { Cell::new((0, 0)) }; 2] }; SETS],
            methods: [const { [const { Cell::new((0, 0, 0)) }; 2] }; SETS],
            transitions: [const { [const { Cell::new(Transition::NONE) }; 2] }; SETS],
        }
    };
}

/// The table of this thread. By address, since a closure that captured a caller's variables would keep handlers from ending in
/// jumps.
#[inline(always)]
pub(super) fn seen() -> &'static Megamorphic {
    let table = SEEN.with(std::ptr::from_ref);
    // SAFETY: it has no destructor and lives as long as the thread, which the reference does not leave.
    unsafe { &*table }
}

/// Whether a site that is left alone may be tried again: one access in 4096 of a thread, so that threads do not write code that
/// others are reading.
#[inline(always)]
pub fn retry() -> bool {
    let n = seen().visits.get().wrapping_add(1);
    seen().visits.set(n);
    n.is_multiple_of(4096)
}

#[inline(always)]
fn place(number: u32, name: u64) -> usize {
    ((name >> 5) as usize ^ (number as usize).wrapping_mul(0x9e37)) % SETS
}

/// The remembered slot word of an instance's attribute; 0 if there is none.
///
/// # Safety
/// `v` is a live object.
pub unsafe fn seen_slot(v: u64, name: &Ref) -> u64 {
    let shape = shape_of(&*((v & !7) as *const Header));
    seen().slot(shape, name.word().0).map_or(0, |(_, word)| word)
}

/// The remembered method of an object, as unowned bits that are valid until the next poll; 0 if there is none.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn seen_method(v: u64, name: &Ref) -> u64 {
    let h = &*((v & !7) as *const Header);
    let (version, name) = (type_of_header(h).current_version(), name.word().0);
    if version == 0 || shape_of(h) == DICT {
        return 0;
    }
    let find = |e: &Cell<(u64, u32, u64)>| {
        let (n, v, f) = e.get();
        (n == name && v == version).then_some(f)
    };
    seen().methods[place(version, name)].iter().find_map(find).unwrap_or(0)
}

/// Bits of an instance's attribute by what is remembered, unowned; 0 if nothing is.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn seen_hit(v: u64, name: &Ref) -> u64 {
    let h = &*((v & !7) as *const Header);
    match seen().slot(shape_of(h), name.word().0) {
        // The shape has the slot, so it lies in the object.
        Some((offset, _)) => (*(h as *const Header).cast::<u8>().add(offset).cast::<Slot>()).load().0,
        None => 0,
    }
}

/// Where an attribute of a private instance is stored, by what is remembered, and the shape that the instance has then, which is 0
/// where it has the attribute already; null if nothing is remembered.
///
/// # Safety
/// `v` is a live object of a class that stores attributes as objects do; the slot is written, and then the shape, before
/// anything else is done with it.
#[inline(always)]
pub unsafe fn seen_store(v: u64, name: &Ref) -> (*mut u64, u32) {
    let h = &*((v & !7) as *const Header);
    let none = (std::ptr::null_mut(), 0);
    // A shared object's slots are stored under its lock, so that none is lost when they move to a dict.
    if !h.is_private() {
        return none;
    }
    let (shape, name) = (shape_of(h), name.word().0);
    if let Some((offset, _)) = seen().slot(shape, name) {
        return (((v & !7) as *mut u8).add(offset).cast(), 0);
    }
    let same = |t: &Transition| t.name == name && t.shape == shape;
    let mut known = seen().transitions[place(shape, name)].iter().map(Cell::get);
    let Some(t) = known.find(same) else { return none };
    if shape <= DICT || !cache::same_version(type_of_header(h), t.version) {
        return none;
    }
    let attrs = &*((h as *const Header).add(1) as *const Attrs);
    if attrs.capacity() <= t.slot as usize {
        return none;
    }
    let slot: *const Slot = attrs.slot(t.slot as usize);
    (slot.cast_mut().cast(), t.new_shape)
}
