//! Ints as numbers: a machine word where the value fits, else a big integer.

use num_bigint::{BigInt, Sign};
use num_traits::{ToPrimitive, Zero};
use skein_object::Ref;
use skein_object::error::{Error, Result, memory_error};
use skein_object::number::{self, IntValue};
use std::borrow::Cow;

/// An operand. `Big` may hold a small value only where it came from a caller that did not normalise.
#[derive(Clone, Copy)]
pub enum Int<'a> {
    Small(i64),
    Big(&'a BigInt),
}

impl<'a> Int<'a> {
    /// The value of an int of any class.
    #[inline]
    pub fn of(r: &'a Ref) -> Option<Int<'a>> {
        Some(match number::int_value(r)? {
            IntValue::Small(n) => Int::Small(n),
            IntValue::Big(b) => match number::word(b) {
                Some(n) => Int::Small(n),
                None => Int::Big(b),
            },
        })
    }

    pub fn pair(a: &'a Ref, b: &'a Ref) -> Option<(Int<'a>, Int<'a>)> {
        Some((Int::of(a)?, Int::of(b)?))
    }

    pub fn big(self) -> Cow<'a, BigInt> {
        match self {
            Int::Small(n) => Cow::Owned(BigInt::from(n)),
            Int::Big(b) => Cow::Borrowed(b),
        }
    }

    pub fn is_zero(self) -> bool {
        match self {
            Int::Small(n) => n == 0,
            Int::Big(b) => b.is_zero(),
        }
    }

    pub fn is_negative(self) -> bool {
        match self {
            Int::Small(n) => n < 0,
            Int::Big(b) => b.sign() == Sign::Minus,
        }
    }

    /// Number of bits of the absolute value.
    pub fn bits(self) -> u64 {
        match self {
            Int::Small(n) => u64::from(64 - n.unsigned_abs().leading_zeros()),
            Int::Big(b) => b.bits(),
        }
    }

    /// The lowest 64 bits in two's complement.
    pub fn low_word(self) -> u64 {
        match self {
            Int::Small(n) => n as u64,
            Int::Big(b) => {
                let low = b.iter_u64_digits().next().unwrap_or(0);
                if b.sign() == Sign::Minus {
                    low.wrapping_neg()
                } else {
                    low
                }
            }
        }
    }

    /// The number, if it has no bits beyond the lowest 64.
    pub fn as_mask(self) -> Option<u64> {
        match self {
            Int::Small(n) => u64::try_from(n).ok(),
            Int::Big(b) => b.to_u64(),
        }
    }

    pub fn order(self, other: Int<'_>) -> std::cmp::Ordering {
        match (self, other) {
            (Int::Small(a), Int::Small(b)) => a.cmp(&b),
            (a, b) => a.big().as_ref().cmp(b.big().as_ref()),
        }
    }

    /// For the text crate.
    pub fn to_text(self) -> skein_text::number::Int {
        match self {
            Int::Small(n) => skein_text::number::Int::Small(n),
            Int::Big(b) => skein_text::number::Int::from_big(b.clone()),
        }
    }
}

/// An object of what the text crate has read.
pub fn from_text(n: skein_text::number::Int) -> Result<Ref> {
    match n {
        skein_text::number::Int::Small(n) => number::int(n),
        skein_text::number::Int::Big(b) => number::big(b),
    }
}

/// Largest result that is tried: 4 GiB.
const MAX_BITS: u64 = 1 << 35;

/// Refuses a result of `bits` bits that memory cannot hold: the big integer library would abort.
///
/// # Errors
/// MemoryError.
pub fn check_size(bits: u64) -> Result<()> {
    if bits < 1 << 20 {
        return Ok(());
    }
    check_size_slow(bits)
}

#[cold]
fn check_size_slow(bits: u64) -> Result<()> {
    if bits > MAX_BITS {
        return Err(memory_error());
    }
    // The operation needs the result and scratch space of a few times its size.
    let mut probe: Vec<u8> = Vec::new();
    skein_gc::alloc::fallible(|| probe.try_reserve_exact((bits / 8) as usize * 4))
        .map_err(|_| -> Error { memory_error() })
}
