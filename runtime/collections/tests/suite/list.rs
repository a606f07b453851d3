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
                        l.insert(h, at, item()).unwrap();
                        v.insert(at, step);
                    }
                    8 => assert_eq!(l.pop(h).map(|r| number(&r)), v.pop()),
                    9 => {
                        let out = l.remove(h, at).map(|r| number(&r));
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
                        assert!(l.put_back(h, all).unwrap().is_empty());
                    }
                }
                assert_eq!(l.len(), v.len());
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
