//! Strings of characters of two and four bytes for the engine, read in place.
//!
//! The engine's cursor is opaque but for its position; the drive for bytes can move it. So a character is read as its bytes,
//! and the position, which counts characters, is set right after each step.

use rustpython_sre_engine::{StrDrive, StringCursor};
use zerocopy::IntoBytes;

type Bytes<'a> = &'a [u8];

/// A string of characters of `N` bytes.
#[derive(Clone, Copy)]
pub struct Wide<'a, const N: usize>(Bytes<'a>);

impl<'a> Wide<'a, 2> {
    pub fn new(text: &'a [u16]) -> Wide<'a, 2> {
        Wide(text.as_bytes())
    }
}

impl<'a> Wide<'a, 4> {
    pub fn new(text: &'a [u32]) -> Wide<'a, 4> {
        Wide(text.as_bytes())
    }
}

/// The character of `N` bytes at a cursor.
#[inline(always)]
fn read<const N: usize>(mut c: StringCursor) -> u32 {
    let mut raw = [0; 4];
    for (i, byte) in raw.iter_mut().take(N).enumerate() {
        if i > 0 {
            Bytes::skip(&mut c, 1);
        }
        *byte = Bytes::peek(&c) as u8;
    }
    // As in memory; on a big machine a short character fills the upper bytes.
    let word = u32::from_ne_bytes(raw);
    if cfg!(target_endian = "big") {
        word >> (32 - 8 * N)
    } else {
        word
    }
}

impl<const N: usize> StrDrive for Wide<'_, N> {
    #[inline]
    fn count(&self) -> usize {
        self.0.len() / N
    }

    #[inline]
    fn create_cursor(&self, n: usize) -> StringCursor {
        let mut c = self.0.create_cursor(n * N);
        c.position = n;
        c
    }

    #[inline]
    fn adjust_cursor(&self, cursor: &mut StringCursor, n: usize) {
        *cursor = self.create_cursor(n);
    }

    #[inline]
    fn advance(cursor: &mut StringCursor) -> u32 {
        let c = read::<N>(*cursor);
        Self::skip(cursor, 1);
        c
    }

    #[inline]
    fn peek(cursor: &StringCursor) -> u32 {
        read::<N>(*cursor)
    }

    #[inline]
    fn skip(cursor: &mut StringCursor, n: usize) {
        let position = cursor.position + n;
        Bytes::skip(cursor, n * N);
        cursor.position = position;
    }

    #[inline]
    fn back_advance(cursor: &mut StringCursor) -> u32 {
        Self::back_skip(cursor, 1);
        read::<N>(*cursor)
    }

    #[inline]
    fn back_peek(cursor: &StringCursor) -> u32 {
        let mut c = *cursor;
        Self::back_advance(&mut c)
    }

    #[inline]
    fn back_skip(cursor: &mut StringCursor, n: usize) {
        let position = cursor.position - n;
        // The drive for bytes counts down by bytes.
        cursor.position = usize::MAX;
        Bytes::back_skip(cursor, n * N);
        cursor.position = position;
    }
}
