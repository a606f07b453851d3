//! Starting a thread of the system.
//!
//! Not by the standard library, which gives each thread a second stack for the report of an overflow of the first one, and ends the process
//! where there is no memory for that. Native code looks at what is left of its stack instead (`Context::check_stack`).
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

/// What a thread runs.
pub type Body = Box<dyn FnOnce() + Send>;

/// Starts a thread with a stack of so many bytes at least, which nobody joins; false if the system does not start it: then `body` is dropped.
pub fn spawn(stack: usize, body: Body) -> bool {
    // A thin pointer.
    let body = Box::into_raw(Box::new(body));
    // SAFETY: `attr` is initialised by the first call and used only then; `run` gets the box if there is a thread, and only then.
    unsafe {
        let mut attr: libc::pthread_attr_t = std::mem::zeroed();
        let mut started = false;
        if libc::pthread_attr_init(&raw mut attr) == 0 {
            let page = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap_or(1);
            let bytes = stack.max(libc::PTHREAD_STACK_MIN).next_multiple_of(page);
            let mut thread = std::mem::zeroed();
            started = libc::pthread_attr_setstacksize(&raw mut attr, bytes) == 0
                && libc::pthread_attr_setdetachstate(&raw mut attr, libc::PTHREAD_CREATE_DETACHED) == 0
                && libc::pthread_create(&raw mut thread, &raw const attr, run, body.cast()) == 0;
            libc::pthread_attr_destroy(&raw mut attr);
        }
        if !started {
            drop(Box::from_raw(body));
        }
        started
    }
}

extern "C" fn run(body: *mut c_void) -> *mut c_void {
    // SAFETY: the box of `spawn`, which gave it up.
    let body = unsafe { Box::from_raw(body.cast::<Body>()) };
    // What unwinds has said so.
    let _ = catch_unwind(AssertUnwindSafe(*body));
    null_mut()
}
