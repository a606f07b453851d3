//! Creation of classes: `type.__new__`, and assignment to `__bases__`.

use super::{attributes, fields, update};
use crate::descriptors::{getset, wrapped};
use crate::object::dict_attr;
use skein_object::error::{Result, runtime_error, type_error, value_error};
use skein_object::instance::MAX_INLINE;
use skein_object::intern::{self, names};
use skein_object::layouts::dict::ObjectEq;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, call_kw, call_method, getattr_opt};
use skein_object::statics as s;
use skein_object::types::{Type, c3, flag};
use skein_object::{CellBody, Context, Ref, dict, str, tuple};

/// What a class is made of.
pub struct Parts<'a> {
    pub name: &'a Ref,
    pub name_text: String,
    pub bases: &'a [&'static Type],
    /// The dict that the class body has filled.
    pub namespace: &'a Ref,
    /// Keyword values and names for `__init_subclass__`.
    pub keywords: (&'a [Ref], Option<&'a Ref>),
}

/// `type.__init__`: the work was done by `__new__`.
pub fn init(_: &Context, _class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let n = names.and_then(tuple::items).map_or(0, <[Ref]>::len);
    let positional = args.len() - n;
    if n > 0 && positional == 1 {
        return Err(type_error("type.__init__() takes no keyword arguments"));
    }
    if positional != 1 && positional != 3 {
        return Err(type_error("type.__init__() takes 1 or 3 arguments"));
    }
    Ok(s::none())
}

/// `type.__new__`.
pub fn new(cx: &Context, meta: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let n = names.and_then(tuple::items).map_or(0, <[Ref]>::len);
    let (positional, values) = args.split_at(args.len() - n);
    let [name, bases, namespace] = positional else {
        return Err(type_error(format!(
            "type.__new__() takes exactly 3 arguments ({} given)",
            positional.len()
        )));
    };
    let wrong = |i: usize, what: &str, r: &Ref| {
        type_error(format!(
            "type.__new__() argument {i} must be {what}, not {}",
            r.ty().name()
        ))
    };
    if !str::is_str(name) {
        return Err(wrong(1, "str", name));
    }
    let Some(bases) = tuple::items(bases) else {
        return Err(wrong(2, "tuple", bases));
    };
    if !namespace.is_instance(&s::DICT) {
        return Err(wrong(3, "dict", namespace));
    }
    create(cx, attributes::class(meta)?, name, bases, namespace, (values, names))
}

/// The most derived metaclass of `meta` and the metaclasses of the bases.
pub fn metaclass(meta: &'static Type, bases: &[Ref]) -> Result<&'static Type> {
    let mut winner = meta;
    for b in bases {
        let t = type_of(b);
        if winner.is_subtype(t) {
            continue;
        }
        if t.is_subtype(winner) {
            winner = t;
            continue;
        }
        return Err(type_error(
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
        ));
    }
    Ok(winner)
}

/// The class in the chain of bases that decides the instance layout.
fn solid(ty: &'static Type) -> &'static Type {
    match ty.base() {
        Some(b) => {
            if !std::ptr::eq(b.layout(), ty.layout()) || ty.slot_count() > b.slot_count() {
                ty
            } else {
                solid(b)
            }
        }
        None => ty,
    }
}

fn best_base(bases: &[&'static Type]) -> Result<&'static Type> {
    let mut best: Option<(&'static Type, &'static Type)> = None;
    for b in bases {
        if !b.has(flag::BASETYPE) {
            return Err(type_error(format!(
                "type '{}' is not an acceptable base type",
                attributes::full_name(b)
            )));
        }
        let candidate = solid(b);
        best = match best {
            None => Some((candidate, b)),
            Some((w, base)) if w.is_subtype(candidate) => Some((w, base)),
            Some((w, _)) if candidate.is_subtype(w) => Some((candidate, b)),
            Some(_) => {
                return Err(type_error("multiple bases have instance lay-out conflict"));
            }
        };
    }
    Ok(best.map_or(&s::OBJECT, |(_, b)| b))
}

/// Makes a class.
///
/// # Errors
/// As CPython's.
pub fn create(
    cx: &Context,
    meta: &'static Type,
    name: &Ref,
    bases: &[Ref],
    namespace: &Ref,
    keywords: (&[Ref], Option<&Ref>),
) -> Result<Ref> {
    for b in bases {
        if Type::from_ref(b).is_none() {
            if getattr_opt(cx, b, names::__mro_entries__())?.is_some() {
                return Err(type_error(
                    "type() doesn't support MRO entry resolution; use types.new_class()",
                ));
            }
            metaclass(meta, bases)?;
            return Err(type_error("bases must be types"));
        }
    }
    let winner = metaclass(meta, bases)?;
    if !std::ptr::eq(winner, meta)
        && !winner.slots.new.same(&s::TYPE.slots.new)
        && let Some(f) = winner.slots.new.get()
    {
        let mut args = vec![name.clone(), tuple::from_slice(bases)?, namespace.clone()];
        args.extend_from_slice(keywords.0);
        return f(cx, &winner.object(), &args, keywords.1);
    }
    let list: Vec<&'static Type> = if bases.is_empty() {
        vec![&s::OBJECT]
    } else {
        bases.iter().filter_map(Type::from_ref).collect()
    };
    let best = best_base(&list)?;
    let name_text = encodable(cx, name)?;
    let plain;
    let namespace = if namespace.ty().slots.iter.same(&s::DICT.slots.iter) {
        namespace
    } else {
        // A dict of another order.
        plain = dict::new()?;
        crate::dict::update::update(cx, &plain, namespace)?;
        &plain
    };
    if let Some(doc) = dict::get_name(namespace, names::__doc__()).filter(str::is_str) {
        encodable(cx, &doc)?;
    }
    if name_text.contains('\0') {
        return Err(value_error("type name must not contain null characters"));
    }
    let parts = Parts {
        name,
        name_text,
        bases: &list,
        namespace,
        keywords,
    };
    let new_fields = fields::resolve(cx, &parts, best)?;
    let inherited = [flag::DEFERRED, flag::WEAKREFABLE, flag::METHOD_DESCRIPTOR]
        .into_iter()
        .filter(|f| best.has(*f) && *f != flag::METHOD_DESCRIPTOR)
        .fold(flag::BASETYPE, |a, f| a | f);
    let (object, ty) = Type::new_heap(winner, &parts.name_text, best, inherited)?;
    if list.iter().any(|b| b.has(flag::MATCH_SELF)) {
        ty.set_flag(flag::MATCH_SELF, true);
    }
    if new_fields.weakref {
        ty.set_flag(flag::WEAKREFABLE, true);
    }
    if dict::entries(parts.namespace).iter().any(|(k, _)| !str::is_str(k)) {
        (skein_object::context::hooks().warn)(
            cx,
            &s::RUNTIME_WARNING,
            &format!("non-string key in the __dict__ of class {}", parts.name_text),
            1,
        )?;
    }
    let own = fill(cx, ty, best, &parts, &new_fields)?;
    set_cells(ty, &parts)?;
    link(cx, ty, best, list.clone())?;
    // It matches the pattern of the first class that matches one.
    let pattern = ty
        .mro()
        .iter()
        .find_map(|b| [flag::SEQUENCE, flag::MAPPING].into_iter().find(|f| b.has(*f)));
    if let Some(f) = pattern {
        ty.set_flag(f, true);
    }
    ty.set_instance_layout(best, new_fields.names.len(), new_fields.dict, inline_slots(ty));
    update::inherit(ty, &own);
    ty.set_flag(flag::READY, true);
    finish(cx, ty, &object, &parts)?;
    Ok(object)
}

/// Number of inline attributes: the names that the methods of the class and its bases assign.
fn inline_slots(ty: &'static Type) -> u16 {
    let mut seen: Vec<u64> = Vec::new();
    for t in ty.mro() {
        let Some(list) = t.own(names::__static_attributes__()) else {
            continue;
        };
        for n in tuple::items(&list).unwrap_or(&[]) {
            let key = intern::intern(n).value().0;
            if !seen.contains(&key) {
                seen.push(key);
            }
        }
    }
    // Others are set from outside the methods: large instances have some room.
    let n = seen.len() as u16;
    (n + n / 5).clamp(2, MAX_INLINE)
}

/// Fills the dict of a new class; gives the names of the special methods in it.
fn fill(
    cx: &Context,
    ty: &'static Type,
    best: &'static Type,
    parts: &Parts<'_>,
    new: &fields::Fields,
) -> Result<Vec<Ref>> {
    let set = |name: &Ref, value: Ref| {
        drop(dict::set_interned(&ty.dict, ty.header(), name, value));
    };
    let mut special = Vec::new();
    let (mut module, mut doc, mut eq, mut hash) = (false, false, false, false);
    for (key, mut value) in dict::entries(parts.namespace) {
        if !str::is_str(&key) {
            let h = protocol::hash(cx, &key)? as u64;
            drop(ty.dict.insert(ty.header(), h, key, value, &mut ObjectEq(cx))?);
            continue;
        }
        let key = intern::intern(&key);
        let text = key
            .body::<skein_object::StrBody>()
            .and_then(skein_object::StrBody::as_ascii)
            .unwrap_or("");
        if text.starts_with("__") && text.ends_with("__") {
            match text {
                "__qualname__" => {
                    if !str::is_str(&value) {
                        return Err(type_error(format!(
                            "type __qualname__ must be a str, not {}",
                            value.ty().name()
                        )));
                    }
                    drop(ty.qualname.set(ty.header(), Some(value)));
                    continue;
                }
                "__classcell__" => {
                    if value.body::<CellBody>().is_none() {
                        return Err(type_error(format!(
                            "__classcell__ must be a nonlocal cell, not {}",
                            protocol::repr(cx, &value.ty().object()).map_or_else(|_| String::new(), |r| str::text(&r))
                        )));
                    }
                    continue;
                }
                "__classdictcell__" => continue,
                "__module__" => module = true,
                "__doc__" => doc = true,
                "__eq__" => eq = true,
                "__hash__" => hash = true,
                "__new__" if value.is_exact(&s::FUNCTION) => {
                    value = wrapped::wrap(&wrapped::STATIC_METHOD, value)?;
                }
                "__init_subclass__" | "__class_getitem__" if value.is_exact(&s::FUNCTION) => {
                    value = wrapped::wrap(&wrapped::CLASS_METHOD, value)?;
                }
                _ => {}
            }
            special.push(key.clone());
        }
        set(&key, value);
    }
    if !module
        && let Some(globals) = (skein_object::context::hooks().globals)(cx)
        && let Some(name) = dict::get_name(&globals, names::__name__())
    {
        set(names::__module__(), name);
    }
    let first = best.slot_count();
    for (i, name) in new.names.iter().enumerate() {
        set(name, getset::slot_member(ty, name, first + i)?);
    }
    // What the class says itself stays.
    let own = |name: &Ref| dict::get_name(parts.namespace, name).is_some();
    if new.dict && !own(names::__dict__()) {
        set(names::__dict__(), getset::descriptor(ty, &dict_attr::DICT)?);
    }
    if new.weakref && !own(names::__weakref__()) {
        set(names::__weakref__(), getset::descriptor(ty, &dict_attr::WEAKREF)?);
    }
    if !doc && !new.names.iter().any(|n| n.is(names::__doc__())) {
        set(names::__doc__(), s::none());
    }
    if eq && !hash {
        set(names::__hash__(), s::none());
        special.push(names::__hash__().clone());
    }
    Ok(special)
}

/// Sets bases and MRO.
fn link(cx: &Context, ty: &'static Type, best: &'static Type, bases: Vec<&'static Type>) -> Result<()> {
    let mro = resolution_order(cx, ty, best, &bases);
    let mro = mro?;
    // mro() may have assigned __bases__ itself; then that is what counts.
    if ty.mro().is_empty() {
        ty.set_mro(mro);
    }
    if ty.bases().is_empty() {
        ty.set_bases(bases, best);
    } else {
        ty.move_subclass(ty.bases(), ty.bases());
    }
    ty.note_dependence();
    ty.invalidate();
    Ok(())
}

fn resolution_order(
    cx: &Context,
    ty: &'static Type,
    best: &'static Type,
    bases: &[&'static Type],
) -> Result<Vec<&'static Type>> {
    for (i, b) in bases.iter().enumerate() {
        if bases[..i].iter().any(|o| std::ptr::eq(*o, *b)) {
            return Err(type_error(format!("duplicate base class {}", b.short_name())));
        }
    }
    let meta = type_of(&ty.object());
    let custom = !std::ptr::eq(meta, &raw const s::TYPE) && meta.lookup(names::mro()) != s::TYPE.own(names::mro());
    if !custom {
        return c3(ty, bases);
    }
    // The override may call type.mro(), which needs the bases.
    if ty.bases().is_empty() {
        ty.put_bases(bases.to_vec(), best);
    }
    let r = call_method(cx, &ty.object(), names::mro(), &[])?;
    let items = protocol::collect(cx, &r)?;
    let mut out = Vec::with_capacity(items.len());
    for i in &items {
        match Type::from_ref(i) {
            Some(t) => {
                if !std::ptr::eq(t, ty) && !solid(best).is_subtype(solid(t)) {
                    return Err(type_error(format!(
                        "mro() returned base with unsuitable layout ('{}')",
                        t.name()
                    )));
                }
                out.push(t);
            }
            None => {
                return Err(type_error(format!("mro() returned a non-class ('{}')", i.ty().name())));
            }
        }
    }
    if out.is_empty() {
        return Err(type_error("type MRO must not be empty"));
    }
    Ok(out)
}

/// Fills the cells of `__class__` and `__classdict__`: methods may run as soon as the metaclass is asked for the MRO.
fn set_cells(ty: &'static Type, parts: &Parts<'_>) -> Result<()> {
    for (name, value) in [
        (names::__classcell__(), None),
        (names::__classdictcell__(), Some(crate::descriptors::proxy::of_type(ty))),
    ] {
        let Some(cell) = dict::get_name(parts.namespace, name) else {
            continue;
        };
        if let Some(b) = cell.body::<CellBody>() {
            let value = match value {
                Some(v) => v?,
                None => ty.object(),
            };
            drop(b.0.set(cell.holder(), Some(value)));
        }
    }
    Ok(())
}

/// What runs Python code once the class stands: `__set_name__`, `__init_subclass__`.
fn finish(cx: &Context, ty: &'static Type, object: &Ref, parts: &Parts<'_>) -> Result<()> {
    let mut pos = 0;
    let mut named = Vec::new();
    while let Some((k, v, _)) = ty.dict.next(&mut pos) {
        if type_of(&v).lookup(names::__set_name__()).is_some() {
            named.push((k, v));
        }
    }
    for (k, v) in named {
        if let Err(e) = call_method_opt_args(cx, &v, object, &k) {
            let shown = protocol::repr(cx, &k).map_or_else(|_| str::text(&k), |r| str::text(&r));
            crate::exceptions::add_note_text(
                &e,
                &format!(
                    "Error calling __set_name__ on '{}' instance {shown} in '{}'",
                    v.ty().name(),
                    ty.name()
                ),
            );
            return Err(e);
        }
    }
    init_subclass(cx, ty, object, parts.keywords)
}

fn call_method_opt_args(cx: &Context, v: &Ref, class: &Ref, name: &Ref) -> Result<()> {
    protocol::call_method_opt(cx, v, names::__set_name__(), &[class.clone(), name.clone()]).map(drop)
}

fn init_subclass(cx: &Context, ty: &'static Type, object: &Ref, keywords: (&[Ref], Option<&Ref>)) -> Result<()> {
    let name = names::__init_subclass__();
    if !ty.mro().iter().any(|t| std::ptr::eq(*t, ty)) {
        return Err(type_error(format!(
            "super(type, obj): obj (type {0}) is not an instance or subtype of type ({0}).",
            ty.name()
        )));
    }
    for t in ty.mro().iter().skip(1) {
        let Some(found) = t.own(name) else { continue };
        if std::ptr::eq(*t, &raw const s::OBJECT) && keywords.0.is_empty() {
            return Ok(());
        }
        let f = match type_of(&found).slots.descr_get.get() {
            Some(get) => get(cx, &found, None, Some(object))?,
            None => found,
        };
        return call_kw(cx, &f, keywords.0, keywords.1).map(drop);
    }
    Ok(())
}

/// Assignment to `__bases__`.
pub fn set_bases(cx: &Context, object: &Ref, value: Option<&Ref>) -> Result<()> {
    let ty = attributes::class(object)?;
    if !ty.has(flag::HEAP) || ty.has(flag::IMMUTABLE) {
        return Err(type_error(format!(
            "cannot set '__bases__' attribute of immutable type '{}'",
            ty.name()
        )));
    }
    let Some(value) = value else {
        return Err(type_error(format!(
            "cannot delete '__bases__' attribute of type '{}'",
            ty.name()
        )));
    };
    let Some(items) = tuple::items(value) else {
        return Err(type_error(format!(
            "can only assign tuple to {}.__bases__, not {}",
            ty.name(),
            value.ty().name()
        )));
    };
    if items.is_empty() {
        return Err(type_error(format!(
            "can only assign non-empty tuple to {}.__bases__, not ()",
            ty.name()
        )));
    }
    let mut list = Vec::with_capacity(items.len());
    for i in items {
        let Some(t) = Type::from_ref(i) else {
            return Err(type_error(format!(
                "{}.__bases__ must be tuple of classes, not '{}'",
                ty.name(),
                i.ty().name()
            )));
        };
        // Where mro() assigns __bases__, the MROs do not show yet what the chain of bases does.
        if t.is_subtype(ty) || chain(t).any(|b| std::ptr::eq(b, ty)) {
            return Err(type_error("a __bases__ item causes an inheritance cycle"));
        }
        list.push(t);
    }
    let best = best_base(&list)?;
    let old = ty.base().unwrap_or(&s::OBJECT);
    if !std::ptr::eq(best.layout(), old.layout())
        || best.slot_count() != old.slot_count()
        || (best.attrs_offset() != old.attrs_offset() && best.has(flag::HAS_DICT) && !ty.has(flag::HAS_DICT))
    {
        return Err(type_error(format!(
            "__bases__ assignment: '{}' object layout differs from '{}'",
            best.name(),
            old.name()
        )));
    }
    let old_bases = ty.bases();
    ty.put_bases(list, best);
    let mine = ty.bases();
    // An mro() may have assigned __bases__ in the meantime; then that assignment is the one that counts.
    let replaced = || !std::ptr::eq(ty.bases(), mine);
    let mut changes = Vec::new();
    let done = relink(cx, ty, &mut changes);
    match done {
        Ok(()) if replaced() => {}
        Ok(()) => ty.move_subclass(old_bases, mine),
        Err(_) => {
            for c in changes.iter().rev() {
                if std::ptr::eq(c.class.mro(), c.new) {
                    c.class.set_mro(c.old.to_vec());
                }
            }
            if !replaced() {
                ty.put_bases(old_bases.to_vec(), old);
            }
        }
    }
    ty.invalidate();
    for c in &changes {
        c.class.note_dependence();
        update::update_all(c.class);
    }
    done
}

/// The classes that `base` leads to, from the class itself on.
fn chain(ty: &'static Type) -> impl Iterator<Item = &'static Type> {
    std::iter::successors(Some(ty), |t| t.base())
}

/// A class whose MRO was replaced.
struct Change {
    class: &'static Type,
    old: &'static [&'static Type],
    new: &'static [&'static Type],
}

/// Recomputes the MROs of a class and its subclasses.
fn relink(cx: &Context, ty: &'static Type, changes: &mut Vec<Change>) -> Result<()> {
    cx.check_stack()?;
    let base = ty.base().ok_or_else(|| runtime_error("a class without base"))?;
    let old = ty.mro();
    let mro = resolution_order(cx, ty, base, ty.bases())?;
    if !std::ptr::eq(old, ty.mro()) {
        // mro() has led here again, and that has set a newer one.
        return Ok(());
    }
    ty.set_mro(mro);
    changes.push(Change {
        class: ty,
        old,
        new: ty.mro(),
    });
    ty.invalidate();
    for sub in ty.subclasses() {
        relink(cx, sub, changes)?;
    }
    Ok(())
}

/// The text of a str.
///
/// # Errors
/// UnicodeEncodeError if it has surrogates.
pub fn encodable(cx: &Context, r: &Ref) -> Result<String> {
    if let Some(text) = r.body::<skein_object::StrBody>().and_then(|b| b.view().to_utf8()) {
        return Ok(text);
    }
    protocol::call_method(cx, r, &intern::name("encode"), &[])?;
    Ok(str::text(r))
}
