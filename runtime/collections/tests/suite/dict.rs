use crate::objects::*;
use skein_collections::{ByIdentity, Dict};
use skein_gc::{Header, Ref};

const N: u64 = if cfg!(miri) { 100 } else { 100_000 };

fn holder() -> Ref {
    thing(0, 0)
}

fn head(r: &Ref) -> &Header {
    r.header().unwrap()
}

fn int(n: u64) -> Ref {
    Ref::int(n as i64).unwrap()
}

#[test]
fn ints_in_order() {
    start();
    let h = holder();
    let h = head(&h);
    let d = Dict::new();
    for n in 0..N {
        assert!(d.insert(h, n, int(n), int(n * 2), &mut Pure).unwrap().is_none());
    }
    assert_eq!(d.len() as u64, N);
    assert!(d.is_valid());
    for n in 0..N {
        assert_eq!(d.get(h, n, &int(n), &mut Pure).unwrap(), Some(int(n * 2)));
    }
    assert!(d.get(h, N, &int(N), &mut Pure).unwrap().is_none());
    for n in (0..N).step_by(2) {
        let (k, v) = d.remove(h, n, &int(n), &mut ByIdentity).unwrap().unwrap();
        assert_eq!((k, v), (int(n), int(n * 2)));
    }
    let (mut pos, mut expected) = (0, 1);
    while let Some((k, v, hash)) = d.next(&mut pos) {
        assert_eq!((k, v, hash), (int(expected), int(expected * 2), expected));
        expected += 2;
    }
    let mut pos = usize::MAX;
    assert_eq!(d.next_back(&mut pos).unwrap().0, int(N - 1));
    assert_eq!(d.next_back(&mut pos).unwrap().0, int(N - 3));
    assert_eq!(d.pop_last(h).unwrap().0, int(N - 1));
    assert_eq!(d.pop_first(h).unwrap().0, int(1));
    while d.pop_last(h).is_some() {}
    assert_eq!(d.len(), 0);
    assert!(d.is_valid());
}

#[test]
fn a_queue_stays_small() {
    start();
    let h = holder();
    let h = head(&h);
    let d = Dict::new();
    for n in 0..N {
        d.insert(h, n, int(n), int(n), &mut Pure).unwrap();
        if n >= 10 {
            assert_eq!(d.pop_first(h).unwrap().0, int(n - 10));
        }
    }
    assert_eq!(d.len(), 10);
    assert!(d.is_valid());
}

#[test]
fn collisions_and_counts() {
    start();
    {
        let h = holder();
        let h = head(&h);
        let d = Dict::new();
        let n = if cfg!(miri) { 20 } else { 200 };
        for i in 0..n {
            // All in three hashes that differ in the high bits alone.
            d.insert(h, (i % 3) << 60, thing(1, i), thing(1, i), &mut Pure).unwrap();
        }
        for i in 0..n {
            let wanted = thing(1, i);
            let got = d.get(h, (i % 3) << 60, &wanted, &mut Impure(|| ())).unwrap().unwrap();
            assert_eq!(number(&got), i);
            let old = d.insert(h, (i % 3) << 60, wanted, thing(1, i), &mut Pure).unwrap();
            assert!(old.unwrap().is(&got));
        }
        assert_eq!(d.len() as u64, n);
        let copy = d.copy(h).unwrap();
        d.clear(h);
        assert_eq!(d.len(), 0);
        assert_eq!(copy.len() as u64, n);
        assert_eq!(alive(1), 2 * n as isize);
        let other = Dict::new();
        other.copy_from(h, &copy, h).unwrap();
        drop(copy.take(h));
        drop(copy);
        assert_eq!(alive(1), 2 * n as isize);
        assert!(
            !other
                .get_or_insert(h, 0, thing(1, 0), thing(1, 5), &mut Pure)
                .unwrap()
                .1
        );
        assert!(
            other
                .get_or_insert(h, 7, thing(1, 7), thing(1, 5), &mut Pure)
                .unwrap()
                .1
        );
        assert!(other.move_to_end(h, 0, &thing(1, 0), true, &mut Pure).unwrap());
        assert_eq!(number(&other.next_back(&mut { usize::MAX }).unwrap().0), 0);
        assert!(other.move_to_end(h, 0, &thing(1, 0), false, &mut Pure).unwrap());
        assert_eq!(number(&other.next(&mut 0).unwrap().0), 0);
        assert!(other.is_valid());
    }
    assert_eq!(alive(1), 0);
}

#[test]
fn equality_that_changes_the_dict() {
    start();
    {
        let h = holder();
        let h = head(&h);
        let d = Dict::new();
        for i in 0..4 {
            d.insert(h, 1, thing(2, i), thing(2, i), &mut Pure).unwrap();
        }
        // While it searches, the table is rebuilt a few times and emptied once.
        let mut calls = 0;
        let mut eq = Impure(|| {
            calls += 1;
            if calls < 20 {
                d.insert(h, 100 + calls, int(100 + calls), int(0), &mut Pure).unwrap();
            } else if calls == 20 {
                d.clear(h);
            }
        });
        assert!(d.get(h, 1, &thing(2, 3), &mut eq).unwrap().is_none());
        assert_eq!(d.len(), 0);
        for i in 0..4 {
            d.insert(h, 1, thing(2, i), thing(2, i), &mut Pure).unwrap();
        }
        let mut calls = 0;
        let mut eq = Impure(|| {
            calls += 1;
            if calls < 10 {
                d.remove(h, 1, &thing(2, 3), &mut Pure).unwrap();
                d.insert(h, 1, thing(2, 3), thing(2, 9), &mut Pure).unwrap();
            }
        });
        let old = d.insert(h, 1, thing(2, 3), thing(2, 3), &mut eq).unwrap();
        assert_eq!(number(&old.unwrap()), 9);
        assert_eq!(d.len(), 4);
        assert!(d.is_valid());
    }
    assert_eq!(alive(2), 0);
}

#[test]
fn versions() {
    start();
    let h = holder();
    let h = head(&h);
    let d = Dict::new();
    assert_eq!(d.assign_keys_version(h), 0);
    d.insert(h, 1, int(1), int(10), &mut Pure).unwrap();
    let place = d.cacheable(h, 1, &int(1), &mut Pure).unwrap();
    assert_eq!(place.version, d.keys_version());
    let (v, i) = (place.version, place.entry.unwrap());
    assert_eq!(d.value_if(v, i), Some(int(10)));
    assert_eq!(d.set_at(h, i, v, int(11)), Ok(Some(int(10))));
    assert_eq!(d.value_if(v, i), Some(int(11)));
    assert_eq!(d.value_at(i), Some(int(11)));
    assert_eq!(d.value_at(1000), None);
    assert_eq!(d.insert(h, 1, int(1), int(12), &mut Pure).unwrap(), Some(int(11)));
    assert_eq!(d.keys_version(), v);
    d.insert(h, 2, int(2), int(12), &mut Pure).unwrap();
    assert_eq!(d.value_if(v, i), None);
    assert_eq!(d.set_at(h, i, v, int(0)), Err(int(0)));
    assert!(d.assign_keys_version(h) > v);
    let absent = d.cacheable(h, 5, &int(5), &mut Pure).unwrap();
    assert_eq!(absent.entry, None);
    d.remove(h, 2, &int(2), &mut Pure).unwrap();
    assert_ne!(d.keys_version(), absent.version);
}
