//! Weak references (`weak.rs`). Slot 1 is their cell, where it is used: full until the thing dies.

use crate::*;

impl<const N: usize> World<N> {
    /// As `WeakCell::get`: an owned reference.
    fn dereference<G>(&self, me: usize, gate: impl FnOnce() -> G) -> bool {
        let cell = &self.slots[1].0;
        if cell.load(Ordering::Acquire) == 0 || !self.thing.count.try_increment(gate) {
            return false;
        }
        if cell.load(Ordering::Relaxed) == 0 {
            self.give_up(me);
            return false;
        }
        true
    }

    /// Drops a reference. When the thing dies its cell is cleared, and a grace period later its memory is given back.
    fn give_up(&self, me: usize) {
        if self.thing.count.decrement_shared() == Left::Zero && self.is_dead(me) {
            self.slots[1].set(false);
            self.handshake(me);
            self.thing.free();
        }
    }
}

/// A weak reference is dereferenced while the target dies.
#[test]
fn weak_reference() {
    model(3, || {
        let world = World::<2>::new();
        let reader = spawn(&world, 1, |w| {
            // The cell's address is valid until this thread polls, whether it has been cleared or not.
            if w.slots[1].0.load(Ordering::Acquire) == 0 && w.thing.count.try_increment(|| ()) {
                w.thing.use_it();
                w.poll(1);
                w.thing.use_it();
                w.drop_reference(1);
            }
        });
        if world.slots[0].set(false) {
            world.drop_reference(0);
        }
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A weak reference counts a thing that a register of another thread holds uncounted.
#[test]
fn uncounted_and_weak() {
    model(3, || {
        let world = World::<3>::new();
        let reader = spawn(&world, 1, |w| {
            if w.thing.count.try_increment(|| ()) {
                w.slots[1].set(true);
                w.poll(1);
                w.empty(1, 1);
            }
        });
        let other = spawn(&world, 2, |w| {
            w.load(2, 1);
            w.poll(2);
            w.kill(2);
        });
        world.empty(0, 0);
        world.end(0);
        reader.join().unwrap();
        other.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// As before, when it is PENDING already.
#[test]
fn stored_when_pending() {
    model(1, || {
        let world = World::<3>::new();
        let reader = spawn(&world, 1, |w| {
            if w.thing.count.try_increment(|| ()) {
                w.slots[1].set(true);
                w.poll(1);
                thread::yield_now();
                w.empty(1, 1);
            }
        });
        let other = spawn(&world, 2, |w| {
            w.poll(2);
            w.load(2, 1);
            w.kill(2);
        });
        world.empty(0, 0);
        world.end(0);
        reader.join().unwrap();
        other.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// It is followed by a thread that has polled: when the target is DEAD, or its cell is cleared already.
#[test]
fn followed_to_the_end() {
    model(3, || {
        let world = World::<2>::new();
        world.slots[1].set(true);
        let reader = spawn(&world, 1, |w| {
            w.poll(1);
            if w.dereference(1, || ()) {
                w.poll(1);
                w.thing.use_it();
                w.give_up(1);
            }
        });
        if world.slots[0].set(false) {
            world.give_up(0);
        }
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// The target is garbage, which lives again to be emptied when its cell has been cleared: nobody gets it from there then.
#[test]
fn emptied() {
    model(3, || {
        let world = World::<2>::new();
        world.slots[1].set(true);
        // The handshakes may be over when it comes.
        world.threads[1].detach();
        let gate = Arc::new(Mutex::new(()));
        let reader = {
            let gate = gate.clone();
            spawn(&world, 1, move |w| {
                w.threads[1].attach();
                if w.dereference(1, || gate.lock().unwrap()) {
                    w.thing.use_it();
                    // Its reference to itself.
                    assert_eq!(w.slots[0].0.load(Ordering::Relaxed), 1, "found when it was emptied");
                    assert_eq!(w.thing.count.decrement_shared(), Left::Nothing);
                }
            })
        };
        let count = &world.thing.count;
        assert!(count.watch_any());
        world.handshake(0);
        if count.watched() == Some(1) {
            world.handshake(0);
            let guard = gate.lock().unwrap();
            if count.watched() == Some(1) {
                assert!(count.condemn(1));
                drop(guard);
                world.slots[1].set(false);
                // One for who empties it.
                count.revive(2);
                world.empty(0, 0);
                world.drop_reference(0);
            }
        }
        world.end(0);
        reader.join().unwrap();
    });
}
