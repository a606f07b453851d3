//! `str` and `bytes`: length, hash and the characters, inline behind the body.
//!
//! Characters of a str take 1, 2 or 4 bytes each, the narrowest that fits (PEP 393).

mod append;

pub use super::bytes::{bytes, bytes_of, join_bytes, repeat_bytes, zero_bytes};
use crate::error::{Result, memory_error};
use crate::layouts::list::ListBody;
use crate::object::{Layout, Object, Payload, RefExt};
use crate::statics as s;
use crate::types::Type;
pub use append::append;
use skein_gc::{Header, Ref, Value, Visitor};
use skein_text::format::Laid;
use skein_text::{StrBuf, StrView};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

const WIDTH_SHIFT: u32 = 60;
const ASCII: u64 = 1 << 62;
const INTERNED: u64 = 1 << 63;
/// The characters are in memory that `append.rs` has allocated.
const ROOM: u64 = 1 << 59;
const LEN_MASK: u64 = ROOM - 1;
/// Bits that say nothing of the text.
const NOT_TEXT: u64 = INTERNED | ROOM;

/// Body of a str.
pub struct StrBody {
    /// 0: not computed.
    hash: AtomicU64,
    /// Length in characters; ROOM, width code (0, 1, 2 for 1, 2, 4 bytes), ASCII and INTERNED bits on top.
    meta: u64,
    /// The characters: right behind the body, or in memory of their own (subclasses, whose other parts lie there, and what has ROOM).
    data: *const u8,
}

/// Body of a bytes object.
pub struct BytesBody {
    hash: AtomicU64,
    len: usize,
    data: *const u8,
}

macro_rules! inline_data {
    ($body:ident, $name:literal, $bytes:ident) => {
        const _: () = {
            unsafe fn destroy(h: *mut Header) {
                // SAFETY: called for a dead object of this layout.
                unsafe {
                    let o = &*(h as *const Object<$body>);
                    if !o.body.is_inline() {
                        o.body.free_data();
                    }
                    crate::object::destroy_object::<$body>(h)
                }
            }
            static LAYOUT: Layout = Layout {
                name: $name,
                body_size: std::mem::size_of::<$body>(),
                trace: crate::object::trace_object::<$body>,
                destroy,
                tail_size: None,
            };
            // SAFETY: the body owns no references.
            unsafe impl Payload for $body {
                const LAYOUT: &'static Layout = &LAYOUT;
                fn trace(&self, _: &mut Visitor<'_>) {}
            }
        };
        // SAFETY: immutable but for the hash, which is atomic.
        unsafe impl Sync for $body {}
        // SAFETY: as for Sync.
        unsafe impl Send for $body {}
        impl $body {
            fn is_inline(&self) -> bool {
                std::ptr::eq(self.data, (self as *const $body).wrapping_add(1) as *const u8)
            }

            /// Frees data that are not behind the body.
            ///
            /// # Safety
            /// Nobody uses them any more.
            unsafe fn free_data(&self) {
                if self.has_room() {
                    // SAFETY: as the bit says.
                    unsafe { append::free(self.data) };
                } else {
                    let len = self.$bytes();
                    // SAFETY: a boxed slice, which `with_tail` has leaked.
                    drop(unsafe { Vec::from_raw_parts(self.data.cast_mut(), len, len) });
                }
            }
        }
    };
}
inline_data!(StrBody, "str", byte_len);
inline_data!(BytesBody, "bytes", len);

static SEED: OnceLock<u64> = OnceLock::new();

/// Sets the seed of str and bytes hashes (`PYTHONHASHSEED`); only before the first hash.
pub fn set_hash_seed(seed: u64) {
    let _ = SEED.set(seed);
}

/// Seeded hash of bytes: multiply and fold, eight bytes at a time. Never 0, never -1.
pub fn hash_bytes(data: &[u8]) -> i64 {
    let seed = *SEED.get_or_init(|| {
        let mut b = [0u8; 8];
        // SAFETY: writes at most 8 bytes into the buffer.
        unsafe { libc::getrandom(b.as_mut_ptr().cast(), 8, 0) };
        u64::from_ne_bytes(b)
    });
    fn fold(a: u64, b: u64) -> u64 {
        let p = a as u128 * b as u128;
        (p as u64) ^ (p >> 64) as u64
    }
    let mut h = seed ^ 0x9e37_79b9_7f4a_7c15;
    let mut chunks = data.chunks_exact(8);
    for c in &mut chunks {
        let mut w = [0; 8];
        w.copy_from_slice(c);
        h = fold(h ^ u64::from_le_bytes(w), 0xa076_1d64_78bd_642f);
    }
    let rest = chunks.remainder();
    let mut w = [0; 8];
    w[..rest.len()].copy_from_slice(rest);
    h = fold(h ^ u64::from_le_bytes(w), 0xe703_7ed1_a0b4_28db);
    h = fold(h ^ data.len() as u64, 0x8ebc_6af0_9c88_c6e3);
    match h as i64 {
        0 => 1,
        -1 => -2,
        h => h,
    }
}

impl StrBody {
    #[inline(always)]
    pub fn len(&self) -> usize {
        (self.meta & LEN_MASK) as usize
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn width_code(&self) -> u32 {
        (self.meta >> WIDTH_SHIFT) as u32 & 3
    }

    #[inline]
    pub fn byte_len(&self) -> usize {
        self.len() << self.width_code()
    }

    #[inline]
    pub fn is_ascii(&self) -> bool {
        self.meta & ASCII != 0
    }

    #[inline]
    pub fn is_interned(&self) -> bool {
        self.meta & INTERNED != 0
    }

    fn has_room(&self) -> bool {
        self.meta & ROOM != 0
    }

    fn raw(&self) -> &[u8] {
        // SAFETY: data holds byte_len initialised bytes for the life of the object.
        unsafe { std::slice::from_raw_parts(self.data, self.byte_len()) }
    }

    /// The characters.
    #[inline]
    pub fn view(&self) -> StrView<'_> {
        let n = self.len();
        // SAFETY: data holds n characters of that width, aligned (behind the body at a multiple of 8).
        unsafe {
            match self.width_code() {
                0 => StrView::Latin1(std::slice::from_raw_parts(self.data, n)),
                1 => StrView::Ucs2(std::slice::from_raw_parts(self.data.cast(), n)),
                _ => StrView::Ucs4(std::slice::from_raw_parts(self.data.cast(), n)),
            }
        }
    }

    /// The text, if it is ASCII: no copy.
    #[inline]
    pub fn as_ascii(&self) -> Option<&str> {
        if self.is_ascii() {
            // SAFETY: the bit says that all bytes are ASCII, which is UTF-8.
            Some(unsafe { std::str::from_utf8_unchecked(self.raw()) })
        } else {
            None
        }
    }

    /// UTF-8, with surrogates replaced.
    pub fn to_lossy(&self) -> String {
        match self.as_ascii() {
            Some(s) => s.to_owned(),
            None => self.view().to_utf8_lossy(),
        }
    }

    #[inline]
    pub fn hash(&self) -> i64 {
        // Relaxed: every thread computes the same.
        let h = self.hash.load(Ordering::Relaxed);
        if h != 0 {
            return h as i64;
        }
        let h = hash_bytes(self.raw());
        self.hash.store(h as u64, Ordering::Relaxed);
        h
    }

    #[inline]
    pub fn equals(&self, other: &StrBody) -> bool {
        self.meta & !NOT_TEXT == other.meta & !NOT_TEXT && self.raw() == other.raw()
    }
}

impl BytesBody {
    /// The body of `len` bytes at `data`.
    pub(super) fn at(data: *const u8, len: usize) -> BytesBody {
        BytesBody {
            hash: AtomicU64::new(0),
            len,
            data,
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn has_room(&self) -> bool {
        false
    }

    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: data holds len initialised bytes for the life of the object.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }

    pub fn hash(&self) -> i64 {
        let h = self.hash.load(Ordering::Relaxed);
        if h != 0 {
            return h as i64;
        }
        let h = hash_bytes(self.as_slice());
        self.hash.store(h as u64, Ordering::Relaxed);
        h
    }
}

fn raw_view(v: StrView<'_>) -> (&[u8], u32) {
    // SAFETY: any integer slice can be seen as bytes.
    unsafe {
        match v {
            StrView::Latin1(d) => (d, 0),
            StrView::Ucs2(d) => (std::slice::from_raw_parts(d.as_ptr().cast(), d.len() * 2), 1),
            StrView::Ucs4(d) => (std::slice::from_raw_parts(d.as_ptr().cast(), d.len() * 4), 2),
        }
    }
}

/// Allocates an object whose body ends in inline data, and writes what `body` makes of the data pointer.
pub(super) fn with_tail<T: Payload>(
    ty: &'static Type,
    data: &[u8],
    immortal: bool,
    body: impl FnOnce(*const u8) -> T,
) -> Result<Ref> {
    let extras = ty.extra_room();
    let own = extras.is_some();
    let tail = if own { 0 } else { data.len() };
    let size = ty.instance_size_with(tail, extras.unwrap_or(0));
    // Without extras, body and tail are all there is, and both are written below.
    let p = if own {
        skein_gc::alloc::allocate(ty.class(), size)
    } else if immortal {
        skein_gc::alloc::allocate_forever(ty.class(), size)
    } else {
        skein_gc::alloc::allocate_unzeroed(ty.class(), size)
    };
    let Some(p) = p else {
        return Err(memory_error());
    };
    // SAFETY: the memory holds header, body and tail; the data is copied before anyone sees the object.
    unsafe {
        let o = p as *mut Object<T>;
        let place = if own {
            let mut v = Vec::new();
            if skein_gc::alloc::fallible(|| v.try_reserve_exact(data.len())).is_err() {
                skein_gc::alloc::free(p);
                return Err(memory_error());
            }
            v.extend_from_slice(data);
            Box::leak(v.into_boxed_slice()).as_mut_ptr()
        } else {
            let tail = (&raw mut (*o).body).add(1) as *mut u8;
            std::ptr::copy_nonoverlapping(data.as_ptr(), tail, data.len());
            tail
        };
        std::ptr::write(&raw mut (*o).body, body(place));
        let h = &*p;
        if let Some(inline) = extras {
            crate::instance::Attrs::init(h, ty, inline);
        }
        if immortal {
            h.make_immortal();
        }
        Ok(Ref::from_value(Value::of(h)))
    }
}

fn make(ty: &'static Type, v: StrView<'_>, interned: bool) -> Result<Ref> {
    let (raw, code) = raw_view(v);
    let ascii = code == 0 && raw.is_ascii();
    let meta = v.len() as u64
        | (code as u64) << WIDTH_SHIFT
        | if ascii { ASCII } else { 0 }
        | if interned { INTERNED } else { 0 };
    with_tail(ty, raw, interned, |data| StrBody {
        hash: AtomicU64::new(0),
        meta,
        data,
    })
}

/// A str of canonical characters.
pub fn new(v: StrView<'_>) -> Result<Ref> {
    match v {
        StrView::Latin1(c) => latin1(c, c.is_ascii()),
        _ => make(&s::STR, v, false),
    }
}

/// A str whose characters may be narrower than the view: a slice of a wider one.
pub fn new_narrowed(v: StrView<'_>) -> Result<Ref> {
    if v.is_canonical() { new(v) } else { from_buf(v.to_buf()) }
}

/// A str of a subclass.
pub fn new_of(ty: &'static Type, v: StrView<'_>) -> Result<Ref> {
    if std::ptr::eq(ty, &raw const s::STR) {
        new(v)
    } else {
        make(ty, v, false)
    }
}

pub(crate) fn new_interned(v: StrView<'_>) -> Result<Ref> {
    if v.len() <= 1 && v.is_canonical() && matches!(v, StrView::Latin1(_)) {
        return new(v);
    }
    make(&s::STR, v, true)
}

pub fn from_buf(b: StrBuf) -> Result<Ref> {
    new(b.finish().view())
}

pub fn from_str(text: &str) -> Result<Ref> {
    if text.is_ascii() {
        new(StrView::Latin1(text.as_bytes()))
    } else {
        from_buf(StrBuf::from(text))
    }
}

/// Text of ASCII bytes.
pub fn from_ascii(bytes: &[u8]) -> Result<Ref> {
    debug_assert!(bytes.is_ascii());
    new(StrView::Latin1(bytes))
}

/// Strings of the 256 Latin-1 characters are made once.
#[inline]
pub fn single(c: u8) -> Ref {
    static TABLE: OnceLock<[Ref; 256]> = OnceLock::new();
    let make_one = |c: usize| make(&s::STR, StrView::Latin1(&[c as u8]), true).unwrap_or_else(|_| s::empty_str());
    TABLE.get_or_init(|| std::array::from_fn(make_one))[c as usize].clone()
}

/// The str of one character.
pub fn from_char(c: u32) -> Result<Ref> {
    match c {
        0..=0xff => Ok(single(c as u8)),
        0x100..=0xffff => new(StrView::Ucs2(&[c as u16])),
        _ => new(StrView::Ucs4(&[c])),
    }
}

/// The text of a str object, for messages; `"?"` for anything else.
pub fn text(r: &Ref) -> String {
    r.body::<StrBody>().map_or_else(|| "?".to_owned(), StrBody::to_lossy)
}

pub fn is_str(r: &Ref) -> bool {
    r.body::<StrBody>().is_some()
}

/// The immortal empty str.
pub(crate) fn make_empty() -> Ref {
    match make(&s::STR, StrView::Latin1(&[]), true) {
        Ok(r) => r,
        // Start-up without memory for 48 bytes: nothing can run.
        Err(_) => std::process::abort(),
    }
}

/// A str of one-byte characters: the parts one after another, `sep` between them. `ascii` says that all of them are ASCII.
/// The characters are written once, into the new object.
pub fn join_latin1(sep: &[u8], parts: &[&[u8]], ascii: bool) -> Result<Ref> {
    if let [one] = parts {
        return latin1(one, ascii);
    }
    let mut len = sep.len().checked_mul(parts.len().saturating_sub(1));
    for p in parts {
        len = len.and_then(|n| n.checked_add(p.len()));
    }
    let Some(len) = len.filter(|n| *n < MOST) else {
        return Err(memory_error());
    };
    if len == 0 {
        return Ok(s::empty_str());
    }
    if len == 1
        && let Some(c) = parts.iter().copied().flatten().chain(sep).next()
    {
        return Ok(single(*c));
    }
    // SAFETY: the parts and separators fill exactly `len` bytes.
    unsafe {
        filled_latin1(len, ascii, |data| {
            let mut at = data;
            for (i, part) in parts.iter().enumerate() {
                if i > 0 && !sep.is_empty() {
                    std::ptr::copy_nonoverlapping(sep.as_ptr(), at, sep.len());
                    at = at.add(sep.len());
                }
                std::ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
                at = at.add(part.len());
            }
        })
    }
}

/// Strings that are joined without memory for a list of them.
const FEW: usize = 16;

/// The items one after another, `sep` between them; `None` unless all are strings of one-byte characters.
pub fn join_narrow(sep: &StrBody, items: &[Ref]) -> Option<Result<Ref>> {
    let mut few: [&[u8]; FEW] = [&[]; FEW];
    let mut many = Vec::new();
    let parts: &mut [&[u8]] = if items.len() <= FEW {
        &mut few[..items.len()]
    } else {
        if skein_gc::alloc::fallible(|| many.try_reserve_exact(items.len())).is_err() {
            return Some(Err(memory_error()));
        }
        many.resize(items.len(), &[][..]);
        &mut many
    };
    let StrView::Latin1(between) = sep.view() else {
        return None;
    };
    let mut ascii = sep.is_ascii() || items.len() < 2;
    for (item, part) in items.iter().zip(&mut *parts) {
        let b = item.body::<StrBody>()?;
        let StrView::Latin1(c) = b.view() else { return None };
        *part = c;
        ascii &= b.is_ascii();
    }
    Some(join_latin1(between, parts, ascii))
}

/// [`join_narrow`] of the items of a private list, but for a single one, which may be what is wanted itself; `None` for any other.
pub fn join_list(sep: &StrBody, list: &Ref) -> Option<Result<Ref>> {
    let b = list.body::<ListBody>()?;
    // SAFETY: joining neither polls nor runs Python code.
    let items = unsafe { b.0.private_slice(list.holder()) }?;
    if items.len() == 1 {
        return None;
    }
    join_narrow(sep, items)
}

/// A str of one-byte characters. `ascii` says that all of them are ASCII.
///
/// # Errors
/// MemoryError.
#[inline]
pub fn latin1(text: &[u8], ascii: bool) -> Result<Ref> {
    match text {
        [] => Ok(s::empty_str()),
        [c] => Ok(single(*c)),
        // SAFETY: as many bytes are written.
        _ => unsafe {
            filled_latin1(text.len(), ascii, |data| {
                std::ptr::copy_nonoverlapping(text.as_ptr(), data, text.len());
            })
        },
    }
}

/// The characters from `start` to `end` of a str, which lie in it, as a str.
///
/// # Errors
/// MemoryError.
pub fn cut(b: &StrBody, start: usize, end: usize) -> Result<Ref> {
    match b.view().slice(start..end) {
        StrView::Latin1(c) if b.is_ascii() => latin1(c, true),
        v => new_narrowed(v),
    }
}

/// A str of what `map` makes of the bytes of an ASCII text, which must be ASCII too.
///
/// # Errors
/// MemoryError.
#[inline]
pub fn map_ascii(text: &[u8], mut map: impl FnMut(&u8) -> u8) -> Result<Ref> {
    match text {
        [] => Ok(s::empty_str()),
        [c] => Ok(single(map(c))),
        // SAFETY: as many bytes are written.
        _ => unsafe {
            filled_latin1(text.len(), true, |data| {
                for (i, c) in text.iter().enumerate() {
                    let c = map(c);
                    debug_assert!(c.is_ascii());
                    data.add(i).write(c);
                }
            })
        },
    }
}

/// A value that was laid out, as a str.
///
/// # Errors
/// MemoryError.
pub fn laid_out(l: &Laid<'_>) -> Result<Ref> {
    let fills = l.left.checked_add(l.inner).and_then(|n| n.checked_add(l.right));
    let own = l.head.len() + l.body.len();
    let Some(len) = fills.and_then(|n| n.checked_add(own)).filter(|n| *n < MOST) else {
        return Err(memory_error());
    };
    if len < 2 {
        let fill = std::slice::from_ref(&l.fill);
        return join_latin1(&[], &[l.head, l.body, if own == len { &[] } else { fill }], l.ascii);
    }
    let ascii = l.ascii && (own == len || l.fill.is_ascii());
    // SAFETY: the five parts are `len` bytes.
    unsafe {
        filled_latin1(len, ascii, |data| {
            let fill = |at: *mut u8, n: usize| {
                if n > 0 {
                    at.write_bytes(l.fill, n);
                }
                at.add(n)
            };
            let copy = |at: *mut u8, from: &[u8]| {
                std::ptr::copy_nonoverlapping(from.as_ptr(), at, from.len());
                at.add(from.len())
            };
            let at = fill(data, l.left);
            let at = copy(at, l.head);
            let at = fill(at, l.inner);
            let at = copy(at, l.body);
            fill(at, l.right);
        })
    }
}

/// A text of one-byte characters, one after another `n` times.
///
/// # Errors
/// MemoryError.
pub fn repeat_latin1(text: &[u8], n: usize, ascii: bool) -> Result<Ref> {
    let Some(len) = text.len().checked_mul(n).filter(|n| *n < MOST) else {
        return Err(memory_error());
    };
    match (text, len) {
        (_, 0) => Ok(s::empty_str()),
        ([c], 1) => Ok(single(*c)),
        // SAFETY: `n` copies are `len` bytes.
        _ => unsafe { filled_latin1(len, ascii, |data| repeat_into(data, text, len)) },
    }
}

/// Writes a text, which is not empty, again and again: `len` bytes, a multiple of its length.
///
/// # Safety
/// There is room for them.
pub(super) unsafe fn repeat_into(data: *mut u8, text: &[u8], len: usize) {
    // SAFETY: each copy ends at `len` at the latest, and reads what is written.
    unsafe {
        if let [c] = text {
            data.write_bytes(*c, len);
            return;
        }
        std::ptr::copy_nonoverlapping(text.as_ptr(), data, text.len());
        let mut done = text.len();
        while done < len {
            let n = done.min(len - done);
            std::ptr::copy_nonoverlapping(data, data.add(done), n);
            done += n;
        }
    }
}

/// `count` characters of a text of one-byte characters from `start` on, `step` apart, all within the text.
///
/// # Errors
/// MemoryError.
pub fn step_latin1(text: &[u8], start: usize, step: isize, count: usize, ascii: bool) -> Result<Ref> {
    let mut at = start;
    let mut next = || {
        let c = text.get(at).copied().unwrap_or_default();
        at = at.wrapping_add_signed(step);
        c
    };
    match count {
        0 => Ok(s::empty_str()),
        1 => Ok(single(next())),
        // SAFETY: as many bytes are written.
        _ => unsafe { filled_latin1(count, ascii, |data| (0..count).for_each(|i| data.add(i).write(next()))) },
    }
}

/// The hexadecimal digits of bytes.
///
/// # Errors
/// MemoryError.
pub fn hex(bytes: &[u8]) -> Result<Ref> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let Some(len) = bytes.len().checked_mul(2).filter(|n| *n < MOST) else {
        return Err(memory_error());
    };
    if len == 0 {
        return Ok(s::empty_str());
    }
    // SAFETY: two digits are written for each byte.
    unsafe {
        filled_latin1(len, true, |data| {
            for (i, b) in bytes.iter().enumerate() {
                data.add(2 * i).write(DIGITS[(b >> 4) as usize]);
                data.add(2 * i + 1).write(DIGITS[(b & 15) as usize]);
            }
        })
    }
}

/// No text is as long.
pub(super) const MOST: usize = 1 << 48;

/// A str of `len` one-byte characters.
///
/// # Safety
/// `fill` writes that many bytes, and only them, from its argument on.
#[inline(always)]
unsafe fn filled_latin1(len: usize, ascii: bool, fill: impl FnOnce(*mut u8)) -> Result<Ref> {
    // An exact str has header, body and characters, and nothing behind them.
    let size = std::mem::size_of::<Object<StrBody>>() + len;
    let Some(p) = skein_gc::alloc::allocate_unzeroed(s::STR.class(), size) else {
        return Err(memory_error());
    };
    // SAFETY: the memory holds header, body and `len` bytes, which the caller fills.
    unsafe {
        let o = p as *mut Object<StrBody>;
        let data = (&raw mut (*o).body).add(1) as *mut u8;
        fill(data);
        let body = StrBody {
            hash: AtomicU64::new(0),
            meta: len as u64 | if ascii { ASCII } else { 0 },
            data,
        };
        std::ptr::write(&raw mut (*o).body, body);
        Ok(Ref::from_value(Value::of(&*p)))
    }
}

/// Parts that [`concat`] joins without memory of its own.
pub const FEW_PARTS: usize = 20;

/// The parts one after another, if they are few strs of one-byte characters.
///
/// # Errors
/// MemoryError.
pub fn concat(parts: &[Ref]) -> Result<Option<Ref>> {
    let mut raw: [&[u8]; FEW_PARTS] = [&[]; FEW_PARTS];
    let mut all = ASCII;
    if parts.len() > FEW_PARTS {
        return Ok(None);
    }
    for (part, raw) in parts.iter().zip(&mut raw) {
        match part.body::<StrBody>() {
            Some(b) if b.width_code() == 0 => {
                all &= b.meta;
                *raw = b.raw();
            }
            _ => return Ok(None),
        }
    }
    join_latin1(&[], &raw[..parts.len()], all != 0).map(Some)
}

/// A str of some texts, a str object and a text: keeps surrogates of the object.
///
/// # Errors
/// MemoryError.
pub fn from_buf_parts(before: &[&str], middle: &Ref, after: &str) -> Result<Ref> {
    let mut out = StrBuf::default();
    for b in before {
        out.push_str(b);
    }
    if let Some(m) = middle.body::<StrBody>() {
        out.push_view(m.view());
    }
    out.push_str(after);
    from_buf(out)
}
