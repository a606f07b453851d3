//! References copied and given up many at a time.

use crate::nodes::*;
use skein_gc::publish::publish;
use skein_gc::{Ref, many};

const TEST: usize = 28;
/// More than a thread has credits for.
const SHARED: usize = if cfg!(miri) { 30 } else { 6000 };
const PRIVATE: usize = 40;
const ROUNDS: usize = if cfg!(miri) { 20 } else { 3000 };

fn copy_of(items: &[Ref]) -> Vec<Ref> {
    let mut copy = Vec::with_capacity(items.len());
    // SAFETY: there is room; owned references are canonical.
    unsafe {
        many::copy_refs(items, copy.as_mut_ptr());
        copy.set_len(items.len());
    }
    copy
}

fn give_up(mut items: Vec<Ref>) {
    let n = items.len();
    // SAFETY: the vector owns them no more.
    unsafe {
        items.set_len(0);
        many::give_up::<0>(items.as_ptr().cast(), n);
    }
}

/// Private and shared objects and numbers, copied by several threads and given up at once or one by one, are counted right.
#[test]
fn copies_of_many() {
    start();
    let mut shared: Vec<Ref> = (0..SHARED).map(|_| plain(TEST)).collect();
    shared.iter().for_each(|r| publish(r.value()));
    shared.insert(SHARED / 2, Ref::small(7));
    beside(|scope| {
        for t in 0..3 {
            let shared = &shared;
            spawn(scope, move || {
                let mut all: Vec<Ref> = (0..PRIVATE).map(|_| plain(TEST)).collect();
                all.extend(shared.iter().cloned());
                all.extend((0..PRIVATE as i32).map(Ref::small));
                for i in 0..ROUNDS {
                    // Few at first places that come again, so that they get credits; sometimes all.
                    let (from, len) = if i % 100 == 99 {
                        (0, all.len())
                    } else {
                        (i * 13 % (2 * PRIVATE), i % 97)
                    };
                    let part = &all[from..all.len().min(from + len)];
                    let copy = copy_of(part);
                    assert!(copy.iter().zip(part).all(|(a, b)| a.is(b)));
                    match (i + t) % 3 {
                        0 => drop(copy),
                        1 => give_up(copy),
                        _ => {
                            let again = copy_of(&copy);
                            give_up(copy);
                            drop(again);
                        }
                    }
                    poll();
                }
                for r in &all[..PRIVATE] {
                    assert_eq!(node(r).header.references(), 1);
                }
                give_up(all);
            });
        }
    });
    for r in shared.iter().filter(|r| r.is_pointer()) {
        assert_eq!(node(r).header.references(), 1);
    }
    give_up(shared);
    settle(TEST, 0);
}
