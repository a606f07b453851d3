//! The door to the system's allocator: mimalloc, or the standard one under Miri and ThreadSanitizer, which cannot look into C.

#[cfg(not(any(miri, tsan)))]
mod imp {
    use libmimalloc_sys as mi;
    use std::ffi::c_void;

    /// From this size on it is asked for whether the system would give that much: mimalloc maps without reserving, and a
    /// program that asks for more than there is must get an error, not be killed while it fills the memory.
    const LARGE: usize = 1 << 28;

    /// Whether the system would promise so much memory.
    #[cold]
    fn promised(bytes: usize) -> bool {
        // SAFETY: a fresh private mapping, never touched, and given back at once.
        unsafe {
            let p = libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            p != libc::MAP_FAILED && libc::munmap(p, bytes) == 0
        }
    }

    #[inline]
    pub fn allocate(bytes: usize) -> *mut u8 {
        if bytes >= LARGE && !promised(bytes) {
            return std::ptr::null_mut();
        }
        // SAFETY: plain allocation call; mimalloc aligns to 16 bytes from 16 bytes on.
        unsafe { mi::mi_malloc(bytes.max(16)) as *mut u8 }
    }

    pub fn allocate_aligned(bytes: usize, alignment: usize) -> *mut u8 {
        if bytes >= LARGE && !promised(bytes) {
            return std::ptr::null_mut();
        }
        // SAFETY: plain allocation call.
        unsafe { mi::mi_malloc_aligned(bytes, alignment) as *mut u8 }
    }

    pub fn allocate_zeroed(bytes: usize, alignment: usize) -> *mut u8 {
        if bytes >= LARGE && !promised(bytes) {
            return std::ptr::null_mut();
        }
        // SAFETY: plain allocation call.
        unsafe { mi::mi_zalloc_aligned(bytes, alignment.max(16)) as *mut u8 }
    }

    pub unsafe fn size(p: *mut u8) -> usize {
        // SAFETY: `p` came from here and was not freed.
        unsafe { mi::mi_usable_size(p as *const c_void) }
    }

    #[inline]
    pub unsafe fn resize(p: *mut u8, bytes: usize) -> *mut u8 {
        if bytes >= LARGE && !promised(bytes) {
            return std::ptr::null_mut();
        }
        // SAFETY: `p` came from here and is the caller's.
        unsafe { mi::mi_realloc(p as *mut c_void, bytes.max(16)) as *mut u8 }
    }

    /// Milliseconds after which mimalloc gives back what is free: by default it is a second.
    const DELAY: std::ffi::c_long = 100;
    /// `mi_option_purge_delay`, which `libmimalloc-sys` does not declare.
    const PURGE_DELAY: mi::mi_option_t = 15;

    /// To be called once, early.
    pub fn begin() {
        // SAFETY: a plain call. What the environment says goes first.
        unsafe { mi::mi_option_set_default(PURGE_DELAY, DELAY) }
    }

    /// Gives the system whole pages of a block back, which read as zeros then; false if that cannot be.
    pub unsafe fn purge(p: *mut u8, bytes: usize) -> bool {
        // SAFETY: memory of the caller's, anonymous and private: mimalloc maps no other.
        unsafe { libc::madvise(p.cast(), bytes, libc::MADV_DONTNEED) == 0 }
    }

    /// Makes mimalloc give free memory back that it keeps: what this thread has freed, and what is free for everybody for a while;
    /// `now`: for no matter how long.
    pub fn collect(now: bool) {
        // SAFETY: a plain call.
        unsafe { mi::mi_collect(now) }
    }

    #[inline]
    pub unsafe fn free(p: *mut u8) {
        // SAFETY: `p` came from here and is the caller's.
        unsafe { mi::mi_free(p as *mut c_void) }
    }

    unsafe extern "C" {
        // Of mimalloc 3, which `libmimalloc-sys` builds but does not declare.
        fn mi_ufree(p: *mut c_void, usable: *mut usize);
    }

    /// As `free`; gives the size of the block.
    #[inline]
    pub unsafe fn free_sized(p: *mut u8) -> usize {
        let mut bytes = 0;
        // SAFETY: `p` came from here and is the caller's; the size is written to `bytes`.
        unsafe { mi_ufree(p as *mut c_void, &raw mut bytes) };
        bytes
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

    pub fn collect(_: bool) {}

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

#[cfg(not(any(miri, tsan)))]
pub use imp::allocate_zeroed;
pub use imp::{allocate, allocate_aligned, begin, collect, free, free_sized, purge, resize, size};
