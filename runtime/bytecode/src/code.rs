//! What the compiler gives: a tree of code units as plain data.

use crate::{Instr, Op};
use std::sync::Arc;

/// A constant. Strings are WTF-8 (UTF-8 that may hold encoded surrogates).
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    None,
    True,
    False,
    Ellipsis,
    /// Fits in 63 bits.
    Int(i64),
    /// Decimal or `0x` digits, with an optional minus sign.
    BigInt(Box<str>),
    /// Compared by bits where constants are merged: 0.0 is not -0.0.
    Float(f64),
    Complex(f64, f64),
    Str(Box<[u8]>),
    Bytes(Box<[u8]>),
    Tuple(Vec<Const>),
    FrozenSet(Vec<Const>),
    /// `slice(a, b, c)` of constants.
    Slice(Box<[Const; 3]>),
    Code(Arc<Code>),
}

/// An exception table row: covers the instruction words `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    /// The exception goes to this register; it and all temporaries above it are dropped first.
    pub exc_reg: u16,
}

/// Source range of an instruction: lines from 1, columns in UTF-8 bytes from 0; line 0 means that there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    pub end_line: u32,
    pub col: u32,
    pub end_col: u32,
}

/// CPython's `co_flags` bits.
pub mod flags {
    pub const OPTIMIZED: u32 = 0x1;
    pub const NEWLOCALS: u32 = 0x2;
    pub const VARARGS: u32 = 0x4;
    pub const VARKEYWORDS: u32 = 0x8;
    pub const NESTED: u32 = 0x10;
    pub const GENERATOR: u32 = 0x20;
    pub const COROUTINE: u32 = 0x80;
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    pub const ASYNC_GENERATOR: u32 = 0x200;
    pub const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    pub const METHOD: u32 = 0x800_0000;
}

/// A code unit: module, function, class body, lambda, generator expression, or an implicit annotation scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Code {
    pub name: Box<str>,
    pub qualname: Box<str>,
    pub filename: Arc<str>,
    pub first_line: u32,
    /// Bits of [`flags`].
    pub flags: u32,
    pub posonly_args: u32,
    /// Positional parameters, positional-only ones included; without *args.
    pub args: u32,
    pub kwonly_args: u32,
    /// Number of registers of parameters, locals, cells and free variables.
    pub nlocals: u32,
    /// All registers.
    pub nregs: u32,
    /// Names of the local registers `0..nlocals`. Parameters first; free variables last. After PEP 709 an inlined
    /// comprehension's variable may appear twice; later entries are hidden from `locals()` while unbound.
    pub local_names: Vec<Box<str>>,
    /// Registers that hold cells of this unit's own (parameters and locals that inner scopes capture), ascending.
    pub cell_regs: Vec<u32>,
    /// Number of free variables; they are the last of `local_names`.
    pub nfree: u32,
    pub names: Vec<Box<str>>,
    pub consts: Vec<Const>,
    /// Instruction words; a cache word is 0.
    pub words: Vec<u64>,
    /// Innermost first for each word.
    pub handlers: Vec<Handler>,
    /// One entry for each instruction word (a second word repeats its first's).
    pub positions: Vec<Position>,
}

impl Code {
    /// For the code of a generator expression with `cells` free variables that MakeGenexpr can do the beginning of: the first
    /// register of those cells, and the index of the first instruction that is left to run.
    pub fn expression_start(&self, cells: usize) -> Option<(usize, usize)> {
        let op = |at: usize| self.words.get(at).map(|w| Instr(*w)).filter(|i| i.op().is_some());
        let (first, at) = match op(0)? {
            i if i.op() == Some(Op::CopyFree) && i.b() == cells => (i.a(), 1),
            _ if cells == 0 => (1, 0),
            _ => return None,
        };
        let kinds = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
        let fits = self.args == 1 && self.nregs as usize >= first + cells && self.flags & kinds == flags::GENERATOR;
        (fits && op(at)?.op() == Some(Op::ReturnGenerator)).then_some((first, at + 1))
    }
}
