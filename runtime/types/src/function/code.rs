//! `code`.
//!
//! Offsets in `co_lines` and `tb_lasti` count two for each instruction word, so that `co_positions`, which gives one row
//! for each word, is indexed by half an offset, as the library does.

use crate::startup::{GetSet, TypeDef, getset, member, ready_type};
use skein_bytecode::code::{Code, flags};
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol;
use skein_object::slots::{CompareOp, Slots};
use skein_object::statics as s;
use skein_object::{Args, CodeBody, Context, Ref, dict, intern, list, row, str, tuple};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

fn body(r: &Ref) -> Result<&CodeBody> {
    r.body::<CodeBody>().ok_or_else(|| type_error("not a code object"))
}

/// The kinds of code that are no plain functions.
const KINDS: u32 = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;

/// Number of parameters of all kinds.
fn parameters(u: &Code) -> usize {
    u.args as usize
        + u.kwonly_args as usize
        + (u.flags & flags::VARARGS != 0) as usize
        + (u.flags & flags::VARKEYWORDS != 0) as usize
}

/// Names of parameters and plain locals.
pub fn varnames(b: &CodeBody) -> Vec<Ref> {
    let n = b.local_names.len().saturating_sub(b.unit.nfree as usize);
    let first = parameters(&b.unit);
    let mut out: Vec<Ref> = Vec::with_capacity(n);
    for (i, name) in b.local_names[..n].iter().enumerate() {
        let cell = b.unit.cell_regs.binary_search(&(i as u32)).is_ok();
        if (i < first || !cell) && !out.contains(name) {
            out.push(name.clone());
        }
    }
    out
}

/// Names of the cells of the code's own.
pub fn cellvars(b: &CodeBody) -> Vec<Ref> {
    b.unit
        .cell_regs
        .iter()
        .filter_map(|i| b.local_names.get(*i as usize).cloned())
        .collect()
}

/// Names of the free variables.
pub fn freevars(b: &CodeBody) -> Vec<Ref> {
    let n = b.local_names.len().saturating_sub(b.unit.nfree as usize);
    b.local_names[n..].to_vec()
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    str::from_str(&format!(
        "<code object {} at {:#x}, file \"{}\", line {}>",
        str::text(&b.name),
        crate::descriptors::address(r),
        str::text(&b.filename),
        b.first_line
    ))
}

fn same(cx: &Context, x: &CodeBody, y: &CodeBody) -> Result<bool> {
    if Arc::ptr_eq(&x.unit, &y.unit) && x.first_line == y.first_line && x.name == y.name {
        return Ok(true);
    }
    let (u, v) = (&x.unit, &y.unit);
    if x.name != y.name
        || x.first_line != y.first_line
        || (u.args, u.posonly_args, u.kwonly_args, u.flags) != (v.args, v.posonly_args, v.kwonly_args, v.flags)
        || u.words != v.words
        || u.positions != v.positions
        || u.handlers != v.handlers
        || x.names != y.names
        || x.local_names != y.local_names
        || x.consts.len() != y.consts.len()
    {
        return Ok(false);
    }
    for (a, b) in x.consts.iter().zip(&y.consts) {
        if !std::ptr::eq(a.ty(), b.ty()) || !protocol::equal(cx, a, b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<CodeBody>(), b.body::<CodeBody>()) else {
        return Ok(s::not_implemented());
    };
    match op {
        CompareOp::Eq => Ok(number::bool(same(cx, x, y)?)),
        CompareOp::Ne => Ok(number::bool(!same(cx, x, y)?)),
        _ => Ok(s::not_implemented()),
    }
}

fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    let b = body(r)?;
    let mut h = protocol::hash(cx, &b.name)?;
    for w in &b.unit.words {
        h = (h ^ *w as i64).wrapping_mul(0x100_0000_01b3);
    }
    h ^= b.first_line as i64;
    Ok(if h == -1 { -2 } else { h })
}

fn small(n: u32) -> Result<Ref> {
    number::int(n as i64)
}

fn argcount(_: &Context, r: &Ref) -> Result<Ref> {
    small(body(r)?.unit.args)
}
fn posonly(_: &Context, r: &Ref) -> Result<Ref> {
    small(body(r)?.unit.posonly_args)
}
fn kwonly(_: &Context, r: &Ref) -> Result<Ref> {
    small(body(r)?.unit.kwonly_args)
}
fn stacksize(_: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    small(b.nregs.saturating_sub(b.nlocals).max(1))
}
fn co_flags(_: &Context, r: &Ref) -> Result<Ref> {
    small(body(r)?.unit.flags)
}
fn nlocals(_: &Context, r: &Ref) -> Result<Ref> {
    number::int_from_usize(varnames(body(r)?).len())
}
fn first_line(_: &Context, r: &Ref) -> Result<Ref> {
    small(body(r)?.first_line)
}
fn name(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.name.clone())
}
fn qualname(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.qualname.clone())
}
fn filename(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body(r)?.filename.clone())
}
fn consts(_: &Context, r: &Ref) -> Result<Ref> {
    tuple::from_slice(&body(r)?.consts)
}
fn co_names(_: &Context, r: &Ref) -> Result<Ref> {
    tuple::from_slice(&body(r)?.names)
}
fn co_varnames(_: &Context, r: &Ref) -> Result<Ref> {
    tuple::new(varnames(body(r)?))
}
fn co_cellvars(_: &Context, r: &Ref) -> Result<Ref> {
    tuple::new(cellvars(body(r)?))
}
fn co_freevars(_: &Context, r: &Ref) -> Result<Ref> {
    tuple::new(freevars(body(r)?))
}
fn co_code(_: &Context, r: &Ref) -> Result<Ref> {
    let bytes: Vec<u8> = body(r)?.unit.words.iter().flat_map(|w| w.to_le_bytes()).collect();
    str::bytes(&bytes)
}
fn no_bytes(_: &Context, _: &Ref) -> Result<Ref> {
    Ok(s::empty_bytes())
}

fn line_or_none(line: u32) -> Result<Ref> {
    if line == 0 { Ok(s::none()) } else { small(line) }
}

fn lines(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let positions = &b.unit.positions;
    // The beginning of the call, which has no instruction here.
    let mut out = vec![tuple::new(vec![
        number::int_from_usize(0)?,
        number::int_from_usize(2)?,
        line_or_none(b.first_line)?,
    ])?];
    let mut start = 0;
    let mut line = b.first_line;
    while start < positions.len() {
        // Instructions without a line count to the one before.
        if positions[start].line != 0 {
            line = positions[start].line;
        }
        let mut end = start + 1;
        while end < positions.len() && (positions[end].line == line || positions[end].line == 0) {
            end += 1;
        }
        out.push(tuple::new(vec![
            number::int_from_usize(2 * start + 2)?,
            number::int_from_usize(2 * end + 2)?,
            line_or_none(line)?,
        ])?);
        start = end;
    }
    protocol::iter(cx, &list::new(out)?)
}

fn positions(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let first = small(b.first_line)?;
    let mut out = vec![tuple::new(vec![first.clone(), first, small(0)?, small(0)?])?];
    for p in &b.unit.positions {
        out.push(if p.line == 0 {
            tuple::new(vec![s::none(), s::none(), s::none(), s::none()])?
        } else {
            tuple::new(vec![
                small(p.line)?,
                small(p.end_line)?,
                small(p.col)?,
                small(p.end_col)?,
            ])?
        });
    }
    protocol::iter(cx, &list::new(out)?)
}

fn branches(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let words = &body(a.at(0))?.unit.words;
    let offset = |at: usize| number::int_from_usize(2 * at + 2);
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(op) = words.get(at).and_then(|w| skein_bytecode::Op::from_u8(*w as u8)) {
        if let Some(b) = skein_bytecode::flow::branch(words, at) {
            out.push(tuple::new(vec![offset(at)?, offset(b.left)?, offset(b.right)?])?);
        }
        at += op.words();
    }
    protocol::iter(cx, &list::new(out)?)
}

fn varname(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let i = protocol::to_usize(cx, a.at(1))?;
    body(a.at(0))?
        .local_names
        .get(i)
        .cloned()
        .ok_or_else(|| skein_object::error::index_error("tuple index out of range"))
}

/// Whether instructions may find the constant `new` where they were compiled for `old`: code has to run alike, and the names of
/// keyword arguments, which look like any tuple of str, have to be as many.
fn fits(old: &Ref, new: &Ref) -> bool {
    let all_str = |r: &Ref| {
        tuple::items(r)
            .filter(|t| t.iter().all(str::is_str))
            .map_or(0, <[Ref]>::len)
    };
    match (old.body::<CodeBody>(), new.body::<CodeBody>()) {
        (Some(old), Some(new)) => {
            let (a, b) = (&old.unit, &new.unit);
            a.nfree == b.nfree && parameters(a) == parameters(b) && old.is_generator == new.is_generator
        }
        (Some(_), None) => false,
        _ => old.is(new) || all_str(old) == 0 || all_str(old) == all_str(new),
    }
}

/// A copy with some attributes changed. What describes instructions cannot be.
fn replace(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let mut unit = (*b.unit).clone();
    let mut consts = b.consts.clone();
    let mut names = b.names.clone();
    let (mut name, mut qualname, mut filename) = (b.name.clone(), b.qualname.clone(), b.filename.clone());
    for (key, value) in dict::entries(a.at(1)) {
        let text = str::text(&key);
        let number = || -> Result<u32> {
            let n = protocol::convert::to_i64(cx, &value)?;
            u32::try_from(n).map_err(|_| value_error(format!("code: {text} must not be negative")))
        };
        let string = || -> Result<Ref> {
            if str::is_str(&value) {
                Ok(intern::intern(&value))
            } else {
                Err(type_error(format!(
                    "replace() argument '{text}' must be str, not {}",
                    value.ty().name()
                )))
            }
        };
        let items = || -> Result<Vec<Ref>> {
            match tuple::items(&value) {
                Some(i) => Ok(i.to_vec()),
                None => Err(type_error(format!(
                    "replace() argument '{text}' must be tuple, not {}",
                    value.ty().name()
                ))),
            }
        };
        match text.as_str() {
            "co_name" => {
                name = string()?;
                unit.name = str::text(&name).into();
            }
            "co_qualname" => {
                qualname = string()?;
                unit.qualname = str::text(&qualname).into();
            }
            "co_filename" => {
                filename = string()?;
                unit.filename = str::text(&filename).into();
            }
            "co_firstlineno" => unit.first_line = number()?,
            "co_flags" => unit.flags = number()?,
            "co_argcount" => unit.args = number()?,
            "co_posonlyargcount" => unit.posonly_args = number()?,
            "co_kwonlyargcount" => unit.kwonly_args = number()?,
            "co_consts" => {
                let new = items()?;
                if new.len() < consts.len() {
                    return Err(value_error("code: co_consts is too small"));
                }
                if !consts.iter().zip(&new).all(|(old, new)| fits(old, new)) {
                    return Err(value_error("code: co_consts does not fit the instructions"));
                }
                consts = new.into_boxed_slice();
            }
            "co_names" => {
                let new = items()?;
                if new.len() < names.len() {
                    return Err(value_error("code: co_names is too small"));
                }
                if !new.iter().all(str::is_str) {
                    return Err(type_error("name tuples must contain only strings"));
                }
                names = new.iter().map(intern::intern).collect();
            }
            "co_varnames" | "co_freevars" | "co_cellvars" => {
                let new = items()?;
                let at: Vec<usize> = match text.as_str() {
                    "co_cellvars" => unit.cell_regs.iter().map(|i| *i as usize).collect(),
                    "co_freevars" => {
                        let n = unit.local_names.len() - unit.nfree as usize;
                        (n..unit.local_names.len()).collect()
                    }
                    _ => {
                        let all = varnames(b);
                        all.iter()
                            .filter_map(|v| b.local_names.iter().position(|l| l == v))
                            .collect()
                    }
                };
                if !new.iter().all(str::is_str) {
                    return Err(type_error("name tuples must contain only strings"));
                }
                if at.len() != new.len() {
                    return Err(value_error(format!("code: {text} has the wrong size")));
                }
                for (i, n) in at.into_iter().zip(new) {
                    unit.local_names[i] = str::text(&n).into();
                }
            }
            "co_code" | "co_linetable" | "co_exceptiontable" | "co_stacksize" | "co_nlocals" => {}
            _ => {
                return Err(type_error(format!(
                    "replace() got an unexpected keyword argument '{text}'"
                )));
            }
        }
    }
    // The instructions count on the registers that a call fills.
    if parameters(&unit) != parameters(&b.unit) || unit.posonly_args > unit.args {
        return Err(value_error("code: the parameters do not fit the instructions"));
    }
    let local_names = unit.local_names.iter().map(|n| intern::name(n)).collect();
    // It runs as what it was compiled to, whatever the flags say.
    let shown = unit.flags;
    unit.flags = shown & !KINDS | b.unit.flags & KINDS;
    let form = skein_object::layouts::code::Form::of(&unit);
    unit.flags = shown;
    alloc(
        &s::CODE,
        CodeBody {
            consts,
            names,
            local_names,
            words: unit.words.iter().map(|w| AtomicU64::new(*w)).collect(),
            name,
            qualname,
            filename,
            first_line: unit.first_line,
            nlocals: unit.nlocals,
            nregs: unit.nregs,
            args: unit.args,
            simple: unit.flags & (flags::VARARGS | flags::VARKEYWORDS) == 0 && unit.kwonly_args == 0,
            is_generator: b.is_generator,
            form,
            returns_none: b.returns_none,
            records: Default::default(),
            monitored: OnceLock::new(),
            unit: Arc::new(unit),
        },
    )
}

static METHODS: &[Row] = &[
    row!("co_lines(self, /)", lines, ""),
    row!("co_positions(self, /)", positions, ""),
    row!("co_branches(self, /)", branches, ""),
    row!(
        "_varname_from_oparg(self, /, oparg)",
        varname,
        "(internal-only) Return the local variable name for the given oparg.\n\nWARNING: this method is for internal use only and may change or go away."
    ),
    row!(
        "replace(self, /, **changes)",
        replace,
        "Return a copy of the code object with new values for the specified fields."
    ),
    row!("__replace__(self, /, **changes)", replace, "The same as replace()."),
];

static GETSET: &[GetSet] = &[
    member("co_argcount", argcount),
    member("co_posonlyargcount", posonly),
    member("co_kwonlyargcount", kwonly),
    member("co_stacksize", stacksize),
    member("co_flags", co_flags),
    member("co_names", co_names),
    member("co_filename", filename),
    member("co_name", name),
    member("co_qualname", qualname),
    member("co_firstlineno", first_line),
    member("co_linetable", no_bytes),
    member("co_exceptiontable", no_bytes),
    member("co_consts", consts),
    getset("co_lnotab", no_bytes),
    getset("_co_code_adaptive", co_code),
    getset("co_varnames", co_varnames),
    getset("co_cellvars", co_cellvars),
    getset("co_freevars", co_freevars),
    getset("co_code", co_code),
    getset("co_nlocals", nlocals),
];

fn slots(t: &Slots) {
    t.repr.set(Some(repr));
    t.compare.set(Some(compare));
    t.hash.set(Some(hash));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "Create a code object.  Not for the faint of heart.",
        ..TypeDef::new(&s::CODE)
    })
}
