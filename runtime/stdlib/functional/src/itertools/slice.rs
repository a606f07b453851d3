//! `islice`.

use super::iterator;
use skein_gc::Slot;
use skein_object::error::{Result, value_error};
use skein_object::layouts::number;
use skein_object::object::{RefExt, alloc};
use skein_object::{Args, Context, Ref, payload, protocol, statics as s};
use skein_stdlib_support::{body, class_of};
use std::sync::atomic::{AtomicI64, Ordering};

pub struct ISliceBody {
    /// Null at the end.
    it: Slot,
    /// Items read so far, number of the next one to give.
    count: AtomicI64,
    next: AtomicI64,
    /// -1: none.
    stop: i64,
    step: i64,
}
payload!(ISliceBody, "itertools.islice", |this, v| { v.slot(&this.it) });

iterator!(ISLICE ISLICE_DEF "itertools.islice" ISliceBody, "islice(cls, iterable, start, stop=None, step=None, /)", new, next,
    "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) --> islice object\n\nReturn an iterator whose next() method returns selected values from an\niterable.  If start is specified, will skip all preceding elements;\notherwise, start defaults to zero.  Step defaults to one.  If\nspecified as another value, step determines how many values are\nskipped between successive calls.  Works like a slice() on a list\nbut returns an iterator.", &[]);

fn index(cx: &Context, r: &Ref) -> Option<i64> {
    if !r.value().is_int() && !r.ty().slots.index.is_set() {
        return None;
    }
    let i = protocol::index(cx, r).ok()?;
    number::int_value(&i)?.to_i64().filter(|n| *n >= 0)
}

fn new(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let bound = |i: usize, default: i64, what: &str| match a.opt(i) {
        None => Ok(default),
        Some(r) if s::is_none(r) => Ok(default),
        Some(r) => index(cx, r).ok_or_else(|| value_error(what)),
    };
    let bad_stop = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    let (start, stop) = if a.opt(3).is_none() {
        (0, bound(2, -1, bad_stop)?)
    } else {
        let stop = bound(3, -1, bad_stop)?;
        let start = bound(
            2,
            0,
            "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.",
        )?;
        (start, stop)
    };
    let bad_step = "Step for islice() must be a positive integer or None.";
    let step = bound(4, 1, bad_step)?;
    if step < 1 {
        return Err(value_error(bad_step));
    }
    alloc(
        class_of(a.at(0))?,
        ISliceBody {
            it: Slot::new(protocol::iter(cx, a.at(1))?),
            count: AtomicI64::new(0),
            next: AtomicI64::new(start),
            stop,
            step,
        },
    )
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<ISliceBody>(it)?;
    let Some(source) = b.it.get() else {
        return Ok(None);
    };
    let end = || drop(b.it.set(it.holder(), None));
    // Relaxed: positions of their own. A start behind the stop is read up to all the same.
    let wanted = b.next.load(Ordering::Relaxed);
    while b.count.load(Ordering::Relaxed) < wanted {
        match protocol::next(cx, &source) {
            Ok(Some(x)) => {
                drop(x);
                b.count.fetch_add(1, Ordering::Relaxed);
            }
            other => {
                end();
                return other.map(|_| None);
            }
        }
    }
    if b.stop >= 0 && b.count.load(Ordering::Relaxed) >= b.stop {
        end();
        return Ok(None);
    }
    match protocol::next(cx, &source) {
        Ok(Some(x)) => {
            b.count.fetch_add(1, Ordering::Relaxed);
            let next = wanted.checked_add(b.step).unwrap_or(i64::MAX);
            let next = if b.stop >= 0 { next.min(b.stop) } else { next };
            b.next.store(next, Ordering::Relaxed);
            Ok(Some(x))
        }
        other => {
            end();
            other.map(|_| None)
        }
    }
}
