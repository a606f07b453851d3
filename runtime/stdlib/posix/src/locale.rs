//! `_locale`.

use crate::{add_ints, ints, sys};
use skein_object::error::{Result, value_error};
use skein_object::native::{Args, ModuleDef, Row};
use skein_object::object::{Payload, RefExt};
use skein_object::slots::CompareOp;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, StrBody, dict, list, number, protocol, row, statics as s, str};
use skein_stdlib_os::{arg, path};
use skein_types::startup::{TypeDef, ready_type};

pub static LOCALE: ModuleDef = ModuleDef {
    name: "_locale",
    doc: "Support for POSIX locales.",
    functions: FUNCTIONS,
    init,
};

pub static ERROR: Type = Type::declare(
    "locale.Error",
    Some(&s::EXCEPTION),
    <skein_object::ExceptionBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

static FUNCTIONS: &[Row] = &[
    row!(
        "setlocale(category, locale=None, /)",
        setlocale,
        "Activates/queries locale processing."
    ),
    row!(
        "localeconv()",
        localeconv,
        "Returns numeric and monetary locale-specific parameters."
    ),
    row!(
        "nl_langinfo(key, /)",
        nl_langinfo,
        "Return the value for the locale information associated with key."
    ),
    row!(
        "strcoll(os1, os2, /)",
        strcoll,
        "Compares two strings according to the locale."
    ),
    row!(
        "strxfrm(string, /)",
        |_, a| {
            arg::text(a.at(0), "strxfrm", "1")?;
            Ok(a.at(0).clone())
        },
        ""
    ),
    row!(
        "getencoding()",
        |_, _| str::from_str("utf-8"),
        "Get the current locale encoding."
    ),
];

fn setlocale(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let category = arg::int(cx, a.at(0))?;
    let name = match a.opt_not_none(1) {
        Some(n) => {
            arg::text(n, "setlocale", "2")?;
            Some(path::fs_cstring(cx, n)?)
        }
        None => None,
    };
    match sys::setlocale(category, name.as_deref()) {
        Some(b) => path::decode(&b),
        None if name.is_some() => Err(skein_object::error::raise(
            &ERROR,
            "unsupported locale setting",
        )),
        None => Err(skein_object::error::raise(&ERROR, "locale query failed")),
    }
}

fn localeconv(_: &Context, _: Args<'_>) -> Result<Ref> {
    // As the C locale has it; numbers are formatted without the C library.
    let d = dict::new()?;
    for (name, text) in [
        ("decimal_point", "."),
        ("thousands_sep", ""),
        ("int_curr_symbol", ""),
        ("currency_symbol", ""),
        ("mon_decimal_point", ""),
        ("mon_thousands_sep", ""),
        ("positive_sign", ""),
        ("negative_sign", ""),
    ] {
        dict::set_str(&d, name, str::from_str(text)?)?;
    }
    for name in ["grouping", "mon_grouping"] {
        dict::set_str(&d, name, list::new(Vec::new())?)?;
    }
    for name in [
        "int_frac_digits",
        "frac_digits",
        "p_cs_precedes",
        "p_sep_by_space",
        "n_cs_precedes",
        "n_sep_by_space",
        "p_sign_posn",
        "n_sign_posn",
    ] {
        dict::set_str(&d, name, Ref::small(127))?;
    }
    Ok(d)
}

fn nl_langinfo(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let key = arg::int(cx, a.at(0))?;
    if !ITEMS.iter().any(|(_, n)| *n == i64::from(key)) {
        return Err(value_error("unsupported langinfo constant"));
    }
    path::decode(&sys::nl_langinfo(key))
}

fn strcoll(cx: &Context, a: Args<'_>) -> Result<Ref> {
    for i in 0..2 {
        if a.at(i).body::<StrBody>().is_none() {
            return Err(skein_object::error::type_error(format!(
                "strcoll() argument {} must be str, not {}",
                i + 1,
                a.at(i).ty().name()
            )));
        }
    }
    if protocol::equal(cx, a.at(0), a.at(1))? {
        return Ok(Ref::small(0));
    }
    let less = protocol::compare::compare_bool(cx, a.at(0), a.at(1), CompareOp::Lt)?;
    number::int(if less { -1 } else { 1 })
}

static ITEMS: &[(&str, i64)] = ints![
    CODESET,
    D_T_FMT,
    D_FMT,
    T_FMT,
    T_FMT_AMPM,
    AM_STR,
    PM_STR,
    DAY_1,
    DAY_2,
    DAY_3,
    DAY_4,
    DAY_5,
    DAY_6,
    DAY_7,
    ABDAY_1,
    ABDAY_2,
    ABDAY_3,
    ABDAY_4,
    ABDAY_5,
    ABDAY_6,
    ABDAY_7,
    MON_1,
    MON_2,
    MON_3,
    MON_4,
    MON_5,
    MON_6,
    MON_7,
    MON_8,
    MON_9,
    MON_10,
    MON_11,
    MON_12,
    ABMON_1,
    ABMON_2,
    ABMON_3,
    ABMON_4,
    ABMON_5,
    ABMON_6,
    ABMON_7,
    ABMON_8,
    ABMON_9,
    ABMON_10,
    ABMON_11,
    ABMON_12,
    RADIXCHAR,
    THOUSEP,
    YESEXPR,
    NOEXPR,
    CRNCYSTR,
    ERA,
    ERA_D_T_FMT,
    ERA_D_FMT,
    ERA_T_FMT,
    ALT_DIGITS,
];

fn init(_: &Context, d: &Ref) -> Result<()> {
    if !ERROR.has(flag::READY) {
        ready_type(&TypeDef::new(&ERROR))?;
    }
    dict::set_str(d, "Error", ERROR.object())?;
    add_ints(
        d,
        ints![
            LC_CTYPE,
            LC_NUMERIC,
            LC_TIME,
            LC_COLLATE,
            LC_MONETARY,
            LC_MESSAGES,
            LC_ALL
        ],
    )?;
    add_ints(d, ITEMS)?;
    add_ints(d, &[("CHAR_MAX", 127)])
}
