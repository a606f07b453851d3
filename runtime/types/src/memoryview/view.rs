//! The geometry of a view: which bytes of the exporter its items are.

use skein_object::error::Result;
use skein_object::protocol::buffer::Info;
use std::borrow::Cow;

/// Items in the memory of an exporter. Every item lies within it when the view is made.
#[derive(Clone, Debug)]
pub struct View {
    /// In the notation of `struct`.
    pub format: Cow<'static, str>,
    pub itemsize: usize,
    /// Where the item with all indices 0 begins.
    pub offset: usize,
    pub shape: Vec<usize>,
    /// Bytes from an item to the next of each dimension.
    pub strides: Vec<isize>,
    pub readonly: bool,
}

/// The order in which items are laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    C,
    Fortran,
}

impl View {
    pub fn of(info: Info) -> View {
        View {
            format: info.format,
            itemsize: info.itemsize,
            offset: 0,
            shape: info.shape,
            strides: info.strides,
            readonly: info.readonly,
        }
    }

    /// The description for consumers.
    pub fn info(&self) -> Info {
        Info {
            len: self.nbytes(),
            format: self.format.clone(),
            itemsize: self.itemsize,
            shape: self.shape.clone(),
            strides: self.strides.clone(),
            readonly: self.readonly,
        }
    }

    pub fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn nbytes(&self) -> usize {
        self.items().saturating_mul(self.itemsize)
    }

    /// The strides of items packed in an order.
    pub fn packed_strides(shape: &[usize], itemsize: usize, order: Order) -> Vec<isize> {
        let mut out = vec![0; shape.len()];
        let mut step = itemsize as isize;
        let mut place = |i: usize| {
            out[i] = step;
            step = step.wrapping_mul(shape[i] as isize);
        };
        match order {
            Order::C => (0..shape.len()).rev().for_each(&mut place),
            Order::Fortran => (0..shape.len()).for_each(&mut place),
        }
        out
    }

    /// Whether the items are packed in an order.
    pub fn is_contiguous(&self, order: Order) -> bool {
        if self.items() == 0 {
            return true;
        }
        let packed = View::packed_strides(&self.shape, self.itemsize, order);
        self.shape
            .iter()
            .zip(self.strides.iter().zip(&packed))
            .all(|(n, (have, want))| *n == 1 || have == want)
    }

    /// Where the item at `at` begins; the indices are within the shape.
    fn place(&self, at: &[usize]) -> usize {
        at.iter().zip(&self.strides).fold(self.offset, |o, (i, stride)| {
            o.wrapping_add_signed((*i as isize).wrapping_mul(*stride))
        })
    }

    /// Where the item at the given indices begins; `Err(d)` if index `d` (from 1) is out of range. Negative counts from the end.
    pub fn locate(&self, indices: &[i64]) -> std::result::Result<usize, usize> {
        let mut at = Vec::with_capacity(indices.len());
        for (d, (i, n)) in indices.iter().zip(&self.shape).enumerate() {
            match crate::str_::index::position(*i, *n) {
                Some(i) => at.push(i),
                None => return Err(d + 1),
            }
        }
        Ok(self.place(&at))
    }

    /// Calls `f` with the place of each item, the indices counting up in `order`.
    pub fn each(&self, order: Order, mut f: impl FnMut(usize)) {
        if self.items() == 0 {
            return;
        }
        let mut at = vec![0; self.ndim()];
        loop {
            f(self.place(&at));
            let mut advance = |d: usize| {
                at[d] += 1;
                let done = at[d] < self.shape[d];
                if !done {
                    at[d] = 0;
                }
                done
            };
            let more = match order {
                Order::C => (0..self.ndim()).rev().any(&mut advance),
                Order::Fortran => (0..self.ndim()).any(&mut advance),
            };
            if !more {
                return;
            }
        }
    }

    /// A packed copy of the items, out of the exporter's bytes.
    ///
    /// # Errors
    /// MemoryError.
    pub fn gather(&self, bytes: &[u8], order: Order) -> Result<Vec<u8>> {
        let mut out = skein_gc::alloc::vec_with(self.nbytes())?;
        if self.is_contiguous(order) {
            let end = self.offset.saturating_add(self.nbytes());
            out.extend_from_slice(bytes.get(self.offset..end).unwrap_or(&[]));
        } else {
            self.each(order, |at| {
                out.extend_from_slice(bytes.get(at..at + self.itemsize).unwrap_or(&[]));
            });
        }
        Ok(out)
    }

    /// Writes packed items (C order) to their places.
    pub fn scatter(&self, bytes: &mut [u8], items: &[u8]) {
        let mut rest = items.chunks_exact(self.itemsize.max(1));
        self.each(Order::C, |at| {
            if let (Some(place), Some(item)) = (bytes.get_mut(at..at + self.itemsize), rest.next()) {
                place.copy_from_slice(item);
            }
        });
    }
}
