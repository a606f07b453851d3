//! Methods of `deque`.

use super::deque::{self, extend, of, walk};
use super::deque_iter;
use skein_object::error::{Result, index_error, value_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol::{self, compare};
use skein_object::{Args, Context, Ref, Row, intern, row, statics as s};
use skein_stdlib_support::{pack, ssize};
use skein_types::startup::{GetSet, getset};
use skein_types::type_::generic_alias::class_getitem;

pub static METHODS: &[Row] = &[
    row!(
        "append(self, item, /)",
        append,
        "Add an element to the right side of the deque."
    ),
    row!(
        "appendleft(self, item, /)",
        appendleft,
        "Add an element to the left side of the deque."
    ),
    row!("clear(self, /)", clear, "Remove all elements from the deque."),
    row!("copy(self, /)", copy, "Return a shallow copy of a deque."),
    row!("__copy__(self, /)", copy, "Return a shallow copy of a deque."),
    row!("count(self, value, /)", count, "Return number of occurrences of value."),
    row!(
        "extend(self, iterable, /)",
        extend_right,
        "Extend the right side of the deque with elements from the iterable."
    ),
    row!(
        "extendleft(self, iterable, /)",
        extend_left,
        "Extend the left side of the deque with elements from the iterable."
    ),
    row!(
        "index(self, value, start=0, stop=sys.maxsize, /)",
        index,
        "Return first index of value.\n\nRaises ValueError if the value is not present."
    ),
    row!("insert(self, index, value, /)", insert, "Insert value before index."),
    row!("pop(self, /)", pop, "Remove and return the rightmost element."),
    row!("popleft(self, /)", popleft, "Remove and return the leftmost element."),
    row!("remove(self, value, /)", remove, "Remove first occurrence of value."),
    row!("reverse(self, /)", reverse, "Reverse *IN PLACE*."),
    row!(
        "rotate(self, n=1, /)",
        rotate,
        "Rotate the deque n steps to the right.  If n is negative, rotates left."
    ),
    row!(
        "__reversed__(self, /)",
        reversed,
        "Return a reverse iterator over the deque."
    ),
    row!("__reduce__(self, /)", reduce, "Return state information for pickling."),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];

pub static GETSET: &[GetSet] = &[getset("maxlen", maxlen).doc("maximum size of a deque or None if unbounded")];

fn maxlen(_: &Context, d: &Ref) -> Result<Ref> {
    match of(d)?.maxlen() {
        Some(n) => number::int_from_usize(n),
        None => Ok(s::none()),
    }
}

fn append(_: &Context, a: Args<'_>) -> Result<Ref> {
    of(a.at(0))?.push(a.at(0).holder(), a.at(1).clone(), false)?;
    Ok(s::none())
}

fn appendleft(_: &Context, a: Args<'_>) -> Result<Ref> {
    of(a.at(0))?.push(a.at(0).holder(), a.at(1).clone(), true)?;
    Ok(s::none())
}

fn clear(_: &Context, a: Args<'_>) -> Result<Ref> {
    drop(of(a.at(0))?.take());
    Ok(s::none())
}

fn copy(cx: &Context, a: Args<'_>) -> Result<Ref> {
    deque::like(cx, a.at(0), of(a.at(0))?.snapshot()?)
}

fn count(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = of(a.at(0))?;
    // Those of one moment: others may be changing it.
    let (state, items) = b.snapshot_at()?;
    let mut n = 0i64;
    for x in &items {
        n += i64::from(compare::equal(cx, x, a.at(1))?);
        if b.changed_here(state) {
            return Err(deque::mutated());
        }
    }
    number::int(n)
}

fn extend_right(cx: &Context, a: Args<'_>) -> Result<Ref> {
    extend(cx, a.at(0), a.at(1), false)?;
    Ok(s::none())
}

fn extend_left(cx: &Context, a: Args<'_>) -> Result<Ref> {
    extend(cx, a.at(0), a.at(1), true)?;
    Ok(s::none())
}

fn index(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let d = a.at(0);
    let bound = |r: Option<&Ref>, default: i64| match r {
        None => Ok(default),
        Some(r) => {
            if !r.value().is_int() && !r.ty().slots.index.is_set() {
                return Err(skein_object::error::type_error(
                    "slice indices must be integers or have an __index__ method",
                ));
            }
            protocol::convert::index_clamped(cx, r)
        }
    };
    let (start, stop) = (bound(a.opt(2), 0)?, bound(a.opt(3), i64::MAX)?);
    let len = of(d)?.len() as i64;
    let clamp = |i: i64| {
        let i = if i < 0 { i.saturating_add(len).max(0) } else { i };
        i.min(len) as usize
    };
    let mut found = None;
    walk(d, clamp(start), clamp(stop), |i, x| {
        let hit = compare::equal(cx, x, a.at(1))?;
        if hit {
            found = Some(i);
        }
        Ok(hit)
    })?;
    match found {
        Some(i) => number::int_from_usize(i),
        None => Err(value_error("deque.index(x): x not in deque")),
    }
}

fn insert(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = ssize(cx, a.at(1))?;
    if !of(a.at(0))?.insert(a.at(0).holder(), i, a.at(2).clone())? {
        return Err(index_error("deque already at its maximum size"));
    }
    Ok(s::none())
}

fn empty() -> skein_object::Error {
    index_error("pop from an empty deque")
}

fn pop(_: &Context, a: Args<'_>) -> Result<Ref> {
    of(a.at(0))?.pop(false).ok_or_else(empty)
}

fn popleft(_: &Context, a: Args<'_>) -> Result<Ref> {
    of(a.at(0))?.pop(true).ok_or_else(empty)
}

fn remove(cx: &Context, a: Args<'_>) -> Result<Ref> {
    const TRIES: usize = 1000;
    let b = of(a.at(0))?;
    let changed = || index_error("deque mutated during remove().");
    for _ in 0..TRIES {
        let state = b.state();
        let mut found = None;
        deque::walk_or(a.at(0), 0, usize::MAX, changed, |_, x| {
            if !compare::equal(cx, x, a.at(1))? {
                return Ok(false);
            }
            if b.changed_here(state) {
                return Err(changed());
            }
            found = Some(x.clone());
            Ok(true)
        })?;
        match found {
            None => return Err(value_error("deque.remove(x): x not in deque")),
            // If not, another thread has taken it meanwhile.
            Some(x) if b.remove_item(&x) => return Ok(s::none()),
            Some(_) => {}
        }
    }
    Err(changed())
}

fn reverse(_: &Context, a: Args<'_>) -> Result<Ref> {
    of(a.at(0))?.reverse();
    Ok(s::none())
}

fn rotate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = match a.opt(1) {
        Some(n) => ssize(cx, n)?,
        None => 1,
    };
    of(a.at(0))?.rotate(n);
    Ok(s::none())
}

fn reversed(_: &Context, a: Args<'_>) -> Result<Ref> {
    deque_iter::make(a.at(0), true)
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let d = a.at(0);
    let state = match protocol::getattr_opt(cx, d, &intern::name("__getstate__"))? {
        Some(f) => protocol::call0(cx, &f)?,
        None => s::none(),
    };
    let args = match of(d)?.maxlen() {
        None => s::empty_tuple(),
        Some(n) => pack([s::empty_tuple(), number::int_from_usize(n)?])?,
    };
    let it = protocol::iter(cx, d)?;
    pack([d.ty().object(), args, state, it])
}
