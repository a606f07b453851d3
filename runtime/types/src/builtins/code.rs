//! `eval`, `exec`, `compile`, `__import__`, `breakpoint`, `open`.

use crate::object::import_attr;
use skein_object::context::{hooks, sys_attr};
use skein_object::error::{Result, runtime_error, system_error, type_error, value_error};
use skein_object::intern::{self, names};
use skein_object::object::RefExt;
use skein_object::protocol::{self, call_kw};
use skein_object::statics as s;
use skein_object::{Args, BytesBody, CodeBody, Context, Ref, dict, str, tuple};

pub fn import(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let none = s::none();
    let empty = s::empty_tuple();
    (hooks().import)(
        cx,
        a.at(0),
        a.opt(1).unwrap_or(&none),
        a.opt(2),
        a.opt(3).unwrap_or(&empty),
        a.opt(4).unwrap_or(&Ref::small(0)),
    )
}

pub fn breakpoint(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(hook) = sys_attr(&intern::name("breakpointhook")) else {
        return Err(runtime_error("lost sys.breakpointhook"));
    };
    let (values, keys) = crate::type_::generic::keywords_of(a.at(1))?;
    let mut all = a.rest(0).to_vec();
    all.extend(values);
    call_kw(cx, &hook, &all, keys.as_ref())
}

pub fn open(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let f = import_attr(cx, "io", "open")?;
    let mut all = vec![a.at(0).clone()];
    let mut keys = Vec::new();
    for (i, name) in [
        "mode",
        "buffering",
        "encoding",
        "errors",
        "newline",
        "closefd",
        "opener",
    ]
    .iter()
    .enumerate()
    {
        if let Some(v) = a.opt(i + 1) {
            keys.push(intern::name(name));
            all.push(v.clone());
        }
    }
    if keys.is_empty() {
        call_kw(cx, &f, &all, None)
    } else {
        call_kw(cx, &f, &all, Some(&tuple::new(keys)?))
    }
}

/// What `compile` takes: the flags of `__future__`, CO_NESTED, and those of `ast`, `codeop` and `asyncio`.
const COMPILE_FLAGS: i64 = 0x01fe_0000 | 0x10 | 0xfe00;

fn is_source(r: &Ref) -> bool {
    str::is_str(r) || protocol::buffer::is_buffer(r)
}

/// Source text in a buffer as bytes; anything else as it is.
fn bytes_of(cx: &Context, r: &Ref) -> Result<Ref> {
    if str::is_str(r) || r.body::<BytesBody>().is_some() || !protocol::buffer::is_buffer(r) {
        return Ok(r.clone());
    }
    str::bytes(&protocol::buffer::to_vec(cx, r)?)
}

/// An expression without the blanks before it, which `eval` ignores.
fn unindented(source: &Ref) -> Result<Ref> {
    if let Some(b) = source.body::<skein_object::StrBody>() {
        let blanks = b.view().iter().take_while(|c| *c == 32 || *c == 9).count();
        if blanks > 0 {
            return str::new_narrowed(b.view().slice(blanks..b.len()));
        }
    } else if let Some(b) = source.body::<BytesBody>() {
        let text = b.as_slice();
        let blanks = text.iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
        if blanks > 0 {
            return str::bytes(&text[blanks..]);
        }
    }
    Ok(source.clone())
}

pub fn compile(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mode = match a.at(2).body::<skein_object::StrBody>() {
        Some(m) => m.to_lossy(),
        None => {
            return Err(type_error(format!(
                "compile() argument 'mode' must be str, not {}",
                a.at(2).ty().name()
            )));
        }
    };
    let number = |i: usize, default: i64| -> Result<i64> {
        match a.opt(i) {
            Some(v) => protocol::convert::to_i64(cx, v),
            None => Ok(default),
        }
    };
    let flags = number(3, 0)?;
    let optimize = number(5, -1)?;
    let dont_inherit = match a.opt(4) {
        Some(v) => protocol::is_true(cx, v)?,
        None => false,
    };
    if flags & !COMPILE_FLAGS != 0 {
        return Err(value_error("compile(): unrecognised flags"));
    }
    if !["exec", "eval", "single", "func_type"].contains(&mode.as_str()) {
        return Err(value_error("compile() mode must be 'exec', 'eval' or 'single'"));
    }
    if !(-1..=2).contains(&optimize) {
        return Err(value_error("compile(): invalid optimize value"));
    }
    let filename = if str::is_str(a.at(1)) {
        a.at(1).clone()
    } else if let Some(b) = a.at(1).body::<BytesBody>() {
        str::from_str(&String::from_utf8_lossy(b.as_slice()))?
    } else {
        match protocol::call_method_opt(cx, a.at(1), names::__fspath__(), &[])? {
            Some(p) => p,
            None => {
                return Err(type_error(format!(
                    "expected str, bytes or os.PathLike object, not {}",
                    a.at(1).ty().name()
                )));
            }
        }
    };
    let source = bytes_of(cx, a.at(0))?;
    (hooks().compile)(
        cx,
        &source,
        &filename,
        &mode,
        flags as u32,
        dont_inherit,
        optimize as i32,
    )
}

/// Globals and locals of a call of `eval` or `exec`.
fn scopes(cx: &Context, a: Args<'_>, what: &str) -> Result<(Ref, Ref)> {
    let globals = a.opt_not_none(1);
    let locals = a.opt_not_none(2);
    if let Some(l) = locals
        && !l.ty().slots.getitem.is_set()
    {
        return Err(type_error(if what == "eval" {
            "locals must be a mapping".to_owned()
        } else {
            format!("locals must be a mapping or None, not {}", l.ty().name())
        }));
    }
    if let Some(g) = globals
        && !g.is_instance(&s::DICT)
    {
        return Err(type_error(if what == "exec" {
            format!("exec() globals must be a dict, not {}", g.ty().name())
        } else if g.ty().slots.getitem.is_set() {
            "globals must be a real dict; try eval(code, {}, mapping)".to_owned()
        } else {
            "globals must be a dict".to_owned()
        }));
    }
    let (g, l) = match globals {
        Some(g) => (g.clone(), locals.unwrap_or(g).clone()),
        None => {
            let g = (hooks().globals)(cx).ok_or_else(|| system_error("globals and locals cannot be NULL"))?;
            let l = match locals {
                Some(l) => l.clone(),
                None => (hooks().locals)(cx)?,
            };
            (g, l)
        }
    };
    if dict::get_name(&g, names::__builtins__()).is_none() {
        dict::set_name(&g, names::__builtins__(), super::module_dict()?)?;
    }
    Ok((g, l))
}

pub fn eval(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (g, l) = scopes(cx, a, "eval")?;
    let source = a.at(0);
    if let Some(c) = source.body::<CodeBody>() {
        if c.unit.nfree > 0 {
            return Err(type_error(
                "code object passed to eval() may not contain free variables",
            ));
        }
        return (hooks().run_code)(cx, source, &g, &l, None);
    }
    if !is_source(source) {
        return Err(type_error("eval() arg 1 must be a string, bytes or code object"));
    }
    let source = unindented(&bytes_of(cx, source)?)?;
    let code = (hooks().compile)(cx, &source, &str::from_str("<string>")?, "eval", 0, false, -1)?;
    (hooks().run_code)(cx, &code, &g, &l, None)
}

pub fn exec(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (g, l) = scopes(cx, a, "exec")?;
    let source = a.at(0);
    let closure = a.opt_not_none(3);
    if let Some(c) = source.body::<CodeBody>() {
        let free = c.unit.nfree as usize;
        if free == 0 {
            if closure.is_some() {
                return Err(type_error("cannot use a closure with this code object"));
            }
        } else {
            let fits = closure
                .and_then(tuple::items)
                .is_some_and(|items| items.len() == free && items.iter().all(|i| i.is_instance(&s::CELL)));
            if !fits {
                return Err(type_error(format!(
                    "code object requires a closure of exactly length {free}"
                )));
            }
        }
        (hooks().run_code)(cx, source, &g, &l, closure)?;
        return Ok(s::none());
    }
    if closure.is_some() {
        return Err(type_error(
            "closure argument can only be used when source is a code object",
        ));
    }
    if !is_source(source) {
        return Err(type_error("exec() arg 1 must be a string, bytes or code object"));
    }
    let source = bytes_of(cx, source)?;
    let code = (hooks().compile)(cx, &source, &str::from_str("<string>")?, "exec", 0, false, -1)?;
    (hooks().run_code)(cx, &code, &g, &l, None)?;
    Ok(s::none())
}
