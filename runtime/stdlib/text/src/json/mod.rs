//! `_json`: the scanner and the encoder of the `json` module.

mod encode;
mod encoder;
mod scan;
mod scanner;

use skein_object::error::{Error, Result, type_error};
use skein_object::layouts::{StrBody, number, str};
use skein_object::native::ModuleDef;
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, Row, dict, protocol, row};
use skein_stdlib_support::{flag, import_attr, pack, ready_once, ssize};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_json",
    doc: "json speedups\n",
    functions: FUNCTIONS,
    init,
};

static FUNCTIONS: &[Row] = &[
    row!(
        "encode_basestring_ascii(string, /)",
        encode_ascii,
        "encode_basestring_ascii(string) -> string\n\nReturn an ASCII-only JSON representation of a Python string"
    ),
    row!(
        "encode_basestring(string, /)",
        encode_plain,
        "encode_basestring(string) -> string\n\nReturn a JSON representation of a Python string"
    ),
    row!(
        "scanstring(string, end, strict=True, /)",
        scanstring,
        "scanstring(string, end, strict=True) -> (string, end)\n\nScan the string s for a JSON string. End is the index of the\ncharacter in s after the quote that started the JSON string.\nUnescapes all valid JSON string escape sequences and raises ValueError\non attempt to decode an invalid string. If strict is False then literal\ncontrol characters are allowed in the string.\n\nReturns a tuple of the decoded string and the index of the character in s\nafter the end quote."
    ),
];

fn init(_: &Context, module: &Ref) -> Result<()> {
    ready_once(&scanner::DEF)?;
    ready_once(&encoder::DEF)?;
    dict::set_str(module, "make_scanner", scanner::SCANNER.object())?;
    dict::set_str(module, "make_encoder", encoder::ENCODER.object())
}

fn string(r: &Ref) -> Result<&StrBody> {
    r.body::<StrBody>()
        .ok_or_else(|| type_error(format!("first argument must be a string, not {}", r.ty().name())))
}

fn encode_ascii(_: &Context, a: Args<'_>) -> Result<Ref> {
    encode::quoted(string(a.at(0))?.view(), true)
}

fn encode_plain(_: &Context, a: Args<'_>) -> Result<Ref> {
    encode::quoted(string(a.at(0))?.view(), false)
}

fn scanstring(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let text = string(a.at(0))?;
    let end = ssize(cx, a.at(1))?;
    let strict = flag(cx, a.opt(2), true)?;
    let Some(end) = usize::try_from(end).ok().filter(|e| *e <= text.len()) else {
        return Err(skein_object::error::value_error("end is out of bounds"));
    };
    match scan::string(text.view(), end, strict) {
        Ok((s, at)) => pack([str::from_buf(s)?, number::int_from_usize(at)?]),
        Err((message, at)) => Err(decode_error(cx, &message, a.at(0), at)),
    }
}

/// `json.JSONDecodeError(message, doc, pos)`.
#[cold]
fn decode_error(cx: &Context, message: &str, doc: &Ref, at: i64) -> Error {
    let make = || -> Result<Ref> {
        let class = import_attr(cx, "json.decoder", "JSONDecodeError")?;
        protocol::call(cx, &class, &[str::from_str(message)?, doc.clone(), number::int(at)?])
    };
    match make() {
        Ok(e) => Error(e),
        Err(e) => e,
    }
}
