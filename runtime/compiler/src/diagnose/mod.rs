//! From the parser's errors to CPython's.

mod context;
mod fstrings;
mod hints;
mod strings;
mod targets;
mod tokens;

use crate::error::{Error, ErrorKind};
use ruff_python_parser::{LexicalErrorType, ParseError, ParseErrorType};
use ruff_text_size::Ranged;
use tokens::{Kind, Token, Tokens, range, tokenize};

pub(crate) struct Diagnosis {
    pub error: Error,
    /// The input ended too early.
    pub incomplete: bool,
}

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What CPython says about the error `e` of the parser.
pub(crate) fn diagnose(text: &str, e: &ParseError) -> Diagnosis {
    let tokens = tokenize(text);
    let d = Doctor { text, t: &tokens };
    let error = d.diagnose(e);
    let end = text.trim_end().len();
    let incomplete = error.message.contains("was never closed")
        || error.message.contains("unterminated triple-quoted")
        || error.message == "unexpected EOF while parsing"
        || (error.message.starts_with("expected an indented block") && e.location.start().to_usize() >= end);
    Diagnosis { error, incomplete }
}

/// An error of the tokenizer that comes from nesting.
pub(crate) fn nesting_error(text: &str) -> Option<Error> {
    tokenize(text).error.filter(|e| e.message.starts_with("too many"))
}

/// An upper bound of how deep the syntax can nest.
pub(crate) fn max_depth(text: &str) -> usize {
    let t = tokenize(text);
    if t.error.is_some() {
        // What comes behind an error is not known.
        return text.len().min(100_000);
    }
    // What was seen since the last comma, for each open bracket.
    let mut counts = vec![0usize];
    let mut total = 0;
    let mut max = 0;
    for x in &t.list {
        while counts.len() > x.level + 1 {
            total -= counts.pop().unwrap_or(0);
        }
        while counts.len() < x.level + 1 {
            counts.push(0);
        }
        let w = text.get(x.start..x.end).unwrap_or("");
        let resets = matches!(x.kind, Kind::Newline) || matches!(w, "," | ";");
        if let Some(c) = counts.last_mut() {
            if resets {
                total -= *c;
                *c = 0;
            } else {
                total += 1;
                *c += 1;
            }
        }
        max = max.max(total);
    }
    max
}

struct Doctor<'a> {
    text: &'a str,
    t: &'a Tokens,
}

impl Doctor<'_> {
    pub(super) fn str(&self, t: &Token) -> &str {
        self.text.get(t.start..t.end).unwrap_or("")
    }

    /// Index of the first token that ends behind `at`.
    pub(super) fn index_at(&self, at: usize) -> usize {
        self.t
            .list
            .partition_point(|t| t.end <= at && t.kind != Kind::End)
            .min(self.t.list.len().saturating_sub(1))
    }

    pub(super) fn tok(&self, i: usize) -> Option<&Token> {
        self.t.list.get(i)
    }

    pub(super) fn word(&self, i: usize) -> &str {
        self.tok(i).map_or("", |t| self.str(t))
    }

    pub(super) fn line_of(&self, at: usize) -> usize {
        self.text.get(..at).map_or(1, |t| t.matches('\n').count() + 1)
    }

    pub(super) fn make(&self, a: usize, b: usize, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Syntax, range(a, b), message)
    }

    pub(super) fn over(&self, t: &Token, message: impl Into<String>) -> Error {
        self.make(t.start, t.end, message)
    }

    pub(super) fn diagnose(&self, e: &ParseError) -> Error {
        let at = e.location.start().to_usize();
        if let Some(found) = self.string_at(at).and_then(|start| self.interpolated_string(start)) {
            return found;
        }
        if let Some(found) = self.mixed_strings(self.index_at(at)) {
            return found;
        }
        // Errors of the tokenizer come first where the parser got there.
        if let Some(t) = &self.t.error {
            let first_unread = self.t.list.last().map_or(0, |t| t.end);
            if at + 1 >= first_unread || t.range.start().to_usize() <= at {
                return t.clone();
            }
        }
        let error = self.specific(e);
        if error.message != "invalid syntax" {
            if let Some(unclosed) = self.unclosed_before(error.range.start().to_usize()) {
                return unclosed;
            }
            return error;
        }
        if let Some(t) = &self.t.error {
            return t.clone();
        }
        if let Some(unclosed) = self.unclosed(at) {
            return unclosed;
        }
        error
    }

    /// A bracket open at the end of the input.
    pub(super) fn unclosed(&self, at: usize) -> Option<Error> {
        let &(c, start) = self.t.open.last()?;
        let last = self.t.list.last().map_or(0, |t| t.start);
        let behind_end = at >= last;
        if behind_end || self.line_of(at) > self.line_of(start) {
            return Some(self.make(start, start + 1, format!("'{}' was never closed", c as char)));
        }
        None
    }

    /// CPython prefers the bracket if the error is on a later line.
    pub(super) fn unclosed_before(&self, at: usize) -> Option<Error> {
        let &(c, start) = self.t.open.last()?;
        if start < at && self.line_of(at) > self.line_of(start) {
            return Some(self.make(start, start + 1, format!("'{}' was never closed", c as char)));
        }
        None
    }

    pub(super) fn invalid(&self, at: usize) -> Error {
        let i = self.index_at(at);
        match self.tok(i) {
            Some(t) if t.kind == Kind::Indent => Error::new(
                ErrorKind::Indentation,
                range(t.end.saturating_sub(1), t.end),
                "unexpected indent",
            ),
            Some(t) => self.over(t, "invalid syntax"),
            None => self.make(at, at, "invalid syntax"),
        }
    }

    pub(super) fn specific(&self, e: &ParseError) -> Error {
        use ParseErrorType as P;
        let at = e.location.start().to_usize();
        let end = e.location.end().to_usize();
        let here = |m: &str| self.make(at, end, m);
        match &e.error {
            P::UnexpectedIndentation => {
                let i = self.index_at(at);
                let end = self
                    .t
                    .list
                    .get(i..)
                    .and_then(|l| l.iter().find(|t| t.kind == Kind::Indent))
                    .map_or(end, |t| t.end);
                Error::new(
                    ErrorKind::Indentation,
                    range(end.saturating_sub(1), end),
                    "unexpected indent",
                )
            }
            P::InvalidAssignmentTarget
            | P::InvalidAugmentedAssignmentTarget
            | P::InvalidDeleteTarget
            | P::InvalidNamedAssignmentTarget
            | P::InvalidAnnotatedAssignmentTarget => self.target(&e.error, at, end),
            P::UnparenthesizedGeneratorExpression => here("Generator expression must be parenthesized"),
            P::ParamAfterVarKeywordParam => here("arguments cannot follow var-keyword argument"),
            P::NonDefaultParamAfterDefaultParam => here("parameter without a default follows parameter with a default"),
            P::VarParameterWithDefault => {
                let i = self.index_at(at);
                let stars = (0..=i).rev().map(|k| self.word(k)).find(|w| matches!(*w, "*" | "**"));
                let eq = (i..self.t.list.len()).find(|&k| self.word(k) == "=");
                let m = if stars == Some("**") {
                    "var-keyword argument cannot have default value"
                } else {
                    "var-positional argument cannot have default value"
                };
                match eq.and_then(|k| self.tok(k)) {
                    Some(t) => self.over(t, m),
                    None => here(m),
                }
            }
            P::ExpectedKeywordParam => {
                let i = self.index_at(at);
                let star = (0..=i).rev().find(|&k| self.word(k) == "*");
                match star.and_then(|k| self.tok(k)) {
                    Some(t) => self.over(t, "named arguments must follow bare *"),
                    None => here("named arguments must follow bare *"),
                }
            }
            P::PositionalAfterKeywordArgument | P::PositionalAfterKeywordUnpacking => {
                let m = if matches!(e.error, P::PositionalAfterKeywordArgument) {
                    "positional argument follows keyword argument"
                } else {
                    "positional argument follows keyword argument unpacking"
                };
                self.make(end, end + 1, m)
            }
            P::InvalidArgumentUnpackingOrder => {
                let comma = self.index_at(at).saturating_sub(1);
                let start = self.tok(comma).map_or(at, |t| t.start);
                self.make(
                    start,
                    end,
                    "iterable argument unpacking follows keyword argument unpacking",
                )
            }
            P::IterableUnpackingInComprehension => here("iterable unpacking cannot be used in comprehension"),
            P::EmptyImportNames => {
                let i = self.index_at(at);
                match self.tok(i) {
                    Some(t) => self.over(t, "Expected one or more names after 'import'"),
                    None => here("Expected one or more names after 'import'"),
                }
            }
            P::InvalidMatchPatternTarget => here("cannot use '_' as a target"),
            P::EmptyTypeParams => here("Type parameter list cannot be empty"),
            P::InvalidStarredExpressionUsage => self.starred(at, end),
            P::ExpectedToken { .. } | P::ExpectedExpression => self.expected(e, at, end),
            P::UnexpectedExpressionToken if self.word(self.index_at(at)) == "=" => self.invalid(at),
            P::SimpleStatementsOnSameLine | P::SimpleAndCompoundStatementOnSameLine | P::UnexpectedExpressionToken => {
                self.adjacent(at)
            }
            P::UnparenthesizedTupleExpression => {
                let i = self.index_at(at);
                let comma = (i..self.t.list.len())
                    .find(|&k| self.word(k) == "," && self.t.list[k].level == self.innermost_level(i));
                self.at_token(comma.unwrap_or(i), "invalid syntax")
            }
            P::FStringError(x) => self.interpolated("f", x, at, end),
            P::TStringError(x) => self.interpolated("t", x, at, end),
            P::Lexical(LexicalErrorType::FStringError(x)) => self.interpolated("f", x, at, end),
            P::Lexical(LexicalErrorType::TStringError(x)) => self.interpolated("t", x, at, end),
            P::Lexical(l) => self.lexical(l, at, end),
            P::OtherError(m) => self.other(m, at, end),
            _ => self.invalid(at),
        }
    }

    pub(super) fn starred(&self, at: usize, end: usize) -> Error {
        let i = self.index_at(at);
        let colon = i > 0 && self.word(i - 1) == ":";
        if self.innermost(i) == Some(b'{') && !colon && !self.is_dict(i) {
            // An element, which a colon follows.
            let mut k = self.index_at(end);
            while self.word(k) == ")" {
                k += 1;
            }
            return self.at_token(k, "invalid syntax");
        }
        if self.word(i) == "**" || self.innermost(i) == Some(b'{') && !colon {
            return self.invalid(at);
        }
        if colon && self.tok(i).is_some_and(|t| t.level > 0) {
            let brace = self.t.list[..i].iter().rev().find(|t| matches!(self.str(t), "{" | "["));
            if brace.is_some_and(|t| self.str(t) == "{") {
                return self.make(at, end, "cannot use a starred expression in a dictionary value");
            }
        }
        if i > 0 && self.word(i - 1) == "(" {
            return self.make(at, end, "cannot use starred expression here");
        }
        self.invalid(at)
    }

    /// Messages of the parser that are plain text.
    pub(super) fn other(&self, m: &str, at: usize, end: usize) -> Error {
        const SAME: &[(&str, &str)] = &[
            ("Only one '/' separator", "/ may appear only once"),
            ("Only one '*' param", "* argument may appear only once"),
            ("'/' parameter must appear", "/ must be ahead of *"),
            (
                "Position-only parameter separator not allowed",
                "at least one argument must precede /",
            ),
            ("Boolean 'not'", "'not' after an operator must be parenthesized"),
            (
                "Cannot have both 'except'",
                "cannot have both 'except' and 'except*' on the same 'try'",
            ),
            (
                "Trailing comma not allowed",
                "trailing comma not allowed without surrounding parentheses",
            ),
            ("Bytes literal cannot", "cannot mix bytes and nonbytes literals"),
            (
                "Positional patterns cannot",
                "positional patterns follow keyword patterns",
            ),
            (
                "Multiple exception types must be parenthesized when using",
                "multiple exception types must be parenthesized when using 'as'",
            ),
            (
                "Expected one or more exception types",
                "expected one or more exception types",
            ),
            (
                "Only single target (not tuple)",
                "only single target (not tuple) can be annotated",
            ),
            (
                "Only single target (not list)",
                "only single target (not list) can be annotated",
            ),
            ("Expected a real number", "real number required in complex literal"),
        ];
        if m.starts_with("Expected an indented block") {
            return self.block(at);
        }
        if m.contains("Expected `except` or `finally`") || m.contains("except` or `finally") {
            let i = self.index_at(at);
            return match self.tok(i) {
                Some(t) => self.over(t, "expected 'except' or 'finally' block"),
                None => self.make(at, end, "expected 'except' or 'finally' block"),
            };
        }
        if m.ends_with("expression cannot be used here") {
            // Behind a star: the first operator that does not bind tightly enough.
            let i = self.index_at(at);
            return self.at_token(self.operand_end(i).unwrap_or(i), "invalid syntax");
        }
        if m.starts_with("Expected a parameter name") {
            let i = self.index_at(at);
            let level = self.innermost_level(i);
            let eq = (i..self.t.list.len()).find(|&k| self.word(k) == "=" && self.t.list[k].level == level);
            if let Some(e) = eq.and_then(|k| self.equals(k)) {
                return e;
            }
        }
        for (head, message) in SAME {
            if m.starts_with(head) {
                if m.contains("(not tuple)") && self.word(self.index_at(at)) != "(" {
                    // The first element.
                    let k = self.index_at(at);
                    let comma = (k..self.t.list.len()).find(|&i| self.word(i) == "," && self.t.list[i].level == 0);
                    let end = comma.and_then(|i| self.tok(i - 1)).map_or(end, |t| t.end);
                    return self.make(at, end, *message);
                }
                if m.starts_with("Trailing") {
                    return self.at_token(self.index_at(end), message);
                }
                if m.starts_with("Cannot have both") {
                    let star = self.text.get(at..).is_some_and(|t| t.starts_with("except*"));
                    return self.make(at, at + if star { 7 } else { 6 }, *message);
                }
                if m.starts_with("Bytes") {
                    return self.make(end, end + 1, *message);
                }
                return self.make(at, end, *message);
            }
        }
        self.expected_text(at, end)
    }

    /// The block behind a colon is missing.
    pub(super) fn block(&self, at: usize) -> Error {
        let i = self.index_at(at);
        // The token behind the last newline that follows a colon.
        let mut colon = i;
        while colon > 0 && !(self.word(colon - 1) == ":" && self.tok(colon).is_none_or(|t| t.kind == Kind::Newline)) {
            colon -= 1;
        }
        let mut k = colon.saturating_sub(1);
        while k > 0
            && !(matches!(
                self.tok(k - 1).map(|t| t.kind),
                Some(Kind::Newline | Kind::Indent | Kind::Dedent)
            ))
        {
            k -= 1;
        }
        let first = self.word(k);
        let (word, k2) = if first == "async" {
            (self.word(k + 1), k + 1)
        } else {
            (first, k)
        };
        let line = self.tok(k).map_or(1, |t| self.line_of(t.start));
        let what = match word {
            "class" => format!("class definition on line {line}"),
            "def" => format!("function definition on line {line}"),
            "except" if self.word(k2 + 1) == "*" => format!("'except*' statement on line {line}"),
            w => format!("'{w}' statement on line {line}"),
        };
        let mut n = colon + 1;
        while self.tok(n).is_some_and(|t| matches!(t.kind, Kind::Dedent)) {
            n += 1;
        }
        let (a, b) = self.tok(n).map_or((at, at), |t| (t.start, t.end));
        let b = if self.tok(n).is_some_and(|t| t.kind == Kind::End) {
            a
        } else {
            b
        };
        Error::new(
            ErrorKind::Indentation,
            range(a, b),
            format!("expected an indented block after {what}"),
        )
    }

    pub(super) fn expected(&self, e: &ParseError, at: usize, end: usize) -> Error {
        if let Some(found) = self.in_fstring(at) {
            return found;
        }
        let i = self.index_at(at);
        if let ParseErrorType::ExpectedToken { expected, .. } = &e.error {
            let want = expected.to_string();
            let found = self.tok(i).map_or(Kind::End, |t| t.kind);
            if want == "`:`" {
                let start = self.statement_start(i);
                let head = self.word(start);
                let forced = matches!(head, "else" | "try" | "finally" | "def") || self.lambda_before(i);
                if matches!(found, Kind::Newline | Kind::End) || forced {
                    if self.word(i) != "=" && !self.lambda_parens(i) {
                        return self.at_token(i, "expected ':'");
                    }
                }
            }
            if want == "`else`" && self.word(i) != ":" {
                let for_ = (0..i).rev().find(|&k| matches!(self.word(k), "for" | "in"));
                if let Some(k) = for_.filter(|&k| self.word(k) == "for") {
                    if let (Some(a), Some(b)) = (self.tok(k), self.tok(i.saturating_sub(1))) {
                        let if_ = (k..i).find(|&x| self.word(x) == "if").unwrap_or(i);
                        let b = self.tok(if_.saturating_sub(1)).map_or(b.end, |t| t.end);
                        return self.make(a.end + 1, b, "'in' expected after for-loop variables");
                    }
                }
                return self.expected_else(i);
            }
            if want == "`(`" {
                return self.at_token(i, "expected '('");
            }
        }
        self.expected_text(at, end)
    }

    pub(super) fn lambda_before(&self, i: usize) -> bool {
        (0..i)
            .rev()
            .take_while(|&k| !matches!(self.word(k), ":" | "\n"))
            .any(|k| self.word(k) == "lambda")
    }

    pub(super) fn lambda_parens(&self, i: usize) -> bool {
        self.word(i) == "(" && self.lambda_before(i)
    }

    pub(super) fn expected_else(&self, i: usize) -> Error {
        let m = "expected 'else' after 'if' expression";
        // From the start of the value before `if`.
        let Some(k) = (0..i).rev().find(|&k| self.word(k) == "if") else {
            return self.at_token(i, m);
        };
        let a = self.expression_start(k);
        let (s, e) = (
            self.tok(a).map_or(0, |t| t.start),
            self.tok(i.saturating_sub(1)).map_or(0, |t| t.end),
        );
        self.make(s, e, m)
    }

    pub(super) fn statement_start(&self, i: usize) -> usize {
        let mut k = i;
        while k > 0
            && !matches!(
                self.tok(k - 1).map(|t| t.kind),
                Some(Kind::Newline | Kind::Indent | Kind::Dedent)
            )
        {
            k -= 1;
        }
        k
    }

    pub(super) fn at_token(&self, i: usize, m: &str) -> Error {
        match self.tok(i) {
            Some(t) => self.over(t, m),
            None => self.make(self.text.len(), self.text.len(), m),
        }
    }

    pub(super) fn is_keyword(&self, w: &str) -> bool {
        KEYWORDS.contains(&w)
    }

    pub(super) fn starts_expression(&self, i: usize) -> bool {
        let Some(t) = self.tok(i) else { return false };
        let w = self.str(t);
        match t.kind {
            Kind::Name => !self.is_keyword(w) || matches!(w, "None" | "True" | "False" | "lambda" | "not" | "await"),
            Kind::Number | Kind::String => true,
            Kind::Op => matches!(w, "(" | "[" | "{" | "..." | "-" | "+" | "~"),
            _ => false,
        }
    }

    /// Two expressions side by side, or other ways to go wrong that have a message of their own.
    pub(super) fn adjacent(&self, at: usize) -> Error {
        let i = self.index_at(at);
        if i > 0 {
            let start = self.statement_start(i);
            // print x
            if matches!(self.word(i - 1), "print" | "exec") && start + 1 == i && (self.starts_expression(i)) {
                let name = self.word(i - 1);
                let last = (i..self.t.list.len())
                    .find(|&k| self.t.list[k].kind == Kind::Newline || self.word(k) == ";")
                    .unwrap_or(self.t.list.len().saturating_sub(1));
                let a = self.tok(i - 1).map_or(at, |t| t.start);
                let b = self.tok(last - 1).map_or(at, |t| t.end);
                if self.tok(i).is_none_or(|t| self.parsed(t.start, b).is_none()) {
                    return self.invalid(at);
                }
                return self.make(
                    a,
                    b,
                    format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?"),
                );
            }
            if self.word(start) == "import" && self.word(i) == "from" {
                let a = self.tok(start).map_or(at, |t| t.start);
                let b = (i..self.t.list.len())
                    .find(|&k| self.t.list[k].kind == Kind::Newline)
                    .and_then(|k| self.tok(k - 1))
                    .map_or(at, |t| t.end);
                return self.make(a, b, "Did you mean to use 'from ... import ...' instead?");
            }
            if let Some(e) = self.part_of_string(i) {
                return e;
            }
            if matches!(self.word(start), "import" | "from") {
                if let Some(e) = self.import_target(i) {
                    return e;
                }
            }
        }
        self.expected_text(at, at)
    }

    /// The generic case with the hints of CPython's grammar.
    pub(super) fn expected_text(&self, at: usize, end: usize) -> Error {
        let i = self.index_at(at);
        let Some(t) = self.tok(i) else {
            return self.make(at, end, "invalid syntax");
        };
        if let Some(e) = self.hint(i) {
            return e;
        }
        let w = self.str(t);
        let prev = if i > 0 { self.word(i - 1) } else { "" };
        let start = self.statement_start(i);
        let head = self.word(start);
        if matches!(head, "import" | "from") {
            if let Some(e) = self.import_target(i) {
                return e;
            }
            if head == "import" && t.kind == Kind::Newline && prev == "import" {
                return self.over(t, "Expected one or more names after 'import'");
            }
        }
        if head == "except" {
            if let Some(k) = (start..i).rev().find(|&k| self.word(k) == "as") {
                let word = if self.word(start + 1) == "*" {
                    "except*"
                } else {
                    "except"
                };
                let target = self.tok(k + 1);
                let what = match w {
                    "(" if k + 1 == i => Some("tuple"),
                    "[" if k + 1 == i => Some("list"),
                    _ if k + 1 == i && target.is_some_and(|t| matches!(t.kind, Kind::Number | Kind::String)) => {
                        Some("literal")
                    }
                    "." => Some("attribute"),
                    "[" => Some("subscript"),
                    "(" if k + 1 < i => Some("function call"),
                    _ => None,
                };
                if let (Some(what), Some(first)) = (what, self.tok(k + 1)) {
                    let colon = (i..self.t.list.len()).find(|&x| self.word(x) == ":").unwrap_or(i + 1);
                    let b = self.tok(colon - 1).map_or(t.end, |x| x.end);
                    return self.make(first.start, b, format!("cannot use {word} statement with {what}"));
                }
            }
        }
        // Parameters in parentheses.
        if w == "(" && t.level > 0 && head == "def" && matches!(prev, "(" | ",") {
            return self.group(i, "Function parameters cannot be parenthesized");
        }
        if w == "(" && self.lambda_before(i) && matches!(prev, "lambda" | ",") {
            return self.group(i, "Lambda expression parameters cannot be parenthesized");
        }
        if w == "=" {
            if let Some(e) = self.equals(i) {
                return e;
            }
        }
        if let Some(e) = self.bad_star(i) {
            return e;
        }
        if matches!(prev, "," | "{") && w == "elif" {
            return self.invalid(at);
        }
        if w == "elif" && self.after_else(start) {
            return self.over(t, "'elif' block follows an 'else' block");
        }
        if matches!(w, "}" | ",") && self.innermost(i) == Some(b'{') && self.is_dict(i) {
            if let Some(p) = i.checked_sub(1).and_then(|k| self.tok(k)) {
                // From its last character on.
                let last = self.str(p).chars().next_back().map_or(0, char::len_utf8);
                return self.make(p.end - last, p.end, "':' expected after dictionary key");
            }
        }
        if prev == "=" && matches!(w, ")" | ",") && (self.innermost_level(i) > 0 || self.lambda_before(i)) {
            let in_def = matches!(head, "def" | "async") || self.lambda_before(i);
            let eq = self.tok(i - 1).map_or(at, |t| t.start);
            if in_def {
                return self.make(eq, eq + 1, "expected default value expression");
            }
            let a = self.tok(i.saturating_sub(2)).map_or(at, |t| t.start);
            return self.make(a, eq + 1, "expected argument value expression");
        }
        if prev == ":" && matches!(w, "}" | ",") && i > 0 {
            let colon = self.tok(i - 1).map_or(at, |t| t.start);
            if self.innermost(i - 1) == Some(b'{') {
                return self.make(colon, colon + 1, "expression expected after dictionary key and ':'");
            }
        }
        if w == "for" && t.level > 0 && self.tuple_before(i) {
            let a = self.expression_list_start(i);
            let b = self.tok(i - 1).map_or(at, |t| t.end);
            return self.make(
                self.tok(a).map_or(at, |t| t.start),
                b,
                "did you forget parentheses around the comprehension target?",
            );
        }
        if matches!(
            w,
            "pass"
                | "break"
                | "continue"
                | "return"
                | "raise"
                | "del"
                | "assert"
                | "import"
                | "global"
                | "yield"
                | "from"
        ) && prev == "else"
        {
            return self.over(t, "expected expression after 'else', but statement is given");
        }
        if self.word(i + 1) == "if"
            && matches!(w, "pass" | "break" | "continue")
            && matches!(prev, "=" | "(" | "," | "return")
        {
            return self.over(t, "expected expression before 'if', but statement is given");
        }
        // Two expressions side by side inside of brackets.
        if i > 0 && self.starts_expression(i) && !matches!(w, "+" | "-" | "(" | "[") {
            if let Some(e) = self.part_of_string(i) {
                return e;
            }
            let p = &self.t.list[i - 1];
            let ends = match p.kind {
                Kind::Name => !self.is_keyword(prev) || matches!(prev, "None" | "True" | "False"),
                Kind::Number | Kind::String => true,
                Kind::Op => matches!(prev, ")" | "]" | "}" | "..."),
                _ => false,
            };
            let name_string = p.kind == Kind::Name && t.kind == Kind::String;
            let soft = matches!(prev, "match" | "case" | "type" | "_");
            let a = self.expression_start(i);
            let unpacks = self.word(a) == "**" && self.innermost(a) == Some(b'{');
            if ends && p.level > 0 && t.level >= p.level && !name_string && !soft && !unpacks && head != "def" {
                let first = self.tok(a).map_or(at, |t| t.start);
                return self.make(
                    first,
                    self.expression_end(i),
                    "invalid syntax. Perhaps you forgot a comma?",
                );
            }
        }
        self.invalid(at)
    }

    pub(super) fn group(&self, i: usize, m: &str) -> Error {
        let a = self.tok(i).map_or(0, |t| t.start);
        let level = self.tok(i).map_or(0, |t| t.level);
        let b = (i..self.t.list.len())
            .find(|&k| self.word(k) == ")" && self.t.list[k].level < level)
            .and_then(|k| self.tok(k))
            .map_or(a + 1, |t| t.end);
        self.make(a, b, m)
    }

    /// Whether the error is at the end of the text.
    pub fn parsed(&self, a: usize, b: usize) -> Option<ruff_python_ast::Expr> {
        let text = self.text.get(a..b)?;
        let p = ruff_python_parser::parse_expression(&format!("({text}\n)")).ok()?;
        let e = p.into_syntax();
        let _ = e.range();
        Some(*e.body)
    }
}

/// What keeps a text from being split into tokens, as CPython's tokenizer reports it.
pub(crate) fn lexical_error(text: &str) -> Option<Error> {
    let t = tokenize(text);
    if t.error.is_some() || t.open.is_empty() {
        return t.error;
    }
    Some(Error::new(
        ErrorKind::Syntax,
        range(text.len(), text.len()),
        "unexpected EOF in multi-line statement",
    ))
}
