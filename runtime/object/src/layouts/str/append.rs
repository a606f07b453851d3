//! `s += t` where nobody else has `s`: the characters are added in place, in constant time each in the mean, as in CPython
//! (`PyUnicode_Append`). The text lies in memory of its own then, with room behind it.

use super::{ASCII, LEN_MASK, MOST, ROOM, StrBody, WIDTH_SHIFT, raw_view};
use crate::error::{Result, memory_error};
use crate::object::{Object, RefExt};
use crate::statics as s;
use skein_gc::value::Value;
use skein_gc::{Header, Ref};
use skein_text::StrView;
use std::alloc::Layout;
use std::sync::atomic::Ordering;

/// Bytes from which on a text gets room to grow: shorter ones are copied as fast.
const LONG: usize = 1 << 10;
/// In front of a text with room: how many bytes of text its memory can hold.
const HEAD: usize = size_of::<usize>();

fn layout(capacity: usize) -> Option<Layout> {
    Layout::from_size_align(HEAD.checked_add(capacity)?, HEAD).ok()
}

/// Memory for so many bytes, of which none is written.
fn allocate(capacity: usize) -> Option<*mut u8> {
    // SAFETY: not empty.
    let p = unsafe { std::alloc::alloc(layout(capacity)?) };
    if p.is_null() {
        return None;
    }
    // SAFETY: room for the head, at a multiple of its size.
    unsafe {
        p.cast::<usize>().write(capacity);
        Some(p.add(HEAD))
    }
}

/// As [`allocate`], with what is at `data`, which is given up.
///
/// # Safety
/// `data` is from this module.
unsafe fn reallocate(data: *mut u8, capacity: usize) -> Option<*mut u8> {
    let new = layout(capacity)?;
    // SAFETY: as it was allocated; a failure leaves it as it is.
    unsafe {
        let p = data.sub(HEAD);
        let p = std::alloc::realloc(p, layout(p.cast::<usize>().read())?, new.size());
        if p.is_null() {
            return None;
        }
        p.cast::<usize>().write(capacity);
        Some(p.add(HEAD))
    }
}

/// Frees the memory of a text with room.
///
/// # Safety
/// `data` is from this module, and nobody uses it.
pub(super) unsafe fn free(data: *const u8) {
    // SAFETY: as it was allocated.
    unsafe {
        let p = data.cast_mut().sub(HEAD);
        if let Some(layout) = layout(p.cast::<usize>().read()) {
            std::alloc::dealloc(p, layout);
        }
    }
}

/// What to allocate for so many bytes of a text that grows.
fn with_room(bytes: usize) -> usize {
    bytes + bytes / 4
}

/// Writes characters as such of `1 << code` bytes, which are no narrower.
///
/// # Safety
/// There is room for them at `to`, which is aligned for them.
unsafe fn write(to: *mut u8, code: u32, text: StrView<'_>) {
    let (raw, own) = raw_view(text);
    // SAFETY: by the caller's promise.
    unsafe {
        match (text, code) {
            _ if own == code => std::ptr::copy_nonoverlapping(raw.as_ptr(), to, raw.len()),
            (StrView::Latin1(t), 1) => t
                .iter()
                .enumerate()
                .for_each(|(i, c)| to.cast::<u16>().add(i).write(*c as u16)),
            (StrView::Latin1(t), _) => t
                .iter()
                .enumerate()
                .for_each(|(i, c)| to.cast::<u32>().add(i).write(*c as u32)),
            (StrView::Ucs2(t), _) => t
                .iter()
                .enumerate()
                .for_each(|(i, c)| to.cast::<u32>().add(i).write(*c as u32)),
            (StrView::Ucs4(_), _) => unreachable!("no characters are wider"),
        }
    }
}

/// Whether nobody but the owner of `a` has the text in it.
fn is_sole(h: &Header) -> bool {
    h.is_private() && !h.is_immortal() && h.references() == 1
}

/// Adds the characters of `b` to those of `a`, if both are exact strs, `a` is long enough and the only reference to its object, and the result has
/// characters of the same width; gives whether it has.
///
/// # Errors
/// MemoryError; `a` is as it was.
///
/// # Safety
/// What `a` refers to is borrowed nowhere.
pub unsafe fn append(a: &mut Ref, b: &Ref) -> Result<bool> {
    if !a.is_exact(&s::STR) || !b.is_exact(&s::STR) || a.value() == b.value() {
        return Ok(false);
    }
    let Some(h) = a.header().filter(|h| is_sole(h)) else {
        return Ok(false);
    };
    let (Some(x), Some(y)) = (a.body::<StrBody>(), b.body::<StrBody>()) else {
        return Ok(false);
    };
    let code = x.width_code();
    if y.width_code() > code || x.is_interned() || x.byte_len() < LONG || y.is_empty() {
        return Ok(false);
    }
    let Some(len) = x.len().checked_add(y.len()).filter(|n| *n < MOST) else {
        return Err(memory_error());
    };
    let (old, new) = (x.byte_len(), len << code);
    let ascii = if y.is_ascii() { x.meta & ASCII } else { 0 };
    let meta = len as u64 | (code as u64) << WIDTH_SHIFT | ascii | ROOM;
    if x.meta & ROOM == 0 {
        let data = allocate(with_room(new))
            .or_else(|| allocate(new))
            .ok_or_else(memory_error)?;
        // SAFETY: room for both.
        unsafe {
            write(data, code, x.view());
            write(data.add(old), code, y.view());
        }
        *a = object(meta, data)?;
        return Ok(true);
    }
    let body = std::ptr::from_ref(h).cast_mut().cast::<Object<StrBody>>();
    // SAFETY: nobody else has the object, nor borrows it: so this may change it. `y` is another object's.
    unsafe {
        let body = &raw mut (*body).body;
        let mut data = (*body).data.cast_mut();
        if new > data.sub(HEAD).cast::<usize>().read() {
            data = reallocate(data, with_room(new))
                .or_else(|| reallocate(data, new))
                .ok_or_else(memory_error)?;
            (*body).data = data;
        }
        write(data.add(old), code, y.view());
        (*body).meta = meta;
        // Relaxed: nobody else looks.
        (*body).hash.store(0, Ordering::Relaxed);
    }
    Ok(true)
}

/// A str whose text is at `data`, which becomes its own.
fn object(meta: u64, data: *mut u8) -> Result<Ref> {
    debug_assert!(meta & ROOM != 0 && meta & LEN_MASK != 0);
    let Some(p) = skein_gc::alloc::allocate_unzeroed(s::STR.class(), size_of::<Object<StrBody>>()) else {
        // SAFETY: nobody else has it.
        unsafe { free(data) };
        return Err(memory_error());
    };
    // SAFETY: memory for header and body, which is all that an exact str has.
    unsafe {
        (&raw mut (*p.cast::<Object<StrBody>>()).body).write(StrBody {
            hash: Default::default(),
            meta,
            data,
        });
        Ok(Ref::from_value(Value::of(&*p)))
    }
}
