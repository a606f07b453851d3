//! `make_scanner`: from text to objects.

use super::{decode_error, scan, string};
use skein_object::error::{Result, raise_args, value_error};
use skein_object::layouts::{dict, list, number, str};
use skein_object::object::alloc;
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::{bind, body, class_of, pack, ssize};
use skein_text::StrView;
use skein_types::startup::{GetSet, TypeDef, member};
use std::collections::HashMap;

pub struct ScannerBody {
    strict: bool,
    object_hook: Option<Ref>,
    pairs_hook: Option<Ref>,
    parse_float: Ref,
    parse_int: Ref,
    parse_constant: Ref,
}
payload!(ScannerBody, "_json.Scanner", |this, v| {
    v.option(&this.object_hook);
    v.option(&this.pairs_hook);
    v.reference(&this.parse_float);
    v.reference(&this.parse_int);
    v.reference(&this.parse_constant);
});

pub static SCANNER: Type = Type::declare("_json.Scanner", Some(&s::OBJECT), <ScannerBody as Payload>::LAYOUT, 0);

static NEW: Row = row!("make_scanner(cls, context)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW, class, args, names)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let get = |name: &str| protocol::getattr_str(cx, a.at(1), name);
    let hook = |name: &str| get(name).map(|h| Some(h).filter(|h| !s::is_none(h)));
    let strict = get("strict")?;
    alloc(
        class_of(a.at(0))?,
        ScannerBody {
            strict: protocol::is_true(cx, &strict)?,
            object_hook: hook("object_hook")?,
            pairs_hook: hook("object_pairs_hook")?,
            parse_float: get("parse_float")?,
            parse_int: get("parse_int")?,
            parse_constant: get("parse_constant")?,
        },
    )
}

/// One run of the scanner.
struct Run<'a> {
    cx: &'a Context,
    b: &'a ScannerBody,
    doc: &'a Ref,
    text: StrView<'a>,
    keys: Keys<'a>,
}

/// Keys seen, so that equal ones are one object: a few are looked through, others looked up.
#[derive(Default)]
struct Keys<'a> {
    few: Vec<(&'a [u8], Ref)>,
    more: Option<HashMap<&'a [u8], Ref>>,
}

impl<'a> Keys<'a> {
    const FEW: usize = 8;

    fn get(&mut self, text: &'a [u8]) -> Result<Ref> {
        // These are made once anyway.
        if text.len() <= 1 {
            return str::new(StrView::Latin1(text));
        }
        if let Some((_, k)) = self.few.iter().find(|(t, _)| *t == text) {
            return Ok(k.clone());
        }
        if let Some(k) = self.more.as_ref().and_then(|m| m.get(text)) {
            return Ok(k.clone());
        }
        let k = str::new(StrView::Latin1(text))?;
        if self.few.len() < Self::FEW {
            self.few.push((text, k.clone()));
        } else {
            self.more.get_or_insert_default().insert(text, k.clone());
        }
        Ok(k)
    }
}

fn is_space(c: Option<u32>) -> bool {
    matches!(c, Some(0x20 | 0x09 | 0x0a | 0x0d))
}

impl Run<'_> {
    fn skip(&self, mut at: usize) -> usize {
        while is_space(self.text.get(at)) {
            at += 1;
        }
        at
    }

    fn error(&self, message: &str, at: usize) -> skein_object::Error {
        decode_error(self.cx, message, self.doc, at as i64)
    }

    fn starts(&self, at: usize, word: &str) -> bool {
        self.text.slice(at..at + word.len()).eq_str(word)
    }

    /// The value at `at`, and the place behind it. `Ok(None)`: there is no value.
    fn value(&mut self, at: usize) -> Result<Option<(Ref, usize)>> {
        let Some(c) = self.text.get(at).and_then(|c| u8::try_from(c).ok()) else {
            return Ok(None);
        };
        let word = match c {
            b'"' => return self.string(at + 1).map(Some),
            b'{' => {
                self.cx.check_stack()?;
                return self.object(at + 1).map(Some);
            }
            b'[' => {
                self.cx.check_stack()?;
                return self.array(at + 1).map(Some);
            }
            b'n' => ("null", Some(s::none())),
            b't' => ("true", Some(s::true_())),
            b'f' => ("false", Some(s::false_())),
            b'N' => ("NaN", None),
            b'I' => ("Infinity", None),
            b'-' if self.starts(at, "-Infinity") => ("-Infinity", None),
            _ => return self.number(at),
        };
        if !self.starts(at, word.0) {
            return Ok(None);
        }
        let value = match word.1 {
            Some(v) => v,
            None => {
                let name = str::from_str(word.0)?;
                protocol::call1(self.cx, &self.b.parse_constant, &name)?
            }
        };
        Ok(Some((value, at + word.0.len())))
    }

    fn wanted(&mut self, at: usize) -> Result<(Ref, usize)> {
        match self.value(at)? {
            Some(v) => Ok(v),
            None => Err(self.error("Expecting value", at)),
        }
    }

    fn string(&self, at: usize) -> Result<(Ref, usize)> {
        match scan::string(self.text, at, self.b.strict) {
            Ok((text, end)) => Ok((str::from_buf(text)?, end)),
            Err((message, at)) => Err(decode_error(self.cx, &message, self.doc, at)),
        }
    }

    fn key(&mut self, at: usize) -> Result<(Ref, usize)> {
        if let StrView::Latin1(d) = self.text
            && let Some(n) = d[at.min(d.len())..]
                .iter()
                .position(|c| *c == b'"' || *c == b'\\' || *c < 32)
            && d[at + n] == b'"'
        {
            return Ok((self.keys.get(&d[at..at + n])?, at + n + 1));
        }
        self.string(at)
    }

    fn number(&mut self, at: usize) -> Result<Option<(Ref, usize)>> {
        let Some((end, float)) = scan::number(self.text, at) else {
            return Ok(None);
        };
        let part = self.text.slice(at..end);
        let (hook, plain) = if float {
            (&self.b.parse_float, s::FLOAT.object())
        } else {
            (&self.b.parse_int, s::INT.object())
        };
        if hook.is(&plain) {
            // Digits, signs, a point: all of it ASCII.
            let copy: String;
            let text = match part {
                StrView::Latin1(b) => std::str::from_utf8(b).unwrap_or(""),
                wide => {
                    copy = wide.iter().filter_map(char::from_u32).collect();
                    &copy
                }
            };
            if float {
                if let Ok(x) = text.parse::<f64>() {
                    return Ok(Some((number::float(x)?, end)));
                }
            } else if text.len() <= 18
                && let Ok(n) = text.parse::<i64>()
            {
                return Ok(Some((number::int(n)?, end)));
            }
        }
        let text = str::new_narrowed(part)?;
        Ok(Some((protocol::call1(self.cx, hook, &text)?, end)))
    }

    fn array(&mut self, at: usize) -> Result<(Ref, usize)> {
        let mut at = self.skip(at);
        if self.text.get(at) == Some(u32::from(b']')) {
            return Ok((list::with_capacity(0)?, at + 1));
        }
        let items = list::with_capacity(4)?;
        loop {
            let (v, end) = self.wanted(at)?;
            list::push(&items, v)?;
            at = self.skip(end);
            match self.text.get(at) {
                Some(0x5d) => return Ok((items, at + 1)),
                Some(0x2c) => {}
                _ => return Err(self.error("Expecting ',' delimiter", at)),
            }
            let comma = at;
            at = self.skip(at + 1);
            if self.text.get(at) == Some(u32::from(b']')) {
                return Err(self.error("Illegal trailing comma before end of array", comma));
            }
        }
    }

    fn object(&mut self, at: usize) -> Result<(Ref, usize)> {
        let d = dict::new()?;
        let mut pairs = self.b.pairs_hook.as_ref().map(|_| Vec::new());
        let mut at = self.skip(at);
        if self.text.get(at) != Some(u32::from(b'}')) {
            loop {
                if self.text.get(at) != Some(u32::from(b'"')) {
                    return Err(self.error("Expecting property name enclosed in double quotes", at));
                }
                let (key, end) = self.key(at + 1)?;
                at = self.skip(end);
                if self.text.get(at) != Some(u32::from(b':')) {
                    return Err(self.error("Expecting ':' delimiter", at));
                }
                let (value, end) = self.wanted(self.skip(at + 1))?;
                match &mut pairs {
                    Some(p) => p.push(pack([key, value])?),
                    None => dict::set_name(&d, &key, value)?,
                }
                at = self.skip(end);
                match self.text.get(at) {
                    Some(0x7d) => break,
                    Some(0x2c) => {}
                    _ => return Err(self.error("Expecting ',' delimiter", at)),
                }
                let comma = at;
                at = self.skip(at + 1);
                if self.text.get(at) == Some(u32::from(b'}')) {
                    return Err(self.error("Illegal trailing comma before end of object", comma));
                }
            }
        }
        let value = match (&self.b.pairs_hook, pairs, &self.b.object_hook) {
            (Some(f), Some(p), _) => protocol::call1(self.cx, f, &list::new(p)?)?,
            (_, _, Some(f)) => protocol::call1(self.cx, f, &d)?,
            _ => d,
        };
        Ok((value, at + 1))
    }
}

static CALL: Row = row!("scan_once(self, string, idx)", call_row, "");

fn call(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &CALL, r, args, names)
}

fn call_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let text = string(a.at(1))?.view();
    let at = ssize(cx, a.at(2))?;
    let Ok(at) = usize::try_from(at) else {
        return Err(value_error("idx cannot be negative"));
    };
    let mut run = Run {
        cx,
        b: body::<ScannerBody>(a.at(0))?,
        doc: a.at(1),
        text,
        keys: Keys::default(),
    };
    match run.value(at)? {
        Some((v, end)) => pack([v, number::int_from_usize(end)?]),
        None => Err(raise_args(&s::STOP_ITERATION, vec![number::int_from_usize(at)?])),
    }
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.call.set(Some(call));
}

fn of(r: &Ref) -> Result<&ScannerBody> {
    body::<ScannerBody>(r)
}

static GETSET: &[GetSet] = &[
    member("strict", |_, r| Ok(number::bool(of(r)?.strict))).doc("strict"),
    member("object_hook", |_, r| {
        Ok(of(r)?.object_hook.clone().unwrap_or_else(s::none))
    })
    .doc("object_hook"),
    member("object_pairs_hook", |_, r| {
        Ok(of(r)?.pairs_hook.clone().unwrap_or_else(s::none))
    }),
    member("parse_float", |_, r| Ok(of(r)?.parse_float.clone())).doc("parse_float"),
    member("parse_int", |_, r| Ok(of(r)?.parse_int.clone())).doc("parse_int"),
    member("parse_constant", |_, r| Ok(of(r)?.parse_constant.clone())).doc("parse_constant"),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    getset: GETSET,
    doc: "JSON scanner object",
    ..TypeDef::new(&SCANNER)
};
