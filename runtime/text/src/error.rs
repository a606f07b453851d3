//! Errors: what the caller needs to raise CPython's exception.

use std::fmt;

/// The Python exception class an error stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    Value,
    Type,
    Overflow,
    Memory,
    Index,
    Key,
    ZeroDivision,
    Lookup,
}

/// An exception class and its message, worded as CPython words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    pub kind: ErrorKind,
    pub message: String,
}

/// The result of a fallible text operation.
pub type Result<T, E = TextError> = std::result::Result<T, E>;

impl TextError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        TextError {
            kind,
            message: message.into(),
        }
    }
    pub fn value(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Value, message)
    }
    pub fn type_error(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Type, message)
    }
    pub fn overflow(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Overflow, message)
    }
    /// `MemoryError` with no message, as CPython raises it.
    pub fn memory() -> Self {
        Self::new(ErrorKind::Memory, "")
    }
}

impl From<std::collections::TryReserveError> for TextError {
    fn from(_: std::collections::TryReserveError) -> Self {
        TextError::memory()
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}Error: {}", self.kind, self.message)
    }
}

impl std::error::Error for TextError {}
