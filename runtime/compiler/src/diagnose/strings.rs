//! Errors inside of string literals.

use super::tokens::Kind;
use super::{Doctor, Error};
use ruff_python_parser::{InterpolatedStringErrorType as Interpolated, LexicalErrorType};

impl Doctor<'_> {
    pub(super) fn lexical(&self, l: &LexicalErrorType, at: usize, end: usize) -> Error {
        match l {
            LexicalErrorType::InvalidByteLiteral => {
                let i = self.index_at(at);
                self.at_token(i, "bytes can only contain ASCII literal characters")
            }
            LexicalErrorType::MissingUnicodeLbrace | LexicalErrorType::MissingUnicodeRbrace => {
                let i = self.index_at(at);
                let (start, stop) = self.tok(i).map_or((at, end), |t| (t.start, t.end));
                let text = self.text.get(start..stop).unwrap_or("");
                let quote = text.find(['"', '\'']).map_or(0, |q| q + 1);
                let from = text.find("\\N").unwrap_or(quote).saturating_sub(quote);
                let tail = text.get(quote + from..).unwrap_or("");
                let stop = tail.find(['"', '\'']).unwrap_or(tail.len());
                let stop = if matches!(l, LexicalErrorType::MissingUnicodeLbrace) {
                    2
                } else {
                    stop
                };
                self.make(
                    start,
                    end,
                    format!(
                        "(unicode error) 'unicodeescape' codec can't decode bytes in position {from}-{}: malformed \\N character escape",
                        from + stop.max(1) - 1
                    ),
                )
            }
            LexicalErrorType::UnicodeError | LexicalErrorType::StringError => self.unicode_error(at, end),
            LexicalErrorType::OtherError(m) if m.contains("integer literal") => self.make(at, end, "invalid syntax"),
            _ => self.invalid(at),
        }
    }

    /// A bad escape in a string: its place counts from the start of the contents.
    pub(super) fn unicode_error(&self, at: usize, end: usize) -> Error {
        let i = self.index_at(at);
        let (start, stop) = match self.tok(i) {
            Some(t) if t.kind == Kind::String => (t.start, t.end),
            _ => (at, end),
        };
        let text = self.text.get(start..stop).unwrap_or("");
        let quote = text.find(['"', '\'']).unwrap_or(0);
        let q = text.get(quote..quote + 3);
        let body_at = quote + if matches!(q, Some("\"\"\"" | "'''")) { 3 } else { 1 };
        let body = text.get(body_at..).unwrap_or("");
        let bytes = body.as_bytes();
        let mut k = 0;
        while k + 1 < bytes.len() {
            if bytes[k] != b'\\' {
                k += 1;
                continue;
            }
            let (want, name) = match bytes[k + 1] {
                b'x' => (2, "truncated \\xXX escape"),
                b'u' => (4, "truncated \\uXXXX escape"),
                b'U' => (8, "truncated \\UXXXXXXXX escape"),
                b'N' => {
                    let close = body[k..].find('}').map_or(body.len(), |c| k + c);
                    return self.make(
                        start,
                        stop,
                        format!(
                            "(unicode error) 'unicodeescape' codec can't decode bytes in position {k}-{close}: unknown Unicode character name"
                        ),
                    );
                }
                _ => {
                    k += 2;
                    continue;
                }
            };
            let have = bytes[k + 2..]
                .iter()
                .take(want)
                .take_while(|b| b.is_ascii_hexdigit())
                .count();
            let message = if have < want {
                name
            } else {
                let v = u32::from_str_radix(&body[k + 2..k + 2 + want], 16).unwrap_or(0);
                if v <= 0x10FFFF {
                    k += 2 + want;
                    continue;
                }
                "illegal Unicode character"
            };
            if bytes[k + 1] == b'x' && text[..quote].to_ascii_lowercase().contains('b') {
                return self.make(start, stop, format!("(value error) invalid \\x escape at position {k}"));
            }
            return self.make(
                start,
                stop,
                format!(
                    "(unicode error) 'unicodeescape' codec can't decode bytes in position {k}-{}: {message}",
                    k + 1 + have
                ),
            );
        }
        self.make(start, stop, "invalid syntax")
    }

    pub(super) fn interpolated(&self, p: &str, x: &Interpolated, at: usize, end: usize) -> Error {
        let m = match x {
            Interpolated::SingleRbrace => {
                let m = format!("{p}-string: single '}}' is not allowed");
                return self.make(at, end, m).in_tokenizer();
            }
            Interpolated::UnclosedLbrace => {
                let spec = self.text.get(..at).is_some_and(|t| t.ends_with(':'));
                if spec {
                    "expecting '}', or format specs"
                } else {
                    "expecting '}'"
                }
            }
            Interpolated::InvalidConversionFlag => {
                let rest = self.text.get(at..).unwrap_or("");
                let rest = rest.strip_prefix('!').unwrap_or(rest);
                let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if word.is_empty() {
                    "missing conversion character"
                } else {
                    return self.make(
                        at,
                        end,
                        format!("{p}-string: invalid conversion character '{word}': expected 's', 'r', or 'a'"),
                    );
                }
            }
            Interpolated::LambdaWithoutParentheses => "lambda expressions are not allowed without parentheses",
            Interpolated::ConversionFlagNotImmediatelyAfterExclamation => {
                "conversion type must come right after the exclamation mark"
            }
            Interpolated::NewlineInFormatSpec => {
                "newlines are not allowed in format specifiers for single quoted f-strings"
            }
            Interpolated::UnterminatedString | Interpolated::UnterminatedTripleQuotedString => {
                let q = if matches!(x, Interpolated::UnterminatedString) {
                    ""
                } else {
                    "triple-quoted "
                };
                let line = self.line_of(end);
                let m = format!("unterminated {q}{p}-string literal (detected at line {line})");
                return self.make(at, end, m).in_tokenizer();
            }
        };
        self.make(at, end, format!("{p}-string: {m}"))
    }

    /// `f"{}"` and the like: what the place in the string tells.
    pub(super) fn in_fstring(&self, at: usize) -> Option<Error> {
        let i = self.index_at(at);
        let t = self.tok(i)?;
        if t.kind != Kind::String || !(t.start < at && at <= t.end) {
            return None;
        }
        let p = self.str(t).split(['"', '\'']).next()?.to_ascii_lowercase();
        let p = if p.contains('f') {
            "f"
        } else if p.contains('t') {
            "t"
        } else {
            return None;
        };
        let rest = self.text.get(at..)?;
        let before = self.text.get(t.start..at)?.trim_end();
        let c = rest.chars().next()?;
        let opened = before.ends_with('{') || before.lines().last().is_some_and(|l| l.trim_start().starts_with('#'));
        let m = if opened {
            match c {
                '!' | ':' | '}' | '=' => format!("valid expression required before '{c}'"),
                '"' | '\'' if at + 1 >= t.end => "expecting '}'".into(),
                _ if rest.starts_with("lambda") => "lambda expressions are not allowed without parentheses".into(),
                _ => "expecting a valid expression after '{'".into(),
            }
        } else if before.contains("lambda") && c != ')' {
            "lambda expressions are not allowed without parentheses".into()
        } else {
            "expecting '=', or '!', or ':', or '}'".into()
        };
        Some(self.make(at, at + c.len_utf8(), format!("{p}-string: {m}")))
    }
}
