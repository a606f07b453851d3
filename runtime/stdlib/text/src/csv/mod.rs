//! `_csv`.

mod dialect;
mod reader;
mod writer;

use skein_gc::lock::Mutex;
use skein_object::error::{Result, type_error};
use skein_object::layouts::{ExceptionBody, dict, number, str};
use skein_object::native::ModuleDef;

use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, protocol, row, statics as s};
use skein_stdlib_support::{add_type, ready_once};
use skein_types::startup::TypeDef;
use std::sync::atomic::{AtomicI64, Ordering};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_csv",
    doc: "CSV parsing and writing.\n",
    functions: FUNCTIONS,
    init,
};

pub static ERROR: Type = Type::declare(
    "_csv.Error",
    Some(&s::EXCEPTION),
    <ExceptionBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT,
);

#[cold]
fn error(message: impl Into<String>) -> skein_object::Error {
    skein_object::error::raise(&ERROR, message)
}

static FUNCTIONS: &[Row] = &[
    row!(
        "reader(iterable, dialect='excel', /, **fmtparams)",
        reader::make,
        "Return a reader object that will process lines from the given iterable.\n\nThe \"iterable\" argument can be any object that returns a line\nof input for each iteration, such as a file object or a list.  The\noptional \"dialect\" argument defines a CSV dialect.  The function\nalso accepts optional keyword arguments which override settings\nprovided by the dialect.\n\nThe returned object is an iterator.  Each iteration returns a row\nof the CSV file (which can span multiple input lines)."
    ),
    row!(
        "writer(fileobj, dialect='excel', /, **fmtparams)",
        writer::make,
        "Return a writer object that will write user data on the given file object.\n\nThe \"fileobj\" argument can be any object that supports the file API.\nThe optional \"dialect\" argument defines a CSV dialect.  The function\nalso accepts optional keyword arguments which override settings\nprovided by the dialect."
    ),
    row!(
        "list_dialects()",
        list_dialects,
        "Return a list of all known dialect names.\n\n    names = csv.list_dialects()"
    ),
    row!(
        "register_dialect(name, dialect=None, /, **fmtparams)",
        register_dialect,
        "Create a mapping from a string name to a CVS dialect.\n\nThe optional \"dialect\" argument specifies the base dialect instance\nor the name of the registered dialect.  The function also accepts\noptional keyword arguments which override settings provided by the\ndialect."
    ),
    row!(
        "unregister_dialect(name)",
        unregister_dialect,
        "Delete the name/dialect mapping associated with a string name.\n\n    name\n        dialect's name"
    ),
    row!(
        "get_dialect(name)",
        get_dialect,
        "Return the dialect instance associated with name.\n\n    dialect = csv.get_dialect(name)"
    ),
    row!(
        "field_size_limit(new_limit=None)",
        field_size_limit,
        "Sets an upper limit on parsed fields.\n\n    csv.field_size_limit([limit])\n\nReturns old limit. If limit is not given, no new limit is set and\nthe old limit is returned"
    ),
];

/// Registered dialects by name.
static DIALECTS: Mutex<Vec<(String, Ref)>> = Mutex::new(Vec::new());
static FIELD_LIMIT: AtomicI64 = AtomicI64::new(128 * 1024);

fn init(_: &Context, module: &Ref) -> Result<()> {
    add_type(module, &TypeDef::new(&ERROR))?;
    add_type(module, &dialect::DEF)?;
    ready_once(&reader::DEF)?;
    ready_once(&writer::DEF)?;
    dict::set_str(module, "Reader", reader::READER.object())?;
    dict::set_str(module, "Writer", writer::WRITER.object())?;
    dict::set_str(module, "_dialects", dict::new()?)?;
    for (i, name) in [
        "QUOTE_MINIMAL",
        "QUOTE_ALL",
        "QUOTE_NONNUMERIC",
        "QUOTE_NONE",
        "QUOTE_STRINGS",
        "QUOTE_NOTNULL",
    ]
    .iter()
    .enumerate()
    {
        dict::set_str(module, name, number::int_from_usize(i)?)?;
    }
    Ok(())
}

/// A registered dialect.
fn named(name: &Ref) -> Result<Ref> {
    let text = str::text(name);
    let found = DIALECTS.lock().iter().find(|(n, _)| *n == text).map(|(_, d)| d.clone());
    match found {
        Some(d) if str::is_str(name) => Ok(d),
        _ => Err(error("unknown dialect")),
    }
}

fn list_dialects(_: &Context, _: Args<'_>) -> Result<Ref> {
    let names: Vec<String> = DIALECTS.lock().iter().map(|(n, _)| n.clone()).collect();
    let items: Result<Vec<Ref>> = names.iter().map(|n| str::from_str(n)).collect();
    skein_object::list::new(items?)
}

fn register_dialect(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if !str::is_str(a.at(0)) {
        return Err(type_error("dialect name must be a string"));
    }
    let d = dialect::build(cx, a.opt(1), a.at(2))?;
    skein_gc::publish::publish(d.value());
    let text = str::text(a.at(0));
    let old = {
        let mut list = DIALECTS.lock();
        match list.iter_mut().find(|(n, _)| *n == text) {
            Some(place) => Some(std::mem::replace(&mut place.1, d)),
            None => {
                list.push((text, d));
                None
            }
        }
    };
    drop(old);
    Ok(s::none())
}

fn unregister_dialect(_: &Context, a: Args<'_>) -> Result<Ref> {
    let text = str::text(a.at(0));
    let old = {
        let mut list = DIALECTS.lock();
        list.iter().position(|(n, _)| *n == text).map(|i| list.remove(i))
    };
    match old {
        Some(_) => Ok(s::none()),
        None => Err(error("unknown dialect")),
    }
}

fn get_dialect(_: &Context, a: Args<'_>) -> Result<Ref> {
    named(a.at(0))
}

fn field_size_limit(_: &Context, a: Args<'_>) -> Result<Ref> {
    // Relaxed: a number of its own.
    let old = FIELD_LIMIT.load(Ordering::Relaxed);
    if let Some(r) = a.opt(0) {
        let Some(n) = number::int_value(r).and_then(|v| v.to_i64()) else {
            return Err(type_error("limit must be an integer"));
        };
        FIELD_LIMIT.store(n, Ordering::Relaxed);
    }
    number::int(old)
}

fn limit() -> usize {
    usize::try_from(FIELD_LIMIT.load(Ordering::Relaxed)).unwrap_or(0)
}

/// The iterator of the `iterable` argument.
fn iterator(cx: &Context, r: &Ref) -> Result<Ref> {
    protocol::iter(cx, r)
}
