//! The buffer protocol of native code: bytes of an object, read or written in place.
//!
//! A type whose objects hold bytes registers an [`Exporter`] for its layout at start-up; `bytes` needs none. The closures
//! given to [`with_bytes`] and [`with_bytes_mut`] run while the exporter may hold a lock: they must not run Python code, drop
//! references or poll, and a writing closure must not touch another buffer (copy what it needs first).
//!
//! A class with a Python `__buffer__` method is asked for a memoryview, which is an exporter.

use crate::context::Context;
use crate::error::{Result, buffer_error, system_error, type_error};
use crate::intern;
use crate::layouts::str::BytesBody;
use crate::object::{Layout, RefExt, type_of};
use crate::protocol;
use crate::types::flag;
use skein_gc::Ref;
use std::borrow::Cow;
use std::sync::OnceLock;

/// What a view of an exporter looks like.
#[derive(Clone, Debug)]
pub struct Info {
    /// Bytes in all.
    pub len: usize,
    /// In the notation of `struct`.
    pub format: Cow<'static, str>,
    pub itemsize: usize,
    /// Length of each dimension.
    pub shape: Vec<usize>,
    /// Bytes from an item to the next of each dimension.
    pub strides: Vec<isize>,
    pub readonly: bool,
}

impl Info {
    /// Plain bytes.
    pub fn bytes(len: usize, readonly: bool) -> Info {
        Info::items(len, Cow::Borrowed("B"), 1, readonly)
    }

    /// A vector of `n` items.
    pub fn items(n: usize, format: Cow<'static, str>, itemsize: usize, readonly: bool) -> Info {
        Info {
            len: n.saturating_mul(itemsize),
            format,
            itemsize,
            shape: vec![n],
            strides: vec![itemsize as isize],
            readonly,
        }
    }
}

/// Reads bytes in place.
pub type ReadFn = fn(&Ref, &mut dyn FnMut(&[u8])) -> Result<()>;
/// Writes bytes in place.
pub type WriteFn = fn(&Ref, &mut dyn FnMut(&mut [u8])) -> Result<()>;

/// How to reach the bytes of the objects of one layout.
pub struct Exporter {
    pub layout: &'static Layout,
    /// Calls once with all bytes, which are contiguous; BufferError if they are not.
    pub read: ReadFn,
    /// Likewise for writing; BufferError if the object is read-only.
    pub write: WriteFn,
    /// A contiguous copy, whatever the layout of the items.
    pub copy: fn(&Ref) -> Result<Vec<u8>>,
    pub info: fn(&Ref) -> Result<Info>,
    /// From now on the bytes must not move or change in number.
    pub acquire: fn(&Ref) -> Result<()>,
    /// Ends one `acquire`.
    pub release: fn(&Ref),
}

static EXPORTERS: [OnceLock<&'static Exporter>; 24] = [const { OnceLock::new() }; 24];

/// Adds an exporter; only at start-up or when a native module is made.
pub fn register(e: &'static Exporter) {
    for place in &EXPORTERS {
        let known = place.get_or_init(|| e);
        if std::ptr::eq(known.layout, e.layout) {
            return;
        }
    }
}

fn registered(r: &Ref) -> Option<&'static Exporter> {
    r.header()?;
    let layout = type_of(r).layout();
    EXPORTERS
        .iter()
        .map_while(OnceLock::get)
        .find(|e| std::ptr::eq(e.layout, layout))
        .copied()
}

fn bytes_read(r: &Ref, f: &mut dyn FnMut(&[u8])) -> Result<()> {
    f(r.body::<BytesBody>().map_or(&[], BytesBody::as_slice));
    Ok(())
}

fn bytes_write(_: &Ref, _: &mut dyn FnMut(&mut [u8])) -> Result<()> {
    Err(buffer_error("Object is not writable."))
}

fn bytes_copy(r: &Ref) -> Result<Vec<u8>> {
    copy_slice(r.body::<BytesBody>().map_or(&[], BytesBody::as_slice))
}

fn bytes_info(r: &Ref) -> Result<Info> {
    Ok(Info::bytes(r.body::<BytesBody>().map_or(0, BytesBody::len), true))
}

fn bytes_acquire(_: &Ref) -> Result<()> {
    Ok(())
}

fn bytes_release(_: &Ref) {}

static BYTES: Exporter = Exporter {
    layout: <BytesBody as crate::object::Payload>::LAYOUT,
    read: bytes_read,
    write: bytes_write,
    copy: bytes_copy,
    info: bytes_info,
    acquire: bytes_acquire,
    release: bytes_release,
};

/// The bytes as a vector of their own.
///
/// # Errors
/// MemoryError.
pub fn copy_slice(b: &[u8]) -> Result<Vec<u8>> {
    let mut out = skein_gc::alloc::vec_with(b.len())?;
    out.extend_from_slice(b);
    Ok(out)
}

fn method_name(which: usize) -> &'static Ref {
    static NAMES: [OnceLock<Ref>; 2] = [const { OnceLock::new() }; 2];
    NAMES[which].get_or_init(|| intern::name(["__buffer__", "__release_buffer__"][which]))
}

/// Whether the object has bytes to show.
pub fn is_buffer(r: &Ref) -> bool {
    r.body::<BytesBody>().is_some() || registered(r).is_some() || has_buffer_method(r)
}

fn has_buffer_method(r: &Ref) -> bool {
    let ty = type_of(r);
    ty.has(flag::HEAP) && ty.lookup(method_name(0)).is_some()
}

/// "a bytes-like object is required, not 'X'".
#[cold]
pub fn not_bytes_like(r: &Ref) -> crate::Error {
    type_error(format!("a bytes-like object is required, not '{}'", r.ty().name()))
}

/// The exporter of an object, and the object that it exports (another one where the class has a Python `__buffer__`).
///
/// # Errors
/// TypeError if the object has no bytes; what `__buffer__` raises.
pub fn exporter(cx: &Context, r: &Ref, writable: bool) -> Result<(Ref, &'static Exporter)> {
    if r.body::<BytesBody>().is_some() {
        return Ok((r.clone(), &BYTES));
    }
    if let Some(e) = registered(r) {
        return Ok((r.clone(), e));
    }
    if !has_buffer_method(r) {
        return Err(not_bytes_like(r));
    }
    // PyBUF_FULL_RO, and PyBUF_WRITABLE.
    let flags = Ref::small(0x11c | i32::from(writable));
    match protocol::call_method_opt(cx, r, method_name(0), &[flags])? {
        Some(view) => match registered(&view) {
            Some(e) if view.ty().name() == "memoryview" => Ok((view, e)),
            _ => Err(type_error("__buffer__ returned non-memoryview object")),
        },
        None => Err(not_bytes_like(r)),
    }
}

/// Tells an object with a Python `__buffer__` that the memoryview it gave is done with.
fn done(cx: &Context, r: &Ref, view: &Ref) -> Result<()> {
    if !r.is(view) && type_of(r).lookup(method_name(1)).is_some() {
        protocol::call_method_opt(cx, r, method_name(1), std::slice::from_ref(view))?;
    }
    Ok(())
}

/// Runs `f` with the bytes of a bytes-like object. `f` must not run Python code; see the head of the file.
///
/// # Errors
/// TypeError "a bytes-like object is required, not 'X'"; BufferError if the bytes are not contiguous.
#[inline]
pub fn with_bytes<R>(cx: &Context, r: &Ref, f: impl FnOnce(&[u8]) -> R) -> Result<R> {
    if let Some(b) = r.body::<BytesBody>() {
        return Ok(f(b.as_slice()));
    }
    let (object, e) = exporter(cx, r, false)?;
    let (mut f, mut out) = (Some(f), None);
    (e.read)(&object, &mut |b| {
        if let Some(f) = f.take() {
            out = Some(f(b));
        }
    })?;
    done(cx, r, &object)?;
    out.ok_or_else(|| system_error("buffer exporter gave no bytes"))
}

/// Runs `f` with the bytes of a writable bytes-like object. `f` must not run Python code nor touch another buffer.
///
/// # Errors
/// TypeError if it is no buffer; BufferError if it is read-only or not contiguous.
pub fn with_bytes_mut<R>(cx: &Context, r: &Ref, f: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
    let (object, e) = exporter(cx, r, true)?;
    let (mut f, mut out) = (Some(f), None);
    (e.write)(&object, &mut |b| {
        if let Some(f) = f.take() {
            out = Some(f(b));
        }
    })?;
    done(cx, r, &object)?;
    out.ok_or_else(|| system_error("buffer exporter gave no bytes"))
}

/// Whether a bytes-like object can be written to.
///
/// # Errors
/// TypeError if it is no buffer.
pub fn is_writable(cx: &Context, r: &Ref) -> Result<bool> {
    let (object, e) = exporter(cx, r, false)?;
    let info = (e.info)(&object)?;
    done(cx, r, &object)?;
    Ok(!info.readonly)
}

/// A copy of the bytes of a bytes-like object, which may be strided.
///
/// # Errors
/// TypeError if it is no buffer; MemoryError.
pub fn to_vec(cx: &Context, r: &Ref) -> Result<Vec<u8>> {
    if let Some(b) = r.body::<BytesBody>() {
        return copy_slice(b.as_slice());
    }
    let (object, e) = exporter(cx, r, false)?;
    let out = (e.copy)(&object)?;
    done(cx, r, &object)?;
    Ok(out)
}

/// Bytes in the view of an object.
///
/// # Errors
/// TypeError if it is no buffer.
pub fn byte_len(cx: &Context, r: &Ref) -> Result<usize> {
    if let Some(b) = r.body::<BytesBody>() {
        return Ok(b.len());
    }
    let (object, e) = exporter(cx, r, false)?;
    let info = (e.info)(&object)?;
    done(cx, r, &object)?;
    Ok(info.len)
}
