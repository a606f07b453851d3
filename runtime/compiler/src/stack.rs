//! Stacks for recursion: nested syntax is walked recursively, deeper than the thread's own stack goes.
//!
//! As `stacker`, which ends with a panic where there is no memory for another stack: here that is an error.
#![allow(unsafe_code)]

use crate::error::{Error, ErrorKind};
use ruff_text_size::TextRange;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// There is no memory for a stack.
#[derive(Debug)]
pub struct NoStack;

impl From<NoStack> for Error {
    fn from(_: NoStack) -> Error {
        Error::new(ErrorKind::Memory, TextRange::default(), "")
    }
}

thread_local! {
    /// Lowest address of the stack that this thread is on; 0: not known yet.
    static LIMIT: Cell<usize> = const { Cell::new(0) };
}

/// Bytes that are left of the stack.
fn remaining() -> usize {
    let here = stack_pointer();
    let mut limit = LIMIT.get();
    if limit == 0 {
        limit = here - stacker::remaining_stack().unwrap_or(0).min(here);
        LIMIT.set(limit);
    }
    here.saturating_sub(limit)
}

psm::psm_stack_information! {
    yes {
        fn stack_pointer() -> usize {
            psm::stack_pointer().addr()
        }
    }
    no {
        fn stack_pointer() -> usize {
            let here = 0_u8;
            std::hint::black_box(&raw const here).addr()
        }
    }
}

/// Calls `f` on a stack of which `least` bytes are left: this one, or another one of `bytes`.
///
/// # Errors
/// There is no memory for that; `f` was not called.
#[inline(always)]
pub fn with<R>(least: usize, bytes: usize, f: impl FnOnce() -> R) -> Result<R, NoStack> {
    if remaining() >= least {
        return Ok(f());
    }
    let mut f = Some(f);
    let mut out = None;
    on_another(bytes, &mut || out = f.take().map(|f| f()))?;
    // It was called, since there is no error.
    out.ok_or(NoStack)
}

psm::psm_stack_manipulation! {
    yes {
        #[cold]
        #[inline(never)]
        fn on_another(bytes: usize, f: &mut dyn FnMut()) -> Result<(), NoStack> {
            /// Also after a panic the limit is that of the stack we are on.
            struct Limit(usize);
            impl Drop for Limit {
                fn drop(&mut self) {
                    LIMIT.set(self.0);
                }
            }
            let stack = memory::Stack::new(bytes).ok_or(NoStack)?;
            let (start, bytes) = stack.area();
            let limit = Limit(LIMIT.replace(start.addr()));
            // SAFETY: memory of ours, of that size, aligned to pages; nothing unwinds out of the call.
            let r = unsafe { psm::on_stack(start, bytes, || catch_unwind(AssertUnwindSafe(f))) };
            drop(limit);
            drop(stack);
            r.or_else(|panic| resume_unwind(panic))
        }

        mod memory {
            use std::ptr::null_mut;

            /// The memory of a stack, between two pages that cannot be touched.
            pub struct Stack {
                start: *mut u8,
                /// Those two included.
                bytes: usize,
                page: usize,
                /// Where there is no other, it is the allocator's, and this what was asked for.
                buffer: Option<Vec<u8>>,
            }

            impl Stack {
                pub fn new(bytes: usize) -> Option<Stack> {
                    // SAFETY: a plain query.
                    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
                    let bytes = bytes.checked_next_multiple_of(page)?.checked_add(2 * page)?;
                    let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANON);
                    // SAFETY: a new mapping, which takes no other's place.
                    let p = unsafe { libc::mmap(null_mut(), bytes, protection, flags, -1, 0) };
                    let (start, buffer) = if p == libc::MAP_FAILED {
                        let mut buffer = Vec::<u8>::new();
                        buffer.try_reserve_exact(bytes.checked_add(page)?).ok()?;
                        let start = buffer.as_mut_ptr();
                        let before = start.addr().next_multiple_of(page) - start.addr();
                        (start.wrapping_add(before), Some(buffer))
                    } else {
                        (p.cast(), None)
                    };
                    let stack = Stack { start, bytes, page, buffer };
                    // What has been made inaccessible is made accessible again by `drop`.
                    stack.protect(libc::PROT_NONE).then_some(stack)
                }

                /// What may be used.
                pub fn area(&self) -> (*mut u8, usize) {
                    (self.start.wrapping_add(self.page), self.bytes - 2 * self.page)
                }

                /// Makes the first and the last page accessible, or not.
                fn protect(&self, protection: i32) -> bool {
                    [0, self.bytes - self.page].iter().all(|&at| {
                        // SAFETY: pages of our own memory, which nobody uses.
                        unsafe { libc::mprotect(self.start.wrapping_add(at).cast(), self.page, protection) == 0 }
                    })
                }
            }

            impl Drop for Stack {
                fn drop(&mut self) {
                    match self.buffer.take() {
                        None => {
                            // SAFETY: our own mapping, which nobody uses any more.
                            unsafe { libc::munmap(self.start.cast(), self.bytes) };
                        }
                        Some(buffer) => {
                            if !self.protect(libc::PROT_READ | libc::PROT_WRITE) {
                                // The pages cannot be used by anybody: rather lose the memory.
                                std::mem::forget(buffer);
                            }
                        }
                    }
                }
            }
        }
    }
    no {
        fn on_another(_: usize, _: &mut dyn FnMut()) -> Result<(), NoStack> {
            Err(NoStack)
        }
    }
}
