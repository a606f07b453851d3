//! Weak references.
//!
//! All weak references to an object (`weakref.ref` objects, here **weakrefs**) share one **cell**, which holds the target's
//! address until the target dies. A table, sharded by address, maps targets to their cells and weakrefs; it is touched when
//! a weakref comes or goes and when a target dies, not when one is dereferenced.
//!
//! * A target and its weakrefs are private to the same thread, or shared, together: a weakref made to a shared target is
//!   published; publishing a target publishes its weakrefs ([`each`]), and publishing a weakref its target
//!   (`Visitor::weak`). So private ones can be counted plainly.
//! * Dereferencing loads the address and counts the target unless it is DEAD. The memory of a target that was shared
//!   outlives the clearing of its cell by a grace period (`reclaim.rs`).
//! * When a target dies its cell is cleared first, then the callbacks of those weakrefs that still live are run, newest first.

use crate::header::{Header, flag};
use crate::lock::Mutex;
use crate::publish::publish;
use crate::value::{Ref, Value};
use std::collections::HashMap;
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

/// What a weakref object holds.
#[derive(Clone)]
pub struct WeakCell(Arc<Cell>);

struct Cell {
    /// The target, or null once it is dead. Written under the shard's lock, read by all.
    target: AtomicPtr<Header>,
    /// The target's address, for finding the shard later.
    address: usize,
}

struct Member {
    weakref: *mut Header,
    callback: bool,
}

// SAFETY: a weakref takes itself out, under the shard's lock, before it is destroyed; others look at it under that lock.
unsafe impl Send for Member {}

struct Entry {
    cell: WeakCell,
    /// In order of creation.
    weakrefs: Vec<Member>,
}

type Shard = Mutex<Option<HashMap<usize, Entry>>>;

const SHARDS: usize = 64;
static TABLE: [Shard; SHARDS] = [const { Mutex::new(None) }; SHARDS];

fn shard(address: usize) -> &'static Shard {
    &TABLE[(address >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58]
}

/// Makes `weakref` refer to `target`. The object `weakref` is new; it keeps the cell, and calls [`WeakCell::forget`] when
/// it is destroyed. `callback`: it wants to be told of the target's death.
pub fn create(target: &Header, weakref: &Header, callback: bool) -> WeakCell {
    if !target.is_private() {
        publish(Value::of(weakref));
    }
    let address = (&raw const *target).addr();
    let mut guard = shard(address).lock();
    target.set_flag(flag::WEAK);
    let entry = guard.get_or_insert_default().entry(address).or_insert_with(|| Entry {
        cell: WeakCell(Arc::new(Cell {
            target: AtomicPtr::new((&raw const *target).cast_mut()),
            address,
        })),
        weakrefs: Vec::new(),
    });
    entry.weakrefs.push(Member {
        weakref: (&raw const *weakref).cast_mut(),
        callback,
    });
    entry.cell.clone()
}

/// Counts an object found under the shard's lock, unless it is dead.
///
/// # Safety
/// The object's memory is there, and the caller does not poll before it has counted.
unsafe fn count_alive(object: *mut Header) -> Option<Ref> {
    // SAFETY: by the caller's promise.
    let h = unsafe { &*object };
    // SAFETY: counted just now.
    h.try_increment().then(|| unsafe { Ref::from_value(Value::of(h)) })
}

/// The live weakrefs of a target, in order of creation (`weakref.getweakrefs`).
pub fn weakrefs(target: &Header) -> Vec<Ref> {
    if !target.has_flag(flag::WEAK) {
        return Vec::new();
    }
    let address = (&raw const *target).addr();
    let guard = shard(address).lock();
    let Some(entry) = guard.as_ref().and_then(|t| t.get(&address)) else {
        return Vec::new();
    };
    // SAFETY: members are not destroyed while we hold the lock.
    let alive = |m: &Member| unsafe { count_alive(m.weakref) };
    entry.weakrefs.iter().filter_map(alive).collect()
}

/// Visits the weakrefs of a target, for its publication.
pub(crate) fn each(target: &Header, visit: &mut dyn FnMut(Value)) {
    let address = (&raw const *target).addr();
    let guard = shard(address).lock();
    if let Some(entry) = guard.as_ref().and_then(|t| t.get(&address)) {
        for m in &entry.weakrefs {
            // SAFETY: members are not destroyed while we hold the lock.
            visit(Value::of(unsafe { &*m.weakref }));
        }
    }
}

/// Called with each weakref whose callback is due.
static CALLBACK: AtomicPtr<()> = AtomicPtr::new(null_mut());

/// Sets what runs a weakref's callback. It may run Python code; errors are its own affair.
pub fn set_callback_hook(hook: fn(&Ref)) {
    // Release pairs with the acquire in `run_callbacks`.
    CALLBACK.store(hook as *mut (), Ordering::Release);
}

/// Clears the cell of `target` and gives its weakrefs with callbacks, newest first.
pub(crate) fn clear_cell(target: &Header) -> Vec<Ref> {
    let address = (&raw const *target).addr();
    let mut guard = shard(address).lock();
    let Some(entry) = guard.as_mut().and_then(|t| t.remove(&address)) else {
        return Vec::new();
    };
    // Release pairs with nothing: null says all. The grace period orders the rest.
    entry.cell.0.target.store(null_mut(), Ordering::Release);
    entry
        .weakrefs
        .iter()
        .rev()
        .filter(|m| m.callback)
        // SAFETY: members are not destroyed while we hold the lock.
        .filter_map(|m| unsafe { count_alive(m.weakref) })
        .collect()
}

/// Whether the target has weakrefs with callbacks.
pub(crate) fn wants_call(target: &Header) -> bool {
    if !target.has_flag(flag::WEAK) {
        return false;
    }
    let address = (&raw const *target).addr();
    let guard = shard(address).lock();
    let entry = guard.as_ref().and_then(|t| t.get(&address));
    entry.is_some_and(|e| e.weakrefs.iter().any(|m| m.callback))
}

pub(crate) fn run_callbacks(due: Vec<Ref>) {
    // Acquire pairs with the release in `set_callback_hook`.
    let hook = CALLBACK.load(Ordering::Acquire);
    if hook.is_null() {
        return;
    }
    // SAFETY: only `set_callback_hook` writes it.
    let hook = unsafe { std::mem::transmute::<*mut (), fn(&Ref)>(hook) };
    for weakref in due {
        hook(&weakref);
    }
}

/// Clears all weak references to `target`, which is about to be destroyed, and runs the callbacks.
pub(crate) fn clear(target: &Header) {
    run_callbacks(clear_cell(target));
}

impl WeakCell {
    /// A cell whose target is dead.
    pub fn dead() -> WeakCell {
        WeakCell(Arc::new(Cell {
            target: AtomicPtr::new(null_mut()),
            address: 0,
        }))
    }

    /// The target, if it is alive.
    #[inline]
    pub fn get(&self) -> Option<Ref> {
        // Acquire pairs with the release of the shard's lock in `create`, for a cell that came from another thread.
        let target = self.0.target.load(Ordering::Acquire);
        if target.is_null() {
            return None;
        }
        // SAFETY: the memory outlives the clearing of the cell until this thread polls, which it does not in between; or
        // the target is private to this thread, which does not free it in between.
        let found = unsafe { count_alive(target) }?;
        // Part of a garbage cycle that lives again to be emptied: its cell was cleared before that, and the count orders it.
        (!self.is_dead()).then_some(found)
    }

    /// Whether the target is dead; may be true a moment later.
    pub fn is_dead(&self) -> bool {
        self.0.target.load(Ordering::Relaxed).is_null()
    }

    /// The target's address, unowned, or null; for publication.
    pub(crate) fn peek(&self) -> *mut Header {
        self.0.target.load(Ordering::Relaxed)
    }

    /// Whether the two have, or had, the same target.
    pub fn same(&self, other: &WeakCell) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// To be called when the weakref object that was given to [`create`] is destroyed.
    pub fn forget(&self, weakref: *const Header) {
        if self.is_dead() && self.0.address == 0 {
            return;
        }
        let mut guard = shard(self.0.address).lock();
        let Some(table) = guard.as_mut() else { return };
        let Some(entry) = table.get_mut(&self.0.address) else {
            return;
        };
        // The address may have got another object, with a cell of its own.
        if !entry.cell.same(self) {
            return;
        }
        entry.weakrefs.retain(|m| !std::ptr::eq(m.weakref, weakref));
        // An entry without weakrefs stays until the target dies: taking it out would need a count of cells in use.
    }
}
