//! The embedded library as Python sees it: the private module `_skein`, behind the importer in `library/patches`.

use skein_gc::lock::Mutex;
use skein_object::error::{Result, raise};
use skein_object::layouts::{code, number};
use skein_object::native::{ModuleDef, Row};
use skein_object::{Args, Context, Ref, protocol, row, statics as s, str, tuple};
use std::sync::Arc;

/// Where the library seems to lie: `sys._stdlib_dir`. No file is there.
pub fn root() -> &'static str {
    "/usr/lib/skein3.14"
}

pub static SKEIN: ModuleDef = ModuleDef {
    name: "_skein",
    doc: "The library that is part of the interpreter's binary.",
    functions: FUNCTIONS,
    init: |_, _| Ok(()),
};

static FUNCTIONS: &[Row] = &[
    row!(
        "find(name, /)",
        find,
        "(is_package, path) of a library module, or None."
    ),
    row!("code(name, /)", get_code, "The code object of a library module."),
    row!("data(path, /)", data, "The contents of a library file, or None."),
    row!("files()", files, "The paths of all library files."),
    row!(
        "typed()",
        typed,
        "(code, source, file name) of what was typed or given by -c so far; given out once, to linecache."
    ),
];

fn find(_: &Context, a: Args<'_>) -> Result<Ref> {
    match skein_library::find(&str::text(a.at(0))) {
        Some(m) => tuple::new(vec![number::bool(m.is_package), str::from_str(m.path)?]),
        None => Ok(s::none()),
    }
}

fn get_code(_: &Context, a: Args<'_>) -> Result<Ref> {
    let name = str::text(a.at(0));
    load(&name)?.ok_or_else(|| raise(&s::IMPORT_ERROR, format!("no library module named '{name}'")))
}

/// The code object of a library module.
///
/// # Errors
/// MemoryError; ImportError if the binary's own data is damaged.
pub fn load(name: &str) -> Result<Option<Ref>> {
    let Some(m) = skein_library::find(name) else {
        return Ok(None);
    };
    let filename = format!("{}/{}", root(), m.path);
    match skein_bytecode::marshal::from_bytes_named(m.code(), &filename) {
        Ok(unit) => code::code(&Arc::new(unit)).map(Some),
        Err(_) => Err(raise(
            &s::IMPORT_ERROR,
            format!("the embedded code of '{name}' is damaged"),
        )),
    }
}

fn data(_: &Context, a: Args<'_>) -> Result<Ref> {
    match skein_library::file(&str::text(a.at(0))) {
        Some(f) => str::bytes(&f.read()),
        None => Ok(s::none()),
    }
}

fn files(_: &Context, _: Args<'_>) -> Result<Ref> {
    tuple::new(
        skein_library::files()
            .iter()
            .map(|f| str::from_str(f.path))
            .collect::<Result<_>>()?,
    )
}

/// Code without a file, whose source linecache shall know once someone loads it.
static TYPED: Mutex<Vec<Ref>> = Mutex::new(Vec::new());

/// Makes the source of code without a file known to `linecache`, for tracebacks: now, or when that module is imported.
///
/// # Errors
/// MemoryError; what linecache raises.
pub fn remember_source(cx: &Context, code: &Ref, source: &Ref, filename: &Ref) -> Result<()> {
    if let Some(m) = crate::import::loaded(cx, "linecache") {
        let f = protocol::getattr_str(cx, &m, "_register_code")?;
        return protocol::call(cx, &f, &[code.clone(), source.clone(), filename.clone()]).map(drop);
    }
    let entry = tuple::new(vec![code.clone(), source.clone(), filename.clone()])?;
    skein_gc::publish::publish(entry.value());
    TYPED.lock().push(entry);
    Ok(())
}

fn typed(_: &Context, _: Args<'_>) -> Result<Ref> {
    let entries = std::mem::take(&mut *TYPED.lock());
    tuple::new(entries)
}
