//! `cycle`.

use super::iterator;
use skein_gc::Slot;
use skein_object::error::Result;
use skein_object::layouts::{ListBody, list};
use skein_object::object::{RefExt, alloc};
use skein_object::{Args, Context, Ref, payload, protocol};
use skein_stdlib_support::{body, class_of};
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct CycleBody {
    /// The iterator, or null once it has ended.
    it: Slot,
    /// List of what it gave.
    saved: Ref,
    index: AtomicUsize,
}
payload!(CycleBody, "itertools.cycle", |this, v| {
    v.slot(&this.it);
    v.reference(&this.saved);
});

iterator!(CYCLE CYCLE_DEF "itertools.cycle" CycleBody, "cycle(cls, iterable, /)", new, next,
    "Return elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.", &[]);

fn new(cx: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(
        class_of(a.at(0))?,
        CycleBody {
            it: Slot::new(protocol::iter(cx, a.at(1))?),
            saved: list::new(Vec::new())?,
            index: AtomicUsize::new(0),
        },
    )
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<CycleBody>(it)?;
    if let Some(source) = b.it.get() {
        if let Some(x) = protocol::next(cx, &source)? {
            list::push(&b.saved, x.clone())?;
            return Ok(Some(x));
        }
        drop(b.it.set(it.holder(), None));
    }
    let saved = body::<ListBody>(&b.saved)?;
    // Relaxed: a position; the list checks it.
    let i = b.index.load(Ordering::Relaxed);
    let n = saved.0.len();
    if n == 0 {
        return Ok(None);
    }
    b.index.store(if i + 1 >= n { 0 } else { i + 1 }, Ordering::Relaxed);
    Ok(saved.0.get(i.min(n - 1)))
}
