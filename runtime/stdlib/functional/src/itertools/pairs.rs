//! `pairwise` and `batched`.

use super::iterator;
use skein_gc::Slot;
use skein_object::error::{Result, value_error};
use skein_object::object::{RefExt, alloc};
use skein_object::{Args, Context, Ref, payload, protocol, tuple};
use skein_stdlib_support::{body, class_of, flag, pack, ssize};
use std::sync::atomic::{AtomicBool, Ordering};

pub struct PairwiseBody {
    /// Null at the end.
    it: Slot,
    old: Slot,
}
payload!(PairwiseBody, "itertools.pairwise", |this, v| {
    v.slot(&this.it);
    v.slot(&this.old);
});

iterator!(PAIRWISE PAIRWISE_DEF "itertools.pairwise" PairwiseBody, "pairwise(cls, iterable, /)", new_pairwise, next_pairwise,
    "Return an iterator of overlapping pairs taken from the input iterator.\n\n    s -> (s0,s1), (s1,s2), (s2, s3), ...", &[]);

fn new_pairwise(cx: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(
        class_of(a.at(0))?,
        PairwiseBody {
            it: Slot::new(protocol::iter(cx, a.at(1))?),
            old: Slot::empty(),
        },
    )
}

fn next_pairwise(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<PairwiseBody>(it)?;
    let h = it.holder();
    let Some(source) = b.it.get() else {
        return Ok(None);
    };
    let end = || {
        drop(b.it.set(h, None));
        drop(b.old.set(h, None));
    };
    let old = match b.old.get() {
        Some(old) => old,
        None => match protocol::next(cx, &source) {
            Ok(Some(x)) => {
                drop(b.old.set(h, Some(x.clone())));
                // The iterator may have been used by the call above.
                if b.it.is_null() {
                    end();
                    return Ok(None);
                }
                x
            }
            other => {
                end();
                return other.map(|_| None);
            }
        },
    };
    match protocol::next(cx, &source) {
        Ok(Some(new)) => {
            drop(b.old.set(h, Some(new.clone())));
            pack([old, new]).map(Some)
        }
        other => {
            end();
            other.map(|_| None)
        }
    }
}

pub struct BatchedBody {
    it: Slot,
    n: usize,
    strict: AtomicBool,
}
payload!(BatchedBody, "itertools.batched", |this, v| { v.slot(&this.it) });

iterator!(BATCHED BATCHED_DEF "itertools.batched" BatchedBody, "batched(cls, iterable, n, *, strict=False)", new_batched, next_batched,
    "Batch data into tuples of length n. The last batch may be shorter than n.\n\nLoops over the input iterable and accumulates data into tuples\nup to size n.  The input is consumed lazily, just enough to\nfill a batch.  The result is yielded as soon as a batch is full\nor when the input iterable is exhausted.\n\n    >>> for batch in batched('ABCDEFG', 3):\n    ...     print(batch)\n    ...\n    ('A', 'B', 'C')\n    ('D', 'E', 'F')\n    ('G',)\n\nIf \"strict\" is True, raises a ValueError if the final batch is shorter\nthan n.", &[]);

fn new_batched(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = ssize(cx, a.at(2))?;
    let strict = flag(cx, a.opt(3), false)?;
    if n < 1 {
        return Err(value_error("n must be at least one"));
    }
    alloc(
        class_of(a.at(0))?,
        BatchedBody {
            it: Slot::new(protocol::iter(cx, a.at(1))?),
            n: n as usize,
            strict: AtomicBool::new(strict),
        },
    )
}

fn next_batched(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<BatchedBody>(it)?;
    let Some(source) = b.it.get() else {
        return Ok(None);
    };
    let mut out = Vec::new();
    while out.len() < b.n {
        match protocol::next(cx, &source) {
            Ok(Some(x)) => {
                if out.try_reserve(1).is_err() {
                    return Err(skein_object::error::memory_error());
                }
                out.push(x);
            }
            // What ends a batch that is not empty is asked again for the next one.
            Ok(None) if !out.is_empty() && !b.strict.load(Ordering::Relaxed) => break,
            Ok(None) => {
                drop(b.it.set(it.holder(), None));
                if out.is_empty() {
                    return Ok(None);
                }
                return Err(value_error("batched(): incomplete batch"));
            }
            Err(e) => {
                drop(b.it.set(it.holder(), None));
                return Err(e);
            }
        }
    }
    tuple::new(out).map(Some)
}
