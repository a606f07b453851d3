//! `slice`, and the arithmetic of slices for all sequences.

use crate::int::value::Int;
use crate::iterators::support::{bind_new, wrong};
use crate::startup::{GetSet, TypeDef, member, ready_type};
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use skein_object::code::SliceBody;
use skein_object::error::{Result, type_error, value_error};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{CompareOp, Slots};
use skein_object::{Args, Context, Ref, Row, number, protocol, row, statics as s, str, tuple};

/// A slice as numbers, before it is fitted to a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub start: i64,
    pub stop: i64,
    /// Not zero.
    pub step: i64,
}

/// The elements that a slice picks from a sequence: `start`, `start + step`, ... `count` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picked {
    pub start: usize,
    pub step: i64,
    pub count: usize,
}

impl Picked {
    /// The indices picked.
    pub fn indices(self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.count).map(move |k| {
            let at = (self.start as i64).wrapping_add((k as i64).wrapping_mul(self.step));
            at as usize
        })
    }
}

/// The body of a slice object.
pub fn body(r: &Ref) -> Option<&SliceBody> {
    r.body::<SliceBody>()
}

fn index(cx: &Context, r: &Ref) -> Result<i64> {
    if let Some(i) = r.as_int() {
        return Ok(i);
    }
    if !r.ty().slots.index.is_set() {
        return Err(not_an_index());
    }
    protocol::convert::index_clamped(cx, r)
}

#[cold]
fn not_an_index() -> skein_object::Error {
    type_error("slice indices must be integers or None or have an __index__ method")
}

#[cold]
fn zero_step() -> skein_object::Error {
    value_error("slice step cannot be zero")
}

impl Bounds {
    /// The numbers of a slice object, cut to 64 bits.
    ///
    /// # Errors
    /// TypeError for a part that is no index, ValueError for step 0; what `__index__` raises.
    pub fn of(cx: &Context, s: &SliceBody) -> Result<Bounds> {
        let step = match &s.step {
            r if s::is_none(r) => 1,
            r => index(cx, r)?.max(-i64::MAX),
        };
        if step == 0 {
            return Err(zero_step());
        }
        let start = match &s.start {
            r if s::is_none(r) => {
                if step < 0 {
                    i64::MAX
                } else {
                    0
                }
            }
            r => index(cx, r)?,
        };
        let stop = match &s.stop {
            r if s::is_none(r) => {
                if step < 0 {
                    i64::MIN
                } else {
                    i64::MAX
                }
            }
            r => index(cx, r)?,
        };
        Ok(Bounds { start, stop, step })
    }

    /// Fits the slice to a sequence of `len` elements.
    pub fn fit(self, len: usize) -> Picked {
        let n = i64::try_from(len).unwrap_or(i64::MAX);
        let (low, high) = if self.step < 0 { (-1, n - 1) } else { (0, n) };
        let clip = |i: i64| {
            let i = if i < 0 { i.saturating_add(n) } else { i };
            i.clamp(low, high)
        };
        let (start, stop) = (clip(self.start), clip(self.stop));
        let count = if self.step < 0 {
            if stop < start {
                (start - stop - 1) / -self.step + 1
            } else {
                0
            }
        } else if start < stop {
            (stop - start - 1) / self.step + 1
        } else {
            0
        };
        Picked {
            start: start.max(0) as usize,
            step: self.step,
            count: count as usize,
        }
    }
}

/// A slice object.
pub fn make(start: Ref, stop: Ref, step: Ref) -> Result<Ref> {
    alloc(&s::SLICE, SliceBody { start, stop, step })
}

static NEW: Row = row!("slice(cls, a, b=None, c=None, /)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind_new(cx, &NEW, &s::SLICE, class, args, names)
}

fn new_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    let part = |i| a.opt(i).cloned().unwrap_or_else(s::none);
    match a.opt(2) {
        None => make(s::none(), part(1), s::none()),
        Some(_) => make(part(1), part(2), part(3)),
    }
}

fn expect(r: &Ref) -> Result<&SliceBody> {
    body(r).ok_or_else(|| wrong("slice", r))
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = expect(r)?;
    let mut out = skein_text::StrBuf::from("slice(");
    for (i, part) in [&b.start, &b.stop, &b.step].into_iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        crate::list::push_repr(cx, &mut out, part)?;
    }
    out.push_str(")");
    str::from_buf(out)
}

fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    let b = expect(r)?;
    let mut hasher = crate::tuple::Hasher::new();
    for part in [&b.start, &b.stop, &b.step] {
        hasher.add(protocol::hash(cx, part)?);
    }
    Ok(hasher.finish(0))
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (body(a), body(b)) else {
        return Ok(s::not_implemented());
    };
    if a.is(b) {
        return Ok(number::bool(matches!(
            op,
            CompareOp::Eq | CompareOp::Le | CompareOp::Ge
        )));
    }
    for (p, q) in [(&x.start, &y.start), (&x.stop, &y.stop), (&x.step, &y.step)] {
        if !protocol::equal(cx, p, q)? {
            return match op {
                CompareOp::Eq => Ok(number::bool(false)),
                CompareOp::Ne => Ok(number::bool(true)),
                _ => protocol::rich_compare(cx, p, q, op),
            };
        }
    }
    Ok(number::bool(op.holds(std::cmp::Ordering::Equal)))
}

/// A part of a slice as an int of any size; `None` for None.
fn big_part(cx: &Context, r: &Ref) -> Result<Option<BigInt>> {
    if s::is_none(r) {
        return Ok(None);
    }
    if !r.value().is_int() && !r.ty().slots.index.is_set() {
        return Err(not_an_index());
    }
    let i = protocol::index(cx, r)?;
    Ok(Int::of(&i).map(|v| v.big().into_owned()))
}

/// `slice.indices` for a length of any size: start, stop and step.
pub fn big_indices(cx: &Context, b: &SliceBody, len: &BigInt) -> Result<[BigInt; 3]> {
    let step = big_part(cx, &b.step)?.unwrap_or_else(BigInt::one);
    if step.is_zero() {
        return Err(zero_step());
    }
    let down = step.is_negative();
    let (low, high) = if down {
        (-BigInt::one(), len - 1)
    } else {
        (BigInt::zero(), len.clone())
    };
    let clip = |i: Option<BigInt>, default: &BigInt| match i {
        None => default.clone(),
        Some(i) => {
            let i = if i.is_negative() { i + len } else { i };
            i.max(low.clone()).min(high.clone())
        }
    };
    let (first, last) = if down { (&high, &low) } else { (&low, &high) };
    let start = clip(big_part(cx, &b.start)?, first);
    let stop = clip(big_part(cx, &b.stop)?, last);
    Ok([start, stop, step])
}

fn indices(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = expect(a.at(0))?;
    let len = protocol::index(cx, a.at(1))?;
    let len = Int::of(&len).map(|v| v.big().into_owned()).unwrap_or_default();
    if len.is_negative() {
        return Err(value_error("length should not be negative"));
    }
    let [start, stop, step] = big_indices(cx, b, &len)?;
    tuple::new(vec![number::big(start)?, number::big(stop)?, number::big(step)?])
}

fn reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = expect(a.at(0))?;
    let parts = tuple::new(vec![b.start.clone(), b.stop.clone(), b.step.clone()])?;
    tuple::new(vec![s::SLICE.object(), parts])
}

static METHODS: &[Row] = &[
    row!(
        "indices(self, object, /)",
        indices,
        "S.indices(len) -> (start, stop, stride)\n\nAssuming a sequence of length len, calculate the start and stop\nindices, and the stride length of the extended slice described by\nS. Out of bounds indices are clipped in a manner consistent with the\nhandling of normal slices."
    ),
    row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
];

static GETSET: &[GetSet] = &[
    member("start", |_, r| Ok(expect(r)?.start.clone())),
    member("stop", |_, r| Ok(expect(r)?.stop.clone())),
    member("step", |_, r| Ok(expect(r)?.step.clone())),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.repr.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
}

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.  This is used for extended slicing (e.g. a[0:10:2]).",
        ..TypeDef::new(&s::SLICE)
    })
}
