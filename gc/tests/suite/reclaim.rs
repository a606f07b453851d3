use crate::nodes::*;
use skein_gc::publish::publish;
use skein_gc::{Ref, mutator};
use std::sync::atomic::Ordering;

const LENGTH: usize = if cfg!(miri) { 40 } else { 200_000 };

fn chain(test: usize) -> Ref {
    let mut head = plain(test);
    for _ in 1..LENGTH {
        let next = plain(test);
        set_a(&next, Some(head));
        head = next;
    }
    head
}

#[test]
fn a_private_chain_dies_at_once() {
    start();
    drop(chain(0));
    assert_eq!(alive(0), 0);
}

#[test]
fn a_shared_chain_dies_in_few_rounds() {
    start();
    beside_another(|| {
        let head = chain(1);
        publish(head.value());
        assert_eq!(alive(1), LENGTH as isize);
        drop(head);
        settle(1, 0);
    });
}

#[test]
fn finalisers_run_once_and_may_resurrect() {
    start();
    let before = FINALIZED.load(Ordering::SeqCst);
    for shared in [false, true] {
        beside_another(|| {
            let keeper = plain(2);
            let r = make(&FINAL, 2);
            set_a(&r, Some(keeper.clone()));
            if shared {
                publish(keeper.value());
                publish(r.value());
            }
            drop(r);
            while node(&keeper).b.is_null() {
                mutator::poll();
            }
            assert_eq!(alive(2), 2);
            // It refers to the keeper: a cycle, broken by hand.
            set_b(&keeper, None);
            settle(2, 1);
            drop(keeper);
            settle(2, 0);
        });
    }
    assert!(FINALIZED.load(Ordering::SeqCst) >= before + 2);
}

/// Threads pass shared nodes round through the slots of a shared node.
#[test]
fn racing_slots() {
    start();
    let root = plain(3);
    publish(root.value());
    let rounds = if cfg!(miri) { 30 } else { 100_000 };
    beside(|scope| {
        for t in 0..3 {
            let root = &root;
            spawn(scope, move || {
                for i in 0..rounds {
                    match (i + t) % 4 {
                        0 => set_a(root, Some(plain(3))),
                        1 => {
                            let r = node(root).a.get();
                            poll();
                            set_b(root, r);
                        }
                        2 => set_b(root, None),
                        _ => {
                            if let Some(r) = node(root).b.get() {
                                assert_eq!(node(&r).test, 3);
                                poll();
                                assert_eq!(node(&r).test, 3);
                            }
                        }
                    }
                    poll();
                    #[cfg(feature = "verify")]
                    if i % 2000 == t {
                        assert_eq!(skein_gc::verify::verify(), Vec::<String>::new());
                    }
                }
            });
        }
    });
    drop(root);
    settle(3, 0);
}
