//! `print`, `input`, and the functions that give text.

use skein_object::context::sys_attr;
use skein_object::error::{Result, raise, runtime_error, type_error};
use skein_object::intern::{self, names};
use skein_object::object::RefExt;
use skein_object::protocol::{self, call_method, is_true};
use skein_object::statics as s;
use skein_object::{Args, Context, Ref, StrBody, str};
use std::io::Write;

pub fn repr(cx: &Context, a: Args<'_>) -> Result<Ref> {
    protocol::repr(cx, a.at(0))
}

pub fn ascii(cx: &Context, a: Args<'_>) -> Result<Ref> {
    protocol::ascii(cx, a.at(0))
}

pub fn format(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let spec = match a.opt(1) {
        Some(spec) if str::is_str(spec) => spec.clone(),
        Some(spec) => {
            return Err(type_error(format!(
                "format() argument 2 must be str, not {}",
                spec.ty().name()
            )));
        }
        None => s::empty_str(),
    };
    protocol::format(cx, a.at(0), &spec)
}

/// A separator or end: text, or the default for None.
fn piece<'a>(r: Option<&'a Ref>, what: &str) -> Result<Option<&'a Ref>> {
    match r {
        None => Ok(None),
        Some(r) if str::is_str(r) => Ok(Some(r)),
        Some(r) => Err(type_error(format!(
            "{what} must be None or a string, not {}",
            r.ty().name()
        ))),
    }
}

pub fn print(cx: &Context, a: Args<'_>) -> Result<Ref> {
    // Keyword-only parameters come first, then the items of *args.
    let (sep, end, file, flush, items) = (
        a.opt_not_none(0),
        a.opt_not_none(1),
        a.opt_not_none(2),
        a.opt(3),
        a.rest(4),
    );
    let sep = piece(sep, "sep")?;
    let end = piece(end, "end")?;
    let file = match file {
        Some(f) => f.clone(),
        None => match sys_attr(names::stdout()) {
            Some(f) if s::is_none(&f) => return Ok(s::none()),
            Some(f) => f,
            None => return print_plain(cx, items, sep, end),
        },
    };
    let write = protocol::getattr(cx, &file, names::write())?;
    let put = |r: &Ref| protocol::call1(cx, &write, r).map(drop);
    let space = str::single(b' ');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            put(sep.unwrap_or(&space))?;
        }
        put(&protocol::str_of(cx, item)?)?;
    }
    put(end.unwrap_or(&str::single(b'\n')))?;
    if let Some(f) = flush
        && is_true(cx, f)?
    {
        call_method(cx, &file, names::flush(), &[])?;
    }
    Ok(s::none())
}

/// Before the module `sys` exists.
fn print_plain(cx: &Context, items: &[Ref], sep: Option<&Ref>, end: Option<&Ref>) -> Result<Ref> {
    let mut out = String::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(&sep.map_or_else(|| " ".to_owned(), str::text));
        }
        out.push_str(&str::text(&protocol::str_of(cx, item)?));
    }
    out.push_str(&end.map_or_else(|| "\n".to_owned(), str::text));
    // There is nobody to tell about a closed standard output yet.
    let _ = std::io::stdout().write_all(out.as_bytes());
    Ok(s::none())
}

fn stream(name: &str) -> Result<Ref> {
    match sys_attr(&intern::name(name)) {
        Some(f) if !s::is_none(&f) => Ok(f),
        _ => Err(runtime_error(format!("input(): lost sys.{name}"))),
    }
}

pub fn input(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let stdin = stream("stdin")?;
    let stdout = stream("stdout")?;
    if let Ok(err) = stream("stderr") {
        let _ = call_method(cx, &err, names::flush(), &[]);
    }
    if let Some(p) = a.opt(0) {
        let text = protocol::str_of(cx, p)?;
        call_method(cx, &stdout, names::write(), &[text])?;
    }
    let _ = call_method(cx, &stdout, names::flush(), &[]);
    let line = call_method(cx, &stdin, &intern::name("readline"), &[])?;
    let Some(body) = line.body::<StrBody>() else {
        return Err(type_error("object.readline() returned non-string"));
    };
    if body.is_empty() {
        return Err(raise(&s::EOF_ERROR, "EOF when reading a line"));
    }
    let view = body.view();
    let n = body.len();
    match view.iter().next_back() {
        Some(c) if c == '\n' as u32 => str::new_narrowed(view.slice(0..n - 1)),
        _ => Ok(line.clone()),
    }
}
