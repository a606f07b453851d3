//! The 16-byte object header, and the count word.
//!
//! | bytes | field | private object | shared object |
//! |---|---|---|---|
//! | 0..8 | `class` | pointer to the class | the same; `__class__` assignment stores it whole |
//! | 8..12 | `count` | plain | atomic read-modify-write, by registers not at all |
//! | 12..14 | `owner` | slot of the owner | 0, or the slot of an exited thread |
//! | 14 | `flags` | plain | atomic |
//! | 15 | `lock` | unused | see `lock.rs` |
//!
//! `count.rs` owns the count word.

use crate::bytelock::ByteLock;
use crate::class::Class;
use crate::count::{Count, DEAD, DIRTY, IMMORTAL, Left, ONE, PENDING};
use crate::mutator::current_slot;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU16, Ordering};

/// Bits of the flags byte.
pub mod flag {
    /// Immortal: values that refer to the object are never counted.
    pub const UNCOUNTED: u8 = 1;
    /// Has weak references.
    pub const WEAK: u8 = 2;
    /// Its finaliser has run (PEP 442: it runs once).
    pub const FINALIZED: u8 = 4;
    /// Not in a page.
    pub const LARGE: u8 = 8;
    /// No collection of cycles looks at it.
    pub const FROZEN: u8 = 64;
    /// One of its references belongs to the sweep (`cycle/sweep.rs`).
    pub const DEFERRED: u8 = 128;
    /// Free for the class of the object.
    pub const CLASS_A: u8 = 16;
    pub const CLASS_B: u8 = 32;
}

/// What debug builds fill freed cells with.
pub(crate) const POISON: u8 = 0xdb;

/// Start of every object.
#[repr(C, align(8))]
pub struct Header {
    class: AtomicPtr<Class>,
    pub(crate) count: Count,
    pub(crate) owner: AtomicU16,
    flags: AtomicU8,
    pub(crate) lock: ByteLock,
}

impl Header {
    /// Header of a new object: one reference, private to the current thread.
    #[inline(always)]
    pub fn new(class: &'static Class) -> Header {
        Header {
            class: AtomicPtr::new(class as *const Class as *mut Class),
            count: Count::new(ONE),
            owner: AtomicU16::new(current_slot()),
            flags: AtomicU8::new(0),
            lock: ByteLock::new(),
        }
    }

    /// Writes the header of a new object where it lies, as [`new`](Header::new) makes it.
    ///
    /// # Safety
    /// The memory is the caller's, and aligned. If it is a cell of a page it begins with an odd word.
    #[inline(always)]
    pub(crate) unsafe fn begin(this: *mut Header, class: &'static Class) {
        const WORDS: () = assert!(std::mem::offset_of!(Header, count) == 8 && size_of::<Header>() == 16);
        let () = WORDS;
        let rest = ONE as u64 | (current_slot() as u64) << 32;
        // SAFETY: by the caller's promise; all fields behind the class are zero but for these two.
        unsafe {
            // Relaxed, and in one store: a collector that looks at the cell finds the odd word, or the class and then this.
            let tail = this.cast::<u8>().add(8).cast::<u64>();
            std::sync::atomic::AtomicU64::from_ptr(tail).store(rest.to_le(), Ordering::Relaxed);
            // Release pairs with the acquire in `is_shared_and_alive`.
            let field = &(*this).class;
            field.store(class as *const Class as *mut Class, Ordering::Release);
        }
    }

    /// Header of a static object: immortal and shared.
    pub const fn immortal(class: *const Class) -> Header {
        Header {
            class: AtomicPtr::new(class as *mut Class),
            count: Count::new(IMMORTAL),
            owner: AtomicU16::new(0),
            flags: AtomicU8::new(flag::UNCOUNTED),
            lock: ByteLock::new(),
        }
    }

    #[inline(always)]
    pub fn class(&self) -> &'static Class {
        // Relaxed: a class is published before any object of it can be seen, and classes are not freed by counting.
        // SAFETY: the field always holds a valid class.
        unsafe { &*self.class.load(Ordering::Relaxed) }
    }

    /// Changes the class (`__class__` assignment; static objects at start-up).
    pub fn set_class(&self, class: &'static Class) {
        // Release pairs with nothing but the publication of the class itself, done before by its creation.
        self.class.store(class as *const Class as *mut Class, Ordering::Release);
    }

    /// Whether a cell holds an object that is alive and shared, as far as `is_shared` knows of its owner. If so it is not freed before
    /// this thread polls.
    ///
    /// # Safety
    /// The memory is a cell of a page, or a shared object that is not in one and whose memory is held.
    pub(crate) unsafe fn is_shared_and_alive(this: *const Header, is_shared: impl Fn(u16) -> bool) -> bool {
        // SAFETY: by the caller's promise; only atomic fields are looked at, whatever the cell holds.
        let h = unsafe { &*this };
        // Acquire pairs with the release in `begin`: the owner is not older than this object.
        if h.class.load(Ordering::Acquire).addr() & 1 != 0 {
            return false;
        }
        // Acquire pairs with the release in `publish`. From here on the object is the one that became shared, whatever it was
        // a moment before: no other can take its place before this thread polls, unless it is PENDING or DEAD already.
        if !is_shared(h.owner.load(Ordering::Acquire)) {
            return false;
        }
        let n = h.count.peek();
        n >= ONE && n & (IMMORTAL | PENDING | DIRTY) == 0
    }

    /// Says that what the object refers to is about to change, to a collector that takes the object for garbage. To be
    /// called before each change of a shared object.
    #[inline(always)]
    pub fn touch(&self) {
        if self.count.peek() & PENDING != 0 {
            crate::cycle::touched(self);
        }
    }

    /// Says so once more: a reference may have been taken out of the object just now, by an exchange or before one (as of the object's lock). To
    /// be called before the next poll. See `reclaim.rs`, "Extension".
    #[inline(always)]
    pub fn touch_again(&self) {
        // Pairs with the fence in `reclaim::Batch::extend`: either the object is found PENDING here, or what was taken out is not found there.
        crate::sync::fence_after_exchange();
        self.touch();
    }

    /// Whether only the current thread can reach the object.
    #[inline(always)]
    pub fn is_private(&self) -> bool {
        // Relaxed: only the owner writes its own slot number here, so no other thread can read an equal value.
        self.owner.load(Ordering::Relaxed) == current_slot()
    }

    /// Slot of the owner, for reports.
    pub fn owner(&self) -> u16 {
        self.owner.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub fn is_uncounted(&self) -> bool {
        // Relaxed: set at creation, never cleared.
        self.flags.load(Ordering::Relaxed) & flag::UNCOUNTED != 0
    }

    #[inline(always)]
    pub fn has_flag(&self, bit: u8) -> bool {
        // Relaxed: flags carry no data of their own; what they announce is ordered by its own protocol.
        self.flags.load(Ordering::Relaxed) & bit != 0
    }

    /// Sets a flag; true if it was clear before.
    pub fn set_flag(&self, bit: u8) -> bool {
        if self.is_private() {
            let old = self.flags.load(Ordering::Relaxed);
            self.flags.store(old | bit, Ordering::Relaxed);
            old & bit == 0
        } else {
            // AcqRel: whoever wins a flag (FINALIZED) sees what the previous holder did.
            self.flags.fetch_or(bit, Ordering::AcqRel) & bit == 0
        }
    }

    pub fn clear_flag(&self, bit: u8) {
        if self.is_private() {
            self.flags
                .store(self.flags.load(Ordering::Relaxed) & !bit, Ordering::Relaxed);
        } else {
            self.flags.fetch_and(!bit, Ordering::AcqRel);
        }
    }

    /// Number of counted references, with the credits that threads have (`credit.rs`): exact for private objects.
    pub fn references(&self) -> u32 {
        (self.count.peek() & !IMMORTAL) / ONE
    }

    /// [`references`](Header::references) without the credits of this thread, for `sys.getrefcount`.
    pub fn references_held(&self) -> u32 {
        self.references().saturating_sub(crate::credit::of(self))
    }

    pub fn is_immortal(&self) -> bool {
        self.count.peek() & IMMORTAL != 0
    }

    /// Makes a new object immortal: from now on its values carry the uncounted bit. To be called before any `Ref` to it exists.
    pub fn make_immortal(&self) {
        self.count.set_private(IMMORTAL);
        self.flags
            .store(self.flags.load(Ordering::Relaxed) | flag::UNCOUNTED, Ordering::Relaxed);
    }

    /// Makes a new object, which has one reference, deferred (`cycle/sweep.rs`). It is shared from now on, and all that it refers to.
    pub fn make_deferred(&self) {
        self.count.set_private(2 * ONE);
        self.flags
            .store(self.flags.load(Ordering::Relaxed) | flag::DEFERRED, Ordering::Relaxed);
        crate::publish::publish(crate::value::Value::of(self));
        // Release pairs with the acquire in `is_shared_and_alive`.
        self.owner.store(0, Ordering::Release);
        crate::cycle::note_deferred();
    }

    /// Whether the object is deferred, and no sweep has found it dead.
    #[inline(always)]
    pub fn is_deferred(&self) -> bool {
        self.has_flag(flag::DEFERRED)
    }

    /// What a sweep does to a deferred object that nothing reaches: it becomes like any other.
    pub(crate) fn condemn(&self) {
        if self.flags.fetch_and(!flag::DEFERRED, Ordering::AcqRel) & flag::DEFERRED != 0 {
            // The caller has a reference, so it does not die here.
            let left = self.count.decrement_shared();
            debug_assert!(left == Left::Nothing);
        }
    }

    /// Takes back what `condemn` has done.
    pub(crate) fn reprieve(&self) {
        if self.flags.fetch_or(flag::DEFERRED, Ordering::AcqRel) & flag::DEFERRED == 0 {
            self.count.increment_shared();
        }
    }

    /// Whether a cell holds an object, in whatever state.
    ///
    /// # Safety
    /// The memory is a cell of a page.
    pub(crate) unsafe fn is_object(this: *const Header) -> bool {
        // SAFETY: by the caller's promise. Relaxed: for when the world stands still.
        unsafe { (*this).class.load(Ordering::Relaxed).addr() & 1 == 0 }
    }

    /// Debug builds notice the use of freed objects.
    #[inline(always)]
    pub fn assert_not_freed(&self) {
        debug_assert!(
            self.count.peek() != u32::from_ne_bytes([POISON; 4]),
            "used after it was freed"
        );
    }

    #[inline(always)]
    pub(crate) fn increment(&self) {
        if self.is_private() {
            self.increment_private();
        } else {
            self.increment_not_private();
        }
    }

    /// One more reference to an object known not to be private.
    #[inline(always)]
    pub(crate) fn increment_not_private(&self) {
        self.assert_not_freed();
        crate::credit::increment(self);
    }

    /// As [`increment`](Header::increment), for loops.
    #[inline(always)]
    pub(crate) fn increment_in_line(&self) {
        if self.is_private() {
            self.increment_private();
        } else {
            self.assert_not_freed();
            crate::credit::increment_in_line(self);
        }
    }

    /// One more reference to an object known to be private.
    #[inline(always)]
    pub(crate) fn increment_private(&self) {
        self.assert_not_freed();
        let n = self.count.peek();
        if n & IMMORTAL == 0 {
            self.count.set_private(n.wrapping_add(ONE));
        }
    }

    /// Takes a reference unless the object is dead: for weak references.
    pub fn try_increment(&self) -> bool {
        if self.is_private() {
            // Its owner counts it plainly, and nobody watches it.
            self.count.try_increment(|| ())
        } else {
            crate::credit::try_increment(self)
        }
    }
}

/// Gives up one reference.
///
/// # Safety
/// The caller owns a counted reference to the object and does not use it again.
#[inline(always)]
pub unsafe fn decrement(object: *mut Header) {
    // SAFETY: alive, the caller's reference holds it.
    let h = unsafe { &*object };
    h.assert_not_freed();
    if h.is_private() {
        let n = h.count.peek();
        if n & !3 == ONE {
            // SAFETY: this was the last reference and nobody else can reach the object.
            unsafe { zero_private(object) };
        } else if n & IMMORTAL == 0 {
            h.count.set_private(n.wrapping_sub(ONE));
        }
    } else {
        // SAFETY: as the caller's.
        unsafe { decrement_shared(object) };
    }
}

/// As [`decrement`], for loops: what is most often done is in line.
///
/// # Safety
/// As for [`decrement`].
#[inline(always)]
pub(crate) unsafe fn decrement_in_line(object: *mut Header) {
    // SAFETY: alive, the caller's reference holds it, or becomes the credit.
    let h = unsafe { &*object };
    h.assert_not_freed();
    if h.is_private() {
        // SAFETY: as the caller's.
        unsafe { decrement_private(object) };
    } else if !crate::credit::deposit_at_once(h) {
        // SAFETY: as the caller's.
        unsafe { decrement_shared(object) };
    }
}

/// As [`decrement`] of a private object, for loops: the usual case is that it stays alive.
///
/// # Safety
/// As for [`decrement`]; the object is private.
#[inline(always)]
pub(crate) unsafe fn decrement_private(object: *mut Header) {
    // SAFETY: alive, the caller's reference holds it.
    let h = unsafe { &*object };
    h.assert_not_freed();
    let n = h.count.peek();
    if !is_last_or_immortal(n) {
        h.count.set_private(n - ONE);
    } else if n & IMMORTAL == 0 {
        // SAFETY: this was the last reference and nobody else can reach the object.
        unsafe { zero_private(object) };
    }
}

/// Of the word of a private object. One comparison: immortal ones are negative.
#[inline(always)]
fn is_last_or_immortal(n: u32) -> bool {
    n.cast_signed() < (2 * ONE).cast_signed()
}

/// Gives up one reference if that takes no more than a plain store: the object is private and stays alive. False if it was not
/// given up.
///
/// # Safety
/// As for [`decrement`], if the answer is true.
#[inline(always)]
pub unsafe fn decrement_quick(object: *mut Header) -> bool {
    // SAFETY: alive, the caller's reference holds it.
    let h = unsafe { &*object };
    h.assert_not_freed();
    if !h.is_private() {
        return false;
    }
    let n = h.count.peek();
    if is_last_or_immortal(n) {
        return false;
    }
    h.count.set_private(n - ONE);
    true
}

#[inline(never)]
unsafe fn zero_private(object: *mut Header) {
    // SAFETY: the object is alive until `finalize` frees it.
    unsafe { (*object).count.set_private(DEAD) };
    // SAFETY: no references and private: we are the only ones who can reach it.
    unsafe { crate::reclaim::finalize(object) };
}

#[inline(never)]
unsafe fn decrement_shared(object: *mut Header) {
    // SAFETY: alive, the caller's reference holds it, or becomes the credit.
    if crate::credit::deposit(unsafe { &*object }) {
        return;
    }
    // A pointer and not a reference: the object may be gone when `decrement_shared` returns.
    // SAFETY: alive, the caller's reference holds it.
    let count = unsafe { &raw const (*object).count };
    // SAFETY: as above; the count word is not touched after it gave up the last claim to the object.
    unsafe {
        if (*count).peek() & IMMORTAL != 0 {
            return;
        }
        if (*count).decrement_shared() == Left::Zero {
            crate::reclaim::zero_shared(object);
        }
    }
}
