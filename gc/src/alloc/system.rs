//! The door to the system's allocator: mimalloc, or the standard one under Miri and ThreadSanitizer, which cannot look into C.

#[cfg(not(any(miri, tsan)))]
mod imp {
    use super::super::{blocks, reserve};
    use libmimalloc_sys as mi;
    use std::ffi::c_void;
    use std::sync::atomic::{AtomicPtr, Ordering};

    /// What is as big is only had from the system itself ([`blocks`]), which says so if there is not so much. mimalloc maps without
    /// reserving, and a program that asks for more than there is must get an error, not be killed while it fills the memory.
    const LARGE: usize = 1 << 28;
    /// What is smaller comes from mimalloc, which keeps it for a while when it is free; the rest seldom does.
    pub const KEPT_BELOW: usize = blocks::LEAST;
    /// Bytes of a huge page.
    pub const HUGE_PAGE: usize = 2 << 20;
    /// Bytes at the start of the memory that come in huge pages at first: what is needed to start is there sooner.
    const FIRST: usize = 64 << 20;
    /// What mimalloc reserves at first, at least.
    const RESERVED: usize = 1 << 30;

    /// A block of `bytes`, if they are many as `map` gives it, else as `give` does.
    #[inline(always)]
    fn block(bytes: usize, map: fn(usize) -> *mut u8, give: impl FnOnce() -> *mut c_void) -> *mut u8 {
        if bytes >= KEPT_BELOW {
            big(bytes, map, give)
        } else {
            give().cast()
        }
    }

    #[cold]
    #[inline(never)]
    fn big(bytes: usize, map: fn(usize) -> *mut u8, give: impl FnOnce() -> *mut c_void) -> *mut u8 {
        let p = map(bytes);
        if p.is_null() && bytes < LARGE {
            // mimalloc may have some left of what it has reserved.
            return give().cast();
        }
        p
    }

    /// Says whether memory is to come in huge pages, where it is mapped. Elsewhere than on Linux there is nothing to say.
    pub fn huge_pages(start: *mut u8, bytes: usize, yes: bool) {
        #[cfg(target_os = "linux")]
        if bytes > 0 {
            let advice = if yes {
                libc::MADV_HUGEPAGE
            } else {
                libc::MADV_NOHUGEPAGE
            };
            // SAFETY: the advice changes nothing that can be read, whosever the memory is.
            unsafe { libc::madvise(start.cast(), bytes, advice) };
        }
    }

    #[inline]
    pub fn allocate(bytes: usize) -> *mut u8 {
        // SAFETY: a plain allocation call; mimalloc aligns to 16 bytes from 16 bytes on.
        block(bytes, blocks::allocate, || unsafe { mi::mi_malloc(bytes.max(16)) })
    }

    /// As [`allocate`], at a multiple of more than 16 bytes.
    pub fn allocate_aligned(bytes: usize, alignment: usize) -> *mut u8 {
        // SAFETY: a plain allocation call.
        unsafe { mi::mi_malloc_aligned(bytes, alignment).cast() }
    }

    pub fn allocate_zeroed(bytes: usize, alignment: usize) -> *mut u8 {
        // SAFETY: a plain allocation call.
        let give = || unsafe { mi::mi_zalloc_aligned(bytes, alignment.max(16)) };
        if alignment <= 16 {
            block(bytes, blocks::allocate_zeroed, give)
        } else {
            give().cast()
        }
    }

    /// Where a block comes from that is not mimalloc's.
    enum Other {
        /// A mapping of its own.
        Mapped,
        Reserve,
    }

    /// Of which kind a block is, if it is not mimalloc's. What most blocks cost here is one comparison.
    #[inline(always)]
    fn other(p: *const u8) -> Option<Other> {
        if p.addr() % reserve::GRAIN == blocks::HEAD {
            look_closer(p)
        } else {
            None
        }
    }

    #[cold]
    #[inline(never)]
    fn look_closer(p: *const u8) -> Option<Other> {
        if blocks::is_block(p) {
            Some(Other::Mapped)
        } else {
            reserve::has(p).then_some(Other::Reserve)
        }
    }

    /// As [`allocate`] and [`allocate_aligned`], from the reserve: when these give nothing, for who cannot do without.
    #[cold]
    pub fn allocate_reserved(bytes: usize, alignment: usize) -> *mut u8 {
        reserve::allocate(bytes, alignment)
    }

    /// As [`resize`], when that has given nothing, for who cannot do without.
    #[cold]
    pub unsafe fn resize_reserved(p: *mut u8, bytes: usize, alignment: usize) -> *mut u8 {
        // SAFETY: `p` came from here and is the caller's; both blocks have the smaller of the two sizes.
        unsafe {
            if matches!(other(p), Some(Other::Reserve)) && reserve::resize_in_place(p, bytes) {
                return p;
            }
            let new = reserve::allocate(bytes, alignment);
            if !new.is_null() {
                std::ptr::copy_nonoverlapping(p, new, size(p).min(bytes));
                free(p);
            }
            new
        }
    }

    pub unsafe fn size(p: *mut u8) -> usize {
        match other(p) {
            None => {}
            // SAFETY: as below.
            Some(Other::Mapped) => return unsafe { blocks::size(p) },
            // SAFETY: as below.
            Some(Other::Reserve) => return unsafe { reserve::size(p) },
        }
        // SAFETY: `p` came from here and was not freed.
        unsafe { mi::mi_usable_size(p as *const c_void) }
    }

    #[inline]
    pub unsafe fn resize(p: *mut u8, bytes: usize) -> *mut u8 {
        if bytes >= KEPT_BELOW || other(p).is_some() {
            // SAFETY: as below.
            return unsafe { resize_big(p, bytes) };
        }
        // SAFETY: `p` came from here and is the caller's.
        unsafe { mi::mi_realloc(p as *mut c_void, bytes.max(16)).cast() }
    }

    #[cold]
    #[inline(never)]
    unsafe fn resize_big(p: *mut u8, bytes: usize) -> *mut u8 {
        // SAFETY: `p` came from here and is the caller's; both blocks have the smaller of the two sizes.
        unsafe {
            if matches!(other(p), Some(Other::Mapped)) {
                let new = blocks::resize(p, bytes);
                if !new.is_null() {
                    return new;
                }
            }
            let new = allocate(bytes);
            if !new.is_null() {
                std::ptr::copy_nonoverlapping(p, new, size(p).min(bytes));
                free(p);
            }
            new
        }
    }

    /// Milliseconds after which mimalloc gives back what is free: by default it is a second.
    const DELAY: std::ffi::c_long = 100;
    /// `mi_option_purge_delay`, which `libmimalloc-sys` does not declare.
    const PURGE_DELAY: mi::mi_option_t = 15;

    /// Bytes that the allocator of the C library asks for in advance. Little comes from it, in threads that start: what their thread-local
    /// variables want to be dropped is noted there, and where there is no memory for that the C library ends the process. By default it
    /// also maps 64 megabytes for each thread.
    #[cfg(target_env = "gnu")]
    const C_LIBRARY: i32 = 1 << 20;

    /// To be called once, early.
    ///
    /// Huge pages are for memory that is used as a whole. What mimalloc reserves would come in them altogether, and then its first
    /// word brings two megabytes, of which the part that no block has ever had is given back by nobody: a third of what a
    /// process kept after a burst.
    pub fn begin() {
        #[cfg(target_env = "gnu")]
        // SAFETY: plain calls.
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, 1);
            libc::mallopt(libc::M_TOP_PAD, C_LIBRARY);
        }
        // SAFETY: plain calls. What the environment says goes first.
        unsafe {
            mi::mi_option_set_default(PURGE_DELAY, DELAY);
            let p = mi::mi_malloc(16).cast::<u8>();
            if !p.is_null() {
                // One of the first blocks, so the first megabytes are around it.
                let start = p.map_addr(|a| a / HUGE_PAGE * HUGE_PAGE);
                // Relaxed: an address, of which nothing is read.
                START.store(start, Ordering::Relaxed);
                huge_pages(start.wrapping_add(FIRST), RESERVED - 2 * FIRST, false);
                mi::mi_free(p.cast());
            }
        }
    }

    /// Where the memory begins that mimalloc has reserved at first, about.
    static START: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());

    /// The start is over: the rest of the first megabytes comes in small pages, too.
    pub fn has_started() {
        // Relaxed: as above.
        if START.load(Ordering::Relaxed).is_null() {
            return;
        }
        let start = START.swap(std::ptr::null_mut(), Ordering::Relaxed);
        if !start.is_null() {
            huge_pages(start, FIRST, false);
        }
    }

    /// Gives the system whole pages of a block back, which read as zeros then; false if that cannot be.
    pub unsafe fn purge(p: *mut u8, bytes: usize) -> bool {
        // SAFETY: memory of the caller's, anonymous and private: mimalloc maps no other.
        unsafe { libc::madvise(p.cast(), bytes, libc::MADV_DONTNEED) == 0 }
    }

    /// Makes mimalloc give free memory back that it keeps: what this thread has freed, and what has been free for everybody for a while.
    pub fn collect() {
        // SAFETY: a plain call.
        unsafe { mi::mi_collect(false) }
    }

    /// Makes mimalloc give those of this thread's pages to all threads, and so in the end to the system, that hold no block any more. It keeps
    /// one of each size (of up to four megabytes), until the thread has asked for more pages several times.
    pub fn let_pages_go() {
        // SAFETY: the heap of this thread.
        unsafe { _mi_theap_collect_retired(mi_theap_get_default(), true) }
    }

    #[inline]
    pub unsafe fn free(p: *mut u8) {
        // SAFETY: `p` came from here and is the caller's.
        unsafe {
            match other(p) {
                None => mi::mi_free(p as *mut c_void),
                Some(kind) => {
                    free_other(kind, p);
                }
            }
        }
    }

    #[cold]
    unsafe fn free_other(kind: Other, p: *mut u8) -> usize {
        // SAFETY: `p` came from here, is of that kind and the caller's.
        unsafe {
            match kind {
                Other::Mapped => blocks::free(p),
                Other::Reserve => reserve::free(p),
            }
        }
    }

    unsafe extern "C" {
        // Of mimalloc 3, which `libmimalloc-sys` builds but does not declare; the last one is not for users, and exported.
        fn mi_ufree(p: *mut c_void, usable: *mut usize);
        fn mi_theap_get_default() -> *mut c_void;
        fn _mi_theap_collect_retired(theap: *mut c_void, force: bool);
    }

    /// As `free`; gives the size of the block.
    #[inline]
    pub unsafe fn free_sized(p: *mut u8) -> usize {
        // SAFETY: `p` came from here and is the caller's; the size is written to `bytes`.
        unsafe {
            if let Some(kind) = other(p) {
                return free_other(kind, p);
            }
            let mut bytes = 0;
            mi_ufree(p as *mut c_void, &raw mut bytes);
            bytes
        }
    }
}

#[cfg(any(miri, tsan))]
mod imp {
    use std::alloc::{Layout, alloc, dealloc};

    /// Bytes before the block, that hold its size.
    const PREFIX: usize = 16;

    fn layout(bytes: usize) -> Option<Layout> {
        Layout::from_size_align(bytes.checked_add(PREFIX)?, 16).ok()
    }

    pub fn allocate(bytes: usize) -> *mut u8 {
        let Some(layout) = layout(bytes) else {
            return std::ptr::null_mut();
        };
        // SAFETY: the layout is not empty; the prefix lies inside the block.
        unsafe {
            let p = alloc(layout);
            if p.is_null() {
                return p;
            }
            p.cast::<usize>().write(bytes);
            // Neighbours are found by address.
            let _ = p.expose_provenance();
            p.add(PREFIX)
        }
    }

    pub fn allocate_aligned(bytes: usize, alignment: usize) -> *mut u8 {
        match Layout::from_size_align(bytes, alignment) {
            // SAFETY: the layout is not empty. Chunks are never freed.
            Ok(layout) => unsafe { alloc(layout) },
            Err(_) => std::ptr::null_mut(),
        }
    }

    pub fn begin() {}

    pub unsafe fn purge(_: *mut u8, _: usize) -> bool {
        false
    }

    pub fn collect() {}

    pub fn let_pages_go() {}

    pub fn has_started() {}

    /// Nothing is kept.
    pub const KEPT_BELOW: usize = 0;
    pub const HUGE_PAGE: usize = 2 << 20;

    pub fn huge_pages(_: *mut u8, _: usize, _: bool) {}

    pub unsafe fn size(p: *mut u8) -> usize {
        // SAFETY: the size stands before the block.
        unsafe { p.sub(PREFIX).cast::<usize>().read() }
    }

    pub unsafe fn resize(p: *mut u8, bytes: usize) -> *mut u8 {
        let new = allocate(bytes);
        if !new.is_null() {
            // SAFETY: `p` came from `allocate`, so its size stands before it; both blocks have the smaller of the two sizes.
            unsafe {
                let old = p.sub(PREFIX).cast::<usize>().read();
                std::ptr::copy_nonoverlapping(p, new, old.min(bytes));
                free(p);
            }
        }
        new
    }

    pub unsafe fn free_sized(p: *mut u8) -> usize {
        // SAFETY: as the caller's.
        unsafe {
            let bytes = size(p);
            free(p);
            bytes
        }
    }

    pub unsafe fn free(p: *mut u8) {
        // SAFETY: `p` came from `allocate`, so its size stands before it.
        unsafe {
            let start = p.sub(PREFIX);
            if let Some(layout) = layout(start.cast::<usize>().read()) {
                dealloc(start, layout);
            }
        }
    }
}

pub use imp::{
    HUGE_PAGE, KEPT_BELOW, allocate, allocate_aligned, begin, collect, free, free_sized, has_started, huge_pages,
    let_pages_go, purge, resize, size,
};
#[cfg(not(any(miri, tsan)))]
pub use imp::{allocate_reserved, allocate_zeroed, resize_reserved};
