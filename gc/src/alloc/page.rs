//! Pages of cells.
//!
//! | field | written by | read by |
//! |---|---|---|
//! | `free`, `used`, `ready`, `young`, `index`, `marks` | the owner; under `POOL` while there is none; a collector while the world is stopped | the same |
//! | `foreign` | any thread pushes, the owner takes all | any |
//! | `owner` | the owner, or who adopts, under `POOL` | any thread that frees |
//! | `cell` (the size) | when the page leaves or enters the pool | the owner; a collector |

use super::{SIZES, UNIT, system};
use crate::header::Header;
use parking_lot::Mutex;
use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

pub const PAGE: usize = 64 << 10;
/// Pages that are taken from the system at once. mimalloc asks for one or two pages more to align them: not to be noticed.
const CHUNK: usize = 63;
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
    /// Cells in use, those on `foreign` included.
    pub used: Cell<u32>,
    /// Cells from the start that have been made ready; those behind have never been used.
    pub ready: Cell<u32>,
    /// Size of a cell; 0 in the pool.
    pub cell: Cell<u32>,
    /// Place in its heap's list.
    pub index: Cell<u32>,
    /// Objects were allocated in it since the last collection.
    pub young: Cell<bool>,
    /// During a collection: a word for each cell, or null.
    pub marks: Cell<*mut u32>,
    /// Cells that other threads have freed.
    foreign: AtomicPtr<FreeCell>,
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
            used: Cell::new(0),
            ready: Cell::new(0),
            cell: Cell::new(0),
            index: Cell::new(0),
            young: Cell::new(false),
            marks: Cell::new(null_mut()),
            foreign: AtomicPtr::new(null_mut()),
        }
    }

    /// The page of a cell.
    #[inline(always)]
    pub fn of(cell: *mut Header) -> *mut Page {
        cell.map_addr(|a| a & !(PAGE - 1)).cast()
    }

    pub fn cells(&self) -> u32 {
        ((PAGE - HEAD) / self.cell.get() as usize) as u32
    }

    /// Number of a cell in its page.
    #[inline]
    pub fn number(&self, cell: *const Header) -> usize {
        ((cell.addr() & (PAGE - 1)) - HEAD) / self.cell.get() as usize
    }

    fn place(&self, number: u32) -> *mut FreeCell {
        let at = HEAD + number as usize * self.cell.get() as usize;
        // Through the exposed address of the chunk: `&self` covers the head alone.
        std::ptr::with_exposed_provenance_mut::<u8>((&raw const *self).addr() + at).cast()
    }

    /// Refills `free` from what others have freed and from cells never used; false if nothing is left. By the owner.
    pub fn refill(&self) -> bool {
        self.take_foreign();
        if !self.free.get().is_null() {
            return true;
        }
        let (ready, cells) = (self.ready.get(), self.cells());
        if ready == cells {
            return false;
        }
        let more = ((STEP / self.cell.get() as usize) as u32).clamp(1, cells - ready);
        let mut next = null_mut();
        for i in (ready..ready + more).rev() {
            let cell = self.place(i);
            // SAFETY: inside the page, and never used.
            unsafe { FreeCell::link(cell, next) };
            next = cell;
        }
        self.free.set(next);
        self.ready.set(ready + more);
        true
    }

    /// Takes over what others have freed. By the owner.
    pub fn take_foreign(&self) {
        if self.foreign.load(Ordering::Relaxed).is_null() {
            return;
        }
        // Acquire pairs with the release in `free_foreign`: the links are seen, and the cell's last use is over.
        let mut cell = self.foreign.swap(null_mut(), Ordering::Acquire);
        while !cell.is_null() {
            // SAFETY: cells on the list are free.
            let next = unsafe { FreeCell::next(cell) };
            // SAFETY: as above.
            unsafe { FreeCell::link(cell, self.free.get()) };
            self.free.set(cell);
            self.used.set(self.used.get() - 1);
            cell = next;
        }
    }

    /// Frees a cell as another thread than the owner.
    ///
    /// # Safety
    /// `cell` is a cell of this page that nobody uses.
    pub unsafe fn free_foreign(this: *const Page, cell: *mut FreeCell) {
        // SAFETY: the page is not given back to the pool while the cell counts as used.
        let foreign = unsafe { &raw const (*this).foreign };
        // SAFETY: as above; the last access is the exchange that gives the cell up.
        unsafe {
            let mut head = (*foreign).load(Ordering::Relaxed);
            loop {
                FreeCell::link(cell, head);
                // Release pairs with the acquire in `take_foreign`.
                match (*foreign).compare_exchange_weak(head, cell, Ordering::Release, Ordering::Relaxed) {
                    Ok(_) => return,
                    Err(now) => head = now,
                }
            }
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
            let size = (*Page::of(cell)).cell.get() as usize;
            cell.cast::<u8>().add(8).write_bytes(crate::header::POISON, size - 8);
        }
    }

    /// Calls `f` with each object of the page. By the owner, or while the world is stopped. The owner may be given shared
    /// objects that are being freed: it looks at no more than count and owner of what is not private.
    pub fn each_object(&self, f: &mut dyn FnMut(&Header)) {
        if self.cell.get() == 0 {
            return;
        }
        for i in 0..self.ready.get() {
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
    empty: Vec<*mut Page>,
    /// Pages of exited threads that still hold objects, by size in units.
    abandoned: [Vec<*mut Page>; SIZES],
}

// SAFETY: pages without an owner belong to who holds the lock.
unsafe impl Send for Pool {}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    chunks: Vec::new(),
    empty: Vec::new(),
    abandoned: [const { Vec::new() }; SIZES],
});

/// A page for cells of `units` times [`UNIT`] bytes, abandoned or empty.
pub fn acquire(units: usize, owner: usize) -> Option<*mut Page> {
    let mut pool = POOL.lock();
    let page = match pool.abandoned[units].pop() {
        Some(page) => page,
        None => {
            let page = match pool.empty.pop() {
                Some(page) => page,
                None => {
                    let chunk = system::allocate_aligned(CHUNK * PAGE, PAGE).cast::<Page>();
                    if chunk.is_null() {
                        return None;
                    }
                    let _ = chunk.expose_provenance();
                    pool.chunks.push(chunk);
                    for i in (0..CHUNK).rev() {
                        // SAFETY: inside the new chunk.
                        unsafe {
                            let page = chunk.byte_add(i * PAGE);
                            page.write(Page::new());
                            pool.empty.push(page);
                        }
                    }
                    pool.empty.pop()?
                }
            };
            // SAFETY: an empty page is ours.
            let p = unsafe { &*page };
            p.cell.set((units * UNIT) as u32);
            p.free.set(null_mut());
            p.ready.set(0);
            p.used.set(0);
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
    let mut pool = POOL.lock();
    p.take_foreign();
    p.owner.store(0, Ordering::Relaxed);
    p.young.set(false);
    if p.used.get() == 0 {
        p.cell.set(0);
        pool.empty.push(page);
    } else {
        let units = p.cell.get() as usize / UNIT;
        pool.abandoned[units].push(page);
    }
}

/// All pages. The world is stopped.
pub fn each_page(mut f: impl FnMut(&Page)) {
    let chunks = POOL.lock().chunks.clone();
    for chunk in chunks {
        for i in 0..CHUNK {
            // SAFETY: chunks are never freed.
            let page = unsafe { &*chunk.byte_add(i * PAGE) };
            if page.cell.get() != 0 {
                f(page);
            }
        }
    }
}

pub fn pages() -> usize {
    POOL.lock().chunks.len() * CHUNK
}
