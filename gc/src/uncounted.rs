//! Registers do not count shared objects.
//!
//! A machine register that holds a shared object holds its address with the tag [`UNCOUNTED`], and nobody has counted that
//! reference: so threads that read the same objects write nothing that another one reads. References in fields and in native
//! code are always counted. Hence an object may be in use although its count is zero, and before it is finalised every thread
//! **looks through** its registers:
//!
//! * A shared object whose count falls to zero becomes PENDING (`count.rs`), and a grace period starts (`reclaim.rs`).
//! * Every attached thread, at its next poll, counts the uncounted references to PENDING objects in its registers
//!   ([`look`]), which makes them DIRTY, and takes the tag off. The registers of a detached thread are looked through by
//!   whoever waits (`epoch.rs`).
//! * At the end of the grace period an object without references that is not DIRTY is in no register: none held it when its
//!   thread looked, and none can have got it later, since no field had it.
//!
//! # Rules
//!
//! * Uncounted are only words that the walk of [`set_walk`] visits, and borrows of them: the registers of frames on the stack.
//!   A register's value that moves anywhere else is counted on the way ([`settle`]). So an owned `Ref` always has its
//!   canonical form, and `Ref::clone` gives one.
//! * Between reading a field and writing what was found, uncounted, into a register there is no poll, and nothing is dropped
//!   (which may run Python code, and so poll).
//! * A register that is given up is nulled before its frame leaves the stack, also where the value is not counted: a look
//!   may have counted it meanwhile, and a stale word would be counted in vain.
//! * Two words may refer to the same object with and without the tag. [`Value::is`](crate::Value::is) compares
//!   them; [`Ref::value`] gives the canonical form.
//! * A look changes words that native code has borrowed as `&Ref`. Either form will do for whoever has read it: the
//!   object lives, and copying counts it.
//!
//! Objects with a finaliser are counted by registers too, so that it runs as soon as possible. The collector of shared cycles makes
//! what it takes for garbage PENDING, and so finds it in registers (`cycle/confirm.rs`).
//!
//! `SKEIN_COUNT_SHARED=1` in the environment makes registers count everything: for comparison, and as a safety net.

use crate::count::{IMMORTAL, PENDING};
use crate::header::Header;
use crate::value::{Ref, UNCOUNTED, Value};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Calls its second argument for each word of the registers of a thread, whose `roots` come first.
pub type Walk = unsafe fn(*const (), &mut dyn FnMut(*mut u64));

/// Calls its second argument with each object that the frames of a thread, whose `roots` come first, use beside their registers.
pub type Pins = unsafe fn(*const (), &mut dyn FnMut(Value));

static WALK: OnceLock<Walk> = OnceLock::new();
static PINS: OnceLock<Pins> = OnceLock::new();
/// Whether registers count shared objects.
static COUNTING: AtomicBool = AtomicBool::new(false);

/// Installs the walk over registers, and over the deferred objects that frames use without a word for them.
///
/// # Safety
/// Given the roots of a thread (`mutator::set_roots`) that stands at a poll, is detached, or calls it, `walk` visits every word
/// that may hold an uncounted reference, and each visited word holds null, a tagged number, or a pointer to an object. `pins`
/// visits what else the frames hold without counting it, which is deferred.
pub unsafe fn set_walk(walk: Walk, pins: Pins) {
    let _ = WALK.set(walk);
    let _ = PINS.set(pins);
    if std::env::var_os("SKEIN_COUNT_SHARED").is_some_and(|v| v == "1") {
        // Relaxed: a switch, set before there is a second thread.
        COUNTING.store(true, Ordering::Relaxed);
    }
}

#[inline(always)]
fn is_counting() -> bool {
    // Relaxed: a switch.
    COUNTING.load(Ordering::Relaxed)
}

/// A copy of a value for a register: counted if the object is private, else without writing anything.
///
/// # Safety
/// `bits` is a value, not null, whose object is alive. The copy is written to a register before this thread polls or drops
/// anything.
#[inline(always)]
pub unsafe fn share(bits: u64) -> u64 {
    if bits & 7 == 0 {
        // SAFETY: alive by the caller's promise.
        let h = unsafe { &*(bits as *const Header) };
        if h.is_private() {
            h.increment_private();
        } else if h.is_deferred() {
            return bits | UNCOUNTED;
        } else if h.class().finalize.get().is_some() || is_counting() {
            h.increment_not_private();
        } else {
            h.assert_not_freed();
            return bits | UNCOUNTED;
        }
    }
    bits
}

/// [`share`] of a value that may be null.
///
/// # Safety
/// As for `share`.
#[inline(always)]
pub unsafe fn share_if(v: Value) -> u64 {
    if v.is_null() {
        0
    } else {
        // SAFETY: by the caller's promise.
        unsafe { share(v.0) }
    }
}

/// A register's value on its way out of the registers, with what it owns: counted if it was not.
///
/// # Safety
/// `bits` is a live value or null, in a register until now, or since the last poll.
#[inline(always)]
pub unsafe fn settle(bits: u64) -> u64 {
    if bits & 7 == UNCOUNTED {
        // SAFETY: alive by the caller's promise.
        let h = unsafe { &*Value(bits).pointer() };
        if !h.is_uncounted() {
            // Private objects are never uncounted.
            h.increment_not_private();
            return bits & !UNCOUNTED;
        }
    }
    bits
}

/// Counts the uncounted references to PENDING objects in the registers behind `roots`.
///
/// # Safety
/// `roots` belong to this thread, or to one that cannot attach meanwhile; or they are null.
pub(crate) unsafe fn look(roots: *const ()) {
    let Some(walk) = WALK.get() else { return };
    if roots.is_null() {
        return;
    }
    let mut visit = |word: *mut u64| {
        // SAFETY: a word of the registers, which nobody else uses meanwhile.
        let bits = unsafe { *word };
        if bits & 7 != UNCOUNTED {
            return;
        }
        // SAFETY: an uncounted reference keeps the object alive until this thread's registers have been looked through.
        let h = unsafe { &*Value(bits).pointer() };
        // Immortal objects have this form anywhere, deferred ones are not PENDING.
        let n = h.count.peek();
        if n & IMMORTAL == 0 && n & PENDING != 0 {
            h.assert_not_freed();
            h.count.increment_shared();
            // SAFETY: as above. The reference is counted now.
            unsafe { *word = bits & !UNCOUNTED };
        }
    };
    // SAFETY: by the caller's promise.
    unsafe { walk(roots, &mut visit) };
}

/// Calls `f` with what registers and frames behind `roots` refer to.
///
/// # Safety
/// As for `look`.
pub(crate) unsafe fn each_root(roots: *const (), f: &mut dyn FnMut(Value)) {
    if roots.is_null() {
        return;
    }
    if let (Some(walk), Some(pins)) = (WALK.get(), PINS.get()) {
        // SAFETY: by the caller's promise; the visited words are those of registers.
        unsafe {
            walk(roots, &mut |word: *mut u64| f(Value(*word)));
            pins(roots, f);
        }
    }
}

/// A value of a register on its way into a field that `trace` visits by its word: counted, if it was not and is not deferred.
///
/// # Safety
/// As for [`settle`].
#[inline(always)]
pub unsafe fn settle_traced(bits: u64) -> u64 {
    if bits & 7 == UNCOUNTED {
        // SAFETY: alive by the caller's promise.
        let h = unsafe { &*Value(bits).pointer() };
        if !h.is_uncounted() && !h.is_deferred() {
            h.increment_not_private();
            return bits & !UNCOUNTED;
        }
    }
    bits
}

/// The word of an edge that is not counted, to a deferred object: what `trace` visits for it.
#[inline(always)]
pub fn edge(h: &Header) -> Value {
    Value(std::ptr::from_ref(h).addr() as u64 | UNCOUNTED)
}

/// A reference for a field that `trace` visits by its word (`Ref::word`): not counted, if the object is deferred. Another thread
/// may have such an object condemned only when nothing reaches the field.
#[inline(always)]
pub fn traced(r: Ref) -> Ref {
    match r.header() {
        Some(h) if h.is_deferred() => {
            // SAFETY: not counted; the field keeps it from being swept.
            unsafe { Ref::from_value(edge(h)) }
        }
        _ => r,
    }
}

/// [`traced`] of a copy.
#[inline(always)]
pub fn traced_copy(r: &Ref) -> Ref {
    match r.header() {
        Some(h) if h.is_deferred() => {
            // SAFETY: as above.
            unsafe { Ref::from_value(edge(h)) }
        }
        _ => r.clone(),
    }
}

/// Visits the words behind `roots`, each once: windows overlap.
///
/// # Safety
/// As for `look`.
#[cfg(feature = "verify")]
pub(crate) unsafe fn each_register(roots: *const (), f: &mut dyn FnMut(Value)) {
    if let Some(walk) = WALK.get()
        && !roots.is_null()
    {
        let mut seen = std::collections::HashSet::new();
        let mut visit = |word: *mut u64| {
            if seen.insert(word) {
                // SAFETY: a word of the registers.
                f(Value(unsafe { *word }));
            }
        };
        // SAFETY: by the caller's promise.
        unsafe { walk(roots, &mut visit) };
    }
}
