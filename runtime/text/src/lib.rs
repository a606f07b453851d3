//! Text and numbers as algorithms: everything about `str`, `bytes`, formatting, codecs and number
//! conversion that does not need a Python object.
//!
//! This crate deliberately knows nothing of objects, exceptions or the heap. Strings come in as
//! [`StrView`] and go out as [`StrBuf`]; an error says which exception to raise and with what words.
//!
//! - [`view`]: the three string widths, the builder, UTF-8 bridges
//! - [`search`], [`str`](mod@str), [`bytes`]: the methods of `str` and `bytes`
//! - [`unicode`]: the character database, names, normalization
//! - [`number`]: numbers from and to text, exact conversions between `int` and `float`
//! - [`format`](mod@format): the format mini-language, `%`-formatting, `str.format` templates
//! - [`codec`]: encodings and their error handlers
//!
//! The golden files in `src/goldens` are CPython 3.14's answers; `tools/` holds the scripts that write
//! them and the Unicode tables.

pub mod error;
pub mod view;

pub mod bytes;
pub mod codec;
pub mod format;
pub mod number;
pub mod search;
pub mod str;
pub mod unicode;

#[cfg(test)]
mod methods_test;
#[cfg(test)]
mod testing;

pub use error::{ErrorKind, Result, TextError};
pub use view::{StrBuf, StrView};
