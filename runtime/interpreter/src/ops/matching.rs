//! Match statements (PEP 634).

use crate::frame::Frame;
use crate::operands::Operands;
use crate::regs::Regs;
use skein_gc::Ref;
use skein_object::error::type_error;
use skein_object::intern::names;
use skein_object::layouts::number;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, compare};
use skein_object::types::flag;
use skein_object::{Context, Result, Type, statics as s, str, tuple};

/// Whether the type has a pattern flag; classes take it over from their bases.
fn has(r: &Ref, bit: u32) -> bool {
    type_of(r).has(bit)
}

pub unsafe fn sequence(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let r = has(regs.get(ins.b()), flag::SEQUENCE);
    regs.set(ins.a(), number::bool(r));
    Ok(())
}

pub unsafe fn mapping(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let r = has(regs.get(ins.b()), flag::MAPPING);
    regs.set(ins.a(), number::bool(r));
    Ok(())
}

pub unsafe fn len(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let n = protocol::len(cx, regs.get(ins.b()))?;
    regs.set(ins.a(), number::int_from_usize(n)?);
    Ok(())
}

pub unsafe fn keys(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let (subject, keys) = (regs.get(ins.b()), regs.get(ins.c()));
    let keys = tuple::items(keys).unwrap_or(&[]);
    let get = protocol::getattr(cx, subject, names::get())?;
    // An own object tells a missing key from any value, and does not create one (defaultdict).
    let marker = skein_object::object::alloc(&s::OBJECT, ())?;
    let mut values = Vec::with_capacity(keys.len());
    for (i, k) in keys.iter().enumerate() {
        for earlier in &keys[..i] {
            if compare::equal(cx, earlier, k)? {
                return Err(skein_object::error::value_error(format!(
                    "mapping pattern checks duplicate key ({})",
                    str::text(&protocol::repr(cx, k)?)
                )));
            }
        }
        let v = protocol::call(cx, &get, &[k.clone(), marker.clone()])?;
        if v.is(&marker) {
            regs.set(ins.a(), s::none());
            return Ok(());
        }
        values.push(v);
    }
    regs.set(ins.a(), tuple::new(values)?);
    Ok(())
}

pub unsafe fn class(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let w = ins.b();
    let r = match_class(cx, regs.get(w), regs.get(w + 1), regs.get(w + 2), ins.c());
    for i in 0..3 {
        regs.kill(w + i);
    }
    let r = r?;
    regs.set(ins.a(), r.unwrap_or_else(s::none));
    Ok(())
}

fn match_class(cx: &Context, subject: &Ref, class: &Ref, keywords: &Ref, positional: usize) -> Result<Option<Ref>> {
    let Some(t) = Type::from_ref(class) else {
        return Err(type_error("called match pattern must be a class"));
    };
    if !compare::is_instance(cx, subject, class)? {
        return Ok(None);
    }
    let mut seen: Vec<Ref> = Vec::new();
    let mut values = Vec::new();
    if positional > 0 {
        let mut match_self = false;
        let args = match protocol::getattr_opt(cx, class, names::__match_args__())? {
            Some(a) => match tuple::items(&a) {
                Some(items) => items.to_vec(),
                None => {
                    return Err(type_error(format!(
                        "{}.__match_args__ must be a tuple (got {})",
                        t.name(),
                        a.ty().name()
                    )));
                }
            },
            None => {
                match_self = t.has(flag::MATCH_SELF) || t.mro().iter().any(|b| b.has(flag::MATCH_SELF));
                Vec::new()
            }
        };
        let allowed = if match_self { 1 } else { args.len() };
        if positional > allowed {
            return Err(type_error(format!(
                "{}() accepts {allowed} positional sub-pattern{} ({positional} given)",
                t.name(),
                if allowed == 1 { "" } else { "s" }
            )));
        }
        if match_self {
            values.push(subject.clone());
        } else {
            for name in &args[..positional] {
                if !str::is_str(name) {
                    return Err(type_error(format!(
                        "__match_args__ elements must be strings (got {})",
                        name.ty().name()
                    )));
                }
                match attribute(cx, t, subject, name, &mut seen)? {
                    Some(v) => values.push(v),
                    None => return Ok(None),
                }
            }
        }
    }
    for name in tuple::items(keywords).unwrap_or(&[]) {
        match attribute(cx, t, subject, name, &mut seen)? {
            Some(v) => values.push(v),
            None => return Ok(None),
        }
    }
    tuple::new(values).map(Some)
}

fn attribute(cx: &Context, t: &Type, subject: &Ref, name: &Ref, seen: &mut Vec<Ref>) -> Result<Option<Ref>> {
    for earlier in seen.iter() {
        if compare::equal(cx, earlier, name)? {
            return Err(type_error(format!(
                "{}() got multiple sub-patterns for attribute '{}'",
                t.name(),
                str::text(name)
            )));
        }
    }
    seen.push(name.clone());
    protocol::getattr_opt(cx, subject, name)
}
