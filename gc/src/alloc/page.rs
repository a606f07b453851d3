//! Pages of cells.
//!
//! | field | written by | read by |
//! |---|---|---|
//! | `free`, `taken`, `given`, `seen`, `index`, `words` | the owner, or who holds it while it is detached; under `POOL` while there is none | the same; any thread while the world is stopped |
//! | `ready` | as `free` | the same; a collector, under `POOL` |
//! | `foreign` | any thread pushes, the owner takes all (`crate::foreign`) | any |
//! | `owner` | the owner, or who adopts, under `POOL` | any thread that frees |
//! | `cell` (the size) | under `POOL`, when the page leaves or enters the pool | the owner; a collector, under `POOL` |
//!
//! Pages that have been empty for a while are given back to the system by the reaper ([`purge_idle`]): those that were in the pool during
//! the whole of a period. So a program that allocates and frees in turns keeps its pages.
//!
//! While a collector [scans](Scan), pages that become empty keep the size of their cells, so that it can tell where cells begin.

use super::{SIZES, UNIT, system};
use crate::foreign::Foreign;
use crate::header::Header;
use crate::lock::Mutex;
use crate::rounds::Word;
use std::cell::Cell;
use std::collections::{BTreeSet, VecDeque};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

pub const PAGE: usize = 64 << 10;
/// Pages that are taken from the system at once. mimalloc asks for one or two pages more to align them: not to be noticed.
const CHUNK: usize = 255;
const HEAD: usize = size_of::<Page>().next_multiple_of(16);
/// Bytes of cells that are made ready at once.
const STEP: usize = 4 << 10;

/// First part of a page.
#[repr(C, align(64))]
pub struct Page {
    /// First free cell.
    pub free: Cell<*mut FreeCell>,
    /// Heap that the page belongs to; 0 in the pool and among the abandoned.
    pub owner: AtomicUsize,
    /// Cells taken so far, and given back, modulo 2^32.
    pub taken: Cell<u32>,
    pub given: Cell<u32>,
    /// Cells from the start that have been made ready; those behind have never been used.
    ready: AtomicU32,
    /// Size of a cell; 0 in the pool.
    cell: AtomicU32,
    /// Place in its heap's list.
    pub index: Cell<u32>,
    /// `taken` at the last collection.
    seen: Cell<u32>,
    /// During a collection: a word for each ready cell, or null.
    pub words: Cell<*const Word>,
    /// Cells that other threads have freed.
    foreign: Foreign,
}

// SAFETY: the table in the head says who touches what.
unsafe impl Sync for Page {}

#[repr(C)]
pub struct FreeCell {
    /// Address of the next free cell, plus one. It lies where an object has its class; an owner that looks for objects in its
    /// page may meet one that another thread is freeing, so it is atomic. Relaxed throughout: nothing is read by way of it
    /// before the cell has come through `free_foreign` and `take_foreign`.
    next: AtomicPtr<u8>,
}

impl FreeCell {
    /// # Safety
    /// `this` is a free cell.
    #[inline(always)]
    pub unsafe fn next(this: *mut FreeCell) -> *mut FreeCell {
        // SAFETY: by the caller's promise; a link is an address plus one.
        unsafe { (*this).next.load(Ordering::Relaxed).wrapping_sub(1).cast() }
    }

    /// # Safety
    /// `this` is a cell that nobody uses.
    #[inline(always)]
    pub unsafe fn link(this: *mut FreeCell, next: *mut FreeCell) {
        // SAFETY: by the caller's promise.
        unsafe { (*this).next.store(next.cast::<u8>().wrapping_add(1), Ordering::Relaxed) }
    }
}

/// Stands for the current page of a heap that has none. Nothing can be taken from it.
pub static NO_PAGE: Page = Page::new();

impl Page {
    const fn new() -> Page {
        Page {
            free: Cell::new(null_mut()),
            owner: AtomicUsize::new(0),
            taken: Cell::new(0),
            given: Cell::new(0),
            ready: AtomicU32::new(0),
            cell: AtomicU32::new(0),
            index: Cell::new(0),
            seen: Cell::new(0),
            words: Cell::new(null()),
            foreign: Foreign::new(),
        }
    }

    /// The page of a cell.
    #[inline(always)]
    pub fn of(cell: *mut Header) -> *mut Page {
        cell.map_addr(|a| a & !(PAGE - 1)).cast()
    }

    /// Size of a cell; 0 in the pool.
    #[inline(always)]
    pub fn cell(&self) -> u32 {
        // Relaxed: changed only while the page has no objects, with the lock of the pool held.
        self.cell.load(Ordering::Relaxed)
    }

    /// Cells that have been made ready.
    pub fn ready(&self) -> u32 {
        // Acquire pairs with the release in `refill`: a collector finds the links of free cells.
        self.ready.load(Ordering::Acquire)
    }

    pub fn cells(&self) -> u32 {
        ((PAGE - HEAD) / self.cell() as usize) as u32
    }

    /// Number of a cell in its page.
    #[inline]
    pub fn number(&self, cell: *const Header) -> usize {
        number_at((cell.addr() & (PAGE - 1)) - HEAD, self.cell())
    }

    fn place(&self, number: u32) -> *mut FreeCell {
        let at = HEAD + number as usize * self.cell() as usize;
        // Through the exposed address of the chunk: `&self` covers the head alone.
        std::ptr::with_exposed_provenance_mut::<u8>((&raw const *self).addr() + at).cast()
    }

    /// Refills `free` from what others have freed and from cells never used; false if nothing is left. By the owner.
    pub fn refill(&self) -> bool {
        self.take_foreign();
        if !self.free.get().is_null() {
            return true;
        }
        let (ready, cells) = (self.ready(), self.cells());
        if ready == cells {
            return false;
        }
        let more = ((STEP / self.cell() as usize) as u32).clamp(1, cells - ready);
        let mut next = null_mut();
        for i in (ready..ready + more).rev() {
            let cell = self.place(i);
            // SAFETY: inside the page, and never used.
            unsafe { FreeCell::link(cell, next) };
            next = cell;
        }
        self.free.set(next);
        // Release pairs with the acquire in `ready`.
        self.ready.store(ready + more, Ordering::Release);
        true
    }

    /// Takes over what others have freed. By the owner.
    pub fn take_foreign(&self) {
        let (mut at, count) = self.foreign.take();
        if count == 0 {
            return;
        }
        self.given.set(self.given.get().wrapping_add(count));
        while at != 0 {
            let cell = self.at_offset(at);
            // SAFETY: cells on the list are free.
            let next = unsafe { FreeCell::next(cell) };
            // SAFETY: as above.
            unsafe { FreeCell::link(cell, self.free.get()) };
            self.free.set(cell);
            at = (next.addr() & (PAGE - 1)) as u32;
        }
    }

    /// Forgets the cells of a page of which none is in use. By the owner, who gives it up.
    fn forget_cells(&self) {
        let _ = self.foreign.take();
        self.free.set(null_mut());
        self.given.set(self.taken.get());
        self.look();
    }

    /// Cells in use, those on `foreign` included. By the owner.
    #[inline(always)]
    pub fn used(&self) -> u32 {
        self.taken.get().wrapping_sub(self.given.get())
    }

    /// Whether no cell is in use. By the owner.
    pub fn is_empty(&self) -> bool {
        self.used() == self.foreign.count()
    }

    /// Whether cells were taken since the last collection. By the owner.
    pub fn is_young(&self) -> bool {
        self.taken.get() != self.seen.get()
    }

    /// A collection looks at the page now. By the owner.
    pub fn look(&self) {
        self.seen.set(self.taken.get());
    }

    fn at_offset(&self, offset: u32) -> *mut FreeCell {
        // As in `place`.
        std::ptr::with_exposed_provenance_mut::<u8>((&raw const *self).addr() + offset as usize).cast()
    }

    /// Frees a cell as another thread than the owner.
    ///
    /// # Safety
    /// `cell` is a cell of this page that nobody uses.
    pub unsafe fn free_foreign(this: *const Page, cell: *mut FreeCell) {
        let offset = (cell.addr() & (PAGE - 1)) as u32;
        // SAFETY: the page is not given back to the pool while the cell counts as used; the last access is the exchange that
        // gives the cell up. The links of the list hold addresses, and 0 where it ends.
        unsafe {
            let foreign = &raw const (*this).foreign;
            (*foreign).push(offset, |first| {
                let next = if first == 0 {
                    null_mut()
                } else {
                    this.cast_mut().byte_add(first as usize).cast()
                };
                FreeCell::link(cell, next);
            });
        }
    }

    /// Makes the use of a freed cell show: see [`Header::assert_not_freed`].
    ///
    /// # Safety
    /// `cell` is a cell that nobody uses.
    #[cfg(debug_assertions)]
    pub unsafe fn poison(cell: *mut Header) {
        // SAFETY: the page exists while the cell counts as used; the link is written later.
        unsafe {
            let size = (*Page::of(cell)).cell() as usize;
            cell.cast::<u8>().add(8).write_bytes(crate::header::POISON, size - 8);
        }
    }

    /// Calls `f` with each object of the page. By the owner, or while the world is stopped. The owner may be given shared
    /// objects that are being freed: it looks at no more than count and owner of what is not private.
    pub fn each_object(&self, f: &mut dyn FnMut(&Header)) {
        if self.cell() == 0 {
            return;
        }
        for i in 0..self.ready() {
            let cell = self.place(i);
            // SAFETY: a ready cell begins with the link of a free one or the class of an object.
            unsafe {
                if (*cell).next.load(Ordering::Relaxed).addr() & 1 == 0 {
                    f(&*cell.cast::<Header>());
                }
            }
        }
    }
}

/// Pages without an owner.
struct Pool {
    /// All pages there are.
    chunks: Vec<*mut Page>,
    /// Empty pages that have memory, the last one given back last.
    empty: VecDeque<*mut Page>,
    /// The fewest of them that there were since the last [`purge_idle`]: those have been empty all the time.
    idle: usize,
    /// Empty pages that have no memory, or whose memory the system has got back. Their heads are all zero: a collector that looks at one
    /// finds a size of 0. The lowest are taken first, so that what is used lies together.
    bare: BTreeSet<*mut Page>,
    /// Pages that are on no list while the reaper is at work on them: empty ones.
    purging: usize,
    /// Pages of exited threads that still hold objects, by size in units.
    abandoned: [Vec<*mut Page>; SIZES],
    /// A collector scans.
    scanning: bool,
    /// Pages that have become empty meanwhile.
    held: Vec<*mut Page>,
    /// The reaper knows that there are empty pages.
    tended: bool,
}

// SAFETY: pages without an owner belong to who holds the lock.
unsafe impl Send for Pool {}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    chunks: Vec::new(),
    empty: VecDeque::new(),
    idle: 0,
    bare: BTreeSet::new(),
    purging: 0,
    abandoned: [const { Vec::new() }; SIZES],
    scanning: false,
    held: Vec::new(),
    tended: false,
});

/// Empty pages that keep their memory for good.
const KEPT: usize = 16;
/// Pages that the reaper takes out of the pool at once.
const PIECE: usize = 32;

/// A page for cells of `units` times [`UNIT`] bytes, abandoned or empty.
pub fn acquire(units: usize, owner: usize) -> Option<*mut Page> {
    let mut pool = POOL.lock();
    let page = match pool.abandoned[units].pop() {
        Some(page) => page,
        None => {
            let page = pool.take_empty()?;
            // SAFETY: an empty page is ours.
            let p = unsafe { &*page };
            // Relaxed: a collector looks with the lock of the pool held.
            p.cell.store((units * UNIT) as u32, Ordering::Relaxed);
            p.free.set(null_mut());
            p.ready.store(0, Ordering::Relaxed);
            p.given.set(p.taken.get());
            p.look();
            page
        }
    };
    // SAFETY: taken out of the pool, so ours.
    // Relaxed: who frees compares it with its own heap, and only its own thread writes that value.
    unsafe { (*page).owner.store(owner, Ordering::Relaxed) };
    Some(page)
}

/// Gives a page back, as its owner.
pub fn release(page: *mut Page) {
    // SAFETY: ours until it is in the pool.
    let p = unsafe { &*page };
    if p.is_empty() {
        p.forget_cells();
    } else {
        p.take_foreign();
    }
    let mut pool = POOL.lock();
    p.owner.store(0, Ordering::Relaxed);
    if pool.put(page) {
        drop(pool);
        crate::reaper::tend();
    }
}

/// All pages. The world is stopped.
pub fn each_page(mut f: impl FnMut(&Page)) {
    let chunks = POOL.lock().chunks.clone();
    for chunk in chunks {
        for i in 0..CHUNK {
            // SAFETY: chunks are never freed.
            let page = unsafe { &*chunk.byte_add(i * PAGE) };
            if page.cell() != 0 {
                f(page);
            }
        }
    }
}

/// Pages that are not empty.
pub fn pages() -> usize {
    let pool = POOL.lock();
    pool.chunks.len() * CHUNK - pool.empty.len() - pool.bare.len() - pool.purging - pool.held.len()
}

/// Takes those pages of exited threads into the pool of which others have freed the last cells. By the reaper.
pub fn sweep_abandoned() {
    for units in 0..SIZES {
        // Those before `at` have been looked at.
        let mut at = 0;
        loop {
            let mut pool = POOL.lock();
            let end = pool.abandoned[units].len().min(at + PIECE);
            while at < end.min(pool.abandoned[units].len()) {
                let page = pool.abandoned[units][at];
                // SAFETY: pages in the pool belong to who holds its lock.
                let p = unsafe { &*page };
                if p.is_empty() {
                    pool.abandoned[units].swap_remove(at);
                    p.forget_cells();
                    pool.put(page);
                } else {
                    at += 1;
                }
            }
            if at >= pool.abandoned[units].len() {
                break;
            }
            drop(pool);
            crate::pace::rest_if_due();
        }
    }
}

/// Gives the memory of those empty pages back to the system that were empty since the last call, but for a few; `all`: of all of them.
/// Gives whether there is something left to be done. By the reaper.
pub fn purge_idle(all: bool) -> bool {
    let mut rest = {
        let mut pool = POOL.lock();
        let n = if all { pool.empty.len() } else { pool.idle };
        pool.idle = pool.empty.len() - n;
        n.saturating_sub(KEPT)
    };
    while rest > 0 {
        let mut piece: Vec<*mut Page> = {
            let mut pool = POOL.lock();
            // The oldest are the first ones. Those that are in use again by now are the last ones.
            let n = rest.min(PIECE).min(pool.empty.len().saturating_sub(KEPT));
            pool.purging += n;
            pool.empty.drain(..n).collect()
        };
        if piece.is_empty() {
            break;
        }
        rest -= piece.len();
        piece.sort_unstable();
        let mut bare = true;
        for run in piece.chunk_by(|a, b| b.addr() - a.addr() == PAGE) {
            // Where it is to come in huge pages, the system fills it again by and by (Linux: khugepaged), if anything is left of one.
            let start = run[0].addr() / system::HUGE_PAGE * system::HUGE_PAGE;
            let end = (run[0].addr() + run.len() * PAGE).next_multiple_of(system::HUGE_PAGE);
            system::huge_pages(run[0].with_addr(start).cast(), end - start, false);
            // SAFETY: these pages hold nothing, and are on no list: nobody's but ours. Their heads are all zero then, as those of
            // empty pages may be: `cell` is 0 as it was, for collectors that look at it.
            bare &= unsafe { system::purge(run[0].cast(), run.len() * PAGE) };
        }
        crate::pace::rest_if_due();
        let mut pool = POOL.lock();
        pool.purging -= piece.len();
        if bare {
            pool.bare.extend(piece);
        } else {
            pool.empty.extend(piece);
            break;
        }
    }
    let mut pool = POOL.lock();
    pool.idle = pool.idle.min(pool.empty.len());
    pool.tended = pool.empty.len() > KEPT;
    pool.tended
}

/// Whether there are more empty pages than those that are kept.
pub fn has_many_empty() -> bool {
    POOL.lock().empty.len() > KEPT
}

/// In a forked child, where there is no reaper.
pub fn forget_reaper() {
    POOL.lock().tended = false;
}

/// 2^32 / size of a cell, rounded up, by units of the size.
const RECIPROCALS: [u32; SIZES] = {
    let mut all = [0; SIZES];
    let mut units = 1;
    while units < SIZES {
        all[units] = (1_u64 << 32).div_ceil((units * UNIT) as u64) as u32;
        units += 1;
    }
    all
};

/// Number of the cell of this size that begins at an offset from the first one.
#[inline]
fn number_at(offset: usize, cell: u32) -> usize {
    let number = number_of(offset, RECIPROCALS[cell as usize / UNIT]);
    debug_assert_eq!(number, offset / cell as usize);
    number
}

/// As `number_at`, by the reciprocal of the size. Collections ask that for each edge, and a division takes as long as all the rest.
#[inline(always)]
pub fn number_of(offset: usize, reciprocal: u32) -> usize {
    // Exact: the offset is a multiple of the size, and what rounding adds, less than offset / 2^32, is no whole cell.
    offset.wrapping_mul(reciprocal as usize) >> 32
}

/// A page as it was when a scan began.
#[derive(Clone, Copy)]
pub struct Span {
    /// Address of the page, which is exposed: several threads go through the cells.
    page: usize,
    pub cell: u32,
    /// Cells that were ready.
    pub ready: u32,
}

impl Span {
    /// Cell `number` of the page.
    pub fn at(&self, number: u32) -> *const Header {
        let at = HEAD + number as usize * self.cell as usize;
        std::ptr::with_exposed_provenance(self.page + at)
    }

    /// What the addresses of all cells of the page have in common.
    pub fn key(&self) -> usize {
        self.page / PAGE
    }

    /// The [`key`](Span::key) of the page in which an object lies, if it lies in one, and what [`number_of`] wants.
    pub fn split(address: usize) -> (usize, usize) {
        (address / PAGE, (address % PAGE).wrapping_sub(HEAD))
    }

    /// What [`number_of`] wants to know of the page.
    pub fn reciprocal(&self) -> u32 {
        RECIPROCALS[self.cell as usize / UNIT]
    }
}

/// While it lives the pages keep the sizes of their cells, and shared objects that are not in pages their memory.
pub struct Scan(());

impl Scan {
    /// Begins a scan, of which there is one at a time; gives all pages that are in use.
    pub fn begin() -> (Scan, Vec<Span>) {
        let mut pool = POOL.lock();
        debug_assert!(!pool.scanning);
        pool.scanning = true;
        let mut spans = Vec::new();
        for &chunk in &pool.chunks {
            for i in 0..CHUNK {
                // SAFETY: chunks are never freed.
                let page = unsafe { chunk.byte_add(i * PAGE) };
                // SAFETY: as above.
                let (cell, ready) = unsafe { ((*page).cell(), (*page).ready()) };
                if cell != 0 {
                    spans.push(Span {
                        page: page.addr(),
                        cell,
                        ready,
                    });
                }
            }
        }
        drop(pool);
        super::large::hold(true);
        (Scan(()), spans)
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        super::large::hold(false);
        let mut pool = POOL.lock();
        pool.scanning = false;
        let mut tend = false;
        for page in std::mem::take(&mut pool.held) {
            tend |= pool.put(page);
        }
        drop(pool);
        if tend {
            crate::reaper::tend();
        }
    }
}

impl Pool {
    fn take_empty(&mut self) -> Option<*mut Page> {
        if let Some(page) = self.empty.pop_back() {
            self.idle = self.idle.min(self.empty.len());
            return Some(page);
        }
        if self.bare.is_empty() {
            if !self.chunks.is_empty() {
                system::has_started();
            }
            let chunk = system::allocate_aligned(CHUNK * PAGE, PAGE).cast::<Page>();
            if chunk.is_null() {
                return None;
            }
            let _ = chunk.expose_provenance();
            let pages = (0..CHUNK).map(|i| chunk.wrapping_byte_add(i * PAGE));
            // SAFETY: memory that was just given out. What is written lies in it.
            unsafe {
                if !system::purge(chunk.cast(), CHUNK * PAGE) {
                    pages.clone().for_each(|p| p.write(Page::new()));
                }
            }
            self.chunks.push(chunk);
            self.bare.extend(pages);
        }
        const BLOCK: usize = system::HUGE_PAGE / PAGE;
        let page = self.bare.first().copied()?;
        let end = page.wrapping_byte_add(system::HUGE_PAGE);
        if page.addr().is_multiple_of(system::HUGE_PAGE) && self.bare.range(page..end).count() == BLOCK {
            // All of a huge page is to be had.
            system::huge_pages(page.cast(), system::HUGE_PAGE, true);
        }
        self.bare.remove(&page);
        // SAFETY: nobody's, so ours.
        unsafe { page.write(Page::new()) };
        Some(page)
    }

    /// Takes a page; whether the reaper is to be told.
    fn put(&mut self, page: *mut Page) -> bool {
        // SAFETY: nobody's, so ours.
        let p = unsafe { &*page };
        if p.used() != 0 {
            self.abandoned[p.cell() as usize / UNIT].push(page);
            return false;
        }
        if self.scanning {
            self.held.push(page);
            return false;
        }
        // Relaxed: as in `acquire`.
        p.cell.store(0, Ordering::Relaxed);
        self.empty.push_back(page);
        self.empty.len() > KEPT && !std::mem::replace(&mut self.tended, true)
    }
}
