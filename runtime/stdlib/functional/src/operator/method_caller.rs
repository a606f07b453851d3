//! `methodcaller`.

use skein_object::error::{Result, type_error};
use skein_object::intern;
use skein_object::layouts::{str, tuple};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::{body, class_of, full_name, import_attr, no_keywords, pack, repr_text, split_keywords};
use skein_types::startup::TypeDef;

pub struct MethodCallerBody {
    name: Ref,
    /// Positional arguments, then the values of keywords.
    args: Vec<Ref>,
    /// Tuple of the keywords, if there are any.
    names: Option<Ref>,
}
payload!(MethodCallerBody, "operator.methodcaller", |this, v| {
    v.reference(&this.name);
    for r in &this.args {
        v.reference(r);
    }
    v.option(&this.names);
});

static METHOD_CALLER: Type = Type::declare(
    "operator.methodcaller",
    Some(&s::OBJECT),
    <MethodCallerBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

fn new(_: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, _, _) = split_keywords(args, names);
    let Some(name) = positional.first() else {
        return Err(type_error("methodcaller needs at least one argument, the method name"));
    };
    if !str::is_str(name) {
        return Err(type_error("method name must be a string"));
    }
    alloc(
        class_of(class)?,
        MethodCallerBody {
            name: intern::intern(name),
            args: args[1..].to_vec(),
            names: names.filter(|n| !no_keywords(Some(n))).cloned(),
        },
    )
}

fn call(cx: &Context, m: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if !no_keywords(names) {
        return Err(type_error("methodcaller() takes no keyword arguments"));
    }
    let [o] = args else {
        return Err(type_error(format!(
            "methodcaller expected 1 argument, got {}",
            args.len()
        )));
    };
    let b = body::<MethodCallerBody>(m)?;
    if b.names.is_none() {
        return protocol::call_method(cx, o, &b.name, &b.args);
    }
    let f = protocol::getattr(cx, o, &b.name)?;
    protocol::call_kw(cx, &f, &b.args, b.names.as_ref())
}

fn repr(cx: &Context, m: &Ref) -> Result<Ref> {
    let b = body::<MethodCallerBody>(m)?;
    let (positional, names, values) = split_keywords(&b.args, b.names.as_ref());
    let mut out = format!("{}({}", full_name(m.ty()), repr_text(cx, &b.name)?);
    for x in positional {
        out.push_str(&format!(", {}", repr_text(cx, x)?));
    }
    for (k, v) in names.iter().zip(values) {
        out.push_str(&format!(", {}={}", str::text(k), repr_text(cx, v)?));
    }
    out.push(')');
    str::from_str(&out)
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<MethodCallerBody>(a.at(0))?;
    let (positional, _, values) = split_keywords(&b.args, b.names.as_ref());
    let class = a.at(0).ty().object();
    if b.names.is_none() {
        let mut args = vec![b.name.clone()];
        args.extend_from_slice(positional);
        return pack([class, tuple::new(args)?]);
    }
    let partial = import_attr(cx, "functools", "partial")?;
    let mut args = vec![class, b.name.clone()];
    args.extend_from_slice(values);
    let constructor = protocol::call_kw(cx, &partial, &args, b.names.as_ref())?;
    pack([constructor, tuple::from_slice(positional)?])
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.call.set(Some(call));
    t.repr.set(Some(repr));
}

static METHODS: &[Row] = &[row!(
    "__reduce__(self, /)",
    reduce,
    "Return state information for pickling"
)];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    doc: "methodcaller(name, /, *args, **kwargs)\n--\n\nReturn a callable object that calls the given method on its operand.\n\nAfter f = methodcaller('name'), the call f(r) returns r.name().\nAfter g = methodcaller('name', 'date', foo=1), the call g(r) returns\nr.name('date', foo=1).",
    getset: super::getters::SIGNATURE,
    ..TypeDef::new(&METHOD_CALLER)
};
