//! `atexit`.

use skein_gc::Ref;
use skein_gc::lock::Mutex;
use skein_object::error::{Result, type_error};
use skein_object::layouts::{number, tuple};
use skein_object::native::{ModuleDef, Row};
use skein_object::{Args, Context, dict, protocol, row, statics as s};

pub static MODULE: ModuleDef = ModuleDef {
    name: "atexit",
    doc: "allow programmer to define multiple exit functions to be executed\nupon normal program termination.",
    functions: FUNCTIONS,
    init: |_, _| Ok(()),
};

/// Function, arguments, names of the last of them.
type Entry = (Ref, Vec<Ref>, Option<Ref>);

static REGISTERED: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

static FUNCTIONS: &[Row] = &[
    row!(
        "register(func, /, *args, **kwargs)",
        register,
        "Register a function to be executed upon normal program termination."
    ),
    row!(
        "unregister(func, /)",
        unregister,
        "Unregister an exit function which was previously registered using\natexit.register"
    ),
    row!(
        "_run_exitfuncs()",
        |cx, _| {
            run(cx);
            Ok(s::none())
        },
        "Run all registered exit functions."
    ),
    row!(
        "_clear()",
        |_, _| {
            let old = std::mem::take(&mut *REGISTERED.lock());
            drop(old);
            Ok(s::none())
        },
        "Clear the list of previously registered exit functions."
    ),
    row!(
        "_ncallbacks()",
        |_, _| number::int_from_usize(REGISTERED.lock().len()),
        "Return the number of registered exit functions."
    ),
];

fn register(_: &Context, a: Args<'_>) -> Result<Ref> {
    let f = a.at(0).clone();
    if !protocol::is_callable(&f) {
        return Err(type_error("the first argument must be callable"));
    }
    let mut args = a.rest(1).to_vec();
    let kw = a.opt(2).map(dict::entries).unwrap_or_default();
    let names = if kw.is_empty() {
        None
    } else {
        Some(tuple::new(kw.iter().map(|(k, _)| k.clone()).collect())?)
    };
    args.extend(kw.into_iter().map(|(_, v)| v));
    // The table is reached from all threads.
    for r in args.iter().chain(names.iter()).chain([&f]) {
        skein_gc::publish::publish(r.value());
    }
    REGISTERED.lock().push((f.clone(), args, names));
    Ok(f)
}

fn unregister(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let all: Vec<Ref> = REGISTERED.lock().iter().map(|e| e.0.clone()).collect();
    for f in all {
        if protocol::equal(cx, &f, a.at(0))? {
            let gone: Vec<Entry> = {
                let mut list = REGISTERED.lock();
                let (gone, keep) = std::mem::take(&mut *list).into_iter().partition(|e| e.0.is(&f));
                *list = keep;
                gone
            };
            drop(gone);
        }
    }
    Ok(s::none())
}

/// Runs the registered functions, last first; errors are reported and do not stop the others.
pub fn run(cx: &Context) {
    loop {
        let last = REGISTERED.lock().pop();
        let Some((f, args, names)) = last else { return };
        if let Err(e) = protocol::call_kw(cx, &f, &args, names.as_ref()) {
            crate::weakref::unraisable_call(cx, e, "in atexit callback", &f);
        }
    }
}
