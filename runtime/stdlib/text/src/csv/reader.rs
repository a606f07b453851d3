//! `reader`.

use super::dialect::{self, DialectBody};
use super::{error, iterator, limit};
use skein_object::error::Result;
use skein_object::layouts::{StrBody, list, number, str};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, payload, protocol, statics as s};
use skein_stdlib_support::{body, itself};
use skein_text::StrBuf;
use skein_types::startup::{GetSet, TypeDef, member};
use std::sync::atomic::{AtomicI64, Ordering};

pub struct ReaderBody {
    source: Ref,
    dialect: Ref,
    lines: AtomicI64,
}
payload!(ReaderBody, "_csv.reader", |this, v| {
    v.reference(&this.source);
    v.reference(&this.dialect);
});

pub static READER: Type = Type::declare(
    "_csv.reader",
    Some(&s::OBJECT),
    <ReaderBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn make(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let source = iterator(cx, a.at(0))?;
    alloc(
        &READER,
        ReaderBody {
            source,
            dialect: dialect::build(cx, a.opt(1), a.at(2))?,
            lines: AtomicI64::new(0),
        },
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuotes,
    EscapedInQuotes,
    QuoteInQuotes,
    EatNewline,
    AfterEscapedNewline,
}

/// The record being read.
struct Record<'a> {
    d: &'a DialectBody,
    fields: Vec<Ref>,
    field: StrBuf,
    state: State,
    /// The field had no quotes.
    plain: bool,
}

/// The end of a line, among the characters.
const END: u32 = u32::MAX;

impl Record<'_> {
    fn add(&mut self, c: u32) -> Result<()> {
        if self.field.len() >= limit() {
            return Err(error(format!("field larger than field limit ({})", limit())));
        }
        self.field.push(c);
        Ok(())
    }

    fn save(&mut self, cx: &Context) -> Result<()> {
        let text = std::mem::replace(&mut self.field, StrBuf::new());
        let empty = text.is_empty();
        let mut value = str::from_buf(text)?;
        if self.plain {
            let q = self.d.quoting;
            if empty && matches!(q, dialect::NOTNULL | dialect::STRINGS) {
                value = s::none();
            } else if !empty && matches!(q, dialect::NONNUMERIC | dialect::STRINGS) {
                value = protocol::call1(cx, &s::FLOAT.object(), &value)?;
            }
        }
        self.fields.push(value);
        self.plain = true;
        Ok(())
    }

    fn newline(c: u32) -> bool {
        matches!(c, 0x0a | 0x0d | END)
    }

    fn put(&mut self, cx: &Context, c: u32) -> Result<()> {
        let quoting = self.d.quoting != dialect::NONE;
        let is_quote = quoting && Some(c) == self.d.quote;
        let is_escape = Some(c) == self.d.escape;
        match self.state {
            State::StartRecord if c == END => {}
            State::StartRecord if Record::newline(c) => self.state = State::EatNewline,
            State::StartRecord | State::StartField => {
                self.state = State::StartField;
                if Record::newline(c) {
                    self.save(cx)?;
                    self.state = if c == END {
                        State::StartRecord
                    } else {
                        State::EatNewline
                    };
                } else if is_quote {
                    self.plain = false;
                    self.state = State::InQuotes;
                } else if is_escape {
                    self.state = State::Escaped;
                } else if c == 0x20 && self.d.skip_space {
                } else if c == self.d.delimiter {
                    self.save(cx)?;
                } else {
                    self.add(c)?;
                    self.state = State::InField;
                }
            }
            State::Escaped => {
                if c == 0x0a || c == 0x0d {
                    self.add(c)?;
                    self.state = State::AfterEscapedNewline;
                } else {
                    self.add(if c == END { 0x0a } else { c })?;
                    self.state = State::InField;
                }
            }
            State::AfterEscapedNewline if c == END => {}
            State::AfterEscapedNewline | State::InField => {
                self.state = State::InField;
                if Record::newline(c) {
                    self.save(cx)?;
                    self.state = if c == END {
                        State::StartRecord
                    } else {
                        State::EatNewline
                    };
                } else if is_escape {
                    self.state = State::Escaped;
                } else if c == self.d.delimiter {
                    self.save(cx)?;
                    self.state = State::StartField;
                } else {
                    self.add(c)?;
                }
            }
            State::InQuotes => {
                if c == END {
                } else if is_escape {
                    self.state = State::EscapedInQuotes;
                } else if is_quote {
                    self.state = if self.d.double_quote {
                        State::QuoteInQuotes
                    } else {
                        State::InField
                    };
                } else {
                    self.add(c)?;
                }
            }
            State::EscapedInQuotes => {
                self.add(if c == END { 0x0a } else { c })?;
                self.state = State::InQuotes;
            }
            State::QuoteInQuotes => {
                if is_quote {
                    self.add(c)?;
                    self.state = State::InQuotes;
                } else if c == self.d.delimiter {
                    self.save(cx)?;
                    self.state = State::StartField;
                } else if Record::newline(c) {
                    self.save(cx)?;
                    self.state = if c == END {
                        State::StartRecord
                    } else {
                        State::EatNewline
                    };
                } else if !self.d.strict {
                    self.add(c)?;
                    self.state = State::InField;
                } else {
                    let shown = |c: u32| char::from_u32(c).unwrap_or('?');
                    return Err(error(format!(
                        "'{}' expected after '{}'",
                        shown(self.d.delimiter),
                        shown(self.d.quote.unwrap_or(0x22))
                    )));
                }
            }
            State::EatNewline => {
                if c == END {
                    self.state = State::StartRecord;
                } else if c != 0x0a && c != 0x0d {
                    return Err(error(
                        "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                    ));
                }
            }
        }
        Ok(())
    }
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<ReaderBody>(it)?;
    let mut r = Record {
        d: dialect::of(&b.dialect)?,
        fields: Vec::new(),
        field: StrBuf::new(),
        state: State::StartRecord,
        plain: true,
    };
    loop {
        let Some(line) = protocol::next(cx, &b.source)? else {
            let open = !r.field.is_empty() || r.state == State::InQuotes;
            if open || r.state == State::Escaped || r.state == State::AfterEscapedNewline {
                if r.d.strict {
                    return Err(error("unexpected end of data"));
                }
                r.save(cx)?;
                return list::new(r.fields).map(Some);
            }
            return Ok(None);
        };
        let Some(text) = line.body::<StrBody>() else {
            return Err(error(format!(
                "iterator should return strings, not {} (the file should be opened in text mode)",
                line.ty().name()
            )));
        };
        // Relaxed: a counter of its own.
        b.lines.fetch_add(1, Ordering::Relaxed);
        for c in text.view().iter() {
            r.put(cx, c)?;
        }
        r.put(cx, END)?;
        if r.state == State::StartRecord {
            return list::new(r.fields).map(Some);
        }
    }
}

fn slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

static GETSET: &[GetSet] = &[
    member("dialect", |_, r| Ok(body::<ReaderBody>(r)?.dialect.clone())),
    member("line_num", |_, r| {
        number::int(body::<ReaderBody>(r)?.lines.load(Ordering::Relaxed))
    }),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    getset: GETSET,
    doc: "CSV reader\n\nReader objects are responsible for reading and parsing tabular data\nin CSV format.",
    ..TypeDef::new(&READER)
};
