//! The cells that others have freed (`foreign.rs`).

use crate::*;
use skein_gc::foreign::Foreign;

/// A page of cells, each with its link; cell `i` lies at offset `i + 1`.
struct Page<const N: usize> {
    foreign: Foreign,
    cells: [UnsafeCell<u32>; N],
}

impl<const N: usize> Page<N> {
    fn new() -> Arc<Page<N>> {
        Arc::new(Page {
            foreign: Foreign::new(),
            cells: std::array::from_fn(|_| UnsafeCell::new(77)),
        })
    }

    fn write(&self, i: usize, link: u32) {
        self.cells[i].with_mut(|p| {
            // SAFETY: loom checks that nobody else looks at the same time.
            unsafe { *p = link }
        });
    }

    fn free(&self, i: usize) {
        self.foreign.push(i as u32 + 1, |first| self.write(i, first));
    }

    /// Takes the list, and gives the cells that were on it.
    fn take(&self) -> Vec<usize> {
        let (mut at, count) = self.foreign.take();
        let mut cells = Vec::new();
        while at != 0 {
            let i = at as usize - 1;
            cells.push(i);
            // SAFETY: loom checks that nobody writes at the same time.
            at = self.cells[i].with(|p| unsafe { *p });
        }
        assert_eq!(cells.len(), count as usize);
        cells
    }
}

/// Two threads free while the owner takes, and uses at once what it has got.
#[test]
fn freed_and_taken() {
    model(4, || {
        let page = Page::<3>::new();
        let first = {
            let page = page.clone();
            thread::spawn(move || {
                page.free(0);
                page.free(1);
            })
        };
        let second = {
            let page = page.clone();
            thread::spawn(move || page.free(2))
        };
        let mut got = Vec::new();
        for _ in 0..2 {
            for i in page.take() {
                page.write(i, 99);
                got.push(i);
            }
        }
        first.join().unwrap();
        second.join().unwrap();
        got.extend(page.take());
        got.sort_unstable();
        assert_eq!(got, [0, 1, 2]);
    });
}

/// The owner frees a cell that it had again, so the same word comes back while another thread is about to push.
#[test]
fn the_same_word_again() {
    model(4, || {
        let page = Page::<2>::new();
        page.free(0);
        let other = {
            let page = page.clone();
            thread::spawn(move || page.free(1))
        };
        let mut got = page.take();
        if got == [0] {
            page.write(0, 55);
            // As the reaper does with a cell that has been allocated anew.
            page.free(0);
            got.clear();
        }
        other.join().unwrap();
        got.extend(page.take());
        got.sort_unstable();
        assert_eq!(got, [0, 1]);
    });
}

/// When the count says that all cells are free the page is given away without a look at them.
#[test]
fn empty_by_its_count() {
    model(4, || {
        let page = Page::<2>::new();
        let owner = {
            let page = page.clone();
            thread::spawn(move || {
                if page.foreign.count() == 2 {
                    // The memory is something else's now.
                    page.write(0, 1);
                    page.write(1, 1);
                }
            })
        };
        let other = {
            let page = page.clone();
            thread::spawn(move || page.free(1))
        };
        page.free(0);
        owner.join().unwrap();
        other.join().unwrap();
        assert_eq!(page.foreign.count(), 2);
    });
}

/// The reaper uses the heap of a thread that is detached, which attaches and uses it as well.
#[test]
fn a_heap_that_is_held() {
    model(4, || {
        let world = Arc::new((Quiet::new(), UnsafeCell::new(0)));
        let add = |heap: &UnsafeCell<i32>| {
            heap.with_mut(|p| {
                // SAFETY: loom checks that nobody else looks at the same time.
                unsafe { *p += 1 }
            });
        };
        let owner = {
            let world = world.clone();
            thread::spawn(move || {
                world.0.attach();
                add(&world.1);
                world.0.detach();
                world.0.attach();
                add(&world.1);
                world.0.detach();
            })
        };
        let mut expected = 2;
        for _ in 0..2 {
            expected += world.0.hold(|| add(&world.1)) as i32;
        }
        owner.join().unwrap();
        assert!(world.0.hold(|| {
            // SAFETY: as above.
            world.1.with(|p| assert_eq!(unsafe { *p }, expected));
        }));
    });
}
