//! `combinations`, `combinations_with_replacement`, `permutations`.

use super::iterator;
use skein_gc::lock::Mutex;
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::{number, tuple};
use skein_object::object::alloc;
use skein_object::types::Type;
use skein_object::{Args, Context, Ref, payload, protocol};
use skein_stdlib_support::{body, class_of, ssize};

/// Which items of the pool come next.
struct State {
    indices: Vec<usize>,
    /// Of permutations.
    cycles: Vec<usize>,
    started: bool,
    done: bool,
}

pub struct CombineBody {
    pool: Ref,
    r: usize,
    /// Locked for the arithmetic only.
    state: Mutex<State>,
}
payload!(CombineBody, "itertools.combinations", |this, v| {
    v.reference(&this.pool)
});

iterator!(COMBINATIONS COMBINATIONS_DEF "itertools.combinations" CombineBody, "combinations(cls, iterable, r)", new_combinations, next_combinations,
    "Return successive r-length combinations of elements in the iterable.\n\ncombinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)", &[]);

iterator!(REPLACEMENT REPLACEMENT_DEF "itertools.combinations_with_replacement" CombineBody, "combinations_with_replacement(cls, iterable, r)", new_replacement, next_replacement,
    "Return successive r-length combinations of elements in the iterable allowing individual elements to have successive repeats.\n\ncombinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), ('B','C'), ('C','C')", &[]);

iterator!(PERMUTATIONS PERMUTATIONS_DEF "itertools.permutations" CombineBody, "permutations(cls, iterable, r=None)", new_permutations, next_permutations,
    "Return successive r-length permutations of elements in the iterable.\n\npermutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)", &[]);

fn make(
    ty: &'static Type,
    pool: Vec<Ref>,
    r: usize,
    indices: Vec<usize>,
    cycles: Vec<usize>,
    done: bool,
) -> Result<Ref> {
    alloc(
        ty,
        CombineBody {
            pool: tuple::new(pool)?,
            r,
            state: Mutex::new(State {
                indices,
                cycles,
                started: false,
                done,
            }),
        },
    )
}

fn length(cx: &Context, r: &Ref) -> Result<usize> {
    usize::try_from(ssize(cx, r)?).map_err(|_| value_error("r must be non-negative"))
}

fn filled(n: usize, f: impl Fn(usize) -> usize) -> Result<Vec<usize>> {
    let mut v = skein_gc::alloc::vec_with(n)?;
    v.extend((0..n).map(f));
    Ok(v)
}

fn new_combinations(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let pool = protocol::collect(cx, a.at(1))?;
    let r = length(cx, a.at(2))?;
    let done = r > pool.len();
    let indices = filled(if done { 0 } else { r }, |i| i)?;
    make(class_of(a.at(0))?, pool, r, indices, Vec::new(), done)
}

fn new_replacement(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let pool = protocol::collect(cx, a.at(1))?;
    let r = length(cx, a.at(2))?;
    let done = pool.is_empty() && r > 0;
    let indices = filled(if done { 0 } else { r }, |_| 0)?;
    make(class_of(a.at(0))?, pool, r, indices, Vec::new(), done)
}

fn new_permutations(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let pool = protocol::collect(cx, a.at(1))?;
    let n = pool.len();
    let r = match a.opt_not_none(2) {
        None => n,
        Some(r) if number::int_value(r).is_none() => return Err(type_error("Expected int as r")),
        Some(r) => length(cx, r)?,
    };
    let done = r > n;
    let (indices, cycles) = if done {
        (Vec::new(), Vec::new())
    } else {
        (filled(n, |i| i)?, filled(r, |i| n - i)?)
    };
    make(class_of(a.at(0))?, pool, r, indices, cycles, done)
}

/// Steps the state and makes the tuple that its first `r` indices name.
fn step(it: &Ref, advance: fn(&mut State, usize, usize) -> bool) -> Result<Option<Ref>> {
    let b = body::<CombineBody>(it)?;
    let pool = tuple::items(&b.pool).unwrap_or(&[]);
    let indices: Vec<usize> = {
        let mut s = b.state.lock();
        if s.done {
            return Ok(None);
        }
        if s.started {
            if !advance(&mut s, pool.len(), b.r) {
                s.done = true;
                return Ok(None);
            }
        } else {
            s.started = true;
        }
        s.indices.iter().take(b.r).copied().collect()
    };
    tuple::new(indices.iter().filter_map(|i| pool.get(*i).cloned()).collect()).map(Some)
}

fn next_combinations(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    step(it, |s, n, r| {
        // The rightmost index that is not at its last place.
        let Some(i) = (0..r).rev().find(|&i| s.indices[i] != i + n - r) else {
            return false;
        };
        s.indices[i] += 1;
        for j in i + 1..r {
            s.indices[j] = s.indices[j - 1] + 1;
        }
        true
    })
}

fn next_replacement(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    step(it, |s, n, r| {
        let Some(i) = (0..r).rev().find(|&i| s.indices[i] + 1 != n) else {
            return false;
        };
        let new = s.indices[i] + 1;
        s.indices[i..r].fill(new);
        true
    })
}

fn next_permutations(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    step(it, |s, n, r| {
        for i in (0..r).rev() {
            s.cycles[i] -= 1;
            if s.cycles[i] == 0 {
                s.indices[i..].rotate_left(1);
                s.cycles[i] = n - i;
            } else {
                let j = n - s.cycles[i];
                s.indices.swap(i, j);
                return true;
            }
        }
        false
    })
}
