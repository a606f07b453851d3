//! Copies of one moment without a lock (`edits.rs`).

use crate::*;
use loom::sync::atomic::AtomicU64;
use skein_gc::edits::Edits;

/// A buffer of a shared list, or a block of a dict: words that a writer changes under the lock of their holder, by the weakest of
/// their orderings.
struct Buffer<const N: usize> {
    edits: Edits,
    words: [AtomicU64; N],
}

impl<const N: usize> Buffer<N> {
    fn new(words: [u64; N]) -> Arc<Buffer<N>> {
        Arc::new(Buffer {
            edits: Edits::new(),
            words: words.map(AtomicU64::new),
        })
    }

    fn store(&self, i: usize, word: u64) {
        self.words[i].store(word, Ordering::Relaxed);
    }

    fn copy(&self) -> Option<[u64; N]> {
        let seen = self.edits.seen()?;
        let words = std::array::from_fn(|i| self.words[i].load(Ordering::Relaxed));
        self.edits.same(seen).then_some(words)
    }
}

/// Two edits of one word each: no copy has the second without the first, in whatever order it looks.
#[test]
fn one_after_the_other() {
    for order in [[0, 1], [1, 0]] {
        model(3, move || {
            let buffer = Buffer::new([0, 0]);
            let reader = {
                let buffer = buffer.clone();
                thread::spawn(move || {
                    if let Some(words) = buffer.copy() {
                        assert!(words[order[0]] >= words[order[1]], "{words:?}");
                    }
                })
            };
            for i in order {
                let edit = buffer.edits.begin();
                buffer.store(i, 1);
                drop(edit);
            }
            reader.join().unwrap();
            assert_eq!(buffer.copy(), Some([1, 1]));
        });
    }
}

/// Two words that are exchanged and exchanged back, one of the edits within another: each is always there once.
#[test]
fn exchanged() {
    model(3, || {
        let buffer = Buffer::new([1, 2]);
        let reader = {
            let buffer = buffer.clone();
            thread::spawn(move || {
                for _ in 0..2 {
                    if let Some(words) = buffer.copy() {
                        assert_eq!(words[0] + words[1], 3, "{words:?}");
                    }
                }
            })
        };
        for (a, b) in [(2, 1), (1, 2)] {
            let edit = buffer.edits.begin();
            buffer.store(0, a);
            let within = buffer.edits.begin();
            buffer.store(1, b);
            drop(within);
            drop(edit);
        }
        reader.join().unwrap();
        assert!(buffer.copy().is_some());
    });
}
