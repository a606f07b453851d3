//! Functions on attributes and scopes.

use skein_object::error::{Result, system_error, type_error};
use skein_object::intern::names;
use skein_object::object::RefExt;
use skein_object::protocol::{self, call_method, call_method_opt};
use skein_object::statics as s;
use skein_object::{Args, Context, Ref, list, str};

fn check_name(f: &str, name: &Ref) -> Result<()> {
    if str::is_str(name) {
        Ok(())
    } else {
        let _ = f;
        Err(type_error(format!(
            "attribute name must be string, not '{}'",
            name.ty().name()
        )))
    }
}

pub fn getattr(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_name("getattr", a.at(1))?;
    match a.opt(2) {
        Some(default) => Ok(protocol::getattr_opt(cx, a.at(0), a.at(1))?.unwrap_or_else(|| default.clone())),
        None => protocol::getattr(cx, a.at(0), a.at(1)),
    }
}

pub fn hasattr(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_name("hasattr", a.at(1))?;
    let found = protocol::has_attr(cx, a.at(0), a.at(1))?;
    Ok(skein_object::number::bool(found))
}

pub fn setattr(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_name("setattr", a.at(1))?;
    protocol::setattr(cx, a.at(0), a.at(1), a.at(2))?;
    Ok(s::none())
}

pub fn delattr(cx: &Context, a: Args<'_>) -> Result<Ref> {
    check_name("delattr", a.at(1))?;
    protocol::delattr(cx, a.at(0), a.at(1))?;
    Ok(s::none())
}

pub fn globals(cx: &Context, _: Args<'_>) -> Result<Ref> {
    (skein_object::context::hooks().globals)(cx).ok_or_else(|| system_error("frame does not exist"))
}

pub fn locals(cx: &Context, _: Args<'_>) -> Result<Ref> {
    (skein_object::context::hooks().locals)(cx)
}

pub fn vars(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match a.opt(0) {
        None => locals(cx, a),
        Some(o) => match protocol::getattr_opt(cx, o, names::__dict__())? {
            Some(d) => Ok(d),
            None => Err(type_error("vars() argument must have __dict__ attribute")),
        },
    }
}

pub fn dir(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let found = match a.opt(0) {
        None => {
            let l = (skein_object::context::hooks().locals)(cx)?;
            let keys = call_method(cx, &l, names::keys(), &[])?;
            protocol::collect(cx, &keys)?
        }
        Some(o) => match call_method_opt(cx, o, names::__dir__(), &[])? {
            Some(r) => protocol::collect(cx, &r)?,
            None => return Err(type_error("object does not provide __dir__")),
        },
    };
    let l = list::new(found)?;
    call_method(cx, &l, names::sort(), &[])?;
    Ok(l)
}
