//! The signal that keeps the reaper ticking (`signal.rs`, `reaper.rs`): what a thread has left is asked about until it is gone.

use crate::*;
use loom::sync::Condvar;
use loom::sync::atomic::AtomicUsize;
use skein_gc::signal::Signal;

/// Handshakes that a thread wants before what it has left is gone: one to begin a grace period, one to see it over.
const WANTED: usize = 2;
/// Ticks without a signal after which the reaper sleeps.
const IDLE: usize = 1;

/// How often the reaper slept. Not loom's.
static SLEPT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

struct Mutator {
    requested: Mutex<bool>,
    asked: Condvar,
}

struct System<const N: usize> {
    active: Signal,
    /// The reaper is to look; what its parking is in the program.
    woken: Mutex<bool>,
    wake: Condvar,
    mutators: [Mutator; N],
    /// Mutators that still have something.
    left: AtomicUsize,
}

impl<const N: usize> System<N> {
    fn new() -> Arc<System<N>> {
        Arc::new(System {
            active: Signal::new(),
            woken: Mutex::new(false),
            wake: Condvar::new(),
            mutators: std::array::from_fn(|_| Mutator {
                requested: Mutex::new(false),
                asked: Condvar::new(),
            }),
            left: AtomicUsize::new(N),
        })
    }

    fn unpark(&self) {
        *self.woken.lock().unwrap() = true;
        self.wake.notify_one();
    }

    fn keep_ticking(&self) {
        if !self.active.is_up() {
            self.active.raise();
            self.unpark();
        }
    }

    /// Drops something, and goes on until it is gone. Waits for each handshake: if none came it would wait for ever, which loom
    /// reports.
    fn drop_something(&self, me: usize) {
        self.keep_ticking();
        for seen in 1..=WANTED {
            let m = &self.mutators[me];
            let mut requested = m.requested.lock().unwrap();
            while !*requested {
                requested = m.asked.wait(requested).unwrap();
            }
            *requested = false;
            drop(requested);
            if seen < WANTED {
                self.keep_ticking();
            }
        }
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            // For the model's end.
            self.unpark();
        }
    }

    fn reap(&self) {
        let mut idle = 0;
        while self.left.load(Ordering::Acquire) > 0 {
            idle = if self.active.take() { 0 } else { idle + 1 };
            if idle <= IDLE {
                for m in &self.mutators {
                    *m.requested.lock().unwrap() = true;
                    m.asked.notify_one();
                }
                thread::yield_now();
            } else {
                SLEPT.fetch_add(1, Ordering::Relaxed);
                let mut woken = self.woken.lock().unwrap();
                while !*woken {
                    woken = self.wake.wait(woken).unwrap();
                }
                *woken = false;
            }
        }
    }
}

fn run<const N: usize>(preemptions: usize) {
    model(preemptions, || {
        let system = System::<N>::new();
        let threads: Vec<_> = (0..N)
            .map(|me| {
                let system = system.clone();
                thread::spawn(move || system.drop_something(me))
            })
            .collect();
        system.reap();
        for t in threads {
            t.join().unwrap();
        }
        system.active.take();
        assert!(!system.active.is_up());
    });
    assert!(SLEPT.load(Ordering::Relaxed) > 0, "the reaper never sleeps");
}

#[test]
fn one_thread_is_asked_until_it_has_nothing() {
    run::<1>(4);
}

#[test]
fn two_threads_are_asked_until_they_have_nothing() {
    run::<2>(2);
}
