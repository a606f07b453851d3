//! The 64-bit value and the owning reference.
//!
//! | low bits | meaning |
//! |---|---|
//! | `...1` | small int: 63 bits, two's complement, shifted left by one |
//! | `..10` | float, rotated so that exponents around zero fit; 0.0 is a special pattern, others are on the heap |
//! | `.000` | pointer to an object, 8-byte aligned; the reference is counted |
//! | `.100` | pointer to an immortal object; never counted, and always written this way |
//! | `.100` | in a register: pointer to a shared object, not counted (`uncounted.rs`); in some fields: to a deferred one (`cycle/sweep.rs`) |
//!
//! Ints that fit are always tagged, so equal bits are equal small ints. An object has one canonical pattern, the first or
//! the second of the three for pointers, which fields and owned references have; so among those `is` is equality of bits.
//! All bits zero is the null of registers and slots.

use crate::class::Class;
use crate::header::Header;
use std::num::NonZeroU64;

/// A value without ownership: whoever holds it must know that the object lives.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Value(pub u64);

/// Largest and smallest tagged int.
pub const INT_MAX: i64 = (1 << 62) - 1;
pub const INT_MIN: i64 = -(1 << 62);

const FLOAT_ZERO: u64 = 0x8000_0000_0000_0002;
/// Bit of a pointer to an immortal object, or of one that is not counted here.
pub const UNCOUNTED: u64 = 4;
const POINTER_MASK: u64 = !7;

impl Value {
    pub const NULL: Value = Value(0);

    #[inline(always)]
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// The tagged int, if `n` fits in 63 bits.
    #[inline(always)]
    pub const fn int(n: i64) -> Option<Value> {
        if n >= INT_MIN && n <= INT_MAX {
            Some(Value((n << 1) as u64 | 1))
        } else {
            None
        }
    }

    /// The tagged int of a number known to fit.
    #[inline(always)]
    pub const fn small(n: i32) -> Value {
        Value(((n as i64) << 1) as u64 | 1)
    }

    #[inline(always)]
    pub const fn is_int(self) -> bool {
        self.0 & 1 == 1
    }

    /// Value of a tagged int; meaningless for anything else.
    #[inline(always)]
    pub const fn as_int_unchecked(self) -> i64 {
        self.0 as i64 >> 1
    }

    #[inline(always)]
    pub const fn as_int(self) -> Option<i64> {
        if self.is_int() {
            Some(self.as_int_unchecked())
        } else {
            None
        }
    }

    /// The tagged float, if its exponent is in the window (about 1e-77 to 1e77) or it is 0.0.
    #[inline(always)]
    pub const fn float(x: f64) -> Option<Value> {
        let bits = x.to_bits();
        // Exponent bits 62..60 are 011 or 100, that is (bits >> 60 & 7) is 3 or 4.
        let top = (bits >> 60) & 7;
        if top.wrapping_sub(3) < 2 && bits != 0x3000_0000_0000_0000 {
            Some(Value(bits.rotate_left(3) & !3 | 2))
        } else if bits == 0 {
            Some(Value(FLOAT_ZERO))
        } else {
            None
        }
    }

    #[inline(always)]
    pub const fn is_float(self) -> bool {
        self.0 & 3 == 2
    }

    /// Value of a tagged float; meaningless for anything else.
    #[inline(always)]
    pub const fn as_float_unchecked(self) -> f64 {
        if self.0 == FLOAT_ZERO {
            return 0.0;
        }
        // Bit 63 of the pattern is bit 60 of the float; bits 62 and 61 are (1,0) or (0,1) accordingly.
        let b60 = self.0 >> 63;
        f64::from_bits(((2 - b60) | (self.0 & !3)).rotate_right(3))
    }

    #[inline(always)]
    pub const fn as_float(self) -> Option<f64> {
        if self.is_float() {
            Some(self.as_float_unchecked())
        } else {
            None
        }
    }

    /// A pointer, counted or not; false for null.
    #[inline(always)]
    pub const fn is_pointer(self) -> bool {
        self.0 & 3 == 0 && self.0 != 0
    }

    /// A pointer whose reference is counted.
    #[inline(always)]
    pub const fn is_counted(self) -> bool {
        self.0 & 7 == 0 && self.0 != 0
    }

    #[inline(always)]
    pub const fn pointer(self) -> *mut Header {
        (self.0 & POINTER_MASK) as *mut Header
    }

    /// The header, if this is a pointer.
    ///
    /// # Safety
    /// The object must be alive for as long as the result is used.
    #[inline(always)]
    pub unsafe fn header<'a>(self) -> Option<&'a Header> {
        if self.is_pointer() {
            // SAFETY: a non-null pointer value refers to an object, alive by the caller's promise.
            Some(unsafe { &*self.pointer() })
        } else {
            None
        }
    }

    /// The canonical value of an object.
    #[inline(always)]
    pub fn of(header: &Header) -> Value {
        Value(header as *const Header as u64 | if header.is_uncounted() { UNCOUNTED } else { 0 })
    }

    /// Whether both are the same object or number, in whatever form.
    #[inline(always)]
    pub const fn is(self, other: Value) -> bool {
        self.0 == other.0 || self.0 ^ other.0 == UNCOUNTED && self.0 & 3 == 0
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(n) = self.as_int() {
            write!(f, "int {n}")
        } else if let Some(x) = self.as_float() {
            write!(f, "float {x}")
        } else {
            write!(f, "{:#x}", self.0)
        }
    }
}

/// An owned, non-null reference: a tagged number, an uncounted pointer, or one count of an object.
#[repr(transparent)]
pub struct Ref(NonZeroU64);

impl Ref {
    #[inline(always)]
    pub fn int(n: i64) -> Option<Ref> {
        // SAFETY: a tagged number owns nothing.
        Value::int(n).map(|v| unsafe { Ref::from_value(v) })
    }

    #[inline(always)]
    pub fn small(n: i32) -> Ref {
        // SAFETY: a tagged number owns nothing.
        unsafe { Ref::from_value(Value::small(n)) }
    }

    #[inline(always)]
    pub fn float(x: f64) -> Option<Ref> {
        // SAFETY: a tagged number owns nothing.
        Value::float(x).map(|v| unsafe { Ref::from_value(v) })
    }

    /// Takes over the reference that `v` stands for.
    ///
    /// # Safety
    /// `v` is not null, and if it is counted the caller owns one count and gives it away.
    #[inline(always)]
    pub const unsafe fn from_value(v: Value) -> Ref {
        debug_assert!(v.0 != 0);
        // SAFETY: not null by the caller's promise.
        Ref(unsafe { NonZeroU64::new_unchecked(v.0) })
    }

    /// A new reference to the object that `v` refers to.
    ///
    /// # Safety
    /// `v` is not null and canonical, and its object is alive.
    #[inline(always)]
    pub unsafe fn copy_of(v: Value) -> Ref {
        if v.0 & 7 == 0 {
            // SAFETY: alive by the caller's promise.
            unsafe { (*v.pointer()).increment() };
        }
        // SAFETY: not null; the count was taken above.
        unsafe { Ref::from_value(v) }
    }

    /// As [`copy_of`](Ref::copy_of), for loops over many references: more code in line, and fewer instructions for shared objects.
    ///
    /// # Safety
    /// As for `copy_of`.
    #[inline(always)]
    pub unsafe fn copy_in_line(v: Value) -> Ref {
        if v.0 & 7 == 0 {
            // SAFETY: alive by the caller's promise.
            unsafe { (*v.pointer()).increment_in_line() };
        }
        // SAFETY: not null; the count was taken above.
        unsafe { Ref::from_value(v) }
    }

    /// Gives the reference up, in loops over many: see [`copy_in_line`](Ref::copy_in_line).
    #[inline(always)]
    pub fn drop_in_line(self) {
        let v = self.word();
        std::mem::forget(self);
        if v.0 & 7 == 0 {
            // SAFETY: we owned one count and give it up here.
            unsafe { crate::header::decrement_in_line(v.pointer()) };
        }
    }

    /// A new reference to the object that a register's word refers to.
    ///
    /// # Safety
    /// `word` is not null and its object is alive.
    #[inline(always)]
    pub unsafe fn copy_of_word(word: Value) -> Ref {
        if word.0 & 3 != 0 {
            // SAFETY: a tagged number owns nothing.
            return unsafe { Ref::from_value(word) };
        }
        // SAFETY: alive by the caller's promise.
        let h = unsafe { &*word.pointer() };
        if word.0 & UNCOUNTED != 0 && h.is_uncounted() {
            // SAFETY: not counted.
            return unsafe { Ref::from_value(word) };
        }
        h.increment();
        // SAFETY: not null; the count was taken above.
        unsafe { Ref::from_value(Value(word.0 & !UNCOUNTED)) }
    }

    /// A new reference to a live object.
    #[inline(always)]
    pub fn of(header: &Header) -> Ref {
        // SAFETY: the borrow keeps the object alive.
        unsafe { Ref::copy_of(Value::of(header)) }
    }

    /// The canonical value: equal for the same object, whether this is a borrowed register or not.
    #[inline(always)]
    pub fn value(&self) -> Value {
        let v = self.word();
        if v.0 & 7 == UNCOUNTED {
            // SAFETY: the reference keeps the object alive.
            return Value::of(unsafe { &*v.pointer() });
        }
        v
    }

    /// The value in the form in which it lies here.
    #[inline(always)]
    pub fn word(&self) -> Value {
        Value(self.0.get())
    }

    /// Gives up ownership without touching the count.
    #[inline(always)]
    pub fn into_value(self) -> Value {
        let v = self.word();
        debug_assert!(self.value() == v, "an uncounted reference outside the registers");
        std::mem::forget(self);
        v
    }

    #[inline(always)]
    pub fn as_int(&self) -> Option<i64> {
        self.word().as_int()
    }

    #[inline(always)]
    pub fn is_pointer(&self) -> bool {
        self.word().is_pointer()
    }

    /// The header, if this is not a tagged number.
    #[inline(always)]
    pub fn header(&self) -> Option<&Header> {
        // SAFETY: the reference keeps the object alive for the borrow.
        unsafe { self.word().header() }
    }

    /// Identity: the `is` operator.
    #[inline(always)]
    pub fn is(&self, other: &Ref) -> bool {
        self.word().is(other.word())
    }

    /// The object's class; `None` for tagged numbers.
    #[inline(always)]
    pub fn class(&self) -> Option<&'static Class> {
        self.header().map(Header::class)
    }
}

impl Clone for Ref {
    #[inline(always)]
    fn clone(&self) -> Ref {
        // SAFETY: the object is alive, `self` holds it.
        unsafe { Ref::copy_of_word(self.word()) }
    }
}

impl Drop for Ref {
    #[inline(always)]
    fn drop(&mut self) {
        let v = self.word();
        if v.0 & 7 == 0 {
            // SAFETY: we own one count and give it up here.
            unsafe { crate::header::decrement(v.pointer()) };
        }
    }
}

impl PartialEq for Ref {
    /// Identity, as `is`.
    fn eq(&self, other: &Ref) -> bool {
        self.is(other)
    }
}
impl Eq for Ref {}

impl std::fmt::Debug for Ref {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.word().fmt(f)
    }
}

// SAFETY: a Ref moved to another thread must have been published, which the thread start and the slot-write helper do;
// the type cannot express it, so native code that sends a Ref across threads calls `publish` first (see publish.rs).
unsafe impl Send for Ref {}
// SAFETY: as for Send; counts of published objects are atomic.
unsafe impl Sync for Ref {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_survive() {
        for x in [
            0.0,
            1.0,
            -1.0,
            0.5,
            1e-70,
            1e70,
            3.25e-12,
            std::f64::consts::PI,
            -2.5e50,
        ] {
            assert_eq!(
                Value::float(x).unwrap().as_float().unwrap().to_bits(),
                x.to_bits(),
                "{x}"
            );
        }
        for x in [
            -0.0,
            f64::INFINITY,
            f64::NAN,
            1e300,
            1e-300,
            f64::from_bits(0x3000_0000_0000_0000),
        ] {
            assert!(Value::float(x).is_none(), "{x}");
        }
    }

    #[test]
    fn ints_survive() {
        for n in [0, 1, -1, INT_MAX, INT_MIN] {
            assert_eq!(Value::int(n).unwrap().as_int(), Some(n));
        }
        assert!(Value::int(INT_MAX + 1).is_none());
        assert!(Value::int(INT_MIN - 1).is_none());
    }
}
