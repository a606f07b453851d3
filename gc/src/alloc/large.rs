//! Large objects: from the system, in lists by which they can be enumerated.

use super::{Apart, SHARDS, heap, note_big, shard, system};
use crate::class::Class;
use crate::header::{Header, flag};
use crate::lock::Mutex;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

/// Before the object, in the same block.
#[repr(C, align(16))]
struct Link {
    next: *mut Link,
    previous: *mut Link,
    shard: usize,
    size: usize,
}

struct List(*mut Link);

// SAFETY: the links belong to who holds the list's lock.
unsafe impl Send for List {}

static LISTS: [Apart<Mutex<List>>; SHARDS] = [const { Apart(Mutex::new(List(null_mut()))) }; SHARDS];
/// A collector looks at shared objects: they are freed later.
static HOLD: AtomicBool = AtomicBool::new(false);
/// Those to be freed when it has finished, by `next`.
static HELD: Mutex<List> = Mutex::new(List(null_mut()));

#[inline(never)]
pub fn allocate(class: &'static Class, size: usize) -> Option<*mut Header> {
    let total = size.checked_add(size_of::<Link>() + 15)? & !15;
    let link = system::allocate(total).cast::<Link>();
    if link.is_null() {
        return None;
    }
    let shard = shard();
    let mut list = LISTS[shard].0.lock();
    // SAFETY: fresh memory, large enough for the link and the object; links are the lock holder's.
    let object = unsafe {
        link.write(Link {
            next: list.0,
            previous: null_mut(),
            shard,
            size,
        });
        if !list.0.is_null() {
            (*list.0).previous = link;
        }
        list.0 = link;
        let object = link.add(1).cast::<Header>();
        object.write(Header::new(class));
        (*object).set_flag(flag::LARGE);
        // Values hold addresses, and get their pointers back from this exposure.
        let _ = object.expose_provenance();
        object
    };
    drop(list);
    heap::grown_by(size);
    note_big(size.cast_signed());
    Some(object)
}

/// # Safety
/// `object` came from `allocate` and is not used again.
#[inline(never)]
pub unsafe fn free(object: *mut Header) {
    let link = std::ptr::with_exposed_provenance_mut::<Link>(object.addr() - size_of::<Link>());
    // SAFETY: the link stands before the object; its shard is constant, the rest is the lock holder's.
    unsafe {
        let mut list = LISTS[(*link).shard].0.lock();
        let (next, previous, size) = ((*link).next, (*link).previous, (*link).size);
        if !next.is_null() {
            (*next).previous = previous;
        }
        if previous.is_null() {
            list.0 = next;
        } else {
            (*previous).next = next;
        }
        // Relaxed: set before the collector took the lock of this list, where it found the object.
        let hold = HOLD.load(Ordering::Relaxed) && !(*object).is_private();
        drop(list);
        heap::shrunk_by(size);
        heap::freed_big(size);
        note_big(-size.cast_signed());
        if hold {
            // Not to be taken for an object that lives.
            (*object).count.set_private(crate::count::DEAD);
            let mut held = HELD.lock();
            (*link).next = held.0;
            held.0 = link;
            return;
        }
        system::free(link.cast());
    }
}

/// Bytes of a large object.
///
/// # Safety
/// `object` came from `allocate` and is not freed.
pub unsafe fn bytes(object: *const Header) -> usize {
    let link = std::ptr::with_exposed_provenance::<Link>(object.addr() - size_of::<Link>());
    // SAFETY: the link stands before the object, and its size is constant.
    unsafe { (&raw const (*link).size).read() }
}

/// Whether shared objects that are freed keep their memory.
pub(super) fn hold(hold: bool) {
    HOLD.store(hold, Ordering::Relaxed);
    if hold {
        return;
    }
    let mut link = std::mem::replace(&mut HELD.lock().0, null_mut());
    while !link.is_null() {
        // SAFETY: taken off the list, so ours.
        unsafe {
            let next = (*link).next;
            system::free(link.cast());
            link = next;
        }
    }
}

/// Calls `f` with each large object. No other thread is attached; or only objects of this thread are used, or such as are
/// shared and alive.
pub fn each(f: &mut dyn FnMut(&Header)) {
    for list in &LISTS {
        let list = list.0.lock();
        let mut link = list.0;
        while !link.is_null() {
            // SAFETY: an object follows each link of the list.
            unsafe {
                f(&*link.add(1).cast::<Header>());
                link = (*link).next;
            }
        }
    }
}
