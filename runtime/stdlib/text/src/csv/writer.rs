//! `writer`.

use super::dialect::{self, DialectBody};
use super::error;
use skein_object::error::{Result, type_error};
use skein_object::intern::names;
use skein_object::layouts::{StrBody, number, str};
use skein_object::object::{RefExt, alloc};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::body;
use skein_text::{StrBuf, StrView};
use skein_types::startup::{GetSet, TypeDef, member};

pub struct WriterBody {
    write: Ref,
    dialect: Ref,
}
payload!(WriterBody, "_csv.writer", |this, v| {
    v.reference(&this.write);
    v.reference(&this.dialect);
});

pub static WRITER: Type = Type::declare(
    "_csv.writer",
    Some(&s::OBJECT),
    <WriterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn make(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let write = match protocol::getattr_opt(cx, a.at(0), names::write())? {
        Some(w) if protocol::is_callable(&w) => w,
        _ => return Err(type_error("argument 1 must have a \"write\" method")),
    };
    alloc(
        &WRITER,
        WriterBody {
            write,
            dialect: dialect::build(cx, a.opt(1), a.at(2))?,
        },
    )
}

/// Writes a field; `quoted` says that it is to be quoted in any case.
fn field(
    out: &mut StrBuf,
    d: &DialectBody,
    text: StrView<'_>,
    mut quoted: bool,
    terminator: StrView<'_>,
) -> Result<()> {
    let mut body = StrBuf::new();
    for c in text.iter() {
        let special = c == d.delimiter
            || Some(c) == d.escape
            || Some(c) == d.quote
            || c == 0x0a
            || c == 0x0d
            || terminator.iter().any(|t| t == c);
        if special {
            let mut escape = false;
            if d.quoting == dialect::NONE {
                escape = true;
            } else {
                if Some(c) == d.quote {
                    if d.double_quote {
                        body.push(c);
                    } else {
                        escape = true;
                    }
                } else if Some(c) == d.escape {
                    escape = true;
                }
                if !escape {
                    quoted = true;
                }
            }
            if escape {
                match d.escape {
                    Some(e) => body.push(e),
                    // Without quoting, a quote character is nothing special.
                    None if d.quoting == dialect::NONE && d.quote.is_none() && c == 0x22 => {}
                    None => return Err(error("need to escape, but no escapechar set")),
                }
            }
        }
        body.push(c);
    }
    // A space would be taken away by the reader.
    if d.quoting != dialect::NONE && text.is_empty() && d.delimiter == 0x20 && d.skip_space {
        quoted = true;
    }
    let quote = d.quote.filter(|_| quoted && d.quoting != dialect::NONE);
    if let Some(q) = quote {
        out.push(q);
    }
    out.push_view(body.view());
    if let Some(q) = quote {
        out.push(q);
    }
    Ok(())
}

fn row_text(cx: &Context, d: &DialectBody, row: &Ref) -> Result<Ref> {
    let it = protocol::iter(cx, row).map_err(|e| {
        if e.is(&s::TYPE_ERROR) {
            error(format!("iterable expected, not {}", row.ty().name()))
        } else {
            e
        }
    })?;
    let Some(terminator) = d.terminator.body::<StrBody>().map(StrBody::view) else {
        return Err(error("lineterminator"));
    };
    let mut out = StrBuf::new();
    let mut n = 0usize;
    let mut only_null = false;
    while let Some(x) = protocol::next(cx, &it)? {
        if n > 0 {
            out.push(d.delimiter);
        }
        n += 1;
        let null = s::is_none(&x);
        let text = if null {
            s::empty_str()
        } else if let Some(f) = number::float_value(&x).filter(|_| x.is_exact(&s::FLOAT)) {
            protocol::repr(cx, &number::float(f)?)?
        } else {
            protocol::str_of(cx, &x)?
        };
        let quoted = match d.quoting {
            dialect::ALL => true,
            dialect::NONNUMERIC => {
                number::int_value(&x).is_none()
                    && number::float_value(&x).is_none()
                    && !x.ty().slots.float.is_set()
                    && !x.ty().slots.index.is_set()
            }
            dialect::STRINGS => str::is_str(&x),
            dialect::NOTNULL => !null,
            _ => false,
        };
        let Some(t) = text.body::<StrBody>() else {
            continue;
        };
        only_null = n == 1 && t.is_empty();
        let skipping = d.delimiter == 0x20 && d.skip_space;
        field(&mut out, d, t.view(), quoted || null && skipping, terminator)?;
    }
    if n == 1 && only_null && out.is_empty() {
        if d.quoting == dialect::NONE {
            return Err(error("single empty field record must be quoted"));
        }
        if let Some(q) = d.quote {
            out.push(q);
            out.push(q);
        }
    }
    out.push_view(terminator);
    str::from_buf(out)
}

fn writerow(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<WriterBody>(a.at(0))?;
    let text = row_text(cx, dialect::of(&b.dialect)?, a.at(1))?;
    protocol::call1(cx, &b.write, &text)
}

fn writerows(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let it = protocol::iter(cx, a.at(1))?;
    let b = body::<WriterBody>(a.at(0))?;
    while let Some(row) = protocol::next(cx, &it)? {
        let text = row_text(cx, dialect::of(&b.dialect)?, &row)?;
        protocol::call1(cx, &b.write, &text)?;
    }
    Ok(s::none())
}

static METHODS: &[Row] = &[
    row!(
        "writerow(self, row, /)",
        writerow,
        "Construct and write a CSV record from an iterable of fields.\n\nNon-string elements will be converted to string."
    ),
    row!(
        "writerows(self, rows, /)",
        writerows,
        "Construct and write a series of iterables to a csv file.\n\nNon-string elements will be converted to string."
    ),
];

static GETSET: &[GetSet] = &[member("dialect", |_, r| Ok(body::<WriterBody>(r)?.dialect.clone()))];

pub static DEF: TypeDef = TypeDef {
    methods: METHODS,
    getset: GETSET,
    doc: "CSV writer\n\nWriter objects are responsible for generating tabular data\nin CSV format from sequence input.",
    ..TypeDef::new(&WRITER)
};
