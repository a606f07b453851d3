//! `_operator`.

mod digest;
mod functions;
mod getters;
mod method_caller;

use skein_object::error::Result;
use skein_object::native::ModuleDef;
use skein_object::{Context, Ref};
use skein_stdlib_support::add_type;

pub static MODULE: ModuleDef = ModuleDef {
    name: "_operator",
    doc: "Operator interface.\n\nThis module exports a set of functions implemented in C corresponding\nto the intrinsic operators of Python.  For example, operator.add(x, y)\nis equivalent to the expression x+y.",
    functions: functions::FUNCTIONS,
    init,
};

fn init(_: &Context, module: &Ref) -> Result<()> {
    add_type(module, &getters::ITEM_DEF)?;
    add_type(module, &getters::ATTR_DEF)?;
    add_type(module, &method_caller::DEF)
}
