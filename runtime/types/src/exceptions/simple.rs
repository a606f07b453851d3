//! Exceptions with a few fields: StopIteration, SystemExit, KeyError, ImportError, NameError, AttributeError.

use super::base::{self, args_of, body, split};
use crate::exception_field;
use crate::startup::{GetSet, TypeDef};
use skein_object::error::{Result, type_error};
use skein_object::layouts::exception as fields;
use skein_object::native::Row;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol;
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::{Args, Context, Ref, dict, row, str, tuple};

fn set(r: &Ref, i: usize, value: Option<Ref>) -> Result<()> {
    body(r)?.set_field(r.holder(), i, value);
    Ok(())
}

fn stop_init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    base::init(cx, r, args, names)?;
    set(r, fields::STOP_VALUE, args.first().cloned())?;
    Ok(s::none())
}

fn exit_init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    base::init(cx, r, args, names)?;
    let code = match args {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(args_of(r)?),
    };
    set(r, fields::EXIT_CODE, code)?;
    Ok(s::none())
}

fn key_str(cx: &Context, r: &Ref) -> Result<Ref> {
    let args = args_of(r)?;
    match tuple::items(&args) {
        Some([one]) => protocol::repr(cx, one),
        _ => base::str_(cx, r),
    }
}

/// Takes keyword arguments into fields.
fn keywords(r: &Ref, class: &str, keys: &[Ref], values: &[Ref], wanted: &[(&str, usize)]) -> Result<()> {
    for (_, i) in wanted {
        set(r, *i, None)?;
    }
    for (k, v) in keys.iter().zip(values) {
        let text = str::text(k);
        match wanted.iter().find(|(n, _)| *n == text) {
            Some((_, i)) => set(r, *i, Some(v.clone()))?,
            None => {
                return Err(type_error(format!(
                    "{class}() got an unexpected keyword argument '{text}'"
                )));
            }
        }
    }
    Ok(())
}

fn name_init(_: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, keys, values) = split(args, names);
    base::set_args(r, positional)?;
    if !keys.is_empty() {
        keywords(r, "NameError", keys, values, &[("name", fields::NAME_NAME)])?;
    }
    Ok(s::none())
}

fn attribute_init(_: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, keys, values) = split(args, names);
    base::set_args(r, positional)?;
    if !keys.is_empty() {
        keywords(
            r,
            "AttributeError",
            keys,
            values,
            &[("name", fields::ATTRIBUTE_NAME), ("obj", fields::ATTRIBUTE_OBJ)],
        )?;
    }
    Ok(s::none())
}

fn import_init(_: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, keys, values) = split(args, names);
    base::set_args(r, positional)?;
    keywords(
        r,
        "ImportError",
        keys,
        values,
        &[
            ("name", fields::IMPORT_NAME),
            ("path", fields::IMPORT_PATH),
            ("name_from", fields::IMPORT_NAME_FROM),
        ],
    )?;
    let msg = match positional {
        [one] => Some(one.clone()),
        _ => None,
    };
    set(r, fields::IMPORT_MSG, msg)?;
    Ok(s::none())
}

fn import_str(cx: &Context, r: &Ref) -> Result<Ref> {
    match body(r)?.field(fields::IMPORT_MSG) {
        Some(m) if m.is_exact(&s::STR) => Ok(m),
        _ => base::str_(cx, r),
    }
}

/// The dict with some fields added.
fn state(r: &Ref, wanted: &[(&str, usize)]) -> Result<Ref> {
    let d = dict::new()?;
    for (k, v) in dict::entries(&base::instance_dict(r)?) {
        dict::set_name(&d, &k, v)?;
    }
    for (n, i) in wanted {
        if let Some(v) = body(r)?.field(*i) {
            dict::set_str(&d, n, v)?;
        }
    }
    Ok(d)
}

fn import_reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let d = state(
        r,
        &[
            ("name", fields::IMPORT_NAME),
            ("path", fields::IMPORT_PATH),
            ("name_from", fields::IMPORT_NAME_FROM),
        ],
    )?;
    let mut parts = vec![type_of(r).object(), args_of(r)?];
    if !dict::entries(&d).is_empty() {
        parts.push(d);
    }
    tuple::new(parts)
}

fn attribute_getstate(_: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let d = state(r, &[("name", fields::ATTRIBUTE_NAME)])?;
    dict::set_str(&d, "args", args_of(r)?)?;
    Ok(d)
}

fn attribute_reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    tuple::new(vec![
        type_of(a.at(0)).object(),
        args_of(a.at(0))?,
        attribute_getstate(cx, a)?,
    ])
}

static STOP: &[GetSet] = &[exception_field!("value", fields::STOP_VALUE).doc("generator return value")];
static EXIT: &[GetSet] = &[exception_field!("code", fields::EXIT_CODE).doc("exception code")];
static NAME: &[GetSet] = &[exception_field!("name", fields::NAME_NAME).doc("name")];
static ATTRIBUTE: &[GetSet] = &[
    exception_field!("name", fields::ATTRIBUTE_NAME).doc("attribute name"),
    exception_field!("obj", fields::ATTRIBUTE_OBJ).doc("object"),
];
static IMPORT: &[GetSet] = &[
    exception_field!("msg", fields::IMPORT_MSG).doc("exception message"),
    exception_field!("name", fields::IMPORT_NAME).doc("module name"),
    exception_field!("path", fields::IMPORT_PATH).doc("module path"),
    exception_field!("name_from", fields::IMPORT_NAME_FROM).doc("name imported from module"),
];
static IMPORT_METHODS: &[Row] = &[row!("__reduce__(self, /)", import_reduce, "")];
static ATTRIBUTE_METHODS: &[Row] = &[
    row!("__getstate__(self, /)", attribute_getstate, ""),
    row!("__reduce__(self, /)", attribute_reduce, ""),
];

pub(super) fn define(d: &mut TypeDef) {
    match d.ty.name() {
        "StopIteration" => {
            d.slots = |t: &Slots| t.init.set(Some(stop_init));
            d.getset = STOP;
        }
        "SystemExit" => {
            d.slots = |t: &Slots| t.init.set(Some(exit_init));
            d.getset = EXIT;
        }
        "KeyError" => d.slots = |t: &Slots| t.str.set(Some(key_str)),
        "NameError" => {
            d.slots = |t: &Slots| t.init.set(Some(name_init));
            d.getset = NAME;
        }
        "AttributeError" => {
            d.slots = |t: &Slots| t.init.set(Some(attribute_init));
            d.getset = ATTRIBUTE;
            d.methods = ATTRIBUTE_METHODS;
        }
        "ImportError" => {
            d.slots = |t: &Slots| {
                t.init.set(Some(import_init));
                t.str.set(Some(import_str));
            };
            d.getset = IMPORT;
            d.methods = IMPORT_METHODS;
        }
        _ => {}
    }
}
