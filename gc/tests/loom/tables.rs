//! Tables of dicts and sets (`runtime/collections`: `block.rs`, `table.rs`), which are read without a lock while a writer, who has the
//! holder's lock, appends, deletes, and puts in a new block. Words and orderings are those of the sources; a table here has two index slots, and
//! all keys have one hash.

use crate::*;
use loom::sync::atomic::AtomicU64;

const FREE: usize = 9;
const ROOM: usize = 2;

struct Entry {
    key: AtomicUsize,
    value: AtomicUsize,
}

struct Block {
    entries: [Entry; ROOM],
    index: [AtomicUsize; ROOM],
    used: AtomicUsize,
    /// Stands for the memory: written when it is freed.
    memory: UnsafeCell<bool>,
}

impl Block {
    fn new() -> Block {
        Block {
            entries: std::array::from_fn(|_| Entry {
                key: AtomicUsize::new(0),
                value: AtomicUsize::new(0),
            }),
            index: std::array::from_fn(|_| AtomicUsize::new(FREE)),
            used: AtomicUsize::new(0),
            memory: UnsafeCell::new(true),
        }
    }

    fn entry_of(&self, slot: usize) -> Option<usize> {
        let n = self.index.get(slot)?.load(Ordering::Acquire);
        (n != FREE).then_some(n)
    }

    fn used(&self) -> usize {
        self.used.load(Ordering::Acquire)
    }

    fn append(&self, key: usize, value: usize) {
        let slot = (0..ROOM).find(|s| self.entry_of(*s).is_none()).unwrap();
        let i = self.used.load(Ordering::Relaxed);
        self.entries[i].key.store(key, Ordering::Relaxed);
        self.entries[i].value.store(value, Ordering::Relaxed);
        self.index[slot].store(i, Ordering::Release);
        self.used.store(i + 1, Ordering::Release);
    }

    fn erase(&self, i: usize) {
        self.entries[i].value.swap(0, Ordering::AcqRel);
        self.entries[i].key.swap(0, Ordering::AcqRel);
    }

    /// `Table::search` in one block: the value, or 0.
    fn search(&self, key: usize) -> usize {
        let mut slot = 0;
        while let Some(i) = self.entry_of(slot) {
            if self.entries[i].key.load(Ordering::Relaxed) == key {
                let value = self.entries[i].value.load(Ordering::Acquire);
                if value != 0 {
                    return value;
                }
            }
            slot += 1;
        }
        0
    }
}

struct Table {
    blocks: [Block; 2],
    /// Which block it is.
    head: AtomicUsize,
    changes: AtomicU64,
    lock: Mutex<()>,
    /// What values refer to: a value that is found has been written.
    things: [UnsafeCell<bool>; 3],
}

impl Table {
    fn new() -> Arc<Table> {
        Arc::new(Table {
            blocks: std::array::from_fn(|_| Block::new()),
            head: AtomicUsize::new(0),
            changes: AtomicU64::new(0),
            lock: Mutex::new(()),
            things: std::array::from_fn(|_| UnsafeCell::new(false)),
        })
    }

    fn block(&self) -> &Block {
        &self.blocks[self.head.load(Ordering::Acquire)]
    }

    fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// By the writer.
    fn changed(&self) {
        let n = self.changes.load(Ordering::Relaxed);
        self.changes.store(n + 1, Ordering::Release);
    }

    /// By the writer.
    fn append(&self, key: usize, value: usize) {
        // SAFETY: loom checks that nobody else looks at the same time.
        self.things[value].with_mut(|p| unsafe { *p = true });
        self.block().append(key, value);
        self.changed();
    }

    /// By the writer: a new block with what lives in the old one.
    fn rebuild(&self) {
        let (old, new) = (self.block(), &self.blocks[1]);
        for entry in &old.entries[..old.used()] {
            let value = entry.value.load(Ordering::Relaxed);
            if value != 0 {
                new.append(entry.key.load(Ordering::Relaxed), value);
            }
        }
        self.head.store(1, Ordering::Release);
        self.changed();
    }

    fn search(&self, key: usize) -> usize {
        let value = self.block().search(key);
        if value != 0 {
            // SAFETY: loom checks that nobody writes at the same time.
            assert!(self.things[value].with(|p| unsafe { *p }), "not written yet");
        }
        value
    }
}

/// A key is found with the value that it was appended with, or not yet; an entry below `used` is complete.
#[test]
fn appended() {
    model(3, || {
        let table = Table::new();
        let searcher = {
            let table = table.clone();
            thread::spawn(move || {
                assert!([0, 2].contains(&table.search(8)));
                assert!([0, 1].contains(&table.search(7)));
            })
        };
        let iterator = {
            let table = table.clone();
            thread::spawn(move || {
                let block = table.block();
                for (i, entry) in block.entries[..block.used()].iter().enumerate() {
                    assert_eq!(entry.value.load(Ordering::Acquire), i + 1);
                    assert_eq!(entry.key.load(Ordering::Relaxed), i + 7);
                }
            })
        };
        table.append(7, 1);
        table.append(8, 2);
        searcher.join().unwrap();
        iterator.join().unwrap();
        assert_eq!((table.search(7), table.search(8)), (1, 2));
    });
}

/// What is there all the time is found all the time: while others come and go, and through a new block.
#[test]
fn always_there() {
    model(3, || {
        let table = Table::new();
        table.append(8, 2);
        let reader = {
            let table = table.clone();
            thread::spawn(move || {
                for _ in 0..2 {
                    assert_eq!(table.search(8), 2);
                }
            })
        };
        // Another one comes, goes, and comes to the new block.
        table.append(7, 1);
        table.block().erase(1);
        table.changed();
        table.rebuild();
        table.append(7, 1);
        reader.join().unwrap();
        assert_eq!((table.search(8), table.search(7)), (2, 1));
    });
}

/// Two writers that have found out without the lock that a key is not there: one of them appends it (`Table::locate_shared`).
#[test]
fn appended_once() {
    model(3, || {
        let table = Table::new();
        let write = |table: &Table, value: usize| {
            let mut looks = 0;
            loop {
                let changes = table.changes();
                let found = table.search(7);
                let _lock = table.lock.lock().unwrap();
                if table.changes() != changes {
                    looks += 1;
                    assert!(looks < 2, "changed twice");
                    continue;
                }
                if found == 0 {
                    table.append(7, value);
                }
                return found == 0;
            }
        };
        let other = {
            let table = table.clone();
            thread::spawn(move || write(&table, 1))
        };
        let mine = write(&table, 2);
        assert_ne!(mine, other.join().unwrap());
        assert_eq!(table.block().used(), 1);
    });
}

/// A search that asks for an equality, which polls: it goes on in the same block only if no change was counted meanwhile, and else begins
/// again, since the block may have been freed.
#[test]
fn search_that_polls() {
    model(3, || {
        let table = Table::new();
        table.append(7, 1);
        let asked = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let reader = {
            let (table, asked) = (table.clone(), asked.clone());
            thread::spawn(move || {
                let mut again = 0;
                loop {
                    let changes = table.changes();
                    let block = table.block();
                    // SAFETY: loom checks that nobody writes at the same time.
                    let look = || assert!(block.memory.with(|p| unsafe { *p }), "used after it was freed");
                    look();
                    // The poll.
                    if asked.0.load(Ordering::Acquire) != 0 {
                        asked.1.store(1, Ordering::Release);
                    }
                    if table.changes() != changes {
                        again += 1;
                        assert!(again < 2, "changed twice");
                        continue;
                    }
                    look();
                    assert_eq!(block.search(7), 1);
                    break;
                }
            })
        };
        table.rebuild();
        // The grace period, for the old block.
        asked.0.store(1, Ordering::Release);
        if asked.1.load(Ordering::Acquire) != 0 {
            // SAFETY: loom checks that nobody else looks at the same time.
            table.blocks[0].memory.with_mut(|p| unsafe { *p = false });
        }
        reader.join().unwrap();
    });
}
