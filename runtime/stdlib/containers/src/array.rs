//! `array`: vectors of machine numbers and characters.

mod convert;
mod iter;
mod methods;
mod slots;
mod typecode;

use skein_object::error::{Result, buffer_error, system_error, value_error};
use skein_object::guarded::Guarded;
use skein_object::layouts::str;
use skein_object::native::ModuleDef;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::buffer::{self, Exporter, Info};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Header, Payload, Ref, dict, intern, payload, protocol, row, statics as s};
use skein_stdlib_support::{add_type, body, ready_once};
use skein_types::startup::TypeDef;
use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use typecode::Code;

pub static MODULE: ModuleDef = ModuleDef {
    name: "array",
    doc: "This module defines an object type which can efficiently represent\nan array of basic values: characters, integers, floating-point\nnumbers.  Arrays are sequence types and behave very much like lists,\nexcept that the type of objects stored in them is constrained.\n",
    functions: &[row!(
        "_array_reconstructor(arraytype, typecode, mformat_code, items, /)",
        reconstruct,
        "Internal. Used for pickling support."
    )],
    init,
};

/// Body of an array: the bytes of its items.
pub struct ArrayBody {
    code: Code,
    data: Guarded<Vec<u8>>,
    /// Buffers that are exported: the length must not change meanwhile.
    exports: AtomicUsize,
}
payload!(ArrayBody, "array.array", |_this, _v| {});

pub static ARRAY: Type = Type::declare(
    "array.array",
    Some(&s::OBJECT),
    <ArrayBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::WEAKREFABLE | flag::SEQUENCE,
);

fn init(cx: &Context, module: &Ref) -> Result<()> {
    ready_once(&iter::DEF)?;
    add_type(
        module,
        &TypeDef {
            slots: slots::slots,
            methods: methods::METHODS,
            getset: methods::GETSET,
            doc: DOC,
            hide: &["__radd__", "__bool__"],
            ..TypeDef::new(&ARRAY)
        },
    )?;
    dict::set_str(module, "ArrayType", ARRAY.object())?;
    let sequence = skein_stdlib_support::import_attr(cx, "collections.abc", "MutableSequence")?;
    protocol::call_method(cx, &sequence, &intern::name("register"), &[ARRAY.object()])?;
    dict::set_str(module, "typecodes", str::from_str(typecode::ALL)?)?;
    buffer::register(&EXPORTER);
    Ok(())
}

/// An array, with the header that says whether its data needs a lock.
#[derive(Clone, Copy)]
pub struct Array<'a> {
    holder: &'a Header,
    body: &'a ArrayBody,
}

impl std::ops::Deref for Array<'_> {
    type Target = ArrayBody;

    fn deref(&self) -> &ArrayBody {
        self.body
    }
}

impl<'a> Array<'a> {
    /// The array that a reference refers to, if it is one.
    pub fn get_from(r: &'a Ref) -> Option<Array<'a>> {
        Some(Array {
            body: r.body::<ArrayBody>()?,
            holder: r.holder(),
        })
    }

    pub fn item_size(&self) -> usize {
        self.code.size()
    }

    pub fn len(&self) -> usize {
        self.data.lock(self.holder).len() >> self.item_size().trailing_zeros()
    }

    /// The bytes of the item at an index that may count from the end; `None` if that is out of range.
    #[inline]
    pub fn at(&self, i: i64) -> Option<[u8; 8]> {
        let size = self.item_size();
        let data = self.data.lock(self.holder);
        let bytes = data.get(offset(&data, size, i)?..)?;
        let mut out = [0; 8];
        // Of a constant size each, so that they are moves and no calls.
        match size {
            8 => out = *bytes.first_chunk::<8>()?,
            4 => out[..4].copy_from_slice(bytes.first_chunk::<4>()?),
            _ => out[..size].copy_from_slice(bytes.get(..size)?),
        }
        Some(out)
    }

    /// Replaces the item at an index that may count from the end; false if that is out of range.
    #[inline]
    pub fn put(&self, i: i64, item: [u8; 8]) -> bool {
        let size = self.item_size();
        let mut data = self.data.lock(self.holder);
        let Some(at) = offset(&data, size, i) else { return false };
        let Some(bytes) = data.get_mut(at..) else { return false };
        match (size, bytes) {
            (8, [a, b, c, d, e, f, g, h, ..]) => [*a, *b, *c, *d, *e, *f, *g, *h] = item,
            (4, [a, b, c, d, ..]) => [*a, *b, *c, *d, ..] = item,
            (_, bytes) => match bytes.get_mut(..size) {
                Some(place) => place.copy_from_slice(&item[..size]),
                None => return false,
            },
        }
        true
    }

    /// The bytes of one item.
    pub fn get(&self, i: usize) -> Option<[u8; 8]> {
        let size = self.item_size();
        let data = self.data.lock(self.holder);
        let bytes = data.get(i.checked_mul(size)?..)?.get(..size)?;
        let mut out = [0; 8];
        out[..size].copy_from_slice(bytes);
        Some(out)
    }

    pub fn set(&self, i: usize, item: [u8; 8]) -> bool {
        let size = self.item_size();
        let mut data = self.data.lock(self.holder);
        match i
            .checked_mul(size)
            .and_then(|at| data.get_mut(at..at.checked_add(size)?))
        {
            Some(place) => {
                place.copy_from_slice(&item[..size]);
                true
            }
            None => false,
        }
    }

    pub fn bytes(&self) -> Result<Vec<u8>> {
        buffer::copy_slice(&self.data.lock(self.holder))
    }

    /// Changes the bytes; their number may change only where no buffer is exported.
    pub fn edit<R>(&self, resize: bool, f: impl FnOnce(&mut Vec<u8>) -> R) -> Result<R> {
        let mut data = self.data.lock(self.holder);
        // Relaxed: an export is counted under the same lock.
        if resize && self.exports.load(Ordering::Relaxed) != 0 {
            drop(data);
            return Err(buffer_error("cannot resize an array that is exporting buffers"));
        }
        Ok(f(&mut data))
    }

    /// Appends bytes that are whole items.
    pub fn append(&self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.edit(true, |data| {
            skein_gc::alloc::make_room(data, bytes.len())?;
            data.extend_from_slice(bytes);
            Ok(())
        })?
    }
}

/// Where the item at an index that may count from the end begins; it may be behind the end.
#[inline]
fn offset(data: &[u8], size: usize, i: i64) -> Option<usize> {
    let i = if i < 0 {
        i + (data.len() >> size.trailing_zeros()) as i64
    } else {
        i
    };
    usize::try_from(i).ok()?.checked_mul(size)
}

fn of(r: &Ref) -> Result<Array<'_>> {
    Ok(Array {
        body: body::<ArrayBody>(r)?,
        holder: r.holder(),
    })
}

fn make(ty: &'static Type, code: Code, data: Vec<u8>) -> Result<Ref> {
    alloc(
        ty,
        ArrayBody {
            code,
            data: Guarded::new(data),
            exports: AtomicUsize::new(0),
        },
    )
}

fn export_read(r: &Ref, f: &mut dyn FnMut(&[u8])) -> Result<()> {
    let b = of(r)?;
    f(&b.data.lock(b.holder));
    Ok(())
}

fn export_write(r: &Ref, f: &mut dyn FnMut(&mut [u8])) -> Result<()> {
    let b = of(r)?;
    f(&mut b.data.lock(b.holder));
    Ok(())
}

fn export_copy(r: &Ref) -> Result<Vec<u8>> {
    of(r)?.bytes()
}

fn export_info(r: &Ref) -> Result<Info> {
    let b = of(r)?;
    Ok(Info::items(
        b.len(),
        Cow::Borrowed(b.code.format()),
        b.item_size(),
        false,
    ))
}

fn export_acquire(r: &Ref) -> Result<()> {
    let b = of(r)?;
    let _data = b.data.lock(b.holder);
    b.exports.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

fn export_release(r: &Ref) {
    if let Ok(b) = of(r) {
        let _data = b.data.lock(b.holder);
        b.exports.fetch_sub(1, Ordering::Relaxed);
    }
}

static EXPORTER: Exporter = Exporter {
    layout: <ArrayBody as Payload>::LAYOUT,
    read: export_read,
    write: export_write,
    copy: export_copy,
    info: export_info,
    acquire: export_acquire,
    release: export_release,
};

/// `_array_reconstructor`: the machine formats of other systems are converted item by item.
fn reconstruct(cx: &Context, a: Args<'_>) -> Result<Ref> {
    use skein_object::error::type_error;
    let Some(ty) = Type::from_ref(a.at(0)) else {
        return Err(type_error(format!(
            "first argument must be a type object, not {}",
            a.at(0).ty().name()
        )));
    };
    if !ty.is_subtype(&ARRAY) {
        return Err(type_error(format!("{} is not a subtype of array.array", ty.name())));
    }
    let code = typecode::of_argument(a.at(1), "_array_reconstructor() argument 2")?;
    let format = skein_stdlib_support::c_int(cx, a.at(2))?;
    let Some(from) = typecode::MachineFormat::new(format) else {
        return Err(value_error("third argument must be a valid machine format code."));
    };
    if a.at(3).body::<skein_object::layouts::BytesBody>().is_none() {
        return Err(type_error(format!(
            "fourth argument should be bytes, not {}",
            a.at(3).ty().name()
        )));
    }
    let data = buffer::to_vec(cx, a.at(3))?;
    if data.len() % from.size() != 0 {
        return Err(value_error("bytes length not a multiple of item size"));
    }
    let out = make(ty, code, Vec::new())?;
    let b = of(&out)?;
    for chunk in data.chunks_exact(from.size()) {
        let item = from.decode(chunk)?;
        let bytes = convert::encode(cx, code, &item)?;
        b.append(bytes.get(..code.size()).ok_or_else(|| system_error("item size"))?)?;
    }
    Ok(out)
}

static DOC: &str = "array(typecode [, initializer]) -> array\n\nReturn a new array whose items are restricted by typecode, and\ninitialized from the optional initializer value, which must be a list,\nstring or iterable over elements of the appropriate type.\n";
