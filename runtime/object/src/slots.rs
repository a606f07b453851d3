//! Type slots: what an operation on an object of a type calls.
//!
//! A static type sets its slots in `types`; a class with dunder methods gets generic ones that call them (see
//! `types/type_`). Slots are read by any thread and written while a type is being made or changed; each is one word.

use crate::context::Context;
use crate::error::Result;
use crate::types::Type;
use skein_gc::{Ref, Value};
use std::sync::atomic::{AtomicPtr, Ordering};

pub type Unary = fn(&Context, &Ref) -> Result<Ref>;
pub type Binary = fn(&Context, &Ref, &Ref) -> Result<Ref>;
pub type Ternary = fn(&Context, &Ref, &Ref, &Ref) -> Result<Ref>;
/// `name`, then the value or `None` for deletion.
pub type SetAttr = fn(&Context, &Ref, &Ref, Option<&Ref>) -> Result<()>;
/// Index or key, then the value or `None` for deletion.
pub type SetItem = fn(&Context, &Ref, &Ref, Option<&Ref>) -> Result<()>;
pub type Length = fn(&Context, &Ref) -> Result<usize>;
pub type Truth = fn(&Context, &Ref) -> Result<bool>;
pub type Contains = fn(&Context, &Ref, &Ref) -> Result<bool>;
pub type Hash = fn(&Context, &Ref) -> Result<i64>;
/// The next item; `None` at the end.
pub type Next = fn(&Context, &Ref) -> Result<Option<Ref>>;
/// The two items of the pair that comes next.
pub type NextPair = fn(&Context, &Ref) -> Result<Pair>;

/// What an iterator over pairs gives.
pub enum Pair {
    Items(Ref, Ref),
    End,
    /// This iterator gives no pairs; nothing was taken from it.
    None,
}
/// The item at an index that may count from the end, where it is a tagged number or an immortal object; else null. Calls no
/// Python code, and neither polls nor drops anything.
pub type PeekItem = fn(&Ref, i64) -> Value;
/// Puts a tagged number into the place of an item; false, with nothing done, where that takes more. Otherwise as `PeekItem`.
pub type PokeItem = fn(&Ref, i64, Value) -> bool;
/// Gives NotImplemented where the types do not know each other.
pub type Compare = fn(&Context, &Ref, &Ref, CompareOp) -> Result<Ref>;
/// Callable, positional arguments followed by the values of keywords, names of the keywords (a tuple).
pub type Call = fn(&Context, &Ref, &[Ref], Option<&Ref>) -> Result<Ref>;
/// What a call of the class with just these positional arguments gives, without its detours by `new` and `init`; `None`, with nothing
/// done, where that takes more. As CPython's `tp_vectorcall` of a class.
pub type Make = fn(&Context, &'static Type, &[Ref]) -> Option<Result<Ref>>;
/// Descriptor, instance or `None` for access through the class, class.
pub type DescrGet = fn(&Context, &Ref, Option<&Ref>, Option<&Ref>) -> Result<Ref>;
pub type DescrSet = fn(&Context, &Ref, &Ref, Option<&Ref>) -> Result<()>;

/// Rich comparison operators, numbered as CPython's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CompareOp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl CompareOp {
    /// The operator with its sides exchanged.
    pub fn swapped(self) -> CompareOp {
        match self {
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Ge => CompareOp::Le,
            op => op,
        }
    }

    pub fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }

    /// What the operator says of an ordering.
    #[inline(always)]
    pub fn holds(self, o: std::cmp::Ordering) -> bool {
        match self {
            CompareOp::Lt => o.is_lt(),
            CompareOp::Le => o.is_le(),
            CompareOp::Eq => o.is_eq(),
            CompareOp::Ne => o.is_ne(),
            CompareOp::Gt => o.is_gt(),
            CompareOp::Ge => o.is_ge(),
        }
    }
}

/// Binary operators. The in-place form of each is `op as usize + INPLACE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    TrueDiv,
    FloorDiv,
    Mod,
    Pow,
    LShift,
    RShift,
    And,
    Or,
    Xor,
    MatMul,
}

/// All binary operators with symbol, method, reflected and in-place method.
pub const BINARY: [(BinaryOp, &str, &str, &str, &str); 13] = [
    (BinaryOp::Add, "+", "__add__", "__radd__", "__iadd__"),
    (BinaryOp::Sub, "-", "__sub__", "__rsub__", "__isub__"),
    (BinaryOp::Mul, "*", "__mul__", "__rmul__", "__imul__"),
    (BinaryOp::TrueDiv, "/", "__truediv__", "__rtruediv__", "__itruediv__"),
    (
        BinaryOp::FloorDiv,
        "//",
        "__floordiv__",
        "__rfloordiv__",
        "__ifloordiv__",
    ),
    (BinaryOp::Mod, "%", "__mod__", "__rmod__", "__imod__"),
    (BinaryOp::Pow, "** or pow()", "__pow__", "__rpow__", "__ipow__"),
    (BinaryOp::LShift, "<<", "__lshift__", "__rlshift__", "__ilshift__"),
    (BinaryOp::RShift, ">>", "__rshift__", "__rrshift__", "__irshift__"),
    (BinaryOp::And, "&", "__and__", "__rand__", "__iand__"),
    (BinaryOp::Or, "|", "__or__", "__ror__", "__ior__"),
    (BinaryOp::Xor, "^", "__xor__", "__rxor__", "__ixor__"),
    (BinaryOp::MatMul, "@", "__matmul__", "__rmatmul__", "__imatmul__"),
];

/// One slot: a function pointer or empty.
pub struct SlotFn<F> {
    pointer: AtomicPtr<()>,
    kind: std::marker::PhantomData<F>,
}

macro_rules! slot_fn {
    ($($f:ident),*) => {$(
        impl SlotFn<$f> {
            #[inline(always)]
            pub fn get(&self) -> Option<$f> {
                // Relaxed: code is immutable and needs no synchronisation.
                let p = self.pointer.load(Ordering::Relaxed);
                // SAFETY: only `set` of this very type stores a non-null pointer; `Option` of a function pointer has
                // the size and the null niche of a pointer.
                unsafe { std::mem::transmute::<*mut (), Option<$f>>(p) }
            }

            #[inline(always)]
            pub fn set(&self, f: Option<$f>) {
                self.pointer.store(f.map_or(std::ptr::null_mut(), |f| f as *mut ()), Ordering::Relaxed);
            }
        }
    )*};
}
slot_fn!(
    Unary, Binary, Ternary, SetAttr, Length, Truth, Contains, Hash, Next, NextPair, PeekItem, PokeItem, Compare, Call,
    Make, DescrGet
);

impl<F> SlotFn<F> {
    pub const fn empty() -> SlotFn<F> {
        SlotFn {
            pointer: AtomicPtr::new(std::ptr::null_mut()),
            kind: std::marker::PhantomData,
        }
    }

    pub fn copy_from(&self, other: &SlotFn<F>) {
        self.pointer
            .store(other.pointer.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    pub fn is_set(&self) -> bool {
        !self.pointer.load(Ordering::Relaxed).is_null()
    }

    pub fn same(&self, other: &SlotFn<F>) -> bool {
        self.pointer.load(Ordering::Relaxed) == other.pointer.load(Ordering::Relaxed)
    }
}

macro_rules! slots {
    ($($(#[$m:meta])* $name:ident: $f:ident,)*) => {
        /// The slots of a type.
        pub struct Slots {
            $($(#[$m])* pub $name: SlotFn<$f>,)*
            /// By `BinaryOp`. Called with the operands in source order, whichever side has the type; gives NotImplemented.
            pub binary: [SlotFn<Binary>; 13],
            /// In-place forms by `BinaryOp`.
            pub inplace: [SlotFn<Binary>; 13],
            /// Of a class that inherits `new` and `init` from the type that set it: see [`Slots::settle_make`].
            pub make: SlotFn<Make>,
        }

        impl Slots {
            pub const fn new() -> Slots {
                Slots {
                    $($name: SlotFn::empty(),)*
                    binary: [const { SlotFn::empty() }; 13],
                    inplace: [const { SlotFn::empty() }; 13],
                    make: SlotFn::empty(),
                }
            }

            /// Fills empty slots from the base's.
            pub fn inherit(&self, base: &Slots) {
                // __eq__ and __hash__ are inherited together only.
                let own_compare = self.compare.is_set() || self.hash.is_set();
                let (c, h) = (self.compare.get(), self.hash.get());
                $(if !self.$name.is_set() { self.$name.copy_from(&base.$name); })*
                if own_compare {
                    self.compare.set(c.or(base.compare.get()));
                    self.hash.set(h);
                }
                for i in 0..13 {
                    if !self.binary[i].is_set() { self.binary[i].copy_from(&base.binary[i]); }
                    if !self.inplace[i].is_set() { self.inplace[i].copy_from(&base.inplace[i]); }
                }
            }

            /// Empties all slots.
            pub fn clear(&self) {
                $(self.$name.set(None);)*
                for i in 0..13 {
                    self.binary[i].set(None);
                    self.inplace[i].set(None);
                }
                self.make.set(None);
            }
        }

        impl Default for Slots {
            fn default() -> Slots {
                Slots::new()
            }
        }
    };
}

impl Slots {
    /// Takes over the base's `make`, or forgets it, as is right for the `new` and `init` that there are now.
    pub fn settle_make(&self, base: &Slots) {
        let same = self.new.same(&base.new) && self.init.same(&base.init);
        self.make.set(if same { base.make.get() } else { None });
    }
}

slots! {
    repr: Unary,
    str: Unary,
    hash: Hash,
    call: Call,
    /// Whole attribute access: `__getattribute__`, then `__getattr__`.
    getattr: Binary,
    setattr: SetAttr,
    compare: Compare,
    iter: Unary,
    next: Next,
    /// The same as `next` for who unpacks the pair at once. Valid for the type that set it, not for classes that inherit.
    next_pair: NextPair,
    descr_get: DescrGet,
    descr_set: DescrSet,
    /// `__new__`: called with the class as the callable.
    new: Call,
    /// `__init__`: gives None.
    init: Call,
    bool: Truth,
    len: Length,
    getitem: Binary,
    setitem: SetItem,
    /// What `getitem` gives, found without its detours. Valid for the type that set it, not for classes that inherit.
    peek_item: PeekItem,
    /// What `setitem` does, likewise.
    poke_item: PokeItem,
    contains: Contains,
    neg: Unary,
    pos: Unary,
    invert: Unary,
    abs: Unary,
    int: Unary,
    float: Unary,
    index: Unary,
    /// Three-argument pow().
    pow3: Ternary,
    await_: Unary,
    aiter: Unary,
    anext: Unary,
}
