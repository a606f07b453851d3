//! `_symtable`: the compiler's symbol tables.

use crate::errors::syntax_error;
use skein_compiler::Mode;
use skein_compiler::tree::symbols::{Table, symbol_table};
use skein_gc::Ref;
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::number;
use skein_object::native::{ModuleDef, Row};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Args, BytesBody, Context, Payload, dict, intern, list, payload, row, statics as s, str};
use skein_stdlib_support::{body, ready_once};
use skein_types::startup::{GetSet, TypeDef, member};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_symtable",
    doc: "",
    functions: FUNCTIONS,
    init: |_, d| {
        ready_once(&DEF)?;
        for (name, value) in CONSTANTS {
            dict::set_str(d, name, Ref::small(*value))?;
        }
        Ok(())
    },
};

static CONSTANTS: &[(&str, i32)] = &[
    ("USE", 16),
    ("DEF_GLOBAL", 1),
    ("DEF_NONLOCAL", 8),
    ("DEF_LOCAL", 2),
    ("DEF_PARAM", 4),
    ("DEF_TYPE_PARAM", 1024),
    ("DEF_FREE_CLASS", 64),
    ("DEF_IMPORT", 128),
    ("DEF_BOUND", 134),
    ("DEF_ANNOT", 256),
    ("DEF_COMP_ITER", 512),
    ("DEF_COMP_CELL", 2048),
    ("TYPE_FUNCTION", 0),
    ("TYPE_CLASS", 1),
    ("TYPE_MODULE", 2),
    ("TYPE_ANNOTATION", 3),
    ("TYPE_TYPE_ALIAS", 4),
    ("TYPE_TYPE_PARAMETERS", 5),
    ("TYPE_TYPE_VARIABLE", 6),
    ("LOCAL", 1),
    ("GLOBAL_EXPLICIT", 2),
    ("GLOBAL_IMPLICIT", 3),
    ("FREE", 4),
    ("CELL", 5),
    ("SCOPE_OFF", 12),
    ("SCOPE_MASK", 15),
];

static FUNCTIONS: &[Row] = &[row!(
    "symtable(source, filename, startstr, /)",
    symtable,
    "Return symbol and scope dictionaries used internally by compiler."
)];

/// Body of a symtable entry.
pub struct EntryBody {
    name: Ref,
    symbols: Ref,
    varnames: Ref,
    children: Ref,
    kind: u8,
    line: u32,
    nested: bool,
}
payload!(EntryBody, "symtable entry", |this, v| {
    v.reference(&this.name);
    v.reference(&this.symbols);
    v.reference(&this.varnames);
    v.reference(&this.children);
});

pub static ENTRY: Type = Type::declare("symtable entry", Some(&s::OBJECT), <EntryBody as Payload>::LAYOUT, 0);

static DEF: TypeDef = TypeDef {
    slots,
    getset: FIELDS,
    ..TypeDef::new(&ENTRY)
};

fn slots(t: &Slots) {
    t.repr.set(Some(|_, r| {
        let b = body::<EntryBody>(r)?;
        let id = r.value().0;
        str::from_str(&format!(
            "<symtable entry {}({id}), line {}>",
            str::text(&b.name),
            b.line
        ))
    }));
}

static FIELDS: &[GetSet] = &[
    member("id", |_, r| number::int((r.value().0 >> 1) as i64)),
    member("name", |_, r| Ok(body::<EntryBody>(r)?.name.clone())),
    member("symbols", |_, r| Ok(body::<EntryBody>(r)?.symbols.clone())),
    member("varnames", |_, r| Ok(body::<EntryBody>(r)?.varnames.clone())),
    member("children", |_, r| Ok(body::<EntryBody>(r)?.children.clone())),
    member("nested", |_, r| Ok(Ref::small(body::<EntryBody>(r)?.nested as i32))),
    member("type", |_, r| Ok(Ref::small(body::<EntryBody>(r)?.kind as i32))),
    member("lineno", |_, r| number::int(body::<EntryBody>(r)?.line as i64)),
];

fn entry(cx: &Context, t: &Table) -> Result<Ref> {
    cx.check_stack()?;
    let symbols = dict::new()?;
    for (name, bits) in &t.symbols {
        dict::set_str(&symbols, name, number::int(*bits as i64)?)?;
    }
    let children = t.children.iter().map(|c| entry(cx, c)).collect::<Result<_>>()?;
    alloc(
        &ENTRY,
        EntryBody {
            name: intern::name(&t.name),
            symbols,
            varnames: list::new(t.varnames.iter().map(|n| intern::name(n)).collect())?,
            children: list::new(children)?,
            kind: t.kind,
            line: t.line,
            nested: t.nested,
        },
    )
}

fn symtable(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let file = str::text(a.at(1));
    let mode = match str::text(a.at(2)).as_str() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        _ => return Err(value_error("symtable() arg 3 must be 'exec' or 'eval' or 'single'")),
    };
    let text = if str::is_str(a.at(0)) {
        str::text(a.at(0))
    } else if let Some(b) = a.at(0).body::<BytesBody>() {
        skein_compiler::decode_source(b.as_slice(), &file).map_err(syntax_error)?
    } else {
        return Err(type_error("symtable() arg 1 must be a string or bytes"));
    };
    entry(cx, &symbol_table(&text, &file, mode).map_err(syntax_error)?)
}
