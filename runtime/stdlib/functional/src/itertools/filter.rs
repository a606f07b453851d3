//! `compress`, `dropwhile`, `filterfalse`, `takewhile`.

use super::iterator;
use skein_object::error::Result;
use skein_object::object::alloc;
use skein_object::protocol::{self, call1, is_true};
use skein_object::{Args, Context, Ref, payload, statics as s};
use skein_stdlib_support::{body, class_of};
use std::sync::atomic::{AtomicBool, Ordering};

pub struct CompressBody {
    data: Ref,
    selectors: Ref,
}
payload!(CompressBody, "itertools.compress", |this, v| {
    v.reference(&this.data);
    v.reference(&this.selectors);
});

iterator!(COMPRESS COMPRESS_DEF "itertools.compress" CompressBody, "compress(cls, data, selectors)", new_compress, next_compress,
    "Return data elements corresponding to true selector elements.\n\nForms a shorter iterator from selected data elements using the selectors to\nchoose the data elements.", &[]);

fn new_compress(cx: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(
        class_of(a.at(0))?,
        CompressBody {
            data: protocol::iter(cx, a.at(1))?,
            selectors: protocol::iter(cx, a.at(2))?,
        },
    )
}

fn next_compress(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<CompressBody>(it)?;
    loop {
        let Some(x) = protocol::next(cx, &b.data)? else {
            return Ok(None);
        };
        let Some(wanted) = protocol::next(cx, &b.selectors)? else {
            return Ok(None);
        };
        if is_true(cx, &wanted)? {
            return Ok(Some(x));
        }
    }
}

/// A predicate over an iterator; `done` is the state of `dropwhile` (dropping has ended) and `takewhile` (taking has).
pub struct FilterBody {
    predicate: Ref,
    it: Ref,
    done: AtomicBool,
}
payload!(FilterBody, "itertools.filter", |this, v| {
    v.reference(&this.predicate);
    v.reference(&this.it);
});

fn new(cx: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(
        class_of(a.at(0))?,
        FilterBody {
            predicate: a.at(1).clone(),
            it: protocol::iter(cx, a.at(2))?,
            done: AtomicBool::new(false),
        },
    )
}

fn test(cx: &Context, b: &FilterBody, x: &Ref) -> Result<bool> {
    is_true(cx, &call1(cx, &b.predicate, x)?)
}

iterator!(DROPWHILE DROPWHILE_DEF "itertools.dropwhile" FilterBody, "dropwhile(cls, predicate, iterable, /)", new, next_dropwhile,
    "Drop items from the iterable while predicate(item) is true.\n\nAfterwards, return every element until the iterable is exhausted.", &[]);

fn next_dropwhile(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<FilterBody>(it)?;
    loop {
        let Some(x) = protocol::next(cx, &b.it)? else {
            return Ok(None);
        };
        // Relaxed: a flag without data.
        if b.done.load(Ordering::Relaxed) {
            return Ok(Some(x));
        }
        if !test(cx, b, &x)? {
            b.done.store(true, Ordering::Relaxed);
            return Ok(Some(x));
        }
    }
}

iterator!(TAKEWHILE TAKEWHILE_DEF "itertools.takewhile" FilterBody, "takewhile(cls, predicate, iterable, /)", new, next_takewhile,
    "Return successive entries from an iterable as long as the predicate evaluates to true for each entry.", &[]);

fn next_takewhile(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<FilterBody>(it)?;
    if b.done.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let Some(x) = protocol::next(cx, &b.it)? else {
        return Ok(None);
    };
    if test(cx, b, &x)? {
        return Ok(Some(x));
    }
    b.done.store(true, Ordering::Relaxed);
    Ok(None)
}

iterator!(FILTERFALSE FILTERFALSE_DEF "itertools.filterfalse" FilterBody, "filterfalse(cls, function, iterable, /)", new, next_filterfalse,
    "Return those items of iterable for which function(item) is false.\n\nIf function is None, return the items that are false.", &[]);

fn next_filterfalse(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<FilterBody>(it)?;
    let plain = s::is_none(&b.predicate) || b.predicate.is(&s::BOOL.object());
    loop {
        let Some(x) = protocol::next(cx, &b.it)? else {
            return Ok(None);
        };
        let hit = if plain { is_true(cx, &x)? } else { test(cx, b, &x)? };
        if !hit {
            return Ok(Some(x));
        }
    }
}
