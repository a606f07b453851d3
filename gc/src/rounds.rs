//! What the scanners of a collection write in common: the rounds of their work, the work that they give each other, and a word for each
//! object (`cycle/scan.rs`). The models of `tests/loom/rounds.rs` walk through it.
//!
//! | word | what it says of the object |
//! |---|---|
//! | [`OUTSIDE`] | it is not in the scope |
//! | 0 | all its references are in objects of the scope |
//! | below [`ALIVE`] | so many of its references are not known to be |
//! | [`ALIVE`] | it has references from outside, or is reached from one that has |
//!
//! | transition | when | by |
//! |---|---|---|
//! | [`begin`](Word::begin): from OUTSIDE | counting | who counts that page |
//! | [`subtract`](Word::subtract): less, never below 0 | subtracting | any scanner |
//! | [`mark`](Word::mark): to ALIVE, once | spreading | any scanner |
//!
//! All of it is Relaxed: nothing is reached by way of a word, and [`Round`] orders what is written in one round before what is read in
//! the next. A trial of private objects (`cycle/trial.rs`) has its words for itself; so has a sweep, with the world stopped, and writes others
//! beside these ([`set`](Word::set)).
//!
//! | of | written by | read by |
//! |---|---|---|
//! | `Round::next` | who takes a part | the same |
//! | `Round::left` | who finishes a part, or puts a batch on the table | who waits for the end of the round |
//! | `Table::wanting` | who finds nothing to do, and does again | who has much to do |
//! | `Table::count` | who puts or takes a batch, under the lock | any scanner |

use crate::sync::{AtomicU32, AtomicUsize, Mutex, Ordering};

/// Addresses in a batch, at most.
pub const BATCH: usize = if cfg!(any(miri, loom)) { 4 } else { 1 << 12 };
/// What a scanner has to have in hand to put some of it on the table: less than what a walk through a tree has, more than one through a list.
const PLENTY: usize = if cfg!(any(miri, loom)) { 2 } else { 8 };

/// Word of what is not in the scope.
pub const OUTSIDE: u32 = u32::MAX;
/// Word of what is known to be alive.
pub const ALIVE: u32 = 1 << 30;

pub struct Word(AtomicU32);

impl Word {
    #[inline(always)]
    pub fn new(n: u32) -> Word {
        Word(AtomicU32::new(n))
    }

    /// Of an object in the scope, with so many references.
    #[inline(always)]
    pub fn of(references: u32) -> Word {
        Word::new(references.min(ALIVE - 1))
    }

    #[inline(always)]
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// For a sweep.
    #[inline(always)]
    pub fn set(&self, n: u32) {
        self.0.store(n, Ordering::Relaxed);
    }

    /// The object is in the scope, with so many references.
    #[inline(always)]
    pub fn begin(&self, references: u32) {
        self.0.store(references.min(ALIVE - 1), Ordering::Relaxed);
    }

    /// So many references have been found in the scope. Others go on meanwhile, so there may be more of them than were counted.
    #[inline(always)]
    pub fn subtract(&self, found: u32, alone: bool) {
        let mut n = self.get();
        while (1..ALIVE).contains(&n) {
            // Never below 0, which would be OUTSIDE.
            let left = n.saturating_sub(found);
            if alone {
                return self.0.store(left, Ordering::Relaxed);
            }
            match self
                .0
                .compare_exchange_weak(n, left, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(now) => n = now,
            }
        }
    }

    /// Whether the object has become ALIVE by this call.
    #[inline(always)]
    pub fn mark(&self, alone: bool) -> bool {
        if self.get() >= ALIVE {
            return false;
        }
        if alone {
            self.0.store(ALIVE, Ordering::Relaxed);
            return true;
        }
        // Nothing becomes OUTSIDE again, so this writes ALIVE over ALIVE at worst.
        self.0.swap(ALIVE, Ordering::Relaxed) != ALIVE
    }

    /// Whether the object has references that are not in the scope.
    #[inline(always)]
    pub fn is_root(&self) -> bool {
        (1..ALIVE).contains(&self.get())
    }

    /// Whether the object looks like garbage, at the end.
    #[inline(always)]
    pub fn is_suspect(&self) -> bool {
        self.get() < ALIVE
    }
}

/// Parts of the work, which the scanners take one by one.
pub struct Round {
    parts: usize,
    next: AtomicUsize,
    /// Parts and batches that are not finished.
    left: AtomicUsize,
}

impl Round {
    pub fn of(parts: usize) -> Round {
        Round {
            parts,
            next: AtomicUsize::new(0),
            left: AtomicUsize::new(parts),
        }
    }

    /// A part that nobody has taken.
    pub fn take(&self) -> Option<usize> {
        // Relaxed: a number. What the part is about was there before the scanners, or before the round.
        let i = self.next.fetch_add(1, Ordering::Relaxed);
        (i < self.parts).then_some(i)
    }

    /// A part that was taken, or a batch, is finished.
    pub fn finish(&self) {
        // Release pairs with the acquire in `is_over`: the words that were written.
        self.left.fetch_sub(1, Ordering::Release);
    }

    pub fn is_over(&self) -> bool {
        // Acquire pairs with the release in `finish`.
        self.left.load(Ordering::Acquire) == 0
    }

    /// There is one thing more to be finished, by who has not finished one.
    fn add(&self) {
        // Relaxed: it is not 0 before the caller finishes its own.
        self.left.fetch_add(1, Ordering::Relaxed);
    }
}

/// Work that scanners give each other while they spread.
pub struct Table {
    batches: Mutex<Vec<Vec<usize>>>,
    /// How many batches there are, for a look without the lock.
    count: AtomicUsize,
    /// Scanners that have nothing to do.
    wanting: AtomicUsize,
}

impl Default for Table {
    fn default() -> Table {
        Table::new()
    }
}

impl Table {
    pub fn new() -> Table {
        Table {
            batches: Mutex::new(Vec::new()),
            count: AtomicUsize::new(0),
            wanting: AtomicUsize::new(0),
        }
    }

    /// Puts some of `work` on the table, if it is much and somebody wants it. The caller has a part of the round in hand.
    #[inline(always)]
    pub fn share(&self, work: &mut Vec<usize>, round: &Round) {
        // Relaxed: hints.
        if work.len() >= PLENTY && self.wanting.load(Ordering::Relaxed) > self.count.load(Ordering::Relaxed) {
            self.put(work, round);
        }
    }

    #[cold]
    fn put(&self, work: &mut Vec<usize>, round: &Round) {
        let n = (work.len() / 2).min(BATCH);
        let some = if work.len() <= 2 * BATCH {
            // The oldest, of which most is to be reached.
            work.drain(..n).collect()
        } else {
            work.split_off(work.len() - n)
        };
        round.add();
        let mut batches = self.batches.lock();
        batches.push(some);
        // Relaxed: a hint; the lock orders the rest.
        self.count.store(batches.len(), Ordering::Relaxed);
    }

    pub fn take(&self) -> Option<Vec<usize>> {
        // Relaxed: as above. Who does not see a batch looks again.
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut batches = self.batches.lock();
        let batch = batches.pop();
        self.count.store(batches.len(), Ordering::Relaxed);
        batch
    }

    /// The caller finds nothing to do; or does again.
    pub fn want(&self, want: bool) {
        // Relaxed: a hint.
        if want {
            self.wanting.fetch_add(1, Ordering::Relaxed);
        } else {
            self.wanting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
