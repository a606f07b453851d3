//! Checks a stopped heap: every count, and invariant P.
//!
//! References from native code cannot be seen, so a count may be larger than the number of references that objects and
//! registers hold. It must not be smaller: then an object would be freed while it is in use. What a register holds without
//! counting it is alive, and shared.

use crate::alloc;
use crate::class::Visitor;
use crate::header::{Header, flag};
use crate::registry;
use crate::value::{UNCOUNTED, Value};
use std::collections::{HashMap, HashSet};

/// Stops the world and gives a line for each fault. To be called at a safepoint.
pub fn verify() -> Vec<String> {
    registry::stop_the_world(check)
}

struct Found {
    counted: u32,
    held: u32,
}

fn check() -> Vec<String> {
    let mut faults = Vec::new();
    let mut objects: HashMap<usize, Found> = HashMap::new();
    let mut list: Vec<*const Header> = Vec::new();
    let mut owners = registry::slots_of_others();
    owners.insert(crate::current_slot());
    alloc::each_object(|h| {
        list.push(h);
        let found = Found {
            counted: h.references(),
            held: 0,
        };
        if objects.insert((&raw const *h).addr(), found).is_some() {
            faults.push(format!("{h:p}: twice in the heap"));
        }
        if h.count.peek() != 0 && h.lock.is_locked() {
            faults.push(format!("{h:p}: locked while the world stands still"));
        }
    });
    for &h in &list {
        // SAFETY: in the heap, and nobody changes it.
        let holder = unsafe { &*h };
        if holder.count.peek() == crate::count::DEAD {
            // Being destroyed further up this thread's stack, or retired after that.
            continue;
        }
        let mut edge = |v: Value| {
            if let Some(fault) = check_edge(holder, v, &owners, &mut objects) {
                faults.push(fault);
            }
        };
        // SAFETY: as above.
        unsafe { (holder.class().trace.get())(h, &mut Visitor::new(&mut edge)) };
    }
    // In two steps, since counting changes the words.
    registry::each_register(&mut |v| {
        if v.0 & 7 != UNCOUNTED {
            return;
        }
        let known = objects.contains_key(&v.pointer().addr());
        // SAFETY: in the heap, or static.
        let h = unsafe { &*v.pointer() };
        let word = h.count.peek();
        if word & crate::count::IMMORTAL != 0 {
            return;
        }
        if !known || word == crate::count::DEAD {
            faults.push(format!("a register has {v:?}, which is not in the heap, or dead"));
        } else if owners.contains(&h.owner()) {
            faults.push(format!("a register does not count {v:?}, which is private"));
        }
    });
    registry::each_register(&mut |v| {
        if v.is_counted()
            && let Some(found) = objects.get_mut(&v.pointer().addr())
        {
            found.held += 1;
        }
    });
    for (address, found) in &objects {
        // SAFETY: in the heap.
        let h = unsafe { &*std::ptr::with_exposed_provenance::<Header>(*address) };
        if !h.is_immortal() && found.held > found.counted {
            faults.push(format!(
                "{address:#x}: {} references held, {} counted",
                found.held, found.counted
            ));
        }
    }
    faults
}

fn check_edge(holder: &Header, v: Value, owners: &HashSet<u16>, objects: &mut HashMap<usize, Found>) -> Option<String> {
    if !v.is_counted() {
        return None;
    }
    let Some(found) = objects.get_mut(&v.pointer().addr()) else {
        return Some(format!("{holder:p}: refers to {v:?}, which is not in the heap"));
    };
    found.held += 1;
    // SAFETY: in the heap.
    let h = unsafe { &*v.pointer() };
    if h.has_flag(flag::UNCOUNTED) {
        return Some(format!("{holder:p}: counts {v:?}, which is not to be counted"));
    }
    let owner = h.owner();
    // Deferred objects, and those that were, are shared from birth; while there is one thread nothing is published.
    if owners.contains(&owner) && owner != holder.owner() && !crate::publish::is_alone() {
        return Some(format!("{holder:p}: refers to {v:?}, which is private to slot {owner}"));
    }
    None
}
