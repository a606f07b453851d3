//! `Dialect`: the parameters of a format.

use super::named;
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::{StrBody, dict, number, str};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, intern, payload, protocol, row, statics as s};
use skein_stdlib_support::{bind, body, class_of};
use skein_types::startup::{GetSet, TypeDef, getset, member};

pub const MINIMAL: i64 = 0;
pub const ALL: i64 = 1;
pub const NONNUMERIC: i64 = 2;
pub const NONE: i64 = 3;
pub const STRINGS: i64 = 4;
pub const NOTNULL: i64 = 5;

pub struct DialectBody {
    pub delimiter: u32,
    pub quote: Option<u32>,
    pub escape: Option<u32>,
    pub double_quote: bool,
    pub skip_space: bool,
    pub strict: bool,
    pub quoting: i64,
    pub terminator: Ref,
}
payload!(DialectBody, "_csv.Dialect", |this, v| { v.reference(&this.terminator) });

pub static DIALECT: Type = Type::declare(
    "_csv.Dialect",
    Some(&s::OBJECT),
    <DialectBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

pub fn of(r: &Ref) -> Result<&DialectBody> {
    body::<DialectBody>(r)
}

static NEW: Row = row!(
    "Dialect(cls, dialect=None, delimiter=',', doublequote=True, escapechar=None, lineterminator='\\r\\n', quotechar='\"', quoting=0, skipinitialspace=False, strict=False)",
    new_row,
    ""
);

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW, class, args, names)
}

fn char_of(r: &Ref, name: &str, optional: bool) -> Result<Option<u32>> {
    if optional && s::is_none(r) {
        return Ok(None);
    }
    let or = if optional { " or None" } else { "" };
    match r.body::<StrBody>() {
        Some(b) if b.len() == 1 => Ok(b.view().get(0)),
        Some(b) => Err(type_error(format!(
            "\"{name}\" must be a unicode character{or}, not a string of length {}",
            b.len()
        ))),
        None => Err(type_error(format!(
            "\"{name}\" must be a unicode character{or}, not {}",
            r.ty().name()
        ))),
    }
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut base = a.opt_not_none(1).cloned();
    if let Some(b) = &base
        && str::is_str(b)
    {
        base = Some(named(b)?);
    }
    let given_any = (2..=9).any(|i| a.opt(i).is_some());
    if let Some(b) = &base
        && b.is_exact(&DIALECT)
        && !given_any
        && a.at(0).is(&DIALECT.object())
    {
        return Ok(b.clone());
    }
    let get = |i: usize, name: &str| -> Result<Option<Ref>> {
        match (a.opt(i), &base) {
            (Some(r), _) => Ok(Some(r.clone())),
            (None, Some(b)) => protocol::getattr_opt(cx, b, &intern::name(name)),
            (None, None) => Ok(None),
        }
    };
    let truth = |i, name: &str, default| match get(i, name)? {
        Some(r) => protocol::is_true(cx, &r),
        None => Ok(default),
    };
    let delimiter = match get(2, "delimiter")? {
        Some(r) => char_of(&r, "delimiter", false)?.unwrap_or(0x2c),
        None => 0x2c,
    };
    let double_quote = truth(3, "doublequote", true)?;
    let escape = match get(4, "escapechar")? {
        Some(r) => char_of(&r, "escapechar", true)?,
        None => None,
    };
    let terminator = match get(5, "lineterminator")? {
        Some(r) if str::is_str(&r) => r,
        Some(r) => {
            return Err(type_error(format!(
                "\"lineterminator\" must be a string, not {}",
                r.ty().name()
            )));
        }
        None => str::from_str("\r\n")?,
    };
    let quote_given = get(6, "quotechar")?;
    let quote = match &quote_given {
        Some(r) => char_of(r, "quotechar", true)?,
        None => Some(0x22),
    };
    let quoting_given = get(7, "quoting")?;
    let mut quoting = match &quoting_given {
        None => MINIMAL,
        Some(r) => {
            if !r.is_exact(&s::INT) {
                return Err(type_error(format!(
                    "\"quoting\" must be an integer, not {}",
                    r.ty().name()
                )));
            }
            r.as_int()
                .filter(|n| (0..=5).contains(n))
                .ok_or_else(|| type_error("bad \"quoting\" value"))?
        }
    };
    let skip_space = truth(8, "skipinitialspace", false)?;
    let strict = truth(9, "strict", false)?;
    if quote.is_none() && quote_given.is_some() && quoting_given.is_none() {
        quoting = NONE;
    }
    if quoting != NONE && quote.is_none() {
        return Err(type_error("quotechar must be set if quoting enabled"));
    }
    let bad = |c: Option<u32>, name: &str, space_too: bool| match c {
        Some(0x0a | 0x0d) => Err(value_error(format!("bad {name} value"))),
        Some(0x20) if space_too && skip_space => Err(value_error(format!("bad {name} value"))),
        _ => Ok(()),
    };
    bad(Some(delimiter), "delimiter", false)?;
    bad(escape, "escapechar", true)?;
    bad(quote, "quotechar", true)?;
    let clash = |x: Option<u32>, y: Option<u32>, names: &str| {
        if x.is_some() && x == y {
            Err(value_error(format!("bad {names} value")))
        } else {
            Ok(())
        }
    };
    clash(Some(delimiter), escape, "delimiter or escapechar")?;
    clash(Some(delimiter), quote, "delimiter or quotechar")?;
    clash(escape, quote, "escapechar or quotechar")?;
    alloc(
        class_of(a.at(0))?,
        DialectBody {
            delimiter,
            quote,
            escape,
            double_quote,
            skip_space,
            strict,
            quoting,
            terminator,
        },
    )
}

/// A dialect from a base (or its name) and a dict of parameters.
pub fn build(cx: &Context, base: Option<&Ref>, params: &Ref) -> Result<Ref> {
    let mut args = vec![base.cloned().unwrap_or_else(s::none)];
    let mut names = Vec::new();
    for (k, v) in dict::entries(params) {
        names.push(k);
        args.push(v);
    }
    let class = DIALECT.object();
    if names.is_empty() {
        return protocol::call(cx, &class, &args);
    }
    protocol::call_kw(cx, &class, &args, Some(&skein_object::tuple::new(names)?))
}

fn char_ref(c: Option<u32>) -> Result<Ref> {
    c.map_or_else(|| Ok(s::none()), str::from_char)
}

fn reduce(_: &Context, _: Args<'_>) -> Result<Ref> {
    Err(type_error("cannot pickle 'Dialect' instances"))
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
}

static METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce, "raises an exception to avoid pickling"),
    row!(
        "__reduce_ex__(self, protocol, /)",
        reduce,
        "raises an exception to avoid pickling"
    ),
];

static GETSET: &[GetSet] = &[
    getset("delimiter", |_, r| char_ref(Some(of(r)?.delimiter))),
    getset("escapechar", |_, r| char_ref(of(r)?.escape)),
    getset("lineterminator", |_, r| Ok(of(r)?.terminator.clone())),
    getset("quotechar", |_, r| char_ref(of(r)?.quote)),
    getset("quoting", |_, r| number::int(of(r)?.quoting)),
    member("skipinitialspace", |_, r| Ok(number::bool(of(r)?.skip_space))),
    member("doublequote", |_, r| Ok(number::bool(of(r)?.double_quote))),
    member("strict", |_, r| Ok(number::bool(of(r)?.strict))),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    getset: GETSET,
    doc: "CSV dialect\n\nThe Dialect type records CSV dialect options.",
    ..TypeDef::new(&DIALECT)
};
