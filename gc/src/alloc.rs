//! Allocation of objects.

use crate::class::Class;
use crate::header::Header;
use libmimalloc_sys as mi;

/// Memory for an object of `size` bytes (header included), 16-byte aligned, with the header written and the rest
/// zeroed. `None` if the system has no more.
#[inline]
pub fn allocate(class: &'static Class, size: usize) -> Option<*mut Header> {
    let size = (size + 15) & !15;
    // SAFETY: plain allocation call.
    let p = unsafe { mi::mi_zalloc_aligned(size, 16) } as *mut Header;
    if p.is_null() {
        return None;
    }
    // SAFETY: fresh memory of at least a header's size and alignment.
    unsafe { p.write(Header::new(class)) };
    Some(p)
}

/// Gives an object's memory back.
///
/// # Safety
/// `object` came from [`allocate`], owns nothing any more, and is not used again.
#[inline]
pub unsafe fn free(object: *mut Header) {
    // SAFETY: by the caller's promise.
    unsafe { mi::mi_free(object as *mut std::ffi::c_void) }
}
