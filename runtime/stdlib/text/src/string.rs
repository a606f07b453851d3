//! `_string`: what `string.Formatter` is made of.

use skein_object::error::{Result, type_error};
use skein_object::layouts::{StrBody, list, number, str};
use skein_object::native::ModuleDef;
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, protocol, row, statics as s};
use skein_stdlib_support::pack;
use skein_text::StrView;
use skein_text::format::template::{First, Parser, Step, split_field_name};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_string",
    doc: "string helper module",
    functions: &[
        row!(
            "formatter_field_name_split(field_name, /)",
            field_name_split,
            "split the argument as a field name"
        ),
        row!(
            "formatter_parser(format_string, /)",
            parser,
            "parse the argument as a format string"
        ),
    ],
    init: |_, _| Ok(()),
};

fn text(r: &Ref) -> Result<&StrBody> {
    r.body::<StrBody>()
        .ok_or_else(|| type_error(format!("expected str, got {}", r.ty().name())))
}

fn part(v: StrView<'_>) -> Result<Ref> {
    str::new_narrowed(v)
}

fn parser(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let view = text(a.at(0))?.view();
    let mut out = Vec::new();
    for markup in Parser::new(view) {
        let m = markup?;
        let literal = part(view.slice(m.literal))?;
        out.push(match m.field {
            None => pack([literal, s::none(), s::none(), s::none()])?,
            Some(f) => {
                let conversion = match f.conversion {
                    Some(c) => str::from_char(c)?,
                    None => s::none(),
                };
                pack([
                    literal,
                    part(view.slice(f.name))?,
                    part(view.slice(f.spec))?,
                    conversion,
                ])?
            }
        });
    }
    protocol::iter(cx, &list::new(out)?)
}

fn field_name_split(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (first, steps) = split_field_name(text(a.at(0))?.view())?;
    let first = match first {
        First::Empty => s::empty_str(),
        First::Index(n) => number::int_from_usize(n)?,
        First::Name(n) => part(n)?,
    };
    let mut rest = Vec::new();
    for step in steps {
        rest.push(match step? {
            Step::Attr(n) => pack([s::true_(), part(n)?])?,
            Step::Index(n) => pack([s::false_(), number::int_from_usize(n)?])?,
            Step::Key(n) => pack([s::false_(), part(n)?])?,
        });
    }
    let it = protocol::iter(cx, &list::new(rest)?)?;
    pack([first, it])
}
