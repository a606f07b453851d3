//! `_sre`: regular expressions, over the engine of the `rustpython-sre_engine` crate.
//!
//! A pattern never changes, so threads share it without a lock; what a match needs is on the stack of its thread.

mod matches;
mod pattern;
mod run;
mod scanner;
mod subject;
mod substitute;
mod template;
mod validate;
mod wide;

use rustpython_sre_engine::string::{lower_ascii, lower_unicode};
use skein_object::error::{Result, overflow_error, type_error};
use skein_object::layouts::{ListBody, dict, list, number, str, tuple};
use skein_object::native::ModuleDef;
use skein_object::object::{RefExt, alloc};
use skein_object::{Args, Context, Ref, Row, protocol, row, statics as s};
use skein_stdlib_support::{body, c_int, ready_once, ssize};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_sre",
    doc: "",
    functions: FUNCTIONS,
    init,
};

static FUNCTIONS: &[Row] = &[
    row!(
        "compile(pattern, flags, code, groups, groupindex, indexgroup)",
        compile,
        ""
    ),
    row!(
        "template(pattern, template, /)",
        template_,
        "template\n    A list containing interleaved literal strings (str or bytes) and group\n    indices (int), as returned by re._parser.parse_template():\n        literal1, group1, ..., literalN, groupN"
    ),
    row!("getcodesize()", getcodesize, ""),
    row!("ascii_iscased(character, /)", ascii_iscased, ""),
    row!("unicode_iscased(character, /)", unicode_iscased, ""),
    row!("ascii_tolower(character, /)", ascii_tolower, ""),
    row!("unicode_tolower(character, /)", unicode_tolower, ""),
];

fn init(_: &Context, module: &Ref) -> Result<()> {
    ready_once(&pattern::DEF)?;
    ready_once(&matches::DEF)?;
    ready_once(&scanner::DEF)?;
    ready_once(&template::DEF)?;
    for (name, n) in [
        ("MAGIC", rustpython_sre_engine::SRE_MAGIC as i64),
        ("CODESIZE", rustpython_sre_engine::CODESIZE as i64),
        ("MAXREPEAT", rustpython_sre_engine::MAXREPEAT as i64),
        ("MAXGROUPS", 1_073_741_823),
    ] {
        dict::set_str(module, name, number::int(n)?)?;
    }
    dict::set_str(
        module,
        "copyright",
        str::from_str(" SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB ")?,
    )
}

fn getcodesize(_: &Context, _: Args<'_>) -> Result<Ref> {
    number::int(rustpython_sre_engine::CODESIZE as i64)
}

fn character(cx: &Context, a: Args<'_>) -> Result<u32> {
    Ok(c_int(cx, a.at(0))? as u32)
}

fn ascii_iscased(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let c = character(cx, a)?;
    Ok(number::bool(u8::try_from(c).is_ok_and(|c| c.is_ascii_alphabetic())))
}

fn unicode_iscased(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let c = character(cx, a)?;
    // The first character of an upper case that has several counts too.
    let upper = char::from_u32(c)
        .and_then(|c| c.to_uppercase().next())
        .map_or(c, u32::from);
    Ok(number::bool(lower_unicode(c) != c || upper != c))
}

fn ascii_tolower(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::int(i64::from(lower_ascii(character(cx, a)?)))
}

fn unicode_tolower(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::int(i64::from(lower_unicode(character(cx, a)?)))
}

fn compile(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(code) = a.at(2).body::<ListBody>() else {
        return Err(type_error(format!(
            "compile() argument 'code' must be list, not {}",
            a.at(2).ty().name()
        )));
    };
    let mut codes = Vec::new();
    for r in list::snapshot(code) {
        let i = protocol::index(cx, &r)?;
        match number::int_value(&i)
            .and_then(|v| v.to_i64())
            .and_then(|n| u32::try_from(n).ok())
        {
            Some(c) => codes.push(c),
            None => {
                return Err(overflow_error("regular expression code size limit exceeded"));
            }
        }
    }
    if codes.is_empty() {
        return Err(skein_object::error::runtime_error("invalid SRE code"));
    }
    let groups =
        usize::try_from(ssize(cx, a.at(3))?).map_err(|_| skein_object::error::runtime_error("invalid SRE code"))?;
    if !validate::is_valid(cx, &codes, groups) {
        return Err(skein_object::error::runtime_error("invalid SRE code"));
    }
    if !a.at(4).is_instance(&s::DICT) || tuple::items(a.at(5)).is_none() {
        return Err(type_error("compile() wants a dict and a tuple of groups"));
    }
    let source = a.at(0);
    let of_bytes = if s::is_none(source) {
        None
    } else {
        Some(!str::is_str(source))
    };
    alloc(
        &pattern::PATTERN,
        pattern::PatternBody {
            source: source.clone(),
            flags: ssize(cx, a.at(1))?,
            codes: codes.into_boxed_slice(),
            groups,
            group_index: a.at(4).clone(),
            index_group: a.at(5).clone(),
            of_bytes,
        },
    )
}

fn template_(_: &Context, a: Args<'_>) -> Result<Ref> {
    let groups = body::<pattern::PatternBody>(a.at(0))?.groups;
    let Some(parts) = a.at(1).body::<ListBody>() else {
        return Err(type_error(format!(
            "template() argument 2 must be list, not {}",
            a.at(1).ty().name()
        )));
    };
    template::make(list::snapshot(parts), groups)
}
