//! Text and numbers as algorithms: everything about `str`, `bytes`, formatting, codecs and number
//! conversion that does not need a Python object.
//!
//! This crate deliberately knows nothing of objects, exceptions or the heap. Strings come in as
//! [`StrView`] and go out as [`StrBuf`]; an error says which exception to raise and with what words.
//!
//! - [`view`]: the three string widths, the builder, UTF-8 bridges
//! - [`search`], [`str`](mod@str): the methods of `str`
//! - [`unicode`]: the character database, names, normalization
//! - [`number`]: numbers from and to text, exact conversions between `int` and `float`

pub mod error;
pub mod view;

pub mod bytes;
pub mod format;
pub mod number;
pub mod search;
pub mod str;
pub mod unicode;

#[cfg(test)]
mod testing;

pub use error::{ErrorKind, Result, TextError};
pub use view::{StrBuf, StrView};
