//! Compressor and decompressor objects.

use crate::{Stop, compressor, decompressor, deflate, error, inflate, level, window};
use flate2::{Compress, Decompress, FlushCompress};
use skein_gc::lock::Mutex;
use skein_object::error::{Result, eof_error, type_error, value_error};
use skein_object::native::{self, Args, Row};
use skein_object::object::RefExt;
use skein_object::object::{Payload, alloc};
use skein_object::protocol::buffer;
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, number, payload, protocol, row, statics as s, str};
use skein_stdlib_os::arg;
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};

/// `None` after the stream was finished.
pub struct CompressBody(Mutex<Option<Compress>>);
payload!(CompressBody, "Compress", |_this, _v| {});

struct State {
    /// Made at the first input, which tells the format where that is detected.
    stream: Option<Decompress>,
    bits: i32,
    dictionary: Vec<u8>,
    /// Input after the end of the stream.
    unused: Vec<u8>,
    /// Input that was not used since the output had reached its limit.
    tail: Vec<u8>,
    end: bool,
}

pub struct DecompressBody(Mutex<State>);
payload!(DecompressBody, "Decompress", |_this, _v| {});

macro_rules! types {
    ($($id:ident $name:literal $body:ty, $flags:expr;)*) => {$(
        pub static $id: Type = Type::declare($name, Some(&s::OBJECT), <$body as Payload>::LAYOUT, $flags);
    )*};
}

types! {
    COMPRESS "zlib.Compress" CompressBody, flag::NO_NEW;
    DECOMPRESS "zlib.Decompress" DecompressBody, flag::NO_NEW;
    ZLIB_DECOMPRESSOR "zlib._ZlibDecompressor" DecompressBody, 0;
}

static COMPRESS_METHODS: &[Row] = &[
    row!(
        "compress(self, data, /)",
        compress,
        "Returns a bytes object containing compressed data."
    ),
    row!(
        "flush(self, mode=zlib.Z_FINISH, /)",
        finish,
        "Return a bytes object containing any remaining compressed data."
    ),
];

static DECOMPRESS_METHODS: &[Row] = &[
    row!(
        "decompress(self, data, /, max_length=0)",
        decompress,
        "Return a bytes object containing the decompressed version of the data."
    ),
    row!(
        "flush(self, length=zlib.DEF_BUF_SIZE, /)",
        flush,
        "Return a bytes object containing any remaining decompressed data."
    ),
];

static INCREMENTAL_METHODS: &[Row] = &[row!(
    "decompress(self, data, max_length=-1)",
    incremental,
    "Decompress *data*, returning uncompressed data as bytes."
)];

static GETSET: &[GetSet] = &[
    getset("unused_data", |_, r| str::bytes(&state(r)?.lock().unused)),
    getset("unconsumed_tail", |_, r| str::bytes(&state(r)?.lock().tail)),
    getset("eof", |_, r| Ok(number::bool(state(r)?.lock().end))),
];

static INCREMENTAL_GETSET: &[GetSet] = &[
    getset("unused_data", |_, r| str::bytes(&state(r)?.lock().unused)),
    getset("needs_input", |_, r| {
        let g = state(r)?.lock();
        Ok(number::bool(!g.end && g.tail.is_empty()))
    }),
    getset("eof", |_, r| Ok(number::bool(state(r)?.lock().end))),
];

fn state(r: &Ref) -> Result<&Mutex<State>> {
    r.body::<DecompressBody>()
        .map(|b| &b.0)
        .ok_or_else(|| type_error("a decompressor is wanted"))
}

pub fn compressobj(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let invalid = || value_error("Invalid initialization option");
    let level = level(cx, a.opt(0))?.ok_or_else(invalid)?;
    if a.opt(1).map_or(Ok(8), |m| arg::int(cx, m))? != 8 {
        return Err(invalid());
    }
    let mut c = compressor(level, window(cx, a.opt(2))?).ok_or_else(invalid)?;
    // The memory level and the strategy change how the data is packed, not what it means.
    if !(1..=9).contains(&a.opt(3).map_or(Ok(8), |m| arg::int(cx, m))?)
        || !(0..=4).contains(&a.opt(4).map_or(Ok(0), |m| arg::int(cx, m))?)
    {
        return Err(invalid());
    }
    if let Some(z) = a.opt_not_none(5) {
        let z = buffer::to_vec(cx, z)?;
        c.set_dictionary(&z).map_err(|_| value_error("Invalid dictionary"))?;
    }
    alloc(&COMPRESS, CompressBody(Mutex::new(Some(c))))
}

fn compressing(r: &Ref) -> Result<&Mutex<Option<Compress>>> {
    r.body::<CompressBody>()
        .map(|b| &b.0)
        .ok_or_else(|| type_error("a compressor is wanted"))
}

fn compress(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = buffer::to_vec(cx, a.at(1))?;
    let mut out = Vec::new();
    {
        let mut g = compressing(a.at(0))?.lock();
        let Some(c) = g.as_mut() else {
            return Err(error(-2, "while compressing data", "inconsistent stream state"));
        };
        deflate(c, &data, FlushCompress::None, &mut out)?;
    }
    str::bytes(&out)
}

fn finish(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let inconsistent = || error(-2, "while flushing", "inconsistent stream state");
    let mode = match a.opt(1).map_or(Ok(4), |m| arg::int(cx, m))? {
        0 => return Ok(s::empty_bytes()),
        1 => FlushCompress::Partial,
        2 => FlushCompress::Sync,
        3 => FlushCompress::Full,
        4 => FlushCompress::Finish,
        _ => return Err(inconsistent()),
    };
    let mut out = Vec::new();
    {
        let mut g = compressing(a.at(0))?.lock();
        let Some(c) = g.as_mut() else {
            return Err(inconsistent());
        };
        deflate(c, &[], mode, &mut out)?;
        if mode == FlushCompress::Finish {
            *g = None;
        }
    }
    str::bytes(&out)
}

fn new_state(cx: &Context, bits: Option<&Ref>, dictionary: Option<&Ref>) -> Result<DecompressBody> {
    let bits = window(cx, bits)?;
    if decompressor(bits, &[]).is_none() {
        return Err(value_error("Invalid initialization option"));
    }
    let dictionary = match dictionary {
        Some(z) if !buffer::is_buffer(z) => {
            return Err(type_error("zdict argument must support the buffer protocol"));
        }
        Some(z) => buffer::to_vec(cx, z)?,
        None => Vec::new(),
    };
    Ok(DecompressBody(Mutex::new(State {
        stream: None,
        bits,
        dictionary,
        unused: Vec::new(),
        tail: Vec::new(),
        end: false,
    })))
}

pub fn decompressobj(cx: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(&DECOMPRESS, new_state(cx, a.opt(0), a.opt(1))?)
}

static NEW: Row = row!(
    "_ZlibDecompressor(wbits=15, zdict=b'')",
    |cx, a| { alloc(&ZLIB_DECOMPRESSOR, new_state(cx, a.opt(0), a.opt(1))?) },
    ""
);

impl State {
    /// Decompresses `data`; what is left over goes to `tail` or `unused`.
    fn feed(&mut self, data: &[u8], limit: usize) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        if self.end {
            self.unused.extend_from_slice(data);
            return Ok(out);
        }
        if self.stream.is_none() {
            if data.is_empty() {
                return Ok(out);
            }
            let mut d = decompressor(self.bits, data).ok_or_else(|| value_error("Invalid initialization option"))?;
            if self.bits < 0 && !self.dictionary.is_empty() {
                d.set_dictionary(&self.dictionary)
                    .map_err(|_| value_error("Invalid dictionary"))?;
            }
            self.stream = Some(d);
        }
        let Some(d) = self.stream.as_mut() else {
            return Ok(out);
        };
        let (stop, used) = inflate(d, data, limit, &self.dictionary, &mut out)?;
        let rest = data.get(used..).unwrap_or(&[]).to_vec();
        self.tail.clear();
        match stop {
            Stop::End => {
                self.end = true;
                self.unused = rest;
            }
            Stop::Limit => self.tail = rest,
            Stop::Input => {}
        }
        Ok(out)
    }
}

fn decompress(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let max = a.opt(2).map_or(Ok(0), |n| protocol::convert::to_i64(cx, n))?;
    let max = usize::try_from(max).map_err(|_| value_error("max_length must be non-negative"))?;
    let data = buffer::to_vec(cx, a.at(1))?;
    let limit = if max == 0 { usize::MAX } else { max };
    let out = state(a.at(0))?.lock().feed(&data, limit)?;
    str::bytes(&out)
}

fn flush(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if let Some(n) = a.opt(1)
        && protocol::convert::to_i64(cx, n)? <= 0
    {
        return Err(value_error("length must be greater than zero"));
    }
    let out = {
        let mut g = state(a.at(0))?.lock();
        let tail = std::mem::take(&mut g.tail);
        g.feed(&tail, usize::MAX)?
    };
    str::bytes(&out)
}

fn incremental(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let max = a.opt(2).map_or(Ok(-1), |n| protocol::convert::to_i64(cx, n))?;
    let data = buffer::to_vec(cx, a.at(1))?;
    let out = {
        let mut g = state(a.at(0))?.lock();
        if g.end {
            return Err(eof_error("End of stream already reached"));
        }
        let mut input = std::mem::take(&mut g.tail);
        input.extend_from_slice(&data);
        g.feed(&input, usize::try_from(max).unwrap_or(usize::MAX))?
    };
    str::bytes(&out)
}

fn slots(t: &Slots) {
    t.new
        .set(Some(|cx, _, args, names| native::call(cx, &NEW, args, names)));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        methods: COMPRESS_METHODS,
        ..TypeDef::new(&COMPRESS)
    })?;
    ready_type(&TypeDef {
        methods: DECOMPRESS_METHODS,
        getset: GETSET,
        ..TypeDef::new(&DECOMPRESS)
    })?;
    ready_type(&TypeDef {
        slots,
        methods: INCREMENTAL_METHODS,
        getset: INCREMENTAL_GETSET,
        doc: "Create a decompressor object for decompressing data incrementally.",
        ..TypeDef::new(&ZLIB_DECOMPRESSOR)
    })
}
