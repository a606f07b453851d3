//! The format mini-language, `%`-formatting and `str.format` templates.

pub mod apply;
mod layout;
pub mod percent;
pub mod spec;
pub mod template;

pub use apply::{format_complex, format_float, format_int, format_str};
pub use spec::{Align, Grouping, Spec};
