//! `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`: what `hashlib` falls back on, over RustCrypto and blake2_simd.
//!
//! All hash objects have one body: a boxed [`State`] behind a lock, and the [`Kind`] that made it.

mod blake2;

use digest::{Digest, ExtendableOutput, Update, XofReader};
use skein_gc::lock::Mutex;
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{self, Args, ModuleDef, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol::buffer;
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, dict, number, payload, protocol, row, statics as s, str};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};

/// A hash in the middle of its input.
pub(crate) trait State: Send {
    fn update(&mut self, data: &[u8]);
    /// The digest so far: of `len` bytes where the length is free.
    fn digest(&self, len: usize) -> Vec<u8>;
    fn copy(&self) -> Box<dyn State>;
}

#[derive(Clone)]
struct Fixed<D>(D);

impl<D: Digest + Clone + Send + 'static> State for Fixed<D> {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.0, data);
    }

    fn digest(&self, _: usize) -> Vec<u8> {
        self.0.clone().finalize().to_vec()
    }

    fn copy(&self) -> Box<dyn State> {
        Box::new(Fixed(self.0.clone()))
    }
}

struct Shake<D>(D);

impl<D: Update + ExtendableOutput + Clone + Send + 'static> State for Shake<D> {
    fn update(&mut self, data: &[u8]) {
        Update::update(&mut self.0, data);
    }

    fn digest(&self, len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        self.0.clone().finalize_xof().read(&mut out);
        out
    }

    fn copy(&self) -> Box<dyn State> {
        Box::new(Shake(self.0.clone()))
    }
}

/// One algorithm.
pub(crate) struct Kind {
    pub name: &'static str,
    pub ty: &'static Type,
    pub block: usize,
    /// 0: free (SHAKE).
    pub size: usize,
    pub new: fn() -> Box<dyn State>,
}

pub(crate) struct HashBody {
    kind: &'static Kind,
    /// Length of the digest; BLAKE2's is chosen.
    size: usize,
    state: Mutex<Box<dyn State>>,
}
payload!(HashBody, "hash", |_this, _v| {});

macro_rules! kinds {
    ($($id:ident $kind:ident $type_name:literal $name:literal $block:literal $size:literal $new:expr;)*) => {$(
        pub static $id: Type = Type::declare($type_name, Some(&s::OBJECT), <HashBody as Payload>::LAYOUT, flag::NO_NEW);
        static $kind: Kind = Kind { name: $name, ty: &$id, block: $block, size: $size, new: || Box::new($new) };
    )*};
}

kinds! {
    MD5 K_MD5 "_md5.md5" "md5" 64 16 Fixed(md5::Md5::new());
    SHA1 K_SHA1 "_sha1.sha1" "sha1" 64 20 Fixed(sha1::Sha1::new());
    SHA224 K_SHA224 "_sha2.SHA224Type" "sha224" 64 28 Fixed(sha2::Sha224::new());
    SHA256 K_SHA256 "_sha2.SHA256Type" "sha256" 64 32 Fixed(sha2::Sha256::new());
    SHA384 K_SHA384 "_sha2.SHA384Type" "sha384" 128 48 Fixed(sha2::Sha384::new());
    SHA512 K_SHA512 "_sha2.SHA512Type" "sha512" 128 64 Fixed(sha2::Sha512::new());
}

macro_rules! sha3_kinds {
    ($($id:ident $kind:ident $init:ident $name:literal $block:literal $size:literal $new:expr;)*) => {$(
        pub static $id: Type = Type::declare(concat!("_sha3.", $name), Some(&s::OBJECT), <HashBody as Payload>::LAYOUT, 0);
        static $kind: Kind = Kind { name: $name, ty: &$id, block: $block, size: $size, new: || Box::new($new) };
        static $init: Row = row!(concat!($name, "(data=b'', *, usedforsecurity=True, string=None)"), |cx, a| make(cx, &$kind, a.opt(0), a.opt(2)), "");
    )*};
}

sha3_kinds! {
    SHA3_224 K_SHA3_224 N_SHA3_224 "sha3_224" 144 28 Fixed(sha3::Sha3_224::new());
    SHA3_256 K_SHA3_256 N_SHA3_256 "sha3_256" 136 32 Fixed(sha3::Sha3_256::new());
    SHA3_384 K_SHA3_384 N_SHA3_384 "sha3_384" 104 48 Fixed(sha3::Sha3_384::new());
    SHA3_512 K_SHA3_512 N_SHA3_512 "sha3_512" 72 64 Fixed(sha3::Sha3_512::new());
    SHAKE_128 K_SHAKE_128 N_SHAKE_128 "shake_128" 168 0 Shake(sha3::Shake128::default());
    SHAKE_256 K_SHAKE_256 N_SHAKE_256 "shake_256" 136 0 Shake(sha3::Shake256::default());
}

pub static MODULES: &[&ModuleDef] = &[&M_MD5, &M_SHA1, &M_SHA2, &M_SHA3, &blake2::MODULE];

macro_rules! constructor {
    ($name:literal, $kind:ident) => {
        row!(
            concat!($name, "(data=b'', *, usedforsecurity=True, string=None)"),
            |cx, a| make(cx, &$kind, a.opt(0), a.opt(2)),
            ""
        )
    };
}

static MD5_FUNCTIONS: &[Row] = &[constructor!("md5", K_MD5)];
static SHA1_FUNCTIONS: &[Row] = &[constructor!("sha1", K_SHA1)];
static SHA2_FUNCTIONS: &[Row] = &[
    constructor!("sha224", K_SHA224),
    constructor!("sha256", K_SHA256),
    constructor!("sha384", K_SHA384),
    constructor!("sha512", K_SHA512),
];

static M_MD5: ModuleDef = ModuleDef {
    name: "_md5",
    doc: "",
    functions: MD5_FUNCTIONS,
    init: |_, d| add(d, &[("MD5Type", &MD5)]),
};
static M_SHA1: ModuleDef = ModuleDef {
    name: "_sha1",
    doc: "",
    functions: SHA1_FUNCTIONS,
    init: |_, d| add(d, &[("SHA1Type", &SHA1)]),
};
static M_SHA2: ModuleDef = ModuleDef {
    name: "_sha2",
    doc: "",
    functions: SHA2_FUNCTIONS,
    init: |_, d| {
        add(
            d,
            &[
                ("SHA224Type", &SHA224),
                ("SHA256Type", &SHA256),
                ("SHA384Type", &SHA384),
                ("SHA512Type", &SHA512),
            ],
        )
    },
};
static M_SHA3: ModuleDef = ModuleDef {
    name: "_sha3",
    doc: "",
    functions: &[],
    init: |_, d| {
        for (ty, slots, free) in [
            (
                &SHA3_224,
                (|t: &Slots| new_slot(t, |cx, _, a, n| native::call(cx, &N_SHA3_224, a, n))) as fn(&Slots),
                false,
            ),
            (
                &SHA3_256,
                |t: &Slots| new_slot(t, |cx, _, a, n| native::call(cx, &N_SHA3_256, a, n)),
                false,
            ),
            (
                &SHA3_384,
                |t: &Slots| new_slot(t, |cx, _, a, n| native::call(cx, &N_SHA3_384, a, n)),
                false,
            ),
            (
                &SHA3_512,
                |t: &Slots| new_slot(t, |cx, _, a, n| native::call(cx, &N_SHA3_512, a, n)),
                false,
            ),
            (
                &SHAKE_128,
                |t: &Slots| new_slot(t, |cx, _, a, n| native::call(cx, &N_SHAKE_128, a, n)),
                true,
            ),
            (
                &SHAKE_256,
                |t: &Slots| new_slot(t, |cx, _, a, n| native::call(cx, &N_SHAKE_256, a, n)),
                true,
            ),
        ] {
            ready(ty, slots, free)?;
            dict::set_str(d, ty.short_name(), ty.object())?;
        }
        dict::set_str(d, "implementation", str::from_str("RustCrypto")?)?;
        dict::set_str(d, "_GIL_MINSIZE", Ref::small(2048))
    },
};

fn new_slot(t: &Slots, f: skein_object::slots::Call) {
    t.new.set(Some(f));
}

fn no_slots(_: &Slots) {}

fn add(d: &Ref, types: &[(&str, &'static Type)]) -> Result<()> {
    for (name, ty) in types {
        ready(ty, no_slots, false)?;
        dict::set_str(d, name, ty.object())?;
    }
    dict::set_str(d, "_GIL_MINSIZE", Ref::small(2048))
}

static METHODS: &[Row] = &[
    row!(
        "update(self, obj, /)",
        update,
        "Update this hash object's state with the provided string."
    ),
    row!(
        "digest(self, /)",
        |_, a| str::bytes(&finish(a.at(0), None)?),
        "Return the digest value as a bytes object."
    ),
    row!(
        "hexdigest(self, /)",
        |_, a| str::from_str(&hex(&finish(a.at(0), None)?)),
        "Return the digest value as a string of hexadecimal digits."
    ),
    row!("copy(self, /)", copy, "Return a copy of the hash object."),
];

static SHAKE_METHODS: &[Row] = &[
    row!(
        "update(self, obj, /)",
        update,
        "Update this hash object's state with the provided bytes-like object."
    ),
    row!(
        "digest(self, length)",
        |cx, a| str::bytes(&finish(a.at(0), Some(length(cx, a)?))?),
        "Return the digest value as a bytes object."
    ),
    row!(
        "hexdigest(self, length)",
        |cx, a| str::from_str(&hex(&finish(a.at(0), Some(length(cx, a)?))?)),
        "Return the digest value as a string of hexadecimal digits."
    ),
    row!("copy(self, /)", copy, "Return a copy of the hash object."),
];

static GETSET: &[GetSet] = &[
    getset("block_size", |_, r| number::int_from_usize(body(r)?.kind.block)),
    getset("digest_size", |_, r| number::int_from_usize(body(r)?.size)),
    getset("name", |_, r| str::from_str(body(r)?.kind.name)),
];

pub(crate) fn ready(ty: &'static Type, slots: fn(&Slots), free: bool) -> Result<()> {
    if ty.has(flag::READY) {
        return Ok(());
    }
    ready_type(&TypeDef {
        slots,
        methods: if free { SHAKE_METHODS } else { METHODS },
        getset: GETSET,
        ..TypeDef::new(ty)
    })
}

fn body(r: &Ref) -> Result<&HashBody> {
    r.body::<HashBody>()
        .ok_or_else(|| type_error("a hash object is wanted"))
}

/// The data argument, by position, or by its old name `string`.
pub(crate) fn input(cx: &Context, data: Option<&Ref>, string: Option<&Ref>) -> Result<Vec<u8>> {
    match (data, string.filter(|x| !s::is_none(x))) {
        (Some(_), Some(_)) => Err(type_error(
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version.",
        )),
        (Some(d), None) | (None, Some(d)) => bytes_of(cx, d),
        (None, None) => Ok(Vec::new()),
    }
}

fn bytes_of(cx: &Context, r: &Ref) -> Result<Vec<u8>> {
    if str::is_str(r) {
        return Err(type_error("Strings must be encoded before hashing"));
    }
    if !buffer::is_buffer(r) {
        return Err(type_error("object supporting the buffer API required"));
    }
    buffer::to_vec(cx, r)
}

fn make(cx: &Context, kind: &'static Kind, data: Option<&Ref>, string: Option<&Ref>) -> Result<Ref> {
    ready(kind.ty, no_slots, kind.size == 0)?;
    make_with(cx, kind, kind.size, (kind.new)(), &input(cx, data, string)?)
}

/// A hash object that has read `data`.
pub(crate) fn make_with(
    _: &Context,
    kind: &'static Kind,
    size: usize,
    mut state: Box<dyn State>,
    data: &[u8],
) -> Result<Ref> {
    feed(&mut *state, data);
    alloc(
        kind.ty,
        HashBody {
            kind,
            size,
            state: Mutex::new(state),
        },
    )
}

/// Long inputs hold nobody up: the data is the thread's own.
fn feed(state: &mut dyn State, data: &[u8]) {
    if data.len() > 1 << 16 {
        skein_gc::mutator::detached(|| state.update(data));
    } else {
        state.update(data);
    }
}

fn update(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = bytes_of(cx, a.at(1))?;
    let b = body(a.at(0))?;
    if data.len() > 1 << 16 {
        // Detached as a whole: who waits for the lock must not stop others either.
        skein_gc::mutator::detached(|| b.state.lock().update(&data));
    } else {
        let mut g = match b.state.try_lock() {
            Some(g) => g,
            None => skein_gc::mutator::detached(|| b.state.lock()),
        };
        g.update(&data);
    }
    Ok(s::none())
}

fn finish(r: &Ref, len: Option<usize>) -> Result<Vec<u8>> {
    let b = body(r)?;
    let g = match b.state.try_lock() {
        Some(g) => g,
        None => skein_gc::mutator::detached(|| b.state.lock()),
    };
    Ok(g.digest(len.unwrap_or(b.size)))
}

fn length(cx: &Context, a: Args<'_>) -> Result<usize> {
    match usize::try_from(protocol::convert::to_i64(cx, a.at(1))?) {
        Ok(n) if n < 1 << 29 => Ok(n),
        Ok(_) => Err(value_error("length is too large")),
        Err(_) => Err(value_error("value must be positive")),
    }
}

fn hex(b: &[u8]) -> String {
    b.iter().map(|x| format!("{x:02x}")).collect()
}

fn copy(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let state = match b.state.try_lock() {
        Some(g) => g.copy(),
        None => skein_gc::mutator::detached(|| b.state.lock().copy()),
    };
    alloc(
        a.at(0).ty(),
        HashBody {
            kind: b.kind,
            size: b.size,
            state: Mutex::new(state),
        },
    )
}
