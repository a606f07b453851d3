//! `_tokenize`: the iterator behind the library's `tokenize`.
//!
//! The source is read to its end before the first token comes out.

use crate::errors::syntax_error;
use skein_compiler::SyntaxError;
use skein_compiler::tree::tokens::{Token, TokenClass, tokens};
use skein_gc::lock::{Mutex, ReentrantMutex};
use skein_gc::{Ref, Slot};
use skein_object::error::{Result, type_error};
use skein_object::layouts::number;
use skein_object::native::ModuleDef;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{BytesBody, Context, Payload, Row, payload, protocol, row, statics as s, str, tuple};
use skein_stdlib_support::{add_type, bind, body, class_of, flag, itself};
use skein_types::startup::TypeDef;
use std::sync::atomic::{AtomicUsize, Ordering};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_tokenize",
    doc: "",
    functions: &[],
    init: |_, d| add_type(d, &DEF),
};

/// Body of a TokenizerIter.
pub struct TokenizerBody {
    readline: Ref,
    encoding: Option<Ref>,
    extra: bool,
    /// Tuple of the tokens, once the source has been read.
    items: Slot,
    /// Held by the thread that reads the source, which runs Python code.
    reading: ReentrantMutex<()>,
    /// Index of the next token. Relaxed: threads that share an iterator may see a token in any order.
    next: AtomicUsize,
    /// What comes behind the last token.
    error: Mutex<Option<SyntaxError>>,
}
payload!(TokenizerBody, "TokenizerIter", |this, v| {
    v.reference(&this.readline);
    if let Some(e) = &this.encoding {
        v.reference(e);
    }
    v.slot(&this.items);
});

pub static TOKENIZER: Type = Type::declare(
    "_tokenize.TokenizerIter",
    Some(&s::OBJECT),
    <TokenizerBody as Payload>::LAYOUT,
    0,
);

static DEF: TypeDef = TypeDef {
    slots,
    ..TypeDef::new(&TOKENIZER)
};

fn slots(t: &Slots) {
    t.new
        .set(Some(|cx, class, args, names| bind(cx, &NEW, class, args, names)));
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

static NEW: Row = row!(
    "TokenizerIter(cls, readline, *, encoding=None, extra_tokens)",
    |cx, a| {
        let Some(extra) = a.opt(3) else {
            return Err(type_error(
                "TokenizerIter() missing required argument 'extra_tokens' (pos 3)",
            ));
        };
        alloc(
            class_of(a.at(0))?,
            TokenizerBody {
                readline: a.at(1).clone(),
                encoding: a.opt_not_none(2).cloned(),
                extra: flag(cx, Some(extra), false)?,
                items: Slot::empty(),
                reading: ReentrantMutex::new(()),
                next: AtomicUsize::new(0),
                error: Mutex::new(None),
            },
        )
    },
    ""
);

fn read(cx: &Context, b: &TokenizerBody) -> Result<String> {
    let mut out = String::new();
    loop {
        let line = match protocol::call0(cx, &b.readline) {
            Ok(l) => l,
            Err(e) if e.is(&s::STOP_ITERATION) => break,
            Err(e) => return Err(e),
        };
        let line = match (&b.encoding, line.body::<BytesBody>()) {
            (Some(encoding), Some(_)) => {
                let name = skein_object::intern::name("decode");
                protocol::call_method(cx, &line, &name, std::slice::from_ref(encoding))?
            }
            (Some(_), None) => return Err(type_error("readline() returned a non-bytes object")),
            (None, _) if !str::is_str(&line) => {
                return Err(type_error("readline() returned a non-string object"));
            }
            _ => line,
        };
        let text = str::text(&line);
        if text.is_empty() {
            break;
        }
        out.push_str(&text);
    }
    Ok(out)
}

/// Where lines begin.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Lines<'a> {
        let ends = text.match_indices('\n').map(|(i, _)| i + 1);
        Lines {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// Line from 1, column in characters.
    fn place(&self, at: usize) -> (usize, i64) {
        let line = self.starts.partition_point(|&s| s <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let chars = self.text.get(start..at).map_or(0, |t| t.chars().count());
        (line, chars as i64)
    }

    /// The physical lines from one to another.
    fn text(&self, first: usize, last: usize) -> &'a str {
        let start = self.starts.get(first - 1).copied().unwrap_or(self.text.len());
        let end = self.starts.get(last).copied().unwrap_or(self.text.len());
        self.text.get(start..end.max(start)).unwrap_or("")
    }
}

const OPERATORS: &[&str] = &[
    "(", ")", "[", "]", ":", ",", ";", "+", "-", "*", "/", "|", "&", "<", ">", "=", ".", "%", "{", "}", "==", "!=",
    "<=", ">=", "~", "^", "<<", ">>", "**", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "**=", "//",
    "//=", "@", "@=", "->", "...", ":=", "!",
];
/// Number of the first of them.
const FIRST_OPERATOR: i64 = 7;
const OP: i64 = 55;

/// The number in the library's `token`; `None`: not shown.
fn number_of(t: Token, text: &str, extra: bool) -> Option<i64> {
    Some(match t.class {
        TokenClass::End => 0,
        TokenClass::Name => 1,
        TokenClass::Number => 2,
        TokenClass::String => 3,
        TokenClass::Newline => 4,
        TokenClass::Indent => 5,
        TokenClass::Dedent => 6,
        TokenClass::FStringStart => 59,
        TokenClass::FStringMiddle => 60,
        TokenClass::FStringEnd => 61,
        TokenClass::TStringStart => 62,
        TokenClass::TStringMiddle => 63,
        TokenClass::TStringEnd => 64,
        TokenClass::Comment if extra => 65,
        TokenClass::Blank if extra => 66,
        TokenClass::Comment | TokenClass::Blank => return None,
        TokenClass::Op if extra => OP,
        TokenClass::Op => match OPERATORS.iter().position(|o| *o == text) {
            Some(i) => FIRST_OPERATOR + i as i64,
            None => OP,
        },
    })
}

fn show(t: Token, lines: &Lines<'_>, extra: bool) -> Result<Option<Ref>> {
    let text = lines.text.get(t.start..t.end).unwrap_or("");
    let Some(kind) = number_of(t, text, extra) else {
        return Ok(None);
    };
    let (mut first, mut from) = lines.place(t.start);
    let (mut last, mut to) = lines.place(t.end);
    let at_end = t.start >= lines.text.len();
    let mut text = text;
    let mut line = lines.text(first, last);
    match t.class {
        // A newline lies on the line that it ends.
        TokenClass::Newline | TokenClass::Blank => {
            (last, to) = (first, from + 1);
            line = lines.text(first, first);
            if !extra {
                (text, to) = ("", from);
            } else if t.start == t.end {
                line = "";
            }
        }
        TokenClass::End | TokenClass::Dedent if at_end => {
            // Behind the last line, which may lack its newline; or on it.
            let missing = !lines.text.is_empty() && !lines.text.ends_with('\n');
            if extra {
                (first, from, line) = (first + usize::from(missing), 0, "");
            } else {
                (first, from) = (first - usize::from(!missing && first > 1), -1);
                line = lines.text(first, first);
            }
            (last, to) = (first, from);
        }
        TokenClass::Indent if !extra => (text, from, to) = ("", -1, -1),
        TokenClass::Dedent if !extra => (from, to) = (-1, -1),
        _ => {}
    }
    let place =
        |line: usize, col: i64| -> Result<Ref> { tuple::new(vec![number::int_from_usize(line)?, number::int(col)?]) };
    tuple::new(vec![
        number::int(kind)?,
        str::from_str(text)?,
        place(first, from)?,
        place(last, to)?,
        str::from_str(line)?,
    ])
    .map(Some)
}

fn fill(cx: &Context, it: &Ref, b: &TokenizerBody) -> Result<Ref> {
    let text = read(cx, b)?;
    let (list, error) = tokens(&text, "<string>");
    let lines = Lines::new(&text);
    let mut out = Vec::new();
    for t in list {
        if let Some(r) = show(t, &lines, b.extra)? {
            out.push(r);
        }
    }
    *b.error.lock() = error;
    let all = tuple::new(out)?;
    drop(b.items.set(it.holder(), Some(all.clone())));
    Ok(all)
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<TokenizerBody>(it)?;
    let all = match b.items.get() {
        Some(a) => a,
        None => {
            let _reading = skein_gc::mutator::detached(|| b.reading.lock());
            match b.items.get() {
                Some(a) => a,
                None => fill(cx, it, b)?,
            }
        }
    };
    let i = b.next.fetch_add(1, Ordering::Relaxed);
    if let Some(t) = tuple::items(&all).and_then(|a| a.get(i)) {
        return Ok(Some(t.clone()));
    }
    let error = b.error.lock().take();
    error.map_or(Ok(None), |e| Err(syntax_error(e)))
}
