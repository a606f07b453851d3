//! The codec registry: search functions, the codecs they gave, error handlers. The module `_codecs` shows it to Python.

use super::handler;
use skein_object::error::{Error, Result, lookup_error as unknown, type_error};
use skein_object::intern;
use skein_object::layouts::list::{self, ListBody};
use skein_object::native::{self, Row};
use skein_object::object::RefExt;
use skein_object::protocol::{self, getattr_opt};
use skein_object::{Args, BytesBody, Context, Ref, dict, row, statics as s, str, tuple};
use skein_text::codec::Policy;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

struct Registry {
    /// List of search functions.
    search: Ref,
    /// Codec tuples by normalized name.
    codecs: Ref,
    /// Handlers by name.
    errors: Ref,
}

static REGISTRY: OnceLock<Registry> = OnceLock::new();
/// The module `encodings`, which registers the standard search function, has been asked for.
static STANDARD: AtomicBool = AtomicBool::new(false);

macro_rules! handlers {
    ($($f:ident $name:literal $policy:ident $doc:literal;)*) => {
        $(fn $f(_: &Context, a: Args<'_>) -> Result<Ref> {
            handler::apply(Policy::$policy, a.at(0))
        })*
        static HANDLERS: &[(&str, Row)] = &[
            $(($name, row!(concat!(stringify!($f), "(exc, /)"), $f, $doc)),)*
        ];
    };
}
handlers! {
    strict_errors "strict" Strict "Implements the 'strict' error handling, which raises a UnicodeError on coding errors.";
    ignore_errors "ignore" Ignore "Implements the 'ignore' error handling, which ignores malformed data and continues.";
    replace_errors "replace" Replace "Implements the 'replace' error handling, which replaces malformed data with a replacement marker.";
    xmlcharrefreplace_errors "xmlcharrefreplace" XmlCharRefReplace "Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable character with the appropriate XML character reference.";
    backslashreplace_errors "backslashreplace" BackslashReplace "Implements the 'backslashreplace' error handling, which replaces malformed data with a backslashed escape sequence.";
    namereplace_errors "namereplace" NameReplace "Implements the 'namereplace' error handling, which replaces an unencodable character with a \\N{...} escape sequence.";
    surrogatepass "surrogatepass" SurrogatePass "";
    surrogateescape "surrogateescape" SurrogateEscape "";
}

fn registry() -> Result<&'static Registry> {
    if let Some(r) = REGISTRY.get() {
        return Ok(r);
    }
    let errors = dict::new()?;
    for (name, row) in HANDLERS {
        dict::set_str(&errors, name, native::module_function(row, &s::none())?)?;
    }
    let made = Registry {
        search: list::new(Vec::new())?,
        codecs: dict::new()?,
        errors,
    };
    Ok(REGISTRY.get_or_init(|| {
        for r in [&made.search, &made.codecs, &made.errors] {
            skein_gc::publish::publish(r.value());
        }
        made
    }))
}

/// `codecs.register(search_function)`.
///
/// # Errors
/// TypeError if it cannot be called.
pub fn register(function: &Ref) -> Result<()> {
    if !protocol::is_callable(function) {
        return Err(type_error("argument must be callable"));
    }
    list::push(&registry()?.search, function.clone())
}

/// `codecs.unregister(search_function)`: also forgets all codecs.
///
/// # Errors
/// What comparison raises.
pub fn unregister(cx: &Context, function: &Ref) -> Result<()> {
    let r = registry()?;
    let Some(b) = r.search.body::<ListBody>() else {
        return Ok(());
    };
    let found = list::snapshot(b).iter().position(|f| f.is(function));
    if let Some(i) = found {
        protocol::delitem(cx, &r.search, &Ref::small(i as i32))?;
        for (k, _) in dict::entries(&r.codecs) {
            dict::delete_name(&r.codecs, &k);
        }
    }
    Ok(())
}

/// The name as search functions get it: lower case, an underscore for whatever lies between letters, digits and dots.
pub fn normalize(encoding: &str) -> String {
    let mut out = String::with_capacity(encoding.len());
    let mut between = false;
    for c in encoding.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if between && !out.is_empty() {
                out.push('_');
            }
            between = false;
            out.push(c.to_ascii_lowercase());
        } else {
            between = true;
        }
    }
    out
}

fn import_standard(cx: &Context) -> Result<()> {
    // Relaxed: a thread that comes too early finds no search function and imports as well, which the import lock settles.
    if STANDARD.load(Ordering::Relaxed) {
        return Ok(());
    }
    STANDARD.store(true, Ordering::Relaxed);
    let none = s::none();
    let hooks = skein_object::context::hooks();
    let result = (hooks.import)(cx, &intern::name("encodings"), &none, None, &none, &Ref::small(0));
    if result.is_err() {
        STANDARD.store(false, Ordering::Relaxed);
    }
    result.map(drop)
}

/// `codecs.lookup(encoding)`: a tuple (encoder, decoder, stream reader, stream writer).
///
/// # Errors
/// LookupError "unknown encoding: X"; what search functions raise.
pub fn lookup(cx: &Context, encoding: &str) -> Result<Ref> {
    let r = registry()?;
    let name = str::from_str(&normalize(encoding))?;
    if let Some(found) = dict::get_name(&r.codecs, &name) {
        return Ok(found);
    }
    import_standard(cx)?;
    let functions = r.search.body::<ListBody>().map(list::snapshot);
    for f in functions.unwrap_or_default() {
        let found = protocol::call1(cx, &f, &name)?;
        if s::is_none(&found) {
            continue;
        }
        if tuple::items(&found).is_none_or(|t| t.len() != 4) {
            return Err(type_error("codec search functions must return 4-tuples"));
        }
        dict::set_name(&r.codecs, &name, found.clone())?;
        return Ok(found);
    }
    Err(unknown(format!("unknown encoding: {encoding}")))
}

/// `codecs.register_error(name, handler)`.
///
/// # Errors
/// TypeError if the handler cannot be called.
pub fn register_error(name: &Ref, handler: &Ref) -> Result<()> {
    if !protocol::is_callable(handler) {
        return Err(type_error("handler must be callable"));
    }
    dict::set_name(&registry()?.errors, name, handler.clone())
}

/// `_codecs._unregister_error(name)`: whether there was such a handler.
///
/// # Errors
/// ValueError for the handlers that every interpreter has.
pub fn unregister_error(name: &Ref) -> Result<bool> {
    let text = str::text(name);
    if HANDLERS.iter().any(|(n, _)| *n == text) {
        return Err(skein_object::error::value_error(format!(
            "cannot un-register built-in error handler '{text}'"
        )));
    }
    Ok(dict::delete_name(&registry()?.errors, name))
}

/// `codecs.lookup_error(name)`.
///
/// # Errors
/// LookupError "unknown error handler name 'X'".
pub fn lookup_error(_: &Context, name: &str) -> Result<Ref> {
    dict::get_name(&registry()?.errors, &str::from_str(name)?)
        .ok_or_else(|| unknown(format!("unknown error handler name '{name}'")))
}

/// Which way a codec is used.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Encode,
    Decode,
}

/// Calls encoder or decoder: the object that it made.
fn run(cx: &Context, codec: &Ref, object: &Ref, encoding: &str, errors: Option<&str>, way: Way) -> Result<Ref> {
    let f = tuple::items(codec).and_then(|t| t.get(way as usize).cloned());
    let Some(f) = f else {
        return Err(type_error("codec search functions must return 4-tuples"));
    };
    let mut args = vec![object.clone()];
    if let Some(e) = errors {
        args.push(str::from_str(e)?);
    }
    let out = protocol::call(cx, &f, &args).map_err(|e| noted(cx, e, encoding, way))?;
    match tuple::items(&out) {
        Some([result, _]) => Ok(result.clone()),
        _ => Err(type_error(match way {
            Way::Encode => "encoder must return a tuple (object, integer)",
            Way::Decode => "decoder must return a tuple (object,integer)",
        })),
    }
}

/// Adds the note that says which codec failed.
fn noted(cx: &Context, e: Error, encoding: &str, way: Way) -> Error {
    let what = match way {
        Way::Encode => "encoding",
        Way::Decode => "decoding",
    };
    let Ok(note) = str::from_str(&format!("{what} with '{encoding}' codec failed")) else {
        return e;
    };
    match protocol::call_method(cx, &e.0, &intern::name("add_note"), &[note]) {
        Ok(_) => e,
        Err(other) => other,
    }
}

/// `codecs.encode(object, encoding, errors)`.
///
/// # Errors
/// LookupError; what the codec raises.
pub fn encode(cx: &Context, object: &Ref, encoding: &str, errors: Option<&str>) -> Result<Ref> {
    let codec = lookup(cx, encoding)?;
    run(cx, &codec, object, encoding, errors, Way::Encode)
}

/// `codecs.decode(object, encoding, errors)`.
///
/// # Errors
/// LookupError; what the codec raises.
pub fn decode(cx: &Context, object: &Ref, encoding: &str, errors: Option<&str>) -> Result<Ref> {
    let codec = lookup(cx, encoding)?;
    run(cx, &codec, object, encoding, errors, Way::Decode)
}

/// A codec that says of itself that it is for text; plain tuples count as such.
fn text_codec(cx: &Context, encoding: &str, alternative: &str) -> Result<Ref> {
    let codec = lookup(cx, encoding)?;
    if !codec.is_exact(&s::TUPLE)
        && let Some(flag) = getattr_opt(cx, &codec, &intern::name("_is_text_encoding"))?
        && !protocol::is_true(cx, &flag)?
    {
        return Err(unknown(format!(
            "'{encoding}' is not a text encoding; use {alternative} to handle arbitrary codecs"
        )));
    }
    Ok(codec)
}

/// `str.encode` with a codec of the registry.
///
/// # Errors
/// LookupError; TypeError if the codec makes no bytes; what the codec raises.
pub fn encode_text(cx: &Context, text: &Ref, encoding: &str, errors: Option<&str>) -> Result<Ref> {
    let codec = text_codec(cx, encoding, "codecs.encode()")?;
    let out = run(cx, &codec, text, encoding, errors, Way::Encode)?;
    if out.body::<BytesBody>().is_some() {
        return Ok(out);
    }
    if out.is_instance(&crate::bytearray::BYTEARRAY) {
        return str::bytes(&protocol::buffer::to_vec(cx, &out)?);
    }
    Err(type_error(format!(
        "'{encoding}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
        out.ty().name()
    )))
}

/// `bytes.decode` with a codec of the registry.
///
/// # Errors
/// LookupError; TypeError if the codec makes no str; what the codec raises.
pub fn decode_text(cx: &Context, data: &Ref, encoding: &str, errors: Option<&str>) -> Result<Ref> {
    let codec = text_codec(cx, encoding, "codecs.decode()")?;
    let out = run(cx, &codec, data, encoding, errors, Way::Decode)?;
    if str::is_str(&out) {
        return Ok(out);
    }
    Err(type_error(format!(
        "'{encoding}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
        out.ty().name()
    )))
}
