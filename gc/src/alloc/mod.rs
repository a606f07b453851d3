//! Allocation of objects.

use crate::class::Class;
use crate::header::Header;
use std::ptr::NonNull;

mod system;

/// Memory for an object of `size` bytes (header included), 16-byte aligned, with the header written and the rest
/// zeroed. `None` if the system has no more.
#[inline]
pub fn allocate(class: &'static Class, size: usize) -> Option<*mut Header> {
    let size = (size + 15) & !15;
    let p = system::allocate_zeroed(size) as *mut Header;
    if p.is_null() {
        return None;
    }
    // SAFETY: fresh memory of at least a header's size and alignment.
    unsafe { p.write(Header::new(class)) };
    // Values hold addresses, and get their pointers back from this exposure.
    let _ = p.expose_provenance();
    Some(p)
}

/// Gives an object's memory back.
///
/// # Safety
/// `object` came from [`allocate`], owns nothing any more, and is not used again.
#[inline]
pub unsafe fn free(object: *mut Header) {
    // SAFETY: by the caller's promise.
    unsafe { system::free(object as *mut u8) }
}

/// Memory for a table or buffer, 16-byte aligned, not initialised. `None` if the system has no more.
#[inline]
pub fn allocate_buffer(bytes: usize) -> Option<NonNull<u8>> {
    NonNull::new(system::allocate(bytes))
}

/// Moves a buffer to one of another size, with as much of its contents as fits. On failure the old one stays valid.
///
/// # Safety
/// `buffer` came from [`allocate_buffer`] or this function, and nobody else uses it.
#[inline]
pub unsafe fn resize_buffer(buffer: NonNull<u8>, bytes: usize) -> Option<NonNull<u8>> {
    // SAFETY: as the caller's.
    NonNull::new(unsafe { system::resize(buffer.as_ptr(), bytes) })
}

/// # Safety
/// `buffer` came from [`allocate_buffer`] or [`resize_buffer`] and is not used again.
#[inline]
pub unsafe fn free_buffer(buffer: NonNull<u8>) {
    // SAFETY: as the caller's.
    unsafe { system::free(buffer.as_ptr()) }
}
