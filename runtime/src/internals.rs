//! `_testinternalcapi`: the few questions about the inside of an interpreter that CPython's tests ask and that have an
//! answer here.

use skein_interpreter::frame_object;
use skein_object::error::Result;
use skein_object::instance::{Attrs, DICT};
use skein_object::layouts::{list, number};
use skein_object::native::{ModuleDef, Row};
use skein_object::object::{RefExt, type_of};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, dict, row, statics as s};

pub static INTERNALS: ModuleDef = ModuleDef {
    name: "_testinternalcapi",
    doc: "What tests ask about the inside of the interpreter.",
    functions: FUNCTIONS,
    init: |_, d| {
        // Runs until a site is specialised, and until it tries again: caches fill at the first run.
        dict::set_str(d, "SPECIALIZATION_THRESHOLD", Ref::small(2))?;
        dict::set_str(d, "SPECIALIZATION_COOLDOWN", Ref::small(2))
    },
};

static FUNCTIONS: &[Row] = &[
    row!(
        "has_inline_values(obj, /)",
        has_inline_values,
        "Whether the attributes of an instance lie in the instance itself."
    ),
    row!(
        "get_recursion_depth()",
        recursion_depth,
        "The number of Python frames of this thread."
    ),
    row!(
        "get_static_builtin_types()",
        native_types,
        "The types that are part of the interpreter."
    ),
];

fn has_inline_values(_: &Context, a: Args<'_>) -> Result<Ref> {
    let inline = a
        .at(0)
        .header()
        .and_then(|h| Attrs::of(h, type_of(a.at(0))))
        .is_some_and(|attrs| attrs.capacity() > 0 && attrs.shape_id() != DICT);
    Ok(number::bool(inline))
}

fn recursion_depth(cx: &Context, _: Args<'_>) -> Result<Ref> {
    let mut depth = 0;
    let mut frame = (skein_object::context::hooks().frame_object)(cx, 0);
    while let Some(f) = frame {
        depth += 1;
        frame = f
            .body::<frame_object::FrameBody>()
            .and_then(|b| frame_object::back(cx, b));
    }
    number::int(depth)
}

fn native_types(_: &Context, _: Args<'_>) -> Result<Ref> {
    let mut out: Vec<&'static Type> = vec![&s::OBJECT];
    let mut next = 0;
    while let Some(t) = out.get(next).copied() {
        next += 1;
        for sub in t.subclasses() {
            if !sub.has(flag::HEAP) && !out.iter().any(|o| std::ptr::eq(*o, sub)) {
                out.push(sub);
            }
        }
    }
    list::new(out.into_iter().map(Type::object).collect())
}
