//! The cells of a page that others than its owner have freed: a list that anybody pushes to and the owner takes whole.
//!
//! The word holds the place of the first cell in its page and how many cells there are. So an owner knows that a page is empty
//! without a look at its cells.
//!
//! | bits | meaning |
//! |---|---|
//! | 16..32 | number of cells |
//! | 0..16 | offset of the first one in its page; 0: none, since a page begins with its head |
//!
//! A list that is taken and built again may give the same word. That is no harm: a push writes its link to the first cell
//! that the word names when it is exchanged, and that cell is first then.

use crate::sync::{AtomicU32, Ordering};

/// See the head.
pub struct Foreign(AtomicU32);

const COUNT: u32 = 16;
const OFFSET: u32 = (1 << COUNT) - 1;

impl Foreign {
    #[cfg(not(loom))]
    pub const fn new() -> Foreign {
        Foreign(AtomicU32::new(0))
    }

    #[cfg(loom)]
    pub fn new() -> Foreign {
        Foreign(AtomicU32::new(0))
    }

    /// Number of cells. All that their last users did to them is seen.
    #[inline]
    pub fn count(&self) -> u32 {
        // Acquire pairs with the release in `push`: the page may be given to another size of cells.
        self.0.load(Ordering::Acquire) >> COUNT
    }

    /// Adds the cell at `offset`; `link` is called with the offset of the first one until now, or 0, to write it there.
    #[inline]
    pub fn push(&self, offset: u32, mut link: impl FnMut(u32)) {
        debug_assert!(offset != 0 && offset <= OFFSET);
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            link(word & OFFSET);
            let new = ((word & !OFFSET) + (1 << COUNT)) | offset;
            // Release pairs with the acquire in `count` and `take`: the link is seen, and the cell's last use is over.
            match self
                .0
                .compare_exchange_weak(word, new, Ordering::Release, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    /// Takes all cells: the offset of the first one, or 0, and their number. By the owner.
    #[inline]
    pub fn take(&self) -> (u32, u32) {
        // Relaxed: what is missed now is there the next time.
        if self.0.load(Ordering::Relaxed) == 0 {
            return (0, 0);
        }
        // Acquire pairs with the release in `push`.
        let word = self.0.swap(0, Ordering::Acquire);
        (word & OFFSET, word >> COUNT)
    }
}

impl Default for Foreign {
    fn default() -> Self {
        Self::new()
    }
}
