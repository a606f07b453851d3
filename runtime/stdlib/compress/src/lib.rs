//! `zlib`, over zlib-rs.
//!
//! A stream object has a lock that is held while it works on its own copy of the input; no Python code runs meanwhile.

mod stream;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use skein_object::error::{Error, Result, memory_error, raise, value_error};
use skein_object::native::{Args, ModuleDef, Row};
use skein_object::object::Payload;
use skein_object::protocol::buffer;
use skein_object::types::{Type, flag};
use skein_object::{Context, ExceptionBody, Ref, dict, number, protocol, row, statics as s, str};
use skein_stdlib_os::arg;
use skein_types::startup::{TypeDef, ready_type};
use std::collections::TryReserveError;

static ZLIB: ModuleDef = ModuleDef {
    name: "zlib",
    doc: "The functions in this module allow compression and decompression using the\nzlib library, which is based on GNU zip.",
    functions: FUNCTIONS,
    init,
};

pub static MODULES: &[&ModuleDef] = &[&ZLIB];

pub static ERROR: Type = Type::declare(
    "zlib.error",
    Some(&s::EXCEPTION),
    <ExceptionBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

static FUNCTIONS: &[Row] = &[
    row!(
        "compress(data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)",
        compress,
        "Returns a bytes object containing compressed data."
    ),
    row!(
        "decompress(data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)",
        decompress,
        "Returns a bytes object containing the uncompressed data."
    ),
    row!(
        "compressobj(level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL, strategy=Z_DEFAULT_STRATEGY, zdict=None)",
        stream::compressobj,
        "Return a compressor object."
    ),
    row!(
        "decompressobj(wbits=MAX_WBITS, zdict=b'')",
        stream::decompressobj,
        "Return a decompressor object."
    ),
    row!(
        "crc32(data, value=0, /)",
        |cx, a| checksum(cx, a, 0, zlib_rs::crc32::crc32),
        "Compute a CRC-32 checksum of data."
    ),
    row!(
        "adler32(data, value=1, /)",
        |cx, a| checksum(cx, a, 1, zlib_rs::adler32::adler32),
        "Compute an Adler-32 checksum of data."
    ),
];

fn checksum(cx: &Context, a: Args<'_>, start: u32, f: fn(u32, &[u8]) -> u32) -> Result<Ref> {
    let start = match a.opt(1) {
        Some(v) => arg::mask64(cx, v)? as u32,
        None => start,
    };
    let sum = buffer::with_bytes(cx, a.at(0), |b| f(start, b))?;
    number::int(i64::from(sum))
}

#[cold]
pub(crate) fn error(code: i32, what: &str, detail: &str) -> Error {
    raise(&ERROR, format!("Error {code} {what}: {detail}"))
}

fn level(cx: &Context, r: Option<&Ref>) -> Result<Option<Compression>> {
    Ok(match r.map_or(Ok(-1), |l| arg::int(cx, l))? {
        -1 => Some(Compression::new(6)),
        n if (0..=9).contains(&n) => Some(Compression::new(n as u32)),
        _ => None,
    })
}

fn window(cx: &Context, r: Option<&Ref>) -> Result<i32> {
    r.map_or(Ok(15), |w| arg::int(cx, w))
}

/// A compressor for window bits as zlib writes them: negative for raw data, over 15 for gzip.
pub(crate) fn compressor(level: Compression, bits: i32) -> Option<Compress> {
    // A window of 256 bytes is made 512, as zlib does.
    match bits {
        8 => Some(Compress::new_with_window_bits(level, true, 9)),
        9..=15 => Some(Compress::new_with_window_bits(level, true, bits as u8)),
        -15..=-9 => Some(Compress::new_with_window_bits(level, false, -bits as u8)),
        25..=31 => Some(Compress::new_gzip(level, (bits - 16) as u8)),
        _ => None,
    }
}

/// A decompressor likewise; over 47 is not known. `head`: the first bytes, for automatic detection.
pub(crate) fn decompressor(bits: i32, head: &[u8]) -> Option<Decompress> {
    match bits {
        0 => Some(Decompress::new_with_window_bits(true, 15)),
        8 => Some(Decompress::new_with_window_bits(true, 9)),
        9..=15 => Some(Decompress::new_with_window_bits(true, bits as u8)),
        -15..=-8 => Some(Decompress::new_with_window_bits(false, (-bits).max(9) as u8)),
        24..=31 => Some(Decompress::new_gzip((bits - 16).max(9) as u8)),
        32 | 40..=47 if head.first() == Some(&0x1f) => Some(Decompress::new_gzip(15)),
        32 | 40..=47 => Some(Decompress::new_with_window_bits(true, 15)),
        _ => None,
    }
}

/// Room for more output.
pub(crate) fn grow(out: &mut Vec<u8>, limit: usize) -> Result<()> {
    if out.len() == out.capacity() {
        let more = out.len().clamp(4096, 64 << 20).min(limit - out.len());
        skein_gc::alloc::fallible(|| out.try_reserve_exact(more))?;
    }
    Ok(())
}

/// Feeds a compressor; with `Finish`, until the end.
pub(crate) fn deflate(c: &mut Compress, data: &[u8], flush: FlushCompress, out: &mut Vec<u8>) -> Result<()> {
    let mut at = 0;
    loop {
        grow(out, usize::MAX)?;
        let before = c.total_in();
        let room = out.capacity() - out.len();
        let (r, used) = {
            let len = out.len();
            let r = c.compress_vec(&data[at..], out, flush);
            (r, out.len() - len)
        };
        at += (c.total_in() - before) as usize;
        match r {
            Ok(Status::StreamEnd) => return Ok(()),
            Ok(_) if flush != FlushCompress::Finish && at == data.len() && used < room => {
                return Ok(());
            }
            Ok(Status::BufError) if used == 0 && at == data.len() && flush != FlushCompress::Finish => {
                return Ok(());
            }
            Ok(_) => {}
            Err(_) => {
                return Err(error(-2, "while compressing data", "inconsistent stream state"));
            }
        }
    }
}

/// How decompression stopped.
#[derive(PartialEq, Eq)]
pub(crate) enum Stop {
    /// The stream is complete.
    End,
    /// All input is used.
    Input,
    /// The output has reached its limit.
    Limit,
}

/// Feeds a decompressor; gives how it stopped, and how much of the input it took.
pub(crate) fn inflate(
    d: &mut Decompress,
    data: &[u8],
    limit: usize,
    dictionary: &[u8],
    out: &mut Vec<u8>,
) -> Result<(Stop, usize)> {
    let mut at = 0;
    loop {
        if out.len() >= limit {
            return Ok((Stop::Limit, at));
        }
        grow(out, limit)?;
        let (before, len, room) = (d.total_in(), out.len(), out.capacity() - out.len());
        let r = d.decompress_vec(&data[at..], out, FlushDecompress::Sync);
        at += (d.total_in() - before) as usize;
        match r {
            Ok(Status::StreamEnd) => return Ok((Stop::End, at)),
            Ok(_) if at >= data.len() && out.len() - len < room => return Ok((Stop::Input, at)),
            Ok(Status::BufError) if out.len() == len && out.capacity() > out.len() => {
                return Ok((Stop::Input, at));
            }
            Ok(_) => {}
            Err(e) if e.needs_dictionary().is_some() => {
                if dictionary.is_empty() {
                    return Err(raise(&ERROR, "Error 2 while decompressing data"));
                }
                d.set_dictionary(dictionary)
                    .map_err(|_| raise(&ERROR, "Error -3 while setting zdict"))?;
            }
            Err(e) => {
                return Err(match e.message() {
                    Some(text) => error(-3, "while decompressing data", text),
                    None => raise(&ERROR, "Error -3 while decompressing data"),
                });
            }
        }
    }
}

fn compress(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = buffer::to_vec(cx, a.at(0))?;
    let level = level(cx, a.opt(1))?;
    let bits = window(cx, a.opt(2))?;
    let Some(level) = level else {
        return Err(raise(&ERROR, "Bad compression level"));
    };
    let mut c = compressor(level, bits).ok_or_else(|| value_error("Invalid initialization option"))?;
    let mut out = Vec::new();
    // A long computation on memory of our own: nobody needs to wait for this thread.
    skein_gc::mutator::detached(|| deflate_plain(&mut c, &data, &mut out))?;
    str::bytes(&out)
}

/// All at once. Makes no objects but for an error, which it makes after the fact.
fn deflate_plain(c: &mut Compress, data: &[u8], out: &mut Vec<u8>) -> std::result::Result<(), Failed> {
    let room = data.len() + data.len() / 1000 + 64;
    skein_gc::alloc::make_room(out, room)?;
    let mut at = 0;
    loop {
        if out.len() == out.capacity() {
            skein_gc::alloc::make_room(out, out.len().max(4096))?;
        }
        let before = c.total_in();
        let r = c.compress_vec(&data[at..], out, FlushCompress::Finish);
        at += (c.total_in() - before) as usize;
        match r {
            Ok(Status::StreamEnd) => return Ok(()),
            Ok(_) => {}
            Err(_) => return Err(Failed),
        }
    }
}

/// Out of memory while detached.
struct Failed;

impl From<TryReserveError> for Failed {
    fn from(_: TryReserveError) -> Failed {
        Failed
    }
}

impl From<Failed> for Error {
    fn from(_: Failed) -> Error {
        memory_error()
    }
}

fn decompress(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = buffer::to_vec(cx, a.at(0))?;
    let bits = window(cx, a.opt(1))?;
    let hint = a.opt(2).map_or(Ok(16384), |n| protocol::convert::to_i64(cx, n))?;
    if hint <= 0 {
        return Err(value_error("bufsize must be greater than zero"));
    }
    let mut d = decompressor(bits, &data).ok_or_else(|| value_error("Invalid initialization option"))?;
    let mut out = skein_gc::alloc::vec_with(hint as usize)?;
    match inflate(&mut d, &data, usize::MAX, &[], &mut out)?.0 {
        Stop::End => str::bytes(&out),
        _ => Err(error(-5, "while decompressing data", "incomplete or truncated stream")),
    }
}

fn init(_: &Context, d: &Ref) -> Result<()> {
    if !ERROR.has(flag::READY) {
        ready_type(&TypeDef::new(&ERROR))?;
        stream::ready()?;
    }
    dict::set_str(d, "error", ERROR.object())?;
    for (name, n) in [
        ("DEFLATED", 8),
        ("DEF_BUF_SIZE", 16384),
        ("DEF_MEM_LEVEL", 8),
        ("MAX_WBITS", 15),
        ("Z_BEST_COMPRESSION", 9),
        ("Z_BEST_SPEED", 1),
        ("Z_BLOCK", 5),
        ("Z_DEFAULT_COMPRESSION", -1),
        ("Z_DEFAULT_STRATEGY", 0),
        ("Z_FILTERED", 1),
        ("Z_FINISH", 4),
        ("Z_FIXED", 4),
        ("Z_FULL_FLUSH", 3),
        ("Z_HUFFMAN_ONLY", 2),
        ("Z_NO_COMPRESSION", 0),
        ("Z_NO_FLUSH", 0),
        ("Z_PARTIAL_FLUSH", 1),
        ("Z_RLE", 3),
        ("Z_SYNC_FLUSH", 2),
        ("Z_TREES", 6),
    ] {
        dict::set_str(d, name, Ref::small(n))?;
    }
    for name in ["ZLIB_VERSION", "ZLIB_RUNTIME_VERSION"] {
        dict::set_str(d, name, str::from_str("1.3.1.zlib-rs")?)?;
    }
    dict::set_str(d, "__version__", str::from_str("1.0")?)?;
    dict::set_str(d, "_ZlibDecompressor", stream::ZLIB_DECOMPRESSOR.object())
}
