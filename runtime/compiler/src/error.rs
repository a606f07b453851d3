//! Errors and warnings of the compiler.

use ruff_text_size::TextRange;

/// The Python exception class an error stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    Syntax,
    Indentation,
    Tab,
    /// RecursionError: nesting too deep.
    Recursion,
    /// MemoryError: a limit of the code format.
    Memory,
    /// OverflowError.
    Overflow,
    /// ValueError (for example null bytes are a SyntaxError, but too long int literals are reported so).
    Value,
}

/// A compile-time error as Python shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub kind: ErrorKind,
    pub message: String,
    pub filename: String,
    /// From 1; 0 if there is none.
    pub line: u32,
    /// From 1, in characters; 0 if there is none.
    pub col: u32,
    pub end_line: u32,
    pub end_col: u32,
    /// The source line.
    pub text: Option<String>,
    /// More input could make it valid (for the interactive prompt and `codeop`).
    pub incomplete_input: bool,
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} ({}, line {}, col {})",
            self.message, self.filename, self.line, self.col
        )
    }
}

impl std::error::Error for SyntaxError {}

/// A SyntaxWarning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub message: String,
    pub line: u32,
    pub col: u32,
}

/// An error before it is placed in its file.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    pub kind: ErrorKind,
    pub message: String,
    pub range: TextRange,
}

pub(crate) type Res<T> = Result<T, Error>;

pub(crate) fn syntax<T>(range: TextRange, message: impl Into<String>) -> Res<T> {
    Err(Error {
        kind: ErrorKind::Syntax,
        message: message.into(),
        range,
    })
}
