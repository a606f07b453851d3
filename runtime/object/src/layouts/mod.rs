//! Bodies of the core types, and the raw operations on them that need no protocol.

pub mod bytes;
pub mod cell;
pub mod code;
pub mod dict;
pub mod exception;
pub mod function;
pub mod iter;
pub mod list;
pub mod method;
pub mod module;
pub mod number;
pub mod range;
pub mod set;
pub mod str;
pub mod tuple;

pub use cell::CellBody;
pub use code::{CodeBody, Disabled, Monitored};
pub use dict::DictBody;
pub use exception::ExceptionBody;
pub use function::FunctionBody;
pub use iter::{DictIterBody, ListIterBody, TupleIterBody};
pub use list::ListBody;
pub use method::{BoundMethodBody, MethodDescriptorBody, NativeBody};
pub use module::ModuleBody;
pub use number::{BigIntBody, ComplexBody, FloatBody};
pub use range::{RangeBody, RangeIterBody};
pub use set::SetBody;
pub use str::{BytesBody, StrBody};
pub use tuple::TupleBody;
