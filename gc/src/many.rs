//! Many references at once: copied, counted and given up.
//!
//! Private objects, the usual case of a program of one thread, are counted in small loops; from the first other one on a loop of its
//! own goes on, with all in line that counting shared objects usually takes.

use crate::header;
use crate::value::{Ref, Value};

/// Elements that are copied at once.
const BLOCK: usize = 8;

/// Writes new references to what `n` words refer to.
///
/// # Safety
/// The words are those of live, canonical values, none of which is null. `to` has room for `n` words that hold nothing, and the two do
/// not overlap.
#[inline(always)]
pub unsafe fn copy(from: *const u64, to: *mut u64, n: usize) {
    // SAFETY: by the caller's promise.
    unsafe {
        if n >= BLOCK {
            return copy_blocks(from, to, n);
        }
        copy_few(from, to, n);
    }
}

/// # Safety
/// As for `copy`.
#[inline(always)]
unsafe fn copy_few(from: *const u64, to: *mut u64, n: usize) {
    for k in 0..n {
        // SAFETY: by the caller's promise.
        unsafe {
            let v = *from.add(k);
            if !count_private(v) {
                return copy_rest(from.add(k), to.add(k), n - k);
            }
            *to.add(k) = v;
        }
    }
}

/// # Safety
/// As for `copy`.
#[inline(never)]
unsafe fn copy_blocks(from: *const u64, to: *mut u64, n: usize) {
    // SAFETY: by the caller's promise.
    unsafe {
        let mut i = 0;
        // Blocks of numbers and immortal objects are only copied.
        while i + BLOCK <= n {
            let mut counted = false;
            for k in i..i + BLOCK {
                let v = *from.add(k);
                counted |= v & 7 == 0;
                *to.add(k) = v;
            }
            if counted {
                for k in i..i + BLOCK {
                    if !count_private(*to.add(k)) {
                        return copy_rest(from.add(k), to.add(k), n - k);
                    }
                }
            }
            i += BLOCK;
        }
        copy_few(from.add(i), to.add(i), n - i);
    }
}

/// # Safety
/// As for `copy`.
#[inline(never)]
unsafe fn copy_rest(from: *const u64, to: *mut u64, n: usize) {
    // SAFETY: by the caller's promise.
    unsafe {
        std::ptr::copy_nonoverlapping(from, to, n);
        count(to, n);
    }
}

/// Counts a new reference to what a word refers to, unless that is an object that is not private.
///
/// # Safety
/// The word is that of a live, canonical value.
#[inline(always)]
unsafe fn count_private(bits: u64) -> bool {
    if bits & 7 != 0 {
        return true;
    }
    // SAFETY: by the caller's promise.
    let h = unsafe { &*Value(bits).pointer() };
    let private = h.is_private();
    if private {
        h.increment_private();
    }
    private
}

/// Counts a new reference to what each of `n` words refers to.
///
/// # Safety
/// The words are those of live, canonical values, none of which is null.
#[inline]
pub unsafe fn count(words: *const u64, n: usize) {
    for k in 0..n {
        // SAFETY: by the caller's promise. The words have the references now.
        std::mem::forget(unsafe { Ref::copy_in_line(Value(*words.add(k))) });
    }
}

/// [`copy`] of references of fields, or owned ones.
///
/// # Safety
/// `to` has room for as many, and what is there is not dropped. Their words are canonical.
#[inline(always)]
pub unsafe fn copy_refs(from: &[Ref], to: *mut Ref) {
    // SAFETY: a Ref is a word that is never null, and those borrowed here hold their objects; the rest by the caller's promise.
    unsafe { copy(from.as_ptr().cast(), to.cast(), from.len()) };
}

/// Gives up the references that `n` words own, which begin `OFFSET` bytes behind a block (so that the loop needs no register more
/// than its caller, who has the block).
///
/// # Safety
/// None is null. They are read, one after the other, and not used again; what runs meanwhile does not change them.
#[inline(always)]
pub unsafe fn give_up<const OFFSET: usize>(block: *const u8, n: usize) {
    for k in 0..n {
        // SAFETY: by the caller's promise.
        unsafe {
            let v = word::<OFFSET>(block, k);
            if v.0 & 7 == 0 {
                if !(*v.pointer()).is_private() {
                    return give_up_rest::<OFFSET>(block, k, n);
                }
                header::decrement_private(v.pointer());
            }
        }
    }
}

/// # Safety
/// As for `give_up`; `k` is less than `n`.
#[inline(always)]
unsafe fn word<const OFFSET: usize>(block: *const u8, k: usize) -> Value {
    // SAFETY: by the caller's promise.
    Value(unsafe { *block.add(OFFSET).cast::<u64>().add(k) })
}

/// # Safety
/// As for `give_up`, from `k` on.
#[inline(never)]
unsafe fn give_up_rest<const OFFSET: usize>(block: *const u8, k: usize, n: usize) {
    for k in k..n {
        // SAFETY: by the caller's promise.
        unsafe { Ref::from_value(word::<OFFSET>(block, k)).drop_in_line() };
    }
}
