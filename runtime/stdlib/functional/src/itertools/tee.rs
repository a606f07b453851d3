//! `tee`: a linked list of blocks of items, which the branches read each at its own pace.

use super::iterator;
use skein_gc::Slot;
use skein_gc::lock::Mutex;
use skein_gc::publish::publish_like;
use skein_object::error::{Result, runtime_error, value_error};
use skein_object::object::{RefExt, alloc};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, intern, payload, protocol, row, statics as s, tuple};
use skein_stdlib_support::{body, class_of, ssize};
use skein_types::startup::TypeDef;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub static FUNCTIONS: &[Row] = &[row!(
    "tee(iterable, n=2, /)",
    tee,
    "Returns a tuple of n independent iterators."
)];

const BLOCK: usize = 57;

/// A block of items: those read so far, and the next block.
pub struct DataBody {
    it: Ref,
    items: Mutex<Vec<Slot>>,
    next: Slot,
    /// A thread is reading the source for this block.
    running: AtomicBool,
}
payload!(DataBody, "itertools._tee_dataobject", |this, v| {
    v.reference(&this.it);
    for slot in this.items.lock().iter() {
        v.slot(slot);
    }
    v.slot(&this.next);
});

impl DataBody {
    /// Makes `fresh` the next block, unless another branch has put one there meanwhile: all go on in the same. `holder` is this block.
    fn follow(&self, holder: &Ref, fresh: Ref) -> Ref {
        publish_like(holder.holder(), fresh.value());
        let _items = self.items.lock();
        if let Some(n) = self.next.get() {
            return n;
        }
        let none = self.next.set(holder.holder(), Some(fresh.clone()));
        debug_assert!(none.is_none(), "written under the lock only");
        fresh
    }
}

static DATA: Type = Type::declare(
    "itertools._tee_dataobject",
    Some(&s::OBJECT),
    <DataBody as Payload>::LAYOUT,
    flag::NO_NEW,
);
pub static DATA_DEF: TypeDef = TypeDef {
    doc: "teedataobject(iterable, values, next, /)\n--\n\nData container common to multiple tee objects.",
    ..TypeDef::new(&DATA)
};

pub struct TeeBody {
    data: Slot,
    index: AtomicUsize,
}
payload!(TeeBody, "itertools._tee", |this, v| { v.slot(&this.data) });

iterator!(TEE TEE_DEF "itertools._tee" TeeBody, "_tee(cls, iterable, /)", new, next,
    "Iterator wrapped to make it copyable.", METHODS);

static METHODS: &[Row] = &[row!("__copy__(self, /)", copy, "Returns an independent iterator.")];

fn block(it: Ref) -> Result<Ref> {
    alloc(
        &DATA,
        DataBody {
            it,
            items: Mutex::new(Vec::new()),
            next: Slot::empty(),
            running: AtomicBool::new(false),
        },
    )
}

fn branch(ty: &'static Type, data: Ref, index: usize) -> Result<Ref> {
    alloc(
        ty,
        TeeBody {
            data: Slot::new(data),
            index: AtomicUsize::new(index),
        },
    )
}

fn new(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let it = protocol::iter(cx, a.at(1))?;
    if it.is_instance(&TEE) {
        return copy_of(&it);
    }
    branch(class_of(a.at(0))?, block(it)?, 0)
}

fn copy_of(t: &Ref) -> Result<Ref> {
    let b = body::<TeeBody>(t)?;
    match b.data.get() {
        Some(d) => branch(&TEE, d, b.index.load(Ordering::Relaxed)),
        None => Err(value_error("the iterator was cleared")),
    }
}

fn copy(_: &Context, a: Args<'_>) -> Result<Ref> {
    copy_of(a.at(0))
}

/// Item `i` of a block, read from the source if it is the first to be missing.
fn item(cx: &Context, data: &Ref, i: usize) -> Result<Option<Ref>> {
    let b = body::<DataBody>(data)?;
    if let Some(slot) = b.items.lock().get(i) {
        return Ok(slot.get());
    }
    // Acquire and release pair with each other: one reader of the source after the other.
    if b.running.swap(true, Ordering::Acquire) {
        return Err(runtime_error("cannot re-enter the tee iterator"));
    }
    // Another branch may have read it meanwhile, in another thread.
    let known = b.items.lock().get(i).and_then(Slot::get);
    let result = match known {
        Some(x) => {
            b.running.store(false, Ordering::Release);
            return Ok(Some(x));
        }
        None => protocol::next(cx, &b.it),
    };
    if let Ok(Some(x)) = &result {
        publish_like(data.holder(), x.value());
        b.items.lock().push(Slot::new(x.clone()));
    }
    b.running.store(false, Ordering::Release);
    result
}

fn next(cx: &Context, t: &Ref) -> Result<Option<Ref>> {
    let b = body::<TeeBody>(t)?;
    let Some(mut data) = b.data.get() else {
        return Ok(None);
    };
    // Relaxed: a position; blocks check it.
    let mut i = b.index.load(Ordering::Relaxed);
    if i >= BLOCK {
        let d = body::<DataBody>(&data)?;
        let following = match d.next.get() {
            Some(n) => n,
            None => d.follow(&data, block(d.it.clone())?),
        };
        // At once, not after the item: reading it can fail, and the next attempt has to stay in this block.
        i = 0;
        b.index.store(i, Ordering::Relaxed);
        drop(b.data.set(t.holder(), Some(following.clone())));
        data = following;
    }
    let x = item(cx, &data, i)?;
    if x.is_some() {
        i += 1;
    }
    b.index.store(i, Ordering::Relaxed);
    Ok(x)
}

fn tee(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = match a.opt(1) {
        Some(n) => ssize(cx, n)?,
        None => 2,
    };
    let Ok(n) = usize::try_from(n) else {
        return Err(value_error("n must be >= 0"));
    };
    let mut out = skein_gc::alloc::vec_with(n)?;
    if n == 0 {
        return Ok(s::empty_tuple());
    }
    let it = protocol::iter(cx, a.at(0))?;
    let first = match protocol::attribute::special(cx, &it, &intern::name("__copy__"))? {
        Some(f) => {
            // Any iterator that can be copied is its own branch.
            out.push(it.clone());
            f
        }
        None => {
            let t = branch(&TEE, block(it)?, 0)?;
            out.push(t.clone());
            protocol::getattr_str(cx, &t, "__copy__")?
        }
    };
    if it_is_tee(&out) {
        // A tee of a tee gives new branches only, as in CPython.
        out[0] = copy_of(&out[0])?;
    }
    while out.len() < n {
        out.push(protocol::call0(cx, &first)?);
    }
    tuple::new(out)
}

fn it_is_tee(out: &[Ref]) -> bool {
    out.first().is_some_and(|t| t.is_exact(&TEE))
}
