use crate::objects::*;
use skein_collections::List;
use skein_gc::publish::publish;

fn numbers(l: &List) -> Vec<u64> {
    (0..l.len()).map(|i| number(&l.get(i).unwrap())).collect()
}

#[test]
fn against_vec() {
    start();
    for shared in [false, true] {
        {
            let h = thing(4, 0);
            if shared {
                publish(h.value());
            }
            let h = h.header().unwrap();
            let (l, mut v) = (List::new(), Vec::new());
            let mut seed = 1u64;
            for step in 0..if cfg!(miri) { 80 } else { 20_000 } {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let at = (seed >> 33) as usize % (v.len() + 1);
                let item = || thing(4, step);
                match seed >> 60 {
                    0..6 => {
                        l.push(h, item()).unwrap();
                        v.push(step);
                    }
                    6..8 => {
                        l.insert(h, at as i64, item()).unwrap();
                        v.insert(at, step);
                    }
                    8 => assert_eq!(l.pop(h).map(|r| number(&r)), v.pop()),
                    9 => {
                        let out = l.remove(h, at as i64).map(|r| number(&r));
                        assert_eq!(out, (at < v.len()).then(|| v.remove(at)));
                    }
                    10 => {
                        let n = 5.min(v.len() - at);
                        assert_eq!(l.remove_range(h, at, 5).unwrap().len(), n);
                        v.drain(at..at + n);
                    }
                    11 => {
                        let n = 3.min(v.len() - at);
                        l.replace_range(h, at, n, (0..5).map(|_| item()).collect()).unwrap();
                        v.splice(at..at + n, [step; 5]);
                    }
                    12 => {
                        l.reverse(h);
                        v.reverse();
                    }
                    13 => match l.set(h, at, item()) {
                        Ok(old) => assert_eq!(number(&old), std::mem::replace(&mut v[at], step)),
                        Err(_) => assert_eq!(at, v.len()),
                    },
                    14 if v.len() < if cfg!(miri) { 30 } else { 1000 } => {
                        l.extend_from(h, &l, h).unwrap();
                        v.extend_from_within(..);
                    }
                    _ => {
                        let all = l.take_all(h).unwrap();
                        assert!(l.is_empty());
                        assert!(l.put_back(h, all).is_empty());
                    }
                }
                assert_eq!(l.len(), v.len());
                // So that other tests do not wait for this one.
                if skein_gc::poll_word() != 0 {
                    skein_gc::mutator::poll();
                }
            }
            assert_eq!(numbers(&l), v);
            assert!(l.is_valid());
            assert_eq!(numbers(&l.copy(h).unwrap()), v);
            assert_eq!(l.snapshot(h).unwrap().len(), v.len());
            l.clear(h);
            assert!(l.is_empty() && l.get(0).is_none() && l.pop(h).is_none());
        }
        settle(4);
    }
}

/// Either all of a change is made or nothing, and that only if the list is as it was seen.
#[test]
fn compare_and_change() {
    start();
    for shared in [false, true] {
        let holder = thing(8, 0);
        if shared {
            publish(holder.value());
        }
        let h = holder.header().unwrap();
        let l = List::new();
        for i in 0..3 {
            l.push(h, thing(8, i)).unwrap();
        }
        let seen = |i: usize| (i, l.get(i).unwrap());
        let old = l.change_if(h, 3, &[seen(1)], vec![(0, thing(8, 10)), (2, thing(8, 12))], 3);
        assert_eq!(old.unwrap().unwrap().iter().map(number).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(numbers(&l), [10, 1, 12]);
        // Longer, shorter.
        let old = l.change_if(h, 3, &[], vec![(3, thing(8, 13)), (0, thing(8, 20))], 4);
        assert_eq!(old.unwrap().unwrap().len(), 1);
        assert_eq!(numbers(&l), [20, 1, 12, 13]);
        let old = l.change_if(h, 4, &[seen(3)], vec![(0, l.get(3).unwrap())], 3);
        assert_eq!(old.unwrap().unwrap().len(), 2);
        assert_eq!(numbers(&l), [13, 1, 12]);
        // Not as it was seen: another element, another length.
        let other = [(1, thing(8, 1))];
        assert!(l.change_if(h, 3, &other, vec![(0, thing(8, 9))], 3).unwrap().is_none());
        assert!(l.change_if(h, 2, &[], vec![(0, thing(8, 9))], 2).unwrap().is_none());
        assert_eq!(numbers(&l), [13, 1, 12]);
        assert!(l.is_valid());
        drop(other);
        // One by one, to buffers that are smaller each time.
        for i in 3..100 {
            l.push(h, thing(8, i)).unwrap();
        }
        for len in (1..=100).rev() {
            let last = l.get(len - 1).unwrap();
            let new = if len > 1 { vec![(0, last)] } else { vec![] };
            assert!(l.change_if(h, len, &[], new, len - 1).unwrap().is_some());
            assert!(l.is_valid());
        }
        assert_eq!(l.len(), 0);
        drop((l, holder));
        settle(8);
    }
}
