//! `_typing`: type parameters, type aliases and `Generic`.

mod alias;
mod evaluator;
mod generic;
mod param_spec;
mod params;
mod substitution;

use skein_object::error::Result;
use skein_object::native::ModuleDef;
use skein_object::{Args, Context, Ref, dict, row};
use skein_stdlib_support::{add_type, ready_once};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_typing",
    doc: "Primitives and accelerators for the typing module.\n",
    functions: &[row!("_idfunc(x, /)", idfunc, "")],
    init,
};

fn idfunc(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(a.at(0).clone())
}

fn init(_: &Context, module: &Ref) -> Result<()> {
    ready_once(&evaluator::DEF)?;
    ready_once(&evaluator::NO_DEFAULT_DEF)?;
    add_type(module, &params::TYPE_VAR_DEF)?;
    add_type(module, &params::PARAM_SPEC_DEF)?;
    add_type(module, &params::TYPE_VAR_TUPLE_DEF)?;
    add_type(module, &param_spec::ARGS_DEF)?;
    add_type(module, &param_spec::KWARGS_DEF)?;
    add_type(module, &generic::DEF)?;
    add_type(module, &alias::DEF)?;
    dict::set_str(module, "NoDefault", evaluator::no_default()?)?;
    dict::set_str(module, "Union", skein_types::type_::union::UNION.object())
}
