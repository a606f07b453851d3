//! The room of `bytearray`.
//!
//! The bytes lie in a [`store::Store`] under a read-write lock. Readers take the lock recursively, so that one thread may
//! read the same object twice; no Python code runs while it is held. Buffers that memoryviews hold are counted in `exports`:
//! while there are any, the size does not change.

pub mod index;
pub mod methods;
pub mod mutate;
pub mod special;
pub mod store;

use crate::bytes::{data, iter, new, percent, search};
use crate::startup::{TypeDef, ready_type};
use crate::str_::{codec, index as indices};
use parking_lot::{RecursiveRwLock, RecursiveRwLockReadGuard, RecursiveRwLockWriteGuard};
use skein_object::error::{Result, buffer_error, memory_error};
use skein_object::layouts::number;
use skein_object::native::{self, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol::buffer::{self, Exporter, Info};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, payload, row, statics as s, str};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::Store;

/// Body of a bytearray.
pub struct BytearrayBody {
    store: RecursiveRwLock<Store>,
    /// Buffers in use. Changed without a lock, read under the write lock; see `acquire`.
    exports: AtomicUsize,
}
payload!(BytearrayBody, "bytearray", |_this, _v| {});

pub static BYTEARRAY: Type = Type::declare(
    "bytearray",
    Some(&s::OBJECT),
    <BytearrayBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::MATCH_SELF,
);

/// The bytes under the write lock.
pub struct Edit<'a> {
    store: RecursiveRwLockWriteGuard<'a, Store>,
    exported: bool,
}

impl Edit<'_> {
    /// The bytes, for changes that keep their number.
    pub fn bytes(&mut self) -> &mut [u8] {
        &mut self.store
    }

    /// The memory, for changes of size.
    ///
    /// # Errors
    /// BufferError while buffers are in use.
    pub fn resizable(&mut self) -> Result<&mut Store> {
        if self.exported {
            Err(exported())
        } else {
            Ok(&mut self.store)
        }
    }

    /// Replaces a range.
    ///
    /// # Errors
    /// BufferError if the size would change while buffers are in use; MemoryError.
    pub fn splice(&mut self, range: Range<usize>, with: &[u8]) -> Result<()> {
        if self.exported && range.len() != with.len() {
            return Err(exported());
        }
        self.store.splice(range, with)
    }
}

/// A use of a receiver, during which Python code may run: a bytearray keeps its size as long as it is held.
pub struct Hold(Option<Ref>);

impl Hold {
    pub fn of(r: &Ref) -> Hold {
        let held = r.body::<BytearrayBody>().map(|b| {
            // Relaxed: a count alone.
            b.exports.fetch_add(1, Ordering::Relaxed);
            r.clone()
        });
        Hold(held)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(r) = &self.0 {
            release(r);
        }
    }
}

#[cold]
fn exported() -> skein_object::Error {
    buffer_error("Existing exports of data: object cannot be re-sized")
}

impl BytearrayBody {
    /// The bytes; see [`data::Data`] for what must not happen while the guard lives.
    #[inline]
    pub fn read(&self) -> RecursiveRwLockReadGuard<'_, Store> {
        self.store.read()
    }

    /// Write access. No Python code may run, and no other buffer be read, while it lives.
    #[inline]
    pub fn edit(&self) -> Edit<'_> {
        let store = self.store.write();
        // Relaxed: the lock orders it with the changes.
        let exported = self.exports.load(Ordering::Relaxed) != 0;
        Edit { store, exported }
    }
}

/// The body of a receiver.
///
/// # Errors
/// TypeError if it is no bytearray, which the callers have excluded.
#[inline]
pub fn body(r: &Ref) -> Result<&BytearrayBody> {
    r.body::<BytearrayBody>().ok_or_else(|| buffer::not_bytes_like(r))
}

/// A bytearray of the given bytes.
///
/// # Errors
/// MemoryError.
pub fn new(bytes: Vec<u8>) -> Result<Ref> {
    new_of(&BYTEARRAY, bytes)
}

fn new_of(ty: &'static Type, bytes: Vec<u8>) -> Result<Ref> {
    alloc(
        ty,
        BytearrayBody {
            store: RecursiveRwLock::new(Store::from(bytes)),
            exports: AtomicUsize::new(0),
        },
    )
}

fn make(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    new_of(Type::from_ref(class).unwrap_or(&BYTEARRAY), Vec::new())
}

static INIT: Row = row!(
    "bytearray(self, source=b'', encoding='utf-8', errors='strict')",
    construct,
    ""
);

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    native::call_with(cx, &INIT, r, args, names)
}

fn construct(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let encoding = codec::name_arg(a.opt(2), "bytearray", "encoding")?;
    let errors = codec::name_arg(a.opt(3), "bytearray", "errors")?;
    let text = new::encoded(cx, a.opt(1), encoding.as_deref(), errors.as_deref())?;
    let contents = match (&text, a.opt(1)) {
        (Some(text), _) => buffer::to_vec(cx, text),
        (None, Some(source)) => new::contents(cx, source, "bytearray", data::BYTE_RANGE),
        (None, None) => Ok(Vec::new()),
    };
    let mut edit = body(a.at(0))?.edit();
    let contents = match contents {
        Ok(c) => c,
        Err(e) => {
            // What could not be filled is empty.
            if !edit.exported {
                *edit.resizable()? = Store::from(Vec::new());
            }
            return Err(e);
        }
    };
    if edit.exported && edit.bytes().len() != contents.len() {
        return Err(exported());
    }
    if edit.exported {
        edit.bytes().copy_from_slice(&contents);
    } else {
        *edit.resizable()? = Store::from(contents);
    }
    drop(edit);
    Ok(s::none())
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    let mut shown = skein_text::bytes::repr::repr(&body(r)?.read());
    // Unlike `bytes`, it marks the single quotes between double ones too.
    if shown.starts_with("b\"") {
        shown = shown.replace('\'', "\\'");
    }
    str::from_str(&format!("{}({shown})", r.ty().short_name()))
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    if a.is(b) && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(number::bool(op == CompareOp::Eq));
    }
    if !buffer::is_buffer(b) {
        return Ok(s::not_implemented());
    }
    if let (Some(x), Some(y)) = (a.body::<BytearrayBody>(), b.body::<BytearrayBody>()) {
        // Recursive read locks: two threads that compare in opposite order do not wait for each other.
        return Ok(number::bool(op.holds((**x.read()).cmp(&**y.read()))));
    }
    let other = data::arg(cx, b)?;
    let own = body(a)?.read();
    Ok(number::bool(op.holds((**own).cmp(&*other))))
}

fn len(_: &Context, r: &Ref) -> Result<usize> {
    Ok(body(r)?.read().len())
}

fn contains(cx: &Context, r: &Ref, item: &Ref) -> Result<bool> {
    search::contains(cx, r, item)
}

fn add(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some(x) = a.body::<BytearrayBody>() else {
        return Ok(s::not_implemented());
    };
    if !buffer::is_buffer(b) {
        return Ok(s::not_implemented());
    }
    let y = data::arg(cx, b)?;
    let sum = data::joined(&x.read(), &y)?;
    new(sum)
}

fn iadd(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if !buffer::is_buffer(b) {
        return Ok(s::not_implemented());
    }
    let y = data::arg(cx, b)?;
    let mut edit = body(a)?.edit();
    let n = edit.bytes().len();
    if a.is(b) && n > 0 {
        // Its bytes are in use as the second operand.
        return Err(exported());
    }
    edit.splice(n..n, &y)?;
    drop(edit);
    Ok(a.clone())
}

fn repeated(own: &[u8], n: usize) -> Result<Vec<u8>> {
    match own.len().checked_mul(n) {
        Some(total) if total <= isize::MAX as usize => {}
        _ => return Err(memory_error()),
    }
    Ok(skein_text::bytes::edit::repeat(own, n)?)
}

fn mul(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let (r, times) = match a.body::<BytearrayBody>() {
        Some(_) => (a, b),
        None => (b, a),
    };
    match indices::repetitions(cx, times)? {
        Some(n) => {
            let contents = repeated(&body(r)?.read(), n)?;
            new(contents)
        }
        None => Ok(s::not_implemented()),
    }
}

fn imul(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some(n) = indices::repetitions(cx, b)? else {
        return Ok(s::not_implemented());
    };
    if n != 1 {
        // As one step for other threads.
        let mut edit = body(a)?.edit();
        let len = edit.bytes().len();
        let contents = repeated(edit.bytes(), n)?;
        edit.splice(0..len, &contents)?;
    }
    Ok(a.clone())
}

fn modulo(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match a.body::<BytearrayBody>() {
        Some(t) => {
            let _hold = Hold::of(a);
            let template = buffer::copy_slice(&t.read())?;
            new(percent::format(cx, &template, b)?)
        }
        None => Ok(s::not_implemented()),
    }
}

fn export_read(r: &Ref, f: &mut dyn FnMut(&[u8])) -> Result<()> {
    f(&body(r)?.read());
    Ok(())
}

fn export_write(r: &Ref, f: &mut dyn FnMut(&mut [u8])) -> Result<()> {
    f(body(r)?.edit().bytes());
    Ok(())
}

fn export_copy(r: &Ref) -> Result<Vec<u8>> {
    buffer::copy_slice(&body(r)?.read())
}

fn export_info(r: &Ref) -> Result<Info> {
    Ok(Info::bytes(body(r)?.read().len(), false))
}

fn acquire(r: &Ref) -> Result<()> {
    // No lock: whoever acquires takes the lock afterwards, to read the size, and from then on every writer sees the count.
    body(r)?.exports.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

fn release(r: &Ref) {
    if let Some(b) = r.body::<BytearrayBody>() {
        b.exports.fetch_sub(1, Ordering::Relaxed);
    }
}

static EXPORTER: Exporter = Exporter {
    layout: <BytearrayBody as Payload>::LAYOUT,
    read: export_read,
    write: export_write,
    copy: export_copy,
    info: export_info,
    acquire,
    release,
};

fn slots(t: &Slots) {
    t.new.set(Some(make));
    t.init.set(Some(init));
    t.repr.set(Some(repr));
    t.str.set(Some(repr));
    t.compare.set(Some(compare));
    t.len.set(Some(len));
    t.getitem.set(Some(index::getitem));
    t.setitem.set(Some(index::setitem));
    t.peek_item.set(Some(index::peek_item));
    t.poke_item.set(Some(index::poke_item));
    t.contains.set(Some(contains));
    t.iter.set(Some(iter::iter_bytearray));
    t.binary[BinaryOp::Add as usize].set(Some(add));
    t.binary[BinaryOp::Mul as usize].set(Some(mul));
    t.binary[BinaryOp::Mod as usize].set(Some(modulo));
    t.inplace[BinaryOp::Add as usize].set(Some(iadd));
    t.inplace[BinaryOp::Mul as usize].set(Some(imul));
}

/// Completes `bytearray`.
pub fn ready() -> Result<()> {
    buffer::register(&EXPORTER);
    ready_type(&TypeDef {
        slots,
        methods: methods::METHODS,
        doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\nbytearray(int) -> bytes array of size given by the parameter initialized with null bytes\nbytearray() -> empty bytes array\n\nConstruct a mutable bytearray object from:\n  - an iterable yielding integers in range(256)\n  - a text string encoded using the specified encoding\n  - a bytes or a buffer object\n  - any object implementing the buffer API.\n  - an integer",
        hide: &["__radd__"],
        ..TypeDef::new(&BYTEARRAY)
    })
}
