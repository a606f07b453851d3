//! Substitution of type parameters: most of it is Python code of the `typing` module.

use super::evaluator::is_no_default;
use super::params::default;
use skein_object::error::{Result, type_error};
use skein_object::intern::names;
use skein_object::layouts::{str, tuple};
use skein_object::{Args, Context, Ref, protocol};
use skein_stdlib_support::import_attr;

fn in_python(cx: &Context, function: &str, args: &[Ref]) -> Result<Ref> {
    let f = import_attr(cx, "typing", function)?;
    protocol::call(cx, &f, args)
}

pub fn type_var(cx: &Context, a: Args<'_>) -> Result<Ref> {
    in_python(cx, "_typevar_subst", &[a.at(0).clone(), a.at(1).clone()])
}

pub fn param_spec(cx: &Context, a: Args<'_>) -> Result<Ref> {
    in_python(cx, "_paramspec_subst", &[a.at(0).clone(), a.at(1).clone()])
}

pub fn type_var_tuple(_: &Context, _: Args<'_>) -> Result<Ref> {
    Err(type_error("Substitution of bare TypeVarTuple is not supported"))
}

pub fn prepare_param_spec(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let args = [a.at(0).clone(), a.at(1).clone(), a.at(2).clone()];
    in_python(cx, "_paramspec_prepare_subst", &args)
}

pub fn prepare_type_var_tuple(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let args = [a.at(0).clone(), a.at(1).clone(), a.at(2).clone()];
    in_python(cx, "_typevartuple_prepare_subst", &args)
}

/// Adds the default where the argument is left out.
pub fn prepare_type_var(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (this, alias, args) = (a.at(0), a.at(1), a.at(2));
    let params = protocol::getattr(cx, alias, names::__parameters__())?;
    let given = protocol::collect(cx, args)?;
    let mut index = None;
    for (i, p) in protocol::collect(cx, &params)?.iter().enumerate() {
        if protocol::equal(cx, p, this)? {
            index = Some(i);
            break;
        }
    }
    if index.is_some_and(|i| i < given.len()) {
        return Ok(args.clone());
    }
    if index == Some(given.len()) {
        let d = default(cx, this)?;
        if !is_no_default(&d) {
            let mut all = given;
            all.push(d);
            return tuple::new(all);
        }
    }
    Err(type_error(format!(
        "Too few arguments for {}",
        str::text(&protocol::str_of(cx, alias)?)
    )))
}
