//! The format mini-language, `%`-formatting and `str.format` templates.

pub mod apply;
pub mod laid;
mod layout;
pub mod percent;
pub mod spec;
pub mod template;

pub use apply::{
    float_spec, format_complex, format_float, format_float_by, format_int, format_int_by, format_str, format_str_by,
    int_spec, str_spec,
};
pub use laid::{Head, Laid};
pub use spec::{Align, Grouping, Spec};
