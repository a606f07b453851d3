//! The instruction that runs, as it lies in the code.
//!
//! Handlers read each operand where it lies, with one load of its own width that depends on nothing but `pc`; nobody writes
//! operands once code exists. Of an instruction's word only the opcode may change (`trace`), and is therefore read and
//! written as the byte that it is, so that no access of one width meets a write of another. Second words (caches, labels) are
//! loaded and stored whole. (Measured: an instruction that was loaded as one word and taken apart by shifts took three to five
//! more machine instructions in each handler, and a machine register that the state was then short of.)

use skein_bytecode::Instr;
#[cfg(not(all(target_arch = "x86_64", not(any(miri, tsan)))))]
use std::sync::atomic::Ordering;
use std::sync::atomic::{AtomicU8, AtomicU64};

const _: () = assert!(
    cfg!(target_endian = "little"),
    "operands are read where a little-endian word has them"
);

/// An instruction of code that lives.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Operands(*const u8);

impl Operands {
    /// # Safety
    /// `word` is an instruction's first word, and its code outlives what is made here.
    #[inline(always)]
    pub const unsafe fn at(word: *const AtomicU64) -> Operands {
        Operands(word.cast())
    }

    /// An instruction as the compiler made it.
    ///
    /// # Safety
    /// As for [`Operands::at`].
    #[inline(always)]
    pub const unsafe fn compiled(word: *const u64) -> Operands {
        Operands(word.cast())
    }

    #[inline(always)]
    fn half<const N: usize>(self) -> u16 {
        // SAFETY: a word of code, by the constructor's promise, whose operands nobody writes.
        unsafe { *self.0.cast::<u16>().add(N) }
    }

    #[inline(always)]
    pub fn flags(self) -> u8 {
        // SAFETY: as above.
        unsafe { *self.0.add(1) }
    }

    #[inline(always)]
    pub fn a(self) -> usize {
        self.half::<1>() as usize
    }

    #[inline(always)]
    pub fn b(self) -> usize {
        self.half::<2>() as usize
    }

    #[inline(always)]
    pub fn c(self) -> usize {
        self.half::<3>() as usize
    }

    #[inline(always)]
    pub fn bx(self) -> u32 {
        // SAFETY: as above.
        unsafe { *self.0.cast::<u32>().add(1) }
    }

    /// Operand b as a signed number.
    #[inline(always)]
    pub fn imm_b(self) -> i64 {
        self.half::<2>() as i16 as i64
    }

    /// Operand c as a signed number.
    #[inline(always)]
    pub fn imm_c(self) -> i64 {
        self.half::<3>() as i16 as i64
    }
}

/// The opcode of an instruction's word.
///
/// # Safety
/// `word` lies in code that lives.
#[inline(always)]
pub unsafe fn opcode<'a>(word: *const AtomicU64) -> &'a AtomicU8 {
    // SAFETY: by the caller's promise; no access of another width meets a write.
    unsafe { &*word.cast::<AtomicU8>() }
}

/// The opcode that runs.
///
/// # Safety
/// As for [`opcode`].
#[inline(always)]
pub unsafe fn current(word: *const AtomicU64) -> usize {
    // What the other branch does. The compiler extends the byte of an atomic load a second time, in every handler.
    #[cfg(all(target_arch = "x86_64", not(any(miri, tsan))))]
    {
        let op: usize;
        // SAFETY: reads a byte of live code.
        unsafe {
            std::arch::asm!(
                "movzx {op:e}, byte ptr [{word}]",
                op = lateout(reg) op,
                word = in(reg) word,
                options(pure, readonly, nostack, preserves_flags),
            );
        }
        op
    }
    #[cfg(not(all(target_arch = "x86_64", not(any(miri, tsan)))))]
    {
        // SAFETY: by the caller's promise. Relaxed: opcodes change only between equivalent forms.
        unsafe { opcode(word).load(Ordering::Relaxed) as usize }
    }
}

/// The instruction of a word, in one value.
///
/// # Safety
/// As for [`Operands::at`].
pub unsafe fn decoded(word: *const AtomicU64) -> Instr {
    // SAFETY: by the caller's promise.
    let (o, op) = unsafe { (Operands::at(word), current(word)) };
    Instr(op as u64 | (o.flags() as u64) << 8 | (o.a() as u64) << 16 | (o.bx() as u64) << 32)
}
