use crate::nodes::*;
use skein_gc::publish::publish;
use skein_gc::{Ref, cycle};

fn pair(test: usize) -> (Ref, Ref) {
    let (x, y) = (plain(test), plain(test));
    set_a(&x, Some(y.clone()));
    set_a(&y, Some(x.clone()));
    (x, y)
}

#[test]
fn private_cycles() {
    start();
    drop(pair(4));
    let (x, y) = pair(4);
    drop(x);
    // Something that only garbage refers to.
    let (v, _w) = pair(4);
    set_b(&v, Some(plain(4)));
    drop(v);
    assert_eq!(alive(4), 7);
    assert_eq!(cycle::collect_young(), 2);
    assert_eq!(alive(4), 5);
    drop(y);
    drop(_w);
    // No longer young; but what is not in pages, which is all under Miri, always is.
    let young = cycle::collect_young();
    assert_eq!(young, if cfg!(miri) { 5 } else { 0 });
    assert_eq!(young + cycle::collect_generation(1), 5);
    assert_eq!(alive(4), 0);
}

#[test]
fn resurrected_cycles_stay() {
    start();
    let keeper = plain(5);
    {
        let (x, y) = (make(&FINAL, 5), plain(5));
        // The finaliser stores x in keeper.b.
        set_a(&x, Some(keeper.clone()));
        set_b(&x, Some(y.clone()));
        set_b(&y, Some(x.clone()));
    }
    drop(pair(5));
    // What has been resurrected does not count.
    assert_eq!(cycle::collect_young(), 2);
    assert_eq!(alive(5), 3);
    // keeper <-> x is a cycle now; x has been finalised and is not asked again.
    drop(keeper);
    cycle::collect_generation(1);
    assert_eq!(alive(5), 0);
}

#[test]
fn weak_references_to_cycles() {
    start();
    let (x, y) = pair(6);
    let outside = weakref(&x, 6, false);
    set_b(&x, Some(weakref(&y, 6, true)));
    assert!(target(&outside).is_some());
    drop((x, y));
    assert!(target(&outside).is_some());
    assert_eq!(cycle::collect_young(), 3);
    assert!(target(&outside).is_none());
    assert_eq!(alive(6), 1);
    drop(outside);
}

#[test]
fn polls_collect() {
    start();
    let rounds = if cfg!(miri) { 10 } else { 300_000 };
    for _ in 0..rounds {
        drop(pair(7));
        poll();
    }
    assert!(alive(7) < 60_000, "{}", alive(7));
    cycle::collect_young();
}

#[test]
fn shared_cycles() {
    start();
    beside_another(|| {
        let (x, y) = pair(8);
        publish(x.value());
        let w = weakref(&y, 8, false);
        drop((x, y));
        // What another test's collection finds first is found.
        for _ in 0..100 {
            cycle::collect();
            if target(&w).is_none() {
                break;
            }
        }
        assert!(target(&w).is_none());
        settle(8, 1);
    });
}
