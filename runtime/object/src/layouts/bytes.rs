//! Making `bytes` objects.

use super::str::{BytesBody, MOST, repeat_into, with_tail};
use crate::error::{Result, memory_error};
use crate::object::Object;
use crate::statics as s;
use crate::types::Type;
use skein_gc::{Ref, Value};
use std::sync::OnceLock;

pub fn bytes(data: &[u8]) -> Result<Ref> {
    match data {
        [b] => Ok(single_byte(*b)),
        [] => bytes_of(&s::BYTES, data),
        // SAFETY: as many bytes are written.
        _ => unsafe {
            filled_bytes(data.len(), |p| {
                std::ptr::copy_nonoverlapping(data.as_ptr(), p, data.len())
            })
        },
    }
}

/// Bytes objects of one byte are made once.
fn single_byte(b: u8) -> Ref {
    static TABLE: OnceLock<Vec<Ref>> = OnceLock::new();
    TABLE.get_or_init(|| {
        (0..=255u8)
            .map(|b| new_bytes(&s::BYTES, &[b], true).unwrap_or_else(|_| s::empty_bytes()))
            .collect()
    })[b as usize]
        .clone()
}

/// `len` null bytes.
///
/// # Errors
/// MemoryError.
pub fn zero_bytes(len: usize) -> Result<Ref> {
    // SAFETY: as many bytes are written.
    unsafe { filled_bytes(len, |data| data.write_bytes(0, len)) }
}

/// Two texts one after another.
///
/// # Errors
/// MemoryError.
pub fn join_bytes(a: &[u8], b: &[u8]) -> Result<Ref> {
    let Some(len) = a.len().checked_add(b.len()) else {
        return Err(memory_error());
    };
    // SAFETY: both are `len` bytes.
    unsafe {
        filled_bytes(len, |data| {
            std::ptr::copy_nonoverlapping(a.as_ptr(), data, a.len());
            std::ptr::copy_nonoverlapping(b.as_ptr(), data.add(a.len()), b.len());
        })
    }
}

/// `n` times the same bytes.
///
/// # Errors
/// MemoryError.
pub fn repeat_bytes(text: &[u8], n: usize) -> Result<Ref> {
    let Some(len) = text.len().checked_mul(n) else {
        return Err(memory_error());
    };
    // SAFETY: `n` copies are `len` bytes.
    unsafe {
        filled_bytes(len, |data| {
            if len > 0 {
                repeat_into(data, text, len);
            }
        })
    }
}

/// A bytes object of `len` bytes.
///
/// # Safety
/// `fill` writes that many bytes, and only them, from its argument on.
#[inline(always)]
unsafe fn filled_bytes(len: usize, fill: impl FnOnce(*mut u8)) -> Result<Ref> {
    if len >= MOST {
        return Err(memory_error());
    }
    if len < 2 {
        let mut one = 0u8;
        fill(&raw mut one);
        return bytes(&[one][..len]);
    }
    // An exact bytes object has header, body and bytes, and nothing behind them.
    let size = std::mem::size_of::<Object<BytesBody>>() + len;
    let Some(p) = skein_gc::alloc::allocate_unzeroed(s::BYTES.class(), size) else {
        return Err(memory_error());
    };
    // SAFETY: the memory holds header, body and `len` bytes, which the caller fills.
    unsafe {
        let o = p as *mut Object<BytesBody>;
        let data = (&raw mut (*o).body).add(1) as *mut u8;
        fill(data);
        std::ptr::write(&raw mut (*o).body, BytesBody::at(data, len));
        Ok(Ref::from_value(Value::of(&*p)))
    }
}

pub fn bytes_of(ty: &'static Type, data: &[u8]) -> Result<Ref> {
    new_bytes(ty, data, false)
}

fn new_bytes(ty: &'static Type, data: &[u8], immortal: bool) -> Result<Ref> {
    with_tail(ty, data, immortal, |p| BytesBody::at(p, data.len()))
}
