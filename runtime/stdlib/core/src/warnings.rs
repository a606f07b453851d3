//! `_warnings`: the two functions that the rest of the interpreter calls. The filters and everything else are those of the
//! library's `_py_warnings`, which `warnings` uses when this module offers none of its own.

use skein_gc::Ref;
use skein_object::error::Result;
use skein_object::native::{ModuleDef, Row};
use skein_object::{Args, Context, intern, protocol, row, statics as s};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_warnings",
    doc: "_warnings provides basic warning filtering support.\nIt is a helper module to speed up interpreter start-up.",
    functions: FUNCTIONS,
    init: |_, _| Ok(()),
};

static FUNCTIONS: &[Row] = &[
    row!(
        "warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())",
        |cx, a| forward(cx, "warn", &a, 4),
        "Issue a warning, or maybe ignore it or raise an exception."
    ),
    row!(
        "warn_explicit(message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None)",
        |cx, a| forward(cx, "warn_explicit", &a, 8),
        "Issue a warning, or maybe ignore it or raise an exception."
    ),
];

fn forward(cx: &Context, name: &str, a: &Args<'_>, positional: usize) -> Result<Ref> {
    let import = skein_object::context::hooks().import;
    let module = import(
        cx,
        &intern::name("_py_warnings"),
        &s::none(),
        None,
        &s::empty_tuple(),
        &Ref::small(0),
    )?;
    let f = protocol::getattr_str(cx, &module, name)?;
    let mut args = Vec::new();
    for i in 0..positional {
        match a.opt(i) {
            Some(v) => args.push(v.clone()),
            None => break,
        }
    }
    protocol::call(cx, &f, &args)
}
