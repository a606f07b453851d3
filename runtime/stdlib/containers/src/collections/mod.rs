//! `_collections`: what `Lib/collections` wants natively.

mod count;
mod defaultdict;
mod deque;
mod deque_iter;
mod deque_methods;
mod ordereddict;
mod ordereddict_views;
mod tuplegetter;

use skein_object::error::Result;
use skein_object::native::ModuleDef;
use skein_object::{Context, Ref};
use skein_stdlib_support::add_type;

pub static MODULE: ModuleDef = ModuleDef {
    name: "_collections",
    doc: "High performance data structures.\n- deque:        ordered collection accessible from endpoints only\n- \
          defaultdict:  dict subclass with a default value factory\n",
    functions: count::FUNCTIONS,
    init,
};

fn init(_: &Context, module: &Ref) -> Result<()> {
    add_type(module, &deque::DEF)?;
    add_type(module, &deque_iter::FORWARD_DEF)?;
    add_type(module, &deque_iter::BACKWARD_DEF)?;
    add_type(module, &tuplegetter::DEF)?;
    ordereddict_views::ready()?;
    add_type(module, &ordereddict::DEF)?;
    defaultdict::ready(module)
}
