//! The door to the system's allocator: mimalloc, or the standard one under Miri and loom, which cannot look into C.

#[cfg(not(any(miri, loom)))]
mod imp {
    use libmimalloc_sys as mi;
    use std::ffi::c_void;

    #[inline]
    pub fn allocate(bytes: usize) -> *mut u8 {
        // SAFETY: plain allocation call; mimalloc aligns to 16 bytes from 16 bytes on.
        unsafe { mi::mi_malloc(bytes.max(16)) as *mut u8 }
    }

    #[inline]
    pub fn allocate_zeroed(bytes: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { mi::mi_zalloc(bytes.max(16)) as *mut u8 }
    }

    #[inline]
    pub unsafe fn resize(p: *mut u8, bytes: usize) -> *mut u8 {
        // SAFETY: `p` came from here and is the caller's.
        unsafe { mi::mi_realloc(p as *mut c_void, bytes.max(16)) as *mut u8 }
    }

    #[inline]
    pub unsafe fn free(p: *mut u8) {
        // SAFETY: `p` came from here and is the caller's.
        unsafe { mi::mi_free(p as *mut c_void) }
    }
}

#[cfg(any(miri, loom))]
mod imp {
    use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};

    /// Bytes before the block, that hold its size.
    const PREFIX: usize = 16;

    fn layout(bytes: usize) -> Option<Layout> {
        Layout::from_size_align(bytes.checked_add(PREFIX)?, 16).ok()
    }

    fn place(get: unsafe fn(Layout) -> *mut u8, bytes: usize) -> *mut u8 {
        let Some(layout) = layout(bytes) else {
            return std::ptr::null_mut();
        };
        // SAFETY: the layout is not empty; the prefix lies inside the block.
        unsafe {
            let p = get(layout);
            if p.is_null() {
                return p;
            }
            p.cast::<usize>().write(bytes);
            p.add(PREFIX)
        }
    }

    pub fn allocate(bytes: usize) -> *mut u8 {
        place(alloc, bytes)
    }

    pub fn allocate_zeroed(bytes: usize) -> *mut u8 {
        place(alloc_zeroed, bytes)
    }

    pub unsafe fn resize(p: *mut u8, bytes: usize) -> *mut u8 {
        let new = allocate(bytes);
        if !new.is_null() {
            // SAFETY: `p` came from `place`, so its size stands before it; both blocks have the smaller of the two sizes.
            unsafe {
                let old = p.sub(PREFIX).cast::<usize>().read();
                std::ptr::copy_nonoverlapping(p, new, old.min(bytes));
                free(p);
            }
        }
        new
    }

    pub unsafe fn free(p: *mut u8) {
        // SAFETY: `p` came from `place`, so its size stands before it.
        unsafe {
            let start = p.sub(PREFIX);
            if let Some(layout) = layout(start.cast::<usize>().read()) {
                dealloc(start, layout);
            }
        }
    }
}

pub use imp::{allocate, allocate_zeroed, free, resize};
