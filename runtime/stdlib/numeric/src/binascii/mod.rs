//! `binascii`: base64, hex, uuencode, quoted-printable, checksums.

mod base64;
mod crc;
mod quopri;
mod uu;

use skein_object::error::{Result, raise, type_error, value_error};
use skein_object::layouts::{ExceptionBody, StrBody, number, str};
use skein_object::native::ModuleDef;
use skein_object::object::RefExt;
use skein_object::protocol::buffer;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, row, statics as s};
use skein_stdlib_support::{add_type, flag as truth, ssize};
use skein_types::startup::TypeDef;

pub static MODULE: ModuleDef = ModuleDef {
    name: "binascii",
    doc: "Conversion between binary data and ASCII",
    functions: FUNCTIONS,
    init,
};

static ERROR: Type = Type::declare(
    "binascii.Error",
    Some(&s::VALUE_ERROR),
    <ExceptionBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);
static INCOMPLETE: Type = Type::declare(
    "binascii.Incomplete",
    Some(&s::EXCEPTION),
    <ExceptionBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

fn init(_: &Context, module: &Ref) -> Result<()> {
    add_type(module, &TypeDef::new(&ERROR))?;
    add_type(module, &TypeDef::new(&INCOMPLETE))
}

#[cold]
fn error(message: impl Into<String>) -> skein_object::Error {
    raise(&ERROR, message)
}

static FUNCTIONS: &[Row] = &[
    row!("a2b_uu(data, /)", a2b_uu, "Decode a line of uuencoded data."),
    row!("b2a_uu(data, /, *, backtick=False)", b2a_uu, "Uuencode line of data."),
    row!(
        "a2b_base64(data, /, *, strict_mode=False)",
        a2b_base64,
        "Decode a line of base64 data.\n\n  strict_mode\n    When set to True, bytes that are not in the base64 standard are not allowed.\n    The same applies to excess data after padding (= / ==)."
    ),
    row!(
        "b2a_base64(data, /, *, newline=True)",
        b2a_base64,
        "Base64-code line of data."
    ),
    row!(
        "a2b_hex(hexstr, /)",
        a2b_hex,
        "Binary data of hexadecimal representation.\n\nhexstr must contain an even number of hex digits (upper or lower case).\nThis function is also available as \"unhexlify()\"."
    ),
    row!(
        "unhexlify(hexstr, /)",
        a2b_hex,
        "Binary data of hexadecimal representation.\n\nhexstr must contain an even number of hex digits (upper or lower case)."
    ),
    row!(
        "b2a_hex(data, sep=<unrepresentable>, bytes_per_sep=1)",
        b2a_hex,
        "Hexadecimal representation of binary data.\n\n  sep\n    An optional single character or byte to separate hex bytes.\n  bytes_per_sep\n    How many bytes between separators.  Positive values count from the\n    right, negative values count from the left.\n\nThe return value is a bytes object.  This function is also\navailable as \"hexlify()\"."
    ),
    row!(
        "hexlify(data, sep=<unrepresentable>, bytes_per_sep=1)",
        b2a_hex,
        "Hexadecimal representation of binary data.\n\n  sep\n    An optional single character or byte to separate hex bytes.\n  bytes_per_sep\n    How many bytes between separators.  Positive values count from the\n    right, negative values count from the left.\n\nThe return value is a bytes object.  This function is also\navailable as \"b2a_hex()\"."
    ),
    row!(
        "a2b_qp(data, header=False)",
        a2b_qp,
        "Decode a string of qp-encoded data."
    ),
    row!(
        "b2a_qp(data, quotetabs=False, istext=True, header=False)",
        b2a_qp,
        "Encode a string using quoted-printable encoding.\n\nOn encoding, when istext is set, newlines are not encoded, and white\nspace at end of lines is.  When istext is not set, \\r and \\n (CR/LF)\nare both encoded.  When quotetabs is set, space and tabs are encoded."
    ),
    row!("crc32(data, crc=0, /)", crc32, "Compute CRC-32 incrementally."),
    row!("crc_hqx(data, crc, /)", crc_hqx, "Compute CRC-CCITT incrementally."),
];

/// The bytes of a buffer or of an ASCII string.
fn ascii(cx: &Context, r: &Ref) -> Result<Vec<u8>> {
    if let Some(b) = r.body::<StrBody>() {
        return match b.as_ascii() {
            Some(t) => Ok(t.as_bytes().to_vec()),
            None => Err(value_error("string argument should contain only ASCII characters")),
        };
    }
    if !buffer::is_buffer(r) {
        return Err(type_error(format!(
            "argument should be bytes, buffer or ASCII string, not '{}'",
            r.ty().name()
        )));
    }
    buffer::to_vec(cx, r)
}

fn a2b_uu(cx: &Context, a: Args<'_>) -> Result<Ref> {
    str::bytes(&uu::decode(&ascii(cx, a.at(0))?)?)
}

fn b2a_uu(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = buffer::to_vec(cx, a.at(0))?;
    str::bytes(&uu::encode(&data, truth(cx, a.opt(1), false)?)?)
}

fn a2b_base64(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = ascii(cx, a.at(0))?;
    str::bytes(&base64::decode(&data, truth(cx, a.opt(1), false)?)?)
}

fn b2a_base64(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let newline = truth(cx, a.opt(1), true)?;
    let data = buffer::to_vec(cx, a.at(0))?;
    str::bytes(&base64::encode(&data, newline)?)
}

fn a2b_hex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = ascii(cx, a.at(0))?;
    if data.len() % 2 != 0 {
        return Err(error("Odd-length string"));
    }
    let mut out = skein_gc::alloc::vec_with(data.len() / 2)?;
    for pair in data.chunks_exact(2) {
        let digit = |c: u8| char::from(c).to_digit(16);
        match (digit(pair[0]), digit(pair[1])) {
            (Some(h), Some(l)) => out.push((h << 4 | l) as u8),
            _ => return Err(error("Non-hexadecimal digit found")),
        }
    }
    str::bytes(&out)
}

fn b2a_hex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = buffer::to_vec(cx, a.at(0))?;
    let sep = match a.opt(1) {
        None => None,
        Some(r) => Some(match r.body::<StrBody>() {
            Some(b) => skein_text::bytes::hex::separator(b.view())?,
            None => match buffer::to_vec(cx, r)?.as_slice() {
                [one] => *one,
                _ => return Err(value_error("sep must be length 1.")),
            },
        }),
    };
    let per = match a.opt(2) {
        Some(n) => ssize(cx, n)?,
        None => 1,
    };
    str::bytes(skein_text::bytes::hex::hex(&data, sep, per)?.as_bytes())
}

fn a2b_qp(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = ascii(cx, a.at(0))?;
    str::bytes(&quopri::decode(&data, truth(cx, a.opt(1), false)?))
}

fn b2a_qp(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = buffer::to_vec(cx, a.at(0))?;
    let tabs = truth(cx, a.opt(1), false)?;
    let text = truth(cx, a.opt(2), true)?;
    let header = truth(cx, a.opt(3), false)?;
    str::bytes(&quopri::encode(&data, tabs, text, header))
}

/// A start value: the low 32 bits of an int.
fn start(cx: &Context, r: Option<&Ref>) -> Result<u32> {
    let Some(r) = r else { return Ok(0) };
    let i = skein_object::protocol::index(cx, r)?;
    let n = number::int_value(&i).map(|v| v.to_big()).unwrap_or_default();
    let low = n & num_bigint::BigInt::from(u32::MAX);
    Ok(num_traits::ToPrimitive::to_u32(&low).unwrap_or(0))
}

fn crc32(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let crc = start(cx, a.opt(1))?;
    let out = buffer::with_bytes(cx, a.at(0), |d| crc::crc32(d, crc))?;
    number::int(i64::from(out))
}

fn crc_hqx(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let crc = start(cx, a.opt(1))? as u16;
    let out = buffer::with_bytes(cx, a.at(0), |d| crc::crc_hqx(d, crc))?;
    number::int(i64::from(out))
}
