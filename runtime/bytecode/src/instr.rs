//! Encoding of one instruction: `op | flags | a | b | c` in one 64-bit word, low bits first, 8 + 8 + 16 + 16 + 16.
//!
//! Opcodes with an `extra` take a second word right behind, which is loaded and stored whole, so that a cache is replaced with
//! one atomic store. Of the first word nothing but the opcode's byte changes.

use crate::table::Op;

/// Meaning of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    None,
    /// Register, written.
    Dst,
    /// Register, read; consumed if it is a temporary.
    Src,
    /// Register, read and kept.
    Keep,
    /// Register, read and written or killed.
    Mut,
    /// First of consecutive temporaries, consumed or written.
    Win,
    /// First of consecutive temporaries, kept.
    KeepWin,
    /// Index into `names`.
    Name,
    /// 16-bit number; the row says whether it is signed.
    Imm,
    /// Signed 32-bit number in bx.
    Imm32,
    /// Index into `consts` in bx.
    Const32,
    /// Index into `names` in bx.
    Name32,
    /// Index of an instruction word in bx.
    Label32,
}

/// Flag: operand a is a temporary `Src` and must be cleared after it was read.
pub const CONSUME_A: u8 = 1;
/// Flag: operand b likewise.
pub const CONSUME_B: u8 = 2;
/// Flag: operand c likewise.
pub const CONSUME_C: u8 = 4;

/// Flag of `Jump`: `sys.monitoring` does not tell of it.
pub const SILENT: u8 = 1;

/// One instruction word.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Instr(pub u64);

impl Instr {
    pub const fn abc(op: Op, flags: u8, a: u16, b: u16, c: u16) -> Instr {
        Instr(op as u64 | (flags as u64) << 8 | (a as u64) << 16 | (b as u64) << 32 | (c as u64) << 48)
    }

    pub const fn abx(op: Op, flags: u8, a: u16, bx: u32) -> Instr {
        Instr(op as u64 | (flags as u64) << 8 | (a as u64) << 16 | (bx as u64) << 32)
    }

    /// The opcode; `None` for a word that is no instruction.
    pub fn op(self) -> Option<Op> {
        Op::from_u8(self.0 as u8)
    }

    #[inline(always)]
    pub const fn flags(self) -> u8 {
        (self.0 >> 8) as u8
    }

    #[inline(always)]
    pub const fn a(self) -> usize {
        (self.0 >> 16) as u16 as usize
    }

    #[inline(always)]
    pub const fn b(self) -> usize {
        (self.0 >> 32) as u16 as usize
    }

    #[inline(always)]
    pub const fn c(self) -> usize {
        (self.0 >> 48) as usize
    }

    #[inline(always)]
    pub const fn bx(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Operand b as a signed number.
    #[inline(always)]
    pub const fn imm_b(self) -> i64 {
        self.b() as i16 as i64
    }

    /// Operand c as a signed number.
    #[inline(always)]
    pub const fn imm_c(self) -> i64 {
        self.c() as i16 as i64
    }
}

impl std::fmt::Debug for Instr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?} {} {} {} [{}]",
            self.op(),
            self.a(),
            self.b(),
            self.c(),
            self.flags()
        )
    }
}
