//! `_string`: what `string.Formatter` needs.

use skein_object::error::{Result, type_error};
use skein_object::layouts::number;
use skein_object::native::{ModuleDef, Row};
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, list, protocol, row, str, tuple};
use skein_types::str_::template;

/// `_string`.
pub static STRING: ModuleDef = ModuleDef {
    name: "_string",
    doc: "string helper module",
    functions: FUNCTIONS,
    init,
};

static FUNCTIONS: &[Row] = &[
    row!(
        "formatter_parser(format_string, /)",
        formatter_parser,
        "parse the argument as a format string"
    ),
    row!(
        "formatter_field_name_split(field_name, /)",
        formatter_field_name_split,
        "split the argument as a field name"
    ),
];

fn init(_: &Context, _: &Ref) -> Result<()> {
    Ok(())
}

fn check(r: &Ref) -> Result<()> {
    if str::is_str(r) {
        Ok(())
    } else {
        Err(type_error(format!("expected str, got {}", r.ty().name())))
    }
}

/// An iterator over a list made for it.
fn iterator(cx: &Context, items: Vec<Ref>) -> Result<Ref> {
    protocol::iter(cx, &list::new(items)?)
}

fn formatter_parser(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check(a.at(0))?;
    let pieces = template::parse(a.at(0))?;
    let items = pieces
        .into_iter()
        .map(|p| tuple::new(p.into()))
        .collect::<Result<Vec<Ref>>>()?;
    iterator(cx, items)
}

fn formatter_field_name_split(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check(a.at(0))?;
    let (first, steps) = template::split_name(a.at(0))?;
    let items = steps
        .into_iter()
        .map(|(is_attr, name)| tuple::new(vec![number::bool(is_attr), name]))
        .collect::<Result<Vec<Ref>>>()?;
    tuple::new(vec![first, iterator(cx, items)?])
}
