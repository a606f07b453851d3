//! `gc`.

use skein_gc::Ref;
use skein_gc::class::children;
use skein_gc::cycle;
use skein_object::error::{Result, value_error};
use skein_object::layouts::{list, number, tuple};
use skein_object::native::{ModuleDef, Row};
use skein_object::{Args, Context, dict, protocol, row, statics as s};
use std::sync::atomic::{AtomicI64, Ordering};

pub static MODULE: ModuleDef = ModuleDef {
    name: "gc",
    doc: "This module provides access to the garbage collector for reference cycles.",
    functions: FUNCTIONS,
    init: |_, d| {
        for (name, value) in [
            ("DEBUG_STATS", 1),
            ("DEBUG_COLLECTABLE", 2),
            ("DEBUG_UNCOLLECTABLE", 4),
            ("DEBUG_SAVEALL", 32),
            ("DEBUG_LEAK", 38),
        ] {
            dict::set_str(d, name, Ref::small(value))?;
        }
        dict::set_str(d, "garbage", list::new(Vec::new())?)?;
        dict::set_str(d, "callbacks", list::new(Vec::new())?)
    },
};

static THRESHOLD: [AtomicI64; 3] = [AtomicI64::new(2000), AtomicI64::new(10), AtomicI64::new(0)];
static DEBUG: AtomicI64 = AtomicI64::new(0);

static FUNCTIONS: &[Row] = &[
    row!("collect(generation=2)", collect, "Run the garbage collector."),
    row!(
        "disable()",
        |_, _| {
            cycle::set_enabled(false);
            Ok(s::none())
        },
        "Disable automatic garbage collection."
    ),
    row!(
        "enable()",
        |_, _| {
            cycle::set_enabled(true);
            Ok(s::none())
        },
        "Enable automatic garbage collection."
    ),
    row!(
        "isenabled()",
        |_, _| Ok(number::bool(cycle::is_enabled())),
        "Returns true if automatic garbage collection is enabled."
    ),
    row!(
        "get_debug()",
        |_, _| number::int(DEBUG.load(Ordering::Relaxed)),
        "Get the garbage collection debugging flags."
    ),
    row!(
        "set_debug(flags, /)",
        |cx, a| {
            DEBUG.store(protocol::convert::to_i64(cx, a.at(0))?, Ordering::Relaxed);
            Ok(s::none())
        },
        "Set the garbage collection debugging flags."
    ),
    row!(
        "get_count()",
        |_, _| tuple::new(vec![Ref::small(0), Ref::small(0), Ref::small(0)]),
        "Return a three-tuple of the current collection counts."
    ),
    row!(
        "get_threshold()",
        |_, _| tuple::new(
            THRESHOLD
                .iter()
                .map(|t| number::int(t.load(Ordering::Relaxed)))
                .collect::<Result<_>>()?
        ),
        "Return the current collection thresholds."
    ),
    row!(
        "set_threshold(threshold0, threshold1=10, threshold2=0, /)",
        set_threshold,
        "Set the collection thresholds (the collection frequency)."
    ),
    row!(
        "get_objects(generation=None)",
        get_objects,
        "Return a list of objects tracked by the collector (excluding the list returned)."
    ),
    row!(
        "get_referents(*objs)",
        referents,
        "Return the list of objects that are directly referred to by 'objs'."
    ),
    row!(
        "get_referrers(*objs)",
        referrers,
        "Return the list of objects that directly refer to any of 'objs'."
    ),
    row!(
        "is_tracked(obj, /)",
        |_, a| Ok(number::bool(a.at(0).class().is_some_and(|c| c.is_container()))),
        "Returns true if the object is tracked by the garbage collector."
    ),
    row!(
        "is_finalized(obj, /)",
        |_, a| Ok(number::bool(
            a.at(0)
                .header()
                .is_some_and(|h| h.has_flag(skein_gc::header::flag::FINALIZED))
        )),
        "Returns true if the object has been already finalized by the GC."
    ),
    row!(
        "freeze()",
        |_, _| Ok(s::none()),
        "Freeze all current tracked objects and ignore them for future collections."
    ),
    row!(
        "unfreeze()",
        |_, _| Ok(s::none()),
        "Unfreeze all objects in the permanent generation."
    ),
    row!(
        "get_freeze_count()",
        |_, _| Ok(Ref::small(0)),
        "Return the number of objects in the permanent generation."
    ),
    row!(
        "get_stats()",
        stats,
        "Return a list of dictionaries containing per-generation statistics."
    ),
];

fn collect(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let generation = a.opt(0).map_or(Ok(2), |g| protocol::convert::to_i64(cx, g))?;
    if !(0..=2).contains(&generation) {
        return Err(value_error("invalid generation"));
    }
    number::int_from_usize(cycle::collect())
}

fn set_threshold(cx: &Context, a: Args<'_>) -> Result<Ref> {
    for (i, t) in THRESHOLD.iter().enumerate() {
        if let Some(v) = a.opt(i) {
            t.store(protocol::convert::to_i64(cx, v)?, Ordering::Relaxed);
        }
    }
    if let Some(0) = a.at(0).as_int() {
        cycle::set_enabled(false);
    }
    Ok(s::none())
}

fn get_objects(_: &Context, _: Args<'_>) -> Result<Ref> {
    let mut out = Vec::new();
    cycle::objects(|r| {
        if r.class().is_some_and(|c| c.is_container()) {
            out.push(r);
        }
    });
    list::new(out)
}

fn referents(_: &Context, a: Args<'_>) -> Result<Ref> {
    list::new(a.rest(0).iter().flat_map(children).collect())
}

fn referrers(_: &Context, a: Args<'_>) -> Result<Ref> {
    let wanted = a.rest(0);
    let mut out = Vec::new();
    cycle::objects(|r| {
        if children(&r).iter().any(|c| wanted.iter().any(|w| w.is(c))) {
            out.push(r);
        }
    });
    list::new(out)
}

fn stats(_: &Context, _: Args<'_>) -> Result<Ref> {
    let s = cycle::stats();
    let mut out = Vec::new();
    for i in 0..3 {
        let d = dict::new()?;
        let (collections, collected) = if i == 0 {
            ((s.young + s.private + s.shared) as i64, s.collected as i64)
        } else {
            (0, 0)
        };
        dict::set_str(&d, "collections", number::int(collections)?)?;
        dict::set_str(&d, "collected", number::int(collected)?)?;
        dict::set_str(&d, "uncollectable", Ref::small(0))?;
        out.push(d);
    }
    list::new(out)
}
