//! Nodes with two references and a weak one, that count how many of them live.

use skein_gc::weak::WeakCell;
use skein_gc::{Class, Header, Ref, Slot, Value, Visitor, mutator};
use std::cell::UnsafeCell;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering};
use std::thread::{Scope, ScopedJoinHandle};

pub static PLAIN: Class = Class::new(Header::immortal(&PLAIN));
/// Nodes whose finaliser calls `ON_FINALIZE`.
pub static FINAL: Class = Class::new(Header::immortal(&FINAL));

/// What the finalisers of the tests have in common: they count, and store the node in `b` of the node in `a`, if that has
/// one.
pub static FINALIZED: AtomicUsize = AtomicUsize::new(0);

const TESTS: usize = 40;
static ALIVE: [AtomicIsize; TESTS] = [const { AtomicIsize::new(0) }; TESTS];

#[repr(C)]
pub struct Node {
    pub header: Header,
    pub a: Slot,
    pub b: Slot,
    /// Written while the node is new.
    pub weak: UnsafeCell<Option<WeakCell>>,
    pub test: usize,
}

pub fn node(r: &Ref) -> &Node {
    // SAFETY: every object of these tests is a `Node`.
    unsafe { &*r.value().pointer().cast::<Node>() }
}

unsafe fn trace(h: *const Header, visitor: &mut Visitor<'_>) {
    // SAFETY: every object of the class is a `Node`; `weak` is written before the node is seen by others.
    unsafe {
        let n = &*std::ptr::with_exposed_provenance::<Node>(h.addr());
        visitor.slot(&n.a);
        visitor.slot(&n.b);
        if let Some(cell) = &*n.weak.get() {
            visitor.weak(cell);
        }
    }
}

unsafe fn destroy(h: *mut Header) {
    let p = std::ptr::with_exposed_provenance_mut::<Node>(h.addr());
    // SAFETY: every object of the class is a `Node`, and this one is nobody's any more.
    unsafe {
        let test = (*p).test;
        if let Some(cell) = (*(*p).weak.get()).take() {
            cell.forget(h);
        }
        std::ptr::drop_in_place(&raw mut (*p).a);
        std::ptr::drop_in_place(&raw mut (*p).b);
        skein_gc::alloc::free(h);
        ALIVE[test].fetch_sub(1, Ordering::SeqCst);
    }
}

fn finalize(r: &Ref) {
    FINALIZED.fetch_add(1, Ordering::SeqCst);
    if let Some(keeper) = node(r).a.get() {
        let n = node(&keeper);
        drop(n.b.set(&n.header, Some(r.clone())));
    }
}

/// Attaches this thread for good.
pub fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for class in [&PLAIN, &FINAL] {
            class.trace.set(trace);
            class.destroy.set(destroy);
        }
        FINAL.finalize.set(Some(finalize));
    });
    mutator::enter().expect("a slot");
}

pub fn make(class: &'static Class, test: usize) -> Ref {
    let p = skein_gc::alloc::allocate(class, size_of::<Node>()).expect("memory");
    ALIVE[test].fetch_add(1, Ordering::SeqCst);
    // SAFETY: fresh memory of that size, zeroed but for the header; the one reference is ours.
    unsafe {
        let n = p.cast::<Node>();
        (&raw mut (*n).weak).write(UnsafeCell::new(None));
        (&raw mut (*n).test).write(test);
        Ref::from_value(Value::of(&*p))
    }
}

pub fn plain(test: usize) -> Ref {
    make(&PLAIN, test)
}

pub fn set_a(r: &Ref, to: Option<Ref>) {
    drop(node(r).a.set(&node(r).header, to));
}

pub fn set_b(r: &Ref, to: Option<Ref>) {
    drop(node(r).b.set(&node(r).header, to));
}

/// A node that refers to `target` weakly.
pub fn weakref(target: &Ref, test: usize, callback: bool) -> Ref {
    let r = plain(test);
    let cell = skein_gc::weak::create(&node(target).header, &node(&r).header, callback);
    // SAFETY: nobody looks at the cell of a new node.
    unsafe { *node(&r).weak.get() = Some(cell) };
    r
}

pub fn target(weakref: &Ref) -> Option<Ref> {
    // SAFETY: not written any more.
    unsafe { (*node(weakref).weak.get()).as_ref().and_then(WeakCell::get) }
}

pub fn alive(test: usize) -> isize {
    ALIVE[test].load(Ordering::SeqCst)
}

pub fn poll() {
    if skein_gc::poll_word() != 0 {
        mutator::poll();
    }
}

/// Waits until no more than `left` nodes of a test are left.
pub fn settle(test: usize, left: isize) {
    // Much longer than it takes, also where other processes have the processors.
    for _ in 0..500_000 {
        if alive(test) <= left {
            assert_eq!(alive(test), left);
            return;
        }
        mutator::poll();
        std::thread::sleep(std::time::Duration::from_micros(100));
    }
    panic!("{} nodes are left", alive(test));
}

/// Runs `work`, which may spawn threads, and waits for these, detached.
pub fn beside<'env, R>(work: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R) -> R {
    /// At its end, and where the test fails: who waits for a thread holds nobody up, and who drops objects is attached.
    struct Finally(fn());
    impl Drop for Finally {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    let _attach = Finally(mutator::attach);
    std::thread::scope(|scope| {
        let _detach = Finally(mutator::detach);
        work(scope)
    })
}

/// A thread that is attached while it does some work.
pub fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> ScopedJoinHandle<'scope, T> {
    scope.spawn(|| {
        start();
        let out = work();
        mutator::leave();
        out
    })
}

/// Tells threads to stop, by a flag, when it is dropped, also where the test fails.
pub struct Stop<'a>(pub &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs `work` while another attached thread polls and does nothing else.
pub fn beside_another<R>(work: impl FnOnce() -> R) -> R {
    let (ready, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    beside(|scope| {
        spawn(scope, || {
            ready.store(true, Ordering::SeqCst);
            while !stop.load(Ordering::SeqCst) {
                poll();
                std::thread::yield_now();
            }
        });
        while !ready.load(Ordering::SeqCst) {
            poll();
            std::thread::yield_now();
        }
        let _stop = Stop(&stop);
        work()
    })
}
