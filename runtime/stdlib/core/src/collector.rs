//! `gc`.

use skein_gc::Ref;
use skein_gc::class::children;
use skein_gc::cycle;
use skein_object::ListBody;
use skein_object::error::{Result, value_error};
use skein_object::layouts::str;
use skein_object::layouts::{list, number, tuple};
use skein_object::native::{ModuleDef, Row};
use skein_object::object::RefExt;
use skein_object::types::flag;
use skein_object::{Args, Context, Type, dict, protocol, row, statics as s};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

pub static MODULE: ModuleDef = ModuleDef {
    name: "gc",
    doc: "This module provides access to the garbage collector for reference cycles.",
    functions: FUNCTIONS,
    init: |_, d| {
        skein_gc::publish::publish(d.value());
        let _ = NAMES.set(d.clone());
        cycle::set_observer(observe);
        for (name, value) in [
            ("DEBUG_STATS", STATS as i32),
            ("DEBUG_COLLECTABLE", COLLECTABLE as i32),
            ("DEBUG_UNCOLLECTABLE", 4),
            ("DEBUG_SAVEALL", SAVEALL as i32),
            ("DEBUG_LEAK", 38),
        ] {
            dict::set_str(d, name, Ref::small(value))?;
        }
        dict::set_str(d, "garbage", list::new(Vec::new())?)?;
        dict::set_str(d, "callbacks", list::new(Vec::new())?)
    },
};

static THRESHOLD: [AtomicI64; 3] = [AtomicI64::new(DEFAULT), AtomicI64::new(10), AtomicI64::new(0)];
/// The first threshold, as long as nobody has said otherwise: collections go by the growth of the heap.
const DEFAULT: i64 = 2000;
static DEBUG: AtomicI64 = AtomicI64::new(0);

/// Bits of `gc.set_debug`.
const STATS: i64 = 1;
const COLLECTABLE: i64 = 2;
const SAVEALL: i64 = 32;

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
            let flags = protocol::convert::to_i64(cx, a.at(0))?;
            // Relaxed, here and wherever it is read: a switch.
            DEBUG.store(flags, Ordering::Relaxed);
            cycle::set_scrutiny((flags & (COLLECTABLE | SAVEALL) != 0).then_some(scrutinise));
            Ok(s::none())
        },
        "Set the garbage collection debugging flags."
    ),
    row!(
        "get_count()",
        |_, _| {
            let young = number::int_from_usize(cycle::young_objects())?;
            tuple::new(vec![young, Ref::small(0), Ref::small(0)])
        },
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
        |_, a| Ok(number::bool(is_tracked(a.at(0)))),
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
        |_, _| {
            cycle::freeze(true);
            Ok(s::none())
        },
        "Freeze all current tracked objects and ignore them for future collections."
    ),
    row!(
        "unfreeze()",
        |_, _| {
            cycle::freeze(false);
            Ok(s::none())
        },
        "Unfreeze all objects in the permanent generation."
    ),
    row!(
        "get_freeze_count()",
        |_, _| number::int_from_usize(cycle::frozen()),
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
    number::int_from_usize(cycle::collect_generation(generation as usize))
}

fn set_threshold(cx: &Context, a: Args<'_>) -> Result<Ref> {
    for (i, t) in THRESHOLD.iter().enumerate() {
        if let Some(v) = a.opt(i) {
            t.store(protocol::convert::to_i64(cx, v)?, Ordering::Relaxed);
        }
    }
    // Relaxed: as above.
    cycle::set_threshold(match THRESHOLD[0].load(Ordering::Relaxed) {
        DEFAULT => None,
        n => Some(usize::try_from(n).unwrap_or(0)),
    });
    Ok(s::none())
}

/// Told of collections by `gc`: calls what is in `gc.callbacks`, and shows what `DEBUG_STATS` wants.
fn observe(event: cycle::Event) {
    let Some(cx) = Context::try_current() else { return };
    let (phase, generation, collected) = match event {
        cycle::Event::Start { generation } => ("start", generation, 0),
        cycle::Event::Stop { generation, collected } => ("stop", generation, collected),
    };
    // Relaxed: a switch.
    if DEBUG.load(Ordering::Relaxed) & STATS != 0 {
        say(
            cx,
            &match event {
                cycle::Event::Start { .. } => format!("gc: collecting generation {generation}..."),
                cycle::Event::Stop { .. } => format!("gc: done, {collected} unreachable, 0 uncollectable"),
            },
        );
    }
    let callbacks = the_list("callbacks");
    let callbacks = callbacks
        .as_ref()
        .and_then(RefExt::body::<ListBody>)
        .map(list::snapshot);
    let call = |f: &Ref| {
        let info = dict::new()?;
        dict::set_str(&info, "generation", number::int_from_usize(generation)?)?;
        dict::set_str(&info, "collected", number::int_from_usize(collected)?)?;
        dict::set_str(&info, "uncollectable", Ref::small(0))?;
        protocol::call(cx, f, &[str::from_str(phase)?, info])
    };
    for f in callbacks.into_iter().flatten() {
        if let Err(e) = call(&f) {
            (skein_object::context::hooks().unraisable)(cx, e, None, &f);
        }
    }
}

/// Shown what is garbage: `DEBUG_COLLECTABLE` lists it, `DEBUG_SAVEALL` keeps it in `gc.garbage`.
fn scrutinise(garbage: &[Ref]) -> bool {
    let Some(cx) = Context::try_current() else { return false };
    let flags = DEBUG.load(Ordering::Relaxed);
    if flags & COLLECTABLE != 0 {
        for r in garbage {
            let at = r.value().pointer().addr();
            say(cx, &format!("gc: collectable <{} {at:#x}>", r.ty().name()));
        }
    }
    if flags & SAVEALL == 0 {
        return false;
    }
    let Some(saved) = the_list("garbage") else { return false };
    let Some(body) = saved.body::<ListBody>() else {
        return false;
    };
    garbage.iter().all(|r| body.0.push(saved.holder(), r.clone()).is_ok())
}

/// The module's dict.
static NAMES: OnceLock<Ref> = OnceLock::new();

/// The list that is an attribute of the module.
fn the_list(name: &'static str) -> Option<Ref> {
    dict::get_name(NAMES.get()?, &skein_object::intern::name(name)).filter(|l| l.body::<ListBody>().is_some())
}

/// Writes a line to `sys.stderr`, if that can be done.
fn say(cx: &Context, line: &str) {
    let written = skein_object::context::sys_attr(&skein_object::intern::name("stderr"))
        .filter(|f| !s::is_none(f))
        .map(|f| {
            protocol::call_method(
                cx,
                &f,
                &skein_object::intern::name("write"),
                &[str::from_str(&format!("{line}\n"))?],
            )
        });
    // As where CPython writes to it.
    drop(written);
}

fn get_objects(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let generation = match a.opt(0).filter(|g| !s::is_none(g)) {
        None => None,
        Some(g) => Some(protocol::convert::to_i64(cx, g)?),
    };
    let mut out = Vec::new();
    match generation {
        None | Some(2) => cycle::objects(|r| out.push(r)),
        Some(0) => cycle::young(|r| out.push(r)),
        Some(1) => {}
        Some(g) if g < 0 => return Err(value_error("generation cannot be negative")),
        Some(_) => {
            return Err(value_error(
                "generation must be less than the number of available generations (3)",
            ));
        }
    }
    list::new(out)
}

/// Classes that are not made by Python code are immortal, and objects of such a class that have no body refer to nothing.
fn is_tracked(r: &Ref) -> bool {
    let native = |t: &Type| !t.has(flag::HEAP);
    let ty = r.ty();
    !(Type::from_ref(r).is_some_and(native) || native(ty) && ty.layout().body_size == 0)
        && r.class().is_some_and(|c| c.is_container())
}

/// What an object refers to, and its class, if Python code has made that.
fn held(r: &Ref) -> Vec<Ref> {
    let mut out = children(r);
    let ty = r.ty();
    if ty.has(flag::HEAP) {
        out.push(ty.object());
    }
    out
}

fn referents(_: &Context, a: Args<'_>) -> Result<Ref> {
    list::new(a.rest(0).iter().flat_map(held).collect())
}

fn referrers(_: &Context, a: Args<'_>) -> Result<Ref> {
    let wanted = a.rest(0);
    let mut out = Vec::new();
    cycle::objects(|r| {
        if held(&r).iter().any(|c| wanted.iter().any(|w| w.is(c))) {
            out.push(r);
        }
    });
    list::new(out)
}

fn stats(_: &Context, _: Args<'_>) -> Result<Ref> {
    let mut out = Vec::new();
    for s in cycle::stats() {
        let d = dict::new()?;
        dict::set_str(&d, "collections", number::int_from_usize(s.collections)?)?;
        dict::set_str(&d, "collected", number::int_from_usize(s.collected)?)?;
        dict::set_str(&d, "uncollectable", Ref::small(0))?;
        out.push(d);
    }
    list::new(out)
}
