use crate::nodes::*;
use skein_gc::lock::{critical, critical2};
use skein_gc::publish::publish;
use skein_gc::{current_slot, mutator, registry};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn everything_becomes_shared() {
    start();
    let r = plain(14);
    let old = current_slot();
    assert!(node(&r).header.is_private());
    registry::make_everything_shared().unwrap();
    assert_ne!(current_slot(), old);
    assert!(!node(&r).header.is_private());
    assert!(node(&plain(14)).header.is_private());
    drop(r);
    settle(14, 0);
}

struct Counter(UnsafeCell<u64>);
// SAFETY: the test locks.
unsafe impl Sync for Counter {}

#[test]
fn locks_exclude() {
    start();
    let (x, y) = (plain(15), plain(15));
    publish(x.value());
    publish(y.value());
    let counter = Counter(UnsafeCell::new(0));
    let rounds = if cfg!(miri) { 20 } else { 100_000 };
    beside(|scope| {
        for t in 0..4 {
            let (x, y, counter) = (&x, &y, &counter);
            spawn(scope, move || {
                for i in 0..rounds {
                    let add = || {
                        // SAFETY: x is locked.
                        unsafe { *counter.0.get() += 1 }
                    };
                    if (i + t) % 2 == 0 {
                        let guard = critical(&node(x).header);
                        add();
                        drop(guard);
                    } else {
                        let (a, b) = if t % 2 == 0 { (x, y) } else { (y, x) };
                        let guards = critical2(&node(a).header, &node(b).header);
                        add();
                        drop(guards);
                    }
                    poll();
                }
            });
        }
    });
    assert_eq!(counter.0.into_inner(), 4 * rounds as u64);
}

#[test]
fn stopping_the_world() {
    start();
    let running = AtomicUsize::new(0);
    let rounds = if cfg!(miri) { 3 } else { 200 };
    beside(|scope| {
        for _ in 0..3 {
            let running = &running;
            spawn(scope, move || {
                for _ in 0..rounds {
                    registry::stop_the_world(|| {
                        assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        running.fetch_sub(1, Ordering::SeqCst);
                    });
                    mutator::poll();
                    mutator::detached(std::thread::yield_now);
                }
            });
        }
    });
}

#[test]
fn threads_come_and_go() {
    start();
    for _ in 0..if cfg!(miri) { 5 } else { 500 } {
        beside(|scope| {
            spawn(scope, || drop(plain(0)));
        });
    }
}

/// More threads than there are slots, one after the other.
#[test]
fn slots_are_recycled() {
    start();
    let r = plain(0);
    for _ in 0..if cfg!(miri) { 10 } else { 70_000 } {
        mutator::leave();
        mutator::enter().unwrap();
    }
    // The object's owner is no thread's slot, however often slots were given out again.
    assert!(!node(&r).header.is_private());
    publish(r.value());
}

/// Threads that need a slot at the same moment, when none is left, do not take those away that another one has freed.
#[test]
fn slots_are_recycled_by_several() {
    start();
    let threads = if cfg!(miri) { 2 } else { 4 };
    beside(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..if cfg!(miri) { 5 } else { 70_000 } {
                    mutator::enter().expect("a slot");
                    mutator::leave();
                }
            });
        }
    });
}

#[test]
fn a_forked_child_goes_on() {
    if cfg!(miri) {
        return;
    }
    start();
    // SAFETY: the child runs on this thread alone, and leaves by `_exit`.
    let pid = registry::fork(|| unsafe { libc::fork() });
    if pid == 0 {
        let shared = plain(0);
        publish(shared.value());
        drop(shared);
        // The reaper may be there, for what other tests have dropped.
        let ok = registry::python_threads() == 1 && registry::stop_the_world(|| true);
        // SAFETY: ends the child.
        unsafe { libc::_exit(if ok { 7 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: waits for the child.
    mutator::detached(|| unsafe { libc::waitpid(pid, &mut status, 0) });
    assert_eq!(libc::WEXITSTATUS(status), 7);
}
