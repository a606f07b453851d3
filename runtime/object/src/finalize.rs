//! Finalisers inside of finalisers.
//!
//! What a finaliser drops may have one of its own, and so on along a chain of any length. Those that are nested too deeply
//! for native recursion wait until the outermost one has run, as objects that are to be destroyed do in `skein_gc::reclaim`.

use skein_gc::Ref;
use std::cell::{Cell, RefCell};

/// Finalisers that may run one inside of the other.
const MOST: u32 = 32;

thread_local! {
    static NESTING: Cell<u32> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<(Ref, fn(&Ref))>> = const { RefCell::new(Vec::new()) };
}

/// Runs the finaliser `f` of an object: now, or before the outermost one that runs now returns.
pub fn nested(object: &Ref, f: fn(&Ref)) {
    let depth = NESTING.get();
    if depth >= MOST {
        // It lives until then.
        WAITING.with_borrow_mut(|v| v.push((object.clone(), f)));
        return;
    }
    NESTING.set(depth + 1);
    f(object);
    if depth == 0 {
        while let Some((object, f)) = WAITING.with_borrow_mut(Vec::pop) {
            f(&object);
        }
    }
    NESTING.set(depth);
}
