//! `range` and its iterators.

use crate::error::Result;
use crate::object::alloc;
use crate::payload;
use crate::statics as s;
use crate::types::{Type, flag};
use skein_gc::{Ref, Slot};
use std::sync::atomic::{AtomicI64, Ordering};

/// A range whose three numbers are tagged ints: no sum of two of them overflows 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmallRange {
    pub start: i64,
    pub stop: i64,
    pub step: i64,
    pub len: i64,
}

/// Body of a range. The ints are of exact type.
pub struct RangeBody {
    pub start: Ref,
    pub stop: Ref,
    pub step: Ref,
    pub length: Ref,
    /// The same as machine numbers, if all fit.
    pub small: Option<SmallRange>,
}
payload!(RangeBody, "range", |this, v| {
    v.reference(&this.start);
    v.reference(&this.stop);
    v.reference(&this.step);
    v.reference(&this.length);
});

pub static RANGE: Type = Type::declare(
    "range",
    Some(&s::OBJECT),
    <RangeBody as crate::object::Payload>::LAYOUT,
    flag::SEQUENCE,
);

/// Iterator over a range of machine numbers: gives `next` while it is before `stop`.
pub struct RangeIterBody {
    /// Two threads on one iterator may get the same number; never one outside the range.
    pub next: AtomicI64,
    pub stop: i64,
    pub step: i64,
}
payload!(RangeIterBody, "range_iterator", |_this, _v| {});

impl RangeIterBody {
    pub fn new(r: SmallRange) -> RangeIterBody {
        RangeIterBody {
            next: AtomicI64::new(r.start),
            stop: r.stop,
            step: r.step,
        }
    }

    /// The next number: always one that fits a tagged int.
    #[inline(always)]
    pub fn advance(&self) -> Option<i64> {
        // Relaxed: the number is all there is.
        let n = self.next.load(Ordering::Relaxed);
        let more = if self.step > 0 { n < self.stop } else { n > self.stop };
        if !more {
            return None;
        }
        // No overflow: both are tagged ints.
        self.next.store(n.wrapping_add(self.step), Ordering::Relaxed);
        Some(n)
    }

    /// Numbers left.
    pub fn remaining(&self) -> i64 {
        SmallRange::length(self.next.load(Ordering::Relaxed), self.stop, self.step)
    }
}

pub static RANGE_ITERATOR: Type = Type::declare(
    "range_iterator",
    Some(&s::OBJECT),
    <RangeIterBody as crate::object::Payload>::LAYOUT,
    flag::NO_NEW,
);

/// Iterator over any range: gives `start + index * step` while `index < length`.
pub struct LongRangeIterBody {
    pub start: Ref,
    pub step: Ref,
    pub length: Ref,
    pub index: Slot,
}
payload!(LongRangeIterBody, "longrange_iterator", |this, v| {
    v.reference(&this.start);
    v.reference(&this.step);
    v.reference(&this.length);
    v.slot(&this.index);
});

pub static LONG_RANGE_ITERATOR: Type = Type::declare(
    "longrange_iterator",
    Some(&s::OBJECT),
    <LongRangeIterBody as crate::object::Payload>::LAYOUT,
    flag::NO_NEW,
);

impl SmallRange {
    /// Length of a range of tagged ints.
    pub fn length(start: i64, stop: i64, step: i64) -> i64 {
        let (low, high, step) = if step > 0 {
            (start, stop, step)
        } else {
            (stop, start, step.wrapping_neg())
        };
        if low >= high || step <= 0 {
            return 0;
        }
        // At most 2**63 - 1: both are tagged ints.
        ((high.wrapping_sub(low) as u64 - 1) / step as u64 + 1) as i64
    }

    pub fn new(start: i64, stop: i64, step: i64) -> SmallRange {
        SmallRange {
            start,
            stop,
            step,
            len: SmallRange::length(start, stop, step),
        }
    }
}

/// A range of three tagged ints, the step not zero.
///
/// # Errors
/// MemoryError.
pub fn small(start: i64, stop: i64, step: i64) -> Result<Ref> {
    let int = crate::layouts::number::int;
    let r = SmallRange::new(start, stop, step);
    alloc(
        &RANGE,
        RangeBody {
            start: int(start)?,
            stop: int(stop)?,
            step: int(step)?,
            length: int(r.len)?,
            small: Some(r),
        },
    )
}
