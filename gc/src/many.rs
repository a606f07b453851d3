//! Many references at once: copied, counted and given up.

use crate::value::{Ref, Value};

/// Elements that are copied at once.
const BLOCK: usize = 8;

/// Writes new references to what `n` words refer to.
///
/// # Safety
/// The words are those of live, canonical values, none of which is null. `to` has room for `n` words that hold nothing, and the two do
/// not overlap.
#[inline]
pub unsafe fn copy(from: *const u64, to: *mut u64, n: usize) {
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
                count(to.add(i), BLOCK);
            }
            i += BLOCK;
        }
        for k in i..n {
            let v = *from.add(k);
            *to.add(k) = v;
            count_one(v);
        }
    }
}

/// Counts a new reference to what each of `n` words refers to.
///
/// # Safety
/// The words are those of live, canonical values, none of which is null.
#[inline]
pub unsafe fn count(words: *const u64, n: usize) {
    for k in 0..n {
        // SAFETY: by the caller's promise.
        unsafe { count_one(*words.add(k)) };
    }
}

#[inline(always)]
unsafe fn count_one(bits: u64) {
    if bits & 7 == 0 {
        // SAFETY: by the caller's promise.
        std::mem::forget(unsafe { Ref::copy_in_line(Value(bits)) });
    }
}

/// [`copy`] of references of fields, or owned ones.
///
/// # Safety
/// `to` has room for as many, and what is there is not dropped. Their words are canonical.
#[inline]
pub unsafe fn copy_refs(from: &[Ref], to: *mut Ref) {
    // SAFETY: a Ref is a word that is never null, and those borrowed here hold their objects; the rest by the caller's promise.
    unsafe { copy(from.as_ptr().cast(), to.cast(), from.len()) };
}
