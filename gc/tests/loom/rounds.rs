//! The rounds of a scan, by several scanners (`rounds.rs`).

use crate::*;
use skein_gc::rounds::{Round, Table, Word};

/// A heap: each object's references, and what it refers to. Each object is a part.
struct Heap<const N: usize> {
    references: [u32; N],
    edges: [&'static [usize]; N],
}

/// What the scanners share: `Job` of `cycle/scan.rs`.
struct Job<const N: usize> {
    heap: Heap<N>,
    words: [Word; N],
    count: Round,
    subtract: Round,
    spread: Round,
    table: Table,
}

impl<const N: usize> Job<N> {
    fn new(heap: Heap<N>) -> Arc<Job<N>> {
        Arc::new(Job {
            heap,
            words: std::array::from_fn(|_| Word::new(skein_gc::rounds::OUTSIDE)),
            count: Round::of(N),
            subtract: Round::of(N),
            spread: Round::of(N),
            table: Table::new(),
        })
    }

    /// As `Scanner::each_part`.
    fn each_part(&self, round: &Round, f: impl Fn(usize)) {
        while let Some(part) = round.take() {
            f(part);
            round.finish();
        }
        while !round.is_over() {
            thread::yield_now();
        }
    }

    /// As `Scanner::run`.
    fn scan(&self) {
        self.each_part(&self.count, |i| self.words[i].begin(self.heap.references[i]));
        self.each_part(&self.subtract, |i| {
            // As `Found`: what comes more than once in a row is subtracted at once.
            for edges in self.heap.edges[i].chunk_by(|a, b| a == b) {
                self.words[edges[0]].subtract(edges.len() as u32, false);
            }
        });
        self.spread();
    }

    /// As `Scanner::spread`.
    fn spread(&self) {
        let mut work = Vec::new();
        while let Some(i) = self.spread.take() {
            if self.words[i].is_root() && self.words[i].mark(false) {
                work.push(i);
                self.drain(&mut work);
            }
            self.spread.finish();
        }
        self.table.want(true);
        while !self.spread.is_over() {
            if let Some(mut batch) = self.table.take() {
                self.table.want(false);
                self.drain(&mut batch);
                self.spread.finish();
                self.table.want(true);
            } else {
                thread::yield_now();
            }
        }
    }

    fn drain(&self, work: &mut Vec<usize>) {
        while let Some(i) = work.pop() {
            for &to in self.heap.edges[i] {
                if self.words[to].mark(false) {
                    work.push(to);
                }
            }
            self.table.share(work, &self.spread);
        }
    }

    fn suspects(&self) -> Vec<usize> {
        (0..N).filter(|&i| self.words[i].is_suspect()).collect()
    }
}

fn two_scanners<const N: usize>(preemptions: usize, heap: fn() -> Heap<N>, garbage: &'static [usize]) {
    model(preemptions, move || {
        let job = Job::new(heap());
        let helper = {
            let job = job.clone();
            thread::spawn(move || {
                job.scan();
                // Each scanner knows the result when it is done.
                assert_eq!(job.suspects(), garbage);
            })
        };
        job.scan();
        assert_eq!(job.suspects(), garbage);
        helper.join().unwrap();
    });
}

/// A cycle that nobody else refers to, and an object that one of its members refers to, as does somebody else.
#[test]
fn a_cycle_and_what_it_refers_to() {
    two_scanners(
        2,
        || Heap {
            references: [1, 1, 2],
            edges: [&[1, 2], &[0], &[]],
        },
        &[0, 1],
    );
}

/// Both scanners subtract from one object, which has no other references: no subtraction is lost.
#[test]
fn subtracted_by_both_to_nothing() {
    two_scanners(
        2,
        || Heap {
            references: [1, 1, 2],
            edges: [&[2], &[2], &[0, 1]],
        },
        &[0, 1, 2],
    );
}

/// The same with another reference: it is alive, and so is what it reaches.
#[test]
fn subtracted_by_both() {
    two_scanners(
        2,
        || Heap {
            references: [1, 1, 3],
            edges: [&[2], &[2], &[0, 1]],
        },
        &[],
    );
}

/// What one scanner has much of it gives to the other: all of it is marked, and the round does not end before.
#[test]
fn work_on_the_table() {
    model(2, || {
        let job = Job::new(Heap {
            references: [1, 1, 1, 1, 1],
            edges: [&[1, 2], &[], &[3], &[4, 0], &[]],
        });
        // The rounds before, which are not what this is about: object 0 has a reference from outside, the others have none, and object
        // 4 is not in the scope.
        job.words[0].begin(1);
        (1..4).for_each(|i| job.words[i].begin(0));
        job.words[4].subtract(1, false);
        let helper = {
            let job = job.clone();
            thread::spawn(move || {
                job.spread();
                assert_eq!(job.suspects(), []);
            })
        };
        job.spread();
        assert_eq!(job.suspects(), []);
        assert_eq!(job.words[4].get(), skein_gc::rounds::OUTSIDE);
        helper.join().unwrap();
    });
}

/// More references to it are found than it had when they were counted.
#[test]
fn more_than_were_counted() {
    two_scanners(
        2,
        || Heap {
            references: [1, 1],
            edges: [&[1, 1], &[0]],
        },
        &[0, 1],
    );
}
