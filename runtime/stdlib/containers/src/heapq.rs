//! `_heapq`: heaps in lists, smallest or largest item first.
//!
//! Comparisons run Python code, which may change the list: each item is read and written by itself, and a change of length
//! is an error.
//!
//! Of a list that other threads may have, the items are read without a lock, and what is to be changed is written down; then it is
//! done under the lock if what was read is still there, and planned anew if not. So each call is one step for other threads.

use skein_object::error::{Result, index_error, runtime_error, type_error};
use skein_object::layouts::ListBody;
use skein_object::native::ModuleDef;
use skein_object::object::RefExt;
use skein_object::protocol::compare::compare_bool;
use skein_object::slots::CompareOp;
use skein_object::{Args, Context, Ref, Row, dict, row, statics as s, str};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_heapq",
    doc: "Heap queue algorithm (a.k.a. priority queue).\n",
    functions: FUNCTIONS,
    init,
};

fn init(_: &Context, module: &Ref) -> Result<()> {
    dict::set_str(module, "__about__", str::from_str("Heap queues\n")?)
}

static FUNCTIONS: &[Row] = &[
    row!(
        "heappush(heap, item, /)",
        heappush,
        "Push item onto heap, maintaining the heap invariant."
    ),
    row!(
        "heappushpop(heap, item, /)",
        heappushpop,
        "Push item on the heap, then pop and return the smallest item from the heap.\n\nThe combined action runs more efficiently than heappush() followed by\na separate call to heappop()."
    ),
    row!(
        "heappop(heap, /)",
        heappop,
        "Pop the smallest item off the heap, maintaining the heap invariant."
    ),
    row!(
        "heapreplace(heap, item, /)",
        heapreplace,
        "Pop and return the current smallest value, and add the new item."
    ),
    row!(
        "heapify(heap, /)",
        heapify,
        "Transform list into a heap, in-place, in O(len(heap)) time."
    ),
    row!(
        "heappush_max(heap, item, /)",
        heappush_max,
        "Push item onto max heap, maintaining the heap invariant."
    ),
    row!(
        "heappushpop_max(heap, item, /)",
        heappushpop_max,
        "Maxheap variant of heappushpop."
    ),
    row!("heappop_max(heap, /)", heappop_max, "Maxheap variant of heappop."),
    row!(
        "heapreplace_max(heap, item, /)",
        heapreplace_max,
        "Maxheap variant of heapreplace."
    ),
    row!("heapify_max(heap, /)", heapify_max, "Maxheap variant of heapify."),
];

/// Where a heap's items are read and written.
trait Store {
    fn len(&self) -> usize;
    fn get(&mut self, i: usize) -> Result<Ref>;
    fn set(&mut self, i: usize, value: Ref) -> Result<()>;
    fn push(&mut self, value: Ref) -> Result<()>;
    /// Takes the last item out.
    fn pop(&mut self) -> Result<Option<Ref>>;
}

/// The list itself.
struct Direct<'a> {
    list: &'a Ref,
    body: &'a ListBody,
}

impl Store for Direct<'_> {
    fn len(&self) -> usize {
        self.body.0.len()
    }

    fn get(&mut self, i: usize) -> Result<Ref> {
        self.body.0.get(i).ok_or_else(changed)
    }

    fn set(&mut self, i: usize, value: Ref) -> Result<()> {
        match self.body.0.set(self.list.holder(), i, value) {
            Ok(old) => {
                drop(old);
                Ok(())
            }
            Err(_) => Err(changed()),
        }
    }

    fn push(&mut self, value: Ref) -> Result<()> {
        Ok(self.body.0.push(self.list.holder(), value)?)
    }

    fn pop(&mut self) -> Result<Option<Ref>> {
        Ok(self.body.0.pop(self.list.holder()))
    }
}

/// What is to be done to a shared list, all at once if it is still as it was seen.
struct Planned<'a> {
    body: &'a ListBody,
    /// Its length when the plan began.
    before: usize,
    len: usize,
    seen: Vec<(usize, Ref)>,
    new: Vec<(usize, Ref)>,
    /// An item that must have been there was not: another thread had made the list shorter, whatever its length is now.
    torn: bool,
}

impl<'a> Planned<'a> {
    fn begin(body: &'a ListBody) -> Self {
        let before = body.0.len();
        Planned {
            body,
            before,
            len: before,
            seen: Vec::new(),
            new: Vec::new(),
            torn: false,
        }
    }

    /// Does it; false if the list has changed.
    fn commit(self, list: &Ref) -> Result<bool> {
        let old = self
            .body
            .0
            .change_if(list.holder(), self.before, &self.seen, self.new, self.len)?;
        Ok(old.is_some())
    }
}

impl Store for Planned<'_> {
    fn len(&self) -> usize {
        self.len
    }

    fn get(&mut self, i: usize) -> Result<Ref> {
        // A few for each level of the heap.
        let find = |list: &[(usize, Ref)]| list.iter().find(|(at, _)| *at == i).map(|(_, r)| r.clone());
        if let Some(r) = find(&self.new).or_else(|| find(&self.seen)) {
            return Ok(r);
        }
        let Some(r) = self.body.0.get(i) else {
            self.torn = true;
            return Err(changed());
        };
        self.seen.push((i, r.clone()));
        Ok(r)
    }

    fn set(&mut self, i: usize, value: Ref) -> Result<()> {
        match self.new.iter_mut().find(|(at, _)| *at == i) {
            Some((_, r)) => *r = value,
            None => self.new.push((i, value)),
        }
        Ok(())
    }

    fn push(&mut self, value: Ref) -> Result<()> {
        self.new.push((self.len, value));
        self.len += 1;
        Ok(())
    }

    fn pop(&mut self) -> Result<Option<Ref>> {
        let Some(last) = self.len.checked_sub(1) else {
            return Ok(None);
        };
        let r = self.get(last)?;
        self.len = last;
        Ok(Some(r))
    }
}

/// All items, to be rearranged.
struct Copied(Vec<Ref>);

impl Store for Copied {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&mut self, i: usize) -> Result<Ref> {
        self.0.get(i).cloned().ok_or_else(changed)
    }

    fn set(&mut self, i: usize, value: Ref) -> Result<()> {
        match self.0.get_mut(i) {
            Some(r) => {
                *r = value;
                Ok(())
            }
            None => Err(changed()),
        }
    }

    fn push(&mut self, value: Ref) -> Result<()> {
        self.0.push(value);
        Ok(())
    }

    fn pop(&mut self) -> Result<Option<Ref>> {
        Ok(self.0.pop())
    }
}

/// Items in the order of a heap.
struct Heap<'a, S> {
    cx: &'a Context,
    store: S,
    max: bool,
}

impl<S: Store> Heap<'_, S> {
    /// Whether `a` belongs above `b`.
    fn above(&self, a: &Ref, b: &Ref) -> Result<bool> {
        let (a, b) = if self.max { (b, a) } else { (a, b) };
        compare_bool(self.cx, a, b, CompareOp::Lt)
    }

    fn check(&self, len: usize) -> Result<()> {
        if self.store.len() == len {
            Ok(())
        } else {
            Err(changed())
        }
    }

    /// Moves the item at `pos` up to its place, not above `top`.
    fn up(&mut self, top: usize, mut pos: usize) -> Result<()> {
        let len = self.store.len();
        let item = self.store.get(pos)?;
        while pos > top {
            let parent = (pos - 1) / 2;
            let p = self.store.get(parent)?;
            let above = self.above(&item, &p)?;
            self.check(len)?;
            if !above {
                break;
            }
            // Swapped as read now: the comparison may have replaced them.
            let (x, y) = (self.store.get(pos)?, self.store.get(parent)?);
            self.store.set(parent, x)?;
            self.store.set(pos, y)?;
            pos = parent;
        }
        Ok(())
    }

    /// Moves the item at `start` down to a leaf along the upper children, then up to its place.
    fn down(&mut self, start: usize) -> Result<()> {
        let len = self.store.len();
        let mut pos = start;
        let limit = len / 2;
        while pos < limit {
            let mut child = 2 * pos + 1;
            if child + 1 < len {
                let (a, b) = (self.store.get(child)?, self.store.get(child + 1)?);
                let first = self.above(&a, &b)?;
                self.check(len)?;
                child += usize::from(!first);
            }
            let (x, y) = (self.store.get(child)?, self.store.get(pos)?);
            self.store.set(child, y)?;
            self.store.set(pos, x)?;
            pos = child;
        }
        self.up(start, pos)
    }

    fn push(&mut self, item: &Ref) -> Result<Ref> {
        self.store.push(item.clone())?;
        self.up(0, self.store.len().saturating_sub(1))?;
        Ok(s::none())
    }

    fn pop(&mut self) -> Result<Ref> {
        let Some(last) = self.store.pop()? else {
            return Err(index_error("index out of range"));
        };
        if self.store.len() == 0 {
            return Ok(last);
        }
        let first = self.store.get(0)?;
        self.store.set(0, last)?;
        self.down(0)?;
        Ok(first)
    }

    fn replace(&mut self, item: &Ref) -> Result<Ref> {
        if self.store.len() == 0 {
            return Err(index_error("index out of range"));
        }
        let first = self.store.get(0)?;
        self.store.set(0, item.clone())?;
        self.down(0)?;
        Ok(first)
    }

    fn push_pop(&mut self, item: &Ref) -> Result<Ref> {
        if self.store.len() == 0 {
            return Ok(item.clone());
        }
        let top = self.store.get(0)?;
        if !self.above(&top, item)? {
            return Ok(item.clone());
        }
        // The comparison may have emptied the list.
        self.replace(item)
    }

    fn heapify(&mut self) -> Result<Ref> {
        for i in (0..self.store.len() / 2).rev() {
            self.down(i)?;
        }
        Ok(s::none())
    }

    #[inline(always)]
    fn apply(&mut self, operation: Operation, item: Option<&Ref>) -> Result<Ref> {
        match (operation, item) {
            (Operation::Push, Some(item)) => self.push(item),
            (Operation::Replace, Some(item)) => self.replace(item),
            (Operation::PushPop, Some(item)) => self.push_pop(item),
            (Operation::Pop, _) => self.pop(),
            _ => self.heapify(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Push,
    Pop,
    Replace,
    PushPop,
    Heapify,
}

/// How often an operation on a shared list is planned anew: the whole list seldom, since others get done meanwhile.
const TRIES: usize = 1000;
const TRIES_HEAPIFY: usize = 10;
/// The most pauses of the processor between two tries.
const MOST_PAUSES: u32 = 255;

/// As one step for other threads, as far as comparisons do not change the list, which has the last word: `None` if it changes again
/// and again.
#[inline(never)]
fn at_once(
    cx: &Context,
    list: &Ref,
    body: &ListBody,
    operation: Operation,
    item: Option<&Ref>,
    max: bool,
) -> Result<Option<Ref>> {
    if operation == Operation::Heapify {
        for _ in 0..TRIES_HEAPIFY {
            let seen = body.0.snapshot(list.holder())?;
            let store = Copied(seen.clone());
            let mut heap = Heap { cx, store, max };
            let out = heap.heapify()?;
            let (len, new) = (seen.len(), heap.store.0.into_iter().enumerate());
            let new = new.filter(|(i, r)| r.value() != seen[*i].value()).collect();
            let seen: Vec<(usize, Ref)> = seen.into_iter().enumerate().collect();
            if body.0.change_if(list.holder(), len, &seen, new, len)?.is_some() {
                return Ok(Some(out));
            }
        }
        return Ok(None);
    }
    let mut pauses = 0;
    for _ in 0..TRIES {
        let store = Planned::begin(body);
        let mut heap = Heap { cx, store, max };
        match heap.apply(operation, item) {
            Ok(out) => {
                if heap.store.commit(list)? {
                    return Ok(Some(out));
                }
            }
            Err(_) if heap.store.torn => {}
            Err(e) => return Err(e),
        }
        for _ in 0..pauses {
            std::hint::spin_loop();
        }
        pauses = (2 * pauses + 1).min(MOST_PAUSES);
    }
    Ok(None)
}

#[inline(always)]
fn run(cx: &Context, a: Args<'_>, operation: Operation, max: bool, (function, one): (&str, bool)) -> Result<Ref> {
    let list = a.at(0);
    let Some(body) = list.body::<ListBody>() else {
        return Err(type_error(format!(
            "{function}{}() argument{} must be list, not {}",
            if max { "_max" } else { "" },
            if one { "" } else { " 1" },
            list.ty().name()
        )));
    };
    let item = a.opt(1);
    if !list.holder().is_private()
        && let Some(out) = at_once(cx, list, body, operation, item, max)?
    {
        return Ok(out);
    }
    let store = Direct { list, body };
    Heap { cx, store, max }.apply(operation, item)
}

#[cold]
fn changed() -> skein_object::Error {
    runtime_error("list changed size during iteration")
}

macro_rules! functions {
    ($($min:ident $max:ident $name:literal $one:literal $operation:ident;)*) => {$(
        fn $min(cx: &Context, a: Args<'_>) -> Result<Ref> {
            run(cx, a, Operation::$operation, false, ($name, $one))
        }

        fn $max(cx: &Context, a: Args<'_>) -> Result<Ref> {
            run(cx, a, Operation::$operation, true, ($name, $one))
        }
    )*};
}

functions! {
    heappush heappush_max "heappush" false Push;
    heappop heappop_max "heappop" true Pop;
    heapreplace heapreplace_max "heapreplace" false Replace;
    heappushpop heappushpop_max "heappushpop" false PushPop;
    heapify heapify_max "heapify" true Heapify;
}
