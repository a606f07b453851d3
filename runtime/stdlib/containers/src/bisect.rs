//! `_bisect`: binary search in sequences.

use skein_object::error::{Result, value_error};
use skein_object::layouts::{ListBody, number};
use skein_object::native::ModuleDef;
use skein_object::object::RefExt;
use skein_object::protocol::compare::compare_bool;
use skein_object::protocol::{self, call1};
use skein_object::slots::CompareOp;
use skein_object::{Args, Context, Ref, Row, intern, row, statics as s};
use skein_stdlib_support::ssize;

pub static MODULE: ModuleDef = ModuleDef {
    name: "_bisect",
    doc: "Bisection algorithms.\n\nThis module provides support for maintaining a list in sorted order without\nhaving to sort the list after each insertion. For long lists of items with\nexpensive comparison operations, this can be an improvement over the more\ncommon approach.\n",
    functions: FUNCTIONS,
    init: |_, _| Ok(()),
};

static FUNCTIONS: &[Row] = &[
    row!(
        "bisect_left(a, x, lo=0, hi=None, *, key=None)",
        bisect_left,
        "Return the index where to insert item x in list a, assuming a is sorted.\n\nThe return value i is such that all e in a[:i] have e < x, and all e in\na[i:] have e >= x.  So if x already appears in the list, a.insert(i, x) will\ninsert just before the leftmost x already there.\n\nOptional args lo (default 0) and hi (default len(a)) bound the\nslice of a to be searched.\n\nA custom key function can be supplied to customize the sort order."
    ),
    row!(
        "bisect_right(a, x, lo=0, hi=None, *, key=None)",
        bisect_right,
        "Return the index where to insert item x in list a, assuming a is sorted.\n\nThe return value i is such that all e in a[:i] have e <= x, and all e in\na[i:] have e > x.  So if x already appears in the list, a.insert(i, x) will\ninsert just after the rightmost x already there.\n\nOptional args lo (default 0) and hi (default len(a)) bound the\nslice of a to be searched.\n\nA custom key function can be supplied to customize the sort order."
    ),
    row!(
        "insort_left(a, x, lo=0, hi=None, *, key=None)",
        insort_left,
        "Insert item x in list a, and keep it sorted assuming a is sorted.\n\nIf x is already in a, insert it to the left of the leftmost x."
    ),
    row!(
        "insort_right(a, x, lo=0, hi=None, *, key=None)",
        insort_right,
        "Insert item x in list a, and keep it sorted assuming a is sorted.\n\nIf x is already in a, insert it to the right of the rightmost x."
    ),
];

/// Where an item belongs, and the items before and behind that place, as far as it was compared with them.
struct Found {
    at: i64,
    below: Option<Ref>,
    above: Option<Ref>,
}

fn search(cx: &Context, a: Args<'_>, x: &Ref, left: bool) -> Result<Found> {
    let list = a.at(0);
    let mut lo = match a.opt(2) {
        Some(n) => ssize(cx, n)?,
        None => 0,
    };
    let mut hi = match a.opt_not_none(3) {
        Some(n) => ssize(cx, n)?,
        None => -1,
    };
    if lo < 0 {
        return Err(value_error("lo must be non-negative"));
    }
    if hi == -1 {
        hi = protocol::len(cx, list)? as i64;
    }
    let key = a.opt_not_none(4);
    let plain = if list.is_exact(&s::LIST) {
        list.body::<ListBody>()
    } else {
        None
    };
    let (mut below, mut above) = (None, None);
    while lo < hi {
        let mid = lo + (hi - lo) / 2;
        let item = match plain.and_then(|b| b.0.get(mid as usize)) {
            Some(x) => x,
            None => protocol::getitem(cx, list, &number::int(mid)?)?,
        };
        let key = key.map(|k| call1(cx, k, &item)).transpose()?;
        let compared = key.as_ref().unwrap_or(&item);
        let go_right = if left {
            compare_bool(cx, compared, x, CompareOp::Lt)?
        } else {
            !compare_bool(cx, x, compared, CompareOp::Lt)?
        };
        if go_right {
            lo = mid + 1;
            below = Some(item);
        } else {
            hi = mid;
            above = Some(item);
        }
    }
    Ok(Found { at: lo, below, above })
}

fn bisect_left(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::int(search(cx, a, a.at(1), true)?.at)
}

fn bisect_right(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::int(search(cx, a, a.at(1), false)?.at)
}

/// How often the place in a shared list is looked for anew because another thread has put something else there.
const TRIES: usize = 1000;

fn insort(cx: &Context, a: Args<'_>, left: bool) -> Result<Ref> {
    let x = match a.opt_not_none(4) {
        Some(k) => call1(cx, k, a.at(1))?,
        None => a.at(1).clone(),
    };
    let list = a.at(0);
    let Some(b) = list.body::<ListBody>().filter(|_| list.is_exact(&s::LIST)) else {
        let at = number::int(search(cx, a, &x, left)?.at)?;
        protocol::call_method(cx, list, &intern::name("insert"), &[at, a.at(1).clone()])?;
        return Ok(s::none());
    };
    let h = list.holder();
    let whole = a.opt(2).is_none() && a.opt_not_none(3).is_none();
    let mut found = search(cx, a, &x, left)?;
    if whole && !h.is_private() {
        for _ in 0..TRIES {
            let at = usize::try_from(found.at).unwrap_or(0);
            let (below, above) = (found.below.as_ref(), found.above.as_ref());
            if b.0.insert_between(h, at, below, above, a.at(1).clone())? {
                return Ok(s::none());
            }
            found = search(cx, a, &x, left)?;
        }
    }
    b.0.insert(h, found.at, a.at(1).clone())?;
    Ok(s::none())
}

fn insort_left(cx: &Context, a: Args<'_>) -> Result<Ref> {
    insort(cx, a, true)
}

fn insort_right(cx: &Context, a: Args<'_>) -> Result<Ref> {
    insort(cx, a, false)
}
