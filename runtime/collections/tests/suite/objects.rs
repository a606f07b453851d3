//! Objects for tests: a number, a count of the living, and equality that can misbehave.

#![allow(unsafe_code)]

use skein_collections::{KeyEq, OutOfMemory};
use skein_gc::{Class, Header, Ref, Value, mutator};
use std::sync::atomic::{AtomicIsize, Ordering};

pub static CLASS: Class = Class::new(Header::immortal(&CLASS));

/// Objects that were made and not destroyed. Tests that look at it keep their objects in their own counter.
pub static ALIVE: [AtomicIsize; 11] = [const { AtomicIsize::new(0) }; 11];

#[repr(C)]
struct Thing {
    header: Header,
    number: u64,
    test: usize,
}

unsafe fn destroy(object: *mut Header) {
    // SAFETY: every object of the class is a `Thing`.
    let test = unsafe { (*object.cast::<Thing>()).test };
    ALIVE[test].fetch_sub(1, Ordering::Relaxed);
    // SAFETY: it owns nothing.
    unsafe { skein_gc::alloc::free(object) };
}

/// To be called by every test first: a thread of its own slot.
pub fn start() {
    use std::sync::Once;
    static ONCE: Once = Once::new();
    ONCE.call_once(|| CLASS.destroy.set(destroy));
    mutator::enter().expect("a slot");
}

pub fn thing(test: usize, number: u64) -> Ref {
    let p = skein_gc::alloc::allocate(&CLASS, size_of::<Thing>()).expect("memory");
    // SAFETY: fresh memory of that size; the one reference is ours.
    unsafe {
        (*p.cast::<Thing>()).number = number;
        (*p.cast::<Thing>()).test = test;
        ALIVE[test].fetch_add(1, Ordering::Relaxed);
        Ref::from_value(Value::of(&*p))
    }
}

pub fn number(r: &Ref) -> u64 {
    match (r.as_int(), r.header()) {
        (Some(n), _) => n as u64,
        // SAFETY: every object of these tests is a `Thing`.
        (None, Some(h)) => unsafe { (*(h as *const Header).cast::<Thing>()).number },
        _ => unreachable!(),
    }
}

pub fn alive(test: usize) -> isize {
    ALIVE[test].load(Ordering::Relaxed)
}

/// Equality by number, pure.
pub struct Pure;

impl KeyEq for Pure {
    type Error = OutOfMemory;
    const PURE: bool = true;
    fn eq(&mut self, stored: &Ref, wanted: &Ref) -> Result<bool, OutOfMemory> {
        Ok(number(stored) == number(wanted))
    }
}

/// Equality by number that runs something first, as Python code would.
pub struct Impure<F: FnMut()>(pub F);

impl<F: FnMut()> KeyEq for Impure<F> {
    type Error = OutOfMemory;
    const PURE: bool = false;
    fn eq(&mut self, stored: &Ref, wanted: &Ref) -> Result<bool, OutOfMemory> {
        (self.0)();
        Ok(number(stored) == number(wanted))
    }
}

/// Waits until no object of a test is left: shared ones die when the threads of other tests have polled or ended.
pub fn settle(test: usize) {
    for _ in 0..100_000 {
        if alive(test) == 0 {
            return;
        }
        mutator::poll();
        std::thread::sleep(std::time::Duration::from_micros(200));
    }
    panic!("{} objects are left", alive(test));
}
