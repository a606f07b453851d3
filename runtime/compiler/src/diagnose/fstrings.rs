//! What is wrong in an f-string or t-string: a walk over its text that stops where CPython's tokenizer or parser does.

use super::{Doctor, Error};

/// Fields in fields, and strings in fields, deeper than this are not looked into.
const MAX_DEPTH: usize = 60;

/// Where a walk ends: behind the string or field, or with an error; `None` says that nothing can be told.
type Walk = Result<usize, Option<Error>>;

struct Literal {
    letter: char,
    quote: u8,
    triple: bool,
    raw: bool,
}

/// A token of an expression: from, to.
type Piece = (usize, usize);

impl Doctor<'_> {
    /// The error in the interpolated string that begins at `start`.
    pub(super) fn interpolated_string(&self, start: usize) -> Option<Error> {
        self.literal(start, 0).err().flatten()
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn next_char(&self, at: usize) -> usize {
        at + self
            .text
            .get(at..)
            .and_then(|t| t.chars().next())
            .map_or(1, char::len_utf8)
    }

    /// An error that the tokenizer raises itself.
    fn fail_in_tokenizer<T>(&self, a: usize, b: usize, message: String) -> Result<T, Option<Error>> {
        Err(Some(self.make(a, b, message).in_tokenizer()))
    }

    fn fail<T>(&self, a: usize, b: usize, message: String) -> Result<T, Option<Error>> {
        Err(Some(self.make(a, b, message)))
    }

    fn at_quote(&self, l: &Literal, at: usize) -> bool {
        let q = l.quote;
        self.byte(at) == q && (!l.triple || (self.byte(at + 1) == q && self.byte(at + 2) == q))
    }

    /// Prefix and quotes of a string; also where its contents begin.
    fn opening(&self, start: usize) -> Option<(Literal, usize)> {
        let rest = self.text.get(start..)?;
        let n = rest.find(['"', '\''])?;
        let prefix = rest.get(..n)?.to_ascii_lowercase();
        let at = start + n;
        let quote = self.byte(at);
        let triple = self.byte(at + 1) == quote && self.byte(at + 2) == quote;
        let letter = match () {
            () if prefix.contains('t') => 't',
            () if prefix.contains('f') => 'f',
            () => ' ',
        };
        let raw = prefix.contains('r');
        Some((
            Literal {
                letter,
                quote,
                triple,
                raw,
            },
            at + if triple { 3 } else { 1 },
        ))
    }

    fn literal(&self, start: usize, depth: usize) -> Walk {
        let (l, mut at) = self.opening(start).ok_or(None)?;
        let p = l.letter;
        loop {
            if at >= self.text.len() || (!l.triple && self.byte(at) == b'\n') {
                return Err(None);
            }
            if self.at_quote(&l, at) {
                return Ok(at + if l.triple { 3 } else { 1 });
            }
            at = match self.byte(at) {
                b'\\' if !l.raw && self.byte(at + 1) == b'N' && self.byte(at + 2) == b'{' => self
                    .text
                    .get(at..)
                    .and_then(|t| t.find('}'))
                    .map_or(at + 3, |n| at + n + 1),
                b'\\' if !matches!(self.byte(at + 1), b'{' | b'}') => self.next_char(at + 1),
                b'{' if p != ' ' && self.byte(at + 1) == b'{' => at + 2,
                b'{' if p != ' ' => self.replacement(&l, at, depth, 0)?,
                b'}' if p != ' ' && self.byte(at + 1) == b'}' => at + 2,
                b'}' if p != ' ' => {
                    return self.fail_in_tokenizer(at, at, format!("{p}-string: single '}}' is not allowed"));
                }
                _ => self.next_char(at),
            };
        }
    }

    /// A replacement field; `nested` counts the format specifiers around it.
    fn replacement(&self, l: &Literal, open: usize, depth: usize, nested: usize) -> Walk {
        if depth > MAX_DEPTH {
            return Err(None);
        }
        let p = l.letter;
        if nested > 2 {
            return self.fail(open - 1, open - 1, format!("{p}-string: expressions nested too deeply"));
        }
        let mut pieces = Vec::new();
        let mut at = match self.expression(l, open, depth, &mut pieces) {
            Ok(at) => at,
            Err(e) => {
                // The parser may have stopped before the tokenizer came there.
                self.check_beginning(l, &pieces)?;
                return Err(e);
            }
        };
        self.check_expression(l, &pieces, at)?;
        let blank = |mut at: usize| {
            while matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r' | 0x0c) {
                at += 1;
            }
            at
        };
        if self.byte(at) == b'=' {
            at = blank(at + 1);
            if !matches!(self.byte(at), b'!' | b':' | b'}') {
                return self.stray(l, at, "expecting '!', or ':', or '}'");
            }
        }
        if self.byte(at) == b'!' {
            let mark = at;
            let name = blank(at + 1);
            let end = self.word_end(name);
            let word = self.text.get(name..end).unwrap_or("");
            if matches!(self.byte(name), b'}' | b':') {
                return self.fail(name, name + 1, format!("{p}-string: missing conversion character"));
            }
            if self.at_quote(l, name) {
                return self.stray(l, name, "");
            }
            if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) {
                let end = if word.is_empty() { self.next_char(name) } else { end };
                return self.fail(name, end, format!("{p}-string: invalid conversion character"));
            }
            if name != mark + 1 {
                return self.fail(
                    mark,
                    end,
                    format!("{p}-string: conversion type must come right after the exclamation mark"),
                );
            }
            if !matches!(word, "s" | "r" | "a") {
                return self.fail(
                    name,
                    end,
                    format!("{p}-string: invalid conversion character '{word}': expected 's', 'r', or 'a'"),
                );
            }
            at = blank(end);
            if !matches!(self.byte(at), b':' | b'}') {
                return self.stray(l, at, "expecting ':' or '}'");
            }
        }
        if self.byte(at) == b'}' {
            return Ok(at + 1);
        }
        // A format specifier.
        at += 1;
        loop {
            if at >= self.text.len() {
                return Err(None);
            }
            if self.at_quote(l, at) {
                return self.fail(at, at + 1, format!("{p}-string: expecting '}}', or format specs"));
            }
            at = match self.byte(at) {
                b'\n' if !l.triple => {
                    return self.fail(
                        at,
                        at,
                        format!(
                            "{p}-string: newlines are not allowed in format specifiers for single quoted {p}-strings"
                        ),
                    );
                }
                b'}' => return Ok(at + 1),
                b'{' => self.replacement(l, at, depth + 1, nested + 1)?,
                _ => self.next_char(at),
            };
        }
    }

    /// Something that may not stand behind an expression or a conversion.
    fn stray<T>(&self, l: &Literal, at: usize, message: &str) -> Result<T, Option<Error>> {
        let p = l.letter;
        if at >= self.text.len() {
            return Err(None);
        }
        if self.at_quote(l, at) {
            return self.fail(at, at, format!("{p}-string: expecting '}}'"));
        }
        let end = self.word_end(at).max(self.next_char(at));
        self.fail(at, end, format!("{p}-string: {message}"))
    }

    fn word_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        at + rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len())
    }

    /// The tokens of the expression behind `open`, and where it ends: at `}`, `!`, `:` or `=`.
    fn expression(&self, l: &Literal, open: usize, depth: usize, pieces: &mut Vec<Piece>) -> Walk {
        const LONG: &[&str] = &["...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "->", "<>", ":="];
        let p = l.letter;
        let mut brackets: Vec<(u8, usize)> = Vec::new();
        let mut at = open + 1;
        let mut lambda = None;
        loop {
            if at >= self.text.len() {
                let (c, at) = brackets.last().copied().unwrap_or((b'{', open));
                return self.fail(at, at + 1, format!("'{}' was never closed", c as char));
            }
            let rest = self.text.get(at..).unwrap_or("");
            let c = self.byte(at);
            let top = brackets.is_empty();
            match c {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c => at += 1,
                b'#' => at += rest.find('\n').unwrap_or(rest.len()),
                b'\\' if matches!(self.byte(at + 1), b'\n' | b'\r') => at += 2,
                b'\\' => {
                    return self.fail(
                        at + 1,
                        at + 1,
                        "unexpected character after line continuation character".into(),
                    );
                }
                b'(' | b'[' | b'{' => {
                    brackets.push((c, at));
                    pieces.push((at, at + 1));
                    at += 1;
                }
                b'}' if top => return Ok(at),
                b')' | b']' | b'}' => {
                    let Some((open, from)) = brackets.pop() else {
                        return self.fail(at, at, format!("{p}-string: unmatched '{}'", c as char));
                    };
                    let fits = matches!((open, c), (b'(', b')') | (b'[', b']') | (b'{', b'}'));
                    if !fits {
                        let line = self.line_of(from);
                        let on = if line == self.line_of(at) {
                            String::new()
                        } else {
                            format!(" on line {line}")
                        };
                        return self.fail_in_tokenizer(
                            at,
                            at,
                            format!(
                                "closing parenthesis '{}' does not match opening parenthesis '{}'{on}",
                                c as char, open as char
                            ),
                        );
                    }
                    pieces.push((at, at + 1));
                    at += 1;
                }
                b'"' | b'\'' => at = self.inner_string(l, at, at, depth, pieces)?,
                b':' if top => {
                    if let Some(from) = lambda {
                        return self.fail(
                            from,
                            at + 1,
                            format!("{p}-string: lambda expressions are not allowed without parentheses"),
                        );
                    }
                    return Ok(at);
                }
                b'!' if top && self.byte(at + 1) != b'=' => return Ok(at),
                b'=' if top && self.byte(at + 1) != b'=' => return Ok(at),
                _ => {
                    let end = self.word_end(at);
                    if end > at {
                        // A prefix of a string, a number, or a name.
                        if matches!(self.byte(end), b'"' | b'\'') && end - at <= 2 && !c.is_ascii_digit() {
                            at = self.inner_string(l, at, end, depth, pieces)?;
                            continue;
                        }
                        let end = if c.is_ascii_digit() { self.number_end(at) } else { end };
                        let begins = pieces.last().is_none_or(|x| self.text.get(x.0..x.1) == Some(","));
                        if top && begins && self.text.get(at..end) == Some("lambda") {
                            lambda = Some(at);
                        }
                        pieces.push((at, end));
                        at = end;
                        continue;
                    }
                    if c >= 0x80 {
                        let ch = rest.chars().next().unwrap_or(' ');
                        let what = if ch.is_control() || ch.is_whitespace() {
                            format!("invalid non-printable character U+{:04X}", ch as u32)
                        } else {
                            format!("invalid character '{ch}' (U+{:04X})", ch as u32)
                        };
                        return self.fail_in_tokenizer(at, at, what);
                    }
                    let n = LONG.iter().find(|o| rest.starts_with(**o)).map_or(1, |o| o.len());
                    pieces.push((at, at + n));
                    at += n;
                }
            }
        }
    }

    fn number_end(&self, at: usize) -> usize {
        let mut end = self.word_end(at);
        if self.byte(end) == b'.' {
            end = self.word_end(end + 1);
        }
        end
    }

    /// A string inside of a field: prefix at `start`, quote at `quote`.
    fn inner_string(&self, l: &Literal, start: usize, quote: usize, depth: usize, pieces: &mut Vec<Piece>) -> Walk {
        match self.literal(start, depth + 1) {
            Ok(end) => {
                pieces.push((start, end));
                Ok(end)
            }
            Err(Some(e)) => Err(Some(e)),
            // Not closed: the quote was the end of the string around it, or it is the culprit.
            Err(None) => {
                let (inner, _) = self.opening(start).ok_or(None)?;
                if inner.quote == l.quote && inner.triple == l.triple {
                    return self.fail(quote, quote, format!("{}-string: expecting '}}'", l.letter));
                }
                let kind = match (inner.letter, inner.triple) {
                    (' ', false) => "string literal".to_string(),
                    (' ', true) => "triple-quoted string literal".to_string(),
                    (p, false) => format!("{p}-string literal"),
                    (p, true) => format!("triple-quoted {p}-string literal"),
                };
                let line = if inner.triple {
                    self.line_of(self.text.trim_end().len())
                } else {
                    self.line_of(quote)
                };
                self.fail_in_tokenizer(start, start, format!("unterminated {kind} (detected at line {line})"))
            }
        }
    }

    /// Whether the tokens can begin an expression.
    fn check_beginning(&self, l: &Literal, pieces: &[Piece]) -> Result<(), Option<Error>> {
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return Ok(());
        };
        let text = self.text.get(first.0..last.1).unwrap_or("");
        let Err(e) = ruff_python_parser::parse_expression(&format!("({text}")) else {
            return Ok(());
        };
        let stopped = e.location.start().to_usize();
        if stopped > text.len() {
            return Ok(());
        }
        let p = l.letter;
        let n = (1..pieces.len())
            .rev()
            .find(|&n| pieces[n - 1].1 <= first.0 + stopped && self.field_value(first.0, pieces[n - 1].1));
        match n.and_then(|n| pieces.get(n)) {
            Some(next) => self.fail(
                next.0,
                next.1,
                format!("{p}-string: expecting '=', or '!', or ':', or '}}'"),
            ),
            None => self.fail(
                first.0,
                first.1,
                format!("{p}-string: expecting a valid expression after '{{'"),
            ),
        }
    }

    /// Whether the tokens are an expression, which ends at `end`.
    fn check_expression(&self, l: &Literal, pieces: &[Piece], end: usize) -> Result<(), Option<Error>> {
        let p = l.letter;
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            let c = self.byte(end) as char;
            return self.fail(
                end,
                end + 1,
                format!("{p}-string: valid expression required before '{c}'"),
            );
        };
        if self.field_value(first.0, last.1) {
            return Ok(());
        }
        if let Some(x) = pieces.iter().find(|x| self.text.get(x.0..x.1) == Some("<>")) {
            return self.fail(
                x.0,
                x.1,
                "invalid syntax.  Maybe you meant '!=' instead of '<>'?".into(),
            );
        }
        // The longest beginning that is an expression.
        let Some(n) = (1..pieces.len())
            .rev()
            .find(|&n| self.field_value(first.0, pieces[n - 1].1))
        else {
            return self.fail(
                first.0,
                first.1,
                format!("{p}-string: expecting a valid expression after '{{'"),
            );
        };
        let next = pieces[n];
        if self.text.get(next.0..next.1) == Some("if") && self.parsed(pieces[n].1, last.1).is_some() {
            return self.fail(first.0, last.1, "expected 'else' after 'if' expression".into());
        }
        if let Some(m) = (n + 1..=pieces.len())
            .rev()
            .find(|&m| self.parsed(next.0, pieces[m - 1].1).is_some())
            && !self.text.get(next.0..next.1).is_some_and(|w| self.is_keyword(w))
        {
            return self.fail(
                first.0,
                pieces[m - 1].1,
                "invalid syntax. Perhaps you forgot a comma?".into(),
            );
        }
        self.fail(
            next.0,
            next.1,
            format!("{p}-string: expecting '=', or '!', or ':', or '}}'"),
        )
    }

    /// Whether a text may stand in a field: expressions, starred ones in a tuple, `yield`.
    fn field_value(&self, a: usize, b: usize) -> bool {
        self.parsed(a, b).is_some() && !matches!(self.byte(a), b'*')
    }

    /// Strings side by side of which only some are t-strings; `i` is the token of one.
    pub(super) fn mixed_strings(&self, i: usize) -> Option<Error> {
        let is_string = |k: usize| self.tok(k).is_some_and(|t| t.kind == super::tokens::Kind::String);
        let mut a = i;
        if !is_string(a) {
            a = a.checked_sub(1).filter(|&k| is_string(k))?;
        }
        while a > 0 && is_string(a - 1) {
            a -= 1;
        }
        let mut b = a;
        while is_string(b + 1) {
            b += 1;
        }
        let template = |k: usize| {
            self.word(k)
                .split(['"', '\''])
                .next()
                .is_some_and(|p| p.contains(['t', 'T']))
        };
        let n = (a..=b).filter(|&k| template(k)).count();
        if n == 0 || n == b - a + 1 {
            return None;
        }
        Some(self.make(
            self.tok(a)?.start,
            self.tok(b)?.end,
            "cannot mix t-string literals with string or bytes literals",
        ))
    }

    /// The interpolated string in which the parser has stopped at `at`.
    pub(super) fn string_at(&self, at: usize) -> Option<usize> {
        let of = |start: usize| self.opening(start).filter(|(l, _)| l.letter != ' ').map(|_| start);
        if let Some(e) = &self.t.error
            && (e.message.contains("f-string literal") || e.message.contains("t-string literal"))
            && e.range.start().to_usize() <= at
        {
            return of(e.range.start().to_usize());
        }
        let t = self
            .t
            .list
            .iter()
            .find(|t| t.kind == super::tokens::Kind::String && t.start <= at && at < t.end)?;
        of(t.start)
    }
}
