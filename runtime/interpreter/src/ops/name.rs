//! Names: locals, globals, namespaces, cells.

use crate::cache;
use crate::frame::{self, Frame};
use crate::operands::Operands;
use crate::ops::{name_at, word_ref};
use crate::regs::{Regs, share};
use skein_gc::{Ref, Slot};
use skein_object::error::{self, Error, name_error, system_error};
use skein_object::intern::names;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::{self, delitem, getitem, setitem};
use skein_object::{CellBody, Context, DictBody, FunctionBody, Result, StrBody, dict, statics as s, str, tuple};
use std::sync::atomic::AtomicU64;

/// The error of an unbound local or empty cell in register `i`.
#[cold]
pub unsafe fn unbound(frame: *mut Frame, i: usize) -> Error {
    let code = (*frame).code();
    let Some(name) = code.local_names.get(i) else {
        return system_error("unbound temporary");
    };
    let text = str::text(name);
    if i as u32 >= code.nlocals - code.unit.nfree.min(code.nlocals) {
        return name_error(
            &s::NAME_ERROR,
            name,
            format!("cannot access free variable '{text}' where it is not associated with a value in enclosing scope"),
        );
    }
    // Without the name: suggestions are for names that are nowhere.
    skein_object::error::raise(
        &s::UNBOUND_LOCAL_ERROR,
        format!("cannot access local variable '{text}' where it is not associated with a value"),
    )
}

#[cold]
fn undefined(name: &Ref) -> Error {
    name_error(
        &s::NAME_ERROR,
        name,
        format!("name '{}' is not defined", str::text(name)),
    )
}

fn is_plain_dict(r: &Ref) -> bool {
    r.is_exact(&s::DICT)
}

/// The global or builtin of a name.
unsafe fn global(cx: &Context, frame: *mut Frame, name: &Ref) -> Result<Ref> {
    let globals = word_ref(&(*frame).globals);
    if !is_plain_dict(globals) {
        // A dict subclass may have `__missing__` (annotationlib's fake globals).
        match getitem(cx, globals, name) {
            Err(e) if e.is(&s::KEY_ERROR) => {}
            r => return r,
        }
    } else if let Some(v) = dict::get_name(globals, name) {
        return Ok(v);
    }
    let builtins = word_ref(&(*frame).builtins);
    if builtins.body::<DictBody>().is_some() {
        return dict::get_name(builtins, name).ok_or_else(|| undefined(name));
    }
    match getitem(cx, builtins, name) {
        Err(e) if e.is(&s::KEY_ERROR) => Err(undefined(name)),
        r => r,
    }
}

unsafe fn specialise_global(frame: *mut Frame, name: &Ref, site: &AtomicU64) {
    let (g, b) = (word_ref(&(*frame).globals), word_ref(&(*frame).builtins));
    if !is_plain_dict(g) {
        return;
    }
    let (Some(gd), Some(bd)) = (g.body::<DictBody>(), b.body::<DictBody>()) else {
        return;
    };
    let hash = name.body::<StrBody>().map_or(0, StrBody::hash) as u64;
    let Ok(entry) = gd.0.cacheable(g.holder(), hash, name, &mut dict::StrEq) else {
        return;
    };
    if entry.version == 0 {
        return;
    }
    match entry.entry {
        Some(i) if i < 1 << 28 => cache::store(site, (entry.version as u64) << 32 | (i as u64) << 4 | cache::GLOBAL),
        Some(_) => {}
        None => {
            let Ok(in_builtins) = bd.0.cacheable(b.holder(), hash, name, &mut dict::StrEq) else {
                return;
            };
            if let Some(i) = in_builtins.entry
                && in_builtins.version != 0
            {
                cache::store_record(
                    site,
                    cache::Found::Builtin,
                    entry.version,
                    in_builtins.version,
                    None,
                    i,
                    0,
                );
            }
        }
    }
}

#[cold]
#[inline(never)]
pub unsafe fn load_global(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands, site: &AtomicU64) -> Result<()> {
    let name = name_at(frame, ins.bx() as usize);
    let v = global(cx, frame, name)?;
    specialise_global(frame, name, site);
    regs.set(ins.a(), v);
    Ok(())
}

pub unsafe fn store_global(_: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let v = regs.read(ins.a(), ins.flags() & skein_bytecode::instr::CONSUME_A != 0);
    dict::set_name(word_ref(&(*frame).globals), name_at(frame, ins.bx() as usize), v)
}

pub unsafe fn del_global(_: &Context, frame: *mut Frame, _: Regs, ins: Operands) -> Result<()> {
    let name = name_at(frame, ins.bx() as usize);
    if dict::delete_name(word_ref(&(*frame).globals), name) {
        Ok(())
    } else {
        Err(undefined(name))
    }
}

/// The namespace of the frame: its own, or the globals.
unsafe fn namespace<'a>(frame: *mut Frame) -> &'a Ref {
    let f = &*frame;
    if f.locals == 0 {
        &*(&raw const f.globals as *const Ref)
    } else {
        &*(&raw const f.locals as *const Ref)
    }
}

#[cold]
#[inline(never)]
pub unsafe fn load_name(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands, site: &AtomicU64) -> Result<()> {
    let name = name_at(frame, ins.bx() as usize);
    let ns = namespace(frame);
    let mut found = None;
    if is_plain_dict(ns) {
        found = dict::get_name(ns, name);
        if found.is_some() && ns.value().0 == (*frame).globals {
            specialise_global(frame, name, site);
        }
    } else {
        match getitem(cx, ns, name) {
            Ok(v) => found = Some(v),
            Err(e) if e.is(&s::KEY_ERROR) => {}
            Err(e) => return Err(e),
        }
    }
    let v = match found {
        Some(v) => v,
        None => global(cx, frame, name)?,
    };
    regs.set(ins.a(), v);
    Ok(())
}

pub unsafe fn store_name(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let name = name_at(frame, ins.bx() as usize);
    let v = regs.read(ins.a(), ins.flags() & skein_bytecode::instr::CONSUME_A != 0);
    let ns = namespace(frame);
    if is_plain_dict(ns) {
        dict::set_name(ns, name, v)
    } else {
        setitem(cx, ns, name, &v)
    }
}

pub unsafe fn del_name(cx: &Context, frame: *mut Frame, _: Regs, ins: Operands) -> Result<()> {
    let name = name_at(frame, ins.bx() as usize);
    match delitem(cx, namespace(frame), name) {
        Err(e) if e.is(&s::KEY_ERROR) => Err(undefined(name)),
        r => r,
    }
}

pub unsafe fn make_cell(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let cell = alloc(&s::CELL, CellBody(Slot::from_option(regs.take_opt(ins.a()))))?;
    regs.set(ins.a(), cell);
    Ok(())
}

pub unsafe fn copy_free(_: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let closure = word_ref(&(*frame).function)
        .body::<FunctionBody>()
        .and_then(|f| f.closure.peek());
    let cells = closure.as_deref().and_then(tuple::items).unwrap_or(&[]);
    if cells.len() != ins.b() {
        return Err(system_error("closure does not fit the code"));
    }
    // The frame's function, whose closure is not exchanged, holds the cells, also where dropping a register polls.
    for (i, c) in cells.iter().enumerate() {
        regs.set_bits(ins.a() + i, share(c.word().0));
    }
    Ok(())
}

fn cell(r: &Ref) -> Result<&CellBody> {
    r.body::<CellBody>().ok_or_else(|| system_error("not a cell"))
}

pub unsafe fn store_deref(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let v = regs.read(ins.a(), ins.flags() & skein_bytecode::instr::CONSUME_A != 0);
    let r = regs.get(ins.b());
    drop(cell(r)?.0.set(r.holder(), Some(v)));
    Ok(())
}

pub unsafe fn del_deref(_: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let r = regs.get(ins.a());
    match cell(r)?.0.set(r.holder(), None) {
        Some(_) => Ok(()),
        None => Err(unbound(frame, ins.a())),
    }
}

/// `mapping[name]`, or `None` if it is missing.
unsafe fn from_mapping(cx: &Context, mapping: &Ref, name: &Ref) -> Result<Option<Ref>> {
    if is_plain_dict(mapping) {
        return Ok(dict::get_name(mapping, name));
    }
    match getitem(cx, mapping, name) {
        Ok(v) => Ok(Some(v)),
        Err(e) if e.is(&s::KEY_ERROR) => Ok(None),
        Err(e) => Err(e),
    }
}

pub unsafe fn load_class_deref(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let Some(name) = (*frame).code().local_names.get(ins.c()) else {
        return Err(system_error("cell without a name"));
    };
    let v = match from_mapping(cx, regs.get(ins.b()), name)? {
        Some(v) => v,
        None => match cell(regs.get(ins.c()))?.0.get() {
            Some(v) => v,
            None => return Err(unbound(frame, ins.c())),
        },
    };
    regs.set(ins.a(), v);
    regs.consume_b(ins);
    Ok(())
}

pub unsafe fn load_dict_or_global(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let name = name_at(frame, ins.c());
    let v = match from_mapping(cx, regs.get(ins.b()), name)? {
        Some(v) => v,
        None => global(cx, frame, name)?,
    };
    regs.set(ins.a(), v);
    regs.consume_b(ins);
    Ok(())
}

pub unsafe fn load_locals(_: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    regs.set(ins.a(), namespace(frame).clone());
    Ok(())
}

pub unsafe fn load_build_class(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let v = match from_mapping(cx, word_ref(&(*frame).builtins), names::__build_class__())? {
        Some(v) => v,
        None => return Err(error::raise(&s::NAME_ERROR, "__build_class__ not found")),
    };
    regs.set(ins.a(), v);
    Ok(())
}

pub unsafe fn setup_annotations(cx: &Context, frame: *mut Frame, _: Regs, _: Operands) -> Result<()> {
    let ns = namespace(frame);
    if from_mapping(cx, ns, names::__annotations__())?.is_none() {
        protocol::setitem(cx, ns, names::__annotations__(), &dict::new()?)?;
    }
    let _ = frame::top(cx);
    Ok(())
}
