//! `_queue.SimpleQueue`: an unbounded queue between threads.

use skein_gc::Slot;
use skein_gc::lock::Mutex;
use skein_gc::publish::publish_like;
use skein_object::context::hooks;
use skein_object::error::{Result, memory_error, overflow_error, raise_args, type_error, value_error};
use skein_object::layouts::{ExceptionBody, number};
use skein_object::native::ModuleDef;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::convert::to_f64;
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, row, statics as s};
use skein_stdlib_support::{add_type, bind, body, class_of, flag as truth};
use skein_types::startup::TypeDef;
use skein_types::type_::generic_alias::class_getitem;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{self, Condvar, PoisonError};
use std::time::{Duration, Instant};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_queue",
    doc: "C implementation of the Python queue module.\nThis module is an implementation detail, please do not use it directly.",
    functions: &[],
    init,
};

pub struct QueueBody {
    /// A slot is empty only after the collector has cleared the queue.
    items: Mutex<VecDeque<Slot>>,
    /// Threads that wait for an item, or are about to. Written before they look at the items, read after an item was put: the lock
    /// of the items orders the two.
    waiting: AtomicUsize,
    /// Of the standard library, as threads sleep here detached: see `skein_gc::lock::Mutex`.
    gate: sync::Mutex<()>,
    filled: Condvar,
}
payload!(QueueBody, "_queue.SimpleQueue", |this, v| {
    for slot in this.items.lock().iter() {
        v.slot(slot);
    }
});

impl QueueBody {
    fn gate(&self) -> sync::MutexGuard<'_, ()> {
        // Nothing panics that holds it.
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

static SIMPLE_QUEUE: Type = Type::declare(
    "_queue.SimpleQueue",
    Some(&s::OBJECT),
    <QueueBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::WEAKREFABLE,
);
static EMPTY: Type = Type::declare(
    "_queue.Empty",
    Some(&s::EXCEPTION),
    <ExceptionBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

fn init(_: &Context, module: &Ref) -> Result<()> {
    add_type(
        module,
        &TypeDef {
            doc: "Exception raised by Queue.get(block=0)/get_nowait().",
            ..TypeDef::new(&EMPTY)
        },
    )?;
    add_type(
        module,
        &TypeDef {
            slots,
            methods: METHODS,
            doc: "Simple, unbounded, reentrant FIFO queue.",
            ..TypeDef::new(&SIMPLE_QUEUE)
        },
    )
}

static METHODS: &[Row] = &[
    row!(
        "empty(self, /)",
        empty,
        "Return True if the queue is empty, False otherwise (not reliable!)."
    ),
    row!(
        "get(self, /, block=True, timeout=None)",
        get,
        "Remove and return an item from the queue.\n\nIf optional args 'block' is true and 'timeout' is None (the default),\nblock if necessary until an item is available. If 'timeout' is\na non-negative number, it blocks at most 'timeout' seconds and raises\nthe Empty exception if no item was available within that time.\nOtherwise ('block' is false), return an item if one is immediately\navailable, else raise the Empty exception ('timeout' is ignored\nin that case)."
    ),
    row!(
        "get_nowait(self, /)",
        get_nowait,
        "Remove and return an item from the queue without blocking.\n\nOnly get an item if one is immediately available. Otherwise\nraise the Empty exception."
    ),
    row!(
        "put(self, /, item, block=True, timeout=None)",
        put,
        "Put the item on the queue.\n\nThe optional 'block' and 'timeout' arguments are ignored, as this method\nnever blocks.  They are provided for compatibility with the Queue class."
    ),
    row!(
        "put_nowait(self, /, item)",
        put,
        "Put an item into the queue without blocking.\n\nThis is exactly equivalent to `put(item)` and is only provided\nfor compatibility with the Queue class."
    ),
    row!(
        "qsize(self, /)",
        qsize,
        "Return the approximate size of the queue (not reliable!)."
    ),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];

static NEW: Row = row!("SimpleQueue(cls)", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW, class, args, names)
}

fn new_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(
        class_of(a.at(0))?,
        QueueBody {
            items: Mutex::new(VecDeque::new()),
            waiting: AtomicUsize::new(0),
            gate: sync::Mutex::new(()),
            filled: Condvar::new(),
        },
    )
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
}

fn empty(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(body::<QueueBody>(a.at(0))?.items.lock().is_empty()))
}

fn qsize(_: &Context, a: Args<'_>) -> Result<Ref> {
    number::int_from_usize(body::<QueueBody>(a.at(0))?.items.lock().len())
}

fn put(_: &Context, a: Args<'_>) -> Result<Ref> {
    let q = a.at(0);
    let b = body::<QueueBody>(q)?;
    publish_like(q.holder(), a.at(1).value());
    let slot = Slot::new(a.at(1).clone());
    {
        let mut items = b.items.lock();
        if skein_gc::alloc::fallible(|| items.try_reserve(1)).is_err() {
            drop(items);
            return Err(memory_error());
        }
        items.push_back(slot);
    }
    // Relaxed: see the field.
    if b.waiting.load(Ordering::Relaxed) != 0 {
        // A waiter looks at the items and goes to sleep without giving the gate up.
        drop(b.gate());
        b.filled.notify_one();
    }
    Ok(s::none())
}

fn pop(b: &QueueBody) -> Option<Ref> {
    let slot = b.items.lock().pop_front();
    slot.and_then(|mut s| s.take_dead())
}

#[cold]
fn nothing() -> skein_object::Error {
    raise_args(&EMPTY, Vec::new())
}

fn get_nowait(_: &Context, a: Args<'_>) -> Result<Ref> {
    pop(body::<QueueBody>(a.at(0))?).ok_or_else(nothing)
}

/// The moment when a wait ends; `None`: never.
fn deadline(cx: &Context, timeout: Option<&Ref>) -> Result<Option<Instant>> {
    let Some(t) = timeout else {
        return Ok(None);
    };
    if number::float_value(t).is_none() && number::int_value(t).is_none() && !t.ty().slots.index.is_set() {
        return Err(type_error(format!(
            "'{}' object cannot be interpreted as an integer or float",
            t.ty().name()
        )));
    }
    let seconds = to_f64(cx, t)?;
    if seconds.is_nan() {
        return Err(value_error("Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(value_error("'timeout' must be a non-negative number"));
    }
    if seconds > 9_223_372_036.0 {
        return Err(overflow_error("timeout value is too large"));
    }
    Ok(Instant::now().checked_add(Duration::from_secs_f64(seconds)))
}

/// Between two looks at signals.
const SLICE: Duration = Duration::from_millis(50);

fn get(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<QueueBody>(a.at(0))?;
    if !truth(cx, a.opt(1), true)? {
        return pop(b).ok_or_else(nothing);
    }
    let end = deadline(cx, a.opt_not_none(2))?;
    loop {
        if let Some(x) = pop(b) {
            return Ok(x);
        }
        let now = Instant::now();
        if end.is_some_and(|e| e <= now) {
            return Err(nothing());
        }
        let left = end.map_or(SLICE, |e| (e - now).min(SLICE));
        skein_gc::mutator::waiting(|| {
            // Relaxed: see the field.
            b.waiting.fetch_add(1, Ordering::Relaxed);
            let gate = b.gate();
            if b.items.lock().is_empty() {
                drop(b.filled.wait_timeout(gate, left));
            }
            b.waiting.fetch_sub(1, Ordering::Relaxed);
        });
        (hooks().poll)(cx)?;
    }
}
