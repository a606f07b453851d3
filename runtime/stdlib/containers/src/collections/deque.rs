//! `deque`: the body, its primitive operations and the slots.

use super::deque_methods;
use skein_gc::current_slot;
use skein_gc::lock::Mutex;
use skein_gc::publish::publish_like;
use skein_gc::{Header, Ref, Slot};
use skein_object::error::{Error, Result, index_error, memory_error, overflow_error, type_error, value_error};
use skein_object::layouts::number;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::{self, Iter, compare};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Row, payload, row, statics as s, str};
use skein_stdlib_support::{bind, body, class_of, enter_repr};
use skein_types::iterators::reflected;
use skein_types::startup::TypeDef;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Body of a deque.
pub struct DequeBody {
    /// Each slot holds an item; a slot is empty only after the collector has cleared the deque.
    items: Mutex<VecDeque<Slot>>,
    /// -1: unbounded.
    maxlen: AtomicI64,
    /// Another number after every change of size or order, which iterators compare; in the low 16 bits the slot of the thread that made it.
    state: AtomicU64,
}
payload!(DequeBody, "collections.deque", |this, v| {
    for slot in this.items.lock().iter() {
        v.slot(slot);
    }
});

pub static DEQUE: Type = Type::declare(
    "collections.deque",
    Some(&s::OBJECT),
    <DequeBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::WEAKREFABLE | flag::SEQUENCE,
);

impl DequeBody {
    fn new() -> DequeBody {
        DequeBody {
            items: Mutex::new(VecDeque::new()),
            maxlen: AtomicI64::new(-1),
            state: AtomicU64::new(0),
        }
    }

    pub fn len(&self) -> usize {
        self.items.lock().len()
    }

    // Relaxed throughout: the numbers carry no other data; the mutex orders the items.
    pub fn state(&self) -> u64 {
        self.state.load(Ordering::Relaxed)
    }

    /// To be called with the items locked.
    pub fn changed(&self) {
        let next = (self.state() >> 16).wrapping_add(1) << 16;
        self.state.store(next | u64::from(current_slot()), Ordering::Relaxed);
    }

    /// Whether this thread has changed the deque since `state`, as far as is known: others may have since.
    pub fn changed_here(&self, state: u64) -> bool {
        let now = self.state();
        now != state && now as u16 == current_slot()
    }

    pub fn maxlen(&self) -> Option<usize> {
        usize::try_from(self.maxlen.load(Ordering::Relaxed)).ok()
    }

    pub fn set_maxlen(&self, n: Option<usize>) {
        let n = n.and_then(|n| i64::try_from(n).ok()).unwrap_or(-1);
        self.maxlen.store(n, Ordering::Relaxed);
    }

    pub fn get(&self, i: usize) -> Option<Ref> {
        self.items.lock().get(i).and_then(Slot::get)
    }

    /// The item at `i` if no change came since `state`: `Err` if one did.
    pub fn get_if(&self, i: usize, state: u64) -> std::result::Result<Option<Ref>, ()> {
        let items = self.items.lock();
        if self.state() != state {
            return Err(());
        }
        Ok(items.get(i).and_then(Slot::get))
    }

    /// Replaces an item; the old one is dropped when the lock is free again. False out of range.
    pub fn replace(&self, holder: &Header, i: usize, value: Ref) -> bool {
        publish_like(holder, value.value());
        let old = {
            let items = self.items.lock();
            match items.get(i) {
                Some(slot) => slot.set(holder, Some(value)),
                None => return false,
            }
        };
        drop(old);
        true
    }

    /// Adds at an end, and takes away at the other if the deque was full.
    pub fn push(&self, holder: &Header, value: Ref, left: bool) -> Result<()> {
        publish_like(holder, value.value());
        let limit = self.maxlen();
        let slot = Slot::new(value);
        let dropped = {
            let mut items = self.items.lock();
            if items.len() == items.capacity() && skein_gc::alloc::fallible(|| items.try_reserve(1)).is_err() {
                drop(items);
                return Err(memory_error());
            }
            if left {
                items.push_front(slot);
            } else {
                items.push_back(slot);
            }
            self.changed();
            match limit {
                Some(n) if items.len() > n => {
                    if left {
                        items.pop_back()
                    } else {
                        items.pop_front()
                    }
                }
                _ => None,
            }
        };
        drop(dropped);
        Ok(())
    }

    pub fn pop(&self, left: bool) -> Option<Ref> {
        let slot = {
            let mut items = self.items.lock();
            let slot = if left { items.pop_front() } else { items.pop_back() };
            if slot.is_some() {
                self.changed();
            }
            slot
        };
        slot.and_then(|mut s| s.take_dead())
    }

    /// Inserts before an index that may count from the end; false if there is no room.
    pub fn insert(&self, holder: &Header, i: i64, value: Ref) -> Result<bool> {
        publish_like(holder, value.value());
        let slot = Slot::new(value);
        let mut items = self.items.lock();
        let len = items.len();
        let full = self.maxlen().is_some_and(|m| len >= m);
        if full || skein_gc::alloc::fallible(|| items.try_reserve(1)).is_err() {
            drop(items);
            return if full { Ok(false) } else { Err(memory_error()) };
        }
        let i = if i < 0 { i.saturating_add(len as i64).max(0) } else { i };
        items.insert((i as usize).min(len), slot);
        self.changed();
        Ok(true)
    }

    pub fn remove(&self, i: usize) -> Option<Ref> {
        let slot = {
            let mut items = self.items.lock();
            let slot = items.remove(i);
            if slot.is_some() {
                self.changed();
            }
            slot
        };
        slot.and_then(|mut s| s.take_dead())
    }

    /// Takes out the first slot that holds this very item; false if there is none.
    pub fn remove_item(&self, item: &Ref) -> bool {
        let slot = {
            let mut items = self.items.lock();
            let at = items.iter().position(|slot| slot.load() == item.value());
            let slot = at.and_then(|i| items.remove(i));
            if slot.is_some() {
                self.changed();
            }
            slot
        };
        // Dropped when the lock is free again.
        slot.is_some_and(|mut s| s.take_dead().is_some())
    }

    /// Takes everything out, for dropping by the caller.
    pub fn take(&self) -> VecDeque<Slot> {
        let mut items = self.items.lock();
        if !items.is_empty() {
            self.changed();
        }
        std::mem::take(&mut *items)
    }

    /// Makes the items come `n` times, as one step for other threads. The old ones are for dropping by the caller.
    fn repeat(&self, n: i64) -> Result<VecDeque<Slot>> {
        let mut items = self.items.lock();
        let mut new = VecDeque::new();
        let (total, keep) = match repetition(items.len(), n, self.maxlen()) {
            Some(r) if new.try_reserve_exact(r.keep).is_ok() => (r.total, r.keep),
            _ => {
                drop(items);
                return Err(memory_error());
            }
        };
        let len = items.len();
        new.extend((total - keep..total).filter_map(|i| items[i % len].get().map(Slot::new)));
        self.changed();
        Ok(std::mem::replace(&mut *items, new))
    }

    pub fn rotate(&self, n: i64) {
        let mut items = self.items.lock();
        let len = items.len();
        if len > 1 {
            let k = n.rem_euclid(len as i64) as usize;
            items.rotate_right(k);
            self.changed();
        }
    }

    pub fn reverse(&self) {
        let mut items = self.items.lock();
        items.make_contiguous().reverse();
        self.changed();
    }

    /// The items of one moment.
    pub fn snapshot(&self) -> Result<Vec<Ref>> {
        self.snapshot_at().map(|(_, items)| items)
    }

    /// The items of one moment, and the state then.
    pub fn snapshot_at(&self) -> Result<(u64, Vec<Ref>)> {
        let items = self.items.lock();
        let mut out = Vec::new();
        if skein_gc::alloc::fallible(|| out.try_reserve_exact(items.len())).is_err() {
            drop(items);
            return Err(memory_error());
        }
        out.extend(items.iter().filter_map(Slot::get));
        Ok((self.state(), out))
    }
}

pub fn of(r: &Ref) -> Result<&DequeBody> {
    body::<DequeBody>(r)
}

/// A deque of a class with given items; the oldest are left out where there are more than `maxlen`.
pub fn make(ty: &'static Type, items: Vec<Ref>, maxlen: Option<usize>) -> Result<Ref> {
    let d = alloc(ty, DequeBody::new())?;
    let b = of(&d)?;
    b.set_maxlen(maxlen);
    for item in items {
        b.push(d.holder(), item, false)?;
    }
    Ok(d)
}

/// A new deque of the class of `like`: by calling the class where it is a subclass.
pub fn like(cx: &Context, like: &Ref, items: Vec<Ref>) -> Result<Ref> {
    let maxlen = of(like)?.maxlen();
    if like.is_exact(&DEQUE) {
        return make(&DEQUE, items, maxlen);
    }
    let plain = make(&DEQUE, items, None)?;
    let class = like.ty().object();
    let out = match maxlen {
        None => protocol::call1(cx, &class, &plain)?,
        Some(n) => protocol::call(cx, &class, &[plain, number::int_from_usize(n)?])?,
    };
    if out.body::<DequeBody>().is_none() {
        return Err(type_error(format!(
            "{}() must return a deque, not {}",
            like.ty().name(),
            out.ty().name()
        )));
    }
    Ok(out)
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    alloc(class_of(class)?, DequeBody::new())
}

static INIT: Row = row!("deque(self, iterable=(), maxlen=None)", init_row, "");

fn init(cx: &Context, d: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &INIT, d, args, names)
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let d = a.at(0);
    let b = of(d)?;
    let maxlen = match a.opt_not_none(2) {
        None => None,
        Some(n) => {
            let Some(v) = number::int_value(n) else {
                return Err(type_error("an integer is required"));
            };
            match v.to_i64() {
                Some(n) if n < 0 => return Err(value_error("maxlen must be non-negative")),
                Some(n) => Some(n as usize),
                None => {
                    return Err(overflow_error("Python int too large to convert to C ssize_t"));
                }
            }
        }
    };
    b.set_maxlen(maxlen);
    drop(b.take());
    if let Some(iterable) = a.opt(1) {
        extend(cx, d, iterable, false)?;
    }
    Ok(s::none())
}

/// Appends everything that an iterable gives.
pub fn extend(cx: &Context, d: &Ref, iterable: &Ref, left: bool) -> Result<()> {
    let b = of(d)?;
    if iterable.is(d) {
        for item in b.snapshot()? {
            b.push(d.holder(), item, left)?;
        }
        return Ok(());
    }
    let mut it = Iter::new(cx, iterable)?;
    while let Some(item) = it.next(cx)? {
        b.push(d.holder(), item, left)?;
    }
    Ok(())
}

/// The place of an index; `None` out of range.
fn place(b: &DequeBody, i: i64) -> Option<usize> {
    let len = b.len() as i64;
    let i = if i < 0 { i + len } else { i };
    (0..len).contains(&i).then_some(i as usize)
}

fn index_of(cx: &Context, key: &Ref) -> Result<i64> {
    if !key.value().is_int() && !key.ty().slots.index.is_set() {
        return Err(type_error(format!(
            "sequence index must be integer, not '{}'",
            key.ty().name()
        )));
    }
    protocol::to_index_i64(cx, key)
}

fn out_of_range() -> skein_object::Error {
    index_error("deque index out of range")
}

fn getitem(cx: &Context, d: &Ref, key: &Ref) -> Result<Ref> {
    let i = index_of(cx, key)?;
    let b = of(d)?;
    place(b, i).and_then(|i| b.get(i)).ok_or_else(out_of_range)
}

fn setitem(cx: &Context, d: &Ref, key: &Ref, value: Option<&Ref>) -> Result<()> {
    let i = index_of(cx, key)?;
    let b = of(d)?;
    let Some(i) = place(b, i) else {
        return Err(out_of_range());
    };
    let done = match value {
        Some(v) => b.replace(d.holder(), i, v.clone()),
        None => b.remove(i).is_some(),
    };
    if done { Ok(()) } else { Err(out_of_range()) }
}

fn len(_: &Context, d: &Ref) -> Result<usize> {
    Ok(of(d)?.len())
}

fn truth(_: &Context, d: &Ref) -> Result<bool> {
    Ok(of(d)?.len() != 0)
}

pub fn mutated() -> skein_object::Error {
    skein_object::error::runtime_error("deque mutated during iteration")
}

/// Looks for an item while Python code may run; a change of the deque is an error. `f` says whether it is found. If another thread has
/// changed the deque, the search begins again among the items of one moment.
pub fn walk(d: &Ref, start: usize, to: usize, f: impl FnMut(usize, &Ref) -> Result<bool>) -> Result<()> {
    walk_or(d, start, to, mutated, f)
}

/// As `walk`, with an error of one's own.
pub fn walk_or(
    d: &Ref,
    start: usize,
    to: usize,
    mutated: fn() -> Error,
    mut f: impl FnMut(usize, &Ref) -> Result<bool>,
) -> Result<()> {
    let b = of(d)?;
    let state = b.state();
    for i in start..to {
        let changed = match b.get_if(i, state) {
            Err(()) => true,
            Ok(None) => return Ok(()),
            Ok(Some(item)) => {
                if f(i, &item)? {
                    return Ok(());
                }
                b.state() != state
            }
        };
        if !changed {
            continue;
        }
        if b.changed_here(state) {
            return Err(mutated());
        }
        let (state, items) = b.snapshot_at()?;
        for (i, item) in items.iter().enumerate().take(to).skip(start) {
            if f(i, item)? {
                break;
            }
            if b.changed_here(state) {
                return Err(mutated());
            }
        }
        return Ok(());
    }
    Ok(())
}

fn contains(cx: &Context, d: &Ref, item: &Ref) -> Result<bool> {
    let mut found = false;
    walk(d, 0, usize::MAX, |_, x| {
        found = compare::equal(cx, x, item)?;
        Ok(found)
    })?;
    Ok(found)
}

fn repr(cx: &Context, d: &Ref) -> Result<Ref> {
    let Some(_guard) = enter_repr(cx, d) else {
        return str::from_str("[...]");
    };
    let b = of(d)?;
    let list = skein_object::list::new(b.snapshot()?)?;
    let mut out = skein_text::StrBuf::new();
    out.push_str(
        skein_types::type_::attributes::qualname_text(d.ty())
            .rsplit('.')
            .next()
            .unwrap_or("deque"),
    );
    out.push_str("(");
    let inner = protocol::repr(cx, &list)?;
    if let Some(t) = inner.body::<skein_object::StrBody>() {
        out.push_view(t.view());
    }
    if let Some(n) = b.maxlen() {
        out.push_str(&format!(", maxlen={n}"));
    }
    out.push_str(")");
    str::from_buf(out)
}

fn compare_(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<DequeBody>(), b.body::<DequeBody>()) else {
        return Ok(s::not_implemented());
    };
    let (n, m) = (x.len(), y.len());
    if a.is(b) {
        return Ok(number::bool(op.holds(std::cmp::Ordering::Equal)));
    }
    if n != m && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(number::bool(op == CompareOp::Ne));
    }
    let (xs, ys) = (x.snapshot()?, y.snapshot()?);
    for (p, q) in xs.iter().zip(&ys) {
        if !compare::equal(cx, p, q)? {
            return match op {
                CompareOp::Eq => Ok(s::false_()),
                CompareOp::Ne => Ok(s::true_()),
                _ => compare::rich_compare(cx, p, q, op),
            };
        }
    }
    Ok(number::bool(op.holds(xs.len().cmp(&ys.len()))))
}

fn add(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if a.body::<DequeBody>().is_none() {
        return Ok(s::not_implemented());
    }
    let Some(other) = b.body::<DequeBody>() else {
        if let Some(r) = reflected(cx, BinaryOp::Add, &DEQUE, a, b)? {
            return Ok(r);
        }
        return Err(type_error(format!(
            "can only concatenate deque (not \"{}\") to deque",
            b.ty().name()
        )));
    };
    let out = like(cx, a, of(a)?.snapshot()?)?;
    let to = of(&out)?;
    for item in other.snapshot()? {
        to.push(out.holder(), item, false)?;
    }
    Ok(out)
}

fn iadd(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    extend(cx, a, b, false)?;
    Ok(a.clone())
}

/// How many items there are when they are repeated, and how many of them stay, which are the last ones.
struct Repetition {
    total: usize,
    keep: usize,
}

/// `None`: more than there can be.
fn repetition(len: usize, n: i64, maxlen: Option<usize>) -> Option<Repetition> {
    let times = usize::try_from(n).unwrap_or(0);
    let total = len.checked_mul(times).filter(|t| *t < 1 << 40)?;
    let keep = maxlen.map_or(total, |m| m.min(total));
    Some(Repetition { total, keep })
}

fn repeated(d: &Ref, n: i64) -> Result<Vec<Ref>> {
    let b = of(d)?;
    let items = b.snapshot()?;
    let Repetition { total, keep } = repetition(items.len(), n, b.maxlen()).ok_or_else(memory_error)?;
    let mut out = skein_gc::alloc::vec_with(keep)?;
    for i in total - keep..total {
        out.push(items[i % items.len()].clone());
    }
    Ok(out)
}

fn times(cx: &Context, n: &Ref) -> Result<Option<i64>> {
    if !n.value().is_int() && !n.ty().slots.index.is_set() {
        return Ok(None);
    }
    protocol::convert::to_index_i64(cx, n).map(Some).map_err(|e| {
        if e.is(&s::INDEX_ERROR) {
            overflow_error(format!("cannot fit '{}' into an index-sized integer", n.ty().name()))
        } else {
            e
        }
    })
}

fn not_a_count(n: &Ref) -> skein_object::Error {
    type_error(format!(
        "can't multiply sequence by non-int of type '{}'",
        n.ty().name()
    ))
}

fn mul(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let (d, n) = if a.body::<DequeBody>().is_some() {
        (a, b)
    } else {
        (b, a)
    };
    match times(cx, n)? {
        Some(k) => like(cx, d, repeated(d, k)?),
        None => Err(not_a_count(n)),
    }
}

fn imul(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some(k) = times(cx, b)? else {
        return Err(not_a_count(b));
    };
    drop(of(a)?.repeat(k)?);
    Ok(a.clone())
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
    t.repr.set(Some(repr));
    t.compare.set(Some(compare_));
    t.getitem.set(Some(getitem));
    t.setitem.set(Some(setitem));
    t.len.set(Some(len));
    t.bool.set(Some(truth));
    t.contains.set(Some(contains));
    t.iter.set(Some(super::deque_iter::iter));
    t.binary[BinaryOp::Add as usize].set(Some(add));
    t.inplace[BinaryOp::Add as usize].set(Some(iadd));
    t.binary[BinaryOp::Mul as usize].set(Some(mul));
    t.inplace[BinaryOp::Mul as usize].set(Some(imul));
}

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: deque_methods::METHODS,
    getset: deque_methods::GETSET,
    doc: "A list-like sequence optimized for data accesses near its endpoints.",
    hide: &["__radd__", "__bool__"],
    ..TypeDef::new(&DEQUE)
};
