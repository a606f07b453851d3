//! Raising, handling, groups, `with`.

use crate::frame::Frame;
use crate::operands::Operands;
use crate::regs::Regs;
use crate::run::Test;
use skein_gc::Ref;
use skein_object::error::{Error, Result, runtime_error, type_error};
use skein_object::intern::names;
use skein_object::layouts::number;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol;
use skein_object::{Context, ExceptionBody, Type, list, statics as s, tuple};

/// The exception of a raise statement.
pub unsafe fn raise(cx: &Context, regs: Regs, ins: Operands) -> Error {
    match ins.a() {
        0 => match cx.handled_exception() {
            Some(e) => Error(e),
            None => runtime_error("No active exception to reraise"),
        },
        form => {
            let e = match instance(cx, regs.get(ins.b()), "exceptions must derive from BaseException") {
                Ok(e) => e,
                Err(e) => return e,
            };
            if form == 2 {
                let cause = regs.get(ins.c());
                let cause = if s::is_none(cause) {
                    None
                } else {
                    match instance(cx, cause, "exception causes must derive from BaseException") {
                        Ok(c) => Some(c),
                        Err(e) => return e,
                    }
                };
                if let Some(b) = e.body::<ExceptionBody>() {
                    drop(b.cause.set(e.holder(), cause));
                    b.set_suppress(true);
                }
            }
            if let Some(handled) = cx.handled_exception() {
                skein_object::layouts::exception::set_context(&e, &handled);
            }
            Error(e)
        }
    }
}

/// An exception from a class or an instance.
fn instance(cx: &Context, r: &Ref, message: &str) -> Result<Ref> {
    if let Some(t) = Type::from_ref(r)
        && t.is_subtype(&s::BASE_EXCEPTION)
    {
        let e = protocol::call0(cx, r)?;
        if !e.is_instance(&s::BASE_EXCEPTION) {
            return Err(type_error(format!(
                "calling {} should have returned an instance of BaseException, not {}",
                protocol::convert::repr(cx, r).map_or_else(|_| "it".into(), |n| skein_object::str::text(&n)),
                e.ty().name()
            )));
        }
        return Ok(e);
    }
    if r.is_instance(&s::BASE_EXCEPTION) {
        return Ok(r.clone());
    }
    Err(type_error(message))
}

pub unsafe fn push(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let e = regs.get(ins.b()).clone();
    let previous = cx.swap_handled(Some(e));
    regs.set(ins.a(), previous.unwrap_or_else(s::none));
    Ok(())
}

pub unsafe fn pop(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let previous = regs.read(ins.a(), ins.flags() & skein_bytecode::instr::CONSUME_A != 0);
    drop(cx.swap_handled(if s::is_none(&previous) { None } else { Some(previous) }));
    Ok(())
}

/// Whether an exception is of a class, or of one in a tuple.
fn is_match(cx: &Context, e: &Ref, class: &Ref) -> Result<bool> {
    const MESSAGE: &str = "catching classes that do not inherit from BaseException is not allowed";
    if let Some(t) = Type::from_ref(class) {
        if !t.is_subtype(&s::BASE_EXCEPTION) {
            return Err(type_error(MESSAGE));
        }
        return Ok(type_of(e).is_subtype(t));
    }
    match tuple::items(class) {
        Some(items) => {
            cx.check_stack()?;
            for c in items {
                if !Type::from_ref(c).is_some_and(|t| t.is_subtype(&s::BASE_EXCEPTION)) {
                    return Err(type_error(MESSAGE));
                }
            }
            Ok(items
                .iter()
                .any(|c| Type::from_ref(c).is_some_and(|t| type_of(e).is_subtype(t))))
        }
        None => Err(type_error(MESSAGE)),
    }
}

pub unsafe fn matches(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let r = is_match(cx, regs.get(ins.b()), regs.get(ins.c()))?;
    regs.set(ins.a(), number::bool(r));
    if ins.flags() & skein_bytecode::instr::CONSUME_C != 0 {
        regs.kill(ins.c());
    }
    Ok(())
}

#[inline(never)]
pub unsafe fn test(cx: &Context, regs: Regs, ins: Operands) -> Test {
    let r = is_match(cx, regs.get(ins.a()), regs.get(ins.b()));
    if r.is_ok() {
        regs.consume_b(ins);
    }
    Test::from(r)
}

pub unsafe fn group_match(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let (e, class) = (regs.get(ins.b()).clone(), regs.get(ins.c()));
    let bad_group = |c: &Ref| Type::from_ref(c).is_some_and(|t| t.is_subtype(&s::BASE_EXCEPTION_GROUP));
    if bad_group(class) || tuple::items(class).is_some_and(|i| i.iter().any(bad_group)) {
        is_match(cx, &e, class)?;
        return Err(type_error(
            "catching ExceptionGroup with except* is not allowed. Use except instead.",
        ));
    }
    let (rest, matched) = if s::is_none(&e) {
        (s::none(), s::none())
    } else if is_match(cx, &e, class)? {
        if e.is_instance(&s::BASE_EXCEPTION_GROUP) {
            (s::none(), e.clone())
        } else {
            let exceptions = tuple::from_slice(std::slice::from_ref(&e))?;
            let group = protocol::call(cx, &s::BASE_EXCEPTION_GROUP.object(), &[s::empty_str(), exceptions])?;
            if let (Some(g), Some(b)) = (group.body::<ExceptionBody>(), e.body::<ExceptionBody>()) {
                drop(g.traceback.set(group.holder(), b.traceback.get()));
            }
            (s::none(), group)
        }
    } else if e.is_instance(&s::BASE_EXCEPTION_GROUP) {
        let pair = protocol::call_method(
            cx,
            &e,
            &skein_object::intern::name("split"),
            std::slice::from_ref(class),
        )?;
        match tuple::items(&pair) {
            Some([m, r, ..]) => (r.clone(), m.clone()),
            Some(short) => {
                return Err(type_error(format!(
                    "{}.split must return a 2-tuple, got tuple of size {}",
                    e.ty().name(),
                    short.len()
                )));
            }
            None => {
                return Err(type_error(format!(
                    "{}.split must return a tuple, not {}",
                    e.ty().name(),
                    pair.ty().name()
                )));
            }
        }
    } else {
        (e.clone(), s::none())
    };
    regs.consume(ins);
    regs.set(ins.a(), rest);
    if !s::is_none(&matched) {
        drop(cx.swap_handled(Some(matched.clone())));
    }
    regs.set(ins.a() + 1, matched);
    Ok(())
}

pub unsafe fn prepare_reraise_star(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let (original, raised) = (regs.get(ins.b()).clone(), regs.get(ins.c()));
    let items: Vec<Ref> = raised
        .body::<skein_object::ListBody>()
        .map(list::snapshot)
        .unwrap_or_default()
        .into_iter()
        .filter(|e| !s::is_none(e))
        .collect();
    let r = reraise_star(cx, &original, items)?;
    regs.consume(ins);
    regs.set(ins.a(), r);
    Ok(())
}

fn metadata(e: &Ref) -> Option<(Option<Ref>, Option<Ref>, Option<Ref>)> {
    let b = e.body::<ExceptionBody>()?;
    Some((b.traceback.get(), b.context.get(), b.cause.get()))
}

/// Whether `e` is a part of the original group: same traceback, context, cause and notes (PEP 654).
fn from_original(cx: &Context, e: &Ref, original: &Ref) -> bool {
    let notes = |x: &Ref| protocol::getattr_opt(cx, x, names::__notes__()).ok().flatten();
    metadata(e) == metadata(original) && notes(e) == notes(original)
}

fn reraise_star(cx: &Context, original: &Ref, items: Vec<Ref>) -> Result<Ref> {
    if items.is_empty() {
        return Ok(s::none());
    }
    if !original.is_instance(&s::BASE_EXCEPTION_GROUP) {
        // A naked exception was wrapped: either it goes on, or one was raised in its place.
        if let [only] = items.as_slice() {
            return Ok(only.clone());
        }
        let t = tuple::new(items)?;
        return protocol::call(cx, &s::BASE_EXCEPTION_GROUP.object(), &[s::empty_str(), t]);
    }
    let (reraised, mut raised): (Vec<Ref>, Vec<Ref>) = items.into_iter().partition(|e| from_original(cx, e, original));
    let projected = if reraised.is_empty() {
        None
    } else {
        Some(project(cx, original, &reraised)?)
    };
    if raised.is_empty() {
        return Ok(projected.unwrap_or_else(s::none));
    }
    raised.extend(projected.filter(|p| !s::is_none(p)));
    if let [only] = raised.as_slice() {
        return Ok(only.clone());
    }
    let t = tuple::new(raised)?;
    protocol::call(cx, &s::BASE_EXCEPTION_GROUP.object(), &[s::empty_str(), t])
}

/// The part of `original` whose leaves are in `keep`.
fn project(cx: &Context, original: &Ref, keep: &[Ref]) -> Result<Ref> {
    fn leaves(e: &Ref, out: &mut Vec<Ref>) {
        if e.is_instance(&s::BASE_EXCEPTION_GROUP) {
            let parts = skein_object::layouts::exception::field(e, skein_object::layouts::exception::GROUP_EXCEPTIONS);
            for p in parts.as_ref().and_then(tuple::items).unwrap_or(&[]) {
                leaves(p, out);
            }
        } else {
            out.push(e.clone());
        }
    }
    fn part(cx: &Context, e: &Ref, wanted: &[Ref]) -> Result<Option<Ref>> {
        cx.check_stack()?;
        if !e.is_instance(&s::BASE_EXCEPTION_GROUP) {
            return Ok(wanted.iter().any(|w| w.is(e)).then(|| e.clone()));
        }
        let parts = skein_object::layouts::exception::field(e, skein_object::layouts::exception::GROUP_EXCEPTIONS);
        let parts = parts.as_ref().and_then(tuple::items).unwrap_or(&[]);
        let mut kept = Vec::new();
        for p in parts {
            kept.extend(part(cx, p, wanted)?);
        }
        if kept.is_empty() {
            return Ok(None);
        }
        if kept.len() == parts.len() && kept.iter().zip(parts).all(|(a, b)| a.is(b)) {
            return Ok(Some(e.clone()));
        }
        let derive = protocol::getattr_str(cx, e, "derive")?;
        let new = protocol::call1(cx, &derive, &list::new(kept)?)?;
        if let (Some(a), Some(b)) = (new.body::<ExceptionBody>(), e.body::<ExceptionBody>()) {
            let h = new.holder();
            drop(a.traceback.set(h, b.traceback.get()));
            drop(a.context.set(h, b.context.get()));
            drop(a.cause.set(h, b.cause.get()));
        }
        Ok(Some(new))
    }
    let mut wanted = Vec::new();
    for k in keep {
        leaves(k, &mut wanted);
    }
    Ok(part(cx, original, &wanted)?.unwrap_or_else(s::none))
}

pub unsafe fn with_except(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands, to_bool: bool) -> Result<()> {
    let w = ins.b();
    let exit = regs.get(w);
    let e = regs.get(ins.c());
    let traceback = e
        .body::<ExceptionBody>()
        .and_then(|b| b.traceback.get())
        .unwrap_or_else(s::none);
    let mut args = Vec::with_capacity(4);
    if regs.raw(w + 1) != 0 {
        args.push(regs.get(w + 1).clone());
    }
    args.extend([type_of(e).object(), e.clone(), traceback]);
    let r = protocol::call(cx, exit, &args)?;
    let r = if to_bool {
        number::bool(protocol::is_true(cx, &r)?)
    } else {
        r
    };
    regs.set(ins.a(), r);
    Ok(())
}
