//! Bound methods, and functions and methods written in Rust.

use crate::native::Row;
use crate::payload;
use crate::statics as s;
use crate::types::{Type, flag};
use skein_gc::uncounted::{edge, traced, traced_copy};
use skein_gc::{Ref, Slot};

/// `function` bound to `receiver`. Neither is counted if it is deferred (`uncounted::traced`): most of these live for a moment.
pub struct BoundMethodBody {
    function: Ref,
    receiver: Ref,
}
payload!(BoundMethodBody, "method", |this, v| {
    v.value(this.function.word());
    v.value(this.receiver.word());
});

impl BoundMethodBody {
    #[inline]
    pub fn new(function: Ref, receiver: Ref) -> BoundMethodBody {
        BoundMethodBody {
            function: traced(function),
            receiver: traced(receiver),
        }
    }

    /// [`BoundMethodBody::new`] of copies.
    #[inline]
    pub fn of(function: &Ref, receiver: &Ref) -> BoundMethodBody {
        BoundMethodBody {
            function: traced_copy(function),
            receiver: traced_copy(receiver),
        }
    }

    #[inline(always)]
    pub fn function(&self) -> &Ref {
        &self.function
    }

    #[inline(always)]
    pub fn receiver(&self) -> &Ref {
        &self.receiver
    }
}

/// builtin_function_or_method: a row, its receiver and its module.
pub struct NativeBody {
    pub row: &'static Row,
    pub receiver: Option<Ref>,
    pub module: Option<Ref>,
}
payload!(NativeBody, "builtin_function_or_method", |this, v| {
    v.option(&this.receiver);
    v.option(&this.module);
});

/// method_descriptor: a row of a type.
pub struct MethodDescriptorBody {
    pub row: &'static Row,
    pub owner: &'static Type,
}
payload!(MethodDescriptorBody, "method_descriptor", |this, v| {
    v.value(edge(this.owner.header()));
});

/// A `__slots__` field, or a field of a native type.
pub struct SlotMemberBody {
    /// Interned, so never counted.
    pub name: Ref,
    /// Number among the fields of the class and its bases; `usize::MAX` for a native field.
    pub index: usize,
    /// The row of a native field.
    pub native: Option<&'static (dyn std::any::Any + Send + Sync)>,
    pub owner: &'static Type,
}
payload!(SlotMemberBody, "member_descriptor", |this, v| {
    v.reference(&this.name);
    v.value(edge(this.owner.header()));
});

/// `types.MemberDescriptorType`.
pub static MEMBER_DESCRIPTOR: Type = Type::declare(
    "member_descriptor",
    Some(&s::OBJECT),
    <SlotMemberBody as crate::object::Payload>::LAYOUT,
    flag::NO_NEW,
);

/// A field of a named tuple: the item at `index`.
pub struct TupleGetterBody {
    pub index: i64,
    pub doc: Slot,
}
payload!(TupleGetterBody, "collections._tuplegetter", |this, v| {
    v.slot(&this.doc)
});

/// `_collections._tuplegetter`. Here, so that caches can look into it.
pub static TUPLE_GETTER: Type = Type::declare(
    "collections._tuplegetter",
    Some(&s::OBJECT),
    <TupleGetterBody as crate::object::Payload>::LAYOUT,
    0,
);
