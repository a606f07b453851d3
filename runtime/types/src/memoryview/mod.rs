//! The room of `memoryview`.
//!
//! A view holds an [`ExportBody`], one acquisition of the exporter whose memory it shows (never another view), and the
//! geometry of its items ([`view`]). Views that come from a view share the export, which ends with the last of them: by
//! `release`, by counting, or when a garbage cycle is cleared. `exports` counts the consumers of the view itself.

pub mod cast;
pub mod format;
pub mod index;
pub mod methods;
pub mod view;

use crate::startup::{TypeDef, ready_type};
use crate::str_::iter::{TextIterBody, itself, length_hint, make as make_iter, step};
use skein_object::error::{Error, Result, buffer_error, raise, type_error, value_error};
use skein_object::layouts::number;
use skein_object::native::{self, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol;
use skein_object::protocol::buffer::{self, Exporter, Info};
use skein_object::slots::{CompareOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Slot, payload, row, statics as s, str};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use view::{Order, View};

/// One acquisition of an exporter, which ends when the object dies.
pub struct ExportBody {
    base: Ref,
    exporter: &'static Exporter,
}
payload!(ExportBody, "managedbuffer", |this, v| { v.reference(&this.base) });

impl Drop for ExportBody {
    fn drop(&mut self) {
        (self.exporter.release)(&self.base);
    }
}

static EXPORT: Type = Type::declare(
    "managedbuffer",
    Some(&s::OBJECT),
    <ExportBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

/// Body of a memoryview.
pub struct MemoryViewBody {
    /// An [`ExportBody`] object; empty once released.
    export: Slot,
    /// What `obj` gives.
    shown: Slot,
    pub view: View,
    /// Consumers. Relaxed: a count alone.
    exports: AtomicUsize,
    /// 0: not computed. Relaxed: every thread computes the same.
    hash: AtomicI64,
}
payload!(MemoryViewBody, "memoryview", |this, v| {
    v.slot(&this.export);
    v.slot(&this.shown);
});

pub static MEMORYVIEW: Type = Type::declare(
    "memoryview",
    Some(&s::OBJECT),
    <MemoryViewBody as Payload>::LAYOUT,
    flag::SEQUENCE | flag::WEAKREFABLE,
);

pub static MEMORY_ITERATOR: Type = Type::declare(
    "memory_iterator",
    Some(&s::OBJECT),
    <TextIterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

#[cold]
fn released() -> Error {
    value_error("operation forbidden on released memoryview object")
}

/// The body of a receiver that is not released.
///
/// # Errors
/// ValueError if it is.
pub fn body(r: &Ref) -> Result<&MemoryViewBody> {
    match r.body::<MemoryViewBody>() {
        Some(b) if !b.export.is_null() => Ok(b),
        Some(_) => Err(released()),
        None => Err(buffer::not_bytes_like(r)),
    }
}

impl MemoryViewBody {
    /// The export: also keeps the memory while it is read, should another thread release the view.
    fn export(&self) -> Result<Ref> {
        self.export.get().ok_or_else(released)
    }

    /// Runs `f` with all bytes of the exporter, under its lock.
    ///
    /// # Errors
    /// ValueError if the view is released.
    pub fn read<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R> {
        let export = self.export()?;
        let (mut f, mut out) = (Some(f), None);
        if let Some(e) = export.body::<ExportBody>() {
            (e.exporter.read)(&e.base, &mut |b| out = f.take().map(|f| f(b)))?;
        }
        out.ok_or_else(released)
    }

    /// As [`read`](Self::read), for writing.
    ///
    /// # Errors
    /// ValueError if the view is released; BufferError if the exporter is read-only.
    pub fn write<R>(&self, f: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        let export = self.export()?;
        let (mut f, mut out) = (Some(f), None);
        if let Some(e) = export.body::<ExportBody>() {
            (e.exporter.write)(&e.base, &mut |b| out = f.take().map(|f| f(b)))?;
        }
        out.ok_or_else(released)
    }

    /// A packed copy of the items.
    ///
    /// # Errors
    /// MemoryError; ValueError if released.
    pub fn gather(&self, order: Order) -> Result<Vec<u8>> {
        self.read(|b| self.view.gather(b, order))?
    }

    /// The format as a native character.
    ///
    /// # Errors
    /// NotImplementedError for other formats.
    pub fn native(&self) -> Result<u8> {
        format::native(&self.view.format).ok_or_else(|| format::unsupported(&self.view.format))
    }
}

fn make(export: Ref, shown: Option<Ref>, view: View) -> Result<Ref> {
    alloc(
        &MEMORYVIEW,
        MemoryViewBody {
            export: Slot::new(export),
            shown: Slot::from_option(shown),
            view,
            exports: AtomicUsize::new(0),
            hash: AtomicI64::new(0),
        },
    )
}

/// Another view of the memory of a view.
///
/// # Errors
/// ValueError if it is released; MemoryError.
pub fn derive(r: &Ref, view: View) -> Result<Ref> {
    Parent::of(body(r)?)?.derive(view)
}

/// What views of a view share with it; also after it was released.
pub struct Parent {
    export: Ref,
    shown: Option<Ref>,
}

impl Parent {
    /// # Errors
    /// ValueError if the view is released.
    pub fn of(b: &MemoryViewBody) -> Result<Parent> {
        Ok(Parent {
            export: b.export()?,
            shown: b.shown.get(),
        })
    }

    /// # Errors
    /// MemoryError.
    pub fn derive(self, view: View) -> Result<Ref> {
        make(self.export, self.shown, view)
    }
}

/// `memoryview(object)`.
///
/// # Errors
/// TypeError if it has no bytes.
pub fn of(cx: &Context, object: &Ref) -> Result<Ref> {
    if object.body::<MemoryViewBody>().is_some() {
        return derive(object, body(object)?.view.clone());
    }
    if !buffer::is_buffer(object) {
        return Err(type_error(format!(
            "memoryview: a bytes-like object is required, not '{}'",
            object.ty().name()
        )));
    }
    let (base, exporter) = buffer::exporter(cx, object, false)?;
    if base.body::<MemoryViewBody>().is_some() {
        return derive(&base, body(&base)?.view.clone());
    }
    (exporter.acquire)(&base)?;
    // Dropped with the error if there is no memory, which releases.
    let body = ExportBody {
        base: base.clone(),
        exporter,
    };
    let export = alloc(&EXPORT, body)?;
    // Asked after the acquisition: the size does not change any more.
    let view = View::of((exporter.info)(&base)?);
    make(export, Some(object.clone()), view)
}

/// `object.__buffer__(flags)` of native types.
///
/// # Errors
/// BufferError if the flags want to write to what is read-only.
pub fn from_flags(cx: &Context, object: &Ref, flags: i32) -> Result<Ref> {
    const WRITABLE: i32 = 1;
    let out = of(cx, object)?;
    if flags & WRITABLE != 0 && body(&out)?.view.readonly {
        return Err(buffer_error(if object.body::<MemoryViewBody>().is_some() {
            "memoryview: underlying buffer is not writable"
        } else {
            "Object is not writable."
        }));
    }
    Ok(out)
}

/// `owner.__release_buffer__(view)`.
///
/// # Errors
/// TypeError, ValueError if the view is none of the owner.
pub fn release_of(_: &Context, view: &Ref, owner: &Ref) -> Result<()> {
    let Some(b) = view.body::<MemoryViewBody>() else {
        return Err(type_error("expected a memoryview object"));
    };
    if b.export.is_null() {
        return Err(value_error("memoryview's buffer has already been released"));
    }
    if b.shown.get().is_some_and(|o| !o.is(owner)) {
        return Err(value_error("memoryview's buffer is not this object"));
    }
    release(view)
}

/// `view.release()`.
///
/// # Errors
/// BufferError if the view has consumers.
pub fn release(r: &Ref) -> Result<()> {
    let Some(b) = r.body::<MemoryViewBody>() else {
        return Ok(());
    };
    let n = b.exports.load(Ordering::Relaxed);
    if n > 0 {
        return Err(buffer_error(format!(
            "memoryview has {n} exported buffer{}",
            if n == 1 { "" } else { "s" }
        )));
    }
    drop(b.export.set(r.holder(), None));
    drop(b.shown.set(r.holder(), None));
    Ok(())
}

static NEW: Row = row!("memoryview(cls, /, object)", construct, "");

fn construct(cx: &Context, a: Args<'_>) -> Result<Ref> {
    of(cx, a.at(1))
}

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    native::call_with(cx, &NEW, class, args, names)
}

/// `memoryview(object)`.
fn make_view(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    match args {
        [object] if std::ptr::eq(ty, &raw const MEMORYVIEW) => Some(of(cx, object)),
        _ => None,
    }
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    let at = crate::descriptors::address(r);
    str::from_str(&match body(r) {
        Ok(_) => format!("<memory at {at:#x}>"),
        Err(_) => format!("<released memory at {at:#x}>"),
    })
}

/// A use of a view during which it cannot be released.
pub struct Hold<'a>(&'a MemoryViewBody);

impl Hold<'_> {
    pub fn new(b: &MemoryViewBody) -> Hold<'_> {
        b.exports.fetch_add(1, Ordering::Relaxed);
        Hold(b)
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.0.exports.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    if let Some(b) = r.body::<MemoryViewBody>() {
        let h = b.hash.load(Ordering::Relaxed);
        if h != 0 {
            return Ok(h);
        }
    }
    let b = body(r)?;
    if !b.view.readonly {
        return Err(value_error("cannot hash writable memoryview object"));
    }
    if !format::native(&b.view.format).is_some_and(format::is_byte) {
        return Err(value_error(
            "memoryview: hashing is restricted to formats 'B', 'b' or 'c'",
        ));
    }
    if let Some(owner) = b.shown.get() {
        let _hold = Hold::new(b);
        protocol::hash(cx, &owner)?;
    }
    let h = str::hash_bytes(&b.gather(Order::C)?);
    b.hash.store(h, Ordering::Relaxed);
    Ok(h)
}

/// The items of a view in C order, flat.
fn flat(b: &MemoryViewBody) -> Result<Vec<Ref>> {
    let c = b.native()?;
    let bytes = b.gather(Order::C)?;
    bytes
        .chunks_exact(b.view.itemsize.max(1))
        .map(|item| format::unpack(c, item))
        .collect()
}

fn same_items(cx: &Context, x: &MemoryViewBody, y: &MemoryViewBody) -> Result<bool> {
    if x.view.shape != y.view.shape {
        return Ok(false);
    }
    let (Some(p), Some(q)) = (format::native(&x.view.format), format::native(&y.view.format)) else {
        // Formats that views cannot read are equal only if they are the same, byte for byte.
        return Ok(x.view.format == y.view.format && x.gather(Order::C)? == y.gather(Order::C)?);
    };
    if p == q && !matches!(p, b'?' | b'f' | b'd' | b'e') {
        return Ok(x.gather(Order::C)? == y.gather(Order::C)?);
    }
    let (a, b) = (flat(x)?, flat(y)?);
    for (v, w) in a.iter().zip(&b) {
        // Compared as values: a NaN differs from itself.
        let equal = match (number::float_value(v), number::float_value(w)) {
            (Some(v), Some(w)) => v == w,
            _ => protocol::equal(cx, v, w)?,
        };
        if !equal {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let wanted = match op {
        CompareOp::Eq => true,
        CompareOp::Ne => false,
        _ => return Ok(s::not_implemented()),
    };
    let Ok(x) = body(a) else {
        return Ok(number::bool(a.is(b) == wanted));
    };
    let other;
    let y = if b.body::<MemoryViewBody>().is_some() {
        match body(b) {
            Ok(y) => y,
            Err(_) => return Ok(number::bool(a.is(b) == wanted)),
        }
    } else if buffer::is_buffer(b) {
        other = of(cx, b)?;
        body(&other)?
    } else {
        return Ok(s::not_implemented());
    };
    Ok(number::bool(same_items(cx, x, y)? == wanted))
}

fn len(_: &Context, r: &Ref) -> Result<usize> {
    match body(r)?.view.shape.first() {
        Some(n) => Ok(*n),
        None => Err(type_error("0-dim memory has no length")),
    }
}

fn iter(_: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    b.native()?;
    match b.view.ndim() {
        0 => Err(type_error("invalid indexing of 0-dim memory")),
        1 => make_iter(&MEMORY_ITERATOR, r),
        _ => Err(raise(
            &s::NOT_IMPLEMENTED_ERROR,
            "multi-dimensional sub-views are not implemented",
        )),
    }
}

fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    step(it, |r, i| {
        let b = match body(r) {
            Ok(b) => b,
            Err(e) => return Some(Err(e)),
        };
        let at = b.view.locate(&[i as i64]).ok()?;
        Some(index::item(b, at))
    })
    .transpose()
}

fn contiguous(r: &Ref) -> Result<(&MemoryViewBody, std::ops::Range<usize>)> {
    let b = body(r)?;
    if !b.view.is_contiguous(Order::C) {
        return Err(buffer_error("memoryview: underlying buffer is not C-contiguous"));
    }
    let v = &b.view;
    Ok((b, v.offset..v.offset.saturating_add(v.nbytes())))
}

fn export_read(r: &Ref, f: &mut dyn FnMut(&[u8])) -> Result<()> {
    let (b, range) = contiguous(r)?;
    b.read(|bytes| f(bytes.get(range).unwrap_or(&[])))
}

fn export_write(r: &Ref, f: &mut dyn FnMut(&mut [u8])) -> Result<()> {
    let (b, range) = contiguous(r)?;
    if b.view.readonly {
        return Err(buffer_error("memoryview: underlying buffer is not writable"));
    }
    b.write(|bytes| f(bytes.get_mut(range).unwrap_or(&mut [])))
}

fn export_copy(r: &Ref) -> Result<Vec<u8>> {
    body(r)?.gather(Order::C)
}

fn export_info(r: &Ref) -> Result<Info> {
    Ok(body(r)?.view.info())
}

fn export_acquire(r: &Ref) -> Result<()> {
    body(r)?.exports.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

fn export_release(r: &Ref) {
    if let Some(b) = r.body::<MemoryViewBody>() {
        b.exports.fetch_sub(1, Ordering::Relaxed);
    }
}

static EXPORTER: Exporter = Exporter {
    layout: <MemoryViewBody as Payload>::LAYOUT,
    read: export_read,
    write: export_write,
    copy: export_copy,
    info: export_info,
    acquire: export_acquire,
    release: export_release,
};

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make_view));
    t.repr.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
    t.len.set(Some(len));
    t.getitem.set(Some(index::getitem));
    t.setitem.set(Some(index::setitem));
    t.iter.set(Some(iter));
}

fn iter_slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

static ITER_METHODS: &[Row] = &[row!(
    "__length_hint__(self, /)",
    length_hint,
    "Private method returning an estimate of len(list(it))."
)];

/// Completes `memoryview` and its iterator.
pub fn ready() -> Result<()> {
    buffer::register(&EXPORTER);
    ready_type(&TypeDef::new(&EXPORT))?;
    ready_type(&TypeDef {
        slots,
        methods: methods::METHODS,
        getset: methods::GETSET,
        doc: "Create a new memoryview object which references the given object.",
        ..TypeDef::new(&MEMORYVIEW)
    })?;
    ready_type(&TypeDef {
        slots: iter_slots,
        methods: ITER_METHODS,
        ..TypeDef::new(&MEMORY_ITERATOR)
    })
}
