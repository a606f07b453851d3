//! Displays, string building, formatting.

use crate::frame::Frame;
use crate::operands::Operands;
use crate::regs::Regs;
use skein_gc::{Ref, Value};
use skein_object::error::{Result, system_error, type_error};
use skein_object::intern::names;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, call as pcall, convert};
use skein_object::{Context, DictBody, StrBody, dict, list, set, statics as s, str, tuple};
use skein_text::StrBuf;

#[inline(never)]
pub unsafe fn tuple(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let (w, n) = (ins.b(), ins.c());
    let t = tuple::from_iter_of(
        &s::TUPLE,
        n,
        (0..n).map(|i| {
            // SAFETY: the window's registers are bound; each is taken once.
            unsafe { regs.take(w + i) }
        }),
    )?;
    regs.set(ins.a(), t);
    Ok(())
}

#[inline(never)]
pub unsafe fn list(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let (w, n) = (ins.b(), ins.c());
    let r = list::from_exact(
        n,
        (0..n).map(|i| {
            // SAFETY: the window's registers are bound; each is taken once.
            unsafe { regs.take(w + i) }
        }),
    )?;
    regs.set(ins.a(), r);
    Ok(())
}

pub unsafe fn set(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let r = set::new()?;
    for i in 0..ins.c() {
        set::add(cx, &r, regs.take(ins.b() + i))?;
    }
    regs.set(ins.a(), r);
    Ok(())
}

/// `d[key] = value` for an exact dict.
fn insert(cx: &Context, d: &Ref, key: Ref, value: Ref) -> Result<()> {
    if key.is_exact(&s::STR) {
        return dict::set_name(d, &key, value);
    }
    let Some(b) = d.body::<DictBody>() else {
        return protocol::setitem(cx, d, &key, &value);
    };
    let hash = protocol::compare::table_hash(cx, &key)
        .map_err(|e| protocol::compare::cannot_use(cx, &key, e, "a dict key"))?;
    drop(b.0.insert(d.holder(), hash, key, value, &mut dict::ObjectEq(cx))?);
    Ok(())
}

pub unsafe fn map(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let d = dict::new()?;
    for i in 0..ins.c() {
        let (k, v) = (regs.take(ins.b() + 2 * i), regs.take(ins.b() + 2 * i + 1));
        insert(cx, &d, k, v)?;
    }
    regs.set(ins.a(), d);
    Ok(())
}

#[inline(never)]
pub unsafe fn string(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let (w, n) = (ins.b(), ins.c());
    let r = match str::concat(regs.slice(w, n))? {
        Some(r) => r,
        None => long_string(regs.slice(w, n))?,
    };
    regs.drop_window(w, n);
    regs.set(ins.a(), r);
    Ok(())
}

fn long_string(parts: &[Ref]) -> Result<Ref> {
    let mut out = StrBuf::default();
    for r in parts {
        match r.body::<StrBody>() {
            Some(b) => {
                out.try_reserve(b.len())?;
                out.push_view(b.view());
            }
            None => return Err(system_error("part of a string that is no str")),
        }
    }
    str::from_buf(out)
}

#[inline(always)]
pub unsafe fn list_append(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let item = regs.read(ins.b(), ins.flags() & skein_bytecode::instr::CONSUME_B != 0);
    list::push(regs.get(ins.a()), item)
}

pub unsafe fn list_extend(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let source = regs.get(ins.b());
    let ty = type_of(source);
    if !ty.slots.iter.is_set() && !ty.slots.getitem.is_set() {
        return Err(type_error(format!(
            "Value after * must be an iterable, not {}",
            ty.name()
        )));
    }
    let target = regs.get(ins.a());
    if let Some(items) = protocol::iterate::at_once(source)? {
        for x in items {
            list::push(target, x)?;
        }
    } else {
        let mut it = protocol::Iter::new(cx, source)?;
        while let Some(x) = it.next(cx)? {
            list::push(target, x)?;
        }
    }
    regs.consume_b(ins);
    Ok(())
}

pub unsafe fn list_to_tuple(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    // SAFETY: as for all here.
    let (items, n) = crate::ops::iter::items_fast(regs.raw(ins.b()));
    let t = if n == usize::MAX {
        tuple::new(protocol::collect(cx, regs.get(ins.b()))?)?
    } else {
        // A display's own list; nothing runs between the look at it and the copies.
        let items = (0..n).map(|i| Ref::copy_in_line(Value(*items.add(i))));
        tuple::from_iter_of(&skein_object::statics::TUPLE, n, items)?
    };
    regs.set(ins.a(), t);
    regs.consume_b(ins);
    Ok(())
}

pub unsafe fn set_add(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let item = regs.read(ins.b(), ins.flags() & skein_bytecode::instr::CONSUME_B != 0);
    let set = regs.get(ins.a());
    if !set.is_exact(&s::SET) && !set.is_instance(&s::SET) {
        // `__conditional_annotations__` can be assigned.
        return Err(skein_object::error::type_error(format!(
            "expected a set, got '{}'",
            set.ty().name()
        )));
    }
    set::add(cx, set, item).map(drop)
}

pub unsafe fn set_update(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    if let Some(items) = protocol::iterate::at_once(regs.get(ins.b()))? {
        for x in items {
            set::add(cx, regs.get(ins.a()), x)?;
        }
    } else {
        let mut it = protocol::Iter::new(cx, regs.get(ins.b()))?;
        while let Some(x) = it.next(cx)? {
            set::add(cx, regs.get(ins.a()), x)?;
        }
    }
    regs.consume_b(ins);
    Ok(())
}

pub unsafe fn map_add(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let flags = ins.flags();
    let key = regs.read(ins.b(), flags & skein_bytecode::instr::CONSUME_B != 0);
    let value = regs.read(ins.c(), flags & skein_bytecode::instr::CONSUME_C != 0);
    insert(cx, regs.get(ins.a()), key, value)
}

/// Visits the items of a mapping through `keys()`; `None` if it has no such method.
fn mapping_items(cx: &Context, mapping: &Ref) -> Result<Option<Vec<(Ref, Ref)>>> {
    if mapping.is_exact(&s::DICT) {
        return Ok(Some(dict::entries(mapping)));
    }
    let Some(keys) = protocol::getattr_opt(cx, mapping, names::keys())? else {
        return Ok(None);
    };
    let keys = protocol::call0(cx, &keys)?;
    let mut out = Vec::new();
    let mut it = protocol::Iter::new(cx, &keys)?;
    while let Some(k) = it.next(cx)? {
        let v = protocol::getitem(cx, mapping, &k)?;
        out.push((k, v));
    }
    Ok(Some(out))
}

pub unsafe fn dict_update(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let source = regs.get(ins.b());
    let Some(items) = mapping_items(cx, source)? else {
        return Err(type_error(format!("'{}' object is not a mapping", source.ty().name())));
    };
    for (k, v) in items {
        insert(cx, regs.get(ins.a()), k, v)?;
    }
    regs.consume_b(ins);
    Ok(())
}

/// Adds `source` to the keyword arguments `target` of a call.
///
/// # Errors
/// TypeError for a repeated or non-string key, or no mapping.
pub fn merge_keywords(cx: &Context, target: &Ref, source: &Ref, callable: &Ref) -> Result<()> {
    let Some(items) = mapping_items(cx, source)? else {
        return Err(type_error(format!(
            "{} argument after ** must be a mapping, not {}",
            pcall::describe(cx, callable),
            source.ty().name()
        )));
    };
    for (k, v) in items {
        // Keys that are no strings are the call's business.
        let repeated = if str::is_str(&k) {
            dict::get_name(target, &k).is_some()
        } else {
            protocol::contains(cx, target, &k)?
        };
        if repeated {
            return Err(type_error(format!(
                "{} got multiple values for keyword argument '{}'",
                pcall::describe(cx, callable),
                str::text(&protocol::convert::str_of(cx, &k)?)
            )));
        }
        if str::is_str(&k) {
            dict::set_name(target, &k, v)?;
        } else {
            protocol::setitem(cx, target, &k, &v)?;
        }
    }
    Ok(())
}

/// Puts a new dict in the place of what stands for an empty `**kwargs`.
pub unsafe fn own_keywords(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    own_keywords_at(regs, ins.a())
}

/// [`own_keywords`] of register `i`, which may hold anything.
///
/// # Errors
/// MemoryError.
///
/// # Safety
/// The register is in the window.
pub unsafe fn own_keywords_at(regs: Regs, i: usize) -> Result<()> {
    if regs.raw(i) == s::no_keywords().into_value().0 {
        regs.set(i, dict::new()?);
    }
    Ok(())
}

pub unsafe fn dict_merge(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    merge_keywords(cx, regs.get(ins.a()), regs.get(ins.b()), regs.get(ins.c()))?;
    regs.consume_b(ins);
    Ok(())
}

#[inline(never)]
pub unsafe fn format_simple(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let r = convert::format(cx, regs.get(ins.b()), &s::empty_str())?;
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

pub unsafe fn format_spec(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let r = convert::format(cx, regs.get(ins.b()), regs.get(ins.c()))?;
    regs.set(ins.a(), r);
    regs.consume(ins);
    Ok(())
}

pub unsafe fn convert_value(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let v = regs.get(ins.b());
    let r = match ins.c() {
        1 => convert::str_of(cx, v)?,
        2 => convert::repr(cx, v)?,
        _ => convert::ascii(cx, v)?,
    };
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

/// A class of `string.templatelib`'s native half.
fn template_class(cx: &Context, name: &str) -> Result<Ref> {
    let module = str::from_str("_templatelib")?;
    let h = skein_object::context::hooks();
    let none = s::none();
    let m = (h.import)(cx, &module, &none, None, &s::empty_tuple(), &Ref::small(0))?;
    protocol::getattr_str(cx, &m, name)
}

pub unsafe fn interpolation(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let w = ins.b();
    let class = template_class(cx, "Interpolation")?;
    let conversion = match ins.c() {
        1 => str::from_str("s")?,
        2 => str::from_str("r")?,
        3 => str::from_str("a")?,
        _ => s::none(),
    };
    let args = [regs.take(w), regs.take(w + 1), conversion, regs.take(w + 2)];
    regs.set(ins.a(), protocol::call(cx, &class, &args)?);
    Ok(())
}

pub unsafe fn template(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let w = ins.b();
    let class = template_class(cx, "Template")?;
    let (strings, interpolations) = (regs.take(w), regs.take(w + 1));
    let (a, b) = (
        tuple::items(&strings).unwrap_or(&[]),
        tuple::items(&interpolations).unwrap_or(&[]),
    );
    let mut args = Vec::with_capacity(a.len() + b.len());
    for (i, part) in a.iter().enumerate() {
        args.push(part.clone());
        args.extend(b.get(i).cloned());
    }
    regs.set(ins.a(), protocol::call(cx, &class, &args)?);
    Ok(())
}
