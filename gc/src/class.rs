//! What the collector knows of a class: how to walk, finalise and destroy its objects.

use crate::header::Header;
use crate::slot::Slot;
use crate::value::{Ref, Value};
use std::cell::Cell;

/// Receives every reference that an object holds.
pub struct Visitor<'a> {
    visit: &'a mut dyn FnMut(Value),
}

impl<'a> Visitor<'a> {
    pub fn new(visit: &'a mut dyn FnMut(Value)) -> Visitor<'a> {
        Visitor { visit }
    }

    pub fn slot(&mut self, slot: &Slot) {
        let v = slot.load();
        if v.is_pointer() {
            (self.visit)(v);
        }
    }

    pub fn reference(&mut self, r: &Ref) {
        self.value(r.value());
    }

    pub fn option(&mut self, r: &Option<Ref>) {
        if let Some(r) = r {
            self.reference(r);
        }
    }

    pub fn value(&mut self, v: Value) {
        if v.is_pointer() {
            (self.visit)(v);
        }
    }
}

/// First part of every type object.
///
/// The hooks are set before the first object of the class exists and are read by any thread.
#[repr(C)]
pub struct Class {
    pub header: Header,
    /// Visits every reference the object owns, except the one to its class.
    pub trace: Cell<unsafe fn(*const Header, &mut Visitor<'_>)>,
    /// Drops everything the object owns and gives its memory back through `alloc::free`.
    pub destroy: Cell<unsafe fn(*mut Header)>,
    /// Runs the finaliser (`__del__`); the object has one reference while it runs. `None` where no class in the MRO has one.
    pub finalize: Cell<Option<fn(&Ref)>>,
}

// SAFETY: the cells are written only while the class is being made, before it is published.
unsafe impl Sync for Class {}
// SAFETY: as for Sync.
unsafe impl Send for Class {}

unsafe fn trace_nothing(_: *const Header, _: &mut Visitor<'_>) {}

unsafe fn destroy_plain(object: *mut Header) {
    // SAFETY: the caller gives up the object; it owns nothing but its memory.
    unsafe { crate::alloc::free(object) }
}

impl Class {
    /// A class whose objects own no references: the hooks are to be set by the maker where that is not so.
    pub const fn new(header: Header) -> Class {
        Class {
            header,
            trace: Cell::new(trace_nothing),
            destroy: Cell::new(destroy_plain),
            finalize: Cell::new(None),
        }
    }
}
