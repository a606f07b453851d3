//! `list.sort`.
//!
//! Keys that are all ints, all str, all floats (no NaN), or tuples of such, are sorted without running Python code. Others
//! go through an adaptive stable merge sort of indices: runs that are there already are kept, short ones are extended by binary
//! insertion, and neighbours are merged, trimmed to where they overlap. It asks only `later < earlier`, and bears any
//! answers: inconsistent ones give some order, an error ends the sort with the items in some order, none lost.

use super::body;
use skein_object::error::{Result, memory_error, value_error};
use skein_object::object::RefExt;
use skein_object::slots::CompareOp;
use skein_object::{Context, Ref, StrBody, list, number, protocol, statics as s, tuple};

/// Sorts a list in place. Where that runs no Python code, it has the list's lock; else the list is empty meanwhile, and what other
/// threads append to a shared one is behind the sorted items in the end.
///
/// # Errors
/// What the key function and comparisons raise; ValueError if a private list was changed meanwhile; MemoryError.
pub fn sort(cx: &Context, r: &Ref, key: Option<&Ref>, reverse: bool) -> Result<()> {
    let b = body(r)?;
    if key.is_none() && list::sort_ints(r, reverse) {
        return Ok(());
    }
    let h = r.holder();
    if key.is_none() && !h.is_private() && b.rearrange(h, |items| sort_native(items, reverse))? {
        return Ok(());
    }
    let mut taken = b.take_all(h)?;
    let result = sort_items(cx, &mut taken.items, key, reverse);
    let added = b.put_back(h, taken);
    let changed = !added.is_empty();
    drop(added);
    result?;
    if changed {
        return Err(value_error("list modified during sort"));
    }
    Ok(())
}

/// Sorts items; on an error they are all still there.
pub fn sort_items(cx: &Context, items: &mut Vec<Ref>, key: Option<&Ref>, reverse: bool) -> Result<()> {
    let order = match key {
        None => {
            if sort_native(items, reverse) {
                return Ok(());
            }
            if reverse {
                items.reverse();
            }
            asked_order(cx, items)
        }
        Some(key) => {
            let mut keys = skein_gc::alloc::vec_with(items.len())?;
            for item in items.iter() {
                keys.push(protocol::call1(cx, key, item)?);
            }
            if reverse {
                items.reverse();
                keys.reverse();
            }
            if sort_few(&mut keys, items) {
                Ok((Vec::new(), Ok(())))
            } else {
                sorted_order(cx, &keys)
            }
        }
    };
    let (order, result) = match order {
        Ok(done) => done,
        Err(e) => {
            return Err(e);
        }
    };
    arrange(items, &order);
    if reverse {
        items.reverse();
    }
    result
}

/// Sorts items whose comparison runs no Python code; false, with nothing done, if there are others.
fn sort_native(items: &mut Vec<Ref>, reverse: bool) -> bool {
    if sort_ints(items) {
        if reverse {
            items.reverse();
        }
        return true;
    }
    // Equal ones keep their order, also where it is turned round.
    if reverse {
        items.reverse();
    }
    let sorted = sort_few(items, &mut []) || fast_order(items).map(|order| arrange(items, &order)).is_some();
    if reverse {
        items.reverse();
    }
    sorted
}

/// Sorts items that are all tagged ints, of which equal ones are identical; false if there are others.
fn sort_ints(items: &mut [Ref]) -> bool {
    if items.len() < 2 {
        return true;
    }
    if !items.iter().all(|r| r.value().is_int()) {
        return false;
    }
    items.sort_unstable_by_key(|r| r.value().as_int_unchecked());
    true
}

/// Keys that [`sort_few`] sorts.
const FEW: usize = 10;

/// Sorts few keys, whose comparison runs no Python code, by insertion, and `items`, if there are as many, along with them; false, with
/// nothing done, if they are others.
fn sort_few(keys: &mut [Ref], items: &mut [Ref]) -> bool {
    if keys.len() > FEW {
        return false;
    }
    let Some(first) = keys.first() else { return true };
    let kind_of_first = kind(first);
    if kind_of_first.is_none() || keys[1..].iter().any(|k| kind(k) != kind_of_first) {
        return keys.len() == 1;
    }
    for i in 1..keys.len() {
        let mut at = i;
        while at > 0 && compare_items(&keys[i], &keys[at - 1]).is_lt() {
            at -= 1;
        }
        keys[at..=i].rotate_right(1);
        if let Some(along) = items.get_mut(at..=i) {
            along.rotate_right(1);
        }
    }
    true
}

/// Puts `items[order[i]]` at place `i`.
fn arrange(items: &mut Vec<Ref>, order: &[u32]) {
    if order.is_empty() {
        return;
    }
    let mut from: Vec<Option<Ref>> = std::mem::take(items).into_iter().map(Some).collect();
    let taken = order
        .iter()
        .filter_map(|i| from.get_mut(*i as usize).and_then(Option::take));
    items.extend(taken);
}

type Order = (Vec<u32>, Result<()>);

/// The stable order of keys, and how the comparisons ended; an empty order means: leave as they are.
///
/// # Errors
/// MemoryError.
fn sorted_order(cx: &Context, keys: &[Ref]) -> Result<Order> {
    if keys.len() < 2 {
        return Ok((Vec::new(), Ok(())));
    }
    match fast_order(keys) {
        Some(order) => Ok((order, Ok(()))),
        None => asked_order(cx, keys),
    }
}

/// As [`sorted_order`], by comparisons that may run Python code.
///
/// # Errors
/// MemoryError.
fn asked_order(cx: &Context, keys: &[Ref]) -> Result<Order> {
    if keys.len() < 2 {
        return Ok((Vec::new(), Ok(())));
    }
    let n = u32::try_from(keys.len()).map_err(|_| memory_error())?;
    let mut order = skein_gc::alloc::vec_with(keys.len())?;
    order.extend(0..n);
    let scratch = skein_gc::alloc::vec_with(keys.len() / 2 + 1)?;
    let mut sorter = Sorter {
        cx,
        keys,
        scratch,
        runs: Vec::new(),
    };
    let result = sorter.sort(&mut order);
    Ok((order, result))
}

fn ordered<K>(keys: impl Iterator<Item = Option<K>>, cmp: impl Fn(&K, &K) -> std::cmp::Ordering) -> Option<Vec<u32>> {
    let (low, _) = keys.size_hint();
    let mut pairs: Vec<(K, u32)> = skein_gc::alloc::vec_with(low).ok()?;
    for (k, i) in keys.zip(0..) {
        pairs.push((k?, i));
    }
    pairs.sort_by(|a, b| cmp(&a.0, &b.0));
    Some(pairs.into_iter().map(|p| p.1).collect())
}

/// The order of keys whose comparison runs no Python code.
fn fast_order(keys: &[Ref]) -> Option<Vec<u32>> {
    let first = keys.first()?;
    if first.value().is_int() {
        return ordered(keys.iter().map(Ref::as_int), i64::cmp);
    }
    if first.is_exact(&s::STR) {
        let text = |r: &'_ Ref| r.is_exact(&s::STR);
        if !keys.iter().all(text) {
            return None;
        }
        return ordered(keys.iter().map(|r| r.body::<StrBody>()), |a, b| {
            a.view().compare(b.view())
        });
    }
    if first.is_exact(&s::FLOAT) {
        let value = |r: &Ref| number::float_value(r).filter(|x| r.is_exact(&s::FLOAT) && !x.is_nan());
        return ordered(keys.iter().map(value), |a, b| {
            a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal)
        });
    }
    if first.is_exact(&s::TUPLE) {
        return tuple_order(keys);
    }
    None
}

/// What native code can compare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Str,
    Float,
}

/// A tagged int or a bool as a number.
fn int_or_bool(r: &Ref) -> Option<i64> {
    if let Some(n) = r.as_int() {
        Some(n)
    } else if r.is(&s::true_()) {
        Some(1)
    } else if r.is(&s::false_()) {
        Some(0)
    } else {
        None
    }
}

fn kind(r: &Ref) -> Option<Kind> {
    if int_or_bool(r).is_some() {
        Some(Kind::Int)
    } else if r.is_exact(&s::STR) {
        Some(Kind::Str)
    } else if r.is_exact(&s::FLOAT) && number::float_value(r).is_some_and(|x| !x.is_nan()) {
        Some(Kind::Float)
    } else {
        None
    }
}

/// The order of tuples that have at each place items of one kind.
fn tuple_order(keys: &[Ref]) -> Option<Vec<u32>> {
    let mut kinds = Vec::new();
    for key in keys {
        if !key.is_exact(&s::TUPLE) {
            return None;
        }
        for (i, item) in tuple::items(key)?.iter().enumerate() {
            let k = kind(item)?;
            match kinds.get(i) {
                Some(known) if *known == k => {}
                Some(_) => return None,
                None => kinds.push(k),
            }
        }
    }
    ordered(keys.iter().map(tuple::items), |a, b| {
        a.iter()
            .zip(b.iter())
            .map(|(x, y)| compare_items(x, y))
            .find(|o| o.is_ne())
            .unwrap_or(a.len().cmp(&b.len()))
    })
}

/// Compares items of one kind.
fn compare_items(x: &Ref, y: &Ref) -> std::cmp::Ordering {
    if x.is(y) {
        return std::cmp::Ordering::Equal;
    }
    if let (Some(x), Some(y)) = (int_or_bool(x), int_or_bool(y)) {
        return x.cmp(&y);
    }
    if let (Some(x), Some(y)) = (x.body::<StrBody>(), y.body::<StrBody>()) {
        return x.view().compare(y.view());
    }
    match (number::float_value(x), number::float_value(y)) {
        (Some(x), Some(y)) => x.partial_cmp(&y),
        _ => None,
    }
    .unwrap_or(std::cmp::Ordering::Equal)
}

/// A sorted stretch of the order.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    len: usize,
}

struct Sorter<'a> {
    cx: &'a Context,
    keys: &'a [Ref],
    scratch: Vec<u32>,
    runs: Vec<Run>,
}

impl Sorter<'_> {
    fn less(&self, a: u32, b: u32) -> Result<bool> {
        match (self.keys.get(a as usize), self.keys.get(b as usize)) {
            (Some(x), Some(y)) => protocol::compare::compare_bool(self.cx, x, y, CompareOp::Lt),
            _ => Ok(false),
        }
    }

    fn sort(&mut self, v: &mut [u32]) -> Result<()> {
        let min = min_run(v.len());
        let mut start = 0;
        while start < v.len() {
            let mut len = self.natural_run(&mut v[start..])?;
            let wanted = min.min(v.len() - start);
            if len < wanted {
                self.insert_sort(&mut v[start..start + wanted], len)?;
                len = wanted;
            }
            self.runs.push(Run { start, len });
            self.merge_collapse(v)?;
            start += len;
        }
        while self.runs.len() > 1 {
            let n = self.runs.len() - 2;
            let n = if n > 0 && self.runs[n - 1].len < self.runs[n + 1].len {
                n - 1
            } else {
                n
            };
            self.merge_at(v, n)?;
        }
        Ok(())
    }

    /// Length of the run that begins `v`; a strictly descending one is turned round.
    fn natural_run(&self, v: &mut [u32]) -> Result<usize> {
        if v.len() < 2 {
            return Ok(v.len());
        }
        let mut n = 2;
        if self.less(v[1], v[0])? {
            while n < v.len() && self.less(v[n], v[n - 1])? {
                n += 1;
            }
            v[..n].reverse();
        } else {
            while n < v.len() && !self.less(v[n], v[n - 1])? {
                n += 1;
            }
        }
        Ok(n)
    }

    /// Sorts `v`, of which the first `sorted` are in order.
    fn insert_sort(&self, v: &mut [u32], sorted: usize) -> Result<()> {
        for i in sorted.max(1)..v.len() {
            let at = self.upper_bound(&v[..i], v[i])?;
            v[at..=i].rotate_right(1);
        }
        Ok(())
    }

    /// The first place in `v` whose key is greater than `x`.
    fn upper_bound(&self, v: &[u32], x: u32) -> Result<usize> {
        let (mut low, mut high) = (0, v.len());
        while low < high {
            let mid = low + (high - low) / 2;
            if self.less(x, v[mid])? {
                high = mid;
            } else {
                low = mid + 1;
            }
        }
        Ok(low)
    }

    /// The first place in `v` whose key is not less than `x`.
    fn lower_bound(&self, v: &[u32], x: u32) -> Result<usize> {
        let (mut low, mut high) = (0, v.len());
        while low < high {
            let mid = low + (high - low) / 2;
            if self.less(v[mid], x)? {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        Ok(low)
    }

    /// Keeps the lengths of runs growing towards the bottom of the stack, so that merges are balanced.
    fn merge_collapse(&mut self, v: &mut [u32]) -> Result<()> {
        loop {
            let r = &self.runs;
            let n = r.len();
            if n < 2 {
                return Ok(());
            }
            let too_short = (n >= 3 && r[n - 3].len <= r[n - 2].len + r[n - 1].len)
                || (n >= 4 && r[n - 4].len <= r[n - 3].len + r[n - 2].len);
            if too_short && n >= 3 {
                let at = if r[n - 3].len < r[n - 1].len { n - 3 } else { n - 2 };
                self.merge_at(v, at)?;
            } else if r[n - 2].len <= r[n - 1].len {
                self.merge_at(v, n - 2)?;
            } else {
                return Ok(());
            }
        }
    }

    /// Merges run `i` with the next one.
    fn merge_at(&mut self, v: &mut [u32], i: usize) -> Result<()> {
        let (a, b) = (self.runs[i], self.runs[i + 1]);
        self.runs[i].len = a.len + b.len;
        self.runs.remove(i + 1);
        let v = &mut v[a.start..a.start + a.len + b.len];
        // What is in its place already at either end needs no merge.
        let skip = self.upper_bound(&v[..a.len], v[a.len])?;
        if skip == a.len {
            return Ok(());
        }
        let end = a.len + self.lower_bound(&v[a.len..], v[a.len - 1])?;
        self.merge(&mut v[skip..end], a.len - skip)
    }

    /// Merges `v[..mid]` and `v[mid..]`. On an error every index is still in `v` once.
    fn merge(&mut self, v: &mut [u32], mid: usize) -> Result<()> {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let result = if mid <= v.len() - mid {
            scratch.extend_from_slice(&v[..mid]);
            self.merge_forward(v, mid, &scratch)
        } else {
            scratch.extend_from_slice(&v[mid..]);
            self.merge_backward(v, mid, &scratch)
        };
        self.scratch = scratch;
        result
    }

    /// `left` is a copy of `v[..mid]`.
    fn merge_forward(&self, v: &mut [u32], mid: usize, left: &[u32]) -> Result<()> {
        let (mut i, mut j, mut out) = (0, mid, 0);
        let mut result = Ok(());
        while i < left.len() && j < v.len() {
            match self.less(v[j], left[i]) {
                Ok(true) => {
                    v[out] = v[j];
                    j += 1;
                }
                Ok(false) => {
                    v[out] = left[i];
                    i += 1;
                }
                Err(e) => {
                    result = Err(e);
                    break;
                }
            }
            out += 1;
        }
        // The gap is as long as what is left of the copy.
        let rest = &left[i..];
        v[out..out + rest.len()].copy_from_slice(rest);
        result
    }

    /// `right` is a copy of `v[mid..]`.
    fn merge_backward(&self, v: &mut [u32], mid: usize, right: &[u32]) -> Result<()> {
        let (mut i, mut j, mut out) = (mid, right.len(), v.len());
        let mut result = Ok(());
        while i > 0 && j > 0 {
            out -= 1;
            match self.less(right[j - 1], v[i - 1]) {
                Ok(true) => {
                    v[out] = v[i - 1];
                    i -= 1;
                }
                Ok(false) => {
                    v[out] = right[j - 1];
                    j -= 1;
                }
                Err(e) => {
                    result = Err(e);
                    break;
                }
            }
        }
        // The gap lies behind what is left of the left run.
        v[i..i + j].copy_from_slice(&right[..j]);
        result
    }
}

/// Least length of a run: between 16 and 32, so that the number of runs is just below a power of two.
fn min_run(mut n: usize) -> usize {
    let mut odd = 0;
    while n >= 32 {
        odd |= n & 1;
        n >>= 1;
    }
    n + odd
}

#[cfg(test)]
mod tests {
    use super::min_run;

    #[test]
    fn least_runs() {
        assert_eq!((min_run(31), min_run(32), min_run(2112), min_run(65)), (31, 16, 17, 17));
    }
}
