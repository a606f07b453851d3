//! Generators that several threads run and a collector looks at (`runtime/interpreter`: `generator.rs`, `generator/look.rs`). States and
//! orderings are those of the sources.

use crate::*;
use loom::sync::atomic::AtomicU8;

const SUSPENDED: u8 = 1;
const RUNNING: u8 = 2;
const DONE: u8 = 3;
const LOOKED: u8 = 0x80;

struct Generator {
    state: AtomicU8,
    /// What its frame holds.
    saved: UnsafeCell<usize>,
}

impl Generator {
    fn new() -> Arc<Generator> {
        Arc::new(Generator {
            state: AtomicU8::new(SUSPENDED),
            saved: UnsafeCell::new(0),
        })
    }

    /// Runs it up to the next yield, or its end; false if it runs elsewhere or is done.
    fn resume(&self, next: u8) -> bool {
        loop {
            match self
                .state
                .compare_exchange(SUSPENDED, RUNNING, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => break,
                Err(now) if now == SUSPENDED | LOOKED => thread::yield_now(),
                Err(_) => return false,
            }
        }
        // SAFETY: loom checks that nobody else looks at the same time.
        self.saved.with_mut(|p| unsafe { *p += 1 });
        self.state.store(next, Ordering::Release);
        true
    }

    /// As a collector looks at what it holds; `None` if it runs, or another one looks.
    fn look(&self) -> Option<usize> {
        // SAFETY: loom checks that nobody writes at the same time.
        let saved = || self.saved.with(|p| unsafe { *p });
        match self.state.load(Ordering::Acquire) {
            SUSPENDED => {
                self.state
                    .compare_exchange(SUSPENDED, SUSPENDED | LOOKED, Ordering::Acquire, Ordering::Relaxed)
                    .ok()?;
                let n = saved();
                self.state.fetch_and(!LOOKED, Ordering::Release);
                Some(n)
            }
            DONE => Some(saved()),
            _ => None,
        }
    }
}

/// Each resumption is made by one thread and sees what the one before it has left.
#[test]
fn resumed_by_both() {
    model(3, || {
        let generator = Generator::new();
        let other = {
            let generator = generator.clone();
            thread::spawn(move || generator.resume(SUSPENDED) as usize)
        };
        let mine = generator.resume(SUSPENDED) as usize;
        let all = mine + other.join().unwrap();
        assert!(all >= 1);
        assert_eq!(generator.look(), Some(all));
    });
}

/// A collector sees a frame that stands still.
#[test]
fn resumed_and_looked_at() {
    model(3, || {
        let generator = Generator::new();
        let collector = {
            let generator = generator.clone();
            thread::spawn(move || [generator.look(), generator.look()])
        };
        assert!(generator.resume(SUSPENDED));
        assert!(generator.resume(SUSPENDED));
        let [first, second] = collector.join().unwrap();
        assert!(first.is_none_or(|n| n <= second.unwrap_or(2)));
        assert_eq!(generator.look(), Some(2));
    });
}

/// It ends while a collector looks: what it held is seen as it was before, or as it has been left.
#[test]
fn finished_and_looked_at() {
    model(3, || {
        let generator = Generator::new();
        let collectors: Vec<_> = (0..2)
            .map(|_| {
                let generator = generator.clone();
                thread::spawn(move || generator.look())
            })
            .collect();
        assert!(generator.resume(DONE));
        assert!(!generator.resume(DONE));
        for c in collectors {
            assert!(c.join().unwrap().is_none_or(|n| n <= 1));
        }
        assert_eq!(generator.look(), Some(1));
    });
}
