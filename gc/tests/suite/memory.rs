use crate::nodes::*;
use skein_gc::publish::publish;
use skein_gc::{Ref, alloc, mutator};
use std::sync::mpsc;

#[test]
fn pages_are_reused() {
    start();
    let n = if cfg!(miri) { 50 } else { 20_000 };
    let mut most = 0;
    for round in 0..20 {
        let nodes: Vec<Ref> = (0..n).map(|_| plain(12)).collect();
        let usage = alloc::usage();
        if round == 0 {
            most = usage.pages;
        }
        // Other tests' threads may leave pages that are partly full.
        assert!(usage.pages <= most * 2 + 1);
        drop(nodes);
    }
    assert_eq!(alive(12), 0);
    // Pages of other tests' threads, which the reaper frees meanwhile, are given up when it asks for it.
    for _ in 0..500 {
        if alloc::usage().pages < 10 {
            return;
        }
        mutator::detached(|| std::thread::sleep(std::time::Duration::from_millis(10)));
        poll();
    }
    panic!("{:?}", alloc::usage());
}

#[test]
fn large_objects() {
    start();
    let p = alloc::allocate(&PLAIN, 5000).expect("memory");
    // SAFETY: zeroed memory of that size.
    unsafe {
        assert_eq!(p.cast::<u8>().add(4999).read(), 0);
        alloc::free(p);
    }
}

/// One thread makes, another destroys.
#[test]
fn foreign_frees_come_back() {
    start();
    let rounds = if cfg!(miri) { 2 } else { 100 };
    let n = if cfg!(miri) { 20 } else { 10_000 };
    let (send, receive) = mpsc::sync_channel::<Vec<Ref>>(1);
    beside(|scope| {
        spawn(scope, move || {
            while let Ok(nodes) = mutator::detached(|| receive.recv()) {
                drop(nodes);
                poll();
            }
        });
        for _ in 0..rounds {
            let nodes: Vec<Ref> = (0..n).map(|_| plain(13)).collect();
            nodes.iter().for_each(|r| publish(r.value()));
            mutator::detached(|| send.send(nodes)).unwrap();
            poll();
        }
        drop(send);
    });
    settle(13, 0);
    // What the other thread has freed is enough for another lot.
    let bytes = size_of::<Node>().next_multiple_of(8) * n;
    let pages = alloc::usage().pages.max(bytes / 60_000 + 2);
    let nodes: Vec<Ref> = (0..n).map(|_| plain(13)).collect();
    assert!(alloc::usage().pages <= pages, "{pages} {:?}", alloc::usage());
    drop(nodes);
}

/// What a thread holds that has been freed by others, and what exited threads have left, does not stay in use.
#[test]
fn emptied_pages_are_given_up() {
    start();
    if cfg!(miri) {
        return;
    }
    let n = 100_000;
    let bytes = size_of::<Node>().next_multiple_of(8) * n;
    let nodes: Vec<Ref> = (0..n).map(|_| plain(16)).collect();
    nodes.iter().for_each(|r| publish(r.value()));
    // Another thread makes as many, and leaves them to us.
    let others = beside(|scope| {
        let maker = spawn(scope, move || {
            let nodes: Vec<Ref> = (0..n).map(|_| plain(16)).collect();
            nodes.iter().for_each(|r| publish(r.value()));
            nodes
        });
        mutator::detached(|| maker.join()).unwrap()
    });
    drop(others);
    settle(16, n as isize);
    let full = alloc::usage().pages;
    assert!(full >= bytes / 66_000);
    beside(|scope| {
        spawn(scope, move || {
            drop(nodes);
            settle(16, 0);
        });
    });
    // The reaper comes by, and looks through this thread's pages while it sleeps.
    for _ in 0..1000 {
        if alloc::usage().pages < full / 10 {
            return;
        }
        mutator::detached(|| std::thread::sleep(std::time::Duration::from_millis(20)));
    }
    panic!("{:?}, of {full} pages", alloc::usage());
}
