//! BaseExceptionGroup and ExceptionGroup.

use super::base::{self, body, split};
use crate::startup::{GetSet, TypeDef, member};
use skein_object::error::{Result, type_error, value_error};
use skein_object::intern::{self, names};
use skein_object::layouts::exception as fields;
use skein_object::native::Row;
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol::{self, call, call_method, is_callable, is_true};
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::types::Type;
use skein_object::{Args, Context, ExceptionBody, ListBody, Ref, list, row, str, tuple};

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let mut ty = crate::type_::attributes::class(class)?;
    let (positional, _, _) = split(args, names);
    let [message, list] = positional else {
        return Err(type_error(format!(
            "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)",
            positional.len()
        )));
    };
    if !str::is_str(message) {
        return Err(type_error(format!(
            "BaseExceptionGroup.__new__() argument 1 must be str, not {}",
            message.ty().name()
        )));
    }
    let slots = &type_of(list).slots;
    if !slots.getitem.is_set() || !slots.len.is_set() || list.is_instance(&s::DICT) {
        return Err(type_error("second argument (exceptions) must be a sequence"));
    }
    let items = protocol::collect(cx, list)?;
    if items.is_empty() {
        return Err(value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let mut plain = true;
    for (i, e) in items.iter().enumerate() {
        if !e.is_instance(&s::BASE_EXCEPTION) {
            return Err(value_error(format!(
                "Item {i} of second argument (exceptions) is not an exception"
            )));
        }
        plain &= e.is_instance(&s::EXCEPTION);
    }
    if std::ptr::eq(ty, &raw const s::BASE_EXCEPTION_GROUP) {
        if plain {
            ty = &s::EXCEPTION_GROUP;
        }
    } else if std::ptr::eq(ty, &raw const s::EXCEPTION_GROUP) {
        if !plain {
            return Err(type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
        }
    } else if ty.is_subtype(&s::EXCEPTION) && !plain {
        return Err(type_error(format!("Cannot nest BaseExceptions in '{}'", ty.name())));
    }
    // A sequence of another kind may change, or look different, later.
    let shown = if list.is_instance(&s::LIST) || list.is_instance(&s::TUPLE) {
        None
    } else {
        Some(protocol::repr(cx, list)?)
    };
    let r = alloc(ty, ExceptionBody::new(Some(tuple::from_slice(positional)?)))?;
    let b = body(&r)?;
    b.set_field(r.holder(), fields::GROUP_SHOWN, shown);
    b.set_field(r.holder(), fields::GROUP_MESSAGE, Some(message.clone()));
    b.set_field(r.holder(), fields::GROUP_EXCEPTIONS, Some(tuple::new(items)?));
    Ok(r)
}

/// The exceptions in a group.
pub fn members(r: &Ref) -> Vec<Ref> {
    fields::field(r, fields::GROUP_EXCEPTIONS)
        .and_then(|t| tuple::items(&t).map(<[Ref]>::to_vec))
        .unwrap_or_default()
}

fn is_group(r: &Ref) -> bool {
    r.is_instance(&s::BASE_EXCEPTION_GROUP)
}

fn str_(cx: &Context, r: &Ref) -> Result<Ref> {
    let n = members(r).len();
    let m = protocol::str_of(cx, &base::field(r, fields::GROUP_MESSAGE)?)?;
    str::from_str(&format!(
        "{} ({n} sub-exception{})",
        str::text(&m),
        if n == 1 { "" } else { "s" }
    ))
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let shown = match b.field(fields::GROUP_SHOWN) {
        Some(shown) => shown,
        None => {
            let given = b.args.get();
            let given = given.as_ref().and_then(tuple::items).and_then(|a| a.get(1));
            if given.is_some_and(|g| g.is_instance(&s::LIST)) {
                protocol::repr(cx, &list::new(members(r))?)?
            } else {
                protocol::repr(cx, &base::field(r, fields::GROUP_EXCEPTIONS)?)?
            }
        }
    };
    let message = protocol::repr(cx, &base::field(r, fields::GROUP_MESSAGE)?)?;
    str::from_str(&format!(
        "{}({}, {})",
        type_of(r).short_name(),
        str::text(&message),
        str::text(&shown)
    ))
}

fn derive(cx: &Context, a: Args<'_>) -> Result<Ref> {
    call(
        cx,
        &s::BASE_EXCEPTION_GROUP.object(),
        &[base::field(a.at(0), fields::GROUP_MESSAGE)?, a.at(1).clone()],
    )
}

/// A group like `original` with other exceptions; `None` for no exceptions.
pub fn derived(cx: &Context, original: &Ref, items: Vec<Ref>) -> Result<Option<Ref>> {
    if items.is_empty() {
        return Ok(None);
    }
    let l = list::new(items)?;
    let fresh = call_method(cx, original, &intern::name("derive"), &[l])?;
    if !is_group(&fresh) {
        return Err(type_error("derive must return an instance of BaseExceptionGroup"));
    }
    let (from, to) = (body(original)?, body(&fresh)?);
    let h = fresh.holder();
    drop(to.traceback.set(h, from.traceback.get()));
    drop(to.context.set(h, from.context.get()));
    drop(to.cause.set(h, from.cause.get()));
    to.set_suppress(from.suppresses());
    if let Some(notes) = protocol::getattr_opt(cx, original, names::__notes__())?
        && (notes.body::<ListBody>().is_some() || tuple::items(&notes).is_some())
    {
        let copy = list::new(protocol::collect(cx, &notes)?)?;
        protocol::setattr(cx, &fresh, names::__notes__(), &copy)?;
    }
    Ok(Some(fresh))
}

/// What selects exceptions.
pub enum Matcher {
    Types(Ref),
    Predicate(Ref),
}

impl Matcher {
    fn new(r: &Ref) -> Result<Matcher> {
        let exception = |r: &Ref| Type::from_ref(r).is_some_and(|t| t.is_subtype(&s::BASE_EXCEPTION));
        if exception(r) || tuple::items(r).is_some_and(|i| i.iter().all(exception)) {
            return Ok(Matcher::Types(r.clone()));
        }
        if Type::from_ref(r).is_none() && is_callable(r) {
            return Ok(Matcher::Predicate(r.clone()));
        }
        Err(type_error(
            "expected an exception type, a tuple of exception types, or a callable (other than a class)",
        ))
    }

    fn matches(&self, cx: &Context, e: &Ref) -> Result<bool> {
        match self {
            Matcher::Types(t) => {
                let one = [t.clone()];
                let list = tuple::items(t).unwrap_or(&one);
                Ok(list.iter().filter_map(Type::from_ref).any(|t| e.is_instance(t)))
            }
            Matcher::Predicate(f) => {
                let r = call(cx, f, std::slice::from_ref(e))?;
                is_true(cx, &r)
            }
        }
    }
}

/// Splits an exception: what matches, and the rest (not made if `rest` is false).
///
/// # Errors
/// What the predicate and `derive` raise.
pub fn split_by(cx: &Context, e: &Ref, matcher: &Matcher, rest: bool) -> Result<(Option<Ref>, Option<Ref>)> {
    cx.check_stack()?;
    if matcher.matches(cx, e)? {
        return Ok((Some(e.clone()), None));
    }
    if !is_group(e) {
        return Ok((None, Some(e.clone())));
    }
    let (mut yes, mut no) = (Vec::new(), Vec::new());
    for m in members(e) {
        let (a, b) = split_by(cx, &m, matcher, rest)?;
        yes.extend(a);
        no.extend(b);
    }
    let yes = derived(cx, e, yes)?;
    let no = if rest { derived(cx, e, no)? } else { None };
    Ok((yes, no))
}

/// Splits by exception types: for `except*`.
///
/// # Errors
/// What `derive` raises.
pub fn split_by_type(cx: &Context, e: &Ref, types: &Ref) -> Result<(Option<Ref>, Option<Ref>)> {
    split_by(cx, e, &Matcher::Types(types.clone()), true)
}

fn split_method(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let m = Matcher::new(a.at(1))?;
    let (yes, no) = split_by(cx, a.at(0), &m, true)?;
    tuple::new(vec![yes.unwrap_or_else(s::none), no.unwrap_or_else(s::none)])
}

fn subgroup(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let m = Matcher::new(a.at(1))?;
    let (yes, _) = split_by(cx, a.at(0), &m, false)?;
    Ok(yes.unwrap_or_else(s::none))
}

static METHODS: &[Row] = &[
    row!(class "__class_getitem__(cls, object, /)", crate::type_::generic_alias::class_getitem, "See PEP 585"),
    row!("derive(self, excs, /)", derive, ""),
    row!("split(self, matcher_value, /)", split_method, ""),
    row!("subgroup(self, matcher_value, /)", subgroup, ""),
];

static GETSET: &[GetSet] = &[
    member("message", |_, r| base::field(r, fields::GROUP_MESSAGE)).doc("exception message"),
    member("exceptions", |_, r| base::field(r, fields::GROUP_EXCEPTIONS)).doc("nested exceptions"),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(base::init));
    t.str.set(Some(str_));
    t.repr.set(Some(repr));
}

pub(super) fn define(d: &mut TypeDef) {
    if d.ty.name() == "BaseExceptionGroup" {
        d.slots = slots;
        d.methods = METHODS;
        d.getset = GETSET;
    }
}
