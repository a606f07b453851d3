//! `_lru_cache_wrapper`: memory of a function's results.
//!
//! Results are in a table that is read without a lock. Where the number of entries is bounded, each entry carries the time
//! of its last use. A heap of entries by the time they had when they were put there gives the one to evict: an entry used since then
//! goes back with its new time. Only misses take the heap's lock, and never while Python code runs.
//!
//! # Time
//!
//! A time is the **age** of the cache, which misses alone advance; below that the number of hits of the **stripe** of counters that
//! the thread has, and its number. So the times of one thread ascend, and hits of several threads are in no order but by age. Once
//! two threads have hit the same entry at the same age, the age is **crowded**: until the next miss no hit changes a time that is of
//! this age already. Thus threads that hit the same entries do not write to them, each but once in an age.

use skein_collections::{ByIdentity, Dict};
use skein_gc::Slot;
use skein_gc::lock::Mutex;
use skein_object::error::{Result, type_error};
use skein_object::layouts::dict::ObjectEq;
use skein_object::layouts::{number, tuple};
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::{self, is_callable};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, intern, payload, row, statics as s};
use skein_stdlib_support::{bind, body, class_of, split_keywords};
use skein_types::startup::TypeDef;
use std::cmp::Ordering as Order;
use std::collections::BinaryHeap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// One result of a bounded cache.
pub struct EntryBody {
    key: Slot,
    value: Slot,
    hash: u64,
    /// Time of the last use.
    used: AtomicU64,
}
payload!(EntryBody, "functools._lru_entry", |this, v| {
    v.slot(&this.key);
    v.slot(&this.value);
});

static ENTRY: Type = Type::declare(
    "functools._lru_entry",
    Some(&s::OBJECT),
    <EntryBody as Payload>::LAYOUT,
    flag::NO_NEW,
);
pub static ENTRY_DEF: TypeDef = TypeDef::new(&ENTRY);

/// An entry in the heap, with the time it had when it was put there. The earliest comes first.
struct Aged(u64, Ref);

impl PartialEq for Aged {
    fn eq(&self, other: &Aged) -> bool {
        self.0 == other.0
    }
}
impl Eq for Aged {}
impl PartialOrd for Aged {
    fn partial_cmp(&self, other: &Aged) -> Option<Order> {
        Some(self.cmp(other))
    }
}
impl Ord for Aged {
    fn cmp(&self, other: &Aged) -> Order {
        other.0.cmp(&self.0)
    }
}

const STRIPES: usize = 16;
const STRIPE_BITS: u32 = STRIPES.trailing_zeros();
const HIT_BITS: u32 = 20;
const AGE_SHIFT: u32 = HIT_BITS + STRIPE_BITS;

/// A counter apart from others, so that threads do not pull at one cache line.
#[repr(align(64))]
struct Stripe(AtomicU64);

pub struct LruBody {
    function: Ref,
    info_type: Ref,
    typed: bool,
    /// `None`: unbounded.
    maxsize: Option<usize>,
    cache: Dict,
    heap: Mutex<BinaryHeap<Aged>>,
    age: AtomicU64,
    /// The last age that was crowded.
    crowded: AtomicU64,
    misses: AtomicU64,
    hits: Box<[Stripe; STRIPES]>,
}
payload!(LruBody, "functools._lru_cache_wrapper", |this, v| {
    v.reference(&this.function);
    v.reference(&this.info_type);
    this.cache.trace(v);
    for e in this.heap.lock().iter() {
        v.reference(&e.1);
    }
});

static LRU: Type = Type::declare(
    "functools._lru_cache_wrapper",
    Some(&s::OBJECT),
    <LruBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT | flag::WEAKREFABLE | flag::METHOD_DESCRIPTOR,
);

static NEW: Row = row!(
    "_lru_cache_wrapper(cls, user_function, maxsize, typed, cache_info_type)",
    new_row,
    ""
);

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW, class, args, names)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if !is_callable(a.at(1)) {
        return Err(type_error("the first argument must be callable"));
    }
    let maxsize = if s::is_none(a.at(2)) {
        None
    } else if a.at(2).value().is_int() || a.at(2).ty().slots.index.is_set() {
        Some(skein_stdlib_support::ssize(cx, a.at(2))?.max(0) as usize)
    } else {
        return Err(type_error("maxsize should be integer or None"));
    };
    alloc(
        class_of(a.at(0))?,
        LruBody {
            function: a.at(1).clone(),
            info_type: a.at(4).clone(),
            typed: protocol::is_true(cx, a.at(3))?,
            maxsize,
            cache: Dict::new(),
            heap: Mutex::new(BinaryHeap::new()),
            age: AtomicU64::new(1),
            crowded: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            hits: Box::new([const { Stripe(AtomicU64::new(0)) }; STRIPES]),
        },
    )
}

/// Separates positional arguments from keywords in a key.
fn mark() -> Result<Ref> {
    static MARK: OnceLock<Ref> = OnceLock::new();
    if let Some(m) = MARK.get() {
        return Ok(m.clone());
    }
    let fresh = skein_object::object::alloc_immortal(&s::OBJECT, ())?;
    skein_gc::publish::publish(fresh.value());
    Ok(MARK.get_or_init(|| fresh).clone())
}

fn make_key(b: &LruBody, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, keywords, values) = split_keywords(args, names);
    if keywords.is_empty()
        && !b.typed
        && let [one] = positional
        && (one.value().is_int() || one.is_exact(&s::STR))
    {
        return Ok(one.clone());
    }
    if keywords.is_empty() && !b.typed {
        return tuple::from_slice(positional);
    }
    let mut key = positional.to_vec();
    if !keywords.is_empty() {
        key.push(mark()?);
        for (k, v) in keywords.iter().zip(values) {
            key.push(k.clone());
            key.push(v.clone());
        }
    }
    if b.typed {
        for x in positional.iter().chain(values) {
            key.push(x.ty().object());
        }
    }
    tuple::new(key)
}

impl LruBody {
    // Relaxed throughout: counters and times carry no other data.

    /// Counts a hit; gives the number of the stripe, and how many hits it had before.
    fn hit(&self) -> (u64, u64) {
        let stripe = skein_gc::current_slot() as usize % STRIPES;
        (stripe as u64, self.hits[stripe].0.fetch_add(1, Ordering::Relaxed))
    }

    fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a hit of an entry, and notes its time.
    fn hit_entry(&self, e: &EntryBody) {
        let (stripe, hits) = self.hit();
        let hits = hits & ((1 << HIT_BITS) - 1);
        if hits == 0 {
            // The number begins anew.
            self.age.fetch_add(1, Ordering::Relaxed);
        }
        let age = self.age.load(Ordering::Relaxed);
        let used = e.used.load(Ordering::Relaxed);
        if used >> AGE_SHIFT == age {
            if self.crowded.load(Ordering::Relaxed) == age {
                return;
            }
            if used % STRIPES as u64 != stripe {
                self.crowded.store(age, Ordering::Relaxed);
                return;
            }
        }
        e.used
            .store(age << AGE_SHIFT | hits << STRIPE_BITS | stripe, Ordering::Relaxed);
    }

    /// The time of a new entry: after all hits so far, and before those to come.
    fn now(&self) -> u64 {
        (self.age.fetch_add(2, Ordering::Relaxed) + 1) << AGE_SHIFT
    }
}

fn call(cx: &Context, w: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let b = body::<LruBody>(w)?;
    if b.maxsize == Some(0) {
        b.miss();
        return protocol::call_kw(cx, &b.function, args, names);
    }
    let key = make_key(b, args, names)?;
    let hash = protocol::compare::table_hash(cx, &key)?;
    let found = b.cache.get(w.holder(), hash, &key, &mut ObjectEq(cx))?;
    let Some(limit) = b.maxsize else {
        if let Some(value) = found {
            let _ = b.hit();
            return Ok(value);
        }
        b.miss();
        let value = protocol::call_kw(cx, &b.function, args, names)?;
        drop(
            b.cache
                .insert(w.holder(), hash, key, value.clone(), &mut ObjectEq(cx))?,
        );
        return Ok(value);
    };
    if let Some(entry) = found
        && let Some(e) = entry.body::<EntryBody>()
        && let Some(value) = e.value.get()
    {
        b.hit_entry(e);
        return Ok(value);
    }
    b.miss();
    let value = protocol::call_kw(cx, &b.function, args, names)?;
    remember(cx, w, b, limit, key, hash, &value)?;
    Ok(value)
}

/// Enters a result, unless the key has come meanwhile, and evicts what was not used for longest.
fn remember(cx: &Context, w: &Ref, b: &LruBody, limit: usize, key: Ref, hash: u64, value: &Ref) -> Result<()> {
    let time = b.now();
    let entry = alloc(
        &ENTRY,
        EntryBody {
            key: Slot::new(key.clone()),
            value: Slot::new(value.clone()),
            hash,
            used: AtomicU64::new(time),
        },
    )?;
    // From here on the entry is as shared as the cache.
    let (_, fresh) = b
        .cache
        .get_or_insert(w.holder(), hash, key, entry.clone(), &mut ObjectEq(cx))?;
    if !fresh {
        return Ok(());
    }
    b.heap.lock().push(Aged(time, entry));
    while b.cache.len() > limit {
        let oldest = {
            let mut heap = b.heap.lock();
            loop {
                let Some(Aged(then, entry)) = heap.pop() else {
                    break None;
                };
                let used = entry
                    .body::<EntryBody>()
                    .map_or(then, |e| e.used.load(Ordering::Relaxed));
                if used == then {
                    break Some(entry);
                }
                heap.push(Aged(used, entry));
            }
        };
        let Some(oldest) = oldest else { break };
        if let Some(e) = oldest.body::<EntryBody>()
            && let Some(k) = e.key.get()
        {
            // The entry's own key, not an equal one: that asks no Python code, which could raise when the entry is out of the heap already.
            drop(b.cache.remove(w.holder(), e.hash, &k, &mut ByIdentity)?);
        }
    }
    Ok(())
}

fn get(_: &Context, w: &Ref, object: Option<&Ref>, _: Option<&Ref>) -> Result<Ref> {
    match object.filter(|o| !s::is_none(o)) {
        Some(o) => skein_types::function::method::make(w.clone(), o.clone()),
        None => Ok(w.clone()),
    }
}

fn cache_info(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<LruBody>(a.at(0))?;
    let hits: u64 = b.hits.iter().map(|s| s.0.load(Ordering::Relaxed)).sum();
    let maxsize = match b.maxsize {
        Some(n) => number::int_from_usize(n)?,
        None => s::none(),
    };
    let args = [
        number::int(hits as i64)?,
        number::int(b.misses.load(Ordering::Relaxed) as i64)?,
        maxsize,
        number::int_from_usize(b.cache.len())?,
    ];
    protocol::call(cx, &b.info_type, &args)
}

fn cache_clear(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<LruBody>(a.at(0))?;
    for h in b.hits.iter() {
        h.0.store(0, Ordering::Relaxed);
    }
    b.misses.store(0, Ordering::Relaxed);
    let old = std::mem::take(&mut *b.heap.lock());
    b.cache.clear(a.at(0).holder());
    drop(old);
    Ok(s::none())
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    protocol::getattr(cx, a.at(0), &intern::name("__qualname__"))
}

fn copy(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(a.at(0).clone())
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.call.set(Some(call));
    t.descr_get.set(Some(get));
}

static METHODS: &[Row] = &[
    row!("cache_info(self, /)", cache_info, "Report cache statistics"),
    row!(
        "cache_clear(self, /)",
        cache_clear,
        "Clear the cache and cache statistics"
    ),
    row!("__reduce__(self, /)", reduce, ""),
    row!("__copy__(self, /)", copy, ""),
    row!("__deepcopy__(self, memo, /)", copy, ""),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    doc: "Create a cached callable that wraps another function.\n\nuser_function:      the function being cached\n\nmaxsize:  0         for no caching\n          None      for unlimited cache size\n          n         for a bounded cache\n\ntyped:    False     cache f(3) and f(3.0) as identical calls\n          True      cache f(3) and f(3.0) as distinct calls\n\ncache_info_type:    namedtuple class with the fields:\n                        hits misses currsize maxsize\n",
    ..TypeDef::new(&LRU)
};
