//! The lock in one byte (`bytelock.rs`).

use crate::*;
use loom::sync::Condvar;
use skein_gc::bytelock::{ByteLock, Parking, Woken};

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

/// How often the lock was handed over. Not loom's.
static HANDED_OVER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

struct Model;

impl Parking for Model {
    type Instant = ();
    type BackOff = ();

    /// A wait that ends is over at once.
    fn park(_: &ByteLock, still: impl Fn() -> bool, until: Option<()>) -> Woken {
        let mut lot = LOT.0.lock().unwrap();
        if until.is_some() {
            return Woken::TimedOut;
        }
        if !still() {
            return Woken::Look;
        }
        let me = lot.next;
        lot.next += 1;
        lot.parked.push_back(me);
        loop {
            if let Some(i) = lot.woken.iter().position(|w| w.0 == me) {
                return if lot.woken.swap_remove(i).1 {
                    HANDED_OVER.fetch_add(1, Ordering::Relaxed);
                    Woken::HandedOver
                } else {
                    Woken::Look
                };
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

    fn collide() {}

    fn back_off(_: &mut ()) -> bool {
        false
    }

    /// The second wait counts as long.
    fn waited_long(since: &mut Option<()>) -> bool {
        since.replace(()).is_some()
    }
}

/// That of a lock that nobody waits for.
struct Alone;

impl Parking for Alone {
    type Instant = ();
    type BackOff = ();

    fn park(_: &ByteLock, _: impl Fn() -> bool, _: Option<()>) -> Woken {
        unreachable!()
    }

    fn unpark_one(_: &ByteLock, _: impl FnOnce(bool, bool) -> bool) {
        panic!("a bit is left");
    }

    fn collide() {
        panic!("a bit is left");
    }

    fn back_off(_: &mut ()) -> bool {
        unreachable!()
    }

    fn waited_long(_: &mut Option<()>) -> bool {
        unreachable!()
    }
}

/// All have ended: every bit is clear.
fn is_free(lock: &ByteLock) {
    assert!(!lock.unlock::<Model>());
    lock.lock::<Alone>();
    assert!(lock.unlock::<Alone>());
}

fn lock_with(threads: usize, times: usize, preemptions: usize) {
    model(preemptions, move || {
        let lock = Arc::new((ByteLock::new(), UnsafeCell::new(0)));
        let work = move |lock: &(ByteLock, UnsafeCell<usize>)| {
            for _ in 0..times {
                lock.0.lock::<Model>();
                // SAFETY: locked; loom checks it.
                lock.1.with_mut(|p| unsafe { *p += 1 });
                assert!(lock.0.unlock::<Model>());
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
        is_free(&lock.0);
    });
    assert!(HANDED_OVER.load(Ordering::Relaxed) > 0);
}

/// One of three threads waits for a while only: whether it gets the lock or not, nobody is forgotten.
#[test]
fn with_a_timeout() {
    model(4, || {
        let lock = Arc::new((ByteLock::new(), UnsafeCell::new(0)));
        let work = |lock: &(ByteLock, UnsafeCell<usize>), until| {
            let got = lock.0.wait::<Model>(until);
            if got {
                // SAFETY: locked; loom checks it.
                lock.1.with_mut(|p| unsafe { *p += 1 });
                assert!(lock.0.unlock::<Model>());
            }
            got as usize
        };
        let others = [None, Some(())].map(|until| {
            let lock = lock.clone();
            thread::spawn(move || work(&lock, until))
        });
        let mine = work(&lock, None);
        let all = mine + others.into_iter().map(|t| t.join().unwrap()).sum::<usize>();
        assert!(all >= 2);
        // SAFETY: the others have ended.
        lock.1.with(|p| assert_eq!(unsafe { *p }, all));
        assert!(!lock.0.is_locked());
        is_free(&lock.0);
    });
}

#[test]
fn two_threads() {
    lock_with(2, 2, 4);
}

#[test]
fn three_threads() {
    lock_with(3, 1, 4);
}
