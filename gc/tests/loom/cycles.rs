//! The confirmation of shared garbage (`cycle/confirm.rs`).
//!
//! The thing refers to itself: slot 0 is its own, and its one reference. Slot 1 is outside.

use crate::*;

impl<const N: usize> World<N> {
    /// As `Header::touch`.
    fn touch(&self) {
        if self.thing.count.peek() & PENDING != 0 {
            self.thing.count.touch();
        }
    }

    /// Moves what a slot holds to the other one, and counts nothing. A slot of the thing is touched.
    fn move_between(&self, from: usize, to: usize) {
        self.touch();
        if self.slots[from].set(false) {
            assert!(!self.slots[to].set(true));
        }
    }

    /// Takes the thing for garbage, and makes sure.
    fn confirm(&self, me: usize) {
        if !self.thing.count.watch_any() {
            return;
        }
        self.handshake(me);
        let references = self.thing.count.watched();
        let edges = self.slots[0].0.load(Ordering::Acquire) as u32;
        if references == Some(edges) {
            self.handshake(me);
            if self.thing.count.watched() == references {
                assert!(self.thing.count.condemn(edges));
                return self.thing.free();
            }
        }
        if self.thing.count.unwatch() == Claim::Again {
            self.rounds(me);
        }
    }
}

/// Nobody has it.
#[test]
fn garbage_is_confirmed() {
    model(3, || {
        let world = World::<2>::new();
        let other = spawn(&world, 1, |w| w.poll(1));
        world.confirm(0);
        world.end(0);
        other.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A register has it, and gives it up after a poll.
#[test]
fn a_register_has_it() {
    model(3, || {
        let world = World::<2>::new();
        world.registers[1].set(Held::Uncounted);
        let other = spawn(&world, 1, |w| {
            w.thing.use_it();
            w.poll(1);
            w.kill(1);
            w.poll(1);
        });
        world.confirm(0);
        world.end(0);
        other.join().unwrap();
    });
}

/// A thread that has it in a register moves its own reference out of it, and forgets it; another one finds that.
#[test]
fn its_reference_is_moved_out() {
    model(2, || {
        let world = World::<3>::new();
        world.registers[1].set(Held::Uncounted);
        let mover = spawn(&world, 1, |w| {
            w.move_between(0, 1);
            w.kill(1);
            w.poll(1);
        });
        let reader = spawn(&world, 2, |w| {
            w.load(2, 1);
            w.poll(2);
            w.kill(2);
        });
        world.confirm(0);
        world.end(0);
        mover.join().unwrap();
        reader.join().unwrap();
    });
}

/// It is moved out and back again, and a reader that has looked through its registers before finds it meanwhile.
#[test]
fn its_reference_is_moved_out_and_back() {
    model(2, || {
        let world = World::<3>::new();
        world.registers[1].set(Held::Uncounted);
        let mover = spawn(&world, 1, |w| {
            w.move_between(0, 1);
            w.move_between(1, 0);
            w.kill(1);
            w.poll(1);
        });
        let reader = spawn(&world, 2, |w| {
            w.poll(2);
            w.load(2, 1);
            w.kill(2);
        });
        world.confirm(0);
        world.end(0);
        mover.join().unwrap();
        reader.join().unwrap();
    });
}

/// It is found outside after the first handshake, moved in, and out again when its edges have been read.
#[test]
fn its_reference_is_moved_in_and_out() {
    model(3, || {
        let world = World::<2>::new();
        world.slots[0].set(false);
        world.slots[1].set(true);
        let mover = spawn(&world, 1, |w| {
            w.poll(1);
            if w.load(1, 1) {
                w.move_between(1, 0);
                w.move_between(0, 1);
                w.kill(1);
            }
            w.poll(1);
            w.load(1, 1);
            w.kill(1);
        });
        world.confirm(0);
        world.end(0);
        mover.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 0);
    });
}

/// The one reference that it has is outside, and another one, who has attached when it was watched, drops it there; a third thread,
/// which polls after that, finds it there.
#[test]
fn its_last_reference_is_dropped() {
    model(2, || {
        let world = World::<3>::new();
        world.slots[0].set(false);
        world.slots[1].set(true);
        world.threads[1].detach();
        let writer = spawn(&world, 1, |w| {
            w.threads[1].attach();
            w.empty(1, 1);
        });
        let reader = spawn(&world, 2, |w| {
            w.poll(2);
            thread::yield_now();
            w.poll(2);
            w.load(2, 1);
            w.kill(2);
        });
        world.confirm(0);
        world.end(0);
        writer.join().unwrap();
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// As before, but it has a reference from itself, too: garbage, when the other one has dropped its own.
#[test]
fn its_reference_outside_is_dropped() {
    model(2, || {
        let world = World::<3>::new();
        world.thing.count.increment_shared();
        world.slots[1].set(true);
        world.threads[1].detach();
        let writer = spawn(&world, 1, |w| {
            w.threads[1].attach();
            w.empty(1, 1);
        });
        let reader = spawn(&world, 2, |w| {
            w.poll(2);
            thread::yield_now();
            w.poll(2);
            w.load(2, 1);
            w.kill(2);
        });
        world.confirm(0);
        world.end(0);
        writer.join().unwrap();
        reader.join().unwrap();
    });
}

/// Its one reference is in a dead object, of which another thread has it watched, or is about to.
#[test]
fn watched_by_two() {
    model(3, || {
        let world = World::<2>::new();
        world.slots[0].set(false);
        let other = spawn(&world, 1, |w| {
            let watched = w.thing.count.watch();
            w.handshake(1);
            // The parent is destroyed.
            w.drop_reference(1);
            if watched {
                w.settle(1, w.thing.count.claim());
            }
        });
        world.confirm(0);
        world.end(0);
        other.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// While it is watched somebody counts it, who has it from outside, and drops it again: at last by the one reference that is left.
#[test]
fn counted_while_it_is_watched() {
    model(3, || {
        let world = World::<2>::new();
        world.slots[0].set(false);
        world.slots[1].set(true);
        let other = spawn(&world, 1, |w| {
            w.poll(1);
            if w.slots[1].get(&w.thing) {
                w.drop_reference(1);
                w.empty(1, 1);
            }
        });
        world.confirm(0);
        world.end(0);
        other.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// Two things refer to each other, and a weak reference to one of them is followed: both die, or none.
#[test]
fn a_weak_reference_to_a_member() {
    model(3, || {
        let world = World::<2>::new();
        // The cell.
        world.slots[1].set(true);
        // The handshakes may be over when it comes.
        world.threads[1].detach();
        let second = Arc::new(Thing::new(1));
        let gate = Arc::new(Mutex::new(()));
        let reader = {
            let (world, second, gate) = (world.clone(), second.clone(), gate.clone());
            thread::spawn(move || {
                world.threads[1].attach();
                if world.slots[1].0.load(Ordering::Acquire) != 0
                    && world.thing.count.try_increment(|| gate.lock().unwrap())
                {
                    world.thing.use_it();
                    second.use_it();
                    assert_eq!(world.thing.count.decrement_shared(), Left::Nothing);
                }
                world.end(1);
            })
        };
        let members = [&world.thing, &*second];
        assert!(members.iter().all(|m| m.count.watch_any()));
        world.handshake(0);
        let clean = || members.iter().all(|m| m.count.watched() == Some(1));
        if clean() {
            world.handshake(0);
            let guard = gate.lock().unwrap();
            if clean() {
                assert!(members.iter().all(|m| m.count.condemn(1)));
                drop(guard);
                world.slots[1].set(false);
                // The memory is given back when every thread has polled: one may have read the address from the cell.
                world.handshake(0);
                members.iter().for_each(|m| m.free());
            }
        }
        world.end(0);
        reader.join().unwrap();
    });
}
