//! The native modules `_codecs` and `_string`.
//!
//! `registry` shows the codec registry, which lives in the types crate since `str.encode` needs it; `unicode` has the codecs of
//! the UTF family, `tables` those that are driven by mappings, `escapes` the escape notations, `string` what
//! `string.Formatter` needs.

mod escapes;
mod registry;
mod string;
mod support;
mod tables;
mod unicode;

use skein_object::error::Result;
use skein_object::native::{self, ModuleDef, Row};
use skein_object::{Context, Ref, row};

/// The modules of this crate.
pub static MODULES: &[&ModuleDef] = &[&CODECS, &string::STRING];

/// `_codecs`.
pub static CODECS: ModuleDef = ModuleDef {
    name: "_codecs",
    doc: "",
    functions: FUNCTIONS,
    init,
};

fn init(_: &Context, _: &Ref) -> Result<()> {
    Ok(())
}

/// The module object of `_codecs`.
///
/// # Errors
/// MemoryError.
pub fn module(cx: &Context) -> Result<Ref> {
    native::make_module(cx, &CODECS)
}

static FUNCTIONS: &[Row] = &[
    row!(
        "register(search_function, /)",
        registry::register,
        "Register a codec search function.\n\nSearch functions are expected to take one argument, the encoding name in\nall lower case letters, and either return None, or a tuple of functions\n(encoder, decoder, stream_reader, stream_writer) (or a CodecInfo object)."
    ),
    row!(
        "unregister(search_function, /)",
        registry::unregister,
        "Unregister a codec search function and clear the registry's cache.\n\nIf the search function is not registered, do nothing."
    ),
    row!(
        "lookup(encoding, /)",
        registry::lookup,
        "Looks up a codec tuple in the Python codec registry and returns a CodecInfo object."
    ),
    row!(
        "encode(obj, encoding='utf-8', errors='strict')",
        registry::encode,
        "Encodes obj using the codec registered for encoding.\n\nDefault encoding is 'utf-8'.  errors may be given to set a\ndifferent error handling scheme.  Default is 'strict' meaning that encoding\nerrors raise a ValueError.  Other possible values are 'ignore', 'replace'\nand 'backslashreplace' as well as any other name registered with\ncodecs.register_error that can handle ValueErrors."
    ),
    row!(
        "decode(obj, encoding='utf-8', errors='strict')",
        registry::decode,
        "Decodes obj using the codec registered for encoding.\n\nDefault encoding is 'utf-8'.  errors may be given to set a\ndifferent error handling scheme.  Default is 'strict' meaning that encoding\nerrors raise a ValueError.  Other possible values are 'ignore', 'replace'\nand 'backslashreplace' as well as any other name registered with\ncodecs.register_error that can handle ValueErrors."
    ),
    row!(
        "register_error(errors, handler, /)",
        registry::register_error,
        "Register the specified error handler under the name errors.\n\nhandler must be a callable object, that\nwill be called with an exception instance containing\ninformation about the location of the encoding/decoding\nerror and must return a (replacement, new position) tuple."
    ),
    row!(
        "_unregister_error(errors, /)",
        registry::unregister_error,
        "Un-register the specified error handler for the error handling `errors'.\n\nOnly custom error handlers can be un-registered. An exception is raised\nif the error handling is a built-in one (e.g., 'strict'), or if an error\noccurs.\n\nOtherwise, this returns True if a custom handler has been successfully\nun-registered, and False if no custom handler for the specified error\nhandling exists."
    ),
    row!(
        "lookup_error(name, /)",
        registry::lookup_error,
        "lookup_error(errors) -> handler\n\nReturn the error handler for the specified error handling name or raise a\nLookupError, if no handler exists under this name."
    ),
    row!("utf_8_encode(str, errors=None, /)", unicode::utf_8_encode, ""),
    row!(
        "utf_8_decode(data, errors=None, final=False, /)",
        unicode::utf_8_decode,
        ""
    ),
    row!("utf_7_encode(str, errors=None, /)", unicode::utf_7_encode, ""),
    row!(
        "utf_7_decode(data, errors=None, final=False, /)",
        unicode::utf_7_decode,
        ""
    ),
    row!(
        "utf_16_encode(str, errors=None, byteorder=0, /)",
        unicode::utf_16_encode,
        ""
    ),
    row!("utf_16_le_encode(str, errors=None, /)", unicode::utf_16_le_encode, ""),
    row!("utf_16_be_encode(str, errors=None, /)", unicode::utf_16_be_encode, ""),
    row!(
        "utf_16_decode(data, errors=None, final=False, /)",
        unicode::utf_16_decode,
        ""
    ),
    row!(
        "utf_16_le_decode(data, errors=None, final=False, /)",
        unicode::utf_16_le_decode,
        ""
    ),
    row!(
        "utf_16_be_decode(data, errors=None, final=False, /)",
        unicode::utf_16_be_decode,
        ""
    ),
    row!(
        "utf_16_ex_decode(data, errors=None, byteorder=0, final=False, /)",
        unicode::utf_16_ex_decode,
        ""
    ),
    row!(
        "utf_32_encode(str, errors=None, byteorder=0, /)",
        unicode::utf_32_encode,
        ""
    ),
    row!("utf_32_le_encode(str, errors=None, /)", unicode::utf_32_le_encode, ""),
    row!("utf_32_be_encode(str, errors=None, /)", unicode::utf_32_be_encode, ""),
    row!(
        "utf_32_decode(data, errors=None, final=False, /)",
        unicode::utf_32_decode,
        ""
    ),
    row!(
        "utf_32_le_decode(data, errors=None, final=False, /)",
        unicode::utf_32_le_decode,
        ""
    ),
    row!(
        "utf_32_be_decode(data, errors=None, final=False, /)",
        unicode::utf_32_be_decode,
        ""
    ),
    row!(
        "utf_32_ex_decode(data, errors=None, byteorder=0, final=False, /)",
        unicode::utf_32_ex_decode,
        ""
    ),
    row!("latin_1_encode(str, errors=None, /)", unicode::latin_1_encode, ""),
    row!("latin_1_decode(data, errors=None, /)", unicode::latin_1_decode, ""),
    row!("ascii_encode(str, errors=None, /)", unicode::ascii_encode, ""),
    row!("ascii_decode(data, errors=None, /)", unicode::ascii_decode, ""),
    row!(
        "charmap_encode(str, errors=None, mapping=None, /)",
        tables::charmap_encode,
        ""
    ),
    row!(
        "charmap_decode(data, errors=None, mapping=None, /)",
        tables::charmap_decode,
        ""
    ),
    row!("charmap_build(map, /)", tables::charmap_build, ""),
    row!("readbuffer_encode(data, errors=None, /)", tables::readbuffer_encode, ""),
    row!(
        "unicode_escape_encode(str, errors=None, /)",
        escapes::unicode_escape_encode,
        ""
    ),
    row!(
        "unicode_escape_decode(data, errors=None, final=True, /)",
        escapes::unicode_escape_decode,
        ""
    ),
    row!(
        "raw_unicode_escape_encode(str, errors=None, /)",
        escapes::raw_unicode_escape_encode,
        ""
    ),
    row!(
        "raw_unicode_escape_decode(data, errors=None, final=True, /)",
        escapes::raw_unicode_escape_decode,
        ""
    ),
    row!("escape_encode(data, errors=None, /)", escapes::escape_encode, ""),
    row!("escape_decode(data, errors=None, /)", escapes::escape_decode, ""),
];
