//! `_struct`: bytes from and to values, by formats.

mod format;
mod functions;
mod item;
mod iter;

use skein_object::error::Result;
use skein_object::layouts::ExceptionBody;
use skein_object::native::ModuleDef;
use skein_object::types::{Type, flag};
use skein_object::{Context, Payload, Ref, statics as s};
use skein_stdlib_support::{add_type, ready_once};
use skein_types::startup::TypeDef;

pub static MODULE: ModuleDef = ModuleDef {
    name: "_struct",
    doc: "Functions to convert between Python values and C structs.\nPython bytes objects are used to hold the data representing the C struct\nand also as format strings (explained below) to describe the layout of data\nin the C struct.\n",
    functions: functions::FUNCTIONS,
    init,
};

pub static ERROR: Type = Type::declare(
    "struct.error",
    Some(&s::EXCEPTION),
    <ExceptionBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

#[cold]
fn error(message: impl Into<String>) -> skein_object::Error {
    skein_object::error::raise(&ERROR, message)
}

fn init(_: &Context, module: &Ref) -> Result<()> {
    add_type(module, &TypeDef::new(&ERROR))?;
    ready_once(&iter::DEF)?;
    ready_once(&functions::PARSED_DEF)?;
    add_type(module, &functions::DEF)
}
