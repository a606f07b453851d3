//! `_contextvars`: contexts, variables and tokens.
//!
//! A context holds a dict that is never changed, only replaced; so copies share it, and readers need no lock.

use skein_gc::Slot;
use skein_object::error::{Result, key_error, raise_args, runtime_error, type_error, value_error};
use skein_object::layouts::{DictBody, dict, number, str};
use skein_object::native::ModuleDef;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{CompareOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, intern, payload, protocol, row, statics as s};
use skein_stdlib_support::{add_type, bind, body, class_of, repr_text};
use skein_types::startup::{GetSet, TypeDef, getset, member};
use skein_types::type_::generic_alias::class_getitem;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_contextvars",
    doc: "Context Variables",
    functions: &[row!("copy_context()", copy_context, "")],
    init,
};

pub struct ContextBody {
    /// Dict from variables to values.
    vars: Slot,
    entered: AtomicBool,
}
payload!(ContextBody, "_contextvars.Context", |this, v| { v.slot(&this.vars) });

pub struct VarBody {
    name: Ref,
    default: Option<Ref>,
}
payload!(VarBody, "_contextvars.ContextVar", |this, v| {
    v.reference(&this.name);
    v.option(&this.default);
});

pub struct TokenBody {
    context: Ref,
    var: Ref,
    old: Option<Ref>,
    used: AtomicBool,
}
payload!(TokenBody, "_contextvars.Token", |this, v| {
    v.reference(&this.context);
    v.reference(&this.var);
    v.option(&this.old);
});

static CONTEXT: Type = Type::declare(
    "_contextvars.Context",
    Some(&s::OBJECT),
    <ContextBody as Payload>::LAYOUT,
    flag::WEAKREFABLE,
);
static VAR: Type = Type::declare(
    "_contextvars.ContextVar",
    Some(&s::OBJECT),
    <VarBody as Payload>::LAYOUT,
    0,
);
static TOKEN: Type = Type::declare(
    "_contextvars.Token",
    Some(&s::OBJECT),
    <TokenBody as Payload>::LAYOUT,
    0,
);
static MISSING_TYPE: Type = Type::declare("Token.MISSING", Some(&s::OBJECT), <() as Payload>::LAYOUT, flag::NO_NEW);

fn missing() -> Result<Ref> {
    static MISSING: OnceLock<Ref> = OnceLock::new();
    if let Some(m) = MISSING.get() {
        return Ok(m.clone());
    }
    let fresh = skein_object::object::alloc_immortal(&MISSING_TYPE, ())?;
    skein_gc::publish::publish(fresh.value());
    Ok(MISSING.get_or_init(|| fresh).clone())
}

fn init(_: &Context, module: &Ref) -> Result<()> {
    skein_stdlib_support::ready_once(&TypeDef {
        slots: |t| t.repr.set(Some(|_, _| str::from_str("<Token.MISSING>"))),
        ..TypeDef::new(&MISSING_TYPE)
    })?;
    add_type(
        module,
        &TypeDef {
            slots: context_slots,
            methods: CONTEXT_METHODS,
            ..TypeDef::new(&CONTEXT)
        },
    )?;
    add_type(
        module,
        &TypeDef {
            slots: var_slots,
            methods: VAR_METHODS,
            getset: VAR_GETSET,
            ..TypeDef::new(&VAR)
        },
    )?;
    add_type(
        module,
        &TypeDef {
            slots: token_slots,
            methods: TOKEN_METHODS,
            getset: TOKEN_GETSET,
            ..TypeDef::new(&TOKEN)
        },
    )?;
    TOKEN.set_own(&intern::name("MISSING"), missing()?);
    Ok(())
}

fn make_context(vars: Ref) -> Result<Ref> {
    alloc(
        &CONTEXT,
        ContextBody {
            vars: Slot::new(vars),
            entered: AtomicBool::new(false),
        },
    )
}

/// The current context of the thread, made if there is none yet.
pub fn current(cx: &Context) -> Result<Ref> {
    if let Some(c) = cx.contextvars.borrow().as_ref() {
        return Ok(c.clone());
    }
    let c = make_context(dict::new()?)?;
    drop(cx.contextvars.replace(Some(c.clone())));
    Ok(c)
}

fn vars(context: &Ref) -> Result<Ref> {
    match body::<ContextBody>(context)?.vars.get() {
        Some(d) => Ok(d),
        None => dict::new(),
    }
}

fn hash_of(var: &Ref) -> u64 {
    number::hash_pointer(var.value().0) as u64
}

fn lookup(d: &Ref, var: &Ref) -> Option<Ref> {
    d.body::<DictBody>()?.0.get_identical(hash_of(var), var)
}

/// Replaces the dict of a context by one that has another value for a variable, or none.
fn change(context: &Ref, var: &Ref, value: Option<Ref>) -> Result<()> {
    let old = vars(context)?;
    let fresh = dict::new()?;
    if let (Some(from), Some(to)) = (old.body::<DictBody>(), fresh.body::<DictBody>()) {
        to.0.copy_from(fresh.holder(), &from.0, old.holder())?;
        let mut same = skein_collections::ByIdentity;
        match value {
            Some(v) => drop(to.0.insert(fresh.holder(), hash_of(var), var.clone(), v, &mut same)?),
            None => drop(to.0.remove(fresh.holder(), hash_of(var), var, &mut same)?),
        }
    }
    drop(body::<ContextBody>(context)?.vars.set(context.holder(), Some(fresh)));
    Ok(())
}

fn copy_context(cx: &Context, _: Args<'_>) -> Result<Ref> {
    make_context(vars(&current(cx)?)?)
}

fn new_context(_: &Context, _: &Ref, args: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    if !args.is_empty() {
        return Err(type_error("Context() does not accept any arguments"));
    }
    make_context(dict::new()?)
}

/// Runs a function with a context entered.
fn run(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let context = a.at(0);
    let Some((f, positional)) = a.rest(1).split_first() else {
        return Err(type_error("run() missing 1 required positional argument"));
    };
    let b = body::<ContextBody>(context)?;
    // Acquire and release pair with each other: a context is in one thread at a time.
    if b.entered.swap(true, Ordering::Acquire) {
        return Err(runtime_error(format!(
            "cannot enter context: {} is already entered",
            repr_text(cx, context)?
        )));
    }
    let previous = cx.contextvars.replace(Some(context.clone()));
    let mut all = positional.to_vec();
    let mut names = Vec::new();
    for (k, v) in dict::entries(a.at(2)) {
        names.push(k);
        all.push(v);
    }
    let names = if names.is_empty() {
        Ok(None)
    } else {
        skein_object::tuple::new(names).map(Some)
    };
    let result = names.and_then(|n| protocol::call_kw(cx, f, &all, n.as_ref()));
    drop(cx.contextvars.replace(previous));
    b.entered.store(false, Ordering::Release);
    result
}

fn key(cx: &Context, r: &Ref) -> Result<()> {
    if r.is_exact(&VAR) {
        return Ok(());
    }
    Err(type_error(format!(
        "a ContextVar key was expected, got {}",
        repr_text(cx, r)?
    )))
}

fn context_get(cx: &Context, a: Args<'_>) -> Result<Ref> {
    key(cx, a.at(1))?;
    Ok(lookup(&vars(a.at(0))?, a.at(1)).unwrap_or_else(|| a.opt(2).cloned().unwrap_or_else(s::none)))
}

fn context_item(cx: &Context, c: &Ref, k: &Ref) -> Result<Ref> {
    key(cx, k)?;
    lookup(&vars(c)?, k).ok_or_else(|| key_error(k))
}

fn context_contains(cx: &Context, c: &Ref, k: &Ref) -> Result<bool> {
    key(cx, k)?;
    Ok(lookup(&vars(c)?, k).is_some())
}

fn context_len(cx: &Context, c: &Ref) -> Result<usize> {
    protocol::len(cx, &vars(c)?)
}

fn context_iter(cx: &Context, c: &Ref) -> Result<Ref> {
    protocol::iter(cx, &vars(c)?)
}

fn context_compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) || !a.is_exact(&CONTEXT) || !b.is_exact(&CONTEXT) {
        return Ok(s::not_implemented());
    }
    protocol::rich_compare(cx, &vars(a)?, &vars(b)?, op)
}

fn view(cx: &Context, c: &Ref, name: &str) -> Result<Ref> {
    protocol::call_method(cx, &vars(c)?, &intern::name(name), &[])
}

fn context_keys(cx: &Context, a: Args<'_>) -> Result<Ref> {
    view(cx, a.at(0), "keys")
}

fn context_values(cx: &Context, a: Args<'_>) -> Result<Ref> {
    view(cx, a.at(0), "values")
}

fn context_items(cx: &Context, a: Args<'_>) -> Result<Ref> {
    view(cx, a.at(0), "items")
}

fn context_copy(_: &Context, a: Args<'_>) -> Result<Ref> {
    make_context(vars(a.at(0))?)
}

fn context_slots(t: &Slots) {
    t.new.set(Some(new_context));
    t.getitem.set(Some(context_item));
    t.contains.set(Some(context_contains));
    t.len.set(Some(context_len));
    t.iter.set(Some(context_iter));
    t.compare.set(Some(context_compare));
}

static CONTEXT_METHODS: &[Row] = &[
    row!("run(self, /, *args, **kwargs)", run, ""),
    row!(
        "copy(self, /)",
        context_copy,
        "Return a shallow copy of the context object."
    ),
    row!(
        "get(self, key, default=None, /)",
        context_get,
        "Return the value for `key` if `key` has the value in the context object.\n\nIf `key` does not exist, return `default`. If `default` is not given,\nreturn None."
    ),
    row!(
        "keys(self, /)",
        context_keys,
        "Return a list of all variables in the context object."
    ),
    row!(
        "values(self, /)",
        context_values,
        "Return a list of all variables' values in the context object."
    ),
    row!(
        "items(self, /)",
        context_items,
        "Return all variables and their values in the context object.\n\nThe result is returned as a list of 2-tuples (variable, value)."
    ),
];

static NEW_VAR: Row = row!("ContextVar(cls, name, /, *, default=None)", new_var_row, "");

fn new_var(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW_VAR, class, args, names)
}

fn new_var_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    if !str::is_str(a.at(1)) {
        return Err(type_error("context variable name must be a str"));
    }
    alloc(
        class_of(a.at(0))?,
        VarBody {
            name: a.at(1).clone(),
            default: a.opt(2).cloned(),
        },
    )
}

fn var_get(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let var = a.at(0);
    if let Some(c) = cx.contextvars.borrow().as_ref()
        && let Some(v) = lookup(&vars(c)?, var)
    {
        return Ok(v);
    }
    match a.opt(1).or(body::<VarBody>(var)?.default.as_ref()) {
        Some(v) => Ok(v.clone()),
        None => Err(raise_args(&s::LOOKUP_ERROR, vec![var.clone()])),
    }
}

fn var_set(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let context = current(cx)?;
    let old = lookup(&vars(&context)?, a.at(0));
    let token = alloc(
        &TOKEN,
        TokenBody {
            context: context.clone(),
            var: a.at(0).clone(),
            old,
            used: AtomicBool::new(false),
        },
    )?;
    change(&context, a.at(0), Some(a.at(1).clone()))?;
    Ok(token)
}

fn reset(cx: &Context, var: &Ref, token: &Ref) -> Result<()> {
    let Some(t) = token.body::<TokenBody>() else {
        return Err(type_error(format!(
            "expected an instance of Token, got {}",
            repr_text(cx, token)?
        )));
    };
    // Relaxed: a flag without data.
    if t.used.load(Ordering::Relaxed) {
        return Err(runtime_error(format!(
            "{} has already been used once",
            repr_text(cx, token)?
        )));
    }
    if !t.var.is(var) {
        return Err(value_error(format!(
            "{} was created by a different ContextVar",
            repr_text(cx, token)?
        )));
    }
    let context = current(cx)?;
    if !t.context.is(&context) {
        return Err(value_error(format!(
            "{} was created in a different Context",
            repr_text(cx, token)?
        )));
    }
    t.used.store(true, Ordering::Relaxed);
    change(&context, var, t.old.clone())
}

fn var_reset(cx: &Context, a: Args<'_>) -> Result<Ref> {
    reset(cx, a.at(0), a.at(1))?;
    Ok(s::none())
}

fn address(r: &Ref) -> u64 {
    skein_types::descriptors::address(r)
}

fn var_repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body::<VarBody>(r)?;
    let default = match &b.default {
        Some(d) => format!(" default={}", repr_text(cx, d)?),
        None => String::new(),
    };
    str::from_str(&format!(
        "<ContextVar name={}{default} at {:#x}>",
        repr_text(cx, &b.name)?,
        address(r)
    ))
}

fn var_name(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body::<VarBody>(r)?.name.clone())
}

fn var_hash(_: &Context, r: &Ref) -> Result<i64> {
    Ok(number::hash_pointer(r.value().0))
}

fn var_slots(t: &Slots) {
    t.new.set(Some(new_var));
    t.repr.set(Some(var_repr));
    t.hash.set(Some(var_hash));
    t.compare.set(s::OBJECT.slots.compare.get());
}

static VAR_METHODS: &[Row] = &[
    row!(
        "get(self, default=None, /)",
        var_get,
        "Return a value for the context variable for the current context.\n\nIf there is no value for the variable in the current context, the method will:\n * return the value of the default argument of the method, if provided; or\n * return the default value for the context variable, if it was created\n   with one; or\n * raise a LookupError."
    ),
    row!(
        "set(self, value, /)",
        var_set,
        "Call to set a new value for the context variable in the current context.\n\nThe required *value* argument is the new value for the context variable.\n\nReturns a Token object that can be used to restore the variable to its previous\nvalue via the `ContextVar.reset()` method."
    ),
    row!(
        "reset(self, token, /)",
        var_reset,
        "Reset the context variable.\n\nThe variable is reset to the value it had before the `ContextVar.set()` that\ncreated the token was used."
    ),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];
static VAR_GETSET: &[GetSet] = &[member("name", var_name)];

fn new_token(_: &Context, _: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    Err(runtime_error("Tokens can only be created by ContextVars"))
}

fn token_repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let t = body::<TokenBody>(r)?;
    let used = if t.used.load(Ordering::Relaxed) { " used" } else { "" };
    str::from_str(&format!(
        "<Token{used} var={} at {:#x}>",
        repr_text(cx, &t.var)?,
        address(r)
    ))
}

fn token_var(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body::<TokenBody>(r)?.var.clone())
}

fn token_old(_: &Context, r: &Ref) -> Result<Ref> {
    match &body::<TokenBody>(r)?.old {
        Some(v) => Ok(v.clone()),
        None => missing(),
    }
}

fn token_enter(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(a.at(0).clone())
}

fn token_exit(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let var = body::<TokenBody>(a.at(0))?.var.clone();
    reset(cx, &var, a.at(0))?;
    Ok(s::none())
}

fn token_slots(t: &Slots) {
    t.new.set(Some(new_token));
    t.repr.set(Some(token_repr));
}

static TOKEN_METHODS: &[Row] = &[
    row!("__enter__(self, /)", token_enter, "Enter into Token context manager."),
    row!(
        "__exit__(self, type, value, traceback, /)",
        token_exit,
        "Exit from Token context manager, restore the linked ContextVar."
    ),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];
static TOKEN_GETSET: &[GetSet] = &[getset("var", token_var), getset("old_value", token_old)];
