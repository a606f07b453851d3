//! Threads that read and write one collection: whatever they see is an element that somebody put in, and in the end all
//! objects are gone.

use crate::objects::*;
use skein_collections::{Dict, List, Set};
use skein_gc::publish::publish;
use skein_gc::{Header, Ref, mutator};
use std::sync::Barrier;

const ROUNDS: u64 = if cfg!(miri) { 20 } else { 20_000 };
const THREADS: u64 = if cfg!(miri) { 2 } else { 4 };

fn poll() {
    if skein_gc::poll_word() != 0 {
        mutator::poll();
    }
}

fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

/// Runs `work` on several threads with a shared holder.
fn race(test: usize, work: impl Fn(&Header, &mut dyn FnMut() -> u64) + Sync) {
    start();
    let holder = thing(test, 0);
    publish(holder.value());
    let barrier = Barrier::new(THREADS as usize);
    mutator::detached(|| {
        std::thread::scope(|scope| {
            for t in 0..THREADS {
                let (holder, barrier, work) = (&holder, &barrier, &work);
                scope.spawn(move || {
                    start();
                    mutator::detached(|| barrier.wait());
                    let mut seed = 0x9E37_79B9 * (t + 1);
                    for _ in 0..ROUNDS {
                        work(holder.header().unwrap(), &mut || random(&mut seed));
                        poll();
                    }
                    mutator::leave();
                });
            }
        });
    });
}

/// A little of one's own, so that memory is reused quickly.
fn check(r: &Ref, below: u64) {
    assert!(number(r) < below);
}

#[test]
fn dict() {
    let d = Dict::new();
    race(5, |h, random| {
        let n = random() % 40;
        let key = thing(5, n);
        match random() % 16 {
            0..6 => {
                if let Some(v) = d.get(h, n % 7, &key, &mut Impure(poll)).unwrap() {
                    assert_eq!(number(&v), n);
                }
            }
            6..10 => {
                let old = d.insert(h, n % 7, key, thing(5, n), &mut Pure).unwrap();
                assert!(old.is_none_or(|v| number(&v) == n));
            }
            10 => {
                let old = d.insert(h, n % 7, key, thing(5, n), &mut Impure(poll)).unwrap();
                assert!(old.is_none_or(|v| number(&v) == n));
            }
            11 => {
                if let Some((k, v)) = d.remove(h, n % 7, &key, &mut Impure(poll)).unwrap() {
                    assert_eq!((number(&k), number(&v)), (n, n));
                }
            }
            12 => {
                let mut pos = 0;
                while let Some((k, v, _)) = d.next(&mut pos) {
                    assert_eq!(number(&k), number(&v));
                    poll();
                }
            }
            13 => {
                let place = d.cacheable(h, n % 7, &key, &mut Pure).unwrap();
                poll();
                if let Some(i) = place.entry {
                    if let Some(v) = d.value_if(place.version, i) {
                        assert_eq!(number(&v), n);
                    }
                    if let Ok(old) = d.set_at(h, i, place.version, thing(5, n)) {
                        assert_eq!(number(&old.unwrap()), n);
                    }
                }
            }
            14 => assert!(d.copy(h).unwrap().len() <= 40),
            _ if n == 0 => d.clear(h),
            _ => drop(d.pop_first(h)),
        }
    });
    assert!(d.is_valid());
    drop(d);
    settle(5);
}

#[test]
fn set() {
    let s = Set::new();
    race(6, |h, random| {
        let n = random() % 30;
        match random() % 8 {
            0..3 => drop(s.contains(h, n % 5, &thing(6, n), &mut Impure(poll)).unwrap()),
            3..5 => drop(s.insert(h, n % 5, thing(6, n), &mut Impure(poll)).unwrap()),
            5 => drop(s.remove(h, n % 5, &thing(6, n), &mut Pure).unwrap()),
            6 => {
                let mut pos = 0;
                while let Some((k, hash)) = s.next(&mut pos) {
                    assert_eq!(skein_collections::fold(number(&k) % 5), hash);
                }
            }
            _ => drop(s.pop(h)),
        }
    });
    assert!(s.is_valid());
    drop(s);
    settle(6);
}

#[test]
fn list() {
    let l = List::new();
    race(7, |h, random| {
        let n = random() % 100;
        let i = (random() % 50) as usize;
        match random() % 16 {
            0..5 => drop(l.get(i).map(|r| check(&r, 100))),
            5..9 => l.push(h, thing(7, n)).unwrap(),
            9 => l.insert(h, i as i64 - 25, thing(7, n)).unwrap(),
            10 => drop(l.pop(h)),
            11 => drop(l.remove(h, i as i64 - 25)),
            12 => {
                let with = (0..n % 7).map(|k| thing(7, k)).collect();
                drop(l.replace_range(h, i, 5, with).unwrap());
            }
            13 => l.reverse(h),
            14 => drop(l.set(h, i, thing(7, n))),
            _ if l.len() > 200 => l.clear(h),
            _ => {
                let all = l.take_all(h).unwrap();
                all.items.iter().for_each(|r| check(r, 100));
                drop(l.put_back(h, all));
            }
        }
    });
    assert!(l.is_valid());
    drop(l);
    settle(7);
}

/// Every thread counts in the first element, by reading and changing it in one step.
#[test]
fn changes() {
    let l = List::new();
    race(9, |h, random| {
        if l.is_empty() {
            // More than one may do it.
            l.push(h, thing(9, 0)).unwrap();
        }
        loop {
            let first = l.get(0).unwrap();
            let new = thing(9, number(&first) + 1);
            let len = l.len();
            let at = random() as usize % len;
            let seen = [(0, first), (at, l.get(at).unwrap())];
            if l.change_if(h, len, &seen, vec![(0, new)], len).unwrap().is_some() {
                break;
            }
            poll();
        }
    });
    assert_eq!(number(&l.get(0).unwrap()), THREADS * ROUNDS);
    drop(l);
    settle(9);
}

/// Copies are of one moment: of elements that are reversed under one lock each is there once, and of values that are set one after the
/// other, from the first key to the last, only the last ones are behind, by one.
#[test]
fn copies_of_one_moment() {
    let l = List::new();
    let d = Dict::new();
    let round = std::sync::Mutex::new(0);
    race(10, |h, random| match random() % 4 {
        0 => {
            let Ok(mut round) = round.try_lock() else { return };
            if l.is_empty() {
                (0..9).for_each(|n| l.push(h, thing(10, n)).unwrap());
            }
            *round += 1;
            for key in 0..9 {
                drop(d.insert(h, key, thing(10, key), thing(10, *round), &mut Pure).unwrap());
            }
        }
        1 if l.len() == 9 => l.reverse(h),
        2 => {
            let copy = l.copy(h).unwrap();
            let numbers: Vec<u64> = (0..copy.len()).map(|i| number(&copy.get(i).unwrap())).collect();
            let forwards = numbers.windows(2).all(|w| w[0] + 1 == w[1]);
            let backwards = numbers.windows(2).all(|w| w[0] == w[1] + 1);
            assert!(forwards || backwards, "{numbers:?}");
        }
        _ => {
            let copy = d.copy(h).unwrap();
            assert!(copy.is_valid());
            let (mut pos, mut values) = (0, Vec::new());
            while let Some((k, v, hash)) = copy.next(&mut pos) {
                assert_eq!(skein_collections::fold(number(&k)), hash);
                values.push(number(&v));
            }
            assert!(values.windows(2).all(|w| w[0] >= w[1]), "{values:?}");
            assert!(values.len() < 9 || values[0] <= values[8] + 1, "{values:?}");
        }
    });
    drop((l, d));
    settle(10);
}
