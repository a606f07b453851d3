//! The tokens of a text as Python's `tokenize` shows them: with comments, blank lines and indentation.

use crate::place::place_error;
use crate::source::Source;
use crate::{SyntaxError, limits, stack};
use ruff_python_ast::PythonVersion;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::Ranged;

/// What a token is, apart from its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenClass {
    Name,
    Number,
    String,
    Newline,
    Indent,
    Dedent,
    Op,
    FStringStart,
    FStringMiddle,
    FStringEnd,
    TStringStart,
    TStringMiddle,
    TStringEnd,
    Comment,
    /// A newline that ends no statement.
    Blank,
    End,
}

/// A token; `start..end` are byte offsets.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub class: TokenClass,
    pub start: usize,
    pub end: usize,
}

/// The tokens up to the first error, and that error.
pub fn tokens(source: &str, filename: &str) -> (Vec<Token>, Option<SyntaxError>) {
    let src = Source::new(source);
    let stack = match limits::stack_for(source) {
        Ok(s) => s,
        Err(e) => return (Vec::new(), Some(place_error(&src, filename, e))),
    };
    let error = crate::diagnose::lexical_error(source);
    let limit = error.as_ref().map_or(usize::MAX, |e| e.range.start().to_usize());
    let list = stack::with(stack, stack, || {
        let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY314);
        let parsed = ruff_python_parser::parse_unchecked(source, options);
        let mut list = Vec::new();
        for t in parsed.tokens().iter() {
            let (start, end) = (t.range().start().to_usize(), t.range().end().to_usize());
            if end > limit {
                break;
            }
            if let Some(class) = class(t.kind()) {
                list.push(Token { class, start, end });
            }
        }
        // The parser keeps it to itself.
        if error.is_none() && list.last().is_none_or(|t| t.class != TokenClass::End) {
            list.push(Token {
                class: TokenClass::End,
                start: source.len(),
                end: source.len(),
            });
        }
        list
    });
    let list = match list {
        Ok(list) => list,
        Err(e) => return (Vec::new(), Some(place_error(&src, filename, e.into()))),
    };
    (list, error.map(|e| place_error(&src, filename, e)))
}

fn class(k: TokenKind) -> Option<TokenClass> {
    Some(match k {
        TokenKind::Int | TokenKind::Float | TokenKind::Complex => TokenClass::Number,
        TokenKind::String => TokenClass::String,
        TokenKind::FStringStart => TokenClass::FStringStart,
        TokenKind::FStringMiddle => TokenClass::FStringMiddle,
        TokenKind::FStringEnd => TokenClass::FStringEnd,
        TokenKind::TStringStart => TokenClass::TStringStart,
        TokenKind::TStringMiddle => TokenClass::TStringMiddle,
        TokenKind::TStringEnd => TokenClass::TStringEnd,
        TokenKind::Comment => TokenClass::Comment,
        TokenKind::Newline => TokenClass::Newline,
        TokenKind::NonLogicalNewline => TokenClass::Blank,
        TokenKind::Indent => TokenClass::Indent,
        TokenKind::Dedent => TokenClass::Dedent,
        TokenKind::EndOfFile => TokenClass::End,
        TokenKind::IpyEscapeCommand => return None,
        TokenKind::Name => TokenClass::Name,
        k if k.is_keyword() => TokenClass::Name,
        _ => TokenClass::Op,
    })
}
