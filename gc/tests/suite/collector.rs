//! The collector of shared cycles against threads that read, move and drop what it looks at.

use crate::nodes::*;
use skein_gc::publish::publish;
use skein_gc::{Ref, Value, cycle, mutator, uncounted};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const REGISTERS: usize = 4;

/// Registers of a thread, as an interpreter has them: memory that others write while the thread is detached, so it is reached by its
/// address alone.
struct Registers(*mut u64);

/// # Safety
/// As `uncounted::set_walk` wants it.
unsafe fn walk(roots: *const (), f: &mut dyn FnMut(*mut u64)) {
    let words = roots.cast_mut().cast::<u64>();
    for i in 0..REGISTERS {
        // SAFETY: `roots` are the words of a `Registers`.
        f(unsafe { words.add(i) });
    }
}

impl Registers {
    fn begin() -> Registers {
        // SAFETY: visits all words that the threads of these tests have.
        unsafe { uncounted::set_walk(walk, |_, _| ()) };
        let words = Box::into_raw(Box::new([0u64; REGISTERS])).cast::<u64>();
        mutator::set_roots(words.cast_const().cast());
        Registers(words)
    }

    fn at(&mut self, i: usize) -> *mut u64 {
        assert!(i < REGISTERS);
        self.0.wrapping_add(i)
    }

    fn get(&mut self, i: usize) -> u64 {
        // SAFETY: one of ours, and nobody else is at it while we are attached.
        unsafe { *self.at(i) }
    }

    /// Writes a register, which gives up what it held.
    fn set(&mut self, i: usize, word: u64) {
        // SAFETY: as above; a counted word owns its reference.
        unsafe {
            let old = self.at(i).replace(word);
            if old != 0 && old & 7 == 0 {
                drop(Ref::from_value(Value(old)));
            }
        }
    }

    /// Loads a field.
    fn load(&mut self, i: usize, slot: &skein_gc::Slot) {
        // SAFETY: written to a register before anything is dropped.
        let word = unsafe { uncounted::share_if(slot.load()) };
        self.set(i, word);
    }

    /// The node in a register.
    fn node(&mut self, i: usize) -> Option<&'static Node> {
        let word = self.get(i);
        // SAFETY: a register keeps its object alive; used before it is written again.
        (word != 0).then(|| unsafe { &*Value(word).pointer().cast::<Node>() })
    }

    /// An owned reference to what a register holds.
    fn copy(&mut self, i: usize) -> Option<Ref> {
        let word = self.get(i);
        // SAFETY: a register keeps its object alive.
        (word != 0).then(|| unsafe { Ref::copy_of_word(Value(word)) })
    }

    fn end(mut self) {
        for i in 0..REGISTERS {
            self.set(i, 0);
        }
        mutator::set_roots(std::ptr::null());
        // SAFETY: from the box in `begin`, and nobody knows it any more.
        drop(unsafe { Box::from_raw(self.0.cast::<[u64; REGISTERS]>()) });
    }
}

/// xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }
}

const TEST: usize = 20;

/// One step of a thread that works on the graph below `root`, whose nodes it keeps in registers.
fn step(r: &mut Registers, root: &Ref, random: &mut Random) {
    let (i, j) = (random.below(REGISTERS), random.below(REGISTERS));
    let field = |n: &'static Node, first: bool| if first { &n.a } else { &n.b };
    let first = random.below(2) == 0;
    if let Some(n) = r.node(i) {
        // Reads what would have been overwritten if the node had been freed.
        assert_eq!(n.test, TEST, "a node was freed in use");
    }
    match random.below(12) {
        // Start again at the root.
        0 => r.load(i, if first { &node(root).a } else { &node(root).b }),
        // Walk on.
        1..=3 => {
            if let Some(n) = r.node(i) {
                r.load(j, field(n, first));
            }
        }
        // A new node that refers to an old one.
        4..=5 => {
            let class = if random.below(8) == 0 { &FINAL } else { &PLAIN };
            let new = make(class, TEST);
            set_b(&new, r.copy(j));
            r.set(i, new.into_value().0);
        }
        // Store.
        6..=7 => {
            if let (Some(n), new) = (r.node(i), r.copy(j)) {
                drop(field(n, first).set(&n.header, new));
            }
        }
        // Move what a field holds to another without counting it, and forget where it was.
        8 => {
            if let (Some(from), Some(to)) = (r.node(i), r.node(j)) {
                let moved = field(from, first).set(&from.header, None);
                let old = field(to, !first).set(&to.header, moved);
                r.set(i, old.map_or(0, |o| o.into_value().0));
            }
        }
        // Put a node where others find it.
        9 => {
            if let Some(new) = r.copy(i) {
                drop(if first { &node(root).a } else { &node(root).b }.set(&node(root).header, Some(new)));
            }
        }
        // A weak reference, at once followed.
        10 => {
            if let Some(to) = r.copy(i) {
                let w = weakref(&to, TEST, false);
                drop(to);
                r.set(i, 0);
                let again = target(&w);
                r.set(j, again.map_or(0, |o| o.into_value().0));
            }
        }
        _ => r.set(i, 0),
    }
    poll();
}

/// Threads work on one graph while collections go on; in the end nothing is left.
#[test]
fn threads_against_collections() {
    start();
    let root = plain(TEST);
    publish(root.value());
    let stop = AtomicBool::new(false);
    // Miri has no clock of the world.
    let base = if cfg!(miri) {
        1
    } else {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(1, |d| d.as_nanos() as u64)
    };
    println!("seed {base}");
    let found = AtomicUsize::new(0);
    let threads = if cfg!(miri) { 2 } else { 3 };
    beside(|scope| {
        for seed in 0..threads {
            let (root, stop) = (&root, &stop);
            spawn(scope, move || {
                let mut registers = Registers::begin();
                let mut random = Random((base + seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
                while !stop.load(Ordering::Relaxed) {
                    step(&mut registers, root, &mut random);
                }
                registers.end();
            });
        }
        let _stop = Stop(&stop);
        let rounds = if cfg!(miri) { 2 } else { 100_000 };
        let end = Instant::now() + Duration::from_secs(3);
        for _ in 0..rounds {
            found.fetch_add(cycle::collect(), Ordering::Relaxed);
            // Longer where the threads' turns are so rare that nothing was found yet.
            if Instant::now() > end && found.load(Ordering::Relaxed) > 0 {
                break;
            }
        }
    });
    assert!(cfg!(miri) || found.into_inner() > 0);
    drop(root);
    for _ in 0..2000 {
        if alive(TEST) == 0 {
            break;
        }
        cycle::collect();
        mutator::poll();
        mutator::detached(|| std::thread::sleep(Duration::from_micros(200)));
    }
    settle(TEST, 0);
}

/// A cycle that lives only in a register, uncounted, is not taken for garbage.
#[test]
fn a_register_keeps_a_cycle() {
    const TEST: usize = 21;
    start();
    beside_another(|| {
        let mut registers = Registers::begin();
        let holder = plain(TEST);
        publish(holder.value());
        let (x, y) = (plain(TEST), plain(TEST));
        set_a(&x, Some(y.clone()));
        set_a(&y, Some(x.clone()));
        set_a(&holder, Some(x));
        drop(y);
        registers.load(0, &node(&holder).a);
        set_a(&holder, None);
        for _ in 0..20 {
            cycle::collect();
            assert_eq!(alive(TEST), 3);
        }
        registers.set(0, 0);
        for _ in 0..100 {
            cycle::collect();
            if alive(TEST) == 1 {
                break;
            }
        }
        registers.end();
        drop(holder);
        settle(TEST, 0);
    });
}

/// Long chains and large rings are found and freed without deep recursion.
#[test]
fn large_cycles() {
    const TEST: usize = 22;
    let n = if cfg!(miri) { 50 } else { 200_000 };
    start();
    beside_another(|| {
        let first = plain(TEST);
        let mut last = first.clone();
        for _ in 1..n {
            let next = plain(TEST);
            set_a(&next, Some(last));
            last = next;
        }
        set_a(&first, Some(last.clone()));
        publish(first.value());
        drop((first, last));
        for _ in 0..100 {
            cycle::collect();
            if alive(TEST) == 0 {
                break;
            }
        }
        settle(TEST, 0);
    });
}
