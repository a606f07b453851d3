//! Models of the protocols, run by loom over all interleavings:
//! `RUSTFLAGS="--cfg loom" cargo test -p skein-gc --release --test loom`
//!
//! An object is a [`Thing`]: a count word, and a cell that stands for its memory. Whoever counts it reads the cell; whoever
//! frees it writes the cell. Loom reports a read that is not ordered with the write, and the assertion one that comes after.
//!
//! The models can fail: each ordering of the words that `gc/src` has for itself and each test that makes a transition wait has been taken
//! away once, and one of them failed; but for tests that save time alone or confirm what is so already (`Count::condemn`), and for these:
//!
//! | ordering | why nothing fails without it |
//! |---|---|
//! | Acquire in `Epochs::advance` | an exchange goes on with the release of those before it |
//! | Acquire in `Quiet::attach` | the fence behind it |
//! | Acquire in `Count::claim` | who used the object has polled since, which is seen, or has made it DIRTY; but see `taken_out` |
//! | Acquire in `Count::watch_any` and `condemn` | `watched`, in between, has seen the same decrements; after others neither goes on |
//! | Acquire in `ByteLock::wait`, when the lock is handed over | the lock of the queue of waiters |

#![cfg(loom)]

mod attributes;
mod cycles;
mod edits;
mod epochs;
mod foreign;
mod generators;
mod lists;
mod locks;
mod rounds;
mod signals;
mod tables;
mod weak;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;
use skein_gc::count::{Claim, Count, Left, ONE, PENDING};
use skein_gc::epoch::{Epochs, Quiet};

/// Loom remembers the last access to each word, and the last that was not a load, and looks for others to be put before these. A thread
/// that loads a word and then stores it hides from it an earlier load by another thread. So where one thread writes and others read, the
/// writer is the thread of the model itself, which runs first: loads that follow its stores are all put before them, too.
///
/// What needs many turns is not found with few `preemptions`. A thread that is to come late is detached first, since handshakes do not
/// wait for it then, and one that is to stop in the middle yields: neither is a preemption.
fn model(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    // Not loom's.
    let walks = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let walk = walks.clone();
    builder.check(move || {
        walk.fetch_add(1, Ordering::Relaxed);
        f();
    });
    let walks = walks.load(Ordering::Relaxed);
    println!("{walks} interleavings");
    assert!(walks > 1, "nothing was interleaved");
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

    /// The word is as of memory that is given to something else: who still used it would be noticed.
    fn free(&self) {
        self.count.set_private(0);
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

/// A register, which its own thread uses, and another one that holds that thread: loom checks the accesses.
struct Register(UnsafeCell<Held>);

#[derive(Clone, Copy, PartialEq)]
enum Held {
    Nothing,
    Uncounted,
    Counted,
}

impl Register {
    fn get(&self) -> Held {
        // SAFETY: loom checks that nobody writes at the same time.
        self.0.with(|p| unsafe { *p })
    }

    fn set(&self, held: Held) {
        // SAFETY: loom checks that nobody else looks at the same time.
        self.0.with_mut(|p| unsafe { *p = held });
    }
}

struct World<const N: usize> {
    epochs: Epochs,
    threads: [Quiet; N],
    registers: [Register; N],
    thing: Thing,
    slots: [Slot; 2],
}

impl<const N: usize> World<N> {
    fn new() -> Arc<World<N>> {
        let world = World {
            epochs: Epochs::new(),
            threads: std::array::from_fn(|_| Quiet::new()),
            registers: std::array::from_fn(|_| Register(UnsafeCell::new(Held::Nothing))),
            thing: Thing::new(1),
            slots: [Slot::new(true), Slot::new(false)],
        };
        world.threads.iter().for_each(|t| t.attach());
        Arc::new(world)
    }

    fn poll(&self, me: usize) {
        self.threads[me].poll(&self.epochs, || self.look(me));
    }

    /// As `uncounted::look`.
    fn look(&self, at: usize) {
        if self.registers[at].get() == Held::Uncounted && self.thing.count.peek() & PENDING != 0 {
            self.thing.count.increment_shared();
            self.registers[at].set(Held::Counted);
        }
    }

    fn has_seen(&self, other: usize, epoch: u64) -> bool {
        self.threads[other].has_seen(&self.epochs, epoch, || self.look(other))
    }

    /// As a handler that loads a field: the register holds the thing without counting it. Whether there was one.
    fn load(&self, me: usize, slot: usize) -> bool {
        let found = self.slots[slot].0.load(Ordering::Acquire) != 0;
        if found {
            self.registers[me].set(Held::Uncounted);
            self.thing.use_it();
        }
        found
    }

    /// As a handler that stores a register into a field, and gives it up.
    fn store(&self, me: usize, slot: usize) {
        // As `uncounted::settle`.
        if self.registers[me].get() == Held::Uncounted {
            self.thing.count.increment_shared();
        }
        self.registers[me].set(Held::Nothing);
        if self.slots[slot].set(true) {
            self.drop_reference(me);
        }
    }

    /// As a handler that gives a register up.
    fn kill(&self, me: usize) {
        let held = self.registers[me].get();
        if held != Held::Nothing {
            self.thing.use_it();
        }
        self.registers[me].set(Held::Nothing);
        if held == Held::Counted {
            self.drop_reference(me);
        }
    }

    fn empty(&self, me: usize, slot: usize) {
        if self.slots[slot].set(false) {
            self.drop_reference(me);
        }
    }

    /// Drops a reference; takes the object through rounds if it fell to zero.
    fn drop_reference(&self, me: usize) {
        if self.thing.count.decrement_shared() == Left::Zero {
            self.rounds(me);
        }
    }

    fn handshake(&self, me: usize) {
        let epoch = self.epochs.advance();
        loop {
            self.poll(me);
            if (0..N).all(|t| t == me || self.has_seen(t, epoch)) {
                return;
            }
            thread::yield_now();
        }
    }

    /// Takes the thing, which is PENDING, through rounds; whether it is DEAD then, and the caller's.
    fn is_dead(&self, me: usize) -> bool {
        loop {
            self.handshake(me);
            match self.thing.count.claim() {
                Claim::Dead => return true,
                Claim::Again => {}
                Claim::Alive => return false,
            }
        }
    }

    /// What the owner of a list does with the answer to a claim.
    fn settle(&self, me: usize, claim: Claim) {
        match claim {
            Claim::Dead => self.thing.free(),
            Claim::Again => self.rounds(me),
            Claim::Alive => {}
        }
    }

    fn rounds(&self, me: usize) {
        if self.is_dead(me) {
            self.thing.free();
        }
    }

    fn end(&self, me: usize) {
        self.threads[me].detach();
    }
}

/// A thread of a world, which detaches at the end.
fn spawn<const N: usize>(
    world: &Arc<World<N>>,
    me: usize,
    f: impl Fn(&World<N>) + Send + 'static,
) -> thread::JoinHandle<()> {
    let world = world.clone();
    thread::spawn(move || {
        f(&world);
        world.end(me);
    })
}

/// A reader counts what a writer removes.
#[test]
fn pending() {
    model(3, || {
        let world = World::<2>::new();
        let reader = spawn(&world, 1, |w| {
            if w.slots[0].get(&w.thing) {
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

/// The reader stores what it has counted in another slot for a while; a third thread reads it there.
#[test]
fn pending_and_counted_again() {
    model(3, || {
        let world = World::<3>::new();
        let mover = spawn(&world, 1, |w| {
            if w.slots[0].get(&w.thing) {
                w.slots[1].set(true);
                w.poll(1);
                if w.slots[1].set(false) {
                    w.drop_reference(1);
                }
            }
        });
        let reader = spawn(&world, 2, |w| {
            w.poll(2);
            if w.slots[1].get(&w.thing) {
                w.drop_reference(2);
            }
        });
        if world.slots[0].set(false) {
            world.drop_reference(0);
        }
        world.end(0);
        mover.join().unwrap();
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// It is in two slots, which two threads empty; a third one, which has polled, reads the other one's: whoever makes it PENDING sees it
/// emptied.
#[test]
fn pending_by_what_another_left() {
    model(2, || {
        let world = World::<3>::new();
        world.slots[1].set(true);
        world.thing.count.increment_shared();
        let emptier = spawn(&world, 1, |w| w.empty(1, 1));
        let reader = spawn(&world, 2, |w| {
            w.poll(2);
            w.load(2, 1);
            w.kill(2);
        });
        world.empty(0, 0);
        world.end(0);
        emptier.join().unwrap();
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
        let reader = spawn(&world, 1, |w| {
            if w.slots[0].get(&w.thing) {
                w.poll(1);
                w.thing.use_it();
                w.drop_reference(1);
            }
        });
        if world.slots[0].set(false) {
            world.drop_reference(0);
        }
        let watched = world.thing.count.watch();
        let epoch = world.epochs.advance();
        while !world.has_seen(1, epoch) {
            thread::yield_now();
        }
        world.poll(0);
        // The parent is claimed and destroyed.
        world.drop_reference(0);
        if watched {
            world.settle(0, world.thing.count.claim());
        }
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// As `extension`, with a thread that empties the slot, and one that has polled and reads what the slot held: whoever watches sees it
/// emptied.
#[test]
fn extension_by_what_another_left() {
    model(2, || {
        let world = World::<3>::new();
        // One reference from the dead parent, one from slot 0.
        world.thing.count.increment_shared();
        let emptier = spawn(&world, 1, |w| w.empty(1, 0));
        let reader = spawn(&world, 2, |w| {
            w.poll(2);
            w.load(2, 0);
            w.poll(2);
            w.kill(2);
        });
        let watched = world.thing.count.watch();
        world.handshake(0);
        // The parent is claimed and destroyed.
        world.drop_reference(0);
        if watched {
            world.settle(0, world.thing.count.claim());
        }
        world.end(0);
        emptier.join().unwrap();
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// As `extension`, but the child is taken out of its parent (slot 0) by a thread that has the parent still, just before it is watched: the
/// one reference is that thread's, which keeps it in slot 1 for a while, where a third thread finds it. One touch of the parent, before the
/// change, is not enough: it may come before the parent is PENDING, and the change after its trace.
#[test]
#[should_panic(expected = "Causality violation")]
fn extension_by_what_was_taken_out() {
    taken_out(false);
}

/// The same with one more touch after the change, as `Header::touch_again`: either that touch finds the parent PENDING, or the trace finds the
/// slot empty.
#[test]
fn extension_by_what_was_taken_out_and_touched() {
    taken_out(true);
}

fn taken_out(touched_again: bool) {
    model(2, move || {
        let world = World::<3>::new();
        let parent = Arc::new(Count::new(ONE));
        // Whether the taker has made it PENDING, for the model's end.
        let orphan = Arc::new(AtomicUsize::new(0));
        let taker = {
            let (parent, orphan) = (parent.clone(), orphan.clone());
            spawn(&world, 1, move |w| {
                // As `Header::touch`.
                let touch = || {
                    if parent.peek() & PENDING != 0 {
                        parent.touch();
                    }
                };
                touch();
                let taken = w.slots[0].set(false);
                if touched_again {
                    loom::sync::atomic::fence(Ordering::SeqCst);
                    touch();
                }
                if taken {
                    w.slots[1].set(true);
                    thread::yield_now();
                    w.poll(1);
                    thread::yield_now();
                    if w.slots[1].set(false) && w.thing.count.decrement_shared() == Left::Zero {
                        orphan.store(1, Ordering::Relaxed);
                    }
                }
            })
        };
        let reader = spawn(&world, 2, |w| {
            w.poll(2);
            w.load(2, 1);
            w.kill(2);
        });
        assert_eq!(parent.decrement_shared(), Left::Zero);
        if touched_again {
            loom::sync::atomic::fence(Ordering::SeqCst);
        }
        let watched = world.slots[0].0.load(Ordering::Acquire) != 0 && world.thing.count.watch();
        world.handshake(0);
        let dead = parent.claim() == Claim::Dead;
        if dead {
            world.empty(0, 0);
        }
        if watched {
            let count = &world.thing.count;
            let claim = if dead { count.claim() } else { count.unwatch() };
            world.settle(0, claim);
        }
        world.end(0);
        taker.join().unwrap();
        reader.join().unwrap();
        if orphan.load(Ordering::Relaxed) != 0 {
            world.rounds(0);
        }
        if !dead {
            assert_eq!(parent.claim(), Claim::Dead);
            world.empty(0, 0);
        }
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// The last reference is dropped by who knows that nobody can get at the thing (`drop_unreachable`); another one has just given up its
/// own.
#[test]
fn unreachable() {
    model(4, || {
        let world = World::<2>::new();
        world.thing.count.increment_shared();
        let other = spawn(&world, 1, |w| {
            w.thing.use_it();
            w.drop_reference(1);
        });
        if world.thing.count.claim_last() {
            world.thing.free();
        } else {
            world.drop_reference(0);
        }
        world.end(0);
        other.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A register holds what a writer removes from its field.
#[test]
fn uncounted() {
    model(3, || {
        let world = World::<2>::new();
        let reader = spawn(&world, 1, |w| {
            w.load(1, 0);
            w.poll(1);
            w.kill(1);
            w.poll(1);
        });
        world.empty(0, 0);
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A register is stored in another field for a while, where a third thread loads it without counting it.
#[test]
fn uncounted_and_stored() {
    model(3, || {
        let world = World::<3>::new();
        let mover = spawn(&world, 1, |w| {
            if w.load(1, 0) {
                w.store(1, 1);
                w.poll(1);
                w.empty(1, 1);
            }
        });
        let reader = spawn(&world, 2, |w| {
            w.poll(2);
            w.load(2, 1);
            w.poll(2);
            w.kill(2);
        });
        world.empty(0, 0);
        world.end(0);
        mover.join().unwrap();
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// As before, by a thread that has the thing in its register when it becomes PENDING.
#[test]
fn uncounted_and_stored_when_pending() {
    model(1, || {
        let world = World::<3>::new();
        world.registers[1].set(Held::Uncounted);
        let mover = spawn(&world, 1, |w| {
            w.store(1, 1);
            w.poll(1);
            thread::yield_now();
            w.empty(1, 1);
        });
        let reader = spawn(&world, 2, |w| {
            w.poll(2);
            w.load(2, 1);
            w.kill(2);
        });
        world.empty(0, 0);
        world.end(0);
        mover.join().unwrap();
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// The child of a PENDING parent is watched, while a register holds it from elsewhere.
#[test]
fn uncounted_and_watched() {
    model(3, || {
        let world = World::<2>::new();
        // The thing is the child: one reference from the dead parent, one from slot 0.
        world.thing.count.increment_shared();
        let reader = spawn(&world, 1, |w| {
            w.load(1, 0);
            w.poll(1);
            w.kill(1);
        });
        world.empty(0, 0);
        let watched = world.thing.count.watch();
        let epoch = world.epochs.advance();
        while !world.has_seen(1, epoch) {
            thread::yield_now();
        }
        world.poll(0);
        // The parent is claimed and destroyed.
        world.drop_reference(0);
        if watched {
            world.settle(0, world.thing.count.claim());
        }
        world.end(0);
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// A thread counts ahead what it has found, pays a reference in a field from its credits and takes it back as a credit, before it
/// settles at its poll (`credit.rs`); another one reads that field.
#[test]
fn credits() {
    model(3, || {
        let world = World::<3>::new();
        let keeper = spawn(&world, 1, |w| {
            if w.slots[0].0.load(Ordering::Acquire) != 0 {
                w.thing.count.increment_shared_by(3);
                let mut credits = 2;
                // While the thing is PENDING nothing is paid from credits.
                if w.thing.count.peek() & PENDING == 0 {
                    credits -= 1;
                    w.slots[1].set(true);
                    if w.slots[1].set(false) {
                        if w.thing.count.peek() & PENDING == 0 {
                            credits += 1;
                        } else {
                            w.drop_reference(1);
                        }
                    }
                }
                if w.thing.count.decrement_shared_by(credits) == Left::Zero {
                    w.rounds(1);
                }
                w.poll(1);
                w.thing.use_it();
                w.drop_reference(1);
            }
        });
        let reader = spawn(&world, 2, |w| {
            w.load(2, 1);
            w.poll(2);
            w.kill(2);
        });
        world.empty(0, 0);
        world.end(0);
        keeper.join().unwrap();
        reader.join().unwrap();
        assert_eq!(world.thing.freed.load(Ordering::Relaxed), 1);
    });
}

/// An object is filled, published and stored; another thread finds it, counts it and reads it.
#[test]
fn publication() {
    published_and(|thing, slot| {
        let found = slot.0.load(Ordering::Acquire) != 0;
        if found {
            thing.count.increment_shared();
        }
        found
    });
}

/// As before; the other thread takes it out of the slot, with the reference that is there, and puts it back.
#[test]
fn publication_and_exchange() {
    published_and(|_, slot| slot.set(false));
}

/// `find` gives whether there was a reference, which is the caller's now.
fn published_and(find: fn(&Thing, &Slot) -> bool) {
    model(4, move || {
        let owner = Arc::new(AtomicUsize::new(1));
        let thing = Arc::new(Thing::new(0));
        let slot = Arc::new(Slot::new(false));
        let reader = {
            let (owner, thing, slot) = (owner.clone(), thing.clone(), slot.clone());
            thread::spawn(move || {
                if find(&thing, &slot) {
                    // Relaxed, as `Header::is_private`.
                    assert_ne!(owner.load(Ordering::Relaxed), 2);
                    assert_eq!(owner.load(Ordering::Relaxed), 0);
                    thing.use_it();
                    if slot.set(true) {
                        assert_eq!(thing.count.decrement_shared(), Left::Nothing);
                    }
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
