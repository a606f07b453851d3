//! `_functools`.

mod cmp_key;
mod lru;
mod partial;
mod partial_type;

use skein_object::error::{Result, type_error};
use skein_object::native::ModuleDef;
use skein_object::{Args, Context, Ref, Row, dict, protocol, row, statics as s};
use skein_stdlib_support::{add_type, ready_once};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_functools",
    doc: "Tools that operate on functions.",
    functions: FUNCTIONS,
    init,
};

static FUNCTIONS: &[Row] = &[
    row!(
        "reduce(function, iterable, /, initial=<unrepresentable>)",
        reduce,
        "Apply a function of two arguments cumulatively to the items of an iterable, from left to right.\n\nThis effectively reduces the iterable to a single value.  If initial is present,\nit is placed before the items of the iterable in the calculation, and serves as\na default when the iterable is empty.\n\nFor example, reduce(lambda x, y: x+y, [1, 2, 3, 4, 5])\ncalculates ((((1 + 2) + 3) + 4) + 5)."
    ),
    row!(
        "cmp_to_key(mycmp)",
        cmp_key::cmp_to_key,
        "Convert a cmp= function into a key= function.\n\n  mycmp\n    Function that compares two objects."
    ),
];

fn init(_: &Context, module: &Ref) -> Result<()> {
    ready_once(&cmp_key::DEF)?;
    ready_once(&lru::ENTRY_DEF)?;
    add_type(module, &partial_type::PLACEHOLDER_DEF)?;
    dict::set_str(module, "Placeholder", partial::placeholder()?)?;
    add_type(module, &partial_type::DEF)?;
    add_type(module, &lru::DEF)
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let it = match protocol::iter(cx, a.at(1)) {
        Ok(it) => it,
        Err(e) if e.is(&s::TYPE_ERROR) => {
            return Err(type_error("reduce() arg 2 must support iteration"));
        }
        Err(e) => return Err(e),
    };
    let mut total = a.opt(2).cloned();
    while let Some(x) = protocol::next(cx, &it)? {
        total = Some(match total {
            None => x,
            Some(t) => protocol::call(cx, a.at(0), &[t, x])?,
        });
    }
    total.ok_or_else(|| type_error("reduce() of empty iterable with no initial value"))
}
