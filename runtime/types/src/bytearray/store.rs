//! The memory of a bytearray: bytes with room at both ends, so that deletion at the front is cheap.

use skein_object::error::Result;
use std::ops::{Deref, DerefMut, Range};

/// Bytes behind a start that moves when the front is deleted.
#[derive(Default)]
pub struct Store {
    bytes: Vec<u8>,
    /// Always within `bytes`.
    start: usize,
}

impl Deref for Store {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or(&[])
    }
}

impl DerefMut for Store {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..).unwrap_or(&mut [])
    }
}

impl From<Vec<u8>> for Store {
    fn from(bytes: Vec<u8>) -> Store {
        Store { bytes, start: 0 }
    }
}

impl Store {
    /// Bytes of memory in use.
    pub fn allocated(&self) -> usize {
        self.bytes.capacity()
    }

    fn reserve(&mut self, extra: usize) -> Result<()> {
        if self.bytes.capacity() - self.bytes.len() < extra {
            self.compact();
            skein_gc::alloc::make_room(&mut self.bytes, extra)?;
        }
        Ok(())
    }

    /// Gives up the room in front.
    fn compact(&mut self) {
        let start = std::mem::take(&mut self.start).min(self.bytes.len());
        self.bytes.drain(..start);
    }

    /// Appends one byte.
    ///
    /// # Errors
    /// MemoryError.
    #[inline]
    pub fn push(&mut self, b: u8) -> Result<()> {
        if self.bytes.len() == self.bytes.capacity() {
            self.reserve(1)?;
        }
        self.bytes.push(b);
        Ok(())
    }

    /// Replaces `range`, which is clamped, by `with`.
    ///
    /// # Errors
    /// MemoryError; nothing has changed then.
    pub fn splice(&mut self, range: Range<usize>, with: &[u8]) -> Result<()> {
        let len = self.len();
        let (from, to) = (range.start.min(len), range.end.min(len));
        let to = to.max(from);
        if to - from == with.len() {
            if let Some(place) = self.get_mut(from..to) {
                place.copy_from_slice(with);
            }
            return Ok(());
        }
        if from == 0 && with.len() < to {
            // The front shrinks: move the start, and tidy up when more than half is waste.
            let start = self.start + to - with.len();
            self.start = start;
            if let Some(place) = self.get_mut(..with.len()) {
                place.copy_from_slice(with);
            }
            if self.start > self.bytes.len() / 2 {
                self.compact();
                if self.bytes.capacity() / 4 > self.bytes.len() + 16 {
                    self.bytes.shrink_to(self.bytes.len() * 2);
                }
            }
            return Ok(());
        }
        if with.len() > to - from {
            self.reserve(with.len() - (to - from))?;
        }
        let start = self.start;
        if to == len {
            self.bytes.truncate(start + from);
            self.bytes.extend_from_slice(with);
        } else {
            self.bytes.splice(start + from..start + to, with.iter().copied());
        }
        Ok(())
    }

    /// Changes the length; new bytes are `fill`.
    ///
    /// # Errors
    /// MemoryError.
    pub fn resize(&mut self, len: usize, fill: u8) -> Result<()> {
        let old = self.len();
        if len > old {
            self.reserve(len - old)?;
        }
        let start = self.start;
        self.bytes.resize(start + len, fill);
        Ok(())
    }

    /// Keeps the bytes whose index passes.
    pub fn retain_indices(&mut self, keep: impl Fn(usize) -> bool) {
        self.compact();
        let mut i = 0;
        self.bytes.retain(|_| {
            i += 1;
            keep(i - 1)
        });
    }

    /// Takes out the byte at `i`.
    pub fn remove(&mut self, i: usize) -> Option<u8> {
        let b = *self.get(i)?;
        if i == 0 {
            self.start += 1;
            if self.start > self.bytes.len() / 2 {
                self.compact();
            }
        } else {
            let at = self.start + i;
            self.bytes.remove(at);
        }
        Some(b)
    }
}
