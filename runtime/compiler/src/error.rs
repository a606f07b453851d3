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
    /// As `col`; at most 0 where CPython says no more than that there is an end.
    pub end_col: i32,
    /// The source line.
    pub text: Option<String>,
    /// CPython's compiler reports it, not its parser: then the source line is taken from the file.
    pub of_compiler: bool,
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
    /// The message if the warning is made an error, where it differs.
    pub error: Option<String>,
    pub line: u32,
    /// From 1, in characters.
    pub col: u32,
    pub end_line: u32,
    pub end_col: u32,
    /// The source line, for warnings of the tokenizer.
    pub text: Option<String>,
}

/// An error before it is placed in its file.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    pub kind: ErrorKind,
    pub message: String,
    pub range: TextRange,
    /// CPython's tokenizer raises it itself, and shows of the line what it had read: without the newline. (Other errors it
    /// only returns; the parser raises those.)
    pub in_tokenizer: bool,
}

impl Error {
    pub fn new(kind: ErrorKind, range: TextRange, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            range,
            in_tokenizer: false,
        }
    }

    pub fn in_tokenizer(self) -> Self {
        Self {
            in_tokenizer: true,
            ..self
        }
    }
}

pub(crate) type Res<T> = Result<T, Error>;

pub(crate) fn syntax<T>(range: TextRange, message: impl Into<String>) -> Res<T> {
    Err(Error::new(ErrorKind::Syntax, range, message))
}

/// Whether an error is one that CPython's parser lets pass.
pub(crate) fn of_compiler(message: &str) -> bool {
    const WHOLE: &[&str] = &[
        "'return' outside function",
        "'break' outside loop",
        "'continue' not properly in loop",
        "'yield' outside function",
        "'await' outside function",
        "'await' outside async function",
        "'async for' outside async function",
        "'async with' outside async function",
        "'yield from' inside async function",
        "'return' with value in async generator",
        "asynchronous comprehension outside of an asynchronous function",
        "asynchronous list comprehension outside of an asynchronous function",
        "import * only allowed at module level",
        "nonlocal declaration not allowed at module level",
        "default 'except:' must be last",
        "multiple starred expressions in assignment",
        "starred assignment target must be in a list or tuple",
        "can't use starred expression here",
        "too many expressions in star-unpacking assignment",
        "too many statically nested blocks",
        "from __future__ imports must occur at the beginning of the file",
        "not a chance",
        "cannot assign to __debug__",
        "cannot delete __debug__",
    ];
    const HEADS: &[&str] = &[
        "no binding for nonlocal '",
        "duplicate parameter '",
        "duplicate argument '",
        "future feature ",
        "annotated name '",
        "name '",
        "alternative patterns bind different names",
    ];
    WHOLE.contains(&message) || HEADS.iter().any(|h| message.starts_with(h))
}
