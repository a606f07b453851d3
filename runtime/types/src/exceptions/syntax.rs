//! SyntaxError.

use super::base::{self, body, split};
use crate::exception_field;
use crate::startup::{GetSet, TypeDef};
use skein_object::error::{Result, type_error};
use skein_object::layouts::exception as fields;
use skein_object::object::RefExt;
use skein_object::protocol;
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::{Context, Ref, number, str};

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, keys, _) = split(args, names);
    if !keys.is_empty() {
        return Err(base::no_keywords(r));
    }
    base::set_args(r, positional)?;
    let b = body(r)?;
    let h = r.holder();
    if let Some(m) = positional.first() {
        b.set_field(h, fields::SYNTAX_MSG, Some(m.clone()));
    }
    if let [_, info] = positional {
        let info = protocol::collect(cx, info)?;
        if info.len() < 4 {
            return Err(type_error(format!(
                "function takes at least 4 arguments ({} given)",
                info.len()
            )));
        }
        if info.len() > 7 {
            return Err(type_error(format!(
                "function takes at most 7 arguments ({} given)",
                info.len()
            )));
        }
        let places = [
            fields::SYNTAX_FILENAME,
            fields::SYNTAX_LINENO,
            fields::SYNTAX_OFFSET,
            fields::SYNTAX_TEXT,
            fields::SYNTAX_END_LINENO,
            fields::SYNTAX_END_OFFSET,
            fields::SYNTAX_METADATA,
        ];
        for (i, place) in places.into_iter().enumerate() {
            b.set_field(h, place, info.get(i).cloned());
        }
        if info.len() == 5 {
            return Err(type_error("end_offset must be provided when end_lineno is provided"));
        }
    }
    Ok(s::none())
}

fn str_(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let message = str::text(&protocol::str_of(
        cx,
        &b.field(fields::SYNTAX_MSG).unwrap_or_else(s::none),
    )?);
    let file = b.field(fields::SYNTAX_FILENAME).filter(str::is_str).map(|f| {
        let t = str::text(&f);
        t.rsplit('/').next().unwrap_or(&t).to_owned()
    });
    let line = b
        .field(fields::SYNTAX_LINENO)
        .filter(|l| l.is_exact(&s::INT))
        .and_then(|l| number::int_value(&l).and_then(|v| v.to_i64()));
    str::from_str(&match (file, line) {
        (Some(f), Some(l)) => format!("{message} ({f}, line {l})"),
        (Some(f), None) => format!("{message} ({f})"),
        (None, Some(l)) => format!("{message} (line {l})"),
        (None, None) => message,
    })
}

static GETSET: &[GetSet] = &[
    exception_field!("msg", fields::SYNTAX_MSG).doc("exception msg"),
    exception_field!("filename", fields::SYNTAX_FILENAME).doc("exception filename"),
    exception_field!("lineno", fields::SYNTAX_LINENO).doc("exception lineno"),
    exception_field!("offset", fields::SYNTAX_OFFSET).doc("exception offset"),
    exception_field!("text", fields::SYNTAX_TEXT).doc("exception text"),
    exception_field!("end_lineno", fields::SYNTAX_END_LINENO).doc("exception end lineno"),
    exception_field!("end_offset", fields::SYNTAX_END_OFFSET).doc("exception end offset"),
    exception_field!("print_file_and_line", fields::SYNTAX_PRINT_FILE_AND_LINE).doc("exception print_file_and_line"),
    exception_field!("_metadata", fields::SYNTAX_METADATA).doc("exception private metadata"),
];

pub(super) fn define(d: &mut TypeDef) {
    if d.ty.name() == "SyntaxError" {
        d.slots = |t: &Slots| {
            t.init.set(Some(init));
            t.str.set(Some(str_));
        };
        d.getset = GETSET;
    }
}
