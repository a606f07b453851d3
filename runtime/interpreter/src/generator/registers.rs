//! The registers of a generator's frame.

use crate::frame;
use std::mem::MaybeUninit;

/// How many registers a generator holds in place.
const FEW: usize = 10;

/// The registers of a generator's frame: a few in place, more in a block of their own. They stay where they are.
pub struct Registers {
    len: usize,
    /// Empty if they are few.
    many: Box<[u64]>,
    /// As many as `len` says are written, if they are few.
    few: [MaybeUninit<u64>; FEW],
}

impl Registers {
    /// Makes what `place` points to hold no registers.
    ///
    /// # Safety
    /// It can be written.
    #[inline(always)]
    pub(super) unsafe fn begin(place: *mut Registers) {
        // SAFETY: by the caller's promise. The few are written when they are registers.
        unsafe {
            (&raw mut (*place).len).write(0);
            (&raw mut (*place).many).write(Box::new([]));
        }
    }

    /// Moves `n` registers from a window, which is nulled, into registers that hold none.
    ///
    /// # Safety
    /// The window has `n` registers.
    #[inline(always)]
    pub(super) unsafe fn fill(&mut self, window: *mut u64, n: usize) {
        if n > FEW {
            self.many = vec![0; n].into_boxed_slice();
        }
        self.len = n;
        // SAFETY: by the caller's promise; room for as many was made.
        unsafe {
            frame::copy_registers(window, self.as_mut_ptr(), n);
            frame::clear_registers(window, n);
        }
    }

    /// Becomes `n` registers that hold nothing.
    #[inline(always)]
    pub(super) fn clear(&mut self, n: usize) {
        if n > FEW {
            self.many = vec![0; n].into_boxed_slice();
        } else {
            // SAFETY: there is room for as many.
            unsafe { frame::clear_registers(self.few.as_mut_ptr().cast(), n) };
        }
        self.len = n;
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline(always)]
    pub fn as_ptr(&self) -> *const u64 {
        if self.len <= FEW {
            self.few.as_ptr().cast()
        } else {
            self.many.as_ptr()
        }
    }

    #[inline(always)]
    pub fn as_mut_ptr(&mut self) -> *mut u64 {
        if self.len <= FEW {
            self.few.as_mut_ptr().cast()
        } else {
            self.many.as_mut_ptr()
        }
    }

    pub fn as_slice(&self) -> &[u64] {
        // SAFETY: as many are written.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), self.len) }
    }
}
