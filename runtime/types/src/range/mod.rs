//! `range`.

pub mod iter;

use crate::int::arith;
use crate::int::value::Int;
use crate::iterators::support::{bind_new, wrong};
use crate::list::item::bad_index;
use crate::slice;
use crate::startup::{GetSet, TypeDef, member, ready_type};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};
use skein_object::error::{Result, index_error, overflow_error, value_error};
use skein_object::object::{RefExt, alloc};
use skein_object::range::{RANGE, SmallRange};
use skein_object::slots::{CompareOp, Slots};
use skein_object::types::Type;
use skein_object::{Args, Context, RangeBody, Ref, Row, number, protocol, row, statics as s, str, tuple};

/// The body of a range.
pub fn body(r: &Ref) -> Result<&RangeBody> {
    r.body::<RangeBody>().ok_or_else(|| wrong("range", r))
}

/// The value of an int that a range holds.
pub(crate) fn big(r: &Ref) -> BigInt {
    Int::of(r).map(|v| v.big().into_owned()).unwrap_or_default()
}

/// A range of three ints of exact type, the step not zero.
pub fn make(start: Ref, stop: Ref, step: Ref) -> Result<Ref> {
    if let (Some(a), Some(b), Some(c)) = (start.as_int(), stop.as_int(), step.as_int()) {
        return skein_object::range::small(a, b, c);
    }
    let length = length_of(&big(&start), &big(&stop), &big(&step));
    alloc(
        &RANGE,
        RangeBody {
            start,
            stop,
            step,
            length: number::big(length)?,
            small: None,
        },
    )
}

/// A range of big integers, the step not zero.
pub(crate) fn make_parts(start: BigInt, stop: BigInt, step: BigInt) -> Result<Ref> {
    make(number::big(start)?, number::big(stop)?, number::big(step)?)
}

fn length_of(start: &BigInt, stop: &BigInt, step: &BigInt) -> BigInt {
    let (low, high) = if step.is_positive() {
        (start, stop)
    } else {
        (stop, start)
    };
    if low >= high {
        return BigInt::zero();
    }
    (high - low - 1) / step.abs() + 1
}

static NEW: Row = row!("range(cls, a, b=None, c=None, /)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind_new(cx, &NEW, &RANGE, class, args, names)
}

/// Ranges of tagged ints.
fn make_small(_: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    if !std::ptr::eq(ty, &raw const RANGE) {
        return None;
    }
    match args {
        [stop] => Some(skein_object::range::small(0, stop.as_int()?, 1)),
        [start, stop] => Some(skein_object::range::small(start.as_int()?, stop.as_int()?, 1)),
        _ => None,
    }
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let part = |r: &Ref| -> Result<Ref> { arith::exact(cx, &protocol::index(cx, r)?) };
    let Some(b) = a.opt(2) else {
        return make(Ref::small(0), part(a.at(1))?, Ref::small(1));
    };
    let (start, stop) = (part(a.at(1))?, part(b)?);
    let step = match a.opt(3) {
        Some(c) => part(c)?,
        None => Ref::small(1),
    };
    if step.as_int() == Some(0) {
        return Err(value_error("range() arg 3 must not be zero"));
    }
    make(start, stop, step)
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let text = |r: &Ref| -> Result<String> { Ok(str::text(&protocol::repr(cx, r)?)) };
    let (start, stop) = (text(&b.start)?, text(&b.stop)?);
    str::from_str(&if b.step.as_int() == Some(1) {
        format!("range({start}, {stop})")
    } else {
        format!("range({start}, {stop}, {})", text(&b.step)?)
    })
}

fn length(_: &Context, r: &Ref) -> Result<usize> {
    match Int::of(&body(r)?.length) {
        Some(Int::Small(n)) => Ok(usize::try_from(n).unwrap_or(0)),
        _ => Err(overflow_error("Python int too large to convert to C ssize_t")),
    }
}

fn truth(_: &Context, r: &Ref) -> Result<bool> {
    Ok(body(r)?.length.as_int() != Some(0))
}

/// Item `i` of a range of machine numbers, which is in range.
fn small_item(r: SmallRange, i: i64) -> Result<Ref> {
    number::int(r.start.wrapping_add(i.wrapping_mul(r.step)))
}

fn getitem(cx: &Context, r: &Ref, key: &Ref) -> Result<Ref> {
    let b = body(r)?;
    if let (Some(small), Some(i)) = (b.small, key.as_int()) {
        let i = if i < 0 { i.saturating_add(small.len) } else { i };
        if i < 0 || i >= small.len {
            return Err(out_of_range());
        }
        return small_item(small, i);
    }
    if key.ty().slots.index.is_set() {
        let length = big(&b.length);
        let mut i = big(&protocol::index(cx, key)?);
        if i.is_negative() {
            i += &length;
        }
        if i.is_negative() || i >= length {
            return Err(out_of_range());
        }
        return number::big(big(&b.start) + i * big(&b.step));
    }
    let Some(k) = slice::body(key) else {
        return Err(bad_index("range", key));
    };
    if let Some(small) = b.small
        && s::is_none(&k.step)
    {
        let bound = |r: &Ref, default: i64| -> Option<i64> {
            if s::is_none(r) {
                return Some(default);
            }
            let i = r.as_int()?;
            Some(if i < 0 {
                i.saturating_add(small.len).max(0)
            } else {
                i.min(small.len)
            })
        };
        if let (Some(from), Some(to)) = (bound(&k.start, 0), bound(&k.stop, small.len)) {
            // Places in the range and one behind: no product or sum overflows.
            let (first, end) = (small.start + from * small.step, small.start + to * small.step);
            if let (Some(first), Some(end), Some(step)) = (Ref::int(first), Ref::int(end), Ref::int(small.step)) {
                return make(first, end, step);
            }
        }
    }
    let [start, stop, step] = slice::big_indices(cx, k, &big(&b.length))?;
    let (first, by) = (big(&b.start), big(&b.step));
    make_parts(&first + start * &by, first + stop * &by, step * by)
}

#[cold]
fn out_of_range() -> skein_object::Error {
    index_error("range object index out of range")
}

/// Place of an exact int in the range; `None` if it is not in it.
fn place(b: &RangeBody, n: Int<'_>) -> Option<BigInt> {
    if let (Some(r), Int::Small(n)) = (b.small, n) {
        let inside = if r.step > 0 {
            r.start <= n && n < r.stop
        } else {
            r.stop < n && n <= r.start
        };
        // Both lie between tagged ints, so the distance fits.
        let distance = n.wrapping_sub(r.start);
        return (inside && distance % r.step == 0).then(|| BigInt::from(distance / r.step));
    }
    let (start, step) = (big(&b.start), big(&b.step));
    let distance = n.big().into_owned() - start;
    let (q, rest) = arith::div_mod_floor(&distance, &step);
    (rest.is_zero() && !q.is_negative() && q < big(&b.length)).then_some(q)
}

/// An int whose place can be computed: of exact type, or a bool.
fn plain_int(r: &Ref) -> Option<Int<'_>> {
    if r.value().is_int() || r.is_exact(&s::INT) || r.is_exact(&s::BOOL) {
        Int::of(r)
    } else {
        None
    }
}

fn contains(cx: &Context, r: &Ref, x: &Ref) -> Result<bool> {
    let b = body(r)?;
    if let Some(n) = plain_int(x) {
        return Ok(place(b, n).is_some());
    }
    Ok(search(cx, r, x, true)? > 0)
}

/// Number of items equal to `x`, or 1 plus the place of the first.
fn search(cx: &Context, r: &Ref, x: &Ref, first: bool) -> Result<usize> {
    let it = iter::iter(cx, r)?;
    let (mut i, mut found) = (0, 0);
    while let Some(item) = protocol::next(cx, &it)? {
        i += 1;
        if protocol::equal(cx, &item, x)? {
            if first {
                return Ok(i);
            }
            found += 1;
        }
    }
    Ok(found)
}

fn same(a: &RangeBody, b: &RangeBody) -> bool {
    let equal = |x: &Ref, y: &Ref| match Int::pair(x, y) {
        Some((x, y)) => x.order(y).is_eq(),
        None => false,
    };
    equal(&a.length, &b.length)
        && (a.length.as_int() == Some(0)
            || equal(&a.start, &b.start) && (a.length.as_int() == Some(1) || equal(&a.step, &b.step)))
}

fn compare(_: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<RangeBody>(), b.body::<RangeBody>()) else {
        return Ok(s::not_implemented());
    };
    Ok(match op {
        CompareOp::Eq => number::bool(same(x, y)),
        CompareOp::Ne => number::bool(!same(x, y)),
        _ => s::not_implemented(),
    })
}

fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    let b = body(r)?;
    let (start, step) = match b.length.as_int() {
        Some(0) => (s::none(), s::none()),
        Some(1) => (b.start.clone(), s::none()),
        _ => (b.start.clone(), b.step.clone()),
    };
    crate::tuple::hash_items(cx, &[b.length.clone(), start, step])
}

static METHODS: &[Row] = &[
    row!(
        "__reversed__(self, /)",
        |_, a| iter::reversed(a.at(0)),
        "Return a reverse iterator."
    ),
    row!("__reduce__(self, /)", reduce, ""),
    row!(
        "count(self, object, /)",
        count,
        "rangeobject.count(value) -> integer -- return number of occurrences of value"
    ),
    row!(
        "index(self, object, /)",
        index,
        "rangeobject.index(value) -> integer -- return index of value.\nRaise ValueError if the value is not present."
    ),
];

static GETSET: &[GetSet] = &[
    member("start", |_, r| Ok(body(r)?.start.clone())),
    member("stop", |_, r| Ok(body(r)?.stop.clone())),
    member("step", |_, r| Ok(body(r)?.step.clone())),
];

fn reduce(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let parts = vec![b.start.clone(), b.stop.clone(), b.step.clone()];
    tuple::new(vec![RANGE.object(), tuple::new(parts)?])
}

fn count(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if let Some(n) = plain_int(a.at(1)) {
        return number::int(place(body(a.at(0))?, n).is_some().into());
    }
    number::int_from_usize(search(cx, a.at(0), a.at(1), false)?)
}

fn index(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if let Some(n) = plain_int(a.at(1)) {
        return match place(body(a.at(0))?, n) {
            Some(i) => number::big(i),
            None => Err(value_error("range.index(x): x not in range")),
        };
    }
    match search(cx, a.at(0), a.at(1), true)? {
        0 => Err(value_error("sequence.index(x): x not in sequence")),
        i => number::int_from_usize(i - 1),
    }
}

/// The range as machine numbers, if all are tagged ints.
pub(crate) fn small_of(start: &BigInt, stop: &BigInt, step: &BigInt) -> Option<SmallRange> {
    let tagged = |n: &BigInt| n.to_i64().and_then(Ref::int).and_then(|r| r.as_int());
    let step = tagged(step).filter(|n| *n != 0)?;
    Some(SmallRange::new(tagged(start)?, tagged(stop)?, step))
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make_small));
    t.repr.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
    t.iter.set(Some(iter::iter));
    t.len.set(Some(length));
    t.bool.set(Some(truth));
    t.getitem.set(Some(getitem));
    t.contains.set(Some(contains));
}

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nReturn an object that produces a sequence of integers from start (inclusive)\nto stop (exclusive) by step.  range(i, j) produces i, i+1, i+2, ..., j-1.\nstart defaults to 0, and stop is omitted!  range(4) produces 0, 1, 2, 3.\nThese are exactly the valid indices for a list of 4 elements.\nWhen step is given, it specifies the increment (or decrement).",
        ..TypeDef::new(&RANGE)
    })?;
    iter::ready()
}
