//! Scans of shared objects by several threads.

use crate::nodes::*;
use skein_gc::publish::publish;
use skein_gc::{Ref, cycle, mutator};
use std::sync::atomic::{AtomicBool, Ordering};

const SCANNERS: usize = 3;

/// A binary tree of so many nodes, all of whose leaves refer to its root.
fn tree(n: usize, test: usize) -> Ref {
    let nodes: Vec<Ref> = (0..n).map(|_| plain(test)).collect();
    for (i, node) in nodes.iter().enumerate() {
        let child = |j: usize| nodes.get(2 * i + j).unwrap_or(&nodes[0]).clone();
        set_a(node, Some(child(1)));
        set_b(node, Some(child(2)));
    }
    let root = nodes[0].clone();
    publish(root.value());
    root
}

/// Rings of which each node refers to a node of the tree, too.
fn rings(n: usize, test: usize, tree: &Ref) {
    let mut at = tree.clone();
    for i in 0..n {
        let ring: Vec<Ref> = (0..3).map(|_| plain(test)).collect();
        for (j, r) in ring.iter().enumerate() {
            set_a(r, Some(ring[(j + 1) % 3].clone()));
            set_b(r, Some(at.clone()));
        }
        publish(ring[0].value());
        let next = if i & 5 == 0 {
            node(&at).a.get()
        } else {
            node(&at).b.get()
        };
        at = next.expect("nodes of trees refer to others");
        poll();
    }
}

/// A chain of so many nodes, each of which refers to one of some hubs, too, which refer to the chain: garbage at once, of which many
/// nodes refer to the same, here and there.
fn wheel(n: usize, hubs: usize, test: usize) {
    let hubs: Vec<Ref> = (0..hubs).map(|_| plain(test)).collect();
    let mut chain = hubs[0].clone();
    for i in 0..n {
        let next = plain(test);
        set_a(&next, Some(chain));
        set_b(
            &next,
            Some(hubs[i.wrapping_mul(0x9E37_79B9) >> 8 & (hubs.len() - 1)].clone()),
        );
        chain = next;
    }
    publish(chain.value());
    for hub in &hubs {
        set_a(hub, Some(chain.clone()));
    }
}

/// How many nodes a tree has.
fn size(root: &Ref) -> usize {
    let mut seen = std::collections::HashSet::from([root.value().0]);
    let mut work = vec![root.clone()];
    while let Some(r) = work.pop() {
        for next in [node(&r).a.get(), node(&r).b.get()].into_iter().flatten() {
            if seen.insert(next.value().0) {
                work.push(next);
            }
        }
    }
    seen.len()
}

/// Suspects among the nodes of two tests; `None` if the scan was not finished, since somebody wanted the turn.
fn suspects(of: [usize; 2]) -> Option<[usize; 2]> {
    // Credits look like references from outside, and are given back at a handshake at the latest; to detach gives them back now.
    mutator::detached(|| ());
    let mut found = [0; 2];
    let all = cycle::each_suspect(|h| {
        // SAFETY: every container of these tests is a `Node`.
        let test = unsafe { (*std::ptr::from_ref(h).cast::<Node>()).test };
        for (n, wanted) in found.iter_mut().zip(of) {
            *n += (test == wanted) as usize;
        }
    });
    all.then_some(found)
}

/// Exactly the dead part is suspected, by however many threads. In a process of its own, where nobody else collects.
#[test]
fn scanners_agree() {
    const LIVE: usize = 32;
    const DEAD: usize = 33;
    const ALONE: &str = "SKEIN_SCANNERS_AGREE";
    if !cfg!(miri) && std::env::var_os(ALONE).is_none() {
        let test = std::process::Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "scanners::scanners_agree", "--nocapture"])
            .env(ALONE, "1")
            .status();
        assert!(test.expect("a process").success());
        return;
    }
    let (live, rings_of_3, spokes, hubs, rounds) = if cfg!(miri) {
        (40, 5, 20, 4, 3)
    } else {
        (200_000, 30_000, 200_000, 1 << 10, 30)
    };
    let dead = live + 3 * rings_of_3 + spokes + hubs;
    start();
    // Under Miri other tests are in the process, which want it.
    cycle::set_enabled(cfg!(miri));
    cycle::set_scanners(SCANNERS);
    beside_another(|| {
        let root = tree(live, LIVE);
        rings(rings_of_3, DEAD, &root);
        drop(tree(live, DEAD));
        wheel(spokes, hubs, DEAD);
        // Until helpers have had their share, which they get from pages and, since all of a tree is reached from its root, from batches.
        for round in 0.. {
            assert_eq!(suspects([LIVE, DEAD]), Some([0, dead]), "round {round}");
            let [parts, batches] = cycle::helped();
            if round >= rounds && parts > 0 && batches > 0 {
                break;
            }
            assert!(round < 100 * rounds, "nobody helped");
        }
        collect_all(DEAD);
        assert_eq!(size(&root), live);
        assert_eq!(alive(LIVE), live as isize);
        drop(root);
        collect_all(LIVE);
    });
}

/// Collects until nothing is left of a test's nodes, which are all garbage.
fn collect_all(test: usize) {
    for _ in 0..100 {
        cycle::collect();
        if alive(test) == 0 {
            break;
        }
    }
    settle(test, 0);
}

/// Threads change the living part while it is scanned, and make garbage.
#[test]
fn scanners_against_threads() {
    const LIVE: usize = 34;
    const DEAD: usize = 35;
    let live = if cfg!(miri) { 20 } else { 50_000 };
    let rounds = if cfg!(miri) { 2 } else { 20 };
    start();
    cycle::set_scanners(SCANNERS);
    let stop = AtomicBool::new(false);
    let root = tree(live, LIVE);
    beside(|scope| {
        for seed in 1..=2u64 {
            let (root, stop) = (&root, &stop);
            spawn(scope, move || {
                let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let mut at = root.clone();
                while !stop.load(Ordering::Relaxed) {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    let n = node(&at);
                    assert_eq!(n.test, LIVE, "a node was freed in use");
                    match random >> 20 & 7 {
                        0 => at = root.clone(),
                        // Not faster than it is found.
                        1 if alive(DEAD) < 20_000 => {
                            // A ring that is garbage at once, and refers to what is not.
                            let (x, y) = (plain(DEAD), plain(DEAD));
                            set_a(&x, Some(y.clone()));
                            set_a(&y, Some(x.clone()));
                            set_b(&y, Some(at.clone()));
                            set_b(&x, n.a.get());
                            publish(x.value());
                        }
                        2 => {
                            // The other thread may do so at the same time: what is taken out of a field is put back there.
                            if let Some(moved) = n.a.set(&n.header, None) {
                                drop(n.a.set(&n.header, Some(moved)));
                            }
                        }
                        k => {
                            let next = if k & 1 == 0 { n.a.get() } else { n.b.get() };
                            at = next.unwrap_or_else(|| root.clone());
                        }
                    }
                    poll();
                }
                drop(at);
            });
        }
        let _stop = Stop(&stop);
        for _ in 0..rounds {
            cycle::collect();
            assert_eq!(alive(LIVE), live as isize);
        }
    });
    collect_all(DEAD);
    assert_eq!(size(&root), live);
    drop(root);
    collect_all(LIVE);
}

/// Who forks finds no scanner, and does not wait for the end of the scan.
#[test]
#[cfg(all(target_os = "linux", not(miri)))]
fn a_fork_ends_scans() {
    const TEST: usize = 36;
    start();
    cycle::set_scanners(SCANNERS);
    let stop = AtomicBool::new(false);
    let root = tree(300_000, TEST);
    beside(|scope| {
        spawn(scope, || {
            while !stop.load(Ordering::Relaxed) {
                suspects([TEST, TEST]);
                // So that others get a turn.
                mutator::detached(|| std::thread::sleep(std::time::Duration::from_micros(500)));
                poll();
            }
        });
        let _stop = Stop(&stop);
        for i in 0..100 {
            // Nobody forks, but for the rest it is one.
            let helpers = || {
                let tasks = std::fs::read_dir("/proc/self/task").expect("this process");
                tasks
                    .filter_map(|t| std::fs::read_to_string(t.ok()?.path().join("comm")).ok())
                    .filter(|name| name.trim() == "skein-scanner")
                    .count()
            };
            let mut found = usize::MAX;
            skein_gc::registry::fork(|| {
                // One that has been joined may still be on its way out of the system's list.
                for _ in 0..1000 {
                    found = helpers();
                    if found == 0 {
                        break;
                    }
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                1
            });
            assert_eq!(found, 0, "round {i}");
            mutator::poll();
            mutator::detached(|| std::thread::sleep(std::time::Duration::from_micros(i * 37)));
        }
    });
    drop(root);
    collect_all(TEST);
}
