//! `_heapq`: heaps in lists, smallest or largest item first.
//!
//! Comparisons run Python code, which may change the list: each item is read and written by itself, and a change of length
//! is an error.

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

/// A list with the order of its heap.
struct Heap<'a> {
    cx: &'a Context,
    list: &'a Ref,
    body: &'a ListBody,
    max: bool,
}

impl<'a> Heap<'a> {
    fn new(cx: &'a Context, list: &'a Ref, function: &str, one: bool, max: bool) -> Result<Self> {
        match list.body::<ListBody>() {
            Some(body) => Ok(Heap { cx, list, body, max }),
            None => Err(type_error(format!(
                "{function}{}() argument{} must be list, not {}",
                if max { "_max" } else { "" },
                if one { "" } else { " 1" },
                list.ty().name()
            ))),
        }
    }

    fn len(&self) -> usize {
        self.body.0.len()
    }

    fn get(&self, i: usize) -> Result<Ref> {
        self.body.0.get(i).ok_or_else(changed)
    }

    fn set(&self, i: usize, value: Ref) -> Result<()> {
        match self.body.0.set(self.list.holder(), i, value) {
            Ok(old) => {
                drop(old);
                Ok(())
            }
            Err(_) => Err(changed()),
        }
    }

    /// Whether `a` belongs above `b`.
    fn above(&self, a: &Ref, b: &Ref) -> Result<bool> {
        let (a, b) = if self.max { (b, a) } else { (a, b) };
        compare_bool(self.cx, a, b, CompareOp::Lt)
    }

    fn check(&self, len: usize) -> Result<()> {
        if self.len() == len { Ok(()) } else { Err(changed()) }
    }

    /// Moves the item at `pos` up to its place, not above `top`.
    fn up(&self, top: usize, mut pos: usize) -> Result<()> {
        let len = self.len();
        let item = self.get(pos)?;
        while pos > top {
            let parent = (pos - 1) / 2;
            let p = self.get(parent)?;
            let above = self.above(&item, &p)?;
            self.check(len)?;
            if !above {
                break;
            }
            // Swapped as read now: the comparison may have replaced them.
            let (x, y) = (self.get(pos)?, self.get(parent)?);
            self.set(parent, x)?;
            self.set(pos, y)?;
            pos = parent;
        }
        Ok(())
    }

    /// Moves the item at `start` down to a leaf along the upper children, then up to its place.
    fn down(&self, start: usize) -> Result<()> {
        let len = self.len();
        let mut pos = start;
        let limit = len / 2;
        while pos < limit {
            let mut child = 2 * pos + 1;
            if child + 1 < len {
                let (a, b) = (self.get(child)?, self.get(child + 1)?);
                let first = self.above(&a, &b)?;
                self.check(len)?;
                child += usize::from(!first);
            }
            let (x, y) = (self.get(child)?, self.get(pos)?);
            self.set(child, y)?;
            self.set(pos, x)?;
            pos = child;
        }
        self.up(start, pos)
    }

    fn push(&self, item: &Ref) -> Result<Ref> {
        self.body.0.push(self.list.holder(), item.clone())?;
        self.up(0, self.len().saturating_sub(1))?;
        Ok(s::none())
    }

    fn pop(&self) -> Result<Ref> {
        let Some(last) = self.body.0.pop(self.list.holder()) else {
            return Err(index_error("index out of range"));
        };
        if self.len() == 0 {
            return Ok(last);
        }
        let first = self.get(0)?;
        self.set(0, last)?;
        self.down(0)?;
        Ok(first)
    }

    fn replace(&self, item: &Ref) -> Result<Ref> {
        let Some(first) = self.body.0.get(0) else {
            return Err(index_error("index out of range"));
        };
        self.set(0, item.clone())?;
        self.down(0)?;
        Ok(first)
    }

    fn push_pop(&self, item: &Ref) -> Result<Ref> {
        let Some(top) = self.body.0.get(0) else {
            return Ok(item.clone());
        };
        if !self.above(&top, item)? {
            return Ok(item.clone());
        }
        match self.body.0.get(0) {
            Some(top) => {
                self.set(0, item.clone())?;
                self.down(0)?;
                Ok(top)
            }
            None => Err(index_error("index out of range")),
        }
    }

    fn heapify(&self) -> Result<Ref> {
        for i in (0..self.len() / 2).rev() {
            self.down(i)?;
        }
        Ok(s::none())
    }
}

#[cold]
fn changed() -> skein_object::Error {
    runtime_error("list changed size during iteration")
}

macro_rules! functions {
    ($($min:ident $max:ident $name:literal $one:literal |$h:ident, $a:ident| $body:expr;)*) => {$(
        fn $min(cx: &Context, $a: Args<'_>) -> Result<Ref> {
            let $h = Heap::new(cx, $a.at(0), $name, $one, false)?;
            $body
        }

        fn $max(cx: &Context, $a: Args<'_>) -> Result<Ref> {
            let $h = Heap::new(cx, $a.at(0), $name, $one, true)?;
            $body
        }
    )*};
}

functions! {
    heappush heappush_max "heappush" false |h, a| h.push(a.at(1));
    heappop heappop_max "heappop" true |h, a| h.pop();
    heapreplace heapreplace_max "heapreplace" false |h, a| h.replace(a.at(1));
    heappushpop heappushpop_max "heappushpop" false |h, a| h.push_pop(a.at(1));
    heapify heapify_max "heapify" true |h, a| h.heapify();
}
