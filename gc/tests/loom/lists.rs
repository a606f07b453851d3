//! Buffers of lists (`runtime/collections`: `list.rs`), which are read without a lock while a writer, who has the list's lock, appends,
//! takes out, and puts in a larger buffer. Copies of one moment are in `edits.rs`. Words and orderings are those of the source.

use crate::*;

const ROOM: usize = 3;
/// What is in a slot that was never written.
const GARBAGE: usize = 99;

struct Buffer {
    len: AtomicUsize,
    slots: [AtomicUsize; ROOM],
}

struct List {
    buffers: [Buffer; 2],
    head: AtomicUsize,
    /// What elements refer to: one that is found has been written.
    things: [UnsafeCell<bool>; 4],
}

impl Buffer {
    fn new() -> Buffer {
        Buffer {
            len: AtomicUsize::new(0),
            slots: std::array::from_fn(|_| AtomicUsize::new(GARBAGE)),
        }
    }

    fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    fn set_len(&self, len: usize) {
        self.len.store(len, Ordering::Release);
    }

    fn load(&self, i: usize) -> usize {
        self.slots[i].load(Ordering::Acquire)
    }

    fn store(&self, i: usize, v: usize) {
        self.slots[i].store(v, Ordering::Release);
    }
}

impl List {
    /// A list of two elements, 1 and 2.
    fn new() -> Arc<List> {
        let list = List {
            buffers: std::array::from_fn(|_| Buffer::new()),
            head: AtomicUsize::new(0),
            things: std::array::from_fn(|_| UnsafeCell::new(false)),
        };
        list.push(1);
        list.push(2);
        Arc::new(list)
    }

    fn buffer(&self) -> &Buffer {
        &self.buffers[self.head.load(Ordering::Acquire)]
    }

    /// `l[i]`: the element, or 0.
    fn get(&self, i: usize) -> usize {
        let buffer = self.buffer();
        if i >= buffer.len() {
            return 0;
        }
        let v = buffer.load(i);
        if v != 0 {
            // SAFETY: loom checks that nobody writes at the same time.
            assert!(self.things[v].with(|p| unsafe { *p }), "not written yet");
        }
        v
    }

    /// By the writer, as all below.
    fn push(&self, v: usize) {
        // SAFETY: loom checks that nobody else looks at the same time.
        self.things[v].with_mut(|p| unsafe { *p = true });
        let buffer = self.buffer();
        let len = buffer.len();
        buffer.store(len, v);
        buffer.set_len(len + 1);
    }

    fn grow(&self) {
        let (old, new) = (self.buffer(), &self.buffers[1]);
        let len = old.len();
        for i in 0..len {
            new.store(i, old.load(i));
        }
        new.set_len(len);
        self.head.store(1, Ordering::Release);
    }

    fn pop(&self) -> usize {
        let buffer = self.buffer();
        let last = buffer.len() - 1;
        buffer.set_len(last);
        let v = buffer.load(last);
        buffer.store(last, 0);
        v
    }

    fn remove(&self, i: usize) {
        let buffer = self.buffer();
        let len = buffer.len();
        for i in i + 1..len {
            buffer.store(i - 1, buffer.load(i));
        }
        buffer.set_len(len - 1);
        buffer.store(len - 1, 0);
    }

    fn insert_first(&self, v: usize) {
        // SAFETY: loom checks that nobody else looks at the same time.
        self.things[v].with_mut(|p| unsafe { *p = true });
        let buffer = self.buffer();
        let len = buffer.len();
        for i in (0..len).rev() {
            buffer.store(i + 1, buffer.load(i));
        }
        buffer.set_len(len + 1);
        buffer.store(0, v);
    }
}

fn race(write: fn(&List), read: fn(&List)) {
    model(3, move || {
        let list = List::new();
        let reader = {
            let list = list.clone();
            thread::spawn(move || read(&list))
        };
        write(&list);
        reader.join().unwrap();
        // Everything below the length is there.
        let buffer = list.buffer();
        assert!((0..buffer.len()).all(|i| buffer.load(i) != 0));
    });
}

/// Elements that stay are found at their places all the time; a new one is complete, in the old buffer and in the new one.
#[test]
fn appended_and_grown() {
    race(
        |list| {
            list.grow();
            list.push(3);
        },
        |list| {
            assert!([0, 3].contains(&list.get(2)));
            assert_eq!(list.get(1), 2);
            assert_eq!(list.get(0), 1);
        },
    );
}

/// The last element goes, and another one takes its place.
#[test]
fn taken_and_appended() {
    race(
        |list| {
            assert_eq!(list.pop(), 2);
            list.push(3);
        },
        |list| {
            assert!([0, 2, 3].contains(&list.get(1)));
            assert_eq!(list.get(0), 1);
        },
    );
}

/// The first one goes: at its place is it, or the next one.
#[test]
fn removed() {
    race(
        |list| list.remove(0),
        |list| {
            assert!([1, 2].contains(&list.get(0)));
            assert!([0, 2].contains(&list.get(1)));
        },
    );
}

/// One is put in front: at each place is what was there, or what comes there.
#[test]
fn inserted() {
    race(
        |list| list.insert_first(3),
        |list| {
            assert!([0, 2].contains(&list.get(2)));
            assert!([1, 2].contains(&list.get(1)));
            assert!([1, 3].contains(&list.get(0)));
        },
    );
}
