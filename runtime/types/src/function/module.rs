//! `module`.

use crate::startup::{GetSet, TypeDef, getset, ready_type};
use skein_object::error::{Error, Result, attribute_error, attribute_error_plain, type_error};
use skein_object::intern::{self, names};
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol::{self, call, is_callable};
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::{Args, Context, ModuleBody, Ref, Slot, dict, list, row, str};

/// The dict of a module.
pub fn dict_of(m: &Ref) -> Result<Ref> {
    match m.body::<ModuleBody>() {
        Some(b) => match b.dict.get() {
            Some(d) => Ok(d),
            None => {
                let d = dict::new()?;
                drop(b.dict.set(m.holder(), Some(d.clone())));
                Ok(d)
            }
        },
        None => Err(type_error("not a module")),
    }
}

/// A new module with the attributes that every module has.
pub fn make(name: &str, doc: Option<&str>) -> Result<Ref> {
    let m = alloc(
        &s::MODULE,
        ModuleBody {
            dict: Slot::new(dict::new()?),
        },
    )?;
    let doc = match doc {
        Some(d) => str::from_str(d)?,
        None => s::none(),
    };
    fill(&m, &intern::name(name), doc)?;
    Ok(m)
}

fn fill(m: &Ref, name: &Ref, doc: Ref) -> Result<()> {
    let d = dict_of(m)?;
    dict::set_name(&d, names::__name__(), name.clone())?;
    dict::set_name(&d, names::__doc__(), doc)?;
    dict::set_name(&d, names::__package__(), s::none())?;
    dict::set_name(&d, names::__loader__(), s::none())?;
    dict::set_name(&d, names::__spec__(), s::none())
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    alloc(
        crate::type_::attributes::class(class)?,
        ModuleBody {
            dict: Slot::new(dict::new()?),
        },
    )
}

static INIT: Row = row!("module(self, name, doc=None)", init_row, "");

fn init(cx: &Context, m: &Ref, args: &[Ref], kw: Option<&Ref>) -> Result<Ref> {
    let mut all = vec![m.clone()];
    all.extend_from_slice(args);
    skein_object::native::call(cx, &INIT, &all, kw)
}

fn init_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    if !str::is_str(a.at(1)) {
        return Err(type_error(format!(
            "module() argument 'name' must be str, not {}",
            a.at(1).ty().name()
        )));
    }
    fill(a.at(0), a.at(1), a.opt(2).cloned().unwrap_or_else(s::none))?;
    Ok(s::none())
}

/// Attribute access on modules.
pub fn getattr(cx: &Context, m: &Ref, name: &Ref) -> Result<Ref> {
    match getattr_opt(cx, m, name)? {
        Some(v) => Ok(v),
        None => Err(missing(m, name)),
    }
}

#[cold]
fn missing(m: &Ref, name: &Ref) -> Error {
    let text = str::text(name);
    let named = dict_of(m)
        .ok()
        .and_then(|d| dict::get_name(&d, names::__name__()))
        .filter(str::is_str);
    attribute_error(
        m,
        name,
        match named {
            Some(n) => format!("module '{}' has no attribute '{text}'", str::text(&n)),
            None => format!("module has no attribute '{text}'"),
        },
    )
}

/// The attribute of a module, `None` if there is none.
///
/// # Errors
/// What descriptors and the module's `__getattr__` raise.
pub fn getattr_opt(cx: &Context, m: &Ref, name: &Ref) -> Result<Option<Ref>> {
    if !str::is_str(name) {
        return Err(type_error(format!(
            "attribute name must be string, not '{}'",
            name.ty().name()
        )));
    }
    let name = &intern::intern(name);
    let ty = type_of(m);
    let found = ty.lookup(name);
    if let Some(f) = &found {
        let ft = type_of(f);
        if ft.slots.descr_set.is_set()
            && let Some(get) = ft.slots.descr_get.get()
        {
            return get(cx, f, Some(m), Some(&ty.object())).map(Some);
        }
    }
    let d = dict_of(m)?;
    if let Some(v) = dict::get_name(&d, name) {
        return Ok(Some(v));
    }
    if let Some(f) = found {
        return protocol::attribute::bind(cx, f, m, ty).map(Some);
    }
    match dict::get_name(&d, names::__getattr__()) {
        Some(f) => call(cx, &f, std::slice::from_ref(name)).map(Some),
        None => Ok(None),
    }
}

fn setattr(cx: &Context, m: &Ref, name: &Ref, value: Option<&Ref>) -> Result<()> {
    if !str::is_str(name) {
        return Err(type_error(format!(
            "attribute name must be string, not '{}'",
            name.ty().name()
        )));
    }
    let name = &intern::intern(name);
    if let Some(f) = type_of(m).lookup(name)
        && let Some(set) = type_of(&f).slots.descr_set.get()
    {
        return set(cx, &f, m, value);
    }
    let d = dict_of(m)?;
    match value {
        Some(v) => dict::set_name(&d, name, v.clone()),
        None if dict::delete_name(&d, name) => Ok(()),
        None => Err(missing(m, name)),
    }
}

fn repr(cx: &Context, m: &Ref) -> Result<Ref> {
    let d = dict_of(m)?;
    let get = |n: &Ref| dict::get_name(&d, n).filter(|v| !s::is_none(v));
    let name = match get(names::__name__()) {
        Some(n) => str::text(&protocol::repr(cx, &n)?),
        None => "'?'".to_owned(),
    };
    let spec = get(names::__spec__());
    let origin = match &spec {
        Some(spec) => protocol::getattr_opt(cx, spec, &intern::name("origin"))?.filter(|o| !s::is_none(o)),
        None => None,
    };
    if let (Some(spec), Some(origin)) = (&spec, &origin) {
        let has_location = match protocol::getattr_opt(cx, spec, &intern::name("has_location"))? {
            Some(v) => protocol::is_true(cx, &v)?,
            None => false,
        };
        let o = if has_location {
            format!("from {}", str::text(&protocol::repr(cx, origin)?))
        } else {
            format!("({})", str::text(&protocol::str_of(cx, origin)?))
        };
        return str::from_str(&format!("<module {name} {o}>"));
    }
    if let Some(f) = get(names::__file__()) {
        let f = protocol::repr(cx, &f)?;
        return str::from_str(&format!("<module {name} from {}>", str::text(&f)));
    }
    match get(names::__loader__()).or_else(|| {
        spec.as_ref()
            .and_then(|s| protocol::getattr_opt(cx, s, &intern::name("loader")).ok().flatten())
            .filter(|l| !s::is_none(l))
    }) {
        Some(l) => {
            let l = protocol::repr(cx, &l)?;
            str::from_str(&format!("<module {name} ({})>", str::text(&l)))
        }
        None => str::from_str(&format!("<module {name}>")),
    }
}

fn dict_attr(_: &Context, m: &Ref) -> Result<Ref> {
    dict_of(m)
}

fn annotate(_: &Context, m: &Ref) -> Result<Ref> {
    let d = dict_of(m)?;
    Ok(dict::get_name(&d, names::__annotate__()).unwrap_or_else(s::none))
}

fn set_annotate(_: &Context, m: &Ref, value: Option<&Ref>) -> Result<()> {
    let d = dict_of(m)?;
    match value {
        None => Err(type_error("cannot delete __annotate__ attribute")),
        Some(v) if s::is_none(v) || is_callable(v) => {
            dict::set_name(&d, names::__annotate__(), v.clone())?;
            if !s::is_none(v) {
                dict::delete_name(&d, names::__annotations__());
            }
            Ok(())
        }
        Some(_) => Err(type_error("__annotate__ must be callable or None")),
    }
}

fn annotations(cx: &Context, m: &Ref) -> Result<Ref> {
    let d = dict_of(m)?;
    if let Some(a) = dict::get_name(&d, names::__annotations__()) {
        return Ok(a);
    }
    let a = match dict::get_name(&d, names::__annotate__()) {
        Some(f) if is_callable(&f) => crate::type_::attributes::evaluate(cx, &f)?,
        _ => dict::new()?,
    };
    // While the module is still being executed there may be more to come.
    if !is_initializing(cx, &d)? {
        dict::set_name(&d, names::__annotations__(), a.clone())?;
    }
    Ok(a)
}

fn is_initializing(cx: &Context, module: &Ref) -> Result<bool> {
    let Some(spec) = dict::get_name(module, names::__spec__()) else {
        return Ok(false);
    };
    match protocol::getattr_opt(cx, &spec, &skein_object::intern::name("_initializing"))? {
        Some(v) => protocol::is_true(cx, &v),
        None => Ok(false),
    }
}

fn set_annotations(_: &Context, m: &Ref, value: Option<&Ref>) -> Result<()> {
    let d = dict_of(m)?;
    match value {
        Some(v) => dict::set_name(&d, names::__annotations__(), v.clone())?,
        None => {
            if !dict::delete_name(&d, names::__annotations__()) {
                return Err(attribute_error_plain("__annotations__"));
            }
        }
    }
    dict::delete_name(&d, names::__annotate__());
    Ok(())
}

fn dir(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let d = protocol::getattr(cx, a.at(0), names::__dict__())?;
    if !d.is_instance(&s::DICT) {
        return Err(type_error("module.__dict__ is not a dictionary"));
    }
    if let Some(f) = dict::get_name(&d, names::__dir__()) {
        return call(cx, &f, &[]);
    }
    list::new(dict::entries(&d).into_iter().map(|(k, _)| k).collect())
}

static METHODS: &[Row] = &[row!(
    "__dir__(self, /)",
    dir,
    "__dir__() -> list\nspecialized dir() implementation"
)];

static GETSET: &[GetSet] = &[
    getset("__dict__", dict_attr),
    getset("__annotations__", annotations).setter(set_annotations),
    getset("__annotate__", annotate).setter(set_annotate),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
    t.getattr.set(Some(getattr));
    t.setattr.set(Some(setattr));
    t.repr.set(Some(repr));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "module(name, doc=None)\n--\n\nCreate a module object.\n\nThe name must be a string; the optional docstring can have any type.",
        ..TypeDef::new(&s::MODULE)
    })
}
