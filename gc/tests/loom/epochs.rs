//! Grace periods, and threads that attach and detach (`epoch.rs`, `registry.rs`).

use crate::*;
use loom::sync::atomic::{AtomicBool, fence};

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
                    epochs.1.attach();
                    if slot.0.load(Ordering::Acquire) != 0 {
                        old.use_it();
                    }
                    epochs.1.poll(&epochs.0, || ());
                    if slot.0.load(Ordering::Acquire) != 0 {
                        old.use_it();
                    }
                    epochs.1.detach();
                }
            })
        };
        slot.set(false);
        let epoch = epochs.0.advance();
        while !epochs.1.has_seen(&epochs.0, epoch, || ()) {
            thread::yield_now();
        }
        old.free();
        reader.join().unwrap();
    });
}

/// With no other thread attached a buffer is freed at once; another thread attaches at that moment.
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
                world.threads[1].attach();
                if world.slots[0].0.load(Ordering::Acquire) != 0 {
                    world.thing.use_it();
                }
                world.end(1);
                attached.fetch_sub(1, Ordering::Release);
            })
        };
        if world.slots[0].set(false) {
            // As `registry::alone`.
            fence(Ordering::SeqCst);
            if attached.load(Ordering::Acquire) > 1 {
                let epoch = world.epochs.advance();
                while !world.has_seen(1, epoch) {
                    thread::yield_now();
                }
            }
            world.thing.free();
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
        let reader = spawn(&world, 2, |w| {
            if w.slots[0].get(&w.thing) {
                w.drop_reference(2);
            }
        });
        leaver.join().unwrap();
        let orphan = orphans.lock().unwrap().take();
        if let Some(epoch) = orphan {
            world.poll(0);
            while !(1..3).all(|t| world.has_seen(t, epoch)) {
                thread::yield_now();
            }
            world.settle(0, world.thing.count.claim());
        }
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A thread detaches with a register that holds the thing, attaches again and uses it.
#[test]
fn uncounted_and_detached() {
    model(3, || {
        let world = World::<2>::new();
        let reader = spawn(&world, 1, |w| {
            w.load(1, 0);
            w.threads[1].detach();
            w.threads[1].attach();
            w.kill(1);
            w.poll(1);
        });
        world.empty(0, 0);
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A thread stays detached with a register that holds the thing, until the thing should be dead; two others wait for it.
#[test]
fn detached_and_looked_through() {
    model(2, || {
        let world = World::<3>::new();
        // The thing is in two fields.
        world.slots[1].set(true);
        world.thing.count.increment_shared();
        assert!(world.load(2, 0));
        world.threads[2].detach();
        let other = spawn(&world, 1, |w| {
            w.empty(1, 1);
        });
        world.empty(0, 0);
        world.end(0);
        other.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 0);
        world.threads[2].attach();
        world.kill(2);
        world.end(2);
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// Another one looks through the registers of a thread that is detached, for the sake of an epoch of its own, while the thing becomes
/// PENDING.
#[test]
fn looked_through_before_it_was_pending() {
    model(3, || {
        let world = World::<3>::new();
        assert!(world.load(2, 0));
        world.threads[2].detach();
        let other = spawn(&world, 1, |w| {
            let epoch = w.epochs.advance();
            w.has_seen(2, epoch);
        });
        world.empty(0, 0);
        world.end(0);
        other.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 0);
        world.threads[2].attach();
        world.kill(2);
        world.end(2);
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A thread gives the thing up and detaches; that it holds nothing is known from one that has looked through its registers.
#[test]
fn looked_through_by_another() {
    model(2, || {
        let world = World::<3>::new();
        let user = spawn(&world, 2, |w| {
            w.load(2, 0);
            w.kill(2);
        });
        let other = spawn(&world, 1, |w| {
            let epoch = w.epochs.advance();
            w.poll(1);
            w.has_seen(2, epoch);
        });
        world.empty(0, 0);
        world.end(0);
        user.join().unwrap();
        other.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// The world is stopped while a thread attaches, works and detaches.
#[test]
fn stopped() {
    model(3, || {
        struct Stop {
            quiet: Quiet,
            stopping: AtomicBool,
            heap: UnsafeCell<i32>,
        }
        let work = |stop: &Stop| {
            stop.heap.with_mut(|p| {
                // SAFETY: loom checks that nobody else looks at the same time.
                unsafe { *p += 1 }
            });
        };
        let stop = Arc::new(Stop {
            quiet: Quiet::new(),
            stopping: AtomicBool::new(false),
            heap: UnsafeCell::new(0),
        });
        let other = {
            let stop = stop.clone();
            thread::spawn(move || {
                for _ in 0..2 {
                    // As `mutator::attach`.
                    loop {
                        stop.quiet.attach();
                        if !stop.stopping.load(Ordering::SeqCst) {
                            break;
                        }
                        stop.quiet.detach();
                        while stop.stopping.load(Ordering::SeqCst) {
                            thread::yield_now();
                        }
                    }
                    work(&stop);
                    stop.quiet.detach();
                }
            })
        };
        // As `stop_the_world`.
        stop.stopping.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        while stop.quiet.is_attached() {
            thread::yield_now();
        }
        work(&stop);
        stop.stopping.store(false, Ordering::SeqCst);
        other.join().unwrap();
        // SAFETY: as above.
        stop.heap.with(|p| assert_eq!(unsafe { *p }, 3));
    });
}
