//! Imports.

use crate::frame::Frame;
use crate::operands::Operands;
use crate::ops::{name_at, word_ref};
use crate::regs::Regs;
use skein_gc::Ref;
use skein_object::error::{Error, raise, type_error};
use skein_object::intern::names;
use skein_object::layouts::exception;
use skein_object::object::RefExt;
use skein_object::protocol;
use skein_object::{Context, ModuleBody, Result, dict, statics as s, str};

pub unsafe fn name(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let w = ins.b();
    let (level, fromlist) = (regs.get(w), regs.get(w + 1));
    let name = name_at(frame, ins.c());
    let globals = word_ref(&(*frame).globals);
    let locals = if (*frame).locals == 0 {
        None
    } else {
        Some(word_ref(&(*frame).locals))
    };
    let r = (skein_object::context::hooks().import)(cx, name, globals, locals, fromlist, level)?;
    regs.kill(w);
    regs.kill(w + 1);
    regs.set(ins.a(), r);
    Ok(())
}

pub unsafe fn from(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let (module, name) = (regs.get(ins.b()), name_at(frame, ins.c()));
    let r = match protocol::getattr_opt(cx, module, name)? {
        Some(r) => r,
        None => submodule(cx, module, name)?,
    };
    regs.set(ins.a(), r);
    Ok(())
}

/// A submodule that is in sys.modules but not yet an attribute (circular imports).
fn submodule(cx: &Context, module: &Ref, name: &Ref) -> Result<Ref> {
    let package = protocol::getattr_opt(cx, module, names::__name__())?;
    let text = str::text(name);
    if let Some(p) = &package
        && str::is_str(p)
    {
        let sys = (skein_object::context::hooks().import)(
            cx,
            &skein_object::intern::name("sys"),
            &s::none(),
            None,
            &s::empty_tuple(),
            &Ref::small(0),
        )?;
        let modules = protocol::getattr_str(cx, &sys, "modules")?;
        let full = str::from_str(&format!("{}.{text}", str::text(p)))?;
        if let Some(m) = dict::get_name(&modules, &full) {
            return Ok(m);
        }
    }
    Err(cannot_import(cx, module, package.as_ref(), &text))
}

#[cold]
fn cannot_import(cx: &Context, module: &Ref, package: Option<&Ref>, text: &str) -> Error {
    let package_text = package
        .filter(|p| str::is_str(p))
        .map_or_else(|| "<unknown module name>".into(), str::text);
    let file = protocol::getattr_opt(cx, module, names::__file__()).ok().flatten();
    let place = file
        .as_ref()
        .filter(|f| str::is_str(f))
        .map_or_else(|| "unknown location".into(), str::text);
    let initializing = protocol::getattr_opt(cx, module, names::__spec__())
        .ok()
        .flatten()
        .and_then(|spec| {
            protocol::getattr_opt(cx, &spec, &skein_object::intern::name("_initializing"))
                .ok()
                .flatten()
        })
        .is_some_and(|v| protocol::is_true(cx, &v).unwrap_or(false));
    let message = if initializing {
        format!(
            "cannot import name '{text}' from partially initialized module '{package_text}' (most likely due to a circular import) ({place})"
        )
    } else {
        format!("cannot import name '{text}' from '{package_text}' ({place})")
    };
    let e = raise(&s::IMPORT_ERROR, message);
    exception::set_field(&e.0, exception::IMPORT_NAME, package.cloned().unwrap_or_else(s::none));
    exception::set_field(&e.0, exception::IMPORT_PATH, file.unwrap_or_else(s::none));
    if let Ok(n) = str::from_str(text) {
        exception::set_field(&e.0, exception::IMPORT_NAME_FROM, n);
    }
    e
}

pub unsafe fn star(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let module = regs.get(ins.a());
    let target = if (*frame).locals == 0 {
        word_ref(&(*frame).globals)
    } else {
        word_ref(&(*frame).locals)
    };
    let all = protocol::getattr_opt(cx, module, names::__all__())?;
    let skip_private = all.is_none();
    let list = match all {
        Some(a) => protocol::collect(cx, &a)?,
        None => {
            let d = match module.body::<ModuleBody>().and_then(|m| m.dict.get()) {
                Some(d) => d,
                None => match protocol::getattr_opt(cx, module, names::__dict__())? {
                    Some(d) => d,
                    None => {
                        return Err(raise(
                            &s::IMPORT_ERROR,
                            "from-import-* object has no __dict__ and no __all__",
                        ));
                    }
                },
            };
            protocol::collect(cx, &d)?
        }
    };
    for name in list {
        if !str::is_str(&name) {
            let what = if skip_private { "Key in" } else { "Item in" };
            let which = if skip_private { "__dict__" } else { "__all__" };
            return Err(type_error(format!(
                "{what} {}.{which} must be str, not {}",
                protocol::getattr_opt(cx, module, names::__name__())?.map_or_else(String::new, |n| str::text(&n)),
                name.ty().name()
            )));
        }
        if skip_private && str::text(&name).starts_with('_') {
            continue;
        }
        let v = protocol::getattr(cx, module, &name)?;
        protocol::setitem(cx, target, &skein_object::intern::intern(&name), &v)?;
    }
    if ins.flags() & skein_bytecode::instr::CONSUME_A != 0 {
        regs.kill(ins.a());
    }
    Ok(())
}
