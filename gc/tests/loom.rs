//! Models of the protocols, run by loom over all interleavings:
//! `RUSTFLAGS="--cfg loom" cargo test -p skein-gc --release --test loom`
//!
//! An object is a [`Thing`]: a count word, and a cell that stands for its memory. Whoever counts it reads the cell; whoever
//! frees it writes the cell. Loom reports a read that is not ordered with the write, and the assertion one that comes after.

#![cfg(loom)]

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicUsize, Ordering, fence};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use skein_gc::bytelock::{ByteLock, Parking};
use skein_gc::count::{Claim, Count, Left, ONE};
use skein_gc::epoch::{Epochs, Quiet};

fn model(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(f);
}

struct Thing {
    count: Count,
    memory: UnsafeCell<bool>,
    freed: AtomicUsize,
}

impl Thing {
    fn new(references: u32) -> Thing {
        Thing {
            count: Count::new(references * ONE),
            memory: UnsafeCell::new(true),
            freed: AtomicUsize::new(0),
        }
    }

    fn use_it(&self) {
        self.memory.with(|p| {
            // SAFETY: loom checks that nobody writes at the same time.
            assert!(unsafe { *p }, "used after it was freed");
        });
    }

    fn free(&self) {
        self.memory.with_mut(|p| {
            // SAFETY: loom checks that nobody else looks at the same time.
            unsafe { *p = false }
        });
        self.freed.fetch_add(1, Ordering::Relaxed);
    }
}

/// A slot of a shared object: holds the one thing, or nothing.
struct Slot(AtomicUsize);

impl Slot {
    fn new(full: bool) -> Slot {
        Slot(AtomicUsize::new(full as usize))
    }

    /// As `Slot::get`: an owned reference.
    fn get(&self, thing: &Thing) -> bool {
        if self.0.load(Ordering::Acquire) == 0 {
            return false;
        }
        thing.count.increment_shared();
        thing.use_it();
        true
    }

    /// As `Slot::set`: whether there was a reference, which is the caller's now.
    fn set(&self, full: bool) -> bool {
        self.0.swap(full as usize, Ordering::AcqRel) != 0
    }
}

struct World<const N: usize> {
    epochs: Epochs,
    threads: [Quiet; N],
    thing: Thing,
    slots: [Slot; 2],
}

impl<const N: usize> World<N> {
    fn new() -> Arc<World<N>> {
        let world = World {
            epochs: Epochs::new(),
            threads: std::array::from_fn(|_| Quiet::new()),
            thing: Thing::new(1),
            slots: [Slot::new(true), Slot::new(false)],
        };
        world.threads.iter().for_each(|t| t.attach(&world.epochs));
        Arc::new(world)
    }

    fn poll(&self, me: usize) {
        self.threads[me].poll(&self.epochs);
    }

    /// Drops a reference; takes the object through rounds if it fell to zero.
    fn drop_reference(&self, me: usize) {
        if self.thing.count.decrement_shared() == Left::Zero {
            self.rounds(me);
        }
    }

    fn rounds(&self, me: usize) {
        loop {
            let epoch = self.epochs.advance();
            while !self.threads.iter().all(|t| t.has_seen(epoch)) {
                self.poll(me);
                thread::yield_now();
            }
            match self.thing.count.claim() {
                Claim::Dead => return self.thing.free(),
                Claim::Again => {}
                Claim::Alive => return,
            }
        }
    }

    fn end(&self, me: usize) {
        self.threads[me].detach();
    }
}

/// A reader counts what a writer removes.
#[test]
fn pending() {
    model(3, || {
        let world = World::<2>::new();
        let reader = {
            let world = world.clone();
            thread::spawn(move || {
                if world.slots[0].get(&world.thing) {
                    world.poll(1);
                    world.thing.use_it();
                    world.drop_reference(1);
                }
                world.end(1);
            })
        };
        if world.slots[0].set(false) {
            world.drop_reference(0);
        }
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// The reader stores what it has counted in another slot for a while; a third thread reads it there.
#[test]
fn pending_and_counted_again() {
    model(3, || {
        let world = World::<3>::new();
        let mover = {
            let world = world.clone();
            thread::spawn(move || {
                if world.slots[0].get(&world.thing) {
                    world.slots[1].set(true);
                    world.poll(1);
                    if world.slots[1].set(false) {
                        world.drop_reference(1);
                    }
                }
                world.end(1);
            })
        };
        let reader = {
            let world = world.clone();
            thread::spawn(move || {
                world.poll(2);
                if world.slots[1].get(&world.thing) {
                    world.drop_reference(2);
                }
                world.end(2);
            })
        };
        if world.slots[0].set(false) {
            world.drop_reference(0);
        }
        world.end(0);
        mover.join().unwrap();
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A weak reference is dereferenced while the target dies.
#[test]
fn weak_reference() {
    model(3, || {
        let world = World::<2>::new();
        let reader = {
            let world = world.clone();
            thread::spawn(move || {
                // The cell's address is valid until this thread polls, whether it has been cleared or not.
                if world.slots[1].0.load(Ordering::Acquire) == 0 && world.thing.count.try_increment() {
                    world.thing.use_it();
                    world.poll(1);
                    world.thing.use_it();
                    world.drop_reference(1);
                }
                world.end(1);
            })
        };
        if world.slots[0].set(false) {
            world.drop_reference(0);
        }
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A child is watched for the sake of its PENDING parent, while a reader that has it from elsewhere counts it.
#[test]
fn extension() {
    model(3, || {
        let world = World::<2>::new();
        // The thing is the child: one reference from the dead parent, one from slot 0.
        world.thing.count.increment_shared();
        let reader = {
            let world = world.clone();
            thread::spawn(move || {
                if world.slots[0].get(&world.thing) {
                    world.poll(1);
                    world.thing.use_it();
                    world.drop_reference(1);
                }
                world.end(1);
            })
        };
        if world.slots[0].set(false) {
            world.drop_reference(0);
        }
        let watched = world.thing.count.watch();
        let epoch = world.epochs.advance();
        while !world.threads[1].has_seen(epoch) {
            thread::yield_now();
        }
        world.poll(0);
        // The parent is claimed and destroyed.
        world.drop_reference(0);
        if watched {
            match world.thing.count.claim() {
                Claim::Dead => world.thing.free(),
                Claim::Again => world.rounds(0),
                Claim::Alive => {}
            }
        }
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A buffer is replaced and retired while a thread attaches, reads and detaches.
#[test]
fn grace_period() {
    model(4, || {
        let epochs = Arc::new((Epochs::new(), Quiet::new()));
        let old = Arc::new(Thing::new(1));
        let slot = Arc::new(Slot::new(true));
        let reader = {
            let (epochs, old, slot) = (epochs.clone(), old.clone(), slot.clone());
            thread::spawn(move || {
                for _ in 0..2 {
                    epochs.1.attach(&epochs.0);
                    if slot.0.load(Ordering::Acquire) != 0 {
                        old.use_it();
                    }
                    epochs.1.poll(&epochs.0);
                    if slot.0.load(Ordering::Acquire) != 0 {
                        old.use_it();
                    }
                    epochs.1.detach();
                }
            })
        };
        slot.set(false);
        let epoch = epochs.0.advance();
        while !epochs.1.has_seen(epoch) {
            thread::yield_now();
        }
        old.free();
        reader.join().unwrap();
    });
}

/// With no other thread attached an object is claimed at once; another thread attaches at that moment.
#[test]
fn alone() {
    model(4, || {
        let world = World::<2>::new();
        world.threads[1].detach();
        let attached = Arc::new(AtomicUsize::new(1));
        let other = {
            let (world, attached) = (world.clone(), attached.clone());
            thread::spawn(move || {
                // As `mutator::attach`.
                attached.fetch_add(1, Ordering::SeqCst);
                world.threads[1].attach(&world.epochs);
                if world.slots[0].get(&world.thing) {
                    world.drop_reference(1);
                }
                world.end(1);
                attached.fetch_sub(1, Ordering::Release);
            })
        };
        if world.slots[0].set(false) && world.thing.count.decrement_shared() == Left::Zero {
            // As `registry::alone`.
            fence(Ordering::SeqCst);
            if attached.load(Ordering::Acquire) <= 1 {
                // As `reclaim::zero_shared`.
                loop {
                    match world.thing.count.claim() {
                        Claim::Dead => break world.thing.free(),
                        Claim::Again => {}
                        Claim::Alive => break,
                    }
                }
            } else {
                world.rounds(0);
            }
        }
        world.end(0);
        other.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A thread exits and leaves a PENDING object to another.
#[test]
fn exit() {
    model(3, || {
        let world = World::<3>::new();
        let orphans = Arc::new(Mutex::new(None::<u64>));
        let leaver = {
            let (world, orphans) = (world.clone(), orphans.clone());
            thread::spawn(move || {
                if world.slots[0].set(false) && world.thing.count.decrement_shared() == Left::Zero {
                    *orphans.lock().unwrap() = Some(world.epochs.advance());
                }
                world.end(1);
            })
        };
        let reader = {
            let world = world.clone();
            thread::spawn(move || {
                if world.slots[0].get(&world.thing) {
                    world.drop_reference(2);
                }
                world.end(2);
            })
        };
        leaver.join().unwrap();
        let orphan = orphans.lock().unwrap().take();
        if let Some(epoch) = orphan {
            world.poll(0);
            while !world.threads.iter().all(|t| t.has_seen(epoch)) {
                thread::yield_now();
            }
            match world.thing.count.claim() {
                Claim::Dead => world.thing.free(),
                Claim::Again => world.rounds(0),
                Claim::Alive => {}
            }
        }
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// An object is filled, published and stored; another thread finds it, counts it and reads it.
#[test]
fn publication() {
    model(4, || {
        let owner = Arc::new(AtomicUsize::new(1));
        let thing = Arc::new(Thing::new(0));
        let slot = Arc::new(Slot::new(false));
        let reader = {
            let (owner, thing, slot) = (owner.clone(), thing.clone(), slot.clone());
            thread::spawn(move || {
                if slot.0.load(Ordering::Acquire) != 0 {
                    // Relaxed, as `Header::is_private`.
                    assert_ne!(owner.load(Ordering::Relaxed), 2);
                    assert_eq!(owner.load(Ordering::Relaxed), 0);
                    thing.count.increment_shared();
                    thing.use_it();
                    assert_eq!(thing.count.decrement_shared(), Left::Nothing);
                }
            })
        };
        // Private: plain.
        thing.memory.with_mut(|p| {
            // SAFETY: loom checks that nobody else looks at the same time.
            unsafe { *p = true }
        });
        thing.count.set_private(ONE);
        // `publish`, then `Slot::set`.
        owner.store(0, Ordering::Relaxed);
        slot.set(true);
        reader.join().unwrap();
        assert_eq!(thing.count.peek(), ONE);
    });
}

// ---- the lock ----------------------------------------------------------------------------------------------------

/// A queue of parked threads, as the parking lot has.
#[derive(Default)]
struct Lot {
    next: usize,
    parked: std::collections::VecDeque<usize>,
    /// Who has been woken, and whether the lock was handed over.
    woken: Vec<(usize, bool)>,
}

loom::lazy_static! {
    static ref LOT: (Mutex<Lot>, Condvar) = (Mutex::new(Lot::default()), Condvar::new());
}

struct Model;

impl Parking for Model {
    const SPINS: u32 = 0;
    type Instant = ();

    fn park(_: &ByteLock, still: impl Fn() -> bool) -> bool {
        let mut lot = LOT.0.lock().unwrap();
        if !still() {
            return false;
        }
        let me = lot.next;
        lot.next += 1;
        lot.parked.push_back(me);
        loop {
            if let Some(i) = lot.woken.iter().position(|w| w.0 == me) {
                return lot.woken.swap_remove(i).1;
            }
            lot = LOT.1.wait(lot).unwrap();
        }
    }

    fn unpark_one(_: &ByteLock, then: impl FnOnce(bool, bool) -> bool) {
        let mut lot = LOT.0.lock().unwrap();
        let somebody = lot.parked.pop_front();
        let handed_over = then(somebody.is_some(), !lot.parked.is_empty());
        if let Some(who) = somebody {
            lot.woken.push((who, handed_over));
            LOT.1.notify_all();
        }
    }

    /// The second wait counts as long.
    fn waited_long(since: &mut Option<()>) -> bool {
        since.replace(()).is_some()
    }
}

fn lock_with(threads: usize, times: usize, preemptions: usize) {
    model(preemptions, move || {
        let lock = Arc::new((ByteLock::new(), UnsafeCell::new(0)));
        let work = move |lock: &(ByteLock, UnsafeCell<usize>)| {
            for _ in 0..times {
                lock.0.lock::<Model>();
                // SAFETY: locked; loom checks it.
                lock.1.with_mut(|p| unsafe { *p += 1 });
                lock.0.unlock::<Model>();
            }
        };
        let others: Vec<_> = (1..threads)
            .map(|_| {
                let lock = lock.clone();
                thread::spawn(move || work(&lock))
            })
            .collect();
        work(&lock);
        others.into_iter().for_each(|t| t.join().unwrap());
        // SAFETY: the others have ended.
        lock.1.with(|p| assert_eq!(unsafe { *p }, threads * times));
        assert!(!lock.0.is_locked());
    });
}

#[test]
fn lock_two_threads() {
    lock_with(2, 2, 4);
}

#[test]
fn lock_three_threads() {
    lock_with(3, 1, 4);
}
