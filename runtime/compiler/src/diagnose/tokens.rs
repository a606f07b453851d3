//! A tokenizer that fails where CPython's fails, with its messages. It only runs after the parser found an error.

use crate::error::{Error, ErrorKind};
use ruff_text_size::{TextRange, TextSize};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Number,
    String,
    Op,
    Newline,
    Indent,
    Dedent,
    End,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// Brackets that are open behind it.
    pub level: usize,
}

/// The tokens up to the end or the first error; and the brackets open there.
pub(super) struct Tokens {
    pub list: Vec<Token>,
    pub error: Option<Error>,
    pub open: Vec<(u8, usize)>,
}

pub(super) fn range(a: usize, b: usize) -> TextRange {
    let a = TextSize::try_from(a).unwrap_or_default();
    let b = TextSize::try_from(b).unwrap_or_default();
    TextRange::new(a, b.max(a))
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    out: Tokens,
    indents: Vec<(usize, usize)>,
}

type Stop = Result<(), Error>;
type IsDigit = fn(u8) -> bool;

fn err(kind: ErrorKind, a: usize, b: usize, message: impl Into<String>) -> Error {
    Error::new(kind, range(a, b), message)
}

fn syntax(a: usize, b: usize, message: impl Into<String>) -> Error {
    err(ErrorKind::Syntax, a, b, message).in_tokenizer()
}

/// An error that CPython's tokenizer leaves to the parser to raise.
fn returned(a: usize, b: usize, message: impl Into<String>) -> Error {
    err(ErrorKind::Syntax, a, b, message)
}

pub(super) fn tokenize(text: &str) -> Tokens {
    let mut l = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        out: Tokens {
            list: Vec::new(),
            error: None,
            open: Vec::new(),
        },
        indents: vec![(0, 0)],
    };
    if let Err(e) = l.run() {
        l.out.error = Some(e);
    }
    l.out
}

fn is_name_char(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && mark(c))
}

/// Combining marks and connectors, roughly.
fn mark(c: char) -> bool {
    matches!(c as u32, 0x300..=0x36F | 0x483..=0x487 | 0x591..=0x5BD | 0x610..=0x61A | 0x64B..=0x669
        | 0x900..=0x903 | 0x93A..=0x94F | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20DC
        | 0x203F..=0x2040 | 0x2118 | 0x212E | 0x3099..=0x309A | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F | 0xFE33..=0xFE34)
}

impl Lexer<'_> {
    fn peek(&self, n: usize) -> u8 {
        self.bytes.get(self.at + n).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.out.list.push(Token {
            kind,
            start,
            end: self.at,
            level: self.out.open.len(),
        });
    }

    fn line_of(&self, at: usize) -> usize {
        self.text[..at.min(self.text.len())].matches('\n').count() + 1
    }

    fn newline_here(&self) -> bool {
        matches!(self.peek(0), b'\n' | b'\r')
    }

    fn skip_newline(&mut self) {
        if self.peek(0) == b'\r' && self.peek(1) == b'\n' {
            self.at += 1;
        }
        self.at += 1;
    }

    fn run(&mut self) -> Stop {
        let mut line_start = true;
        loop {
            if line_start && self.out.open.is_empty() {
                line_start = false;
                if !self.indentation()? {
                    line_start = true;
                    if self.at >= self.bytes.len() {
                        break;
                    }
                    continue;
                }
            }
            while matches!(self.peek(0), b' ' | b'\t' | 12) && self.at < self.bytes.len() {
                self.at += 1;
            }
            if self.at >= self.bytes.len() {
                break;
            }
            let start = self.at;
            match self.peek(0) {
                b'#' => {
                    while self.at < self.bytes.len() && !self.newline_here() {
                        self.at += 1;
                    }
                }
                b'\n' | b'\r' => {
                    self.skip_newline();
                    if self.out.open.is_empty() {
                        self.push(Kind::Newline, start);
                        line_start = true;
                    }
                }
                b'\\' => {
                    self.at += 1;
                    if self.at >= self.bytes.len() {
                        return Err(returned(start + 1, start + 1, "unexpected EOF while parsing"));
                    }
                    if !self.newline_here() {
                        return Err(returned(
                            start + 1,
                            start + 1,
                            "unexpected character after line continuation character",
                        ));
                    }
                    self.skip_newline();
                    if self.at >= self.bytes.len() {
                        return Err(returned(start + 1, start + 1, "unexpected EOF while parsing"));
                    }
                }
                b'0'..=b'9' => self.number(start)?,
                b'.' if self.peek(1).is_ascii_digit() => self.number(start)?,
                b'"' | b'\'' => self.string(start, false)?,
                c if c == b'_' || c.is_ascii_alphabetic() || c >= 0x80 => self.name(start)?,
                _ => self.operator(start)?,
            }
        }
        if let Some(last) = self.out.list.last() {
            if last.kind != Kind::Newline && self.out.open.is_empty() {
                let at = self.at;
                self.push(Kind::Newline, at);
            }
        }
        while self.indents.len() > 1 && self.out.open.is_empty() {
            self.indents.pop();
            let at = self.at;
            self.push(Kind::Dedent, at);
        }
        let at = self.at;
        self.push(Kind::End, at);
        Ok(())
    }

    /// The spaces at the start of a line. False for a line without code.
    fn indentation(&mut self) -> Result<bool, Error> {
        let start = self.at;
        let (mut col, mut alt) = (0, 0);
        loop {
            match self.peek(0) {
                b' ' => {
                    col += 1;
                    alt += 1;
                }
                b'\t' => {
                    col = (col / 8 + 1) * 8;
                    alt += 1;
                }
                12 => (col, alt) = (0, 0),
                _ => break,
            }
            self.at += 1;
        }
        if self.at >= self.bytes.len() {
            return Ok(false);
        }
        if self.peek(0) == b'#' || self.newline_here() {
            while self.at < self.bytes.len() && !self.newline_here() {
                self.at += 1;
            }
            if self.at < self.bytes.len() {
                self.skip_newline();
            }
            return Ok(false);
        }
        let (top, top_alt) = self.indents.last().copied().unwrap_or((0, 0));
        let tabs = || {
            err(
                ErrorKind::Tab,
                start,
                start,
                "inconsistent use of tabs and spaces in indentation",
            )
        };
        if col == top {
            if alt != top_alt {
                return Err(tabs());
            }
        } else if col > top {
            if alt <= top_alt {
                return Err(tabs());
            }
            if self.indents.len() >= 100 {
                return Err(err(
                    ErrorKind::Indentation,
                    start,
                    start,
                    "too many levels of indentation",
                ));
            }
            self.indents.push((col, alt));
            self.push(Kind::Indent, start);
        } else {
            while self.indents.last().is_some_and(|t| t.0 > col) {
                self.indents.pop();
                self.push(Kind::Dedent, self.at);
            }
            if self.indents.last().map(|t| t.0) != Some(col) {
                let mut end = self.at;
                while end < self.bytes.len() && !matches!(self.bytes[end], b'\n' | b'\r') {
                    end += 1;
                }
                return Err(err(
                    ErrorKind::Indentation,
                    end,
                    end,
                    "unindent does not match any outer indentation level",
                ));
            }
            if self.indents.last().map(|t| t.1) != Some(alt) {
                return Err(tabs());
            }
        }
        Ok(true)
    }

    fn digits(&mut self, ok: IsDigit, what: &str) -> Stop {
        loop {
            while ok(self.peek(0)) {
                self.at += 1;
            }
            if self.peek(0) != b'_' {
                return Ok(());
            }
            self.at += 1;
            if !ok(self.peek(0)) {
                if self.peek(0).is_ascii_digit() {
                    return Err(syntax(
                        self.at,
                        self.at,
                        format!("invalid digit '{}' in {what} literal", self.peek(0) as char),
                    ));
                }
                return Err(self.bad_number(what));
            }
        }
    }

    fn bad_number(&self, what: &str) -> Error {
        // The caret is at the last character that was read well.
        let at = self.at.saturating_sub(1);
        syntax(at, at, format!("invalid {what} literal"))
    }

    fn number(&mut self, start: usize) -> Stop {
        let radix: Option<(IsDigit, &str)> = match (self.peek(0), self.peek(1) | 0x20) {
            (b'0', b'x') => Some((|b| b.is_ascii_hexdigit(), "hexadecimal")),
            (b'0', b'o') => Some((|b| (b'0'..=b'7').contains(&b), "octal")),
            (b'0', b'b') => Some((|b| b == b'0' || b == b'1', "binary")),
            _ => None,
        };
        if let Some((ok, what)) = radix {
            self.at += 2;
            if self.peek(0) == b'_' {
                self.at += 1;
            }
            if !ok(self.peek(0)) {
                if self.peek(0).is_ascii_digit() {
                    return Err(syntax(
                        self.at,
                        self.at,
                        format!("invalid digit '{}' in {what} literal", self.peek(0) as char),
                    ));
                }
                return Err(self.bad_number(what));
            }
            self.digits(ok, what)?;
            if self.peek(0).is_ascii_digit() {
                return Err(syntax(
                    self.at,
                    self.at,
                    format!("invalid digit '{}' in {what} literal", self.peek(0) as char),
                ));
            }
            return self.end_of_number(start, what);
        }
        let dec = |b: u8| b.is_ascii_digit();
        let mut float = false;
        let zeros = self.peek(0) == b'0';
        if self.peek(0) != b'.' {
            self.digits(dec, "decimal")?;
        }
        let int_end = self.at;
        if self.peek(0) == b'.' {
            float = true;
            self.at += 1;
            if self.peek(0).is_ascii_digit() {
                self.digits(dec, "decimal")?;
            }
        }
        if self.peek(0) | 0x20 == b'e' {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                float = true;
                self.at += 1 + sign;
                self.digits(dec, "decimal")?;
            } else if sign == 1 {
                self.at += 1;
                return Err(self.bad_number("decimal"));
            }
        }
        if self.peek(0) | 0x20 == b'j' {
            self.at += 1;
            return self.end_of_number(start, "imaginary");
        }
        if zeros && !float {
            let digits = &self.bytes[start..int_end];
            if digits.iter().any(|b| (b'1'..=b'9').contains(b)) {
                return Err(syntax(
                    start,
                    int_end - 1,
                    "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
                ));
            }
        }
        self.end_of_number(start, "decimal")
    }

    fn end_of_number(&mut self, start: usize, what: &str) -> Stop {
        let rest = &self.text[self.at..];
        let keyword = ["and", "else", "for", "if", "in", "is", "or", "not"]
            .iter()
            .any(|k| rest.starts_with(k));
        if !keyword && rest.chars().next().is_some_and(is_name_char) {
            return Err(self.bad_number(what));
        }
        self.push(Kind::Number, start);
        Ok(())
    }

    fn name(&mut self, start: usize) -> Stop {
        let mut bad = None;
        for (i, c) in self.text[start..].char_indices() {
            if !is_name_char(c) {
                if !c.is_ascii() {
                    bad = Some((start + i, c));
                }
                break;
            }
            self.at = start + i + c.len_utf8();
        }
        if let Some((at, c)) = bad {
            let printable = !(c.is_control()
                || c.is_whitespace()
                || matches!(c as u32, 0xAD | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xE000..=0xF8FF));
            let message = if printable {
                format!("invalid character '{c}' (U+{:04X})", c as u32)
            } else {
                format!("invalid non-printable character U+{:04X}", c as u32)
            };
            return Err(syntax(at, at, message));
        }
        let word = &self.text[start..self.at];
        if matches!(self.peek(0), b'"' | b'\'') && word.len() <= 3 {
            let lower = word.to_ascii_lowercase();
            let has = |c: char| lower.contains(c);
            let known = lower.chars().all(|c| "rbuft".contains(c));
            let twice = lower.chars().any(|c| lower.matches(c).count() > 1);
            if known && !twice {
                for (a, b) in [
                    ('u', 'b'),
                    ('u', 'r'),
                    ('u', 'f'),
                    ('u', 't'),
                    ('b', 'f'),
                    ('b', 't'),
                    ('f', 't'),
                ] {
                    if has(a) && has(b) {
                        return Err(syntax(
                            start,
                            self.at,
                            format!("'{a}' and '{b}' prefixes are incompatible"),
                        ));
                    }
                }
                return self.string(start, has('f') || has('t'));
            }
        }
        self.push(Kind::Name, start);
        Ok(())
    }

    fn string(&mut self, start: usize, interpolated: bool) -> Stop {
        let prefix = self.text[start..self.at].to_ascii_lowercase();
        let letter = if prefix.contains('t') { 't' } else { 'f' };
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if triple { 3 } else { 1 };
        let mut escaped_quote = false;
        loop {
            let c = self.peek(0);
            if self.at >= self.bytes.len() || (!triple && self.newline_here()) {
                let line = self.line_of(self.at);
                let what = match (interpolated, triple) {
                    (false, false) => "string literal".to_string(),
                    (false, true) => "triple-quoted string literal".to_string(),
                    (true, false) => format!("{letter}-string literal"),
                    (true, true) => format!("triple-quoted {letter}-string literal"),
                };
                // Lines are counted up to the last one that has text.
                let line = if triple && self.text.ends_with('\n') && self.at >= self.bytes.len() {
                    line - 1
                } else {
                    line
                };
                let hint = if escaped_quote && !triple && !interpolated {
                    "; perhaps you escaped the end quote?"
                } else {
                    ""
                };
                return Err(syntax(
                    start,
                    start,
                    format!("unterminated {what} (detected at line {line}){hint}"),
                ));
            }
            if c == b'\\' {
                escaped_quote |= self.peek(1) == quote;
                self.at += 2;
                while self.at < self.bytes.len() && !self.text.is_char_boundary(self.at) {
                    self.at += 1;
                }
                continue;
            }
            if c == quote && (!triple || (self.peek(1) == quote && self.peek(2) == quote)) {
                self.at += if triple { 3 } else { 1 };
                break;
            }
            if interpolated && c == b'{' {
                if self.peek(1) == b'{' {
                    self.at += 2;
                } else {
                    self.at += 1;
                    self.field(quote, triple)?;
                }
                continue;
            }
            self.at += 1;
        }
        self.push(Kind::String, start);
        Ok(())
    }

    /// A replacement field up to its closing brace, or to the end of the string around it.
    fn field(&mut self, quote: u8, triple: bool) -> Stop {
        let mut depth = 0;
        let mut spec = false;
        while self.at < self.bytes.len() {
            let c = self.peek(0);
            if spec || depth == 0 {
                let ends = c == quote && (!triple || (self.peek(1) == quote && self.peek(2) == quote));
                if ends && spec {
                    return Ok(());
                }
            }
            match c {
                b'\n' | b'\r' if spec && !triple => return Ok(()),
                b'{' if spec => {
                    self.at += 1;
                    self.field(quote, triple)?;
                    continue;
                }
                b'}' if depth == 0 => {
                    self.at += 1;
                    return Ok(());
                }
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' if depth > 0 => depth -= 1,
                b':' if depth == 0 => spec = true,
                b'#' if !spec => {
                    while self.at < self.bytes.len() && !self.newline_here() {
                        self.at += 1;
                    }
                    continue;
                }
                b'"' | b'\'' if !spec => {
                    // The quote of the string itself may end it where no string can begin.
                    let saved = self.out.list.len();
                    let start = self.at;
                    if self.string(start, false).is_err() {
                        self.at = start;
                        self.out.list.truncate(saved);
                        return Ok(());
                    }
                    self.out.list.truncate(saved);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            while self.at < self.bytes.len() && !self.text.is_char_boundary(self.at) {
                self.at += 1;
            }
        }
        Ok(())
    }

    fn operator(&mut self, start: usize) -> Stop {
        const LONG: &[&str] = &[
            "**=", "//=", ">>=", "<<=", "...", "!=", "->", ":=", "==", "<=", ">=", "<<", ">>", "**", "//", "+=", "-=",
            "*=", "/=", "%=", "&=", "|=", "^=", "@=",
        ];
        let rest = &self.text[start..];
        let c = self.peek(0);
        let n = LONG.iter().find(|o| rest.starts_with(**o)).map_or(1, |o| o.len());
        self.at += n;
        match c {
            b'(' | b'[' | b'{' => {
                if self.out.open.len() >= 200 {
                    return Err(syntax(start, start + 1, "too many nested parentheses"));
                }
                self.out.open.push((c, start));
            }
            b')' | b']' | b'}' => {
                let Some((open, at)) = self.out.open.pop() else {
                    return Err(syntax(start, start + 1, format!("unmatched '{}'", c as char)));
                };
                let wanted = match open {
                    b'(' => b')',
                    b'[' => b']',
                    _ => b'}',
                };
                if wanted != c {
                    let (l1, l2) = (self.line_of(at), self.line_of(start));
                    let message = if l1 == l2 {
                        format!(
                            "closing parenthesis '{}' does not match opening parenthesis '{}'",
                            c as char, open as char
                        )
                    } else {
                        format!(
                            "closing parenthesis '{}' does not match opening parenthesis '{}' on line {l1}",
                            c as char, open as char
                        )
                    };
                    return Err(syntax(start, start + 1, message));
                }
            }
            0 => {
                return Err(returned(start, start, "source code cannot contain null bytes"));
            }
            c if c < 32 || c == 127 => {
                return Err(syntax(
                    start,
                    start,
                    format!("invalid non-printable character U+{:04X}", c as u32),
                ));
            }
            _ => {}
        }
        self.push(Kind::Op, start);
        Ok(())
    }
}
