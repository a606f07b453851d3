//! The heap of a thread: its pages, by size of cell, of each size one that it allocates from.

use super::page::{self, FreeCell, NO_PAGE, Page};
use super::system::KEPT_BELOW;
use crate::cycle::FIRST_COLLECTION;
use crate::header::Header;
use crate::mutator::{request, request_self};
use std::cell::{Cell, UnsafeCell};
use std::mem::ManuallyDrop;
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

const SIZES: usize = super::SIZES;
/// Pages that are looked at for a free cell before another page is taken.
const LOOKS: usize = 8;
/// Bytes outside pages that count as one more cell.
const OBJECT_BYTES: usize = 64;

struct Heap {
    /// The page of each size that cells are taken from.
    current: [Cell<*const Page>; SIZES],
    /// Where the search for a free cell goes on.
    cursor: [Cell<usize>; SIZES],
    /// Not dropped: a thread-local without destructor is reached without a check. `abandon` empties it.
    lists: UnsafeCell<ManuallyDrop<[Vec<*mut Page>; SIZES]>>,
    /// Cells by which the heap has grown since the last collection; what is not in cells counts as so many.
    grown: Cell<usize>,
    /// Growth that calls for a collection.
    enough: Cell<usize>,
    /// Bytes of big buffers that this thread has freed since it was last [tidied](tidy), as far as mimalloc keeps them.
    kept: Cell<usize>,
    /// Where [`trim`] goes on: size and place in the list.
    trimmed: Cell<(usize, usize)>,
}

thread_local! {
    static HEAP: Heap = const {
        Heap {
            current: [const { Cell::new(&raw const NO_PAGE) }; SIZES],
            cursor: [const { Cell::new(0) }; SIZES],
            lists: UnsafeCell::new(ManuallyDrop::new([const { Vec::new() }; SIZES])),
            grown: Cell::new(0),
            enough: Cell::new(FIRST_COLLECTION),
            kept: Cell::new(0),
            trimmed: Cell::new((0, 0)),
        }
    };
    /// Gives the pages up when a thread ends that was never registered.
    static AT_EXIT: AtExit = const { AtExit };
}

/// Bytes of big buffers that mimalloc keeps, each time that there are so many more of which the reaper is told.
const WORTH_TELLING: usize = 4 << 20;
/// Bytes of big buffers that mimalloc keeps, for which a thread is tidied when it has nothing else to do.
const WORTH_TIDYING: usize = 1 << 20;

struct AtExit;

impl Drop for AtExit {
    fn drop(&mut self) {
        abandon();
    }
}

impl Heap {
    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The lists of pages.
    #[allow(clippy::mut_from_ref)]
    fn lists(&self) -> &mut [Vec<*mut Page>; SIZES] {
        // SAFETY: used by this thread alone, inside the functions of this file, none of which calls another with it in hand.
        unsafe { &mut *self.lists.get() }
    }

    #[cold]
    #[inline(never)]
    fn take_slow(&self, units: usize) -> *mut Header {
        let list = &self.lists()[units];
        let mut found = None;
        let mut look = |page: *mut Page| {
            // SAFETY: pages in our lists are ours.
            let fits = unsafe { (*page).refill() };
            if fits {
                found = Some(page);
            }
            fits
        };
        let current = self.current[units].get();
        if !std::ptr::eq(current, &raw const NO_PAGE) && look(current.cast_mut()) {
            // Another piece of the page, or what others have freed.
        } else {
            for _ in 0..LOOKS.min(list.len()) {
                let at = (self.cursor[units].get() + 1) % list.len();
                self.cursor[units].set(at);
                if look(list[at]) {
                    break;
                }
            }
        }
        let page = match found {
            Some(page) => page,
            None => match self.new_page(units) {
                Some(page) => page,
                None => return null_mut(),
            },
        };
        // SAFETY: as above.
        let p = unsafe { &*page };
        self.current[units].set(page);
        let cell = p.free.get();
        debug_assert!(!cell.is_null());
        // SAFETY: `refill` has found a free cell.
        p.free.set(unsafe { FreeCell::next(cell) });
        p.taken.set(p.taken.get().wrapping_add(1));
        cell.cast()
    }

    fn new_page(&self, units: usize) -> Option<*mut Page> {
        AT_EXIT.with(|_| ());
        loop {
            let page = page::acquire(units, self.id())?;
            // SAFETY: acquired just now.
            let p = unsafe { &*page };
            let list = &mut self.lists()[units];
            p.index.set(list.len() as u32);
            list.push(page);
            self.grow(p.cells() as usize);
            // An abandoned page may be full.
            if p.refill() {
                return Some(page);
            }
        }
    }

    fn grow(&self, cells: usize) {
        let grown = self.grown.get().saturating_add(cells);
        self.grown.set(grown);
        if grown > self.enough.get() {
            request_self(request::COLLECT);
        }
    }

    fn shrink(&self, cells: usize) {
        self.grown.set(self.grown.get().saturating_sub(cells));
    }

    /// A page has become empty: gives it back, unless it is being allocated from.
    #[cold]
    #[inline(never)]
    fn give_page(&self, page: *mut Page) {
        // SAFETY: ours.
        let p = unsafe { &*page };
        let units = p.cell() as usize / super::UNIT;
        if std::ptr::eq(self.current[units].get(), page) || !p.words.get().is_null() {
            return;
        }
        self.give_from(units, page);
    }

    fn give_from(&self, units: usize, page: *mut Page) {
        // SAFETY: ours.
        let p = unsafe { &*page };
        let list = &mut self.lists()[units];
        let at = p.index.get() as usize;
        debug_assert!(list.get(at).is_some_and(|&q| q == page));
        list.swap_remove(at);
        if let Some(&moved) = list.get(at) {
            // SAFETY: ours.
            unsafe { (*moved).index.set(at as u32) };
        }
        self.shrink(p.cells() as usize);
        page::release(page);
    }
}

/// Builds with checks notice a thread that makes or frees objects while it is detached: another one may be at its heap (`trim`).
#[inline(always)]
fn assert_attached() {
    #[cfg(any(debug_assertions, feature = "verify"))]
    assert!(
        crate::mutator::is_attached_or_unknown(),
        "a detached thread makes or frees an object"
    );
}

/// A cell of `units` times [`super::UNIT`] bytes, or null.
#[inline(always)]
pub fn take_cell(units: usize) -> *mut Header {
    assert_attached();
    HEAP.with(|heap| {
        // SAFETY: the current page is ours, or `NO_PAGE`, whose `free` is null and which is not written.
        let page = unsafe { &*heap.current[units].get() };
        let cell = page.free.get();
        if cell.is_null() {
            return heap.take_slow(units);
        }
        // SAFETY: a cell in the list is free.
        page.free.set(unsafe { FreeCell::next(cell) });
        page.taken.set(page.taken.get().wrapping_add(1));
        cell.cast()
    })
}

/// # Safety
/// `object` is in a cell, and nobody uses it any more.
#[inline(always)]
pub unsafe fn give_cell(object: *mut Header) {
    let page = Page::of(object);
    let cell = object.cast::<FreeCell>();
    assert_attached();
    // At thread exit the heap has no destructor, so this does not fail.
    HEAP.with(|heap| {
        // SAFETY: the page exists while it has an object.
        let p = unsafe { &*page };
        // Relaxed: equal to ours only if we wrote it.
        if p.owner.load(Ordering::Relaxed) != heap.id() {
            // SAFETY: by the caller's promise.
            unsafe { Page::free_foreign(page, cell) };
            return;
        }
        // SAFETY: by the caller's promise.
        #[cfg(debug_assertions)]
        unsafe {
            Page::poison(object)
        };
        // SAFETY: by the caller's promise.
        unsafe { FreeCell::link(cell, p.free.get()) };
        p.free.set(cell);
        let given = p.given.get().wrapping_add(1);
        p.given.set(given);
        if given == p.taken.get() {
            heap.give_page(page);
        }
    });
}

/// The current thread's heap, for [`trim`] by another one.
pub fn this() -> *const () {
    HEAP.with(|heap| std::ptr::from_ref(heap).cast())
}

/// Looks at some pages of a heap, and gives those up in which others have freed the last cells. Goes on where it has stopped the last
/// time; gives whether it has got round.
///
/// # Safety
/// The heap is the current thread's, or that of a thread that is detached and cannot attach meanwhile.
pub unsafe fn trim(heap: *const (), most: usize) -> bool {
    // SAFETY: it lives as long as its thread.
    let heap = unsafe { &*heap.cast::<Heap>() };
    let (mut units, mut at) = heap.trimmed.get();
    let mut rest = most;
    while units < SIZES {
        let Some(&page) = heap.lists()[units].get(at) else {
            (units, at) = (units + 1, 0);
            continue;
        };
        if rest == 0 {
            heap.trimmed.set((units, at));
            return false;
        }
        rest -= 1;
        // SAFETY: pages in its lists are the heap's.
        let p = unsafe { &*page };
        if p.is_empty() && p.words.get().is_null() && !std::ptr::eq(heap.current[units].get(), page) {
            // Another one takes its place in the list.
            heap.give_from(units, page);
        } else {
            at += 1;
        }
    }
    heap.trimmed.set((0, 0));
    true
}

/// Counts memory outside pages towards the next collection.
pub fn grown_by(bytes: usize) {
    HEAP.with(|heap| heap.grow(bytes / OBJECT_BYTES));
}

pub fn shrunk_by(bytes: usize) {
    HEAP.with(|heap| heap.shrink(bytes / OBJECT_BYTES));
}

/// Notes that a block outside pages is freed, or about to be, which the system may get back. What mimalloc does not keep says so itself.
pub fn freed_big(bytes: usize) {
    if bytes >= KEPT_BELOW {
        return;
    }
    HEAP.with(|heap| {
        let before = heap.kept.get();
        let kept = before + bytes;
        heap.kept.set(kept);
        if kept / WORTH_TELLING > before / WORTH_TELLING {
            crate::reaper::tend();
        }
    });
}

/// Lets what the thread has freed be had by others, and given back: where mimalloc keeps much of it. To be called before it waits, when nobody
/// else can do it any more.
#[inline(always)]
pub fn tidy() {
    #[cold]
    #[inline(never)]
    fn let_go(heap: &Heap) {
        heap.kept.set(0);
        super::system::let_pages_go();
        crate::reaper::tend();
    }
    HEAP.with(|heap| {
        if heap.kept.get() >= WORTH_TIDYING {
            let_go(heap);
        }
    });
}

/// Gives all pages of this thread up: those with objects can be adopted by another.
pub fn abandon() {
    HEAP.with(|heap| {
        for units in 0..SIZES {
            heap.current[units].set(&raw const NO_PAGE);
            heap.cursor[units].set(0);
            for page in std::mem::take(&mut heap.lists()[units]) {
                page::release(page);
            }
        }
    });
}

/// Calls `f` with each page of this thread.
pub(crate) fn each_own_page(mut f: impl FnMut(&Page)) {
    HEAP.with(|heap| {
        for list in heap.lists().iter() {
            for &page in list {
                // SAFETY: ours.
                f(unsafe { &*page });
            }
        }
    });
}

/// Calls `f` with each page of this thread in which objects were allocated since the last collection.
pub(crate) fn each_young_page(mut f: impl FnMut(&Page)) {
    each_own_page(|page| {
        if page.is_young() {
            f(page);
        }
    });
}

/// As [`each_young_page`], and these are young no more.
pub(crate) fn take_young_pages(mut f: impl FnMut(&Page)) {
    each_young_page(|page| {
        page.look();
        f(page);
    });
}

/// What a thread's heap holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    pub pages: usize,
    pub objects: usize,
}

/// Cells by which the current thread's heap has grown since its last collection.
pub(crate) fn grown() -> usize {
    HEAP.with(|heap| heap.grown.get())
}

/// What the current thread's heap holds: a look at each of its pages.
pub fn usage() -> Usage {
    let mut out = Usage::default();
    each_own_page(|p| {
        out.pages += 1;
        out.objects += p.used() as usize;
    });
    out
}

/// Whether the heap has grown by enough for a collection.
pub(crate) fn has_grown() -> bool {
    HEAP.with(|heap| heap.grown.get() > heap.enough.get())
}

/// Begins to count growth anew; the next collection is due after `enough` cells.
pub(crate) fn count_growth_anew(enough: usize) {
    HEAP.with(|heap| {
        heap.grown.set(0);
        heap.enough.set(enough);
    });
}
