//! Operations on any object: what native code calls where Python code would write an operator or a call.

pub mod attribute;
pub mod buffer;
pub mod call;
pub mod compare;
pub mod convert;
pub mod item;
pub mod iterate;
pub mod number;

pub use attribute::{delattr, getattr, getattr_opt, getattr_str, has_attr, setattr};
pub use call::{call, call_kw, call_method, call_method_opt, call0, call1};
pub use compare::{contains, equal, hash, is_true, rich_compare};
pub use convert::{ascii, format, index, is_callable, repr, str_of, to_index_i64, to_usize};
pub use item::{delitem, getitem, len, len_hint, setitem};
pub use iterate::{Iter, collect, iter, next};
