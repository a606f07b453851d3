//! The table of special methods: which slot each stands for, and how a call of the method calls the slot's function.
//!
//! One row for each method. The wrapper descriptors of native types, the slots of heap classes and the updates after
//! `setattr` on a class all derive from this table.

use skein_object::intern;
use skein_object::slots::{
    Binary, Call, Compare, CompareOp, Contains, DescrGet, Hash, Length, Next, SetAttr, Slots, Ternary, Truth, Unary,
};
use skein_object::{Ref, Type};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Names a slot of a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlotId {
    Repr,
    Str,
    Hash,
    Call,
    GetAttr,
    SetAttr,
    Compare,
    Iter,
    Next,
    DescrGet,
    DescrSet,
    New,
    Init,
    Bool,
    Len,
    GetItem,
    SetItem,
    Contains,
    Neg,
    Pos,
    Invert,
    Abs,
    Int,
    Float,
    Index,
    Pow3,
    Await,
    AIter,
    ANext,
    Binary(u8),
    Inplace(u8),
}

/// A slot's function, of whatever kind.
#[derive(Clone, Copy)]
pub enum Native {
    Unary(Unary),
    Binary(Binary),
    Ternary(Ternary),
    Set(SetAttr),
    Length(Length),
    Truth(Truth),
    Contains(Contains),
    Hash(Hash),
    Next(Next),
    Compare(Compare),
    Call(Call),
    DescrGet(DescrGet),
}

impl Native {
    /// Address of the code: identity of slot functions.
    pub fn address(self) -> usize {
        match self {
            Native::Unary(f) => f as usize,
            Native::Binary(f) => f as usize,
            Native::Ternary(f) => f as usize,
            Native::Set(f) => f as usize,
            Native::Length(f) => f as usize,
            Native::Truth(f) => f as usize,
            Native::Contains(f) => f as usize,
            Native::Hash(f) => f as usize,
            Native::Next(f) => f as usize,
            Native::Compare(f) => f as usize,
            Native::Call(f) => f as usize,
            Native::DescrGet(f) => f as usize,
        }
    }
}

macro_rules! single_slots {
    ($($id:ident $field:ident $kind:ident;)*) => {
        /// The function in a slot.
        pub fn get(slots: &Slots, id: SlotId) -> Option<Native> {
            match id {
                $(SlotId::$id => slots.$field.get().map(Native::$kind),)*
                SlotId::Binary(i) => slots.binary[i as usize].get().map(Native::Binary),
                SlotId::Inplace(i) => slots.inplace[i as usize].get().map(Native::Binary),
            }
        }

        /// Sets a slot; a function of the wrong kind empties it.
        pub fn set(slots: &Slots, id: SlotId, f: Option<Native>) {
            match (id, f) {
                $((SlotId::$id, Some(Native::$kind(f))) => slots.$field.set(Some(f)),
                (SlotId::$id, _) => slots.$field.set(None),)*
                (SlotId::Binary(i), Some(Native::Binary(f))) => slots.binary[i as usize].set(Some(f)),
                (SlotId::Binary(i), _) => slots.binary[i as usize].set(None),
                (SlotId::Inplace(i), Some(Native::Binary(f))) => slots.inplace[i as usize].set(Some(f)),
                (SlotId::Inplace(i), _) => slots.inplace[i as usize].set(None),
            }
        }

        /// All slots.
        pub fn all_slots() -> impl Iterator<Item = SlotId> {
            [$(SlotId::$id,)*].into_iter()
                .chain((0..13).map(SlotId::Binary))
                .chain((0..13).map(SlotId::Inplace))
        }
    };
}

single_slots! {
    Repr repr Unary;
    Str str Unary;
    Hash hash Hash;
    Call call Call;
    GetAttr getattr Binary;
    SetAttr setattr Set;
    Compare compare Compare;
    Iter iter Unary;
    Next next Next;
    DescrGet descr_get DescrGet;
    DescrSet descr_set Set;
    New new Call;
    Init init Call;
    Bool bool Truth;
    Len len Length;
    GetItem getitem Binary;
    SetItem setitem Set;
    Contains contains Contains;
    Neg neg Unary;
    Pos pos Unary;
    Invert invert Unary;
    Abs abs Unary;
    Int int Unary;
    Float float Unary;
    Index index Unary;
    Pow3 pow3 Ternary;
    Await await_ Unary;
    AIter aiter Unary;
    ANext anext Unary;
}

/// How the arguments of the method become those of the slot's function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    Unary,
    Hash,
    Call,
    Init,
    New,
    GetAttr,
    /// `__getattr__`: part of the slot, never wrapped.
    GetAttrHook,
    SetAttr,
    DelAttr,
    Compare(CompareOp),
    Next,
    Get,
    Set,
    Delete,
    Bool,
    Len,
    GetItem,
    SetItem,
    DelItem,
    Contains,
    Left,
    Right,
    Pow,
    RightPow,
}

/// One special method.
pub struct Dunder {
    pub name: &'static str,
    pub slot: SlotId,
    pub how: How,
    pub signature: &'static str,
    pub doc: &'static str,
}

const fn d(name: &'static str, slot: SlotId, how: How, signature: &'static str, doc: &'static str) -> Dunder {
    Dunder {
        name,
        slot,
        how,
        signature,
        doc,
    }
}

const SELF: &str = "($self, /)";
const VALUE: &str = "($self, value, /)";
const KEY: &str = "($self, key, /)";
const ANY: &str = "($self, /, *args, **kwargs)";

const fn left(name: &'static str, i: u8, doc: &'static str) -> Dunder {
    d(name, SlotId::Binary(i), How::Left, VALUE, doc)
}
const fn right(name: &'static str, i: u8, doc: &'static str) -> Dunder {
    d(name, SlotId::Binary(i), How::Right, VALUE, doc)
}
const fn inplace(name: &'static str, i: u8, doc: &'static str) -> Dunder {
    d(name, SlotId::Inplace(i), How::Left, VALUE, doc)
}
const fn compare(name: &'static str, op: CompareOp, doc: &'static str) -> Dunder {
    d(name, SlotId::Compare, How::Compare(op), VALUE, doc)
}
const fn unary(name: &'static str, slot: SlotId, doc: &'static str) -> Dunder {
    d(name, slot, How::Unary, SELF, doc)
}

/// All special methods that have slots.
pub static DUNDERS: &[Dunder] = &[
    unary("__repr__", SlotId::Repr, "Return repr(self)."),
    d("__hash__", SlotId::Hash, How::Hash, SELF, "Return hash(self)."),
    d("__call__", SlotId::Call, How::Call, ANY, "Call self as a function."),
    unary("__str__", SlotId::Str, "Return str(self)."),
    d(
        "__getattribute__",
        SlotId::GetAttr,
        How::GetAttr,
        "($self, name, /)",
        "Return getattr(self, name).",
    ),
    d("__getattr__", SlotId::GetAttr, How::GetAttrHook, "", ""),
    d(
        "__setattr__",
        SlotId::SetAttr,
        How::SetAttr,
        "($self, name, value, /)",
        "Implement setattr(self, name, value).",
    ),
    d(
        "__delattr__",
        SlotId::SetAttr,
        How::DelAttr,
        "($self, name, /)",
        "Implement delattr(self, name).",
    ),
    compare("__lt__", CompareOp::Lt, "Return self<value."),
    compare("__le__", CompareOp::Le, "Return self<=value."),
    compare("__eq__", CompareOp::Eq, "Return self==value."),
    compare("__ne__", CompareOp::Ne, "Return self!=value."),
    compare("__gt__", CompareOp::Gt, "Return self>value."),
    compare("__ge__", CompareOp::Ge, "Return self>=value."),
    unary("__iter__", SlotId::Iter, "Implement iter(self)."),
    d("__next__", SlotId::Next, How::Next, SELF, "Implement next(self)."),
    d(
        "__get__",
        SlotId::DescrGet,
        How::Get,
        "($self, instance, owner=None, /)",
        "Return an attribute of instance, which is of type owner.",
    ),
    d(
        "__set__",
        SlotId::DescrSet,
        How::Set,
        "($self, instance, value, /)",
        "Set an attribute of instance to value.",
    ),
    d(
        "__delete__",
        SlotId::DescrSet,
        How::Delete,
        "($self, instance, /)",
        "Delete an attribute of instance.",
    ),
    d(
        "__new__",
        SlotId::New,
        How::New,
        "($type, *args, **kwargs)",
        "Create and return new object.  See help(type) for accurate signature.",
    ),
    d(
        "__init__",
        SlotId::Init,
        How::Init,
        ANY,
        "Initialize self.  See help(type(self)) for accurate signature.",
    ),
    d("__bool__", SlotId::Bool, How::Bool, SELF, "True if self else False"),
    d("__len__", SlotId::Len, How::Len, SELF, "Return len(self)."),
    d("__getitem__", SlotId::GetItem, How::GetItem, KEY, "Return self[key]."),
    d(
        "__setitem__",
        SlotId::SetItem,
        How::SetItem,
        "($self, key, value, /)",
        "Set self[key] to value.",
    ),
    d("__delitem__", SlotId::SetItem, How::DelItem, KEY, "Delete self[key]."),
    d(
        "__contains__",
        SlotId::Contains,
        How::Contains,
        KEY,
        "Return bool(key in self).",
    ),
    left("__add__", 0, "Return self+value."),
    right("__radd__", 0, "Return value+self."),
    left("__sub__", 1, "Return self-value."),
    right("__rsub__", 1, "Return value-self."),
    left("__mul__", 2, "Return self*value."),
    right("__rmul__", 2, "Return value*self."),
    left("__truediv__", 3, "Return self/value."),
    right("__rtruediv__", 3, "Return value/self."),
    left("__floordiv__", 4, "Return self//value."),
    right("__rfloordiv__", 4, "Return value//self."),
    left("__mod__", 5, "Return self%value."),
    right("__rmod__", 5, "Return value%self."),
    d(
        "__pow__",
        SlotId::Binary(6),
        How::Pow,
        "($self, value, mod=None, /)",
        "Return pow(self, value, mod).",
    ),
    d(
        "__rpow__",
        SlotId::Binary(6),
        How::RightPow,
        "($self, value, mod=None, /)",
        "Return pow(value, self, mod).",
    ),
    left("__lshift__", 7, "Return self<<value."),
    right("__rlshift__", 7, "Return value<<self."),
    left("__rshift__", 8, "Return self>>value."),
    right("__rrshift__", 8, "Return value>>self."),
    left("__and__", 9, "Return self&value."),
    right("__rand__", 9, "Return value&self."),
    left("__or__", 10, "Return self|value."),
    right("__ror__", 10, "Return value|self."),
    left("__xor__", 11, "Return self^value."),
    right("__rxor__", 11, "Return value^self."),
    left("__matmul__", 12, "Return self@value."),
    right("__rmatmul__", 12, "Return value@self."),
    inplace("__iadd__", 0, "Return self+=value."),
    inplace("__isub__", 1, "Return self-=value."),
    inplace("__imul__", 2, "Return self*=value."),
    inplace("__itruediv__", 3, "Return self/=value."),
    inplace("__ifloordiv__", 4, "Return self//=value."),
    inplace("__imod__", 5, "Return self%=value."),
    inplace("__ipow__", 6, "Return self**=value."),
    inplace("__ilshift__", 7, "Return self<<=value."),
    inplace("__irshift__", 8, "Return self>>=value."),
    inplace("__iand__", 9, "Return self&=value."),
    inplace("__ior__", 10, "Return self|=value."),
    inplace("__ixor__", 11, "Return self^=value."),
    inplace("__imatmul__", 12, "Return self@=value."),
    unary("__neg__", SlotId::Neg, "-self"),
    unary("__pos__", SlotId::Pos, "+self"),
    unary("__invert__", SlotId::Invert, "~self"),
    unary("__abs__", SlotId::Abs, "abs(self)"),
    unary("__int__", SlotId::Int, "int(self)"),
    unary("__float__", SlotId::Float, "float(self)"),
    unary(
        "__index__",
        SlotId::Index,
        "Return self converted to an integer, if self is suitable for use as an index into a list.",
    ),
    unary(
        "__await__",
        SlotId::Await,
        "Return an iterator to be used in await expression.",
    ),
    unary(
        "__aiter__",
        SlotId::AIter,
        "Return an awaitable, that resolves in asynchronous iterator.",
    ),
    unary(
        "__anext__",
        SlotId::ANext,
        "Return a value or raise StopAsyncIteration.",
    ),
];

fn names() -> &'static Vec<Ref> {
    static NAMES: OnceLock<Vec<Ref>> = OnceLock::new();
    NAMES.get_or_init(|| DUNDERS.iter().map(|d| intern::name(d.name)).collect())
}

/// Interned name of row `i`.
pub fn name_of(i: usize) -> &'static Ref {
    &names()[i]
}

/// Row of an interned name.
pub fn find(name: &Ref) -> Option<usize> {
    static INDEX: OnceLock<HashMap<u64, usize>> = OnceLock::new();
    INDEX
        .get_or_init(|| names().iter().enumerate().map(|(i, n)| (n.value().0, i)).collect())
        .get(&name.value().0)
        .copied()
}

/// The slots whose function an attribute of this name decides; empty for other names.
pub fn slots_of(name: &Ref) -> ([SlotId; 2], usize) {
    match find(name).map(|i| DUNDERS[i].slot) {
        Some(SlotId::Binary(6)) => ([SlotId::Binary(6), SlotId::Pow3], 2),
        Some(s) => ([s, s], 1),
        None => ([SlotId::New, SlotId::New], 0),
    }
}

/// Rows of a slot.
pub fn rows_of(slot: SlotId) -> impl Iterator<Item = usize> {
    let slot = if slot == SlotId::Pow3 { SlotId::Binary(6) } else { slot };
    DUNDERS
        .iter()
        .enumerate()
        .filter(move |(_, d)| d.slot == slot)
        .map(|(i, _)| i)
}

/// The type's function in a slot.
pub fn slot_of(ty: &Type, id: SlotId) -> Option<Native> {
    get(&ty.slots, id)
}
