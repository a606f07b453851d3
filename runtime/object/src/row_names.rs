//! The parameters' names of native functions as interned strings, for calls with keywords.
//!
//! Rows are constants and hold nothing that is made when the program runs, so the names are in a table beside them.

use crate::native::Row;
use skein_gc::Ref;
use std::sync::atomic::{AtomicPtr, Ordering};

struct Entry {
    row: &'static Row,
    names: Box<[Ref]>,
}

/// Places; rows that are called with keywords are some hundreds.
const PLACES: usize = 2048;
/// Places that are looked at for one row.
const PROBES: usize = 8;

static TABLE: [AtomicPtr<Entry>; PLACES] = [const { AtomicPtr::new(std::ptr::null_mut()) }; PLACES];

/// The names in the order in which the function receives the parameters, positional ones first, then keyword-only ones.
pub fn of(row: &'static Row) -> &'static [Ref] {
    let start = (row as *const Row as usize / size_of::<Row>()).wrapping_mul(0x9e37_79b9) % PLACES;
    for i in 0..PROBES {
        let place = &TABLE[(start + i) % PLACES];
        // Acquire pairs with the release of who put the entry there.
        let mut p = place.load(Ordering::Acquire);
        if p.is_null() {
            let new = Box::into_raw(make(row));
            match place.compare_exchange(p, new, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => p = new,
                Err(theirs) => {
                    // SAFETY: ours, and nobody has seen it.
                    drop(unsafe { Box::from_raw(new) });
                    p = theirs;
                }
            }
        }
        // SAFETY: entries are never freed.
        let entry: &'static Entry = unsafe { &*p };
        if std::ptr::eq(entry.row, row) {
            return &entry.names;
        }
    }
    // No place is left: one more that is never freed.
    &Box::leak(make(row)).names
}

fn make(row: &'static Row) -> Box<Entry> {
    Box::new(Entry {
        row,
        names: row.names().into_iter().map(crate::intern::name).collect(),
    })
}
