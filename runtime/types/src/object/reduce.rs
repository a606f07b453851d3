//! Pickling and copying of any object: `__reduce_ex__`, `__reduce__`, `__getstate__`.

use super::import_attr;
use skein_object::error::{Result, type_error};
use skein_object::intern::{self, names};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, call, call_method, call_method_opt, getattr_opt};
use skein_object::statics as s;
use skein_object::{Args, Context, Ref, dict, number, tuple};

/// `object.__reduce_ex__`.
pub fn reduce_ex(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let object = a.at(0);
    let protocol = protocol::convert::to_i64(cx, a.at(1))?;
    if let Some(found) = type_of(object).lookup(names::__reduce__())
        && s::OBJECT
            .own(names::__reduce__())
            .is_some_and(|plain| !plain.is(&found))
    {
        return call_method(cx, object, names::__reduce__(), &[]);
    }
    by_protocol(cx, object, protocol)
}

/// `object.__reduce__`.
pub fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    by_protocol(cx, a.at(0), 0)
}

fn by_protocol(cx: &Context, object: &Ref, protocol: i64) -> Result<Ref> {
    if protocol >= 2 {
        return new_object(cx, object);
    }
    let f = import_attr(cx, "copyreg", "_reduce_ex")?;
    let protocol = number::int(protocol)?;
    call(cx, &f, &[object.clone(), protocol])
}

/// Arguments for `__new__`: positional and keyword ones.
fn new_arguments(cx: &Context, object: &Ref) -> Result<Option<(Ref, Option<Ref>)>> {
    if let Some(r) = call_method_opt(cx, object, names::__getnewargs_ex__(), &[])? {
        let Some(items) = tuple::items(&r) else {
            return Err(type_error(format!(
                "__getnewargs_ex__ should return a tuple, not '{}'",
                r.ty().name()
            )));
        };
        let [args, kwargs] = items else {
            return Err(skein_object::error::value_error(format!(
                "__getnewargs_ex__ should return a tuple of length 2, not {}",
                items.len()
            )));
        };
        if tuple::items(args).is_none() {
            return Err(type_error(format!(
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{}'",
                args.ty().name()
            )));
        }
        if !kwargs.is_instance(&s::DICT) {
            return Err(type_error(format!(
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{}'",
                kwargs.ty().name()
            )));
        }
        return Ok(Some((args.clone(), Some(kwargs.clone()))));
    }
    match call_method_opt(cx, object, names::__getnewargs__(), &[])? {
        Some(args) if tuple::items(&args).is_some() => Ok(Some((args, None))),
        Some(args) => Err(type_error(format!(
            "__getnewargs__ should return a tuple, not '{}'",
            args.ty().name()
        ))),
        None => Ok(None),
    }
}

fn new_object(cx: &Context, object: &Ref) -> Result<Ref> {
    let ty = type_of(object);
    if !ty.slots.new.is_set() {
        return Err(type_error(format!("cannot pickle '{}' object", ty.name())));
    }
    let found = new_arguments(cx, object)?;
    let is_list = object.is_instance(&s::LIST);
    let is_dict = object.is_instance(&s::DICT);
    let required = found.is_none() && !is_list && !is_dict;
    let class = ty.object();
    let (f, args) = match &found {
        Some((args, Some(kwargs))) if !dict::entries(kwargs).is_empty() => (
            import_attr(cx, "copyreg", "__newobj_ex__")?,
            tuple::new(vec![class, args.clone(), kwargs.clone()])?,
        ),
        found => {
            let mut all = vec![class];
            if let Some((args, _)) = found {
                all.extend_from_slice(tuple::items(args).unwrap_or(&[]));
            }
            (import_attr(cx, "copyreg", "__newobj__")?, tuple::new(all)?)
        }
    };
    let state = match ty.lookup(names::__getstate__()) {
        Some(m) if s::OBJECT.own(names::__getstate__()).is_some_and(|o| o.is(&m)) => {
            default_state(cx, object, required)?
        }
        _ => call_method(cx, object, names::__getstate__(), &[])?,
    };
    let list_items = if is_list {
        protocol::iter(cx, object)?
    } else {
        s::none()
    };
    let dict_items = if is_dict {
        let items = call_method(cx, object, names::items(), &[])?;
        protocol::iter(cx, &items)?
    } else {
        s::none()
    };
    tuple::new(vec![f, args, state, list_items, dict_items])
}

/// `object.__getstate__`.
pub fn getstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    default_state(cx, a.at(0), false)
}

fn default_state(cx: &Context, object: &Ref, required: bool) -> Result<Ref> {
    let ty = type_of(object);
    if required && !std::ptr::eq(ty.layout(), s::OBJECT.layout()) {
        return Err(type_error(format!("cannot pickle '{}' object", ty.name())));
    }
    let state = match getattr_opt(cx, object, names::__dict__())? {
        Some(d) if ty.attrs_offset() != 0 && dict::entries(&d).is_empty() && d.is_exact(&s::DICT) => {
            // CPython gives None only where no dict was made; an instance without attributes is the same here.
            s::none()
        }
        Some(d) if d.is_instance(&s::DICT) => call_method(cx, &d, &intern::name("copy"), &[])?,
        Some(d) => d,
        None => s::none(),
    };
    if ty.slot_count() == 0 {
        return Ok(state);
    }
    let f = import_attr(cx, "copyreg", "_slotnames")?;
    let slot_names = call(cx, &f, &[ty.object()])?;
    let slots = dict::new()?;
    for name in protocol::collect(cx, &slot_names)? {
        if let Some(v) = getattr_opt(cx, object, &name)? {
            dict::set_name(&slots, &name, v)?;
        }
    }
    if dict::entries(&slots).is_empty() {
        Ok(state)
    } else {
        tuple::new(vec![state, slots])
    }
}
