//! Attributes: of shared instances, whose slots move to a dict (`runtime/object`: `instance.rs`), and of classes, whose lookups are cached
//! by version (`types.rs`). Words and orderings are those of the sources.

use crate::*;

/// Shapes: without attributes, with `x`, with `x` and `y`; and the attributes are in the dict.
const ONE_NAME: usize = 1;
const TWO_NAMES: usize = 2;
const DICT: usize = 9;
/// Slots, and entries of the dict.
const X: usize = 0;
const Y: usize = 1;

struct Instance {
    shape: AtomicUsize,
    slots: [AtomicUsize; 2],
    /// Whether there is a dict.
    dict: AtomicUsize,
    /// The dict's values, which it guards by itself.
    entries: [AtomicUsize; 2],
    lock: Mutex<()>,
}

impl Instance {
    fn new(shape: usize, x: usize) -> Arc<Instance> {
        let instance = Instance {
            shape: AtomicUsize::new(shape),
            slots: std::array::from_fn(|_| AtomicUsize::new(0)),
            dict: AtomicUsize::new(0),
            entries: std::array::from_fn(|_| AtomicUsize::new(0)),
            lock: Mutex::new(()),
        };
        instance.slots[X].store(x, Ordering::Relaxed);
        Arc::new(instance)
    }

    fn shape(&self) -> usize {
        self.shape.load(Ordering::Acquire)
    }

    /// `Attrs::get`: the value, or 0.
    fn get(&self, name: usize) -> usize {
        let shape = self.shape();
        if shape != DICT {
            if name >= shape {
                return 0;
            }
            let v = self.slots[name].load(Ordering::Acquire);
            if v != 0 {
                return v;
            }
            drop(self.lock.lock().unwrap());
            if self.shape() != DICT {
                return 0;
            }
        }
        match self.dict.load(Ordering::Acquire) {
            0 => 0,
            _ => self.entries[name].load(Ordering::Acquire),
        }
    }

    /// `Attrs::set`.
    fn set(&self, name: usize, v: usize) {
        loop {
            let shape = self.shape();
            if shape == DICT {
                self.entries[name].store(v, Ordering::Release);
                return;
            }
            let _lock = self.lock.lock().unwrap();
            if self.shape() != shape {
                continue;
            }
            self.slots[name].swap(v, Ordering::AcqRel);
            if name >= shape {
                self.shape.store(name + 1, Ordering::Release);
            }
            return;
        }
    }

    /// `Attrs::dict`.
    fn move_to_dict(&self) {
        let _lock = self.lock.lock().unwrap();
        for name in 0..self.shape() {
            let v = self.slots[name].load(Ordering::Acquire);
            self.entries[name].store(v, Ordering::Release);
        }
        self.dict.swap(1, Ordering::AcqRel);
        self.shape.store(DICT, Ordering::Release);
        for slot in &self.slots {
            if slot.load(Ordering::Acquire) != 0 {
                slot.swap(0, Ordering::AcqRel);
            }
        }
    }
}

/// An attribute is there all the time while others come and all move to the dict; one that comes is there, or not yet.
#[test]
fn moved_to_a_dict() {
    model(3, || {
        let instance = Instance::new(ONE_NAME, 1);
        let reader = {
            let instance = instance.clone();
            thread::spawn(move || {
                assert!([0, 2].contains(&instance.get(Y)));
                assert_eq!(instance.get(X), 1);
            })
        };
        instance.set(Y, 2);
        instance.move_to_dict();
        reader.join().unwrap();
        assert_eq!((instance.get(X), instance.get(Y)), (1, 2));
    });
}

/// What is stored while the attributes move is not lost.
#[test]
fn stored_while_they_move() {
    model(3, || {
        let instance = Instance::new(TWO_NAMES, 1);
        let writer = {
            let instance = instance.clone();
            thread::spawn(move || {
                instance.set(X, 3);
                assert_eq!(instance.get(X), 3);
            })
        };
        instance.move_to_dict();
        writer.join().unwrap();
        assert_eq!(instance.get(X), 3);
    });
}

/// Two threads give an instance without attributes the same one: it has one of the values.
#[test]
fn added_by_both() {
    model(3, || {
        let instance = Instance::new(0, 0);
        let other = {
            let instance = instance.clone();
            thread::spawn(move || {
                instance.set(X, 1);
                assert_ne!(instance.get(X), 0);
            })
        };
        instance.set(X, 2);
        assert_ne!(instance.get(X), 0);
        other.join().unwrap();
        assert_eq!(instance.shape(), ONE_NAME);
    });
}

struct Class {
    /// 0: none.
    version: AtomicUsize,
    next: AtomicUsize,
    attribute: AtomicUsize,
    graph: Mutex<()>,
}

/// A thread's cached lookup: version and value.
type Cached = Option<(usize, usize)>;

impl Class {
    fn new() -> Arc<Class> {
        Arc::new(Class {
            version: AtomicUsize::new(0),
            next: AtomicUsize::new(1),
            attribute: AtomicUsize::new(1),
            graph: Mutex::new(()),
        })
    }

    /// `Type::version`.
    fn version(&self) -> usize {
        let v = self.version.load(Ordering::Acquire);
        if v != 0 {
            return v;
        }
        let _graph = self.graph.lock().unwrap();
        let v = self.version.load(Ordering::Relaxed);
        if v != 0 {
            return v;
        }
        let v = self.next.fetch_add(1, Ordering::Relaxed);
        self.version.store(v, Ordering::Release);
        v
    }

    /// `Type::lookup` and `lookup_missed`.
    fn lookup(&self, cached: &mut Cached) -> usize {
        let version = self.version.load(Ordering::Acquire);
        if let Some((v, found)) = *cached
            && v == version
        {
            return found;
        }
        let version = self.version();
        let found = self.attribute.load(Ordering::Acquire);
        if self.version.load(Ordering::Acquire) == version {
            *cached = Some((version, found));
        }
        found
    }

    /// `Type::set_own`.
    fn set(&self, value: usize) {
        let _graph = self.graph.lock().unwrap();
        self.attribute.swap(value, Ordering::AcqRel);
        self.version.store(0, Ordering::Release);
    }
}

/// Whoever knows that an attribute of a class has been set finds it, whatever has been cached before or meanwhile, by this thread or
/// under a version that another one has assigned.
#[test]
fn cached_by_version() {
    model(3, || {
        let class = Class::new();
        let reader = {
            let class = class.clone();
            thread::spawn(move || {
                let mut cached = None;
                let first = class.lookup(&mut cached);
                let second = class.lookup(&mut cached);
                assert!(second >= first, "an old value after a new one");
                cached
            })
        };
        class.set(2);
        let mut own = None;
        assert_eq!(class.lookup(&mut own), 2);
        let mut cached = reader.join().unwrap();
        assert_eq!(class.lookup(&mut cached), 2);
    });
}
