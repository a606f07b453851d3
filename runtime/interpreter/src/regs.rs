//! Access to a window of registers.
//!
//! A register holds null, a tagged number, an uncounted pointer, or one count of an object. The window of the running
//! frame is touched by its thread alone.
//!
//! A shared object is not counted by registers (`skein_gc::uncounted`, whose rules hold here). What moves from a register to
//! another one stays as it is; what is copied to another is [`share`]d; what leaves the registers, into a field or an owned
//! `Ref`, is [`settle`]d on the way, as [`Regs::take`] and [`Regs::read`] do.

use crate::operands::Operands;
use skein_bytecode::instr::{CONSUME_A, CONSUME_B, CONSUME_C};
pub use skein_gc::uncounted::{settle, settle_traced, share, share_if};
use skein_gc::{Ref, Value};
use std::hint::cold_path;

/// Drops what a register held.
#[inline(always)]
pub fn release(bits: u64) {
    if bits & 7 == 0 && bits != 0 {
        // SAFETY: the register owned one count and has been overwritten or is about to be forgotten.
        unsafe { skein_gc::header::decrement(bits as *mut skein_gc::Header) };
    }
}

/// [`release`] of an object that probably dies.
///
/// # Safety
/// As for `release`; the bits are those of a counted pointer.
#[inline(never)]
pub unsafe fn release_object(bits: u64) {
    release(bits);
}

/// The registers of one frame.
#[derive(Clone, Copy)]
pub struct Regs(pub *mut u64);

impl Regs {
    /// # Safety
    /// Register `i` lies in the frame's window, as the bytecode verifier checks for every operand.
    #[inline(always)]
    pub unsafe fn raw(self, i: usize) -> u64 {
        // SAFETY: by the caller's promise.
        unsafe { *self.0.add(i) }
    }

    /// A bound register as a reference.
    ///
    /// # Safety
    /// The register is in the window and not null, and is not written while the borrow lives.
    #[inline(always)]
    pub unsafe fn get<'a>(self, i: usize) -> &'a Ref {
        // SAFETY: a non-null register has the representation of a Ref.
        unsafe { &*(self.0.add(i) as *const Ref) }
    }

    /// A bound register, to be changed.
    ///
    /// # Safety
    /// As for [`Regs::get`], and nothing else borrows the register while the result lives.
    #[inline(always)]
    pub unsafe fn get_mut<'a>(self, i: usize) -> &'a mut Ref {
        // SAFETY: as for `get`.
        unsafe { &mut *(self.0.add(i) as *mut Ref) }
    }

    /// `n` bound registers as references.
    ///
    /// # Safety
    /// As for [`Regs::get`].
    #[inline(always)]
    pub unsafe fn slice<'a>(self, i: usize, n: usize) -> &'a [Ref] {
        // SAFETY: as for `get`.
        unsafe { std::slice::from_raw_parts(self.0.add(i) as *const Ref, n) }
    }

    /// Moves a register's value out.
    ///
    /// # Safety
    /// The register is in the window and not null.
    #[inline(always)]
    pub unsafe fn take(self, i: usize) -> Ref {
        // SAFETY: ownership moves to the result; the register becomes null.
        unsafe { Ref::from_value(Value(settle(self.clear(i)))) }
    }

    /// Moves a register's value out, if there is one.
    ///
    /// # Safety
    /// The register is in the window.
    #[inline(always)]
    pub unsafe fn take_opt(self, i: usize) -> Option<Ref> {
        // SAFETY: as for `take`.
        unsafe { if self.raw(i) == 0 { None } else { Some(self.take(i)) } }
    }

    /// Operand value: moved out of a temporary, copied from a local.
    ///
    /// # Safety
    /// The register is in the window and not null.
    #[inline(always)]
    pub unsafe fn read(self, i: usize, consume: bool) -> Ref {
        // SAFETY: by the caller's promise.
        unsafe { if consume { self.take(i) } else { self.get(i).clone() } }
    }

    /// Writes a register and drops what it held.
    ///
    /// # Safety
    /// The register is in the window.
    #[inline(always)]
    pub unsafe fn set(self, i: usize, value: Ref) {
        // SAFETY: by the caller's promise.
        unsafe {
            let p = self.0.add(i);
            let old = *p;
            *p = value.into_value().0;
            release(old);
        }
    }

    /// Writes raw bits and drops what the register held.
    ///
    /// # Safety
    /// The register is in the window; the bits own what they refer to.
    #[inline(always)]
    pub unsafe fn set_bits(self, i: usize, bits: u64) {
        // SAFETY: by the caller's promise.
        unsafe {
            let p = self.0.add(i);
            let old = *p;
            *p = bits;
            release(old);
        }
    }

    /// Nulls a register and gives its bits, with what they own.
    ///
    /// # Safety
    /// The register is in the window.
    #[inline(always)]
    pub unsafe fn clear(self, i: usize) -> u64 {
        // SAFETY: by the caller's promise.
        unsafe { std::mem::replace(&mut *self.0.add(i), 0) }
    }

    /// Nulls a register and drops what it held.
    ///
    /// # Safety
    /// The register is in the window.
    #[inline(always)]
    pub unsafe fn kill(self, i: usize) {
        // SAFETY: by the caller's promise.
        unsafe { release(self.clear(i)) }
    }

    /// Nulls `n` registers and drops what they held.
    ///
    /// # Safety
    /// The registers are in the window.
    #[inline(always)]
    pub unsafe fn drop_window(self, first: usize, n: usize) {
        for i in first..first + n {
            // SAFETY: by the caller's promise; a count of this thread's own that is not the last one is given up in place.
            unsafe {
                let v = self.clear(i);
                // One test that is jumped over, as in `Machine::drop_next`.
                if v & 7 == 0 {
                    cold_path();
                    if v != 0 && !skein_gc::header::decrement_quick(v as *mut skein_gc::Header) {
                        release_object(v);
                    }
                }
            }
        }
    }

    /// Clears the consumed operands of an instruction.
    ///
    /// # Safety
    /// The operands are registers of the window.
    #[inline(always)]
    pub unsafe fn consume(self, ins: Operands) {
        let flags = ins.flags();
        // SAFETY: by the caller's promise.
        unsafe {
            if flags & CONSUME_A != 0 {
                self.kill(ins.a());
            }
            if flags & CONSUME_B != 0 {
                self.kill(ins.b());
            }
            if flags & CONSUME_C != 0 {
                self.kill(ins.c());
            }
        }
    }
}

impl Regs {
    /// Clears operand b only: for instructions whose c is no register.
    ///
    /// # Safety
    /// The operand is a register of the window.
    #[inline(always)]
    pub unsafe fn consume_b(self, ins: Operands) {
        // SAFETY: by the caller's promise.
        unsafe {
            if ins.flags() & CONSUME_B != 0 {
                self.kill(ins.b());
            }
        }
    }
}
