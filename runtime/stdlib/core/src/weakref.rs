//! `_weakref`: `ref` objects over the collector's weak cells.

use crate::proxy;
use skein_gc::weak::{self, WeakCell};
use skein_gc::{Header, Ref, Slot};
use skein_object::error::{Result, type_error};
use skein_object::layouts::dict::{DictBody, ObjectEq};
use skein_object::layouts::{list, number, str};
use skein_object::native::{ModuleDef, Row};
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::slots::{CompareOp, Slots};
use skein_object::types::flag;
use skein_object::{Args, Context, Payload, Type, Visitor, dict, payload, protocol, row, statics as s, tuple};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

/// Body of `ref` and proxy objects.
pub struct WeakBody {
    /// Set right after the object is made.
    pub cell: OnceLock<WeakCell>,
    pub callback: Slot,
    hash: AtomicI64,
    /// Address of the object itself, for taking it off the target's list.
    me: OnceLock<usize>,
}

fn trace(this: &WeakBody, v: &mut Visitor<'_>) {
    v.slot(&this.callback);
    if let Some(c) = this.cell.get() {
        v.weak(c);
    }
}
payload!(WeakBody, "weakref", |this, v| { trace(this, v) });

impl Drop for WeakBody {
    fn drop(&mut self) {
        if let (Some(cell), Some(me)) = (self.cell.get(), self.me.get()) {
            cell.forget(std::ptr::with_exposed_provenance::<Header>(*me));
        }
    }
}

pub static REF: Type = Type::declare(
    "weakref.ReferenceType",
    Some(&s::OBJECT),
    <WeakBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

pub static MODULE: ModuleDef = ModuleDef {
    name: "_weakref",
    doc: "Weak-reference support module.",
    functions: FUNCTIONS,
    init: |_, d| {
        ready_type(&TypeDef {
            slots,
            methods: METHODS,
            getset: FIELDS,
            ..TypeDef::new(&REF)
        })?;
        proxy::ready()?;
        dict::set_str(d, "ref", REF.object())?;
        dict::set_str(d, "ReferenceType", REF.object())?;
        dict::set_str(d, "ProxyType", proxy::PROXY.object())?;
        dict::set_str(d, "CallableProxyType", proxy::CALLABLE_PROXY.object())
    },
};

/// The target of a weak reference object, if it is alive.
pub fn target(r: &Ref) -> Option<Ref> {
    r.body::<WeakBody>()?.cell.get()?.get()
}

/// Makes a weak reference object of a type.
///
/// # Errors
/// TypeError if the target's type does not support weak references.
pub fn create(ty: &'static Type, object: &Ref, callback: Option<&Ref>) -> Result<Ref> {
    let tt = type_of(object);
    let Some(h) = object.header().filter(|_| tt.has(flag::WEAKREFABLE)) else {
        return Err(type_error(format!(
            "cannot create weak reference to '{}' object",
            tt.name()
        )));
    };
    // A plain reference without a callback is shared by all who ask for one.
    let shared = callback.is_none() && (std::ptr::eq(ty, &REF) || proxy::is_proxy_type(ty));
    if shared
        && let Some(old) = weak::weakrefs(h)
            .into_iter()
            .find(|w| w.is_exact(ty) && w.body::<WeakBody>().is_some_and(|b| b.callback.is_null()))
    {
        return Ok(old);
    }
    let r = alloc(
        ty,
        WeakBody {
            cell: OnceLock::new(),
            callback: Slot::from_option(callback.cloned()),
            hash: AtomicI64::new(-1),
            me: OnceLock::new(),
        },
    )?;
    if let (Some(b), Some(me)) = (r.body::<WeakBody>(), r.header()) {
        let _ = b.me.set((&raw const *me).expose_provenance());
        let _ = b.cell.set(weak::create(h, me, callback.is_some()));
    }
    Ok(r)
}

/// Reports an exception of a function that nobody waits for.
pub(crate) fn unraisable_call(cx: &Context, e: skein_object::Error, what: &str, f: &Ref) {
    let shown = protocol::repr(cx, f).map_or_else(|_| "<object repr() failed>".into(), |t| str::text(&t));
    let message = format!("Exception ignored {what} {shown}");
    (skein_object::context::hooks().unraisable)(cx, e, Some(&message), &s::none());
}

/// Calls the callback of a weak reference whose target has died.
pub fn run_callback(cx: &Context, r: &Ref) {
    let Some(b) = r.body::<WeakBody>() else { return };
    let Some(f) = b.callback.set(r.holder(), None) else {
        return;
    };
    if let Err(e) = protocol::call1(cx, &f, r) {
        unraisable_call(cx, e, "while calling weakref callback", &f);
    }
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
    t.call.set(Some(|_, r, args, names| {
        if !args.is_empty() || names.is_some() {
            return Err(type_error("weakref.__call__() takes no arguments"));
        }
        Ok(target(r).unwrap_or_else(s::none))
    }));
    t.repr.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
}

/// Target and callback among the positional arguments of `what`.
fn arguments<'a>(what: &str, args: &'a [Ref]) -> Result<(&'a Ref, Option<&'a Ref>)> {
    match args {
        [] => Err(type_error(format!("{what} expected at least 1 argument, got 0"))),
        [object] => Ok((object, None)),
        [object, callback] => Ok((object, Some(callback).filter(|c| !s::is_none(c)))),
        _ => Err(type_error(format!(
            "{what} expected at most 2 arguments, got {}",
            args.len()
        ))),
    }
}

fn new(_: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let Some(ty) = Type::from_ref(class) else {
        return Err(type_error("a class is wanted"));
    };
    // Keywords are for the `__init__` of a subclass, or for `init` to complain about.
    let keywords = names.and_then(tuple::items).map_or(0, <[Ref]>::len);
    let (object, callback) = arguments("__new__", &args[..args.len() - keywords])?;
    create(ty, object, callback)
}

fn init(_: &Context, _: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if names.and_then(tuple::items).is_some_and(|n| !n.is_empty()) {
        return Err(type_error("ref() takes no keyword arguments"));
    }
    arguments("__init__", args).map(|_| s::none())
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let at = r.value().0;
    match target(r) {
        None => str::from_str(&format!("<weakref at {at:#x}; dead>")),
        Some(t) => {
            let name = match protocol::attribute::special(cx, &t, skein_object::intern::names::__name__())? {
                Some(n) if str::is_str(&n) => format!(" ({})", str::text(&n)),
                _ => String::new(),
            };
            str::from_str(&format!(
                "<weakref at {at:#x}; to '{}' at {:#x}{name}>",
                t.ty().name(),
                t.value().0
            ))
        }
    }
}

fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    let Some(b) = r.body::<WeakBody>() else {
        return Err(type_error("not a weak reference"));
    };
    // Relaxed: every thread computes the same.
    let known = b.hash.load(Ordering::Relaxed);
    if known != -1 {
        return Ok(known);
    }
    let Some(t) = target(r) else {
        return Err(type_error("weak object has gone away"));
    };
    let h = protocol::hash(cx, &t)?;
    b.hash.store(h, Ordering::Relaxed);
    Ok(h)
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) || b.body::<WeakBody>().is_none() {
        return Ok(s::not_implemented());
    }
    match (target(a), target(b)) {
        (Some(x), Some(y)) => protocol::rich_compare(cx, &x, &y, op),
        _ => Ok(number::bool(a.is(b) == (op == CompareOp::Eq))),
    }
}

static METHODS: &[Row] =
    &[row!(class "__class_getitem__(cls, item, /)", skein_types::type_::generic_alias::class_getitem, "See PEP 585")];

static FIELDS: &[GetSet] = &[getset("__callback__", |_, r| {
    Ok(r.body::<WeakBody>()
        .and_then(|b| b.callback.get())
        .unwrap_or_else(s::none))
})];

static FUNCTIONS: &[Row] = &[
    row!(
        "getweakrefcount(object, /)",
        |_, a| number::int_from_usize(all(a.at(0)).len()),
        "Return the number of weak references to 'object'."
    ),
    row!(
        "getweakrefs(object, /)",
        |_, a| list::new(all(a.at(0))),
        "Return a list of all weak reference objects pointing to 'object'."
    ),
    row!(
        "proxy(object, callback=None, /)",
        make_proxy,
        "Create a proxy object that weakly references 'object'."
    ),
    row!(
        "_remove_dead_weakref(dct, key, /)",
        remove_dead,
        "Atomically remove key from dict if it points to a dead weakref."
    ),
];

/// The weak references to an object: those that are shared by all come first, then the others, newest first.
fn all(object: &Ref) -> Vec<Ref> {
    let mut refs = object.header().map(weak::weakrefs).unwrap_or_default();
    refs.reverse();
    refs.sort_by_key(|r| {
        if !r.body::<WeakBody>().is_some_and(|b| b.callback.is_null()) {
            2
        } else if r.is_exact(&REF) {
            0
        } else {
            2 - proxy::is_proxy_type(type_of(r)) as u8
        }
    });
    refs
}

fn make_proxy(_: &Context, a: Args<'_>) -> Result<Ref> {
    let ty: &'static Type = if protocol::is_callable(a.at(0)) {
        &proxy::CALLABLE_PROXY
    } else {
        &proxy::PROXY
    };
    create(ty, a.at(0), a.opt_not_none(1))
}

fn remove_dead(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (d, key) = (a.at(0), a.at(1));
    let Some(DictBody(table)) = d.body::<DictBody>() else {
        return Err(type_error(format!(
            "_remove_dead_weakref() argument 1 must be dict, not {}",
            d.ty().name()
        )));
    };
    let hash = protocol::compare::table_hash(cx, key)?;
    let Some(w) = table.get(d.holder(), hash, key, &mut ObjectEq(cx))? else {
        return Ok(s::none());
    };
    if w.body::<WeakBody>().is_none() {
        return Err(type_error("not a weakref"));
    }
    // Another reference may have taken its place meanwhile, to an object that is alive.
    if target(&w).is_none() {
        drop(table.remove_if(d.holder(), hash, key, &w, &mut ObjectEq(cx))?);
    }
    Ok(s::none())
}
