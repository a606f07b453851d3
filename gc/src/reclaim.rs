//! From count zero to free memory.

use crate::header::{Header, ONE, flag};
use crate::value::{Ref, Value};
use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering;

/// Nesting of `destroy` calls at which objects are put off, so that long chains need no native stack.
const MAX_NESTING: u32 = 64;

thread_local! {
    static NESTING: Cell<u32> = const { Cell::new(0) };
    static PUT_OFF: RefCell<Vec<*mut Header>> = const { RefCell::new(Vec::new()) };
}

/// Finalises and destroys an object that nobody can reach any more.
///
/// # Safety
/// The count is zero and this thread alone may decide on the object.
pub(crate) unsafe fn finalize(object: *mut Header) {
    // SAFETY: not destroyed yet.
    let h = unsafe { &*object };
    if let Some(finalizer) = h.class().finalize.get()
        && h.set_flag(flag::FINALIZED)
    {
        h.count.fetch_add(ONE, Ordering::Relaxed);
        // SAFETY: the reference just counted. When it is dropped and the object was not resurrected, the decrement comes
        // back here with FINALIZED set.
        let r = unsafe { Ref::from_value(Value::of(h)) };
        finalizer(&r);
        return;
    }
    if h.has_flag(flag::WEAK) {
        crate::weak::clear(h);
    }
    let depth = NESTING.get();
    if depth >= MAX_NESTING {
        PUT_OFF.with_borrow_mut(|v| v.push(object));
        return;
    }
    NESTING.set(depth + 1);
    // SAFETY: unreachable, finalised; the class knows how to destroy it.
    unsafe { (h.class().destroy.get())(object) };
    NESTING.set(depth);
    if depth == 0 {
        while let Some(next) = PUT_OFF.with_borrow_mut(Vec::pop) {
            NESTING.set(1);
            // SAFETY: was put off in the state that `destroy` wants.
            unsafe { ((*next).class().destroy.get())(next) };
            NESTING.set(0);
        }
    }
}

/// A shared object's count has fallen to zero.
///
/// # Safety
/// The caller made the transition to zero.
pub(crate) unsafe fn zero_shared(object: *mut Header) {
    // SAFETY: to be replaced by the pending protocol; sound while no second thread exists.
    unsafe { finalize(object) }
}

/// Frees something when every thread has passed a poll.
pub fn retire(free: Box<dyn FnOnce() + Send>) {
    free();
}

/// Frees a buffer of `alloc::allocate_buffer` when every thread has passed a poll.
///
/// # Safety
/// Nobody can find the buffer any more, and those who have found it do not use it after their next poll.
pub unsafe fn retire_buffer(buffer: std::ptr::NonNull<u8>) {
    // SAFETY: to be replaced by the grace periods; sound while no second thread exists.
    unsafe { crate::alloc::free_buffer(buffer) }
}
