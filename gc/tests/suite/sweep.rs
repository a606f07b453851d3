use crate::nodes::*;
use skein_gc::cycle::Sweep;
use skein_gc::uncounted::{edge, share, traced_copy};
use skein_gc::{Ref, Slot, Value, cycle};

fn deferred(test: usize) -> Ref {
    let r = plain(test);
    node(&r).header.make_deferred();
    r
}

#[test]
fn deferred_objects_are_freed_when_nothing_reaches_them() {
    start();
    let x = deferred(24);
    let holder = plain(24);
    set_a(&holder, Some(x.clone()));
    // A cycle of two.
    let y = deferred(24);
    set_a(&x, Some(y.clone()));
    set_b(&y, Some(x.clone()));
    let weak = weakref(&x, 24, false);
    drop((x, y));
    cycle::collect_with(Sweep::Always);
    assert_eq!(alive(24), 4);
    assert!(target(&weak).is_some());
    set_a(&holder, None);
    cycle::collect_with(Sweep::Always);
    assert!(target(&weak).is_none());
    settle(24, 2);
    drop((holder, weak));
}

#[test]
fn uncounted_edges_keep_deferred_objects() {
    start();
    let x = deferred(25);
    assert!(node(&x).header.is_deferred());
    assert_eq!(node(&x).header.references(), 2);
    // SAFETY: alive; the word is forgotten before the next poll.
    let word = unsafe { share(x.value().0) };
    assert_eq!(word, edge(&node(&x).header).0, "registers do not count it");
    let holder = plain(25);
    let old = node(&holder).a.set(&node(&holder).header, None);
    assert!(old.is_none());
    let copy = traced_copy(&x);
    assert_eq!(node(&x).header.references(), 2, "nor does such a field");
    // As the body of an object that `trace` visits by its word.
    // SAFETY: the field is the test's, and emptied below.
    let field = unsafe { &*(&raw const node(&holder).a).cast::<std::sync::atomic::AtomicU64>() };
    field.store(copy.word().0, std::sync::atomic::Ordering::SeqCst);
    drop(x);
    cycle::collect_with(Sweep::Always);
    assert_eq!(alive(25), 2);
    let back = node(&holder).a.load();
    // SAFETY: alive, as the line above says.
    let back: Ref = unsafe { Ref::copy_of_word(Value(back.0)) };
    assert_eq!(node(&back).header.references(), 2);
    drop(back);
    field.store(0, std::sync::atomic::Ordering::SeqCst);
    cycle::collect_with(Sweep::Always);
    settle(25, 1);
    let _: &Slot = &node(&holder).a;
    drop(holder);
}

#[test]
fn finalisers_bring_deferred_objects_back() {
    start();
    let keeper = plain(26);
    {
        let x = make(&FINAL, 26);
        node(&x).header.make_deferred();
        let y = deferred(26);
        // The finaliser stores x in keeper.b.
        set_a(&x, Some(keeper.clone()));
        set_b(&x, Some(y.clone()));
        set_a(&y, Some(x.clone()));
    }
    cycle::collect_with(Sweep::Always);
    assert_eq!(alive(26), 3);
    let x = node(&keeper).b.get().expect("it is back");
    assert!(node(&x).header.is_deferred());
    assert!(node(&node(&x).b.get().expect("so is this")).header.is_deferred());
    drop(x);
    cycle::collect_with(Sweep::Always);
    assert_eq!(alive(26), 3, "the keeper has it");
    set_b(&keeper, None);
    cycle::collect_with(Sweep::Always);
    settle(26, 1);
    drop(keeper);
}

#[test]
fn threads_race_with_sweeps() {
    start();
    let rounds = if cfg!(miri) { 3 } else { 300 };
    let shared = plain(27);
    skein_gc::publish::publish(shared.value());
    let holder = &shared;
    beside(|scope| {
        for _ in 0..2 {
            spawn(scope, move || {
                for _ in 0..rounds {
                    let x = deferred(27);
                    set_b(&x, Some(x.clone()));
                    set_a(holder, Some(x));
                    poll();
                    if let Some(y) = node(holder).a.get() {
                        assert!(node(&y).b.get().is_some(), "emptied, though it was reached");
                    }
                    poll();
                }
            });
        }
        for _ in 0..rounds / 10 {
            cycle::collect_with(Sweep::Always);
        }
    });
    set_a(&shared, None);
    cycle::collect_with(Sweep::Always);
    settle(27, 1);
    drop(shared);
}
