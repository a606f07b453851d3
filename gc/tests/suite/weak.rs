use crate::nodes::*;
use skein_gc::publish::publish;
use skein_gc::{Ref, weak};
use std::sync::Mutex;

static CALLED: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn called(weakref: &Ref) {
    assert!(target(weakref).is_none());
    CALLED.lock().unwrap().push(node(weakref).header.references() as usize);
}

#[test]
fn private() {
    start();
    weak::set_callback_hook(called);
    let r = plain(9);
    let (w1, w2) = (weakref(&r, 9, true), weakref(&r, 9, false));
    assert_eq!(target(&w1), Some(r.clone()));
    let all = weak::weakrefs(&node(&r).header);
    assert_eq!(all, [w1.clone(), w2.clone()]);
    drop(all);
    drop(w2);
    assert_eq!(weak::weakrefs(&node(&r).header).len(), 1);
    drop(r);
    assert!(target(&w1).is_none());
    assert!(!CALLED.lock().unwrap().is_empty());
    drop(w1);
    assert_eq!(alive(9), 0);
}

#[test]
fn publication_goes_both_ways() {
    start();
    let r = plain(10);
    let w = weakref(&r, 10, false);
    publish(w.value());
    assert!(!node(&r).header.is_private());
    let r = plain(10);
    let w2 = weakref(&r, 10, false);
    publish(r.value());
    assert!(!node(&w2).header.is_private());
    let w3 = weakref(&r, 10, false);
    assert!(!node(&w3).header.is_private());
}

#[test]
fn racing() {
    start();
    let root = plain(11);
    publish(root.value());
    let rounds = if cfg!(miri) { 30 } else { 50_000 };
    beside(|scope| {
        for t in 0..3 {
            let root = &root;
            spawn(scope, move || {
                for i in 0..rounds {
                    match (i + t) % 4 {
                        0 => {
                            let r = plain(11);
                            let w = weakref(&r, 11, i % 8 == 0);
                            set_b(root, Some(w));
                            set_a(root, Some(r));
                        }
                        1 => set_a(root, None),
                        _ => {
                            if let Some(w) = node(root).b.get()
                                && let Some(r) = target(&w)
                            {
                                poll();
                                assert_eq!(node(&r).test, 11);
                            }
                        }
                    }
                    poll();
                }
            });
        }
    });
    drop(root);
    settle(11, 0);
}
