//! What the collector knows of a class: how to walk, finalise and destroy its objects.

use crate::header::Header;
use crate::slot::Slot;
use crate::value::{Ref, Value};
use crate::weak::WeakCell;
use std::cell::Cell;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Receives every reference that an object holds; or empties the object's fields.
pub struct Visitor<'a> {
    job: Job<'a>,
    /// Bytes of buffers that were visited.
    storage: usize,
    /// Bytes from which on a buffer is passed over.
    most: usize,
}

enum Job<'a> {
    Visit(&'a mut dyn FnMut(Value)),
    /// Visits what is no reference, a number, as well.
    List(&'a mut dyn FnMut(Value)),
    /// Visits the targets of weak references as well.
    Publish(&'a mut dyn FnMut(Value)),
    /// Empties the fields of garbage.
    Clear {
        holder: &'a Header,
        shed: &'a mut Vec<Ref>,
    },
}

impl<'a> Visitor<'a> {
    pub fn new(visit: &'a mut dyn FnMut(Value)) -> Visitor<'a> {
        Visitor {
            job: Job::Visit(visit),
            storage: 0,
            most: usize::MAX,
        }
    }

    fn listing(visit: &'a mut dyn FnMut(Value)) -> Visitor<'a> {
        Visitor {
            job: Job::List(visit),
            storage: 0,
            most: usize::MAX,
        }
    }

    pub(crate) fn publishing(visit: &'a mut dyn FnMut(Value)) -> Visitor<'a> {
        Visitor {
            job: Job::Publish(visit),
            storage: 0,
            most: usize::MAX,
        }
    }

    pub(crate) fn clearer(holder: &'a Header, shed: &'a mut Vec<Ref>) -> Visitor<'a> {
        Visitor {
            job: Job::Clear { holder, shed },
            storage: 0,
            most: usize::MAX,
        }
    }

    /// The object being cleared, where this visitor empties fields: for the `trace` of collections.
    pub fn clearing(&self) -> Option<&'a Header> {
        match &self.job {
            Job::Clear { holder, .. } => Some(holder),
            _ => None,
        }
    }

    pub fn slot(&mut self, slot: &Slot) {
        if let Job::Clear { holder, shed } = &mut self.job {
            shed.extend(slot.set(holder, None));
            return;
        }
        self.value(slot.load());
    }

    /// A field that cannot be emptied.
    pub fn reference(&mut self, r: &Ref) {
        self.value(r.value());
    }

    /// As `reference`.
    pub fn option(&mut self, r: &Option<Ref>) {
        if let Some(r) = r {
            self.reference(r);
        }
    }

    /// As `reference`.
    pub fn value(&mut self, v: Value) {
        if v.is_pointer() {
            match &mut self.job {
                Job::Visit(visit) | Job::List(visit) | Job::Publish(visit) => visit(v),
                Job::Clear { .. } => {}
            }
        } else if let Job::List(visit) = &mut self.job {
            visit(v);
        }
    }

    /// Passes over buffers of so many bytes or more.
    pub(crate) fn passing_over(mut self, most: usize) -> Visitor<'a> {
        self.most = most;
        self
    }

    /// Notes that the object owns a buffer of so many bytes; false if its contents are not to be visited. For the `trace` of
    /// collections.
    #[inline]
    pub fn note_storage(&mut self, bytes: usize) -> bool {
        self.storage += bytes;
        bytes < self.most
    }

    /// Bytes of the buffers that were noted.
    pub(crate) fn storage(&self) -> usize {
        self.storage
    }

    /// Whether the object is being published, on its owner's thread.
    pub fn publishes(&self) -> bool {
        matches!(self.job, Job::Publish(_))
    }

    /// To be called by the `trace` of weakref objects, for their cell.
    pub fn weak(&mut self, cell: &WeakCell) {
        let target = cell.peek();
        if let Job::Publish(visit) = &mut self.job
            && !target.is_null()
        {
            // SAFETY: a private weakref's target is private to the same thread, or shared and not freed before this thread
            // polls.
            visit(Value::of(unsafe { &*target }));
        }
    }
}

/// The finaliser of a class, which may change while threads use its objects: `__del__` comes and goes.
pub struct Finalizer(AtomicPtr<()>);

impl Finalizer {
    const fn none() -> Finalizer {
        Finalizer(AtomicPtr::new(std::ptr::null_mut()))
    }

    #[inline(always)]
    pub fn get(&self) -> Option<fn(&Ref)> {
        // Relaxed: code is immutable and needs no synchronisation.
        let p = self.0.load(Ordering::Relaxed);
        // SAFETY: only `set` stores what is not null; `Option` of a function pointer has the size and the null niche of a pointer.
        unsafe { std::mem::transmute::<*mut (), Option<fn(&Ref)>>(p) }
    }

    pub fn set(&self, f: Option<fn(&Ref)>) {
        // Relaxed: as in `get`.
        self.0
            .store(f.map_or(std::ptr::null_mut(), |f| f as *mut ()), Ordering::Relaxed);
    }
}

/// First part of every type object.
///
/// The hooks are set before the first object of the class exists, but for the finaliser, and are read by any thread.
#[repr(C)]
pub struct Class {
    pub header: Header,
    /// Visits every reference the object owns, except the one to its class. Fields may be null still, or again after a
    /// clearing.
    ///
    /// For a shared object it may run at the same time as readers and writers on other threads: so it reads slots and
    /// collections, which bear that, and takes the object's lock for anything else, but not while it calls the `trace` of
    /// a collection. It does not poll, count, allocate objects or run Python code.
    pub trace: Cell<unsafe fn(*const Header, &mut Visitor<'_>)>,
    /// Drops everything the object owns and gives its memory back through `alloc::free`.
    pub destroy: Cell<unsafe fn(*mut Header)>,
    /// Runs the finaliser (`__del__`); the object has one reference while it runs. `None` where no class in the MRO has one.
    pub finalize: Finalizer,
    /// Drops what an object of a garbage cycle refers to, so that the cycle breaks; the object stays valid for `destroy`.
    /// `None`: the slots and collections that `trace` visits are emptied, which does for most.
    pub clear: Cell<Option<unsafe fn(*const Header)>>,
    /// Whether objects of the class never refer to anything but their class, though `trace` is set. The cycle collector
    /// passes over them.
    pub leaf: Cell<bool>,
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
            finalize: Finalizer::none(),
            clear: Cell::new(None),
            leaf: Cell::new(false),
        }
    }

    /// Whether objects of the class own references.
    pub fn is_container(&self) -> bool {
        !self.leaf.get()
            && !std::ptr::fn_addr_eq(
                self.trace.get(),
                trace_nothing as unsafe fn(*const Header, &mut Visitor<'_>),
            )
    }
}

/// What an object refers to, each counted. Concurrent changes of a shared object may or may not be seen.
pub fn children(object: &Ref) -> Vec<Ref> {
    let mut out = Vec::new();
    if let Some(h) = object.header() {
        let mut visit = |v: Value| {
            if !v.is_null() {
                // SAFETY: found in a live object just now, and this thread does not poll before it has counted.
                out.push(unsafe { Ref::copy_of(v) });
            }
        };
        // SAFETY: the object is alive and of this class.
        unsafe { (h.class().trace.get())(h, &mut Visitor::listing(&mut visit)) };
    }
    out
}
